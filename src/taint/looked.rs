//! What is looked up by a key: members of what is known, and records that others keep.

use crate::code::{Language, Name, ValueKind};
use crate::flow::Meaning;
use crate::flow::effects::{Table, root};
use crate::flow::meaning::value_in;
use crate::taint::call::Calling;
use crate::taint::headers::Role;
use crate::taint::statement::dotted;
use crate::taint::{Shade, Walk, names};

impl<'a> Walk<'a> {
    /// `arguments.get("path", default)`: a member of something whose members are known.
    pub(super) fn looked_up(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        if !matches!(calling.method.as_deref(), Some("get" | "pop" | "Get")) {
            return None;
        }
        let receiver = calling.receiver.as_ref()?;
        // `get(object, path)` of a package is no table.
        if !receiver.is_bag && receiver.parts.is_empty() && self.is_of_package(calling) {
            return None;
        }
        // What a table of the program's own holds is the table's, whoever chose the key.
        let is_own = receiver.parts.is_empty() || receiver.parts.values().all(|part| !part.holds_any());
        let is_chosen = calling.given.first().is_some_and(|key| key.shade.constant.is_none());
        if !receiver.holds_any() && !receiver.is_bag && is_own && (receiver.parts.is_empty() || is_chosen) {
            return Some(calling.given.get(1).map(|default| default.shade.clone()).unwrap_or_default());
        }
        let key = calling.given.first()?.shade.constant.clone()?;
        let path = self.path_looked_up(calling, &key);
        let has_members = receiver.is_bag || !receiver.parts.is_empty() || path.is_some();
        let receiver = Some(receiver).filter(|_| has_members)?.clone();
        let member = self.member(&receiver, &key, path);
        let member = self.taken_out(&receiver, member, self.flow.span(calling.at));
        Some(match calling.given.get(1) {
            Some(default) => member.or_default(&default.shade),
            None => member,
        })
    }

    /// The path of the member that `data.get("name")` gives, which is what `data["name"]` is.
    fn path_looked_up(&self, calling: &Calling<'a>, key: &Name) -> Option<Name> {
        let is_plain = calling.method.as_deref() == Some("get") && calling.given.len() == 1;
        let ValueKind::Field { base, .. } = self.flow.kind(value_in(calling.at.module, calling.code.callee)) else {
            return None;
        };
        if !is_plain || self.flow.module(calling.at).language != Language::Python {
            return None;
        }
        let (root, mut members) = self.path(value_in(calling.at.module, *base))?;
        members.push(key.clone());
        Some(dotted(&root, &members))
    }

    /// Whether what a call gives is a record that an object of an unknown package was asked for, or a piece of one: its
    /// members are what whoever keeps it put there, and not the key.
    pub(super) fn is_record(&self, calling: &Calling<'a>) -> bool {
        let (Some(method), Some(receiver)) = (calling.method.as_deref(), calling.receiver.as_ref()) else {
            return false;
        };
        let is_asked = calling.given.iter().any(|given| given.shade.holds_any());
        match receiver.role {
            Some(Role::Record) => !is_asked,
            _ => {
                let may_be = is_asked && !receiver.holds_any() && self.effects.records().looks_up(method);
                may_be && self.is_of_unknown_object(calling)
            }
        }
    }

    /// Whether what is called is a function of a package itself: of one that no table knows, at any depth.
    fn is_of_package(&self, calling: &Calling<'a>) -> bool {
        let Some((callee, name, table)) = self.callee_outside(calling) else { return false };
        let is_own = name.rsplit_once('.').is_some_and(|(package, _)| package == root(&name));
        matches!(callee, Meaning::Outside(_)) && (is_own || table.unknown_package(&name).is_some())
    }

    /// Whether what is called is a method of an object that was made by a package which no table knows.
    fn is_of_unknown_object(&self, calling: &Calling<'a>) -> bool {
        let Some((callee, name, table)) = self.callee_outside(calling) else { return false };
        let is_made = |base| matches!(self.flow.force(base), Meaning::Made(_));
        matches!(&callee, Meaning::Member(base, _) if is_made(base)) && table.unknown_package(&name).is_some()
    }

    fn callee_outside(&self, calling: &Calling<'a>) -> Option<(Meaning, String, &'a Table)> {
        let callee = value_in(calling.at.module, calling.code.callee);
        let frame = self.here().frame.clone();
        let table = self.effects.of(self.flow.module(calling.at).language)?;
        let callee = self.flow.asking(|| self.flow.meaning(callee, &frame)).0;
        let name = self.flow.asking(|| names::of_callee(self.flow, &callee, table)).0?;
        Some((callee, name, table))
    }
}
