//! Arguments that something holds to be a text before the handler runs: what asks whether such a one is a list is told no.

use std::collections::BTreeSet;

use crate::code::{Call, Language, Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::{FunctionRef, Meaning, ValueRef};
use crate::taint::Walk;
use crate::taint::entry::Entry;

/// Types of Python of which no text is one.
const OTHERS: &[&str] = &["list", "tuple", "dict", "set", "frozenset", "int", "float", "bool", "bytes"];

/// The arguments of one tool that are texts or nothing, and the function that takes them by name.
#[derive(Default)]
pub(crate) struct Texts {
    handler: Option<FunctionRef>,
    names: BTreeSet<Name>,
}

impl Texts {
    pub(crate) fn of(entry: &Entry, handler: FunctionRef) -> Self {
        let texts = entry.arguments.iter().filter(|(_, told)| told.is_text && !told.is_changed());
        Self { handler: Some(handler), names: texts.map(|(name, _)| name.clone()).collect() }
    }
}

impl Walk<'_> {
    /// `isinstance(x, list)`, `Array.isArray(x)`: whether it asks a text whether it is something else.
    pub(crate) fn asks_text_for_another_type(&self, at: ValueRef, call: &Call) -> bool {
        if self.texts.names.is_empty() {
            return false;
        }
        let of = |id: ValueId| value_in(at.module, id);
        let callee = self.outside_name(of(call.callee)).unwrap_or_default();
        match (self.flow.module(at).language, callee.as_str(), &call.arguments[..]) {
            (Language::Python, "isinstance", [asked, class]) => {
                self.is_other(of(class.value)) && self.is_declared_text(of(asked.value))
            }
            (Language::TypeScript, "Array.isArray", [asked]) => self.is_declared_text(of(asked.value)),
            _ => false,
        }
    }

    /// What a name means that the tree has no other meaning for.
    fn outside_name(&self, value: ValueRef) -> Option<Name> {
        match self.flow.asking(|| self.flow.meaning(value, &None)).0 {
            Meaning::Outside(name) => Some(name),
            _ => None,
        }
    }

    /// Whether what is asked for is a type, or one of several, none of which a text is.
    fn is_other(&self, class: ValueRef) -> bool {
        let is_one = |id: ValueId| {
            self.outside_name(value_in(class.module, id)).is_some_and(|name| OTHERS.contains(&name.as_str()))
        };
        match self.flow.kind(class) {
            ValueKind::Tuple(all) => !all.is_empty() && all.iter().all(|one| is_one(*one)),
            _ => is_one(class.id),
        }
    }

    /// Whether a value is such an argument as it came, however many functions handed it on.
    fn is_declared_text(&self, asked: ValueRef) -> bool {
        let frame = self.here().frame.clone();
        let is_handler = |function: FunctionRef| self.texts.handler == Some(function);
        let name = match self.flow.asking(|| self.flow.meaning(asked, &frame)).0 {
            Meaning::Parameter(function, position) if is_handler(function) => {
                self.flow.function(function).parameters.get(position).and_then(|parameter| parameter.name()).cloned()
            }
            Meaning::Member(base, name) => match *base {
                Meaning::Parameter(function, 0) if is_handler(function) => Some(name),
                _ => None,
            },
            _ => None,
        };
        name.is_some_and(|name| self.texts.names.contains(&name))
    }
}
