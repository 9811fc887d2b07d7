//! `tools/list` dumps: tools as a server published them once.

use crate::discover::FileKind;
use crate::document::{Document, Node, NodeId};
use crate::extract::schema;
use crate::gap::{Gap, GapKind};
use crate::load::Loaded;
use crate::model::known::Known;
use crate::model::tool::{Tool, ToolOrigin};
use crate::model::{About, Facts};

/// Tools that are read from one list.
const MAX_TOOLS: usize = 20_000;

/// Why nothing is known of what happens to arguments.
const UNSEEN: &str = "a listing does not show what the server does with arguments";

/// Reads every dump; test data and examples list tools that nobody serves.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    for (file, document) in loaded.documents_of(FileKind::Dump).filter(|(file, _)| file.role.lives()) {
        let before = facts.gaps.len();
        document_tools(document, facts);
        for gap in &mut facts.gaps[before..] {
            gap.path.clone_from(&file.path);
        }
    }
}

fn document_tools(document: &Document, facts: &mut Facts) {
    let roots: Vec<Node<'_>> = document.roots().collect();
    let lists: Vec<(Node<'_>, Node<'_>)> = roots.iter().flat_map(|root| lists(*root)).collect();
    let mut seen: Vec<NodeId> = Vec::new();
    for (at, (around, list)) in lists.iter().enumerate() {
        if seen.contains(&list.id()) {
            continue;
        }
        seen.push(list.id());
        facts.tools.extend(tools(*list, ToolOrigin::Dump));
        // A page that names a next one must be followed by it.
        let next = around.get("nextCursor").filter(|cursor| !cursor.is_null() && cursor.as_str() != Some(""));
        if let Some(cursor) = next.filter(|_| at + 1 == lists.len()) {
            facts.gaps.push(Gap::at(
                cursor.span(),
                GapKind::Unresolved,
                "names a further page of tools, which is not in the tree",
            ));
        }
    }
}

/// Lists of tools below a root, each with the map around it: bare, wrapped, as a JSON-RPC response, by server.
fn lists(root: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    if root.is_list() {
        return vec![(root, root)];
    }
    match direct(root) {
        Some(pair) => vec![pair],
        None => root.entries().filter_map(|(_, server)| direct(server)).collect(),
    }
}

fn direct(node: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    let around = [Some(node), node.get("result")];
    around.into_iter().flatten().find_map(|around| {
        let list = around.get("tools").filter(|tools| tools.is_list())?;
        Some((around, list))
    })
}

/// The tools of a list. What is no tool is left out.
pub fn tools(list: Node<'_>, origin: ToolOrigin) -> Vec<Tool> {
    list.items().take(MAX_TOOLS).filter_map(|item| tool(item, list, origin)).collect()
}

fn tool(item: Node<'_>, list: Node<'_>, origin: ToolOrigin) -> Option<Tool> {
    let name = item.get("name").filter(|name| name.as_str().is_some())?;
    let mut about = About::new(name.as_str().unwrap_or_default(), name.span());
    about.part_of = Some(list.span());
    let text = |node: Option<Node<'_>>| {
        node.and_then(|node| Some(Known::is(node.as_str()?.to_string(), node.span()))).unwrap_or_default()
    };
    let hint = |key: &str| {
        let node = item.at(&["annotations", key]);
        node.and_then(|node| Some(Known::is(node.as_bool()?, node.span()))).unwrap_or_default()
    };
    let declared = |keys: [&str; 2]| keys.iter().find_map(|key| item.get(key)).filter(|node| !node.is_null());
    let schema = |node: Option<Node<'_>>| match node {
        None => Known::Absent,
        Some(node) => match schema::read(node) {
            Some(schema) => Known::is(schema, node.span()),
            None => Known::unknown("is larger or deeper than is followed", node.span()),
        },
    };
    let (input, output) = (declared(["inputSchema", "input_schema"]), declared(["outputSchema", "output_schema"]));
    Some(Tool {
        about,
        title: text(item.get("title").or_else(|| item.at(&["annotations", "title"]))),
        description: text(item.get("description")),
        read_only_hint: hint("readOnlyHint"),
        destructive_hint: hint("destructiveHint"),
        idempotent_hint: hint("idempotentHint"),
        open_world_hint: hint("openWorldHint"),
        has_input_schema: input.is_some(),
        has_output_schema: output.is_some(),
        listed: true,
        dispatched: match origin {
            ToolOrigin::Dump => Known::is(true, name.span()),
            _ => Known::unknown("a manifest says nothing of calls", name.span()),
        },
        only_named: origin == ToolOrigin::Manifest,
        condition: Known::Absent,
        on_by_default: Known::Absent,
        through: None,
        validated: Known::unknown(UNSEEN, name.span()),
        sdk_validates: Known::unknown(UNSEEN, name.span()),
        unknown_keys: Known::unknown(UNSEEN, name.span()),
        followed: Known::unknown("a listing does not show what a tool does", name.span()),
        input_schema: schema(input),
        enforced: Default::default(),
        output_schema: schema(output),
        handler: None,
        origin,
        copies: Vec::new(),
        places: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::discover_text;
    use crate::load::load;

    /// Names of the tools of a dump, and how many gaps it has.
    fn check(text: &str, names: &str, gaps: usize) {
        let loaded = load(discover_text("tools.json", text.to_string()));
        let mut facts = Facts::default();
        extract(&loaded, &mut facts);
        let found: Vec<&str> = facts.tools.iter().map(|tool| tool.about.name.as_str()).collect();
        assert_eq!((found.join(" ").as_str(), facts.gaps.len()), (names, gaps), "{text}");
    }

    #[test]
    fn tools_are_read_in_every_shape() {
        let tool = r#"{"name": "a", "inputSchema": {"type": "object"}}"#;
        check(&format!("[{tool}]"), "a", 0);
        check(&format!(r#"{{"tools": [{tool}], "ttlMs": 1}}"#), "a", 0);
        check(&format!(r#"{{"jsonrpc": "2.0", "id": 1, "result": {{"tools": [{tool}]}}}}"#), "a", 0);
        check(&format!(r#"{{"one": {{"tools": [{tool}]}}, "two": {{"tools": [{tool}]}}}}"#), "a a", 0);
        check(
            &format!("{{\"id\": 1, \"method\": \"tools/list\"}}\n{{\"id\": 1, \"result\": {{\"tools\": [{tool}]}}}}\n"),
            "a",
            0,
        );
        check(&format!(r#"{{"tools": [{tool}, 5, {{"description": "x"}}]}}"#), "a", 0);
    }

    #[test]
    fn a_missing_page_is_a_gap() {
        let page = |cursor: &str| format!(r#"{{"tools": [{{"name": "a", "inputSchema": {{}}}}]{cursor}}}"#);
        check(&page(r#", "nextCursor": "2""#), "a", 1);
        check(&page(r#", "nextCursor": null"#), "a", 0);
        check(&format!("{}\n{}\n", page(r#", "nextCursor": "2""#), page("")), "a a", 0);
    }

    #[test]
    fn hints_and_schemas_keep_their_places() {
        let text = r#"[{"name": "a", "inputSchema": {"type": "object", "properties": {"p": {}}}, "annotations": {"readOnlyHint": true}}]"#;
        let loaded = load(discover_text("t.json", text.to_string()));
        let mut facts = Facts::default();
        extract(&loaded, &mut facts);
        let tool = &facts.tools[0];
        assert_eq!(tool.read_only_hint.value(), Some(&true));
        assert!(tool.destructive_hint.is_absent());
        let places = &tool.input_schema.value().expect("declared").places;
        assert_eq!(loaded.sources.slice(places["/properties/p"]), "{}");
    }
}
