//! The arms of a match: which of them may be taken, and what they bind.

use crate::code::{Arm, Language, Match, Name, Pattern, ValueId};
use crate::taint::turns::Ends;
use crate::taint::{Env, Proofs, Shade, Walk};

/// What a match looks at.
struct Subject {
    value: Option<ValueId>,
    shade: Option<Shade>,
    constant: Option<Name>,
    is_unknown: bool,
}

/// How far the arms of a match are walked.
struct Course {
    before: Env,
    /// What holds where none of the arms so far was taken.
    rest: Env,
    /// Behind those that were.
    after: Option<Env>,
    /// At the end of an arm that goes on with the next.
    fallen: Option<Env>,
    result: Option<Shade>,
    is_exhausted: bool,
    has_default: bool,
}

impl Course {
    fn from(before: Env) -> Self {
        let rest = before.clone();
        Course { before, rest, after: None, fallen: None, result: None, is_exhausted: false, has_default: false }
    }

    fn ends(&mut self, end: Env) {
        self.after = Some(self.after.as_ref().map_or_else(|| end.clone(), |known| known.join(&end)));
    }

    fn gives(&mut self, value: Shade) {
        self.result = Some(self.result.as_ref().map_or_else(|| value.clone(), |known| known.or(&value)));
    }
}

impl<'a> Walk<'a> {
    /// Walks the arms of a match; gives the value of the arms and whether all leave.
    pub(crate) fn arms(&mut self, code: &'a Match) -> (Shade, bool) {
        let subject = self.subject(code);
        let mut course = Course::from(self.here().env.clone());
        for (at, arm) in code.arms.iter().enumerate() {
            if course.is_exhausted && course.fallen.is_none() {
                break;
            }
            self.arm((arm, at + 1 == code.arms.len()), &subject, &mut course);
        }
        if let Some(end) = course.fallen.take() {
            course.ends(end);
        }
        // The arms of Rust cover whatever there is.
        if !course.is_exhausted && !course.has_default && self.language() != Language::Rust {
            let rest = course.rest.clone();
            let untaken = |arm| self.not_taken(subject.value, arm, (rest.clone(), subject.shade.as_ref()));
            let end = code.arms.last().map(untaken).unwrap_or(rest.clone());
            course.ends(end);
        }
        let leaves = course.after.is_none();
        self.top().env = course.after.unwrap_or(course.before);
        (course.result.unwrap_or_default(), leaves)
    }

    fn language(&self) -> Language {
        self.flow.module(self.here().function).language
    }

    fn subject(&mut self, code: &'a Match) -> Subject {
        let shade = code.subject.map(|subject| self.value(subject));
        let is_unknown = code.subject.is_some_and(|subject| self.is_unknown_answer(subject, Language::Rust));
        let known = shade.as_ref().and_then(|shade| shade.constant.clone());
        let constant = known.or_else(|| self.constant(code.subject?));
        Subject { value: code.subject, shade, constant, is_unknown }
    }

    fn arm(&mut self, (arm, is_last): (&'a Arm, bool), subject: &Subject, course: &mut Course) {
        let guard = arm.guard.map_or(Some(true), |guard| self.truth(guard));
        let chosen = match guard {
            Some(false) => Some(false),
            _ => self.matches(&arm.patterns, subject.value, subject.constant.as_ref()),
        };
        if chosen == Some(false) && course.fallen.is_none() {
            return;
        }
        // A default is taken where no other arm is, wherever it stands.
        let is_in_order = matches!(self.language(), Language::Python | Language::Rust);
        let is_default = !is_in_order && arm.patterns.iter().any(|one| matches!(one, Pattern::Any(_)));
        self.top().env = if is_default && !is_last { course.before.clone() } else { course.rest.clone() };
        self.went_well_in_arm(subject.value, &arm.patterns);
        self.bind(&arm.patterns, subject.shade.as_ref(), (subject.value, subject.is_unknown));
        self.taken(subject.value, arm);
        if let Some(fallen) = course.fallen.take() {
            let joined = self.here().env.join(&fallen);
            self.top().env = joined;
        }
        self.inside_arm(arm, course);
        course.has_default |= is_default;
        course.is_exhausted |= chosen == Some(true) && guard == Some(true) && !is_default;
        if !course.is_exhausted && !is_last {
            course.rest = self.not_taken(subject.value, arm, (course.rest.clone(), subject.shade.as_ref()));
        }
    }

    /// Walks what an arm does, and notes where it ends.
    fn inside_arm(&mut self, arm: &'a Arm, course: &mut Course) {
        self.top().turns.push(Ends::default());
        let leaves = self.block(&arm.body);
        let value = arm.body.tail.map(|tail| self.value(tail));
        let mut ends = self.top().turns.pop().unwrap_or_default().all();
        value.into_iter().for_each(|value| course.gives(value));
        if !leaves {
            let end = self.here().env.clone();
            if arm.falls_through { course.fallen = Some(end) } else { ends.push(end) }
        }
        ends.into_iter().for_each(|end| course.ends(end));
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
