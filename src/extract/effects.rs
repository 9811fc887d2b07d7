//! What every tool does: effects and arriving arguments, from its handler on.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::code::Name;
use crate::extract::effects::followed::followed;
use crate::extract::tools::{called, schema};
use crate::flow::effects::{Effects, Kind, Stored};
use crate::flow::{Flow, Frame, In};
use crate::gap::{Gap, GapKind};
use crate::load::Loaded;
use crate::model::effect::{Arrival, Effect, changes};
use crate::model::known::Known;
use crate::model::tool::{Enforced, Handler, Tool};
use crate::model::{About, Facts, Note, ToolId};
use crate::source::Span;
use crate::taint::entry::Schemed;
use crate::taint::headers::Store;
use crate::taint::{self, Entry, Found, Pools, Seen, Shared, State};

mod followed;
mod gathered;
mod offers;
mod requests;
#[cfg(test)]
mod tests;
mod wrapped;

/// Least and most tools that one thread walks with the same set of answers: fewer find out the same again and again, more
/// leave the other threads without work and keep memory.
const TOOLS_AT_ONCE: (usize, usize) = (12, 64);

/// A tool by its position, with its handler.
type Walked<'f> = (usize, &'f Tool, &'f Handler);

/// Walks the handler of every tool of source code.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let effects = Effects::built_in();
    let requests::Walked { store: kept, arrivals: of_requests, tokens } = requests::walk(loaded, effects);
    facts.handovers.extend(tokens);
    let walked: Vec<Walked<'_>> = facts
        .tools
        .iter()
        .enumerate()
        .filter_map(|(at, tool)| Some((at, tool, tool.handler.as_ref()?)))
        .filter(|(_, _, handler)| loaded.program.by_source.contains_key(&handler.source))
        .collect();
    let mut found = walk_all(loaded, effects, &kept, &walked, &Pools::default());
    let mut pools = Pools::default();
    found.values().for_each(|found| pools.join(&found.pools));
    let is_misled = |found: &Found| found.pools.rest_on(&pools) && lets_through(found);
    let misled: Vec<Walked<'_>> = walked.into_iter().filter(|(at, ..)| is_misled(&found[at])).collect();
    found.extend(walk_all(loaded, effects, &kept, &misled, &pools));
    facts.tools.iter_mut().for_each(|tool| tool.validated = by_sdk(tool));
    for (at, found) in found {
        note(loaded, facts, at, found);
    }
    offers::walk(loaded, effects, (&kept, &pools), facts);
    facts.arrivals.extend(
        of_requests.into_iter().map(|arrival| told(About::new(arrival.argument.clone(), arrival.span), arrival, "")),
    );
    requests::settle(loaded, facts);
    gathered::gather(&mut facts.arrivals, &facts.tools);
    gathered::gather_weak(&mut facts.arrivals);
    for tool in facts.tools.iter_mut().filter(|tool| tool.followed.is_absent()) {
        let reason = match &tool.handler {
            Some(_) => "it is written in a language whose effects are not analysed",
            None => "its handler was not found",
        };
        tool.followed = Known::unknown(reason, tool.about.span);
    }
}

/// Whether an argument goes on because it is one of a set.
fn lets_through(found: &Found) -> bool {
    found.arrivals.iter().any(|arrival| arrival.state == State::Guarded(taint::CHOSEN))
}

/// Walks tools, where it is known what callers put into collections that outlive a call.
fn walk_all(
    loaded: &Loaded,
    effects: &Effects,
    kept: &Store,
    walked: &[Walked<'_>],
    pools: &Pools,
) -> BTreeMap<usize, Found> {
    let of_part = |tools: Vec<Walked<'_>>| -> Vec<(usize, Found)> {
        let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index());
        let with = (kept, &Shared::reading(schema::checked_by).knowing(pools));
        tools.iter().map(|(at, tool, handler)| (*at, walk(loaded, &flow, effects, (tool, handler), with))).collect()
    };
    let found: Vec<_> = at_once(walked).into_par_iter().with_max_len(1).map(of_part).collect();
    found.into_iter().flatten().collect()
}

/// The tools that one thread walks: those of one server share most of what they do. They are dealt out in turn, since
/// neighbours are alike and those of one file may take longer than all others.
fn at_once<'f>(walked: &[Walked<'f>]) -> Vec<Vec<Walked<'f>>> {
    let of_servers = walked.chunk_by(|(_, one, _), (_, other, _)| one.about.server == other.about.server);
    let dealt = |tools: &[Walked<'f>]| -> Vec<Vec<_>> {
        let most = tools.len().div_ceil(2).clamp(TOOLS_AT_ONCE.0, TOOLS_AT_ONCE.1);
        let parts = tools.len().div_ceil(most);
        (0..parts).map(|part| tools.iter().skip(part).step_by(parts).copied().collect()).collect()
    };
    of_servers.flat_map(dealt).collect()
}

fn walk(
    loaded: &Loaded,
    flow: &Flow<'_>,
    effects: &Effects,
    (tool, handler): (&Tool, &Handler),
    with: (&Store, &Shared),
) -> Found {
    let module = loaded.program.by_source[&handler.source];
    let function = In { module, id: handler.function };
    let entry = entry(tool);
    let mut found = taint::of_handler(flow, effects, function, &entry, inside(loaded, flow, tool, handler), with);
    if found.arrivals.iter().any(|arrival| !matches!(arrival.state, State::Guarded(_)))
        && let Some((wrapper, frame)) = wrapped::around(flow, function, &around(flow, handler))
    {
        let around = taint::of_handler(flow, effects, wrapper, &entry, frame, with);
        found.pools.join(&around.pools);
        wrapped::note_guards(&mut found, around);
    }
    if found.arrivals.iter().any(|arrival| !matches!(arrival.state, State::Guarded(_))) {
        for copy in tool.copies.iter().filter(|copy| loaded.program.by_source.contains_key(&copy.source)) {
            let function = In { module: loaded.program.by_source[&copy.source], id: copy.function };
            let built = taint::of_handler(flow, effects, function, &entry, inside(loaded, flow, tool, copy), with);
            note_copies(&mut found, &built);
        }
    }
    if found.taken.raw().is_some()
        && let Some(through) = &tool.through
        && let Some(module) = loaded.program.by_source.get(&through.source)
    {
        let function = In { module: *module, id: through.function };
        found.taken = taint::of_handler(flow, effects, function, &entry, around(flow, through), with).taken;
    }
    found
}

/// What was found in source is pointed out in what was built from it too.
fn note_copies(found: &mut Found, built: &Found) {
    let is_same = |one: &taint::Arrival, two: &taint::Arrival| {
        (one.class, &one.argument, &one.call) == (two.class, &two.argument, &two.call)
    };
    let known = found.arrivals.clone();
    for (at, arrival) in found.arrivals.iter_mut().enumerate() {
        let nth = known.iter().take(at).filter(|other| is_same(arrival, other)).count();
        let same: Vec<&taint::Arrival> = built.arrivals.iter().filter(|other| is_same(arrival, other)).collect();
        if let Some(twin) = same.get(nth).or(same.last()) {
            arrival.path.push(Note::new(twin.span, "the same in what was built from it"));
        }
    }
}

/// The calls inside which the handler was made.
pub fn around(flow: &Flow, handler: &Handler) -> Frame {
    crate::extract::tools::draft::frame_of(flow, &handler.made_by)
}

/// Inside a call of the handler that names the tool.
fn inside(loaded: &Loaded, flow: &Flow<'_>, tool: &Tool, handler: &Handler) -> Frame {
    let function = In { module: loaded.program.by_source[&handler.source], id: handler.function };
    let of_language = called::of_shared_handler(flow.module(function).language);
    let places = if handler.names.is_empty() { &of_language } else { &handler.names };
    called::inside_call(flow, function, places, &Name::new(&tool.about.name), around(flow, handler))
}

/// What a client can pass, as the tool's schema says, and as far as anything holds the client to it.
fn entry(tool: &Tool) -> Entry {
    let schema = tool.input_schema.value();
    let told = |enforced| schema.map(|schema| Schemed::of(&schema.json, &schema.tests, enforced)).unwrap_or_default();
    let published = match tool.enforced {
        Enforced::Nothing => told(Enforced::Keywords).parts,
        _ => BTreeMap::new(),
    };
    let arguments = told(tool.enforced).parts;
    Entry { tool: Name::new(&tool.about.name), arguments, published, ..Entry::default() }
}

fn note(loaded: &Loaded, facts: &mut Facts, at: usize, found: Found) {
    let owner = &facts.tools[at].about;
    let (server, name, place) = (owner.server, owner.name.clone(), owner.span);
    let about = |name: String, span| About { server, tool: Some(ToolId(at as u32)), ..About::new(name, span) };
    if found.cut {
        let reason = format!("what the tool `{name}` does could not be followed to its end");
        let mut gap = Gap::at(place, GapKind::TooLarge, reason);
        gap.path = loaded.sources.path(place.source).to_string();
        facts.gaps.push(gap);
    }
    if let Some(mut token) = requests::token(&found, false) {
        token.about.server = server;
        facts.handovers.push(token);
    }
    note_validation(&mut facts.tools[at], &found);
    facts.tools[at].followed = followed(&loaded.sources, &found, place);
    let chosen: BTreeSet<Span> = found.arrivals.iter().map(|arrival| arrival.span).collect();
    let seen = found.effects.into_iter();
    facts.effects.extend(seen.map(|seen| effect(about(seen.call.clone(), seen.span), seen, &chosen)));
    let arrivals = found.arrivals.into_iter();
    facts.arrivals.extend(arrivals.map(|arrival| told(about(arrival.argument.clone(), arrival.span), arrival, "")));
}

fn effect(about: About, seen: Seen, chosen: &BTreeSet<Span>) -> Effect {
    Effect {
        about,
        deletes: match seen.records {
            Some(records) => Known::is(records == Stored::Deleted, seen.span),
            None => certain(seen.kind == Kind::FileDelete, &seen, chosen),
        },
        kind: seen.kind.id().to_string(),
        changes: changed(&seen, chosen),
        target: seen.target.map_or(Known::Absent, |target| Known::is(target, seen.span)),
        call: seen.call,
        path: seen.path,
    }
}

/// What arrives, in words.
fn source(argument: &str, of: &str) -> String {
    if argument == taint::remote::ANSWER { format!("the {argument}") } else { format!("argument `{argument}`{of}") }
}

fn told(about: About, arrival: taint::Arrival, of: &str) -> Arrival {
    let (state, guard) = match arrival.state {
        State::Open => ("open", None),
        State::Weak(guard) => ("weak", Some(guard)),
        State::Guarded(guard) => ("guarded", Some(guard)),
    };
    Arrival {
        class: arrival.class.to_string(),
        source: source(&arrival.argument, of),
        argument: arrival.argument,
        of: of.to_string(),
        effect: arrival.kind.id().to_string(),
        call: arrival.call,
        state: state.to_string(),
        guard: guard.map_or(Known::Absent, |guard| Known::is(guard.to_string(), about.span)),
        path: arrival.path,
        about,
        tools: Vec::new(),
    }
}

/// Where the SDK does not validate, the handler's own schema does: if every argument comes out of it.
fn note_validation(tool: &mut Tool, found: &Found) {
    if tool.sdk_validates.value() == Some(&true) {
        return;
    }
    let taken = &found.taken;
    let is_told = tool.sdk_validates.value().is_some();
    tool.validated = match (taken.validated.or(taken.parsed), taken.raw(), taken.tested()) {
        (_, Some(raw), _) if is_told => Known::is(false, raw),
        (_, None, Some(tested)) if is_told => Known::unknown(OWN_TESTS, tested),
        (Some(validated), None, None) if !found.cut => Known::is(true, validated),
        (None, None, None) if !found.cut && takes_nothing(tool) => Known::is(true, tool.about.span),
        (None, None, None) if is_told && takes_headers_only(found) => Known::unknown(NONE_TAKEN, tool.about.span),
        (None, None, None) if is_told => tool.sdk_validates.clone(),
        _ => return,
    };
    note_closed(tool, taken);
}

/// Where an SDK passes everything on, what the handler holds all arguments against refuses those that it does not name.
fn note_closed(tool: &mut Tool, taken: &taint::Taken) {
    let is_passed = tool.unknown_keys.value().is_some_and(|keys| keys == "passed");
    let closed = taken.closed.filter(|_| tool.validated.value() == Some(&true)).or(taken.disallowed);
    if let Some(closed) = closed.filter(|_| is_passed) {
        tool.unknown_keys = Known::is("rejected".to_string(), closed);
    }
}

/// What the SDK says by itself: where it leaves validation to a handler, that has to be seen.
fn by_sdk(tool: &Tool) -> Known<bool> {
    match &tool.sdk_validates {
        Known::Is(is) if is.value => tool.sdk_validates.clone(),
        Known::Is(_) => Known::unknown("its handler was not followed", tool.about.span),
        Known::Absent => Known::unknown("no table says whether what registers it validates", tool.about.span),
        Known::Unknown(_) => tool.sdk_validates.clone(),
    }
}

/// What is said where only tests of the program's own look at arguments.
const OWN_TESTS: &str = "tests of its own ask the types of its arguments, and not whether they fit a schema";
/// What is said where nothing takes an argument.
const NONE_TAKEN: &str = "no place was found where its arguments are taken";

/// Whether nothing of a caller arrives anywhere but headers of the request.
fn takes_headers_only(found: &Found) -> bool {
    found.arrivals.iter().all(|arrival| taint::headers::is_header(&arrival.argument))
}

/// Whether a tool declares that it has no arguments.
fn takes_nothing(tool: &Tool) -> bool {
    let properties = tool.input_schema.value().map(|schema| schema.json.get("properties"));
    properties.is_some_and(|all| all.and_then(|all| all.as_object()).is_none_or(serde_json::Map::is_empty))
}

/// Whether an effect changes something: of a program that runs, of code, and of a statement that is not only a question,
/// that is not known.
fn changed(seen: &Seen, chosen: &BTreeSet<Span>) -> Known<bool> {
    if let Some(records) = seen.records {
        return Known::is(records != Stored::Read, seen.span);
    }
    let what = match seen.kind {
        Kind::Process => "runs a program, and what that changes",
        Kind::Code => "runs code, and what that changes",
        Kind::Sql if !seen.target.as_deref().is_some_and(asks_only) => {
            "runs a statement, and whether that changes rows"
        }
        _ => return certain(changes(seen.kind.id()), seen, chosen),
    };
    Known::unknown(format!("`{}` {what} is not known", seen.call), seen.span)
}

/// Whether a statement of SQL gives rows and changes none.
fn asks_only(statement: &str) -> bool {
    let words = statement.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_ascii_uppercase).collect();
    const ASKING: &[&str] = &["SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "VALUES"];
    const CHANGING: &[&str] =
        &["INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "DROP", "ALTER", "CREATE", "CALL", "ANALYZE"];
    words.first().is_some_and(|first| ASKING.contains(&first.as_str()))
        && !words.iter().any(|word| CHANGING.contains(&word.as_str()))
}

/// Whether an effect does something to what a constant or an argument names.
fn certain(does: bool, seen: &Seen, chosen: &BTreeSet<Span>) -> Known<bool> {
    if does && seen.target.is_none() && !chosen.contains(&seen.span) {
        let reason = format!("`{}` acts on something of the program's own making", seen.call);
        return Known::unknown(reason, seen.span);
    }
    Known::is(does, seen.span)
}
