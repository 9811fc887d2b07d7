//! What a call gives: arguments, objects made, and what functions of the tree return.

use std::rc::Rc;

use crate::code::{Call, CallKind, ClassKind, Language, ValueKind};
use crate::flow::fold::{MAX_CALLS, MAX_RETURNS};
use crate::flow::meaning::{Frame, Instance, Made, Meaning, Passed, Within, levels, push, value_in};
use crate::flow::memo::Level;
use crate::flow::{Flow, FunctionRef, ValueRef};

/// Most functions of a table, one of which is called.
const MAX_TABLE: usize = 24;

impl Flow<'_> {
    /// The arguments of a call.
    pub fn passed(&self, call: ValueRef, frame: &Frame) -> Vec<Passed> {
        let ValueKind::Call(code) = self.kind(call) else { return Vec::new() };
        if let [only] = &code.arguments[..]
            && let Some(several) = self.several_results(value_in(call.module, only.value), frame)
        {
            return several;
        }
        let mut passed = Vec::with_capacity(code.arguments.len());
        for argument in &code.arguments {
            let at = value_in(call.module, argument.value);
            let ValueKind::Spread(inner) = self.kind(at) else {
                passed.push(Passed {
                    name: argument.name.clone(),
                    value: Meaning::Later(at, frame.clone()),
                    is_rest: false,
                });
                continue;
            };
            let spread = self.meaning(value_in(call.module, *inner), frame);
            match &spread {
                Meaning::Map(entries) if argument.name.is_some() => {
                    passed.extend(entries.iter().map(|entry| Passed {
                        name: entry.key.as_ref().map(|key| key.name.clone()),
                        value: entry.value.clone(),
                        is_rest: entry.key.is_none(),
                    }));
                }
                Meaning::List(items) if argument.name.is_none() => {
                    passed.extend(items.iter().map(|item| Passed {
                        name: None,
                        value: item.value.clone(),
                        is_rest: item.is_rest,
                    }));
                }
                _ => passed.push(Passed { name: argument.name.clone(), value: spread, is_rest: true }),
            }
        }
        passed
    }

    /// `f(g())` of Go, where `g` gives several results: each of them is an argument.
    fn several_results(&self, argument: ValueRef, frame: &Frame) -> Option<Vec<Passed>> {
        let ValueKind::Call(inner) = self.kind(argument) else { return None };
        if self.module(argument).language != Language::Go {
            return None;
        }
        let callee = self.meaning(value_in(argument.module, inner.callee), frame);
        let Meaning::Function(function, ..) = callee else { return None };
        let ValueKind::Tuple(results) = self.kind(value_in(function.module, self.function(function).returns?)) else {
            return None;
        };
        let whole = self.meaning(argument, frame);
        let is_told = whole.alternatives().iter().all(|one| matches!(one, Meaning::List(_)));
        let one = |at| Passed { name: None, value: self.item(&whole, at), is_rest: false };
        is_told.then(|| (0..results.len()).map(one).collect())
    }

    pub(super) fn call(&self, value: ValueRef, call: &Call, frame: &Frame) -> Meaning {
        let callee_at = value_in(value.module, call.callee);
        let arguments = self.passed(value, frame);
        let plain = match self.kind(callee_at) {
            // `list.map<Tool>(f)` is a method like any other.
            ValueKind::Generic { base, .. } => value_in(value.module, *base),
            _ => callee_at,
        };
        let callee = match self.kind(plain) {
            ValueKind::Field { base, name } => {
                let base = self.meaning(value_in(value.module, *base), frame);
                if let Some(known) = self
                    .made_by_container(&base, name, &arguments)
                    .or_else(|| self.known_method(value, &base, name, &arguments))
                    .or_else(|| self.handed_back(value, &base, name, &arguments))
                {
                    return known;
                }
                if self.module(value).language == Language::Rust
                    && let Some(same) = self.handed_on(&base, name)
                {
                    return same;
                }
                let found = self.member(&base, name);
                match found {
                    Meaning::Null => Meaning::Member(Rc::new(base), name.clone()),
                    found => found,
                }
            }
            _ => match self.copied_in(value, call) {
                Some(module) => return module,
                None => self.meaning(callee_at, frame),
            },
        };
        self.applied(value, callee, arguments, call.kind)
    }

    /// `f.bind(this)` is `f`, and `connect().then(f)` is what `f` gives.
    fn handed_back(&self, at: ValueRef, base: &Meaning, name: &str, arguments: &[Passed]) -> Option<Meaning> {
        match (base, name) {
            (Meaning::Function(function, captured, this), "bind") => {
                let given = || arguments.first().map(|first| Rc::new(self.force(&first.value)));
                (arguments.len() <= 1)
                    .then(|| Meaning::Function(*function, captured.clone(), this.clone().or_else(given)))
            }
            (Meaning::Member(..), "bind") => (arguments.len() <= 1).then(|| base.clone()),
            (Meaning::Made(made), "then" | "catch" | "finally") => self.followed_by(at, made, name, arguments),
            _ => None,
        }
    }

    fn applied(&self, at: ValueRef, callee: Meaning, arguments: Vec<Passed>, kind: CallKind) -> Meaning {
        match &callee {
            Meaning::Function(function, captured, this) => {
                if self.is_constructor(*function) {
                    return Meaning::Null;
                }
                self.returned(*function, arguments, this.clone(), Some(at), captured)
            }
            Meaning::Class(class) => {
                if self.class(*class).kind == ClassKind::Enum && arguments.len() == 1 {
                    return self.force(&arguments[0].value);
                }
                Meaning::Instance(Rc::new(Instance { class: *class, at, arguments }))
            }
            Meaning::Outside(name) => {
                let promised = || self.promised(at, &arguments);
                if let Some(promised) = (kind == CallKind::New && name == "Promise").then(promised).flatten() {
                    return promised;
                }
                let known = self.given_back(at, name, &arguments);
                let known = known.or_else(|| self.known_function(at, name, &arguments, kind));
                match known.or_else(|| self.checked(at, &callee, &arguments)) {
                    Some(known) => known,
                    None => Meaning::Made(Rc::new(Made { callee, arguments, at })),
                }
            }
            Meaning::Instance(instance) => match self.function_held(instance) {
                Some(function) => self.applied(at, function, arguments, kind),
                None => Meaning::Made(Rc::new(Made { callee, arguments, at })),
            },
            // `const Tool = require("./tool")`, where that file offers one thing as a whole.
            Meaning::Module(module) => match self.offered_whole(*module) {
                Some(whole) => self.applied(at, whole, arguments, kind),
                None => Meaning::Made(Rc::new(Made { callee, arguments, at })),
            },
            Meaning::Choice(all) if all.len() <= 4 || is_table(all) => {
                let one = |callee: &Meaning| self.applied(at, callee.clone(), arguments.clone(), kind);
                Meaning::any(all.iter().map(one).collect())
            }
            Meaning::Member(..) => match self.checked(at, &callee, &arguments) {
                Some(same) => same,
                None => Meaning::Made(Rc::new(Made { callee, arguments, at })),
            },
            _ => Meaning::Made(Rc::new(Made { callee, arguments, at })),
        }
    }

    /// The function that was made a value of a type of functions: `HandlerFunc(f)`.
    pub fn function_held(&self, instance: &Instance) -> Option<Meaning> {
        let is_type = self.class(instance.class).kind == ClassKind::Alias;
        let [only] = &instance.arguments[..] else { return None };
        Some(self.force(&only.value)).filter(|held| is_type && matches!(held, Meaning::Function(..)))
    }

    /// What a function of the tree returns when called like this.
    pub fn returned(
        &self,
        function: FunctionRef,
        arguments: Vec<Passed>,
        this: Option<Rc<Meaning>>,
        at: Option<ValueRef>,
        captured: &Frame,
    ) -> Meaning {
        let is_again =
            levels(captured).any(|level| matches!(level, Within::Call { function: other, .. } if *other == function));
        let depth = captured.as_ref().map_or(0, |level| level.depth);
        if is_again || depth >= MAX_CALLS {
            return Meaning::Unknown("calls itself");
        }
        if let Some(level) = self.calls_above(function) {
            self.rest_on(level);
            return Meaning::Unknown("calls itself");
        }
        let returns = &self.scopes(function.module).returns[function.id.index()];
        if returns.is_empty() || returns.len() > MAX_RETURNS * 4 {
            return if returns.is_empty() { Meaning::Null } else { Meaning::Unknown("returns too many things") };
        }
        // What takes nothing gives the same again, in whatever call it is asked.
        let takes_nothing = arguments.is_empty() && this.is_none();
        let entry = Within::Call { function, arguments, this, at };
        match takes_nothing {
            true => self.returned_once((function, at), captured, || self.returned_by(function, entry, captured)),
            false => self.returned_by(function, entry, captured),
        }
    }

    fn returned_by(&self, function: FunctionRef, call: Within, captured: &Frame) -> Meaning {
        let frame = push(captured, call);
        self.running.borrow_mut().push((function, self.level.get()));
        let found = self.inside(function, || {
            let reached = self.reached_returns(function, &frame);
            reached.into_iter().map(|value| self.meaning(value, &frame)).collect()
        });
        self.running.borrow_mut().pop();
        Meaning::any(found)
    }

    /// The answer under way that forbids to follow a function further: too many calls, or its own twice.
    pub(super) fn calls_above(&self, function: FunctionRef) -> Option<Level> {
        let running = self.running.borrow();
        if running.len() >= MAX_CALLS as usize {
            return Some(0);
        }
        let mut own = running.iter().filter(|(other, _)| *other == function).map(|(_, level)| *level);
        let first = own.next();
        own.next().and(first)
    }

    /// The returns that a call may reach: those of branches not taken are left out, and those after a sure one.
    fn reached_returns(&self, function: FunctionRef, frame: &Frame) -> Vec<ValueRef> {
        use crate::flow::scope::ContextKind;
        let scopes = self.scopes(function.module);
        let mut reached = Vec::new();
        for value in &scopes.returns[function.id.index()] {
            let (mut is_sure, mut is_taken) = (true, true);
            for context in scopes.around(*value) {
                match context {
                    ContextKind::Plain | ContextKind::Class(_) => {}
                    ContextKind::Branch(test, when) => match self.decided(value_in(function.module, *test), frame) {
                        Some(is) => is_taken &= is == *when,
                        None => is_sure = false,
                    },
                    ContextKind::Arm(Some(subject), arm) => {
                        match self.arm_is_taken(value_in(function.module, *subject), *arm, frame) {
                            Some(is) => is_taken &= is,
                            None => is_sure = false,
                        }
                    }
                    ContextKind::Arm(None, _) | ContextKind::Each(_) | ContextKind::Turns | ContextKind::Handler(_) => {
                        is_sure = false
                    }
                }
            }
            if is_taken {
                reached.push(value_in(function.module, *value));
                if is_sure {
                    break;
                }
            }
        }
        reached
    }
}

/// Whether one of several is one of the functions of a table.
fn is_table(all: &[Meaning]) -> bool {
    all.len() <= MAX_TABLE && all.iter().all(|one| matches!(one, Meaning::Function(_, None, _)))
}
