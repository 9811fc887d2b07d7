//! Words of commands: the program, what an interpreter among them reads, and words that can be taken for flags.

use crate::code::Name;
use crate::flow::effects::{ArgumentSlot, Effect, Form, Slot};
use crate::taint::arrival::{CHOSEN, State, judge};
use crate::taint::call::Calling;
use crate::taint::{Begin, Proofs, Shade, Walk};

impl<'a> Walk<'a> {
    /// Program and words of an argv effect.
    pub(crate) fn words(&mut self, calling: &Calling<'a>, effect: &Effect, target: &Shade) -> Vec<Shade> {
        let mut words = each(target);
        if let Some(more) = &effect.more {
            words.extend(each(&self.slot(calling, more)));
        }
        if effect.rest {
            let from = match &effect.target {
                Some(Slot::Argument(ArgumentSlot { position: Some(position), .. })) => position + 1,
                _ => 0,
            };
            let rest = calling.given.iter().filter(|given| given.name.is_none()).skip(from);
            words.extend(rest.flat_map(|given| each(&given.shade)));
        }
        words
    }

    /// Judges the words of a command: the program, what a shell or interpreter among them reads, and words that can be
    /// taken for flags.
    pub(crate) fn argv(&mut self, effect: &Effect, call: &str, span: crate::source::Span, words: &[Shade]) {
        let Some(program) = words.first() else { return };
        if program.holds_any() && begins_with_own_word(&program.whole()) {
            let told = |part: &Shade| Some(("argument-injection", split_state(part.proofs)));
            return self.arrive(told, effect, call, span, &program.whole());
        }
        if program.holds_any() {
            self.arrive(|part| judge(Form::Argv, part), effect, call, span, &program.whole());
            // Which program of a fixed set it is says nothing of its words.
            if !program.whole().proofs.any(Proofs::NUMBER | Proofs::CHOICE) {
                return;
            }
        }
        let names = names_of(program);
        let programs = self.effects.programs();
        let mut ended = false;
        for (at, word) in words.iter().enumerate().skip(1) {
            ended = ended || word.constant.as_deref() == Some("--");
            let whole = word.whole();
            if !whole.is_tainted() {
                continue;
            }
            let before = words.get(at - 1).map(option_of).unwrap_or_default();
            let by_any = || program.constant.is_none().then(|| programs.reads_after_any(&before)).flatten();
            let reads = names.iter().find_map(|name| programs.reads_after(name, &before)).or_else(by_any);
            if let Some(form) = reads {
                let whole = if programs.decodes(&before) { decoded(whole) } else { whole };
                self.arrive(|part| judge(form, part), effect, call, span, &whole);
            } else if !ended && !names.iter().any(|name| programs.takes_value(name, &before)) {
                let has_value = before.starts_with('-') && !before.contains('=') && !programs.is_switch(&before);
                let told = |part: &Shade| Some(("argument-injection", flag_state(part, has_value)?));
                self.arrive(told, effect, call, span, &whole);
            }
        }
    }
}

/// What the program may be, without its folder; one name without letters where nothing is known of it.
fn names_of(program: &Shade) -> Vec<&str> {
    let plain = |path: &'_ Name| -> usize { path.rfind(['/', '\\']).map_or(0, |at| at + 1) };
    let names = program.constant.iter().chain(&program.either);
    let names: Vec<&str> = names.map(|path| path[plain(path)..].trim_end_matches(".exe")).collect();
    if names.is_empty() { vec![""] } else { names }
}

/// What a word is once it is decoded: quotes and encodings around it are gone.
fn decoded(mut word: Shade) -> Shade {
    let shape = Proofs::SHELL_WORD | Proofs::SHELL_QUOTED | Proofs::URL_WORD;
    let fixed =
        |proofs: Proofs| if proofs.any(Proofs::NUMBER | Proofs::CHOICE) { proofs } else { proofs.without(shape) };
    word.proofs = fixed(word.proofs);
    word.apart.values_mut().for_each(|proofs| *proofs = fixed(*proofs));
    word
}

/// The words of a list, with what was proven of the list as a whole; a value that is no list is one word.
pub(crate) fn each(shade: &Shade) -> Vec<Shade> {
    match &shade.items {
        Some(items) => items.iter().map(|item| Shade { proofs: item.proofs | shade.proofs, ..item.clone() }).collect(),
        None => vec![shade.whole()],
    }
}

/// The word that stands there, where anything does: an option that is left out takes its value with it.
fn option_of(word: &Shade) -> Name {
    match (&word.constant, &word.begin) {
        (Some(text), _) => text.clone(),
        (None, Begin::Text(text)) if !word.is_tainted() => text.clone(),
        _ => Name::default(),
    }
}

/// What a word is as an argument of a program, as the value of an option or by itself, where it can be taken for a flag.
fn flag_state(word: &Shade, is_value: bool) -> Option<State> {
    let is_flag_name =
        matches!(&word.begin, Begin::Text(text) if text.starts_with('-') && text.trim_matches('-').is_empty());
    if word.begin != Begin::Argument && !is_flag_name {
        return None;
    }
    let proofs = word.proofs;
    if is_flag_name {
        let fixed = proofs.any(Proofs::NUMBER | Proofs::CHOICE);
        return Some(if fixed { State::Guarded(CHOSEN) } else { denied(proofs) });
    }
    if is_value {
        return Some(State::Guarded("the value of the flag before it"));
    }
    let fixed = Proofs::NUMBER | Proofs::CHOICE;
    if proofs.any(fixed) {
        return Some(State::Guarded(CHOSEN));
    }
    if proofs.any(Proofs::NOT_FLAG) {
        return Some(State::Guarded("cannot begin with a hyphen"));
    }
    if proofs.any(Proofs::RESOLVED | Proofs::CONTAINED) {
        return Some(State::Guarded("an absolute path"));
    }
    Some(denied(proofs))
}

/// Whether the first of the words that a text was split into is the program's own: `shlex.split(f"kubectl get {name}")`.
fn begins_with_own_word(text: &Shade) -> bool {
    text.proofs.has(Proofs::FIRST_CHOSEN)
        || text.proofs.has(Proofs::WORDS)
            && match &text.begin {
                Begin::Own | Begin::Nothing => true,
                Begin::Text(text) => text.trim_start().contains(char::is_whitespace),
                Begin::Argument => false,
            }
}

/// What a piece of a text that is split into words may become: any number of words.
fn split_state(proofs: Proofs) -> State {
    if proofs.any(Proofs::NUMBER | Proofs::CHOICE) {
        State::Guarded(CHOSEN)
    } else if proofs.has(Proofs::SHELL_WORD) {
        State::Guarded("one word of the command")
    } else {
        denied(proofs)
    }
}

fn denied(proofs: Proofs) -> State {
    if proofs.any(Proofs::WEAK_DENY | Proofs::WEAK_FLAG) {
        State::Weak("a list of flags that are forbidden; any other flag passes")
    } else {
        State::Open
    }
}

/// The program that runs the server, where a member names it.
pub(crate) fn own_interpreter(path: &str) -> Option<&'static str> {
    match path {
        "sys.executable" => Some("python"),
        "process.execPath" => Some("node"),
        _ => None,
    }
}

/// Whether a function is one that takes out what must not be seen, by its name: what it leaves is not judged.
pub(crate) fn takes_out(name: &str) -> bool {
    let name = name.to_lowercase();
    ["redact", "mask", "scrub", "censor", "sanitiz", "sanitis", "hash", "summar"].iter().any(|word| name.contains(word))
}
