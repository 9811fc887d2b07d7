//! How a value came to where it is.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::Name;
use crate::model::Note;
use crate::source::Span;

/// Most steps that are kept.
const MAX_STEPS: u32 = 64;
/// Most steps that are shown; further ones are left out in the middle of long ways.
const MAX_SHOWN: usize = 24;

/// One step and those before it.
#[derive(Debug, PartialEq, Eq)]
pub struct Trail {
    span: Span,
    text: String,
    before: Option<Rc<Trail>>,
    length: u32,
    /// Whether it went into a statement of SQL.
    is_in_sql: bool,
}

impl Trail {
    /// The first step.
    pub fn start(span: Span, text: impl Into<String>) -> Rc<Self> {
        Rc::new(Self { span, text: text.into(), before: None, length: 1, is_in_sql: false })
    }

    /// The way of one argument.
    pub fn begin(name: &str, span: Span) -> Rc<Self> {
        Self::start(span, format!("argument `{name}` comes from the caller"))
    }

    /// The way of one of several arguments, where it has only begun.
    pub fn of_argument(self: &Rc<Self>, name: &str) -> Rc<Self> {
        if self.before.is_some() { self.clone() } else { Self::begin(name, self.span) }
    }

    /// The same way, begun at another place where it has only begun.
    pub fn begun_at(self: &Rc<Self>, span: Span) -> Rc<Self> {
        if self.before.is_some() { self.clone() } else { Self::start(span, self.text.clone()) }
    }

    /// The same way with a further step; a step at the place of the last one is left out.
    pub fn then(self: &Rc<Self>, span: Span, text: &str) -> Rc<Self> {
        if self.span == span || self.length >= MAX_STEPS || self.has_step(span, text) {
            return self.clone();
        }
        Rc::new(Self {
            span,
            text: text.to_string(),
            before: Some(self.clone()),
            length: self.length + 1,
            is_in_sql: self.is_in_sql,
        })
    }

    /// The same way, into a statement of SQL.
    pub fn in_sql(self: &Rc<Self>) -> Rc<Self> {
        let (span, text, before) = (self.span, self.text.clone(), self.before.clone());
        Rc::new(Self { span, text, before, length: self.length, is_in_sql: true })
    }

    /// Whether it went into a statement of SQL, unguarded.
    pub fn is_in_sql(&self) -> bool {
        self.is_in_sql
    }

    /// Whether the same step is among the latest, as when a loop is walked again.
    fn has_step(&self, span: Span, text: &str) -> bool {
        let mut at = self.before.as_deref();
        for _ in 0..8 {
            let Some(trail) = at else { return false };
            if trail.span == span && trail.text == text {
                return true;
            }
            at = trail.before.as_deref();
        }
        false
    }

    /// The steps, first one first.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut at = Some(self);
        while let Some(trail) = at {
            notes.push(Note::new(trail.span, trail.text.clone()));
            at = trail.before.as_deref();
        }
        notes.reverse();
        if notes.len() > MAX_SHOWN {
            notes.drain(MAX_SHOWN / 2..notes.len() - MAX_SHOWN / 2);
        }
        notes
    }
}

/// Takes further arguments over, each with its way; one into a statement of SQL counts for more.
pub(crate) fn take_ways(carries: &mut BTreeMap<Name, Rc<Trail>>, more: &BTreeMap<Name, Rc<Trail>>) {
    for (name, trail) in more {
        let known = carries.entry(name.clone()).or_insert_with(|| trail.clone());
        if trail.is_in_sql() && !known.is_in_sql() {
            *known = trail.clone();
        }
    }
}
