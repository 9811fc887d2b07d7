//! Long chains and deep nests inside a tool of every language: each ends in a result or a gap.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests write the trees they read")]

use std::fs;

use plimsoll::gap::GapKind;
use plimsoll::{Request, audit};

/// File, text before, what is repeated before and after the middle, and text after.
type Shape = (&'static str, &'static str, &'static str, &'static str, &'static str);

const PYTHON: &str = "from mcp.server.fastmcp import FastMCP\nimport subprocess\nmcp = FastMCP('s')\n@mcp.tool()\ndef t(a: str) -> str:\n";
const RUN: &str = "\n    subprocess.run(x, shell=True)\n";
const SCRIPT: &str = "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nimport { execSync } from 'child_process';\nimport { z } from 'zod';\nconst s = new McpServer({name: 's', version: '1'});\ns.tool('t', 'd', {a: z.string()}, async ({a}) => { ";
const EXEC: &str = "; execSync(x); return {content: []}; });\n";

const SHAPES: &[Shape] = &[
    ("member.py", "    x = a", ".b", "", RUN),
    ("sum.py", "    x = a", "+a", "", RUN),
    ("call.py", "    x = a", ".b(a)", "", RUN),
    ("index.py", "    x = a", "[0]", "", RUN),
    ("elif.py", "    if a == '': x = a\n", "    elif a == 'b': x = a\n", "", "    subprocess.run(x, shell=True)\n"),
    ("choice.py", "    x = ", "a if a else ", "", "a\n    subprocess.run(x, shell=True)\n"),
    ("lambda.py", "    x = ", "lambda a: ", "", "a\n"),
    ("clauses.py", "    x = [a ", "for b in a if b ", "", "]\n    subprocess.run(x)\n"),
    ("nested.py", "    x = ", "[a for b in ", "a]", RUN),
    ("format.py", "    x = f'", "{a}", "", "'\n    subprocess.run(x, shell=True)\n"),
    ("type.py", "    x: ", "list[", "]", " = a\n"),
    ("grow.py", "    x = []\n", "    x.append(a)\n", "", "    subprocess.run(x)\n"),
    ("again.py", "    x = a\n", "    if a: x = x + a\n", "", "    subprocess.run(x, shell=True)\n"),
    (
        "test.py",
        "    x = a\n    ok = a.isalnum()\n",
        "    ok = not ok\n",
        "",
        "    if not ok: raise ValueError(a)\n    subprocess.run(x, shell=True)\n",
    ),
    (
        "tests.py",
        "    x = a\n    ok = a.isalnum()\n    while a:\n        no = not ok\n        ok = not no\n",
        "        ok = ok and a.isalnum()\n",
        "",
        "        if ok: subprocess.run(x, shell=True)\n",
    ),
    ("member.ts", "let x = a", ".b", "", EXEC),
    ("call.ts", "let x = z", ".b(a)", "", EXEC),
    ("sum.ts", "let x = a", "+a", "", EXEC),
    ("else.ts", "let x; if (a == 1) x = a; ", "else if (a == 2) { x = a } ", "", EXEC),
    ("choice.ts", "let x = ", "a ? a : ", "", "a; execSync(x); return {content: []}; });\n"),
    ("arrow.ts", "let x = ", "a => ", "", "a; return {content: []}; });\n"),
    ("callback.ts", "let x = ", "f(a => ", "1)", EXEC),
    ("element.tsx", "let x = ", "<a>", "</a>", EXEC),
    ("hole.tsx", "let x = ", "<a>{", "1}</a>", EXEC),
    ("template.ts", "let x = ", "`${", "1}`", EXEC),
    ("type.ts", "let x: ", "A<", "B>", " = a; return {content: []}; });\n"),
    ("union.ts", "let x: ", "string|", "", "string = a; execSync(x); return {content: []}; });\n"),
    ("then.ts", "let x = z", ".then(a => a)", "", EXEC),
    ("again.ts", "let x = a; ", "if (a) x = x + a;", "", EXEC),
    ("blocks.ts", "let x = a; ", "{", "}", EXEC),
    ("schema.ts", "const x = a; z.string()", ".optional()", "", EXEC),
    ("member.go", "package a\nfunc t(a string) string { x := a", ".b", "", "\nreturn x }\n"),
    ("sum.go", "package a\nfunc t(a string) string { x := a", "+a", "", "\nreturn x }\n"),
    ("else.go", "package a\nfunc t(a string) { if a == \"\" { } ", "else if a == \"b\" { } ", "", "}\n"),
    ("type.go", "package a\nvar x ", "[]", "", "int\n"),
    ("closure.go", "package a\nvar x = ", "func() { ", " }", "\n"),
    ("member.rs", "fn t(a: String) { let x = a", ".b", "", "; }\n"),
    ("sum.rs", "fn t(a: String) { let x = a", "+a", "", "; }\n"),
    ("else.rs", "fn t(a: String) { if a == \"\" { } ", "else if a == \"b\" { } ", "", " }\n"),
    ("type.rs", "type X = ", "A<", "u8>", ";\n"),
    ("closure.rs", "fn t() { let x = ", "|a| ", "", "a; }\n"),
    ("macro.rs", "fn t() { let x = ", "m!(", "1)", "; }\n"),
];

/// A file of a shape.
fn text((path, before, open, close, after): &Shape, times: usize) -> String {
    let head = match path.rsplit_once('.').unwrap().1 {
        "py" => PYTHON,
        "ts" | "tsx" if *after == EXEC || before.starts_with("let") || before.starts_with("const") => SCRIPT,
        _ => "",
    };
    // What stands in the middle is written before what closes.
    let end = close.find(|sign: char| !sign.is_alphanumeric()).unwrap_or(0);
    let (middle, close) = close.split_at(end);
    let middle = if middle.is_empty() && !close.is_empty() { "a" } else { middle };
    [head, before, &open.repeat(times), middle, &close.repeat(times), after].concat()
}

/// Paths of files with a tool, and of those with a gap, of a tree with every shape in a folder of its own.
fn read(times: usize) -> (Vec<String>, Vec<(String, GapKind)>) {
    let folder = tempfile::tempdir().unwrap();
    for shape in SHAPES {
        let path = folder.path().join(path(shape));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // Servers of one package with the same tools would count as copies of each other.
        fs::write(path.with_file_name("package.json"), "{}").unwrap();
        fs::write(path, text(shape, times)).unwrap();
    }
    let report = audit(&Request::new(folder.path())).unwrap();
    let facts = report.facts;
    let tools = facts.tools.iter().map(|tool| report.sources.path(tool.about.span.source).to_string()).collect();
    (tools, facts.gaps.into_iter().map(|gap| (gap.path, gap.kind)).collect())
}

fn path(shape: &Shape) -> String {
    format!("{}/{}", shape.0.replace('.', "-"), shape.0)
}

/// Shapes with nearer bounds of their own: a list that grows is looked through at each step, a macro is parsed again at
/// each level.
const NEARER: &[&str] = &["grow.py", "macro.rs"];

/// Whether a shape stands in a tool.
fn is_tool(shape: &Shape) -> bool {
    text(shape, 0).contains("from mcp") || text(shape, 0).contains("s.tool(")
}

#[test]
fn chains_beyond_the_bounds_end_in_a_result_or_a_gap() {
    let (tools, gaps) = read(20_000);
    for shape in SHAPES.iter().filter(|shape| is_tool(shape)) {
        let path = path(shape);
        let is_told = gaps.iter().any(|(of, _)| *of == path);
        assert!(is_told || tools.contains(&path), "{path}: neither a tool nor a gap");
    }
}

#[test]
fn chains_within_the_bounds_are_walked() {
    let (tools, gaps) = read(300);
    let wrong = SHAPES.iter().filter_map(|shape| {
        let path = path(shape);
        let mut own: Vec<GapKind> = gaps.iter().filter(|(of, _)| *of == path).map(|(_, kind)| *kind).collect();
        own.retain(|kind| *kind != GapKind::TooLarge || !NEARER.contains(&shape.0));
        let has_tool = !is_tool(shape) || tools.contains(&path);
        (!own.is_empty() || !has_tool).then(|| format!("{path}: tool {has_tool}, gaps {own:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A server of a script, without tools.
fn head() -> &'static str {
    SCRIPT.split("s.tool(").next().unwrap()
}

/// A tool whose description is the last of sixty values that each hold the one before twice.
fn doubling(first: &str, next: &dyn Fn(usize, usize) -> String) -> String {
    let lines: String = (0..60).map(|at| format!("const x{} = {};\n", at + 1, next(at, at))).collect();
    format!("{}const x0 = {first};\n{lines}s.tool('t', x60, {{}}, async () => ({{content: []}}));\n", head())
}

#[test]
fn what_holds_the_one_before_twice_ends_in_what_is_not_known() {
    let shapes = [
        doubling("['a', 'b']", &|a, b| format!("[...x{a}, ...x{b}]")),
        doubling("{a: 'b'}", &|a, b| format!("{{...x{a}, ...x{b}, b{a}: 1}}")),
        doubling("['a', 'b']", &|a, b| format!("x{a}.concat(x{b})")),
        doubling("'ab'", &|a, b| format!("x{a} + x{b}")),
        doubling("{a: 'b'}", &|a, b| format!("Object.assign({{c{a}: 1}}, x{a}, x{b})")),
        doubling("['a', 'b']", &|a, b| format!("x{a}.flatMap(a => x{b})")),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (at, text) in shapes.iter().enumerate() {
        let home = folder.path().join(format!("s{at}"));
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join("package.json"), "{}").unwrap();
        fs::write(home.join("a.ts"), text).unwrap();
    }
    let report = audit(&Request::new(folder.path())).unwrap();
    assert_eq!(report.facts.tools.len(), shapes.len());
}

#[test]
fn an_object_that_many_branches_change_by_its_own_entries_is_followed_to_its_end() {
    let branches: String =
        (0..12).map(|at| format!("if (typeof v === 't{at}') {{ m[k] = JSON.parse(v); continue; }}\n")).collect();
    let handler = format!(
        "async (a) => {{ const m = {{...a}}; for (const [k, v] of Object.entries(m)) {{\n{branches}}}\n\
         execSync(m.command); return {{content: []}}; }}"
    );
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{}s.tool('t', 'd', {{command: z.string()}}, {handler});\n", head());
    fs::write(folder.path().join("a.ts"), text).unwrap();
    let facts = audit(&Request::new(folder.path())).unwrap().facts;
    let told: Vec<(&str, &str)> =
        facts.arrivals.iter().map(|one| (one.class.as_str(), one.argument.as_str())).collect();
    assert!(told.contains(&("command-injection", "command")), "{told:?}");
    assert!(facts.gaps.iter().all(|gap| gap.kind != GapKind::TooLarge), "{:?}", facts.gaps);
}
