//! What no format prints whole: the credentials of the audited tree, hidden in its texts and in everything that is said.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use rayon::prelude::*;

use crate::extract::secrets;
use crate::model::Facts;
use crate::model::definition::Setting;
use crate::model::project::Secret;
use crate::source::{FILES_AT_ONCE, SourceId, Sources, Span};

/// Shorter values are hidden where they stand, and not wherever the same letters do.
const TELLING: usize = 8;
/// Bytes after the start of a private key that may belong to it.
const KEY: usize = 20_000;

/// The credentials of one tree, and what stands for each.
#[derive(Debug, Default)]
pub struct Veil {
    known: BTreeMap<String, String>,
    finder: Option<AhoCorasick>,
}

impl Veil {
    /// Hides every credential in the texts of a tree; what comes back hides them in what is said of it.
    pub fn drawn(sources: &mut Sources, facts: &Facts) -> Veil {
        let mut places: BTreeMap<SourceId, Vec<Range<usize>>> = BTreeMap::new();
        let mut known: BTreeSet<String> = BTreeSet::new();
        for secret in &facts.secrets {
            known.insert(sources.slice(secret.about.span).to_string());
            places.entry(secret.about.span.source).or_default().push(whole(sources, secret));
        }
        for (value, span) in facts.settings.iter().flat_map(held) {
            known.insert(value.to_string());
            places.entry(span.source).or_default().extend(inside(sources, span, value));
        }
        let telling = known.into_iter().filter(|value| value.len() >= TELLING && !secrets::is_placeholder(value));
        let veil = Veil::of(telling.map(|value| (secrets::mask(&value), value)).map(|(mask, value)| (value, mask)));
        let ids: Vec<SourceId> = sources.iter().map(|(id, _)| id).collect();
        let elsewhere = ids.par_iter().with_max_len(FILES_AT_ONCE).map(|id| veil.found(sources.get(*id).text()));
        let elsewhere: Vec<Vec<Range<usize>>> = elsewhere.collect();
        for (id, elsewhere) in ids.into_iter().zip(elsewhere) {
            let mut ranges = places.remove(&id).unwrap_or_default();
            ranges.extend(elsewhere);
            if !ranges.is_empty() {
                sources.hide(id, &ranges);
            }
        }
        veil
    }

    fn of(known: impl Iterator<Item = (String, String)>) -> Veil {
        let mut all: BTreeMap<String, String> = BTreeMap::new();
        for (value, mask) in known {
            // As formats write it: in JSON and in code, quotes and backslashes are escaped.
            let escaped = serde_json::Value::from(value.as_str()).to_string();
            all.insert(escaped.trim_matches('"').to_string(), mask.clone());
            all.insert(value, mask);
        }
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(all.keys()).ok();
        Veil { finder: finder.filter(|_| !all.is_empty()), known: all }
    }

    fn found(&self, text: &str) -> Vec<Range<usize>> {
        let finder = self.finder.iter();
        finder.flat_map(|finder| finder.find_iter(text)).map(|hit| hit.start()..hit.end()).collect()
    }

    /// A text with a mask in place of every credential.
    pub fn over(&self, text: String) -> String {
        match self.cast(&text) {
            Cow::Owned(hidden) => hidden,
            Cow::Borrowed(_) => text,
        }
    }

    /// The same of a text that is kept.
    pub fn cast<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match &self.finder {
            Some(finder) if finder.is_match(text) => {
                let masks: Vec<&str> = self.known.values().map(String::as_str).collect();
                Cow::Owned(finder.replace_all(text, &masks))
            }
            _ => Cow::Borrowed(text),
        }
    }

    /// Whether no credential has a line break in it, so that lines can be looked at one by one.
    pub fn is_of_lines(&self) -> bool {
        !self.known.keys().any(|value| value.contains('\n'))
    }
}

/// The place of a credential; of a private key, everything up to its end.
fn whole(sources: &Sources, secret: &Secret) -> Range<usize> {
    let range = secret.about.span.range();
    if secret.shape != "private-key" {
        return range;
    }
    let text = sources.get(secret.about.span.source).text();
    let rest = text.get(range.start..).unwrap_or_default();
    let end = rest.find("-----END").filter(|end| *end < KEY).map_or(range.end, |end| range.start + end);
    range.start..end
}

/// The literal credentials of a setting: its value where that is one, or what its URL carries in the query.
pub(crate) fn held(setting: &Setting) -> Vec<(&str, Span)> {
    let (Some(value), Some(span)) = (setting.value.value(), setting.value.span()) else { return Vec::new() };
    let query = queried(value).into_iter().map(|part| (part, span));
    let is_secret = setting.secret.value().is_some_and(|why| why != "sample");
    let is_whole = is_secret && !setting.reference && setting.unexpanded.is_absent() && !value.contains("://");
    query.chain(is_whole.then_some((value.as_str(), span)).filter(|(value, _)| is_literal(value))).collect()
}

fn is_literal(value: &str) -> bool {
    value.len() >= 3 && !secrets::is_reference(value) && !secrets::is_placeholder(value)
}

/// Values in the query of a URL under names that name a credential.
fn queried(url: &str) -> Vec<&str> {
    const NAMES: &[&str] = &["key", "sig", "signature", "auth", "code", "pass", "pwd", "jwt"];
    let Some((_, query)) = url.split_once('?').filter(|(before, _)| before.contains("://")) else { return Vec::new() };
    let pairs = query.split(['&', '#']).filter_map(|pair| pair.split_once('='));
    let telling = |name: &str| secrets::names_secret(name) || NAMES.contains(&name.to_ascii_lowercase().as_str());
    pairs.filter(|(name, value)| telling(name) && is_literal(value)).map(|(_, value)| value).collect()
}

/// Where a value stands in the place that was given for it, which may hold a flag or quotes as well.
fn inside(sources: &Sources, span: Span, value: &str) -> Vec<Range<usize>> {
    let (text, start) = (sources.slice(span), span.range().start);
    let found: Vec<Range<usize>> =
        text.match_indices(value).map(|(at, hit)| start + at..start + at + hit.len()).collect();
    // Escaped or folded over lines: nothing of the place is shown.
    if found.is_empty() { vec![span.range()] } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_stand_for_credentials_in_every_spelling() {
        let veil = Veil::of([("pa\"ss\\word1".to_string(), "p… (11)".to_string())].into_iter());
        assert_eq!(veil.over(r#"a pa"ss\word1 b"#.to_string()), "a p… (11) b");
        assert_eq!(veil.over(r#"{"x": "pa\"ss\\word1"}"#.to_string()), r#"{"x": "p… (11)"}"#);
        assert_eq!(Veil::default().over("plain".to_string()), "plain");
    }
}
