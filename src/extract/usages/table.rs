//! The tables under `rules/usages`, one a language: which uses matter, and when they are not sound.
//!
//! ```yaml
//! language: python
//! usages:
//!   - topic: certificates
//!     calls: [requests.get]         # a call or literal by its full name, as in rules/effects
//!     methods: [send]               # or a method of whatever object, where the slot is set
//!     keys: [rejectUnauthorized]    # or an entry of any map literal
//!     members: [verify_mode]        # or an assignment to a member or element of this name
//!     is_sound: true                # it is sound in any case
//!     is_open: true                 # nothing in the call tells whether it is
//!     unsound_when:                 # not sound where all of it is so; always, where nothing is said
//!       - {slot: [verify], in: ["false"]}
//!       - {slot: [audience], unset: true}
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::Deserialize;

use crate::code::{Language, StatementKind, ValueId, ValueKind};
use crate::embedded;
use crate::extract::tools::sdk::Slot;
use crate::flow::meaning::{Made, value_in};
use crate::flow::{Flow, FunctionRef, Meaning};
use crate::taint::names::dotted;

/// Uses that matter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: String,
    usages: Vec<Pattern>,
}

/// One use.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// What depends on it.
    pub topic: String,
    #[serde(default)]
    calls: Vec<String>,
    #[serde(default)]
    methods: Vec<String>,
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    members: Vec<String>,
    /// Whether it is sound in any case.
    #[serde(default)]
    pub is_sound: bool,
    /// Whether nothing in the call tells if it is sound: what it reads is named by types, files, or nobody.
    #[serde(default)]
    pub is_open: bool,
    /// Not sound where all of it is so.
    #[serde(default)]
    pub unsound_when: Vec<Condition>,
}

/// Something that is so of an argument.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The argument; the value itself for keys and members.
    #[serde(default)]
    pub slot: Vec<Slot>,
    /// Values, as text: constants, full names, and either for elements of a list.
    #[serde(default, rename = "in")]
    values: Vec<String>,
    /// Everything but these.
    #[serde(default)]
    not_in: Vec<String>,
    /// Whether it is so where nothing sets the argument.
    #[serde(default)]
    pub unset: bool,
}

impl Condition {
    /// Whether a value is one of them; nothing where it is a name that the table does not know.
    pub fn holds(&self, word: &Word) -> Option<bool> {
        let is = |list: &[String]| list.iter().any(|one| one.eq_ignore_ascii_case(&word.text));
        let holds = is(&self.values) || (!self.not_in.is_empty() && !is(&self.not_in));
        // A constant beside one that is known is another constant.
        let home = |name: &str| name.rsplit_once('.').map(|(home, _)| home.to_string());
        let is_beside = || self.values.iter().any(|one| home(one).is_some() && home(one) == home(&word.text));
        (holds || word.is_constant || is_beside()).then_some(holds)
    }
}

/// The uses of one language, by what shows them.
#[derive(Debug, Default)]
pub struct Table {
    patterns: Vec<Pattern>,
    calls: BTreeMap<String, Vec<usize>>,
    methods: BTreeMap<String, Vec<usize>>,
    keys: BTreeMap<String, Vec<usize>>,
    members: BTreeMap<String, Vec<usize>>,
    /// Last parts of the names of calls and methods.
    last: BTreeSet<String>,
}

impl Table {
    fn add(&mut self, pattern: Pattern) {
        let at = self.patterns.len();
        let lists = [
            (&pattern.calls, &mut self.calls),
            (&pattern.methods, &mut self.methods),
            (&pattern.keys, &mut self.keys),
            (&pattern.members, &mut self.members),
        ];
        for (names, index) in lists {
            names.iter().for_each(|name| index.entry(name.clone()).or_default().push(at));
        }
        let last = |name: &String| name.rsplit('.').next().unwrap_or(name).to_string();
        self.last.extend(pattern.calls.iter().chain(&pattern.methods).map(last));
        self.patterns.push(pattern);
    }

    fn of(&self, index: &BTreeMap<String, Vec<usize>>, name: &str) -> Vec<&Pattern> {
        index.get(name).into_iter().flatten().map(|at| &self.patterns[*at]).collect()
    }

    /// Whether a call whose last part is this may matter.
    pub fn may_be(&self, last: &str) -> bool {
        self.last.contains(last)
    }

    /// Uses that a call or literal of this full name is.
    pub fn calls(&self, name: &str) -> Vec<&Pattern> {
        self.of(&self.calls, name)
    }

    /// Uses that a method of this name is.
    pub fn methods(&self, name: &str) -> Vec<&Pattern> {
        self.of(&self.methods, name)
    }

    /// Uses that an entry of this name is.
    pub fn keys(&self, name: &str) -> Vec<&Pattern> {
        self.of(&self.keys, name)
    }

    /// Uses that an assignment to a member of this name is.
    pub fn members(&self, name: &str) -> Vec<&Pattern> {
        self.of(&self.members, name)
    }
}

/// All tables.
#[derive(Debug, Default)]
pub struct Tables {
    by_language: BTreeMap<String, Table>,
}

impl Tables {
    /// The built-in tables.
    pub fn built_in() -> Self {
        let mut tables = Tables::default();
        for (path, text) in embedded::under("usages/") {
            let file: File = serde_yaml::from_str(text)
                .unwrap_or_else(|error| unreachable!("built-in {path} is checked by a test: {error}"));
            let table = tables.by_language.entry(file.language).or_default();
            file.usages.into_iter().for_each(|pattern| table.add(pattern));
        }
        tables
    }

    /// The table of a language.
    pub fn of(&self, language: Language) -> Option<&Table> {
        self.by_language.get(language.id())
    }
}

/// A value as tables compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As text.
    pub text: String,
    /// Whether that is the value itself, not the name of something from outside.
    pub is_constant: bool,
}

/// A value as words: constants, names, and those of each element of a list.
pub fn words(flow: &Flow, meaning: &Meaning) -> Option<Vec<Word>> {
    let constant = |text: String| Some(vec![Word { text, is_constant: true }]);
    let named = |text: String| Some(vec![Word { text, is_constant: false }]);
    match meaning {
        Meaning::Later(..) => words(flow, &flow.force(meaning)),
        Meaning::Null => constant("null".into()),
        Meaning::Bool(is) => constant(is.to_string()),
        Meaning::Int(number) => constant(number.to_string()),
        Meaning::Text(text, _) => constant(text.to_string()),
        Meaning::Outside(name) => named(dotted(name)),
        Meaning::Made(made) => match (unset_texts(flow, made), &made.callee) {
            // The environment may say otherwise: what the default is not is not known.
            (Some(texts), _) => Some(texts.into_iter().map(|text| Word { text, is_constant: false }).collect()),
            (None, Meaning::Outside(name)) => named(format!("{}()", dotted(name))),
            _ => None,
        },
        Meaning::List(items) => {
            let each = items.iter().map(|item| words(flow, &item.value).filter(|_| !item.is_rest));
            let all: Option<Vec<Vec<Word>>> = each.collect();
            let flat: Vec<Word> = all?.into_iter().flatten().collect();
            if flat.is_empty() { constant("[]".into()) } else { Some(flat) }
        }
        Meaning::Function(function, ..) if is_idle(flow, *function) => constant("idle function".into()),
        Meaning::Function(..) => constant("function".into()),
        _ => None,
    }
}

/// Whether a function does nothing, and answers nothing.
fn is_idle(flow: &Flow, function: FunctionRef) -> bool {
    let body = &flow.function(function).body;
    let is_nothing = |id: ValueId| match flow.kind(value_in(function.module, id)) {
        ValueKind::Null => true,
        ValueKind::Name(name) => name == "undefined",
        _ => false,
    };
    body.tail.is_none_or(is_nothing)
        && body.statements.iter().all(|one| match one.kind {
            StatementKind::Return(value) => value.is_none_or(is_nothing),
            _ => false,
        })
}

/// The texts that a setting of the environment is where it is not set, which may be split: `os.getenv("ORIGINS", "*")`.
fn unset_texts(flow: &Flow, made: &Rc<Made>) -> Option<Vec<String>> {
    match &made.callee {
        Meaning::Member(base, method) if method == "split" => {
            let Meaning::Made(inner) = flow.force(base) else { return None };
            let separator = flow.force(&made.arguments.first()?.value);
            let whole = unset_texts(flow, &inner)?;
            Some(whole.first()?.split(separator.text()?.as_str()).map(|one| one.trim().to_string()).collect())
        }
        _ => Some(vec![default_of(flow, &Meaning::Made(made.clone()))?.text()?.to_string()]),
    }
}

/// What a setting of the environment is when it is not set: `os.getenv("ORIGINS", "*")`.
fn default_of(flow: &Flow, meaning: &Meaning) -> Option<Meaning> {
    let Meaning::Made(made) = meaning else { return None };
    match &made.callee {
        Meaning::Outside(name) if matches!(name.as_str(), "os.getenv" | "os.environ.get") => {
            Some(flow.force(&made.arguments.get(1)?.value))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_table_reads() {
        for (path, text) in embedded::under("usages/") {
            let file: File = serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
            for pattern in &file.usages {
                let shown = [&pattern.calls, &pattern.methods, &pattern.keys, &pattern.members];
                assert!(shown.iter().any(|list| !list.is_empty()), "{path}: {pattern:?} shows nowhere");
                let tests = |one: &Condition| one.unset || !one.values.is_empty() || !one.not_in.is_empty();
                assert!(pattern.unsound_when.iter().all(tests), "{path}: {pattern:?} tests nothing");
            }
        }
        assert!(embedded::under("usages/").count() >= 4);
    }
}
