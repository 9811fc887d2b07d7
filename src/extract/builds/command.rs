//! `docker build` and its like in scripts, Makefiles and CI: which image is built from which recipe.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::extract::boundary::reference;
use crate::extract::command::shell;
use crate::model::known::Spanned;
use crate::source::Span;

/// Programs that build images from recipes.
const ENGINES: &[&str] = &["docker", "podman", "nerdctl", "buildah", "finch"];
/// Bytes of a script that are looked through.
const SCRIPT: usize = 400_000;

/// A build as a command line states it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// References after `-t`.
    pub images: Vec<String>,
    /// After `-f`, relative to where the command runs.
    pub file: Option<String>,
    /// After `--target`.
    pub target: Option<String>,
    /// The folder that is sent, relative to where the command runs.
    pub context: String,
}

impl Line {
    /// Path of its recipe, for a command that runs in a folder; nothing where that leads out of the tree.
    pub fn dockerfile(&self, folder: &str) -> Option<String> {
        match &self.file {
            Some(file) => reference::under(folder, file),
            None => reference::under(&reference::under(folder, &self.context)?, "Dockerfile"),
        }
    }
}

static BUILDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:docker|podman|nerdctl|buildah|finch)\b[^\n;&|]*\b(?:build|bud)\b").expect("a fixed pattern")
});
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^\s*(?:export\s+)?([A-Za-z_]\w*)\s*[:?]?=\s*["']?([\w./:@-]+)["']?\s*$"#)
        .expect("a fixed pattern")
});
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$\(([A-Za-z_]\w*)\)|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)").expect("a fixed pattern")
});

/// The builds of a script, with the folders that it enters before each, as written.
pub fn builds(script: &str, span: Span) -> Vec<(Option<String>, Line)> {
    let script = script.get(..SCRIPT.min(script.len())).unwrap_or(script);
    if !BUILDS.is_match(&script.replace("\\\n", "  ")) {
        return Vec::new();
    }
    let set: BTreeMap<&str, &str> = ASSIGNED
        .captures_iter(script)
        .filter_map(|found| Some((found.get(1)?.as_str(), found.get(2)?.as_str())))
        .collect();
    let filled = VARIABLE.replace_all(script, |found: &regex::Captures<'_>| {
        let name = (1..=3).find_map(|at| found.get(at)).map_or("", |name| name.as_str());
        let whole = found.get(0).map_or("", |whole| whole.as_str());
        set.get(name).map_or(whole.to_string(), |value| value.to_string())
    });
    let mut found = Vec::new();
    let mut folder = None;
    for line in filled.replace("\\\r\n", "   ").replace("\\\n", "  ").lines() {
        let words = shell::split(&Spanned::new(line.trim_start_matches(['@', '-', ' ', '\t']).to_string(), span));
        let words: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
        for command in words.split(|word| matches!(*word, ";" | "&&" | "||" | "|" | "&")) {
            match command {
                ["cd", to, ..] => folder = Some(to.to_string()),
                command => found.extend(build(command).map(|line| (folder.clone(), line))),
            }
        }
    }
    found
}

/// The build of one command.
fn build(words: &[&str]) -> Option<Line> {
    let engine = words.iter().position(|word| ENGINES.contains(&word.rsplit('/').next().unwrap_or(word)))?;
    let rest = words.get(engine + 1..)?;
    let verb = rest.iter().position(|word| matches!(*word, "build" | "bud" | "b"))?;
    if !rest.get(..verb)?.iter().all(|word| matches!(*word, "buildx" | "image" | "builder") || word.starts_with('-')) {
        return None;
    }
    let mut line = Line::default();
    let mut words = rest.get(verb + 1..)?.iter();
    while let Some(word) = words.next().filter(|word| !word.starts_with(['<', '>'])) {
        let (name, inline) = match word.split_once('=').filter(|_| word.starts_with("--")) {
            Some((name, value)) => (name, Some(value)),
            None => (*word, None),
        };
        if !name.starts_with('-') || name == "-" {
            line.context = (*word).to_string();
            continue;
        }
        if IS_SWITCH.contains(&name) {
            continue;
        }
        let Some(value) = inline.or_else(|| words.next().copied()) else { break };
        match name {
            "-t" | "--tag" => line.images.push(value.to_string()),
            "-f" | "--file" => line.file = Some(value.to_string()),
            "--target" => line.target = Some(value.to_string()),
            _ => {}
        }
    }
    let is_local = !line.context.is_empty() && !line.context.contains(['$', ':']) && line.context != "-";
    is_local.then_some(line)
}

/// Flags that take no value.
const IS_SWITCH: &[&str] = &[
    "--no-cache",
    "--pull",
    "--push",
    "--load",
    "--quiet",
    "-q",
    "--rm",
    "--force-rm",
    "--squash",
    "--compress",
    "--disable-content-trust",
    "--check",
    "--debug",
    "-D",
    "--layers",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn command_lines_tell_what_they_build() {
        let mut sources = Sources::default();
        let span = Span::new(sources.add_text("x", ""), 0, 0);
        for (script, expected) in [
            ("docker build -t orders .", &["orders Dockerfile -"][..]),
            (
                "docker buildx build --push --platform linux/amd64 -t a/b:1 -t a/b:2 -f docker/x.Dockerfile --target run .",
                &["a/b:1,a/b:2 docker/x.Dockerfile run"],
            ),
            (
                "IMAGE ?= ghcr.io/a/orders\nbuild:\n\t@docker build \\\n\t  -t $(IMAGE):$(TAG) svc",
                &["ghcr.io/a/orders:$(TAG) svc/Dockerfile -"],
            ),
            ("cd svc && podman build --tag=orders .", &["orders svc/Dockerfile -"]),
            ("docker build -t x https://github.com/a/b.git", &[]),
            ("docker build -t x - < Dockerfile", &[]),
            ("docker compose build", &[]),
            ("docker run build", &[]),
            ("npm run build", &[]),
        ] {
            let found = builds(script, span).into_iter().filter_map(|(folder, line)| {
                let folder = folder.unwrap_or_default();
                let target = line.target.clone().unwrap_or("-".into());
                Some(format!("{} {} {target}", line.images.join(","), line.dockerfile(&folder)?))
            });
            let found: Vec<String> = found.filter(|line| !line.starts_with(' ')).collect();
            assert_eq!(found, expected, "{script}");
        }
    }
}
