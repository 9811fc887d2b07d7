//! The walk over the statements of a function: what is proved where it hands the request on, and where it ends.

use crate::code::walk::children;
use crate::code::{
    Block, CallKind, FunctionKind, Language, LoopHead, Match, Operator, Pattern, Place, Statement, StatementKind, Try,
    ValueId, ValueKind,
};
use crate::extract::web::guard;
use crate::extract::web::passage::proof::is_joint;
use crate::extract::web::passage::{Asking, Passage, Sure, Whose};
use crate::flow::meaning::{Meaning, function_in, value_in};
use crate::flow::{FunctionRef, ValueRef};
use crate::source::Span;

/// What is known at one place of a function.
#[derive(Clone, Copy)]
struct State {
    proved: Sure,
    refused: bool,
}

/// An end of a function.
pub(in crate::extract::web) struct End {
    pub(super) proved: Sure,
    pub(super) refused: bool,
    pub(super) value: Option<ValueRef>,
    pub(super) at: Span,
}

/// What the walk has seen.
#[derive(Default)]
pub(super) struct Walked {
    /// Where the request is handed on, and what is proved there.
    pub(super) passed: Vec<(Sure, Span)>,
    pub(super) ends: Vec<End>,
}

struct Walk<'p, 'f, 'a> {
    asking: Asking<'p, 'f, 'a>,
    function: FunctionRef,
    walked: Walked,
    /// Closures around the statements that are walked, whose ends are not the function's.
    closures: u32,
}

/// Walks a function, some of whose parameters are of the request.
pub(super) fn walk(passage: &Passage<'_, '_>, function: FunctionRef, given: &[Whose]) -> Walked {
    let mut walk = Walk { asking: passage.asking(function, given), function, walked: Walked::default(), closures: 0 };
    let code = passage.flow.function(function);
    let start = State { proved: Sure::No, refused: false };
    if let Some(state) = walk.block(&code.body, Some(start)) {
        let value = code.body.tail.map(|tail| value_in(function.module, tail));
        let at = Span { start: code.span.end.saturating_sub(1), ..code.span };
        let at = value.map_or(at, |value| passage.flow.span(value));
        walk.end(value, state, at);
    }
    walk.walked
}

fn join(one: Option<State>, other: Option<State>) -> Option<State> {
    match (one, other) {
        (Some(one), Some(other)) => {
            Some(State { proved: one.proved.min(other.proved), refused: one.refused && other.refused })
        }
        (one, other) => one.or(other),
    }
}

impl Walk<'_, '_, '_> {
    fn of(&self, id: ValueId) -> ValueRef {
        value_in(self.function.module, id)
    }

    fn block(&mut self, block: &Block, mut state: Option<State>) -> Option<State> {
        for statement in &block.statements {
            state = self.statement(statement, state?);
        }
        let mut state = state?;
        if let Some(tail) = block.tail {
            self.value(self.of(tail), &mut state, true);
        }
        Some(state)
    }

    fn statement(&mut self, statement: &Statement, mut state: State) -> Option<State> {
        match &statement.kind {
            StatementKind::Evaluate(value) => {
                self.value(self.of(*value), &mut state, true);
                Some(state)
            }
            StatementKind::Assign(assignment) => {
                let is_member = assignment.places.iter().any(|place| matches!(place, Place::Value(_)));
                if let Some(value) = assignment.value {
                    self.value(self.of(value), &mut state, is_member);
                }
                Some(state)
            }
            StatementKind::Return(value) => {
                let value = value.map(|value| self.of(value));
                if let Some(value) = value {
                    self.value(value, &mut state, true);
                }
                self.end(value, state, statement.span);
                None
            }
            StatementKind::Raise(_) | StatementKind::Break | StatementKind::Continue => None,
            StatementKind::If { test, then, otherwise } => self.branch(self.of(*test), then, otherwise, state),
            StatementKind::Loop { head, body, otherwise } => {
                if let LoopHead::Each(_, over) | LoopHead::While(over) = head {
                    self.value(self.of(*over), &mut state, false);
                }
                self.block(body, Some(state));
                self.block(otherwise, Some(state))
            }
            StatementKind::Match(all) => self.arms(all, state),
            StatementKind::Try(attempt) => self.attempt(attempt, state),
            StatementKind::With { items, body } => {
                for (item, _) in items {
                    self.value(self.of(*item), &mut state, false);
                }
                self.block(body, Some(state))
            }
            StatementKind::Assert(test) => {
                state.proved = state.proved.max(self.asking.proves(self.of(*test), true));
                Some(state)
            }
            StatementKind::Block(block) => self.block(block, Some(state)),
            StatementKind::Defer(_)
            | StatementKind::Delete(_)
            | StatementKind::Function(_)
            | StatementKind::Class(_) => Some(state),
        }
    }

    fn branch(&mut self, test: ValueRef, then: &Block, otherwise: &Block, mut state: State) -> Option<State> {
        self.value(test, &mut state, false);
        let known = self.asking.decided(test);
        let side = |is: bool| {
            let proved = state.proved.max(self.asking.proves(test, is));
            (known != Some(!is)).then_some(State { proved, ..state })
        };
        let (yes, no) = (side(true), side(false));
        let after_then = yes.and_then(|state| self.block(then, Some(state)));
        let after_otherwise = no.and_then(|state| self.block(otherwise, Some(state)));
        join(after_then, after_otherwise)
    }

    fn arms(&mut self, all: &Match, mut state: State) -> Option<State> {
        let subject = all.subject.map(|subject| self.of(subject));
        if let Some(subject) = subject {
            self.value(subject, &mut state, false);
        }
        let mut after = None;
        let mut is_whole = false;
        for arm in &all.arms {
            let proves = |pattern: &Pattern| self.asking.matches(subject, pattern);
            let mut proved = arm.patterns.iter().map(proves).min().unwrap_or(Sure::No);
            if let Some(guard) = arm.guard {
                proved = proved.max(self.asking.proves(self.of(guard), true));
            }
            is_whole |= arm.guard.is_none()
                && (arm.patterns.is_empty() || arm.patterns.iter().any(|one| !matches!(one, Pattern::Value(_))));
            let inner = State { proved: state.proved.max(proved), ..state };
            after = join(after, self.block(&arm.body, Some(inner)));
        }
        match is_whole {
            true => after,
            false => join(after, Some(state)),
        }
    }

    /// What raises goes to the handlers, with what was proved before.
    fn attempt(&mut self, attempt: &Try, state: State) -> Option<State> {
        let body = self.block(&attempt.body, Some(state));
        let body = body.and_then(|state| self.block(&attempt.otherwise, Some(state)));
        let handlers: Vec<Option<State>> =
            attempt.handlers.iter().map(|handler| self.block(&handler.body, Some(state))).collect();
        let after = handlers.into_iter().fold(body, join);
        after.and_then(|state| self.block(&attempt.finally, Some(state)))
    }

    fn end(&mut self, value: Option<ValueRef>, state: State, at: Span) {
        if self.closures > 0 || value.is_some_and(|value| self.is_error(value)) {
            return;
        }
        let value = value.map(|value| self.asking.last_part(value));
        self.walked.ends.push(End { proved: state.proved, refused: state.refused, value, at });
    }

    /// `Err(…)`, which whoever asks with `?` leaves by.
    fn is_error(&self, value: ValueRef) -> bool {
        let flow = self.asking.passage.flow;
        match flow.kind(value) {
            ValueKind::Call(call) => {
                matches!(flow.kind(value_in(value.module, call.callee)), ValueKind::Name(name) if name == "Err")
            }
            _ => false,
        }
    }

    /// What is evaluated: refusals, calls that hand on, calls that only come back where something is proved.
    fn value(&mut self, value: ValueRef, state: &mut State, refuses: bool) {
        let flow = self.asking.passage.flow;
        if refuses && guard::is_refusal(flow, value) {
            state.refused = true;
        }
        let of = |id: ValueId| value_in(value.module, id);
        match flow.kind(value) {
            ValueKind::Choice { test, then, otherwise } => {
                self.value(of(*test), state, refuses);
                let side = |is: bool| State { proved: state.proved.max(self.asking.proves(of(*test), is)), ..*state };
                let (mut yes, mut no) = (side(true), side(false));
                self.value(of(*then), &mut yes, refuses);
                if let Some(otherwise) = otherwise {
                    self.value(of(*otherwise), &mut no, refuses);
                }
                state.refused |= yes.refused && no.refused;
            }
            ValueKind::Binary { operator, left, right } if is_joint(*operator) => {
                self.value(of(*left), state, refuses);
                let side = *operator == Operator::And;
                let mut inner = State { proved: state.proved.max(self.asking.proves(of(*left), side)), ..*state };
                self.value(of(*right), &mut inner, refuses);
            }
            ValueKind::Match(all) => {
                if let Some(after) = self.arms(all, *state) {
                    *state = after;
                }
            }
            ValueKind::Block(block) => {
                if let Some(after) = self.block(block, Some(*state)) {
                    *state = after;
                }
            }
            ValueKind::Function(_) => {}
            ValueKind::Call(_) => self.call(value, state, refuses),
            ValueKind::Await(inner) => {
                self.value(of(*inner), state, refuses);
                state.proved = state.proved.max(self.asking.ends(of(*inner), true));
            }
            kind => {
                let mut all = Vec::new();
                children(kind, &mut |id| all.push(of(id)));
                all.into_iter().for_each(|one| self.value(one, state, refuses));
            }
        }
    }

    fn call(&mut self, at: ValueRef, state: &mut State, refuses: bool) {
        let flow = self.asking.passage.flow;
        let ValueKind::Call(call) = flow.kind(at) else { return };
        let of = |id: ValueId| value_in(at.module, id);
        self.value(of(call.callee), state, refuses);
        let about = self.asking.is_about(at);
        for argument in &call.arguments {
            match flow.kind(of(argument.value)) {
                ValueKind::Function(function) => self.closure(function_in(at.module, *function), about, *state),
                _ => self.value(of(argument.value), state, refuses),
            }
        }
        if call.kind != CallKind::Spawned {
            state.proved = state.proved.max(self.asking.ends(at, false));
        }
        if self.hands_on(at) {
            self.walked.passed.push((state.proved, flow.span(at)));
        }
    }

    /// A closure that is handed to a call: it may run, and whether what called it proved something is not known.
    fn closure(&mut self, function: FunctionRef, is_about: bool, state: State) {
        let flow = self.asking.passage.flow;
        let code = flow.function(function);
        if code.kind != FunctionKind::Closure || self.closures > 8 {
            return;
        }
        let proved = if is_about { state.proved.max(Sure::Maybe) } else { state.proved };
        self.closures += 1;
        self.block(&code.body, Some(State { proved, ..state }));
        self.closures -= 1;
    }

    /// Whether a call hands the request on to what comes after.
    fn hands_on(&self, at: ValueRef) -> bool {
        let passage = self.asking.passage;
        let flow = passage.flow;
        let ValueKind::Call(call) = flow.kind(at) else { return false };
        let callee = value_in(at.module, call.callee);
        let is_next = |name: &str| passage.known.passing.contains(name);
        let by_name = match flow.kind(callee) {
            // What is told of an error goes to whatever answers errors.
            ValueKind::Name(name)
                if matches!(name.as_str(), "next" | "done") && flow.module(at).language == Language::TypeScript =>
            {
                let first = call.arguments.first().map(|one| value_in(at.module, one.value));
                call.arguments.len() < 2 && first.is_none_or(|first| self.asking.is_nothing(first))
            }
            ValueKind::Name(name) => is_next(name) && call.arguments.len() < 4,
            ValueKind::Field { base, name } => {
                passage.known.handing.contains(name.as_str())
                    || match flow.kind(value_in(at.module, *base)) {
                        ValueKind::Name(base) | ValueKind::Field { name: base, .. } => {
                            is_next(base) && matches!(name.as_str(), "run" | "call" | "ServeHTTP" | "serve" | "handle")
                        }
                        ValueKind::This => matches!(name.as_str(), "app" | "next" | "inner"),
                        _ => false,
                    }
                    || matches!(name.as_str(), "app" | "inner")
                        && matches!(flow.kind(value_in(at.module, *base)), ValueKind::Name(own) if own == "self")
            }
            _ => false,
        };
        by_name
            || !passage.speakers.is_empty()
                && matches!(flow.asking(|| flow.meaning(callee, &None)).0,
                    Meaning::Function(callee, _, _) if callee != self.function && passage.speakers.contains(&callee))
    }
}
