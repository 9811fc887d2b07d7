//! Packages, their dependencies and lock files, and the steps of CI workflows.

mod agreement;
pub mod locks;
mod manifests;
mod requirement;
mod updates;
mod workflows;

use std::collections::BTreeSet;

use crate::discover::FileKind;
use crate::load::{File, Loaded};
use crate::model::known::{Known, Spanned};
use crate::model::project::{Dependency, Package};
use crate::model::{About, Facts};
use crate::source::Span;

use self::agreement::Agreement;
pub use self::manifests::python_name;
use self::requirement::Requirement;

/// Differences between manifest and lock file that are shown.
const SHOWN: usize = 4;

/// A dependency as its manifest declares it.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    name: Spanned<String>,
    requirement: Requirement,
    place: Span,
    development: bool,
}

/// A package manifest, read.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    ecosystem: &'static str,
    name: Option<String>,
    version: Known<String>,
    install_scripts: Vec<Spanned<String>>,
    /// Names whose requirement is settled elsewhere: overrides, resolutions, replacements.
    settled: Vec<String>,
    declared: Vec<Declared>,
    place: Span,
}

/// Reads every manifest and workflow that plays a part in what runs.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let locks = locks::read(loaded);
    let updates = updates::read(loaded);
    for file in loaded.files.iter().filter(|file| file.kind == FileKind::PackageManifest && file.role.is_own()) {
        if let Some(manifest) = manifests::read(loaded, file) {
            package(file, manifest, &locks, &updates, facts);
        }
    }
    workflows::extract(loaded, facts);
}

fn package(file: &File, manifest: Manifest, locks: &[locks::Lock], updates: &[updates::Updates], facts: &mut Facts) {
    let lock = locks::nearest(locks, manifest.ecosystem, &file.path);
    let covering = lock.filter(|lock| lock.covers(&file.path, manifest.name.as_deref()));
    let (mut lock_compared, mut lock_disagreements, mut stale) = (0, Vec::new(), BTreeSet::new());
    for declared in &manifest.declared {
        let agreement = covering.map(|lock| agreement::of(lock, &file.path, &manifest, declared));
        lock_compared += i64::from(matches!(agreement, Some(Agreement::Same | Agreement::Differs(_))));
        if let Some(Agreement::Differs(text)) = agreement {
            stale.insert(declared.name.value.clone());
            lock_disagreements.push(Spanned::new(text, declared.place));
        }
    }
    if let Some(rest) = lock_disagreements.get(SHOWN) {
        let more = Spanned::new(format!("and {} more", lock_disagreements.len() - SHOWN), rest.span);
        lock_disagreements.truncate(SHOWN);
        lock_disagreements.push(more);
    }
    let needs_lock = |declared: &&Declared| !declared.development && declared.requirement.origin != "path";
    let first = manifest.declared.len();
    facts.packages.push(Package {
        about: About::new(manifest.name.clone().unwrap_or_else(|| file.path.clone()), manifest.place),
        ecosystem: manifest.ecosystem.into(),
        version: manifest.version,
        lock_file: covering.map_or(Known::Absent, |lock| Known::is(lock.path.clone(), lock.place)),
        lock_compared,
        lock_disagreements,
        dependency_count: manifest.declared.iter().filter(needs_lock).count() as i64,
        install_scripts: manifest.install_scripts,
        updates: updates::of(updates, manifest.ecosystem, &file.path),
    });
    facts.dependencies.reserve(first);
    for declared in manifest.declared {
        // A version that was locked for another requirement is not the one that runs.
        let is_stale = stale.contains(&declared.name.value);
        let locked = lock.filter(|_| !is_stale).and_then(|lock| lock.version(&file.path, &declared.name.value));
        facts.dependencies.push(dependency(manifest.ecosystem, declared, locked));
    }
}

fn dependency(ecosystem: &str, declared: Declared, locked: Option<(String, Span)>) -> Dependency {
    let Requirement { text, exact, origin, commit } = declared.requirement;
    Dependency {
        about: About::new(declared.name.value, declared.name.span),
        ecosystem: ecosystem.into(),
        requirement: if text.is_empty() { Known::Absent } else { Known::is(text, declared.place) },
        locked: locked.map_or(Known::Absent, |(version, span)| Known::is(version, span)),
        exact,
        origin: origin.into(),
        commit: commit.map_or(Known::Absent, |commit| Known::is(commit, declared.place)),
        development: declared.development,
    }
}

#[cfg(test)]
#[path = "project/tests.rs"]
mod tests;
