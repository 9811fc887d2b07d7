//! Python as neutral code: source on the left, what it is lowered to on the right.

use crate::code::dump::dump;
use crate::code::python::parse;
use crate::code::{FunctionKind, Language, Module, ValueKind};
use crate::gap::{Gap, GapKind};
use crate::source::{Sources, Span};

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

#[test]
fn templates_are_text_with_holes() {
    check(&[
        ("f'a{x}b'", r#"template("a", x, "b")"#),
        ("f'plain'", r#""plain""#),
        ("f''", r#""""#),
        ("'a' f'{x}' 'b' f'c{y}'", r#"template("a", x, "bc", y)"#),
        ("f'{{{x}}}'", r#"template("{", x, "}")"#),
        ("f'{x!s}{y!r}'", "template(x, unknown(y))"),
        ("f'{x:>{w}.2f}'", r#"template(unknown(x, ">", w, ".2f"))"#),
        ("f'{x=}'", r#"template("x=", x)"#),
        ("f'{f\"{x}\"}'", "template(template(x))"),
        ("f'{d[\"k\"]}'", r#"template(d["k"])"#),
        ("t'a{x}'", r#"unknown("a", x)"#),
    ]);
}

#[test]
fn calls_keep_the_order_and_form_of_arguments() {
    check(&[
        ("f(a, *b, c=1, **d)", "f(a, ...b, c: 1, **: ...d)"),
        ("f(k=1, *a)", "f(k: 1, ...a)"),
        ("a.b(c).d[0]", "a.b(c).d[0]"),
        ("x[1:], x[:n:2], x[a, b]", "(x[(1, null)], x[(null, n, 2)], x[(a, b)])"),
        ("super().run(x)", "super.run(x)"),
        ("super(C, self).run(x)", "super.run(x)"),
        ("__import__('os')", r#"__import__("os")"#),
        ("sum(x for x in y)", "sum([x for x in y])"),
        ("print(await f(), end='')", r#"print(await f(), end: "")"#),
    ]);
}

#[test]
fn comprehensions_and_closures_are_values() {
    check(&[
        ("[x for x in y if p if q]", "[x for x in y if p if q]"),
        ("{k: v for k, v in d.items()}", "[k: v for [k, v] in d.items()]"),
        ("{x for a in b for x in a}", "[x for a in b for x in a]"),
        ("async def f(): return [x async for x in y]", "async def f() {\n  return [x for x in await y]\n}"),
        ("lambda: 1", "fn() { return 1 }"),
        ("f = lambda a, *b, c=1, **d: a + c", "f = fn(a, *b, named c = 1, **d) { return (a + c) }"),
    ]);
}

#[test]
fn assignments_say_where_values_go() {
    check(&[
        ("a = b = 1", "a = b = 1"),
        ("a.b, c[0] = x", "[a.b, c[0]] = x"),
        ("a, *b, (c, d) = x", "[a, *b, [c, d]] = x"),
        ("[a, b] = x", "[a, b] = x"),
        ("a += 1", "a += 1"),
        ("a.b |= c", "a.b |= c"),
        ("a: int", "a: int"),
        ("a: int = 1", "a: int = 1"),
        ("self.x: str = y", "self.x: str = y"),
        ("del a, b[0]", "delete a\ndelete b[0]"),
        ("x = yield", "x = yield"),
        ("type Id = int | str", "alias Id((int | str)) {\n}"),
    ]);
}

#[test]
fn annotations_are_types_even_in_quotes() {
    check(&[
        ("x: list[int]", "x: list<int>"),
        ("x: 'list[\"int\"]'", "x: list<int>"),
        ("x: Optional['Foo']", "x: Optional<Foo>"),
        ("x: 'a.B | None'", "x: (a.B | null)"),
        ("x: Literal['a', 'b']", r#"x: Literal<"a", "b">"#),
        ("x: Annotated[str, Field(description='d')]", r#"x: Annotated<str, Field(description: "d")>"#),
        ("x: Annotated['Foo', 'note']", r#"x: Annotated<Foo, "note">"#),
        ("x: Callable[[int, 'A'], None]", "x: Callable<[int, A], null>"),
        ("x: 'not a type!'", r#"x: "not a type!""#),
        ("x: Base['T']", "x: Base<T>"),
        ("Names = list['Name']", "Names = list<Name>"),
        ("y = Base['T']", r#"y = Base["T"]"#),
        ("list['a'] = 1", r#"list["a"] = 1"#),
        ("def f(a: 'A') -> 'B': ...", "declare def f(a: A) -> B"),
    ]);
}

#[test]
fn branches_and_loops_stay_structured() {
    check(&[
        (
            "if a:\n  f()\nelif b:\n  pass\nelse:\n  g()",
            "if a {\n  f()\n}\nelse {\n  if b {\n  }\n  else {\n    g()\n  }\n}",
        ),
        ("for x in y:\n  break\nelse:\n  f()", "for x in y {\n  break\n}\nelse {\n  f()\n}"),
        ("while x:\n  continue", "while x {\n  continue\n}"),
        ("while True:\n  f()", "loop {\n  f()\n}"),
        ("async def f():\n  async for a, b in c: pass", "async def f() {\n  for [a, b] in await c {\n  }\n}"),
        (
            "async def f():\n  async with a() as b, c: d()",
            "async def f() {\n  with await a() as b, await c {\n    d()\n  }\n}",
        ),
        ("with (open(p) as f, g): pass", "with open(p) as f, g {\n}"),
        ("assert x, 'message'", "assert x"),
        ("assert x, f(y)", "if (not x) {\n  f(y)\n}\nassert x"),
        ("raise A('x') from e", r#"raise A("x")"#),
        ("raise A from f()", "f()\nraise A"),
        ("def f():\n  raise\n  return", "def f() {\n  raise\n  return\n}"),
    ]);
}

#[test]
fn handlers_catch_types_and_bind() {
    check(&[
        (
            "try:\n  f()\nexcept A as e:\n  g(e)\nexcept (B, C):\n  pass\nexcept:\n  raise\nelse:\n  h()\nfinally:\n  i()",
            "try {\n  f()\n}\nexcept A as e {\n  g(e)\n}\nexcept B, C {\n}\nexcept {\n  raise\n}\nelse {\n  h()\n}\nfinally {\n  i()\n}",
        ),
        ("try: f()\nexcept* A: pass", "try {\n  f()\n}\nexcept A {\n}"),
    ]);
}

#[test]
fn match_arms_compare_and_bind() {
    let arm = |pattern: &str| format!("match x:\n  case {pattern}: f()");
    let shown = |pattern: &str| format!("match x {{\n  case {pattern} {{\n    f()\n  }}\n}}");
    let cases = [
        ("'a' | T.B", r#""a" | T.B"#),
        ("None", "null"),
        ("-1", "-1"),
        ("_", "_"),
        ("y", "any y"),
        ("y if y > 1", "any y if (y > 1)"),
        ("C(a, k=b)", "C(a, {k: b})"),
        ("str()", "str()"),
        ("[a, *_, [b]]", "([a, *_, [b]])"),
        ("{'k': v, **rest}", "({k: v, ...rest})"),
        ("(1 | 2) as y", "1 | 2"),
    ];
    for (pattern, expected) in cases {
        let expected = shown(expected);
        // The name for what was compared is bound first thing in the arm.
        let expected =
            if pattern.ends_with("as y") { expected.replace("    f()", "    y = x\n    f()") } else { expected };
        check(&[(&arm(pattern), &expected)]);
    }
}

#[test]
fn functions_know_their_parameters_and_decorators() {
    check(&[
        (
            "@d(1)\n@e\nasync def f(a, /, b: int = 1, *args: str, c, d=2, **kw) -> None:\n  \"\"\"Doc.\n\n     More.\n  \"\"\"\n  return a",
            "@d(1)\n@e\nasync def f(positional a, b: int = 1, *args: str, named c, named d = 2, **kw) -> null {\n  doc \"Doc.\\n\\nMore.\"\n  return a\n}",
        ),
        ("def f(): ...", "declare def f()"),
        ("def f(): pass", "def f() {\n}"),
        ("@overload\ndef f(a): return", "@overload\ndeclare def f(a) {\n  return\n}"),
        ("def f():\n  'only doc'", "def f() {\n  doc \"only doc\"\n}"),
        ("def f[T: int](x: T) -> T: return x", "def f(x: T) -> T {\n  return x\n}"),
        (
            "def f():\n  x = 1\n  def g():\n    nonlocal x\n    global y, z\n    x = y",
            "def f() {\n  x = 1\n  def g() {\n    nonlocal x\n    global y\n    global z\n    x = y\n  }\n}",
        ),
    ]);
}

#[test]
fn class_members_are_fields_and_methods() {
    check(&[
        (
            "@dataclass\nclass C(A, B[int], metaclass=M):\n  'Doc.'\n  x: int = 1\n  'About x.'\n  y = z = f()\n  a, b = 1, 2\n  def m(self, q): return q\n  @staticmethod\n  def s(q): pass\n  @classmethod\n  def c(cls): pass\n  @property\n  def p(self): pass\n  @p.setter\n  def p(self, v): pass",
            "@dataclass\nclass C(A, B<int>, metaclass: M) {\n  doc \"Doc.\"\n  doc \"About x.\"\n  static x: int = 1\n  static y = f()\n  static z = f()\n  static a = 1\n  static b = 2\n  def m(receiver self, q) {\n    return q\n  }\n  @staticmethod\n  static def s(q) {\n  }\n  @classmethod\n  static def c(receiver cls) {\n  }\n  @property\n  get def p(receiver self) {\n  }\n  @p.setter\n  def p(receiver self, v) {\n  }\n}",
        ),
        ("class T(str, Enum):\n  A = 'a'", "enum T(str, Enum) {\n  static A = \"a\"\n}"),
        (
            "class P(Protocol):\n  @abstractmethod\n  def f(self):\n    raise NotImplementedError",
            "interface P(Protocol) {\n  @abstractmethod\n  declare def f(receiver self) {\n    raise NotImplementedError\n  }\n}",
        ),
        (
            "class C:\n  register(C)\n  if X:\n    def m(self): pass\n  x.y = 1",
            "class C {\n  def m(receiver self) {\n  }\n  body {\n    register(C)\n    if X {\n      def m(receiver self) {\n      }\n    }\n    x.y = 1\n  }\n}",
        ),
        ("class C: ...", "class C {\n}"),
    ]);
}

#[test]
fn imports_bind_what_python_binds() {
    check(&[
        ("import a", r#"import "a" as a"#),
        ("import a.b.c", "import \"a\" as a\nimport \"a.b.c\""),
        ("import a.b as c, d", "import \"a.b\" as c\nimport \"d\" as d"),
        ("from a.b import c as d, e", "import \"a.b\" name c as d\nimport \"a.b\" name e as e"),
        ("from .. import x", r#"import ".." name x as x"#),
        ("from .a import *", r#"import ".a" all"#),
        (
            "if TYPE_CHECKING:\n  from a import b\nelse:\n  import c",
            "import type \"a\" name b as b\nimport \"c\" as c\nif TYPE_CHECKING {\n}",
        ),
        ("def f():\n  import a", "import \"a\" as a in fn#1\ndef f() {\n}"),
        (
            "__all__ = ['a', 'b'] + ['c']\n__all__ += ('d',)\n__all__.extend(['e'])",
            "export a = a\nexport b = b\nexport c = c\nexport d = d\nexport e = e\n__all__ = ([\"a\", \"b\"] + [\"c\"])\n__all__ += (\"d\")\n__all__.extend([\"e\"])",
        ),
    ]);
}

#[test]
fn module_documentation_is_no_statement() {
    check(&[("'''Doc.\n\n  More.\n'''\nx = 1", "doc \"Doc.\\n\\nMore.\"\nx = 1"), ("\u{feff}x = 1", "x = 1")]);
}

#[test]
fn scopes_point_at_the_function_and_class_around_them() {
    let text =
        "def f():\n  class C:\n    def m(self):\n      return lambda: self\n    class D:\n      def n(self): pass\n";
    let (module, _) = lowered(text);
    let find = |name: &str| module.functions.iter().position(|f| f.name.as_deref() == Some(name)).unwrap();
    let function = |name: &str| &module.functions[find(name)];
    let class = |name: &str| module.classes.iter().position(|class| class.name == name).unwrap();
    assert_eq!(function("m").parent.unwrap().index(), find("f"));
    assert_eq!(function("m").class.unwrap().index(), class("C"));
    assert_eq!(module.classes[class("C")].scope.index(), find("f"));
    let closure = module.functions.iter().find(|f| f.kind == FunctionKind::Closure).unwrap();
    assert_eq!((closure.parent.unwrap().index(), closure.class), (find("m"), None));
    assert_eq!(function("n").class.unwrap().index(), class("D"));
    assert_eq!(module.functions[0].parent, None);
}

/// Texts of the spans of what `pick` takes from the lowered module.
fn texts(text: &str, pick: impl Fn(&Module) -> Vec<Span>) -> Vec<String> {
    let (module, _) = lowered(text);
    pick(&module).into_iter().map(|span| text[span.range()].to_string()).collect()
}

#[test]
fn spans_cover_what_they_name() {
    let names = |module: &Module| {
        let names = module.values.iter().filter(|value| matches!(value.kind, ValueKind::Name(_)));
        names.map(|value| value.span).collect()
    };
    assert_eq!(texts("é = a.b(c)", names), ["a", "c"]);
    assert_eq!(texts("x: 'list[Foo]'", names), ["list", "Foo"], "inside quotes");
    assert_eq!(texts("x: '''\n list['Foo']'''", names), ["list", "Foo"], "in quotes in quotes");
    assert_eq!(texts("x: 'li' 'st'", names), ["'li' 'st'"], "joined text stands as a whole");
    assert_eq!(texts("x: 'a\\x62'", names), ["'a\\x62'"], "escaped text stands as a whole");
    assert_eq!(
        texts("@d\ndef f(): pass", |m| vec![m.functions[1].span, m.functions[1].name_span]),
        ["@d\ndef f(): pass", "f"]
    );
    assert_eq!(
        texts("@d\nclass C: x = 1", |m| vec![m.classes[0].span, m.classes[0].fields[0].span]),
        ["@d\nclass C: x = 1", "x = 1"]
    );
    assert_eq!(texts("from a import (b,\n  c as d)", |m| m.imports.iter().map(|i| i.span).collect()), ["b", "c as d"]);
    assert_eq!(texts("x = 1  # one\n# two", |m| m.comments.clone()), ["# one", "# two"]);
    assert_eq!(texts("x: 'a # b'  # c", |m| m.comments.clone()), ["# c"]);
}

fn reasons(text: &str) -> Vec<String> {
    lowered(text).1.into_iter().map(|gap| gap.reason).collect()
}

#[test]
fn what_is_broken_is_a_gap_and_the_rest_is_kept() {
    let (module, gaps) = lowered("x = 1\ny = = 2\ndef f():\n  return 3\n");
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0].kind, GapKind::Unparsed);
    assert_eq!(gaps[0].span.unwrap().range(), 10..11);
    let text = dump(&module);
    assert!(text.contains("x = 1") && text.contains("return 3"), "{text}");
}

#[test]
fn errors_beyond_the_fifth_are_counted() {
    let gaps = reasons(&"x = = 1\n".repeat(12));
    assert_eq!(gaps.len(), 5);
    assert!(gaps[4].ends_with("(and 7 more places)"), "{gaps:?}");
    assert!(!gaps[0].contains("more places"));
}

#[test]
fn python_2_is_said_to_be_python_2() {
    let text = "import os\ntry:\n  print 'x'\nexcept OSError, e:\n  raise ValueError, 'y'\n";
    let (module, gaps) = lowered(text);
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].kind, GapKind::Unsupported);
    assert_eq!(dump(&module), "", "nothing is made of it");
}

#[test]
fn stub_files_are_python() {
    let text = "def f(a: int = ...) -> str: ...\nclass C:\n  x: int\n  def m(self) -> None: ...\n";
    let id = Sources::default().add_text("a.pyi", text);
    let (module, gaps) = crate::code::parse(id, "a.pyi", text).unwrap();
    assert_eq!(gaps, []);
    assert!(module.functions[1..].iter().all(|function| function.is_declaration));
}
