//! When a handler of lists shows one tool.

use std::collections::BTreeSet;

use crate::code::{Block, StatementKind, ValueId, ValueKind};
use crate::extract::tools::agreed::claim::{Claim, Claims, MAX_DEPTH};
use crate::extract::tools::selection::blocks;
use crate::flow::meaning::{Within, push, value_in};
use crate::flow::{FunctionRef, Meaning, ValueRef};
use crate::source::Span;

/// Methods that keep the elements for which a test holds.
const KEEPING: &[&str] = &["filter", "retain"];
/// Functions that are looked into from a handler, at most one after the other.
const MAX_WAY: u32 = 3;

/// When a tool is listed, where filters or branches around it say so, and what says it.
pub(super) fn kept(claims: &mut Claims, list: FunctionRef, tool: &Meaning, at: Span) -> Option<(Claim, Vec<ValueRef>)> {
    let mut found = Vec::new();
    let mut filters = Vec::new();
    gather(claims, list, MAX_WAY, &mut BTreeSet::new(), &mut filters);
    let mut said = Vec::new();
    for filter in filters {
        said.extend(filter.said());
        found.push(filter.of(claims, tool));
    }
    around(claims, &claims.flow.function(list).body, list, at, (&mut found, &mut said), 0);
    let first = found.pop()?;
    Some((found.into_iter().fold(first, Claim::and), said))
}

/// What keeps some elements of a list.
enum Filter {
    Function(ValueRef),
    Conditions(ValueRef, Vec<ValueRef>),
}

impl Filter {
    fn said(&self) -> Vec<ValueRef> {
        match self {
            Filter::Function(given) => vec![*given],
            Filter::Conditions(_, conditions) => conditions.clone(),
        }
    }

    fn of(&self, claims: &mut Claims, tool: &Meaning) -> Claim {
        match self {
            Filter::Function(given) => {
                let flow = claims.flow;
                match flow.asking_within(2_000, || flow.meaning(*given, &None)).0 {
                    Meaning::Function(function, captured, this) => {
                        let passed = crate::flow::meaning::Passed { name: None, value: tool.clone(), is_rest: false };
                        let entry = Within::Call { function, arguments: vec![passed], this, at: Some(*given) };
                        claims.result(function, &push(&captured, entry), MAX_DEPTH)
                    }
                    _ => claims.unknown(),
                }
            }
            Filter::Conditions(over, conditions) => {
                let frame = push(&None, Within::Turn(*over, tool.clone(), 0));
                let all = conditions.iter().map(|test| claims.of(*test, &frame, MAX_DEPTH));
                all.collect::<Vec<_>>().into_iter().fold(Claim::Sure(true), Claim::and)
            }
        }
    }
}

fn gather(claims: &Claims, function: FunctionRef, way: u32, seen: &mut BTreeSet<FunctionRef>, into: &mut Vec<Filter>) {
    if way == 0 || !seen.insert(function) {
        return;
    }
    let flow = claims.flow;
    for at in flow.values_inside(function) {
        let of = |id: ValueId| value_in(at.module, id);
        match flow.kind(at) {
            ValueKind::Call(call) => match (flow.kind(of(call.callee)), &call.arguments[..]) {
                (ValueKind::Field { name, .. }, [only]) if KEEPING.contains(&name.as_str()) => {
                    into.push(Filter::Function(of(only.value)));
                }
                (ValueKind::Name(name), [test, _]) if name == "filter" => into.push(Filter::Function(of(test.value))),
                _ => {
                    if let Some((inner, _)) = claims.called(at, &None) {
                        gather(claims, inner, way - 1, seen, into);
                    }
                }
            },
            ValueKind::Comprehension(code) => {
                if let [clause] = &code.clauses[..]
                    && !clause.conditions.is_empty()
                {
                    let conditions = clause.conditions.iter().map(|test| of(*test)).collect();
                    into.push(Filter::Conditions(of(clause.over), conditions));
                }
            }
            _ => {}
        }
    }
}

/// The branches of a handler in which a tool is written.
fn around(
    claims: &mut Claims,
    block: &Block,
    list: FunctionRef,
    at: Span,
    (into, said): (&mut Vec<Claim>, &mut Vec<ValueRef>),
    depth: u32,
) {
    let Some(statement) = block.statements.iter().find(|one| one.span.contains(at)).filter(|_| depth < 100) else {
        return;
    };
    if let StatementKind::If { test, then, .. } = &statement.kind {
        let claim = claims.of(value_in(list.module, *test), &None, MAX_DEPTH);
        let stands_in = then.statements.iter().any(|one| one.span.contains(at));
        said.push(value_in(list.module, *test));
        into.push(if stands_in { claim } else { claim.not() });
    }
    for inner in blocks(&statement.kind) {
        around(claims, inner, list, at, (&mut *into, &mut *said), depth + 1);
    }
}
