//! Collections of secrets that are handed whole to an object made for one entry of another collection.
//!
//! `Server{Spec: servers[name], Secrets: all.secrets}`: what stands beside the collection is one of many, so the object
//! is that one's, and it is given the secrets of all.

use std::collections::BTreeSet;

use crate::code::{MapKey, Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::scope::{Binding, Bound};
use crate::flow::{Flow, In, ModuleId, ValueRef};
use crate::model::policy::Handover;
use crate::model::{About, Known, Note};

/// Ends of names that hold secrets of several owners.
const SECRETS: &[&str] = &[
    "secrets",
    "credentials",
    "passwords",
    "apikeys",
    "accesstokens",
    "authtokens",
    "apitokens",
    "bearertokens",
    "secretvalues",
    "secretsmap",
    "secretmap",
    "secretsbyname",
    "credentialsbyname",
];
/// Words of declared types that hold several entries by name.
const MAPS: &[&str] =
    &["map[", "Record<", "Map<", "dict[", "Dict[", "HashMap", "BTreeMap", "Mapping[", "[key: string]"];

/// What is handed over whole, and what was picked for its receiver.
pub(super) fn find(flow: &Flow, live: &[ModuleId]) -> Vec<Handover> {
    let maps = collections(flow, live);
    flow.in_parts(live, |flow, module| of_module(flow, module, &maps))
}

fn of_module(flow: &Flow, module: ModuleId, maps: &BTreeSet<Name>) -> Vec<Handover> {
    let mut found = Vec::new();
    for at in 0..flow.program.module(module).values.len() {
        let at = In { module, id: ValueId(at as u32) };
        let (to, parts) = match flow.kind(at) {
            ValueKind::Construct { of, entries } => {
                (Some(*of), entries.iter().map(|entry| (key(&entry.key), entry.value)).collect())
            }
            ValueKind::Map(entries) => {
                (None, entries.iter().map(|entry| (key(&entry.key), entry.value)).collect::<Vec<_>>())
            }
            ValueKind::Call(call) => {
                (Some(call.callee), call.arguments.iter().map(|one| (one.name.clone(), one.value)).collect())
            }
            _ => continue,
        };
        found.extend(given(flow, at, to, &parts, maps));
    }
    found
}

fn key(key: &MapKey) -> Option<Name> {
    match key {
        MapKey::Name(name, _) => Some(name.clone()),
        _ => None,
    }
}

/// Names of members and parameters that hold secrets and are collections wherever they are declared.
fn collections(flow: &Flow, live: &[ModuleId]) -> BTreeSet<Name> {
    let (mut found, mut others) = (BTreeSet::new(), BTreeSet::new());
    for module in live {
        let code = flow.program.module(*module);
        let fields = code.classes.iter().flat_map(|class| &class.fields).map(|field| (&field.name, field.annotation));
        let parameters = code.functions.iter().flat_map(|function| &function.parameters);
        let parameters = parameters.filter_map(|one| Some((one.name()?, one.annotation)));
        for (name, annotation) in fields.chain(parameters).filter(|(name, _)| is_secrets(name)) {
            match annotation {
                Some(annotation) if is_map(flow, value_in(*module, annotation)) => found.insert(name.clone()),
                Some(_) => others.insert(name.clone()),
                None => false,
            };
        }
        for value in &code.values {
            if let ValueKind::Index { base, key } = &value.kind
                && !matches!(code.value(*key).kind, ValueKind::Int(_))
                && let ValueKind::Field { name, .. } | ValueKind::Name(name) = &code.value(*base).kind
                && is_secrets(name)
            {
                found.insert(name.clone());
            }
        }
    }
    found.retain(|name| !others.contains(name));
    found
}

/// Whether a declared type holds several entries by name.
fn is_map(flow: &Flow, annotation: ValueRef) -> bool {
    let text = flow.sources.slice(flow.span(annotation));
    MAPS.iter().any(|word| text.contains(word))
}

/// Whether a member of the receiver of the method around is declared as a collection.
fn declared(flow: &Flow, base: ValueRef, name: &Name) -> Option<bool> {
    let method = flow.function(flow.owner(base));
    let is_receiver = match flow.kind(base) {
        ValueKind::This => true,
        ValueKind::Name(base) => method
            .parameters
            .first()
            .is_some_and(|first| first.kind == crate::code::ParameterKind::Receiver && first.name() == Some(base)),
        _ => false,
    };
    let class = method.class.filter(|_| is_receiver)?;
    let parts = flow.parts(In { module: base.module, id: class });
    parts.into_iter().find_map(|part| {
        let field = flow.class(part).fields.iter().find(|field| field.name == *name)?;
        Some(is_map(flow, value_in(part.module, field.annotation?)))
    })
}

fn is_secrets(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_lowercase()).collect();
    SECRETS.iter().any(|word| plain.ends_with(word))
}

fn given(
    flow: &Flow,
    at: ValueRef,
    to: Option<ValueId>,
    parts: &[(Option<Name>, ValueId)],
    maps: &BTreeSet<Name>,
) -> Option<Handover> {
    let of = |id: ValueId| value_in(at.module, id);
    let is_given = |(name, value): &&(Option<Name>, ValueId)| {
        let written = match flow.kind(of(*value)) {
            ValueKind::Field { name, .. } | ValueKind::Name(name) => Some(name),
            _ => None,
        };
        name.as_ref().or(written).is_some_and(|name| is_secrets(name)) && written.is_some()
    };
    let (_, handed) = parts.iter().find(is_given)?;
    let entry = parts.iter().filter(|(_, value)| value != handed).find_map(|(_, value)| chosen(flow, of(*value)))?;
    let narrowed = match flow.kind(of(*handed)) {
        // What an entry has of its own is the entry's.
        ValueKind::Field { base, .. } if chosen(flow, of(*base)).is_some() => return None,
        ValueKind::Field { base, name } => {
            let declared = declared(flow, of(*base), name);
            declared.unwrap_or_else(|| maps.contains(name)).then_some(false)?
        }
        ValueKind::Name(name) => local(flow, of(*handed), name, maps)?,
        _ => return None,
    };
    let place = flow.span(of(*handed));
    let to = to.map_or("an object", |to| flow.sources.slice(flow.span(of(to))));
    let to: String = to.chars().take(60).collect();
    let notes = vec![Note::new(flow.span(entry), "what it is handed to is made for this one entry")];
    let about = About::new(&to, place);
    Some(Handover { about, what: "secrets".to_string(), to, narrowed: Known::is(narrowed, place), notes })
}

/// Where a value is one of several, chosen by key or by the turn of a loop.
fn chosen(flow: &Flow, at: ValueRef) -> Option<ValueRef> {
    match flow.kind(at) {
        ValueKind::Index { key, .. } if !matches!(flow.kind(value_in(at.module, *key)), ValueKind::Int(_)) => Some(at),
        ValueKind::Field { base, .. } => chosen(flow, value_in(at.module, *base)),
        ValueKind::Name(name) => bindings(flow, at, name).iter().find_map(|binding| match binding.bound {
            Bound::Each(over) => Some(value_in(at.module, over)),
            Bound::Value(value) => match flow.kind(value_in(at.module, value)) {
                ValueKind::Index { key, .. } if !matches!(flow.kind(value_in(at.module, *key)), ValueKind::Int(_)) => {
                    Some(value_in(at.module, value))
                }
                _ => None,
            },
            _ => None,
        }),
        _ => None,
    }
}

/// Whether a name holds a collection that its function makes, not one that it was given; nothing where neither is known.
fn local(flow: &Flow, at: ValueRef, name: &Name, maps: &BTreeSet<Name>) -> Option<bool> {
    let of = |id: ValueId| value_in(at.module, id);
    let one = |binding: &Binding| match binding.bound {
        Bound::Parameter(position) => {
            let parameter = flow.function(flow.owner(at)).parameters.get(position)?;
            let is_whole = parameter.annotation.map_or(maps.contains(name), |annotation| is_map(flow, of(annotation)));
            is_whole.then_some(false)
        }
        Bound::Value(value) => match flow.kind(of(value)) {
            ValueKind::Map(entries) if entries.is_empty() => Some(true),
            ValueKind::Comprehension(_) => Some(true),
            ValueKind::Call(call) => {
                let callee = flow.sources.slice(flow.span(of(call.callee)));
                matches!(callee, "make" | "dict" | "HashMap::new" | "BTreeMap::new" | "Map").then_some(true)
            }
            ValueKind::Field { name, .. } => maps.contains(name).then_some(false),
            _ => None,
        },
        _ => None,
    };
    let mut all = bindings(flow, at, name).iter().map(one);
    let first = all.next()??;
    all.all(|one| one == Some(first)).then_some(first)
}

/// How a name gets its value, in the function around or further out.
fn bindings<'f>(flow: &'f Flow, at: ValueRef, name: &Name) -> &'f [Binding] {
    flow.bindings_around(at, name).map_or(&[], |(_, bindings)| bindings)
}
