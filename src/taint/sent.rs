//! Where the token that a caller sent goes on to: into the headers of a request to another service.
//!
//! Only its text is followed: what an unknown function makes of a token is another value, and that it was handed there
//! is noted.

use crate::code::{Language, Name, ValueKind};
use crate::flow::ValueRef;
use crate::flow::effects::{Effect, Kind};
use crate::flow::meaning::value_in;
use crate::model::Note;
use crate::source::Span;
use crate::taint::arrival::{Arrival, State};
use crate::taint::call::Calling;
use crate::taint::headers::{ALL_HEADERS, Role};
use crate::taint::shared::{Event, Handling};
use crate::taint::{Shade, Walk};

/// Class of what is found here.
pub const SENT_ON: &str = "token-passed-through";
/// The header of a request that carries its token, among arguments.
const TOKEN: &str = "header authorization";
/// Arguments and members of options that become headers of a request.
const SLOTS: &[&str] = &[
    "headers",
    "Headers",
    "default_headers",
    "defaultHeaders",
    "auth",
    "token",
    "access_token",
    "accessToken",
    "bearer_token",
    "authorization",
];
/// Methods that set one header of a request.
const SETTERS: &[&str] = &["Set", "Add", "set", "setRequestHeader", "append", "header", "insert"];
/// Methods and functions whose result is still the text of a token, or a part of it.
const TEXTS: &[&str] = &[
    "removeprefix",
    "removesuffix",
    "partition",
    "rpartition",
    "match",
    "exec",
    "group",
    "groups",
    "replace",
    "get",
    "pop",
    "str",
    "String",
    "TrimPrefix",
    "TrimSpace",
    "CutPrefix",
    "Fields",
    "SplitN",
    "Split",
    "Replace",
    "strip_prefix",
    "lstrip",
    "rstrip",
    "format",
    "Sprintf",
    "concat",
    "dict",
    "assign",
];
/// Words in the names of functions that look at a token, and in addresses that are asked about one.
const LOOKS: &[&str] = &["verif", "valid", "decode", "check", "compare", "equal", "introspect", "test", "startswith"];
const ASKED: &[&str] = &["userinfo", "introspect", "tokeninfo", "token_info", "jwks"];

/// Whether what a function gives back is still the text that it is given, or a part of it.
pub(crate) fn is_text(name: &str, callee: &str) -> bool {
    TEXTS.contains(&name) || matches!(callee, "re.match" | "re.search" | "re.sub")
}

impl<'a> Walk<'a> {
    /// Judges what a call that opens a connection puts into the headers of its request.
    pub(crate) fn sent_on(&mut self, calling: &Calling<'a>, effect: &Effect, call: &str, span: Span) {
        if effect.kind != Kind::Network {
            return;
        }
        let is_asked_about = |text: &str| ASKED.iter().any(|word| text.to_lowercase().contains(word));
        if is_asked_about(self.flow.sources.slice(span)) {
            return;
        }
        let mut sent: Vec<Shade> = Vec::new();
        for given in &calling.given {
            match given.name.as_deref() {
                Some(name) if SLOTS.contains(&name) => sent.push(given.shade.clone()),
                _ => sent.extend(SLOTS.iter().filter_map(|slot| given.shade.parts.get(*slot)).cloned()),
            }
        }
        sent.iter().for_each(|shade| self.forwarded(shade, effect.kind, call, span));
    }

    /// `request.Header.Set("Authorization", token)`, `headers.set(…)`, `session.headers.update({…})`.
    pub(crate) fn header_set(&mut self, calling: &Calling<'a>) {
        let Some(method) = calling.method.as_deref() else { return };
        let callee = value_in(calling.at.module, calling.code.callee);
        let ValueKind::Field { base, .. } = self.flow.kind(callee) else { return };
        let base = value_in(calling.at.module, *base);
        let is_of_caller = calling.receiver.as_ref().is_some_and(|receiver| receiver.role.is_some() || receiver.is_bag);
        let is_rust = self.flow.module(calling.at).language == Language::Rust;
        let span = self.flow.span(calling.at);
        let (first, second) = (calling.given.first(), calling.given.get(1));
        let value = match (method, first) {
            _ if is_of_caller => None,
            ("bearer_auth", Some(token)) if is_rust => Some(token.shade.clone()),
            ("update", Some(all)) if self.holds_headers(base) => {
                all.shade.parts.iter().find(|(name, _)| is_authorization(name)).map(|(_, shade)| shade.clone())
            }
            (setter, Some(name)) if SETTERS.contains(&setter) && (is_rust || self.holds_headers(base)) => {
                let is_it = name.shade.constant.as_deref().is_some_and(is_authorization)
                    || self.flow.sources.slice(span).contains("AUTHORIZATION");
                second.filter(|_| is_it).map(|value| value.shade.clone())
            }
            _ => None,
        };
        if let Some(value) = value {
            let call = self.flow.sources.slice(self.flow.span(callee)).to_string();
            self.forwarded(&value, Kind::Network, &call, span);
        }
    }

    /// `session.headers["Authorization"] = token`.
    pub(crate) fn header_put(&mut self, at: ValueRef, shade: &Shade) {
        let (base, name) = match self.flow.kind(at) {
            ValueKind::Field { base, name } => (*base, name.clone()),
            ValueKind::Index { base, key } => match self.flow.kind(value_in(at.module, *key)) {
                ValueKind::Text(name) => (*base, name.clone()),
                _ => return,
            },
            _ => return,
        };
        let holder = value_in(at.module, base);
        if !is_authorization(&name) || !shade.carries.contains_key(TOKEN) || !self.holds_headers(holder) {
            return;
        }
        if let ValueKind::Field { base, .. } = self.flow.kind(holder)
            && self.value(*base).role.is_none()
        {
            self.forwarded(shade, Kind::Network, "a header of a request", self.flow.span(at));
        }
    }

    /// Whether something holds the headers of a request that is made here, by what it is called: no answer's.
    fn holds_headers(&self, at: ValueRef) -> bool {
        let text = self.flow.sources.slice(self.flow.span(at));
        let last = text.rsplit(['.', '>']).next().unwrap_or(text).trim_start_matches('_').to_lowercase();
        let first = text.split('.').next().unwrap_or(text).to_lowercase();
        let is_answer = matches!(first.as_str(), "res" | "resp" | "response" | "reply" | "w" | "rw" | "writer");
        !is_answer && (last.ends_with("header") || last.ends_with("headers") || text.ends_with("headers.common"))
    }

    fn forwarded(&mut self, shade: &Shade, kind: Kind, call: &str, span: Span) {
        let whole = shade.whole();
        let all = whole.carries.get(ALL_HEADERS).filter(|_| shade.is_bag && shade.role != Some(Role::State));
        let Some(trail) = whole.carries.get(TOKEN).or(all) else { return };
        let mut path = trail.notes();
        path.push(Note::new(span, "sent on with a request to another service".to_string()));
        let (argument, call) = (TOKEN.to_string(), call.to_string());
        let arrival = Arrival { class: SENT_ON, span, argument, state: State::Open, kind, call, path };
        self.happens(Event::Sent(arrival, self.own_path()));
    }

    /// Takes a token that is sent on among what is found, with the calls that lead there.
    pub(crate) fn sent<'n>(&mut self, arrival: &'n Arrival, calls: impl Iterator<Item = &'n Note>) {
        if !self.found.arrivals.iter().any(|known| known.class == SENT_ON && known.span == arrival.span) {
            let path = arrival.path.iter().chain(calls).cloned().collect();
            self.found.arrivals.push(Arrival { path, ..arrival.clone() });
        }
    }

    /// One header is read of a request.
    pub(crate) fn noted(&mut self, header: Option<Shade>) -> Option<Shade> {
        if header.as_ref().is_some_and(|header| header.carries.contains_key(TOKEN)) {
            let here = self.flow.function(self.here().function).name_span;
            self.happens(Event::Token(Handling::Read, here));
        }
        header
    }

    /// What an unknown call gives back is no token any more, unless the call only takes texts apart or together.
    pub(crate) fn token_kept(&mut self, calling: &Calling<'a>, mut result: Shade) -> Shade {
        if !result.carries.contains_key(TOKEN) {
            return result;
        }
        let callee = self.flow.sources.slice(self.flow.span(value_in(calling.at.module, calling.code.callee)));
        let name = calling.method.as_deref().unwrap_or_else(|| callee.rsplit('.').next().unwrap_or(callee));
        if is_text(name, callee) {
            return result;
        }
        let sent = calling.given.iter().filter_map(|given| match given.name.as_deref() {
            Some("headers") => Some(&given.shade),
            _ => given.shade.parts.get("headers"),
        });
        let sent = sent.flat_map(|headers| headers.parts.iter().filter(|(name, _)| is_authorization(name)));
        let sent: Vec<Shade> = sent.map(|(_, shade)| shade.clone()).collect();
        if sent.iter().any(|shade| shade.whole().carries.contains_key(TOKEN)) {
            let (callee, span) = (callee.to_string(), self.flow.span(calling.at));
            sent.iter().for_each(|shade| self.forwarded(shade, Kind::Network, &callee, span));
            result.carries.remove(TOKEN);
            return result;
        }
        let lower = callee.to_lowercase();
        if !LOOKS.iter().any(|word| lower.contains(word)) {
            self.happens(Event::Token(Handling::Lost, self.flow.span(calling.at)));
        }
        result.carries.remove(TOKEN);
        result.apart.remove(TOKEN);
        result
    }
}

fn is_authorization(name: &str) -> bool {
    name.eq_ignore_ascii_case("authorization")
}

/// Whether something that is kept is the token of a caller, or holds it.
pub fn is_token(argument: &Name) -> bool {
    argument.as_str() == TOKEN
}
