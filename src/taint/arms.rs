//! The arms of a match: which of them may be taken, and what they bind.

use crate::code::{Language, Match, Name, Pattern, ValueId};
use crate::taint::turns::Ends;
use crate::taint::{Env, Proofs, Shade, Walk};

impl<'a> Walk<'a> {
    /// Walks the arms of a match; gives the value of the arms and whether all leave.
    pub(crate) fn arms(&mut self, code: &'a Match) -> (Shade, bool) {
        let subject = code.subject.map(|subject| self.value(subject));
        let is_unknown = code.subject.is_some_and(|subject| self.is_unknown_answer(subject, Language::Rust));
        let known = subject.as_ref().and_then(|subject| subject.constant.clone());
        let constant = known.or_else(|| self.constant(code.subject?));
        let language = self.flow.module(self.here().function).language;
        // A default is taken where no other arm is, wherever it stands.
        let is_in_order = matches!(language, Language::Python | Language::Rust);
        let before = self.here().env.clone();
        // What holds where none of the arms so far was taken.
        let mut rest = before.clone();
        let mut after: Option<Env> = None;
        let mut result: Option<Shade> = None;
        let mut fallen: Option<Env> = None;
        let (mut exhausted, mut has_default) = (false, false);
        for (at, arm) in code.arms.iter().enumerate() {
            if exhausted && fallen.is_none() {
                break;
            }
            let guard = arm.guard.map_or(Some(true), |guard| self.truth(guard));
            let chosen = match guard {
                Some(false) => Some(false),
                _ => self.matches(&arm.patterns, code.subject, constant.as_ref()),
            };
            if chosen == Some(false) && fallen.is_none() {
                continue;
            }
            let is_default = !is_in_order && arm.patterns.iter().any(|one| matches!(one, Pattern::Any(_)));
            let is_last = at + 1 == code.arms.len();
            self.top().env = if is_default && !is_last { before.clone() } else { rest.clone() };
            self.went_well_in_arm(code.subject, &arm.patterns);
            self.bind(&arm.patterns, subject.as_ref(), (code.subject, is_unknown));
            self.taken(code.subject, arm);
            if let Some(fallen) = fallen.take() {
                let joined = self.here().env.join(&fallen);
                self.top().env = joined;
            }
            self.top().turns.push(Ends::default());
            let leaves = self.block(&arm.body);
            let value = arm.body.tail.map(|tail| self.value(tail));
            let mut ends = self.top().turns.pop().unwrap_or_default().all();
            if let Some(value) = value {
                result = Some(result.map_or_else(|| value.clone(), |known: Shade| known.or(&value)));
            }
            if !leaves {
                let end = self.here().env.clone();
                if arm.falls_through { fallen = Some(end) } else { ends.push(end) }
            }
            for end in ends {
                after = Some(after.map_or_else(|| end.clone(), |known| known.join(&end)));
            }
            has_default |= is_default;
            exhausted = exhausted || (chosen == Some(true) && guard == Some(true) && !is_default);
            if !exhausted && !is_last {
                rest = self.not_taken(code.subject, arm, (rest, subject.as_ref()));
            }
        }
        if let Some(end) = fallen {
            after = Some(after.map_or_else(|| end.clone(), |known| known.join(&end)));
        }
        // The arms of Rust cover whatever there is.
        if !exhausted && !has_default && language != Language::Rust {
            let last = code.arms.last().map(|arm| self.not_taken(code.subject, arm, (rest.clone(), subject.as_ref())));
            let last = last.unwrap_or(rest);
            after = Some(after.map_or_else(|| last.clone(), |known| known.join(&last)));
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
                    if tested.is_some() && patterns.iter().all(|one| self.is_own_value(one)) {
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

    /// Whether a pattern is a value that no caller chose.
    fn is_own_value(&mut self, pattern: &Pattern) -> bool {
        matches!(pattern, Pattern::Value(value) if !self.value(*value).holds_any())
    }
}
