//! What is done once a promise is settled: what it proved by ending well holds where it ended well, and there alone.

use std::collections::BTreeMap;

use crate::code::{Call, Language, Name, ValueId, ValueKind};
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::taint::call::Calling;
use crate::taint::common::Common;
use crate::taint::{Proofs, Shade, Walk};

/// What is proven when a promise is settled.
pub(crate) struct Settled {
    at: ValueRef,
    /// Where it ended well.
    well: Common<BTreeMap<Name, Proofs>>,
    /// Where nobody knows how it ended.
    before: Common<BTreeMap<Name, Proofs>>,
}

impl<'a> Walk<'a> {
    /// Evaluates the receiver of a method, and what it proves as a promise where the method says what is done after it.
    pub(crate) fn receiver_settled(
        &mut self,
        (at, code): (ValueRef, &'a Call),
        (base, method): (ValueId, &Name),
    ) -> (Shade, Option<Settled>) {
        let is_script = self.flow.module(at).language == Language::TypeScript;
        let is_known = is_script && self.is_plain_call(base);
        if !is_known || !matches!(method.as_str(), "then" | "catch" | "finally") {
            return (self.receiver_of_call(code, base, method), None);
        }
        let before = self.here().env.proven.clone();
        let left = self.left;
        let waits = self.awaiting > 0;
        self.awaiting += 1;
        let shade = self.receiver_of_call(code, base, method);
        self.awaiting -= 1;
        let well = self.here().env.proven.clone();
        if !waits {
            self.top().env.proven = before.clone();
            self.left = left;
        }
        (shade, Some(Settled { at, well, before }))
    }

    /// `check(p)`: a call that is given nothing but names and constants, so that waiting for it waits for nothing less.
    pub(crate) fn is_plain_call(&self, value: ValueId) -> bool {
        let module = self.here().function.module;
        let kind = |id: ValueId| self.flow.kind(value_in(module, id));
        let is_plain = |id: ValueId| match kind(id) {
            ValueKind::Field { base, .. } => matches!(kind(*base), ValueKind::Name(_) | ValueKind::This),
            kind => matches!(
                kind,
                ValueKind::Name(_) | ValueKind::This | ValueKind::Text(_) | ValueKind::Int(_) | ValueKind::Bool(_)
            ),
        };
        match kind(value) {
            ValueKind::Call(call) => is_plain(call.callee) && call.arguments.iter().all(|one| is_plain(one.value)),
            _ => false,
        }
    }

    /// What is proven where a function is called back that a call is given at this place.
    pub(crate) fn proven_in_callback(
        &self,
        calling: &Calling<'a>,
        (settled, place): (Option<&Settled>, usize),
    ) -> Option<Common<BTreeMap<Name, Proofs>>> {
        let settled = settled.filter(|settled| settled.at == calling.at)?;
        let is_well = place == 0 && calling.method.as_deref() == Some("then");
        Some(if is_well { settled.well.clone() } else { settled.before.clone() })
    }
}
