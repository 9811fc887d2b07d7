//! Entries of a boundary document that say nothing: placeholders, wildcards, bare roots, empty fields.

use crate::document::{Node, NodeKind};
use crate::model::known::Spanned;

/// Words that stand for everything.
const EVERYTHING: &[&str] = &["*", "**", "all", "any", "anything", "everything", "_all"];
/// Roots of file systems, and the folder that one happens to stand in.
const ROOTS: &[&str] = &["/", "//", ".", "./", "\\", "~", "~/", "$home", "${home}", "file:///", "%userprofile%", ".."];
/// Networks that hold every address.
const NETWORKS: &[&str] = &["0.0.0.0/0", "::/0", "0.0.0.0", "::", "[::]", "http://*", "https://*"];
/// Patterns that match every text.
const PATTERNS: &[&str] = &[".*", ".+", "[\\s\\S]*", "[\\s\\S]+", "(.*)", "(.+)", ".*?", "[^]*"];
/// Words that a person leaves to decide later.
const LATER: &[&str] =
    &["todo", "tbd", "tbc", "fixme", "xxx", "???", "?", "...", "…", "n/a", "na", "unknown", "changeme"];

/// Whether an entry of an allow-list allows everything.
pub fn is_wildcard(entry: &str) -> bool {
    let lower = entry.trim().to_ascii_lowercase();
    let plain = ["/**/*", "/**", "/*"].iter().find_map(|tail| lower.strip_suffix(tail)).unwrap_or(&lower);
    let host = lower.rsplit_once(':').map_or("", |(host, _)| host);
    let is = |list: &[&str]| list.contains(&lower.as_str());
    is(EVERYTHING)
        || is(ROOTS)
        || is(NETWORKS)
        || host == "*"
        || plain.is_empty() && lower.contains('*')
        || plain != lower && [EVERYTHING, ROOTS, NETWORKS].iter().any(|list| list.contains(&plain))
        || matches!(lower.as_str(), "*.*" | "**/*" | "*/*" | "*.*.*")
        || is_drive(&lower)
        || is_match_all(entry.trim())
}

/// `c:`, `c:\`, `c:/`.
fn is_drive(entry: &str) -> bool {
    let mut letters = entry.trim_end_matches(['\\', '/', '*']).chars();
    matches!((letters.next(), letters.next(), letters.next()), (Some('a'..='z'), Some(':'), None))
}

fn is_match_all(entry: &str) -> bool {
    let inner = entry.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).unwrap_or(entry);
    let inner = inner.strip_prefix("(?s)").unwrap_or(inner);
    let inner = inner.strip_prefix('^').unwrap_or(inner);
    PATTERNS.contains(&inner.strip_suffix('$').unwrap_or(inner))
}

/// Whether a text only marks that something is still to be written.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let first = text.split(|letter: char| letter.is_whitespace() || matches!(letter, ':' | '(')).next().unwrap_or("");
    let rest = text.get(first.len()..).unwrap_or("");
    text.is_empty()
        || LATER.contains(&lower.as_str())
        || matches!(first.to_ascii_lowercase().as_str(), "todo" | "tbd" | "fixme")
            && (first.bytes().all(|byte| byte.is_ascii_uppercase()) || rest.starts_with([':', '(']))
        || text.starts_with('<') && text.ends_with('>')
        || text.starts_with("{{") && text.ends_with("}}")
        || text.starts_with("${") && text.ends_with('}')
        || lower.starts_with("your_")
        || lower.starts_with("your-")
}

/// Fields of a tool whose empty list is a statement.
const MAY_BE_EMPTY: &[&str] = &["reach", "limits", "input_schema"];

/// What a tool's entry leaves open, each at its place.
pub fn of_tool(tool: Node<'_>) -> Vec<Spanned<String>> {
    let mut found = Vec::new();
    for (key, value) in tool.entries() {
        let name = key.as_str().unwrap_or_default();
        let below = match name {
            "input_schema" => {
                if value.is_map() && value.entries().next().is_none() {
                    found.push(Spanned::new("`input_schema` is empty and accepts anything".into(), key.span()));
                }
                continue;
            }
            "limits" => continue,
            _ => value,
        };
        collect(name, Some(key), below, MAY_BE_EMPTY.contains(&name), 0, &mut found);
    }
    found
}

/// The same for a list of allowed systems.
pub fn of_systems(allowed: Node<'_>) -> Vec<Spanned<String>> {
    let mut found = Vec::new();
    collect("systems.allowed", None, allowed, true, 0, &mut found);
    found
}

fn collect(
    name: &str,
    key: Option<Node<'_>>,
    node: Node<'_>,
    may_be_empty: bool,
    depth: usize,
    found: &mut Vec<Spanned<String>>,
) {
    let place = key.filter(|_| node.span().start == node.span().end).unwrap_or(node).span();
    let mut say = |what: String| found.push(Spanned::new(what, place));
    match node.kind() {
        NodeKind::Null => say(format!("`{name}` is empty")),
        NodeKind::Text(text) if text.trim().is_empty() => say(format!("`{name}` is empty")),
        NodeKind::Text(text) if is_placeholder(text) => say(format!("`{text}` in `{name}` is a placeholder")),
        NodeKind::Text(text) if name != "purpose" && is_wildcard(text) => {
            say(format!("`{text}` in `{name}` stands for everything"))
        }
        NodeKind::List(items) if items.is_empty() && !may_be_empty => say(format!("`{name}` is empty")),
        NodeKind::Map(entries) if entries.is_empty() => say(format!("`{name}` is empty")),
        NodeKind::List(_) if depth < 4 => {
            node.items().for_each(|item| collect(name, key, item, may_be_empty, depth + 1, found));
        }
        NodeKind::Map(_) if depth < 4 => {
            for (inner, value) in node.entries() {
                let dotted = format!("{name}.{}", inner.as_str().unwrap_or_default());
                collect(&dotted, Some(inner), value, may_be_empty, depth + 1, found);
            }
        }
        NodeKind::Text(_) | NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_) => {}
        NodeKind::List(_) | NodeKind::Map(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_told_from_narrow_entries() {
        for entry in [
            "*",
            "ALL",
            "any",
            "/",
            ".",
            "./",
            "**",
            "/**",
            "/*",
            "**/*",
            "*.*",
            ".*",
            "^.*$",
            "/.+/",
            "*:443",
            "0.0.0.0/0",
            "https://*",
            "https://*/*",
            "C:\\",
            "c:/",
            "~/**",
            "[\\s\\S]*",
        ] {
            assert!(is_wildcard(entry), "{entry}");
        }
        for entry in [
            "orders",
            "/srv/orders",
            "./data",
            "*.orders.internal",
            "orders.*",
            "allowed",
            "anybody",
            "/srv/**",
            "10.0.0.0/8",
            "c:/data",
            "order-.*",
            "a.b:443",
            "x",
            "",
        ] {
            assert!(!is_wildcard(entry), "{entry}");
        }
    }

    #[test]
    fn placeholders_are_told_from_words() {
        for text in ["TODO", "todo: decide", "TBD", "<name>", "...", "", "  ", "YOUR_HOST", "${HOST}", "TBD later"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["List todos of a project.", "Todo items", "orders", "none", "a < b", "Total owed", "todos"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
