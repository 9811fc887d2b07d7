//! Whether what is put into a log is taken out of arguments before.

use crate::check::{Predicate, Question};
use crate::model::SubjectKind;
use crate::model::subject::SubjectRef;
use crate::rules::Answer;

/// Most tools that a message names.
const MAX_NAMED: usize = 3;
/// Name under which all arguments of a call stand together.
const ALL: &str = "arguments";
/// Name of one of them, where it is not known which.
const ONE: &str = "one of the arguments";

/// What callers paste is taken out before it is logged; the way of the argument is shown.
pub const TAKEN_OUT: Predicate = Predicate {
    name: "logged-arguments-are-taken-out",
    subjects: &[SubjectKind::Arrival],
    params: &[],
    holes: &["what"],
    ask: taken_out,
};

fn taken_out(question: &Question<'_>) -> Answer {
    let SubjectRef::Arrival(arrival) = question.asked.subject else {
        return Answer::NotApplicable("only arguments arrive at effects".to_string());
    };
    let steps = arrival.path.clone();
    if arrival.state == "guarded" {
        return question.holds(arrival.about.span, &[], steps);
    }
    let of = named(&arrival.tools);
    let what = match arrival.argument.as_str() {
        ALL if !arrival.of.is_empty() => format!("everything{}", arrival.of),
        ALL if of.is_empty() => "everything that the tool is given".to_string(),
        ALL => format!("everything that {of} are given"),
        ONE if of.is_empty() => ONE.to_string(),
        ONE => format!("{ONE} of {of}"),
        argument if of.is_empty() => format!("the argument `{argument}`{}", arrival.of),
        argument => format!("the argument `{argument}` of {of}"),
    };
    question.fails(arrival.about.span, &[("what", &what)], steps)
}

/// Several tools by name; nothing for one, which the finding names itself.
fn named(tools: &[String]) -> String {
    let shown: Vec<String> = tools.iter().take(MAX_NAMED).map(|name| format!("`{name}`")).collect();
    match (tools.len(), tools.len().saturating_sub(MAX_NAMED)) {
        (0 | 1, _) => String::new(),
        (_, 0) => format!("the tools {}", shown.join(", ")),
        (_, more) => format!("the tools {} and {more} more", shown.join(", ")),
    }
}
