//! Where credentials of the environment are read, when, and whether they stay.
//!
//! A variable that is set, or of which only is asked whether it is there, is not read.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{FunctionKind, Language, Name, ValueId, ValueKind};
use crate::extract::requests::credential_variable;
use crate::extract::tools::package_root;
use crate::extract::usages::values;
use crate::flow::callers::AT_START;
use crate::flow::meaning::value_in;
use crate::flow::scope::Bound;
use crate::flow::{Flow, FunctionRef, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::usage::Usage;
use crate::model::{About, Facts, Known};
use crate::source::Span;

mod indirect;
mod presence;
mod programs;
mod several;
mod told;
mod whole;

use programs::Serving;

/// One variable of one package, with the places that read it.
type Reads = BTreeMap<(String, Name), Vec<ValueRef>>;

/// What is known of every credential that is read from the environment, once for each package.
pub fn found(loaded: &Loaded, facts: &Facts) -> Vec<Usage> {
    let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index());
    let mut gathered = Gathered { loaded, flow: &flow, reads: Reads::new(), told: Vec::new() };
    gathered.gather();
    let Gathered { reads, mut told, .. } = gathered;
    let by_tools: BTreeSet<Span> =
        facts.effects.iter().filter(|effect| effect.kind == "environment").map(|effect| effect.about.span).collect();
    let serving = Serving::of(loaded, &flow, facts);
    for ((_, name), places) in reads {
        told.extend(of_variable(&flow, &name, &places, &by_tools, &serving));
    }
    told
}

/// Where credentials are read, and what is said of what reads variables that are not known.
struct Gathered<'f, 'p> {
    loaded: &'p Loaded,
    flow: &'f Flow<'p>,
    reads: Reads,
    told: Vec<Usage>,
}

impl Gathered<'_, '_> {
    fn gather(&mut self) {
        let (loaded, flow) = (self.loaded, self.flow);
        let live: BTreeSet<ModuleId> = loaded.live().into_iter().collect();
        let variables = told::Variables::built_in();
        let is_live = |(_, place): &(Name, ValueRef)| live.contains(&place.module);
        variables.by_call(flow).into_iter().filter(is_live).for_each(|(name, place)| self.add(name, place));
        for module in loaded.live() {
            for given in whole::given(flow, module, &variables) {
                self.told.extend(not_all_known(flow, &given));
                given.named.into_iter().for_each(|name| self.add(name, given.at));
            }
            let far = indirect::by_function(flow, module).into_iter().chain(indirect::of_settings(flow, module));
            far.filter(is_live).for_each(|(name, place)| self.add(name, place));
            self.of_file(module, &variables);
        }
    }

    /// What a file reads by name, except where it is set or only asked whether it is there.
    fn of_file(&mut self, module: ModuleId, variables: &told::Variables) {
        let flow = self.flow;
        let read = values(flow, module).filter_map(|value| Some((credential_variable(flow, value)?, value)));
        let mut named: Vec<(Name, ValueRef)> = read.collect();
        named.extend(indirect::taken_apart(flow, module));
        named.extend(indirect::by_alias(flow, module));
        named.extend(several::by_several(flow, module));
        named.extend(variables.by_name(flow, module));
        if named.is_empty() {
            return;
        }
        let set: BTreeSet<ValueId> = flow.scopes(module).member_assignments.iter().map(|(place, _)| *place).collect();
        let tested = presence::only_tested(flow, module);
        let is_read = |(_, value): &(Name, ValueRef)| !set.contains(&value.id) && !tested.contains(&value.id);
        named.into_iter().filter(is_read).for_each(|(name, value)| self.add(name, value));
    }

    fn add(&mut self, name: Name, place: ValueRef) {
        let package = package_root(self.loaded, self.flow.span(place));
        self.reads.entry((package, name)).or_default().push(place);
    }
}

/// What is said of a validator of the environment where no credential was found and not all of its keys are known.
fn not_all_known(flow: &Flow, given: &whole::Given) -> Option<Usage> {
    let span = flow.span(given.at);
    let unknown = || Known::unknown("not known: which variables it names", span);
    let name = Name::new("the environment");
    (given.named.is_empty() && !given.is_known)
        .then(|| usage(&name, "credential-source", span, unknown(), String::new()))
}

fn of_variable(
    flow: &Flow,
    name: &Name,
    places: &[ValueRef],
    by_tools: &BTreeSet<Span>,
    serving: &Serving,
) -> Vec<Usage> {
    let own: Vec<ValueRef> = places.iter().filter(|place| !serving.is_beside(flow, **place)).copied().collect();
    if own.is_empty() {
        return places.first().map(|place| beside(name, flow.span(*place))).into_iter().flatten().collect();
    }
    let places = &own;
    let first = places.first().map(|place| flow.span(*place));
    let read = first
        .map(|span| usage(name, "credential-source", span, Known::is(false, span), "the process environment".into()));
    let when = places.iter().map(|place| read_when(flow, name, *place, by_tools, serving));
    let kept = places.iter().map(|place| kept(flow, name, *place, by_tools));
    read.into_iter().chain(worst(when)).chain(worst(kept)).collect()
}

/// What is said of a credential that only a program beside the servers reads.
fn beside(name: &Name, span: Span) -> Vec<Usage> {
    let unknown = || Known::unknown("not known: the program that reads it starts no server that was found", span);
    let topics = ["credential-source", "credential-when", "credential-state"];
    topics.iter().map(|topic| usage(name, topic, span, unknown(), String::new())).collect()
}

/// The one that is not sound, else one that is not known, else any.
fn worst(all: impl Iterator<Item = Usage>) -> Option<Usage> {
    let rank = |usage: &Usage| match usage.sound.value() {
        Some(false) => 0,
        None => 1,
        Some(true) => 2,
    };
    all.min_by_key(rank)
}

fn usage(name: &Name, topic: &str, span: Span, sound: Known<bool>, setting: String) -> Usage {
    Usage { about: About::new(name.as_str(), span), topic: topic.to_string(), call: name.to_string(), sound, setting }
}

fn read_when(flow: &Flow, name: &Name, place: ValueRef, by_tools: &BTreeSet<Span>, serving: &Serving) -> Usage {
    let span = flow.span(place);
    let function = flow.function(flow.owner(place));
    let is_loading = matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody);
    let is_start = function.name.as_deref().is_some_and(|name| AT_START.contains(&name));
    let is_handed_over = function.name.as_deref().is_some_and(|name| name.ends_with("lifespan"));
    let is_start = is_start && (serving.may_start(flow, place) || is_handed_over && serving.brings_in(place));
    let (sound, setting) = match (is_loading, by_tools.contains(&span), is_start) {
        (true, ..) if flow.module(place).language == Language::Rust => {
            (Known::is(false, span), "when the server starts")
        }
        (true, ..) => (Known::is(false, span), "when its file is loaded"),
        (_, true, _) => (Known::is(true, span), "when a tool is called"),
        (_, _, true) => (Known::is(false, span), "when the server starts"),
        _ => (Known::unknown("not known: which calls lead here", span), ""),
    };
    usage(name, "credential-when", span, sound, setting.to_string())
}

/// Whether what is read is put where it outlives a call.
fn kept(flow: &Flow, name: &Name, place: ValueRef, by_tools: &BTreeSet<Span>) -> Usage {
    let span = flow.span(place);
    let scopes = flow.scopes(place.module);
    let function = flow.function(flow.owner(place));
    let holds = |value| flow.span(value_in(place.module, value)).contains(span);
    let is_member =
        scopes.member_assignments.iter().any(|(target, value)| holds(*value) && outlives(flow, place, *target));
    let is_loading = matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody);
    let is_bound = || {
        let bindings = scopes.bindings[flow.owner(place).id.index()].values().flatten();
        bindings.into_iter().any(|binding| matches!(binding.bound, Bound::Value(value) if holds(value)))
    };
    let (sound, setting) = match (is_member, is_loading && is_bound(), by_tools.contains(&span)) {
        (true, ..) => (Known::is(false, span), "a member of an object"),
        (_, true, _) => (Known::is(false, span), "a name of its file"),
        (_, _, true) => (Known::is(true, span), "nothing that outlives the call"),
        _ => (Known::unknown("not known: how long it is kept", span), ""),
    };
    usage(name, "credential-state", span, sound, setting.to_string())
}

/// Whether the object that a member is given to lives on after its function: the function's own unless that gives it back.
fn outlives(flow: &Flow, place: ValueRef, target: ValueId) -> bool {
    let of = |id: ValueId| value_in(place.module, id);
    let mut root = of(target);
    while let ValueKind::Field { base, .. } | ValueKind::Index { base, .. } = flow.kind(root) {
        root = of(*base);
    }
    let ValueKind::Name(name) = flow.kind(root) else { return true };
    let (scopes, owner) = (flow.scopes(place.module), flow.owner(place));
    let made_here = scopes.bindings[owner.id.index()].get(name).into_iter().flatten();
    let is_made_here = made_here.into_iter().any(|binding| match binding.bound {
        Bound::Value(value) => matches!(flow.kind(of(value)), ValueKind::Map(_) | ValueKind::Call(_)),
        _ => false,
    });
    let is_it = |id: &ValueId| matches!(flow.kind(of(*id)), ValueKind::Name(own) if own == name);
    !is_made_here || flow.function(owner).kind == FunctionKind::Module || is_returned(flow, owner, &is_it)
}

/// Whether a function gives back what `is_it` says, alone or as a member of something written out.
fn is_returned(flow: &Flow, owner: FunctionRef, is_it: &dyn Fn(&ValueId) -> bool) -> bool {
    let returns = &flow.scopes(owner.module).returns[owner.id.index()];
    returns.iter().any(|id| match flow.kind(value_in(owner.module, *id)) {
        ValueKind::Map(entries) => entries.iter().any(|entry| is_it(&entry.value)),
        ValueKind::List(items) | ValueKind::Tuple(items) => items.iter().any(is_it),
        ValueKind::Sequence(parts) => parts.last().is_some_and(is_it),
        _ => is_it(id),
    })
}
