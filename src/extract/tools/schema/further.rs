//! What builders of schemas do with a value beyond JSON Schema: functions that look at it or change it.

use serde_json::Value;

use crate::code::{FunctionId, Name, ValueKind};
use crate::flow::Flow;
use crate::flow::json::Json;
use crate::flow::meaning::{Meaning, Passed};
use crate::flow::schemas::SchemaTest;
use crate::source::SourceId;

/// The function of the tree that a value is.
pub fn function(flow: &Flow, value: &Meaning) -> Option<(SourceId, FunctionId)> {
    match flow.force(value) {
        Meaning::Function(function, ..) => Some((flow.module(function).source, function.id)),
        _ => None,
    }
}

/// The test that a function of the tree makes; one that nothing is known of where it may change the value.
pub fn change(flow: &Flow, value: Option<&Passed>, test: fn(SourceId, FunctionId) -> SchemaTest) -> SchemaTest {
    let found = value.and_then(|value| function(flow, &value.value));
    found.map_or(SchemaTest::Unknown, |(source, function)| test(source, function))
}

/// Whether a pattern looks at each line by itself, so that its anchors hold for one of them only.
pub fn is_of_lines(flow: &Flow, value: &Meaning) -> bool {
    let Meaning::Later(at, _) = value else { return false };
    let Some(at) = flow.defined_as(*at) else { return false };
    let flags = || flow.sources.slice(flow.span(at)).rsplit('/').next().unwrap_or("");
    matches!(flow.kind(at), ValueKind::Regex(_)) && flags().contains('m')
}

/// Adds a function that looks at a whole object to each of its texts.
pub fn around(schema: &mut Json, (source, function): (SourceId, FunctionId), is_predicate: bool) {
    let texts = schema.value.get("properties").and_then(Value::as_object).into_iter().flatten();
    let texts: Vec<String> =
        texts.filter(|(_, schema)| may_be_text(schema)).map(|(name, _)| name.to_string()).collect();
    for name in texts {
        let pointer = format!("/properties/{}", name.replace('~', "~0").replace('/', "~1"));
        let test = SchemaTest::Around(source, function, Name::new(&name), is_predicate);
        schema.tests.entry(pointer).or_default().push(test);
    }
}

/// Whether a schema lets texts through that nothing but their length is said of.
fn may_be_text(schema: &Value) -> bool {
    let is_text = |schema: &Value| schema.get("type").is_some_and(|kind| kind == "string" || kind.is_array());
    let any = schema.get("anyOf").and_then(Value::as_array);
    schema.get("enum").is_none() && (is_text(schema) || any.is_some_and(|all| all.iter().any(is_text)))
}
