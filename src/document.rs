//! One spanned tree over every data format we read.
//!
//! Nodes live in an arena; an alias shares the node it names, so the tree is a graph without cycles and a walk over it
//! must carry a budget.

use crate::gap::Gap;
use crate::source::{SourceId, Span};

pub mod dockerfile;
pub mod json;
pub mod toml;
pub mod yaml;

/// Handle of a node in its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// Format of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Syntax {
    /// JSON, with or without comments and trailing commas.
    Json,
    /// Newline-delimited JSON: one root per line.
    JsonLines,
    /// YAML, one root per document.
    Yaml,
    /// TOML.
    Toml,
    /// Dockerfile or Containerfile.
    Dockerfile,
}

/// One parsed file.
#[derive(Debug)]
pub struct Document {
    /// The file.
    pub source: SourceId,
    /// What it was written in.
    pub syntax: Syntax,
    /// Arena.
    pub nodes: Vec<NodeData>,
    /// Top-level nodes: one for most formats, one per YAML document.
    pub roots: Vec<NodeId>,
    /// Places of all comments, with their markers.
    pub comments: Vec<Span>,
    /// Keys that stand twice in one map: the first and the later key. The later value is the one that counts.
    pub duplicates: Vec<(Span, Span)>,
}

/// One node and its place.
#[derive(Clone, Debug)]
pub struct NodeData {
    /// What it is.
    pub kind: NodeKind,
    /// Its text, without quotes for scalars.
    pub span: Span,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// Null, or nothing after a key.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text, with escapes resolved.
    Text(Box<str>),
    /// Elements in order.
    List(Vec<NodeId>),
    /// Entries in order of writing, merge keys resolved, duplicates dropped in favour of the later one.
    Map(Vec<Entry>),
}

/// One key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key's node.
    pub key: NodeId,
    /// The value's node; shared where it came through an alias.
    pub value: NodeId,
    /// Where the value came from, if through an alias or a merge key: the place of the `*name`.
    pub alias: Option<Span>,
}

impl Document {
    /// The top-level nodes.
    pub fn roots(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().map(|id| Node { document: self, id: *id })
    }

    /// The first top-level node.
    pub fn root(&self) -> Option<Node<'_>> {
        self.roots().next()
    }
}

/// A node, read through its document.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    id: NodeId,
}

impl<'a> Node<'a> {
    fn data(self) -> &'a NodeData {
        &self.document.nodes[self.id.0 as usize]
    }

    fn with(self, id: NodeId) -> Node<'a> {
        Node { document: self.document, id }
    }

    /// Its handle; equal for a node reached through an alias and the node itself.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// What it is.
    pub fn kind(self) -> &'a NodeKind {
        &self.data().kind
    }

    /// Its place.
    pub fn span(self) -> Span {
        self.data().span
    }

    /// Value of a key in a map.
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        self.entries().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// Value behind a chain of keys.
    pub fn at(self, keys: &[&str]) -> Option<Node<'a>> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Key and value nodes of a map; nothing for other kinds.
    pub fn entries(self) -> impl Iterator<Item = (Node<'a>, Node<'a>)> {
        let entries = match self.kind() {
            NodeKind::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(move |entry| (self.with(entry.key), self.with(entry.value)))
    }

    /// Elements of a list; nothing for other kinds.
    pub fn items(self) -> impl Iterator<Item = Node<'a>> {
        let items = match self.kind() {
            NodeKind::List(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().map(move |id| self.with(*id))
    }

    /// Text of a scalar string.
    pub fn as_str(self) -> Option<&'a str> {
        match self.kind() {
            NodeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A truth value.
    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            NodeKind::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// An integer.
    pub fn as_int(self) -> Option<i64> {
        match self.kind() {
            NodeKind::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// Text of any scalar as it would be passed on: `true`, `12`, `text`; nothing for null, lists and maps.
    pub fn scalar(self) -> Option<String> {
        match self.kind() {
            NodeKind::Bool(value) => Some(value.to_string()),
            NodeKind::Int(value) => Some(value.to_string()),
            NodeKind::Float(value) => Some(value.to_string()),
            NodeKind::Text(text) => Some(text.to_string()),
            NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) => None,
        }
    }

    /// Whether it is a map.
    pub fn is_map(self) -> bool {
        matches!(self.kind(), NodeKind::Map(_))
    }

    /// Whether it is a list.
    pub fn is_list(self) -> bool {
        matches!(self.kind(), NodeKind::List(_))
    }

    /// Whether it is null.
    pub fn is_null(self) -> bool {
        matches!(self.kind(), NodeKind::Null)
    }

    /// The node as JSON; `None` where it expands to more than `budget` nodes.
    pub fn to_json(self, budget: usize) -> Option<serde_json::Value> {
        let mut left = budget;
        self.json_within(&mut left)
    }

    fn json_within(self, left: &mut usize) -> Option<serde_json::Value> {
        use serde_json::Value;
        *left = left.checked_sub(1)?;
        Some(match self.kind() {
            NodeKind::Null => Value::Null,
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Int(value) => Value::from(*value),
            NodeKind::Float(value) => serde_json::Number::from_f64(*value).map_or(Value::Null, Value::Number),
            NodeKind::Text(text) => Value::from(&**text),
            NodeKind::List(_) => self.items().map(|item| item.json_within(left)).collect::<Option<Vec<_>>>()?.into(),
            NodeKind::Map(_) => {
                let entry = |(key, value): (Node<'a>, Node<'a>)| {
                    Some((key.scalar().unwrap_or_default(), value.json_within(left)?))
                };
                Value::Object(self.entries().map(entry).collect::<Option<_>>()?)
            }
        })
    }

    /// The node at a JSON pointer such as `/tools/0/name`, as far as it goes: the deepest node that exists.
    pub fn pointer(self, pointer: &str) -> Node<'a> {
        let steps = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
        let mut node = self;
        for step in steps {
            let next = match node.kind() {
                NodeKind::Map(_) => node.get(&step),
                NodeKind::List(_) => step.parse().ok().and_then(|at: usize| node.items().nth(at)),
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }
}

/// Parses a document. What could not be parsed is a gap; what could be is in the tree all the same.
pub fn parse(source: SourceId, syntax: Syntax, text: &str) -> (Document, Vec<Gap>) {
    match syntax {
        Syntax::Json => json::parse(source, text),
        Syntax::JsonLines => json::parse_lines(source, text),
        Syntax::Yaml => yaml::parse(source, text),
        Syntax::Toml => toml::parse(source, text),
        Syntax::Dockerfile => dockerfile::parse(source, text),
    }
}
