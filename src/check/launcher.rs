//! Whether what starts a local server lies where only its owner, or the system's, can change it.

use crate::check::{Predicate, Question};
use crate::model::definition::Definition;
use crate::model::known::{Known, Spanned};
use crate::model::subject::SubjectRef;
use crate::model::{Gap, GapKind, SubjectKind};
use crate::rules::Answer;

/// Nothing that the entry starts lies in a folder that every user of the machine writes.
pub const PROTECTED: Predicate = Predicate {
    name: "launcher-is-protected",
    subjects: &[SubjectKind::Definition],
    params: &[],
    holes: &["path"],
    ask: protected,
};

/// Folders that every user of a machine may write.
const SHARED: &[&str] = &[
    "/tmp",
    "/var/tmp",
    "/private/tmp",
    "/dev/shm",
    "/usr/tmp",
    "c:/temp",
    "c:/tmp",
    "c:/windows/temp",
    "c:/users/public",
    "/users/shared",
];

/// Folders that only the system's administrator writes.
const OF_THE_SYSTEM: &[&str] = &[
    "/usr/bin",
    "/usr/sbin",
    "/usr/lib",
    "/usr/libexec",
    "/usr/share",
    "/bin",
    "/sbin",
    "/lib",
    "/nix/store",
    "/snap",
    "c:/program files",
    "c:/program files (x86)",
    "c:/windows/system32",
];

/// Programs whose first argument is what really runs.
const INTERPRETERS: &[&str] =
    &["python", "python3", "node", "deno", "bun", "bash", "sh", "ruby", "java", "tsx", "ts-node", "pwsh"];

/// Programs that fetch what they start and keep it in a cache of their own.
const FETCHING: &[&str] =
    &["npx", "uvx", "pipx", "bunx", "pnpm", "yarn", "docker", "podman", "dnx", "jbang", "go", "cargo"];

fn protected(question: &Question<'_>) -> Answer {
    let SubjectRef::Definition(definition) = question.asked.subject else {
        return Answer::NotApplicable("only entries of configurations start something".to_string());
    };
    let runner = definition.runner.value().map(|runner| base_name(runner)).unwrap_or_default();
    if FETCHING.contains(&runner.as_str()) {
        return Answer::NotApplicable(format!("`{runner}` keeps what it starts in a store of its own"));
    }
    let started = started(definition);
    if let Some(shared) = started.iter().find(|word| lies_in(&word.value, SHARED)) {
        return question.fails(shared.span, &[("path", &shared.value)], Vec::new());
    }
    let elsewhere = started.iter().find(|word| !lies_in(&word.value, OF_THE_SYSTEM));
    match (elsewhere, started.last()) {
        (None, Some(last)) => question.holds(last.span, &[("path", &last.value)], Vec::new()),
        (Some(word), _) => {
            let reason = format!("who may write `{}` is no part of the tree", word.value);
            question.unknown(Gap::at(word.span, GapKind::Unresolved, reason))
        }
        (None, None) => {
            let reason = format!("where `{}` finds what it starts is not known", definition.about.name);
            question.unknown(Gap::at(definition.about.span, GapKind::Unresolved, reason))
        }
    }
}

/// The program, and the script or folder of code that it is told to run.
fn started(definition: &Definition) -> Vec<&Spanned<String>> {
    let Known::Is(runner) = &definition.runner else { return Vec::new() };
    let words: Vec<&Spanned<String>> = definition.command_line.iter().collect();
    let mut after = words.iter().copied().skip_while(|word| word.span != runner.span);
    let Some(program) = after.next() else { return Vec::new() };
    let mut found: Vec<&Spanned<String>> = Vec::new();
    if program.value.contains(['/', '\\']) {
        found.push(program);
    }
    if INTERPRETERS.contains(&base_name(&program.value).as_str()) {
        found.extend(after.find(|word| !word.value.starts_with('-')));
    }
    let holds_code = |pair: &&[&Spanned<String>]| matches!(pair[0].value.as_str(), "--directory" | "--project");
    found.extend(words.windows(2).filter(holds_code).map(|pair| pair[1]));
    found
}

/// `/usr/bin/python3.12` → `python3`
fn base_name(program: &str) -> String {
    let last = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    let last = last.strip_suffix(".exe").or(last.strip_suffix(".cmd")).unwrap_or(&last);
    last.split_once('.').filter(|(name, _)| name.starts_with("python")).map_or(last, |(name, _)| name).to_string()
}

fn lies_in(path: &str, folders: &[&str]) -> bool {
    let path = path.replace('\\', "/").to_ascii_lowercase();
    let climbs = path.split('/').any(|part| part == "..");
    let below = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    !climbs && folders.iter().any(|folder| below(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_compared_by_whole_parts() {
        for (path, expected) in [
            ("/tmp/server.py", true),
            ("/tmpfs/server.py", false),
            ("C:\\Users\\Public\\server.exe", true),
            ("/tmp/../home/me/server", false),
            ("tmp/server", false),
        ] {
            assert_eq!(lies_in(path, SHARED), expected, "{path}");
        }
    }

    #[test]
    fn interpreters_are_known_by_their_base_name() {
        for (program, expected) in [("/usr/bin/python3.12", "python3"), ("C:\\x\\node.exe", "node"), ("uv", "uv")] {
            assert_eq!(base_name(program), expected);
        }
    }
}
