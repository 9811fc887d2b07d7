//! Errors that never leave: a guard that raises stops nobody where what it raises is caught, gathered or ignored.

use crate::code::{Block, Call, Language, Name, Place, StatementKind, ValueId, ValueKind};
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::taint::{Env, Walk};

/// Methods of Rust whose result goes on whether there was an error or not.
const GOES_ON: &[&str] =
    &["unwrap_or", "unwrap_or_else", "unwrap_or_default", "or", "or_else", "is_ok", "is_err", "err"];
/// Calls that wait for what they are given and hand its errors on as values, or wait for the first of many alone.
const COLLECTS: &[&str] = &["Promise.allSettled", "Promise.race", "Promise.any", "asyncio.wait"];

impl<'a> Walk<'a> {
    /// Evaluates the receiver of a method: where the method swallows its errors, it proves nothing by coming to an end.
    pub(crate) fn receiver_of_call(&mut self, code: &'a Call, base: ValueId, method: &Name) -> crate::taint::Shade {
        let language = self.flow.module(self.here().function).language;
        if language == Language::Rust && GOES_ON.contains(&method.as_str()) {
            let leaves = std::mem::take(&mut self.leaves_on_error);
            let shade = self.value(base);
            self.leaves_on_error = leaves;
            return shade;
        }
        if language == Language::TypeScript && self.is_caught(code, method) {
            return self.unheard(|walk| walk.value(base));
        }
        self.value(base)
    }

    /// Walks something whose errors nobody hears of: what it tells by coming to an end is not kept.
    pub(crate) fn unheard<T>(&mut self, walk: impl FnOnce(&mut Self) -> T) -> T {
        let proven = self.here().env.proven.clone();
        let left = self.left;
        let told = walk(self);
        self.top().env.proven = proven;
        self.left = left;
        told
    }

    /// `check(x).catch(() => {})`, `check(x).then(f, g)`: unless what is done with the error throws again.
    fn is_caught(&mut self, code: &'a Call, method: &Name) -> bool {
        let at = match (method.as_str(), code.arguments.len()) {
            ("catch", 1..) => 0,
            ("then", 2..) => 1,
            _ => return false,
        };
        let Some(handler) = code.arguments.get(at) else { return false };
        match self.function_of(value_in(self.here().function.module, handler.value)) {
            Some(handler) => !leaves(&self.flow.function(handler).body),
            None => true,
        }
    }

    /// `Promise.allSettled([…])`, `asyncio.gather(…, return_exceptions=True)`: whether errors of what a call is given stay
    /// in its result.
    pub(crate) fn keeps_errors(&self, at: ValueRef, code: &Call) -> bool {
        let callee = self.flow.sources.slice(self.flow.span(value_in(at.module, code.callee)));
        let is_set = |name: &str| {
            code.arguments.iter().any(|argument| {
                let value = self.flow.kind(value_in(at.module, argument.value));
                argument.name.as_deref() == Some(name) && matches!(value, ValueKind::Bool(true))
            })
        };
        COLLECTS.contains(&callee) || callee.ends_with("gather") && is_set("return_exceptions")
    }

    /// `with contextlib.suppress(ValueError): …`: whether a block goes on behind its errors.
    pub(crate) fn suppresses(&self, items: &[(ValueId, Option<Place>)]) -> bool {
        let module = self.here().function.module;
        items.iter().any(|(value, _)| {
            let ValueKind::Call(call) = self.flow.kind(value_in(module, *value)) else { return false };
            let callee = self.flow.sources.slice(self.flow.span(value_in(module, call.callee)));
            matches!(callee, "suppress" | "contextlib.suppress")
        })
    }

    /// The state behind a block that may have ended anywhere: what it assigned may hold, what it proved does not.
    pub(crate) fn ended_anywhere(&mut self, before: &Env) {
        let mut state = before.join(&self.here().env);
        state.proven.clone_from(&before.proven);
        self.top().env = state;
    }
}

/// Whether a block always ends by throwing.
fn leaves(block: &Block) -> bool {
    matches!(block.statements.last().map(|last| &last.kind), Some(StatementKind::Raise(_)))
}

/// Whether a block that is done whatever happened before takes the way out itself, so that no error leaves.
pub(crate) fn takes_over(finally: &Block) -> bool {
    let is_exit = |kind: &StatementKind| {
        matches!(kind, StatementKind::Return(_) | StatementKind::Break | StatementKind::Continue)
    };
    finally.statements.last().is_some_and(|last| is_exit(&last.kind))
}
