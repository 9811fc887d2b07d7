//! Whether every way that the tree starts a server confines it; the one that does not is named.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ahash::HashSet;

use crate::check::{Predicate, Question};
use crate::embedded;
use crate::model::confinement::{Aspect, Confinement, Layer, State};
use crate::model::known::Known;
use crate::model::{Gap, GapKind, Note, SubjectKind};
use crate::rules::Answer;
use crate::source::Span;

/// Something stands around the process, however it is started.
pub const BOUNDED: Predicate = Predicate {
    name: "server-is-bounded",
    subjects: &[SubjectKind::Server],
    params: &[],
    holes: &["because"],
    ask: bounded,
};

/// What the process can reach is denied by default, however it is started.
pub const KEPT_IN: Predicate = Predicate {
    name: "egress-is-denied",
    subjects: &[SubjectKind::Server],
    params: &[],
    holes: &["because"],
    ask: kept_in,
};

fn bounded(question: &Question<'_>) -> Answer {
    let Some(own) = confinement(question) else { return nothing(question) };
    match &own.boundary {
        Known::Is(boundary) if boundary.value == "none" => fails(question, own, "boundary", boundary.span),
        Known::Is(boundary) => holds(question, own, "boundary", boundary.span),
        Known::Unknown(unknown) => {
            let reason = format!("what stands around the process is {}", unknown.reason);
            question.unknown(Gap::at(unknown.span, GapKind::Unresolved, reason))
        }
        Known::Absent => deployed_elsewhere(question)
            .unwrap_or_else(|| unstarted(question, "nothing in this tree starts it in a container or another sandbox")),
    }
}

fn kept_in(question: &Question<'_>) -> Answer {
    let Some(own) = confinement(question) else { return nothing(question) };
    match &own.egress {
        Known::Is(egress) if matches!(egress.value.as_str(), "denied" | "named") => {
            holds(question, own, "egress", egress.span)
        }
        Known::Is(egress) => fails(question, own, "egress", egress.span),
        Known::Unknown(unknown) => {
            let reason = format!("`egress` is {}", unknown.reason);
            question.unknown(Gap::at(unknown.span, GapKind::Unresolved, reason))
        }
        Known::Absent => deployed_elsewhere(question)
            .unwrap_or_else(|| unstarted(question, "nothing in this tree closes its way out")),
    }
}

/// Files that hand a server to a platform, whose own confinement no file of the tree states: `rules/platforms.yml`.
static PLATFORMS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let text = embedded::text("platforms.yml").expect("the list is embedded");
    let all: BTreeMap<String, Vec<String>> = serde_yaml::from_str(text).expect("the built-in list is valid");
    all.into_values().flatten().collect()
});

/// Nothing of the tree starts it, but a file hands it to a platform that is not read here.
fn deployed_elsewhere(question: &Question<'_>) -> Option<Answer> {
    let own = question.asked.server.map(|server| question.world.facts.server(server));
    let root = own.map_or(".", |server| server.root.as_str());
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_string();
    let beside = |path: &str| root == "." || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    let above = |path: &str| path.rsplit_once('/').is_none_or(|(folder, _)| root.starts_with(folder));
    let mut files = question.world.sources.iter();
    let (source, file) = files.find(|(_, file)| {
        let last = file.path().rsplit('/').next().unwrap_or(file.path());
        PLATFORMS.contains(last) && (beside(file.path()) || above(file.path()))
    })?;
    let reason =
        format!("`{}` hands it to a platform, and what that confines is stated nowhere here", name(file.path()));
    Some(question.unknown(Gap::at(Span::new(source, 0, 0), GapKind::Unresolved, reason)))
}

fn confinement<'q>(question: &'q Question<'_>) -> Option<&'q Confinement> {
    question.world.facts.confinements.iter().find(|own| own.about.server == question.asked.server)
}

fn nothing(question: &Question<'_>) -> Answer {
    let span = question.asked.subject.about().span;
    question.unknown(Gap::at(span, GapKind::Nothing, "its confinement was not worked out"))
}

/// Nothing of the tree starts it: a recipe alone confines nothing, and is shown where there is one.
fn unstarted(question: &Question<'_>, because: &str) -> Answer {
    let mine = |server| server == question.asked.server;
    let recipes = question.world.facts.containers.iter().filter(|one| one.source_kind == "dockerfile");
    let recipe = recipes.into_iter().find(|recipe| mine(recipe.about.server));
    let steps = recipe.map(|recipe| Note::new(recipe.about.span, "it is built here, and nothing says how it is run"));
    let span = question.asked.subject.about().span;
    question.fails(span, &[("because", because)], steps.into_iter().collect())
}

fn aspect<'c>(own: &'c Confinement, id: &str) -> Option<&'c Aspect> {
    own.aspects.iter().find(|aspect| aspect.id == id)
}

fn holds(question: &Question<'_>, own: &Confinement, id: &str, place: Span) -> Answer {
    let layers = aspect(own, id).map_or(&[][..], |aspect| &aspect.layers);
    let steps = layers.iter().filter(|layer| layer.span != place);
    question.holds(place, &[], steps.map(|layer| Note::new(layer.span, said(layer, id))).collect())
}

/// The weakest way to start it decides; the others are shown with what they say.
fn fails(question: &Question<'_>, own: &Confinement, id: &str, place: Span) -> Answer {
    let Some(aspect) = aspect(own, id) else { return unstarted(question, "nothing in this tree confines it") };
    let because = match aspect.layers.iter().find(|layer| layer.decides) {
        Some(layer) => said(layer, id),
        None => aspect.says.clone(),
    };
    let others = aspect.layers.iter().filter(|layer| !layer.decides && layer.span != place);
    let steps = others.map(|layer| Note::new(layer.span, said(layer, id))).collect();
    let and = if aspect.state == State::Violated && aspect.conflict { ", which decides" } else { "" };
    question.fails(place, &[("because", &format!("{because}{and}"))], steps)
}

/// A layer in words: who starts it, and what that says.
fn said(layer: &Layer, id: &str) -> String {
    let who = match layer.kind.as_str() {
        "client-config" => format!("the entry `{}`", layer.deployment),
        "docker-run" => format!("the command that runs `{}`", layer.deployment),
        "compose" => format!("the service `{}`", layer.deployment),
        "kubernetes" => format!("the container `{}` of a pod", layer.deployment),
        "unit" => format!("the unit `{}`", layer.deployment),
        other => format!("`{}` ({other})", layer.deployment),
    };
    match (id, layer.says.as_str()) {
        ("boundary", says) if says.starts_with("a ") => format!("{who} starts it as {says}"),
        ("boundary", says) => format!("{who} starts it under {says}"),
        (_, "open" | "open, since nothing says otherwise") => format!("{who} lets it reach any host"),
        (_, "denied") => format!("{who} lets it reach nothing"),
        (_, "named") => format!("{who} lets it reach named destinations alone"),
        (_, says) if says.starts_with("reaches ") => format!("{who} starts it where it {says}"),
        (_, says) => format!("{who}: {says}"),
    }
}
