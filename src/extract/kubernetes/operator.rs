//! Operators: resources that come to pods, and what each operator adds to the pods that it makes
//! (`rules/operators.yml`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::object::{Labels, Object, labels};
use super::pod::Pod;
use super::set::Set;
use super::{environment, value};
use crate::document::Node;
use crate::embedded;
use crate::extract::containers::mount::{self, Parts};
use crate::extract::containers::{RunContainer, capability, is_root, setting};
use crate::model::container::Mount;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// One row of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    group: String,
    kind: String,
    template: String,
    container: String,
    account: String,
    labels: BTreeMap<String, String>,
    defaults: Defaults,
    resources: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    user: String,
    read_only: bool,
    escalation: bool,
    drop: Vec<String>,
    syscall_filter: String,
}

static OPERATORS: LazyLock<Vec<Operator>> = LazyLock::new(|| {
    let text = embedded::text("operators.yml").expect("rules/operators.yml is embedded");
    serde_yaml::from_str(text).expect("rules/operators.yml is checked by a test")
});

/// The pod that an operator makes of a resource; nothing for resources of no operator that is known.
pub fn pod<'s, 'a>(object: &'s Object<'a>, set: &'s Set<'a>) -> Option<Pod<'s, 'a>> {
    let operator = OPERATORS.iter().find(|row| row.group == object.group && row.kind == object.kind)?;
    let spec = object.root.get("spec").filter(|spec| spec.get("image").is_some())?;
    let template = spec.get(&operator.template);
    let mut own = labels(template.and_then(|template| template.at(&["metadata", "labels"])));
    own.extend(operator.labels(object));
    let spec = template.and_then(|template| template.get("spec")).unwrap_or(spec);
    Some(Pod { object, set, spec, labels: own, operator: Some(operator) })
}

impl Operator {
    fn labels(&self, object: &Object<'_>) -> Labels {
        let name = object.name.value().cloned().unwrap_or_default();
        let place = place_of(object);
        let filled = |(key, text): (&String, &String)| (key.clone(), Known::is(text.replace("{name}", &name), place));
        self.labels.iter().map(filled).collect()
    }

    /// The account of its pods: the one that the resource names, else one that the operator makes for it.
    pub fn account(&self, object: &Object<'_>) -> Known<String> {
        match self.makes_account(object) {
            Some(place) => Known::is("one that the operator makes".into(), place),
            None => object.spec(&[&self.account]).map_or(Known::Absent, value::known),
        }
    }

    /// Where a pod stands whose account the operator makes.
    pub fn makes_account(&self, object: &Object<'_>) -> Option<Span> {
        object.spec(&[&self.account]).is_none().then(|| place_of(object))
    }

    /// The container of the server in the pod's template.
    pub fn is_server(&self, container: Node<'_>) -> bool {
        container.get("name").and_then(Node::as_str) == Some(self.container.as_str())
    }

    /// The server's container, as the resource and the operator make it of what the template says of it.
    pub fn fill<'a>(&self, run: &mut RunContainer, own: Option<Node<'a>>, pod: &Pod<'_, 'a>) {
        let Some(spec) = pod.object.root.get("spec") else { return };
        let place = place_of(pod.object);
        if own.is_none() {
            run.container.about.span = spec.get("image").map_or(place, Node::span);
        }
        run.container.about.name = pod.object.name.value().cloned().unwrap_or_default();
        pod.set_image(run, spec);
        self.defaults.apply(run, own.and_then(|own| own.get("securityContext")), place);
        let limits = spec.at(&["resources", "limits"]).filter(|_| run.container.memory_limit.is_absent());
        if let Some(limits) = limits {
            let unknown = || Known::unknown(self.resources.clone(), limits.span());
            (run.container.memory_limit, run.container.cpu_limit) = (unknown(), unknown());
        }
        run.settings.extend(environment::settings(spec, pod.object, pod.set));
        run.settings.extend(spec.get("secrets").into_iter().flat_map(Node::items).filter_map(secret));
        run.mounts.extend(spec.get("volumes").into_iter().flat_map(Node::items).filter_map(volume));
        let words = spec.get("args").into_iter().flat_map(Node::items).filter_map(value::written);
        run.command.extend(words);
        run.settle();
    }
}

impl Defaults {
    /// The operator looks at the container alone: what the pod says for all its containers does not keep it from setting
    /// its own value.
    fn apply(&self, run: &mut RunContainer, own: Option<Node<'_>>, place: Span) {
        let says = |key: &str| own.and_then(|own| own.get(key)).is_some_and(|node| !node.is_null());
        let container = &mut run.container;
        if !says("runAsUser") {
            container.user = Known::is(self.user.clone(), place);
            container.runs_as_root = is_root(&container.user);
        }
        if !says("readOnlyRootFilesystem") {
            container.read_only = Known::is(self.read_only, place);
        }
        if !says("allowPrivilegeEscalation") {
            container.privilege_escalation = Known::is(self.escalation, place);
        }
        if !says("capabilities") {
            let all = self.drop.iter().map(|name| capability(&Spanned::new(name.clone(), place)));
            (container.cap_drop, container.cap_add) = (all.collect(), Vec::new());
        }
        if !says("seccompProfile") && container.privileged.value() != Some(&true) {
            container.syscall_filter = Known::is(self.syscall_filter.clone(), place);
        }
    }
}

/// A secret of the cluster that is handed over as a variable.
fn secret(item: Node<'_>) -> Option<crate::model::definition::Setting> {
    let name = item.get("targetEnvName").or_else(|| item.get("key")).and_then(value::written)?;
    let mut found = setting::variable("environment", "kubernetes", &name, None);
    found.secret = Known::is("reference".into(), item.get("name").map_or(name.span, Node::span));
    Some(found)
}

/// A folder of the node.
fn volume(item: Node<'_>) -> Option<Mount> {
    let from = item.get("hostPath").and_then(value::written)?;
    let span = from.span;
    let parts = Parts {
        from: Some(from),
        to: item.get("mountPath").and_then(value::written),
        kind: Some("bind".into()),
        read_only: value::either(value::switch_at(item, &["readOnly"]), || Known::is(false, span)),
        ..Parts::default()
    };
    Some(mount::build(parts, span))
}

fn place_of(object: &Object<'_>) -> Span {
    object.name.span().unwrap_or(object.root.span())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        assert!(OPERATORS.iter().all(|row| !row.defaults.drop.is_empty()), "each row says what it drops");
    }
}
