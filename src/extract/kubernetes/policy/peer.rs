//! Rules of network policies: whom each names, and whether that is anyone.

use super::block::is_anywhere;
use super::{Direction, Opening};
use crate::document::Node;
use crate::extract::kubernetes::object::{self, Object};
use crate::extract::kubernetes::pod::Pod;
use crate::extract::kubernetes::set::same_namespace;
use crate::extract::kubernetes::{entry, selector, value};
use crate::model::known::{Known, Spanned};
use crate::source::Span;

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
                peer: Spanned::new(format!("{}{}{}", cidr.value, excepted(block), ports.words), cidr.span),
                anywhere: Known::is(is_anywhere(&cidr.value, &excepts(block)) && !ports.only_names, cidr.span),
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

/// Blocks that a block leaves out; one that is left open leaves nothing out.
pub fn excepts(block: Node<'_>) -> Vec<String> {
    block.get("except").into_iter().flat_map(Node::items).filter_map(Node::scalar).collect()
}

fn excepted(block: Node<'_>) -> String {
    let all = excepts(block);
    if all.is_empty() { String::new() } else { format!(" except {}", all.join(", ")) }
}

/// Ports of a rule.
pub struct Ports {
    /// In words, with what joins them to a peer; empty where every port is meant.
    pub words: String,
    /// Whether they serve name look-ups alone.
    pub only_names: bool,
}

impl Ports {
    /// Of these, as written.
    pub fn of(mut words: Vec<String>) -> Self {
        if words.is_empty() {
            return Self { words: String::new(), only_names: false };
        }
        let only_names = words.iter().all(|port| matches!(port.as_str(), "53" | "dns" | "dns-tcp" | "domain"));
        words.dedup();
        Self { words: format!(" on port {}", words.join(", ")), only_names }
    }
}

fn ports(list: Option<Node<'_>>) -> Ports {
    let named = |item: Node<'_>| {
        let port = item.get("port").and_then(Node::scalar)?;
        let end = item.get("endPort").and_then(Node::scalar);
        Some(end.map_or(port.clone(), |end| format!("{port}-{end}")))
    };
    let items = list.into_iter().flat_map(Node::items);
    Ports::of(items.map(|item| named(item).unwrap_or_else(|| "any".into())).collect())
}
