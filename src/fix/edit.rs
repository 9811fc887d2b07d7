//! Edits of text: some bytes out, others in, the rest untouched.

use crate::source::{SourceId, Span};

/// Bytes that are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub source: SourceId,
    /// Offset of the first byte.
    pub at: usize,
    /// Bytes that go.
    pub remove: usize,
    /// What comes in their place.
    pub insert: String,
}

impl Edit {
    /// Puts text in at an offset.
    pub fn insert(source: SourceId, at: usize, insert: impl Into<String>) -> Self {
        Self { source, at, remove: 0, insert: insert.into() }
    }

    /// Replaces a place.
    pub fn replace(span: Span, insert: impl Into<String>) -> Self {
        let range = span.range();
        Self { source: span.source, at: range.start, remove: range.len(), insert: insert.into() }
    }
}

/// The text with edits of one file; an error where they do not fit it or each other.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, String> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.at);
    let mut out = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for edit in edits {
        let kept = text.get(at..edit.at).ok_or("two changes touch the same words")?;
        text.get(edit.at..edit.at.saturating_add(edit.remove)).ok_or("the change does not fit the file")?;
        out.push_str(kept);
        out.push_str(&edit.insert);
        at = edit.at + edit.remove;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    Ok(out)
}

/// The line break that a text uses at an offset: that of the line it is in, else of the first line.
pub fn line_break(text: &str, at: usize) -> &'static str {
    let here = text.get(at..).and_then(|rest| rest.split_once('\n')).map(|(line, _)| line);
    let first = text.split_once('\n').map(|(line, _)| line);
    if here.or(first).is_some_and(|line| line.ends_with('\r')) { "\r\n" } else { "\n" }
}

/// Offset of the start of the line that an offset is in.
pub fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |found| found + 1)
}

/// Offset after the line break of the line that an offset is in; the end of the text where it has none.
pub fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |found| at + found + 1)
}

/// A command that makes a single edit within one line, and shows nothing of what it replaces.
pub fn as_command(text: &str, edits: &[Edit], path: &str) -> Option<String> {
    let [edit] = edits else { return None };
    let start = line_start(text, edit.at);
    let line = text.get(..start)?.matches('\n').count() + 1;
    let before = text.get(start..edit.at)?.chars().count();
    let gone = text.get(edit.at..edit.at.checked_add(edit.remove)?)?;
    let is_plain = |text: &str| !text.contains(['\n', '\r', '\'']);
    if !is_plain(gone) && gone.contains('\n') || !is_plain(&edit.insert) || !is_plain(path) || before > 30_000 {
        return None;
    }
    let insert = edit.insert.replace('\\', "\\\\").replace('&', "\\&").replace('|', "\\|");
    Some(format!("sed -i -E '{line}s|^(.{{{before}}}).{{{}}}|\\1{insert}|' '{path}'", gone.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn edits_that_do_not_fit_are_refused() {
        let mut sources = Sources::default();
        let source = sources.add_text("x", "");
        let edit = |at, remove, insert: &str| Edit { source, at, remove, insert: insert.into() };
        assert_eq!(apply("abc", &[edit(1, 1, "X"), edit(0, 0, "-")]).as_deref(), Ok("-aXc"));
        assert!(apply("abc", &[edit(0, 2, ""), edit(1, 1, "")]).is_err());
        assert!(apply("abc", &[edit(2, 9, "")]).is_err());
        assert!(apply("é", &[edit(1, 0, "x")]).is_err());
    }

    #[test]
    fn a_command_counts_characters_and_shows_none_of_them() {
        let mut sources = Sources::default();
        let source = sources.add_text("x", "");
        let edit = Edit { source, at: 10, remove: 6, insert: "${K:?}".into() };
        let command = as_command("# é\n  K: secret # c\n", &[edit], "a b.yml");
        assert_eq!(command.as_deref(), Some("sed -i -E '2s|^(.{5}).{6}|\\1${K:?}|' 'a b.yml'"));
    }
}
