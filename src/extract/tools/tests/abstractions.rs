//! Tools that reach the SDK through what a project built around it.

use super::check_names;

#[test]
fn a_project_has_functions_and_tables_of_its_own() {
    check_names(&[
        (
            "a decorator that fills a list",
            &[
                (
                    "pyproject.toml",
                    "",
                    r#"[project]
name="c"
dependencies=["mcp==1.23.0"]
"#,
                ),
                (
                    "srv/__init__.py",
                    "",
                    r#"
"#,
                ),
                (
                    "srv/main.py",
                    "",
                    r#"from mcp.server.fastmcp import FastMCP
from . import tools
from .registry import register_all
server = FastMCP("net")
register_all(server)
def main():
    server.run()
"#,
                ),
                (
                    "srv/registry.py",
                    "",
                    r#"from mcp.server.fastmcp import FastMCP
_REGISTRY = []
def mcp_tool(name=None, description=""):
    def wrap(fn):
        _REGISTRY.append((name or fn.__name__, description, fn))
        return fn
    return wrap
def register_all(server: FastMCP):
    for name, description, fn in _REGISTRY:
        server.add_tool(fn, name=name, description=description)
"#,
                ),
                (
                    "srv/tools.py",
                    "",
                    r#"from .registry import mcp_tool
@mcp_tool(description="Ping it")
def ping(host: str) -> str:
    return host
@mcp_tool(name="trace-route", description="Trace")
def trace(host: str) -> str:
    return host
"#,
                ),
            ],
            "ping trace-route",
        ),
        (
            "options of a function in another package",
            &[
                (
                    "package.json",
                    "",
                    r#"{"name":"root","private":true,"workspaces":["packages/*"]}
"#,
                ),
                (
                    "packages/server/package.json",
                    "",
                    r#"{"name":"@acme/mcp-server","type":"module","dependencies":{"@acme/mcp-utils":"workspace:^","zod":"^3"}}
"#,
                ),
                (
                    "packages/server/src/db-tools.ts",
                    "",
                    r#"import { tool } from "@acme/mcp-utils"; import { z } from "zod";
export function dbTools({ readOnly }: { readOnly?: boolean }) {
  const t = {
    list_tables: tool({ description: "L", parameters: z.object({}), execute: async () => [] }),
    execute_sql: tool({ description: "E", parameters: z.object({ q: z.string() }), execute: async ({ q }) => q }),
  };
  return t;
}
"#,
                ),
                (
                    "packages/server/src/index.ts",
                    "",
                    r#"import { createMcpServer, type Tool } from "@acme/mcp-utils";
import { dbTools } from "./db-tools.js";
export function createAcme(opts: { platform: any; features?: string[]; readOnly?: boolean }) {
  const enabled = new Set(opts.features ?? ["db"]);
  return createMcpServer({
    name: "acme",
    tools: async () => {
      const tools: Record<string, Tool> = {};
      if (enabled.has("db")) Object.assign(tools, dbTools({ readOnly: opts.readOnly }));
      return tools;
    },
  });
}
createAcme({ platform: {} });
"#,
                ),
                (
                    "packages/utils/package.json",
                    "",
                    r#"{"name":"@acme/mcp-utils","type":"module","main":"dist/index.js","exports":{".":{"import":"./dist/index.js"}},"dependencies":{"@modelcontextprotocol/sdk":"^1.29.0"}}
"#,
                ),
                (
                    "packages/utils/src/index.ts",
                    "",
                    r#"export * from "./server.js";
"#,
                ),
                (
                    "packages/utils/src/server.ts",
                    "",
                    r#"import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { z } from "zod";
export type Tool<P = any, R = any> = { description: string; parameters: P; execute(p: any): Promise<R> };
export function tool<P, R>(tool: Tool<P, R>) { return tool; }
export type Options = { name: string; tools?: Record<string, Tool> | (() => Promise<Record<string, Tool>>) };
export function createMcpServer(options: Options) {
  const server = new Server({ name: options.name, version: "1" }, { capabilities: { tools: {} } });
  async function getTools() {
    if (!options.tools) throw new Error("no tools");
    return typeof options.tools === "function" ? await options.tools() : options.tools;
  }
  if (options.tools) {
    server.setRequestHandler(ListToolsRequestSchema, async () => {
      const tools = await getTools();
      return { tools: Object.entries(tools).map(([name, { description, parameters }]) => ({ name, description, inputSchema: parameters })) };
    });
    server.setRequestHandler(CallToolRequestSchema, async (request) => {
      const tools = await getTools();
      const name = request.params.name;
      if (!(name in tools)) throw new Error("tool not found");
      const tool = tools[name];
      const args = tool.parameters.strict().parse(request.params.arguments ?? {});
      return { content: [{ type: "text", text: JSON.stringify(await tool.execute(args)) }] };
    });
  }
  return server;
}
"#,
                ),
            ],
            "execute_sql(if) list_tables(if)",
        ),
        (
            "an interface that one function builds, handed on in copies without what is named apart",
            &[
                (
                    "apps/dns/package.json",
                    "",
                    r#"{"name":"dns","type":"module","dependencies":{"@acme/common":"workspace:*"}}
"#,
                ),
                (
                    "apps/dns/src/index.ts",
                    "",
                    r#"import { createApp, registerZones } from "@acme/common";
import { registerDns } from "./tools";
const app = createApp<Env>({ name: "dns", register(ctx) { registerDns(ctx); registerZones(ctx); } });
export default app.worker;
"#,
                ),
                (
                    "apps/dns/src/tools.ts",
                    "",
                    r#"import type { Ctx } from "@acme/common";
export function registerDns<E>(ctx: Ctx<E>) { ctx.registerTool("dns_report", { description: "R" }, async ({ zone }: any) => ({ content: [] })); }
"#,
                ),
                (
                    "apps/radar/package.json",
                    "",
                    r#"{"name":"radar","type":"module","dependencies":{"@acme/common":"workspace:*"}}
"#,
                ),
                (
                    "apps/radar/src/index.ts",
                    "",
                    r#"import { createApp } from "@acme/common";
const app = createApp<Env>({ name: "radar", register(ctx) { ctx.registerTool("ranks", { description: "R" }, async () => ({ content: [] })); } });
export default app.worker;
"#,
                ),
                (
                    "package.json",
                    "",
                    r#"{"name":"root","private":true,"workspaces":["packages/*","apps/*"]}
"#,
                ),
                (
                    "packages/common/package.json",
                    "",
                    r#"{"name":"@acme/common","type":"module","main":"./src/index.ts","dependencies":{"@modelcontextprotocol/sdk":"^1.29.0"}}
"#,
                ),
                (
                    "packages/common/src/app.ts",
                    "",
                    r#"import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { createCtx, type Ctx } from "./context";
export interface Options<E> { name: string; register: (ctx: Ctx<E>) => void | Promise<void>; }
function factory<E>(options: Options<E>, env: E) {
  return async () => { const server = new McpServer({ name: options.name, version: "1" }); const ctx = createCtx(env, server); await options.register(ctx); return server; };
}
function handler<E>(options: Options<E>) { const { ...rest } = options; return { async fetch(env: E) { return factory(rest, env)(); } }; }
export function createApp<E>(options: Options<E>) { const { ...rest } = options; return { worker: handler({ ...rest }) }; }
"#,
                ),
                (
                    "packages/common/src/context.ts",
                    "",
                    r#"import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
export interface Ctx<E> { readonly env: E; readonly registerTool: (name: string, config: { description: string; inputSchema?: any }, cb: any) => void; accountTool(name: string, config: any, cb: any): void; }
export function createCtx<E>(env: E, server: McpServer): Ctx<E> {
  const registerTool = (name: string, config: any, cb: any) => server.registerTool(name, config, track(name, cb));
  return { env, registerTool, accountTool(name: string, config: any, cb: any) { return registerTool(name, { ...config }, cb); } };
}
function track(name: string, cb: any) { return async (...a: any[]) => cb(...a); }
"#,
                ),
                (
                    "packages/common/src/index.ts",
                    "",
                    r#"export * from "./context"; export * from "./app"; export * from "./shared";
"#,
                ),
                (
                    "packages/common/src/shared.ts",
                    "",
                    r#"import type { Ctx } from "./context";
export function registerZones<E>(ctx: Ctx<E>) { ctx.accountTool("zones_list", { description: "Z" }, async () => ({ content: [] })); }
"#,
                ),
            ],
            "dns_report zones_list|ranks",
        ),
        (
            "a base class and a list of its heirs",
            &[
                (
                    "package.json",
                    "",
                    r#"{"name":"ts-base","version":"1.0.0","type":"module","dependencies":{"@modelcontextprotocol/sdk":"^1.29.0","zod":"^3.25.0"}}
"#,
                ),
                (
                    "src/base.ts",
                    "",
                    r#"import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
export abstract class ToolBase {
  abstract readonly name: string;
  protected abstract description: string;
  protected abstract argsShape: any;
  constructor(protected readonly config: { readOnly?: boolean; disabled: string[] }) {}
  protected abstract execute(args: any): Promise<any>;
  public register(server: McpServer): boolean {
    if (!this.verifyAllowed()) return false;
    server.registerTool(this.name, { description: this.description, inputSchema: this.argsShape }, async (args: any) => this.execute(args));
    return true;
  }
  protected verifyAllowed(): boolean { return !this.config.disabled.includes(this.name); }
}
"#,
                ),
                (
                    "src/index.ts",
                    "",
                    r#"import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { AllTools } from "./tools.js"; import { ToolBase } from "./base.js";
class App {
  public readonly tools: ToolBase[] = [];
  constructor(private readonly mcpServer: McpServer, private config: any) {}
  registerTools() {
    for (const constructor of AllTools) {
      const tool = new constructor(this.config);
      if (tool.register(this.mcpServer)) this.tools.push(tool);
    }
  }
}
const app = new App(new McpServer({ name: "b", version: "1" }), { disabled: [] });
app.registerTools();
"#,
                ),
                (
                    "src/tools.ts",
                    "",
                    r#"import { z } from "zod"; import { ToolBase } from "./base.js";
export class FindTool extends ToolBase { public readonly name = "find"; protected description = "F"; protected argsShape = { q: z.string() }; protected async execute({ q }: any) { return { content: [] }; } }
export class DropTool extends ToolBase { public name = "drop"; protected description = "D"; protected argsShape = {}; protected async execute() { return { content: [] }; } }
export const AllTools = [FindTool, DropTool];
"#,
                ),
            ],
            "drop find",
        ),
    ]);
}
