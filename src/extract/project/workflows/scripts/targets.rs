//! Files that name scripts: package manifests, makefiles, justfiles, task files, and those of Python's runners.

use std::sync::LazyLock;

use regex::Regex;

use super::{DEFAULT, LONGEST, Scripts};
use crate::discover::kind::name_of;
use crate::document::{Document, Node};
use crate::load::{File, Loaded};
use crate::model::known::Spanned;
use crate::source::{SourceId, Span};

/// Targets of one file.
const MOST: usize = 2_000;

static SESSION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"session\.run(?:_always|_install)?\(([^)]*)\)").expect("a fixed pattern"));

/// Everything that the files of a tree name.
#[derive(Default)]
pub struct Targets {
    /// What each comes to.
    pub scripts: Scripts,
}

/// A target while its lines are read.
struct Open {
    names: Vec<String>,
    start: usize,
    end: usize,
    lines: Vec<String>,
}

impl Targets {
    /// Takes what a file names, if it names anything.
    pub fn read(&mut self, loaded: &Loaded, file: &File) {
        let text = loaded.sources.get(file.source).text();
        if text.len() > LONGEST {
            return;
        }
        let name = name_of(&file.path);
        let root = || loaded.document(file).and_then(Document::root);
        match name.to_ascii_lowercase().as_str() {
            "package.json" => self.map("npm", root(), &["scripts"]),
            "deno.json" | "deno.jsonc" => self.map("deno", root(), &["tasks"]),
            "mise.toml" | ".mise.toml" => self.map("mise", root(), &["tasks"]),
            "taskfile.yml" | "taskfile.yaml" => self.map("task", root(), &["tasks"]),
            "pyproject.toml" => self.python(root()),
            "makefile" | "gnumakefile" => self.rules("make", file.source, text, make_target),
            "justfile" | ".justfile" => self.rules("just", file.source, text, just_recipe),
            "tox.ini" => self.rules("tox", file.source, text, tox_section),
            "noxfile.py" => self.rules("nox", file.source, text, nox_session),
            _ if name.ends_with(".mk") => self.rules("make", file.source, text, make_target),
            _ => {}
        }
    }

    fn add(&mut self, runner: &'static str, name: &str, text: String, span: Span) {
        let name = if name == "default" { DEFAULT } else { name };
        self.scripts.entry((runner, name.to_string())).or_insert(Spanned::new(text, span));
    }

    fn map(&mut self, runner: &'static str, root: Option<Node<'_>>, keys: &[&str]) {
        let entries = root.and_then(|root| root.at(keys)).into_iter().flat_map(Node::entries).take(MOST);
        for (key, value) in entries {
            if let Some(name) = key.scalar() {
                self.add(runner, &name, commands(runner, value), value.span());
            }
        }
    }

    fn python(&mut self, root: Option<Node<'_>>) {
        self.map("poe", root, &["tool", "poe", "tasks"]);
        self.map("pdm", root, &["tool", "pdm", "scripts"]);
        let environments =
            root.and_then(|root| root.at(&["tool", "hatch", "envs"])).into_iter().flat_map(Node::entries);
        for (_, environment) in environments {
            self.map("hatch", Some(environment), &["scripts"]);
        }
    }

    /// Files of lines: a line that begins a target, and the indented ones below it.
    fn rules(&mut self, runner: &'static str, source: SourceId, text: &str, begins: fn(&str) -> Option<Begin>) {
        let mut open: Option<Open> = None;
        let (mut at, mut first) = (0, true);
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let is_inside = line.starts_with([' ', '\t']) || line.trim().is_empty();
            if let Some(begin) = begins(line.trim_end()).filter(|_| !line.starts_with([' ', '\t'])) {
                first = self.close(runner, source, open.take(), first);
                let called = Some(format!("{runner} {}", begin.needs.join(" "))).filter(|_| !begin.needs.is_empty());
                let lines = called.into_iter().chain(begin.command).collect();
                open = Some(Open { names: begin.names, start, end: start + line.trim_end().len(), lines });
            } else if let (true, Some(open)) = (is_inside, open.as_mut()) {
                open.lines.extend(recipe(runner, line));
                open.end = (start + line.trim_end().len()).max(open.end);
            } else if !line.starts_with('#') && !line.starts_with('@') && runner != "tox" {
                first = self.close(runner, source, open.take(), first);
            } else if let (Some(open), Some(rest)) = (open.as_mut(), line.strip_prefix("commands")) {
                open.lines.extend(recipe(runner, rest.trim_start().trim_start_matches('=')));
            }
        }
        self.close(runner, source, open, first);
    }

    /// Files one target; the first of a file is what its runner does without a name.
    fn close(&mut self, runner: &'static str, source: SourceId, open: Option<Open>, first: bool) -> bool {
        let Some(open) = open.filter(|_| self.scripts.len() < MOST * 10) else { return first };
        let span = Span::new(source, open.start, open.end);
        for name in open.names.iter().filter(|name| !name.starts_with('.')) {
            self.add(runner, name, open.lines.join("\n"), span);
        }
        let is_default =
            first && matches!(runner, "make" | "just") && open.names.iter().any(|name| !name.starts_with('.'));
        if is_default {
            self.add(runner, DEFAULT, open.lines.join("\n"), span);
        }
        first && !is_default
    }
}

/// What the line that begins a target says.
struct Begin {
    names: Vec<String>,
    /// Targets that it runs first.
    needs: Vec<String>,
    /// A command on the same line.
    command: Option<String>,
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_string).collect()
}

fn make_target(line: &str) -> Option<Begin> {
    let (names, rest) = line.split_once(':').filter(|(names, _)| !names.contains(['=', '#', '$', '"']))?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    if rest.starts_with('=') || rest.contains(":=") {
        return None;
    }
    let (needs, command) = rest.split_once(';').map_or((rest, None), |(needs, command)| (needs, Some(command)));
    let needs = needs.split('#').next().unwrap_or_default();
    Some(Begin { names: words(names), needs: words(needs), command: command.map(str::to_string) })
}

fn just_recipe(line: &str) -> Option<Begin> {
    let (head, needs) = line.split_once(':').filter(|(_, rest)| !rest.starts_with('='))?;
    let name = head.trim_start_matches('@').split_whitespace().next().filter(|name| !name.starts_with(['#', '[']))?;
    let is_name = |word: &str| word.chars().all(|one| one.is_ascii_alphanumeric() || matches!(one, '_' | '-'));
    // A need with arguments stands in brackets: `(lint 'x')`.
    let needs = needs
        .split_whitespace()
        .map(|word| word.trim_start_matches('('))
        .filter(|word| !word.is_empty() && is_name(word));
    is_name(name).then(|| Begin { names: vec![name.into()], needs: needs.map(str::to_string).collect(), command: None })
}

fn tox_section(line: &str) -> Option<Begin> {
    let name = line.strip_prefix('[')?.strip_suffix(']')?;
    let name = name.strip_prefix("testenv:").unwrap_or(if name == "testenv" { DEFAULT } else { "." });
    Some(Begin { names: vec![name.to_string()], needs: Vec::new(), command: None })
}

fn nox_session(line: &str) -> Option<Begin> {
    let name = line.strip_prefix("def ")?.split('(').next()?;
    let names = vec![name.to_string(), name.replace('_', "-")];
    Some(Begin { names, needs: Vec::new(), command: None })
}

/// A line of a recipe as a command; nothing where its failure counts for nothing.
fn recipe(runner: &str, line: &str) -> Option<String> {
    let bare = line.trim().trim_start_matches(['@', '+']);
    if runner == "nox" {
        let run = SESSION.captures(bare)?;
        let text = run.get(1)?.as_str().replace(['"', '\'', ','], " ");
        return Some(words(&text).join(" "));
    }
    if bare.is_empty() || bare.starts_with('#') || bare.starts_with('-') {
        return None;
    }
    let is_setting = runner == "tox" && bare.split_once('=').is_some_and(|(key, _)| !key.trim().contains([' ', '-']));
    (!is_setting).then(|| bare.to_string())
}

/// The commands of an entry, however it is written: a text, a list, or a map with keys for them.
fn commands(runner: &str, node: Node<'_>) -> String {
    if let Some(text) = node.scalar() {
        return text;
    }
    let is_soft =
        |node: Node<'_>| node.get("ignore_error").or(node.get("ignore_fail")).and_then(Node::as_switch) == Some(true);
    let mut lines: Vec<String> = Vec::new();
    for need in ["deps", "depends"].iter().filter_map(|key| node.get(key)).flat_map(Node::items) {
        lines.extend(need.scalar().or_else(|| need.get("task")?.scalar()).map(|name| format!("{runner} {name}")));
    }
    let keys = ["cmds", "cmd", "run", "shell", "script", "sequence", "composite", "command"];
    let parts = keys.iter().filter_map(|key| node.get(key)).chain([node]);
    for part in parts.filter(|part| !is_soft(*part)) {
        lines.extend(part.scalar());
        for item in part.items().filter(|item| !is_soft(*item)) {
            let called =
                item.get("task").or(item.get("ref")).and_then(Node::scalar).map(|name| format!("{runner} {name}"));
            lines.extend(item.scalar().or_else(|| item.get("cmd")?.scalar()).or(called));
        }
    }
    lines.join("\n")
}
