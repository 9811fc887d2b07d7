//! Lock files: which versions they hold, and for which manifests.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::manifests::python_name;
use crate::discover::FileKind;
use crate::document::{self, Node, Syntax};
use crate::load::{File, Loaded};
use crate::model::known::Spanned;
use crate::source::Span;

mod copies;

use copies::Copies;

/// One lock file.
#[derive(Clone, Debug)]
pub struct Lock {
    /// Its path.
    pub path: String,
    /// Its beginning.
    pub place: Span,
    ecosystem: &'static str,
    /// Versions by name; for workspaces by `folder` and name.
    versions: BTreeMap<(String, String), (String, Span)>,
    /// What it was made for.
    copies: Copies,
    /// Every version of a name, where it may hold several.
    every: BTreeMap<String, Vec<String>>,
}

impl Lock {
    /// Whether the manifest at a path was locked with it: it lies beside it, or the lock knows its folder or name.
    pub fn covers(&self, manifest: &str, name: Option<&str>) -> bool {
        let inside = self.inside(manifest);
        let known = name.is_some_and(|name| self.versions.contains_key(&(String::new(), name.to_string())));
        inside.is_empty() || self.copies.knows(inside) || self.ecosystem == "crates" && known
    }

    /// What the lock was made for of a manifest's dependency: nothing where it does not say for that manifest.
    pub fn copy(&self, manifest: &str, name: &str) -> Option<&[Spanned<String>]> {
        self.copies.of(self.inside(manifest), &self.plain(name))
    }

    /// Whether it is the lock of a manifest of that name, and not of another of the same ecosystem beside it.
    pub fn is_for(&self, manifest: &str) -> bool {
        let name = manifest.rsplit('/').next().unwrap_or(manifest);
        match self.path.rsplit('/').next().unwrap_or(&self.path) {
            "uv.lock" | "poetry.lock" | "pdm.lock" => name == "pyproject.toml",
            "Pipfile.lock" => name == "Pipfile",
            _ => self.ecosystem != "pypi",
        }
    }

    /// Every version that it holds of a direct dependency.
    pub fn versions(&self, manifest: &str, name: &str) -> Vec<String> {
        match self.every.get(&self.plain(name)) {
            Some(several) => several.clone(),
            None => self.version(manifest, name).into_iter().map(|(version, _)| version).collect(),
        }
    }

    /// Whether it lists what it locks by name.
    pub fn lists(&self) -> bool {
        !self.versions.is_empty()
    }

    fn plain(&self, name: &str) -> String {
        if self.ecosystem == "pypi" { python_name(name) } else { name.to_string() }
    }

    fn inside<'m>(&self, manifest: &'m str) -> &'m str {
        folder(manifest).strip_prefix(folder(&self.path)).unwrap_or("").trim_start_matches('/')
    }

    /// The version of a direct dependency of the manifest at a path.
    pub fn version(&self, manifest: &str, name: &str) -> Option<(String, Span)> {
        let name = self.plain(name);
        let inside = self.inside(manifest);
        let of = |folder: &str| self.versions.get(&(folder.to_string(), name.clone())).cloned();
        of(inside).or_else(|| of(""))
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The lock of an ecosystem in a manifest's folder, or in the nearest folder above.
pub fn nearest<'l>(locks: &'l [Lock], ecosystem: &str, manifest: &str) -> Option<&'l Lock> {
    let own = folder(manifest);
    let above = |lock: &&Lock| {
        let at = folder(&lock.path);
        lock.ecosystem == ecosystem
            && (at.is_empty() || own == at || own.strip_prefix(at).is_some_and(|rest| rest.starts_with('/')))
    };
    locks.iter().filter(above).max_by_key(|lock| (folder(&lock.path).len(), !lock.versions.is_empty()))
}

/// Reads every lock file of the tree.
pub fn read(loaded: &Loaded) -> Vec<Lock> {
    let named: Vec<&File> = loaded.files.iter().filter(|file| file.kind == FileKind::LockFile).collect();
    let named = named.par_iter().with_max_len(1).filter_map(|file| of_file(loaded, file));
    let pinned = loaded.files.par_iter().filter_map(|file| hashed_requirements(loaded, file));
    named.chain(pinned).collect()
}

fn of_file(loaded: &Loaded, file: &File) -> Option<Lock> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let root = loaded.document(file).and_then(|document| document.root());
    let text = loaded.sources.get(file.source).text();
    let (ecosystem, versions) = match name {
        "package-lock.json" | "npm-shrinkwrap.json" => ("npm", root.map(npm).unwrap_or_default()),
        "yarn.lock" => ("npm", yarn(text, file)),
        "pnpm-lock.yaml" => ("npm", root.map(pnpm).unwrap_or_default()),
        "bun.lock" => {
            // The walk does not take this name for JSON.
            let (document, _) = document::parse(file.source, Syntax::Json, text);
            ("npm", document.root().map(bun).unwrap_or_default())
        }
        "bun.lockb" => ("npm", BTreeMap::new()),
        "uv.lock" | "poetry.lock" | "pdm.lock" => {
            ("pypi", root.map(|root| packages(root, python_name)).unwrap_or_default())
        }
        "Pipfile.lock" => ("pypi", root.map(pipfile).unwrap_or_default()),
        "Cargo.lock" => ("crates", root.map(|root| packages(root, str::to_string)).unwrap_or_default()),
        "go.sum" => ("go", go(text, file)),
        _ => return None,
    };
    let copies = copies::read(name, root, text, file);
    let mut every: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in root.and_then(|root| root.get("package")).into_iter().flat_map(Node::items) {
        if let (Some(name), Some(version)) = (package.get("name").and_then(Node::as_str), package.get("version")) {
            let name = if ecosystem == "pypi" { python_name(name) } else { name.to_string() };
            every.entry(name).or_default().extend(version.scalar());
        }
    }
    Some(Lock { path: file.path.clone(), place: Span::new(file.source, 0, 0), ecosystem, versions, copies, every })
}

type Versions = BTreeMap<(String, String), (String, Span)>;

fn put(versions: &mut Versions, folder: &str, name: impl Into<String>, version: &str, span: Span) {
    versions.entry((folder.to_string(), name.into())).or_insert_with(|| (version.to_string(), span));
}

fn npm(root: Node<'_>) -> Versions {
    let mut versions = Versions::new();
    for (key, value) in root.get("packages").into_iter().flat_map(Node::entries) {
        let (Some(path), Some(version)) = (key.as_str(), value.get("version")) else { continue };
        let Some((folder, name)) = path.rsplit_once("node_modules/") else { continue };
        let folder = folder.trim_end_matches('/');
        if !folder.contains("node_modules") {
            put(&mut versions, folder, name, version.as_str().unwrap_or(""), version.span());
        }
    }
    for (key, value) in root.get("dependencies").into_iter().flat_map(Node::entries) {
        let (Some(name), Some(version)) = (key.as_str(), value.get("version")) else { continue };
        put(&mut versions, "", name, version.as_str().unwrap_or(""), version.span());
    }
    versions
}

/// `"name@range", name@range:` and the `version` that follows, in both generations of the format.
fn yarn(text: &str, file: &File) -> Versions {
    let mut versions = Versions::new();
    let mut names: Vec<String> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        if !line.starts_with([' ', '\t', '#']) && trimmed.ends_with(':') {
            let entries = trimmed.trim_end_matches(':').split(',');
            let name = |entry: &str| {
                let entry = entry.trim().trim_matches('"');
                entry.char_indices().skip(1).find(|(_, letter)| *letter == '@').map(|(at, _)| entry[..at].to_string())
            };
            names = entries.filter_map(name).collect();
        } else if let Some(version) = trimmed.strip_prefix("version") {
            let version = version.trim_start_matches(':').trim().trim_matches('"');
            let span = Span::new(file.source, start, start + line.trim_end().len());
            names.drain(..).for_each(|name| put(&mut versions, "", name, version, span));
        }
    }
    versions
}

fn pnpm(root: Node<'_>) -> Versions {
    let mut versions = Versions::new();
    let importers = root.get("importers").into_iter().flat_map(Node::entries);
    let importers =
        importers.map(|(key, value)| (key.scalar().unwrap_or_default(), value)).chain([(".".to_string(), root)]);
    for (folder, importer) in importers {
        let folder = if folder == "." { "" } else { &folder };
        for group in ["dependencies", "optionalDependencies", "devDependencies"] {
            for (key, value) in importer.get(group).into_iter().flat_map(Node::entries) {
                let version = value.get("version").unwrap_or(value);
                let (Some(name), Some(text)) = (key.as_str(), version.scalar()) else { continue };
                let bare = text.split(['(', '_']).next().unwrap_or("");
                put(&mut versions, folder, name, bare, version.span());
            }
        }
    }
    versions
}

fn bun(root: Node<'_>) -> Versions {
    let mut versions = Versions::new();
    for (key, value) in root.get("packages").into_iter().flat_map(Node::entries) {
        let Some(first) = value.items().next() else { continue };
        let version = first.as_str().and_then(|text| text.rsplit_once('@')).map(|(_, version)| version);
        if let (Some(name), Some(version)) = (key.as_str(), version) {
            put(&mut versions, "", name, version, first.span());
        }
    }
    versions
}

/// `[[package]]` tables with name and version.
fn packages(root: Node<'_>, name_of: fn(&str) -> String) -> Versions {
    let mut versions = Versions::new();
    for package in root.get("package").into_iter().flat_map(Node::items) {
        let (Some(name), Some(version)) = (package.get("name").and_then(Node::as_str), package.get("version")) else {
            continue;
        };
        put(&mut versions, "", name_of(name), version.as_str().unwrap_or(""), version.span());
    }
    versions
}

fn pipfile(root: Node<'_>) -> Versions {
    let mut versions = Versions::new();
    for group in ["default", "develop"] {
        for (key, value) in root.get(group).into_iter().flat_map(Node::entries) {
            let (Some(name), Some(version)) = (key.as_str(), value.get("version")) else { continue };
            let text = version.as_str().unwrap_or("").trim_start_matches("==");
            put(&mut versions, "", python_name(name), text, version.span());
        }
    }
    versions
}

fn go(text: &str, file: &File) -> Versions {
    let mut versions = Versions::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(file.source, at, at + line.trim_end().len());
        at += line.len();
        if let [name, version, _] = line.split_whitespace().collect::<Vec<_>>().as_slice() {
            let version = version.trim_end_matches("/go.mod");
            // Later lines are later versions; the build takes the highest that anything asks for.
            versions.insert((String::new(), (*name).to_string()), (version.to_string(), span));
        }
    }
    versions
}

/// A requirements file in which every line carries a hash locks its own folder.
fn hashed_requirements(loaded: &Loaded, file: &File) -> Option<Lock> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    if file.kind != FileKind::PackageManifest || !name.ends_with(".txt") {
        return None;
    }
    let text = loaded.sources.get(file.source).text().replace("\\\n", " ");
    let mut versions = Versions::new();
    let place = Span::new(file.source, 0, 0);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '-'])) {
        let (name, rest) = line.split_once("==").filter(|_| line.contains("--hash="))?;
        let name = name.split('[').next().unwrap_or(name);
        put(&mut versions, "", python_name(name.trim()), rest.split([' ', ';']).next().unwrap_or(""), place);
    }
    let copies = Copies::default();
    (!versions.is_empty()).then(|| Lock {
        path: file.path.clone(),
        place,
        ecosystem: "pypi",
        versions,
        copies,
        every: BTreeMap::new(),
    })
}
