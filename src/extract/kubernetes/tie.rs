//! Which server a pod runs: by the names that a pod, its image and its services have, by its command, or as the only
//! one there is.

use std::collections::BTreeMap;

use crate::extract::launch;
use crate::extract::servers::{self, by_name, nearest, plain};
use crate::gap::{Gap, GapKind};
use crate::load::{Loaded, content};
use crate::model::container::Container;
use crate::model::{Facts, ServerId};
use crate::source::Span;

/// Servers that manifests alone may make.
const OWN: usize = 64;
/// Words that say of a name what it is, not which.
const COMMON: &[&str] = &["mcp", "server", "service", "app", "deployment", "api", "the", "svc"];

/// Programs that run others.
const RUNNERS: &[&str] =
    &["node", "python", "python3", "sh", "bash", "npx", "uvx", "uv", "deno", "bun", "java", "docker", "podman"];

/// The server of every pod, by the pod's place; made for pods that speak the protocol and that nothing else answers for.
pub fn place(loaded: &Loaded, facts: &mut Facts) -> BTreeMap<Span, Option<ServerId>> {
    let mut homes = homes(loaded, facts);
    let mut names: BTreeMap<Span, Vec<usize>> = BTreeMap::new();
    for (at, container) in facts.containers.iter().enumerate() {
        if let Some(pod) = container.pod.filter(|pod| homes.get(pod) == Some(&None)) {
            names.entry(pod).or_default().push(at);
        }
    }
    let mut made = 0;
    for (pod, containers) in names {
        let containers: Vec<&Container> = containers.into_iter().map(|at| &facts.containers[at]).collect();
        let Some(name) = own_name(&containers) else { continue };
        made += 1;
        if made > OWN {
            let reason = "runs one server more than are made of manifests alone";
            facts.gaps.push(Gap {
                path: loaded.sources.path(pod.source).to_string(),
                ..Gap::at(pod, GapKind::TooLarge, reason)
            });
            break;
        }
        let server = by_name(facts, &name).unwrap_or_else(|| of_its_own(loaded, facts, &name, pod));
        homes.insert(pod, Some(server));
    }
    homes
}

fn of_its_own(loaded: &Loaded, facts: &mut Facts, name: &str, pod: Span) -> ServerId {
    let path = loaded.sources.path(pod.source).to_string();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let id = servers::push(facts, name, pod, folder, "its source is not in this tree");
    facts.servers[id.index()].configured = true;
    id
}

fn homes(loaded: &Loaded, facts: &Facts) -> BTreeMap<Span, Option<ServerId>> {
    let mut pods: BTreeMap<Span, Vec<&Container>> = BTreeMap::new();
    for container in &facts.containers {
        if let Some(pod) = container.pod {
            pods.entry(pod).or_default().push(container);
        }
    }
    let kind = |all: &[&Container]| all.first().map_or("", |container| container.source_kind.as_str()).to_string();
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for all in pods.values() {
        let counts = kinds.entry(kind(all)).or_default();
        counts.0 += 1;
        counts.1 += usize::from(speaks(all));
    }
    let home = |pod: Span, all: &[&Container]| {
        let (count, speaking) = kinds.get(&kind(all)).copied().unwrap_or_default();
        let alone = count == 1 || speaking == 1 && speaks(all);
        named(loaded, facts, all)
            .or_else(|| nearest(loaded, facts, pod).filter(|server| alone && facts.server(*server).implemented))
    };
    pods.iter().map(|(pod, all)| (*pod, home(*pod, all))).collect()
}

/// Names of a pod that speaks the protocol by what it is called, for a server that nothing else in the tree shows.
pub fn own_name(containers: &[&Container]) -> Option<String> {
    let speaker = containers.iter().find(|container| speaks(&[container]))?;
    Some(speaker.names.first().cloned().unwrap_or_else(|| speaker.about.name.clone()))
}

fn speaks(containers: &[&Container]) -> bool {
    containers.iter().any(|container| {
        let image = container.image.value().into_iter();
        let words = container.command.iter().map(|word| &word.value);
        let mut texts = image.chain(words).chain(&container.names).chain([&container.about.name]);
        texts.any(|text| content::speaks_mcp(text))
    })
}

/// The one server that a name of the pod is the name of.
fn named(loaded: &Loaded, facts: &Facts, containers: &[&Container]) -> Option<ServerId> {
    let names: Vec<&str> = containers.iter().flat_map(|container| names_of(container)).collect();
    let exact = names.iter().find_map(|name| by_name(facts, name));
    let words: Vec<&str> = containers.iter().flat_map(|one| &one.command).map(|word| word.value.as_str()).collect();
    let exact = exact.or_else(|| launch::by_command(loaded, facts, &words));
    exact
        .or_else(|| built(loaded, facts, containers))
        .or_else(|| reached(facts, &names))
        .or_else(|| packaged(loaded, facts, &names))
        .or_else(|| names.iter().find_map(|name| by_core(facts, name)))
}

/// The server that the recipe of the pod's image stands beside.
fn built(loaded: &Loaded, facts: &Facts, containers: &[&Container]) -> Option<ServerId> {
    let recipes = containers.iter().filter_map(|container| loaded.find(container.built_from.as_ref()?));
    let mut found = recipes.filter_map(|file| nearest(loaded, facts, Span::new(file.source, 0, 0)));
    found.find(|server| facts.server(*server).implemented)
}

fn names_of(container: &Container) -> impl Iterator<Item = &str> {
    let image = container.image.value().map(|image| image_name(image));
    let own = [container.about.name.as_str()].into_iter().chain(container.names.iter().map(String::as_str));
    let program = container.command.first().map(|word| word.value.rsplit('/').next().unwrap_or(&word.value));
    own.chain(image).chain(program.filter(|program| !RUNNERS.contains(program)))
}

/// The server that a client reaches under the name of one of the pod's services.
fn reached(facts: &Facts, names: &[&str]) -> Option<ServerId> {
    let host = |url: &str| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let host = rest.split(['/', ':', '?', '#']).next().unwrap_or("");
        host.split('.').next().unwrap_or("").to_string()
    };
    let mut found = facts
        .definitions
        .iter()
        .filter(|definition| definition.url.value().is_some_and(|url| names.contains(&host(url).as_str())));
    found.next()?.about.server
}

/// The server whose package has the name.
fn packaged(loaded: &Loaded, facts: &Facts, names: &[&str]) -> Option<ServerId> {
    let same =
        |package: &str| names.iter().any(|name| plain(package.rsplit('/').next().unwrap_or(package)) == plain(name));
    let mut roots = facts
        .packages
        .iter()
        .filter(|package| same(&package.about.name))
        .filter_map(|package| nearest(loaded, facts, package.about.span));
    let first = roots.next()?;
    roots.all(|other| other == first).then_some(first)
}

/// The server of that name, common words aside; nothing where two have it.
fn by_core(facts: &Facts, name: &str) -> Option<ServerId> {
    let wanted = core(name);
    if wanted.is_empty() {
        return None;
    }
    let mut same = facts.servers.iter().enumerate().filter(|(_, server)| core(&server.about.name) == wanted);
    let (at, _) = same.next()?;
    same.next().is_none().then_some(ServerId(at as u32))
}

fn core(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| !COMMON.contains(&word.as_str())).collect()
}

/// Last path segment of an image reference, without tag and digest.
fn image_name(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    let last = name.rsplit('/').next().unwrap_or(name);
    last.split(':').next().unwrap_or(last)
}
