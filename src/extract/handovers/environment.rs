//! Which variables a call that starts a program hands over.

use crate::code::{Call, Language, MapKey, Operator, ValueId, ValueKind};
use crate::extract::handovers::held_by;
use crate::extract::requests::is_environment;
use crate::flow::meaning::value_in;
use crate::flow::{Flow, Meaning, ValueRef};
use crate::source::Span;

/// Deepest chain of names and expressions that is followed.
const MAX_DEPTH: u32 = 8;

/// How much of an environment is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handed {
    /// All of it.
    Whole,
    /// What is written out or picked.
    Chosen,
    /// Not known.
    Unknown,
}

/// What a call says of the environment of what it starts, and where; nothing where it says nothing.
pub(super) fn of_call(flow: &Flow, at: ValueRef) -> Option<(Handed, Span)> {
    let ValueKind::Call(call) = flow.kind(at) else { return None };
    let value = match flow.module(at).language {
        Language::Python => call.arguments.iter().find(|one| one.name.as_deref() == Some("env")).map(|one| one.value),
        Language::TypeScript => call.arguments.iter().find_map(|one| option_of(flow, value_in(at.module, one.value))),
        Language::Go if assigned(flow, at).is_none() && is_handed_on(flow, at) => {
            return Some((Handed::Unknown, flow.span(at)));
        }
        Language::Go => assigned(flow, at),
        Language::Rust => return cleared(flow, at),
    }?;
    let value = value_in(at.module, value);
    let spread = call.arguments.iter().any(|one| one.name.as_deref() == Some("**"));
    match handed(flow, value, MAX_DEPTH) {
        _ if spread => Some((Handed::Unknown, flow.span(value))),
        found => Some((found, flow.span(value))),
    }
}

/// The `env` of an object of options.
fn option_of(flow: &Flow, options: ValueRef) -> Option<ValueId> {
    let written = flow.defined_as(options).filter(|written| written.module == options.module)?;
    let ValueKind::Map(entries) = flow.kind(written) else { return None };
    entries.iter().find(|entry| matches!(&entry.key, MapKey::Name(name, _) if name == "env")).map(|entry| entry.value)
}

/// `cmd.Env = …` after `cmd := exec.Command(…)`.
fn assigned(flow: &Flow, at: ValueRef) -> Option<ValueId> {
    let holder = held_by(flow, at)?;
    let module = flow.module(at);
    let is_it = |place: &ValueId| match &module.value(*place).kind {
        ValueKind::Field { base, name } if name == "Env" => {
            matches!(&module.value(*base).kind, ValueKind::Name(own) if *own == holder)
        }
        _ => false,
    };
    let owner = flow.owner(at);
    let scopes = flow.scopes(at.module);
    let mut all = scopes.member_assignments.iter().filter(|(place, _)| scopes.owner[place.index()] == owner.id);
    all.find(|(place, _)| is_it(place)).map(|(_, value)| *value)
}

/// Whether a command is given back or handed to another function, which may give it its variables.
fn is_handed_on(flow: &Flow, at: ValueRef) -> bool {
    let (scopes, owner) = (flow.scopes(at.module), flow.owner(at));
    let Some(holder) = held_by(flow, at) else { return scopes.returns[owner.id.index()].contains(&at.id) };
    let is_it = |id: &ValueId| matches!(flow.kind(value_in(at.module, *id)), ValueKind::Name(name) if *name == holder);
    let calls = scopes.calls.iter().filter(|call| scopes.owner[call.index()] == owner.id);
    let mut given = calls.filter_map(|call| match flow.kind(value_in(at.module, *call)) {
        ValueKind::Call(code) => Some(code),
        _ => None,
    });
    scopes.returns[owner.id.index()].iter().any(is_it)
        || given.any(|call| call.arguments.iter().any(|argument| is_it(&argument.value)))
}

/// `.env_clear()` in the function that builds a command.
fn cleared(flow: &Flow, at: ValueRef) -> Option<(Handed, Span)> {
    let (scopes, owner) = (flow.scopes(at.module), flow.owner(at));
    let own = scopes.calls.iter().map(|call| value_in(at.module, *call)).filter(|call| flow.owner(*call) == owner);
    let is_clear = |call: &ValueRef| match flow.kind(*call) {
        ValueKind::Call(code) => matches!(flow.kind(value_in(at.module, code.callee)),
            ValueKind::Field { name, .. } if name == "env_clear"),
        _ => false,
    };
    own.clone().find(is_clear).map(|call| (Handed::Chosen, flow.span(call)))
}

/// How much of the environment a value is.
pub(super) fn handed(flow: &Flow, at: ValueRef, depth: u32) -> Handed {
    let Some(depth) = depth.checked_sub(1) else { return Handed::Unknown };
    let of = |id: ValueId| handed(flow, value_in(at.module, id), depth);
    if is_environment(flow, at) {
        return Handed::Whole;
    }
    match flow.kind(at) {
        ValueKind::Null => Handed::Whole,
        ValueKind::Name(_) => match flow.defined_as(at).filter(|far| *far != at) {
            Some(far) => handed(flow, far, depth),
            None => Handed::Unknown,
        },
        ValueKind::Map(entries) => {
            let spread = entries.iter().filter(|entry| matches!(entry.key, MapKey::Spread));
            most(spread.map(|entry| of(entry.value)))
        }
        ValueKind::List(items) | ValueKind::Tuple(items) => {
            let spread =
                items.iter().filter(|item| matches!(flow.kind(value_in(at.module, **item)), ValueKind::Spread(_)));
            most(spread.map(|item| of(*item)))
        }
        ValueKind::Comprehension(_) => Handed::Chosen,
        ValueKind::Spread(inner) | ValueKind::Await(inner) | ValueKind::Unary(inner) => of(*inner),
        ValueKind::Binary { operator: Operator::BitOr | Operator::Or | Operator::Coalesce, left, right } => {
            most([of(*left), of(*right)].into_iter())
        }
        ValueKind::Choice { then, otherwise, .. } => most([Some(*then), *otherwise].into_iter().flatten().map(of)),
        ValueKind::Call(call) => of_result(flow, at, call, depth),
        _ => Handed::Unknown,
    }
}

/// The most that any of them is; nothing at all is chosen.
fn most(all: impl Iterator<Item = Handed>) -> Handed {
    all.fold(Handed::Chosen, |most, one| match (most, one) {
        (Handed::Whole, _) | (_, Handed::Whole) => Handed::Whole,
        (Handed::Unknown, _) | (_, Handed::Unknown) => Handed::Unknown,
        _ => Handed::Chosen,
    })
}

fn of_result(flow: &Flow, at: ValueRef, call: &Call, depth: u32) -> Handed {
    let callee = value_in(at.module, call.callee);
    let text = flow.sources.slice(flow.span(callee));
    let arguments = || most(call.arguments.iter().map(|one| handed(flow, value_in(at.module, one.value), depth)));
    match text {
        "os.Environ" | "env::vars" | "std::env::vars" => return Handed::Whole,
        "dict" | "Object.assign" | "copy.copy" | "copy.deepcopy" | "structuredClone" => return arguments(),
        // Each further word of a list is one variable.
        "append" => {
            let first = call.arguments.first().map(|one| value_in(at.module, one.value));
            return first.map_or(Handed::Unknown, |first| handed(flow, first, depth));
        }
        _ => {}
    }
    if let ValueKind::Field { base, name } = flow.kind(callee)
        && name == "copy"
    {
        return handed(flow, value_in(at.module, *base), depth);
    }
    match flow.asking_within(1_000, || flow.meaning(callee, &None)).0 {
        Meaning::Function(function, _, _) => {
            let returns = &flow.scopes(function.module).returns[function.id.index()];
            match returns.is_empty() {
                true => Handed::Unknown,
                false => most(returns.iter().map(|id| handed(flow, value_in(function.module, *id), depth))),
            }
        }
        _ => Handed::Unknown,
    }
}
