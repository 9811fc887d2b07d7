//! The address and the port that a call binds: as the code gives them, or as they stand where no flag and no variable is set.

use std::collections::BTreeSet;

use crate::code::{Name, Operator, ValueId, ValueKind};
use crate::extract::tools::sdk::{Bind, Slot};
use crate::extract::tools::site::{self, Filled, Told};
use crate::extract::tools::socket;
use crate::flow::meaning::Meaning;
use crate::flow::scope::Bound;
use crate::flow::{Flow, Frame, In, ValueRef};
use crate::model::Known;
use crate::model::server::Listener;
use crate::source::Span;

/// Deepest expression that is looked through for the words that set an address.
const MAX_DEPTH: u32 = 12;
/// Most calls of a function whose arguments are looked at.
const MAX_CALLS: usize = 4;

/// The listener that a call binds.
pub(super) fn bound_at(flow: &Flow, call: ValueRef, bind: &Bind) -> Listener {
    let place = flow.span(call);
    let told = Told::Arguments(flow.passed(call, &None));
    let mut listener = match bind.joined {
        true => joined(flow, &told, bind, place),
        false => apart(flow, &told, bind, place),
    };
    listener.settings.told_by = told_by(flow, &told, &bind.host);
    listener
}

fn apart(flow: &Flow, told: &Told, bind: &Bind, place: Span) -> Listener {
    let host = match address(flow, told, &bind.host, place) {
        Known::Absent => Known::is(bind.default_host.clone(), place),
        known => known,
    };
    let port = match (port(flow, told, &bind.port, place), bind.default_port) {
        (Known::Absent, Some(default)) => Known::is(default, place),
        (known, _) => known,
    };
    Listener { host, port, ..Listener::new("http", place) }
}

/// The address in one of the slots of a call.
pub(super) fn address(flow: &Flow, told: &Told, slots: &[Slot], place: Span) -> Known<String> {
    let Some(mut filled) = site::first(flow, told, slots) else { return Known::Absent };
    if let Some(default) = unset(flow, told, slots, &filled.meaning) {
        filled = Filled { span: place_of(&default).or(filled.span), meaning: default };
    }
    match &filled.meaning {
        // `listen(port, callback)`, `listen({port, host}, callback)`
        Meaning::Function(..) => match slots.iter().find(|slot| is_of_map(flow, told, slot)) {
            Some(option) => address(flow, told, std::slice::from_ref(option), place),
            None => Known::Absent,
        },
        Meaning::Text(..) => site::text(Some(&filled), place),
        // `listen(port)`
        _ if is_port(flow, told, slots) => Known::Absent,
        _ => site::text(Some(&filled), place),
    }
}

/// Whether what may be options that hold the address is called a port, and no address stands beside it.
fn is_port(flow: &Flow, told: &Told, slots: &[Slot]) -> bool {
    let given = slots.iter().find(|slot| site::raw(flow, told, slot).is_some());
    let Some(options) = given.filter(|slot| !slot.members.is_empty()) else { return false };
    let whole = Slot { head: options.head.clone(), members: Vec::new() };
    let Some((value, _)) = written(flow, told, &whole) else { return false };
    match flow.kind(value) {
        ValueKind::Name(name) | ValueKind::Field { name, .. } => is_name_of_port(name),
        _ => false,
    }
}

/// `port`, `httpPort`, `MCP_PORT`, and not `transport`.
fn is_name_of_port(name: &str) -> bool {
    name.ends_with("Port") || name.rsplit('_').next().is_some_and(|last| last.eq_ignore_ascii_case("port"))
}

/// Where a default is written, which is what is to be changed.
fn place_of(default: &Meaning) -> Option<Span> {
    match default {
        Meaning::Text(_, span) => Some(*span),
        _ => None,
    }
}

/// What stands in a slot where nothing is set. A text that is one of several depends on more than whether it is set.
fn unset(flow: &Flow, told: &Told, slots: &[Slot], meaning: &Meaning) -> Option<Meaning> {
    let is_text = |one: &&Meaning| one.text().is_some();
    if matches!(meaning, Meaning::Text(..) | Meaning::Function(..))
        || meaning.alternatives().iter().filter(is_text).count() > 1
    {
        return None;
    }
    let (value, frame) = slots.iter().find_map(|slot| written(flow, told, slot))?;
    unset_text(flow, value, &frame)
}

/// The text that a value is where nothing is set, unless it hangs on what calls hand over that were not resolved.
pub(super) fn unset_text(flow: &Flow, value: ValueRef, frame: &Frame) -> Option<Meaning> {
    let found = || site::unset_text(flow, value, frame);
    if Words::of(flow, value).is_open { None } else { found() }
}

fn written(flow: &Flow, told: &Told, slot: &Slot) -> Option<(ValueRef, Frame)> {
    match site::raw(flow, told, slot)? {
        Meaning::Later(value, frame) => Some((value, frame)),
        _ => None,
    }
}

/// Whether a slot is a member of options that are written out.
fn is_of_map(flow: &Flow, told: &Told, slot: &Slot) -> bool {
    let whole = Slot { head: slot.head.clone(), members: Vec::new() };
    let given = site::first(flow, told, std::slice::from_ref(&whole));
    !slot.members.is_empty() && given.is_some_and(|given| matches!(given.meaning, Meaning::Map(_)))
}

/// The port in one of the slots of a call.
pub(super) fn port(flow: &Flow, told: &Told, slots: &[Slot], place: Span) -> Known<i64> {
    let Some(filled) = site::first(flow, told, slots) else { return Known::Absent };
    let span = filled.span.unwrap_or(place);
    let plain = unset(flow, told, slots, &filled.meaning).unwrap_or(filled.meaning);
    let number = |meaning: &Meaning| match meaning {
        Meaning::Int(number) => Some(*number),
        Meaning::Text(text, _) => text.parse().ok(),
        _ => None,
    };
    let found: Vec<i64> = plain.alternatives().iter().filter_map(number).collect();
    match found[..] {
        [only] => Known::is(only, span),
        _ => Known::unknown(site::reason(&plain), span),
    }
}

/// An address and a port in one text, which may be put together: `:8080`, `fmt.Sprintf("127.0.0.1:%d", port)`.
fn joined(flow: &Flow, told: &Told, bind: &Bind, place: Span) -> Listener {
    let Some(filled) = site::first(flow, told, &bind.host) else {
        return Listener { host: Known::is(bind.default_host.clone(), place), ..Listener::new("http", place) };
    };
    let written = bind.host.iter().find_map(|slot| written(flow, told, slot));
    let silent = written.as_ref().and_then(|(value, frame)| unset_text(flow, *value, frame));
    Listener {
        about: crate::model::About::new("http", place),
        ..of_text(flow, &filled.meaning, silent, written.map(|(value, _)| value), filled.span.unwrap_or(place))
    }
}

/// The listener of an address and a port in one text, of which the address may stand alone: `":" + port`.
pub(super) fn written_address(flow: &Flow, value: ValueRef) -> Listener {
    let meaning = flow.asking(|| flow.meaning(value, &None)).0;
    let silent = unset_text(flow, value, &None);
    let mut listener = of_text(flow, &meaning, silent, Some(value), flow.span(value));
    listener.settings.told_by = words_of(flow, value);
    listener
}

fn of_text(flow: &Flow, meaning: &Meaning, silent: Option<Meaning>, at: Option<ValueRef>, span: Span) -> Listener {
    let mut listener = Listener::new("http", span);
    let span = silent.as_ref().filter(|_| meaning.text().is_none()).and_then(place_of).unwrap_or(span);
    let text = meaning.text().or(silent.as_ref().and_then(Meaning::text)).cloned();
    let known = |text: &str| {
        let host = text.rsplit_once(':')?.0;
        (!host.contains(['%', '{'])).then(|| host.to_string())
    };
    // What is put together begins with a constant.
    let first = || match (meaning, at.map(|at| (at, flow.kind(at)))) {
        (_, Some((at, ValueKind::Binary { operator: Operator::Add, left, .. }))) => {
            flow.asking(|| flow.meaning(In { module: at.module, id: *left }, &None)).0.text().cloned()
        }
        (Meaning::Made(made), _) => made.arguments.first().and_then(|one| flow.force(&one.value).text().cloned()),
        _ => None,
    };
    let of_socket = || at.and_then(|at| socket::host(flow, at));
    let host = text.as_deref().and_then(known).or_else(|| first().as_deref().and_then(known)).or_else(of_socket);
    listener.host = match host {
        Some(host) => Known::is(host, span),
        None => Known::unknown(site::reason(meaning), span),
    };
    let port = text.as_deref().and_then(|text| text.rsplit_once(':')?.1.parse().ok());
    listener.port = port.map_or(Known::Absent, |port| Known::is(port, span));
    listener
}

/// The words under which a flag or a variable may set what stands in the slots: `host` of `args.host`, `MCP_HOST`. There are
/// none where it is written there, or in a constant.
pub(super) fn told_by(flow: &Flow, told: &Told, slots: &[Slot]) -> BTreeSet<String> {
    let written = slots.iter().find_map(|slot| written(flow, told, slot));
    written.map(|(value, _)| words_of(flow, value)).unwrap_or_default()
}

pub(super) fn words_of(flow: &Flow, value: ValueRef) -> BTreeSet<String> {
    let is_written = flow.defined_as(value).is_some_and(|value| matches!(flow.kind(value), ValueKind::Text(_)));
    if is_written { BTreeSet::new() } else { Words::of(flow, value).found }
}

/// What an address is made of.
#[derive(Default)]
struct Words {
    found: BTreeSet<String>,
    /// Whether something may hand over another one: calls of that name, of which it is not known what they call.
    is_open: bool,
}

impl Words {
    fn of(flow: &Flow, value: ValueRef) -> Self {
        let mut words = Words::default();
        words.collect(flow, value, MAX_DEPTH);
        words
    }

    fn collect(&mut self, flow: &Flow, value: ValueRef, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let mut inner = |id: ValueId| self.collect(flow, In { module: value.module, id }, depth);
        match flow.kind(value) {
            ValueKind::Text(text) => _ = self.found.insert(text.to_string()),
            ValueKind::Name(name) => {
                self.found.insert(name.to_string());
                self.given(flow, value, name, depth);
            }
            ValueKind::Field { name, .. } => _ = self.found.insert(name.to_string()),
            ValueKind::Index { key, .. } => inner(*key),
            ValueKind::Binary { left, right, .. } => [*left, *right].into_iter().for_each(inner),
            ValueKind::Choice { then, otherwise, .. } => {
                inner(*then);
                otherwise.iter().for_each(|otherwise| inner(*otherwise));
            }
            ValueKind::Template(parts) | ValueKind::Tuple(parts) => parts.iter().for_each(|part| inner(*part)),
            ValueKind::Unary(one) | ValueKind::Await(one) | ValueKind::Propagate(one) => inner(*one),
            ValueKind::Call(call) => {
                call.arguments.iter().for_each(|argument| inner(argument.value));
                if let ValueKind::Field { base, .. } = flow.kind(In { module: value.module, id: call.callee }) {
                    inner(*base);
                }
            }
            _ => {}
        }
    }

    /// Where a name gets its value: what it is defined as, or what its function is called with.
    fn given(&mut self, flow: &Flow, at: ValueRef, name: &Name, depth: u32) {
        if let Some(defined) = flow.defined_as(at).filter(|defined| *defined != at) {
            return self.collect(flow, defined, depth);
        }
        let Some((function, bindings)) = flow.bindings_around(at, name) else { return };
        let Some(position) = bindings.iter().find_map(|binding| match binding.bound {
            Bound::Parameter(position) if binding.path.is_empty() => Some(position),
            _ => None,
        }) else {
            return;
        };
        let calls = flow.calls_of(function);
        let is_called_so = |name: &Name| !flow.calls_named(name).is_empty();
        self.is_open |= calls.is_empty() && flow.function(function).name.as_ref().is_some_and(is_called_so);
        for call in calls.iter().take(MAX_CALLS) {
            let ValueKind::Call(code) = flow.kind(*call) else { continue };
            let named = code.arguments.iter().find(|one| one.name.as_ref() == Some(name));
            let by_position = || code.arguments.iter().filter(|one| one.name.is_none()).nth(position);
            if let Some(given) = named.or_else(by_position) {
                self.collect(flow, In { module: call.module, id: given.value }, depth);
            }
        }
    }
}
