//! Scripts that steps run: `npm run audit` does what `package.json` says, `make audit` what the `Makefile` says.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use self::targets::Targets;
use super::ignores_failure;
use crate::load::Loaded;
use crate::model::known::Spanned;
use crate::model::project::WorkflowStep;

mod targets;

/// Scripts that one command is followed to.
const MOST: usize = 20;
/// Longest script that is followed, in bytes.
const LONGEST: usize = 200_000;
/// Name of what a runner does that is given none.
const DEFAULT: &str = "";
/// Programs that run what their own file names, each with the runner whose scripts these are.
const RUNNERS: &[(&str, &str)] = &[
    ("make", "make"),
    ("gmake", "make"),
    ("just", "just"),
    ("task", "task"),
    ("go-task", "task"),
    ("tox", "tox"),
    ("nox", "nox"),
    ("poe", "poe"),
    ("hatch", "hatch"),
    ("pdm", "pdm"),
    ("mise", "mise"),
    ("deno", "deno"),
];
/// Words that may stand before such a program.
const BEFORE: &[&str] =
    &["sudo", "env", "time", "exec", "uv", "uvx", "poetry", "pipenv", "run", "python", "python3", "-m", "npx"];

static PACKAGE_SCRIPTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:npm|pnpm|yarn|bun)\s+(?:--?[\w-]+(?:=\S+)?\s+)*(?:run(?:-script)?\s+)?(?P<name>[A-Za-z][\w:.-]*)")
        .expect("a fixed pattern")
});

/// Scripts by runner and name; of several files, the first by path.
type Scripts = BTreeMap<(&'static str, String), Spanned<String>>;

/// Adds to every step the scripts that it runs, those which these run included.
pub fn add(loaded: &Loaded, steps: &mut [WorkflowStep]) {
    let mut targets = Targets::default();
    loaded.files.iter().filter(|file| file.role.is_own()).for_each(|file| targets.read(loaded, file));
    for step in steps {
        let Some(run) = step.run.value().cloned() else { continue };
        let mut open = vec![run];
        while let Some(text) = open.pop().filter(|_| step.scripts.len() < MOST) {
            for script in called(&text, &targets.scripts, loaded) {
                if step.scripts.len() < MOST && !step.scripts.contains(&script) {
                    open.push(script.value.clone());
                    step.scripts.push(script);
                }
            }
        }
    }
}

/// The scripts that a command runs, without the lines of them whose failure counts for nothing.
fn called(text: &str, scripts: &Scripts, loaded: &Loaded) -> Vec<Spanned<String>> {
    let mut found: Vec<Spanned<String>> = Vec::new();
    for name in PACKAGE_SCRIPTS.captures_iter(text).filter_map(|found| found.name("name")) {
        found.extend(scripts.get(&("npm", name.as_str().to_string())).cloned());
    }
    for segment in text.split(['\n', ';', '|', '&']) {
        let words: Vec<&str> = segment.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
        found.extend(by_runner(&words, scripts));
        found.extend(words.iter().find_map(|word| shell_script(word, loaded)));
    }
    for script in &mut found {
        let counts = |line: &&str| !ignores_failure(line);
        script.value = script.value.lines().filter(counts).collect::<Vec<_>>().join("\n");
    }
    found
}

/// What `make audit`, `tox -e audit` or `uv run poe audit` stands for.
fn by_runner(words: &[&str], scripts: &Scripts) -> Vec<Spanned<String>> {
    let before = words.iter().take_while(|word| BEFORE.contains(word) || word.contains('=')).count();
    let program = words.get(before).map_or("", |word| word.trim_start_matches('@'));
    let Some((_, runner)) = RUNNERS.iter().find(|(name, _)| *name == program) else { return Vec::new() };
    let names = words.iter().skip(before + 1).filter(|word| !word.starts_with('-'));
    let names: Vec<&str> = names.flat_map(|word| word.split(',')).collect();
    let asked = names.iter().filter_map(|name| {
        // Hatch puts the environment before the name.
        let bare = name.rsplit_once(':').map_or(*name, |(_, bare)| bare);
        [*name, bare].into_iter().find_map(|name| scripts.get(&(*runner, name.to_string())).cloned())
    });
    let found: Vec<Spanned<String>> = asked.collect();
    if found.is_empty() && names.is_empty() {
        return scripts.get(&(*runner, DEFAULT.to_string())).cloned().into_iter().collect();
    }
    found
}

/// A shell script of the tree that a word names.
fn shell_script(word: &str, loaded: &Loaded) -> Option<Spanned<String>> {
    let path = word.strip_suffix(".sh").map(|_| word.trim_start_matches("./"))?;
    let file = loaded.find(path)?;
    let text = loaded.sources.get(file.source).text();
    let span = crate::source::Span::new(file.source, 0, 0);
    (text.len() <= LONGEST).then(|| Spanned::new(text.to_string(), span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::discover_text;

    /// What a command comes to in a tree of one file, line by line.
    fn said(path: &str, text: &str, command: &str) -> String {
        let loaded = crate::load::load(discover_text(path, text.to_string()));
        let mut targets = Targets::default();
        loaded.files.iter().for_each(|file| targets.read(&loaded, file));
        let found = called(command, &targets.scripts, &loaded);
        found.iter().map(|script| script.value.trim().replace('\n', " / ")).collect::<Vec<_>>().join(" + ")
    }

    #[test]
    fn a_command_runs_what_its_file_names() {
        let make = "AUDIT := x\n.PHONY: audit\nall: lint\naudit check: lint\n\t@pip-audit --strict\n\t-npm audit\n\ttrivy fs . || true\nlint:\n\truff .\n";
        let just = "set shell := [\"bash\"]\n@audit flags='': (lint 'x') && done\n    cargo deny check {{flags}}\nlint x:\n    true\n";
        let tox = "[testenv:audit]\ndeps = pip-audit\ncommands =\n    pip-audit\n    - safety check\n[testenv:x]\ncommands = pytest\n";
        let nox = "import nox\n@nox.session\ndef audit(session):\n    session.run(\"pip-audit\", \"--strict\")\n\n@nox.session\ndef test(session):\n    session.run('pytest')\n";
        let task = "version: '3'\ntasks:\n  default: {cmds: [go test]}\n  audit: {deps: [x], cmds: [{task: lint}, govulncheck ./...]}\n";
        let python = "[tool.poe.tasks]\naudit = \"pip-audit\"\n[tool.pdm.scripts]\naudit = {cmd = \"pdm-audit\"}\n[tool.hatch.envs.dev.scripts]\naudit = [\"pip-audit -s osv\"]\n";
        for (path, text, command, expected) in [
            ("Makefile", make, "make audit", "make lint / pip-audit --strict"),
            ("Makefile", make, "CI=1 make -j2 check lint", "make lint / pip-audit --strict + ruff ."),
            ("Makefile", make, "make", "make lint"),
            ("Makefile", make, "echo make audit", ""),
            ("Makefile", make, "cmake audit", ""),
            ("justfile", just, "just audit", "just lint done / cargo deny check {{flags}}"),
            ("tox.ini", tox, "uvx tox -e x,audit", "pytest + pip-audit"),
            ("noxfile.py", nox, "nox -s audit", "pip-audit --strict"),
            ("Taskfile.yml", task, "task audit", "task x / task lint / govulncheck ./..."),
            ("Taskfile.yml", task, "task", "go test"),
            ("pyproject.toml", python, "uv run poe audit", "pip-audit"),
            ("pyproject.toml", python, "pdm run audit", "pdm-audit"),
            ("pyproject.toml", python, "hatch run dev:audit", "pip-audit -s osv"),
            ("package.json", r#"{"scripts": {"audit": "npm audit"}}"#, "npm run audit", "npm audit"),
            ("package.json", r#"{"scripts": {"sec": "npm audit || true"}}"#, "npm run sec", ""),
            ("mise.toml", "[tasks.audit]\nrun = \"cargo audit\"\n", "mise run audit", "cargo audit"),
            ("deno.json", r#"{"tasks": {"audit": "deno audit"}}"#, "deno task audit", "deno audit"),
            ("scripts/audit.sh", "set -e\npip-audit\n", "bash ./scripts/audit.sh --x", "set -e / pip-audit"),
        ] {
            assert_eq!(said(path, text, command), expected, "{command} in {path}");
        }
    }
}
