//! Lists of Go that say what is wrong: `var errs []error`, `errs = append(errs, err)`, `errors.Join(errs...)`.

use crate::code::{Assignment, Call, Language, Name, Operator, Place, ValueId, ValueKind};
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::taint::flags::{Flag, length_of};
use crate::taint::{Proofs, WHOLE, Walk};

/// Calls that make one error of several, which is nil where all of them are.
const JOINING: &[&str] = &["errors.Join"];
/// Calls that put words around an error, and give nil where it is none.
const WRAPPING: &[&str] = &["errors.Wrap", "errors.Wrapf", "errors.WithMessage", "errors.WithStack"];

impl<'a> Walk<'a> {
    /// `var errs []error`: nothing is in it yet.
    pub(crate) fn declares_list(&mut self, assignment: &Assignment, annotation: ValueRef) {
        if !self.flow.sources.slice(self.flow.span(annotation)).starts_with("[]") {
            return;
        }
        for place in &assignment.places {
            if let Place::Name(name, _) = place {
                self.begins_list(name, false);
            }
        }
    }

    /// `errs := []string{}`, `errs = append(errs, "no")`: what a list of Go is given.
    pub(crate) fn fills_list(&mut self, name: &Name, at: ValueRef) {
        if self.flow.module(at).language != Language::Go {
            return;
        }
        let text = |id: ValueId| self.flow.sources.slice(self.flow.span(value_in(at.module, id)));
        match self.flow.kind(at) {
            ValueKind::Construct { of, entries } if text(*of).starts_with("[]") => {
                self.begins_list(name, !entries.is_empty());
            }
            ValueKind::Call(call) => match (text(call.callee), &call.arguments[..]) {
                ("make", [of, length, ..]) if text(of.value).starts_with("[]") && text(length.value) == "0" => {
                    self.begins_list(name, false);
                }
                ("append", [_, more @ ..]) => {
                    let more: Vec<ValueId> = more.iter().map(|argument| argument.value).collect();
                    self.adds_problems(name, at, &more);
                }
                _ => {}
            },
            ValueKind::Unary(inner) => {
                if let ValueKind::Name(list) = self.flow.kind(value_in(at.module, *inner)) {
                    self.top().env.flags.remove(&length_of(list));
                }
            }
            _ => {}
        }
    }

    fn begins_list(&mut self, name: &Name, has_any: bool) {
        if self.is_changed_inside(name) {
            return;
        }
        let env = &mut self.top().env;
        let flag = Flag::new(has_any, &env.proven);
        env.flags.insert(length_of(name), flag.clone());
        // An element that is written there may be nil.
        if !has_any {
            env.flags.insert(sure_of(name), flag.clone());
            env.flags.insert(error_of(name), flag);
        }
    }

    /// One more in a list: it is empty no longer, and holds an error for sure where one is made.
    fn adds_problems(&mut self, name: &Name, at: ValueRef, more: &[ValueId]) {
        let is_open = |one: &ValueId| matches!(self.flow.kind(value_in(at.module, *one)), ValueKind::Spread(_));
        let told: Vec<ValueId> = more.iter().copied().filter(|one| !is_open(one)).collect();
        if told.is_empty() || self.is_changed_inside(name) {
            return;
        }
        let sure = told.iter().any(|one| self.truth(*one) == Some(true));
        let known = self.here().env.flags.get(&length_of(name)).is_some();
        let mut proven = self.here().env.proven.clone();
        let up = Flag::new(true, &proven);
        self.top().env.flags.insert(length_of(name), up.clone());
        if sure {
            self.top().env.flags.insert(error_of(name), up);
            return;
        }
        self.top().env.flags.remove(&sure_of(name));
        // Where all of it is nil, so is what was put in now.
        if known && more.len() == told.len() {
            for (of, proofs) in self.facts_of_nil(&told) {
                of.into_iter().for_each(|name| *proven.entry(name).or_default() |= proofs);
            }
        }
        let either = Flag::either(up, Flag::new(false, &proven));
        self.top().env.flags.insert(error_of(name), either);
    }

    /// `errors.Join(check(a), check(b)) == nil`, `errors.Join(errs...) == nil`: what that tells.
    pub(crate) fn facts_of_joined(
        &mut self,
        (at, code): (ValueRef, &Call),
        (part, holds): (&str, bool),
    ) -> Option<Vec<(Vec<Name>, Proofs)>> {
        let callee = self.flow.sources.slice(self.flow.span(value_in(at.module, code.callee)));
        if self.flow.module(at).language != Language::Go || !JOINING.contains(&callee) || part != WHOLE || holds {
            return None;
        }
        let given: Vec<ValueId> = code.arguments.iter().map(|argument| argument.value).collect();
        Some(self.facts_of_nil(&given))
    }

    /// What it tells that errors are nil, each of them.
    fn facts_of_nil(&mut self, errors: &[ValueId]) -> Vec<(Vec<Name>, Proofs)> {
        let module = self.here().function.module;
        let mut facts = Vec::new();
        for error in errors {
            let at = value_in(module, *error);
            let told = match self.flow.kind(at) {
                ValueKind::Spread(list) => match self.flow.kind(value_in(module, *list)) {
                    ValueKind::Name(list) => self.facts_of_no_error(list),
                    _ => Vec::new(),
                },
                ValueKind::Name(name) => self.compared_with_nil(|walk| walk.kept_test(at, name, false)),
                ValueKind::Call(_) => self.compared_with_nil(|walk| walk.facts(*error, false)),
                _ => Vec::new(),
            };
            facts.extend(told);
        }
        facts
    }

    fn facts_of_no_error(&self, list: &Name) -> Vec<(Vec<Name>, Proofs)> {
        let is_held = self.here().env.flags.contains_key(&length_of(list));
        self.flag_facts(&error_of(list), false).filter(|_| is_held).unwrap_or_default()
    }

    fn compared_with_nil<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let around = self.compared_with.replace(Name::new("nil"));
        let found = look(self);
        self.compared_with = around;
        found
    }

    /// Whether a call that passes errors on gives one for sure.
    pub(crate) fn passes_error_on(&mut self, at: ValueRef, call: &Call) -> Option<bool> {
        let callee = self.flow.sources.slice(self.flow.span(value_in(at.module, call.callee)));
        let given = match (WRAPPING.contains(&callee), JOINING.contains(&callee)) {
            (true, _) => &call.arguments[..call.arguments.len().min(1)],
            (_, true) => &call.arguments[..],
            _ => return None,
        };
        Some(
            given
                .iter()
                .any(|argument| self.truth(argument.value) == Some(true) || self.is_counted(at, argument.value)),
        )
    }

    /// `if len(errs) > 0 { return errors.Join(errs...) }`
    fn is_counted(&self, at: ValueRef, argument: ValueId) -> bool {
        let kind = |id: ValueId| self.flow.kind(value_in(at.module, id));
        let (ValueKind::Spread(list), Some((test, true))) = (kind(argument), self.flow.tested(at)) else {
            return false;
        };
        let ValueKind::Binary { operator: Operator::Greater | Operator::NotEqual, left, right } = self.flow.kind(test)
        else {
            return false;
        };
        let counted = match (kind(*left), kind(*right)) {
            (ValueKind::Call(call), ValueKind::Int(0)) => call.arguments.first().map(|argument| kind(argument.value)),
            _ => None,
        };
        let flags = &self.here().env.flags;
        let is_sure =
            |name: &Name| [length_of(name), error_of(name), sure_of(name)].iter().all(|it| flags.contains_key(it));
        matches!((counted, kind(*list)), (Some(ValueKind::Name(one)), ValueKind::Name(two)) if one == two && is_sure(one))
    }
}

/// The flag of a list that nothing was put into but errors.
fn sure_of(name: &Name) -> Name {
    Name::new(format!("{name}.sure"))
}

/// The flag that tells whether an error is in a list.
fn error_of(name: &Name) -> Name {
    Name::new(format!("{name}.error"))
}
