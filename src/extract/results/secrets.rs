//! Secrets in what a tool returns: a credential of the environment or of a store, or all variables at once.
//!
//! What the tool makes of it in ways that are not known, or a part of it, is no finding; that nothing of it is returned is
//! known only where all that the result is made of was followed.

use std::collections::BTreeSet;

use crate::code::{ValueId, ValueKind};
use crate::extract::requests::{credential_variable, is_credential_name, is_environment, reads_environment};
use crate::extract::results::controls::Memo;
use crate::extract::results::seek::{Made, Of, Sources, Start, Way, seek};
use crate::flow::meaning::value_in;
use crate::flow::{Flow, FunctionRef, ValueRef};
use crate::model::effect::Effect;
use crate::model::policy::Handover;
use crate::model::{About, Known, Note};
use crate::source::Span;

/// Members of what a secrets store answers that are the secret.
const SECRET_MEMBERS: &[&str] =
    &["SecretString", "SecretBinary", "Parameter", "Value", "value", "payload", "data", "secret", "password"];
/// What functions that only put texts and data together are called on.
const NAMESPACES: &[&str] = &[
    "JSON",
    "json",
    "orjson",
    "yaml",
    "Object",
    "String",
    "Array",
    "Promise",
    "fmt",
    "strings",
    "types",
    "mcp",
    "serde_json",
];
/// Methods whose result holds what they are given, whatever they are called on.
const HOLDING: &[&str] = &["format", "join", "concat", "append", "push", "extend", "update", "set"];

/// What of secrets a tool returns: nothing to say where it reads none.
pub(super) fn returned(
    flow: &Flow,
    (start, memo): (&Start, &Memo),
    effects: &[&Effect],
    others: &dyn Sources,
) -> Option<Handover> {
    let handler = start.function;
    let stores: BTreeSet<Span> = of_kind(effects, "secret").map(|effect| effect.about.span).collect();
    let read = read_first(effects);
    let secrets =
        Secrets { flow, handler, stores, effects: effects.iter().map(|one| one.about.span).collect(), others };
    let made = seek(flow, memo, start, &secrets);
    let found = made.of.iter().find(|(_, ways)| ways.iter().any(is_plain)).map(|(span, _)| *span);
    let place = flow.function(handler).name_span;
    let (narrowed, note) = match (found, read) {
        (Some(span), _) => (Known::is(false, span), Note::new(span, "it is read here, and the result holds it")),
        (None, None) => return None,
        (None, Some(read)) => (followed(&made, read), Note::new(read, "a secret is read here")),
    };
    let what = found.map_or("a secret", |span| named(flow, span));
    let span = found.unwrap_or(place);
    let about = About::new("the model", span);
    Some(Handover { about, what: "result".to_string(), to: what.to_string(), narrowed, notes: vec![note] })
}

/// The first secret that a tool reads.
fn read_first(effects: &[&Effect]) -> Option<Span> {
    let is_credential = |effect: &&&Effect| effect.target.value().is_some_and(|name| is_credential_name(name));
    let variable = of_kind(effects, "environment").filter(is_credential).map(|one| one.about.span);
    of_kind(effects, "secret").map(|one| one.about.span).chain(variable).min()
}

fn of_kind<'e>(effects: &'e [&'e Effect], kind: &'e str) -> impl Iterator<Item = &'e &'e Effect> {
    effects.iter().filter(move |effect| effect.kind == kind)
}

/// Whether nothing of it is returned: known where all of the result was followed.
fn followed(made: &Made, read: Span) -> Known<bool> {
    match made.open {
        _ if !made.of.is_empty() => Known::unknown("not known: what becomes of it on the way to the result", read),
        Some(open) => Known::unknown("not known: a part of the result was not followed", open),
        None => Known::is(true, read),
    }
}

/// Whether the result holds all of it.
fn is_plain(way: &Way) -> bool {
    !way.vague && way.cut.is_none() && !way.chosen && !way.picked && !way.part && !way.sifted
}

fn named(flow: &Flow, span: Span) -> &'static str {
    let text = flow.sources.slice(span);
    let is_all = matches!(text, "process.env" | "os.environ" | "environ" | "Deno.env" | "Bun.env" | "os.Environ()");
    if is_all || text.ends_with("vars()") { "every variable of the environment" } else { "a secret" }
}

struct Secrets<'a> {
    flow: &'a Flow<'a>,
    handler: FunctionRef,
    stores: BTreeSet<Span>,
    effects: BTreeSet<Span>,
    others: &'a dyn Sources,
}

impl Secrets<'_> {
    /// A variable that the caller names.
    fn is_asked_for(&self, key: ValueRef) -> bool {
        let ValueKind::Name(name) = self.flow.kind(key) else { return false };
        // What a handler calls may stand in another file, whose functions are counted apart.
        if self.flow.owner(key) != self.handler {
            return false;
        }
        let Some(bindings) = self.flow.scopes(key.module).bindings.get(self.handler.id.index()) else { return false };
        bindings
            .get(name)
            .into_iter()
            .flatten()
            .all(|binding| matches!(binding.bound, crate::flow::scope::Bound::Parameter(_)) && binding.path.is_empty())
    }

    fn of_variable(&self, at: ValueRef, key: Option<ValueRef>) -> Of {
        let is_secret = credential_variable(self.flow, at).is_some() || key.is_some_and(|key| self.is_asked_for(key));
        if is_secret { Of::Source } else { Of::Nothing }
    }
}

impl Sources for Secrets<'_> {
    fn is_source(&self, span: Span) -> bool {
        self.stores.contains(&span)
    }

    fn queries(&self, _: Span) -> Vec<Span> {
        Vec::new()
    }

    fn is_of_another(&self, value: ValueRef) -> bool {
        self.others.is_of_another(value)
    }

    fn bounds(&self, _: ValueRef) -> bool {
        false
    }

    fn of_value(&self, at: ValueRef) -> Of {
        let of = |id: ValueId| value_in(at.module, id);
        match self.flow.kind(at) {
            _ if is_environment(self.flow, at) => Of::Source,
            ValueKind::Field { base, .. } if is_environment(self.flow, of(*base)) => self.of_variable(at, None),
            ValueKind::Index { base, key } if is_environment(self.flow, of(*base)) => {
                self.of_variable(at, Some(of(*key)))
            }
            ValueKind::Call(call) => {
                let callee = of(call.callee);
                let text = self.flow.sources.slice(self.flow.span(callee));
                if matches!(text, "os.Environ" | "env::vars" | "std::env::vars") {
                    return Of::Source;
                }
                if reads_environment(self.flow, callee) {
                    return self.of_variable(at, call.arguments.first().map(|first| of(first.value)));
                }
                // What a file, a service or a program answers.
                let span = self.flow.span(at);
                if self.effects.contains(&span) && !self.stores.contains(&span) { Of::Nothing } else { Of::More }
            }
            _ => Of::More,
        }
    }

    fn hands_back(&self, callee: ValueRef, name: &str) -> bool {
        let ValueKind::Field { base, .. } = self.flow.kind(callee) else { return true };
        let base = self.flow.sources.slice(self.flow.span(value_in(callee.module, *base)));
        NAMESPACES.contains(&base) || HOLDING.contains(&name)
    }

    fn is_whole(&self, name: &str) -> bool {
        SECRET_MEMBERS.contains(&name)
    }
}
