//! Classes and type aliases.

use ruff_python_ast::{self as ast, Identifier, Stmt};
use ruff_text_size::Ranged;

use super::annotation::last_name;
use super::{Lowering, name};
use crate::code::{Block, Class, ClassField, ClassId, ClassKind, FunctionKind, Name, Statement, ValueId};

impl Lowering<'_> {
    pub(super) fn class(&mut self, def: &ast::StmtClassDef) -> ClassId {
        let (documentation, rest) = self.documented(&def.body);
        let class = Class {
            decorators: def.decorator_list.iter().map(|one| self.expression(&one.expression)).collect(),
            bases: def.bases().iter().map(|base| self.annotation(base)).collect(),
            keywords: def.keywords().iter().map(|keyword| self.keyword(keyword)).collect(),
            documentation,
            ..self.empty_class(kind(def), &def.name, def)
        };
        let id = self.module.add_class(class);
        let outer = self.class.replace(id);
        let others = self.members(id, rest);
        self.other_statements(id, &others, def);
        self.class = outer;
        id
    }

    fn empty_class(&self, kind: ClassKind, identifier: &Identifier, whole: &impl Ranged) -> Class {
        Class {
            kind,
            name: name(identifier),
            name_span: self.span(identifier),
            bases: Vec::new(),
            keywords: Vec::new(),
            fields: Vec::new(),
            methods: Vec::new(),
            decorators: Vec::new(),
            documentation: None,
            scope: self.scope,
            body: None,
            span: self.span(whole),
        }
    }

    /// `type X = …`.
    pub(super) fn alias(&mut self, one: &ast::StmtTypeAlias) -> ClassId {
        let value = self.annotation(&one.value);
        let identifier = Identifier::new(last_name(&one.name).unwrap_or_default(), one.name.range());
        let class = Class { bases: vec![value], ..self.empty_class(ClassKind::Alias, &identifier, one) };
        self.module.add_class(class)
    }

    /// Adds fields and methods to the class; all other statements are handed back.
    fn members<'s>(&mut self, id: ClassId, suite: &'s [Stmt]) -> Vec<&'s Stmt> {
        let mut others = Vec::new();
        let mut after_field = false;
        for statement in suite {
            let documented = after_field && self.document_field(id, statement);
            after_field = self.add_fields(id, statement);
            match statement {
                _ if documented || after_field => {}
                Stmt::Pass(_) => {}
                Stmt::Expr(one) if one.value.is_ellipsis_literal_expr() => {}
                Stmt::FunctionDef(method) => {
                    self.function(method);
                }
                other => others.push(other),
            }
        }
        others
    }

    /// Text after a field documents it.
    fn document_field(&mut self, id: ClassId, statement: &Stmt) -> bool {
        let documentation = self.documentation(statement);
        let found = documentation.is_some();
        if let (true, Some(field)) = (found, self.module.classes[id.index()].fields.last_mut()) {
            field.documentation = documentation;
        }
        found
    }

    fn other_statements(&mut self, id: ClassId, others: &[&Stmt], def: &ast::StmtClassDef) {
        if others.is_empty() {
            return;
        }
        let body = self.new_function(FunctionKind::ClassBody, def);
        self.function_mut(body).class = Some(id);
        let mut statements: Vec<Statement> = Vec::new();
        let outer = std::mem::replace(&mut self.scope, body);
        for statement in others {
            self.statement(statement, &mut statements);
        }
        self.scope = outer;
        self.function_mut(body).body = Block { statements, tail: None };
        self.module.classes[id.index()].body = Some(body);
    }

    /// Adds a statement's fields, if it is nothing but an assignment to names.
    fn add_fields(&mut self, id: ClassId, statement: &Stmt) -> bool {
        match statement {
            Stmt::AnnAssign(one) => {
                let Some(field) = target_name(&one.target) else { return false };
                let annotation = Some(self.annotation(&one.annotation));
                let value = self.optional(one.value.as_deref());
                self.add_field(id, field, annotation, value, one);
                true
            }
            Stmt::Assign(one) => self.add_pairs(id, one) || self.add_shared(id, one),
            _ => false,
        }
    }

    /// `A, B = 1, 2`.
    fn add_pairs(&mut self, id: ClassId, one: &ast::StmtAssign) -> bool {
        let ([ast::Expr::Tuple(targets)], ast::Expr::Tuple(values)) = (one.targets.as_slice(), &*one.value) else {
            return false;
        };
        let names: Option<Vec<Name>> = targets.iter().map(target_name).collect();
        let Some(names) = names.filter(|names| names.len() == values.len()) else { return false };
        if values.iter().any(ast::Expr::is_starred_expr) {
            return false;
        }
        for (field, value) in names.into_iter().zip(values) {
            let value = self.expression(value);
            self.add_field(id, field, None, Some(value), one);
        }
        true
    }

    /// `a = value`, `a = b = value`: the value is evaluated once.
    fn add_shared(&mut self, id: ClassId, one: &ast::StmtAssign) -> bool {
        let names: Option<Vec<Name>> = one.targets.iter().map(target_name).collect();
        let Some(names) = names else { return false };
        let value = self.expression(&one.value);
        for field in names {
            self.add_field(id, field, None, Some(value), one);
        }
        true
    }

    fn add_field(
        &mut self,
        id: ClassId,
        name: Name,
        annotation: Option<ValueId>,
        value: Option<ValueId>,
        whole: &impl Ranged,
    ) {
        let field = ClassField {
            name,
            annotation,
            value,
            is_static: true,
            decorators: Vec::new(),
            tag: None,
            documentation: None,
            span: self.span(whole),
        };
        self.module.classes[id.index()].fields.push(field);
    }
}

/// The name a plain-name target binds.
fn target_name(target: &ast::Expr) -> Option<Name> {
    match target {
        ast::Expr::Name(one) => Some(name(&one.id)),
        _ => None,
    }
}

fn kind(def: &ast::StmtClassDef) -> ClassKind {
    let bases = || def.bases().iter().filter_map(base_name);
    if bases().any(|base| base.ends_with("Enum") || matches!(base, "Flag" | "IntFlag")) {
        ClassKind::Enum
    } else if bases().any(|base| base == "Protocol") {
        ClassKind::Interface
    } else {
        ClassKind::Class
    }
}

fn base_name(base: &ast::Expr) -> Option<&str> {
    match base {
        ast::Expr::Subscript(subscript) => last_name(&subscript.value),
        _ => last_name(base),
    }
}
