//! Functions in which questions use up all of their steps: after a few times they are looked into for a short while only.
//!
//! A parser of the tree's own, asked what it makes of a text that is not known, never comes to an answer, whoever asks.
//! Without this each question about one of its results would take all steps that a question has.

use crate::flow::fold::MAX_STEPS;
use crate::flow::{Flow, FunctionRef};

/// Questions that may use up their steps in one function.
const PATIENCE: u8 = 3;
/// Steps that each look into it has from then on, with which a call of what is known is answered all the same.
const FEW: u32 = 1_000;

impl Flow<'_> {
    /// Looks into a call of a function.
    pub(super) fn inside<T>(&self, function: FunctionRef, look: impl FnOnce() -> T) -> T {
        let (before, limit, was_exhausted) = (self.steps.get(), self.limit.get(), self.is_exhausted.get());
        if self.endless.borrow().get(&function).is_some_and(|times| *times >= PATIENCE) {
            self.limit.set(limit.min(before.saturating_add(FEW)));
            let answer = look();
            self.limit.set(limit);
            self.is_exhausted.set(was_exhausted);
            return answer;
        }
        let answer = look();
        let has_spent = self.steps.get().saturating_sub(before) >= MAX_STEPS / 2;
        // Of functions that call each other the innermost is to blame.
        if has_spent && !was_exhausted && self.is_exhausted.get() && !self.is_blamed.replace(true) {
            let mut endless = self.endless.borrow_mut();
            let times = endless.entry(function).or_default();
            *times = times.saturating_add(1);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{ValueId, ValueKind};
    use crate::discover::discover_text;
    use crate::flow::{In, Meaning, ModuleId, ValueRef};
    use crate::load::load;

    /// Asks for every call of `f` by a name, after what went before.
    fn check(text: &str, expected: bool) {
        let loaded = load(discover_text("a.py", text.to_string()));
        let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index());
        let module = &loaded.program.modules[0];
        let all = (0..module.values.len()).map(|at| In { module: ModuleId(0), id: ValueId(at as u32) });
        let calls: Vec<ValueRef> = all.filter(|at| matches!(flow.kind(*at), ValueKind::Call(_))).collect();
        let function = module.functions.iter().position(|function| function.name.as_deref() == Some("f"));
        let f = In { module: ModuleId(0), id: crate::code::FunctionId(function.expect("`f` is defined") as u32) };
        flow.endless.borrow_mut().insert(f, PATIENCE);
        let last = *calls.last().expect("something is called");
        let found = flow.asking(|| flow.meaning(last, &None)).0;
        assert_eq!(matches!(found, Meaning::Text(..)), expected, "{text} {found:?}");
    }

    #[test]
    fn a_function_that_was_endless_still_answers_for_what_is_known() {
        check("def f(x):\n    return x + '!'\n\nf('a')\n", true);
        check("def f(x):\n    return g(x)\n\ndef g(x):\n    return x\n\nf('a')\n", true);
        check("def f(x):\n    return x + y\n\nf('a')\n", false);
    }
}
