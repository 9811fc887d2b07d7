//! How high a tree could be at most, by the signs of its text alone: short files need no closer look.

use crate::code::limits::{MAX_DEPTH, MAX_HEIGHT};

/// Length from which on a text is looked at closely in any case.
const LONG: usize = 128 << 10;
/// Bytes that are counted at once.
const RUN: usize = 192;

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
        let bytes = text.as_bytes();
        if bytes.len() > LONG {
            return Self { tokens: usize::MAX, counted: usize::MAX, nested: usize::MAX };
        }
        let words = pairs(bytes, |before, byte| !is_word(before) & is_word(byte));
        let numbers = pairs(bytes, |before, byte| !is_word(before) & byte.is_ascii_digit());
        let signs = count(bytes, |byte| !is_word(byte) & !matches!(byte, b' ' | b'\t' | b','));
        let brackets = count(bytes, |byte| matches!(byte, b'(' | b'[' | b'{'));
        let quotes = count(bytes, is_quote);
        let with_holes = pairs(bytes, |before, byte| is_quote(byte) & matches!(before | 0x20, b'f' | b't' | b'r'));
        // A number may be taken for several, with a word right behind them; a letter that is none, for itself.
        let broken = 3 * numbers + 2 * count(bytes, |byte| byte >= 0xc0);
        Self {
            tokens: words + signs + broken,
            counted: 2 * (words + brackets + quotes) + signs + count(bytes, |byte| matches!(byte, b'\n' | b'\r')),
            // Blocks in one another are indented further each, so that so many take half the square of that in spaces.
            nested: brackets + with_holes + bytes.len().saturating_mul(2).isqrt() + 2,
        }
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
    byte.is_ascii_alphanumeric() | (byte == b'_') | (byte >= 0x80)
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// Bytes that are such, counted in runs short enough for the count of one to be a byte, which is many at once.
fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let in_run = |run: &[u8]| usize::from(run.iter().map(|byte| u8::from(is(*byte))).sum::<u8>());
    bytes.chunks(RUN).map(in_run).sum()
}

/// As [`count`], of bytes with the one before each; a space stands before the first.
fn pairs(bytes: &[u8], is: impl Fn(u8, u8) -> bool) -> usize {
    let first = bytes.first().map_or(0, |first| usize::from(is(b' ', *first)));
    let later = bytes.get(1..).unwrap_or_default();
    let in_run = |(before, run): (&[u8], &[u8])| {
        let both = before.iter().zip(run);
        usize::from(both.map(|(before, byte)| u8::from(is(*before, *byte))).sum::<u8>())
    };
    first + bytes.chunks(RUN).zip(later.chunks(RUN)).map(in_run).sum::<usize>()
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
