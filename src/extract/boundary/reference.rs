//! `{$ref: path}` in boundary documents: other files of the tree, read in place.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::{Document, Node};
use crate::extract::schema::{self, escape};
use crate::model::known::Spanned;
use crate::model::tool::Schema;
use crate::source::{Sources, Span};

/// References that one schema may follow.
const REFERENCES: usize = 64;

/// Finds documents by path.
pub struct Library<'a> {
    /// All text.
    pub sources: &'a Sources,
    /// All documents.
    pub documents: &'a [Document],
}

impl<'a> Library<'a> {
    /// The first root of the document at a path.
    fn root(&self, path: &str) -> Option<Node<'a>> {
        let source = self.sources.find(path)?;
        self.documents.iter().find(|document| document.source == source)?.root()
    }

    /// The input schema as written, with references to other files replaced by what they name.
    pub fn schema(&self, node: Node<'a>) -> Result<Schema, Spanned<String>> {
        let mut reader = Inliner { library: self, open: Vec::new(), followed: 0, places: BTreeMap::new() };
        let path = self.sources.path(node.document().source).to_string();
        let json = reader.read(node, &path, String::new(), true)?;
        Ok(Schema { json, places: reader.places, complete: true, tests: Default::default() })
    }
}

struct Inliner<'l, 'a> {
    library: &'l Library<'a>,
    open: Vec<(String, String)>,
    followed: usize,
    places: BTreeMap<String, Span>,
}

/// A schema on its way into another.
struct Part<'p> {
    whole: &'p Schema,
    path: &'p str,
    base: &'p str,
    is_root: bool,
}

impl<'a> Inliner<'_, 'a> {
    /// Reads a schema that comes to stand at `pointer`; `is_root` where references inside it stay right.
    fn read(&mut self, node: Node<'a>, path: &str, pointer: String, is_root: bool) -> Result<Value, Spanned<String>> {
        let whole = schema::read(node)
            .ok_or_else(|| Spanned::new("this schema is larger or deeper than it may be".into(), node.span()))?;
        let mut json = whole.json.clone();
        for (at, span) in &whole.places {
            self.places.insert(format!("{pointer}{at}"), *span);
        }
        let part = Part { whole: &whole, path, base: &pointer, is_root };
        self.inline(&mut json, &part, String::new())?;
        Ok(json)
    }

    fn inline(&mut self, value: &mut Value, part: &Part<'_>, inner: String) -> Result<(), Spanned<String>> {
        match value {
            Value::Object(map) => {
                let target = map.get("$ref").and_then(Value::as_str);
                if let Some(target) = target.filter(|target| !(part.is_root && target.starts_with('#'))) {
                    let at = part.whole.places.get(&format!("{inner}/$ref")).or_else(|| part.whole.places.get(""));
                    let span = *at.expect("the place of the whole is always known");
                    let target = target.to_string();
                    *value = self.follow(&target, part.path, span, format!("{}{inner}", part.base))?;
                    return Ok(());
                }
                for (key, below) in map.iter_mut() {
                    self.inline(below, part, format!("{inner}/{}", escape(key)))?;
                }
            }
            Value::Array(items) => {
                for (at, below) in items.iter_mut().enumerate() {
                    self.inline(below, part, format!("{inner}/{at}"))?;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        Ok(())
    }

    fn follow(&mut self, target: &str, from: &str, span: Span, pointer: String) -> Result<Value, Spanned<String>> {
        let wrong = |text: String| Spanned::new(text, span);
        let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
        if file.contains("://") || file.starts_with("//") || file.contains('\\') {
            return Err(wrong(format!("`{target}` is not a path in this tree; a reference stays in the tree")));
        }
        let path = match file {
            "" => from.to_string(),
            _ => beside(from, file).ok_or_else(|| wrong(format!("`{target}` leads out of the tree")))?,
        };
        let step = (path.clone(), fragment.to_string());
        if self.open.contains(&step) {
            return Err(wrong(format!("`{target}` leads back to itself")));
        }
        self.followed += 1;
        if self.followed > REFERENCES {
            return Err(wrong("this schema follows more references than it may".into()));
        }
        let missing = || wrong(format!("`{target}` names `{path}`, which is not a document of this tree"));
        let root = self.library.root(&path).ok_or_else(missing)?;
        let node = descend(root, fragment).ok_or_else(|| wrong(format!("`{path}` has nothing at `#{fragment}`")))?;
        if !node.is_map() {
            return Err(wrong(format!("`{target}` is not a schema")));
        }
        self.open.push(step);
        let is_root = pointer.is_empty() && fragment.is_empty();
        let value = self.read(node, &path, pointer, is_root);
        self.open.pop();
        value
    }
}

/// The node at a fragment such as `/$defs/order`; `None` where it does not exist in full.
fn descend<'a>(root: Node<'a>, fragment: &str) -> Option<Node<'a>> {
    let mut node = root;
    for step in fragment.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        node = node.get(&key).or_else(|| node.items().nth(step.parse().ok()?))?;
    }
    (fragment.is_empty() || fragment.starts_with('/')).then_some(node)
}

/// A path relative to a file, normalised; `None` where it leaves the root.
pub fn beside(file: &str, relative: &str) -> Option<String> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    under(folder, relative)
}

/// A path relative to a folder, normalised; `None` where it leaves the root.
pub fn under(folder: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
