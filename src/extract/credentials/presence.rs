//! Values of which only is asked whether they are there: tests, and what tests are put together of.

use std::collections::BTreeSet;

use crate::code::{Operator, ValueId, ValueKind};
use crate::extract::usages::values;
use crate::flow::meaning::value_in;
use crate::flow::scope::ContextKind;
use crate::flow::{Flow, ModuleId, ValueRef};

/// Deepest test that is taken apart.
const MAX_DEPTH: u32 = 12;

/// The values of a module that are tested and used for nothing else where they stand.
pub(super) fn only_tested(flow: &Flow, module: ModuleId) -> BTreeSet<ValueId> {
    let mut roots: BTreeSet<ValueId> = BTreeSet::new();
    let mut given_on: BTreeSet<ValueId> = BTreeSet::new();
    roots.extend(flow.scopes(module).contexts.iter().filter_map(|context| match context.kind {
        ContextKind::Branch(test, _) => Some(test),
        _ => None,
    }));
    for at in values(flow, module) {
        match flow.kind(at) {
            // `a || b` is `a` where that is there.
            ValueKind::Binary { operator: Operator::Or | Operator::Coalesce, left, .. } => {
                given_on.insert(*left);
            }
            ValueKind::Choice { test, .. } => drop(roots.insert(*test)),
            ValueKind::Not(inner) => drop(roots.insert(*inner)),
            ValueKind::Call(call) => {
                let callee = flow.sources.slice(flow.span(value_in(module, call.callee)));
                let first = call.arguments.first().filter(|_| matches!(callee, "Boolean" | "bool" | "len"));
                roots.extend(first.map(|argument| argument.value));
            }
            _ => {}
        }
    }
    let mut tested = BTreeSet::new();
    roots.difference(&given_on).for_each(|root| asked(flow, value_in(module, *root), MAX_DEPTH, &mut tested));
    tested
}

fn asked(flow: &Flow, at: ValueRef, depth: u32, into: &mut BTreeSet<ValueId>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if !into.insert(at.id) {
        return;
    }
    let of = |id: &ValueId| value_in(at.module, *id);
    match flow.kind(at) {
        ValueKind::Not(inner) => asked(flow, of(inner), depth, into),
        ValueKind::Binary { operator: Operator::And | Operator::Or, left, right } => {
            asked(flow, of(left), depth, into);
            asked(flow, of(right), depth, into);
        }
        ValueKind::Binary {
            operator: Operator::Equal | Operator::NotEqual | Operator::Is | Operator::IsNot,
            left,
            right,
        } if is_nothing(flow, of(right)) => asked(flow, of(left), depth, into),
        // `value.trim()` in a test.
        ValueKind::Call(call) => {
            if let ValueKind::Field { base, name } = flow.kind(of(&call.callee))
                && matches!(name.as_str(), "trim" | "strip")
            {
                asked(flow, of(base), depth, into);
            }
        }
        ValueKind::Field { base, name } if name == "length" => asked(flow, of(base), depth, into),
        _ => {}
    }
}

fn is_nothing(flow: &Flow, at: ValueRef) -> bool {
    match flow.kind(at) {
        ValueKind::Null => true,
        ValueKind::Text(text) => text.is_empty(),
        ValueKind::Name(name) => name == "undefined",
        _ => false,
    }
}
