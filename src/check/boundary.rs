//! Boundary documents against their schema and against the tools they describe.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::check::{Predicate, Question};
use crate::gap::{Gap, GapKind};
use crate::model::known::Known;
use crate::model::subject::SubjectRef;
use crate::model::tool::Schema;
use crate::model::{Note, SubjectKind};
use crate::rules::Answer;
use crate::rules::world::Asked;

/// Deepest schema that is compared; deeper ones are cut on both sides alike.
const DEEPEST: usize = 40;
/// Most nodes that inlined references may grow a schema to.
const LARGEST: usize = 20_000;

/// Whether a boundary document follows its published schema.
pub static VALID: Predicate = Predicate {
    name: "document-is-valid",
    subjects: &[SubjectKind::BoundaryDocument],
    params: &[],
    holes: &["errors", "first"],
    ask: is_valid,
};

/// Whether the documented input schema is the one that the tool declares.
pub static SAME_SCHEMA: Predicate = Predicate {
    name: "documented-schema-is-declared",
    subjects: &[SubjectKind::Tool],
    params: &[],
    holes: &["pointer", "difference"],
    ask: is_same_schema,
};

fn is_valid(question: &Question<'_>) -> Answer {
    let SubjectRef::BoundaryDocument(document) = question.asked.subject else {
        return Answer::NotApplicable("it is no boundary document".to_string());
    };
    let Some(first) = document.errors.first().filter(|_| !document.valid) else {
        return question.holds(document.about.span, &[], Vec::new());
    };
    let number = match document.errors.len() {
        1 => "a mistake".to_string(),
        several => format!("{several} mistakes"),
    };
    let rest = document.errors.iter().skip(1).map(|error| Note::new(error.span, error.value.clone())).collect();
    question.fails(first.span, &[("errors", &number), ("first", &first.value)], rest)
}

fn is_same_schema(question: &Question<'_>) -> Answer {
    let SubjectRef::Tool(tool) = question.asked.subject else {
        return Answer::NotApplicable("it is no tool".to_string());
    };
    let Some(documented) = documented(question, question.asked) else {
        return Answer::NotApplicable("no boundary document gives its input schema".to_string());
    };
    let (declared, place) = match &tool.input_schema {
        Known::Is(schema) => (&schema.value, schema.span),
        Known::Absent => return Answer::NotApplicable("the tool declares no input schema".to_string()),
        Known::Unknown(unknown) => {
            return question.unknown(Gap::at(unknown.span, GapKind::Unresolved, unknown.reason.clone()));
        }
    };
    let step = |schema: &crate::model::Spanned<Schema>, text: &str| vec![Note::new(schema.span, text)];
    match difference(&canonical(&documented.value), &canonical(declared), String::new()) {
        None if declared.complete && documented.value.complete => {
            question.holds(documented.span, &[], vec![Note::new(place, "declared here")])
        }
        None => {
            let reason = format!("only part of the input schema of `{}` is known", tool.about.name);
            question.unknown(Gap::at(place, GapKind::Unresolved, reason))
        }
        // What is missing from a schema that is known in part may stand in the unknown part.
        Some((pointer, text)) if !declared.complete => {
            let reason = format!("only part of the declared input schema is known; it differs at {pointer}: {text}");
            question.unknown(Gap::at(place, GapKind::Unresolved, reason))
        }
        Some((pointer, text)) => {
            let shown = if pointer.is_empty() { "the top" } else { pointer.as_str() };
            let at = declared.places.get(&pointer).copied().unwrap_or(place);
            question.fails(at, &[("pointer", shown), ("difference", &text)], step(documented, "documented here"))
        }
    }
}

fn documented<'a>(question: &Question<'a>, asked: Asked<'a>) -> Option<&'a crate::model::Spanned<Schema>> {
    let boundaries = question.world.of(SubjectKind::Boundary).iter();
    boundaries.filter(|other| other.tool.is_some() && other.tool == asked.tool).find_map(|other| match other.subject {
        SubjectRef::Boundary(boundary) => match &boundary.input_schema {
            Known::Is(schema) => Some(schema),
            Known::Absent | Known::Unknown(_) => None,
        },
        _ => None,
    })
}

/// The schema without what has no effect on validation: annotations, order, defaults written out, local references.
fn canonical(schema: &Schema) -> Value {
    let mut left = LARGEST;
    plain(&schema.json, &schema.json, 0, &mut left)
}

fn plain(value: &Value, root: &Value, depth: usize, left: &mut usize) -> Value {
    let Some(rest) = left.checked_sub(1).filter(|_| depth < DEEPEST) else { return Value::Null };
    *left = rest;
    match value {
        Value::Object(map) => {
            let target = map.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
            match target.and_then(|pointer| root.pointer(pointer)) {
                Some(target) => plain(target, root, depth + 1, left),
                None => plain_map(map, root, depth, left),
            }
        }
        Value::Array(items) => items.iter().map(|item| plain(item, root, depth + 1, left)).collect(),
        other => other.clone(),
    }
}

fn plain_map(map: &Map<String, Value>, root: &Value, depth: usize, left: &mut usize) -> Value {
    let mut out: BTreeMap<&str, Value> = BTreeMap::new();
    for (key, value) in map {
        let kept = match key.as_str() {
            // Under these, keys are names of the author's, not keywords.
            "properties" | "patternProperties" => names(value, root, depth, left),
            "title" | "description" | "examples" | "default" | "deprecated" | "$schema" | "$id" | "$comment" => None,
            "$defs" | "definitions" | "readOnly" | "writeOnly" => None,
            "additionalProperties" if value == &Value::Bool(true) => None,
            "required" if value.as_array().is_some_and(Vec::is_empty) => None,
            "required" | "enum" | "type" | "anyOf" | "oneOf" | "allOf" => {
                Some(unordered(plain(value, root, depth + 1, left)))
            }
            _ => Some(plain(value, root, depth + 1, left)),
        };
        if let Some(kept) = kept {
            out.insert(key, kept);
        }
    }
    out.into_iter().map(|(key, value)| (key.to_string(), value)).collect::<Map<_, _>>().into()
}

fn names(value: &Value, root: &Value, depth: usize, left: &mut usize) -> Option<Value> {
    let map = value.as_object().filter(|map| !map.is_empty())?;
    let sorted: BTreeMap<&String, &Value> = map.iter().collect();
    let entry = |(name, value): (&String, &Value)| (name.clone(), plain(value, root, depth + 1, left));
    Some(sorted.into_iter().map(entry).collect::<Map<_, _>>().into())
}

/// A list whose order means nothing; a list of one is its element.
fn unordered(value: Value) -> Value {
    let Value::Array(mut items) = value else { return value };
    items.sort_by_key(Value::to_string);
    items.dedup();
    match items.as_slice() {
        [one] if one.is_string() => one.clone(),
        _ => Value::Array(items),
    }
}

/// The first place at which two schemas differ, and how.
fn difference(documented: &Value, declared: &Value, pointer: String) -> Option<(String, String)> {
    if documented == declared {
        return None;
    }
    let (Value::Object(one), Value::Object(other)) = (documented, declared) else {
        return Some((pointer, format!("documented {documented}, declared {declared}")));
    };
    let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter().find_map(|key| match (one.get(key), other.get(key)) {
        (Some(left), Some(right)) => {
            let step = key.replace('~', "~0").replace('/', "~1");
            difference(left, right, format!("{pointer}/{step}"))
        }
        (Some(_), None) => Some((pointer.clone(), format!("`{key}` is documented, not declared"))),
        (None, _) => Some((pointer.clone(), format!("`{key}` is declared, not documented"))),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differs(documented: Value, declared: Value) -> Option<(String, String)> {
        let schema = |json| Schema { json, places: BTreeMap::new(), complete: true, tests: BTreeMap::new() };
        difference(&canonical(&schema(documented)), &canonical(&schema(declared)), String::new())
    }

    #[test]
    fn what_does_not_validate_makes_no_difference() {
        let cases = [
            (json!({"type": "object", "title": "A"}), json!({"description": "b", "type": ["object"]})),
            (json!({"required": ["a", "b"]}), json!({"required": ["b", "a"]})),
            (json!({"additionalProperties": true, "properties": {}}), json!({})),
            (
                json!({"properties": {"a": {"type": "string"}}}),
                json!({"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "string"}}}),
            ),
            (
                json!({"properties": {"title": {"type": "string"}}}),
                json!({"properties": {"title": {"type": "string"}}}),
            ),
        ];
        for (one, other) in cases {
            assert_eq!(differs(one.clone(), other.clone()), None, "{one} {other}");
        }
    }

    #[test]
    fn what_validates_is_told_at_its_pointer() {
        let cases = [
            (
                json!({"properties": {"a": {}}}),
                json!({"properties": {"a": {}, "b": {}}}),
                "/properties",
                "`b` is declared",
            ),
            (json!({"properties": {"title": {}}}), json!({}), "", "`properties` is documented"),
            (
                json!({"properties": {"a/b": {"maxLength": 5}}}),
                json!({"properties": {"a/b": {"maxLength": 6}}}),
                "/properties/a~1b/maxLength",
                "documented 5, declared 6",
            ),
            (json!({"additionalProperties": false}), json!({}), "", "`additionalProperties` is documented"),
        ];
        for (one, other, pointer, text) in cases {
            let (at, how) = differs(one, other).expect("they differ");
            assert!(at == pointer && how.starts_with(text), "{at} {how}");
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let round = json!({"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}, "c": {"$ref": "#"}}});
        assert_eq!(differs(round.clone(), round), None);
    }
}
