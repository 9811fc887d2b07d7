//! Goose's `permission.yaml`: which tools of which extensions run without a question, and which never run.

use crate::discover::{hosts, pattern};
use crate::document::Node;
use crate::load::Loaded;
use crate::model::definition::{Definition, HostSetting};
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};

/// Names of the file, by the folders of each system.
const FILES: &[&str] = &["goose/permission.yaml", "goose/config/permission.yaml", ".goose/permission.yaml"];
/// What a person decided, and what the host decided by itself.
const CATEGORIES: &[&str] = &["user", "smart_approve"];

/// Switch that decides whether Goose asks; where nothing sets it, it does not.
const MODE: &str = "GOOSE_MODE";

/// A configuration with extensions that leaves the mode at its default.
pub fn mode(path: &str, root: Node<'_>, facts: &mut Facts) {
    let own =
        hosts::by_id("goose").is_some_and(|host| host.files.iter().any(|file| pattern::ends_with(&file.path, path)));
    let Some((extensions, list, _)) = root.entry("extensions").filter(|_| own && root.get(MODE).is_none()) else {
        return;
    };
    if list.entries().any(|(_, extension)| extension.get("enabled").and_then(Node::as_switch) != Some(false)) {
        facts.host_settings.push(HostSetting {
            about: About::new(MODE, extensions.span()),
            host: "goose".into(),
            key: MODE.into(),
            value: Known::is("auto, where nothing sets it".into(), extensions.span()),
            effect: "blanket-approval".into(),
        });
    }
}

/// Reads every such file. Of several lists that name a tool, the one that refuses counts before the one that allows.
pub fn permissions(loaded: &Loaded, facts: &mut Facts) {
    for file in loaded.files.iter().filter(|file| FILES.iter().any(|name| pattern::ends_with(name, &file.path))) {
        let Some(root) = loaded.document(file).and_then(|document| document.root()) else { continue };
        for category in CATEGORIES.iter().filter_map(|key| root.get(key)) {
            let listed = |key: &str| category.get(key).into_iter().flat_map(Node::items).collect::<Vec<_>>();
            let refused: Vec<String> = listed("never_allow").into_iter().filter_map(Node::scalar).collect();
            for (key, effect) in [("always_allow", "other"), ("ask_before", "restricts"), ("never_allow", "restricts")]
            {
                for item in listed(key) {
                    permission(key, effect, item, &refused, facts);
                }
            }
        }
    }
}

/// One tool, as `extension__tool`.
fn permission(key: &str, effect: &str, item: Node<'_>, refused: &[String], facts: &mut Facts) {
    let Some(name) = item.scalar() else { return };
    let (extension, tool) = name.split_once("__").unwrap_or(("", &name));
    let owners = facts.definitions.iter_mut().filter(|definition| is_extension(definition, extension));
    for definition in owners {
        let tool = Spanned::new(tool.to_string(), item.span());
        match key {
            "always_allow" if !refused.contains(&name) => definition.auto_approved.push(tool),
            "never_allow" => definition.disabled_tools.push(tool),
            _ => {}
        }
    }
    facts.host_settings.push(HostSetting {
        about: About::new(key, item.span()),
        host: "goose".into(),
        key: key.into(),
        value: Known::is(name.clone(), item.span()),
        effect: effect.into(),
    });
}

/// Goose takes blanks out of the names of extensions, and small letters for all.
fn is_extension(definition: &Definition, name: &str) -> bool {
    let own = definition.about.name.split_whitespace().collect::<String>().to_lowercase();
    definition.hosts.iter().any(|host| host.starts_with("goose")) && own == name
}
