//! Structs of Go: fields by position, and what a struct has of those that it embeds.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::{Language, Name};
use crate::flow::{FunctionRef, In, Meaning, ValueRef};
use crate::taint::{Shade, Walk};

impl<'a> Walk<'a> {
    /// `outer{inner, 3}`: what is written without names stands for the fields in their order.
    pub(crate) fn by_fields(&self, of: ValueRef, made: Shade) -> Shade {
        if self.flow.module(of).language != Language::Go || !made.parts.contains_key("0") {
            return made;
        }
        let frame = self.here().frame.clone();
        let Meaning::Class(class) = self.flow.asking(|| self.flow.meaning(of, &frame)).0 else { return made };
        let fields = self.flow.class(class).fields.iter().enumerate();
        let names: BTreeMap<String, &Name> = fields.map(|(at, field)| (at.to_string(), &field.name)).collect();
        let named = |name: &Name| names.get(name.as_str()).map_or_else(|| name.clone(), |field| (*field).clone());
        let parts = made.parts.iter().map(|(name, part)| (named(name), part.clone())).collect();
        Shade { parts: Rc::new(parts), ..made }
    }

    /// A member that a struct has of one that it embeds.
    pub(crate) fn promoted(&self, base: &Shade, name: &Name) -> Option<Shade> {
        let is_go = self.flow.module(self.here().function).language == Language::Go;
        let mut held = base.parts.values().filter(|_| is_go && !base.is_tainted());
        held.find_map(|part| part.parts.get(name).cloned())
    }

    /// What a method is called on: of a method of an embedded struct, that struct.
    pub(crate) fn receiver_of(&self, function: FunctionRef, receiver: Shade) -> Shade {
        let Some(class) = self.flow.function(function).class else { return receiver };
        if self.flow.module(function).language != Language::Go || receiver.parts.is_empty() {
            return receiver;
        }
        let name = &self.flow.class(In { module: function.module, id: class }).name;
        receiver.parts.get(name).cloned().unwrap_or(receiver)
    }
}
