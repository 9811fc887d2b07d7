//! Kubernetes objects: what each is, its name, namespace and labels, and where its pod stands.

use std::collections::BTreeMap;

use super::value;
use crate::document::Node;
use crate::model::known::Known;

/// Lists that may stand in lists.
const DEPTH: usize = 4;
/// Objects that one file may hold.
const MOST: usize = 20_000;

/// One object of a manifest.
#[derive(Clone)]
pub struct Object<'a> {
    /// Group of its API, without version; empty for the core.
    pub group: String,
    /// `Deployment`, `Service`, …
    pub kind: String,
    /// `metadata.name`.
    pub name: Known<String>,
    /// `metadata.namespace`; absent where whoever applies it decides.
    pub namespace: Known<String>,
    /// The whole.
    pub root: Node<'a>,
    /// File or folder that it comes from, for people.
    pub layer: String,
    /// Environment that its file speaks for.
    pub environment: Option<String>,
}

impl<'a> Object<'a> {
    /// The objects of a document, those of lists taken apart.
    pub fn read_all(roots: impl Iterator<Item = Node<'a>>, layer: &str) -> Vec<Object<'a>> {
        let mut found = Vec::new();
        roots.for_each(|root| read(root, layer, DEPTH, &mut found));
        found
    }

    /// A node of its specification.
    pub fn spec(&self, keys: &[&str]) -> Option<Node<'a>> {
        self.root.get("spec")?.at(keys)
    }

    /// Pod specification and pod labels of a workload; nothing for other kinds.
    pub fn pod(&self) -> Option<(Node<'a>, Option<Node<'a>>)> {
        let keys: &[&str] = match (self.kind.as_str(), self.group.as_str()) {
            ("Pod", "") => return Some((self.root.get("spec")?, self.root.at(&["metadata", "labels"]))),
            ("Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet", "apps" | "extensions")
            | ("ReplicationController", "")
            | ("Job", "batch")
            | ("Rollout", "argoproj.io")
            | ("Service" | "Configuration", "serving.knative.dev") => &["spec", "template"],
            ("CronJob", "batch") => &["spec", "jobTemplate", "spec", "template"],
            ("PodTemplate", "") => &["template"],
            _ => return None,
        };
        let template = self.root.at(keys)?;
        Some((template.get("spec")?, template.at(&["metadata", "labels"])))
    }

    /// Its own labels.
    pub fn labels(&self) -> Labels {
        labels(self.root.at(&["metadata", "labels"]))
    }

    /// An annotation.
    pub fn annotation(&self, name: &str) -> Known<String> {
        value::at(self.root, &["metadata", "annotations", name])
    }
}

/// Labels by name.
pub type Labels = BTreeMap<String, Known<String>>;

/// The labels of a map.
pub fn labels(map: Option<Node<'_>>) -> Labels {
    let entries = map.into_iter().flat_map(Node::entries);
    entries.filter_map(|(key, value)| Some((key.scalar()?, value::known(value)))).collect()
}

fn read<'a>(root: Node<'a>, layer: &str, depth: usize, found: &mut Vec<Object<'a>>) {
    let text = |key: &str| root.get(key).and_then(Node::as_str);
    let (Some(version), Some(kind)) = (text("apiVersion"), text("kind")) else { return };
    if found.len() >= MOST {
        return;
    }
    if let (true, Some(items)) =
        (kind.ends_with("List") && depth > 0, root.get("items").filter(|items| items.is_list()))
    {
        items.items().for_each(|item| read(item, layer, depth - 1, found));
        return;
    }
    let group = version.split_once('/').map_or("", |(group, _)| group);
    found.push(Object {
        group: group.to_string(),
        kind: kind.to_string(),
        name: value::at(root, &["metadata", "name"]),
        namespace: value::at(root, &["metadata", "namespace"]),
        root,
        layer: layer.to_string(),
        environment: None,
    });
}
