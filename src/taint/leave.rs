//! Ways out of a function: what they give back, and what they tell of its parameters.

use std::collections::BTreeMap;

use crate::code::{Language, MapKey, Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::taint::statement::{dotted, item_part, origin};
use crate::taint::{Exit, Proofs, Shade, Told, WHOLE, Walk, beside};

/// Most parts of a result that are told apart.
const MAX_PARTS: usize = 4;

impl<'a> Walk<'a> {
    pub(crate) fn exit(&mut self, value: Option<ValueId>) {
        // Who waits for an asynchronous function of a script waits for the promise that it gives back.
        let is_promise = value.is_some_and(|value| self.is_plain_call(value));
        let waits = u32::from(is_promise && self.hands_promises_on());
        self.awaiting += waits;
        self.exit_with(value);
        self.awaiting -= waits;
    }

    fn hands_promises_on(&self) -> bool {
        let function = self.here().function;
        self.flow.function(function).is_async && self.flow.module(function).language == Language::TypeScript
    }

    fn exit_with(&mut self, value: Option<ValueId>) {
        let mut result = value.map(|value| self.value(value)).unwrap_or_default();
        if let Some(value) = value.filter(|_| self.stack.len() > 1) {
            let at = value_in(self.here().function.module, value);
            result = result.step(self.flow.span(at), "returned");
        }
        // `return ctx.addIssue(…)`: what is called there comes to no result.
        if std::mem::take(&mut self.left) {
            return;
        }
        let names = self.parameter_origins();
        if let Some(test) = value.and_then(|value| self.decided_by(value)) {
            self.exit_as_error(&result, &names);
            self.assume(test, true);
        }
        let proofs = self.proofs_of(&names);
        let parts = value.map(|value| self.parts_of(value)).unwrap_or_default();
        if self.is_watched() {
            self.watch(value, &result);
        }
        let items = beside::items_of(&parts, &result);
        let told = parts.into_iter().map(|(part, value)| (part, self.told(value, &names, &items))).collect();
        let unset = self.here().unset > 0;
        let is_error = value.is_some_and(|value| self.is_error(value));
        let left = self.left_behind();
        self.top().exits.push(Exit { result, proofs, told, unset, off: false, is_error, left });
    }

    /// The way out that is taken where what decides about a result does not hold.
    fn exit_as_error(&mut self, result: &Shade, names: &[Name]) {
        let (proofs, unset, left) = (self.proofs_of(names), self.here().unset > 0, self.left_behind());
        let exit =
            Exit { result: result.clone(), proofs, told: BTreeMap::new(), unset, off: false, is_error: true, left };
        self.top().exits.push(exit);
    }

    /// Notes what a test of a schema proves here, where one is watched.
    fn watch(&mut self, value: Option<ValueId>, result: &Shade) {
        let before = self.here().env.clone();
        let tested = value.filter(|_| self.is_watched_predicate());
        let truth = tested.and_then(|value| self.truth(value));
        tested.iter().for_each(|value| self.assume(*value, true));
        let when_true = std::mem::replace(&mut self.top().env, before);
        self.watch_exit(truth, &when_true, result);
    }

    /// A result and its parts, as callers take it apart: `ok, error = check(path)`.
    fn parts_of(&self, value: ValueId) -> Vec<(Name, ValueId)> {
        let mut parts = vec![(Name::new(WHOLE), value)];
        match self.flow.kind(value_in(self.here().function.module, value)) {
            ValueKind::Tuple(items) | ValueKind::List(items) => {
                parts.extend(items.iter().take(MAX_PARTS).enumerate().map(|(at, item)| (item_part(at), *item)));
            }
            ValueKind::Map(entries) => {
                let named = entries.iter().filter_map(|entry| match &entry.key {
                    MapKey::Name(name, _) => Some((name.clone(), entry.value)),
                    _ => None,
                });
                parts.extend(named.take(MAX_PARTS));
            }
            _ => {}
        }
        parts
    }

    fn told(&mut self, value: ValueId, names: &[Name], items: &[(Name, Shade)]) -> Told {
        let truth = self.truth(value).or_else(|| self.is_found_true(value).then_some(true));
        let when = |walk: &mut Self, holds: bool| {
            let before = walk.here().env.clone();
            walk.assume(value, holds);
            let proofs = walk.proofs_of(names);
            let beside = walk.beside_now(items);
            let env = std::mem::replace(&mut walk.top().env, before);
            let is_own =
                |name: &Name| name.starts_with('@') || env.values.contains_key(name.split('.').next().unwrap_or(name));
            let around = env.proven.iter().filter(|(name, _)| !is_own(name));
            (proofs, around.map(|(name, proofs)| (name.clone(), *proofs)).collect(), beside)
        };
        let ((when_true, around_true, beside_true), (when_false, around_false, beside_false)) =
            self.for_both(|walk| (when(walk, true), when(walk, false)));
        let at = value_in(self.here().function.module, value);
        let is_nothing = matches!(self.flow.kind(at), ValueKind::Null);
        let nothing = is_nothing.then(|| Name::new(self.flow.sources.slice(self.flow.span(at))));
        let when_there = if truth == Some(true) { when_true.clone() } else { self.proofs_of(names) };
        let around = [around_true, around_false];
        Told { truth, when_true, when_false, when_there, nothing, around, beside: [beside_true, beside_false] }
    }

    /// `if error: return error`: a name that is given back where it was just found to be true.
    fn is_found_true(&self, value: ValueId) -> bool {
        let at = value_in(self.here().function.module, value);
        let ValueKind::Name(name) = self.flow.kind(at) else { return false };
        let is_it = |test| matches!(self.flow.kind(test), ValueKind::Name(tested) if tested == name);
        self.flow.tested(at).is_some_and(|(test, holds)| holds && is_it(test))
    }

    /// A function that runs off its end.
    pub(crate) fn fall_off(&mut self, tail: Option<ValueId>) {
        self.exit(tail);
    }

    fn proofs_of(&self, names: &[Name]) -> Vec<Proofs> {
        let env = &self.here().env;
        names.iter().map(|name| env.proven.get(name).copied().unwrap_or_default()).collect()
    }

    /// Stands for what a member held at the call; of one that was given another value nothing is told.
    fn member_origin(&self, at: usize, member: &Name) -> Name {
        if self.is_member_touched(member) {
            return Name::new("");
        }
        dotted(&origin(at), std::slice::from_ref(member))
    }

    /// Whether a member of this name of any object was given a value in the function on top.
    pub(crate) fn is_member_touched(&self, member: &Name) -> bool {
        self.here().touched.iter().any(|(_, way)| way.first().is_none_or(|first| first == member))
    }

    fn parameter_origins(&self) -> Vec<Name> {
        let here = self.here();
        let own = (0..self.flow.function(here.function).parameters.len()).map(origin);
        own.chain(here.members.iter().map(|(at, member)| self.member_origin(*at, member))).collect()
    }
}
