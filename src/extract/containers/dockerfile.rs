//! Dockerfiles to recipes: stages, the user that each ends with, what goes into layers.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{RunContainer, image, is_root, setting};
use crate::document::Node;
use crate::embedded;
use crate::extract::shell;
use crate::model::container::Image;
use crate::model::definition::Setting;
use crate::model::known::{Known, Spanned};
use crate::source::{SourceId, Span};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Users {
    root: Vec<String>,
    ordinary: Vec<String>,
    ordinary_tags: Vec<String>,
}

static USERS: LazyLock<Users> = LazyLock::new(|| {
    let text = embedded::text("base-images.yml").expect("the table is embedded");
    serde_yaml::from_str(text).expect("the built-in table is valid")
});

/// What one Dockerfile builds.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// In order.
    pub stages: Vec<Stage>,
    /// Images of `FROM`, without those that are stages here.
    pub bases: Vec<Image>,
    /// Places where the whole build context is copied.
    pub whole_copies: Vec<Span>,
    place: Span,
    settings: Vec<Setting>,
    copied_secrets: Vec<Spanned<String>>,
    download_and_run: Vec<Spanned<String>>,
    unchecked_downloads: Vec<Spanned<String>>,
    options: Vec<Spanned<String>>,
}

/// A stage and what holds at its end.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    /// Its name after `AS`.
    pub name: Option<String>,
    /// Reference of its base; of its base's base where that is a stage here.
    pub base: Known<String>,
    /// User at its end.
    pub user: Known<String>,
    /// Whether that is root.
    pub runs_as_root: Known<bool>,
    /// Entry point and arguments at its end.
    pub command: Vec<Spanned<String>>,
    /// What says who runs it, base image first: places with clauses.
    pub users: Vec<(Span, String)>,
    entrypoint: Vec<Spanned<String>>,
}

impl Stage {
    /// Entry point, then its arguments.
    pub fn whole_command(&self) -> Vec<Spanned<String>> {
        self.entrypoint.iter().chain(&self.command).cloned().collect()
    }
}

impl Recipe {
    /// The stage of a name or number, else the last one.
    pub fn stage(&self, target: Option<&str>) -> Option<&Stage> {
        let Some(target) = target else { return self.stages.last() };
        let named = self
            .stages
            .iter()
            .find(|stage| stage.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(target)));
        named.or_else(|| self.stages.get(target.parse::<usize>().ok()?))
    }

    /// The stage that is built where none is named.
    pub fn last_stage(&self) -> Option<&Stage> {
        self.stages.last()
    }

    /// The recipe as a container that nothing deploys yet.
    pub fn container(&self, path: &str) -> RunContainer {
        let mut run = RunContainer::new("dockerfile", path, self.place);
        let container = &mut run.container;
        container.deployment = false;
        container.built_from = Some(path.to_string());
        container.privilege_escalation = Known::Absent;
        container.syscall_filter = Known::Absent;
        container.copied_secrets = self.copied_secrets.clone();
        container.download_and_run = self.download_and_run.clone();
        container.unchecked_downloads = self.unchecked_downloads.clone();
        container.options = self.options.clone();
        if let Some(stage) = self.stages.last() {
            container.image = stage.base.clone();
            container.user = stage.user.clone();
            container.runs_as_root = stage.runs_as_root.clone();
            stage.users.iter().for_each(|(span, says)| container.note("user", "dockerfile", says.clone(), *span));
            run.command = stage.whole_command();
        }
        run.settings = self.settings.clone();
        run
    }
}

/// Reads the instructions of a parsed Dockerfile.
pub fn read(root: Node<'_>, source: SourceId) -> Recipe {
    let mut recipe = Recipe {
        stages: vec![],
        bases: vec![],
        whole_copies: vec![],
        place: Span::new(source, 0, 0),
        settings: vec![],
        copied_secrets: vec![],
        download_and_run: vec![],
        unchecked_downloads: vec![],
        options: vec![],
    };
    for instruction in root.items().filter(|instruction| instruction.get("onbuild").is_none()) {
        take(&mut recipe, instruction);
    }
    if let Some(from) = root.items().rfind_from() {
        recipe.place = from;
    }
    recipe
}

trait LastFrom {
    /// Place of the last `FROM`: that is what is built.
    fn rfind_from(self) -> Option<Span>;
}

impl<'a, I: Iterator<Item = Node<'a>>> LastFrom for I {
    fn rfind_from(self) -> Option<Span> {
        let froms = self.filter(|instruction| name_of(*instruction) == "FROM");
        froms.last().map(|from| from.get("image").unwrap_or(from).span())
    }
}

fn name_of(instruction: Node<'_>) -> &str {
    instruction.get("instruction").and_then(Node::as_str).unwrap_or("")
}

fn take(recipe: &mut Recipe, instruction: Node<'_>) {
    match name_of(instruction) {
        "FROM" => from(recipe, instruction),
        "USER" => user(recipe, instruction),
        "ENV" => variables(recipe, instruction, "image-environment"),
        "ARG" => variables(recipe, instruction, "build-argument"),
        "COPY" | "ADD" => copy(recipe, instruction),
        "RUN" => run(recipe, instruction),
        "CMD" | "ENTRYPOINT" => command(recipe, instruction),
        "HEALTHCHECK" if words(instruction).first().is_some_and(|word| word.value == "NONE") => {
            recipe.options.push(Spanned::new("healthcheck=none".into(), instruction.span()));
        }
        _ => {}
    }
}

fn words(instruction: Node<'_>) -> Vec<Spanned<String>> {
    let args = instruction.get("args").into_iter().flat_map(Node::items);
    args.filter_map(|word| Some(Spanned::new(word.scalar()?, word.span()))).collect()
}

/// Why an instruction's value is not known, where a variable of it has none.
fn unresolved(instruction: Node<'_>) -> Option<String> {
    let name = instruction.get("unresolved")?.items().next()?.scalar()?;
    Some(format!("set by `${{{name}}}`, which has no value in this file"))
}

fn from(recipe: &mut Recipe, instruction: Node<'_>) {
    let name = instruction.get("name").and_then(Node::scalar);
    let Some(base) = instruction.get("image") else { return };
    let reference = Spanned::new(base.scalar().unwrap_or_default(), base.span());
    let parent = recipe
        .stages
        .iter()
        .rev()
        .find(|stage| stage.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&reference.value)));
    if let Some(parent) = parent {
        let stage = Stage { name, ..parent.clone() };
        recipe.stages.push(stage);
        return;
    }
    // A variable of the platform says nothing about the image.
    if let Some(reason) = unresolved(instruction).filter(|_| reference.value.contains('$')) {
        let unknown = || Known::unknown(reason.clone(), base.span());
        let mut found = image::read(&reference, "base", false);
        (found.reference, found.tag) = (unknown(), unknown());
        if found.digest.is_absent() {
            found.digest = unknown();
        }
        recipe.bases.push(found);
        recipe.stages.push(Stage {
            name,
            base: unknown(),
            runs_as_root: Known::unknown(reason.clone(), base.span()),
            ..Stage::default()
        });
        return;
    }
    if reference.value != "scratch" {
        recipe.bases.push(image::read(&reference, "base", false));
    }
    let runs_as_root = user_of_base(&reference);
    let users = match &runs_as_root {
        Known::Is(root) if root.value => {
            vec![(reference.span, format!("base image `{}` runs as root", reference.value))]
        }
        Known::Is(_) => vec![(reference.span, format!("base image `{}` runs as an ordinary user", reference.value))],
        Known::Unknown(_) | Known::Absent => Vec::new(),
    };
    recipe.stages.push(Stage {
        name,
        base: Known::is(reference.value, reference.span),
        runs_as_root,
        users,
        ..Stage::default()
    });
}

/// Whether a base image runs as root when nothing says otherwise.
fn user_of_base(reference: &Spanned<String>) -> Known<bool> {
    let name = image::name(&reference.value);
    let tag = image::parts(&reference.value).0.unwrap_or("");
    let covers = |entry: &String| match entry.strip_suffix("/*") {
        Some(folder) => name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
        None => name == entry,
    };
    if USERS.ordinary_tags.iter().any(|part| tag.contains(part.as_str())) || USERS.ordinary.iter().any(covers) {
        return Known::is(false, reference.span);
    }
    if USERS.root.iter().any(covers) {
        return Known::is(true, reference.span);
    }
    Known::unknown(
        format!("not stated: no user is set, and that of the base image `{name}` is not visible here"),
        reference.span,
    )
}

fn user(recipe: &mut Recipe, instruction: Node<'_>) {
    let Some(stage) = recipe.stages.last_mut() else { return };
    let Some(user) = words(instruction).into_iter().next() else { return };
    stage.users.push((user.span, format!("USER {}", user.value)));
    stage.user = match unresolved(instruction) {
        Some(reason) => Known::unknown(reason, user.span),
        None => Known::is(user.value, user.span),
    };
    stage.runs_as_root = is_root(&stage.user);
}

fn variables(recipe: &mut Recipe, instruction: Node<'_>, channel: &str) {
    for (key, value) in instruction.get("pairs").into_iter().flat_map(Node::entries) {
        let Some(name) = key.scalar() else { continue };
        let text = value.scalar().map(|text| Spanned::new(text, value.span()));
        recipe.settings.push(setting::variable(channel, "dockerfile", &Spanned::new(name, key.span()), text.as_ref()));
    }
}

fn copy(recipe: &mut Recipe, instruction: Node<'_>) {
    let mut sources = words(instruction);
    sources.pop();
    let flag = |name: &str| {
        let mut flags = instruction.get("flags").into_iter().flat_map(Node::items);
        flags.any(|flag| {
            flag.get("name").and_then(Node::as_str).is_some_and(|found| found.trim_start_matches('-') == name)
        })
    };
    let (is_foreign, is_checked) = (flag("from"), flag("checksum"));
    for source in sources {
        if !is_foreign && matches!(source.value.as_str(), "." | "./" | "*" | "./*") {
            recipe.whole_copies.push(source.span);
        } else if holds_secrets(&source.value) {
            recipe.copied_secrets.push(source);
        } else if is_fetched(&source.value) && !is_checked {
            recipe.unchecked_downloads.push(source);
        }
    }
}

/// Whether `ADD` fetches a source from an address that may serve something else tomorrow.
fn is_fetched(source: &str) -> bool {
    let is_git = source.ends_with(".git") || source.contains(".git#") || source.starts_with("git@");
    // A whole commit names one content.
    let reference = source.split_once('#').map(|(_, reference)| reference.split(':').next().unwrap_or(reference));
    let is_commit = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_git || source.contains("://")) && !(is_git && reference.is_some_and(is_commit))
}

/// Whether a file of that name is made to hold secrets.
fn holds_secrets(path: &str) -> bool {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    let is_template =
        ["example", "sample", "template", "dist", "defaults", "schema"].iter().any(|end| name.ends_with(end));
    let exact = [
        ".env",
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        ".npmrc",
        ".pypirc",
        ".netrc",
        ".aws",
        ".ssh",
        ".kube",
        ".gnupg",
        ".git-credentials",
        ".docker",
        "credentials.json",
        "service-account.json",
        ".htpasswd",
        ".vault-token",
    ];
    let ends = [".key", ".p12", ".pfx", ".jks", ".keystore", ".ppk"];
    !is_template && (exact.contains(&name) || name.starts_with(".env.") || ends.iter().any(|end| name.ends_with(end)))
}

fn run(recipe: &mut Recipe, instruction: Node<'_>) {
    let value = instruction.get("value");
    let text = value.and_then(Node::scalar).unwrap_or_default();
    let heredocs = instruction.get("heredocs").into_iter().flat_map(Node::items);
    let texts = heredocs.filter_map(|heredoc| heredoc.get("text")?.scalar()).chain([text]);
    let span = value.map_or(instruction.span(), Node::span);
    for found in texts.filter_map(|text| shell::download_and_run(&text).map(str::to_string)) {
        recipe.download_and_run.push(Spanned::new(found, span));
    }
    for flag in instruction.get("flags").into_iter().flat_map(Node::items) {
        let part = |key: &str| flag.get(key).and_then(Node::scalar).unwrap_or_default();
        let (name, value) = (part("name"), part("value"));
        if matches!(name.trim_start_matches('-'), "security" | "network") {
            recipe.options.push(Spanned::new(format!("run.{}={value}", name.trim_start_matches('-')), flag.span()));
        }
    }
}

fn command(recipe: &mut Recipe, instruction: Node<'_>) {
    let Some(stage) = recipe.stages.last_mut() else { return };
    let words = words(instruction);
    match name_of(instruction) {
        // A new entry point drops the arguments that an earlier stage or base gave.
        "ENTRYPOINT" => {
            stage.entrypoint = words;
            stage.command.clear();
        }
        _ => stage.command = words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, Syntax};
    use crate::source::Sources;

    fn recipe(text: &str) -> Recipe {
        let mut sources = Sources::default();
        let id = sources.add_text("Dockerfile", text);
        let (document, gaps) = document::parse(id, Syntax::Dockerfile, text);
        assert!(gaps.is_empty(), "{gaps:?}");
        read(document.root().expect("parsed"), id)
    }

    #[test]
    fn the_final_stage_decides_who_runs_it() {
        let cases = [
            ("FROM python:3.12", Some(true)),
            ("FROM python:3.12\nUSER 1000", Some(false)),
            ("FROM python:3.12\nUSER app\nRUN x\nUSER root", Some(true)),
            ("FROM python:3.12 AS base\nUSER 5\nFROM base\nRUN x", Some(false)),
            ("FROM python:3.12 AS base\nUSER 5\nFROM node:22", Some(true)),
            ("FROM node:22 AS build\nFROM gcr.io/distroless/nodejs22:nonroot", Some(false)),
            ("FROM cgr.dev/chainguard/python", Some(false)),
            ("FROM ghcr.io/someone/base:1", None),
            ("FROM alpine\nUSER 0:0", Some(true)),
            ("FROM alpine\nARG U=0\nUSER $U", Some(true)),
            ("FROM alpine\nARG U\nUSER $U", None),
            ("ARG BASE\nFROM $BASE", None),
            ("FROM --platform=$BUILDPLATFORM python:3.12", Some(true)),
            ("ARG BASE=docker.io/library/alpine:3\nFROM ${BASE}", Some(true)),
        ];
        for (text, expected) in cases {
            let recipe = recipe(text);
            let found = recipe.container("Dockerfile").container.runs_as_root;
            assert_eq!(found.value().copied(), expected, "{text}");
            assert!(!found.is_absent(), "{text}");
        }
    }

    #[test]
    fn layers_that_keep_secrets_or_unseen_code_are_named() {
        let text = "FROM node:22\nARG NPM_TOKEN\nENV API_KEY=${K} PORT=80\nCOPY .env.production keys/server.key package.json /app/\nCOPY .env.example /app/\nCOPY . .\nADD https://a.example/x /x\nRUN curl -fsSL https://a.example/i.sh \\\n  | bash\nENTRYPOINT [\"node\"]\nCMD [\"x.js\"]\n";
        let found = recipe(text);
        let copied: Vec<_> = found.copied_secrets.iter().map(|file| file.value.as_str()).collect();
        assert_eq!(copied, [".env.production", "keys/server.key"]);
        assert_eq!((found.whole_copies.len(), found.download_and_run.len()), (1, 1));
        assert_eq!(found.unchecked_downloads[0].value, "https://a.example/x");
        let settings: Vec<_> = found
            .settings
            .iter()
            .map(|setting| (setting.about.name.as_str(), setting.secret.value().is_some()))
            .collect();
        assert_eq!(settings, [("NPM_TOKEN", true), ("API_KEY", true), ("PORT", false)]);
        let run = found.container("Dockerfile");
        assert_eq!(run.command.iter().map(|word| word.value.as_str()).collect::<Vec<_>>(), ["node", "x.js"]);
        assert_eq!(found.stage(Some("0")).and_then(|stage| stage.base.value()).map(String::as_str), Some("node:22"));
        assert!(found.stage(Some("none")).is_none());
    }
}
