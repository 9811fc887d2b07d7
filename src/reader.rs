//! Strict reading of our own formats from the spanned tree: what is unknown, missing or of the wrong type is a mistake.

use crate::document::{Node, NodeKind};
use crate::mistake::Mistake;
use crate::model::Spanned;
use crate::source::Span;

/// Reads nodes and gathers every mistake instead of stopping at the first.
#[derive(Default)]
pub struct Reader {
    /// What was wrong so far.
    pub mistakes: Vec<Mistake>,
}

impl Reader {
    /// Notes a mistake at a place.
    pub fn wrong(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.mistakes.push(Mistake { span: Some(span), message: message.into(), help: help.into() });
    }

    /// Whether the node is a map with none but the allowed keys; `what` names it for people.
    pub fn map(&mut self, node: Node<'_>, what: &str, allowed: &[&str]) -> bool {
        if !node.is_map() {
            self.wrong(node.span(), format!("{what} is not a map"), format!("write its keys: {}", allowed.join(", ")));
            return false;
        }
        for (key, _) in node.entries() {
            let name = key.scalar().unwrap_or_default();
            if !allowed.contains(&name.as_str()) {
                self.unknown(key.span(), &format!("key of {what}"), &name, allowed);
            }
        }
        true
    }

    /// Notes a name that is none of those known.
    pub fn unknown(&mut self, span: Span, what: &str, name: &str, known: &[&str]) {
        let help = match closest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "nothing of the kind exists here".to_string(),
            None if known.len() > 40 => "no known name is close to it".to_string(),
            None => format!("known are: {}", known.join(", ")),
        };
        self.wrong(span, format!("`{name}` is not a known {what}"), help);
    }

    /// Text under a key; the wrong type is a mistake, absence is not.
    pub fn text(&mut self, map: Node<'_>, key: &str) -> Option<Spanned<String>> {
        let node = map.get(key)?;
        self.as_text(node, key)
    }

    /// Text that must be there, and not blank.
    pub fn required(&mut self, map: Node<'_>, key: &str, what: &str) -> Option<Spanned<String>> {
        if map.get(key).is_none() {
            self.wrong(map.span(), format!("{what} has no `{key}`"), format!("add `{key}`"));
            return None;
        }
        let text = self.text(map, key)?;
        if text.value.trim().is_empty() {
            self.wrong(text.span, format!("`{key}` is empty"), "say it in words");
            return None;
        }
        Some(text)
    }

    /// The node as text.
    pub fn as_text(&mut self, node: Node<'_>, what: &str) -> Option<Spanned<String>> {
        match node.as_str() {
            Some(text) => Some(Spanned::new(text.to_string(), node.span())),
            None => {
                self.wrong(node.span(), format!("`{what}` is {}, not text", kind(node)), "put it in quotes");
                None
            }
        }
    }

    /// A truth value under a key.
    pub fn flag(&mut self, map: Node<'_>, key: &str) -> Option<bool> {
        let node = map.get(key)?;
        if node.as_bool().is_none() {
            self.wrong(node.span(), format!("`{key}` is {}, not true or false", kind(node)), "write true or false");
        }
        node.as_bool()
    }

    /// A list of texts under a key, empty where there is none; scalars that are not text are taken as written.
    pub fn texts(&mut self, map: Node<'_>, key: &str) -> Vec<Spanned<String>> {
        map.get(key).map(|node| self.as_texts(node, key)).unwrap_or_default()
    }

    /// The node as a list of texts.
    pub fn as_texts(&mut self, node: Node<'_>, what: &str) -> Vec<Spanned<String>> {
        if !node.is_list() {
            self.wrong(node.span(), format!("`{what}` is {}, not a list", kind(node)), "write it as [a, b]");
            return Vec::new();
        }
        let mut texts = Vec::new();
        for item in node.items() {
            match item.scalar() {
                Some(text) => texts.push(Spanned::new(text, item.span())),
                None => self.wrong(item.span(), format!("`{what}` holds {}", kind(item)), "list plain texts"),
            }
        }
        texts
    }

    /// One of a closed set of names.
    pub fn choice<T: Copy>(&mut self, text: &Spanned<String>, what: &str, choices: &[(&str, T)]) -> Option<T> {
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text.value) {
            return Some(*value);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        self.unknown(text.span, what, &text.value, &names);
        None
    }
}

/// What a node is, in words.
pub fn kind(node: Node<'_>) -> &'static str {
    match node.kind() {
        NodeKind::Null => "empty",
        NodeKind::Bool(_) => "a truth value",
        NodeKind::Int(_) | NodeKind::Float(_) => "a number",
        NodeKind::Text(_) => "text",
        NodeKind::List(_) => "a list",
        NodeKind::Map(_) => "a map",
    }
}

/// The known name nearest to a mistyped one, if it is near enough to be meant.
pub fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    let scored = known.iter().map(|candidate| (distance(name, candidate), *candidate));
    scored.filter(|(distance, _)| *distance <= limit).min().map(|(_, candidate)| candidate)
}

/// Levenshtein distance, of the first 64 characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, from) in left.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_finds_its_neighbour_and_a_foreign_one_does_not() {
        let known = ["read_only", "runs_as_root", "user"];
        assert_eq!(closest("readonly", &known), Some("read_only"));
        assert_eq!(closest("run_as_root", &known), Some("runs_as_root"));
        assert_eq!(closest("memory", &known), None);
    }
}
