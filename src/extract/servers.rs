//! Ties facts to servers: definitions, documents, containers and packages belong to the server whose code, package, image
//! or name they share, else to the nearest server above them.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::extract::{kubernetes, launch};
use crate::load::{File, Loaded};
use crate::model::definition::Definition;
use crate::model::known::{Known, Spanned};
use crate::model::server::{Inventory, Locked, Server};
use crate::model::tool::ToolOrigin;
use crate::model::{About, Facts, ServerId, ToolId};
use crate::source::{SourceId, Span};

/// Gives every fact its server, and makes servers of definitions and dumps that no code of the tree answers for.
pub fn tie(loaded: &Loaded, facts: &mut Facts) {
    leave_out_what_does_not_live(loaded, facts);
    published(loaded, facts);
    tie_definitions(loaded, facts);
    tie_dumps(loaded, facts);
    tie_boundaries(loaded, facts);
    tie_containers(loaded, facts);
    tie_the_rest(loaded, facts);
    tie_documented(loaded, facts);
}

/// Tests, examples and documentation describe servers that nobody deploys.
fn leave_out_what_does_not_live(loaded: &Loaded, facts: &mut Facts) {
    let lives = |about: &About| loaded.file(about.span.source).is_none_or(|file| file.role.lives());
    facts.definitions.retain(|fact| lives(&fact.about));
    facts.settings.retain(|fact| lives(&fact.about));
    facts.host_settings.retain(|fact| lives(&fact.about));
    facts.authorizations.retain(|fact| lives(&fact.about));
    facts.boundary_documents.retain(|fact| lives(&fact.about));
    facts.boundaries.retain(|fact| lives(&fact.about));
    facts.containers.retain(|fact| lives(&fact.about));
    facts.mounts.retain(|fact| lives(&fact.about));
    facts.ports.retain(|fact| lives(&fact.about));
    facts.images.retain(|fact| lives(&fact.about));
    facts.dependencies.retain(|fact| lives(&fact.about));
    facts.packages.retain(|fact| lives(&fact.about));
}

/// Packages that say, by the name under which the MCP registry has them, that they are servers, and whose code shows none.
fn published(loaded: &Loaded, facts: &mut Facts) {
    let is_package = |file: &&File| file.path.rsplit('/').next() == Some("package.json") && file.role.is_own();
    for file in loaded.files.iter().filter(is_package) {
        let root = loaded.document(file).and_then(|document| document.root());
        let named = root.and_then(|root| root.get("mcpName"));
        let Some((name, span)) = named.and_then(|node| Some((node.as_str()?.to_string(), node.span()))) else {
            continue;
        };
        let folder = file.path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let is_shown = facts
            .servers
            .iter()
            .any(|server| server.implemented && (is_under(&file.path, &server.root) || is_under(&server.root, folder)));
        if !is_shown {
            let short = name.rsplit('/').next().unwrap_or(&name).to_string();
            let why = "its package says that it is a server, and no tool was found in its code";
            push(facts, &short, span, folder, &format!("{why}{}", root.map(handed_on).unwrap_or_default()));
        }
    }
}

/// The packages that a package without tools of its own is put together from, by their names.
fn handed_on(package: crate::document::Node<'_>) -> String {
    let entries = package.get("dependencies").into_iter().flat_map(crate::document::Node::entries);
    let names = entries
        .filter_map(|(name, _)| name.scalar())
        .filter(|name| name.contains("mcp") && !name.starts_with("@modelcontextprotocol/"));
    let names: Vec<String> = names.take(20).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { String::new() } else { format!("; it is put together from {}", names.join(", ")) }
}

fn tie_definitions(loaded: &Loaded, facts: &mut Facts) {
    for at in 0..facts.definitions.len() {
        let definition = facts.definitions[at].clone();
        let implemented = (0..facts.servers.len() as u32).map(ServerId).filter(|id| facts.server(*id).implemented);
        let candidates: Vec<ServerId> = implemented.collect();
        let found = launch::implementing(loaded, facts, &candidates, &definition);
        // How a server is published speaks of the server beside it.
        let publishes = definition.hosts.iter().any(|host| matches!(host.as_str(), "smithery" | "registry" | "mcpb"));
        let beside = || nearest(loaded, facts, definition.about.span).filter(|id| publishes && candidates.contains(id));
        let server = found.or_else(beside).unwrap_or_else(|| configured(loaded, facts, &definition));
        note_definition(&mut facts.servers[server.index()], &definition);
        facts.definitions[at].about.server = Some(server);
    }
}

/// Entries of documentation belong to the server they would start, else to the nearest.
fn tie_documented(loaded: &Loaded, facts: &mut Facts) {
    let implemented: Vec<ServerId> =
        (0..facts.servers.len() as u32).map(ServerId).filter(|id| facts.server(*id).implemented).collect();
    let owner = |definition: &Definition| {
        let path = loaded.sources.path(definition.about.span.source);
        let first = || implemented.iter().copied().find(|id| is_under(path, &facts.server(*id).root));
        let found = launch::implementing(loaded, facts, &implemented, definition);
        found.or_else(|| nearest(loaded, facts, definition.about.span)).or_else(first)
    };
    let owners: Vec<Option<ServerId>> = facts.documented.par_iter().map(owner).collect();
    for (definition, owner) in facts.documented.iter_mut().zip(owners) {
        definition.about.server = owner;
    }
}

fn note_definition(server: &mut Server, definition: &Definition) {
    server.configured = true;
    server.places.push(definition.about.span);
    let Known::Is(transport) = &definition.transport else { return };
    if !server.transports.iter().any(|known| known.value == transport.value) {
        server.transports.push(transport.clone());
    }
}

/// The server that stands only in configurations under this name, made where there is none.
fn configured(loaded: &Loaded, facts: &mut Facts, definition: &Definition) -> ServerId {
    let same = |server: &Server| !server.implemented && is_spelled_alike(&server.about.name, &definition.about.name);
    if let Some(at) = facts.servers.iter().position(same) {
        return ServerId(at as u32);
    }
    let root = folder_of_configuration(loaded.sources.path(definition.about.span.source));
    push(facts, &definition.about.name, definition.about.span, root, "its source is not in this tree")
}

/// Adds a server that only configuration or a manifest shows.
pub fn push(facts: &mut Facts, name: &str, span: Span, root: &str, opening: &str) -> ServerId {
    facts.servers.push(Server {
        about: About::new(name, span),
        implemented: false,
        configured: false,
        inventory: Inventory::Open,
        transports: Vec::new(),
        root: if root.is_empty() { ".".into() } else { root.into() },
        openings: vec![Spanned::new(opening.to_string(), span)],
        sdks: Vec::new(),
        instructions: Known::Absent,
        places: vec![span],
        locked: Locked::default(),
    });
    ServerId(facts.servers.len() as u32 - 1)
}

/// Tools of a dump belong to the server that has most of them, else to one of their own.
fn tie_dumps(loaded: &Loaded, facts: &mut Facts) {
    let mut dumps: BTreeMap<(SourceId, Option<Span>), Vec<usize>> = BTreeMap::new();
    for (at, tool) in facts.tools.iter().enumerate() {
        if tool.about.server.is_none() {
            dumps.entry((tool.about.span.source, tool.about.part_of)).or_default().push(at);
        }
    }
    for ((source, _), tools) in dumps {
        let names: Vec<String> = tools.iter().map(|at| facts.tools[*at].about.name.clone()).collect();
        // A bundle declares the tools of the server that it starts.
        let beside = facts.definitions.iter().find(|definition| definition.about.span.source == source);
        let declared = facts.tools[tools[0]].origin == ToolOrigin::Manifest;
        let started = beside.filter(|_| declared).and_then(|definition| definition.about.server);
        let server = by_tools(facts, &names).or(started).unwrap_or_else(|| {
            let path = loaded.sources.path(source);
            let stem = path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or("tools");
            let root = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            push(facts, stem, facts.tools[tools[0]].about.span, root, "only what it listed once is known")
        });
        let is_known = facts.server(server).implemented && facts.server(server).inventory == Inventory::Closed;
        for at in tools {
            let (name, place) = (facts.tools[at].about.name.clone(), facts.tools[at].about.span);
            facts.tools[at].about.server = Some(server);
            if declared && is_known {
                let mut own = facts.tools.iter().filter(|tool| tool.origin == ToolOrigin::Source);
                let answers = own.any(|tool| tool.about.server == Some(server) && tool.about.name == name);
                facts.tools[at].dispatched = Known::is(answers, place);
            }
        }
    }
}

/// The implemented server that has at least half of these tools, if just one has most.
fn by_tools(facts: &Facts, names: &[String]) -> Option<ServerId> {
    let mut shared: BTreeMap<ServerId, usize> = BTreeMap::new();
    for tool in facts.tools.iter().filter(|tool| tool.origin == ToolOrigin::Source) {
        if let Some(server) = tool.about.server.filter(|_| names.contains(&tool.about.name)) {
            *shared.entry(server).or_default() += 1;
        }
    }
    let most = *shared.values().max()?;
    let mut best = shared.iter().filter(|(_, count)| **count == most).map(|(server, _)| *server);
    let first = best.next()?;
    (most * 2 >= names.len() && best.next().is_none()).then_some(first)
}

fn tie_boundaries(loaded: &Loaded, facts: &mut Facts) {
    for at in 0..facts.boundary_documents.len() {
        let document = &facts.boundary_documents[at];
        let (head, name) = (document.about.span, document.server_name.value().cloned());
        let own = |about: &About| about.part_of == Some(head);
        let tools: Vec<String> =
            facts.boundaries.iter().filter(|tool| own(&tool.about)).map(|tool| tool.about.name.clone()).collect();
        let named = name.and_then(|name| by_name(facts, &name));
        let server = named.or_else(|| by_tools(facts, &tools)).or_else(|| nearest(loaded, facts, head));
        facts.boundary_documents[at].about.server = server;
        for tool in 0..facts.boundaries.len() {
            if facts.boundaries[tool].about.part_of == Some(head) {
                tie_boundary(facts, tool, server);
            }
        }
    }
}

fn tie_boundary(facts: &mut Facts, at: usize, server: Option<ServerId>) {
    let boundary = &facts.boundaries[at];
    let (name, span) = (boundary.about.name.clone(), boundary.about.span);
    let found = server.and_then(|server| facts.tools_of(server).find(|(_, tool)| tool.about.name == name));
    let tool: Option<ToolId> = found.map(|(id, _)| id);
    let open = server.is_none_or(|server| facts.server(server).inventory == Inventory::Open);
    let exists = match (tool, open) {
        (Some(_), _) => Known::is(true, span),
        (None, true) => Known::unknown("the server's tools are not all known", span),
        (None, false) => Known::is(false, span),
    };
    let boundary = &mut facts.boundaries[at];
    (boundary.about.server, boundary.about.tool, boundary.tool_exists) = (server, tool, exists);
}

/// Containers that run no server of the tree (databases, proxies) are left out of its assessment.
fn tie_containers(loaded: &Loaded, facts: &mut Facts) {
    let pods = kubernetes::tie::place(loaded, facts);
    let mut homes: BTreeMap<Span, Option<ServerId>> = BTreeMap::new();
    for at in 0..facts.containers.len() {
        let span = facts.containers[at].about.span;
        let pod = facts.containers[at].pod.and_then(|pod| pods.get(&pod).copied());
        let server = pod.unwrap_or_else(|| launch::run_by(loaded, facts, at));
        homes.insert(span, server);
        facts.containers[at].about.server = server;
    }
    let of = |about: &About| about.part_of.and_then(|whole| homes.get(&whole).copied());
    macro_rules! follow {
        ($($list:ident),*) => { $(
            for fact in &mut facts.$list {
                if let Some(server) = of(&fact.about) {
                    fact.about.server = server;
                }
            }
            facts.$list.retain(|fact| of(&fact.about) != Some(None));
        )* };
    }
    follow!(mounts, ports, images, settings);
    for fact in
        facts.pods.iter_mut().map(|pod| &mut pod.about).chain(facts.entries.iter_mut().map(|entry| &mut entry.about))
    {
        fact.server = fact.part_of.and_then(|pod| pods.get(&pod).copied()).flatten();
    }
    facts.pods.retain(|pod| pod.about.server.is_some());
    facts.entries.retain(|entry| entry.about.server.is_some());
    facts.containers.retain(|container| container.about.server.is_some());
}

fn tie_the_rest(loaded: &Loaded, facts: &mut Facts) {
    let definitions: BTreeMap<Span, Option<ServerId>> =
        facts.definitions.iter().map(|definition| (definition.about.span, definition.about.server)).collect();
    for at in 0..facts.settings.len() {
        let whole = facts.settings[at].about.part_of;
        if let Some(server) = whole.and_then(|whole| definitions.get(&whole).copied()) {
            facts.settings[at].about.server = server;
        }
    }
    macro_rules! nearest {
        ($($list:ident),*) => { $(
            for at in 0..facts.$list.len() {
                if facts.$list[at].about.server.is_none() {
                    facts.$list[at].about.server = nearest(loaded, facts, facts.$list[at].about.span);
                }
            }
        )* };
    }
    for authorization in &mut facts.authorizations {
        authorization.about.server =
            authorization.about.part_of.and_then(|entry| definitions.get(&entry).copied()).flatten();
    }
    nearest!(settings, images, mounts, ports, packages, dependencies, secrets, listeners, usages, authorizations);
    nearest!(handovers);
}

/// The server of that name, hyphens, underscores and case aside.
pub fn by_name(facts: &Facts, name: &str) -> Option<ServerId> {
    let mut same = facts.servers.iter().enumerate().filter(|(_, server)| is_spelled_alike(&server.about.name, name));
    let (at, _) = same.next()?;
    same.next().is_none().then_some(ServerId(at as u32))
}

/// A name without what spellings differ in.
pub fn plain(name: &str) -> String {
    letters(name).collect()
}

/// Whether two names are the same, hyphens, underscores and case aside.
pub fn is_spelled_alike(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return ascii_letters(one).eq(ascii_letters(other));
    }
    letters(one).eq(letters(other))
}

/// The same as [`letters`] of a text of which most names are.
fn ascii_letters(name: &str) -> impl Iterator<Item = u8> + '_ {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase())
}

fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// The server whose folder is the closest above a place; else the only one below the place's folder.
pub fn nearest(loaded: &Loaded, facts: &Facts, span: Span) -> Option<ServerId> {
    let path = loaded.sources.path(span.source);
    let above = facts.servers.iter().enumerate().filter(|(_, server)| is_under(path, &server.root));
    let deepest = above.clone().map(|(_, server)| depth(&server.root)).max();
    if let Some(deepest) = deepest {
        let closest = above.filter(|(_, server)| depth(&server.root) == deepest);
        // Beside a server whose code is here, one that only a configuration names is another's.
        let implemented = only(closest.clone().filter(|(_, server)| server.implemented).map(|(at, _)| at));
        return implemented
            .or_else(|| only(closest.clone().map(|(at, _)| at)))
            .or_else(|| by_place(loaded, path, closest.filter(|(_, server)| server.implemented)));
    }
    let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
    only(facts.servers.iter().enumerate().filter(|(_, server)| is_under(&server.root, folder)).map(|(at, _)| at))
}

/// Of several servers of one project folder, the one whose code stands closest above a path, or alone below its folder.
fn by_place<'a>(
    loaded: &Loaded,
    path: &str,
    servers: impl Iterator<Item = (usize, &'a Server)> + Clone,
) -> Option<ServerId> {
    let home = |server: &Server| {
        let place = loaded.sources.path(server.about.span.source);
        place.rsplit_once('/').map_or(".", |(folder, _)| folder).to_string()
    };
    let above = servers.clone().filter(|(_, server)| is_under(path, &home(server)));
    if let Some(deepest) = above.clone().map(|(_, server)| depth(&home(server))).max() {
        return only(above.filter(|(_, server)| depth(&home(server)) == deepest).map(|(at, _)| at));
    }
    let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
    only(servers.filter(|(_, server)| folder != "." && is_under(&home(server), folder)).map(|(at, _)| at))
}

fn only(mut found: impl Iterator<Item = usize>) -> Option<ServerId> {
    let first = found.next()?;
    found.next().is_none().then_some(ServerId(first as u32))
}

/// Whether a path lies in a folder or is it; `.` holds everything.
pub fn is_under(path: &str, folder: &str) -> bool {
    folder == "." || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn depth(folder: &str) -> usize {
    if folder == "." { 0 } else { folder.split('/').count() }
}

/// The project folder that a configuration file speaks for: hosts keep their files in a folder of their own.
fn folder_of_configuration(path: &str) -> &str {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let (above, last) = folder.rsplit_once('/').unwrap_or(("", folder));
    if last.starts_with('.') { above } else { folder }
}

#[cfg(test)]
mod tests {
    use crate::discover::discover_text;
    use crate::extract::extract;
    use crate::load::load;
    use crate::model::server::Inventory;

    #[test]
    fn a_package_that_the_registry_knows_as_a_server_is_never_silent() {
        for (text, expected) in [
            (r#"{"name": "a", "mcpName": "io.github.shop/orders-mcp"}"#, Some("orders-mcp")),
            (r#"{"name": "a"}"#, None),
        ] {
            let facts = extract(&load(discover_text("package.json", text.to_string())));
            let found = facts.servers.first().map(|server| server.about.name.as_str());
            assert_eq!(found, expected, "{text}");
            assert!(
                facts.servers.iter().all(|server| server.inventory == Inventory::Open && !server.openings.is_empty())
            );
        }
    }
}
