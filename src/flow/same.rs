//! Functions from outside that give back what they are given, and methods of it stay methods of it.

use crate::flow::meaning::Passed;
use crate::flow::{Flow, Meaning};

/// Those that give their first argument back, once it is there.
const FIRST: &[&str] = &[
    "asyncio.wait_for",
    "asyncio.shield",
    "asyncio.create_task",
    "asyncio.ensure_future",
    "asyncio.run",
    "contextlib.closing",
    "contextlib.aclosing",
    "contextlib.nullcontext",
];
/// Those that give their second argument back as the type that the first names.
const SECOND: &[&str] = &["typing.cast", "typing_extensions.cast", "typing.assert_type"];

impl Flow<'_> {
    /// `await asyncio.wait_for(pool.acquire(), 10)`: what the pool gives.
    pub(super) fn given_back(&self, name: &str, arguments: &[Passed]) -> Option<Meaning> {
        let position = match name {
            _ if FIRST.contains(&name) => 0,
            _ if SECOND.contains(&name) => 1,
            _ => return None,
        };
        let mut positional = arguments.iter().take_while(|argument| !argument.is_rest && argument.name.is_none());
        positional.nth(position).map(|argument| self.force(&argument.value))
    }
}
