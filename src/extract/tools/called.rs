//! The request of a call: where the tool's name stands in it.

use std::rc::Rc;

use crate::code::{Language, Name, ParameterKind};
use crate::extract::tools::sdk::{Head, Slot};
use crate::flow::meaning::{Entry, Key, Meaning, Passed, Within, push};
use crate::flow::{Flow, Frame, FunctionRef};
use crate::model::tool::NamePlace;

/// Most parameters that a handler of requests has.
const MAX_PARAMETERS: usize = 8;

/// Where a handler of calls finds the name of the tool.
pub fn name_places(slots: &[Slot]) -> Vec<NamePlace> {
    let place = |slot: &Slot| match slot.head {
        Head::Position(position) => Some(NamePlace { position, members: slot.members.clone() }),
        Head::Keyword(_) => None,
    };
    slots.iter().filter_map(place).collect()
}

/// Arguments of a handler in which the tool's name stands where it is found; `other` gives what else is there.
pub fn request(
    flow: &Flow,
    function: FunctionRef,
    places: &[NamePlace],
    name: &Meaning,
    other: &dyn Fn(usize) -> Meaning,
) -> Vec<Passed> {
    let span = flow.function(function).span;
    let count = places.iter().map(|place| place.position + 1).chain([3]).max().unwrap_or(3).min(MAX_PARAMETERS);
    let argument = |position: usize| {
        let here = places.iter().filter(|place| place.position == position);
        let ways: Vec<&[Name]> = here.map(|place| &place.members[..]).collect();
        let value = if ways.is_empty() { other(position) } else { holding(&ways, name, span) };
        Passed { name: None, value, is_rest: false }
    };
    (0..count).map(argument).collect()
}

/// Something whose members, by these ways, are the name.
fn holding(ways: &[&[Name]], name: &Meaning, span: crate::source::Span) -> Meaning {
    if ways.iter().any(|way| way.is_empty()) {
        return name.clone();
    }
    let mut firsts: Vec<&Name> = ways.iter().filter_map(|way| way.first()).collect();
    firsts.dedup();
    let entry = |first: &Name| {
        let rests: Vec<&[Name]> =
            ways.iter().filter(|way| way.first() == Some(first)).filter_map(|way| way.get(1..)).collect();
        let key = Some(Key { name: first.clone(), span });
        Entry { key, value: holding(&rests, name, span), optional: false }
    };
    let rest = Entry { key: None, value: Meaning::Unknown("part of the request"), optional: false };
    Meaning::Map(Rc::from_iter(firsts.into_iter().map(entry).chain([rest])))
}

/// `frame` inside a call of the handler by a client that names this tool.
pub fn inside_call(flow: &Flow, function: FunctionRef, places: &[NamePlace], tool: &Name, frame: Frame) -> Frame {
    let code = flow.function(function);
    let is_plain =
        |kind: ParameterKind| !matches!(kind, ParameterKind::Rest | ParameterKind::NamedRest | ParameterKind::NameOnly);
    if places.is_empty() || !code.parameters.iter().all(|parameter| is_plain(parameter.kind)) {
        return frame;
    }
    let receivers = code.parameters.iter().filter(|one| one.kind == ParameterKind::Receiver).count();
    let name = Meaning::Text(tool.clone(), code.span);
    let other = |position: usize| Meaning::Parameter(function, position + receivers);
    let arguments = request(flow, function, places, &name, &other);
    let arguments = arguments.into_iter().take(code.parameters.len().saturating_sub(receivers)).collect();
    push(&frame, Within::Call { function, arguments, this: None, at: None })
}

/// Where handlers find the name that were registered for a tool each, and may be registered for several.
pub fn of_shared_handler(language: Language) -> Vec<NamePlace> {
    let way = |position, members: [&str; 2]| NamePlace { position, members: members.map(Name::new).to_vec() };
    match language {
        Language::Go => vec![way(1, ["Params", "Name"])],
        _ => Vec::new(),
    }
}
