//! What code gives when the program starts without settings: no environment variables, no flags.
//!
//! A small interpreter over pure code. What it cannot follow is [`Meaning::Unknown`]; it never guesses.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::code::{
    Block, Call, Language, LoopHead, MODULE_BODY, Match, Name, Operator, Pattern, StatementKind, ValueKind,
};
use crate::flow::meaning::{Entry, Frame, Instance, Item, Key, Meaning, Within, push};
use crate::flow::{ClassRef, Flow, FunctionRef, In, ModuleId, ValueRef};
use crate::source::Span;

mod go;
mod later;
mod lists;
mod names;
mod options;
mod put;
mod rust;
mod standard;
mod switches;
mod zero;

/// A plain argument by position.
type Plain<'p> = &'p dyn Fn(usize) -> Option<Meaning>;

/// Deepest chain that is followed.
const MAX_DEPTH: u32 = 80;
/// Most steps for one question.
const MAX_STEPS: u32 = 10_000;

const UNKNOWN: Meaning = Meaning::Unknown("only known at run time");

/// Answers what values are without settings.
pub struct Unset<'f, 'a> {
    flow: &'f Flow<'a>,
    steps: Cell<u32>,
    depth: Cell<u32>,
    /// Whether a variable of the environment was read.
    asked: Cell<bool>,
    /// Whether a limit cut an answer short.
    is_cut: Cell<bool>,
    /// Whether a switch was met that is on in some places and off in others.
    is_either: Cell<bool>,
    /// Whether what fills things that begin as nothing is looked for.
    looks_later: Cell<bool>,
    /// What fills them, and how they are called.
    later: RefCell<Vec<(ValueRef, Name)>>,
    /// Switches that are looked into.
    switching: RefCell<Vec<Name>>,
}

/// How a block ends.
enum End {
    /// It runs on.
    Next,
    /// It leaves the turn of a loop.
    Turn,
    /// It leaves the loop or switch.
    Loop,
    /// It returns this.
    Returned(Meaning),
    /// Not known.
    Unknown,
}

impl<'f, 'a> Unset<'f, 'a> {
    /// For one question.
    pub fn new(flow: &'f Flow<'a>) -> Self {
        Unset {
            flow,
            steps: Cell::new(0),
            depth: Cell::new(0),
            asked: Cell::new(false),
            is_cut: Cell::new(false),
            is_either: Cell::new(false),
            looks_later: Cell::new(false),
            later: RefCell::default(),
            switching: RefCell::default(),
        }
    }

    /// Whether a test holds.
    pub fn holds(&self, test: ValueRef, frame: &Frame) -> Option<bool> {
        self.truth(&self.value(test, frame), self.flow.module(test).language)
    }

    /// Whether a test holds because the environment is silent: without asking it there is no such answer.
    pub fn holds_by_silence(&self, test: ValueRef, frame: &Frame) -> Option<bool> {
        self.asked.set(false);
        self.holds(test, frame).filter(|_| self.asked.get())
    }

    /// What a value is because the environment is silent: nothing where it was not asked.
    pub fn value_by_silence(&self, at: ValueRef, frame: &Frame) -> Option<Meaning> {
        self.asked.set(false);
        let found = self.value(at, frame);
        self.asked.get().then_some(found)
    }

    /// Whether a test may give this answer as long as nobody sets anything: it does, or it hangs on a switch that is on in
    /// some places, or on what is filled later.
    pub fn may_hold(&self, test: ValueRef, frame: &Frame, answer: bool) -> bool {
        self.is_either.set(false);
        self.looks_later.set(true);
        let held = self.holds(test, frame);
        self.looks_later.set(false);
        match held {
            Some(held) => held == answer,
            None => self.is_either.get(),
        }
    }

    /// What a function returns.
    pub fn result(&self, function: FunctionRef, frame: &Frame) -> Meaning {
        self.deeper(|| {
            let body = &self.flow.function(function).body;
            match (self.block(function.module, body, frame), body.tail) {
                (End::Returned(found), _) => found,
                (End::Next, Some(tail)) => self.value(In { module: function.module, id: tail }, frame),
                (End::Next, None) => Meaning::Null,
                _ => UNKNOWN,
            }
        })
    }

    fn deeper(&self, ask: impl FnOnce() -> Meaning) -> Meaning {
        if self.depth.get() >= MAX_DEPTH || self.steps.get() >= MAX_STEPS {
            self.is_cut.set(true);
            return UNKNOWN;
        }
        self.steps.set(self.steps.get() + 1);
        self.depth.set(self.depth.get() + 1);
        let found = ask();
        self.depth.set(self.depth.get() - 1);
        found
    }

    /// What a value is.
    pub fn value(&self, at: ValueRef, frame: &Frame) -> Meaning {
        if !matches!(self.flow.kind(at), ValueKind::Name(_) | ValueKind::Field { .. } | ValueKind::Call(_)) {
            return self.deeper(|| self.read(at, frame));
        }
        let frame =
            if self.flow.owner(at).id == MODULE_BODY { self.flow.turns_of_module(at.module, frame) } else { frame };
        let known = self.flow.known_silent(at, frame);
        // What fills it is not kept with it.
        let is_told = |(found, _): &(Meaning, bool)| !self.looks_later.get() || !matches!(found, Meaning::Unknown(_));
        if let Some((found, asks)) = known.filter(is_told) {
            self.asked.set(self.asked.get() || asks);
            return found;
        }
        let asked = self.asked.replace(false);
        let found = self.deeper(|| self.read(at, frame));
        if !self.is_cut.get() {
            self.flow.keep_silent(at, frame, (found.clone(), self.asked.get()));
        }
        self.asked.set(asked || self.asked.get());
        found
    }

    fn read(&self, at: ValueRef, frame: &Frame) -> Meaning {
        let of = |id| In { module: at.module, id };
        let truth = |id| self.truth(&self.value(of(id), frame), self.flow.module(at).language);
        match self.flow.kind(at) {
            ValueKind::Not(inner) => truth(*inner).map_or(UNKNOWN, |is| Meaning::Bool(!is)),
            ValueKind::Binary { operator, left, right } => self.binary(at, *operator, of(*left), of(*right), frame),
            ValueKind::Choice { test, then, otherwise } => match (truth(*test), otherwise) {
                (Some(true), _) => self.value(of(*then), frame),
                (Some(false), Some(otherwise)) => self.value(of(*otherwise), frame),
                (Some(false), None) => Meaning::Null,
                (None, _) => UNKNOWN,
            },
            ValueKind::Await(inner) | ValueKind::Propagate(inner) => self.value(of(*inner), frame),
            ValueKind::Generic { base, .. } => self.value(of(*base), frame),
            ValueKind::Sequence(parts) => parts.last().map_or(Meaning::Null, |last| self.value(of(*last), frame)),
            ValueKind::Template(parts) => self.template(at, parts, frame),
            ValueKind::Name(name) => self.name(at, name, frame),
            ValueKind::Field { base, name } => match self.bound_flag(at, name) {
                Some(found) => found,
                None => self.field(of(*base), name, frame),
            },
            ValueKind::Unary(inner) if self.flow.sources.slice(self.flow.span(at)).starts_with(['&', '*']) => {
                self.value(of(*inner), frame)
            }
            ValueKind::Index { base, key } => {
                let (base, key) = (self.value(of(*base), frame), self.value(of(*key), frame));
                match (&base, &key) {
                    (_, Meaning::Text(name, _)) => self.member(&base, name),
                    (Meaning::List(items), Meaning::Int(index)) => self.element(items, *index),
                    _ => UNKNOWN,
                }
            }
            ValueKind::Call(call) => self.call(at, call, frame),
            ValueKind::Comprehension(code) => self.comprehended(at.module, code, frame),
            ValueKind::List(items) | ValueKind::Tuple(items) => self.written(at, items, frame),
            ValueKind::Map(entries) => self.mapping(at, entries, frame),
            _ => self.settled(self.flow.asking(|| self.flow.meaning(at, frame)).0),
        }
    }

    /// What is behind a value that was left for later, and nothing where that is a setting.
    fn settled(&self, meaning: Meaning) -> Meaning {
        match &meaning {
            Meaning::Later(at, frame) => self.value(*at, frame),
            Meaning::Outside(name) if standard::is_setting(name) => {
                self.asked.set(true);
                Meaning::Null
            }
            Meaning::Outside(name) => {
                let somewhere = self.flow.program.modules.first().map(|module| Span::new(module.source, 0, 0));
                standard::arguments(name, somewhere).unwrap_or(meaning)
            }
            Meaning::Choice(_) | Meaning::Each(_) => UNKNOWN,
            _ => meaning,
        }
    }

    fn binary(&self, at: ValueRef, operator: Operator, left: ValueRef, right: ValueRef, frame: &Frame) -> Meaning {
        let language = self.flow.module(at).language;
        let first = self.value(left, frame);
        let truth = self.truth(&first, language);
        let second = || self.value(right, frame);
        let said = |is: Option<bool>| is.map_or(UNKNOWN, Meaning::Bool);
        match operator {
            Operator::And | Operator::Or => {
                let decides = operator == Operator::Or;
                match truth {
                    Some(is) if is == decides => first,
                    Some(_) => second(),
                    None => match second() {
                        // `unknown && false` is not true, whatever stands on the left.
                        other if self.truth(&other, language) == Some(decides) => Meaning::Bool(decides),
                        _ => UNKNOWN,
                    },
                }
            }
            Operator::Coalesce => match first {
                Meaning::Null => second(),
                Meaning::Unknown(_) => UNKNOWN,
                known => known,
            },
            Operator::Equal | Operator::Is => said(same(&first, &second())),
            Operator::NotEqual | Operator::IsNot => said(same(&first, &second()).map(|is| !is)),
            Operator::In => said(self.contains(&second(), &first)),
            Operator::NotIn => said(self.contains(&second(), &first).map(|is| !is)),
            Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
                let (Meaning::Int(a), Meaning::Int(b)) = (&first, &second()) else { return UNKNOWN };
                Meaning::Bool(match operator {
                    Operator::Less => a < b,
                    Operator::LessEqual => a <= b,
                    Operator::Greater => a > b,
                    _ => a >= b,
                })
            }
            Operator::Add => match (&first, &second()) {
                (Meaning::Text(a, span), Meaning::Text(b, _)) if a.len() + b.len() < 1 << 16 => {
                    Meaning::Text(Name::new(format!("{a}{b}")), *span)
                }
                _ => UNKNOWN,
            },
            _ => UNKNOWN,
        }
    }

    fn template(&self, at: ValueRef, parts: &[crate::code::ValueId], frame: &Frame) -> Meaning {
        let mut text = String::new();
        for part in parts {
            match self.value(In { module: at.module, id: *part }, frame) {
                Meaning::Text(part, _) => text.push_str(&part),
                Meaning::Int(number) => text.push_str(&number.to_string()),
                _ => return UNKNOWN,
            }
            if text.len() > 1 << 16 {
                return UNKNOWN;
            }
        }
        Meaning::Text(Name::new(text), self.flow.span(at))
    }

    fn call(&self, at: ValueRef, call: &Call, frame: &Frame) -> Meaning {
        let callee = In { module: at.module, id: call.callee };
        let arguments = self.flow.passed(at, frame);
        let plain = |position: usize| {
            let argument = arguments.iter().filter(|argument| argument.name.is_none()).nth(position);
            argument.filter(|argument| !argument.is_rest).map(|argument| self.settled(argument.value.clone()))
        };
        let own = || self.formatted(at, call, &arguments).or_else(|| self.parsed_environment(callee, &plain));
        let own = || own().or_else(|| self.counted(callee, call, frame));
        if let Some(found) = own().or_else(|| self.options(at, frame)) {
            return found;
        }
        if let ValueKind::Field { base, name } = self.flow.kind(callee) {
            if let Some(found) = self.go_call(at, name, &plain) {
                return found;
            }
            let base = self.value(In { module: at.module, id: *base }, frame);
            if let Some(found) = self
                .absent(at, &base, name, &plain)
                .or_else(|| self.method(at, &base, name, &plain))
                .or_else(|| self.same(at, &base, name))
            {
                return found;
            }
        }
        let called = self.flow.asking(|| self.flow.meaning(callee, frame)).0;
        match called {
            Meaning::Outside(name) => self.outside(at, &name, &plain),
            Meaning::Function(function, captured, this) if !self.flow.is_constructor(function) => {
                let call = Within::Call { function, arguments, this, at: Some(at) };
                self.result(function, &push(&captured, call))
            }
            Meaning::Class(_) => self.settled(self.flow.asking(|| self.flow.meaning(at, frame)).0),
            _ => UNKNOWN,
        }
    }

    fn block(&self, module: ModuleId, block: &Block, frame: &Frame) -> End {
        for statement in &block.statements {
            if self.steps.get() >= MAX_STEPS {
                self.is_cut.set(true);
                return End::Unknown;
            }
            match self.statement(module, &statement.kind, frame) {
                End::Next => {}
                end => return end,
            }
        }
        End::Next
    }

    fn statement(&self, module: ModuleId, statement: &StatementKind, frame: &Frame) -> End {
        let of = |id| In { module, id };
        match statement {
            StatementKind::If { test, then, otherwise } => match self.holds(of(*test), frame) {
                Some(true) => self.block(module, then, frame),
                Some(false) => self.block(module, otherwise, frame),
                None if leaves(then, 0) || leaves(otherwise, 0) => End::Unknown,
                None => End::Next,
            },
            StatementKind::Return(None) => End::Returned(Meaning::Null),
            StatementKind::Return(Some(value)) => End::Returned(self.value(of(*value), frame)),
            StatementKind::Raise(_) => End::Unknown,
            StatementKind::Evaluate(value) if self.flow.ends_program(of(*value)) => End::Unknown,
            StatementKind::Break => End::Loop,
            StatementKind::Continue => End::Turn,
            StatementKind::Loop { head: LoopHead::Each(_, over), body, .. } => self.turns(of(*over), body, frame),
            StatementKind::Loop { body, .. } if leaves(body, 0) => End::Unknown,
            StatementKind::Match(chosen) => self.chosen(module, chosen, frame),
            StatementKind::Try(attempt) => match self.block(module, &attempt.body, frame) {
                End::Next => self.block(module, &attempt.finally, frame),
                end => end,
            },
            StatementKind::With { body, .. } | StatementKind::Block(body) => self.block(module, body, frame),
            _ => End::Next,
        }
    }

    fn turns(&self, over: ValueRef, body: &Block, frame: &Frame) -> End {
        let items = self.flow.items(&self.value(over, frame));
        let Some(items) = items.filter(|items| items.iter().all(|item| !item.is_rest && !item.optional)) else {
            return if leaves(body, 0) { End::Unknown } else { End::Next };
        };
        for (position, item) in items.into_iter().enumerate() {
            match self.block(over.module, body, &push(frame, Within::Turn(over, item.value, position))) {
                End::Next | End::Turn => {}
                End::Loop => break,
                end => return end,
            }
        }
        End::Next
    }

    fn chosen(&self, module: ModuleId, chosen: &Match, frame: &Frame) -> End {
        let of = |id| In { module, id };
        let subject = chosen.subject.map_or(Meaning::Bool(true), |subject| self.value(of(subject), frame));
        for arm in &chosen.arms {
            for pattern in &arm.patterns {
                let fits = match pattern {
                    Pattern::Value(value) => same(&subject, &self.value(of(*value), frame)),
                    Pattern::Any(_) => Some(true),
                    Pattern::Shape { .. } => None,
                };
                match fits {
                    Some(false) => {}
                    Some(true) if arm.guard.is_none() && !arm.falls_through => {
                        return match self.block(module, &arm.body, frame) {
                            End::Loop => End::Next,
                            end => end,
                        };
                    }
                    _ => return End::Unknown,
                }
            }
        }
        End::Next
    }

    /// Whether a value counts as true.
    pub fn truth(&self, meaning: &Meaning, language: Language) -> Option<bool> {
        Some(match meaning {
            Meaning::Null => false,
            Meaning::Bool(is) => *is,
            Meaning::Int(number) => *number != 0,
            Meaning::Text(text, _) => !text.is_empty(),
            Meaning::List(items) if language == Language::Python => {
                return items.iter().all(|item| !item.is_rest && !item.optional).then_some(!items.is_empty());
            }
            Meaning::Map(entries) if language == Language::Python => {
                return entries.iter().all(|entry| entry.key.is_some()).then_some(!entries.is_empty());
            }
            Meaning::List(_) | Meaning::Map(_) | Meaning::Function(..) | Meaning::Class(_) | Meaning::Instance(_) => {
                true
            }
            _ => return None,
        })
    }

    fn contains(&self, whole: &Meaning, part: &Meaning) -> Option<bool> {
        match (whole, part) {
            (Meaning::List(items), _) => {
                let mut is_sure = true;
                for item in items.iter() {
                    match same(&self.settled(item.value.clone()), part).filter(|_| !item.is_rest && !item.optional) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => is_sure = false,
                    }
                }
                is_sure.then_some(false)
            }
            (Meaning::Text(whole, _), Meaning::Text(part, _)) => Some(whole.contains(part.as_str())),
            (Meaning::Map(entries), Meaning::Text(part, _)) if entries.iter().all(|entry| entry.key.is_some()) => {
                Some(entries.iter().any(|entry| entry.key.as_ref().is_some_and(|key| key.name == *part)))
            }
            _ => None,
        }
    }

    fn element(&self, items: &[Item], index: i64) -> Meaning {
        let Ok(index) = usize::try_from(index) else { return UNKNOWN };
        if items.iter().take(index.saturating_add(1)).any(|item| item.is_rest || item.optional) {
            return UNKNOWN;
        }
        items.get(index).map_or(Meaning::Null, |item| self.settled(item.value.clone()))
    }
}

/// Whether two values are equal; unknown where one of them is.
fn same(left: &Meaning, right: &Meaning) -> Option<bool> {
    let is_plain = |meaning: &Meaning| {
        matches!(meaning, Meaning::Null | Meaning::Bool(_) | Meaning::Int(_) | Meaning::Text(..) | Meaning::Float(_))
    };
    match (left, right) {
        (Meaning::Float(a), Meaning::Float(b)) => Some(a == b),
        (a, b) if is_plain(a) && is_plain(b) => Some(a.is_same(b)),
        // Something that is there is not nothing.
        (Meaning::List(_) | Meaning::Map(_) | Meaning::Function(..) | Meaning::Instance(_), Meaning::Null)
        | (Meaning::Null, Meaning::List(_) | Meaning::Map(_) | Meaning::Function(..) | Meaning::Instance(_)) => {
            Some(false)
        }
        _ => None,
    }
}

/// Whether a block may leave what it stands in.
fn leaves(block: &Block, depth: u32) -> bool {
    let inner = |block: &Block| leaves(block, depth + 1);
    depth > 40
        || block.statements.iter().any(|statement| match &statement.kind {
            StatementKind::Return(_) | StatementKind::Raise(_) | StatementKind::Break | StatementKind::Continue => true,
            StatementKind::If { then, otherwise, .. } => inner(then) || inner(otherwise),
            StatementKind::Loop { body, .. } | StatementKind::With { body, .. } | StatementKind::Block(body) => {
                inner(body)
            }
            StatementKind::Match(chosen) => chosen.arms.iter().any(|arm| inner(&arm.body)),
            StatementKind::Try(attempt) => inner(&attempt.body) || inner(&attempt.finally),
            _ => false,
        })
}
