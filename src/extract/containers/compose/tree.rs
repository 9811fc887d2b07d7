//! A compose file as its layers add up: values from several files in one tree, each with the place that it came from.

use std::collections::BTreeMap;

use crate::document::{Node, NodeKind};
use crate::extract::containers::interpolate;
use crate::model::known::Spanned;
use crate::source::Span;

/// Levels that a compose file may nest once its aliases are followed.
const DEPTH: usize = 32;
/// Values that one compose file may hold once its aliases are followed.
const VALUES: usize = 200_000;

/// One value and what it replaced.
#[derive(Clone, Debug)]
pub struct Tree {
    /// What it is.
    pub kind: Kind,
    /// Its place.
    pub span: Span,
    /// Application tag as written: `!reset`, `!override`.
    pub tag: Option<String>,
    /// Scalars that stood here in earlier layers, first one first.
    pub earlier: Vec<Spanned<String>>,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Null, or nothing after a key.
    Null,
    /// Text of any scalar.
    Scalar {
        /// As written.
        written: String,
        /// With the variables filled in that the project's environment file sets.
        text: String,
    },
    /// Elements in order.
    List(Vec<Tree>),
    /// Entries in order.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Spanned<String>,
    /// The value.
    pub value: Tree,
}

/// Variables that a project's environment file sets.
pub type Variables = BTreeMap<String, String>;

/// Reads a node; nothing where it expands to more than it may.
pub fn read(node: Node<'_>, variables: &Variables) -> Option<Tree> {
    let mut left = VALUES;
    read_within(node, variables, DEPTH, &mut left)
}

fn read_within(node: Node<'_>, variables: &Variables, depth: usize, left: &mut usize) -> Option<Tree> {
    *left = left.checked_sub(1)?;
    let depth = depth.checked_sub(1)?;
    let kind = match node.kind() {
        NodeKind::Null => Kind::Null,
        NodeKind::List(_) => {
            Kind::List(node.items().map(|item| read_within(item, variables, depth, left)).collect::<Option<_>>()?)
        }
        NodeKind::Map(_) => {
            let mut entries = Vec::new();
            for (key, value) in node.entries() {
                let Some(name) = key.scalar() else { continue };
                let key = Spanned::new(name, key.span());
                entries.push(Entry { key, value: read_within(value, variables, depth, left)? });
            }
            Kind::Map(entries)
        }
        NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_) | NodeKind::Text(_) => {
            let written = node.scalar().unwrap_or_default();
            Kind::Scalar { text: interpolate::substitute(&written, variables), written }
        }
    };
    Some(Tree { kind, span: node.span(), tag: node.tag().map(str::to_string), earlier: Vec::new() })
}

impl Tree {
    /// A map without entries.
    pub fn empty(span: Span) -> Self {
        Self::of(Kind::Map(Vec::new()), span)
    }

    /// A value that replaces nothing.
    pub fn of(kind: Kind, span: Span) -> Self {
        Self { kind, span, tag: None, earlier: Vec::new() }
    }

    /// Value of a key in a map.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.entries().iter().find(|entry| entry.key.value == key).map(|entry| &entry.value)
    }

    /// Value behind a chain of keys; null is nothing.
    pub fn at(&self, keys: &[&str]) -> Option<&Tree> {
        let found = keys.iter().try_fold(self, |tree, key| tree.get(key))?;
        (!matches!(found.kind, Kind::Null)).then_some(found)
    }

    /// Place of a key in a map.
    pub fn key(&self, key: &str) -> Option<Span> {
        self.entries().iter().find(|entry| entry.key.value == key).map(|entry| entry.key.span)
    }

    /// Entries of a map; none for other kinds.
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            Kind::Null | Kind::Scalar { .. } | Kind::List(_) => &[],
        }
    }

    /// Elements of a list; none for other kinds.
    pub fn items(&self) -> &[Tree] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Null | Kind::Scalar { .. } | Kind::Map(_) => &[],
        }
    }

    /// Text of a scalar, with the project's variables filled in.
    pub fn text(&self) -> Option<Spanned<String>> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(Spanned::new(text.clone(), self.span)),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Text of a scalar as it stands in the file: what a variable holds may be a secret.
    pub fn written(&self) -> Option<Spanned<String>> {
        match &self.kind {
            Kind::Scalar { written, .. } => Some(Spanned::new(written.clone(), self.span)),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    /// The entries of a list, of a map as `key=value`, or the scalar alone.
    pub fn listed(&self) -> Vec<Spanned<String>> {
        let pair = |entry: &Entry| {
            let value = entry.value.text().map_or(String::new(), |value| value.value);
            Spanned::new(format!("{}={value}", entry.key.value), entry.key.span)
        };
        match &self.kind {
            Kind::Null => Vec::new(),
            Kind::Scalar { text, .. } => vec![Spanned::new(text.clone(), self.span)],
            Kind::List(items) => items.iter().filter_map(Tree::text).collect(),
            Kind::Map(entries) => entries.iter().map(pair).collect(),
        }
    }
}
