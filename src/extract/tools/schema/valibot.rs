//! Schemas of valibot as JSON Schema: functions around functions, and pipes of what else must hold.

use serde_json::{Value, json};

use crate::extract::tools::schema::shape::{self, Built};
use crate::extract::tools::schema::{any_of, further, say, typed, unknown};
use crate::flow::Flow;
use crate::flow::json::Json;
use crate::flow::meaning::{Made, Meaning, Passed};
use crate::flow::schemas::SchemaTest;

/// Deepest nesting of schemas.
const MAX_DEPTH: u32 = 40;

/// The schema that a call of valibot stands for; `None` where it is none.
pub fn schema(flow: &Flow, meaning: &Meaning) -> Option<Json> {
    built(flow, meaning, 0).map(|built| built.schema)
}

/// The function behind a full name: `valibot#v.string` is `string`.
fn function_of(made: &Made) -> Option<&str> {
    let Meaning::Outside(name) = &made.callee else { return None };
    let (module, member) = name.split_once('#')?;
    let is_it = module == "valibot" || module == "@valibot/valibot";
    is_it.then(|| member.strip_prefix("v.").unwrap_or(member).trim_end_matches('_'))
}

fn built(flow: &Flow, meaning: &Meaning, depth: u32) -> Option<Built> {
    if depth > MAX_DEPTH {
        return None;
    }
    match meaning {
        Meaning::Later(..) => built(flow, &flow.force(meaning), depth + 1),
        Meaning::Made(made) => {
            let mut built = start(flow, function_of(made)?, made, depth)?;
            built.schema.places.entry(String::new()).or_insert_with(|| flow.span(made.at));
            Some(built)
        }
        _ => None,
    }
}

fn inner(flow: &Flow, arguments: &[Passed], at: usize, depth: u32) -> Built {
    let found = arguments.get(at).and_then(|argument| built(flow, &argument.value, depth + 1));
    found.unwrap_or_else(Built::unknown)
}

fn start(flow: &Flow, name: &str, made: &Made, depth: u32) -> Option<Built> {
    let arguments = made.arguments.as_slice();
    let value = |at: usize| arguments.get(at).map_or(Meaning::Null, |argument| flow.force(&argument.value));
    let plain = |schema: Json| Some(Built { schema, is_optional: false });
    match name {
        "string" | "number" | "boolean" | "null" => plain(typed(name)),
        "bigint" => plain(typed("integer")),
        "date" => plain(Json::known(json!({"type": "string", "format": "date-time"}))),
        "any" | "unknown" => plain(Json::known(json!({}))),
        "undefined" | "void" => Some(Built { schema: Json::known(json!({})), is_optional: true }),
        "object" | "looseObject" => plain(shape(flow, &value(0), depth)),
        "strictObject" => {
            let mut schema = shape(flow, &value(0), depth);
            say(&mut schema, "additionalProperties", false);
            plain(schema)
        }
        "objectWithRest" => {
            let mut schema = shape(flow, &value(0), depth);
            schema.insert("additionalProperties", inner(flow, arguments, 1, depth).schema);
            plain(schema)
        }
        "array" | "set" => plain(holding("array", "items", inner(flow, arguments, 0, depth).schema)),
        "record" => plain(holding("object", "additionalProperties", inner(flow, arguments, 1, depth).schema)),
        "picklist" | "enum" => plain(listed(flow, &value(0))),
        "literal" => plain(flow.json(&value(0)).map_or_else(unknown, |value| {
            let mut schema = Json::known(json!({}));
            schema.insert("const", value);
            schema
        })),
        "union" => plain(alternatives(flow, &value(0), depth)),
        "variant" => plain(alternatives(flow, &value(1), depth)),
        "optional" | "exactOptional" | "undefinedable" | "nullish" => {
            let mut schema = inner(flow, arguments, 0, depth).schema;
            if name == "nullish" {
                schema = any_of(vec![schema, typed("null")]);
            }
            if let Some(default) = arguments.get(1).and_then(|default| flow.json(&default.value)) {
                schema.insert("default", default);
            }
            Some(Built { schema, is_optional: true })
        }
        "nullable" => plain(any_of(vec![inner(flow, arguments, 0, depth).schema, typed("null")])),
        "fallback" => plain(inner(flow, arguments, 0, depth).schema),
        "partial" => {
            let mut one = inner(flow, arguments, 0, depth);
            if let Value::Object(map) = &mut one.schema.value {
                map.shift_remove("required");
            }
            Some(one)
        }
        "pipe" | "pipeAsync" => Some(piped(flow, arguments, depth)),
        "tuple" | "map" | "intersect" | "lazy" | "custom" | "instance" | "pick" | "omit" | "required" | "keyof" => {
            plain(unknown())
        }
        _ => None,
    }
}

fn holding(kind: &str, key: &str, inner: Json) -> Json {
    let mut schema = typed(kind);
    schema.insert(key, inner);
    schema
}

/// What a client sends is what the first schema of a pipe takes, held to the actions up to where it is changed.
fn piped(flow: &Flow, arguments: &[Passed], depth: u32) -> Built {
    let mut one = inner(flow, arguments, 0, depth);
    let mut is_changed = false;
    for argument in arguments.iter().skip(1) {
        let Meaning::Made(action) = flow.force(&argument.value) else {
            one.schema.complete = false;
            continue;
        };
        match function_of(&action) {
            Some("transform" | "rawTransform" | "transformAsync") => {
                one.schema.test(further::change(flow, action.arguments.first(), SchemaTest::Change));
                is_changed = true;
            }
            Some("check" | "checkAsync") => {
                let function = action.arguments.first().and_then(|first| further::function(flow, &first.value));
                match function {
                    Some(function) if one.schema.value.get("properties").is_some() => {
                        further::around(&mut one.schema, function, true);
                    }
                    Some((source, id)) => one.schema.test(SchemaTest::Predicate(source, id)),
                    None => {}
                }
            }
            // What stands behind a change holds of what it made, and is no part of what a client sends.
            Some(name) if is_changed => {
                let mut behind =
                    built(flow, &argument.value, depth + 1).map_or_else(|| typed("string"), |built| built.schema);
                held(flow, &mut behind, name, &action);
                one.schema.test(SchemaTest::Fits(behind.value));
            }
            Some(name) => held(flow, &mut one.schema, name, &action),
            None => one.schema.complete = false,
        }
    }
    one
}

fn held(flow: &Flow, schema: &mut Json, name: &str, action: &Made) {
    let is_list = schema.value.get("type").and_then(Value::as_str) == Some("array");
    let first = || action.arguments.first().map_or(Meaning::Null, |argument| flow.force(&argument.value));
    let key = match name {
        "minLength" if is_list => "minItems",
        "maxLength" if is_list => "maxItems",
        "minLength" => "minLength",
        "maxLength" => "maxLength",
        "minValue" => "minimum",
        "maxValue" => "maximum",
        "gtValue" => "exclusiveMinimum",
        "ltValue" => "exclusiveMaximum",
        "multipleOf" => "multipleOf",
        "description" => "description",
        "title" => "title",
        "integer" => return say(schema, "type", "integer"),
        "nonEmpty" => return say(schema, if is_list { "minItems" } else { "minLength" }, 1),
        "url" => return say(schema, "format", "uri"),
        "email" | "uuid" | "ipv4" | "ipv6" => return say(schema, "format", name),
        "isoDate" => return say(schema, "format", "date"),
        "isoDateTime" | "isoTimestamp" => return say(schema, "format", "date-time"),
        "regex" => {
            return match first() {
                Meaning::Regex(pattern) => {
                    say(schema, "pattern", pattern.as_str());
                    if action.arguments.first().is_some_and(|first| further::is_of_lines(flow, &first.value)) {
                        schema.test(SchemaTest::Unknown);
                    }
                }
                _ => schema.complete = false,
            };
        }
        "metadata" => {
            if let Some(text) = flow.member(&first(), &"description".into()).text() {
                say(schema, "description", text.to_string());
            }
            return;
        }
        // Other schemas and tests narrow what is taken; nothing of that is said in what is published.
        _ => return,
    };
    match flow.json(&first()) {
        Some(value) => schema.insert(key, value),
        None => schema.complete = false,
    }
}

fn listed(flow: &Flow, values: &Meaning) -> Json {
    let found = match values {
        Meaning::Map(entries) => {
            let all: Option<Vec<Value>> =
                entries.iter().map(|entry| flow.json(&entry.value).map(|one| one.value)).collect();
            all.map(|all| Json::known(Value::Array(all)))
        }
        other => flow.json(other).filter(|json| json.value.is_array()),
    };
    let Some(found) = found else { return unknown() };
    let is_text = found.value.as_array().is_some_and(|all| all.iter().all(Value::is_string));
    let mut schema = if is_text { typed("string") } else { Json::known(json!({})) };
    schema.insert("enum", found);
    schema
}

fn alternatives(flow: &Flow, list: &Meaning, depth: u32) -> Json {
    let Some(items) = flow.items(list).filter(|items| !items.is_empty()) else { return unknown() };
    let one = |value: &Meaning| built(flow, value, depth + 1).map_or_else(unknown, |built| built.schema);
    any_of(items.iter().map(|item| one(&item.value)).collect())
}

/// The object schema of the entries of an object.
fn shape(flow: &Flow, map: &Meaning, depth: u32) -> Json {
    shape::shape(map, |value| built(flow, value, depth + 1))
}
