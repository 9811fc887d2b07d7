//! Settings of a server that are assigned after it is made: `server.settings.transport_security = None`.

use crate::code::{Name, ValueKind};
use crate::extract::tools::listen::switched;
use crate::extract::tools::sdk::{Head, Slot, Switch};
use crate::extract::tools::site::Told;
use crate::flow::meaning::{Meaning, Passed};
use crate::flow::{Flow, In, ValueRef};
use crate::model::server::Setting;
use crate::source::Span;

/// The member that holds what a server was told.
const SETTINGS: &str = "settings";

/// A server that starts, and what decides about one of its switches.
pub struct Started<'s> {
    /// Where it starts.
    pub at: ValueRef,
    /// The call that made it, where that was found.
    pub made: Option<ValueRef>,
    /// What decides.
    pub switch: &'s Switch,
}

/// A switch as it stands when a server starts: what is assigned to it later, over what it was made with.
pub fn settled(flow: &Flow, server: &Started, made: Setting) -> Setting {
    let place = flow.span(server.at);
    let near = flow.program.iter().filter(|(_, code)| flow.is_of_one_part(place, Span::new(code.source, 0, 0)));
    let all = near.flat_map(|(module, _)| {
        let value = move |id| In { module, id };
        flow.scopes(module).member_assignments.iter().map(move |(member, given)| (value(*member), value(*given)))
    });
    all.filter_map(|(member, given)| assigned(flow, server, member, given)).fold(made, over)
}

/// What one assignment leaves of a switch. That one switches it off is enough; one that may not run cannot switch it on.
fn over(before: Setting, assigned: Setting) -> Setting {
    match (before, assigned) {
        (Setting::Off(_), _) => before,
        (_, Setting::Off(_)) | (Setting::Unset, _) => assigned,
        (_, Setting::Unknown(_)) => assigned,
        _ => before,
    }
}

/// What an assignment says about a switch, where it is to one of its slots.
fn assigned(flow: &Flow, server: &Started, member: ValueRef, given: ValueRef) -> Option<Setting> {
    let (names, base) = path(flow, member)?;
    let is_setting = names.get(1).is_some_and(|name| name == SETTINGS);
    let deep = server.switch.off_by_false.iter().find(|slot| !slot.members.is_empty() && ends(&names, slot));
    let plain = server.switch.on.iter().find(|slot| is_setting && slot.members.is_empty() && ends(&names, slot));
    let slot = deep.or(plain)?;
    let owner = made_at(flow, base);
    if owner.is_some() && server.made.is_some() && is_setting && owner != server.made {
        return None;
    }
    let span = flow.span(given);
    let value = flow.asking(|| flow.meaning(given, &None)).0;
    let set = match (&value, &slot.head) {
        (Meaning::Bool(false), _) => Setting::Off(span),
        (Meaning::Bool(true), _) if deep.is_some() => Setting::On(span),
        (_, Head::Keyword(name)) if deep.is_none() => {
            let told = Passed { name: Some(name.clone()), value, is_rest: false };
            let set = switched(flow, given, server.switch, &Told::Arguments(vec![told]));
            if set == Setting::Unset { Setting::Off(span) } else { set }
        }
        _ => Setting::Unknown(span),
    };
    let is_on = matches!(set, Setting::On(_));
    Some(if is_on && !(owner.is_some() && runs_before(flow, server, member)) { Setting::Unknown(span) } else { set })
}

/// Whether an assignment always runs before a server starts: it stands before it in the same function, under no condition.
fn runs_before(flow: &Flow, server: &Started, member: ValueRef) -> bool {
    let owner = |value: ValueRef| flow.scopes(value.module).owner[value.id.index()];
    member.module == server.at.module
        && owner(member) == owner(server.at)
        && flow.span(member).start < flow.span(server.at).start
        && flow.condition(member).is_none_or(|test| flow.condition(server.at) == Some(test))
}

/// The call that made what a value is.
fn made_at(flow: &Flow, value: ValueRef) -> Option<ValueRef> {
    match flow.asking(|| flow.meaning(value, &None)).0 {
        Meaning::Made(made) => Some(made.at),
        _ => None,
    }
}

/// The names that lead to a member, last first, and what they begin at.
fn path(flow: &Flow, member: ValueRef) -> Option<(Vec<Name>, ValueRef)> {
    let mut names = Vec::new();
    let mut at = member;
    while let ValueKind::Field { base, name } = flow.kind(at) {
        names.push(name.clone());
        at = In { module: at.module, id: *base };
    }
    (names.len() > 1).then_some((names, at))
}

/// Whether names end with those of a slot.
fn ends(names: &[Name], slot: &Slot) -> bool {
    let Head::Keyword(head) = &slot.head else { return false };
    let slot: Vec<&Name> = slot.members.iter().rev().chain([head]).collect();
    slot.len() <= names.len() && slot.iter().zip(names).all(|(one, other)| **one == *other)
}
