//! A tree that is put together from parts of others, each node with the place that it came from.

use crate::document::{Document, Entry, Node, NodeId, NodeKind, Syntax};
use crate::source::{SourceId, Span};

/// Nodes that one rendering may hold.
const NODES: usize = 400_000;
/// Levels that one copy may go down.
const DEPTH: usize = 200;

/// A tree under construction.
pub struct Arena {
    /// What it is put together in.
    pub document: Document,
    /// Whether something was left out because it grew too large.
    pub overflowed: bool,
}

impl Arena {
    /// An empty one; `source` only names it.
    pub fn new(source: SourceId) -> Self {
        Self { document: Document::new(source, Syntax::Yaml), overflowed: false }
    }

    /// A new node.
    pub fn add(&mut self, kind: NodeKind, span: Span) -> NodeId {
        self.overflowed |= self.document.nodes.len() >= NODES;
        self.document.add(kind, span)
    }

    /// Text as a node.
    pub fn text(&mut self, text: &str, span: Span) -> NodeId {
        self.add(NodeKind::Text(text.into()), span)
    }

    /// A copy of a node of another tree, aliases expanded.
    pub fn copy(&mut self, node: Node<'_>) -> NodeId {
        self.copy_within(node, DEPTH)
    }

    fn copy_within(&mut self, node: Node<'_>, depth: usize) -> NodeId {
        if depth == 0 || self.document.nodes.len() >= NODES {
            self.overflowed = true;
            return self.add(NodeKind::Null, node.span());
        }
        let kind = match node.kind() {
            NodeKind::List(_) => NodeKind::List(node.items().map(|item| self.copy_within(item, depth - 1)).collect()),
            NodeKind::Map(_) => {
                let entries = node.entries().map(|(key, value)| Entry {
                    key: self.copy_within(key, depth - 1),
                    value: self.copy_within(value, depth - 1),
                    alias: None,
                });
                NodeKind::Map(entries.collect())
            }
            scalar => scalar.clone(),
        };
        self.add(kind, node.span())
    }

    /// A copy of one of its own nodes.
    pub fn copy_own(&mut self, id: NodeId) -> NodeId {
        self.copy_own_within(id, DEPTH)
    }

    fn copy_own_within(&mut self, id: NodeId, depth: usize) -> NodeId {
        let data = self.document.nodes[id.0 as usize].clone();
        if depth == 0 || self.document.nodes.len() >= NODES {
            self.overflowed = true;
            return self.add(NodeKind::Null, data.span);
        }
        let kind = match data.kind {
            NodeKind::List(items) => {
                NodeKind::List(items.into_iter().map(|item| self.copy_own_within(item, depth - 1)).collect())
            }
            NodeKind::Map(entries) => {
                let entries = entries.into_iter().map(|entry| Entry {
                    key: self.copy_own_within(entry.key, depth - 1),
                    value: self.copy_own_within(entry.value, depth - 1),
                    alias: None,
                });
                NodeKind::Map(entries.collect())
            }
            scalar => scalar,
        };
        self.add(kind, data.span)
    }

    /// A node, to be read.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        self.document.node(id)
    }

    /// What a node is.
    pub fn kind(&self, id: NodeId) -> &NodeKind {
        &self.document.nodes[id.0 as usize].kind
    }

    /// What a node is, to be changed.
    pub fn kind_mut(&mut self, id: NodeId) -> &mut NodeKind {
        &mut self.document.nodes[id.0 as usize].kind
    }

    /// The value of a key.
    pub fn get(&self, map: NodeId, key: &str) -> Option<NodeId> {
        let at = self.position(map, key)?;
        match self.kind(map) {
            NodeKind::Map(entries) => entries.get(at).map(|entry| entry.value),
            _ => None,
        }
    }

    /// The value behind a chain of keys.
    pub fn at(&self, map: NodeId, keys: &[&str]) -> Option<NodeId> {
        keys.iter().try_fold(map, |node, key| self.get(node, key))
    }

    /// The elements of a list.
    pub fn items(&self, list: NodeId) -> Vec<NodeId> {
        match self.kind(list) {
            NodeKind::List(items) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// Sets a key of a map; what is no map becomes one.
    pub fn set(&mut self, map: NodeId, key: &str, value: NodeId) {
        let span = self.node(value).span();
        let at = self.position(map, key);
        if let (Some(at), NodeKind::Map(entries)) = (at, self.kind_mut(map)) {
            if let Some(entry) = entries.get_mut(at) {
                entry.value = value;
            }
            return;
        }
        let key = self.text(key, span);
        let entry = Entry { key, value, alias: None };
        match self.kind_mut(map) {
            NodeKind::Map(entries) => entries.push(entry),
            other => *other = NodeKind::Map(vec![entry]),
        }
    }

    /// Takes a key out of a map.
    pub fn remove(&mut self, map: NodeId, key: &str) {
        let at = self.position(map, key);
        if let (Some(at), NodeKind::Map(entries)) = (at, self.kind_mut(map)) {
            entries.remove(at);
        }
    }

    /// The map under a chain of keys, made where there is none.
    pub fn map_at(&mut self, map: NodeId, keys: &[&str], span: Span) -> NodeId {
        keys.iter().fold(map, |node, key| match self.get(node, key) {
            Some(found) => found,
            None => {
                let made = self.add(NodeKind::Map(Vec::new()), span);
                self.set(node, key, made);
                made
            }
        })
    }

    fn position(&self, map: NodeId, key: &str) -> Option<usize> {
        let NodeKind::Map(entries) = self.kind(map) else { return None };
        entries.iter().position(|entry| self.node(entry.key).scalar().is_some_and(|own| own == key))
    }
}
