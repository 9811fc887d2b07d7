//! Which failing answer is tried next, and what could close it.

use std::collections::BTreeMap;

use super::{Judged, Proposal, Tried, images, kubernetes, launches, manifest};
use crate::model::About;
use crate::model::container::Container;
use crate::rules::{Answer, RuleSet};

/// Check, subject and path of a finding.
pub type Key = (String, String, String);

/// What a container can be given, check by check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tightening {
    /// All capabilities dropped.
    Capabilities,
    /// No new privileges.
    Privileges,
    /// A read-only root file system.
    ReadOnly,
    /// An ordinary user.
    User,
    /// A limit of memory.
    Memory,
    /// A limit of processor time.
    Cpu,
    /// A limit of processes.
    Processes,
}

impl Tightening {
    fn of(check: &str) -> Option<Self> {
        Some(match check {
            "capabilities-not-dropped" => Tightening::Capabilities,
            "privilege-escalation-allowed" => Tightening::Privileges,
            "writable-root" => Tightening::ReadOnly,
            "runs-as-root" => Tightening::User,
            "no-memory-limit" => Tightening::Memory,
            "no-cpu-limit" => Tightening::Cpu,
            "no-process-limit" => Tightening::Processes,
            _ => return None,
        })
    }
}

/// The numeric user that has no rights by its name.
pub const USER: &str = "10001:10001";

/// The next finding that could have a fix, and the fix or why there is none.
pub fn next(
    judged: &Judged,
    rules: &RuleSet,
    pins: &BTreeMap<String, String>,
    refused: &BTreeMap<Key, usize>,
) -> Option<(Key, Tried, Result<Proposal, String>)> {
    let mut met: BTreeMap<Key, usize> = BTreeMap::new();
    for one in &judged.answered {
        let Answer::Fails(evidence) = &one.answer else { continue };
        let check = rules.rules[one.rule].id.as_str();
        let sources = &judged.loaded.sources;
        let path = sources.path(one.about.span.source).to_string();
        let key: Key = (check.to_string(), one.about.name.clone(), path);
        let Some(proposal) = proposal(judged, check, &one.about, pins) else { continue };
        let number = met.entry(key.clone()).or_default();
        *number += 1;
        if *number <= refused.get(&key).copied().unwrap_or(0) {
            continue;
        }
        let span = evidence.primary.span;
        let tried = Tried {
            check: check.to_string(),
            subject: one.about.name.clone(),
            place: format!("{}:{}", sources.path(span.source), sources.start(span).line),
            says: String::new(),
            offered: false,
        };
        return Some((key, tried, proposal));
    }
    None
}

/// The fix of one finding; nothing where its check has none.
fn proposal(
    judged: &Judged,
    check: &str,
    about: &About,
    pins: &BTreeMap<String, String>,
) -> Option<Result<Proposal, String>> {
    if let Some(tightening) = Tightening::of(check) {
        let container = judged.facts.containers.iter().find(|container| is(&container.about, about))?;
        return Some(of_container(judged, container, tightening));
    }
    match check {
        "privileged" => {
            let container = judged.facts.containers.iter().find(|container| is(&container.about, about))?;
            Some(match container.source_kind.as_str() {
                "compose" => manifest::unprivileged(judged, container),
                "kubernetes" => kubernetes::unprivileged(judged, container),
                "docker-run" | "devcontainer" => launches::unprivileged(judged, container),
                other => Err(format!("files of the kind `{other}` are not changed by `fix`")),
            })
        }
        "published-on-all-interfaces" => {
            let port = judged.facts.ports.iter().find(|port| is(&port.about, about))?;
            Some(manifest::loopback(judged, port))
        }
        "exec-tmpfs" => {
            let mount = judged.facts.mounts.iter().find(|mount| is(&mount.about, about))?;
            Some(manifest::without_programs(judged, mount))
        }
        "hard-coded-secret" => manifest::reference(judged, about),
        "service-account-token-mounted" => {
            let pod = judged.facts.pods.iter().find(|pod| is(&pod.about, about))?;
            Some(kubernetes::without_token(judged, pod))
        }
        "syscall-filter-missing" => {
            let container = judged.facts.containers.iter().find(|container| is(&container.about, about))?;
            (container.source_kind == "kubernetes").then(|| kubernetes::filtered(judged, container))
        }
        "image-without-digest" => {
            let image = judged.facts.images.iter().find(|image| is(&image.about, about))?;
            Some(images::with_digest(judged, image, pins))
        }
        "unpinned-server-package" => {
            let definition = judged.facts.definitions.iter().find(|definition| is(&definition.about, about))?;
            Some(launches::pinned(judged, definition, pins))
        }
        _ => None,
    }
}

fn is(one: &About, other: &About) -> bool {
    one.span == other.span && one.name == other.name
}

fn of_container(judged: &Judged, container: &Container, tightening: Tightening) -> Result<Proposal, String> {
    match container.source_kind.as_str() {
        "compose" => manifest::tightened(judged, container, tightening),
        "kubernetes" => kubernetes::tightened(judged, container, tightening),
        "docker-run" => launches::tightened(judged, container, tightening),
        "dockerfile" if tightening == Tightening::User => images::with_user(judged, container),
        other => Err(format!("files of the kind `{other}` are not changed by `fix`")),
    }
}
