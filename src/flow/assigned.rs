//! Members that get another value after their object is made: whether they are on or off is not what they began as.

use std::collections::HashSet;

use crate::code::{Language, Name, ValueKind};
use crate::flow::meaning::{Frame, Meaning};
use crate::flow::scope::Scopes;
use crate::flow::{Flow, Program, ValueRef};

/// The names of members that are assigned anywhere, in languages where objects are made by writing their members.
pub(super) fn names(program: &Program, scopes: &[Scopes]) -> HashSet<Name> {
    let mut names = HashSet::new();
    for ((_, module), scopes) in program.iter().zip(scopes) {
        if !matches!(module.language, Language::Rust | Language::Go) {
            continue;
        }
        for (place, _) in &scopes.member_assignments {
            if let ValueKind::Field { name, .. } = &module.value(*place).kind {
                names.insert(name.clone());
            }
        }
    }
    names
}

impl Flow<'_> {
    /// What a member holds, with what is later added to it or put in its place.
    pub(super) fn changed_member(&self, at: ValueRef, name: &Name, found: Meaning, frame: &Frame) -> Meaning {
        let is_written = matches!(self.module(at).language, Language::Rust | Language::Go);
        match found {
            Meaning::Bool(_) if is_written && self.index.assigned.contains(name) => {
                Meaning::Unknown("a member that is assigned later")
            }
            found => self.changed(at, name, found, frame),
        }
    }
}
