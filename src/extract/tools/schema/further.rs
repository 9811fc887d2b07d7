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

/// Adds a function that looks at a whole object to each of its texts, after what looks at them already.
pub fn around(schema: &mut Json, (source, function): (SourceId, FunctionId), is_predicate: bool) {
    for name in texts_of(schema) {
        let test = SchemaTest::Around(source, function, Name::new(&name), is_predicate);
        tests_of(schema, &name).push(test);
    }
}

/// Adds a function that makes the whole object again to each of its texts: before or after what looks at them already.
pub fn remade(schema: &mut Json, (source, function): (SourceId, FunctionId), is_after: bool) {
    for name in texts_of(schema) {
        let test = SchemaTest::Remade(source, function, Name::new(&name), is_after);
        let tests = tests_of(schema, &name);
        tests.insert(if is_after { tests.len() } else { 0 }, test);
    }
}

/// Adds a function that lists what is wrong with a value, or with texts of an object.
pub fn listed(schema: &mut Json, (source, function): (SourceId, FunctionId)) {
    if schema.value.get("properties").is_none() {
        return schema.test(SchemaTest::Listed(source, function, None));
    }
    for name in texts_of(schema) {
        tests_of(schema, &name).push(SchemaTest::Listed(source, function, Some(Name::new(&name))));
    }
}

fn texts_of(schema: &Json) -> Vec<String> {
    let texts = schema.value.get("properties").and_then(Value::as_object).into_iter().flatten();
    texts.filter(|(_, schema)| may_be_text(schema)).map(|(name, _)| name.to_string()).collect()
}

fn tests_of<'s>(schema: &'s mut Json, name: &str) -> &'s mut Vec<SchemaTest> {
    let pointer = format!("/properties/{}", name.replace('~', "~0").replace('/', "~1"));
    schema.tests.entry(pointer).or_default()
}

/// Whether a schema lets texts through that nothing but their length is said of.
fn may_be_text(schema: &Value) -> bool {
    let is_text = |schema: &Value| schema.get("type").is_some_and(|kind| kind == "string" || kind.is_array());
    let any = schema.get("anyOf").and_then(Value::as_array);
    schema.get("enum").is_none() && (is_text(schema) || any.is_some_and(|all| all.iter().any(is_text)))
}
