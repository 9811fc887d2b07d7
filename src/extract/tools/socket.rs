//! Addresses of sockets that Rust writes as values: `([0, 0, 0, 0], 80)`, `SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 80)`.

use crate::code::{Call, ValueKind};
use crate::extract::tools::address::unset_text;
use crate::flow::{Flow, In, ValueRef};

/// Deepest expression that is looked through.
const MAX_DEPTH: u32 = 12;

/// The host of a socket's address, where it is written as a value.
pub(super) fn host(flow: &Flow, at: ValueRef) -> Option<String> {
    of_socket(flow, at, MAX_DEPTH)
}

fn of_socket(flow: &Flow, at: ValueRef, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let of = |id| In { module: at.module, id };
    match flow.kind(at) {
        ValueKind::Tuple(parts) if parts.len() == 2 => of_machine(flow, of(*parts.first()?), depth),
        ValueKind::Unary(inner) => of_socket(flow, of(*inner), depth),
        ValueKind::Name(_) => of_socket(flow, flow.defined_as(at).filter(|defined| *defined != at)?, depth),
        ValueKind::Call(call) => match constructor(flow, at, call)? {
            ("SocketAddr" | "SocketAddrV4" | "SocketAddrV6", "from") => {
                of_socket(flow, of(call.arguments.first()?.value), depth)
            }
            ("SocketAddr" | "SocketAddrV4" | "SocketAddrV6", "new") => {
                of_machine(flow, of(call.arguments.first()?.value), depth)
            }
            _ => None,
        },
        _ => None,
    }
}

fn of_machine(flow: &Flow, at: ValueRef, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let of = |id| In { module: at.module, id };
    match flow.kind(at) {
        ValueKind::List(parts) if parts.len() == 4 => {
            let numbers: Option<Vec<&str>> = parts.iter().map(|part| number(flow, of(*part))).collect();
            Some(numbers?.join("."))
        }
        ValueKind::Field { base, name } => match (last(flow, of(*base))?, name.as_str()) {
            ("Ipv4Addr", "UNSPECIFIED") => Some("0.0.0.0".to_string()),
            ("Ipv4Addr", "LOCALHOST") => Some("127.0.0.1".to_string()),
            ("Ipv6Addr", "UNSPECIFIED") => Some("::".to_string()),
            ("Ipv6Addr", "LOCALHOST") => Some("::1".to_string()),
            _ => unset(flow, at),
        },
        ValueKind::Call(call) => match constructor(flow, at, call) {
            Some(("Ipv4Addr", "new")) if call.arguments.len() == 4 => {
                let parts = call.arguments.iter().map(|one| number(flow, of(one.value)));
                Some(parts.collect::<Option<Vec<&str>>>()?.join("."))
            }
            Some(("IpAddr" | "Ipv4Addr" | "Ipv6Addr", "from" | "V4" | "V6")) => {
                of_machine(flow, of(call.arguments.first()?.value), depth)
            }
            _ => match flow.kind(of(call.callee)) {
                ValueKind::Field { base, name } if name == "into" => of_machine(flow, of(*base), depth),
                _ => unset(flow, at),
            },
        },
        _ => unset(flow, at),
    }
}

fn unset(flow: &Flow, at: ValueRef) -> Option<String> {
    unset_text(flow, at, &None)?.text().map(ToString::to_string)
}

/// The type and the function of `SocketAddr::from(…)`.
fn constructor<'a>(flow: &'a Flow<'_>, at: ValueRef, call: &Call) -> Option<(&'a str, &'a str)> {
    match flow.kind(In { module: at.module, id: call.callee }) {
        ValueKind::Field { base, name } => Some((last(flow, In { module: at.module, id: *base })?, name)),
        _ => None,
    }
}

fn last<'a>(flow: &'a Flow<'_>, at: ValueRef) -> Option<&'a str> {
    match flow.kind(at) {
        ValueKind::Name(name) | ValueKind::Field { name, .. } => Some(name),
        _ => None,
    }
}

fn number<'a>(flow: &'a Flow<'_>, at: ValueRef) -> Option<&'a str> {
    let text = flow.sources.slice(flow.span(at));
    text.parse::<u8>().is_ok().then_some(text)
}
