//! What a call of a function tells its caller, of all ways out of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::Name;
use crate::taint::address::exact_mark;
use crate::taint::kept;
use crate::taint::lists::collection_of;
use crate::taint::statement::origin;
use crate::taint::unset::when_unset;
use crate::taint::{Activation, Exit, Proofs, Shade, Summary, Told, WHOLE, beside};

pub(crate) fn either<'s>(mut results: impl Iterator<Item = &'s Shade>) -> Shade {
    let first = results.next().cloned().unwrap_or_default();
    results.fold(first, |joined, one| joined.or(one))
}

pub(crate) fn summarise(activation: Activation, own: usize) -> Summary {
    let (exits, members) = (activation.exits, activation.members);
    let parameters = own + members.len();
    let never_returns = exits.is_empty();
    // Ways out that are taken only where something is not configured are judged by another check.
    let proving = |exit: &&Exit| !exit.unset;
    let set: Vec<&Exit> = if exits.iter().any(|exit| proving(&exit)) {
        exits.iter().filter(proving).collect()
    } else {
        exits.iter().collect()
    };
    let all = |which: &dyn Fn(&'_ Exit) -> Option<Vec<Proofs>>| -> Vec<Proofs> {
        let mut rows = set.iter().filter_map(|exit| which(exit));
        let Some(first) = rows.next() else { return vec![Proofs::NONE; parameters] };
        let held = rows.fold(first, |joined, row| joined.iter().zip(row).map(|(one, two)| *one & two).collect());
        // A way out that is taken by default proves what it proves itself.
        let defaults = exits.iter().filter(|exit| exit.off).filter_map(which);
        defaults.fold(held, |held, row| held.iter().zip(row).map(|(one, two)| off_unless(*one, two)).collect())
    };
    let returns = all(&|exit| Some(exit.proofs.clone()));
    let returns_well = all(&|exit| (!exit.is_error).then(|| exit.proofs.clone()));
    // What an error says is not what the caller goes on with.
    let good = |exit: &&Exit| !exit.is_error || exits.iter().all(|exit| exit.is_error);
    let when = |part: &Name, holds: bool| {
        all(&|exit| match exit.told.get(part) {
            Some(told) if told.truth == Some(!holds) => None,
            Some(told) => Some(if holds { told.when_true.clone() } else { told.when_false.clone() }),
            None if part == WHOLE && holds => None,
            None => Some(exit.proofs.clone()),
        })
    };
    let parts: BTreeSet<&Name> = set.iter().flat_map(|exit| exit.told.keys()).collect();
    let told = parts
        .into_iter()
        .map(|part| {
            let around = [false, true].map(|falsy| around(&set, part, falsy));
            let nothing = nothing_of(&set, part);
            let when_there = all(&|exit| match exit.told.get(part) {
                Some(told) if nothing.is_some() && told.nothing == nothing => None,
                Some(told) => Some(told.when_there.clone()),
                None if part == WHOLE && !matches!(nothing.as_deref(), Some("null")) => None,
                None => Some(exit.proofs.clone()),
            });
            let (when_true, when_false) = (when(part, true), when(part, false));
            let beside = [false, true].map(|falsy| beside::of_all(&exits, &set, part, falsy));
            let told = Told { truth: None, when_true, when_false, when_there, nothing, around, beside };
            (part.clone(), told)
        })
        .collect();
    let set_result = either(set.iter().copied().filter(good).map(|exit| &exit.result));
    let any_result = either(exits.iter().filter(good).map(|exit| &exit.result));
    let is_guard = set_result.proofs.any(Proofs::HOLDING) && any_result.carries.keys().eq(set_result.carries.keys());
    let is_off = exits.iter().any(|exit| exit.off && good(&exit));
    let result = match is_guard {
        true if is_off => Shade { proofs: off_unless(set_result.proofs, any_result.proofs), ..set_result },
        true => set_result,
        false => any_result,
    };
    let stands_for = (0..own).flat_map(|at| {
        let origin = origin(at);
        let mark = |name: &Name| name.strip_prefix(origin.as_str()).and_then(exact_mark);
        result.of.iter().filter_map(mark).map(|mark| (at, mark)).collect::<Vec<_>>()
    });
    let stands_for = stands_for.collect();
    let left = kept::either(exits.iter().map(|exit| exit.left.as_slice()));
    let this = activation.this;
    let result = match activation.yielded {
        Some(yielded) => result.or(&collection_of(yielded.unnamed())),
        None => result,
    };
    let panics = activation.panics == (true, false);
    Summary { result, members, returns, returns_well, told, never_returns, this, stands_for, left, panics }
}

/// How nothing is written where a part of the result is nothing.
fn nothing_of(exits: &[&Exit], part: &Name) -> Option<Name> {
    exits.iter().find_map(|exit| exit.told.get(part)?.nothing.clone())
}

/// What is proven where a setting is set, as far as it is proven where it is not by default.
fn off_unless(set: Proofs, unset: Proofs) -> Proofs {
    let both = set & unset;
    if both.any(Proofs::HOLDING) { set } else { both | when_unset(set) }
}

/// What all ways out on which a part of the result is true, or false, prove of names around the function.
fn around(exits: &[&Exit], part: &Name, falsy: bool) -> BTreeMap<Name, Proofs> {
    let told = exits.iter().map(|exit| exit.told.get(part));
    let mut rows = told.filter(|told| told.is_none_or(|told| told.truth != Some(falsy)));
    let of = |told: Option<&Told>| told.map(|told| told.around[usize::from(falsy)].clone()).unwrap_or_default();
    let first = rows.next().map(of).unwrap_or_default();
    rows.fold(first, |joined, told| {
        let row = of(told);
        let both = |(name, proofs): (&Name, &Proofs)| Some((name.clone(), *proofs & *row.get(name)?));
        joined.iter().filter_map(both).filter(|(_, proofs)| !proofs.is_none()).collect()
    })
}
