//! The binary as users run it: formats, exit codes, and the same bytes from anywhere.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests make trees and run the binary")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

const PROJECTS: [&str; 2] = ["orders-bare", "orders-hardened"];
const FORMATS: [&str; 4] = ["human", "table", "json", "sarif"];

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run_in(folder: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut command = Command::cargo_bin("plimsoll").unwrap();
    command.current_dir(folder).env_clear().args(arguments).write_stdin(input);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn run(arguments: &[&str]) -> Ran {
    run_in(Path::new(env!("CARGO_MANIFEST_DIR")), arguments, "")
}

fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects").join(name)
}

fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Audits on a fixed day, so that no test depends on the clock.
fn audit(folder: &Path, arguments: &[&str]) -> Ran {
    run_in(folder, &[&["audit", "--today", "2026-11-21"], arguments].concat(), "")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_same_tree_gives_the_same_bytes_from_any_folder_and_thread_count() {
    for name in PROJECTS {
        let copies = tempfile::tempdir().unwrap();
        let (one, other) = (copies.path().join("one"), copies.path().join("some where/else"));
        copy(&project(name), &one);
        copy(&project(name), &other);
        for format in FORMATS {
            let first = audit(&one, &["--format", format, "--threads", "1"]);
            let again = audit(&one, &["--format", format, "--threads", "7", "."]);
            let elsewhere = audit(copies.path(), &["--format", format, "some where/else"]);
            assert!(!first.out.is_empty(), "{name} {format}: {}", first.err);
            assert_eq!(first.out, again.out, "{name} {format}");
            assert_eq!(first.out, elsewhere.out, "{name} {format}");
            assert_eq!(first.code, elsewhere.code, "{name} {format}");
            assert!(!first.out.contains(copies.path().to_str().unwrap()), "{name} {format} names an absolute path");
        }
    }
}

#[test]
fn the_exit_code_does_not_depend_on_the_format_and_says_what_the_gate_says() {
    for name in PROJECTS {
        let codes = FORMATS.map(|format| audit(&project(name), &["--format", format]).code);
        assert!(codes.iter().all(|code| *code == codes[0]), "{name}: {codes:?}");
        let json: Value = serde_json::from_str(&audit(&project(name), &["--format", "json"]).out).unwrap();
        let expected = match json["gate"]["outcome"].as_str().unwrap() {
            "pass" => 0,
            "fail" => 1,
            "incomplete" => 3,
            other => panic!("{other}"),
        };
        assert_eq!(codes[0], expected, "{name}");
    }
}

#[test]
fn results_of_whole_projects_are_valid_json_and_sarif() {
    let schema = |path: &str| {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        // The published SARIF document holds one pattern that is not a valid expression.
        jsonschema::validator_for(&serde_json::from_str(&text.replace("{2}]?$", "{2}$")).unwrap()).unwrap()
    };
    let cases = [
        (["audit", "--format", "json"], schema("schemas/report.schema.json")),
        (["audit", "--format", "sarif"], schema("tests/data/sarif-2.1.0.schema.json")),
        (["inventory", "--format", "json"], schema("schemas/inventory.schema.json")),
    ];
    for name in PROJECTS {
        for (arguments, schema) in &cases {
            let ran = run_in(&project(name), arguments, "");
            let value: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.err));
            let errors: Vec<_> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name} {arguments:?}: {}", errors.join("\n"));
        }
    }
}

#[test]
fn trees_with_nothing_to_audit_are_incomplete_and_say_why() {
    let cases: [(&[(&str, &str)], &str); 3] = [
        (&[], "no MCP server was found"),
        (&[("README.md", "# A server\nEvery call is validated, logged and sandboxed.\n")], "no MCP server was found"),
        (&[(".mcp.json", "{\"mcpServers\": {\"a\": {\"command\": ")], ".mcp.json"),
    ];
    for (files, reason) in cases {
        let folder = tree(files);
        let ran = audit(folder.path(), &[]);
        assert_eq!(ran.code, 3, "{files:?}: {}", ran.out);
        assert!(ran.out.contains(reason), "{files:?}: {}", ran.out);
        assert!(ran.out.lines().last().unwrap().starts_with("gate: INCOMPLETE — "), "{files:?}: {}", ran.out);
        assert!(!ran.out.contains("pass "), "{files:?}: {}", ran.out);
    }
}

#[test]
fn what_cannot_run_exits_with_two_and_says_what_to_do() {
    let folder = tree(&[("plimsoll.toml", "[gate]\nfail-onn = \"high\"\n")]);
    let cases: [(&[&str], &str); 8] = [
        (&["no-such-folder"], "does not exist"),
        (&["--format", "yaml"], "possible values"),
        (&["--framework", "nonsense"], "no framework `nonsense`"),
        (&["explain", "path-travrsal"], "path-traversal"),
        (&["--config", "missing.toml"], "missing.toml"),
        (&["--rules", "missing"], "missing"),
        (&["--today", "tomorrow"], "YYYY-MM-DD"),
        (&["--output", "json=no-such-folder/out.json"], "cannot be written"),
    ];
    let empty = tree(&[]);
    for (arguments, reason) in cases {
        let ran = run_in(empty.path(), arguments, "");
        assert_eq!(ran.code, 2, "{arguments:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(reason), "{arguments:?}: {}", ran.err);
        assert!(ran.out.is_empty(), "{arguments:?}: {}", ran.out);
    }
    let ran = audit(folder.path(), &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("fail-onn") && ran.err.contains("plimsoll.toml:2:1"), "{}", ran.err);
}

#[test]
fn many_reports_come_from_one_audit_and_are_written_whole() {
    let folder = tree(&[]);
    copy(&project("orders-bare"), &folder.path().join("orders"));
    fs::write(folder.path().join("out.json"), "old").unwrap();
    let arguments = ["orders", "--output", "json=out.json", "--output", "sarif=out.sarif", "--format", "table"];
    let ran = audit(folder.path(), &arguments);
    let json: Value = serde_json::from_str(&fs::read_to_string(folder.path().join("out.json")).unwrap()).unwrap();
    let sarif: Value = serde_json::from_str(&fs::read_to_string(folder.path().join("out.sarif")).unwrap()).unwrap();
    assert_eq!(json["schema"], "plimsoll/report/v1");
    assert_eq!(sarif["version"], "2.1.0");
    assert!(ran.out.lines().last().unwrap().starts_with("gate: "));
    let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    left.sort();
    assert_eq!(left, ["orders", "out.json", "out.sarif"], "no half-written file stays behind");
}

#[test]
fn one_file_is_read_from_standard_input() {
    let text = r#"{"mcpServers": {"notes": {"command": "npx", "args": ["-y", "notes-mcp"]}}}"#;
    let folder = tree(&[]);
    let arguments = ["-", "--stdin-name", ".mcp.json", "--format", "json", "--today", "2026-11-21"];
    let ran = run_in(folder.path(), &arguments, text);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["inputs"][0]["path"], ".mcp.json");
    assert_eq!(json["inputs"][0]["kind"], "definition");
    assert_ne!(ran.code, 0);
}

#[test]
fn several_paths_are_parts_of_one_tree() {
    let folder = tree(&[("a/.mcp.json", "{}"), ("b/.mcp.json", "{}"), ("c/.mcp.json", "{}"), ("c/Dockerfile", "")]);
    let inputs = |arguments: &[&str]| {
        let ran = audit(folder.path(), &[&["--format", "json"], arguments].concat());
        let json: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.err));
        let paths = json["inputs"].as_array().unwrap().iter().map(|input| input["path"].as_str().unwrap().to_owned());
        paths.collect::<Vec<_>>()
    };
    assert_eq!(inputs(&["a", "c/Dockerfile"]), ["a/.mcp.json", "c/Dockerfile"]);
    assert_eq!(inputs(&["a", "."]), ["a/.mcp.json", "b/.mcp.json", "c/.mcp.json", "c/Dockerfile"]);
    assert_eq!(inputs(&["c/Dockerfile"]), ["Dockerfile"]);
    assert_eq!(audit(folder.path(), &["a", "missing"]).code, 2);
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    for (arguments, colored) in
        [(&["--color", "auto"], false), (&["--color", "never"], false), (&["--color", "always"], true)]
    {
        let ran = audit(&project("orders-bare"), arguments);
        assert_eq!(ran.out.contains("\x1b["), colored, "{arguments:?}");
        assert!(!ran.out.contains("\x1b]8"), "no link where there is no terminal");
    }
}

#[test]
#[cfg(unix)]
fn hostile_names_are_written_out_in_every_format() {
    let name = "ser\u{1b}[2Jver\u{202e}.json";
    let folder = tree(&[
        (name, "{\"mcpServers\": {\"a\u{9b}b\": {\"command\": "),
        (".mcp.json", "{\"mcpServers\": {\"a\\u001b[31m\u{202e}b\": {\"command\": \"x\"}}}"),
    ]);
    for format in FORMATS {
        for verb in ["audit", "inventory"] {
            if verb == "inventory" && format == "sarif" {
                continue;
            }
            let ran = run_in(folder.path(), &[verb, "--verbose", "--format", format], "");
            let raw: Vec<char> = ran.out.chars().filter(|c| matches!(c, '\x1b' | '\u{9b}' | '\u{202e}')).collect();
            assert!(raw.is_empty(), "{verb} {format}: {raw:?}\n{}", ran.out);
        }
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("plimsoll"))
        .args(["audit", "--format", "json"])
        .current_dir(project("orders-bare"))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_catalogue_completions_and_the_manual_print() {
    let cases: [(&[&str], &str); 9] = [
        (&["list", "effects"], "subprocess.run"),
        (&["list", "frameworks"], "mcp-hardening-18"),
        (&["list", "items"], "mcp-hardening-18/H3.1"),
        (&["list", "checks"], "gate-bypass"),
        (&["list", "formats", "--format", "json"], "\"sarif\""),
        (&["explain", "h3.1"], "mcp-hardening-18/H3.1"),
        (&["schema", "boundary"], "plimsoll/boundary/v1"),
        (&["completions", "bash"], "complete"),
        (&["man"], ".TH plimsoll"),
    ];
    for (arguments, part) in cases {
        let ran = run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        assert!(ran.out.contains(part), "{arguments:?}: {}", ran.out);
    }
}

#[test]
fn inventory_shows_facts_and_never_judges() {
    for name in PROJECTS {
        let human = run_in(&project(name), &["inventory"], "");
        assert_eq!(human.code, 0, "{}", human.err);
        assert!(!human.out.contains("gate:") && !human.out.contains("critical"), "{}", human.out);
        let json = run_in(&project(name), &["inventory", "--format", "json"], "");
        assert!(!json.out.contains("\"frameworks\"") && !json.out.contains("\"findings\""), "{}", json.out);
    }
}

/// The first block of the README that is fenced with this word.
fn in_readme(word: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let after = text.split_once(&format!("```{word}\n")).unwrap().1;
    after.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_screen_in_the_readme_is_what_is_printed() {
    let ran = audit(&project("orders-bare"), &["--color", "never"]);
    let mut rest = ran.out.as_str();
    for piece in in_readme("text").split("…\n").filter(|piece| !piece.is_empty()) {
        let at = rest.find(piece).unwrap_or_else(|| panic!("not printed, or not in this order:\n{piece}"));
        rest = &rest[at + piece.len()..];
    }
}

#[test]
fn the_configuration_in_the_readme_is_sound() {
    let folder = tree(&[("plimsoll.toml", &in_readme("toml"))]);
    let ran = audit(folder.path(), &[]);
    assert_eq!((ran.code, ran.err.as_str()), (3, ""), "{}", ran.out);
}

#[test]
fn a_lock_is_written_compared_and_approved() {
    let server = "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP(\"orders\")\n\n\n@mcp.tool()\ndef search() -> str:\n    \"\"\"Orders.\"\"\"\n    return \"\"\n";
    let folder = tree(&[("server.py", server)]);
    let lock =
        |arguments: &[&str]| run_in(folder.path(), &[&["lock", "--today", "2026-11-21"], arguments].concat(), "");
    assert_eq!(lock(&["--check"]).code, 1, "there is none");
    assert_eq!(lock(&[]).code, 0);
    assert_eq!(lock(&["--check"]).code, 1, "nobody has approved it");
    assert_eq!(lock(&["--approved-by", "ana"]).code, 0);
    assert_eq!(lock(&["--check"]).code, 0);
    let printed = lock(&["--print"]).out;
    assert_eq!(printed, fs::read_to_string(folder.path().join("plimsoll.lock")).unwrap());
    fs::write(folder.path().join("server.py"), server.replace("Orders.", "All orders.")).unwrap();
    let drifted = lock(&["--check"]);
    assert_eq!(
        (drifted.code, drifted.out.as_str()),
        (1, "server.py:8:5: changed: the description of `search` changed\nlock: 1 change since it was approved\n")
    );
    fs::write(folder.path().join("plimsoll.lock"), "schema = ").unwrap();
    assert_eq!((lock(&["--check"]).code, lock(&[]).code), (2, 2), "a broken lock is neither compared nor replaced");
}
