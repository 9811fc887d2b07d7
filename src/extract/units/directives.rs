//! Lines of unit files: sections, assignments, continuations, and how systemd adds them up.

use super::specifier::{self, Name};
use crate::extract::command;
use crate::model::known::Spanned;
use crate::source::{SourceId, Span};

/// One `Key=value`.
#[derive(Clone, Debug)]
struct Directive {
    section: String,
    key: String,
    value: Spanned<String>,
}

/// The directives of a unit, those of its drop-ins after its own.
#[derive(Clone, Debug, Default)]
pub struct Directives {
    all: Vec<Directive>,
    /// Headers of sections.
    headers: Vec<Spanned<String>>,
}

impl Directives {
    /// Reads one file.
    pub fn read(source: SourceId, text: &str) -> Self {
        let mut found = Self::default();
        let mut section = String::new();
        let mut open: Option<Directive> = None;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let (start, bare) = (at, line.trim());
            at += line.len();
            let span = place(source, start, line);
            if let Some(mut directive) = open.take() {
                // Comments between continued lines are skipped.
                if bare.starts_with(['#', ';']) {
                    open = Some(directive);
                    continue;
                }
                let (part, continues) = continued(bare);
                directive.value.value = format!("{} {part}", directive.value.value.trim_end());
                directive.value.span.end = span.end;
                open = continues.then(|| directive.clone());
                if !continues {
                    found.all.push(directive);
                }
                continue;
            }
            if bare.is_empty() || bare.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name.to_string();
                found.headers.push(Spanned::new(section.clone(), span));
                continue;
            }
            let Some((key, value)) = line.split_once('=') else { continue };
            let (part, continues) = continued(value.trim());
            let value_at = place(source, start + key.len() + 1, value);
            let directive = Directive {
                section: section.clone(),
                key: key.trim().to_string(),
                value: Spanned::new(part.to_string(), value_at),
            };
            if continues {
                open = Some(directive);
            } else {
                found.all.push(directive);
            }
        }
        found.all.extend(open);
        found
    }

    /// Takes the directives of a drop-in.
    pub fn append(&mut self, other: Directives) {
        self.all.extend(other.all);
    }

    /// Fills in the specifiers of every value.
    pub fn specify(&mut self, name: Name<'_>) {
        for directive in &mut self.all {
            directive.value.value = specifier::expand(&directive.value.value, name);
        }
    }

    /// The header of a section.
    pub fn header(&self, section: &str) -> Option<Span> {
        self.headers.iter().find(|header| header.value == section).map(|header| header.span)
    }

    /// The last value of a key; an empty one takes back what stood before.
    pub fn last(&self, section: &str, key: &str) -> Option<&Spanned<String>> {
        self.each(section, key).last().filter(|value| !value.value.is_empty())
    }

    /// Every value of a key since the last empty one.
    pub fn all(&self, section: &str, key: &str) -> Vec<&Spanned<String>> {
        let mut found = Vec::new();
        for value in self.each(section, key) {
            if value.value.is_empty() {
                found.clear();
            } else {
                found.push(value);
            }
        }
        found
    }

    /// Every assignment of a key, empty ones too.
    pub fn each<'a, 'w>(
        &'a self,
        section: &'w str,
        key: &'w str,
    ) -> impl Iterator<Item = &'a Spanned<String>> + use<'a, 'w> {
        self.all.iter().filter(move |one| one.section == section && one.key == key).map(|one| &one.value)
    }

    /// The words of every value of a key since the last empty one.
    pub fn words(&self, section: &str, key: &str) -> Vec<Spanned<String>> {
        self.all(section, key).into_iter().flat_map(words).collect()
    }

    /// A truth value: the last one, with its place.
    pub fn switch(&self, section: &str, key: &str) -> Option<Spanned<bool>> {
        let value = self.last(section, key)?;
        Some(Spanned::new(is_yes(&value.value), value.span))
    }
}

/// What systemd takes for yes.
pub fn is_yes(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "1" | "yes" | "y" | "true" | "t" | "on")
}

/// The words of a value, quotes taken off.
pub fn words(value: &Spanned<String>) -> Vec<Spanned<String>> {
    command::split(value)
}

/// A line without the backslash that continues it, and whether it had one.
fn continued(line: &str) -> (&str, bool) {
    line.strip_suffix('\\').map_or((line, false), |rest| (rest.trim_end(), true))
}

/// Place of a text without the white space around it.
fn place(source: SourceId, start: usize, text: &str) -> Span {
    let from = start + (text.len() - text.trim_start().len());
    Span::new(source, from.min(start + text.trim_end().len()), start + text.trim_end().len())
}
