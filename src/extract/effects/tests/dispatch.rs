//! One handler for several tools: each does what the branch of its name does.

use super::check;

/// A server over the TypeScript SDK whose tools `look` and `read` are told apart by `body`; `more` stands before it.
fn script(more: &str, list: &str, body: &str) -> String {
    format!(
        "=== package.json\n{{\"name\": \"demo-mcp\", \"dependencies\": {{\"@modelcontextprotocol/sdk\": \"1.12.0\"}}}}\n=== src/index.ts\n\
        import {{ Server }} from '@modelcontextprotocol/sdk/server/index.js';\n\
        import {{ StdioServerTransport }} from '@modelcontextprotocol/sdk/server/stdio.js';\n\
        import {{ CallToolRequestSchema, ListToolsRequestSchema, ToolSchema }} from '@modelcontextprotocol/sdk/types.js';\n\
        import {{ z }} from 'zod';\nimport * as v from 'valibot';\nimport fs from 'fs';\n\
        const text = {{type: 'object', properties: {{p: {{type: 'string'}}}}}};\n\
        function read(p) {{ return fs.readFileSync(p, 'utf8'); }}\nfunction look(p) {{ return fetch(p); }}\n\
        {more}\nconst server = new Server({{name: 's', version: '1'}}, {{capabilities: {{tools: {{}}}}}});\n\
        server.setRequestHandler(ListToolsRequestSchema, async () => ({{tools: {list}}}));\n\
        server.setRequestHandler(CallToolRequestSchema, async (request) => {{\n\
        const {{name, arguments: args}} = request.params;\n{body}\n}});\n\
        await server.connect(new StdioServerTransport());\n"
    )
}

const APART: &str = "look: network fetch\nread: file.read fs.readFileSync";
const LISTED: &str = "[{name: 'look', inputSchema: text}, {name: 'read', inputSchema: text}]";

#[test]
fn tools_of_scripts_are_told_apart_by_the_name_that_is_called() {
    let parsed = "const Look = ToolSchema.parse({name: 'look', inputSchema: text});\nconst Read = ToolSchema.parse({name: 'read', inputSchema: text});";
    let by_name = "switch (name) { case Look.name: return look(args.p); case Read.name: return read(args.p); default: throw new Error(name); }";
    let of_table =
        "switch (name) { case TOOLS.LOOK.name: return look(args.p); case TOOLS.READ.name: return read(args.p); }";
    for (what, more, list, body) in [
        ("checked by a schema of the SDK", parsed, "[Look, Read]", by_name),
        (
            "checked by a schema of its own",
            "const Shape = z.object({name: z.string(), inputSchema: z.any()});\nconst Look = Shape.parse({name: 'look', inputSchema: text});\nconst Read = Shape.parse({name: 'read', inputSchema: text});",
            "[Look, Read]",
            by_name,
        ),
        (
            "checked by a function of a schema library",
            "const Shape = v.object({name: v.string(), inputSchema: v.any()});\nconst Look = v.parse(Shape, {name: 'look', inputSchema: text});\nconst Read = v.parse(Shape, {name: 'read', inputSchema: text});",
            "[Look, Read]",
            by_name,
        ),
        (
            "checked and unwrapped",
            "const Shape = z.object({name: z.string(), inputSchema: z.any()});\nconst Look = Shape.safeParse({name: 'look', inputSchema: text}).data;\nconst Read = Shape.safeParse({name: 'read', inputSchema: text}).data;",
            "[Look, Read]",
            by_name,
        ),
        (
            "satisfies and as const",
            "const Look = {name: 'look', inputSchema: text} as const satisfies Tool;\nconst Read = {name: 'read', inputSchema: text} as const;",
            "[Look, Read]",
            by_name,
        ),
        (
            "a frozen table",
            "const TOOLS = Object.freeze({LOOK: {name: 'look', inputSchema: text}, READ: {name: 'read', inputSchema: text}});",
            "Object.values(TOOLS)",
            of_table,
        ),
        (
            "a table of names",
            "const NAMES = {LOOK: 'look', READ: 'read'} as const;",
            LISTED,
            "if (name === NAMES.LOOK) { return look(args.p); } else if (name === NAMES.READ) { return read(args.p); } throw new Error(name);",
        ),
        (
            "an enum",
            "enum Names { Look = 'look', Read = 'read' }",
            "[{name: Names.Look, inputSchema: text}, {name: Names.Read, inputSchema: text}]",
            "switch (name) { case Names.Look: return look(args.p); case Names.Read: return read(args.p); }",
        ),
        (
            "a function that gives back what it is given",
            "function tool<T>(one: T): T { return one; }\nconst Look = tool({name: 'look', inputSchema: text});\nconst Read = tool({name: 'read', inputSchema: text});",
            "[Look, Read]",
            by_name,
        ),
        (
            "a table of functions",
            "const handlers = {look: async (a) => look(a.p), read: async (a) => read(a.p)};",
            LISTED,
            "const handler = handlers[name]; if (!handler) throw new Error(name); return handler(args);",
        ),
        (
            "a map of functions",
            "const handlers = new Map([['look', async (a) => look(a.p)], ['read', async (a) => read(a.p)]]);",
            LISTED,
            "const handler = handlers.get(name); return handler(args);",
        ),
        (
            "a list that is searched",
            "const TOOLS = [{name: 'look', inputSchema: text, run: async (a) => look(a.p)}, {name: 'read', inputSchema: text, run: async (a) => read(a.p)}];",
            "TOOLS",
            "const tool = TOOLS.find((one) => one.name === name); if (!tool) throw new Error(name); return tool.run(args);",
        ),
        (
            "a list that is looked through",
            "const TOOLS = [{name: 'look', inputSchema: text, run: async (a) => look(a.p)}, {name: 'read', inputSchema: text, run: async (a) => read(a.p)}];",
            "TOOLS",
            "for (const tool of TOOLS) { if (tool.name === name) return tool.run(args); } throw new Error(name);",
        ),
        (
            "one of several names",
            "",
            LISTED,
            "if (['look', 'see'].includes(name)) { return look(args.p); }\nif (new Set(['read']).has(name)) { return read(args.p); }\nthrow new Error(name);",
        ),
        (
            "the beginning of a name",
            "",
            LISTED,
            "if (name.startsWith('lo')) { return look(args.p); }\nif (name.endsWith('ad')) { return read(args.p); }\nthrow new Error(name);",
        ),
        (
            "a name that is handed on",
            "async function run(tool, a) { switch (tool) { case 'look': return look(a.p); case 'read': return read(a.p); } }",
            LISTED,
            "return await run(name, args);",
        ),
        (
            "a request that is handed on",
            "async function run({params}) { if (params.name == 'look') { return look(params.arguments.p); } return read(params.arguments.p); }",
            LISTED,
            "return run(request);",
        ),
        (
            "a function chosen by the name",
            "function choose(tool) { switch (tool) { case 'look': return look; case 'read': return read; default: return null; } }",
            LISTED,
            "const run = choose(name); return run(args.p);",
        ),
        (
            "a name without its prefix",
            "",
            "[{name: 'demo_look', inputSchema: text}, {name: 'demo_read', inputSchema: text}]",
            "switch (name.replace('demo_', '')) { case 'look': return look(args.p); case 'read': return read(args.p); }",
        ),
        (
            "a name put together",
            "const PREFIX = 'demo_';",
            "[{name: 'demo_look', inputSchema: text}, {name: 'demo_read', inputSchema: text}]",
            "switch (name) { case `${PREFIX}look`: return look(args.p); case PREFIX + 'read': return read(args.p); }",
        ),
        (
            "tests in the arms",
            "",
            LISTED,
            "switch (true) { case name === 'look': return look(args.p); case name === 'read': return read(args.p); }",
        ),
        ("a choice", "", LISTED, "return name === 'look' ? look(args.p) : name === 'read' ? read(args.p) : null;"),
    ] {
        let expected = if list.contains("demo_") {
            "demo_look: network fetch\ndemo_read: file.read fs.readFileSync"
        } else {
            APART
        };
        check(what, &script(more, list, body), expected);
    }
}

/// A server of Python over the low-level SDK.
fn python(more: &str, body: &str) -> String {
    format!(
        "=== pyproject.toml\n[project]\nname = \"demo-mcp\"\ndependencies = [\"mcp==1.9.0\"]\n=== server.py\n\
        import subprocess\nfrom enum import Enum, StrEnum\nfrom mcp.server import Server\nfrom mcp.server.stdio import stdio_server\nimport mcp.types as types\nfrom mcp.types import Tool\n\
        server = Server('s')\nTEXT = {{'type': 'object', 'properties': {{'p': {{'type': 'string'}}}}}}\n\
        def read(p):\n    return open(p).read()\ndef look(p):\n    return subprocess.run(['ls', p])\n\
        {more}\n\
        @server.list_tools()\nasync def list_tools():\n    return [Tool(name='look', description='', inputSchema=TEXT), Tool(name='read', description='', inputSchema=TEXT)]\n\
        @server.call_tool()\nasync def call_tool(name: str, arguments: dict):\n{body}\n"
    )
}

#[test]
fn tools_of_python_are_told_apart_by_the_name_that_is_called() {
    let expected = "look: process subprocess.run\nread: file.read open";
    for (what, more, body) in [
        (
            "a match",
            "",
            "    match name:\n        case 'look':\n            return look(arguments['p'])\n        case 'read':\n            return read(arguments['p'])\n        case _:\n            raise ValueError(name)",
        ),
        (
            "members of an enum",
            "class Names(str, Enum):\n    LOOK = 'look'\n    READ = 'read'",
            "    match name:\n        case Names.LOOK:\n            return look(arguments['p'])\n        case Names.READ.value:\n            return read(arguments['p'])",
        ),
        (
            "an object of the enum",
            "class Names(StrEnum):\n    LOOK = 'look'\n    READ = 'read'",
            "    tool = Names(name)\n    if tool == Names.LOOK:\n        return look(arguments['p'])\n    elif tool is Names.READ:\n        return read(arguments['p'])",
        ),
        (
            "names of tools",
            "LOOK = Tool(name='look', description='', inputSchema=TEXT)\nREAD = Tool.model_validate({'name': 'read', 'inputSchema': TEXT})",
            "    if name == LOOK.name:\n        return look(arguments['p'])\n    if name == READ.name:\n        return read(arguments['p'])",
        ),
        (
            "a table",
            "HANDLERS = {'look': look, 'read': read}",
            "    if name not in HANDLERS:\n        raise ValueError(name)\n    return HANDLERS[name](arguments['p'])",
        ),
        (
            "a table with a default",
            "HANDLERS = {'look': look, 'read': read}",
            "    handler = HANDLERS.get(name)\n    if handler is None:\n        raise ValueError(name)\n    return handler(arguments['p'])",
        ),
        (
            "one of several names",
            "LOOKING = {'look'}",
            "    if name in LOOKING:\n        return look(arguments['p'])\n    elif name in ('read', 'look'):\n        return read(arguments['p'])\n    raise ValueError(name)",
        ),
        (
            "the beginning of a name",
            "",
            "    if name.startswith('lo'):\n        return look(arguments['p'])\n    if name.endswith('ad'):\n        return read(arguments['p'])",
        ),
        (
            "a name that is handed on",
            "async def run(tool, given):\n    if tool != 'look':\n        return read(given['p'])\n    return look(given['p'])",
            "    return await run(name, arguments)",
        ),
        (
            "a list that is looked through",
            "TOOLS = [('look', look), ('read', read)]",
            "    for tool, run in TOOLS:\n        if tool == name:\n            return run(arguments['p'])",
        ),
    ] {
        check(what, &python(more, body), expected);
    }
}

#[test]
fn tools_of_go_are_told_apart_by_the_name_that_is_called() {
    let expected = "look: process os/exec.Command\nread: file.read os.ReadFile";
    let head = "=== go.mod\nmodule example.org/demo\nrequire github.com/mark3labs/mcp-go v0.30.0\n=== main.go\npackage main\n\
        import (\n\"context\"\n\"os\"\n\"os/exec\"\n\"github.com/mark3labs/mcp-go/mcp\"\n\"github.com/mark3labs/mcp-go/server\"\n)\n\
        const lookName = \"look\"\nvar lookTool = mcp.NewTool(lookName, mcp.WithString(\"p\"))\nvar readTool = mcp.NewTool(\"read\", mcp.WithString(\"p\"))\n\
        func look(p string) { exec.Command(\"ls\", p).Run() }\nfunc read(p string) { os.ReadFile(p) }\n";
    let tail = "func main() {\ns := server.NewMCPServer(\"demo\", \"1\")\ns.AddTool(lookTool, handle)\ns.AddTool(readTool, handle)\nserver.ServeStdio(s)\n}\n";
    let signature = "func handle(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {\np := req.GetString(\"p\", \"\")\n";
    for (what, more, body) in [
        (
            "constants",
            "",
            "switch req.Params.Name {\ncase lookName:\nlook(p)\ncase \"read\":\nread(p)\n}\nreturn nil, nil\n}\n",
        ),
        (
            "names of tools",
            "",
            "switch req.Params.Name {\ncase lookTool.Name:\nlook(p)\ncase readTool.Name:\nread(p)\ndefault:\nreturn nil, nil\n}\nreturn nil, nil\n}\n",
        ),
        (
            "a switch of tests",
            "",
            "name := req.Params.Name\nswitch {\ncase name == lookName:\nlook(p)\ncase name == \"read\":\nread(p)\n}\nreturn nil, nil\n}\n",
        ),
        (
            "a table",
            "var handlers = map[string]func(string){lookName: look, \"read\": read}\n",
            "run, ok := handlers[req.Params.Name]\nif !ok {\nreturn nil, nil\n}\nrun(p)\nreturn nil, nil\n}\n",
        ),
        (
            "if and else",
            "",
            "if req.Params.Name == \"look\" {\nlook(p)\n} else if req.Params.Name == \"read\" {\nread(p)\n}\nreturn nil, nil\n}\n",
        ),
    ] {
        check(what, &format!("{head}{more}{signature}{body}{tail}"), expected);
    }
}

#[test]
fn tools_of_rust_are_told_apart_by_the_name_that_is_called() {
    let expected = "look: process std.process.Command.arg, process std.process.Command.new, process std.process.Command.status\n\
        read: file.read std.fs.read_to_string";
    let head = "=== Cargo.toml\n[package]\nname = \"demo-mcp\"\n[dependencies]\nrmcp = \"0.8\"\n=== src/main.rs\nuse rmcp::{ServerHandler, model::*, service::{RequestContext, RoleServer}, ErrorData};\nuse std::sync::Arc;\n\
        struct S;\nconst LOOK: &str = \"look\";\nfn look(p: &str) { std::process::Command::new(\"ls\").arg(p).status().unwrap(); }\nfn read(p: &str) { std::fs::read_to_string(p).unwrap(); }\n\
        impl ServerHandler for S {\n\
        async fn list_tools(&self, _r: Option<PaginatedRequestParam>, _c: RequestContext<RoleServer>) -> Result<ListToolsResult, ErrorData> {\n\
        Ok(ListToolsResult { tools: vec![Tool::new(\"look\", \"looks\", schema()), Tool::new(\"read\", \"reads\", schema())], next_cursor: None })\n}\n\
        async fn call_tool(&self, request: CallToolRequestParam, _c: RequestContext<RoleServer>) -> Result<CallToolResult, ErrorData> {\n\
        let p = request.arguments.unwrap().get(\"p\").unwrap().as_str().unwrap().to_string();\n";
    let tail = "\nOk(CallToolResult::success(vec![]))\n}\n}\n";
    for (what, body) in [
        ("a match", "match request.name.as_ref() { LOOK => look(&p), \"read\" => read(&p), _ => {} }"),
        (
            "a match on what it points to",
            "match &*request.name { \"look\" => look(&p), \"read\" => read(&p), _ => {} }",
        ),
        (
            "guards",
            "match request.name.as_ref() { name if name == LOOK => look(&p), name if name == \"read\" => read(&p), _ => {} }",
        ),
        ("if and else", "if request.name == \"look\" { look(&p) } else if request.name == \"read\" { read(&p) }"),
        (
            "if and else of texts",
            "if request.name.as_ref() == LOOK { look(&p) } else if \"read\" == request.name.as_str() { read(&p) }",
        ),
        (
            "one of several names",
            "if matches!(request.name.as_ref(), \"look\" | \"see\") { look(&p) } else { read(&p) }",
        ),
    ] {
        check(what, &format!("{head}{body}{tail}"), expected);
    }
}
