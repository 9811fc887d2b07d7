//! Whether a package at its version stands in the list of published advisories, `rules/advisories.yml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::check::{Predicate, Question};
use crate::embedded;
use crate::model::definition::Definition;
use crate::model::known::Known;
use crate::model::project::Dependency;
use crate::model::subject::SubjectRef;
use crate::model::version::Version;
use crate::model::{Gap, GapKind, SubjectKind};
use crate::rules::Answer;

/// No advisory names the package at its version.
pub const VERSION: Predicate = Predicate {
    name: "version-is-not-in-advisories",
    subjects: &[SubjectKind::Dependency, SubjectKind::Definition],
    params: &[],
    holes: &["package", "found", "advisories", "mended"],
    ask: version_is_not_in_advisories,
};

/// One published advisory.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advisory {
    /// `npm`, `pypi`, `crates`, `go`.
    ecosystem: String,
    package: String,
    id: String,
    /// First version that has the fault; the very first where absent.
    #[serde(default)]
    from: Option<String>,
    /// First version that has it no more; absent where none is published.
    #[serde(default)]
    mended: Option<String>,
    /// Last version known to have it, where none is mended.
    #[serde(default)]
    last: Option<String>,
    /// `http` where servers that only speak over standard streams do not have the fault.
    #[serde(default)]
    over: Option<String>,
    /// What goes wrong.
    #[allow(dead_code, reason = "for people who read the list")]
    title: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    /// Day of the list, `YYYY-MM-DD`.
    #[allow(dead_code, reason = "for people who read the list")]
    date: String,
    advisories: Vec<Advisory>,
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    let text = embedded::text("advisories.yml").expect("the list is embedded");
    serde_yaml::from_str(text).expect("the built-in list is valid")
});

/// A package as a subject names it.
struct Named<'a> {
    ecosystem: &'a str,
    package: &'a str,
    version: Option<&'a str>,
}

fn version_is_not_in_advisories(question: &Question<'_>) -> Answer {
    let named = match question.asked.subject {
        SubjectRef::Dependency(dependency) => of_dependency(dependency),
        SubjectRef::Definition(definition) => of_definition(definition),
        _ => None,
    };
    let Some(named) = named else {
        return Answer::NotApplicable("no package of a registry is named here".to_string());
    };
    let all: Vec<&Advisory> = LIST.advisories.iter().filter(|advisory| advisory.names(&named)).collect();
    if all.is_empty() {
        return Answer::NotApplicable(format!("no advisory that is known here is about `{}`", named.package));
    }
    let span = question.asked.subject.about().span;
    let Some(version) = named.version.and_then(Version::read) else {
        let reason = format!("`{}` has published advisories, and its version is not known", named.package);
        return question.unknown(Gap::at(span, GapKind::Unresolved, reason));
    };
    let is_local = is_local(question);
    let reaches = |advisory: &&Advisory| advisory.covers(&version) && !(is_local && advisory.over.is_some());
    let found: Vec<&Advisory> = all.into_iter().filter(reaches).collect();
    let ids: Vec<&str> = found.iter().map(|advisory| advisory.id.as_str()).collect();
    let mended = found.iter().map(|advisory| advisory.mended.as_deref()).max_by_key(|mended| {
        // A fault that no version mends is the worst of them.
        mended.map_or((1, None), |mended| (0, Version::read(mended)))
    });
    let mended = mended.flatten().unwrap_or("no published version");
    let shown = named.version.unwrap_or_default();
    let extra = [("package", named.package), ("found", shown), ("advisories", &ids.join(", ")), ("mended", mended)];
    if found.is_empty() { question.holds(span, &extra, Vec::new()) } else { question.fails(span, &extra, Vec::new()) }
}

/// Whether the transports of a dependency's server are known and all of them standard streams.
fn is_local(question: &Question<'_>) -> bool {
    let mut listeners = question
        .world
        .facts
        .listeners
        .iter()
        .filter(|listener| question.asked.server.is_none() || listener.about.server == question.asked.server);
    let is_dependency = matches!(question.asked.subject, SubjectRef::Dependency(_));
    let first = listeners.next().filter(|_| is_dependency);
    first.is_some_and(|first| first.transport == "stdio") && listeners.all(|listener| listener.transport == "stdio")
}

fn of_dependency(dependency: &Dependency) -> Option<Named<'_>> {
    if dependency.origin != "registry" {
        return None;
    }
    let exact = dependency.requirement.value().filter(|_| dependency.exact);
    let version = dependency.locked.value().or(exact).map(String::as_str);
    Some(Named { ecosystem: &dependency.ecosystem, package: &dependency.about.name, version })
}

fn of_definition(definition: &Definition) -> Option<Named<'_>> {
    let ecosystem = match definition.runner.value()?.as_str() {
        "npx" | "npm" | "bunx" | "bun" | "pnpx" | "pnpm" | "yarn" | "node" => "npm",
        "uvx" | "uv" | "pipx" | "python" => "pypi",
        "cargo" => "crates",
        "go" => "go",
        _ => return None,
    };
    let version = match &definition.version {
        Known::Is(version) => Some(version.value.as_str()),
        Known::Absent | Known::Unknown(_) => None,
    };
    Some(Named { ecosystem, package: definition.package.value()?, version })
}

impl Advisory {
    fn names(&self, named: &Named<'_>) -> bool {
        self.ecosystem == named.ecosystem
            && plain(&self.package, &self.ecosystem) == plain(named.package, named.ecosystem)
    }

    fn covers(&self, version: &Version) -> bool {
        let at_least = |limit: &str| Version::read(limit).is_some_and(|limit| *version >= limit);
        let after = |limit: &str| Version::read(limit).is_some_and(|limit| *version > limit);
        self.from.as_deref().is_none_or(at_least)
            && !self.mended.as_deref().is_some_and(at_least)
            && !self.last.as_deref().is_some_and(after)
    }
}

/// Names of PyPI differ in neither case nor separators.
fn plain(name: &str, ecosystem: &str) -> String {
    match ecosystem {
        "pypi" => name.to_ascii_lowercase().replace(['_', '.'], "-"),
        _ => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_advisory_has_a_version_that_decides() {
        assert!(!LIST.advisories.is_empty());
        for advisory in &LIST.advisories {
            let limits = [&advisory.from, &advisory.mended, &advisory.last];
            assert!(advisory.mended.is_some() || advisory.last.is_some(), "{}", advisory.id);
            assert!(limits.into_iter().flatten().all(|limit| Version::read(limit).is_some()), "{}", advisory.id);
        }
    }
}
