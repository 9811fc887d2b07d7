//! MCP registry entries, `server.json`: packages and remotes, each a definition.

use crate::discover::hosts::Syntax;
use crate::document::{Document, Node};
use crate::extract::command::{Launch, Word, package_of};
use crate::extract::definitions::placeholder;
use crate::extract::definitions::setting::Origin;
use crate::extract::definitions::{entry, stem};
use crate::model::definition::Setting;
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};

/// Most packages or remotes of one entry.
const MAX_ITEMS: usize = 1_000;

/// Reads every package and remote.
pub fn extract(document: &Document, facts: &mut Facts) {
    let Some(root) = document.root() else { return };
    let name = root.get("name").and_then(Node::as_str).unwrap_or(stem("server"));
    for package in root.get("packages").into_iter().flat_map(Node::items).take(MAX_ITEMS) {
        extract_package(name, package, facts);
    }
    for remote in root.get("remotes").into_iter().flat_map(Node::items).take(MAX_ITEMS) {
        extract_remote(name, remote, facts);
    }
}

fn either<'a>(node: Node<'a>, keys: [&str; 2]) -> Option<Node<'a>> {
    keys.iter().find_map(|key| node.get(key))
}

fn extract_package(name: &str, package: Node<'_>, facts: &mut Facts) {
    let Some(identifier) = either(package, ["identifier", "name"]).filter(|node| node.as_str().is_some()) else {
        return;
    };
    let text = |node: Node<'_>| Spanned::new(node.scalar().unwrap_or_default(), node.span());
    let registry = either(package, ["registryType", "registry_type"]).and_then(Node::as_str).unwrap_or_default();
    let origin = Origin { definition: identifier.span(), file_kind: "registry", hosts: &[], guests: &[] };
    let mut launch = package_of(registry, &text(identifier), package.get("version").map(text).as_ref());
    if let Some(hint) = either(package, ["runtimeHint", "runtime_hint"]) {
        launch.runner = Known::Is(text(hint));
    }
    if let Some(base) =
        either(package, ["registryBaseUrl", "registry_base_url"]).filter(|base| !is_default(base.as_str()))
    {
        launch.registries.push(text(base));
    }
    let arguments = arguments(package);
    let mut definition = entry::launched(About::new(name, identifier.span()), &[], arguments, launch, origin, facts);
    definition.hosts = vec!["registry".to_string()];
    definition.transport = transport(package.get("transport").and_then(|transport| transport.get("type")));
    for key in ["environmentVariables", "environment_variables"] {
        inputs("environment", package.get(key), origin, facts);
    }
    facts.definitions.push(definition);
}

fn extract_remote(name: &str, remote: Node<'_>, facts: &mut Facts) {
    let Some(url) = remote.get("url").filter(|url| url.as_str().is_some()) else { return };
    let origin = Origin { definition: url.span(), file_kind: "registry", hosts: &[], guests: &[] };
    let launch = Launch { remote: Known::is(url.scalar().unwrap_or_default(), url.span()), ..Launch::default() };
    let mut definition = entry::launched(About::new(name, url.span()), &[], Vec::new(), launch, origin, facts);
    definition.hosts = vec!["registry".to_string()];
    definition.transport = transport(either(remote, ["type", "transport_type"]));
    inputs("header", remote.get("headers"), origin, facts);
    let text = Spanned::new(url.scalar().unwrap_or_default(), url.span());
    let judgement = placeholder::judge_for(&text.value, &[Syntax::SingleBraces]);
    facts.settings.push(origin.judged("url", "url", &text, url.span(), judgement));
    facts.definitions.push(definition);
}

fn transport(node: Option<Node<'_>>) -> Known<String> {
    let Some((node, text)) = node.and_then(|node| Some((node, node.as_str()?))) else { return Known::Absent };
    let name = if text.contains("http") { "http" } else { text };
    Known::is(name.to_string(), node.span())
}

/// Values of runtime and package arguments, in order.
fn arguments(package: Node<'_>) -> Vec<Word> {
    let keys = ["runtimeArguments", "runtime_arguments", "packageArguments", "package_arguments"];
    let mut words = Vec::new();
    for argument in keys.iter().filter_map(|key| package.get(key)).flat_map(Node::items) {
        let named = argument.get("type").and_then(Node::as_str) == Some("named");
        let name = argument.get("name").filter(|_| named);
        let value = argument.get("value").or_else(|| argument.get("default"));
        for node in name.into_iter().chain(value) {
            words.extend(node.scalar().map(|text| Spanned::new(text, node.span())));
        }
    }
    words
}

/// Variables or headers that the entry asks for; those without a value are asked of the user.
fn inputs(channel: &str, list: Option<Node<'_>>, origin: Origin<'_>, facts: &mut Facts) {
    for input in list.into_iter().flat_map(Node::items) {
        let Some(name) = input.get("name").and_then(|name| Some(Spanned::new(name.scalar()?, name.span()))) else {
            continue;
        };
        let value = input
            .get("value")
            .or_else(|| input.get("default"))
            .and_then(|node| Some(Spanned::new(node.scalar()?, node.span())));
        facts.settings.push(match value {
            Some(value) => {
                let judgement = placeholder::judge_for(&value.value, &[Syntax::SingleBraces]);
                origin.judged(channel, &name.value, &value, name.span, judgement)
            }
            None => {
                let hidden = either(input, ["isSecret", "is_secret"]).and_then(Node::as_bool) == Some(true);
                let asked = Known::is(if hidden { "hidden" } else { "shown" }.to_string(), name.span);
                Setting { asked, ..origin.forwarded(channel, &name) }
            }
        });
    }
}

fn is_default(url: Option<&str>) -> bool {
    const DEFAULTS: &[&str] = &[
        "https://registry.npmjs.org",
        "https://pypi.org",
        "https://docker.io",
        "https://api.nuget.org",
        "https://ghcr.io",
        "https://crates.io",
        "https://github.com",
        "https://gitlab.com",
        "https://mcr.microsoft.com",
        "https://index.docker.io",
    ];
    url.is_none_or(|url| {
        DEFAULTS
            .iter()
            .any(|default| url.strip_prefix(default).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    })
}
