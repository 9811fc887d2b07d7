//! Inside which calls and loop turns a place is reached.

use std::rc::Rc;

use crate::code::{Language, ValueKind};
use crate::flow::callers::EACH_ELEMENT;
use crate::flow::meaning::{Frame, Item, Meaning, Passed, UNKNOWN_ELEMENT, Within, push, value_in};
use crate::flow::scope::ContextKind;
use crate::flow::{Flow, FunctionRef, In, Open, ValueRef};

/// Most calls between a place and the frame it is looked at in.
const MAX_WAY: u32 = 5;
/// Most places looked at for the frames of one place.
const MAX_PLACES: u32 = 60_000;
/// Most places looked at for the frames of one place in the middle of another question.
const MAX_WITHIN: u32 = 200;
/// Most calls of a method on something opaque that are looked at.
const MAX_OPAQUE: usize = 2_000;
/// Steps that a frame looked at costs a question in the middle of which it is.
const FRAME_STEPS: u32 = 50;
/// Most frames of one place.
const MAX_FRAMES: usize = 4_000;

/// A frame in which a place is reached, and whether it is reached for sure.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The frame.
    pub frame: Frame,
    /// Calls on the way, outermost first.
    pub way: Vec<ValueRef>,
    /// Whether a branch, a handler or an optional element stands on the way, and where.
    pub condition: Option<ValueRef>,
    /// Whether some collection on the way is not fully known.
    pub is_open: bool,
    /// Collection on the way of which it is one element that may be missing.
    pub optional: Option<ValueRef>,
}

/// The method that is called when a class is made that inherits.
pub(super) const FOR_HEIRS: &str = "__init_subclass__";

impl Flow<'_> {
    /// The frames in which a place is reached, as far as `probe` needs them to know what it asks.
    pub fn frames(&self, place: ValueRef, probe: &dyn Fn(&Frame)) -> Vec<Reached> {
        let start =
            Reached { frame: None, way: Vec::new(), condition: self.condition(place), is_open: false, optional: None };
        self.frames_left.set(MAX_PLACES);
        self.frames_from(place, start, probe, MAX_WAY)
    }

    /// As [`Flow::frames`], in the middle of another question.
    pub(super) fn frames_within(&self, place: ValueRef, probe: &dyn Fn(&Frame), way: u32) -> Vec<Reached> {
        let start =
            Reached { frame: None, way: Vec::new(), condition: self.condition(place), is_open: false, optional: None };
        let left = self.frames_left.replace(MAX_WITHIN);
        let found = self.frames_from(place, start, probe, way);
        self.frames_left.set(left.saturating_sub(1));
        found
    }

    fn frames_from(&self, place: ValueRef, start: Reached, probe: &dyn Fn(&Frame), way: u32) -> Vec<Reached> {
        self.frames_left.set(self.frames_left.get().saturating_sub(1));
        let mut done = Vec::new();
        let mut waiting = vec![(start, 0)];
        while let Some((reached, turns)) = waiting.pop() {
            if !self.spend(FRAME_STEPS) {
                done.push(reached);
                continue;
            }
            let (_, open) = self.asking(|| probe(&reached.frame));
            let next = self.innermost_first(open).into_iter().find_map(|open| self.opened(place, &reached, open, way));
            match next {
                Some(all) if turns < 12 && done.len() + waiting.len() + all.len() < MAX_FRAMES => {
                    waiting.extend(all.into_iter().rev().map(|reached| (reached, turns + 1)));
                }
                _ => done.push(reached),
            }
        }
        done
    }

    /// What is open, closures before what they stand in: a closure says more of a place than what is around it.
    fn innermost_first(&self, mut open: Vec<Open>) -> Vec<Open> {
        let nesting = |function: FunctionRef| {
            let mut next = self.function(function).parent;
            let mut deep = 0_u32;
            while let Some(parent) = next.filter(|_| deep < 64) {
                deep += 1;
                next = self.function(In { module: function.module, id: parent }).parent;
            }
            deep
        };
        open.sort_by_key(|open| match open {
            Open::Call(function) => (0, std::cmp::Reverse(nesting(*function))),
            Open::Turn(_) => (1, std::cmp::Reverse(0)),
        });
        open
    }

    /// The frames that settle what was open; `None` where nothing does.
    fn opened(&self, place: ValueRef, reached: &Reached, open: Open, way: u32) -> Option<Vec<Reached>> {
        let found = match open {
            Open::Turn(over) if self.is_around(place, over) => self.turns(reached, over),
            Open::Turn(_) => return None,
            Open::Call(function) if way > 0 && self.frames_left.get() > 0 && self.is_home(place, function) => {
                self.calls_into(reached, function, way)
            }
            Open::Call(_) => return None,
        };
        (!found.is_empty()).then_some(found)
    }

    /// Whether a place stands inside the loop over a value, or in a closure inside it.
    fn is_around(&self, place: ValueRef, over: ValueRef) -> bool {
        let is_over = |context: &ContextKind| matches!(context, ContextKind::Each(each) if *each == over.id);
        place.module == over.module
            && self.way_out(place).into_iter().any(|at| self.scopes(at.module).around(at.id).any(is_over))
    }

    /// Whether a place stands inside a function or a closure in it.
    fn is_home(&self, place: ValueRef, function: FunctionRef) -> bool {
        let mut next = Some(self.owner(place));
        while let Some(owner) = next {
            if owner == function {
                return true;
            }
            next = self.function(owner).parent.map(|parent| In { module: owner.module, id: parent });
        }
        false
    }

    /// The place, and the closures around it as values in their own functions.
    fn way_out(&self, place: ValueRef) -> Vec<ValueRef> {
        let mut all = vec![place];
        let mut owner = self.owner(place);
        for _ in 0..32 {
            if let Some(value) = self.scopes(place.module).function_values.get(&owner.id) {
                all.push(value_in(place.module, *value));
            }
            match self.function(owner).parent {
                Some(parent) => owner = In { module: owner.module, id: parent },
                None => break,
            }
        }
        all
    }

    fn turns(&self, reached: &Reached, over: ValueRef) -> Vec<Reached> {
        let (items, _) = self.asking(|| self.turns_over(over, &reached.frame));
        let Some(items) = items else { return Vec::new() };
        let turn = |(position, item): (usize, Item)| {
            let element = if item.is_rest { Meaning::Unknown(UNKNOWN_ELEMENT) } else { item.value };
            Reached {
                frame: push(&reached.frame, Within::Turn(over, element, position)),
                way: reached.way.clone(),
                condition: reached.condition,
                is_open: reached.is_open || item.is_rest,
                optional: reached.optional.or(item.optional.then_some(over)),
            }
        };
        items.into_iter().enumerate().map(turn).collect()
    }

    fn calls_into(&self, reached: &Reached, function: FunctionRef, way: u32) -> Vec<Reached> {
        let mut found = Vec::new();
        for call in self.calls_of(function).to_vec() {
            found.extend(self.called_at(reached, function, call, way));
        }
        for (call, position) in self.callers().passed.get(&function).cloned().unwrap_or_default() {
            found.extend(self.called_back(reached, function, call, position, way));
        }
        for decorator in self.callers().decorating.get(&function).into_iter().flatten() {
            found.extend(self.decorating(reached, function, *decorator));
        }
        found.extend(self.called_for_heirs(reached, function));
        // Whoever else calls it, a function may have been given the object or the entry whose name it is.
        let only_given = !found.is_empty() && self.function(function).class.is_some();
        found.extend(self.called_by_name(reached, function, way, only_given));
        if self.frames_left.get() == 0 {
            found.iter_mut().for_each(|reached| reached.is_open = true);
        }
        found
    }

    /// Python calls it with every class that inherits.
    fn called_for_heirs(&self, reached: &Reached, function: FunctionRef) -> Vec<Reached> {
        let code = self.function(function);
        let Some(class) = code.class.filter(|_| code.name.as_deref() == Some(FOR_HEIRS)) else { return Vec::new() };
        let heirs = self.heirs(In { module: function.module, id: class }).into_iter();
        let with = |heir| {
            let this = Some(Rc::new(Meaning::Class(heir)));
            let entry = Within::Call { function, arguments: Vec::new(), this, at: None };
            Reached { frame: self.with_closures(&None, entry, &reached.frame), ..reached.clone() }
        };
        heirs.take(MAX_FRAMES).map(with).collect()
    }

    /// The frame of a decorator: it is called with what it decorates.
    fn decorating(
        &self,
        reached: &Reached,
        function: FunctionRef,
        (decorator, decorated): (ValueRef, FunctionRef),
    ) -> Option<Reached> {
        let (meaning, _) = self.asking(|| self.meaning(decorator, &None));
        let Meaning::Function(called, captured, this) = meaning else { return None };
        let outer = Reached {
            frame: None,
            way: Vec::new(),
            condition: self.condition(decorator),
            is_open: false,
            optional: None,
        };
        let arguments = vec![Passed { name: None, value: Meaning::Function(decorated, None, None), is_rest: false }];
        let entry = Within::Call { function, arguments, this, at: None };
        (called == function).then(|| self.entered(reached, &outer, captured, entry, decorator))
    }

    /// The frames of a call of `function`, each callee checked inside the frame of its call.
    fn called_at(&self, reached: &Reached, function: FunctionRef, call: ValueRef, way: u32) -> Vec<Reached> {
        let ValueKind::Call(code) = self.kind(call) else { return Vec::new() };
        if self.is_inside(call, function) {
            return Vec::new();
        }
        let callee = value_in(call.module, code.callee);
        let probe = |frame: &Frame| {
            self.look(&self.meaning(callee, frame), 1);
            self.passed(call, frame).iter().for_each(|argument| self.look(&argument.value, 3));
        };
        let start =
            Reached { frame: None, way: Vec::new(), condition: self.condition(call), is_open: false, optional: None };
        let mut found = Vec::new();
        for outer in self.frames_from(call, start, &probe, way - 1) {
            let callee = self.asking(|| self.meaning(callee, &outer.frame)).0;
            let all: Vec<Meaning> = match &callee {
                Meaning::Each(all) | Meaning::Choice(all) => all.to_vec(),
                one => vec![one.clone()],
            };
            // One of several functions: which one is not known, so that none of them is there for sure.
            let is_one_of = matches!(&callee, Meaning::Choice(all) if all.iter().filter(|one| !matches!(one, Meaning::Null)).count() > 1);
            let before = found.len();
            for callee in all {
                let entered = self.one_call(reached, function, call, &outer, &self.force(&callee));
                found.extend(
                    entered
                        .map(|entered| Reached { optional: entered.optional.or(is_one_of.then_some(call)), ..entered }),
                );
            }
            if found.len() == before {
                // Further out less may be known of the receiver than what its declared type says.
                let declared = self.asking(|| self.meaning(value_in(call.module, code.callee), &None)).0;
                found.extend(self.one_call(reached, function, call, &outer, &declared));
            }
        }
        found
    }

    fn one_call(
        &self,
        reached: &Reached,
        function: FunctionRef,
        call: ValueRef,
        outer: &Reached,
        callee: &Meaning,
    ) -> Option<Reached> {
        let arguments = self.passed(call, &outer.frame);
        let (base, arguments, this) = match callee {
            Meaning::Function(called, captured, this) if *called == function => {
                let base = if captured.is_some() { captured.clone() } else { outer.frame.clone() };
                (base, arguments, this.clone())
            }
            Meaning::Class(class) => {
                let made = Rc::new(crate::flow::meaning::Instance { class: *class, at: call, arguments });
                let owner = self.function(function).class.map(|id| In { module: function.module, id })?;
                let frame = self.constructor_frame(&made, owner);
                let level = frame?;
                let Within::Call { arguments, this, .. } = &level.entry else { return None };
                (outer.frame.clone(), arguments.clone(), this.clone())
            }
            _ => return None,
        };
        Some(self.entered(reached, outer, base, Within::Call { function, arguments, this, at: Some(call) }, call))
    }

    fn entered(&self, reached: &Reached, outer: &Reached, base: Frame, entry: Within, call: ValueRef) -> Reached {
        let mut way = outer.way.clone();
        way.push(call);
        way.extend(reached.way.iter().copied());
        Reached {
            frame: self.with_closures(&base, entry, &reached.frame),
            way,
            condition: outer.condition.or(reached.condition),
            is_open: outer.is_open || reached.is_open,
            optional: outer.optional.or(reached.optional),
        }
    }

    /// The frames of a function that is passed to a call: once for each element where the call goes through a collection.
    fn called_back(
        &self,
        reached: &Reached,
        function: FunctionRef,
        call: ValueRef,
        position: usize,
        way: u32,
    ) -> Vec<Reached> {
        let ValueKind::Call(code) = self.kind(call) else { return Vec::new() };
        let callee = value_in(call.module, code.callee);
        if let ValueKind::Field { base, name } = self.kind(callee)
            && position == 0
            && EACH_ELEMENT.contains(&name.as_str())
        {
            let base = value_in(call.module, *base);
            let probe = |frame: &Frame| self.look(&self.meaning(base, frame), 2);
            let start = Reached {
                frame: None,
                way: Vec::new(),
                condition: self.condition(call),
                is_open: false,
                optional: None,
            };
            let mut found = Vec::new();
            for outer in self.frames_from(call, start, &probe, way - 1) {
                found.extend(self.each_element(reached, function, call, base, &outer));
            }
            return found;
        }
        self.called_inside(reached, function, call, position, way)
    }

    fn each_element(
        &self,
        reached: &Reached,
        function: FunctionRef,
        call: ValueRef,
        base: ValueRef,
        outer: &Reached,
    ) -> Vec<Reached> {
        let (collection, _) = self.asking(|| self.meaning(base, &outer.frame));
        let (items, _) = self.asking(|| self.items(&collection));
        let Some(items) = items else { return Vec::new() };
        let mut found = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            let arguments = self.of_element(&collection, &item);
            let entry = Within::Call { function, arguments, this: None, at: Some(call) };
            let turn = push(&outer.frame, Within::Turn(base, item.value.clone(), position));
            let mut next = self.entered(reached, outer, turn, entry, call);
            next.optional = next.optional.or(item.optional.then_some(call));
            next.is_open |= item.is_rest;
            found.push(next);
        }
        found
    }

    /// The frames of a function that is passed to another of the tree, which calls it.
    fn called_inside(
        &self,
        reached: &Reached,
        function: FunctionRef,
        call: ValueRef,
        position: usize,
        way: u32,
    ) -> Vec<Reached> {
        let ValueKind::Call(code) = self.kind(call) else { return Vec::new() };
        let callee = value_in(call.module, code.callee);
        let (meaning, _) = self.asking(|| self.meaning(callee, &None));
        let Meaning::Function(outer_function, captured, this) = meaning else { return Vec::new() };
        let _ = position;
        let arguments = self.passed(call, &None);
        let entry = Within::Call { function: outer_function, arguments, this, at: Some(call) };
        let frame = push(&captured, entry);
        let mut found = Vec::new();
        let calls = self.calls_by_name(outer_function.module);
        let inside = calls.get(&outer_function.id).filter(|_| way >= 2);
        for inner in inside.into_iter().flatten() {
            let inner = value_in(outer_function.module, *inner);
            let ValueKind::Call(code) = self.kind(inner) else { continue };
            let (called, _) = self.asking(|| self.meaning(value_in(inner.module, code.callee), &frame));
            if matches!(&called, Meaning::Function(called, _, _) if *called == function) {
                let outer = Reached {
                    frame: frame.clone(),
                    way: vec![call],
                    condition: self.condition(inner),
                    is_open: false,
                    optional: None,
                };
                let arguments = self.passed(inner, &frame);
                let entry = Within::Call { function, arguments, this: None, at: Some(inner) };
                found.push(self.entered(reached, &outer, None, entry, inner));
            }
        }
        found
    }

    /// A method that only opaque receivers call: every class of the tree that inherits it may be the receiver's.
    fn called_by_name(&self, reached: &Reached, function: FunctionRef, way: u32, only_given: bool) -> Vec<Reached> {
        let code = self.function(function);
        let Some(name) = code.name.as_ref() else { return Vec::new() };
        let class = code.class.map(|class| In { module: function.module, id: class });
        if class.is_none() && self.module(function).language != Language::TypeScript {
            return Vec::new();
        }
        let mut found = Vec::new();
        let calls = self.callers().opaque.get(name).into_iter().flatten().copied();
        let mut calls = calls.filter(|call| self.index.groups.are_tied(call.module, function.module));
        for call in calls.by_ref().take(MAX_OPAQUE) {
            let ValueKind::Call(call_code) = self.kind(call) else { continue };
            let ValueKind::Field { base, .. } = self.kind(value_in(call.module, call_code.callee)) else { continue };
            let base = value_in(call.module, *base);
            let is_given = || matches!(self.asking(|| self.meaning(base, &None)).0, Meaning::Parameter(..));
            if self.is_inside(call, function) || only_given && !is_given() {
                continue;
            }
            let probe = |frame: &Frame| {
                self.look(&self.meaning(base, frame), 1);
                self.passed(call, frame).iter().for_each(|argument| self.look(&argument.value, 3));
            };
            let start = Reached {
                frame: None,
                way: Vec::new(),
                condition: self.condition(call),
                is_open: false,
                optional: None,
            };
            for outer in self.frames_from(call, start, &probe, way - 1) {
                let (receiver, _) = self.asking(|| self.meaning(base, &outer.frame));
                let all: Vec<Meaning> = match &receiver {
                    Meaning::Each(all) | Meaning::Choice(all) => all.to_vec(),
                    one => vec![one.clone()],
                };
                for receiver in all {
                    let receiver = self.force(&receiver);
                    let mut base = outer.frame.clone();
                    match (&receiver, class) {
                        (Meaning::Instance(instance), Some(class)) => {
                            if !self.ancestors(instance.class).contains(&class) {
                                continue;
                            }
                        }
                        // A function that is an entry of the object.
                        (Meaning::Map(_), None) => match self.asking(|| self.member(&receiver, name)).0 {
                            Meaning::Function(found, captured, _) if found == function => {
                                base = captured.or(base);
                            }
                            _ => continue,
                        },
                        _ => continue,
                    }
                    let arguments = self.passed(call, &outer.frame);
                    let this = Some(Rc::new(receiver.clone()));
                    let entry = Within::Call { function, arguments, this, at: Some(call) };
                    found.push(self.entered(reached, &outer, base, entry, call));
                }
            }
        }
        let is_cut = calls.next().is_some();
        found.iter_mut().for_each(|reached| reached.is_open |= is_cut);
        found
    }

    /// Whether a place is inside a function or its closures.
    fn is_inside(&self, place: ValueRef, function: FunctionRef) -> bool {
        place.module == function.module && self.is_home(place, function)
    }

    /// Looks into a meaning, so that what it leaves open is noted.
    pub fn look(&self, meaning: &Meaning, depth: u32) {
        if depth == 0 {
            return;
        }
        match meaning {
            Meaning::Later(..) => self.look(&self.force(meaning), depth),
            Meaning::List(items) => items.iter().take(64).for_each(|item| self.look(&item.value, depth - 1)),
            Meaning::Map(entries) => entries.iter().take(64).for_each(|entry| self.look(&entry.value, depth - 1)),
            Meaning::Made(made) => made.arguments.iter().for_each(|argument| self.look(&argument.value, depth - 1)),
            Meaning::Instance(instance) => {
                instance.arguments.iter().for_each(|argument| self.look(&argument.value, depth - 1));
            }
            Meaning::Member(base, _) => self.look(base, depth - 1),
            _ => {}
        }
    }
}
