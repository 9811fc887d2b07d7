//! Lists whose elements have names: what a test of each of them proves of these, by a method, in a loop, or all at once.

use crate::code::{Call, Language, Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::scope::Bound;
use crate::flow::{FunctionRef, ValueRef};
use crate::taint::call::Calling;
use crate::taint::flags::length_of;
use crate::taint::{Proofs, Summary, Walk};

/// Methods that call what they are given for every element, whatever it gives back.
const ALL: &[&str] = &["forEach", "map", "flatMap"];
/// Calls that end once all of what they are given has ended well.
const GATHERING: &[&str] = &["Promise.all", "asyncio.gather"];

impl<'a> Walk<'a> {
    /// Proves of the elements of a written list what holds of each.
    pub(crate) fn prove_each(&mut self, list: ValueId, proofs: Proofs) {
        for of in self.names_in(list) {
            self.prove(&of, proofs);
        }
    }

    /// The names of the elements of the list whose method is called.
    pub(crate) fn elements_named(&mut self, at: ValueRef, code: &Call) -> Vec<Vec<Name>> {
        match self.flow.kind(value_in(at.module, code.callee)) {
            ValueKind::Field { base, .. } => self.names_in(*base),
            _ => Vec::new(),
        }
    }

    /// `[p].forEach(check)`, `Promise.all(paths.map(check))`: what came back from every call was proven of every element.
    pub(crate) fn held_each(&mut self, calling: &Calling<'a>, function: FunctionRef, summary: &Summary) {
        let is_script = self.flow.module(calling.at).language == Language::TypeScript;
        let is_of_all = calling.method.as_deref().is_some_and(|method| ALL.contains(&method));
        let code = self.flow.function(function);
        let waits = !code.is_async || self.awaiting > 0 && self.gathered == Some(calling.at);
        let Some(proofs) = summary.returns.first().filter(|proofs| !proofs.is_none()) else { return };
        if !is_script || !is_of_all || !waits || code.is_generator || calling.given.len() > 2 {
            return;
        }
        let own = calling.receiver.as_ref().map(|receiver| receiver.of.clone()).unwrap_or_default();
        for of in self.elements_named(calling.at, calling.code).into_iter().chain([own]) {
            self.tested_by(function, &of, *proofs);
            self.prove(&of, *proofs);
        }
    }

    /// The list of promises that a call waits for, all of them.
    pub(crate) fn gathers(&self, at: ValueRef, code: &Call) -> Option<ValueRef> {
        let callee = self.flow.sources.slice(self.flow.span(value_in(at.module, code.callee)));
        let first = code.arguments.first().filter(|_| GATHERING.contains(&callee))?;
        let value = value_in(at.module, first.value);
        match self.flow.kind(value) {
            ValueKind::Spread(list) => Some(value_in(at.module, *list)),
            _ => Some(value),
        }
    }

    /// The names of the elements of a list that is written there, or that a name was given and that nothing changed since.
    fn names_in(&mut self, list: ValueId) -> Vec<Vec<Name>> {
        let Some((items, kept_in)) = self.written_items(list) else { return Vec::new() };
        let told = items.iter().map(|item| self.names_of_item(*item, kept_in)).collect::<Vec<_>>();
        told.into_iter().filter(|of| !of.is_empty()).collect()
    }

    /// The same for each element, where it is known how many there are.
    pub(crate) fn names_by_position(&mut self, list: ValueId) -> Option<Vec<Vec<Name>>> {
        let (items, kept_in) = self.written_items(list)?;
        let module = self.here().function.module;
        let is_open = |item: &ValueId| matches!(self.flow.kind(value_in(module, *item)), ValueKind::Spread(_));
        if items.iter().any(is_open) {
            return None;
        }
        Some(items.iter().map(|item| self.names_of_item(*item, kept_in)).collect())
    }

    fn names_of_item(&mut self, item: ValueId, kept_in: Option<&Name>) -> Vec<Name> {
        let is_open = matches!(self.flow.kind(value_in(self.here().function.module, item)), ValueKind::Spread(_));
        let is_same = kept_in.is_none_or(|list| self.is_since(item, list));
        if is_open || !is_same { Vec::new() } else { self.seen_in_test(item).of }
    }

    /// What is written in a list, and the name that holds it.
    fn written_items(&self, list: ValueId) -> Option<(&'a [ValueId], Option<&'a Name>)> {
        match self.flow.kind(value_in(self.here().function.module, list)) {
            ValueKind::List(items) | ValueKind::Tuple(items) => Some((items, None)),
            ValueKind::Name(name) => Some((self.written_under(name)?, Some(name))),
            _ => None,
        }
    }

    /// What is written in the one list that a name holds; nothing where something may have been taken out of it.
    fn written_under(&self, name: &Name) -> Option<&'a [ValueId]> {
        let function = self.here().function;
        let scopes = self.flow.scopes(function.module);
        let [binding] = scopes.bindings.get(function.id.index())?.get(name)?.as_slice() else { return None };
        let Bound::Value(value) = binding.bound else { return None };
        let is_held = |name: &Name| self.here().env.flags.get(name).is_some_and(|flag| flag.side(false).is_none());
        match self.flow.kind(value_in(function.module, value)) {
            ValueKind::Tuple(items) if binding.path.is_empty() => Some(items),
            ValueKind::List(items) if binding.path.is_empty() && is_held(&length_of(name)) => Some(items),
            _ => None,
        }
    }

    /// Whether an element of a list is what its name held when the list was made.
    fn is_since(&self, item: ValueId, list: &Name) -> bool {
        let ValueKind::Name(name) = self.flow.kind(value_in(self.here().function.module, item)) else { return false };
        let put_at = &self.here().env.put_at;
        put_at.get(name).is_none_or(|put| put_at.get(list).is_some_and(|made| put <= made))
    }
}
