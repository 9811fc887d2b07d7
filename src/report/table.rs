//! One line per finding and per item: for logs, wide terminals and programs that read text.

use std::fmt::Write;

use crate::report::text::{columns, escape, place};
use crate::report::{Renderer, Report, View, human, items};

/// The `table` format.
pub struct Table;

impl Renderer for Table {
    fn render(&self, report: &Report, view: &View) -> String {
        let mut out = String::new();
        if !view.quiet {
            out.push_str(&aligned(&findings(report), |row, text| match row.first().map(String::as_str) {
                Some("critical" | "high") => view.paint(human::tone(crate::rules::Severity::High), text),
                _ => text.to_owned(),
            }));
            out.push_str(&aligned(&item_rows(report), |_, text| text.to_owned()));
            out.push_str(&aligned(&gap_rows(report, view), |_, text| text.to_owned()));
        }
        out.push_str(&items::gate(report, view));
        out.push('\n');
        out
    }
}

/// Severity, check, place, server, tool, message; a waived finding says so.
fn findings(report: &Report) -> Vec<Vec<String>> {
    let row = |finding: &crate::assess::Finding| {
        let severity = match finding.waiver {
            Some(_) => format!("{} (waived)", finding.severity.id()),
            None => finding.severity.id().to_owned(),
        };
        vec![
            severity,
            finding.check.clone(),
            place(report, finding.evidence.primary.span),
            finding
                .server
                .map_or_else(|| "-".to_owned(), |id| escape(&report.facts.server(id).about.name).into_owned()),
            finding.tool.as_deref().map_or_else(|| "-".to_owned(), |tool| escape(tool).into_owned()),
            escape(&finding.message).into_owned(),
        ]
    };
    report.assessment.findings.iter().map(row).collect()
}

/// Outcome, framework and item, server, why: for frameworks that gate.
fn item_rows(report: &Report) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for assessed in &report.assessment.servers {
        let server = escape(&report.facts.server(assessed.server).about.name).into_owned();
        for framework in assessed.frameworks.iter().filter(|framework| framework.gates) {
            for item in items::items(framework) {
                let outcome = match item.how.as_str() {
                    "waived" => format!("{} (waived)", item.outcome.id()),
                    _ => item.outcome.id().to_owned(),
                };
                let id = format!("{}/{}", framework.id, item.id);
                rows.push(vec![outcome, id, server.clone(), escape(&item.why).into_owned()]);
            }
        }
    }
    rows
}

fn gap_rows(report: &Report, view: &View) -> Vec<Vec<String>> {
    let gaps = report.assessment.gaps.iter().filter(|gap| gap.blocks || view.verbose);
    let row = |gap: &crate::model::Gap| {
        let place = gap.span.map_or_else(|| escape(&gap.path).into_owned(), |span| place(report, span));
        let word = if gap.blocks { "gap" } else { "gap (reported)" };
        vec![word.to_owned(), gap.kind.id().to_owned(), place, escape(&gap.reason).into_owned()]
    };
    gaps.map(row).collect()
}

/// Rows with their columns aligned, two blanks between; the last column as it is.
pub fn aligned(rows: &[Vec<String>], paint: impl Fn(&[String], &str) -> String) -> String {
    let number = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widest =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| columns(cell)).max().unwrap_or_default();
    let widths: Vec<_> = (0..number).map(widest).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            let shown = if at == 0 { paint(row, cell) } else { cell.clone() };
            let fill = if at + 1 == row.len() { 0 } else { widths[at] - columns(cell) + 2 };
            let _ = write!(line, "{shown}{:fill$}", "");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_finding_item_and_gap_is_one_line() {
        let shown = Table.render(&sample::failing(), &View::default());
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines.len(), 3 + 4 + 1 + 1, "{shown}");
        assert!(
            lines[0].starts_with("critical           path-traversal  server.py:3:12  orders  read_file"),
            "{shown}"
        );
        assert!(lines[2].starts_with("critical (waived)  path-traversal"), "{shown}");
        assert!(lines[3].starts_with("fail            mcp-hardening-18/H1.1  orders"), "{shown}");
        assert!(lines[7].starts_with("gap  unparsed  src/broken.py"), "{shown}");
        assert!(lines[8].starts_with("gate: FAIL"), "{shown}");
    }
}
