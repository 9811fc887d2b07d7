//! One effective confinement per server: every deployment's layers joined, aspect by aspect, the weakest deciding.

use crate::model::confinement::{ASPECTS, Aspect, Confinement, Layer, State};
use crate::model::container::Container;
use crate::model::definition::Definition;
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts, ServerId};
use crate::source::Span;

mod aspects;

/// What a deployment says of one aspect.
#[derive(Clone, Debug)]
struct Said {
    state: State,
    says: String,
    span: Span,
    /// What other layers of the same deployment say, and whether they say something else.
    others: Vec<(Layer, bool)>,
}

/// One way that the tree starts a server.
enum Deployment<'a> {
    /// A container that some file runs.
    Container(&'a Container),
    /// A command that a client starts without a container.
    Command(&'a Definition),
}

/// Works out the confinement of every server; facts must be tied to their servers.
pub fn extract(facts: &mut Facts) {
    let servers = (0..facts.servers.len()).map(|at| ServerId(at as u32));
    let found = servers.map(|server| confinement(facts, server)).collect();
    facts.confinements = found;
}

fn confinement(facts: &Facts, server: ServerId) -> Confinement {
    let about = &facts.server(server).about;
    let deployments = deployments(facts, server);
    let about = About { server: Some(server), ..About::new(about.name.clone(), about.span) };
    let aspects: Vec<Aspect> = ASPECTS.iter().filter_map(|id| joined(id, &deployments, facts)).collect();
    let conflicts = aspects.iter().filter(|aspect| aspect.conflict);
    let conflicts = conflicts.map(|aspect| Spanned::new(aspect.id.to_string(), place(aspect, about.span))).collect();
    Confinement {
        boundary: weakest(deployments.iter().map(boundary), |boundary| boundary == "none"),
        egress: weakest(deployments.iter().map(egress), |egress| egress == "open"),
        conflicts,
        aspects,
        about,
    }
}

fn place(aspect: &Aspect, fallback: Span) -> Span {
    aspect.layers.first().map_or(fallback, |layer| layer.span)
}

/// Every way that the tree starts a server, in the order found.
fn deployments(facts: &Facts, server: ServerId) -> Vec<Deployment<'_>> {
    let mine = |about: &About| about.server == Some(server);
    let containers = facts.containers.iter().filter(|container| container.deployment && mine(&container.about));
    let in_container = |definition: &Definition| {
        facts.containers.iter().any(|container| container.about.part_of == Some(definition.about.span))
    };
    // The container that a command enters is a deployment of its own, where the tree has it.
    let enters = |definition: &Definition| {
        let confinement = definition.confinement.value().map_or("", String::as_str);
        matches!(confinement, "compose-service" | "running-container" | "pod") && containers.clone().next().is_some()
    };
    let starts = |definition: &&Definition| {
        mine(&definition.about)
            && !definition.disabled
            && definition.url.is_absent()
            && !definition.command.is_absent()
            && !in_container(definition)
            && !enters(definition)
    };
    let commands = facts.definitions.iter().filter(starts);
    containers.clone().map(Deployment::Container).chain(commands.map(Deployment::Command)).collect()
}

/// What stands around the process.
fn boundary(deployment: &Deployment<'_>) -> Known<String> {
    match deployment {
        Deployment::Container(container) => {
            let said = aspects::of_boundary(container);
            let word = match (said.state, container.source_kind.as_str()) {
                (State::Violated, _) => "none",
                (_, "unit") => "unit",
                (_, _) => "container",
            };
            Known::is(word.into(), said.span)
        }
        Deployment::Command(definition) => match &definition.confinement {
            Known::Absent => Known::is("none".into(), definition.about.span),
            Known::Is(_) | Known::Unknown(_) => definition.confinement.clone(),
        },
    }
}

fn egress(deployment: &Deployment<'_>) -> Known<String> {
    match deployment {
        Deployment::Container(container) => container.egress.clone(),
        Deployment::Command(definition) => match &definition.confinement {
            Known::Absent => Known::is("open".into(), definition.about.span),
            Known::Is(confinement) => {
                let reason = format!("what `{}` lets the process reach is not worked out", confinement.value);
                Known::unknown(reason, confinement.span)
            }
            Known::Unknown(unknown) => Known::Unknown(unknown.clone()),
        },
    }
}

/// The value that confines least: the bad one, then an unknown one, then absence, then the first.
fn weakest(all: impl Iterator<Item = Known<String>>, is_bad: impl Fn(&str) -> bool) -> Known<String> {
    let rank = |known: &Known<String>| match known {
        Known::Is(value) if is_bad(&value.value) => 0,
        Known::Unknown(_) => 1,
        Known::Absent => 2,
        Known::Is(_) => 3,
    };
    all.min_by_key(rank).unwrap_or_default()
}

/// One aspect over all deployments; nothing where no deployment says anything of it.
fn joined(id: &'static str, deployments: &[Deployment<'_>], facts: &Facts) -> Option<Aspect> {
    let each: Vec<(&Deployment<'_>, Said)> = deployments
        .iter()
        .map(|deployment| {
            let said = match deployment {
                Deployment::Container(container) => aspects::of_container(id, container, facts),
                Deployment::Command(definition) => aspects::of_command(id, definition),
            };
            (deployment, said)
        })
        .collect();
    let weakest = each.iter().map(|(_, said)| said.state).min()?;
    let (decider, said) = each.iter().find(|(_, said)| said.state == weakest)?;
    let mut layers = vec![layer(decider, said, true)];
    layers.extend(said.others.iter().map(|(layer, _)| layer.clone()));
    for (deployment, other) in each.iter().filter(|(_, other)| !std::ptr::eq(other, said)) {
        layers.push(layer(deployment, other, false));
        layers.extend(other.others.iter().map(|(layer, _)| layer.clone()));
    }
    let differ = each.iter().any(|(_, other)| other.state != weakest);
    let overruled = each.iter().any(|(_, said)| said.others.iter().any(|(_, differs)| *differs));
    Some(Aspect { id, state: weakest, says: said.says.clone(), conflict: differ || overruled, layers })
}

fn layer(deployment: &Deployment<'_>, said: &Said, decides: bool) -> Layer {
    let (name, kind) = match deployment {
        Deployment::Container(container) => (container.about.name.clone(), container.source_kind.clone()),
        Deployment::Command(definition) => (definition.about.name.clone(), "client-config".to_string()),
    };
    Layer { decides, deployment: name, kind, says: said.says.clone(), span: said.span }
}

#[cfg(test)]
mod tests;
