//! Texts with holes: `"…{}…".format(x)`, `"…%s…" % x`, `fmt.Sprintf("…%s…", x)`.

use crate::code::Name;
use crate::taint::join::concat;
use crate::taint::{Proofs, Shade};

/// The text with its holes filled in order; where their number does not fit, what is given follows what stands before
/// the first hole.
pub(crate) fn filled(text: &str, given: &[Shade]) -> Option<Shade> {
    let (pieces, numbers) = pieces(text);
    let (first, rest) = pieces.split_first()?;
    if rest.is_empty() {
        return None;
    }
    let mut parts = vec![piece(first)];
    if rest.len() == given.len() {
        for ((value, after), is_number) in given.iter().zip(rest).zip(numbers) {
            let value = if is_number { as_number(value) } else { value.clone() };
            parts.extend([value, piece(after)]);
        }
    } else {
        parts.extend(given.iter().cloned());
    }
    parts.retain(|part| part.constant.as_deref() != Some(""));
    Some(concat(&parts))
}

fn piece(text: &str) -> Shade {
    Shade::text(&Name::new(text))
}

/// What a hole for a number leaves of a value: digits, whatever it was.
fn as_number(value: &Shade) -> Shade {
    let whole = value.whole();
    Shade { proofs: whole.proofs | Proofs::NUMBER, apart: Default::default(), ..whole }
}

/// What stands between the holes, and of each hole whether it takes a number only.
fn pieces(text: &str) -> (Vec<&str>, Vec<bool>) {
    let (mut pieces, mut numbers) = (Vec::new(), Vec::new());
    let (mut from, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        let length = match byte {
            b'%' => verb(&bytes[at + 1..]).map(|length| length + 1),
            b'{' => bytes[at..].iter().position(|byte| *byte == b'}').map(|length| length + 1),
            _ => None,
        };
        match length.and_then(|length| Some((text.get(from..at)?, length))) {
            Some((before, length)) => {
                pieces.push(before);
                at += length;
                let hole = text.get(at - length..at).unwrap_or_default();
                numbers.push(
                    hole.trim_end_matches('}').ends_with(['d', 'f', 't']) && (*byte == b'%' || hole.contains(':')),
                );
                from = at;
            }
            None => at += 1,
        }
    }
    pieces.extend(text.get(from..));
    (pieces, numbers)
}

/// Length of a verb after its percent sign: flags, width and one letter.
fn verb(after: &[u8]) -> Option<usize> {
    let flags = after.iter().take_while(|byte| matches!(byte, b'+' | b'-' | b'#' | b'.' | b'0'..=b'9')).count();
    after.get(flags).filter(|byte| byte.is_ascii_alphabetic()).map(|_| flags + 1)
}

/// Whether a part stands inside quotes: an odd number of a sign before it, and one after it.
pub(crate) fn is_quoted(parts: &[Shade], at: usize, sign: char) -> bool {
    let (before, after) = parts.split_at(at.min(parts.len()));
    let text = |part: &Shade| part.constant.as_deref().map_or(0, |text| text.matches(sign).count());
    let open: usize = before.iter().map(text).sum();
    open % 2 == 1 && after.iter().skip(1).any(|part| text(part) > 0)
}

/// Whether everything before `part` is the constant text `before`.
pub(crate) fn is_all_constant(before: &Name, parts: &[Shade], part: &Shade) -> bool {
    let earlier = parts.iter().take_while(|other| !std::ptr::eq(*other, part));
    let length: Option<usize> = earlier.map(|other| other.constant.as_ref().map(|text| text.len())).sum();
    length == Some(before.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_for_a_number_is_told_from_others() {
        for (text, expected) in [
            ("%d of %s", &[true, false][..]),
            ("%-10.2f", &[true]),
            ("{:d} {d} {}", &[true, false, false]),
            ("%x %v", &[false, false]),
        ] {
            assert_eq!(pieces(text).1, expected, "{text}");
        }
    }

    #[test]
    fn texts_are_cut_at_their_holes() {
        for (text, expected) in [
            ("a %s b %d", &["a ", " b ", ""][..]),
            ("{}/{name}?", &["", "/", "?"]),
            ("%-10.2f|", &["", "|"]),
            ("ä%sö", &["ä", "ö"]),
            ("plain", &["plain"]),
            ("100%", &["100%"]),
        ] {
            let expected: Vec<&str> = expected.to_vec();
            assert_eq!(pieces(text).0, expected, "{text}");
        }
    }
}
