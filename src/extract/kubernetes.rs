//! Kubernetes manifests to facts: pods as containers, with what the objects around them add.
//!
//! Objects are judged in sets: everything that is applied together. A set is the plain manifests of an environment, one
//! rendered kustomization, or one rendered chart; nothing of one set gives credit to another.

pub mod account;
pub mod admission;
pub mod arena;
pub mod entry;
pub mod environment;
pub mod helm;
pub mod kustomize;
pub mod object;
pub mod operator;
pub mod pod;
pub mod policy;
pub mod secret;
pub mod selector;
pub mod set;
pub mod tie;
pub mod value;
pub mod volume;

use std::collections::BTreeSet;

use self::account::Account;
use self::object::Object;
use self::pod::Pod;
use self::policy::{Direction, Reach};
use self::set::Set;
use crate::gap::{Gap, GapKind};
use crate::load::Loaded;
use crate::model::{About, Facts, pod as model};
use crate::source::Span;

/// Reads every manifest that plays a part in what runs.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let mut reader = Reader { facts, seen: BTreeSet::new() };
    let (mut build, charts) = (kustomize::build(loaded), helm::build(loaded));
    build.taken.extend(charts.taken.iter().cloned());
    for rendered in build.rendered.iter().chain(&charts.rendered) {
        reader.set(&set::rendered(rendered));
    }
    for set in set::plain(loaded, &build.taken) {
        reader.set(&set);
    }
    // What a chart's templates say by themselves is not what they come to.
    facts.gaps.retain(|gap| !charts.taken.contains(&gap.path));
    facts.gaps.extend(build.gaps.into_iter().chain(charts.gaps));
    for gap in &mut facts.gaps {
        if let (true, Some(span)) = (gap.path.is_empty(), gap.span) {
            gap.path = loaded.sources.path(span.source).to_string();
        }
    }
}

struct Reader<'f> {
    facts: &'f mut Facts,
    /// What was said already: sets that say the same of the same place say it once.
    seen: BTreeSet<String>,
}

impl Reader<'_> {
    fn set(&mut self, set: &Set<'_>) {
        for pod in set.own.iter().filter_map(|object| Pod::of(object, set)) {
            self.pod(&pod);
        }
        if let (true, Some(first)) = (set.is_cut || !set.spend(0), set.own.first()) {
            let reason = "holds more objects than are held against each other";
            self.facts.gaps.push(Gap::at(first.root.span(), GapKind::TooLarge, reason));
        }
    }

    fn pod(&mut self, pod: &Pod<'_, '_>) {
        let place = place_of(pod.object);
        let egress = policy::evaluate(pod, Direction::Egress, place);
        let services = entry::services(pod);
        let (entries, ports) = entry::entries(pod, &services, place);
        let mut ports = ports;
        for mut run in pod.containers() {
            run.container.pod = Some(place);
            run.container.names = names(pod, &services);
            run.container.egress = egress.state.clone();
            run.container.egress_to.clone_from(&egress.peers);
            run.ports.append(&mut ports);
            let environment = &pod.object.environment;
            run.container.about.environment.clone_from(environment);
            run.mounts.iter_mut().for_each(|mount| mount.about.environment.clone_from(environment));
            run.settings.iter_mut().for_each(|setting| setting.about.environment.clone_from(environment));
            if self.is_new(&run) {
                run.into_facts(self.facts);
            }
        }
        let fact = fact(pod, place);
        if self.is_new(&fact) {
            self.facts.pods.push(fact);
        }
        for entry in entries {
            if self.is_new(&entry) {
                self.facts.entries.push(entry);
            }
        }
        self.caveat(&egress);
    }

    fn is_new(&mut self, fact: &impl std::fmt::Debug) -> bool {
        self.seen.insert(format!("{fact:?}"))
    }

    /// A plain policy is a wish that the cluster's network plug-in grants or ignores.
    fn caveat(&mut self, egress: &Reach) {
        let Some(closing) = egress.closed_by.as_ref().filter(|closing| closing.needs_plugin) else { return };
        let reason = "counts only in a cluster whose network plug-in enforces policies, which no file here shows";
        let gap = Gap::at(closing.span, GapKind::Unresolved, reason).reported();
        if self.is_new(&gap) {
            self.facts.gaps.push(gap);
        }
    }
}

/// What is said of the pod as a whole.
fn fact(pod: &Pod<'_, '_>, place: Span) -> model::Pod {
    let account = Account::of(pod);
    let mut about = About::new(pod.object.name.value().cloned().unwrap_or_else(|| pod.object.kind.clone()), place);
    about.part_of = Some(place);
    model::Pod {
        about,
        workload: pod.object.kind.clone(),
        service_account: account.name(),
        token_mounted: account.token_mounted(place),
        shared_with: account.shared_with(),
        wide_rights: account.wide_rights(),
        pod_security: admission::level(pod),
        ingress: policy::evaluate(pod, Direction::Ingress, place).state,
    }
}

/// Names that a pod goes by beside those of its containers.
fn names(pod: &Pod<'_, '_>, services: &[&Object<'_>]) -> Vec<String> {
    let labels = ["app.kubernetes.io/name", "app", "k8s-app", "app.kubernetes.io/component", "name"];
    let own = labels.iter().filter_map(|name| pod.labels.get(*name)?.value().cloned());
    let services = services.iter().filter_map(|service| service.name.value().cloned());
    pod.object.name.value().cloned().into_iter().chain(own).chain(services).collect()
}

/// Where an object is shown: its name.
fn place_of(object: &Object<'_>) -> Span {
    object.root.get("metadata").and_then(|metadata| value::shown(metadata, "name")).unwrap_or(object.root.span())
}
