//! Policies of whole clusters: those of administrators stand above plain policies, baselines below them.
//!
//! Unlike plain policies they are ordered: by priority, then as they are written, and the first rule that is about a
//! peer settles it. `AdminNetworkPolicy`, `BaselineAdminNetworkPolicy` and `ClusterNetworkPolicy` of
//! `policy.networking.k8s.io`.

use super::peer::Ports;
use super::{Closing, Opening, Sum, block, place_of};
use crate::document::Node;
use crate::extract::kubernetes::object::{self, Object};
use crate::extract::kubernetes::pod::Pod;
use crate::extract::kubernetes::{selector, value};
use crate::model::known::{Known, Spanned};
use crate::source::Span;

const GROUP: &str = "policy.networking.k8s.io";
/// Label that every namespace has.
const NAME: &str = "kubernetes.io/metadata.name";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    Admin,
    Baseline,
}

/// What a tier settles of a pod's egress.
#[derive(Default)]
struct Settled {
    /// What its rules allow.
    allowed: Vec<Opening>,
    /// What its rules leave to the tiers below.
    passed: Vec<Opening>,
    /// The policy and rule that deny whatever is left.
    denied: Option<Span>,
    /// Whether a rule allows whatever is left.
    is_open: bool,
    /// A policy of which it cannot be said whether it is about the pod.
    maybe: Option<Span>,
}

/// What the plain policies come to once those above and below them are counted.
pub fn around(plain: Sum, pod: &Pod<'_, '_>) -> Sum {
    let above = settle(Tier::Admin, pod);
    let closing = |span: Span| Some(Closing { span, needs_plugin: true });
    if above.is_open {
        return Sum {
            openings: above.allowed,
            closed: Some(Closing { span: pod.spec.span(), needs_plugin: false }),
            maybe: above.maybe,
        };
    }
    if let Some(span) = above.denied {
        let leads_on = above.passed.iter().any(|opening| opening.anywhere.value() != Some(&false));
        let through = if plain.closed.is_some() && leads_on { plain.openings } else { above.passed };
        let openings = above.allowed.into_iter().chain(through).collect();
        return Sum { openings, closed: closing(span), maybe: above.maybe };
    }
    let maybe = above.maybe.or(plain.maybe);
    if plain.closed.is_some() {
        let openings = plain.openings.into_iter().chain(above.allowed).collect();
        return Sum { openings, maybe, ..plain };
    }
    let below = settle(Tier::Baseline, pod);
    let closed = below.denied.filter(|_| !below.is_open).and_then(closing);
    let openings = above.allowed.into_iter().chain(below.allowed).collect();
    Sum { openings, closed, maybe: maybe.or(below.maybe) }
}

fn settle(tier: Tier, pod: &Pod<'_, '_>) -> Settled {
    let mut settled = Settled::default();
    for policy in policies(tier, pod) {
        let Some(subject) = policy.spec(&["subject"]) else { continue };
        match is_about(subject, pod) {
            Some(false) => continue,
            None => {
                settled.maybe = settled.maybe.or(Some(place_of(policy)));
                continue;
            }
            Some(true) => {}
        }
        for rule in policy.spec(&["egress"]).into_iter().flat_map(Node::items) {
            if apply(rule, place_of(policy), &mut settled) {
                return settled;
            }
        }
    }
    settled
}

/// Takes one rule; says whether it settles everything that is left.
fn apply(rule: Node<'_>, place: Span, settled: &mut Settled) -> bool {
    let (openings, is_all) = openings(rule);
    match rule.get("action").and_then(Node::as_str) {
        Some("Allow" | "Accept") => {
            settled.allowed.extend(openings);
            settled.is_open = is_all;
        }
        Some("Deny") => settled.denied = is_all.then_some(place),
        Some("Pass") => settled.passed.extend(openings),
        _ => return false,
    }
    is_all
}

/// The policies of a tier, the first to be asked first.
fn policies<'s, 'a>(tier: Tier, pod: &Pod<'s, 'a>) -> Vec<&'s Object<'a>> {
    let own = match tier {
        Tier::Admin => "AdminNetworkPolicy",
        Tier::Baseline => "BaselineAdminNetworkPolicy",
    };
    let of_cluster = pod.set.of("ClusterNetworkPolicy").filter(|object| {
        let said = object.spec(&["tier"]).and_then(Node::as_str);
        said.is_some_and(|said| (said == "Baseline") == (tier == Tier::Baseline))
    });
    let mut found: Vec<&Object<'a>> =
        pod.set.of(own).chain(of_cluster).filter(|object| object.group == GROUP).collect();
    found.sort_by_key(|object| priority(object));
    found
}

fn priority(policy: &Object<'_>) -> i64 {
    policy.spec(&["priority"]).and_then(Node::scalar).and_then(|text| text.parse().ok()).unwrap_or(i64::MAX)
}

/// Whether a policy is about a pod: by its namespace, or by its namespace and labels.
fn is_about(subject: Node<'_>, pod: &Pod<'_, '_>) -> Option<bool> {
    if let Some(namespaces) = subject.get("namespaces") {
        return is_in(namespaces, pod);
    }
    let pods = subject.get("pods")?;
    let here = pods.get("namespaceSelector").map_or(Some(true), |namespaces| is_in(namespaces, pod));
    let chosen = pods.get("podSelector").map_or(Some(true), |node| selector::selects(node, &pod.labels));
    match (here, chosen) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        (_, _) => None,
    }
}

/// Whether the pod's namespace is one of those that a selector means; without the namespace itself, its name alone is
/// known of its labels.
fn is_in(namespaces: Node<'_>, pod: &Pod<'_, '_>) -> Option<bool> {
    if selector::is_empty(namespaces) {
        return Some(true);
    }
    let Known::Is(name) = &pod.object.namespace else { return None };
    let object = pod.set.of("Namespace").find(|object| object.name.value() == Some(&name.value));
    let mut labels: object::Labels = object.map(Object::labels).unwrap_or_default();
    labels.insert(NAME.to_string(), Known::Is(name.clone()));
    let pairs = namespaces.get("matchLabels").into_iter().flat_map(Node::entries);
    let keys = pairs.filter_map(|(key, _)| key.scalar());
    let expressions = namespaces.get("matchExpressions").into_iter().flat_map(Node::items);
    let mut keys = keys.chain(expressions.filter_map(|expression| expression.get("key")?.scalar()));
    let is_known = object.is_some() || keys.all(|key| key == NAME);
    selector::selects(namespaces, &labels).filter(|_| is_known)
}

/// What a rule is about, and whether that is everything.
fn openings(rule: Node<'_>) -> (Vec<Opening>, bool) {
    let ports = ports(rule);
    let mut found = Vec::new();
    let mut networks: Vec<String> = Vec::new();
    for peer in rule.get("to").into_iter().flat_map(Node::items) {
        for network in peer.get("networks").into_iter().flat_map(Node::items).filter_map(value::written) {
            let anywhere = block::is_anywhere(&network.value, &[]);
            found.push(opening(&network.value, anywhere, &ports, network.span));
            networks.push(network.value);
        }
        for name in peer.get("domainNames").into_iter().flat_map(Node::items).filter_map(value::written) {
            found.push(opening(&name.value, name.value == "*", &ports, name.span));
        }
        found.extend(words(peer).map(|text| opening(&text, false, &ports, peer.span())));
    }
    let is_all = ports.words.is_empty() && block::is_everything(&networks);
    (found, is_all)
}

fn opening(text: &str, anywhere: bool, ports: &Ports, span: Span) -> Opening {
    let peer = Spanned::new(format!("{text}{}", ports.words), span);
    Opening { peer, anywhere: Known::is(anywhere && !ports.only_names, span) }
}

/// Pods, namespaces and nodes of the cluster that a peer names.
fn words(peer: Node<'_>) -> Option<String> {
    let place = |namespaces: Option<Node<'_>>| match namespaces {
        Some(namespaces) if !selector::is_empty(namespaces) => {
            format!("namespaces with {}", selector::words(namespaces))
        }
        _ => "any namespace".to_string(),
    };
    if let Some(namespaces) = peer.get("namespaces") {
        return Some(format!("every pod in {}", place(Some(namespaces))));
    }
    if let Some(pods) = peer.get("pods") {
        let place = place(pods.get("namespaceSelector"));
        return Some(match pods.get("podSelector").filter(|chosen| !selector::is_empty(*chosen)) {
            Some(chosen) => format!("pods with {} in {place}", selector::words(chosen)),
            None => format!("every pod in {place}"),
        });
    }
    peer.get("nodes").map(|_| "the nodes of the cluster".to_string())
}

/// Ports as each version of these policies writes them.
fn ports(rule: Node<'_>) -> Ports {
    let range = |node: Node<'_>| {
        let part = |key: &str| node.get(key).and_then(Node::scalar);
        Some(format!("{}-{}", part("start")?, part("end")?))
    };
    let one = |item: Node<'_>| {
        item.at(&["portNumber", "port"])
            .or_else(|| item.get("namedPort"))
            .and_then(Node::scalar)
            .or_else(|| range(item.get("portRange")?))
            .unwrap_or_else(|| "any".into())
    };
    let of_protocol = |item: Node<'_>| {
        let named = item.get("destinationNamedPort").and_then(Node::scalar);
        let port = item.entries().find_map(|(_, protocol)| protocol.get("destinationPort"));
        let port =
            port.and_then(|port| port.get("number").and_then(Node::scalar).or_else(|| range(port.get("range")?)));
        named.or(port).unwrap_or_else(|| "any".into())
    };
    let listed = rule.get("ports").into_iter().flat_map(Node::items).map(one);
    Ports::of(listed.chain(rule.get("protocols").into_iter().flat_map(Node::items).map(of_protocol)).collect())
}
