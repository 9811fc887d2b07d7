//! What servers show a model: wording that steers it, characters that do not show, names taken for others.

use crate::check::{ParamKind, Predicate, Question, encoded, unseen, wording};
use crate::model::subject::SubjectRef;
use crate::model::text::ModelText;
use crate::model::{Note, SubjectKind};
use crate::rules::Answer;
use crate::rules::logic::Param;

const TEXTS: &[SubjectKind] = &[SubjectKind::ModelText];
const TOOLS: &[SubjectKind] = &[SubjectKind::Tool];

/// No phrase of `rules/phrases/model-instructions.yml` for the check named by `phrases`, in this text or in the texts of
/// its tool read one after the other.
pub const WORDING: Predicate = Predicate {
    name: "free-of-wording",
    subjects: TEXTS,
    params: &[("phrases", ParamKind::Text)],
    holes: &["says", "quote"],
    ask: |question| question.text_answer(free_of_wording),
};

/// No run of invisible characters of the given kinds.
pub const UNSEEN: Predicate = Predicate {
    name: "free-of-unseen",
    subjects: TEXTS,
    params: &[("kinds", ParamKind::Texts)],
    holes: &["kind", "shown", "hidden"],
    ask: |question| question.text_answer(free_of_unseen),
};

/// No encoded run that decodes to readable text.
pub const ENCODED: Predicate = Predicate {
    name: "free-of-encoded-text",
    subjects: TEXTS,
    params: &[],
    holes: &["quote", "decoded"],
    ask: |question| question.text_answer(free_of_encoded),
};

/// At most `characters` characters.
pub const LENGTH: Predicate = Predicate {
    name: "not-longer-than",
    subjects: TEXTS,
    params: &[("characters", ParamKind::Number)],
    holes: &["length"],
    ask: |question| question.text_answer(not_longer_than),
};

/// The name holds no look-alike letters, and no other tool's name is taken for it.
pub const LOOK_ALIKE: Predicate = Predicate {
    name: "name-is-unmistakable",
    subjects: TOOLS,
    params: &[],
    holes: &["other"],
    ask: name_is_unmistakable,
};

/// No other tool of the same server has the name.
pub const UNIQUE: Predicate =
    Predicate { name: "name-is-unique", subjects: TOOLS, params: &[], holes: &[], ask: name_is_unique };

impl Question<'_> {
    fn text_answer(&self, ask: fn(&Question<'_>, &ModelText) -> Answer) -> Answer {
        match self.asked.subject {
            SubjectRef::ModelText(text) => ask(self, text),
            other => Answer::NotApplicable(format!("a {} is no text for a model", other.kind().id())),
        }
    }
}

fn free_of_wording(question: &Question<'_>, text: &ModelText) -> Answer {
    let Some(Param::Text(phrases)) = question.params.get("phrases") else {
        return Answer::NotApplicable("the rule names no phrases".to_string());
    };
    let is_quiet = |tool| question.world.told.is_quiet(phrases, tool, &question.world.facts.texts);
    if text.about.tool.is_some_and(is_quiet) {
        return question.holds(text.about.span, &[], Vec::new());
    }
    let folded = wording::folded(&text.text);
    if let Some(found) = wording::find(phrases, &folded) {
        return question.fails(text.about.span, &[("says", found.says), ("quote", &found.quote)], Vec::new());
    }
    match split_over_fields(question, text, phrases, &folded) {
        Some((found, steps)) => {
            question.fails(text.about.span, &[("says", found.says), ("quote", &found.quote)], steps)
        }
        None => question.holds(text.about.span, &[], Vec::new()),
    }
}

/// A phrase that begins in this text and ends in a later text of the same tool.
fn split_over_fields(
    question: &Question<'_>,
    text: &ModelText,
    phrases: &str,
    own: &str,
) -> Option<(wording::Found, Vec<Note>)> {
    let tool = text.about.tool?;
    // Texts of one tool stand side by side.
    let after = question.world.facts.texts.get(question.asked.index + 1..).unwrap_or_default();
    let rest: Vec<&ModelText> = after.iter().take_while(|other| other.about.tool == Some(tool)).take(4).collect();
    let rest: Vec<(&ModelText, String)> = rest.into_iter().map(|other| (other, wording::folded(&other.text))).collect();
    let whole = rest.iter().fold(own.to_string(), |whole, (_, text)| whole + " " + text);
    if !wording::may_hold(phrases, &whole) {
        return None;
    }
    let mut joined = own.to_string();
    for (other, text) in rest {
        joined.push(' ');
        joined.push_str(&text);
        let found = wording::find(phrases, &joined).filter(|found| found.start < own.len() && found.end > own.len());
        if let Some(found) = found {
            return Some((found, vec![Note::new(other.about.span, "and goes on here")]));
        }
    }
    None
}

fn free_of_unseen(question: &Question<'_>, text: &ModelText) -> Answer {
    let kinds = question.texts("kinds");
    let Some(run) = unseen::runs(&text.text).into_iter().find(|run| kinds.iter().any(|kind| kind == run.kind)) else {
        return question.holds(text.about.span, &[], Vec::new());
    };
    let hidden = if run.hidden.is_empty() { String::new() } else { format!(", which spell \"{}\"", run.hidden) };
    let extra = [("kind", run.kind), ("shown", run.shown.as_str()), ("hidden", hidden.as_str())];
    question.fails(text.about.span, &extra, Vec::new())
}

fn free_of_encoded(question: &Question<'_>, text: &ModelText) -> Answer {
    let phrase = wording::find("encoded-payload", &wording::folded(&text.text));
    if let Some(found) = phrase {
        return question.fails(text.about.span, &[("quote", &found.quote), ("decoded", found.says)], Vec::new());
    }
    match encoded::readable(&text.text) {
        Some(found) => {
            let decoded = format!("decodes to \"{}\"", found.decoded);
            question.fails(text.about.span, &[("quote", &found.quote), ("decoded", &decoded)], Vec::new())
        }
        None => question.holds(text.about.span, &[], Vec::new()),
    }
}

fn not_longer_than(question: &Question<'_>, text: &ModelText) -> Answer {
    let Some(Param::Number(most)) = question.params.get("characters") else {
        return Answer::NotApplicable("the rule names no length".to_string());
    };
    let length = text.text.chars().count();
    if length as f64 > *most {
        question.fails(text.about.span, &[("length", &length.to_string())], Vec::new())
    } else {
        question.holds(text.about.span, &[], Vec::new())
    }
}

fn name_is_unmistakable(question: &Question<'_>) -> Answer {
    let about = question.asked.subject.about();
    if let Some(letter) = unseen::mixes_look_alikes(&about.name) {
        let other = format!("`{letter}` (U+{:04X}), which looks Latin and is not", letter as u32);
        return question.fails(about.span, &[("other", &other)], Vec::new());
    }
    fn seen(name: &str) -> impl Iterator<Item = char> {
        name.chars().map(unseen::latin_look_alike)
    }
    let mut others = question.world.facts.tools.iter().filter(|tool| tool.about.name != about.name);
    match others.find(|tool| seen(&tool.about.name).eq(seen(&about.name))) {
        Some(tool) => {
            let other = format!("the same letters to the eye as `{}`", tool.about.name);
            question.fails(about.span, &[("other", &other)], vec![Note::new(tool.about.span, "the other tool")])
        }
        None => question.holds(about.span, &[], Vec::new()),
    }
}

fn name_is_unique(question: &Question<'_>) -> Answer {
    let SubjectRef::Tool(tool) = question.asked.subject else {
        return Answer::NotApplicable("only tools have tool names".to_string());
    };
    let same = |other: &&crate::model::tool::Tool| {
        let both = other.about.server == tool.about.server && other.about.name == tool.about.name;
        both && other.origin == tool.origin && !std::ptr::eq(*other, tool)
    };
    let exclusive = |other: &crate::model::tool::Tool| !other.condition.is_absent() && !tool.condition.is_absent();
    match question.world.facts.tools.iter().find(same) {
        Some(other) if !exclusive(other) => {
            let note = Note::new(other.about.span, "the other tool of that name");
            question.fails(tool.about.span, &[], vec![note])
        }
        _ => question.holds(tool.about.span, &[], Vec::new()),
    }
}
