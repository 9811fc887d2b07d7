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
        let Signs { words, numbers, signs, brackets, quotes, with_holes, high, ends } = Signs::of(bytes);
        // A number may be taken for several, with a word right behind them; a letter that is none, for itself.
        let broken = 3 * numbers + 2 * high;
        Self {
            tokens: words + signs + broken,
            counted: 2 * (words + brackets + quotes) + signs + ends,
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

/// How many bytes of each sort a text has.
#[derive(Debug, Default, PartialEq)]
struct Signs<T> {
    /// Beginnings of words, and of those with a digit.
    words: T,
    numbers: T,
    /// Signs that are no part of words, spaces and commas aside.
    signs: T,
    brackets: T,
    quotes: T,
    /// Quotes right behind a letter that may give their text holes.
    with_holes: T,
    /// Beginnings of letters beyond ASCII.
    high: T,
    /// Ends of lines.
    ends: T,
}

impl Signs<usize> {
    fn of(bytes: &[u8]) -> Self {
        let mut all = Self::default();
        let later = bytes.get(1..).unwrap_or_default();
        // A space stands before the first.
        all.add(&Signs::of_run(b" ", bytes));
        bytes.chunks(RUN).zip(later.chunks(RUN)).for_each(|(before, run)| all.add(&Signs::of_run(before, run)));
        all
    }

    fn add(&mut self, run: &Signs<u8>) {
        let Signs { words, numbers, signs, brackets, quotes, with_holes, high, ends } = *run;
        self.words += usize::from(words);
        self.numbers += usize::from(numbers);
        self.signs += usize::from(signs);
        self.brackets += usize::from(brackets);
        self.quotes += usize::from(quotes);
        self.with_holes += usize::from(with_holes);
        self.high += usize::from(high);
        self.ends += usize::from(ends);
    }
}

impl Signs<u8> {
    /// Of a run short enough for each number to be a byte, so that many are counted at once; each with the byte before it.
    fn of_run(before: &[u8], run: &[u8]) -> Self {
        let mut all = Self::default();
        for (before, byte) in before.iter().zip(run) {
            let (was_word, is_word) = (is_word(*before), is_word(*byte));
            all.words += u8::from(!was_word & is_word);
            all.numbers += u8::from(!was_word & byte.is_ascii_digit());
            all.signs += u8::from(!is_word & !matches!(byte, b' ' | b'\t' | b','));
            all.brackets += u8::from(matches!(byte, b'(' | b'[' | b'{'));
            all.quotes += u8::from(is_quote(*byte));
            all.with_holes += u8::from(is_quote(*byte) & matches!(before | 0x20, b'f' | b't' | b'r'));
            all.high += u8::from(*byte >= 0xc0);
            all.ends += u8::from(matches!(byte, b'\n' | b'\r'));
        }
        all
    }
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
    fn signs_are_counted_over_the_ends_of_runs() {
        let text = "ab 12, (f\"é\")\r\n".repeat(100);
        let found = Signs::of(text.as_bytes());
        let expected = Signs {
            words: 400,
            numbers: 100,
            signs: 600,
            brackets: 100,
            quotes: 200,
            with_holes: 100,
            high: 100,
            ends: 200,
        };
        assert_eq!(found, expected);
        assert_eq!(Signs::of(b""), Signs::default());
    }

    #[test]
    fn a_short_file_is_low() {
        assert!(Most::of(&"def f(a, b):\n    return f\"{a}-{b}\"\n".repeat(100)).is_low());
    }
}
