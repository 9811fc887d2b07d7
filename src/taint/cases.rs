//! Servers of a few lines, and what arrives where in them.

use crate::discover::discover_text;
use crate::extract::extract;
use crate::load::load;
use crate::model::Facts;
use crate::model::effect::Arrival;

mod addresses;
mod kept;
mod pieces;
mod roots;

/// What arrives, but for links: whether they are resolved is told apart from where a path may lead, and has cases of its own.
pub(super) fn told(facts: &Facts) -> impl Iterator<Item = &Arrival> {
    facts.arrivals.iter().filter(|arrival| arrival.class != "links-not-resolved")
}

/// Lines `tool class argument state` of everything that arrives, for a Python server whose tools are in `text`.
fn arrivals(text: &str) -> Vec<String> {
    let head = "from mcp.server.fastmcp import FastMCP\nimport asyncio, os, re, subprocess\nfrom pathlib import Path\n\
        import git\nmcp = FastMCP('s')\nROOT = Path('/srv/data').resolve()\n";
    let facts = extract(&load(discover_text("server.py", format!("{head}{text}"))));
    let line = |arrival: &crate::model::effect::Arrival| {
        let tool = arrival.about.tool.map_or("-", |tool| facts.tools[tool.0 as usize].about.name.as_str());
        format!("{tool} {} {} {}", arrival.class, arrival.argument, arrival.state)
    };
    let mut lines: Vec<String> = told(&facts).map(line).collect();
    lines.sort();
    lines.dedup();
    lines
}

/// Checks what arrives from the tool `t` of a Python server with one argument `p`: `class state` of each.
fn check(name: &str, text: &str, expected: &[&str]) {
    let found: Vec<String> = arrivals(text).iter().map(|line| line.replacen("t ", "", 1).replace(" p ", " ")).collect();
    assert_eq!(found, expected, "{name}\n{text}");
}

const OPEN: &[&str] = &["path-traversal open"];
const WEAK: &[&str] = &["path-traversal weak"];
const HELD: &[&str] = &["path-traversal guarded"];

#[test]
fn a_path_is_held_only_by_a_guard_that_stands_before_it_and_holds() {
    for (name, body, expected) in [
        ("nothing", "    return open(p).read()\n", OPEN),
        (
            "resolved and compared by components",
            "    full = (ROOT / p).resolve()\n    if not full.is_relative_to(ROOT):\n        raise ValueError(p)\n    return full.read_text()\n",
            HELD,
        ),
        (
            "compared before it is resolved",
            "    full = ROOT / p\n    if not full.is_relative_to(ROOT):\n        raise ValueError(p)\n    return full.resolve().read_text()\n",
            WEAK,
        ),
        (
            "an exception that leaves",
            "    full = (ROOT / p).resolve()\n    try:\n        full.relative_to(ROOT)\n    except ValueError:\n        raise PermissionError(p)\n    return full.read_text()\n",
            HELD,
        ),
        (
            "an exception that is swallowed",
            "    full = (ROOT / p).resolve()\n    try:\n        full.relative_to(ROOT)\n    except ValueError:\n        pass\n    return full.read_text()\n",
            OPEN,
        ),
        (
            "an exception that is only logged",
            "    full = (ROOT / p).resolve()\n    try:\n        full.relative_to(ROOT)\n    except ValueError as error:\n        print(error)\n    return full.read_text()\n",
            OPEN,
        ),
        (
            "a text compared without separator",
            "    full = os.path.realpath(os.path.join('/srv/data', p))\n    if not full.startswith('/srv/data'):\n        raise ValueError(p)\n    return open(full).read()\n",
            WEAK,
        ),
        (
            "a text compared with a separator",
            "    full = os.path.realpath(os.path.join('/srv/data', p))\n    if not full.startswith('/srv/data/'):\n        raise ValueError(p)\n    return open(full).read()\n",
            HELD,
        ),
        (
            "common path",
            "    full = os.path.realpath(os.path.join('/srv/data', p))\n    if os.path.commonpath(['/srv/data', full]) != '/srv/data':\n        raise ValueError(p)\n    return open(full).read()\n",
            HELD,
        ),
        (
            "after the effect",
            "    full = (ROOT / p).resolve()\n    text = full.read_text()\n    if not full.is_relative_to(ROOT):\n        raise ValueError(p)\n    return text\n",
            OPEN,
        ),
        (
            "another value",
            "    full = (ROOT / p).resolve()\n    other = Path('/x').resolve()\n    if not other.is_relative_to(ROOT):\n        raise ValueError(p)\n    return full.read_text()\n",
            OPEN,
        ),
        (
            "a name that holds something else by then",
            "    full = Path('/x').resolve()\n    if not full.is_relative_to(ROOT):\n        raise ValueError(p)\n    full = (ROOT / p).resolve()\n    return full.read_text()\n",
            OPEN,
        ),
        (
            "a refusal that only logs",
            "    full = (ROOT / p).resolve()\n    if not full.is_relative_to(ROOT):\n        print('outside')\n    return full.read_text()\n",
            OPEN,
        ),
        ("what is forbidden", "    if '..' in p:\n        raise ValueError(p)\n    return open(p).read()\n", WEAK),
        ("a zero byte", "    if '\\x00' in p:\n        raise ValueError(p)\n    return open(p).read()\n", OPEN),
        (
            "one of a list",
            "    if p not in ['a.txt', 'b.txt']:\n        raise ValueError(p)\n    return open(p).read()\n",
            HELD,
        ),
        ("its last part", "    return (ROOT / os.path.basename(p)).read_text()\n", HELD),
    ] {
        check(name, &format!("@mcp.tool()\ndef t(p: str) -> str:\n{body}"), expected);
    }
}

#[test]
fn a_function_tells_its_caller_what_it_proved() {
    let guard = "def inside(base, path):\n    base = os.path.realpath(base)\n    path = os.path.realpath(path)\n    \
        if path == base:\n        return True\n    try:\n        return os.path.commonpath([base, path]) == base\n    \
        except ValueError:\n        return False\n\n";
    let raising = "def held(path, root):\n    if root is None:\n        return\n    full = path.resolve()\n    try:\n        \
        full.relative_to(root.resolve())\n    except ValueError:\n        raise ValueError('outside')\n\n";
    let giving = "LIMIT = os.environ.get('LIMIT')\n\ndef full(name):\n    if LIMIT is None:\n        return os.path.normpath(name)\n    \
        found = os.path.realpath(os.path.join(LIMIT, name))\n    if not inside(LIMIT, found):\n        raise ValueError(name)\n    return found\n\n";
    let careless = "def held(path, root):\n    full = path.resolve()\n    path = Path('/x').resolve()\n    path.relative_to(root)\n\n";
    let waiting = "async def held(path, root):\n    path.resolve().relative_to(root)\n\n";
    for (name, before, body, expected) in [
        (
            "a test in a function",
            guard,
            "def t(p: str):\n    full = os.path.realpath(os.path.join('/srv', p))\n    if not inside('/srv', full):\n        raise ValueError(p)\n    return open(full).read()\n",
            HELD,
        ),
        (
            "kept in a name",
            guard,
            "def t(p: str):\n    full = os.path.realpath(os.path.join('/srv', p))\n    fine = inside('/srv', full)\n    if not fine:\n        return 'no'\n    return open(full).read()\n",
            HELD,
        ),
        (
            "with its answer thrown away",
            guard,
            "def t(p: str):\n    full = os.path.realpath(os.path.join('/srv', p))\n    inside('/srv', full)\n    return open(full).read()\n",
            OPEN,
        ),
        (
            "the wrong way round",
            guard,
            "def t(p: str):\n    full = os.path.realpath(os.path.join('/srv', p))\n    if inside('/srv', full):\n        raise ValueError(p)\n    return open(full).read()\n",
            OPEN,
        ),
        (
            "a function that raises, open where nothing is set",
            raising,
            "def t(p: str):\n    path = Path(p)\n    held(path, ROOT)\n    return git.Repo(path).head\n",
            HELD,
        ),
        (
            "swallowed by its caller",
            raising,
            "def t(p: str):\n    path = Path(p)\n    try:\n        held(path, ROOT)\n    except ValueError:\n        pass\n    return git.Repo(path).head\n",
            OPEN,
        ),
        (
            "another argument of it",
            raising,
            "def t(p: str):\n    path = Path(p)\n    held(ROOT / 'x', path)\n    return git.Repo(path).head\n",
            OPEN,
        ),
        (
            "a parameter that holds something else",
            careless,
            "def t(p: str):\n    path = Path(p)\n    held(path, ROOT)\n    return git.Repo(path).head\n",
            OPEN,
        ),
        (
            "a coroutine that is awaited",
            waiting,
            "async def t(p: str):\n    path = Path(p)\n    await held(path, ROOT)\n    return path.read_text()\n",
            HELD,
        ),
        (
            "a coroutine that is not",
            waiting,
            "async def t(p: str):\n    path = Path(p)\n    held(path, ROOT)\n    return path.read_text()\n",
            OPEN,
        ),
    ] {
        check(name, &format!("{before}@mcp.tool()\n{body}"), expected);
    }
    let pair = "def looked_at(path):\n    full = os.path.realpath(path)\n    if not full.startswith('/srv/'):\n        return False, 'outside'\n    return True, None\n\n";
    let error = "def problem(path):\n    full = os.path.realpath(path)\n    if not full.startswith('/srv/'):\n        return f'{path} is outside'\n    return None\n\n";
    let silent = "def held(path):\n    full = os.path.realpath(path)\n    fine = full.startswith('/srv/')\n    if not fine:\n        return\n    print(path)\n\n";
    for (name, before, body, expected) in [
        (
            "a pair taken apart",
            pair,
            "def t(p: str):\n    fine, why = looked_at(p)\n    if not fine:\n        return why\n    return open(p).read()\n",
            HELD,
        ),
        (
            "its reason",
            pair,
            "def t(p: str):\n    fine, why = looked_at(p)\n    if why is not None:\n        return why\n    return open(p).read()\n",
            HELD,
        ),
        (
            "a pair is true whatever it holds",
            pair,
            "def t(p: str):\n    if looked_at(p):\n        return open(p).read()\n",
            OPEN,
        ),
        (
            "an error or nothing",
            error,
            "def t(p: str):\n    why = problem(p)\n    if why:\n        return why\n    return open(p).read()\n",
            HELD,
        ),
        (
            "an error that is not looked at",
            error,
            "def t(p: str):\n    why = problem(p)\n    return open(p).read(), why\n",
            OPEN,
        ),
        (
            "a function that comes back either way",
            silent,
            "def t(p: str):\n    held(p)\n    return open(p).read()\n",
            OPEN,
        ),
    ] {
        check(name, &format!("{before}@mcp.tool()\n{body}"), expected);
    }
    let both = format!("{guard}{giving}@mcp.tool()\ndef t(p: str):\n    return open(full(p)).read()\n");
    check("a function that gives back what it checked where a limit is set, which it is not by default", &both, WEAK);
    let set = both.replace("get('LIMIT')", "get('LIMIT', '/srv')");
    check("a function that gives back what it checked against a limit that is set by default", &set, HELD);
}

#[test]
fn words_of_a_command_are_judged_by_where_they_stand() {
    const OPEN: &[&str] = &["argument-injection open"];
    const HELD: &[&str] = &["argument-injection guarded"];
    for (name, body, expected) in [
        ("a word", "def t(p: str):\n    return subprocess.run(['ls', p])\n", OPEN),
        ("a word of a subcommand", "def t(p: str):\n    return git.Repo('/srv').git.diff('--stat', p)\n", OPEN),
        ("after the end of options", "def t(p: str):\n    git.Repo('/srv').git.add('--', p)\n", &[]),
        ("the value of an option", "def t(p: str):\n    git.Repo('/srv').git.log('--since', p)\n", &[]),
        (
            "a hyphen refused",
            "def t(p: str):\n    if p.startswith('-'):\n        raise ValueError(p)\n    git.Repo('/srv').git.diff(p)\n",
            HELD,
        ),
        (
            "a hyphen refused for each",
            "def t(p: list[str]):\n    for one in p:\n        if one.startswith('-'):\n            raise ValueError(one)\n    git.Repo('/srv').git.add(*p)\n",
            HELD,
        ),
        (
            "a word added on one way only",
            "def t(p: str):\n    words = ['ls']\n    if p:\n        words.append(p)\n    subprocess.run(words)\n",
            OPEN,
        ),
        (
            "a list added",
            "def t(p: str):\n    words = ['ls']\n    words += ['--', p]\n    subprocess.run(words)\n",
            &[],
        ),
        ("the program", "def t(p: str):\n    subprocess.run([p, 'x'])\n", &["command-injection open"]),
        ("a shell", "def t(p: str):\n    subprocess.run(f'ls {p}', shell=True)\n", &["command-injection open"]),
        (
            "a shell's command",
            "def t(p: str):\n    subprocess.run(['sh', '-c', 'ls ' + p])\n",
            &["command-injection open"],
        ),
        (
            "files put into an index",
            "def t(p: list[str]):\n    git.Repo('/srv').index.add(p)\n",
            &["path-traversal weak"],
        ),
    ] {
        check(name, &format!("@mcp.tool()\n{body}"), expected);
    }
}

/// Lines `class argument state` of what arrives from the tool `t` of a TypeScript server that takes texts `p` and `q` and
/// a number `n`; `body` stands in its handler, `above` at the top of the file.
fn of_script(above: &str, body: &str) -> Vec<String> {
    let text = format!(
        "import {{ McpServer }} from \"@modelcontextprotocol/sdk/server/mcp.js\";\nimport {{ z }} from \"zod\";\n\
         import fs from \"fs\";\nimport path from \"path\";\nimport {{ exec, execFile, spawn }} from \"child_process\";\n\
         {above}\nconst server = new McpServer({{ name: \"s\", version: \"1\" }});\n\
         server.tool(\"t\", \"d\", {{ p: z.string(), q: z.string(), n: z.number() }}, async ({{ p, q, n }}) => {{\n{body}\n}});\n"
    );
    let facts = extract(&load(discover_text("server.ts", text)));
    let line =
        |arrival: &crate::model::effect::Arrival| format!("{} {} {}", arrival.class, arrival.argument, arrival.state);
    let mut lines: Vec<String> = told(&facts).map(line).collect();
    lines.sort();
    lines.dedup();
    lines
}

/// States of everything that arrives in a server of one file.
fn states(path: &str, text: String) -> Vec<String> {
    let facts = extract(&load(discover_text(path, text)));
    told(&facts).map(|arrival| arrival.state.clone()).collect()
}

fn check_script(cases: &[(&str, &str, &str, &[&str])]) {
    let differs = |(name, above, body, expected): &(&str, &str, &str, &[&str])| {
        let found = of_script(above, body);
        (found != *expected).then(|| format!("{name}: {found:?}, not {expected:?}\n{above}\n{body}\n"))
    };
    let wrong: Vec<String> = cases.iter().filter_map(differs).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Checks Python servers as [`check`] does, each with what stands above the tool and its definition.
fn check_all(head: &str, cases: &[(&str, &str, &str, &[&str])]) {
    let differs = |(name, above, body, expected): &(&str, &str, &str, &[&str])| {
        let text = format!("{head}{above}@mcp.tool()\n{body}");
        let found: Vec<String> =
            arrivals(&text).iter().map(|line| line.replacen("t ", "", 1).replace(" p ", " ")).collect();
        (found != *expected).then(|| format!("{name}: {found:?}, not {expected:?}\n{above}\n{body}\n"))
    };
    let wrong: Vec<String> = cases.iter().filter_map(differs).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn script_paths_are_held_by_what_a_callback_tests() {
    let roots = "const ROOTS = process.argv.slice(2).map(one => path.resolve(one));\n";
    check_script(&[
        (
            "a beginning without separator",
            roots,
            "const full = path.resolve(p); if (!ROOTS.some(root => full.startsWith(root))) throw new Error(p); fs.readFileSync(full);",
            &["path-traversal p weak"],
        ),
        (
            "a beginning with a separator",
            roots,
            "const full = path.resolve(p); if (!ROOTS.some(root => full.startsWith(root + path.sep))) throw new Error(p); fs.readFileSync(full);",
            &["path-traversal p guarded"],
        ),
        (
            "in a helper that compares what it made of its parameter",
            "function check(file) {\n  const full = path.resolve(file);\n  const ok = ROOTS.some(root => isUnder(full, root));\n  if (!ok) throw new Error(file);\n}\n\
             function isUnder(file, root) {\n  const way = path.relative(root, file);\n  if (way.startsWith(\"..\")) return false;\n  return true;\n}\nconst ROOTS = [process.cwd()];",
            "check(p); fs.writeFileSync(p, q);",
            &["path-traversal p guarded"],
        ),
        (
            "the result of the test is not used",
            roots,
            "const full = path.resolve(p); ROOTS.some(root => full.startsWith(root + path.sep)); fs.readFileSync(full);",
            &["path-traversal p open"],
        ),
    ]);
}

#[test]
fn script_commands_are_judged_argument_by_argument() {
    check_script(&[
        (
            "a number beside a text",
            "",
            "exec(`head -n ${n} ${p}`);",
            &["command-injection n guarded", "command-injection p open"],
        ),
        (
            "quoted by hand, and not",
            "function quoted(text) { return `'${text.replace(/'/g, \"'\\\\''\")}'`; }",
            "let command = \"rg\"; command += ` ${quoted(p)}`; if (q) command += ` -t ${q}`; exec(command);",
            &["command-injection p guarded", "command-injection q open"],
        ),
        ("cleaned to letters", "", "exec(\"echo \" + p.replace(/[^a-z]/g, \"\"));", &["command-injection p guarded"]),
        (
            "words pushed one after the other",
            "",
            "const words = [\"log\"]; if (q) { words.push(\"--author\", q); } words.push(p); execFile(\"git\", words);",
            &["argument-injection p open"],
        ),
        (
            "words after two hyphens",
            "",
            "const words = [\"log\", \"--\"]; words.push(p); execFile(\"git\", words);",
            &[],
        ),
        (
            "a flag's name",
            "",
            "spawn(\"kubectl\", [\"get\", `--${p}=${q}`]);",
            &["argument-injection p open", "argument-injection q open"],
        ),
        (
            "called through a wrapper, by call",
            "async function run(command) { exec(command); }",
            "await run.call(null, `ls ${p}`);",
            &["command-injection p open"],
        ),
    ]);
}

/// Lines `class state` of what arrives in a server of one file from its argument `p`.
fn of_file(path: &str, text: String) -> Vec<String> {
    let facts = extract(&load(discover_text(path, text)));
    let line = |arrival: &crate::model::effect::Arrival| format!("{} {}", arrival.class, arrival.state);
    let mut lines: Vec<String> = told(&facts).map(line).collect();
    lines.sort();
    lines.dedup();
    lines
}

fn check_files(path: &str, head: &str, tail: &str, cases: &[(&str, &str, &[&str])]) {
    let differs = |(name, body, expected): &(&str, &str, &[&str])| {
        let found = of_file(path, format!("{head}{body}{tail}"));
        (found != *expected).then(|| format!("{name}: {found:?}, not {expected:?}\n{body}\n"))
    };
    let wrong: Vec<String> = cases.iter().filter_map(differs).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Checks Go servers of one tool; `body` stands in a function that takes its argument `p`.
fn check_go(cases: &[(&str, &str, &[&str])]) {
    let head = "package main\n\nimport (\n\"context\"\n\"fmt\"\n\"net/http\"\n\"net/url\"\n\"os\"\n\"os/exec\"\n\"path/filepath\"\n\"strings\"\n\n\"github.com/mark3labs/mcp-go/mcp\"\n\
        \"github.com/mark3labs/mcp-go/server\"\n)\n\nvar roots = []string{\"/srv/a\", \"/srv/b\"}\n\nfunc main() {\n\ts := server.NewMCPServer(\"s\", \"1\")\n\
        \ts.AddTool(mcp.NewTool(\"t\", mcp.WithString(\"p\")), handle)\n\tserver.ServeStdio(s)\n}\n\n\
        func handle(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {\n\tp, err := request.RequireString(\"p\")\n\
        \tif err != nil {\n\t\treturn nil, err\n\t}\n\tdata, err := work(p)\n\treturn mcp.NewToolResultText(string(data)), err\n}\n\nfunc work(p string) ([]byte, error) {\n";
    check_files("main.go", head, "\n}\n", cases);
}

/// Checks Rust servers of one tool; `body` stands in its method, which takes `p`.
fn check_rust(cases: &[(&str, &str, &[&str])]) {
    let head = "use rmcp::{tool, tool_handler, tool_router, ServerHandler, handler::server::{router::tool::ToolRouter, wrapper::Parameters}};\n\
        #[derive(serde::Deserialize, schemars::JsonSchema)]\nstruct P { p: String }\nstruct S { roots: Vec<std::path::PathBuf>, tool_router: ToolRouter<S> }\n\
        #[tool_router]\nimpl S {\n    #[tool(description = \"d\")]\n    async fn t(&self, Parameters(P { p }): Parameters<P>) -> String {\n";
    check_files("main.rs", head, "\n    }\n}\n#[tool_handler]\nimpl ServerHandler for S {}\n", cases);
}
