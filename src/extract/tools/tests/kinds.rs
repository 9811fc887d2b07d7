//! Which code is the server: not tests, examples, fixtures, documentation and copies; a published bundle is.

use super::{check, check_names};

const PYTHON: &str = "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP(\"real\")\n@mcp.tool()\ndef add(a: int) -> int:\n    return a\n";
const FAKE: &str = "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP(\"fake\")\n@mcp.tool()\ndef fake(a: int) -> int:\n    return a\n";
const SCRIPT: &str = "import { McpServer } from \"@modelcontextprotocol/sdk/server/mcp.js\";\nconst server = new McpServer({ name: \"real\", version: \"1\" });\nserver.tool(\"add\", async () => ({ content: [] }));\n";
const OLDER: &str = "import { McpServer } from \"@modelcontextprotocol/sdk/server/mcp.js\";\nconst server = new McpServer({ name: \"real\", version: \"1\" });\nserver.tool(\"add\", async () => ({ content: [] }));\nserver.tool(\"gone\", async () => ({ content: [] }));\n";
const BUNDLE: &str = "import{McpServer as M}from\"@modelcontextprotocol/sdk/server/mcp.js\";const s=new M({name:\"real\",version:\"1\"});s.tool(\"add\",async()=>({content:[]}));";

#[test]
fn code_that_is_no_server_of_the_project_has_no_tools() {
    for place in [
        "tests/test_server.py",
        "pkg/test_server.py",
        "examples/server.py",
        "demo/server.py",
        "tests/fixtures/server.py",
        "docs/server.py",
        "vendor/other/server.py",
        "third_party/other/server.py",
        "archive/server.py",
    ] {
        let files: [(&str, &str); 3] = [("pyproject.toml", ""), ("server.py", PYTHON), (place, FAKE)];
        check(&[(place, &files, "real closed: add")]);
    }
}

#[test]
fn what_only_a_test_registers_is_no_tool() {
    let wrapper = "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP(\"real\")\ndef offer(name):\n    @mcp.tool(name=name)\n    def run(a: int) -> int:\n        return a\noffer(\"add\")\n";
    let test = "from server import offer\noffer(\"fake\")\n";
    check(&[
        ("called from a test", &[("server.py", wrapper), ("tests/test_server.py", test)], "real closed: add"),
        ("called from the server", &[("server.py", wrapper), ("main.py", test)], "real closed: fake add"),
    ]);
}

#[test]
fn a_bundle_that_is_published_is_the_server() {
    let manifest = "{\"name\": \"real\", \"bin\": \"server.min.js\"}";
    check(&[
        ("a minified file", &[("package.json", manifest), ("server.min.js", BUNDLE)], "real closed: add"),
        ("a folder of builds alone", &[("package.json", "{}"), ("dist/index.js", BUNDLE)], "real closed: add"),
    ]);
}

#[test]
fn source_beside_what_was_built_from_it_counts_once() {
    let manifest = ("package.json", "{\"name\": \"real\", \"main\": \"dist/index.js\"}");
    check(&[
        ("the same", &[manifest, ("src/index.ts", SCRIPT), ("dist/index.js", BUNDLE)], "real closed: add"),
        (
            "built from older source",
            &[manifest, ("src/index.ts", SCRIPT), ("dist/index.js", OLDER)],
            "real closed: add",
        ),
        (
            "two servers of one package that share a name",
            &[manifest, ("src/a.ts", SCRIPT), ("src/longer.ts", OLDER)],
            "real closed: add\nreal closed: add gone",
        ),
    ]);
}

#[test]
fn a_folder_named_after_documentation_or_backups_runs_where_it_is_imported() {
    let tool = "export function add(server) { server.tool(\"search_docs\", async () => 1); }\n";
    let from = |path: &str| {
        SCRIPT.replace("server.tool(\"add\"", "add(server);\nserver.tool(\"add\"")
            + &format!("import {{ add }} from \"{path}\";\n")
    };
    let (docs, tests) = (from("./tools/docs/index.js"), from("../tests/index.js"));
    check(&[
        (
            "inside the sources",
            &[("package.json", "{}"), ("src/index.ts", &docs), ("src/tools/docs/index.ts", tool)],
            "real closed: add search_docs",
        ),
        (
            "not imported",
            &[("package.json", "{}"), ("src/index.ts", SCRIPT), ("src/tools/docs/index.ts", tool)],
            "real closed: add",
        ),
        (
            "beside the manifest",
            &[("package.json", "{}"), ("src/index.ts", &tests), ("tests/index.ts", tool)],
            "real closed: add",
        ),
        (
            "a Python package",
            &[
                (
                    "pkg/server.py",
                    "from mcp.server.fastmcp import FastMCP\nfrom .tools import backup\nmcp = FastMCP(\"real\")\nbackup.add(mcp)\n",
                ),
                ("pkg/tools/__init__.py", ""),
                ("pkg/tools/backup/__init__.py", "def add(mcp):\n    @mcp.tool()\n    def save(): pass\n"),
                ("pkg/__init__.py", ""),
            ],
            "real closed: save",
        ),
    ]);
}

#[test]
fn sdks_that_few_use_are_known_by_their_documented_shapes() {
    check_names(&[
        (
            "pmcp",
            &[(
                "src/main.rs",
                "use pmcp::{Server, ToolHandler};\nstruct Add;\n",
                "#[tokio::main]\nasync fn main() { let s = Server::builder().name(\"n\").version(\"1\").tool(\"add\", Add).tool_typed(\"sub\", |a: Args, _| async move { Ok(1) }).build().unwrap(); s.run_stdio().await.unwrap(); }",
            )],
            "add sub",
        ),
        (
            "turbomcp",
            &[(
                "src/main.rs",
                "use turbomcp::{server, tool};\n#[derive(Clone)] struct Calculator;\n",
                "#[server(name = \"calculator\", version = \"1.0.0\")]\nimpl Calculator { #[tool(\"Adds\")] async fn add(&self, a: i32) -> i32 { a } }",
            )],
            "add",
        ),
        (
            "turbomcp's prelude",
            &[(
                "src/main.rs",
                "use turbomcp::prelude::*;\n#[derive(Clone)] struct Calculator;\n",
                "#[server(name = \"calculator\", version = \"1.0.0\")]\nimpl Calculator { #[tool(\"Adds\")] async fn add(&self, a: i32) -> i32 { a } }",
            )],
            "add",
        ),
        (
            "mcp-attr",
            &[(
                "src/main.rs",
                "use mcp_attr::server::{mcp_server, McpServer};\nstruct Example;\n",
                "#[mcp_server]\nimpl McpServer for Example { #[tool]\nasync fn add(&self, lhs: u32) -> u32 { lhs }\n#[tool(\"other\")]\nasync fn sub(&self) -> u32 { 1 } fn helper(&self) {} }",
            )],
            "add other",
        ),
        (
            "viant",
            &[(
                "main.go",
                "package main\nimport (\n \"context\"\n proto \"github.com/viant/mcp-protocol/server\"\n \"github.com/viant/mcp/server\"\n)\n",
                "func main() {\n h := proto.WithDefaultHandler(context.Background(), func(h *proto.DefaultHandler) error {\n  return proto.RegisterTool[*In, *Out](h.Registry, \"add\", \"Adds\", add)\n })\n s, _ := server.New(server.WithNewHandler(h))\n _ = s\n}",
            )],
            "add",
        ),
        (
            "paularlott",
            &[(
                "main.go",
                "package main\nimport \"github.com/paularlott/mcp\"\n",
                "func main() { s := mcp.NewServer(\"n\", \"1\"); s.RegisterTool(mcp.NewTool(\"greet\", \"Greets\", mcp.String(\"name\", \"Name\")), greet) }",
            )],
            "greet",
        ),
        (
            "muppet makes tools of routes",
            &[(
                "s.ts",
                "import { muppet, describeTool } from 'muppet';\n",
                "const mcp = muppet(app, {name: 'm', version: '1'});",
            )],
            "?",
        ),
    ]);
}

#[test]
fn what_a_unit_test_makes_is_no_tool() {
    let server = "use rmcp::{tool, tool_router, model::Tool};\npub struct S;\n#[tool_router]\nimpl S { #[tool] async fn a(&self) {} }\n";
    let test = "#[cfg(test)]\nmod tests { use super::*; struct T;\n#[tool_router]\nimpl T { #[tool] async fn b(&self) {} }\n#[test]\nfn it() { let x = Tool::new(\"c\", \"d\", Default::default()); } }";
    let other = |attribute: &str| test.replace("#[cfg(test)]", attribute);
    check_names(&[
        ("in the file that it tests", &[("src/lib.rs", server, test)], "a"),
        ("of all builds for tests", &[("src/lib.rs", server, &other("#[cfg(all(test, feature = \"net\"))]"))], "a"),
    ]);
    for attribute in ["#[cfg(any(test, feature = \"demo\"))]", "#[cfg(feature = \"fastest\")]"] {
        let (_, made) = other(attribute).split_once("#[test]").map(|(made, _)| ((), format!("{made} }}"))).unwrap();
        check_names(&[("what other builds have too", &[("src/lib.rs", server, &made)], "a|b")]);
    }
}

#[test]
fn tools_that_are_made_for_a_server_from_elsewhere_are_named_and_leave_it_open() {
    check_names(&[
        (
            "a library of one's own over the SDK",
            &[(
                "main.go",
                "package main\nimport (\n \"github.com/modelcontextprotocol/go-sdk/mcp\"\n own \"github.com/acme/kit\"\n)\n",
                "func main() { s := own.NewServer(); own.Register(s, &mcp.Tool{Name: \"a\", Description: \"d\"}, h) }",
            )],
            "a(if) ?",
        ),
        (
            "a client names no tool of its own",
            &[(
                "main.go",
                "package main\nimport \"github.com/modelcontextprotocol/go-sdk/mcp\"\n",
                "func main() { c := mcp.NewClient(nil, nil); s, _ := c.Connect(nil, nil, nil); s.CallTool(nil, &mcp.CallToolParams{Name: \"a\"}) }",
            )],
            "",
        ),
    ]);
}
