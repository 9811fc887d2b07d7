//! Transports that a server opens, and the addresses it binds.

use crate::code::ValueKind;
use crate::extract::tools::draft::Draft;
use crate::extract::tools::package_root;
use crate::extract::tools::sdk::{Bind, Run, ServerKind, Slot};
use crate::extract::tools::server::{Key, Kinds};
use crate::extract::tools::site::{self, Told};
use crate::flow::meaning::Meaning;
use crate::flow::{Flow, In, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::server::Listener;
use crate::model::{About, Known};
use crate::source::Span;

/// The transports that one call of a starting method opens: several where only run time tells which.
pub fn started(flow: &Flow, at: ValueRef, told: &Told, run: &Run, table: &ServerKind, key: Key) -> Vec<Listener> {
    let place = flow.span(at);
    let constructor = match key {
        Key::Made(made) => Told::Arguments(flow.passed(made, &None)),
        Key::Given(..) => Told::Arguments(Vec::new()),
    };
    let host = [address(flow, told, &run.host, place), address(flow, &constructor, &table.host, place)];
    let port = [port(flow, told, &run.port, place), port(flow, &constructor, &table.port, place)];
    let make = |transport: &str| {
        let is_web = transport != "stdio";
        let or_default = |known: &Known<String>| match (known, &run.default_host) {
            (Known::Absent, Some(default)) if is_web => Known::is(default.clone(), place),
            _ => known.clone(),
        };
        let host = if host[0].is_absent() { or_default(&host[1]) } else { host[0].clone() };
        let port = match (&port[0], &port[1], run.default_port) {
            (Known::Absent, Known::Absent, Some(default)) if is_web => Known::is(default, place),
            (Known::Absent, own, _) => own.clone(),
            (given, _, _) => given.clone(),
        };
        let nothing = !is_web;
        Listener {
            about: About::new(transport, place),
            transport: transport.to_string(),
            host: if nothing { Known::Absent } else { host },
            port: if nothing { Known::Absent } else { port },
        }
    };
    names(flow, told, run).iter().map(|name| make(name)).collect()
}

fn names(flow: &Flow, told: &Told, run: &Run) -> Vec<String> {
    if let Some(transport) = &run.transport {
        return vec![transport.clone()];
    }
    let slot = site::first(flow, told, &run.transport_slot);
    let Some(slot) = slot else { return run.default_transport.iter().cloned().collect() };
    let known = |meaning: &Meaning| meaning.text().and_then(|text| run.transports.get(text.as_str()).cloned());
    let told: Vec<String> = slot.meaning.alternatives().iter().filter_map(known).collect();
    let mut all = match told.len() == slot.meaning.alternatives().len() {
        true => told,
        // It may be any of them.
        false => run.transports.values().cloned().collect(),
    };
    all.sort();
    all.dedup();
    all
}

fn address(flow: &Flow, told: &Told, slots: &[Slot], place: Span) -> Known<String> {
    let Some(mut filled) = site::first(flow, told, slots) else { return Known::Absent };
    if let Some(default) = default_of(flow, &filled.meaning) {
        filled.meaning = default;
    }
    match &filled.meaning {
        // `listen(port, callback)`
        Meaning::Function(..) => Known::Absent,
        _ => site::text(Some(&filled), place),
    }
}

fn port(flow: &Flow, told: &Told, slots: &[Slot], place: Span) -> Known<i64> {
    let Some(filled) = site::first(flow, told, slots) else { return Known::Absent };
    let span = filled.span.unwrap_or(place);
    let number = |meaning: &Meaning| match meaning {
        Meaning::Int(number) => Some(*number),
        Meaning::Text(text, _) => text.parse().ok(),
        _ => None,
    };
    let plain = default_of(flow, &filled.meaning).unwrap_or_else(|| filled.meaning.clone());
    let found: Vec<i64> = plain.alternatives().iter().filter_map(number).collect();
    match found[..] {
        [only] => Known::is(only, span),
        _ => Known::unknown(site::reason(&plain), span),
    }
}

/// What a setting of the environment is when it is not set: `os.getenv("HOST", "0.0.0.0")`.
fn default_of(flow: &Flow, meaning: &Meaning) -> Option<Meaning> {
    let Meaning::Made(made) = meaning else { return None };
    let Meaning::Outside(name) = &made.callee else { return None };
    match name.as_str() {
        "os.getenv" | "os.environ.get" => Some(flow.force(&made.arguments.get(1)?.value)),
        "int" | "str" | "parseInt" | "Number" | "String" => {
            let inner = flow.force(&made.arguments.first()?.value);
            Some(default_of(flow, &inner).unwrap_or(inner))
        }
        _ => None,
    }
}

/// Adds the transports that code opens beside its servers, each to the servers of its package.
pub fn add(loaded: &Loaded, kinds: &Kinds, live: &[ModuleId], found: &mut [Draft]) {
    let flow = kinds.flow;
    let mut opened: Vec<(String, Listener)> = Vec::new();
    for listener in kinds.sdks.all.iter().flat_map(|sdk| &sdk.listeners) {
        for origin in &listener.origins {
            for call in calls_of(flow, origin, live) {
                let place = flow.span(call);
                let made = Listener {
                    about: About::new(listener.transport.clone(), place),
                    transport: listener.transport.clone(),
                    host: Known::Absent,
                    port: Known::Absent,
                };
                opened.push((package_root(loaded, place), made));
            }
        }
    }
    let bound = bound(loaded, kinds, live);
    for draft in found.iter_mut() {
        let root = package_root(loaded, draft.span);
        for (_, listener) in opened.iter().filter(|(package, _)| *package == root) {
            draft.runs.extend(with_address(listener, &root, &bound));
        }
        draft.runs.sort_by(|a, b| (&a.about.span, &a.transport).cmp(&(&b.about.span, &b.transport)));
        draft.runs.dedup_by(|a, b| a.about.span == b.about.span && a.transport == b.transport);
    }
}

fn calls_of(flow: &Flow, origin: &str, live: &[ModuleId]) -> Vec<ValueRef> {
    let calls = flow.outside_calls().get(origin).into_iter().flatten();
    calls.copied().filter(|call| live.contains(&call.module)).collect()
}

/// A listener with each address that its package binds; without one where nothing is bound.
fn with_address(listener: &Listener, root: &str, bound: &[(String, Listener)]) -> Vec<Listener> {
    let own: Vec<&Listener> = bound.iter().filter(|(package, _)| package == root).map(|(_, one)| one).collect();
    if listener.transport == "stdio" || own.is_empty() {
        return vec![listener.clone()];
    }
    let at = |bind: &&Listener| Listener {
        about: About::new(listener.transport.clone(), bind.about.span),
        transport: listener.transport.clone(),
        host: bind.host.clone(),
        port: bind.port.clone(),
    };
    own.iter().map(at).collect()
}

/// Every address that the code binds, by package.
fn bound(loaded: &Loaded, kinds: &Kinds, live: &[ModuleId]) -> Vec<(String, Listener)> {
    let flow = kinds.flow;
    let mut all = Vec::new();
    for bind in kinds.sdks.all.iter().flat_map(|sdk| &sdk.binds) {
        for origin in &bind.origins {
            let calls = calls_of(flow, origin, live);
            all.extend(calls.into_iter().map(|call| (call, bind)));
        }
        let Some(method) = &bind.method else { continue };
        for module in live {
            let calls = flow.scopes(*module).calls.iter().map(|call| In { module: *module, id: *call });
            let named = calls.filter(|call| kinds.method_of(*call).is_some_and(|(_, name)| name == method.as_str()));
            all.extend(named.filter(|call| is_web_listen(flow, *call)).map(|call| (call, bind)));
        }
    }
    let root = |call: ValueRef| package_root(loaded, flow.span(call));
    all.into_iter().map(|(call, bind)| (root(call), bound_at(flow, call, bind))).collect()
}

/// `x.listen(port, …)`: with a port, that is; event sources have a method of that name, too.
fn is_web_listen(flow: &Flow, call: ValueRef) -> bool {
    let ValueKind::Call(code) = flow.kind(call) else { return false };
    let Some(first) = code.arguments.first() else { return false };
    let (meaning, _) = flow.asking(|| flow.meaning(In { module: call.module, id: first.value }, &None));
    !matches!(meaning, Meaning::Text(..) | Meaning::Function(..) | Meaning::Bool(_))
}

fn bound_at(flow: &Flow, call: ValueRef, bind: &Bind) -> Listener {
    let place = flow.span(call);
    let told = Told::Arguments(flow.passed(call, &None));
    let host = match address(flow, &told, &bind.host, place) {
        Known::Absent => Known::is(bind.default_host.clone(), place),
        known => known,
    };
    let port = match (port(flow, &told, &bind.port, place), bind.default_port) {
        (Known::Absent, Some(default)) => Known::is(default, place),
        (known, _) => known,
    };
    Listener { about: About::new("http", place), transport: "http".to_string(), host, port }
}
