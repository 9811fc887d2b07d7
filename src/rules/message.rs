//! Sentences with holes, filled from a subject, safe to print.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::model::Field;

/// Longest value that fills a hole, in characters.
const LONGEST: usize = 160;

/// A sentence with `{field}` holes. Braces around anything but a lower-case name are plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole(String),
}

impl Template {
    /// Reads a sentence.
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, name, after)) = next_hole(rest) {
            parts.push(Part::Text(before.to_string()));
            parts.push(Part::Hole(name.to_string()));
            rest = after;
        }
        parts.push(Part::Text(rest.to_string()));
        Self { parts }
    }

    /// Names of its holes.
    pub fn holes(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The sentence with its holes filled.
    pub fn fill(&self, value: impl Fn(&str) -> String) -> String {
        let written: usize =
            self.parts.iter().map(|part| if let Part::Text(text) = part { text.len() } else { 24 }).sum();
        let mut out = String::with_capacity(written);
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Hole(name) => out.push_str(&printable(&value(name), LONGEST)),
            }
        }
        out
    }
}

fn next_hole(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find('{')?;
        let inner = text.get(open + 1..)?;
        let length = inner.find(|c: char| !(c.is_ascii_lowercase() || c == '_' || c == '.'))?;
        if length > 0 && inner[length..].starts_with('}') {
            return Some((&text[..open], &inner[..length], &inner[length + 1..]));
        }
        from = open + 1;
    }
}

/// A field's value in words.
pub fn in_words(field: &Field<'_>) -> String {
    match field {
        Field::Absent => "nothing".to_string(),
        Field::Unknown(reason, _) => format!("something unknown ({reason})"),
        Field::Bool(value, _) => if *value { "yes" } else { "no" }.to_string(),
        Field::Number(value, _) => value.to_string(),
        Field::Text(text, _) => (*text).to_string(),
        Field::List(items, _) if items.is_empty() => "nothing".to_string(),
        Field::List(items, _) => items.iter().map(|item| item.0).collect::<Vec<_>>().join(", "),
    }
}

/// Text cut to `longest` characters, with what a terminal or a reader's eye would not show as itself spelt out.
pub fn printable(text: &str, longest: usize) -> Cow<'_, str> {
    let fits = text.chars().nth(longest).is_none();
    if fits && !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for c in text.chars().take(longest) {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    if !fits {
        out.push('…');
    }
    Cow::Owned(out)
}

/// Whether a terminal or a reader would not show a character as what it is: controls, directions, nothing at all.
pub fn is_hidden(c: char) -> bool {
    // Most text is plain letters.
    !matches!(c, ' '..='~')
        && matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_and_other_braces_stay() {
        let template = Template::parse("`{image}` is set by ${TAG} {} and {Not}, {x");
        assert_eq!(template.holes().collect::<Vec<_>>(), ["image"]);
        assert_eq!(template.fill(|_| "a:1".into()), "`a:1` is set by ${TAG} {} and {Not}, {x");
    }

    #[test]
    fn hostile_values_are_spelt_out_and_cut() {
        assert_eq!(printable("a\u{1b}[31m\u{202e}\n", 99), "a\\u{1b}[31m\\u{202e}\\n");
        assert_eq!(printable("éééé", 2), "éé…");
        assert_eq!(printable("plain", 5), "plain");
    }
}
