//! A copy of an object in which some members are others, `dataclasses.replace(command, subject=…)`, or are left out:
//! `const { id, ...rest } = args`.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::Name;
use crate::flow::effects::Table;
use crate::taint::call::Calling;
use crate::taint::{Shade, Walk};

impl<'a> Walk<'a> {
    /// What such a call gives: what the object has, but for what it is given by name.
    pub(crate) fn altered(&mut self, calling: &Calling<'a>, table: &Table, name: &str) -> Option<Shade> {
        let first = calling.given.first().filter(|_| table.alters(name))?;
        let object = first.shade.clone();
        if object.parts.is_empty() || calling.given.iter().any(|given| given.is_rest) {
            return None;
        }
        let mut parts = (*object.parts).clone();
        let named = calling.given.iter().filter_map(|given| Some((given.name.clone()?, given.shade.clone())));
        parts.extend(named);
        Some(Shade { parts: Rc::new(parts), of: Vec::new(), ..object })
    }
}

impl Shade {
    /// What is left of an object once these members were taken out.
    pub(crate) fn without(&self, taken: &[&Name]) -> Shade {
        let is_argument = |name: &&&Name| self.parts.get(**name).is_some_and(|part| !part.is_bag);
        // Of which one argument is a member, that is no message with the arguments inside.
        let is_arguments = self.is_bag && taken.iter().any(|name| is_argument(&name));
        let is_gone = |name: &Name, part: &Shade| taken.contains(&name) || is_arguments && part.is_bag;
        let left = self.parts.iter().filter(|(name, part)| !is_gone(name, part));
        let parts: BTreeMap<Name, Shade> = left.map(|(name, part)| (name.clone(), part.clone())).collect();
        Shade { parts: Rc::new(parts), of: Vec::new(), ..self.clone() }
    }
}
