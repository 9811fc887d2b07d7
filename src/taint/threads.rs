//! Functions that are handed over to be called elsewhere, with everything that stands after them: `asyncio.to_thread(f, x)`.

use crate::code::{Language, ValueKind};
use crate::flow::Meaning;
use crate::flow::meaning::value_in;
use crate::taint::call::Calling;
use crate::taint::{Shade, Walk};

/// Calls that call what they are given, and where that stands among their arguments.
const HAND_OVER: &[(&str, usize)] = &[
    ("asyncio.to_thread", 0),
    ("anyio.to_thread.run_sync", 0),
    ("trio.to_thread.run_sync", 0),
    ("starlette.concurrency.run_in_threadpool", 0),
    ("fastapi.concurrency.run_in_threadpool", 0),
    // What it makes is called later, with what it is given here before all else.
    ("functools.partial", 0),
];
/// Methods of that kind.
const METHODS: &[(&str, usize)] = &[("run_in_executor", 1)];

impl<'a> Walk<'a> {
    /// What the function gives back that a call hands over to a thread; nothing where it hands none over.
    pub(crate) fn in_thread(&mut self, calling: &Calling<'a>, name: &str) -> Option<Shade> {
        if self.flow.module(calling.at).language != Language::Python {
            return None;
        }
        let method = calling.method.as_deref().unwrap_or("");
        let known = |all: &[(&str, usize)], name: &str| all.iter().find(|(one, _)| *one == name).map(|(_, at)| *at);
        let at = known(HAND_OVER, name).or_else(|| known(METHODS, method))?;
        // What was handed over before stands before what is handed over now: a way that ends with the arguments.
        let callee = value_in(calling.at.module, calling.code.arguments.get(at + calling.skipped)?.value);
        let (receiver, method) = match self.flow.kind(callee) {
            ValueKind::Field { base, name } => (Some(self.value(*base)), Some(name.clone())),
            _ => (None, None),
        };
        let frame = self.here().frame.clone();
        let meaning = self.flow.asking(|| self.flow.meaning(callee, &frame)).0;
        let given = calling.given.iter().skip(at + 1).cloned().collect();
        let skipped = calling.skipped + at + 1;
        let inner = Calling { at: calling.at, code: calling.code, receiver, method, given, skipped };
        match meaning {
            Meaning::Unknown(_) => None,
            meaning if self.awaiting == 0 => Some(self.unheard(|walk| walk.called(&inner, &meaning))),
            meaning => Some(self.called(&inner, &meaning)),
        }
    }
}
