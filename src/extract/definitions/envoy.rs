//! Envoy AI Gateway: `MCPRoute` resources, the servers behind them, and who may call.

use crate::discover::FileKind;
use crate::document::Node;
use crate::extract::command::Launch;
use crate::extract::definitions::catalogue::word;
use crate::extract::definitions::setting::Origin;
use crate::extract::definitions::{access, entry};
use crate::load::Loaded;
use crate::model::definition::HostSetting;
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};

/// Most backends of one route.
const MAX_BACKENDS: usize = 1_000;
/// Parts of a route's policy that ask callers who they are.
const AUTHENTICATES: &[&str] = &["oauth", "apiKeyAuth", "jwt", "extAuth"];

/// Reads every route with the backends that its tree holds.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let documents = loaded.documents_of(FileKind::Kubernetes).filter(|(file, _)| file.role.lives());
    let roots: Vec<Node<'_>> = documents.flat_map(|(_, document)| document.roots()).collect();
    for route in roots.iter().filter(|root| is(**root, "MCPRoute", "aigateway.envoyproxy.io/")) {
        callers(*route, &roots, facts);
        for backend in route.at(&["spec", "backendRefs"]).into_iter().flat_map(Node::items).take(MAX_BACKENDS) {
            self::backend(backend, &roots, facts);
        }
    }
}

fn is(root: Node<'_>, kind: &str, group: &str) -> bool {
    let text = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or_default();
    text("kind") == kind && text("apiVersion").starts_with(group)
}

fn name_of(root: Node<'_>) -> Option<&str> {
    root.at(&["metadata", "name"]).and_then(Node::as_str)
}

/// Whether callers of a route must say who they are: by the route's own policy, or by one that is attached from outside.
fn callers(route: Node<'_>, roots: &[Node<'_>], facts: &mut Facts) {
    let Some(name) = route.at(&["metadata", "name"]) else { return };
    let policy = route.at(&["spec", "securityPolicy"]);
    let own = AUTHENTICATES.iter().find_map(|key| policy.and_then(|policy| policy.entry(key)));
    let attached = roots.iter().find(|root| is(**root, "SecurityPolicy", "gateway.envoyproxy.io/"));
    let about = |span| About::new(name.scalar().unwrap_or_default(), span);
    let setting = |span, value: &str, effect: &str| HostSetting {
        about: about(span),
        host: "envoy-ai-gateway".into(),
        key: "spec.securityPolicy".into(),
        value: Known::is(value.to_string(), span),
        effect: effect.into(),
    };
    facts.host_settings.push(match (own, attached) {
        (Some((key, _, _)), _) => setting(key.span(), "set", "authenticates"),
        (None, Some(attached)) => setting(attached.span(), "attached", "authenticates"),
        (None, None) => setting(name.span(), "absent", "admits-anybody"),
    });
    let offered = policy.and_then(|policy| policy.at(&["oauth", "protectedResourceMetadata", "scopesSupported"]));
    if let Some(list) = offered {
        access::offered(&name.scalar().unwrap_or_default(), list, facts);
    }
}

fn backend(reference: Node<'_>, roots: &[Node<'_>], facts: &mut Facts) {
    let Some(name) = reference.get("name").and_then(word) else { return };
    let origin = Origin { definition: name.span, file_kind: "client-config", hosts: &[], guests: &[] };
    let launch = Launch { remote: address(reference, &name, roots), ..Launch::default() };
    let about = About::new(name.value.clone(), name.span);
    let mut definition = entry::launched(about, &[], Vec::new(), launch, origin, facts);
    definition.hosts = vec!["envoy-ai-gateway".to_string()];
    definition.can_name_tools = true;
    definition.transport = Known::is("http".to_string(), name.span);
    let chosen = ["include", "includeRegex"].iter().find_map(|key| reference.at(&["toolSelector", key]));
    if let Some(list) = chosen.filter(|list| list.items().next().is_some()) {
        let everything = |tool: &Spanned<String>| matches!(tool.value.trim_matches(['^', '$']), ".*" | ".+" | "*");
        let names = list.items().filter_map(word);
        let names = names.map(|tool| if everything(&tool) { Spanned::new("*".to_string(), tool.span) } else { tool });
        definition.enabled_tools = Known::is(names.collect(), list.span());
    }
    facts.definitions.push(definition);
    if let Some(key) = reference.at(&["securityPolicy", "apiKey", "inline"]).and_then(word) {
        facts.settings.push(origin.setting("header", "api_key", &key, key.span));
    }
}

/// Where the backend of a name leads; unknown where another part of the cluster says so.
fn address(reference: Node<'_>, name: &Spanned<String>, roots: &[Node<'_>]) -> Known<String> {
    let found = roots
        .iter()
        .find(|root| is(**root, "Backend", "gateway.envoyproxy.io/") && name_of(**root) == Some(&name.value));
    let endpoint = found.and_then(|root| root.at(&["spec", "endpoints"])).and_then(|list| list.items().next());
    let part = |keys: &[&str]| endpoint.and_then(|endpoint| endpoint.at(keys)).and_then(word);
    let host = part(&["fqdn", "hostname"]).or_else(|| part(&["ip", "address"]));
    let Some(host) = host else { return Known::unknown("the backend is described elsewhere", name.span) };
    let port = part(&["fqdn", "port"]).or_else(|| part(&["ip", "port"])).map_or(String::new(), |port| port.value);
    let secured = port == "443" || roots.iter().any(|root| is(*root, "BackendTLSPolicy", "gateway.networking.k8s.io/"));
    let path = reference.get("path").and_then(Node::as_str).unwrap_or("/mcp");
    let (scheme, port) = match (secured, port.as_str()) {
        (true, "443" | "") => ("https", String::new()),
        (true, port) => ("https", format!(":{port}")),
        (false, "") => ("http", String::new()),
        (false, port) => ("http", format!(":{port}")),
    };
    Known::is(format!("{scheme}://{}{port}{path}", host.value), host.span)
}
