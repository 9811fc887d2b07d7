//! Texts of SQL that are sent to a service over the network: nothing there binds what is written into them.

use crate::flow::effects::{Effect, Kind};
use crate::source::Span;
use crate::taint::arrival::State;
use crate::taint::call::Calling;
use crate::taint::{Begin, Proofs, Shade, Walk};

/// What makes a value in a statement no more than one name or literal.
const SAFE: Proofs = Proofs::SQL_SAFE;

impl<'a> Walk<'a> {
    /// Judges what a call that opens a connection hands over of statements that arguments were written into.
    pub(crate) fn sql_sent(&mut self, calling: &Calling<'a>, effect: &Effect, call: &str, span: Span) {
        if effect.kind != Kind::Network {
            return;
        }
        for given in &calling.given {
            let mut whole = given.shade.whole();
            whole.carries.retain(|_, trail| trail.is_in_sql());
            if whole.is_tainted() {
                self.arrive(|_| Some(("sql-injection", State::Open)), effect, call, span, &whole);
            }
        }
    }
}

/// A text made of others, in which arguments that stand inside a statement of SQL are marked.
pub(crate) fn marked_in_sql(mut text: Shade, parts: &[Shade]) -> Shade {
    let Begin::Text(begin) = &text.begin else { return text };
    if !text.is_tainted() || !may_begin(begin) {
        return text;
    }
    let written: Vec<&str> = parts.iter().map(|part| part.constant.as_deref().unwrap_or(" ? ")).collect();
    if !is_statement(begin) && !is_statement(&written.concat()) {
        return text;
    }
    let proofs = text.proofs;
    for (name, trail) in &mut text.carries {
        let own = proofs | text.apart.get(name).copied().unwrap_or_default();
        if !own.any(SAFE | Proofs::NUMBER | Proofs::CHOICE) {
            *trail = trail.in_sql();
        }
    }
    text
}

/// Whether the first word is a verb of SQL, in one case throughout.
fn may_begin(text: &str) -> bool {
    const VERBS: &[&str] = &[
        "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "DROP", "ALTER", "CREATE", "TRUNCATE", "SHOW", "DESCRIBE",
        "EXPLAIN", "MERGE", "GRANT",
    ];
    let first = text.split_whitespace().next().unwrap_or_default();
    VERBS.iter().any(|verb| first == *verb || first == verb.to_ascii_lowercase())
}

/// Whether a text is a statement, by its first word and what must follow that.
fn is_statement(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let (first, second) = (words.first().copied().unwrap_or_default(), words.get(1).copied().unwrap_or_default());
    const THINGS: &[&str] = &[
        "TABLE",
        "TABLES",
        "DATABASE",
        "DATABASES",
        "SCHEMA",
        "SCHEMAS",
        "VIEW",
        "INDEX",
        "USER",
        "COLUMNS",
        "CREATE",
    ];
    match first {
        "SELECT" => words.contains(&"FROM"),
        "INSERT" | "MERGE" => second == "INTO",
        "DELETE" => second == "FROM",
        "UPDATE" => words.contains(&"SET"),
        "WITH" => words.contains(&"AS") && words.contains(&"SELECT"),
        "GRANT" => words.contains(&"TO"),
        "EXPLAIN" => words.contains(&"SELECT"),
        _ => THINGS.contains(&second),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_from_prose() {
        for text in [
            "SELECT name FROM system.columns WHERE table = '",
            "select id from t where a = ?",
            "INSERT INTO t VALUES ('",
            "WITH a AS (SELECT 1) SELECT",
            "DROP TABLE ",
        ] {
            assert!(may_begin(text) && is_statement(text), "{text}");
        }
        for text in
            ["Select the best of ", "SELECT one of these: ", "Update the set of ", "show me ", "With love as ever", ""]
        {
            assert!(!(may_begin(text) && is_statement(text)), "{text}");
        }
    }
}
