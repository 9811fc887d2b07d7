//! Calls that nothing names and that do nothing outside the program all the same.

use crate::code::ValueKind;
use crate::flow::Meaning;
use crate::flow::meaning::value_in;
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
    pub(crate) fn is_harmless(&self, calling: &Calling<'a>, callee: &Meaning) -> bool {
        matches!(callee, Meaning::Parameter(function, _) if self.shared.executors.borrow().contains(function))
            || self.is_harmless_receiver(calling)
    }

    /// A method of a value that came from a caller, or that is written in the tree, is one of text, numbers or collections.
    fn is_harmless_receiver(&self, calling: &Calling<'a>) -> bool {
        let Some(receiver) = &calling.receiver else { return false };
        let ValueKind::Field { base, name } = self.flow.kind(value_in(calling.at.module, calling.code.callee)) else {
            return receiver.holds_any();
        };
        let base = value_in(calling.at.module, *base);
        let frame = &self.here().frame;
        let own = || self.flow.asking(|| self.flow.meaning(base, frame)).0;
        receiver.holds_any()
            || receiver.constant.is_some()
            || self.is_inside(calling, name)
            || is_collection(&own(), name)
    }
}

impl<'a> Walk<'a> {
    /// Whether a call is given something of a caller that is neither a number nor of a fixed set.
    pub(crate) fn is_given_text(&self, calling: &Calling<'a>) -> bool {
        let is_text = |shade: &Shade| shade.is_tainted() && !shade.proofs.any(Proofs::NUMBER | Proofs::CHOICE);
        calling.given.iter().any(|given| is_text(&given.shade.whole()))
    }

    fn is_inside(&self, calling: &Calling<'a>, method: &str) -> bool {
        let table = self.effects.of(self.flow.module(calling.at).language);
        table.is_some_and(|table| table.is_inside(method, calling.code.arguments.len()))
    }
}

/// Whether a value is text or a collection that has such a method.
fn is_collection(meaning: &Meaning, method: &str) -> bool {
    match meaning {
        Meaning::Text(..) | Meaning::List(_) => true,
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
