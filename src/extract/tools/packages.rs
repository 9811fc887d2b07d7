//! Servers that one package makes for others: whoever hands the tools in has a server of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::ValueId;
use crate::extract::tools::draft::{self, Draft, Drafts};
use crate::extract::tools::package_root;
use crate::extract::tools::server::Key;
use crate::flow::{Flow, FunctionRef, In, ValueRef};
use crate::load::Loaded;
use crate::model::tool::Tool;
use crate::source::Span;

/// Calls that are climbed from a registration to the package that asks for it.
const MAX_CLIMB: usize = 6;
/// Most functions that are looked at for one tool.
const MAX_FUNCTIONS: usize = 200;

/// The drafts, with one for each package where a shared one serves several.
pub fn split(loaded: &Loaded, flow: &Flow, drafts: Drafts) -> Vec<Draft> {
    drafts.into_values().flat_map(|draft| of_packages(loaded, flow, draft)).collect()
}

/// Packages by root, each with a place in it.
type Packages = BTreeMap<String, Span>;

fn of_packages(loaded: &Loaded, flow: &Flow, draft: Draft) -> Vec<Draft> {
    let own = package_root(loaded, draft.span);
    let is_foreign = |tool: &Tool| package_root(loaded, written(tool)) != own;
    if !matches!(draft.key, Key::Made(_)) || !draft.tools.iter().any(is_foreign) {
        return vec![draft];
    }
    let mut homes: BTreeMap<&str, Packages> = BTreeMap::new();
    for tool in &draft.tools {
        // Who writes the name hands the tool in; a name that the shared package writes itself is handed in by who asks.
        let found = match is_foreign(tool) {
            true => Packages::from([(package_root(loaded, written(tool)), written(tool))]),
            false => climbed(loaded, flow, written(tool), &own),
        };
        homes.insert(&tool.about.name, found);
    }
    let all: BTreeMap<String, Span> = homes.values().flatten().map(|(root, span)| (root.clone(), *span)).collect();
    let mut made: Vec<Draft> = Vec::new();
    for (root, span) in &all {
        let mut one = Draft { span: *span, ..draft.clone() };
        one.tools.retain(|tool| homes.get(tool.about.name.as_str()).is_some_and(|homes| homes.contains_key(root)));
        made.push(one);
    }
    let mut rest = draft.clone();
    rest.tools.retain(|tool| homes.get(tool.about.name.as_str()).is_none_or(BTreeMap::is_empty));
    if !rest.tools.is_empty() {
        made.push(rest);
    }
    made
}

/// The packages of places, other than the server's own.
fn foreign(loaded: &Loaded, flow: &Flow, places: impl Iterator<Item = ValueRef>, own: &str) -> Packages {
    let mut found = Packages::new();
    for place in places {
        let span = flow.span(place);
        let root = package_root(loaded, span);
        if root != own {
            found.entry(root).or_insert(span);
        }
    }
    found
}

/// The packages whose code calls what calls, in the end, the function that writes this place.
fn climbed(loaded: &Loaded, flow: &Flow, written: Span, own: &str) -> Packages {
    let mut found = Packages::new();
    let mut seen: BTreeSet<FunctionRef> = BTreeSet::new();
    let mut level: Vec<FunctionRef> = writer(flow, written).into_iter().collect();
    for _ in 0..MAX_CLIMB {
        let mut next = Vec::new();
        for function in level {
            if !seen.insert(function) || seen.len() > MAX_FUNCTIONS {
                continue;
            }
            let calls: Vec<ValueRef> =
                flow.calls_of(function).iter().copied().chain(flow.passed_to(function)).collect();
            let outer = foreign(loaded, flow, calls.iter().copied(), own);
            next.extend(
                calls
                    .iter()
                    .filter(|call| package_root(loaded, flow.span(**call)) == own)
                    .map(|call| flow.owner(*call)),
            );
            found.extend(outer);
        }
        level = next;
    }
    found
}

/// Where the name of a tool is written.
fn written(tool: &Tool) -> Span {
    let named = tool.places.iter().find(|place| place.value == draft::NAMED);
    named.map_or(tool.about.span, |place| place.span)
}

/// The function in which a place is written.
fn writer(flow: &Flow, written: Span) -> Option<FunctionRef> {
    let module = *flow.program.by_source.get(&written.source)?;
    let values = &flow.program.module(module).values;
    let at = values.iter().position(|value| value.span == written)?;
    Some(flow.owner(In { module, id: ValueId(at as u32) }))
}
