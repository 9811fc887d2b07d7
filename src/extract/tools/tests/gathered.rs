//! Tools that are gathered before they are registered or listed.

use super::check_names;

mod listing;
mod many;
mod modules;

const GO: &str = r#"package main

import (
	"context"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func run(ctx context.Context, r *mcp.CallToolRequest, in struct{}) (*mcp.CallToolResult, any, error) { return nil, nil, nil }
"#;

/// Each text behind the same beginning in a module of Go: what it shows, and the tools it has.
fn check_go(start: &str, rows: &[(&str, &str, &str)]) {
    for (what, text, expected) in rows {
        check_names(&[(what, &[("go.mod", "", "module a\n"), ("main.go", start, text)], expected)]);
    }
}

#[test]
fn slices_of_go_that_grow_are_followed() {
    check_go(
        GO,
        &[
            (
                "a slice that is appended to, on a condition too",
                r#"
func main() {
	s := mcp.NewServer(&mcp.Implementation{Name: "a"}, nil)
	var all []*mcp.Tool
	all = append(all, &mcp.Tool{Name: "one"}, &mcp.Tool{Name: "two"})
	if os.Getenv("WRITE") != "" {
		all = append(all, more()...)
	}
	for _, tool := range all {
		mcp.AddTool(s, tool, run)
	}
}
func more() []*mcp.Tool { return []*mcp.Tool{{Name: "three"}} }
"#,
                "one three(if) two",
            ),
            (
                "a slice that grows in a loop over a table",
                r#"
func named(names []string) []*mcp.Tool {
	all := make([]*mcp.Tool, 0, len(names))
	for _, name := range names {
		all = append(all, &mcp.Tool{Name: "get_" + name})
	}
	return all
}
func main() {
	s := mcp.NewServer(&mcp.Implementation{Name: "a"}, nil)
	for _, tool := range named([]string{"x", "y"}) {
		mcp.AddTool(s, tool, run)
	}
}
"#,
                "get_x get_y",
            ),
            (
                "what is appended from outside is not known",
                r#"
func main() {
	s := mcp.NewServer(&mcp.Implementation{Name: "a"}, nil)
	all := []*mcp.Tool{{Name: "one"}}
	all = append(all, elsewhere.Tools()...)
	for _, tool := range all {
		mcp.AddTool(s, tool, run)
	}
}
"#,
                "one ?",
            ),
            (
                "functions that register each its own, kept in structs",
                r#"
type Own struct {
	Writes   bool
	Register func(s *mcp.Server)
}
type group struct{}
func (g *group) one() *Own {
	tool := &mcp.Tool{Name: "one"}
	return &Own{Register: func(s *mcp.Server) { mcp.AddTool(s, tool, run) }}
}
func (g *group) two() *Own {
	tool := &mcp.Tool{Name: "two"}
	return &Own{Register: func(s *mcp.Server) { mcp.AddTool(s, tool, run) }}
}
func (g *group) Tools() []*Own { return []*Own{g.one(), g.two()} }
type holder interface{ Tools() []*Own }
type server struct{ mcp *mcp.Server }
func main() {
	s := &server{mcp: mcp.NewServer(&mcp.Implementation{Name: "a"}, nil)}
	s.register([]holder{&group{}})
}
func (s *server) register(all []holder) {
	for _, one := range all {
		for _, tool := range one.Tools() {
			tool.Register(s.mcp)
		}
	}
}
"#,
                "one two",
            ),
        ],
    );
}

#[test]
fn a_hand_written_server_lists_what_its_answer_holds() {
    let server = r#"package main

import ("bufio"; "encoding/json"; "os")

type Tool struct {
	Name        string         `json:"name"`
	InputSchema map[string]any `json:"inputSchema"`
}
type List struct {
	Tools []Tool `json:"tools"`
}
type Answer struct {
	ID     any `json:"id"`
	Result any `json:"result"`
}
var none = map[string]any{"type": "object"}
type Server struct{ writes bool }

func main() {
	s := &Server{writes: os.Getenv("WRITES") != ""}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var r Request
		json.Unmarshal(in.Bytes(), &r)
		json.NewEncoder(os.Stdout).Encode(s.handle(r))
	}
}
func (s *Server) call(name string) *Answer { return nil }
"#;
    check_go(
        server,
        &[
            (
                "a list that grows before it is answered",
                r#"
func (s *Server) handle(r Request) *Answer {
	switch r.Method {
	case "initialize":
		return &Answer{ID: r.ID}
	case "tools/list":
		tools := []Tool{{Name: "one", InputSchema: none}, {Name: "two", InputSchema: none}}
		if s.writes {
			tools = append(tools, Tool{Name: "three", InputSchema: none}, Tool{Name: "four", InputSchema: none})
		}
		return &Answer{ID: r.ID, Result: List{Tools: tools}}
	case "tools/call":
		return s.call(r.Params.Name)
	}
	return nil
}
"#,
                "four(if) one three(if) two",
            ),
            (
                "one of several lists, one of them from outside",
                r#"
func (s *Server) handle(r Request) *Answer {
	switch r.Method {
	case "initialize":
		return &Answer{ID: r.ID}
	case "tools/list":
		tools := []Tool{{Name: "one", InputSchema: none}}
		if s.writes {
			tools = elsewhere.Tools()
		}
		return &Answer{ID: r.ID, Result: List{Tools: tools}}
	case "tools/call":
		return s.call(r.Params.Name)
	}
	return nil
}
"#,
                "one ?",
            ),
        ],
    );
}

#[test]
fn collections_that_functions_gather_are_followed() {
    check_names(&[
        (
            "an object that `reduce` fills",
            &[(
                "s.ts",
                "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nconst s = new McpServer({name: 'a'});\n",
                "const all = [{name: 'x'}, {name: 'y'}].reduce((kept, tool) => { kept[tool.name] = {run: async () => tool}; return kept; }, {});
for (const [name, tool] of Object.entries(all)) s.registerTool(name, {description: name}, () => tool.run());",
            )],
            "x y",
        ),
        (
            "an object that `reduce` makes anew",
            &[(
                "s.ts",
                "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nconst s = new McpServer({name: 'a'});\n",
                "const all = [{name: 'x'}, {name: 'y'}].reduce((kept, tool) => ({...kept, [tool.name]: tool}), {});
for (const name of Object.keys(all)) s.registerTool(name, {description: name}, async () => 1);",
            )],
            "x y",
        ),
        (
            "a map that a loop over a compiled enumeration fills, some left out",
            &[(
                "s.js",
                "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nconst s = new McpServer({name: 'a'});\nexport var Names;\n(function (Names) { Names[\"X\"] = \"x\"; Names[\"Y\"] = \"y\"; })(Names || (Names = {}));\n",
                "function kept(settings) {
  const all = new Map();
  for (const name of Object.values(Names)) {
    if (!settings.allows(name)) continue;
    all.set(name, {description: name});
  }
  return all;
}
kept(load()).forEach((tool, name) => { s.registerTool(name, tool, async () => 1); });",
            )],
            "x(if) y(if)",
        ),
        (
            "what `reduce` gathers from outside is not known",
            &[(
                "s.ts",
                "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nconst s = new McpServer({name: 'a'});\n",
                "const all = (await found()).reduce((kept, tool) => ({...kept, [tool.name]: tool}), {});
for (const name of Object.keys(all)) s.registerTool(name, {description: name}, async () => 1);",
            )],
            "?",
        ),
        (
            "a table of functions by members of an enumeration, cut down on a condition",
            &[(
                "s.py",
                "from enum import Enum\nfrom fastmcp import FastMCP\nfrom fastmcp.tools import Tool\nm = FastMCP('a')\nclass Api(str, Enum):\n    A = 'a'\n    B = 'b'\n",
                "def fa(): pass
def fb(): pass
def get_a(): return [(fa, 'ta', True)]
def get_b(): return [(fb, 'tb', False)]
TABLE = {Api.A: get_a, Api.B: get_b}
def only(functions):
    return [(f, n, r) for f, n, r in functions if r]
def main(apis, is_cut):
    for api in apis:
        get = TABLE[Api(api)]
        try:
            found = get()
        except NotImplementedError:
            continue
        if is_cut:
            found = only(found)
        for f, name, *_ in found:
            m.add_tool(Tool.from_function(f, name=name))
    m.run()
",
            )],
            "ta(if) tb(if)",
        ),
        (
            "a bundled SDK of before `registerTool`",
            &[(
                "dist/index.js",
                "class McpServer { constructor(i) { this.server = new Server(i); this._tools = {}; } setToolRequestHandlers() { this.server.setRequestHandler(ListToolsRequestSchema, () => ({tools: Object.entries(this._tools).map(([name, tool]) => ({name}))})); } setResourceRequestHandlers() {} setPromptRequestHandlers() {} tool(name, ...rest) { this._tools[name] = {callback: rest.pop()}; this.setToolRequestHandlers(); } }\n",
                "var s = new McpServer({name: 'a'});\ns.tool('x', async () => 1);",
            )],
            "x",
        ),
        (
            "a router that a method of the object lists, some left out",
            &[
                ("Cargo.toml", "", "[package]\nname = \"a\"\n[dependencies]\nrmcp = \"1\"\n"),
                (
                    "src/main.rs",
                    "use rmcp::{ServerHandler, handler::server::router::tool::ToolRouter, model::*, tool, tool_router};\nstruct S { tool_router: ToolRouter<S>, filter: Filter }\n#[tool_router]\nimpl S { #[tool(description = \"X\")] async fn x(&self) -> String { String::new() } }\n",
                    "impl S { fn kept(&self) -> Vec<Tool> { self.tool_router.list_all().into_iter().filter(|t| self.filter.is_on(&t.name)).collect() } }
impl ServerHandler for S { async fn list_tools(&self, r: Option<P>, c: C) -> Result<ListToolsResult, E> { Ok(ListToolsResult::with_all_items(self.kept())) } }
",
                ),
            ],
            "x",
        ),
        (
            "a router to whose list others are added",
            &[
                ("Cargo.toml", "", "[package]\nname = \"a\"\n[dependencies]\nrmcp = \"1\"\n"),
                (
                    "src/main.rs",
                    "use rmcp::{ServerHandler, handler::server::router::tool::ToolRouter, model::*, tool, tool_router};\nstruct S { tool_router: ToolRouter<S> }\n#[tool_router]\nimpl S { #[tool(description = \"X\")] async fn x(&self) -> String { String::new() } }\n",
                    "impl ServerHandler for S { async fn list_tools(&self, r: Option<P>, c: C) -> Result<ListToolsResult, E> { let mut all = self.tool_router.list_all(); all.extend(self.found().await); Ok(ListToolsResult::with_all_items(all)) } }
",
                ),
            ],
            "x ?",
        ),
    ]);
}
