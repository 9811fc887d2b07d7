//! Icons in source: whose each is, where it stands in what registers a tool.

use std::collections::BTreeMap;

use super::text;
use crate::code::{Argument, MapKey, Module, ValueId, ValueKind};
use crate::source::Span;

/// Members that register a tool.
const REGISTERS: &[&str] = &["tool", "registerTool", "addTool", "add_tool", "AddTool"];
/// Levels that a list of icons may stand below an argument.
const DEPTH: usize = 4;

/// The tool of every icon that stands among the arguments of its registration.
pub fn of_tools(module: &Module) -> BTreeMap<Span, String> {
    let mut found = BTreeMap::new();
    for function in &module.functions {
        for decorator in &function.decorators {
            let named = |arguments: &[Argument]| name_of(module, arguments);
            let Some(arguments) = registers(module, *decorator) else { continue };
            let name = named(arguments).or_else(|| function.name.as_ref().map(ToString::to_string));
            take(module, arguments, name, &mut found);
        }
    }
    for at in 0..module.values.len() {
        if let Some(arguments) = registers(module, ValueId(at as u32)) {
            take(module, arguments, name_of(module, arguments), &mut found);
        }
    }
    found
}

fn take(module: &Module, arguments: &[Argument], name: Option<String>, found: &mut BTreeMap<Span, String>) {
    let Some(name) = name else { return };
    for argument in arguments {
        let lists = if argument.name.as_deref() == Some("icons") {
            vec![argument.value]
        } else {
            entries(module, argument.value, "icons")
        };
        for span in lists.into_iter().flat_map(|list| sources(module, list, DEPTH)) {
            found.entry(span).or_insert_with(|| name.clone());
        }
    }
}

/// Arguments of a call of one of the members.
fn registers(module: &Module, value: ValueId) -> Option<&[Argument]> {
    let ValueKind::Call(call) = &module.value(value).kind else { return None };
    let ValueKind::Field { name, .. } = &module.value(call.callee).kind else { return None };
    REGISTERS.contains(&name.as_str()).then_some(call.arguments.as_slice())
}

/// The name that a registration gives: its first text, or what stands under `name`.
fn name_of(module: &Module, arguments: &[Argument]) -> Option<String> {
    let first = arguments.first().filter(|first| first.name.is_none()).and_then(|first| text(module, first.value));
    let named =
        || arguments.iter().find(|one| one.name.as_deref() == Some("name")).and_then(|one| text(module, one.value));
    let inside = || {
        let mut values = arguments.iter().flat_map(|one| entries(module, one.value, "name"));
        values.find_map(|value| text(module, value))
    };
    first.or_else(named).or_else(inside).map(|(text, _)| text.to_string())
}

/// Values under a key of a map.
fn entries(module: &Module, value: ValueId, key: &str) -> Vec<ValueId> {
    let ValueKind::Map(entries) = &module.value(value).kind else { return Vec::new() };
    let is = |name: &MapKey| matches!(name, MapKey::Name(name, _) if name == key);
    entries.iter().filter(|entry| is(&entry.key)).map(|entry| entry.value).collect()
}

/// Places of the addresses below a value.
fn sources(module: &Module, value: ValueId, depth: usize) -> Vec<Span> {
    if depth == 0 {
        return Vec::new();
    }
    let told = |value: ValueId| text(module, value).map(|(_, span)| span);
    match &module.value(value).kind {
        ValueKind::List(items) => items.iter().flat_map(|item| sources(module, *item, depth - 1)).collect(),
        ValueKind::Map(_) => entries(module, value, "src").into_iter().filter_map(told).collect(),
        ValueKind::Call(call) => {
            let src = call.arguments.iter().filter(|one| one.name.as_deref() == Some("src"));
            src.filter_map(|one| told(one.value)).collect()
        }
        _ => Vec::new(),
    }
}

/// Addresses of a list of icons, as far as they are written as maps.
pub fn listed(module: &Module, list: ValueId) -> Vec<(&str, Span)> {
    let ValueKind::List(icons) = &module.value(list).kind else { return Vec::new() };
    let addresses = icons.iter().flat_map(|icon| entries(module, *icon, "src"));
    addresses.filter_map(|value| text(module, value)).collect()
}
