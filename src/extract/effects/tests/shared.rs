//! Tools of one server that call the same functions of the tree.

use super::check;

/// A server of two tools over the same helpers.
fn server(helpers: &str, one: &str, two: &str) -> String {
    format!(
        "=== server.js\nimport {{ McpServer }} from \"@modelcontextprotocol/sdk/server/mcp.js\";\nimport fs from \"node:fs\";\n\
        import cp from \"node:child_process\";\n{helpers}\nconst server = new McpServer({{ name: \"s\" }});\n\
        server.tool(\"one\", {{}}, async () => {{ {one} }});\nserver.tool(\"two\", {{}}, async () => {{ {two} }});\n"
    )
}

#[test]
fn what_a_function_does_is_every_tools_that_calls_it() {
    let inner = "function inner() { return fs.readFileSync(\"a\"); }\nfunction outer() { fs.unlinkSync(\"b\"); return inner(); }";
    let given = "function run(job) { return job.go(); }";
    for (what, helpers, one, two, expected) in [
        (
            "the same from both",
            inner,
            "return outer();",
            "return outer();",
            "one: file.read fs.readFileSync, file.delete fs.unlinkSync\ntwo: file.read fs.readFileSync, file.delete fs.unlinkSync",
        ),
        (
            "the inner one alone, after both",
            inner,
            "return outer();",
            "return inner();",
            "one: file.read fs.readFileSync, file.delete fs.unlinkSync\ntwo: file.read fs.readFileSync",
        ),
        (
            "both, after the inner one alone",
            inner,
            "return inner();",
            "return outer();",
            "one: file.read fs.readFileSync\ntwo: file.read fs.readFileSync, file.delete fs.unlinkSync",
        ),
        (
            "what is handed over differs",
            given,
            "return run({ go: () => fs.readFileSync(\"a\") });",
            "return run({ go: () => cp.execSync(\"ls\") });",
            "one: file.read fs.readFileSync\ntwo: process child_process.execSync",
        ),
        (
            "a constant decides",
            "function open(kind) { if (kind === \"disk\") { return fs.readFileSync(\"a\"); } return cp.execSync(\"ls\"); }",
            "return open(\"disk\");",
            "return open(\"shell\");",
            "one: file.read fs.readFileSync\ntwo: process child_process.execSync",
        ),
        (
            "the object differs",
            "class Disk { go() { return fs.readFileSync(\"a\"); } }\nclass Shell { go() { return cp.execSync(\"ls\"); } }\n\
            function use(made) { return made.go(); }",
            "return use(new Disk());",
            "return use(new Shell());",
            "one: file.read fs.readFileSync\ntwo: process child_process.execSync",
        ),
    ] {
        check(what, &server(helpers, one, two), expected);
    }
}
