//! What a test looks at, for both of its answers: it is taken as holding and as not holding, one after the other from the
//! same state, and what it calls and with what comes out the same both times.

use std::rc::Rc;

use crate::code::{Call, ValueId, ValueKind};
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::taint::call::Given;
use crate::taint::{Env, Shade, Summary, Walk};

/// Most things that one test looks at that are kept.
const MAX_KEPT: usize = 32;

/// What a test looked at, for its other answer.
pub(crate) type Looks = Vec<Look>;

/// One thing that a test looked at.
pub(crate) struct Look {
    at: ValueId,
    before: State,
    after: Env,
    /// What of the walk tells of the last call.
    unknown: Option<ValueRef>,
    left: bool,
    seen: Seen,
}

/// What decides what is seen of a value.
struct State {
    env: Env,
    outer: Option<u32>,
    awaiting: u32,
    leaves_on_error: bool,
    is_testing: bool,
}

/// What was seen of it.
#[derive(Clone)]
enum Seen {
    /// A value.
    Value(Box<Shade>),
    /// What a call is given.
    Given(Vec<Given>),
    /// What a function of the tree tells.
    Told(Rc<Summary>),
}

impl Env {
    fn is_one(&self, other: &Env) -> bool {
        self.values.is_one(&other.values)
            && self.proven.is_one(&other.proven)
            && self.put_at.is_one(&other.put_at)
            && self.flags.is_one(&other.flags)
    }
}

impl<'a> Walk<'a> {
    /// Looks at a test for both answers; what it sees for the first is kept for the second.
    pub(crate) fn for_both<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.begin_both(Some(Looks::new()));
        let found = look(self);
        self.looks = around;
        found
    }

    /// Goes on with what was kept, or with nothing; gives back what was kept so far.
    pub(crate) fn begin_both(&mut self, looks: Option<Looks>) -> Option<Looks> {
        std::mem::replace(&mut self.looks, looks)
    }

    /// A value that a test looks at.
    pub(crate) fn seen_in_test(&mut self, id: ValueId) -> Shade {
        let at = value_in(self.here().function.module, id);
        let is_plain = matches!(
            self.flow.kind(at),
            ValueKind::Name(_) | ValueKind::Text(_) | ValueKind::Null | ValueKind::Bool(_) | ValueKind::Int(_)
        );
        if is_plain {
            return self.value(id);
        }
        match self.once(id, |seen| matches!(seen, Seen::Value(_)), |walk| Seen::Value(Box::new(walk.value(id)))) {
            Seen::Value(shade) => *shade,
            _ => Shade::default(),
        }
    }

    /// What a call in a test is given.
    pub(crate) fn given_in_test(&mut self, at: ValueRef, code: &'a Call) -> Vec<Given> {
        let is_given = |seen: &Seen| matches!(seen, Seen::Given(_));
        match self.once(at.id, is_given, |walk| Seen::Given(walk.given(at, code))) {
            Seen::Given(given) => given,
            _ => Vec::new(),
        }
    }

    /// What a function of the tree tells that a test calls there.
    pub(crate) fn told_in_test(&mut self, at: ValueRef, look: impl FnOnce(&mut Self) -> Rc<Summary>) -> Rc<Summary> {
        match self.once(at.id, |seen| matches!(seen, Seen::Told(_)), |walk| Seen::Told(look(walk))) {
            Seen::Told(summary) => summary,
            _ => Rc::default(),
        }
    }

    /// What is seen of a value, unless it was seen in the same state for the other answer.
    fn once(&mut self, at: ValueId, is_sort: fn(&Seen) -> bool, look: impl FnOnce(&mut Self) -> Seen) -> Seen {
        let Some(looks) = &self.looks else { return look(self) };
        let of_it = |one: &&Look| one.at == at && is_sort(&one.seen) && self.is_as_before(&one.before);
        if let Some(known) = looks.iter().find(of_it) {
            let (seen, after) = (known.seen.clone(), known.after.clone());
            let (unknown, left) = (known.unknown, known.left);
            self.top().env = after;
            self.unknown = unknown;
            self.left |= left;
            return seen;
        }
        let before = self.state();
        let seen = look(self);
        let (after, unknown, left) = (self.here().env.clone(), self.unknown, self.left);
        if let Some(looks) = self.looks.as_mut().filter(|looks| looks.len() < MAX_KEPT) {
            looks.push(Look { at, before, after, unknown, left, seen: seen.clone() });
        }
        seen
    }

    fn state(&self) -> State {
        State {
            env: self.here().env.clone(),
            outer: self.outer.key(),
            awaiting: self.awaiting,
            leaves_on_error: self.leaves_on_error,
            is_testing: self.testing > 0,
        }
    }

    fn is_as_before(&self, before: &State) -> bool {
        before.env.is_one(&self.here().env)
            && before.outer == self.outer.key()
            && before.awaiting == self.awaiting
            && before.leaves_on_error == self.leaves_on_error
            && before.is_testing == (self.testing > 0)
    }
}
