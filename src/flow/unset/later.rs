//! What is nothing at first, and gets its value from something that happens later, if it ever does: the folders that a
//! client declares, a list that another call fills.

use super::*;
use crate::flow::scope::{Binding, Bound};

impl Unset<'_, '_> {
    /// What fills the things that the last question found to be nothing at first, with their names.
    pub fn filled_later(&self) -> Vec<(ValueRef, Name)> {
        self.later.borrow().clone()
    }

    /// A member that its class leaves empty, and that something other than its constructor fills.
    pub(super) fn member_later(
        &self,
        (instance, class): (&Rc<Instance>, ClassRef),
        name: &Name,
        assigned: &[(ValueRef, FunctionRef)],
    ) -> Meaning {
        if !self.looks_later.get() {
            return UNKNOWN;
        }
        let flow = self.flow;
        let (first, later): (Vec<_>, Vec<_>) =
            assigned.iter().copied().partition(|(_, method)| flow.is_constructor(*method));
        let frame = flow.constructor_frame(instance, class);
        let field = flow.class(class).fields.iter().find(|field| field.name == *name);
        let begins_empty = || match (first.as_slice(), field) {
            ([(value, _)], _) => self.is_empty(*value, &frame),
            ([], Some(field)) => match field.value {
                Some(value) => self.is_empty(In { module: class.module, id: value }, &frame),
                // `private roots?: Root[];`
                None => flow.program.module(class.module).language == Language::TypeScript,
            },
            _ => false,
        };
        self.unless_filled(&begins_empty, name, later.iter().map(|(value, _)| *value))
    }

    /// A name that begins as nothing, and that some other function fills.
    pub(super) fn name_later(&self, at: ValueRef, name: &Name) -> Meaning {
        if !self.looks_later.get() {
            return UNKNOWN;
        }
        let bindings = self.flow.bindings_around(at, name).map_or(&[][..], |(_, bindings)| bindings);
        let value = |binding: &Binding| match binding.bound {
            Bound::Value(value) => Some(In { module: at.module, id: value }),
            _ => None,
        };
        let (later, first): (Vec<&Binding>, Vec<&Binding>) = bindings.iter().partition(|binding| binding.is_far);
        let begins_empty = || match first[..] {
            [Binding { bound: Bound::Nothing, .. }] => self.flow.module(at).language == Language::TypeScript,
            [Binding { bound: Bound::Value(value), .. }] => self.is_empty(In { module: at.module, id: *value }, &None),
            _ => false,
        };
        self.unless_filled(&begins_empty, name, later.into_iter().filter_map(value))
    }

    /// Whether a value is written as nothing: `undefined`, `[]`.
    fn is_empty(&self, at: ValueRef, frame: &Frame) -> bool {
        match self.value(at, frame) {
            Meaning::Null => true,
            Meaning::List(items) => items.is_empty(),
            Meaning::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }

    /// What begins as nothing is nothing as long as nobody fills it; whether somebody does is not known here.
    fn unless_filled(
        &self,
        begins_empty: &dyn Fn() -> bool,
        name: &Name,
        later: impl Iterator<Item = ValueRef>,
    ) -> Meaning {
        let filled: Vec<ValueRef> = later.filter(|value| !matches!(self.flow.kind(*value), ValueKind::Null)).collect();
        if !filled.is_empty() && begins_empty() {
            self.is_either.set(true);
            self.is_cut.set(true);
            self.later.borrow_mut().extend(filled.into_iter().map(|value| (value, name.clone())));
        }
        UNKNOWN
    }
}
