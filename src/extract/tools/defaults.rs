//! What is there when nothing is set: the same registrations, with every test on settings decided.
//!
//! Which element of a list is there, and how a name is put together, may hang on a flag many calls away. Instead of
//! carrying tests through every list, the registrations of a server are read once more in a flow that decides them.

use std::collections::BTreeMap;

use crate::extract::tools::draft::{Draft, Drafts};
use crate::extract::tools::read_constructors;
use crate::extract::tools::register::Registrar;
use crate::extract::tools::sdk::Sdks;
use crate::extract::tools::server::{Key, Kinds};
use crate::flow::unset::Unset;
use crate::flow::{Flow, Frame, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::Known;
use crate::model::tool::Tool;
use crate::source::Span;

/// How much more work than everything before may go into it.
const TIMES: u64 = 1;
/// Steps that may go into it in any case.
const LEAST: u64 = 2_000_000;

/// Says of every tool under a condition whether it is there by default, and names tools whose names hang on settings.
pub fn settle(loaded: &Loaded, sdks: &Sdks, live: &[ModuleId], spent: u64, drafts: &mut Drafts) {
    let asked: Vec<Key> = drafts.iter().filter(|(_, draft)| is_open(draft)).map(|(key, _)| *key).collect();
    let mut modules: Vec<ModuleId> =
        asked.iter().filter_map(|key| drafts.get(key)).flat_map(|draft| draft.sites.iter().copied()).collect();
    modules.sort();
    modules.dedup();
    modules.retain(|module| live.binary_search(module).is_ok());
    if asked.is_empty() {
        return;
    }
    let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index())
        .settled_by(unset, spent.saturating_mul(TIMES) + LEAST);
    let by_default = registered(&flow, sdks, &modules, live, drafts);
    for key in asked {
        if let (Some(draft), Some(by_default)) = (drafts.get_mut(&key), by_default.get(&key)) {
            compare(draft, by_default);
        }
    }
}

fn unset(flow: &Flow, test: ValueRef, frame: &Frame) -> Option<bool> {
    Unset::new(flow).holds(test, frame)
}

/// Whether something about a server hangs on what was not decided.
fn is_open(draft: &Draft) -> bool {
    let undecided = |tool: &Tool| !tool.condition.is_absent() && tool.on_by_default.value().is_none();
    draft.tools.iter().any(undecided) || !draft.openings.is_empty()
}

/// What the registrations of these modules come to in another flow.
fn registered(flow: &Flow, sdks: &Sdks, modules: &[ModuleId], live: &[ModuleId], drafts: &Drafts) -> Drafts {
    let kinds = Kinds::new(flow, sdks);
    let registrar = Registrar::new(&kinds, live);
    let empty = |(key, draft): (&Key, &Draft)| (*key, Draft::new(*key, draft.kind, draft.span));
    let mut found: Drafts = drafts.iter().map(empty).collect::<BTreeMap<Key, Draft>>();
    registrar.run(modules, &mut found);
    registrar.implemented(live, &mut found);
    read_constructors(&kinds, &registrar, &mut found);
    found
}

/// Takes over what is known by default.
fn compare(draft: &mut Draft, by_default: &Draft) {
    let is_whole = by_default.openings.len() <= draft.openings.len();
    for tool in &mut draft.tools {
        let Some(condition) = tool.condition.span() else { continue };
        if tool.on_by_default.value().is_some() {
            continue;
        }
        match by_default.tools.iter().find(|other| other.about.name == tool.about.name) {
            Some(other) if other.condition.is_absent() => tool.on_by_default = Known::is(true, condition),
            Some(other) => {
                if let Some(is) = other.on_by_default.value() {
                    tool.on_by_default = Known::is(*is, condition);
                }
            }
            None if is_whole => tool.on_by_default = Known::is(false, condition),
            None => {}
        }
    }
    name_those_left_open(draft, by_default);
}

/// Tools whose names are known only when nothing is set: they are there by default, under these names.
fn name_those_left_open(draft: &mut Draft, by_default: &Draft) {
    let (mut named, mut openings) = (Vec::new(), std::mem::take(&mut draft.openings));
    openings.retain(|opening| {
        let is_there = |tool: &&Tool| tool.places.iter().any(|place| touches(place.span, opening.span));
        let mut found: Vec<&Tool> = by_default.tools.iter().filter(is_there).collect();
        found.retain(|tool| !draft.tools.iter().any(|other| other.about.name == tool.about.name));
        let is_known = !found.is_empty() && !by_default.openings.contains(opening);
        named.extend(found.into_iter().filter(|_| is_known).cloned());
        !is_known
    });
    draft.openings = openings;
    for mut tool in named {
        if tool.condition.is_absent() {
            tool.condition = Known::is("under this name when nothing is set".to_string(), tool.about.span);
            tool.on_by_default = Known::is(true, tool.about.span);
        }
        draft.add(tool);
    }
}

fn touches(one: Span, other: Span) -> bool {
    one.contains(other) || other.contains(one)
}
