//! Wrappers: programs that only start another.

use crate::extract::command::{Launch, Word, entered, extra, program, shell};
use crate::model::known::{Known, Spanned};

/// Programs that run the rest of their line, with the flags of theirs that take a value and the number of words that
/// stand before the command.
const PLAIN: &[(&str, &[&str], usize)] = &[
    ("sudo", &["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D"], 0),
    ("doas", &["-u", "-C"], 0),
    ("nice", &["-n"], 0),
    ("ionice", &["-c", "-n"], 0),
    ("nohup", &[], 0),
    ("time", &[], 0),
    ("exec", &["-a"], 0),
    ("command", &[], 0),
    ("setsid", &[], 0),
    ("stdbuf", &["-i", "-o", "-e"], 0),
    ("unbuffer", &[], 0),
    ("xvfb-run", &["-n", "-s", "-e", "-f"], 0),
    ("timeout", &["-s", "-k", "--signal", "--kill-after"], 1),
    ("start", &[], 0),
    ("dumb-init", &[], 0),
    ("tini", &["-p", "-e"], 0),
    ("caffeinate", &["-t", "-w"], 0),
    ("arch", &[], 0),
    ("wsl", &["-d", "--distribution", "-u", "--user", "--cd"], 0),
    ("corepack", &[], 0),
    ("flatpak-spawn", &[], 0),
    ("proxychains4", &["-f"], 0),
    ("faketime", &["-f"], 1),
];

/// Programs that run the rest of their line after `run` in an environment of their own, with the flags of theirs that
/// take a value.
const AFTER_RUN: &[(&str, &[&str])] = &[
    ("conda", &["-n", "--name", "-p", "--prefix", "--cwd"]),
    ("mamba", &["-n", "--name", "-p", "--prefix", "--cwd"]),
    ("micromamba", &["-n", "--name", "-p", "--prefix", "--cwd"]),
    ("poetry", &["-C", "--directory", "-P", "--project"]),
    ("pdm", &["-p", "--project"]),
    ("pipenv", &[]),
    ("hatch", &["-e", "--env"]),
    ("rye", &[]),
    ("pixi", &["-e", "--environment", "--manifest-path"]),
    ("doppler", &["-p", "--project", "-c", "--config", "-t", "--token"]),
    ("infisical", &["--env", "--path", "--projectId", "--token"]),
];

/// Programs that run what stands after `--`.
const AFTER_DASHES: &[&str] = &[
    "op",
    "doppler",
    "infisical",
    "chamber",
    "aws-vault",
    "dotenv",
    "dotenvx",
    "direnv",
    "mise",
    "asdf",
    "envchain",
    "teller",
    "vault",
    "sops",
    "fnm",
    "volta",
    "nix",
    "flox",
    "devbox",
    "pixi",
    "conda",
    "micromamba",
    "mamba",
    "poetry",
    "pdm",
    "hatch",
];

/// Programs that confine what they run, and the name of the confinement.
const CONFINING: &[(&str, &str)] = &[
    ("bwrap", "bubblewrap"),
    ("firejail", "firejail"),
    ("sandbox-exec", "sandbox-exec"),
    ("nsjail", "nsjail"),
    ("systemd-run", "systemd-run"),
    ("landrun", "landrun"),
    ("srt", "sandbox-runtime"),
    ("minijail0", "minijail"),
];

/// The rest of a command line without its first wrapper; `None` where the first word is none.
pub fn take_off(words: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    let (first, rest) = words.split_first()?;
    let name = program(&first.value);
    if assignment(&first.value) {
        launch.assignments.push(first.clone());
        return Some(rest.to_vec());
    }
    match name.as_str() {
        "env" => return Some(environment(rest, launch)),
        "cmd" => return command_prompt(rest),
        "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh" | "fish" => return script(rest, launch),
        "powershell" | "pwsh" => return power_shell(rest, launch),
        _ => {}
    }
    if let Some((_, confinement)) = CONFINING.iter().find(|(program, _)| *program == name) {
        launch.confinement = Known::is((*confinement).to_string(), first.span);
        return after_dashes(rest).or_else(|| Some(after_flags(rest, &["-p", "-f", "-M", "-u"], 0)));
    }
    if let Some((_, valued, skip)) = PLAIN.iter().find(|(program, _, _)| *program == name) {
        return Some(after_flags(rest, valued, *skip));
    }
    if let Some((_, valued)) = AFTER_RUN.iter().find(|(program, _)| *program == name) {
        let at = rest.iter().position(|word| word.value == "run");
        if let (Some(at), None) = (at, after_dashes(rest)) {
            return Some(after_flags(rest.get(at + 1..).unwrap_or_default(), valued, 0));
        }
    }
    if AFTER_DASHES.contains(&name.as_str()) {
        return after_dashes(rest);
    }
    elsewhere(&name, words, launch)
}

/// What runs in a container, pod or machine that is described elsewhere is confined by whatever that says.
fn elsewhere(name: &str, words: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    let (first, rest) = words.split_first()?;
    let verb = |wanted: &str| rest.iter().position(|word| word.value == wanted);
    let second = rest.iter().find(|word| !word.value.starts_with('-')).map_or("", |word| word.value.as_str());
    let (inner, why) = match (name, second) {
        ("docker" | "podman" | "nerdctl", "exec") => {
            let valued = ["-e", "--env", "--env-file", "-u", "--user", "-w", "--workdir", "--detach-keys"];
            (after_flags(rest.get(verb("exec")? + 1..)?, &valued, 1), "in a container that is described elsewhere")
        }
        ("docker" | "podman" | "nerdctl", "compose") | ("docker-compose" | "podman-compose", _) => {
            let at = verb("run").or_else(|| verb("exec"))?;
            let valued = [
                "-e",
                "--env",
                "-u",
                "--user",
                "-w",
                "--workdir",
                "-v",
                "--volume",
                "-p",
                "--publish",
                "--name",
                "--entrypoint",
                "-l",
            ];
            (after_flags(rest.get(at + 1..)?, &valued, 1), "in a container of a compose file")
        }
        ("kubectl" | "oc", "exec") => (after_dashes(rest)?, "in a pod that is described elsewhere"),
        ("ssh", _) => {
            let valued = ["-i", "-p", "-l", "-o", "-F", "-J", "-L", "-R", "-D", "-W", "-c", "-m", "-b"];
            (after_flags(rest, &valued, 1), "on another machine")
        }
        _ => return None,
    };
    if inner.is_empty() {
        return None;
    }
    launch.confinement = match entered::entered(words) {
        Some((kind, word)) => Known::is(kind.to_string(), word.span),
        None => Known::unknown(format!("runs {why}"), first.span),
    };
    Some(inner)
}

fn after_dashes(words: &[Word]) -> Option<Vec<Word>> {
    let at = words.iter().position(|word| word.value == "--")?;
    Some(words[at + 1..].to_vec())
}

fn after_flags(words: &[Word], valued: &[&str], skip: usize) -> Vec<Word> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word.value == "--" {
            at += 1;
            break;
        }
        if !word.value.starts_with('-') || word.value == "-" {
            break;
        }
        at += if valued.contains(&word.value.as_str()) { 2 } else { 1 };
    }
    words.get(at + skip..).unwrap_or_default().to_vec()
}

fn environment(words: &[Word], launch: &mut Launch) -> Vec<Word> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let text = word.value.as_str();
        match text {
            "-u" | "--unset" | "-C" | "--chdir" => at += 2,
            "--" => at += 1,
            "-S" | "--split-string" => {
                let mut split = words.get(at + 1).map(shell::split).unwrap_or_default();
                split.extend_from_slice(words.get(at + 2..).unwrap_or_default());
                return split;
            }
            _ if text.starts_with('-') => at += 1,
            _ if assignment(text) => {
                launch.assignments.push(word.clone());
                at += 1;
            }
            _ => break,
        }
    }
    words.get(at..).unwrap_or_default().to_vec()
}

fn assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// `cmd /d /s /c command`: the rest is one line.
fn command_prompt(words: &[Word]) -> Option<Vec<Word>> {
    let at = words.iter().position(|word| matches!(word.value.to_ascii_lowercase().as_str(), "/c" | "/k"))?;
    let rest = &words[at + 1..];
    Some(match rest {
        [line] if line.value.contains(' ') => shell::split(line),
        rest => rest.to_vec(),
    })
}

/// `sh -c text`; a script file is a runner with its own file and is left alone.
fn script(words: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    let flag = |word: &&Word| word.value.starts_with('-') && !word.value.starts_with("--");
    let at = words.iter().take_while(|word| word.value.starts_with('-') || word.value.starts_with('+')).enumerate();
    let at = at.filter(|(_, word)| flag(word)).find(|(_, word)| word.value.contains('c')).map(|(at, _)| at)?;
    let text = words.get(at + 1..)?.iter().find(|word| !word.value.starts_with('-'))?;
    Some(text_of_shell(text, launch))
}

fn power_shell(words: &[Word], launch: &mut Launch) -> Option<Vec<Word>> {
    let command = |word: &Word| matches!(word.value.to_ascii_lowercase().as_str(), "-command" | "-c" | "/c");
    let at = words.iter().position(command)?;
    let rest = words.get(at + 1..)?;
    match rest {
        [text] => Some(text_of_shell(text, launch)),
        [first, ..] => {
            let text = rest.iter().map(|word| word.value.as_str()).collect::<Vec<_>>().join(" ");
            let last = rest.last().unwrap_or(first).span;
            note_download(&Spanned::new(text, first.span.to(last)), launch);
            Some(rest.to_vec())
        }
        [] => None,
    }
}

fn text_of_shell(text: &Word, launch: &mut Launch) -> Vec<Word> {
    note_download(text, launch);
    let words = shell::split(text);
    extra::installed(&words, launch);
    shell::last_command(&words)
}

fn note_download(text: &Word, launch: &mut Launch) {
    if launch.download_and_run.is_absent() && shell::downloads_and_runs(&text.value) {
        launch.download_and_run = Known::is(text.value.clone(), text.span);
    }
}
