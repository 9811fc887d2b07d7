//! Schemas that let anything through: what was held against one of them is still as it came.

use serde_json::Value;

use crate::flow::Meaning;
use crate::flow::json::Json;
use crate::taint::call::Calling;
use crate::taint::{Proofs, Walk};

/// Keywords that refuse no value.
const SAYING: &[&str] = &["$id", "$schema", "default", "deprecated", "description", "examples", "required", "title"];

/// Whether a schema says nothing of any argument that it lets through.
pub(crate) fn is_vacuous(json: &Json) -> bool {
    let Value::Object(schema) = &json.value else { return json.value == Value::Bool(true) };
    let lets_through = |value: &Value| match value {
        Value::Bool(is) => *is,
        Value::Object(inner) => inner.keys().all(|key| SAYING.contains(&key.as_str())),
        _ => false,
    };
    let names_some = schema.get("properties").and_then(Value::as_object).is_some_and(|all| !all.is_empty());
    let refuses_nothing = |(key, value): (&String, &Value)| match key.as_str() {
        "type" => value == "object",
        "properties" => value.as_object().is_some_and(|all| all.values().all(lets_through)),
        // That others are refused says nothing of those that are taken.
        "additionalProperties" => lets_through(value) || names_some && *value == Value::Bool(false),
        key => SAYING.contains(&key),
    };
    json.complete && json.tests.is_empty() && schema.iter().all(refuses_nothing)
}

impl<'a> Walk<'a> {
    /// What a call proves of what it is given: validated by a schema that lets anything through is not.
    pub(crate) fn unless_vacuous(&self, calling: &Calling<'a>, callee: &Meaning, proofs: Proofs) -> Proofs {
        let is_vacuous = proofs.has(Proofs::VALIDATED)
            && self.schema_called(calling, callee).is_some_and(|schema| is_vacuous(&schema));
        if is_vacuous { proofs.without(Proofs::VALIDATED) } else { proofs }
    }
}
