//! Long chains and deep nests inside a tool of every language: an audit of each ends in a result or a gap.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests write the trees they read")]

use std::fmt::Write;
use std::time::{Duration, Instant};

use plimsoll::gap::GapKind;
use plimsoll::report::Report;
use plimsoll::{Request, audit};

/// File, text before, what is repeated before and after the middle, and text after.
type Shape = (&'static str, &'static str, &'static str, &'static str, &'static str);

const PYTHON: &str = "from mcp.server.fastmcp import FastMCP\nimport subprocess\nmcp = FastMCP('s')\n@mcp.tool()\ndef t(a: str) -> str:\n";
const RUN: &str = "\n    subprocess.run(x, shell=True)\n";
const SCRIPT: &str = "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nimport { execSync } from 'child_process';\nimport { z } from 'zod';\nconst s = new McpServer({name: 's', version: '1'});\ns.tool('t', 'd', {a: z.string()}, async ({a}) => { ";
const EXEC: &str = "; execSync(x); return {content: []}; });\n";

/// Before the repeated part, by language; the middle is always `a`.
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

fn text((path, before, open, close, after): &Shape, times: usize) -> String {
    let head = match path.rsplit_once('.').unwrap().1 {
        "py" => PYTHON,
        "ts" | "tsx" => SCRIPT,
        _ => "",
    };
    [head, before, &open.repeat(times), &close.repeat(times), after].concat()
}

fn audited(path: &str, text: &str) -> Report {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(path), text).unwrap();
    let start = Instant::now();
    let report = audit(&Request::new(folder.path())).unwrap();
    assert!(start.elapsed() < Duration::from_secs(60), "{path} took {:?}", start.elapsed());
    report
}

#[test]
fn chains_within_the_bounds_are_walked() {
    for shape in SHAPES {
        let report = audited(shape.0, &text(shape, 600));
        let too_large = report.assessment.gaps.iter().find(|gap| gap.kind == GapKind::TooLarge && gap.path == shape.0);
        assert!(too_large.is_none(), "{}: {too_large:?}", shape.0);
        let is_tool = shape.0.ends_with(".py") || shape.0.ends_with(".ts") || shape.0.ends_with(".tsx");
        assert_eq!(report.facts.tools.len(), usize::from(is_tool), "{}", shape.0);
    }
}

#[test]
fn chains_beyond_the_bounds_are_gaps_or_results() {
    for shape in SHAPES {
        let report = audited(shape.0, &text(shape, 20_000));
        let told = report.assessment.gaps.iter().any(|gap| gap.path == shape.0);
        let read = report.facts.tools.len() + report.facts.servers.len() > 0;
        let is_plain = shape.0.ends_with(".go") || shape.0.ends_with(".rs");
        assert!(told || read || is_plain, "{} is neither", shape.0);
    }
}

#[test]
fn many_names_functions_and_classes_cost_no_square() {
    let many = |one: &dyn Fn(usize) -> String| (0..3_000).map(one).collect::<String>();
    let cases = [
        ("names.py", many(&|at| format!("    v{at} = a\n    if a: x = v{at}\n"))),
        ("keys.py", format!("    x = {{{}}}\n", many(&|at| format!("'k{at}': a, ")))),
        ("set.py", format!("    x = {{}}\n{}", many(&|at| format!("    x['k{at}'] = a\n")))),
        ("calls.py", format!("    f0(a)\n{}", many(&|at| format!("def f{at}(a):\n    return f{}(a)\n", at + 1)))),
        (
            "twice.py",
            format!(
                "    f0(a)\n{}",
                many(&|at| format!("def f{at}(a):\n    return f{0}(a) + f{0}(a + 'x')\n", at + 1))
            ),
        ),
        ("classes.py", format!("    C0(a)\n{}", many(&|at| format!("class C{at}(C{}):\n    pass\n", at + 1)))),
    ];
    for (path, body) in cases {
        let mut text = String::from(PYTHON);
        write!(text, "{body}").unwrap();
        assert_eq!(audited(path, &text).facts.tools.len(), 1, "{path}");
    }
}

#[test]
fn megabytes_on_one_line_are_read() {
    let script = "function f(a,b){return a?b(a.c,[1,2,{d:a}]):a&&b.e(`x${a}`)}var g=f(h=>h+1);".repeat(40_000);
    let python = "a=[1,{'b':2},c(d,e=3)];".repeat(40_000);
    for (path, text) in [("index.js", script), ("a.py", python)] {
        let report = audited(path, &text);
        assert!(report.assessment.gaps.iter().all(|gap| gap.path != path), "{path}");
    }
}
