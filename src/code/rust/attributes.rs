//! Attributes as decorators.

use syn::{Attribute, Meta};

use super::Lower;
use crate::code::{Argument, Call, CallKind, ValueId, ValueKind};

impl Lower {
    /// Every attribute but documentation, as a name or a call.
    pub(super) fn decorators(&mut self, attributes: &[Attribute]) -> Vec<ValueId> {
        let attributes = attributes.iter().filter(|attribute| !attribute.path().is_ident("doc"));
        attributes.map(|attribute| self.decorator(attribute)).collect()
    }

    fn decorator(&mut self, attribute: &Attribute) -> ValueId {
        let callee = self.path(None, attribute.path());
        let span = self.place(attribute.pound_token.span).to(self.delimited(&attribute.bracket_token.span));
        let arguments = match &attribute.meta {
            Meta::Path(_) => return callee,
            Meta::List(list) => {
                let arguments = self.pieces(list.tokens.clone(), span);
                arguments.into_iter().map(|argument| self.keyword(argument)).collect()
            }
            Meta::NameValue(pair) => vec![Argument { name: None, value: self.expression(&pair.value) }],
        };
        self.add(ValueKind::Call(Box::new(Call { callee, arguments, kind: CallKind::Plain })), span)
    }

    /// Assignments in nested lists are keyword arguments: `annotations(read_only_hint = true)`.
    fn keyword(&mut self, argument: Argument) -> Argument {
        if let ValueKind::Call(call) = &self.value(argument.value).kind {
            let mut call = call.clone();
            let arguments = std::mem::take(&mut call.arguments);
            call.arguments = arguments.into_iter().map(|argument| self.keyword(argument)).collect();
            self.module.values[argument.value.index()].kind = ValueKind::Call(call);
            return argument;
        }
        let ValueKind::Assign(assignment) = &self.value(argument.value).kind else { return argument };
        match (assignment.places.as_slice(), assignment.value) {
            ([crate::code::Place::Name(name, _)], Some(value)) => {
                self.keyword(Argument { name: Some(name.clone()), value })
            }
            _ => argument,
        }
    }
}
