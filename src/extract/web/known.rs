//! What is known of web libraries: `rules/web.yml`.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::embedded;

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    middleware: Vec<Middleware>,
    /// What makes an application or router.
    pub applications: BTreeSet<String>,
    /// Those that check Host by themselves on loopback.
    pub checked_applications: BTreeSet<String>,
    /// What makes random numbers or texts, of which servers make credentials for themselves.
    pub generators: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Middleware {
    calls: BTreeSet<String>,
    checks: Vec<Checks>,
}

/// What is looked at before a request is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checks {
    /// Host or Origin.
    Host,
    /// A credential.
    Credentials,
}

impl Checks {
    /// What is said where a check is only there under a condition.
    pub fn sometimes(self) -> &'static str {
        match self {
            Checks::Host => "they are only checked where something is set",
            Checks::Credentials => "one is only asked for where something is set",
        }
    }
}

impl Known {
    /// The built-in table.
    pub fn built_in() -> Self {
        let text = embedded::text("web.yml").expect("the table is embedded");
        serde_yaml::from_str(text).expect("a test reads the built-in table")
    }

    /// What a function of a library checks; nothing where it is not known.
    pub fn checks(&self, name: &str) -> Option<&[Checks]> {
        self.middleware.iter().find(|one| one.calls.contains(name)).map(|one| one.checks.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_reads() {
        let known = Known::built_in();
        assert_eq!(known.checks("cors"), Some(&[][..]));
        assert!(known.checked_applications.is_subset(&known.applications));
    }
}
