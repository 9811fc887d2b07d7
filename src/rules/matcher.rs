//! Matchers: questions about a subject's fields, with three answers: yes, no, and cannot be known.
//!
//! ```yaml
//! all: [M, …]      any: [M, …]      not: M
//! field: user                 # one field of the subject and one test:
//!   present: true | false     #   something sets it (a list: it is not empty)
//!   is: value                 #   equals; absent equals nothing
//!   in: [value, …]            #   equals one of them
//!   matches: regex            #   text, or one text of a list, matches somewhere
//!   contains: text            #   the list holds it
//!   any_of: [text, …]         #   the list holds one of them
//!   all_of: [text, …]         #   the list holds each of them
//!   only: [text, …]           #   the list holds nothing else
//!   each_matches: regex       #   every text of the list matches
//!   at_least: n  at_most: n   #   number
//! related: kind               # some other fact
//!   scope: same-server | same-tool | same-name | same-file | part | tree,
//!                             #   or a list of them
//!   where: M                  #   … of which this is so
//!   show: field               #   … and whose place becomes a step of the evidence
//! ```
//!
//! A field that is set to something unknowable makes its test unknown, and the matcher too unless the rest decides.

use regex::Regex;

use crate::model::subject::SubjectRef;
use crate::model::{Field, Gap, GapKind, Note, ServerId, SubjectKind, ToolId};
use crate::rules::world::{Asked, World};

/// Most related facts that one answer shows.
const MOST_NOTES: usize = 8;

/// A question about one subject.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// Each of them.
    All(Vec<Matcher>),
    /// One of them.
    Any(Vec<Matcher>),
    /// Not so.
    Not(Box<Matcher>),
    /// One field.
    Field {
        /// Its name.
        name: String,
        /// What is asked of it.
        test: Test,
    },
    /// Another fact.
    Related(Related),
}

/// What is asked of a field.
#[derive(Clone, Debug)]
pub enum Test {
    /// Whether something sets it.
    Present(bool),
    /// Equals.
    Is(Literal),
    /// Equals one of them.
    In(Vec<Literal>),
    /// Matches somewhere.
    Matches(Regex),
    /// The list holds one of them.
    AnyOf(Vec<String>),
    /// The list holds each of them.
    AllOf(Vec<String>),
    /// The list holds nothing else.
    Only(Vec<String>),
    /// Every text of the list matches.
    EachMatches(Regex),
    /// Not smaller.
    AtLeast(f64),
    /// Not larger.
    AtMost(f64),
}

/// A value in a rule file.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
}

/// A question about another fact.
#[derive(Clone, Debug)]
pub struct Related {
    /// Its kind.
    pub kind: SubjectKind,
    /// How it must be related; all of them.
    pub scopes: Vec<Scope>,
    /// What must be so of it.
    pub matching: Option<Box<Matcher>>,
    /// Field whose place shows it; else the fact's own.
    pub show: Option<String>,
}

/// How two facts are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// They belong to one server, or one of them to the whole tree.
    Server,
    /// They belong to one tool.
    Tool,
    /// They have one name.
    Name,
    /// They stand in one file.
    File,
    /// One is part of the other: a mount and its container.
    Part,
    /// Anywhere in the tree.
    Tree,
}

/// What a matcher says of a subject, and the related facts that made it so.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The answer.
    pub truth: Truth,
    /// Facts that decided it.
    pub notes: Vec<Note>,
}

/// Yes, no, or cannot be known.
#[derive(Clone, Debug)]
pub enum Truth {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It cannot be known, because of this.
    Unknown(Box<Gap>),
}

impl From<bool> for Judged {
    fn from(yes: bool) -> Self {
        Judged { truth: if yes { Truth::Yes } else { Truth::No }, notes: Vec::new() }
    }
}

impl Matcher {
    /// What it says of a subject.
    pub fn judge(&self, asked: Asked<'_>, world: &World<'_>) -> Judged {
        match self {
            Matcher::All(parts) => combine(parts, asked, world, false),
            Matcher::Any(parts) => combine(parts, asked, world, true),
            Matcher::Not(part) => {
                let judged = part.judge(asked, world);
                let truth = match judged.truth {
                    Truth::Yes => Truth::No,
                    Truth::No => Truth::Yes,
                    Truth::Unknown(gap) => Truth::Unknown(gap),
                };
                Judged { truth, notes: judged.notes }
            }
            Matcher::Field { name, test } => judge_field(name, test, asked.subject),
            Matcher::Related(related) => related.judge(asked, world),
        }
    }
}

/// `decides` is the answer of one part that settles the whole: yes for `any`, no for `all`.
fn combine(parts: &[Matcher], asked: Asked<'_>, world: &World<'_>, decides: bool) -> Judged {
    let mut unknown = None;
    let mut notes = Vec::new();
    for part in parts {
        let judged = part.judge(asked, world);
        match (&judged.truth, decides) {
            (Truth::Yes, true) | (Truth::No, false) => return judged,
            (Truth::Unknown(_), _) if unknown.is_none() => unknown = Some(judged),
            _ => notes.extend(judged.notes),
        }
    }
    unknown.unwrap_or_else(|| Judged { notes, ..Judged::from(!decides) })
}

fn judge_field(name: &str, test: &Test, subject: SubjectRef<'_>) -> Judged {
    let field = subject.field(name).unwrap_or(Field::Absent);
    match (&field, test) {
        (Field::Unknown(reason, span), _) => {
            let about = subject.about();
            let reason = format!("`{name}` of {} `{}`{}", subject.kind().id(), about.name, joined(reason));
            let gap = Gap::at(span.unwrap_or(about.span), GapKind::Unresolved, reason);
            Judged { truth: Truth::Unknown(Box::new(gap)), notes: Vec::new() }
        }
        _ => test.holds(&field).into(),
    }
}

/// A reason behind what it is about, as one sentence: some reasons have a verb of their own, some are sentences.
fn joined(reason: &str) -> String {
    match reason.split(' ').next().unwrap_or_default() {
        "is" | "are" | "may" | "depends" | "cannot" | "runs" => format!(" {reason}"),
        "it" | "its" | "no" | "the" | "those" | "which" | "every" => format!(" is not known: {reason}"),
        _ => format!(" is {reason}"),
    }
}

impl Test {
    /// Whether it holds of a field that is absent or known.
    fn holds(&self, field: &Field<'_>) -> bool {
        let list = || match field {
            Field::List(items, _) => items.iter().map(|item| item.0).collect(),
            Field::Text(text, _) => vec![*text],
            _ => Vec::new(),
        };
        match self {
            Test::Present(wanted) => is_present(field) == *wanted,
            Test::Is(literal) => literal.equals(field),
            Test::In(literals) => literals.iter().any(|literal| literal.equals(field)),
            Test::Matches(regex) => list().iter().any(|text| regex.is_match(text)),
            Test::AnyOf(wanted) => list().iter().any(|text| wanted.iter().any(|one| one == text)),
            Test::AllOf(wanted) => wanted.iter().all(|one| list().contains(&one.as_str())),
            Test::Only(allowed) => list().iter().all(|text| allowed.iter().any(|one| one == text)),
            Test::EachMatches(regex) => list().iter().all(|text| regex.is_match(text)),
            Test::AtLeast(limit) => matches!(field, Field::Number(value, _) if value >= limit),
            Test::AtMost(limit) => matches!(field, Field::Number(value, _) if value <= limit),
        }
    }
}

fn is_present(field: &Field<'_>) -> bool {
    match field {
        Field::Absent => false,
        Field::List(items, _) => !items.is_empty(),
        Field::Unknown(..) | Field::Bool(..) | Field::Number(..) | Field::Text(..) => true,
    }
}

impl Literal {
    fn equals(&self, field: &Field<'_>) -> bool {
        match (self, field) {
            (Literal::Bool(one), Field::Bool(other, _)) => one == other,
            (Literal::Number(one), Field::Number(other, _)) => one == other,
            (Literal::Text(one), Field::Text(other, _)) => one == other,
            _ => false,
        }
    }
}

impl Related {
    fn judge(&self, asked: Asked<'_>, world: &World<'_>) -> Judged {
        let mut unknown = None;
        let mut notes = Vec::new();
        let near = match (self.scopes.contains(&Scope::Tool), asked.tool) {
            (true, Some(tool)) => world.of_tool(self.kind, tool),
            _ => world.of(self.kind),
        };
        for other in near {
            if other.is(asked) || !self.scopes.iter().all(|scope| scope.holds(asked, *other)) {
                continue;
            }
            let truth = match &self.matching {
                Some(matcher) => matcher.judge(*other, world).truth,
                None => Truth::Yes,
            };
            match truth {
                Truth::Yes => {
                    notes.push(self.note(*other));
                    let field = self.show.as_deref().unwrap_or("");
                    notes.extend(other.subject.layers(field).into_iter().take(MOST_NOTES));
                }
                Truth::Unknown(gap) if unknown.is_none() => unknown = Some(gap),
                Truth::Unknown(_) | Truth::No => {}
            }
            if notes.len() >= MOST_NOTES {
                break;
            }
        }
        match unknown {
            Some(gap) if notes.is_empty() => Judged { truth: Truth::Unknown(gap), notes },
            _ => Judged { truth: Judged::from(!notes.is_empty()).truth, notes },
        }
    }

    fn note(&self, other: Asked<'_>) -> Note {
        let about = other.subject.about();
        let shown = self.show.as_ref().and_then(|name| other.subject.field(name)?.span());
        Note::new(shown.unwrap_or(about.span), format!("{} `{}`", self.kind.id().replace('-', " "), about.name))
    }
}

impl Scope {
    fn holds(self, one: Asked<'_>, other: Asked<'_>) -> bool {
        match self {
            Scope::Server => servers_meet(one.server, other.server),
            Scope::Tool => tools_meet(one.tool, other.tool),
            Scope::Name => {
                one.subject.about().name == other.subject.about().name && servers_meet(one.server, other.server)
            }
            Scope::File => one.subject.about().span.source == other.subject.about().span.source,
            Scope::Part => {
                let (one, other) = (one.subject.about(), other.subject.about());
                one.part_of == Some(other.span) || other.part_of == Some(one.span)
            }
            Scope::Tree => true,
        }
    }
}

/// A fact that belongs to no server belongs to the whole tree.
fn servers_meet(one: Option<ServerId>, other: Option<ServerId>) -> bool {
    one.is_none() || other.is_none() || one == other
}

fn tools_meet(one: Option<ToolId>, other: Option<ToolId>) -> bool {
    one.is_some() && one == other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, Syntax};
    use crate::extract::containers::RunContainer;
    use crate::model::known::{Known, Spanned};
    use crate::model::{Facts, ServerId};
    use crate::reader::Reader;
    use crate::rules::read_matcher::matcher;
    use crate::source::{Sources, Span};

    /// Two containers, `one` and `two`, of one server and one file; a third belongs to another server.
    fn world(sources: &mut Sources) -> Facts {
        let id = sources.add_text("compose.yaml", "one two six");
        let mut facts = Facts::default();
        for (start, name, server) in [(0, "one", 0), (4, "two", 0), (8, "six", 1)] {
            let span = Span::new(id, start, start + 3);
            let mut container = RunContainer::new("compose", name, span).container;
            container.about.server = Some(ServerId(server));
            container.cap_drop = vec![Spanned::new("ALL".into(), span), Spanned::new("NET_RAW".into(), span)];
            container.memory_limit = Known::unknown("set by ${MEM}", span);
            container.user = if name == "one" { Known::is("10001".into(), span) } else { Known::Absent };
            facts.containers.push(container);
        }
        facts
    }

    /// What a matcher says of container `one`: yes, no or unknown, and how many facts decided.
    fn says(text: &str) -> (&'static str, usize) {
        let mut sources = Sources::default();
        let facts = world(&mut sources);
        let id = sources.add_text("rule.yml", text);
        let (document, gaps) = document::parse(id, Syntax::Yaml, text);
        assert!(gaps.is_empty(), "{text}: {gaps:?}");
        let mut reader = Reader::default();
        let read = matcher(document.root().expect("a root"), SubjectKind::Container, 0, &mut reader);
        assert!(reader.mistakes.is_empty(), "{text}: {:?}", reader.mistakes);
        let world = World::new(&facts, &sources);
        let judged = read.expect("sound").judge(world.of(SubjectKind::Container)[0], &world);
        let truth = match judged.truth {
            Truth::Yes => "yes",
            Truth::No => "no",
            Truth::Unknown(_) => "unknown",
        };
        (truth, judged.notes.len())
    }

    #[test]
    fn each_test_has_its_meaning() {
        let cases = [
            ("{field: name, is: one}", "yes"),
            ("{field: user, is: \"10001\"}", "yes"),
            ("{field: user, in: [root, \"0\"]}", "no"),
            ("{field: user, matches: \"^[1-9]\"}", "yes"),
            ("{field: user, present: true}", "yes"),
            ("{field: image, present: true}", "no"),
            ("{field: image, present: false}", "yes"),
            ("{field: image, is: x}", "no"),
            ("{field: cap_drop, contains: ALL}", "yes"),
            ("{field: cap_drop, any_of: [X, NET_RAW]}", "yes"),
            ("{field: cap_drop, all_of: [ALL, X]}", "no"),
            ("{field: cap_drop, only: [ALL]}", "no"),
            ("{field: cap_drop, only: [ALL, NET_RAW, X]}", "yes"),
            ("{field: cap_drop, each_matches: \"^[A-Z_]+$\"}", "yes"),
            ("{field: cap_drop, each_matches: \"^ALL$\"}", "no"),
            ("{field: cap_add, present: false}", "yes"),
        ];
        for (text, expected) in cases {
            assert_eq!(says(text).0, expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_known_stays_unknown_unless_the_rest_decides() {
        let unknown = "{field: memory_limit, present: true}";
        let (yes, no) = ("{field: name, is: one}", "{field: name, is: two}");
        let cases = [
            (unknown.to_string(), "unknown"),
            (format!("{{not: {unknown}}}"), "unknown"),
            (format!("{{all: [{yes}, {unknown}]}}"), "unknown"),
            (format!("{{all: [{unknown}, {no}]}}"), "no"),
            (format!("{{any: [{unknown}, {yes}]}}"), "yes"),
            (format!("{{any: [{unknown}, {no}]}}"), "unknown"),
            ("{related: container, scope: same-server, where: {field: memory_limit, is: x}}".to_string(), "unknown"),
        ];
        for (text, expected) in cases {
            assert_eq!(says(&text).0, expected, "{text}");
        }
    }

    #[test]
    fn related_facts_are_others_in_scope_and_are_shown() {
        let cases = [
            ("{related: container, scope: same-server}", ("yes", 1)),
            ("{related: container, scope: same-file}", ("yes", 2)),
            ("{related: container, scope: tree}", ("yes", 2)),
            ("{related: container, scope: [tree, same-name]}", ("no", 0)),
            ("{related: container, scope: same-tool}", ("no", 0)),
            ("{related: mount, scope: part}", ("no", 0)),
            ("{not: {related: container, scope: same-server}}", ("no", 1)),
            ("{related: container, scope: tree, where: {field: name, is: one}}", ("no", 0)),
        ];
        for (text, expected) in cases {
            assert_eq!(says(text), expected, "{text}");
        }
    }
}
