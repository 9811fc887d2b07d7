//! Packages, their dependencies and lock files, and the steps of CI workflows.

pub mod locks;
mod manifests;
mod requirement;
mod workflows;

use crate::discover::FileKind;
use crate::load::{File, Loaded};
use crate::model::known::{Known, Spanned};
use crate::model::project::{Dependency, Package};
use crate::model::{About, Facts};
use crate::source::Span;

pub use self::manifests::python_name;
use self::requirement::Requirement;

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
    declared: Vec<Declared>,
    place: Span,
}

/// Reads every manifest and workflow that plays a part in what runs.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let locks = locks::read(loaded);
    let updates = updates(loaded);
    for file in loaded.files.iter().filter(|file| file.kind == FileKind::PackageManifest && file.role.is_own()) {
        if let Some(manifest) = manifests::read(loaded, file) {
            package(file, manifest, &locks, &updates, facts);
        }
    }
    workflows::extract(loaded, facts);
}

/// The first configuration of a tool that proposes updates.
fn updates(loaded: &Loaded) -> Known<String> {
    let mut files = loaded.files.iter().filter(|file| file.kind == FileKind::UpdateConfig && file.role.lives());
    files.next().map_or(Known::Absent, |file| Known::is(file.path.clone(), Span::new(file.source, 0, 0)))
}

fn package(file: &File, manifest: Manifest, locks: &[locks::Lock], updates: &Known<String>, facts: &mut Facts) {
    let lock = locks::nearest(locks, manifest.ecosystem, &file.path);
    let needs_lock = |declared: &&Declared| !declared.development && declared.requirement.origin != "path";
    let first = manifest.declared.len();
    facts.packages.push(Package {
        about: About::new(manifest.name.clone().unwrap_or_else(|| file.path.clone()), manifest.place),
        ecosystem: manifest.ecosystem.into(),
        version: manifest.version,
        lock_file: lock.map_or(Known::Absent, |lock| Known::is(lock.path.clone(), lock.place)),
        dependency_count: manifest.declared.iter().filter(needs_lock).count() as i64,
        install_scripts: manifest.install_scripts,
        updates: updates.clone(),
    });
    facts.dependencies.reserve(first);
    for declared in manifest.declared {
        let locked = lock.and_then(|lock| lock.version(&file.path, &declared.name.value));
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
