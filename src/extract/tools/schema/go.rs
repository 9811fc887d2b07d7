//! Struct types and schema literals of Go as JSON Schema.

use serde_json::{Value, json};

use crate::code::{ClassField, ClassKind, ValueKind};
use crate::extract::tools::schema::{object, say, typed, unknown};
use crate::flow::json::Json;
use crate::flow::meaning::{Made, Meaning};
use crate::flow::{ClassRef, Flow, FunctionRef, In, ValueRef};

/// Deepest nesting of types and literals.
const MAX_DEPTH: u32 = 24;

/// The schema of the arguments that a typed handler takes: `func(ctx, request, input In)`.
pub fn input(flow: &Flow, handler: FunctionRef) -> Option<Json> {
    let code = flow.function(handler);
    let skipped =
        usize::from(code.parameters.first().is_some_and(|first| first.kind == crate::code::ParameterKind::Receiver));
    let annotation = code.parameters.get(skipped + 2)?.annotation?;
    let of_request = code.parameters.get(skipped + 1)?.annotation?;
    let request = flow.asking(|| flow.annotated(In { module: handler.module, id: of_request })).0;
    let is_request = matches!(request, Some(Meaning::Outside(name)) if name.ends_with(".CallToolRequest"));
    is_request.then(|| closed(type_schema(flow, In { module: handler.module, id: annotation }, 0)))
}

/// The schema of the struct that a handler takes alone, or behind a context: `func(input In)`.
pub fn last(flow: &Flow, handler: FunctionRef) -> Option<Json> {
    let code = flow.function(handler);
    let last = code.parameters.iter().rev().find(|one| one.kind != crate::code::ParameterKind::Receiver)?;
    let annotation = In { module: handler.module, id: last.annotation? };
    let declared = flow.asking(|| flow.annotated(annotation)).0;
    matches!(declared, Some(Meaning::Class(_))).then(|| type_schema(flow, annotation, 0))
}

/// The schema of `T` in `With[T]()`.
pub fn type_argument(flow: &Flow, call: ValueRef) -> Option<Json> {
    let ValueKind::Call(code) = flow.kind(call) else { return None };
    let ValueKind::Generic { arguments, .. } = flow.kind(In { module: call.module, id: code.callee }) else {
        return None;
    };
    let only = arguments.first()?;
    Some(closed(type_schema(flow, In { module: call.module, id: *only }, 0)))
}

/// Schemas made of structs take no further keys.
fn closed(mut schema: Json) -> Json {
    if schema.value.get("properties").is_some() {
        say(&mut schema, "additionalProperties", false);
    }
    schema
}

/// The schema that a literal of a schema type is: `&jsonschema.Schema{Type: "object", …}`.
pub fn literal(flow: &Flow, meaning: &Meaning) -> Option<Json> {
    let Meaning::Made(made) = meaning else { return None };
    let Meaning::Outside(name) = &made.callee else { return None };
    let is_schema = [".Schema", ".ToolInputSchema", ".ToolOutputSchema", ".ToolArgumentsSchema"]
        .iter()
        .any(|end| name.ends_with(end))
        && name.contains('/');
    is_schema.then(|| fields(flow, made, 0))
}

fn fields(flow: &Flow, made: &Made, depth: u32) -> Json {
    let mut schema = Json::known(json!({}));
    for argument in &made.arguments {
        let Some(name) = argument.name.as_ref().filter(|_| !argument.is_rest) else {
            schema.complete = false;
            continue;
        };
        let keyword = match name.as_str() {
            "Ref" => "$ref".to_string(),
            "Defs" => "$defs".to_string(),
            "ID" => "$id".to_string(),
            "Types" => "type".to_string(),
            "PropertyOrder" | "Extra" => continue,
            name => lowered(name),
        };
        match data(flow, &argument.value, depth + 1) {
            Some(part) => schema.insert(&keyword, part),
            None => schema.complete = false,
        }
    }
    schema
}

fn lowered(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Plain data, with schema literals and pointers inside it.
fn data(flow: &Flow, meaning: &Meaning, depth: u32) -> Option<Json> {
    if depth > MAX_DEPTH {
        return None;
    }
    match meaning {
        Meaning::Later(value, _) => {
            let mut inner = data(flow, &flow.force(meaning), depth + 1)?;
            inner.places.insert(String::new(), flow.span(*value));
            Some(inner)
        }
        Meaning::Made(made) => match (&made.callee, &made.arguments[..]) {
            (Meaning::Outside(name), _) if name.ends_with(".Schema") => Some(fields(flow, made, depth + 1)),
            (Meaning::Outside(name), [only]) if name.ends_with(".Ptr") || name == "new" => {
                data(flow, &only.value, depth + 1)
            }
            _ => None,
        },
        Meaning::List(items) => {
            let mut list = Json::known(json!([]));
            for item in items.iter() {
                match data(flow, &item.value, depth + 1) {
                    Some(part) if !item.is_rest => list.push(part),
                    _ => list.complete = false,
                }
            }
            Some(list)
        }
        Meaning::Map(entries) => {
            let mut map = Json::known(json!({}));
            for entry in entries.iter() {
                match (&entry.key, data(flow, &entry.value, depth + 1)) {
                    (Some(key), Some(part)) => map.insert(&key.name, part),
                    _ => map.complete = false,
                }
            }
            Some(map)
        }
        other => flow.json(other),
    }
}

/// The schema of a type as it stands in an annotation.
fn type_schema(flow: &Flow, annotation: ValueRef, depth: u32) -> Json {
    if depth > MAX_DEPTH {
        return unknown();
    }
    let of = |id: &crate::code::ValueId| In { module: annotation.module, id: *id };
    match flow.kind(annotation) {
        ValueKind::Unary(inner) => type_schema(flow, of(inner), depth + 1),
        ValueKind::Generic { base, arguments } => match (flow.kind(of(base)), &arguments[..]) {
            (ValueKind::Name(name), [.., element]) if name == "[]" => {
                let mut list = typed("array");
                list.insert("items", type_schema(flow, of(element), depth + 1));
                list
            }
            (ValueKind::Name(name), [.., element]) if name == "map" => {
                let mut map = typed("object");
                map.insert("additionalProperties", type_schema(flow, of(element), depth + 1));
                map
            }
            _ => unknown(),
        },
        ValueKind::Class(class) => of_class(flow, In { module: annotation.module, id: *class }, depth),
        ValueKind::Name(name) => plain(name).unwrap_or_else(|| named(flow, annotation, depth)),
        _ => named(flow, annotation, depth),
    }
}

fn plain(name: &str) -> Option<Json> {
    Some(match name {
        "string" => typed("string"),
        "bool" => typed("boolean"),
        "float32" | "float64" => typed("number"),
        "int" | "int8" | "int16" | "int32" | "int64" | "uint" | "uint8" | "uint16" | "uint32" | "uint64" | "byte"
        | "rune" => typed("integer"),
        "any" => Json::known(json!({})),
        _ => return None,
    })
}

fn named(flow: &Flow, annotation: ValueRef, depth: u32) -> Json {
    match flow.asking(|| flow.meaning(annotation, &None)).0 {
        Meaning::Class(class) => of_class(flow, class, depth),
        Meaning::Outside(name) if name == "time.Time" => {
            let mut time = typed("string");
            say(&mut time, "format", "date-time");
            time
        }
        Meaning::Outside(name) if name == "encoding/json.RawMessage" => Json::known(json!({})),
        _ => unknown(),
    }
}

fn of_class(flow: &Flow, class: ClassRef, depth: u32) -> Json {
    let code = flow.class(class);
    if code.kind == ClassKind::Alias {
        let base = code.bases.first().map(|base| In { module: class.module, id: *base });
        return base.map_or_else(unknown, |base| type_schema(flow, base, depth + 1));
    }
    if depth > MAX_DEPTH || code.kind == ClassKind::Interface {
        return unknown();
    }
    let mut properties = Vec::new();
    let mut is_complete = true;
    for field in &code.fields {
        let Some(annotation) = field.annotation.map(|id| In { module: class.module, id }) else { continue };
        let tag = field.tag.as_ref().map(|tag| tag.text.as_str()).unwrap_or_default();
        let json_tag = tag_value(tag, "json").unwrap_or_default();
        let mut parts = json_tag.split(',');
        let name = parts.next().unwrap_or_default();
        let is_private = field.name.chars().next().is_some_and(|first| !first.is_uppercase());
        if json_tag == "-" || is_private && !is_embedded(flow, class, field) {
            continue;
        }
        let mut schema = type_schema(flow, annotation, depth + 1);
        if name.is_empty() && is_embedded(flow, class, field) {
            is_complete &= inlined(&schema, &mut properties);
            continue;
        }
        let is_optional = parts.any(|part| part == "omitempty" || part == "omitzero");
        let said = describe(&mut schema, tag);
        let key = if name.is_empty() { field.name.to_string() } else { name.to_string() };
        properties.push((key, schema, !is_optional || said, Some(field.span)));
    }
    let mut whole = object(properties);
    whole.complete &= is_complete;
    whole
}

/// Adds what the `jsonschema` tag says; tells whether it says that the field is required.
fn describe(schema: &mut Json, tag: &str) -> bool {
    if let Some(text) = tag_value(tag, "jsonschema_description").or_else(|| tag_value(tag, "description")) {
        say(schema, "description", text);
    }
    let Some(said) = tag_value(tag, "jsonschema") else { return false };
    let is_list = said.split(',').any(|part| part == "required" || part.split('=').next().is_some_and(is_keyword));
    if !is_list {
        say(schema, "description", said);
        return false;
    }
    let mut values: Vec<Value> = Vec::new();
    for part in said.split(',') {
        match part.split_once('=') {
            Some(("enum", value)) => values.push(value.into()),
            Some((key @ ("description" | "title" | "pattern" | "format"), value)) => say(schema, key, value),
            Some((key @ ("minimum" | "maximum" | "minLength" | "maxLength"), value)) => {
                if let Ok(number) = value.parse::<i64>() {
                    say(schema, key, number);
                }
            }
            _ => {}
        }
    }
    if !values.is_empty() {
        say(schema, "enum", values);
    }
    said.split(',').any(|part| part == "required")
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "description" | "title" | "enum" | "default" | "minimum" | "maximum" | "pattern" | "minLength" | "maxLength"
    )
}

/// An embedded struct has its type's name and is a base, too.
fn is_embedded(flow: &Flow, class: ClassRef, field: &ClassField) -> bool {
    let Some(annotation) = field.annotation else { return false };
    flow.class(class).bases.iter().any(|base| {
        let span = |id| flow.span(In { module: class.module, id });
        *base == annotation || span(*base) == span(annotation) || span(annotation).contains(span(*base))
    })
}

fn inlined(schema: &Json, properties: &mut Vec<(String, Json, bool, Option<crate::source::Span>)>) -> bool {
    let Some(inner) = schema.value.get("properties").and_then(Value::as_object) else { return false };
    let required = schema.value.get("required").and_then(Value::as_array);
    for (name, value) in inner {
        let is_required = required.is_some_and(|all| all.iter().any(|one| one == name));
        properties.push((name.clone(), Json::known(value.clone()), is_required, None));
    }
    schema.complete
}

/// The value of one key of a struct tag: `json:"a,omitempty" jsonschema:"…"`.
fn tag_value<'t>(tag: &'t str, key: &str) -> Option<&'t str> {
    let mut rest = tag.trim_start();
    while let Some((name, after)) = rest.split_once(":\"") {
        let end = closing(after)?;
        if name == key {
            return after.get(..end);
        }
        rest = after.get(end + 1..)?.trim_start();
    }
    None
}

/// Where the quote is that ends a tag's value.
fn closing(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(at),
            _ => {}
        }
    }
    None
}
