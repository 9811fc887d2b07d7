//! Full names of what is called, and types of what calls make.

use crate::code::{Name, ValueKind};
use crate::flow::effects::Table;
pub use crate::flow::meaning::dotted;
use crate::flow::meaning::value_in;
use crate::flow::scope::{Binding, Bound};
use crate::flow::{Flow, Meaning, ValueRef};
use crate::taint::Walk;

/// Deepest chain of members and calls that is named.
const MAX_DEPTH: u32 = 32;
/// Most values of one test that are looked at.
const MAX_LOOKED_AT: u32 = 200;

/// Full name of what a meaning is when it is called.
pub fn of_callee(flow: &Flow<'_>, meaning: &Meaning, table: &Table) -> Option<String> {
    name(flow, meaning, table, MAX_DEPTH)
}

fn name(flow: &Flow<'_>, meaning: &Meaning, table: &Table, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    match meaning {
        Meaning::Outside(outside) => Some(dotted(outside)),
        Meaning::Member(base, member) => {
            let base = of_type(flow, &flow.force(base), table, depth)?;
            Some(format!("{base}.{member}"))
        }
        Meaning::Made(made) => {
            let callee = name(flow, &made.callee, table, depth)?;
            let first = made.arguments.first().filter(|_| table.stands_for_first(&callee));
            match first {
                Some(first) => name(flow, &flow.force(&first.value), table, depth),
                None => table.made_by(&callee).map(str::to_string).or(Some(callee)),
            }
        }
        Meaning::Choice(all) | Meaning::Each(all) => {
            all.iter().find_map(|one| name(flow, &flow.force(one), table, depth))
        }
        Meaning::Parameter(..) => match flow.declared(meaning)? {
            Meaning::Outside(outside) => Some(dotted(&outside)),
            _ => None,
        },
        _ => None,
    }
}

/// Full name of the type of an object.
pub fn of_type(flow: &Flow<'_>, meaning: &Meaning, table: &Table, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let declared = || match flow.declared(meaning)? {
        Meaning::Outside(outside) if matches!(meaning, Meaning::Member(..)) => Some(dotted(&outside)),
        _ => None,
    };
    let named = declared().or_else(|| name(flow, meaning, table, depth))?;
    Some(table.made_by(&named).map_or(named.clone(), str::to_string))
}

impl Walk<'_> {
    /// A root name and constant members, for names, `this` and chains of members.
    pub(crate) fn path(&self, at: ValueRef) -> Option<(Name, Vec<Name>)> {
        match self.flow.kind(at) {
            ValueKind::Name(name) => Some((name.clone(), Vec::new())),
            ValueKind::This => Some((Name::new("this"), Vec::new())),
            ValueKind::Field { base, name } => {
                let (root, mut members) = self.path(value_in(at.module, *base))?;
                members.push(name.clone());
                Some((root, members))
            }
            ValueKind::Index { base, key } => {
                let (root, mut members) = self.path(value_in(at.module, *base))?;
                if let ValueKind::Text(name) = self.flow.kind(value_in(at.module, *key)) {
                    members.push(name.clone());
                }
                Some((root, members))
            }
            _ => self.path(self.pointed(at)?),
        }
    }

    /// Whether what a name was given speaks of names that hold something else since: `ok = check(x); x = …; if ok: …`.
    pub(crate) fn is_made_of_changed(&self, name: &Name, binding: &Binding) -> bool {
        let (Bound::Value(value), put_at) = (&binding.bound, &self.here().env.put_at) else { return false };
        let Some(given) = put_at.get(name).copied() else { return false };
        let module = self.here().function.module;
        let mut left = vec![*value];
        let mut looked_at = 0;
        while let Some(one) = left.pop().filter(|_| looked_at < MAX_LOOKED_AT) {
            looked_at += 1;
            match self.flow.kind(value_in(module, one)) {
                ValueKind::Name(other) if put_at.get(other).is_some_and(|at| *at > given) => return true,
                kind => crate::code::walk::children(kind, &mut |child| left.push(child)),
            }
        }
        false
    }
}
