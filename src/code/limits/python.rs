//! Indentation and strings of Python.

use super::Excess;
use super::scan::{Before, Scan};

impl Scan<'_> {
    /// Opens and closes blocks by the white space that a line starts with.
    pub(super) fn indentation(&mut self) -> Result<(), Excess> {
        let mut width = 0u32;
        while matches!(self.peek(0), b' ' | b'\t' | 0x0c) {
            width = if self.peek(0) == 0x0c { 0 } else { width + 1 };
            self.at += 1;
        }
        if matches!(self.peek(0), b'\n' | b'\r' | b'#' | 0) {
            return Ok(());
        }
        self.newline = false;
        while self.depth.kind() == b'i' && self.depth.top().detail > width {
            self.depth.pop(self.at)?;
        }
        if width > self.depth.top().detail {
            self.depth.push(b'i', self.at)?;
            self.depth.top().detail = width;
        }
        Ok(())
    }

    /// A string at its opening quote, with a lower-case prefix.
    pub(super) fn python_string(&mut self, prefix: &str) -> Result<(), Excess> {
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        if prefix.contains(['f', 't']) {
            return self.format_start(quote, triple, prefix.contains('r'));
        }
        let end = if triple { self.triple_end(quote) } else { self.text_end(self.at + 1, quote, false, true) };
        match end {
            Some(end) => self.literal(end),
            None => self.operator(1),
        }
    }

    fn triple_end(&mut self, quote: u8) -> Option<usize> {
        let unclosed = usize::from(quote & 127) + 64;
        if self.at < self.unclosed[unclosed] {
            return None;
        }
        let mut at = self.at + 3;
        while let Some(byte) = self.bytes.get(at) {
            match *byte {
                b'\\' => at += 2,
                byte if byte == quote && self.bytes[at..].starts_with(&[quote; 3]) => return Some(at + 3),
                _ => at += 1,
            }
        }
        self.unclosed[unclosed] = at;
        None
    }

    fn format_start(&mut self, quote: u8, triple: bool, raw: bool) -> Result<(), Excess> {
        let adjacent = self.before == Before::Operand;
        self.operand_starts(adjacent)?;
        self.depth.push(b'f', self.at)?;
        self.depth.top().detail = u32::from(quote) | u32::from(triple) << 8 | u32::from(raw) << 9;
        self.at += if triple { 3 } else { 1 };
        Ok(())
    }

    /// Text of a format string, or of a format inside one of its holes, up to the next hole or its end.
    pub(super) fn format_text(&mut self) -> Result<(), Excess> {
        let in_hole = self.depth.kind() == b'h';
        let detail = self.depth.top().detail;
        let (quote, triple, raw) = (detail as u8, detail & 256 != 0, detail & 512 != 0);
        while self.at < self.bytes.len() {
            let here = self.peek(0);
            match here {
                b'\\' if !raw && self.peek(1) == b'N' && self.peek(2) == b'{' => self.named_escape(),
                b'\\' if matches!(self.peek(1), b'{' | b'}') => self.at += 1,
                b'\\' => self.at += 2,
                b'{' if self.peek(1) == b'{' && !in_hole => self.at += 2,
                b'{' => {
                    self.depth.comma();
                    self.depth.push(b'h', self.at)?;
                    self.depth.top().detail = detail;
                    self.at += 1;
                    self.before = Before::Open;
                    return Ok(());
                }
                b'}' if in_hole => {
                    self.at += 1;
                    return self.depth.pop(self.at);
                }
                byte if byte == quote && (!triple || self.bytes[self.at..].starts_with(&[quote; 3])) => {
                    self.at += if triple { 3 } else { 1 };
                    self.before = Before::Operand;
                    self.depth.close(b'f', self.at)?;
                    return Ok(());
                }
                b'\n' | b'\r' if !triple => {
                    self.depth.close(b'f', self.at)?;
                    self.before = Before::Operand;
                    return Ok(());
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
        Ok(())
    }

    fn named_escape(&mut self) {
        self.at += 3;
        while self.peek(0).is_ascii_alphanumeric() || matches!(self.peek(0), b' ' | b'-') {
            self.at += 1;
        }
        self.at += usize::from(self.peek(0) == b'}');
    }
}
