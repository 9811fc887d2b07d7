//! Whether one tool holds several kinds of work, of which an argument chooses one.

use serde_json::Value;

use crate::check::{ParamKind, Predicate, Question};
use crate::model::known::Known;
use crate::model::subject::SubjectRef;
use crate::model::tool::{Parameter, Schema, Tool};
use crate::model::{Gap, GapKind, Note, SubjectKind};
use crate::rules::Answer;

/// No argument named like one of `arguments` offers modes of which one begins with a word of `words` and another with a
/// word of `others`; without `others`, with any other word.
pub const APART: Predicate = Predicate {
    name: "modes-are-apart",
    subjects: &[SubjectKind::Tool],
    params: &[("arguments", ParamKind::Texts), ("words", ParamKind::Texts), ("others", ParamKind::Texts)],
    holes: &["argument", "mode", "other"],
    ask: apart,
};

/// Methods of HTTP as requests write them.
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];

/// An argument that chooses a mode, and what it offers.
struct Chooser<'a> {
    parameter: &'a Parameter,
    modes: Vec<String>,
}

fn apart(question: &Question<'_>) -> Answer {
    let (SubjectRef::Tool(tool), Some(own)) = (question.asked.subject, question.asked.tool) else {
        return Answer::NotApplicable("only tools have modes".to_string());
    };
    let schema = match &tool.input_schema {
        Known::Is(schema) => schema,
        Known::Unknown(unknown) => {
            let reason = format!("the arguments of `{}` are not known: {}", tool.about.name, unknown.reason);
            return question.unknown(Gap::at(unknown.span, GapKind::Unresolved, reason));
        }
        Known::Absent => {
            let reason = format!("`{}` declares no arguments, so its modes are not known", tool.about.name);
            return question.unknown(Gap::at(tool.about.span, GapKind::Unresolved, reason));
        }
    };
    let choosers = choosers(question, &schema.value, own);
    for chooser in &choosers {
        if let Some((mode, other)) = mixed(question, &chooser.modes).filter(|_| !is_of_requests(question, chooser)) {
            let extra = [("argument", chooser.parameter.about.name.as_str()), ("mode", mode), ("other", other)];
            return question.fails(chooser.parameter.about.span, &extra, Vec::new());
        }
    }
    settle(question, tool, &schema.value, &choosers)
}

/// The answer where no modes were seen together.
fn settle(question: &Question<'_>, tool: &Tool, schema: &Schema, choosers: &[Chooser<'_>]) -> Answer {
    if let Some(free) = choosers.iter().find(|chooser| chooser.modes.is_empty()) {
        let reason = format!("`{}` takes any text, so which modes it chooses is not known", free.parameter.about.name);
        return question.unknown(Gap::at(free.parameter.about.span, GapKind::Unresolved, reason));
    }
    let chooses_requests =
        |chooser: &&Chooser<'_>| is_of_requests(question, chooser) && mixed(question, &chooser.modes).is_some();
    if let Some(of_requests) = choosers.iter().find(chooses_requests) {
        let name = &of_requests.parameter.about.name;
        let reason = format!("`{name}` chooses how a request is sent, and whoever answers it decides what that does");
        return question.unknown(Gap::at(of_requests.parameter.about.span, GapKind::Unresolved, reason));
    }
    if !schema.complete {
        let reason = format!("the arguments of `{}` are known only in part", tool.about.name);
        return question.unknown(Gap::at(tool.about.span, GapKind::Unresolved, reason));
    }
    let steps = choosers.iter().map(|chooser| {
        Note::new(chooser.parameter.about.span, format!("`{}` offers no such modes", chooser.parameter.about.name))
    });
    question.holds(tool.about.span, &[], steps.collect())
}

/// Whether all modes are methods of HTTP: that a request deletes is known to whoever answers it, and reading is told from
/// writing by them all the same.
fn is_of_requests(question: &Question<'_>, chooser: &Chooser<'_>) -> bool {
    let is_method = |mode: &String| METHODS.contains(&mode.as_str());
    question.texts("others").is_empty() && chooser.modes.len() > 1 && chooser.modes.iter().all(is_method)
}

fn choosers<'a>(question: &Question<'a>, schema: &Schema, tool: crate::model::ToolId) -> Vec<Chooser<'a>> {
    let names = question.texts("arguments");
    let chooses = |parameter: &&Parameter| {
        parameter.about.tool == Some(tool)
            && parameter.json_type.value().is_none_or(|kind| kind.contains("string"))
            && words(last_name(&parameter.pointer)).last().is_some_and(|last| names.contains(last))
    };
    let found = question.world.facts.parameters.iter().filter(chooses);
    let modes = |parameter: &Parameter| schema.json.pointer(&parameter.pointer).map(modes).unwrap_or_default();
    found.map(|parameter| Chooser { parameter, modes: modes(parameter) }).collect()
}

/// The values that a schema offers, directly or as constants of its alternatives.
fn modes(schema: &Value) -> Vec<String> {
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_string)).collect()
    };
    let constants = ["oneOf", "anyOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    let constants = constants.flat_map(|one| match (one.get("const"), one.get("enum")) {
        (Some(Value::String(one)), _) => vec![one.clone()],
        (_, Some(list)) => texts(list),
        _ => Vec::new(),
    });
    let own = schema.get("const").and_then(Value::as_str).map(str::to_string);
    schema.get("enum").map(texts).unwrap_or_default().into_iter().chain(own).chain(constants).collect()
}

/// A mode of the one kind and a mode of the other.
fn mixed<'a>(question: &Question<'_>, modes: &'a [String]) -> Option<(&'a str, &'a str)> {
    let (ones, others) = (question.texts("words"), question.texts("others"));
    let is = |list: &[String], mode: &str| words(mode).first().is_some_and(|first| list.contains(first));
    let one = modes.iter().find(|mode| is(ones, mode))?;
    let other = modes.iter().find(|mode| if others.is_empty() { !is(ones, mode) } else { is(others, mode) })?;
    Some((one, other))
}

/// `delete_issue`, `deleteIssue`, `DELETE_ISSUE` → `delete`, `issue`.
fn words(name: &str) -> Vec<String> {
    let all_capitals = !name.chars().any(char::is_lowercase);
    let mut words = vec![String::new()];
    for sign in name.chars() {
        if !sign.is_alphanumeric() || sign.is_uppercase() && !all_capitals {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| sign.is_alphanumeric()) {
            word.extend(sign.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `/properties/http_method` → `http_method`.
fn last_name(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_in_every_style() {
        for (name, expected) in [
            ("delete_issue", vec!["delete", "issue"]),
            ("deleteIssue", vec!["delete", "issue"]),
            ("DELETE", vec!["delete"]),
            ("DELETE-ALL", vec!["delete", "all"]),
            ("HttpMethod", vec!["http", "method"]),
            ("--force", vec!["force"]),
            ("", vec![]),
        ] {
            assert_eq!(words(name), expected, "{name}");
        }
    }

    #[test]
    fn modes_are_read_from_enumerations_and_constants() {
        let schema = serde_json::json!({"anyOf": [{"const": "get"}, {"enum": ["set", "list"]}, {"type": "string"}]});
        assert_eq!(modes(&schema), ["get", "set", "list"]);
        assert_eq!(modes(&serde_json::json!({"enum": ["a", 1]})), ["a"]);
    }
}
