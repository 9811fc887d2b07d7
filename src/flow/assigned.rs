//! Members that get a value after their object is made: whether they are on or off is not what they began as, and objects
//! of the program's that others keep are found again: `ctx.session.client = Client()`.

use std::collections::{HashMap, HashSet};

use crate::code::{Language, Name, ValueKind};
use crate::flow::meaning::{Frame, Meaning, value_in};
use crate::flow::scope::Scopes;
use crate::flow::{Flow, Program, ValueRef};

/// Most assignments of one member that are compared with one place.
const MAX_KEPT: usize = 16;

/// Members that are assigned anywhere.
#[derive(Debug, Default)]
pub(super) struct Assigned {
    /// Their names, in languages where objects are made by writing their members.
    written: HashSet<Name>,
    /// Where the others are, and what they get, by name.
    kept: HashMap<Name, Vec<(ValueRef, ValueRef)>>,
}

impl Assigned {
    pub(super) fn new(program: &Program, scopes: &[Scopes]) -> Self {
        let mut all = Assigned::default();
        for ((id, module), scopes) in program.iter().zip(scopes) {
            for (place, value) in &scopes.member_assignments {
                let ValueKind::Field { name, .. } = &module.value(*place).kind else { continue };
                match module.language {
                    Language::Rust | Language::Go => drop(all.written.insert(name.clone())),
                    _ if !matches!(module.value(*value).kind, ValueKind::Call(_) | ValueKind::Name(_)) => {}
                    _ => all.kept.entry(name.clone()).or_default().push((value_in(id, *place), value_in(id, *value))),
                }
            }
        }
        all
    }
}

impl Flow<'_> {
    /// What a member holds, with what is later added to it or put in its place.
    pub(super) fn changed_member(&self, at: ValueRef, name: &Name, found: Meaning, frame: &Frame) -> Meaning {
        let is_written = matches!(self.module(at).language, Language::Rust | Language::Go);
        match found {
            Meaning::Bool(_) if is_written && self.index.assigned.written.contains(name) => {
                Meaning::Unknown("a member that is assigned later")
            }
            Meaning::Member(..) | Meaning::Unknown(_) if !is_written => {
                let found = self.kept_with(at, name).unwrap_or(found);
                self.changed(at, name, found, frame)
            }
            found => self.changed(at, name, found, frame),
        }
    }

    /// Objects of the program that something else keeps under the same words as stand here; what they are kept with may
    /// be reached by way of more: `app.state.store` is `request.app.state.store`.
    fn kept_with(&self, at: ValueRef, name: &Name) -> Option<Meaning> {
        let all = self.index.assigned.kept.get(name)?;
        let words = |at: ValueRef| self.sources.slice(self.span(at));
        let here = words(at);
        let is_same = |place: ValueRef| {
            let there = words(place);
            let is_own = ["self.", "cls.", "this."].iter().any(|own| there.starts_with(own));
            let is_near = || place.module == at.module || there.matches('.').count() > 1;
            let rest = here.strip_suffix(there).filter(|_| place != at && !is_own);
            rest.is_some_and(|rest| rest.ends_with('.') || rest.is_empty() && is_near())
        };
        let same = all.iter().filter(|(place, _)| is_same(*place)).take(MAX_KEPT);
        let objects: Vec<Meaning> = same
            .map(|(_, value)| self.meaning(*value, &None))
            .filter(|kept| matches!(kept, Meaning::Instance(_) | Meaning::Made(_)))
            .collect();
        (!objects.is_empty()).then(|| Meaning::any(objects))
    }
}
