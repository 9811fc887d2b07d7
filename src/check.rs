//! Named predicates: questions that a rule file cannot put.

use crate::model::{Evidence, Field, Gap, Note, SubjectKind};
use crate::rules::logic::{Param, Params};
use crate::rules::message::in_words;
use crate::rules::world::{Asked, World};
use crate::rules::{Answer, Rule};
use crate::source::Span;

pub mod advisory;
pub mod arrival;
pub mod boundary;
pub mod capability;
pub mod claim;
pub mod confined;
pub mod egress;
pub mod encoded;
pub mod known_packages;
pub mod launcher;
pub mod listener;
pub mod lock;
pub mod logged;
pub mod metadata;
pub mod mode;
pub mod unseen;
pub mod within;
pub mod wording;

/// A predicate: its name in rule files, what it can be asked of, what it takes, and its code.
#[derive(Debug)]
pub struct Predicate {
    /// Name in rule files.
    pub name: &'static str,
    /// Kinds of subjects that it can be asked of.
    pub subjects: &'static [SubjectKind],
    /// Its parameters; all of them must be given.
    pub params: &'static [(&'static str, ParamKind)],
    /// Holes beyond the subject's fields that it fills in messages.
    pub holes: &'static [&'static str],
    /// Its code.
    pub ask: fn(&Question<'_>) -> Answer,
}

/// Type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// A truth value.
    Flag,
    /// A number.
    Number,
    /// Text.
    Text,
    /// Several texts.
    Texts,
}

/// Every predicate.
pub const PREDICATES: &[&Predicate] = &[
    &advisory::VERSION,
    &confined::BOUNDED,
    &confined::KEPT_IN,
    &egress::DOCUMENTED,
    &boundary::SAME_SCHEMA,
    &boundary::VALID,
    &claim::KEPT,
    &arrival::GUARDED,
    &capability::NEEDED,
    &known_packages::UNMISTAKABLE,
    &launcher::PROTECTED,
    &listener::AUTHENTICATED,
    &listener::HOST,
    &logged::TAKEN_OUT,
    &lock::PRESENT,
    &lock::SAME,
    &metadata::ENCODED,
    &metadata::LENGTH,
    &metadata::LOOK_ALIKE,
    &metadata::UNIQUE,
    &metadata::UNSEEN,
    &metadata::WORDING,
    &mode::APART,
    &within::WITHIN,
];

/// The predicate of that name.
pub fn named(name: &str) -> Option<&'static Predicate> {
    PREDICATES.iter().copied().find(|predicate| predicate.name == name)
}

/// One check asked of one subject.
pub struct Question<'a> {
    /// The check.
    pub rule: &'a Rule,
    /// The subject and its owner.
    pub asked: Asked<'a>,
    /// Every other fact.
    pub world: &'a World<'a>,
    /// Parameters from the rule file.
    pub params: &'a Params,
}

impl Question<'_> {
    /// A failing answer at a place, with the rule's message; `extra` fills holes that are no fields.
    pub fn fails(&self, span: Span, extra: &[(&str, &str)], steps: Vec<Note>) -> Answer {
        let text = self.rule.logic.message.fill(|hole| self.value(hole, extra));
        Answer::Fails(Evidence { primary: Note::new(span, text), steps })
    }

    /// A holding answer at a place, with the rule's sentence for it.
    pub fn holds(&self, span: Span, extra: &[(&str, &str)], steps: Vec<Note>) -> Answer {
        let text = self.rule.logic.passes.fill(|hole| self.value(hole, extra));
        Answer::Holds(Evidence { primary: Note::new(span, text), steps })
    }

    /// An answer that cannot be known.
    pub fn unknown(&self, gap: Gap) -> Answer {
        Answer::Unknown(self.world.placed(gap))
    }

    /// Texts of a parameter.
    pub fn texts(&self, name: &str) -> &[String] {
        match self.params.get(name) {
            Some(Param::Texts(texts)) => texts,
            _ => &[],
        }
    }

    /// Value of a hole: extra, owner or field.
    pub fn value(&self, hole: &str, extra: &[(&str, &str)]) -> String {
        if let Some((_, value)) = extra.iter().find(|(name, _)| *name == hole) {
            return (*value).to_string();
        }
        match (hole, self.asked.server, self.asked.tool) {
            ("server", Some(server), _) => self.world.facts.server(server).about.name.clone(),
            ("tool", _, Some(tool)) => self.world.facts.tool(tool).about.name.clone(),
            _ => self.asked.subject.field(hole).as_ref().map_or_else(String::new, in_words),
        }
    }
}

/// Places of the fields named, the first that has one; else the subject's own.
pub fn place(asked: Asked<'_>, fields: &[String]) -> Span {
    let shown = fields.iter().find_map(|name| asked.subject.field(name).as_ref().and_then(Field::span));
    shown.unwrap_or(asked.subject.about().span)
}
