//! When a handler of calls refuses one tool, before anything of it is done.

use crate::code::{Block, Statement, StatementKind, Try, ValueId, ValueKind};
use crate::extract::tools::agreed::claim::{Claim, Claims, MAX_DEPTH};
use crate::flow::meaning::value_in;
use crate::flow::{Frame, FunctionRef, ValueRef};
use crate::source::Span;

/// Functions that are looked into from a handler, at most one after the other.
const MAX_WAY: u32 = 4;
/// Most values that are looked at for one tool; behind them it may be refused or not.
const MAX_VALUES: u32 = 4_000;

/// The walk of one handler for one tool.
pub(super) struct Refusal<'c, 'f, 'a> {
    claims: &'c mut Claims<'f, 'a>,
    /// Where the handler tells names apart.
    arms: &'c [Span],
    /// Where it lets what comes after it answer.
    passes: &'c [Span],
    /// When it refuses.
    pub(super) refused: Claim,
    /// Whether something that nobody here knows is given the name, and may refuse it, or what refuses it was not reached.
    pub(super) is_partial: bool,
    left: u32,
}

/// How a statement is reached.
#[derive(Clone)]
struct Reached {
    function: FunctionRef,
    frame: Frame,
    /// Whether what it gives back is what the call gives back.
    is_tail: bool,
    /// Whether what is raised here never leaves.
    is_swallowed: bool,
    /// How many tests it stands under that are still open.
    under: u32,
    way: u32,
}

impl<'c, 'f, 'a> Refusal<'c, 'f, 'a> {
    pub(super) fn new(claims: &'c mut Claims<'f, 'a>, arms: &'c [Span], passes: &'c [Span]) -> Self {
        Refusal { claims, arms, passes, refused: Claim::Sure(false), is_partial: false, left: MAX_VALUES }
    }

    pub(super) fn handler(&mut self, function: FunctionRef, frame: &Frame) {
        let reached =
            Reached { function, frame: frame.clone(), is_tail: true, is_swallowed: false, under: 0, way: MAX_WAY };
        self.function(&reached, Claim::Sure(true));
    }

    fn function(&mut self, reached: &Reached, when: Claim) -> Claim {
        let body = &self.claims.flow.function(reached.function).body;
        let rest = self.block(body, reached, when);
        match body.tail {
            Some(tail) => self.value(tail, reached, rest),
            None => rest,
        }
    }

    /// When control goes on behind a block.
    fn block(&mut self, block: &Block, reached: &Reached, mut when: Claim) -> Claim {
        for statement in &block.statements {
            if matches!(when, Claim::Sure(false)) {
                break;
            }
            when = self.statement(statement, reached, when);
        }
        when
    }

    fn statement(&mut self, statement: &Statement, reached: &Reached, when: Claim) -> Claim {
        let of = |id: ValueId| value_in(reached.function.module, id);
        let is_simple = matches!(statement.kind, StatementKind::Evaluate(_) | StatementKind::Assign(_));
        if is_simple && self.passes.iter().any(|pass| statement.span.contains(*pass)) {
            return Claim::Sure(false);
        }
        match &statement.kind {
            StatementKind::If { test, then, otherwise } => {
                let claim = self.claims.of(of(*test), &reached.frame, MAX_DEPTH);
                let is_open = !matches!(claim, Claim::Sure(_));
                let inner = Reached { under: reached.under + u32::from(is_open), ..reached.clone() };
                // Behind the test of its own name a tool is no longer on its way: what its functions refuse is not the gate's.
                let is_arm = !is_open && self.has_arm(self.claims.flow.span(of(*test)));
                let own = if is_arm { Reached { under: 0, way: 0, ..reached.clone() } } else { inner.clone() };
                let one = self.block(then, &own, when.clone().and(claim.clone()));
                let other = self.block(otherwise, &inner, when.and(claim.not()));
                one.or(other)
            }
            StatementKind::Raise(_) if reached.is_swallowed => Claim::Sure(false),
            StatementKind::Raise(_) => self.refuse(when),
            StatementKind::Return(value) => self.leave(*value, reached, when),
            StatementKind::Assert(test) => {
                let claim = self.claims.of(of(*test), &reached.frame, MAX_DEPTH);
                let refused = when.clone().and(claim.clone().not());
                if !reached.is_swallowed {
                    self.refuse(refused);
                }
                when.and(claim)
            }
            StatementKind::Evaluate(value) => self.value(*value, &Reached { is_tail: false, ..reached.clone() }, when),
            StatementKind::Assign(assignment) => match assignment.value {
                // A closure that is only kept refuses nothing yet.
                Some(value) if !matches!(self.claims.flow.kind(of(value)), ValueKind::Function(_)) => {
                    self.value(value, &Reached { is_tail: false, ..reached.clone() }, when)
                }
                _ => when,
            },
            StatementKind::Try(attempt) => self.attempt(attempt, reached, when),
            StatementKind::With { body, .. } | StatementKind::Block(body) => self.block(body, reached, when),
            _ if self.has_arm(statement.span) => Claim::Sure(false),
            _ => when,
        }
    }

    fn refuse(&mut self, when: Claim) -> Claim {
        self.refused = std::mem::replace(&mut self.refused, Claim::Sure(false)).or(when);
        Claim::Sure(false)
    }

    /// What leaves a branch that a test guards refuses, unless it hands on what the caller says.
    fn leave(&mut self, value: Option<ValueId>, reached: &Reached, when: Claim) -> Claim {
        let rest = match value {
            Some(value) => self.value(value, reached, when.clone()),
            None => when.clone(),
        };
        let value = value.map(|value| value_in(reached.function.module, value));
        let is_dispatch = value.is_some_and(|value| {
            self.has_arm(self.claims.flow.span(value)) || self.claims.hands_on(value, &reached.frame)
        });
        match reached.is_tail && reached.under > 0 && !is_dispatch {
            true => self.refuse(rest),
            false => Claim::Sure(false),
        }
    }

    fn attempt(&mut self, attempt: &Try, reached: &Reached, when: Claim) -> Claim {
        let leaves = |block: &Block| {
            block.statements.iter().any(|statement| match &statement.kind {
                StatementKind::Raise(_) => true,
                StatementKind::Return(_) => reached.is_tail,
                _ => false,
            })
        };
        let is_swallowed = attempt.handlers.iter().any(|handler| !leaves(&handler.body));
        let inner = Reached { is_swallowed: reached.is_swallowed || is_swallowed, ..reached.clone() };
        let rest = self.block(&attempt.body, &inner, when.clone());
        let rest = self.block(&attempt.otherwise, reached, rest);
        match is_swallowed && !matches!(rest, Claim::Sure(false)) {
            true => when,
            false => rest,
        }
    }

    /// Functions of the tree that an expression calls or hands on may refuse as well.
    fn value(&mut self, value: ValueId, reached: &Reached, when: Claim) -> Claim {
        let at = value_in(reached.function.module, value);
        self.calls(at, reached, when, 6, false)
    }

    fn calls(&mut self, at: ValueRef, reached: &Reached, when: Claim, depth: u32, is_awaited: bool) -> Claim {
        if depth == 0 || reached.way == 0 {
            return when;
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            self.is_partial = true;
            return when;
        }
        let of = |id: ValueId| value_in(at.module, id);
        let flow = self.claims.flow;
        let inner = |function: FunctionRef, frame: Frame, is_tail: bool| Reached {
            function,
            frame,
            is_tail,
            under: 0,
            way: reached.way - 1,
            ..reached.clone()
        };
        match flow.kind(at) {
            ValueKind::Await(waited) => return self.calls(of(*waited), reached, when, depth, true),
            ValueKind::Propagate(tried) => {
                let tail = Reached { is_tail: true, ..reached.clone() };
                return self.calls(of(*tried), &tail, when, depth, true);
            }
            ValueKind::Function(function) => {
                let function = crate::flow::In { module: at.module, id: *function };
                return self.apart(&inner(function, reached.frame.clone(), reached.is_tail), when);
            }
            _ => {}
        }
        let mut children = Vec::new();
        crate::code::walk::children(flow.kind(at), &mut |child| children.push(child));
        let when = children.into_iter().fold(when, |when, child| {
            let is_closure = matches!(flow.kind(of(child)), ValueKind::Function(_));
            let below = Reached { is_tail: reached.is_tail && is_closure, ..reached.clone() };
            self.calls(of(child), &below, when, depth - 1, false)
        });
        match self.claims.called(at, &reached.frame) {
            Some((function, _)) if self.claims.is_promise(function) && !is_awaited && !reached.is_tail => when,
            Some((function, frame)) if function != reached.function => {
                self.apart(&inner(function, frame, reached.is_tail), when)
            }
            Some(_) => when,
            None => {
                self.is_partial |= self.claims.is_given_a_name(at, &reached.frame);
                when
            }
        }
    }

    /// A function that is called on the way: what it refuses ends the call, what it gives back does not.
    fn apart(&mut self, reached: &Reached, when: Claim) -> Claim {
        let before = std::mem::replace(&mut self.refused, Claim::Sure(false));
        self.function(reached, when.clone());
        let here = std::mem::replace(&mut self.refused, Claim::Sure(false));
        self.refused = before.or(here.clone());
        when.and(here.not())
    }

    fn has_arm(&self, span: Span) -> bool {
        self.arms.iter().chain(self.passes).any(|arm| span.contains(*arm))
    }
}
