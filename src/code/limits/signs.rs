//! Operators and other signs.

use super::Excess;
use super::scan::{Before, Scan};
use crate::code::Language;

impl Scan<'_> {
    fn suffix(&mut self, length: usize) -> Result<(), Excess> {
        self.depth.resume(false);
        self.depth.post(self.at)?;
        self.at += length;
        Ok(())
    }

    pub(super) fn punctuation(&mut self, byte: u8) -> Result<(), Excess> {
        let operand = self.before.is_operand();
        match (byte, self.peek(1)) {
            (b'.', _) => self.dot(1),
            (b'?', b'.') if operand => self.dot(2),
            (b':', b':') if self.language == Language::Rust => self.dot(2),
            (b':', _) => self.colon(),
            (b'?', _) if operand && self.language == Language::Rust => self.suffix(1),
            (b'!', next) if operand && next != b'=' && self.language != Language::Python => self.suffix(1),
            (b'+', b'+') | (b'-', b'-') if operand && self.has_increments() => self.suffix(2),
            (b'=', b'>') => self.arrow(),
            (b'-', b'>') => self.operator(2),
            (b'<', _) if matches!(self.language, Language::TypeScript | Language::Rust) => self.less(),
            (b'>', _) if self.depth.kind() == b'<' => self.greater(),
            (b'/', _) if self.language == Language::TypeScript && !operand => self.slash(),
            (b'/', _) if self.language == Language::TypeScript && self.before == Before::Brace => self.slash(),
            (b'|', _) if self.language == Language::Rust && !operand => self.closure(),
            (b'#', _) if self.language == Language::Rust => self.attribute(),
            (b'@', _) if self.language == Language::TypeScript => self.attribute(),
            _ if operand => self.operator(self.infix_length()),
            _ => self.operator(1),
        }
    }

    fn has_increments(&self) -> bool {
        matches!(self.language, Language::TypeScript | Language::Go)
    }

    fn dot(&mut self, length: usize) -> Result<(), Excess> {
        if self.before.is_operand() {
            self.suffix(length)?;
        } else {
            self.operator(length)?;
        }
        self.before = Before::Dot;
        Ok(())
    }

    fn colon(&mut self) -> Result<(), Excess> {
        let labels =
            matches!(self.before_word, Before::Start | Before::Open | Before::Brace | Before::Colon | Before::Head);
        if self.language == Language::TypeScript && self.before == Before::Word && labels {
            self.depth.hold(self.at)?;
        }
        if self.language == Language::Python && self.depth.kind() == b'h' {
            self.depth.top().marked = true;
            self.at += 1;
            return Ok(());
        }
        self.operator(1)?;
        self.before = Before::Colon;
        Ok(())
    }

    fn arrow(&mut self) -> Result<(), Excess> {
        if self.language == Language::Rust {
            self.depth.drop_light(self.at)?;
            self.statement();
        }
        self.operator(2)
    }

    fn less(&mut self) -> Result<(), Excess> {
        let next = self.peek(1);
        if next == b'=' || (next == b'<' && self.peek(2) == b'=') {
            return self.operator(self.infix_length());
        }
        let operand = self.before.is_operand();
        if self.jsx && !operand && self.is_element() {
            return self.jsx_start();
        }
        let shift = next == b'<' && (self.peek(2) == b' ' || self.peek(2).is_ascii_digit() || !operand);
        if shift && operand {
            return self.operator(2);
        }
        self.operator(1)?;
        self.depth.push(b'<', self.at)
    }

    fn greater(&mut self) -> Result<(), Excess> {
        if self.peek(1) == b'=' && self.peek(2) != b'>' {
            return self.operator(2);
        }
        self.depth.pop(self.at)?;
        self.at += 1;
        self.before = Before::Operator;
        Ok(())
    }

    fn closure(&mut self) -> Result<(), Excess> {
        self.depth.resume(false);
        self.depth.hold(self.at)?;
        self.at += if self.peek(1) == b'|' { 2 } else { 1 };
        self.before = Before::Operator;
        Ok(())
    }

    fn attribute(&mut self) -> Result<(), Excess> {
        if self.before == Before::Brace || (self.before.is_operand() && self.newline) {
            self.depth.drop_light(self.at)?;
            self.statement();
        }
        self.operator(1)
    }

    fn infix_length(&self) -> usize {
        const LONG: [&[u8]; 21] = [
            b">>>=", b"===", b"!==", b"**=", b"&&=", b"||=", b"??=", b"<<=", b">>=", b">>>", b"&&", b"||", b"??",
            b"==", b"!=", b"<=", b">=", b"**", b"//", b"<<", b">>",
        ];
        let rest = &self.bytes[self.at..];
        // In prefix position each sign nests; between operands `&&` is one operator, except before a Rust type.
        let found = LONG.iter().find(|operator| rest.starts_with(operator));
        found.map_or(1, |operator| operator.len())
    }
}
