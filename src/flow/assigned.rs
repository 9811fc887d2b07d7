//! Members that get a value after their object is made: whether they are on or off is not what they began as, and objects
//! of the program's that others keep are found again: `ctx.session.client = Client()`.

use std::collections::{HashMap, HashSet};

use crate::code::{Language, Module, Name, ValueId, ValueKind};
use crate::flow::meaning::{Frame, Meaning, value_in};
use crate::flow::scope::Scopes;
use crate::flow::{Flow, Program, ValueRef};

/// Most places at which a member of one holder is kept; beyond them, as in minified code, the words say nothing.
const MAX_KEPT: usize = 16;

/// Members that are assigned anywhere.
#[derive(Debug, Default)]
pub(super) struct Assigned {
    /// Their names, in languages where objects are made by writing their members.
    written: HashSet<Name>,
    /// All names of members of objects that are given a value from outside, in scripts.
    others: HashSet<Name>,
    /// Where the others are, and what they get, by their name and that of what holds them.
    kept: HashMap<(Name, Name), Vec<(ValueRef, ValueRef)>>,
}

impl Assigned {
    pub(super) fn new(program: &Program, scopes: &[Scopes]) -> Self {
        let mut all = Assigned::default();
        for ((id, module), scopes) in program.iter().zip(scopes) {
            for (place, value) in &scopes.member_assignments {
                let ValueKind::Field { name, .. } = &module.value(*place).kind else { continue };
                if is_written(module.language) {
                    all.written.insert(name.clone());
                    continue;
                }
                if module.language == Language::TypeScript {
                    all.others.insert(name.clone());
                }
                if matches!(module.value(*value).kind, ValueKind::Call(_) | ValueKind::Name(_))
                    && let Some(key) = key(module, *place)
                {
                    all.kept.entry(key).or_default().push((value_in(id, *place), value_in(id, *value)));
                }
            }
        }
        all.kept.retain(|_, places| places.len() <= MAX_KEPT);
        all
    }
}

impl Flow<'_> {
    /// Whether a member of this name of any object is given a value by an assignment.
    pub(super) fn is_ever_assigned(&self, name: &Name) -> bool {
        self.index.assigned.written.contains(name) || self.index.assigned.others.contains(name)
    }
}

fn is_written(language: Language) -> bool {
    matches!(language, Language::Rust | Language::Go)
}

/// The names of a member and of what holds it; nothing of the program's own objects, whose members are known.
fn key(module: &Module, place: ValueId) -> Option<(Name, Name)> {
    let ValueKind::Field { base, name } = &module.value(place).kind else { return None };
    match &module.value(*base).kind {
        ValueKind::Name(holder) if matches!(holder.as_str(), "self" | "cls") => None,
        ValueKind::Name(holder) | ValueKind::Field { name: holder, .. } => Some((holder.clone(), name.clone())),
        _ => None,
    }
}

impl Flow<'_> {
    /// What a member holds, with what is later added to it or put in its place.
    pub(super) fn changed_member(&self, at: ValueRef, name: &Name, found: Meaning, frame: &Frame) -> Meaning {
        let is_written = is_written(self.module(at).language);
        match found {
            Meaning::Bool(_) if is_written && self.index.assigned.written.contains(name) => {
                Meaning::Unknown("a member that is assigned later")
            }
            Meaning::Member(..) | Meaning::Unknown(_) if !is_written => {
                let found = self.kept_by_others(at).unwrap_or(found);
                self.changed(at, name, found, frame)
            }
            found => self.changed(at, name, found, frame),
        }
    }

    /// Objects of the program that something else keeps under the words that stand here.
    fn kept_by_others(&self, at: ValueRef) -> Option<Meaning> {
        let all = self.index.assigned.kept.get(&key(self.module(at), at.id)?)?;
        let same = all.iter().filter(|(place, _)| self.is_same_member(at, *place));
        let objects: Vec<Meaning> = same
            .map(|(_, value)| self.meaning(*value, &None))
            .filter(|kept| matches!(kept, Meaning::Instance(_) | Meaning::Made(_)))
            .collect();
        (!objects.is_empty()).then(|| Meaning::any(objects))
    }

    /// Whether two places mean one member by their words: `app.state.store` is `request.app.state.store`. A word and a
    /// member mean something else in every function.
    fn is_same_member(&self, at: ValueRef, place: ValueRef) -> bool {
        let words = |at: ValueRef| self.sources.slice(self.span(at));
        let there = words(place);
        let is_far = there.matches('.').count() > 1;
        let is_near = || is_far || self.owner(at) == self.owner(place);
        let rest = words(at).strip_suffix(there).filter(|_| place != at);
        rest.is_some_and(|rest| rest.is_empty() && is_near() || is_far && rest.ends_with('.'))
    }
}
