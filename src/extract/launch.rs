//! Which server of the tree a definition launches or a container runs.

use crate::extract::servers::{by_name, is_spelled_alike, is_under, nearest};
use crate::load::Loaded;
use crate::model::container::Container;
use crate::model::definition::Definition;
use crate::model::{Facts, ServerId};

/// The implemented server that a definition launches, by a file of its code, its package, its module or its name.
pub fn implementing(
    loaded: &Loaded,
    facts: &Facts,
    candidates: &[ServerId],
    definition: &Definition,
) -> Option<ServerId> {
    let configuration = loaded.sources.path(definition.about.span.source);
    let folder = configuration.rsplit_once('/').map_or("", |(folder, _)| folder);
    let words = definition.command_line.iter().chain(&definition.arguments).chain(&definition.inner);
    let words: Vec<&str> = words.map(|word| word.value.as_str()).collect();
    let owners = definition.package.value().map(|package| owners(facts, package)).unwrap_or_default();
    let code: Vec<String> = words.iter().flat_map(|word| named_code(loaded, folder, word)).collect();
    let ways: [&dyn Fn(ServerId) -> bool; 4] = [
        &|id| holds_any(facts, id, &code),
        &|id| definition.package.value().is_some_and(|package| publishes(facts, id, package, &owners)),
        &|id| words.windows(2).any(|pair| pair[0] == "-m" && holds_module(loaded, facts, id, pair[1])),
        &|id| is_called(facts, id, &definition.about.name) && !is_remote(definition),
    ];
    ways.iter().find_map(|way| {
        let mut found = candidates.iter().copied().filter(|id| way(*id));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    })
}

/// The one implemented server that a command names by a file of its code, a module, or a package.
pub fn by_command(loaded: &Loaded, facts: &Facts, words: &[&str]) -> Option<ServerId> {
    let implemented = (0..facts.servers.len() as u32).map(ServerId).filter(|id| facts.server(*id).implemented);
    let code: Vec<String> = words.iter().flat_map(|word| named_code(loaded, "", word)).collect();
    let mut found = implemented.filter(|id| {
        holds_any(facts, *id, &code)
            || words.windows(2).any(|pair| pair[0] == "-m" && holds_module(loaded, facts, *id, pair[1]))
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn is_remote(definition: &Definition) -> bool {
    definition.url.value().is_some_and(|url| !url.contains("localhost") && !url.contains("127.0.0.1"))
}

/// Whether one of these paths lies in the server's folder.
fn holds_any(facts: &Facts, id: ServerId, paths: &[String]) -> bool {
    let root = &facts.server(id).root;
    paths.iter().any(|path| is_under(path, root))
}

/// The files that a word may be the path of: as written, below the configuration's folder or the root, or as the end of
/// an absolute path.
fn named_code(loaded: &Loaded, folder: &str, word: &str) -> Vec<String> {
    let path = word.trim_start_matches("./").trim_start_matches("${workspaceFolder}/").replace('\\', "/");
    if !path.contains('.') || path.contains("://") {
        return Vec::new();
    }
    let joined = if folder.is_empty() { path.clone() } else { format!("{folder}/{path}") };
    let absolute = path.starts_with('/') || path.contains(":/") || path.starts_with('~') || path.starts_with('$');
    // A name alone is the end of too many paths.
    let last = path.rfind('/').filter(|_| absolute).unwrap_or(0);
    let ends = path[..last].match_indices('/').map(|(at, _)| &path[at + 1..]);
    let lives = |path: &&str| loaded.find(path).is_some_and(|file| file.role.lives());
    [joined.as_str(), path.as_str()].into_iter().chain(ends).filter(lives).map(str::to_string).collect()
}

/// The servers of the packages of that name.
fn owners(facts: &Facts, package: &str) -> Vec<Option<ServerId>> {
    let same = facts.packages.iter().filter(|fact| is_spelled_alike(&fact.about.name, package));
    same.map(|fact| fact.about.server).collect()
}

/// Whether a package manifest of the server's folder declares that name.
fn publishes(facts: &Facts, id: ServerId, package: &str, owners: &[Option<ServerId>]) -> bool {
    let server = facts.server(id);
    owners.iter().any(|owner| owner.is_none_or(|owner| owner == id))
        && (is_called(facts, id, package)
            || facts.servers.iter().filter(|other| other.root == server.root).count() == 1)
}

/// Whether a dotted module name is a folder or file of the server.
fn holds_module(loaded: &Loaded, facts: &Facts, id: ServerId, module: &str) -> bool {
    let path = module.replace('.', "/");
    let root = &facts.server(id).root;
    let bases = ["", "src/"].map(|base| if root == "." { base.to_string() } else { format!("{root}/{base}") });
    bases.iter().any(|base| {
        let ends = ["/__init__.py", "/__main__.py", ".py"];
        ends.iter().any(|end| loaded.find(&format!("{base}{path}{end}")).is_some())
    })
}

fn is_called(facts: &Facts, id: ServerId, name: &str) -> bool {
    is_spelled_alike(&facts.server(id).about.name, name)
}

/// The server that a container runs: its definition's, its build's, its image's or name's, or the only one there is.
pub fn run_by(loaded: &Loaded, facts: &Facts, container: usize) -> Option<ServerId> {
    let container = &facts.containers[container];
    let whole = container.about.part_of;
    let definition = facts.definitions.iter().find(|definition| Some(definition.about.span) == whole);
    if let Some(definition) = definition {
        return definition.about.server;
    }
    if let Some(path) = &container.built_from {
        return built_by(loaded, facts, path).or_else(|| nearest(loaded, facts, container.about.span));
    }
    if container.source_kind == "dockerfile" {
        let path = loaded.sources.path(container.about.span.source);
        return built_by(loaded, facts, path).or_else(|| nearest(loaded, facts, container.about.span));
    }
    if container.source_kind == "devcontainer" {
        return nearest(loaded, facts, container.about.span);
    }
    let image = container.image.value().map(|image| image_name(image).to_string());
    by_name(facts, &container.about.name)
        .or_else(|| image.as_deref().and_then(|image| by_name(facts, image)))
        .or_else(|| by_core(facts, &container.about.name))
        .or_else(|| image.as_deref().and_then(|image| by_core(facts, image)))
        .or_else(|| alone(loaded, facts, container))
}

/// The only server whose name is the same but for the words that all of them have.
fn by_core(facts: &Facts, name: &str) -> Option<ServerId> {
    let wanted = core(name);
    let mut same = facts.servers.iter().zip(0u32..).filter(|(server, _)| core(&server.about.name) == wanted);
    let (_, at) = same.next().filter(|_| !wanted.is_empty())?;
    same.next().is_none().then_some(ServerId(at))
}

/// A name without `mcp` and `server`.
fn core(name: &str) -> String {
    words(name).concat()
}

/// The words of a name, written with separators or in camel case, but for `mcp` and `server`.
fn words(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut before = ' ';
    for letter in name.chars() {
        if before.is_lowercase() && letter.is_uppercase() {
            spaced.push(' ');
        }
        spaced.push(letter);
        before = letter;
    }
    let words = spaced.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| !matches!(word.as_str(), "" | "mcp" | "server")).collect()
}

/// The server whose folder holds the Dockerfile, or the only one below the Dockerfile's folder.
fn built_by(loaded: &Loaded, facts: &Facts, dockerfile: &str) -> Option<ServerId> {
    let file = loaded.find(dockerfile)?;
    nearest(loaded, facts, crate::source::Span::new(file.source, 0, 0))
}

/// The nearest server, where no other container of the file could be it, and this one is not a program of its own: a
/// database that the server talks to, or a machine to test it on.
fn alone(loaded: &Loaded, facts: &Facts, container: &Container) -> Option<ServerId> {
    let source = container.about.span.source;
    let others = facts.containers.iter().filter(|other| other.about.span.source == source && other.deployment).count();
    let home = nearest(loaded, facts, container.about.span).filter(|_| others == 1)?;
    (speaks_of_servers(facts, container) || shares_word(facts, container, home)).then_some(home)
}

/// Whether a container's name, image, command or files from the tree tell of an MCP server.
fn speaks_of_servers(facts: &Facts, container: &Container) -> bool {
    let image = container.image.value().map(String::as_str);
    let words = container.command.iter().map(|word| word.value.as_str());
    let mut said = words.chain(container.names.iter().map(String::as_str)).chain([container.about.name.as_str()]);
    let mut mounts = facts.mounts.iter().filter(|mount| mount.about.part_of == Some(container.about.span));
    let is_of_tree = |from: &String| from.starts_with('.');
    image.is_none_or(tells_mcp) || said.any(tells_mcp) || mounts.any(|mount| mount.from.value().is_some_and(is_of_tree))
}

/// Whether a container or its image is named with a word of the server's name or folder.
fn shares_word(facts: &Facts, container: &Container, server: ServerId) -> bool {
    let server = facts.server(server);
    let folder = server.root.rsplit('/').next().unwrap_or_default();
    let own = [words(&server.about.name), words(folder)].concat();
    let image = container.image.value().map_or("", |image| image_name(image));
    let named = [words(&container.about.name), words(image)].concat();
    named.iter().any(|word| word.len() > 2 && own.contains(word))
}

fn tells_mcp(text: &str) -> bool {
    text.to_ascii_lowercase().contains("mcp")
}

/// Last path segment of an image reference, without tag and digest.
fn image_name(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    let last = name.rsplit('/').next().unwrap_or(name);
    last.split(':').next().unwrap_or(last)
}
