//! What is written to the standard output as an answer of JSON-RPC: the transport of a server that is written by hand, no log.

use crate::code::{MapKey, Name, ValueKind};
use crate::flow::scope::{Bound, Step};
use crate::flow::{FunctionRef, In, Meaning, ValueRef};
use crate::taint::Walk;
use crate::taint::call::Calling;

/// Longest way from what is written to what it was made of.
const MAX_WAY: usize = 6;

impl<'a> Walk<'a> {
    /// `fmt.Println(string(data))`, where `data` was encoded from `Response{JSONRPC: "2.0", …}`.
    pub(crate) fn writes_answer(&self, calling: &Calling<'a>, call: &str) -> bool {
        let language = self.flow.module(calling.at).language;
        let Some(table) = self.effects.of(language).filter(|table| table.answers(call)) else { return false };
        let [only] = &calling.code.arguments[..] else { return false };
        let mut at = In { module: calling.at.module, id: only.value };
        for _ in 0..MAX_WAY {
            at = match self.flow.kind(at) {
                ValueKind::Name(name) => match self.made_as(at, name) {
                    Some(made) => made,
                    None => return false,
                },
                ValueKind::Unary(inner) => In { module: at.module, id: *inner },
                ValueKind::Call(encoding) => {
                    let callee = In { module: at.module, id: encoding.callee };
                    let is_text = matches!(self.flow.kind(callee), ValueKind::Name(name) if name == "string");
                    let (called, _) = self.flow.asking(|| self.flow.meaning(callee, &None));
                    let encodes = matches!(&called, Meaning::Outside(name) if table.tells_no_content(name));
                    match encoding.arguments.first() {
                        Some(first) if is_text || encodes => In { module: at.module, id: first.value },
                        _ => return false,
                    }
                }
                ValueKind::Construct { .. } | ValueKind::Map(_) => return self.says_its_protocol(at),
                _ => return false,
            };
        }
        false
    }

    /// The one value that a name is given, by itself or as the first of several results.
    fn made_as(&self, at: ValueRef, name: &Name) -> Option<ValueRef> {
        let scopes = self.flow.scopes(at.module);
        let function: FunctionRef = self.flow.owner(at);
        let [binding] = scopes.bindings.get(function.id.index())?.get(name)?.as_slice() else { return None };
        match (&binding.bound, &binding.path[..]) {
            (Bound::Value(value), [] | [Step::Item(0)]) => Some(In { module: at.module, id: *value }),
            _ => None,
        }
    }

    /// Whether what is written out names the protocol and its version.
    fn says_its_protocol(&self, at: ValueRef) -> bool {
        let (ValueKind::Construct { entries, .. } | ValueKind::Map(entries)) = self.flow.kind(at) else { return false };
        let of = |id| In { module: at.module, id };
        let text = |id| match self.flow.asking(|| self.flow.meaning(of(id), &None)).0 {
            Meaning::Text(text, _) => Some(text),
            _ => None,
        };
        entries.iter().any(|entry| {
            let key = match &entry.key {
                MapKey::Name(name, _) => Some(name.clone()),
                MapKey::Value(key) => text(*key),
                MapKey::Spread => None,
            };
            key.is_some_and(|key| key.eq_ignore_ascii_case("jsonrpc"))
                && text(entry.value).is_some_and(|is| is == "2.0")
        })
    }
}
