//! Whole small trees to servers and tools.
#![allow(clippy::disallowed_methods, reason = "the trees are written to a folder that goes away")]

use super::*;
use crate::discover::{Walk, discover};
use crate::load::load;

mod abstractions;
mod bundles;
mod defaults;
mod frameworks;
mod functions;
mod gathered;
mod handwritten;
mod kinds;
mod lists;
mod python;
mod script;
mod servers;
mod wrapped_go;

fn facts(files: &[(&str, &str)]) -> Facts {
    let folder = tempfile::tempdir().expect("a folder for the tree");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("folders");
        std::fs::write(path, text).expect("the file");
    }
    let loaded = load(discover(folder.path(), &Walk::default()).expect("the tree is there"));
    let mut facts = Facts::default();
    extract(&loaded, &Sdks::load(), &mut facts);
    facts
}

/// `name inventory: tool tool(if condition) tool(hidden)`, one line for each server.
fn told(files: &[(&str, &str)]) -> String {
    let facts = facts(files);
    let mut lines = Vec::new();
    for (at, server) in facts.servers.iter().enumerate() {
        let mut tools = Vec::new();
        for (_, tool) in facts.tools_of(ServerId(at as u32)) {
            let state = match tool.on_by_default.value() {
                Some(true) => "on ",
                Some(false) => "off ",
                None => "",
            };
            let condition =
                tool.condition.value().map(|condition| format!("({state}if {condition})")).unwrap_or_default();
            let hidden = if tool.listed { "" } else { "(hidden)" };
            let dead = if tool.dispatched.value() != Some(&false) { "" } else { "(dead)" };
            tools.push(format!("{}{condition}{hidden}{dead}", tool.about.name));
        }
        lines.push(format!("{} {}: {}", server.about.name, server.inventory.id(), tools.join(" ")));
    }
    lines.join("\n")
}

/// What a case is about, its files, and what the servers come out as.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

fn check(cases: &[Case<'_>]) {
    for (what, files, expected) in cases {
        assert_eq!(told(files), *expected, "{what}");
    }
}

/// As [`Case`], with each file's text in two parts: a head that many share, and the rest.
type Named<'a> = (&'a str, &'a [(&'a str, &'a str, &'a str)], &'a str);

/// Checks the names alone, in order of the alphabet: `x y(if)`, a bar between servers, `?` where more may be there.
fn check_names(cases: &[Named<'_>]) {
    for (what, files, expected) in cases {
        let whole: Vec<(&str, String)> =
            files.iter().map(|(path, head, rest)| (*path, format!("{head}{rest}"))).collect();
        let files: Vec<(&str, &str)> = whole.iter().map(|(path, text)| (*path, text.as_str())).collect();
        assert_eq!(names(&facts(&files)), *expected, "{what}");
    }
}

fn names(facts: &Facts) -> String {
    let of = |at: usize| {
        let named = facts.tools_of(ServerId(at as u32)).map(|(_, tool)| {
            let condition = if tool.condition.is_absent() { "" } else { "(if)" };
            let hidden = if tool.listed { "" } else { "(hidden)" };
            let dead = if tool.dispatched.value() != Some(&false) { "" } else { "(dead)" };
            format!("{}{condition}{hidden}{dead}", tool.about.name)
        });
        let mut all: Vec<String> = named.collect();
        all.sort();
        all.extend((!facts.servers[at].openings.is_empty()).then(|| "?".to_string()));
        all.join(" ")
    };
    (0..facts.servers.len()).map(of).collect::<Vec<_>>().join("|")
}

/// The names that are there by default, and behind a bar those that a setting adds, each in order of the alphabet.
fn names_by_default(files: &[(&str, &str)]) -> String {
    let facts = facts(files);
    let of = |is_there: bool| {
        let all = facts.tools.iter().filter(|tool| (tool.on_by_default.value() != Some(&false)) == is_there);
        let mut names: Vec<&str> = all.map(|tool| tool.about.name.as_str()).collect();
        names.sort_unstable();
        names.join(" ")
    };
    format!("{} | {}", of(true), of(false))
}

#[test]
fn python_tools_are_found_where_they_are_registered() {
    check(&[
        (
            "a decorator, with and without a name",
            &[(
                "s.py",
                "from mcp.server.fastmcp import FastMCP\nm = FastMCP('a')\n@m.tool()\ndef x(): pass\n@m.tool(name='y-y')\ndef y(): pass\n",
            )],
            "a closed: x y-y",
        ),
        (
            "a bare decorator registers in fastmcp only",
            &[
                ("a/pyproject.toml", ""),
                ("a/s.py", "from fastmcp import FastMCP\nm = FastMCP('a')\n@m.tool\ndef x(): pass\n"),
                ("b/pyproject.toml", ""),
                ("b/s.py", "from mcp.server.fastmcp import FastMCP\nm = FastMCP('b')\n@m.tool\ndef x(): pass\n"),
            ],
            "a closed: x\nb open: ",
        ),
        (
            "a class of the same name from elsewhere is no server",
            &[("s.py", "from other import FastMCP\nm = FastMCP('a')\n@m.tool()\ndef x(): pass\n")],
            "",
        ),
        (
            "a function that is given the server",
            &[
                ("pkg/__init__.py", ""),
                (
                    "pkg/s.py",
                    "from fastmcp import FastMCP\nfrom .more import register\nm = FastMCP('a')\nregister(m)\n",
                ),
                (
                    "pkg/more.py",
                    "def register(server):\n    @server.tool()\n    def x(): pass\n    server.tool(name='y')(helper)\ndef helper(): pass\n",
                ),
            ],
            "a closed: x y",
        ),
        (
            "a loop over a table, and a wrapper that passes the name on",
            &[(
                "s.py",
                "from fastmcp import FastMCP\nm = FastMCP('a')\nT = {'p': f, 'q': g}\ndef add(name, fn):\n    m.tool(fn, name=name)\nfor n, h in T.items():\n    add(n, h)\ndef f(): pass\ndef g(): pass\n",
            )],
            "a closed: p q",
        ),
        (
            "a name that is only known at run time opens the inventory",
            &[(
                "s.py",
                "import os\nfrom fastmcp import FastMCP\nm = FastMCP('a')\n@m.tool(name=os.environ['N'])\ndef x(): pass\n",
            )],
            "a open: ",
        ),
        (
            "a condition is told",
            &[("s.py", "from fastmcp import FastMCP\nm = FastMCP('a')\nif WRITE:\n    @m.tool()\n    def x(): pass\n")],
            "a partly-open: x(if WRITE)",
        ),
        (
            "mounted tools get their prefix",
            &[(
                "s.py",
                "from fastmcp import FastMCP\nm = FastMCP('a')\nc = FastMCP('c')\n@c.tool\ndef x(): pass\nm.mount(c, 'p')\n",
            )],
            "a closed: p_x",
        ),
        (
            "names in an enumeration, joined with the arms of the dispatcher",
            &[(
                "s.py",
                "from enum import Enum\nfrom mcp.server import Server\nfrom mcp.types import Tool\nclass T(str, Enum):\n    A = 'a'\n    B = 'b'\ns = Server('low')\n@s.list_tools()\nasync def l():\n    return [Tool(name=T.A, inputSchema={}), Tool(name=T.B, inputSchema={})]\n@s.call_tool()\nasync def c(name, arguments):\n    match name:\n        case T.A:\n            return 1\n        case 'secret':\n            return 2\n",
            )],
            "low closed: a b(dead) secret(hidden)",
        ),
    ]);
}

#[test]
fn script_tools_are_found_where_they_are_registered() {
    const IMPORT: &str =
        "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nconst s = new McpServer({name: 'a'});\n";
    const LOW: &str = "import { Server } from '@modelcontextprotocol/sdk/server/index.js';\nimport { ListToolsRequestSchema, CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';\nconst s = new Server({name: 'low'}, {});\n";
    let tree = |head: &str, rest: &str| format!("{head}{rest}");
    let cases: Vec<(&str, String, &str)> = vec![
        (
            "both methods",
            tree(IMPORT, "s.tool('x', async () => 1); s.registerTool('y', {description: 'd'}, async () => 1);"),
            "a closed: x y",
        ),
        (
            "a local wrapper",
            tree(
                IMPORT,
                "const add = (n, d, f) => s.registerTool(n, {description: d}, f);\nadd('x', 'd', async () => 1);\nadd('y', 'd', async () => 1);",
            ),
            "a closed: x y",
        ),
        (
            "a table and forEach",
            tree(
                IMPORT,
                "const T = [{name: 'x', run: 1}, {name: 'y', run: 2}];\nT.forEach((t) => s.registerTool(t.name, {}, async () => t.run));",
            ),
            "a closed: x y",
        ),
        (
            "a class for each tool",
            tree(
                IMPORT,
                "class Base { register(server) { server.registerTool(this.name, {}, () => this.run()); } }\nclass X extends Base { name = 'x'; run() {} }\nclass Y extends Base { name = 'y'; run() {} }\nfor (const C of [X, Y]) { const t = new C(); t.register(s); }",
            ),
            "a closed: x y",
        ),
        ("a template with a hole is no name", tree(IMPORT, "s.tool(`x-${process.env.N}`, async () => 1);"), "a open: "),
        (
            "list and call handlers",
            tree(
                LOW,
                "s.setRequestHandler(ListToolsRequestSchema, async () => ({tools: [{name: 'x', inputSchema: {type: 'object'}}, {name: 'y'}]}));\ns.setRequestHandler(CallToolRequestSchema, async (request) => { const { name } = request.params; switch (name) { case 'x': return 1; case 'z': return 2; } });",
            ),
            "low closed: x y(dead) z(hidden)",
        ),
        (
            "a filtered list",
            tree(
                LOW,
                "const all = [{name: 'x'}, {name: 'y'}];\ns.setRequestHandler(ListToolsRequestSchema, async () => ({tools: all.filter((t) => allowed(t.name))}));",
            ),
            "low partly-open: x(if only on some lists) y(if only on some lists)",
        ),
        (
            "tools that come from a request are not known",
            tree(LOW, "s.setRequestHandler(ListToolsRequestSchema, async () => ({tools: await client.listTools()}));"),
            "low open: ",
        ),
    ];
    for (what, text, expected) in cases {
        assert_eq!(told(&[("s.ts", &text)]), expected, "{what}");
    }
}

#[test]
fn what_is_built_from_source_counts_once() {
    let text = "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nconst s = new McpServer({name: 'a'});\ns.tool('x', async () => 1);\n";
    assert_eq!(told(&[("package.json", "{}"), ("src/s.ts", text), ("dist/s.js", text)]), "a closed: x");
}

#[test]
fn tests_define_no_servers() {
    let text = "from fastmcp import FastMCP\nm = FastMCP('a')\n@m.tool\ndef x(): pass\n";
    assert_eq!(told(&[("tests/test_s.py", text), ("s.py", "y = 1\n")]), "");
}

#[test]
fn schemas_say_what_the_sdk_would_publish() {
    let cases: Vec<(&str, &str, &str, &str)> = vec![
        (
            "signature",
            "s.py",
            "from typing import Annotated, Literal, Optional\nfrom pydantic import Field\nfrom fastmcp import FastMCP, Context\nm = FastMCP('a')\n@m.tool\ndef x(ctx: Context, a: Annotated[str, Field(max_length=9)], b: Literal['p', 'q'] = 'p', c: Optional[int] = None): pass\n",
            r#"{"type":"object","properties":{"a":{"type":"string","maxLength":9},"b":{"type":"string","enum":["p","q"],"default":"p"},"c":{"anyOf":[{"type":"integer"},{"type":"null"}],"default":null}},"required":["a"]}"#,
        ),
        (
            "model",
            "s.py",
            "from pydantic import BaseModel\nfrom mcp.server import Server\nfrom mcp.types import Tool\nclass M(BaseModel):\n    a: list[str]\n    b: bool = False\ns = Server('l')\n@s.list_tools()\nasync def l(): return [Tool(name='x', inputSchema=M.model_json_schema())]\n",
            r#"{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"}},"b":{"type":"boolean","default":false}},"required":["a"]}"#,
        ),
        (
            "zod",
            "s.ts",
            "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nimport { z } from 'zod';\nconst s = new McpServer({name: 'a'});\ns.registerTool('x', {inputSchema: z.object({a: z.string().min(1).regex(/^a/), b: z.number().int().optional(), c: z.enum(['p', 'q']).default('p')}).strict()}, async () => 1);\n",
            r#"{"type":"object","properties":{"a":{"type":"string","minLength":1,"pattern":"^a"},"b":{"type":"integer"},"c":{"type":"string","enum":["p","q"],"default":"p"}},"required":["a"],"additionalProperties":false}"#,
        ),
    ];
    for (what, path, text, expected) in cases {
        let facts = facts(&[(path, text)]);
        let schema = facts.tools.first().and_then(|tool| tool.input_schema.value()).expect("a schema");
        assert_eq!(schema.json.to_string(), expected, "{what}");
        assert!(schema.complete, "{what}");
    }
}

#[test]
fn listeners_tell_transport_and_address() {
    let text = "import os\nfrom mcp.server.fastmcp import FastMCP\nm = FastMCP('a', host=os.getenv('H', '0.0.0.0'))\nm.run(transport='streamable-http')\n";
    let facts = facts(&[("s.py", text)]);
    let all: Vec<_> = facts
        .listeners
        .iter()
        .map(|one| (one.transport.as_str(), one.host.value().map(String::as_str), one.port.value()))
        .collect();
    assert_eq!(all, [("http", Some("0.0.0.0"), Some(&8000))]);
}

#[test]
fn go_tools_are_found_where_they_are_registered() {
    const GO: &str =
        "package m\nimport (\n\"github.com/mark3labs/mcp-go/mcp\"\n\"github.com/mark3labs/mcp-go/server\"\n)\n";
    const SDK: &str = "package m\nimport \"github.com/modelcontextprotocol/go-sdk/mcp\"\n";
    let tree = |head: &str, rest: &str| format!("{head}{rest}");
    let cases = [
        (
            "options",
            tree(GO, "func f() {\ns := server.NewMCPServer(\"a\", \"1\")\ns.AddTool(mcp.NewTool(\"x\"), h)\n}\n"),
            "a closed: x",
        ),
        (
            "a server that a function is given by type",
            tree(
                GO,
                "const N = \"x\"\nfunc reg(s *server.MCPServer) { s.AddTool(mcp.NewTool(N), h) }\nfunc f() { reg(server.NewMCPServer(\"a\", \"1\")) }\n",
            ),
            "a closed: x",
        ),
        (
            "pairs of tool and handler",
            tree(
                GO,
                "func f() {\ns := server.NewMCPServer(\"a\", \"1\")\ns.AddTools(server.ServerTool{Tool: mcp.NewTool(\"x\"), Handler: h}, server.ServerTool{Tool: y(), Handler: h})\n}\nfunc y() mcp.Tool { return mcp.NewTool(\"y\") }\n",
            ),
            "a closed: x y",
        ),
        (
            "a name that is only known at run time",
            tree(
                GO,
                "func f(n string) {\ns := server.NewMCPServer(\"a\", \"1\")\ns.AddTool(mcp.NewTool(os.Getenv(\"N\")), h)\n}\n",
            ),
            "a open: ",
        ),
        (
            "generic and raw registration",
            tree(
                SDK,
                "func f() {\ns := mcp.NewServer(&mcp.Implementation{Name: \"a\"}, nil)\nmcp.AddTool(s, &mcp.Tool{Name: \"x\"}, h)\ns.AddTool(&mcp.Tool{Name: \"y\"}, h)\n}\n",
            ),
            "a closed: x y",
        ),
        (
            "a wrapper of the tree",
            tree(
                SDK,
                "func add(s *mcp.Server, n string) { mcp.AddTool(s, &mcp.Tool{Name: n}, h) }\nfunc f() {\ns := mcp.NewServer(&mcp.Implementation{Name: \"a\"}, nil)\nadd(s, \"x\")\nadd(s, \"y\")\n}\n",
            ),
            "a closed: x y",
        ),
        (
            "a method of the same name elsewhere",
            "package m\nimport \"other/mcp\"\nfunc f() { mcp.NewServer().AddTool(mcp.NewTool(\"x\"), h) }\n"
                .to_string(),
            "",
        ),
    ];
    for (what, text, expected) in cases {
        assert_eq!(told(&[("go.mod", "module m\n"), ("s.go", &text)]), expected, "{what}");
    }
}

#[test]
fn go_schemas_come_from_options_literals_and_structs() {
    const HEAD: &str = "package m\nimport (\n\"context\"\n\"github.com/google/jsonschema-go/jsonschema\"\n\"github.com/modelcontextprotocol/go-sdk/mcp\"\n)\nvar s = mcp.NewServer(&mcp.Implementation{Name: \"a\"}, nil)\n";
    const MARK: &str = "package m\nimport (\n\"github.com/mark3labs/mcp-go/mcp\"\n\"github.com/mark3labs/mcp-go/server\"\n)\nvar s = server.NewMCPServer(\"a\", \"1\")\n";
    let cases = [
        (
            "options",
            format!(
                "{MARK}func f() {{ s.AddTool(mcp.NewTool(\"x\", mcp.WithString(\"p\", mcp.Required(), mcp.MaxLength(9)), mcp.WithArray(\"l\", mcp.Items(map[string]any{{\"type\": \"string\"}}))), h) }}\n"
            ),
            r#"{"type":"object","properties":{"p":{"type":"string","maxLength":9},"l":{"type":"array","items":{"type":"string"}}},"required":["p"]}"#,
        ),
        (
            "a literal",
            format!(
                "{HEAD}func f() {{ mcp.AddTool(s, &mcp.Tool{{Name: \"x\", InputSchema: &jsonschema.Schema{{Type: \"object\", Properties: map[string]*jsonschema.Schema{{\"p\": {{Type: \"string\", MaxLength: jsonschema.Ptr(9)}}}}}}}}, h) }}\n"
            ),
            r#"{"type":"object","properties":{"p":{"type":"string","maxLength":9}}}"#,
        ),
        (
            "the struct that the handler takes",
            format!(
                "{HEAD}type In struct {{\nPath string `json:\"path\" jsonschema:\"where, if at all\"`\nMore []int `json:\"more,omitempty\"`\nhidden int\n}}\nfunc h(ctx context.Context, req *mcp.CallToolRequest, in In) error {{ return nil }}\nfunc f() {{ mcp.AddTool(s, &mcp.Tool{{Name: \"x\"}}, h) }}\n"
            ),
            r#"{"type":"object","properties":{"path":{"type":"string","description":"where, if at all"},"more":{"type":"array","items":{"type":"integer"}}},"required":["path"],"additionalProperties":false}"#,
        ),
    ];
    for (what, text, expected) in cases {
        let facts = facts(&[("go.mod", "module m\n"), ("s.go", &text)]);
        let schema = facts.tools.first().and_then(|tool| tool.input_schema.value()).unwrap_or_else(|| panic!("{what}"));
        assert_eq!(schema.json.to_string(), expected, "{what}");
        assert!(schema.complete, "{what}");
    }
}

#[test]
fn go_hints_are_read_through_pointers() {
    let text = "package m\nimport \"github.com/modelcontextprotocol/go-sdk/mcp\"\nvar s = mcp.NewServer(&mcp.Implementation{Name: \"a\"}, nil)\nfunc f() { mcp.AddTool(s, &mcp.Tool{Name: \"x\", Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true, DestructiveHint: new(false)}}, h) }\n";
    let facts = facts(&[("s.go", text)]);
    let tool = facts.tools.first().expect("a tool");
    assert_eq!((tool.read_only_hint.value(), tool.destructive_hint.value()), (Some(&true), Some(&false)));
}

#[test]
fn rust_schemas_come_from_the_struct_that_the_tool_takes() {
    let text = "use rmcp::{tool, tool_router};\nuse rmcp::handler::server::wrapper::Parameters;\n#[derive(Deserialize, JsonSchema)]\n#[serde(rename_all = \"camelCase\")]\nstruct P {\n/// Where.\nfile_name: String,\nlimit: Option<u32>,\n#[serde(default, rename = \"is-deep\")]\ndeep: bool,\n#[serde(skip)]\nown: u8,\nkinds: Vec<Kind>,\n}\n#[serde(rename_all = \"snake_case\")]\nenum Kind { PlainFile, Folder }\nstruct S;\n#[tool_router]\nimpl S {\n/// Reads.\n#[tool]\nfn read(&self, Parameters(p): Parameters<P>) {}\n#[tool(name = \"n-n\", description = \"d\")]\nfn none(&self) {}\nfn helper(&self) {}\n}\n";
    assert_eq!(told(&[("Cargo.toml", ""), ("src/main.rs", text)]), "S closed: read n-n");
    let facts = facts(&[("Cargo.toml", ""), ("src/main.rs", text)]);
    let schemas: Vec<String> = facts
        .tools
        .iter()
        .map(|tool| tool.input_schema.value().map(|schema| schema.json.to_string()).unwrap_or_default())
        .collect();
    assert_eq!(
        schemas,
        [
            r#"{"type":"object","properties":{"fileName":{"type":"string","description":"Where."},"limit":{"type":["integer","null"],"minimum":0},"is-deep":{"type":"boolean"},"kinds":{"type":"array","items":{"type":"string","enum":["plain_file","folder"]}}},"required":["fileName","kinds"]}"#,
            r#"{"type":"object","properties":{}}"#,
        ]
    );
    let descriptions: Vec<_> = facts.tools.iter().map(|tool| tool.description.value().map(String::as_str)).collect();
    assert_eq!(descriptions, [Some("Reads."), Some("d")]);
}

#[test]
fn rust_tools_are_found_where_they_are_registered() {
    let manifest = ("Cargo.toml", "[package]\nname = \"demo\"\n");
    check(&[
        (
            "types with an attribute, listed by a macro; what is not listed is no tool",
            &[
                manifest,
                ("src/main.rs", "mod tools;\nmod more;\n"),
                (
                    "src/tools.rs",
                    "use rust_mcp_sdk::{macros::mcp_tool, tool_box};\npub use crate::more::Two;\n#[mcp_tool(name = \"one\", description = concat!(\"a\", \"b\"))]\npub struct One { p: String }\n#[mcp_tool(name = \"three\", description = \"d\")]\npub struct Three {}\ntool_box!(Tools, [One, Two]);\n",
                ),
                (
                    "src/more.rs",
                    "use rust_mcp_sdk::macros::mcp_tool;\n#[mcp_tool(name = \"two\", description = \"d\")]\npub struct Two {}\nimpl Two { pub fn call_tool(&self) {} }\n",
                ),
            ],
            "server closed: one two",
        ),
        (
            "a trait that is implemented by hand",
            &[
                manifest,
                (
                    "src/main.rs",
                    "use rmcp::{ServerHandler, model::*};\nuse std::sync::Arc;\nconst READ: &str = \"read\";\nstruct S;\nimpl ServerHandler for S {\nasync fn list_tools(&self, _r: Option<PaginatedRequestParams>, _c: C) -> Result<ListToolsResult, E> {\nlet tools = vec![Tool::new(READ, \"d\", Arc::new(object())), Tool { name: \"write\".into(), description: Some(\"d\".into()), ..Default::default() }];\nOk(ListToolsResult { tools, next_cursor: None })\n}\nasync fn call_tool(&self, request: CallToolRequestParams, _c: C) -> Result<CallToolResult, E> {\nmatch request.name.as_ref() {\nREAD => self.read(),\n\"write\" => self.write(),\n\"purge\" => self.purge(),\n_ => Err(E::new()),\n}\n}\n}\n",
                ),
            ],
            "S closed: read write purge(hidden)",
        ),
        (
            "routers under names of their own, of which one is asked for",
            &[
                manifest,
                (
                    "src/main.rs",
                    "use rmcp::{tool, tool_router};\nstruct S { r: R }\nimpl S { fn new() -> Self { S { r: Self::a() } } }\n#[tool_router(router = a)]\nimpl S {\n#[tool]\nfn x(&self) {}\n}\n#[tool_router(router = b)]\nimpl S {\n#[tool]\nfn y(&self) {}\n}\n",
                ),
            ],
            "S closed: x",
        ),
        (
            "routes one by one, and types that tell their name",
            &[
                manifest,
                (
                    "src/main.rs",
                    "use rmcp::handler::server::router::tool::{ToolRouter, ToolRoute};\nuse rmcp::model::Tool;\nstruct Read;\nimpl ToolBase for Read { fn name() -> Cow<'static, str> { \"read\".into() } fn description() -> Option<Cow<'static, str>> { Some(\"d\".into()) } }\nimpl AsyncTool<S> for Read { async fn invoke(s: &S, p: P) -> R { s.x() } }\nfn main() { let router = ToolRouter::new().with_route(ToolRoute::new(Tool::new(\"a\", \"d\", schema()), handle)).with_async_tool::<Read>(); }\nfn handle() {}\n",
                ),
            ],
            "server closed: a read",
        ),
        (
            "every method of a block",
            &[
                manifest,
                (
                    "src/main.rs",
                    "use poem_mcpserver::{Tools, McpServer};\nstruct Counter;\n/// Counts.\n#[Tools]\nimpl Counter {\n/// Adds one.\nasync fn increment(&mut self) -> i32 { 1 }\nfn new() -> Self { Counter }\n}\n",
                ),
            ],
            "Counter closed: increment",
        ),
    ]);
}
