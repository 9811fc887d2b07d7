//! How records are looked up: the table `rules/records.yml`.

use serde::Deserialize;

/// The words that methods begin with which look a record up.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Records {
    looks_up: Vec<String>,
    reads_all: Vec<String>,
}

impl Records {
    /// The built-in table.
    pub fn built_in() -> Self {
        let text = crate::embedded::text("records.yml").unwrap_or_default();
        serde_yaml::from_str(text).expect("a test reads the built-in table")
    }

    /// Whether a method makes an object of what it is given, member by member.
    pub fn reads_all(&self, method: &str) -> bool {
        self.reads_all.iter().any(|word| word == method)
    }

    /// Whether a method says by its name that it gives what it is asked for.
    pub fn looks_up(&self, method: &str) -> bool {
        self.looks_up.iter().any(|verb| begins_with(method, verb))
    }
}

/// Whether the first word of a name in any spelling is this one.
fn begins_with(method: &str, verb: &str) -> bool {
    let Some((head, rest)) = method.split_at_checked(verb.len()) else { return false };
    let is_word = rest.is_empty() || rest.starts_with(|sign: char| sign == '_' || sign.is_ascii_uppercase());
    head.eq_ignore_ascii_case(verb) && is_word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_is_read() {
        let records = Records::built_in();
        let is_told = |method| records.looks_up(method);
        assert!(is_told("get") && is_told("getItem") && is_told("fetch_row") && is_told("Describe"));
        assert!(!is_told("getter") && !is_told("parse") && !is_told("findall") && !is_told("g"));
    }
}
