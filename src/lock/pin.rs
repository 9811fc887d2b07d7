//! Facts to pins: every part of a server that a model or a person relies on, as a digest of its own.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::shown::{Listed, icons, icons_of, offered};
use super::{Lock, Pinned, Pins, ServerPin, UNKNOWN};
use crate::extract::secrets::looks_secret;
use crate::load::Loaded;
use crate::model::definition::Definition;
use crate::model::known::{Known, Spanned};
use crate::model::server::{Inventory, Server};
use crate::model::tool::{Schema, Tool};
use crate::model::{Facts, ServerId};
use crate::source::Span;

/// What the lock in a folder would say of these servers.
pub fn lock(loaded: &Loaded, facts: &Facts, servers: &[ServerId], folder: &str) -> Lock {
    let mut lock = Lock::default();
    let listed = Listed::of(loaded, facts);
    for id in servers {
        let server = facts.server(*id);
        let (name, root) = key(server, folder);
        let mut at = (name.clone(), root.clone());
        let mut number = 1;
        while lock.servers.contains_key(&at) {
            number += 1;
            at = (format!("{name} #{number}"), root.clone());
        }
        lock.servers.insert(at, pinned(loaded, facts, *id, folder, &listed));
    }
    lock
}

/// Name and folder of a server, as a lock in `folder` writes them.
pub fn key(server: &Server, folder: &str) -> (String, String) {
    (server.about.name.clone(), relative(&server.root, folder).to_string())
}

fn relative<'a>(path: &'a str, folder: &str) -> &'a str {
    if folder == "." {
        return path;
    }
    match path.strip_prefix(folder) {
        Some("") => ".",
        Some(rest) => rest.strip_prefix('/').unwrap_or(path),
        None => path,
    }
}

fn pinned(loaded: &Loaded, facts: &Facts, id: ServerId, folder: &str, listed: &Listed<'_>) -> ServerPin {
    let server = facts.server(id);
    let definitions = facts.definitions.iter().filter(|definition| definition.about.server == Some(id));
    let launches = definitions.map(|definition| {
        let path = loaded.sources.path(definition.about.span.source);
        ((relative(path, folder).to_string(), definition.about.name.clone()), launch(facts, definition))
    });
    ServerPin {
        span: server.about.span,
        inventory: server.inventory.id().to_string(),
        instructions: text(&server.instructions),
        icons: icons(facts, id),
        approval: None,
        loose: loose(facts, id),
        tools: tools(facts, id, listed),
        prompts: offered(facts, id, "prompt"),
        resources: offered(facts, id, "resource"),
        launches: launches.collect(),
    }
}

/// Why tools may change without a change in the tree.
fn loose(facts: &Facts, id: ServerId) -> Vec<Spanned<String>> {
    let server = facts.server(id);
    if server.inventory != Inventory::Open {
        return Vec::new();
    }
    if server.implemented {
        return server.openings.clone();
    }
    let definitions: Vec<&Definition> =
        facts.definitions.iter().filter(|definition| definition.about.server == Some(id)).collect();
    if definitions.is_empty() {
        return server.openings.clone();
    }
    let floating = definitions.into_iter().filter(|definition| definition.version.value().is_none());
    let text = |definition: &Definition| match definition.url.value() {
        Some(_) => format!("the remote server `{}` can change its tools at any time", definition.about.name),
        None => format!("nothing pins the version that `{}` starts, so its tools may change", definition.about.name),
    };
    floating.map(|definition| Spanned::new(text(definition), definition.about.span)).collect()
}

/// Tools by name. What source says of a tool counts before what a listing or manifest repeats of it; a name that stands
/// twice in one kind of place is pinned twice.
fn tools(facts: &Facts, id: ServerId, listed: &Listed<'_>) -> BTreeMap<String, Pins> {
    let mut all: Vec<&Tool> = facts.tools_of(id).map(|(_, tool)| tool).collect();
    all.sort_by_key(|tool| (tool.about.name.as_str(), tool.origin, tool.about.span));
    let mut pins: BTreeMap<String, Pins> = BTreeMap::new();
    let mut last: Option<(&Tool, usize)> = None;
    for tool in all {
        let number = match last {
            Some((before, _)) if before.about.name == tool.about.name && before.origin != tool.origin => continue,
            Some((before, number)) if before.about.name == tool.about.name => number + 1,
            _ => 1,
        };
        last = Some((tool, number));
        let name = &tool.about.name;
        let name = if number == 1 { name.clone() } else { format!("{name} #{number}") };
        pins.insert(name, of_tool(facts, tool, listed));
    }
    pins
}

fn of_tool(facts: &Facts, tool: &Tool, listed: &Listed<'_>) -> Pins {
    let parts = [
        ("title", text(&tool.title)),
        ("description", text(&tool.description)),
        ("input-schema", schema(&tool.input_schema)),
        ("output-schema", schema(&tool.output_schema)),
        ("annotations", annotations(tool)),
        ("icons", listed.part(tool, "icons").or_else(|| icons_of(facts, tool))),
        ("meta", listed.part(tool, "_meta")),
    ];
    pins(tool.about.span, parts)
}

fn pins<const N: usize>(span: Span, parts: [(&'static str, Pinned); N]) -> Pins {
    Pins { span, parts: parts.into_iter().filter_map(|(key, value)| Some((key, value?))).collect() }
}

fn text(known: &Known<String>) -> Pinned {
    match known {
        Known::Absent => None,
        Known::Is(text) => Some(Spanned::new(digest(text.value.as_bytes()), text.span)),
        Known::Unknown(unknown) => Some(Spanned::new(UNKNOWN.into(), unknown.span)),
    }
}

fn schema(known: &Known<Schema>) -> Pinned {
    match known {
        Known::Absent => None,
        Known::Is(schema) if schema.value.complete => {
            Some(Spanned::new(digest(canonical(&schema.value.json).as_bytes()), schema.span))
        }
        Known::Is(schema) => Some(Spanned::new(UNKNOWN.into(), schema.span)),
        Known::Unknown(unknown) => Some(Spanned::new(UNKNOWN.into(), unknown.span)),
    }
}

fn annotations(tool: &Tool) -> Pinned {
    let hints = [
        ("readOnlyHint", &tool.read_only_hint),
        ("destructiveHint", &tool.destructive_hint),
        ("idempotentHint", &tool.idempotent_hint),
        ("openWorldHint", &tool.open_world_hint),
    ];
    let place = hints.iter().find_map(|(_, hint)| hint.span())?;
    let mut map = Map::new();
    for (name, hint) in hints {
        match hint {
            Known::Absent => {}
            Known::Is(hint) => drop(map.insert(name.into(), Value::Bool(hint.value))),
            Known::Unknown(unknown) => return Some(Spanned::new(UNKNOWN.into(), unknown.span)),
        }
    }
    Some(Spanned::new(digest(canonical(&Value::Object(map)).as_bytes()), place))
}

/// Words and URLs are digested whole, since secrets stand in them; package and version are shown.
fn launch(facts: &Facts, definition: &Definition) -> Pins {
    let span = definition.about.span;
    let words: Vec<&str> = definition.command_line.iter().map(|word| word.value.as_str()).collect();
    let at = definition.command_line.first().map_or(span, |word| word.span);
    let command = (!words.is_empty()).then(|| Spanned::new(digest(canonical(&Value::from(words)).as_bytes()), at));
    let version = shown(&definition.version).or_else(|| shown(&definition.requested_version));
    let (digest, version) = match version {
        Some(version) => match version.value.split_once("sha256:") {
            Some((tag, hex)) => {
                let tag = tag.trim_end_matches('@');
                let digest = Spanned::new(format!("sha256:{hex}"), version.span);
                (Some(digest), (!tag.is_empty()).then(|| Spanned::new(tag.to_string(), version.span)))
            }
            None => (None, Some(version)),
        },
        None => (None, None),
    };
    let parts = [
        ("command", command),
        ("url", text(&definition.url)),
        ("package", shown(&definition.package)),
        ("version", version),
        ("digest", digest),
        ("environment", variables(facts, span)),
    ];
    pins(span, parts)
}

fn shown(known: &Known<String>) -> Pinned {
    match known {
        Known::Absent => None,
        // A repository may be named with a token in its address.
        Known::Is(text) if looks_secret("", &text.value).is_some() => {
            Some(Spanned::new(digest(text.value.as_bytes()), text.span))
        }
        Known::Is(text) => Some(text.clone()),
        Known::Unknown(unknown) => Some(Spanned::new(UNKNOWN.into(), unknown.span)),
    }
}

/// Names of the variables and headers that an entry hands over; their values are secrets more often than not.
fn variables(facts: &Facts, definition: Span) -> Pinned {
    let own = facts.settings.iter().filter(|setting| setting.about.part_of == Some(definition));
    let named = own.filter(|setting| matches!(setting.channel.as_str(), "environment" | "header"));
    let mut names: Vec<&str> = named.map(|setting| setting.about.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| Spanned::new(digest(canonical(&Value::from(names)).as_bytes()), definition))
}

/// SHA-256 as lower-case hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// JSON with keys in the order of their UTF-16 units and without spaces, as RFC 8785 has it.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            let entries =
                entries.into_iter().map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Number(number) => plain_number(number),
        other => other.to_string(),
    }
}

/// `1.0` is `1`, as in JavaScript.
fn plain_number(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => format!("{float:.0}"),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_json_does_not_depend_on_order_or_spelling() {
        for (one, other) in [
            (r#"{"b": 1.0, "a": [1, {"d": null, "c": "é"}]}"#, r#"{"a": [1, {"c": "é", "d": null}], "b": 1}"#),
            (r#"{"ﬀ": 1, "😀": 2}"#, r#"{"😀": 2, "ﬀ": 1}"#),
        ] {
            let read = |text: &str| canonical(&serde_json::from_str(text).unwrap());
            assert_eq!(read(one), read(other));
        }
        assert_eq!(canonical(&serde_json::json!({"b": 1.5, "a": true})), r#"{"a":true,"b":1.5}"#);
    }

    #[test]
    fn folders_are_relative_to_the_lock() {
        for (path, folder, expected) in
            [("a/b", "a", "b"), ("a", "a", "."), (".", ".", "."), ("a/b", ".", "a/b"), (".mcp.json", ".", ".mcp.json")]
        {
            assert_eq!(relative(path, folder), expected, "{path} {folder}");
        }
    }
}
