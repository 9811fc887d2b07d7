//! Tools and what they use, handed over by containers and factories.

use super::check;

const PACKAGE: &str = "=== package.json\n{\"name\": \"demo-mcp\", \"dependencies\": {\"@modelcontextprotocol/sdk\": \"1.20.0\", \"tsyringe\": \"4.10.0\"}}\n\
    === tsconfig.json\n{\"compilerOptions\": {\"paths\": {\"@/*\": [\"./src/*\"]}}}\n\
    === src/tokens.ts\nexport const Tools = Symbol('Tools');\nexport const Disk = Symbol('Disk');\nexport const Other = Symbol('Other');\n\
    === src/tools.ts\nimport { readFile } from 'node:fs/promises';\nimport { z } from 'zod';\nimport { checked } from './factory';\n\
    export const all = [\n\
    {name: 'read', input: z.object({p: z.string()}), logic: checked(async (input) => readFile(input.p, 'utf8'))},\n\
    {name: 'ping', input: z.object({}), logic: checked(async () => 'pong')},\n];\n\
    === src/factory.ts\nexport function handlerOf({ name, logic, show = (x) => x }) {\n\
    return async (input, extra) => {\nconst result = await timed(() => logic(input));\nreturn { content: show(result) };\n};\n}\n\
    async function timed(work) { return work(); }\n\
    export function checked(inner) { return async (input) => Promise.resolve(inner(input)); }\n";

/// A server whose registry is made by a container; `own` stands in the registry's file.
fn tree(own: &str) -> String {
    format!(
        "{PACKAGE}=== src/registry.ts\nimport {{ McpServer }} from '@modelcontextprotocol/sdk/server/mcp.js';\n\
        import {{ all }} from './tools';\nimport {{ handlerOf }} from './factory';\nimport {{ Tools, Other }} from './tokens';\n{own}\n\
        === src/index.ts\nimport {{ container }} from './registry';\nimport {{ McpServer }} from '@modelcontextprotocol/sdk/server/mcp.js';\n\
        import {{ Registry, fill }} from './registry';\nfill(container);\nconst server = new McpServer({{name: 'demo', version: '1'}});\n\
        const registry = container.resolve<Registry>(Registry);\nawait registry.registerAll(server);\n"
    )
}

const METHODS: &str = "async registerAll(server: McpServer) { for (const one of this.tools) { await this.add(server, one); } }\n\
    async add(server: McpServer, one) {\nconst handler = handlerOf({name: one.name, logic: one.logic, ...(one.show && {show: one.show})});\n\
    server.registerTool(one.name, {inputSchema: one.input}, handler);\n}\n";

#[test]
fn tools_that_a_container_injects_are_known_with_what_they_do() {
    let known = "read: file.read fs/promises.readFile\nping: ";
    let tsyringe = "import { container, injectable, injectAll } from 'tsyringe';\nexport { container };\n";
    let fill = "export function fill(c) { for (const one of all) { c.register(Tools, {useValue: one}); } }\n";
    for (what, own, expected) in [
        (
            "decorated in source",
            format!(
                "{tsyringe}@injectable()\nexport class Registry {{\nconstructor(@injectAll(Tools, {{isOptional: true}}) private tools: any[]) {{}}\n{METHODS}}}\n{fill}"
            ),
            known,
        ),
        (
            "decorated by a compiler's helpers",
            format!(
                "{tsyringe}export class Registry {{\ntools;\nconstructor(tools) {{ this.tools = tools; }}\n{METHODS}}}\n\
                Registry = __decorateClass([injectable(), __decorateParam(0, injectAll(Tools))], Registry);\n{fill}"
            ),
            known,
        ),
        (
            "registered under another token",
            format!(
                "{tsyringe}@injectable()\nexport class Registry {{\nconstructor(@injectAll(Tools) private tools: any[]) {{}}\n{METHODS}}}\n{}",
                fill.replace("Tools", "Other")
            ),
            "",
        ),
    ] {
        check(what, &tree(&own), expected);
    }
}

#[test]
fn a_handler_made_for_each_turn_does_what_that_turn_gave_it() {
    let own = format!(
        "export const container = {{resolve: (of) => new of(all)}};\nexport const fill = (c) => {{}};\n\
        export class Registry {{\nconstructor(private tools) {{}}\n{METHODS}}}\n"
    );
    let tree = tree(&own)
        .replace("container.resolve<Registry>(Registry)", "new Registry(all)")
        .replace("fill(container);", "import { all } from './tools';");
    check("a factory inside a loop", &tree, "read: file.read fs/promises.readFile\nping: ");
}

#[test]
fn what_a_token_stands_for_is_used_as_itself() {
    let uses = |import: &str, resolve: &str| {
        format!(
            "{PACKAGE}=== src/disk.ts\nimport {{ unlink }} from 'node:fs/promises';\nimport {{ container }} from 'tsyringe';\nimport {{ Disk }} from './tokens';\n\
            export class OnDisk {{ async remove(p: string) {{ await unlink(p); }} }}\n\
            export const register = () => {{ container.register(Disk, {{useFactory: () => new OnDisk()}}); }};\n\
            === src/index.ts\nimport {{ McpServer }} from '@modelcontextprotocol/sdk/server/mcp.js';\nimport {{ container }} from 'tsyringe';\n{import}\n\
            import {{ register }} from './disk';\nregister();\nconst server = new McpServer({{name: 'demo', version: '1'}});\n\
            server.registerTool('remove', {{}}, async ({{ p }}) => {{\n{resolve}\nawait disk.remove(p);\nreturn {{content: []}};\n}});\n"
        )
    };
    let known = "remove: file.delete fs/promises.unlink";
    for (what, import, resolve) in [
        ("a factory", "import { Disk } from './tokens';", "const disk = container.resolve<OnDisk>(Disk);"),
        (
            "loaded when it is needed",
            "",
            "const { Disk } = await import('@/tokens');\nconst disk = container.resolve(Disk);",
        ),
    ] {
        let found = super::told(&uses(import, resolve));
        assert!(found.starts_with(known), "{what}: {found}");
    }
}
