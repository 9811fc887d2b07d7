//! Structs of Rust as JSON Schema, as `schemars` derives it under the attributes of `serde`.

use serde_json::{Value, json};

use crate::code::{ClassField, ClassKind, Name, ValueId, ValueKind};
use crate::extract::tools::schema::{object, say, typed, unknown};
use crate::flow::json::Json;
use crate::flow::meaning::Meaning;
use crate::flow::{ClassRef, Flow, FunctionRef, In, ModuleId, ValueRef};

/// Deepest nesting of types.
const MAX_DEPTH: u32 = 24;

/// The schema of `P` in the parameter `Parameters<P>` of a tool; `None` where it has no such parameter.
pub fn input(flow: &Flow, handler: FunctionRef) -> Option<Json> {
    flow.function(handler).parameters.iter().find_map(|parameter| {
        let annotation = In { module: handler.module, id: parameter.annotation? };
        let ValueKind::Generic { base, arguments } = flow.kind(annotation) else { return None };
        let name = last_name(flow, In { module: handler.module, id: *base })?;
        let inner = arguments.first().filter(|_| name == "Parameters")?;
        Some(type_schema(flow, In { module: handler.module, id: *inner }, 0))
    })
}

/// The schema of a type.
pub fn class(flow: &Flow, class: ClassRef) -> Json {
    of_class(flow, class, 0)
}

fn last_name(flow: &Flow, value: ValueRef) -> Option<Name> {
    match flow.kind(value) {
        ValueKind::Name(name) | ValueKind::Field { name, .. } => Some(name.clone()),
        ValueKind::Generic { base, .. } => last_name(flow, In { module: value.module, id: *base }),
        _ => None,
    }
}

fn type_schema(flow: &Flow, annotation: ValueRef, depth: u32) -> Json {
    if depth > MAX_DEPTH {
        return unknown();
    }
    let of = |id: &ValueId| In { module: annotation.module, id: *id };
    match flow.kind(annotation) {
        ValueKind::Unary(inner) => type_schema(flow, of(inner), depth + 1),
        ValueKind::Generic { base, arguments } => {
            let name = last_name(flow, of(base)).unwrap_or_default();
            match (name.as_str(), &arguments[..]) {
                ("Option", [only]) => nullable(type_schema(flow, of(only), depth + 1)),
                ("Box" | "Arc" | "Rc" | "Cow", [.., only]) => type_schema(flow, of(only), depth + 1),
                ("Vec" | "HashSet" | "BTreeSet" | "VecDeque" | "IndexSet", [only, ..]) => {
                    let mut list = typed("array");
                    list.insert("items", type_schema(flow, of(only), depth + 1));
                    list
                }
                ("HashMap" | "BTreeMap" | "IndexMap", [_, value, ..]) => {
                    let mut map = typed("object");
                    map.insert("additionalProperties", type_schema(flow, of(value), depth + 1));
                    map
                }
                _ => unknown(),
            }
        }
        ValueKind::Name(name) => plain(name).unwrap_or_else(|| named(flow, annotation, depth)),
        _ => named(flow, annotation, depth),
    }
}

fn plain(name: &str) -> Option<Json> {
    Some(match name {
        "String" | "str" | "char" | "PathBuf" => typed("string"),
        "bool" => typed("boolean"),
        "f32" | "f64" => typed("number"),
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => typed("integer"),
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => {
            let mut number = typed("integer");
            say(&mut number, "minimum", 0);
            number
        }
        _ => return None,
    })
}

/// `Option` admits null beside what it holds.
fn nullable(mut inner: Json) -> Json {
    if let Some(Value::String(kind)) = inner.value.get("type").cloned() {
        say(&mut inner, "type", json!([kind, "null"]));
    }
    inner
}

fn named(flow: &Flow, annotation: ValueRef, depth: u32) -> Json {
    match flow.asking(|| flow.meaning(annotation, &None)).0 {
        Meaning::Class(class) => of_class(flow, class, depth),
        Meaning::Outside(name) if name == "serde_json::Value" => Json::known(json!({})),
        Meaning::Outside(name) if name == "uuid::Uuid" => Json::known(json!({"type": "string", "format": "uuid"})),
        Meaning::Outside(name) if name == "std::path::PathBuf" || name == "std::string::String" => typed("string"),
        _ => unknown(),
    }
}

fn of_class(flow: &Flow, class: ClassRef, depth: u32) -> Json {
    let code = flow.class(class);
    let serde = |name: &str| said(flow, class.module, &code.decorators, "serde", name);
    match code.kind {
        ClassKind::Alias => {
            let base = code.bases.first().map(|base| In { module: class.module, id: *base });
            return base.map_or_else(unknown, |base| type_schema(flow, base, depth + 1));
        }
        ClassKind::Enum => return choice(&code.fields, serde("rename_all").as_ref()),
        ClassKind::Class if depth < MAX_DEPTH => {}
        _ => return unknown(),
    }
    let case = serde("rename_all");
    let all_default = serde("default").is_some();
    let mut properties = Vec::new();
    let mut is_complete = true;
    for field in &code.fields {
        let Some(annotation) = field.annotation.map(|id| In { module: class.module, id }) else { continue };
        let told = |name: &str| said(flow, class.module, &field.decorators, "serde", name);
        if told("skip").is_some() || told("skip_deserializing").is_some() {
            continue;
        }
        is_complete &= told("flatten").is_none();
        let mut schema = type_schema(flow, annotation, depth + 1);
        let described = said(flow, class.module, &field.decorators, "schemars", "description").and_then(text);
        let documented = field.documentation.as_ref().map(|documentation| documentation.text.to_string());
        if let Some(description) = described.or(documented) {
            say(&mut schema, "description", description);
        }
        let is_option = last_name(flow, annotation).is_some_and(|name| name == "Option");
        let is_required = !is_option && told("default").is_none() && !all_default;
        let name = told("rename").and_then(text).unwrap_or_else(|| cased(&field.name, case.as_ref()));
        properties.push((name, schema, is_required, Some(field.span)));
    }
    let mut whole = object(properties);
    whole.complete &= is_complete;
    if serde("deny_unknown_fields").is_some() {
        say(&mut whole, "additionalProperties", false);
    }
    whole
}

/// An enumeration of plain names; one whose variants hold something is left open.
fn choice(variants: &[ClassField], case: Option<&Meaning>) -> Json {
    if variants.iter().any(|variant| variant.annotation.is_some() || !variant.decorators.is_empty()) {
        return unknown();
    }
    let mut schema = typed("string");
    let names: Vec<Value> = variants.iter().map(|variant| cased(&variant.name, case).into()).collect();
    say(&mut schema, "enum", names);
    schema
}

/// What an attribute says under a name: `serde(rename = "x")`, `serde(default)`.
fn said(flow: &Flow, module: ModuleId, decorators: &[ValueId], attribute: &str, name: &str) -> Option<Meaning> {
    decorators.iter().find_map(|decorator| {
        let ValueKind::Call(call) = flow.kind(In { module, id: *decorator }) else { return None };
        let callee = last_name(flow, In { module, id: call.callee })?;
        let argument = call.arguments.iter().filter(|_| callee == attribute).find(|argument| {
            argument.name.as_deref() == Some(name)
                || argument.name.is_none()
                    && last_name(flow, In { module, id: argument.value }).is_some_and(|word| word == name)
        })?;
        Some(match argument.name {
            Some(_) => flow.asking(|| flow.meaning(In { module, id: argument.value }, &None)).0,
            None => Meaning::Bool(true),
        })
    })
}

fn text(meaning: Meaning) -> Option<String> {
    meaning.text().map(|text| text.to_string())
}

/// A name in the case that `rename_all` asks for.
fn cased(name: &str, case: Option<&Meaning>) -> String {
    let Some(case) = case.and_then(Meaning::text) else { return name.to_string() };
    let words = words(name);
    let capital = |word: &String| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    match case.as_str() {
        "lowercase" => words.concat(),
        "UPPERCASE" => words.concat().to_uppercase(),
        "snake_case" => words.join("_"),
        "SCREAMING_SNAKE_CASE" => words.join("_").to_uppercase(),
        "kebab-case" => words.join("-"),
        "SCREAMING-KEBAB-CASE" => words.join("-").to_uppercase(),
        "PascalCase" => words.iter().map(capital).collect(),
        "camelCase" => {
            let rest: String = words.iter().skip(1).map(capital).collect();
            words.first().cloned().unwrap_or_default() + &rest
        }
        _ => name.to_string(),
    }
}

/// The words of a name in snake case or Pascal case, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter != '_') {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
