//! Servers in Python that are put together: constructors, mounts, low-level handlers, and what stays open.

use super::check_names;

const FAST: &str = r#"from fastmcp import FastMCP
m = FastMCP('a')
"#;

#[test]
fn servers_are_put_together() {
    check_names(&[
        (
            "ctor tools",
            &[(
                "s.py",
                "",
                r#"from fastmcp import FastMCP
from fastmcp.tools import Tool
def x(): pass
def y(): pass
m = FastMCP('a', tools=[x, Tool.from_function(y, name='n')])
"#,
            )],
            "n x",
        ),
        (
            "v2 ctor tools",
            &[(
                "s.py",
                "",
                r#"from mcp.server import MCPServer
from mcp.server.mcpserver.tools import Tool
def x(): pass
m = MCPServer('a', tools=[Tool.from_function(x)])
"#,
            )],
            "x",
        ),
        (
            "v2 extension",
            &[(
                "s.py",
                "",
                r#"from mcp.server import MCPServer
from mcp.server.extension import Extension, ToolBinding
def x(): pass
def y(): pass
class E(Extension):
    def tools(self):
        return [ToolBinding(x), ToolBinding(y, kwargs={'name':'n'})]
m = MCPServer('a', extensions=[E()])
"#,
            )],
            "n x",
        ),
        (
            "mount prefix",
            &[(
                "s.py",
                FAST,
                r#"c = FastMCP('c')
@c.tool
def x(): pass
d = FastMCP('d')
@d.tool
def y(): pass
m.mount(c, prefix='p')
m.mount(d)
"#,
            )],
            "p_x y",
        ),
        (
            "mount old order",
            &[(
                "s.py",
                FAST,
                r#"c = FastMCP('c')
@c.tool
def x(): pass
m.mount('p', c)
"#,
            )],
            "p_x",
        ),
        (
            "mount namespace",
            &[(
                "s.py",
                FAST,
                r#"c = FastMCP('c')
@c.tool
def x(): pass
m.mount(c, namespace='ns')
"#,
            )],
            "ns_x",
        ),
        (
            "import_server",
            &[(
                "s.py",
                FAST,
                r#"import asyncio
c = FastMCP('c')
@c.tool
def x(): pass
async def setup():
    await m.import_server(c, prefix='p')
asyncio.run(setup())
"#,
            )],
            "p_x",
        ),
        (
            "import_server old",
            &[(
                "s.py",
                FAST,
                r#"c = FastMCP('c')
@c.tool
def x(): pass
async def setup():
    await m.import_server('p', c)
"#,
            )],
            "p_x",
        ),
        (
            "mount loop",
            &[(
                "s.py",
                FAST,
                r#"c = FastMCP('c')
@c.tool
def x(): pass
d = FastMCP('d')
@d.tool
def y(): pass
for n, srv in {'a': c, 'b': d}.items():
    m.mount(srv, prefix=n)
"#,
            )],
            "a_x b_y",
        ),
        (
            "nested mount",
            &[(
                "s.py",
                FAST,
                r#"c = FastMCP('c')
d = FastMCP('d')
@d.tool
def x(): pass
c.mount(d, prefix='q')
m.mount(c, prefix='p')
"#,
            )],
            "p_q_x",
        ),
        (
            "from_openapi",
            &[(
                "s.py",
                "",
                r#"from fastmcp import FastMCP
import httpx
m = FastMCP.from_openapi(openapi_spec=httpx.get('u').json(), client=c)
"#,
            )],
            "?",
        ),
        (
            "from_fastapi",
            &[(
                "s.py",
                "",
                r#"from fastmcp import FastMCP
m = FastMCP.from_fastapi(app)
"#,
            )],
            "?",
        ),
        (
            "proxy",
            &[(
                "s.py",
                "",
                r#"from fastmcp import FastMCP
m = FastMCP.as_proxy('u')
@m.tool
def x(): pass
"#,
            )],
            "x ?",
        ),
        (
            "standalone tool + FileSystemProvider",
            &[(
                "s.py",
                "",
                r#"from fastmcp import FastMCP
from fastmcp.server.providers import FileSystemProvider
m = FastMCP('a', providers=[FileSystemProvider('tools')])
"#,
            )],
            "?",
        ),
        (
            "tool transform",
            &[(
                "s.py",
                "",
                r#"from fastmcp import FastMCP
from fastmcp.tools import Tool
m = FastMCP('a')
@m.tool
def x(): pass
t = Tool.from_tool(x, name='n')
m.add_tool(t)
x.disable()
"#,
            )],
            "n x",
        ),
        (
            "low-level v1",
            &[(
                "s.py",
                "",
                r#"from mcp.server.lowlevel import Server
import mcp.types as types
s = Server('low')
@s.list_tools()
async def l() -> list[types.Tool]:
    return [types.Tool(name='x', description='d', inputSchema={}), types.Tool(name='y', inputSchema={})]
@s.call_tool()
async def c(name: str, arguments: dict):
    if name == 'x': return []
    elif name == 'y': return []
    raise ValueError(name)
"#,
            )],
            "x y",
        ),
        (
            "low-level in function",
            &[(
                "s.py",
                "",
                r#"from mcp.server import Server
from mcp.types import Tool
async def serve():
    s = Server('low')
    @s.list_tools()
    async def list_tools():
        return [Tool(name='x', inputSchema=M.model_json_schema())]
    @s.call_tool()
    async def call_tool(name, arguments):
        return await TOOLS[name](**arguments)
"#,
            )],
            "x",
        ),
        (
            "low-level handler classes",
            &[(
                "s.py",
                "",
                r#"from mcp.server import Server
from mcp.types import Tool
s = Server('low')
class H:
    def __init__(self, name): self.name = name
    def get_tool_description(self): raise NotImplementedError
class X(H):
    def __init__(self): super().__init__('x')
    def get_tool_description(self): return Tool(name=self.name, inputSchema={})
class Y(H):
    def __init__(self): super().__init__('y')
    def get_tool_description(self): return Tool(name=self.name, inputSchema={})
handlers = {}
def add(h):
    global handlers
    handlers[h.name] = h
add(X())
add(Y())
@s.list_tools()
async def l():
    return [h.get_tool_description() for h in handlers.values()]
@s.call_tool()
async def c(name, arguments):
    return handlers.get(name).run(arguments)
"#,
            )],
            "x y",
        ),
        (
            "low-level v2",
            &[(
                "s.py",
                "",
                r#"from mcp.server.lowlevel import Server
from mcp_types import Tool, ListToolsResult
async def l(ctx, params): return ListToolsResult(tools=[Tool(name='x', input_schema={})])
async def c(ctx, params):
    if params.name == 'x': return 1
s = Server('low', on_list_tools=l, on_call_tool=c)
"#,
            )],
            "x",
        ),
        (
            "low-level table",
            &[(
                "s.py",
                "",
                r#"from mcp.server import Server
from mcp.types import Tool
s = Server('low')
TOOLS = {'x': ('d', f), 'y': ('d', g)}
@s.list_tools()
async def l():
    return [Tool(name=n, description=d, inputSchema={}) for n, (d, _) in TOOLS.items()]
@s.call_tool()
async def c(name, arguments):
    return TOOLS[name][1](**arguments)
"#,
            )],
            "x y",
        ),
        (
            "low-level append",
            &[(
                "s.py",
                "",
                r#"from mcp.server import Server
from mcp.types import Tool
s = Server('low')
@s.list_tools()
async def l():
    tools = [Tool(name='x', inputSchema={})]
    tools.append(Tool(name='y', inputSchema={}))
    tools.extend(more())
    return tools
def more(): return []
"#,
            )],
            "x y",
        ),
        (
            "decorator factory registry",
            &[(
                "s.py",
                FAST,
                r#"REG = {}
def register(name):
    def deco(f):
        REG[name] = f
        return f
    return deco
@register('x')
def a(): pass
@register('y')
def b(): pass
for n, f in REG.items():
    m.tool(f, name=n)
"#,
            )],
            "x y",
        ),
        (
            "remove_tool",
            &[(
                "s.py",
                FAST,
                r#"@m.tool
def x(): pass
@m.tool
def y(): pass
m.remove_tool('x')
"#,
            )],
            "y",
        ),
        (
            "fastapi-mcp",
            &[(
                "s.py",
                "",
                r#"from fastapi_mcp import FastApiMCP
mcp = FastApiMCP(app)
mcp.mount()
"#,
            )],
            "?",
        ),
        (
            "tool enabled=False",
            &[(
                "s.py",
                FAST,
                r#"@m.tool(enabled=False)
def x(): pass
"#,
            )],
            "x(if)",
        ),
    ]);
}
