//! Input meant to end the process: every shape of nesting and chaining ends in a module or a gap.

use super::lower;
use crate::code::limits::STACK;

fn on_a_large_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread starts");
    thread.join().expect("it ends without panic");
}

/// `open` and `close` that many times around `core`.
fn nest(open: &str, core: &str, close: &str, times: usize) -> String {
    format!("{}{core}{}", open.repeat(times), close.repeat(times))
}

fn shapes(times: usize) -> Vec<String> {
    let mut shapes = Vec::new();
    for (open, core, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{", "", "}"),
        ("x={a:", "1", "}"),
        ("`${", "1", "}`"),
        ("f(", "1", ")"),
        ("a=>", "1", ""),
        ("(a)=>{return ", "1", "}"),
        ("async a=>", "1", ""),
        ("<a>", "", "</a>"),
        ("<a b=<a>", "", "</a>/>"),
        ("let x: A<", "B", ">"),
        ("A<", "B", ">"),
        ("!", "1", ""),
        ("-", "1", ""),
        ("- -", "1", ""),
        ("typeof ", "1", ""),
        ("void ", "1", ""),
        ("await ", "1", ""),
        ("new ", "a", ""),
        ("x=", "1", ""),
        ("a?b:", "1", ""),
        ("a?", "1", ":b"),
        ("if(a)", "b", ""),
        ("if(a){}else ", "b", ""),
        ("for(;;)", "b", ""),
        ("while(a)", "b", ""),
        ("do ", "b", "; while(a)"),
        ("with(a)", "b", ""),
        ("l:", "b", ""),
        ("try{", "", "}catch{}"),
        ("switch(a){case 1:", "", "}"),
        ("function f(){", "", "}"),
        ("class A{m(){", "", "}}"),
        ("class A extends ", "B", "{}"),
        ("namespace A{", "", "}"),
        ("let {a:", "b", "}=c"),
        ("[a=", "b", "]"),
        ("2**", "1", ""),
        ("a??", "1", ""),
        ("yield ", "1", ""),
        ("function*g(){yield* ", "1", "}"),
        ("import(", "a", ")"),
        ("@(", "a", ") class A {}"),
        ("type A=", "B", ""),
        ("type A = keyof ", "B", ""),
        ("type A = B extends C ? D : ", "E", ""),
        ("type A = () => ", "B", ""),
        ("type A = [", "B", "]"),
        ("type A = {a:", "B", "}"),
        ("type A = (", "B", ")"),
    ] {
        shapes.push(nest(open, core, close, times));
        shapes.push(open.repeat(times));
        if let Some(inner) = open.strip_prefix("type A = ") {
            shapes.push(format!("type A = {}", nest(inner, core, close, times)));
        }
        if let Some(inner) = open.strip_prefix("let x: ") {
            shapes.push(format!("let x: {}", nest(inner, core, close, times)));
        }
    }
    for (first, link) in [
        ("a", ".b"),
        ("a", "?.b"),
        ("a", "[0]"),
        ("a", "()"),
        ("a", "!"),
        ("a", "`t`"),
        ("1", "+1"),
        ("1", "&&a"),
        ("1", ",a"),
        ("a", " as b"),
        ("a", "<b>"),
        ("let x: a", ".b"),
        ("let x: a", "[]"),
        ("let x: a", "|b"),
        ("let a", ",a"),
        ("namespace a", ".b"),
        ("", "/**/"),
        ("", "//\n"),
        ("", "'a';"),
        ("", ";"),
        ("", "a\n"),
        ("", "}"),
        ("", ")"),
        ("", "<"),
        ("", "/"),
        ("", "\\"),
        ("", "`"),
        ("", "#"),
        ("x = {", "a,"),
        ("f(", "a,"),
        ("import {", "a,"),
    ] {
        shapes.push(format!("{first}{}", link.repeat(times)));
    }
    shapes
}

#[test]
fn nested_and_chained_text_never_aborts() {
    on_a_large_stack(|| {
        for shape in shapes(100_000) {
            for path in ["a.ts", "a.js", "a.tsx"] {
                let _ = lower(path, &shape);
            }
        }
    });
}

#[test]
fn text_just_within_the_limits_never_aborts() {
    on_a_large_stack(|| {
        for shape in shapes(1_990).into_iter().chain(shapes(11_000)) {
            for path in ["a.ts", "a.js"] {
                let _ = lower(path, &shape);
            }
        }
    });
}

#[test]
fn ambiguous_nesting_takes_linear_time() {
    on_a_large_stack(|| {
        for (open, core, close) in
            [("(a=", "1", ")=>1"), ("a?(b=", "1", "):c"), ("(", "a", ")"), ("async(", "a", ")"), ("a<", "b", ">(c)")]
        {
            for path in ["a.ts", "a.js", "a.tsx"] {
                let _ = lower(path, &nest(open, core, close, 60));
            }
        }
    });
}

#[test]
fn one_long_line_is_read_whole() {
    on_a_large_stack(|| {
        let text = "function f(a,b){return a&&b(),a?b(1,\"x\"):{a,b:[1,2,`t${a}`]}}var x=f(1,2)||g;".repeat(20_000);
        let (module, gaps) = lower("a.js", &text);
        assert!(gaps.is_empty(), "{gaps:?}");
        assert_eq!(module.functions.len(), 20_001);
    });
}
