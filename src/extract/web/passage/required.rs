//! Whether something stops, or refuses, where a credential is not set or not brought along, before the two are compared.

use crate::code::{Block, Name, Operator, StatementKind, ValueId, ValueKind};
use crate::extract::requests;
use crate::extract::web::guard::is_within;
use crate::extract::web::passage::given::equality;
use crate::extract::web::passage::proof::is_joint;
use crate::extract::web::passage::{Asking, Sure};
use crate::flow::meaning::{function_in, value_in};
use crate::flow::{FunctionRef, ModuleId, ValueRef};

/// Deepest nesting of blocks and tests.
const MAX_DEPTH: u32 = 24;
/// Most modules that are looked through.
const MAX_MODULES: usize = 400;

/// What must be set, by its names, and what a caller brings along.
struct Wanted {
    names: Vec<Name>,
    at: ValueRef,
    function: FunctionRef,
}

impl Asking<'_, '_, '_> {
    /// How sure it is that a place is not reached while a credential is blank on both sides.
    pub(super) fn asked_before(&self, at: ValueRef, (given, own): (ValueRef, ValueRef), names: Vec<Name>) -> Sure {
        let flow = self.passage.flow;
        let mut names = names;
        names.retain(|name| !matches!(name.as_str(), "env" | "process" | "os" | "headers" | "self" | "this"));
        for value in [given, own] {
            if let ValueKind::Name(name) = flow.kind(value) {
                names.push(name.clone());
            }
            names.extend(self.cut_from(value));
        }
        let wanted = Wanted { names, at, function: flow.owner(at) };
        if flow
            .tests(at)
            .iter()
            .any(|(test, side)| side.is_some_and(|side| self.is_set(*test, side, &wanted, MAX_DEPTH)))
            || self.is_joined(&wanted)
        {
            return Sure::Yes;
        }
        let modules = flow.program.modules.iter().enumerate().take(MAX_MODULES);
        let mut found = Sure::No;
        for (number, module) in modules {
            let id = ModuleId(number as u32);
            for function in 0..module.functions.len() {
                let function = function_in(id, crate::code::FunctionId(function as u32));
                found = found.max(self.block_asks(function, &flow.function(function).body, &wanted, MAX_DEPTH));
                if found == Sure::Yes {
                    return found;
                }
            }
        }
        found
    }

    /// What a value is cut from: `header.slice(7)`.
    fn cut_from(&self, value: ValueRef) -> Option<Name> {
        let flow = self.passage.flow;
        let own = flow.defined_as(value).unwrap_or(value);
        let base = match flow.kind(own) {
            ValueKind::Call(call) => match flow.kind(value_in(own.module, call.callee)) {
                ValueKind::Field { base, .. } => *base,
                _ => call.arguments.first()?.value,
            },
            ValueKind::Index { base, .. } => *base,
            _ => return None,
        };
        match flow.kind(value_in(own.module, base)) {
            ValueKind::Name(name) => Some(name.clone()),
            _ => None,
        }
    }

    /// `!TOKEN || given !== TOKEN`
    fn is_joined(&self, wanted: &Wanted) -> bool {
        let flow = self.passage.flow;
        let span = flow.span(wanted.at);
        let code = flow.program.module(wanted.at.module);
        (0..code.values.len()).map(|at| value_in(wanted.at.module, ValueId(at as u32))).any(|value| {
            let ValueKind::Binary { operator, left, right } = flow.kind(value) else { return false };
            is_joint(*operator)
                && flow.span(value).contains(span)
                && [left, right].into_iter().map(|id| value_in(value.module, *id)).any(|one| {
                    !flow.span(one).contains(span) && self.is_set(one, *operator == Operator::And, wanted, MAX_DEPTH)
                })
        })
    }

    fn block_asks(&self, function: FunctionRef, block: &Block, wanted: &Wanted, depth: u32) -> Sure {
        let Some(depth) = depth.checked_sub(1) else { return Sure::Maybe };
        let inner = |block: &Block| self.block_asks(function, block, wanted, depth);
        let of = |id: ValueId| value_in(function.module, id);
        let mut found = Sure::No;
        for statement in &block.statements {
            let here = match &statement.kind {
                StatementKind::If { test, then, otherwise } => {
                    let is = |side| self.is_set(of(*test), side, wanted, MAX_DEPTH);
                    let asked = match (is(false), is(true)) {
                        (true, _) => self.stops(function, then, wanted),
                        (_, true) => self.stops(function, otherwise, wanted),
                        _ => Sure::No,
                    };
                    asked.max(inner(then)).max(inner(otherwise))
                }
                StatementKind::Assert(test) if self.is_set(of(*test), true, wanted, MAX_DEPTH) => Sure::Yes,
                StatementKind::Loop { body, .. } | StatementKind::With { body, .. } | StatementKind::Block(body) => {
                    inner(body)
                }
                StatementKind::Try(attempt) => inner(&attempt.body),
                _ => Sure::No,
            };
            found = found.max(here);
        }
        found
    }

    /// Whether a block ends where nothing goes on: it raises, ends the program, or leaves the function that compares.
    fn stops(&self, function: FunctionRef, block: &Block, wanted: &Wanted) -> Sure {
        let flow = self.passage.flow;
        let Some(last) = block.statements.last() else { return Sure::Maybe };
        let is_own = is_within(flow, wanted.function, function) && function.id != crate::code::MODULE_BODY;
        let is_before = !is_own || function != wanted.function || last.span.end <= flow.span(wanted.at).start;
        let is_exit = |value: ValueId| flow.ends_program(value_in(function.module, value));
        match &last.kind {
            StatementKind::Raise(_) if is_before => Sure::Yes,
            StatementKind::Return(_) if is_own && is_before => Sure::Yes,
            StatementKind::Return(Some(_)) if is_before => Sure::Yes,
            StatementKind::Evaluate(value) if is_exit(*value) => Sure::Yes,
            _ if block.tail.is_some_and(is_exit) => Sure::Yes,
            // What is set there, or only said, is not known.
            _ => Sure::Maybe,
        }
    }

    /// Whether a test that comes out one way says that one of the two is there.
    fn is_set(&self, test: ValueRef, side: bool, wanted: &Wanted, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let flow = self.passage.flow;
        let inner = |id: ValueId, side: bool| self.is_set(value_in(test.module, id), side, wanted, depth);
        match flow.kind(test) {
            ValueKind::Not(value) => inner(*value, !side),
            ValueKind::Unary(value) | ValueKind::Await(value) => inner(*value, side),
            ValueKind::Binary { operator, left, right } if is_joint(*operator) => {
                match (*operator == Operator::And) == side {
                    true => inner(*left, side) || inner(*right, side),
                    false => inner(*left, side) && inner(*right, side),
                }
            }
            ValueKind::Binary { operator, left, right } => {
                let (left, right) = (value_in(test.module, *left), value_in(test.module, *right));
                let is_blank = |at: ValueRef| self.is_nothing(at) || matches!(flow.kind(at), ValueKind::Int(0));
                match (equality(*operator), operator) {
                    (Some(is_equal), _) if is_blank(right) => is_equal != side && self.is_wanted_one(left, wanted),
                    (Some(is_equal), _) if is_blank(left) => is_equal != side && self.is_wanted_one(right, wanted),
                    (Some(is_equal), _) => {
                        is_equal == side
                            && is_kind(flow.sources.slice(flow.span(left)))
                            && self.is_wanted_one(left, wanted)
                    }
                    (None, Operator::Less | Operator::LessEqual) => !side && self.is_wanted_one(left, wanted),
                    (None, Operator::Greater | Operator::GreaterEqual) => side && self.is_wanted_one(left, wanted),
                    _ => false,
                }
            }
            ValueKind::Matches { value, .. } => side && self.is_wanted_one(value_in(test.module, *value), wanted),
            ValueKind::Call(call) => {
                let first = call.arguments.first().map(|one| value_in(test.module, one.value));
                let (base, name) = match flow.kind(value_in(test.module, call.callee)) {
                    ValueKind::Field { base, name } => (Some(value_in(test.module, *base)), name.as_str()),
                    ValueKind::Name(name) => (None, name.as_str()),
                    _ => return false,
                };
                let is_about = |at: Option<ValueRef>| at.is_some_and(|at| self.is_wanted_one(at, wanted));
                match name {
                    "is_empty" | "isEmpty" | "is_none" | "is_err" => !side && is_about(base),
                    "is_some" | "is_ok" | "startsWith" | "startswith" | "starts_with" | "trim" | "strip" => {
                        side && is_about(base)
                    }
                    "HasPrefix" | "isinstance" | "Boolean" | "bool" | "len" => side && is_about(first),
                    _ => side && self.is_wanted_one(test, wanted),
                }
            }
            _ => side && self.is_wanted_one(test, wanted),
        }
    }

    /// Whether a value is the credential, by one of its names, or how long it is.
    fn is_wanted_one(&self, value: ValueRef, wanted: &Wanted) -> bool {
        let flow = self.passage.flow;
        let is_called = |name: &Name| wanted.names.contains(name);
        if requests::credential_variable(flow, value).is_some_and(|name| is_called(&name)) {
            return true;
        }
        match flow.kind(value) {
            ValueKind::Name(name) => is_called(name),
            ValueKind::Field { base, name } => {
                is_called(name)
                    || matches!(name.as_str(), "length" | "size")
                        && self.is_wanted_one(value_in(value.module, *base), wanted)
            }
            ValueKind::Unary(inner) => self.is_wanted_one(value_in(value.module, *inner), wanted),
            ValueKind::Call(call) => {
                let first = call.arguments.first().map(|one| value_in(value.module, one.value));
                match flow.kind(value_in(value.module, call.callee)) {
                    ValueKind::Name(name) if matches!(name.as_str(), "len" | "type" | "typeof") => {
                        first.is_some_and(|first| self.is_wanted_one(first, wanted))
                    }
                    ValueKind::Field { base, name } if matches!(name.as_str(), "trim" | "strip" | "len") => {
                        self.is_wanted_one(value_in(value.module, *base), wanted)
                    }
                    ValueKind::Field { name, .. } if name == "TrimSpace" => {
                        first.is_some_and(|first| self.is_wanted_one(first, wanted))
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

/// `typeof token === "string"`
fn is_kind(text: &str) -> bool {
    text.starts_with("typeof ") || text.starts_with("type(")
}
