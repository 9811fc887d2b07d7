//! Places among the arguments of a call.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::code::Name;

/// Where each fact of a tool stands among the arguments; of several places the first that is set counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slots {
    /// Name.
    #[serde(default)]
    pub name: Vec<Slot>,
    /// Title for people.
    #[serde(default)]
    pub title: Vec<Slot>,
    /// Description for the model, or a server's instructions.
    #[serde(default)]
    pub description: Vec<Slot>,
    /// Input schema.
    #[serde(default)]
    pub input: Vec<Slot>,
    /// Output schema.
    #[serde(default)]
    pub output: Vec<Slot>,
    /// Annotations.
    #[serde(default)]
    pub annotations: Vec<Slot>,
    /// Function that answers a call.
    #[serde(default)]
    pub handler: Vec<Slot>,
    /// Whether it is there from the start.
    #[serde(default)]
    pub enabled: Vec<Slot>,
    /// Options in the style of Go: each is a call of one of these functions, by what it sets.
    #[serde(default)]
    pub options: Option<Options>,
}

/// Options that are calls of functions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Position of the first.
    pub from: usize,
    /// Function that sets the description.
    pub description: String,
    /// Function that sets all hints at once.
    #[serde(default)]
    pub annotations: Option<String>,
    /// Function whose type argument is the schema.
    #[serde(default)]
    pub typed: Option<String>,
    /// Functions that set a hint, by the hint.
    #[serde(default)]
    pub hints: BTreeMap<String, String>,
    /// Functions that add a property, by its type.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// Function that makes a property required.
    #[serde(default)]
    pub required: Option<String>,
    /// Functions that set a keyword of a property.
    #[serde(default)]
    pub keywords: BTreeMap<String, String>,
}

/// A place among arguments: a position or a keyword, and members from there: `1.inputSchema`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Slot {
    /// The argument.
    pub head: Head,
    /// Members of it.
    pub members: Vec<Name>,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// By position.
    Position(usize),
    /// By keyword.
    Keyword(Name),
}

impl TryFrom<String> for Slot {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = text.split('.');
        let head = parts.next().filter(|head| !head.is_empty()).ok_or("a slot needs a position or keyword")?;
        let members: Vec<Name> = parts.map(Name::new).collect();
        if members.iter().any(|member| member.is_empty()) {
            return Err(format!("`{text}` has an empty member"));
        }
        let head = match head.parse() {
            Ok(position) => Head::Position(position),
            Err(_) => Head::Keyword(Name::new(head)),
        };
        Ok(Slot { head, members })
    }
}

impl std::fmt::Display for Slot {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.members.last(), &self.head) {
            (Some(member), _) => out.write_str(member),
            (None, Head::Keyword(name)) => out.write_str(name),
            (None, Head::Position(at)) => write!(out, "argument {}", at + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_positions_or_keywords_with_members() {
        let cases = [
            ("0", Some((Head::Position(0), 0))),
            ("1.inputSchema", Some((Head::Position(1), 1))),
            ("name", Some((Head::Keyword("name".into()), 0))),
            ("", None),
            ("1..x", None),
        ];
        for (text, expected) in cases {
            let slot = Slot::try_from(text.to_string()).ok();
            assert_eq!(slot.map(|slot| (slot.head, slot.members.len())), expected, "{text}");
        }
    }
}
