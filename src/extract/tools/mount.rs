//! Servers that take in the tools of others.

use crate::extract::tools::draft::{Draft, Drafts};
use crate::extract::tools::register::Registrar;
use crate::extract::tools::sdk::Mount;
use crate::extract::tools::server::Key;
use crate::extract::tools::site::{self, Told};
use crate::flow::ValueRef;
use crate::model::Known;

/// Most mounts of one tree.
const MAX_MOUNTS: usize = 200;

impl Registrar<'_> {
    /// Notes the server that a call takes in. Some versions take the prefix first, some the server.
    pub(super) fn mounted(&self, at: ValueRef, told: &Told, mount: &Mount, draft: &mut Draft) {
        let flow = self.flow();
        let found = mount.child.iter().find_map(|slot| {
            let child = site::first(flow, told, std::slice::from_ref(slot))?;
            let children = self.kinds.servers(&child.meaning, at);
            (!children.is_empty()).then_some((slot, children))
        });
        let Some((child, children)) = found else {
            if site::first(flow, told, &mount.child).is_some() {
                draft.open(flow.span(at), "it takes in the tools of a server that was not found");
            }
            return;
        };
        let slots: Vec<_> = mount.prefix.iter().filter(|slot| *slot != child).cloned().collect();
        let prefix = match site::text(site::first(flow, told, &slots).as_ref(), flow.span(at)) {
            Known::Is(text) if text.value.is_empty() => Known::Absent,
            Known::Is(text) => Known::is(format!("{}{}", text.value, mount.separator), text.span),
            other => other,
        };
        draft.mounted.extend(children.into_iter().map(|(child, _)| (child, prefix.clone())));
    }
}

/// Moves the tools of mounted servers into the servers that take them in, innermost first.
pub fn settle(drafts: &mut Drafts) {
    let all: Vec<Key> = drafts.values().flat_map(|draft| draft.mounted.iter().map(|(child, _)| *child)).collect();
    for _ in 0..MAX_MOUNTS {
        let waits = |child: &Key| drafts.get(child).is_some_and(|draft| !draft.mounted.is_empty());
        let mut open = drafts.iter().filter_map(|(key, draft)| {
            let at = draft.mounted.iter().position(|(child, _)| !waits(child))?;
            Some((*key, at))
        });
        // Where each waits for another they go round in a circle.
        let round = || drafts.iter().find(|(_, draft)| !draft.mounted.is_empty()).map(|(key, _)| (*key, 0));
        let Some((parent, at)) = open.next().or_else(round) else { break };
        take_in(parent, at, drafts);
    }
    all.iter().for_each(|child| {
        drafts.remove(child);
    });
}

fn take_in(parent: Key, at: usize, drafts: &mut Drafts) {
    let Some(home) = drafts.get_mut(&parent) else { return };
    let (child, prefix) = home.mounted.remove(at);
    let taken = drafts.get(&child).filter(|_| child != parent);
    let taken = taken.map(|draft| (draft.tools.clone(), draft.openings.clone(), draft.offers.clone()));
    let Some((tools, openings, offers)) = taken else { return };
    let Some(home) = drafts.get_mut(&parent) else { return };
    home.offers.extend(offers);
    match &prefix {
        Known::Unknown(unknown) => {
            home.open(unknown.span, "tools are mounted under a prefix that is only known at run time");
        }
        known => {
            let text = known.value().cloned().unwrap_or_default();
            for mut tool in tools {
                tool.about.name = format!("{text}{}", tool.about.name);
                home.add(tool);
            }
        }
    }
    openings.into_iter().for_each(|opening| home.open(opening.span, opening.value));
}
