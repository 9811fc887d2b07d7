//! Docker MCP catalogues: servers by image or URL, each as the gateway starts it.

use crate::discover::hosts::Syntax;
use crate::document::{Document, Node};
use crate::extract::command::{self, Launch, Word};
use crate::extract::definitions::setting::Origin;
use crate::extract::definitions::{access, entry, placeholder};
use crate::extract::dumps;
use crate::model::known::{Known, Spanned};
use crate::model::tool::ToolOrigin;
use crate::model::{About, Facts};
use crate::source::Span;

mod choice;

pub use choice::Choice;

/// Servers that are read from one catalogue.
const MAX_SERVERS: usize = 10_000;

/// What the gateway adds to every container that it starts, unless its flags say otherwise.
const ADDED: &[&str] = &["--rm", "-i", "--init", "--security-opt=no-new-privileges", "--cpus=1", "--memory=2Gb"];

/// Reads every server of `registry`, as far as the gateway's own files say something about it.
pub fn extract(document: &Document, choice: &Choice<'_>, facts: &mut Facts) {
    let registry = document.root().and_then(|root| root.get("registry"));
    for (name, server) in registry.into_iter().flat_map(Node::entries).take(MAX_SERVERS) {
        catalogued(name, server, choice, facts);
    }
}

fn catalogued(name: Node<'_>, server: Node<'_>, choice: &Choice<'_>, facts: &mut Facts) {
    // A template names its servers when it is rendered.
    if name.as_str().is_none_or(|name| name.contains("{{")) {
        return;
    }
    let place = name.span();
    let own = name.scalar().unwrap_or_default();
    let filled = |text: Word| choice.filled(&own, text);
    let line = server.get("image").map(|image| run_line(server, image, place, &filled)).unwrap_or_default();
    let mut launch = if line.is_empty() { Launch::default() } else { command::read(&line) };
    if let Some(url) = server.at(&["remote", "url"]).and_then(word) {
        launch.remote = Known::Is(url);
    }
    if launch.package.is_absent() && launch.remote.is_absent() {
        return;
    }
    if server.get("disableNetwork").is_none_or(|node| node.as_bool() != Some(true)) {
        allow_hosts(server, &mut launch);
    }
    let origin = Origin { definition: place, file_kind: "catalogue", hosts: &[], guests: &[] };
    let about = About::new(name.scalar().unwrap_or_default(), place);
    let remote = launch.remote.value().is_some();
    let mut definition = entry::launched(about, &[], Vec::new(), launch, origin, facts);
    definition.hosts = vec!["docker-mcp".to_string()];
    definition.can_name_tools = true;
    definition.transport = Known::is(if remote { "http" } else { "stdio" }.to_string(), place);
    if let Some(tools) = server.get("tools").filter(|tools| tools.items().any(|tool| tool.get("name").is_some())) {
        let names = tools.items().filter_map(|tool| tool.get("name").and_then(word)).collect();
        definition.enabled_tools = Known::is(names, tools.span());
        let described = tools.items().any(|tool| tool.get("description").is_some());
        facts.tools.extend(described.then(|| dumps::tools(tools, ToolOrigin::Manifest)).into_iter().flatten());
    }
    choice.settle(&mut definition);
    facts.definitions.push(definition);
    variables(server, origin, facts);
    if let Some(node) = server.get("oauth").filter(|oauth| oauth.get("scopes").is_some()) {
        access::asked(&own, node, facts);
    }
    for tool in server.get("tools").into_iter().flat_map(Node::items).take(MAX_SERVERS) {
        container_of_tool(tool, place, facts);
    }
}

/// A tool of a server without process of its own is a container for each call.
fn container_of_tool(tool: Node<'_>, server: Span, facts: &mut Facts) {
    let Some((container, image)) = tool.get("container").and_then(|node| Some((node, node.get("image")?))) else {
        return;
    };
    let line = run_line(container, image, image.span(), &|word| vec![word]);
    let Some(mut run) = command::read(&line).container else { return };
    run.container.about.part_of = Some(server);
    run.into_facts(facts);
}

/// The command line that starts the container.
fn run_line(server: Node<'_>, image: Node<'_>, place: Span, filled: &dyn Fn(Word) -> Vec<Word>) -> Vec<Word> {
    let mut line: Vec<Word> = ["docker", "run"].iter().chain(ADDED).map(|text| said(text, place)).collect();
    if let Some(network) = server.get("disableNetwork").filter(|node| node.as_bool() == Some(true)) {
        line.push(said("--network=none", network.span()));
    }
    if let Some(user) = server.get("user").and_then(word) {
        line.push(said(&format!("--user={}", user.value), user.span));
    }
    for volume in server.get("volumes").into_iter().flat_map(Node::items).filter_map(word).flat_map(filled) {
        line.push(said(&format!("--volume={}", volume.value), volume.span));
    }
    for host in server.get("extraHosts").into_iter().flat_map(Node::items).filter_map(word) {
        line.push(said(&format!("--add-host={}", host.value), host.span));
    }
    line.extend(word(image));
    line.extend(server.get("command").into_iter().flat_map(Node::items).filter_map(word));
    line
}

/// `allowHosts` puts a proxy between the container and everything else.
fn allow_hosts(server: Node<'_>, launch: &mut Launch) {
    let hosts = server.get("allowHosts").filter(|hosts| hosts.items().next().is_some());
    if let (Some(hosts), Some(run)) = (hosts, &mut launch.container) {
        let open = hosts.items().filter_map(word).any(|host| host.value.starts_with('*'));
        run.container.egress = Known::is(if open { "open" } else { "named" }.to_string(), hosts.span());
    }
}

fn variables(server: Node<'_>, origin: Origin<'_>, facts: &mut Facts) {
    for item in server.get("env").into_iter().flat_map(Node::items) {
        let (Some(name), Some(value)) = (item.get("name").and_then(word), item.get("value").and_then(word)) else {
            continue;
        };
        let judgement = placeholder::judge_for(&value.value, &[Syntax::Template]);
        facts.settings.push(origin.judged("environment", &name.value, &value, name.span, judgement));
    }
    // A secret of the store becomes a variable of the process.
    for item in server.get("secrets").into_iter().flat_map(Node::items) {
        if let Some(name) = item.get("env").and_then(word) {
            facts.settings.push(origin.forwarded("environment", &name));
        }
    }
    for (name, value) in server.at(&["remote", "headers"]).into_iter().flat_map(Node::entries) {
        if let (Some(name), Some(value)) = (word(name), word(value)) {
            let judgement = placeholder::judge_for(&value.value, &[Syntax::Template, Syntax::Braces]);
            facts.settings.push(origin.judged("header", &name.value, &value, name.span, judgement));
        }
    }
}

/// A scalar as a word of a command line.
pub fn word(node: Node<'_>) -> Option<Word> {
    Some(Spanned::new(node.scalar()?, node.span()))
}

/// A word that stands for something at a place.
pub fn said(text: &str, span: Span) -> Word {
    Spanned::new(text.to_string(), span)
}
