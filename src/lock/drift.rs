//! What differs between a lock and the tree, part by part.

use std::collections::BTreeMap;

use super::{LAUNCH_PARTS, Lock, OFFERED_PARTS, Pinned, Pins, ServerPin, TOOL_PARTS, UNKNOWN};
use crate::model::known::Spanned;

/// Sentences about what has changed, and about what cannot be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// What differs, each at its place in the tree, or in the lock where it is gone.
    pub changed: Vec<Spanned<String>>,
    /// What is there and cannot be known.
    pub unknown: Vec<Spanned<String>>,
}

/// Everything that differs between a pinned server and the server as it is.
pub fn between(pinned: &ServerPin, current: &ServerPin) -> Drift {
    let mut drift = Drift::default();
    drift.part("the server's instructions", &pinned.instructions, &current.instructions, current.span);
    drift.part("the server's icons", &pinned.icons, &current.icons, current.span);
    drift.things("tool", TOOL_PARTS, named(&pinned.tools), named(&current.tools));
    drift.things("prompt", OFFERED_PARTS, named(&pinned.prompts), named(&current.prompts));
    drift.things("resource", OFFERED_PARTS, named(&pinned.resources), named(&current.resources));
    let launches = |pin: &ServerPin| -> Vec<(String, Pins)> {
        pin.launches.iter().map(|((file, name), pins)| (format!("{name}` in `{file}"), pins.clone())).collect()
    };
    drift.things("entry", LAUNCH_PARTS, launches(pinned), launches(current));
    if rank(&current.inventory) > rank(&pinned.inventory) {
        let text = format!("its inventory was {} and is {}", pinned.inventory, current.inventory);
        drift.changed.push(Spanned::new(text, current.span));
    }
    drift.unknown.extend(current.loose.iter().cloned());
    drift
}

/// A server that the lock does not know yet.
pub fn new(name: &str, current: &ServerPin) -> Drift {
    let mut drift = Drift::default();
    drift.changed.push(Spanned::new(format!("the server `{name}` was added"), current.span));
    let tools = named(&current.tools);
    drift.things("tool", TOOL_PARTS, tools.clone(), tools);
    drift.unknown.extend(current.loose.iter().cloned());
    drift
}

/// Servers of the lock that are no more.
pub fn gone(then: &Lock, now: &Lock) -> Vec<Spanned<String>> {
    let gone = then.servers.iter().filter(|(key, _)| !now.servers.contains_key(key));
    gone.map(|((name, root), server)| Spanned::new(format!("the server `{name}` in `{root}` was removed"), server.span))
        .collect()
}

fn named(tools: &BTreeMap<String, Pins>) -> Vec<(String, Pins)> {
    tools.iter().map(|(name, pins)| (name.clone(), pins.clone())).collect()
}

fn rank(inventory: &str) -> usize {
    ["closed", "partly-open", "open"].iter().position(|id| *id == inventory).unwrap_or(2)
}

impl Drift {
    /// Things of one kind, sorted by name on both sides.
    fn things(
        &mut self,
        what: &str,
        parts: &[(&'static str, &str)],
        then: Vec<(String, Pins)>,
        now: Vec<(String, Pins)>,
    ) {
        let then: BTreeMap<String, Pins> = then.into_iter().collect();
        let now: BTreeMap<String, Pins> = now.into_iter().collect();
        for (name, pins) in &now {
            let Some(before) = then.get(name) else {
                self.changed.push(Spanned::new(format!("the {what} `{name}` was added"), pins.span));
                continue;
            };
            for (key, part) in parts {
                let subject = format!("the {part} of `{name}`");
                self.part(&subject, &before.parts.get(key).cloned(), &pins.parts.get(key).cloned(), pins.span);
            }
        }
        for (name, pins) in then.iter().filter(|(name, _)| !now.contains_key(*name)) {
            self.changed.push(Spanned::new(format!("the {what} `{name}` was removed"), pins.span));
        }
    }

    fn part(&mut self, subject: &str, then: &Pinned, now: &Pinned, place: crate::source::Span) {
        let text = match (then, now) {
            (None, None) => return,
            (None, Some(now)) if now.value == UNKNOWN => format!("{subject} was added and cannot be known"),
            (None, Some(_)) => format!("{subject} was added"),
            (Some(_), None) => format!("{subject} was removed"),
            (Some(then), Some(now)) if then.value == now.value && now.value == UNKNOWN => {
                self.unknown.push(Spanned::new(format!("{subject} cannot be known from the tree"), now.span));
                return;
            }
            (Some(then), Some(now)) if then.value == now.value => return,
            (Some(_), Some(now)) if now.value == UNKNOWN => format!("{subject} can no longer be known"),
            (Some(then), Some(now)) if is_shown(then) && is_shown(now) => {
                format!("{subject} was `{}` and is `{}`", then.value, now.value)
            }
            (Some(_), Some(_)) => format!("{subject} changed"),
        };
        self.changed.push(Spanned::new(text, now.as_ref().map_or(place, |now| now.span)));
    }
}

/// Versions and packages are readable, digests of texts are not.
fn is_shown(pin: &Spanned<String>) -> bool {
    !(pin.value.len() == 64 && pin.value.bytes().all(|byte| byte.is_ascii_hexdigit())) && pin.value.len() <= 120
}
