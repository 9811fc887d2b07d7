//! Slots of tools that are written as objects, or as arguments told apart by what they are.

use crate::extract::tools::sdk::Slots;
use crate::extract::tools::site;
use crate::flow::Flow;
use crate::flow::meaning::{Meaning, Passed};

/// The members that a tool has when it is written as an object.
pub fn object_slots() -> Slots {
    let slots = |names: &[&str]| {
        let slot = |name: &&str| crate::extract::tools::sdk::Slot::try_from(name.to_string()).ok();
        names.iter().filter_map(slot).collect()
    };
    Slots {
        name: slots(&["name", "toolName"]),
        title: slots(&["title"]),
        description: slots(&["description"]),
        input: slots(&["inputSchema", "input_schema", "parameters", "schema"]),
        output: slots(&["outputSchema", "output_schema"]),
        annotations: slots(&["annotations"]),
        handler: slots(&["handler", "execute", "callback", "run", "fn"]),
        enabled: Vec::new(),
        options: None,
    }
}

/// Slots of a whole object, said of its first argument (`0.name`), as slots of the object itself.
pub fn without_position(slots: &Slots) -> Slots {
    use crate::extract::tools::sdk::{Head, Slot};
    let inner = |all: &[Slot]| {
        let one = |slot: &Slot| {
            let (first, rest) = slot.members.split_first()?;
            Some(Slot { head: Head::Keyword(first.clone()), members: rest.to_vec() })
        };
        all.iter().filter_map(one).collect()
    };
    Slots {
        name: inner(&slots.name),
        title: inner(&slots.title),
        description: inner(&slots.description),
        input: inner(&slots.input),
        output: inner(&slots.output),
        annotations: inner(&slots.annotations),
        handler: inner(&slots.handler),
        enabled: Vec::new(),
        options: None,
    }
}

/// Slots of a call whose arguments are told apart by what they are.
pub fn by_kind(flow: &Flow, arguments: &[Passed]) -> Slots {
    use crate::extract::tools::sdk::{Head, Slot};
    let at = |position: usize| vec![Slot { head: Head::Position(position), members: Vec::new() }];
    let mut slots = Slots { name: at(0), ..Slots::default() };
    let last = place_of_handler(flow, arguments);
    slots.handler = at(last);
    for (position, argument) in arguments.iter().enumerate().take(last).skip(1) {
        match flow.force(&argument.value) {
            Meaning::Text(..) => slots.description = at(position),
            Meaning::Map(entries) if entries.is_empty() && slots.input.is_empty() => slots.input = at(position),
            Meaning::Map(entries) => {
                let is_plain = |entry: &crate::flow::meaning::Entry| {
                    matches!(flow.force(&entry.value), Meaning::Bool(_) | Meaning::Text(..) | Meaning::Int(_))
                };
                match entries.iter().all(is_plain) {
                    true => slots.annotations = at(position),
                    false => slots.input = at(position),
                }
            }
            _ if position == 1 && slots.description.is_empty() => slots.description = at(position),
            // Behind a schema stands what is said of the tool besides.
            _ if !slots.input.is_empty() => slots.annotations = at(position),
            _ => slots.input = at(position),
        }
    }
    slots
}

/// The last argument, or the last function where options stand behind it.
fn place_of_handler(flow: &Flow, arguments: &[Passed]) -> usize {
    let last = arguments.len().saturating_sub(1);
    let has_options = arguments.last().is_some_and(|last| matches!(flow.force(&last.value), Meaning::Map(_)));
    let is_function = |argument: &Passed| site::function(flow, &argument.value).is_some();
    match arguments.iter().rposition(is_function) {
        Some(function) if has_options && function > 0 => function,
        _ => last,
    }
}
