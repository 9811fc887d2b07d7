//! What a parsed file turns out to be, where its name does not tell.

use crate::discover::FileKind;
use crate::document::{Document, Node};

/// Roots of one file that are looked at.
const MAX_ROOTS: usize = 1_000;

/// The kind of a parsed file: that of its name, unless it is plain data and its content tells more.
pub fn kind(by_name: FileKind, document: &Document, text: &str) -> FileKind {
    match by_name {
        FileKind::Data => {}
        FileKind::Registry if document.root().is_some_and(is_registry) => return FileKind::Registry,
        FileKind::Registry => {}
        _ => return by_name,
    }
    let found = document.roots().take(MAX_ROOTS).find_map(of_root);
    found.or_else(|| broken(document, text)).unwrap_or(FileKind::Data)
}

fn of_root(root: Node<'_>) -> Option<FileKind> {
    match root.get("schema").and_then(Node::as_str) {
        Some(schema) if schema.starts_with("plimsoll/boundary/") => return Some(FileKind::Boundary),
        Some(schema) if schema.starts_with("plimsoll/attestation/") => return Some(FileKind::Attestation),
        _ => {}
    }
    if is_dump(root) {
        return Some(FileKind::Dump);
    }
    if is_bundle(root) {
        return Some(FileKind::Bundle);
    }
    if is_card(root) || is_authorization(root) {
        return Some(FileKind::WellKnown);
    }
    if is_recipe(root) {
        return Some(FileKind::Definition);
    }
    let text = |key: &str| root.get(key).and_then(Node::as_str).is_some();
    if text("apiVersion") && text("kind") {
        return Some(FileKind::Kubernetes);
    }
    if is_definition(root) {
        return Some(FileKind::Definition);
    }
    let catalogue = root.get("registry").is_some_and(|registry| {
        registry.entries().any(|(_, server)| server.get("image").is_some() || server.get("remote").is_some())
    });
    let run_config = text("image")
        && (root.get("permission_profile").is_some() || root.get("permission_profile_name_or_path").is_some());
    let gateway = root.get("binds").is_some_and(|binds| binds.items().any(|bind| bind.get("listeners").is_some()));
    if catalogue || run_config || gateway || is_enabled_list(root) || is_kong(root) {
        return Some(FileKind::Catalogue);
    }
    let services = root.get("services").is_some_and(|services| {
        services.entries().any(|(_, service)| service.get("image").is_some() || service.get("build").is_some())
    });
    services.then_some(FileKind::Compose)
}

/// A `tools/list` result in any of its shapes: bare, wrapped, as a JSON-RPC response, by server.
pub fn is_dump(root: Node<'_>) -> bool {
    if root.is_list() {
        return is_tool_list(root);
    }
    if root.get("jsonrpc").is_some() && root.get("result").is_some_and(shows_other_lists) {
        return true;
    }
    let listed = |node: Node<'_>| node.get("tools").is_some_and(is_tool_list);
    if listed(root) || root.get("result").is_some_and(listed) {
        return true;
    }
    let mut entries = root.entries().take(50).peekable();
    entries.peek().is_some() && entries.all(|(_, server)| listed(server))
}

/// A result that lists prompts or resources, or introduces a server.
fn shows_other_lists(result: Node<'_>) -> bool {
    let listed =
        ["prompts", "resources", "resourceTemplates"].iter().any(|key| result.get(key).is_some_and(Node::is_list));
    listed || (result.get("serverInfo").is_some() && result.get("protocolVersion").is_some())
}

/// Whether a list holds tools: at least one element with a name and an input schema.
fn is_tool_list(list: Node<'_>) -> bool {
    let schema =
        |item: Node<'_>| item.get("inputSchema").or_else(|| item.get("input_schema")).is_some_and(Node::is_map);
    list.items().take(200).any(|item| item.get("name").is_some_and(|name| name.as_str().is_some()) && schema(item))
}

fn is_bundle(root: Node<'_>) -> bool {
    let versioned = root.get("manifest_version").is_some_and(|version| version.as_str().is_some())
        || root.get("dxt_version").is_some();
    versioned && root.get("server").is_some_and(Node::is_map)
}

fn is_registry(root: Node<'_>) -> bool {
    root.get("packages").is_some_and(Node::is_list)
        || root.get("remotes").is_some_and(Node::is_list)
        || root.get("$schema").and_then(Node::as_str).is_some_and(|schema| schema.contains("modelcontextprotocol"))
}

/// A server card: what a remote server says of itself before anybody connects.
pub fn is_card(root: Node<'_>) -> bool {
    root.get("$schema").and_then(Node::as_str).is_some_and(|schema| schema.contains("server-card"))
}

/// OAuth metadata of a protected resource (RFC 9728) or of an authorisation server (RFC 8414).
pub fn is_authorization(root: Node<'_>) -> bool {
    let text = |key: &str| root.get(key).and_then(Node::as_str).is_some();
    text("resource") && root.get("authorization_servers").is_some_and(Node::is_list)
        || text("issuer") && text("authorization_endpoint") && text("token_endpoint")
}

/// A recipe of Goose, as its command line or its desktop writes it: what an agent is to do, and the servers it starts.
pub fn is_recipe(root: Node<'_>) -> bool {
    let recipe = root.get("recipe").filter(|inner| inner.is_map()).unwrap_or(root);
    let text = |key: &str| recipe.get(key).and_then(Node::as_str).is_some();
    let starts = |item: Node<'_>| item.get("type").is_some() && item.get("name").is_some();
    text("title")
        && text("description")
        && (text("instructions") || text("prompt"))
        && recipe.get("extensions").is_some_and(|list| list.items().any(starts))
}

/// The servers that Docker's gateway starts: `registry` names each, with a reference that is mostly empty.
pub fn is_enabled_list(root: Node<'_>) -> bool {
    let mut servers = root.get("registry").into_iter().flat_map(Node::entries).take(50).peekable();
    servers.peek().is_some() && servers.all(|(_, server)| server.get("ref").is_some() && server.entries().count() == 1)
}

/// Declarative configuration of Kong that serves or guards MCP.
pub fn is_kong(root: Node<'_>) -> bool {
    const DEPTH: usize = 6;
    fn holds(node: Node<'_>, depth: usize) -> bool {
        let is_plugin = node.get("name").and_then(Node::as_str).is_some_and(|name| name.starts_with("ai-mcp-"));
        let lists = ["services", "routes", "plugins"].iter().filter_map(|key| node.get(key));
        is_plugin || depth > 0 && lists.flat_map(Node::items).any(|item| holds(item, depth - 1))
    }
    root.get("_format_version").is_some() && holds(root, DEPTH)
}

/// A map of servers under one of the keys that hosts use, wherever the file stands.
fn is_definition(root: Node<'_>) -> bool {
    const CHAINS: &[&[&str]] = &[
        &["mcpServers"],
        &["mcp_servers"],
        &["context_servers"],
        &["mcp", "servers"],
        &["amp", "mcpServers"],
        &["servers"],
    ];
    CHAINS.iter().any(|chain| root.at(chain).is_some_and(holds_servers))
}

fn holds_servers(servers: Node<'_>) -> bool {
    let server = |node: Node<'_>| {
        let text = |key: &str| node.get(key).is_some_and(|value| value.as_str().is_some());
        text("command") || (text("url") && node.get("description").is_none()) || text("serverUrl") || text("httpUrl")
    };
    servers.entries().take(200).any(|(_, node)| server(node))
        || servers.items().take(200).any(|node| server(node) && node.get("name").is_some())
}

/// What a file that did not parse would have been.
fn broken(document: &Document, text: &str) -> Option<FileKind> {
    let partial = document.root().is_some_and(|root| root.entries().next().is_some() || root.items().next().is_some());
    let has = |needle: &str| text.contains(needle);
    if has("plimsoll/boundary/") {
        return (!partial).then_some(FileKind::Boundary);
    }
    if has("plimsoll/attestation/") {
        return (!partial).then_some(FileKind::Attestation);
    }
    if has("mcpServers") && (has("\"command\"") || has("\"url\"")) && !partial {
        return Some(FileKind::Definition);
    }
    (has("apiVersion:") && has("kind:") && !partial).then_some(FileKind::Kubernetes)
}

/// Whether a document that did not parse is a template: it holds actions on lines of their own, or between blocks.
pub fn is_template(text: &str) -> bool {
    let action = |line: &str| line.trim_start().starts_with("{{") || line.trim_start().starts_with("{%");
    text.lines().any(action)
}

/// Whether source text may declare tools, or constants that such declarations use.
pub fn declares_tools(text: &str) -> bool {
    ["Tool", "tool", "TOOL"].iter().any(|word| text.contains(word))
}

/// Whether source text names the protocol.
pub fn speaks_mcp(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if lower.contains("modelcontextprotocol") || lower.contains("model context protocol") {
        return true;
    }
    let word = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    lower.match_indices("mcp").any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| lower.as_bytes().get(at).copied());
        !word(before) && !word(lower.as_bytes().get(at + 3).copied())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Syntax, parse};
    use crate::source::Sources;

    #[test]
    fn content_tells_the_kind_of_plain_data() {
        for (syntax, text, expected) in [
            (Syntax::Yaml, "schema: plimsoll/boundary/v1\ntools: []\n", FileKind::Boundary),
            (Syntax::Yaml, "a: 1\n---\nschema: plimsoll/attestation/v1\n", FileKind::Attestation),
            (Syntax::Json, r#"[{"name": "a", "inputSchema": {}}]"#, FileKind::Dump),
            (Syntax::Json, r#"[{"name": "a"}]"#, FileKind::Data),
            (
                Syntax::Json,
                r#"{"jsonrpc": "2.0", "result": {"tools": [{"name": "a", "inputSchema": {}}]}}"#,
                FileKind::Dump,
            ),
            (Syntax::Json, r#"{"s": {"tools": [{"name": "a", "inputSchema": {}}]}}"#, FileKind::Dump),
            (Syntax::Json, r#"{"mcpServers": {"a": {"command": "x"}}}"#, FileKind::Definition),
            (Syntax::Json, r#"{"mcpServers": {}}"#, FileKind::Data),
            (Syntax::Json, r#"{"servers": [{"url": "https://api", "description": "OpenAPI"}]}"#, FileKind::Data),
            (Syntax::Json, r#"{"manifest_version": 3, "name": "extension"}"#, FileKind::Data),
            (Syntax::Json, r#"{"manifest_version": "0.3", "server": {}}"#, FileKind::Bundle),
            (Syntax::Yaml, "apiVersion: v1\nkind: Pod\n", FileKind::Kubernetes),
            (Syntax::Yaml, "services: {a: {image: x}}\n", FileKind::Compose),
            (Syntax::Yaml, "registry: {git: {ref: ''}}\n", FileKind::Catalogue),
            (Syntax::Yaml, "registry: {url: {host: h}}\n", FileKind::Data),
            (
                Syntax::Yaml,
                "_format_version: '3.0'\nservices: [{name: a, routes: [{plugins: [{name: ai-mcp-proxy}]}]}]\n",
                FileKind::Catalogue,
            ),
            (
                Syntax::Yaml,
                "title: t\ndescription: d\nprompt: p\nextensions: [{type: builtin, name: x}]\n",
                FileKind::Definition,
            ),
            (Syntax::Yaml, "title: t\ndescription: d\nextensions: [a]\n", FileKind::Data),
            (
                Syntax::Json,
                r#"{"resource": "https://h/mcp", "authorization_servers": ["https://a"]}"#,
                FileKind::WellKnown,
            ),
            (Syntax::Yaml, "{{- if x }}\napiVersion: v1\nkind: Pod\n", FileKind::Kubernetes),
            (Syntax::Json, r#"{"a": 1}"#, FileKind::Data),
        ] {
            let mut sources = Sources::default();
            let id = sources.add_text("x", text);
            let (document, _) = parse(id, syntax, text);
            assert_eq!(kind(FileKind::Data, &document, text), expected, "{text}");
        }
    }
}
