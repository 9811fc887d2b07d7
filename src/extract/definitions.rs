//! Server definitions: what client and host configurations, registries and bundles launch or reach.

use std::collections::BTreeMap;

use crate::discover::hosts::{self, Host, Scope};
use crate::discover::{FileKind, kind};
use crate::document::{Document, Node, NodeId, NodeKind};
use crate::load::{File, Loaded, content};
use crate::model::Facts;

mod access;
mod bundle;
mod catalogue;
mod chain;
mod entry;
mod envoy;
mod gateway;
mod goose;
mod hooks;
mod host_settings;
mod kong;
mod placeholder;
mod plugin;
mod registry;
mod setting;
mod smithery;
mod toolhive;
mod well_known;

pub use placeholder::{Judgement, judge};

/// Servers that are read from one file.
const MAX_SERVERS: usize = 10_000;

/// Where servers stand in files that no host is known to read.
const COMMON: &[&str] = &["mcpServers", "mcp_servers", "context_servers", "mcp.servers", "amp.mcpServers", "servers"];

/// Who reads a file, and whose it is.
#[derive(Clone, Debug, Default)]
pub struct Readers {
    /// The hosts whose own file it is; none where only the content tells that it is a definition.
    pub hosts: Vec<&'static Host>,
    /// Hosts that read the file of another.
    pub guests: Vec<&'static Host>,
    /// Whether it belongs to a project.
    pub project: bool,
    /// Kind of file, as settings name it.
    pub file_kind: &'static str,
}

/// Reads every definition file.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let choice = catalogue::Choice::of(loaded);
    let plugins = plugin::files(loaded);
    for file in &loaded.files {
        let Some(document) = loaded.document(file) else { continue };
        match file.kind {
            FileKind::Definition | FileKind::Devcontainer => {
                configuration(file, document, plugins.contains(&file.path), facts);
            }
            FileKind::Registry => document.root().into_iter().for_each(|root| registry::extract(root, facts)),
            FileKind::Bundle => bundle::extract(document, facts),
            // What tests and examples publish speaks for nothing that runs.
            FileKind::WellKnown if file.role.lives() => well_known::extract(document, facts),
            FileKind::Catalogue => catalogued(loaded, file, document, &choice, facts),
            FileKind::Kubernetes => {
                document
                    .roots()
                    .filter(|root| toolhive::is_resource(*root))
                    .for_each(|root| toolhive::resource(root, facts));
            }
            _ => {}
        }
        host_settings::extract(&file.path, document, facts);
        hooks::extract(loaded, file, document, facts);
    }
    envoy::extract(loaded, facts);
    kong::of_cluster(loaded, facts);
    goose::permissions(loaded, facts);
    choice.unlisted(facts);
    gateways(facts);
}

/// Catalogues, run configurations and gateways, told by what they hold.
fn catalogued(loaded: &Loaded, file: &File, document: &Document, choice: &catalogue::Choice<'_>, facts: &mut Facts) {
    let text = loaded.sources.get(file.source).text();
    let folder = file.path.rsplit('/').nth(1).unwrap_or_default();
    match document.root() {
        Some(root) if toolhive::is_run_config(root) => toolhive::run_config(stem(&file.path), document, facts),
        Some(root) if gateway::is_agentgateway(root) => gateway::agentgateway(document, facts),
        Some(root) if content::is_kong(root) => kong::extract(document, facts),
        Some(root) if choice.is_about(file) || content::is_enabled_list(root) => {}
        Some(root) if root.get("registry").is_some() => catalogue::extract(document, choice, facts),
        Some(_) => smithery::extract(folder, document, text, facts),
        None => {}
    }
}

/// Flags of gateways that definitions or containers start.
fn gateways(facts: &mut Facts) {
    let lines = facts
        .definitions
        .iter()
        .map(|definition| (String::new(), definition.command_line.get(1..).unwrap_or_default().to_vec()));
    let image = |container: &crate::model::container::Container| container.image.value().cloned().unwrap_or_default();
    let containers = facts.containers.iter().map(|container| (image(container), container.command.clone()));
    let all: Vec<_> = lines.chain(containers).collect();
    for (image, words) in all {
        if gateway::is_docker_gateway(&image, &words) {
            gateway::docker_flags(&words, facts);
        }
    }
}

/// A client or host configuration: every server of every host that reads the file, one fact for each entry.
///
/// A plug-in's own file is the plug-in's first, whatever its name; whoever opens the folder reads it as well.
fn configuration(file: &File, document: &Document, of_plugin: bool, facts: &mut Facts) {
    let own = of_plugin.then(|| hosts::by_id(plugin::HOST)).flatten();
    let mut readers: Vec<(&'static Host, Scope)> = own.map(|host| (host, Scope::Project)).into_iter().collect();
    readers.extend(hosts::of_path(&file.path));
    if readers.is_empty() && document.root().is_some_and(content::is_recipe) {
        readers.extend(hosts::by_id("goose-recipe").map(|host| (host, Scope::Project)));
    }
    let project = readers.iter().all(|(_, scope)| *scope == Scope::Project);
    for root in document.roots() {
        for (map, hosts) in server_maps(root, &readers) {
            let is_guest =
                |host: &&'static Host| if of_plugin { host.id != plugin::HOST } else { host.is_guest_of(&file.path) };
            let (guests, hosts) = hosts.into_iter().partition(is_guest);
            let readers = Readers { hosts, guests, project, file_kind: "client-config" };
            let before = facts.definitions.len();
            for (name, server) in servers(map).take(MAX_SERVERS) {
                entry::extract(name, server, &readers, facts);
            }
            approvals_of_agent(root, &mut facts.definitions[before..]);
            inputs(root, before, facts);
        }
        plugin::inputs(&file.path, root, facts);
        goose::mode(&file.path, root, facts);
    }
}

/// Values that an editor asks for on behalf of the entries of its file.
fn inputs(root: Node<'_>, first: usize, facts: &mut Facts) {
    let Some(definition) = facts.definitions.get(first).map(|definition| definition.about.span) else { return };
    let origin = setting::Origin { definition, file_kind: "client-config", hosts: &[], guests: &[] };
    for input in root.get("inputs").into_iter().flat_map(Node::items).take(MAX_SERVERS) {
        let asks = input.get("type").and_then(Node::as_str) == Some("promptString");
        let Some(id) = input.get("id").filter(|id| asks && id.as_str().is_some()) else { continue };
        let hidden = input.get("password").and_then(Node::as_bool) == Some(true);
        let name = crate::model::Spanned::new(id.scalar().unwrap_or_default(), id.span());
        facts.settings.push(origin.asked(&name, hidden));
    }
}

/// Every map or list of servers, with the hosts that read it; the first chain that leads somewhere counts for a host.
fn server_maps<'a>(root: Node<'a>, readers: &[(&'static Host, Scope)]) -> Vec<(Node<'a>, Vec<&'static Host>)> {
    let mut found: BTreeMap<NodeId, (Node<'a>, Vec<&'static Host>)> = BTreeMap::new();
    for (host, _) in readers {
        for path in &host.servers {
            let maps = chain::at(root, path);
            for map in &maps {
                found.entry(map.id()).or_insert((*map, Vec::new())).1.push(host);
            }
            if !maps.is_empty() && !path.contains('*') && path != "mcpServers" {
                break;
            }
        }
    }
    if found.is_empty() {
        let common = COMMON.iter().flat_map(|path| chain::at(root, path));
        found.extend(common.map(|map| (map.id(), (map, readers.iter().map(|(host, _)| *host).collect()))));
    }
    // A plug-in's `.mcp.json` may hold its servers without a key around them.
    if found.is_empty() && root.entries().any(|(_, value)| value.is_map() && entry::is_server(value)) {
        found.insert(root.id(), (root, readers.iter().map(|(host, _)| *host).collect()));
    }
    found.into_values().collect()
}

/// Maps of servers in a piece of documentation, whatever host it speaks to.
pub fn shown_servers(root: Node<'_>) -> Vec<Node<'_>> {
    let more = ["mcp", "extensions", "mcp-servers"];
    // An editor's settings put the name of an extension before the key, or around it.
    let dotted = root.entries().filter_map(|(key, value)| {
        let key = key.as_str().filter(|key| key.contains('.'))?;
        if key.ends_with(".mcpServers") { Some(value) } else { value.get("mcpServers") }
    });
    let chains = COMMON.iter().chain(&more).flat_map(|path| chain::at(root, path)).chain(dotted);
    let mut found: BTreeMap<NodeId, Node<'_>> =
        chains.filter(|map| servers(*map).next().is_some()).map(|map| (map.id(), map)).collect();
    // A fragment may be one or several entries without a key around them.
    if found.is_empty()
        && root.entries().any(|(_, value)| value.is_map() && crate::extract::documented::is_entry(value))
    {
        found.insert(root.id(), root);
    }
    found.into_values().collect()
}

/// Reads a map of servers for nobody in particular.
pub fn show(map: Node<'_>, facts: &mut Facts) {
    let readers = Readers { project: true, file_kind: "documentation", ..Readers::default() };
    for (name, server) in servers(map).take(MAX_SERVERS) {
        entry::extract(name, server, &readers, facts);
    }
}

/// Entries of a map, or elements of a list with names of their own.
fn servers(map: Node<'_>) -> impl Iterator<Item = (Node<'_>, Node<'_>)> {
    let listed = map.items().map(|item| (item.get("name").unwrap_or(item), item));
    map.entries().chain(listed).filter(|(_, server)| entry::is_server(*server))
}

/// `allowedTools` of an agent file names servers (`@server`) and tools (`@server/tool`) that run without a question.
fn approvals_of_agent(root: Node<'_>, definitions: &mut [crate::model::definition::Definition]) {
    let Some(allowed) = root.get("allowedTools").filter(|allowed| matches!(allowed.kind(), NodeKind::List(_))) else {
        return;
    };
    for item in allowed.items() {
        let Some(text) = item.as_str() else { continue };
        let (server, tool) = match text.strip_prefix('@') {
            Some(rest) => rest.split_once('/').unwrap_or((rest, "*")),
            None if text == "*" => ("*", "*"),
            None => continue,
        };
        let named = |name: &str| server == "*" || crate::discover::pattern::name_matches(server, name);
        for definition in definitions.iter_mut().filter(|definition| named(&definition.about.name)) {
            definition.auto_approved.push(crate::model::Spanned::new(tool.to_string(), item.span()));
        }
    }
}

/// Name of the file that a document stands in, without folders and ending.
fn stem(path: &str) -> &str {
    let name = kind::name_of(path);
    name.split('.').find(|part| !part.is_empty()).unwrap_or(name)
}

#[cfg(test)]
mod tests;
