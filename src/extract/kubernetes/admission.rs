//! Pod Security admission: the level that a namespace enforces, and what a cluster's own configuration says of it.

use super::object::Object;
use super::pod::Pod;
use super::value;
use crate::document::Node;
use crate::model::known::Known;

/// Label of a namespace that sets its level.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// The level that is enforced for a pod: `restricted`, `baseline`, `privileged`; `exempt` where the cluster leaves it
/// out, `none` where its namespace is in the tree and enforces nothing. Absent where the namespace is not in the tree.
pub fn level(pod: &Pod<'_, '_>) -> Known<String> {
    let configurations = configurations(pod);
    if let Some(exempt) = configurations.iter().find_map(|root| exemption(*root, pod)) {
        return exempt;
    }
    let Some(name) = pod.object.namespace.value() else { return Known::Absent };
    let namespace = pod.set.of("Namespace").find(|object| object.name.value() == Some(name));
    let Some(namespace) = namespace else { return Known::Absent };
    let own = namespace.labels().remove(ENFORCE).unwrap_or_default();
    let default = || {
        let defaults = configurations.iter().map(|root| value::at(*root, &["defaults", "enforce"]));
        defaults.into_iter().find(|level| !level.is_absent()).unwrap_or_default()
    };
    let none = || namespace.name.span().map_or(Known::Absent, |span| Known::is("none".into(), span));
    value::either(value::either(own, default), none)
}

/// What configures the admission of the cluster, by itself or inside the API server's configuration.
fn configurations<'a>(pod: &Pod<'_, 'a>) -> Vec<Node<'a>> {
    let own = pod.set.of("PodSecurityConfiguration").map(|object| object.root);
    let inside = pod.set.of("AdmissionConfiguration").filter_map(plugin);
    own.chain(inside).collect()
}

fn plugin<'a>(object: &Object<'a>) -> Option<Node<'a>> {
    let mut plugins = object.root.get("plugins")?.items();
    plugins.find(|plugin| plugin.get("name").and_then(Node::as_str) == Some("PodSecurity"))?.get("configuration")
}

/// Whole namespaces and runtime classes may be left out; users who make pods are not known here.
fn exemption(root: Node<'_>, pod: &Pod<'_, '_>) -> Option<Known<String>> {
    let class = value::at(pod.spec, &["runtimeClassName"]);
    let named = [("namespaces", pod.object.namespace.value()), ("runtimeClasses", class.value())];
    named.into_iter().find_map(|(key, wanted)| {
        let mut listed = root.at(&["exemptions", key])?.items();
        let found = listed.find(|item| item.scalar().is_some_and(|name| Some(&name) == wanted))?;
        Some(Known::is("exempt".to_string(), found.span()))
    })
}
