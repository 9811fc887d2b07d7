//! Kong's plugins as resources of a cluster: `KongPlugin` and `KongClusterPlugin`, and what they are attached to.

use super::{AUTHENTICATES, MAX_PLUGINS, admits, oauth, tools};
use crate::discover::FileKind;
use crate::document::Node;
use crate::extract::kubernetes::entry;
use crate::extract::kubernetes::object::Object;
use crate::load::Loaded;
use crate::model::Facts;
use crate::source::Span;

/// Annotation that names the plugins of an object.
const ANNOTATION: &str = "konghq.com/plugins";

/// A plugin that is not switched off.
struct Plugin<'s, 'a> {
    object: &'s Object<'a>,
    kind: &'a str,
    place: Span,
}

/// Reads every plugin of the tree that serves MCP, and what stands before it.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let files = loaded.documents_of(FileKind::Kubernetes).filter(|(file, _)| file.role.is_own());
    let objects: Vec<Object<'_>> =
        files.flat_map(|(file, document)| Object::read_all(document.roots(), &file.path)).collect();
    let plugins: Vec<Plugin<'_, '_>> = objects.iter().filter_map(plugin).take(MAX_PLUGINS).collect();
    if !plugins.iter().any(|plugin| plugin.kind.starts_with("ai-mcp-")) {
        return;
    }
    for plugin in &plugins {
        let name = plugin.object.name.value().map_or("kong", String::as_str);
        match plugin.kind {
            "ai-mcp-proxy" => proxy(plugin, &plugins, &objects, facts),
            "ai-mcp-oauth2" => oauth(name, plugin.object.root, facts),
            _ => {}
        }
    }
}

fn plugin<'s, 'a>(object: &'s Object<'a>) -> Option<Plugin<'s, 'a>> {
    let is_plugin = matches!(object.kind.as_str(), "KongPlugin" | "KongClusterPlugin");
    let is_on = object.root.get("disabled").and_then(Node::as_switch) != Some(true);
    let kind =
        object.root.get("plugin").filter(|_| is_plugin && is_on && object.group == "configuration.konghq.com")?;
    Some(Plugin { object, kind: kind.as_str()?, place: kind.span() })
}

impl Plugin<'_, '_> {
    /// Whether it runs for every request, whatever it is attached to.
    fn is_global(&self) -> bool {
        let label = self.object.root.at(&["metadata", "labels", "global"]).and_then(Node::scalar);
        self.object.kind == "KongClusterPlugin" && label.as_deref() == Some("true")
    }

    /// Whether an object names it: by annotation, or as a filter of a route.
    fn is_named_by(&self, holder: &Object<'_>) -> bool {
        let Some(own) = self.object.name.value() else { return false };
        let annotated = holder.annotation(ANNOTATION);
        let by_annotation = annotated.value().is_some_and(|names| {
            names.split(',').any(|name| name.trim().rsplit(':').next().is_some_and(|name| name == own))
        });
        let rules = holder.spec(&["rules"]).into_iter().flat_map(Node::items);
        let mut filters = rules.filter_map(|rule| rule.get("filters")).flat_map(Node::items);
        let references = |filter: Node<'_>| {
            let text = |key: &str| filter.at(&["extensionRef", key]).and_then(Node::scalar);
            text("kind").as_deref() == Some("KongPlugin") && text("name").as_ref() == Some(own)
        };
        by_annotation || filters.any(references)
    }
}

/// A plugin serves where something names it; who may call is up to the others that stand before the same.
fn proxy(plugin: &Plugin<'_, '_>, all: &[Plugin<'_, '_>], objects: &[Object<'_>], facts: &mut Facts) {
    tools(plugin.object.root, facts);
    let mode = plugin.object.root.at(&["config", "mode"]).and_then(Node::as_str).unwrap_or_default();
    if mode == "conversion-only" {
        return;
    }
    let guards: Vec<&Plugin<'_, '_>> = all.iter().filter(|other| AUTHENTICATES.contains(&other.kind)).collect();
    let holders = objects.iter().filter(|object| plugin.is_global() || plugin.is_named_by(object));
    for holder in holders.filter(|holder| !plugin.is_global() || holder.annotation(ANNOTATION).value().is_some()) {
        let before = |guard: &&&Plugin<'_, '_>| {
            let around = objects.iter().filter(|other| is_joined(holder, other));
            guard.is_global() || guard.is_named_by(holder) || around.into_iter().any(|other| guard.is_named_by(other))
        };
        let guard = guards.iter().find(before);
        let name = holder.name.value().map_or("kong", String::as_str);
        let place = guard.map_or(plugin.place, |guard| guard.place);
        admits(name, guard.map(|guard| guard.kind), place, facts);
    }
}

/// Whether a request for the one passes through the other: the service behind a route.
fn is_joined(holder: &Object<'_>, other: &Object<'_>) -> bool {
    other.kind == "Service" && other.name.value().is_some_and(|service| entry::leads_to(holder, service))
}
