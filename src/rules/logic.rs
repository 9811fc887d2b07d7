//! How a check is answered, as its rule file says.

use std::collections::BTreeMap;

use crate::check::Predicate;
use crate::model::SubjectKind;
use crate::rules::matcher::Matcher;
use crate::rules::message::Template;

/// The answering half of a rule.
#[derive(Clone, Debug, Default)]
pub struct Logic {
    /// To which subjects the question applies.
    pub applies: Option<Applies>,
    /// The question itself.
    pub ask: Ask,
    /// Fields whose place is the primary evidence, the first that has one; else the subject's own.
    pub show: Vec<String>,
    /// Whether the first related fact that decided is the primary evidence.
    pub show_related: bool,
    /// What a failing answer says.
    pub message: Template,
    /// What a holding answer says.
    pub passes: Template,
    /// When a failing answer is only of low severity.
    pub lowered_when: Option<Matcher>,
    /// What is answered for a server that has no such subject.
    pub when_none: Option<WhenNone>,
}

/// To which subjects a question applies.
#[derive(Clone, Debug)]
pub struct Applies {
    /// It applies where this is so.
    pub matcher: Matcher,
    /// Why it does not apply elsewhere.
    pub unless: Template,
}

/// The question of a check.
#[derive(Clone, Debug)]
pub enum Ask {
    /// It holds where this is so.
    Holds(Matcher),
    /// A predicate in code answers.
    Named(&'static Predicate, Params),
    /// Assessment itself answers: waivers, attestations, the lock.
    Assessment,
}

impl Default for Ask {
    /// Nothing holds where nothing is asked.
    fn default() -> Self {
        Ask::Holds(Matcher::Any(Vec::new()))
    }
}

/// Parameters of a predicate.
pub type Params = BTreeMap<String, Param>;

/// One parameter of a predicate.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// A truth value.
    Flag(bool),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
}

/// What is answered for a server without subjects of the kind.
#[derive(Clone, Debug)]
pub struct WhenNone {
    /// Whether the question holds then; otherwise it does not apply.
    pub holds: bool,
    /// Why.
    pub because: String,
    /// Only where the server has a fact of this kind.
    pub needs: Option<SubjectKind>,
}
