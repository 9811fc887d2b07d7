//! `plimsoll.lock`: what somebody approved of each server, and what has changed since.
//!
//! A lock speaks for the servers in its folder and below, down to the next lock. What cannot be known of a server is
//! pinned as unknown, and never counts as unchanged.

use std::collections::BTreeMap;

use crate::discover::{FileKind, kind};
use crate::load::{File, Loaded};
use crate::mistake::Mistake;
use crate::model::known::{Known, Spanned};
use crate::model::server::Locked;
use crate::model::{Facts, ServerId};
use crate::source::Span;

mod drift;
mod file;
mod pin;
mod renewal;
pub mod schema;
mod shown;

pub use drift::Drift;
pub use renewal::{Renewal, renew};

/// Name of the file.
pub const NAME: &str = "plimsoll.lock";

/// Value of something that is there and cannot be known from the tree.
const UNKNOWN: &str = "unknown";

/// What a lock says, or what it would say of the tree as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// Servers by name and folder, relative to the lock's own.
    pub servers: BTreeMap<(String, String), ServerPin>,
}

/// A value of the lock: a digest, a version or [`UNKNOWN`]; absent where the server has nothing of the kind.
type Pinned = Option<Spanned<String>>;

/// One server as it is pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerPin {
    /// Where it stands: in the lock, or in the tree.
    pub span: Span,
    /// How completely its tools are known.
    pub inventory: String,
    /// Digest of the instructions that it gives to the model.
    pub instructions: Pinned,
    /// Digest of the icons that it shows for itself.
    pub icons: Pinned,
    /// Who approved what is pinned, and the day.
    pub approval: Option<(Spanned<String>, String)>,
    /// Its tools by name.
    pub tools: BTreeMap<String, Pins>,
    /// Its prompts by name.
    pub prompts: BTreeMap<String, Pins>,
    /// Its resources by name.
    pub resources: BTreeMap<String, Pins>,
    /// Why further tools may change unseen; only of the tree as it is.
    pub loose: Vec<Spanned<String>>,
    /// What configurations start or reach, by file and name.
    pub launches: BTreeMap<(String, String), Pins>,
}

/// What is pinned of a tool or a launch, part by part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pins {
    /// Where it stands: in the lock, or in the tree.
    pub span: Span,
    /// Key in the file, as in [`TOOL_PARTS`] and [`LAUNCH_PARTS`], to what it is.
    pub parts: BTreeMap<&'static str, Spanned<String>>,
}

/// Parts of a tool: the key in the file, and its name for people.
pub const TOOL_PARTS: &[(&str, &str)] = &[
    ("title", "title"),
    ("description", "description"),
    ("input-schema", "input schema"),
    ("output-schema", "output schema"),
    ("annotations", "annotations"),
    ("icons", "icons"),
    ("meta", "metadata (`_meta`)"),
];

/// Parts of a prompt or resource: the key in the file, and its name for people.
pub const OFFERED_PARTS: &[(&str, &str)] = &[("text", "text")];

/// Parts of a launch: the key in the file, and its name for people.
pub const LAUNCH_PARTS: &[(&str, &str)] = &[
    ("package", "package"),
    ("version", "version"),
    ("digest", "digest"),
    ("command", "command line"),
    ("url", "URL"),
    ("environment", "set of variables and headers"),
];

/// Says of every server which lock speaks for it, what has changed since, and who approved it.
pub fn mark(loaded: &Loaded, facts: &mut Facts) {
    let locks: Vec<&File> = loaded.files.iter().filter(|file| file.kind == FileKind::Lock).collect();
    for file in &locks {
        let folder = folder_of(&file.path);
        let here: Vec<ServerId> = covered(&locks, facts, folder);
        let start = Span::new(file.source, 0, 0);
        let now = pin::lock(loaded, facts, &here, folder);
        let then = read(loaded, file);
        for id in here {
            let path = Known::is(file.path.clone(), start);
            let locked = match &then {
                Err(mistakes) => broken(path, mistakes, start),
                Ok(then) => compared(path, then, &now, &pin::key(facts.server(id), folder), start),
            };
            facts.servers[id.index()].locked = locked;
        }
        let gone = then.iter().flat_map(|then| drift::gone(then, &now)).collect::<Vec<_>>();
        // What is gone has no server of its own any more: the first one of the lock tells it.
        let first = facts.servers.iter_mut().find(|server| server.locked.path.value() == Some(&file.path));
        if let Some(server) = first {
            server.locked.drift.extend(gone);
        }
    }
}

/// Servers that a lock in this folder speaks for.
fn covered(locks: &[&File], facts: &Facts, folder: &str) -> Vec<ServerId> {
    let nearest = |root: &str| {
        let folders = locks.iter().map(|file| folder_of(&file.path));
        folders.filter(|folder| below(folder, root)).max_by_key(|folder| folder.len())
    };
    let ids = (0..facts.servers.len() as u32).map(ServerId);
    ids.filter(|id| nearest(&facts.server(*id).root).is_some_and(|found| found == folder)).collect()
}

fn broken(path: Known<String>, mistakes: &[Mistake], start: Span) -> Locked {
    let told = mistakes
        .iter()
        .map(|one| Spanned::new(format!("the lock cannot be read: {}", one.message), one.span.unwrap_or(start)));
    Locked { path, drift: told.collect(), ..Locked::default() }
}

fn compared(path: Known<String>, then: &Lock, now: &Lock, key: &(String, String), start: Span) -> Locked {
    let Some(current) = now.servers.get(key) else { return Locked { path, ..Locked::default() } };
    let Some(pinned) = then.servers.get(key) else {
        let text = format!("the lock does not know the server `{}`", key.0);
        return Locked { path, drift: vec![Spanned::new(text, current.span)], ..Locked::default() };
    };
    let Drift { changed, unknown } = drift::between(pinned, current);
    let approved_by = match &pinned.approval {
        Some((by, _)) => Known::is(by.value.clone(), by.span),
        None => Known::Absent,
    };
    let span = if pinned.span.source == start.source { pinned.span } else { start };
    Locked { path, span: Some(span), drift: changed, unknown, approved_by }
}

fn read(loaded: &Loaded, file: &File) -> Result<Lock, Vec<Mistake>> {
    let start = Span::new(file.source, 0, 0);
    let unparsed = loaded.gaps.iter().filter(|gap| gap.path == file.path);
    let mut mistakes: Vec<Mistake> = unparsed
        .map(|gap| Mistake {
            span: Some(gap.span.unwrap_or(start)),
            message: gap.reason.clone(),
            help: "take it from version control, or delete it and lock anew".into(),
        })
        .collect();
    match loaded.document(file) {
        Some(document) if mistakes.is_empty() => file::read(document, start),
        _ if mistakes.is_empty() => Err(vec![Mistake {
            span: Some(start),
            message: "the lock is empty".into(),
            help: "delete it and lock anew".into(),
        }]),
        _ => {
            mistakes.sort();
            Err(mistakes)
        }
    }
}

/// Folder of a file; `.` for the root.
fn folder_of(path: &str) -> &str {
    let name = kind::name_of(path);
    match path.len().checked_sub(name.len() + 1).and_then(|end| path.get(..end)) {
        Some(folder) if !folder.is_empty() => folder,
        _ => ".",
    }
}

/// Whether a path lies in a folder or is it.
fn below(folder: &str, path: &str) -> bool {
    folder == "." || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests;
