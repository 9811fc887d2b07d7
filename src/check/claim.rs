//! Whether a tool keeps what its description promises: the promises of `rules/phrases/claims.yml` against its effects.

use std::sync::LazyLock;

use regex::RegexSet;
use regex::RegexSetBuilder;
use serde::Deserialize;

use crate::check::{Predicate, Question};
use crate::model::effect::Effect;
use crate::model::known::Known;
use crate::model::subject::SubjectRef;
use crate::model::{Gap, GapKind, Note, SubjectKind};
use crate::rules::Answer;

/// No effect of the tool breaks what its description promises.
pub const KEPT: Predicate = Predicate {
    name: "description-is-kept",
    subjects: &[SubjectKind::Tool],
    params: &[],
    holes: &["says", "call"],
    ask: kept,
};

/// One promise as its file states it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimFile {
    #[serde(rename = "id")]
    _id: String,
    says: String,
    any: Vec<String>,
    unless: Vec<String>,
    broken_by: Vec<String>,
}

/// One promise, compiled.
struct Claim {
    says: String,
    any: RegexSet,
    unless: RegexSet,
    broken_by: Vec<String>,
}

static CLAIMS: LazyLock<Vec<Claim>> = LazyLock::new(|| {
    let text = crate::embedded::text("phrases/claims.yml").expect("the list of promises is embedded");
    read(text).expect("a test reads the list of promises")
});

fn read(text: &str) -> Result<Vec<Claim>, String> {
    let files: Vec<ClaimFile> = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let set = |patterns: &[String]| {
        RegexSetBuilder::new(patterns).case_insensitive(true).build().map_err(|error| error.to_string())
    };
    let claim = |file: ClaimFile| {
        let (any, unless) = (set(&file.any)?, set(&file.unless)?);
        Ok(Claim { says: file.says, any, unless, broken_by: file.broken_by })
    };
    files.into_iter().map(claim).collect()
}

/// Promises that a description makes.
fn made_in(description: &str) -> Vec<&'static Claim> {
    let text = description.split_whitespace().collect::<Vec<_>>().join(" ");
    CLAIMS.iter().filter(|claim| claim.any.is_match(&text) && !claim.unless.is_match(&text)).collect()
}

impl Claim {
    fn is_broken_by(&self, effect: &Effect) -> bool {
        self.broken_by.iter().any(|by| match by.as_str() {
            "changes" => effect.changes.value() == Some(&true),
            "deletes" => effect.deletes.value() == Some(&true),
            kind => effect.kind == kind,
        })
    }
}

fn kept(question: &Question<'_>) -> Answer {
    let (SubjectRef::Tool(tool), Some(own)) = (question.asked.subject, question.asked.tool) else {
        return Answer::NotApplicable("only tools are described".to_string());
    };
    let Known::Is(description) = &tool.description else {
        return Answer::NotApplicable(format!("`{}` has no description that is known", tool.about.name));
    };
    let made = made_in(&description.value);
    if made.is_empty() {
        return Answer::NotApplicable(format!("the description of `{}` promises nothing of the kind", tool.about.name));
    }
    let effects: Vec<&Effect> =
        question.world.facts.effects.iter().filter(|effect| effect.about.tool == Some(own)).collect();
    for claim in &made {
        if let Some(effect) = effects.iter().find(|effect| claim.is_broken_by(effect)) {
            let promise = Note::new(description.span, format!("the description says that it {}", claim.says));
            let steps = std::iter::once(promise).chain(effect.path.iter().cloned()).collect();
            return question.fails(effect.about.span, &[("says", &claim.says), ("call", &effect.call)], steps);
        }
    }
    match &tool.followed {
        Known::Is(_) => question.holds(description.span, &[("says", &made[0].says)], Vec::new()),
        Known::Unknown(unknown) => {
            let reason = format!("what `{}` does is {}", tool.about.name, unknown.reason);
            question.unknown(Gap::at(unknown.span, GapKind::Unresolved, reason))
        }
        Known::Absent => {
            let reason = format!("no handler of `{}` was found", tool.about.name);
            question.unknown(Gap::at(tool.about.span, GapKind::Unresolved, reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_are_told_from_other_uses_of_their_words() {
        for (text, expected) in [
            ("Lists orders. This tool is read-only.", vec!["only reads"]),
            ("Read-only listing of orders.", vec!["only reads"]),
            ("Looks at a plan. Does not modify any files.", vec!["only reads"]),
            ("Sets a field. Not available in read-only mode.", vec![]),
            ("Marks the file as read-only file.", vec![]),
            ("Creates a read-only replica.", vec![]),
            ("Runs entirely offline.", vec!["uses no network"]),
            ("Checks syntax without executing the code.", vec![]),
            ("Parses code and never executes code.", vec!["runs no program"]),
            ("Does not delete files unless `force` is given.", vec![]),
        ] {
            let says: Vec<&str> = made_in(text).into_iter().map(|claim| claim.says.as_str()).collect();
            assert_eq!(says, expected, "{text}");
        }
    }
}
