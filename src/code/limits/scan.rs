//! The tokens of a text, as coarse as the bounds need them.

use std::ops::Range;

use super::depth::Depth;
use super::{Excess, MAX_DEPTH};
use crate::code::Language;

/// What stands before the next token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing that belongs to the same statement.
    Start,
    /// A name, which may be a label.
    Word,
    /// The end of another operand.
    Operand,
    /// The end of a block, or of a literal in braces.
    Brace,
    /// The head of `if (…)` and the like.
    Head,
    /// An opening bracket or a comma.
    Open,
    /// A colon.
    Colon,
    /// A dot: the next word is a member.
    Dot,
    /// Anything that wants an operand.
    Operator,
}

impl Before {
    /// Whether an operand is complete.
    pub fn is_operand(self) -> bool {
        matches!(self, Before::Word | Before::Operand | Before::Brace)
    }
}

/// One pass over a text.
pub struct Scan<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) language: Language,
    pub(super) jsx: bool,
    pub(super) depth: Depth,
    pub(super) before: Before,
    /// What stood before the last word.
    pub(super) before_word: Before,
    /// Whether a line has ended since the last token.
    pub(super) newline: bool,
    /// Whether the next `(` is the head of a statement.
    pub(super) head_next: bool,
    /// Per quote, up to where no closing one was found.
    pub(super) unclosed: [usize; 128],
    /// End of a line on which quotes are not trusted.
    pub(super) plain_until: usize,
    /// Where comments stand.
    pub(super) comments: Vec<Range<usize>>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str, language: Language, jsx: bool) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
            language,
            jsx: jsx && language == Language::TypeScript && (text.contains("</") || text.contains("/>")),
            depth: Depth::new(),
            before: Before::Start,
            before_word: Before::Start,
            newline: true,
            head_next: false,
            unclosed: [0; 128],
            plain_until: 0,
            comments: Vec::new(),
        }
    }

    pub(super) fn run(&mut self) -> Result<(), Excess> {
        if self.bytes.starts_with("\u{feff}".as_bytes()) {
            self.at = 3;
        }
        while self.at < self.bytes.len() {
            match self.depth.kind() {
                b'`' => self.template_text()?,
                b't' => self.jsx_tag()?,
                b'j' => self.jsx_text()?,
                b'f' => self.format_text()?,
                b'h' if self.depth.top().marked => self.format_text()?,
                _ => self.token()?,
            }
        }
        self.depth.finish(self.bytes.len())
    }

    /// The byte at an offset from here; 0 beyond the end.
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn token(&mut self) -> Result<(), Excess> {
        let start = self.at;
        if self.newline && self.language == Language::Python {
            self.indentation()?;
        }
        match self.peek(0) {
            b'\n' | b'\r' => {
                self.at += 1;
                self.line_end();
                Ok(())
            }
            b' ' | b'\t' | 0x0b | 0x0c => {
                self.at += 1;
                Ok(())
            }
            b'\\' if self.language == Language::Python && matches!(self.peek(1), b'\n' | b'\r') => {
                self.at += if self.peek(1) == b'\r' && self.peek(2) == b'\n' { 3 } else { 2 };
                Ok(())
            }
            _ if self.comment() => {
                self.comments.push(start..self.at);
                Ok(())
            }
            byte => {
                self.significant(byte)?;
                self.newline = false;
                Ok(())
            }
        }
    }

    fn significant(&mut self, byte: u8) -> Result<(), Excess> {
        if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 || self.is_sigil(byte) {
            return self.word();
        }
        if byte.is_ascii_digit() {
            return self.number();
        }
        match byte {
            b'"' | b'\'' | b'`' => self.quote(byte),
            b'(' | b'[' | b'{' => self.open(byte),
            b')' | b']' | b'}' => self.close(byte),
            b',' => self.comma(),
            b';' => self.semicolon(),
            _ => self.punctuation(byte),
        }
    }

    pub(super) fn is_sigil(&self, byte: u8) -> bool {
        self.language == Language::TypeScript && matches!(byte, b'$' | b'#')
    }

    fn line_end(&mut self) {
        let bracketed = !matches!(self.depth.kind(), 0 | b'i');
        match self.language {
            Language::Python if bracketed => return,
            Language::Python => self.statement(),
            Language::Go if self.before.is_operand() => self.statement(),
            _ => {}
        }
        self.newline = true;
    }

    /// A statement has ended here.
    pub(super) fn statement(&mut self) {
        self.depth.end();
        self.before = Before::Start;
    }

    /// Skips a comment, if one starts here.
    fn comment(&mut self) -> bool {
        match (self.language, self.peek(0), self.peek(1)) {
            (Language::Python, b'#', _) => self.skip_line(),
            (Language::Python, ..) => return false,
            (_, b'/', b'/') => self.skip_line(),
            (_, b'/', b'*') => self.skip_block_comment(),
            (_, b'#', b'!') if self.at == 0 => self.skip_line(),
            (Language::TypeScript, b'<', b'!') if self.bytes[self.at..].starts_with(b"<!--") => self.distrust_line(),
            (Language::TypeScript, b'-', b'-') if self.newline && self.peek(2) == b'>' => self.distrust_line(),
            _ => return false,
        }
        true
    }

    // Scripts read these as comments, modules as operators: count what follows, but open no text with it.
    fn distrust_line(&mut self) {
        self.plain_until = self.line_stop(self.at);
        self.at += 3;
    }

    fn skip_line(&mut self) {
        self.at = self.line_stop(self.at);
    }

    /// Where the line of an offset ends.
    pub(super) fn line_stop(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(self.bytes.len(), |length| from + length)
    }

    fn skip_block_comment(&mut self) {
        let mut level = 1;
        self.at += 2;
        while level > 0 && self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'*', b'/') => {
                    level -= 1;
                    self.at += 2;
                }
                (b'/', b'*') if self.language == Language::Rust => {
                    level += 1;
                    self.at += 2;
                }
                (b'\n', _) => {
                    self.at += 1;
                    self.line_end();
                }
                _ => self.at += 1,
            }
        }
    }

    fn number(&mut self) -> Result<(), Excess> {
        self.operand_starts(false)?;
        while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == b'_' {
            self.at += 1;
        }
        if self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
            self.at += 1;
            while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == b'_' {
                self.at += 1;
            }
        }
        self.before = Before::Operand;
        Ok(())
    }

    /// An operand starts: after another one it opens a new statement, or something unusual.
    pub(super) fn operand_starts(&mut self, continues: bool) -> Result<(), Excess> {
        let apart = match self.language {
            Language::TypeScript => self.newline || self.before == Before::Brace,
            Language::Rust => self.before == Before::Brace,
            Language::Python | Language::Go => false,
        };
        if self.before.is_operand() && apart {
            self.depth.drop_light(self.at)?;
            self.statement();
        } else if self.before.is_operand() && !continues {
            self.depth.op(self.at)?;
        }
        self.depth.resume(continues);
        Ok(())
    }

    fn quote(&mut self, quote: u8) -> Result<(), Excess> {
        if self.language == Language::Rust && quote == b'\'' {
            return self.apostrophe();
        }
        if self.language == Language::TypeScript && quote == b'`' {
            return self.template_start();
        }
        if self.language == Language::Python {
            // A back quote begins no string in Python 3: what follows it is read by the parser.
            return if quote == b'`' { self.operator(1) } else { self.python_string("") };
        }
        let lines = quote == b'`' || self.language == Language::Rust;
        let escapes = quote != b'`';
        match self.text_end(self.at + 1, quote, lines, escapes) {
            Some(end) => self.literal(end),
            None => self.operator(1),
        }
    }

    /// The offset after the closing quote, where there is one.
    pub(super) fn text_end(&mut self, from: usize, quote: u8, lines: bool, escapes: bool) -> Option<usize> {
        let unclosed = usize::from(quote & 127);
        if from <= self.unclosed[unclosed] || from <= self.plain_until {
            return None;
        }
        let mut at = from;
        while let Some(byte) = self.bytes.get(at) {
            match *byte {
                byte if byte == quote => return Some(at + 1),
                b'\\'
                    if escapes && self.bytes.get(at + 1) == Some(&b'\r') && self.bytes.get(at + 2) == Some(&b'\n') =>
                {
                    at += 3;
                }
                b'\\' if escapes => at += 2,
                b'\n' | b'\r' if !lines => break,
                _ => at += 1,
            }
        }
        self.unclosed[unclosed] = at;
        None
    }

    /// A literal that ends at an offset.
    pub(super) fn literal(&mut self, end: usize) -> Result<(), Excess> {
        let adjacent = self.language == Language::Python && self.before == Before::Operand;
        self.operand_starts(adjacent)?;
        self.plain(self.at, end)?;
        self.at = end;
        self.before = Before::Operand;
        Ok(())
    }

    /// Text that is skipped must not hold what would be too deep if it were code after all.
    pub(super) fn plain(&self, from: usize, to: usize) -> Result<(), Excess> {
        if to - from <= MAX_DEPTH {
            return Ok(());
        }
        let mut level = 0usize;
        for (offset, byte) in self.bytes[from..to].iter().enumerate() {
            match byte {
                b'(' | b'[' | b'{' => level += 1,
                b')' | b']' | b'}' => level = level.saturating_sub(1),
                _ => {}
            }
            if level > MAX_DEPTH {
                return Err(Excess { offset: from + offset, what: "holds text with more than 2000 open brackets" });
            }
        }
        Ok(())
    }

    fn open(&mut self, byte: u8) -> Result<(), Excess> {
        if self.before.is_operand() {
            self.depth.post(self.at)?;
        }
        self.depth.resume(false);
        self.depth.push(byte, self.at)?;
        self.depth.top().marked = std::mem::take(&mut self.head_next) && byte == b'(';
        self.depth.top().detail =
            u32::from(self.before == Before::Operator && self.at > 0 && self.bytes[self.at - 1] == b'>');
        self.at += 1;
        self.before = Before::Open;
        Ok(())
    }

    fn close(&mut self, byte: u8) -> Result<(), Excess> {
        self.depth.drop_light(self.at)?;
        let at = self.at;
        self.at += 1;
        if byte == b'}' && matches!(self.depth.kind(), b'$' | b'h' | b'x') {
            self.before = Before::Operand;
            return self.depth.pop(at);
        }
        let opener = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let head = self.depth.kind() == opener && self.depth.top().marked;
        self.depth.close(opener, at)?;
        self.before = match byte {
            b')' if head => Before::Head,
            b'}' if matches!(self.language, Language::TypeScript | Language::Rust) => Before::Brace,
            _ => Before::Operand,
        };
        Ok(())
    }

    fn comma(&mut self) -> Result<(), Excess> {
        self.depth.resume(false);
        self.depth.comma();
        self.at += 1;
        self.before = Before::Open;
        Ok(())
    }

    fn semicolon(&mut self) -> Result<(), Excess> {
        self.depth.drop_light(self.at)?;
        self.statement();
        self.at += 1;
        Ok(())
    }

    /// An operator of so many bytes.
    pub(super) fn operator(&mut self, length: usize) -> Result<(), Excess> {
        self.depth.resume(false);
        self.depth.op(self.at)?;
        self.at += length;
        self.before = Before::Operator;
        Ok(())
    }
}

/// Whether a byte can stand inside a name; all bytes beyond ASCII can.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
