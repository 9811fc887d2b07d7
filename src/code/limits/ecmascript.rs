//! Templates, regular expressions and JSX.

use super::scan::{Before, Scan, is_word};
use super::{Excess, MAX_DEPTH};

impl Scan<'_> {
    pub(super) fn template_start(&mut self) -> Result<(), Excess> {
        let closed = self.bytes[self.at + 1..].contains(&b'`');
        if !closed || self.at < self.plain_until {
            return self.operator(1);
        }
        if self.before.is_operand() && !(self.newline && self.before == Before::Brace) {
            self.depth.post(self.at)?;
        }
        self.depth.resume(false);
        self.depth.push(b'`', self.at)?;
        self.at += 1;
        Ok(())
    }

    /// The text of a template up to its next hole or its end.
    pub(super) fn template_text(&mut self) -> Result<(), Excess> {
        let start = self.at;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'\\', _) => self.at += 2,
                (b'`', _) => {
                    self.plain(start, self.at)?;
                    self.depth.pop(self.at)?;
                    self.at += 1;
                    self.before = Before::Operand;
                    self.newline = false;
                    return Ok(());
                }
                (b'$', b'{') => {
                    self.plain(start, self.at)?;
                    self.depth.comma();
                    self.depth.push(b'$', self.at)?;
                    self.at += 2;
                    self.before = Before::Open;
                    return Ok(());
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
        self.plain(start, self.at)
    }

    /// A regular expression, where the text reads as one; else a division.
    pub(super) fn slash(&mut self) -> Result<(), Excess> {
        match self.regex_end() {
            Some(end) => {
                self.literal(end)?;
                while is_word(self.peek(0)) {
                    self.at += 1;
                }
                Ok(())
            }
            None => self.operator(1),
        }
    }

    fn regex_end(&mut self) -> Option<usize> {
        if self.at < self.unclosed[usize::from(b'/')] {
            return None;
        }
        let doubtful = matches!(self.before, Before::Brace | Before::Head);
        let (mut at, mut class, mut level) = (self.at + 1, false, 0i32);
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'\n' | b'\r' => break,
                b'\\' => at += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => {
                    let long = at - self.at > MAX_DEPTH;
                    return (!doubtful || (level == 0 && !long)).then_some(at + 1);
                }
                b'(' | b'{' if !class => level += 1,
                b')' | b'}' if !class => level -= 1,
                _ => {}
            }
            at += 1;
        }
        self.unclosed[usize::from(b'/')] = at;
        None
    }

    /// Whether `<` opens an element, not type parameters.
    pub(super) fn is_element(&self) -> bool {
        if self.peek(1) == b'>' {
            return true;
        }
        let name = self.bytes[self.at + 1..].iter().take_while(|byte| is_name(**byte)).count();
        if name == 0 || self.peek(1).is_ascii_digit() {
            return false;
        }
        let after = &self.bytes[self.at + 1 + name..];
        let blanks = after.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let next = &after[blanks..];
        if next.starts_with(b",") || next.starts_with(b"=") || next.starts_with(b"extends ") {
            return false;
        }
        if next.starts_with(b">") {
            let body = &next[1..];
            return !body.starts_with(b"(") || closes_soon(body, &self.bytes[self.at + 1..self.at + 1 + name]);
        }
        true
    }

    pub(super) fn jsx_start(&mut self) -> Result<(), Excess> {
        self.depth.resume(false);
        self.element()
    }

    fn element(&mut self) -> Result<(), Excess> {
        self.depth.push(b't', self.at)?;
        self.at += 1;
        Ok(())
    }

    /// One token of an opening tag.
    pub(super) fn jsx_tag(&mut self) -> Result<(), Excess> {
        match (self.peek(0), self.peek(1)) {
            (b'/', b'>') => self.element_end(2),
            (b'/', b'/') => {
                self.at = self.line_stop(self.at);
                Ok(())
            }
            (b'>', _) => {
                self.depth.pop(self.at)?;
                self.depth.push(b'j', self.at)?;
                self.at += 1;
                Ok(())
            }
            (b'{', _) => self.hole(),
            (quote @ (b'"' | b'\''), _) => {
                let end = self.text_end(self.at + 1, quote, true, false).unwrap_or(self.at + 1);
                self.plain(self.at, end)?;
                self.at = end;
                Ok(())
            }
            (b'<', _) if self.bytes[..self.at].iter().rev().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'=') => {
                self.element()
            }
            (b'<', _) => {
                self.at += 1;
                self.depth.push(b'<', self.at)
            }
            (b'.', _) => {
                self.depth.post(self.at)?;
                self.at += 1;
                Ok(())
            }
            _ => {
                self.at += 1;
                Ok(())
            }
        }
    }

    /// Text between tags, up to the next tag or hole.
    pub(super) fn jsx_text(&mut self) -> Result<(), Excess> {
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'{', _) => return self.hole(),
                (b'<', b'/') => {
                    let rest = &self.bytes[self.at..];
                    let length = rest.iter().position(|byte| *byte == b'>').map_or(rest.len(), |at| at + 1);
                    return self.element_end(length);
                }
                (b'<', _) => return self.element(),
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    fn hole(&mut self) -> Result<(), Excess> {
        self.depth.push(b'x', self.at)?;
        self.at += 1;
        self.before = Before::Open;
        Ok(())
    }

    fn element_end(&mut self, length: usize) -> Result<(), Excess> {
        self.depth.pop(self.at)?;
        self.at += length;
        self.before = Before::Operand;
        self.newline = false;
        Ok(())
    }
}

fn is_name(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'$' | b'-' | b'.' | b':')
}

/// Whether the closing tag of a name stands within reach.
fn closes_soon(text: &[u8], name: &[u8]) -> bool {
    const REACH: usize = 4_096;
    let text = &text[..text.len().min(REACH)];
    let closers = text.windows(2).enumerate().filter(|(_, pair)| *pair == b"</");
    closers.into_iter().any(|(at, _)| text[at + 2..].starts_with(name))
}
