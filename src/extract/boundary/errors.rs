//! What the published schema finds wrong, in plain words and at the key.

use std::sync::LazyLock;

use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind};
use jsonschema::{JsonType, Validator};
use serde_json::Value;

use super::format;
use crate::document::{Node, NodeKind};
use crate::extract::schema::escape;
use crate::model::known::Spanned;
use crate::reader;
use crate::source::Span;

/// Nodes that a document may expand to before it is refused.
const NODES: usize = 100_000;

static FORMAT: LazyLock<(Validator, Vec<String>)> = LazyLock::new(|| {
    let schema = format::schema();
    let validator = jsonschema::validator_for(&schema).expect("our own schema is valid");
    let mut keys = Vec::new();
    gather_keys(&schema, &mut keys);
    keys.sort();
    keys.dedup();
    (validator, keys)
});

/// Every violation of the format, in order of place.
pub fn of(root: Node<'_>) -> Vec<Spanned<String>> {
    let Some(json) = root.to_json(NODES) else {
        return vec![Spanned::new("is larger than any boundary document may be".into(), head(root))];
    };
    let mut found = Vec::new();
    for error in FORMAT.0.iter_errors(&json) {
        explain(root, &error, &mut found);
    }
    found.sort_by_key(|error| (error.span, error.value.clone()));
    found.dedup();
    found
}

/// Names of all keys that the schema knows, for suggestions.
fn gather_keys(schema: &Value, keys: &mut Vec<String>) {
    let Value::Object(map) = schema else { return };
    if let Some(Value::Object(properties)) = map.get("properties") {
        keys.extend(properties.keys().cloned());
        properties.values().for_each(|inner| gather_keys(inner, keys));
    }
    for inner in map.get("$defs").and_then(Value::as_object).into_iter().flat_map(|defs| defs.values()) {
        gather_keys(inner, keys);
    }
}

fn explain(root: Node<'_>, error: &ValidationError<'_>, found: &mut Vec<Spanned<String>>) {
    let pointer = error.instance_path().as_str();
    let mut say = |text: String| found.push(Spanned::new(text, place(root, pointer)));
    let what = pointer.rsplit('/').find(|step| step.parse::<usize>().is_err()).unwrap_or_default();
    let here = match what {
        "" => "this document".to_string(),
        key => format!("`{key}`"),
    };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for key in unexpected {
                let span = key_span(root.pointer(pointer), key).unwrap_or_else(|| place(root, pointer));
                found.push(Spanned::new(unknown_key(key), span));
            }
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            explain_choice(root, error, context, &here, found);
        }
        ValidationErrorKind::Required { property } => say(format!("{} is missing", quoted(property))),
        ValidationErrorKind::Type { kind } => {
            say(format!("{here} is {}, but {} is expected", a(error.instance()), expected(kind)));
        }
        ValidationErrorKind::Enum { options } => {
            say(none_of(error.instance(), options.as_array().into_iter().flatten()))
        }
        ValidationErrorKind::Constant { expected_value } => {
            say(none_of(error.instance(), std::iter::once(&**expected_value)));
        }
        ValidationErrorKind::MinLength { .. } => say(format!("{here} is empty")),
        ValidationErrorKind::MinItems { .. } => say(format!("{here} has no entry")),
        ValidationErrorKind::Minimum { limit } => say(format!("{here} is below {limit}")),
        ValidationErrorKind::UniqueItems => say(format!("{here} lists the same value twice")),
        _ => say(format!("{here} does not fit the format at `{}`", error.schema_path())),
    }
}

/// Says what is wrong with the alternative that the author most likely meant.
fn explain_choice(
    root: Node<'_>,
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    here: &str,
    found: &mut Vec<Spanned<String>>,
) {
    let pointer = error.instance_path().as_str();
    let span = place(root, pointer);
    let constants: Vec<&Value> = context.iter().flatten().filter_map(constant).collect();
    let meant = context.iter().find(|errors| errors.iter().all(|inner| !is_mismatch(inner)));
    if pointer.is_empty() {
        found.push(Spanned::new("states neither `tools` nor `systems`".into(), span));
    } else if let Some(errors) = meant.filter(|_| error.instance().is_object() || error.instance().is_array()) {
        errors.iter().for_each(|inner| explain(root, inner, found));
    } else if constants.is_empty() {
        found.push(Spanned::new(format!("{here} fits none of the forms that it may have"), span));
    } else {
        let map = if constants.len() < context.len() { ", nor a map" } else { "" };
        found.push(Spanned::new(none_of(error.instance(), constants.into_iter()) + map, span));
    }
}

/// Whether the alternative is of another type altogether.
fn is_mismatch(error: &ValidationError<'_>) -> bool {
    let same_place = matches!(error.kind(), ValidationErrorKind::Type { .. } | ValidationErrorKind::Constant { .. });
    same_place || matches!(error.kind(), ValidationErrorKind::OneOfNotValid { .. })
}

fn constant<'e>(error: &'e ValidationError<'_>) -> Option<&'e Value> {
    match error.kind() {
        ValidationErrorKind::Constant { expected_value } => Some(expected_value),
        ValidationErrorKind::OneOfNotValid { context } => context.iter().flatten().find_map(constant),
        _ => None,
    }
}

fn unknown_key(key: &str) -> String {
    let known: Vec<&str> = FORMAT.1.iter().map(String::as_str).collect();
    match reader::closest(key, &known).filter(|near| *near != key) {
        Some(near) => format!("`{key}` is not a key that may stand here; did you mean `{near}`?"),
        None => format!("`{key}` is not a key that may stand here"),
    }
}

fn none_of<'v>(value: &Value, options: impl Iterator<Item = &'v Value>) -> String {
    let options: Vec<String> = options.map(quoted).collect();
    match options.as_slice() {
        [only] => format!("{} is not {only}", shown(value)),
        _ => format!("{} is none of {}", shown(value), options.join(", ")),
    }
}

fn quoted(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{}`", text.chars().take(60).collect::<String>()),
        Value::Null => "an empty value".into(),
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "a map".into(),
    }
}

fn a(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

fn expected(kind: &TypeKind) -> &'static str {
    match kind {
        TypeKind::Single(JsonType::Object) => "a map",
        TypeKind::Single(JsonType::Array) => "a list",
        TypeKind::Single(JsonType::String) => "text",
        TypeKind::Single(JsonType::Integer | JsonType::Number) => "a whole number",
        TypeKind::Single(JsonType::Boolean) => "true or false",
        TypeKind::Single(JsonType::Null) => "nothing",
        TypeKind::Multiple(_) => "another type",
    }
}

/// Where an error at a JSON pointer is shown: a scalar itself, the key of a list or map, the first key of a list's map.
pub fn place(root: Node<'_>, pointer: &str) -> Span {
    let node = root.pointer(pointer);
    let is_empty = node.span().start == node.span().end;
    match node.kind() {
        NodeKind::Map(_) | NodeKind::List(_) | NodeKind::Null => {}
        NodeKind::Text(_) | NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_) if is_empty => {}
        NodeKind::Text(_) | NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_) => return node.span(),
    }
    let Some((parent, step)) = pointer.rsplit_once('/') else { return head(node) };
    let own_key = root.pointer(parent).entries().find(|(key, _)| key.scalar().is_some_and(|key| escape(&key) == step));
    own_key.map_or_else(|| head(node), |(key, _)| key.span())
}

/// The first key of a map, else the node.
pub fn head(node: Node<'_>) -> Span {
    node.entries().next().map_or(node.span(), |(key, _)| key.span())
}

fn key_span(map: Node<'_>, name: &str) -> Option<Span> {
    map.entries().find(|(key, _)| key.scalar().as_deref() == Some(name)).map(|(key, _)| key.span())
}
