//! Functions that look at Host, Origin or a credential of a request, and refuse.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{FunctionId, Operator, StatementKind, ValueId, ValueKind};
use crate::extract::requests::{self, Credential, carries_credentials};
use crate::extract::web::known::{Checks, Known};
use crate::extract::web::twin;
use crate::flow::meaning::{function_in, value_in};
use crate::flow::scope::ContextKind;
use crate::flow::unset::Unset;
use crate::flow::{Flow, FunctionRef, ModuleId, ValueRef};
use crate::source::Span;

/// A function that refuses some requests.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The function that is attached: the guard, or what makes it.
    pub root: FunctionRef,
    /// The function that looks at the request.
    pub function: FunctionRef,
    /// What it looks at.
    pub checks: BTreeSet<Checks>,
    /// The test that lets everything pass where a credential is not set.
    pub open_when_unset: Option<Span>,
    /// Place of its name, or of itself.
    pub span: Span,
}

/// Every guard of the modules, and every place that reads a credential without refusing anything there.
pub fn find(flow: &Flow, live: &[ModuleId]) -> (Vec<Guard>, Vec<ValueRef>) {
    let mut found: BTreeMap<FunctionRef, Guard> = BTreeMap::new();
    let mut read: Vec<ValueRef> = Vec::new();
    for module in live {
        let code = flow.program.module(*module);
        for at in 0..code.values.len() {
            let value = value_in(*module, ValueId(at as u32));
            if !matches!(flow.kind(value), ValueKind::Field { .. } | ValueKind::Index { .. } | ValueKind::Call(_)) {
                continue;
            }
            if is_context(flow, value) {
                read.push(value);
                continue;
            }
            let Some(checks) = requests::header(flow, value).and_then(|name| looked_at(&name)) else { continue };
            let function = flow.owner(value);
            if checks == Checks::Credentials && !is_written(flow, value) {
                read.push(value);
            }
            if function.id == crate::code::MODULE_BODY {
                continue;
            }
            let known = found.entry(function).or_insert_with(|| Guard {
                root: root(flow, function),
                function,
                checks: BTreeSet::new(),
                open_when_unset: None,
                span: flow.function(function).name_span,
            });
            known.checks.insert(checks);
        }
    }
    let refuses = |(function, mut guard): (FunctionRef, Guard)| {
        if guard.checks.contains(&Checks::Host) && twin::is_held_against_itself(flow, function) {
            guard.checks.remove(&Checks::Host);
        }
        let refusals = refusals(flow, function);
        guard.open_when_unset = open_when_unset(flow, function, &refusals);
        (!refusals.is_empty() && !guard.checks.is_empty()).then_some(guard)
    };
    for (function, checks) in asking(flow, &found) {
        found.entry(function).or_insert_with(|| Guard {
            root: root(flow, function),
            function,
            checks: BTreeSet::new(),
            open_when_unset: None,
            span: flow.function(function).name_span,
        });
        if let Some(known) = found.get_mut(&function) {
            known.checks.extend(checks);
        }
    }
    let guards: Vec<Guard> = found.into_iter().filter_map(refuses).collect();
    read.retain(|value| !guards.iter().any(|guard| is_within(flow, flow.owner(*value), guard.root)));
    (guards, read)
}

/// Functions that ask one that looks at a request and refuses nothing itself: `if (!isRight(request)) refuse()`.
fn asking(flow: &Flow, found: &BTreeMap<FunctionRef, Guard>) -> Vec<(FunctionRef, BTreeSet<Checks>)> {
    let silent = found.iter().filter(|(function, _)| refusals(flow, **function).is_empty());
    let asks = |(function, guard): (&FunctionRef, &Guard)| {
        let calls = flow.calls_of(*function).iter().take(16);
        let askers = calls.map(|call| flow.owner(*call)).filter(|asker| asker.id != crate::code::MODULE_BODY);
        let checks = guard.checks.clone();
        askers.map(|asker| (asker, checks.clone())).collect::<Vec<_>>()
    };
    silent.flat_map(asks).collect()
}

/// Functions of SDKs that give a handler the caller's headers or token.
fn is_context(flow: &Flow, value: ValueRef) -> bool {
    let ValueKind::Call(call) = flow.kind(value) else { return false };
    let callee = match flow.kind(value_in(value.module, call.callee)) {
        ValueKind::Name(name) | ValueKind::Field { name, .. } => name.as_str(),
        _ => return false,
    };
    matches!(callee, "get_http_headers" | "get_access_token" | "get_http_request" | "TokenInfoFromContext")
}

/// Whether a header is set here, not read.
fn is_written(flow: &Flow, value: ValueRef) -> bool {
    flow.scopes(value.module).member_assignments.iter().any(|(place, _)| *place == value.id)
}

fn looked_at(header: &str) -> Option<Checks> {
    match header {
        "origin" | "host" | "sec-fetch-site" => Some(Checks::Host),
        _ => carries_credentials(header).then_some(Checks::Credentials),
    }
}

/// The function itself, or the outermost that gives it back.
pub(super) fn root(flow: &Flow, function: FunctionRef) -> FunctionRef {
    let mut root = function;
    for _ in 0..4 {
        let code = flow.function(root);
        let Some(parent) = code.parent.filter(|_| code.class.is_none()) else { break };
        let parent = function_in(root.module, parent);
        let returns = &flow.scopes(root.module).returns[parent.id.index()];
        let holds = |value: &ValueId| {
            let span = flow.span(value_in(root.module, *value));
            span.contains(code.span) || is_name_of(flow, value_in(root.module, *value), root)
        };
        if parent.id == crate::code::MODULE_BODY || !returns.iter().any(holds) {
            break;
        }
        root = parent;
    }
    root
}

/// `return middleware`, where that is the function's name.
fn is_name_of(flow: &Flow, value: ValueRef, function: FunctionRef) -> bool {
    matches!(flow.kind(value), ValueKind::Name(name) if flow.function(function).name.as_ref() == Some(name))
}

/// Whether one function is, or stands in, another.
pub fn is_within(flow: &Flow, mut inner: FunctionRef, outer: FunctionRef) -> bool {
    for _ in 0..32 {
        if inner == outer {
            return true;
        }
        match flow.function(inner).parent {
            Some(parent) => inner = function_in(inner.module, parent),
            None => return false,
        }
    }
    false
}

/// Values in a function that refuse: statuses, and what they are called.
fn refusals(flow: &Flow, function: FunctionRef) -> Vec<ValueRef> {
    let code = flow.program.module(function.module);
    let span = flow.function(function).span;
    let all = (0..code.values.len()).map(|at| value_in(function.module, ValueId(at as u32)));
    all.filter(|value| span.contains(flow.span(*value)) && is_refusal(flow, *value)).take(64).collect()
}

pub(super) fn is_refusal(flow: &Flow, value: ValueRef) -> bool {
    match flow.kind(value) {
        ValueKind::Int(status) => matches!(status, 401 | 403 | 421),
        ValueKind::Name(name) | ValueKind::Field { name, .. } => {
            let name = name.to_ascii_lowercase();
            name.contains("unauthor") || name.contains("forbid") || name.contains("401") || name.contains("403")
        }
        ValueKind::Text(text) => {
            text.len() < 40 && matches!(text.as_str(), "Unauthorized" | "Forbidden" | "401" | "403")
        }
        _ => false,
    }
}

/// The test that lets every request pass where the credential to compare with is not set.
fn open_when_unset(flow: &Flow, function: FunctionRef, refusals: &[ValueRef]) -> Option<Span> {
    let scopes = flow.scopes(function.module);
    let early = early_pass(flow, function, refusals, &|test| {
        is_if_unset(flow, test) || flow.asking(|| Unset::new(flow).holds(test, &None)).0 == Some(true)
    });
    // `if (token && given !== token) refuse()`
    let under = || {
        let tests = |value: &ValueRef| {
            let branch = |context: &ContextKind| match context {
                ContextKind::Branch(test, holds) => Some((value_in(function.module, *test), *holds)),
                _ => None,
            };
            scopes.around(value.id).filter_map(branch).collect::<Vec<(ValueRef, bool)>>()
        };
        // `if (!isAllowed(request, config)) refuse()`, where that allows everything as long as nothing is set.
        let is_open = |(test, holds): &(ValueRef, bool)| {
            *holds && is_if_set(flow, *test) || flow.asking(|| Unset::new(flow).holds(*test, &None)).0 == Some(!holds)
        };
        let open = |value: &ValueRef| tests(value).into_iter().find(is_open).map(|(test, _)| test);
        let all: Vec<Option<ValueRef>> = refusals.iter().map(open).collect();
        all.iter().all(Option::is_some).then(|| all.into_iter().flatten().next()).flatten()
    };
    early.or_else(under).map(|test| flow.span(test))
}

/// `if (!token) return next()`
fn early_pass(
    flow: &Flow,
    function: FunctionRef,
    refusals: &[ValueRef],
    passes: &dyn Fn(ValueRef) -> bool,
) -> Option<ValueRef> {
    flow.function(function).body.statements.iter().take(64).find_map(|statement| {
        let StatementKind::If { test, then, .. } = &statement.kind else { return None };
        let last = then.statements.last()?;
        let leaves = matches!(last.kind, StatementKind::Return(_));
        let refuses =
            refusals.iter().any(|value| then.statements.iter().any(|one| one.span.contains(flow.span(*value))));
        let test = value_in(function.module, *test);
        (leaves && !refuses && passes(test)).then_some(test)
    })
}

/// `!token`, `token === undefined`, `token == ""`.
fn is_if_unset(flow: &Flow, test: ValueRef) -> bool {
    let of = |id: ValueId| value_in(test.module, id);
    match flow.kind(test) {
        ValueKind::Not(inner) => is_kept(flow, of(*inner)),
        ValueKind::Binary { operator: Operator::Equal | Operator::Is, left, right } => {
            is_kept(flow, of(*left)) && is_nothing(flow, of(*right))
        }
        ValueKind::Binary { operator: Operator::Or, left, right } => {
            is_if_unset(flow, of(*left)) || is_if_unset(flow, of(*right))
        }
        _ => false,
    }
}

/// `token`, `token != ""`, `token && …`.
pub fn is_if_set(flow: &Flow, test: ValueRef) -> bool {
    let of = |id: ValueId| value_in(test.module, id);
    match flow.kind(test) {
        ValueKind::Binary { operator: Operator::And, left, right } => {
            is_if_set(flow, of(*left)) || is_if_set(flow, of(*right))
        }
        ValueKind::Binary { operator: Operator::NotEqual | Operator::IsNot, left, right } => {
            is_kept(flow, of(*left)) && is_nothing(flow, of(*right))
        }
        ValueKind::Matches { value, .. } => is_kept(flow, of(*value)),
        _ => is_kept(flow, test),
    }
}

/// Whether a place that is reached under a test is reached unless a switch turns the check off: `if (!disableAuth)`.
pub fn is_unless_switched_off(flow: &Flow, known: &Known, place: ValueRef) -> bool {
    let Some((test, holds)) = flow.tested(place) else { return false };
    let (switch, is_off) = match flow.kind(test) {
        ValueKind::Not(inner) => (value_in(test.module, *inner), holds),
        _ => (test, !holds),
    };
    let name = match flow.kind(switch) {
        ValueKind::Name(name) | ValueKind::Field { name, .. } => name.to_ascii_lowercase().replace('_', ""),
        _ => return false,
    };
    is_off && known.off.iter().any(|word| name.contains(word.as_str()))
}

fn is_nothing(flow: &Flow, value: ValueRef) -> bool {
    match flow.kind(value) {
        ValueKind::Null => true,
        ValueKind::Text(text) => text.is_empty(),
        _ => false,
    }
}

/// Whether a value is a credential of the server's own, not of a request.
fn is_kept(flow: &Flow, value: ValueRef) -> bool {
    let is_value = matches!(
        flow.kind(value),
        ValueKind::Name(_) | ValueKind::Field { .. } | ValueKind::Index { .. } | ValueKind::Call(_)
    );
    is_value && requests::credential(flow, value).is_some_and(|kind| kind != Credential::Header)
}

/// The function that a closure or a method's class stands for.
pub fn class_of(flow: &Flow, function: FunctionRef) -> Option<crate::flow::ClassRef> {
    let mut at: FunctionId = function.id;
    for _ in 0..8 {
        let code = flow.program.module(function.module).function(at);
        if let Some(class) = code.class {
            return Some(crate::flow::In { module: function.module, id: class });
        }
        at = code.parent?;
    }
    None
}
