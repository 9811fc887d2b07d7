//! The fingerprint of a line that code-scanning services compute from its text, so that uploads without their own client
//! are told apart the same way.

use std::collections::BTreeMap;

/// Characters that take part, counted from the start of the line on, over line ends.
const WINDOW: usize = 100;

/// Hash of each line (position 0 is line 1) and its ordinal among equal ones: `180aee12dab6264:1`.
///
/// Blanks and tabs do not count, and every kind of line end counts as one line feed.
pub fn hashes(text: &str) -> Vec<String> {
    let (units, starts) = significant(text);
    let mut seen: BTreeMap<u64, u32> = BTreeMap::new();
    let hash = |start: &usize| {
        let window = units[*start..].iter().copied().chain(std::iter::repeat(0)).take(WINDOW);
        let hash = window.fold(0u64, |hash, unit| hash.wrapping_mul(37).wrapping_add(u64::from(unit)));
        let ordinal = seen.entry(hash).or_default();
        *ordinal += 1;
        format!("{hash:x}:{ordinal}")
    };
    starts.iter().map(hash).collect()
}

/// UTF-16 units that count, with the end mark, and where in them each line starts.
fn significant(text: &str) -> (Vec<u16>, Vec<usize>) {
    let mut units = Vec::with_capacity(text.len() + 1);
    let mut starts = Vec::new();
    let mut at_start = true;
    let mut after_return = false;
    for unit in text.encode_utf16().chain(std::iter::once(u16::MAX)) {
        let skipped = unit == u16::from(b' ') || unit == u16::from(b'\t') || (after_return && unit == u16::from(b'\n'));
        after_return = !skipped && unit == u16::from(b'\r');
        if skipped {
            continue;
        }
        if at_start {
            starts.push(units.len());
        }
        let unit = if after_return { u16::from(b'\n') } else { unit };
        at_start = unit == u16::from(b'\n');
        units.push(unit);
    }
    (units, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hash_as_the_service_hashes_them() {
        let repeated = "Lorem ipsum dolor sit amet.\n".repeat(10);
        let cases: [(&str, &[&str]); 5] = [
            ("", &["c129715d7a2bc9a3:1"]),
            (
                " a\nb\n  \t\tc\n d",
                &["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
            ),
            (
                " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
                &[
                    "e9496ae3ebfced30:1",
                    "fb7c023a8b9ccb3f:1",
                    "ce8ba1a563dcdaca:1",
                    "e20e36e16fcb0cc8:1",
                    "b3edc88f2938467e:1",
                    "c8e28b0b4002a3a0:1",
                    "c129715d7a2bc9a3:1",
                ],
            ),
            (
                " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
                &[
                    "8b7cf3e952e7aeb2:1",
                    "b1ae1287ec4718d9:1",
                    "bff680108adb0fcc:1",
                    "c6805c5e1288b612:1",
                    "b86d3392aea1be30:1",
                    "e6ceba753e1a442:1",
                ],
            ),
            (
                &repeated,
                &[
                    "a7f2ff13bc495cf2:1",
                    "a7f2ff13bc495cf2:2",
                    "a7f2ff13bc495cf2:3",
                    "a7f2ff13bc495cf2:4",
                    "a7f2ff13bc495cf2:5",
                    "a7f2ff13bc495cf2:6",
                    "a7f2ff1481e87703:1",
                    "a9cf91f7bbf1862b:1",
                    "55ec222b86bcae53:1",
                    "cc97dc7b1d7d8f7b:1",
                    "c129715d7a2bc9a3:1",
                ],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(hashes(text), expected, "{text:?}");
        }
    }
}
