//! What `with … as name` holds: what a generator made into a context manager yields, else what is entered.

use crate::code::{FunctionKind, Language, ValueKind};
use crate::flow::meaning::{Frame, Meaning, Within, push, value_in};
use crate::flow::{Flow, FunctionRef, ValueRef};

/// Most places of one function that yield.
const MAX_YIELDS: usize = 8;

impl Flow<'_> {
    /// What a name holds inside `with value as name`.
    pub(super) fn held(&self, at: ValueRef, frame: &Frame) -> Meaning {
        let mut call = at;
        while let ValueKind::Await(inner) = self.kind(call) {
            call = value_in(call.module, *inner);
        }
        let yielded = match self.kind(call) {
            ValueKind::Call(code) if self.module(at).language == Language::Python => {
                self.yielded(call, value_in(call.module, code.callee), frame)
            }
            _ => None,
        };
        yielded.unwrap_or_else(|| self.meaning(at, frame))
    }

    fn yielded(&self, call: ValueRef, callee: ValueRef, frame: &Frame) -> Option<Meaning> {
        let Meaning::Function(function, captured, this) = self.meaning(callee, frame) else { return None };
        if !self.is_context_manager(function) {
            return None;
        }
        if let Some(level) = self.calls_above(function) {
            self.rest_on(level);
            return None;
        }
        let entry = Within::Call { function, arguments: self.passed(call, frame), this, at: Some(call) };
        let inside = push(&captured, entry);
        let yields = self.own_values(function).filter_map(|at| match self.kind(at) {
            ValueKind::Yield(value) => *value,
            _ => None,
        });
        let found: Vec<Meaning> =
            yields.take(MAX_YIELDS).map(|value| self.meaning(value_in(function.module, value), &inside)).collect();
        (!found.is_empty()).then(|| Meaning::any(found))
    }

    fn is_context_manager(&self, function: FunctionRef) -> bool {
        let code = self.function(function);
        let is_named = code.kind != FunctionKind::Module && code.name.is_some();
        is_named
            && code.decorators.iter().any(|decorator| {
                let text = self.sources.slice(self.span(value_in(function.module, *decorator)));
                matches!(text.rsplit('.').next(), Some("contextmanager" | "asynccontextmanager"))
            })
    }
}
