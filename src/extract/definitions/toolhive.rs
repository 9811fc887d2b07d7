//! ToolHive: run configurations and `MCPServer` resources.

use crate::document::{Document, Node};
use crate::extract::command::{self, Launch, Word};
use crate::extract::definitions::catalogue::{said, word};
use crate::extract::definitions::entry;
use crate::extract::definitions::setting::Origin;
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};
use crate::source::Span;

/// Whether a document is a run configuration.
pub fn is_run_config(root: Node<'_>) -> bool {
    root.get("image").is_some()
        && (root.get("permission_profile").is_some() || root.get("permission_profile_name_or_path").is_some())
}

/// Whether a resource is an MCP server of ToolHive.
pub fn is_resource(root: Node<'_>) -> bool {
    let text = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or_default();
    text("apiVersion").starts_with("toolhive.stacklok.") && matches!(text("kind"), "MCPServer" | "MCPRemoteProxy")
}

/// Reads a run configuration: its profile counts for the network only where the network is isolated.
pub fn run_config(name: &str, document: &Document, facts: &mut Facts) {
    let Some((root, image)) = document.root().and_then(|root| Some((root, root.get("image")?))) else { return };
    let place = image.span();
    let mut line: Vec<Word> = ["docker", "run", "--cap-drop=ALL"].iter().map(|text| said(text, place)).collect();
    let profile = root.get("permission_profile");
    let part = |key: &str| profile.and_then(|profile| profile.get(key));
    if let Some(privileged) = part("privileged").filter(|node| node.as_bool() == Some(true)) {
        line.push(said("--privileged", privileged.span()));
    }
    for (key, mode) in [("read", ":ro"), ("write", ":rw")] {
        for path in part(key).into_iter().flat_map(Node::items).filter_map(word) {
            let (from, to) = path.value.split_once(':').unwrap_or((&path.value, &path.value));
            line.push(said(&format!("--volume={from}:{to}{mode}"), path.span));
        }
    }
    for volume in root.get("volumes").into_iter().flat_map(Node::items).filter_map(word) {
        line.push(said(&format!("--volume={}", volume.value), volume.span));
    }
    if let Some(mode) = part("network").and_then(|network| network.get("mode")).and_then(word) {
        line.push(said(&format!("--network={}", mode.value), mode.span));
    }
    line.extend(word(image));
    line.extend(root.get("cmd_args").into_iter().flat_map(Node::items).filter_map(word));
    let mut launch = command::read(&line);
    if let Some(run) = &mut launch.container {
        run.container.egress = egress(root, part("network"), place);
    }
    let name = root.get("name").or_else(|| root.get("base_name")).and_then(Node::as_str).unwrap_or(name);
    settle(name, place, root, launch, &["env_vars", "headers"], facts);
}

/// What its network rules leave open. Without isolation no rule is enforced; the built-in profile `none` has no network.
fn egress(root: Node<'_>, network: Option<Node<'_>>, place: Span) -> Known<String> {
    let known = |text: &str, span: Span| Known::is(text.to_string(), span);
    let builtin = root.get("permission_profile_name_or_path").and_then(word);
    if let Some(mode) = network.and_then(|network| network.get("mode")).filter(|mode| mode.as_str() == Some("none")) {
        return known("denied", mode.span());
    }
    match (&builtin, network) {
        (Some(name), None) if name.value == "none" => return known("denied", name.span),
        (Some(name), None) if name.value == "network" => return known("open", name.span),
        (Some(name), None) => return Known::unknown("the permission profile is another file", name.span),
        _ => {}
    }
    let isolated = root.get("isolate_network").filter(|node| node.as_bool() == Some(true));
    let outbound = network.and_then(|network| network.get("outbound"));
    let all =
        outbound.and_then(|outbound| outbound.get("insecure_allow_all")).filter(|node| node.as_bool() == Some(true));
    match (isolated, outbound, all) {
        (Some(_), Some(_), Some(all)) => known("open", all.span()),
        (Some(_), Some(outbound), None) => known("named", outbound.span()),
        (_, outbound, _) => known("open", outbound.map_or(place, |outbound| outbound.span())),
    }
}

/// Reads an `MCPServer` resource: image, variables, secrets and tool filter. Its pod is confined by what its template says.
pub fn resource(root: Node<'_>, facts: &mut Facts) {
    let Some(spec) = root.get("spec") else { return };
    let name = root.at(&["metadata", "name"]);
    let place = name.map_or(spec.span(), |name| name.span());
    let mut launch = match spec.get("image").and_then(word) {
        Some(image) => command::package_of("oci", &image, None),
        None => Launch::default(),
    };
    if let Some(url) = spec.get("remoteURL").or_else(|| spec.get("remoteUrl")).and_then(word) {
        launch.remote = Known::Is(url);
    } else {
        launch.confinement = Known::is("container".to_string(), place);
    }
    // What a pod is given stands with its container.
    let maps: &[&str] = if spec.get("image").is_some() { &[] } else { &["env"] };
    settle(name.and_then(Node::as_str).unwrap_or("server"), place, spec, launch, maps, facts);
}

fn settle(name: &str, place: Span, root: Node<'_>, launch: Launch, maps: &[&str], facts: &mut Facts) {
    let origin = Origin { definition: place, file_kind: "catalogue", hosts: &[], guests: &[] };
    let remote = launch.remote.value().is_some();
    let mut definition = entry::launched(About::new(name, place), &[], Vec::new(), launch, origin, facts);
    definition.hosts = vec!["toolhive".to_string()];
    definition.can_name_tools = true;
    let stated = root.get("transport").and_then(word).filter(|word| !word.value.is_empty());
    definition.transport = match stated {
        Some(word) => Known::is(if word.value.contains("http") { "http".into() } else { word.value }, word.span),
        None => Known::is(if remote { "http" } else { "stdio" }.to_string(), place),
    };
    if let Some(filter) =
        root.get("tools_filter").or_else(|| root.get("tools")).filter(|list| list.items().next().is_some())
    {
        definition.enabled_tools = Known::is(filter.items().filter_map(word).collect(), filter.span());
    }
    facts.definitions.push(definition);
    if maps.is_empty() {
        return;
    }
    for map in maps.iter().filter_map(|key| root.get(key)) {
        facts.settings.extend(origin.map("environment", map));
        for item in map.items() {
            if let (Some(name), Some(value)) = (item.get("name").and_then(word), item.get("value").and_then(word)) {
                facts.settings.push(origin.setting("environment", &name.value, &value, name.span));
            }
        }
    }
    for secret in root.get("secrets").into_iter().flat_map(Node::items) {
        // `name,target=VARIABLE`, or a map with the variable's name.
        let target = match secret.as_str() {
            Some(text) => text.split_once("target=").map(|(_, name)| Spanned::new(name.to_string(), secret.span())),
            None => secret.get("targetEnvName").or_else(|| secret.get("key")).and_then(word),
        };
        facts.settings.extend(target.map(|name| origin.forwarded("environment", &name)));
    }
}
