//! Variables whose names are those of a list: `for (const name of ["API_KEY", "URL"]) settings[name] = process.env[name]`.

use std::collections::BTreeMap;

use crate::code::{FunctionId, Name, ValueId, ValueKind};
use crate::extract::credentials::indirect::key_of;
use crate::extract::requests::is_credential_name;
use crate::extract::usages::values;
use crate::flow::meaning::value_in;
use crate::flow::scope::Bound;
use crate::flow::{Flow, ModuleId, ValueRef};

/// Deepest list of lists that is looked into.
const MAX_DEPTH: u32 = 3;

/// Each credential among the names of a list whose variables are read one by one.
pub(super) fn by_several(flow: &Flow, module: ModuleId) -> Vec<(Name, ValueRef)> {
    let mut found = Vec::new();
    let mut lists = None;
    for at in values(flow, module) {
        let Some(key) = key_of(flow, at).map(|key| value_in(module, key)) else { continue };
        let ValueKind::Name(name) = flow.kind(key) else { continue };
        let Some((function, bindings)) = flow.bindings_around(key, name) else { continue };
        for binding in bindings {
            let list = match binding.bound {
                Bound::Each(list) => Some(list),
                Bound::Parameter(0) => lists.get_or_insert_with(|| given_each(flow, module)).get(&function.id).copied(),
                _ => None,
            };
            let mut names = Vec::new();
            list.into_iter().for_each(|list| texts(flow, value_in(module, list), MAX_DEPTH, &mut names));
            found.extend(names.into_iter().filter(|name| is_credential_name(name)).map(|name| (name, at)));
        }
    }
    found
}

/// The lists whose elements functions of a module are given one by one: `["API_KEY"].map((name) => …)`.
fn given_each(flow: &Flow, module: ModuleId) -> BTreeMap<FunctionId, ValueId> {
    let of_call = |at: ValueRef| {
        let ValueKind::Call(call) = flow.kind(at) else { return None };
        let ValueKind::Field { base, .. } = flow.kind(value_in(module, call.callee)) else { return None };
        match flow.kind(value_in(module, call.arguments.first()?.value)) {
            ValueKind::Function(function) => Some((*function, *base)),
            _ => None,
        }
    };
    values(flow, module).filter_map(of_call).collect()
}

/// The texts of a list that is written out, with those of the lists in it.
fn texts(flow: &Flow, at: ValueRef, depth: u32, into: &mut Vec<Name>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match flow.defined_as(at).map(|far| (far, flow.kind(far))) {
        Some((_, ValueKind::Text(text))) => into.push(text.clone()),
        Some((far, ValueKind::List(items) | ValueKind::Tuple(items))) => {
            items.iter().for_each(|item| texts(flow, value_in(far.module, *item), depth, into));
        }
        _ => {}
    }
}
