//! Tools that the files of a Python package gather and offer to each other.

use super::check_names;

const SERVER: &str = "from fastmcp import FastMCP\nm = FastMCP('a')\n";
const PART: &str = "def register(m):\n    @m.tool\n    def ";

#[test]
fn a_package_offers_its_parts() {
    let server = "from parts import register_all\nregister_all(m)\n";
    let own = "from . import one, two\nPARTS = [one, two]\ndef register_all(m):\n    for part in PARTS:\n        part.register(m)\n";
    let by_name = own.replace("from . import", "from parts import");
    let parts = |own| {
        [
            ("s.py", SERVER, server),
            ("parts/__init__.py", "", own),
            ("parts/one.py", PART, "first(): pass\n"),
            ("parts/two.py", PART, "second(): pass\n"),
        ]
    };
    check_names(&[
        ("its own files", &parts(own), "first second"),
        ("its own files by its name", &parts(&by_name), "first second"),
        ("a part that is no file", &[("s.py", SERVER, server), ("parts/__init__.py", "", own)], "?"),
    ]);
}

#[test]
fn lists_grow_before_others_ask_for_them() {
    let asks = "import listed\nfor tool in listed.tools:\n    m.tool(tool)\n";
    let listed = |text| [("s.py", SERVER, asks), ("listed.py", "tools = []\n", text)];
    check_names(&[
        ("a list as decorator", &listed("@tools.append\ndef x(): pass\n@tools.append\ndef y(): pass\n"), "x y"),
        ("a list that is appended to", &listed("def x(): pass\ntools.append(x)\n"), "x"),
        (
            "another list as decorator",
            &listed("others = []\n@others.append\ndef x(): pass\n@tools.append\ndef y(): pass\n"),
            "y",
        ),
        (
            "the same name elsewhere",
            &[
                ("s.py", SERVER, asks),
                ("listed.py", "", "tools = []\n@tools.append\ndef x(): pass\n"),
                ("other.py", "", "tools = []\n@tools.append\ndef y(): pass\n"),
            ],
            "x",
        ),
        (
            "a list that another file adds to",
            &[
                ("s.py", SERVER, asks),
                ("listed.py", "", "tools = []\n"),
                ("other.py", "", "from listed import tools\n@tools.append\ndef y(): pass\n"),
            ],
            "y",
        ),
    ]);
}

#[test]
fn decorators_of_a_file_run_when_it_is_imported() {
    let base = ("base.py", SERVER, "@m.tool\ndef x(): pass\n");
    let more = ("more.py", "from base import m\n", "@m.tool\ndef y(): pass\n");
    let run = |text| ("run.py", "from base import m\n", text);
    let with = |text: &'static str| [base, more, run(text)];
    check_names(&[
        ("nobody imports it", &with("m.run()\n"), "x y(if)"),
        ("a function imports it", &with("def main():\n    import more\n    m.run()\n"), "x y"),
        ("imported by a name made at run time", &with("import importlib\nimportlib.import_module(name)\n"), "x y"),
        ("named as text", &with("load('more')\n"), "x y"),
        ("run by itself", &[base, ("more.py", "from base import m\n", "@m.tool\ndef y(): pass\nm.run()\n")], "x y"),
        (
            "named by what starts the server",
            &[base, more, ("pyproject.toml", "", "[project.scripts]\ns = 'more:m'\n")],
            "x y",
        ),
        (
            "a test alone imports it",
            &[base, more, run("m.run()\n"), ("tests/test_more.py", "", "import more\n")],
            "x y(if)",
        ),
    ]);
}
