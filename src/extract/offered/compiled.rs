//! Prompts, resources, instructions and icons that Go and Rust sources offer.

use super::shown;
use crate::code::{Language, MapEntry, MapKey, Module, ValueId, ValueKind};
use crate::model::text::ModelText;

/// Values within values that are followed.
const DEPTH: usize = 8;
/// Constructors of SDKs, by what they make: functions of Go, and types of Rust with a `new`.
const CALLS: &[(&str, &str)] = &[
    ("NewPrompt", "prompt"),
    ("Prompt", "prompt"),
    ("NewResource", "resource"),
    ("NewResourceTemplate", "resource"),
    ("RawResource", "resource"),
    ("RawResourceTemplate", "resource"),
    ("WithInstructions", "instructions"),
    ("with_instructions", "instructions"),
];
/// Types whose literals are shown, with the fields that are; none for all that are telling.
const TYPES: &[(&str, &str, &[&str])] = &[
    ("Prompt", "prompt", &[]),
    ("Resource", "resource", &[]),
    ("ResourceTemplate", "resource", &[]),
    ("RawResource", "resource", &[]),
    ("RawResourceTemplate", "resource", &[]),
    ("ServerOptions", "instructions", &["instructions"]),
    ("ServerInfo", "instructions", &["instructions"]),
    ("InitializeResult", "instructions", &["instructions"]),
    ("Icon", "icon", &["src", "source"]),
];
const TELLING: &[&str] = &["name", "title", "description", "uri", "uritemplate", "uri_template", "arguments"];

/// Whether a module is of a language that this reads, and takes something of an SDK.
pub fn speaks(module: &Module) -> bool {
    let sdk = |name: &str| match module.language {
        Language::Go => name.contains("mark3labs/mcp-go") || name.contains("modelcontextprotocol/go-sdk"),
        Language::Rust => {
            let first = name.split("::").next().unwrap_or_default();
            matches!(first, "rmcp" | "rust_mcp_sdk" | "rust_mcp_schema" | "poem_mcpserver")
        }
        Language::Python | Language::TypeScript => false,
    };
    module.imports.iter().any(|import| sdk(&import.module))
}

/// Adds what a module shows.
pub fn source(module: &Module, found: &mut Vec<ModelText>) {
    for function in &module.functions {
        let attribute = function.decorators.iter().find(|decorator| named(module, **decorator) == Some("prompt"));
        let Some(attribute) = attribute else { continue };
        let owner = function.name.as_deref().unwrap_or_default();
        if let Some(words) = &function.documentation {
            found.extend(shown("prompt", owner, &words.text, words.span, "source"));
        }
        beneath(module, "prompt", owner, *attribute, DEPTH, found);
    }
    for value in &module.values {
        match &value.kind {
            ValueKind::Call(call) => {
                let Some(slot) = made(module, call.callee) else { continue };
                let first = call.arguments.first().and_then(|first| super::text(module, first.value));
                let owner = first.map_or(slot, |(text, _)| text).to_string();
                for argument in &call.arguments {
                    beneath(module, slot, &owner, argument.value, DEPTH, found);
                }
            }
            ValueKind::Construct { of, entries } => construct(module, *of, entries, found),
            _ => {}
        }
    }
}

/// What a constructor of an SDK makes: `mcp.NewPrompt(…)`, `Prompt::new(…)`.
fn made(module: &Module, callee: ValueId) -> Option<&'static str> {
    let ValueKind::Field { base, name } = &module.value(callee).kind else { return None };
    let wanted = if &**name == "new" { last(module, *base)? } else { name };
    CALLS.iter().find(|(known, _)| *known == wanted).map(|(_, slot)| *slot)
}

fn construct(module: &Module, of: ValueId, entries: &[MapEntry], found: &mut Vec<ModelText>) {
    let Some((_, slot, fields)) = last(module, of).and_then(|of| TYPES.iter().find(|(known, ..)| *known == of)) else {
        return;
    };
    let is_wanted = |name: &str| {
        let lower = name.to_ascii_lowercase();
        if fields.is_empty() { TELLING.contains(&lower.as_str()) } else { fields.contains(&lower.as_str()) }
    };
    let named = |entry: &&MapEntry| matches!(&entry.key, MapKey::Name(name, _) if is_wanted(name));
    let owner =
        entries.iter().find(|entry| matches!(&entry.key, MapKey::Name(name, _) if name.eq_ignore_ascii_case("name")));
    let owner = owner.and_then(|entry| super::text(module, entry.value)).map_or(*slot, |(text, _)| text).to_string();
    for entry in entries.iter().filter(named) {
        beneath(module, slot, &owner, entry.value, DEPTH, found);
    }
}

/// Last segment of a name or path.
fn last(module: &Module, value: ValueId) -> Option<&str> {
    match &module.value(value).kind {
        ValueKind::Name(name) | ValueKind::Field { name, .. } => Some(name),
        ValueKind::Generic { base, .. } => last(module, *base),
        _ => None,
    }
}

/// Name of a decorator, with or without arguments.
fn named(module: &Module, decorator: ValueId) -> Option<&str> {
    match &module.value(decorator).kind {
        ValueKind::Call(call) => last(module, call.callee),
        _ => last(module, decorator),
    }
}

/// Every text in a value: in options that wrap it, in lists, and in the telling fields of literals.
fn beneath(module: &Module, slot: &str, owner: &str, value: ValueId, depth: usize, found: &mut Vec<ModelText>) {
    if depth == 0 {
        return;
    }
    if let Some((text, span)) = super::text(module, value) {
        return found.extend(shown(slot, owner, text, span, "source"));
    }
    let mut below = |value: ValueId| beneath(module, slot, owner, value, depth - 1, found);
    match &module.value(value).kind {
        ValueKind::Call(call) => {
            // `"…".into()`, `String::from("…")`, `Some("…")`, `WithPromptDescription("…")`.
            if let ValueKind::Field { base, .. } = &module.value(call.callee).kind {
                below(*base);
            }
            call.arguments.iter().for_each(|argument| below(argument.value));
        }
        ValueKind::List(items) | ValueKind::Tuple(items) => items.iter().for_each(|item| below(*item)),
        ValueKind::Construct { entries, .. } => {
            let telling = |entry: &&MapEntry| match &entry.key {
                MapKey::Name(name, _) => TELLING.contains(&name.to_ascii_lowercase().as_str()),
                _ => true,
            };
            entries.iter().filter(telling).for_each(|entry| below(entry.value));
        }
        _ => {}
    }
}
