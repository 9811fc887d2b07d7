//! The arms of a match: which of them may be taken, and what they bind.

use crate::code::{Language, Match, Name, Pattern, ValueId};
use crate::taint::{Env, Proofs, Shade, Walk};

impl<'a> Walk<'a> {
    /// Walks the arms of a match; gives the value of the arms and whether all leave.
    pub(crate) fn arms(&mut self, code: &'a Match) -> (Shade, bool) {
        let subject = code.subject.map(|subject| self.value(subject));
        let is_unknown = code.subject.is_some_and(|subject| self.is_unknown_answer(subject, Language::Rust));
        let known = subject.as_ref().and_then(|subject| subject.constant.clone());
        let constant = known.or_else(|| self.constant(code.subject?));
        let before = self.here().env.clone();
        let mut after: Option<Env> = None;
        let mut result: Option<Shade> = None;
        let mut runs_on = false;
        let mut exhausted = false;
        for arm in &code.arms {
            if exhausted && !runs_on {
                break;
            }
            let guard = arm.guard.map_or(Some(true), |guard| self.truth(guard));
            let chosen = match guard {
                Some(false) => Some(false),
                _ => self.matches(&arm.patterns, code.subject, constant.as_ref()),
            };
            if chosen == Some(false) && !runs_on {
                continue;
            }
            if !runs_on {
                self.top().env = before.clone();
            }
            self.went_well_in_arm(code.subject, &arm.patterns);
            self.bind(&arm.patterns, subject.as_ref(), (code.subject, is_unknown));
            arm.guard.iter().for_each(|guard| {
                drop(self.value(*guard));
                self.assume(*guard, true);
            });
            self.top().turns.push(Vec::new());
            let leaves = self.block(&arm.body);
            let value = arm.body.tail.map(|tail| self.value(tail));
            let mut ends = self.top().turns.pop().unwrap_or_default();
            if let Some(value) = value {
                result = Some(result.map_or_else(|| value.clone(), |known: Shade| known.or(&value)));
            }
            runs_on = arm.falls_through && !leaves;
            if !leaves && !runs_on {
                ends.push(self.here().env.clone());
            }
            for end in ends {
                after = Some(after.map_or_else(|| end.clone(), |known| known.join(&end)));
            }
            exhausted = exhausted || (chosen == Some(true) && guard == Some(true));
        }
        // The arms of Rust cover whatever there is.
        if !exhausted && self.flow.module(self.here().function).language != Language::Rust {
            after = Some(after.map_or_else(|| before.clone(), |known| known.join(&before)));
        }
        let leaves = after.is_none();
        self.top().env = after.unwrap_or(before);
        (result.unwrap_or_default(), leaves)
    }

    /// Whether an arm is taken, as far as constants say.
    fn matches(&mut self, patterns: &'a [Pattern], subject: Option<ValueId>, constant: Option<&Name>) -> Option<bool> {
        let is_of_tests = subject.is_none_or(|subject| self.truth(subject) == Some(true));
        let mut all_differ = true;
        for pattern in patterns {
            match pattern {
                Pattern::Any(_) => return Some(true),
                Pattern::Value(test) if is_of_tests && constant.is_none() => match self.truth(*test) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => all_differ = false,
                },
                Pattern::Value(value) => match (constant, self.constant(*value)) {
                    (Some(subject), Some(pattern)) if *subject == pattern => return Some(true),
                    (Some(_), Some(_)) => {}
                    _ => all_differ = false,
                },
                Pattern::Shape { .. } => all_differ = false,
            }
        }
        (all_differ && !patterns.is_empty()).then_some(false)
    }

    fn bind(
        &mut self,
        patterns: &'a [Pattern],
        subject: Option<&Shade>,
        (tested, is_unknown): (Option<ValueId>, bool),
    ) {
        let whole = subject.map(Shade::whole).unwrap_or_default();
        for pattern in patterns {
            match pattern {
                Pattern::Any(place) => place.iter().for_each(|place| self.put(place, whole.clone())),
                Pattern::Value(_) => {
                    if tested.is_some() && patterns.iter().all(|one| matches!(one, Pattern::Value(_))) {
                        let of = subject.map(|subject| subject.of.clone()).unwrap_or_default();
                        self.prove(&of, Proofs::CHOICE);
                    }
                }
                Pattern::Shape { bindings, .. } => {
                    let bound = self.bound_in_arm(pattern, subject.cloned().unwrap_or_default(), is_unknown);
                    bindings.iter().for_each(|place| self.put(place, bound.clone()));
                }
            }
        }
    }
}
