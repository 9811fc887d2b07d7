//! Characters that a person does not see, or takes for others.

use std::sync::LazyLock;

use unicode_security::confusable_detection::skeleton;

/// A run of characters that do not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What they are: `zero-width`, `bidirectional control`, `tag`, `variation selector`, `control`, `private use`.
    pub kind: &'static str,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The characters as `U+200B` and so on, at most four, then the count.
    pub shown: String,
    /// ASCII text that tag characters spell.
    pub hidden: String,
}

/// What kind of invisible character this is, if it is one.
pub fn kind(c: char) -> Option<&'static str> {
    Some(match c as u32 {
        0x200B | 0x2060..=0x2064 | 0xFEFF | 0x180E | 0x115F | 0x1160 | 0x3164 | 0xFFA0 | 0x00AD | 0x034F => {
            "zero-width"
        }
        0x200C | 0x200D => "joiner",
        0x200E | 0x200F | 0x061C | 0x202A..=0x202E | 0x2066..=0x2069 | 0x206A..=0x206F => "bidirectional control",
        0xE0000..=0xE007F => "tag",
        0xFE00..=0xFE0F | 0xE0100..=0xE01EF => "variation selector",
        0x00..=0x08 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F..=0x9F => "control",
        0x1B => "escape",
        0xE000..=0xF8FF | 0xF0000..=0x10FFFF => "private use",
        _ => return None,
    })
}

/// Whether a model may read this character and a person does not see it.
pub fn is_invisible(c: char) -> bool {
    kind(c).is_some_and(|kind| kind != "private use")
}

/// Every run of characters that do not show and have no business where they stand.
///
/// Joiners within emoji and within scripts that need them, a variation selector after a character, and a byte order mark
/// at the start are ordinary.
pub fn runs(text: &str) -> Vec<Run> {
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let mut runs: Vec<Run> = Vec::new();
    let mut members: Vec<Vec<char>> = Vec::new();
    for (at, (start, c)) in characters.iter().enumerate() {
        let Some(kind) = kind(*c).filter(|_| !is_ordinary(&characters, at)) else { continue };
        let end = start + c.len_utf8();
        match runs.last_mut().filter(|run| run.end == *start && run.kind == kind) {
            Some(run) => run.end = end,
            None => {
                runs.push(Run { kind, start: *start, end, shown: String::new(), hidden: String::new() });
                members.push(Vec::new());
            }
        }
        members.last_mut().expect("a run was just pushed or extended").push(*c);
    }
    for (run, members) in runs.iter_mut().zip(members) {
        run.shown = shown(&members);
        run.hidden = members.iter().filter_map(|c| spelled(*c)).collect();
    }
    runs
}

fn shown(members: &[char]) -> String {
    let named: Vec<String> = members.iter().take(4).map(|c| format!("U+{:04X}", *c as u32)).collect();
    let more = members.len().saturating_sub(4);
    if more == 0 { named.join(" ") } else { format!("{} and {more} more", named.join(" ")) }
}

/// ASCII character that a tag character stands for.
fn spelled(c: char) -> Option<char> {
    let code = (c as u32).checked_sub(0xE0000)?;
    char::from_u32(code).filter(|c| c.is_ascii_graphic() || *c == ' ')
}

fn is_ordinary(characters: &[(usize, char)], at: usize) -> bool {
    let before = at.checked_sub(1).map(|at| characters[at].1);
    let after = characters.get(at + 1).map(|next| next.1);
    let c = characters[at].1;
    match kind(c) {
        Some("variation selector") => {
            (c as u32) < 0xFE10 && before.is_some_and(|before| kind(before).is_none() && before != ' ')
        }
        Some("joiner") => {
            let joins = |c: Option<char>| c.is_some_and(|c| is_pictograph(c) || needs_joiners(c) || c == '\u{FE0F}');
            joins(before) && (joins(after) || c == '\u{200C}')
        }
        // Flags of regions are a black flag, tags and a cancel tag.
        Some("tag") => flag_before(characters, at),
        Some("zero-width") => c == '\u{FEFF}' && at == 0 || c == '\u{AD}',
        Some("private use") => true,
        _ => false,
    }
}

fn flag_before(characters: &[(usize, char)], at: usize) -> bool {
    let tags = characters[..at].iter().rev().take_while(|(_, c)| kind(*c) == Some("tag")).count();
    tags <= 6 && (at - tags).checked_sub(1).is_some_and(|at| characters[at].1 == '\u{1F3F4}')
}

fn is_pictograph(c: char) -> bool {
    matches!(c as u32, 0x1F000..=0x1FAFF | 0x2190..=0x2BFF | 0x3030 | 0x303D | 0xA9 | 0xAE)
}

/// Scripts whose spelling uses joiners: Arabic and its neighbours, Syriac, the Indic scripts, Sinhala, Khmer, Mongolian.
fn needs_joiners(c: char) -> bool {
    matches!(c as u32, 0x0600..=0x08FF | 0x0900..=0x0DFF | 0x1000..=0x109F | 0x1780..=0x18AF | 0xFB50..=0xFDFF | 0xFE70..=0xFEFE)
}

/// Letters outside ASCII whose skeleton in the Unicode confusables table is one ASCII letter or digit.
static LOOK_ALIKES: LazyLock<std::collections::BTreeMap<char, char>> = LazyLock::new(|| {
    let scripts = [0x0370..=0x058F, 0x13A0..=0x13FF, 0x1D400..=0x1D7FF, 0xA4D0..=0xA4FF, 0x2100..=0x214F];
    let letters = scripts.into_iter().flatten().filter_map(char::from_u32).filter(|c| c.is_alphanumeric());
    letters.filter_map(|c| Some((c, ascii_skeleton(c)?))).collect()
});

fn ascii_skeleton(c: char) -> Option<char> {
    let mut buffer = [0; 4];
    let mut folded = skeleton(c.encode_utf8(&mut buffer));
    let first = folded.next().filter(char::is_ascii_alphanumeric)?;
    folded.next().is_none().then_some(first)
}

/// The ASCII letter or digit that a character is taken for, else the character.
pub fn latin_look_alike(c: char) -> char {
    if c.is_ascii() { c } else { LOOK_ALIKES.get(&c).copied().unwrap_or(c) }
}

/// Whether a name mixes ASCII letters with letters of another script that look like ASCII.
pub fn mixes_look_alikes(name: &str) -> Option<char> {
    let latin = name.chars().any(|c| c.is_ascii_alphabetic());
    name.chars().find(|c| latin && !c.is_ascii() && LOOK_ALIKES.contains_key(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let kinds: Vec<&str> = runs(text).iter().map(|run| run.kind).collect();
        assert_eq!(kinds, expected, "{text:?}");
    }

    #[test]
    fn characters_that_do_not_show_are_found() {
        check("a\u{200b}b", &["zero-width"]);
        check("a\u{202e}b", &["bidirectional control"]);
        check("x\u{1b}[31m", &["escape"]);
        check("ok\u{E0041}\u{E0042}", &["tag"]);
        check("a\u{200d}b", &["joiner"]);
        check("a\u{E0100}", &["variation selector"]);
    }

    #[test]
    fn ordinary_text_with_such_characters_is_left_alone() {
        check("👩\u{200d}💻 and ❤\u{fe0f} and 🏳\u{fe0f}\u{200d}🌈", &[]);
        check("می\u{200c}خواهم", &[]);
        check("\u{feff}start\n\ttab", &[]);
        check("🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}", &[]);
        check("soft\u{ad}hyphen", &[]);
    }

    #[test]
    fn tags_are_spelled_out() {
        let runs = runs("hi\u{E0048}\u{E0049}");
        assert_eq!(runs[0].hidden, "HI");
        assert_eq!(runs[0].shown, "U+E0048 U+E0049");
    }

    #[test]
    fn look_alikes_fold_to_latin() {
        assert_eq!("раypal".chars().map(latin_look_alike).collect::<String>(), "paypal");
        assert_eq!(mixes_look_alikes("reаd_file"), Some('а'));
        assert_eq!(mixes_look_alikes("читать"), None);
        assert_eq!(mixes_look_alikes("read_file"), None);
    }
}
