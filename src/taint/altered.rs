//! A copy of an object in which some members are others: `dataclasses.replace(command, subject=…)`.

use std::rc::Rc;

use crate::taint::call::Calling;
use crate::taint::{Shade, Walk};

/// Functions and methods that give a copy with the members that they are given.
const REPLACING: &[&str] = &["dataclasses.replace", "copy.replace", "attr.evolve", "attrs.evolve"];

impl<'a> Walk<'a> {
    /// What such a call gives: what the object has, but for what it is given by name.
    pub(crate) fn altered(&mut self, calling: &Calling<'a>, name: &str) -> Option<Shade> {
        let first = calling.given.first().filter(|_| REPLACING.contains(&name))?;
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
