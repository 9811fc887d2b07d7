//! Ways from where a transport is made to what serves it: whether one of them leads past a guard.
//!
//! It only tells what leads past for sure. Where a way is lost, in a member or in a function of the tree, nothing is said.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::walk::children;
use crate::code::{Language, MODULE_BODY, Name, ValueId, ValueKind};
use crate::extract::web::Before;
use crate::flow::meaning::{Meaning, function_in, value_in};
use crate::flow::scope::Bound;
use crate::flow::{Flow, FunctionRef, ModuleId, ValueRef};
use crate::source::Span;

/// Most values that one transport is followed through.
const MAX_VALUES: usize = 400;

/// Which value each value of a module stands in, and where names stand.
struct Held {
    parents: Vec<Option<ValueId>>,
    names: BTreeMap<Name, Vec<ValueId>>,
}

/// The ways of one transport.
pub struct Ways<'w, 'a> {
    flow: &'w Flow<'a>,
    before: &'w Before<'a>,
    held: BTreeMap<ModuleId, Held>,
    opened: Vec<ValueRef>,
}

impl<'w, 'a> Ways<'w, 'a> {
    /// Of the transport that is made at a place.
    pub fn new(before: &'w Before<'a>, opened: Span) -> Ways<'w, 'a> {
        let flow = before.flow;
        let module = before.loaded.program.by_source.get(&opened.source).copied();
        let calls =
            module.into_iter().flat_map(|module| flow.scopes(module).calls.iter().map(move |id| value_in(module, *id)));
        let opened = calls.filter(|at| flow.span(*at) == opened).collect();
        Ways { flow, before, held: BTreeMap::new(), opened }
    }

    /// Where the transport is served although no guard that is attached at one of these places stands before it.
    pub fn bare(&mut self, places: &[ValueRef]) -> Option<Span> {
        let mut next = self.opened.clone();
        // What another file attaches is not followed.
        let is_elsewhere = |at: &ValueRef| places.iter().any(|place| place.module != at.module);
        for opened in next.clone() {
            if is_elsewhere(&opened) || self.attaches(opened, None, places) || self.is_guarded_before(opened, places) {
                return None;
            }
            if self.serves(opened) {
                return Some(self.flow.span(opened));
            }
        }
        let mut seen: BTreeSet<ValueRef> = next.iter().copied().collect();
        while let Some(value) = next.pop() {
            let step = self.step(value, places);
            if let Some(span) = step.served {
                return Some(span);
            }
            next.extend(step.on.into_iter().filter(|one| seen.len() < MAX_VALUES && seen.insert(*one)));
        }
        None
    }

    /// Whether what a transport is a method of has a guard attached, or comes from where that cannot be told.
    fn is_guarded_before(&mut self, opened: ValueRef, places: &[ValueRef]) -> bool {
        let ValueKind::Call(call) = self.flow.kind(opened) else { return true };
        let ValueKind::Field { base, .. } = self.flow.kind(value_in(opened.module, call.callee)) else { return false };
        let receiver = value_in(opened.module, *base);
        let ValueKind::Name(name) = self.flow.kind(receiver) else {
            return self.flow.module(opened).language == Language::Python;
        };
        match self.bound_to(receiver, name) {
            None => false,
            Some(Bound::Import(_)) => false,
            Some(Bound::Value(made)) if !self.is_own(value_in(opened.module, made)) => {
                self.uses(receiver, name).into_iter().any(|one| self.is_attached_on(one, places))
            }
            Some(_) => true,
        }
    }

    /// What the name that stands at a place is bound to, where that is one thing.
    fn bound_to(&self, at: ValueRef, name: &Name) -> Option<Bound> {
        let home = self.home(at, name)?;
        match &self.flow.scopes(at.module).bindings[home.id.index()].get(name)?[..] {
            [one] => Some(one.bound.clone()),
            _ => Some(Bound::Nothing),
        }
    }

    fn held(&mut self, module: ModuleId) -> &Held {
        let flow = self.flow;
        self.held.entry(module).or_insert_with(|| {
            let code = flow.program.module(module);
            let mut held = Held { parents: vec![None; code.values.len()], names: BTreeMap::new() };
            for at in 0..code.values.len() {
                let id = ValueId(at as u32);
                if let ValueKind::Name(name) = &code.value(id).kind {
                    held.names.entry(name.clone()).or_default().push(id);
                }
                children(&code.value(id).kind, &mut |child| held.parents[child.index()] = Some(id));
            }
            held
        })
    }

    fn parent(&mut self, at: ValueRef) -> Option<ValueRef> {
        let parent = self.held(at.module).parents[at.id.index()]?;
        Some(value_in(at.module, parent))
    }

    /// Every place where the name that stands at one is read.
    fn uses(&mut self, at: ValueRef, name: &Name) -> Vec<ValueRef> {
        let home = self.home(at, name);
        let all = self.held(at.module).names.get(name).cloned().unwrap_or_default();
        let all = all.into_iter().take(MAX_VALUES).map(|id| value_in(at.module, id));
        all.filter(|one| self.home(*one, name) == home).collect()
    }

    fn home(&self, at: ValueRef, name: &Name) -> Option<FunctionRef> {
        let mut owner = Some(self.flow.owner(at).id);
        while let Some(function) = owner {
            if self.flow.scopes(at.module).bindings[function.index()].contains_key(name) {
                return Some(function_in(at.module, function));
            }
            owner = self.flow.program.module(at.module).function(function).parent;
        }
        None
    }

    fn step(&mut self, value: ValueRef, places: &[ValueRef]) -> Step {
        let mut step = Step::default();
        if let Some(parent) = self.parent(value) {
            self.upward(value, parent, places, &mut step);
        }
        self.named(value, places, &mut step);
        let scopes = self.flow.scopes(value.module);
        let owner = self.flow.owner(value);
        if owner.id != MODULE_BODY && scopes.returns[owner.id.index()].contains(&value.id) {
            step.on.extend(self.flow.calls_of(owner).iter().copied());
        }
        step
    }

    /// What a value stands in.
    fn upward(&mut self, value: ValueRef, parent: ValueRef, places: &[ValueRef], step: &mut Step) {
        match self.flow.kind(parent) {
            ValueKind::Call(call) if call.callee == value.id => {}
            ValueKind::Call(_) if self.attaches(parent, Some(value), places) => {}
            ValueKind::Call(call) => {
                if self.serves(parent) {
                    step.served = Some(self.flow.span(parent));
                } else if !self.is_own(parent) {
                    step.on.push(parent);
                    if let ValueKind::Field { base, .. } = self.flow.kind(value_in(parent.module, call.callee)) {
                        self.holder(value_in(parent.module, *base), places, step);
                    }
                }
            }
            ValueKind::Field { .. } => {
                let Some(call) = self.parent(parent) else { return };
                if !matches!(self.flow.kind(call), ValueKind::Call(of) if of.callee == parent.id) {
                    return;
                }
                let is_guarded = !self.is_route(call) && self.attaches(call, None, places);
                if !is_guarded && self.serves(call) {
                    step.served = Some(self.flow.span(call));
                } else if !is_guarded {
                    step.on.push(call);
                }
            }
            ValueKind::Binary { .. } | ValueKind::Not(_) | ValueKind::Index { .. } | ValueKind::Matches { .. } => {}
            _ => step.on.push(parent),
        }
    }

    /// What takes a value in by a method: `mux.Handle("/mcp", handler)`.
    fn holder(&mut self, base: ValueRef, places: &[ValueRef], step: &mut Step) {
        let ValueKind::Name(name) = self.flow.kind(base) else { return };
        // What a function of the tree gives may have a guard within.
        match self.bound_to(base, name) {
            Some(Bound::Value(made)) if !self.is_own(value_in(base.module, made)) => {}
            _ => return,
        }
        let uses = self.uses(base, name);
        if !uses.iter().any(|one| self.is_attached_on(*one, places)) {
            step.on.extend(uses);
        }
    }

    /// The names that hold a value.
    fn named(&mut self, value: ValueRef, places: &[ValueRef], step: &mut Step) {
        let owner = self.flow.owner(value);
        let mut found = Vec::new();
        let mut next = Some(owner.id);
        while let Some(function) = next {
            #[expect(clippy::iter_over_hash_type, reason = "what is found is sorted")]
            for (name, bindings) in &self.flow.scopes(value.module).bindings[function.index()] {
                if bindings.iter().any(|one| one.bound == Bound::Value(value.id)) {
                    found.push((function, name.clone(), bindings.len()));
                }
            }
            next = self.flow.program.module(value.module).function(function).parent;
        }
        found.sort();
        for (function, name, count) in found {
            // What is given another value later may be wrapped by then.
            if count > 1 {
                continue;
            }
            let all = self.held(value.module).names.get(&name).cloned().unwrap_or_default();
            let home = Some(function_in(value.module, function));
            let uses: Vec<ValueRef> = all
                .into_iter()
                .map(|id| value_in(value.module, id))
                .filter(|one| self.home(*one, &name) == home)
                .collect();
            if !uses.iter().any(|one| self.is_attached_on(*one, places)) {
                step.on.extend(uses);
            }
        }
    }

    /// Whether a use of something attaches a guard to it where it stands: `app.use(guard)`, `secure(app)`.
    fn is_attached_on(&mut self, one: ValueRef, places: &[ValueRef]) -> bool {
        let Some(parent) = self.parent(one) else { return false };
        let call = match self.flow.kind(parent) {
            ValueKind::Field { .. } => self
                .parent(parent)
                .filter(|call| matches!(self.flow.kind(*call), ValueKind::Call(of) if of.callee == parent.id)),
            // What a function of the tree does with it is not followed.
            ValueKind::Call(_) => return self.is_own(parent) && !places.contains(&parent),
            _ => None,
        };
        call.is_some_and(|call| !self.is_bound(call) && !self.is_route(call) && self.attaches(call, None, places))
    }

    /// Whether what a call gives is kept, as a chain is: then the receiver stays as it was.
    fn is_bound(&mut self, call: ValueRef) -> bool {
        self.flow.module(call).language == Language::Rust
    }

    /// Whether a call is given a guard, or makes it, besides one of its arguments.
    fn attaches(&self, call: ValueRef, besides: Option<ValueRef>, places: &[ValueRef]) -> bool {
        let flow = self.flow;
        let ValueKind::Call(code) = flow.kind(call) else { return false };
        let is_within = |outer: Span| {
            let skipped = besides.map(|value| flow.span(value));
            places
                .iter()
                .map(|place| flow.span(*place))
                .any(|place| outer.contains(place) && skipped.is_none_or(|skipped| !skipped.contains(place)))
        };
        let arguments =
            code.arguments.iter().map(|one| value_in(call.module, one.value)).filter(|one| Some(*one) != besides);
        let given = |value: ValueRef| {
            let of = flow.defined_as(value).unwrap_or(value);
            is_within(flow.span(value)) || is_within(flow.span(of))
        };
        places.contains(&call) || arguments.into_iter().any(given)
    }

    fn own(&self, call: ValueRef) -> Option<FunctionRef> {
        let ValueKind::Call(code) = self.flow.kind(call) else { return None };
        match self.flow.asking(|| self.flow.meaning(value_in(call.module, code.callee), &None)).0 {
            Meaning::Function(function, _, _) => Some(function),
            _ => None,
        }
    }

    fn is_own(&self, call: ValueRef) -> bool {
        self.own(call).is_some()
    }

    fn serves(&self, call: ValueRef) -> bool {
        self.is_called(call, &self.before.known.serving)
    }

    fn is_route(&self, call: ValueRef) -> bool {
        self.is_called(call, &self.before.known.routing)
    }

    fn is_called(&self, call: ValueRef, names: &BTreeSet<String>) -> bool {
        let ValueKind::Call(code) = self.flow.kind(call) else { return false };
        match self.flow.kind(value_in(call.module, code.callee)) {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => names.contains(name.as_str()),
            _ => false,
        }
    }
}

/// Where a value goes.
#[derive(Default)]
struct Step {
    on: Vec<ValueRef>,
    served: Option<Span>,
}
