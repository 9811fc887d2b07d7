//! Tools, their parameters and what their author says of them.

use std::collections::BTreeMap;

use crate::code::{ClassId, FunctionId, Name, ValueId};
use crate::flow::schemas::SchemaTest;
use crate::model::known::{Known, Spanned};
use crate::source::{SourceId, Span};
use crate::subject;

/// A JSON Schema as the server would publish it.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// The schema.
    pub json: serde_json::Value,
    /// Where each JSON pointer of it stands, as far as known; `""` is the whole.
    pub places: BTreeMap<String, Span>,
    /// Whether all of it is known; otherwise `json` is the known part.
    pub complete: bool,
    /// Functions that look at a value beyond what JSON Schema says, in order, by the JSON pointer of its schema.
    pub tests: BTreeMap<String, Vec<SchemaTest>>,
}

/// How much of a declared schema holds of the arguments when the handler runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Enforced {
    /// Nothing: it is published only.
    #[default]
    Nothing,
    /// Which values are numbers and truth values.
    Numbers,
    /// The types of a language: its numbers and enumerations, no keywords of JSON Schema.
    Types,
    /// Keywords of JSON Schema, but no formats.
    Keywords,
    /// All that it says.
    Schema,
}

/// Where a tool's function is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// File of the function; the module index of the program is found by it.
    pub source: SourceId,
    /// The function.
    pub function: FunctionId,
    /// Class whose instance it is a method of, where that matters.
    pub class: Option<ClassId>,
    /// Place of its name.
    pub span: Span,
    /// Calls and turns of loops inside which it is made, outermost first, where it is a closure over what they were given.
    pub made_by: Vec<MadeBy>,
    /// Where it finds the name of the tool, if it serves several.
    pub names: Vec<NamePlace>,
}

/// A parameter, without the receiver, and the member of it that is the name of the tool that is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePlace {
    /// Position of the parameter.
    pub position: usize,
    /// Members of it.
    pub members: Vec<Name>,
}

/// Inside what a function is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MadeBy {
    /// A call of a function.
    Call {
        /// File and function that is called.
        function: (SourceId, FunctionId),
        /// File and value of the call.
        call: (SourceId, ValueId),
        /// Inside what the arguments of the call were given, where that is told apart from what surrounds the function.
        given_in: Vec<MadeBy>,
    },
    /// A turn of a loop.
    Turn {
        /// File and value of what is looped over.
        over: (SourceId, ValueId),
        /// Position of the element.
        at: usize,
    },
}

/// Which kind of place told us about a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ToolOrigin {
    /// Source code.
    Source,
    /// A `tools/list` dump.
    Dump,
    /// A bundle or catalogue manifest.
    Manifest,
}

subject! {
    /// A function that a server exposes to a model.
    pub struct Tool {
        /// Title for people.
        pub title: Known<String>,
        /// Description for the model.
        pub description: Known<String>,
        /// Author's `readOnlyHint`.
        pub read_only_hint: Known<bool>,
        /// Author's `destructiveHint`.
        pub destructive_hint: Known<bool>,
        /// Author's `idempotentHint`.
        pub idempotent_hint: Known<bool>,
        /// Author's `openWorldHint`.
        pub open_world_hint: Known<bool>,
        /// Whether an input schema is declared.
        pub has_input_schema: bool,
        /// Whether an output schema is declared.
        pub has_output_schema: bool,
        /// Whether it answers `tools/list`.
        pub listed: bool,
        /// Whether `tools/call` reaches a handler for it.
        pub dispatched: Known<bool>,
        /// Whether a manifest names it, and neither its code nor a listing of it is here.
        pub only_named: bool,
        /// Condition under which it is registered, as written; absent where it always is.
        pub condition: Known<String>,
        /// Whether it is there when the server starts without flags and settings; unknown where its condition does not tell.
        pub on_by_default: Known<bool>,
        /// Whether the SDK, by its own default at this layer and version, validates arguments before the handler.
        pub sdk_validates: Known<bool>,
        /// Whether every argument that its handler uses was validated first, by the SDK or by a schema in the handler.
        pub validated: Known<bool>,
        /// What the SDK does with unknown argument keys: `rejected`, `dropped`, `passed`, `per-schema`.
        pub unknown_keys: Known<String>,
        /// Whether everything that its handler does was followed; unknown, with the reason, where it was not.
        pub followed: Known<bool>,
        ..
        /// Declared input schema, normalised to JSON Schema.
        pub input_schema: Known<Schema>,
        /// How much of the input schema holds when the handler runs.
        pub enforced: Enforced,
        /// Declared output schema.
        pub output_schema: Known<Schema>,
        /// The function that answers a call.
        pub handler: Option<Handler>,
        /// The function that every call passes on its way to the handler, where that is another one.
        pub through: Option<Handler>,
        /// The same function in what was built from its source and stands beside it.
        pub copies: Vec<Handler>,
        /// Where it was found.
        pub origin: ToolOrigin,
        /// Further places that declare it: the listing, the dispatch arm, the wrapper's call.
        pub places: Vec<Spanned<String>>,
    }
}

subject! {
    /// One parameter of a tool: a leaf or inner node of its input schema.
    pub struct Parameter {
        /// JSON Schema type; several are joined with `|`; absent where none is declared.
        pub json_type: Known<String>,
        /// Whether a length, size or number of items is bounded above, or the values are enumerated or patterned.
        pub bounded: bool,
        /// Whether the values are enumerated or constant.
        pub enumerated: bool,
        /// Pattern or format that values must match.
        pub pattern: Known<String>,
        /// Description for the model.
        pub description: Known<String>,
        /// JSON pointer of it in the tool's input schema.
        pub pointer: String,
        /// Whether a map accepts keys beyond those declared.
        pub open: Known<bool>,
        /// A `$ref` that leaves the document.
        pub remote_reference: Known<String>,
    }
}
