//! Whether secrets and data of persons are taken out of a value: by keys that are left out or blacked out.

use crate::code::walk::children;
use crate::code::{Operator, ValueId, ValueKind};
use crate::extract::results::content::{self, Holds};
use crate::extract::results::controls::Controls;
use crate::flow::meaning::value_in;
use crate::flow::scope::ContextKind;
use crate::flow::{FunctionRef, ValueRef};
use crate::source::Span;

/// Deepest test that is looked into.
const MAX_DEPTH: u32 = 8;
/// Most values of a function that are looked at.
const MAX_VALUES: usize = 400;

impl Controls<'_> {
    /// The condition of a comprehension or a closure that leaves out entries called as secrets are.
    pub fn leaves_out(&self, condition: ValueRef) -> Option<Span> {
        (self.names_secrets(condition, MAX_DEPTH) == Some(false)).then(|| self.flow.span(condition))
    }

    /// Whether a test, when it holds, says that a key is that of a secret (`Some(true)`) or that it is none.
    fn names_secrets(&self, test: ValueRef, depth: u32) -> Option<bool> {
        let depth = depth.checked_sub(1)?;
        let of = |id: &ValueId| value_in(test.module, *id);
        let inner = |id: &ValueId| self.names_secrets(of(id), depth);
        let is_list = |value: ValueRef| {
            self.constants(value)
                .iter()
                .any(|text| content::holds(text) == Holds::Personal || content::finds(std::iter::once(text)).personal)
        };
        match self.flow.kind(test) {
            ValueKind::Not(inside) => inner(inside).map(|is| !is),
            ValueKind::Binary { operator: Operator::Or, left, right } => {
                [inner(left), inner(right)].contains(&Some(true)).then_some(true)
            }
            ValueKind::Binary { operator: Operator::And, left, right } => {
                [inner(left), inner(right)].contains(&Some(false)).then_some(false)
            }
            ValueKind::Binary { operator: Operator::In, left, right } => {
                (is_list(of(right)) || is_list(of(left))).then_some(true)
            }
            ValueKind::Binary { operator: Operator::NotIn, right, .. } => is_list(of(right)).then_some(false),
            ValueKind::Binary { operator: Operator::Equal, right, .. } => is_list(of(right)).then_some(true),
            ValueKind::Binary { operator: Operator::NotEqual, right, .. } => is_list(of(right)).then_some(false),
            ValueKind::Call(call) => {
                let callee = of(&call.callee);
                let name = self.last(callee);
                let is_known = matches!(
                    name,
                    "has"
                        | "includes"
                        | "contains"
                        | "some"
                        | "any"
                        | "Contains"
                        | "test"
                        | "search"
                        | "match"
                        | "MatchString"
                        | "is_match"
                );
                let base = match self.flow.kind(callee) {
                    ValueKind::Field { base, .. } => Some(of(base)),
                    _ => None,
                };
                let mut all = base.into_iter().chain(call.arguments.iter().map(|one| of(&one.value)));
                (is_known && all.any(is_list)).then_some(true)
            }
            _ => None,
        }
    }

    /// Where a function of the tree puts a constant in the place of what stands under the key of a secret, and whether
    /// there is a way through it that does not: one that a setting opens.
    pub fn blacks_out(&self, function: FunctionRef) -> Option<(Span, bool)> {
        if let Some(known) = self.memo.blackening.borrow().get(&function) {
            return *known;
        }
        let found = self.puts_constant(function);
        self.memo.blackening.borrow_mut().insert(function, found);
        found
    }

    fn puts_constant(&self, function: FunctionRef) -> Option<(Span, bool)> {
        let scopes = self.flow.scopes(function.module);
        let code = self.flow.function(function);
        let is_inside =
            |value: &&(ValueId, ValueId)| code.span.contains(self.flow.span(value_in(function.module, value.0)));
        let under_key = |value: ValueRef| {
            scopes.around(value.id).any(|context| match context {
                ContextKind::Branch(test, holds) => {
                    self.names_secrets(value_in(function.module, *test), MAX_DEPTH) == Some(*holds)
                }
                _ => false,
            })
        };
        let is_constant = |value: ValueRef| matches!(self.flow.kind(value), ValueKind::Text(_) | ValueKind::Null);
        let assigned = scopes.member_assignments.iter().filter(is_inside).map(|(_, value)| *value);
        let mut chosen = Vec::new();
        scopes.returns[function.id.index()]
            .iter()
            .for_each(|value| self.choices(value_in(function.module, *value), &mut chosen));
        let found = assigned
            .map(|value| value_in(function.module, value))
            .chain(chosen)
            .find(|value| is_constant(*value) && under_key(*value))?;
        Some((self.flow.span(found), self.has_way_past(function)))
    }

    /// Every value under a value, without those of functions.
    fn choices(&self, at: ValueRef, found: &mut Vec<ValueRef>) {
        if found.len() >= MAX_VALUES {
            return;
        }
        found.push(at);
        let mut under = Vec::new();
        children(self.flow.kind(at), &mut |id| under.push(id));
        under.into_iter().for_each(|id| self.choices(value_in(at.module, id), found));
    }

    /// Whether a parameter is given back as it is under a test that does not ask about it.
    fn has_way_past(&self, function: FunctionRef) -> bool {
        let scopes = self.flow.scopes(function.module);
        let parameters: Vec<_> = self.flow.function(function).parameters.iter().filter_map(|one| one.name()).collect();
        let is_parameter =
            |value: ValueRef| matches!(self.flow.kind(value), ValueKind::Name(name) if parameters.contains(&name));
        let asks_of_it = |test: ValueRef| {
            let mut all = Vec::new();
            self.choices(test, &mut all);
            all.into_iter().any(is_parameter)
        };
        scopes.returns[function.id.index()].iter().map(|value| value_in(function.module, *value)).any(|value| {
            let tests = scopes.around(value.id).filter_map(|context| match context {
                ContextKind::Branch(test, _) => Some(value_in(function.module, *test)),
                _ => None,
            });
            is_parameter(value) && tests.into_iter().any(|test| !asks_of_it(test))
        })
    }
}
