//! What gets through a function that stands before a transport: every way on must have been held against something.
//!
//! A walk over the function's statements. Where it hands the request on, whatever is proved of it at that place counts;
//! where it hands nothing on, every end that refuses nothing. What cannot be judged is neither proof nor hole.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use crate::code::ValueKind;
use crate::extract::web::guard;
use crate::extract::web::known::{Checks, Known};
use crate::flow::meaning::{function_in, value_in};
use crate::flow::{Flow, FunctionRef, ValueRef};
use crate::source::Span;

mod asked;
mod blank;
mod given;
mod proof;
mod required;
mod steps;
mod whose;

use whose::Whose;

/// Deepest chain of functions that ask one another.
const MAX_DEPTH: u32 = 5;
/// Most values that one question looks at; beyond them nothing is said.
const MAX_STEPS: u32 = 100_000;
/// Most functions that one question looks into.
const MAX_FUNCTIONS: usize = 200;

/// How sure it is that a request was held against something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// It was not.
    No,
    /// That is a matter of what is not known.
    Maybe,
    /// It was.
    Yes,
}

/// What gets through, and where most easily.
#[derive(Clone, Copy, Debug)]
pub struct Through {
    pub sure: Sure,
    pub at: Span,
    /// Whether the function hands the request on by itself.
    pub hands_on: bool,
}

/// What the answers of a function prove.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answers {
    /// It answers what counts as true.
    pub yes: Sure,
    /// It answers what counts as false.
    pub no: Sure,
    /// It comes to an end without raising.
    pub ends: Sure,
}

const NOTHING: Answers = Answers { yes: Sure::No, no: Sure::No, ends: Sure::No };

/// Asks what gets through functions.
pub struct Passage<'f, 'a> {
    pub(super) flow: &'f Flow<'a>,
    pub(super) known: &'f Known,
    pub(super) wanted: Checks,
    /// Functions that speak the protocol: to call one is to hand the request on.
    pub(super) speakers: &'f BTreeSet<FunctionRef>,
    answers: RefCell<BTreeMap<(FunctionRef, Vec<Whose>), Answers>>,
    depth: Cell<u32>,
    steps: Cell<u32>,
    nested: Cell<u32>,
}

impl<'f, 'a> Passage<'f, 'a> {
    /// For one kind of check.
    pub fn new(
        flow: &'f Flow<'a>,
        known: &'f Known,
        wanted: Checks,
        speakers: &'f BTreeSet<FunctionRef>,
    ) -> Passage<'f, 'a> {
        Passage {
            flow,
            known,
            wanted,
            speakers,
            answers: RefCell::default(),
            depth: Cell::new(0),
            steps: Cell::new(0),
            nested: Cell::new(0),
        }
    }

    /// What gets through a function that is given requests.
    pub fn through(&self, function: FunctionRef) -> Through {
        let walked = steps::walk(self, function, &[]);
        let weakest = |all: &[(Sure, Span)]| all.iter().copied().min_by_key(|(sure, span)| (*sure, *span));
        let hands_on = !walked.passed.is_empty();
        let found = match hands_on {
            true => weakest(&walked.passed),
            false => {
                let ends: Vec<(Sure, Span)> =
                    walked.ends.iter().filter(|end| !end.refused).map(|end| (end.proved, end.at)).collect();
                weakest(&ends)
            }
        };
        let (sure, at) = found.unwrap_or((Sure::Maybe, self.flow.function(function).name_span));
        let sure = if self.is_cut() { sure.max(Sure::Maybe) } else { sure };
        Through { sure, at, hands_on }
    }

    /// What it takes for a function to answer yes about a credential that it is given.
    pub fn lets_in(&self, function: FunctionRef, credential: usize) -> Sure {
        // Only receivers stand before it.
        let mut given = vec![Whose::Own; credential];
        given.push(Whose::Wanted);
        self.answers(function, given).yes
    }

    /// What gets through a function that makes another, by what else it gives back: `if (!token) return next`.
    pub fn through_maker(&self, maker: FunctionRef, made: FunctionRef) -> Through {
        let own = self.through(made);
        if maker == made {
            return own;
        }
        let returns = self.flow.scopes(maker.module).returns[maker.id.index()].iter();
        let returned = returns.map(|value| value_in(maker.module, *value));
        let others = returned.filter_map(|value| self.through_returned(value, maker, made));
        others.chain([own]).min_by_key(|one| one.sure).unwrap_or(own)
    }

    fn through_returned(&self, value: ValueRef, maker: FunctionRef, made: FunctionRef) -> Option<Through> {
        let asking = self.asking(maker, &[]);
        let tests = self.flow.tests(value);
        if tests.iter().any(|(test, side)| side.is_some_and(|side| asking.is_exempt(*test, side))) {
            return None;
        }
        match self.flow.kind(value) {
            ValueKind::Name(_) if asking.is_request(value) => {
                Some(Through { sure: Sure::No, at: self.flow.span(value), hands_on: true })
            }
            ValueKind::Function(other) if function_in(value.module, *other) != made => {
                let other = function_in(value.module, *other);
                (!guard::is_within(self.flow, made, other)).then(|| self.through(other))
            }
            _ => None,
        }
    }

    /// What the answers of a function prove, by whose word its parameters are.
    pub(super) fn answers(&self, function: FunctionRef, given: Vec<Whose>) -> Answers {
        let key = (function, given);
        if let Some(known) = self.answers.borrow().get(&key) {
            return *known;
        }
        if self.depth.get() >= MAX_DEPTH || self.answers.borrow().len() >= MAX_FUNCTIONS {
            return Answers { yes: Sure::Maybe, no: Sure::Maybe, ends: Sure::No };
        }
        // Whoever asks it while it is under way learns nothing of it.
        self.answers.borrow_mut().insert(key.clone(), NOTHING);
        self.depth.set(self.depth.get() + 1);
        let walked = steps::walk(self, function, &key.1);
        let found = Answers {
            yes: self.least(&walked.ends, |end| self.proves_answer(end, true, &key)),
            no: self.least(&walked.ends, |end| self.proves_answer(end, false, &key)),
            ends: self.least(&walked.ends, |end| Some(end.proved)),
        };
        self.depth.set(self.depth.get() - 1);
        self.answers.borrow_mut().insert(key, found);
        found
    }

    /// Counts one more value; whether there were too many.
    fn is_one_too_many(&self) -> bool {
        self.steps.set(self.steps.get().saturating_add(1));
        self.is_cut()
    }

    fn is_cut(&self) -> bool {
        self.steps.get() >= MAX_STEPS
    }

    fn least(&self, ends: &[steps::End], of: impl Fn(&steps::End) -> Option<Sure>) -> Sure {
        ends.iter().filter_map(of).min().unwrap_or(Sure::Maybe)
    }

    /// What it proves that a function ends here with an answer of one truth; nothing where it cannot.
    fn proves_answer(&self, end: &steps::End, truth: bool, of: &(FunctionRef, Vec<Whose>)) -> Option<Sure> {
        let Some(value) = end.value else { return (!truth).then_some(end.proved) };
        match self.truth(value) {
            Some(is) if is != truth => None,
            Some(_) => Some(end.proved),
            // What refuses gives back its answer, not nothing.
            None if end.refused && !truth => None,
            None => Some(end.proved.max(self.asking(of.0, &of.1).answer(value, truth))),
        }
    }

    /// The truth of what is written out.
    fn truth(&self, value: ValueRef) -> Option<bool> {
        use crate::code::ValueKind::{Bool, Construct, List, Map, Null, Template, Text};
        match self.flow.kind(value) {
            Null => Some(false),
            Bool(is) => Some(*is),
            Text(text) => Some(!text.is_empty()),
            Template(_) | Map(_) | List(_) | Construct { .. } => Some(true),
            _ => None,
        }
    }

    pub(super) fn asking<'p>(&'p self, function: FunctionRef, given: &'p [Whose]) -> Asking<'p, 'f, 'a> {
        Asking { passage: self, function, given }
    }
}

/// Questions about values of one function, some of whose parameters are of the request.
#[derive(Clone, Copy)]
pub(super) struct Asking<'p, 'f, 'a> {
    pub(super) passage: &'p Passage<'f, 'a>,
    pub(super) function: FunctionRef,
    /// Whose word each of its parameters is, as far as that is known.
    pub(super) given: &'p [Whose],
}
