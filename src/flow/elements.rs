//! Calls of a function for each element of a collection, and loops, looked at again at one element.

use std::rc::Rc;

use crate::code::{ClassField, ClassKind, Clause, Language, Name, ValueKind};
use crate::flow::fold::MAX_CALLS;
use crate::flow::meaning::{Entry, Frame, Item, Key, Meaning, Passed, UNKNOWN_ELEMENT, Within, levels, push, value_in};
use crate::flow::{ClassRef, Flow, Open, ValueRef};

/// Most elements that a function gathers.
const MAX_GATHERED: usize = 256;

impl Flow<'_> {
    /// The element that a loop is at, or each of them.
    pub(super) fn element(&self, over: ValueRef, frame: &Frame) -> Meaning {
        for level in levels(frame) {
            if let Within::Turn(at, element, _) = level
                && *at == over
            {
                return self.force(element);
            }
        }
        self.left_open(Open::Turn(over));
        match self.turns_over(over, frame) {
            Some(items) if items.iter().all(|item| !item.is_rest) && items.len() <= 256 => {
                Meaning::Each(items.into_iter().map(|item| item.value).collect())
            }
            Some(_) => Meaning::Unknown(UNKNOWN_ELEMENT),
            None => match self.meaning(over, frame) {
                given @ (Meaning::Made(_) | Meaning::Member(..)) => Meaning::Member(Rc::new(given), Name::new("[]")),
                _ => Meaning::Unknown(UNKNOWN_ELEMENT),
            },
        }
    }

    /// What a function is given that is called for each element.
    pub(super) fn of_element(&self, collection: &Meaning, item: &Item) -> Vec<Passed> {
        let pairs = matches!(collection, Meaning::Map(_));
        let element = match (item.is_rest, pairs) {
            (true, _) => Meaning::Unknown(UNKNOWN_ELEMENT),
            (false, true) => self.member(collection, &item.value.text().cloned().unwrap_or_default()),
            (false, false) => item.value.clone(),
        };
        let key = pairs.then(|| item.value.clone());
        [element].into_iter().chain(key).map(|value| Passed { name: None, value, is_rest: false }).collect()
    }

    /// `next(all, default)`: the first element that is there, or the default.
    pub(super) fn next_of(&self, arguments: &[Passed]) -> Option<Meaning> {
        let (all, default) = (self.force(&arguments.first()?.value), arguments.get(1));
        let items = self.items(&all).filter(|items| !items.iter().any(|item| item.is_rest))?;
        let sure = items.iter().position(|item| !item.optional);
        let mut possible: Vec<Meaning> =
            items.iter().take(sure.map_or(items.len(), |at| at + 1)).map(|item| self.force(&item.value)).collect();
        if sure.is_none() {
            possible.extend(default.map(|default| self.force(&default.value)));
        }
        Some(Meaning::any(possible))
    }

    /// `list.reduce((all, one) => …, first)` that gathers in a collection.
    pub(super) fn reduced(&self, at: ValueRef, items: &[Item], arguments: &[Passed]) -> Option<Meaning> {
        let [by, first] = arguments else { return None };
        let Meaning::Function(function, captured, this) = self.force(&by.value) else { return None };
        let mut all = self.force(&first.value);
        if items.len() > MAX_GATHERED {
            return None;
        }
        for item in items {
            let one = if item.is_rest { Meaning::Unknown(UNKNOWN_ELEMENT) } else { item.value.clone() };
            let given = [all.clone(), one].map(|value| Passed { name: None, value, is_rest: false });
            let next = self.returned(function, given.into(), this.clone(), Some(at), &captured);
            all = match (next, item.optional) {
                (next @ (Meaning::Map(_) | Meaning::List(_)), false) => next,
                _ => return None,
            };
        }
        matches!(all, Meaning::Map(_) | Meaning::List(_)).then_some(all)
    }

    /// `make([]T, 0, …)` of Go.
    pub(super) fn empty_slice(&self, at: ValueRef, arguments: &[Passed]) -> Option<Meaning> {
        let [kind, length, ..] = arguments else { return None };
        let Meaning::Later(kind, _) = &kind.value else { return None };
        let is_slice =
            self.module(at).language == Language::Go && self.sources.slice(self.span(*kind)).starts_with("[]");
        (is_slice && matches!(self.force(&length.value), Meaning::Int(0))).then(|| Meaning::List([].into()))
    }

    /// The members of an enumeration of texts, by name.
    pub(super) fn entries_of_enum(&self, class: ClassRef) -> Option<Vec<Entry>> {
        let code = self.class(class);
        if code.kind != ClassKind::Enum {
            return None;
        }
        let entry = |field: &ClassField| match self.member(&Meaning::Class(class), &field.name) {
            value @ Meaning::Text(_, span) => {
                let key = Some(Key { name: field.name.clone(), span });
                Some(Entry { key, value, optional: false })
            }
            _ => None,
        };
        code.fields.iter().map(entry).collect()
    }

    /// `append(all, v)` of Go: what the slice holds, and more.
    pub(super) fn appended(&self, at: ValueRef, arguments: &[Passed]) -> Option<Meaning> {
        let (first, more) = arguments.split_first().filter(|_| self.module(at).language == Language::Go)?;
        let mut all = match self.force(&first.value) {
            Meaning::Null => Vec::new(),
            held => self.items(&held)?,
        };
        let more = more.iter().map(|one| Item { value: one.value.clone(), optional: false, is_rest: one.is_rest });
        self.add_items(&mut all, more);
        Some(Meaning::List(all.into()))
    }

    /// Whether a comprehension leaves an element out, whose turn this is.
    pub(super) fn is_left_out(&self, over: ValueRef, clause: &Clause, turn: &Frame) -> bool {
        clause.conditions.iter().any(|test| self.holds(value_in(over.module, *test), turn) == Some(false))
    }

    /// What a call inside a frame passes to the function that it calls: where it calls one for each element, the element
    /// that the frame is at.
    pub fn passed_on(&self, call: ValueRef, frame: &Frame) -> Vec<Passed> {
        let of = |id| value_in(call.module, id);
        if let ValueKind::Call(code) = self.kind(call)
            && let ValueKind::Field { base, .. } = self.kind(of(code.callee))
            && let Some(level) = frame
            && let Within::Turn(over, _, position) = &level.entry
            && *over == of(*base)
        {
            let (collection, _) = self.asking(|| self.meaning(*over, &level.parent));
            let (items, _) = self.asking(|| self.items(&collection));
            return items
                .and_then(|items| Some(self.of_element(&collection, items.get(*position)?)))
                .unwrap_or_default();
        }
        self.asking(|| self.passed(call, frame)).0
    }

    /// One more level of a frame: a loop, or a call for each element, at the element of a position.
    pub fn at_element(&self, over: ValueRef, position: usize, frame: &Frame) -> Frame {
        let (items, _) = self.asking(|| self.turns_over(over, frame));
        let found = items.and_then(|items| items.into_iter().nth(position)).filter(|item| !item.is_rest);
        let element = found.map_or(Meaning::Unknown(UNKNOWN_ELEMENT), |item| item.value);
        push(frame, Within::Turn(over, element, position))
    }

    /// What a function gives that is called for one element.
    pub fn applied_to(&self, at: ValueRef, callee: Option<Meaning>, element: Meaning) -> Meaning {
        match callee {
            Some(Meaning::Function(function, captured, this)) => {
                let arguments = vec![Passed { name: None, value: element, is_rest: false }];
                self.returned(function, arguments, this, Some(at), &captured)
            }
            _ => Meaning::Unknown("made by a function that is not known"),
        }
    }

    /// As [`Flow::applied_to`], looked at only when somebody asks: for functions that end in one place.
    pub(super) fn applied_later(&self, at: ValueRef, callee: Option<Meaning>, element: &Meaning) -> Option<Meaning> {
        let Some(Meaning::Function(function, captured, this)) = callee else { return None };
        let is_again =
            levels(&captured).any(|level| matches!(level, Within::Call { function: other, .. } if *other == function));
        let [end] = &self.scopes(function.module).returns[function.id.index()][..] else { return None };
        if is_again || captured.as_ref().map_or(0, |level| level.depth) >= MAX_CALLS {
            return None;
        }
        let arguments = vec![Passed { name: None, value: element.clone(), is_rest: false }];
        let frame = push(&captured, Within::Call { function, arguments, this, at: Some(at) });
        Some(Meaning::Later(value_in(function.module, *end), frame))
    }
}
