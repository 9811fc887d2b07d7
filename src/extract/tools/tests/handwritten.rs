//! Servers without an SDK.

use super::check_names;

#[test]
fn requests_that_code_answers_by_name_are_a_server() {
    check_names(&[
        (
            "a switch in JavaScript",
            &[
                (
                    "package.json",
                    "",
                    r#"{"name":"hand-mcp-server","type":"module"}
"#,
                ),
                (
                    "server.js",
                    "",
                    r#"import readline from "node:readline";
import { execSync } from "node:child_process";
const TOOLS = [
  { name: "run", description: "Run", inputSchema: { type: "object", properties: { cmd: { type: "string" } } } },
  { name: "echo", description: "Echo", inputSchema: { type: "object", properties: {} } },
];
const rl = readline.createInterface({ input: process.stdin });
function handle(msg) {
  switch (msg.method) {
    case "initialize": return { protocolVersion: "2024-11-05", capabilities: { tools: {} }, serverInfo: { name: "hand", version: "1" } };
    case "tools/list": return { tools: TOOLS };
    case "tools/call": return callTool(msg.params.name, msg.params.arguments);
  }
}
function callTool(name, args) {
  if (name === "run") return { content: [{ type: "text", text: execSync(args.cmd).toString() }] };
  if (name === "echo") return { content: [] };
  throw new Error("unknown tool");
}
rl.on("line", (line) => { const m = JSON.parse(line); process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id: m.id, result: handle(m) }) + "\n"); });
"#,
                ),
            ],
            "echo run",
        ),
        (
            "branches in Python",
            &[
                (
                    "pyproject.toml",
                    "",
                    r#"[project]
name="hand"
"#,
                ),
                (
                    "server.py",
                    "",
                    r#"import json, sys, subprocess
TOOLS = [{"name": "run", "description": "Run", "inputSchema": {"type": "object", "properties": {"cmd": {"type": "string"}}}}]
def call_tool(name, args):
    if name == "run":
        return subprocess.run(args["cmd"], shell=True, capture_output=True).stdout.decode()
    raise ValueError(name)
def handle(request):
    method = request.get("method")
    if method == "initialize":
        return {"protocolVersion": "2024-11-05", "capabilities": {"tools": {}}, "serverInfo": {"name": "hand", "version": "1"}}
    elif method == "tools/list":
        return {"tools": TOOLS}
    elif method == "tools/call":
        params = request["params"]
        return {"content": [{"type": "text", "text": call_tool(params["name"], params.get("arguments", {}))}]}
for line in sys.stdin:
    req = json.loads(line)
    print(json.dumps({"jsonrpc": "2.0", "id": req["id"], "result": handle(req)}))
"#,
                ),
            ],
            "run",
        ),
        (
            "a match in Rust",
            &[
                (
                    "Cargo.toml",
                    "",
                    r#"[package]
name="hand-mcp"
version="0.1.0"
edition="2021"
[dependencies]
serde_json="1"
"#,
                ),
                (
                    "src/main.rs",
                    "",
                    r#"use serde_json::{json, Value};
use std::io::{self, BufRead};
use std::process::Command;
fn tools() -> Value {
    json!([
        {"name": "run", "description": "Run", "inputSchema": {"type": "object", "properties": {"cmd": {"type": "string"}}}},
        {"name": "echo", "description": "Echo", "inputSchema": {"type": "object"}}
    ])
}
fn call(name: &str, args: &Value) -> Result<String, String> {
    match name {
        "run" => { let cmd = args["cmd"].as_str().unwrap_or(""); Ok(String::from_utf8_lossy(&Command::new("sh").arg("-c").arg(cmd).output().unwrap().stdout).to_string()) }
        "echo" => Ok(args.to_string()),
        _ => Err("unknown".into()),
    }
}
fn handle(req: &Value) -> Value {
    let method = req["method"].as_str().unwrap_or("");
    match method {
        "initialize" => json!({"protocolVersion": "2024-11-05", "capabilities": {"tools": {}}, "serverInfo": {"name": "hand"}}),
        "tools/list" => json!({"tools": tools()}),
        "tools/call" => { let name = req["params"]["name"].as_str().unwrap_or(""); json!({"content": [{"type": "text", "text": call(name, &req["params"]["arguments"]).unwrap()}]}) }
        _ => Value::Null,
    }
}
fn main() { for line in io::stdin().lock().lines() { let v: Value = serde_json::from_str(&line.unwrap()).unwrap(); println!("{}", handle(&v)); } }
"#,
                ),
            ],
            "echo run",
        ),
        (
            "a switch in Go",
            &[
                (
                    "go.mod",
                    "",
                    r#"module example.com/hand

go 1.22
"#,
                ),
                (
                    "main.go",
                    "",
                    r#"package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
)

type Request struct {
	ID     any             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}
type Tool struct {
	Name        string         `json:"name"`
	Description string         `json:"description"`
	InputSchema map[string]any `json:"inputSchema"`
}
type CallParams struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}
type RunArgs struct {
	Cmd string `json:"cmd"`
}

func tools() []Tool {
	return []Tool{
		{Name: "run", Description: "Run", InputSchema: map[string]any{"type": "object"}},
		{Name: "echo", Description: "Echo", InputSchema: map[string]any{"type": "object"}},
	}
}

func call(p CallParams) (any, error) {
	switch p.Name {
	case "run":
		var args RunArgs
		if err := json.Unmarshal(p.Arguments, &args); err != nil {
			return nil, err
		}
		out, err := exec.Command("sh", "-c", args.Cmd).Output()
		return string(out), err
	case "echo":
		return "x", nil
	}
	return nil, fmt.Errorf("unknown tool %s", p.Name)
}

func handle(r Request) any {
	switch r.Method {
	case "initialize":
		return map[string]any{"protocolVersion": "2024-11-05", "serverInfo": map[string]any{"name": "hand"}}
	case "tools/list":
		return map[string]any{"tools": tools()}
	case "tools/call":
		var p CallParams
		json.Unmarshal(r.Params, &p)
		out, _ := call(p)
		return out
	}
	return nil
}

func main() {
	s := bufio.NewScanner(os.Stdin)
	for s.Scan() {
		var r Request
		json.Unmarshal(s.Bytes(), &r)
		b, _ := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": r.ID, "result": handle(r)})
		fmt.Println(string(b))
	}
}
"#,
                ),
            ],
            "echo run",
        ),
        (
            "what only passes requests on is none",
            &[
                (
                    "package.json",
                    "",
                    r#"{"name":"hand-mcp-server","type":"module"}
"#,
                ),
                (
                    "server.js",
                    "",
                    r#"export async function list(send) {
  const answer = await send({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  return answer.tools;
}
export function forward(message, upstream) {
  if (message.method === "tools/list") return upstream.list();
  if (message.method === "tools/call") return upstream.call(message.params);
}
"#,
                ),
            ],
            "",
        ),
    ]);
}

const PACKAGE: &str = r#"{"name":"hand-mcp-server","type":"module","dependencies":{"@modelcontextprotocol/sdk":"1.20.0"}}
"#;

const SERVER: &str = r#"import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { execSync } from "node:child_process";
const TOOLS = [
  { name: "run", description: "Run", inputSchema: { type: "object" }, handler: (args) => execSync(args.cmd).toString() },
  { name: "echo", description: "Echo", inputSchema: { type: "object" }, handler: (args) => args.text },
];
const server = new Server({ name: "hand", version: "1" }, { capabilities: { tools: {} } });
const answer = (request) => request;
ASSIGNED
  const { method, params } = request;
  if (method === "initialize") return { protocolVersion: "2025-11-25", serverInfo: { name: "hand", version: "1" } };
  if (method === "tools/list") return { tools: TOOLS.map((tool) => ({ name: tool.name, inputSchema: tool.inputSchema })) };
  if (method === "tools/call") {
    const { name, arguments: args = {} } = params;
    const tool = TOOLS.find((one) => one.name === name);
    return tool.handler(args);
  }
};
await server.connect(new StdioServerTransport());
"#;

#[test]
fn what_answers_everything_else_lists_the_tools_of_a_server_that_has_no_other() {
    let with = |assigned: &str| SERVER.replace("ASSIGNED", assigned);
    let fallback = with("server.fallbackRequestHandler = async (request) => {");
    let own = fallback.replace(
        "const answer = (request) => request;",
        "server.setRequestHandler(\"tools/list\", async () => ({ tools: [{ name: \"own\", inputSchema: { type: \"object\" } }] }));",
    );
    let cases: [(&str, &str, &str); 4] = [
        ("as the server's fallback", &fallback, "echo run"),
        ("as the fallback of something else", &with("client.fallbackRequestHandler = async (request) => {"), "?"),
        ("as a member that no server asks", &with("server.fallbackHandler = async (request) => {"), "?"),
        ("beside a list of the server's own", &own, "own"),
    ];
    for (what, text, names) in cases {
        check_names(&[(what, &[("package.json", "", PACKAGE), ("server.js", "", text)], names)]);
    }
}
