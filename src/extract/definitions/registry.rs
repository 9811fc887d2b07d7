//! MCP registry entries, `server.json`: packages and remotes, each a definition.

use crate::discover::hosts::Syntax;
use crate::document::Node;
use crate::extract::command::{self, Launch, Word, package_of};
use crate::extract::definitions::entry;
use crate::extract::definitions::placeholder;
use crate::extract::definitions::setting::Origin;
use crate::model::definition::Setting;
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};

/// Most packages or remotes of one entry.
const MAX_ITEMS: usize = 1_000;
/// Keys of arguments for what starts the package, and for the package itself, in both spellings.
const RUNTIME: &[&str] = &["runtimeArguments", "runtime_arguments"];
const PACKAGE: &[&str] = &["packageArguments", "package_arguments"];

/// Reads every package and remote.
pub fn extract(root: Node<'_>, facts: &mut Facts) {
    let name = root.get("name").and_then(Node::as_str).unwrap_or("server");
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
    let hint = either(package, ["runtimeHint", "runtime_hint"]);
    let is_image = matches!(registry, "oci" | "docker");
    let mut launch = if is_image {
        command::read(&run_line(package, &text(identifier), hint))
    } else {
        package_of(registry, &text(identifier), package.get("version").map(text).as_ref())
    };
    if let Some(hint) = hint {
        launch.runner = Known::Is(text(hint));
    }
    if let Some(base) =
        either(package, ["registryBaseUrl", "registry_base_url"]).filter(|base| !is_default(base.as_str()))
    {
        launch.registries.push(text(base));
    }
    let arguments = arguments(package, &[RUNTIME, PACKAGE].concat());
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

/// The command line by which a client runs an image: its own flags, those of the entry, the image, the image's own.
fn run_line(package: Node<'_>, image: &Word, hint: Option<Node<'_>>) -> Vec<Word> {
    let place = image.span;
    let engine = hint.and_then(Node::as_str).filter(|engine| *engine == "podman").unwrap_or("docker");
    let flags = arguments(package, RUNTIME);
    // Some entries write the verb themselves, and an image that is written out stands for its own place.
    let verb = flags.iter().any(|word| word.value == "run");
    let own = if verb { &[engine][..] } else { &[engine, "run", "-i", "--rm"][..] };
    let own = own.iter().map(|text| Spanned::new((*text).to_string(), place));
    let flags = flags.into_iter().filter(|word| word.value != image.value);
    own.chain(flags).chain([image.clone()]).chain(arguments(package, PACKAGE)).collect()
}

/// Values of arguments in order, with what the entry itself fills in.
fn arguments(package: Node<'_>, keys: &[&str]) -> Vec<Word> {
    let mut words = Vec::new();
    for argument in keys.iter().filter_map(|key| package.get(key)).flat_map(Node::items).take(MAX_ITEMS) {
        let named = argument.get("type").and_then(Node::as_str) == Some("named");
        let name = argument.get("name").filter(|_| named);
        let value = argument.get("value").or_else(|| argument.get("default"));
        words.extend(name.and_then(|node| Some(Spanned::new(node.scalar()?, node.span()))));
        words.extend(value.and_then(|node| Some(Spanned::new(filled(&node.scalar()?, argument), node.span()))));
    }
    words
}

/// A value with its `{name}` replaced by the variable's own value; what a person is asked for stays a variable.
fn filled(text: &str, argument: Node<'_>) -> String {
    let mut text = text.to_string();
    for (key, variable) in argument.get("variables").into_iter().flat_map(Node::entries).take(100) {
        let Some(name) = key.scalar() else { continue };
        let own = variable.get("value").or_else(|| variable.get("default")).and_then(Node::scalar);
        text = text.replace(&format!("{{{name}}}"), &own.unwrap_or_else(|| format!("${{{name}}}")));
    }
    text
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
