//! What a kustomization does to its objects: patches, images, the namespace, labels.

use super::{Builder, is_operations, patch};
use crate::document::{Node, NodeId};
use crate::extract::containers::image;
use crate::source::Span;

/// Kinds that stand in no namespace.
const CLUSTER_WIDE: &[&str] = &[
    "Namespace",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "PersistentVolume",
    "StorageClass",
    "PriorityClass",
    "RuntimeClass",
    "IngressClass",
    "GatewayClass",
    "GlobalNetworkPolicy",
    "CiliumClusterwideNetworkPolicy",
];

impl<'l> Builder<'l> {
    /// Everything that a kustomization says beside what it builds upon.
    pub(super) fn transform(&mut self, folder: &str, root: Node<'l>, objects: &mut Vec<NodeId>) {
        self.generate(folder, root, objects);
        for entry in root.get("patchesStrategicMerge").into_iter().flat_map(Node::items) {
            self.patch(folder, entry, None, objects);
        }
        for key in ["patches", "patchesJson6902"] {
            for item in root.get(key).into_iter().flat_map(Node::items) {
                match item.get("patch").or(item.get("path")) {
                    Some(entry) => self.patch(folder, entry, item.get("target"), objects),
                    None => self.patch(folder, item, None, objects),
                }
            }
        }
        if let Some(namespace) = root.get("namespace").filter(|node| node.as_str().is_some()) {
            objects.iter().for_each(|object| self.set_namespace(*object, namespace));
        }
        for item in root.get("images").into_iter().flat_map(Node::items) {
            objects.iter().for_each(|object| self.set_image(*object, item));
        }
        self.label(root, objects);
        self.replace(folder, root, objects);
    }

    /// Applies a patch that stands in place or in a file.
    fn patch(&mut self, folder: &str, entry: Node<'l>, target: Option<Node<'l>>, objects: &mut Vec<NodeId>) {
        let Some(text) = entry.as_str() else { return };
        let in_place = text.contains('\n') || text.contains(": ");
        let inline = if in_place { self.read_text(entry) } else { None };
        let filed = if in_place { None } else { self.document_at(folder, text) };
        if let (Some(path), true) = (crate::extract::boundary::reference::under(folder, text), filed.is_some()) {
            self.taken.insert(path);
        }
        let Some(document) = inline.as_ref().or(filed) else {
            self.gap(entry.span(), "names a patch that could not be read");
            return;
        };
        for change in document.roots().filter(|root| !root.is_null()) {
            self.change(change, entry.span(), target, objects);
        }
    }

    fn change(&mut self, change: Node<'_>, place: Span, target: Option<Node<'_>>, objects: &mut Vec<NodeId>) {
        let chosen: Vec<NodeId> =
            objects.iter().copied().filter(|object| self.is_target(*object, target, change)).collect();
        if chosen.is_empty() {
            self.gap(place, "patches nothing that is in this tree");
        }
        if change.get("$patch").and_then(Node::as_str) == Some("delete") {
            objects.retain(|object| !chosen.contains(object));
            return;
        }
        for object in chosen {
            if !is_operations(change) {
                patch::merge(&mut self.arena, object, change);
            } else if !patch::apply(&mut self.arena, object, change) {
                self.gap(place, "holds an operation that finds nothing to work on");
            }
        }
    }

    /// Whether an object is meant: by the target's patterns, else by the patch's own kind and name.
    fn is_target(&self, object: NodeId, target: Option<Node<'_>>, change: Node<'_>) -> bool {
        let own =
            |keys: &[&str]| self.arena.at(object, keys).and_then(|id| self.arena.node(id).scalar()).unwrap_or_default();
        let (kind, name) = (own(&["kind"]), own(&["metadata", "name"]));
        let Some(target) = target else {
            let said = |keys: &[&str]| change.at(keys).and_then(Node::scalar).unwrap_or_default();
            return said(&["kind"]) == kind && said(&["metadata", "name"]) == name;
        };
        let fits = |key: &str, own: &str| {
            target.get(key).and_then(Node::scalar).is_none_or(|pattern| pattern.is_empty() || matches(&pattern, own))
        };
        let labels = self.arena.at(object, &["metadata", "labels"]);
        let label =
            |key: &str| labels.and_then(|map| self.arena.get(map, key)).and_then(|id| self.arena.node(id).scalar());
        let by_label = target.get("labelSelector").and_then(Node::scalar).is_none_or(|selector| {
            selector.split(',').all(|pair| match pair.split_once('=') {
                Some((key, wanted)) => {
                    label(key.trim()).is_some_and(|own| own == wanted.trim_start_matches('=').trim())
                }
                None => label(pair.trim()).is_some(),
            })
        });
        fits("kind", &kind) && fits("name", &name) && fits("namespace", &own(&["metadata", "namespace"])) && by_label
    }

    fn set_namespace(&mut self, object: NodeId, namespace: Node<'_>) {
        let kind = self.arena.get(object, "kind").and_then(|id| self.arena.node(id).scalar()).unwrap_or_default();
        if CLUSTER_WIDE.contains(&kind.as_str()) {
            return;
        }
        let value = self.arena.copy(namespace);
        let metadata = self.arena.map_at(object, &["metadata"], namespace.span());
        self.arena.set(metadata, "namespace", value);
        let subjects = self.arena.get(object, "subjects").map(|list| self.arena.items(list)).unwrap_or_default();
        for subject in subjects {
            if self.arena.get(subject, "namespace").is_some() {
                self.arena.set(subject, "namespace", value);
            }
        }
    }

    /// Replaces name, tag or digest of an image wherever a container names it.
    fn set_image(&mut self, object: NodeId, item: Node<'_>) {
        let text = |key: &str| item.get(key).and_then(Node::scalar);
        let Some(name) = text("name") else { return };
        for container in self.containers(object) {
            let Some(own) = self.arena.get(container, "image").and_then(|id| self.arena.node(id).scalar()) else {
                continue;
            };
            if image::name(&own) != image::name(&name) {
                continue;
            }
            let (tag, digest) = image::parts(&own);
            let base = text("newName").unwrap_or_else(|| name.clone());
            let suffix = match (text("digest"), text("newTag"), digest, tag) {
                (Some(digest), _, _, _) => format!("@{digest}"),
                (None, Some(tag), _, _) => format!(":{tag}"),
                (None, None, Some(digest), _) => format!("@{digest}"),
                (None, None, None, Some(tag)) => format!(":{tag}"),
                (None, None, None, None) => String::new(),
            };
            let place = ["digest", "newTag", "newName"].iter().find_map(|key| item.get(key)).unwrap_or(item).span();
            let value = self.arena.text(&format!("{base}{suffix}"), place);
            self.arena.set(container, "image", value);
        }
    }

    fn containers(&self, object: NodeId) -> Vec<NodeId> {
        let chains: [&[&str]; 3] =
            [&["spec", "template", "spec"], &["spec", "jobTemplate", "spec", "template", "spec"], &["spec"]];
        let specs = chains.iter().filter_map(|keys| self.arena.at(object, keys));
        let lists = specs.flat_map(|spec| ["containers", "initContainers"].map(|key| self.arena.get(spec, key)));
        lists.flatten().flat_map(|list| self.arena.items(list)).collect()
    }

    /// Labels of all objects, of their pods, and of what selects them.
    fn label(&mut self, root: Node<'l>, objects: &[NodeId]) {
        let mut sets: Vec<(Node<'l>, bool, bool)> = Vec::new();
        sets.extend(root.get("commonLabels").map(|pairs| (pairs, true, true)));
        for item in root.get("labels").into_iter().flat_map(Node::items) {
            let on = |key: &str| item.get(key).and_then(Node::as_switch) == Some(true);
            let selectors = on("includeSelectors");
            sets.extend(item.get("pairs").map(|pairs| (pairs, selectors, selectors || on("includeTemplates"))));
        }
        for (pairs, selectors, templates) in sets {
            for object in objects {
                self.label_object(*object, pairs, selectors, templates);
            }
        }
    }

    fn label_object(&mut self, object: NodeId, pairs: Node<'_>, selectors: bool, templates: bool) {
        let kind = self.arena.get(object, "kind").and_then(|id| self.arena.node(id).scalar()).unwrap_or_default();
        let mut maps = vec![self.arena.map_at(object, &["metadata", "labels"], pairs.span())];
        for keys in [&["spec", "template"][..], &["spec", "jobTemplate", "spec", "template"]] {
            if let (true, Some(template)) = (templates, self.arena.at(object, keys)) {
                maps.push(self.arena.map_at(template, &["metadata", "labels"], pairs.span()));
            }
        }
        let chosen: Option<&[&str]> = match (kind.as_str(), selectors) {
            ("Service", true) => Some(&["spec", "selector"]),
            ("NetworkPolicy", true) => Some(&["spec", "podSelector", "matchLabels"]),
            (_, true) => Some(&["spec", "selector", "matchLabels"]),
            (_, false) => None,
        };
        // Only what has a selector gets labels in it.
        if let Some(map) = chosen.and_then(|keys| self.arena.at(object, keys)) {
            maps.push(map);
        }
        for map in maps {
            for (key, value) in pairs.entries() {
                let made = self.arena.copy(value);
                self.arena.set(map, &key.scalar().unwrap_or_default(), made);
            }
        }
    }
}

/// Whether a target's pattern, a regular expression over the whole name, fits; one that is none fits itself.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    pattern == name || regex::Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|pattern| pattern.is_match(name))
}
