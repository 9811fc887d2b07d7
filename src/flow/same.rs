//! Functions from outside that give back what they are given, so that methods of it stay methods of it.

use crate::flow::effects::Effects;
use crate::flow::meaning::Passed;
use crate::flow::{Flow, Meaning, ValueRef};

impl Flow<'_> {
    /// `await asyncio.wait_for(pool.acquire(), 10)`: what the pool gives.
    pub(super) fn given_back(&self, at: ValueRef, name: &str, arguments: &[Passed]) -> Option<Meaning> {
        let table = Effects::built_in().of(self.module(at).language)?;
        let (position, is_list) = match table.gives_back(name) {
            Some(position) => (position, false),
            None => (table.gives_one_of(name)?, true),
        };
        let mut positional = arguments.iter().take_while(|argument| !argument.is_rest && argument.name.is_none());
        let given = positional.nth(position).map(|argument| self.force(&argument.value))?;
        if is_list { Some(self.one_of(&given)) } else { Some(given) }
    }

    /// `Promise.race([page(), late])`: whichever of them comes first.
    fn one_of(&self, list: &Meaning) -> Meaning {
        let Meaning::List(items) = list else { return Meaning::Unknown("one of a list that is not written here") };
        let one = |item: &crate::flow::meaning::Item| match item.is_rest {
            true => Meaning::Unknown("one of what is spread there"),
            false => self.force(&item.value),
        };
        Meaning::any(items.iter().map(one).collect())
    }
}
