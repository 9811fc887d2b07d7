//! Network policies, evaluated: which select a pod, whether it is denied by default, and what is left to reach.
//!
//! Policies add up: the first that selects a pod for a direction closes it, and each one opens what its rules name.

mod block;
mod peer;
mod tier;
mod vendor;

use super::object::Object;
use super::pod::Pod;
use super::set::same_namespace;
use super::{selector, value};
use crate::document::Node;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

pub use block::is_anywhere;

/// What a pod can reach, or who can reach it, once all policies are added up.
#[derive(Clone, Debug)]
pub struct Reach {
    /// `open`, `named` or `denied`.
    pub state: Known<String>,
    /// What is left, in words.
    pub peers: Vec<Spanned<String>>,
    /// The policy that closes the direction, and what enforces it.
    pub closed_by: Option<Closing>,
}

/// What closes a direction.
#[derive(Clone, Debug)]
pub struct Closing {
    /// Place of the policy.
    pub span: Span,
    /// Whether it needs a network plug-in of which the kind of policy says nothing.
    pub needs_plugin: bool,
}

/// A direction of traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// What the pod reaches.
    Egress,
    /// Who reaches the pod.
    Ingress,
}

impl Direction {
    fn key(self) -> &'static str {
        match self {
            Direction::Egress => "egress",
            Direction::Ingress => "ingress",
        }
    }
}

/// One way that a rule opens.
#[derive(Clone, Debug)]
pub struct Opening {
    /// In words.
    pub peer: Spanned<String>,
    /// Whether it leads anywhere.
    pub anywhere: Known<bool>,
}

/// One policy as it bears on a pod.
struct Bearing {
    /// Whether it selects the pod; nothing where that is left open.
    selects: Option<bool>,
    span: Span,
    openings: Vec<Opening>,
    needs_plugin: bool,
}

/// Adds up every policy of the set for a pod.
pub fn evaluate(pod: &Pod<'_, '_>, direction: Direction, place: Span) -> Reach {
    if let Some(host) = host_network(pod) {
        // Policies are about pod addresses, and such a pod has none of its own.
        return Reach { state: host, peers: Vec::new(), closed_by: None };
    }
    if !pod.set.spend(1) {
        let reason = "not worked out: there are more objects here than are held against each other";
        return Reach { state: Known::unknown(reason, place), peers: Vec::new(), closed_by: None };
    }
    let plain = plain(pod, direction);
    let sum = if direction == Direction::Egress { tier::around(plain, pod) } else { plain };
    sum.reach(place)
}

/// What the policies that bear on a pod come to.
struct Sum {
    openings: Vec<Opening>,
    closed: Option<Closing>,
    /// A policy of which it cannot be said whether it is about the pod.
    maybe: Option<Span>,
}

impl Sum {
    fn reach(self, place: Span) -> Reach {
        let Some(closing) = self.closed else {
            let state = self.maybe.map_or_else(|| Known::is("open".into(), place), may_select);
            return Reach { state, peers: Vec::new(), closed_by: None };
        };
        let open = self.openings.iter().find(|opening| opening.anywhere.value() == Some(&true));
        let unknown = self.openings.iter().find_map(|opening| match &opening.anywhere {
            Known::Unknown(unknown) => Some(unknown.clone()),
            Known::Is(_) | Known::Absent => None,
        });
        let state = match (open, unknown, self.maybe) {
            (Some(opening), _, _) => Known::is("open".into(), opening.peer.span),
            (None, Some(unknown), _) => Known::Unknown(unknown),
            (None, None, Some(maybe)) => may_select(maybe),
            (None, None, None) => {
                let word = if self.openings.is_empty() { "denied" } else { "named" };
                Known::is(word.into(), closing.span)
            }
        };
        let peers = self.openings.into_iter().map(|opening| opening.peer).collect();
        Reach { state, peers, closed_by: Some(closing) }
    }
}

/// Plain policies and those of network plug-ins, which add up.
fn plain(pod: &Pod<'_, '_>, direction: Direction) -> Sum {
    let plain = pod.set.of("NetworkPolicy").filter_map(|object| bearing(object, pod, direction));
    let bearings: Vec<Bearing> =
        plain.chain(vendor::bearings(pod, direction)).filter(|bearing| bearing.selects != Some(false)).collect();
    let needs_plugin = bearings.iter().all(|bearing| bearing.needs_plugin);
    let maybe = bearings.iter().find(|bearing| bearing.selects.is_none()).map(|bearing| bearing.span);
    let closing = bearings.iter().find(|bearing| bearing.selects == Some(true)).map(|bearing| bearing.span);
    let selecting = bearings.into_iter().filter(|bearing| bearing.selects == Some(true));
    let openings = selecting.flat_map(|bearing| bearing.openings).collect();
    Sum { openings, closed: closing.map(|span| Closing { span, needs_plugin }), maybe }
}

fn may_select(span: Span) -> Known<String> {
    Known::unknown("left to this policy, whose namespace or selector cannot be held against the pod's here", span)
}

fn host_network(pod: &Pod<'_, '_>) -> Option<Known<String>> {
    match value::switch_at(pod.spec, &["hostNetwork"]) {
        Known::Is(set) if set.value => Some(Known::is("open".into(), set.span)),
        Known::Unknown(unknown) => Some(Known::Unknown(unknown)),
        Known::Is(_) | Known::Absent => None,
    }
}

/// A plain network policy, where it is about the direction.
fn bearing(object: &Object<'_>, pod: &Pod<'_, '_>, direction: Direction) -> Option<Bearing> {
    if !matches!(object.group.as_str(), "networking.k8s.io" | "extensions") {
        return None;
    }
    let spec = object.root.get("spec")?;
    let rules = spec.get(direction.key()).filter(|rules| !rules.is_null());
    if !is_about(spec, direction, rules) {
        return None;
    }
    let here = same_namespace(&object.namespace, &pod.object.namespace);
    let chosen = spec.get("podSelector").map_or(Some(true), |node| selector::selects(node, &pod.labels));
    let selects = match (here, chosen) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        (_, _) => None,
    };
    let openings =
        rules.into_iter().flat_map(Node::items).flat_map(|rule| peer::openings(rule, direction, pod)).collect();
    Some(Bearing { selects, span: place_of(object), openings, needs_plugin: true })
}

/// Without `policyTypes` a policy is about ingress always, and about egress where it has rules for it.
fn is_about(spec: Node<'_>, direction: Direction, rules: Option<Node<'_>>) -> bool {
    let Some(types) = spec.get("policyTypes").filter(|types| !types.is_null()) else {
        return direction == Direction::Ingress || rules.is_some();
    };
    types.items().filter_map(Node::as_str).any(|name| name.eq_ignore_ascii_case(direction.key()))
}

/// Where an object is shown: its name.
fn place_of(object: &Object<'_>) -> Span {
    object.root.get("metadata").and_then(|metadata| value::shown(metadata, "name")).unwrap_or(object.root.span())
}
