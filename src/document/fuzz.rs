//! Random texts through every parser: no panic, and every span is a range of the text.

use super::*;
use crate::source::Sources;

/// Pieces that mean something to one of the parsers.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "'",
    "\n",
    "\r\n",
    " ",
    "  ",
    "\t",
    "#",
    "//",
    "/*",
    "*/",
    "- ",
    "? ",
    "&a ",
    "*a",
    "<<: ",
    "|\n",
    ">-\n",
    "---\n",
    "...\n",
    "!x ",
    "!!str ",
    "%YAML 1.2\n",
    "a",
    "b: ",
    "key",
    "1",
    "-2.5e3",
    "0x1f",
    "true",
    "null",
    "~",
    "é",
    "\u{feff}",
    "\0",
    "\u{2028}",
    "\\",
    "\\u0041",
    "\\ud800",
    "\\\n",
    "`",
    "=",
    "a.b = ",
    "[t]\n",
    "[[t]]\n",
    "'''",
    "\"\"\"",
    "2020-01-01",
    "FROM a AS b\n",
    "RUN ",
    "ENV A=$A ",
    "ARG ",
    "COPY --from=b ",
    "<<EOF",
    "EOF\n",
    "${A:-",
    "$A",
    "# escape=`\n",
    "CMD [\"a\"]\n",
    "ONBUILD ",
    "{\"a\":1}\n",
    "\u{1f600}",
];

/// Xorshift: small, seeded, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn no_text_breaks_a_parser_or_its_spans() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..4_000 {
        let length = 1 + random.below(24);
        let text: String = (0..length).map(|_| PIECES[random.below(PIECES.len())]).collect();
        for syntax in [Syntax::Json, Syntax::JsonLines, Syntax::Yaml, Syntax::Toml, Syntax::Dockerfile] {
            check(syntax, &text);
        }
    }
}

fn check(syntax: Syntax, text: &str) {
    let mut sources = Sources::default();
    let id = sources.add_text("x", text);
    let (document, gaps) = parse(id, syntax, text);
    let nodes = document.nodes.iter().map(|node| node.span);
    let pairs = document.duplicates.iter().flat_map(|(first, later)| [*first, *later]);
    let spans =
        nodes.chain(document.comments.iter().copied()).chain(pairs).chain(gaps.iter().filter_map(|gap| gap.span));
    for span in spans {
        assert!(text.get(span.range()).is_some(), "{syntax:?} {text:?} {span:?}");
    }
    for root in document.roots() {
        root.to_json(10_000);
    }
}
