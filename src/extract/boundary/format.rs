//! The tool boundary document as types; the published JSON Schema is made from them.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Value of the `schema` key by which a boundary document is found.
pub const MARK: &str = "plimsoll/boundary/v1";

/// What the tools of one MCP server may do, as a specification that the server's own gate can load.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Tool boundary document", extend("anyOf" = json!([{"required": ["tools"]}, {"required": ["systems"]}])))]
pub struct BoundaryFile {
    /// Version of this format.
    pub schema: Version,
    /// Name of the server that is described.
    #[schemars(length(min = 1))]
    pub server: String,
    /// Trust boundary of the whole server. It may stand in one of several files of a server; two that differ are an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Systems")]
    pub systems: Option<Systems>,
    /// The tools, each by its name on the wire.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1))]
    pub tools: Vec<ToolBoundary>,
}

/// Version of this format.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Version {
    /// The first version.
    #[serde(rename = "plimsoll/boundary/v1")]
    V1,
}

/// Systems that the server as a whole may and may not reach. What the dispatcher itself needs (secrets store, log sink,
/// name service, proxy, authorisation server) stands here, not in the tools' `reach`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Systems {
    /// Systems as `host` or `host:port`.
    pub allowed: Vec<Entry>,
    /// Systems that are refused; `["*"]` refuses all that is not allowed.
    pub denied: Vec<Entry>,
}

/// Text with at least one character.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Entry(#[schemars(length(min = 1))] pub String);

/// What one tool may do.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolBoundary {
    /// Name of the tool as `tools/list` gives it.
    #[schemars(length(min = 1))]
    pub name: String,
    /// What it is for, in one sentence.
    pub purpose: String,
    /// Operations it may do. Replacing or appending is `update`; writing a name that may be new is `create`; a write that
    /// may do either needs both; running a program or code is `execute`; what leaves for a person or another
    /// organisation is `send`.
    #[schemars(extend("uniqueItems" = true))]
    pub operations: Vec<Operation>,
    /// What it may touch.
    pub objects: Vec<Object>,
    /// The one credential it needs, or `none`.
    pub credential: Credential,
    /// JSON Schema of its arguments, or `{$ref: path}` relative to this file.
    pub input_schema: InputSchema,
    /// Bounds of what it returns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Output")]
    pub output: Option<Output>,
    /// What its own effects may reach. An empty list says: nothing.
    pub reach: Reach,
    /// Class of risk; not below what its effects imply.
    pub risk: Risk,
    /// Whether a person approves each call.
    pub approval: Approval,
    /// Bounds of how often and how long it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Limits")]
    pub limits: Option<Limits>,
    /// Identities that may call it; absent where every authenticated caller may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Entry>")]
    pub callers: Option<Vec<Entry>>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1))]
    pub owner: Option<String>,
}

/// What a tool may do to its objects.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Operation {
    /// Looks at an object.
    Read,
    /// Makes an object that may be new.
    Create,
    /// Replaces or appends to an object that exists.
    Update,
    /// Removes an object.
    Delete,
    /// Runs a program or code.
    Execute,
    /// Hands something to a person or another organisation.
    Send,
}

/// Objects of one kind, by name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// Kind of these objects.
    pub kind: ObjectKind,
    /// Their names: tables, paths, buckets, queues, URLs, programs.
    pub names: Vec<Entry>,
}

/// Kind of an object.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ObjectKind {
    Table,
    Collection,
    File,
    Directory,
    Bucket,
    Queue,
    Endpoint,
    Secret,
    Process,
    Other,
}

/// The credential of a tool.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum Credential {
    /// It needs none.
    None(NoCredential),
    /// It needs this one.
    Named(NamedCredential),
}

/// The word `none`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum NoCredential {
    /// The tool needs no credential.
    None,
}

/// A credential in a secrets store.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedCredential {
    /// Name of the credential in its store.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Store that the dispatcher fetches it from at call time.
    #[schemars(length(min = 1))]
    pub store: String,
    /// What it allows, in the words of the system that it opens.
    #[schemars(length(min = 1))]
    pub scope: String,
}

/// A JSON Schema, or a reference to a file that holds one.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct InputSchema(pub Map<String, Value>);

/// Bounds of what a tool returns.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Bytes that a result may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64", range(min = 1))]
    pub max_bytes: Option<u64>,
    /// Output fields (dotted) or classes (`email`, `phone`, `credential`) that are taken out before the result is returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Entry>")]
    pub redact: Option<Vec<Entry>>,
}

/// What a tool's own effects may reach.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// Hosts as `host` or `host:port`.
    pub network: Vec<Entry>,
    /// Paths that it may read: files, or folders with all below.
    pub read: Vec<Entry>,
    /// Paths that it may write: files, or folders with all below.
    pub write: Vec<Entry>,
    /// Programs that it may start.
    pub processes: Vec<Entry>,
}

/// Class of risk.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Risk {
    /// Reads what any caller may know.
    Low,
    /// Reads what is confidential, or changes what can be undone.
    Medium,
    /// Deletes, executes, sends, pays, or changes what cannot be undone.
    High,
    /// Must not be called.
    Block,
}

/// Whether a person approves.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Approval {
    /// No person is asked.
    None,
    /// A person approves each call.
    Required,
}

/// Bounds of how often and how long a tool runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Calls per minute and caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64", range(min = 1))]
    pub per_minute: Option<u64>,
    /// Calls that may run at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64", range(min = 1))]
    pub concurrent: Option<u64>,
    /// Seconds after which a call is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64", range(min = 1))]
    pub timeout_seconds: Option<u64>,
}

/// The published schema, draft 2020-12.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let made = generator.into_root_schema_for::<BoundaryFile>().to_value();
    let Value::Object(mut map) = made else { return made };
    let head = ["$schema", "title", "description"].into_iter();
    let head: Map<String, Value> = head.filter_map(|key| map.shift_remove_entry(key)).collect();
    let mut whole: Value = head.into_iter().chain(map).collect::<Map<_, _>>().into();
    tidy(&mut whole);
    whole
}

/// Unwraps the lines of descriptions and drops formats that only Rust knows.
fn tidy(node: &mut Value) {
    match node {
        Value::Object(map) => {
            if map.get("format").and_then(Value::as_str) == Some("uint64") {
                map.shift_remove("format");
            }
            if let Some(Value::String(text)) = map.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            map.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let made = serde_json::to_string_pretty(&super::schema()).unwrap() + "\n";
        crate::published::assert_current("boundary", &made);
    }
}
