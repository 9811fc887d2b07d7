//! Aggregation pipelines: stages that write, and the mode in which they may.

use crate::code::{Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::taint::arrival::{CHOSEN, State};
use crate::taint::{Proofs, Walk};

impl<'a> Walk<'a> {
    /// `stage.$out`, `stage["$merge"]`, where it is not there.
    pub(crate) fn stage_test(&mut self, base: ValueId, name: &Name) -> Vec<(Vec<Name>, Proofs)> {
        let told = without_stage(name);
        let stage = self.value(base);
        if told.is_none() || !stage.holds_any() { Vec::new() } else { vec![(stage.of, told)] }
    }

    /// `if config.read_only:`, where that does not hold: whoever runs the server lets it write.
    pub(crate) fn out_of_read_only(&mut self, test: ValueId, holds: bool) {
        let module = self.here().function.module;
        let (mut at, mut holds) = (value_in(module, test), holds);
        while let ValueKind::Not(inner) = self.flow.kind(at) {
            (at, holds) = (value_in(module, *inner), !holds);
        }
        if let ValueKind::Call(call) = self.flow.kind(at) {
            at = value_in(module, call.callee);
        }
        let (ValueKind::Name(name) | ValueKind::Field { name, .. }) = self.flow.kind(at) else { return };
        let plain = name.to_ascii_lowercase().replace('_', "");
        let is_mode = plain.contains("readonly") && !plain.ends_with("hint");
        if holds || !is_mode || self.value(at.id).holds_any() || self.is_off_unless_told(at) {
            return;
        }
        let tainted =
            |(name, shade): (&Name, &std::rc::Rc<crate::taint::Shade>)| shade.holds_any().then(|| name.clone());
        let names: Vec<Name> = self.here().env.values.iter().filter_map(tainted).collect();
        names.iter().for_each(|name| self.prove(std::slice::from_ref(name), Proofs::NO_OUT | Proofs::NO_MERGE));
    }
}

/// What a pipeline or a stage is in which a stage is looked for in vain.
pub(crate) fn without_stage(name: &str) -> Proofs {
    match name {
        "$out" => Proofs::NO_OUT,
        "$merge" => Proofs::NO_MERGE,
        _ => Proofs::NONE,
    }
}

/// Judges the stages of an aggregation that a database runs.
pub(crate) fn pipeline(proofs: Proofs, fixed: bool) -> State {
    if fixed {
        State::Guarded(CHOSEN)
    } else if proofs.has(Proofs::NO_OUT | Proofs::NO_MERGE) {
        State::Guarded("stages of which those that write are refused where the server only reads")
    } else {
        State::Open
    }
}
