//! What a schema tells of the values that fit it, as far as something holds them to it.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::code::Name;
use crate::flow::schemas::SchemaTest;
use crate::model::tool::Enforced;
use crate::source::Span;
use crate::taint::condition::{proof, proven_by_pattern};
use crate::taint::{Proofs, Shade};

/// Name of the part that stands for every element of a list.
pub(crate) const ELEMENT: &str = "[]";
/// Deepest nesting of schemas that is read.
const MAX_DEPTH: u32 = 6;

/// What a schema tells of a value: a number, one of a fixed set, a text of a pattern; and of its members and elements.
#[derive(Clone, Debug, Default)]
pub struct Schemed {
    /// Of the value itself.
    pub proofs: Proofs,
    /// Whether it is a text, or nothing at all.
    pub is_text: bool,
    /// Of its members, by name; [`ELEMENT`] for all elements of a list.
    pub parts: BTreeMap<Name, Schemed>,
    /// What looks at it further, in order; what that proves is found out by a walk.
    pub tests: Vec<SchemaTest>,
}

/// What is read beside a schema.
struct Beside<'a> {
    tests: &'a BTreeMap<String, Vec<SchemaTest>>,
    enforced: Enforced,
}

impl Schemed {
    /// What a JSON Schema proves of a value and its parts, where all of it holds.
    pub fn by(schema: &Value) -> Self {
        Self::of(schema, &BTreeMap::new(), Enforced::Schema)
    }

    /// What a schema and its tests, by JSON pointer, prove as far as they hold.
    pub fn of(schema: &Value, tests: &BTreeMap<String, Vec<SchemaTest>>, enforced: Enforced) -> Self {
        Self::within(schema, &Beside { tests, enforced }, "", MAX_DEPTH)
    }

    fn within(schema: &Value, beside: &Beside<'_>, pointer: &str, depth: u32) -> Self {
        let Some(depth) = depth.checked_sub(1) else { return Self::default() };
        let properties = schema.get("properties").and_then(Value::as_object);
        let one = |(name, schema): (&String, &Value)| {
            let pointer = format!("{pointer}/properties/{}", name.replace('~', "~0").replace('/', "~1"));
            (Name::new(name), Self::within(schema, beside, &pointer, depth))
        };
        let mut parts: BTreeMap<Name, Schemed> = properties.into_iter().flatten().map(one).collect();
        let called = parts.values().flat_map(|part| {
            part.tests.iter().filter_map(|test| match test {
                SchemaTest::Called(name) => Some((name.clone(), part.clone())),
                _ => None,
            })
        });
        let called: Vec<(Name, Schemed)> = called.collect();
        parts.extend(called);
        let own = beside.tests.get(pointer).filter(|_| beside.enforced == Enforced::Schema).into_iter().flatten();
        let either = ["anyOf", "oneOf"].iter().find_map(|key| Some((*key, schema.get(*key)?.as_array()?)));
        if let Some((key, options)) = either.filter(|_| parts.is_empty()) {
            let all = options.iter().enumerate().filter(|(_, schema)| !is_null(schema));
            let told = all.map(|(at, one)| Self::within(one, beside, &format!("{pointer}/{key}/{at}"), depth));
            let mut joined = Self::either(told.collect());
            joined.tests.extend(own.cloned());
            return joined;
        }
        let items = schema.get("items").map(|items| Self::within(items, beside, &format!("{pointer}/items"), depth));
        let of_items = items.as_ref().map(|items| items.proofs).unwrap_or_default();
        let mut tests: Vec<SchemaTest> = items.iter().flat_map(|items| items.tests.iter().cloned()).collect();
        tests.extend(own.cloned());
        if let Some(items) = items.filter(|items| !items.parts.is_empty()) {
            parts.insert(Name::new(ELEMENT), items);
        }
        let is_text = is_text(schema) && beside.enforced >= Enforced::Types;
        Self { proofs: proofs(schema, beside.enforced) | of_items, is_text, parts, tests }
    }

    /// What all of several schemas tell; what may be left out is nothing that a caller chose.
    fn either(mut all: Vec<Self>) -> Self {
        if all.len() < 2 {
            return all.pop().unwrap_or_default();
        }
        let is_changed = all.iter().any(|one| one.tests.iter().any(changes));
        let both = |mut one: Self, two: Self| {
            one.proofs = one.proofs & two.proofs;
            one.is_text &= two.is_text;
            one.parts.extend(two.parts);
            one
        };
        let joined = all.into_iter().reduce(both).unwrap_or_default();
        let proofs = if is_changed { Proofs::NONE } else { joined.proofs };
        Self { proofs, tests: Vec::new(), ..joined }
    }

    /// Whether anything beside it looks at a value or one of its parts.
    pub(crate) fn is_tested(&self) -> bool {
        !self.tests.is_empty() || self.parts.values().any(Self::is_tested)
    }

    /// Whether something of it gives back another value than it was given, or may.
    pub(crate) fn is_changed(&self) -> bool {
        self.tests.iter().any(changes)
    }

    /// The same of the value as it was before anything of the schema changed it.
    pub(crate) fn before_changes(mut self) -> Self {
        if self.is_changed() {
            return Self::default();
        }
        self.parts = self.parts.into_iter().map(|(name, part)| (name, part.before_changes())).collect();
        self
    }

    /// A value of which this is told.
    pub(crate) fn shade(&self, name: &Name, span: Span) -> Shade {
        let parts = self.parts.iter().map(|(part, told)| (part.clone(), told.shade(name, span)));
        Shade { parts: Rc::new(parts.collect()), ..Shade::argument(name, span, self.proofs) }
    }

    /// A value that was found to fit.
    pub(crate) fn upon(&self, mut shade: Shade) -> Shade {
        shade.proofs |= self.proofs;
        if self.parts.is_empty() {
            return shade;
        }
        let mut parts = (*shade.parts).clone();
        for (name, told) in &self.parts {
            let part = parts.remove(name).unwrap_or_else(|| Shade {
                parts: Rc::default(),
                items: None,
                constant: None,
                of: Vec::new(),
                is_bag: false,
                proofs: Proofs::NONE,
                ..shade.clone()
            });
            parts.insert(name.clone(), told.upon(part));
        }
        Shade { parts: Rc::new(parts), ..shade }
    }
}

/// Whether something gives back another value than it was given, or may.
fn changes(test: &SchemaTest) -> bool {
    use SchemaTest as Test;
    matches!(
        test,
        Test::Change(..) | Test::Instead(..) | Test::Before(..) | Test::Remade(..) | Test::Coerced | Test::Unknown
    )
}

/// Whether a schema lets nothing but texts through.
fn is_text(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("string")
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

/// What a JSON Schema of one value proves of it, as far as it holds.
pub(crate) fn proofs(schema: &Value, enforced: Enforced) -> Proofs {
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let numeric = |one: &&str| matches!(*one, "integer" | "number" | "boolean" | "null");
    let is_number = !types.is_empty() && types.iter().all(numeric);
    let is_choice = schema.get("enum").is_some() || schema.get("const").is_some();
    let format = schema.get("format").and_then(Value::as_str);
    match (enforced, schema.get("pattern").and_then(Value::as_str)) {
        (Enforced::Nothing, _) => Proofs::NONE,
        (Enforced::Types | Enforced::Keywords | Enforced::Schema, _) if is_choice => Proofs::CHOICE,
        _ if is_number => Proofs::NUMBER,
        (Enforced::Keywords | Enforced::Schema, Some(pattern)) => proven_by_pattern(pattern, false),
        (Enforced::Schema, None) => format.map(by_format).unwrap_or_default(),
        (Enforced::Types, _) if format == Some("uuid") => by_format("uuid"),
        _ => Proofs::NONE,
    }
}

/// What a text of a format is proven to be.
fn by_format(format: &str) -> Proofs {
    match format {
        "uri" | "url" => Proofs::NOT_FLAG,
        "uuid" | "date" | "time" | "date-time" | "ipv4" | "ipv6" | "cuid" | "cuid2" | "ulid" | "nanoid" => {
            proof("uuid").unwrap_or_default()
        }
        _ => Proofs::NONE,
    }
}
