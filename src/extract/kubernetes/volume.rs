//! Volumes of pods to mounts.

use super::value;
use crate::document::Node;
use crate::extract::containers::mount::{self, Parts};
use crate::model::container::Mount;
use crate::model::known::{Known, Spanned};

/// Sources of volumes that hold secrets.
const SECRET: &[&str] = &["secret"];
/// Sources that only the cluster writes.
const READ_ONLY: &[&str] = &["secret", "configMap", "downwardAPI", "projected"];

/// One mount of a container, by the volume of the pod that it names.
pub fn mount(item: Node<'_>, volumes: Option<Node<'_>>) -> Mount {
    let name = item.get("name").and_then(Node::scalar).unwrap_or_default();
    let volume = volumes.into_iter().flat_map(Node::items).find(|volume| is_called(*volume, &name));
    let source = volume.and_then(source);
    let kind = source.map_or("", |(kind, _)| kind);
    let path = source.filter(|(kind, _)| *kind == "hostPath").and_then(|(_, node)| node.get("path"));
    let propagation = item.get("mountPropagation").and_then(value::written).and_then(propagation);
    let read_only = value::either(value::switch_at(item, &["readOnly"]), || fixed(kind, item));
    let volume_name = volume.and_then(|volume| volume.get("name")).and_then(value::written);
    let parts = Parts {
        from: path.and_then(value::written).or(volume_name),
        to: item.get("mountPath").and_then(value::written),
        kind: Some(mount_kind(kind).to_string()),
        options: propagation.into_iter().collect(),
        read_only,
    };
    let place = item.get("mountPath").map_or(item.span(), Node::span);
    mount::build(parts, place)
}

/// Names of the secrets that volumes bring in.
pub fn secrets(volumes: Option<Node<'_>>) -> Vec<Spanned<String>> {
    let volumes = volumes.into_iter().flat_map(Node::items);
    let named = |volume: Node<'_>| {
        let (kind, node) = source(volume)?;
        match kind {
            "secret" => node.get("secretName").and_then(value::written),
            "csi" => node.at(&["volumeAttributes", "secretProviderClass"]).and_then(value::written),
            _ => None,
        }
    };
    volumes.filter_map(named).collect()
}

/// Devices of the host that volumes bring in.
pub fn devices(volumes: Option<Node<'_>>) -> Vec<Spanned<String>> {
    let paths = volumes.into_iter().flat_map(Node::items).filter_map(|volume| volume.get("hostPath"));
    let device = |node: &Node<'_>| {
        let kind = node.get("type").and_then(Node::as_str).unwrap_or("");
        let path = node.get("path").and_then(Node::as_str).unwrap_or("");
        matches!(kind, "CharDevice" | "BlockDevice") || path.starts_with("/dev/")
    };
    paths.filter(device).filter_map(|node| value::written(node.get("path")?)).collect()
}

fn is_called(volume: Node<'_>, name: &str) -> bool {
    volume.get("name").and_then(Node::scalar).is_some_and(|own| own == name)
}

/// Kind and settings of a volume: the key beside its name.
fn source<'a>(volume: Node<'a>) -> Option<(&'a str, Node<'a>)> {
    volume.entries().filter_map(|(key, value)| Some((key.as_str()?, value))).find(|(key, _)| *key != "name")
}

fn mount_kind(source: &str) -> &'static str {
    match source {
        "hostPath" => "bind",
        source if SECRET.contains(&source) => "secret",
        "configMap" | "downwardAPI" => "config",
        // Memory-backed ones cannot be told `noexec`, so they are not judged as tmpfs.
        "emptyDir" | "persistentVolumeClaim" | "ephemeral" => "volume",
        _ => "other",
    }
}

fn fixed(source: &str, item: Node<'_>) -> Known<bool> {
    if READ_ONLY.contains(&source) { Known::is(true, item.span()) } else { Known::Absent }
}

fn propagation(written: Spanned<String>) -> Option<Spanned<String>> {
    let name = match written.value.as_str() {
        "Bidirectional" => "rshared",
        "HostToContainer" => "rslave",
        _ => return None,
    };
    Some(Spanned::new(name.to_string(), written.span))
}
