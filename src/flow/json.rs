//! A meaning as JSON, with the place of every leaf.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::flow::schemas::SchemaTest;
use crate::flow::{Flow, Meaning};
use crate::source::Span;

/// A value as JSON: what is known of it, where it stands, and whether that is all.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    /// The known part; what is not known is left out, or null in a list.
    pub value: Value,
    /// Place of each JSON pointer.
    pub places: BTreeMap<String, Span>,
    /// Whether all of it is known.
    pub complete: bool,
    /// What looks at values beyond what the JSON says, where it is a schema, by JSON pointer.
    pub tests: BTreeMap<String, Vec<SchemaTest>>,
}

impl Json {
    /// A value that is known, without places.
    pub fn known(value: Value) -> Self {
        Json { value, places: BTreeMap::new(), complete: true, tests: BTreeMap::new() }
    }

    /// Puts `part` under `key` of this object.
    pub fn insert(&mut self, key: &str, part: Json) {
        let Value::Object(map) = &mut self.value else { return };
        let prefix = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
        self.places.extend(part.places.into_iter().map(|(pointer, span)| (format!("{prefix}{pointer}"), span)));
        self.tests.extend(part.tests.into_iter().map(|(pointer, tests)| (format!("{prefix}{pointer}"), tests)));
        self.complete &= part.complete;
        map.insert(key.to_string(), part.value);
    }

    /// Adds something that looks at values of this schema.
    pub fn test(&mut self, test: SchemaTest) {
        self.tests.entry(String::new()).or_default().push(test);
    }

    /// Appends `part` to this list.
    pub fn push(&mut self, part: Json) {
        let Value::Array(list) = &mut self.value else { return };
        let prefix = format!("/{}", list.len());
        self.places.extend(part.places.into_iter().map(|(pointer, span)| (format!("{prefix}{pointer}"), span)));
        self.tests.extend(part.tests.into_iter().map(|(pointer, tests)| (format!("{prefix}{pointer}"), tests)));
        self.complete &= part.complete;
        list.push(part.value);
    }
}

/// Deepest JSON that is made.
const MAX_DEPTH: u32 = 40;

impl Flow<'_> {
    /// The JSON of plain data; `None` where it is not data at all.
    pub fn json(&self, meaning: &Meaning) -> Option<Json> {
        self.json_at(meaning, 0)
    }

    fn json_at(&self, meaning: &Meaning, depth: u32) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut made = match meaning {
            Meaning::Later(value, _) => {
                let mut inner = self.json_at(&self.force(meaning), depth + 1)?;
                inner.places.insert(String::new(), self.span(*value));
                return Some(inner);
            }
            Meaning::Null => Json::known(Value::Null),
            Meaning::Bool(is) => Json::known(Value::Bool(*is)),
            Meaning::Int(number) => Json::known((*number).into()),
            Meaning::Float(number) => {
                Json::known(serde_json::Number::from_f64(*number).map_or(Value::Null, Value::Number))
            }
            Meaning::Text(text, _) => Json::known(Value::String(text.to_string())),
            Meaning::List(items) => {
                let mut list = Json::known(Value::Array(Vec::new()));
                for item in items.iter() {
                    match self.json_at(&item.value, depth + 1) {
                        Some(part) if !item.is_rest => list.push(part),
                        _ => list.complete = false,
                    }
                }
                list
            }
            Meaning::Map(entries) => {
                let mut map = Json::known(Value::Object(Map::new()));
                for entry in entries.iter() {
                    match (&entry.key, self.json_at(&entry.value, depth + 1)) {
                        (Some(key), Some(part)) => map.insert(&key.name, part),
                        _ => map.complete = false,
                    }
                }
                map
            }
            _ => return None,
        };
        if let Meaning::Text(_, span) = meaning {
            made.places.insert(String::new(), *span);
        }
        Some(made)
    }
}
