//! Guards that hold Origin against the Host of the same request: whoever has a name rebound sends both.

use crate::code::{Call, Operator, ValueId, ValueKind};
use crate::extract::requests;
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::scope::Bound;
use crate::flow::{Flow, FunctionRef, ValueRef};
use crate::source::Span;

/// Deepest chain of names, members and wrappers that is followed.
const MAX_DEPTH: u32 = 6;
/// Methods that look something up in a list, or hold it against a pattern of names.
const LISTS: &[&str] = &[
    "includes",
    "has",
    "contains",
    "indexOf",
    "some",
    "every",
    "any",
    "find",
    "endsWith",
    "endswith",
    "startsWith",
    "startswith",
    "match",
    "Contains",
    "HasSuffix",
];
/// Texts that name this machine.
const OWN: &[&str] = &["localhost", "127.0.0.1", "[::1]", "::1"];

/// The two headers, as far as a value is made of one.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Read {
    origin: bool,
    host: bool,
}

impl Read {
    fn any(self) -> bool {
        self.origin || self.host
    }

    fn or(self, other: Read) -> Read {
        Read { origin: self.origin || other.origin, host: self.host || other.host }
    }

    /// Whether one side is of the one header alone and the other of the other.
    fn meets(self, other: Read) -> bool {
        self.origin != self.host && other.origin != other.host && self.origin != other.origin
    }
}

/// Whether all that a function tests of Origin and Host is that they name the same.
pub fn is_held_against_itself(flow: &Flow, function: FunctionRef) -> bool {
    let mut meets = false;
    for value in inside(flow, function) {
        let of = |id: ValueId| value_in(value.module, id);
        match flow.kind(value) {
            ValueKind::Binary { operator: Operator::In, left, right }
                if read(flow, of(*left), MAX_DEPTH).or(read(flow, of(*right), MAX_DEPTH)).any() =>
            {
                return false;
            }
            ValueKind::Binary { operator, left, right } if is_equality(*operator) => {
                let sides = [read(flow, of(*left), MAX_DEPTH), read(flow, of(*right), MAX_DEPTH)];
                if sides[0].meets(sides[1]) {
                    meets = true;
                } else if sides[0].or(sides[1]).any() && !is_nothing(flow, of(*left)) && !is_nothing(flow, of(*right)) {
                    return false;
                }
            }
            ValueKind::Call(call) => match of_call(flow, value, call) {
                Some(true) => meets = true,
                Some(false) => return false,
                None => {}
            },
            _ => {}
        }
    }
    meets
}

/// Whether a call compares the two, or holds one of them against something else; nothing where it tests neither.
fn of_call(flow: &Flow, at: ValueRef, call: &Call) -> Option<bool> {
    let of = |id: ValueId| value_in(at.module, id);
    let given: Vec<Read> = call.arguments.iter().map(|one| read(flow, of(one.value), MAX_DEPTH)).collect();
    let all = given.iter().fold(Read::default(), |all, one| all.or(*one));
    let (receiver, method) = match flow.kind(of(call.callee)) {
        ValueKind::Field { base, name } => (read(flow, of(*base), MAX_DEPTH), name.as_str()),
        _ => (Read::default(), ""),
    };
    if LISTS.contains(&method) && all.or(receiver).any() || method == "test" && all.any() && is_of_list(flow, at) {
        return Some(false);
    }
    if !all.any() {
        return None;
    }
    let Meaning::Function(callee, _, _) = flow.asking(|| flow.meaning(of(call.callee), &None)).0 else { return None };
    let is_both = given.iter().any(|one| given.iter().any(|other| one.meets(*other)));
    Some(is_both && compares_alone(flow, callee))
}

/// Whether a function compares things, and holds nothing against a list or a name of its own.
fn compares_alone(flow: &Flow, function: FunctionRef) -> bool {
    let mut compares = false;
    for value in inside(flow, function) {
        let of = |id: ValueId| value_in(value.module, id);
        match flow.kind(value) {
            ValueKind::Text(text) if OWN.contains(&text.as_str()) => return false,
            ValueKind::Binary { operator: Operator::In, .. } => return false,
            ValueKind::Binary { operator, left, right } if is_equality(*operator) => {
                compares |= ![*left, *right].iter().any(|side| is_nothing(flow, of(*side)));
            }
            ValueKind::Call(call) => match flow.kind(of(call.callee)) {
                ValueKind::Field { name, .. } if LISTS.contains(&name.as_str()) => return false,
                ValueKind::Field { name, .. } if name == "test" && is_of_list(flow, value) => return false,
                // What a further function of the tree looks at was not followed.
                _ if matches!(flow.asking(|| flow.meaning(of(call.callee), &None)).0, Meaning::Function(..)) => {
                    return false;
                }
                _ => {}
            },
            _ => {}
        }
    }
    compares
}

/// Whether a pattern is one of names: unlike a class of forbidden characters it has a beginning, or is not known.
fn is_of_list(flow: &Flow, at: ValueRef) -> bool {
    let ValueKind::Call(call) = flow.kind(at) else { return true };
    let ValueKind::Field { base, .. } = flow.kind(value_in(at.module, call.callee)) else { return true };
    match flow.asking(|| flow.meaning(value_in(at.module, *base), &None)).0 {
        Meaning::Regex(pattern) => !pattern.trim_start_matches('/').starts_with('['),
        _ => true,
    }
}

/// Which of the headers a value is made of.
fn read(flow: &Flow, value: ValueRef, depth: u32) -> Read {
    let Some(depth) = depth.checked_sub(1) else { return Read::default() };
    match requests::header(flow, value).as_deref() {
        Some("origin") => return Read { origin: true, host: false },
        Some("host") => return Read { origin: false, host: true },
        Some(_) => return Read::default(),
        None => {}
    }
    let of = |id: ValueId| read(flow, value_in(value.module, id), depth);
    match flow.kind(value) {
        ValueKind::Name(name) => {
            let owner = flow.owner(value).id;
            let bindings = flow.scopes(value.module).bindings[owner.index()].get(name);
            let values = bindings.into_iter().flatten().take(4).filter_map(|binding| match binding.bound {
                Bound::Value(value) => Some(of(value)),
                _ => None,
            });
            values.fold(Read::default(), Read::or)
        }
        ValueKind::Field { base, .. } => of(*base),
        ValueKind::Call(call) => {
            let receiver = match flow.kind(value_in(value.module, call.callee)) {
                ValueKind::Field { base, .. } => of(*base),
                _ => Read::default(),
            };
            let all = call.arguments.iter().fold(receiver, |all, one| all.or(of(one.value)));
            // What is made of both says what came out of holding them together.
            if all.origin && all.host { Read::default() } else { all }
        }
        ValueKind::Template(parts) => parts.iter().fold(Read::default(), |all, part| all.or(of(*part))),
        ValueKind::Binary { left, right, .. } => of(*left).or(of(*right)),
        _ => Read::default(),
    }
}

fn inside(flow: &Flow, function: FunctionRef) -> Vec<ValueRef> {
    let span: Span = flow.function(function).span;
    let count = flow.program.module(function.module).values.len();
    let all = (0..count).map(|at| value_in(function.module, ValueId(at as u32)));
    all.filter(|value| span.contains(flow.span(*value))).collect()
}

fn is_equality(operator: Operator) -> bool {
    matches!(operator, Operator::Equal | Operator::NotEqual | Operator::Is | Operator::IsNot)
}

fn is_nothing(flow: &Flow, value: ValueRef) -> bool {
    match flow.kind(value) {
        ValueKind::Null => true,
        ValueKind::Text(text) => text.is_empty() || text == "undefined" || text == "null",
        ValueKind::Name(name) => name == "undefined",
        _ => false,
    }
}
