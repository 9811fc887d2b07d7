//! Clients that were told of their service when they were made: what they are asked for goes over the network.

use crate::code::Language;
use crate::flow::effects::Table;
use crate::flow::effects::version::unversioned;

/// Members behind which there is what a service answered.
const PARTS_OF_DATA: &[&str] = &["json", "data", "cache", "[]"];

/// What stands before and after the `*` of a name: `aws_sdk_*.Client`.
#[derive(Debug)]
pub(super) struct Stem {
    before: String,
    after: String,
}

impl Stem {
    pub(super) fn read(name: &str) -> Option<Self> {
        let (before, after) = name.split_once('*')?;
        Some(Stem { before: before.to_string(), after: after.to_string() })
    }

    fn fits(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.before.as_str());
        rest.is_some_and(|rest| rest.len() > self.after.len() && rest.ends_with(&self.after))
    }
}

impl Table {
    /// Asking a service for something, or what it gave for more; what it answered is data, and so is what that holds.
    pub(super) fn service_of(&self, call: &str) -> Option<&usize> {
        let (at, effect) = call.match_indices('.').find_map(|(at, _)| Some((at, self.service(&call[..at])?)))?;
        let asked: Vec<&str> = call[at + 1..].split('.').collect();
        let is_of_data = |method: &str| self.of_data.contains(method) || self.inside.contains_key(method);
        let is_data = match &asked[..] {
            [] | [_] => false,
            [before @ .., last] => is_of_data(last) || before.iter().any(|one| PARTS_OF_DATA.contains(one)),
        };
        (!is_data).then_some(effect)
    }

    fn service(&self, name: &str) -> Option<&usize> {
        let any = || self.any_services.iter().find(|(stem, _)| stem.fits(name)).map(|(_, at)| at);
        self.services.get(name).or_else(any).or_else(|| self.services.get(&unversioned(self.language, name)?))
    }

    /// What `NewX` of a Go package makes, where `X` is a client that the table knows.
    pub(super) fn made_by_convention(&self, call: &str) -> Option<&String> {
        if self.language != Some(Language::Go) {
            return None;
        }
        let (package, function) = call.rsplit_once('.')?;
        let made = function.strip_prefix("New").filter(|made| !made.is_empty())?;
        let of = |name: &str| self.clients.get(name).or_else(|| Some(self.services.get_key_value(name)?.0));
        let made = format!("{package}.{made}");
        of(&made).or_else(|| of(&unversioned(self.language, &made)?))
    }
}
