//! Whether what stands between an argument and an effect holds.

use crate::check::{Predicate, Question};
use crate::model::SubjectKind;
use crate::model::effect::IN_URL_PATH;
use crate::model::subject::SubjectRef;
use crate::rules::Answer;

/// A guard that holds stands between the argument and the effect; the way of the argument is shown.
pub const GUARDED: Predicate = Predicate {
    name: "arrival-is-guarded",
    subjects: &[SubjectKind::Arrival],
    params: &[],
    holes: &["past"],
    ask: guarded,
};

fn guarded(question: &Question<'_>) -> Answer {
    let SubjectRef::Arrival(arrival) = question.asked.subject else {
        return Answer::NotApplicable("only arguments arrive at effects".to_string());
    };
    let steps = arrival.path.clone();
    if arrival.state == "guarded" {
        question.holds(arrival.about.span, &[], steps)
    } else {
        let past = match (arrival.state.as_str(), arrival.guard.value()) {
            ("weak", Some(guard)) if guard == IN_URL_PATH => format!(" {guard}"),
            ("weak", Some(guard)) => format!(", past a guard that does not hold: {guard}"),
            _ => String::new(),
        };
        question.fails(arrival.about.span, &[("past", &past)], steps)
    }
}
