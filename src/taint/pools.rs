//! Collections that callers add to: to be in one says of a value what was true of all that was put there.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{Language, Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::pool::Pool;
use crate::flow::{FunctionRef, ModuleId};
use crate::taint::call::Calling;
use crate::taint::shared::Event;
use crate::taint::{Proofs, Shade, Walk};

/// What leaves no doubt about a value, so that a list may grow by it.
const SETTLED: Proofs = Proofs::CHOICE.and(Proofs::NUMBER);

/// The collections that one walk met.
#[derive(Clone, Debug, Default)]
pub struct Pools {
    /// Those that a caller's value was put into, with what is true of all of them.
    pub grown: BTreeMap<Pool, Proofs>,
    /// Those that a guard rests on.
    pub asked: BTreeSet<Pool>,
}

impl Pools {
    /// Takes over what another walk met.
    pub fn join(&mut self, other: &Pools) {
        other.grown.iter().for_each(|(pool, proofs)| self.grow(pool, *proofs));
        self.asked.extend(other.asked.iter().cloned());
    }

    /// Whether a guard rests on a collection that grows by what others send.
    pub fn rest_on(&self, grown: &Pools) -> bool {
        self.asked.iter().any(|pool| grown.grown.contains_key(pool))
    }

    fn grow(&mut self, pool: &Pool, proofs: Proofs) {
        let all = self.grown.get(pool).map_or(proofs, |known| *known & proofs);
        self.grown.insert(pool.clone(), all);
    }

    pub(crate) fn note(&mut self, pool: &Pool, put: Option<Proofs>) {
        match put {
            Some(proofs) => self.grow(pool, proofs),
            None => drop(self.asked.insert(pool.clone())),
        }
    }
}

impl<'a> Walk<'a> {
    /// `allowed.add(x)`: the collection has what a caller sent.
    pub(crate) fn note_added(&mut self, calling: &Calling<'a>, collection: ValueId) {
        let method = calling.method.as_deref().unwrap_or_default();
        let is_list = method == "insert" && self.flow.module(calling.at).language == Language::Python;
        // What is taken over from a table is under the table's own keys.
        let is_taken = |shade: &Shade| method != "update" || shade.items.is_some();
        let added = calling.given.get(usize::from(is_list)).map(|given| &given.shade);
        let added = added.filter(|shade| is_taken(shade)).map(Shade::whole);
        added.into_iter().for_each(|added| self.note_grown(collection, &added));
    }

    /// `allowed[x] = true`, `this.allowed = [...this.allowed, x]`: what is written may be an element of many, and a caller
    /// may have chosen its key.
    pub(crate) fn note_written(&mut self, target: ValueId, shade: &Shade) {
        let module = self.here().function.module;
        match self.flow.kind(value_in(module, target)) {
            ValueKind::Index { base, key } if !self.is_literal(module, *key) => {
                let key = self.seen_in_test(*key);
                self.note_key(value_in(module, *base), &key);
                self.note_grown(*base, &key.whole());
            }
            ValueKind::Field { .. } => self.note_grown(target, &shade.whole()),
            _ => {}
        }
    }

    fn is_literal(&self, module: ModuleId, key: ValueId) -> bool {
        matches!(self.flow.kind(value_in(module, key)), ValueKind::Text(_) | ValueKind::Int(_))
    }

    /// `allowed = [...allowed, x]`, of a name around the function.
    pub(crate) fn note_bound(&mut self, name: &Name, shade: &Shade) {
        if shade.holds_any()
            && let Some(holder) = self.holder(name).filter(|holder| !self.is_walked(*holder))
        {
            self.put_into(self.flow.pool_of(holder, name), &shade.whole());
        }
    }

    fn is_walked(&self, function: FunctionRef) -> bool {
        self.stack.iter().any(|activation| activation.function == function)
    }

    fn note_grown(&mut self, collection: ValueId, shade: &Shade) {
        if shade.is_tainted()
            && let Some(pool) = self.pool(collection)
        {
            self.put_into(pool, shade);
        }
    }

    fn put_into(&mut self, pool: Pool, shade: &Shade) {
        if shade.is_tainted() && !shade.proofs.any(SETTLED) {
            self.happens(Event::Pool(pool, Some(shade.proofs)));
        }
    }

    fn pool(&self, collection: ValueId) -> Option<Pool> {
        let at = value_in(self.here().function.module, collection);
        // What a function binds that is being walked is made anew in each call.
        if let ValueKind::Name(name) = self.flow.kind(at)
            && self.holder(name).is_some_and(|holder| self.is_walked(holder))
        {
            return None;
        }
        let frame = self.here().frame.clone();
        self.flow.pool(at, &frame)
    }

    /// What to be in a collection proves: to be one of the program's own choices, unless callers add to it.
    pub(crate) fn among(
        &mut self,
        collection: ValueId,
        mut facts: Vec<(Vec<Name>, Proofs)>,
    ) -> Vec<(Vec<Name>, Proofs)> {
        let chosen = facts.iter_mut().filter(|(_, proofs)| proofs.has(Proofs::CHOICE));
        let mut chosen = chosen.peekable();
        if chosen.peek().is_none() {
            return facts;
        }
        let Some(pool) = self.pool(collection) else { return facts };
        if let Some(put) = self.shared.grown.get(&pool) {
            chosen.for_each(|(_, proofs)| *proofs = *put | Proofs::WEAK_GROWN);
        }
        self.happens(Event::Pool(pool, None));
        facts
    }

    /// As [`Walk::among`], of the collection whose method is called.
    pub(crate) fn among_members(
        &mut self,
        calling: &Calling<'a>,
        facts: Vec<(Vec<Name>, Proofs)>,
    ) -> Vec<(Vec<Name>, Proofs)> {
        match self.flow.kind(value_in(calling.at.module, calling.code.callee)) {
            ValueKind::Field { base, .. } => self.among(*base, facts),
            _ => facts,
        }
    }
}
