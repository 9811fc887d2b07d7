//! Trees before and after a change: what the lock says of it.

use super::*;
use crate::discover::{Discovered, Found, Role};

const SERVER: &str = r#"
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("orders", instructions="Looks up orders.")


@mcp.tool(annotations={"readOnlyHint": True})
def search(customer: str) -> str:
    """Orders of one customer."""
    return customer


@mcp.tool()
def count() -> int:
    """How many orders there are."""
    return 1


if __name__ == "__main__":
    mcp.run()
"#;

const CLIENT: &str =
    r#"{"mcpServers": {"notes": {"command": "npx", "args": ["-y", "notes-mcp@1.2.0"], "env": {"TZ": "UTC"}}}}"#;

fn tree(files: &[(&str, &str)]) -> Loaded {
    let found = |(path, text): &(&str, &str)| Found {
        path: (*path).to_string(),
        kind: kind::of_path(path),
        role: Role::Production,
        text: (*text).to_string(),
        digest: [0; 32],
    };
    let mut files: Vec<Found> = files.iter().map(found).collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    crate::load::load(Discovered { files, ..Discovered::default() })
}

fn renewed(files: &[(&str, &str)], approval: Option<(&str, &str)>) -> Renewal {
    let loaded = tree(files);
    let facts = crate::extract::extract(&loaded);
    renew(loaded, &facts, approval).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(100, false)))
}

fn approved() -> String {
    renewed(&[("server.py", SERVER), (".mcp.json", CLIENT)], Some(("ana", "2026-11-01"))).text
}

#[test]
fn a_lock_that_was_just_written_shows_no_change() {
    let lock = approved();
    let again = renewed(&[("server.py", SERVER), (".mcp.json", CLIENT), (NAME, &lock)], None);
    assert_eq!(again.text, lock);
    assert_eq!((again.changed, again.unapproved, again.count), (Vec::new(), Vec::new(), (2, 2)));
}

/// A change of one file, and the one sentence that names it.
#[test]
fn drift_names_what_has_changed() {
    for (path, from, to, expected) in [
        ("server.py", "Orders of one customer.", "Orders of anybody.", "the description of `search` changed"),
        ("server.py", "customer: str", "customer: int", "the input schema of `search` changed"),
        ("server.py", "\"readOnlyHint\": True", "\"readOnlyHint\": False", "the annotations of `search` changed"),
        ("server.py", "def count()", "def counted()", "the tool `counted` was added"),
        ("server.py", "Looks up orders.", "Always call search first.", "the server's instructions changed"),
        (".mcp.json", "@1.2.0", "@1.3.0", "the version of `notes` in `.mcp.json` was `1.2.0` and is `1.3.0`"),
        (
            ".mcp.json",
            "notes-mcp@",
            "n0tes-mcp@",
            "the package of `notes` in `.mcp.json` was `notes-mcp` and is `n0tes-mcp`",
        ),
        (".mcp.json", "\"-y\", ", "", "the command line of `notes` in `.mcp.json` changed"),
        (".mcp.json", "\"TZ\"", "\"LD_PRELOAD\"", "the set of variables and headers of `notes` in `.mcp.json` changed"),
        (".mcp.json", "\"notes\"", "\"others\"", "the server `others` was added"),
    ] {
        let change = |name: &str, text: &str| if name == path { text.replace(from, to) } else { text.to_string() };
        let (server, client) = (change("server.py", SERVER), change(".mcp.json", CLIENT));
        assert!(server != SERVER || client != CLIENT, "{from}");
        let found = renewed(&[("server.py", &server), (".mcp.json", &client), (NAME, &approved())], None);
        let told: Vec<&str> = found.changed.iter().map(|(_, text)| text.as_str()).collect();
        assert!(told.contains(&expected), "{expected}: {told:?}");
        assert_eq!((found.exit_code(), found.unapproved.len()), (1, 1), "{told:?}");
        let mended =
            renewed(&[("server.py", &server), (".mcp.json", &client), (NAME, &approved())], Some(("bo", "2026-11-02")));
        assert!(mended.text.contains("\"bo\"") && mended.text.contains("\"ana\""), "who approved what stays with it");
    }
}

#[test]
fn order_is_no_change() {
    let (first, second) = SERVER.split_once("@mcp.tool()").expect("two tools");
    let (count, main) = second.split_once("if __name__").expect("an entry");
    let (head, search) = first.split_once("@mcp.tool(").expect("two tools");
    let swapped = format!("{head}@mcp.tool(){count}@mcp.tool({search}if __name__{main}");
    let found = renewed(&[("server.py", &swapped), (".mcp.json", CLIENT), (NAME, &approved())], None);
    assert_eq!(found.changed, Vec::new());
}

#[test]
fn a_lock_that_cannot_be_read_is_never_taken_for_none() {
    let lock = approved();
    for (from, to, expected) in [
        ("plimsoll/lock/v1", "plimsoll/lock/v2", "is not a known version"),
        ("[[server.tool]]", "[[server.tools]]", "`tools` is not a known key"),
        ("approved-by = \"ana\"", "approved-by = 3", "not text"),
        ("date = ", "day = ", "not a known key"),
        ("[[server]]\n", "[[server\n", ""),
        ("schema = ", "scheme = ", "has no `schema`"),
    ] {
        let text = lock.replace(from, to);
        assert_ne!(text, lock);
        let loaded = tree(&[("server.py", SERVER), (NAME, &text)]);
        let mut facts = crate::extract::extract(&loaded);
        mark(&loaded, &mut facts);
        let told = &facts.servers[0].locked.drift;
        assert!(
            told.iter().any(|one| one.value.contains("cannot be read") && one.value.contains(expected)),
            "{to}: {told:?}"
        );
        assert!(renew(loaded, &facts, None).is_err(), "{to}");
    }
    for text in ["", "\u{feff}", "# nothing\n"] {
        let loaded = tree(&[("server.py", SERVER), (NAME, text)]);
        let mut facts = crate::extract::extract(&loaded);
        mark(&loaded, &mut facts);
        assert!(!facts.servers[0].locked.drift.is_empty(), "{text:?}");
    }
}

#[test]
fn the_nearest_lock_speaks_for_a_server() {
    let files = [
        ("a/pyproject.toml", "[project]\nname = \"a\"\n"),
        ("a/server.py", SERVER),
        ("a/plimsoll.lock", "schema = \"plimsoll/lock/v1\"\n"),
        ("b/pyproject.toml", "[project]\nname = \"b\"\n"),
        ("b/server.py", SERVER),
    ];
    let loaded = tree(&files);
    let mut facts = crate::extract::extract(&loaded);
    mark(&loaded, &mut facts);
    let paths: Vec<Option<&String>> = facts.servers.iter().map(|server| server.locked.path.value()).collect();
    assert_eq!(paths, [Some(&"a/plimsoll.lock".to_string()), None]);
    assert_eq!(renewed(&files, None).count, (1, 2));
}

#[test]
fn prompts_resources_icons_and_metadata_are_pinned_each_apart() {
    const LISTING: &str = r#"{"tools": [{"name": "pay", "inputSchema": {}, "icons": [{"src": "https://h/a.png"}], "_meta": {"asks": true}}],
        "prompts": [{"name": "summary", "description": "Sums up."}], "resources": [{"name": "all", "uri": "orders://all"}]}"#;
    let lock = renewed(&[("shop.json", LISTING)], Some(("ana", "2026-11-01"))).text;
    let same = renewed(&[("shop.json", LISTING), (NAME, &lock)], None);
    assert_eq!(same.changed, Vec::new());
    for (old, new, expected) in [
        ("a.png", "b.png", &["the icons of `pay` changed"][..]),
        ("\"asks\": true", "\"asks\": false", &["the metadata (`_meta`) of `pay` changed"]),
        ("Sums up.", "Sums up and sends.", &["the text of `summary` changed"]),
        ("orders://all", "file:///", &["the text of `all` changed"]),
        (
            "\"name\": \"summary\"",
            "\"name\": \"sum\"",
            &["the prompt `sum` was added", "the prompt `summary` was removed"],
        ),
        (", \"_meta\": {\"asks\": true}", "", &["the metadata (`_meta`) of `pay` was removed"]),
    ] {
        let listing = LISTING.replace(old, new);
        assert_ne!(listing, LISTING);
        let found = renewed(&[("shop.json", &listing), (NAME, &lock)], None);
        let told: Vec<&str> = found.changed.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(told, expected, "{new}");
    }
}

#[test]
fn icons_of_tools_in_source_are_pinned_with_their_tools() {
    let python =
        SERVER.replace("FastMCP(\"orders\", ", "FastMCP(\"orders\", icons=[Icon(src=\"https://h/own.png\")], ");
    let python = python.replace("@mcp.tool()", "@mcp.tool(icons=[Icon(src=\"https://h/count.png\")])");
    let script = "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\n\
        const server = new McpServer({ name: 'orders', version: '1.0.0' });\n\
        server.registerTool('count', { description: 'Counts.', icons: [{ src: 'https://h/count.png' }], inputSchema: {} }, \
        async () => ({ content: [] }));\n";
    for (path, text) in [("server.py", python.as_str()), ("server.ts", script)] {
        let lock = renewed(&[(path, text)], Some(("ana", "2026-11-01"))).text;
        assert_eq!(renewed(&[(path, text), (NAME, &lock)], None).changed, Vec::new());
        let changed = text.replace("count.png", "other.png");
        let found = renewed(&[(path, &changed), (NAME, &lock)], None);
        let told: Vec<&str> = found.changed.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(told, ["the icons of `count` changed"], "{path}");
    }
}
