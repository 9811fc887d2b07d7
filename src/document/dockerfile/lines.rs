//! Logical lines of a Dockerfile: continuations joined, comments and blank lines taken out, here-documents gathered.

use crate::source::{SourceId, Span};

/// Text of which every byte knows where it came from.
#[derive(Clone, Debug, Default)]
pub struct Joined {
    /// The text.
    pub text: String,
    at: Vec<u32>,
}

impl Joined {
    /// Adds a piece of source that starts at a byte offset.
    fn push(&mut self, piece: &str, offset: usize) {
        self.text.push_str(piece);
        self.at.extend((offset..offset + piece.len()).map(|at| at as u32));
    }

    /// Place in the file of a range of the text; the range may be empty.
    pub fn span(&self, source: SourceId, start: usize, end: usize) -> Span {
        let last = self.at.last().map_or(0, |at| at + 1);
        let from = self.at.get(start).copied().unwrap_or(last);
        let to = match end.checked_sub(1).filter(|_| end > start) {
            Some(before) => self.at.get(before).map_or(last, |at| at + 1),
            None => from,
        };
        Span::new(source, from as usize, to.max(from) as usize)
    }
}

/// One instruction as written.
#[derive(Debug, Default)]
pub struct Line {
    /// The instruction with its arguments.
    pub text: Joined,
    /// Here-documents that belong to it.
    pub heredocs: Vec<Heredoc>,
    /// Whether a here-document was not ended.
    pub open: bool,
}

/// Text that follows an instruction.
#[derive(Debug)]
pub struct Heredoc {
    /// Its delimiter.
    pub name: String,
    /// Start and end of its text in the file.
    pub range: (usize, usize),
}

/// A whole file in lines.
#[derive(Debug)]
pub struct Lines {
    /// Instructions.
    pub lines: Vec<Line>,
    /// Places of comments.
    pub comments: Vec<(usize, usize)>,
    /// The escape character.
    pub escape: char,
}

/// Splits a file. Offsets count from the start of `text`, whose first `base` bytes are left out.
pub fn split(text: &str, base: usize) -> Lines {
    let mut cursor = Cursor { text, at: base };
    let mut out = Lines { lines: Vec::new(), comments: Vec::new(), escape: directive(&text[base..]).unwrap_or('\\') };
    let mut open: Option<Joined> = None;
    while let Some((line, offset)) = cursor.next() {
        let bare = line.trim_start();
        if bare.starts_with('#') {
            let start = offset + line.len() - bare.len();
            out.comments.push((start, offset + line.trim_end().len()));
            continue;
        }
        if bare.trim_end().is_empty() {
            continue;
        }
        let (kept, goes_on) = continued(line, out.escape);
        let (kept, shift) = if open.is_none() { (kept.trim_start(), line.len() - bare.len()) } else { (kept, 0) };
        open.get_or_insert_with(Joined::default).push(kept, offset + shift);
        if !goes_on {
            finish(&mut out, open.take(), &mut cursor);
        }
    }
    finish(&mut out, open.take(), &mut cursor);
    out
}

fn finish(out: &mut Lines, joined: Option<Joined>, cursor: &mut Cursor<'_>) {
    let Some(text) = joined.filter(|joined| !joined.text.trim().is_empty()) else { return };
    let mut line = Line { text, ..Line::default() };
    for (name, tabs) in delimiters(&line.text.text) {
        let start = cursor.at;
        let mut end = start;
        loop {
            let Some((text, offset)) = cursor.next() else {
                line.open = true;
                end = cursor.at.max(end);
                break;
            };
            let text = if tabs { text.trim_start_matches('\t') } else { text };
            if text == name {
                end = offset;
                break;
            }
        }
        line.heredocs.push(Heredoc { name, range: (start, end) });
    }
    out.lines.push(line);
}

/// Delimiters of the here-documents that an instruction opens, and whether leading tabs are stripped.
fn delimiters(text: &str) -> Vec<(String, bool)> {
    let mut words = text.split_whitespace();
    let takes = words
        .next()
        .is_some_and(|first| ["run", "copy", "add", "onbuild"].contains(&first.to_ascii_lowercase().as_str()));
    if !takes {
        return Vec::new();
    }
    let delimiter = |word: &str| {
        let (before, rest) = word.split_once("<<")?;
        let rest = rest.split([';', '|', '&', '>', ')']).next()?;
        let (tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
        let name = rest.trim_matches(['"', '\'']);
        let word = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
        };
        (before.bytes().all(|byte| byte.is_ascii_digit()) && word(name)).then(|| (name.to_string(), tabs))
    };
    words.filter_map(delimiter).take(16).collect()
}

/// The line without its continuation mark, and whether it has one. A doubled escape character is none.
fn continued(line: &str, escape: char) -> (&str, bool) {
    let trimmed = line.trim_end_matches([' ', '\t']);
    match trimmed.strip_suffix(escape) {
        Some(kept) if !kept.ends_with(escape) => (kept, true),
        _ => (line, false),
    }
}

/// The escape character that a parser directive at the very top sets.
fn directive(text: &str) -> Option<char> {
    for line in text.lines() {
        let comment = line.trim().strip_prefix('#')?;
        let (key, value) = comment.split_once('=')?;
        if key.trim().eq_ignore_ascii_case("escape") {
            return value.trim().chars().next().filter(|escape| matches!(escape, '\\' | '`'));
        }
    }
    None
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The next line without its break, and its offset.
    fn next(&mut self) -> Option<(&'a str, usize)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let (line, length) = match rest.find('\n') {
            Some(at) => (&rest[..at], at + 1),
            None => (rest, rest.len()),
        };
        self.at += length;
        Some((line.strip_suffix('\r').unwrap_or(line), start))
    }
}
