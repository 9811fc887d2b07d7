//! What an audit found → bytes, one file per format.

use std::io::{self, Write};

use crate::assess::Assessment;
pub use crate::discover::Skipped;
use crate::load::Loaded;
use crate::model::Facts;
use crate::report::streamed::Lines;
use crate::rules::{Answered, Rule, RuleSet};
use crate::source::Sources;

pub mod convert;
pub mod frame;
pub mod human;
pub mod inventory;
pub mod items;
pub mod json;
pub mod json_confinement;
pub mod json_offer;
pub mod json_tool;
pub mod json_types;
pub mod line_hash;
pub mod sarif;
pub mod sarif_types;
pub mod streamed;
pub mod table;
pub mod text;
pub mod veil;

/// Everything a format may see.
#[derive(Debug)]
pub struct Report {
    /// All text that was read.
    pub sources: Sources,
    /// The facts.
    pub facts: Facts,
    /// The checks that were asked.
    pub rules: RuleSet,
    /// What was judged.
    pub assessment: Assessment,
    /// Files that were read, in path order.
    pub inputs: Vec<Input>,
    /// Paths that were left out, with the reason, in path order.
    pub skipped: Vec<Skipped>,
    /// The audited root relative to the top of its checkout; empty where it is the top, or where there is none.
    pub prefix: String,
    /// Commit that is checked out, in hexadecimal.
    pub revision: Option<String>,
    /// Address of the remote repository, without credentials.
    pub remote: Option<String>,
    /// What hides the credentials of the tree; its texts are hidden already.
    pub veil: veil::Veil,
    /// What nobody asks for any more.
    pub remains: Remains,
}

/// What the result was made of. It goes with the result, so that who ends with that need not wait for either.
#[derive(Debug, Default)]
pub struct Remains {
    /// Documents and code.
    pub loaded: Loaded,
    /// The answers of all checks.
    pub answered: Vec<Answered>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Path relative to the root.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// `source`, `definition`, `boundary`, `manifest`, `evidence`.
    pub kind: &'static str,
}

impl Report {
    /// The check of that id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.rules.iter().find(|rule| rule.id == id)
    }

    /// SHA-256 over the paths and digests of all inputs, in hexadecimal.
    pub fn digest(&self) -> String {
        use sha2::Digest;
        let mut hash = sha2::Sha256::new();
        for input in &self.inputs {
            hash.update(format!("{}  {}\n", input.sha256, input.path));
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Where a report is going to be read.
#[derive(Clone, Debug)]
pub struct View {
    /// Columns of the terminal, or of a page.
    pub width: usize,
    /// Whether colours are wanted.
    pub color: bool,
    /// Address of the audited root with a slash at the end, where places may become links.
    pub links: Option<String>,
    /// Whether to show what passed and what was skipped as well.
    pub verbose: bool,
    /// Whether to show only the line that decides.
    pub quiet: bool,
}

impl Default for View {
    fn default() -> Self {
        Self { width: 100, color: false, links: None, verbose: false, quiet: false }
    }
}

/// One output format.
pub trait Renderer: Sync {
    /// The whole report as text, with a line break at the end.
    fn render(&self, report: &Report, view: &View) -> String;

    /// Writes the same, piece by piece where a format can.
    ///
    /// # Errors
    /// Those of what is written to.
    fn write(&self, report: &Report, view: &View, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.render(report, view).as_bytes())
    }
}

/// A row of [`FORMATS`].
pub struct Format {
    /// Name on the command line.
    pub id: &'static str,
    /// What it is for, in one clause.
    pub summary: &'static str,
    /// Renders an audit.
    pub renderer: &'static dyn Renderer,
    /// Whether it is for programs, which want no colours.
    pub is_plain: bool,
}

impl Format {
    /// The whole report in this format, with no credential of the tree in it.
    pub fn render(&self, report: &Report, view: &View) -> String {
        report.veil.over(self.renderer.render(report, view))
    }

    /// Writes the same as [`Format::render`] gives.
    ///
    /// # Errors
    /// Those of what is written to.
    pub fn write(&self, report: &Report, view: &View, out: &mut dyn Write) -> io::Result<()> {
        match report.veil.is_of_lines() {
            true => {
                let mut lines = Lines::new(out, |text| report.veil.cast(text));
                self.renderer.write(report, view, &mut lines)?;
                lines.finish()
            }
            false => out.write_all(self.render(report, view).as_bytes()),
        }
    }
}

/// Every format of an audit, in the order shown to people.
pub const FORMATS: &[Format] = &[
    Format {
        id: "human",
        summary: "code frames, evidence paths and the item table",
        renderer: &human::Human,
        is_plain: false,
    },
    Format {
        id: "table",
        summary: "one line per finding and item, for logs and agents",
        renderer: &table::Table,
        is_plain: false,
    },
    Format { id: "json", summary: "the whole result, plimsoll/report/v1", renderer: &json::Json, is_plain: true },
    Format { id: "sarif", summary: "SARIF 2.1.0 for code scanning", renderer: &sarif::Sarif, is_plain: true },
];

/// The format of that name.
pub fn format(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

#[cfg(test)]
pub mod sample;
