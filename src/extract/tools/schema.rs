//! Input and output schemas of a tool, as JSON Schema.

use serde_json::{Value, json};

use crate::code::{FunctionKind, Language, Parameter, ParameterKind, ValueId, ValueKind};
use crate::extract::tools::sdk::Slots;
use crate::extract::tools::site::{self, Filled};
use crate::flow::json::Json;
use crate::flow::meaning::{Meaning, Within, levels};
use crate::flow::{Flow, Frame, FunctionRef, In};
use crate::model::Known;
use crate::model::tool::{Schema, Tool};
use crate::source::Span;

pub mod further;
pub mod go;
pub mod injected;
pub mod options;
pub mod python;
pub mod rust;
pub mod shape;
pub mod valibot;
pub mod validators;
pub mod zod;

/// Fills the schemas of a tool from its slots, or from its function's signature.
pub fn fill(
    flow: &Flow,
    tool: &mut Tool,
    input: Option<Filled>,
    output: Option<Filled>,
    function: Option<FunctionRef>,
    slots: &Slots,
) {
    tool.has_output_schema = output.is_some();
    tool.output_schema = schema(flow, output, tool.about.span);
    tool.has_input_schema = input.is_some();
    tool.input_schema = schema(flow, input, tool.about.span);
    let is_go = function.is_some_and(|function| flow.module(function).language == Language::Go);
    if let Some(function) = function.filter(|function| !tool.has_input_schema && takes_nothing(flow, *function)) {
        // What is registered without a schema and takes nothing is published with an object that has no members.
        tool.has_input_schema = true;
        tool.input_schema = Known::is(finished(object(Vec::new())), flow.function(function).name_span);
    }
    if tool.has_input_schema || !slots.input.is_empty() && !is_go {
        return;
    }
    if let Some(function) = function.filter(|function| flow.module(*function).language == Language::Rust) {
        // A tool that takes no parameters is published with an object that has none.
        let made = rust::input(flow, function).unwrap_or_else(|| object(Vec::new()));
        tool.has_input_schema = true;
        tool.input_schema = Known::is(finished(made), flow.function(function).name_span);
    }
    if let Some(function) = function.filter(|function| flow.module(*function).language == Language::Go)
        && let Some(made) =
            go::input(flow, function).or_else(|| go::last(flow, function).filter(|_| slots.input.is_empty()))
    {
        tool.has_input_schema = true;
        tool.input_schema = Known::is(finished(made), flow.function(function).name_span);
    }
    if let Some(function) = function.filter(|function| flow.module(*function).language == Language::Python) {
        let made = python::signature(flow, function);
        tool.has_input_schema = true;
        tool.input_schema = Known::is(finished(made), flow.function(function).name_span);
    }
}

/// Whether a handler of TypeScript is written where the tool is registered, without any parameter.
fn takes_nothing(flow: &Flow, function: FunctionRef) -> bool {
    let code = flow.function(function);
    let is_script = flow.module(function).language == Language::TypeScript;
    is_script && code.kind == FunctionKind::Closure && code.parameters.is_empty()
}

/// Whether a function of TypeScript takes so few values that what stands at a position is none of them.
fn takes_fewer(flow: &Flow, function: FunctionRef, position: usize) -> bool {
    let code = flow.function(function);
    let is_plain = |parameter: &Parameter| parameter.kind == ParameterKind::Plain;
    flow.module(function).language == Language::TypeScript
        && code.kind == FunctionKind::Closure
        && code.parameters.len() <= position
        && code.parameters.iter().all(is_plain)
        && !flow.sources.slice(code.span).contains("arguments")
}

/// Fills the schema of a tool whose handler is a wrapper around one that takes nothing.
pub fn fill_through_wrapper(flow: &Flow, tool: &mut Tool, handler: &(FunctionRef, Frame)) {
    if !tool.has_input_schema && hands_on_to_nothing(flow, handler, MAX_WRAPPERS) {
        tool.has_input_schema = true;
        tool.input_schema = Known::is(finished(object(Vec::new())), flow.function(handler.0).name_span);
    }
}

/// Functions that what a handler is given is handed on to, at most.
const MAX_WRAPPERS: u32 = 4;

/// Whether a handler that something made only hands on what it is given, to functions that take nothing.
fn hands_on_to_nothing(flow: &Flow, (function, frame): &(FunctionRef, Frame), depth: u32) -> bool {
    let code = flow.function(*function);
    let module = flow.module(*function);
    let is_made = levels(frame).any(|level| matches!(level, Within::Call { at: Some(_), .. }));
    let [parameter] = code.parameters.as_slice() else { return false };
    let (Some(name), true) = (parameter.name(), is_made && depth > 0 && module.language == Language::TypeScript) else {
        return false;
    };
    let is_inside = |at: usize| code.span.contains(module.values[at].span);
    let inside = || (0..module.values.len()).filter(|at| is_inside(*at));
    let is_it = |id: ValueId| matches!(&module.values[id.index()].kind, ValueKind::Name(other) if other == name);
    let uses = inside().filter(|at| is_it(ValueId(*at as u32))).count();
    let mut handed = 0;
    for at in inside() {
        let ValueKind::Call(call) = &module.values[at].kind else { continue };
        let places = || (0..call.arguments.len()).filter(|at| is_it(call.arguments[*at].value));
        let times = places().count();
        if times > 0 {
            let callee = In { module: function.module, id: call.callee };
            let meaning = flow.asking(|| flow.meaning(callee, frame)).0;
            let Some(next) = site::closure(flow, &meaning) else { return false };
            let is_spread =
                call.arguments.iter().any(|one| matches!(module.values[one.value.index()].kind, ValueKind::Spread(_)));
            let is_left_out = !is_spread && places().all(|at| takes_fewer(flow, next.0, at));
            if !is_left_out && !takes_nothing(flow, next.0) && !hands_on_to_nothing(flow, &next, depth - 1) {
                return false;
            }
            handed += times;
        }
    }
    uses > 0 && uses == handed
}

/// Closes the object of a tool's arguments, as its SDK does where the signature takes no further ones.
pub fn close(tool: &mut Tool) {
    let Known::Is(schema) = &mut tool.input_schema else { return };
    if let Some(map) = schema.value.json.as_object_mut().filter(|map| map.contains_key("properties")) {
        map.entry("additionalProperties").or_insert(Value::Bool(false));
    }
}

fn schema(flow: &Flow, filled: Option<Filled>, place: Span) -> Known<Schema> {
    let Some(filled) = filled else { return Known::Absent };
    let span = filled.span.unwrap_or(place);
    match of(flow, &filled.meaning) {
        Some(json) => Known::is(finished(json), span),
        None => Known::unknown("is made in a way that is not understood", span),
    }
}

/// The JSON Schema that a value stands for.
pub fn of(flow: &Flow, meaning: &Meaning) -> Option<Json> {
    if let Some(found) = zod::schema(flow, meaning) {
        return Some(found);
    }
    if let Some(found) = valibot::schema(flow, meaning) {
        return Some(found);
    }
    if let Some(found) = go::literal(flow, meaning) {
        return Some(found);
    }
    if let Some(found) = python::model_schema(flow, meaning) {
        return Some(found);
    }
    match meaning {
        Meaning::Map(entries) if entries.is_empty() => Some(Json::known(json!({"type": "object", "properties": {}}))),
        Meaning::Map(_) => {
            let found = flow.json(meaning)?;
            found.value.is_object().then_some(found)
        }
        Meaning::Choice(all) => widest(all.iter().map(|one| of(flow, &flow.force(one))).collect::<Option<_>>()?),
        _ => None,
    }
}

/// The schema by which a value of the program looks at others: a builder, or a class of models.
pub fn checked_by(flow: &Flow, meaning: &Meaning) -> Option<Json> {
    match meaning {
        Meaning::Class(class) => python::is_model(flow, *class).then(|| python::class_schema(flow, *class, 0)),
        other => of(flow, other),
    }
}

/// The widest of several schemas of which a setting chooses, where what the others say is said by it too; what one of
/// them does not require is not required.
fn widest(mut all: Vec<Json>) -> Option<Json> {
    let properties = |json: &Json| json.value.get("properties").and_then(Value::as_object).cloned();
    all.sort_by_key(|json| std::cmp::Reverse(properties(json).map_or(0, |properties| properties.len())));
    let mut rest = all.into_iter();
    let mut wide = rest.next()?;
    let own = properties(&wide)?;
    for narrow in rest {
        let is_within = properties(&narrow)?.iter().all(|(name, schema)| own.get(name) == Some(schema));
        if !is_within {
            return None;
        }
        wide.complete &= narrow.complete;
        // `schema ?? {}` says what is taken where nothing is said.
        if properties(&narrow).is_some_and(|properties| properties.is_empty()) {
            continue;
        }
        let required = narrow.value.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        if let Some(Value::Array(names)) = wide.value.get_mut("required") {
            names.retain(|name| required.contains(name));
        }
    }
    Some(wide)
}

/// The schema of a type of Rust.
pub fn of_rust_type(flow: &Flow, class: crate::flow::ClassRef) -> Schema {
    finished(rust::class(flow, class))
}

fn finished(json: Json) -> Schema {
    Schema { json: json.value, places: json.places, complete: json.complete, tests: json.tests }
}

/// A schema that says nothing, because what it would say is not known.
pub fn unknown() -> Json {
    Json { complete: false, ..Json::known(Value::Object(serde_json::Map::new())) }
}

/// A schema of one type.
pub fn typed(name: &str) -> Json {
    Json::known(json!({"type": name}))
}

/// An object schema with these properties; those that are not optional are required.
pub fn object(properties: Vec<(String, Json, bool, Option<Span>)>) -> Json {
    let mut inner = Json::known(json!({}));
    let mut required = Vec::new();
    for (name, mut schema, is_required, span) in properties {
        if let Some(span) = span {
            schema.places.insert(String::new(), span);
        }
        if is_required {
            required.push(Value::String(name.clone()));
        }
        inner.insert(&name, schema);
    }
    let mut whole = typed("object");
    whole.insert("properties", inner);
    if !required.is_empty() {
        whole.insert("required", Json::known(Value::Array(required)));
    }
    whole
}

/// One of several schemas; a single one is itself.
pub fn any_of(mut all: Vec<Json>) -> Json {
    if all.len() == 1 {
        return all.remove(0);
    }
    let mut list = Json::known(json!([]));
    all.into_iter().for_each(|one| list.push(one));
    let mut whole = Json::known(json!({}));
    whole.insert("anyOf", list);
    whole
}

/// Adds a plain value to a schema.
pub fn say(schema: &mut Json, key: &str, value: impl Into<Value>) {
    schema.insert(key, Json::known(value.into()));
}
