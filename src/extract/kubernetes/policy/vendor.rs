//! Policies of network plug-ins, Cilium and Calico: their presence shows a plug-in that enforces policies.

use super::block::is_anywhere;
use super::peer::excepts;
use super::{Bearing, Direction, Opening, place_of};
use crate::document::Node;
use crate::extract::kubernetes::object::Object;
use crate::extract::kubernetes::pod::Pod;
use crate::extract::kubernetes::set::same_namespace;
use crate::extract::kubernetes::{selector, value};
use crate::model::known::{Known, Spanned};

/// Entities of Cilium that are everybody.
const EVERYBODY: &[&str] = &["all", "world", "world-ipv4", "world-ipv6"];

/// Every such policy of the set that is about the direction.
pub fn bearings(pod: &Pod<'_, '_>, direction: Direction) -> Vec<Bearing> {
    let mut found = Vec::new();
    for kind in ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"] {
        let policies = pod.set.of(kind).filter(|object| object.group == "cilium.io");
        found.extend(policies.flat_map(|object| cilium(object, pod, direction)));
    }
    for kind in ["NetworkPolicy", "GlobalNetworkPolicy"] {
        let policies = pod.set.of(kind).filter(|object| object.group.ends_with("projectcalico.org"));
        found.extend(policies.filter_map(|object| calico(object, pod, direction)));
    }
    found
}

fn cilium(object: &Object<'_>, pod: &Pod<'_, '_>, direction: Direction) -> Vec<Bearing> {
    let several = object.root.get("specs").into_iter().flat_map(Node::items);
    let specs = object.root.get("spec").into_iter().chain(several);
    specs.filter_map(|spec| cilium_spec(object, spec, pod, direction)).collect()
}

/// A Cilium policy closes a direction by having a section for it, unless it says otherwise.
fn cilium_spec(object: &Object<'_>, spec: Node<'_>, pod: &Pod<'_, '_>, direction: Direction) -> Option<Bearing> {
    let rules = spec.get(direction.key()).filter(|rules| !rules.is_null())?;
    let stays_open = spec.at(&["enableDefaultDeny", direction.key()]).and_then(Node::as_switch) == Some(false);
    if stays_open {
        return None;
    }
    let here = match object.kind.as_str() {
        "CiliumNetworkPolicy" => same_namespace(&object.namespace, &pod.object.namespace),
        _ => Some(true),
    };
    let chosen = spec.get("endpointSelector").map_or(Some(false), |node| selector::selects(node, &pod.labels));
    let openings = rules.items().flat_map(|rule| cilium_openings(rule, direction)).collect();
    Some(Bearing { selects: both(here, chosen), span: place_of(object), openings, needs_plugin: false })
}

/// An empty rule of Cilium opens nothing.
fn cilium_openings(rule: Node<'_>, direction: Direction) -> Vec<Opening> {
    let start = if direction == Direction::Egress { "to" } else { "from" };
    let mut found = Vec::new();
    let mut open = |text: String, anywhere: bool, node: Node<'_>| {
        let span = node.span();
        found.push(Opening { peer: Spanned::new(text, span), anywhere: Known::is(anywhere, span) });
    };
    for (key, list) in rule.entries().filter_map(|(key, list)| Some((key.as_str()?.strip_prefix(start)?, list))) {
        for item in list.items() {
            let text = item
                .scalar()
                .or_else(|| item.get("matchName")?.scalar())
                .or_else(|| item.get("matchPattern")?.scalar());
            match (key, text) {
                ("Entities", Some(name)) => open(format!("`{name}`"), EVERYBODY.contains(&name.as_str()), item),
                ("FQDNs", Some(name)) => open(name.clone(), matches!(name.as_str(), "*" | "**"), item),
                ("CIDR", Some(cidr)) => open(cidr.clone(), is_anywhere(&cidr, &[]), item),
                ("CIDRSet", _) => {
                    let cidr = item.get("cidr").and_then(Node::scalar).unwrap_or_default();
                    open(cidr.clone(), is_anywhere(&cidr, &excepts(item)), item);
                }
                ("Endpoints", _) => open(format!("pods with {}", selector::words(item)), false, item),
                ("Services", _) => open("a service".into(), false, item),
                (_, _) => {}
            }
        }
    }
    let only_ports = found.is_empty() && rule.get("toPorts").is_some_and(|ports| ports.items().next().is_some());
    if only_ports {
        let span = rule.span();
        found.push(Opening { peer: Spanned::new("any address".into(), span), anywhere: Known::is(true, span) });
    }
    found
}

fn calico(object: &Object<'_>, pod: &Pod<'_, '_>, direction: Direction) -> Option<Bearing> {
    let spec = object.root.get("spec")?;
    let rules = spec.get(direction.key()).filter(|rules| !rules.is_null());
    let types: Vec<&str> = spec.get("types").into_iter().flat_map(Node::items).filter_map(Node::as_str).collect();
    let is_about = if types.is_empty() {
        rules.is_some() || (direction == Direction::Ingress && spec.get("egress").is_none())
    } else {
        types.iter().any(|name| name.eq_ignore_ascii_case(direction.key()))
    };
    if !is_about {
        return None;
    }
    let here = match object.kind.as_str() {
        "NetworkPolicy" => same_namespace(&object.namespace, &pod.object.namespace),
        _ => Some(true).filter(|_| spec.get("namespaceSelector").is_none()),
    };
    let chosen = spec.get("selector").and_then(Node::as_str).map_or(Some(true), |text| expression(text, pod));
    let openings = rules.into_iter().flat_map(Node::items).filter_map(calico_opening).collect();
    Some(Bearing { selects: both(here, chosen), span: place_of(object), openings, needs_plugin: false })
}

/// What an allowing rule of Calico opens; denials before it are not counted in its favour.
fn calico_opening(rule: Node<'_>) -> Option<Opening> {
    let action = rule.get("action").and_then(Node::as_str)?;
    if !matches!(action, "Allow" | "Pass") {
        return None;
    }
    let span = rule.span();
    let destination = rule.get("destination");
    let listed = |key: &str| -> Vec<String> {
        destination.and_then(|to| to.get(key)).into_iter().flat_map(Node::items).filter_map(Node::scalar).collect()
    };
    let (nets, domains) = (listed("nets"), listed("domains"));
    let selected = destination.is_some_and(|to| to.get("selector").is_some() || to.get("namespaceSelector").is_some());
    let anywhere = nets.iter().any(|net| is_anywhere(net, &[])) || nets.is_empty() && domains.is_empty() && !selected;
    let words: Vec<String> = nets.into_iter().chain(domains).collect();
    let text = if words.is_empty() { "what a selector names".to_string() } else { words.join(", ") };
    Some(Opening { peer: Spanned::new(text, span), anywhere: Known::is(anywhere, span) })
}

/// Calico's selectors as far as they are equations joined by `&&`.
fn expression(text: &str, pod: &Pod<'_, '_>) -> Option<bool> {
    let mut open = false;
    for part in text.split("&&").map(str::trim) {
        match term(part, pod) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => open = true,
        }
    }
    (!open).then_some(true)
}

fn term(text: &str, pod: &Pod<'_, '_>) -> Option<bool> {
    if matches!(text, "all()" | "") {
        return Some(true);
    }
    if let Some(name) = text.strip_prefix("has(").and_then(|rest| rest.strip_suffix(')')) {
        return Some(pod.labels.contains_key(name.trim()));
    }
    let (key, wanted) = text.split_once("==")?;
    let wanted = wanted.trim().trim_matches(['\'', '"']);
    if wanted.contains(['(', '|', ' ']) {
        return None;
    }
    match pod.labels.get(key.trim()) {
        None => Some(false),
        Some(label) => Some(value::of_text(label.value()?, pod.spec.span()).value()? == wanted),
    }
}

fn both(here: Option<bool>, chosen: Option<bool>) -> Option<bool> {
    match (here, chosen) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        (_, _) => None,
    }
}
