//! What is done once a promise is settled: what it proved by ending well holds where it ended well, and there alone.

use std::collections::BTreeMap;

use crate::code::{Call, Language, Name, ValueId};
use crate::flow::ValueRef;
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
        if !is_script || !matches!(method.as_str(), "then" | "catch" | "finally") {
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
