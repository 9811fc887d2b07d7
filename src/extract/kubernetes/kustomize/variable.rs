//! Variables of kustomizations, as they were before replacements: `$(NAME)` anywhere in what is applied.

use std::collections::BTreeMap;

use super::{Builder, transform};
use crate::document::{Node, NodeId, NodeKind};

/// Variables that one kustomization may declare.
const MOST: usize = 1_000;
/// Longest text that one may stand in, in bytes.
const LONGEST: usize = 100_000;

impl<'l> Builder<'l> {
    /// Remembers what a kustomization declares; all are filled in once everything is put together.
    pub(super) fn declare(&mut self, root: Node<'l>) {
        let room = MOST.saturating_sub(self.variables.len());
        self.variables.extend(root.get("vars").into_iter().flat_map(Node::items).take(room));
    }

    /// Fills in every variable; what takes its value from nothing here is a gap.
    pub(super) fn fill_in(&mut self, objects: &[NodeId]) {
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        for item in std::mem::take(&mut self.variables) {
            let name = item.get("name").and_then(Node::scalar);
            match (name, self.value_of(item, objects)) {
                (Some(name), Some(value)) => drop(values.insert(format!("$({name})"), value)),
                (_, _) => self.gap(item.span(), "takes its value from nothing that is in this tree"),
            }
        }
        if values.is_empty() {
            return;
        }
        for data in &mut self.arena.document.nodes {
            let NodeKind::Text(text) = &data.kind else { continue };
            if text.len() > LONGEST || !text.contains("$(") {
                continue;
            }
            let filled = values.iter().fold(text.to_string(), |text, (name, value)| text.replace(name, value));
            data.kind = NodeKind::Text(filled.into());
        }
    }

    /// What the field of the object that a variable refers to holds; its name where it names no field.
    fn value_of(&self, item: Node<'_>, objects: &[NodeId]) -> Option<String> {
        let wanted = item.get("objref")?;
        let own =
            |object: NodeId, keys: &[&str]| self.arena.at(object, keys).and_then(|id| self.arena.node(id).scalar());
        let fits = |object: NodeId, key: &str, keys: &[&str]| {
            let said = wanted.get(key).and_then(Node::scalar);
            said.is_none_or(|said| own(object, keys).is_some_and(|own| transform::matches(&said, &own)))
        };
        let object = objects.iter().copied().find(|object| {
            fits(*object, "kind", &["kind"])
                && fits(*object, "name", &["metadata", "name"])
                && fits(*object, "namespace", &["metadata", "namespace"])
        })?;
        let path = item.at(&["fieldref", "fieldpath"]).or_else(|| item.at(&["fieldref", "fieldPath"]));
        let path = path.and_then(Node::scalar).unwrap_or_else(|| "metadata.name".into());
        // An element stands in brackets right behind its list here: `containers[0]`.
        self.field(object, &path.replace('[', ".["))
    }
}
