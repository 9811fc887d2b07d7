//! The report for a person: what is wrong, where, why, what to do, and what decides.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::assess::Finding;
use crate::model::{Note, ServerId};
use crate::report::frame::{frame, line_of};
use crate::report::text::{Tone, columns, count, escape, hang};
use crate::report::{Renderer, Report, View, items};
use crate::rules::Severity;
use crate::source::Span;

/// The `human` format.
pub struct Human;

/// Columns before `why`, `fix` and the steps of a path.
const INDENT: usize = 7;

/// Places of one check that are listed after the first before the rest is counted.
const ALSO: usize = 12;

impl Renderer for Human {
    fn render(&self, report: &Report, view: &View) -> String {
        let mut out = String::new();
        if !view.quiet {
            header(&mut out, report, view);
            findings(&mut out, report, view);
            items::gaps(&mut out, report, view);
            items::tables(&mut out, report, view);
            items::waivers(&mut out, report, view);
            items::summary(&mut out, report, view);
        }
        if !view.quiet {
            out.push('\n');
        }
        out.push_str(&items::gate(report, view));
        out.push('\n');
        out
    }
}

fn header(out: &mut String, report: &Report, view: &View) {
    let read = [
        count(report.inputs.len(), "file") + " read",
        count(report.facts.servers.len(), "server"),
        count(report.facts.tools.len(), "tool"),
    ];
    line(out, &format!("plimsoll {} · {} · {}", env!("CARGO_PKG_VERSION"), report.assessment.date, read.join(", ")));
    let blocking = report.assessment.gaps.iter().filter(|gap| gap.blocks).count();
    let unseen: Vec<_> = [
        (blocking, count(blocking, "gap") + " in the way of a verdict"),
        (report.assessment.gaps.len() - blocking, count(report.assessment.gaps.len() - blocking, "other gap")),
        (report.skipped.len(), count(report.skipped.len(), "path") + " left out"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(_, text)| text)
    .collect();
    if !unseen.is_empty() {
        let tone = if blocking > 0 { Tone::Doubtful } else { Tone::Quiet };
        line(out, &view.paint(tone, &format!("not examined: {}", unseen.join(", "))));
    }
}

/// Findings of one check on one server.
struct Group<'a> {
    first: &'a Finding,
    rest: Vec<&'a Finding>,
}

fn findings(out: &mut String, report: &Report, view: &View) {
    let mut servers: BTreeMap<Option<ServerId>, Vec<&Finding>> = BTreeMap::new();
    for finding in report.assessment.findings.iter().filter(|finding| finding.waiver.is_none()) {
        servers.entry(finding.server).or_default().push(finding);
    }
    let mut servers: Vec<_> = servers.into_iter().collect();
    servers.sort_by_key(|(server, found)| (std::cmp::Reverse(severities(found)), *server));
    let any = !servers.is_empty();
    for (server, found) in servers {
        title(out, report, view, server, &found);
        let mut framed = BTreeSet::new();
        for group in groups(&found) {
            explain(out, report, view, &group, &mut framed);
        }
    }
    if any {
        let hint = "`plimsoll explain ID` says more about a check: what it asks, why it matters, what it maps to";
        line(out, &format!("\n{}", view.paint(Tone::Quiet, hint)));
    }
}

/// Number of findings by severity, worst first.
fn severities(found: &[&Finding]) -> [usize; 4] {
    let number = |severity| found.iter().filter(|finding| finding.severity == severity).count();
    [number(Severity::Critical), number(Severity::High), number(Severity::Medium), number(Severity::Low)]
}

fn groups<'a>(found: &[&'a Finding]) -> Vec<Group<'a>> {
    let mut sorted = found.to_vec();
    sorted.sort_by(|a, b| (b.severity, &a.check, &a.evidence).cmp(&(a.severity, &b.check, &b.evidence)));
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in sorted {
        match at.get(finding.check.as_str()) {
            Some(at) => groups[*at].rest.push(finding),
            None => {
                at.insert(&finding.check, groups.len());
                groups.push(Group { first: finding, rest: Vec::new() });
            }
        }
    }
    groups
}

fn title(out: &mut String, report: &Report, view: &View, server: Option<ServerId>, found: &[&Finding]) {
    let name = server.map_or_else(|| "the tree as a whole".to_owned(), |id| items::server_name(report, id));
    let names = ["critical", "high", "medium", "low"];
    let numbers = severities(found).into_iter().zip(names).filter(|(number, _)| *number > 0);
    let numbers: Vec<_> = numbers.map(|(number, name)| format!("{number} {name}")).collect();
    let rest = format!(" · {}: {} ", count(found.len(), "finding"), numbers.join(", "));
    let rule = "─".repeat(view.width.saturating_sub(columns(&name) + columns(&rest) + 3).max(2));
    line(out, &format!("\n── {}{rest}{}", view.paint(Tone::Strong, &name), view.paint(Tone::Quiet, &rule)));
}

/// Colour of a severity.
pub fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical | Severity::High => Tone::Bad,
        Severity::Medium => Tone::Doubtful,
        Severity::Low => Tone::Quiet,
    }
}

/// One check with its first place in full. Code that was shown for another check is not shown again.
fn explain(out: &mut String, report: &Report, view: &View, group: &Group<'_>, framed: &mut BTreeSet<Span>) {
    let finding = group.first;
    let painted = format!(
        "\n{} {}: ",
        view.paint(tone(finding.severity), finding.severity.id()),
        view.paint(Tone::Strong, &finding.check)
    );
    hang(out, &painted, 4, &escape(&finding.message), view.width);
    let span = finding.evidence.primary.span;
    if framed.insert(span) {
        line(out, &format!("   ┌ {}", view.place(report, span)));
        for shown in frame(report, span, view) {
            line(out, &shown);
        }
    } else {
        line(out, &format!("   ─ {} {}", view.place(report, span), view.paint(Tone::Quiet, "(shown above)")));
    }
    steps(out, report, view, &finding.evidence.steps);
    also(out, report, view, &group.rest);
    let Some(rule) = report.rule(&finding.check) else { return };
    for (word, text) in [("why", &rule.why), ("fix", &rule.fix)] {
        if !text.is_empty() {
            let word = view.paint(Tone::Strong, word);
            hang(out, &format!("  {word}  "), INDENT, &escape(text), view.width);
        }
    }
}

fn steps(out: &mut String, report: &Report, view: &View, steps: &[Note]) {
    if steps.is_empty() {
        return;
    }
    line(out, &format!("  {}", view.paint(Tone::Strong, "path")));
    for (at, step) in steps.iter().enumerate() {
        let place = crate::report::text::place(report, step.span);
        let number = format!("  {:>3}. ", at + 1);
        let room = view.width.saturating_sub(INDENT + columns(&place) + 2);
        let text = escape(&step.text);
        if columns(&text) <= room {
            line(out, &format!("{number}{}  {text}", view.place(report, step.span)));
        } else {
            line(out, &format!("{number}{}", view.place(report, step.span)));
            hang(out, &" ".repeat(INDENT + 2), INDENT + 2, &text, view.width);
        }
        let code = line_of(report, step.span, view.width.saturating_sub(INDENT + 4));
        line(out, &format!("{:INDENT$}  {}", "", view.paint(Tone::Quiet, &code)));
    }
}

fn also(out: &mut String, report: &Report, view: &View, rest: &[&Finding]) {
    if rest.is_empty() {
        return;
    }
    line(out, &format!("  {} {}", view.paint(Tone::Strong, "also at"), count(rest.len(), "more place")));
    let shown = if view.verbose { rest.len() } else { rest.len().min(ALSO) };
    for finding in &rest[..shown] {
        let place = view.place(report, finding.evidence.primary.span);
        let taken = columns(&crate::report::text::place(report, finding.evidence.primary.span)) + 6;
        let message = escape(&finding.message);
        let room = view.width.saturating_sub(taken).max(40);
        line(out, &format!("    {place}  {}", crate::report::text::cut(&message, room)));
    }
    if shown < rest.len() {
        line(out, &format!("    … and {} more (--verbose lists them)", rest.len() - shown));
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_failing_report_reads_from_findings_to_what_decides() {
        let shown = Human.render(&sample::failing(), &View { width: 90, ..View::default() });
        let order = [
            "1 file read",
            "not examined: 1 gap in the way",
            "── orders",
            "critical path-traversal: `read_file` opens a path",
            "server.py:3:12",
            "^^^^^^^^^^",
            "  1. server.py:2:15",
            "fix",
            "not examined",
            "H1.1",
            "gate: FAIL",
        ];
        let mut from = 0;
        for part in order {
            let at = shown[from..].find(part).unwrap_or_else(|| panic!("`{part}` is missing or too early in\n{shown}"));
            from += at;
        }
        assert!(shown.lines().last().unwrap().starts_with("gate: FAIL — "), "{shown}");
        assert!(!shown.contains('\x1b'), "no colour unless asked for");
    }

    #[test]
    fn findings_of_one_check_are_told_once_and_then_listed() {
        let shown = Human.render(&sample::failing(), &View::default());
        assert_eq!(shown.matches("critical path-traversal:").count(), 1, "{shown}");
        assert!(shown.contains("also at 1 more place") && shown.contains("server.py:5:12"), "{shown}");
    }

    #[test]
    fn hostile_text_never_reaches_the_terminal_raw() {
        let mut report = sample::failing();
        report.assessment.findings[0].message = "\x1b]0;owned\x07 \u{202e}gnp".to_owned();
        let shown = Human.render(&report, &View::default());
        assert!(shown.contains("\\u{1b}]0;owned\\u{7} \\u{202e}gnp"), "{shown}");
        assert!(!shown.contains(['\x1b', '\x07', '\u{202e}']), "{shown}");
    }

    #[test]
    fn quiet_is_the_line_that_decides() {
        let shown = Human.render(&sample::failing(), &View { quiet: true, ..View::default() });
        assert_eq!(shown.lines().count(), 1);
    }

    #[test]
    fn colours_and_links_only_where_wanted() {
        let view = View { color: true, links: Some("file:///srv/".to_owned()), ..View::default() };
        let shown = Human.render(&sample::failing(), &view);
        assert!(shown.contains("\x1b]8;;file:///srv/server.py\x1b\\"), "{shown}");
        assert!(shown.contains("\x1b[1;31mcritical\x1b[0m"), "{shown}");
    }
}
