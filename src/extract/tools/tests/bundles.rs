//! TypeScript over several files, and what compilers and bundlers make of it.

use super::check_names;

const SDK: &str = r#"import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
const s = new McpServer({name: 'a'});
"#;

#[test]
fn files_and_bundles_are_followed() {
    check_names(&[
        (
            "tsconfig paths",
            &[
                (
                    "tsconfig.json",
                    "",
                    r##"{"compilerOptions":{"baseUrl":".","paths":{"#srv/*":["./src/*"],"tools":["src/tools/index.ts"]}}}"##,
                ),
                ("package.json", "", "{}"),
                (
                    "src/main.ts",
                    SDK,
                    r#"import { reg } from '#srv/reg';
reg(s);"#,
                ),
                (
                    "src/reg.ts",
                    "",
                    r#"import { N } from 'tools';
export function reg(server) { server.tool(N, async () => 1); }"#,
                ),
                ("src/tools/index.ts", "", "export const N = 'x';"),
            ],
            "x",
        ),
        (
            "package imports",
            &[
                ("package.json", "", r##"{"name":"p","imports":{"#lib/*":"./src/lib/*.js"}}"##),
                (
                    "src/main.ts",
                    SDK,
                    r#"import { N } from '#lib/n';
s.tool(N, async () => 1);"#,
                ),
                ("src/lib/n.ts", "", "export const N = 'x';"),
            ],
            "x",
        ),
        (
            "workspace package",
            &[
                ("package.json", "", r#"{"workspaces":["packages/*"]}"#),
                ("packages/a/package.json", "", r#"{"name":"@o/a","main":"dist/index.js"}"#),
                ("packages/a/src/index.ts", "", "export const tool = {name:'x', handler: async () => 1};"),
                ("packages/b/package.json", "", r#"{"name":"@o/b"}"#),
                (
                    "packages/b/src/index.ts",
                    SDK,
                    r#"import { tool } from '@o/a';
s.registerTool(tool.name, {}, tool.handler);"#,
                ),
            ],
            "x",
        ),
        (
            "import star registrations",
            &[
                (
                    "s.ts",
                    SDK,
                    r#"import * as regs from './regs';
for (const r of Object.values(regs)) r(s);"#,
                ),
                (
                    "regs.ts",
                    "",
                    r#"export function a(server) { server.tool('x', async () => 1); }
export const b = (server) => server.tool('y', async () => 1);"#,
                ),
            ],
            "x y",
        ),
        (
            "cjs",
            &[
                (
                    "s.js",
                    "",
                    r#""use strict";
Object.defineProperty(exports, '__esModule', {value: true});
const mcp_js_1 = require('@modelcontextprotocol/sdk/server/mcp.js');
const n_1 = require('./n.js');
const server = new mcp_js_1.McpServer({name:'a'});
server.tool(n_1.N, async () => 1);
(0, n_1.reg)(server);"#,
                ),
                (
                    "n.js",
                    "",
                    r#"exports.N = 'x';
exports.reg = reg;
function reg(server) { server.tool('y', async () => 1); }"#,
                ),
            ],
            "x y",
        ),
        (
            "cjs module.exports class",
            &[
                (
                    "s.js",
                    "",
                    r#"const { McpServer } = require('@modelcontextprotocol/sdk/server/mcp.js');
const Tools = require('./tools');
const server = new McpServer({name:'a'});
new Tools(server).register();"#,
                ),
                (
                    "tools.js",
                    "",
                    r#"class Tools { constructor(server) { this.server = server; } register() { this.server.tool('x', async () => 1); } }
module.exports = Tools;"#,
                ),
            ],
            "x",
        ),
        (
            "esbuild __esm",
            &[(
                "dist/index.js",
                "",
                r#"var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function __require() { return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports; };
var __esm = (fn, res) => function __init() { return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res; };
var __export = (target, all) => { for (var name in all) __defProp(target, name, { get: all[name], enumerable: true }); };

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
var tools_exports = {};
__export(tools_exports, { reg: () => reg });
var NAME;
function reg(server) { server.tool(NAME, async () => 1); }
var init_tools = __esm({ "src/tools.js"() { "use strict"; NAME = "x"; } });
init_tools();
var s = new McpServer({name: "a"});
reg(s);
"#,
            )],
            "x",
        ),
        (
            "esbuild dynamic import",
            &[(
                "dist/index.js",
                "",
                r#"var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function __require() { return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports; };
var __esm = (fn, res) => function __init() { return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res; };
var __export = (target, all) => { for (var name in all) __defProp(target, name, { get: all[name], enumerable: true }); };

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
var tools_exports = {};
__export(tools_exports, { reg: () => reg });
function reg(server) { server.tool("x", async () => 1); }
var init_tools = __esm({ "src/tools.js"() { "use strict"; } });
var s = new McpServer({name: "a"});
const { reg: r2 } = await Promise.resolve().then(() => (init_tools(), tools_exports));
r2(s);
"#,
            )],
            "x",
        ),
        (
            "minified",
            &[(
                "dist/index.js",
                "",
                r#"import{z as e}from"zod";var t=class{constructor(i,o){this.server=1}registerTool(i,o,r){}registerResource(i){}registerPrompt(i){}setToolRequestHandlers(){}},n=new t({name:"a"}),r="y";function i(e){e.registerTool("x",{inputSchema:{}},async()=>1),e.registerTool(r,{},async()=>1)}i(n);"#,
            )],
            "x y",
        ),
        (
            "minified low-level",
            &[(
                "dist/index.js",
                "",
                r#"import{z as e}from"zod";var L=e.object({method:e.literal("tools/list")}),K=e.object({method:e.literal("tools/call")}),t=class{setRequestHandler(i,o){}getClientCapabilities(){}createMessage(){}listRoots(){}},n=new t({name:"a"},{});n.setRequestHandler(L,async()=>({tools:[{name:"x"}]})),n.setRequestHandler(K,async e=>{let{name:t}=e.params;if(t==="x")return 1});"#,
            )],
            "x",
        ),
        (
            "dynamic import of tools",
            &[
                ("s.ts", SDK, "const { reg } = await import('./reg.js'); reg(s);"),
                ("reg.ts", "", "export const reg = (server) => { server.tool('x', async () => 1); };"),
            ],
            "x",
        ),
        (
            "default export factory",
            &[
                ("s.ts", SDK, "import reg from './reg.js'; reg(s);"),
                ("reg.ts", "", "export default (server) => { server.tool('x', async () => 1); };"),
            ],
            "x",
        ),
    ]);
}

#[test]
fn a_namespace_that_a_helper_gives_is_an_object() {
    let helper = "var __defProp = Object.defineProperty;\nvar __exportAll = (all, none) => { let target = {}; for (var name in all) __defProp(target, name, { get: all[name], enumerable: true }); return target; };\n";
    let tools = "function a(server) { server.tool({ name: 'x' }, async () => 1); }\nasync function b(server) { server.tool({ name: 'y' }, async () => 1); }\nvar tools_exports = /* @__PURE__ */ __exportAll({ a: () => a, b$1: () => b });\n";
    let server = "import { McpServer } from 'tmcp';\nfunction setup(server) { for (const tool in tools_exports) tools_exports[tool](server); }\nsetup(new McpServer({ name: 'S' }, {}).withContext());\n";
    check_names(&[("called by its keys", &[("s.js", &format!("{helper}{tools}"), server)], "x y")]);
}
