//! Rule files → checks, and checks over facts → answers.

use std::collections::BTreeMap;

use crate::model::{About, Evidence, Gap, SubjectKind};
use crate::rules::logic::Logic;

pub mod evaluate;
pub mod load;
pub mod logic;
pub mod matcher;
pub mod message;
pub mod read;
pub mod read_matcher;
pub mod world;

pub use evaluate::evaluate;
pub use load::{UserFile, load};

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Weakens a control.
    Medium,
    /// A control is missing or broken.
    High,
    /// A caller can do harm now.
    Critical,
}

impl Severity {
    /// Name in rules, reports and on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// How sure a failing answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A person should look.
    Low,
    /// Probably right.
    Medium,
    /// The tree shows it.
    High,
}

impl Confidence {
    /// Name in rules and reports.
    pub fn id(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// One check: what it asks, of what, and what to tell a person.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Kebab-case id; names the fault.
    pub id: String,
    /// Folder under `rules/checks`, or `user` for a user's own.
    pub area: String,
    /// The fault in a few words: `Container runs as root`.
    pub title: String,
    /// The question, answered by yes when all is well.
    pub question: String,
    /// How bad a failing answer is.
    pub severity: Severity,
    /// How sure a failing answer is.
    pub confidence: Confidence,
    /// What it is asked of.
    pub subject: SubjectKind,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// Standards it maps onto: `cwe`, `owasp-llm`, `owasp-mcp`, `owasp-agentic`, `aisvs`, `safe-mcp`, `atlas`, `cis-docker`, …
    pub maps: BTreeMap<String, Vec<String>>,
    /// Links with more about it.
    pub references: Vec<String>,
    /// How it is answered.
    pub logic: Logic,
}

/// What a check answers about one subject.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The control is there, and here.
    Holds(Evidence),
    /// The control is missing or broken, and here.
    Fails(Evidence),
    /// The question does not arise, for this reason.
    NotApplicable(String),
    /// It cannot be known, because of this.
    Unknown(Gap),
}

/// One answer with what it is about.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Position of the rule in its [`RuleSet`].
    pub rule: usize,
    /// The subject: name, place, server and tool.
    pub about: About,
    /// The answer. A failing one's primary sentence is the finding's message.
    pub answer: Answer,
    /// Severity of this answer, where the subject lowers the rule's (a disabled entry).
    pub severity: Severity,
    /// Confidence of this answer.
    pub confidence: Confidence,
}

/// All checks, sorted by id.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// Sorted by id.
    pub rules: Vec<Rule>,
    /// Checks of the catalogue that are not built yet, sorted by id.
    pub planned: Vec<Planned>,
    /// SHA-256 over the rule files, in hexadecimal.
    pub digest: String,
}

impl RuleSet {
    /// Position of a check.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok()
    }

    /// The check of that id, if it is built.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.find(id).map(|at| &self.rules[at])
    }

    /// The planned check of that id.
    pub fn planned(&self, id: &str) -> Option<&Planned> {
        self.planned.iter().find(|planned| planned.id == id)
    }

    /// Whether the id names a check, built or planned.
    pub fn knows(&self, id: &str) -> bool {
        self.find(id).is_some() || self.planned(id).is_some()
    }
}

/// A check that is not built yet: what it would witness is not assessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Kebab-case id.
    pub id: String,
    /// Area it will stand in.
    pub area: String,
    /// How bad a failing answer will be.
    pub severity: Severity,
    /// The fault in a few words.
    pub title: String,
}
