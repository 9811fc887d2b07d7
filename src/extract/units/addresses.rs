//! What a unit can reach: its own network, families of sockets, and lists of addresses.

use super::directives::{Directives, words};
use super::service::SERVICE;
use crate::extract::kubernetes::policy::is_anywhere;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Families of sockets that lead out of the machine.
const OUTWARD: &[&str] = &["AF_INET", "AF_INET6"];
/// Families that stay on the machine.
const LOCAL: &[&str] = &["AF_UNIX", "AF_NETLINK", "AF_LOCAL"];

/// What is left to reach, and in words what that is; `header` is the place of what nothing states.
pub fn egress(unit: &Directives, header: Span, is_of_user: bool) -> (Known<String>, Vec<Spanned<String>>) {
    let says = |word: &str, span: Span| Known::is(word.to_string(), span);
    if let Some(network) = unit.switch(SERVICE, "PrivateNetwork").filter(|switch| switch.value) {
        return (says("denied", network.span), Vec::new());
    }
    if let Some(span) = without_families(unit) {
        return (says("denied", span), Vec::new());
    }
    let denied = unit.words(SERVICE, "IPAddressDeny");
    let has = |wanted: &str| denied.iter().find(|word| word.value == wanted);
    let Some(deny) = has("any").or_else(|| has("::/0").and(has("0.0.0.0/0"))) else {
        return (says("open", header), Vec::new());
    };
    if is_of_user {
        let reason = "left to the manager of one user, which may not be allowed to filter addresses";
        return (Known::unknown(reason, deny.span), Vec::new());
    }
    let allowed = unit.words(SERVICE, "IPAddressAllow");
    if let Some(open) = allowed.iter().find(|word| word.value == "any" || is_anywhere(&word.value, &[])) {
        return (says("open", open.span), allowed);
    }
    let beyond: Vec<_> = allowed.into_iter().filter(|word| !is_local(&word.value)).collect();
    let state = if beyond.is_empty() { "denied" } else { "named" };
    (says(state, deny.span), beyond)
}

/// Where the families of sockets are cut down to those that stay on the machine. The first assignment says whether the
/// list allows or denies; later ones add to it or, with the other sign, take from it.
fn without_families(unit: &Directives) -> Option<Span> {
    let mut denies = None;
    let mut named: Vec<String> = Vec::new();
    let mut place = None;
    for value in unit.all(SERVICE, "RestrictAddressFamilies") {
        let (inverted, list) = value.value.strip_prefix('~').map_or((false, value.value.as_str()), |rest| (true, rest));
        let mode = *denies.get_or_insert(inverted);
        let list = words(&Spanned::new(list.to_string(), value.span)).into_iter().map(|word| word.value);
        if inverted == mode {
            named.extend(list);
        } else {
            let taken: Vec<String> = list.collect();
            named.retain(|name| !taken.contains(name));
        }
        place = place.or(Some(value.span));
    }
    let is_closed = match denies? {
        true => OUTWARD.iter().all(|family| named.iter().any(|name| name == family)),
        false => named.iter().all(|name| name == "none" || LOCAL.contains(&name.as_str())),
    };
    place.filter(|_| is_closed)
}

fn is_local(address: &str) -> bool {
    address == "localhost" || address == "link-local" || address.starts_with("127.") || address.starts_with("::1")
}
