//! How SDKs of languages that are read for their declarations declare tools: `outline` in the files under `rules/sdks`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::code::Name;

/// All ways of one SDK.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Annotations of functions.
    #[serde(default)]
    pub marks: Vec<MarkRule>,
    /// Calls and constructions.
    #[serde(default)]
    pub calls: Vec<CallRule>,
    /// Classes that extend one of the SDK.
    #[serde(default)]
    pub types: Vec<TypeRule>,
    /// What a program of the tree that writes code writes for a tool: a text that holds this adds tools nobody sees.
    #[serde(default)]
    pub generated: Option<String>,
}

/// Where facts stand among arguments: positions, keywords, or methods of a builder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Name.
    #[serde(default)]
    pub name: Vec<String>,
    /// Title for people.
    #[serde(default)]
    pub title: Vec<String>,
    /// Description for the model.
    #[serde(default)]
    pub description: Vec<String>,
    /// Keywords, with the hint that each sets.
    #[serde(default)]
    pub hints: BTreeMap<String, String>,
}

/// An annotation that makes a function a tool.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkRule {
    /// Full names.
    pub names: Vec<String>,
    /// What it is told.
    pub told: Told,
    /// Name where it tells none.
    #[serde(default)]
    pub naming: Naming,
    /// Other annotations whose first argument is the description.
    #[serde(default)]
    pub description_marks: Vec<String>,
    /// Whether the comment above is the description where nothing else is.
    #[serde(default)]
    pub documented: bool,
}

/// A call that makes or registers a tool.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallRule {
    /// Names of methods or types.
    pub methods: Vec<Name>,
    /// What it is called on; absent where anything will do.
    #[serde(default)]
    pub on: Vec<String>,
    /// Beginnings of imports, one of which the file must have.
    #[serde(default)]
    pub imports: Vec<String>,
    /// What it is told, by itself or by the methods that follow on its result.
    pub told: Told,
    /// Whether a whole tool may stand where the name is looked for.
    #[serde(default)]
    pub gives_way: bool,
}

/// A class that is a tool because of what it extends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeRule {
    /// Full names of what it extends.
    pub bases: Vec<String>,
    /// Name.
    #[serde(default)]
    pub name: Said,
    /// Title for people.
    #[serde(default)]
    pub title: Said,
    /// Description.
    #[serde(default)]
    pub description: Said,
    /// Name where it tells none.
    #[serde(default)]
    pub naming: Naming,
    /// Methods that answer a call.
    #[serde(default)]
    pub handlers: Vec<String>,
    /// What the call `annotations` in its body is told.
    #[serde(default)]
    pub told: Told,
}

/// Where a class says something of itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// By a call in its body.
    #[serde(default)]
    pub call: Option<String>,
    /// By a field.
    #[serde(default)]
    pub field: Option<String>,
    /// By an annotation.
    #[serde(default)]
    pub mark: Option<String>,
}

/// How a name is made from that of a function or type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Naming {
    /// As it is.
    #[default]
    AsIs,
    /// With all that it stands in, without separators.
    Whole,
    /// `snake_case`.
    Snake,
    /// `snake_case`, `Async` at the end left out.
    SnakeWithoutAsync,
    /// `kebab-case`.
    Kebab,
}
