//! Handlers of `tools/list` and `tools/call` in TypeScript, and what is no server.

use super::{ServerId, check_names, facts};

const LOW: &str = r#"import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ListToolsRequestSchema, CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
const s = new Server({name: 'low'}, {});
"#;

#[test]
fn lists_and_dispatchers_are_read() {
    check_names(&[
        (
            "tools checked by the SDK's own schema",
            &[(
                "s.ts",
                LOW,
                r#"import { ToolSchema } from '@modelcontextprotocol/sdk/types.js';
const X = ToolSchema.parse({name: 'x', inputSchema: {type: 'object'}});
s.setRequestHandler(ListToolsRequestSchema, async () => ({tools: [X]}));"#,
            )],
            "x",
        ),
        (
            "a name that is handed on to one helper with several others",
            &[(
                "s.ts",
                LOW,
                r#"const is = (name, one) => name === one;
s.setRequestHandler(ListToolsRequestSchema, async () => ({tools: [{name: 'x', inputSchema: {}}]}));
s.setRequestHandler(CallToolRequestSchema, async (request) => {
  const { name } = request.params;
  if (is(name, 'x')) { return 1; }
  if (is(name, 'y')) { return 2; }
  if (is(name, 'x')) { return 3; }
  throw new Error();
});"#,
            )],
            "x y(hidden)",
        ),
        (
            "a list that is made again from itself",
            &[(
                "s.ts",
                LOW,
                r#"const all = [{name: 'x', inputSchema: {}}, {name: 'y', inputSchema: {}}];
const flags = new Set((process.env.FLAGS ?? '').split(','));
const first = all.filter(one => flags.has(one.name));
const more = [...first, ...all.filter(one => !flags.has(one.name))];
let kept = process.env.DENIED ? more.filter(one => one.name !== process.env.DENIED) : [...more];
if (flags.size > 0) { kept = kept.filter(one => flags.has(one.name)); }
s.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: kept.map(one => ({...one})) }));"#,
            )],
            "x(if) y(if)",
        ),
        (
            "a list that another module adds to",
            &[
                (
                    "s.ts",
                    LOW,
                    r#"import { described } from './index.js';
s.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: described() }));"#,
                ),
                (
                    "index.ts",
                    "",
                    r#"import { all } from './all.js';
all.push({name: 'x', inputSchema: {}}, {name: 'y', inputSchema: {}});
export * from './all.js';"#,
                ),
                (
                    "all.ts",
                    "",
                    r#"export const all = [];
export function described() { return all.map((tool) => ({name: tool.name, inputSchema: tool.inputSchema})); }"#,
                ),
            ],
            "x y",
        ),
        (
            "a list that is made again from itself, and is empty where it cannot be made",
            &[(
                "s.ts",
                LOW,
                r#"function isMeant(name) { return name !== 'z'; }
s.setRequestHandler(ListToolsRequestSchema, async () => {
  try {
    const told = { tools: [{name: 'x', inputSchema: {}}, {name: 'y', inputSchema: {}}, {name: 'z', inputSchema: {}}] };
    told.tools = told.tools.map((tool) => ({...tool, title: tool.name}));
    told.tools = told.tools.filter((tool) => isMeant(tool.name));
    return told;
  } catch (error) { return { tools: [] }; }
});"#,
            )],
            "x y",
        ),
        (
            "the SDK's own list, handed on",
            &[(
                "s.ts",
                "",
                r#"import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
const s = new McpServer({name: 'a'});
s.registerTool('x', {}, async () => 1);
const listed = s.server._requestHandlers.get('tools/list');
s.server.setRequestHandler(ListToolsRequestSchema, async (request, extra) => {
  const result = await listed(request, extra);
  for (const tool of result.tools) { tool.title = tool.name; }
  return result;
});"#,
            )],
            "x",
        ),
        (
            "list imported tools",
            &[
                (
                    "s.ts",
                    LOW,
                    r#"import { tools } from './tools.js';
s.setRequestHandler(ListToolsRequestSchema, async () => ({ tools }));
s.setRequestHandler(CallToolRequestSchema, async (r) => handlers[r.params.name](r));
const handlers = {x: f, y: f}; function f() {}"#,
                ),
                (
                    "tools.ts",
                    "",
                    "export const tools: Tool[] = [{name:'x', inputSchema:{}},{name:'y', inputSchema:{}}];",
                ),
            ],
            "x y",
        ),
        (
            "list from Object.values",
            &[(
                "s.ts",
                LOW,
                r#"const T = {X: {name:'x'}, Y: {name:'y'}};
s.setRequestHandler(ListToolsRequestSchema, async () => { return { tools: Object.values(T) }; });
s.setRequestHandler(CallToolRequestSchema, async (r) => { switch (r.params.name) { case T.X.name: return 1; case T.Y.name: return 2; default: throw new Error('unknown'); } });"#,
            )],
            "x y",
        ),
        (
            "list from Object.entries map",
            &[(
                "s.ts",
                LOW,
                r#"const T = {x: {description:'d', schema: {}, handler: async () => 1}, y: {description:'d', schema: {}, handler: async () => 1}};
s.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: Object.entries(T).map(([name, t]) => ({ name, description: t.description, inputSchema: t.schema })) }));
s.setRequestHandler(CallToolRequestSchema, async ({params: {name, arguments: args}}) => { const t = T[name]; if (!t) throw new Error(); return t.handler(args); });"#,
            )],
            "x y",
        ),
        (
            "list from Map values",
            &[(
                "s.ts",
                LOW,
                r#"class X { name='x'; async run() {} } class Y { name='y'; async run() {} }
const M = new Map();
[new X(), new Y()].forEach(t => M.set(t.name, t));
s.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: Array.from(M.values()).map(t => ({name: t.name})) }));
s.setRequestHandler(CallToolRequestSchema, async (r) => M.get(r.params.name).run());"#,
            )],
            "x y",
        ),
        (
            "class with static tools",
            &[(
                "s.ts",
                LOW,
                r#"class A { static tools = [{name:'x'}]; } class B { static readonly tools = [{name:'y'}]; }
s.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: [...A.tools, ...B.tools] }));
s.setRequestHandler(CallToolRequestSchema, async (r) => handle(r.params.name, r.params.arguments));
async function handle(n, a) { if (n === 'x') return 1; else if (n === 'y') return 2; }"#,
            )],
            "x y",
        ),
        (
            "class handler methods",
            &[(
                "s.ts",
                "",
                r#"import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ListToolsRequestSchema, CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
class M { private server: Server; constructor() { this.server = new Server({name:'low'},{capabilities:{tools:{}}}); this.setupHandlers(); }
 private setupHandlers() { this.server.setRequestHandler(ListToolsRequestSchema, this.list.bind(this)); this.server.setRequestHandler(CallToolRequestSchema, (r) => this.call(r)); }
 async list() { return { tools: this.tools() }; }
 tools() { return [{name:'x'}]; }
 async call(r) { if (r.params.name !== 'x') throw new Error('no'); return this.x(r.params.arguments); }
 async x(a) {} }
new M();"#,
            )],
            "x",
        ),
        (
            "zod-typed consts low",
            &[(
                "s.ts",
                LOW,
                r#"const X_TOOL: Tool = {name:'x', inputSchema:{type:'object'}};
const TOOLS = [X_TOOL] as const;
s.setRequestHandler(ListToolsRequestSchema, () => ({tools: TOOLS}));
s.setRequestHandler(CallToolRequestSchema, async (request) => { const { name, arguments: args } = request.params; if (name === X_TOOL.name) return 1; return {isError: true}; });"#,
            )],
            "x",
        ),
        (
            "custom zod schemas",
            &[(
                "s.ts",
                "",
                r#"import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import * as types from '@modelcontextprotocol/sdk/types.js';
const s = new Server({name:'low'},{});
s.setRequestHandler(types.ListToolsRequestSchema, async () => ({tools:[{name:'x'}]}));"#,
            )],
            "x",
        ),
        (
            "conditional spread",
            &[(
                "s.ts",
                LOW,
                "s.setRequestHandler(ListToolsRequestSchema, async () => ({tools: [{name:'x'}, ...(process.env.W ? [{name:'y'}] : [])]}));",
            )],
            "x y(if)",
        ),
        (
            "not a server",
            &[(
                "s.ts",
                "",
                r#"import { McpServer } from 'other-lib';
const s = new McpServer({name:'a'}); s.tool('x', async () => 1);"#,
            )],
            "",
        ),
        (
            "client is no server",
            &[(
                "s.ts",
                "",
                r#"import { Client } from '@modelcontextprotocol/sdk/client/index.js';
const c = new Client({name:'a'}); c.callTool({name:'x'});"#,
            )],
            "",
        ),
        (
            "proxy open",
            &[(
                "s.ts",
                LOW,
                "s.setRequestHandler(ListToolsRequestSchema, async () => { const r = await upstream.listTools(); return {tools: r.tools}; });",
            )],
            "?",
        ),
        (
            "openapi open",
            &[(
                "s.ts",
                LOW,
                r#"import fs from 'fs';
const spec = JSON.parse(fs.readFileSync('api.json','utf8'));
const tools = Object.values(spec.paths).map(p => ({name: p.operationId}));
s.setRequestHandler(ListToolsRequestSchema, async () => ({tools}));"#,
            )],
            "?",
        ),
    ]);
}

/// A server whose list is sifted three times, filled again by a tool, and told more of each element.
fn sifted(tools: usize) -> String {
    let table: String =
        (0..tools).map(|at| format!("  {{ name: 't{at}', inputSchema: {{ type: 'object' }} }},\n")).collect();
    format!(
        r#"import {{ McpServer }} from '@modelcontextprotocol/sdk/server/mcp.js';
import {{ CallToolRequestSchema, ListToolsRequestSchema }} from '@modelcontextprotocol/sdk/types.js';
const all = [
{table}];
const on = new Set((process.env.ON ?? '').split(','));
const hidden = new Set((process.env.HIDE ?? '').split(','));
function make() {{
  const first = all.filter((tool) => on.has(tool.name));
  const names = new Set(first.map((tool) => tool.name));
  const second = [...first, ...all.filter((tool) => process.env.ONE === tool.name && !names.has(tool.name))];
  let left = process.env.NOT ? second.filter((tool) => !/x/.test(tool.name)) : [...second];
  if (hidden.size > 0) {{ left = left.filter((tool) => !hidden.has(tool.name)); }}
  const server = new McpServer({{ name: 'x', version: '1' }}, {{ capabilities: {{ tools: {{}} }} }});
  server.server.setRequestHandler(ListToolsRequestSchema, async () => {{
    const tools = left.map((tool) => {{
      const told: any = {{ ...tool }};
      told.annotations = {{ openWorldHint: true }};
      return told;
    }});
    return {{ tools }};
  }});
  server.server.setRequestHandler(CallToolRequestSchema, async (request: any) => {{
    const more: typeof all = [];
    for (const tool of all) {{ if (!hidden.has(tool.name)) {{ more.push(tool); }} }}
    if (request.params.name === 't0') {{ left.push(...more); }}
    return run(request.params);
  }});
  return server;
}}
make();"#
    )
}

#[test]
fn a_long_list_that_is_sifted_many_times_gives_all_that_it_is_made_of() {
    for tools in [3, 150] {
        let facts = facts(&[("s.ts", &sifted(tools))]);
        let of = facts.tools_of(ServerId(0)).filter(|(_, tool)| !tool.condition.is_absent());
        assert_eq!((facts.servers.len(), facts.tools.len(), of.count()), (1, tools, tools));
        assert!(facts.servers[0].openings.is_empty(), "{:?}", facts.servers[0].openings);
    }
}

#[test]
fn a_sifted_list_whose_elements_are_renamed_or_not_all_known_stays_open() {
    let renamed = sifted(150).replace("{ ...tool }", "{ ...tool, name: process.env.PREFIX + tool.name }");
    let unknown = sifted(150).replace("[...first,", "[...first, ...globalThis.more(),");
    let one = sifted(150).replace("{ ...tool }", "{ ...tool, name: tool.name === 't7' ? 'other' : tool.name }");
    for text in [renamed, unknown, one] {
        let facts = facts(&[("s.ts", &text)]);
        assert!(!facts.servers[0].openings.is_empty(), "{text}");
    }
}

/// The names in the schema of each tool.
fn properties(files: &[(&str, &str)]) -> Vec<String> {
    let of = |tool: &crate::model::tool::Tool| {
        let schema = tool.input_schema.value()?;
        Some(schema.json.get("properties")?.as_object()?.keys().cloned().collect::<Vec<_>>().join(" "))
    };
    facts(files).tools.iter().map(|tool| of(tool).unwrap_or_default()).collect()
}

#[test]
fn what_a_turn_of_a_loop_makes_anew_holds_nothing_of_the_other_turns() {
    let server = |made: &str, each: &str| {
        format!(
            r#"
import {{ McpServer }} from "@modelcontextprotocol/sdk/server/mcp.js";
import {{ z }} from "zod";
const server = new McpServer({{ name: "s", version: "1" }});
const ENDPOINTS = [
  {{ alias: "a", parameters: [{{ name: "one", schema: z.string() }}] }},
  {{ alias: "b", parameters: [{{ name: "two", schema: z.string() }}, {{ name: "three", schema: z.string() }}] }},
];
{made}
for (const endpoint of ENDPOINTS) {{
  {each}
  for (const parameter of endpoint.parameters) shape[parameter.name] = parameter.schema;
  server.registerTool(endpoint.alias, {{ inputSchema: z.object(shape) }}, async () => ({{ content: [] }}));
}}
"#
        )
    };
    let anew = server("", "const shape = {};");
    assert_eq!(properties(&[("s.ts", &anew)]), ["one", "two three"]);
    let shared = server("const shape = {};", "");
    assert_eq!(properties(&[("s.ts", &shared)]), ["one two three", "one two three"]);
}
