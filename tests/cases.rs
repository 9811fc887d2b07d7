//! Every check against its cases: `fixtures/checks/<id>.md`, one heading a case, one small tree each.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests write the trees they audit")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::report::Report;
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

/// The audit of a case.
fn audited(case: &Case) -> Report {
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
    plimsoll::audit(&request).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(120, false)))
}

/// What the audit says of a case about the checks in question, as lines of an `expect` block.
fn said(case: &Case, checks: &[&str]) -> Vec<String> {
    let report = audited(case);
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

/// Cases of checks of sandbox, exposure, secrets and supply that differ in one line, and in the verdict of their check
/// alone; `tests/pairs.rs` and `tests/pairs_project.rs` hold those of the other checks.
const PAIRS: &[(&str, &str, &str)] = &[
    (
        "pod-security-not-enforced",
        "fires where the label only warns",
        "stays quiet where the namespace enforces a level",
    ),
    (
        "egress-wider-than-tools",
        "fires on everything in the cluster",
        "stays quiet on pods behind the documented service",
    ),
    (
        "environments-share-state",
        "fires on one database for two overlays",
        "stays quiet on a database for each overlay",
    ),
    ("account-wide-scope", "fires on one broad scope among narrow ones", "stays quiet on scopes of another kind"),
    ("no-pkce-or-state", "fires where it is switched off", "stays quiet on the default"),
    ("public-entry-without-tls", "fires on an ingress without a certificate", "stays quiet on an ingress with one"),
    ("plaintext-key-store", "fires on a key that is looked up as it came", "stays quiet on the digest of what came"),
    (
        "stdio-launcher-writable",
        "fires on the folder that a project is run from",
        "stays quiet on a program of the system",
    ),
    ("open-redirect-uri", "fires on any host", "stays quiet on the default"),
    (
        "origin-not-validated",
        "fires on a Rust service with the defaults of an old version",
        "stays quiet on a Rust service that lists its hosts",
    ),
    ("consent-not-per-client", "fires where it is switched off", "stays quiet on the default"),
    (
        "wrong-refusal-status",
        "fires on 401 whose challenge stands only in a comment",
        "stays quiet on 401 with a challenge",
    ),
    (
        "session-id-as-authentication",
        "fires on a session alone, refused with a challenge",
        "stays quiet on a session with its credential, refused with a challenge",
    ),
    ("process-environment-read", "fires on a token of the environment", "stays quiet on a number of tokens"),
    ("environment-passed-on", "fires on all variables and one more", "stays quiet where variables are picked"),
    ("token-passed-through", "fires on the token under another name", "stays quiet on the number of a request"),
    ("env-file-committed", "fires on a tracked file with a secret", "stays quiet on an untracked file"),
    ("credential-read-at-start", "fires on a start that reads what a tool reads", "stays quiet on a start without it"),
    ("secret-returned-to-model", "fires on all variables", "stays quiet on two variables by name"),
    ("credential-kept-in-state", "fires on a member that a call sets", "stays quiet on a name of that call"),
    ("unsandboxed-community-server", "fires on a plain process", "stays quiet on a reference server"),
];

/// Checks of those areas that no two trees can differ in alone, and why.
const WITHOUT_A_PAIR: &[(&str, &str)] = &[
    ("public-entry-without-auth", "an entry that asks for nothing is `no-authentication` too"),
    ("remote-server-unreviewed", "a server that nobody approved is `unapproved-server` too"),
];

/// How many lines two cases differ in; `None` where they have other files.
fn lines_apart(one: &Case, two: &Case) -> Option<usize> {
    let paths = |case: &Case| case.files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    if paths(one) != paths(two) {
        return None;
    }
    let both = one.files.iter().zip(&two.files);
    let apart = both.map(|((_, one), (_, two))| {
        let (one, two): (Vec<&str>, Vec<&str>) = (one.lines().collect(), two.lines().collect());
        let same = one.iter().zip(&two).take_while(|(one, two)| one == two).count();
        let rest = (&one[same..], &two[same..]);
        let tail = rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(|(one, two)| one == two).count();
        rest.0.len().max(rest.1.len()) - tail
    });
    Some(apart.sum())
}

#[test]
fn pairs_of_cases_differ_in_one_line_and_in_one_verdict() {
    for (id, fires, quiet) in PAIRS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/checks/{id}.md"));
        let all = cases(&fs::read_to_string(path).unwrap());
        let of = |heading: &str| {
            all.iter().find(|case| case.heading == heading).unwrap_or_else(|| panic!("{id} has a case `{heading}`"))
        };
        let (fires, quiet) = (of(fires), of(quiet));
        assert_eq!(lines_apart(fires, quiet), Some(1), "{id}: the cases differ in one line");
        let failing = |case: &Case| -> BTreeSet<String> {
            audited(case).assessment.findings.iter().map(|finding| finding.check.clone()).collect()
        };
        let (one, two) = (failing(fires), failing(quiet));
        let apart: Vec<&String> = one.symmetric_difference(&two).collect();
        assert_eq!(apart, [id], "{id}: the verdict of this check alone differs");
    }
}

#[test]
fn every_check_of_four_areas_has_a_pair_or_a_reason() {
    let elsewhere = [include_str!("pairs.rs"), include_str!("pairs_project.rs")];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/checks");
    for area in ["sandbox", "exposure", "secrets", "supply"] {
        for entry in fs::read_dir(root.join(area)).unwrap() {
            let id = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
            let is_told = PAIRS.iter().any(|(paired, ..)| *paired == id)
                || WITHOUT_A_PAIR.iter().any(|(without, _)| *without == id)
                || elsewhere.iter().any(|text| text.contains(&format!("\"{id}\"")));
            assert!(is_told, "{id} has neither a pair nor a reason why there is none");
        }
    }
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
