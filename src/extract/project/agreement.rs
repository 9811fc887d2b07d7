//! Whether a lock file was made for the manifest that it lies beside.

use super::locks::Lock;
use super::{Declared, Manifest};
use crate::model::known::Spanned;
use crate::model::version::{Range, Version};

/// How a lock stands to the manifests that it is held against.
pub enum Agreement {
    /// It holds what is declared.
    Same,
    /// What differs, as a sentence.
    Differs(String),
    /// It does not say what it was made for.
    Untold,
}

/// Holds one declared dependency against the lock.
pub fn of(lock: &Lock, path: &str, manifest: &Manifest, declared: &Declared) -> Agreement {
    if !lock.is_for(path) || !is_compared(declared, manifest) {
        return Agreement::Untold;
    }
    let difference = match lock.copy(path, &declared.name.value) {
        Some(copies) => made_for(manifest.ecosystem, declared, copies),
        None if lock.lists() => locked(lock, path, manifest.ecosystem, declared),
        None => return Agreement::Untold,
    };
    difference.map_or(Agreement::Same, Agreement::Differs)
}

/// Folders of this tree are not locked, and what is overridden is settled elsewhere.
fn is_compared(declared: &Declared, manifest: &Manifest) -> bool {
    declared.requirement.origin == "registry" && !manifest.settled.contains(&declared.name.value)
}

/// The requirement as the lock has it, against the one that is declared.
fn made_for(ecosystem: &str, declared: &Declared, copies: &[Spanned<String>]) -> Option<String> {
    let (name, text) = (&declared.name.value, &declared.requirement.text);
    let Some(first) = copies.first() else { return Some(format!("`{name}` is declared and not locked")) };
    let same = copies.iter().any(|copy| normal(ecosystem, &copy.value) == normal(ecosystem, text));
    (!same).then(|| {
        let shown = |text: &str| if text.is_empty() { "any version".to_string() } else { format!("`{text}`") };
        format!("`{name}` is declared as {} and was locked for {}", shown(text), shown(&first.value))
    })
}

/// A requirement without what spellings differ in.
fn normal(ecosystem: &str, text: &str) -> String {
    let bare: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    if ecosystem != "pypi" {
        return if bare == "*" { String::new() } else { bare };
    }
    let mut parts: Vec<&str> = bare.split(',').filter(|part| !part.is_empty()).collect();
    parts.sort_unstable();
    parts.join(",")
}

/// The version that is locked, against the requirement.
fn locked(lock: &Lock, path: &str, ecosystem: &str, declared: &Declared) -> Option<String> {
    let (name, text) = (&declared.name.value, &declared.requirement.text);
    let versions = lock.versions(path, name);
    if versions.is_empty() {
        return Some(format!("`{name}` is declared and not locked"));
    }
    let range = Range::read(ecosystem, text)?;
    // What a pre-release or a build counts as differs between package managers.
    let read = |version: &String| Version::read(version).filter(|_| !version.contains(['-', '+']));
    let fits = versions.iter().any(|version| read(version).is_none_or(|version| range.holds(&version)));
    (!fits).then(|| format!("`{name}` is declared as `{text}` and locked at {}", versions.join(", ")))
}
