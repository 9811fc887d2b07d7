//! One entry of a client or host configuration.

use crate::document::{Node, NodeKind};
use crate::extract::command::{self, Launch, Word};
use crate::extract::definitions::setting::Origin;
use crate::extract::definitions::{Readers, access};
use crate::model::definition::{Definition, Setting};
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};
use crate::source::Span;

const URLS: &[&str] = &["url", "serverUrl", "httpUrl", "uri", "endpoint"];
const COMMANDS: &[&str] = &["command", "cmd"];

/// Whether a node launches or reaches a server.
pub fn is_server(node: Node<'_>) -> bool {
    let node = settled(node);
    is_inline(node) || first(node, COMMANDS).is_some() || first(node, URLS).is_some_and(|url| url.as_str().is_some())
}

/// Some hosts nest the process under a key of its own.
fn settled(node: Node<'_>) -> Node<'_> {
    node.get("transport").filter(|inner| inner.is_map() && first(*inner, COMMANDS).is_some()).unwrap_or(node)
}

/// Python that stands in the entry itself; the host runs it with `uvx` and the packages that it lists.
fn is_inline(node: Node<'_>) -> bool {
    node.get("type").and_then(Node::as_str) == Some("inline_python") && node.get("code").is_some()
}

/// The command line behind such an entry.
fn inline_line(process: Node<'_>) -> Option<(Vec<Word>, Vec<Word>)> {
    let code = process.get("code").filter(|_| is_inline(process))?;
    let word = |text: &str| Spanned::new(text.to_string(), code.span());
    let listed = process.get("dependencies").map(words).unwrap_or_default();
    let with = listed.into_iter().flat_map(|package| [Spanned::new("--with".to_string(), package.span), package]);
    let line = [word("uvx")].into_iter().chain(with).chain([word("python"), word("-c"), word("code")]);
    Some((line.collect(), Vec::new()))
}

/// Reads an entry into a definition with its settings and, where it starts one, its container.
pub fn extract(name: Node<'_>, server: Node<'_>, readers: &Readers, facts: &mut Facts) {
    let process = settled(server);
    let place = if name.id() == server.id() { server.span() } else { name.span() };
    let origin =
        Origin { definition: place, file_kind: readers.file_kind, hosts: &readers.hosts, guests: &readers.guests };
    let (words, arguments) = inline_line(process).unwrap_or_else(|| command_line(process));
    let launch = command::read(&words);
    let mut definition =
        launched(About::new(name.scalar().unwrap_or_default(), place), &words, arguments, launch, origin, facts);
    let hosts: Vec<_> = readers.hosts.iter().chain(&readers.guests).collect();
    definition.hosts = hosts.iter().map(|host| host.id.clone()).collect();
    definition.can_name_tools = hosts.iter().all(|host| host.names_tools);
    definition.project_scope = readers.project;
    definition.url = match first(process, URLS) {
        Some(url) => text(url),
        None => definition.url,
    };
    definition.transport = transport(process, &definition);
    definition.disabled = is(server, "disabled", true) || is(server, "enabled", false);
    tools(server, &mut definition);
    sandbox(server, &mut definition);
    facts.settings.extend(settings(process, &definition, origin));
    access::of_entry(server, &definition, facts);
    facts.definitions.push(definition);
}

/// A definition of what a command line launches. Its arguments, variables set on the way and container become facts.
pub fn launched(
    about: About,
    words: &[Word],
    arguments: Vec<Word>,
    launch: Launch,
    origin: Origin<'_>,
    facts: &mut Facts,
) -> Definition {
    let (span, name) = (about.span, about.name.clone());
    facts.settings.extend(launch.assignments.iter().filter_map(|word| {
        let (name, value) = word.value.split_once('=')?;
        Some(origin.setting("environment", name, &Spanned::new(value.to_string(), word.span), word.span))
    }));
    let values = launch.container.as_ref().map_or(arguments.as_slice(), |run| run.command.as_slice());
    facts.settings.extend(origin.arguments(values));
    if let Some(mut run) = launch.container {
        run.container.about.part_of = Some(span);
        if run.container.about.name.is_empty() {
            run.container.about.name = name;
        }
        for setting in &mut run.settings {
            setting.about.part_of = Some(span);
        }
        run.into_facts(facts);
    }
    let first = words.first();
    Definition {
        about,
        hosts: Vec::new(),
        transport: Known::Absent,
        command: first.map_or(Known::Absent, |word| Known::Is(word.clone())),
        arguments,
        url: launch.remote,
        runner: launch.runner,
        package: launch.package,
        version: launch.version,
        requested_version: launch.requested,
        floating: launch.floating,
        disabled: false,
        enabled_tools: Known::Absent,
        can_name_tools: false,
        disabled_tools: Vec::new(),
        auto_approved: Vec::new(),
        registry_overrides: launch.registries,
        download_and_run: launch.download_and_run,
        confinement: launch.confinement,
        project_scope: true,
        approved: Known::Absent,
        command_line: words.to_vec(),
        inner: launch.inner,
    }
}

/// All words, and the arguments as written.
fn command_line(process: Node<'_>) -> (Vec<Word>, Vec<Word>) {
    let listed = ["args", "arguments"].iter().find_map(|key| process.get(key));
    let mut arguments: Vec<Word> = listed.map(words).unwrap_or_default();
    let Some(command) = first(process, COMMANDS) else { return (Vec::new(), arguments) };
    let mut line = match command.kind() {
        NodeKind::List(_) => words(command),
        NodeKind::Map(_) => {
            arguments.extend(command.get("args").map(words).unwrap_or_default());
            command.get("path").map(words).unwrap_or_default()
        }
        _ => words(command).iter().flat_map(|word| divided(word, arguments.is_empty())).collect(),
    };
    if arguments.is_empty() && line.len() > 1 {
        arguments = line.split_off(1);
    }
    line.extend(arguments.iter().cloned());
    (line, arguments)
}

/// A command that holds blanks is a whole line where no arguments stand beside it; else it is a path with blanks,
/// unless its first word is a program without folders.
fn divided(word: &Word, alone: bool) -> Vec<Word> {
    if !word.value.contains(' ') {
        return vec![word.clone()];
    }
    let path = word.value.split(' ').next().is_some_and(|first| first.contains(['/', '\\']));
    let whole = path && (!alone || word.value.ends_with(".exe"));
    if whole { vec![word.clone()] } else { command::split(word) }
}

fn words(node: Node<'_>) -> Vec<Word> {
    let word = |node: Node<'_>| Some(Spanned::new(node.scalar()?, node.span()));
    match node.kind() {
        NodeKind::List(_) => node.items().filter_map(word).collect(),
        _ => word(node).into_iter().collect(),
    }
}

fn transport(process: Node<'_>, definition: &Definition) -> Known<String> {
    let written = ["type", "transport", "transportType"]
        .iter()
        .find_map(|key| process.get(key).filter(|node| node.as_str().is_some()));
    if let Some(node) = written {
        let name = match node.as_str().unwrap_or_default().to_ascii_lowercase().replace(['-', '_'], "").as_str() {
            "stdio" | "local" => "stdio",
            "http" | "streamablehttp" | "remote" => "http",
            "sse" => "sse",
            "ws" | "websocket" => "websocket",
            _ => "",
        };
        if !name.is_empty() {
            return Known::is(name.to_string(), node.span());
        }
    }
    match (&definition.command, &definition.url) {
        (Known::Is(command), _) => Known::is("stdio".to_string(), command.span),
        (_, Known::Is(url)) => Known::is("http".to_string(), url.span),
        _ => Known::Absent,
    }
}

fn tools(server: Node<'_>, definition: &mut Definition) {
    let names = |key: &str| server.get(key).filter(|node| node.is_list()).map(|node| (words(node), node.span()));
    for key in ["tools", "enabled_tools", "enabledTools", "includeTools", "available_tools", "allowedTools"] {
        let Some((names, span)) = names(key) else { continue };
        // An empty list enables all where hosts say so; everywhere else it would enable none, which nobody writes.
        if !names.is_empty() && !names.iter().any(|name| name.value == "*") {
            definition.enabled_tools = Known::is(names, span);
        }
    }
    for key in ["disabled_tools", "disabledTools", "excludeTools", "deniedTools"] {
        definition.disabled_tools.extend(names(key).map(|(names, _)| names).unwrap_or_default());
    }
    for key in ["autoApprove", "alwaysAllow", "always_allow", "auto_approve", "trust"] {
        let Some(node) = server.get(key) else { continue };
        match node.as_bool() {
            Some(true) => definition.auto_approved.push(Spanned::new("*".to_string(), node.span())),
            Some(false) => {}
            None => definition.auto_approved.extend(words(node)),
        }
    }
    if let Some(mode) = server.get("default_tools_approval_mode").filter(|mode| mode.as_str() == Some("approve")) {
        definition.auto_approved.push(Spanned::new("*".to_string(), mode.span()));
    }
    for (name, tool) in server.get("tools").into_iter().flat_map(Node::entries) {
        let approved = tool.get("approval_mode").filter(|mode| mode.as_str() == Some("approve"));
        if let (Some(mode), Some(name)) = (approved, name.scalar()) {
            definition.auto_approved.push(Spanned::new(name, mode.span()));
        }
    }
}

/// The editor's sandbox confines the process, and approves its tools without a question.
fn sandbox(server: Node<'_>, definition: &mut Definition) {
    let Some(switch) = server.get("sandboxEnabled").filter(|switch| switch.as_bool() == Some(true)) else { return };
    definition.confinement = Known::is("vscode-sandbox".to_string(), switch.span());
    definition.auto_approved.push(Spanned::new("*".to_string(), switch.span()));
}

fn settings(process: Node<'_>, definition: &Definition, origin: Origin<'_>) -> Vec<Setting> {
    let mut found = Vec::new();
    let nested = process.get("command").and_then(|command| command.get("env"));
    for map in ["env", "environment", "envs"].iter().filter_map(|key| process.get(key)).chain(nested) {
        found.extend(origin.map("environment", map));
    }
    for map in ["headers", "http_headers"]
        .iter()
        .filter_map(|key| process.get(key))
        .chain(process.at(&["requestOptions", "headers"]))
    {
        found.extend(origin.map("header", map));
    }
    let forwarded = |key: &str| {
        process.get(key).into_iter().flat_map(Node::items).filter_map(|item| {
            let name = item.get("name").unwrap_or(item);
            Some(Spanned::new(name.as_str()?.to_string(), name.span()))
        })
    };
    for name in forwarded("env_vars").chain(forwarded("env_keys")) {
        found.push(origin.forwarded("environment", &name));
    }
    for (name, _) in process.get("env_http_headers").into_iter().flat_map(Node::entries) {
        found.extend(name.scalar().map(|text| origin.forwarded("header", &Spanned::new(text, name.span()))));
    }
    if let Some(node) = process.get("bearer_token_env_var") {
        found.push(origin.forwarded("header", &Spanned::new("Authorization".to_string(), node.span())));
    }
    if let Some(node) = process.get("envFile").or_else(|| process.get("env_file")) {
        let mut file = origin.forwarded("environment", &Spanned::new(node.scalar().unwrap_or_default(), node.span()));
        file.value = Known::unknown("every variable of that file is passed on", node.span());
        found.push(file);
    }
    for (key, node) in secrets_of_auth(process) {
        found.push(origin.setting(
            "header",
            key,
            &Spanned::new(node.scalar().unwrap_or_default(), node.span()),
            node.span(),
        ));
    }
    if let Known::Is(url) = &definition.url {
        found.push(origin.setting("url", "url", url, url.span));
    }
    found
}

fn secrets_of_auth(process: Node<'_>) -> Vec<(&'static str, Node<'_>)> {
    let chains: &[(&'static str, &[&str])] = &[
        ("client_secret", &["auth", "CLIENT_SECRET"]),
        ("client_secret", &["oauth", "client_secret"]),
        ("client_secret", &["oauth", "clientSecret"]),
        ("bearer_token", &["bearer_token"]),
        ("apiKey", &["apiKey"]),
    ];
    chains
        .iter()
        .filter_map(|(name, chain)| Some((*name, process.at(chain).filter(|node| node.scalar().is_some())?)))
        .collect()
}

fn text(node: Node<'_>) -> Known<String> {
    node.scalar().map_or(Known::Absent, |text| Known::is(text, node.span()))
}

fn is(node: Node<'_>, key: &str, value: bool) -> bool {
    node.get(key).and_then(Node::as_bool) == Some(value)
}

fn first<'a>(node: Node<'a>, keys: &[&str]) -> Option<Node<'a>> {
    keys.iter().find_map(|key| node.get(key)).filter(|found| !found.is_null())
}

/// A place for a definition that has no key of its own.
pub fn place_of(node: Node<'_>, key: &str) -> Span {
    node.get(key).map_or(node.span(), |name| name.span())
}
