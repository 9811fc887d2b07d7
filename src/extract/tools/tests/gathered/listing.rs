//! Prompts and resources that a server lists while one function answers for all of them.

use crate::extract::tools::tests::facts;

/// What the server offers beside tools: `name name +` where the list is whole, `?` where it may go on.
fn offered(files: &[(&str, &str)]) -> String {
    let told = |offer: &crate::model::offer::Offer| {
        let names: Vec<&str> = offer.listed.iter().map(|name| name.value.as_str()).collect();
        format!("{} {}", names.join(" "), if offer.is_listed_whole { "+" } else { "?" })
    };
    facts(files).offers.iter().map(told).collect::<Vec<_>>().join(" | ")
}

const TYPESCRIPT: &str = "import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ListPromptsRequestSchema, GetPromptRequestSchema, ListResourcesRequestSchema, ListResourceTemplatesRequestSchema, ReadResourceRequestSchema } from '@modelcontextprotocol/sdk/types.js';
const s = new Server({name: 'a'}, {capabilities: {}});
const ALL = {sum: {name: 'sum'}, 'tell': {name: 'tell'}};
";

const PYTHON: &str = "from mcp.server import Server
import mcp.types as types
from pydantic import AnyUrl
s = Server('a')
";

#[test]
fn lists_of_prompts_and_resources_are_read() {
    for (what, file, head, text, expected) in [
        (
            "values of an object",
            "s.ts",
            TYPESCRIPT,
            "s.setRequestHandler(ListPromptsRequestSchema, async () => ({prompts: Object.values(ALL)}));
s.setRequestHandler(GetPromptRequestSchema, async (r) => answer(r));",
            "sum tell +",
        ),
        (
            "resources and templates together",
            "s.ts",
            TYPESCRIPT,
            "s.setRequestHandler(ListResourcesRequestSchema, async () => ({resources: [{uri: 'n://all', name: 'All'}]}));
s.setRequestHandler(ListResourceTemplatesRequestSchema, async () => ({resourceTemplates: [{uriTemplate: 'n://{id}', name: 'One'}]}));
s.setRequestHandler(ReadResourceRequestSchema, async (r) => answer(r));",
            "n://all n://{id} +",
        ),
        (
            "others from elsewhere",
            "s.ts",
            TYPESCRIPT,
            "s.setRequestHandler(ListResourcesRequestSchema, async () => ({resources: [{uri: 'n://all'}, ...(await found()).map(x => ({uri: x}))]}));
s.setRequestHandler(ReadResourceRequestSchema, async (r) => answer(r));",
            "n://all ?",
        ),
        (
            "no list at all",
            "s.ts",
            TYPESCRIPT,
            "s.setRequestHandler(ReadResourceRequestSchema, async (r) => answer(r));",
            " ?",
        ),
        (
            "decorated functions",
            "s.py",
            PYTHON,
            "@s.list_prompts()
async def prompts():
    return [types.Prompt(name='sum', description='Sums')]
@s.get_prompt()
async def get(name, arguments): return answer(name)
@s.list_resources()
async def resources():
    return [types.Resource(uri=AnyUrl('n://all'), name='All')]
@s.read_resource()
async def read(uri): return answer(uri)
",
            "sum + | n://all +",
        ),
        (
            "a trait",
            "src/main.rs",
            "use rmcp::{ServerHandler, model::*};
struct S;
fn all() -> Vec<Resource> { vec![Resource::new(\"n://all\", \"All\").with_title(\"All\"), RawResource::new(\"n://one\", \"One\").no_annotation()] }
",
            "impl ServerHandler for S {
    async fn list_resources(&self, r: Option<P>, c: C) -> Result<ListResourcesResult, E> { Ok(ListResourcesResult::with_all_items(all()).with_ttl_ms(5)) }
    async fn read_resource(&self, r: ReadResourceRequestParams, c: C) -> Result<ReadResourceResult, E> { answer(r) }
}
",
            "n://all n://one +",
        ),
    ] {
        let manifest = ("Cargo.toml", "[package]\nname = \"a\"\n[dependencies]\nrmcp = \"1\"\n");
        assert_eq!(offered(&[manifest, (file, &format!("{head}{text}"))]), expected, "{what}");
    }
}

#[test]
fn what_is_named_at_run_time_gets_no_name_from_its_function_or_kind() {
    let go = "package main
import (
	\"context\"
	\"github.com/mark3labs/mcp-go/mcp\"
	\"github.com/mark3labs/mcp-go/server\"
)
func read(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) { return nil, nil }
func doc(uri string) (mcp.Resource, server.ResourceHandlerFunc) { return mcp.NewResource(uri, \"A page\"), read }
func main() {
	s := server.NewMCPServer(\"a\", \"1\")
	s.AddResource(doc(\"docs://all\"))
	for _, page := range pages() {
		s.AddResource(doc(page))
	}
}
";
    let python = "from mcp.server.fastmcp import FastMCP
m = FastMCP('a')
@m.prompt()
def sum_up(): return ''
def offer(f):
    def wrapper(*args): return f(*args)
    return wrapper
for one in found():
    m.prompt(name=one.name)(offer(one.run))
";
    for (file, text, expected) in
        [("main.go", go, ["docs://all", "resources/read"]), ("s.py", python, ["sum_up", "prompts/get"])]
    {
        let manifest = ("go.mod", "module a\n\nrequire github.com/mark3labs/mcp-go v0.43.0\n");
        let found = facts(&[manifest, (file, text)]).offers;
        assert_eq!(found.iter().map(|one| one.about.name.as_str()).collect::<Vec<_>>(), expected, "{file}");
    }
}
