//! Where what is read is cut: by a number that says where it ends, or by a test of how long it is.

use crate::code::{Call, Name, Operator, ParameterKind, ValueId, ValueKind};
use crate::extract::results::controls::Controls;
use crate::extract::results::screening::Before;
use crate::extract::results::seek::{Seeker, Way};
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::scope::{Binding, Bound, ContextKind};
use crate::flow::{FunctionRef, ValueRef};
use crate::source::Span;

/// Members and functions that say how long something is.
const LENGTHS: &[&str] = &["len", "length", "byteLength", "RuneCount", "RuneCountInString"];

impl Seeker<'_> {
    /// What is left behind a call that cuts.
    pub(super) fn cut_by(&self, name: &str, at: ValueRef, call: &Call, way: Way) -> Way {
        let given = |position: usize| call.arguments.get(position).map(|one| value_in(at.module, one.value));
        match name {
            "slice" | "substring" | "substr" | "splice" => self.cut_between(given(0), given(1), way),
            "islice" => self.cut_between(None, given(2).or_else(|| given(1)), way),
            _ => {
                let given = call.arguments.iter().rev().map(|one| value_in(at.module, one.value));
                given.fold(way, |way, limit| self.cut(limit, way))
            }
        }
    }

    /// `text[:2000]`, and `text[-2000:]`, which is the end of it.
    pub(super) fn cut_between(&self, from: Option<ValueRef>, end: Option<ValueRef>, way: Way) -> Way {
        match (from, end) {
            (_, Some(end)) => self.cut(end, way),
            (Some(from), None) if self.number(from).is_some_and(|number| number < 0) => {
                Way { cut: Some(self.flow.span(from)), ..way }
            }
            _ => Way { sifted: true, ..way },
        }
    }

    pub(super) fn cut(&self, limit: ValueRef, way: Way) -> Way {
        if self.bounds(limit, self.calls.len()) {
            return match way.repeated && way.cut.is_none() {
                true => Way { vague: true, ..way },
                false => Way { cut: Some(self.flow.span(limit)), ..way },
            };
        }
        let is_fixed = self.number(limit).is_some() || matches!(self.controls.meaning(limit), Meaning::Null);
        Way { sifted: true, chosen: way.chosen || !is_fixed, ..way }
    }

    /// What is added to what other turns of a loop added.
    pub(super) fn added(&self, value: ValueRef, way: Way) -> Way {
        let is_turn = |context: &ContextKind| matches!(context, ContextKind::Turns);
        let repeated = way.repeated || self.flow.scopes(value.module).around(value.id).any(is_turn);
        Way { repeated, ..way.inside() }
    }

    fn number(&self, value: ValueRef) -> Option<i64> {
        match self.controls.meaning(value) {
            Meaning::Int(number) => Some(number),
            _ => None,
        }
    }

    /// Whether a number bounds: a parameter does where the call that is being followed, or its default, says a number that
    /// does.
    fn bounds(&self, limit: ValueRef, depth: usize) -> bool {
        if self.sources.bounds(limit) {
            return true;
        }
        let ValueKind::Name(name) = self.flow.kind(limit) else { return false };
        let owner = self.flow.owner(limit);
        let Some(depth) = self.calls[..depth].iter().rposition(|(function, _)| *function == owner) else {
            return false;
        };
        let Some((home, bindings)) = self.controls.bindings(limit, name) else { return false };
        let [Binding { bound: Bound::Parameter(position), .. }] = bindings.as_slice() else { return false };
        let at = self.calls[depth].1;
        let ValueKind::Call(call) = self.flow.kind(at) else { return false };
        let given = self.given_for(owner, name, *position, (at, call));
        let default = || self.flow.function(owner).parameters.get(*position)?.default;
        match given {
            _ if home != owner => false,
            Some(given) => self.bounds(given, depth),
            None => default().is_some_and(|default| self.sources.bounds(value_in(limit.module, default))),
        }
    }

    /// What a call hands over for a parameter.
    pub(super) fn given_for(
        &self,
        owner: FunctionRef,
        name: &Name,
        position: usize,
        (at, call): (ValueRef, &Call),
    ) -> Option<ValueRef> {
        let parameters = &self.flow.function(owner).parameters;
        let has_receiver = parameters.first().is_some_and(|first| first.kind == ParameterKind::Receiver);
        let position = position.saturating_sub(usize::from(has_receiver));
        let named = call.arguments.iter().find(|argument| argument.name.as_ref() == Some(name));
        let found = named.or_else(|| call.arguments.iter().filter(|argument| argument.name.is_none()).nth(position));
        found.map(|found| value_in(at.module, found.value))
    }

    /// `if len(text) > MOST: raise …`: what a name holds is short where a test before it says so.
    pub(super) fn measured(&self, at: ValueRef, name: &Name, way: Way) -> Way {
        if way.cut.is_some() || !self.sources.has_controls() || !self.controls.asks_how_long(at) {
            return way;
        }
        let bounds = |limit| self.bounds(limit, self.calls.len());
        Way { cut: self.controls.short(at, name, &bounds), ..way }
    }

    /// `if len(text) > MOST: text = text[:MOST]`: what it held before is short where it is still held behind that.
    pub(super) fn kept_if_short(
        &self,
        at: ValueRef,
        name: &Name,
        binding: &Binding,
        bindings: &[Binding],
        way: Way,
    ) -> Way {
        if way.cut.is_some() || bindings.len() < 2 || !self.sources.has_controls() || !self.controls.asks_how_long(at) {
            return way;
        }
        let bounds = |limit| self.bounds(limit, self.calls.len());
        let replaced = self.controls.replaced_if_long(at, name, &bounds);
        let is_replaced = |one: &&(Span, Span)| {
            let (test, then) = one;
            let is_there = |other: &Binding| then.start <= other.at && other.at < then.end;
            binding.at < test.start && bindings.iter().any(is_there)
        };
        Way { cut: replaced.iter().find(is_replaced).map(|(test, _)| *test), ..way }
    }
}

impl Controls<'_> {
    /// Whether the function of a place asks how long anything is: most do not, and need no look at what came before.
    fn asks_how_long(&self, place: ValueRef) -> bool {
        let function = self.flow.owner(place);
        *self.memo.measuring.borrow_mut().entry(function).or_insert_with(|| {
            let text = self.flow.sources.slice(self.flow.function(function).span);
            LENGTHS.iter().any(|word| text.contains(word))
        })
    }

    /// The test before a place that says that what a name holds there is short.
    fn short(&self, place: ValueRef, name: &Name, bounds: &dyn Fn(ValueRef) -> bool) -> Option<Span> {
        let at = self.flow.span(place).start;
        self.before(place).into_iter().find_map(|before| {
            let Before::Test(test, holds) = before else { return None };
            let span = self.flow.span(test);
            let is_short = self.is_short(test, holds, name, bounds);
            (is_short && !self.is_changed(place, name, span.end, at)).then_some(span)
        })
    }

    /// Tests before a place that ask whether what a name holds is long, each with the block for where it is.
    fn replaced_if_long(&self, place: ValueRef, name: &Name, bounds: &dyn Fn(ValueRef) -> bool) -> Vec<(Span, Span)> {
        let asked = self.before(place).into_iter().filter_map(|before| match before {
            Before::Passed(test, then) if self.is_short(test, false, name, bounds) => {
                Some((self.flow.span(test), then))
            }
            _ => None,
        });
        asked.collect()
    }

    /// Whether what a name holds is short when a test comes out so.
    fn is_short(&self, test: ValueRef, holds: bool, name: &Name, bounds: &dyn Fn(ValueRef) -> bool) -> bool {
        let of = |id: &ValueId| value_in(test.module, *id);
        let inner = |id: &ValueId, holds: bool| self.is_short(of(id), holds, name, bounds);
        match (self.flow.kind(test), holds) {
            (ValueKind::Not(inside), _) => inner(inside, !holds),
            (ValueKind::Binary { operator: Operator::And, left, right }, true)
            | (ValueKind::Binary { operator: Operator::Or, left, right }, false) => {
                inner(left, holds) || inner(right, holds)
            }
            (ValueKind::Binary { operator: Operator::Greater | Operator::GreaterEqual, left, right }, false)
            | (ValueKind::Binary { operator: Operator::Less | Operator::LessEqual, left, right }, true) => {
                self.measures(of(left), name) && bounds(of(right))
            }
            (ValueKind::Binary { operator: Operator::Greater | Operator::GreaterEqual, left, right }, true)
            | (ValueKind::Binary { operator: Operator::Less | Operator::LessEqual, left, right }, false) => {
                self.measures(of(right), name) && bounds(of(left))
            }
            _ => false,
        }
    }

    /// `len(text)`, `text.length`, `text.len()`
    fn measures(&self, value: ValueRef, name: &Name) -> bool {
        let of = |id: ValueId| value_in(value.module, id);
        let holds = |one: ValueRef| self.roots(one).contains(name);
        match self.flow.kind(value) {
            ValueKind::Field { base, name: member } => LENGTHS.contains(&member.as_str()) && holds(of(*base)),
            ValueKind::Call(call) => {
                let callee = of(call.callee);
                let base = match self.flow.kind(callee) {
                    ValueKind::Field { base, .. } => Some(of(*base)),
                    _ => None,
                };
                LENGTHS.contains(&self.last(callee))
                    && base.into_iter().chain(call.arguments.iter().map(|one| of(one.value))).any(holds)
            }
            _ => false,
        }
    }
}
