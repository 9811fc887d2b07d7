//! What code hands over to what it starts or makes: its environment to programs, its secrets to one of many.
//!
//! An environment counts where the program itself reads a credential from its own: that is then handed over with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{Language, Name, ValueId, ValueKind};
use crate::extract::requests::names_credential;
use crate::extract::settings::variable;
use crate::extract::tools::package_root;
use crate::flow::effects::{Effect, Effects, Kind, Table};
use crate::flow::meaning::value_in;
use crate::flow::{Flow, In, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::policy::Handover;
use crate::model::{About, Facts, Known, Note, Spanned};
use crate::source::Span;
use crate::taint::names;

use self::environment::Handed;

mod environment;
mod secrets;

/// Everything that the modules hand over, in order of place.
pub fn find(loaded: &Loaded, flow: &Flow, live: &[ModuleId]) -> Vec<Handover> {
    let root = |module: ModuleId| package_root(loaded, Span::new(flow.program.module(module).source, 0, 0));
    let roots: BTreeMap<ModuleId, String> = live.iter().map(|module| (*module, root(*module))).collect();
    let mut held: BTreeMap<&str, Spanned<String>> = BTreeMap::new();
    let read = |flow: &Flow, module: ModuleId| Vec::from_iter(credential_of(flow, module).map(|read| (module, read)));
    for (module, credential) in flow.in_parts(live, read) {
        held.entry(roots[&module].as_str()).or_insert(credential);
    }
    let effects = Effects::built_in();
    let mut found = secrets::find(flow, live);
    found.extend(flow.in_parts(live, |flow, module| {
        let table = effects.of(flow.program.module(module).language);
        let (Some(table), Some(credential)) = (table, held.get(roots[&module].as_str())) else { return Vec::new() };
        let starts = starts(flow, table, module).into_iter();
        starts.filter_map(|(at, to)| handed(flow, at, to, credential)).collect()
    }));
    found.sort_by(|one, other| (one.about.span, &one.what).cmp(&(other.about.span, &other.what)));
    found.dedup_by(|one, other| (one.about.span, &one.what) == (other.about.span, &other.what));
    found
}

/// Keeps the programs that tools start, and servers that are started for a client, and says whose tool it is.
pub fn settle(facts: &mut Facts) {
    let started: BTreeMap<Span, (usize, Option<crate::model::ToolId>)> = facts
        .effects
        .iter()
        .filter(|effect| effect.kind == Kind::Process.id())
        .fold(BTreeMap::new(), |mut all, effect| {
            let entry = all.entry(effect.about.span).or_insert((0, effect.about.tool));
            entry.0 += 1;
            all
        });
    let is_server = |to: &str| to.contains("StdioServerParameters") || to.contains("StdioClientTransport");
    let is_kept =
        |one: &Handover| one.what != "environment" || is_server(&one.to) || started.contains_key(&one.about.span);
    facts.handovers.retain(is_kept);
    for one in facts.handovers.iter_mut().filter(|one| one.what == "environment") {
        if let Some((1, tool)) = started.get(&one.about.span) {
            one.about.tool = *tool;
        }
    }
}

/// The first credential that a module reads from its environment.
fn credential_of(flow: &Flow, module: ModuleId) -> Option<Spanned<String>> {
    let values = (0..flow.program.module(module).values.len()).map(|at| In { module, id: ValueId(at as u32) });
    let is_read = |at: &ValueRef| {
        matches!(flow.kind(*at), ValueKind::Field { .. } | ValueKind::Index { .. } | ValueKind::Call(_))
    };
    let read = values.filter(is_read).filter_map(|at| Some((variable(flow, at)?, at)));
    let mut named = read.filter(|(name, _)| names_credential(name));
    named.next().map(|(name, at)| Spanned::new(name.to_string(), flow.span(at)))
}

fn starts_program(effect: &Effect) -> bool {
    effect.kind == Kind::Process && !effect.elsewhere && !effect.running
}

/// Calls of a file above which it has to speak of something that starts programs before all of them are asked.
const MANY_CALLS: usize = 2_000;

/// Whether a file names the package of anything that starts programs.
fn speaks_of_programs(flow: &Flow, table: &Table, module: ModuleId) -> bool {
    let text = flow.sources.get(flow.program.module(module).source).text();
    let processes = table.effects.iter().filter(|effect| starts_program(effect));
    let first = |name: &str| name.split(['.', '/', '#']).next().unwrap_or(name).to_string();
    let packages: BTreeSet<String> = processes.flat_map(|effect| &effect.calls).map(|name| first(name)).collect();
    packages.iter().any(|package| text.contains(package.as_str()))
}

/// Calls that start a program, with their full names.
fn starts(flow: &Flow, table: &Table, module: ModuleId) -> Vec<(ValueRef, String)> {
    let processes = table.effects.iter().filter(|effect| effect.kind == Kind::Process);
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_string();
    let lasts: BTreeSet<String> = processes.flat_map(|effect| &effect.calls).map(|name| last(name)).collect();
    let mut found = Vec::new();
    let calls = &flow.scopes(module).calls;
    if calls.len() > MANY_CALLS && !speaks_of_programs(flow, table, module) {
        return found;
    }
    for call in calls {
        let at = value_in(module, *call);
        let ValueKind::Call(code) = flow.kind(at) else { continue };
        let callee = value_in(module, code.callee);
        let written = match flow.kind(callee) {
            ValueKind::Field { name, .. } | ValueKind::Name(name) => name,
            _ => continue,
        };
        let may_be = lasts.contains(written.as_str()) || matches!(flow.kind(callee), ValueKind::Name(_));
        if !may_be {
            continue;
        }
        let name = flow.asking_within(2_000, || names::of_callee(flow, &flow.meaning(callee, &None), table)).0;
        let Some(name) = name else { continue };
        if table.effects_of(&name).any(starts_program) {
            found.push((at, name));
        }
    }
    found
}

fn handed(flow: &Flow, at: ValueRef, to: String, credential: &Spanned<String>) -> Option<Handover> {
    let span = flow.span(at);
    let language = flow.module(at).language;
    let is_server = to.contains("StdioServerParameters") || to.contains("StdioClientTransport");
    let (narrowed, note) = match environment::of_call(flow, at) {
        // What the client of the SDK hands on by itself holds no credentials.
        None if is_server => return None,
        None if language == Language::Rust && is_step(&to) => return None,
        None => (Known::is(false, span), Note::new(span, "nothing says which variables, so all are handed over")),
        Some((Handed::Whole, place)) => {
            (Known::is(false, place), Note::new(place, "all variables are handed over here"))
        }
        Some((Handed::Chosen, place)) => {
            (Known::is(true, place), Note::new(place, "only these variables are handed over"))
        }
        Some((Handed::Unknown, place)) => {
            let why = "which variables are handed over is only known at run time";
            (Known::unknown(why, place), Note::new(place, why))
        }
    };
    let held = format!("`{}` is read from the same environment here", credential.value);
    let notes = vec![note, Note::new(credential.span, held)];
    Some(Handover { about: About::new(&to, span), what: "environment".to_string(), to, narrowed, notes })
}

/// Steps of building a command, which start nothing by themselves.
fn is_step(name: &str) -> bool {
    !matches!(name.rsplit('.').next(), Some("output" | "spawn" | "status" | "exec" | "wait_with_output"))
}

/// The name that a call's result is held by.
fn held_by(flow: &Flow, at: ValueRef) -> Option<Name> {
    let scopes = flow.scopes(at.module);
    let bindings = scopes.bindings.get(flow.owner(at).id.index())?;
    let is_it = |binding: &crate::flow::scope::Binding| binding.bound == crate::flow::scope::Bound::Value(at.id);
    let mut names: Vec<&Name> =
        bindings.iter().filter(|(_, all)| all.iter().any(is_it)).map(|(name, _)| name).collect();
    names.sort();
    names.first().map(|name| (*name).clone())
}
