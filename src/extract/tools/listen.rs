//! Transports that a server opens, and the addresses it binds.

use std::collections::BTreeSet;

use crate::code::ValueKind;
use crate::extract::tools::address::{address, bound_at, port, told_by, unset_text, words_of};
use crate::extract::tools::afterwards::{self, Started};
use crate::extract::tools::chosen::left_by_tests;
use crate::extract::tools::constructed::constructed;
use crate::extract::tools::draft::Draft;
use crate::extract::tools::package_root;
use crate::extract::tools::sdk::{self, Run, ServerKind, Slot, Switch};
use crate::extract::tools::server::{Key, Kinds};
use crate::extract::tools::site::{self, Told};
use crate::extract::tools::unlisted;
use crate::flow::meaning::Meaning;
use crate::flow::{Flow, Frame, In, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::server::{Listener, Setting, Settings};
use crate::model::{About, Known};
use crate::source::Span;

/// The transports that one call of a starting method opens: several where only run time tells which.
pub fn started(
    flow: &Flow,
    (at, frame): (ValueRef, &Frame),
    told: &Told,
    run: &Run,
    table: &ServerKind,
    key: Key,
) -> Vec<Listener> {
    let place = flow.span(at);
    let constructor = match key {
        Key::Made(made) => Told::Arguments(flow.passed(made, &None)),
        Key::Given(..) => Told::Arguments(Vec::new()),
    };
    let host = [address(flow, told, &run.host, place), address(flow, &constructor, &table.host, place)];
    let mut words = told_by(flow, told, &run.host);
    words.extend(told_by(flow, &constructor, &table.host));
    let host = match assigned_host(flow, at.module, frame) {
        Some((assigned, by)) if host[0].is_absent() => {
            words.extend(by);
            [assigned, host[1].clone()]
        }
        _ => host,
    };
    if host[0].is_absent() && host[1].is_absent() {
        words.extend(run.host_variable.clone());
    }
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
        let mut made = Listener::new(transport, place);
        if is_web {
            made.settings.default_host = host.clone();
            made.settings.told_by = words.clone();
            if !run.is_app {
                (made.host, made.port) = (host, port);
            }
        }
        made
    };
    let left = left_by_tests(flow, at, &run.transports, names(flow, told, run));
    let mut made: Vec<Listener> = left.iter().map(|name| make(name)).collect();
    for listener in made.iter_mut().filter(|listener| listener.transport != "stdio") {
        let settings = &mut listener.settings;
        let of = |switch: &Switch, told: &Told| switched(flow, at, switch, told);
        let host_check = or(of(&run.host_check, told), of(&table.host_check, &constructor));
        let server = Started { at, made: made_by(key), switch: &table.host_check };
        settings.host_check = afterwards::settled(flow, &server, host_check);
        settings.authentication = or(of(&run.authentication, told), of(&table.authentication, &constructor));
        settings.matter = sdk::host_check_matter();
    }
    made
}

fn made_by(key: Key) -> Option<ValueRef> {
    match key {
        Key::Made(made) => Some(made),
        Key::Given(..) => None,
    }
}

/// What a module assigns to the address among a server's settings: `server.settings.host = "0.0.0.0"`.
fn assigned_host(flow: &Flow, module: ModuleId, frame: &Frame) -> Option<(Known<String>, BTreeSet<String>)> {
    let value = |id| In { module, id };
    let is_host = |place: ValueRef| match flow.kind(place) {
        ValueKind::Field { base, name } if name == "host" => {
            matches!(flow.kind(value(*base)), ValueKind::Field { name, .. } if name == "settings")
        }
        _ => false,
    };
    let assigned = &flow.scopes(module).member_assignments;
    let (_, given) = assigned.iter().find(|(place, _)| is_host(value(*place)))?;
    let meaning = flow.asking(|| flow.meaning(value(*given), frame)).0;
    let silent = || unset_text(flow, value(*given), frame).filter(|_| meaning.text().is_none());
    let meaning = silent().unwrap_or(meaning);
    let span = flow.span(value(*given));
    let host = match meaning.text() {
        Some(text) => Known::is(text.to_string(), span),
        None => Known::unknown(site::reason(&meaning), span),
    };
    Some((host, words_of(flow, value(*given))))
}

/// The first that is set.
fn or(one: Setting, other: Setting) -> Setting {
    if one == Setting::Unset { other } else { one }
}

/// What a call says about a switch.
pub(super) fn switched(flow: &Flow, at: ValueRef, switch: &Switch, told: &Told) -> Setting {
    let place = flow.span(at);
    let filled = |slots: &[Slot]| slots.iter().find_map(|slot| site::first(flow, told, std::slice::from_ref(slot)));
    let span = |one: &site::Filled| one.span.filter(|span| span.source == place.source).unwrap_or(place);
    for (slots, off) in [(&switch.off_by_true, true), (&switch.off_by_false, false)] {
        match filled(slots) {
            Some(one) if matches!(one.meaning, Meaning::Bool(is) if is == off) => return Setting::Off(span(&one)),
            Some(one) if !matches!(one.meaning, Meaning::Bool(_)) => return Setting::Unknown(span(&one)),
            _ => {}
        }
    }
    if let Some(one) = filled(&switch.on) {
        let set = match needed(flow, switch, told, place) {
            Some(true) => set_to(flow, &one.meaning, span(&one)),
            Some(false) => Setting::Off(span(&one)),
            None => return Setting::Sometimes(span(&one)),
        };
        return match (set, site::is_without_settings(flow, told, &switch.on)) {
            (Setting::Unknown(span), Some(true)) => Setting::On(span),
            (Setting::Unknown(span), Some(false)) => Setting::Sometimes(span),
            (set, _) => set,
        };
    }
    if site::is_set_by_spread(flow, told, &switch.on) {
        return Setting::Unknown(place);
    }
    named(flow, at.module, &switch.names_off)
        .map(Setting::Off)
        .or_else(|| named(flow, at.module, &switch.names_on).map(Setting::On))
        .unwrap_or_default()
}

/// Whether one of the lists that a switch needs says anything; nothing where it does once something is set.
fn needed(flow: &Flow, switch: &Switch, told: &Told, place: Span) -> Option<bool> {
    let says = |slot: &Slot| match site::first(flow, told, std::slice::from_ref(slot)) {
        None => Some(false),
        Some(one) if matches!(set_to(flow, &one.meaning, place), Setting::Unset | Setting::Off(_)) => Some(false),
        Some(_) if site::is_without_settings(flow, told, std::slice::from_ref(slot)) == Some(false) => None,
        Some(_) => Some(true),
    };
    let all: Vec<Option<bool>> = switch.needs.iter().map(says).collect();
    match all.is_empty() || all.contains(&Some(true)) {
        true => Some(true),
        false if all.contains(&None) => None,
        false => Some(false),
    }
}

/// Where the options of a transport are made.
fn options(flow: &Flow, switch: &Switch, told: &Told) -> Option<Span> {
    let filled = site::first(flow, told, &switch.options)?;
    match &filled.meaning {
        Meaning::Made(made) => Some(flow.span(made.at)),
        _ => filled.span,
    }
}

fn set_to(flow: &Flow, meaning: &Meaning, span: Span) -> Setting {
    match meaning {
        Meaning::Later(..) => set_to(flow, &flow.force(meaning), span),
        Meaning::Null => Setting::Unset,
        Meaning::Bool(is) => {
            if *is {
                Setting::On(span)
            } else {
                Setting::Off(span)
            }
        }
        Meaning::List(items) if items.is_empty() => Setting::Unset,
        Meaning::Made(_)
        | Meaning::Instance(_)
        | Meaning::List(_)
        | Meaning::Map(_)
        | Meaning::Text(..)
        | Meaning::Function(..) => Setting::On(span),
        Meaning::Choice(all) => {
            let each: Vec<Setting> = all.iter().map(|one| set_to(flow, one, span)).collect();
            let is_on = |one: &Setting| matches!(one, Setting::On(_));
            let is_unset = |one: &Setting| matches!(one, Setting::Unset | Setting::Off(_));
            match (each.iter().all(is_on), each.iter().any(is_on) && each.iter().any(is_unset)) {
                (true, _) => Setting::On(span),
                (_, true) => Setting::Sometimes(span),
                _ => Setting::Unknown(span),
            }
        }
        _ => Setting::Unknown(span),
    }
}

/// A member that is set in a module, or a method that is called there.
fn named(flow: &Flow, module: ModuleId, names: &[String]) -> Option<Span> {
    if names.is_empty() {
        return None;
    }
    let code = flow.program.module(module);
    let is_it = |name: &str| names.iter().any(|one| one == name);
    let assigned = flow.scopes(module).member_assignments.iter().map(|(place, _)| *place);
    let called = flow.scopes(module).calls.iter().filter_map(|call| match &code.value(*call).kind {
        ValueKind::Call(call) => Some(call.callee),
        _ => None,
    });
    let mut fields = assigned
        .chain(called)
        .filter(|id| matches!(&code.value(*id).kind, ValueKind::Field { name, .. } if is_it(name)));
    fields.next().map(|id| code.value(id).span)
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

/// Whether two transports are one address; the one that lets more in speaks for both.
fn is_same(next: &mut Listener, kept: &mut Listener) -> bool {
    let is_same = next.about.span == kept.about.span && next.transport == kept.transport;
    if is_same && strength(next.settings.host_check) < strength(kept.settings.host_check) {
        std::mem::swap(next, kept);
    }
    is_same
}

fn strength(set: Setting) -> u8 {
    match set {
        Setting::Unset | Setting::Off(_) => 0,
        Setting::Sometimes(_) => 1,
        Setting::Unknown(_) => 2,
        Setting::On(_) => 3,
    }
}

/// Adds the transports that code opens beside its servers, each to the servers of its package.
/// Returns those of packages that make no server.
pub fn add(loaded: &Loaded, kinds: &Kinds, live: &[ModuleId], found: &mut [Draft]) -> Vec<Listener> {
    let flow = kinds.flow;
    let mut opened: Vec<(String, Listener)> = Vec::new();
    for (sdk, listener) in kinds.sdks.all.iter().flat_map(|sdk| sdk.listeners.iter().map(move |one| (sdk, one))) {
        for origin in &listener.origins {
            for call in calls_of(flow, origin, live) {
                let place = flow.span(call);
                let mut made = Listener::new(&listener.transport, place);
                let told = Told::Arguments(flow.passed(call, &None));
                made.settings.host_check = flow.asking(|| switched(flow, call, &listener.host_check, &told)).0;
                made.settings.options = options(flow, &listener.host_check, &told);
                made.settings.matter = listener.matter.clone();
                made.settings.table = Some((sdk.id.clone(), 0));
                opened.push((package_root(loaded, place), made));
            }
        }
    }
    let unlisted = unlisted::listeners(kinds, live).into_iter();
    opened.extend(unlisted.map(|listener| (package_root(loaded, listener.opened), listener)));
    let bound = bound(loaded, kinds, live);
    for draft in found.iter_mut() {
        let root = package_root(loaded, draft.span);
        draft.runs.iter_mut().for_each(|run| serve(flow, run, &root, &bound));
        for (_, listener) in opened.iter().filter(|(package, _)| *package == root) {
            draft.runs.extend(with_address(flow, listener, &root, &bound));
        }
        draft.runs.sort_by(|a, b| (&a.about.span, &a.transport).cmp(&(&b.about.span, &b.transport)));
        draft.runs.dedup_by(is_same);
    }
    let roots: Vec<String> = found.iter().map(|draft| package_root(loaded, draft.span)).collect();
    let alone = opened.iter().filter(|(root, listener)| !roots.contains(root) && listener.transport != "stdio");
    let mut alone: Vec<Listener> =
        alone.flat_map(|(root, listener)| with_address(flow, listener, root, &bound)).collect();
    alone.sort_by(|a, b| (&a.about.span, &a.transport).cmp(&(&b.about.span, &b.transport)));
    alone.dedup_by(is_same);
    alone
}

fn calls_of(flow: &Flow, origin: &str, live: &[ModuleId]) -> Vec<ValueRef> {
    let calls = flow.outside_calls().get(origin).into_iter().flatten();
    calls.copied().filter(|call| live.binary_search(&call.module).is_ok()).collect()
}

/// A listener with each address that its package binds; without one where nothing is bound.
fn with_address(flow: &Flow, listener: &Listener, root: &str, bound: &[(String, Listener)]) -> Vec<Listener> {
    let own = bound_for(flow, listener, root, bound);
    if listener.transport == "stdio" || own.is_empty() || !listener.host.is_absent() {
        return vec![listener.clone()];
    }
    let at = |(position, bind): (usize, &&Listener)| Listener {
        about: About::new(listener.transport.clone(), bind.about.span),
        host: bind.host.clone(),
        port: bind.port.clone(),
        again: position > 0,
        settings: Settings { told_by: bind.settings.told_by.clone(), ..listener.settings.clone() },
        ..listener.clone()
    };
    own.iter().enumerate().map(at).collect()
}

/// The addresses that a package binds for a transport: the widest stands first, for them all. Where the part of the program
/// that makes it binds some, those that other programs of the package bind are theirs.
fn bound_for<'b>(flow: &Flow, listener: &Listener, root: &str, bound: &'b [(String, Listener)]) -> Vec<&'b Listener> {
    let own = bound.iter().filter(|(package, _)| package == root).map(|(_, one)| one);
    let (mut own, others): (Vec<&Listener>, Vec<&Listener>) =
        own.partition(|bind| flow.is_of_one_part(listener.opened, bind.about.span));
    if own.is_empty() {
        own = others;
    }
    own.sort_by_key(|bind| bind.host.value().is_some_and(|host| crate::extract::web::is_loopback(host)));
    own
}

/// Gives an application the address on which its package serves.
fn serve(flow: &Flow, run: &mut Listener, root: &str, bound: &[(String, Listener)]) {
    if run.transport == "stdio" || !run.host.is_absent() {
        return;
    }
    if let Some(widest) = bound_for(flow, run, root, bound).first() {
        (run.host, run.port) = (widest.host.clone(), widest.port.clone());
        run.settings.told_by.clone_from(&widest.settings.told_by);
    }
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
    let structs = kinds.sdks.all.iter().flat_map(|sdk| &sdk.binds).filter(|bind| bind.unless_set);
    let written = structs.flat_map(|bind| constructed(flow, bind, live)).map(|(at, listener)| (root(at), listener));
    let called = all.into_iter().map(|(call, bind)| (root(call), flow.asking(|| bound_at(flow, call, bind)).0));
    called.chain(written).collect()
}

/// `x.listen(port, …)`: with a port, that is; event sources have a method of that name, too.
fn is_web_listen(flow: &Flow, call: ValueRef) -> bool {
    let ValueKind::Call(code) = flow.kind(call) else { return false };
    let Some(first) = code.arguments.first() else { return false };
    let (meaning, _) = flow.asking(|| flow.meaning(In { module: call.module, id: first.value }, &None));
    // Whoever listens at any port that is free looks for one.
    !matches!(meaning, Meaning::Text(..) | Meaning::Function(..) | Meaning::Bool(_) | Meaning::Int(0))
}
