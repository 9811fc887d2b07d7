//! The lock as TOML: strict reading with places, and writing that does not depend on anything but what is pinned.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{LAUNCH_PARTS, Lock, OFFERED_PARTS, Pins, ServerPin, TOOL_PARTS};
use crate::document::{Document, Node};
use crate::mistake::Mistake;
use crate::model::known::Spanned;
use crate::reader::Reader;
use crate::source::Span;

/// Version of the format.
const SCHEMA: &str = "plimsoll/lock/v1";

const HEAD: &str = "\
# What was approved of each server: `plimsoll lock` writes this file, `plimsoll lock --check` compares the tree with it.
# Commit it, and review a change of it as you would review the tools themselves.
";

/// Reads a lock. Unknown keys and versions are mistakes, and so is a name that stands twice.
pub fn read(document: &Document, start: Span) -> Result<Lock, Vec<Mistake>> {
    let mut reader = Reader::default();
    for (_, later) in &document.duplicates {
        reader.wrong(*later, "this key stands twice", "keep one of them");
    }
    let mut lock = Lock::default();
    match document.root() {
        Some(root) => whole(root, &mut lock, &mut reader),
        None => reader.wrong(start, "the lock is empty", "delete it and lock anew"),
    }
    if reader.mistakes.is_empty() {
        return Ok(lock);
    }
    reader.mistakes.sort();
    Err(reader.mistakes)
}

fn whole(root: Node<'_>, lock: &mut Lock, reader: &mut Reader) {
    reader.map(root, "the lock", &["schema", "server"]);
    if let Some(schema) = reader.required(root, "schema", "the lock").filter(|schema| schema.value != SCHEMA) {
        reader.wrong(
            schema.span,
            format!("`{}` is not a known version of the lock", schema.value),
            format!("this plimsoll reads `{SCHEMA}`"),
        );
    }
    let Some(servers) = root.get("server") else { return };
    for node in servers.items() {
        let keys = [
            "name",
            "root",
            "inventory",
            "instructions",
            "icons",
            "approved-by",
            "date",
            "tool",
            "prompt",
            "resource",
            "launch",
        ];
        if !reader.map(node, "a server", &keys) {
            continue;
        }
        let name = reader.required(node, "name", "the server");
        let folder = reader.required(node, "root", "the server");
        let (Some(name), Some(folder)) = (name, folder) else { continue };
        let pin = server(node, name.span, reader);
        if lock.servers.insert((name.value, folder.value), pin).is_some() {
            reader.wrong(name.span, "this server stands twice", "keep one of them");
        }
    }
}

fn server(node: Node<'_>, span: Span, reader: &mut Reader) -> ServerPin {
    let inventory = reader.required(node, "inventory", "the server");
    let kinds = [("closed", ()), ("partly-open", ()), ("open", ())];
    let known = inventory.as_ref().is_some_and(|one| reader.choice(one, "kind of inventory", &kinds).is_some());
    let by = reader.text(node, "approved-by").filter(|by| !by.value.trim().is_empty());
    let date = reader.text(node, "date");
    let approval = match (by, date) {
        (Some(by), Some(date)) => Some((by, date.value)),
        (Some(by), None) => {
            reader.wrong(by.span, "the approval has no `date`", "write the day as \"YYYY-MM-DD\"");
            None
        }
        (None, _) => None,
    };
    ServerPin {
        span,
        inventory: inventory.filter(|_| known).map_or_else(String::new, |one| one.value),
        instructions: reader.text(node, "instructions"),
        approval,
        loose: Vec::new(),
        icons: reader.text(node, "icons"),
        tools: by_name(node, "tool", TOOL_PARTS, reader),
        prompts: by_name(node, "prompt", OFFERED_PARTS, reader),
        resources: by_name(node, "resource", OFFERED_PARTS, reader),
        launches: things(node, "launch", &["file", "name"], LAUNCH_PARTS, reader)
            .into_iter()
            .filter_map(|(names, pins)| {
                let mut names = names.into_iter();
                Some(((names.next()?, names.next()?), pins))
            })
            .collect(),
    }
}

/// Things of a server that have a name of their own.
fn by_name(
    server: Node<'_>,
    what: &str,
    parts: &[(&'static str, &str)],
    reader: &mut Reader,
) -> BTreeMap<String, Pins> {
    let all = things(server, what, &["name"], parts, reader).into_iter();
    all.filter_map(|(names, pins)| Some((names.into_iter().next()?, pins))).collect()
}

/// Tools or launches of a server, by the keys that name them.
fn things(
    server: Node<'_>,
    what: &str,
    names: &[&str],
    parts: &[(&'static str, &str)],
    reader: &mut Reader,
) -> BTreeMap<Vec<String>, Pins> {
    let mut found = BTreeMap::new();
    let Some(list) = server.get(what) else { return found };
    let keys: Vec<&str> = names.iter().copied().chain(parts.iter().map(|(key, _)| *key)).collect();
    for node in list.items() {
        if !reader.map(node, &format!("a {what}"), &keys) {
            continue;
        }
        let named: Vec<Spanned<String>> =
            names.iter().filter_map(|key| reader.required(node, key, &format!("the {what}"))).collect();
        let Some(first) = named.first().filter(|_| named.len() == names.len()) else { continue };
        let span = first.span;
        let parts = parts.iter().filter_map(|(key, _)| Some((*key, reader.text(node, key)?))).collect();
        let name = named.into_iter().map(|one| one.value).collect();
        if found.insert(name, Pins { span, parts }).is_some() {
            reader.wrong(span, format!("this {what} stands twice"), "keep one of them");
        }
    }
    found
}

/// The text of a lock: sorted, one value a line.
pub fn write(lock: &Lock) -> String {
    let mut out = format!("{HEAD}schema = \"{SCHEMA}\"\n");
    for ((name, root), server) in &lock.servers {
        out.push_str("\n[[server]]\n");
        entry(&mut out, "name", name);
        entry(&mut out, "root", root);
        entry(&mut out, "inventory", &server.inventory);
        if let Some(instructions) = &server.instructions {
            entry(&mut out, "instructions", &instructions.value);
        }
        if let Some(icons) = &server.icons {
            entry(&mut out, "icons", &icons.value);
        }
        if let Some((by, date)) = &server.approval {
            entry(&mut out, "approved-by", &by.value);
            entry(&mut out, "date", date);
        }
        for (name, pins) in &server.tools {
            out.push_str("\n[[server.tool]]\n");
            entry(&mut out, "name", name);
            all(&mut out, TOOL_PARTS, pins);
        }
        for (what, things) in [("prompt", &server.prompts), ("resource", &server.resources)] {
            for (name, pins) in things {
                out.push_str(&format!("\n[[server.{what}]]\n"));
                entry(&mut out, "name", name);
                all(&mut out, OFFERED_PARTS, pins);
            }
        }
        for ((file, name), pins) in &server.launches {
            out.push_str("\n[[server.launch]]\n");
            entry(&mut out, "file", file);
            entry(&mut out, "name", name);
            all(&mut out, LAUNCH_PARTS, pins);
        }
    }
    out
}

fn all(out: &mut String, parts: &[(&'static str, &str)], pins: &Pins) {
    for (key, _) in parts {
        if let Some(value) = pins.parts.get(key) {
            entry(out, key, &value.value);
        }
    }
}

fn entry(out: &mut String, key: &str, value: &str) {
    let _ = write!(out, "{key} = \"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() => out.push(c),
            c => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
        }
    }
    out.push_str("\"\n");
}
