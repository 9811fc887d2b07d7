//! Whether what stands before a transport lets in only whom it should.

use crate::check::{Predicate, Question};
use crate::model::known::Known;
use crate::model::subject::SubjectRef;
use crate::model::{Gap, GapKind, Note, SubjectKind};
use crate::rules::Answer;

/// A foreign Host or Origin is refused; the routes that nothing stands before are shown.
pub const HOST: Predicate = Predicate {
    name: "host-is-checked",
    subjects: &[SubjectKind::Listener],
    params: &[],
    holes: &["because"],
    ask: host,
};

/// A credential is asked for, in any case.
pub const AUTHENTICATED: Predicate = Predicate {
    name: "caller-is-authenticated",
    subjects: &[SubjectKind::Listener],
    params: &[],
    holes: &["because"],
    ask: authenticated,
};

fn host(question: &Question<'_>) -> Answer {
    let SubjectRef::Listener(listener) = question.asked.subject else { return no_listener() };
    let matter = "whether a foreign Host or Origin is refused";
    answer(question, matter, &listener.host_checked, &listener.host_check, &listener.host_notes)
}

fn authenticated(question: &Question<'_>) -> Answer {
    let SubjectRef::Listener(listener) = question.asked.subject else { return no_listener() };
    let matter = "whether callers must authenticate";
    answer(question, matter, &listener.authenticated, &listener.authentication, &listener.auth_notes)
}

fn no_listener() -> Answer {
    Answer::NotApplicable("only transports let callers in".to_string())
}

fn answer(question: &Question<'_>, matter: &str, is: &Known<bool>, because: &str, notes: &[Note]) -> Answer {
    let SubjectRef::Listener(listener) = question.asked.subject else { return no_listener() };
    if listener.again {
        return Answer::NotApplicable("the same transport is bound at a wider address".to_string());
    }
    let because = match because {
        "" => String::new(),
        text => format!(": {text}"),
    };
    let extra = [("because", because.as_str())];
    match is {
        Known::Is(is) if is.value => question.holds(listener.opened, &extra, notes.to_vec()),
        Known::Is(_) => question.fails(listener.opened, &extra, notes.to_vec()),
        Known::Unknown(unknown) => {
            question.unknown(Gap::at(unknown.span, GapKind::Unresolved, format!("{matter} {}", unknown.reason)))
        }
        Known::Absent => {
            question.unknown(Gap::at(listener.opened, GapKind::Unresolved, format!("{matter} is not known")))
        }
    }
}
