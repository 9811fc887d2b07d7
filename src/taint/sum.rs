//! Texts and lists joined by `+`, however many of them.

use crate::code::{Operator, ValueId, ValueKind};
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::taint::join::{concat, listed};
use crate::taint::pieces::in_text;
use crate::taint::{Proofs, Shade, Walk};

/// Most operands that are looked at as one text.
const MAX_OPERANDS: usize = 256;

impl<'a> Walk<'a> {
    /// `"a" + b + "c"` as one text: what stands around a part tells as much of it as in a template.
    pub(crate) fn sum(&mut self, at: ValueRef, left: ValueId, right: ValueId) -> Shade {
        if let Some(whole) = self.recased(at, left, right) {
            return Shade { constant: None, ..self.value(whole) };
        }
        let mut operands = vec![right];
        let mut next = left;
        while let ValueKind::Binary { operator: Operator::Add, left, right } = self.flow.kind(value_in(at.module, next))
            && operands.len() < MAX_OPERANDS
        {
            operands.push(*right);
            next = *left;
        }
        operands.push(next);
        let mut shades: Vec<Shade> = operands.into_iter().rev().map(|operand| self.value(operand)).collect();
        if shades.iter().any(|shade| shade.items.is_some()) {
            let joined = shades.into_iter().reduce(|left, right| self.joined_with(at, left, right));
            return joined.unwrap_or_default();
        }
        if let Some(last) = shades.pop_if(|last| self.is_separator(at, last)) {
            let before = text_of(shades.clone());
            if before.is_tainted() {
                return Shade { constant: None, proofs: before.proofs | Proofs::CLOSED, ..before };
            }
            shades.push(last);
        }
        text_of(shades).step(self.flow.span(at), "joined with other text")
    }

    /// `x.charAt(0).toLowerCase() + x.slice(1)`: the text whose first letter is written in another case.
    fn recased(&self, at: ValueRef, left: ValueId, right: ValueId) -> Option<ValueId> {
        let (base, method, from) = self.called_on(at, right)?;
        let is_rest = matches!((method, &from[..]), ("slice" | "substring", [from]) if self.is_integer(at, *from, 1));
        let (first, case, _) = self.called_on(at, left)?;
        let of = match self.flow.kind(value_in(at.module, first)) {
            ValueKind::Index { base, key } if self.is_integer(at, *key, 0) => *base,
            _ => {
                let (of, method, position) = self.called_on(at, first)?;
                let is_first =
                    matches!((method, &position[..]), ("charAt", [position]) if self.is_integer(at, *position, 0));
                is_first.then_some(of)?
            }
        };
        let name = |id| match self.flow.kind(value_in(at.module, id)) {
            ValueKind::Name(name) => Some(name),
            _ => None,
        };
        let is_same = name(of).is_some() && name(of) == name(base);
        (is_rest && is_same && matches!(case, "toLowerCase" | "toUpperCase")).then_some(base)
    }

    fn is_integer(&self, at: ValueRef, id: ValueId, wanted: i64) -> bool {
        matches!(self.flow.kind(value_in(at.module, id)), ValueKind::Int(is) if *is == wanted)
    }

    /// What a method is called on, which, and with what.
    fn called_on(&self, at: ValueRef, id: ValueId) -> Option<(ValueId, &'a str, Vec<ValueId>)> {
        let ValueKind::Call(call) = self.flow.kind(value_in(at.module, id)) else { return None };
        let ValueKind::Field { base, name } = self.flow.kind(value_in(at.module, call.callee)) else { return None };
        Some((*base, name.as_str(), call.arguments.iter().map(|argument| argument.value).collect()))
    }

    fn joined_with(&self, at: ValueRef, left: Shade, right: Shade) -> Shade {
        match (&left.items, &right.items) {
            (Some(one), Some(two)) => Shade::list(one.iter().chain(two.iter()).cloned().collect()),
            (None, None) => text_of(vec![left, right]).step(self.flow.span(at), "joined with other text"),
            _ => listed(&left, &right),
        }
    }

    /// Whether the right side of a sum is a separator of paths: `root + path.sep`, `root + string(filepath.Separator)`.
    fn is_separator(&self, at: ValueRef, right: &Shade) -> bool {
        let ValueKind::Binary { right: id, .. } = self.flow.kind(at) else { return false };
        !right.is_tainted() && self.is_separator_value(value_in(at.module, *id))
    }
}

/// Several as one text; a single one is itself.
fn text_of(mut parts: Vec<Shade>) -> Shade {
    match parts.len() {
        1 => parts.pop().unwrap_or_default(),
        _ => concat(&in_text(parts)),
    }
}
