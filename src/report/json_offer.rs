//! The published JSON types of prompts and resources, and of what functions do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::json_types::{Location, Note};

/// A prompt, or a resource or template of resources.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Name of a prompt, address or template of a resource; the name of the request where one function answers for all.
    pub name: String,
    /// Where it is declared.
    pub location: Location,
    /// The function that answers for it; null where it is not known.
    pub handler: Option<Location>,
    /// What that function does to the world, as far as it was followed.
    pub effects: Vec<Effect>,
    /// Whether everything that it does was followed; null where no handler is known.
    pub followed: Option<bool>,
}

/// Something that a tool's handler reaches and that acts on the world.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// What it does: `file.read`, `process`, `network`, `sql`, …
    pub kind: String,
    /// Full name of the call.
    pub call: String,
    /// What it acts upon, where that is one constant.
    pub target: Option<String>,
    /// Whether it changes, deletes or sends something; null where that is of the program's own making.
    pub changes: Option<bool>,
    /// The call.
    pub location: Location,
    /// The calls from the handler to it.
    pub path: Vec<Note>,
}
