//! Replacements: a field of one object put into fields of others.

use super::{Builder, transform};
use crate::document::{Node, NodeId, NodeKind};
use crate::source::Span;

/// Steps that one field path may have.
const STEPS: usize = 64;
/// Fields that one target may name by patterns.
const FIELDS: usize = 2_000;

/// One step of a field path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A key, or a number in a list.
    Key(String),
    /// The elements whose field has a value: `[name=x]`.
    Where(String, String),
    /// Every element: `*`.
    Every,
}

impl<'l> Builder<'l> {
    /// Carries out every replacement, in order; what finds nothing to take or to change is a gap.
    pub(super) fn replace(&mut self, folder: &str, root: Node<'l>, objects: &[NodeId]) {
        for item in root.get("replacements").into_iter().flat_map(Node::items) {
            let Some(path) = item.get("path").and_then(Node::as_str) else {
                self.replacement(item, objects);
                continue;
            };
            let Some(document) = self.document_at(folder, path) else {
                self.gap(item.span(), "names replacements that are not in this tree");
                continue;
            };
            if let Some(inside) = crate::extract::boundary::reference::under(folder, path) {
                self.taken.insert(inside);
            }
            for node in document.roots() {
                let all: Vec<Node<'l>> = if node.is_list() { node.items().collect() } else { vec![node] };
                all.into_iter().for_each(|item| self.replacement(item, objects));
            }
        }
    }

    fn replacement(&mut self, item: Node<'_>, objects: &[NodeId]) {
        let Some(value) = item.get("source").and_then(|source| self.taken_from(source, objects)) else {
            self.gap(item.span(), "takes its value from nothing that is in this tree");
            return;
        };
        for target in item.get("targets").into_iter().flat_map(Node::items) {
            let Some(select) = target.get("select") else { continue };
            let rejected = |builder: &Self, object: NodeId| {
                target.get("reject").into_iter().flat_map(Node::items).any(|one| builder.selects(one, object))
            };
            let chosen: Vec<NodeId> = objects
                .iter()
                .copied()
                .filter(|object| self.selects(select, *object) && !rejected(self, *object))
                .collect();
            for path in target.get("fieldPaths").into_iter().flat_map(Node::items) {
                let text = path.scalar().unwrap_or_default();
                let options = target.get("options");
                let done = chosen.iter().filter(|object| self.put(**object, &text, &value, options)).count();
                if done == 0 {
                    self.gap(path.span(), "replaces nothing that is in this tree");
                }
            }
        }
    }

    /// Text and place of what a source names.
    fn taken_from(&self, source: Node<'_>, objects: &[NodeId]) -> Option<(String, Span)> {
        let object = objects.iter().copied().find(|object| self.selects(source, *object))?;
        let path = source.get("fieldPath").and_then(Node::scalar).unwrap_or_else(|| "metadata.name".into());
        let (node, _) = self.fields(object, &steps(&path)).into_iter().next()?;
        let node = self.arena.node(node);
        let text = node.scalar()?;
        let part = source.get("options").and_then(|options| {
            let delimiter = options.get("delimiter").and_then(Node::scalar).filter(|text| !text.is_empty())?;
            let at = options.get("index").and_then(Node::as_int).unwrap_or(0);
            Some(text.split(&*delimiter).nth(usize::try_from(at).ok()?)?.to_string())
        });
        Some((part.unwrap_or(text), node.span()))
    }

    /// Text of the first field that a path leads to.
    pub(super) fn field(&self, object: NodeId, path: &str) -> Option<String> {
        let (node, _) = self.fields(object, &steps(path)).into_iter().next()?;
        self.arena.node(node).scalar()
    }

    /// Whether a selector means an object: every field that it states fits.
    fn selects(&self, selector: Node<'_>, object: NodeId) -> bool {
        let own =
            |keys: &[&str]| self.arena.at(object, keys).and_then(|id| self.arena.node(id).scalar()).unwrap_or_default();
        let version = own(&["apiVersion"]);
        let (group, version) = version.split_once('/').unwrap_or(("", &version));
        let fits = |key: &str, own: &str| {
            selector
                .get(key)
                .and_then(Node::scalar)
                .is_none_or(|said| said.is_empty() || transform::matches(&said, own))
        };
        fits("group", group)
            && fits("version", version)
            && fits("kind", &own(&["kind"]))
            && fits("name", &own(&["metadata", "name"]))
            && fits("namespace", &own(&["metadata", "namespace"]))
    }

    /// Sets the fields of a path; false where there are none.
    fn put(&mut self, object: NodeId, path: &str, value: &(String, Span), options: Option<Node<'_>>) -> bool {
        let steps = steps(path);
        let create = options.and_then(|options| options.get("create")).and_then(Node::as_switch) == Some(true);
        let delimiter = options.and_then(|options| options.get("delimiter")).and_then(Node::scalar);
        let index = options.and_then(|options| options.get("index")).and_then(Node::as_int).unwrap_or(0);
        let mut found = self.fields(object, &steps);
        if let (true, true, Some((Step::Key(last), above))) = (found.is_empty(), create, steps.split_last()) {
            for (map, _) in self.fields(object, above) {
                let made = self.arena.text(&value.0, value.1);
                self.arena.set(map, last, made);
                found.push((made, map));
            }
        }
        for (field, _) in &found {
            let text = match delimiter.as_deref().filter(|delimiter| !delimiter.is_empty()) {
                Some(delimiter) => {
                    let own = self.arena.node(*field).scalar().unwrap_or_default();
                    with_part(&own, delimiter, index, &value.0)
                }
                None => value.0.clone(),
            };
            *self.arena.kind_mut(*field) = NodeKind::Text(text.into());
            self.arena.document.nodes[field.0 as usize].span = value.1;
        }
        !found.is_empty()
    }

    /// The nodes that a path leads to, each with the one that holds it.
    fn fields(&self, object: NodeId, steps: &[Step]) -> Vec<(NodeId, NodeId)> {
        let mut found = vec![(object, object)];
        for step in steps {
            let mut next = Vec::new();
            for (node, _) in found {
                let items = self.arena.items(node);
                match step {
                    Step::Every => next.extend(items.into_iter().map(|item| (item, node))),
                    Step::Where(key, wanted) => {
                        let own =
                            |item: &NodeId| self.arena.get(*item, key).and_then(|id| self.arena.node(id).scalar());
                        next.extend(
                            items
                                .into_iter()
                                .filter(|item| own(item).as_ref() == Some(wanted))
                                .map(|item| (item, node)),
                        );
                    }
                    Step::Key(key) => {
                        let by_number = key.parse::<usize>().ok().and_then(|at| items.get(at).copied());
                        next.extend(self.arena.get(node, key).or(by_number).map(|item| (item, node)));
                    }
                }
            }
            next.truncate(FIELDS);
            found = next;
        }
        found
    }
}

/// A text with one of its parts replaced; one index before the first puts the value in front, one behind the last at the end.
fn with_part(text: &str, delimiter: &str, index: i64, value: &str) -> String {
    let mut parts: Vec<&str> = text.split(delimiter).collect();
    match usize::try_from(index) {
        Err(_) => parts.insert(0, value),
        Ok(at) if at >= parts.len() => parts.push(value),
        Ok(at) => parts[at] = value,
    }
    parts.join(delimiter)
}

/// `spec.template.spec.containers.[name=x].image` as steps; a dot behind a backslash or in brackets is part of a key.
fn steps(path: &str) -> Vec<Step> {
    let (mut steps, mut word, mut bracket, mut escaped) = (Vec::new(), String::new(), false, false);
    for letter in path.chars() {
        match letter {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '.' if !escaped && !bracket => steps.extend(step(std::mem::take(&mut word))),
            '[' if word.is_empty() => bracket = true,
            ']' if bracket => {
                bracket = false;
                let (key, value) =
                    word.split_once('=').map_or((word.clone(), None), |(key, value)| (key.to_string(), Some(value)));
                steps.push(value.map_or(Step::Key(key.clone()), |value| Step::Where(key, value.to_string())));
                word.clear();
            }
            letter => word.push(letter),
        }
        escaped = false;
    }
    steps.extend(step(word));
    steps.truncate(STEPS);
    steps
}

fn step(word: String) -> Option<Step> {
    match word.as_str() {
        "" => None,
        "*" => Some(Step::Every),
        _ => Some(Step::Key(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_paths_are_taken_apart() {
        let key = |text: &str| Step::Key(text.into());
        for (path, expected) in [
            ("metadata.name", vec![key("metadata"), key("name")]),
            (
                "spec.containers.[name=a.b].image",
                vec![key("spec"), key("containers"), Step::Where("name".into(), "a.b".into()), key("image")],
            ),
            ("metadata.annotations.a\\.b/c", vec![key("metadata"), key("annotations"), key("a.b/c")]),
            ("spec.rules.*.host", vec![key("spec"), key("rules"), Step::Every, key("host")]),
            ("a.[b.c]", vec![key("a"), key("b.c")]),
            ("", vec![]),
        ] {
            assert_eq!(steps(path), expected, "{path}");
        }
        for (text, index, expected) in [("a:b", 1, "a:X"), ("a:b", 0, "X:b"), ("a", 9, "a:X"), ("a", -1, "X:a")] {
            assert_eq!(with_part(text, ":", index, "X"), expected);
        }
    }
}
