//! How one layer of a compose file is laid over another, key by key, as the specification says.

use super::tree::{Entry, Kind, Tree};
use crate::model::known::Spanned;

/// Sequences whose elements are replaced as a whole by the later layer.
const REPLACED: &[&str] = &["command", "entrypoint"];
/// Keys whose list form is another way to write a map.
const MAPS: &[&str] = &["environment", "labels", "extra_hosts", "sysctls", "args", "annotations", "networks"];

/// Lays a file or service over another. The outcome holds no `!reset` and no `!override`.
pub fn lay_over(base: Tree, over: Tree) -> Tree {
    settled(merged(base, over, ""))
}

/// Takes `!reset` and `!override` out of a value that has nothing under it.
pub fn settled(mut tree: Tree) -> Tree {
    if let Kind::Map(entries) = &mut tree.kind {
        entries.retain(|entry| entry.value.tag.as_deref() != Some("!reset"));
        let all = std::mem::take(entries);
        *entries = all.into_iter().map(|entry| Entry { key: entry.key, value: settled(entry.value) }).collect();
    }
    tree
}

fn merged(base: Tree, over: Tree, key: &str) -> Tree {
    if matches!(over.tag.as_deref(), Some("!reset" | "!override")) {
        return over;
    }
    if key == "test" || REPLACED.contains(&key) {
        return over;
    }
    let (base, over) = (in_form(base, key), in_form(over, key));
    match (base.kind, over.kind) {
        (kind, Kind::Null) => Tree { kind, ..Tree::of(Kind::Null, base.span).with_earlier(base.earlier) },
        (Kind::Map(below), Kind::Map(above)) => Tree::of(Kind::Map(maps(below, above, key)), base.span),
        (Kind::List(below), Kind::List(above)) => Tree::of(Kind::List(lists(below, above, key)), base.span),
        (Kind::Scalar { text, .. }, kind) => {
            let mut earlier = base.earlier;
            earlier.push(Spanned::new(text, base.span));
            earlier.extend(over.earlier);
            Tree { kind, span: over.span, tag: None, earlier }
        }
        (_, kind) => Tree { kind, span: over.span, tag: None, earlier: over.earlier },
    }
}

impl Tree {
    fn with_earlier(mut self, earlier: Vec<Spanned<String>>) -> Self {
        self.earlier = earlier;
        self
    }
}

fn maps(mut below: Vec<Entry>, above: Vec<Entry>, key: &str) -> Vec<Entry> {
    for entry in above {
        match below.iter().position(|old| old.key.value == entry.key.value) {
            Some(at) if matches!(key, "environment" | "labels" | "args") => below[at] = entry,
            Some(at) => {
                let old = below[at].value.clone();
                below[at].value = merged(old, entry.value, &entry.key.value);
            }
            None => below.push(entry),
        }
    }
    below
}

/// Sequences add up; where elements have an identity, the later one takes the place of the earlier.
fn lists(mut below: Vec<Tree>, above: Vec<Tree>, key: &str) -> Vec<Tree> {
    for item in above {
        let name = identity(&item, key);
        match below.iter().position(|old| name.is_some() && identity(old, key) == name) {
            Some(at) => below[at] = item,
            None => below.push(item),
        }
    }
    below
}

/// What makes two elements of a sequence the same one.
fn identity(item: &Tree, key: &str) -> Option<String> {
    let text = || item.text().map(|text| text.value);
    let part = |name: &str| item.get(name).and_then(Tree::text).map(|text| text.value);
    let parts = |names: &[&str]| names.iter().map(|name| part(name).unwrap_or_default()).collect::<Vec<_>>().join("|");
    match key {
        "volumes" if item.is_map() => part("target"),
        "volumes" => {
            let fields = super::super::mount::split_fields(&text()?);
            fields.get(1).or(fields.first()).cloned()
        }
        "secrets" | "configs" if item.is_map() => part("target").or_else(|| part("source")),
        "ports" if item.is_map() => Some(parts(&["host_ip", "target", "published", "protocol"])),
        "env_file" if item.is_map() => part("path"),
        "devices" if item.is_map() => part("target"),
        _ => text(),
    }
}

/// The list form of what is a map, and the short form of what is a list, in the form that can be merged.
fn in_form(tree: Tree, key: &str) -> Tree {
    let is_list_key = matches!(key, "tmpfs" | "env_file" | "dns" | "dns_search");
    match (&tree.kind, key) {
        (Kind::List(items), key) if MAPS.contains(&key) => {
            let entries = items.iter().filter_map(|item| pair(item, key)).collect();
            Tree::of(Kind::Map(entries), tree.span)
        }
        (Kind::Scalar { .. }, "build") => {
            let span = tree.span;
            let context = Entry { key: Spanned::new("context".into(), span), value: tree };
            Tree::of(Kind::Map(vec![context]), span)
        }
        (Kind::Scalar { .. }, _) if is_list_key => {
            let span = tree.span;
            Tree::of(Kind::List(vec![tree]), span)
        }
        _ => tree,
    }
}

/// `NAME=value` as an entry; `NAME` alone has no value.
fn pair(item: &Tree, key: &str) -> Option<Entry> {
    let Kind::Scalar { written, text } = &item.kind else { return None };
    let at = if key == "extra_hosts" { written.find(['=', ':']) } else { written.find('=') };
    let split = |whole: &str| {
        whole
            .split_once(if key == "extra_hosts" { &['=', ':'][..] } else { &['='][..] })
            .map(|(name, value)| (name.trim().to_string(), value.to_string()))
    };
    let (name, value) = match at.and_then(|_| Some((split(written)?, split(text)?))) {
        Some(((name, written), (_, text))) => (name, Kind::Scalar { written, text }),
        None => (text.trim().to_string(), Kind::Null),
    };
    Some(Entry { key: Spanned::new(name, item.span), value: Tree::of(value, item.span) })
}

/// A service's `environment`, or anything of that shape, as entries.
pub fn entries_of(tree: &Tree, key: &str) -> Vec<Entry> {
    in_form(tree.clone(), key).entries().to_vec()
}
