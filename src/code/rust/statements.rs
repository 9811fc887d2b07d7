//! Statements and blocks.

use syn::{Expr, Stmt};

use super::{Lower, push};
use crate::code::{Arm, Assignment, Block, LoopHead, Match, StatementKind, ValueId, ValueKind};
use crate::source::Span;

/// What becomes of the value at the end of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Nothing: the block is a statement.
    Dropped,
    /// It is the block's value.
    Value,
    /// It is returned from the function.
    Returned,
}

impl Lower {
    /// The body of a function; `gives` says whether its end is a result.
    pub(super) fn body(&mut self, block: &syn::Block, gives: bool) -> Block {
        self.block(block, if gives { End::Returned } else { End::Dropped })
    }

    pub(super) fn block(&mut self, block: &syn::Block, end: End) -> Block {
        self.sequence(&block.stmts, end)
    }

    pub(super) fn sequence(&mut self, statements: &[Stmt], end: End) -> Block {
        let mut lowered = Block::default();
        let last = statements.len().saturating_sub(1);
        for (at, statement) in statements.iter().enumerate() {
            let end = if at == last { end } else { End::Dropped };
            self.statement(statement, end, &mut lowered);
        }
        lowered
    }

    fn statement(&mut self, statement: &Stmt, end: End, block: &mut Block) {
        match statement {
            Stmt::Local(local) => self.local(local, block),
            Stmt::Item(item) => {
                let namespace = self.namespace.take();
                self.item(item, block);
                self.namespace = namespace;
            }
            Stmt::Expr(value, None) => self.ending(value, end, block),
            Stmt::Expr(value, Some(_)) => self.ending(value, End::Dropped, block),
            Stmt::Macro(statement) => {
                let end = if statement.semi_token.is_some() { End::Dropped } else { end };
                self.macro_statement(&statement.mac, end, block);
            }
        }
    }

    fn local(&mut self, local: &syn::Local, block: &mut Block) {
        let start = self.place(local.let_token.span);
        let span = start.to(self.place(local.semi_token.span));
        let (pattern, annotation) = match &local.pat {
            syn::Pat::Type(typed) => (&*typed.pat, Some(self.type_value(&typed.ty))),
            pattern => (pattern, None),
        };
        let value = local.init.as_ref().map(|init| self.expression(&init.expr));
        if let (Some(value), Some((_, otherwise))) = (value, local.init.as_ref().and_then(|init| init.diverge.as_ref()))
        {
            let test = self.matches(value, pattern, span);
            let mut leaves = Block::default();
            match &**otherwise {
                Expr::Block(inner) => leaves = self.block(&inner.block, End::Dropped),
                other => self.ending(other, End::Dropped, &mut leaves),
            }
            push(block, StatementKind::If { test, then: Block::default(), otherwise: leaves }, span);
            return;
        }
        let places = vec![self.pattern_place(pattern)];
        let assignment = Assignment { places, value, annotation, declares: true, ..Assignment::default() };
        push(block, StatementKind::Assign(Box::new(assignment)), span);
    }

    /// An expression at the end of a block, or for its effect.
    pub(super) fn ending(&mut self, value: &Expr, end: End, block: &mut Block) {
        match value {
            Expr::If(branch) if end != End::Value => self.branch(branch, end, block),
            Expr::Match(matching) if end != End::Value => {
                let (lowered, span) = self.matching(matching, end);
                push(block, StatementKind::Match(lowered), span);
            }
            Expr::Block(inner) if end != End::Value => {
                let span = self.delimited(&inner.block.brace_token.span);
                let inner = self.block(&inner.block, end);
                push(block, StatementKind::Block(inner), span);
            }
            Expr::Unsafe(inner) if end != End::Value => {
                let span = self.delimited(&inner.block.brace_token.span);
                let inner = self.block(&inner.block, end);
                push(block, StatementKind::Block(inner), span);
            }
            Expr::ForLoop(turns) => {
                let over = self.expression(&turns.expr);
                let head = LoopHead::Each(self.pattern_place(&turns.pat), over);
                let start = self.place(turns.for_token.span);
                self.turns(start, head, &turns.body, block);
            }
            Expr::While(turns) => {
                let head = LoopHead::While(self.expression(&turns.cond));
                let start = self.place(turns.while_token.span);
                self.turns(start, head, &turns.body, block);
            }
            Expr::Loop(turns) => {
                let start = self.place(turns.loop_token.span);
                self.turns(start, LoopHead::Forever, &turns.body, block);
            }
            Expr::Return(leave) => {
                let span = self.place(leave.return_token.span);
                let value = leave.expr.as_ref().map(|value| self.expression(value));
                let span = value.map_or(span, |value| span.to(self.span(value)));
                push(block, StatementKind::Return(value), span);
            }
            Expr::Break(leave) => {
                let span = self.place(leave.break_token.span);
                if let Some(value) = &leave.expr {
                    let value = self.expression(value);
                    push(block, StatementKind::Evaluate(value), self.span(value));
                }
                push(block, StatementKind::Break, span);
            }
            Expr::Continue(leave) => push(block, StatementKind::Continue, self.place(leave.continue_token.span)),
            Expr::Macro(call) => self.macro_statement(&call.mac, end, block),
            Expr::Paren(inner) => self.ending(&inner.expr, end, block),
            Expr::Group(inner) => self.ending(&inner.expr, end, block),
            _ => {
                let value = self.expression(value);
                self.end_with(value, end, block);
            }
        }
    }

    pub(super) fn end_with(&mut self, value: ValueId, end: End, block: &mut Block) {
        let span = self.span(value);
        match (end, &self.value(value).kind) {
            (End::Value, _) => block.tail = Some(value),
            (End::Returned, _) => push(block, StatementKind::Return(Some(value)), span),
            (End::Dropped, ValueKind::Assign(assignment)) => {
                let assignment = assignment.clone();
                push(block, StatementKind::Assign(assignment), span);
            }
            (End::Dropped, _) => push(block, StatementKind::Evaluate(value), span),
        }
    }

    fn turns(&mut self, start: Span, head: LoopHead, body: &syn::Block, block: &mut Block) {
        let span = start.to(self.delimited(&body.brace_token.span));
        let body = self.block(body, End::Dropped);
        push(block, StatementKind::Loop { head, body, otherwise: Block::default() }, span);
    }

    fn branch(&mut self, branch: &syn::ExprIf, end: End, block: &mut Block) {
        let span = self.place(branch.if_token.span).to(self.delimited(&branch.then_branch.brace_token.span));
        let test = self.expression(&branch.cond);
        let then = self.block(&branch.then_branch, end);
        let mut otherwise = Block::default();
        match branch.else_branch.as_ref().map(|(_, value)| &**value) {
            Some(Expr::Block(inner)) => otherwise = self.block(&inner.block, end),
            Some(next) => self.ending(next, end, &mut otherwise),
            None => {}
        }
        let last = otherwise.statements.last().map_or(span, |statement| statement.span);
        push(block, StatementKind::If { test, then, otherwise }, span.to(last));
    }

    /// A match whose arms end in a way.
    pub(super) fn matching(&mut self, matching: &syn::ExprMatch, end: End) -> (Match, Span) {
        let span = self.place(matching.match_token.span).to(self.delimited(&matching.brace_token.span));
        let subject = Some(self.expression(&matching.expr));
        let arms =
            matching.arms.iter().map(|arm| self.arm(&arm.pat, &arm.body, self.place_of(&arm.fat_arrow_token), end));
        let arms = arms.collect();
        (Match { subject, arms }, span)
    }

    pub(super) fn arm(&mut self, pattern: &syn::Pat, value: &Expr, arrow: Span, end: End) -> Arm {
        let (pattern, guard) = match pattern {
            syn::Pat::Guard(guarded) => (&*guarded.pat, Some(self.expression(&guarded.guard))),
            pattern => (pattern, None),
        };
        let patterns = self.patterns(pattern);
        let mut body = Block::default();
        match value {
            Expr::Block(inner) if inner.label.is_none() => body = self.block(&inner.block, end),
            _ => self.ending(value, end, &mut body),
        }
        let last = body.statements.last().map(|statement| statement.span).or(body.tail.map(|tail| self.span(tail)));
        let span = self.pattern_start(pattern).unwrap_or(arrow).to(last.unwrap_or(arrow));
        Arm { patterns, guard, body, falls_through: false, span }
    }
}
