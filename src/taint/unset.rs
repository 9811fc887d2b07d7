//! Guards that hold nothing as long as the environment is silent.

use crate::code::ValueId;
use crate::flow::meaning::value_in;
use crate::flow::unset::Unset;
use crate::taint::{Proofs, Walk};

impl Walk<'_> {
    /// Whether a test, which says by this answer that something is not set, gives it as long as the environment is silent.
    pub(crate) fn is_off_by_default(&mut self, test: ValueId, unset: bool) -> bool {
        let at = value_in(self.here().function.module, test);
        let frame = self.here().frame.clone();
        let by_silence = self.flow.asking(|| Unset::new(self.flow).holds_by_silence(at, &frame)).0;
        by_silence == Some(unset)
    }
}

/// What is proven by a guard that is off by default.
pub(crate) fn when_unset(proofs: Proofs) -> Proofs {
    const HELD_TO: Proofs = Proofs::HOLDING.and(Proofs::CHOICE).and(Proofs::PLAIN_NAME).and(Proofs::SHELL_WORD);
    if proofs.any(HELD_TO) { proofs.without(HELD_TO) | Proofs::WEAK_UNSET } else { proofs }
}
