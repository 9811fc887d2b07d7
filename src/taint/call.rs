//! Calls: into functions and classes of the tree, or out of it.

use std::collections::HashSet;
use std::rc::Rc;

use crate::code::{Call, CallKind, FunctionKind, Language, Name, ParameterKind, ValueKind};
use crate::flow::effects::root;
use crate::flow::meaning::{Passed, Within, function_in, push, value_in};
use crate::flow::{ClassRef, Frame, FunctionRef, Meaning, ValueRef};
use crate::model::Note;
use crate::taint::address::marked;
use crate::taint::answers::{default_of, is_nothing};
use crate::taint::shared::Event;
use crate::taint::statement::item_part;
use crate::taint::words::takes_out;
use crate::taint::{Proofs, Shade, WHOLE, Walk, beside, names};

/// Most meanings of one callee that are followed.
pub(crate) const MAX_CALLEES: usize = 6;

/// One argument of a call, as taint sees it.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Keyword.
    pub name: Option<Name>,
    /// What is passed.
    pub shade: Shade,
    /// The function that is passed, where it is one of the tree.
    pub function: Option<FunctionRef>,
    /// Whether it stands for any number of arguments.
    pub is_rest: bool,
}

/// A call with what it is given.
pub(crate) struct Calling<'a> {
    pub at: ValueRef,
    pub code: &'a Call,
    pub receiver: Option<Shade>,
    pub method: Option<Name>,
    pub given: Vec<Given>,
    /// How many of the written arguments are not the callee's own: the receiver of `f.call(receiver, …)`.
    pub skipped: usize,
}

impl<'a> Calling<'a> {
    /// `f.call(receiver, …)`; `f.bind(receiver, x)` is told as a call of `f` where it is given what it will be called with.
    fn is_of_function(&self, method: &str) -> bool {
        method == "call" || method == "bind" && self.given.len() > 1
    }

    /// `f.call(receiver, …)` as a call of `f`.
    fn of_function_itself(&self) -> Calling<'a> {
        Calling {
            at: self.at,
            code: self.code,
            receiver: self.given.first().map(|given| given.shade.clone()),
            method: None,
            given: self.given.iter().skip(1).cloned().collect(),
            skipped: self.skipped + 1,
        }
    }
}

/// What a result is compared with where `null` and `undefined` are the same: `== null`.
pub(crate) const EITHER: &str = "null or undefined";

impl<'a> Walk<'a> {
    /// What a call gives back, after everything that it does.
    pub(crate) fn call(&mut self, at: ValueRef, code: &'a Call) -> Shade {
        let mut callee = value_in(at.module, code.callee);
        // `collect::<Vec<_>>()` is a method like any other.
        while let ValueKind::Generic { base, .. } = self.flow.kind(callee) {
            callee = value_in(at.module, *base);
        }
        let mut settled = None;
        let (receiver, method) = match self.flow.kind(callee) {
            ValueKind::Field { base, name } if matches!(name.as_str(), "unwrap" | "expect") => {
                (Some(self.propagated(*base)), Some(name.clone()))
            }
            ValueKind::Field { base, name } => {
                let (shade, promise) = self.receiver_settled((at, code), (*base, name));
                settled = promise;
                (Some(shade), Some(name.clone()))
            }
            ValueKind::Name(_) => (None, None),
            _ => (Some(self.value(callee.id)), None),
        };
        // `asyncio.run(check(path))` waits as `await` does.
        let waits = matches!(method.as_deref(), Some("run" | "run_until_complete"));
        self.awaiting += u32::from(waits);
        let leaves = std::mem::take(&mut self.leaves_on_error);
        let testing = std::mem::take(&mut self.testing);
        let waited_for = self.gathers(at, code);
        let gathered = std::mem::replace(&mut self.gathered, waited_for);
        let given = match self.keeps_errors(at, code) {
            true => self.unheard(|walk| walk.given(at, code)),
            false => self.given(at, code),
        };
        self.gathered = gathered;
        self.leaves_on_error = leaves;
        self.awaiting -= u32::from(waits);
        let calling = Calling { at, code, receiver, method, given, skipped: 0 };
        self.note_type_test(&calling);
        self.use_of_lists(&calling);
        let default = default_of(&calling);
        self.settled = settled;
        let result = match self.upper_method(callee) {
            Some(upper) => self.run_upper(calling, upper),
            None => match self.upper_outside(callee) {
                Some(upper) => self.outside(&calling, &upper),
                None if self.is_without_upper(callee) => Shade::default(),
                None => self.result_of(&calling, callee),
            },
        };
        self.testing = testing;
        match default {
            Some(text) if result.constant.is_none() && !result.is_tainted() => Shade { either: vec![text], ..result },
            _ => result,
        }
    }

    fn result_of(&mut self, calling: &Calling<'a>, callee: ValueRef) -> Shade {
        let frame = self.here().frame.clone();
        let meaning = self.flow.asking(|| self.flow.meaning(callee, &frame)).0;
        self.note_further(calling, meaning.alternatives());
        let has_callee = meaning.alternatives().iter().any(|one| !is_nothing(one));
        let alternatives = meaning.alternatives().iter().filter(|one| !has_callee || !is_nothing(one));
        let all: Vec<Meaning> = alternatives.take(MAX_CALLEES).cloned().collect();
        self.one_of(calling, &all)
    }

    pub(crate) fn called(&mut self, calling: &Calling<'a>, callee: &Meaning) -> Shade {
        match callee {
            Meaning::Function(function, _, _) if self.flow.function(*function).is_declaration => {
                self.declared_only(calling, *function)
            }
            Meaning::Function(function, captured, this) => self.inside(calling, *function, (captured, this), None),
            Meaning::Class(class) => self.made(calling, *class),
            Meaning::Choice(all) | Meaning::Each(all) => {
                self.note_further(calling, all);
                self.one_of(calling, all)
            }
            Meaning::Member(base, name) if matches!(**base, Meaning::Function(..)) && calling.is_of_function(name) => {
                let bound = calling.of_function_itself();
                // What is bound is not called yet.
                if name == "bind" { self.unheard(|walk| walk.called(&bound, base)) } else { self.called(&bound, base) }
            }
            other => match self.method_of_own_class(calling, other) {
                Some((function, class)) => self.of_declared_type(calling, function, class),
                None => match self.indirectly(calling, other) {
                    Some(shade) => shade,
                    None => self.outside(calling, other),
                },
            },
        }
    }

    /// One of several meanings of a callee is called.
    fn one_of(&mut self, calling: &Calling<'a>, all: &[Meaning]) -> Shade {
        let meant = |walk: &mut Self, one: &Meaning| {
            let one = walk.flow.asking(|| walk.flow.force(one)).0;
            walk.called(calling, &one)
        };
        match all {
            [only] => meant(self, only),
            all => self.one_called(all, meant),
        }
    }

    /// Of more callees than are followed it is not known what the others do, unless they are methods of the same package or
    /// what texts and lists are asked for.
    fn note_further(&mut self, calling: &Calling<'a>, all: &[Meaning]) {
        let Some((followed, further)) = all.split_at_checked(MAX_CALLEES).filter(|(_, further)| !further.is_empty())
        else {
            return;
        };
        let is_of_tree = |one: &Meaning| {
            matches!(self.flow.asking(|| self.flow.force(one)).0, Meaning::Function(..) | Meaning::Class(_))
        };
        if calling.method.as_deref().is_some_and(|method| self.is_inside(calling, method))
            && !further.iter().any(is_of_tree)
        {
            return;
        }
        let packages: HashSet<Name> = followed.iter().filter_map(|one| self.package_of(calling, one)).collect();
        if !further.iter().all(|one| self.package_of(calling, one).is_some_and(|package| packages.contains(&package))) {
            self.happens(Event::Unresolved(self.flow.span(calling.at)));
        }
    }

    /// The package outside that a callee is of.
    fn package_of(&self, calling: &Calling<'a>, callee: &Meaning) -> Option<Name> {
        let table = self.effects.of(self.flow.module(calling.at).language)?;
        let name = self.flow.asking(|| names::of_callee(self.flow, callee, table)).0?;
        Some(root(&name)).filter(|package| !package.is_empty()).map(Name::new)
    }

    pub(crate) fn given(&mut self, at: ValueRef, code: &'a Call) -> Vec<Given> {
        let mut given = Vec::with_capacity(code.arguments.len());
        for argument in &code.arguments {
            let value = value_in(at.module, argument.value);
            let is_spread = matches!(self.flow.kind(value), ValueKind::Spread(_));
            let shade = self.value(argument.value);
            match (&shade.items, is_spread) {
                (Some(items), true) if argument.name.is_none() && shade.carries.is_empty() => {
                    let one =
                        |shade: &Shade| Given { name: None, shade: shade.clone(), function: None, is_rest: false };
                    given.extend(items.iter().map(one));
                }
                (_, true) if argument.name.is_some() && !shade.parts.is_empty() => {
                    let one = |(name, shade): (&Name, &Shade)| Given {
                        name: Some(name.clone()),
                        shade: shade.clone(),
                        function: None,
                        is_rest: false,
                    };
                    given.extend(shade.parts.iter().map(one));
                }
                _ => {
                    let function = self.function_of(value);
                    let shade = self.with_told_members(argument.value, shade);
                    given.push(Given { name: argument.name.clone(), shade, function, is_rest: is_spread });
                }
            }
        }
        given
    }

    /// The function of the tree that a value is.
    pub(crate) fn function_of(&mut self, value: ValueRef) -> Option<FunctionRef> {
        match self.flow.kind(value) {
            ValueKind::Function(function) => Some(function_in(value.module, *function)),
            ValueKind::Name(_) | ValueKind::Field { .. } => {
                let frame = self.here().frame.clone();
                match self.flow.asking(|| self.flow.meaning(value, &frame)).0 {
                    Meaning::Function(function, _, _) => Some(function),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// An object of a class of the tree: its constructor runs, its members hold what it was given.
    fn made(&mut self, calling: &Calling<'a>, class: ClassRef) -> Shade {
        if let Some(constructor) = self.flow.constructor(class) {
            let mut made = Shade::default();
            self.inside(calling, constructor, (&None, &None), Some(&mut made));
            return made;
        }
        let fields =
            self.flow.class(class).fields.iter().filter(|field| !field.is_static || field.annotation.is_some());
        let names: Vec<Name> = fields.map(|field| field.name.clone()).collect();
        let mut parts = std::collections::BTreeMap::new();
        let mut whole = Shade::default();
        for (position, given) in calling.given.iter().enumerate() {
            match given.name.clone().or_else(|| names.get(position).cloned()).filter(|_| !given.is_rest) {
                Some(name) => drop(parts.insert(name, given.shade.clone())),
                None => whole = whole.with_whole(&given.shade),
            }
        }
        self.as_model(calling, class, Shade { parts: Rc::new(parts), ..whole })
    }

    /// Walks a function of the tree as this call enters it.
    pub(crate) fn inside(
        &mut self,
        calling: &Calling<'a>,
        function: FunctionRef,
        (captured, bound): (&Frame, &Option<Rc<Meaning>>),
        made: Option<&mut Shade>,
    ) -> Shade {
        let code = self.flow.function(function);
        let this = calling.receiver.clone().unwrap_or_default();
        let arguments = self.bound(calling, function);
        let arguments: Vec<Shade> = arguments
            .into_iter()
            .enumerate()
            .map(|(position, shade)| {
                let Some(name) = code.parameters.get(position).and_then(|parameter| parameter.name()) else {
                    return shade;
                };
                let text = format!("passed as `{name}`");
                shade.step(self.flow.span(calling.at), &text)
            })
            .collect();
        let name = code.name.as_deref().unwrap_or("a function");
        self.path.push(Note::new(self.flow.span(calling.at), format!("calls `{name}`")));
        let frame = push(
            captured,
            Within::Call { function, arguments: self.passed(calling), this: bound.clone(), at: Some(calling.at) },
        );
        let of: Vec<Vec<Name>> = arguments.iter().map(|shade| shade.of.clone()).collect();
        let functions: Vec<FunctionRef> = calling.given.iter().filter_map(|given| given.function).collect();
        let waits = self.is_waited_for(function, calling.at);
        let summary = self.summary(function, arguments, this, frame, &functions);
        let of = self.member_names((calling, function), of, &summary.members);
        self.path.pop();
        self.take_left(calling, function, &summary.left, made.is_some());
        if summary.panics {
            self.may_panic();
        }
        let returns = if self.leaves_on_error { &summary.returns_well } else { &summary.returns };
        for (of, proofs) in of.iter().zip(returns).filter(|_| waits) {
            self.tested_by(function, of, *proofs);
            self.prove(of, *proofs);
        }
        if let Some(made) = made {
            *made = Shade { of: Vec::new(), ..summary.this.clone() };
        }
        if summary.never_returns && waits {
            self.left = true;
        }
        let of = summary.stands_for.iter().filter_map(|(at, mark)| Some((of.get(*at)?, mark)));
        let of = of.flat_map(|(of, mark)| marked(of, mark)).collect();
        let result = Shade { of, ..summary.result.clone().unnamed() };
        if takes_out(name) { result.safe_to_log() } else { result }
    }

    /// Whether a call of a function runs to its end before the caller goes on; what yields does not begin to run as long as
    /// nothing takes what it gives.
    fn is_waited_for(&self, function: FunctionRef, call: ValueRef) -> bool {
        let code = self.flow.function(function);
        let is_beside = matches!(self.flow.kind(call), ValueKind::Call(call) if call.kind == CallKind::Spawned);
        let is_run = !is_beside && (!code.is_generator || self.dropped != Some(call));
        is_run && (self.awaiting > 0 || !code.is_async) && !self.flow.is_replaced(function)
    }

    fn passed(&self, calling: &Calling<'a>) -> Vec<Passed> {
        let mut passed = self.flow.asking(|| self.flow.passed(calling.at, &self.here().frame)).0;
        passed.drain(..calling.skipped.min(passed.len()));
        passed
    }

    /// What a test by a function of the tree proves of its arguments.
    pub(crate) fn call_facts(
        &mut self,
        at: ValueRef,
        code: &'a Call,
        part: &str,
        holds: bool,
    ) -> Vec<(Vec<Name>, Proofs)> {
        let compared_with = self.compared_with.take();
        let callee = value_in(at.module, code.callee);
        let frame = self.here().frame.clone();
        let meaning = self.flow.asking(|| self.flow.meaning(callee, &frame)).0;
        let receiver = match self.flow.kind(callee) {
            ValueKind::Field { base, .. } => Some(self.seen_in_test(*base)),
            _ => None,
        };
        if compared_with.is_some() && self.is_never_nothing(callee, &meaning) {
            return Vec::new();
        }
        if let Some(fact) = self.parts_test(at, holds) {
            return vec![fact];
        }
        if let Some(facts) = self.facts_of_each(at, code, receiver.as_ref(), holds) {
            return facts;
        }
        if let Some(facts) = self.facts_of_comprehension(at, code, holds) {
            return facts;
        }
        let calling = |given| Calling { at, code, receiver, method: None, given, skipped: 0 };
        if let Meaning::Function(function, captured, _) = &meaning {
            let calling = calling(self.given_in_test(at, code));
            return self.function_facts(&calling, *function, captured, (part, holds, compared_with));
        }
        if let Some(function) = self.function_tested(callee, &meaning) {
            let calling = calling(self.given_in_test(at, code));
            return self.function_facts(&calling, function, &None, (part, holds, compared_with));
        }
        if part == WHOLE
            && let Some(facts) = self.got_from_result(at, code, holds)
        {
            return facts;
        }
        if holds
            && part == WHOLE
            && let Some(facts) = self.got_from_table(at, code, compared_with.as_deref())
        {
            return facts;
        }
        let is_go = self.flow.module(at).language == Language::Go;
        // The first of two results of Go is the answer; the second tells of an error.
        let is_answer = part == WHOLE || part == item_part(0).as_str() && is_go;
        if let Some(facts) = self.facts_of_joined((at, code), (part, holds)) {
            return facts;
        }
        if is_go && !holds && (part == WHOLE || !is_answer) {
            let mut facts = self.guard_facts(at, code, "returns");
            if is_answer {
                facts.extend(self.guard_facts(at, code, "false"));
            }
            return facts;
        }
        if !is_answer {
            return Vec::new();
        }
        self.guard_facts(at, code, if holds { "true" } else { "false" })
    }

    fn function_facts(
        &mut self,
        calling: &Calling<'a>,
        function: FunctionRef,
        captured: &Frame,
        (part, holds, compared_with): (&str, bool, Option<Name>),
    ) -> Vec<(Vec<Name>, Proofs)> {
        if !self.is_waited_for(function, calling.at) || self.flow.function(function).is_generator {
            return Vec::new();
        }
        let this = calling.receiver.clone().unwrap_or_default();
        let arguments = self.bound(calling, function);
        let of: Vec<Vec<Name>> = arguments.iter().map(|shade| shade.of.clone()).collect();
        let passed = self.passed(calling);
        let frame = push(captured, Within::Call { function, arguments: passed, this: None, at: Some(calling.at) });
        let functions: Vec<FunctionRef> = calling.given.iter().filter_map(|given| given.function).collect();
        let summary = self.told_in_test(calling.at, |walk| walk.summary(function, arguments, this, frame, &functions));
        let Some(told) = summary.told.get(part) else { return Vec::new() };
        let of = self.member_names((calling, function), of, &summary.members);
        let beside =
            if compared_with.is_none() { beside::marked(&told.beside[usize::from(!holds)]) } else { Vec::new() };
        let proofs = match compared_with {
            Some(nothing) if holds && is_nothing_else(told.nothing.as_deref(), &nothing) => &told.when_there,
            Some(_) if holds => &summary.returns,
            _ if holds => &told.when_true,
            _ => &told.when_false,
        };
        let facts = of.into_iter().zip(proofs.iter().copied()).filter(|(_, proofs)| !proofs.is_none());
        let facts: Vec<(Vec<Name>, Proofs)> = facts.collect();
        facts.iter().for_each(|(of, proofs)| self.tested_by(function, of, *proofs));
        facts.into_iter().chain(beside).collect()
    }

    /// Shades of the parameters of a function in this call.
    fn bound(&mut self, calling: &Calling<'a>, function: FunctionRef) -> Vec<Shade> {
        let code = self.flow.function(function);
        let mut bound = Vec::with_capacity(code.parameters.len());
        let receivers = code.parameters.iter().filter(|parameter| parameter.kind == ParameterKind::Receiver).count();
        let unbound = receivers > 0 && calling.receiver.is_none();
        let positional: Vec<&Given> = calling.given.iter().filter(|given| given.name.is_none()).collect();
        let mut next = 0;
        for parameter in &code.parameters {
            let by_name =
                parameter.name().and_then(|name| calling.given.iter().find(|given| given.name.as_ref() == Some(name)));
            let shade = match parameter.kind {
                ParameterKind::Receiver if !unbound || code.kind == FunctionKind::Method => {
                    self.receiver_of(function, calling.receiver.clone().unwrap_or_default())
                }
                ParameterKind::Rest => {
                    let rest: Vec<Shade> = positional.iter().skip(next).map(|given| given.shade.clone()).collect();
                    next = positional.len();
                    Shade { items: Some(Rc::new(rest)), ..Shade::default() }
                }
                ParameterKind::NamedRest => {
                    let declared = |name: &Name| code.parameters.iter().any(|parameter| parameter.name() == Some(name));
                    let rest =
                        calling.given.iter().filter_map(|given| Some((given.name.clone()?, given.shade.clone())));
                    let parts = rest.filter(|(name, _)| !declared(name)).collect();
                    Shade { parts: Rc::new(parts), ..Shade::default() }
                }
                _ => match by_name {
                    // What a wrapper passes by itself is in no map that it spreads behind it.
                    Some(given) if !is_told_apart(&positional, next) => given.shade.clone(),
                    _ => self.positional(&positional, &mut next),
                },
            };
            bound.push(shade);
        }
        bound
    }

    fn positional(&mut self, positional: &[&Given], next: &mut usize) -> Shade {
        // After a spread any of its elements may stand in any later place.
        if let Some(rest) = positional.iter().take(*next + 1).find(|given| given.is_rest) {
            return Shade { of: Vec::new(), ..rest.shade.element() };
        }
        let found = positional.get(*next).map(|given| given.shade.clone());
        *next += 1;
        found.unwrap_or_default()
    }
}

/// Whether a place among the arguments holds one that is written for itself, and not out of a list that is spread.
fn is_told_apart(positional: &[&Given], at: usize) -> bool {
    positional.len() > at && positional.iter().take(at + 1).all(|given| !given.is_rest)
}

/// Whether a function whose results are nothing in one way gives nothing in no other way than what they are compared with:
/// `undefined` is not `null`, unless either will do; what comes to no result is `undefined`, or `None`.
fn is_nothing_else(given: Option<&str>, compared_with: &str) -> bool {
    match given {
        Some(given) => compared_with == EITHER || given == compared_with,
        None => compared_with != "null",
    }
}
