//! Functions that register, kept in tables and lists and called from there; names that blocks bind anew.

use super::check_names;

const SDK: &str = r#"import { FastMCP } from 'fastmcp';
import { z } from 'zod';
const s = new FastMCP({name: 'a', version: '1.0.0'});
function one(e) { e.addTool({name: 'x', parameters: z.object({}), execute: async () => 1}); }
function two(e) { e.addTool({name: 'y', parameters: z.object({}), execute: async () => 1}); }
const table = {x: one, y: two};
function pick(e) { return table[e] || null; }
"#;

#[test]
fn functions_are_called_from_where_they_are_kept() {
    check_names(&[
        ("called in turn", &[("s.ts", SDK, "[one, two].forEach(f => f(s));")], "x y"),
        (
            "pushed, then called in turn",
            &[("s.ts", SDK, "const all = []; all.push(one); all.push(two); all.forEach(f => f(s));")],
            "x y",
        ),
        (
            "awaited in turn",
            &[("s.ts", SDK, "await Promise.all([one, two].map(async (f) => { await f(s); }));")],
            "x y",
        ),
        ("by a setting", &[("s.ts", SDK, "table[process.env.ONLY](s);")], "x(if) y(if)"),
        (
            "by a setting, through a function",
            &[("s.ts", SDK, "const f = pick(process.env.ONLY); if (f) f(s);")],
            "x(if) y(if)",
        ),
        (
            "by names that a switch chooses",
            &[(
                "s.ts",
                SDK,
                r#"function all(e, mode = 'core') { let names = [];
  switch (mode.trim()) { case 'all': names = Object.keys(table); break; case 'core': names = ['x']; break; default: names = ['y']; }
  names.forEach(n => { const f = pick(n); f ? f(e) : console.error(n); }); }
all(s, process.env.MODE);"#,
            )],
            "x(if) y(if)",
        ),
        ("a list that is never called", &[("s.ts", SDK, "export const all = [one, two];")], "?"),
    ]);
}

#[test]
fn a_block_binds_a_name_for_itself() {
    check_names(&[
        (
            "a handler's exception has the name of what is used before it",
            &[(
                "s.ts",
                SDK,
                "function all(e) { [one].forEach(n => { try { n(e); } catch (e) { console.error(e.message); } }); }\nall(s);",
            )],
            "x",
        ),
        (
            "an object that is given away is the receiver there too",
            &[(
                "s.ts",
                "",
                r#"import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
class Own { #tools = []; addTool(tool) { this.#tools.push(tool); }
  start() { const inner = new Server({name: 'a'}, {}); inner.setRequestHandler(ListToolsRequestSchema, async () => ({tools: this.#tools.map(t => ({name: t.name, inputSchema: {type: 'object'}}))})); } }
function more(own) { own.addTool({name: 'y'}); }
const own = new Own();
own.addTool({name: 'x'});
more(own);
own.start();"#,
            )],
            "x y",
        ),
        (
            "names told by a schema",
            &[(
                "s.ts",
                SDK,
                r#"const Click = z.object({name: z.literal('x'), arguments: z.object({})});
s.addTool({name: Click.shape.name.value, parameters: Click.shape.arguments, execute: async () => 1});"#,
            )],
            "x",
        ),
    ]);
}
