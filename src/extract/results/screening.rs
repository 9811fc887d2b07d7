//! Whether a value was looked through for instructions before it is used: a test against patterns, or by a library, whose
//! finding leaves.

use crate::code::{Block, Call, Language, LoopHead, Name, Operator, StatementKind, ValueId, ValueKind};
use crate::extract::results::content;
use crate::extract::results::controls::Controls;
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::scope::{Bound, ContextKind, Step};
use crate::flow::{FunctionRef, ModuleId, ValueRef};
use crate::source::Span;

/// Deepest chain of tests, names and functions that make up one answer.
const MAX_DEPTH: u32 = 8;
/// Most tests before a place that are looked at.
const MAX_TESTS: usize = 60;

/// What holds when a place is reached.
#[derive(Clone, Copy, Debug)]
pub(super) enum Before {
    /// A test came out so.
    Test(ValueRef, bool),
    /// This came back.
    Call(ValueRef),
    /// A test was made, with the block that was gone through only where it held.
    Passed(ValueRef, Span),
}

/// Which part of an answer is asked about.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Whole,
    Member(String),
}

impl Controls<'_> {
    /// Where what a name holds at a place was found to be free of instructions.
    pub fn screened(&self, place: ValueRef, name: &Name) -> Option<Span> {
        self.proved(place, name, MAX_DEPTH)
    }

    fn proved(&self, place: ValueRef, name: &Name, depth: u32) -> Option<Span> {
        let at = self.flow.span(place).start;
        self.before(place).into_iter().find_map(|before| {
            let (span, is_clean) = match before {
                Before::Test(test, holds) => {
                    (self.flow.span(test), self.finds(test, name, &Part::Whole, depth) == Some(!holds))
                }
                Before::Call(call) => (self.flow.span(call), self.refuses(call, name, depth)),
                Before::Passed(..) => return None,
            };
            (is_clean && !self.is_changed(place, name, span.end, at)).then_some(span)
        })
    }

    /// Whether a name gets another value between two places.
    pub fn is_changed(&self, place: ValueRef, name: &Name, from: u32, to: u32) -> bool {
        let owner = self.flow.owner(place).id;
        let bindings = self.flow.scopes(place.module).bindings[owner.index()].get(name);
        bindings.into_iter().flatten().any(|one| from <= one.at && one.at < to)
    }

    /// The tests and calls that came before a place on every way to it.
    pub(super) fn before(&self, place: ValueRef) -> Vec<Before> {
        let scopes = self.flow.scopes(place.module);
        let mut found: Vec<Before> = scopes
            .around(place.id)
            .filter_map(|context| match context {
                ContextKind::Branch(test, holds) => Some(Before::Test(value_in(place.module, *test), *holds)),
                _ => None,
            })
            .collect();
        let body = &self.flow.function(self.flow.owner(place)).body;
        self.earlier(place.module, body, self.flow.span(place), &mut found);
        found.truncate(MAX_TESTS);
        found
    }

    /// What of a block came before a place; all of it where the place is behind it.
    fn earlier(&self, module: ModuleId, block: &Block, place: Span, found: &mut Vec<Before>) {
        for statement in &block.statements {
            if statement.span.start > place.start {
                return;
            }
            match statement.span.contains(place) {
                true => self.around(module, &statement.kind, place, found),
                false => self.passed_by(module, &statement.kind, place, found),
            }
        }
    }

    /// A statement that holds the place.
    fn around(&self, module: ModuleId, statement: &StatementKind, place: Span, found: &mut Vec<Before>) {
        let mut within = |block: &Block| {
            let holds = |span: Span| span.contains(place);
            if block.statements.iter().any(|one| holds(one.span)) {
                self.earlier(module, block, place, found);
            }
        };
        match statement {
            StatementKind::If { then, otherwise, .. } => {
                within(then);
                within(otherwise);
            }
            StatementKind::Loop { body, otherwise, .. } => {
                within(body);
                within(otherwise);
            }
            StatementKind::Try(attempt) => {
                within(&attempt.body);
                attempt.handlers.iter().for_each(|handler| within(&handler.body));
                within(&attempt.otherwise);
                within(&attempt.finally);
            }
            StatementKind::With { body, .. } => within(body),
            StatementKind::Block(block) => within(block),
            StatementKind::Match(chosen) => chosen.arms.iter().for_each(|arm| within(&arm.body)),
            _ => {}
        }
    }

    /// A statement before the place.
    fn passed_by(&self, module: ModuleId, statement: &StatementKind, place: Span, found: &mut Vec<Before>) {
        match statement {
            StatementKind::If { test, then, otherwise } => {
                if leaves(then) {
                    found.push(Before::Test(value_in(module, *test), false));
                    self.earlier(module, otherwise, place, found);
                }
                if leaves(otherwise) {
                    found.push(Before::Test(value_in(module, *test), true));
                    self.earlier(module, then, place, found);
                }
                if let Some(then) = whole(then).filter(|_| otherwise.statements.is_empty()) {
                    found.push(Before::Passed(value_in(module, *test), then));
                }
            }
            StatementKind::Evaluate(value) => found.push(Before::Call(value_in(module, *value))),
            StatementKind::Assign(assignment) => {
                found.extend(assignment.value.map(|value| Before::Call(value_in(module, value))));
            }
            // `python -O` leaves them out.
            StatementKind::Assert(test) if self.flow.program.module(module).language != Language::Python => {
                found.push(Before::Test(value_in(module, *test), true));
            }
            StatementKind::With { body, .. } | StatementKind::Block(body) => self.earlier(module, body, place, found),
            StatementKind::Try(attempt) if attempt.handlers.iter().all(|handler| leaves(&handler.body)) => {
                self.earlier(module, &attempt.body, place, found);
            }
            StatementKind::Loop { head: LoopHead::Each(_, over), body, .. }
                if self.is_filled(value_in(module, *over)) && !breaks(body) =>
            {
                self.earlier(module, body, place, found);
            }
            _ => {}
        }
    }

    /// Whether a value is a collection of constants that is not empty.
    pub fn is_filled(&self, over: ValueRef) -> bool {
        match self.meaning(over) {
            Meaning::List(items) => items.iter().any(|item| !item.optional && !item.is_rest),
            Meaning::Map(entries) => entries.iter().any(|entry| entry.key.is_some() && !entry.optional),
            _ => false,
        }
    }

    /// Whether a test, when it holds, says that there are instructions in what a name holds (`Some(true)`), or that there
    /// are none (`Some(false)`); nothing where it says neither for certain.
    fn finds(&self, test: ValueRef, name: &Name, part: &Part, depth: u32) -> Option<bool> {
        if *part != Part::Whole || depth < MAX_DEPTH {
            return self.finds_anew(test, name, part, depth);
        }
        let key = (test, name.clone());
        if let Some(known) = self.memo.tests.borrow().get(&key) {
            return *known;
        }
        let found = self.finds_anew(test, name, part, depth);
        self.memo.tests.borrow_mut().insert(key, found);
        found
    }

    fn finds_anew(&self, test: ValueRef, name: &Name, part: &Part, depth: u32) -> Option<bool> {
        let depth = depth.checked_sub(1)?;
        let of = |id: &ValueId| value_in(test.module, *id);
        let inner = |id: &ValueId| self.finds(of(id), name, part, depth);
        match self.flow.kind(test) {
            ValueKind::Not(inside) => inner(inside).map(|found| !found),
            ValueKind::Await(inside) => match self.flow.kind(of(inside)) {
                ValueKind::Call(call) => self.asked(of(inside), call, name, part, depth, true),
                _ => inner(inside),
            },
            ValueKind::Propagate(inside) | ValueKind::Unary(inside) => inner(inside),
            ValueKind::Binary { operator: Operator::Or, left, right } => {
                [inner(left), inner(right)].contains(&Some(true)).then_some(true)
            }
            ValueKind::Binary { operator: Operator::And, left, right } => {
                [inner(left), inner(right)].contains(&Some(false)).then_some(false)
            }
            ValueKind::Binary { operator: operator @ (Operator::In | Operator::NotIn), left, right } => {
                let is_pattern = content::finds(self.constants(of(left)).iter()).injections;
                (is_pattern && self.roots(of(right)).contains(name)).then_some(*operator == Operator::In)
            }
            ValueKind::Binary { operator, left, right } => {
                self.compared(*operator, of(left), of(right), name, part, depth)
            }
            ValueKind::Comprehension(one) => {
                let some = one.clauses.iter().flat_map(|clause| &clause.conditions).any(|id| inner(id) == Some(true));
                (some || inner(&one.element) == Some(true)).then_some(true)
            }
            ValueKind::Name(own) => self.named(test, own, name, part, depth),
            ValueKind::Field { base, name: member } if *part == Part::Whole => match member.as_str() {
                "length" => inner(base),
                member => self.finds(of(base), name, &Part::Member(member.to_string()), depth),
            },
            ValueKind::Call(call) => self.asked(test, call, name, part, depth, false),
            _ => None,
        }
    }

    /// `hits > 0`, `found is None`, `verdict == false`, `err != nil`
    fn compared(
        &self,
        operator: Operator,
        left: ValueRef,
        right: ValueRef,
        name: &Name,
        part: &Part,
        depth: u32,
    ) -> Option<bool> {
        let found = self.finds(left, name, part, depth)?;
        let is_nothing = match (self.flow.kind(right), operator) {
            (ValueKind::Null | ValueKind::Bool(false) | ValueKind::Int(0 | -1) | ValueKind::Unary(_), _) => true,
            (ValueKind::Bool(true), _) => false,
            // A score has a threshold; of findings, one is enough.
            (ValueKind::Float(_), Operator::Greater | Operator::GreaterEqual) => false,
            (ValueKind::Int(1), Operator::GreaterEqual) => false,
            _ => return None,
        };
        match operator {
            Operator::Equal | Operator::Is => Some(found != is_nothing),
            Operator::NotEqual | Operator::IsNot => Some(found == is_nothing),
            Operator::Greater | Operator::GreaterEqual => Some(found),
            _ => None,
        }
    }

    /// What a name stands for that is tested.
    fn named(&self, at: ValueRef, own: &Name, name: &Name, part: &Part, depth: u32) -> Option<bool> {
        let (_, bindings) = self.bindings(at, own)?;
        let mut found = None;
        for binding in &bindings {
            let Bound::Value(value) = binding.bound else { return None };
            let part = match binding.path.as_ref() {
                [] => part.clone(),
                [Step::Item(position)] => Part::Member(position.to_string()),
                [Step::Field(member, _)] => Part::Member(member.to_string()),
                _ => return None,
            };
            // `flag = False`, and then `flag = True` where something is found.
            let told = match self.flow.kind(value_in(at.module, value)) {
                ValueKind::Bool(_) | ValueKind::Null if bindings.len() > 1 => continue,
                ValueKind::List(items) if items.is_empty() => self.is_filled_where_found(at, own, name, depth)?,
                _ => self.finds(value_in(at.module, value), name, &part, depth)?,
            };
            if found.is_some_and(|before| before != told) {
                return None;
            }
            found = Some(told);
        }
        found
    }

    /// `hits = []`, and then `hits.append(…)` where something is found.
    fn is_filled_where_found(&self, at: ValueRef, own: &Name, name: &Name, depth: u32) -> Option<bool> {
        let scopes = self.flow.scopes(at.module);
        let owner = self.flow.owner(at).id;
        let changes = scopes.changes.get(own)?.iter().map(|change| change.place);
        let mut here = changes.filter(|place| scopes.owner[place.index()] == owner);
        here.any(|place| self.is_found(value_in(at.module, place), name, depth)).then_some(true)
    }

    /// What a call says that asks about what a name holds.
    fn asked(&self, at: ValueRef, call: &Call, name: &Name, part: &Part, depth: u32, awaited: bool) -> Option<bool> {
        let callee = value_in(at.module, call.callee);
        let is_it = |value: ValueRef| self.roots(value).contains(name);
        let arguments = || call.arguments.iter().map(|one| value_in(at.module, one.value));
        let base = match self.flow.kind(callee) {
            ValueKind::Field { base, .. } => Some(value_in(at.module, *base)),
            _ => None,
        };
        let last = self.last(callee);
        if matches!(last, "bool" | "len" | "Boolean" | "list" | "await" | "is_some" | "is_err") {
            let inside = base.filter(|_| call.arguments.is_empty()).or_else(|| arguments().next())?;
            return self.finds(inside, name, part, depth);
        }
        if let Some(function) = self.called(callee) {
            let is_ready = !self.flow.function(function).is_async || awaited;
            let parameters = self.passed(at, call, &is_it);
            let told = |parameter: &Name| self.summary(function, parameter, part, depth);
            return parameters.iter().find_map(told).filter(|_| is_ready);
        }
        if content::asks_of_any(last) {
            let closure = self.closure(at, call).map(|id| FunctionRef { module: at.module, id });
            let told = match closure {
                Some(closure) => {
                    let returns = &self.flow.scopes(at.module).returns[closure.id.index()];
                    returns
                        .iter()
                        .any(|value| self.finds(value_in(at.module, *value), name, &Part::Whole, depth) == Some(true))
                }
                None => arguments().any(|one| self.finds(one, name, &Part::Whole, depth) == Some(true)),
            };
            if told {
                return Some(true);
            }
        }
        if content::asks(last) {
            let all: Vec<ValueRef> = base.into_iter().chain(arguments()).collect();
            let (asked, patterns): (Vec<ValueRef>, Vec<ValueRef>) = all.into_iter().partition(|one| is_it(*one));
            let mut texts: Vec<String> = patterns.into_iter().flat_map(|one| self.constants(one)).collect();
            if self.flow.module(at).language == Language::Python && matches!(last, "match" | "fullmatch") {
                texts.iter_mut().for_each(|text| *text = format!(r"\A(?:{text})"));
            }
            return (!asked.is_empty() && content::finds(texts.iter()).injections).then_some(true);
        }
        let screen = content::screen(&self.full_name(callee)?)?;
        let says = |member: &Option<String>| match (member.as_deref(), part) {
            (Some("result"), Part::Whole) => true,
            (Some(member), Part::Member(part)) => member == part,
            _ => false,
        };
        match arguments().any(is_it) {
            true if says(&screen.found) => Some(true),
            true if says(&screen.clean) => Some(false),
            _ => None,
        }
    }

    /// What the answer of a function of the tree says of what it is given.
    fn summary(&self, function: FunctionRef, parameter: &Name, part: &Part, depth: u32) -> Option<bool> {
        let depth = depth.checked_sub(1)?;
        let returns = &self.flow.scopes(function.module).returns[function.id.index()];
        let told: Vec<Option<bool>> = returns
            .iter()
            .map(|value| self.part_of(value_in(function.module, *value), part))
            .map(|value| self.says(value?, parameter, depth))
            .collect();
        [true, false].into_iter().find(|polarity| {
            !told.is_empty() && told.iter().all(|one| *one == Some(*polarity)) && self.has_both(function, part, returns)
        })
    }

    /// What one way out of a function says: an answer that there is nothing has to stand where nothing was found.
    fn says(&self, value: ValueRef, parameter: &Name, depth: u32) -> Option<bool> {
        if let Some(told) = self.finds(value, parameter, &Part::Whole, depth) {
            return Some(told);
        }
        let is_true = self.is_true(value)?;
        match self.proved(value, parameter, depth) {
            Some(_) => Some(!is_true),
            // Where something was found, it says so.
            None => self.is_found(value, parameter, depth).then_some(is_true),
        }
    }

    fn is_found(&self, value: ValueRef, parameter: &Name, depth: u32) -> bool {
        self.before(value).into_iter().any(|before| match before {
            Before::Test(test, holds) => self.finds(test, parameter, &Part::Whole, depth) == Some(holds),
            Before::Call(_) | Before::Passed(..) => false,
        })
    }

    /// Whether a function can answer in both ways: one that always says the same tells nothing.
    fn has_both(&self, function: FunctionRef, part: &Part, returns: &[ValueId]) -> bool {
        let values = returns.iter().filter_map(|value| self.part_of(value_in(function.module, *value), part));
        let told: Vec<Option<bool>> = values.map(|value| self.is_true(value)).collect();
        told.contains(&None) || (told.contains(&Some(true)) && told.contains(&Some(false)))
    }

    fn part_of(&self, value: ValueRef, part: &Part) -> Option<ValueRef> {
        let Part::Member(member) = part else { return Some(value) };
        match self.flow.kind(value) {
            ValueKind::Map(entries) | ValueKind::Construct { entries, .. } => {
                let is_it = |entry: &&crate::code::MapEntry| matches!(&entry.key, crate::code::MapKey::Name(name, _) if name == member);
                entries.iter().find(is_it).map(|entry| value_in(value.module, entry.value))
            }
            ValueKind::Tuple(items) | ValueKind::List(items) => {
                items.get(member.parse::<usize>().ok()?).map(|item| value_in(value.module, *item))
            }
            ValueKind::Call(call) => {
                let named = call.arguments.iter().find(|one| one.name.as_deref() == Some(member));
                named.map(|one| value_in(value.module, one.value))
            }
            _ => None,
        }
    }

    /// Whether a constant counts as true.
    fn is_true(&self, value: ValueRef) -> Option<bool> {
        match self.flow.kind(value) {
            ValueKind::Bool(is) => Some(*is),
            ValueKind::Null => Some(false),
            ValueKind::Text(text) => Some(!text.is_empty()),
            ValueKind::Int(number) => Some(*number != 0),
            ValueKind::List(items) => Some(!items.is_empty()),
            ValueKind::Map(_) | ValueKind::Template(_) | ValueKind::Construct { .. } => Some(true),
            // `errors.New(…)`, `fmt.Errorf(…)`, `Some(…)`
            ValueKind::Call(call) => {
                let last = self.last(value_in(value.module, call.callee));
                matches!(last, "New" | "Errorf" | "Some" | "Err").then_some(true)
            }
            _ => None,
        }
    }

    /// Whether a call that came back says that there is nothing in what a name holds: the function raises otherwise.
    fn refuses(&self, at: ValueRef, name: &Name, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let (at, awaited) = match self.flow.kind(at) {
            ValueKind::Await(inner) => (value_in(at.module, *inner), true),
            ValueKind::Propagate(inner) => (value_in(at.module, *inner), true),
            _ => (at, false),
        };
        let ValueKind::Call(call) = self.flow.kind(at) else { return false };
        let callee = value_in(at.module, call.callee);
        let Some(function) = self.called(callee) else { return false };
        let code = self.flow.function(function);
        if code.is_async && !awaited || !raises(&code.body) {
            return false;
        }
        let parameters = self.passed(at, call, &|value| self.roots(value).contains(name));
        parameters.iter().any(|parameter| self.ends_clean(function, parameter, depth))
    }

    /// Whether every way out of a function that is not an error comes after a look at the parameter.
    fn ends_clean(&self, function: FunctionRef, parameter: &Name, depth: u32) -> bool {
        let code = self.flow.function(function);
        let returns = &self.flow.scopes(function.module).returns[function.id.index()];
        let is_clean = |value: &ValueId| self.proved(value_in(function.module, *value), parameter, depth).is_some();
        let mut at_end = Vec::new();
        let behind = code.span.end.saturating_add(1);
        let end = Span { start: behind, end: behind, ..code.span };
        self.earlier(function.module, &code.body, end, &mut at_end);
        let falls_off = at_end.into_iter().any(|before| match before {
            Before::Test(test, holds) => self.finds(test, parameter, &Part::Whole, depth) == Some(!holds),
            Before::Call(call) => self.refuses(call, parameter, depth),
            Before::Passed(..) => false,
        });
        returns.iter().all(is_clean) && (falls_off || leaves(&code.body) && !returns.is_empty())
    }
}

/// Where the statements of a block stand.
fn whole(block: &Block) -> Option<Span> {
    let (first, last) = (block.statements.first()?, block.statements.last()?);
    Some(Span { end: last.span.end, ..first.span })
}

/// Whether a block ends by leaving the function or the turn of its loop.
fn leaves(block: &Block) -> bool {
    block.statements.last().is_some_and(|last| match &last.kind {
        StatementKind::Return(_) | StatementKind::Raise(_) | StatementKind::Continue => true,
        StatementKind::If { then, otherwise, .. } => leaves(then) && leaves(otherwise),
        StatementKind::Block(block) | StatementKind::With { body: block, .. } => leaves(block),
        _ => false,
    })
}

fn breaks(block: &Block) -> bool {
    block.statements.iter().any(|one| match &one.kind {
        StatementKind::Break | StatementKind::Continue => true,
        StatementKind::If { then, otherwise, .. } => breaks(then) || breaks(otherwise),
        StatementKind::Block(block) | StatementKind::With { body: block, .. } => breaks(block),
        _ => false,
    })
}

/// Whether a function raises anywhere by itself.
fn raises(block: &Block) -> bool {
    block.statements.iter().any(|one| match &one.kind {
        StatementKind::Raise(_) => true,
        StatementKind::If { then, otherwise, .. } => raises(then) || raises(otherwise),
        StatementKind::Loop { body, .. } | StatementKind::With { body, .. } | StatementKind::Block(body) => {
            raises(body)
        }
        StatementKind::Try(attempt) => raises(&attempt.body),
        _ => false,
    })
}
