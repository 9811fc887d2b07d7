//! What functions of Python say that they are called: `f.__name__`, after `functools.wraps` and assignments.

use crate::code::{Language, ValueId, ValueKind};
use crate::flow::Flow;
use crate::flow::meaning::{Meaning, value_in};

/// Most functions that are wrapped one in the other.
const MAX_WRAPPED: usize = 12;

impl Flow<'_> {
    /// The name that a function has while the program runs, where it is known.
    pub(super) fn name_of_function(&self, function: &Meaning) -> Option<Meaning> {
        let mut named = function.clone();
        for _ in 0..MAX_WRAPPED {
            match self.given_name(&named) {
                Some(inner @ Meaning::Function(..)) => named = inner,
                Some(text @ Meaning::Text(..)) => return Some(text),
                Some(_) => return None,
                None => {
                    let Meaning::Function(function, ..) = &named else { return None };
                    let code = self.function(*function);
                    return code.name.clone().map(|name| Meaning::Text(name, code.name_span));
                }
            }
        }
        None
    }

    /// What a function of Python is named after: the text of `f.__name__ = …` beside it, or the function that
    /// `functools.wraps` is given.
    pub fn given_name(&self, meaning: &Meaning) -> Option<Meaning> {
        let Meaning::Function(function, captured, _) = meaning else { return None };
        let (function, code) = (*function, self.function(*function));
        if self.module(function).language != Language::Python {
            return None;
        }
        let of = |id| value_in(function.module, id);
        let parent = code.parent?;
        let is_it = |place: ValueId| match self.kind(of(place)) {
            ValueKind::Field { base, name } if name == "__name__" => {
                matches!(self.kind(of(*base)), ValueKind::Name(base) if Some(base) == code.name.as_ref())
            }
            _ => false,
        };
        let set = self.scopes(function.module).member_assignments.iter();
        let mut set = set.filter(|(place, _)| self.owner(of(*place)).id == parent && is_it(*place));
        if let Some((_, value)) = set.next_back() {
            return Some(self.meaning(of(*value), captured));
        }
        code.decorators.iter().find_map(|decorator| {
            let ValueKind::Call(call) = self.kind(of(*decorator)) else { return None };
            let callee = self.meaning(of(call.callee), captured);
            let wraps = matches!(&callee, Meaning::Outside(name) if name == "functools.wraps");
            let wrapped = call.arguments.first().filter(|_| wraps)?;
            Some(self.meaning(of(wrapped.value), captured))
        })
    }
}
