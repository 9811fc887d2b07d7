//! Clients that were told of their service when they were made: what they are asked for goes over the network.

use crate::flow::effects::Table;

/// Members behind which there is what a service answered.
const PARTS_OF_DATA: &[&str] = &["json", "data", "cache", "[]"];

impl Table {
    /// Asking a service for something, or what it gave for more; what it answered is data, and so is what that holds.
    pub(super) fn service_of(&self, call: &str) -> Option<&usize> {
        let (at, effect) = call.match_indices('.').find_map(|(at, _)| Some((at, self.services.get(&call[..at])?)))?;
        let asked: Vec<&str> = call[at + 1..].split('.').collect();
        let is_of_data = |method: &str| self.of_data.contains(method) || self.inside.contains_key(method);
        let is_data = match &asked[..] {
            [] | [_] => false,
            [before @ .., last] => is_of_data(last) || before.iter().any(|one| PARTS_OF_DATA.contains(one)),
        };
        (!is_data).then_some(effect)
    }
}
