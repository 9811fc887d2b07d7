//! The files that a lock lists for each package, with their digests: nine tenths of its text, of which nothing is asked.
//! Those that stand there just as the tools write them are left out before the text is parsed; all others are parsed.

use std::borrow::Cow;
use std::ops::Range;

/// Lines that open a list of files.
const LISTS: &[&str] = &["wheels = [", "files = ["];
/// What comes before the one file of a package's source.
const SOURCE: &str = "sdist = ";
/// The signs around what is told of one file.
const AROUND: &[(&str, &str)] = &[("{ ", " }"), ("{", "}")];
/// What is told of one file, in this order.
const KEYS: &[&str] = &["url = ", "path = ", "file = ", DIGEST, "size = ", "upload-time = "];
const DIGEST: &str = "hash = ";
/// Digits of a number that surely fits.
const DIGITS: usize = 18;

/// A text without what was left out, and where that was.
pub(super) struct Shortened<'a> {
    /// The text that is left.
    pub(super) text: Cow<'a, str>,
    /// For each piece left out: where it was in the text that is left, and how many bytes are missing from there on.
    missing: Vec<(usize, usize)>,
}

impl<'a> Shortened<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let pieces = if text.contains("\"\"\"") || text.contains("'''") { Vec::new() } else { pieces(text) };
        if pieces.is_empty() {
            return Self { text: Cow::Borrowed(text), missing: Vec::new() };
        }
        let mut left = String::with_capacity(text.len() - pieces.iter().map(Range::len).sum::<usize>());
        let mut missing = Vec::with_capacity(pieces.len());
        let mut at = 0;
        for piece in pieces {
            left.push_str(text.get(at..piece.start).unwrap_or_default());
            at = piece.end;
            missing.push((left.len(), at - left.len()));
        }
        left.push_str(text.get(at..).unwrap_or_default());
        Self { text: Cow::Owned(left), missing }
    }

    /// The same place in the whole text.
    pub(super) fn whole(&self, range: Range<usize>) -> Range<usize> {
        let before = |is_before: &dyn Fn(usize) -> bool| {
            let at = self.missing.partition_point(|(place, _)| is_before(*place));
            at.checked_sub(1).map_or(0, |last| self.missing[last].1)
        };
        range.start + before(&|place| place <= range.start)..range.end + before(&|place| place < range.end)
    }
}

/// What can be left out, without overlaps, in order.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut at, mut is_list) = (0, false);
    for line in text.split_inclusive('\n') {
        let (start, bare) = (at, line.strip_suffix('\n').unwrap_or(line));
        at += line.len();
        if is_list && bare.strip_prefix("    ").and_then(after_file) == Some(",") {
            match found.last_mut().filter(|last| last.end == start) {
                Some(last) => last.end = at,
                None => found.push(start..at),
            }
            continue;
        }
        is_list = LISTS.contains(&bare);
        if bare.strip_prefix(SOURCE).and_then(after_file) == Some("") {
            found.push(start + SOURCE.len() + 1..start + bare.len() - 1);
        }
    }
    found
}

/// What follows one file that is told as the tools do, its digest included.
fn after_file(text: &str) -> Option<&str> {
    let (open, close) = AROUND.iter().find(|(open, _)| text.starts_with(open))?;
    let mut rest = text.strip_prefix(open)?;
    let mut is_file = false;
    for key in KEYS {
        let Some(value) = rest.strip_prefix(key) else { continue };
        is_file |= *key == DIGEST && value.starts_with("\"sha256:");
        rest = after_value(value)?;
        if let Some(after) = rest.strip_prefix(close) {
            return Some(after).filter(|_| is_file);
        }
        rest = rest.strip_prefix(", ")?;
    }
    None
}

/// What follows a plain text or number.
fn after_value(text: &str) -> Option<&str> {
    let Some(inner) = text.strip_prefix('"') else {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let is_plain = (1..=DIGITS).contains(&digits) && (digits == 1 || !text.starts_with('0'));
        return text.get(digits..).filter(|_| is_plain);
    };
    let end = inner.bytes().position(|sign| matches!(sign, b'"' | b'\\' | 0x7f) || sign < b' ')?;
    inner.get(end..)?.strip_prefix('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Node, toml};
    use crate::source::Sources;

    const FILE: &str =
        r#"{ url = "https://files.example/a.whl", hash = "sha256:0a", size = 17943, upload-time = "2024" }"#;

    #[test]
    fn files_are_left_out_and_places_stay() {
        let text = format!(
            "\u{feff}[[package]]\nname = \"ä\"\nsdist = {FILE}\nwheels = [\n    {FILE},\n    {FILE},\n]\nversion = \"1\"\n\
             [[package]]\nname = \"b\"\nfiles = [\n    {{file = \"b.whl\", hash = \"sha256:0a\"}},\n]\n[c]\nd = \"e\"\n"
        );
        let mut sources = Sources::default();
        let (document, gaps) = toml::parse(sources.add_text("uv.lock", text.as_str()), &text);
        assert!(gaps.is_empty(), "{gaps:?}");
        assert!(document.nodes.iter().all(|node| !sources.slice(node.span).starts_with("https")));
        let root = document.root().expect("parsed");
        let packages: Vec<Node<'_>> = root.get("package").into_iter().flat_map(Node::items).collect();
        let shown = |node: Option<Node<'_>>| node.map(|node| sources.slice(node.span()).to_string());
        assert_eq!(shown(packages[0].get("name")).as_deref(), Some("ä"));
        assert_eq!(shown(packages[0].get("version")).as_deref(), Some("1"));
        assert_eq!(shown(packages[1].get("name")).as_deref(), Some("b"));
        assert_eq!(shown(root.at(&["c", "d"])).as_deref(), Some("e"));
        let wheels = shown(packages[0].get("wheels")).unwrap_or_default();
        assert!(wheels.starts_with("[\n    { url") && wheels.ends_with("},\n]"), "{wheels}");
        assert_eq!(shown(packages[0].get("sdist")).as_deref(), Some(FILE));
    }

    #[test]
    fn what_no_tool_writes_is_parsed() {
        for (text, faults) in [
            ("wheels = [\n    { url = \"a\", hash = \"sha256:0\\q\" },\n]\n".to_string(), 1),
            ("wheels = [\n    { url = \"a\", hash = \"sha256:0\", size = 017 },\n]\n".to_string(), 1),
            ("wheels = [\n    { hash = \"sha256:0\", hash = \"sha256:0\" },\n]\n".to_string(), 1),
            (format!("wheels = [\n    {FILE}\n    {FILE},\n]\n"), 1),
            (format!("wheels = [\n    {FILE},\n    {FILE},,\n]\n"), 1),
            (format!("sdist = {FILE} x\n"), 1),
            (format!("sdist = {FILE}\nsdist = {FILE}\n"), 1),
            (format!("wheels = [\n    {FILE},\n"), 1),
            ("files = [\n    {path = \"a\"},\n]\n".to_string(), 0),
        ] {
            let mut sources = Sources::default();
            let (document, gaps) = toml::parse(sources.add_text("uv.lock", text.as_str()), &text);
            assert_eq!(gaps.len(), faults, "{text} {gaps:?}");
            let kept = document.nodes.iter().any(|node| sources.slice(node.span) == "a");
            assert!(faults > 0 || kept, "{text}");
        }
        let quoted = format!("a = \"\"\"\nwheels = [\n    {FILE},\n]\n\"\"\"\n");
        assert_eq!(Shortened::of(&quoted).text, quoted);
    }
}
