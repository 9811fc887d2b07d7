//! Functions from outside that give back what they are given, so that methods of it stay methods of it.

use crate::flow::effects::Effects;
use crate::flow::meaning::Passed;
use crate::flow::{Flow, Meaning, ValueRef};

impl Flow<'_> {
    /// `await asyncio.wait_for(pool.acquire(), 10)`: what the pool gives.
    pub(super) fn given_back(&self, at: ValueRef, name: &str, arguments: &[Passed]) -> Option<Meaning> {
        let position = Effects::built_in().of(self.module(at).language)?.gives_back(name)?;
        let mut positional = arguments.iter().take_while(|argument| !argument.is_rest && argument.name.is_none());
        positional.nth(position).map(|argument| self.force(&argument.value))
    }
}
