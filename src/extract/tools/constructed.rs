//! Servers that are written with their fields, and where they listen.

use crate::code::{Language, MapEntry, MapKey, Name, ValueId, ValueKind};
use crate::extract::tools::address::written_address;
use crate::extract::tools::sdk::Bind;
use crate::flow::meaning::Meaning;
use crate::flow::{Flow, In, ModuleId, ValueRef};
use crate::model::Known;
use crate::model::server::Listener;

/// The servers that are written with their fields, of those that set an address: `http.Server{Addr: ":" + port}`.
pub(super) fn constructed(flow: &Flow, bind: &Bind, live: &[ModuleId]) -> Vec<(ValueRef, Listener)> {
    let mut all = Vec::new();
    for module in live.iter().filter(|module| flow.program.module(**module).language == Language::Go) {
        for (at, value) in flow.program.module(*module).values.iter().enumerate() {
            let ValueKind::Construct { of, entries } = &value.kind else { continue };
            let is_origin = |name: &Name| bind.origins.iter().any(|origin| origin == name.as_str());
            let of = flow.asking(|| flow.meaning(In { module: *module, id: *of }, &None)).0;
            if !matches!(&of, Meaning::Outside(name) if is_origin(name)) {
                continue;
            }
            let address = entries.iter().find(|entry| matches!(&entry.key, MapKey::Name(name, _) if name == "Addr"));
            let place = In { module: *module, id: ValueId(at as u32) };
            let listens = |entry: &MapEntry| written_address(flow, In { module: *module, id: entry.value });
            match address {
                Some(entry) => all.push((place, listens(entry))),
                None if serves_by_default(flow, *module) => {
                    let (host, span) = (bind.default_host.clone(), flow.span(place));
                    all.push((place, Listener { host: Known::is(host, span), ..Listener::new("http", span) }));
                }
                None => {}
            }
        }
    }
    all
}

/// Whether servers of a module are started by themselves, `server.ListenAndServe()`, and none is told an address.
fn serves_by_default(flow: &Flow, module: ModuleId) -> bool {
    let kind = |id: ValueId| flow.kind(In { module, id });
    let scopes = flow.scopes(module);
    let serves = |call: &ValueId| {
        let ValueKind::Call(code) = kind(*call) else { return false };
        let ValueKind::Field { name, .. } = kind(code.callee) else { return false };
        matches!((name.as_str(), code.arguments.len()), ("ListenAndServe", 0) | ("ListenAndServeTLS", 2))
    };
    let is_told = |id: ValueId| match kind(id) {
        ValueKind::Construct { entries, .. } => {
            entries.iter().any(|entry| matches!(&entry.key, MapKey::Name(name, _) if name == "Addr"))
        }
        ValueKind::Field { name, .. } => {
            name == "Addr" && scopes.member_assignments.iter().any(|(place, _)| *place == id)
        }
        _ => false,
    };
    let all = flow.program.module(module).values.len();
    scopes.calls.iter().any(serves) && !(0..all).any(|at| is_told(ValueId(at as u32)))
}
