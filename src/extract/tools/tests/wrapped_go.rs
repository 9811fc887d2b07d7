//! Go projects that wrap tools in types and groups of their own.

use super::check_names;

#[test]
fn go_projects_wrap_tools() {
    check_names(&[
        (
            "a generic helper that may fail",
            &[
                (
                    "go.mod",
                    "",
                    r#"module example.com/x

go 1.23

require github.com/mark3labs/mcp-go v0.58.0
"#,
                ),
                (
                    "lib/tool.go",
                    "",
                    r#"package lib

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

type Tool struct {
	Tool    mcp.Tool
	Handler server.ToolHandlerFunc
}

func (t *Tool) Register(s *server.MCPServer) { s.AddTool(t.Tool, t.Handler) }

type HandlerFunc[T any, R any] = func(ctx context.Context, request T) (R, error)

func MustTool[T any, R any](name, description string, h HandlerFunc[T, R], options ...mcp.ToolOption) Tool {
	tool, handler, err := Convert(name, description, h, options...)
	if err != nil {
		panic(err)
	}
	return Tool{Tool: tool, Handler: handler}
}

func Convert[T any, R any](name, description string, h HandlerFunc[T, R], options ...mcp.ToolOption) (mcp.Tool, server.ToolHandlerFunc, error) {
	zero := mcp.Tool{}
	if h == nil {
		return zero, nil, nil
	}
	handler := func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		b, err := json.Marshal(req.Params.Arguments)
		if err != nil {
			return nil, err
		}
		var args T
		if err := json.Unmarshal(b, &args); err != nil {
			return nil, err
		}
		r, err := h(ctx, args)
		_ = r
		return mcp.NewToolResultText(""), err
	}
	t := mcp.Tool{Name: name, Description: description}
	for _, o := range options {
		o(&t)
	}
	return t, handler, nil
}
"#,
                ),
                (
                    "main.go",
                    "",
                    r#"package main

import (
	"context"
	"flag"
	"os"

	"example.com/x/lib"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

type ReadParams struct {
	Path string `json:"path" jsonschema:"required"`
}

func read(ctx context.Context, p ReadParams) (string, error) {
	b, err := os.ReadFile(p.Path)
	return string(b), err
}

var Read = lib.MustTool("read_it", "Reads", read, mcp.WithReadOnlyHintAnnotation(true))
var Write = lib.MustTool("write_it", "Writes", read)

func AddTools(s *server.MCPServer, enableWrite bool) {
	Read.Register(s)
	if enableWrite {
		Write.Register(s)
	}
}

func main() {
	disableWrite := flag.Bool("disable-write", false, "no writes")
	flag.Parse()
	s := server.NewMCPServer("m", "1")
	AddTools(s, !*disableWrite)
	server.ServeStdio(s)
}
"#,
                ),
            ],
            "read_it write_it(if)",
        ),
        (
            "groups of tools by name",
            &[
                (
                    "go.mod",
                    "",
                    r#"module example.com/x

go 1.23

require github.com/modelcontextprotocol/go-sdk v1.7.0
"#,
                ),
                (
                    "main.go",
                    "",
                    r#"package main

import (
	"context"

	"example.com/x/pkg/gh"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func tr(key, def string) string { return def }

func main() {
	s := mcp.NewServer(&mcp.Implementation{Name: "g"}, nil)
	g := gh.DefaultGroup(tr)
	g.RegisterAll(s)
	s.Run(context.Background(), &mcp.StdioTransport{})
}
"#,
                ),
                (
                    "pkg/gh/tools.go",
                    "",
                    r#"package gh

import (
	"context"

	"example.com/x/pkg/ts"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type T func(key, def string) string

func GetMe(t T) (tool mcp.Tool, handler mcp.ToolHandler) {
	return mcp.Tool{Name: "get_me", Description: t("TOOL_GET_ME", "Get me")}, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return nil, nil
	}
}

func NewServerTool(tool mcp.Tool, h mcp.ToolHandler) ts.ServerTool {
	return ts.ServerTool{Tool: tool, Handler: h}
}

func Delete(t T) (tool mcp.Tool, handler mcp.ToolHandler) {
	return mcp.Tool{Name: "delete_it", Description: t("TOOL_DELETE", "Deletes")}, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return nil, nil
	}
}

func DefaultGroup(t T) *ts.Group {
	g := ts.NewGroup()
	users := ts.NewToolset("users").
		AddReadTools(
			NewServerTool(GetMe(t)),
		).
		AddWriteTools(NewServerTool(Delete(t)))
	g.Add(users)
	return g
}
"#,
                ),
                (
                    "pkg/ts/ts.go",
                    "",
                    r#"package ts

import "github.com/modelcontextprotocol/go-sdk/mcp"

type ServerTool struct {
	Tool    mcp.Tool
	Handler mcp.ToolHandler
}

type Toolset struct {
	Name     string
	Enabled  bool
	readOnly bool
	write    []ServerTool
	read     []ServerTool
}

func NewToolset(name string) *Toolset { return &Toolset{Name: name} }

func (t *Toolset) AddWriteTools(tools ...ServerTool) *Toolset {
	t.write = append(t.write, tools...)
	return t
}
func (t *Toolset) AddReadTools(tools ...ServerTool) *Toolset {
	t.read = append(t.read, tools...)
	return t
}
func (t *Toolset) RegisterTools(s *mcp.Server) {
	if !t.Enabled {
		return
	}
	for _, tool := range t.read {
		s.AddTool(&tool.Tool, tool.Handler)
	}
	if !t.readOnly {
		for _, tool := range t.write {
			s.AddTool(&tool.Tool, tool.Handler)
		}
	}
}

type Group struct {
	sets map[string]*Toolset
}

func NewGroup() *Group { return &Group{sets: map[string]*Toolset{}} }
func (g *Group) Add(t *Toolset) { g.sets[t.Name] = t }
func (g *Group) RegisterAll(s *mcp.Server) {
	for _, set := range g.sets {
		set.RegisterTools(s)
	}
}
"#,
                ),
            ],
            "delete_it(if) get_me(if) ?",
        ),
    ]);
}

const MCP_GO: &str = r#"package main

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func handle(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) { return nil, nil }
"#;

#[test]
fn a_function_of_go_that_gives_tool_and_handler_fills_both_places() {
    const MODULE: (&str, &str, &str) = ("go.mod", "", "module a\n\nrequire github.com/mark3labs/mcp-go v0.43.0\n");
    for (what, text, expected) in [
        (
            "a named handler is no tool of its own",
            "func x() (mcp.Tool, server.ToolHandlerFunc) { return mcp.NewTool(\"x\"), handle }
func main() { s := server.NewMCPServer(\"a\", \"1\"); s.AddTool(x()) }",
            "x",
        ),
        (
            "a handler that is written there",
            "func x(url string) (tool mcp.Tool, handler server.ToolHandlerFunc) {
	tool = mcp.NewTool(\"x\")
	return tool, func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) { return nil, nil }
}
func main() { s := server.NewMCPServer(\"a\", \"1\"); s.AddTool(x(\"u\")) }",
            "x",
        ),
        (
            "through a helper of the project",
            "type S struct{ mcp *server.MCPServer }
func (s *S) add(t mcp.Tool, h server.ToolHandlerFunc) { s.mcp.AddTool(t, h) }
func x() (mcp.Tool, server.ToolHandlerFunc) { return mcp.NewTool(\"x\"), handle }
func main() { s := &S{mcp: server.NewMCPServer(\"a\", \"1\")}; s.add(x()) }",
            "x",
        ),
        (
            "what is given comes from elsewhere",
            "func x() (mcp.Tool, server.ToolHandlerFunc) { return fetch(), handle }
func main() { s := server.NewMCPServer(\"a\", \"1\"); s.AddTool(x()) }",
            "?",
        ),
    ] {
        check_names(&[(what, &[MODULE, ("main.go", MCP_GO, text)], expected)]);
    }
}
