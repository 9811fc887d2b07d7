//! Small trees to packages, dependencies and steps.

use super::*;
use crate::discover::{Discovered, discover_text};

fn facts(files: &[(&str, &str)]) -> Facts {
    let mut all = Discovered::default();
    for (path, text) in files {
        all.files.extend(discover_text(path, (*text).to_string()).files);
    }
    all.files.sort_by(|a, b| a.path.cmp(&b.path));
    let loaded = crate::load::load(all);
    let mut facts = Facts::default();
    extract(&loaded, &mut facts);
    facts
}

/// Each dependency as `name requirement locked flags`.
fn dependencies(files: &[(&str, &str)]) -> Vec<String> {
    let shown = |known: &Known<String>| known.value().cloned().unwrap_or_else(|| "-".into());
    let line = |found: &Dependency| {
        let exact = if found.exact { " exact" } else { "" };
        let development = if found.development { " dev" } else { "" };
        format!(
            "{} {} {} {}{exact}{development}",
            found.about.name,
            shown(&found.requirement),
            shown(&found.locked),
            found.origin
        )
    };
    facts(files).dependencies.iter().map(line).collect()
}

#[test]
fn npm_manifests_are_tied_to_any_lock() {
    let manifest = (
        "package.json",
        r#"{"name": "a", "version": "1.0.0", "dependencies": {"x": "^1.0.0", "y": "2.0.0"}, "devDependencies": {"z": "github:a/b"}, "scripts": {"postinstall": "node x.js", "test": "y"}}"#,
    );
    let locks = [
        (
            "package-lock.json",
            r#"{"packages": {"": {"version": "9"}, "node_modules/x": {"version": "1.4.0"}, "node_modules/x/node_modules/y": {"version": "7"}}}"#,
        ),
        ("npm-shrinkwrap.json", r#"{"dependencies": {"x": {"version": "1.4.0"}}}"#),
        ("yarn.lock", "# yarn\n\"x@^1.0.0\", x@^1.2.0:\n  version \"1.4.0\"\n"),
        ("yarn.lock", "\"x@npm:^1.0.0\":\n  version: 1.4.0\n"),
        (
            "pnpm-lock.yaml",
            "importers:\n  .:\n    dependencies:\n      x: {specifier: ^1.0.0, version: 1.4.0(y@2.0.0)}\n",
        ),
        ("bun.lock", r#"{"packages": {"x": ["x@1.4.0", "", {}]}}"#),
    ];
    for lock in locks {
        let found = dependencies(&[manifest, lock]);
        assert_eq!(
            found,
            ["x ^1.0.0 1.4.0 registry", "y 2.0.0 - registry exact", "z github:a/b - git dev"],
            "{}",
            lock.1
        );
    }
    let package = &facts(&[manifest, locks[0]]).packages[0];
    assert_eq!((package.dependency_count, package.install_scripts.len()), (2, 1));
    assert_eq!(package.lock_file.value().map(String::as_str), Some("package-lock.json"));
    assert!(facts(&[manifest]).packages[0].lock_file.is_absent());
}

#[test]
fn workspaces_share_the_lock_above_them() {
    let files = [
        (
            "package-lock.json",
            r#"{"packages": {"node_modules/x": {"version": "1.0.0"}, "p/a/node_modules/x": {"version": "2.0.0"}}}"#,
        ),
        ("p/a/package.json", r#"{"name": "a", "dependencies": {"x": "*"}}"#),
        ("p/b/package.json", r#"{"name": "b", "dependencies": {"x": "*"}}"#),
    ];
    assert_eq!(dependencies(&files), ["x * 2.0.0 registry", "x * 1.0.0 registry"]);
}

#[test]
fn python_manifests_in_every_form() {
    type Files = &'static [(&'static str, &'static str)];
    let cases: [(Files, &[&str]); 6] = [
        (
            &[
                (
                    "pyproject.toml",
                    "[project]\nname = \"a\"\ndependencies = [\"My.Dep[x]>=1\", \"b==2.0\", \"c @ git+https://e.example/c@main\"]\n[project.optional-dependencies]\ndev = [\"t\"]\n[tool.uv.sources]\nb = {path = \"../b\"}\n",
                ),
                ("uv.lock", "[[package]]\nname = \"my-dep\"\nversion = \"1.5\"\n"),
            ],
            &[
                "My.Dep >=1 1.5 registry",
                "b ../b - path exact",
                "c git+https://e.example/c@main - git",
                "t - - registry dev",
            ],
        ),
        (
            &[
                (
                    "pyproject.toml",
                    "[tool.poetry]\nname = \"a\"\n[tool.poetry.dependencies]\npython = \"^3\"\nx = \"^1\"\ny = {version = \"2.0\"}\n[tool.poetry.group.dev.dependencies]\nz = \"*\"\n",
                ),
                ("poetry.lock", "[[package]]\nname = \"x\"\nversion = \"1.1\"\n"),
            ],
            &["x ^1 1.1 registry", "y 2.0 - registry exact", "z * - registry dev"],
        ),
        (
            &[("requirements.txt", "# c\n-r other.txt\nx>=1 # why\ny==2\n-e git+https://e.example/z.git#egg=z\n")],
            &["x >=1 - registry", "y ==2 - registry exact", "z git+https://e.example/z.git#egg=z - git"],
        ),
        (&[("requirements-dev.txt", "x==1 \\\n    --hash=sha256:aa\n")], &["x ==1 1 registry exact dev"]),
        (
            &[("setup.cfg", "[metadata]\nname = a\n[options]\ninstall_requires =\n    x>=1\n    y\n[other]\nz = 1\n")],
            &["x >=1 - registry", "y - - registry"],
        ),
        (
            &[
                ("Pipfile", "[packages]\nx = \"*\"\n[dev-packages]\ny = \"==1.0\"\n"),
                ("Pipfile.lock", r#"{"default": {"x": {"version": "==3.1"}}}"#),
            ],
            &["x * 3.1 registry", "y ==1.0 - registry exact dev"],
        ),
    ];
    for (files, expected) in cases {
        assert_eq!(dependencies(files), expected);
    }
}

#[test]
fn crates_and_go_modules() {
    let cargo = "[package]\nname = \"a\"\nversion = \"0.1.0\"\n[dependencies]\nx = \"1\"\ny = { version = \"=2.0.0\" }\nz = { git = \"https://e.example/z\", branch = \"main\" }\nw = { workspace = true }\n[target.'cfg(unix)'.dependencies]\nu = \"1\"\n[dev-dependencies]\nt = \"1\"\n";
    let lock = "[[package]]\nname = \"x\"\nversion = \"1.9.0\"\n";
    let found = dependencies(&[("Cargo.toml", cargo), ("Cargo.lock", lock)]);
    let expected = [
        "x 1 1.9.0 registry",
        "y =2.0.0 - registry exact",
        "z https://e.example/z - git",
        "w workspace - path exact",
        "t 1 - registry dev",
        "u 1 - registry",
    ];
    assert_eq!(found, expected);
    let go =
        "module a.example/m\n\ngo 1.24\n\nrequire x.example/y v1.2.3\nrequire (\n\tb.example/c v0.1.0 // indirect\n)\n";
    let found =
        dependencies(&[("go.mod", go), ("go.sum", "x.example/y v1.2.3 h1:a=\nx.example/y v1.2.3/go.mod h1:b=\n")]);
    assert_eq!(found, ["x.example/y v1.2.3 v1.2.3 registry exact", "b.example/c v0.1.0 - registry exact dev"]);
}

#[test]
fn steps_say_what_they_use_and_whether_failure_counts() {
    let github = "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      - uses: a/b@0123456789abcdef0123456789abcdef01234567\n      - uses: ./local\n      - name: audit\n        run: plimsoll audit || true\n      - run: make\n        continue-on-error: ${{ matrix.soft }}\n  b:\n    continue-on-error: true\n    uses: o/r/.github/workflows/x.yml@main\n";
    let found = facts(&[(".github/workflows/ci.yml", github)]).workflow_steps;
    let shown: Vec<_> =
        found.iter().map(|step| (step.about.name.as_str(), step.pinned, step.failure_ignored)).collect();
    let expected = [
        ("actions/checkout@v4", false, false),
        ("a/b@0123456789abcdef0123456789abcdef01234567", true, false),
        ("./local", true, false),
        ("audit", false, true),
        ("make", false, true),
        ("o/r/.github/workflows/x.yml@main", false, true),
    ];
    assert_eq!(shown, expected);
    let gitlab = "stages: [t]\n.base: {script: [no]}\ntest:\n  script:\n    - cargo test\n    - plimsoll audit\nsoft: {script: lint, allow_failure: true}\n";
    let found = facts(&[(".gitlab-ci.yml", gitlab)]).workflow_steps;
    let shown: Vec<_> = found.iter().map(|step| (step.run.value().map(String::as_str), step.failure_ignored)).collect();
    assert_eq!(shown, [(Some("cargo test"), false), (Some("plimsoll audit"), false), (Some("lint"), true)]);
}
