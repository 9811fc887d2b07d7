//! Functions that register, kept in tables and lists and called from there; names that blocks bind anew.

use super::check_names;

const SDK: &str = r#"import { FastMCP } from 'fastmcp';
import { z } from 'zod';
const s = new FastMCP({name: 'a', version: '1.0.0'});
function one(e) { e.addTool({name: 'x', parameters: z.object({}), execute: async () => 1}); }
function two(e) { e.addTool({name: 'y', parameters: z.object({}), execute: async () => 1}); }
const table = {x: one, y: two};
function pick(e) { return table[e] || null; }
"#;

#[test]
fn functions_are_called_from_where_they_are_kept() {
    check_names(&[
        ("called in turn", &[("s.ts", SDK, "[one, two].forEach(f => f(s));")], "x y"),
        (
            "pushed, then called in turn",
            &[("s.ts", SDK, "const all = []; all.push(one); all.push(two); all.forEach(f => f(s));")],
            "x y",
        ),
        (
            "awaited in turn",
            &[("s.ts", SDK, "await Promise.all([one, two].map(async (f) => { await f(s); }));")],
            "x y",
        ),
        ("by a setting", &[("s.ts", SDK, "table[process.env.ONLY](s);")], "x(if) y(if)"),
        (
            "by a setting, through a function",
            &[("s.ts", SDK, "const f = pick(process.env.ONLY); if (f) f(s);")],
            "x(if) y(if)",
        ),
        (
            "by names that a switch chooses",
            &[(
                "s.ts",
                SDK,
                r#"function all(e, mode = 'core') { let names = [];
  switch (mode.trim()) { case 'all': names = Object.keys(table); break; case 'core': names = ['x']; break; default: names = ['y']; }
  names.forEach(n => { const f = pick(n); f ? f(e) : console.error(n); }); }
all(s, process.env.MODE);"#,
            )],
            "x(if) y(if)",
        ),
        ("a list that is never called", &[("s.ts", SDK, "export const all = [one, two];")], "?"),
    ]);
}

#[test]
fn a_block_binds_a_name_for_itself() {
    check_names(&[
        (
            "a handler's exception has the name of what is used before it",
            &[(
                "s.ts",
                SDK,
                "function all(e) { [one].forEach(n => { try { n(e); } catch (e) { console.error(e.message); } }); }\nall(s);",
            )],
            "x",
        ),
        (
            "an object that is given away is the receiver there too",
            &[(
                "s.ts",
                "",
                r#"import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
class Own { #tools = []; addTool(tool) { this.#tools.push(tool); }
  start() { const inner = new Server({name: 'a'}, {}); inner.setRequestHandler(ListToolsRequestSchema, async () => ({tools: this.#tools.map(t => ({name: t.name, inputSchema: {type: 'object'}}))})); } }
function more(own) { own.addTool({name: 'y'}); }
const own = new Own();
own.addTool({name: 'x'});
more(own);
own.start();"#,
            )],
            "x y",
        ),
        (
            "names told by a schema",
            &[(
                "s.ts",
                SDK,
                r#"const Click = z.object({name: z.literal('x'), arguments: z.object({})});
s.addTool({name: Click.shape.name.value, parameters: Click.shape.arguments, execute: async () => 1});"#,
            )],
            "x",
        ),
    ]);
}

#[test]
fn a_wrapper_is_named_after_what_it_wraps() {
    let fast = "import functools\nfrom fastmcp import FastMCP\nm = FastMCP('a')\n";
    let tools = "def x(): pass\ndef y(): pass\n";
    let wrap = "def wrap(f):\n    if quiet:\n        return f\n    @functools.wraps(f)\n    def w(*a, **k):\n        return f(*a, **k)\n    return w\n";
    let named = "def offer(name):\n    def run(): pass\n    run.__name__ = name\n    m.tool()(run)\n";
    check_names(&[
        ("called form", &[("s.py", fast, &format!("{tools}{wrap}m.add_tool(wrap(x))\n"))], "x"),
        (
            "a name that is wrapped again and again, in a list",
            &[(
                "s.py",
                fast,
                &format!(
                    "{tools}{wrap}kept = []\nfor t in [x, y]:\n    f = wrap(t)\n    if t.__name__ in asked:\n        f = wrap(f)\n    kept.append(f)\nfor t in kept:\n    m.add_tool(t)\n"
                ),
            )],
            "x y",
        ),
        ("the name is written", &[("s.py", fast, &format!("{named}offer('n')\noffer('o')\n"))], "n o"),
        ("the name is not known", &[("s.py", fast, &format!("{named}offer(input())\n"))], "?"),
        (
            "a wrapper of its own name",
            &[("s.py", fast, &format!("{tools}def wrap(f):\n    def w(): pass\n    return w\nm.add_tool(wrap(x))\n"))],
            "w",
        ),
    ]);
}

#[test]
fn a_decorator_without_a_call_registers_with_a_server_that_is_passed() {
    let head = "from fastmcp import FastMCP\nfrom more import add\nm = FastMCP('a')\n";
    check_names(&[(
        "in a function without types",
        &[
            ("s.py", head, "add(m, 1)\n"),
            (
                "more.py",
                "",
                "def add(server, client):\n    @server.tool\n    async def x(): pass\n    @server.tool(name='y')\n    def z(): pass\n",
            ),
        ],
        "x y",
    )]);
}

#[test]
fn servers_of_go_are_found_under_the_names_of_their_packages() {
    let mark =
        "package main\nimport (\n\"github.com/mark3labs/mcp-go/mcp\"\n\"github.com/mark3labs/mcp-go/server\"\n)\n";
    let metoro =
        "package main\nimport mcp \"github.com/metoro-io/mcp-golang\"\ntype T struct { Name string; Handler any }\n";
    let think = "package main\nimport (\n\"github.com/ThinkInAIXYZ/go-mcp/protocol\"\n\"github.com/ThinkInAIXYZ/go-mcp/server\"\n)\ntype In struct { Zone string `json:\"zone\"` }\n";
    let foxy = "package main\nimport \"github.com/strowk/foxy-contexts/pkg/app\"\n";
    check_names(&[
        (
            "a variable named after the package whose function makes it",
            &[(
                "main.go",
                mark,
                "func main() {\n\tserver := server.NewMCPServer(\"a\", \"1\")\n\tserver.AddTool(mcp.NewTool(\"x\"), h)\n}\n",
            )],
            "x",
        ),
        (
            "name, description and handler",
            &[(
                "main.go",
                metoro,
                "func main() {\n\ts := mcp.NewServer(nil)\n\tfor _, t := range []T{{Name: \"x\"}, {Name: \"y\"}} {\n\t\tif err := s.RegisterTool(t.Name, \"d\", t.Handler); err != nil { panic(err) }\n\t}\n}\n",
            )],
            "x y",
        ),
        (
            "made with an error beside it",
            &[(
                "main.go",
                think,
                "func main() {\n\ts, err := server.NewServer(nil)\n\tt, err := protocol.NewTool(\"x\", \"d\", In{})\n\tif err != nil { return }\n\ts.RegisterTool(t, h)\n}\n",
            )],
            "x",
        ),
        (
            "made by what a container calls",
            &[(
                "main.go",
                foxy,
                "func get() *app.Builder {\n\tapp := app.\n\t\tNewBuilder().\n\t\tWithTool(NewX)\n\treturn app\n}\n",
            )],
            "?",
        ),
    ]);
}

#[test]
fn macros_of_rust_count_under_the_crate_that_holds_them() {
    let code = "use rmcp_macros::{tool, tool_handler, tool_router};\nuse rmcp::ServerHandler;\n#[derive(Clone)]\nstruct S;\n#[tool_router]\nimpl S {\n    /// d\n    #[tool(description = \"d\")]\n    async fn x(&self) -> String { String::new() }\n}\n#[tool_handler]\nimpl ServerHandler for S {}\n";
    check_names(&[("imported from it", &[("src/main.rs", "", code)], "x")]);
}

#[test]
fn a_registering_method_is_known_under_a_name_of_its_own() {
    const START: &str = r#"import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
const s = new McpServer({name: 'a', version: '1.0.0'});
const f = async () => ({ content: [] });
"#;
    check_names(&[
        (
            "bound",
            &[(
                "s.ts",
                START,
                "const add = s.tool.bind(s) as unknown as (n: string, f: unknown) => void; add('x', f);",
            )],
            "x",
        ),
        (
            "bound in a method",
            &[(
                "s.ts",
                START,
                "class K { constructor(private mcp: McpServer) {}\n add(name: string) { const add = this.mcp.tool.bind(this.mcp); add(name, f); } }\n const k = new K(s); k.add('x'); k.add('y');",
            )],
            "x y",
        ),
        (
            "handed to a function",
            &[("s.ts", START, "function all(add: any) { add('x', f); }\nall(s.tool.bind(s));")],
            "x",
        ),
        (
            "what stands in the place of the method",
            &[(
                "s.ts",
                START,
                "const old = s.tool.bind(s);\ns.tool = ((name: string, ...rest: any[]) => { console.error(name); return old(name, ...rest); }) as any;\ns.tool('x', f);",
            )],
            "x",
        ),
        (
            "another object's method",
            &[(
                "s.ts",
                START,
                "const bag = { tool: (n: string) => n };\nconst add = bag.tool.bind(bag); add('x'); s.tool('y', f);",
            )],
            "y",
        ),
    ]);
}

#[test]
fn a_function_of_python_that_another_makes_keeps_its_name() {
    const START: &str = "import functools\nfrom mcp.server.fastmcp import FastMCP\nm = FastMCP('a')\ndef build(client):\n    def look_up(a: str) -> str:\n        return client.get(a)\n    return look_up\ndef logged(f):\n    @functools.wraps(f)\n    def wrapper(*args, **kwargs):\n        return f(*args, **kwargs)\n    return wrapper\n";
    for (what, text, expected) in [
        ("registered as it is", "m.tool()(build(1))\n", "look_up"),
        (
            "wrapped first",
            "class R:\n    def add(self, f):\n        m.tool()(logged(f))\nR().add(build(1))\n",
            "look_up",
        ),
        (
            "a decorator that another makes is no tool",
            "def adds(name):\n    def decorator(fn: F) -> F:\n        return keep(fn, name)\n    return decorator\nm.tool()(adds('x'))\n",
            "?",
        ),
        (
            "nor is what calls what it is given",
            "def adds(name):\n    def decorator(given):\n        return lambda: given()\n    return decorator\nm.tool()(adds('x'))\n",
            "?",
        ),
        (
            "said by an object that holds it",
            "class D:\n    def __init__(self, fn):\n        self.fn = fn\n    def name(self):\n        return self.fn.__name__\nfor d in [D(logged(build(1)))]:\n    m.add_tool(fn=d.fn, name=d.name())\n",
            "look_up",
        ),
        (
            "said by an object that holds one wrapped by nobody known",
            "class D:\n    def __init__(self, fn):\n        self.fn = fn\n    def name(self):\n        return self.fn.__name__\ndef other(f):\n    @functools.wraps(unknown())\n    def wrapper(*args, **kwargs):\n        return f(*args, **kwargs)\n    return wrapper\nfor d in [D(other(build(1)))]:\n    m.add_tool(fn=d.fn, name=d.name())\n",
            "?",
        ),
        ("renamed where it is registered", "f = build(1)\nf.__name__ = name()\nm.tool()(f)\n", "?"),
        ("renamed by a function", "f = build(1)\nfunctools.update_wrapper(f, other())\nm.tool()(f)\n", "?"),
    ] {
        check_names(&[(what, &[("s.py", START, text)], expected)]);
    }
}
