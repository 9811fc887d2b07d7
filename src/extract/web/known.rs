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
    /// How the function is called that a request is handed on to.
    pub passing: BTreeSet<String>,
    /// Methods that hand a request on.
    pub handing: BTreeSet<String>,
    /// How functions are called that answer whether two texts are the same.
    pub comparing: BTreeSet<String>,
    /// Functions of libraries that raise, or answer nothing, for credentials that are not right.
    pub verifying: BTreeSet<String>,
    /// Those of them whose second argument is the key.
    pub keyed: BTreeSet<String>,
    /// How functions are called that serve what they are given, or what they are methods of.
    pub serving: BTreeSet<String>,
    /// Methods that set what answers one path.
    pub routing: BTreeSet<String>,
    /// Methods of middleware classes that frameworks call.
    pub called: BTreeSet<String>,
    /// Functions of libraries that read credentials without verifying them.
    pub reading: BTreeSet<String>,
    /// Members and parameters of functions that answer requests which hold what the program put there.
    pub of_program: BTreeSet<String>,
    /// Members and methods of requests that give what the caller wrote.
    pub of_caller: BTreeSet<String>,
    /// How functions are called that give their argument in another form.
    pub converting: BTreeSet<String>,
    /// Methods that give a part of what they are called on, besides those that take texts apart.
    pub within: BTreeSet<String>,
    /// Methods that hand what they are called on to a function.
    pub unwrapping: BTreeSet<String>,
    /// Words that only say of what kind a credential is, in lower case.
    pub schemes: BTreeSet<String>,
    /// Words in the names of switches that take a check away, in lower case and without underscores.
    pub off: BTreeSet<String>,
    /// Members of requests that hold their path.
    pub paths: BTreeSet<String>,
    /// Words in the paths of transports, in lower case.
    pub spoken: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Middleware {
    calls: BTreeSet<String>,
    checks: Vec<Checks>,
    /// The argument that lists what is let in; without it, or with `*` in it, everything is.
    list: Option<String>,
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

    /// The argument in which a middleware is told what it lets in.
    pub fn list(&self, name: &str) -> Option<&str> {
        self.middleware.iter().find(|one| one.calls.contains(name))?.list.as_deref()
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
