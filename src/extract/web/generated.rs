//! Credentials that a server makes for itself where nobody gives it one.

use std::collections::BTreeSet;

use crate::code::{ValueId, ValueKind, walk};
use crate::extract::web::Before;
use crate::flow::link::folder;
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::scope::Bound;
use crate::flow::{FunctionRef, ValueRef};
use crate::taint::names;

/// Why such a check is not known to be there.
pub(super) const GENERATED: &str = "depends on whether the server made a credential for itself";

/// Functions that are looked into, at most one after the other.
const MAX_WAY: u32 = 3;
/// Deepest expression that is looked through.
const MAX_DEPTH: u32 = 20;

impl Before<'_> {
    /// Whether what a test asks for is made by the program itself, as far as some way of starting it goes.
    pub(super) fn is_generated(&self, test: ValueRef) -> bool {
        let mut seen = BTreeSet::new();
        self.subjects(test).into_iter().flat_map(|subject| self.assigned(subject)).any(|value| {
            seen.clear();
            self.makes(value, (MAX_WAY, MAX_DEPTH), &mut seen)
        })
    }

    /// The names and members of a test.
    fn subjects(&self, test: ValueRef) -> Vec<ValueRef> {
        let kind = self.flow.kind(test);
        if matches!(kind, ValueKind::Name(_) | ValueKind::Field { .. }) {
            return vec![test];
        }
        let mut inner = Vec::new();
        walk::children(kind, &mut |child| inner.push(value_in(test.module, child)));
        inner.retain(|value| matches!(self.flow.kind(*value), ValueKind::Name(_) | ValueKind::Field { .. }));
        inner
    }

    /// What a name of the function around it, or a member by its name in the same folder, is given.
    fn assigned(&self, subject: ValueRef) -> Vec<ValueRef> {
        match self.flow.kind(subject) {
            ValueKind::Name(_) => self.bound(subject),
            ValueKind::Field { name, .. } => {
                let home = |at| folder(self.flow.sources.path(self.flow.program.module(at).source));
                let here = home(subject.module);
                let near = self.flow.program.iter().map(|(id, _)| id).filter(|id| home(*id) == here);
                let given = near.flat_map(|id| {
                    let all = self.flow.scopes(id).member_assignments.iter();
                    all.map(move |(place, value)| (value_in(id, *place), value_in(id, *value)))
                });
                let is_it = |place: &ValueRef| matches!(self.flow.kind(*place), ValueKind::Field { name: own, .. } if own == name);
                given.filter(|(place, _)| is_it(place)).map(|(_, value)| value).collect()
            }
            _ => Vec::new(),
        }
    }

    fn bound(&self, at: ValueRef) -> Vec<ValueRef> {
        let ValueKind::Name(name) = self.flow.kind(at) else { return Vec::new() };
        let bindings = self.flow.bindings_around(at, name).map_or(&[][..], |(_, bindings)| bindings);
        let values = bindings.iter().filter_map(|binding| match binding.bound {
            Bound::Value(value) => Some(value_in(at.module, value)),
            _ => None,
        });
        values.collect()
    }

    /// Whether random numbers go into a value.
    fn makes(&self, value: ValueRef, (way, depth): (u32, u32), seen: &mut BTreeSet<ValueRef>) -> bool {
        if depth == 0 || !seen.insert(value) {
            return false;
        }
        if let ValueKind::Call(call) = self.flow.kind(value) {
            let callee = value_in(value.module, call.callee);
            match self.flow.asking(|| self.flow.meaning(callee, &None)).0 {
                Meaning::Outside(name) if self.known.generators.contains(&names::dotted(&name)) => return true,
                Meaning::Function(function, ..) if way > 0 => {
                    return self
                        .calls_in(function)
                        .into_iter()
                        .any(|call| self.makes(call, (way - 1, depth - 1), seen));
                }
                _ => {}
            }
        }
        let mut inner = Vec::new();
        walk::children(self.flow.kind(value), &mut |child: ValueId| inner.push(value_in(value.module, child)));
        inner.extend(self.bound(value));
        inner.into_iter().any(|one| self.makes(one, (way, depth - 1), seen))
    }

    fn calls_in(&self, function: FunctionRef) -> Vec<ValueRef> {
        let calls = self.flow.scopes(function.module).calls.iter().map(|call| value_in(function.module, *call));
        calls.filter(|call| self.flow.owner(*call) == function).collect()
    }
}
