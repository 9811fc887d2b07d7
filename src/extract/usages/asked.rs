//! What code that lets requests in looks at: the credential or the session id that a request carries.

use std::cell::Cell;

use crate::code::walk::children;
use crate::code::{Name, ValueId, ValueKind};
use crate::extract::requests::{Credential, credential, header};
use crate::flow::meaning::value_in;
use crate::flow::scope::{Bound, ContextKind};
use crate::flow::{Flow, ModuleId, ValueRef};

/// Most values that are looked at for one question.
const MAX_VALUES: u32 = 200;

/// Every value of a module.
pub fn values(flow: &Flow, module: ModuleId) -> impl Iterator<Item = ValueRef> {
    (0..flow.program.module(module).values.len()).map(move |at| value_in(module, ValueId(at as u32)))
}

/// Whether a value is the credential of a request, or only trimmed or taken apart.
pub fn is_credential(flow: &Flow, value: ValueRef) -> bool {
    credential(flow, value) == Some(Credential::Header)
}

/// Whether a value reads the session id of a request.
pub fn is_session(flow: &Flow, value: ValueRef) -> bool {
    let of = |id: ValueId| value_in(value.module, id);
    match flow.kind(value) {
        ValueKind::Field { base, name } => {
            is_session_name(name) && (is_query(flow, of(*base)) || header(flow, value).is_some())
        }
        ValueKind::Index { base, key } => match flow.kind(of(*key)) {
            ValueKind::Text(name) if is_session_name(name) => {
                is_query(flow, of(*base)) || header(flow, value).is_some_and(|name| is_session_name(&name))
            }
            _ => false,
        },
        ValueKind::Call(call) => {
            let first = call.arguments.first().map(|argument| flow.kind(of(argument.value)));
            let is_named = matches!(first, Some(ValueKind::Text(name)) if is_session_name(name));
            let is_of_query = || match flow.kind(of(call.callee)) {
                ValueKind::Field { base, name } => {
                    matches!(name.as_str(), "get" | "Get" | "query" | "Query") && is_query(flow, of(*base))
                }
                _ => false,
            };
            is_named && (is_of_query() || header(flow, value).is_some())
        }
        _ => false,
    }
}

fn is_session_name(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(plain.to_ascii_lowercase().as_str(), "sessionid" | "mcpsessionid" | "xsessionid")
}

/// `req.query`, `request.query_params`, `url.searchParams`, `r.URL.Query()`.
fn is_query(flow: &Flow, value: ValueRef) -> bool {
    let name: &Name = match flow.kind(value) {
        ValueKind::Field { name, .. } | ValueKind::Name(name) => name,
        ValueKind::Call(call) => match flow.kind(value_in(value.module, call.callee)) {
            ValueKind::Field { name, .. } => name,
            _ => return false,
        },
        _ => return false,
    };
    matches!(name.as_str(), "query" | "query_params" | "searchParams" | "Query" | "args" | "params")
}

/// Whether a value is made of one of which `is` says so, through names of the functions around it.
pub fn is_made_of(flow: &Flow, value: ValueRef, is: &dyn Fn(&Flow, ValueRef) -> bool) -> bool {
    let left = Cell::new(MAX_VALUES);
    made_of(flow, value, is, &left, 6)
}

fn made_of(flow: &Flow, value: ValueRef, is: &dyn Fn(&Flow, ValueRef) -> bool, left: &Cell<u32>, depth: u32) -> bool {
    if left.get() == 0 || depth == 0 {
        return false;
    }
    left.set(left.get() - 1);
    if is(flow, value) {
        return true;
    }
    match flow.kind(value) {
        ValueKind::Name(name) => {
            bound(flow, value, name).into_iter().any(|one| made_of(flow, one, is, left, depth - 1))
        }
        ValueKind::Function(_) | ValueKind::Class(_) => false,
        kind => {
            let mut under = Vec::new();
            children(kind, &mut |id| under.push(id));
            under.into_iter().any(|id| made_of(flow, value_in(value.module, id), is, left, depth - 1))
        }
    }
}

/// The values that a name may have, by the functions around it.
pub fn bound(flow: &Flow, at: ValueRef, name: &Name) -> Vec<ValueRef> {
    let bindings = flow.bindings_around(at, name).map_or(&[][..], |(_, bindings)| bindings);
    let values = bindings.iter().take(4).filter_map(|binding| match binding.bound {
        Bound::Value(value) | Bound::Each(value) | Bound::Held(value) | Bound::Matched(Some(value)) => {
            Some(value_in(at.module, value))
        }
        _ => None,
    });
    values.collect()
}

/// The innermost test that a value stands under.
pub fn tested(flow: &Flow, value: ValueRef) -> Option<ValueRef> {
    flow.scopes(value.module).around(value.id).find_map(|context| match context {
        ContextKind::Branch(test, _) => Some(value_in(value.module, *test)),
        _ => None,
    })
}

/// The HTTP status that refuses, where a value is one.
pub fn refusing_status(flow: &Flow, value: ValueRef) -> Option<i64> {
    const NAMES: &[(&str, i64)] = &[
        ("unauthorized", 401),
        ("forbidden", 403),
        ("badrequest", 400),
        ("notfound", 404),
        ("internalservererror", 500),
        ("notacceptable", 406),
        ("unprocessable", 422),
    ];
    match flow.kind(value) {
        ValueKind::Int(status) if (400..=599).contains(status) => Some(*status),
        ValueKind::Field { base, name } => {
            let base = flow.sources.slice(flow.span(value_in(value.module, *base))).to_ascii_lowercase();
            let name: String = name.to_ascii_lowercase().chars().filter(|c| *c != '_').collect();
            let is_status = base.contains("status") || base == "http" || name.starts_with("http");
            NAMES.iter().find(|(word, _)| is_status && name.contains(word)).map(|(_, status)| *status)
        }
        _ => None,
    }
}
