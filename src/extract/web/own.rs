//! A tree that is an SDK itself: what its version does by itself is decided in its own source.

use crate::code::ClassId;
use crate::extract::tools::behaviour::Does;
use crate::extract::tools::sdk::{Decides, Sdks};
use crate::extract::versions::{Own, Versions, ecosystem, is_above};
use crate::flow::link::folder;
use crate::flow::{Flow, In};
use crate::model::server::Listener;
use crate::model::{Known, Note};
use crate::source::Span;

/// The transports of SDKs that are in the tree, as far as their tables say where their source decides.
pub fn listeners(flow: &Flow, sdks: &Sdks, versions: &Versions) -> Vec<Listener> {
    let mut found = Vec::new();
    for own in &versions.own {
        for table in sdks.all.iter().filter(|table| ecosystem(&table.language) == own.ecosystem) {
            for decides in &table.decides {
                let Does::This(does) = table.does(&decides.matter, &own.name, Some(&own.range)) else { continue };
                found.extend(place(flow, own, decides).map(|span| listener(span, &own.name, &does)));
            }
        }
    }
    found
}

fn listener(span: Span, package: &str, does: &str) -> Listener {
    let is_checked = does != "never";
    let text = match is_checked {
        true => format!("`{package}` checks Host by default on loopback"),
        false => format!("`{package}` checks neither by default in this version"),
    };
    Listener {
        host_checked: Known::is(is_checked, span),
        host_check: text.clone(),
        host_notes: vec![Note::new(span, text)],
        authenticated: Known::unknown("a matter of the server that uses it", span),
        ..Listener::new("http", span)
    }
}

/// The parameter of the class's constructor, or the class.
fn place(flow: &Flow, own: &Own, decides: &Decides) -> Option<Span> {
    for (id, module) in flow.program.iter() {
        if !is_above(&own.folder, folder(flow.sources.path(module.source))) {
            continue;
        }
        for (at, class) in module.classes.iter().enumerate().filter(|(_, class)| class.name == decides.class) {
            let Some(parameter) = &decides.parameter else { return Some(class.span) };
            let constructor = flow.constructor(In { module: id, id: ClassId(at as u32) });
            let all = constructor.map(|function| flow.function(function).parameters.as_slice()).unwrap_or_default();
            if let Some(found) = all.iter().find(|one| one.name().is_some_and(|name| name == parameter)) {
                return Some(found.span);
            }
        }
    }
    None
}
