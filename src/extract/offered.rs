//! What servers show beside their tools: prompts, resources, instructions, icons, from source, manifests and listings.

use crate::code::{Argument, Language, MapKey, Module, ValueId, ValueKind};
use crate::discover::FileKind;
use crate::document::Node;
use crate::extract::servers::nearest;
use crate::load::{File, Loaded};
use crate::model::known::Known;
use crate::model::text::ModelText;
use crate::model::{About, Facts, ToolId};
use crate::source::Span;

mod compiled;
mod icons;

/// Most entries of one list.
const MAX_ITEMS: usize = 20_000;
/// Levels of `_meta` that are read.
const DEPTH: usize = 16;

/// Adds these texts; each belongs to the tool that it stands in, else to the nearest server.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let mut found = Vec::new();
    for file in loaded.files.iter().filter(|file| file.role.lives()) {
        let Some(document) = loaded.document(file) else { continue };
        let kind = match file.kind {
            FileKind::Dump => "dump",
            FileKind::Bundle | FileKind::Registry => "manifest",
            _ => continue,
        };
        for root in document.roots() {
            let mut teller = Teller { found_in: kind, found: &mut found };
            root.items().take(MAX_ITEMS).for_each(|tool| teller.tool(tool));
            [Some(root), root.get("result")].into_iter().flatten().for_each(|around| teller.listing(around, file));
            // Listings by server.
            let by_server = root.entries().map(|(_, server)| server).filter(|server| server.get("tools").is_some());
            by_server.filter(|_| kind == "dump").for_each(|server| teller.listing(server, file));
        }
    }
    for module in &loaded.program.modules {
        let lives = loaded.file(module.source).is_some_and(|file| file.role.lives());
        if lives && speaks(module) {
            source(module, &mut found);
        }
        if lives && compiled::speaks(module) {
            compiled::source(module, &mut found);
        }
    }
    for mut text in found {
        let tool = facts.tools.iter().position(|tool| {
            tool.about.part_of.is_some_and(|list| list.contains(text.about.span)) && near(tool, &text)
        });
        text.about.tool = tool.map(|at| ToolId(at as u32));
        text.about.server = match tool {
            Some(at) => facts.tools[at].about.server,
            None => nearest(loaded, facts, text.about.span),
        };
        facts.texts.push(text);
    }
}

/// Whether a text that stands in a list of tools belongs to this one of them: they share a name.
fn near(tool: &crate::model::tool::Tool, text: &ModelText) -> bool {
    text.about.name == tool.about.name
}

struct Teller<'a> {
    found_in: &'static str,
    found: &'a mut Vec<ModelText>,
}

impl Teller<'_> {
    fn listing(&mut self, around: Node<'_>, file: &File) {
        let name = |node: Node<'_>| node.get("name").and_then(Node::scalar).unwrap_or_default();
        items(around, "tools").for_each(|tool| self.tool(tool));
        for (list, slot) in [("prompts", "prompt"), ("resources", "resource"), ("resourceTemplates", "resource")] {
            for item in items(around, list) {
                let own = name(item);
                for key in ["name", "title", "description", "text", "uri", "uriTemplate"] {
                    self.say(slot, &own, item.get(key));
                }
                for argument in items(item, "arguments") {
                    ["name", "description"].into_iter().for_each(|key| self.say(slot, &own, argument.get(key)));
                }
                self.icons(&own, item);
                self.deep(slot, &own, item.get("_meta"), 0);
            }
        }
        for message in items(around, "messages") {
            self.say("prompt", "message", message.at(&["content", "text"]));
        }
        if around.get("serverInfo").is_some() || around.get("protocolVersion").is_some() {
            self.say("instructions", "instructions", around.get("instructions"));
        }
        if matches!(file.kind, FileKind::Bundle | FileKind::Registry) {
            let own = name(around);
            ["description", "long_description"]
                .into_iter()
                .for_each(|key| self.say("description", &own, around.get(key)));
            self.icons(&own, around);
        }
    }

    /// What the facts about a tool do not hold.
    fn tool(&mut self, tool: Node<'_>) {
        let own = tool.get("name").and_then(Node::scalar).unwrap_or_default();
        self.icons(&own, tool);
        self.say("annotation", &own, tool.at(&["annotations", "title"]));
        self.deep("annotation", &own, tool.get("_meta"), 0);
    }

    fn icons(&mut self, owner: &str, node: Node<'_>) {
        for icon in items(node, "icons") {
            self.say("icon", owner, icon.get("src").or_else(|| icon.get("url")));
        }
    }

    /// Every text below a node.
    fn deep(&mut self, slot: &str, owner: &str, node: Option<Node<'_>>, depth: usize) {
        let Some(node) = node.filter(|_| depth < DEPTH) else { return };
        self.say(slot, owner, Some(node));
        for inner in node.items().chain(node.entries().map(|(_, value)| value)).take(MAX_ITEMS) {
            self.deep(slot, owner, Some(inner), depth + 1);
        }
    }

    fn say(&mut self, slot: &str, owner: &str, node: Option<Node<'_>>) {
        let Some((text, span)) = node.and_then(|node| Some((node.as_str()?, node.span()))) else { return };
        self.found.extend(shown(slot, owner, text, span, self.found_in));
    }
}

fn shown(slot: &str, owner: &str, text: &str, span: Span, found_in: &str) -> Option<ModelText> {
    (!text.trim().is_empty()).then(|| ModelText {
        about: About::new(owner, span),
        slot: slot.into(),
        text: text.into(),
        found_in: found_in.into(),
        parameter: Known::Absent,
    })
}

fn items<'a>(node: Node<'a>, key: &str) -> impl Iterator<Item = Node<'a>> {
    node.get(key).into_iter().flat_map(Node::items).take(MAX_ITEMS)
}

/// Whether a module takes something of an MCP SDK.
fn speaks(module: &Module) -> bool {
    let sdk = |name: &str| {
        let first = name.split(['.', '/']).next().unwrap_or_default();
        matches!(first, "mcp" | "fastmcp" | "@modelcontextprotocol") || name.starts_with("@modelcontextprotocol/")
    };
    module.imports.iter().any(|import| import.level == 0 && sdk(&import.module))
}

/// Prompts and resources that source registers by decorator or call, and icons.
fn source(module: &Module, found: &mut Vec<ModelText>) {
    let owners = icons::of_tools(module);
    let owner_of = |span: Span| owners.get(&span).map_or("icon", String::as_str);
    for function in &module.functions {
        for decorator in &function.decorators {
            let Some((slot, arguments)) = registers(module, *decorator) else { continue };
            let owner = function.name.as_deref().unwrap_or_default();
            if let Some(documentation) = &function.documentation {
                found.extend(shown(slot, owner, &documentation.text, documentation.span, "source"));
            }
            arguments.iter().for_each(|argument| told(module, slot, owner, argument.value, found));
        }
    }
    for (at, value) in module.values.iter().enumerate() {
        match &value.kind {
            ValueKind::Call(_) if module.language == Language::TypeScript => {
                let Some((slot, arguments)) = registers(module, ValueId(at as u32)) else { continue };
                let owner = arguments.first().and_then(|first| text(module, first.value));
                let owner = owner.map_or("", |(text, _)| text).to_string();
                arguments.iter().take(3).for_each(|argument| told(module, slot, &owner, argument.value, found));
            }
            ValueKind::Call(call) if matches!(&module.value(call.callee).kind, ValueKind::Name(name) if name == "Icon") =>
            {
                let src = call.arguments.iter().find(|one| one.name.as_deref() == Some("src"));
                if let Some((text, span)) = src.and_then(|src| text(module, src.value)) {
                    found.extend(shown("icon", owner_of(span), text, span, "source"));
                }
            }
            ValueKind::Map(entries) => {
                let icons =
                    entries.iter().filter(|entry| matches!(&entry.key, MapKey::Name(name, _) if name == "icons"));
                for (text, span) in icons.flat_map(|entry| icons::listed(module, entry.value)) {
                    found.extend(shown("icon", owner_of(span), text, span, "source"));
                }
            }
            _ => {}
        }
    }
}

/// Slot and arguments of a value that registers a prompt or resource: `x.prompt(…)`, `x.registerResource(…)`.
fn registers(module: &Module, value: ValueId) -> Option<(&'static str, &[Argument])> {
    let (callee, arguments) = match &module.value(value).kind {
        ValueKind::Call(call) => (call.callee, call.arguments.as_slice()),
        _ => (value, &[][..]),
    };
    let ValueKind::Field { name, .. } = &module.value(callee).kind else { return None };
    let slot = match (name.as_str(), module.language) {
        ("prompt" | "registerPrompt" | "addPrompt", _) => "prompt",
        ("resource" | "registerResource" | "addResource" | "resource_template", _) => "resource",
        _ => return None,
    };
    // Other libraries have members of these names too; those of an SDK are given a name or a URI first.
    let named = arguments.first().is_none_or(|first| first.name.is_some() || text(module, first.value).is_some());
    let is_map = arguments.first().is_some_and(|first| matches!(module.value(first.value).kind, ValueKind::Map(_)));
    (named || is_map).then_some((slot, arguments))
}

/// Text of an argument, or of the telling keys of a map.
fn told(module: &Module, slot: &str, owner: &str, value: ValueId, found: &mut Vec<ModelText>) {
    if let Some((text, span)) = text(module, value) {
        found.extend(shown(slot, owner, text, span, "source"));
    }
    let ValueKind::Map(entries) = &module.value(value).kind else { return };
    for entry in entries.iter() {
        let MapKey::Name(name, _) = &entry.key else { continue };
        if let (true, Some((text, span))) =
            (matches!(name.as_str(), "name" | "title" | "description"), text(module, entry.value))
        {
            found.extend(shown(slot, owner, text, span, "source"));
        }
    }
}

fn text(module: &Module, value: ValueId) -> Option<(&str, Span)> {
    let value = module.value(value);
    match &value.kind {
        ValueKind::Text(text) => Some((text, value.span)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::discover_text;
    use crate::load::load;

    /// A file, and `slot text` of everything that it shows beside tools.
    fn check(path: &str, text: &str, expected: &[&str]) {
        let loaded = load(discover_text(path, text.to_string()));
        let mut facts = Facts::default();
        extract(&loaded, &mut facts);
        let told: Vec<String> = facts.texts.iter().map(|text| format!("{} {}", text.slot, text.text)).collect();
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn prompts_resources_and_icons_are_read_from_source() {
        check(
            "s.py",
            "from mcp.server.fastmcp import FastMCP, Icon\nmcp = FastMCP('x', icons=[Icon(src='https://h/i.png')])\n@mcp.prompt(description='Ask so.')\ndef ask():\n    '''Help.'''\n@mcp.resource('orders://all')\ndef orders():\n    '''All orders.'''\n",
            &[
                "prompt Help.",
                "prompt Ask so.",
                "resource All orders.",
                "resource orders://all",
                "icon https://h/i.png",
            ],
        );
        check(
            "s.ts",
            "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nconst s = new McpServer({name: 'x', icons: [{src: 'javascript:x'}]});\ns.registerPrompt('ask', {title: 'Ask', description: 'Ask so.'}, async () => ({messages: []}));\n",
            &["icon javascript:x", "prompt ask", "prompt Ask", "prompt Ask so."],
        );
        check("s.py", "from other import app\n@app.prompt('x')\ndef f():\n    '''Help.'''\n", &[]);
    }

    #[test]
    fn go_and_rust_show_prompts_resources_and_instructions() {
        check(
            "s.go",
            "package m\nimport (\n\"github.com/mark3labs/mcp-go/mcp\"\n\"github.com/mark3labs/mcp-go/server\"\n)\nfunc f() {\ns := server.NewMCPServer(\"a\", \"1\", server.WithInstructions(\"Be kind.\"))\ns.AddPrompt(mcp.NewPrompt(\"ask\", mcp.WithPromptDescription(\"Ask so.\")), h)\ns.AddResource(mcp.NewResource(\"orders://all\", \"All\", mcp.WithResourceDescription(\"All orders.\")), h)\n}\n",
            &[
                "instructions Be kind.",
                "prompt ask",
                "prompt Ask so.",
                "resource orders://all",
                "resource All",
                "resource All orders.",
            ],
        );
        check(
            "s.go",
            "package m\nimport \"github.com/modelcontextprotocol/go-sdk/mcp\"\nfunc f(s *mcp.Server) {\ns.AddPrompt(&mcp.Prompt{Name: \"ask\", Description: \"Ask so.\", Arguments: []*mcp.PromptArgument{{Name: \"what\", Description: \"Which.\"}}}, h)\n_ = mcp.NewServer(nil, &mcp.ServerOptions{Instructions: \"Be kind.\"})\n}\n",
            &["prompt ask", "prompt Ask so.", "prompt what", "prompt Which.", "instructions Be kind."],
        );
        check(
            "s.rs",
            "use rmcp::model::*;\nimpl ServerHandler for S {\nfn get_info(&self) -> ServerInfo { ServerInfo { instructions: Some(\"Be kind.\".into()), ..Default::default() } }\n}\nfn p() -> Prompt { Prompt::new(\"ask\", Some(\"Ask so.\"), None) }\n#[prompt(name = \"sum\", description = \"Sum up.\")]\nasync fn sum() {}\n",
            &["prompt sum", "prompt Sum up.", "instructions Be kind.", "prompt ask", "prompt Ask so."],
        );
        check("s.go", "package m\nfunc f() { x.NewPrompt(\"ask\") }\n", &[]);
    }

    #[test]
    fn listings_show_prompts_resources_and_instructions() {
        check(
            "d.json",
            r#"{"jsonrpc": "2.0", "id": 1, "result": {"prompts": [{"name": "p", "description": "d", "arguments": [{"name": "a", "description": "e"}]}]}}"#,
            &["prompt p", "prompt d", "prompt a", "prompt e"],
        );
        check(
            "d.json",
            r#"{"jsonrpc": "2.0", "id": 1, "result": {"protocolVersion": "x", "serverInfo": {"name": "s"}, "instructions": "Be kind."}}"#,
            &["instructions Be kind."],
        );
        check(
            "d.json",
            r#"{"tools": [{"name": "t", "inputSchema": {}, "annotations": {"title": "T"}, "icons": [{"src": "http://h/i.png"}], "_meta": {"a": {"b": "deep"}}}]}"#,
            &["icon http://h/i.png", "annotation T", "annotation deep"],
        );
        check("d.json", r#"{"prompts": [{"name": "p"}]}"#, &[]);
    }
}
