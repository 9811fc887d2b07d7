//! Objects that are written with their fields, of types from outside: a command of Go, a URL.

use std::rc::Rc;

use crate::code::{MapEntry, MapKey, Name, ValueId};
use crate::flow::ValueRef;
use crate::flow::effects::{Effect, Form, Slot};
use crate::flow::meaning::value_in;
use crate::taint::join::concat;
use crate::taint::shared::Event;
use crate::taint::{Seen, Shade, Walk, names};

impl<'a> Walk<'a> {
    /// `exec.Cmd{Path: …, Args: …}`, `url.URL{Scheme: …, Host: …}`.
    pub(crate) fn constructed(&mut self, at: ValueRef, of: ValueId, entries: &'a [MapEntry]) -> Shade {
        self.value(of);
        let made = self.map(entries);
        let fields = self.by_fields(value_in(at.module, of), made);
        let Some(table) = self.effects.of(self.flow.module(at).language) else { return fields };
        let frame = self.here().frame.clone();
        let meaning = self.flow.asking(|| self.flow.meaning(value_in(at.module, of), &frame)).0;
        let name = self.flow.asking(|| names::of_callee(self.flow, &meaning, table)).0.unwrap_or_default();
        if name == "net/url.URL" {
            return address(fields);
        }
        let starts = |effect: &&Effect| effect.form == Form::Argv && field(effect.target.as_ref()).is_some();
        for effect in table.effects_of(&name).filter(starts).collect::<Vec<_>>() {
            self.started(at, effect, &name, &fields);
        }
        fields
    }

    /// The members of a map or an object that is written out.
    pub(crate) fn map(&mut self, entries: &'a [MapEntry]) -> Shade {
        let mut whole = Shade::default();
        let mut parts = std::collections::BTreeMap::new();
        for entry in entries {
            let value = self.value(entry.value);
            match &entry.key {
                MapKey::Name(name, _) => {
                    parts.insert(name.clone(), value);
                }
                MapKey::Value(key) => match self.value(*key).constant {
                    Some(name) => {
                        parts.insert(name, value);
                    }
                    None => whole = whole.with_whole(&value),
                },
                MapKey::Spread => {
                    let value = self.with_told_members(entry.value, value);
                    parts.extend(value.parts.iter().map(|(name, part)| (name.clone(), part.clone())));
                    whole = whole.with(&Shade { parts: Rc::default(), items: None, ..value });
                }
            }
        }
        Shade { parts: Rc::new(parts), ..whole }
    }

    /// A program that an object stands for, with its words.
    fn started(&mut self, at: ValueRef, effect: &Effect, name: &str, fields: &Shade) {
        let part = |slot: Option<&Slot>| field(slot).and_then(|field| fields.parts.get(field)).cloned();
        let program = part(effect.target.as_ref()).unwrap_or_default();
        let more = part(effect.more.as_ref()).unwrap_or_default();
        let listed = more.items.as_ref().map(|items| items.to_vec());
        let given = listed.unwrap_or_else(|| vec![Shade::default(), more]);
        // The first of the words is the name that the program is told, not a word for it.
        let words: Vec<Shade> = std::iter::once(program).chain(given.into_iter().skip(1)).collect();
        let span = self.flow.span(at);
        let target = words.first().and_then(|program| program.constant.as_ref()).map(|text| text.to_string());
        let records = effect.records;
        let seen = Seen { kind: effect.kind, call: name.to_string(), span, target, records, path: self.own_path() };
        self.happens(Event::Effect(seen, false));
        self.argv(effect, name, span, &words);
    }
}

/// The name of the field that a slot stands for.
fn field(slot: Option<&Slot>) -> Option<&str> {
    match slot? {
        Slot::Argument(slot) => slot.keyword.as_deref(),
        Slot::Receiver(_) => None,
    }
}

/// The text that the fields of a URL make, beside the fields.
fn address(fields: Shade) -> Shade {
    let part = |name: &str| fields.parts.get(name).cloned();
    let text = |text: &str| Shade::text(&Name::new(text));
    let mut written =
        vec![part("Scheme").filter(|one| one.constant.is_some()).unwrap_or_else(|| text("https")), text("://")];
    for (name, before) in [("Host", ""), ("Path", "/"), ("RawQuery", "?")] {
        if let Some(part) = part(name) {
            let begins = part.constant.as_deref().is_some_and(|text| text.starts_with('/'));
            written.extend((!before.is_empty() && !begins).then(|| text(before)));
            written.push(part);
        }
    }
    let whole = concat(&written);
    Shade { parts: fields.parts, constant: None, ..whole }
}
