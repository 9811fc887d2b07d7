//! Packages that runners fetch: which one, and whether its version is exact.

use crate::extract::command::spec::{Spec, image, is_commit, is_semver, is_version, npm_spec, python_spec};
use crate::extract::command::{Launch, Word, container, extra, program, shell};
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Flags of npm's runners that take a value.
const NPM_VALUES: &[&str] = &[
    "-c",
    "--call",
    "--prefix",
    "--node-options",
    "--userconfig",
    "--cache",
    "-w",
    "--workspace",
    "--loglevel",
    "--script-shell",
];

/// Flags of uv's and pipx's runners that take a value.
const UV_VALUES: &[&str] = &[
    "-p",
    "--python",
    "--directory",
    "--project",
    "--env-file",
    "--with-requirements",
    "--with-editable",
    "--prerelease",
    "--resolution",
    "--cache-dir",
    "--config-file",
    "--link-mode",
    "--exclude-newer",
    "--constraints",
    "-c",
    "--overrides",
    "--color",
    "--extra",
    "--group",
    "--pip-args",
    "--python-preference",
    "--keyring-provider",
    "--index-strategy",
];

const REGISTRIES: &[&str] = &[
    "--registry",
    "--index-url",
    "-i",
    "--default-index",
    "--index",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--source",
    "--add-source",
];

/// Proxies that start, or connect to, another server: flag that names its command; `""` where it follows directly.
const PROXIES: &[(&str, &str)] = &[
    ("supergateway", "--stdio"),
    ("mcp-proxy", ""),
    ("mcp-remote", ""),
    ("mcpo", ""),
    ("mcp-bridge", ""),
    ("mcp-inspector", ""),
    ("@modelcontextprotocol/inspector", ""),
    ("mcp-watch", ""),
];

/// Flags of proxies that take a value, which is not what they start.
const PROXY_VALUES: &[&str] = &[
    "--port",
    "--host",
    "--sse-port",
    "--sse-host",
    "--transport",
    "--api-key",
    "--path-prefix",
    "--cors-allow-origins",
    "--baseUrl",
    "--ssePath",
    "--messagePath",
    "--logLevel",
    "--log-level",
    "--allow-origin",
    "--cwd",
    "-H",
    "--headers",
    "--header",
    "-p",
    "--name",
    "--config",
    "-c",
    "--env-file",
    "--root-path",
];

/// Reads what a runner fetches into the launch. What comes back is the command line of a further server behind a proxy.
pub fn fetched(words: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    let (first, rest) = words.split_first()?;
    let name = program(&first.value);
    let second = rest.first().map_or("", |word| word.value.as_str());
    match (name.as_str(), second) {
        ("npx" | "bunx" | "pnpx", _) => npm(rest, launch),
        ("thv", "run") => extra::toolhive(first, &rest[1..], launch),
        ("npm", "exec" | "x") | ("bun", "x") | ("pnpm" | "yarn", "dlx") => npm(&rest[1..], launch),
        ("uvx", _) => python(rest, launch, "--from"),
        ("uv", _) => uv(rest, launch),
        ("pipx", "run") => python(&rest[1..], launch, "--spec"),
        ("docker" | "podman" | "nerdctl", _) => {
            if !container(words, launch) {
                launch.inner = rest.to_vec();
                enter(words, launch);
                return None;
            }
            behind_image(launch)
        }
        ("docker-compose" | "podman-compose" | "kubectl" | "oc", _) => {
            launch.inner = rest.to_vec();
            enter(words, launch);
            None
        }
        ("deno", _) => deno(rest, launch),
        ("go", "run") => go(&rest[1..], launch),
        ("cargo", "run") => {
            launch.inner = rest[1..].to_vec();
            None
        }
        ("dnx", _) => dotnet(rest, launch),
        ("node", _) => {
            if rest.iter().any(|word| matches!(word.value.as_str(), "--permission" | "--experimental-permission")) {
                launch.confinement = Known::is("node-permissions".to_string(), first.span);
            }
            launch.inner = rest.to_vec();
            None
        }
        _ => {
            launch.inner = rest.to_vec();
            proxied(first, rest, launch)
        }
    }
}

/// Notes the container that a command enters: what runs there is confined as that container is.
fn enter(words: &[Word], launch: &mut Launch) {
    if let Some((kind, word)) = super::entered::entered(words) {
        launch.confinement = Known::is(kind.to_string(), word.span);
    }
}

/// A package that the container's command fetches is what really starts; the image is the place where it does.
fn behind_image(launch: &mut Launch) -> Option<Vec<Word>> {
    let words = launch.inner.clone();
    let runs = |word: &Word| {
        matches!(program(&word.value).as_str(), "npx" | "bunx" | "pnpx" | "uvx" | "pipx" | "sh" | "bash" | "ash")
    };
    words.first().filter(|word| runs(word))?;
    let mut inner = super::read(&words);
    if inner.package.value().is_none() {
        launch.floating.append(&mut inner.floating);
        return None;
    }
    (launch.runner, launch.package) = (inner.runner, inner.package);
    (launch.version, launch.requested) = (inner.version, inner.requested);
    launch.floating.append(&mut inner.floating);
    launch.registries.append(&mut inner.registries);
    None
}

/// Flags before the first other word; those that name packages or registries are kept.
pub(super) struct Flags {
    packages: Vec<Word>,
    with: Vec<Word>,
    pub(super) rest: Vec<Word>,
}

pub(super) fn flags(words: &[Word], package: &[&str], valued: &[&str], launch: &mut Launch) -> Flags {
    let mut found = Flags { packages: Vec::new(), with: Vec::new(), rest: Vec::new() };
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let text = word.value.as_str();
        if text == "--" {
            at += 1;
            break;
        }
        if !text.starts_with('-') {
            break;
        }
        at += 1;
        let (flag, mut value) = match text.split_once('=') {
            Some((flag, value)) => (flag, Some(Spanned::new(value.to_string(), word.span))),
            None => (text, None),
        };
        let known = package.contains(&flag) || valued.contains(&flag) || REGISTRIES.contains(&flag) || flag == "--with";
        if known && value.is_none() {
            value = words.get(at).cloned();
            at += 1;
        }
        let Some(value) = value else { continue };
        if package.contains(&flag) {
            found.packages.push(value);
        } else if flag == "--with" {
            found.with.push(value);
        } else if REGISTRIES.contains(&flag) {
            let span = word.span.to(value.span);
            launch.registries.push(Spanned::new(format!("{flag} {}", value.value), span));
        }
    }
    found.rest = words.get(at..).unwrap_or_default().to_vec();
    found
}

fn npm(words: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    let mut found = flags(words, &["-p", "--package"], NPM_VALUES, launch);
    let package = if found.packages.is_empty() { take_first(&mut found.rest) } else { Some(found.packages.remove(0)) }?;
    for other in &found.packages {
        float(other, &npm_spec(&other.value), launch);
    }
    let inner = found.rest;
    settle(&package, npm_spec(&package.value), inner, launch)
}

fn python(words: &[Word], launch: &mut Launch, from: &str) -> Option<Vec<Word>> {
    let mut found = flags(words, &[from], UV_VALUES, launch);
    for other in &found.with {
        float(other, &python_spec(&other.value), launch);
    }
    let named = take_first(&mut found.rest);
    let package = found.packages.pop().or(named)?;
    settle(&package, python_spec(&package.value), found.rest, launch)
}

/// `uv tool run …`, or `uv run …` in a project, which fetches only what `--with` names.
fn uv(words: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    let global = flags(words, &[], UV_VALUES, launch);
    let rest = global.rest;
    match rest.iter().map(|word| word.value.as_str()).take(2).collect::<Vec<_>>().as_slice() {
        ["tool", "run"] => python(&rest[2..], launch, "--from"),
        ["run", ..] => {
            let found = flags(&rest[1..], &[], UV_VALUES, launch);
            for other in &found.with {
                float(other, &python_spec(&other.value), launch);
            }
            launch.inner = found.rest;
            None
        }
        _ => {
            launch.inner = rest;
            None
        }
    }
}

fn deno(words: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    let rest = words.get(1..).unwrap_or_default();
    let flag_count = rest.iter().take_while(|word| word.value.starts_with('-')).count();
    let (flags, rest) = rest.split_at(flag_count);
    let all = flags.iter().any(|word| matches!(word.value.as_str(), "-A" | "--allow-all"));
    if let Some(first) = words.first().filter(|word| !all && word.value == "run") {
        launch.confinement = Known::is("deno-permissions".to_string(), first.span);
    }
    let (package, inner) = rest.split_first()?;
    launch.inner = rest.to_vec();
    let spec = package.value.strip_prefix("npm:").or_else(|| package.value.strip_prefix("jsr:"))?;
    let spec = npm_spec(spec.trim_start_matches('/'));
    settle(package, spec, inner.to_vec(), launch)
}

fn go(words: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    let found = flags(words, &[], &["-C", "-tags", "-ldflags", "-mod"], launch);
    let (package, inner) = found.rest.split_first()?;
    launch.inner = found.rest.clone();
    let (name, version) = package.value.split_once('@')?;
    let exact = version.strip_prefix('v').is_some_and(is_version) || is_commit(version);
    let requested = version.to_string();
    let spec = Spec { name: name.to_string(), exact: exact.then(|| requested.clone()), requested: Some(requested) };
    settle(package, spec, inner.to_vec(), launch)
}

fn dotnet(words: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    let mut found = flags(words, &["--version"], &["--source", "--add-source"], launch);
    let package = take_first(&mut found.rest)?;
    let mut spec = npm_spec(&package.value);
    let version = found.rest.iter().position(|word| word.value == "--version").and_then(|at| found.rest.get(at + 1));
    if let Some(version) = version.or(found.packages.first()) {
        spec.exact = is_version(&version.value).then(|| version.value.clone());
        spec.requested = Some(version.value.clone());
    }
    settle(&package, spec, found.rest, launch)
}

fn take_first(words: &mut Vec<Word>) -> Option<Word> {
    (!words.is_empty()).then(|| words.remove(0))
}

/// Notes the package; a proxy gives way to the server behind it.
fn settle(place: &Word, spec: Spec, inner: Vec<Word>, launch: &mut Launch) -> Option<Vec<Word>> {
    launch.inner.clone_from(&inner);
    let behind = proxied(&Spanned::new(spec.name.clone(), place.span), &inner, launch);
    if behind.is_some() {
        float(place, &spec, launch);
        return behind;
    }
    if is_local(&place.value) {
        launch.inner.insert(0, place.clone());
        return None;
    }
    let known = |text: Option<String>, span: Span| text.map_or(Known::Absent, |text| Known::is(text, span));
    let placeholder = place.value.contains("${") || place.value.contains("{{");
    if placeholder {
        let reason = format!("`{}` is filled in by the host", place.value);
        launch.version = Known::unknown(reason.clone(), place.span);
        launch.package = Known::unknown(reason, place.span);
        return None;
    }
    launch.package = Known::is(spec.name, place.span);
    launch.requested = known(spec.requested, place.span);
    launch.version = known(spec.exact, place.span);
    None
}

pub(super) fn float(place: &Word, spec: &Spec, launch: &mut Launch) {
    if spec.exact.is_none() && !is_local(&place.value) {
        launch.floating.push(place.clone());
    }
}

/// What a proxy starts; a URL it connects to is noted.
fn proxied(package: &Word, inner: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    let name = program(&package.value);
    let (_, flag) = PROXIES.iter().find(|(proxy, _)| *proxy == name || *proxy == package.value)?;
    let url = inner.iter().find(|word| word.value.starts_with("http://") || word.value.starts_with("https://"));
    if let Some(url) = url {
        launch.remote = Known::is(url.value.clone(), url.span);
        return None;
    }
    if !flag.is_empty() {
        let at = inner.iter().position(|word| word.value == *flag)?;
        return inner.get(at + 1).map(shell::split);
    }
    let rest = match inner.iter().position(|word| word.value == "--") {
        Some(at) => inner.get(at + 1..).unwrap_or_default(),
        None => behind_flags(inner),
    };
    (rest.first().is_some_and(|word| !word.value.starts_with('-'))).then(|| rest.to_vec())
}

/// The command after a proxy's own flags: `-e NAME VALUE` takes two words, others one or none.
fn behind_flags(words: &[Word]) -> &[Word] {
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| word.value.starts_with('-')) {
        at += match word.value.as_str() {
            "-e" | "--env" => 3,
            flag if PROXY_VALUES.contains(&flag) => 2,
            _ => 1,
        };
    }
    words.get(at..).unwrap_or_default()
}

fn is_local(spec: &str) -> bool {
    spec.starts_with(['.', '/', '~'])
        || spec.starts_with("file:")
        || spec.get(1..3) == Some(":\\")
        || spec.starts_with("${workspaceFolder}")
}

/// The launch of a package that a catalogue names with its kind (`npm`, `pypi`, `oci`, …) and version.
pub fn package_of(kind: &str, identifier: &Word, version: Option<&Word>) -> Launch {
    let mut launch = Launch::default();
    let span = identifier.span;
    let known = |text: Option<String>, span: Span| text.map_or(Known::Absent, |text| Known::is(text, span));
    if matches!(kind, "oci" | "docker") {
        let (name, tag, digest) = image(&identifier.value);
        launch.runner = Known::is("docker".to_string(), span);
        launch.package = Known::is(name, span);
        launch.requested = known(tag.or_else(|| digest.clone()), span);
        launch.version = known(digest, span);
        return launch;
    }
    launch.runner = if kind.is_empty() { Known::Absent } else { Known::is(kind.to_string(), span) };
    launch.package = Known::is(identifier.value.clone(), span);
    if let Some(version) = version {
        let exact = if kind == "npm" { is_semver(&version.value) } else { is_version(&version.value) };
        launch.requested = Known::Is(version.clone());
        launch.version = known(exact.then(|| version.value.clone()), version.span);
    }
    launch
}
