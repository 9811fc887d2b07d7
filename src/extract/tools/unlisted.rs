//! Transports of frameworks that no table knows, where their start says on which address: `app.startHttp({port, hostname})`.

use crate::code::ValueKind;
use crate::extract::tools::server::Kinds;
use crate::extract::tools::site::{self, Told};
use crate::flow::meaning::Meaning;
use crate::flow::{In, ModuleId, ValueRef};
use crate::model::server::{Listener, Setting};

/// Words that the methods begin with.
const STARTS: &[&str] = &["start", "listen", "serve", "run"];
/// Members of the options that name the address.
const ADDRESSES: &[&str] = &["hostname", "host", "address"];

/// Every such call in modules of the tree. Who is let in is a matter of that framework.
pub fn listeners(kinds: &Kinds, live: &[ModuleId]) -> Vec<Listener> {
    let calls = live
        .iter()
        .flat_map(|module| kinds.flow.scopes(*module).calls.iter().map(|call| In { module: *module, id: *call }));
    calls.filter_map(|call| listener(kinds, call)).collect()
}

fn listener(kinds: &Kinds, call: ValueRef) -> Option<Listener> {
    let flow = kinds.flow;
    let (base, method) = kinds.method_of(call)?;
    if !STARTS.iter().any(|start| method.starts_with(start)) {
        return None;
    }
    let ValueKind::Call(code) = flow.kind(call) else { return None };
    let first = In { module: call.module, id: code.arguments.first()?.value };
    if !matches!(flow.kind(first), ValueKind::Map(_)) {
        return None;
    }
    let Meaning::Made(made) = flow.asking(|| flow.meaning(base, &None)).0 else { return None };
    let Meaning::Outside(of) = &made.callee else { return None };
    let package = of.split('#').next().unwrap_or(of);
    let is_known = kinds.sdks.all.iter().any(|sdk| sdk.servers.iter().any(|kind| of.starts_with(&kind.package)));
    if is_known || !package.to_ascii_lowercase().contains("mcp") {
        return None;
    }
    let told = Told::Arguments(flow.passed(call, &None));
    let has = |member: &str| {
        let slot = slot(member)?;
        site::first(flow, &told, std::slice::from_ref(&slot)).map(|_| slot)
    };
    has("port")?;
    let slots = ADDRESSES.iter().find_map(|member| has(member)).map(|slot| vec![slot])?;
    let place = flow.span(call);
    let mut made = Listener::new("http", place);
    made.host = super::listen::address(flow, &told, &slots, place);
    made.settings.authentication = Setting::Unknown(place);
    Some(made)
}

fn slot(member: &str) -> Option<super::sdk::Slot> {
    super::sdk::Slot::try_from(format!("0.{member}")).ok()
}
