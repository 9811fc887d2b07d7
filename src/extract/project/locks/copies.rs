//! What lock files were made for: their own copies of the requirements that manifests stated at the time.

use std::collections::BTreeMap;

use super::super::manifests::python_name;
use crate::document::{self, Node, Syntax};
use crate::load::File;
use crate::model::known::Spanned;
use crate::source::Span;

/// Folder of a lock that does not tell manifests apart.
const ANY: &str = "*";
const GROUPS: &[&str] = &["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// Requirements by folder, relative to the lock, and name.
#[derive(Clone, Debug, Default)]
pub struct Copies(BTreeMap<String, BTreeMap<String, Vec<Spanned<String>>>>);

impl Copies {
    /// Whether a folder is one of those that were locked.
    pub fn knows(&self, folder: &str) -> bool {
        self.0.contains_key(folder) || self.0.contains_key(ANY)
    }

    /// The requirements of a name in a folder; nothing where the lock does not say for that folder.
    pub fn of(&self, folder: &str, name: &str) -> Option<&[Spanned<String>]> {
        let folder = self.0.get(folder).or_else(|| self.0.get(ANY))?;
        Some(folder.get(name).map(Vec::as_slice).unwrap_or_default())
    }

    fn put(&mut self, folder: &str, name: impl Into<String>, text: &str, span: Span) {
        let folder = self.0.entry(folder.to_string()).or_default();
        folder.entry(name.into()).or_default().push(Spanned::new(text.to_string(), span));
    }

    fn group(&mut self, folder: &str, map: Node<'_>, inner: Option<&str>) {
        for (key, value) in map.entries() {
            let value = inner.map_or(Some(value), |key| value.get(key));
            if let (Some(name), Some(text)) = (key.scalar(), value) {
                self.put(folder, name, &text.scalar().unwrap_or_default(), text.span());
            }
        }
    }
}

/// The copies in a lock file of a name.
pub fn read(name: &str, root: Option<Node<'_>>, text: &str, file: &File) -> Copies {
    let mut copies = Copies::default();
    match (name, root) {
        ("package-lock.json" | "npm-shrinkwrap.json", Some(root)) => npm(root, &mut copies),
        ("pnpm-lock.yaml", Some(root)) => pnpm(root, &mut copies),
        ("uv.lock", Some(root)) => uv(root, &mut copies),
        ("yarn.lock", _) => yarn(text, file, &mut copies),
        ("go.sum", _) => go(text, file, &mut copies),
        ("bun.lock", _) => {
            let (document, _) = document::parse(file.source, Syntax::Json, text);
            for (folder, workspace) in
                document.root().and_then(|root| root.get("workspaces")).into_iter().flat_map(Node::entries)
            {
                manifest(&folder.scalar().unwrap_or_default(), workspace, &mut copies);
            }
        }
        _ => {}
    }
    copies
}

/// A manifest as the lock repeats it.
fn manifest(folder: &str, node: Node<'_>, copies: &mut Copies) {
    for group in GROUPS.iter().filter_map(|group| node.get(group)) {
        copies.group(folder, group, None);
    }
}

fn npm(root: Node<'_>, copies: &mut Copies) {
    for (key, package) in root.get("packages").into_iter().flat_map(Node::entries) {
        if let Some(folder) = key.scalar().filter(|path| !path.contains("node_modules")) {
            manifest(&folder, package, copies);
        }
    }
}

/// The newer form keeps each requirement beside its version, the older one a map of them.
fn pnpm(root: Node<'_>, copies: &mut Copies) {
    let importers = root.get("importers").into_iter().flat_map(Node::entries);
    let importers = importers.map(|(key, node)| (key.scalar().unwrap_or_default(), node));
    for (folder, importer) in importers.chain([(".".to_string(), root)]) {
        let folder = if folder == "." { "" } else { &folder };
        for group in GROUPS.iter().filter_map(|group| importer.get(group)) {
            copies.group(folder, group, Some("specifier"));
        }
        if let Some(specifiers) = importer.get("specifiers") {
            copies.group(folder, specifiers, None);
        }
    }
}

/// Packages of the project itself keep what their manifest asked for.
fn uv(root: Node<'_>, copies: &mut Copies) {
    for package in root.get("package").into_iter().flat_map(Node::items) {
        let own = ["editable", "virtual", "directory"].iter().find_map(|key| package.at(&["source", key]));
        let Some(folder) = own.and_then(Node::as_str) else { continue };
        let folder = if folder == "." { "" } else { folder };
        let lists = package.at(&["metadata", "requires-dist"]).into_iter().chain(
            package
                .at(&["metadata", "requires-dev"])
                .into_iter()
                .flat_map(|groups| groups.entries().map(|(_, list)| list)),
        );
        for item in lists.flat_map(Node::items) {
            let Some(name) = item.get("name").and_then(Node::as_str) else { continue };
            let text = item.get("specifier").and_then(Node::as_str).unwrap_or_default();
            copies.put(folder, python_name(name), text, item.span());
        }
    }
}

/// `"name@range", name@range:` in both generations of the format.
fn yarn(text: &str, file: &File, copies: &mut Copies) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        if line.starts_with([' ', '\t', '#']) || !trimmed.ends_with(':') {
            continue;
        }
        let span = Span::new(file.source, start, start + trimmed.len());
        for entry in trimmed.trim_end_matches(':').trim_matches('"').split(", ") {
            let entry = entry.trim().trim_matches('"');
            let name_end = entry.char_indices().skip(1).find(|(_, letter)| *letter == '@').map(|(at, _)| at);
            let Some((name, range)) = name_end.and_then(|end| Some((entry.get(..end)?, entry.get(end + 1..)?))) else {
                continue;
            };
            copies.put(ANY, name, range.strip_prefix("npm:").unwrap_or(range), span);
        }
    }
}

fn go(text: &str, file: &File, copies: &mut Copies) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(file.source, at, at + line.trim_end().len());
        at += line.len();
        if let [name, version, _] = line.split_whitespace().collect::<Vec<_>>().as_slice() {
            copies.put(ANY, *name, version.trim_end_matches("/go.mod"), span);
        }
    }
}
