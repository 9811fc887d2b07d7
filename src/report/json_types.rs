//! The published JSON types. They are the format; nothing else is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::report::json_offer::{Effect, Offer};
pub use crate::report::json_tool::{Annotations, Reach, Schema, Tool};
use crate::report::{json, json_confinement};

/// Result of an audit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportDocument {
    /// Format and version.
    #[schemars(extend("const" = json::REPORT))]
    pub schema: String,
    /// The program that made it.
    pub tool: ToolVersion,
    /// Day of the audit, `YYYY-MM-DD`.
    pub date: String,
    /// What was audited.
    pub source: SourceState,
    /// What the audit says.
    pub gate: Gate,
    /// By server.
    pub servers: Vec<Server>,
    /// Failing answers, worst first within a server.
    pub findings: Vec<Finding>,
    /// What could not be read, parsed or resolved.
    pub gaps: Vec<Gap>,
    /// Accepted risks, used or not.
    pub waivers: Vec<Waiver>,
    /// Statements by people.
    pub attestations: Vec<Attestation>,
    /// Number of answers by outcome.
    pub answers: Answers,
    /// Every file that was read.
    pub inputs: Vec<Input>,
    /// Paths that were left out, with the reason.
    pub skipped: Vec<Skipped>,
}

/// Servers and tools without judgement.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InventoryDocument {
    /// Format and version.
    #[schemars(extend("const" = json::INVENTORY))]
    pub schema: String,
    /// The program that made it.
    pub tool: ToolVersion,
    /// What was read.
    pub source: SourceState,
    /// By server.
    pub servers: Vec<Server>,
    /// Tools that belong to no server.
    pub tools: Vec<Tool>,
    /// Entries that documentation shows and that belong to no server known here.
    pub documented: Vec<Definition>,
    /// What could not be read, parsed or resolved.
    pub gaps: Vec<Gap>,
}

/// Name and version of the program.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolVersion {
    /// Always `plimsoll`.
    pub name: String,
    /// Version.
    pub version: String,
    /// SHA-256 of the rule set, in hexadecimal.
    pub rules: String,
}

/// State of the audited tree.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceState {
    /// Commit that is checked out.
    pub revision: Option<String>,
    /// Address of the remote repository.
    pub remote: Option<String>,
    /// SHA-256 over paths and digests of all inputs, in hexadecimal.
    pub digest: String,
}

/// What the audit says.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// `pass`, `fail` or `incomplete`.
    #[schemars(extend("enum" = ["pass", "fail", "incomplete"]))]
    pub outcome: String,
    /// What decided: item ids, `check:ID`, `gap:PATH`.
    pub because: Vec<String>,
}

/// One MCP server.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Name.
    pub name: String,
    /// Folder relative to the audited root.
    pub root: String,
    /// `implemented`, `configured`, or both.
    pub kind: Vec<String>,
    /// How completely its tools are known.
    #[schemars(extend("enum" = ["closed", "partly-open", "open"]))]
    pub inventory: String,
    /// Why the inventory is not closed.
    pub openings: Vec<Note>,
    /// `stdio`, `http`, `sse`, `websocket`.
    pub transports: Vec<String>,
    /// SDKs it is built with.
    pub sdk: Vec<Sdk>,
    /// Its tools, as `tools/list` shows them when it starts without flags and settings.
    pub tools: Vec<Tool>,
    /// Tools that a call reaches and no list shows, and tools that only a flag or setting adds.
    pub unlisted: Vec<Tool>,
    /// Its prompts.
    #[serde(default)]
    pub prompts: Vec<Offer>,
    /// Its resources and templates of resources.
    #[serde(default)]
    pub resources: Vec<Offer>,
    /// Entries of client, host and gateway files that launch or reach it.
    pub definitions: Vec<Definition>,
    /// Entries that README and other documentation show for it; no deployment.
    pub documented: Vec<Definition>,
    /// What runs it confined, as manifests state it.
    pub confinement: Vec<Confinement>,
    /// What really confines it, over all layers; empty where nothing in the tree starts it.
    pub effective_confinement: Vec<json_confinement::Aspect>,
    /// Results by framework; absent in an inventory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frameworks: Option<Vec<Framework>>,
}

/// An SDK.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sdk {
    /// Package name.
    pub name: String,
    /// Language.
    pub language: String,
    /// Version, locked or as required; null where nothing says.
    pub version: Option<String>,
}

/// An entry of a client, host or gateway file.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Name of the entry.
    pub name: String,
    /// Where it stands.
    pub location: Location,
    /// Hosts that read the file.
    pub hosts: Vec<String>,
    /// Command or URL as written.
    pub launch: Option<String>,
    /// Package that is launched.
    pub package: Option<String>,
    /// Exact version of it; null where it floats.
    pub version: Option<String>,
    /// Whether the entry is switched off.
    pub disabled: bool,
}

/// A container or other confinement of a server's process.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confinement {
    /// Name in its file.
    pub name: String,
    /// `dockerfile`, `compose`, `docker-run`, `kubernetes`, `unit`, `devcontainer`.
    pub kind: String,
    /// Where it stands.
    pub location: Location,
    /// User it runs as.
    pub user: Option<String>,
    /// Whether its root file system is read-only; null where unknown or not set.
    pub read_only: Option<bool>,
    /// Whether it runs privileged; null where unknown or not set.
    pub privileged: Option<bool>,
    /// What it can reach: `denied`, `open`, `named`; null where unknown.
    pub egress: Option<String>,
}

/// Result of a framework for a server.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Id.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Whether it decides the gate.
    pub gates: bool,
    /// Worst of its controls.
    #[schemars(extend("enum" = ["pass", "fail", "not-applicable", "not-assessed"]))]
    pub outcome: String,
    /// Its controls.
    pub controls: Vec<Control>,
}

/// Result of a control for a server.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Id.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Worst of its items.
    #[schemars(extend("enum" = ["pass", "fail", "not-applicable", "not-assessed"]))]
    pub outcome: String,
    /// Controls and items of other frameworks that must pass for it to pass.
    pub same_as: Vec<Shared>,
    /// Its own items.
    pub items: Vec<Item>,
}

/// A control or item shared with another framework.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// Id.
    pub id: String,
    /// Its outcome.
    pub outcome: String,
}

/// Result of an item for a server.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Id.
    pub id: String,
    /// What must be so.
    pub text: String,
    /// The result.
    #[schemars(extend("enum" = ["pass", "fail", "not-applicable", "not-assessed"]))]
    pub outcome: String,
    /// What settled it: `static`, `attested` or `waived`.
    pub how: String,
    /// What decided, in one sentence.
    pub why: String,
    /// Checks that witness it.
    pub checks: Vec<String>,
    /// What they showed.
    pub evidence: Vec<Evidence>,
}

/// A place with what it shows, and the steps that lead there.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The place.
    pub location: Location,
    /// What it shows.
    pub text: String,
    /// Steps of the path, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<Note>,
}

/// A place with a sentence.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The place.
    pub location: Location,
    /// What is so there.
    pub text: String,
}

/// A place; lines and columns (in Unicode scalar values) from 1, the end one past the last character.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Path relative to the audited root.
    pub path: String,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// One past the last column.
    pub end_column: u32,
}

/// A failing answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Id of the check.
    pub check: String,
    /// How bad.
    #[schemars(extend("enum" = ["critical", "high", "medium", "low"]))]
    pub severity: String,
    /// How sure.
    #[schemars(extend("enum" = ["high", "medium", "low"]))]
    pub confidence: String,
    /// Name of the server; null where it belongs to the tree as a whole.
    pub server: Option<String>,
    /// Name of the tool.
    pub tool: Option<String>,
    /// Name of what was judged.
    pub subject: String,
    /// What is so.
    pub message: String,
    /// What to do.
    pub fix: String,
    /// Where to look first.
    pub location: Location,
    /// Steps of the path, in order.
    pub path: Vec<Note>,
    /// CWE numbers.
    pub cwe: Vec<u32>,
    /// Rows of other lists that it falls under.
    pub maps: Vec<String>,
    /// Stays the same when lines move.
    pub fingerprint: String,
    /// Position in `waivers` of the waiver that covers it.
    pub waiver: Option<usize>,
}

/// What could not be known.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Where; only the path for a whole file or folder.
    pub location: GapLocation,
    /// Kind, as `accept-gaps` names it.
    pub kind: String,
    /// What stands in the way.
    pub reason: String,
    /// Whether it stands in the way of a verdict.
    pub blocks: bool,
}

/// Place of a gap.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GapLocation {
    /// Path relative to the audited root; `.` for the whole tree.
    pub path: String,
    /// First line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// First column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

/// An accepted risk.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Check or item.
    pub of: String,
    /// Only for this server.
    pub server: Option<String>,
    /// Only for this tool.
    pub tool: Option<String>,
    /// Only under this path.
    pub path: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Who accepted it.
    pub owner: Option<String>,
    /// Last day on which it counts.
    pub expires: String,
    /// File that it stands in.
    pub file: String,
    /// Line that it stands on.
    pub line: u32,
    /// Whether it stands in a comment beside the code.
    pub inline: bool,
    /// How many findings it covers.
    pub used: usize,
    /// Whether it had expired on the day of the audit.
    pub expired: bool,
}

/// A dated statement by a person.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// Item that it settles.
    pub item: String,
    /// What is stated.
    pub statement: String,
}

/// Number of answers by outcome.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answers {
    /// The control is there.
    pub holds: usize,
    /// It is missing or broken.
    pub fails: usize,
    /// The question does not arise.
    pub not_applicable: usize,
    /// It cannot be known.
    pub unknown: usize,
}

/// A file that was read.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Path relative to the audited root.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// What it was read as.
    #[schemars(extend("enum" = ["source", "definition", "boundary", "manifest", "evidence"]))]
    pub kind: String,
}

/// A path that was left out.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Skipped {
    /// Path relative to the audited root.
    pub path: String,
    /// Why.
    pub reason: String,
}
