//! What tests prove: assumed where they hold, and of everything the tested value was made of.

use crate::code::{Block, Call, Name, Operator, Statement, StatementKind, ValueId, ValueKind};
use crate::flow::effects::Guard;
use crate::flow::meaning::value_in;
use crate::flow::scope::{Binding, Bound, Step, choose};
use crate::flow::{FunctionRef, ValueRef};
use crate::taint::address::{of_looked_up, of_whole, with_public};
use crate::taint::beside::members_beside;
use crate::taint::compared::{leaves_upwards, membership};
use crate::taint::statement::item_part;
use crate::taint::test::{is_chosen, told};
use crate::taint::unset::when_unset;
use crate::taint::{Proofs, Shade, WHOLE, Walk, names};

/// Most names in a row that keep one test for the next: `c = not b`, `b = not a`.
const MAX_KEPT: u32 = 32;

/// What holds of a value that is nothing: it is no path that leads anywhere either.
pub(crate) const NOTHING: Proofs = Proofs::CHOICE.and(Proofs::RESOLVED).and(Proofs::LINKS_RESOLVED);

impl<'a> Walk<'a> {
    /// Proves something of names and of what they were made of.
    pub(crate) fn prove(&mut self, of: &[Name], proofs: Proofs) {
        let looked_up = of.first().is_some_and(|name| self.named(name).proofs.has(Proofs::LOOKED_UP));
        let proofs = if looked_up { of_looked_up(proofs) } else { proofs };
        for name in of {
            let (name, proofs) = of_whole(name, proofs);
            if !proofs.is_none() {
                let known = self.here().env.proven.get(&name).copied();
                let proofs = with_public(known.unwrap_or_default() | proofs);
                if known != Some(proofs) {
                    self.top().env.proven.insert(name, proofs);
                }
            }
        }
    }

    /// Notes in the way of a value which function of the tree tested it.
    pub(crate) fn tested_by(&mut self, function: FunctionRef, of: &[Name], proofs: Proofs) {
        if !proofs.any(Proofs::HOLDING | Proofs::WEAK) {
            return;
        }
        let code = self.flow.function(function);
        let text = format!("tested by `{}`", code.name.as_deref().unwrap_or("a function"));
        let span = if code.name.is_some() { code.name_span } else { code.span };
        for name in of {
            let known = self.here().env.values.get(name).map(|shade| Shade::clone(shade).step(span, &text));
            if let Some(shade) = known {
                self.top().env.hold(name.clone(), shade);
            }
        }
    }

    /// Takes a test as holding, or as not holding.
    pub(crate) fn assume(&mut self, test: ValueId, holds: bool) {
        self.out_of_read_only(test, holds);
        if let Some(call) = self.went_well(test, holds) {
            self.propagated(call);
        }
        for (of, proofs) in self.facts(test, holds) {
            self.prove(&of, proofs);
        }
    }

    /// What a test tells when it holds, or does not: names and what is proven of them.
    pub(crate) fn facts(&mut self, test: ValueId, holds: bool) -> Vec<(Vec<Name>, Proofs)> {
        if !self.step() {
            return Vec::new();
        }
        self.in_test(|walk| walk.facts_of(test, holds))
    }

    fn facts_of(&mut self, test: ValueId, holds: bool) -> Vec<(Vec<Name>, Proofs)> {
        let at = value_in(self.here().function.module, test);
        match self.flow.kind(at) {
            ValueKind::Not(inner) => self.facts(*inner, !holds),
            ValueKind::Await(inner) => {
                self.awaiting += 1;
                let facts = self.facts(*inner, holds);
                self.awaiting -= 1;
                facts
            }
            ValueKind::Binary { operator: Operator::And, left, right } => self.both(*left, *right, holds, true),
            ValueKind::Binary { operator: Operator::Or, left, right } => self.both(*left, *right, holds, false),
            ValueKind::Binary { operator, left, right } => self.comparison(*operator, *left, *right, holds),
            ValueKind::Call(call) => match (self.truth_of(at, call), self.is_list_empty(at, holds)) {
                (Some(test), _) => self.facts(test, holds),
                (None, Some(told)) => told,
                (None, None) => self.call_facts(at, call, WHOLE, holds),
            },
            ValueKind::Assign(assignment) => assignment.value.map(|value| self.facts(value, holds)).unwrap_or_default(),
            ValueKind::Name(name) => self.name_test(at, name, holds),
            ValueKind::Choice { test, then, otherwise: Some(otherwise) } => {
                match self.truth(*test) {
                    Some(true) => return self.facts(*then, holds),
                    Some(false) => return self.facts(*otherwise, holds),
                    None => {}
                }
                let mut first = self.facts(*test, true);
                first.extend(self.facts(*then, holds));
                let mut second = self.facts(*test, false);
                second.extend(self.facts(*otherwise, holds));
                shared(first, &second)
            }
            ValueKind::Index { base, key } if holds => self.looked_up_in(*base, *key),
            ValueKind::Index { base, key } => match self.flow.kind(value_in(at.module, *key)) {
                ValueKind::Text(name) => {
                    let facts = self.stage_test(*base, name);
                    if facts.is_empty() { self.part_test(*base, name, holds) } else { facts }
                }
                _ => Vec::new(),
            },
            ValueKind::Field { base, name } if !holds && name.starts_with('$') => self.stage_test(*base, name),
            ValueKind::Matches { value, pattern } if holds => self.matched(*value, pattern),
            ValueKind::Field { base, name } => {
                let facts = self.is_list_empty(at, holds).unwrap_or_else(|| self.member_test(at, *base, holds));
                if facts.is_empty() { self.part_test(*base, name, holds) } else { facts }
            }
            _ => Vec::new(),
        }
    }

    /// `bool(test)`, `Boolean(test)`: the test whose truth is given.
    fn truth_of(&self, at: ValueRef, call: &Call) -> Option<ValueId> {
        let [only] = call.arguments.as_slice() else { return None };
        match self.flow.kind(value_in(at.module, call.callee)) {
            ValueKind::Name(name) if matches!(name.as_str(), "bool" | "Boolean") => Some(only.value),
            _ => None,
        }
    }

    /// `if url:`: what is not there is nothing that a caller chose.
    fn name_test(&mut self, at: ValueRef, name: &Name, holds: bool) -> Vec<(Vec<Name>, Proofs)> {
        let mut facts = self.kept_test(at, name, holds);
        if !holds {
            let tested = self.named(name);
            if tested.is_tainted() && !tested.is_bag && tested.parts.is_empty() && tested.items.is_none() {
                let made_of = tested.of.iter().filter(|one| *one != name).cloned();
                facts.push((std::iter::once(name.clone()).chain(made_of).collect(), NOTHING));
            }
        }
        facts
    }

    /// `result.refused`, of a result that was kept in a name.
    pub(crate) fn part_test(&mut self, base: ValueId, part: &Name, holds: bool) -> Vec<(Vec<Name>, Proofs)> {
        let function = self.here().function;
        let ValueKind::Name(name) = self.flow.kind(value_in(function.module, base)) else { return Vec::new() };
        let scopes = self.flow.scopes(function.module);
        let bindings = scopes.bindings.get(function.id.index()).and_then(|names| names.get(name));
        match bindings.map_or(&[][..], Vec::as_slice) {
            [binding] if binding.path.is_empty() => match binding.bound {
                Bound::Value(value) => members_beside(name, self.part_facts(value, part, holds)),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// `ip.is_private`: members that tables list among guards.
    fn member_test(&mut self, at: ValueRef, base: ValueId, holds: bool) -> Vec<(Vec<Name>, Proofs)> {
        let Some(table) = self.effects.of(self.flow.module(at).language) else { return Vec::new() };
        let frame = self.here().frame.clone();
        let meaning = self.flow.asking(|| self.flow.meaning(at, &frame)).0;
        let name = self.flow.asking(|| names::of_callee(self.flow, &meaning, table)).0.unwrap_or_default();
        let when = if holds { "true" } else { "false" };
        let guards: Vec<&Guard> = table.guards(&name).iter().filter(|guard| guard.when == when).collect();
        if guards.is_empty() {
            return Vec::new();
        }
        let receiver = self.seen_in_test(base);
        guards.into_iter().map(|guard| (receiver.of.clone(), told(guard, &receiver.whole()))).collect()
    }

    /// `a and b` tells both when it holds; `a or b` tells both when it does not; else only what both tell.
    fn both(&mut self, left: ValueId, right: ValueId, holds: bool, is_and: bool) -> Vec<(Vec<Name>, Proofs)> {
        let mut first = self.facts(left, holds);
        let second = self.facts(right, holds);
        if holds == is_and {
            first.extend(second);
            return first;
        }
        // One side says it all: the other is never asked, or its answer is for nothing.
        if [left, right].into_iter().any(|side| self.decided(side) == Some(!is_and)) {
            return Vec::new();
        }
        // `allowed is None or x in allowed`, `unsafe_too or x in allowed`: what the program sets for itself tells nothing
        // against the other side.
        if self.is_unset_test(left).is_some() || self.is_any_text(left) || self.is_by_silence(left, is_and) {
            return self.when_set(left, holds, right, second);
        }
        if self.is_unset_test(right).is_some() || self.is_by_silence(right, is_and) {
            return self.when_set(right, holds, left, first);
        }
        let mut told = self.told_if_there(left, is_and, &second);
        told.extend(self.told_if_there(right, is_and, &first));
        told.extend(shared(first, &second));
        told
    }

    /// What the other side tells beside a test of a setting: less where that test lets all pass by default, and nothing
    /// where it only asks whether something is empty.
    fn when_set(
        &mut self,
        test: ValueId,
        passes: bool,
        other: ValueId,
        told: Vec<(Vec<Name>, Proofs)>,
    ) -> Vec<(Vec<Name>, Proofs)> {
        if self.asks_if_empty(other) {
            return Vec::new();
        }
        if !self.may_be_from_the_start(test, passes) {
            return told;
        }
        told.into_iter().map(|(of, proofs)| (of, when_unset(proofs))).collect()
    }

    fn comparison(
        &mut self,
        operator: Operator,
        left: ValueId,
        right: ValueId,
        holds: bool,
    ) -> Vec<(Vec<Name>, Proofs)> {
        if let Some(told) = self.counted(operator, left, right, holds) {
            return told;
        }
        let equal = match operator {
            Operator::Equal | Operator::Is | Operator::In => holds,
            Operator::NotEqual | Operator::IsNot | Operator::NotIn => !holds,
            _ => return Vec::new(),
        };
        let (one, two) = (self.seen_in_test(left), self.seen_in_test(right));
        let is_member = matches!(operator, Operator::In | Operator::NotIn);
        if is_member {
            self.note_chosen(&one);
            if self.is_keyed_by_caller(right) {
                return Vec::new();
            }
            let among = self.among_parents(right, &one, equal).map(|fact| vec![fact]);
            return among.unwrap_or_else(|| self.among(right, membership(&one, &two, equal)));
        }
        if let Some(facts) = self.compared_part((left, right), (&one, &two), equal) {
            return facts;
        }
        if let Some(facts) = self.common_root(left, right, equal) {
            return facts;
        }
        match self.type_test(left, right) {
            Some((of, "string")) if !equal => return vec![(of, Proofs::SEEN)],
            Some((of, "number" | "boolean" | "bigint")) if equal => return vec![(of, Proofs::NUMBER)],
            _ => {}
        }
        match (one.is_tainted(), two.is_tainted()) {
            (true, false) if !equal && leaves_upwards(&one, &two) => vec![(one.of, Proofs::NO_DOTS)],
            (true, false) if !equal && two.constant.as_deref() == Some("..") => vec![(one.of, Proofs::NOT_ABOVE)],
            (true, false) if !equal && one.proofs.has(Proofs::LOOKED_UP) && self.is_written(right, &two) => {
                vec![(one.of, Proofs::WEAK_DENY)]
            }
            (true, false) if equal && one.proofs.has(Proofs::LOOKED_UP) && self.is_octet(right, &two) => Vec::new(),
            (true, false) if equal && !self.is_null(right) => {
                self.note_chosen(&one);
                vec![(one.of, Proofs::CHOICE)]
            }
            (false, true) if equal && !self.is_null(left) => vec![(two.of, Proofs::CHOICE)],
            _ if !is_member => self.kept_null_test(left, right, equal),
            _ => Vec::new(),
        }
    }

    /// Whether a value is a text or number that is written there.
    fn is_written(&self, value: ValueId, shade: &Shade) -> bool {
        let at = value_in(self.here().function.module, value);
        shade.constant.is_some() || matches!(self.flow.kind(at), ValueKind::Int(_))
    }

    /// `if (allowsAnything()) return`: a way out that only the program's own settings open is judged by another check.
    pub(crate) fn is_own_override(&mut self, test: ValueId, then: &Block) -> bool {
        let leaves = matches!(then.statements.as_slice(), [Statement { kind: StatementKind::Return(_), .. }]);
        let at = value_in(self.here().function.module, test);
        match self.flow.kind(at) {
            _ if !leaves => false,
            ValueKind::Call(call) if call.arguments.is_empty() => {
                let is_function = self.function_of(value_in(at.module, call.callee)).is_some();
                is_function && !self.value(test).holds_any()
            }
            _ => self.is_of_settings(test),
        }
    }

    /// Whether a test asks of the program's own settings alone: `roots.length === 0 || roots.includes("/")`.
    fn is_of_settings(&mut self, test: ValueId) -> bool {
        let at = value_in(self.here().function.module, test);
        match self.flow.kind(at) {
            ValueKind::Name(_) | ValueKind::Field { .. } => self.is_own(test),
            ValueKind::Binary { operator: Operator::Or | Operator::And, left, right } => {
                self.is_of_settings(*left) && self.is_of_settings(*right)
            }
            ValueKind::Binary { operator: Operator::Equal | Operator::Is, left, right } => {
                self.is_setting(*left) && self.is_setting(*right) || self.empty_test(test).is_some()
            }
            ValueKind::Call(call) if !call.arguments.is_empty() => {
                let ValueKind::Field { base, .. } = self.flow.kind(value_in(at.module, call.callee)) else {
                    return false;
                };
                self.is_setting(*base) && call.arguments.iter().all(|argument| self.is_setting(argument.value))
            }
            _ => false,
        }
    }

    fn is_setting(&mut self, id: ValueId) -> bool {
        self.is_own(id) || self.constant(id).is_some()
    }

    pub(crate) fn is_null(&self, value: ValueId) -> bool {
        let at = value_in(self.here().function.module, value);
        matches!(self.flow.kind(at), ValueKind::Null | ValueKind::Bool(_))
    }

    /// `commonpath([root, x]) == root`: the call's guards are about its value, not its truth.
    fn common_root(&mut self, left: ValueId, right: ValueId, equal: bool) -> Option<Vec<(Vec<Name>, Proofs)>> {
        if !equal {
            return None;
        }
        let module = self.here().function.module;
        [left, right].into_iter().find_map(|side| {
            let at = value_in(module, side);
            let ValueKind::Call(call) = self.flow.kind(at) else { return None };
            let other = if side == left { right } else { left };
            let facts = self.guard_facts(at, call, "equal");
            (!facts.is_empty() && !is_chosen(&self.value(other))).then_some(facts)
        })
    }

    /// A test that was kept in a name: `const ok = isAllowed(x); if (!ok) …`.
    pub(crate) fn kept_test(&mut self, at: ValueRef, name: &Name, holds: bool) -> Vec<(Vec<Name>, Proofs)> {
        let list = self.list_asked(at);
        let told = self.flag_facts(name, holds).or_else(|| self.flag_facts(&list?, holds));
        if let Some(told) = told.filter(|told| holds || !told.is_empty()) {
            return told;
        }
        if self.kept_tests >= MAX_KEPT {
            return Vec::new();
        }
        self.kept_tests += 1;
        let mut facts = self.facts_of_binding(at, name, holds);
        self.kept_tests -= 1;
        // What was given another value since is not what was tested.
        let put_at = &self.here().env.put_at;
        let tested = put_at.get(name).copied().unwrap_or(u32::MAX);
        let root = |name: &Name| Name::new(name.split(['.', '@']).next().unwrap_or(name));
        facts.retain(|(of, _)| of.first().is_none_or(|name| put_at.get(&root(name)).is_none_or(|at| *at <= tested)));
        facts
    }

    /// Whether a place stands in the very value that a binding gives: `ok = ok and check(x)`.
    fn is_part_of(&self, at: ValueRef, binding: &Binding) -> bool {
        let Bound::Value(value) = binding.bound else { return false };
        let (here, given) = (self.flow.span(at), self.flow.span(value_in(at.module, value)));
        given.start <= here.start && here.end <= given.end
    }

    fn facts_of_binding(&mut self, at: ValueRef, name: &Name, holds: bool) -> Vec<(Vec<Name>, Proofs)> {
        let function = self.here().function;
        let scopes = self.flow.scopes(function.module);
        let bindings = scopes.bindings.get(function.id.index()).and_then(|names| names.get(name));
        let bindings = bindings.map_or(&[][..], Vec::as_slice);
        // The same name may keep one test after the other.
        let chosen = choose(bindings, self.flow.span(at).start, true, self.flow.module(at).language);
        let [binding] = chosen[..] else { return Vec::new() };
        if self.is_part_of(at, binding) || self.is_made_of_changed(name, binding) {
            return Vec::new();
        }
        match binding.bound {
            Bound::Value(value) if !binding.path.is_empty() => {
                let part = match &*binding.path {
                    [Step::Item(position)] => item_part(*position),
                    [Step::Field(name, _)] => name.clone(),
                    _ => return Vec::new(),
                };
                let facts = self.part_facts(value, &part, holds);
                self.named_beside(value, facts)
            }
            Bound::Value(value) => {
                let at = value_in(function.module, value);
                let is_test = matches!(
                    self.flow.kind(at),
                    ValueKind::Call(_)
                        | ValueKind::Binary { .. }
                        | ValueKind::Not(_)
                        | ValueKind::Await(_)
                        | ValueKind::Choice { .. }
                        | ValueKind::Index { .. }
                );
                if is_test { self.facts(value, holds) } else { Vec::new() }
            }
            _ => Vec::new(),
        }
    }

    /// Whether a test asks only whether something of the program's own is set: `Some(true)` where it holds when it is
    /// not, `Some(false)` where it holds when it is.
    pub(crate) fn is_unset_test(&mut self, test: ValueId) -> Option<bool> {
        let module = self.here().function.module;
        match self.flow.kind(value_in(module, test)) {
            ValueKind::Not(inner) => {
                self.is_unset_test(*inner).map(|unset| !unset).or_else(|| self.is_own(*inner).then_some(true))
            }
            ValueKind::Binary { operator, left, right } => {
                let null = |id: ValueId| matches!(self.flow.kind(value_in(module, id)), ValueKind::Null);
                let subject = if null(*right) {
                    *left
                } else if null(*left) {
                    *right
                } else {
                    return self.empty_test(test);
                };
                match operator {
                    Operator::Is | Operator::Equal => self.is_own(subject).then_some(true),
                    Operator::IsNot | Operator::NotEqual => self.is_own(subject).then_some(false),
                    _ => None,
                }
            }
            ValueKind::Name(_) | ValueKind::Field { .. } => self.is_own(test).then_some(false),
            _ => None,
        }
    }

    /// `len(list) == 0`, `list.length === 0`.
    fn empty_test(&mut self, test: ValueId) -> Option<bool> {
        let module = self.here().function.module;
        let ValueKind::Binary { operator, left, right } = self.flow.kind(value_in(module, test)) else { return None };
        let is_zero = matches!(self.flow.kind(value_in(module, *right)), ValueKind::Int(0));
        let of = match self.flow.kind(value_in(module, *left)) {
            ValueKind::Field { base, name } if name == "length" || name == "size" => *base,
            ValueKind::Call(call) if call.arguments.len() == 1 => call.arguments[0].value,
            _ => return None,
        };
        let own = is_zero && self.is_own(of);
        match operator {
            Operator::Equal if own => Some(true),
            Operator::NotEqual | Operator::Greater if own => Some(false),
            _ => None,
        }
    }
}

/// What two sets of facts both tell.
pub(crate) fn shared(first: Vec<(Vec<Name>, Proofs)>, second: &[(Vec<Name>, Proofs)]) -> Vec<(Vec<Name>, Proofs)> {
    let both = |(of, proofs): (Vec<Name>, Proofs)| {
        let same = second.iter().filter(|(names, _)| names.first() == of.first());
        let other = same.fold(Proofs::NONE, |all, (_, proofs)| all | *proofs);
        let both = proofs & other;
        (!both.is_none()).then_some((of, both))
    };
    first.into_iter().filter_map(both).collect()
}
