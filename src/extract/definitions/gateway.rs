//! Gateways: agentgateway's targets and policies, and the flags of Docker's MCP gateway.

use crate::document::{Document, Node};
use crate::extract::command;
use crate::extract::definitions::catalogue::word;
use crate::extract::definitions::entry;
use crate::extract::definitions::setting::Origin;
use crate::model::definition::HostSetting;
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};

/// Most routes and targets of one file.
const MAX_ITEMS: usize = 10_000;

/// Whether a document configures agentgateway.
pub fn is_agentgateway(root: Node<'_>) -> bool {
    root.get("binds").is_some_and(|binds| binds.items().any(|bind| bind.get("listeners").is_some()))
}

fn below<'a>(node: Node<'a>, key: &str) -> Vec<Node<'a>> {
    node.get(key).into_iter().flat_map(Node::items).collect()
}

/// Reads every target of every route, with the tools that the route's policy allows.
pub fn agentgateway(document: &Document, facts: &mut Facts) {
    let binds = document.roots().flat_map(|root| below(root, "binds"));
    let listeners = binds.flat_map(|bind| below(bind, "listeners"));
    let routes =
        listeners.flat_map(|listener| below(listener, "routes").into_iter().map(move |route| (listener, route)));
    for (listener, route) in routes.take(MAX_ITEMS) {
        policies(route, facts);
        callers(route, listener, facts);
        for backend in below(route, "backends") {
            for target in
                backend.get("mcp").map(|mcp| below(mcp, "targets")).unwrap_or_default().into_iter().take(MAX_ITEMS)
            {
                self::target(target, route, facts);
            }
        }
    }
}

fn target(target: Node<'_>, route: Node<'_>, facts: &mut Facts) {
    let Some(name) = target.get("name") else { return };
    let origin = Origin { definition: name.span(), file_kind: "client-config", hosts: &[], guests: &[] };
    let stdio = target.get("stdio");
    let mut line: Vec<_> = stdio.and_then(|stdio| stdio.get("cmd")).and_then(word).into_iter().collect();
    let arguments: Vec<_> =
        stdio.and_then(|stdio| stdio.get("args")).into_iter().flat_map(Node::items).filter_map(word).collect();
    line.extend(arguments.iter().cloned());
    let mut launch = command::read(&line);
    let remote = ["mcp", "sse", "openapi"].iter().find_map(|key| target.get(key));
    if let Some(host) = remote.and_then(|remote| remote.get("host")).and_then(word) {
        let url = if host.value.contains("://") { host.value.clone() } else { format!("http://{}", host.value) };
        launch.remote = Known::is(url, host.span);
    }
    let mut definition = entry::launched(
        About::new(name.scalar().unwrap_or_default(), name.span()),
        &line,
        arguments,
        launch,
        origin,
        facts,
    );
    definition.hosts = vec!["agentgateway".to_string()];
    definition.can_name_tools = true;
    definition.transport = Known::is(if stdio.is_some() { "stdio" } else { "http" }.to_string(), name.span());
    if let Some(rules) =
        route.at(&["policies", "mcpAuthorization", "rules"]).filter(|rules| rules.items().next().is_some())
    {
        definition.enabled_tools = Known::is(rules.items().filter_map(word).collect(), rules.span());
    }
    facts.definitions.push(definition);
    if let Some(map) = stdio.and_then(|stdio| stdio.get("env")) {
        facts.settings.extend(origin.map("environment", map));
    }
}

/// Policies that ask callers who they are.
const AUTHENTICATES: &[&str] = &["jwtAuth", "mcpAuthentication", "extAuthz", "apiKey", "basicAuth", "oidc"];

/// Whether callers of a route with MCP targets must say who they are; a policy may stand at the route, its listener, or
/// its backends.
fn callers(route: Node<'_>, listener: Node<'_>, facts: &mut Facts) {
    let backends = below(route, "backends");
    let Some(targets) = backends.iter().find_map(|backend| backend.at(&["mcp", "targets"])) else { return };
    let around = [route, listener].into_iter().chain(backends.iter().copied());
    let policies = around.filter_map(|node| node.get("policies"));
    let own = policies.into_iter().find_map(|policies| AUTHENTICATES.iter().find_map(|key| policies.entry(key)));
    let name = route.get("name").and_then(Node::scalar).unwrap_or_else(|| "route".to_string());
    let (span, value, effect) = match own {
        Some((key, _, _)) => (key.span(), key.scalar().unwrap_or_default(), "authenticates"),
        None => (targets.span(), "none".to_string(), "admits-anybody"),
    };
    facts.host_settings.push(HostSetting {
        about: About::new(name, span),
        host: "agentgateway".into(),
        key: "policies".into(),
        value: Known::is(value, span),
        effect: effect.into(),
    });
}

/// Policies of a route that restrict who may call what.
fn policies(route: Node<'_>, facts: &mut Facts) {
    for key in ["jwtAuth", "mcpAuthentication", "mcpAuthorization", "extAuthz", "apiKey", "basicAuth"] {
        let Some((name, _, _)) = route.get("policies").and_then(|policies| policies.entry(key)) else { continue };
        facts.host_settings.push(HostSetting {
            about: About::new(key, name.span()),
            host: "agentgateway".into(),
            key: format!("policies.{key}"),
            value: Known::is("set".into(), name.span()),
            effect: "restricts".into(),
        });
    }
}

/// Flags of the gateway, with what they do in each state.
const FLAGS: &[(&str, &str, &str)] = &[
    ("verify-signatures", "restricts", "weakens"),
    ("block-secrets", "restricts", "weakens"),
    ("block-network", "restricts", "other"),
    ("log-calls", "restricts", "weakens"),
    ("allow-unauthenticated", "weakens", "other"),
    ("enable-all-servers", "weakens", "other"),
];

/// Reads the flags of `docker mcp gateway run`, or of the gateway's own image.
pub fn docker_flags(words: &[Spanned<String>], facts: &mut Facts) {
    for word in words {
        let Some(flag) = word.value.strip_prefix("--") else { continue };
        let (name, value) = flag.split_once('=').unwrap_or((flag, "true"));
        let Some((key, on, off)) = FLAGS.iter().find(|(known, _, _)| *known == name) else { continue };
        let effect = if matches!(value, "false" | "0" | "no") { off } else { on };
        facts.host_settings.push(HostSetting {
            about: About::new(*key, word.span),
            host: "docker-mcp-gateway".into(),
            key: (*key).to_string(),
            value: Known::is(value.to_string(), word.span),
            effect: (*effect).to_string(),
        });
    }
}

/// Whether a command line or image is Docker's MCP gateway.
pub fn is_docker_gateway(image: &str, words: &[Spanned<String>]) -> bool {
    let name = image.split(['@', ':']).next().unwrap_or(image);
    let spoken: Vec<&str> =
        words.iter().map(|word| word.value.as_str()).filter(|word| !word.starts_with('-')).take(3).collect();
    name.trim_start_matches("docker.io/") == "docker/mcp-gateway" || spoken == ["mcp", "gateway", "run"]
}
