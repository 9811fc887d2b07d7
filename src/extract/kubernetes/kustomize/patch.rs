//! Patches: strategic merges by the keys that Kubernetes merges lists by, and JSON patches by pointer.

use crate::document::{Node, NodeId, NodeKind};
use crate::extract::kubernetes::arena::Arena;

/// Lists whose elements are merged, and the keys that tell them apart.
const MERGED: &[(&str, &[&str])] = &[
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("env", &["name"]),
    ("volumes", &["name"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("ports", &["containerPort", "port"]),
    ("imagePullSecrets", &["name"]),
    ("secrets", &["name"]),
    ("hostAliases", &["ip"]),
    ("topologySpreadConstraints", &["topologyKey"]),
];
/// Levels that one patch may go down.
const DEPTH: usize = 100;

/// Merges a patch into a node in place.
pub fn merge(arena: &mut Arena, target: NodeId, patch: Node<'_>) {
    merge_within(arena, target, patch, DEPTH);
}

fn merge_within(arena: &mut Arena, target: NodeId, patch: Node<'_>, depth: usize) {
    if depth == 0 || directive(patch) == Some("replace") {
        let made = arena.copy(patch);
        arena.remove(made, "$patch");
        *arena.kind_mut(target) = arena.kind(made).clone();
        return;
    }
    for (key, value) in patch.entries() {
        let Some(name) = key.scalar().filter(|name| !name.starts_with("$patch") && !name.starts_with("$set")) else {
            continue;
        };
        if value.is_null() || directive(value) == Some("delete") {
            arena.remove(target, &name);
            continue;
        }
        match (arena.get(target, &name), value.kind()) {
            (Some(own), NodeKind::Map(_)) if matches!(arena.kind(own), NodeKind::Map(_)) => {
                merge_within(arena, own, value, depth - 1);
            }
            (Some(own), NodeKind::List(_)) if merge_keys(&name).is_some() => {
                merge_list(arena, own, value, merge_keys(&name).unwrap_or_default(), depth - 1);
            }
            (_, _) => {
                let made = arena.copy(value);
                arena.set(target, &name, made);
            }
        }
    }
}

fn merge_keys(name: &str) -> Option<&'static [&'static str]> {
    MERGED.iter().find(|(list, _)| *list == name).map(|(_, keys)| *keys)
}

fn directive(node: Node<'_>) -> Option<&str> {
    node.get("$patch").and_then(Node::as_str)
}

fn merge_list(arena: &mut Arena, list: NodeId, patch: Node<'_>, keys: &[&str], depth: usize) {
    if patch.items().any(|item| directive(item) == Some("replace")) {
        let items = patch.items().filter(|item| directive(*item).is_none());
        let made: Vec<NodeId> = items.map(|item| arena.copy(item)).collect();
        *arena.kind_mut(list) = NodeKind::List(made);
        return;
    }
    for item in patch.items() {
        let identity = keys.iter().find_map(|key| Some((*key, item.get(key)?.scalar()?)));
        let own = identity.as_ref().and_then(|(key, wanted)| {
            arena
                .items(list)
                .into_iter()
                .find(|own| arena.get(*own, key).and_then(|id| arena.node(id).scalar()).as_ref() == Some(wanted))
        });
        match (own, directive(item) == Some("delete")) {
            (Some(own), true) => {
                if let NodeKind::List(items) = arena.kind_mut(list) {
                    items.retain(|id| *id != own);
                }
            }
            (Some(own), false) => merge_within(arena, own, item, depth.saturating_sub(1)),
            (None, true) => {}
            (None, false) => {
                let made = arena.copy(item);
                if let NodeKind::List(items) = arena.kind_mut(list) {
                    items.push(made);
                }
            }
        }
    }
}

/// Applies the operations of a JSON patch in order; false where one of them finds nothing to work on.
pub fn apply(arena: &mut Arena, target: NodeId, operations: Node<'_>) -> bool {
    operations.items().all(|operation| {
        let text = |key: &str| operation.get(key).and_then(Node::as_str);
        let (Some(verb), Some(path)) = (text("op"), text("path")) else { return false };
        match verb {
            "add" | "replace" => {
                let Some(value) = operation.get("value") else { return false };
                let made = arena.copy(value);
                put(arena, target, path, made, verb == "add")
            }
            "remove" => take(arena, target, path).is_some(),
            "copy" => text("from").and_then(|from| find(arena, target, from)).is_some_and(|node| {
                let made = arena.copy_own(node);
                put(arena, target, path, made, true)
            }),
            "move" => text("from")
                .and_then(|from| take(arena, target, from))
                .is_some_and(|node| put(arena, target, path, node, true)),
            "test" => find(arena, target, path).is_some(),
            _ => false,
        }
    })
}

fn steps(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

fn find(arena: &Arena, target: NodeId, path: &str) -> Option<NodeId> {
    steps(path).iter().try_fold(target, |node, step| child(arena, node, step))
}

fn child(arena: &Arena, node: NodeId, step: &str) -> Option<NodeId> {
    match arena.kind(node) {
        NodeKind::List(items) => items.get(step.parse::<usize>().ok()?).copied(),
        _ => arena.get(node, step),
    }
}

/// The node that holds the last step, and that step.
fn parent(arena: &Arena, target: NodeId, path: &str) -> Option<(NodeId, String)> {
    let mut steps = steps(path);
    let last = steps.pop()?;
    let node = steps.iter().try_fold(target, |node, step| child(arena, node, step))?;
    Some((node, last))
}

fn put(arena: &mut Arena, target: NodeId, path: &str, value: NodeId, inserts: bool) -> bool {
    let Some((node, last)) = parent(arena, target, path) else { return false };
    if let NodeKind::List(items) = arena.kind_mut(node) {
        match (last.as_str(), last.parse::<usize>()) {
            ("-", _) => items.push(value),
            (_, Ok(at)) if inserts && at <= items.len() => items.insert(at, value),
            (_, Ok(at)) if at < items.len() => items[at] = value,
            (_, _) => return false,
        }
        return true;
    }
    let is_known = arena.get(node, &last).is_some();
    if is_known || inserts {
        arena.set(node, &last, value);
    }
    is_known || inserts
}

fn take(arena: &mut Arena, target: NodeId, path: &str) -> Option<NodeId> {
    let (node, last) = parent(arena, target, path)?;
    let found = child(arena, node, &last)?;
    match arena.kind_mut(node) {
        NodeKind::List(items) => items.retain(|id| *id != found),
        NodeKind::Map(_) => arena.remove(node, &last),
        _ => return None,
    }
    Some(found)
}
