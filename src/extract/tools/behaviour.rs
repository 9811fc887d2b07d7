//! What an SDK does by itself, by version: `behaviours` of its table.

use serde::Deserialize;

use crate::extract::tools::sdk::{Sdk, ServerKind};
use crate::extract::versions::{Used, Versions, ecosystem};
use crate::model::version::{Range, Version};

/// One thing that an SDK does by itself, in the versions from `from` on and before `until`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// Packages that do it.
    pub packages: Vec<String>,
    /// Which matter: `host-check`, `error-text`, `argument-schema`.
    pub matter: String,
    /// First version that does it.
    #[serde(default)]
    pub from: Option<Limit>,
    /// First version that does it no more.
    #[serde(default)]
    pub until: Option<Limit>,
    /// What it does there.
    pub does: String,
}

/// A version in a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Limit(Version);

impl TryFrom<String> for Limit {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Version::read(&text).map(Limit).ok_or_else(|| format!("`{text}` is no version"))
    }
}

/// What an SDK does about a matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// This.
    This(String),
    /// One of these: that depends on the version, which is not known well enough; the reason.
    Unknown(Vec<String>, String),
    /// The table says nothing.
    Unsaid,
}

/// The package that provides a kind of server to the code under a folder, and what is known of its version.
pub fn used<'a>(
    versions: &'a Versions,
    table: &'a Sdk,
    kind: &'a ServerKind,
    root: &str,
) -> Option<(&'a str, &'a Used)> {
    let ecosystem = ecosystem(&table.language);
    let names = std::iter::once(&kind.package).chain(&kind.also);
    names.filter_map(|name| Some((name.as_str(), versions.of(ecosystem, name, root)?))).next()
}

impl Sdk {
    /// What a package of the family does about a matter in a range of versions; in all of them where it is not known.
    pub fn does(&self, matter: &str, package: &str, range: Option<&Range>) -> Does {
        let is_said = |one: &&Behaviour| one.matter == matter && one.packages.iter().any(|name| name == package);
        let said: Vec<&Behaviour> = self.behaviours.iter().filter(is_said).collect();
        let may = |one: &&&Behaviour| {
            let limits = (one.from.as_ref().map(|limit| &limit.0), one.until.as_ref().map(|limit| &limit.0));
            range.is_none_or(|range| range.lies_in(limits.0, limits.1) != Some(false))
        };
        let mut does: Vec<&str> = said.iter().filter(may).map(|one| one.does.as_str()).collect();
        does.sort_unstable();
        does.dedup();
        let why = match range {
            None => format!("depends on the version of `{package}`, which is not known"),
            Some(_) => format!("differs between the versions of `{package}` that may be installed"),
        };
        match does[..] {
            [] => Does::Unsaid,
            [only] => Does::This(only.to_string()),
            _ => Does::Unknown(does.into_iter().map(str::to_string).collect(), why),
        }
    }
}
