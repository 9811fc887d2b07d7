//! One spanned tree over every data format we read.
//!
//! Nodes live in an arena; an alias shares the node it names, so the tree is a graph without cycles and a walk over it
//! must carry a budget.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Application tags of YAML nodes as written: `!reset`, `!override`.
    pub tags: BTreeMap<NodeId, Box<str>>,
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

/// What tells a scalar key from others.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum KeyName<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(String),
    Text(&'a str),
}

impl Document {
    /// A document without nodes.
    pub fn new(source: SourceId, syntax: Syntax) -> Self {
        Self {
            source,
            syntax,
            nodes: Vec::new(),
            roots: Vec::new(),
            comments: Vec::new(),
            duplicates: Vec::new(),
            tags: BTreeMap::new(),
        }
    }

    /// Stores a node.
    pub fn add(&mut self, kind: NodeKind, span: Span) -> NodeId {
        self.nodes.push(NodeData { kind, span });
        NodeId(self.nodes.len() as u32 - 1)
    }

    /// A node read through this document; only for handles that this document gave.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { document: self, id }
    }

    /// Drops earlier entries of keys that stand twice, and remembers both places. `repeatable` keys may.
    fn settle(&mut self, entries: Vec<Entry>, repeatable: &BTreeSet<NodeId>) -> Vec<Entry> {
        let mut last: BTreeMap<KeyName<'_>, usize> = BTreeMap::new();
        let mut duplicates: Vec<(usize, usize)> = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let Some(name) = self.key_name(entry.key).filter(|_| !repeatable.contains(&entry.key)) else { continue };
            duplicates.extend(last.insert(name, at).map(|earlier| (earlier, at)));
        }
        if duplicates.is_empty() {
            return entries;
        }
        let place = |at: usize| self.nodes[entries[at].key.0 as usize].span;
        let places: Vec<(Span, Span)> = duplicates.iter().map(|(earlier, at)| (place(*earlier), place(*at))).collect();
        self.duplicates.extend(places);
        let dropped: BTreeSet<usize> = duplicates.into_iter().map(|(earlier, _)| earlier).collect();
        let kept = entries.into_iter().enumerate().filter(|(at, _)| !dropped.contains(at));
        kept.map(|(_, entry)| entry).collect()
    }

    /// Identity of a scalar key; `1` and `"1"` differ.
    fn key_name(&self, key: NodeId) -> Option<KeyName<'_>> {
        Some(match &self.nodes[key.0 as usize].kind {
            NodeKind::Null => KeyName::Null,
            NodeKind::Bool(value) => KeyName::Bool(*value),
            NodeKind::Int(value) => KeyName::Int(*value),
            NodeKind::Float(value) => KeyName::Float(value.to_string()),
            NodeKind::Text(text) => KeyName::Text(text),
            NodeKind::List(_) | NodeKind::Map(_) => return None,
        })
    }

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

    /// The whole entry of a key in a map: its key node, its value, and the alias it came through.
    pub fn entry(self, key: &str) -> Option<(Node<'a>, Node<'a>, Option<Span>)> {
        let NodeKind::Map(entries) = self.kind() else { return None };
        let entry = entries.iter().find(|entry| self.with(entry.key).as_str() == Some(key))?;
        Some((self.with(entry.key), self.with(entry.value), entry.alias))
    }

    /// Application tag as written (`!reset`), if it has one.
    pub fn tag(self) -> Option<&'a str> {
        self.document.tags.get(&self.id).map(|tag| &**tag)
    }

    /// The document it stands in.
    pub fn document(self) -> &'a Document {
        self.document
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

    /// A truth value as lenient readers take it: also `yes`, `on`, `no`, `off` (YAML 1.1) and `"true"`, `"false"`.
    pub fn as_switch(self) -> Option<bool> {
        match self.kind() {
            NodeKind::Bool(value) => Some(*value),
            NodeKind::Text(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "y" => Some(true),
                "false" | "no" | "off" | "n" => Some(false),
                _ => None,
            },
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

/// Parses a piece of a file that begins at an offset; places are those in the file. Gaps keep no place of their own.
pub fn parse_piece(source: SourceId, syntax: Syntax, text: &str, offset: usize) -> (Document, Vec<Gap>) {
    let (mut document, mut gaps) = parse(source, syntax, text);
    let shifted = |span: Span| Span::new(source, span.start as usize + offset, span.end as usize + offset);
    document.nodes.iter_mut().for_each(|node| node.span = shifted(node.span));
    document.comments.iter_mut().for_each(|comment| *comment = shifted(*comment));
    document.duplicates.iter_mut().for_each(|(first, later)| (*first, *later) = (shifted(*first), shifted(*later)));
    gaps.iter_mut().for_each(|gap| gap.span = gap.span.map(shifted));
    (document, gaps)
}

#[cfg(test)]
mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn json(syntax: Syntax, text: &str) -> (Vec<serde_json::Value>, Vec<String>) {
        let mut sources = Sources::default();
        let id = sources.add_text("x", text);
        let (document, gaps) = parse(id, syntax, text);
        let values = document.roots().map(|root| root.to_json(1000).unwrap_or_default()).collect();
        (values, gaps.into_iter().map(|gap| gap.reason).collect())
    }

    #[test]
    fn merge_keys_give_way_to_explicit_keys_and_to_earlier_sources() {
        let text =
            "a: &a {p: 1, q: 1}\nb: &b {q: 2, r: 2}\nc: {<<: [*a, *b], p: 3}\nd:\n  <<: *b\n  <<: *a\ne: {'<<': *a}\n";
        let (values, gaps) = json(Syntax::Yaml, text);
        assert!(gaps.is_empty(), "{gaps:?}");
        assert_eq!(values[0]["c"], serde_json::json!({"q": 1, "r": 2, "p": 3}));
        assert_eq!(values[0]["d"], serde_json::json!({"q": 2, "r": 2, "p": 1}));
        assert_eq!(values[0]["e"], serde_json::json!({"<<": {"p": 1, "q": 1}}));
    }

    #[test]
    fn a_broken_yaml_document_does_not_hide_the_next() {
        let (values, gaps) = json(Syntax::Yaml, "a: 1\nbroken: [1, 2\n---\nok: yes\n");
        assert_eq!(values.last(), Some(&serde_json::json!({"ok": "yes"})));
        assert_eq!(gaps.len(), 1);
    }

    #[test]
    fn an_alias_of_what_contains_it_is_a_gap() {
        let (_, gaps) = json(Syntax::Yaml, "a: &a [*a]\n");
        assert_eq!(gaps, ["is an alias of a node that contains it"]);
    }

    #[test]
    fn block_collections_end_with_their_content() {
        let mut sources = Sources::default();
        let text = "a:\n  b: 1\n\n# c\nd: 2\n";
        let id = sources.add_text("x", text);
        let (document, _) = parse(id, Syntax::Yaml, text);
        let inner = document.root().and_then(|root| root.get("a")).map(|node| sources.slice(node.span()));
        assert_eq!(inner, Some("b: 1"));
    }

    #[test]
    fn json_keeps_the_later_of_two_equal_keys_and_both_places() {
        let mut sources = Sources::default();
        let text = "\u{feff}{\"a\": 1, // c\n \"b\": \"x\\u0041\", \"a\": 2,}";
        let id = sources.add_text("x", text);
        let (document, gaps) = parse(id, Syntax::Json, text);
        assert!(gaps.is_empty());
        let root = document.root().expect("parsed");
        assert_eq!(root.get("a").and_then(Node::as_int), Some(2));
        assert_eq!(root.get("b").map(|node| sources.slice(node.span())), Some("x\\u0041"));
        let places: Vec<_> = document.duplicates.iter().map(|(a, b)| (sources.slice(*a), b.start)).collect();
        assert_eq!(places, [("a", 35)]);
        assert_eq!(document.comments.iter().map(|span| sources.slice(*span)).collect::<Vec<_>>(), ["// c"]);
    }

    #[test]
    fn values_line_by_line_are_json_lines_and_garbage_after_a_value_is_not() {
        assert_eq!(json(Syntax::Json, "{\"a\":1}\n\n{\"b\":2}\n").0.len(), 2);
        assert_eq!(json(Syntax::Json, "{\"a\":1} x").1.len(), 1);
        assert_eq!(json(Syntax::Json, "").1.len(), 1);
        assert_eq!(json(Syntax::JsonLines, "{\"a\":1}\n{oops\n{\"b\":2}").0.len(), 2);
    }

    #[test]
    fn toml_goes_on_after_a_fault_and_strips_quotes() {
        let text = "[a]\nx = \"v\"\n[b\n[c.'d e']\ny = [1, 0x1f, 1.5, 2020-01-01]\nz = \"\"\"long\"\"\"\n";
        let mut sources = Sources::default();
        let id = sources.add_text("x", text);
        let (document, gaps) = parse(id, Syntax::Toml, text);
        assert_eq!(gaps.len(), 1);
        let root = document.root().expect("parsed");
        let shown: Vec<_> = document.nodes.iter().map(|node| sources.slice(node.span)).collect();
        assert_eq!(
            root.at(&["c", "d e", "y"]).and_then(|node| node.to_json(9)),
            Some(serde_json::json!([1, 31, 1.5, "2020-01-01"]))
        );
        assert!(["x", "v", "long", "d e"].iter().all(|text| shown.contains(text)), "{shown:?}");
    }
}
