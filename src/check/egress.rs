//! Whether egress that is closed by default opens to more than the tools are documented to reach.

use crate::check::{Predicate, Question};
use crate::model::known::{Known, Spanned};
use crate::model::{About, Gap, GapKind, SubjectKind};
use crate::rules::Answer;

/// Every destination that a deployment of the server may reach is one that its boundary documents have.
pub const DOCUMENTED: Predicate = Predicate {
    name: "egress-is-documented",
    subjects: &[SubjectKind::Server],
    params: &[],
    holes: &["destination"],
    ask: documented,
};

/// How a destination stands to what is documented.
enum Fit {
    Documented,
    Wider,
    /// It is an address or a selector that no documented name can be held against.
    Untied,
}

fn documented(question: &Question<'_>) -> Answer {
    let facts = question.world.facts;
    let mine = |about: &About| about.server == question.asked.server;
    let deployed = facts.containers.iter().filter(|container| container.deployment && mine(&container.about));
    let closed: Vec<_> =
        deployed.filter(|container| container.egress.value().is_some_and(|egress| egress != "open")).collect();
    let Some(first) = closed.first() else {
        return Answer::NotApplicable("no deployment of the server closes egress, so nothing is opened".to_string());
    };
    let place = first.egress.span().unwrap_or(first.about.span);
    let documents = facts.boundary_documents.iter().filter(|document| mine(&document.about));
    let reach = facts.boundaries.iter().filter(|tool| mine(&tool.about)).map(|tool| &tool.network);
    let lists: Vec<&Known<Vec<Spanned<String>>>> =
        documents.map(|document| &document.systems_allowed).chain(reach).collect();
    let names: Vec<&str> =
        lists.iter().filter_map(|list| list.value()).flatten().map(|entry| entry.value.as_str()).collect();
    let destinations: Vec<&Spanned<String>> = closed.iter().flat_map(|container| &container.egress_to).collect();
    if !destinations.is_empty() && lists.is_empty() {
        let reason = "no boundary document states what the tools reach";
        return question.unknown(Gap::at(place, GapKind::Nothing, reason));
    }
    let mut untied = None;
    for destination in destinations {
        match fit(&destination.value, &names) {
            Fit::Documented => {}
            Fit::Wider => return question.fails(destination.span, &[("destination", &destination.value)], Vec::new()),
            Fit::Untied => untied = untied.or(Some(destination)),
        }
    }
    match untied {
        Some(destination) => {
            let reason = format!("`{}` cannot be tied to a documented host", destination.value);
            question.unknown(Gap::at(destination.span, GapKind::Unresolved, reason))
        }
        None => question.holds(place, &[], Vec::new()),
    }
}

fn fit(destination: &str, documented: &[&str]) -> Fit {
    let (peer, ports) = destination.split_once(" on port ").unwrap_or((destination, ""));
    let peer = peer.trim_matches('`');
    // Looking up names through the cluster's own pods is what every pod does.
    let only_names =
        !ports.is_empty() && ports.split(", ").all(|port| matches!(port, "53" | "dns" | "dns-tcp" | "domain"));
    if peer.starts_with("any address") || peer.starts_with("every pod in any namespace") || peer == "*" {
        return Fit::Wider;
    }
    if only_names && peer.starts_with("pods with") {
        return Fit::Documented;
    }
    let services = peer.split_once(" behind ").map(|(_, services)| services.split(" and ").collect::<Vec<_>>());
    let candidates = services.clone().unwrap_or_else(|| vec![peer.strip_suffix("/32").unwrap_or(peer)]);
    let is_known = candidates.iter().any(|name| documented.iter().any(|host| same(host, name)));
    let is_name = !peer.contains([' ', '/']) && peer.contains('.') && peer.chars().any(char::is_alphabetic);
    match (is_known, is_name || services.is_some()) {
        (true, _) => Fit::Documented,
        (false, true) => Fit::Wider,
        (false, false) => Fit::Untied,
    }
}

/// Whether a documented host, with or without port and cluster domain, is this one.
fn same(documented: &str, name: &str) -> bool {
    let bare = documented.rsplit_once(':').map_or(documented, |(host, _)| host);
    let service = |host: &str| {
        let host = host.strip_suffix(".svc.cluster.local").or(host.strip_suffix(".svc")).unwrap_or(host);
        host.to_ascii_lowercase()
    };
    let (bare, name) = (service(bare), service(name));
    bare == name || !bare.contains('.') && name.split('.').next() == Some(bare.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_held_against_documented_hosts() {
        let documented = ["orders-db.data:5432", "api.acme.example:443", "10.0.0.5:5432"];
        for (destination, expected) in [
            ("api.acme.example", "documented"),
            ("other.example", "wider"),
            ("10.0.0.5/32 on port 5432", "documented"),
            ("10.0.0.0/16", "untied"),
            ("any address on port 443", "wider"),
            ("any address on port 53", "wider"),
            ("every pod in any namespace", "wider"),
            ("every pod in the own namespace", "untied"),
            ("pods with k8s-app=kube-dns in any namespace on port 53", "documented"),
            ("pods with app=db in the own namespace behind orders-db.data on port 5432", "documented"),
            ("pods with app=x in the own namespace behind billing.data", "wider"),
            ("pods with app=x in the own namespace", "untied"),
        ] {
            let found = match fit(destination, &documented) {
                Fit::Documented => "documented",
                Fit::Wider => "wider",
                Fit::Untied => "untied",
            };
            assert_eq!(found, expected, "{destination}");
        }
    }
}
