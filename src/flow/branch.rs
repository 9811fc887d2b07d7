//! Under which condition a place is reached inside its function.

use crate::code::{Block, StatementKind, ValueKind};
use crate::flow::effects::Effects;
use crate::flow::meaning::{Meaning, dotted, value_in};
use crate::flow::scope::ContextKind;
use crate::flow::{Flow, ValueRef};
use crate::source::Span;

impl Flow<'_> {
    /// Whether imports may lead from the file of one place to that of another, in whatever direction. What a file imports
    /// while it runs may be any.
    pub fn is_of_one_part(&self, one: Span, other: Span) -> bool {
        let module = |span: Span| self.program.by_source.get(&span.source).copied();
        let is_open = |span: Span| self.sources.get(span.source).text().contains("import(");
        let both = module(one).zip(module(other));
        both.is_none_or(|(one, other)| self.index.groups.are_of_one_part(one, other)) || is_open(one) || is_open(other)
    }

    /// The innermost test on which it depends whether a place is reached.
    pub fn condition(&self, place: ValueRef) -> Option<ValueRef> {
        self.tested(place).map(|(test, _)| test)
    }

    /// The innermost branch that a place stands in, or a branch before it that leaves, and whether its test must hold.
    pub fn tested(&self, place: ValueRef) -> Option<(ValueRef, bool)> {
        let around = self.scopes(place.module).around(place.id).find_map(|context| match context {
            ContextKind::Branch(test, holds) => Some((value_in(place.module, *test), *holds)),
            ContextKind::Arm(Some(subject), _) => Some((value_in(place.module, *subject), true)),
            _ => None,
        });
        around.or_else(|| self.left_before(place).map(|test| (test, false)))
    }

    /// Whether a call never comes back: `process.exit(1)`, `log.Fatal(…)`, `sys.exit(1)`.
    pub fn ends_program(&self, value: ValueRef) -> bool {
        let ValueKind::Call(call) = self.kind(value) else { return false };
        let callee = value_in(value.module, call.callee);
        let Some(table) = Effects::built_in().of(self.module(callee).language) else { return false };
        match self.asking(|| self.meaning(callee, &None)).0 {
            Meaning::Outside(name) => table.exits(&dotted(&name)),
            Meaning::Member(of, name) => {
                matches!(&*of, Meaning::Outside(of) if table.exits(&format!("{}.{name}", dotted(of))))
            }
            _ => table.exits(self.sources.slice(self.span(callee))),
        }
    }

    /// Every test of its function on which it depends whether a place is reached, innermost first, and whether it must
    /// hold; that of a match is not said.
    pub fn tests(&self, place: ValueRef) -> Vec<(ValueRef, Option<bool>)> {
        let around = self.scopes(place.module).around(place.id).filter_map(|context| match context {
            ContextKind::Branch(test, holds) => Some((value_in(place.module, *test), Some(*holds))),
            ContextKind::Arm(Some(subject), _) => Some((value_in(place.module, *subject), None)),
            _ => None,
        });
        around.chain(self.all_left_before(place).into_iter().map(|test| (test, Some(false)))).collect()
    }

    /// `if (…) { return }` before a place, at the level of its function or of the loop around it.
    fn left_before(&self, place: ValueRef) -> Option<ValueRef> {
        self.all_left_before(place).into_iter().next()
    }

    /// Every test of [`Flow::left_before`], outermost first.
    pub(super) fn all_left_before(&self, place: ValueRef) -> Vec<ValueRef> {
        let span = self.span(place);
        let mut block = &self.function(self.owner(place)).body;
        let mut all = Vec::new();
        loop {
            let mut inner = None;
            for statement in &block.statements {
                match &statement.kind {
                    StatementKind::If { test, then, .. } if statement.span.end <= span.start && leaves(then) => {
                        all.push(value_in(place.module, *test));
                    }
                    StatementKind::Loop { body, .. } | StatementKind::With { body, .. }
                        if statement.span.contains(span) =>
                    {
                        inner = Some(body)
                    }
                    StatementKind::Try(attempt) if statement.span.contains(span) => inner = Some(&attempt.body),
                    _ => {}
                }
            }
            let Some(next) = inner else { return all };
            block = next;
        }
    }
}

/// Whether a branch ends by leaving quietly; one that raises stops everything, not this one thing.
fn leaves(block: &Block) -> bool {
    block
        .statements
        .last()
        .is_some_and(|last| matches!(last.kind, StatementKind::Return(None) | StatementKind::Continue))
}
