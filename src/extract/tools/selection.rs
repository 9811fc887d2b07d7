//! Lists of tools that settings cut down, and whether the handler of calls holds to the same settings.
//!
//! Only a test that stands before the dispatch and whose failing leaves counts; a test of something else, or after the
//! tool has run, does not.

use std::collections::BTreeSet;

use crate::code::{Block, StatementKind, ValueId, ValueKind};
use crate::extract::settings::{self, Found};
use crate::extract::tools::agreed::{self, Agreement};
use crate::extract::tools::described::{Said, deciding_tests, in_an_arm};
use crate::extract::tools::draft::{self, Draft};
use crate::flow::meaning::{Within, push, value_in};
use crate::flow::{Flow, Frame, FunctionRef, In, Meaning, ValueRef};
use crate::model::policy::Selection;
use crate::model::{About, Known, Note, Spanned};
use crate::source::Span;

/// Functions that are looked into from a handler, at most one after the other.
const MAX_WAY: u32 = 3;
/// Methods and functions that keep some elements of a collection.
const KEEPING: &[&str] = &["filter", "retain", "DeleteFunc", "compress", "filterfalse", "reject", "partition"];

/// What cuts the list of a server's tools down, if settings do.
pub fn of_draft(flow: &Flow, draft: &Draft) -> Option<Selection> {
    let (list, call) = (draft.list_handler?, draft.call_handler?);
    let mut tests = Vec::new();
    choosing(flow, list, MAX_WAY, &mut BTreeSet::new(), &mut tests);
    let listed = settings::of(flow, tests.iter().copied());
    let place = flow.span(*tests.iter().find(|test| !settings::of(flow, [**test]).is_empty())?);
    let mut before = Refusals { flow, draft, tests: Vec::new(), seen: BTreeSet::new() };
    before.function(call, &draft::frame_of(flow, &draft.call_made_by), true, MAX_WAY);
    let held = settings::of(flow, before.tests.iter().copied());
    let (dispatch, refusing) = (flow.function(call).span, before.tests);
    let enforced = enforced(flow, draft, call, (&listed, &held));
    let enforced = agreeing(flow, draft, (list, call), &listed, enforced);
    let mut notes = vec![Note::new(place, "here settings decide which tools are listed")];
    let held_at =
        refusing.into_iter().find(|test| settings::of(flow, [*test]).keys().any(|key| listed.contains_key(key)));
    notes.push(match held_at {
        Some(test) => Note::new(flow.span(test), "here a call is refused by them"),
        None => Note::new(first_line(flow, dispatch), "here calls are dispatched without them"),
    });
    let settings = listed.into_values().map(|one| Spanned::new(one.shown, one.span)).collect();
    Some(Selection { about: About::new("tools/list", place), settings, enforced, notes })
}

/// A test of the same settings counts as long as it refuses what the list leaves out.
fn agreeing(
    flow: &Flow,
    draft: &Draft,
    (list, call): (FunctionRef, FunctionRef),
    listed: &Found,
    held: Known<bool>,
) -> Known<bool> {
    let place = first_line(flow, flow.function(call).span);
    match (agreed::of_draft(flow, draft, (list, call), listed), held.value()) {
        (Agreement::Proven, _) => Known::is(true, place),
        (Agreement::Depends, Some(true)) => {
            Known::unknown("depends on more than the settings that cut the list down", place)
        }
        (Agreement::Broken, Some(true)) => Known::is(false, place),
        (Agreement::Idle, Some(true)) => {
            Known::unknown("cannot be told: the list leaves nothing out, however they stand", place)
        }
        _ => held,
    }
}

fn enforced(flow: &Flow, draft: &Draft, call: FunctionRef, (listed, held): (&Found, &Found)) -> Known<bool> {
    let place = first_line(flow, flow.function(call).span);
    let unheld = listed.iter().find(|(key, _)| !held.contains_key(*key));
    let Some((_, one)) = unheld else { return Known::is(true, place) };
    if held.keys().any(|key| listed.contains_key(key)) {
        return Known::unknown(format!("is known of some settings only, not of `{}`", one.shown), place);
    }
    if held.values().any(|one| !one.is_variable) && listed.values().any(|one| !one.is_variable) {
        return Known::unknown("depends on a test of something that may be the same setting", place);
    }
    if listed.keys().any(|key| !held.contains_key(key) && in_an_arm(flow, call, key)) {
        return Known::unknown("depends on the tools that refuse for themselves", place);
    }
    let further = settings::of_function(flow, call);
    let is_own = |span: Span| flow.function(call).span.contains(span);
    if further
        .iter()
        .any(|(key, one)| listed.contains_key(key) && !is_own(one.span) && !is_tested_late(flow, call, key))
    {
        return Known::unknown("depends on functions further in, which speak of the same settings", place);
    }
    match draft.is_dispatch_open && draft.arms.is_empty() {
        true => Known::unknown("depends on how calls are dispatched, which is not known", place),
        false => Known::is(false, place),
    }
}

/// Whether a handler itself tests a setting, which is then too late or of no consequence.
fn is_tested_late(flow: &Flow, call: FunctionRef, key: &str) -> bool {
    let mut tests = Vec::new();
    all_tests(&flow.function(call).body, 0, &mut tests);
    tests.into_iter().any(|test| settings::of(flow, [value_in(call.module, test)]).contains_key(key))
}

pub(super) fn all_tests(block: &Block, depth: u32, into: &mut Vec<ValueId>) {
    if depth > 100 {
        return;
    }
    for statement in &block.statements {
        if let StatementKind::If { test, .. } = &statement.kind {
            into.push(*test);
        }
        for inner in blocks(&statement.kind) {
            all_tests(inner, depth + 1, into);
        }
    }
}

/// The blocks directly inside a statement, those of handlers and arms aside.
pub(super) fn blocks(kind: &StatementKind) -> Vec<&Block> {
    match kind {
        StatementKind::If { then, otherwise, .. } => vec![then, otherwise],
        StatementKind::Loop { body, otherwise, .. } => vec![body, otherwise],
        StatementKind::Try(attempt) => vec![&attempt.body, &attempt.otherwise],
        StatementKind::With { body, .. } | StatementKind::Block(body) => vec![body],
        _ => Vec::new(),
    }
}

/// What decides, in a handler of lists and in what it calls for its list, which tools are shown.
pub(super) fn choosing(
    flow: &Flow,
    function: FunctionRef,
    way: u32,
    seen: &mut BTreeSet<FunctionRef>,
    into: &mut Vec<ValueRef>,
) {
    if way == 0 || !seen.insert(function) {
        return;
    }
    let said = Said::of(flow, function);
    for at in flow.values_inside(function) {
        if said.has(flow.span(at)) {
            continue;
        }
        let of = |id: &ValueId| value_in(at.module, *id);
        match flow.kind(at) {
            ValueKind::Call(call) if keeps(flow, of(&call.callee)) => {
                into.extend(call.arguments.iter().map(|argument| of(&argument.value)));
            }
            ValueKind::Comprehension(code) => {
                into.extend(code.clauses.iter().flat_map(|clause| &clause.conditions).map(of));
            }
            ValueKind::Choice { test, .. } => into.push(of(test)),
            _ => {}
        }
    }
    let mut tests = Vec::new();
    deciding_tests(flow, function.module, &flow.function(function).body, 0, &mut tests);
    into.extend(tests.into_iter().map(|test| value_in(function.module, test)));
    let mut given = Vec::new();
    results(&flow.function(function).body, 0, &mut given);
    let chooses = |value: &ValueId| !said.has(flow.span(value_in(function.module, *value)));
    for value in given.into_iter().filter(chooses) {
        for (callee, _) in called(flow, value_in(function.module, value), &None, 6) {
            choosing(flow, callee, way - 1, seen, into);
        }
    }
}

fn keeps(flow: &Flow, callee: ValueRef) -> bool {
    matches!(flow.kind(callee), ValueKind::Field { name, .. } | ValueKind::Name(name) if KEEPING.contains(&name.as_str()))
}

/// What a block gives back or keeps in names.
fn results(block: &Block, depth: u32, into: &mut Vec<ValueId>) {
    if depth > 100 {
        return;
    }
    into.extend(block.tail);
    for statement in &block.statements {
        match &statement.kind {
            StatementKind::Return(Some(value)) => into.push(*value),
            StatementKind::Assign(assignment) => into.extend(assignment.value),
            _ => {}
        }
        for inner in blocks(&statement.kind) {
            results(inner, depth + 1, into);
        }
    }
}

/// Functions of the tree that an expression calls or hands on, each with what surrounds it then.
fn called(flow: &Flow, value: ValueRef, frame: &Frame, depth: u32) -> Vec<(FunctionRef, Frame)> {
    let mut found = Vec::new();
    if depth == 0 {
        return found;
    }
    match flow.kind(value) {
        ValueKind::Call(call) => {
            let callee = value_in(value.module, call.callee);
            let (meaning, arguments) =
                flow.asking_within(4_000, || (flow.meaning(callee, frame), flow.passed(value, frame))).0;
            if let Meaning::Function(function, captured, this) = meaning {
                let entry = Within::Call { function, arguments, this, at: Some(value) };
                found.push((function, push(&captured, entry)));
            }
        }
        ValueKind::Function(function) => found.push((In { module: value.module, id: *function }, frame.clone())),
        _ => {}
    }
    let mut children = Vec::new();
    crate::code::walk::children(flow.kind(value), &mut |child| children.push(child));
    found.extend(children.into_iter().flat_map(|child| called(flow, value_in(value.module, child), frame, depth - 1)));
    found
}

/// Tests before the dispatch whose failing, or holding, leaves.
struct Refusals<'f, 'a> {
    flow: &'f Flow<'a>,
    draft: &'f Draft,
    tests: Vec<ValueRef>,
    seen: BTreeSet<FunctionRef>,
}

/// How a statement is reached: in which function and frame, and how far its results go.
#[derive(Clone)]
struct Reached {
    function: FunctionRef,
    frame: Frame,
    /// Whether what it gives back is what the call gives back.
    is_tail: bool,
    /// First byte of the dispatch.
    end: u32,
    way: u32,
}

impl Refusals<'_, '_> {
    /// A function that a call goes through. What only returns from one whose result is not given back lets the call go on.
    fn function(&mut self, function: FunctionRef, frame: &Frame, is_tail: bool, way: u32) {
        if way == 0 || !self.seen.insert(function) {
            return;
        }
        let code = self.flow.function(function);
        let dispatch = self.draft.arms.iter().map(|(arm, _)| arm.span).filter(|span| code.span.contains(*span));
        let end = dispatch.map(|span| span.start).min().unwrap_or(code.span.end);
        let reached = Reached { function, frame: frame.clone(), is_tail, end, way };
        self.block(&code.body, &reached);
        if let Some(tail) = code.body.tail {
            self.value(tail, &reached);
        }
    }

    fn block(&mut self, block: &Block, reached: &Reached) {
        let inner = Reached { is_tail: false, ..reached.clone() };
        for statement in block.statements.iter().take_while(|statement| statement.span.start <= reached.end) {
            match &statement.kind {
                StatementKind::If { test, then, otherwise }
                    if leaves(then, reached.is_tail) || leaves(otherwise, reached.is_tail) =>
                {
                    self.tests.push(value_in(reached.function.module, *test));
                }
                StatementKind::Evaluate(value) => self.value(*value, &inner),
                StatementKind::Assign(assignment) => {
                    assignment.value.into_iter().for_each(|value| self.value(value, &inner));
                }
                StatementKind::Return(Some(value)) => self.value(*value, reached),
                StatementKind::Assert(test) => self.tests.push(value_in(reached.function.module, *test)),
                _ => {}
            }
            blocks(&statement.kind).into_iter().for_each(|block| self.block(block, reached));
        }
    }

    fn value(&mut self, value: ValueId, reached: &Reached) {
        let value = value_in(reached.function.module, value);
        match self.flow.kind(value) {
            ValueKind::Choice { test, .. } if reached.is_tail => self.tests.push(value_in(value.module, *test)),
            ValueKind::Propagate(inner) => self.tests.push(value_in(value.module, *inner)),
            _ => {}
        }
        let wraps = self.wraps(value);
        for (callee, frame) in called(self.flow, value, &reached.frame, 6) {
            self.function(callee, &frame, reached.is_tail || wraps, reached.way - 1);
        }
    }

    /// Whether an expression calls what its function was given: a handler that is wrapped.
    fn wraps(&self, value: ValueRef) -> bool {
        let inner = match self.flow.kind(value) {
            ValueKind::Await(inner) => value_in(value.module, *inner),
            _ => value,
        };
        let ValueKind::Call(call) = self.flow.kind(inner) else { return false };
        let callee = value_in(value.module, call.callee);
        matches!(self.flow.asking_within(500, || self.flow.meaning(callee, &None)).0, Meaning::Parameter(..))
    }
}

/// Whether a branch ends by leaving: by an error, or by giving something back where that is what is given back at last.
fn leaves(block: &Block, is_tail: bool) -> bool {
    block.statements.last().is_some_and(|last| match &last.kind {
        StatementKind::Raise(_) => true,
        StatementKind::Return(_) => is_tail,
        StatementKind::Block(inner) => leaves(inner, is_tail),
        _ => false,
    })
}

/// The beginning of a place, so that not all of a function is shown.
fn first_line(flow: &Flow, span: Span) -> Span {
    let text = flow.sources.slice(span);
    let end = text.find('\n').unwrap_or(text.len());
    Span::new(span.source, span.start as usize, span.start as usize + end)
}
