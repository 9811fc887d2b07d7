//! Tests that are decided: by what they are written as, and by constants.

use crate::code::{Call, CallKind, Language, Name, Operator, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::scope::Bound;
use crate::flow::{Meaning, ValueRef};
use crate::taint::{Begin, Shade, Walk};

/// Calls of Go that make an error.
const ERRORS: &[&str] = &["errors.New", "fmt.Errorf", "errors.Errorf", "status.Error", "status.Errorf"];

impl<'a> Walk<'a> {
    /// Whether a test is decided by constants.
    pub(crate) fn truth(&mut self, test: ValueId) -> Option<bool> {
        let module = self.here().function.module;
        match self.flow.kind(value_in(module, test)) {
            ValueKind::Bool(value) => Some(*value),
            ValueKind::Null => Some(false),
            // So as long as a program runs.
            ValueKind::Name(name) | ValueKind::Field { name, .. } if name == "TYPE_CHECKING" => Some(false),
            _ if self.is_there(value_in(module, test)) => Some(true),
            ValueKind::Name(name) if self.is_surely_false(test, name) => Some(false),
            // A text that begins with one of the program's own is not empty.
            ValueKind::Name(_) if begins_with_text(&self.value(test)) => Some(true),
            ValueKind::Text(text) => Some(!text.is_empty()),
            ValueKind::Template(parts) => {
                let is_text = |part: &ValueId| matches!(self.flow.kind(value_in(module, *part)), ValueKind::Text(text) if !text.is_empty());
                parts.iter().any(is_text).then_some(true)
            }
            _ if self.is_error_of_go(test) => Some(true),
            ValueKind::Map(entries) => (!entries.is_empty()).then_some(true),
            ValueKind::Tuple(items) | ValueKind::List(items) => self.is_something(value_in(module, test), items),
            ValueKind::Call(call) if self.makes_object(value_in(module, test), call) => Some(true),
            ValueKind::Not(inner) => self.truth(*inner).map(|truth| !truth),
            ValueKind::Binary { operator: Operator::And, left, right } => {
                match (self.truth(*left), self.truth(*right)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            ValueKind::Binary { operator: Operator::Or, left, right } => {
                match (self.truth(*left), self.truth(*right)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                }
            }
            ValueKind::Binary { operator, left, right } => {
                let equal = match operator {
                    Operator::Equal | Operator::Is => true,
                    Operator::NotEqual | Operator::IsNot => false,
                    _ => return self.holds_by_constants(test),
                };
                if let Some(name) = self.held_against_nothing(*left, *right) {
                    return self.is_not_passed(*left, &name).then_some(equal);
                }
                let (one, two) = (self.value(*left), self.value(*right));
                if [&one, &two].iter().any(|side| side.constant.is_some() && !side.is_there) {
                    return None;
                }
                let (one, two) = (one.constant, two.constant);
                let (one, two) = (one.or_else(|| self.constant(*left))?, two.or_else(|| self.constant(*right))?);
                Some((one == two) == equal)
            }
            ValueKind::Call(call) if self.asks_text_for_another_type(value_in(module, test), call) => Some(false),
            _ => self.holds_by_constants(test),
        }
    }

    /// A list of a script is an object, with or without elements; one of Python is nothing without any.
    fn is_something(&self, at: ValueRef, items: &[ValueId]) -> Option<bool> {
        let is_sure = |id: &ValueId| !matches!(self.flow.kind(value_in(at.module, *id)), ValueKind::Spread(_));
        match self.flow.module(at).language {
            Language::TypeScript => Some(true),
            Language::Python if items.iter().any(is_sure) => Some(true),
            Language::Python => items.is_empty().then_some(false),
            Language::Go | Language::Rust => None,
        }
    }

    /// `new Error("no")`, `ValueError("no")`: an object, which is true.
    fn makes_object(&mut self, at: ValueRef, call: &Call) -> bool {
        match self.flow.module(at).language {
            Language::TypeScript => call.kind == CallKind::New,
            Language::Python => {
                let frame = self.here().frame.clone();
                let callee = value_in(at.module, call.callee);
                let is_error = |name: &Name| name.ends_with("Error") || name == "Exception";
                matches!(self.flow.asking(|| self.flow.meaning(callee, &frame)).0, Meaning::Outside(name) if is_error(&name))
            }
            Language::Go | Language::Rust => false,
        }
    }

    /// Whether a value is an error of Go that there is: one that is made here, or that was found not to be nil.
    fn is_error_of_go(&mut self, value: ValueId) -> bool {
        let at = value_in(self.here().function.module, value);
        if self.flow.module(at).language != Language::Go {
            return false;
        }
        match self.flow.kind(at) {
            ValueKind::Call(call) => {
                let text = self.flow.sources.slice(self.flow.span(value_in(at.module, call.callee)));
                ERRORS.contains(&text) || self.passes_error_on(at, call) == Some(true)
            }
            ValueKind::Unary(inner) => {
                matches!(self.flow.kind(value_in(at.module, *inner)), ValueKind::Construct { .. })
            }
            ValueKind::Name(name) => self.flow.tested(at).is_some_and(|(test, holds)| {
                let of = |id| self.flow.kind(value_in(test.module, id));
                match self.flow.kind(test) {
                    ValueKind::Binary { operator: Operator::NotEqual, left, right } => {
                        holds && matches!((of(*left), of(*right)), (ValueKind::Name(tested), ValueKind::Null) if tested == name)
                    }
                    _ => false,
                }
            }),
            _ => false,
        }
    }

    /// Whether a name is a flag that was not raised on any way here, or a parameter for which nothing was passed.
    fn is_surely_false(&mut self, at: ValueId, name: &Name) -> bool {
        let here = self.here();
        if let Some(flag) = here.env.flags.get(name) {
            return flag.is_down();
        }
        matches!(self.passed_for(at, name), Some(Meaning::Null | Meaning::Bool(false)))
    }

    /// The name that a comparison asks whether it is nothing: `x is None`, `x == null`.
    fn held_against_nothing(&self, left: ValueId, right: ValueId) -> Option<Name> {
        let module = self.here().function.module;
        match (self.flow.kind(value_in(module, left)), self.flow.kind(value_in(module, right))) {
            (ValueKind::Name(name), ValueKind::Null) => Some(name.clone()),
            _ => None,
        }
    }

    /// Whether a name is a parameter for which nothing was passed, and whose default is nothing.
    fn is_not_passed(&mut self, at: ValueId, name: &Name) -> bool {
        !self.here().env.flags.contains_key(name) && matches!(self.passed_for(at, name), Some(Meaning::Null))
    }

    /// What was passed for a parameter that nothing else is put into.
    fn passed_for(&mut self, at: ValueId, name: &Name) -> Option<Meaning> {
        let here = self.here();
        let (function, frame) = (here.function, here.frame.clone());
        let scopes = self.flow.scopes(function.module);
        let bindings = scopes.bindings.get(function.id.index()).and_then(|names| names.get(name));
        let is_parameter =
            matches!(bindings.map(Vec::as_slice), Some([only]) if matches!(only.bound, Bound::Parameter(_)));
        let at = value_in(function.module, at);
        (is_parameter && self.flow.owner(at) == function).then(|| self.flow.asking(|| self.flow.meaning(at, &frame)).0)
    }

    /// Whether a test holds where constants of the tree decide.
    fn holds_by_constants(&mut self, test: ValueId) -> Option<bool> {
        let at = value_in(self.here().function.module, test);
        self.flow.asking(|| self.flow.holds(at, &self.here().frame)).0
    }
}

fn begins_with_text(shade: &Shade) -> bool {
    shade.is_there && matches!(&shade.begin, Begin::Text(text) if !text.is_empty())
}
