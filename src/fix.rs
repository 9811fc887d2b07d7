//! `plimsoll fix`: changes that can only tighten, each proved on a copy in memory before it is made or offered.
//!
//! A fix is offered when the tree with it, and with all those offered before, no longer has its finding, has no new
//! one, and knows no less. Everything outside of the edited words stays as it is, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use sha2::Digest;

use crate::discover::{Discovered, Found};
use crate::load::Loaded;
use crate::model::{Facts, Known};
use crate::report::text::{count, escape};
use crate::report::veil::held;
use crate::rules::{Answer, Answered, RuleSet};
use crate::source::{SourceId, Span};

pub mod diff;
mod edit;
mod images;
mod json;
mod kubernetes;
mod launches;
mod manifest;
mod pins;
mod propose;
mod yaml;

pub use edit::Edit;

/// Most fixes that are tried in one run; each is an audit.
const MOST: usize = 400;

/// A tree and everything that was answered about it.
pub struct Judged {
    /// The files.
    pub loaded: Loaded,
    /// What they say.
    pub facts: Facts,
    /// The answers of all checks.
    pub answered: Vec<Answered>,
}

/// A change to one file that closes one finding.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// What it does, as a clause.
    pub says: String,
    /// The edits, all in one file.
    pub edits: Vec<Edit>,
}

/// What the fixes are worked out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be written into the files.
    Write,
    /// To be shown as a diff, in which no secret may appear.
    Show,
}

/// A file before and after its fixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// As it was read.
    pub before: String,
    /// With everything that is offered.
    pub after: String,
}

/// A finding and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The check.
    pub check: String,
    /// Name of what it found fault with.
    pub subject: String,
    /// Where, before the fix.
    pub place: String,
    /// What the fix does; else why there is none.
    pub says: String,
    /// Whether it is offered.
    pub offered: bool,
}

/// What is offered, and the diff that does it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixes {
    /// Findings that could have a fix, in the order tried.
    pub tried: Vec<Tried>,
    /// The unified diff of all fixes offered; empty where they are to be written.
    pub diff: String,
    /// The files that they change, by path.
    pub changes: BTreeMap<String, Change>,
}

impl Fixes {
    /// The diff, with what it does and what has no fix before it, each line a comment to `patch` and `git apply`.
    pub fn offered(&self) -> String {
        let tried = count(self.tried.len(), "finding");
        let told = self.lines("# fix", "# no fix");
        let offered = self.count();
        format!("{told}# {tried} could have a fix, {offered} proved to close without opening another\n{}", self.diff)
    }

    /// What was written, and what has no fix.
    pub fn written(&self) -> String {
        let tried = count(self.tried.len(), "finding");
        let files = count(self.changes.len(), "file");
        let told = self.lines("fixed", "not fixed");
        format!("{told}{tried} could have a fix, {} closed by changes to {files}\n", self.count())
    }

    fn count(&self) -> usize {
        self.tried.iter().filter(|one| one.offered).count()
    }

    fn lines(&self, done: &str, refused: &str) -> String {
        let line = |one: &Tried| {
            let word = if one.offered { done } else { refused };
            let text = format!("{} of {} ({}): {}", one.check, one.subject, one.place, one.says);
            format!("{word}: {}\n", escape(&text).replace('\n', " "))
        };
        let (offered, others): (Vec<&Tried>, Vec<&Tried>) = self.tried.iter().partition(|one| one.offered);
        offered.into_iter().chain(others).map(line).collect()
    }
}

/// A failing or unknown answer, without its place: what must not appear by a fix.
type Key = (String, String, String, Option<u32>);

/// Works out the fixes of a tree. `judge` answers every check about a tree in memory; `pins` are versions and digests
/// that the configuration knows.
pub fn offer(
    discovered: Discovered,
    rules: &RuleSet,
    pins: &BTreeMap<String, String>,
    purpose: Purpose,
    judge: &dyn Fn(Discovered) -> Judged,
) -> Fixes {
    let original: BTreeMap<String, String> =
        discovered.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
    let mut tree = discovered;
    let mut current = judge(copy(&tree, None));
    let secret = secret_lines(&current);
    let mut fixes = Fixes::default();
    let mut refused: BTreeMap<propose::Key, usize> = BTreeMap::new();
    while fixes.tried.len() < MOST {
        let next = propose::next(&current, rules, pins, &refused);
        let Some((key, tried, proposal)) = next else { break };
        let outcome = proposal.and_then(|proposal| {
            let (path, text) = edited(&current, &proposal)?;
            let changed = copy(&tree, Some((&path, &text)));
            let after = judge(copy(&changed, None));
            proved(&current, &after, rules, &tried)?;
            let shown = match purpose {
                Purpose::Write => Ok(String::new()),
                Purpose::Show => diff::unified(&original, &texts(&changed), &secret),
            };
            let diff = shown.map_err(|why| {
                let text = current.loaded.sources.get(proposal.edits[0].source).text();
                let command = edit::as_command(text, &proposal.edits, &path);
                let command = command.map_or(String::new(), |command| format!("; proved, and done by: {command}"));
                format!("it {}, but {why}{command}", proposal.says)
            })?;
            Ok((proposal.says, changed, after, diff))
        });
        match outcome {
            Ok((says, changed, after, diff)) => {
                (tree, current, fixes.diff) = (changed, after, diff);
                fixes.tried.push(Tried { says, offered: true, ..tried });
            }
            Err(why) => {
                *refused.entry(key).or_default() += 1;
                fixes.tried.push(Tried { says: why, offered: false, ..tried });
            }
        }
    }
    fixes.changes = changes(&original, &texts(&tree));
    fixes
}

fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> BTreeMap<String, Change> {
    let changed = before.iter().filter_map(|(path, before)| {
        let after = after.get(path).filter(|after| *after != before)?;
        Some((path.clone(), Change { before: before.clone(), after: after.clone() }))
    });
    changed.collect()
}

fn texts(tree: &Discovered) -> BTreeMap<String, String> {
    tree.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect()
}

/// A tree as it is, or with one file changed.
fn copy(tree: &Discovered, changed: Option<(&str, &str)>) -> Discovered {
    let file = |file: &Found| match changed.filter(|(path, _)| *path == file.path) {
        Some((_, text)) => Found {
            text: text.to_string(),
            digest: sha2::Sha256::digest(text.as_bytes()).into(),
            path: file.path.clone(),
            kind: file.kind,
            role: file.role,
        },
        None => Found {
            text: file.text.clone(),
            digest: file.digest,
            path: file.path.clone(),
            kind: file.kind,
            role: file.role,
        },
    };
    Discovered {
        files: tree.files.iter().map(file).collect(),
        skipped: tree.skipped.clone(),
        gaps: tree.gaps.clone(),
        git: tree.git.clone(),
    }
}

/// The file that a proposal changes, with its new text.
fn edited(current: &Judged, proposal: &Proposal) -> Result<(String, String), String> {
    let source: SourceId = proposal.edits.first().ok_or("nothing is to be changed")?.source;
    let path = current.loaded.sources.path(source).to_string();
    if path.chars().any(char::is_control) {
        return Err("the name of the file holds control characters".to_string());
    }
    let text = edit::apply(current.loaded.sources.get(source).text(), &proposal.edits)?;
    Ok((path, text))
}

/// Whether the finding is gone, no other came, and no less is known.
fn proved(before: &Judged, after: &Judged, rules: &RuleSet, tried: &Tried) -> Result<(), String> {
    let (failing, unknown) = (counted(before, rules, true), counted(before, rules, false));
    let (fails_now, unknown_now) = (counted(after, rules, true), counted(after, rules, false));
    let of = |all: &BTreeMap<Key, usize>| {
        let same = all.iter().filter(|(key, _)| key.0 == tried.check && key.1 == tried.subject);
        same.map(|(_, count)| count).sum::<usize>()
    };
    if of(&fails_now) >= of(&failing) {
        return Err("the finding would still be there".to_string());
    }
    let opened = fails_now.iter().find(|(key, count)| failing.get(*key).is_none_or(|before| before < *count));
    if let Some((key, _)) = opened {
        return Err(format!("it would open `{}` of `{}`", key.0, key.1));
    }
    let lost = unknown_now.iter().find(|(key, count)| unknown.get(*key).is_none_or(|before| before < *count));
    if let Some((key, _)) = lost {
        return Err(format!("`{}` of `{}` could no longer be known", key.0, key.1));
    }
    if after.facts.gaps.len() > before.facts.gaps.len() {
        return Err("the file could no longer be read whole".to_string());
    }
    Ok(())
}

fn counted(judged: &Judged, rules: &RuleSet, failing: bool) -> BTreeMap<Key, usize> {
    let mut found = BTreeMap::new();
    for one in &judged.answered {
        let (wanted, span) = match &one.answer {
            Answer::Fails(evidence) => (failing, evidence.primary.span),
            Answer::Unknown(_) => (!failing, one.about.span),
            Answer::Holds(_) | Answer::NotApplicable(_) => continue,
        };
        if wanted {
            let path = judged.loaded.sources.path(span.source).to_string();
            let check = rules.rules[one.rule].id.clone();
            let key = (check, one.about.name.clone(), path, one.about.server.map(|server| server.0));
            *found.entry(key).or_default() += 1;
        }
    }
    found
}

/// Lines, from 1, that show a secret, by path.
fn secret_lines(judged: &Judged) -> BTreeMap<String, BTreeSet<u32>> {
    let facts = &judged.facts;
    let literal = facts.settings.iter().filter(|setting| {
        let is_sample = setting.secret.value().is_some_and(|why| why == "sample");
        !setting.secret.is_absent() && !is_sample && !setting.reference
    });
    let values = literal.filter_map(|setting| match &setting.value {
        Known::Is(value) => Some(value.span),
        Known::Absent | Known::Unknown(_) => None,
    });
    let held = facts.settings.iter().flat_map(held).map(|(_, span)| span);
    let spans: Vec<Span> = facts.secrets.iter().map(|secret| secret.about.span).chain(values).chain(held).collect();
    let mut lines: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for span in spans {
        let sources = &judged.loaded.sources;
        let of_file = lines.entry(sources.path(span.source).to_string()).or_default();
        of_file.extend(sources.start(span).line..=sources.end(span).line);
    }
    lines
}
