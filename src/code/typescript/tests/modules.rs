//! Imports and exports, as people and as compilers write them.

use super::{check, check_as};

#[test]
fn imports_of_every_form_bind_their_names() {
    check(&[
        (
            "import a, { b as c, type D } from 'm'",
            "import \"m\" name default as a\nimport \"m\" name b as c\nimport type \"m\" name D as D",
        ),
        ("import * as a from 'm'; import 'n'", "import \"m\" as a\nimport \"n\""),
        ("import type { A } from 'm'", "import type \"m\" name A as A"),
        ("import a = require('m'); import b = a.c", "import \"m\" as a\nlet b = a.c"),
        ("const a = await import('m')", "import \"m\" as a\nawait import(\"m\")"),
        ("const { b } = await import('m')", "import \"m\" name b as b\nawait import(\"m\")"),
        ("const a = (await import('m')).default", "import \"m\" name default as a\nawait import(\"m\").default"),
    ]);
}

#[test]
fn requires_are_imports() {
    check(&[
        (
            "const a = require('m'), { b, c: d } = require('n')",
            "import \"m\" as a\nimport \"n\" name b as b\nimport \"n\" name c as d\nrequire(\"m\")\nrequire(\"n\")",
        ),
        ("const a = require('fs').promises", "import \"fs\" name promises as a\nrequire(\"fs\").promises"),
        (
            "let a; try { a = require('m') } catch {}",
            "import \"m\" as a\nlet a\ntry {\na = require(\"m\")\n}\nexcept {\n}",
        ),
        ("function f() { const a = require('m') }", "import \"m\" as a in fn#1\ndef f() {\nrequire(\"m\")\n}"),
    ]);
}

#[test]
fn a_call_of_a_required_function_is_no_import() {
    check(&[
        ("const a = require('m')('n')", "let a = require(\"m\")(\"n\")"),
        ("const a = connect(require('./m'))", "let a = connect(require(\"./m\"))"),
        ("const a = require(name)", "let a = require(name)"),
        ("const { a: { b } } = require('m')", "let {a: {b: b}} = require(\"m\")"),
        ("const a = import('m')", "let a = import(\"m\")"),
    ]);
}

#[test]
fn helpers_of_compilers_are_looked_through() {
    check(&[
        ("const a = __importStar(require('m'))", "import \"m\" as a\n__importStar(require(\"m\"))"),
        (
            "const a = tslib_1.__importDefault(require('m'))",
            "import \"m\" as a\ntslib_1.__importDefault(require(\"m\"))",
        ),
        ("var a = __toESM(require('m'), 1)", "import \"m\" as a\n__toESM(require(\"m\"), 1)"),
        ("var a = _interopRequireDefault(require('m'))", "import \"m\" as a\n_interopRequireDefault(require(\"m\"))"),
    ]);
}

#[test]
fn helpers_that_a_bundler_renamed_are_known_by_what_they_do() {
    let text = r#"
        var P = (e => typeof require < "u" ? require : e)(function (e) { throw Error('Dynamic require of "' + e + '" is not supported') });
        var E = (e, t, r) => (r = {}, t || !e || !e.__esModule ? d(r, "default", { value: e, enumerable: !0 }) : r);
        var a = E(P("m"), 1), b = P("n").c;
        P("o").run();
        function f(P) { P("p") }"#;
    let (module, _) = super::lower("a.js", text);
    let shown = crate::code::dump::dump(&module);
    for line in ["import \"m\" as a", "import \"n\" name c as b", "require(\"o\").run()", "  P(\"p\")"] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in {shown}");
    }
}

#[test]
fn created_requires_are_requires() {
    check(&[(
        "import { createRequire } from 'module'; const r = createRequire(import.meta.url); const a = r('m')",
        "import \"module\" name createRequire as createRequire\nimport \"m\" as a\nlet r = createRequire(import.meta.url)\nrequire(\"m\")",
    )]);
}

#[test]
fn exports_of_every_form_are_listed() {
    check(&[
        (
            "export const a = 1, { b, c: [d] } = e",
            "export a = a\nexport b = b\nexport d = d\nlet a = 1\nlet {b: b, c: [d]} = e",
        ),
        ("export { a as b, c as default }", "export b = a\nexport default = c"),
        (
            "export { a as b } from 'm'; export * from 'n'; export * as o from 'p'",
            "export b = a from \"m\"\nexport * = * from \"n\"\nexport o = * from \"p\"",
        ),
        ("export default function f() {}", "export default = f\ndef f() {\n}"),
        ("export default () => 1", "export default = fn() { return 1 }\nfn() { return 1 }"),
        ("export default a", "export default = a\na"),
        ("export = a", "export  = a"),
        ("export enum A {} export type B = C", "export A = A\nexport B = B\nenum A {\n}\nalias B(C) {\n}"),
    ]);
}

#[test]
fn exports_of_common_js_are_listed() {
    let cases = [
        (
            "exports.a = exports.b = void 0; exports.a = b; exports.c = () => 1",
            "export a = b\nexport c = fn c() { return 1 }\nexports.a = exports.b = null\nexports.a = b\nexports.c = fn c() { return 1 }",
        ),
        (
            "module.exports = { a, b: 1, ...require('./c') }",
            "export  = {\"a\": a, \"b\": 1, ...require(\"./c\")}\nexport a = a\nexport b = 1\nexport * = * from \"./c\"\nmodule.exports = {\"a\": a, \"b\": 1, ...require(\"./c\")}",
        ),
        ("module.exports.a = b", "export a = b\nmodule.exports.a = b"),
        (
            "Object.defineProperty(exports, 'a', { enumerable: true, get: function () { return b.a } })",
            "export a = b.a\nObject.defineProperty(exports, \"a\", {\"enumerable\": true, \"get\": fn get() { return b.a }})",
        ),
        ("__exportStar(require('./a'), exports)", "export * = * from \"./a\"\n__exportStar(require(\"./a\"), exports)"),
        ("function f(exports) { exports.a = 1 }", "def f(exports) {\nexports.a = 1\n}"),
    ];
    for (text, expected) in cases {
        check_as("a.cjs", text, expected);
    }
}

#[test]
fn namespaces_that_bundlers_make_are_objects() {
    let text = "__export(ns, { a: () => b }); module.exports = __toCommonJS(ns)";
    let expected = "export  = __toCommonJS(ns)\nexport a = b\nns = {\"a\": b}\nmodule.exports = __toCommonJS(ns)";
    check_as("a.js", text, expected);
}

#[test]
fn decorators_that_compilers_made_calls_of_are_decorators() {
    let text = r#"
        let A = class A { run() {} };
        __decorate([Tool({ name: "x" })], A.prototype, "run", null);
        A = __decorate([Injectable()], A);"#;
    let (module, _) = super::lower("a.js", text);
    let class = &module.classes[0];
    assert_eq!((class.decorators.len(), module.function(class.methods[0]).decorators.len()), (1, 1));
}
