//! Whether a session id stands for a credential: it is what lets a request in, or what a credential is looked up by.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{Operator, ValueId, ValueKind};
use crate::extract::usages::asked::{is_credential, is_made_of, is_session, refusing_status, tested, values};
use crate::flow::meaning::value_in;
use crate::flow::{Flow, FunctionRef, ModuleId, ValueRef};
use crate::model::usage::Usage;
use crate::model::{About, Known};
use crate::source::Span;

/// Every place of a module where a session id decides who is let in, or which session it is.
pub fn find(flow: &Flow, module: ModuleId) -> Vec<Usage> {
    let sessions: Vec<ValueRef> = values(flow, module).filter(|value| is_session(flow, *value)).collect();
    if sessions.is_empty() {
        return Vec::new();
    }
    let asks: BTreeSet<FunctionRef> =
        values(flow, module).filter(|value| is_header(flow, *value)).map(|value| flow.owner(value)).collect();
    let mut found: BTreeMap<FunctionRef, Usage> = BTreeMap::new();
    for value in values(flow, module) {
        let function = flow.owner(value);
        let Some((topic, setting)) = decides(flow, value, asks.contains(&function)) else { continue };
        found.entry(function).or_insert_with(|| usage(flow.span(value), topic, false, setting));
    }
    for session in sessions {
        let function = flow.owner(session);
        let (topic, setting) = match asks.contains(&function) {
            true => ("session", "a credential is read beside it"),
            false => ("session-lookup", "it tells which session a request belongs to"),
        };
        found.entry(function).or_insert_with(|| usage(flow.span(session), topic, true, setting));
    }
    found.into_values().collect()
}

fn usage(span: Span, topic: &str, sound: bool, setting: &str) -> Usage {
    Usage {
        about: About::new("session id", span),
        topic: topic.to_string(),
        call: "session id".to_string(),
        sound: Known::is(sound, span),
        setting: setting.to_string(),
    }
}

fn is_header(flow: &Flow, value: ValueRef) -> bool {
    matches!(flow.kind(value), ValueKind::Field { .. } | ValueKind::Index { .. } | ValueKind::Call(_))
        && is_credential(flow, value)
}

/// What a value shows, if a session id decides there.
fn decides(flow: &Flow, value: ValueRef, asks: bool) -> Option<(&'static str, &'static str)> {
    if refusing_status(flow, value).is_some_and(|status| matches!(status, 401 | 403)) {
        let test = tested(flow, value).filter(|_| !asks)?;
        return is_made_of(flow, test, &is_session)
            .then_some(("session-admits", "a request is refused for its session id, and no credential is read"));
    }
    if asks && lets_through(flow, value) {
        let test = tested(flow, value)?;
        let by_session = is_made_of(flow, test, &is_session) && !is_made_of(flow, test, &is_credential);
        return (by_session && is_positive(flow, test))
            .then_some(("session-bypass", "a request with a known session is let through before its credential"));
    }
    let is_looked_up = !asks && holds_credentials(flow, value);
    is_looked_up.then_some(("session-admits", "whose credential is used follows from the session id alone"))
}

/// `next()`, `call_next(request)`, `next.ServeHTTP(w, r)`.
fn lets_through(flow: &Flow, value: ValueRef) -> bool {
    let ValueKind::Call(call) = flow.kind(value) else { return false };
    let callee = flow.sources.slice(flow.span(value_in(value.module, call.callee)));
    matches!(callee, "next" | "call_next" | "next.ServeHTTP" | "self.app" | "next.run")
}

/// Whether a test holds where there is a session, not where there is none.
fn is_positive(flow: &Flow, test: ValueRef) -> bool {
    !matches!(
        flow.kind(test),
        ValueKind::Not(_) | ValueKind::Binary { operator: Operator::Equal | Operator::NotIn, .. }
    )
}

/// `credentials[sessionId]`, `tokens.get(session_id)`.
fn holds_credentials(flow: &Flow, value: ValueRef) -> bool {
    let of = |id: ValueId| value_in(value.module, id);
    let (base, key) = match flow.kind(value) {
        ValueKind::Index { base, key } => (of(*base), of(*key)),
        ValueKind::Call(call) => {
            let ValueKind::Field { base, name } = flow.kind(of(call.callee)) else { return false };
            let Some(first) = call.arguments.first().filter(|_| matches!(name.as_str(), "get" | "Get")) else {
                return false;
            };
            (of(*base), of(first.value))
        }
        _ => return false,
    };
    let text = flow.sources.slice(flow.span(base)).to_ascii_lowercase();
    let last = text.rsplit(['.', ':']).next().unwrap_or(&text);
    let is_kept =
        ["token", "credential", "apikey", "api_key", "secret", "password"].iter().any(|word| last.contains(word));
    is_kept && !is_session(flow, value) && is_made_of(flow, key, &is_session)
}
