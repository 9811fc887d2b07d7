//! JSON Schemas written in documents, with the place of every part.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::document::{Node, NodeKind};
use crate::model::tool::Schema;
use crate::source::Span;

/// Nodes that a schema may expand to.
const NODES: usize = 20_000;
/// Levels that a schema may have; deeper ones would exhaust the stack of the validator.
const DEPTH: usize = 64;

/// Reads a schema as it stands; `None` where it is larger or deeper than any honest one.
pub fn read(node: Node<'_>) -> Option<Schema> {
    let mut reader = Reader { places: BTreeMap::new(), left: NODES };
    let json = reader.value(node, String::new(), 0)?;
    Some(Schema { json, places: reader.places, complete: true, tests: Default::default() })
}

struct Reader {
    places: BTreeMap<String, Span>,
    left: usize,
}

impl Reader {
    fn value(&mut self, node: Node<'_>, pointer: String, depth: usize) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        if depth > DEPTH {
            return None;
        }
        let value = match node.kind() {
            NodeKind::List(_) => {
                let item = |(at, item)| self.value(item, format!("{pointer}/{at}"), depth + 1);
                node.items().enumerate().map(item).collect::<Option<Vec<_>>>()?.into()
            }
            NodeKind::Map(_) => {
                let mut map = Map::new();
                for (key, value) in node.entries() {
                    let key = key.scalar().unwrap_or_default();
                    let below = format!("{pointer}/{}", escape(&key));
                    map.insert(key, self.value(value, below, depth + 1)?);
                }
                map.into()
            }
            NodeKind::Null | NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_) | NodeKind::Text(_) => {
                node.to_json(1)?
            }
        };
        self.places.insert(pointer, node.span());
        Some(value)
    }
}

/// One step of a JSON pointer.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The places of a part of a schema, as if it stood alone.
pub fn places_below(places: &BTreeMap<String, Span>, pointer: &str) -> BTreeMap<String, Span> {
    let below = |(key, span): (&String, &Span)| {
        let rest = key.strip_prefix(pointer)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| (rest.to_string(), *span))
    };
    places.iter().filter_map(below).collect()
}
