//! On which settings a value depends: variables of the environment, and members that are named as a policy over tools.
//!
//! Names are followed to what they hold, and calls into the functions of the tree.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{FunctionId, Name, ValueId, ValueKind};
use crate::extract::requests::{is_environment, reads_environment};
use crate::flow::meaning::value_in;
use crate::flow::scope::{Binding, Bound};
use crate::flow::{Flow, FunctionRef, In, Meaning, ValueRef};
use crate::source::Span;

/// Most values that are looked at for one question.
const MAX_STEPS: u32 = 20_000;
/// Deepest chain of names and calls that is followed.
const MAX_DEPTH: u32 = 24;
/// Parts of names that speak of which tools there are.
const POLICY: &[&str] = &[
    "allow",
    "deny",
    "denied",
    "enable",
    "disable",
    "readonly",
    "restrict",
    "permit",
    "permission",
    "exclude",
    "blocklist",
    "blocked",
    "whitelist",
    "blacklist",
    "destructive",
    "toolset",
    "toolfilter",
];

/// One setting.
#[derive(Clone, Debug)]
pub struct Setting {
    /// As it is written: the name of the variable, of the member.
    pub shown: String,
    /// Where it is read.
    pub span: Span,
    /// Whether it is a variable of the environment, not something that is only named as a setting.
    pub is_variable: bool,
}

/// Settings by what they are: `env:NAME`, `name:plainname`.
pub type Found = BTreeMap<String, Setting>;

/// The settings about tools on which values depend.
pub fn of(flow: &Flow, values: impl IntoIterator<Item = ValueRef>) -> Found {
    let mut seeker =
        Seeker { flow, found: Found::new(), values: BTreeSet::new(), bodies: BTreeSet::new(), left: MAX_STEPS };
    values.into_iter().for_each(|value| seeker.value(value, MAX_DEPTH));
    seeker.found
}

/// The settings about tools that a function speaks of anywhere.
pub fn of_function(flow: &Flow, function: FunctionRef) -> Found {
    let mut seeker =
        Seeker { flow, found: Found::new(), values: BTreeSet::new(), bodies: BTreeSet::new(), left: MAX_STEPS };
    seeker.body(function, MAX_DEPTH);
    seeker.found
}

struct Seeker<'f, 'a> {
    flow: &'f Flow<'a>,
    found: Found,
    values: BTreeSet<ValueRef>,
    bodies: BTreeSet<FunctionRef>,
    left: u32,
}

impl Seeker<'_, '_> {
    fn value(&mut self, at: ValueRef, depth: u32) {
        if depth == 0 || self.left == 0 || !self.values.insert(at) {
            return;
        }
        self.left -= 1;
        if let Some(name) = variable(self.flow, at) {
            if is_policy(&name) || plain(&name).contains("tool") {
                self.note(format!("env:{name}"), &name, at, true);
            }
            return;
        }
        match self.flow.kind(at) {
            ValueKind::Name(name) => self.name(at, name, depth - 1),
            ValueKind::Field { base, name } => {
                self.named(name, at);
                self.value(value_in(at.module, *base), depth - 1);
            }
            ValueKind::Call(call) => {
                self.call(value_in(at.module, call.callee), depth - 1);
                call.arguments.iter().for_each(|one| self.value(value_in(at.module, one.value), depth - 1));
            }
            ValueKind::Function(function) => self.body(In { module: at.module, id: *function }, depth - 1),
            kind => {
                let mut children = Vec::new();
                crate::code::walk::children(kind, &mut |child| children.push(child));
                children.into_iter().for_each(|child| self.value(value_in(at.module, child), depth - 1));
            }
        }
    }

    /// What a name holds; a name that leads nowhere is taken at its word.
    fn name(&mut self, at: ValueRef, name: &Name, depth: u32) {
        let before = self.found.len();
        let mut is_followed = false;
        for bound in bound(self.flow, at, name) {
            is_followed = true;
            self.value(bound, depth);
        }
        if !is_followed && let Some(far) = self.flow.defined_as(at).filter(|far| *far != at) {
            self.value(far, depth);
        }
        if self.found.len() == before && !self.leads_to_known(at) {
            self.named(name, at);
        }
    }

    /// Whether what a name leads to was noted before.
    fn leads_to_known(&self, at: ValueRef) -> bool {
        let ValueKind::Name(name) = self.flow.kind(at) else { return false };
        bound(self.flow, at, name).into_iter().any(|value| self.values.contains(&value)) && !self.found.is_empty()
    }

    fn call(&mut self, callee: ValueRef, depth: u32) {
        if let ValueKind::Field { base, .. } = self.flow.kind(callee) {
            self.value(value_in(callee.module, *base), depth);
        }
        match self.flow.asking_within(2_000, || self.flow.meaning(callee, &None)).0 {
            Meaning::Function(function, _, _) => self.body(function, depth),
            Meaning::Outside(_) => {}
            _ => match self.flow.kind(callee) {
                ValueKind::Field { name, .. } | ValueKind::Name(name) => self.named(name, callee),
                _ => {}
            },
        }
    }

    fn body(&mut self, function: FunctionRef, depth: u32) {
        if depth == 0 || self.bodies.len() >= 64 || !self.bodies.insert(function) {
            return;
        }
        self.flow.values_inside(function).into_iter().for_each(|value| self.value(value, depth));
    }

    fn named(&mut self, name: &Name, at: ValueRef) {
        if is_policy(name) {
            self.note(format!("name:{}", plain(name)), name, at, false);
        }
    }

    fn note(&mut self, key: String, shown: &str, at: ValueRef, is_variable: bool) {
        let span = self.flow.span(at);
        self.found.entry(key).or_insert_with(|| Setting { shown: shown.to_string(), span, is_variable });
    }
}

/// Whether a value belongs to a function or to a closure in it.
pub(crate) fn is_within(flow: &Flow, value: ValueRef, function: FunctionId) -> bool {
    let module = flow.module(value);
    let mut next = Some(flow.owner(value).id);
    while let Some(owner) = next {
        if owner == function {
            return true;
        }
        next = module.function(owner).parent;
    }
    false
}

/// Every value that a name is given where it is bound, in the function around or further out.
fn bound(flow: &Flow, at: ValueRef, name: &Name) -> Vec<ValueRef> {
    let of = |binding: &Binding| match binding.bound {
        Bound::Value(value) | Bound::Changed(value) | Bound::Each(value) | Bound::Held(value) => Some(value),
        _ => None,
    };
    let bindings = flow.bindings_around(at, name).map_or(&[][..], |(_, bindings)| bindings);
    bindings.iter().filter_map(of).take(16).map(|value| value_in(at.module, value)).collect()
}

/// The variable of the environment that a value reads.
pub(crate) fn variable(flow: &Flow, at: ValueRef) -> Option<Name> {
    let of = |id: ValueId| value_in(at.module, id);
    let text = |id: ValueId| match flow.kind(of(id)) {
        ValueKind::Text(text) => Some(text.clone()),
        ValueKind::Name(_) => flow.asking_within(500, || flow.meaning(of(id), &None)).0.text().cloned(),
        _ => None,
    };
    match flow.kind(at) {
        ValueKind::Field { base, name } if is_environment(flow, of(*base)) && name != "get" => Some(name.clone()),
        ValueKind::Index { base, key } if is_environment(flow, of(*base)) => text(*key),
        ValueKind::Call(call) if reads_environment(flow, of(call.callee)) => text(call.arguments.first()?.value),
        _ => None,
    }
}

/// Whether a name speaks of which tools there are.
fn is_policy(name: &str) -> bool {
    let plain = plain(name);
    POLICY.iter().any(|word| plain.contains(word))
}

/// A name without its way of writing.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_lowercase()).collect()
}
