//! The published JSON types of tools.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::json_offer::Effect;
use crate::report::json_types::{Location, Note};

/// One tool.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Name.
    pub name: String,
    /// Where it is declared.
    pub location: Location,
    /// The function that answers a call; null where it is not known.
    pub handler: Option<Location>,
    /// Description for the model.
    pub description: Option<String>,
    /// What its author says of it.
    pub annotations: Annotations,
    /// What it takes; null where no schema is declared, or none was understood.
    #[serde(default)]
    pub input_schema: Option<Schema>,
    /// What it says that it returns.
    #[serde(default)]
    pub output_schema: Option<Schema>,
    /// Condition under which it is registered, as written; null where it always is.
    pub condition: Option<Note>,
    /// Whether it is there without flags and settings; null where its condition does not tell.
    pub on_by_default: Option<bool>,
    /// Whether it is listed to clients, and whether a call reaches a handler.
    pub reach: Reach,
    /// Risk class of its boundary document.
    pub risk: Option<String>,
    /// Its entry in a boundary document.
    pub boundary: Option<Location>,
    /// What its handler does to the world, as far as it was followed.
    pub effects: Vec<Effect>,
    /// Whether everything that its handler does was followed; null where no handler is known.
    pub followed: Option<bool>,
}

/// A JSON Schema that a server publishes for a tool.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The schema, as far as it is known.
    pub schema: serde_json::Value,
    /// Whether all of it is known.
    pub complete: bool,
}

/// Hints of a tool's author; null where not given.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Annotations {
    /// `readOnlyHint`.
    pub read_only: Option<bool>,
    /// `destructiveHint`.
    pub destructive: Option<bool>,
    /// `idempotentHint`.
    pub idempotent: Option<bool>,
    /// `openWorldHint`.
    pub open_world: Option<bool>,
}

/// How the protocol reaches a tool.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// Answers `tools/list`.
    pub listed: bool,
    /// `tools/call` reaches a handler for it.
    pub dispatched: bool,
}
