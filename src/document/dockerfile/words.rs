//! Words of an instruction, and what Docker puts in place of variables.

use std::collections::{BTreeMap, BTreeSet};

/// Longest value that substitution may build, in bytes.
const MAX_VALUE: usize = 64 << 10;

/// A word: its range in the logical line, quotes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// Splits at blanks outside of quotes, from `from` on.
pub fn split(text: &str, from: usize, escape: char) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut escaped = false;
    for (at, character) in text.char_indices().skip_while(|(at, _)| *at < from) {
        let blank = character.is_whitespace() && quote.is_none() && !escaped;
        match (blank, start) {
            (true, Some(begun)) => {
                words.push(Word { start: begun, end: at });
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
        if escaped {
            escaped = false;
        } else if character == escape && quote != Some('\'') {
            escaped = true;
        } else if quote == Some(character) {
            quote = None;
        } else if quote.is_none() && matches!(character, '"' | '\'') {
            quote = Some(character);
        }
    }
    if let Some(begun) = start {
        words.push(Word { start: begun, end: text.len() });
    }
    words
}

/// What is known of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// Set by `ENV`.
    Environment(String),
    /// Set by the default of an `ARG`, which a build may override.
    Argument(String),
    /// Declared without a value, or set to something unknown.
    Unknown,
}

impl Variable {
    /// Bytes of its value.
    pub fn size(&self) -> usize {
        match self {
            Variable::Environment(text) | Variable::Argument(text) => text.len(),
            Variable::Unknown => 0,
        }
    }
}

/// Variables by name.
pub type Variables = BTreeMap<String, Variable>;

/// What substitution met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Variables without a known value.
    pub unresolved: BTreeSet<String>,
    /// Variables whose value is the default of an `ARG`.
    pub arguments: BTreeSet<String>,
}

/// A word without its quotes. With variables, they are replaced; what has no value stays as written and is noted.
pub fn expand(word: &str, escape: char, variables: Option<&Variables>, used: &mut Used) -> String {
    let characters: Vec<char> = word.chars().collect();
    let mut expander = Expander { characters: &characters, at: 0, escape, variables, used, out: String::new() };
    expander.run();
    expander.out
}

struct Expander<'a> {
    characters: &'a [char],
    at: usize,
    escape: char,
    variables: Option<&'a Variables>,
    used: &'a mut Used,
    out: String,
}

impl Expander<'_> {
    fn run(&mut self) {
        let mut quote = None;
        while let Some(character) = self.characters.get(self.at).copied() {
            self.at += 1;
            if Some(character) == quote {
                quote = None;
            } else if quote.is_none() && matches!(character, '"' | '\'') {
                quote = Some(character);
            } else if character == self.escape && quote != Some('\'') {
                self.escaped(quote);
            } else if character == '$' && quote != Some('\'') && self.variables.is_some() {
                self.variable();
            } else {
                self.out.push(character);
            }
        }
    }

    /// Within double quotes only quotes, dollars and the escape character lose theirs.
    fn escaped(&mut self, quote: Option<char>) {
        let Some(next) = self.characters.get(self.at).copied() else {
            self.out.push(self.escape);
            return;
        };
        self.at += 1;
        let special = matches!(next, '"' | '$') || next == self.escape;
        if quote.is_some() && !special {
            self.out.push(self.escape);
        }
        self.out.push(next);
    }

    fn variable(&mut self) {
        let start = self.at;
        let braced = self.characters.get(self.at) == Some(&'{');
        let inner: String = if braced {
            let Some(length) = closing(&self.characters[self.at + 1..]) else {
                self.out.push('$');
                return;
            };
            let inner = self.characters[self.at + 1..self.at + 1 + length].iter().collect();
            self.at += length + 2;
            inner
        } else {
            let rest = &self.characters[self.at..];
            let length = rest.iter().take_while(|character| is_name(**character)).count();
            self.at += length;
            rest[..length].iter().collect()
        };
        if inner.is_empty() {
            self.out.push('$');
            return;
        }
        let value = self.value(&inner);
        match value {
            Some(value) if self.out.len() + value.len() <= MAX_VALUE => self.out.push_str(&value),
            _ => {
                let name: String = inner.chars().take_while(|character| is_name(*character)).collect();
                self.used.unresolved.insert(name);
                self.out.push('$');
                self.out.extend(&self.characters[start..self.at]);
            }
        }
    }

    /// Value of `NAME`, `NAME:-default`, `NAME-default`, `NAME:+other`, `NAME+other`; other operators are not followed.
    fn value(&mut self, inner: &str) -> Option<String> {
        let length = inner.find(|character: char| !is_name(character)).unwrap_or(inner.len());
        let (name, operator) = inner.split_at(length);
        let known = self.variables.and_then(|variables| variables.get(name)).cloned();
        let text = match &known {
            Some(Variable::Environment(text)) => Some(text.clone()),
            Some(Variable::Argument(text)) => {
                self.used.arguments.insert(name.to_string());
                Some(text.clone())
            }
            Some(Variable::Unknown) | None => None,
        };
        let filled = text.clone().filter(|text| !text.is_empty());
        if operator.is_empty() {
            return text;
        }
        if let Some(default) = operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-')) {
            let kept = if operator.starts_with(':') { filled } else { text };
            return match (kept, known) {
                (Some(text), _) => Some(text),
                // Declared, so a build may set it: the default is what it has otherwise.
                (None, _) => {
                    self.used.arguments.insert(name.to_string());
                    Some(self.nested(default))
                }
            };
        }
        if let Some(other) = operator.strip_prefix(":+") {
            return known.map(|_| if filled.is_some() { self.nested(other) } else { String::new() });
        }
        let required = operator.strip_prefix(":?").or_else(|| operator.strip_prefix('?'));
        required.and(filled)
    }

    /// A default may hold variables itself, one level of them.
    fn nested(&mut self, text: &str) -> String {
        if !text.contains('$') || text.len() > 1_000 {
            return text.to_string();
        }
        let plain = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).or_else(|| text.strip_prefix('$'));
        match plain.filter(|name| name.chars().all(is_name)) {
            Some(name) => self.value(name).unwrap_or_else(|| {
                self.used.unresolved.insert(name.to_string());
                text.to_string()
            }),
            None => {
                self.used.unresolved.insert(text.to_string());
                text.to_string()
            }
        }
    }
}

/// Length up to the brace that closes, nested ones taken in.
fn closing(characters: &[char]) -> Option<usize> {
    let mut depth = 0usize;
    for (at, character) in characters.iter().enumerate() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// The texts of a JSON array of strings, each with its range inside the quotes; `None` where it is no such array.
pub fn exec_form(text: &str, from: usize) -> Option<Vec<(String, Word)>> {
    let body = text.get(from..)?;
    let trimmed = body.trim();
    let values: Vec<String> = serde_json::from_str(trimmed).ok().filter(|_| trimmed.starts_with('['))?;
    let mut words = Vec::with_capacity(values.len());
    let mut at = from;
    for value in values {
        let start = at + text.get(at..)?.find('"')? + 1;
        let mut escaped = false;
        let length = text.get(start..)?.char_indices().find(|(_, character)| {
            let ends = *character == '"' && !escaped;
            escaped = *character == '\\' && !escaped;
            ends
        })?;
        let end = start + length.0;
        words.push((value, Word { start, end }));
        at = end + 1;
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_as_docker_does() {
        let variables: Variables = [
            ("A".to_string(), Variable::Environment("one".to_string())),
            ("B".to_string(), Variable::Argument("two".to_string())),
            ("C".to_string(), Variable::Unknown),
            ("E".to_string(), Variable::Environment(String::new())),
        ]
        .into();
        for (word, expected, unresolved) in [
            ("$A-${B}", "one-two", ""),
            ("'$A'", "$A", ""),
            ("\"$A b\"", "one b", ""),
            ("\\$A", "$A", ""),
            ("${D:-x}", "x", ""),
            ("${E:-x}${E-y}", "x", ""),
            ("${D:-$A}", "one", ""),
            ("${A:+x}", "x", ""),
            ("$C/x", "$C/x", "C"),
            ("${D}", "${D}", "D"),
            ("${A#o}", "${A#o}", "A"),
            ("$", "$", ""),
            ("${", "${", ""),
        ] {
            let mut used = Used::default();
            assert_eq!(expand(word, '\\', Some(&variables), &mut used), expected, "{word}");
            assert_eq!(used.unresolved.into_iter().collect::<Vec<_>>().join(","), unresolved, "{word}");
        }
    }
}
