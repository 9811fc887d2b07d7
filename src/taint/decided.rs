//! Conditions beside a guard that are decided already: by a constant of the program's own, by a parameter for which
//! nothing was passed. A guard that such a condition keeps from being asked holds nothing.

use crate::code::{Operator, ValueId, ValueKind};
use crate::flow::Meaning;
use crate::flow::meaning::value_in;
use crate::taint::Walk;

impl Walk<'_> {
    /// What a name or member of the program's own is, where nothing gives it another value.
    pub(crate) fn decided(&mut self, test: ValueId) -> Option<bool> {
        let function = self.here().function;
        let at = value_in(function.module, test);
        match self.flow.kind(at) {
            ValueKind::Not(inner) => self.decided(*inner).map(|is| !is),
            ValueKind::Bool(is) => Some(*is),
            ValueKind::Name(name) if self.here().env.flags.contains_key(name) => None,
            ValueKind::Name(_) | ValueKind::Field { .. } => {
                let frame = self.here().frame.clone();
                match self.flow.asking(|| self.flow.meaning(at, &frame)).0 {
                    Meaning::Bool(is) => Some(is),
                    // What a caller may leave out is no setting.
                    Meaning::Null if !self.value(test).holds_any() => Some(false),
                    _ => None,
                }
            }
            ValueKind::Binary { operator, left, right } => match operator {
                Operator::And if [*left, *right].into_iter().any(|one| self.decided(one) == Some(false)) => Some(false),
                Operator::Is | Operator::Equal => self.is_nothing(*left, *right),
                Operator::IsNot | Operator::NotEqual => self.is_nothing(*left, *right).map(|is| !is),
                _ => None,
            },
            _ => None,
        }
    }

    /// `root is None`, of a name that nothing else is put into.
    fn is_nothing(&mut self, left: ValueId, right: ValueId) -> Option<bool> {
        let module = self.here().function.module;
        let is_null = |id| matches!(self.flow.kind(value_in(module, id)), ValueKind::Null);
        let asked = match (is_null(left), is_null(right)) {
            (false, true) => left,
            (true, false) => right,
            _ => return None,
        };
        let at = value_in(module, asked);
        let frame = self.here().frame.clone();
        let is_named = matches!(self.flow.kind(at), ValueKind::Name(_) | ValueKind::Field { .. });
        (is_named
            && !self.value(asked).holds_any()
            && matches!(self.flow.asking(|| self.flow.meaning(at, &frame)).0, Meaning::Null))
        .then_some(true)
    }
}
