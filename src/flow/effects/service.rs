//! Clients that were told of their service when they were made: what they are asked for goes over the network.

use crate::flow::effects::Table;

/// Methods that what a service answers has, too, besides those that stay inside.
const OF_DATA: &[&str] = &[
    "get",
    "keys",
    "values",
    "copy",
    "pop",
    "json",
    "filter",
    "push",
    "slice",
    "sort",
    "to_dict",
    "model_dump",
    "dict",
    "data",
];

impl Table {
    /// Asking a service for something, or what it gave for more; what it answered is data, and so is what that holds.
    pub(super) fn service_of(&self, call: &str) -> Option<&usize> {
        let (at, effect) = call.match_indices('.').find_map(|(at, _)| Some((at, self.services.get(&call[..at])?)))?;
        let asked: Vec<&str> = call[at + 1..].split('.').collect();
        let is_of_data = |method: &str| OF_DATA.contains(&method) || self.inside.contains_key(method);
        let is_data = match &asked[..] {
            [] | [_] => false,
            [before @ .., last] => is_of_data(last) || before.iter().any(|one| matches!(*one, "json" | "[]")),
        };
        (!is_data).then_some(effect)
    }
}
