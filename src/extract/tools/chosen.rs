//! Which transports are left where a call stands under a test of the transport's name.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{Operator, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::scope::ContextKind;
use crate::flow::{Flow, ValueRef};

/// Of these transports, those that the tests around a call leave; all where none of them speaks of the transport.
pub fn left_by_tests(flow: &Flow, at: ValueRef, names: &BTreeMap<String, String>, all: Vec<String>) -> Vec<String> {
    let mut tests = Vec::new();
    for context in flow.scopes(at.module).around(at.id).take(16) {
        let ContextKind::Branch(test, held) = context else { continue };
        let Some((named, equal)) = compared(flow, value_in(at.module, *test)) else { continue };
        let meant: Vec<&String> = named.iter().filter_map(|name| names.get(name)).collect();
        if meant.len() == named.len() {
            tests.push((meant, equal == *held));
        }
    }
    let leaves = |transport: &String| tests.iter().all(|(meant, is)| meant.contains(&transport) == *is);
    let of_these: Vec<String> = all.iter().filter(|transport| leaves(transport)).cloned().collect();
    if !of_these.is_empty() {
        return of_these;
    }
    // The default alone may be what a test leaves out: then it is one of the others.
    let any: BTreeSet<&String> = names.values().collect();
    let of_any: Vec<String> = any.into_iter().filter(|transport| leaves(transport)).cloned().collect();
    if of_any.is_empty() { all } else { of_any }
}

/// The names that a transport is compared with, and whether the test holds for them.
fn compared(flow: &Flow, test: ValueRef) -> Option<(Vec<String>, bool)> {
    let ValueKind::Binary { operator, left, right } = flow.kind(test) else { return None };
    let equal = match operator {
        Operator::Equal | Operator::Is | Operator::In => true,
        Operator::NotEqual | Operator::IsNot | Operator::NotIn => false,
        _ => return None,
    };
    let of = |id: &ValueId| value_in(test.module, *id);
    let speaks = flow.sources.slice(flow.span(of(left))).to_ascii_lowercase().contains("transport");
    let names = texts(flow, of(right)).filter(|_| speaks)?;
    Some((names, equal))
}

fn texts(flow: &Flow, value: ValueRef) -> Option<Vec<String>> {
    match flow.kind(value) {
        ValueKind::Text(text) => Some(vec![text.to_string()]),
        ValueKind::List(parts) | ValueKind::Tuple(parts) => {
            let each = parts.iter().map(|part| match flow.kind(value_in(value.module, *part)) {
                ValueKind::Text(text) => Some(text.to_string()),
                _ => None,
            });
            each.collect()
        }
        _ => None,
    }
}
