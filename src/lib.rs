//! plimsoll: the load line of an MCP server.
//!
//! ```text
//! discover ─▶ load ─▶ extract ─▶ evaluate ─▶ assess ─▶ render
//! paths       documents  facts       answers     assessment   bytes
//!             + code     + gaps
//!             + gaps
//! ```
//!
//! [`audit`] is that flow in one function; [`report::FORMATS`] renders what it returns.

use std::path::PathBuf;

use crate::assess::{Assessment, Verdict};
use crate::discover::{Walk, discover, discover_text};
use crate::load::{Loaded, load};
use crate::mistake::Mistakes;
use crate::model::Facts;
use crate::report::{Input, Report};
use crate::rules::load::UserFile;
use crate::rules::{RuleSet, Severity};

pub mod assess;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod code;
pub mod config;
pub mod discover;
pub mod document;
pub mod embedded;
pub mod extract;
pub mod flow;
pub mod gap;
pub mod git;
pub mod load;
pub mod mistake;
pub mod model;
pub mod reader;
pub mod report;
pub mod rules;
pub mod source;

/// What to audit, and by which rules.
#[derive(Clone, Debug)]
pub struct Request {
    /// Folder or file to read.
    pub root: PathBuf,
    /// One file that is not on disk, by name, instead of `root`.
    pub text: Option<(String, Vec<u8>)>,
    /// The user's own rule files.
    pub rules: Vec<UserFile>,
    /// The configuration file, if there is one.
    pub configuration: Option<Configuration>,
    /// Frameworks that decide, instead of those of the configuration.
    pub frameworks: Vec<String>,
    /// Severity from which a finding alone decides, instead of that of the configuration.
    pub fail_on: Option<Severity>,
    /// Day that expiry dates are compared with, `YYYY-MM-DD`.
    pub today: String,
    /// Whether dependency folders and exclusions are read as well.
    pub read_everything: bool,
    /// Number of threads; one per processor where absent.
    pub threads: Option<usize>,
}

/// A configuration file.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Path for people.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Request {
    /// An audit of a folder or file with nothing else asked for.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            text: None,
            rules: Vec::new(),
            configuration: None,
            frameworks: Vec::new(),
            fail_on: None,
            today: String::new(),
            read_everything: false,
            threads: None,
        }
    }
}

/// Audits a tree: reads it, works out the facts, asks every check, and judges.
///
/// # Errors
/// Where rules, configuration or the root are not what they should be; all mistakes at once. Whatever is odd in the tree
/// itself is a gap in the report.
pub fn audit(request: &Request) -> Result<Report, Mistakes> {
    on_deep_stacks(request.threads, || {
        let rules = rules::load::load(&request.rules)?;
        let loaded = read(request)?;
        let facts = Facts::default();
        let assessment = unjudged(&loaded, &request.today);
        Ok(report(loaded, facts, rules, assessment))
    })
}

/// Reads a tree and works out the facts, without judgement.
///
/// # Errors
/// As [`audit`].
pub fn inventory(request: &Request) -> Result<Report, Mistakes> {
    on_deep_stacks(request.threads, || {
        let rules = rules::load::load(&request.rules)?;
        let loaded = read(request)?;
        let facts = Facts::default();
        let assessment = unjudged(&loaded, &request.today);
        Ok(report(loaded, facts, rules, assessment))
    })
}

/// Runs on threads whose stack is deep enough for whatever nesting the parsers let pass, to its very end.
fn on_deep_stacks<T: Send>(threads: Option<usize>, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(code::limits::STACK).num_threads(threads.unwrap_or(0));
    match pool.build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

fn read(request: &Request) -> Result<Loaded, Mistakes> {
    let walk = Walk { everything: request.read_everything, ..Walk::default() };
    let discovered = match &request.text {
        Some((name, bytes)) => discover_text(name, String::from_utf8_lossy(bytes).into_owned()),
        None => discover(&request.root, &walk).map_err(|error| {
            Mistakes::plain(
                error.to_string(),
                "name a folder or a file that exists; `plimsoll --help` shows the commands",
            )
        })?,
    };
    Ok(load(discovered))
}

fn unjudged(loaded: &Loaded, today: &str) -> Assessment {
    Assessment {
        date: today.to_owned(),
        verdict: Verdict::Incomplete,
        because: Vec::new(),
        servers: Vec::new(),
        findings: Vec::new(),
        gaps: loaded.gaps.clone(),
        waivers: Vec::new(),
        answers: Default::default(),
    }
}

fn report(loaded: Loaded, facts: Facts, rules: RuleSet, assessment: Assessment) -> Report {
    let input = |file: &load::File| Input {
        path: file.path.clone(),
        sha256: loaded.sources.get(file.source).sha256(),
        kind: file.kind.group(),
    };
    let inputs = loaded.files.iter().map(input).collect();
    let git = loaded.git;
    Report {
        inputs,
        sources: loaded.sources,
        facts,
        rules,
        assessment,
        skipped: loaded.skipped,
        revision: git.as_ref().and_then(|git| git.head.clone()),
        remote: git.and_then(|git| git.remote),
    }
}
