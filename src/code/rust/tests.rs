//! Rust as neutral code: source on one side, what it is lowered to on the other.

use crate::code::dump::dump;
use crate::code::{Language, limits};
use crate::source::Sources;

fn check(source: &str, expected: &str) {
    let mut sources = Sources::default();
    let id = sources.add_text("a.rs", source);
    let (module, gaps) = super::parse(id, source);
    assert_eq!(module.language, Language::Rust);
    assert!(gaps.is_empty(), "{gaps:?}");
    assert_eq!(dump(&module).trim(), expected.trim(), "{source}");
}

/// Statements of a function that returns.
fn check_body(source: &str, expected: &str) {
    let expected: String = expected.lines().map(|line| format!("  {line}\n")).collect();
    check(&format!("fn f() -> R {{ {source} }}"), &format!("def f() -> R {{\n{expected}}}"));
}

#[test]
fn use_trees_are_imports_one_by_one() {
    check(
        "use std::{fs, path::{Path, PathBuf as P}};\nuse crate::x::*;\nuse super::y::{self, Z as _};\npub use a::b::C;\nuse d;\nmod m;\n",
        "import \"std\" name fs as fs\nimport \"std::path\" name Path as Path\nimport \"std::path\" name PathBuf as P\nimport \"crate::x\" all\nimport \"super::y\" as y\nimport \"super::y\" name Z\nimport \"a::b\" name C as C\nimport \"d\" as d\nimport \"self::m\" as m\nexport C = C from \"a::b\"",
    );
}

#[test]
fn attributes_are_decorators_and_doc_comments_documentation() {
    check(
        "/// Args.\n/// More.\n#[derive(A, b::C)]\n#[serde(deny_unknown_fields)]\nstruct S {\n    /// P.\n    #[schemars(description = \"d\", length(max = 10))]\n    p: Option<String>,\n}\nstruct T(u8, &'static str);\n",
        "@derive(A, b.C)\n@serde(deny_unknown_fields)\nclass S {\n  doc \"Args.\\nMore.\"\n  @schemars(description: \"d\", length(max: 10))\n  doc \"P.\"\n  field p: Option<String>\n}\nclass T {\n  field 0: u8\n  field 1: str\n}",
    );
}

#[test]
fn implementations_know_self() {
    check(
        "impl<T> a::Tr for W<T> { const N: u8 = 1; #[tool(name = \"n\", annotations(read_only_hint = true))] async fn m(&self, Parameters(P { q }): Parameters<P>) -> Self { self.x(Self::N); Self { a: q, ..d() } } fn s() {} }",
        "impl W(a.Tr) {\n  static N: u8 = 1\n  @tool(name: \"n\", annotations(read_only_hint: true))\n  async def m(receiver self, {0: {q: q}}: Parameters<P>) -> W {\n    this.x(W.N)\n    return W{\"a\": q, ...d()}\n  }\n  static def s() {\n  }\n}",
    );
}

#[test]
fn traits_and_enums() {
    check(
        "trait Tr: B + Send { fn m(&self) -> u8; fn d() { g() } }\nenum E { A, B(String), C { x: u8 }, D = 4, F(u8, u16) }\n",
        "interface Tr(B, Send) {\n  declare def m(receiver self) -> u8\n  static def d() {\n    g()\n  }\n}\nenum E {\n  static A\n  static B: String\n  static C: class C { field x: u8 }\n  static D = 4\n  static F: (u8, u16)\n}",
    );
}

#[test]
fn inline_modules_are_classes_of_static_members() {
    check(
        "#[cfg(test)]\nmod m { use super::*; fn f() -> u8 { 1 } const K: u8 = 2; }\n",
        "import \"super\" all in fn#1\n@cfg(test)\nclass m {\n  static K = 2\n  static def f() -> u8 {\n    return 1\n  }\n  body {\n    static def f() -> u8 {\n      return 1\n    }\n    let K: u8 = 2\n  }\n}",
    );
}

#[test]
fn the_end_of_a_body_returns() {
    check_body(
        "if a { 1 } else if b { 2 } else { match c { D => 3, _ => return 4 } }",
        "if a {\n  return 1\n}\nelse {\n  if b {\n    return 2\n  }\n  else {\n    match c {\n      case D() {\n        return 3\n      }\n      case _ {\n        return 4\n      }\n    }\n  }\n}",
    );
    check("fn f() { g() }", "def f() {\n  g()\n}");
}

#[test]
fn tests_that_bind_are_matches() {
    check_body(
        "let Some(p) = q else { return 1 }; if let Ok(x) = y && x > 1 { g(x); } while let Some(z) = it.next() { break } 2",
        "if (q matches Some(p)) {\n}\nelse {\n  return 1\n}\nif ((y matches Ok(x)) and (x > 1)) {\n  g(x)\n}\nwhile (it.next() matches Some(z)) {\n  break\n}\nreturn 2",
    );
    check_body(
        "match m { Some(\"a\") | Some(\"b\") => 1, E::B(s) if s.ok() => 2, MAX => 3, None => 4, n @ 1..=5 => 5, x => 6 }",
        "match m {\n  case \"a\" | \"b\" {\n    return 1\n  }\n  case E.B(s) if s.ok() {\n    return 2\n  }\n  case MAX {\n    return 3\n  }\n  case None() {\n    return 4\n  }\n  case (1 .. 5) {\n    return 5\n  }\n  case any x {\n    return 6\n  }\n}",
    );
}

#[test]
fn expressions_leave_out_references_and_casts() {
    check_body(
        "let a = &mut *b as u8; let c = x?.await; let d = |e, f: u8| e + f; let g = async move { h()? }; let i = it.collect::<Vec<_>>(); let j = &k[1..n]; let l = <T as U>::m(-1, !o); *p += 2; (a, b) = (b, a); q",
        "let a = b\nlet c = await x?\nlet d = fn(e, f: u8) { return (e + f) }\nlet g = async fn() { return h()? }()\nlet i = it.collect<Vec<_>>()\nlet j = k[(1, n)]\nlet l = T.m(-1, (not o))\np += 2\n[a, b] = (b, a)\nreturn q",
    );
}

#[test]
fn known_macros_are_read_as_what_they_are() {
    check_body(
        "let a = format!(\"{p} {0} {q:?} {{r}}\", s, t = 1); tracing::info!(tool = %n, ?args, \"x {}\", y); let j = json!({\"a\": [1, null, {\"b\": x + 1}], k: v}); let l = vec![1, 2]; let m = vec![0u8; 9]; let b = matches!(x, Some(1) if y); write!(o, \"{}\", z)?; q",
        "let a = format!(\"{p} {0} {q:?} {{r}}\", s, t: 1, p: p, q: q)\ntracing.info!(tool: n, args, \"x {}\", y)\nlet j = json!({\"a\": [1, null, {\"b\": (x + 1)}], [k]: v})\nlet l = [1, 2]\nlet m = [0]\nlet b = ((x matches 1) and y)\nwrite!(o, \"{}\", z)?\nreturn q",
    );
    check_body(
        "panic!(\"x\"); ensure!(a, \"b\"); assert!(c); let s = tokio::select! { r = f() => r, _ = t.tick(), if ok => { 1 } else => 2 }; bail!(\"{e}\")",
        "raise panic!(\"x\")\nif a {\n}\nelse {\n  return ensure!(a, \"b\")\n}\nassert c\nlet s = match { case (await f() matches any r) { => r } case (await t.tick() matches _) if ok { => 1 } case _ { => 2 } }\nreturn bail!(\"{e}\", e: e)",
    );
}

#[test]
fn unknown_macros_keep_what_can_be_read() {
    check_body(
        "odd!(a => b, c()); odd!(x, [Y, Z]); odd! { let a = 1; g(a); }; q",
        "odd!(unknown(c()))\nodd!(x, [Y, Z])\nodd!(do { let a = 1; g(a) })\nreturn q",
    );
    check("lazy_static! { static ref A: B = c(); }\ntool_box!(T, [A, B]);", "let A: B = c()\ntool_box!(T, [A, B])");
}

#[test]
fn places_count_bytes_after_a_preamble_and_wide_characters() {
    let text = "\u{feff}#!/usr/bin/env x\n// é\nfn f() -> R { let s = \"é\"; g(s) }";
    let mut sources = Sources::default();
    let id = sources.add_text("a.rs", text);
    let (module, gaps) = super::parse(id, text);
    assert!(gaps.is_empty(), "{gaps:?}");
    let call = module.values.iter().rfind(|value| matches!(value.kind, crate::code::ValueKind::Call(_))).unwrap();
    assert_eq!(sources.slice(call.span), "g(s)");
    assert_eq!(module.comments.iter().map(|span| sources.slice(*span)).collect::<Vec<_>>(), ["// é"]);
}

#[test]
fn a_file_that_does_not_parse_is_a_gap_at_the_fault() {
    let text = "fn f() { let = 1; }";
    let mut sources = Sources::default();
    let id = sources.add_text("a.rs", text);
    let (_, gaps) = super::parse(id, text);
    assert_eq!(gaps.len(), 1);
    assert_eq!(sources.position(id, gaps[0].span.unwrap().start).column, 14, "{gaps:?}");
}

#[test]
fn hostile_text_ends_in_a_module_or_a_gap() {
    let shapes = [
        "(",
        "[",
        "{",
        "f(",
        "a.",
        "!",
        "&",
        "*",
        "-",
        "1+",
        "if x { ",
        "if x {} else ",
        "|a| ",
        "|a, b| ",
        "A<",
        "A::<",
        "vec![",
        "json!({\"a\":",
        "()",
        "?",
        "return ",
        "a::",
        "match x { _ => ",
        "async { ",
        "unsafe {",
        "x = ",
        "as A<",
        "\"",
        "r#\"",
        "'",
        "/*",
        "#[a(",
        "loop {",
        "let x = ",
        "..",
    ];
    let parse = move || {
        for shape in shapes {
            for times in [900, 100_000] {
                let text = format!("fn f() {{ x = {}", shape.repeat(times));
                let mut sources = Sources::default();
                let id = sources.add_text("a.rs", &text);
                super::parse(id, &text);
            }
        }
    };
    std::thread::Builder::new().stack_size(limits::STACK).spawn(parse).unwrap().join().unwrap();
}

#[test]
fn deep_text_within_the_limits_is_read_on_the_stack_of_workers() {
    let deep = [
        format!("fn f() {{ x = {}1{}; }}", "(".repeat(1_900), ")".repeat(1_900)),
        format!("fn f() {{ x = {}1; }}", "1 + ".repeat(10_000)),
        format!("fn f() {{ x = a{}; }}", ".b".repeat(11_000)),
        format!("fn f() {{ x = a{}; }}", "()".repeat(5_000)),
        format!("fn f() {{ {}{} }}", "if x {".repeat(1_900), "}".repeat(1_900)),
        format!("fn f() {{ {}{{}} }}", "if x {} else ".repeat(3_500)),
        format!("fn f() {{ x = {}1; }}", "!".repeat(11_000)),
        format!("fn f() {{ x = {}1; }}", "|a| ".repeat(3_900)),
        format!("type T = {}u8{};", "A<".repeat(1_900), ">".repeat(1_900)),
        format!("fn f() {{ x = {}1{}; }}", "vec![".repeat(60), "]".repeat(60)),
    ];
    let parse = move || {
        for text in deep {
            let mut sources = Sources::default();
            let id = sources.add_text("a.rs", &text);
            let (_, gaps) = super::parse(id, &text);
            assert!(gaps.is_empty(), "{} {gaps:?}", &text[..40]);
        }
    };
    std::thread::Builder::new().stack_size(limits::STACK).spawn(parse).unwrap().join().unwrap();
}
