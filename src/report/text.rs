//! Text that is safe to show: escaped, coloured, wrapped.

use std::borrow::Cow;
use std::fmt::Write;

use crate::report::{Report, View};
pub use crate::rules::message::is_hidden;
use crate::source::Span;

/// One line of text with everything hidden written as `\u{…}`; line breaks and tabs become spaces.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push_escaped(&mut out, c);
    }
    Cow::Owned(out)
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '\n' | '\t' => out.push(' '),
        '\r' => {}
        c if is_hidden(c) => write!(out, "\\u{{{:x}}}", c as u32).expect("writing to a string cannot fail"),
        c => out.push(c),
    }
}

/// One character as it is shown in a code frame: a tab is four columns.
pub fn cell(c: char) -> String {
    if c == '\t' {
        return "    ".to_owned();
    }
    let mut out = String::new();
    push_escaped(&mut out, c);
    out
}

/// JSON text with what [`is_hidden`] as `\uXXXX`. Such characters stand only inside JSON strings, so nothing is lost.
pub fn escape_json(json: &str) -> Cow<'_, str> {
    let (mut out, mut taken, mut at) = (String::new(), 0, 0);
    loop {
        at += plain_bytes(json.as_bytes().get(at..).unwrap_or_default());
        let Some(odd) = json.get(at..).and_then(|rest| rest.chars().next()) else { break };
        if is_hidden(odd) {
            out.push_str(json.get(taken..at).unwrap_or_default());
            for unit in odd.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("writing to a string cannot fail");
            }
            taken = at + odd.len_utf8();
        }
        at += odd.len_utf8();
    }
    match taken {
        0 => Cow::Borrowed(json),
        _ => Cow::Owned(out + json.get(taken..).unwrap_or_default()),
    }
}

/// Bytes up to the first that is neither the end of a line nor a printable one of ASCII, looked at many at once.
fn plain_bytes(bytes: &[u8]) -> usize {
    let is_plain = |byte: &u8| (*byte == b'\n') | (b' '..=b'~').contains(byte);
    let runs = bytes.chunks(64).take_while(|run| run.iter().fold(true, |all, byte| all & is_plain(byte)));
    let whole: usize = runs.map(<[u8]>::len).sum();
    whole + bytes.get(whole..).unwrap_or_default().iter().take_while(|byte| is_plain(byte)).count()
}

/// Columns that a text takes in a terminal, near enough for carets and tables.
pub fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

fn char_columns(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Breaks a text into lines of at most `width` columns at spaces; a longer word is broken where it must be.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    wrap_after(0, text, width)
}

/// The same where something of `before` columns already stands on the first line.
fn wrap_after(before: usize, text: &str, width: usize) -> Vec<String> {
    let full = width.max(20);
    let mut width = full.saturating_sub(before).max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let size = columns(word);
        let fits = if used > 0 { used + 1 + size <= width } else { size <= width || width == full };
        if !fits {
            lines.push(std::mem::take(&mut line));
            (used, width) = (0, full);
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            if used >= width {
                lines.push(std::mem::take(&mut line));
                (used, width) = (0, full);
            }
            line.push(c);
            used += char_columns(c);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// A text behind a heading, wrapped, with its further lines indented to match.
pub fn hang(out: &mut String, first: &str, indent: usize, text: &str, width: usize) {
    let before = painted_columns(first).saturating_sub(indent);
    for (at, line) in wrap_after(before, text, width.saturating_sub(indent)).iter().enumerate() {
        match at {
            0 => writeln!(out, "{first}{line}"),
            _ => writeln!(out, "{:indent$}{line}", ""),
        }
        .expect("writing to a string cannot fail");
    }
}

/// Columns of a text whose colours are not seen.
fn painted_columns(text: &str) -> usize {
    let mut parts = text.split("\x1b[");
    let plain = parts.next().map_or(0, columns);
    plain + parts.map(|part| part.split_once('m').map_or(0, |(_, seen)| columns(seen))).sum::<usize>()
}

/// At most `limit` columns of a text, with `…` where something was left out.
pub fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if columns(text) <= limit {
        return Cow::Borrowed(text);
    }
    let mut used = 1;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += char_columns(*c);
            used <= limit
        })
        .collect();
    Cow::Owned(kept + "…")
}

/// `1 tool`, `2 tools`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// What a colour says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It fails.
    Bad,
    /// It may fail.
    Doubtful,
    /// It holds.
    Good,
    /// Structure, not content.
    Quiet,
    /// A place.
    Place,
    /// A heading.
    Strong,
}

impl View {
    /// A text in a colour, where colours are wanted.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Bad => "1;31",
            Tone::Doubtful => "33",
            Tone::Good => "32",
            Tone::Quiet => "2",
            Tone::Place => "36",
            Tone::Strong => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// A place as `path:line:column`, as a link where links are wanted.
    pub fn place(&self, report: &Report, span: Span) -> String {
        let shown = place(report, span);
        let Some(base) = &self.links else { return self.paint(Tone::Place, &shown) };
        let target = format!("{base}{}", percent_encode(report.sources.path(span.source)));
        format!("\x1b]8;;{target}\x1b\\{}\x1b]8;;\x1b\\", self.paint(Tone::Place, &shown))
    }
}

/// A place as `path:line:column`, escaped.
pub fn place(report: &Report, span: Span) -> String {
    let start = report.sources.start(span);
    format!("{}:{}:{}", escape(report.sources.path(span.source)), start.line, start.column)
}

/// A relative path as a URI: everything but unreserved characters and `/` as `%XX`.
pub fn percent_encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(byte as char),
            _ => write!(out, "%{byte:02X}").expect("writing to a string cannot fail"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_written_out() {
        let cases = [
            ("plain", "plain"),
            ("a\x1b[31mb", "a\\u{1b}[31mb"),
            ("x\u{202e}y\u{200b}z", "x\\u{202e}y\\u{200b}z"),
            ("two\nlines\tand\r\n", "two lines and "),
            ("\u{9b}2J\u{e0041}", "\\u{9b}2J\\u{e0041}"),
            ("größe 漢字 🙂", "größe 漢字 🙂"),
        ];
        for (text, expected) in cases {
            assert_eq!(escape(text), expected);
        }
    }

    #[test]
    fn escaped_json_reads_back_as_the_same_value() {
        let value = serde_json::json!({"name": "a\u{9b}b\u{202e}\u{e0041}\x1b \"ü\""});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let escaped = escape_json(&text);
        assert!(!escaped.chars().any(|c| c != '\n' && is_hidden(c)), "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }

    #[test]
    fn text_is_wrapped_at_spaces_and_inside_words_that_are_too_long() {
        assert_eq!(wrap("one two three four five six", 20), ["one two three four", "five six"]);
        assert_eq!(wrap("abcdefghijklmnopqrstuvwxyz", 20), ["abcdefghijklmnopqrst", "uvwxyz"]);
        assert_eq!(wrap("", 20), [""]);
        assert_eq!(painted_columns("\x1b[1;31mab\x1b[0m c"), 4);
        assert_eq!(wrap_after(15, "one two three", 20), ["one", "two three"]);
        assert_eq!(wrap_after(15, "sixsix two three", 20), ["", "sixsix two three"]);
    }

    #[test]
    fn paths_are_encoded_as_relative_uris() {
        assert_eq!(percent_encode("a b/ü#?%.py"), "a%20b/%C3%BC%23%3F%25.py");
    }

    #[test]
    fn long_text_is_cut_with_a_mark() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 4), "abc…");
    }
}
