//! Plug-ins of Claude Code: the files beside a plug-in's manifest that hold its servers, and what it asks a person for.

use std::collections::BTreeSet;

use super::setting::Origin;
use crate::discover::pattern;
use crate::document::Node;
use crate::extract::boundary::reference;
use crate::load::Loaded;
use crate::model::Facts;
use crate::model::known::Spanned;
use crate::source::Span;

/// The host that reads them.
pub const HOST: &str = "claude-code-plugin";
/// Manifest of a plug-in, below its folder.
const MANIFEST: &str = ".claude-plugin/plugin.json";
/// Values that one manifest may ask for.
const MOST: usize = 1_000;

/// Files that hold servers of plug-ins: the `.mcp.json` in a plug-in's folder, and those that its manifest names.
pub fn files(loaded: &Loaded) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in loaded.files.iter().filter(|file| pattern::ends_with(MANIFEST, &file.path)) {
        let folder = file.path.strip_suffix(MANIFEST).unwrap_or_default().trim_end_matches('/');
        found.extend(reference::under(folder, ".mcp.json"));
        let named = loaded.document(file).and_then(|document| document.root()?.get("mcpServers"));
        let paths = named.into_iter().flat_map(|node| node.items().chain([node])).filter_map(Node::as_str);
        let inside = paths.map(|path| path.trim_start_matches("${CLAUDE_PLUGIN_ROOT}/"));
        found.extend(inside.filter_map(|path| reference::under(folder, path)));
    }
    found
}

/// What a manifest asks for when the plug-in is switched on: `${user_config.NAME}` in its servers.
pub fn inputs(path: &str, root: Node<'_>, facts: &mut Facts) {
    if !pattern::ends_with(MANIFEST, path) {
        return;
    }
    let maps = ["userConfig", "user_config"].into_iter().filter_map(|key| root.get(key));
    for (key, input) in maps.flat_map(Node::entries).take(MOST) {
        let is_other =
            matches!(input.get("type").and_then(Node::as_str), Some("directory" | "file" | "boolean" | "number"));
        let Some(name) = key.scalar().filter(|_| !is_other) else { continue };
        let hidden = input.get("sensitive").and_then(Node::as_bool) == Some(true);
        let definition = first(root, facts).unwrap_or(key.span());
        let origin = Origin { definition, file_kind: "client-config", hosts: &[], guests: &[] };
        facts.settings.push(origin.asked(&Spanned::new(name, key.span()), hidden));
    }
}

/// The first server of the manifest's own file, for which it asks.
fn first(root: Node<'_>, facts: &Facts) -> Option<Span> {
    let mine = |span: &Span| span.source == root.span().source;
    facts.definitions.iter().map(|definition| definition.about.span).find(mine)
}
