//! `$V`, `${V}`, `${V:-d}` in manifests: what a value is when nothing outside the tree is set.

use std::collections::BTreeMap;

use crate::model::known::Known;
use crate::source::Span;

/// Levels that defaults may nest.
const DEPTH: usize = 8;

/// The text with defaults filled in; the reason where it depends on something outside the tree.
pub fn resolve(text: &str) -> Result<String, String> {
    resolve_within(text, DEPTH)
}

/// The text as a value with its place.
pub fn known(text: &str, span: Span) -> Known<String> {
    match resolve(text) {
        Ok(value) => Known::is(value, span),
        Err(reason) => Known::unknown(reason, span),
    }
}

/// Whether a text holds a variable at all.
pub fn has_variable(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let after = &rest[at + 1..];
        match after.chars().next() {
            Some('$') => rest = &after[1..],
            Some(letter) if letter == '{' || letter == '_' || letter.is_ascii_alphabetic() => return true,
            Some(_) | None => rest = after,
        }
    }
    false
}

/// The text with the variables filled in that an environment file of the project sets; the others stay as they are.
pub fn substitute(text: &str, variables: &BTreeMap<String, String>) -> String {
    if variables.is_empty() || !text.contains('$') {
        return text.to_string();
    }
    substitute_within(text, variables, DEPTH)
}

fn substitute_within(text: &str, variables: &BTreeMap<String, String>, depth: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let inner = after.strip_prefix('{').and_then(|inner| Some((inner, closing(inner)?)));
        if let Some(tail) = after.strip_prefix('$') {
            out.push_str("$$");
            rest = tail;
        } else if let Some((inner, end)) = inner {
            out.push_str(&substitute_braced(&inner[..end], variables, depth));
            rest = inner.get(end + 1..).unwrap_or("");
        } else {
            let name = name_at(after);
            match variables.get(name) {
                Some(value) => out.push_str(&value.replace('$', "$$")),
                None => out.push_str(&format!("${name}")),
            }
            rest = after.get(name.len()..).unwrap_or("");
        }
    }
    out.push_str(rest);
    out
}

/// `${…}` with what is set filled in: value, default, `:?` and `:+` forms.
fn substitute_braced(inner: &str, variables: &BTreeMap<String, String>, depth: usize) -> String {
    let name = name_at(inner);
    let tail = inner.get(name.len()..).unwrap_or("");
    let (counts_empty, form) = match tail.strip_prefix(':') {
        Some(form) => (false, form),
        None => (true, tail),
    };
    let value = variables.get(name).filter(|value| counts_empty || !value.is_empty());
    let word = form.get(1..).unwrap_or("");
    let filled = || if depth == 0 { word.to_string() } else { substitute_within(word, variables, depth - 1) };
    match (form.chars().next(), value) {
        (Some('+'), Some(_)) => filled(),
        (_, Some(value)) => value.replace('$', "$$"),
        // Set to nothing in the file: the default holds, whatever the shell says.
        (Some('-'), None) if variables.contains_key(name) => filled(),
        (Some('-'), None) => format!("${{{name}{}-{}}}", if counts_empty { "" } else { ":" }, filled()),
        (_, None) => format!("${{{inner}}}"),
    }
}

/// The name at the start of a text; empty where none is.
fn name_at(text: &str) -> &str {
    let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(text.len());
    let name = &text[..end];
    if name.starts_with(|letter: char| letter.is_ascii_digit()) { "" } else { name }
}

fn resolve_within(text: &str, depth: usize) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some(inner) = after.strip_prefix('{') {
            let end = closing(inner).ok_or_else(|| "holds a `${` that is never closed".to_string())?;
            out.push_str(&braced(&inner[..end], depth)?);
            rest = inner.get(end + 1..).unwrap_or("");
        } else {
            let name =
                after.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).next().unwrap_or("");
            if name.is_empty() || name.starts_with(|letter: char| letter.is_ascii_digit()) {
                out.push('$');
                rest = after;
            } else {
                return Err(unset(name));
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// The value of `NAME`, `NAME:-default` or `NAME-default`; other forms depend on what is set outside.
fn braced(inner: &str, depth: usize) -> Result<String, String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let name: String = inner.chars().take_while(|letter| is_name(*letter)).collect();
    let tail = inner.get(name.len()..).unwrap_or("");
    let default = tail.strip_prefix(":-").or_else(|| tail.strip_prefix('-'));
    match default.filter(|_| !name.is_empty()) {
        Some(_) if depth == 0 => Err("nests more variables than it may".into()),
        Some(default) => resolve_within(default, depth - 1),
        None => Err(unset(inner)),
    }
}

fn unset(name: &str) -> String {
    format!("set by `${{{}}}`, which has no value in this tree", name.chars().take(80).collect::<String>())
}

/// Offset of the brace that closes the one before the text.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_values_and_bare_variables_are_not_known() {
        let cases = [
            ("plain", Ok("plain")),
            ("a$$b", Ok("a$b")),
            ("${TAG:-1.2}", Ok("1.2")),
            ("x:${TAG-}", Ok("x:")),
            ("${A:-${B:-c}}/d", Ok("c/d")),
            ("cost 5$", Ok("cost 5$")),
            ("$5", Ok("$5")),
            ("${TAG}", Err("set by `${TAG}`, which has no value in this tree")),
            ("$TAG", Err("set by `${TAG}`, which has no value in this tree")),
            ("${A:?no}", Err("set by `${A:?no}`, which has no value in this tree")),
            ("${A:+b}", Err("set by `${A:+b}`, which has no value in this tree")),
            ("${A", Err("holds a `${` that is never closed")),
        ];
        for (text, expected) in cases {
            assert_eq!(resolve(text).as_deref().map_err(String::as_str), expected, "{text}");
            assert_eq!(has_variable(text), text.contains(['A', 'T']), "{text}");
        }
    }

    #[test]
    fn what_an_environment_file_sets_is_filled_in_and_the_rest_stays() {
        let set = [("TAG", "1.2"), ("EMPTY", ""), ("CASH", "a$b")];
        let set: BTreeMap<String, String> =
            set.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let cases = [
            ("a:${TAG}", "a:1.2"),
            ("$TAG-$OTHER", "1.2-$OTHER"),
            ("${TAG:?no}", "1.2"),
            ("${TAG:+yes ${TAG}}", "yes 1.2"),
            ("${EMPTY:-d}/${EMPTY-d}", "d/"),
            ("${OTHER:-${TAG}}", "${OTHER:-1.2}"),
            ("${OTHER:?no}", "${OTHER:?no}"),
            ("$$TAG ${CASH} $5", "$$TAG a$$b $5"),
            ("${TAG", "${TAG"),
        ];
        for (text, expected) in cases {
            assert_eq!(substitute(text, &set), expected, "{text}");
        }
    }
}
