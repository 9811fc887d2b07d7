//! MCP bundles, `manifest.json`: the command that the bundle runs, on every platform, and the tools it declares.

use crate::discover::hosts::Syntax;
use crate::document::{Document, Node};
use crate::extract::command::{self, Word};
use crate::extract::definitions::setting::Origin;
use crate::extract::definitions::{entry, placeholder};
use crate::extract::dumps;
use crate::model::known::{Known, Spanned};
use crate::model::tool::ToolOrigin;
use crate::model::{About, Facts};

const EXPANDS: &[Syntax] = &[Syntax::Braces, Syntax::UserConfig, Syntax::Editor];

/// Reads the command and its overrides, and the tools.
pub fn extract(document: &Document, facts: &mut Facts) {
    let Some(root) = document.root() else { return };
    if let Some(config) = root.at(&["server", "mcp_config"]) {
        launch(root, config, None, facts);
        for (platform, overriding) in config.get("platform_overrides").into_iter().flat_map(Node::entries).take(20) {
            launch(root, config, Some((platform, overriding)), facts);
        }
    }
    let place = entry::place_of(root, "name");
    let origin = Origin { definition: place, file_kind: "bundle", hosts: &[], guests: &[] };
    for (key, input) in root.get("user_config").into_iter().flat_map(Node::entries).take(1_000) {
        // A folder or file that is asked for is a path, whatever its name.
        let is_path =
            matches!(input.get("type").and_then(Node::as_str), Some("directory" | "file" | "boolean" | "number"));
        let Some(name) = key.scalar().filter(|_| !is_path) else { continue };
        let hidden = input.get("sensitive").and_then(Node::as_bool) == Some(true);
        facts.settings.push(origin.asked(&Spanned::new(name, key.span()), hidden));
    }
    if let Some(tools) = root.get("tools").filter(|tools| tools.is_list()) {
        facts.tools.extend(dumps::tools(tools, ToolOrigin::Manifest));
    }
}

fn launch(root: Node<'_>, config: Node<'_>, platform: Option<(Node<'_>, Node<'_>)>, facts: &mut Facts) {
    let part = |key: &str| platform.and_then(|(_, part)| part.get(key)).or_else(|| config.get(key));
    let words = |node: Node<'_>| -> Vec<Word> {
        let word = |node: Node<'_>| Some(Spanned::new(node.scalar()?, node.span()));
        if node.is_list() { node.items().filter_map(word).collect() } else { word(node).into_iter().collect() }
    };
    let mut line = part("command").map(words).unwrap_or_default();
    let arguments = part("args").map(words).unwrap_or_default();
    line.extend(arguments.iter().cloned());
    let name = root.get("name").and_then(Node::as_str).unwrap_or("bundle");
    let place = platform.map_or_else(|| entry::place_of(root, "name"), |(platform, _)| platform.span());
    let origin = Origin { definition: place, file_kind: "bundle", hosts: &[], guests: &[] };
    let mut definition =
        entry::launched(About::new(name, place), &line, arguments, command::read(&line), origin, facts);
    definition.hosts = vec!["mcpb".to_string()];
    definition.transport = definition.command.span().map_or(Known::Absent, |span| Known::is("stdio".to_string(), span));
    for (key, value) in part("env").into_iter().flat_map(Node::entries) {
        let (Some(name), Some(text)) = (key.scalar(), value.scalar()) else { continue };
        let judgement = placeholder::judge_for(&text, EXPANDS);
        facts.settings.push(origin.judged(
            "environment",
            &name,
            &Spanned::new(text, value.span()),
            key.span(),
            judgement,
        ));
    }
    facts.definitions.push(definition);
}
