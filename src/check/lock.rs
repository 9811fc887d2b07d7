//! Whether a server is what its lock says.

use crate::check::{Predicate, Question};
use crate::gap::{Gap, GapKind};
use crate::model::subject::SubjectRef;
use crate::model::{Note, SubjectKind};
use crate::rules::Answer;

/// Most differences that are shown of one server.
const SHOWN: usize = 40;

/// A lock speaks for the server, and can be read as far as it goes.
pub static PRESENT: Predicate =
    Predicate { name: "lock-is-there", subjects: &[SubjectKind::Server], params: &[], holes: &["lock"], ask: is_there };

/// The server is as its lock has it, and somebody approved that.
pub static SAME: Predicate = Predicate {
    name: "server-is-as-locked",
    subjects: &[SubjectKind::Server],
    params: &[],
    holes: &["lock", "change", "number", "approver"],
    ask: is_as_locked,
};

fn is_there(question: &Question<'_>) -> Answer {
    let SubjectRef::Server(server) = question.asked.subject else {
        return Answer::NotApplicable("it is no server".to_string());
    };
    match (server.locked.path.value(), server.locked.span.or(server.locked.path.span())) {
        (Some(path), Some(span)) => question.holds(span, &[("lock", path)], Vec::new()),
        _ => question.fails(server.about.span, &[], Vec::new()),
    }
}

fn is_as_locked(question: &Question<'_>) -> Answer {
    let SubjectRef::Server(server) = question.asked.subject else {
        return Answer::NotApplicable("it is no server".to_string());
    };
    let locked = &server.locked;
    let Some(path) = locked.path.value() else {
        let reason = "there is no lock that it could be compared with".to_string();
        return question.unknown(Gap::at(server.about.span, GapKind::Nothing, reason));
    };
    if let Some(first) = locked.drift.first() {
        let number = match locked.drift.len() {
            1 => "one difference".to_string(),
            several => format!("{several} differences"),
        };
        let rest = locked.drift.iter().skip(1).take(SHOWN);
        let steps = rest.map(|one| Note::new(one.span, one.value.clone())).collect();
        return question.fails(first.span, &[("lock", path), ("change", &first.value), ("number", &number)], steps);
    }
    let place = locked.span.or(locked.path.span()).unwrap_or(server.about.span);
    let Some(approver) = locked.approved_by.value() else {
        let change = "nobody has approved what it pins";
        return question.fails(place, &[("lock", path), ("change", change), ("number", "no approval")], Vec::new());
    };
    match locked.unknown.first() {
        Some(unknown) => question.unknown(Gap::at(unknown.span, GapKind::Dynamic, unknown.value.clone())),
        None => question.holds(place, &[("lock", path), ("approver", approver)], Vec::new()),
    }
}
