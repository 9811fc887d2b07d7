//! Which definitions the project's list of approved servers names.

use super::{ApprovedServer, Config};
use crate::model::Facts;
use crate::model::definition::Definition;
use crate::model::known::Known;

impl Config {
    /// Says of every definition whether `[registry]` names it at its version; says nothing where there is no list.
    pub fn mark_approved(&self, facts: &mut Facts) {
        if self.registry.is_empty() {
            return;
        }
        for definition in &mut facts.definitions {
            let approved = self.registry.iter().any(|entry| names(entry, definition));
            definition.approved = Known::is(approved, definition.about.span);
        }
    }
}

/// A URL is approved as it is; a package or image at the version or digest that was reviewed.
fn names(entry: &ApprovedServer, definition: &Definition) -> bool {
    let is = |known: &Known<String>| known.value().is_some_and(|value| *value == entry.name);
    if is(&definition.url) {
        return true;
    }
    let version = definition.version.value().or(definition.requested_version.value());
    let same = |wanted: &Option<String>| {
        wanted.as_ref().is_none_or(|wanted| version.is_some_and(|version| same_version(version, wanted)))
    };
    is(&definition.package) && same(&entry.version) && same(&entry.digest)
}

/// `1.2.3` as written, or one part of `1.2.3@sha256:…`.
fn same_version(found: &str, wanted: &str) -> bool {
    let bare = |text: &str| text.trim_start_matches(['v', '=']).to_string();
    found.split('@').any(|part| bare(part) == bare(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_the_same_with_or_without_its_digest() {
        for (found, wanted, same) in [
            ("1.2.3", "1.2.3", true),
            ("v1.2.3", "1.2.3", true),
            ("1.2.3@sha256:aa", "sha256:aa", true),
            ("1.2.30", "1.2.3", false),
            ("latest", "1.2.3", false),
        ] {
            assert_eq!(same_version(found, wanted), same, "{found} {wanted}");
        }
    }
}
