//! Which files of a tree may know of each other: those of one project folder, and those that imports tie together.
//!
//! What is joined by name alone (a method of something opaque) is joined within such a group: in a folder of many
//! servers, that one calls what another defines is not to be thought of.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::code::Language;
use crate::flow::link::{Links, Target, folder};
use crate::flow::{Flow, ModuleId, Program};
use crate::source::{FILES_AT_ONCE, Sources};

/// Files that make their folder a project.
const MANIFESTS: &[&str] = &["package.json", "pyproject.toml", "setup.py", "setup.cfg", "go.mod", "Cargo.toml"];

/// The group of every module, and its part of the program by imports alone.
#[derive(Debug, Default)]
pub(super) struct Groups {
    of: Sets,
    parts: Sets,
}

/// Sets of modules that were joined.
#[derive(Clone, Debug, Default)]
struct Sets(Vec<u32>);

impl Flow<'_> {
    /// The files of a project, by the first of them.
    pub fn group(&self, module: ModuleId) -> u32 {
        self.index.groups.of.0.get(module.0 as usize).copied().unwrap_or(module.0)
    }
}

impl Groups {
    pub(super) fn new(program: &Program, sources: &Sources, links: &Links) -> Self {
        let mut parts = Sets((0..program.modules.len() as u32).collect());
        let ids: Vec<ModuleId> = program.iter().map(|(id, _)| id).collect();
        let tied = ids.par_iter().with_max_len(FILES_AT_ONCE).map(|id| imported(program, sources, links, *id));
        let tied: Vec<Vec<ModuleId>> = tied.collect();
        for (id, others) in ids.iter().zip(&tied) {
            others.iter().for_each(|other| parts.join(id.0, other.0));
        }
        let mut of = parts.clone();
        of.join_projects(program, sources, |_| true);
        // Other languages name what they run without importing it: packages of Go, `uvicorn.run("server:app")`.
        parts.join_projects(program, sources, |language| language != Language::TypeScript);
        Groups { of: of.ended(), parts: parts.ended() }
    }

    /// Whether two modules are of one group.
    pub(super) fn are_tied(&self, one: ModuleId, other: ModuleId) -> bool {
        self.of.are_joined(one, other)
    }

    /// Whether imports lead from one module to another, in whatever direction.
    pub(super) fn are_of_one_part(&self, one: ModuleId, other: ModuleId) -> bool {
        self.parts.are_joined(one, other)
    }
}

impl Sets {
    fn are_joined(&self, one: ModuleId, other: ModuleId) -> bool {
        self.0.get(one.0 as usize) == self.0.get(other.0 as usize)
    }

    /// The same with each module beside the first of its set.
    fn ended(&self) -> Self {
        Sets((0..self.0.len() as u32).map(|at| self.end(at)).collect())
    }

    /// Crates are tied by their manifests, not by imports that are followed here; all of a tree are one group.
    fn join_projects(&mut self, program: &Program, sources: &Sources, is_joined: impl Fn(Language) -> bool) {
        let manifests = sources.iter().filter(|(_, source)| MANIFESTS.iter().any(|name| is_named(source.path(), name)));
        let roots: BTreeSet<&str> = manifests.map(|(_, source)| folder(source.path())).collect();
        let mut first: BTreeMap<&str, u32> = BTreeMap::new();
        for (id, module) in program.iter().filter(|(_, module)| is_joined(module.language)) {
            let home = match module.language {
                Language::Rust => "*",
                _ => project_of(&roots, folder(sources.path(module.source))),
            };
            let other = *first.entry(home).or_insert(id.0);
            self.join(id.0, other);
        }
    }

    fn end(&self, mut at: u32) -> u32 {
        while let Some(next) = self.0.get(at as usize).copied().filter(|next| *next != at) {
            at = next;
        }
        at
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.end(one), self.end(other));
        let (low, high) = (one.min(other), one.max(other));
        if let Some(next) = self.0.get_mut(high as usize) {
            *next = low;
        }
    }
}

fn is_named(path: &str, name: &str) -> bool {
    path.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// The nearest folder above that is a project.
fn project_of<'p>(roots: &BTreeSet<&str>, mut base: &'p str) -> &'p str {
    while !base.is_empty() && !roots.contains(base) {
        base = folder(base);
    }
    base
}

fn imported(program: &Program, sources: &Sources, links: &Links, from: ModuleId) -> Vec<ModuleId> {
    let module = program.module(from);
    let targets = module.imports.iter().map(|import| links.target(program, sources, from, import));
    let all = targets.flat_map(|target| match target {
        Target::Module(id) => vec![id],
        Target::Package(files) => files,
        Target::Outside(_) => Vec::new(),
    });
    all.collect()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests write the trees they read")]
mod tests {
    use super::*;
    use crate::discover::discover_all;
    use crate::load::load;

    #[test]
    fn projects_are_apart_unless_one_imports_another() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("a/package.json", r#"{"name": "a"}"#),
            ("a/one.ts", "export const x = 1"),
            ("a/deep/two.ts", "export const y = 2"),
            ("b/package.json", r#"{"name": "b"}"#),
            ("b/three.ts", "import {x} from 'a'; import {y} from '../a/one'"),
            ("c/pyproject.toml", "[project]\nname = 'c'"),
            ("c/four.py", "import json"),
            ("d/five.py", "import json"),
            ("six.py", "import json"),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let found = discover_all(&[folder.path().to_path_buf()], &crate::discover::Walk::default()).unwrap();
        let loaded = load(found);
        let links = Links::new(&loaded.program, &loaded.sources);
        let groups = Groups::new(&loaded.program, &loaded.sources, &links);
        let tied = |one: &str, other: &str| groups.are_tied(loaded.program.by_path[one], loaded.program.by_path[other]);
        assert!(tied("a/one.ts", "a/deep/two.ts"), "one project");
        assert!(tied("a/deep/two.ts", "b/three.ts"), "an import of one file ties two projects");
        assert!(tied("d/five.py", "six.py"), "what has no manifest is the root's");
        assert!(!tied("a/one.ts", "c/four.py") && !tied("c/four.py", "six.py"));
    }
}
