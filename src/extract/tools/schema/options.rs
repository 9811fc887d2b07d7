//! Tools described by options that are calls: description, hints and properties one by one.

use serde_json::{Value, json};

use crate::extract::tools::schema::{go, object, typed};
use crate::extract::tools::sdk::Options;
use crate::extract::tools::site::{self, Filled};
use crate::flow::Flow;
use crate::flow::json::Json;
use crate::flow::meaning::{Made, Meaning, Passed};
use crate::model::Known;
use crate::model::tool::{Schema, Tool};
use crate::source::Span;

/// Fills a tool from its options.
pub fn fill(flow: &Flow, tool: &mut Tool, options: &Options, arguments: &[Passed], place: Span) {
    let mut properties = Vec::new();
    let mut is_complete = true;
    let mut typed_schema = None;
    for argument in arguments.iter().skip(options.from) {
        let Some((origin, made)) = option(flow, argument) else {
            is_complete = false;
            continue;
        };
        let span = flow.span(made.at);
        let first = made.arguments.first().map(|first| Filled { meaning: flow.force(&first.value), span: Some(span) });
        if origin == options.description {
            tool.description = site::text(first.as_ref(), span);
        } else if options.annotations.as_ref() == Some(&origin) {
            crate::extract::tools::draft::hints(flow, first, span, tool);
        } else if options.typed.as_ref() == Some(&origin) {
            typed_schema = go::type_argument(flow, made.at);
            is_complete &= typed_schema.is_some();
        } else if let Some(hint) = options.hints.get(&origin) {
            set_hint(tool, hint, first, span);
        } else if let Some(kind) = options.properties.get(&origin) {
            match first.as_ref().and_then(|first| first.meaning.text().cloned()) {
                Some(name) => {
                    let (schema, is_required) = property(flow, options, kind, &made);
                    properties.push((name.to_string(), schema, is_required, Some(span)));
                }
                None => is_complete = false,
            }
        } else {
            is_complete = false;
        }
    }
    let schema = typed_schema.unwrap_or_else(|| object(properties));
    let made = Schema {
        json: schema.value,
        places: schema.places,
        complete: schema.complete && is_complete,
        tests: schema.tests,
    };
    tool.has_input_schema = true;
    tool.input_schema = Known::is(made, place);
}

fn option(flow: &Flow, argument: &Passed) -> Option<(String, std::rc::Rc<Made>)> {
    match flow.force(&argument.value) {
        Meaning::Made(made) => match &made.callee {
            Meaning::Outside(name) => Some((name.to_string(), made.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn property(flow: &Flow, options: &Options, kind: &str, made: &Made) -> (Json, bool) {
    let mut schema = typed(kind);
    let mut is_required = false;
    for argument in made.arguments.iter().skip(1) {
        let Some((origin, inner)) = option(flow, argument) else {
            schema.complete = false;
            continue;
        };
        if options.required.as_ref() == Some(&origin) {
            is_required = true;
            continue;
        }
        let Some(keyword) = options.keywords.get(&origin) else {
            schema.complete = false;
            continue;
        };
        let mut values = Json::known(json!([]));
        for value in &inner.arguments {
            match flow.json(&value.value) {
                Some(value) => values.push(value),
                None => values.complete = false,
            }
        }
        match (keyword.as_str(), &values.value) {
            ("enum", _) => schema.insert("enum", values),
            (_, Value::Array(all)) if all.len() == 1 && values.complete => {
                schema.insert(keyword, Json::known(all[0].clone()))
            }
            _ => schema.complete = false,
        }
    }
    (schema, is_required)
}

fn set_hint(tool: &mut Tool, hint: &str, value: Option<Filled>, span: Span) {
    let known = match value.map(|value| value.meaning) {
        Some(Meaning::Bool(is)) => Known::is(is, span),
        Some(other) => Known::unknown(site::reason(&other), span),
        None => Known::Absent,
    };
    match hint {
        "readOnlyHint" => tool.read_only_hint = known,
        "destructiveHint" => tool.destructive_hint = known,
        "idempotentHint" => tool.idempotent_hint = known,
        "openWorldHint" => tool.open_world_hint = known,
        _ => {}
    }
}
