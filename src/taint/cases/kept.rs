//! What is known of names, keys and elements without being a path or a command.

use super::{check, check_script, states};

#[test]
fn what_a_filter_lets_through_and_a_key_are_told_apart_from_text() {
    check_script(&[
        (
            "numbers of a list",
            "const TABLE = {a: 1, b: 2};\n",
            "const ids = p.split(',').filter(id => typeof id === 'number' && id > 0);\nreturn fs.readFileSync('/srv/' + ids[0]);",
            &["path-traversal p guarded"],
        ),
        (
            "texts of a list",
            "const TABLE = {a: 1, b: 2};\n",
            "const ids = p.split(',').filter(id => typeof id === 'string');\nreturn fs.readFileSync(ids.join('/'));",
            &["path-traversal p open"],
        ),
        (
            "what a table of names has",
            "const TABLE = {a: 1, b: 2};\n",
            "if (!TABLE[p]) throw new Error(p);\nreturn fs.readFileSync(p);",
            &["path-traversal p guarded"],
        ),
        (
            "what a table of names is only asked for",
            "const TABLE = {a: 1, b: 2};\n",
            "const found = TABLE[p];\nreturn fs.readFileSync(p);",
            &["path-traversal p open"],
        ),
    ]);
    check(
        "a module below one package",
        "import importlib\n@mcp.tool()\ndef t(p: str):\n    return importlib.import_module(f'plugins.ours.{p}')\n",
        &["code-execution guarded"],
    );
    check(
        "any module",
        "import importlib\n@mcp.tool()\ndef t(p: str):\n    return importlib.import_module(f'{p}.plugin')\n",
        &["code-execution open"],
    );
    for (name, kept, expected) in [
        ("letters and digits", "c for c in p if c.isalnum()", &["path-traversal guarded"][..]),
        ("letters, digits and an underscore", "c for c in p if c.isalnum() or c in '_-'", &["path-traversal guarded"]),
        ("what is none is replaced", "c if c.isalnum() else '_' for c in p", &["path-traversal guarded"]),
        ("dots too", "c for c in p if c.isalnum() or c in '._'", &["path-traversal open"]),
        ("every one", "c.lower() for c in p", &["path-traversal open"]),
    ] {
        let text = format!(
            "@mcp.tool()\ndef t(p: str):\n    name = ''.join({kept})\n    return open('/srv/' + name).read()\n"
        );
        check(name, &text, expected);
    }
}

#[test]
fn members_of_a_list_are_held_by_their_own_schema() {
    let server = |member: &str, body: &str| {
        format!(
            "import {{ McpServer }} from \"@modelcontextprotocol/sdk/server/mcp.js\";\nimport {{ z }} from \"zod\";\nimport fs from \"fs\";\nimport path from \"path\";\n\
             const server = new McpServer({{ name: \"s\", version: \"1\" }});\n\
             server.tool(\"t\", \"d\", {{ all: z.array(z.object({{ name: {member}, other: z.string() }})) }}, async ({{ all }}) => {{\n{body}\n}});\n"
        )
    };
    let held = "z.string().regex(/^[a-z]+\\.png$/)";
    for (name, member, body, expected) in [
        ("in a loop", held, "for (const one of all) { fs.readFileSync(path.join('/srv', one.name)); }", "guarded"),
        ("taken apart", held, "for (const { name } of all) { fs.readFileSync(path.join('/srv', name)); }", "guarded"),
        (
            "by a callback",
            held,
            "await Promise.all(all.map(async ({ name }) => fs.readFileSync(path.join('/srv', name))));",
            "guarded",
        ),
        (
            "put into another list",
            held,
            "const jobs = [];\nfor (const one of all) { jobs.push({ file: one.name, note: one.other }); }\njobs.map((job) => fs.readFileSync(path.join('/srv', job.file)));",
            "guarded",
        ),
        ("another member", held, "for (const one of all) { fs.readFileSync(path.join('/srv', one.other)); }", "open"),
        (
            "without a pattern",
            "z.string()",
            "for (const one of all) { fs.readFileSync(path.join('/srv', one.name)); }",
            "open",
        ),
    ] {
        let states = states("server.ts", server(member, body));
        assert_eq!(states, [expected], "{name}\n{body}");
    }
}
