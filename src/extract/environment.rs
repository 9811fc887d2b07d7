//! Environment files: the variables they hand to whatever reads them.

use super::boundary::NO_GIT;
use super::containers::setting;
use crate::discover::FileKind;
use crate::load::{File, Loaded};
use crate::model::Facts;
use crate::model::definition::Setting;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Ends of names of files that only show which variables there are.
const TEMPLATES: &[&str] = &["example", "sample", "template", "dist", "tpl", "defaults", "schema"];

/// Reads every environment file that is no template.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let live = loaded.files.iter().filter(|file| file.kind == FileKind::EnvironmentFile && file.role.is_own());
    for file in live.filter(|file| !is_template(&file.path)) {
        let tracked = loaded.git.as_ref().and_then(|git| git.tracks(&file.path));
        facts.settings.extend(variables(loaded, file, "environment-file").into_iter().map(|setting| {
            let place = setting.about.span;
            let tracked = tracked.map_or(Known::unknown(NO_GIT, place), |tracked| Known::is(tracked, place));
            Setting { tracked, ..setting }
        }));
    }
}

/// Whether a file shows variables without setting them.
pub fn is_template(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.split(['.', '-', '_']).any(|part| TEMPLATES.contains(&part))
}

/// The variables of one file, in order.
pub fn variables(loaded: &Loaded, file: &File, file_kind: &str) -> Vec<Setting> {
    let text = loaded.sources.get(file.source).text();
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some((name, value)) = line.split_once('=') else { continue };
        let bare = name.trim().trim_start_matches("export ").trim();
        if bare.is_empty()
            || !bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
        {
            continue;
        }
        let name_at = start + name.find(bare).unwrap_or(0);
        let value_at = start + name.len() + 1 + (value.len() - value.trim_start().len());
        let written = value.trim();
        let span = |from: usize, length: usize| Span::new(file.source, from, from + length);
        let literal = unquoted(written);
        let value = (!literal.is_empty()).then(|| Spanned::new(literal.to_string(), span(value_at, written.len())));
        let name = Spanned::new(bare.to_string(), span(name_at, bare.len()));
        // An empty value is set, and is no reference to the host's own.
        let value = value.unwrap_or_else(|| Spanned::new(String::new(), name.span));
        found.push(setting::variable("environment", file_kind, &name, Some(&value)));
    }
    found
}

/// A value without its quotes, or without the comment that follows it.
fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some((inner, _)) = text.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return inner;
        }
    }
    text.split(" #").next().unwrap_or(text).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::discover_text;

    #[test]
    fn variables_are_read_with_their_places_and_templates_are_not() {
        let text = "# c\nexport API_TOKEN=\"Zq8Rk T3v\" # x\nTZ = UTC # zone\nEMPTY_SECRET=\nnot a variable\n";
        let loaded = crate::load::load(discover_text(".env", text.to_string()));
        let mut facts = Facts::default();
        extract(&loaded, &mut facts);
        let shown: Vec<_> = facts
            .settings
            .iter()
            .map(|found| {
                (
                    loaded.sources.slice(found.about.span),
                    found.value.value().map(String::as_str),
                    found.secret.value().is_some(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [("API_TOKEN", Some("Zq8Rk T3v"), true), ("TZ", Some("UTC"), false), ("EMPTY_SECRET", Some(""), false)]
        );
        for (path, expected) in [(".env.example", true), ("sample.env", true), (".env.local", false), (".env", false)] {
            assert_eq!(is_template(path), expected, "{path}");
        }
    }
}
