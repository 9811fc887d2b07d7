//! The checks as a document: what `docs/checks.md` holds.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::assess::Catalogue;
use crate::rules::{Planned, Rule};

/// Opening of the document.
const OPENING: &str = "# Checks

Made by `plimsoll list checks --format markdown`; a test holds it against the rules. One entry a check, by area: what it asks, of what, why it matters,
what to do, which items it witnesses and which lists of weaknesses it maps to. `plimsoll explain ID` prints an entry.
";

impl Catalogue {
    /// All checks by area, as Markdown.
    pub fn reference(&self) -> String {
        let mut areas: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
        for rule in &self.rules.rules {
            areas.entry(&rule.area).or_default().push(rule);
        }
        let mut out = OPENING.to_owned();
        for (area, rules) in &areas {
            line(&mut out, &format!("\n## {area}"));
            for rule in rules {
                self.reference_of(&mut out, rule);
            }
        }
        planned(&mut out, &self.rules.planned);
        out
    }

    fn reference_of(&self, out: &mut String, rule: &Rule) {
        line(out, &format!("\n### {}\n\n{}.", rule.id, plain(&rule.title)));
        let about = format!(
            "{} Asked of each {}; severity {}, confidence {}.",
            plain(&rule.question),
            rule.subject.id(),
            rule.severity.id(),
            rule.confidence.id()
        );
        entry(out, "Asks", &about);
        entry(out, "Why", &plain(&rule.why));
        entry(out, "Fix", &plain(&rule.fix));
        entry(out, "Witnesses", &self.witnessed(&rule.id).join(", "));
        let maps: Vec<String> = rule.maps.iter().map(|(list, rows)| format!("{list} {}", rows.join(", "))).collect();
        entry(out, "Maps to", &maps.join("; "));
        entry(out, "More", &rule.references.join(" "));
    }
}

fn planned(out: &mut String, planned: &[Planned]) {
    if planned.is_empty() {
        return;
    }
    line(out, "\n## Planned\n\nNot built yet: what they would witness is not assessed, never passed.\n");
    for check in planned {
        line(out, &format!("- `{}` ({}, {})", check.id, check.area, check.severity.id()));
    }
}

fn entry(out: &mut String, name: &str, text: &str) {
    if !text.is_empty() {
        line(out, &format!("\n**{name}.** {text}"));
    }
}

/// Text of a rule with what Markdown would read as markup taken as it stands; back quotes are meant.
fn plain(text: &str) -> String {
    let mut quoted = false;
    let mut out = String::with_capacity(text.len());
    for sign in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        quoted ^= sign == '`';
        if !quoted && matches!(sign, '<' | '*' | '_' | '[' | '|') {
            out.push('\\');
        }
        out.push(sign);
    }
    out
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_a_rule_is_text_outside_quotes() {
        for (text, expected) in [
            ("a <b> | `<c>` *d*", "a \\<b> \\| `<c>` \\*d\\*"),
            ("two\n lines", "two lines"),
            ("`a_b` a_b [x]", "`a_b` a\\_b \\[x]"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
