//! `smithery.yaml`: how a server is started for its users. The command function is JavaScript; it is read, never run.

use crate::code::{self, MapKey, Module, Place, StatementKind, ValueId, ValueKind};
use crate::discover::hosts::Syntax;
use crate::document::{Document, Node};
use crate::extract::command::{self, Launch, Word};
use crate::extract::definitions::setting::Origin;
use crate::extract::definitions::{entry, placeholder};
use crate::extract::secrets;
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};
use crate::source::Span;

/// What stands for a value that the user gives.
const GIVEN: &[Syntax] = &[Syntax::UserConfig];
/// Names that are followed to where they are given a value.
const DEPTH: usize = 16;

/// Reads the start command in its old and new form.
pub fn extract(folder: &str, document: &Document, text: &str, facts: &mut Facts) {
    let Some(root) = document.root() else { return };
    let start = root.get("startCommand");
    let runtime = root.get("runtime").or_else(|| root.at(&["build", "dockerfile"]));
    let Some(place) = start.or(runtime) else { return };
    let kind = start.and_then(|start| start.get("type"));
    let function = start.and_then(|start| start.get("commandFunction")).filter(|node| node.as_str().is_some());
    let origin = Origin { definition: place.span(), file_kind: "bundle", hosts: &[], guests: &[] };
    let read = function.and_then(|node| Function::read(node, text));
    let line = read.as_ref().map(Function::line).unwrap_or_default();
    let about = About::new(if folder.is_empty() { "smithery" } else { folder }, place.span());
    let arguments = line.get(1..).unwrap_or_default().to_vec();
    let launch = if line.is_empty() { Launch::default() } else { command::read(&line) };
    let mut definition = entry::launched(about, &line, arguments, launch, origin, facts);
    definition.hosts = vec!["smithery".to_string()];
    definition.transport = match kind.and_then(|kind| Some((kind.as_str()?, kind.span()))) {
        Some((kind, span)) => Known::is(kind.to_string(), span),
        None if root.get("runtime").is_some() => Known::is("http".to_string(), place.span()),
        None => Known::Absent,
    };
    if let (Some(node), true) = (function, line.is_empty()) {
        definition.command = Known::unknown("the command function computes it", node.span());
    }
    let is_http = definition.transport.value().is_some_and(|transport| transport == "http");
    if definition.confinement.is_absent() {
        // Whoever installs it may start it as it stands; where Smithery hosts it, the image beside it runs.
        let reason = "left to Smithery, which runs what it hosts in a container of its own";
        definition.confinement = Known::unknown(reason, definition.about.span);
    }
    facts.definitions.push(definition);
    for (name, value) in read.iter().flat_map(Function::environment).chain(fixed(root)) {
        let judgement = placeholder::judge_for(&value.value, GIVEN);
        facts.settings.push(origin.judged("environment", &name.value, &value, name.span, judgement));
    }
    // Over HTTP the user's configuration travels in the query of the URL.
    let properties = start.and_then(|start| start.at(&["configSchema", "properties"])).filter(|_| is_http);
    for (name, _) in properties.into_iter().flat_map(Node::entries) {
        let Some(text) = name.scalar().filter(|text| secrets::names_secret(text)) else { continue };
        let value = Spanned::new(format!("${{user_config.{text}}}"), name.span());
        let judgement = placeholder::judge_for(&value.value, GIVEN);
        facts.settings.push(origin.judged("url", &text, &value, name.span(), judgement));
    }
}

/// Variables of the newer form, written out.
fn fixed(root: Node<'_>) -> Vec<(Word, Word)> {
    let entries = root.get("env").into_iter().flat_map(Node::entries);
    let word = |node: Node<'_>| Some(Spanned::new(node.scalar()?, node.span()));
    entries.filter_map(|(name, value)| Some((word(name)?, word(value)?))).collect()
}

/// A command function, parsed.
struct Function<'a> {
    module: Module,
    node: Node<'a>,
    raw: &'a str,
}

impl<'a> Function<'a> {
    fn read(node: Node<'a>, text: &'a str) -> Option<Self> {
        let span = node.span();
        let (module, _) = code::parse(span.source, "command.js", node.as_str()?)?;
        let raw = text.get(span.range()).unwrap_or_default();
        Some(Self { module, node, raw })
    }

    /// Value of a key in the object that the function gives back: the last that has it.
    fn given(&self, key: &str) -> Option<ValueId> {
        self.module.values.iter().rev().find_map(|value| {
            let ValueKind::Map(entries) = &value.kind else { return None };
            let has = |wanted: &str| {
                entries.iter().find(|entry| matches!(&entry.key, MapKey::Name(name, _) if name == wanted))
            };
            has("command")?;
            has(key).map(|entry| entry.value)
        })
    }

    fn line(&self) -> Vec<Word> {
        let command = self.given("command").and_then(|value| self.text(value, 0));
        let Some(command) = command else { return Vec::new() };
        let arguments = self.given("args").map(|value| self.list(value, 0)).unwrap_or_default();
        std::iter::once(command).chain(arguments).collect()
    }

    fn environment(&self) -> Vec<(Word, Word)> {
        // What a function makes of a map keeps its names.
        let direct = self.given("env").and_then(|value| self.map(value, 0));
        let named = || self.assigned("env").and_then(|value| self.map(value, 0));
        direct.or_else(named).unwrap_or_default()
    }

    fn map(&self, value: ValueId, depth: usize) -> Option<Vec<(Word, Word)>> {
        match &self.module.value(value).kind {
            ValueKind::Map(entries) => Some(
                entries
                    .iter()
                    .filter_map(|entry| match &entry.key {
                        MapKey::Name(name, _) => {
                            Some((self.word(name.to_string()), self.text(entry.value, depth + 1)?))
                        }
                        _ => None,
                    })
                    .collect(),
            ),
            ValueKind::Name(name) if depth < DEPTH => self.map(self.assigned(name)?, depth + 1),
            _ => None,
        }
    }

    fn list(&self, value: ValueId, depth: usize) -> Vec<Word> {
        match &self.module.value(value).kind {
            ValueKind::List(items) => items
                .iter()
                .flat_map(|item| match &self.module.value(*item).kind {
                    ValueKind::Spread(inner) if depth < DEPTH => self.list(*inner, depth + 1),
                    _ => self.text(*item, depth + 1).into_iter().collect(),
                })
                .collect(),
            ValueKind::Name(name) if depth < DEPTH => {
                self.assigned(name).map(|value| self.list(value, depth + 1)).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// A text; what the user gives stands as a placeholder.
    fn text(&self, value: ValueId, depth: usize) -> Option<Word> {
        let given = |name: &str| self.word(format!("${{user_config.{name}}}"));
        if depth > DEPTH {
            return None;
        }
        match &self.module.value(value).kind {
            ValueKind::Text(text) => Some(self.word(text.to_string())),
            ValueKind::Int(number) => Some(self.word(number.to_string())),
            ValueKind::Bool(flag) => Some(self.word(flag.to_string())),
            ValueKind::Template(parts) => {
                let parts = parts.iter().map(|part| self.text(*part, depth + 1).map(|word| word.value));
                Some(self.word(parts.map(|part| part.unwrap_or_default()).collect()))
            }
            ValueKind::Field { name, .. } => Some(given(name)),
            ValueKind::Name(name) => self.assigned(name).and_then(|value| self.text(value, depth + 1)),
            ValueKind::Call(call) => call.arguments.first().and_then(|argument| self.text(argument.value, depth + 1)),
            ValueKind::Choice { then, .. } => self.text(*then, depth + 1),
            ValueKind::Binary { left, .. } => self.text(*left, depth + 1),
            _ => None,
        }
    }

    /// What a name is first given.
    fn assigned(&self, name: &str) -> Option<ValueId> {
        let blocks = self.module.functions.iter().flat_map(|function| &function.body.statements);
        let assignments = blocks.filter_map(|statement| match &statement.kind {
            StatementKind::Assign(assignment) => Some(assignment),
            _ => None,
        });
        let named = |place: &Place| matches!(place, Place::Name(found, _) if found == name);
        assignments.filter(|assignment| assignment.places.iter().any(named)).find_map(|assignment| assignment.value)
    }

    /// A word at its place in the file, where it stands there as it is.
    fn word(&self, text: String) -> Word {
        let span = self.node.span();
        let bare = text.strip_prefix("${user_config.").and_then(|rest| rest.strip_suffix('}')).unwrap_or(&text);
        let place = if bare.is_empty() { None } else { self.raw.find(bare) };
        let place = place.map_or(span, |at| {
            let start = span.start as usize + at;
            Span::new(span.source, start, start + bare.len())
        });
        Spanned::new(text, place)
    }
}
