//! Text and places: who owns what was read, and how a place in it is named.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use serde::Serialize;

/// Handle of one file of the audited tree; only [`Sources`] makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// Byte range in one source, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A range of `source`; an end before the start is read as empty.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        Self { source, start, end: end.max(start) }
    }

    /// The range without its source.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies inside.
    pub fn contains(self, other: Span) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// The smallest range that covers both; `self` where the sources differ.
    pub fn to(self, other: Span) -> Span {
        if self.source != other.source {
            return self;
        }
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A place as people and most formats count it, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

/// One file: its path, its text and where its lines begin, which few files are ever asked.
pub struct Source {
    path: Box<str>,
    text: Box<str>,
    digest: [u8; 32],
    lines: OnceLock<Vec<u32>>,
}

impl Source {
    /// Path relative to the audited root, with forward slashes.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text, without a leading byte order mark removed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte at which each line begins.
    fn lines(&self) -> &[u32] {
        let after = |(at, _): (usize, &str)| u32::try_from(at + 1).unwrap_or(u32::MAX);
        self.lines.get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(after)).collect())
    }

    /// SHA-256 of the bytes on disk, in lower-case hexadecimal.
    pub fn sha256(&self) -> String {
        hexadecimal(&self.digest)
    }
}

/// Bytes in lower-case hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// Most files that one thread takes at once: of a quarter of a tree, which it would take else, the end is long in coming.
pub const FILES_AT_ONCE: usize = 8;

/// All text that was read, in path order.
#[derive(Default)]
pub struct Sources {
    all: Vec<Source>,
}

impl Sources {
    /// Takes ownership of a file's text; `digest` is that of the bytes on disk.
    pub fn add(&mut self, path: impl Into<Box<str>>, text: impl Into<Box<str>>, digest: [u8; 32]) -> SourceId {
        let id = SourceId(u32::try_from(self.all.len()).expect("discovery bounds the number of files"));
        self.all.push(Source { path: path.into(), text: text.into(), digest, lines: OnceLock::new() });
        id
    }

    /// Adds text that is not on disk (tests, standard input, built-in rules); its digest is computed here.
    pub fn add_text(&mut self, path: &str, text: &str) -> SourceId {
        use sha2::Digest;
        self.add(path, text, sha2::Sha256::digest(text.as_bytes()).into())
    }

    /// The file behind a handle.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.all[id.0 as usize]
    }

    /// Path of a file.
    pub fn path(&self, id: SourceId) -> &str {
        self.get(id).path()
    }

    /// Every file with its handle, in the order added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.all.iter().enumerate().map(|(at, source)| (SourceId(at as u32), source))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The handle of a path, if it was read.
    pub fn find(&self, path: &str) -> Option<SourceId> {
        self.iter().find(|(_, source)| source.path() == path).map(|(id, _)| id)
    }

    /// The text of a range; empty where the range does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).text.get(span.range()).unwrap_or("")
    }

    /// Where a span starts.
    pub fn start(&self, span: Span) -> Position {
        self.position(span.source, span.start)
    }

    /// Where a span ends, one past its last character.
    pub fn end(&self, span: Span) -> Position {
        self.position(span.source, span.end)
    }

    /// Line and column of a byte offset, clamped to the text and to a character's start.
    pub fn position(&self, id: SourceId, offset: u32) -> Position {
        let source = self.get(id);
        let mut offset = (offset as usize).min(source.text.len());
        while !source.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let lines = source.lines();
        let line = lines.partition_point(|start| *start as usize <= offset);
        let start = lines[line - 1] as usize;
        let column = source.text[start..offset].chars().count() as u32 + 1;
        Position { line: line as u32, column }
    }

    /// Text of a line (from 1) without its line break, and the byte offset of its start.
    pub fn line(&self, id: SourceId, line: u32) -> Option<(&str, u32)> {
        let source = self.get(id);
        let at = (line as usize).checked_sub(1)?;
        let start = *source.lines().get(at)?;
        let end = source.lines().get(at + 1).copied().unwrap_or(source.text.len() as u32);
        let text = source.text[start as usize..end as usize].trim_end_matches(['\n', '\r']);
        Some((text, start))
    }

    /// Puts asterisks in place of ranges of a text, byte for byte, so that every place stays where it was. The first letters
    /// of each stay, as a mask shows them; lines stay lines.
    pub fn hide(&mut self, id: SourceId, ranges: &[Range<usize>]) {
        let source = &mut self.all[id.0 as usize];
        let mut bytes = source.text.as_bytes().to_vec();
        for range in ranges {
            let shown = match range.len() {
                0..=11 => 1,
                12..=19 => 2,
                _ => 4,
            };
            let Some(part) = bytes.get_mut(range.clone()) else { continue };
            let is_kept = |(at, byte): (usize, &u8)| (at < shown && byte.is_ascii()) || matches!(byte, b'\n' | b'\r');
            let kept: Vec<bool> = part.iter().enumerate().map(is_kept).collect();
            part.iter_mut().zip(kept).filter(|(_, kept)| !kept).for_each(|(byte, _)| *byte = b'*');
        }
        // Ranges that cut a letter in two would leave half of it.
        if let Ok(text) = String::from_utf8(bytes) {
            source.text = text.into();
        }
    }

    /// Number of lines; a text without a line break has one.
    pub fn line_count(&self, id: SourceId) -> u32 {
        self.get(id).lines().len() as u32
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sources({})", self.all.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let mut sources = Sources::default();
        let id = sources.add_text("a.txt", "é1\r\nzwei\n");
        assert_eq!(sources.position(id, 0), Position { line: 1, column: 1 });
        assert_eq!(sources.position(id, 1), Position { line: 1, column: 1 }, "inside a character is its start");
        assert_eq!(sources.position(id, 2), Position { line: 1, column: 2 });
        assert_eq!(sources.position(id, 5), Position { line: 2, column: 1 });
        assert_eq!(sources.position(id, 999), Position { line: 3, column: 1 });
        assert_eq!(sources.line(id, 1), Some(("é1", 0)));
        assert_eq!(sources.line(id, 4), None);
    }

    #[test]
    fn spans_that_do_not_fit_are_empty_text() {
        let mut sources = Sources::default();
        let id = sources.add_text("a.txt", "é");
        assert_eq!(sources.slice(Span::new(id, 1, 2)), "");
        assert_eq!(sources.slice(Span::new(id, 5, 9)), "");
    }
}
