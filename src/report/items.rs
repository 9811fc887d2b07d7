//! Item tables, gaps, waivers and the line that decides: what the readable formats share.

use std::collections::BTreeSet;
use std::fmt::Write;

use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, Width};

use crate::assess::{ControlResult, Finding, FrameworkResult, ItemResult, Outcome, ServerAssessment, Verdict};
use crate::model::{Gap, ServerId};
use crate::report::table::aligned;
use crate::report::text::{Tone, count, escape, hang, place};
use crate::report::{Report, View};

/// Ids named in the last line before the rest is counted.
const NAMED: usize = 8;

/// Name and folder of a server, escaped.
pub fn server_name(report: &Report, id: ServerId) -> String {
    let server = report.facts.server(id);
    match server.root.as_str() {
        "." => escape(&server.about.name).into_owned(),
        root => format!("{} ({})", escape(&server.about.name), escape(root)),
    }
}

/// What was not examined, one line each; what stands in the way of a verdict comes first.
pub fn gaps(out: &mut String, report: &Report, view: &View) {
    let mut gaps: Vec<_> = report.assessment.gaps.iter().collect();
    gaps.sort_by_key(|gap| !gap.blocks);
    let shown: Vec<_> = gaps.iter().filter(|gap| gap.blocks || view.verbose).collect();
    let skipped = if view.verbose { report.skipped.as_slice() } else { &[] };
    if shown.is_empty() && skipped.is_empty() {
        return;
    }
    line(out, &format!("\n{}", view.paint(Tone::Strong, "not examined")));
    for gap in shown {
        let word = if gap.blocks { view.paint(Tone::Doubtful, "in the way") } else { "reported  ".to_owned() };
        let text = format!("{} ({})", gap_text(report, gap), gap.kind.id());
        hang(out, &format!("  {word}  "), 14, &text, view.width);
    }
    for left in skipped {
        let text = format!("{} {}", escape(&left.path), escape(&left.reason));
        hang(out, "  left out    ", 14, &text, view.width);
    }
}

/// Where a gap is and what stands in the way.
pub fn gap_text(report: &Report, gap: &Gap) -> String {
    let reason = escape(&gap.reason);
    match gap.span {
        Some(span) => format!("{} {reason}", place(report, span)),
        None if gap.path == "." => reason.into_owned(),
        None => format!("{} {reason}", escape(&gap.path)),
    }
}

/// A table for each server and gating framework, and a line for each framework that is only reported.
pub fn tables(out: &mut String, report: &Report, view: &View) {
    for assessed in &report.assessment.servers {
        let name = server_name(report, assessed.server);
        for framework in assessed.frameworks.iter().filter(|framework| framework.gates || view.verbose) {
            let counts = outcome_counts(framework);
            line(
                out,
                &format!("\n{} · {} · {name}: {counts}", view.paint(Tone::Strong, &framework.id), framework.title),
            );
            if is_brief(report, view) && !items(framework).any(|item| is_open(item.outcome)) {
                continue;
            }
            line(out, &item_table(report, framework, view));
        }
        let reported: Vec<_> = assessed.frameworks.iter().filter(|framework| !framework.gates).collect();
        if !reported.is_empty() && !view.verbose {
            line(
                out,
                &format!("\nreported only, {name} (--framework ID makes one decide, --verbose shows its items):"),
            );
            for framework in reported {
                line(out, &format!("  {}: {}", framework.id, outcome_counts(framework)));
            }
        }
    }
}

/// Items of a framework in order.
pub fn items(framework: &FrameworkResult) -> impl Iterator<Item = &ItemResult> {
    framework.controls.iter().flat_map(|control| control.items.iter())
}

/// `12 pass, 3 fail, 3 not assessed` over items, and over controls that have none of their own.
pub fn outcome_counts(framework: &FrameworkResult) -> String {
    let bare = framework.controls.iter().filter(|control| control.items.is_empty()).map(|control| control.outcome);
    let all: Vec<_> = items(framework).map(|item| item.outcome).chain(bare).collect();
    let words = [
        (Outcome::Pass, "pass"),
        (Outcome::Fail, "fail"),
        (Outcome::NotApplicable, "not applicable"),
        (Outcome::NotAssessed, "not assessed"),
    ];
    let numbers = words.map(|(outcome, word)| (all.iter().filter(|one| **one == outcome).count(), word));
    let parts: Vec<_> =
        numbers.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    if parts.is_empty() { "no items".to_owned() } else { parts.join(", ") }
}

fn item_table(report: &Report, framework: &FrameworkResult, view: &View) -> String {
    let brief = is_brief(report, view);
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(view.width.clamp(60, 160)).unwrap_or(160));
    match view.color {
        true => table.enforce_styling(),
        false => table.force_no_tty(),
    };
    for control in &framework.controls {
        let shown: Vec<_> = control.items.iter().filter(|item| !brief || is_open(item.outcome)).collect();
        if brief && shown.is_empty() && !is_open(control.outcome) {
            continue;
        }
        let shared = if control.same_as.is_empty() { Cell::new("") } else { outcome_cell(control.outcome, "") };
        table.add_row([shared, strong(&control.id), strong(&control_title(control))]);
        for item in shown {
            let why = Cell::new(item_why(report, item, view));
            table.add_row([outcome_cell(item.outcome, &item.how), Cell::new(&item.id), why]);
        }
    }
    table.set_constraints([
        ColumnConstraint::Absolute(Width::Fixed(16)),
        ColumnConstraint::ContentWidth,
        ColumnConstraint::LowerBoundary(Width::Fixed(30)),
    ]);
    table.style_mut().row_separator = comfy_table::LineStyle::none();
    table.trim_fmt()
}

/// With several servers only what is open is listed; one server is shown in full.
fn is_brief(report: &Report, view: &View) -> bool {
    report.assessment.servers.len() > 1 && !view.verbose
}

fn is_open(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Fail | Outcome::NotAssessed)
}

fn strong(text: &str) -> Cell {
    Cell::new(escape(text)).add_attribute(Attribute::Bold)
}

fn control_title(control: &ControlResult) -> String {
    let shared: Vec<_> = control.same_as.iter().map(|(id, outcome)| format!("{id} ({})", outcome.id())).collect();
    match shared.as_slice() {
        [] => control.title.clone(),
        shared => format!("{}: passes with {}", control.title, shared.join(", ")),
    }
}

fn outcome_cell(outcome: Outcome, how: &str) -> Cell {
    let text = match how {
        "waived" => format!("{} (waived)", outcome.id()),
        _ => outcome.id().to_owned(),
    };
    match outcome {
        Outcome::Pass => Cell::new(text).fg(Color::DarkGreen),
        Outcome::Fail => Cell::new(text).fg(Color::DarkRed),
        Outcome::NotAssessed => Cell::new(text).fg(Color::DarkYellow),
        Outcome::NotApplicable => Cell::new(text).fg(Color::DarkGrey),
    }
}

/// What decided an item, and for a pass where it is enforced.
fn item_why(report: &Report, item: &ItemResult, view: &View) -> String {
    let mut why = escape(&item.why).into_owned();
    let shown = if view.verbose { item.evidence.len() } else { 1 };
    if item.outcome == Outcome::Pass || view.verbose {
        for evidence in item.evidence.iter().take(shown) {
            let place = place(report, evidence.primary.span);
            let text = if view.verbose { format!(" {}", escape(&evidence.primary.text)) } else { String::new() };
            if view.verbose || !why.contains(&place) {
                let _ = write!(why, "\n→ {place}{text}");
            }
        }
    }
    why
}

/// One line per server, where there are several: its findings and what each gating framework says.
pub fn summary(out: &mut String, report: &Report, view: &View) {
    let servers = &report.assessment.servers;
    if servers.len() < 2 {
        return;
    }
    line(out, &format!("\n{}", view.paint(Tone::Strong, "servers")));
    let row = |assessed: &ServerAssessment| {
        let mine = |one: &&Finding| one.server == Some(assessed.server) && one.waiver.is_none();
        let found = report.assessment.findings.iter().filter(mine).count();
        let mut row = vec![format!("  {}", server_name(report, assessed.server)), count(found, "finding")];
        let gating = assessed.frameworks.iter().filter(|framework| framework.gates);
        row.extend(gating.map(|framework| format!("{} {}", framework.id, framework.outcome.id())));
        row
    };
    out.push_str(&aligned(&servers.iter().map(row).collect::<Vec<_>>(), |_, text| text.to_owned()));
}

/// Every waiver with its reason, owner and last day.
pub fn waivers(out: &mut String, report: &Report, view: &View) {
    let waivers = &report.assessment.waivers;
    if waivers.is_empty() {
        return;
    }
    line(out, &format!("\n{}", view.paint(Tone::Strong, "waivers")));
    for waiver in waivers {
        let state = match (waiver.expired, waiver.used) {
            (true, _) => "expired, counts no longer".to_owned(),
            (false, 0) => "covers nothing".to_owned(),
            (false, used) => format!("covers {}", count(used, "finding")),
        };
        let owner = waiver.owner.as_deref().map_or_else(String::new, |owner| format!(", by {owner}"));
        let text = format!(
            "{}: {}{owner}, until {} ({}:{}): {state}",
            waiver.of, waiver.reason, waiver.expires, waiver.file, waiver.line
        );
        hang(out, "  ", 4, &escape(&text), view.width);
    }
}

/// The last line: the verdict and what decides it.
pub fn gate(report: &Report, view: &View) -> String {
    let assessment = &report.assessment;
    let (word, tone) = match assessment.verdict {
        Verdict::Pass => ("PASS", Tone::Good),
        Verdict::Fail => ("FAIL", Tone::Bad),
        Verdict::Incomplete => ("INCOMPLETE", Tone::Doubtful),
    };
    let clauses = match assessment.verdict {
        Verdict::Pass => passing(report),
        Verdict::Fail | Verdict::Incomplete => deciding(report),
    };
    format!("gate: {} — {}", view.paint(tone, word), escape(&clauses.join("; ")))
}

fn passing(report: &Report) -> Vec<String> {
    let mut clauses = Vec::new();
    for assessed in &report.assessment.servers {
        let name = server_name(report, assessed.server);
        let gating = assessed.frameworks.iter().filter(|framework| framework.gates);
        clauses.extend(gating.map(|framework| format!("{name}, {}: {}", framework.id, outcome_counts(framework))));
    }
    if !report.assessment.gaps.is_empty() {
        clauses.push(format!("{} not in the way", count(report.assessment.gaps.len(), "gap")));
    }
    let waived = report.assessment.findings.iter().filter(|finding| finding.waiver.is_some()).count();
    if waived > 0 {
        clauses.push(format!("{} waived", count(waived, "finding")));
    }
    clauses
}

fn deciding(report: &Report) -> Vec<String> {
    let assessment = &report.assessment;
    let mut clauses = Vec::new();
    let because: BTreeSet<&str> = assessment.because.iter().map(String::as_str).collect();
    for (outcome, word) in
        [(Outcome::Fail, ["fails", "fail"]), (Outcome::NotAssessed, ["is not assessed", "are not assessed"])]
    {
        let gating = assessment.servers.iter().flat_map(|one| &one.frameworks).filter(|framework| framework.gates);
        let all: Vec<_> = gating.flat_map(items).collect();
        let named: Vec<_> = all.iter().filter(|item| item.outcome == outcome && item.how != "waived").collect();
        if !named.is_empty() {
            let word = if named.len() == 1 { word[0] } else { word[1] };
            let mut ids: Vec<&str> = Vec::new();
            for item in &named {
                if !ids.contains(&item.id.as_str()) {
                    ids.push(&item.id);
                }
            }
            clauses.push(format!("{} of {} {word} ({})", named.len(), count(all.len(), "item"), list(&ids)));
        }
    }
    let checks: Vec<_> = because.iter().filter_map(|one| one.strip_prefix("check:")).collect();
    if !checks.is_empty() {
        let decides = |one: &&crate::assess::Finding| one.waiver.is_none() && checks.contains(&one.check.as_str());
        let found = assessment.findings.iter().filter(decides).count();
        clauses.push(format!("{} at or above the threshold ({})", count(found, "finding"), list(&checks)));
    }
    let blocking: Vec<_> = assessment.gaps.iter().filter(|gap| gap.blocks).collect();
    if let [gap] = blocking.as_slice() {
        clauses.push(format!("1 gap stands in the way: {}", gap_text(report, gap)));
    } else if !blocking.is_empty() {
        let paths: BTreeSet<_> = blocking.iter().map(|gap| gap.path.as_str()).collect();
        let paths: Vec<_> = paths.into_iter().collect();
        clauses.push(format!("{} stand in the way ({})", count(blocking.len(), "gap"), list(&paths)));
    }
    if clauses.is_empty() {
        clauses.push(assessment.because.join(", "));
    }
    clauses
}

fn list(names: &[&str]) -> String {
    let shown: Vec<_> = names.iter().take(NAMED).copied().collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{}, {more} more", shown.join(", ")),
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a string cannot fail");
}
