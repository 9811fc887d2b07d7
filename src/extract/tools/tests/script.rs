//! Registrations in TypeScript: wrappers, loops, tables, classes, factories and names.

use super::check_names;

const SDK: &str = r#"import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
const s = new McpServer({name: 'a'});
"#;

#[test]
fn registrations_are_found_however_they_are_written() {
    check_names(&[
        (
            "class per tool static",
            &[(
                "s.ts",
                SDK,
                r#"abstract class ToolBase { abstract name: string; static toolName: string; register(server) { server.registerTool(this.name, {description: this.description}, this.execute); } async execute() {} }
class X extends ToolBase { static toolName = 'x'; name = X.toolName; description='d'; }
class Y extends ToolBase { static toolName = 'y'; name = Y.toolName; description='d'; }
const ALL = [X, Y];
for (const C of ALL) { new C().register(s); }"#,
            )],
            "x y",
        ),
        (
            "class per tool static via constructor.",
            &[(
                "s.ts",
                SDK,
                r#"abstract class ToolBase { public get name() { return this.constructor.toolName; } register(server) { server.registerTool(this.name, {}, this.execute); } }
class X extends ToolBase { static toolName = 'x'; }
class Y extends ToolBase { static toolName = 'y'; }
[X, Y].forEach(C => new C().register(s));"#,
            )],
            "x y",
        ),
        (
            "class server wrapper",
            &[(
                "s.ts",
                "",
                r#"import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
class App { private server: McpServer; constructor() { this.server = new McpServer({name:'a'}); this.setup(); }
 setup() { this.add('x', async () => 1); this.add('y', async () => 1); }
 add(name, fn) { this.server.registerTool(name, {}, fn); } }
new App();"#,
            )],
            "x y",
        ),
        (
            "depth 3 wrapper",
            &[(
                "s.ts",
                SDK,
                r#"const a = (n, f) => b(n, {}, f); function b(n, c, f) { return d({n, c, f}); } function d({n, c, f}) { s.registerTool(n, c, f); }
a('x', async () => 1); a('y', async () => 1);"#,
            )],
            "x y",
        ),
        (
            "defineTool factory",
            &[(
                "s.ts",
                SDK,
                r#"function defineTool(t) { return t; }
const x = defineTool({name:'x', handler: async () => 1});
const y = defineTool({name:'y', handler: async () => 1});
const ALL = [x, y];
ALL.map(t => s.registerTool(t.name, {}, t.handler));"#,
            )],
            "x y",
        ),
        (
            "factory returning list",
            &[(
                "s.ts",
                SDK,
                r#"function tools(client) { return [{name:'x', handler: () => client.x()}, {name:'y', handler: () => client.y()}]; }
for (const t of tools(c)) s.tool(t.name, t.handler);"#,
            )],
            "x y",
        ),
        (
            "Object.entries table",
            &[(
                "s.ts",
                SDK,
                r#"const T = {x: {description:'d', handler: async () => 1}, y: {description:'d', handler: async () => 1}};
for (const [name, t] of Object.entries(T)) s.registerTool(name, {description: t.description}, t.handler);"#,
            )],
            "x y",
        ),
        (
            "Object.values table",
            &[(
                "s.ts",
                SDK,
                r#"const T = {a: {name:'x', handler: async () => 1}, b: {name:'y', handler: async () => 1}} as const;
Object.values(T).forEach(({name, handler}) => s.registerTool(name, {}, handler));"#,
            )],
            "x y",
        ),
        (
            "Map table",
            &[(
                "s.ts",
                SDK,
                r#"const T = new Map([['x', async () => 1]]);
T.set('y', async () => 1);
for (const [n, h] of T) s.tool(n, h);"#,
            )],
            "x y",
        ),
        (
            "Map forEach",
            &[(
                "s.ts",
                SDK,
                r#"const T = new Map([['x', async () => 1], ['y', async () => 1]]);
T.forEach((h, n) => s.tool(n, h));"#,
            )],
            "x y",
        ),
        (
            "map entries",
            &[(
                "s.ts",
                SDK,
                r#"const T = new Map(); T.set('x', {h: async () => 1});
for (const [n, t] of T.entries()) s.tool(n, t.h);"#,
            )],
            "x",
        ),
        (
            "for in table",
            &[(
                "s.ts",
                SDK,
                r#"const T = {x: async () => 1, y: async () => 1};
for (const n in T) s.tool(n, T[n]);"#,
            )],
            "x y",
        ),
        (
            "template prefix",
            &[(
                "s.ts",
                SDK,
                r#"const P = 'p';
for (const n of ['x','y']) s.tool(`${P}_${n}`, async () => 1);"#,
            )],
            "p_x p_y",
        ),
        (
            "enum names",
            &[(
                "s.ts",
                SDK,
                r#"enum N { X = 'x', Y = 'y' }
s.tool(N.X, async () => 1); s.registerTool(N.Y, {}, async () => 1);"#,
            )],
            "x y",
        ),
        (
            "const object names",
            &[(
                "s.ts",
                SDK,
                r#"const N = {X:'x', Y:'y'} as const;
s.tool(N.X, async () => 1); s.tool(N['Y'], async () => 1);"#,
            )],
            "x y",
        ),
        (
            "spread config",
            &[(
                "s.ts",
                SDK,
                r#"const base = {name:'x', description:'d'};
const t = {...base, handler: async () => 1};
s.registerTool(t.name, t, t.handler);"#,
            )],
            "x",
        ),
        (
            "apply spread args",
            &[(
                "s.ts",
                SDK,
                r#"const T: [string, object, any][] = [['x', {}, async () => 1], ['y', {}, async () => 1]];
T.forEach(a => s.registerTool(...a));"#,
            )],
            "x y",
        ),
        (
            "builder chain server",
            &[(
                "s.ts",
                "",
                r#"import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
export function createServer() { const server = new McpServer({name:'a'}); registerAll(server); return server; }
const registerAll = (server: McpServer) => { regX(server); };
function regX(srv: McpServer) { srv.tool('x', async () => 1); }"#,
            )],
            "x",
        ),
        (
            "context object wrapper",
            &[
                (
                    "s.ts",
                    SDK,
                    r#"import { regs } from './r';
const ctx = { registerTool: (n, c, f) => s.registerTool(n, c, f), other(n, f) { return s.registerTool(n, {}, f); } };
regs(ctx);"#,
                ),
                (
                    "r.ts",
                    "",
                    "export function regs(context) { context.registerTool('x', {}, async () => 1); context.other('y', async () => 1); }",
                ),
            ],
            "x y",
        ),
        (
            "typed context wrapper through handler option",
            &[
                (
                    "s.ts",
                    "",
                    r#"import { McpServer } from '@modelcontextprotocol/server';
import { createMcpHandler } from '@modelcontextprotocol/server';
export function app(options) { return createMcpHandler(() => { const server = new McpServer({name:'a'}); const ctx = makeContext(server); options.register(ctx); return server; }); }
function makeContext(server: McpServer): Ctx { const registerTool = (n, c, f) => server.registerTool(n, c, f); return { registerTool, account(n, f) { return registerTool(n, {}, f); } }; }
export interface Ctx { registerTool: any; account: any }"#,
                ),
                (
                    "main.ts",
                    "",
                    r#"import { app } from './s';
import { tools } from './t';
export default app({ register(context) { tools(context); } });"#,
                ),
                (
                    "t.ts",
                    "",
                    r#"import type { Ctx } from './s';
export function tools(context: Ctx) { context.registerTool('x', {}, async () => 1); context.account('y', async () => 1); }"#,
                ),
            ],
            "x y",
        ),
        (
            "two servers in one package",
            &[
                ("a.ts", SDK, "s.tool('x', async () => 1);"),
                (
                    "b.ts",
                    "",
                    r#"import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
const s = new McpServer({name: 'b'});
s.tool('y', async () => 1);"#,
                ),
            ],
            "x|y",
        ),
    ]);
}
