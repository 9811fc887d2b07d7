//! Whether a text that paths are held against ends where a folder does: `root + "/"`, and names that hold such a text.

use crate::code::{Name, Operator, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::scope::Bound;
use crate::flow::{Meaning, ValueRef};
use crate::taint::call::Calling;
use crate::taint::{Walk, names};

/// Deepest chain of names and choices that is followed.
const MAX_DEPTH: u32 = 8;

impl<'a> Walk<'a> {
    pub(crate) fn is_separator_argument(&self, calling: &Calling<'a>, position: usize) -> bool {
        let argument = calling.code.arguments.get(position);
        argument.is_some_and(|argument| self.is_separator_value(value_in(calling.at.module, argument.value)))
    }

    /// Whether the argument of a beginning test is written with a separator at its end.
    pub(crate) fn ends_in_separator(&mut self, calling: &Calling<'a>, position: usize) -> bool {
        let Some(argument) = calling.code.arguments.get(position) else { return false };
        self.is_closed(value_in(calling.at.module, argument.value), MAX_DEPTH)
    }

    fn is_closed(&mut self, at: ValueRef, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let of = |id: &ValueId| value_in(at.module, *id);
        match self.flow.kind(at) {
            ValueKind::Binary { operator: Operator::Or | Operator::Coalesce, left, right } => {
                self.is_closed(of(left), depth) && self.is_closed(of(right), depth)
            }
            ValueKind::Binary { right, .. } => self.is_closed(of(right), depth),
            ValueKind::Template(parts) => parts.last().is_some_and(|last| self.is_closed(of(last), depth)),
            ValueKind::Choice { test, then, otherwise: Some(otherwise) } => {
                let sides = [(of(then), true), (of(otherwise), false)];
                sides
                    .iter()
                    .all(|(side, when)| self.tells_closed(of(test), *side, *when) || self.is_closed(*side, depth))
            }
            ValueKind::Name(name) => {
                let given = self.only_value(at, name);
                given.is_some_and(|value| self.is_closed(value, depth)) || self.is_separator_text(at)
            }
            _ => self.is_separator_text(at),
        }
    }

    /// `root.endsWith(path.sep) ? root : …`: whether a test tells that of one side of its choice.
    fn tells_closed(&self, test: ValueRef, side: ValueRef, when: bool) -> bool {
        let of = |id: &ValueId| value_in(test.module, *id);
        match self.flow.kind(test) {
            ValueKind::Not(inner) => self.tells_closed(of(inner), side, !when),
            ValueKind::Call(call) if when => {
                let ValueKind::Field { base, name } = self.flow.kind(of(&call.callee)) else { return false };
                let is_end = matches!(name.as_str(), "endswith" | "endsWith" | "ends_with");
                let [only] = call.arguments.as_slice() else { return false };
                is_end && self.is_separator_value(of(&only.value)) && self.is_same_text(of(base), side)
            }
            _ => false,
        }
    }

    /// Whether two values are written alike, and as what no call answers.
    fn is_same_text(&self, one: ValueRef, other: ValueRef) -> bool {
        let is_place = |at| matches!(self.flow.kind(at), ValueKind::Name(_) | ValueKind::Field { .. });
        let text = |at| self.flow.sources.slice(self.flow.span(at));
        is_place(one) && is_place(other) && !text(one).contains('(') && text(one) == text(other)
    }

    /// The one value that a name ever holds, in the functions around.
    fn only_value(&self, at: ValueRef, name: &Name) -> Option<ValueRef> {
        let (_, bindings) = self.flow.bindings_around(at, name)?;
        let mut given = bindings.iter().filter(|binding| binding.bound != Bound::Nothing);
        match (given.next(), given.next()) {
            (Some(binding), None) if binding.path.is_empty() => match binding.bound {
                Bound::Value(value) => Some(value_in(at.module, value)),
                _ => None,
            },
            _ => None,
        }
    }

    fn is_separator_text(&mut self, at: ValueRef) -> bool {
        let frame = self.here().frame.clone();
        match self.flow.asking(|| self.flow.meaning(at, &frame)).0 {
            Meaning::Text(text, _) => text.ends_with(['/', '\\']),
            Meaning::Outside(name) => matches!(
                names::dotted(&name).as_str(),
                "os.sep" | "os.path.sep" | "path.sep" | "path/filepath.Separator" | "os.PathSeparator"
            ),
            _ => false,
        }
    }
}
