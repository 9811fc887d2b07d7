//! ConfigMaps and Secrets that a kustomization generates: of literals, of files of variables, of whole files.

use super::Builder;
use crate::document::{Node, NodeId, NodeKind};
use crate::extract::boundary::reference;
use crate::extract::environment;
use crate::source::Span;

/// Bytes of a file that becomes a value.
const VALUE: usize = 1 << 20;

impl<'l> Builder<'l> {
    /// Adds what the generators make; one that merges into or replaces another of its name does so.
    pub(super) fn generate(&mut self, folder: &str, root: Node<'l>, objects: &mut Vec<NodeId>) {
        for (key, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            for item in root.get(key).into_iter().flat_map(Node::items) {
                let field = if kind == "Secret" { "stringData" } else { "data" };
                let behavior = item.get("behavior").and_then(Node::as_str).unwrap_or("create");
                let earlier =
                    objects.iter().copied().find(|object| behavior != "create" && self.is_same(*object, kind, item));
                if let (Some(earlier), "replace") = (earlier, behavior) {
                    self.arena.remove(earlier, field);
                }
                let object = earlier.unwrap_or_else(|| self.named(item, kind));
                self.fill(folder, item, object, field);
                if earlier.is_none() {
                    objects.push(object);
                }
            }
        }
    }

    fn is_same(&self, object: NodeId, kind: &str, item: Node<'_>) -> bool {
        let own = |keys: &[&str]| self.arena.at(object, keys).and_then(|id| self.arena.node(id).scalar());
        own(&["kind"]).as_deref() == Some(kind) && own(&["metadata", "name"]) == item.get("name").and_then(Node::scalar)
    }

    fn named(&mut self, item: Node<'_>, kind: &str) -> NodeId {
        let span = item.get("name").map_or(item.span(), Node::span);
        let object = self.arena.add(NodeKind::Map(Vec::new()), span);
        for (key, text) in [("apiVersion", "v1"), ("kind", kind)] {
            let value = self.arena.text(text, span);
            self.arena.set(object, key, value);
        }
        let metadata = self.arena.map_at(object, &["metadata"], span);
        for key in ["name", "namespace"] {
            if let Some(node) = item.get(key) {
                let value = self.arena.copy(node);
                self.arena.set(metadata, key, value);
            }
        }
        object
    }

    fn fill(&mut self, folder: &str, item: Node<'_>, object: NodeId, field: &str) {
        let span = item.get("name").map_or(item.span(), Node::span);
        let data = self.arena.map_at(object, &[field], span);
        for literal in item.get("literals").into_iter().flat_map(Node::items) {
            if let Some((name, text)) = literal.as_str().and_then(|text| text.split_once('=')) {
                self.value(data, name, text.trim_matches(['"', '\'']), literal.span());
            }
        }
        let lists = item.get("envs").into_iter().flat_map(Node::items).chain(item.get("env"));
        lists.for_each(|entry| self.variables(folder, entry, data));
        item.get("files").into_iter().flat_map(Node::items).for_each(|entry| self.file(folder, entry, data));
    }

    fn value(&mut self, data: NodeId, name: &str, text: &str, span: Span) {
        let value = self.arena.text(text, span);
        self.arena.set(data, name, value);
    }

    /// A file of variables, each an entry where it stands in that file.
    fn variables(&mut self, folder: &str, entry: Node<'_>, data: NodeId) {
        let path = entry.as_str().and_then(|path| reference::under(folder, path));
        let Some(file) = path.and_then(|path| self.loaded.find(&path)) else {
            self.gap(entry.span(), "names a file of variables that is not in this tree");
            return;
        };
        for setting in environment::variables(self.loaded, file, "kubernetes") {
            if let (Some(value), Some(span)) = (setting.value.value(), setting.value.span()) {
                self.value(data, &setting.about.name, value, span);
            }
        }
    }

    /// A whole file as one entry, under its own name or the one that is given.
    fn file(&mut self, folder: &str, entry: Node<'_>, data: NodeId) {
        let Some(text) = entry.as_str() else { return };
        let (name, path) = text.split_once('=').unwrap_or((text.rsplit('/').next().unwrap_or(text), text));
        let Some(file) = reference::under(folder, path).and_then(|path| self.loaded.find(&path)) else {
            self.gap(entry.span(), "names a file that is not in this tree");
            return;
        };
        let text = self.loaded.sources.get(file.source).text();
        self.value(data, name, text.get(..VALUE.min(text.len())).unwrap_or(""), Span::new(file.source, 0, 0));
    }
}
