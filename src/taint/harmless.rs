//! Calls that nothing names and that do nothing outside the program all the same.

use crate::code::{Language, Name, ValueKind};
use crate::flow::Meaning;
use crate::flow::meaning::{UNKNOWN_ELEMENT, value_in};
use crate::taint::call::Calling;
use crate::taint::{Proofs, Shade, Walk};

/// What collections of the languages are asked for.
const OF_COLLECTIONS: &[&str] = &[
    "get",
    "set",
    "has",
    "add",
    "delete",
    "clear",
    "keys",
    "values",
    "entries",
    "items",
    "forEach",
    "map",
    "filter",
    "find",
    "findIndex",
    "some",
    "every",
    "includes",
    "indexOf",
    "reduce",
    "join",
    "push",
    "pop",
    "shift",
    "unshift",
    "slice",
    "splice",
    "sort",
    "concat",
    "flat",
    "flatMap",
    "append",
    "extend",
    "update",
    "setdefault",
    "remove",
    "discard",
    "insert",
    "index",
    "count",
    "copy",
];

impl<'a> Walk<'a> {
    /// A closure that `new Promise` is given is given two functions that settle it.
    pub(crate) fn note_executors(&mut self, calling: &Calling<'a>, name: &str) {
        if name == "Promise" {
            self.shared.executors.borrow_mut().extend(calling.given.iter().filter_map(|given| given.function));
        }
    }

    /// Whether a call of something that has no name stays inside the program.
    pub(crate) fn is_harmless(&self, calling: &Calling<'a>, callee: &Meaning, is_own: bool) -> bool {
        matches!(callee, Meaning::Parameter(function, _) if self.shared.executors.borrow().contains(function))
            || self.is_harmless_receiver(calling, is_own)
            || self.is_variant(calling)
    }

    /// `Error::NotFound(id)`: a variant of a type, both of which begin with a capital in Rust.
    fn is_variant(&self, calling: &Calling<'a>) -> bool {
        let callee = value_in(calling.at.module, calling.code.callee);
        let ValueKind::Field { base, name } = self.flow.kind(callee) else { return false };
        let (ValueKind::Name(of) | ValueKind::Field { name: of, .. }) = self.flow.kind(value_in(callee.module, *base))
        else {
            return false;
        };
        let is_capital = |name: &Name| name.starts_with(|first: char| first.is_uppercase());
        self.flow.module(callee).language == Language::Rust && is_capital(of) && is_capital(name)
    }

    /// A method of a value that came from a caller, or that is written in the tree, is one of text, numbers or collections.
    fn is_harmless_receiver(&self, calling: &Calling<'a>, is_own: bool) -> bool {
        let Some(receiver) = &calling.receiver else { return false };
        // What is called itself is no text, even where a caller chose it: `getattr(tools, f"tool_{name}")(…)`.
        let ValueKind::Field { base, name } = self.flow.kind(value_in(calling.at.module, calling.code.callee)) else {
            return false;
        };
        let base = value_in(calling.at.module, *base);
        let frame = &self.here().frame;
        let own = || self.flow.asking(|| self.flow.meaning(base, frame)).0;
        receiver.holds_any()
            || receiver.constant.is_some()
            || self.is_inside(calling, name)
            || self.is_grown_list(calling, name)
            || is_collection(&own(), name)
            || is_asked_for_entry(calling, name) && (is_own || is_element(&own()))
    }

    /// `warnings.push(one)`: what has the name of many is a list.
    fn is_grown_list(&self, calling: &Calling<'a>, method: &str) -> bool {
        let of = |id| value_in(calling.at.module, id);
        let ValueKind::Field { base, .. } = self.flow.kind(of(calling.code.callee)) else { return false };
        let (ValueKind::Field { name, .. } | ValueKind::Name(name)) = self.flow.kind(of(*base)) else { return false };
        method == "push" && !calling.code.arguments.is_empty() && is_plural(name)
    }
}

impl<'a> Walk<'a> {
    /// Whether a call is given something of a caller that is neither a number nor of a fixed set.
    pub(crate) fn is_given_text(&self, calling: &Calling<'a>) -> bool {
        let is_text = |shade: &Shade| shade.is_tainted() && !shade.proofs.any(Proofs::NUMBER | Proofs::CHOICE);
        calling.given.iter().any(|given| is_text(&given.shade.whole()))
    }

    pub(crate) fn is_inside(&self, calling: &Calling<'a>, method: &str) -> bool {
        let table = self.effects.of(self.flow.module(calling.at).language);
        table.is_some_and(|table| table.is_inside(method, calling.code.arguments.len()))
    }
}

/// `field.get("name", "")`: whether a mapping is asked for the entry of one word, which is no address.
fn is_asked_for_entry(calling: &Calling<'_>, method: &str) -> bool {
    let is_word = |text: &str| text.chars().all(|one| one.is_alphanumeric() || matches!(one, '_' | '-'));
    let key = calling.given.first().and_then(|given| given.shade.constant.as_deref());
    method == "get" && key.is_some_and(|key| !key.is_empty() && is_word(key))
}

/// Whether a value is an element of a collection from outside, or what such an element gave.
fn is_element(meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Unknown(why) => *why == UNKNOWN_ELEMENT,
        Meaning::Made(made) => is_element(&made.callee),
        Meaning::Member(of, _) => is_element(of),
        _ => false,
    }
}

pub(crate) fn is_plural(name: &str) -> bool {
    name.len() > 3 && name.ends_with('s') && !["ss", "is", "us", "this"].iter().any(|end| name.ends_with(end))
}

/// Whether a value is text, a pattern or a collection that has such a method.
fn is_collection(meaning: &Meaning, method: &str) -> bool {
    match meaning {
        Meaning::Text(..) | Meaning::Regex(_) | Meaning::List(_) => true,
        // An object may have been made of one that has a method of its own under this name.
        Meaning::Map(entries) => {
            let is_named =
                |name: &str| entries.iter().any(|entry| entry.key.as_ref().is_some_and(|key| key.name == name));
            OF_COLLECTIONS.contains(&method) && !is_named(method)
        }
        Meaning::Choice(all) => {
            let mut some = all.iter().filter(|one| !matches!(one, Meaning::Null)).peekable();
            some.peek().is_some() && some.all(|one| is_collection(one, method))
        }
        _ => false,
    }
}
