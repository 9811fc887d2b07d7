//! Whether something stops, or refuses, where a credential is not set or not brought along, before the two are compared.

use crate::code::{Block, FunctionId, MODULE_BODY, Name, Operator, StatementKind, ValueId, ValueKind};
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

/// Words for where credentials are kept, which name none of them.
const HOLDERS: &[&str] = &["env", "environ", "process", "os", "headers", "self", "this"];

/// What a value goes by, so that other places can be told to mean the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// A name, and the function that binds it.
    Bound(FunctionRef, Name),
    /// What stands where its one name is given its value.
    Defined(ValueRef),
    /// A member and the word for what holds it; of an object itself, only in its own module.
    Member(Name, Name, Option<ModuleId>),
    /// A variable of the environment.
    Variable(Name),
}

/// What must be set, by what it is called, and what a caller brings along.
struct Wanted {
    called: Vec<Called>,
    at: ValueRef,
    function: FunctionRef,
    /// What is written out for it where it is not set.
    written: Option<Name>,
}

impl Asking<'_, '_, '_> {
    /// What a value is called.
    pub(super) fn called(&self, value: ValueRef) -> Vec<Called> {
        let flow = self.passage.flow;
        let is_own = |name: &Name| !HOLDERS.contains(&name.as_str());
        let mut found: Vec<Called> =
            requests::credential_variable(flow, value).map(Called::Variable).into_iter().collect();
        match flow.kind(value) {
            ValueKind::Name(name) if is_own(name) => {
                found.extend(self.bindings(value, name).map(|(owner, _)| Called::Bound(owner, name.clone())));
                found.extend(flow.defined_as(value).map(Called::Defined));
            }
            ValueKind::Field { base, name } if is_own(name) => {
                let (holder, module) = match flow.kind(value_in(value.module, *base)) {
                    ValueKind::This => (Name::new_static("this"), Some(value.module)),
                    ValueKind::Name(holder) if !is_own(holder) => (holder.clone(), Some(value.module)),
                    ValueKind::Name(holder) | ValueKind::Field { name: holder, .. } => (holder.clone(), None),
                    _ => return found,
                };
                found.push(Called::Member(holder, name.clone(), module));
            }
            _ => {}
        }
        found
    }

    /// How sure it is that a place is not reached while a credential is blank on both sides.
    pub(super) fn asked_before(
        &self,
        at: ValueRef,
        (given, own): (ValueRef, ValueRef),
        called: Vec<Called>,
        written: Option<Name>,
    ) -> Sure {
        let flow = self.passage.flow;
        let mut called = called;
        for value in [given, own] {
            called.extend(self.called(value));
            called.extend(self.cut_from(value).into_iter().flat_map(|base| self.called(base)));
        }
        let wanted = Wanted { called, at, function: flow.owner(at), written };
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
                let function = function_in(id, FunctionId(function as u32));
                let asks = self.block_asks(function, &flow.function(function).body, &wanted, MAX_DEPTH);
                found = found.max(if self.is_run(function, &wanted) { asks } else { asks.min(Sure::Maybe) });
                if found == Sure::Yes {
                    return found;
                }
            }
        }
        found
    }

    /// Whether a function is known to run where a credential is asked for: it is around that place, or someone calls it.
    fn is_run(&self, function: FunctionRef, wanted: &Wanted) -> bool {
        let flow = self.passage.flow;
        function.id == MODULE_BODY
            || flow.function(function).class.is_some()
            || is_within(flow, wanted.function, function)
            || !flow.calls_of(function).is_empty()
    }

    /// What a value is cut from: `header.slice(7)`.
    fn cut_from(&self, value: ValueRef) -> Option<ValueRef> {
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
        let base = value_in(own.module, base);
        matches!(flow.kind(base), ValueKind::Name(_)).then_some(base)
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
        let is_own = is_within(flow, wanted.function, function) && function.id != MODULE_BODY;
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
                let is_written = |at: ValueRef| {
                    wanted
                        .written
                        .as_ref()
                        .is_some_and(|text| matches!(flow.kind(at), ValueKind::Text(other) if other == text))
                };
                match (equality(*operator), operator) {
                    (Some(is_equal), _) if is_written(right) => is_equal != side && self.is_called_so(left, wanted),
                    (Some(is_equal), _) if is_written(left) => is_equal != side && self.is_called_so(right, wanted),
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

    fn is_called_so(&self, value: ValueRef, wanted: &Wanted) -> bool {
        self.called(value).iter().any(|called| wanted.called.contains(called))
    }

    /// Whether a value is the credential, by what it is called, or how long it is.
    fn is_wanted_one(&self, value: ValueRef, wanted: &Wanted) -> bool {
        let flow = self.passage.flow;
        // What has a default is always there: only its variable tells whether someone set it.
        let is_variable = || self.called(value).iter().any(|one| matches!(one, Called::Variable(_)));
        if self.is_called_so(value, wanted) && (wanted.written.is_none() || is_variable()) {
            return true;
        }
        match flow.kind(value) {
            ValueKind::Field { base, name } if matches!(name.as_str(), "length" | "size") => {
                self.is_wanted_one(value_in(value.module, *base), wanted)
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
