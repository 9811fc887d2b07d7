//! Places with sentences.

use crate::source::Span;

/// A place and what it shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The place.
    pub span: Span,
    /// One sentence without a full stop: what is so here.
    pub text: String,
}

impl Note {
    /// A sentence about a place.
    pub fn new(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }
}

/// Why an answer is what it is. It cannot be made without a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// Where to look first.
    pub primary: Note,
    /// The steps of the path, in order; empty where the primary place says it all.
    pub steps: Vec<Note>,
}

impl Evidence {
    /// Evidence of one place.
    pub fn at(span: Span, text: impl Into<String>) -> Self {
        Self { primary: Note::new(span, text), steps: Vec::new() }
    }

    /// The same evidence with a further step.
    pub fn then(mut self, span: Span, text: impl Into<String>) -> Self {
        self.steps.push(Note::new(span, text));
        self
    }
}
