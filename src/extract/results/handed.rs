//! Content from outside in what a tool returns: whether it is marked, looked through for instructions, and cleared of
//! secrets and data of persons.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::extract::results::content::{self, Holds};
use crate::extract::results::seek::{Made, Way};
use crate::extract::results::wrapping::Wide;
use crate::extract::results::{Read, SELECT};
use crate::model::policy::Handover;
use crate::model::{About, Known, Note};
use crate::source::Span;

/// What a statement does, where it gives no rows.
static WRITES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(insert|update|delete|create|drop|alter|replace|merge|set|begin|commit|rollback|truncate|grant|pragma|attach|use|vacuum)\b")
        .expect("a fixed pattern")
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\bselect\s+(count|sum|avg|min|max|exists)\s*\([^,]*\bfrom\b").expect("a fixed pattern")
});
static COLUMNS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is)\bselect\s+(?:distinct\s+)?(.{1,2000}?)\bfrom\s+([^\s,;()]+)").expect("a fixed pattern")
});

/// Most steps of a path that are shown.
const MAX_STEPS: usize = 8;

/// What is to be said of a way that content takes to the result.
enum Told {
    /// It is none of the check's business.
    Nothing,
    /// The control stands on it, here.
    Held(Span),
    /// Nothing stands on it; what comes back by it.
    Bare(String),
    /// Not known.
    Vague(&'static str),
}

/// What is known of every content from outside that a tool returns, behind what sees every result of its server.
pub fn find(read: &Read, made: &Made, about: &About, (wide, unsure): (&[&Wide], Option<Span>)) -> Vec<Handover> {
    let mut found = Vec::new();
    let unsure = unsure.or_else(|| wide.iter().find_map(|one| one.unsure));
    let every = |part: fn(&Way) -> Option<Span>| wide.iter().find_map(|one| part(&one.way));
    let wide = Way {
        marked: every(|way| way.marked),
        screened: every(|way| way.screened),
        redacted: every(|way| way.redacted),
        ..Way::default()
    };
    for (span, ways) in &made.of {
        let Some(content) = Content::of(read, *span).map(|content| Content { wide, unsure, ..content }) else {
            continue;
        };
        let told = |judge: &dyn Fn(&Way) -> Told, what: &str| content.handover(made, ways, judge, (what, about));
        found.extend(told(&|way| content.text(way, way.marked.or(wide.marked)), "unmarked"));
        found.extend(told(&|way| content.text(way, way.screened.or(wide.screened)), "unscreened"));
        found.extend(told(&|way| content.private(way), "unredacted"));
    }
    if let Some(open) = made.open {
        let lost = read.effects.keys().filter(|span| !made.of.contains_key(span));
        found.extend(lost.filter_map(|span| Content::of(read, *span)).flat_map(|content| content.lost(open, about)));
    }
    found
}

/// Content that comes in at a place.
struct Content<'a> {
    read: &'a Read<'a>,
    span: Span,
    kind: &'a str,
    what: String,
    /// What stands on the way of every result of the server.
    wide: Way,
    /// Something that stands around the tool, of which is not known what it does.
    unsure: Option<Span>,
}

impl<'a> Content<'a> {
    /// Nothing where it is the program's own: a file that it names itself, a program that it starts as it is.
    fn of(read: &'a Read<'a>, span: Span) -> Option<Self> {
        let effect = read.effects.get(&span);
        let (kind, call) = effect.map_or(("browser", ""), |effect| (effect.kind.as_str(), effect.call.as_str()));
        let is_chosen = || read.arrived.contains_key(&span);
        let what = match kind {
            "file.read" if is_chosen() => format!("the file that `{call}` reads"),
            "process" if is_chosen() => format!("what the program prints that `{call}` starts"),
            "sql" if !read.statement(&span).is_some_and(|text| gives_no_text(&text)) => {
                format!("the rows that `{call}` finds")
            }
            "network" => format!("the answer that `{call}` gets"),
            "browser" => "the text of a page in the browser".to_string(),
            "clipboard" => "what the clipboard holds".to_string(),
            _ => return None,
        };
        Some(Content { read, span, kind, what, wide: Way::default(), unsure: None })
    }

    /// What of the result is not known may hold it.
    fn lost(&self, open: Span, about: &About) -> Vec<Handover> {
        let unknown = |what: &str| Handover {
            about: About { span: self.span, ..about.clone() },
            what: what.to_string(),
            to: self.what.clone(),
            narrowed: Known::unknown(
                "not known: whether it is part of the result, of which not all was followed",
                open,
            ),
            notes: Vec::new(),
        };
        ["unmarked", "unscreened", "unredacted"].map(unknown).to_vec()
    }

    /// Whether text comes back by a way, and what stands on it.
    fn text(&self, way: &Way, control: Option<Span>) -> Told {
        match (way.leaf.map(|(holds, _)| holds), control) {
            (Some(Holds::Plain | Holds::Personal), _) => Told::Nothing,
            (_, Some(control)) => Told::Held(control),
            (Some(Holds::Other), None) => {
                Told::Vague("not known: whether the members that are returned hold text of others")
            }
            (_, None) if way.vague => Told::Vague("not known: what becomes of it on the way to the result"),
            (_, None) => Told::Bare(self.what.clone()),
        }
    }

    /// Whether secrets or data of persons come back by a way.
    fn private(&self, way: &Way) -> Told {
        const UNKNOWN: &str = "not known: whether it holds secrets or data of persons";
        if let Some(redacted) = way.redacted.or(self.wide.redacted) {
            return Told::Held(redacted);
        }
        match way.leaf {
            Some((Holds::Personal, at)) if !way.vague => {
                Told::Bare(format!("{} of {}", self.read.shown(at), self.what))
            }
            Some((Holds::Plain, at)) => Told::Held(at),
            Some(_) => Told::Vague(UNKNOWN),
            None if way.vague => Told::Vague(UNKNOWN),
            None => self.whole(),
        }
    }

    /// All of it comes back.
    fn whole(&self) -> Told {
        const UNKNOWN: Told = Told::Vague("not known: whether it holds secrets or data of persons");
        let classes = self.read.arrived.get(&self.span);
        let is_chosen = |wanted: &[&str]| classes.is_some_and(|all| wanted.iter().any(|one| all.contains(*one)));
        match self.kind {
            "file.read" => Told::Bare(format!("{}, whichever the caller names", self.what)),
            "process"
                if is_chosen(&[
                    "command-injection",
                    "free-text-to-interpreter",
                    "code-execution",
                    "embedded-code-execution",
                ]) =>
            {
                Told::Bare(format!("{}, whatever the caller has it do", self.what))
            }
            "sql" => match self.read.statement(&self.span).as_deref().and_then(columns) {
                Some(columns) => self.rows(&columns),
                None if is_chosen(&["sql-injection", "free-text-to-interpreter"]) => {
                    Told::Bare(format!("{}, whatever the caller asks for", self.what))
                }
                None => UNKNOWN,
            },
            "network" => match self.read.asked(&self.span) {
                Some(records) => Told::Bare(format!("{} of `{records}`, records of persons", self.what)),
                None => UNKNOWN,
            },
            _ => UNKNOWN,
        }
    }

    fn rows(&self, columns: &Columns) -> Told {
        let personal = columns.names.iter().find(|name| content::holds(name) == Holds::Personal);
        let is_plain = |name: &String| content::holds(name) == Holds::Plain;
        match personal {
            Some(name) => Told::Bare(format!("`{name}` of {}", self.what)),
            None if columns.names.iter().any(|name| name == "*") && content::is_of_persons(&columns.table) => {
                Told::Bare(format!("every column of `{}`, records of persons, in {}", columns.table, self.what))
            }
            None if columns.names.iter().all(is_plain) => Told::Held(self.span),
            None => Told::Vague("not known: whether it holds secrets or data of persons"),
        }
    }

    /// The answer over all ways: one without the control decides, then one that is not known.
    fn handover(
        &self,
        made: &Made,
        ways: &BTreeSet<Way>,
        judge: &dyn Fn(&Way) -> Told,
        (what, about): (&str, &About),
    ) -> Option<Handover> {
        let judged: Vec<(&Way, Told)> = ways.iter().map(|way| (way, judge(way))).collect();
        let bare = judged.iter().find_map(|(way, told)| match told {
            Told::Bare(text) => Some((*way, text.clone())),
            _ => None,
        });
        let vague = judged.iter().find_map(|(_, told)| match told {
            Told::Vague(why) => Some(*why),
            _ => None,
        });
        let held = judged.iter().find_map(|(way, told)| match told {
            Told::Held(at) => Some((*way, *at)),
            _ => None,
        });
        let open = made.open.filter(|_| held.is_some());
        let (to, narrowed, way, last) = match (bare, vague, held, open) {
            (Some((way, text)), ..) if self.unsure.is_none() => (text, Known::is(false, self.span), Some(way), None),
            (Some(_), ..) => {
                let why = "not known: what a function that stands around the tool makes of its result";
                (self.what.clone(), Known::unknown(why, self.unsure.unwrap_or(self.span)), None, None)
            }
            (None, Some(why), ..) => (self.what.clone(), Known::unknown(why, self.span), None, None),
            (None, None, Some(_), Some(open)) => {
                let why = "not known: a part of the result was not followed";
                (self.what.clone(), Known::unknown(why, open), None, None)
            }
            (None, None, Some((way, at)), None) => (self.what.clone(), Known::is(true, at), Some(way), Some(at)),
            (None, None, None, _) => return None,
        };
        let notes = way.map(|way| self.notes(made, way, last)).unwrap_or_default();
        let about = About { span: self.span, ..about.clone() };
        Some(Handover { about, what: what.to_string(), to, narrowed, notes })
    }

    /// The way from where the content comes in to the result.
    fn notes(&self, made: &Made, way: &Way, control: Option<Span>) -> Vec<Note> {
        let trail = made.trails.get(&(self.span, *way)).map(Vec::as_slice).unwrap_or_default();
        let mut notes = vec![Note::new(self.span, format!("{} comes in here", self.what))];
        notes.extend(control.map(|at| Note::new(at, "this stands on its way")));
        let mut spans: Vec<Span> = trail.iter().rev().copied().collect();
        spans.dedup();
        let last = spans.pop();
        let shown = spans.len().saturating_sub(MAX_STEPS);
        notes.extend(spans.into_iter().skip(shown).map(|span| Note::new(span, "it is handed on here")));
        notes.extend(last.map(|span| Note::new(span, "the tool returns it here")));
        notes
    }
}

/// Whether a statement gives no rows, or a number only.
fn gives_no_text(statement: &str) -> bool {
    let writes = WRITES.is_match(statement) && !SELECT.is_match(statement);
    writes && !statement.to_ascii_lowercase().contains("returning") || NUMBER.is_match(statement)
}

/// What a statement takes of which table.
#[derive(Debug, PartialEq)]
struct Columns {
    names: Vec<String>,
    table: String,
}

fn columns(statement: &str) -> Option<Columns> {
    let found = COLUMNS.captures(statement)?;
    let name = |one: &str| {
        let last = one.split_whitespace().last().unwrap_or_default();
        let last = last.rsplit('.').next().unwrap_or(last);
        last.trim_matches(['"', '`', '[', ']', '(', ')']).to_string()
    };
    let names = found.get(1)?.as_str().split(',').map(name).filter(|name| !name.is_empty()).collect();
    Some(Columns { names, table: found.get(2)?.as_str().to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_names_its_columns_and_its_table() {
        let found = columns("SELECT u.id, email AS contact_email, \"name\" FROM app.users WHERE id = ?");
        let names = ["id", "contact_email", "name"].map(str::to_string).to_vec();
        assert_eq!(found, Some(Columns { names, table: "app.users".into() }));
        assert_eq!(columns("DELETE FROM users"), None);
    }

    #[test]
    fn statements_that_write_or_count_give_no_text() {
        for (statement, expected) in [
            ("INSERT INTO notes VALUES (?)", true),
            ("INSERT INTO notes VALUES (?) RETURNING id, body", false),
            ("SELECT COUNT(*) FROM notes", true),
            ("SELECT title FROM notes", false),
            ("", false),
        ] {
            assert_eq!(gives_no_text(statement), expected, "{statement}");
        }
    }
}
