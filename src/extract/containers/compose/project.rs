//! Which compose files make a project together: base and override, what `COMPOSE_FILE` says, variants laid over a base.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::Variables;
use crate::discover::FileKind;
use crate::document::Node;
use crate::extract::boundary::reference;
use crate::extract::environment;
use crate::load::Loaded;

/// Names that compose takes by itself, first choice first.
const BASES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
/// Names that compose lays over a base by itself.
const OVERRIDES: &[&str] =
    &["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/// Files that are run together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// In the order that they are laid over each other.
    pub files: Vec<String>,
    /// Whether compose starts it without being told a file.
    pub is_default: bool,
}

impl Project {
    /// The folder that relative paths start from.
    pub fn folder(&self) -> &str {
        self.files.first().map_or("", |file| folder_of(file))
    }

    /// Whether it is the development container's own: nobody serves from it.
    pub fn is_development(&self) -> bool {
        self.files.last().is_some_and(|file| is_development(file))
    }

    /// The file that makes it another project than the default one of its folder.
    pub fn variant(&self) -> Option<&str> {
        self.files.last().filter(|_| !self.is_default && self.files.len() > 1).map(String::as_str)
    }
}

/// Whether a file belongs to a development container.
pub fn is_development(path: &str) -> bool {
    path.split('/').rev().skip(1).any(|folder| folder == ".devcontainer")
}

/// Every project of the tree, by folder, the default one first.
pub fn projects(loaded: &Loaded) -> Vec<Project> {
    let compose = loaded.documents_of(FileKind::Compose).filter(|(file, _)| file.role.is_own());
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, _) in compose {
        folders.entry(folder_of(&file.path).to_string()).or_default().push(file.path.clone());
    }
    let parts = parts(loaded);
    let mut found = Vec::new();
    for (folder, files) in &folders {
        let default = default_of(loaded, folder, files);
        let rest = files.iter().filter(|file| !default.contains(file));
        let variants = rest.filter(|file| !parts.contains(file.as_str()) && !is_override(file));
        let variants: Vec<Project> =
            variants.map(|file| variant(loaded, file, default.first().cloned(), &folders)).collect();
        // Included elsewhere, a project is judged there.
        if !default.is_empty() && !default.iter().all(|file| parts.contains(file.as_str())) {
            found.push(Project { files: default, is_default: true });
        }
        found.extend(variants);
    }
    found
}

/// The variables that a project's environment file sets.
pub fn variables(loaded: &Loaded, folder: &str) -> Variables {
    let path = if folder.is_empty() { ".env".to_string() } else { format!("{folder}/.env") };
    variables_of(loaded, &path)
}

/// The variables that one file sets; none where it is not in the tree.
pub fn variables_of(loaded: &Loaded, path: &str) -> Variables {
    let Some(file) = loaded.find(path) else { return Variables::new() };
    let settings = environment::variables(loaded, file, "compose").into_iter();
    settings.filter_map(|setting| Some((setting.about.name.clone(), setting.value.value()?.clone()))).collect()
}

/// What compose starts in a folder when it is told no file.
fn default_of(loaded: &Loaded, folder: &str, files: &[String]) -> Vec<String> {
    let set = variables(loaded, folder);
    if let Some(list) = set.get("COMPOSE_FILE") {
        let separator = set.get("COMPOSE_PATH_SEPARATOR").map_or(":", String::as_str);
        let named = list.split(if separator.is_empty() { ":" } else { separator });
        let named = named.filter_map(|file| reference::under(folder, file.trim()));
        let found: Vec<String> = named.filter(|file| loaded.find(file).is_some()).collect();
        if !found.is_empty() {
            return found;
        }
    }
    let named =
        |names: &[&str]| names.iter().find_map(|name| files.iter().find(|file| name_of(file) == *name)).cloned();
    let Some(base) = named(BASES) else { return Vec::new() };
    [Some(base), named(OVERRIDES)].into_iter().flatten().collect()
}

/// A file that compose starts only when told: alone where it is whole, else laid over the base that it changes.
fn variant(loaded: &Loaded, file: &str, base: Option<String>, folders: &BTreeMap<String, Vec<String>>) -> Project {
    let base = base.or_else(|| base_above(file, folders));
    let fits = base.filter(|base| changes(loaded, file, base));
    Project { files: fits.into_iter().chain([file.to_string()]).collect(), is_default: false }
}

/// The base of the nearest folder above a file.
fn base_above(file: &str, folders: &BTreeMap<String, Vec<String>>) -> Option<String> {
    let mut folder = folder_of(file);
    while !folder.is_empty() {
        folder = folder_of(folder);
        let files = folders.get(folder).into_iter().flatten();
        if let Some(base) = BASES.iter().find_map(|name| files.clone().find(|file| name_of(file) == *name)) {
            return Some(base.clone());
        }
    }
    None
}

/// Whether a file has a service that cannot run by itself and that the base has as well.
fn changes(loaded: &Loaded, file: &str, base: &str) -> bool {
    let services = |path: &str| {
        let document = loaded.find(path).and_then(|file| loaded.document(file));
        document.into_iter().flat_map(|document| document.roots()).filter_map(|root| root.get("services"))
    };
    let based: BTreeSet<String> =
        services(base).flat_map(Node::entries).filter_map(|(name, _)| name.scalar()).collect();
    let mut entries = services(file).flat_map(Node::entries);
    entries.any(|(name, service)| {
        let is_whole = ["image", "build", "extends"].iter().any(|key| service.get(key).is_some());
        !is_whole && name.scalar().is_some_and(|name| based.contains(&name))
    })
}

/// Files that others include, and files without a name of their own that others extend, as long as one of those others
/// is no part itself: files that include each other in a circle must not hide each other.
fn parts(loaded: &Loaded) -> BTreeSet<String> {
    let mut users: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (file, document) in loaded.documents_of(FileKind::Compose) {
        for path in document.roots().flat_map(|root| used_by(root, &file.path)) {
            if path != file.path {
                users.entry(path).or_default().insert(&file.path);
            }
        }
    }
    let is_used = |users_of: &BTreeSet<&str>| users_of.iter().any(|user| !users.contains_key(*user));
    users.iter().filter(|(_, users_of)| is_used(users_of)).map(|(path, _)| path.clone()).collect()
}

/// Paths that one file includes or extends.
fn used_by(root: Node<'_>, from: &str) -> Vec<String> {
    let included = root.get("include").into_iter().flat_map(Node::items);
    let paths = included.flat_map(|item| match item.get("path") {
        Some(list) if list.is_list() => list.items().collect(),
        Some(path) => vec![path],
        None => vec![item],
    });
    let mut found: Vec<String> = paths.filter_map(|path| reference::beside(from, path.as_str()?)).collect();
    let services = root.get("services").into_iter().flat_map(Node::entries);
    let extended = services.filter_map(|(_, service)| service.at(&["extends", "file"])?.as_str());
    let extended = extended.filter_map(|path| reference::beside(from, path));
    found.extend(extended.filter(|path| !BASES.contains(&name_of(path))));
    found
}

fn is_override(path: &str) -> bool {
    OVERRIDES.contains(&name_of(path))
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path; empty for the root.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
