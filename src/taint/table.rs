//! Keys that are looked up in a table which is written out: what is found there was asked for by one of its keys.

use crate::code::{Call, Language, Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::{Meaning, ValueRef};
use crate::taint::call::EITHER;
use crate::taint::statement::item_part;
use crate::taint::{Proofs, Walk};

impl<'a> Walk<'a> {
    /// `TABLE.get(x)` where it is there: true, or not what it is compared with.
    pub(crate) fn got_from_table(
        &mut self,
        at: ValueRef,
        code: &'a Call,
        compared_with: Option<&str>,
    ) -> Option<Vec<(Vec<Name>, Proofs)>> {
        let ValueKind::Field { base, name } = self.flow.kind(value_in(at.module, code.callee)) else { return None };
        let [key] = code.arguments.as_slice() else { return None };
        // What a map of a script does not hold is `undefined`, which is not `null`.
        let is_nothing = match self.flow.module(at).language {
            Language::Python => true,
            Language::TypeScript => compared_with.is_none_or(|nothing| nothing == EITHER || nothing == "undefined"),
            Language::Go | Language::Rust => false,
        };
        if name != "get"
            || !is_nothing
            || !self.is_written_table(value_in(at.module, *base))
            || self.is_keyed_by_caller(*base)
        {
            return None;
        }
        let (table, key) = (self.seen_in_test(*base), self.seen_in_test(key.value));
        (!table.holds_any() && key.holds_any()).then(|| vec![(key.of, Proofs::CHOICE)])
    }

    /// `_, found := table[x]`: what a map of Go says of a key beside what it holds.
    pub(crate) fn whether_found(&mut self, (table, key): (ValueId, ValueId), part: &str) -> Vec<(Vec<Name>, Proofs)> {
        let at = value_in(self.here().function.module, key);
        let is_found = part == item_part(1).as_str() && self.flow.module(at).language == Language::Go;
        if is_found { self.looked_up_in(table, key) } else { Vec::new() }
    }

    /// `result.get("valid")`, of a result that was kept in a name.
    pub(crate) fn got_from_result(
        &mut self,
        at: ValueRef,
        code: &'a Call,
        holds: bool,
    ) -> Option<Vec<(Vec<Name>, Proofs)>> {
        let ValueKind::Field { base, name } = self.flow.kind(value_in(at.module, code.callee)) else { return None };
        let [key] = code.arguments.as_slice() else { return None };
        let ValueKind::Text(part) = self.flow.kind(value_in(at.module, key.value)) else { return None };
        let is_asked = name == "get" && self.flow.module(at).language == Language::Python;
        let facts = if is_asked { self.part_test(*base, part, holds) } else { Vec::new() };
        (!facts.is_empty()).then_some(facts)
    }

    /// Whether a table is written with all its keys: `{"a": 1}`, `new Map([["a", 1]])`.
    fn is_written_table(&self, at: ValueRef) -> bool {
        let frame = self.here().frame.clone();
        match self.flow.asking(|| self.flow.meaning(at, &frame)).0 {
            Meaning::Map(entries) => !entries.is_empty() && entries.iter().all(|entry| entry.key.is_some()),
            Meaning::Made(made) => {
                let is_map = matches!(&made.callee, Meaning::Outside(name) if name == "Map");
                let first = made.arguments.first().filter(|first| is_map && first.name.is_none());
                let given = first.map(|first| self.flow.asking(|| self.flow.force(&first.value)).0);
                let is_settled = !self.flow.scopes(at.module).changes.contains_key("set");
                is_settled && matches!(given, Some(Meaning::List(items)) if !items.is_empty())
            }
            _ => false,
        }
    }
}
