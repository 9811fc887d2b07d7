//! Ways into a pod from outside of the cluster: services that leave it, ingresses, gateway routes.

use super::object::Object;
use super::pod::Pod;
use super::set::same_namespace;
use super::{selector, value};
use crate::document::Node;
use crate::extract::containers::port;
use crate::model::About;
use crate::model::container::Port;
use crate::model::known::{Known, Spanned};
use crate::model::pod::Entry;
use crate::source::Span;

mod authentication;

/// Annotations that keep a load balancer inside.
const INTERNAL: &[(&str, &str)] = &[
    ("service.beta.kubernetes.io/aws-load-balancer-internal", "true"),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", "true"),
    ("networking.gke.io/load-balancer-type", "internal"),
    ("cloud.google.com/load-balancer-type", "internal"),
    ("alb.ingress.kubernetes.io/scheme", "internal"),
];
/// Annotations that name the networks that may come in.
const RANGES: &[&str] = &[
    "nginx.ingress.kubernetes.io/whitelist-source-range",
    "nginx.ingress.kubernetes.io/allowlist-source-range",
    "alb.ingress.kubernetes.io/inbound-cidrs",
    "haproxy.org/allow-list",
];

/// The services that lead to a pod.
pub fn services<'s, 'a>(pod: &Pod<'s, 'a>) -> Vec<&'s Object<'a>> {
    let services = pod.set.of("Service").filter(|object| object.group.is_empty());
    let leads = |object: &&Object<'_>| {
        let here = same_namespace(&object.namespace, &pod.object.namespace) != Some(false);
        let chosen = object.spec(&["selector"]).and_then(|pairs| selector::pairs_select(pairs, &pod.labels));
        here && chosen == Some(true)
    };
    services.filter(leads).collect()
}

/// Ways in, and the ports that services open on nodes and balancers.
pub fn entries(pod: &Pod<'_, '_>, services: &[&Object<'_>], place: Span) -> (Vec<Entry>, Vec<Port>) {
    let mut found = Vec::new();
    let mut ports = Vec::new();
    for service in services {
        if let Some(entry) = of_service(service, pod) {
            ports.extend(published(service, &entry));
            found.push(entry);
        }
    }
    for service in services.iter().filter_map(|service| service.name.value()) {
        for kind in
            ["Ingress", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "Route", "VirtualService", "IngressRoute"]
        {
            let routes = pod.set.of(kind).filter(|object| leads_to(object, service));
            found.extend(routes.map(|object| of_route(object, pod)));
        }
    }
    found.iter_mut().for_each(|entry| entry.about.part_of = Some(place));
    (found, ports)
}

fn of_service(service: &Object<'_>, pod: &Pod<'_, '_>) -> Option<Entry> {
    let kind = service.spec(&["type"]);
    let external = service.spec(&["externalIPs"]).filter(|list| list.items().next().is_some());
    let (entry_kind, span) = match (kind.and_then(Node::as_str), external) {
        (Some("LoadBalancer"), _) => ("load-balancer", kind?.span()),
        (Some("NodePort"), _) => ("node-port", kind?.span()),
        (_, Some(list)) => ("external-ip", list.span()),
        (_, None) => return None,
    };
    let ranges = service.spec(&["loadBalancerSourceRanges"]).filter(|list| list.items().next().is_some());
    let narrowed =
        ranges.map(|list| list.items().filter_map(Node::scalar).all(|range| !super::policy::is_anywhere(&range, &[])));
    Some(Entry {
        about: About::new(service.name.value().cloned().unwrap_or_default(), span),
        entry_kind: entry_kind.into(),
        host: Known::Absent,
        tls: Known::Absent,
        authentication: authentication::of(service, pod),
        public: match narrowed {
            Some(true) => Known::is(false, ranges.map_or(span, Node::span)),
            Some(false) | None => is_public(service, span),
        },
    })
}

/// The ports of a service that other machines reach.
fn published(service: &Object<'_>, entry: &Entry) -> Vec<Port> {
    let node_port = entry.entry_kind == "node-port";
    let items = service.spec(&["ports"]).into_iter().flat_map(Node::items);
    let one = |item: Node<'_>| {
        let own = value::at(item, &["port"]);
        let published = if node_port { value::either(value::at(item, &["nodePort"]), || own.clone()) } else { own };
        let mut port = port::build(Known::Absent, published, value::at(item, &["targetPort"]), entry.about.span);
        port.all_interfaces = entry.public.clone();
        port
    };
    items.map(one).collect()
}

/// Whether a route names a service anywhere among its backends.
pub fn leads_to(object: &Object<'_>, service: &str) -> bool {
    let Some(spec) = object.root.get("spec") else { return false };
    let rules = || {
        ["rules", "routes", "http", "tcp", "tls"].into_iter().filter_map(move |key| spec.get(key)).flat_map(Node::items)
    };
    let is = |node: Option<Node<'_>>| {
        node.and_then(Node::scalar).is_some_and(|name| name.split('.').next() == Some(service))
    };
    let paths = rules()
        .filter_map(|rule| rule.at(&["http", "paths"]))
        .flat_map(Node::items)
        .filter_map(|path| path.get("backend"));
    let default = [spec.get("defaultBackend"), spec.get("backend")].into_iter().flatten();
    let by_backend =
        paths.chain(default).any(|backend| is(backend.at(&["service", "name"])) || is(backend.get("serviceName")));
    let references =
        rules().flat_map(|rule| ["backendRefs", "services"].into_iter().filter_map(move |key| rule.get(key)));
    let by_reference = references.flat_map(Node::items).any(|reference| is(reference.get("name")));
    let destinations = rules().filter_map(|rule| rule.get("route")).flat_map(Node::items);
    let by_destination = destinations.into_iter().any(|route| is(route.at(&["destination", "host"])));
    by_backend || by_reference || by_destination || is(spec.at(&["to", "name"]))
}

fn of_route(object: &Object<'_>, pod: &Pod<'_, '_>) -> Entry {
    let span = object.name.span().unwrap_or(object.root.span());
    let host = hosts(object);
    Entry {
        about: About::new(object.name.value().cloned().unwrap_or_default(), span),
        entry_kind: if object.kind == "Ingress" { "ingress" } else { "route" }.into(),
        tls: tls(object, pod, span),
        host,
        authentication: authentication::of(object, pod),
        public: is_public(object, span),
    }
}

fn hosts(object: &Object<'_>) -> Known<String> {
    let rules = object.spec(&["rules"]).into_iter().flat_map(Node::items).filter_map(|rule| rule.get("host"));
    let listed = ["hostnames", "hosts"].into_iter().filter_map(|key| object.spec(&[key])).flat_map(Node::items);
    let mut found = rules.chain(listed).chain(object.spec(&["host"])).map(value::known);
    found.next().unwrap_or_default()
}

/// Whether callers are met with TLS; for gateway routes that is a matter of the gateway's listeners.
fn tls(object: &Object<'_>, pod: &Pod<'_, '_>, span: Span) -> Known<bool> {
    if let Some(tls) = object.spec(&["tls"]).filter(|tls| !tls.is_null()) {
        let is_empty = tls.items().next().is_none() && tls.entries().next().is_none();
        return Known::is(!is_empty || tls.is_map(), tls.span());
    }
    let redirects = ["nginx.ingress.kubernetes.io/force-ssl-redirect", "alb.ingress.kubernetes.io/certificate-arn"];
    if let Some(Known::Is(set)) = redirects.iter().map(|name| object.annotation(name)).find(|known| !known.is_absent())
    {
        return Known::is(set.value != "false", set.span);
    }
    let parents = object.spec(&["parentRefs"]).into_iter().flat_map(Node::items);
    let mut gateways = parents.filter_map(|parent| parent.get("name")).filter_map(value::written);
    match gateways.next() {
        Some(name) => gateway_tls(&name, object, pod),
        None if object.kind == "Ingress" || object.kind == "Route" => Known::is(false, span),
        None => Known::unknown("ended by a gateway that is not in this tree", span),
    }
}

fn gateway_tls(name: &Spanned<String>, route: &Object<'_>, pod: &Pod<'_, '_>) -> Known<bool> {
    let gateways = pod.set.of("Gateway").filter(|object| object.name.value() == Some(&name.value));
    let mut listeners = gateways.filter_map(|object| object.spec(&["listeners"])).flat_map(Node::items).peekable();
    if listeners.peek().is_none() {
        return Known::unknown(format!("ended by the gateway `{}`, which is not in this tree", name.value), name.span);
    }
    let wanted: Vec<String> = route
        .spec(&["parentRefs"])
        .into_iter()
        .flat_map(Node::items)
        .filter_map(|parent| parent.get("sectionName")?.scalar())
        .collect();
    let used = |listener: &Node<'_>| {
        wanted.is_empty() || listener.get("name").and_then(Node::scalar).is_some_and(|own| wanted.contains(&own))
    };
    let plain = listeners.filter(used).find(|listener| {
        listener.get("protocol").and_then(Node::as_str).is_some_and(|protocol| matches!(protocol, "HTTP" | "TCP"))
    });
    plain.map_or(Known::is(true, name.span), |listener| {
        Known::is(false, listener.get("protocol").map_or(listener.span(), Node::span))
    })
}

/// Whether every network may come in, by the annotations that say otherwise.
fn is_public(object: &Object<'_>, span: Span) -> Known<bool> {
    for (name, wanted) in INTERNAL {
        let Known::Is(set) = object.annotation(name) else { continue };
        if set.value.eq_ignore_ascii_case(wanted) {
            return Known::is(false, set.span);
        }
    }
    for name in RANGES {
        if let Known::Is(set) = object.annotation(name) {
            let narrow = set.value.split(',').all(|range| !super::policy::is_anywhere(range, &[]));
            return Known::is(!narrow, set.span);
        }
    }
    Known::is(true, span)
}
