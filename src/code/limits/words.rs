//! Words: names, keywords and the prefixes of texts.

use super::Excess;
use super::scan::{Before, Scan, is_word};
use crate::code::Language;

impl Scan<'_> {
    pub(super) fn word(&mut self) -> Result<(), Excess> {
        let start = self.at;
        while is_word(self.peek(0)) || self.is_sigil(self.peek(0)) {
            self.at += 1;
        }
        let word = &self.bytes[start..self.at];
        if matches!(self.peek(0), b'"' | b'\'' | b'#') && word.len() <= 3 && self.prefixed_text(start)? {
            return Ok(());
        }
        let text = std::str::from_utf8(word).unwrap_or("");
        if self.before == Before::Dot {
            self.before = Before::Operand;
            return Ok(());
        }
        self.depth_of_word(text, start)
    }

    fn depth_of_word(&mut self, word: &str, start: usize) -> Result<(), Excess> {
        let keyword = Keyword::of(word, self.language);
        if keyword == Keyword::Section {
            self.depth.drop_light(start)?;
            self.statement();
        }
        self.operand_starts(matches!(keyword, Keyword::Infix | Keyword::Else | Keyword::Loop))?;
        self.before_word = self.before;
        self.before = match keyword {
            Keyword::Infix | Keyword::Prefix => {
                self.depth.op(start)?;
                Before::Operator
            }
            Keyword::Section => Before::Operator,
            Keyword::Else | Keyword::Lambda => {
                self.depth.hold(start)?;
                Before::Start
            }
            Keyword::Head | Keyword::Loop => {
                self.depth.hold(start)?;
                self.head_next = self.language == Language::TypeScript;
                Before::Operator
            }
            Keyword::Name => Before::Word,
        };
        self.head_next |=
            word == "await" && self.language == Language::TypeScript && self.before_word == Before::Operator;
        Ok(())
    }

    /// Text with a prefix (`r"…"`, `f'…'`, `b'…'`, `r#"…"#`); true where it was one.
    fn prefixed_text(&mut self, start: usize) -> Result<bool, Excess> {
        let prefix = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or("").to_ascii_lowercase();
        match self.language {
            Language::Python
                if matches!(&*prefix, "r" | "b" | "u" | "f" | "t" | "br" | "rb" | "fr" | "rf" | "tr" | "rt") =>
            {
                if self.peek(0) == b'#' {
                    return Ok(false);
                }
                self.python_string(&prefix)?;
                Ok(true)
            }
            Language::Rust if matches!(&*prefix, "r" | "br" | "cr") => self.raw_text(),
            _ => Ok(false),
        }
    }

    fn raw_text(&mut self) -> Result<bool, Excess> {
        let hashes = self.bytes[self.at..].iter().take_while(|byte| **byte == b'#').count();
        let from = self.at + hashes;
        if self.bytes.get(from) != Some(&b'"') || from < self.unclosed[1] {
            return Ok(false);
        }
        let mut closer = vec![b'#'; hashes + 1];
        closer[0] = b'"';
        let mut at = from + 1;
        while at < self.bytes.len() {
            if self.bytes[at] == b'"' && self.bytes[at..].starts_with(&closer) {
                self.literal(at + closer.len())?;
                return Ok(true);
            }
            at += 1;
        }
        self.unclosed[1] = at;
        Ok(false)
    }

    pub(super) fn apostrophe(&mut self) -> Result<(), Excess> {
        let length = match self.peek(1) {
            b'\\' => self.bytes[self.at + 2..].iter().skip(1).take(12).position(|byte| *byte == b'\'').map(|at| at + 4),
            0..=0x7f if self.peek(2) == b'\'' => Some(3),
            0x80.. => self.bytes[self.at + 1..].iter().take(5).position(|byte| *byte == b'\'').map(|at| at + 2),
            _ => None,
        };
        match length {
            Some(length) => self.literal((self.at + length).min(self.bytes.len())),
            // A lifetime or a label: the word that follows stands for it.
            None => self.operator(1),
        }
    }
}

/// What a word does to the height of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keyword {
    /// An operand.
    Name,
    /// Wants an operand after it: `not`, `await`, `return`.
    Prefix,
    /// Stands between operands.
    Infix,
    /// Nests the next statement and has a head in brackets.
    Head,
    /// The same, and may close a `do`.
    Loop,
    /// Continues the statement before and nests the next one.
    Else,
    /// A function whose parameters stand between commas.
    Lambda,
    /// Opens a part of a switch.
    Section,
}

impl Keyword {
    fn of(word: &str, language: Language) -> Self {
        use Language::{Go, Python, Rust, TypeScript};
        match (language, word) {
            (Python, "lambda") => Keyword::Lambda,
            (Python, "elif" | "else" | "except" | "finally") => Keyword::Else,
            (Python, "and" | "or" | "in" | "is" | "if" | "for" | "as" | "from" | "import") => Keyword::Infix,
            (
                Python,
                "not" | "await" | "yield" | "return" | "async" | "del" | "assert" | "raise" | "while" | "with",
            ) => Keyword::Prefix,
            (TypeScript, "if" | "for" | "with") => Keyword::Head,
            (TypeScript, "while") => Keyword::Loop,
            (TypeScript | Rust | Go, "else") | (TypeScript, "do") => Keyword::Else,
            (TypeScript, "case") | (Go, "case") => Keyword::Section,
            (TypeScript, "in" | "of" | "as" | "instanceof" | "satisfies" | "extends" | "implements" | "is")
            | (Rust, "as") => Keyword::Infix,
            (
                TypeScript,
                "return" | "typeof" | "void" | "delete" | "throw" | "new" | "await" | "yield" | "default" | "keyof",
            )
            | (Rust, "return" | "break" | "move" | "mut" | "let" | "dyn" | "impl" | "in" | "if" | "match" | "while")
            | (Go, "return" | "func" | "chan" | "map" | "range" | "go" | "defer" | "if" | "for" | "switch") => {
                Keyword::Prefix
            }
            _ => Keyword::Name,
        }
    }
}
