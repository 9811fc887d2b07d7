//! Imports, and what `__all__` offers.

use ruff_python_ast as ast;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_text_size::Ranged;

use super::{Lowering, name};
use crate::code::{Export, ExportTarget, Import, ImportItem, MODULE_BODY, Name};

/// Imports, however deep they stand.
struct Imports<'l, 'a>(&'l mut Lowering<'a>);

impl<'s> StatementVisitor<'s> for Imports<'_, '_> {
    fn visit_stmt(&mut self, statement: &'s ast::Stmt) {
        match statement {
            ast::Stmt::Import(one) => self.0.import(one),
            ast::Stmt::ImportFrom(one) => self.0.import_from(one),
            other => walk_stmt(self, other),
        }
    }
}

impl Lowering<'_> {
    pub(super) fn imports_of(&mut self, suite: &[ast::Stmt]) {
        Imports(self).visit_body(suite);
    }

    pub(super) fn import(&mut self, one: &ast::StmtImport) {
        for alias in &one.names {
            let path = alias.name.as_str();
            match (&alias.asname, path.split_once('.')) {
                (Some(local), _) => self.bind(path, 0, ImportItem::Module, local, alias),
                (None, None) => self.bind(path, 0, ImportItem::Module, path, alias),
                (None, Some((first, _))) => {
                    self.bind(first, 0, ImportItem::Module, first, alias);
                    self.bind(path, 0, ImportItem::Module, "", alias);
                }
            }
        }
    }

    pub(super) fn import_from(&mut self, one: &ast::StmtImportFrom) {
        let module = one.module.as_ref().map_or("", ast::Identifier::as_str);
        for alias in &one.names {
            let imported = alias.name.as_str();
            if imported == "*" {
                self.bind(module, one.level, ImportItem::All, "", alias);
                continue;
            }
            let local = alias.asname.as_ref().map_or(imported, ast::Identifier::as_str);
            self.bind(module, one.level, ImportItem::Name(name(imported)), local, alias);
        }
    }

    fn bind(&mut self, module: &str, level: u32, item: ImportItem, local: &str, ranged: &impl Ranged) {
        let import = Import {
            module: name(module),
            level,
            item,
            local: name(local),
            scope: self.scope,
            is_type: self.types_only,
            span: self.span(ranged),
        };
        self.module.imports.push(import);
    }

    /// Names in the value of `__all__`, or in what is added to it.
    pub(super) fn exports(&mut self, value: &ast::Expr) {
        if self.scope != MODULE_BODY || self.class.is_some() {
            return;
        }
        match value {
            ast::Expr::StringLiteral(literal) => {
                let offered: Name = self.literal_text(literal);
                let target = ExportTarget::Local(offered.clone());
                let export = Export { name: offered, target, span: self.span(literal) };
                self.module.exports.push(export);
            }
            ast::Expr::List(list) => list.iter().for_each(|item| self.exports(item)),
            ast::Expr::Tuple(tuple) => tuple.iter().for_each(|item| self.exports(item)),
            ast::Expr::BinOp(sum) => {
                self.exports(&sum.left);
                self.exports(&sum.right);
            }
            ast::Expr::Starred(starred) => self.exports(&starred.value),
            _ => {}
        }
    }

    /// `__all__.extend([…])`, `__all__.append("x")`.
    pub(super) fn exports_of_call(&mut self, value: &ast::Expr) {
        let ast::Expr::Call(call) = value else { return };
        let ast::Expr::Attribute(method) = &*call.func else { return };
        let ast::Expr::Name(list) = &*method.value else { return };
        if list.id == "__all__" && matches!(method.attr.as_str(), "extend" | "append") {
            call.arguments.args.iter().for_each(|argument| self.exports(argument));
        }
    }
}
