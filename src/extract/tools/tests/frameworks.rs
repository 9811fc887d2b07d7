//! Frameworks over the TypeScript SDK, by import origin.

use super::check_names;

#[test]
fn frameworks_declare_tools_each_in_its_own_way() {
    check_names(&[
        (
            "v2 server package",
            &[(
                "s.ts",
                "",
                r#"import { McpServer, Server } from '@modelcontextprotocol/server';
const s = new McpServer({name:'a'});
s.registerTool('x', {inputSchema: z.object({})}, async (a, ctx) => 1);
s.registerTool('y', {}, async () => 1);"#,
            )],
            "x y",
        ),
        (
            "v2 low-level strings",
            &[(
                "s.ts",
                "",
                r#"import { Server } from '@modelcontextprotocol/server';
const s = new Server({name:'a'},{});
s.setRequestHandler('tools/list', async () => ({tools:[{name:'x'},{name:'y'}]}));
s.setRequestHandler('tools/call', async (req, ctx) => { if (req.params.name === 'x') return 1; if (req.params.name === 'y') return 2; });"#,
            )],
            "x y",
        ),
        (
            "v2 via server-legacy",
            &[(
                "s.ts",
                "",
                r#"import { McpServer } from '@modelcontextprotocol/server-legacy';
const s = new McpServer({name:'a'}); s.tool('x', async () => 1);"#,
            )],
            "x",
        ),
        (
            "core import",
            &[(
                "s.ts",
                "",
                r#"import { McpServer } from '@modelcontextprotocol/sdk/server';
const s = new McpServer({name:'a'}); s.tool('x', async () => 1);"#,
            )],
            "x",
        ),
        (
            "task tool",
            &[(
                "s.ts",
                "",
                r#"import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
const s = new McpServer({name: 'a'});
s.experimental.tasks.registerToolTask('x', {}, {createTask: async () => 1});"#,
            )],
            "x",
        ),
        (
            "FastMCP addTool",
            &[(
                "s.ts",
                "",
                r#"import { FastMCP } from 'fastmcp';
const s = new FastMCP({name:'a', version:'1.0.0'});
s.addTool({name:'x', execute: async () => 1});
const more=[{name:'y', execute: async()=>1}];
more.forEach(t => s.addTool(t));"#,
            )],
            "x y",
        ),
        (
            "FastMCP addTools",
            &[(
                "s.ts",
                "",
                r#"import { FastMCP } from 'fastmcp';
const s = new FastMCP({name:'a'});
s.addTools([{name:'x', execute: async () => 1},{name:'y', execute: async () => 1}]);"#,
            )],
            "x y",
        ),
        (
            "McpAgent init",
            &[(
                "s.ts",
                "",
                r#"import { McpAgent } from 'agents/mcp';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
export class S extends McpAgent<Env> {
 server = new McpServer({name:'a', version:'1'});
 async init() { this.server.tool('x', {a: z.string()}, async () => 1); this.server.registerTool('y', {}, async () => 1); }
}
export default S.mount('/sse');"#,
            )],
            "x y",
        ),
        (
            "McpAgent init via helper",
            &[(
                "s.ts",
                "",
                r#"import { McpAgent } from 'agents/mcp';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
function reg(agent: S) { agent.server.tool('x', async () => 1); }
export class S extends McpAgent<Env> {
 server = new McpServer({name:'a', version:'1'});
 async init() { reg(this); }
}
"#,
            )],
            "x",
        ),
        (
            "agents createMcpHandler",
            &[(
                "s.ts",
                "",
                r#"import { createMcpHandler } from 'agents/mcp';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
function make() { const server = new McpServer({name:'a'}); server.tool('x', async () => 1); return server; }
export default { fetch: async (r, e, c) => createMcpHandler(make())(r, e, c) };"#,
            )],
            "x",
        ),
        (
            "mcp-handler",
            &[(
                "app/api/route.ts",
                "",
                r#"import { createMcpHandler } from 'mcp-handler';
const handler = createMcpHandler((server) => {
 server.tool('x', 'd', {a: z.number()}, async () => 1);
 server.registerTool('y', {}, async () => 1);
}, {}, {basePath: '/api'});
export { handler as GET, handler as POST };"#,
            )],
            "x y",
        ),
        (
            "mcp-handler @vercel async with helper",
            &[(
                "s.ts",
                "",
                r#"import { createMcpHandler } from '@vercel/mcp-adapter';
function reg(server) { server.tool('x', async () => 1); }
const handler = createMcpHandler(async server => { reg(server); });
"#,
            )],
            "x",
        ),
        (
            "mcp-handler withMcpAuth",
            &[(
                "s.ts",
                "",
                r#"import { createMcpHandler, withMcpAuth } from 'mcp-handler';
const handler = withMcpAuth(createMcpHandler((server) => { server.tool('x', async () => 1); }), verify);
"#,
            )],
            "x",
        ),
        (
            "nest",
            &[
                (
                    "s.ts",
                    "",
                    r#"import { Injectable } from '@nestjs/common';
import { Tool, Context } from '@rekog/mcp-nest';
@Injectable()
export class T {
 @Tool({name:'say-hi', description:'d', parameters: z.object({name: z.string()})})
 async hi({name}, context: Context, request) { return name; }
 @Tool({name:'other', description:'d'})
 async o() { return 1; }
}
"#,
                ),
                (
                    "app.ts",
                    "",
                    r#"import { McpModule } from '@rekog/mcp-nest';
import { T } from './s';
@Module({imports: [McpModule.forRoot({name:'a', version:'1'})], providers: [T]})
export class AppModule {}
"#,
                ),
            ],
            "other say-hi",
        ),
        (
            "xmcp",
            &[
                ("package.json", "", r#"{"name":"p","dependencies":{"xmcp":"1"}}"#),
                (
                    "src/tools/hello.ts",
                    "",
                    r#"import { type InferSchema } from 'xmcp';
export const schema = {name: z.string()};
export const metadata = {name:'hello', description:'d', annotations: {readOnlyHint: true}};
export default async function hello({name}) { return name; }"#,
                ),
                (
                    "src/tools/greetAll.ts",
                    "",
                    r#"import { type ToolMetadata } from 'xmcp';
export const metadata: ToolMetadata = {name:'greet-all', description:'d'};
export default function f() { return 1; }"#,
                ),
            ],
            "greet-all hello",
        ),
        (
            "mastra",
            &[(
                "s.ts",
                "",
                r#"import { MCPServer } from '@mastra/mcp';
import { createTool } from '@mastra/core/tools';
const x = createTool({id:'x', description:'d', inputSchema: z.object({}), execute: async () => 1});
const s = new MCPServer({name:'a', version:'1', tools: { x, y: createTool({id:'zzz', execute: async () => 1}) }});"#,
            )],
            "x y",
        ),
        (
            "mcp-framework",
            &[
                ("package.json", "", r#"{"name":"p","dependencies":{"mcp-framework":"^0.2.0"}}"#),
                (
                    "src/index.ts",
                    "",
                    r#"import { MCPServer } from 'mcp-framework';
const server = new MCPServer();
server.start();"#,
                ),
                (
                    "src/tools/A.ts",
                    "",
                    r#"import { MCPTool } from 'mcp-framework';
class A extends MCPTool<I> { name = 'alpha'; description = 'd'; schema = {a: {type: z.string(), description: ''}}; async execute(input) { return 1; } }
export default A;"#,
                ),
                (
                    "src/tools/B.ts",
                    "",
                    r#"import { MCPTool } from 'mcp-framework';
export default class B extends MCPTool { name = 'beta'; description = 'd'; schema = {}; async execute() { return 1; } }"#,
                ),
            ],
            "alpha beta",
        ),
        (
            "litemcp",
            &[(
                "s.ts",
                "",
                r#"import { LiteMCP } from 'litemcp';
const s = new LiteMCP('a','1.0.0');
s.addTool({name:'x', parameters: z.object({}), execute: async () => 1});
s.start();"#,
            )],
            "x",
        ),
        (
            "easymcp",
            &[(
                "s.ts",
                "",
                r#"import EasyMCP from 'easy-mcp';
const s = EasyMCP.create('a',{version:'1'});
s.tool({name:'x', inputs:[], fn: async () => 1});"#,
            )],
            "x",
        ),
        (
            "tmcp",
            &[(
                "s.ts",
                "",
                r#"import { McpServer } from 'tmcp';
const s = new McpServer({name:'a'}, {adapter, capabilities:{}});
s.tool({name:'x', description:'d', schema: z.object({})}, async () => 1);
s.tools([{name:'y'}]);"#,
            )],
            "x y",
        ),
        (
            "mcp-use",
            &[(
                "s.ts",
                "",
                r#"import { createMCPServer } from 'mcp-use/server';
const s = createMCPServer('a', {version:'1'});
s.tool({name:'x', schema: z.object({})}, async () => 1);"#,
            )],
            "x",
        ),
        (
            "mcp-use class",
            &[(
                "s.ts",
                "",
                r#"import { MCPServer } from 'mcp-use/server';
const s = new MCPServer({name:'a', version:'1'});
s.tool({name:'x', schema: z.object({})}, async () => 1);"#,
            )],
            "x",
        ),
        (
            "ext-apps registerAppTool",
            &[(
                "s.ts",
                "",
                r#"import { registerAppTool } from '@modelcontextprotocol/ext-apps/server';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
const s = new McpServer({name:'a'});
registerAppTool(s, 'x', {description:'d'}, async () => 1);"#,
            )],
            "x",
        ),
        (
            "mcp-ts-core, a tool that is left out",
            &[(
                "s.ts",
                "",
                r#"import { createApp, disabledTool, tool, z } from '@cyanheads/mcp-ts-core';
const x = tool('x', {description: 'd', input: z.object({p: z.string()}), handler: async (input) => input});
const y = tool('y', {description: 'd', input: z.object({}), handler: async () => 1});
await createApp({name: 'a', tools: [x, disabledTool(y, {reason: 'not set up'})]});"#,
            )],
            "x y(if)",
        ),
    ]);
}

#[test]
fn schemas_of_valibot_and_chosen_parts_of_zod_are_read() {
    let vali = r#"import { McpServer } from 'tmcp';
import * as v from 'valibot';
const s = new McpServer({name:'a'}, {});
s.tool({name:'x', schema: v.object({
  id: v.pipe(v.string(), v.minLength(1), v.regex(/^a+$/), v.description('d')),
  n: v.optional(v.pipe(v.number(), v.integer(), v.maxValue(9)), 3),
  k: v.nullable(v.picklist(['a', 'b'])),
  all: v.array(v.union([v.literal('on'), v.boolean()])),
})}, async () => 1);"#;
    let zod = r#"import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
const s = new McpServer({name:'a'});
const whole = z.object({id: z.string(), n: z.number(), k: z.string()});
s.registerTool('x', {inputSchema: whole.pick({id: true, n: true}).omit({n: true}) ?? {}}, async () => 1);"#;
    let got = r#"import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
const s = new McpServer({name:'a'});
const shared = () => ({k: z.string()});
const t = {get inputSchema() { return z.object({id: z.number(), ...shared()}); }};
s.registerTool('x', {inputSchema: t.inputSchema ?? z.object({})}, async () => 1);"#;
    for (text, expected) in [
        (got, r#"{"type":"object","properties":{"id":{"type":"number"},"k":{"type":"string"}},"required":["id","k"]}"#),
        (
            vali,
            r#"{"type":"object","properties":{"id":{"type":"string","minLength":1,"pattern":"^a+$","description":"d"},"n":{"type":"integer","maximum":9,"default":3},"k":{"anyOf":[{"type":"string","enum":["a","b"]},{"type":"null"}]},"all":{"type":"array","items":{"anyOf":[{"const":"on"},{"type":"boolean"}]}}},"required":["id","k","all"]}"#,
        ),
        (zod, r#"{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}"#),
    ] {
        let facts = super::facts(&[("s.ts", text)]);
        let schema = facts.tools[0].input_schema.value().expect("there is one");
        assert_eq!((schema.json.to_string().as_str(), schema.complete), (expected, true));
    }
}

#[test]
fn routers_of_the_crates_before_rmcp_are_read() {
    const ROUTER: &str = r#"use mcp_core::{Tool, ToolError};
use mcp_server::{ByteTransport, Router, Server, router::RouterService};
struct Docs;
impl Router for Docs {
    fn list_tools(&self) -> Vec<Tool> {
        vec![Tool::new("look_up", "Looks up", json!({"type": "object"})), Tool::new("find".to_string(), "Finds".to_string(), json!({}))]
    }
    fn call_tool(&self, tool_name: &str, arguments: Value) -> Answer {
        let tool_name = tool_name.to_string();
        Box::pin(async move {
            match tool_name.as_str() {
                "look_up" => Ok(vec![]),
                "find" => Ok(vec![]),
                _ => Err(ToolError::NotFound(tool_name)),
            }
        })
    }
}
"#;
    let main =
        "async fn main() { Server::new(RouterService(Docs)).run(ByteTransport::new(stdin(), stdout())).await }\n";
    let manifest = "[package]\nname = \"a\"\n[dependencies]\nmcp-server = \"0.1\"\nmcp-core = \"0.1\"\n";
    for place in ["src/main.rs", "src/tools/docs/mod.rs"] {
        let files = [("Cargo.toml", "", manifest), (place, ROUTER, main)];
        check_names(&[(place, &files, "find look_up")]);
    }
    for place in ["examples/docs.rs", "docs/docs.rs", "src/tests/router.rs"] {
        let files = [("Cargo.toml", "", manifest), ("src/lib.rs", "", ""), (place, ROUTER, main)];
        check_names(&[(place, &files, "")]);
    }
}

#[test]
fn routers_under_conditions_are_read() {
    const TOOLS: &str = "use rmcp::{tool, tool_router};\nstruct S { r: R }\nimpl S { fn new() -> Self { S { r: Self::core() } } }\n#[cfg_attr(feature = \"more\", tool_router(router = core))]\n#[cfg_attr(not(feature = \"more\"), tool_router)]\nimpl S {\n#[tool]\nfn x(&self) {}\n#[cfg_attr(feature = \"more\", tool(name = \"z\"))]\nfn y(&self) {}\n#[cfg_attr(feature = \"more\", inline)]\nfn none(&self) {}\n}\n";
    const OTHER: &str = "#[cfg_attr(feature = \"more\", derive(Debug))]\nimpl T {\n#[tool]\nfn w(&self) {}\n}\n";
    check_names(&[
        ("two conditions", &[("s.rs", TOOLS, "")], "x z"),
        ("another attribute under a condition", &[("s.rs", TOOLS, OTHER)], "x z"),
    ]);
}

#[test]
fn servers_of_cortex_are_read() {
    const SERVER: &str = r#"package main

import (
	"context"

	"github.com/FreePeak/cortex/pkg/server"
	"github.com/FreePeak/cortex/pkg/tools"
)

func main() {
	s := server.NewMCPServer("a", "1", nil)
	echo := tools.NewTool("echo", tools.WithDescription("Echoes."), tools.WithString("m", tools.Required()))
	s.AddTool(context.Background(), echo, handle)
	s.ServeStdio()
}

func handle(ctx context.Context, request server.ToolCallRequest) (interface{}, error) { return nil, nil }
"#;
    let module = "module example.com/a\n\nrequire github.com/FreePeak/cortex v1.0.5\n";
    let files = [("go.mod", "", module), ("main.go", "", SERVER)];
    check_names(&[("a tool with its handler", &files, "echo")]);
    let facts = super::facts(&[("go.mod", module), ("main.go", SERVER)]);
    let schema = facts.tools[0].input_schema.value().expect("there is one");
    assert_eq!(schema.json.to_string(), r#"{"type":"object","properties":{"m":{"type":"string"}},"required":["m"]}"#);
}
