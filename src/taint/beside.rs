//! Results that tell of each other: `path, ok = check(a)`, of which the second says what the first is worth.

use std::collections::BTreeMap;

use crate::code::{Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::scope::{Bound, Step};
use crate::taint::statement::{dotted, item_part};
use crate::taint::{Exit, Proofs, Shade, WHOLE, Walk};

/// What is proven of each part of a result; nothing of those that hold nothing of a caller, which any proof fits.
pub(crate) type Parts = BTreeMap<Name, Option<Proofs>>;

/// Stands before the name of a part, as no name of code does.
const MARK: char = '#';

/// The parts of a result that can be told apart, where there are several.
pub(crate) fn items_of(parts: &[(Name, ValueId)], result: &Shade) -> Vec<(Name, Shade)> {
    let named = parts.iter().map(|(part, _)| part).filter(|part| *part != WHOLE);
    let items: Vec<(Name, Shade)> = named
        .enumerate()
        .filter_map(|(at, part)| {
            let item = match &result.items {
                Some(items) if *part == item_part(at) => items.get(at),
                _ => result.parts.get(part),
            };
            Some((part.clone(), item?.clone()))
        })
        .collect();
    if items.len() > 1 { items } else { Vec::new() }
}

/// What all ways out on which a part of the result is true, or false, prove of the other parts.
pub(crate) fn of_all(exits: &[Exit], set: &[&Exit], part: &Name, falsy: bool) -> Parts {
    // What is given back by default is no better than what is given back there.
    let defaults = exits.iter().filter(|exit| exit.off);
    let told = set.iter().copied().chain(defaults).map(|exit| exit.told.get(part));
    let rows = told.filter(|told| told.is_none_or(|told| told.truth != Some(falsy)));
    let all = rows.map(|told| told.map(|told| told.beside[usize::from(falsy)].clone()).unwrap_or_default());
    let mut all = all.reduce(both).unwrap_or_default();
    all.retain(|name, proofs| name != part && proofs.is_some_and(|proofs| !proofs.is_none()));
    all
}

fn both(one: Parts, two: Parts) -> Parts {
    let joined = |(name, first): (Name, Option<Proofs>)| {
        let proofs = match (first, *two.get(&name)?) {
            (Some(first), Some(second)) => Some(first & second),
            (first, second) => first.or(second),
        };
        Some((name, proofs))
    };
    one.into_iter().filter_map(joined).collect()
}

/// The same as facts, whose names are found where the result is taken apart.
pub(crate) fn marked(parts: &Parts) -> Vec<(Vec<Name>, Proofs)> {
    let one = |(name, proofs): (&Name, &Option<Proofs>)| Some((vec![Name::new(format!("{MARK}{name}"))], (*proofs)?));
    parts.iter().filter_map(one).collect()
}

/// Parts as members of the result that is kept in a name: `if (!result.ok) return`, and then `result.path`.
pub(crate) fn members_beside(name: &Name, facts: Vec<(Vec<Name>, Proofs)>) -> Vec<(Vec<Name>, Proofs)> {
    let one = |(of, proofs): (Vec<Name>, Proofs)| match part_of(&of) {
        Some(part) => (vec![dotted(name, std::slice::from_ref(&part))], proofs),
        None => (of, proofs),
    };
    facts.into_iter().map(one).collect()
}

fn part_of(of: &[Name]) -> Option<Name> {
    let [only] = of else { return None };
    only.strip_prefix(MARK).map(Name::new)
}

impl<'a> Walk<'a> {
    /// A test of a part of what a call gave back: `ok, error = check(x)`.
    pub(crate) fn part_facts(&mut self, value: ValueId, part: &str, holds: bool) -> Vec<(Vec<Name>, Proofs)> {
        let at = value_in(self.here().function.module, value);
        match self.flow.kind(at) {
            ValueKind::Await(inner) => {
                self.awaiting += 1;
                let facts = self.part_facts(*inner, part, holds);
                self.awaiting -= 1;
                facts
            }
            ValueKind::Call(call) => self.call_facts(at, call, part, holds),
            ValueKind::Index { base, key } if holds => self.whether_found((*base, *key), part),
            _ => Vec::new(),
        }
    }

    /// What is proven here of the parts of a result.
    pub(crate) fn beside_now(&self, items: &[(Name, Shade)]) -> Parts {
        let proofs = |item: &Shade| item.holds_any().then(|| self.proven_of(item.clone()).whole().proofs);
        items.iter().map(|(name, item)| (name.clone(), proofs(item))).collect()
    }

    /// Parts as the names that the result is taken apart into.
    pub(crate) fn named_beside(&self, value: ValueId, facts: Vec<(Vec<Name>, Proofs)>) -> Vec<(Vec<Name>, Proofs)> {
        let one = |(of, proofs): (Vec<Name>, Proofs)| match part_of(&of) {
            Some(part) => Some((vec![self.name_of_part(value, &part)?], proofs)),
            None => Some((of, proofs)),
        };
        facts.into_iter().filter_map(one).collect()
    }

    fn name_of_part(&self, value: ValueId, part: &Name) -> Option<Name> {
        let function = self.here().function;
        let bindings = self.flow.scopes(function.module).bindings.get(function.id.index())?;
        let is_part = |step: &Step| match step {
            Step::Item(at) => item_part(*at) == *part,
            Step::Field(name, _) => name == part,
            _ => false,
        };
        let mut names = bindings.iter().filter(|(_, all)| {
            all.iter().any(|one| one.bound == Bound::Value(value) && matches!(&one.path[..], [step] if is_part(step)))
        });
        let (name, _) = names.next()?;
        names.next().is_none().then(|| name.clone())
    }
}
