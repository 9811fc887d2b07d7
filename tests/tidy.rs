//! The house rules that a compiler does not check.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests read the repository")]

use std::fs;
use std::path::{Path, PathBuf};

/// Stages in the order of the flow; a file may import from its own stage and from those before it.
const STAGES: &[&[&str]] = &[
    &["source", "gap", "embedded", "mistake", "published"],
    &["document"],
    &["code"],
    &["flow"],
    &["model"],
    &["taint"],
    &["reader"],
    &["discover", "git"],
    &["load"],
    &["extract"],
    &["lock"],
    &["check", "rules"],
    &["config"],
    &["assess"],
    &["report"],
    &["fix"],
    &["catalog"],
    &["cli"],
    &["lib"],
    &["main"],
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(under: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(under)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

fn stage_of(module: &str) -> Option<usize> {
    STAGES.iter().position(|stage| stage.contains(&module))
}

/// The top-level module a source file belongs to.
fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_string()
}

/// Top-level modules that a file names after `crate::`.
fn imported(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            if let Some(group) = rest.strip_prefix('{') {
                let names =
                    group.split([',', '}']).map(|name| name.trim().split("::").next().unwrap_or("").to_string());
                found.extend(names);
            } else {
                found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            }
        }
    }
    found.retain(|name| stage_of(name).is_some());
    found
}

/// Whether a file is a module of tests, which may run the whole flow.
fn is_of_tests(path: &Path) -> bool {
    ["tests.rs", "cases.rs"].iter().any(|name| path.ends_with(name))
}

#[test]
fn imports_point_left_only() {
    let mut wrong = Vec::new();
    for path in files("src", "rs").into_iter().filter(|path| !is_of_tests(path)) {
        let module = module_of(&path);
        let Some(own) = stage_of(&module) else {
            wrong.push(format!("{}: `{module}` has no stage in tests/tidy.rs", shown(&path)));
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for name in imported(code) {
            if stage_of(&name).is_some_and(|stage| stage > own) {
                wrong.push(format!("{}: imports `{name}`, which comes later in the flow", shown(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_one_noun_long() {
    let long: Vec<String> = files("src", "rs")
        .iter()
        .map(|path| (shown(path), fs::read_to_string(path).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > 500)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "over 500 lines, usually two nouns in one:\n{}", long.join("\n"));
}

#[test]
fn every_source_file_says_what_it_is() {
    let silent: Vec<String> = files("src", "rs")
        .iter()
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//!"))
        .map(|path| shown(path))
        .collect();
    assert!(silent.is_empty(), "without an opening `//!` sentence:\n{}", silent.join("\n"));
}

#[test]
fn nothing_unfinished_is_left_in_the_source() {
    let mut left = Vec::new();
    for path in files("src", "rs") {
        let text = fs::read_to_string(&path).unwrap();
        for (at, line) in text.lines().enumerate() {
            for mark in ["todo!(", "unimplemented!(", "TODO:", "FIXME", "dbg!("] {
                if line.contains(mark) {
                    left.push(format!("{}:{}: {mark}", shown(&path), at + 1));
                }
            }
        }
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
}

/// Paths in back quotes that look like files or folders of this repository.
fn named_paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, piece) in text.split('`').enumerate() {
        let named = at % 2 == 1 && !piece.contains([' ', '<', '*', '{', '…', '\n']);
        let tops = ["src/", "rules/", "tests/", "fixtures/", "schemas/", "docs/", "benches/", ".ci/"];
        if named && tops.iter().any(|top| piece.starts_with(top)) {
            found.push(piece.split([':', '#']).next().unwrap().to_string());
        }
    }
    found
}

#[test]
fn paths_in_the_documents_exist() {
    let mut missing = Vec::new();
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(name)).unwrap();
        for path in named_paths(&text).into_iter().filter(|path| !root().join(path).exists()) {
            missing.push(format!("{name}: {path}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_source_module_has_a_room_in_the_architecture() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut homeless: Vec<String> = files("src", "rs").iter().map(|path| module_of(path)).collect();
    homeless.dedup();
    homeless.retain(|module| !text.contains(&format!("{module}.rs")));
    assert!(homeless.is_empty(), "not named in ARCHITECTURE.md: {homeless:?}");
}

#[test]
fn the_lock_file_holds_no_network_crate() {
    let policy: toml::Table = toml::from_str(&fs::read_to_string(root().join("deny.toml")).unwrap()).unwrap();
    let lock: toml::Table = toml::from_str(&fs::read_to_string(root().join("Cargo.lock")).unwrap()).unwrap();
    let locked: Vec<&str> =
        lock["package"].as_array().unwrap().iter().map(|package| package["name"].as_str().unwrap()).collect();
    let banned = policy["bans"]["deny"].as_array().unwrap();
    assert!(banned.len() > 10, "deny.toml must name the crates it bans");
    for entry in banned {
        let name = entry["crate"].as_str().unwrap();
        assert!(!locked.contains(&name), "{name} is banned by deny.toml and in Cargo.lock");
    }
}

#[test]
fn every_proof_has_a_bit_of_its_own() {
    let text = fs::read_to_string(root().join("src/taint/proofs.rs")).unwrap();
    let bit = |line: &str| line.split_once("= Proofs(1 << ")?.1.split_once(')')?.0.parse::<u32>().ok();
    let mut bits: Vec<u32> = text.lines().filter_map(bit).collect();
    let count = bits.len();
    assert!(count > 40, "the proofs are read where they stand");
    bits.sort_unstable();
    bits.dedup();
    assert_eq!(bits.len(), count, "two proofs share a bit");
}
