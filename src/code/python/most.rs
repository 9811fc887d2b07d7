//! How high a tree could be at most, by the signs of its text alone: short files need no closer look.

use crate::code::limits::{MAX_DEPTH, MAX_HEIGHT};

/// Upper bounds that hold however the text is read, since every token has a sign of its own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Most {
    /// Tokens, commas aside: each is one level of the parser's tree at most.
    tokens: usize,
    /// What the scan of [`crate::code::limits`] can count for them: two for a word, which may stand beside another one and
    /// nest what follows, three for a bracket, which may be a call, and a level, and be closed.
    counted: usize,
    /// Brackets, texts with holes, and blocks.
    nested: usize,
}

impl Most {
    pub(super) fn of(text: &str) -> Self {
        // Blocks in one another are indented further each, so that so many take half the square of that in spaces.
        let mut most = Self { nested: text.len().saturating_mul(2).isqrt() + 2, ..Self::default() };
        let mut before = b' ';
        for byte in text.bytes() {
            match byte {
                _ if is_word(byte) => {
                    let begins = usize::from(!is_word(before));
                    // A number may be taken for several, with a word right behind them; a letter that is none, for itself.
                    most.tokens += begins * if byte.is_ascii_digit() { 4 } else { 1 } + usize::from(byte >= 0xc0) * 2;
                    most.counted += 2 * begins;
                }
                b' ' | b'\t' | b',' => {}
                b'(' | b'[' | b'{' => most.add(3, 1),
                b'"' | b'\'' => most.add(3, usize::from(matches!(before | 0x20, b'f' | b't' | b'r'))),
                b'\n' | b'\r' => most.add(2, 0),
                _ => most.add(1, 0),
            }
            before = byte;
        }
        most
    }

    fn add(&mut self, counted: usize, nested: usize) {
        self.tokens += 1;
        self.counted += counted;
        self.nested += nested;
    }

    /// Whether the scan of the text would let it pass.
    pub(super) fn is_low(self) -> bool {
        self.counted <= MAX_HEIGHT && self.nested <= MAX_DEPTH
    }

    /// Whether no reading of its tokens makes a tree that is too high.
    pub(super) fn has_few_tokens(self) -> bool {
        self.tokens <= MAX_HEIGHT && self.nested <= MAX_DEPTH
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Language;
    use crate::code::limits::check;

    #[test]
    fn what_is_refused_by_a_closer_look_is_never_low() {
        let pieces = [
            "a.",
            "1 + ",
            "(",
            "[",
            "{",
            "f'{",
            "rf\"{",
            "not ",
            "lambda: ",
            "if x: y\n",
            "elif x: pass\n",
            "x y ",
            "- ",
            "f(",
            "\"",
            "'",
            "'''",
            "é ",
            "a if b else ",
            "x\n ",
            "[\n",
            "async ",
            "a[0]",
            ":",
            "\\\n",
            "await f(x)",
        ];
        let texts =
            pieces.iter().flat_map(|one| [1_900, 2_001, 3_000, 4_001, 6_001, 12_001].map(|times| one.repeat(times)));
        for text in texts {
            let most = Most::of(&text);
            assert!(!most.is_low() || check(&text, Language::Python).is_ok(), "{:?}", &text[..12.min(text.len())]);
        }
        let blocks: String = (0..2_100).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect();
        assert!(!Most::of(&blocks).is_low());
    }

    #[test]
    fn a_short_file_is_low() {
        assert!(Most::of(&"def f(a, b):\n    return f\"{a}-{b}\"\n".repeat(100)).is_low());
    }
}
