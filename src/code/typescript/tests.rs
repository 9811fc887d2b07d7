//! Source on one side, the lowered code as text on the other.

use crate::code::dump::dump;
use crate::code::{Module, StatementKind, parse};
use crate::gap::{Gap, GapKind};
use crate::source::Sources;

mod hostile;
mod modules;

fn lower(path: &str, text: &str) -> (Module, Vec<Gap>) {
    let mut sources = Sources::default();
    let id = sources.add_text(path, text);
    parse(id, path, text).expect("the extension is ours")
}

/// Compares line by line, without indentation, so that cases can be written inline.
#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        check_as("a.ts", text, expected);
    }
}

#[track_caller]
fn check_as(path: &str, text: &str, expected: &str) {
    let (module, gaps) = lower(path, text);
    assert!(gaps.is_empty(), "{text}\n{gaps:#?}");
    let lines = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    assert_eq!(lines(&dump(&module)), lines(expected), "{text}");
}

#[test]
fn literals_are_the_constants_they_denote() {
    check(&[
        (
            "x = [1, 1.5, 10n, 'a\\u0062', `c`, true, null, undefined]",
            "x = [1, 1.5, 10, \"ab\", \"c\", true, null, null]",
        ),
        ("x = [!0, !1, void 0, -1, -1.5]", "x = [true, false, null, -1, -1.5]"),
        ("x = [/a\\/b/gi, , 9007199254740993]", "x = [/a\\/b/, null, 9007199254740992]"),
        ("x = `a${b}c`", "x = template(\"a\", b, \"c\")"),
        ("x = sql<Row>`a ${b}`", "x = sql<Row>`\"a \", b`"),
    ]);
}

#[test]
fn assertions_chains_and_parentheses_stand_for_their_operand() {
    check(&[
        ("x = (a as B)!.c?.d?.(e)['f'][g] satisfies H", "x = a.c.d(e).f[g]"),
        ("x = <T>y", "x = y"),
        ("(0, m.run)(a)", "m.run(a)"),
        ("(0, m.run)?.(a)", "m.run(a)"),
        ("x = (a(), b)", "x = sequence(a(), b)"),
        ("f<A>(b); new M<string, T[]>()", "f<A>(b)\nnew M<string, Array<T>>()"),
        ("x = import.meta.url", "x = import.meta.url"),
        ("x = process.env['KEY']", "x = process.env.KEY"),
        ("x = [...a, ...b]; f(...c)", "x = [...a, ...b]\nf(...c)"),
    ]);
}

#[test]
fn operators_are_neutral() {
    check(&[
        ("x = a === b && c != d || e", "x = (((a == b) and (c != d)) or e)"),
        ("x = a ?? b", "x = (a ?? b)"),
        ("x = 'k' in o && o instanceof P", "x = ((\"k\" in o) and (o instanceof P))"),
        ("x = typeof a === 'string'", "x = ((unary a) == \"string\")"),
        ("a ||= 1; b &&= 2; c ??= 3; d += 4; e++", "a or= 1\nb and= 2\nc ??= 3\nd += 4\ne += 1"),
        ("x = a ? b : c", "x = (a ? b : c)"),
    ]);
}

#[test]
fn definitions_take_the_name_of_what_they_are_assigned_to() {
    check(&[
        ("const f = () => 1", "let f = fn f() { return 1 }"),
        ("const f = function g() {}", "let f = fn g() { }"),
        ("o.run = async x => x", "o.run = async fn run(x) { return x }"),
        (
            "x = { a: () => 1, b() {}, get c() { return 2 } }",
            "x = {\"a\": fn a() { return 1 }, \"b\": fn b() { }, \"c\": get fn c() { return 2 }}",
        ),
        ("const C = class {}", "let C = class C { }"),
        ("function f({ cb = () => 1 }) {}", "def f({cb: cb = fn cb() { return 1 }}) {\n}"),
        ("f(() => 1)", "f(fn() { return 1 })"),
    ]);
}

#[test]
fn patterns_say_what_goes_where() {
    check(&[
        ("const { a, b: { c }, d = 1, ...rest } = o", "let {a: a, b: {c: c}, d: d = 1, ...rest} = o"),
        ("[a, , o.b, ...c] = d", "[a, _, o.b, *c] = d"),
        ("const [a, b = 1] = c", "let {0: a, 1: b = 1} = c"),
        ("({ x, y: this.z = 2 } = o)", "{x: x, y: this.z = 2} = o"),
        ("a = b = c", "a = b = c"),
        (
            "function f(this: T, { a, b }: P, c?: string, d = 1, ...e: E[]): R {}",
            "def f({a: a, b: b}: P, c: string, d = 1, *e: Array<E>) -> R {\n}",
        ),
        ("let a: A, b = 1", "let a: A\nlet b = 1"),
    ]);
}

#[test]
fn sequences_and_conditions_in_statement_position_are_statements() {
    check(&[
        ("a(), b()", "a()\nb()"),
        ("a && (b = c)", "if a {\nb = c\n}"),
        ("a || b()", "if (not a) {\nb()\n}"),
        ("a ? b() : (c(), d())", "if a {\nb()\n}\nelse {\nc()\nd()\n}"),
        ("const f = () => (a(), b)", "let f = fn f() { a(); return b }"),
        ("function f() { return a(), b ? c : d }", "def f() {\na()\nreturn (b ? c : d)\n}"),
        ("if (a(), b) c()", "a()\nif b {\nc()\n}"),
        ("throw a(), b", "a()\nraise b"),
        ("void a()", "a()"),
        ("delete a.b", "delete a.b"),
        ("0 && (module.exports = { a })", ""),
    ]);
}

#[test]
fn loops_keep_initialisers_before_and_updates_at_the_end() {
    check(&[
        ("for (let i = 0; i < n; i++) f(i)", "let i = 0\nwhile (i < n) {\nf(i)\ni += 1\n}"),
        ("for (;;) break", "loop {\nbreak\n}"),
        ("for (const k in o) f(k)", "for k in Object.keys(o) {\nf(k)\n}"),
        ("async function g() { for await (const [a, b] of c) f(a) }", "async def g() {\nfor [a, b] in c {\nf(a)\n}\n}"),
        ("do { f() } while (a)", "while a {\nf()\n}"),
        ("out: for (const a of b) continue out", "for a in b {\ncontinue\n}"),
        ("out: { if (a) break out; b() }", "loop {\nif a {\nbreak\n}\nb()\nbreak\n}"),
    ]);
}

#[test]
fn cases_fall_through_only_where_nothing_stops_them() {
    let text = "switch (a) { case 'x': case 'y': f(); break; case 'z': { return } default: g(); case 1: h() }";
    let expected = r#"match a {
        case "x" | "y" {
        f()
        }
        case "z" {
        return
        }
        case _ falls through {
        g()
        }
        case 1 {
        h()
        }
        }"#;
    check_as("a.js", text, expected);
}

#[test]
fn handlers_and_cleanup_stay_where_they_are() {
    check(&[(
        "try { a() } catch ({ message }) { b(message) } finally { c() }",
        "try {\na()\n}\nexcept as {message: message} {\nb(message)\n}\nfinally {\nc()\n}",
    )]);
}

#[test]
fn members_of_classes_keep_their_kind() {
    let text = r#"
        /** Finds things. */
        @Injectable()
        export abstract class Finder<T> extends Base<T> implements Tool {
            static readonly limit: number = 3;
            #secret = 1;
            handler = async (a: string) => this.run(a);
            constructor(private db: Db, @Inject("n") plain: string) { super() }
            async run(a: string): Promise<void>;
            /** Runs. */
            @Tool({ name: "find" })
            async run(a: any) { return this.#secret }
            get size() { return 1 }
            static make() { return new Finder() }
            static { Finder.limit = 4 }
            abstract later(): void;
        }"#;
    let expected = r#"export Finder = Finder
        @Injectable()
        class Finder(Base<T>, Tool) {
        doc "Finds things."
        static limit: number = 3
        field #secret = 1
        field handler = async fn handler(a: string) { return this.run(a) }
        field db: Db
        def constructor(db: Db, @Inject("n") plain: string) {
        this.db = db
        super()
        }
        @Tool({"name": "find"})
        async def run(a: any) {
        doc "Runs."
        return this.#secret
        }
        get def size() {
        return 1
        }
        static def make() {
        return new Finder()
        }
        declare def later() -> void
        body {
        Finder.limit = 4
        }
        }"#;
    check_as("a.ts", text, expected);
}

#[test]
fn functions_that_were_asynchronous_before_compilation_are_again() {
    check(&[
        (
            "function f(a) { return __awaiter(this, void 0, void 0, function* () { const b = yield g(a); return b }) }",
            "async def f(a) {\nlet b = await g(a)\nreturn b\n}",
        ),
        (
            "f = () => tslib_1.__awaiter(void 0, void 0, void 0, function* () { yield g() })",
            "f = async fn f() { await g() }",
        ),
        (
            "f = (_0, _1) => __async(this, [_0, _1], function* ({ a }, b = 1) { return yield g(a, b) })",
            "f = async fn f({a: a}, b = 1) { return await g(a, b) }",
        ),
        ("function* f() { yield g() }", "def f() {\nyield g()\n}"),
    ]);
}

#[test]
fn types_are_classes_without_code() {
    check(&[
        (
            "var E; (function (E) { E[\"A\"] = \"a\"; E[E[\"B\"] = 1] = \"B\"; })(E || (E = {}));",
            "let E\nenum E {\nstatic A = \"a\"\nstatic B = 1\n}",
        ),
        ("var E = ((e) => (e.A = 'a', e))(E || {})", "enum E {\nstatic A = \"a\"\n}"),
        ("enum L { A, B = 5, C, D = 'd' }", "enum L {\nstatic A = 0\nstatic B = 5\nstatic C = 6\nstatic D = \"d\"\n}"),
        (
            "interface I extends J { a?: string; m(x: number): void }",
            "interface I(J) {\nfield a: string\ndeclare def m(x: number) -> void\n}",
        ),
        ("type U = 'a' | z.infer<typeof s>", "alias U((\"a\" | z.infer<(unary s)>)) {\n}"),
        ("declare function f(a: string): number", "declare def f(a: string) -> number"),
        ("declare module 'x' { export const a: 1 }", ""),
        (
            "namespace N { export const k = 1; export function f() { return k } }",
            "class N {\nstatic k = 1\nstatic def f() {\nreturn k\n}\nbody {\nlet k = 1\nstatic def f() {\nreturn k\n}\n}\n}",
        ),
    ]);
}

#[test]
fn comments_before_a_definition_document_it() {
    check(&[
        ("// unrelated\n\n// Adds.\n// Twice.\nfunction f() {}", "def f() {\ndoc \"Adds.\\nTwice.\"\n}"),
        ("/** Does it.\n *  @param a x */\nexport const f = (a) => a", "export f = f\nlet f = fn f(a) { return a }"),
        ("/* @__PURE__ */ f(() => 1)", "f(fn() { return 1 })"),
    ]);
    for text in [
        "// Not of the closure.\nf(() => 1)",
        "// Nor here.\nexport default f(() => 1)",
        "// Nor.\nconst a = f(() => 1)",
    ] {
        let (module, _) = lower("a.ts", text);
        assert_eq!(module.functions[1].documentation, None, "{text}");
    }
    let (module, _) = lower("a.ts", "// Does it.\nexports.f = () => 1");
    assert!(module.functions[1].documentation.is_some());
    let (module, _) = lower("a.ts", "/** Does it.\n *  @param a x */\nexport const f = (a) => a");
    let documentation = module.functions[1].documentation.as_ref().expect("documented");
    assert_eq!(documentation.text, "Does it.\n @param a x");
}

#[test]
fn jsx_keeps_what_runs_in_it() {
    check_as(
        "a.jsx",
        "x = <A b={f()} {...c} d='e'>t{g()}<></></A>",
        "x = unknown(A, f(), c, \"e\", \"t\", g(), unknown())",
    );
    check_as("a.js", "x = <div>{f()}</div>", "x = unknown(f())");
}

#[test]
fn every_dialect_is_read_by_its_extension() {
    check_as("a.js", "#!/usr/bin/env node\nwith (a) b()", "with a {\nb()\n}");
    check_as("a.js", "await f()", "await f()");
    check_as("a.cjs", "return 1", "return 1");
    check_as("a.mts", "const a = <T,>(b: T) => b", "let a = fn a(b: T) { return b }");
    check_as("a.tsx", "const a = (b: T) => <p/>", "let a = fn a(b: T) { return unknown() }");
    check_as("a.d.ts", "export declare const a: string;", "export a = a\nlet a: string");
    check_as("a.js", "\u{feff}const a = 1", "let a = 1");
}

#[test]
fn spans_count_bytes_of_the_whole_text() {
    let text = "\u{feff}const a = 'é';\nb(c)";
    let (module, _) = lower("a.js", text);
    let spans: Vec<&str> = module.values.iter().map(|value| &text[value.span.range()]).collect();
    assert_eq!(spans, ["'é'", "b", "c", "b(c)"]);
}

#[test]
fn the_update_of_a_loop_stands_after_its_body() {
    let (module, _) = lower("a.js", "for (let i = 0; i < n; i++) { const a = i; f(a) }");
    let [_, turns] = module.functions[0].body.statements.as_slice() else { panic!("an initialiser and a loop") };
    let StatementKind::Loop { body, .. } = &turns.kind else { panic!("a loop") };
    assert!(body.statements.is_sorted_by_key(|statement| statement.span.start), "{body:?}");
}

#[test]
fn a_broken_file_is_a_gap_at_the_error() {
    for (text, at) in [("const a = ;\nb()", 10), ("function f( {", 13), ("a = 'x", 4)] {
        let (_, gaps) = lower("a.ts", text);
        let [gap, ..] = gaps.as_slice() else { panic!("no gap for {text}") };
        assert_eq!((gap.kind, gap.blocks), (GapKind::Unparsed, true), "{text}");
        assert_eq!(gap.span.expect("it has a place").start, at, "{text}");
    }
}

#[test]
fn an_error_that_costs_nothing_is_only_reported() {
    let (module, gaps) = lower("a.ts", "const a = 1; const a = f(); class B { constructor() {} constructor() {} }");
    assert!(gaps.iter().all(|gap| !gap.blocks), "{gaps:?}");
    assert!(dump(&module).contains("let a = f()"));
}
