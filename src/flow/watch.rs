//! What of a call was asked for: what a function does in one call holds for another one where the same answers come back.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::flow::meaning::{Frame, Meaning, Within};
use crate::flow::{Flow, FunctionRef};

/// Stands for the receiver among the positions of parameters.
const RECEIVER: usize = usize::MAX;

/// Calls that are watched, by the address of their level of the frame, each with the parameters that were asked for.
pub(super) type Watched = RefCell<Vec<(usize, BTreeSet<usize>)>>;

impl Flow<'_> {
    /// Begins to note which parameters of the call on top of `frame` are asked for.
    pub fn watch(&self, frame: &Frame) {
        let address = frame.as_ref().map_or(0, |level| std::ptr::from_ref(&level.entry).addr());
        self.watched.borrow_mut().push((address, BTreeSet::new()));
    }

    /// Ends what [`Flow::watch`] began last: what was asked for, with the answers.
    pub fn asked_for(&self, function: FunctionRef, frame: &Frame) -> Vec<(usize, Meaning)> {
        let asked = self.watched.borrow_mut().pop().map(|(_, asked)| asked).unwrap_or_default();
        asked.into_iter().map(|position| (position, self.given_at(function, position, frame))).collect()
    }

    /// What the call on top of a frame gives a parameter, or its receiver.
    pub fn given_at(&self, function: FunctionRef, position: usize, frame: &Frame) -> Meaning {
        if position != RECEIVER {
            return self.asking(|| self.parameter(function, position, frame)).0;
        }
        match frame.as_ref().map(|level| &level.entry) {
            Some(Within::Call { this: Some(this), .. }) => Meaning::clone(this),
            _ => Meaning::Null,
        }
    }

    pub(super) fn note_receiver(&self, level: &Within) {
        self.note_parameter(level, RECEIVER);
    }

    pub(super) fn note_parameter(&self, level: &Within, position: usize) {
        let address = std::ptr::from_ref(level).addr();
        for (_, asked) in self.watched.borrow_mut().iter_mut().filter(|(known, _)| *known == address) {
            asked.insert(position);
        }
    }
}
