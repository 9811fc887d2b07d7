//! What a listing says of its tools, as against which of them it lists: a setting that only changes a schema or a
//! description cuts no tool.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{Block, MapKey, Name, Place, StatementKind, ValueId, ValueKind};
use crate::extract::settings;
use crate::extract::tools::selection::blocks;
use crate::flow::scope::ContextKind;
use crate::flow::{Flow, FunctionRef, In, ValueRef};
use crate::source::Span;

/// Members of a tool that say what it takes and does.
const SAYING: &[&str] = &[
    "inputSchema",
    "input_schema",
    "InputSchema",
    "outputSchema",
    "description",
    "Description",
    "properties",
    "enum",
    "title",
    "annotations",
    "required",
];
/// Names that are followed from one to the next.
const MAX_ROUNDS: u32 = 3;

/// The places of a function that only say something of tools.
pub(super) struct Said(Vec<Span>);

impl Said {
    /// Those of a handler of lists, or of a function that it calls.
    pub(super) fn of(flow: &Flow, function: FunctionRef) -> Self {
        let mut said = Self(members(flow, function));
        let mut assigned = Vec::new();
        assignments(&flow.function(function).body, 0, &mut assigned);
        let uses = if said.0.is_empty() { BTreeMap::new() } else { uses(flow, function) };
        for _ in 0..MAX_ROUNDS {
            let before = said.0.len();
            for (name, value) in &assigned {
                let span = flow.span(In { module: function.module, id: *value });
                if !said.has(span) && said.is_only_for(uses.get(name)) {
                    said.0.push(span);
                }
            }
            if said.0.len() == before {
                break;
            }
        }
        said
    }

    /// Whether a place stands in one of them.
    pub(super) fn has(&self, span: Span) -> bool {
        self.0.iter().any(|one| one.contains(span))
    }

    /// Whether a name is used, and nowhere but there.
    fn is_only_for(&self, uses: Option<&Vec<Span>>) -> bool {
        uses.is_some_and(|uses| uses.iter().all(|span| self.has(*span)))
    }
}

fn members(flow: &Flow, function: FunctionRef) -> Vec<Span> {
    let maps = flow.values_inside(function).into_iter().filter_map(|at| match flow.kind(at) {
        ValueKind::Map(entries) => Some(entries),
        _ => None,
    });
    let named = maps.flatten().filter(|entry| match &entry.key {
        MapKey::Name(name, _) => SAYING.contains(&name.as_str()),
        _ => false,
    });
    named.map(|entry| flow.span(In { module: function.module, id: entry.value })).collect()
}

/// Where a function uses each name.
fn uses<'f>(flow: &'f Flow, function: FunctionRef) -> BTreeMap<&'f Name, Vec<Span>> {
    let mut uses: BTreeMap<&Name, Vec<Span>> = BTreeMap::new();
    for at in flow.values_inside(function) {
        if let ValueKind::Name(name) = flow.kind(at) {
            uses.entry(name).or_default().push(flow.span(at));
        }
    }
    uses
}

fn assignments(block: &Block, depth: u32, into: &mut Vec<(Name, ValueId)>) {
    if depth > 100 {
        return;
    }
    for statement in &block.statements {
        if let StatementKind::Assign(assignment) = &statement.kind
            && let (Some(Place::Name(name, _)), Some(value)) = (assignment.places.first(), assignment.value)
        {
            into.push((name.clone(), value));
        }
        blocks(&statement.kind).into_iter().for_each(|inner| assignments(inner, depth + 1, into));
    }
}

/// Whether an arm of the dispatch itself speaks of a setting: a tool that refuses for itself.
pub(super) fn in_an_arm(flow: &Flow, call: FunctionRef, key: &str) -> bool {
    let scopes = flow.scopes(call.module);
    let stands_in_arm = |at: ValueRef| scopes.around(at.id).any(|context| matches!(context, ContextKind::Arm(..)));
    let mut tested = BTreeSet::new();
    for at in flow.values_inside(call) {
        let is_named = matches!(flow.kind(at), ValueKind::Field { .. } | ValueKind::Name(_) | ValueKind::Call(_));
        if is_named && stands_in_arm(at) && flow.tested(at).is_some() {
            tested.insert(at);
        }
    }
    settings::of(flow, tested).contains_key(key)
}
