//! A compose project as its files, `extends` and `include` resolve to one tree. What cannot be followed is a gap.

use std::collections::BTreeMap;

use super::merge::{lay_over, settled};
use super::project::{Project, folder_of, variables, variables_of};
use super::tree::{self, Entry, Kind, Tree, Variables};
use crate::extract::boundary::reference;
use crate::extract::containers::interpolate;
use crate::gap::{Gap, GapKind};
use crate::load::Loaded;
use crate::model::known::Spanned;
use crate::source::{SourceId, Span};

/// Files or services that may lead to each other in a row.
const DEPTH: usize = 16;
/// Sections whose entries an `include` brings along.
const SECTIONS: &[&str] = &["services", "networks", "volumes", "secrets", "configs"];

/// Reads projects and remembers where relative paths of each file start.
pub struct Reader<'a> {
    loaded: &'a Loaded,
    /// Folder that relative paths of a file start from.
    pub folders: BTreeMap<SourceId, String>,
    /// What could not be followed.
    pub gaps: Vec<Gap>,
}

/// Where a file is being read from: its project's variables and the files that led to it.
#[derive(Clone)]
struct From<'v> {
    variables: &'v Variables,
    open: Vec<String>,
}

impl<'a> Reader<'a> {
    /// A reader of the projects of a tree.
    pub fn new(loaded: &'a Loaded) -> Self {
        Self { loaded, folders: BTreeMap::new(), gaps: Vec::new() }
    }

    /// The files of a project as one; nothing where none of them is a compose file.
    pub fn project(&mut self, project: &Project) -> Option<Tree> {
        let variables = variables(self.loaded, project.folder());
        let mut whole: Option<Tree> = None;
        for path in &project.files {
            let from = From { variables: &variables, open: vec![path.clone()] };
            let Some(layer) = self.file(path, project.folder(), &from) else { continue };
            whole = Some(match whole {
                Some(below) => lay_over(below, layer),
                None => layer,
            });
        }
        whole.map(settled)
    }

    /// One file, its documents laid over each other, `extends` and `include` followed.
    fn file(&mut self, path: &str, folder: &str, from: &From<'_>) -> Option<Tree> {
        let file = self.loaded.find(path)?;
        let document = self.loaded.document(file)?;
        self.folders.insert(file.source, folder.to_string());
        let mut whole: Option<Tree> = None;
        for root in document.roots() {
            let Some(layer) = tree::read(root, from.variables) else {
                self.gap(root.span(), "holds more than is followed once its aliases are taken apart");
                continue;
            };
            let layer = self.with_bases(layer, path, from);
            let layer = self.with_included(layer, path, from);
            whole = Some(match whole {
                Some(below) => lay_over(below, layer),
                None => layer,
            });
        }
        whole
    }

    /// Every service laid over the one that it extends.
    fn with_bases(&mut self, mut file: Tree, path: &str, from: &From<'_>) -> Tree {
        let whole = file.clone();
        let Kind::Map(entries) = &mut file.kind else { return file };
        for entry in entries.iter_mut().filter(|entry| entry.key.value == "services") {
            let Kind::Map(services) = &mut entry.value.kind else { continue };
            for service in services {
                let open = vec![step(path, &service.key.value)];
                service.value = self.extended(service.value.clone(), &whole, path, From { open, ..from.clone() });
            }
        }
        file
    }

    /// A service laid over its base, and that over its own. Where the base cannot be read, `extends` stays.
    fn extended(&mut self, service: Tree, file: &Tree, path: &str, mut from: From<'_>) -> Tree {
        let Some(extends) = service.at(&["extends"]) else { return service };
        let (span, name) = (extends.span, extends.text().or_else(|| extends.at(&["service"])?.text()));
        let Some(name) = name else { return service };
        let other = extends.at(&["file"]).and_then(Tree::text);
        let target = match &other {
            Some(other) => self.path(path, other),
            None => Some(path.to_string()),
        };
        let Some(target) = target else { return service };
        let here = step(&target, &name.value);
        if from.open.contains(&here) || from.open.len() >= DEPTH {
            self.gap(span, format!("`{}` extends itself, directly or through others", name.value));
            return service;
        }
        from.open.push(here);
        let foreign = if target == path { None } else { self.plain(&target, &from) };
        if target != path && foreign.is_none() {
            self.gap(span, format!("extends a service of `{target}`, which is not a compose file of this tree"));
            return service;
        }
        let file = foreign.as_ref().unwrap_or(file);
        let Some(base) = file.at(&["services", &name.value]).filter(|base| base.is_map()).cloned() else {
            self.gap(span, format!("extends `{}`, which `{target}` does not have", name.value));
            return service;
        };
        let base = self.extended(base, file, &target, from);
        let is_open = base.get("extends").is_some();
        let mut whole = lay_over(base, service);
        if let Kind::Map(entries) = &mut whole.kind {
            entries.retain(|entry| is_open || entry.key.value != "extends");
        }
        whole
    }

    /// Another file as it stands, for a service of it.
    fn plain(&mut self, path: &str, from: &From<'_>) -> Option<Tree> {
        let file = self.loaded.find(path)?;
        let root = self.loaded.document(file)?.root()?;
        self.folders.entry(file.source).or_insert_with(|| folder_of(path).to_string());
        tree::read(root, from.variables)
    }

    /// A file with what it includes.
    fn with_included(&mut self, mut file: Tree, path: &str, from: &From<'_>) -> Tree {
        let items = file.at(&["include"]).map(|include| include.items().to_vec()).unwrap_or_default();
        for item in items {
            let paths = match item.at(&["path"]) {
                Some(list) if !list.items().is_empty() => list.items().iter().filter_map(Tree::text).collect(),
                Some(path) => path.text().into_iter().collect::<Vec<_>>(),
                None => item.text().into_iter().collect(),
            };
            let mut included: Option<Tree> = None;
            for named in &paths {
                let Some(layer) = self.included(named, &item, path, from) else { continue };
                included = Some(match included {
                    Some(below) => lay_over(below, layer),
                    None => layer,
                });
            }
            if let Some(included) = included {
                self.import(&mut file, included);
            }
        }
        file
    }

    /// One included file, with the environment of its own folder below that of the project.
    fn included(&mut self, named: &Spanned<String>, item: &Tree, path: &str, from: &From<'_>) -> Option<Tree> {
        let target = self.path(path, named)?;
        if from.open.contains(&target) || from.open.len() >= DEPTH {
            self.gap(named.span, format!("`{target}` includes itself, directly or through others"));
            return None;
        }
        if self.loaded.find(&target).and_then(|file| self.loaded.document(file)).is_none() {
            self.gap(named.span, format!("includes `{target}`, which is not a compose file of this tree"));
            return None;
        }
        let directory = item.at(&["project_directory"]).and_then(Tree::text);
        let folder = match &directory {
            Some(directory) => self.path(path, directory)?,
            None => folder_of(&target).to_string(),
        };
        let mut own = variables(self.loaded, &folder);
        let files = item.at(&["env_file"]).map(Tree::listed).unwrap_or_default();
        for file in files.iter().filter_map(|file| reference::beside(path, &file.value)) {
            own.extend(variables_of(self.loaded, &file));
        }
        own.extend(from.variables.iter().map(|(name, value)| (name.clone(), value.clone())));
        let open = from.open.iter().cloned().chain([target.clone()]).collect();
        self.file(&target, &folder, &From { variables: &own, open })
    }

    /// Adds what another file defines; the same name twice is an error of the project.
    fn import(&mut self, file: &mut Tree, included: Tree) {
        let Kind::Map(own) = &mut file.kind else { return };
        for section in included.entries().iter().filter(|entry| SECTIONS.contains(&entry.key.value.as_str())) {
            if !own.iter().any(|entry| entry.key.value == section.key.value) {
                own.push(Entry { key: section.key.clone(), value: Tree::empty(section.value.span) });
            }
            let found = own.iter_mut().find(|entry| entry.key.value == section.key.value);
            let Some(Kind::Map(entries)) = found.map(|entry| &mut entry.value.kind) else { continue };
            for entry in section.value.entries() {
                if entries.iter().any(|old| old.key.value == entry.key.value) {
                    let reason = format!("`{}` is defined here and by a file that includes this one", entry.key.value);
                    self.gaps.push(Gap::at(entry.key.span, GapKind::Unresolved, reason));
                } else {
                    entries.push(entry.clone());
                }
            }
        }
    }

    /// The path that a file names, where it is known and stays in the tree.
    fn path(&mut self, from: &str, named: &Spanned<String>) -> Option<String> {
        let is_remote =
            named.value.contains("://") || named.value.starts_with("git@") || named.value.starts_with("oci:");
        match interpolate::resolve(&named.value) {
            _ if is_remote => self.gap(named.span, format!("`{}` is not in this tree", named.value)),
            Err(reason) => self.gap(named.span, reason),
            Ok(path) => match reference::beside(from, &path) {
                Some(path) => return Some(path),
                None => self.gap(named.span, format!("`{path}` leads out of the tree")),
            },
        }
        None
    }

    fn gap(&mut self, span: Span, reason: impl Into<String>) {
        self.gaps.push(Gap::at(span, GapKind::Unresolved, reason));
    }
}

/// One service of one file, for the way that led here.
fn step(path: &str, service: &str) -> String {
    format!("{path}#{service}")
}
