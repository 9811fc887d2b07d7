//! Statements.

use ruff_python_ast::helpers::any_over_expr;
use ruff_python_ast::{self as ast, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::annotation::last_name;
use super::expression::arithmetic;
use super::{Lowering, name};
use crate::code::{
    Assignment, Block, Handler, LoopHead, Place, Rebind, RebindScope, Statement, StatementKind, Try, ValueId, ValueKind,
};

impl Lowering<'_> {
    pub(super) fn block(&mut self, suite: &[Stmt]) -> Block {
        let mut statements = Vec::with_capacity(suite.len());
        for statement in suite {
            self.statement(statement, &mut statements);
        }
        Block { statements, tail: None }
    }

    /// Lowers a statement: to none, one or several.
    pub(super) fn statement(&mut self, statement: &Stmt, out: &mut Vec<Statement>) {
        let kind = match statement {
            Stmt::FunctionDef(one) => StatementKind::Function(self.function(one)),
            Stmt::ClassDef(one) => StatementKind::Class(self.class(one)),
            Stmt::TypeAlias(one) => StatementKind::Class(self.alias(one)),
            Stmt::Return(one) => StatementKind::Return(self.optional(one.value.as_deref())),
            Stmt::Raise(one) => self.raise(one, out),
            Stmt::Assert(one) => self.assert(one, out),
            Stmt::Delete(one) => return self.delete(one, out),
            Stmt::Assign(one) => self.assign(one),
            Stmt::AugAssign(one) => self.augment(one),
            Stmt::AnnAssign(one) => self.annotated(one),
            Stmt::Expr(one) if one.value.is_ellipsis_literal_expr() => return,
            Stmt::Expr(one) => self.evaluate(one),
            Stmt::If(one) => return self.branch(one, out),
            Stmt::For(one) => self.each(one),
            Stmt::While(one) => self.repeat(one),
            Stmt::With(one) => self.with(one),
            Stmt::Match(one) => StatementKind::Match(self.matched(one)),
            Stmt::Try(one) => self.tried(one),
            Stmt::Import(one) => return self.import(one),
            Stmt::ImportFrom(one) => return self.import_from(one),
            Stmt::Global(one) => return self.rebind(&one.names, RebindScope::Module),
            Stmt::Nonlocal(one) => return self.rebind(&one.names, RebindScope::Enclosing),
            Stmt::Pass(_) => return,
            Stmt::Break(_) => StatementKind::Break,
            Stmt::Continue(_) => StatementKind::Continue,
            Stmt::IpyEscapeCommand(one) => StatementKind::Evaluate(self.value(ValueKind::Unknown(Box::default()), one)),
        };
        self.push(kind, statement, out);
    }

    fn push(&self, kind: StatementKind, ranged: &impl Ranged, out: &mut Vec<Statement>) {
        out.push(Statement { kind, span: self.span(ranged) });
    }

    fn evaluate(&mut self, one: &ast::StmtExpr) -> StatementKind {
        self.exports_of_call(&one.value);
        StatementKind::Evaluate(self.expression(&one.value))
    }

    /// The cause (`from e`) is left out, unless making it does something.
    fn raise(&mut self, one: &ast::StmtRaise, out: &mut Vec<Statement>) -> StatementKind {
        let raised = self.optional(one.exc.as_deref());
        if let Some(cause) = one.cause.as_deref().filter(|cause| calls(cause)) {
            let cause = self.expression(cause);
            self.push(StatementKind::Evaluate(cause), one, out);
        }
        StatementKind::Raise(raised)
    }

    /// The message is left out, unless making it does something: it then stands in a branch of its own.
    fn assert(&mut self, one: &ast::StmtAssert, out: &mut Vec<Statement>) -> StatementKind {
        let test = self.expression(&one.test);
        if let Some(message) = one.msg.as_deref().filter(|message| calls(message)) {
            let span = self.span(message);
            let evaluate = Statement { kind: StatementKind::Evaluate(self.expression(message)), span };
            let then = Block { statements: vec![evaluate], tail: None };
            let failed = self.value(ValueKind::Not(test), &*one.test);
            self.push(StatementKind::If { test: failed, then, otherwise: Block::default() }, one, out);
        }
        StatementKind::Assert(test)
    }

    fn delete(&mut self, one: &ast::StmtDelete, out: &mut Vec<Statement>) {
        for target in &one.targets {
            let value = self.expression(target);
            self.push(StatementKind::Delete(value), one, out);
        }
    }

    fn assign(&mut self, one: &ast::StmtAssign) -> StatementKind {
        let value = Some(self.expression(&one.value));
        let places: Vec<Place> = one.targets.iter().map(|target| self.place(target)).collect();
        if one.targets.iter().any(is_all) {
            self.exports(&one.value);
        }
        let assignment = Assignment { places, value, ..Assignment::default() };
        StatementKind::Assign(Box::new(assignment))
    }

    fn augment(&mut self, one: &ast::StmtAugAssign) -> StatementKind {
        let places = vec![self.place(&one.target)];
        let value = Some(self.expression(&one.value));
        if is_all(&one.target) {
            self.exports(&one.value);
        }
        let operator = Some(arithmetic(one.op));
        StatementKind::Assign(Box::new(Assignment { places, value, operator, ..Assignment::default() }))
    }

    fn annotated(&mut self, one: &ast::StmtAnnAssign) -> StatementKind {
        let annotation = Some(self.annotation(&one.annotation));
        let value = self.optional(one.value.as_deref());
        let places = vec![self.place(&one.target)];
        if let (true, Some(value)) = (is_all(&one.target), &one.value) {
            self.exports(value);
        }
        StatementKind::Assign(Box::new(Assignment { places, value, annotation, ..Assignment::default() }))
    }

    /// Lowers the branches in order and nests them from the last, so that a long `elif` chain is not deep here.
    fn branch(&mut self, one: &ast::StmtIf, out: &mut Vec<Statement>) {
        let mut branches = vec![(self.tested(&one.test, &one.body), self.span(one))];
        let mut otherwise = Block::default();
        let end = one.range().end();
        for clause in &one.elif_else_clauses {
            let whole = TextRange::new(clause.range().start(), end);
            match &clause.test {
                Some(test) => branches.push((self.tested(test, &clause.body), self.span(&whole))),
                None => otherwise = self.block(&clause.body),
            }
        }
        while let Some(((test, then), span)) = branches.pop() {
            let statement = Statement { kind: StatementKind::If { test, then, otherwise }, span };
            otherwise = Block { statements: vec![statement], tail: None };
        }
        out.append(&mut otherwise.statements);
    }

    fn tested(&mut self, test: &ast::Expr, body: &[Stmt]) -> (ValueId, Block) {
        let value = self.expression(test);
        let outer = self.types_only;
        self.types_only |= last_name(test) == Some("TYPE_CHECKING");
        let body = self.block(body);
        self.types_only = outer;
        (value, body)
    }

    fn each(&mut self, one: &ast::StmtFor) -> StatementKind {
        let over = self.awaited(&one.iter, one.is_async);
        let head = LoopHead::Each(self.place(&one.target), over);
        let body = self.block(&one.body);
        StatementKind::Loop { head, body, otherwise: self.block(&one.orelse) }
    }

    fn repeat(&mut self, one: &ast::StmtWhile) -> StatementKind {
        let head = match &*one.test {
            ast::Expr::BooleanLiteral(literal) if literal.value => LoopHead::Forever,
            test => LoopHead::While(self.expression(test)),
        };
        let body = self.block(&one.body);
        StatementKind::Loop { head, body, otherwise: self.block(&one.orelse) }
    }

    fn with(&mut self, one: &ast::StmtWith) -> StatementKind {
        let item = |item: &ast::WithItem| {
            let value = self.awaited(&item.context_expr, one.is_async);
            (value, item.optional_vars.as_deref().map(|target| self.place(target)))
        };
        let items = one.items.iter().map(item).collect();
        StatementKind::With { items, body: self.block(&one.body) }
    }

    fn tried(&mut self, one: &ast::StmtTry) -> StatementKind {
        let body = self.block(&one.body);
        let handlers = one.handlers.iter().map(|handler| self.handler(handler)).collect();
        let otherwise = self.block(&one.orelse);
        let finally = self.block(&one.finalbody);
        StatementKind::Try(Box::new(Try { body, handlers, otherwise, finally }))
    }

    fn handler(&mut self, handler: &ast::ExceptHandler) -> Handler {
        let ast::ExceptHandler::ExceptHandler(handler) = handler;
        let types = match handler.type_.as_deref() {
            None => Vec::new(),
            Some(ast::Expr::Tuple(tuple)) => self.expressions(&tuple.elts).into(),
            Some(single) => vec![self.expression(single)],
        };
        let binding = handler.name.as_ref().map(|bound| Place::Name(name(bound), self.span(bound)));
        Handler { types, binding, body: self.block(&handler.body), span: self.span(handler) }
    }

    fn rebind(&mut self, names: &[ast::Identifier], scope: RebindScope) {
        for one in names {
            let rebind = Rebind { name: name(one), scope, span: self.span(one) };
            let function = self.scope;
            self.function_mut(function).rebinds.push(rebind);
        }
    }
}

fn calls(expr: &ast::Expr) -> bool {
    any_over_expr(expr, |inner| matches!(inner, ast::Expr::Call(_) | ast::Expr::Await(_)))
}

fn is_all(target: &ast::Expr) -> bool {
    matches!(target, ast::Expr::Name(one) if one.id == "__all__")
}
