//! What a handler does with its argument, row by row: `fixtures/idioms/<frame>.yml` holds a tree with holes, and what each
//! row puts into them. A check's own cases show where it fires; these show that no way to write a thing falls through.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests write the trees they audit")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use plimsoll::Request;
use plimsoll::report::convert;
use plimsoll::rules::{self, Answer};
use serde::Deserialize;

/// What `injection` stands for in `quiet`: every check that an argument on its way to an effect may fail.
const INJECTION: &[&str] = &[
    "argument-injection",
    "embedded-code-execution",
    "code-execution",
    "command-injection",
    "free-text-to-interpreter",
    "multiple-statements",
    "path-traversal",
    "sql-injection",
    "ssrf",
    "template-injection",
    "unsafe-archive-extraction",
    "unsafe-deserialization",
    "weak-flag-guard",
    "weak-path-guard",
    "weak-url-guard",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame {
    /// Files with `<<holes>>`.
    #[serde(default)]
    tree: BTreeMap<String, String>,
    /// What stands in a hole that a row says nothing of.
    #[serde(default)]
    otherwise: BTreeMap<String, String>,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    row: String,
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Checks that have a finding.
    #[serde(default)]
    says: BTreeSet<String>,
    /// Checks that have none; `injection` is all of these.
    #[serde(default)]
    quiet: BTreeSet<String>,
    /// Checks that hold of something and fail of nothing.
    #[serde(default)]
    holds: BTreeSet<String>,
    /// Checks that are left open, and fail of nothing.
    #[serde(default)]
    unknown: BTreeSet<String>,
    /// Kinds of effect that the tools have, among others; an empty list says that they have none.
    effects: Option<BTreeSet<String>>,
    /// The names of all tools.
    tools: Option<Vec<String>>,
    inventory: Option<String>,
    /// Why this row does not come out yet.
    known: Option<String>,
    #[serde(flatten)]
    holes: BTreeMap<String, String>,
}

/// What an audit says of a row's tree.
struct Said {
    checks: BTreeSet<String>,
    holds: BTreeSet<String>,
    unknown: BTreeSet<String>,
    effects: BTreeSet<String>,
    tools: Vec<String>,
    inventories: BTreeSet<String>,
}

/// Puts the lines of a text where its hole stands, each as far in as the hole.
fn filled(tree: &str, holes: &BTreeMap<&str, &str>) -> String {
    let mut out = String::new();
    for line in tree.lines() {
        let mut line = line.to_string();
        let indent: String = line.chars().take_while(|sign| sign.is_whitespace()).collect();
        for (name, text) in holes {
            let inner = text.trim_end().lines().collect::<Vec<_>>().join(&format!("\n{indent}"));
            line = line.replace(&format!("<<{name}>>"), &inner);
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn said(frame: &Frame, row: &Row) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let otherwise = frame.otherwise.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let mut holes: BTreeMap<&str, &str> = otherwise.collect();
    for (name, text) in &row.holes {
        assert!(frame.otherwise.contains_key(name), "{}: the tree has no hole `{name}`", row.row);
        holes.insert(name, text);
    }
    for (path, text) in frame.tree.iter().chain(&row.files) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, filled(text, &holes)).unwrap();
    }
    let mut request = Request::new(folder.path());
    request.today = "2026-11-21".to_string();
    request.threads = Some(1);
    let report = plimsoll::audit(&request).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(120, false)));
    let said = serde_json::to_value(convert::report(&report)).unwrap();
    let each = |of: &serde_json::Value, list: &str| of[list].as_array().unwrap().clone();
    let text = |of: &serde_json::Value, member: &str| of[member].as_str().unwrap().to_string();
    let servers = each(&said, "servers");
    let tools: Vec<_> = servers.iter().flat_map(|server| each(server, "tools")).collect();
    let mut names: Vec<String> = tools.iter().map(|tool| text(tool, "name")).collect();
    names.sort();
    let (mut holds, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    for answered in rules::evaluate(&report.rules, &report.facts, &report.sources) {
        let check = || report.rules.rules[answered.rule].id.to_string();
        let _ = match answered.answer {
            Answer::Holds(_) => holds.insert(check()),
            Answer::Unknown(_) => unknown.insert(check()),
            Answer::Fails(_) | Answer::NotApplicable(_) => continue,
        };
    }
    Said {
        holds,
        unknown,
        checks: each(&said, "findings").iter().map(|finding| text(finding, "check")).collect(),
        effects: tools.iter().flat_map(|tool| each(tool, "effects")).map(|effect| text(&effect, "kind")).collect(),
        tools: names,
        inventories: servers.iter().map(|server| text(server, "inventory")).collect(),
    }
}

/// What is wrong with a row; nothing where all is as it says.
fn wrong(row: &Row, said: &Said) -> Vec<String> {
    let missing = row.says.difference(&said.checks).map(|check| format!("does not say {check}"));
    let effects = row.effects.iter().flatten();
    let unseen =
        effects.filter(|effect| !said.effects.contains(*effect)).map(|effect| format!("does not see {effect}"));
    let has_none = row.effects.as_ref().is_some_and(BTreeSet::is_empty);
    let unwanted = said.effects.iter().filter(|_| has_none).map(|effect| format!("sees {effect}"));
    let quiet = row.quiet.iter().flat_map(|check| match check.as_str() {
        "injection" => INJECTION.to_vec(),
        one => vec![one],
    });
    let loud = quiet.filter(|check| said.checks.contains(*check)).map(|check| format!("says {check}"));
    let settled = |checks: &BTreeSet<String>, said_so: &BTreeSet<String>, word: &str| -> Vec<String> {
        let is_so = |check: &&String| !said_so.contains(*check) || said.checks.contains(*check);
        checks.iter().filter(is_so).map(|check| format!("does not {word} {check}")).collect()
    };
    let held = settled(&row.holds, &said.holds, "hold");
    let open = settled(&row.unknown, &said.unknown, "leave open");
    let mut wrong: Vec<String> = missing.chain(unseen).chain(unwanted).chain(loud).chain(held).chain(open).collect();
    if row.tools.as_ref().is_some_and(|tools| *tools != said.tools) {
        wrong.push(format!("has the tools {:?}", said.tools));
    }
    if row.inventory.as_ref().is_some_and(|one| !said.inventories.contains(one)) {
        wrong.push(format!("has the inventories {:?}", said.inventories));
    }
    wrong
}

/// What comes out other than the rows of a frame say.
fn failures(file: &Path, only: &str) -> Vec<String> {
    let frame: Frame = serde_yaml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
    let mut failures = Vec::new();
    let mut seen = BTreeSet::new();
    for row in frame.rows.iter().filter(|row| row.row.contains(only)) {
        assert!(seen.insert(&row.row), "{name} has two rows `{}`", row.row);
        let wrong = wrong(row, &said(&frame, row));
        match &row.known {
            None => failures.extend(wrong.iter().map(|wrong| format!("{name} {}: {wrong}", row.row))),
            Some(_) if wrong.is_empty() => failures.push(format!("{name} {}: is no longer wrong", row.row)),
            Some(_) => {}
        }
    }
    failures
}

#[test]
fn every_idiom_comes_out_as_its_row_says() {
    let only = std::env::var("ROW").unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/idioms");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let failures: Vec<String> = std::thread::scope(|scope| {
        let all: Vec<_> = files.iter().map(|file| scope.spawn(|| failures(file, &only))).collect();
        all.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
