//! The published JSON Schema of `plimsoll.toml`, for editors.

#![allow(dead_code, reason = "the types describe the file; reading it is strict and spanned, in `read`")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use crate::published;

/// Configuration of a plimsoll audit, `plimsoll.toml`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConfigFile {
    /// What decides the exit code.
    gate: Option<Gate>,
    /// What is read, and where documents stand.
    paths: Option<Paths>,
    /// The project's own functions, by role and language, as qualified names.
    vocabulary: Option<Vocabulary>,
    /// Declared environments: name to words that mark it in host names and files.
    environments: Option<BTreeMap<String, Vec<String>>>,
    /// Host names to the network rules that mean them.
    hosts: Option<BTreeMap<String, Vec<String>>>,
    /// Approved servers.
    registry: Option<Registry>,
    /// Accepted risks.
    waiver: Option<Vec<Waiver>>,
}

/// What decides the exit code.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Gate {
    /// Ids of the frameworks that decide; `plimsoll list frameworks` shows them.
    frameworks: Option<Vec<String>>,
    /// Severity from which a finding alone fails the gate.
    fail_on: Option<Threshold>,
    /// Gaps that may stand: a kind (`dynamic`), a kind under a path (`unparsed:legacy/`), or any under a path (`*:vendor`).
    accept_gaps: Option<Vec<String>>,
}

/// A severity, or never.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Threshold {
    Low,
    Medium,
    High,
    Critical,
    Never,
}

/// What is read, and where documents stand.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Paths {
    /// What is not read, each with its reason.
    exclude: Option<Vec<Exclusion>>,
    /// Folders of boundary documents.
    boundary: Option<Vec<String>>,
    /// Folders of attestations.
    attestations: Option<Vec<String>>,
}

/// A path that is not read.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Exclusion {
    /// Path or pattern.
    path: String,
    /// Why.
    reason: String,
}

/// The project's own functions by role: language to qualified names.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Vocabulary {
    /// Functions that every call must pass before dispatch.
    gate: Option<Names>,
    /// Functions that decide by policy.
    policy: Option<Names>,
    /// Functions that fetch a credential from the secrets store.
    secrets_store: Option<Names>,
    /// Functions that write an entry of the audit log.
    audit_log: Option<Names>,
    /// Functions that redact credentials and personal data.
    redactor: Option<Names>,
}

/// Qualified names by language.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Names {
    python: Option<Vec<String>>,
    typescript: Option<Vec<String>>,
    go: Option<Vec<String>>,
    rust: Option<Vec<String>>,
}

/// Approved servers.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Registry {
    /// Each with what was reviewed, by whom and when.
    servers: Option<Vec<ApprovedServer>>,
}

/// A server that may be configured.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ApprovedServer {
    /// Package, image or URL.
    name: String,
    /// Approved version; this or `digest` must be given.
    version: Option<String>,
    /// Approved digest.
    digest: Option<String>,
    /// Who looked at it.
    reviewed_by: String,
    /// When.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    date: String,
}

/// An accepted risk. Exactly one of `check` and `item` is given.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Waiver {
    /// Check that is waived.
    check: Option<String>,
    /// Framework item that is waived.
    item: Option<String>,
    /// Only for this server.
    server: Option<String>,
    /// Only for this tool.
    tool: Option<String>,
    /// Only under this path.
    path: Option<String>,
    /// Why the risk is accepted.
    reason: String,
    /// Who accepted it.
    owner: String,
    /// Last day on which it counts.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    expires: String,
}

/// The schema as it is published.
pub fn schema() -> String {
    published::schema::<ConfigFile>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::read;

    #[test]
    fn the_published_schema_is_current() {
        published::assert_current("config", &schema());
    }

    #[test]
    fn schema_and_reader_know_the_same_tables_and_roles() {
        let json: serde_json::Value = serde_json::from_str(&schema()).expect("JSON");
        let keys = |pointer: &str| -> Vec<String> {
            let map = json.pointer(pointer).and_then(|value| value.as_object()).expect(pointer);
            let mut keys: Vec<String> = map.keys().cloned().collect();
            keys.sort();
            keys
        };
        let sorted = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(|name| (*name).to_string()).collect();
            names.sort();
            names
        };
        assert_eq!(keys("/properties"), sorted(read::TABLES));
        assert_eq!(keys("/$defs/Vocabulary/properties"), sorted(read::ROLES));
    }
}
