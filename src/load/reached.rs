//! Code in folders that are called after documentation, tests or examples, and that what runs imports all the same.
//!
//! A tool about documentation lives in `tools/docs`, one that makes backups in `tools/backup`. Such a folder says what
//! the code is about, not what part it plays.

use std::collections::BTreeSet;

use crate::code::{ImportItem, Language};
use crate::discover::Role;
use crate::discover::role::of_path;
use crate::flow::link::{Links, Target, folder};
use crate::flow::{ModuleId, Program};
use crate::load::Loaded;
use crate::source::Sources;

/// Files that give their folder a name of its own.
const MANIFESTS: &[&str] = &["package.json", "pyproject.toml", "setup.py", "go.mod", "Cargo.toml"];

/// Makes what runs of the files that are reached by imports from what runs.
pub(super) fn promote(loaded: &mut Loaded) {
    let roots: BTreeSet<String> = loaded.files.iter().filter_map(|file| root_of(&file.path)).collect();
    let is_named = |at: usize| is_by_folder(&loaded.files[at].path, loaded.files[at].role, &roots);
    let program = &loaded.program;
    let file_of = |id: ModuleId| loaded.by_source.get(&program.module(id).source).copied();
    let mut waits: BTreeSet<usize> =
        program.iter().filter_map(|(id, _)| file_of(id)).filter(|at| is_named(*at)).collect();
    if waits.is_empty() {
        return;
    }
    let is_compiled = |at: &usize| is_of_crate(&loaded.files[*at].path, loaded.files[*at].role, &roots);
    let mut reached: Vec<usize> = waits.iter().copied().filter(is_compiled).collect();
    let links = Links::new(program, &loaded.sources);
    let runs = |id: &ModuleId| file_of(*id).is_some_and(|at| loaded.files[at].role.is_own());
    let mut next: Vec<ModuleId> = program.iter().map(|(id, _)| id).filter(runs).collect();
    while let Some(from) = next.pop() {
        for module in imported(&links, program, &loaded.sources, (from, false)) {
            if let Some(at) = file_of(module).filter(|at| waits.remove(at)) {
                reached.push(at);
                next.push(module);
            }
        }
    }
    reached.into_iter().for_each(|at| loaded.files[at].role = Role::Production);
}

/// The folder of a manifest, with its final `/`; empty for the root.
fn root_of(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let folder = folder(path);
    let whole = || if folder.is_empty() { String::new() } else { format!("{folder}/") };
    MANIFESTS.contains(&name).then(whole)
}

/// Whether a file is code of a crate of Rust that no test is: what lies under `src` is there to be compiled.
fn is_of_crate(path: &str, role: Role, roots: &BTreeSet<String>) -> bool {
    let is_test = matches!(role, Role::Test | Role::Fixture);
    let lies_in = |root: &String| path.strip_prefix(root.as_str()).is_some_and(|inner| inner.starts_with("src/"));
    path.ends_with(".rs") && !is_test && roots.iter().any(lies_in)
}

/// Whether a file has its role from the name of a folder alone, and from one inside the sources: `tests` beside the
/// manifest of a package are its tests, whoever imports from them.
fn is_by_folder(path: &str, role: Role, roots: &BTreeSet<String>) -> bool {
    let is_such = matches!(role, Role::Test | Role::Example | Role::Fixture | Role::Documentation | Role::Archived);
    let name = path.rsplit('/').next().unwrap_or(path);
    if !is_such || of_path(name, "") != Role::Production {
        return false;
    }
    let root = roots.iter().filter(|root| path.starts_with(root.as_str())).max_by_key(|root| root.len());
    let inner = path.get(root.map_or(0, String::len)..).unwrap_or(path);
    let Some((first, rest)) = inner.split_once('/') else { return false };
    of_path(&format!("{first}/{name}"), "") == Role::Production && rest.contains('/')
}

/// The files that a file imports, those included or not that it imports for their types alone. Unit tests of Rust are
/// modules of the code that they test.
pub(crate) fn imported(
    links: &Links,
    program: &Program,
    sources: &Sources,
    (from, with_types): (ModuleId, bool),
) -> Vec<ModuleId> {
    let module = program.module(from);
    if module.language == Language::Rust {
        return Vec::new();
    }
    let mut found = Vec::new();
    for import in module.imports.iter().filter(|import| with_types || !import.is_type) {
        match links.target(program, sources, from, import) {
            Target::Module(id) => {
                found.push(id);
                if let ImportItem::Name(name) = &import.item {
                    found.extend(links.submodule(sources.path(program.module(id).source), name));
                }
            }
            Target::Package(all) => found.extend(all),
            Target::Outside(_) => {}
        }
    }
    found
}
