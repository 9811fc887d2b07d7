//! Calls of functions that stand inside one another, put together into one frame.

use crate::flow::meaning::{Frame, Within, levels, push};
use crate::flow::{Flow, FunctionRef, In};

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
        let take = |frame: Frame, is_wanted: &dyn Fn(FunctionRef) -> bool| {
            let found: Vec<&Within> = levels(known).filter(|level| of(level).is_some_and(is_wanted)).collect();
            found.into_iter().rev().fold(frame, |frame, level| match (of(level), again(level)) {
                (Some(function), Some(level)) if !has(&frame, function) => push(&frame, level),
                _ => frame,
            })
        };
        let around = take(base.clone(), &|function| function != called && self.is_nested(called, function));
        take(push(&around, entry), &|function| function != called && self.is_nested(function, called))
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

/// A call once more.
fn again(level: &Within) -> Option<Within> {
    match level {
        Within::Call { function, arguments, this, at } => {
            Some(Within::Call { function: *function, arguments: arguments.clone(), this: this.clone(), at: *at })
        }
        Within::Turn(..) => None,
    }
}
