//! Names that are true on some ways and false on others: what was proven on the ways on which they are the one or the other.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::walk::children;
use crate::code::{Assignment, FunctionId, Language, Name, Operator, Place, ValueId, ValueKind};
use crate::flow::grown::READING;
use crate::flow::meaning::value_in;
use crate::flow::{In, ModuleId, ValueRef};
use crate::taint::call::Calling;
use crate::taint::common::Common;
use crate::taint::{Env, Proofs, Walk};

/// Calls that put one more into a list.
const ADDING: &[&str] = &["append", "push", "unshift", "insert"];
/// Functions from outside that leave a list as it is that they are given.
const ASKING: &[&str] =
    &["len", "str", "repr", "print", "sorted", "any", "all", "bool", "list", "tuple", "join", "stringify", "dumps"];

/// What is proven of names and members.
pub(crate) type Proven = BTreeMap<Name, Proofs>;
/// Flags by name; those of lists, which say whether anything is in them, under the name and `.length`.
pub(crate) type Flags = Common<BTreeMap<Name, Flag>>;

/// What holds where a name is true, and where it is false; nothing where it cannot be so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flag {
    when_true: Option<Rc<Proven>>,
    when_false: Option<Rc<Proven>>,
}

impl Flag {
    pub(crate) fn new(truth: bool, proven: &Proven) -> Self {
        let side = |is: bool| is.then(|| Rc::new(proven.clone()));
        Self { when_true: side(truth), when_false: side(!truth) }
    }

    /// What one tells where it is true, and another where it is false.
    pub(crate) fn either(one: Self, other: Self) -> Self {
        Self { when_true: one.when_true, when_false: other.when_false }
    }

    /// Whether the name is false on every way.
    pub(crate) fn is_down(&self) -> bool {
        self.when_true.is_none()
    }

    pub(crate) fn side(&self, holds: bool) -> Option<&Rc<Proven>> {
        if holds { self.when_true.as_ref() } else { self.when_false.as_ref() }
    }

    fn is_one(&self, other: &Flag) -> bool {
        let is_same = |one: &Option<Rc<Proven>>, two: &Option<Rc<Proven>>| match (one, two) {
            (Some(one), Some(two)) => Rc::ptr_eq(one, two),
            (one, two) => one.is_none() && two.is_none(),
        };
        is_same(&self.when_true, &other.when_true) && is_same(&self.when_false, &other.when_false)
    }

    /// Nothing is known any more of what is no longer what it was.
    pub(crate) fn forget(&mut self, is_of: &dyn Fn(&Name) -> bool) {
        for side in [&mut self.when_true, &mut self.when_false].into_iter().flatten() {
            if side.keys().any(is_of) {
                Rc::make_mut(side).retain(|known, _| !is_of(known));
            }
        }
    }
}

impl Env {
    /// A name is what it is on either way; what was proven on a way holds wherever it is what it was there.
    pub(crate) fn flags_with(&self, other: &Env) -> Flags {
        if self.flags.is_one(&other.flags) {
            return self.flags.clone();
        }
        let joined = |(name, one): (&Name, &Flag)| {
            let two = other.flags.get(name)?;
            let flag = match one.is_one(two) {
                true => one.clone(),
                false => Flag {
                    when_true: either(self.on(one.side(true)), other.on(two.side(true))),
                    when_false: either(self.on(one.side(false)), other.on(two.side(false))),
                },
            };
            Some((name.clone(), flag))
        };
        self.flags.iter().filter_map(joined).collect::<BTreeMap<_, _>>().into()
    }

    /// What was proven of a flag's side, with what is proven by now.
    fn on(&self, side: Option<&Rc<Proven>>) -> Option<Rc<Proven>> {
        let mut all = Proven::clone(side?);
        for (name, proofs) in self.proven.iter() {
            *all.entry(name.clone()).or_default() |= *proofs;
        }
        Some(Rc::new(all))
    }
}

/// What is proven on both ways; where only one can be taken, what is proven on that.
fn either(one: Option<Rc<Proven>>, two: Option<Rc<Proven>>) -> Option<Rc<Proven>> {
    let (Some(one), Some(two)) = (&one, &two) else { return one.or(two) };
    let shared = |(name, proofs): (&Name, &Proofs)| Some((name.clone(), *proofs & *two.get(name)?));
    Some(Rc::new(one.iter().filter_map(shared).filter(|(_, proofs)| !proofs.is_none()).collect()))
}

impl<'a> Walk<'a> {
    /// `allowed = true`, `errors = []`: what is proven here holds wherever the name is that later.
    pub(crate) fn raise_flag(&mut self, name: &Name, value: ValueId) {
        let at = value_in(self.here().function.module, value);
        match self.flow.kind(at) {
            // Another name for the same list, by which it may be emptied.
            ValueKind::Name(list) if !self.here().env.flags.is_empty() => {
                self.top().env.flags.remove(&length_of(list));
            }
            ValueKind::Bool(_) | ValueKind::List(_) if self.is_changed_inside(name) => {}
            ValueKind::Bool(truth) => self.set_flag(name.clone(), *truth),
            ValueKind::List(items) if items.is_empty() => self.set_flag(length_of(name), false),
            ValueKind::List(items) if items.iter().any(|item| self.is_one(at.module, *item)) => {
                self.set_flag(length_of(name), true);
            }
            _ => self.fills_list(name, at),
        }
    }

    /// Whether a function inside this one does something to what a name holds, whenever that is called.
    pub(crate) fn is_changed_inside(&self, name: &Name) -> bool {
        let here = self.here().function;
        let scopes = self.flow.scopes(here.module);
        let mut bindings = scopes.bindings[here.id.index()].get(name).into_iter().flatten();
        if bindings.any(|binding| binding.is_far) {
            return true;
        }
        let around = |id: &FunctionId| self.flow.function(In { module: here.module, id: *id }).parent;
        scopes.changes.get(name).into_iter().flatten().any(|change| {
            let owner = scopes.owner[change.place.index()];
            owner != here.id && std::iter::successors(Some(owner), around).take(64).any(|one| one == here.id)
        })
    }

    fn is_one(&self, module: ModuleId, item: ValueId) -> bool {
        !matches!(self.flow.kind(value_in(module, item)), ValueKind::Spread(_))
    }

    fn set_flag(&mut self, name: Name, truth: bool) {
        let env = &mut self.top().env;
        let flag = Flag::new(truth, &env.proven);
        env.flags.insert(name, flag);
    }

    /// `errors += ["no"]`: whether a list that is followed gets one more.
    pub(crate) fn adds_to_list(&self, place: &Place, assignment: &Assignment) -> bool {
        let (Place::Name(name, _), Some(Operator::Add)) = (place, assignment.operator) else { return false };
        self.here().env.flags.contains_key(&length_of(name))
    }

    /// `errors.append(x)`: a list that was empty is so no longer. What else is called on it or with it may do anything.
    pub(crate) fn use_of_lists(&mut self, calling: &Calling<'a>) {
        if self.here().env.flags.is_empty() {
            return;
        }
        let module = calling.at.module;
        let named = |id: ValueId| match self.flow.kind(value_in(module, id)) {
            ValueKind::Name(name) => Some(length_of(name)),
            _ => None,
        };
        let callee = self.flow.kind(value_in(module, calling.code.callee));
        let (receiver, called) = match callee {
            ValueKind::Field { base, name } => (named(*base), name.as_str()),
            ValueKind::Name(name) => (None, name.as_str()),
            _ => (None, ""),
        };
        let given: Vec<Name> = calling.code.arguments.iter().flat_map(|one| self.lists_in(module, one.value)).collect();
        match receiver.filter(|list| self.here().env.flags.contains_key(list)) {
            Some(list) if ADDING.contains(&called) => self.set_flag(list, true),
            Some(list) if !READING.contains(&called) => drop(self.top().env.flags.remove(&list)),
            _ => {}
        }
        let is_known = || given.iter().any(|list| self.here().env.flags.contains_key(list));
        let callee = value_in(module, calling.code.callee);
        if is_known() && (!ASKING.contains(&called) || self.function_of(callee).is_some()) {
            self.top().env.flags.retain(|list, _| !given.contains(list));
        }
    }

    /// `del errors[:]`: what is left of a list is not known.
    pub(crate) fn takes_from_list(&mut self, value: ValueId) {
        let of = self.path(value_in(self.here().function.module, value));
        if let Some((root, _)) = of.filter(|_| !self.here().env.flags.is_empty()) {
            self.top().env.flags.remove(&length_of(&root));
        }
    }

    /// The flags of the lists that an argument is, or that it holds.
    fn lists_in(&self, module: ModuleId, value: ValueId) -> Vec<Name> {
        match self.flow.kind(value_in(module, value)) {
            ValueKind::Name(name) => vec![length_of(name)],
            // Who is given a pointer may put another list there.
            ValueKind::Unary(inner) => self.lists_in(module, *inner),
            kind @ (ValueKind::Map(_) | ValueKind::List(_)) => {
                let mut all = Vec::new();
                children(kind, &mut |id| {
                    if let ValueKind::Name(name) = self.flow.kind(value_in(module, id)) {
                        all.push(length_of(name));
                    }
                });
                all
            }
            _ => Vec::new(),
        }
    }

    /// What a flag tells where it is what a test found.
    pub(crate) fn flag_facts(&self, name: &Name, holds: bool) -> Option<Vec<(Vec<Name>, Proofs)>> {
        let proven = self.here().env.flags.get(name)?.side(holds)?;
        Some(proven.iter().map(|(name, proofs)| (vec![name.clone()], *proofs)).collect())
    }

    /// `errors` of Python, `errors.length`, `len(errors)`: the flag that tells whether anything is in a list.
    pub(crate) fn list_asked(&self, test: ValueRef) -> Option<Name> {
        let name_of = |id: ValueId| match self.flow.kind(value_in(test.module, id)) {
            ValueKind::Name(name) => Some(length_of(name)),
            _ => None,
        };
        match self.flow.kind(test) {
            ValueKind::Name(_) if self.flow.module(test).language == Language::Python => name_of(test.id),
            ValueKind::Field { base, name } if name == "length" => name_of(*base),
            ValueKind::Call(call) => match (&call.arguments[..], self.flow.kind(value_in(test.module, call.callee))) {
                ([only], ValueKind::Name(name)) if name == "len" => name_of(only.value),
                _ => None,
            },
            _ => None,
        }
    }

    /// As [`Walk::counted`], where the number itself is the test.
    pub(crate) fn is_list_empty(&self, test: ValueRef, holds: bool) -> Option<Vec<(Vec<Name>, Proofs)>> {
        self.flag_facts(&self.list_asked(test)?, holds)
    }

    /// `errors.length > 0`, `len(errors) == 0`: what tells whether anything is in a list.
    pub(crate) fn counted(
        &self,
        operator: Operator,
        left: ValueId,
        right: ValueId,
        holds: bool,
    ) -> Option<Vec<(Vec<Name>, Proofs)>> {
        let module = self.here().function.module;
        let ValueKind::Int(number) = self.flow.kind(value_in(module, right)) else { return None };
        let has_any = match (operator, number) {
            (Operator::Greater | Operator::NotEqual, 0) | (Operator::GreaterEqual, 1) => holds,
            (Operator::Equal | Operator::LessEqual, 0) | (Operator::Less, 1) => !holds,
            _ => return None,
        };
        self.flag_facts(&self.list_asked(value_in(module, left))?, has_any)
    }
}

pub(crate) fn length_of(name: &Name) -> Name {
    Name::new(format!("{name}.length"))
}
