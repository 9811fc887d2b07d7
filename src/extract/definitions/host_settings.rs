//! Host-wide switches, by the table of `rules/host-settings.yml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::discover::pattern;
use crate::document::{Document, Node};
use crate::embedded;
use crate::extract::definitions::chain;
use crate::model::definition::HostSetting;
use crate::model::known::Known;
use crate::model::{About, Facts};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    host: String,
    files: Vec<String>,
    key: String,
    #[serde(default)]
    is: Vec<String>,
    effect: String,
}

static SWITCHES: LazyLock<Vec<Switch>> = LazyLock::new(|| {
    let text = embedded::text("host-settings.yml").expect("rules/host-settings.yml is embedded");
    serde_yaml::from_str(text).expect("rules/host-settings.yml is checked by a test")
});

/// Reads the switches of one file; the first row of the table that fits a value decides what it does.
pub fn extract(path: &str, document: &Document, facts: &mut Facts) {
    let mut rows = SWITCHES.iter().filter(|row| row.files.iter().any(|file| pattern::ends_with(file, path))).peekable();
    let Some(root) = document.root().filter(|_| rows.peek().is_some()) else { return };
    let mut seen = Vec::new();
    for row in rows {
        for node in chain::at(root, &row.key) {
            let value = shown(node);
            let fits = row.is.is_empty() || row.is.contains(&value);
            if !fits || seen.contains(&node.id()) {
                continue;
            }
            seen.push(node.id());
            facts.host_settings.push(HostSetting {
                about: About::new(row.key.clone(), node.span()),
                host: row.host.clone(),
                key: row.key.clone(),
                value: Known::is(value, node.span()),
                effect: row.effect.clone(),
            });
        }
    }
    if pattern::ends_with(".claude/settings*.json", path) || path.ends_with("managed-settings.json") {
        allowed_servers(root, facts);
        labels(root, facts);
    }
    if pattern::ends_with(".cursor/cli.json", path) || pattern::ends_with(".cursor/cli-config.json", path) {
        cursor_allows(root, facts);
    }
}

/// A list of allowed servers that names them by label only: whoever writes an entry chooses its label.
fn labels(root: Node<'_>, facts: &mut Facts) {
    let entries = root.get("allowedMcpServers").into_iter().flat_map(Node::items);
    for entry in entries.filter(|entry| entry.get("serverUrl").is_none() && entry.get("serverCommand").is_none()) {
        let Some(name) = entry.get("serverName") else { continue };
        facts.host_settings.push(HostSetting {
            about: About::new("allowedMcpServers", name.span()),
            host: "claude-code".into(),
            key: "allowedMcpServers.serverName".into(),
            value: Known::is(shown(name), name.span()),
            effect: "weakens".into(),
        });
    }
}

/// `Mcp(server:*)`, `Mcp(*:*)`: every tool of a server, or of all.
fn cursor_allows(root: Node<'_>, facts: &mut Facts) {
    for rule in root.at(&["permissions", "allow"]).into_iter().flat_map(Node::items) {
        let inner = rule.as_str().and_then(|text| text.strip_prefix("Mcp(")).and_then(|rest| rest.strip_suffix(')'));
        let Some(inner) = inner else { continue };
        let all = inner.rsplit(':').next() == Some("*");
        facts.host_settings.push(HostSetting {
            about: About::new("permissions.allow", rule.span()),
            host: "cursor".into(),
            key: "permissions.allow".into(),
            value: Known::is(format!("Mcp({inner})"), rule.span()),
            effect: if all { "blanket-approval" } else { "other" }.into(),
        });
    }
}

/// A rule that allows every tool of a server (`mcp__server`, `mcp__server__*`) approves them all, unless one that denies
/// or asks covers the same server: those come first. A glob in place of the server is skipped where it allows.
fn allowed_servers(root: Node<'_>, facts: &mut Facts) {
    let rules = |key: &str| root.at(&["permissions", key]).into_iter().flat_map(Node::items).filter_map(Node::as_str);
    let stricter: Vec<&str> = rules("deny").chain(rules("ask")).collect();
    let covered = |server: &str| {
        let whole = [format!("mcp__{server}"), format!("mcp__{server}__*"), "mcp__*".to_string(), "*".to_string()];
        stricter.iter().any(|rule| whole.iter().any(|form| form == rule))
    };
    for rule in root.at(&["permissions", "allow"]).into_iter().flat_map(Node::items) {
        let Some(rest) = rule.as_str().and_then(|text| text.strip_prefix("mcp__")) else { continue };
        let (server, tool) = rest.split_once("__").unwrap_or((rest, "*"));
        let all = tool == "*" && !server.contains('*') && !covered(server);
        let effect = if all { "blanket-approval" } else { "other" };
        facts.host_settings.push(HostSetting {
            about: About::new("permissions.allow", rule.span()),
            host: "claude-code".into(),
            key: "permissions.allow".into(),
            value: Known::is(format!("mcp__{rest}"), rule.span()),
            effect: effect.into(),
        });
    }
}

/// A scalar as written; of a list, its elements.
fn shown(node: Node<'_>) -> String {
    node.scalar().unwrap_or_else(|| node.items().take(100).filter_map(Node::scalar).collect::<Vec<_>>().join(", "))
}
