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
            let reason = format!("`{name}` of {} `{}` is {reason}", subject.kind().id(), about.name);
            let gap = Gap::at(span.unwrap_or(about.span), GapKind::Unresolved, reason);
            Judged { truth: Truth::Unknown(Box::new(gap)), notes: Vec::new() }
        }
        _ => test.holds(&field).into(),
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
        for other in world.of(self.kind) {
            if other.is(asked) || !self.scopes.iter().all(|scope| scope.holds(asked, *other)) {
                continue;
            }
            let truth = match &self.matching {
                Some(matcher) => matcher.judge(*other, world).truth,
                None => Truth::Yes,
            };
            match truth {
                Truth::Yes => notes.push(self.note(*other)),
                Truth::Unknown(gap) if unknown.is_none() => unknown = Some(gap),
                Truth::Unknown(_) | Truth::No => {}
            }
            if notes.len() == MOST_NOTES {
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
