//! Trees of several files, and what their tools are found to do.
#![allow(clippy::disallowed_methods, reason = "the trees are written to a folder that goes away")]

use crate::discover::{Walk, discover};
use crate::extract::extract;
use crate::load::load;

mod dispatch;
mod injected;
mod shared;

/// `tool: kind call kind call …`, one line for each tool; `?` where something could not be followed.
fn told(tree: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder for the tree");
    for file in format!("\n{tree}").split("\n=== ").filter(|file| !file.is_empty()) {
        let (path, text) = file.split_once('\n').unwrap_or((file, ""));
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("folders");
        std::fs::write(path, text).expect("the file");
    }
    let facts = extract(&load(discover(folder.path(), &Walk::default()).expect("the tree is there")));
    let line = |(at, tool): (usize, &crate::model::tool::Tool)| {
        let own = facts.effects.iter().filter(|effect| effect.about.tool.is_some_and(|id| id.0 as usize == at));
        let mut effects: Vec<String> = own.map(|effect| format!("{} {}", effect.kind, effect.call)).collect();
        effects.dedup();
        let open = if tool.followed.value().is_some() { "" } else { " ?" };
        format!("{}: {}{open}", tool.about.name, effects.join(", "))
    };
    facts.tools.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn check(what: &str, tree: &str, expected: &str) {
    assert_eq!(told(tree), expected, "{what}");
}

/// A crate whose only tool `t` takes `p` and runs `body`; further files follow.
fn crate_of(uses: &str, body: &str, files: &str) -> String {
    format!(
        "=== Cargo.toml\n[package]\nname = \"demo-mcp\"\n=== src/lib.rs\nmod server;\nmod helper;\npub mod deep;\n\
        === src/server.rs\nuse rmcp::{{tool, tool_router, handler::server::wrapper::Parameters}};\n{uses}\n\
        pub struct P {{ pub p: String }}\npub struct S;\n#[tool_router]\nimpl S {{\n#[tool]\nfn t(&self, Parameters(p): Parameters<P>) -> String {{ {body} }}\n}}\n{files}"
    )
}

#[test]
fn a_path_of_rust_leads_to_the_file_that_it_means() {
    let read = "=== src/helper.rs\npub fn read(p: &str) -> String { std::fs::read_to_string(p).unwrap() }\n";
    let expected = "t: file.read std.fs.read_to_string";
    for (what, uses, body, files) in [
        ("from the root of the crate", "use crate::helper::read;", "read(&p.p)", read),
        ("without import", "", "crate::helper::read(&p.p)", read),
        ("from above", "use super::helper;", "helper::read(&p.p)", read),
        ("from above without import", "", "super::helper::read(&p.p)", read),
        ("everything of a module", "use crate::helper::*;", "read(&p.p)", read),
        ("under another name", "use crate::helper::read as fetch;", "fetch(&p.p)", read),
        (
            "from beside an import",
            "use crate::deep;\nuse deep::more::read;",
            "read(&p.p)",
            "=== src/deep.rs\npub mod more;\n=== src/deep/more.rs\npub fn read(p: &str) -> String { std::fs::read_to_string(p).unwrap() }\n",
        ),
        (
            "offered again",
            "use crate::deep::read;",
            "read(&p.p)",
            "=== src/deep/mod.rs\nmod more;\npub use more::read;\n=== src/deep/more.rs\npub fn read(p: &str) -> String { std::fs::read_to_string(p).unwrap() }\n",
        ),
        (
            "all offered again",
            "use crate::deep::*;",
            "read(&p.p)",
            "=== src/deep/mod.rs\nmod more;\npub use self::more::*;\n=== src/deep/more.rs\nuse super::*;\npub fn read(p: &str) -> String { std::fs::read_to_string(p).unwrap() }\n",
        ),
        (
            "an inline module that imports",
            "use crate::deep::inner::go;",
            "go(&p.p)",
            "=== src/deep.rs\npub mod inner { use super::super::helper::read; pub fn go(p: &str) -> String { read(p) } }\n=== src/helper.rs\npub fn read(p: &str) -> String { std::fs::read_to_string(p).unwrap() }\n",
        ),
        (
            "a file of another name",
            "",
            "crate::deep::odd::read(&p.p)",
            "=== src/deep.rs\n#[path = \"elsewhere.rs\"]\npub mod odd;\n=== src/elsewhere.rs\npub fn read(p: &str) -> String { std::fs::read_to_string(p).unwrap() }\n",
        ),
        ("by the name of the crate", "use demo_mcp::helper::read;", "read(&p.p)", read),
        (
            "a function of a type",
            "use crate::helper::Files;",
            "Files::new().read(&p.p)",
            "=== src/helper.rs\npub struct Files;\nimpl Files { pub fn new() -> Self { Self } pub fn read(&self, p: &str) -> String { std::fs::read_to_string(p).unwrap() } }\n",
        ),
    ] {
        check(what, &crate_of(uses, body, files), expected);
    }
}

#[test]
fn a_method_that_is_only_declared_is_that_of_every_type_that_has_it() {
    let traits = "=== src/helper.rs\npub trait Store { fn put(&self, p: &str); fn twice(&self, p: &str) { self.put(p); self.put(p) } }\n\
        pub struct Disk;\nimpl Store for Disk { fn put(&self, p: &str) { std::fs::write(p, \"x\").unwrap(); } }\n\
        pub fn keep(store: &dyn Store, p: &str) -> String { store.twice(p); String::new() }\n";
    check(
        "a trait",
        &crate_of("use crate::helper::{Disk, keep};", "keep(&Disk, &p.p)", traits),
        "t: file.write std.fs.write",
    );
    check(
        "a trait without types",
        "=== Cargo.toml\n=== src/main.rs\nuse rmcp::{tool, tool_router, handler::server::wrapper::Parameters};\n\
        trait Store { fn put(&self, p: &str); }\nstruct P { p: String }\nstruct S { store: Box<dyn Store> }\n#[tool_router]\nimpl S {\n#[tool]\n\
        fn t(&self, Parameters(p): Parameters<P>) -> String { self.store.put(&p.p); String::new() }\n}\n",
        "t:  ?",
    );
    check(
        "an interface of Go",
        "=== go.mod\nmodule example.com/demo\n=== main.go\npackage main\nimport (\n\"context\"\n\"os\"\n\"github.com/mark3labs/mcp-go/mcp\"\n\"github.com/mark3labs/mcp-go/server\"\n)\n\
        type Store interface { Put(p string) error }\ntype Disk struct{}\nfunc (d *Disk) Put(p string) error { return os.WriteFile(p, nil, 0o600) }\n\
        type Tools struct { store Store }\nfunc (t *Tools) put(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) { return nil, t.store.Put(r.GetString(\"p\", \"\")) }\n\
        func main() { s := server.NewMCPServer(\"a\", \"1\"); t := &Tools{store: &Disk{}}; s.AddTool(mcp.NewTool(\"put\", mcp.WithString(\"p\")), t.put); server.ServeStdio(s) }\n",
        "put: file.write os.WriteFile",
    );
}

#[test]
fn crates_do_what_their_tables_say() {
    for (what, body, expected) in [
        ("a repository", "git2::Repository::open(&p.p).unwrap(); String::new()", "t: file.read git2.Repository.open"),
        (
            "what is inflated in memory",
            "let mut d = flate2::read::GzDecoder::new(p.p.as_bytes()); String::new()",
            "t: deserialise flate2.read.GzDecoder.new",
        ),
        (
            "objects of bytes",
            "bincode::deserialize::<String>(p.p.as_bytes()).unwrap()",
            "t: deserialise bincode.deserialize",
        ),
        (
            "a script",
            "rhai::Engine::new().eval_expression::<String>(&p.p).unwrap()",
            "t: code rhai.Engine.eval_expression",
        ),
        ("a shell of C", "unsafe { libc::system(p.p.as_ptr()) }; String::new()", "t: process libc.system"),
        (
            "a clipboard",
            "arboard::Clipboard::new().unwrap().set_text(p.p).unwrap(); String::new()",
            "t: clipboard arboard.Clipboard.set_text",
        ),
    ] {
        check(what, &crate_of("", body, ""), expected);
    }
}

#[test]
fn packages_do_what_their_tables_say() {
    let python = |imports: &str, body: &str| {
        format!(
            "=== server.py\n{imports}\nfrom mcp.server.fastmcp import FastMCP\nmcp = FastMCP(\"a\")\n@mcp.tool()\ndef t(p: str) -> str:\n    {body}\n    return p\n"
        )
    };
    let node = |imports: &str, body: &str| {
        format!(
            "=== server.ts\n{imports}\nimport {{ McpServer }} from \"@modelcontextprotocol/sdk/server/mcp.js\";\nimport {{ z }} from \"zod\";\nconst server = new McpServer({{ name: \"a\", version: \"1\" }});\nserver.registerTool(\"t\", {{ inputSchema: {{ p: z.string() }} }}, async ({{ p }}) => {{ {body}; return {{ content: [] }}; }});\n"
        )
    };
    for (what, tree, expected) in [
        ("a scan", python("import nmap", "nmap.PortScanner().scan(\"h\", p)"), "t: process nmap.PortScanner.scan"),
        ("a message pack", python("import msgpack", "msgpack.unpackb(p)"), "t: deserialise msgpack.unpackb"),
        (
            "a commit",
            node("import git from \"isomorphic-git\";", "await git.add({ dir: p })"),
            "t: file.write isomorphic-git.add",
        ),
        ("objects", node("import yaml from \"js-yaml\";", "yaml.unsafeLoad(p)"), "t: deserialise js-yaml.unsafeLoad"),
    ] {
        check(what, &tree, expected);
    }
    check(
        "a Go clone",
        "=== go.mod\nmodule example.com/demo\n=== main.go\npackage main\nimport (\n\"context\"\n\"github.com/go-git/go-git/v5\"\n\"github.com/mark3labs/mcp-go/mcp\"\n\"github.com/mark3labs/mcp-go/server\"\n)\n\
        func put(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) { _, err := git.PlainCloneContext(ctx, r.GetString(\"p\", \"\"), false, nil); return nil, err }\n\
        func main() { s := server.NewMCPServer(\"a\", \"1\"); s.AddTool(mcp.NewTool(\"t\", mcp.WithString(\"p\")), put); server.ServeStdio(s) }\n",
        "t: file.write github.com/go-git/go-git/v5.PlainCloneContext, network github.com/go-git/go-git/v5.PlainCloneContext",
    );
}

#[test]
fn what_a_generator_yields_is_what_with_holds() {
    let tree = |made: &str, used: &str| {
        format!(
            "=== server.py\nimport sqlite3\nimport contextlib\nfrom mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n{made}\n\
            @mcp.tool()\ndef t(p: str) -> str:\n    with {used} as held:\n        return str(held.execute('SELECT 1').fetchall())\n"
        )
    };
    let connection =
        "    conn = sqlite3.connect('a.db')\n    try:\n        yield conn\n    finally:\n        conn.close()";
    for (what, made, used) in [
        ("a function", format!("@contextlib.contextmanager\ndef opened(path):\n{connection}"), "opened('a')"),
        (
            "what it is given",
            "@contextlib.contextmanager\ndef opened(conn):\n    yield conn".to_string(),
            "opened(sqlite3.connect('a.db'))",
        ),
        (
            "a method",
            format!(
                "class Store:\n    @contextlib.contextmanager\n    def opened(self):\n    {}\nstore = Store()",
                connection.replace('\n', "\n    ")
            ),
            "store.opened()",
        ),
    ] {
        let told = told(&tree(&made, used));
        assert!(told.contains("sql sqlite3.Connection.execute") && !told.ends_with('?'), "{what}: {told}");
    }
}

#[test]
fn what_stays_inside_the_program_is_followed() {
    let script = |kept: &str, body: &str| {
        format!(
            "=== s.ts\nimport {{ McpServer }} from \"@modelcontextprotocol/sdk/server/mcp.js\";\nimport {{ z }} from \"zod\";\n{kept}\n\
            const s = new McpServer({{name: \"a\", version: \"1\"}});\n\
            s.registerTool(\"t\", {{inputSchema: {{p: z.string()}}}}, async ({{ p }}) => {{ {body} }});\n"
        )
    };
    for (what, kept, body, expected) in [
        ("a map", "const m = new Map();", "m.set(p, 1); m.delete(p); return { content: [], n: m.has(p) };", "t: "),
        (
            "a map of this and that",
            "const m = new Map([[\"a\", 1]]);",
            "m.forEach(x => x); return { content: [] };",
            "t: ",
        ),
        (
            "a promise that settles",
            "",
            "await new Promise((done, fail) => { if (p) done(p); else fail(p); }); return { content: [] };",
            "t: ",
        ),
        (
            "what only texts have",
            "export function on(f) { kept = f; } let kept;",
            "const line = kept.line; return { content: [], is: line.startsWith(\"a\"), at: line.indexOf(\":\") };",
            "t: ",
        ),
        (
            "what others have too",
            "export function on(f) { kept = f; } let kept;",
            "kept.repository.push(p); return { content: [] };",
            "t:  ?",
        ),
        (
            "an error of its own",
            "class Refused extends Error { constructor(text) { super(text); this.text = text; } }",
            "if (!p) throw new Refused(\"no\"); return { content: [] };",
            "t: ",
        ),
        (
            "an upper class that no table knows",
            "import { Base } from \"acme-base\"; class Own extends Base { constructor(text) { super(text); } }",
            "new Own(p); return { content: [] };",
            "t:  ?",
        ),
        (
            "an upper class of the tree without a constructor",
            "class Event { name() { return \"a\"; } } class Own extends Event { constructor(text) { super(); this.text = text; } }",
            "new Own(p); return { content: [] };",
            "t: ",
        ),
        (
            "an upper class of the tree whose own upper class no table knows",
            "import { Base } from \"acme-base\"; class Event extends Base {} class Own extends Event { constructor() { super(); } }",
            "new Own(p); return { content: [] };",
            "t:  ?",
        ),
        (
            "a pattern",
            "const WORD = /^[a-z]+$/;",
            "WORD.exec(\"a\"); return { content: [], is: /^b$/.test(\"b\") };",
            "t: ",
        ),
        (
            "what others than patterns have too",
            "export function on(f) { kept = f; } let kept;",
            "kept.exec(\"a\"); return { content: [] };",
            "t:  ?",
        ),
        (
            "a promise of something that is not known",
            "export function on(f) { kept = f; } let kept;",
            "kept.told.then(() => 1).catch(() => 2); return { content: [] };",
            "t: ",
        ),
        (
            "lists that something else keeps",
            "export function on(f) { kept = f; } let kept;",
            "kept.entities.push(1); return { content: [] };",
            "t: ",
        ),
        (
            "what else can push",
            "export function on(f) { kept = f; } let kept;",
            "kept.git.push({ remote: \"origin\" }); return { content: [] };",
            "t:  ?",
        ),
        (
            "one of many methods of the tree that has a name of patterns",
            "const all = { a: { test() {} }, b: { test() {} }, c: { test() {} }, d: { test() {} }, e: { test() {} }, f: { test() {} }, g: { test() { fetch(\"https://a.example\"); } } };",
            "all[p].test(\"a\"); return { content: [] };",
            "t:  ?",
        ),
        (
            "a span of OpenTelemetry",
            "export function on(f) { span = f; } let span;",
            "span.setAttribute(\"a\", 1); span.setStatus({ code: 1 }); span.recordException(1); return { content: [] };",
            "t: ",
        ),
        (
            "a method that an object may have",
            "import { other } from \"./other.js\"; const m = {...other};",
            "m.run(p); return { content: [] };",
            "t:  ?",
        ),
        (
            "a parameter that nobody is known to give",
            "export function on(f) { hook = f; } let hook;",
            "hook(p); return { content: [] };",
            "t:  ?",
        ),
    ] {
        check(what, &script(kept, body), expected);
    }
    let python = |body: &str| {
        format!(
            "=== s.py\nimport requests\nfrom mcp.server.fastmcp import FastMCP\nmcp = FastMCP(\"a\")\n@mcp.tool()\ndef t(p: str) -> str:\n{body}"
        )
    };
    for (what, body) in [
        (
            "an answer is no argument",
            "    return requests.post(\"https://a.example\", json={\"p\": 1}).json().get(\"b\")\n",
        ),
        (
            "its elements are known by it",
            "    for one in requests.post(\"https://a.example\", json={\"p\": 1}).json():\n        one.get(\"b\")\n    return \"\"\n",
        ),
    ] {
        check(what, &python(body), "t: network requests.post");
    }
    let kept = "    for one in kept:\n        one.get(WHAT)\n    return \"\"\n\ndef on(f):\n    global kept\n    kept = f\n\nkept = None\n";
    for (what, asked, expected) in [
        ("an entry of an element", "\"name\", \"\"", "t: "),
        ("an address that an element is asked for", "\"https://a.example/b\"", "t:  ?"),
    ] {
        check(what, &python(&kept.replace("WHAT", asked)), expected);
    }
}
