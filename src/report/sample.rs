//! A report made by hand, for the tests of the formats.

use std::collections::BTreeMap;

use crate::assess::{
    Assessment, ControlResult, Finding, FrameworkResult, ItemResult, Outcome, ServerAssessment, Verdict, Waiver,
};
use crate::model::server::{Inventory, Server};
use crate::model::{About, Evidence, Facts, Gap, GapKind, Known, ServerId, SubjectKind};
use crate::report::{Input, Report, Skipped};
use crate::rules::{Confidence, Rule, RuleSet, Severity};
use crate::source::{Sources, Span};

const TEXT: &str =
    "import os\ndef read_file(path):\n    return open(path).read()\ndef more(path):\n    return open(path, 'w')\n";

impl Default for Report {
    fn default() -> Self {
        Self {
            sources: Sources::default(),
            facts: Facts::default(),
            rules: RuleSet::default(),
            assessment: Assessment::unjudged("2026-11-21", Vec::new()),
            inputs: Vec::new(),
            skipped: Vec::new(),
            prefix: String::new(),
            revision: None,
            remote: None,
            veil: crate::report::veil::Veil::default(),
            remains: crate::report::Remains::default(),
        }
    }
}

/// One server, one check that fails twice and once under a waiver, one item of each outcome, one gap.
pub fn failing() -> Report {
    let mut report = Report::default();
    let id = report.sources.add_text("server.py", TEXT);
    let place = |needle: &str, from: usize| {
        let at = from + TEXT[from..].find(needle).unwrap();
        Span::new(id, at, at + needle.len())
    };
    let (first, second) = (place("open(path)", 0), place("open(path, 'w')", 0));
    report.facts.servers.push(server(place("import os", 0)));
    report.rules = RuleSet { rules: vec![rule()], digest: "0".repeat(64), ..RuleSet::default() };
    let evidence = Evidence::at(first, "opens a path").then(place("path", 22), "the caller chooses `path`");
    let mut waived = finding("`more` writes a path", Evidence::at(second, "writes"), Some(0));
    waived.fingerprint = "f3".to_owned();
    report.assessment.findings = vec![
        finding("`read_file` opens a path that its caller chooses", evidence.clone(), None),
        finding("`more` opens a path that its caller chooses", Evidence::at(second, "opens"), None),
        waived,
    ];
    report.assessment.waivers = vec![waiver(place("def more", 0))];
    report.assessment.gaps = vec![Gap::of_path("src/broken.py", GapKind::Unparsed, "is not valid Python at line 3")];
    report.assessment.servers = vec![ServerAssessment { server: ServerId(0), frameworks: vec![framework(evidence)] }];
    report.assessment.verdict = Verdict::Fail;
    report.assessment.because = ["H1.1", "check:path-traversal", "gap:src/broken.py"].map(String::from).to_vec();
    let sha256 = report.sources.get(id).sha256();
    report.inputs = vec![Input { path: "server.py".to_owned(), sha256, kind: "source" }];
    report.skipped = vec![Skipped { path: "node_modules".to_owned(), reason: "is a dependency folder".to_owned() }];
    report
}

fn server(span: Span) -> Server {
    Server {
        about: About::new("orders", span),
        implemented: true,
        configured: false,
        inventory: Inventory::Closed,
        transports: Vec::new(),
        root: ".".to_owned(),
        openings: Vec::new(),
        sdks: Vec::new(),
        instructions: Known::Absent,
        places: vec![span],
        locked: crate::model::server::Locked::default(),
    }
}

fn rule() -> Rule {
    let maps = [("cwe", vec!["CWE-22"]), ("owasp-llm", vec!["LLM06:2025"])];
    let maps = maps.map(|(list, rows)| (list.to_owned(), rows.iter().map(|row| (*row).to_owned()).collect()));
    Rule {
        id: "path-traversal".to_owned(),
        area: "input".to_owned(),
        title: "A caller chooses which file is opened".to_owned(),
        question: "Does every path that a caller chooses stay below a fixed folder?".to_owned(),
        severity: Severity::Critical,
        confidence: Confidence::High,
        subject: SubjectKind::Tool,
        why: "A caller reads any file that the process may read.".to_owned(),
        fix: "Resolve the path and refuse it unless it lies below the folder that the tool serves.".to_owned(),
        maps: BTreeMap::from(maps),
        references: vec!["https://cwe.mitre.org/data/definitions/22.html".to_owned()],
        logic: crate::rules::logic::Logic::default(),
    }
}

fn finding(message: &str, evidence: Evidence, waiver: Option<usize>) -> Finding {
    Finding {
        check: "path-traversal".to_owned(),
        severity: Severity::Critical,
        confidence: Confidence::High,
        server: Some(ServerId(0)),
        tool: Some("read_file".to_owned()),
        subject: "read_file".to_owned(),
        message: message.to_owned(),
        fingerprint: format!("f{}", message.len()),
        evidence,
        waiver,
    }
}

fn waiver(span: Span) -> Waiver {
    Waiver {
        of: "path-traversal".to_owned(),
        server: None,
        tool: None,
        path: None,
        reason: "only root may call it".to_owned(),
        owner: Some("ops".to_owned()),
        expires: "2027-01-31".to_owned(),
        span: Some(span),
        file: "server.py".to_owned(),
        line: 4,
        inline: true,
        used: 1,
        expired: false,
    }
}

fn framework(evidence: Evidence) -> FrameworkResult {
    let item = |id: &str, outcome, why: &str, evidence: Vec<Evidence>| ItemResult {
        id: id.to_owned(),
        text: "Every tool has an allow-list.".to_owned(),
        outcome,
        how: "static".to_owned(),
        why: why.to_owned(),
        checks: vec!["path-traversal".to_owned()],
        evidence,
    };
    FrameworkResult {
        id: "mcp-hardening-18".to_owned(),
        title: "MCP server hardening checklist, 18 items".to_owned(),
        gates: true,
        outcome: Outcome::Fail,
        controls: vec![ControlResult {
            id: "H1".to_owned(),
            title: "Tool permission scoping".to_owned(),
            outcome: Outcome::Fail,
            same_as: Vec::new(),
            items: vec![
                item("H1.1", Outcome::Fail, "path-traversal fails for 2 of 2 tools", vec![evidence.clone()]),
                item("H1.2", Outcome::Pass, "path-traversal holds for 2 tools", vec![evidence]),
                item("H1.3", Outcome::NotAssessed, "gate-bypass is not built yet", Vec::new()),
                item("H2.1", Outcome::NotApplicable, "there is no tool", Vec::new()),
            ],
        }],
    }
}
