//! What one change adds to a collection.

use crate::code::{Name, ValueId, ValueKind};
use crate::flow::change::APPENDED;
use crate::flow::meaning::{Entry, Frame, Item, Key, Meaning};
use crate::flow::scope::Change;
use crate::flow::{Flow, In, ValueRef};

/// Methods of collections that leave them as they are.
pub(crate) const READING: &[&str] = &[
    "some",
    "every",
    "includes",
    "has",
    "find",
    "findIndex",
    "indexOf",
    "map",
    "filter",
    "flatMap",
    "forEach",
    "reduce",
    "join",
    "slice",
    "concat",
    "entries",
    "keys",
    "values",
    "items",
    "get",
    "copy",
    "index",
    "count",
];

/// What is added to a collection; put behind what it was made with once all of it is known.
#[derive(Clone, Debug)]
pub(super) enum Grown {
    List(Vec<Item>),
    Map(Vec<Entry>),
}

impl Grown {
    pub(super) fn new(of: &Meaning) -> Self {
        if matches!(of, Meaning::List(_)) { Grown::List(Vec::new()) } else { Grown::Map(Vec::new()) }
    }

    /// What is added further was not followed.
    pub(super) fn is_cut(&mut self) {
        let value = Meaning::Unknown("too much to follow");
        match self {
            Grown::List(items) => items.push(Item { value, optional: true, is_rest: true }),
            Grown::Map(entries) => entries.push(Entry { key: None, value, optional: true }),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Grown::List(items) => items.len(),
            Grown::Map(entries) => entries.len(),
        }
    }

    pub(super) fn joined(self, found: Meaning) -> Meaning {
        match (found, self) {
            (Meaning::List(items), Grown::List(more)) if !more.is_empty() => {
                Meaning::List(items.iter().cloned().chain(more).collect())
            }
            (Meaning::Map(entries), Grown::Map(more)) if !more.is_empty() => {
                Meaning::Map(entries.iter().cloned().chain(more).collect())
            }
            (found, _) => found,
        }
    }
}

impl Flow<'_> {
    pub(super) fn grow_once(&self, place: ValueRef, change: &Change, grown: &mut Grown, frame: &Frame, optional: bool) {
        let (_, method) = self.change_base(place.module, change);
        match grown {
            Grown::List(items) => self.grow_list(place, &method, change.value, items, frame, optional),
            Grown::Map(entries) => self.grow_map(place, &method, change.value, entries, frame, optional),
        }
    }

    fn grow_list(
        &self,
        place: ValueRef,
        method: &str,
        value: Option<ValueId>,
        items: &mut Vec<Item>,
        frame: &Frame,
        optional: bool,
    ) {
        if let Some(function) = self.scopes(place.module).gathered.get(&place.id) {
            let value = Meaning::Function(In { module: place.module, id: *function }, frame.clone(), None);
            return items.push(Item { value, optional, is_rest: false });
        }
        match (method, value) {
            ("append" | "push" | "unshift" | "add" | "insert", None) => {
                let added = self.passed(place, frame).into_iter().skip(usize::from(method == "insert"));
                items.extend(added.map(|one| Item { value: one.value, optional, is_rest: one.is_rest }));
            }
            (APPENDED, None) => {
                let added = self.passed(place, frame).into_iter().skip(1);
                items.extend(added.map(|one| Item { value: one.value, optional, is_rest: one.is_rest }));
            }
            ("extend" | "update", None) => {
                if let Some(more) = self.passed(place, frame).first() {
                    self.add_items(items, self.more_items(&self.force(&more.value), optional));
                }
            }
            _ => {}
        }
    }

    fn take_over(&self, more: &Meaning, entries: &mut Vec<Entry>, optional: bool) {
        match self.force(more) {
            Meaning::Map(more) => {
                let more = more.iter().map(|entry| Entry { optional: entry.optional || optional, ..entry.clone() });
                self.add_entries(entries, more);
            }
            Meaning::Null => {}
            value => entries.push(Entry { key: None, value, optional }),
        }
    }

    fn grow_map(
        &self,
        place: ValueRef,
        method: &str,
        value: Option<ValueId>,
        entries: &mut Vec<Entry>,
        frame: &Frame,
        optional: bool,
    ) {
        let later = |id| Meaning::Later(In { module: place.module, id }, frame.clone());
        match (method, value) {
            ("set", None) => {
                let passed = self.passed(place, frame);
                let [key, value] = &passed[..] else { return };
                let key = text_key(self.force(&key.value));
                entries.push(Entry { key, value: value.value.clone(), optional });
            }
            ("update", None) => {
                let more = self.passed(place, frame).into_iter().next();
                more.into_iter().for_each(|more| self.take_over(&more.value, entries, optional));
            }
            ("assign" | "Copy", None) => {
                let more = self.passed(place, frame).into_iter().skip(1);
                more.for_each(|more| self.take_over(&more.value, entries, optional));
            }
            ("[]", Some(value)) => {
                let ValueKind::Index { key, .. } = self.kind(place) else { return };
                let key = text_key(self.meaning(In { module: place.module, id: *key }, frame));
                entries.push(Entry { key, value: later(value), optional });
            }
            (name, Some(value)) => {
                let key = Some(Key { name: Name::new(name), span: self.span(place) });
                entries.push(Entry { key, value: later(value), optional });
            }
            _ => {}
        }
    }
}

fn text_key(meaning: Meaning) -> Option<Key> {
    match meaning {
        Meaning::Text(name, span) => Some(Key { name, span }),
        _ => None,
    }
}
