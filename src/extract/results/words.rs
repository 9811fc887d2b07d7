//! What calls and members do to a value on its way into a result, by what they are called: `rules/results.yml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ahash::HashSet;
use serde::Deserialize;

use crate::embedded;

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// All of it is still there.
    Same,
    /// It is cut, if the argument says where.
    Cut,
    /// Nothing of it is left but a number or a digest.
    Nothing,
    /// Not known.
    Unknown,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    whole: HashSet<String>,
    same: HashSet<String>,
    cut: HashSet<String>,
    cutting_words: Vec<String>,
    nothing: HashSet<String>,
    one: HashSet<String>,
    fills: HashSet<String>,
    structures: HashSet<String>,
    delivers: BTreeMap<String, HashSet<String>>,
    part: HashSet<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let text = embedded::text("results.yml").expect("the table is embedded");
    serde_yaml::from_str(text).expect("a test reads the built-in table")
});

/// Whether a member stands for all of what was fetched.
pub fn is_whole(member: &str) -> bool {
    WORDS.whole.contains(member)
}

/// What a call of this name gives back of what it is given.
pub fn call(name: &str) -> Becomes {
    let lower = name.to_ascii_lowercase();
    if WORDS.cut.contains(name) || WORDS.cutting_words.iter().any(|word| lower.contains(word.as_str())) {
        return Becomes::Cut;
    }
    match (WORDS.same.contains(name), WORDS.nothing.contains(name)) {
        (true, _) => Becomes::Same,
        (_, true) => Becomes::Nothing,
        _ => Becomes::Unknown,
    }
}

/// Whether a method puts what it is given into its object.
pub fn fills(name: &str) -> bool {
    WORDS.fills.contains(name)
}

/// Whether a call takes one row or element.
pub fn takes_one(name: &str) -> bool {
    WORDS.one.contains(name)
}

/// Whether a call, as it is written, makes data into text that a program reads.
pub fn structures(written: &str) -> bool {
    WORDS.structures.contains(written)
}

/// Whether an effect of a kind delivers content when its call is of this name, not a client or a fact about a file.
pub fn delivers(kind: &str, call: &str) -> bool {
    let last = call.rsplit(['.', '#']).next().unwrap_or(call);
    // A handle of Node's gives only what is asked of it.
    let is_handle = last == "open" && call.starts_with("fs");
    !is_handle && WORDS.delivers.get(kind).is_some_and(|calls| calls.contains(last))
}

/// Whether the text of a function names what asks for a page or a number of rows.
pub fn asks_for_part(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).any(|word| WORDS.part.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_and_facts_about_files_deliver_nothing() {
        for (kind, call, expected) in [
            ("network", "boto3.client", false),
            ("network", "requests.get", true),
            ("file.read", "fs.promises.stat", false),
            ("file.read", "fs.promises.open", false),
            ("file.read", "io/fs.ReadFile", true),
            ("sql", "better-sqlite3.pragma", false),
            ("sql", "pg.Client.query", true),
        ] {
            assert_eq!(delivers(kind, call), expected, "{call}");
        }
    }

    #[test]
    fn a_name_that_says_so_cuts() {
        assert_eq!(call("truncate_output"), Becomes::Cut);
        assert_eq!(call("slice"), Becomes::Cut);
        assert_eq!(call("summarize"), Becomes::Unknown);
    }
}
