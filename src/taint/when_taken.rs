//! What holds where an arm of a match is taken, and where it is not: its guard, and its patterns where they are tests.

use crate::code::{Arm, Language, Name, Operator, Pattern, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::taint::guard::shared;
use crate::taint::{Env, Proofs, Shade, Walk};

/// Methods that answer by true or false and nothing else.
const ANSWERING: &[&str] =
    &["includes", "startsWith", "endsWith", "has", "test", "some", "every", "isArray", "isAbsolute"];

impl<'a> Walk<'a> {
    /// What is so where an arm is taken.
    pub(crate) fn taken(&mut self, subject: Option<ValueId>, arm: &'a Arm) {
        if let (Some(holds), Some(tests)) = (self.asks_for(subject), tests_of(arm)) {
            tests.iter().for_each(|test| self.in_test(|walk| drop(walk.value(*test))));
            let told = tests.iter().map(|test| self.facts(*test, holds)).collect::<Vec<Vec<(Vec<Name>, Proofs)>>>();
            let of_each = told.into_iter().reduce(|all, one| shared(all, &one)).unwrap_or_default();
            of_each.iter().for_each(|(of, proofs)| self.prove(of, *proofs));
        }
        if let Some(guard) = arm.guard {
            self.value(guard);
            self.assume(guard, true);
        }
    }

    /// The state where an arm was not taken, of the one in which it was tried.
    pub(crate) fn not_taken(
        &mut self,
        subject: Option<ValueId>,
        arm: &'a Arm,
        (tried, matched): (Env, Option<&Shade>),
    ) -> Env {
        let own = std::mem::replace(&mut self.top().env, tried);
        if let (Some(holds), Some(tests)) = (self.asks_for(subject), tests_of(arm)) {
            for test in tests {
                if self.is_true_or_false(test) {
                    self.assume(test, !holds);
                }
            }
        }
        // `case x if not allowed(x)`: whatever it is, the guard did not hold.
        if let (Some(guard), [Pattern::Any(place)]) = (arm.guard, arm.patterns.as_slice()) {
            let whole = matched.map(Shade::whole).unwrap_or_default();
            place.iter().for_each(|place| self.put(place, whole.clone()));
            self.assume(guard, false);
        }
        std::mem::replace(&mut self.top().env, own)
    }

    /// `switch { case test: }`, `switch (true) { case test: }`: what the tests of the arms come to where they are taken.
    fn asks_for(&self, subject: Option<ValueId>) -> Option<bool> {
        let Some(subject) = subject else { return Some(true) };
        match self.flow.kind(value_in(self.here().function.module, subject)) {
            ValueKind::Bool(holds) => Some(*holds),
            _ => None,
        }
    }

    /// Whether a test comes to true or false, so that it is the one where it is not the other.
    fn is_true_or_false(&self, test: ValueId) -> bool {
        let at = value_in(self.here().function.module, test);
        let is_go = self.flow.module(at).language == Language::Go;
        match self.flow.kind(at) {
            _ if is_go => true,
            ValueKind::Not(_) | ValueKind::Bool(_) => true,
            ValueKind::Binary { operator: Operator::And | Operator::Or, left, right } => {
                self.is_true_or_false(*left) && self.is_true_or_false(*right)
            }
            ValueKind::Binary { operator, .. } => is_comparison(*operator),
            ValueKind::Call(call) => match self.flow.kind(value_in(at.module, call.callee)) {
                ValueKind::Field { name, .. } => ANSWERING.contains(&name.as_str()),
                ValueKind::Name(name) => name == "Boolean",
                _ => false,
            },
            _ => false,
        }
    }
}

/// The tests of an arm, where it has nothing else.
fn tests_of(arm: &Arm) -> Option<Vec<ValueId>> {
    let test = |pattern: &Pattern| match pattern {
        Pattern::Value(test) => Some(*test),
        _ => None,
    };
    arm.patterns.iter().map(test).collect::<Option<Vec<ValueId>>>().filter(|tests| !tests.is_empty())
}

fn is_comparison(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessEqual
            | Operator::Greater
            | Operator::GreaterEqual
            | Operator::In
    )
}
