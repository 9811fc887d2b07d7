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

use rayon::prelude::*;

use crate::assess::{Assessment, Catalogue, Inputs};
use crate::code::limits::on_deep_stack;
use crate::config::Config;
use crate::discover::{Discovered, Exclusion, Walk, discover_all, discover_text};
use crate::load::{Loaded, load};
use crate::mistake::Mistakes;
use crate::model::Facts;
use crate::report::veil::Veil;
use crate::report::{Input, Remains, Report};
use crate::rules::load::UserFile;
use crate::rules::{RuleSet, Severity};
use crate::source::Span;

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
pub mod fix;
pub mod flow;
pub mod gap;
pub mod git;
pub mod load;
pub mod lock;
pub mod mistake;
pub mod model;
mod published;
pub mod reader;
pub mod report;
pub mod rules;
pub mod source;
pub mod taint;

/// What to audit, and by which rules.
#[derive(Clone, Debug)]
pub struct Request {
    /// Folders and files to read; several are parts of one tree.
    pub roots: Vec<PathBuf>,
    /// One file that is not on disk, by name, instead of `roots`.
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
            roots: vec![root.into()],
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
    on_deep_stack(request.threads, || {
        let (catalogue, config, loaded) = prepared(request)?;
        let mut facts = extract::extract(&loaded);
        config.mark_approved(&mut facts);
        lock::mark(&loaded, &mut facts);
        let answered = rules::evaluate(&catalogue.rules, &facts, &loaded.sources);
        let assessment = assess::assess(
            &answered,
            &Inputs {
                catalogue: &catalogue,
                facts: &facts,
                sources: &loaded.sources,
                comments: &comments(&loaded),
                config: &config,
                today: &request.today,
            },
        );
        let mut report = report(loaded, facts, catalogue.rules, assessment);
        report.remains.answered = answered;
        Ok(report)
    })
}

/// Reads a tree and works out the facts, without judgement.
///
/// # Errors
/// As [`audit`].
pub fn inventory(request: &Request) -> Result<Report, Mistakes> {
    on_deep_stack(request.threads, || {
        let (catalogue, _, loaded) = prepared(request)?;
        let facts = extract::extract(&loaded);
        let assessment = Assessment::unjudged(&request.today, facts.gaps.clone());
        Ok(report(loaded, facts, catalogue.rules, assessment))
    })
}

/// Works out the fixes of a tree, each proved on a copy in memory; nothing is written here.
///
/// # Errors
/// As [`audit`].
pub fn fix(request: &Request, purpose: fix::Purpose) -> Result<fix::Fixes, Mistakes> {
    on_deep_stack(request.threads, || {
        let catalogue = assess::catalogue(&request.rules)?;
        let config = configured(request, &catalogue)?;
        let judge = |discovered: Discovered| {
            let loaded = load(discovered);
            let mut facts = extract::extract(&loaded);
            config.mark_approved(&mut facts);
            lock::mark(&loaded, &mut facts);
            let answered = rules::evaluate(&catalogue.rules, &facts, &loaded.sources);
            fix::Judged { loaded, facts, answered }
        };
        let pin = |entry: &config::ApprovedServer| {
            Some((entry.name.clone(), entry.digest.clone().or(entry.version.clone())?))
        };
        let pins = config.registry.iter().filter_map(pin).collect();
        Ok(fix::offer(discovered(request, &config)?, &catalogue.rules, &pins, purpose, &judge))
    })
}

/// Pins every tool of a tree, with what has changed since its lock. `approver` approves all that has changed.
///
/// # Errors
/// As [`audit`], and where the lock that is there cannot be read.
pub fn lock(request: &Request, approver: Option<&str>) -> Result<lock::Renewal, Mistakes> {
    on_deep_stack(request.threads, || {
        let (_, _, loaded) = prepared(request)?;
        let facts = extract::extract(&loaded);
        lock::renew(loaded, &facts, approver.map(|name| (name, request.today.as_str())))
    })
}

/// The checks, the configuration, and the tree. Where nobody has rules or settings of their own, nothing in them
/// can be wrong or leave files out, and the tree is read while ours are.
fn prepared(request: &Request) -> Result<(Catalogue, Config, Loaded), Mistakes> {
    let is_plain = request.rules.is_empty() && request.frameworks.is_empty() && request.configuration.is_none();
    let early = || is_plain.then(|| read(request, &Config::default()));
    let (catalogue, early) = rayon::join(|| assess::catalogue(&request.rules), early);
    let catalogue = catalogue?;
    let config = configured(request, &catalogue)?;
    let loaded = early.unwrap_or_else(|| read(request, &config))?;
    Ok((catalogue, config, loaded))
}

/// The configuration with what the request overrides.
fn configured(request: &Request, catalogue: &Catalogue) -> Result<Config, Mistakes> {
    let ids = catalogue.ids();
    let mut config = match &request.configuration {
        Some(file) => config::load(&file.path, &file.text, &ids)?,
        None => Config::default(),
    };
    if let Some(unknown) = request.frameworks.iter().find(|id| !ids.frameworks.contains(&id.as_str())) {
        let help = format!("known are {}", ids.frameworks.join(", "));
        return Err(Mistakes::plain(format!("there is no framework `{unknown}`"), help));
    }
    if !request.frameworks.is_empty() {
        config.frameworks = Some(request.frameworks.clone());
    }
    config.fail_on = request.fail_on.or(config.fail_on);
    Ok(config)
}

fn read(request: &Request, config: &Config) -> Result<Loaded, Mistakes> {
    discovered(request, config).map(load)
}

fn discovered(request: &Request, config: &Config) -> Result<Discovered, Mistakes> {
    if let Some((name, bytes)) = &request.text {
        let text = String::from_utf8(bytes.clone()).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Mistakes::plain(format!("`{name}` is not valid UTF-8 at byte {at}"), "plimsoll reads text")
        })?;
        return Ok(discover_text(name, text));
    }
    let exclusion = |one: &config::Excluded| Exclusion { pattern: one.path.clone(), reason: one.reason.clone() };
    let exclude = if request.read_everything { Vec::new() } else { config.exclude.iter().map(exclusion).collect() };
    let walk = Walk { exclude, everything: request.read_everything, ..Walk::default() };
    discover_all(&request.roots, &walk).map_err(|error| {
        Mistakes::plain(error.to_string(), "name a folder or a file that exists; `plimsoll --help` shows the commands")
    })
}

/// Places of all comments, in documents and code.
fn comments(loaded: &Loaded) -> Vec<Span> {
    let documents = loaded.documents.iter().flat_map(|document| &document.comments);
    documents.chain(loaded.program.modules.iter().flat_map(|module| &module.comments)).copied().collect()
}

fn report(mut loaded: Loaded, facts: Facts, rules: RuleSet, mut assessment: Assessment) -> Report {
    let input = |file: &load::File| Input {
        path: file.path.clone(),
        sha256: loaded.sources.get(file.source).sha256(),
        kind: file.kind.group(),
    };
    let inputs = loaded.files.iter().map(input).collect();
    let veil = Veil::drawn(&mut loaded.sources, &facts);
    // What is cut to the width of a page must not be cut within a credential.
    assessment.findings.par_iter_mut().for_each(|finding| {
        finding.message = veil.over(std::mem::take(&mut finding.message));
        finding.subject = veil.over(std::mem::take(&mut finding.subject));
    });
    let git = loaded.git.take();
    let (sources, skipped) = (std::mem::take(&mut loaded.sources), std::mem::take(&mut loaded.skipped));
    Report {
        remains: Remains { loaded, answered: Vec::new() },
        inputs,
        veil,
        sources,
        facts,
        rules,
        assessment,
        skipped,
        prefix: git.as_ref().map(|git| git.prefix.clone()).unwrap_or_default(),
        revision: git.as_ref().and_then(|git| git.head.clone()),
        remote: git.and_then(|git| git.remote),
    }
}
