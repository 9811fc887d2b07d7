//! Commands that are built word by word: `Command::new("git").arg("log").arg(name)`.

use crate::code::{Name, ValueKind};
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::taint::call::Calling;
use crate::taint::words::each;
use crate::taint::{Shade, Walk};

impl<'a> Walk<'a> {
    /// The words of a command after one step of its building; `None` where the call is no such step.
    pub(crate) fn built(&mut self, calling: &Calling<'a>, name: &str) -> Option<Shade> {
        let (builder, step) = name.rsplit_once('.')?;
        if !builder.ends_with("process.Command") {
            return None;
        }
        let first = calling.given.first().map(|given| given.shade.clone());
        let before = calling.receiver.as_ref().map(each).unwrap_or_default();
        let words = match step {
            "new" => vec![first?.whole()],
            "arg" => before.into_iter().chain([first?.whole()]).collect(),
            "args" => before.into_iter().chain(each(&first?)).collect(),
            "output" | "spawn" | "status" | "exec" => return None,
            _ => return calling.receiver.clone(),
        };
        let words = Shade::list(words);
        if step != "new"
            && let Some(root) = self.root_of(value_in(calling.at.module, calling.code.callee))
        {
            self.top().env.hold(root, words.clone());
        }
        Some(words)
    }

    /// The variable at the beginning of a chain of calls.
    fn root_of(&self, mut at: ValueRef) -> Option<Name> {
        for _ in 0..64 {
            at = match self.flow.kind(at) {
                ValueKind::Name(name) => return Some(name.clone()),
                ValueKind::Field { base, .. } => value_in(at.module, *base),
                ValueKind::Call(call) => value_in(at.module, call.callee),
                _ => return None,
            };
        }
        None
    }
}
