//! Objects that something unknown makes of all arguments, `Model(**arguments)`, `schema.parse(arguments)`: each of their
//! members is one argument, not all of them.

use std::rc::Rc;

use crate::code::{Name, ValueKind};
use crate::flow::meaning::value_in;
use crate::taint::call::Calling;
use crate::taint::entry::ALL_ARGUMENTS;
use crate::taint::{Proofs, Shade, Walk};

impl<'a> Walk<'a> {
    /// What an unknown call gives back, told as an object of all arguments where it was made of these name by name.
    pub(crate) fn made_of_all(&self, calling: &Calling<'a>, made: Shade) -> Shade {
        let is_spread = |argument: &crate::code::Argument| {
            let value = value_in(calling.at.module, argument.value);
            argument.name.is_some() && matches!(self.flow.kind(value), ValueKind::Spread(_))
        };
        let reads = calling.method.as_deref().is_some_and(|method| self.effects.records().reads_all(method));
        match made.carries.contains_key(ALL_ARGUMENTS) && (reads || calling.code.arguments.iter().any(is_spread)) {
            true => Shade { proofs: made.proofs | Proofs::MADE_OF_ALL, ..made },
            false => made,
        }
    }
}

impl Shade {
    /// Whether it is an object whose members are all arguments one by one.
    pub(super) fn is_made_of_all(&self) -> bool {
        self.proofs.has(Proofs::MADE_OF_ALL) && self.carries.contains_key(ALL_ARGUMENTS)
    }

    /// A member of such an object.
    pub(super) fn member_made(&self, name: &Name) -> Shade {
        let all = Name::new(ALL_ARGUMENTS);
        let mut one = Shade { parts: Rc::default(), items: None, constant: None, ..self.clone() };
        one.proofs = one.proofs.without(Proofs::MADE_OF_ALL);
        if let Some(trail) = one.carries.remove(&all) {
            one.carries.insert(name.clone(), trail.of_argument(name));
        }
        if let Some(proofs) = one.apart.remove(&all) {
            one.apart.insert(name.clone(), proofs);
        }
        one
    }
}
