//! Words of commands: the program, what an interpreter among them reads, and words that can be taken for flags.

use crate::flow::effects::{ArgumentSlot, Effect, Form, Slot};
use crate::taint::arrival::{State, judge};
use crate::taint::call::Calling;
use crate::taint::{Begin, Proofs, Shade, Walk};

impl<'a> Walk<'a> {
    /// Program and words of an argv effect.
    pub(crate) fn words(&mut self, calling: &Calling<'a>, effect: &Effect, target: &Shade) -> Vec<Shade> {
        let mut words = match &target.items {
            Some(items) => items.to_vec(),
            None => vec![target.whole()],
        };
        if let Some(more) = &effect.more {
            let more = self.slot(calling, more);
            match &more.items {
                Some(items) => words.extend(items.iter().cloned()),
                None => words.push(more.whole()),
            }
        }
        if effect.rest {
            let from = match &effect.target {
                Some(Slot::Argument(ArgumentSlot { position: Some(position), .. })) => position + 1,
                _ => 0,
            };
            let rest = calling.given.iter().filter(|given| given.name.is_none()).skip(from);
            for given in rest {
                match &given.shade.items {
                    Some(items) => words.extend(items.iter().cloned()),
                    None => words.push(given.shade.whole()),
                }
            }
        }
        words
    }

    /// Judges the words of a command: the program, what a shell or interpreter among them reads, and words that can be
    /// taken for flags.
    pub(crate) fn argv(&mut self, effect: &Effect, call: &str, span: crate::source::Span, words: &[Shade]) {
        let Some(program) = words.first() else { return };
        if program.whole().is_tainted() {
            return self.arrive(|part| judge(Form::Argv, part), effect, call, span, &program.whole());
        }
        let name = program.constant.as_deref().unwrap_or("").rsplit(['/', '\\']).next().unwrap_or("");
        let name = name.trim_end_matches(".exe");
        let reads = interpreter(name);
        let mut ended = false;
        for (at, word) in words.iter().enumerate().skip(1) {
            ended = ended || word.constant.as_deref() == Some("--");
            let whole = word.whole();
            if !whole.is_tainted() {
                continue;
            }
            let before = words[at - 1].constant.as_deref().unwrap_or("");
            let form = reads.filter(|(_, flags)| flags.contains(&before) || flags.contains(&"")).map(|(form, _)| form);
            if let Some(form) = form {
                self.arrive(|part| judge(form, part), effect, call, span, &whole);
            } else if !ended && !takes_value(name, before) {
                let told = |part: &Shade| Some(("argument-injection", flag_state(part, before)?));
                self.arrive(told, effect, call, span, &whole);
            }
        }
    }
}

/// Flags that take no value, so that the word after them stands for itself.
const SWITCHES: &[&str] = &[
    "-f",
    "-v",
    "-q",
    "-r",
    "-R",
    "-a",
    "-A",
    "-l",
    "-y",
    "-h",
    "-rf",
    "-fr",
    "-u",
    "-z",
    "-0",
    "--oneline",
    "--force",
    "--quiet",
    "--verbose",
    "--cached",
    "--staged",
    "--all",
    "--stat",
    "--json",
    "--recursive",
    "--yes",
    "--raw",
    "--patch",
    "--hard",
    "--soft",
    "--mixed",
    "--no-color",
    "--no-pager",
    "--porcelain",
    "--short",
    "--bare",
    "--detach",
    "--name-only",
];

/// What a word is as an argument of a program, after another word, where it can be taken for a flag.
fn flag_state(word: &Shade, before: &str) -> Option<State> {
    let is_flag_name =
        matches!(&word.begin, Begin::Text(text) if text.starts_with('-') && text.trim_matches('-').is_empty());
    if word.begin != Begin::Argument && !is_flag_name {
        return None;
    }
    let proofs = word.proofs;
    if is_flag_name {
        let fixed = proofs.any(Proofs::NUMBER | Proofs::CHOICE);
        return Some(if fixed { State::Guarded("one of a fixed set") } else { State::Open });
    }
    if before.starts_with('-') && !before.contains('=') && !SWITCHES.contains(&before) {
        return Some(State::Guarded("the value of the flag before it"));
    }
    let fixed = Proofs::NUMBER | Proofs::CHOICE;
    if proofs.any(fixed) {
        return Some(State::Guarded("one of a fixed set"));
    }
    if proofs.any(Proofs::NOT_FLAG) {
        return Some(State::Guarded("cannot begin with a hyphen"));
    }
    if proofs.any(Proofs::RESOLVED | Proofs::CONTAINED) {
        return Some(State::Guarded("an absolute path"));
    }
    Some(State::Open)
}

/// What a program reads after which words: a shell, or code.
fn interpreter(program: &str) -> Option<(Form, &'static [&'static str])> {
    Some(match program {
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "fish" => (Form::Shell, &["-c", "-lc", "-ic"]),
        "cmd" => (Form::Shell, &["/c", "/C", "/k"]),
        "powershell" | "pwsh" => (Form::Shell, &["-Command", "-c", "-command", "-EncodedCommand"]),
        "python" | "python3" => (Form::Code, &["-c"]),
        "node" | "bun" | "deno" => (Form::Code, &["-e", "--eval", "-p", "eval"]),
        "perl" | "ruby" => (Form::Code, &["-e"]),
        "osascript" => (Form::Code, &["-e"]),
        "ssh" => (Form::Shell, &[]),
        _ => return None,
    })
}

/// Whether an option takes the word after it as its value, whatever that begins with.
fn takes_value(program: &str, option: &str) -> bool {
    const LONG: &[&str] = &[
        "--address",
        "--after",
        "--contains",
        "--no-contains",
        "--author",
        "--before",
        "--branch",
        "--container",
        "--context",
        "--file",
        "--filename",
        "--format",
        "--grep",
        "--max-count",
        "--message",
        "--name",
        "--namespace",
        "--output",
        "--selector",
        "--since",
        "--until",
    ];
    match program {
        _ if LONG.contains(&option) => true,
        "git" => matches!(option, "-C" | "-c" | "-m" | "-n" | "-b" | "-B"),
        "kubectl" | "helm" => matches!(option, "-c" | "-f" | "-l" | "-n" | "-o"),
        "docker" | "podman" => matches!(option, "-e" | "-f" | "-n" | "-t" | "-w"),
        "tar" => matches!(option, "-C" | "-f" | "-T"),
        "find" => matches!(option, "-name" | "-iname" | "-path" | "-type" | "-maxdepth"),
        "grep" | "rg" => matches!(option, "-e"),
        _ => false,
    }
}
