//! How high the parser's tree can be, judged by the tokens it was made of.
//!
//! The bounds of [`crate::code::limits`] are checked on text. Broken text (quotes without an end) can be read in more
//! than one way there; the tokens say how it is read. They are counted before parsing, which takes memory by the level,
//! and again after it, because the parser reads some of them anew where it finds an error.

use ruff_python_ast::token::{Token, TokenKind};
use ruff_python_parser::Mode;
use ruff_python_parser::lexer::lex;

use crate::code::limits::{MAX_DEPTH, MAX_HEIGHT};

/// Whether a text is too high to be parsed, as the lexer reads it.
pub(super) fn exceeds(text: &str, mode: Mode) -> bool {
    let mut lexer = lex(text, mode);
    let mut tree = Tree::default();
    loop {
        match lexer.next_token() {
            TokenKind::EndOfFile => return false,
            kind => tree.read(kind),
        }
        if tree.is_too_high() {
            return true;
        }
    }
}

/// Place of the token that makes the tree too high to be walked, if one does.
pub(super) fn excess(tokens: &[Token]) -> Option<Token> {
    let mut tree = Tree::default();
    tokens.iter().copied().find(|token| {
        tree.read(token.kind());
        tree.is_too_high()
    })
}

/// One open bracket, block or template.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Operators, members, calls and prefixes since the last comma or statement: each may be a level of the tree.
    links: usize,
    /// Branches of the last `if` statement: each stands in the one before.
    branches: usize,
}

impl Level {
    fn height(self) -> usize {
        self.links + self.branches
    }
}

/// What is open where the tokens are read.
#[derive(Default)]
struct Tree {
    below: Vec<Level>,
    height_below: usize,
    top: Level,
    within_statement: bool,
}

impl Tree {
    fn is_too_high(&self) -> bool {
        self.below.len() > MAX_DEPTH || self.height_below + self.top.height() > MAX_HEIGHT
    }

    fn read(&mut self, kind: TokenKind) {
        match kind {
            TokenKind::Comment | TokenKind::NonLogicalNewline => return,
            TokenKind::Comma | TokenKind::Newline | TokenKind::Semi => self.top.links = 0,
            TokenKind::If if !self.within_statement => self.top.branches = 0,
            TokenKind::Elif => self.top.branches += 1,
            _ if opens(kind) => self.open(),
            _ if closes(kind) => self.close(),
            _ if links(kind) => self.top.links += 1,
            _ => {}
        }
        use TokenKind::{Dedent, Indent, Newline, Semi};
        self.within_statement = !matches!(kind, Newline | Semi | Indent | Dedent);
    }

    fn open(&mut self) {
        self.top.links += 1;
        self.height_below += self.top.height();
        self.below.push(std::mem::take(&mut self.top));
    }

    fn close(&mut self) {
        if let Some(outer) = self.below.pop() {
            self.height_below -= outer.height();
            self.top = outer;
        }
    }
}

fn opens(kind: TokenKind) -> bool {
    use TokenKind::{FStringStart, Indent, Lbrace, Lpar, Lsqb, TStringStart};
    matches!(kind, Lpar | Lsqb | Lbrace | Indent | FStringStart | TStringStart)
}

fn closes(kind: TokenKind) -> bool {
    use TokenKind::{Dedent, FStringEnd, Rbrace, Rpar, Rsqb, TStringEnd};
    matches!(kind, Rpar | Rsqb | Rbrace | Dedent | FStringEnd | TStringEnd)
}

/// Whether a token can stand between two levels of the tree. What surely cannot is named; all else counts.
fn links(kind: TokenKind) -> bool {
    use TokenKind::{
        Colon, Complex, Ellipsis, Equal, FStringMiddle, False, Float, Int, Name, None, String, TStringMiddle, True,
    };
    let leaf = matches!(kind, Name | Int | Float | Complex | String | FStringMiddle | TStringMiddle);
    !leaf && !matches!(kind, True | False | None | Ellipsis | Equal | Colon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruff_python_ast::PySourceType;
    use ruff_python_parser::parse_unchecked_source;

    /// The tree itself is kept: dropping one this high needs more stack than a test has.
    fn is_too_high(text: &str) -> bool {
        let parsed = std::mem::ManuallyDrop::new(parse_unchecked_source(text, PySourceType::Python));
        excess(parsed.tokens()).is_some()
    }

    #[test]
    fn long_is_not_high() {
        for line in ["x = 1 + 2\n", "f(a, b=[c])\n", "if x: y()\n", "@d\ndef f(): pass\n", "x = f'{a}{b!r:>{c}}'\n"] {
            assert!(!is_too_high(&line.repeat(20_000)), "{line:?}");
        }
        assert!(!is_too_high(&format!("x = [{}]", "a + b, ".repeat(20_000))));
        assert!(!is_too_high(&format!("x = {}", "'text' ".repeat(20_000))));
    }

    #[test]
    fn chains_and_nesting_are_high() {
        for (text, most) in [("a.", MAX_HEIGHT), ("1 + ", MAX_HEIGHT), ("elif x: pass\n", MAX_HEIGHT), ("(", MAX_DEPTH)]
        {
            assert!(is_too_high(&text.repeat(most + 1)), "{text:?}");
            assert!(!is_too_high(&text.repeat(most / 2)), "{text:?}");
        }
    }
}
