//! Waivers in comments: `allow CHECK-ID reason="…" until=YYYY-MM-DD` behind our name and a colon, in any comment syntax.

use crate::assess::Waiver;
use crate::config::is_date;
use crate::rules::RuleSet;
use crate::source::{Sources, Span};

/// What the comments of a tree say.
#[derive(Debug, Default)]
pub struct Inline {
    /// Waivers with reason and date, and the line each covers.
    pub waivers: Vec<(Waiver, u32)>,
    /// Waivers that do not count, with what they lack.
    pub broken: Vec<(Span, String)>,
}

/// Reads the waivers in comments.
pub fn inline(comments: &[Span], sources: &Sources, rules: &RuleSet) -> Inline {
    let mut comments: Vec<Span> = comments.to_vec();
    comments.sort();
    comments.dedup();
    let mut found = Inline::default();
    for comment in &comments {
        let text = sources.slice(*comment);
        for (at, _) in text.match_indices("plimsoll:") {
            let rest = text.get(at + "plimsoll:".len()..).unwrap_or_default();
            let line = rest.lines().next().unwrap_or_default();
            let Some(order) = line.trim_start().strip_prefix("allow") else { continue };
            let start = comment.start as usize + at;
            let span = Span::new(comment.source, start, start + "plimsoll:".len() + line.trim_end().len());
            read(order, span, *comment, &comments, sources, rules, &mut found);
        }
    }
    found
}

fn read(
    order: &str,
    span: Span,
    comment: Span,
    comments: &[Span],
    sources: &Sources,
    rules: &RuleSet,
    found: &mut Inline,
) {
    let words = words(order);
    let value =
        |key: &str| words.iter().find_map(|word| word.strip_prefix(key)).map(str::trim).filter(|v| !v.is_empty());
    let check = words.first().map_or("", String::as_str);
    let (reason, until) = (value("reason="), value("until="));
    let lack = match (reason, until) {
        _ if !rules.knows(check) => Some(format!("names no check: `{check}`")),
        (None, _) => Some("gives no reason=\"…\"".to_string()),
        (_, None) => Some("gives no until=YYYY-MM-DD".to_string()),
        (_, Some(date)) if !is_date(date) => Some(format!("ends on `{date}`, which is no day as YYYY-MM-DD")),
        _ => None,
    };
    if let Some(lack) = lack {
        found.broken.push((span, lack));
        return;
    }
    let waiver = Waiver {
        of: check.to_string(),
        server: None,
        tool: None,
        path: None,
        reason: reason.unwrap_or_default().to_string(),
        owner: value("owner=").map(str::to_string),
        expires: until.unwrap_or_default().to_string(),
        span: Some(span),
        file: sources.path(span.source).to_string(),
        line: sources.start(span).line,
        inline: true,
        used: 0,
        expired: false,
    };
    found.waivers.push((waiver, covered(comment, comments, sources)));
}

/// Words of an order; quotes hold words together and fall away.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The line that a comment covers: its own where code stands before it, else the next one with code.
fn covered(comment: Span, comments: &[Span], sources: &Sources) -> u32 {
    let own = sources.start(comment).line;
    let is_alone = sources.line(comment.source, own).is_none_or(|(text, start)| {
        let before = (comment.start.saturating_sub(start)) as usize;
        text.get(..before).is_none_or(|before| before.trim().is_empty())
    });
    if !is_alone {
        return own;
    }
    let last = sources.line_count(comment.source);
    let mut line = sources.end(comment).line + 1;
    while line <= last && !has_code(comment, line, comments, sources) {
        line += 1;
    }
    line
}

fn has_code(comment: Span, line: u32, comments: &[Span], sources: &Sources) -> bool {
    let Some((text, start)) = sources.line(comment.source, line) else { return false };
    let code = text.trim_start();
    let at = start as usize + (text.len() - code.len());
    let here = Span::new(comment.source, at, at);
    let after = comments.partition_point(|other| *other <= Span::new(comment.source, at, usize::MAX));
    let in_comment = comments[..after].iter().rev().take(64).any(|other| other.contains(here));
    !code.is_empty() && !in_comment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Planned;
    use crate::rules::Severity;

    fn rules() -> RuleSet {
        let (id, area, title) = ("runs-as-root".to_string(), String::new(), String::new());
        RuleSet { planned: vec![Planned { id, area, severity: Severity::High, title }], ..RuleSet::default() }
    }

    /// Comments are whatever follows `#` on a line.
    fn read_of(text: &str) -> (Inline, Vec<String>) {
        let mut sources = Sources::default();
        let id = sources.add_text("a.py", text);
        let mut comments = Vec::new();
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            if let Some(at) = line.find('#') {
                comments.push(Span::new(id, offset + at, offset + line.trim_end().len()));
            }
            offset += line.len();
        }
        let found = inline(&comments, &sources, &rules());
        let broken = found.broken.iter().map(|(_, lack)| lack.clone()).collect();
        (found, broken)
    }

    #[test]
    fn a_waiver_covers_its_own_line_or_the_next_line_of_code() {
        let order = "# plimsoll: allow runs-as-root reason=\"old image, moves\" until=2027-01-31";
        let cases = [
            (format!("a = 1  {order}\nb = 2\n"), 1),
            (format!("{order}\nb = 2\n"), 2),
            (format!("{order}\n\n# more\n  b = 2\n"), 4),
            (format!("{order}\n"), 3),
        ];
        for (text, line) in cases {
            let (found, broken) = read_of(&text);
            assert_eq!(broken, Vec::<String>::new());
            assert_eq!((found.waivers[0].1, found.waivers[0].0.reason.as_str()), (line, "old image, moves"), "{text}");
        }
    }

    #[test]
    fn a_waiver_that_lacks_something_does_not_count() {
        let cases = [
            ("allow runs-as-root until=2027-01-31", "gives no reason"),
            ("allow runs-as-root reason=\"\" until=2027-01-31", "gives no reason"),
            ("allow runs-as-root reason=x", "gives no until"),
            ("allow runs-as-root reason=x until=soon", "ends on `soon`"),
            ("allow runs-as-rot reason=x until=2027-01-31", "names no check: `runs-as-rot`"),
            ("allow", "names no check"),
        ];
        for (order, expected) in cases {
            let (found, broken) = read_of(&format!("# plimsoll: {order}\nb = 2\n"));
            assert!(found.waivers.is_empty() && broken[0].starts_with(expected), "{order}: {broken:?}");
        }
    }

    #[test]
    fn other_words_of_ours_in_comments_mean_nothing() {
        let (found, broken) = read_of("# plimsoll: is a good tool\n# plimsoll allow runs-as-root\n");
        assert!(found.waivers.is_empty() && broken.is_empty());
    }
}
