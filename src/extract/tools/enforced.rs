//! How much of a tool's schema holds when its handler runs: by SDK, layer, version and what the server is told.

use crate::extract::tools::behaviour::Does;
use crate::extract::tools::draft::Draft;
use crate::extract::tools::sdk::{Enforces, Handlers, Sdk, ServerKind};
use crate::extract::tools::site::{self, Told};
use crate::flow::meaning::{Meaning, Passed};
use crate::flow::{Flow, ValueRef};
use crate::model::Known;
use crate::model::tool::{Enforced, Tool};
use crate::model::version::Range;

/// Notes options of a server's constructor that switch validation on.
pub fn note_options(flow: &Flow, arguments: &[Passed], table: &ServerKind, draft: &mut Draft) {
    let is_given = |names: &[String]| arguments.iter().any(|argument| names_one(flow, &argument.value, names));
    draft.validates = is_given(&table.validates_with);
    draft.rejects = is_given(&table.rejects_with);
}

/// Whether a value is the result of one of these functions, or a list with one.
fn names_one(flow: &Flow, value: &Meaning, names: &[String]) -> bool {
    if names.is_empty() {
        return false;
    }
    match flow.force(value) {
        Meaning::Made(made) => match &made.callee {
            Meaning::Outside(name) => names.iter().any(|one| one == name.as_str()),
            _ => false,
        },
        Meaning::List(items) => items.iter().filter(|item| !item.optional).any(|item| {
            matches!(flow.force(&item.value), Meaning::Made(made) if
                matches!(&made.callee, Meaning::Outside(name) if names.iter().any(|one| one == name.as_str())))
        }),
        _ => false,
    }
}

/// Whether what gives a handler switches validation off: `call_tool(validate_input=False)`.
pub fn is_switched_off(flow: &Flow, at: ValueRef, how: &Handlers) -> bool {
    let told = Told::Arguments(flow.passed(at, &None));
    let set = site::first(flow, &told, &how.off_by_false);
    set.is_some_and(|set| !matches!(set.meaning, Meaning::Bool(true)))
}

/// What a schema itself says of unknown keys, where the SDK hands it on to what validates.
fn by_schema(tool: &mut Tool, sdk: &Sdk, kind: &ServerKind) {
    let place = tool.about.span;
    let Known::Is(schema) = &tool.input_schema else { return };
    let is_closed = schema.value.json.get("additionalProperties") == Some(&serde_json::Value::Bool(false));
    let has_own = schema.value.complete && schema.value.json.get("type").is_some();
    let hands_on = matches!(sdk.language.as_str(), "typescript" | "rust");
    match tool.unknown_keys.value().map(String::as_str) {
        Some("dropped") if is_closed && hands_on => {
            tool.unknown_keys = Known::is("rejected".to_string(), place);
        }
        // A schema that is given by hand is what is held against.
        Some("rejected") if !is_closed && has_own && kind.enforces == Enforces::Keywords => {
            tool.unknown_keys = Known::is("per-schema".to_string(), place);
        }
        _ => {}
    }
}

/// Settles what is validated of a tool in the versions that may be installed.
pub fn settle(tool: &mut Tool, draft: (bool, bool), sdk: &Sdk, kind: &ServerKind, used: (&str, Option<&Range>)) {
    let place = tool.about.span;
    let (validates, rejects) = draft;
    if validates && tool.sdk_validates.value() == Some(&false) {
        tool.sdk_validates = Known::is(true, place);
        tool.unknown_keys = Known::is("per-schema".to_string(), place);
    }
    if rejects && validates {
        tool.unknown_keys = Known::is("rejected".to_string(), place);
    }
    by_schema(tool, sdk, kind);
    let is_validated = tool.sdk_validates.value() == Some(&true);
    if let Some(matter) = kind.validates_matter.as_deref().filter(|_| is_validated) {
        match sdk.does(matter, used.0, used.1) {
            Does::This(does) if does == "never" => {
                tool.sdk_validates = Known::is(false, place);
                tool.unknown_keys = Known::is("passed".to_string(), place);
            }
            Does::Unknown(_, why) => tool.sdk_validates = Known::unknown(why, place),
            Does::This(_) | Does::Unsaid => {}
        }
    }
    tool.enforced = match (&tool.sdk_validates, kind.enforces) {
        // The newest of several versions is what is installed anew.
        (Known::Is(is), _) if !is.value => Enforced::Nothing,
        (Known::Absent, _) => Enforced::Nothing,
        (_, Enforces::Numbers) => Enforced::Numbers,
        (_, Enforces::Types) => Enforced::Types,
        (_, Enforces::Keywords) => Enforced::Keywords,
        (_, Enforces::Schema) => Enforced::Schema,
    };
}
