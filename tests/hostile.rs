//! Hostile trees: each ends quickly in the gap or skip that is due, never in a panic, an abort or a wait.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests write the trees they read")]

use std::fs;
use std::path::Path;

use plimsoll::discover::{Exclusion, Walk, discover};
use plimsoll::gap::GapKind;
use plimsoll::load::{Loaded, load};

fn tree(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn read(root: &Path) -> Loaded {
    load(discover(root, &Walk::default()).unwrap())
}

fn gaps(loaded: &Loaded, path: &str) -> Vec<GapKind> {
    loaded.gaps.iter().filter(|gap| gap.path == path).map(|gap| gap.kind).collect()
}

fn skipped<'a>(loaded: &'a Loaded, path: &str) -> Option<&'a str> {
    loaded.skipped.iter().find(|skipped| skipped.path == path).map(|skipped| skipped.reason.as_str())
}

#[test]
fn nesting_beyond_all_reason_is_a_gap_in_every_language() {
    let deep = |open: &str, close: &str| [open.repeat(100_000), close.repeat(100_000)].concat().into_bytes();
    let prefixed = |prefix: &str, open: &str, close: &str| [prefix.as_bytes(), &deep(open, close)].concat();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        (".mcp.json", deep("[", "]")),
        (".vscode/mcp.json", deep("{\"a\":", "}")),
        ("compose.yaml", deep("[", "]")),
        ("compose.flow.yaml", deep("{a: ", "}")),
        ("compose.block.yaml", (0..3_000).map(|at| format!("{}a:\n", " ".repeat(at))).collect::<String>().into_bytes()),
        ("Cargo.toml", prefixed("a = ", "[", "]")),
        ("pyproject.toml", prefixed("a = ", "{a = ", "}")),
        ("dotted.toml", prefixed("a", ".a", "")),
        ("a.py", prefixed("a = ", "(", ")")),
        ("b.py", prefixed("a = ", "[", "]")),
        ("c.py", prefixed("a = ", "not ", "")),
        ("a.ts", prefixed("a = ", "(", ")")),
        ("b.tsx", prefixed("a = ", "<a>", "</a>")),
        ("c.js", prefixed("", "{", "}")),
        ("d.js", prefixed("a = ", "!", "")),
        ("a.go", prefixed("package a\nvar a = ", "(", ")")),
        ("b.go", prefixed("package a\nfunc f() ", "{", "}")),
        ("a.rs", prefixed("const A: u8 = ", "(", ")")),
        ("b.rs", prefixed("fn f() ", "{", "}")),
        ("open.json", b"[".repeat(100_000)),
        ("open.py", b"(".repeat(100_000)),
        ("open.ts", b"(".repeat(100_000)),
        ("open.go", b"(".repeat(100_000)),
        ("open.rs", b"(".repeat(100_000)),
        ("open.java", prefixed("class Tool {", "(", "")),
        ("open.kt", prefixed("// tool\n", "(", "")),
        ("open.cs", prefixed("class Tool {", "(", "")),
        ("open.rb", prefixed("tool ", "(", "")),
        ("open.php", prefixed("<?php // tool\n", "(", "")),
    ];
    let files: Vec<(&str, &[u8])> = cases.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
    let folder = tree(&files);
    let loaded = read(folder.path());
    for (path, _) in &files {
        let found = gaps(&loaded, path);
        let told = found.contains(&GapKind::TooLarge) || found.contains(&GapKind::Unparsed);
        assert!(told, "{path}: {found:?}");
    }
}

#[test]
fn an_alias_bomb_costs_no_more_than_its_text() {
    let mut text = String::from("l0: &l0 [x]\n");
    for level in 1..40 {
        let aliases = format!("*l{}, ", level - 1).repeat(10);
        text.push_str(&format!("l{level}: &l{level} [{aliases}]\n"));
    }
    let folder = tree(&[("compose.yaml", text.as_bytes())]);
    let loaded = read(folder.path());
    let document = loaded.document(loaded.find("compose.yaml").unwrap()).unwrap();
    assert!(document.nodes.len() < 1_000);
    assert_eq!(document.root().unwrap().to_json(100_000), None, "a walk over it ends at its budget");
}

#[test]
fn merge_keys_that_copy_without_end_are_a_gap() {
    let keys: String = (0..2_000).map(|at| format!("k{at}: 1, ")).collect();
    let text = format!("a: &a {{{keys}}}\nb:\n{}", "  - <<: *a\n".repeat(2_000));
    let folder = tree(&[("compose.yaml", text.as_bytes())]);
    assert_eq!(gaps(&read(folder.path()), "compose.yaml").first(), Some(&GapKind::TooLarge));
}

#[test]
fn bytes_that_are_no_text_are_gaps_where_they_matter() {
    let folder = tree(&[
        (".mcp.json", b"{\"a\": \"\xff\"}"),
        ("a.py", b"x = 1\n\xc3("),
        ("b.py", b"x = '\0'\ny\0 = 1\n"),
        ("c.json", b"\0\0\0"),
        ("compose.yaml", b"a: \0b\n"),
        ("data.bin", b"\xff\xfe"),
        ("noext", b"\xff\xfe"),
        ("Dockerfile", b"FROM a\0b\n\0\n"),
    ]);
    let loaded = read(folder.path());
    assert_eq!(gaps(&loaded, ".mcp.json"), [GapKind::Unreadable]);
    assert_eq!(gaps(&loaded, "a.py"), [GapKind::Unreadable]);
    assert!(loaded.gaps.iter().any(|gap| gap.reason == "is not valid UTF-8 at byte 6" && gap.path == "a.py"));
    assert!(!gaps(&loaded, "c.json").is_empty());
    assert!(!gaps(&loaded, "compose.yaml").is_empty());
    assert_eq!(skipped(&loaded, "data.bin"), Some("is not text"));
    assert_eq!(skipped(&loaded, "noext"), Some("is not text"));
}

#[test]
fn one_endless_line_is_read_or_told() {
    let long = "a".repeat(7 << 20);
    let files: Vec<(&str, Vec<u8>)> = vec![
        (".mcp.json", format!("{{\"a\": \"{long}\"}}").into_bytes()),
        ("compose.yaml", format!("a: {long}\n").into_bytes()),
        ("pyproject.toml", format!("a = \"{long}\"\n").into_bytes()),
        ("Dockerfile", format!("FROM a\nRUN {}\n", "a ".repeat(3 << 20)).into_bytes()),
        ("a.py", format!("a = \"{long}\"\n").into_bytes()),
        ("a.ts", format!("a = \"{long}\"\n").into_bytes()),
        ("a.go", format!("package a\nvar a = \"{long}\"\n").into_bytes()),
        ("a.rs", format!("const A: &str = \"{long}\";\n").into_bytes()),
        ("sum.py", format!("a = {}\n", "1+".repeat(1 << 20)).into_bytes()),
        ("big.json", vec![b' '; 9 << 20]),
        ("compose.big.yaml", vec![b' '; 9 << 20]),
    ];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
    let folder = tree(&files);
    let loaded = read(folder.path());
    assert!(gaps(&loaded, "a.py").is_empty() && gaps(&loaded, ".mcp.json").is_empty());
    assert_eq!(gaps(&loaded, "big.json"), [GapKind::TooLarge]);
    let blocks = |path: &str| loaded.gaps.iter().any(|gap| gap.path == path && gap.blocks);
    assert!(blocks("compose.big.yaml") && !blocks("big.json") && blocks("sum.py"));
}

#[cfg(unix)]
#[test]
fn links_are_listed_and_never_followed() {
    use std::os::unix::fs::symlink;
    let outside = tree(&[("secret.py", b"stolen = 1\n"), ("folder/x.py", b"stolen = 2\n")]);
    let folder = tree(&[("a/real.py", b"x = 1\n")]);
    let root = folder.path();
    symlink("real.py", root.join("a/inside.py")).unwrap();
    symlink(outside.path().join("secret.py"), root.join("out.py")).unwrap();
    symlink(outside.path().join("folder"), root.join("outfolder")).unwrap();
    symlink("../../../../../../etc/passwd", root.join("a/.mcp.json")).unwrap();
    symlink("..", root.join("a/loop")).unwrap();
    symlink("self.py", root.join("self.py")).unwrap();
    let loaded = read(root);
    assert_eq!(loaded.sources.iter().map(|(_, source)| source.path().to_string()).collect::<Vec<_>>(), ["a/real.py"]);
    assert_eq!(skipped(&loaded, "a/inside.py"), Some("is a link within the tree"));
    assert_eq!(skipped(&loaded, "a/loop"), Some("is a link within the tree"));
    assert_eq!(skipped(&loaded, "outfolder"), Some("is a link that leaves the tree"));
    assert_eq!(gaps(&loaded, "out.py"), [GapKind::Unreadable]);
    assert_eq!(gaps(&loaded, "a/.mcp.json"), [GapKind::Unreadable]);
    assert!(gaps(&loaded, "self.py").is_empty());
}

#[cfg(unix)]
#[test]
fn pipes_and_sockets_are_listed_and_never_opened() {
    let folder = tree(&[("a.py", b"x = 1\n")]);
    let pipe = folder.path().join("pipe.py");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket.json")).unwrap();
    let loaded = read(folder.path());
    assert_eq!(skipped(&loaded, "pipe.py"), Some("is a pipe, socket or device"));
    assert_eq!(skipped(&loaded, "socket.json"), Some("is a pipe, socket or device"));
    assert!(discover(&pipe, &Walk::default()).is_err());
    assert!(discover(Path::new("/dev/null"), &Walk::default()).is_err());
}

#[test]
fn a_sparse_gigabyte_is_not_read() {
    let folder = tree(&[("a.py", b"x = 1\n")]);
    fs::File::create(folder.path().join("huge.py")).unwrap().set_len(1 << 30).unwrap();
    fs::File::create(folder.path().join("huge.log")).unwrap().set_len(1 << 40).unwrap();
    let loaded = read(folder.path());
    assert_eq!(gaps(&loaded, "huge.py"), [GapKind::TooLarge]);
    assert_eq!(skipped(&loaded, "huge.log"), Some("is larger than 8388608 bytes"));
}

#[cfg(unix)]
#[test]
fn odd_names_and_depths_are_paths_like_others() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let deep = "d/".repeat(400) + "x.py";
    let folder = tree(&[
        (&deep, b"x = 1\n"),
        ("new\nline.py", b"x = 1\n"),
        ("esc\u{1b}[31m.py", b"x = 1\n"),
        ("a b/ü.py", b"x = 1\n"),
    ]);
    fs::write(folder.path().join(OsStr::from_bytes(b"bad\xff.py")), b"x = 1\n").unwrap();
    let loaded = read(folder.path());
    for path in [deep.as_str(), "new\nline.py", "esc\u{1b}[31m.py", "a b/ü.py", "bad\\xff.py"] {
        assert!(loaded.find(path).is_some(), "{path:?}");
    }
    assert!(loaded.gaps.is_empty());
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_a_gap() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tree(&[("a.py", b"x = 1\n"), ("closed/b.py", b"x = 1\n")]);
    let file = folder.path().join("a.py");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(folder.path().join("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    let privileged = fs::read(&file).is_ok();
    let loaded = read(folder.path());
    fs::set_permissions(folder.path().join("closed"), fs::Permissions::from_mode(0o700)).unwrap();
    if privileged {
        return;
    }
    assert_eq!(gaps(&loaded, "a.py"), [GapKind::Unreadable]);
    assert_eq!(gaps(&loaded, "closed"), [GapKind::Unreadable]);
}

#[test]
fn limits_exclusions_and_dependency_folders_are_listed() {
    let folder = tree(&[
        ("node_modules/x/a.js", b"x"),
        ("venv/pyvenv.cfg", b""),
        ("venv/lib/a.py", b"x"),
        ("target/a.rs", b""),
        ("Cargo.toml", b""),
        ("lib/target/a.py", b"x = 1\n"),
        ("old/a.py", b"x = ("),
        ("b.py", b"x = 1\n"),
        ("go/vendor/modules.txt", b"# a v1.0.0\n"),
        ("go/vendor/a/a.go", b"package a\n"),
        ("own/vendor/a.py", b"x = 1\n"),
    ]);
    let exclude = vec![Exclusion { pattern: "old".to_string(), reason: "kept for reference".to_string() }];
    let loaded = load(discover(folder.path(), &Walk { exclude, ..Walk::default() }).unwrap());
    let files: Vec<&str> = loaded.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(files, ["Cargo.toml", "b.py", "lib/target/a.py", "own/vendor/a.py"]);
    let reasons: Vec<String> =
        loaded.skipped.iter().map(|skipped| format!("{} {}", skipped.path, skipped.reason)).collect();
    let expected = [
        "go/vendor is a dependency folder",
        "node_modules is a dependency folder",
        "old is excluded by the configuration: kept for reference",
        "target is a build folder",
        "venv is a virtual environment",
    ];
    assert_eq!(reasons, expected);
    let few = discover(folder.path(), &Walk { files: 1, ..Walk::default() }).unwrap();
    assert!(few.gaps.iter().any(|gap| gap.kind == GapKind::TooLarge && gap.path == "." && gap.blocks));
    let small = discover(folder.path(), &Walk { total_size: 8, ..Walk::default() }).unwrap();
    assert!(small.gaps.iter().any(|gap| gap.kind == GapKind::TooLarge && gap.path == "."));
}

#[test]
fn a_single_file_is_a_tree_of_one() {
    let folder = tree(&[("a.py", b"x = 1\n"), ("b.py", b"x = 1\n")]);
    let loaded = read(&folder.path().join("a.py"));
    assert_eq!(loaded.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["a.py"]);
    assert!(discover(&folder.path().join("none"), &Walk::default()).is_err());
}

#[test]
fn a_checkout_of_garbage_is_no_checkout_or_knows_less() {
    let folder = tree(&[
        (".git/HEAD", b"ref: refs/heads/../../x\n"),
        (".git/index", b"DIRC\0\0\0\x04\xff\xff\xff\xff"),
        (".git/config", b"[remote \"origin\"\nurl = https://u:p@h/x\n"),
        ("a.py", b"x = 1\n"),
    ]);
    let git = read(folder.path()).git.unwrap();
    assert_eq!((git.head, git.tracked), (None, None));
    assert_eq!(git.remote.as_deref(), Some("https://h/x"));
    let pointer = tree(&[(".git", b"gitdir: /nowhere/at/all\n"), ("a.py", b"")]);
    assert!(read(pointer.path()).git.is_none_or(|git| git.tracked.is_none()));
}
