//! Tests that ask first whether something is there: `limit && typeof limit !== "number"`.

use crate::code::{Name, Operator, ValueId, ValueKind};
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::flow::scope::{Binding, Bound};
use crate::taint::guard::NOTHING;
use crate::taint::{Proofs, Walk};

/// Deepest name of a name whose test is looked into.
const MAX_NAMES: u32 = 4;

impl Walk<'_> {
    /// What one side tells of the very thing whose presence the other side asks for: what is not there needs no proof.
    pub(crate) fn told_if_there(
        &mut self,
        asked: ValueId,
        is_there: bool,
        told: &[(Vec<Name>, Proofs)],
    ) -> Vec<(Vec<Name>, Proofs)> {
        if told.is_empty() {
            return Vec::new();
        }
        let Some(first) = self.asked_for(asked, is_there) else { return Vec::new() };
        told.iter().filter(|(of, _)| of.first() == Some(&first)).cloned().collect()
    }

    /// What a test asks the presence of, where it holds when that is there, or when it is not.
    fn asked_for(&mut self, test: ValueId, is_there: bool) -> Option<Name> {
        let module = self.here().function.module;
        match self.flow.kind(value_in(module, test)) {
            ValueKind::Not(inner) => self.asked_for(*inner, !is_there),
            ValueKind::Name(_) | ValueKind::Field { .. } if is_there => self.first_name(test),
            ValueKind::Binary { operator, left, right } => {
                let asks = match operator {
                    Operator::NotEqual | Operator::IsNot => is_there,
                    Operator::Equal | Operator::Is => !is_there,
                    _ => false,
                };
                let is_nothing = matches!(self.flow.kind(value_in(module, *right)), ValueKind::Null);
                let is_named =
                    matches!(self.flow.kind(value_in(module, *left)), ValueKind::Name(_) | ValueKind::Field { .. });
                (asks && is_nothing && is_named).then(|| self.first_name(*left)).flatten()
            }
            _ => None,
        }
    }

    /// Whether a test asks for nothing but whether something is empty: `hasFile && hasText` says of neither that it is
    /// where the other is a setting.
    pub(crate) fn asks_if_empty(&self, test: ValueId) -> bool {
        self.asks_if_empty_within(test, MAX_NAMES)
    }

    fn asks_if_empty_within(&self, test: ValueId, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let module = self.here().function.module;
        let at = value_in(module, test);
        let is_nothing = |value: &ValueId| match self.flow.kind(value_in(module, *value)) {
            ValueKind::Text(text) => text.is_empty(),
            ValueKind::Null => true,
            _ => false,
        };
        match self.flow.kind(at) {
            ValueKind::Not(inner) => self.asks_if_empty_within(*inner, depth),
            ValueKind::Name(name) => match self.flow.bindings_around(at, name) {
                Some((_, [Binding { bound: Bound::Value(value), .. }])) => self.asks_if_empty_within(*value, depth),
                _ => false,
            },
            ValueKind::Binary { operator: Operator::Equal | Operator::NotEqual, left, right } => {
                is_nothing(left) || is_nothing(right)
            }
            _ => false,
        }
    }

    /// `if (path === undefined) return;`: a parameter that is nothing leads nowhere.
    pub(crate) fn is_not_given(&mut self, at: ValueRef, name: &Name) -> Option<(Vec<Name>, Proofs)> {
        let (function, bindings) = self.flow.bindings_around(at, name)?;
        let is_parameter = matches!(bindings, [Binding { bound: Bound::Parameter(_), path, .. }] if path.is_empty());
        let tested = self.named(name);
        let is_plain = tested.is_tainted() && !tested.is_bag && tested.parts.is_empty() && tested.items.is_none();
        (is_parameter && is_plain && function == self.here().function)
            .then(|| (std::iter::once(name.clone()).chain(tested.of).collect(), NOTHING))
    }

    /// What a caller's value is called that a test asks for.
    fn first_name(&mut self, value: ValueId) -> Option<Name> {
        let seen = self.seen_in_test(value);
        let is_whole = seen.is_tainted() && seen.parts.is_empty() && seen.items.is_none();
        is_whole.then(|| seen.of.first().cloned()).flatten()
    }
}
