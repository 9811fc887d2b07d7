//! Python as neutral code: source on the left, what it is lowered to on the right.

use crate::code::dump::dump;
use crate::code::python::parse;
use crate::code::{Language, Module};
use crate::gap::Gap;
use crate::source::Sources;

fn lowered(text: &str) -> (Module, Vec<Gap>) {
    parse(Sources::default().add_text("a.py", text), text)
}

/// Lowers each text without gaps and compares what it became.
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let (module, gaps) = lowered(text);
        assert_eq!(module.language, Language::Python);
        assert_eq!(gaps, [], "{text}");
        assert_eq!(dump(&module).trim_end(), *expected, "{text}");
    }
}

#[test]
fn operators_keep_their_grouping() {
    check(&[
        ("a + b * c", "(a + (b * c))"),
        ("not a and b or c", "(((not a) and b) or c)"),
        ("a and b and c and d", "((a and b) and (c and d))"),
        ("a < b <= c", "((a < b) and (b <= c))"),
        ("a is not None", "(a is not null)"),
        ("a not in b", "(a not in b)"),
        ("-1", "-1"),
        ("-x", "(unary x)"),
        ("a // b @ c", "((a / b) ? c)"),
        ("x if t else y", "(t ? x : y)"),
        ("(n := f(x))", "(n := f(x))"),
    ]);
}

#[test]
fn literals_have_their_values() {
    check(&[
        ("1_000, 0xff, 1.5, 2j", "(1000, 255, 1.5, unknown())"),
        ("99999999999999999999", "1e20"),
        ("True, None, ...", "(true, null, Ellipsis)"),
        (r#"x = "a" 'b' "\n" r"\n""#, r#"x = "ab\n\\n""#),
        (r#"b"\x41b""#, r#""Ab""#),
        ("[1, *xs]", "[1, ...xs]"),
        ("{1, 2}", "(1, 2)"),
        (r#"{"a": 1, k: 2, **m}"#, r#"{"a": 1, [k]: 2, ...m}"#),
        ("x = '''a\r\nb'''", r#"x = "a\nb""#),
    ]);
}
