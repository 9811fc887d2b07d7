//! Servers of a few lines in Rust and Go, and what arrives where in them.

use crate::discover::discover_text;
use crate::extract::extract;
use crate::load::load;
use crate::taint::cases::told;

/// `class state` of everything that arrives from the tool of one file.
fn arrivals(path: &str, text: String) -> Vec<String> {
    let facts = extract(&load(discover_text(path, text)));
    let mut lines: Vec<String> = told(&facts).map(|arrival| format!("{} {}", arrival.class, arrival.state)).collect();
    lines.sort();
    lines.dedup();
    lines
}

const OPEN: &[&str] = &["path-traversal open"];
const WEAK: &[&str] = &["path-traversal weak"];
const HELD: &[&str] = &["path-traversal guarded"];

/// A Rust server whose tool takes `p.p`, with functions beside it.
fn rust(body: &str, beside: &str) -> String {
    format!(
        "use rmcp::{{tool, tool_router, handler::server::wrapper::Parameters}};\nuse std::path::{{Path, PathBuf, Component}};\n\
        struct P {{ p: String }}\nstruct S {{ root: PathBuf, roots: Vec<PathBuf> }}\n#[tool_router]\nimpl S {{\n#[tool]\n\
        async fn t(&self, Parameters(p): Parameters<P>) -> Result<String, E> {{\n{body}\n}}\n}}\n{beside}"
    )
}

#[test]
fn a_path_of_rust_is_held_only_by_a_guard_that_stands_before_it_and_holds() {
    let outer = "fn check(p: &Path, roots: &[PathBuf]) -> Result<PathBuf, E> {\nlet full = normal(p);\n\
        if !roots.iter().any(|root| full.starts_with(root) || full.starts_with(normal(root))) {\nreturn Err(E::Outside);\n}\nOk(full)\n}\n\
        fn normal(p: &Path) -> PathBuf { p.canonicalize().unwrap() }\n";
    for (what, body, beside, expected) in [
        ("nothing", "Ok(std::fs::read_to_string(p.p)?)", "", OPEN),
        (
            "resolved and compared by components",
            "let full = self.root.join(&p.p).canonicalize()?;\nif !full.starts_with(&self.root) {\nreturn Err(E::Outside);\n}\nOk(std::fs::read_to_string(full)?)",
            "",
            HELD,
        ),
        (
            "compared before it is resolved",
            "let full = self.root.join(&p.p);\nif !full.starts_with(&self.root) {\nreturn Err(E::Outside);\n}\nOk(std::fs::read_to_string(full)?)",
            "",
            WEAK,
        ),
        (
            "compared as text",
            "let full = self.root.join(&p.p).canonicalize()?.to_string_lossy().to_string();\nif !full.starts_with(\"/srv/data\") {\nreturn Err(E::Outside);\n}\nOk(std::fs::read_to_string(full)?)",
            "",
            WEAK,
        ),
        (
            "an error that is mapped",
            "let full = std::fs::canonicalize(self.root.join(&p.p)).map_err(E::Io)?;\nif !full.starts_with(&self.root) {\nreturn Err(E::Outside);\n}\nOk(std::fs::read_to_string(&full).context(\"x\")?)",
            "",
            HELD,
        ),
        (
            "one of several roots, elsewhere",
            "let full = check(Path::new(&p.p), &self.roots)?;\nOk(tokio::fs::read_to_string(full).await?)",
            outer,
            HELD,
        ),
        (
            "a refusal that only logs",
            "let full = self.root.join(&p.p).canonicalize()?;\nif !full.starts_with(&self.root) {\neprintln!(\"outside\");\n}\nOk(std::fs::read_to_string(full)?)",
            "",
            OPEN,
        ),
        (
            "an error that names the path",
            "let full = check(Path::new(&p.p), &self.root)?;\nOk(std::fs::read_to_string(full)?)",
            "fn check(p: &Path, root: &Path) -> Result<PathBuf, E> {\nlet full = p.canonicalize()?;\nif !full.starts_with(root) {\nreturn Err(E::Outside(format!(\"{}\", p.display())));\n}\nOk(full)\n}\n",
            HELD,
        ),
        (
            "an error that is not looked at",
            "let _ = check(Path::new(&p.p), &self.root);\nOk(std::fs::read_to_string(&p.p)?)",
            "fn check(p: &Path, root: &Path) -> Result<PathBuf, E> {\nlet full = p.canonicalize()?;\nif !full.starts_with(root) {\nreturn Err(E::Outside);\n}\nOk(full)\n}\n",
            OPEN,
        ),
        (
            "a check that rejects, and the path as it was",
            "check(Path::new(&p.p), &self.root)?;\nOk(std::fs::read_to_string(&p.p)?)",
            "fn check(p: &Path, root: &Path) -> Result<(), E> {\nlet full = p.canonicalize()?;\nif !full.starts_with(root) {\nreturn Err(E::Outside);\n}\nOk(())\n}\n",
            HELD,
        ),
        (
            "a check that gives the path to use, and the path as it was",
            "let _full = check(&self.root.join(&p.p), &self.root)?;\nOk(std::fs::read_to_string(&p.p)?)",
            "fn check(p: &Path, root: &Path) -> Result<PathBuf, E> {\nlet full = p.canonicalize()?;\nif !full.starts_with(root) {\nreturn Err(E::Outside);\n}\nOk(full)\n}\n",
            WEAK,
        ),
        (
            "a path made below the root by the check, and the path as it was",
            "check(&p.p, &self.root)?;\nOk(std::fs::read_to_string(&p.p)?)",
            "fn check(p: &str, root: &Path) -> Result<PathBuf, E> {\nlet full = root.join(p).canonicalize()?;\nif !full.starts_with(root) {\nreturn Err(E::Outside);\n}\nOk(full)\n}\n",
            WEAK,
        ),
        (
            "characters that are no letter replaced",
            "let name: String = p.p.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();\nOk(std::fs::read_to_string(self.root.join(format!(\"x-{name}.db\")))?)",
            "",
            HELD,
        ),
        (
            "characters that are no letter counted",
            "let name: String = p.p.chars().map(|c| if c == '\\0' { ' ' } else { c }).collect();\nOk(std::fs::read_to_string(self.root.join(format!(\"x-{name}.db\")))?)",
            "",
            OPEN,
        ),
        (
            "parts that lead upward are refused",
            "let full = self.root.join(&p.p);\nif full.components().any(|part| part == Component::ParentDir) {\nreturn Err(E::Outside);\n}\nif !full.starts_with(&self.root) {\nreturn Err(E::Outside);\n}\nOk(std::fs::read_to_string(full)?)",
            "",
            HELD,
        ),
    ] {
        assert_eq!(arrivals("main.rs", rust(body, beside)), expected, "{what}\n{body}");
    }
}
