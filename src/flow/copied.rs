//! Collections that are put together from others, bounded: one that holds the one before twice doubles each time.

use std::rc::Rc;

use ahash::HashSet;

use crate::code::Name;
use crate::flow::fold::TOO_MUCH;
use crate::flow::meaning::{Entry, Item, Meaning};
use crate::flow::{Flow, ValueRef};

/// Most parts of a collection that is put together from others.
const MAX_COPIED: usize = 8_192;
/// Parts of a collection that are copied in one step.
const COPIED_AT_ONCE: usize = 64;
/// Elements that are looked for among those before one by one.
const FEW: usize = 4;
/// What is said of a rest of which nothing is known.
pub(super) const REST: &str = "the rest of something taken apart";

impl Flow<'_> {
    /// `const { a, ...rest } = x`: an object without the members that are named.
    pub(super) fn without(&self, whole: &Meaning, named: &[Name]) -> Meaning {
        let whole = self.force(whole);
        match &whole {
            Meaning::Map(entries) => {
                let is_named = |entry: &&Entry| entry.key.as_ref().is_some_and(|key| named.contains(&key.name));
                let left = entries.iter().filter(|entry| !is_named(entry)).cloned();
                let mut kept = Vec::new();
                self.add_entries(&mut kept, left.collect::<Vec<_>>().into_iter());
                Meaning::Map(kept.into())
            }
            Meaning::Choice(all) => Meaning::any(all.iter().map(|one| self.without(one, named)).collect()),
            Meaning::Each(all) => Meaning::Each(all.iter().map(|one| self.without(one, named)).collect()),
            _ => Meaning::Unknown(REST),
        }
    }

    /// Copies elements into a list, which takes steps; where they are too many, any number of unknown ones stands for them.
    pub(super) fn add_items(&self, into: &mut Vec<Item>, more: impl ExactSizeIterator<Item = Item>) {
        match self.may_copy(into.len(), more.len()) {
            true => add_once(into, more),
            false if into.last().is_some_and(|last| last.is_rest) => {}
            false => into.push(Item { value: TOO_MUCH, optional: true, is_rest: true }),
        }
    }

    /// As [`Flow::add_items`], for the entries of a map.
    pub(super) fn add_entries(&self, into: &mut Vec<Entry>, more: impl ExactSizeIterator<Item = Entry>) {
        match self.may_copy(into.len(), more.len()) {
            true => into.extend(more),
            false if into.last().is_some_and(|last| last.key.is_none()) => {}
            false => into.push(Entry { key: None, value: TOO_MUCH, optional: true }),
        }
    }

    fn may_copy(&self, to: usize, more: usize) -> bool {
        let is_copy = to == 0 || more == 0;
        (is_copy || to + more <= MAX_COPIED) && (more < COPIED_AT_ONCE || self.spend((more / COPIED_AT_ONCE) as u32))
    }
}

/// Adds elements; one that may be missing and is there already, written at the same place, is not added again. Lists that
/// are filtered in several ways and put together would double with every step.
fn add_once(into: &mut Vec<Item>, more: impl ExactSizeIterator<Item = Item>) {
    let before = into.len();
    if more.len() <= FEW {
        into.reserve(more.len());
        for item in more {
            let place = written(&item).filter(|_| item.optional);
            if place.is_none() || !into.iter().take(before).any(|one| written(one) == place) {
                into.push(item);
            }
        }
        return;
    }
    let mut known: Option<HashSet<_>> = None;
    for item in more {
        let place = written(&item).filter(|_| item.optional);
        let mut is_known = |place| {
            let known = known.get_or_insert_with(|| into.iter().take(before).filter_map(written).collect());
            known.contains(&place)
        };
        if !place.is_some_and(&mut is_known) {
            into.push(item);
        }
    }
}

/// Where an element that was not looked at yet is written, and inside what.
fn written(item: &Item) -> Option<(ValueRef, Option<usize>)> {
    match &item.value {
        Meaning::Later(at, frame) => Some((*at, frame.as_ref().map(|level| Rc::as_ptr(level).addr()))),
        _ => None,
    }
}
