//! Shell text: words with their places, simple commands, and what downloads and runs.

use std::sync::LazyLock;

use regex::Regex;

use crate::extract::command::Word;
use crate::model::known::Spanned;
use crate::source::Span;

/// Splits text as a shell would, without expanding. Words have their own places where the text stands unescaped in
/// its file, else that of the whole.
pub fn split(text: &Word) -> Vec<Word> {
    let span = text.span;
    let exact = (span.end - span.start) as usize == text.value.len();
    let mut words = Vec::new();
    let mut state = State::default();
    for (at, character) in text.value.char_indices() {
        state.step(at, character, &mut words);
    }
    state.end(text.value.len(), &mut words);
    let place = |start: usize, end: usize| {
        if exact { Span { start: span.start + start as u32, end: span.start + end as u32, ..span } } else { span }
    };
    words.into_iter().map(|(value, start, end)| Spanned::new(value, place(start, end))).collect()
}

#[derive(Default)]
struct State {
    word: Option<(String, usize)>,
    quote: Option<char>,
    escaped: bool,
}

impl State {
    fn step(&mut self, at: usize, character: char, words: &mut Vec<(String, usize, usize)>) {
        if self.escaped {
            self.escaped = false;
            // A backslash within a Windows path stays.
            if self.quote == Some('"') && !matches!(character, '"' | '\\' | '$' | '`') || character.is_alphanumeric() {
                self.push(at, '\\');
            }
            self.push(at, character);
            return;
        }
        match (self.quote, character) {
            (None | Some('"'), '\\') => {
                self.escaped = true;
                self.word.get_or_insert((String::new(), at));
            }
            (Some(open), _) if open == character => self.quote = None,
            (Some(_), _) => self.push(at, character),
            (None, '"' | '\'') => {
                self.quote = Some(character);
                self.word.get_or_insert((String::new(), at));
            }
            (None, ';' | '|' | '&' | '\n') => {
                self.end(at, words);
                match words.last_mut().filter(|(last, _, end)| *end == at && ["|", "&", ";"].contains(&last.as_str())) {
                    Some((last, _, end)) => {
                        last.push(character);
                        *end = at + 1;
                    }
                    None => words.push((if character == '\n' { ';' } else { character }.to_string(), at, at + 1)),
                }
            }
            (None, _) if character.is_whitespace() => self.end(at, words),
            (None, _) => self.push(at, character),
        }
    }

    fn push(&mut self, at: usize, character: char) {
        self.word.get_or_insert((String::new(), at)).0.push(character);
    }

    fn end(&mut self, at: usize, words: &mut Vec<(String, usize, usize)>) {
        if let Some((word, start)) = self.word.take() {
            words.push((word, start, at));
        }
    }
}

/// The last simple command of a script that does more than prepare: what is left running.
pub fn last_command(words: &[Word]) -> Vec<Word> {
    let separates = |word: &Word| matches!(word.value.as_str(), ";" | "&&" | "||" | "|" | "&" | ";;");
    let commands: Vec<&[Word]> = words.split(separates).filter(|command| !command.is_empty()).collect();
    let prepares = |command: &[Word]| {
        let first = command.first().map_or("", |word| word.value.as_str());
        matches!(first, "cd" | "export" | "set" | "source" | "." | "umask" | "ulimit" | "echo" | "trap" | "true" | ":")
    };
    let command = commands.iter().rev().find(|command| !prepares(command)).or(commands.last());
    command.map(|command| command.to_vec()).unwrap_or_default()
}

static DOWNLOAD_AND_RUN: LazyLock<Regex> = LazyLock::new(|| {
    let fetch = r"\b(?:curl|wget|fetch|iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b";
    let run = r"(?:sudo\s+(?:-\S+\s+)*)?(?:env\s+(?:\S+=\S*\s+)*)?(?:/\S*/)?(?:ba|z|da|a|fi|k)?sh\b";
    let interpreters = r"(?:sudo\s+)?(?:/\S*/)?(?:python[0-9.]*|node|perl|ruby|php|deno|bun|iex|invoke-expression)\b";
    let pattern = format!(
        r#"(?is){fetch}[^;]*\|\s*(?:{run}|{interpreters})|(?:sh|source|\.|eval|python[0-9.]*|node)\s+(?:-\S+\s+)*["']?(?:<\(|\$\(|`)\s*{fetch}|\b(?:iex|invoke-expression)\b[^;]*{fetch}"#
    );
    Regex::new(&pattern).expect("a fixed pattern")
});

/// Whether shell text downloads something and runs it.
pub fn downloads_and_runs(text: &str) -> bool {
    DOWNLOAD_AND_RUN.is_match(text)
}
