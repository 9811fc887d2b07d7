//! Transports that no table knows: of frameworks whose start says on which address (`app.startHttp({port, hostname})`),
//! and of the tree itself, where a class carries the messages of an SDK over routes of its own.

use crate::code::{ClassId, Name, ValueKind};
use crate::extract::tools::server::Kinds;
use crate::extract::tools::site::{self, Told};
use crate::flow::meaning::{Meaning, class_in};
use crate::flow::{ClassRef, In, ModuleId, ValueRef};
use crate::model::server::{Listener, Setting};

/// Words that the methods begin with.
const STARTS: &[&str] = &["start", "listen", "serve", "run"];
/// Members of the options that name the address.
const ADDRESSES: &[&str] = &["hostname", "host", "address"];

/// Methods that answer a route.
const ROUTES: &[&str] = &["post", "all", "get", "use", "route"];

/// Every such call in modules of the tree. Who is let in is a matter of that framework.
pub fn listeners(kinds: &Kinds, live: &[ModuleId]) -> Vec<Listener> {
    let calls = live
        .iter()
        .flat_map(|module| kinds.flow.scopes(*module).calls.iter().map(|call| In { module: *module, id: *call }));
    let own = live.iter().flat_map(|module| own_transports(kinds, *module));
    calls.filter_map(|call| listener(kinds, call)).chain(own).collect()
}

/// The classes of a module that are transports of an SDK by what they implement, where the module answers routes. Who is
/// let in is a matter of whatever stands before those.
fn own_transports(kinds: &Kinds, module: ModuleId) -> Vec<Listener> {
    let flow = kinds.flow;
    let classes = &flow.program.module(module).classes;
    let all = (0..classes.len()).map(|at| class_in(module, ClassId(at as u32)));
    let is_transport = |class: &ClassRef| flow.asking(|| flow.bases(*class)).0.iter().any(is_of_sdk);
    let found: Vec<ClassRef> = all.filter(|class| !flow.class(*class).bases.is_empty()).filter(is_transport).collect();
    if found.is_empty() || !answers_routes(kinds, module) {
        return Vec::new();
    }
    let made = |class: ClassRef| {
        let place = flow.class(class).span;
        let mut made = Listener::new("http", place);
        made.settings.authentication = Setting::Unknown(place);
        made.settings.host_check = Setting::Unknown(place);
        made
    };
    found.into_iter().map(made).collect()
}

fn is_of_sdk(base: &Meaning) -> bool {
    let Meaning::Outside(name) = base else { return false };
    name.starts_with("@modelcontextprotocol/") && name.ends_with("Transport")
}

/// `app.post("/mcp", …)`, with a function that answers.
fn answers_routes(kinds: &Kinds, module: ModuleId) -> bool {
    let flow = kinds.flow;
    flow.scopes(module).calls.iter().any(|call| {
        let Some((_, method)) = kinds.method_of(In { module, id: *call }) else { return false };
        let ValueKind::Call(code) = flow.kind(In { module, id: *call }) else { return false };
        let is_path = |id| matches!(flow.kind(In { module, id }), ValueKind::Text(text) if text.starts_with('/'));
        ROUTES.contains(&method.as_str())
            && code.arguments.len() > 1
            && code.arguments.first().is_some_and(|first| is_path(first.value))
    })
}

fn listener(kinds: &Kinds, call: ValueRef) -> Option<Listener> {
    let flow = kinds.flow;
    let ValueKind::Call(code) = flow.kind(call) else { return None };
    let first = In { module: call.module, id: code.arguments.first()?.value };
    if !matches!(flow.kind(first), ValueKind::Map(_)) {
        return None;
    }
    let of = started_by(kinds, call)?;
    let package = of.split('#').next().unwrap_or(&of);
    let is_known = kinds.sdks.all.iter().any(|sdk| sdk.servers.iter().any(|kind| is_in(&of, &kind.package)));
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
    made.host = super::address::address(flow, &told, &slots, place);
    made.settings.told_by = super::address::told_by(flow, &told, &slots);
    made.settings.authentication = Setting::Unknown(place);
    made.settings.host_check = Setting::Unknown(place);
    Some(made)
}

/// Whether a name is one of a package, or of a folder of it.
fn is_in(name: &str, package: &str) -> bool {
    name.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/', '#']))
}

/// What a call starts by its name: the class of the object that it is a method of, or the function of a package.
fn started_by(kinds: &Kinds, call: ValueRef) -> Option<Name> {
    let flow = kinds.flow;
    let starts = |name: &str| STARTS.iter().any(|start| name.starts_with(start));
    if let Some((base, method)) = kinds.method_of(call) {
        // The name first: what the object is may hang on much more.
        let Meaning::Made(made) = starts(method).then(|| flow.asking(|| flow.meaning(base, &None)).0)? else {
            return None;
        };
        let Meaning::Outside(of) = &made.callee else { return None };
        return Some(of.clone());
    }
    let ValueKind::Call(code) = flow.kind(call) else { return None };
    let callee = In { module: call.module, id: code.callee };
    let ValueKind::Name(_) = flow.kind(callee) else { return None };
    let Meaning::Outside(of) = flow.asking(|| flow.meaning(callee, &None)).0 else { return None };
    let (package, function) = of.rsplit_once(['#', '.'])?;
    starts(function).then(|| Name::new(package))
}

fn slot(member: &str) -> Option<super::sdk::Slot> {
    super::sdk::Slot::try_from(format!("0.{member}")).ok()
}
