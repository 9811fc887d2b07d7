//! Guards that hold nothing as long as the environment is silent.

use crate::code::ValueId;
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::flow::unset::Unset;
use crate::taint::{Proofs, Walk};

impl Walk<'_> {
    /// Whether a test gives this answer because the environment is silent.
    pub(crate) fn is_by_silence(&mut self, test: ValueId, answer: bool) -> bool {
        let at = value_in(self.here().function.module, test);
        let frame = self.here().frame.clone();
        let by_silence = self.flow.asking(|| Unset::new(self.flow).holds_by_silence(at, &frame)).0;
        by_silence == Some(answer)
    }

    /// Whether a test gives, or may give, this answer because the environment is silent.
    pub(crate) fn may_be_by_silence(&mut self, test: ValueId, answer: bool) -> bool {
        let at = value_in(self.here().function.module, test);
        let frame = self.here().frame.clone();
        self.flow.asking(|| Unset::new(self.flow).may_hold_by_silence(at, &frame, answer)).0
    }

    /// Whether a mode of the program's own is off as long as nobody tells it otherwise.
    pub(crate) fn is_off_unless_told(&self, mode: ValueRef) -> bool {
        let frame = self.here().frame.clone();
        self.flow.asking(|| Unset::new(self.flow).holds(mode, &frame)).0 == Some(false)
    }
}

/// What is proven by a guard that is off by default: nothing, and it is told where it would hold something.
pub(crate) fn when_unset(proofs: Proofs) -> Proofs {
    const HELD_TO: Proofs = Proofs::HOLDING.and(Proofs::CHOICE).and(Proofs::PLAIN_NAME).and(Proofs::SHELL_WORD);
    if proofs.any(HELD_TO) { Proofs::WEAK_UNSET } else { Proofs::NONE }
}
