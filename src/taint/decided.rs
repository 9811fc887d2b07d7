//! Conditions beside a guard that are decided already: by a constant of the program's own, by a parameter for which
//! nothing was passed. A guard that such a condition keeps from being asked holds nothing.

use crate::code::{ValueId, ValueKind};
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
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
