//! Which code is the server: not tests, examples, fixtures, documentation and copies; a published bundle is.

use super::check;

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
