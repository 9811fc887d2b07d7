//! Which tools are there when a server starts without flags and settings.

use super::told;

const SCRIPT: &str =
    "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nconst s = new McpServer({name: 'a'});\n";
const PYTHON: &str = "import os, sys, argparse\nfrom fastmcp import FastMCP\nm = FastMCP('a')\n";

#[test]
fn script_conditions_are_judged_with_nothing_set() {
    const OFF: &str = "off";
    const ON: &str = "on";
    const OPEN: &str = "";
    let cases: &[(&str, &str, &str)] = &[
        ("a variable", "if (process.env.X) s.tool('x', async () => 1);", OFF),
        ("a variable that must be unset", "if (!process.env.X) s.tool('x', async () => 1);", ON),
        ("a variable with a value", "if (process.env.X === '1') s.tool('x', async () => 1);", OFF),
        ("a variable that switches off", "if (process.env.X !== 'off') s.tool('x', async () => 1);", ON),
        ("a fallback", "if ((process.env.X ?? 'yes') === 'yes') s.tool('x', async () => 1);", ON),
        ("a name between", "const on = process.env.X === 'true';\nif (on) s.tool('x', async () => 1);", OFF),
        (
            "one of two",
            "const on = process.env.X?.toLowerCase() === 'true' || process.env.Y !== 'no';\nif (on) s.tool('x', async () => 1);",
            ON,
        ),
        ("an argument", "if (process.argv.includes('--x')) s.tool('x', async () => 1);", OFF),
        (
            "a function that reads settings",
            "function on(name) { const found = process.env[name]; if (!found) return false; return found === '1'; }\nif (on('X')) s.tool('x', async () => 1);",
            OFF,
        ),
        (
            "an early way out",
            "function more() { if (process.env.READ_ONLY !== 'true') return; s.tool('x', async () => 1); }\nmore();",
            OFF,
        ),
        (
            "options of yargs",
            "import yargs from 'yargs';\nconst o = yargs(process.argv).option('x-y', {type: 'boolean', default: false}).parseSync();\nif (o.xY) s.tool('x', async () => 1);",
            OFF,
        ),
        (
            "options of commander that are on",
            "import { Command } from 'commander';\nconst p = new Command();\np.option('--no-x', 'without');\np.parse();\nif (p.opts().x) s.tool('x', async () => 1);",
            ON,
        ),
        (
            "a field of a configuration object",
            "class C { constructor(env) { this.on = env.X === '1'; } }\nconst c = new C(process.env);\nif (c.on) s.tool('x', async () => 1);",
            OFF,
        ),
        (
            "options that the function is called with",
            "function add(options) { if (options.x) s.tool('x', async () => 1); }\nadd({x: !!process.env.X});",
            OFF,
        ),
        ("something that is not a setting", "if (await ping()) s.tool('x', async () => 1);", OPEN),
        ("a setting and something else", "if (process.env.X || await ping()) s.tool('x', async () => 1);", OPEN),
        (
            "a setting that must hold and something else",
            "if (await ping() && process.env.X) s.tool('x', async () => 1);",
            OFF,
        ),
        (
            "a variable that is changed",
            "let on = false;\non = await ping();\nif (on) s.tool('x', async () => 1);",
            OPEN,
        ),
    ];
    for (what, text, expected) in cases {
        assert_eq!(state(&told(&[("s.ts", &format!("{SCRIPT}{text}"))])), *expected, "{what}");
    }
}

#[test]
fn python_conditions_are_judged_with_nothing_set() {
    let tool = "    @m.tool()\n    def x(): pass\n";
    let cases = [
        ("a variable", "if os.getenv('X'):\n", "off"),
        ("a variable with a default", "if os.environ.get('X', 'true').lower() == 'true':\n", "on"),
        ("a variable of several values", "if os.getenv('X', '') in ('1', 'true'):\n", "off"),
        ("a variable that must be unset", "if not os.getenv('READ_ONLY'):\n", "on"),
        ("a variable that the server cannot do without", "if os.environ['X'] == '1':\n", ""),
        (
            "a flag of argparse",
            "p = argparse.ArgumentParser()\np.add_argument('--read-only', action='store_true')\na = p.parse_args()\nif not a.read_only:\n",
            "on",
        ),
        (
            "a field of settings",
            "from pydantic import Field\nfrom pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    x: bool = Field(default=False, alias='X')\nc = S()\nif c.x:\n",
            "off",
        ),
    ];
    for (what, head, expected) in cases {
        assert_eq!(state(&told(&[("s.py", &format!("{PYTHON}{head}{tool}"))])), expected, "{what}");
    }
}

#[test]
fn elements_of_lists_and_names_are_known_with_nothing_set() {
    let chosen = "import { Command } from 'commander';\nconst o = new Command().option('--slim', 'x').option('--no-write', 'x').parse().opts();\nconst t = (name) => ({name, handler: async () => 1});\nfunction create(o) { return o.slim ? [t('go')] : [t('a')]; }\nconst list = create(o);\nif (o.write) list.push(t('write'));\nif (process.env.DANGER) list.push(t('danger'));\nfor (const t of list) s.registerTool(t.name, {}, t.handler);";
    assert_eq!(
        super::names_by_default(&[("s.ts", &format!("{SCRIPT}{chosen}"))]),
        "a write | danger go",
        "of lists that a flag chooses, and of what is added under one"
    );
    let python = "def get(): pass\ndef put(): pass\ndef nuke(): pass\np = argparse.ArgumentParser()\np.add_argument('--admin', action='store_true')\na = p.parse_args()\ntools = [get]\ntools += [put]\nif a.admin:\n    tools.append(nuke)\nfor f in tools:\n    m.add_tool(f)\n";
    assert_eq!(super::names_by_default(&[("s.py", &format!("{PYTHON}{python}"))]), "get put | nuke");
    let prefixed = "def make(namespace=''):\n    m = FastMCP('a')\n    prefix = named(namespace)\n    @m.tool(name=prefix + 'x')\n    def x(): pass\ndef named(namespace):\n    if namespace:\n        return namespace + '-'\n    return ''\nmake(os.getenv('NS', ''))\n";
    assert_eq!(super::names_by_default(&[("s.py", &format!("{PYTHON}{prefixed}"))]), "x | ", "a name with a prefix");
    let text = "P = os.environ.get('P', '')\n@m.tool(name=f'{P}find')\ndef f(): pass\n";
    assert_eq!(super::names_by_default(&[("s.py", &format!("{PYTHON}{text}"))]), "find | ");
    let required = "P = os.environ['P']\n@m.tool(name=f'{P}find')\ndef f(): pass\n";
    assert_eq!(
        super::names_by_default(&[("s.py", &format!("{PYTHON}{required}"))]),
        " | ",
        "not a name without setting"
    );
}

#[test]
fn go_flags_and_variables_are_judged_with_nothing_set() {
    let head = "package main\nimport (\n\t\"flag\"\n\t\"os\"\n\t\"github.com/mark3labs/mcp-go/mcp\"\n\t\"github.com/mark3labs/mcp-go/server\"\n\t\"github.com/spf13/viper\"\n)\nvar readOnly = flag.Bool(\"read-only\", false, \"\")\ntype config struct { level string }\nfunc main() {\n\tadmin := flag.Bool(\"admin\", false, \"\")\n\tvar level string\n\tvar c config\n\tflag.StringVar(&level, \"level\", \"basic\", \"\")\n\tflag.StringVar(&c.level, \"of\", \"all\", \"\")\n\ts := server.NewMCPServer(\"a\", \"1\")\n";
    for (test, expected) in [
        ("!*readOnly", "x | "),
        ("*admin", " | x"),
        ("level == \"full\"", " | x"),
        ("c.level == \"all\"", "x | "),
        ("os.Getenv(\"X\") == \"1\"", " | x"),
        ("os.Getenv(\"X\") != \"0\"", "x | "),
        ("viper.GetBool(\"read-only\")", " | x"),
    ] {
        let text = format!("{head}\tif {test} {{\n\t\ts.AddTool(mcp.NewTool(\"x\"), nil)\n\t}}\n}}\n");
        assert_eq!(super::names_by_default(&[("main.go", &text)]), expected, "{test}");
    }
}

#[test]
fn rust_flags_and_variables_are_judged_with_nothing_set() {
    let head = "use clap::Parser;\nuse rmcp::{ServerHandler, model::*};\n#[derive(Parser)]\nstruct Args { #[arg(long)] write: bool, #[arg(long, default_value_t = true)] basic: bool, only: Option<String> }\nstruct S { args: Args }\nimpl ServerHandler for S {\n    async fn list_tools(&self, r: R, c: C) -> Result<ListToolsResult, E> {\n        let mut tools = vec![Tool::new(\"a\", \"\", s())];\n";
    let tail = " { tools.push(Tool::new(\"x\", \"\", s())); }\n        Ok(ListToolsResult { tools, next_cursor: None })\n    }\n}\n";
    for (test, expected) in [
        ("self.args.write", "a | x"),
        ("self.args.basic", "a x | "),
        ("std::env::var(\"X\").is_ok()", "a | x"),
        ("std::env::var(\"X\").is_err()", "a x | "),
    ] {
        let text = format!("{head}        if {test}{tail}");
        assert_eq!(super::names_by_default(&[("src/main.rs", &text)]), expected, "{test}");
    }
}

/// `off` or `on` of the one tool, or nothing where that is not known.
fn state(told: &str) -> &str {
    let (_, rest) = told.split_once("x(").unwrap_or_else(|| panic!("no condition in `{told}`"));
    ["off", "on"].into_iter().find(|word| rest.starts_with(&format!("{word} "))).unwrap_or("")
}
