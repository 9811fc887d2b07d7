//! Kustomizations, built without network: what an overlay applies, each node with the place that it came from.
//!
//! Prefixes and suffixes change names and whatever refers to them alike, so they are left off; so are the hashes that
//! generated ConfigMaps and Secrets end with.

mod generate;
mod patch;
mod replacement;
mod transform;
mod variable;

use std::collections::{BTreeMap, BTreeSet};

use super::arena::Arena;
use super::set::environment_of;
use crate::discover::FileKind;
use crate::document::{self, Document, Node, NodeId, NodeKind, Syntax};
use crate::extract::boundary::reference;
use crate::gap::{Gap, GapKind};
use crate::load::{File, Loaded};
use crate::source::Span;

/// Kustomizations that may lie within each other.
const DEPTH: usize = 16;
/// Names that a kustomization's file may have.
const FILES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// Keys that name what is not built here.
const UNREAD: &[&str] = &["helmCharts", "helmChartInflationGenerator", "transformers", "generators", "validators"];

/// What one kustomization or chart applies.
pub struct Rendered {
    /// Folder, for people.
    pub layer: String,
    /// Environment that it speaks for.
    pub environment: Option<String>,
    /// Namespace of what names none, where that is the same for all.
    pub namespace: Option<String>,
    /// The objects.
    pub document: Document,
}

/// Everything that the kustomizations of a tree apply, and the files that are applied through them only.
#[derive(Default)]
pub struct Build {
    /// One for each that no other builds upon.
    pub rendered: Vec<Rendered>,
    /// Paths of files that are not applied by themselves.
    pub taken: BTreeSet<String>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Whether a file is a kustomization by its name.
pub fn is_kustomization(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| FILES.contains(&name))
}

/// Builds every kustomization of the tree that no other builds upon.
pub fn build(loaded: &Loaded) -> Build {
    let files = loaded
        .documents_of(FileKind::Kubernetes)
        .filter(|(file, _)| file.role.is_own() && is_kustomization(&file.path));
    let folders: BTreeMap<String, &File> = files.map(|(file, _)| (folder_of(&file.path).to_string(), file)).collect();
    let mut build = Build { taken: folders.values().map(|file| file.path.clone()).collect(), ..Build::default() };
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (folder, file) in &folders {
        used.extend(references(loaded, file).into_iter().filter_map(|entry| reference::under(folder, &entry)));
    }
    let mut built: BTreeSet<String> = BTreeSet::new();
    let leaves = folders.keys().filter(|folder| !used.contains(*folder));
    // What stands in a circle is built upon by something, and is built all the same.
    for folder in leaves.chain(folders.keys()) {
        if !built.contains(folder) && !is_component(loaded, folders[folder]) {
            let mut builder = Builder::new(loaded, &folders, folders[folder]);
            let roots = builder.folder(folder, DEPTH, Vec::new());
            builder.fill_in(&roots);
            built.extend(builder.seen.iter().cloned());
            build.taken.extend(builder.taken);
            build.gaps.extend(builder.gaps);
            let mut document = builder.arena.document;
            document.roots = roots;
            let environment = environment_of(&format!("{folder}/x"));
            build.rendered.push(Rendered { layer: folder.clone(), environment, namespace: None, document });
        }
    }
    build
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Folders and files that a kustomization builds upon, as written.
fn references(loaded: &Loaded, file: &File) -> Vec<String> {
    let root = loaded.document(file).and_then(Document::root);
    let lists = ["resources", "bases", "components"].into_iter().filter_map(|key| root?.get(key));
    lists.flat_map(Node::items).filter_map(Node::scalar).collect()
}

fn is_component(loaded: &Loaded, file: &File) -> bool {
    let root = loaded.document(file).and_then(Document::root);
    root.and_then(|root| root.get("kind")).and_then(Node::as_str) == Some("Component")
}

/// Builds one kustomization.
struct Builder<'l> {
    loaded: &'l Loaded,
    folders: &'l BTreeMap<String, &'l File>,
    arena: Arena,
    open: Vec<String>,
    seen: BTreeSet<String>,
    taken: BTreeSet<String>,
    gaps: Vec<Gap>,
    /// Variables that were declared on the way.
    variables: Vec<Node<'l>>,
}

impl<'l> Builder<'l> {
    fn new(loaded: &'l Loaded, folders: &'l BTreeMap<String, &'l File>, file: &File) -> Self {
        let arena = Arena::new(file.source);
        Self {
            loaded,
            folders,
            arena,
            open: Vec::new(),
            seen: BTreeSet::new(),
            taken: BTreeSet::new(),
            gaps: Vec::new(),
            variables: Vec::new(),
        }
    }

    fn gap(&mut self, span: Span, reason: impl Into<String>) {
        self.gaps.push(Gap::at(span, GapKind::Unresolved, reason));
    }

    /// The objects of a folder; a component changes those that it is given.
    fn folder(&mut self, folder: &str, depth: usize, given: Vec<NodeId>) -> Vec<NodeId> {
        let Some(root) = self.folders.get(folder).and_then(|file| self.loaded.document(file)?.root()) else {
            return given;
        };
        if depth == 0 || self.open.iter().any(|open| open == folder) {
            self.gap(root.span(), "builds upon itself, or upon more than it may");
            return given;
        }
        self.seen.insert(folder.to_string());
        self.open.push(folder.to_string());
        let mut objects = given;
        for entry in ["resources", "bases"].into_iter().filter_map(|key| root.get(key)).flat_map(Node::items) {
            objects.extend(self.resource(folder, entry, depth));
        }
        for entry in root.get("components").into_iter().flat_map(Node::items) {
            objects = self.component(folder, entry, depth, objects);
        }
        self.transform(folder, root, &mut objects);
        self.declare(root);
        for key in UNREAD.iter().filter_map(|key| root.entry(key)) {
            let name = key.0.scalar().unwrap_or_default();
            self.gap(key.0.span(), format!("`{name}` of a kustomization is not built here"));
        }
        if std::mem::take(&mut self.arena.overflowed) {
            self.gaps.push(Gap::at(root.span(), GapKind::TooLarge, "builds more than it may"));
        }
        self.open.pop();
        objects
    }

    fn resource(&mut self, folder: &str, entry: Node<'l>, depth: usize) -> Vec<NodeId> {
        let Some(path) = self.local(folder, entry) else { return Vec::new() };
        if self.folders.contains_key(&path) {
            return self.folder(&path, depth - 1, Vec::new());
        }
        let document = self.loaded.find(&path).and_then(|file| self.loaded.document(file));
        let Some(document) = document else {
            self.gap(entry.span(), "names a resource that is not in this tree");
            return Vec::new();
        };
        self.taken.insert(path);
        document.roots().map(|root| self.arena.copy(root)).collect()
    }

    fn component(&mut self, folder: &str, entry: Node<'l>, depth: usize, objects: Vec<NodeId>) -> Vec<NodeId> {
        match self.local(folder, entry).filter(|path| self.folders.contains_key(path)) {
            Some(path) => self.folder(&path, depth - 1, objects),
            None => {
                self.gap(entry.span(), "names a component that is not in this tree");
                objects
            }
        }
    }

    /// Path of an entry within the tree.
    fn local(&mut self, folder: &str, entry: Node<'_>) -> Option<String> {
        let text = entry.scalar()?;
        let remote = text.contains("://")
            || text.contains("?ref=")
            || text.starts_with("git@")
            || text.starts_with("github.com/");
        let path = reference::under(folder, &text).filter(|_| !remote);
        if path.is_none() {
            let reason = if remote {
                "names what stands in another place, which is not read here"
            } else {
                "leads out of the tree"
            };
            self.gap(entry.span(), reason);
        }
        path
    }

    /// A patch or other document that stands in a file or in place; its nodes keep their places as far as they have one.
    fn read_text(&self, node: Node<'l>) -> Option<Document> {
        let text = node.as_str()?;
        let (mut document, gaps) = document::parse(node.span().source, Syntax::Yaml, text);
        let start = self.content_start(node, text);
        for data in &mut document.nodes {
            data.span = start.map_or(node.span(), |start| start.shifted(data.span, text));
        }
        gaps.is_empty().then_some(document)
    }

    /// Where the text of a block scalar begins, and how far its lines are indented.
    fn content_start(&self, node: Node<'_>, text: &str) -> Option<Block> {
        let whole = self.loaded.sources.get(node.span().source).text();
        let first = text.lines().next()?;
        let slice = whole.get(node.span().start as usize..node.span().end as usize)?;
        let at = slice.find(first)?;
        let start = node.span().start as usize + at;
        let line = whole.get(..start)?.rfind('\n').map_or(0, |line| line + 1);
        let indent = start - line;
        let is_block = whole.get(line..start)?.bytes().all(|byte| byte == b' ')
            && slice.lines().count() >= text.trim_end().lines().count();
        is_block.then_some(Block { source: node.span().source, start, indent, end: node.span().end as usize })
    }

    fn document_at(&self, folder: &str, path: &str) -> Option<&'l Document> {
        let path = reference::under(folder, path)?;
        self.loaded.document(self.loaded.find(&path)?)
    }
}

/// A block scalar in its file.
#[derive(Clone, Copy)]
struct Block {
    source: crate::source::SourceId,
    start: usize,
    indent: usize,
    end: usize,
}

impl Block {
    /// The place in the file of a place in the text.
    fn shifted(self, span: Span, text: &str) -> Span {
        let place = |offset: u32| {
            let before = text.get(..offset as usize).unwrap_or("");
            let lines = before.bytes().filter(|byte| *byte == b'\n').count();
            (self.start + offset as usize + lines * self.indent).min(self.end)
        };
        Span::new(self.source, place(span.start), place(span.end).max(place(span.start)))
    }
}

/// Whether a node is a list of operations.
fn is_operations(node: Node<'_>) -> bool {
    matches!(node.kind(), NodeKind::List(_)) && node.items().next().is_some_and(|item| item.get("op").is_some())
}

#[cfg(test)]
mod tests;
