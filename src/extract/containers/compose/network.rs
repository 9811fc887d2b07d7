//! By which networks a compose service can leave; the widest decides.

use super::service::names_of;
use super::tree::Tree;
use crate::extract::containers::run::wider;
use crate::extract::containers::{RunContainer, interpolate, switch};
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Services that may share each other's network in a row.
const SHARED: usize = 16;

/// Sets what a service can reach.
pub fn set_egress(run: &mut RunContainer, project: &Tree, service: &Tree) {
    let (egress, networks) = egress_of(project, service, run.container.about.span, SHARED);
    let mode = service.at(&["network_mode"]).and_then(Tree::text).filter(|mode| mode.value == "host");
    if let Some(mode) = mode {
        run.container.host_namespaces.push(Spanned::new("network".into(), mode.span));
    }
    run.container.egress = egress;
    run.container.networks = networks;
}

fn egress_of(project: &Tree, service: &Tree, place: Span, depth: usize) -> (Known<String>, Vec<Spanned<String>>) {
    if let Some(mode) = service.at(&["network_mode"]).and_then(Tree::text) {
        return (egress_of_mode(project, &mode, depth), vec![mode]);
    }
    let mut networks = names_of(service, "networks", "name");
    let keys = service.at(&["networks"]).map(Tree::entries).unwrap_or_default();
    networks.extend(keys.iter().map(|entry| entry.key.clone()));
    if networks.is_empty() {
        return (egress_of_network(project, "default", place), networks);
    }
    let each = networks.iter().map(|network| egress_of_network(project, &network.value, network.span));
    (each.fold(Known::Absent, wider), networks)
}

fn egress_of_mode(project: &Tree, mode: &Spanned<String>, depth: usize) -> Known<String> {
    let unknown = |reason: String| Known::unknown(reason, mode.span);
    match interpolate::resolve(&mode.value).as_deref() {
        Ok("none") => Known::is("denied".into(), mode.span),
        Ok("host" | "bridge" | "default") => Known::is("open".into(), mode.span),
        Ok(shared) => {
            let other = shared.strip_prefix("service:").filter(|_| depth > 0);
            match other.and_then(|name| project.at(&["services", name])) {
                Some(service) => egress_of(project, service, service.span, depth - 1).0,
                None => unknown(format!("shares the network of `{shared}`, which is not in this file")),
            }
        }
        Err(reason) => unknown(reason.clone()),
    }
}

fn egress_of_network(project: &Tree, name: &str, place: Span) -> Known<String> {
    let networks = project.get("networks");
    let found = networks.and_then(|all| Some((all.key(name)?, all.get(name)?)));
    let Some((key, network)) = found else {
        return match name {
            "default" => Known::is("open".into(), place),
            _ => Known::unknown(format!("network `{name}` is not defined in this file"), place),
        };
    };
    let flag = |name: &str| {
        let node = network.at(&[name])?;
        Some(node.text().map_or(Known::is(true, node.span), |text| switch(&text.value, text.span)))
    };
    let is_external = flag("external").is_some_and(|external| external.value() != Some(&false));
    let driver = network.at(&["driver"]).and_then(Tree::text).map_or("bridge".to_string(), |driver| driver.value);
    match (flag("internal"), driver.as_str()) {
        _ if is_external => Known::unknown(format!("network `{name}` is defined outside of this file"), key),
        (_, "none") => Known::is("denied".into(), key),
        (Some(Known::Is(internal)), "bridge" | "overlay") if internal.value => {
            Known::is("denied".into(), internal.span)
        }
        (Some(Known::Unknown(unknown)), _) => Known::Unknown(unknown),
        (_, _) => Known::is("open".into(), key),
    }
}
