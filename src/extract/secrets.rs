//! Literal credentials in any text: by provider's shape, and by assignment to a telling name. No value is kept whole.

mod assignment;
mod placeholder;
mod shapes;

use std::collections::BTreeMap;

use rayon::prelude::*;

use self::shapes::{Found, SHAPES};
use crate::discover::{FileKind, Role};
use crate::extract::boundary::NO_GIT;
use crate::load::{File, Loaded};
use crate::model::known::Known;
use crate::model::project::Secret;
use crate::model::{About, Facts};
use crate::source::{FILES_AT_ONCE, Span};

pub use assignment::names_secret;
pub use placeholder::{is_placeholder, is_reference};

/// Credentials that one file is asked for; a dump of thousands needs no more to be judged.
const PER_FILE: usize = 200;

/// Finds credentials in every file that was read.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let of_file = |file: &File| -> Vec<Secret> {
        let text = loaded.sources.get(file.source).text();
        let tracked = loaded.git.as_ref().and_then(|git| git.tracks(&file.path));
        let found = find(text, holds_bare_values(file), file.kind == FileKind::LockFile).into_iter();
        found.take(PER_FILE).map(|found| fact(file, text, &found, tracked)).collect()
    };
    let found: Vec<Vec<Secret>> = loaded.files.par_iter().with_max_len(FILES_AT_ONCE).map(of_file).collect();
    facts.secrets.extend(found.into_iter().flatten());
}

fn fact(file: &File, text: &str, found: &Found, tracked: Option<bool>) -> Secret {
    let span = Span::new(file.source, found.start, found.end);
    let kind = file_kind(file);
    let is_quiet = matches!(kind, "test" | "documentation") || matches!(file.role, Role::Vendored | Role::Archived);
    Secret {
        about: About::new(found.shape.clone(), span),
        shape: found.shape.clone(),
        masked: mask(text.get(found.start..found.end).unwrap_or("")),
        file_kind: kind.into(),
        certainty: if is_quiet { "medium".into() } else { found.certainty.clone() },
        tracked: tracked.map_or(Known::unknown(NO_GIT, span), |tracked| Known::is(tracked, span)),
    }
}

/// Every credential in a text, by place. In lock files only shapes count: their integrity hashes look like secrets.
fn find(text: &str, bare: bool, is_lock: bool) -> Vec<Found> {
    let mut found = SHAPES.find(text);
    if !is_lock {
        let assigned = assignment::find(text, bare);
        let overlaps = |one: &Found| found.iter().any(|other| one.start < other.end && other.start < one.end);
        let fresh: Vec<Found> = assigned.into_iter().filter(|one| !overlaps(one)).collect();
        found.extend(fresh);
    }
    found.sort();
    found
}

/// Formats in which values stand without quotes.
fn holds_bare_values(file: &File) -> bool {
    let extension = file.path.rsplit('.').next().unwrap_or("");
    let is_listed = matches!(
        extension,
        "yml" | "yaml" | "ini" | "cfg" | "conf" | "properties" | "env" | "service" | "npmrc" | "pypirc"
    );
    let by_kind = matches!(
        file.kind,
        FileKind::EnvironmentFile | FileKind::Dockerfile | FileKind::Compose | FileKind::Kubernetes | FileKind::Unit
    );
    is_listed || by_kind
}

fn file_kind(file: &File) -> &'static str {
    match (file.role, file.kind) {
        (Role::Test | Role::Fixture | Role::Example, _) => "test",
        (Role::Vendored, _) => "vendored",
        (Role::Documentation, _) | (_, FileKind::Prose) => "documentation",
        (_, FileKind::EnvironmentFile) => "environment-file",
        (
            _,
            FileKind::Dockerfile | FileKind::Compose | FileKind::Kubernetes | FileKind::Unit | FileKind::Devcontainer,
        ) => "manifest",
        (_, FileKind::Code(_) | FileKind::UnreadCode(_) | FileKind::Script) => "source",
        (_, _) if is_key_file(&file.path) => "key-file",
        (_, _) => "configuration",
    }
}

fn is_key_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ends = [".pem", ".key", ".p12", ".pfx", ".jks", ".ppk", ".asc"];
    ends.iter().any(|end| name.ends_with(end)) || name.starts_with("id_") && !name.ends_with(".pub")
}

/// First and last characters with the length: enough to find it, too little to use it.
pub fn mask(value: &str) -> String {
    let letters: Vec<char> = value.chars().collect();
    let shown = match letters.len() {
        0..=11 => 1,
        12..=19 => 2,
        _ => 4,
    };
    let head: String = letters.iter().take(shown).collect();
    let tail: String = letters.iter().skip(letters.len().saturating_sub(2)).collect();
    let tail = if letters.len() < 12 { String::new() } else { tail };
    format!("{head}…{tail} ({})", letters.len())
}

/// Why a value under a name is taken for a secret: `shape`, `name` or `entropy`. A reference counts by its name.
pub fn looks_secret(name: &str, value: &str) -> Option<&'static str> {
    if !SHAPES.find(value).is_empty() {
        return Some("shape");
    }
    if is_reference(value) {
        return names_secret(name).then_some("name");
    }
    let trimmed = value.trim();
    let is_path = trimmed.starts_with(['/', '.', '~']) && entropy(trimmed) < 4.5;
    if is_placeholder(trimmed) || is_path || trimmed.parse::<f64>().is_ok() || trimmed.len() < 3 {
        return None;
    }
    if names_secret(name) {
        return Some("name");
    }
    let is_random = trimmed.len() >= 24 && entropy(trimmed) >= 4.3 && assignment::is_credential(trimmed);
    is_random.then_some("entropy")
}

/// `sample` where a configuration holds a stand-in under the name of a credential: whoever uses it puts the value there.
pub fn stands_for_secret(name: &str, value: &str) -> Option<&'static str> {
    let plain = value.trim().to_ascii_lowercase();
    let is_switch = matches!(
        plain.as_str(),
        "true" | "false" | "null" | "nil" | "none" | "on" | "off" | "auto" | "default" | "disabled" | "enabled"
    );
    let is_path = plain.starts_with(['/', '.', '~']);
    (plain.len() >= 3 && !is_switch && !is_path && names_secret(name) && is_placeholder(value.trim()))
        .then_some("sample")
}

/// Shannon entropy in bits per character.
pub fn entropy(text: &str) -> f64 {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    let mut total = 0usize;
    for letter in text.chars() {
        *counts.entry(letter).or_default() += 1;
        total += 1;
    }
    let share = |count: &usize| *count as f64 / total as f64;
    counts.values().map(share).map(|share| -share * share.log2()).sum()
}

/// Whether a value is a digest, a UUID or a commit rather than a credential.
fn is_hash_like(value: &str) -> bool {
    let hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_uuid = value.len() == 36 && value.bytes().filter(|byte| *byte == b'-').count() == 4;
    let is_integrity =
        ["sha1-", "sha256-", "sha384-", "sha512-", "sha256:", "md5:"].iter().any(|start| value.starts_with(start));
    hex && matches!(value.len(), 40 | 64 | 128) || is_uuid || is_integrity
}

#[cfg(test)]
#[path = "secrets/tests.rs"]
mod tests;
