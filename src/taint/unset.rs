//! Guards that hold nothing as long as the environment is silent.

use std::collections::BTreeSet;

use crate::code::{MODULE_BODY, Name, Operator, ValueId, ValueKind};
use crate::flow::callers::AT_START;
use crate::flow::meaning::value_in;
use crate::flow::scope::Bound;
use crate::flow::unset::Unset;
use crate::flow::{FunctionRef, ValueRef};
use crate::taint::{Proofs, Walk};

/// How else functions are called that programs begin with.
const BEGINNINGS: &[&str] = &["run", "serve", "cli"];
/// Words of tests that only ask whether a file is the one that was started.
const STARTED: &[&str] = &["__name__", "require.main", "import.meta"];
/// Most functions that are looked through for who fills something.
const MAX_FILLING: usize = 64;

impl Walk<'_> {
    /// Whether a test gives this answer because the environment is silent.
    pub(crate) fn is_by_silence(&mut self, test: ValueId, answer: bool) -> bool {
        let at = value_in(self.here().function.module, test);
        let frame = self.here().frame.clone();
        let by_silence = self.flow.asking(|| Unset::new(self.flow).holds_by_silence(at, &frame)).0;
        by_silence == Some(answer)
    }

    /// Whether a test gives, or may give, this answer as long as nobody sets anything, because what it asks for was not
    /// filled by then, or because the program itself gives it no other value.
    pub(crate) fn may_be_from_the_start(&mut self, test: ValueId, answer: bool) -> bool {
        let at = value_in(self.here().function.module, test);
        let frame = self.here().frame.clone();
        let (may_be, later) = self
            .flow
            .asking(|| {
                let unset = Unset::new(self.flow);
                let may_be = unset.may_hold(at, &frame, answer);
                (may_be, unset.filled_later())
            })
            .0;
        may_be && !later.into_iter().any(|(filled, name)| self.is_filled_before(filled, &name))
    }

    /// Whether what puts a value somewhere runs whenever the program starts, or on the way to what is walked here.
    fn is_filled_before(&self, filled: ValueRef, name: &Name) -> bool {
        let mut places = vec![filled];
        let mut known = BTreeSet::new();
        while let Some(place) = places.pop() {
            let function = self.flow.owner(place);
            if !self.is_sure(place, name) || known.len() >= MAX_FILLING {
                continue;
            }
            if self.is_begun(function) {
                return true;
            }
            if known.insert(function) {
                places.extend(self.flow.calls_of(function));
            }
        }
        false
    }

    /// Whether a place is reached whenever its function runs: that nothing is there yet, and which file was started, are
    /// tests that stand in nobody's way.
    fn is_sure(&self, place: ValueRef, name: &Name) -> bool {
        let Some((test, holds)) = self.flow.tested(place) else { return true };
        let text = self.flow.sources.slice(self.flow.span(test));
        self.asks_for_nothing(test, holds, name) || STARTED.iter().any(|word| text.contains(word))
    }

    /// Whether a test comes to this answer where something of this name is not there.
    fn asks_for_nothing(&self, test: ValueRef, holds: bool, name: &Name) -> bool {
        let is_it = |value: ValueRef| match self.flow.kind(value) {
            ValueKind::Name(tested) | ValueKind::Field { name: tested, .. } => tested == name,
            _ => false,
        };
        let of = |id: &ValueId| value_in(test.module, *id);
        match self.flow.kind(test) {
            ValueKind::Not(inner) => holds && is_it(of(inner)),
            ValueKind::Binary { operator: Operator::Equal | Operator::Is, left, right } => {
                holds && is_it(of(left)) && matches!(self.flow.kind(of(right)), ValueKind::Null)
            }
            _ => !holds && is_it(test),
        }
    }

    /// Whether a function runs when the program starts, or is being walked.
    fn is_begun(&self, function: FunctionRef) -> bool {
        let code = self.flow.function(function);
        let is_name = |name: &str| AT_START.contains(&name) || BEGINNINGS.contains(&name);
        let begins = |name: &str| is_name(name) && self.flow.calls_of(function).is_empty();
        function.id == MODULE_BODY
            || self.flow.is_constructor(function)
            || self.is_command(function)
            || code.name.as_deref().is_some_and(begins)
            || self.stack.iter().any(|activation| activation.function == function)
    }

    /// Whether a function is a command of the program, which runs once it is started so: `@app.command()`, `.action(f)`.
    fn is_command(&self, function: FunctionRef) -> bool {
        let text = |value: ValueRef| self.flow.sources.slice(self.flow.span(value));
        let callee = |call: ValueRef| match self.flow.kind(call) {
            ValueKind::Call(code) => text(value_in(call.module, code.callee)),
            _ => text(call),
        };
        let mut decorators = self.flow.function(function).decorators.iter();
        decorators.any(|one| callee(value_in(function.module, *one)).ends_with(".command"))
            || self.flow.passed_to(function).any(|call| callee(call).ends_with(".action"))
    }

    /// Whether a mode of the program's own is off as long as nobody tells it otherwise.
    pub(crate) fn is_off_unless_told(&self, mode: ValueRef) -> bool {
        let frame = self.here().frame.clone();
        self.flow.asking(|| Unset::new(self.flow).holds(mode, &frame)).0 == Some(false)
    }

    /// A name or member of the program's own, that no caller gave.
    pub(crate) fn is_own(&mut self, value: ValueId) -> bool {
        let at = value_in(self.here().function.module, value);
        let named = match self.flow.kind(at) {
            // How long something is was chosen by whoever gave it.
            ValueKind::Field { base, name } if name == "length" || name == "size" => !self.value(*base).holds_any(),
            // Whether Python runs with its assertions is for whoever starts it to say.
            ValueKind::Name(name) if name == "__debug__" => false,
            kind => matches!(kind, ValueKind::Name(_) | ValueKind::Field { .. } | ValueKind::This),
        };
        let shade = self.value(value);
        named && !shade.holds_any() && !shade.proofs.has(Proofs::ONE_OF_MANY) && !self.is_answer(value)
    }

    /// Whether a name holds what was found out about something that a caller gave.
    fn is_answer(&mut self, value: ValueId) -> bool {
        let function = self.here().function;
        let ValueKind::Name(name) = self.flow.kind(value_in(function.module, value)) else { return false };
        let scopes = self.flow.scopes(function.module);
        let bindings = scopes.bindings.get(function.id.index()).and_then(|names| names.get(name));
        bindings.into_iter().flatten().any(|binding| {
            let Bound::Value(value) = binding.bound else { return false };
            let mut at = value_in(function.module, value);
            while let ValueKind::Await(inner) | ValueKind::Not(inner) = self.flow.kind(at) {
                at = value_in(function.module, *inner);
            }
            match self.flow.kind(at) {
                ValueKind::Call(call) => call.arguments.iter().any(|argument| self.value(argument.value).holds_any()),
                ValueKind::Binary { operator: Operator::Equal | Operator::NotEqual | Operator::Is, left, right } => {
                    [*left, *right].into_iter().any(|side| self.value(side).holds_any())
                }
                ValueKind::Binary { operator, .. } => {
                    !matches!(operator, Operator::Or | Operator::Coalesce | Operator::Add | Operator::Divide)
                }
                ValueKind::Index { key, .. } => self.value(*key).holds_any(),
                _ => false,
            }
        })
    }
}

/// What is proven by a guard that is off by default: nothing, and it is told where it would hold something.
pub(crate) fn when_unset(proofs: Proofs) -> Proofs {
    const HELD_TO: Proofs = Proofs::HOLDING.and(Proofs::CHOICE).and(Proofs::PLAIN_NAME).and(Proofs::SHELL_WORD);
    if proofs.any(HELD_TO) { Proofs::WEAK_UNSET } else { Proofs::NONE }
}
