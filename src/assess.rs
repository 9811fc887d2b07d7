//! Answers held against frameworks, waivers and configuration → the verdict.

use std::collections::BTreeMap;

use crate::model::{Evidence, Gap, ServerId};
use crate::rules::{Confidence, Severity};
use crate::source::Span;

pub mod findings;
pub mod framework;
pub mod inline;
pub mod item;
pub mod judge;
#[cfg(test)]
mod tests;
pub mod waivers;

pub use framework::{Catalogue, catalogue};
pub use judge::{Inputs, assess};

/// A checklist: its controls in order.
#[derive(Clone, Debug, Default)]
pub struct Framework {
    /// Kebab-case id.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Whether it decides the exit code unless the configuration says otherwise.
    pub gates: bool,
    /// A remark for readers.
    pub note: Option<String>,
    /// In the order of the checklist.
    pub controls: Vec<Control>,
    /// Classes of tools and what each must have.
    pub default_policy: Vec<ClassPolicy>,
    /// What its owners measure.
    pub kpis: Vec<String>,
}

/// What a class of tools must have.
#[derive(Clone, Debug, Default)]
pub struct ClassPolicy {
    /// The class: `read-only`.
    pub class: String,
    /// What it must have.
    pub requires: String,
}

/// A group of items.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Id, unique in its framework.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Controls and items of any framework that must pass for this one to pass.
    pub same_as: Vec<String>,
    /// Its own items.
    pub items: Vec<Item>,
    /// Threats it answers, as other catalogues call them.
    pub threat: Vec<String>,
    /// Readiness controls it belongs to.
    pub readiness: Vec<String>,
}

/// One row of a checklist.
#[derive(Clone, Debug)]
pub struct Item {
    /// Id, unique in its framework.
    pub id: String,
    /// What must be so.
    pub text: String,
    /// What settles it.
    pub proof: Proof,
    /// Checks that witness it.
    pub checks: Vec<String>,
}

/// What settles an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The tree itself.
    Static,
    /// A person's dated statement.
    Attested,
}

/// Result of an item, a control or a framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Every witness held, one at least.
    Pass,
    /// The question does not arise.
    NotApplicable,
    /// Nothing shows it either way, or a gap stands in the way.
    NotAssessed,
    /// A witness failed.
    Fail,
}

impl Outcome {
    /// Name in reports.
    pub fn id(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::NotApplicable => "not-applicable",
            Outcome::NotAssessed => "not-assessed",
        }
    }
}

/// What the whole audit says; it alone decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Exit code 0.
    Pass,
    /// Exit code 1.
    Fail,
    /// Exit code 3.
    Incomplete,
}

impl Verdict {
    /// Name in reports.
    pub fn id(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Incomplete => "incomplete",
        }
    }

    /// Exit code of the process.
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Pass => 0,
            Verdict::Fail => 1,
            Verdict::Incomplete => 3,
        }
    }
}

/// A failing answer, ready to be shown.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Id of the check.
    pub check: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Server it belongs to.
    pub server: Option<ServerId>,
    /// Name of the tool it belongs to.
    pub tool: Option<String>,
    /// Name of the subject.
    pub subject: String,
    /// One sentence: what is so.
    pub message: String,
    /// Where, and by which path.
    pub evidence: Evidence,
    /// SHA-256 of check, path and normalised text: stable when lines move.
    pub fingerprint: String,
    /// Position in [`Assessment::waivers`] of the waiver that covers it.
    pub waiver: Option<usize>,
}

/// An accepted risk, from the configuration or from a comment beside the code.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// Check or item that is waived.
    pub of: String,
    /// Only for this server.
    pub server: Option<String>,
    /// Only for this tool.
    pub tool: Option<String>,
    /// Only under this path (prefix of whole segments, or a file).
    pub path: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Who accepted it.
    pub owner: Option<String>,
    /// Last day on which it counts, `YYYY-MM-DD`.
    pub expires: String,
    /// Where it stands; `None` where it was given outside the audited tree.
    pub span: Option<Span>,
    /// Path of the file it stands in, for people.
    pub file: String,
    /// Line it stands on, from 1.
    pub line: u32,
    /// Whether it stands in a comment and covers the next line of code.
    pub inline: bool,
    /// How many findings it covers.
    pub used: usize,
    /// Whether it had expired on the day of the audit.
    pub expired: bool,
}

/// Result of one item for one server.
#[derive(Clone, Debug)]
pub struct ItemResult {
    /// Id of the item.
    pub id: String,
    /// Its text.
    pub text: String,
    /// The result.
    pub outcome: Outcome,
    /// `static`, `attested`, `waived`.
    pub how: String,
    /// One sentence: what decided.
    pub why: String,
    /// Checks that witness it.
    pub checks: Vec<String>,
    /// What they showed: for a pass where it is enforced, for a fail where it is missing.
    pub evidence: Vec<Evidence>,
}

/// Result of one control for one server.
#[derive(Clone, Debug)]
pub struct ControlResult {
    /// Id of the control.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The worst of its items, own and shared.
    pub outcome: Outcome,
    /// Controls and items it shares, with their outcome.
    pub same_as: Vec<(String, Outcome)>,
    /// Its own items.
    pub items: Vec<ItemResult>,
}

/// Result of one framework for one server.
#[derive(Clone, Debug)]
pub struct FrameworkResult {
    /// Id of the framework.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Whether it decides the exit code in this run.
    pub gates: bool,
    /// The worst of its controls.
    pub outcome: Outcome,
    /// Its controls.
    pub controls: Vec<ControlResult>,
}

/// Everything judged about one server.
#[derive(Clone, Debug)]
pub struct ServerAssessment {
    /// The server.
    pub server: ServerId,
    /// In the order of the frameworks.
    pub frameworks: Vec<FrameworkResult>,
}

/// The answer of an audit.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// Day of the audit, `YYYY-MM-DD`.
    pub date: String,
    /// What it says.
    pub verdict: Verdict,
    /// What decided it: item ids (`H3.1`), `check:ID` for findings over the threshold, `gap:PATH` for gaps.
    pub because: Vec<String>,
    /// By server.
    pub servers: Vec<ServerAssessment>,
    /// Worst first within a server, then by place.
    pub findings: Vec<Finding>,
    /// Every gap; those that block are marked.
    pub gaps: Vec<Gap>,
    /// Every waiver, used or not.
    pub waivers: Vec<Waiver>,
    /// Number of answers by outcome: `holds`, `fails`, `not-applicable`, `unknown`.
    pub answers: BTreeMap<&'static str, usize>,
}

impl Assessment {
    /// Nothing judged: what an inventory shows.
    pub fn unjudged(date: &str, gaps: Vec<Gap>) -> Self {
        Self {
            date: date.to_owned(),
            verdict: Verdict::Incomplete,
            because: Vec::new(),
            servers: Vec::new(),
            findings: Vec::new(),
            gaps,
            waivers: Vec::new(),
            answers: BTreeMap::new(),
        }
    }
}
