//! The whole environment, given to something whose keys name the variables: `Schema.parse(process.env)`,
//! `cleanEnv(process.env, {…})`, `createEnv({server: {…}, runtimeEnv: process.env})`.

use std::collections::BTreeSet;

use crate::code::{Call, MapEntry, MapKey, Name, ValueKind};
use crate::extract::credentials::indirect::is_whole;
use crate::extract::credentials::told::Variables;
use crate::extract::requests::is_credential_name;
use crate::extract::usages::values;
use crate::flow::meaning::value_in;
use crate::flow::{Flow, Meaning, ModuleId, ValueRef};

/// Deepest schema that is taken apart, and most of its parts.
const MAX_DEPTH: u32 = 12;
const MAX_PARTS: u32 = 400;

/// What a validator reads of the environment that it is given.
pub(super) struct Given {
    /// Where it is given.
    pub(super) at: ValueRef,
    /// The credentials among its keys.
    pub(super) named: BTreeSet<Name>,
    /// Whether all keys are known.
    pub(super) is_known: bool,
}

/// Each place of a module where a validator is given the whole environment.
pub(super) fn given(flow: &Flow, module: ModuleId, variables: &Variables) -> Vec<Given> {
    values(flow, module).filter_map(|at| of_call(flow, at, variables)).collect()
}

fn of_call(flow: &Flow, at: ValueRef, variables: &Variables) -> Option<Given> {
    let ValueKind::Call(call) = flow.kind(at) else { return None };
    let callee = value_in(at.module, call.callee);
    let (base, method) = match flow.kind(callee) {
        ValueKind::Field { base, name } => (Some(value_in(at.module, *base)), name),
        ValueKind::Name(name) => (None, name),
        _ => return None,
    };
    if !variables.validators.contains(method.as_str()) || !is_given(flow, at, call) {
        return None;
    }
    // What a function of the tree reads of its parameter is seen there.
    let (meaning, _) = flow.asking_within(200, || flow.meaning(callee, &None));
    if matches!(meaning, Meaning::Function(..)) {
        return None;
    }
    let mut keys = Keys { flow, named: BTreeSet::new(), is_known: true, left: MAX_PARTS };
    base.into_iter().for_each(|base| keys.of(base, MAX_DEPTH));
    let others = call.arguments.iter().map(|one| value_in(at.module, one.value)).filter(|one| !is_whole(flow, *one));
    others.for_each(|one| keys.of(one, MAX_DEPTH));
    let Keys { named, is_known, .. } = keys;
    Some(Given { at, named: named.into_iter().filter(|name| is_credential_name(name)).collect(), is_known })
}

/// Whether an argument is the environment, or a member of an object that is written out there.
fn is_given(flow: &Flow, at: ValueRef, call: &Call) -> bool {
    call.arguments.iter().map(|one| value_in(at.module, one.value)).any(|one| match flow.kind(one) {
        ValueKind::Map(entries) => entries.iter().any(|entry| is_whole(flow, value_in(at.module, entry.value))),
        _ => is_whole(flow, one),
    })
}

/// The keys of a schema, with those of what it is made of.
struct Keys<'f, 'p> {
    flow: &'f Flow<'p>,
    named: BTreeSet<Name>,
    is_known: bool,
    left: u32,
}

impl Keys<'_, '_> {
    fn of(&mut self, at: ValueRef, depth: u32) {
        let (Some(depth), Some(left)) = (depth.checked_sub(1), self.left.checked_sub(1)) else {
            self.is_known = false;
            return;
        };
        self.left = left;
        let flow = self.flow;
        match flow.kind(at) {
            ValueKind::Map(entries) => self.of_entries(at, entries, depth),
            ValueKind::Call(call) => self.of_result(at, call, depth),
            ValueKind::Field { base, .. } => self.of(value_in(at.module, *base), depth),
            ValueKind::Name(_) => match flow.defined_as(at).filter(|far| *far != at) {
                Some(far) => self.of(far, depth),
                None => self.is_known &= is_outside(flow, at),
            },
            ValueKind::Text(_) | ValueKind::Int(_) | ValueKind::Bool(_) | ValueKind::Null | ValueKind::Function(_) => {}
            _ => self.is_known = false,
        }
    }

    fn of_entries(&mut self, at: ValueRef, entries: &[MapEntry], depth: u32) {
        for entry in entries {
            let value = value_in(at.module, entry.value);
            match &entry.key {
                MapKey::Name(name, _) => drop(self.named.insert(name.clone())),
                MapKey::Value(_) => self.is_known = false,
                MapKey::Spread => self.of(value, depth),
            }
            if matches!(self.flow.kind(value), ValueKind::Map(_)) {
                self.of(value, depth);
            }
        }
    }

    /// `z.object({…})`, `base.extend({…})`, `first.merge(second)`, and what is taken out of one of them.
    fn of_result(&mut self, at: ValueRef, call: &Call, depth: u32) {
        let callee = value_in(at.module, call.callee);
        let (base, method) = match self.flow.kind(callee) {
            ValueKind::Field { base, name } => (Some(value_in(at.module, *base)), name.as_str()),
            _ => (None, ""),
        };
        if base.is_none() && !is_outside(self.flow, callee) {
            self.is_known = false;
        }
        base.filter(|_| method != "pick").into_iter().for_each(|base| self.of(base, depth));
        let arguments = call.arguments.iter().map(|one| value_in(at.module, one.value));
        if method == "omit" {
            for entry in arguments.filter_map(|one| match self.flow.kind(one) {
                ValueKind::Map(entries) => Some(entries),
                _ => None,
            }) {
                entry.iter().for_each(|entry| {
                    if let MapKey::Name(name, _) = &entry.key {
                        self.named.remove(name);
                    }
                });
            }
            return;
        }
        arguments.for_each(|one| self.of(one, depth));
    }
}

/// Whether a name is that of something outside the tree.
fn is_outside(flow: &Flow, at: ValueRef) -> bool {
    matches!(flow.asking_within(100, || flow.meaning(at, &None)).0, Meaning::Outside(_))
}
