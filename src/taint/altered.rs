//! A copy of an object in which some members are others: `dataclasses.replace(command, subject=…)`.

use std::rc::Rc;

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
