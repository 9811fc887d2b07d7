//! Calls of functions that stand inside one another, put together into one frame.

use crate::code::{Name, ValueKind};
use crate::flow::meaning::{Frame, Within, levels, push, value_in};
use crate::flow::{Flow, FunctionRef, In, ValueRef};

impl Flow<'_> {
    /// The frame of a call, with the calls already known of the functions around the one called, and of closures in it.
    pub(super) fn with_closures(&self, base: &Frame, entry: Within, known: &Frame) -> Frame {
        let Within::Call { function: called, .. } = &entry else { return push(base, entry) };
        let called = *called;
        let of = |level: &Within| match level {
            Within::Call { function, .. } => Some(*function),
            Within::Turn(..) => None,
        };
        let has = |frame: &Frame, wanted: FunctionRef| levels(frame).any(|level| of(level) == Some(wanted));
        let all: Vec<&Within> = levels(known).collect();
        // The element that a closure is called for stands around its call.
        let of_call = |at: usize| match (all[at], at.checked_sub(1).map(|inner| all[inner])) {
            (Within::Turn(over, ..), Some(Within::Call { function, at: Some(call), .. })) => {
                self.goes_through(*call, *over).then_some(*function)
            }
            (level, _) => of(level),
        };
        let take = |frame: Frame, is_wanted: &dyn Fn(FunctionRef) -> bool| {
            let wanted = (0..all.len()).rev().filter_map(|at| Some((of_call(at)?, all[at])));
            wanted.filter(|(function, _)| is_wanted(*function)).fold(frame, |frame, (function, level)| {
                if has(&frame, function) { frame } else { push(&frame, again(level)) }
            })
        };
        let around = take(base.clone(), &|function| function != called && self.is_nested(called, function));
        take(push(&around, entry), &|function| function != called && self.is_nested(function, called))
    }

    /// Looks at what a closure calls of what the functions around it are given: whether that is known says inside
    /// which calls the closure is made.
    pub fn look_around(&self, closure: FunctionRef, frame: &Frame) {
        let given = self.given_around(closure);
        if given.is_empty() {
            return;
        }
        let calls = self.calls_by_name(closure.module);
        for call in calls.get(&closure.id).into_iter().flatten() {
            let ValueKind::Call(code) = self.kind(value_in(closure.module, *call)) else { continue };
            let callee = value_in(closure.module, code.callee);
            if matches!(self.kind(callee), ValueKind::Name(name) if given.contains(&name)) {
                self.look(&self.meaning(callee, frame), 1);
            }
        }
    }

    /// Names of the parameters of the functions around a closure.
    fn given_around(&self, closure: FunctionRef) -> Vec<&Name> {
        let mut given = Vec::new();
        let mut next = self.function(closure).parent;
        while let Some(parent) = next {
            let parent = self.function(In { module: closure.module, id: parent });
            given.extend(parent.parameters.iter().filter_map(|parameter| parameter.name()));
            next = parent.parent;
        }
        given
    }

    /// Whether a call goes through the elements of a value: `over.forEach(…)`.
    fn goes_through(&self, call: ValueRef, over: ValueRef) -> bool {
        let ValueKind::Call(code) = self.kind(call) else { return false };
        matches!(self.kind(value_in(call.module, code.callee)), ValueKind::Field { base, .. } if value_in(call.module, *base) == over)
    }

    fn is_nested(&self, function: FunctionRef, outer: FunctionRef) -> bool {
        let mut next = self.function(function).parent;
        while let Some(parent) = next.filter(|_| function.module == outer.module) {
            if parent == outer.id {
                return true;
            }
            next = self.function(In { module: function.module, id: parent }).parent;
        }
        false
    }
}

/// A call or a turn once more.
fn again(level: &Within) -> Within {
    match level {
        Within::Call { function, arguments, this, at } => {
            Within::Call { function: *function, arguments: arguments.clone(), this: this.clone(), at: *at }
        }
        Within::Turn(over, element, at) => Within::Turn(*over, element.clone(), *at),
    }
}
