//! Whether something is only done where a setting says so.

use crate::flow::meaning::value_in;
use crate::flow::scope::ContextKind;
use crate::flow::{Flow, In, ValueRef};

/// Words of tests that decide about safety by a setting: `if not verify_ssl`, `if (insecure)`.
const WORDS: &[&str] = &[
    "verify",
    "insecure",
    "ssl",
    "tls",
    "cert",
    "reject",
    "trust",
    "debug",
    "dev",
    "prod",
    "selfsigned",
    "self_signed",
    "unsafe",
];

/// Whether a place is reached under a test that speaks of such a setting: its own, or each that makes an object of its
/// class.
pub fn is_switched(flow: &Flow, place: ValueRef) -> bool {
    if is_under_switch(flow, place) {
        return true;
    }
    let Some(class) = flow.function(flow.owner(place)).class else { return false };
    let made = flow.made_at(In { module: place.module, id: class });
    !made.is_empty() && made.iter().all(|made| is_under_switch(flow, *made))
}

fn is_under_switch(flow: &Flow, place: ValueRef) -> bool {
    let tests = flow.scopes(place.module).around(place.id).filter_map(|context| match context {
        ContextKind::Branch(test, _) => Some(*test),
        _ => None,
    });
    tests.take(8).any(|test| {
        let text = flow.sources.slice(flow.span(value_in(place.module, test))).to_ascii_lowercase();
        WORDS.iter().any(|word| text.contains(word))
    })
}
