//! Versions and digests that something in the tree knows: the lock, the configuration, lock files, other entries.

use std::collections::{BTreeMap, BTreeSet};

use super::Judged;
use crate::discover::FileKind;
use crate::document::Node;
use crate::model::definition::Definition;

/// The one version that is known for a package.
pub fn version(
    judged: &Judged,
    definition: &Definition,
    package: &str,
    known: &BTreeMap<String, String>,
) -> Result<String, String> {
    let configured = [package, definition.about.name.as_str()];
    let configured = configured.iter().find_map(|name| known.get(*name)).filter(|pin| !pin.starts_with("sha256:"));
    let entries =
        judged.facts.definitions.iter().filter(|other| other.package.value().is_some_and(|one| one == package));
    let dependencies = judged.facts.dependencies.iter().filter(|one| one.about.name == package);
    let mut versions: BTreeSet<String> = configured.cloned().into_iter().collect();
    versions.extend(launches(judged).filter(|launch| text(*launch, "package") == Some(package)).filter_map(pinned));
    if versions.is_empty() {
        versions.extend(entries.filter_map(|other| other.version.value().cloned()));
        versions.extend(dependencies.filter_map(|one| one.locked.value().cloned()));
    }
    let is_plain = |version: &String| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+' | b'_');
        version.starts_with(|first: char| first.is_ascii_digit()) && version.bytes().all(plain)
    };
    let mut versions = versions.into_iter().filter(is_plain);
    match (versions.next(), versions.next()) {
        (Some(version), None) => Ok(version),
        (Some(_), Some(_)) => Err("several versions are known for it".into()),
        (None, _) => Err("nothing in the tree, the lock or the configuration knows its version".into()),
    }
}

/// The digest that the lock gives for an image that a client starts.
pub fn digest_of_lock(judged: &Judged, reference: &str) -> Option<String> {
    let name = reference.rsplit_once(':').map_or(reference, |(name, _)| name);
    let found = launches(judged)
        .find(|launch| text(*launch, "package").is_some_and(|package| package == name || package == reference));
    found.and_then(|launch| text(launch, "digest")).filter(|digest| digest.starts_with("sha256:")).map(str::to_string)
}

fn pinned(launch: Node<'_>) -> Option<String> {
    text(launch, "version").filter(|version| *version != "unknown").map(str::to_string)
}

/// Entries of every lock that say what is started.
fn launches(judged: &Judged) -> impl Iterator<Item = Node<'_>> {
    let locks = judged.loaded.documents_of(FileKind::Lock).filter_map(|(_, document)| document.root());
    let servers = locks.flat_map(|root| root.get("server").into_iter().flat_map(Node::items));
    servers.flat_map(|server| server.get("launch").into_iter().flat_map(Node::items))
}

fn text<'a>(launch: Node<'a>, key: &str) -> Option<&'a str> {
    launch.get(key).and_then(Node::as_str)
}
