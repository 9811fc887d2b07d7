//! What outlives the call that puts it there: members of what a function is given, and names of the functions around it
//! and of its module.

use std::collections::BTreeMap;

use crate::code::{FunctionId, FunctionKind, Language, Name, ParameterKind, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::{FunctionRef, In, ValueRef};
use crate::model::Note;
use crate::taint::call::Calling;
use crate::taint::statement::dotted;
use crate::taint::{Shade, Walk};

/// Most members that one function leaves something in.
const MAX_TOUCHED: usize = 64;
/// Most changes of what names of modules hold that one walk follows: each makes it look again at what was looked at.
const MAX_CHANGES: u32 = 24;

/// What a function leaves in a member of what it is given.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    /// Position of the parameter; none for the object whose method it is.
    parameter: Option<usize>,
    members: Vec<Name>,
    shade: Shade,
}

/// What names outside of the functions that are being walked hold since this walk began.
#[derive(Default)]
pub(crate) struct Outer {
    held: BTreeMap<(FunctionRef, Name), Shade>,
    changes: u32,
}

impl Outer {
    /// Whether nothing of a caller is kept in any.
    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Differs between two states of them; nothing where they hold nothing of a caller.
    pub(crate) fn key(&self) -> Option<u32> {
        (!self.is_empty()).then_some(self.changes)
    }
}

impl<'a> Walk<'a> {
    /// A member of a name of this function is given a value.
    pub(crate) fn touch(&mut self, root: &Name, members: &[Name]) {
        let holder = if root == "this" { self.holder_of_this() } else { self.stack.len() - 1 };
        let touched = &mut self.stack[holder].touched;
        if touched.len() < MAX_TOUCHED && !touched.iter().any(|(name, path)| name == root && path == members) {
            touched.push((root.clone(), members.to_vec()));
        }
    }

    /// A name of this function stands for something else from here on.
    pub(crate) fn rebind(&mut self, name: &Name) {
        let function = self.here().function;
        if self.flow.function(function).parameters.iter().any(|parameter| parameter.name() == Some(name)) {
            let activation = self.top();
            activation.touched.retain(|(root, _)| root != name);
            activation.rebound.insert(name.clone());
        }
    }

    /// What the function leaves in what it was given, as of here.
    pub(crate) fn left_behind(&mut self) -> Vec<Left> {
        let touched = self.here().touched.clone();
        let left = touched.into_iter().filter_map(|(root, members)| {
            let parameter = self.parameter_of(&root)?;
            let whole = if root == "this" { self.this() } else { self.named(&root) };
            let mut shade = members.iter().try_fold(whole, |whole, member| whole.parts.get(member).cloned())?;
            shade.proofs |= self.here().env.proven.get(&dotted(&root, &members)).copied().unwrap_or_default();
            Some(Left { parameter, members, shade: shade.unnamed() })
        });
        left.filter(|left| left.shade.holds_any()).collect()
    }

    /// The parameter that a name stands for: none for the object itself.
    fn parameter_of(&self, root: &Name) -> Option<Option<usize>> {
        if root == "this" {
            return Some(None);
        }
        let parameters = &self.flow.function(self.here().function).parameters;
        let position = parameters.iter().position(|parameter| parameter.name() == Some(root))?;
        (!self.here().rebound.contains(root)).then_some(Some(position))
    }

    /// Puts what a call leaves in what it was given where the caller has that from.
    pub(crate) fn take_left(&mut self, calling: &Calling<'a>, function: FunctionRef, left: &[Left], is_made: bool) {
        for left in left {
            let Some(source) = self.source(calling, function, left.parameter, is_made) else { continue };
            let Some((root, mut members)) = self.path(value_in(calling.at.module, source)) else { continue };
            members.extend(left.members.iter().cloned());
            let shade = left.shade.clone().step(self.flow.span(calling.at), &format!("left in `{root}`"));
            self.put_at(root, &members, shade);
        }
    }

    /// The value that a call gives to a parameter, as it is written there.
    fn source(
        &self,
        calling: &Calling<'a>,
        function: FunctionRef,
        parameter: Option<usize>,
        is_made: bool,
    ) -> Option<ValueId> {
        let parameters = &self.flow.function(function).parameters;
        let receiver = || match self.flow.kind(value_in(calling.at.module, calling.code.callee)) {
            ValueKind::Field { base, .. } if !is_made => Some(*base),
            _ => None,
        };
        let Some(position) = parameter else { return receiver() };
        let wanted = parameters.get(position)?;
        if wanted.kind == ParameterKind::Receiver {
            return receiver();
        }
        let arguments = &calling.code.arguments;
        if let Some(named) =
            arguments.iter().find(|argument| argument.name.is_some() && argument.name.as_ref() == wanted.name())
        {
            return Some(named.value);
        }
        let before = parameters.iter().take(position).filter(|one| one.kind != ParameterKind::Receiver).count();
        let plain =
            arguments.iter().skip(calling.skipped).filter(|argument| argument.name.is_none()).map(|one| one.value);
        let is_spread = |id: ValueId| matches!(self.flow.kind(value_in(calling.at.module, id)), ValueKind::Spread(_));
        plain.take_while(|id| !is_spread(*id)).nth(before)
    }

    /// Gives a member of a name, or of the object at hand, a value.
    pub(crate) fn put_at(&mut self, root: Name, members: &[Name], shade: Shade) {
        self.touch(&root, members);
        let path = dotted(&root, members);
        self.top().env.forget(&path);
        let mut whole = if root == "this" { self.this() } else { self.named(&root) };
        whole.of = Vec::new();
        self.found.steps = self.found.steps.saturating_add((whole.parts.len() / 64) as u32);
        set(&mut whole, members, shade);
        if root == "this" {
            let holder = self.holder_of_this();
            self.stack[holder].this = whole;
            return;
        }
        if self.receiver().is_some_and(|receiver| *receiver == root) {
            self.top().this = Shade { of: Vec::new(), ..whole.clone() };
        }
        self.keep_outside(&root, &whole);
        self.top().env.hold(root, whole);
    }

    /// The object at hand.
    pub(crate) fn this(&self) -> Shade {
        self.stack.get(self.holder_of_this()).map(|activation| activation.this.clone()).unwrap_or_default()
    }

    /// The function on the way here whose object a closure speaks of, by position.
    fn holder_of_this(&self) -> usize {
        let mut function = self.here().function;
        let last = self.stack.len() - 1;
        for (at, activation) in self.stack.iter().enumerate().rev() {
            if activation.function != function {
                continue;
            }
            let code = self.flow.function(function);
            if code.kind != FunctionKind::Closure || activation.this.holds_any() {
                return at;
            }
            let Some(parent) = code.parent else { return at };
            function.id = parent;
        }
        last
    }

    /// A name that belongs to a function around this one, or to the module, holds it for the others too.
    pub(crate) fn keep_outside(&mut self, name: &Name, shade: &Shade) {
        if !shade.holds_any() {
            return;
        }
        let Some(holder) = self.holder(name) else { return };
        let shade = shade.clone().unnamed();
        if let Some(around) = self.stack.iter_mut().rev().find(|activation| activation.function == holder) {
            let before = around.env.values.get(name).map(|known| known.or(&shade));
            around.env.forget(name);
            around.env.hold(name.clone(), before.unwrap_or(shade));
            return;
        }
        self.holds_here_only();
        let known = self.outer.held.get(&(holder, name.clone()));
        let joined = known.map_or_else(|| shade.clone(), |known| known.or(&shade));
        let is_new = known.is_none_or(|known| text(known) != text(&joined));
        if !is_new {
            return;
        }
        if self.outer.changes >= MAX_CHANGES {
            // What is kept from here on is not followed, which is told as a call that could not be resolved.
            return self.found.unresolved.extend(self.path.last().map(|note| note.span));
        }
        self.outer.held.insert((holder, name.clone()), joined);
        self.outer.changes += 1;
    }

    /// What a name that no function on the way here holds was given before.
    pub(crate) fn held_outside(&self, name: &Name) -> Option<Shade> {
        if self.outer.is_empty() {
            return None;
        }
        self.outer.held.get(&(self.holder(name)?, name.clone())).cloned()
    }

    /// The function around, or the module's body, that a name belongs to; none for names of the function's own.
    pub(crate) fn holder(&self, name: &Name) -> Option<FunctionRef> {
        let here = self.here().function;
        let bindings = &self.flow.scopes(here.module).bindings;
        let is_own = |id: FunctionId| bindings[id.index()].get(name);
        if is_own(here.id).is_some_and(|all| all.iter().any(|binding| !binding.is_far)) {
            return None;
        }
        let mut around = self.flow.function(here).parent;
        while let Some(id) = around {
            let function = In { module: here.module, id };
            if is_own(id).is_some() {
                return Some(function);
            }
            around = self.flow.function(function).parent;
        }
        None
    }

    /// What is asked of an object, where a method answers it.
    pub(crate) fn asked_of(&mut self, at: ValueRef, base: ValueId, name: &Name, object: &Shade) -> Option<Shade> {
        if !self.flow.has_getter(name) {
            return None;
        }
        let around = self.here().frame.clone();
        let object_at = value_in(at.module, base);
        let (getter, frame) = self.flow.asking(|| self.flow.getter(object_at, name, at, &around)).0?;
        let takes_itself = !self.flow.function(getter).parameters.is_empty();
        let arguments = if takes_itself { vec![object.clone()] } else { Vec::new() };
        self.path.push(Note::new(self.flow.span(at), format!("asks for `{name}`")));
        let summary = self.summary(getter, arguments, object.clone(), frame, &[]);
        self.path.pop();
        Some(summary.result.clone().unnamed())
    }

    /// Whether a value may be written through, where its language has pointers: `*out = v`, `fill(&out)`.
    pub(crate) fn pointed(&self, at: ValueRef) -> Option<ValueRef> {
        match self.flow.kind(at) {
            ValueKind::Unary(inner) if matches!(self.flow.module(at).language, Language::Go | Language::Rust) => {
                Some(value_in(at.module, *inner))
            }
            _ => None,
        }
    }
}

/// What is left on any way out.
pub(crate) fn either<'l>(ways: impl Iterator<Item = &'l [Left]>) -> Vec<Left> {
    let mut all: Vec<Left> = Vec::new();
    for left in ways.flatten() {
        match all.iter_mut().find(|known| known.parameter == left.parameter && known.members == left.members) {
            Some(known) => known.shade = known.shade.or(&left.shade),
            None => all.push(left.clone()),
        }
    }
    all
}

fn text(shade: &Shade) -> String {
    let mut text = String::new();
    shade.key(&mut text, 0);
    text
}

fn set(whole: &mut Shade, members: &[Name], shade: Shade) {
    let Some((first, rest)) = members.split_first() else {
        *whole = Shade { of: Vec::new(), ..shade };
        return;
    };
    set(std::rc::Rc::make_mut(&mut whole.parts).entry(first.clone()).or_default(), rest, shade);
}
