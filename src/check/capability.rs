//! Whether a capability that is added back has a use that the tree shows.

use crate::check::{Predicate, Question};
use crate::model::container::{Container, Port};
use crate::model::known::{Known, Spanned};
use crate::model::server::Listener;
use crate::model::subject::SubjectRef;
use crate::model::{About, Gap, GapKind, Note, SubjectKind};
use crate::rules::Answer;

/// The right to listen below port 1024 is added only where something listens there.
pub const NEEDED: Predicate = Predicate {
    name: "added-capability-needed",
    subjects: &[SubjectKind::Container],
    params: &[],
    holes: &[],
    ask: needed,
};

fn needed(question: &Question<'_>) -> Answer {
    let SubjectRef::Container(container) = question.asked.subject else {
        return Answer::NotApplicable("only containers add capabilities".to_string());
    };
    let Some(added) = container.cap_add.iter().find(|one| one.value == "NET_BIND_SERVICE") else {
        return question.holds(container.about.span, &[], Vec::new());
    };
    let facts = question.world.facts;
    let ports = facts.ports.iter().filter(|port| port.about.part_of == Some(container.about.span));
    if let Some(low) = ports.clone().find(|port| is_low(port)) {
        let step = Note::new(low.about.span, "the port that it serves");
        return question.holds(added.span, &[], vec![step]);
    }
    let mine = |about: &About| about.server.is_some() && about.server == container.about.server;
    let listeners: Vec<&Listener> = facts.listeners.iter().filter(|listener| mine(&listener.about)).collect();
    match listeners.iter().find_map(|listener| low_port(listener)) {
        Some(Known::Is(port)) => {
            question.holds(added.span, &[], vec![Note::new(port.span, "the port that it listens on")])
        }
        Some(Known::Unknown(unknown)) => open(question, container, added, &unknown.reason),
        Some(Known::Absent) => open(question, container, added, "the port that it listens on is not stated"),
        None if listeners.is_empty() => open(question, container, added, "no source here shows where it listens"),
        None => {
            let steps = listeners.iter().map(|one| Note::new(one.about.span, format!("listens by {}", one.transport)));
            question.fails(added.span, &[], steps.take(4).collect())
        }
    }
}

fn open(question: &Question<'_>, container: &Container, added: &Spanned<String>, why: &str) -> Answer {
    let reason = format!("whether `{}` needs `{}` is not known: {why}", container.about.name, added.value);
    question.unknown(Gap::at(added.span, GapKind::Unresolved, reason))
}

fn is_low(port: &Port) -> bool {
    let number = |text: &String| text.split(['-', '/']).next().and_then(|text| text.trim().parse::<u32>().ok());
    port.target.value().and_then(number).is_some_and(|number| number < 1024)
}

/// A port below 1024, or one that may be; nothing where the listener needs no such right.
fn low_port(listener: &Listener) -> Option<Known<i64>> {
    match &listener.port {
        _ if listener.transport == "stdio" => None,
        Known::Is(port) if port.value >= 1024 => None,
        port => Some(port.clone()),
    }
}
