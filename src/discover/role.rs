//! What part a file plays in its project, by the path from the audited root.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::Language;
use crate::discover::hosts;
use crate::discover::kind::{extension, name_of};

/// Part that a file plays. Only production files give credit; every role is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// What runs.
    Production,
    /// Tests.
    Test,
    /// Examples, demos, samples.
    Example,
    /// Data for tests.
    Fixture,
    /// Documentation.
    Documentation,
    /// Other people's code, copied.
    Vendored,
    /// Made by a program from something else.
    Generated,
    /// Kept, but no longer in use.
    Archived,
}

impl Role {
    /// Whether a manifest of that role speaks of this project: copies of others' projects bring theirs along.
    pub fn is_own(self) -> bool {
        matches!(self, Role::Production | Role::Generated)
    }

    /// Whether what the file says may hold for what runs, so that not reading it stands in the way of a verdict.
    pub fn lives(self) -> bool {
        matches!(self, Role::Production | Role::Generated | Role::Vendored)
    }
}

/// The role of a path. `text` is looked at for a generator's header only.
pub fn of_path(path: &str, text: &str) -> Role {
    let name = name_of(path);
    let folders = path.split('/').rev().skip(1);
    let by_folder = folders.filter_map(folder_role).min_by_key(|role| rank(*role));
    by_folder.or_else(|| file_role(name, path)).or_else(|| header_role(text)).unwrap_or(Role::Production)
}

/// Test data is test data even inside examples; the more telling role wins.
fn rank(role: Role) -> u8 {
    match role {
        Role::Vendored => 0,
        Role::Fixture => 1,
        Role::Test => 2,
        Role::Archived => 3,
        Role::Example => 4,
        Role::Documentation => 5,
        Role::Generated => 6,
        Role::Production => 7,
    }
}

fn folder_role(folder: &str) -> Option<Role> {
    Some(match folder.to_ascii_lowercase().as_str() {
        "test" | "tests" | "__tests__" | "spec" | "e2e" | "__mocks__" | "mocks" | "integration-tests"
        | "integration_tests" | "unit_tests" | "test-utils" | "test_utils" | "testutils" | "testutil"
        | "test-helpers" | "test_helpers" | "testhelpers" | "browser-tests" | "accuracy-tests" | "cypress"
        | "benchmarks" | "benchmark" => Role::Test,
        "fixtures" | "fixture" | "testdata" | "test_data" | "test-data" | "__fixtures__" | "__snapshots__" => {
            Role::Fixture
        }
        "example" | "examples" | "demo" | "demos" | "sample" | "samples" | "playground" | "tutorial" | "tutorials"
        | "quickstart" => Role::Example,
        "docs" | "doc" | "documentation" => Role::Documentation,
        "vendor" | "vendored" | "_vendor" | "third_party" | "third-party" | "thirdparty" => Role::Vendored,
        "archive" | "archived" | "deprecated" | "attic" | "backup" => Role::Archived,
        "generated" | "__generated__" => Role::Generated,
        // `Orders.Tests`, `com.acme.orders.tests`: projects of tests beside those that they test.
        other if other.ends_with(".tests") || other.ends_with(".unittests") || other.ends_with(".integrationtests") => {
            Role::Test
        }
        _ => return None,
    })
}

fn file_role(name: &str, path: &str) -> Option<Role> {
    let lower = name.to_ascii_lowercase();
    if lower.ends_with(".d.ts") || lower.ends_with(".d.mts") || lower.ends_with(".d.cts") || lower.ends_with("_pb2.py")
    {
        return Some(Role::Generated);
    }
    if lower.ends_with(".min.js") || lower.ends_with(".min.mjs") || lower.ends_with(".pb.go") {
        return Some(Role::Generated);
    }
    let stem = lower.rsplit_once('.').map_or(lower.as_str(), |(stem, _)| stem);
    let test = match Language::of_path(path) {
        Some(Language::Python) => stem.starts_with("test_") || stem.ends_with("_test") || stem == "conftest",
        Some(Language::TypeScript) => {
            let ends = [".test", ".spec", ".e2e", "-test"].iter().any(|end| stem.ends_with(end));
            // Beside the sources of a package, not among them, where `test-runner.ts` may be what runs tests for others.
            let is_script = !path.contains('/') || path.contains("scripts/");
            ends || is_script && (stem.starts_with("test-") || stem.starts_with("test_"))
        }
        Some(Language::Go) => stem.ends_with("_test"),
        Some(Language::Rust) => stem == "tests" || stem.ends_with("_test") || stem.ends_with("_tests"),
        None => match extension(&lower) {
            Some("java" | "kt" | "php") => name_of(path).split('.').next().is_some_and(|stem| stem.ends_with("Test")),
            Some("rb") => stem.ends_with("_test") || stem.ends_with("_spec") || stem.starts_with("test_"),
            _ => false,
        },
    };
    if test {
        return Some(Role::Test);
    }
    let is_prose = matches!(extension(&lower), Some("md" | "mdx" | "rst" | "adoc"));
    // A host's own file is no documentation, though it is written in prose.
    (is_prose && hosts::of_path(path).next().is_none()).then_some(Role::Documentation)
}

/// A generator's header stands within the first lines, in a comment.
fn header_role(text: &str) -> Option<Role> {
    let told = |line: &str| {
        let comment = line.trim_start().starts_with(['/', '#', '*']);
        comment && (line.contains("DO NOT EDIT") && line.contains("enerated") || line.contains("@generated"))
    };
    text.lines().take(5).any(told).then_some(Role::Generated)
}

/// Folders whose files are built from sources beside them: `dist` and the like, where the same package has sources.
pub fn built_folders(paths: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut judged: BTreeMap<&str, bool> = BTreeMap::new();
    for path in paths {
        let mut start = 0;
        for (at, _) in path.match_indices('/') {
            let segment = &path[start..at];
            if matches!(segment, "dist" | "build" | "out") {
                judged.entry(&path[..at]).or_insert_with(|| has_sources(paths, &path[..start]));
                break;
            }
            start = at + 1;
        }
    }
    judged.into_iter().filter(|(_, built)| *built).map(|(folder, _)| folder.to_string()).collect()
}

/// Whether a package folder (with its final `/`, or empty for the root) holds TypeScript, Python or other sources itself.
fn has_sources(paths: &BTreeSet<&str>, parent: &str) -> bool {
    let source = |path: &str| {
        let typed = matches!(extension(name_of(path)), Some("ts" | "tsx" | "mts" | "py" | "go" | "rs"));
        typed && !path.ends_with(".d.ts") && !path.ends_with(".d.mts") && !path.ends_with(".config.ts")
    };
    let sources = format!("{parent}src/");
    let direct = |path: &str| path.get(parent.len()..).is_some_and(|rest| !rest.contains('/'));
    below(paths, &sources).any(source)
        || below(paths, parent).any(|path| direct(path) && source(path) && name_of(path) != "setup.py")
}

fn below<'a>(paths: &'a BTreeSet<&'a str>, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    paths.range(prefix..).take_while(move |path| path.starts_with(prefix)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_follow_whole_names_not_parts_of_them() {
        for (path, role) in [
            ("src/server.py", Role::Production),
            ("latest/contest.py", Role::Production),
            ("src/attestation.ts", Role::Production),
            ("tests/test_server.py", Role::Test),
            ("src/test_server.py", Role::Test),
            ("src/testing.py", Role::Production),
            ("pkg/server_test.go", Role::Test),
            ("src/server.spec.ts", Role::Test),
            ("src/__tests__/a.ts", Role::Test),
            ("examples/server.py", Role::Example),
            ("tests/fixtures/a.json", Role::Fixture),
            ("third_party/x/y.go", Role::Vendored),
            ("docs/conf.py", Role::Documentation),
            ("README.md", Role::Documentation),
            (".github/agents/review.md", Role::Production),
            ("types/a.d.ts", Role::Generated),
            ("archive/server.py", Role::Archived),
        ] {
            assert_eq!(of_path(path, ""), role, "{path}");
        }
        assert_eq!(of_path("a.go", "// Code generated by x. DO NOT EDIT.\npackage a\n"), Role::Generated);
        assert_eq!(of_path("a.go", "package a\nvar x = \"Code generated DO NOT EDIT\"\n"), Role::Production);
    }

    #[test]
    fn a_dist_folder_is_built_only_beside_its_sources() {
        let built = |paths: &[&str]| built_folders(&paths.iter().copied().collect()).into_iter().collect::<Vec<_>>();
        assert_eq!(built(&["dist/index.js", "package.json"]), [""; 0]);
        assert_eq!(built(&["dist/index.js", "src/index.ts"]), ["dist"]);
        assert_eq!(built(&["a/dist/index.js", "a/index.ts", "b/dist/x.js"]), ["a/dist"]);
    }
}
