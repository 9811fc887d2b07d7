//! Hostile text: every shape that nests or chains ends in a module or a gap, never in an abort.

use std::fmt::Write;

use crate::code::limits::{MAX_DEPTH, MAX_HEIGHT, STACK};
use crate::code::python::parse;
use crate::gap::GapKind;
use crate::source::Sources;

/// Parses, lowers and drops in a thread as it is used for that; gives the kinds of the gaps.
fn survives(text: String) -> Vec<GapKind> {
    let run = move || {
        let (module, gaps) = parse(Sources::default().add_text("a.py", &text), &text);
        drop(module);
        gaps.into_iter().map(|gap| gap.kind).collect()
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap();
    thread.join().unwrap()
}

fn around(open: &str, middle: &str, close: &str, times: usize) -> String {
    [open.repeat(times).as_str(), middle, &close.repeat(times)].concat()
}

fn indented(head: &str, times: usize) -> String {
    let mut text = String::new();
    for depth in 0..times {
        writeln!(text, "{}{head}", " ".repeat(depth)).unwrap();
    }
    text + &" ".repeat(times) + "pass\n"
}

fn nested_templates(times: usize) -> String {
    format!("x = {}", around("f'{", "1", "}'", times))
}

/// A name, and the text of a given size.
type Shape = (&'static str, fn(usize) -> String);

/// Shapes whose tree is as deep as brackets or blocks are nested.
const NESTED: &[Shape] = &[
    ("(", |n| around("(", "1", ")", n)),
    ("[", |n| around("[", "", "]", n)),
    ("{", |n| around("{", "1", "}", n)),
    ("{1:", |n| around("{1:", "1", "}", n)),
    ("f(", |n| around("f(", "", ")", n)),
    ("f(a=", |n| around("f(a=", "1", ")", n)),
    ("x[", |n| around("x[", "1", "]", n)),
    ("back quotes", |n| format!("`{}`", around("(", "", ")", n))),
    ("back quotes thrice", |n| format!("```{}```", around("(", "", ")", n))),
    ("annotation", |n| format!("x: {}", around("list[", "int", "]", n))),
    ("comprehension", |n| around("[", "1", " for x in y]", n)),
    ("comprehension over", |n| around("[x for x in ", "y", "]", n)),
    ("f-string", nested_templates),
    ("f-string triple", |n| format!("x = {}", around("f'''{", "1", "}'''", n))),
    ("f-string format", |n| format!("x = f'{}'", around("{x:", "", "}", n))),
    ("if", |n| indented("if x:", n)),
    ("def", |n| indented("def f():", n)),
    ("class", |n| indented("class C:", n)),
    ("for", |n| indented("for x in y:", n)),
    ("with", |n| indented("with x:", n)),
    ("try", |n| {
        let ends: String = (0..n).rev().map(|depth| format!("{}finally: pass\n", " ".repeat(depth))).collect();
        indented("try:", n) + &ends
    }),
    ("else if", |n| {
        let branch = |depth| format!("{0}if x: pass\n{0}else:\n", " ".repeat(depth));
        (0..n).map(branch).collect::<String>() + &" ".repeat(n) + "pass\n"
    }),
    ("pattern", |n| format!("match x:\n case {}: pass", around("[", "a", "]", n))),
    ("pattern group", |n| format!("match x:\n case {}: pass", around("(", "a", ")", n))),
    ("pattern class", |n| format!("match x:\n case {}: pass", around("C(", "a", ")", n))),
    ("target", |n| format!("{} = x", around("(", "a", ",)", n))),
    ("quoted type", |n| format!("x: '{}'", around("list[", "int", "]", n))),
];

/// Shapes whose tree is as deep as a chain is long, without brackets around it.
const CHAINED: &[Shape] = &[
    ("not", |n| format!("{}x", "not ".repeat(n))),
    ("-", |n| format!("{}x", "-".repeat(n))),
    ("~", |n| format!("{}x", "~".repeat(n))),
    ("await", |n| format!("async def f(): {}x", "await ".repeat(n))),
    ("yield", |n| format!("def f(): x = {}1", "yield ".repeat(n))),
    ("a.b", |n| format!("a{}", ".b".repeat(n))),
    ("1+1", |n| format!("1{}", "+1".repeat(n))),
    ("1**1", |n| format!("1{}", "**1".repeat(n))),
    ("a<b", |n| format!("a{}", "<b".repeat(n))),
    ("a and b", |n| format!("a{}", " and b".repeat(n))),
    ("a and not b", |n| format!("a{}", " and not b".repeat(n))),
    ("a or b and", |n| format!("a{}", " or b and c".repeat(n))),
    ("f()()", |n| format!("f{}", "()".repeat(n))),
    ("x[0][0]", |n| format!("x{}", "[0]".repeat(n))),
    ("a().b", |n| format!("a{}", "().b".repeat(n))),
    ("lambda", |n| format!("{}1", "lambda: ".repeat(n))),
    ("lambda default", |n| format!("{}1", "lambda x=".repeat(n))),
    ("x if y else", |n| format!("{}z", "x if y else ".repeat(n))),
    ("x if … if", |n| format!("x{}", " if y else z".repeat(n))),
    ("elif", |n| format!("if x: pass\n{}", "elif y: pass\n".repeat(n))),
    ("strings", |n| format!("x = {}", "'a' ".repeat(n))),
    ("string sum", |n| format!("x = 'a'{}", " + 'a'".repeat(n))),
    ("f-strings", |n| format!("x = {}", "f'{a}' ".repeat(n))),
    ("decorators", |n| format!("{}def f(): pass", "@d\n".repeat(n))),
    ("a = a", |n| format!("{}1", "a = ".repeat(n))),
    ("type union", |n| format!("x: a{}", " | a".repeat(n))),
    ("quoted union", |n| format!("x: 'a{}'", " | a".repeat(n))),
    ("pattern or", |n| format!("match x:\n case 1{}: pass", " | 1".repeat(n))),
    ("pattern dots", |n| format!("match x:\n case a{}: pass", ".b".repeat(n))),
    ("arms", |n| format!("match x:\n{}", " case 1: pass\n".repeat(n))),
    ("with items", |n| format!("with a{}: pass", ", a".repeat(n))),
    ("starred", |n| format!("print({}x)", "*".repeat(n))),
    ("walrus", |n| format!("({}1)", "x := ".repeat(n))),
    ("imports", |n| format!("import a{}", ".b".repeat(n))),
    ("from dots", |n| format!("from {} import a", ".".repeat(n))),
    ("clauses", |n| format!("[x{}]", " for x in y".repeat(n))),
    ("handlers", |n| format!("try: pass\n{}", "except A: pass\n".repeat(n))),
    ("star types", |n| format!("def f(*a: {}int): pass", "*".repeat(n))),
];

#[test]
fn nesting_beyond_the_limit_is_a_gap() {
    for (shape, text) in NESTED {
        // Blocks grow with the square of their depth.
        let size = if text(10).lines().count() >= 10 { 5_000 } else { 100_000 };
        let gaps = survives(text(size));
        assert_eq!(gaps, [GapKind::TooLarge], "{shape}");
    }
}

#[test]
fn chains_of_any_length_end_in_a_module_or_a_gap() {
    for (shape, text) in CHAINED {
        let gaps = survives(text(100_000));
        assert!(gaps.iter().all(|gap| matches!(gap, GapKind::TooLarge | GapKind::Unparsed)), "{shape}: {gaps:?}");
    }
}

#[test]
fn what_the_limits_let_through_fits_the_stack() {
    for (_, text) in NESTED {
        survives(text(MAX_DEPTH - 10));
        survives(text(MAX_DEPTH / 2 - 10));
    }
    for (_, text) in CHAINED {
        survives(text(MAX_HEIGHT - 20));
        survives(text(MAX_HEIGHT / 2 - 20));
    }
}

#[test]
fn unclosed_and_unopened_shapes_are_gaps() {
    for open in
        ["(", "[", "{", "f'{", "'''", "f(", "x[", "lambda", "@", "def f(", "class C(", "case [", "\\\n", "f'{x:{"]
    {
        for times in [1, 100, 20_000] {
            survives(open.repeat(times));
        }
    }
    for close in [")", "]", "}", "}'", ":", "=", ",", ".", ";", "\u{feff}", "\0", "\u{2028}", "é", "\r", "\t", "\u{c}"]
    {
        survives(close.repeat(2_000));
    }
}

#[test]
fn nothing_hides_behind_a_quote_without_an_end() {
    for hiding in ["'fr\"\"\"\n", "rf'']f'''\n", "f'''{x\n]'''f'''", "\"~# '~\"\"\"rf'#\\{\n", "rf']\n t':\\'\\{[~"] {
        for hidden in ["[", "not ", "a.", "1+", "-"] {
            let gaps = survives(format!("{hiding}{}", hidden.repeat(50_000)));
            assert!(!gaps.is_empty(), "{hiding:?} {hidden}");
            survives(format!("x: '''{}{}'''", hiding.replace('\'', "\\'"), hidden.repeat(50_000)));
        }
    }
}
