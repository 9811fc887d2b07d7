//! Rules of network policies: whom each names, and whether that is anyone.

use super::{Direction, Opening};
use crate::document::Node;
use crate::extract::kubernetes::object::{self, Object};
use crate::extract::kubernetes::pod::Pod;
use crate::extract::kubernetes::set::same_namespace;
use crate::extract::kubernetes::{entry, selector, value};
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Shortest prefix that still names something; a shorter one is a good part of the internet.
const NAMED_PREFIX: u32 = 8;

/// The ways that one rule opens; a rule without peers opens to everybody, on the ports that it names.
pub fn openings(rule: Node<'_>, direction: Direction, pod: &Pod<'_, '_>) -> Vec<Opening> {
    let ports = ports(rule.get("ports").filter(|ports| !ports.is_null()));
    let key = if direction == Direction::Egress { "to" } else { "from" };
    let peers: Vec<Node<'_>> = rule.get(key).into_iter().flat_map(Node::items).collect();
    if peers.is_empty() {
        return vec![everybody(&ports, rule.span())];
    }
    peers.into_iter().map(|node| one(node, &ports, pod)).collect()
}

/// Name look-ups alone lead nowhere else; any other port of everybody does.
fn everybody(ports: &Ports, span: Span) -> Opening {
    let text = format!("any address{}", ports.words);
    Opening { peer: Spanned::new(text, span), anywhere: Known::is(!ports.only_names, span) }
}

fn one(node: Node<'_>, ports: &Ports, pod: &Pod<'_, '_>) -> Opening {
    let span = node.span();
    let opening = |text: String, anywhere: bool| Opening {
        peer: Spanned::new(format!("{text}{}", ports.words), span),
        anywhere: Known::is(anywhere && !ports.only_names, span),
    };
    if let Some(block) = node.get("ipBlock") {
        return match value::at(block, &["cidr"]) {
            Known::Is(cidr) => Opening {
                peer: Spanned::new(format!("{}{}", cidr.value, ports.words), cidr.span),
                anywhere: Known::is(is_anywhere(&cidr.value) && !ports.only_names, cidr.span),
            },
            Known::Unknown(unknown) => Opening {
                peer: Spanned::new("an address block that is left open".into(), span),
                anywhere: Known::Unknown(unknown),
            },
            Known::Absent => opening("nothing".into(), false),
        };
    }
    let (namespaces, pods) = (node.get("namespaceSelector"), node.get("podSelector"));
    let place = match namespaces {
        Some(namespaces) if selector::is_empty(namespaces) => "any namespace".to_string(),
        Some(namespaces) => format!("namespaces with {}", selector::words(namespaces)),
        None => "the own namespace".to_string(),
    };
    match (namespaces, pods) {
        (None, None) => everybody(ports, span),
        (_, Some(pods)) if !selector::is_empty(pods) => {
            let behind = services(pods, namespaces.is_none(), pod);
            opening(format!("pods with {} in {place}{behind}", selector::words(pods)), false)
        }
        (_, _) => opening(format!("every pod in {place}"), false),
    }
}

/// Services of the set that lead to the pods that a peer names, in words.
fn services(pods: Node<'_>, is_own: bool, pod: &Pod<'_, '_>) -> String {
    let chosen = |object: &&Object<'_>| {
        let near = !is_own || same_namespace(&object.namespace, &pod.object.namespace) == Some(true);
        let labels = object.pod().map(|(_, map)| object::labels(map));
        near && labels.is_some_and(|labels| selector::selects(pods, &labels) == Some(true))
    };
    let mut names: Vec<String> = Vec::new();
    if !pod.set.spend(pod.set.own.len() + pod.set.shared.len()) {
        return String::new();
    }
    for workload in pod.set.own.iter().chain(&pod.set.shared).filter(chosen).take(8) {
        let Some(found) = Pod::of(workload, pod.set) else { continue };
        for service in entry::services(&found) {
            let Some(name) = service.name.value() else { continue };
            names.push(service.namespace.value().map_or(name.clone(), |namespace| format!("{name}.{namespace}")));
        }
    }
    names.sort();
    names.dedup();
    if names.is_empty() { String::new() } else { format!(" behind {}", names.join(" and ")) }
}

/// Whether an address block is a good part of all addresses.
pub fn is_anywhere(cidr: &str) -> bool {
    let (address, prefix) = cidr.trim().split_once('/').unwrap_or((cidr, ""));
    let shortest = if address.contains(':') { 2 * NAMED_PREFIX } else { NAMED_PREFIX };
    prefix.trim().parse::<u32>().is_ok_and(|prefix| prefix < shortest)
}

/// Ports of a rule.
struct Ports {
    /// In words, with what joins them to a peer.
    words: String,
    /// Whether they serve name look-ups alone.
    only_names: bool,
}

fn ports(list: Option<Node<'_>>) -> Ports {
    let named = |item: Node<'_>| {
        let port = item.get("port").and_then(Node::scalar)?;
        let end = item.get("endPort").and_then(Node::scalar);
        Some(end.map_or(port.clone(), |end| format!("{port}-{end}")))
    };
    let items: Vec<Option<String>> = list.into_iter().flat_map(Node::items).map(named).collect();
    if items.is_empty() {
        return Ports { words: String::new(), only_names: false };
    }
    let only_names = items.iter().all(|port| matches!(port.as_deref(), Some("53" | "dns" | "dns-tcp" | "domain")));
    let mut words: Vec<String> = items.into_iter().map(|port| port.unwrap_or_else(|| "any".into())).collect();
    words.dedup();
    Ports { words: format!(" on port {}", words.join(", ")), only_names }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_most_addresses_is_anywhere() {
        for (cidr, expected) in [
            ("0.0.0.0/0", true),
            ("128.0.0.0/1", true),
            ("::/0", true),
            ("2000::/3", true),
            ("10.0.0.0/8", false),
            ("10.1.2.3/32", false),
            ("fd00::/16", false),
            ("10.1.2.3", false),
            ("x/y", false),
        ] {
            assert_eq!(is_anywhere(cidr), expected, "{cidr}");
        }
    }
}
