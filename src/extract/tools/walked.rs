//! Functions that the name of the called tool was handed on to before: what is found in one that is given the same is the
//! same, however many ways lead there.

use std::collections::BTreeMap;

use crate::code::Name;
use crate::flow::meaning::Passed;
use crate::flow::{Flow, FunctionRef, Meaning};

/// Most ways of calling one function that are told apart.
const MAX_WAYS: usize = 4;

/// What one argument is.
type Given = (Option<Name>, bool, Meaning);

/// What a function was given, and whether any arm was found.
type Way = (Vec<Given>, bool);

/// By function and how far the name may be handed on from there.
#[derive(Default)]
pub(super) struct Walked(BTreeMap<(FunctionRef, u32), Vec<Way>>);

impl Walked {
    /// What a call gives, each argument as far as it is known.
    pub(super) fn given(flow: &Flow, passed: &[Passed]) -> Vec<Given> {
        let one = |argument: &Passed| {
            (argument.name.clone(), argument.is_rest, flow.asking(|| flow.force(&argument.value)).0)
        };
        passed.iter().map(one).collect()
    }

    /// Whether any arm was found where a function was given the same.
    pub(super) fn found_any(&self, flow: &Flow, key: (FunctionRef, u32), given: &[Given]) -> Option<bool> {
        let is_one = |one: &Given, other: &Given| {
            one.0 == other.0 && one.1 == other.1 && flow.is_alike(&one.2, &other.2, &|_, _| false)
        };
        let is_same = |known: &&Way| {
            known.0.len() == given.len() && known.0.iter().zip(given).all(|(one, other)| is_one(one, other))
        };
        self.0.get(&key)?.iter().find(is_same).map(|known| known.1)
    }

    /// Keeps whether any was found.
    pub(super) fn keep(&mut self, key: (FunctionRef, u32), given: Vec<Given>, found_any: bool) {
        let ways = self.0.entry(key).or_default();
        if ways.len() < MAX_WAYS {
            ways.push((given, found_any));
        }
    }
}
