//! Errors that calls of what nobody here knows give back: they tell what went wrong, not what was given.

use std::rc::Rc;

use crate::code::{Assignment, Language, Name, Pattern, Place, ValueId, ValueKind};
use crate::flow::Meaning;
use crate::flow::meaning::value_in;
use crate::taint::{Shade, Walk};

impl<'a> Walk<'a> {
    /// `order, err := client.Create(input)`: the error may be written into a log.
    pub(crate) fn error_told(&mut self, assignment: &'a Assignment) {
        let tells_nothing = |value| self.is_unknown_answer(value, Language::Go) || self.is_plain_error(value);
        if !assignment.value.is_some_and(tells_nothing) {
            return;
        }
        for place in &assignment.places {
            let last = match place {
                Place::Items(places, None) => places.last(),
                place => Some(place),
            };
            let Some(Place::Name(name, _)) = last else { continue };
            if is_error_name(name)
                && let Some(held) = self.top().env.values.get_mut(name)
            {
                let told = Rc::make_mut(held);
                *told = std::mem::take(told).safe_to_log();
            }
        }
    }

    /// `match client.create(input).await { Err(error) => … }`: what an arm binds.
    pub(crate) fn bound_in_arm(&self, pattern: &Pattern, subject: Shade, is_unknown: bool) -> Shade {
        match pattern {
            Pattern::Shape { of: Some(of), .. } if is_unknown && self.says(*of, "Err") => subject.safe_to_log(),
            _ => subject,
        }
    }

    /// Whether a value is what the last call of something unknown gave back.
    pub(crate) fn is_unknown_answer(&self, value: ValueId, language: Language) -> bool {
        let module = self.here().function.module;
        let mut value = value;
        while let ValueKind::Await(inner) = self.flow.kind(value_in(module, value)) {
            value = *inner;
        }
        self.unknown == Some(value_in(module, value)) && self.flow.module(self.here().function).language == language
    }

    /// Whether a value is what an encoder of Go gave back, whose error says nothing of what it was given.
    fn is_plain_error(&self, value: ValueId) -> bool {
        let at = value_in(self.here().function.module, value);
        let ValueKind::Call(call) = self.flow.kind(at) else { return false };
        let (called, _) = self.flow.asking(|| self.flow.meaning(value_in(at.module, call.callee), &None));
        let table = self.effects.of(Language::Go).filter(|_| self.flow.module(at).language == Language::Go);
        matches!((called, table), (Meaning::Outside(name), Some(table)) if table.tells_no_content(&name))
    }

    fn says(&self, value: ValueId, text: &str) -> bool {
        self.flow.sources.slice(self.flow.span(value_in(self.here().function.module, value))) == text
    }
}

fn is_error_name(name: &Name) -> bool {
    name.as_str() == "err" || name.ends_with("Err") || name.ends_with("err")
}
