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
