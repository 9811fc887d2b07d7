//! Servers and their tools, from code.
//!
//! What an SDK calls a server or a registration is data ([`sdk`]). [`register`] finds the registrations and follows them
//! through wrappers, loops and classes; [`pair`] reads list and call handlers; what they gather are [`draft`]s, which
//! become facts here. A name is exact or it is not there: what cannot be known opens the inventory.

use std::collections::BTreeSet;

use crate::code::limits::on_deep_stack;
use crate::discover::Role;
use crate::extract::handovers;
use crate::extract::tools::draft::{Draft, Drafts};
use crate::extract::tools::register::Registrar;
use crate::extract::tools::sdk::Sdks;
use crate::extract::tools::server::{Key, Kinds};
use crate::extract::tools::site::Told;
use crate::extract::usages;
use crate::extract::versions::Versions;
use crate::extract::web;
use crate::flow::link::folder;
use crate::flow::{Flow, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::policy::Selection;
use crate::model::server::{Inventory, Listener, Locked, Sdk, Server};
use crate::model::{About, Facts, Known, ServerId, Spanned};

pub mod address;
mod afterwards;
mod agreed;
pub mod behaviour;
pub mod called;
pub mod chosen;
pub mod condition;
mod constructed;
pub mod declared;
pub mod defaults;
mod described;
pub mod detached;
pub mod draft;
pub mod enforced;
mod entered;
pub mod filters;
mod handed;
pub mod handwritten;
pub mod implemented;
mod joined;
mod knowing;
mod launched;
pub mod listen;
pub mod listing;
pub mod mount;
pub mod offer;
pub mod openapi;
pub mod outlined;
pub mod packages;
pub mod pair;
pub mod receiver;
pub mod register;
pub mod router;
pub mod schema;
pub mod sdk;
pub mod selection;
pub mod server;
pub mod shape;
pub mod sifted;
pub mod site;
mod socket;
#[cfg(test)]
mod tests;
pub mod typed;
pub mod unfollowed;
mod unimported;
pub mod unlisted;
mod walked;

/// Bytes before a place on its line that say that the line was made by a program.
const SQUEEZED: usize = 1_000;

/// Why a server without tools is open.
pub(super) const UNREGISTERED: &str = "nothing was found that registers a tool with it";

/// Adds the servers that the tree's code implements, with their tools.
pub fn extract(loaded: &Loaded, sdks: &Sdks, facts: &mut Facts) {
    let versions = Versions::new(loaded, facts);
    let live = loaded.live();
    let flow = || Flow::new(&loaded.program, &loaded.sources, loaded.index());
    let ((found, alone), (cut, usages, handovers)) = on_deep_stack(None, || {
        // Both sides ask for them, and neither should wait for the other.
        flow().callers();
        rayon::join(
            || implemented(loaded, &flow(), (sdks, &versions), &live),
            || {
                let flow = flow();
                (filters::find(&flow, sdks, &live), usages::find(&flow, &live), handovers::find(loaded, &flow, &live))
            },
        )
    });
    facts.usages = usages;
    facts.handovers = handovers;
    facts.listeners.extend(alone);
    for (draft, selection) in found {
        let server = ServerId(facts.servers.len() as u32);
        emit(loaded, sdks, &versions, draft, facts);
        facts.selections.extend(selection.map(|mut selection| {
            selection.about.server = Some(server);
            selection
        }));
    }
    filters::settle(loaded, sdks, &versions, cut, facts);
}

/// Every server with what it offers by choice, and listeners of no server, with what stands before each.
fn implemented(
    loaded: &Loaded,
    flow: &Flow,
    (sdks, versions): (&Sdks, &Versions),
    live: &[ModuleId],
) -> (Vec<(Draft, Option<Selection>)>, Vec<Listener>) {
    let (mut found, mut alone) = find(loaded, flow, sdks, live);
    let mut all: Vec<&mut Listener> = found.iter_mut().flat_map(|draft| &mut draft.runs).chain(&mut alone).collect();
    web::judge(loaded, flow, sdks, versions, live, &mut all);
    alone.extend(web::own::listeners(flow, sdks, versions));
    let found = found.into_iter().map(|draft| (selection::of_draft(flow, &draft), draft)).map(|(is, of)| (of, is));
    (found.collect(), alone)
}

fn find(loaded: &Loaded, flow: &Flow, sdks: &Sdks, live: &[ModuleId]) -> (Vec<Draft>, Vec<Listener>) {
    let kinds = Kinds::new(flow, sdks);
    let mut drafts = Drafts::new();
    servers_made(&kinds, live, &mut drafts);
    let registrar = Registrar::new(&kinds, live);
    registrar.run(live, &mut drafts);
    registrar.routers(live, &mut drafts);
    registrar.type_lists(live, &mut drafts);
    registrar.implemented(live, &mut drafts);
    registrar.declared(loaded, live, &mut drafts);
    registrar.handwritten(loaded, live, &mut drafts);
    read_constructors(&kinds, &registrar, &mut drafts);
    defaults::settle(loaded, sdks, live, flow.total(), &mut drafts);
    settle_given(loaded, &mut drafts);
    registrar.unfollowed(loaded, live, &mut drafts);
    unimported::settle(loaded, flow, live, &mut drafts);
    for draft in drafts.values_mut() {
        joined::join(flow, draft);
    }
    mount::settle(&mut drafts);
    drafts.values_mut().for_each(Draft::take_away);
    let mut found: Vec<Draft> = packages::split(loaded, flow, drafts);
    found.retain(|draft| matches!(draft.key, Key::Made(_)) || is_real(draft));
    drop_copies(loaded, &mut found);
    for draft in found.iter_mut().filter(|draft| !is_real(draft)) {
        draft.open(draft.span, UNREGISTERED);
    }
    openapi::name(loaded, &mut found);
    found.iter_mut().for_each(|draft| offer::settle_unnamed(flow, draft));
    let alone = listen::add(loaded, &kinds, live, &mut found);
    outlined::add(loaded, sdks, &mut found);
    for draft in &mut found {
        let table = (sdks.all[draft.kind.0].id.clone(), draft.kind.1);
        let told = draft.runs.iter_mut().filter(|run| run.settings.table.is_none());
        told.for_each(|run| run.settings.table = Some(table.clone()));
    }
    (found, alone)
}

/// Every call that makes a server.
fn servers_made(kinds: &Kinds, live: &[ModuleId], drafts: &mut Drafts) {
    let flow = kinds.flow;
    for (origin, calls) in flow.outside_calls() {
        let Some((kind, open)) = kinds.origin(origin) else { continue };
        for call in calls.iter().filter(|call| live.binary_search(&call.module).is_ok() && !kinds.is_inside_sdk(**call))
        {
            let draft =
                drafts.entry(Key::Made(*call)).or_insert_with(|| Draft::new(Key::Made(*call), kind, flow.span(*call)));
            if let Some(why) = open {
                draft.open(flow.span(*call), why);
            }
        }
    }
    for module in live {
        for at in 0..flow.program.module(*module).classes.len() {
            let class = crate::flow::In { module: *module, id: crate::code::ClassId(at as u32) };
            let Some(kind) = kinds.class_kind(class) else { continue };
            for call in flow
                .made_at(class)
                .iter()
                .filter(|call| live.binary_search(&call.module).is_ok() && !kinds.is_inside_sdk(**call))
            {
                drafts.entry(Key::Made(*call)).or_insert_with(|| Draft::new(Key::Made(*call), kind, flow.span(*call)));
            }
        }
    }
}

/// What each server's constructor is told: name, instructions, tools, handlers.
fn read_constructors(kinds: &Kinds, registrar: &Registrar, drafts: &mut Drafts) {
    let flow = kinds.flow;
    for draft in drafts.values_mut() {
        let Key::Made(made) = draft.key else { continue };
        let table = kinds.kind(draft.kind);
        if table.routers.is_some() {
            continue;
        }
        let arguments = upper_arguments(flow, made);
        let told = Told::Arguments(arguments.clone());
        let place = draft.span;
        draft.name = site::text(site::first(flow, &told, &table.slots.name).as_ref(), place);
        enforced::note_options(flow, &arguments, table, draft);
        draft.instructions = site::text(site::first(flow, &told, &table.slots.description).as_ref(), place);
        for slot in &table.tool_maps {
            let Some(map) = site::first(flow, &told, std::slice::from_ref(slot)) else { continue };
            match &map.meaning {
                crate::flow::Meaning::Map(entries) => registrar.tool_map(entries, made, table, draft),
                other => draft.open(place, format!("the object of tools {}", site::reason(other))),
            }
        }
        for extension in &table.extensions {
            registrar.extensions(extension, &told, made, table, draft);
        }
        for open in &table.open_slots {
            if site::first(flow, &told, std::slice::from_ref(&open.slot)).is_some() {
                draft.open(place, open.why.clone());
            }
        }
        for slot in &table.tool_lists {
            let Some(list) = site::first(flow, &told, std::slice::from_ref(slot)) else { continue };
            let validation =
                draft::Validation { validates: table.validates, unknown_keys: table.unknown_keys.as_deref() };
            let Some(items) = flow.items(&list.meaning) else {
                draft.open(place, format!("the list of tools {}", site::reason(&list.meaning)));
                continue;
            };
            for item in items {
                match registrar.whole_tool(&item.value, made, validation, &sdk::Slots::default()) {
                    Ok(mut tool) if !item.is_rest => {
                        if item.optional {
                            tool.condition = Known::is("only some of a list".to_string(), place);
                        }
                        draft.add(tool);
                    }
                    Ok(_) => draft.open(place, "the list of tools is not fully known"),
                    Err(opening) => draft.open(opening.span, opening.value),
                }
            }
        }
        for list in &table.offer_lists {
            registrar.offered_in_list(list, &told, draft);
        }
        registrar.pairs_of_constructor(made, &arguments, table, draft);
    }
}

/// The arguments of the SDK's own constructor, seen through classes of the tree that extend it.
fn upper_arguments(flow: &Flow, made: ValueRef) -> Vec<crate::flow::meaning::Passed> {
    let (meaning, _) = flow.asking(|| flow.meaning(made, &None));
    let crate::flow::Meaning::Instance(instance) = &meaning else { return flow.passed(made, &None) };
    flow.outermost_arguments(instance)
}

/// Tools of a server that a function is given belong to the one server of the package, or together make one.
fn settle_given(loaded: &Loaded, drafts: &mut Drafts) {
    let given: Vec<Key> = drafts.keys().copied().filter(|key| matches!(key, Key::Given(..))).collect();
    for key in given {
        let Some(draft) = drafts.get(&key) else { continue };
        let root = package_root(loaded, draft.span);
        let same = |wanted: fn(&Key) -> bool| -> Vec<Key> {
            let all = drafts.iter().filter(|(other, one)| wanted(other) && one.kind == draft.kind && **other != key);
            all.filter(|(_, one)| package_root(loaded, one.span) == root).map(|(key, _)| *key).collect()
        };
        let made = same(|key| matches!(key, Key::Made(_)));
        let home = match made[..] {
            [only] => Some(only),
            _ => same(|key| matches!(key, Key::Given(..))).first().copied(),
        };
        let home = home.or_else(|| only_empty(drafts, draft.kind));
        let Some(home) = home else { continue };
        let Some(draft) = drafts.remove(&key) else { continue };
        let Some(home) = drafts.get_mut(&home) else { continue };
        draft.tools.into_iter().for_each(|tool| home.add(tool));
        draft.openings.into_iter().for_each(|opening| home.open(opening.span, opening.value));
        home.arms.extend(draft.arms);
        draft.offers.into_iter().for_each(|one| offer::add(home, one));
        home.listings.extend(draft.listings);
        home.is_unfollowed |= draft.is_unfollowed;
        home.mounted.extend(draft.mounted);
        home.runs.extend(draft.runs);
        home.has_list |= draft.has_list;
        home.list_handler = home.list_handler.or(draft.list_handler);
        if home.call_handler.is_none() {
            home.call_handler = draft.call_handler;
            home.call_made_by = draft.call_made_by;
            home.call_names = draft.call_names;
            home.call_overrides = draft.call_overrides;
            home.call_validation = draft.call_validation;
        }
        home.is_dispatch_open |= draft.is_dispatch_open;
    }
}

/// The one server of the tree that nothing was found to register tools with, if there is just one of its kind.
fn only_empty(drafts: &Drafts, kind: server::KindId) -> Option<Key> {
    let made = |(key, draft): &(&Key, &Draft)| matches!(key, Key::Made(_)) && draft.kind == kind;
    let mut all = drafts.iter().filter(made);
    let (key, only) = all.next()?;
    (all.next().is_none() && !is_real(only)).then_some(*key)
}

/// A package may hold its source and what was built from it: the same server counts once, by its source.
fn drop_copies(loaded: &Loaded, found: &mut Vec<Draft>) {
    let is_built = |draft: &Draft| {
        let path = loaded.sources.path(draft.span.source);
        loaded.file(draft.span.source).is_some_and(|file| file.role == Role::Generated)
            || path.split('/').any(|part| matches!(part, "dist" | "build" | "lib" | "out" | "esm" | "cjs" | "bundle"))
            || is_squeezed(loaded, draft.span)
    };
    let rank = |draft: &Draft| {
        let path = loaded.sources.path(draft.span.source);
        (is_built(draft), path.len(), path.to_string(), draft.span.start)
    };
    found.sort_by_key(rank);
    let mut kept: Vec<Draft> = Vec::new();
    for draft in found.drain(..) {
        let root = package_root(loaded, draft.span);
        let built = is_built(&draft);
        let home = kept.iter_mut().find(|other| {
            let is_near = package_root(loaded, other.span) == root;
            let is_elsewhere = other.span.source != draft.span.source;
            is_near && (is_elsewhere && is_copy(&draft, other, built && !is_built(other)) || is_twin(&draft, other))
        });
        match home {
            Some(home) => {
                // One of two that one file makes may be the one that is started.
                if home.span.source == draft.span.source {
                    home.runs.extend(draft.runs.iter().cloned());
                }
                note_copies(home, draft);
            }
            None => kept.push(draft),
        }
    }
    // A server object without tools beside one with tools is an empty shell, not a second server.
    let roots: BTreeSet<String> =
        kept.iter().filter(|draft| is_real(draft)).map(|draft| package_root(loaded, draft.span)).collect();
    kept.retain(|draft| is_real(draft) || !roots.contains(&package_root(loaded, draft.span)));
    kept.sort_by_key(|draft| (package_root(loaded, draft.span), draft.span));
    *found = kept;
}

/// Whether all tools of a server are another's; of what was built from the other, one is enough, since the build may be
/// of another day.
fn is_copy(draft: &Draft, of: &Draft, built: bool) -> bool {
    let names = |draft: &Draft| draft.tools.iter().map(|tool| tool.about.name.clone()).collect::<BTreeSet<String>>();
    let (own, others) = (names(draft), names(of));
    if built {
        !own.is_disjoint(&others) || own.is_empty() && draft.kind == of.kind
    } else {
        !own.is_empty() && own.is_subset(&others)
    }
}

/// Whether a place stands far out on a line that no person wrote.
fn is_squeezed(loaded: &Loaded, span: crate::source::Span) -> bool {
    let text = loaded.sources.get(span.source).text();
    let before = text.get(..span.start as usize).unwrap_or_default();
    before.len() - before.rfind('\n').map_or(0, |at| at + 1) > SQUEEZED
}

/// Whether two places of one file make the same server, one under a condition and one without.
fn is_twin(draft: &Draft, other: &Draft) -> bool {
    let names = |draft: &Draft| draft.tools.iter().map(|tool| tool.about.name.clone()).collect::<BTreeSet<String>>();
    !draft.tools.is_empty()
        && draft.name.value().is_some()
        && draft.name.value() == other.name.value()
        && names(draft) == names(other)
}

/// Keeps the handlers of what was built, so that findings can name both.
fn note_copies(home: &mut Draft, built: Draft) {
    for tool in built.tools {
        let own = home.tools.iter_mut().find(|own| own.about.name == tool.about.name);
        if let (Some(own), Some(handler)) = (own, tool.handler) {
            own.copies.push(handler);
        }
    }
}

fn is_real(draft: &Draft) -> bool {
    !draft.tools.is_empty() || !draft.openings.is_empty()
}

/// The nearest folder above a place that is a package.
pub(crate) fn package_root(loaded: &Loaded, span: crate::source::Span) -> String {
    let mut base = folder(loaded.sources.path(span.source));
    loop {
        if loaded.is_package(base) {
            return if base.is_empty() { ".".to_string() } else { base.to_string() };
        }
        if base.is_empty() {
            return ".".to_string();
        }
        base = folder(base);
    }
}

fn emit(loaded: &Loaded, sdks: &Sdks, versions: &Versions, mut draft: Draft, facts: &mut Facts) {
    let table = &sdks.all[draft.kind.0];
    let kind = &table.servers[draft.kind.1];
    let root = package_root(loaded, draft.span);
    let id = ServerId(facts.servers.len() as u32);
    let has_condition = draft.tools.iter().any(|tool| !tool.condition.is_absent());
    let inventory = match (draft.openings.is_empty(), has_condition) {
        (false, _) => Inventory::Open,
        (true, true) => Inventory::PartlyOpen,
        (true, false) => Inventory::Closed,
    };
    let fallback = root.rsplit('/').next().filter(|name| *name != ".").unwrap_or("server").to_string();
    let mut about = About::new(draft.name.value().cloned().unwrap_or(fallback), draft.span);
    about.server = Some(id);
    let used = behaviour::used(versions, table, kind, &root);
    let sdk = Sdk {
        name: used.map_or_else(|| kind.package.clone(), |(package, _)| package.to_string()),
        language: language_of(loaded, table, draft.span),
        version: used.map_or(Known::Absent, |(_, used)| Known::is(used.text.clone(), used.span)),
        table: table.id.clone(),
        layer: kind.layer.clone(),
    };
    facts.servers.push(Server {
        about,
        implemented: true,
        configured: false,
        inventory,
        transports: transports(&draft.runs),
        root,
        openings: draft.openings,
        sdks: if table.id == handwritten::TABLE { Vec::new() } else { vec![sdk] },
        instructions: draft.instructions,
        places: vec![draft.span],
        locked: Locked::default(),
    });
    for mut listener in draft.runs {
        listener.about.server = Some(id);
        facts.listeners.push(listener);
    }
    let (package, range) = used.map_or((kind.package.as_str(), None), |(package, used)| (package, used.range.as_ref()));
    listing::settle(&mut draft.offers, draft.listings);
    offer::emit(table, (package, range), draft.offers, id, facts);
    let closes = table.does("argument-schema", package, range) == behaviour::Does::This("closed".to_string());
    let told = (draft.validates, draft.rejects);
    for mut tool in draft.tools {
        if closes {
            schema::close(&mut tool);
        }
        enforced::settle(&mut tool, told, table, kind, (package, range));
        tool.about.server = Some(id);
        tool.about.tool = Some(crate::model::ToolId(facts.tools.len() as u32));
        facts.tools.push(tool);
    }
}

/// The language of a table, or of the code where a table is for any.
fn language_of(loaded: &Loaded, table: &sdk::Sdk, place: crate::source::Span) -> String {
    let module = loaded.program.by_source.get(&place.source).map(|module| loaded.program.module(*module));
    match module {
        Some(module) if table.language == "any" => module.language.id().to_string(),
        _ => table.language.clone(),
    }
}

/// Each transport once, at the first place that opens it.
fn transports(runs: &[Listener]) -> Vec<Spanned<String>> {
    let mut all: Vec<Spanned<String>> = Vec::new();
    for run in runs {
        if !all.iter().any(|known| known.value == run.transport) {
            all.push(Spanned::new(run.transport.clone(), run.about.span));
        }
    }
    all
}
