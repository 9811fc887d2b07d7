//! Registrations in Python: decorators, calls, registries and names.

use super::check_names;

const SDK: &str = r#"from mcp.server.fastmcp import FastMCP
m = FastMCP('a')
"#;
const FAST: &str = r#"from fastmcp import FastMCP
m = FastMCP('a')
"#;

#[test]
fn registrations_are_found_however_they_are_written() {
    check_names(&[
        (
            "a list that another module adds to",
            &[
                (
                    "s.py",
                    "",
                    r#"from mcp.server import Server
from registry import TOOLS
import more
s = Server('a')
@s.list_tools()
async def listed(): return TOOLS
"#,
                ),
                ("registry.py", "", "TOOLS = []\n"),
                (
                    "more.py",
                    "",
                    r#"from mcp.types import Tool
from registry import TOOLS
TOOLS.append(Tool(name='x', inputSchema={}))
TOOLS.extend([Tool(name='y', inputSchema={})])
"#,
                ),
            ],
            "x y",
        ),
        (
            "decorator positional name",
            &[(
                "s.py",
                SDK,
                r#"@m.tool('n')
def x(): pass
"#,
            )],
            "n",
        ),
        (
            "fastmcp decorator bare name",
            &[(
                "s.py",
                FAST,
                r#"@m.tool('n')
def a(): pass
@m.tool
def x(): pass
"#,
            )],
            "n x",
        ),
        (
            "async + stacked decorators",
            &[(
                "s.py",
                SDK,
                r#"import functools
def log(f):
    @functools.wraps(f)
    async def w(*a, **k): return await f(*a, **k)
    return w
@m.tool()
@log
async def x(): pass
"#,
            )],
            "x",
        ),
        (
            "v2 MCPServer",
            &[(
                "s.py",
                "",
                r#"from mcp.server import MCPServer
m = MCPServer('a')
@m.tool()
def x(): pass
"#,
            )],
            "x",
        ),
        (
            "call form self.method",
            &[(
                "s.py",
                "",
                r#"from fastmcp import FastMCP
class S:
    def __init__(self, mcp):
        mcp.tool(name='x')(self.a)
        mcp.tool(self.y)
    def a(self): pass
    def y(self): pass
m = FastMCP('a')
S(m)
"#,
            )],
            "x y",
        ),
        (
            "add_tool",
            &[(
                "s.py",
                SDK,
                r#"def x(): pass
def y(): pass
m.add_tool(x)
m.add_tool(y, name='n')
"#,
            )],
            "n x",
        ),
        (
            "add_tool loop",
            &[(
                "s.py",
                SDK,
                r#"def x(): pass
def y(): pass
for f in [x, y]:
    m.add_tool(f)
"#,
            )],
            "x y",
        ),
        (
            "fastmcp add_tool Tool.from_function",
            &[(
                "s.py",
                "",
                r#"from fastmcp import FastMCP
from fastmcp.tools import Tool
m = FastMCP('a')
def x(): pass
m.add_tool(Tool.from_function(x, name='n'))
m.add_tool(x)
"#,
            )],
            "n x",
        ),
        (
            "subclass FastMCP",
            &[(
                "s.py",
                "",
                r#"from fastmcp import FastMCP
class S(FastMCP):
    def __init__(self):
        super().__init__('a')
        self.setup()
    def setup(self):
        async def x(): pass
        self.tool(x)
        self.tool(x, name='y')
m = S()
"#,
            )],
            "x y",
        ),
        (
            "class decorator registry",
            &[(
                "s.py",
                FAST,
                r#"REG = []
def tool(f):
    REG.append(f)
    return f
@tool
def x(): pass
@tool
def y(): pass
for f in REG:
    m.tool(f)
"#,
            )],
            "x y",
        ),
        (
            "server in other module decorators",
            &[
                ("pkg/__init__.py", "", ""),
                (
                    "pkg/app.py",
                    "",
                    r#"from fastmcp import FastMCP
mcp = FastMCP('a')
"#,
                ),
                (
                    "pkg/t.py",
                    "",
                    r#"from .app import mcp
@mcp.tool
def x(): pass
"#,
                ),
                (
                    "pkg/__main__.py",
                    "",
                    r#"from . import t
from .app import mcp
mcp.run()
"#,
                ),
            ],
            "x",
        ),
        (
            "wrapper of tool",
            &[(
                "s.py",
                FAST,
                r#"def tool(**kw):
    def deco(f):
        return m.tool(**kw)(f)
    return deco
@tool(name='x')
def a(): pass
@tool()
def y(): pass
"#,
            )],
            "x y",
        ),
        (
            "enum name",
            &[(
                "s.py",
                FAST,
                r#"from enum import StrEnum
class N(StrEnum):
    X = 'x'
@m.tool(name=N.X)
def a(): pass
@m.tool(name=N.X.value)
def b(): pass
"#,
            )],
            "x",
        ),
        (
            "fstring const",
            &[(
                "s.py",
                FAST,
                r#"P = 'p'
@m.tool(name=f'{P}_x')
def a(): pass
"#,
            )],
            "p_x",
        ),
        (
            "partial",
            &[(
                "s.py",
                FAST,
                r#"from functools import partial
def f(c, a): pass
m.tool(partial(f, c), name='x')
"#,
            )],
            "x",
        ),
        (
            "method tools in class with decorator after",
            &[(
                "s.py",
                FAST,
                r#"class C:
    def __init__(self, mcp):
        self.mcp = mcp
        @self.mcp.tool()
        def x(): pass
C(m)
"#,
            )],
            "x",
        ),
        (
            "getattr loop",
            &[(
                "s.py",
                FAST,
                r#"for n in dir(obj):
    m.tool(getattr(obj, n))
"#,
            )],
            "?",
        ),
        (
            "gradio/other lib",
            &[(
                "s.py",
                "",
                r#"from other import FastMCP
m = FastMCP('a')
@m.tool
def x(): pass
"#,
            )],
            "",
        ),
    ]);
}
