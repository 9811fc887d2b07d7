//! When an attachment happens, and whether what is made to be attached is used at all.

use crate::code::{MODULE_BODY, Name, Place, StatementKind, ValueId, ValueKind};
use crate::extract::web::guard::is_within;
use crate::flow::meaning::{Meaning, function_in, value_in};
use crate::flow::scope::Bound;
use crate::flow::{Flow, FunctionRef, ValueRef};

/// Methods that run what they are given before they come back.
const AT_ONCE: &[&str] =
    &["forEach", "map", "filter", "reduce", "flatMap", "register", "route", "group", "Group", "Route", "scope"];

/// Whether an attachment stands in a closure that something from outside runs some time, and the route does not.
pub fn is_later(flow: &Flow, at: ValueRef, route: ValueRef) -> bool {
    let mut inner = flow.owner(at);
    for _ in 0..8 {
        if inner.id == MODULE_BODY || is_within(flow, flow.owner(route), inner) {
            return false;
        }
        if flow.passed_to(inner).any(|call| is_run_later(flow, call, inner)) {
            return true;
        }
        let Some(parent) = flow.function(inner).parent else { return false };
        inner = function_in(inner.module, parent);
    }
    false
}

fn is_run_later(flow: &Flow, call: ValueRef, closure: FunctionRef) -> bool {
    let ValueKind::Call(code) = flow.kind(call) else { return false };
    let is_written = code.arguments.iter().any(|one| {
        matches!(flow.kind(value_in(call.module, one.value)), ValueKind::Function(id) if function_in(call.module, *id) == closure)
    });
    let callee = value_in(call.module, code.callee);
    let is_at_once = match flow.kind(callee) {
        ValueKind::Field { name, .. } | ValueKind::Name(name) => AT_ONCE.contains(&name.as_str()),
        _ => true,
    };
    let is_of_tree = matches!(flow.asking(|| flow.meaning(callee, &None)).0, Meaning::Function(..));
    is_written && !is_at_once && !is_of_tree
}

/// Whether what is made here goes into a name that nobody reads: `guarded := wrap(next); _ = guarded`.
pub fn is_dropped(flow: &Flow, at: ValueRef) -> bool {
    let owner = flow.owner(at);
    if owner.id == MODULE_BODY {
        return false;
    }
    let bindings = &flow.scopes(owner.module).bindings[owner.id.index()];
    let mut names: Vec<&Name> = bindings
        .iter()
        .filter(|(_, all)| {
            all.iter().any(|one| matches!(one.bound, Bound::Value(value) if flow.span(value_in(owner.module, value)).contains(flow.span(at))))
        })
        .map(|(name, _)| name)
        .collect();
    names.sort();
    names.first().is_some_and(|name| !is_read(flow, owner, name))
}

fn is_read(flow: &Flow, owner: FunctionRef, name: &Name) -> bool {
    let code = flow.function(owner);
    let dropped: Vec<ValueId> = code
        .body
        .statements
        .iter()
        .filter_map(|statement| match &statement.kind {
            StatementKind::Assign(one) if one.places.iter().all(|place| matches!(place, Place::Ignore)) => one.value,
            _ => None,
        })
        .collect();
    let module = flow.program.module(owner.module);
    (0..module.values.len()).map(|at| ValueId(at as u32)).any(|id| {
        let value = value_in(owner.module, id);
        matches!(flow.kind(value), ValueKind::Name(own) if own == name)
            && code.span.contains(flow.span(value))
            && !dropped.contains(&id)
    })
}
