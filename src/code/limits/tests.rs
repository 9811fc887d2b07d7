//! Every shape that nests or chains: beyond the bound, and as often as real code has it.

use super::*;

fn check_case(language: Language, text: &str, passes: bool, label: &str) {
    let result = check(text, language);
    assert_eq!(result.is_ok(), passes, "{label}: {result:?}");
}

/// A shape repeated beyond every limit, and the same often enough for real code.
fn shape(language: Language, label: &str, before: &str, unit: &str, after: &str) {
    for (times, passes) in [(20_000, false), (900, true)] {
        let text = format!("{before}{}{after}", unit.repeat(times));
        check_case(language, &text, passes, label);
    }
}

#[test]
fn every_shape_is_bounded_in_python() {
    for (label, unit) in [
        ("parentheses", "("),
        ("brackets", "["),
        ("braces", "{"),
        ("not", "not "),
        ("members", "a."),
        ("sums", "1+"),
        ("calls", "f()("),
        ("call chain", "()"),
        ("lambda", "lambda: "),
        ("lambda with commas", "lambda a, b: "),
        ("conditional", "x if y else "),
        ("assignment", "a = "),
        ("await", "await "),
        ("elif", "elif x:\n    pass\n"),
        ("unary", "-"),
        ("format strings", "f'{"),
        ("power", "2**"),
        ("subscripts", "[0]"),
        ("f-string triple", "f\"\"\"{"),
    ] {
        shape(Language::Python, label, "x = y", unit, "");
    }
}

#[test]
fn indentation_is_nesting() {
    for (levels, passes) in [(2_100, false), (500, true)] {
        let text: String = (0..levels).map(|level| format!("{}if x:\n", " ".repeat(level))).collect();
        check_case(Language::Python, &text, passes, "ifs");
    }
}

#[test]
fn every_shape_is_bounded_in_typescript() {
    for (label, unit) in [
        ("parentheses", "("),
        ("brackets", "["),
        ("braces", "{"),
        ("templates", "`${"),
        ("members", "a."),
        ("sums", "1+"),
        ("conditional", "a?b:"),
        ("else if", "if(a)b;else "),
        ("else if with blocks", "if(a){b}else "),
        ("nested ifs on lines", "if (a)\n"),
        ("arrows", "a=>"),
        ("generic arrows", "<A,B>(x)=>"),
        ("elements", "<a>"),
        ("elements in holes", "<a>'{"),
        ("types", "A<"),
        ("types with commas", "A<b,"),
        ("not", "!"),
        ("typeof", "typeof "),
        ("await", "await "),
        ("new", "new "),
        ("calls", "()"),
        ("assignment", "x="),
        ("labels", "a:"),
        ("labels on lines", "a:\n"),
        ("minus", "- "),
        ("functions", "function f(){"),
        ("classes", "class A extends "),
        ("do", "do "),
        ("loops", "for(;;)"),
        ("while", "while(x)\n"),
        ("for await", "for await(x of y)\n"),
        ("hidden by a regular expression", "if(x)/'/;("),
        ("hidden by a division", "{}/(0/"),
        ("type conditions", "A extends B<C,D> ? E : "),
    ] {
        shape(Language::TypeScript, label, "x = ", unit, "</a>`'");
    }
}

#[test]
fn every_shape_is_bounded_in_rust_and_go() {
    for (label, unit) in [
        ("parentheses", "("),
        ("brackets", "["),
        ("blocks", "{"),
        ("references", "&"),
        ("pointers", "*"),
        ("not", "!"),
        ("sums", "1+"),
        ("members", "a."),
        ("calls", "()"),
        ("else if", "if a {} else "),
    ] {
        shape(Language::Rust, label, "fn f() { x = ", unit, "");
        shape(Language::Go, label, "func f() { x = ", unit, "");
    }
    for (label, unit) in [
        ("closures", "|a, b| "),
        ("types", "A<"),
        ("types with commas", "A<B, "),
        ("questions", "?"),
        ("paths", "a::"),
        ("sums of generics", "a::<B, C>() + "),
        ("returns", "return "),
    ] {
        shape(Language::Rust, label, "fn f() { x = ", unit, "");
    }
}

#[test]
fn flat_code_of_any_length_passes() {
    for (language, label, unit) in [
        (Language::Python, "statements", "x = f(1)[2].a if b else -c\n"),
        (Language::Python, "strings", "x = ('a'\n 'b')\nif x: pass\nelse: pass\n"),
        (Language::Python, "blocks", "def f(a, b=lambda x: y):\n    return f\"{a:>{b}} {x['k']!r:'^10}\"\n\n"),
        (Language::TypeScript, "no semicolons", "const a = b.c(d)\nfoo(a)\nexport function f(x) { return x }\n"),
        (Language::TypeScript, "minified", "if(a)b=/[\"(]/.test(c)?d:e,f=`${g}(`;else h(function(){return 1}),i=a<b;"),
        (Language::TypeScript, "cases", "case 1:case 2:f(x);break;"),
        (Language::TypeScript, "objects", "const a={b:1,c:{d:\"(\"}};"),
        (Language::TypeScript, "elements", "const a = <b c=\"d'\" e={f}>don't {g} <h/></b>;\n"),
        (Language::TypeScript, "functions", "function a(){return b}function c(){}class D{e(){}f(){}}"),
        (
            Language::Rust,
            "items",
            "#[a(b)]\nfn f<'a, T: X<Y>>(c: &'a [u8]) -> R { match c { 'x' => 1, _ => { 2 } } }\n",
        ),
        (Language::Rust, "texts", "const A: &str = r#\"((\"#; const B: char = '('; const C: u8 = b'\\'';\n"),
        (Language::Go, "items", "func f(a int) error {\n\tx := g(a).h()\n\treturn x\n}\n"),
        (Language::Go, "texts", "var a = `((`\nvar b = '('\nvar c = \"(\"\n"),
    ] {
        check_case(language, &unit.repeat(30_000), true, label);
    }
}

#[test]
fn long_lists_and_generated_chains_pass() {
    let table: String = (0..200_000).map(|n| format!("[{n},{n}<<3],")).collect();
    check_case(Language::TypeScript, &format!("x=[{table}]"), true, "table");
    check_case(Language::Rust, &format!("const X: T = [{table}];"), true, "table");
    check_case(Language::Python, &format!("x=[{table}]"), true, "table");
    check_case(Language::Python, &format!("x = {}''", "'a' + ".repeat(5_000)), true, "5,000 terms");
    let branches = "if (a === 1) { b(); } else ".repeat(3_000);
    check_case(Language::TypeScript, &format!("{branches}{{}}"), true, "3,000 branches");
}

#[test]
fn any_prefix_of_odd_text_is_read_without_panic() {
    let odd = "f'{x:{y}' \"\"\" r#\"' `${<a b='{ /[(/ '\\é` <!-- --> \\N{ }]) 'a' '\\'' \u{feff} </";
    for (end, _) in odd.char_indices() {
        for language in [Language::Python, Language::TypeScript, Language::Go, Language::Rust] {
            let _ = check(&odd[..end], language);
            let _ = check(&odd[end..], language);
        }
    }
}
