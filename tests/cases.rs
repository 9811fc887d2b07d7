//! Every check against its cases: `fixtures/checks/<id>.md`, one heading a case, one small tree each.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests write the trees they audit")]

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::rules::{self, Answer};
use plimsoll::{Configuration, Request};

/// Day of all cases.
const TODAY: &str = "2026-11-21";

/// One heading of a fixture: files, and the lines of its `expect` block.
#[derive(Debug, Default)]
struct Case {
    heading: String,
    files: Vec<(String, String)>,
    expected: Option<Vec<String>>,
}

impl Case {
    fn fires(&self) -> bool {
        self.heading.starts_with("fires ")
    }

    fn is_known_to_be_wrong(&self) -> bool {
        self.heading.starts_with("known miss") || self.heading.starts_with("known false alarm")
    }
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/checks");
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// Reads a fixture: `## heading`, then fences whose info string is a path, `git` (tracked paths) or `expect`.
fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut fence: Option<(String, String, String)> = None;
    for line in text.lines() {
        match &mut fence {
            Some((marks, name, body)) if line == marks => {
                let case = cases.last_mut().expect("a fence stands under a heading");
                match name.as_str() {
                    "expect" => case.expected = Some(body.lines().map(str::to_string).collect()),
                    _ => case.files.push((name.clone(), std::mem::take(body))),
                }
                fence = None;
            }
            Some((_, _, body)) => {
                body.push_str(line);
                body.push('\n');
            }
            None if line.starts_with("```") => {
                let marks: String = line.chars().take_while(|c| *c == '`').collect();
                fence = Some((marks.clone(), line[marks.len()..].trim().to_string(), String::new()));
            }
            None => {
                if let Some(heading) = line.strip_prefix("## ") {
                    cases.push(Case { heading: heading.to_string(), ..Case::default() });
                }
            }
        }
    }
    assert!(fence.is_none(), "a fence is not closed");
    cases
}

/// Makes the folder a checkout whose index lists these paths; a fence named `git` stands for it.
fn check_out(folder: &Path, tracked: &str) {
    let mut index = b"DIRC\0\0\0\x02".to_vec();
    index.extend((tracked.lines().count() as u32).to_be_bytes());
    for path in tracked.lines() {
        let entry = index.len();
        index.extend([0; 62]);
        index.extend(path.as_bytes());
        index.push(0);
        while !(index.len() - entry).is_multiple_of(8) {
            index.push(0);
        }
    }
    index.extend([0; 20]);
    fs::create_dir(folder.join(".git")).unwrap();
    fs::write(folder.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(folder.join(".git/index"), index).unwrap();
}

/// What the audit says of a case about the checks in question, as lines of an `expect` block.
fn said(case: &Case, checks: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in &case.files {
        if path == "git" {
            check_out(folder.path(), text);
            continue;
        }
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut request = Request::new(folder.path());
    request.today = TODAY.to_string();
    request.threads = Some(1);
    let configuration = case.files.iter().find(|(path, _)| path == "plimsoll.toml");
    request.configuration = configuration.map(|(path, text)| Configuration { path: path.clone(), text: text.clone() });
    let report = plimsoll::audit(&request).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(120, false)));
    let mut lines = Vec::new();
    for finding in report.assessment.findings.iter().filter(|finding| checks.contains(&finding.check.as_str())) {
        let span = finding.evidence.primary.span;
        let place = report.sources.start(span);
        let path = report.sources.path(span.source);
        let waived = if finding.waiver.is_some() { " waived" } else { "" };
        lines.push(format!("{path}:{}:{} {} {}{waived}", place.line, place.column, finding.check, finding.subject));
    }
    for answered in rules::evaluate(&report.rules, &report.facts, &report.sources) {
        let check = report.rules.rules[answered.rule].id.as_str();
        let outcome = match answered.answer {
            Answer::Fails(_) => continue,
            Answer::Holds(_) => "holds",
            Answer::NotApplicable(_) => "not-applicable",
            Answer::Unknown(_) => "unknown",
        };
        if checks.contains(&check) {
            lines.push(format!("{outcome} {check} {}", answered.about.name));
        }
    }
    lines
}

/// Whether a line that was said is the one expected; the subject may be left out.
fn agrees(expected: &str, said: &str) -> bool {
    said == expected || said.strip_prefix(expected).is_some_and(|rest| rest.starts_with(' '))
}

/// What is wrong with a case; nothing where all is as it says.
fn wrong(case: &Case, id: &str) -> Vec<String> {
    let expected: Vec<&str> =
        case.expected.iter().flatten().map(|line| line.trim()).filter(|l| !l.is_empty()).collect();
    let mut checks = vec![id];
    checks.extend(expected.iter().flat_map(|line| line.split(' ').skip(1).take(1)));
    let said = said(case, &checks);
    let is_fault =
        |line: &&String| !["holds ", "unknown ", "not-applicable "].iter().any(|word| line.starts_with(word));
    let mut wrong = Vec::new();
    for line in &expected {
        if !said.iter().any(|said| agrees(line, said)) {
            wrong.push(format!("expected but not said: {line}"));
        }
    }
    for line in said.iter().filter(is_fault) {
        if !expected.iter().any(|expected| agrees(expected, line)) {
            wrong.push(format!("said but not expected: {line}"));
        }
    }
    if case.fires() && expected.is_empty() {
        wrong.push("a case that fires has an `expect` block with the place".to_string());
    }
    // A quiet case must show that the check looked, else a check that cannot see anything would pass it.
    let quiet = !case.fires() && !case.is_known_to_be_wrong();
    let looked = said.iter().any(|line| line.split(' ').nth(1) == Some(id));
    if quiet && !looked && !id.starts_with("waiver-") {
        wrong.push("the check was not asked of anything here".to_string());
    }
    if !wrong.is_empty() {
        wrong.push(format!("all that was said: {said:#?}"));
    }
    wrong
}

#[test]
fn every_case_of_every_check_comes_out_as_written() {
    let only = std::env::var("CASE").ok();
    let mut failures = Vec::new();
    for path in fixtures() {
        let id = path.file_stem().unwrap().to_string_lossy().into_owned();
        if only.as_ref().is_some_and(|only| !id.contains(only.as_str())) {
            continue;
        }
        for case in cases(&fs::read_to_string(&path).unwrap()) {
            for wrong in wrong(&case, &id) {
                failures.push(format!("{id}, {}: {wrong}", case.heading));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_fixture_fires_once_and_stays_quiet_once() {
    let mut missing = Vec::new();
    for path in fixtures() {
        let id = path.file_stem().unwrap().to_string_lossy().into_owned();
        let cases = cases(&fs::read_to_string(&path).unwrap());
        for word in ["fires ", "stays quiet "] {
            if !cases.iter().any(|case| case.heading.starts_with(word)) {
                missing.push(format!("{id}: no case whose heading begins with `{}`", word.trim()));
            }
        }
        let known = ["fires ", "stays quiet ", "known miss", "known false alarm", "cannot know "];
        for case in cases.iter().filter(|case| !known.iter().any(|word| case.heading.starts_with(word))) {
            missing.push(format!("{id}: `## {}` begins with none of {known:?}", case.heading));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
