//! Builders of zod, majors 3 and 4, as JSON Schema.

use serde_json::{Value, json};

use crate::extract::tools::schema::shape::{self, Built};
use crate::extract::tools::schema::{any_of, further, say, typed, unknown};
use crate::flow::Flow;
use crate::flow::json::Json;
use crate::flow::meaning::{Made, Meaning, Passed};
use crate::flow::schemas::SchemaTest;

/// Deepest chain and nesting of builders.
const MAX_DEPTH: u32 = 60;

/// The schema that a builder, a raw shape or a conversion stands for; `None` where it is none of these.
pub fn schema(flow: &Flow, meaning: &Meaning) -> Option<Json> {
    if let Some(built) = built(flow, meaning, 0) {
        return Some(built.schema);
    }
    match meaning {
        Meaning::Map(entries) => {
            let has = |name: &str| entries.iter().any(|entry| entry.key.as_ref().is_some_and(|key| key.name == name));
            let is_shape = entries.iter().any(|entry| built(flow, &entry.value, 0).is_some());
            let is_schema = has("type") && (has("properties") || entries.len() == 1) || has("$schema");
            (is_shape && !is_schema).then(|| shape(flow, meaning, 0))
        }
        Meaning::Member(base, name) if name == "shape" => built(flow, base, 0).map(|built| of_shape(built.schema)),
        Meaning::Made(made) => {
            let Meaning::Outside(name) = &made.callee else { return None };
            let is_conversion = name.ends_with("zodToJsonSchema")
                || name.ends_with("toJSONSchema")
                || name.ends_with("#default") && name.starts_with("zod-to-json-schema");
            let first = made.arguments.first().filter(|_| is_conversion)?;
            built(flow, &first.value, 0).map(|built| built.schema)
        }
        _ => None,
    }
}

/// Properties alone: what the object said of further keys, and what looked at it as a whole, is left behind.
fn of_shape(mut schema: Json) -> Json {
    if let Value::Object(map) = &mut schema.value {
        map.shift_remove("additionalProperties");
    }
    let is_around = |test: &SchemaTest| matches!(test, SchemaTest::Around(..) | SchemaTest::Listed(_, _, Some(_)));
    schema.tests.values_mut().for_each(|tests| tests.retain(|test| !is_around(test)));
    schema.tests.remove("");
    schema
}

/// The builder's function behind a full name: `zod#z.string` is `string`.
fn builder(name: &str) -> Option<&str> {
    let (module, member) = name.split_once('#')?;
    let is_zod = module == "zod" || module.starts_with("zod/") || module == "@zod/mini" || module == "zod-mini";
    let member = member.strip_prefix("z.").or_else(|| member.strip_prefix("zod.")).unwrap_or(member);
    is_zod.then_some(member)
}

fn built(flow: &Flow, meaning: &Meaning, depth: u32) -> Option<Built> {
    if depth > MAX_DEPTH {
        return None;
    }
    match meaning {
        Meaning::Later(..) => built(flow, &flow.force(meaning), depth + 1),
        Meaning::Made(made) => match &made.callee {
            Meaning::Outside(name) => Some(start(flow, builder(name)?, made, depth)),
            Meaning::Member(base, method) => {
                let inner = built(flow, base, depth + 1)?;
                Some(modified(flow, inner, method, &made.arguments, depth))
            }
            _ => None,
        },
        _ => None,
    }
}

fn inner(flow: &Flow, arguments: &[Passed], at: usize, depth: u32) -> Built {
    let found = arguments.get(at).and_then(|argument| built(flow, &argument.value, depth + 1));
    found.unwrap_or_else(Built::unknown)
}

fn start(flow: &Flow, name: &str, made: &Made, depth: u32) -> Built {
    let arguments = &made.arguments;
    let first = || arguments.first().map_or(Meaning::Null, |argument| flow.force(&argument.value));
    let mut is_optional = false;
    let mut schema = match name.strip_prefix("coerce.").unwrap_or(name) {
        "string" => typed("string"),
        "number" => typed("number"),
        "int" | "int32" | "bigint" => typed("integer"),
        "boolean" | "stringbool" => typed("boolean"),
        "null" => typed("null"),
        "date" => Json::known(json!({"type": "string", "format": "date-time"})),
        "email" | "url" | "uuid" | "guid" | "ipv4" | "ipv6" => {
            Json::known(json!({"type": "string", "format": if name == "url" { "uri" } else { name }}))
        }
        "any" | "unknown" | "undefined" | "void" => {
            is_optional = true;
            Json::known(json!({}))
        }
        "literal" => match flow.json(&first()) {
            Some(value) => {
                let mut schema = Json::known(json!({}));
                schema.insert(if value.value.is_array() { "enum" } else { "const" }, value);
                schema
            }
            None => unknown(),
        },
        "enum" | "nativeEnum" => enumeration(flow, &first()),
        "array" => {
            let mut schema = typed("array");
            schema.insert("items", inner(flow, arguments, 0, depth).schema);
            schema
        }
        "object" | "looseObject" => shape(flow, &first(), depth),
        "strictObject" => {
            let mut schema = shape(flow, &first(), depth);
            say(&mut schema, "additionalProperties", false);
            schema
        }
        "record" => {
            let mut schema = typed("object");
            schema.insert(
                "additionalProperties",
                inner(flow, arguments, arguments.len().saturating_sub(1), depth).schema,
            );
            schema
        }
        "union" => alternatives(flow, &first(), depth),
        "discriminatedUnion" => {
            alternatives(flow, &arguments.get(1).map_or(Meaning::Null, |argument| flow.force(&argument.value)), depth)
        }
        "optional" => {
            is_optional = true;
            inner(flow, arguments, 0, depth).schema
        }
        "nullable" => any_of(vec![inner(flow, arguments, 0, depth).schema, typed("null")]),
        "preprocess" => {
            let mut schema = inner(flow, arguments, 1, depth).schema;
            let before = further::change(flow, arguments.first(), SchemaTest::Before);
            if before != SchemaTest::Unknown {
                schema.tests.entry(String::new()).or_default().insert(0, before);
            }
            schema
        }
        "lazy" => unknown(),
        _ => unknown(),
    };
    if matches!(name, "coerce.boolean" | "coerce.string" | "coerce.date" | "stringbool") {
        schema.test(SchemaTest::Coerced);
    }
    schema.places.insert(String::new(), flow.span(made.at));
    Built { schema, is_optional }
}

fn enumeration(flow: &Flow, values: &Meaning) -> Json {
    let list = match values {
        Meaning::Map(entries) => Meaning::List(
            entries
                .iter()
                .map(|entry| crate::flow::meaning::Item {
                    value: entry.value.clone(),
                    optional: false,
                    is_rest: entry.key.is_none(),
                })
                .collect(),
        ),
        Meaning::Class(_) => flow.items(values).map_or(Meaning::Null, |items| Meaning::List(items.into())),
        other => other.clone(),
    };
    match flow.json(&list).filter(|json| json.value.is_array()) {
        Some(values) => {
            let mut schema = typed("string");
            schema.insert("enum", values);
            schema
        }
        None => unknown(),
    }
}

fn alternatives(flow: &Flow, list: &Meaning, depth: u32) -> Json {
    let Some(items) = flow.items(list) else { return unknown() };
    let all: Vec<Json> = items
        .iter()
        .map(|item| built(flow, &item.value, depth + 1).map_or_else(unknown, |built| built.schema))
        .collect();
    if all.is_empty() { unknown() } else { any_of(all) }
}

/// The object schema of the entries of an object.
fn shape(flow: &Flow, map: &Meaning, depth: u32) -> Json {
    shape::shape(map, |value| built(flow, value, depth + 1))
}

fn modified(flow: &Flow, mut one: Built, method: &str, arguments: &[Passed], depth: u32) -> Built {
    let value = |at: usize| arguments.get(at).and_then(|argument| flow.json(&argument.value));
    let kind = one.schema.value.get("type").and_then(Value::as_str).unwrap_or_default().to_string();
    let put = |one: &mut Built, key: &str| match value(0) {
        Some(found) => one.schema.insert(key, found),
        None => one.schema.complete = false,
    };
    match (method, kind.as_str()) {
        ("optional" | "nullish" | "catch", _) => one.is_optional = true,
        ("default" | "prefault", _) => {
            one.is_optional = true;
            if let Some(found) = value(0) {
                one.schema.insert("default", found);
            }
        }
        ("nullable", _) => one.schema = any_of(vec![one.schema, typed("null")]),
        ("describe", _) => put(&mut one, "description"),
        ("meta", _) => {
            if let Some(Value::Object(said)) = value(0).map(|json| json.value) {
                said.into_iter().for_each(|(key, value)| say(&mut one.schema, &key, value));
            }
        }
        ("min" | "minLength", "string") => put(&mut one, "minLength"),
        ("max" | "maxLength", "string") => put(&mut one, "maxLength"),
        ("min", "array") => put(&mut one, "minItems"),
        ("max", "array") => put(&mut one, "maxItems"),
        ("min" | "gte", _) => put(&mut one, "minimum"),
        ("max" | "lte", _) => put(&mut one, "maximum"),
        ("gt", _) => put(&mut one, "exclusiveMinimum"),
        ("lt", _) => put(&mut one, "exclusiveMaximum"),
        ("length", "string") => ["minLength", "maxLength"].iter().for_each(|key| put(&mut one, key)),
        ("length", "array") => ["minItems", "maxItems"].iter().for_each(|key| put(&mut one, key)),
        ("nonempty", "string") => say(&mut one.schema, "minLength", 1),
        ("nonempty", _) => say(&mut one.schema, "minItems", 1),
        ("int", _) => say(&mut one.schema, "type", "integer"),
        ("positive", _) => say(&mut one.schema, "exclusiveMinimum", 0),
        ("nonnegative", _) => say(&mut one.schema, "minimum", 0),
        ("negative", _) => say(&mut one.schema, "exclusiveMaximum", 0),
        ("multipleOf" | "step", _) => put(&mut one, "multipleOf"),
        ("email" | "uuid" | "datetime" | "date" | "ip", _) => {
            say(&mut one.schema, "format", if method == "datetime" { "date-time" } else { method });
        }
        ("url", _) => say(&mut one.schema, "format", "uri"),
        ("regex", _) => match arguments.first().map(|argument| flow.force(&argument.value)) {
            Some(Meaning::Regex(pattern)) => {
                say(&mut one.schema, "pattern", pattern.as_str());
                if further::is_of_lines(flow, &arguments[0].value) {
                    one.schema.test(SchemaTest::Unknown);
                }
            }
            _ => one.schema.complete = false,
        },
        ("strict", _) => say(&mut one.schema, "additionalProperties", false),
        ("passthrough" | "loose", _) => say(&mut one.schema, "additionalProperties", true),
        ("extend" | "merge" | "safeExtend", _) => return merged(flow, one, arguments, depth),
        ("partial", _) => {
            if let Value::Object(map) = &mut one.schema.value {
                map.shift_remove("required");
            }
        }
        ("or", _) => one.schema = any_of(vec![one.schema, inner(flow, arguments, 0, depth).schema]),
        ("array", _) => {
            let mut schema = typed("array");
            schema.insert("items", one.schema);
            one.schema = schema;
        }
        ("pick" | "omit", _) => chosen(flow, &mut one.schema, arguments, method == "pick"),
        ("refine" | "superRefine" | "check" | "transform" | "overwrite" | "pipe", _) => {
            looked_at(flow, &mut one.schema, method, arguments, depth);
        }
        (
            "brand" | "readonly" | "trim" | "finite" | "safe" | "strip" | "required" | "toLowerCase" | "toUpperCase"
            | "register" | "openapi",
            _,
        ) => {}
        _ => one.schema.complete = false,
    }
    one
}

/// Adds what a function does with a value that fits so far.
fn looked_at(flow: &Flow, schema: &mut Json, method: &str, arguments: &[Passed], depth: u32) {
    let function = arguments.first().and_then(|first| further::function(flow, &first.value));
    let is_object = schema.value.get("properties").is_some();
    match (method, function) {
        ("refine", Some(function)) if is_object => further::around(schema, function, true),
        ("superRefine", Some(function)) if is_object => further::around(schema, function, false),
        ("refine", Some((source, function))) => schema.test(SchemaTest::Predicate(source, function)),
        ("superRefine", Some((source, function))) => schema.test(SchemaTest::Refuses(source, function)),
        ("check", Some(function)) => further::listed(schema, function),
        ("refine" | "superRefine" | "check", None) => {}
        ("pipe", _) => {
            let next = inner(flow, arguments, 0, depth).schema;
            schema.test(SchemaTest::Fits(next.value));
            next.tests.get("").into_iter().flatten().for_each(|test| schema.test(test.clone()));
        }
        _ => schema.test(further::change(flow, arguments.first(), SchemaTest::Change)),
    }
}

/// Keeps the properties that an object names, or those that it does not name.
fn chosen(flow: &Flow, schema: &mut Json, arguments: &[Passed], picks: bool) {
    let first = arguments.first().map_or(Meaning::Null, |argument| flow.force(&argument.value));
    let (Meaning::Map(entries), Value::Object(own)) = (&first, &mut schema.value) else {
        schema.complete = false;
        return;
    };
    schema.complete &= entries.iter().all(|entry| entry.key.is_some());
    let keeps =
        |name: &str| entries.iter().any(|entry| entry.key.as_ref().is_some_and(|key| key.name == name)) == picks;
    if let Some(Value::Object(properties)) = own.get_mut("properties") {
        properties.retain(|name, _| keeps(name));
    }
    if let Some(Value::Array(required)) = own.get_mut("required") {
        required.retain(|name| name.as_str().is_some_and(keeps));
    }
}

fn merged(flow: &Flow, mut one: Built, arguments: &[Passed], depth: u32) -> Built {
    let first = arguments.first().map_or(Meaning::Null, |argument| flow.force(&argument.value));
    let more = match &first {
        Meaning::Map(_) => shape(flow, &first, depth),
        other => built(flow, other, depth + 1).map_or_else(unknown, |built| built.schema),
    };
    one.schema.complete &= more.complete;
    one.schema.tests.extend(
        more.tests.iter().filter(|(pointer, _)| !pointer.is_empty()).map(|(at, tests)| (at.clone(), tests.clone())),
    );
    one.schema.places.extend(
        more.places.iter().filter(|(pointer, _)| !pointer.is_empty()).map(|(pointer, span)| (pointer.clone(), *span)),
    );
    let (Value::Object(own), Value::Object(other)) = (&mut one.schema.value, more.value) else { return one };
    for (key, value) in other {
        match (own.get_mut(&key), value) {
            (Some(Value::Object(mine)), Value::Object(theirs)) if key == "properties" => mine.extend(theirs),
            (Some(Value::Array(mine)), Value::Array(theirs)) => mine.extend(theirs),
            (Some(_), _) => {}
            (None, value) => {
                own.insert(key, value);
            }
        }
    }
    one
}
