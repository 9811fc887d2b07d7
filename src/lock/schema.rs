//! The published JSON Schema of `plimsoll.lock`, for editors and other tools.

#![allow(dead_code, reason = "the types describe the file; reading it is strict and spanned, in `file`")]

use schemars::JsonSchema;

use crate::published;

/// What was approved of each server of a tree, `plimsoll.lock`, in TOML.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LockFile {
    /// Version of the format.
    #[schemars(regex(pattern = r"^plimsoll/lock/v1$"))]
    schema: String,
    /// Servers, by name and folder.
    server: Option<Vec<Server>>,
}

/// One server as it was pinned.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Server {
    /// Name of the server.
    name: String,
    /// Folder relative to the lock's; `.` for the same.
    root: String,
    /// How completely its tools were known: `closed`, `partly-open`, `open`.
    inventory: String,
    /// SHA-256 of the instructions that it gives to the model.
    instructions: Option<String>,
    /// SHA-256 of the icons that it shows for itself, as a sorted JSON array.
    icons: Option<String>,
    /// Who approved what is pinned here.
    approved_by: Option<String>,
    /// Day of the approval.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    date: Option<String>,
    /// Its tools.
    tool: Option<Vec<Tool>>,
    /// Its prompts.
    prompt: Option<Vec<Offered>>,
    /// Its resources and templates of resources.
    resource: Option<Vec<Offered>>,
    /// What configurations start or reach.
    launch: Option<Vec<Launch>>,
}

/// One tool: SHA-256 of each part; absent where it has none, `unknown` where the tree does not show it.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Tool {
    /// Name of the tool; ` #2` and so on where several have one name.
    name: String,
    /// SHA-256 of the title.
    title: Option<String>,
    /// SHA-256 of the description.
    description: Option<String>,
    /// SHA-256 of the input schema in canonical JSON (RFC 8785).
    input_schema: Option<String>,
    /// SHA-256 of the output schema in canonical JSON.
    output_schema: Option<String>,
    /// SHA-256 of the hints in canonical JSON.
    annotations: Option<String>,
    /// SHA-256 of the icons of a listed tool in canonical JSON.
    icons: Option<String>,
    /// SHA-256 of `_meta` of a listed tool in canonical JSON.
    meta: Option<String>,
}

/// A prompt or resource.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Offered {
    /// Name under which it is offered.
    name: String,
    /// SHA-256 of everything that is said of it, in order, as a JSON array.
    text: String,
}

/// One entry of a client, host or gateway configuration.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Launch {
    /// The configuration, relative to the lock.
    file: String,
    /// Name of the entry.
    name: String,
    /// SHA-256 of the words of the command line as a JSON array.
    command: Option<String>,
    /// SHA-256 of the URL.
    url: Option<String>,
    /// Package or image that is fetched.
    package: Option<String>,
    /// Its version.
    version: Option<String>,
    /// Its digest.
    digest: Option<String>,
    /// SHA-256 of the names of variables and headers that it is given, as a sorted JSON array.
    environment: Option<String>,
}

/// The schema as it is published.
pub fn schema() -> String {
    published::schema::<LockFile>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_current() {
        published::assert_current("lock", &schema());
    }

    #[test]
    fn schema_and_file_know_the_same_parts() {
        let json: serde_json::Value = serde_json::from_str(&schema()).expect("JSON");
        for (kind, names, parts) in [
            ("Tool", vec!["name"], super::super::TOOL_PARTS),
            ("Launch", vec!["file", "name"], super::super::LAUNCH_PARTS),
            ("Offered", vec!["name"], super::super::OFFERED_PARTS),
        ] {
            let map = json.pointer(&format!("/$defs/{kind}/properties")).and_then(|map| map.as_object()).expect(kind);
            let mut expected: Vec<&str> = names.into_iter().chain(parts.iter().map(|(key, _)| *key)).collect();
            let mut found: Vec<&str> = map.keys().map(String::as_str).collect();
            expected.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, expected);
        }
    }
}
