//! Kong: plugins that serve APIs as tools or stand before MCP servers, and those that say who may call.

use crate::document::{Document, Node};
use crate::extract::command::Launch;
use crate::extract::definitions::catalogue::word;
use crate::extract::definitions::setting::Origin;
use crate::extract::definitions::{access, entry};
use crate::extract::dumps;
use crate::model::definition::HostSetting;
use crate::model::known::Known;
use crate::model::tool::ToolOrigin;
use crate::model::{About, Facts};
use crate::source::Span;

mod cluster;

pub use cluster::extract as of_cluster;

/// Most plugins of one file.
const MAX_PLUGINS: usize = 10_000;
/// Plugins that refuse callers who do not say who they are.
const AUTHENTICATES: &[&str] = &[
    "ai-mcp-oauth2",
    "key-auth",
    "key-auth-enc",
    "openid-connect",
    "jwt",
    "jwt-signer",
    "oauth2",
    "oauth2-introspection",
    "basic-auth",
    "hmac-auth",
    "ldap-auth",
    "ldap-auth-advanced",
    "mtls-auth",
    "header-cert-auth",
    "saml",
];

/// A plugin with the service and route that it is for.
struct Plugin<'a> {
    node: Node<'a>,
    name: &'a str,
    service: Option<Node<'a>>,
    route: Option<Node<'a>>,
    /// Names of service and route, where it names them.
    named: [Option<&'a str>; 2],
}

/// Reads every MCP plugin that is not switched off.
pub fn extract(document: &Document, facts: &mut Facts) {
    for root in document.roots() {
        let plugins = plugins(root);
        for plugin in plugins.iter().filter(|plugin| plugin.name == "ai-mcp-proxy") {
            proxy(plugin, &plugins, root, facts);
        }
        for plugin in plugins.iter().filter(|plugin| plugin.name == "ai-mcp-oauth2") {
            oauth(plugin.called(), plugin.node, facts);
        }
    }
}

fn plugins(root: Node<'_>) -> Vec<Plugin<'_>> {
    let mut found = Vec::new();
    take(root, None, None, &mut found);
    for route in items(root, "routes") {
        take(route, None, Some(route), &mut found);
    }
    for service in items(root, "services") {
        take(service, Some(service), None, &mut found);
        for route in items(service, "routes") {
            take(route, Some(service), Some(route), &mut found);
        }
    }
    found
}

fn items<'a>(node: Node<'a>, key: &str) -> Vec<Node<'a>> {
    node.get(key).into_iter().flat_map(Node::items).take(MAX_PLUGINS).collect()
}

fn take<'a>(owner: Node<'a>, service: Option<Node<'a>>, route: Option<Node<'a>>, found: &mut Vec<Plugin<'a>>) {
    for node in owner.get("plugins").into_iter().flat_map(Node::items).take(MAX_PLUGINS) {
        let Some(name) = node.get("name").and_then(Node::as_str) else { continue };
        if node.get("enabled").and_then(Node::as_bool) == Some(false) {
            continue;
        }
        let scoped = |key: &str| node.get(key).and_then(|to| to.as_str().or_else(|| to.get("name")?.as_str()));
        let own = |node: Option<Node<'a>>| node.and_then(|node| node.get("name")?.as_str());
        let named = [scoped("service").or_else(|| own(service)), scoped("route").or_else(|| own(route))];
        found.push(Plugin { node, name, service, route, named });
    }
}

impl<'a> Plugin<'a> {
    /// The route or service that it is for.
    fn called(&self) -> &'a str {
        self.named.iter().rev().flatten().next().copied().unwrap_or("kong")
    }

    /// Whether it stands before what another plugin serves: on the same route or service, or before everything.
    fn guards(&self, other: &Plugin<'_>) -> bool {
        let same = |one: Option<&str>, two: Option<&str>| one.is_some() && one == two;
        let [service, route] = self.named;
        match (service, route) {
            (None, None) => self.service.is_none() && self.route.is_none(),
            (_, Some(_)) => same(route, other.named[1]),
            (Some(_), None) => same(service, other.named[0]),
        }
    }
}

fn proxy(plugin: &Plugin<'_>, all: &[Plugin<'_>], root: Node<'_>, facts: &mut Facts) {
    let Some(place) = plugin.node.get("name").map(|name| name.span()) else { return };
    let mode = plugin.node.at(&["config", "mode"]).and_then(Node::as_str).unwrap_or_default();
    let name = plugin.called();
    if mode != "conversion-only" {
        let guard = all.iter().find(|other| AUTHENTICATES.contains(&other.name) && other.guards(plugin));
        let span = guard.and_then(|guard| guard.node.get("name")).map_or(place, |name| name.span());
        admits(name, guard.map(|guard| guard.name), span, facts);
    }
    tools(plugin.node, facts);
    if mode == "passthrough-listener" {
        upstream(plugin, name, root, facts);
    }
}

/// Whether a plugin stands before what is served that asks callers who they are.
fn admits(name: &str, guard: Option<&str>, span: Span, facts: &mut Facts) {
    facts.host_settings.push(HostSetting {
        about: About::new(name, span),
        host: "kong".into(),
        key: "plugins".into(),
        value: Known::is(guard.unwrap_or("ai-mcp-proxy").to_string(), span),
        effect: if guard.is_some() { "authenticates" } else { "admits-anybody" }.into(),
    });
}

/// The tools that a plugin makes of an API.
fn tools(plugin: Node<'_>, facts: &mut Facts) {
    if let Some(tools) = plugin.at(&["config", "tools"]).filter(|tools| tools.is_list()) {
        facts.tools.extend(dumps::tools(tools, ToolOrigin::Manifest));
    }
}

/// The server that stands behind a plugin that only passes calls on.
fn upstream(plugin: &Plugin<'_>, name: &str, root: Node<'_>, facts: &mut Facts) {
    let of_name = |wanted: &str| {
        let services = root.get("services").into_iter().flat_map(Node::items);
        services.into_iter().find(|service| service.get("name").and_then(Node::as_str) == Some(wanted))
    };
    let route = plugin.route.and_then(|route| route.at(&["service", "name"])).and_then(Node::as_str);
    let service = plugin.service.or_else(|| plugin.named[0].or(route).and_then(of_name));
    let Some(url) = service.and_then(|service| service.get("url").or_else(|| service.get("host"))).and_then(word)
    else {
        return;
    };
    let origin = Origin { definition: url.span, file_kind: "client-config", hosts: &[], guests: &[] };
    let launch = Launch { remote: Known::Is(url.clone()), ..Launch::default() };
    let mut definition = entry::launched(About::new(name, url.span), &[], Vec::new(), launch, origin, facts);
    definition.hosts = vec!["kong".to_string()];
    definition.transport = Known::is("http".to_string(), url.span);
    facts.settings.push(origin.setting("url", "url", &url, url.span));
    facts.definitions.push(definition);
}

/// Tokens must be made for this server; the plugin can be told to take others.
fn oauth(name: &str, plugin: Node<'_>, facts: &mut Facts) {
    let Some(config) = plugin.get("config") else { return };
    for (key, bad) in [("insecure_relaxed_audience_validation", true), ("ssl_verify", false)] {
        let Some(node) = config.get(key).filter(|node| node.as_bool() == Some(bad)) else { continue };
        facts.host_settings.push(HostSetting {
            about: About::new(name, node.span()),
            host: "kong".into(),
            key: key.into(),
            value: Known::is(bad.to_string(), node.span()),
            effect: "weakens".into(),
        });
    }
    if let Some(list) = config.get("scopes_supported").or_else(|| config.at(&["metadata", "scopes_supported"])) {
        access::offered(name, list, facts);
    }
    if let Some(secret) = config.get("client_secret").and_then(word) {
        let origin = Origin { definition: secret.span, file_kind: "client-config", hosts: &[], guests: &[] };
        facts.settings.push(origin.setting("header", "client_secret", &secret, secret.span));
    }
}
