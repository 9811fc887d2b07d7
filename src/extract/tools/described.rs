//! What a listing says of its tools, as against which of them it lists: a setting that only changes a schema or a
//! description cuts no tool.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{Block, LoopHead, MapKey, Name, Place, StatementKind, ValueId, ValueKind};
use crate::extract::settings;
use crate::extract::tools::selection::blocks;
use crate::flow::meaning::value_in;
use crate::flow::scope::ContextKind;
use crate::flow::{Flow, FunctionRef, In, ModuleId, ValueRef};
use crate::source::Span;

/// Members of a tool that say what it takes and does.
const SAYING: &[&str] = &[
    "inputSchema",
    "input_schema",
    "InputSchema",
    "outputSchema",
    "output_schema",
    "OutputSchema",
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

/// The tests of a block, those aside by which nothing hangs but what is said of tools: `tool.outputSchema = undefined`.
pub(super) fn deciding_tests(flow: &Flow, module: ModuleId, block: &Block, depth: u32, into: &mut Vec<ValueId>) {
    if depth > 100 {
        return;
    }
    for statement in &block.statements {
        if let StatementKind::If { test, then, otherwise } = &statement.kind {
            if only_says(flow, module, then, depth) && only_says(flow, module, otherwise, depth) {
                continue;
            }
            into.push(*test);
        }
        for inner in blocks(&statement.kind) {
            deciding_tests(flow, module, inner, depth + 1, into);
        }
    }
}

/// Whether a block only gives members of tools that describe them another value, which nothing is called for.
fn only_says(flow: &Flow, module: ModuleId, block: &Block, depth: u32) -> bool {
    block.tail.is_none()
        && depth <= 100
        && block.statements.iter().all(|statement| match &statement.kind {
            StatementKind::Assign(assignment) => {
                assignment.value.is_none_or(|value| calls_nothing(flow, value_in(module, value), 8))
                    && assignment.places.iter().all(|place| is_saying(flow, module, place))
            }
            StatementKind::If { test, .. } if !calls_nothing(flow, value_in(module, *test), 8) => false,
            StatementKind::Loop { head: LoopHead::Each(_, over), .. }
                if !goes_through(flow, value_in(module, *over)) =>
            {
                false
            }
            kind @ (StatementKind::If { .. }
            | StatementKind::Loop { head: LoopHead::Each(..), .. }
            | StatementKind::Block(_)) => {
                blocks(kind).into_iter().all(|inner| only_says(flow, module, inner, depth + 1))
            }
            _ => false,
        })
}

fn is_saying(flow: &Flow, module: ModuleId, place: &Place) -> bool {
    let Place::Value(target) = place else { return false };
    matches!(flow.kind(value_in(module, *target)), ValueKind::Field { name, .. } if SAYING.contains(&name.as_str()))
}

/// Whether a loop goes through what is there: `for tool in tools.iter_mut()`.
fn goes_through(flow: &Flow, over: ValueRef) -> bool {
    let ValueKind::Call(call) = flow.kind(over) else { return calls_nothing(flow, over, 8) };
    let callee = value_in(over.module, call.callee);
    call.arguments.is_empty()
        && matches!(flow.kind(callee), ValueKind::Field { base, name }
            if matches!(name.as_str(), "iter" | "iter_mut" | "values")
                && calls_nothing(flow, value_in(over.module, *base), 8))
}

fn calls_nothing(flow: &Flow, value: ValueRef, depth: u32) -> bool {
    let kind = flow.kind(value);
    let mut children = Vec::new();
    crate::code::walk::children(kind, &mut |child| children.push(child));
    depth > 0
        && !matches!(kind, ValueKind::Call(_) | ValueKind::Function(_))
        && children.into_iter().all(|child| calls_nothing(flow, value_in(value.module, child), depth - 1))
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
