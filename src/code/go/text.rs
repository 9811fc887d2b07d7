//! Literals, comments and names of packages as text.

use std::collections::BTreeSet;

use crate::code::Name;

/// The value of a string literal, interpreted or raw.
pub(super) fn literal(source: &str) -> String {
    if let Some(raw) = source.strip_prefix('`') {
        return raw.strip_suffix('`').unwrap_or(raw).replace('\r', "");
    }
    let inner = source.strip_prefix('"').unwrap_or(source);
    unescape(inner.strip_suffix('"').unwrap_or(inner))
}

/// The character of a rune literal.
pub(super) fn rune(source: &str) -> Option<char> {
    let inner = source.strip_prefix('\'')?.strip_suffix('\'')?;
    unescape(inner).chars().next()
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        rest = escape(after, &mut bytes);
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Resolves what follows a backslash, and returns what follows that.
fn escape<'t>(after: &'t str, bytes: &mut Vec<u8>) -> &'t str {
    let mut chars = after.chars();
    let Some(first) = chars.next() else { return after };
    let plain = match first {
        'a' => Some(7),
        'b' => Some(8),
        'f' => Some(12),
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        'v' => Some(11),
        _ => None,
    };
    if let Some(byte) = plain {
        bytes.push(byte);
        return chars.as_str();
    }
    let (skip, digits, radix) = match first {
        'x' => (1, 2, 16),
        'u' => (1, 4, 16),
        'U' => (1, 8, 16),
        '0'..='7' => (0, 3, 8),
        other => {
            bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
            return chars.as_str();
        }
    };
    let Some(code) = after.get(skip..skip + digits).and_then(|code| u32::from_str_radix(code, radix).ok()) else {
        return chars.as_str();
    };
    match (skip + digits > 3, u8::try_from(code)) {
        (false, Ok(byte)) => bytes.push(byte),
        _ => {
            let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    &after[skip + digits..]
}

/// An integer literal.
pub(super) fn integer(source: &str) -> Option<i64> {
    let digits = source.replace('_', "").to_ascii_lowercase();
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, &*digits),
    };
    i64::from_str_radix(digits, radix).ok()
}

/// What comments say, without markers and directives.
pub(super) fn comment<'t>(comments: impl Iterator<Item = &'t str>) -> String {
    let mut lines = Vec::new();
    for comment in comments {
        if let Some(line) = comment.strip_prefix("//") {
            if !is_directive(line) {
                lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end());
            }
            continue;
        }
        let body = comment.strip_prefix("/*").unwrap_or(comment);
        let body = body.strip_suffix("*/").unwrap_or(body);
        lines.extend(body.lines().map(str::trim));
    }
    lines.join("\n").trim().to_string()
}

/// `//go:embed`, `//nolint:all` and the like.
fn is_directive(line: &str) -> bool {
    let tool = line.split(':').next().unwrap_or("");
    line.contains(':')
        && !tool.is_empty()
        && tool.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Whether only white space with one line break stands between two offsets.
pub(super) fn is_line_break(text: &str, from: usize, to: usize) -> bool {
    let Some(between) = text.get(from..to) else { return false };
    between.bytes().all(|byte| byte.is_ascii_whitespace()) && between.bytes().filter(|byte| *byte == b'\n').count() == 1
}

/// Whether an offset is the first of its line, white space aside.
pub(super) fn starts_line(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or("");
    before.rsplit('\n').next().is_none_or(|line| line.trim().is_empty())
}

/// Ends of paths that packages are seldom called after, and variables often.
const SAYING_NOTHING: &[&str] = &["client", "sdk", "api", "driver", "lib", "golang"];

/// What a package is called that is imported without a name: of the likely ones, that which the file uses.
pub(super) fn package_name(path: &str, used: &BTreeSet<&str>) -> Name {
    let mut segments = path.rsplit('/');
    let mut last = segments.next().unwrap_or(path);
    if is_version(last) {
        last = segments.next().unwrap_or(last);
    }
    let last = match last.rsplit_once(".v") {
        Some((name, version)) if version.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => last,
    };
    let trimmed = last.strip_prefix("go-").or_else(|| last.strip_suffix("-go")).unwrap_or(last);
    let trimmed = trimmed.strip_suffix(".go").unwrap_or(trimmed);
    let joined = last.replace(['-', '.'], "");
    let tail = last.rsplit('-').next().unwrap_or(last);
    let head = last.split('-').next().unwrap_or(last);
    let parts = || trimmed.split(['-', '.']);
    let said = parts().filter(|_| SAYING_NOTHING.contains(&tail));
    let mut likely = [last, trimmed, &joined].into_iter().chain(said).chain([tail, head]).chain(parts());
    likely.find(|name| used.contains(*name)).map_or_else(|| trimmed.replace('-', "_").into(), Into::into)
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The text with another word of the same length for `new` where a value follows, as in `new("x")` or `new(f())`.
pub(super) fn with_plain_new(source: &str) -> Option<Vec<u8>> {
    let mut bytes = source.as_bytes().to_vec();
    let mut changed = false;
    for (at, _) in source.match_indices("new(") {
        let before = source.get(..at).and_then(|before| before.chars().next_back());
        let joined = before.is_some_and(|sign| sign.is_alphanumeric() || matches!(sign, '_' | '.'));
        if !joined && source.get(at + 4..).is_some_and(begins_value) {
            bytes[at + 2] = b'W';
            changed = true;
        }
    }
    changed.then_some(bytes)
}

/// Longest text in the brackets of a type that is looked at.
const LONGEST_ARGUMENTS: usize = 256;

/// Whether what stands before the closing parenthesis can only be a value.
fn begins_value(rest: &str) -> bool {
    let rest = rest.trim_start();
    if rest.starts_with(['"', '`', '\'', '-', '+', '!', '^', '&', '<'])
        || rest.starts_with(|sign: char| sign.is_ascii_digit())
    {
        return true;
    }
    // Of a name, what follows it decides: a type ends there, or goes on in brackets.
    let word = rest.trim_start_matches(|sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '.'));
    let keyword = ["map", "chan", "func", "struct", "interface"].contains(&&rest[..rest.len() - word.len()]);
    if word.len() == rest.len() || keyword {
        return false;
    }
    let after = match word.strip_prefix('[') {
        Some(inside) => past_bracket(inside),
        None => word,
    };
    !after.trim_start().starts_with([')', ','])
}

/// What follows the bracket that closes.
fn past_bracket(inside: &str) -> &str {
    let mut depth = 1_usize;
    for (at, sign) in inside.char_indices().take(LONGEST_ARGUMENTS) {
        match sign {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return inside.get(at + 1..).unwrap_or("");
        }
    }
    ")"
}
