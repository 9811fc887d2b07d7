//! One file under `rules/effects/`, as it is written, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Effect, Fill, Guard, Keeper, Redirects, Source, Statements, Type, ValueOf, root};
use crate::flow::proof;

/// What a file under `rules/effects/` says of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) language: String,
    #[serde(default)]
    pub(super) effects: Vec<Effect>,
    #[serde(default)]
    pub(super) types: Vec<Type>,
    #[serde(default)]
    pub(super) values: Vec<ValueOf>,
    #[serde(default)]
    pub(super) guards: Vec<Guard>,
    #[serde(default)]
    pub(super) several_statements: Vec<Statements>,
    #[serde(default)]
    pub(super) requests: Vec<Source>,
    #[serde(default)]
    pub(super) keeps: Vec<Keeper>,
    #[serde(default)]
    pub(super) fills: Vec<Fill>,
    #[serde(default)]
    pub(super) prints: Vec<String>,
    #[serde(default)]
    pub(super) answers: Vec<String>,
    #[serde(default)]
    pub(super) plain_errors: Vec<String>,
    #[serde(default)]
    pub(super) alters: Vec<String>,
    #[serde(default)]
    pub(super) gives_back: BTreeMap<String, usize>,
    #[serde(default)]
    pub(super) gives_one_of: BTreeMap<String, usize>,
    #[serde(default)]
    pub(super) redirects: Vec<Redirects>,
    #[serde(default)]
    pub(super) clean: Vec<String>,
    #[serde(default)]
    pub(super) inside: BTreeMap<String, usize>,
    #[serde(default)]
    pub(super) exits: Vec<String>,
    #[serde(default)]
    pub(super) stands_for_first: Vec<String>,
    #[serde(default)]
    pub(super) known: Vec<String>,
    #[serde(default)]
    pub(super) known_by_call: bool,
    #[serde(default)]
    pub(super) holds_own: Vec<String>,
    #[serde(default)]
    pub(super) services: Vec<String>,
    #[serde(default)]
    pub(super) of_data: Vec<String>,
}

impl File {
    /// The packages that its entries speak of.
    pub(super) fn roots(&self) -> BTreeSet<String> {
        let effects = self.effects.iter().flat_map(|effect| &effect.calls);
        let types = self.types.iter().flat_map(|made| made.calls.iter().chain([&made.makes]));
        let values = self.values.iter().flat_map(|value| &value.calls);
        let guards = self.guards.iter().flat_map(|guard| &guard.calls);
        let plain =
            self.clean.iter().chain(&self.exits).chain(&self.stands_for_first).chain(&self.known).chain(&self.services);
        let all = effects.chain(types).chain(values).chain(guards).chain(plain);
        all.map(|call| root(call).to_string()).collect()
    }

    /// What the types do not forbid.
    pub(super) fn mistakes(&self) -> impl Iterator<Item = String> {
        let of_values = self.values.iter().flat_map(|value| value.proves.iter().chain(&value.loses));
        let of_guards = self.guards.iter().flat_map(|one| one.proves.iter().chain(&one.needs).chain(&one.otherwise));
        let unknown = of_values.chain(of_guards).filter(|proof| !proof::is_known(proof));
        let unknown = unknown.map(|proof| format!("`{proof}` is no proof, see src/flow/proof.rs"));
        let whens =
            self.guards.iter().filter(|guard| !matches!(guard.when.as_str(), "true" | "false" | "returns" | "equal"));
        let whens = whens
            .map(|guard| format!("`when: {}` of {:?} is not true, false, returns or equal", guard.when, guard.calls));
        let empty = self.effects.iter().filter(|effect| effect.calls.is_empty() && effect.methods.is_empty());
        let empty = empty.map(|effect| format!("an effect of kind {} names no calls", effect.kind.id()));
        let types = twice(self.types.iter().flat_map(|made| &made.calls));
        let values = twice(self.values.iter().flat_map(|value| &value.calls));
        let twice = types.chain(values).map(|call| format!("`{call}` stands twice, and the later one would win"));
        unknown.chain(whens).chain(empty).chain(twice)
    }
}

/// Names that come again.
fn twice<'a>(names: impl Iterator<Item = &'a String>) -> impl Iterator<Item = &'a String> {
    let mut seen = BTreeSet::new();
    names.filter(move |name| !seen.insert(*name))
}
