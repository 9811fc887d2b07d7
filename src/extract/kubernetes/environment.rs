//! Variables of containers to settings: literals, references to ConfigMaps and Secrets, and whole ones.

use super::object::Object;
use super::set::Set;
use super::value;
use crate::document::Node;
use crate::extract::containers::setting;
use crate::model::definition::Setting;
use crate::model::known::{Known, Spanned};

const FILE_KIND: &str = "kubernetes";

/// Every variable that a container gets, whole ConfigMaps and Secrets first, as the kubelet orders them.
pub fn settings(container: Node<'_>, workload: &Object<'_>, set: &Set<'_>) -> Vec<Setting> {
    let wholes = container.get("envFrom").into_iter().flat_map(Node::items);
    let mut found: Vec<Setting> = wholes.flat_map(|item| whole(item, workload, set)).collect();
    let single = container.get("env").into_iter().flat_map(Node::items);
    found.extend(single.filter_map(|item| variable(item, workload, set)));
    found
}

fn variable(item: Node<'_>, workload: &Object<'_>, set: &Set<'_>) -> Option<Setting> {
    let name = value::written(item.get("name")?)?;
    let Some(from) = item.get("valueFrom") else {
        let value = item.get("value").and_then(value::written);
        // A variable without a value is empty, not the host's own.
        let value = value.unwrap_or_else(|| Spanned::new(String::new(), name.span));
        return Some(setting::variable("environment", FILE_KIND, &name, Some(&value)));
    };
    if let Some(reference) = from.get("secretKeyRef") {
        let shown = value::shown(reference, "name").unwrap_or(name.span);
        let mut found = setting::variable("environment", FILE_KIND, &name, None);
        found.secret = Known::is("reference".into(), shown);
        return Some(found);
    }
    let text = from.get("configMapKeyRef").and_then(|reference| {
        let map = set.find("ConfigMap", &reference.get("name")?.scalar()?, workload)?;
        value::written(map.root.get("data")?.get(&reference.get("key")?.scalar()?)?)
    });
    Some(setting::variable("environment", FILE_KIND, &name, text.as_ref()))
}

/// A whole ConfigMap or Secret.
fn whole(item: Node<'_>, workload: &Object<'_>, set: &Set<'_>) -> Vec<Setting> {
    if let Some(name) = item.at(&["secretRef", "name"]).and_then(value::written) {
        let mut found = setting::file(FILE_KIND, &name);
        let span = found.about.span;
        found.value = Known::Absent;
        found.secret = Known::is("reference".into(), span);
        return vec![found];
    }
    let Some(name) = item.at(&["configMapRef", "name"]).and_then(value::written) else { return Vec::new() };
    let Some(map) = set.find("ConfigMap", &name.value, workload) else {
        return vec![setting::file(FILE_KIND, &name)];
    };
    let entries = map.root.get("data").into_iter().flat_map(Node::entries);
    let read = |(key, node): (Node<'_>, Node<'_>)| {
        let (name, text) = (value::written(key)?, value::written(node)?);
        Some(setting::variable("environment", FILE_KIND, &name, Some(&text)))
    };
    entries.filter_map(read).collect()
}
