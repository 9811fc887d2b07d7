//! Answers that are true or false: compared with nothing they tell nothing.

use crate::code::{Language, Name, ValueKind};
use crate::flow::{Meaning, ValueRef};
use crate::taint::Walk;
use crate::taint::call::Calling;

/// Methods and functions from outside that answer by true or false, whatever they are asked.
const ANSWERING: &[&str] = &[
    "all",
    "any",
    "endsWith",
    "endswith",
    "every",
    "exists",
    "has",
    "hasOwn",
    "hasOwnProperty",
    "hasattr",
    "includes",
    "isAbsolute",
    "isArray",
    "is_absolute",
    "is_dir",
    "is_file",
    "is_relative_to",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isdisjoint",
    "isidentifier",
    "isinstance",
    "isnumeric",
    "issubset",
    "issuperset",
    "samefile",
    "some",
    "startsWith",
    "startswith",
    "test",
];

impl Walk<'_> {
    /// Whether what is called gives true or false and never nothing.
    pub(crate) fn is_never_nothing(&self, callee: ValueRef, meaning: &Meaning) -> bool {
        self.answers(callee) && !matches!(meaning, Meaning::Function(..))
    }

    /// The same by its name alone.
    pub(crate) fn answers(&self, callee: ValueRef) -> bool {
        let is_scripted = matches!(self.flow.module(callee).language, Language::Python | Language::TypeScript);
        let name = match self.flow.kind(callee) {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => name.as_str(),
            _ => return false,
        };
        is_scripted && ANSWERING.contains(&name)
    }
}

/// `environ.get("SHELL", "bash")`: what it gives where there is nothing to give.
pub(crate) fn default_of(calling: &Calling) -> Option<Name> {
    let is_get = matches!(calling.method.as_deref(), Some("get" | "getenv"));
    let [_, default] = calling.given.as_slice() else { return None };
    default.shade.constant.clone().filter(|_| is_get)
}

/// Whether a call of it never comes to anything: of nothing, or of a member of nothing.
pub(crate) fn is_nothing(callee: &Meaning) -> bool {
    match callee {
        Meaning::Null => true,
        Meaning::Member(base, _) => matches!(**base, Meaning::Null),
        _ => false,
    }
}
