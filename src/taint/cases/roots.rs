//! Paths held inside one of several roots, and tests that no longer speak of what is used.

use super::{check_all, check_go, check_rust, check_script};

const OPEN: &[&str] = &["path-traversal open"];
const WEAK: &[&str] = &["path-traversal weak"];
const HELD: &[&str] = &["path-traversal guarded"];

#[test]
fn one_of_several_roots_holds_a_path_in_python() {
    let head = "ROOTS = [Path('/srv/a').resolve(), Path('/srv/b').resolve()]\n";
    let helper = "def inside(full):\n    for root in ROOTS:\n        if full.is_relative_to(root):\n            return True\n    return False\n\n";
    check_all(
        head,
        &[
            (
                "any of them",
                "",
                "def t(p: str):\n    full = Path(p).resolve()\n    if not any(full.is_relative_to(root) for root in ROOTS):\n        raise ValueError(p)\n    return full.read_text()\n",
                HELD,
            ),
            (
                "any of them, not looked at",
                "",
                "def t(p: str):\n    full = Path(p).resolve()\n    any(full.is_relative_to(root) for root in ROOTS)\n    return full.read_text()\n",
                OPEN,
            ),
            (
                "any of them, before it is resolved",
                "",
                "def t(p: str):\n    full = Path(p)\n    if not any(full.is_relative_to(root) for root in ROOTS):\n        raise ValueError(p)\n    return full.read_text()\n",
                WEAK,
            ),
            (
                "in a helper",
                helper,
                "def t(p: str):\n    full = Path(p).resolve()\n    if not inside(full):\n        raise ValueError(p)\n    return full.read_text()\n",
                HELD,
            ),
            (
                "a flag that a loop raises",
                "",
                "def t(p: str):\n    full = Path(p).resolve()\n    fine = False\n    for root in ROOTS:\n        if full.is_relative_to(root):\n            fine = True\n            break\n    if not fine:\n        raise ValueError(p)\n    return full.read_text()\n",
                HELD,
            ),
            (
                "a flag that is raised either way",
                "",
                "def t(p: str):\n    full = Path(p).resolve()\n    fine = False\n    for root in ROOTS:\n        if full.is_relative_to(root):\n            fine = True\n        fine = True\n    if not fine:\n        raise ValueError(p)\n    return full.read_text()\n",
                OPEN,
            ),
            (
                "a flag about what the name held before",
                "",
                "def t(p: str):\n    full = Path('/srv/a/x').resolve()\n    fine = False\n    if full.is_relative_to(ROOT):\n        fine = True\n    full = Path(p)\n    if not fine:\n        raise ValueError(p)\n    return full.read_text()\n",
                OPEN,
            ),
            (
                "a test kept in a name, and the value changed since",
                "",
                "def t(p: str):\n    full = Path('/srv/a/x').resolve()\n    fine = full.is_relative_to(ROOT)\n    full = Path(p)\n    if not fine:\n        raise ValueError(p)\n    return full.read_text()\n",
                OPEN,
            ),
            (
                "a table of the program's own",
                "FILES = {}\n",
                "def t(p: str):\n    return open(FILES.get(p)).read()\n",
                &[],
            ),
        ],
    );
}

#[test]
fn one_of_several_roots_holds_a_path_in_typescript() {
    let roots = "const ROOTS = process.argv.slice(2).map(one => path.resolve(one));\n";
    check_script(&[
        (
            "a loop that returns",
            &format!(
                "{roots}function inside(full) {{ for (const root of ROOTS) {{ if (full === root || full.startsWith(root + path.sep)) return true; }} return false; }}"
            ),
            "const full = fs.realpathSync(p); if (!inside(full)) throw new Error(p); fs.readFileSync(full);",
            &["path-traversal p guarded"],
        ),
        (
            "without the separator at its end",
            &format!(
                "{roots}function inside(full) {{ if (ROOTS.includes('/')) return true; let way = full; \
                 if (way.slice(-1) === path.sep) way = way.slice(0, -1); \
                 return ROOTS.some(root => {{ if (way === root) return true; return way.startsWith(root + path.sep); }}); }}"
            ),
            "const full = fs.realpathSync(p); if (!inside(full)) throw new Error(p); fs.readFileSync(full);",
            &["path-traversal p guarded"],
        ),
        (
            "without the separator at its end, and anything where the program is given no root",
            &format!(
                "{roots}function inside(full) {{ if (ROOTS.includes('/') || ROOTS.length === 0) return true; let way = full; \
                 if (way.slice(-1) === path.sep) way = way.slice(0, -1); \
                 return ROOTS.some(root => {{ if (way === root) return true; return way.startsWith(root + path.sep); }}); }}"
            ),
            "const full = fs.realpathSync(p); if (!inside(full)) throw new Error(p); fs.readFileSync(full);",
            &["path-traversal p weak"],
        ),
        (
            "without all that follows its beginning",
            &format!(
                "{roots}function inside(full) {{ const way = full.slice(0, 9); \
                 return ROOTS.some(root => way.startsWith(root + path.sep)); }}"
            ),
            "const full = fs.realpathSync(p); if (!inside(full)) throw new Error(p); fs.readFileSync(full);",
            &["path-traversal p open"],
        ),
        (
            "where the caller says that anything goes",
            &format!(
                "{roots}function inside(full, any) {{ if (any) return true; return ROOTS.some(root => full.startsWith(root + path.sep)); }}"
            ),
            "const full = fs.realpathSync(p); if (!inside(full, q)) throw new Error(p); fs.readFileSync(full);",
            &["path-traversal p open"],
        ),
        (
            "a flag that a loop raises",
            roots,
            "const full = path.resolve(p); let fine = false; for (const root of ROOTS) { if (full.startsWith(root + path.sep)) { fine = true; break; } } if (!fine) throw new Error(p); fs.readFileSync(full);",
            &["path-traversal p guarded"],
        ),
        (
            "a helper that gives the real path, and the raw one is used",
            &format!(
                "{roots}function real(file) {{ const full = fs.realpathSync(file); if (!ROOTS.some(root => full.startsWith(root + path.sep))) throw new Error(file); return full; }}"
            ),
            "const full = real(p); fs.readFileSync(full); ",
            &["path-traversal p guarded"],
        ),
        ("a table of the program's own", "const files = new Map();\n", "fs.readFileSync(files.get(p));", &[]),
        (
            "what is forbidden",
            "",
            "if (p.includes(\"..\")) throw new Error(p); fs.readFileSync(p);",
            &["path-traversal p weak"],
        ),
        (
            "compared before it is resolved",
            "",
            "if (!p.startsWith(\"/srv/data/\")) throw new Error(p); fs.readFileSync(path.resolve(p));",
            &["path-traversal p weak"],
        ),
    ]);
}

#[test]
fn paths_are_held_in_go() {
    check_go(&[
        ("nothing", "return os.ReadFile(p)", OPEN),
        (
            "one of several roots, and the path that is given back",
            "full, err := inside(p)\nif err != nil { return nil, err }\nreturn os.ReadFile(full)\n}\n\nfunc inside(p string) (string, error) {\nfull, err := filepath.Abs(p)\nif err != nil { return \"\", err }\nfor _, root := range roots {\nif strings.HasPrefix(full, root+string(filepath.Separator)) { return full, nil }\n}\nreturn \"\", fmt.Errorf(\"outside\")",
            HELD,
        ),
        (
            "one of several roots, by a function that gives an error",
            "if err := inside(p); err != nil { return nil, err }\nreturn os.ReadFile(p)\n}\n\nfunc inside(p string) error {\nfull, err := filepath.Abs(p)\nif err != nil { return err }\nfor _, root := range roots {\nif strings.HasPrefix(full, root+string(filepath.Separator)) { return nil }\n}\nreturn fmt.Errorf(\"outside\")",
            HELD,
        ),
        (
            "one of several roots, and the error is not looked at",
            "inside(p)\nreturn os.ReadFile(p)\n}\n\nfunc inside(p string) error {\nfull, err := filepath.Abs(p)\nif err != nil { return err }\nfor _, root := range roots {\nif strings.HasPrefix(full, root+string(filepath.Separator)) { return nil }\n}\nreturn fmt.Errorf(\"outside\")",
            OPEN,
        ),
        (
            "relative to a root",
            "full, err := filepath.Abs(p)\nif err != nil { return nil, err }\nway, err := filepath.Rel(\"/srv/data\", full)\nif err != nil || strings.HasPrefix(way, \"..\") { return nil, err }\nreturn os.ReadFile(full)",
            HELD,
        ),
        (
            "a prefix with a separator",
            "full := filepath.Clean(filepath.Join(\"/srv/data\", p))\nif !strings.HasPrefix(full, \"/srv/data/\") { return nil, nil }\nreturn os.ReadFile(full)",
            HELD,
        ),
        (
            "a prefix without separator",
            "full, _ := filepath.Abs(p)\nif !strings.HasPrefix(full, \"/srv/data\") { return nil, nil }\nreturn os.ReadFile(full)",
            WEAK,
        ),
        (
            "a flag that a loop raises",
            "full, _ := filepath.Abs(p)\nfine := false\nfor _, root := range roots {\n if strings.HasPrefix(full, root+string(filepath.Separator)) { fine = true\nbreak }\n}\nif !fine { return nil, nil }\nreturn os.ReadFile(full)",
            HELD,
        ),
        (
            "local by itself",
            "if !filepath.IsLocal(p) { return nil, nil }\nreturn os.ReadFile(filepath.Join(\"/srv/data\", p))",
            HELD,
        ),
        ("what is forbidden", "if strings.Contains(p, \"..\") { return nil, nil }\nreturn os.ReadFile(p)", WEAK),
        ("its last part", "return os.ReadFile(filepath.Join(\"/srv/data\", filepath.Base(p)))", HELD),
        ("a shell", "return exec.Command(\"sh\", \"-c\", \"ls \"+p).Output()", &["command-injection open"]),
        ("a word", "return exec.Command(\"ls\", p).Output()", &["argument-injection open"]),
        ("a word after two hyphens", "return exec.Command(\"ls\", \"--\", p).Output()", &[]),
        ("a host", "http.Get(fmt.Sprintf(\"https://%s/x\", p))\nreturn nil, nil", &["ssrf open"]),
        (
            "a segment",
            "http.Get(fmt.Sprintf(\"https://api.example.com/items/%s\", p))\nreturn nil, nil",
            &["path-traversal weak"],
        ),
        (
            "a segment that is escaped",
            "http.Get(fmt.Sprintf(\"https://api.example.com/items/%s\", url.PathEscape(p)))\nreturn nil, nil",
            HELD,
        ),
    ]);
}

#[test]
fn paths_are_held_in_rust() {
    check_rust(&[
        ("nothing", "std::fs::read_to_string(p).unwrap()", OPEN),
        (
            "real and below a root",
            "let full = std::fs::canonicalize(&p).unwrap(); if !full.starts_with(\"/srv/data\") { return String::new(); } std::fs::read_to_string(full).unwrap()",
            HELD,
        ),
        (
            "below a root before it is real",
            "let full = std::path::Path::new(\"/srv/data\").join(&p); if !full.starts_with(\"/srv/data\") { return String::new(); } std::fs::read_to_string(full).unwrap()",
            WEAK,
        ),
        (
            "any of several roots",
            "let full = std::fs::canonicalize(&p).unwrap(); if !self.roots.iter().any(|root| full.starts_with(root)) { return String::new(); } std::fs::read_to_string(full).unwrap()",
            HELD,
        ),
        (
            "what is forbidden",
            "if p.contains(\"..\") { return String::new(); } std::fs::read_to_string(p).unwrap()",
            WEAK,
        ),
        (
            "a shell",
            "std::process::Command::new(\"sh\").arg(\"-c\").arg(format!(\"ls {}\", p)).output(); String::new()",
            &["command-injection open"],
        ),
        (
            "a command kept in a variable",
            "let mut command = std::process::Command::new(\"git\"); command.arg(\"log\").arg(&p); command.output(); String::new()",
            &["argument-injection open"],
        ),
        (
            "a word after two hyphens",
            "let mut command = tokio::process::Command::new(\"git\"); command.args([\"log\", \"--\"]); command.arg(&p); command.output().await; String::new()",
            &[],
        ),
        ("a word", "std::process::Command::new(\"ls\").arg(&p).output(); String::new()", &["argument-injection open"]),
        (
            "a segment",
            "reqwest::get(format!(\"https://api.example.com/items/{}\", p)).await.unwrap().text().await.unwrap()",
            WEAK,
        ),
        ("a host", "reqwest::get(&p).await.unwrap().text().await.unwrap()", &["ssrf open"]),
    ]);
}
