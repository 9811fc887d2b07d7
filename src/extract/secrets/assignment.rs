//! Literal values assigned to names that name a credential.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::placeholder::{is_placeholder, is_public};
use super::shapes::{Found, SHAPES};
use super::{entropy, is_hash_like};

/// Longest name and value that are looked at.
const NAME: usize = 80;
const VALUE: usize = 300;

static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = ["passw", "passphrase", "pwd", "secret", "token", "key", "credential", "bearer", "connection", "dsn"];
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostFirst)
        .build(words)
        .expect("few and short literals")
});

/// Most bytes of a comment before what it holds.
const COMMENT: usize = 4_096;

/// Words of a name: split at `_`, `-`, `.` and where case changes, in lower case.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            words.push(String::new());
        } else {
            if letter.is_uppercase() && was_lower {
                words.push(String::new());
            }
            let word = words.last_mut().expect("there is always one word");
            word.extend(letter.to_lowercase());
        }
        was_lower = letter.is_lowercase() || letter.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a name names a credential rather than something about one.
pub fn names_secret(name: &str) -> bool {
    let words = words(name);
    let ends = |list: &[Vec<String>]| list.iter().any(|tail| words.ends_with(tail));
    let holds = |part: &Vec<String>| words.windows(part.len()).any(|window| window == part.as_slice());
    let glued = words
        .iter()
        .any(|word| ["apikey", "accesskey", "secretkey", "privatekey", "authtoken"].contains(&word.as_str()));
    let is_max = words.first().is_some_and(|first| {
        matches!(
            first.as_str(),
            "max" | "min" | "num" | "total" | "is" | "has" | "no" | "use" | "public" | "next" | "page"
        )
    });
    !is_max && !ends(&SHAPES.about) && (glued || SHAPES.names.iter().any(holds))
}

/// Every assignment of a literal credential in a text. `bare` where values stand without quotes: `.env`, INI, YAML.
pub fn find(text: &str, bare: bool) -> Vec<Found> {
    let mut found = Vec::new();
    let mut done = 0;
    for hit in WORDS.find_iter(text) {
        if hit.start() < done {
            continue;
        }
        let start = name_start(text, hit.start());
        let end = name_end(text, hit.end());
        done = end;
        let Some(name) = text.get(start..end).filter(|name| name.len() <= NAME && names_secret(name)) else { continue };
        let Some((from, to)) = value_after(text, end, bare) else { continue };
        let Some(value) = text.get(from..to).filter(|value| is_credential(value)) else { continue };
        let is_told = is_spelled_out(value) || is_name_again(name, value);
        if is_told && !name.to_ascii_lowercase().contains("pass") || is_documented_example(text, from) {
            continue;
        }
        done = done.max(to);
        let certainty = if bare && entropy(value) >= 3.5 && value.len() >= 16 { "high" } else { "medium" };
        found.push(Found { start: from, end: to, shape: "assignment".into(), certainty: certainty.into() });
    }
    found
}

/// Whether a place stands in a comment that gives an example: `/** @example … */`.
fn is_documented_example(text: &str, at: usize) -> bool {
    let mut start = at.saturating_sub(COMMENT);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let before = &text[start..at];
    let comment = before.rfind("/**").map(|open| &before[open..]);
    comment.is_some_and(|comment| !comment.contains("*/") && comment.contains("@example"))
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn name_start(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while at > 0 && from - at < NAME && is_name_byte(bytes[at - 1]) {
        at -= 1;
    }
    at
}

fn name_end(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() && at - from < NAME && is_name_byte(bytes[at]) {
        at += 1;
    }
    at
}

/// The value that follows a name: after an optional quote or bracket, an optional type, and `=`, `:` or `=>`.
fn value_after(text: &str, from: usize, bare: bool) -> Option<(usize, usize)> {
    let rest = text.as_bytes().get(from..)?;
    let rest = &rest[..rest.len().min(VALUE + NAME)];
    let mut at = skip(rest, 0, |byte| matches!(byte, b'"' | b'\'' | b'`' | b']' | b' ' | b'\t'));
    let sign = *rest.get(at)?;
    at += 1;
    match (sign, rest.get(at)) {
        (b':', Some(b':')) => return None,
        (b':' | b'=', Some(b'=')) if sign == b'=' => return None,
        (b':', Some(b'=')) | (b'=', Some(b'>')) => at += 1,
        (b':' | b'=', _) => {}
        _ => return None,
    }
    at = skip(rest, at, |byte| matches!(byte, b' ' | b'\t'));
    if sign == b':' {
        at = skip_type(rest, at);
    }
    let first = *rest.get(at)?;
    if matches!(first, b'"' | b'\'' | b'`') {
        let start = at + 1;
        let length = rest.get(start..)?.iter().position(|byte| *byte == first || *byte == b'\n')?;
        let end = start + length;
        return (rest[end] == first && length <= VALUE).then_some((from + start, from + end));
    }
    if !bare || matches!(first, b'\n' | b'\r' | b'#' | b'{' | b'[' | b'&' | b'*' | b'!' | b'|' | b'>') {
        return None;
    }
    let length =
        rest[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r' | b' ' | b'\t' | b',' | b'"' | b'\'' | b';'));
    let end = at + length.unwrap_or(rest.len() - at);
    Some((from + at, from + end))
}

fn skip(bytes: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    from + bytes.get(from..).unwrap_or(&[]).iter().take_while(|byte| wanted(**byte)).count()
}

/// `str = "…"`, `string | null = '…'` after a colon.
fn skip_type(bytes: &[u8], from: usize) -> usize {
    let end = skip(bytes, from, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'[' | b']' | b' ' | b'|' | b'?')
    });
    match bytes.get(end) {
        Some(b'=') if end > from && bytes.get(end + 1) != Some(&b'=') => skip(bytes, end + 1, |byte| byte == b' '),
        _ => from,
    }
}

/// Whether a value is a credential by its looks: long enough, mixed enough, no word, path, address or hash.
pub fn is_credential(value: &str) -> bool {
    let printable = value.bytes().all(|byte| byte.is_ascii_graphic());
    let has = |wanted: fn(&u8) -> bool| value.bytes().any(|byte| wanted(&byte));
    let classes = [
        has(u8::is_ascii_lowercase),
        has(u8::is_ascii_uppercase),
        has(u8::is_ascii_digit),
        value.bytes().any(|byte| matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'?')),
    ];
    let mixed = classes.iter().filter(|class| **class).count();
    let is_strong = value.len() >= 16 && mixed >= 2 && classes[2] && entropy(value) >= 3.4;
    let is_password = value.len() >= 8 && mixed >= 3 && classes[2] && entropy(value) >= 2.8 && value.len() < 64;
    printable
        && (is_strong || is_password)
        && !is_placeholder(value)
        && !is_public(value)
        && !is_hash_like(value)
        && !is_code_or_address(value)
}

/// `user-123-api-key`: words that speak of a credential where one would stand.
fn is_spelled_out(value: &str) -> bool {
    let words: Vec<&str> = value.split(['-', '_']).collect();
    let telling = ["key", "token", "secret", "api", "private", "forwarded", "bearer", "access"];
    words.len() >= 3 && words.iter().any(|word| telling.contains(word))
}

/// `OAuth_2_0_Client_Credentials = "OAuth_2.0_Client_Credentials"`: one of several kinds, which says its own name.
fn is_name_again(name: &str, value: &str) -> bool {
    let own = words(name);
    own.len() >= 3 && own == words(value)
}

/// Paths, URLs, host names, calls, format strings, identifiers and version strings.
fn is_code_or_address(value: &str) -> bool {
    let starts =
        ["/", "./", "../", "~", "http", "data:", "urn:", "--", "@", "#", "\\", "^", "$", "&", "?", "application/"];
    let is_words =
        words(value).iter().all(|word| word.chars().all(|letter| letter.is_ascii_alphabetic()) && word.len() > 1);
    let is_dotted =
        value.split('.').count() >= 3 && value.split('.').all(|part| part.chars().all(|letter| letter.is_alphabetic()));
    starts.iter().any(|start| value.starts_with(start))
        || value.contains(['(', ')', '{', '}', '<', '>', '[', ']', ' ', ';', '|', ',', '`', '"', '\\'])
        || value.contains("://")
        || is_words
        || is_dotted
}
