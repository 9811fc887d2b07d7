//! Package manifests by ecosystem: what they declare, and where.

use super::requirement::{Requirement, is_commit};
use super::{Declared, Manifest};
use crate::document::Node;
use crate::load::{File, Loaded};
use crate::model::known::{Known, Spanned};
use crate::source::{SourceId, Span};

/// Groups of optional dependencies that only developers install.
const DEVELOPMENT: &[&str] = &[
    "dev",
    "develop",
    "development",
    "test",
    "tests",
    "testing",
    "lint",
    "docs",
    "doc",
    "ci",
    "typing",
    "build",
    "format",
    "bench",
];

/// Reads a manifest; nothing where it declares no package of an ecosystem that is read here.
pub fn read(loaded: &Loaded, file: &File) -> Option<Manifest> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let root = loaded.document(file).and_then(|document| document.root());
    let text = loaded.sources.get(file.source).text();
    match name {
        "package.json" => npm(root?, file.source),
        "pyproject.toml" => pyproject(root?, file.source),
        "Pipfile" => pipfile(root?, file.source),
        "Cargo.toml" => cargo(root?, file.source),
        "go.mod" => Some(go(text, file.source)),
        "setup.cfg" => setup_cfg(text, file.source),
        _ if name.ends_with(".txt") || name.ends_with(".in") => Some(requirements(name, text, file.source)),
        _ => None,
    }
}

fn empty(ecosystem: &'static str, source: SourceId) -> Manifest {
    let place = Span::new(source, 0, 0);
    Manifest {
        ecosystem,
        name: None,
        version: Known::Absent,
        install_scripts: vec![],
        settled: vec![],
        declared: vec![],
        place,
    }
}

/// The same with name and version from a map.
fn named(ecosystem: &'static str, source: SourceId, map: Option<Node<'_>>) -> Manifest {
    let mut manifest = empty(ecosystem, source);
    let text = |key: &str| map?.get(key).and_then(|node| Some((node.as_str()?.to_string(), node.span())));
    if let Some((name, span)) = text("name") {
        manifest.name = Some(name);
        manifest.place = span;
    }
    manifest.version = text("version").map_or(Known::Absent, |(version, span)| Known::is(version, span));
    manifest
}

fn declared(key: Node<'_>, place: Span, requirement: Requirement, development: bool) -> Declared {
    let name = Spanned::new(key.scalar().unwrap_or_default(), key.span());
    Declared { name, requirement, place, development }
}

fn npm(root: Node<'_>, source: SourceId) -> Option<Manifest> {
    let mut manifest = named("npm", source, Some(root));
    let groups = [
        ("dependencies", false),
        ("optionalDependencies", false),
        ("peerDependencies", true),
        ("devDependencies", true),
    ];
    for (group, development) in groups {
        for (key, value) in root.get(group).into_iter().flat_map(Node::entries) {
            let Some(text) = value.as_str() else { continue };
            let is_known = manifest.declared.iter().any(|known| Some(known.name.value.as_str()) == key.as_str());
            if group != "peerDependencies" || !is_known {
                manifest.declared.push(declared(key, value.span(), Requirement::of_npm(text), development));
            }
        }
    }
    let settling = [root.get("overrides"), root.get("resolutions"), root.at(&["pnpm", "overrides"])];
    let settled = settling.into_iter().flatten().flat_map(Node::entries).filter_map(|(key, _)| key.scalar());
    manifest.settled = settled.map(|key| overridden(&key)).collect();
    for script in ["preinstall", "install", "postinstall"] {
        if let Some(node) = root.at(&["scripts", script]) {
            manifest.install_scripts.extend(node.scalar().map(|text| Spanned::new(text, node.span())));
        }
    }
    let says_something =
        manifest.name.is_some() || !manifest.declared.is_empty() || !manifest.install_scripts.is_empty();
    says_something.then_some(manifest)
}

/// The name in a key of an override: `a`, `a@1`, `b/a`, `@s/a@1`, `**/a`, `b>a`.
fn overridden(key: &str) -> String {
    let last = key.rsplit('>').next().unwrap_or(key);
    let mut parts: Vec<&str> = last.split('/').collect();
    let tail = parts.pop().unwrap_or_default();
    let name = tail.split('@').next().filter(|name| !name.is_empty()).unwrap_or(tail);
    match parts.pop().filter(|scope| scope.starts_with('@')) {
        Some(scope) => format!("{scope}/{name}"),
        None => name.to_string(),
    }
}

fn pyproject(root: Node<'_>, source: SourceId) -> Option<Manifest> {
    let project = root.get("project");
    let poetry = root.at(&["tool", "poetry"]);
    if project.is_none() && poetry.is_none() && root.get("dependency-groups").is_none() {
        return None;
    }
    let mut manifest = named("pypi", source, project.or(poetry));
    let list = |node: Option<Node<'_>>, development: bool, manifest: &mut Manifest| {
        let items = node.into_iter().flat_map(Node::items);
        manifest.declared.extend(items.filter_map(|item| pep508(item.as_str()?, item.span(), development)));
    };
    list(project.and_then(|project| project.get("dependencies")), false, &mut manifest);
    let extras = project.and_then(|project| project.get("optional-dependencies"));
    let groups = extras.into_iter().chain(root.get("dependency-groups")).flat_map(Node::entries);
    for (group, items) in groups {
        list(Some(items), is_development(group), &mut manifest);
    }
    poetry_groups(poetry, &mut manifest);
    override_sources(root.at(&["tool", "uv", "sources"]), &mut manifest);
    Some(manifest)
}

fn is_development(group: Node<'_>) -> bool {
    group.scalar().is_some_and(|name| DEVELOPMENT.contains(&name.to_ascii_lowercase().as_str()))
}

/// `name[extra]>=1; marker` or `name @ url`.
fn pep508(text: &str, span: Span, development: bool) -> Option<Declared> {
    let text = text.trim();
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let name: String = text.chars().take_while(|letter| is_name(*letter)).collect();
    let rest = text.get(name.len()..)?.trim_start();
    let rest = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, rest)| rest);
    (!name.is_empty()).then(|| Declared {
        name: Spanned::new(name, span),
        requirement: Requirement::of_python(rest),
        place: span,
        development,
    })
}

fn poetry_groups(poetry: Option<Node<'_>>, manifest: &mut Manifest) {
    let Some(poetry) = poetry else { return };
    let mut groups = vec![(poetry.get("dependencies"), false), (poetry.get("dev-dependencies"), true)];
    for (group, body) in poetry.get("group").into_iter().flat_map(Node::entries) {
        groups.push((body.get("dependencies"), is_development(group)));
    }
    for (table, development) in groups {
        for (key, value) in table.into_iter().flat_map(Node::entries).filter(|(key, _)| key.as_str() != Some("python"))
        {
            manifest.declared.push(declared(key, value.span(), poetry_requirement(value), development));
        }
    }
}

/// Poetry, Pipfile and Cargo write a version, or a table that says where it comes from.
fn poetry_requirement(value: Node<'_>) -> Requirement {
    table_requirement(value).unwrap_or_else(|| {
        let text = value.as_str().or_else(|| value.get("version")?.as_str()).unwrap_or("");
        let version = text.trim_start_matches("==").trim_start_matches('=').trim();
        let is_exact = version.starts_with(|first: char| first.is_ascii_digit())
            && !version.contains(['*', ',', '<', '>', '|', ' ']);
        Requirement::registry(text, is_exact)
    })
}

/// `{git = …, rev = …}`, `{path = …}`, `{url = …}`.
fn table_requirement(value: Node<'_>) -> Option<Requirement> {
    let text = |key: &str| value.get(key).and_then(Node::as_str);
    if let Some(git) = text("git") {
        let reference = text("rev").or_else(|| text("ref")).or_else(|| text("tag")).or_else(|| text("branch"));
        return Some(Requirement::git(git, reference));
    }
    if let Some(path) = text("path") {
        return Some(Requirement::path(path));
    }
    if value.get("workspace").and_then(Node::as_bool) == Some(true) {
        return Some(Requirement::path("workspace"));
    }
    text("url").or_else(|| text("file")).map(Requirement::url)
}

/// `[tool.uv.sources]` decides where a declared name really comes from.
fn override_sources(sources: Option<Node<'_>>, manifest: &mut Manifest) {
    for (key, value) in sources.into_iter().flat_map(Node::entries) {
        let Some(name) = key.scalar() else { continue };
        let Some(requirement) = table_requirement(value) else { continue };
        let same = |declared: &&mut Declared| python_name(&declared.name.value) == python_name(&name);
        for declared in manifest.declared.iter_mut().filter(same) {
            declared.requirement = requirement.clone();
            declared.place = key.span();
        }
    }
}

/// A Python name as indexes compare it.
pub fn python_name(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

fn pipfile(root: Node<'_>, source: SourceId) -> Option<Manifest> {
    let mut manifest = empty("pypi", source);
    for (group, development) in [("packages", false), ("dev-packages", true)] {
        for (key, value) in root.get(group).into_iter().flat_map(Node::entries) {
            let requirement = table_requirement(value).unwrap_or_else(|| {
                Requirement::of_python(value.as_str().or_else(|| value.get("version")?.as_str()).unwrap_or(""))
            });
            manifest.declared.push(declared(key, value.span(), requirement, development));
        }
    }
    Some(manifest)
}

fn cargo(root: Node<'_>, source: SourceId) -> Option<Manifest> {
    let mut manifest = named("crates", source, root.get("package"));
    let targets = root.get("target").into_iter().flat_map(Node::entries).map(|(_, target)| target);
    let tables: Vec<Node<'_>> = std::iter::once(root).chain(targets).chain(root.get("workspace")).collect();
    for table in tables {
        for (group, development) in [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
        {
            for (key, value) in table.get(group).into_iter().flat_map(Node::entries) {
                let text = value.as_str().or_else(|| value.get("version")?.as_str()).unwrap_or("");
                let registry = || Requirement::registry(text, text.starts_with('=') && !text.contains(','));
                let requirement = table_requirement(value).unwrap_or_else(registry);
                let mut found = declared(key, value.span(), requirement, development);
                // A renamed crate is locked under its own name.
                if let Some(real) = value.get("package").and_then(Node::as_str) {
                    found.name.value = real.to_string();
                }
                manifest.declared.push(found);
            }
        }
    }
    Some(manifest)
}

/// The lines of a text, each with its offset.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.trim_end_matches(['\n', '\r']))
    })
}

/// Modules of Go are always exact: minimal version selection takes what is written.
fn go(text: &str, source: SourceId) -> Manifest {
    let mut manifest = empty("go", source);
    let mut block = String::new();
    for (start, line) in lines(text) {
        let code = line.split("//").next().unwrap_or("");
        let words: Vec<&str> = code.split_whitespace().collect();
        let span = Span::new(source, start, start + line.trim_end().len());
        match words.as_slice() {
            ["module", name] => {
                manifest.name = Some((*name).into());
                manifest.place = span;
            }
            [verb, "("] => block = (*verb).into(),
            [")"] => block.clear(),
            ["require", name, version] => manifest.declared.push(go_module(name, version, span, line)),
            ["replace", name, ..] => manifest.settled.push((*name).to_string()),
            [name, ..] if block == "replace" => manifest.settled.push((*name).to_string()),
            [name, version] if block == "require" => manifest.declared.push(go_module(name, version, span, line)),
            _ => {}
        }
    }
    manifest
}

fn go_module(name: &str, version: &str, place: Span, line: &str) -> Declared {
    let commit = version.rsplit('-').next().filter(|tail| is_commit(tail)).map(str::to_string);
    let requirement = Requirement { text: version.into(), exact: true, origin: "registry", commit };
    let development = line.contains("// indirect");
    Declared { name: Spanned::new(name.into(), place), requirement, place, development }
}

fn requirements(name: &str, text: &str, source: SourceId) -> Manifest {
    let mut manifest = empty("pypi", source);
    let lower = name.to_ascii_lowercase();
    let development =
        DEVELOPMENT.iter().any(|group| lower.contains(&format!("-{group}.")) || lower.contains(&format!("_{group}.")));
    for (start, line) in lines(text) {
        let code = line.split(" #").next().unwrap_or("").trim();
        let span = Span::new(source, start, start + line.trim_end().len());
        let url = code.strip_prefix("-e ").or_else(|| code.strip_prefix("--editable ")).unwrap_or(code).trim();
        if url.starts_with("git+") || url.contains("://") && !url.contains('@') && !url.starts_with('-') {
            let name = url.rsplit("egg=").next().filter(|_| url.contains("egg=")).unwrap_or(url);
            let requirement = Requirement::of_python_url(url);
            manifest.declared.push(Declared {
                name: Spanned::new(name.into(), span),
                requirement,
                place: span,
                development,
            });
        } else if !code.is_empty() && !code.starts_with(['#', '-', '.', '/']) {
            manifest.declared.extend(pep508(code.trim_end_matches('\\'), span, development));
        }
    }
    manifest
}

fn setup_cfg(text: &str, source: SourceId) -> Option<Manifest> {
    let mut manifest = empty("pypi", source);
    let (mut section, mut is_list) = (String::new(), false);
    for (start, line) in lines(text) {
        let span = Span::new(source, start, start + line.trim_end().len());
        let is_indented = line.starts_with([' ', '\t']);
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            (section, is_list) = (name.trim().to_string(), false);
        } else if is_indented && is_list {
            manifest.declared.extend(pep508(line, span, false));
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !is_indented) {
            is_list = section == "options" && key.trim() == "install_requires";
            if is_list {
                manifest.declared.extend(pep508(value, span, false));
            }
            if section == "metadata" && key.trim() == "name" {
                manifest.name = Some(value.trim().into());
                manifest.place = span;
            }
        }
    }
    (manifest.name.is_some() || !manifest.declared.is_empty()).then_some(manifest)
}
