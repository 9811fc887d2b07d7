//! Go as neutral code: source on one side, what it is lowered to on the other.

use crate::code::dump::dump;
use crate::code::{Language, limits};
use crate::source::Sources;

fn check(source: &str, expected: &str) {
    let mut sources = Sources::default();
    let id = sources.add_text("a.go", source);
    let (module, gaps) = super::parse(id, source);
    assert_eq!(module.language, Language::Go);
    assert!(gaps.is_empty(), "{gaps:?}");
    assert_eq!(dump(&module).trim(), expected.trim(), "{source}");
}

#[test]
fn new_takes_a_value_as_well_as_a_type() {
    check(
        "package x\nvar a = new(\"b\")\nvar c = new(f(d.E))\nvar g = new(-1)\nvar h = new(S)\nvar i = new([]int)\nvar j = new(m.N[K])\nvar k = renew(\"z\")\n",
        "package x\nlet a = \"b\"\nlet c = f(d.E)\nlet g = -1\nlet h = new(S)\nlet i = new([]<int>)\nlet j = new(m.N<K>)\nlet k = renew(\"z\")",
    );
}

#[test]
fn imports_are_called_what_the_file_calls_them() {
    check(
        "package x\nimport (\n\t\"context\"\n\tm \"a.b/c\"\n\t. \"fmt\"\n\t_ \"embed\"\n\t\"a/go-sqlite3\"\n\t\"gopkg.in/yaml.v3\"\n\t\"a/b/v5\"\n\t\"a/mcp-kit\"\n\t\"a/go-graphql-client\"\n\t\"resty.dev/v3\"\n)\nvar x = kit.New(graphql.New(client.A), resty.New())\n",
        "package x\nimport \"context\" as context\nimport \"a.b/c\" as m\nimport \"fmt\" all\nimport \"embed\"\nimport \"a/go-sqlite3\" as sqlite3\nimport \"gopkg.in/yaml.v3\" as yaml\nimport \"a/b/v5\" as b\nimport \"a/mcp-kit\" as kit\nimport \"a/go-graphql-client\" as graphql\nimport \"resty.dev/v3\" as resty\nlet x = kit.New(graphql.New(client.A), resty.New())",
    );
}

#[test]
fn constants_count_and_repeat() {
    check(
        "package x\nconst (\n\tA Level = iota + 1\n\tB\n\t_\n\tC = \"t\" + `r\\`\n\tD\n)\n",
        "package x\nlet A: Level = (0 + 1)\nlet B: Level = (1 + 1)\nlet _: Level = (2 + 1)\nlet C = (\"t\" + \"r\\\\\")\nlet D = (\"t\" + \"r\\\\\")",
    );
}

#[test]
fn structs_carry_tags_comments_and_embedded_types() {
    check(
        "package x\n// Args is it.\n//nolint:all\ntype Args struct {\n\tPath string `json:\"p\"` // where\n\t// N is n.\n\tN, M *int\n\tBase\n\t*o.Thing\n}\n",
        r#"
package x
class Args(Base, o.Thing) {
  doc "Args is it."
  doc "where"
  field Path: string tag "json:\"p\""
  doc "N is n."
  field N: int
  doc "N is n."
  field M: int
  field Base: Base
  field Thing: o.Thing
}"#,
    );
}

#[test]
fn methods_join_their_type_wherever_it_stands() {
    check(
        "package x\nfunc (s *S[T]) F(a, b string, r ...int) {}\ntype S[T any] struct{}\nfunc (o Other) G() int { return 1 }\n",
        "package x\nimpl S {\n}\nclass S {\n  def F(receiver s: S<T>, a: string, b: string, *r: int) {\n  }\n}\nimpl Other {\n  def G(receiver o: Other) -> int {\n    return 1\n  }\n}",
    );
}

#[test]
fn interfaces_and_other_types() {
    check(
        "package x\ntype I interface {\n\tBase\n\tRun(ctx c.C) (string, error)\n}\ntype F func(int) error\ntype M = map[string][]any\n",
        "package x\ninterface I(Base) {\n  declare def Run(ctx: c.C) -> (string, error)\n}\nalias F(func<int, error>) {\n}\nalias M(map<string, []<any>>) {\n}",
    );
}

#[test]
fn control_flow_stays_structured() {
    check(
        "package x\nfunc f() (out string, err error) {\n\tif v, ok := a.(string); !ok {\n\t\treturn\n\t} else if v == \"\" {\n\t\tpanic(\"no\")\n\t}\n\tfor i := 0; i < 3; i++ {\n\t\tcontinue\n\t}\n\tfor _, t := range ts {\n\t\tg(t)\n\t}\n\tfor k, v := range m {\n\t\tg(k, v)\n\t}\n\tfor {\n\t\tbreak\n\t}\n\tdefer g()\n\tgo func() { g() }()\n\treturn \"a\", nil\n}\n",
        r#"
package x
def f() -> (string, error) {
  let out: string
  let err: error
  do {
    let [v, ok] = a
    if (not ok) {
      return (out, err)
    }
    else {
      if (v == "") {
        raise "no"
      }
    }
  }
  do {
    let i = 0
    while (i < 3) {
      continue
      i += 1
    }
  }
  for t in ts {
    g(t)
  }
  for [k, v] in range(m) {
    g(k, v)
  }
  loop {
    break
  }
  defer g()
  spawn fn() { g() }()
  return ("a", null)
}"#,
    );
}

#[test]
fn switches_and_selects_are_matches() {
    check(
        "package x\nfunc f() {\n\tswitch y := z.(type) {\n\tcase string, []byte:\n\t\tg(y)\n\tcase nil:\n\tdefault:\n\t}\n\tswitch {\n\tcase a == \"x\", b:\n\t\tfallthrough\n\tdefault:\n\t}\n\tselect {\n\tcase v := <-c:\n\t\tg(v)\n\tcase c <- 1:\n\t}\n}\n",
        r#"
package x
def f() {
  match z {
    case string(y) | []<byte>(y) {
      g(y)
    }
    case null {
    }
    case any y {
    }
  }
  match {
    case (a == "x") | b falls through {
    }
    case _ {
    }
  }
  match {
    case unknown(await c) {
      let v = await c
      g(v)
    }
    case unknown(1) {
      c = 1
    }
  }
}"#,
    );
}

#[test]
fn literals_know_what_their_elements_are() {
    check(
        "package x\nvar a = map[string]T{\"a\": {N: \"n\"}, k: {}}\nvar b = []*T{{N: \"q\"}, &T{\"p\", 1}}\nvar c = [...]string{A: \"a\"}\nvar d = gin.H{\"e\": -1, 'a': 0x1F}\nvar e = [][]int{{1}, {2, 3}}\n",
        "package x\nlet a = {\"a\": T{\"N\": \"n\"}, [k]: T{}}\nlet b = [T{\"N\": \"q\"}, T{\"0\": \"p\", \"1\": 1}]\nlet c = {[A]: \"a\"}\nlet d = gin.H{\"e\": -1, [97]: 31}\nlet e = [[1], [2, 3]]",
    );
}

#[test]
fn type_arguments_are_told_from_indexes() {
    check(
        "package x\nimport \"a/m\"\ntype In struct{}\nvar a = m.With[In]()\nvar b = table[name](x)\nvar c = m.Add[In, m.Out](s)\nvar d = f[string](s)\nvar e = string(b[1:n])\nvar g = []byte(s)\nvar h = m.New[m.In](s)(b...)\n",
        "package x\nimport \"a/m\" as m\nclass In {\n}\nlet a = m.With<In>()\nlet b = table[name](x)\nlet c = m.Add<In, m.Out>(s)\nlet d = f<string>(s)\nlet e = b[(1, n)]\nlet g = s\nlet h = m.New<m.In>(s)(...b)",
    );
}

#[test]
fn embedded_files_are_values() {
    check(
        "package x\n\n//go:embed a.json b.json\nvar s []byte\n",
        "package x\nlet s: []<byte> = go:embed!(\"a.json\", \"b.json\")",
    );
}

#[test]
fn text_escapes_are_resolved() {
    check(
        r#"package x
var a = "\n\"\x41\u00e9\101\\"
var b = '\''
"#,
        "package x\nlet a = \"\\n\\\"AéA\\\\\"\nlet b = 39",
    );
}

#[test]
fn faults_are_gaps_and_the_rest_is_read() {
    let mut sources = Sources::default();
    let text = "package x\nfunc f() { a( }\nfunc g() { h() }\n";
    let id = sources.add_text("a.go", text);
    let (module, gaps) = super::parse(id, text);
    assert!(!gaps.is_empty());
    assert!(gaps.iter().all(|gap| gap.span.is_some() && gap.blocks));
    assert!(dump(&module).contains("h()"), "{}", dump(&module));
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
        "1+",
        "if x { ",
        "func() { ",
        "[]",
        "map[a]",
        "()",
        "else if a {} ",
        "a:",
        "\"",
        "`",
        "<-",
        "chan ",
    ];
    let parse = move || {
        for shape in shapes {
            for times in [900, 100_000] {
                let text = format!("package x\nfunc f() {{ x = {}", shape.repeat(times));
                let mut sources = Sources::default();
                let id = sources.add_text("a.go", &text);
                super::parse(id, &text);
            }
        }
    };
    std::thread::Builder::new().stack_size(limits::STACK).spawn(parse).unwrap().join().unwrap();
}
