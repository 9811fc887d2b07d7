//! Service accounts of pods: whether the token is mounted, who else runs under the account, and what it may do.

use super::object::Object;
use super::pod::Pod;
use super::set::{Set, same_namespace};
use super::{selector, value};
use crate::document::Node;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Roles that every cluster has and that give much.
const WIDE_ROLES: &[&str] = &["cluster-admin", "admin", "edit", "system:masters"];
/// Roles that every cluster has and that give little.
const NARROW_ROLES: &[&str] = &["view", "system:auth-delegator", "system:discovery", "system:basic-user"];

/// The account that a pod runs under.
pub struct Account<'p, 's, 'a> {
    pod: &'p Pod<'s, 'a>,
    name: Known<String>,
}

impl<'p, 's, 'a> Account<'p, 's, 'a> {
    /// The account of a pod; `default` where it names none.
    pub fn of(pod: &'p Pod<'s, 'a>) -> Self {
        let of_operator = pod.operator.map(|operator| operator.account(pod.object));
        Self { pod, name: of_operator.unwrap_or_else(|| named(pod.spec)) }
    }

    /// Its name as the pod gives it.
    pub fn name(&self) -> Known<String> {
        self.name.clone()
    }

    fn object(&self) -> Option<&'s Object<'a>> {
        let name = self.name.value().map_or("default", String::as_str);
        self.pod.set.find("ServiceAccount", name, self.pod.object)
    }

    /// Whether the API's token is mounted: the pod decides, then the account, then Kubernetes, which does.
    pub fn token_mounted(&self, place: Span) -> Known<bool> {
        if let Some(projected) = projected_token(self.pod.spec) {
            return Known::is(true, projected);
        }
        let own = value::switch_at(self.pod.spec, &["automountServiceAccountToken"]);
        if let Some(made) = self.pod.operator.and_then(|operator| operator.makes_account(self.pod.object)) {
            return value::either(own, || Known::is(true, made));
        }
        let account = || {
            self.object()
                .map_or(Known::Absent, |object| value::switch_at(object.root, &["automountServiceAccountToken"]))
        };
        match value::either(own, account) {
            Known::Absent => self.default_mount(place),
            said => said,
        }
    }

    fn default_mount(&self, place: Span) -> Known<bool> {
        let place = self.name.span().unwrap_or(place);
        match &self.name {
            Known::Is(name) if name.value != "default" && self.object().is_none() => Known::unknown(
                format!("left to the service account `{}`, which is not in this tree", name.value),
                place,
            ),
            Known::Unknown(unknown) => Known::Unknown(unknown.clone()),
            Known::Is(_) | Known::Absent => Known::is(true, place),
        }
    }

    /// Other workloads of the set that run under the same account.
    pub fn shared_with(&self) -> Vec<Spanned<String>> {
        if self.pod.operator.is_some_and(|operator| operator.makes_account(self.pod.object).is_some()) {
            return Vec::new();
        }
        let name = |known: &Known<String>| known.value().cloned().unwrap_or_else(|| "default".into());
        if matches!(self.name, Known::Unknown(_)) {
            return Vec::new();
        }
        if !self.pod.set.spend(self.pod.set.own.len()) {
            return Vec::new();
        }
        let mine = name(&self.name);
        let others = self.pod.set.own.iter().chain(&self.pod.set.shared).filter(|object| {
            let is_self = object.root.span() == self.pod.object.root.span();
            !is_self && same_namespace(&object.namespace, &self.pod.object.namespace) == Some(true)
        });
        let sharing = others.filter_map(|object| {
            let (spec, _) = object.pod()?;
            let theirs = named(spec);
            let same = !matches!(theirs, Known::Unknown(_)) && name(&theirs) == mine;
            let place = theirs.span().or(object.name.span()).unwrap_or(object.root.span());
            same.then(|| Spanned::new(object.name.value().cloned().unwrap_or_default(), place))
        });
        sharing.take(8).collect()
    }

    /// What it may do that no tool should, in words; unknown where a role that it is bound to is not in the tree.
    pub fn wide_rights(&self) -> Known<String> {
        if !self.pod.set.spend(1) {
            let reason = "not worked out: there are more objects here than are held against each other";
            return Known::unknown(reason, self.pod.spec.span());
        }
        let bindings = self.pod.set.of("RoleBinding").chain(self.pod.set.of("ClusterRoleBinding"));
        let mut open = Known::Absent;
        for binding in bindings.filter(|binding| self.is_bound(binding)) {
            match rights(binding, self.pod.set) {
                Known::Is(wide) => return Known::Is(wide),
                Known::Unknown(unknown) => open = Known::Unknown(unknown),
                Known::Absent => {}
            }
        }
        open
    }

    fn is_bound(&self, binding: &Object<'_>) -> bool {
        let name = self.name.value().map_or("default", String::as_str);
        let subjects = binding.root.get("subjects").into_iter().flat_map(Node::items);
        let mut subjects = subjects.map(|subject| {
            let text = |key: &str| subject.get(key).and_then(Node::scalar).unwrap_or_default();
            (text("kind"), text("name"), subject.get("namespace").map_or(Known::Absent, value::known))
        });
        subjects.any(|(kind, subject, namespace)| match kind.as_str() {
            "ServiceAccount" => {
                let namespace = value::either(namespace, || binding.namespace.clone());
                // A namespace that only one of them names may be the same one.
                subject == name && same_namespace(&namespace, &self.pod.object.namespace) != Some(false)
            }
            "Group" => is_group_of_all(&subject, self.pod.object.namespace.value()),
            "User" => subject.strip_prefix("system:serviceaccount:").is_some_and(|rest| {
                let (namespace, own) = rest.split_once(':').unwrap_or(("", rest));
                own == name && self.pod.object.namespace.value().is_none_or(|here| here == namespace)
            }),
            _ => false,
        })
    }
}

/// Whether a group holds every account of a namespace.
fn is_group_of_all(group: &str, namespace: Option<&String>) -> bool {
    let of_namespace = group.strip_prefix("system:serviceaccounts:");
    matches!(group, "system:serviceaccounts" | "system:authenticated")
        || of_namespace.is_some_and(|name| namespace.is_none_or(|here| here == name))
}

fn named(spec: Node<'_>) -> Known<String> {
    value::either(value::at(spec, &["serviceAccountName"]), || value::at(spec, &["serviceAccount"]))
}

/// A token volume without an audience of its own is the API's token again.
fn projected_token(spec: Node<'_>) -> Option<Span> {
    let volumes = spec.get("volumes").into_iter().flat_map(Node::items);
    let sources = volumes.filter_map(|volume| volume.at(&["projected", "sources"])).flat_map(Node::items);
    let mut tokens = sources.filter_map(|source| source.get("serviceAccountToken"));
    tokens.find(|token| token.get("audience").is_none()).map(Node::span)
}

/// The widest right that a binding gives.
fn rights(binding: &Object<'_>, set: &Set<'_>) -> Known<String> {
    let Some(role) = binding.root.get("roleRef") else { return Known::Absent };
    let (kind, name) = (value::at(role, &["kind"]), value::at(role, &["name"]));
    let (Known::Is(kind), Known::Is(name)) = (kind, name) else { return Known::Absent };
    if WIDE_ROLES.contains(&name.value.as_str()) {
        return Known::is(format!("everything that `{}` may", name.value), name.span);
    }
    let found = match kind.value.as_str() {
        "ClusterRole" => set.of("ClusterRole").find(|object| object.name.value() == Some(&name.value)),
        _ => set.find("Role", &name.value, binding),
    };
    match found {
        Some(role) if role.root.get("aggregationRule").is_some() => aggregated(role, set),
        Some(role) => rules(role),
        None if NARROW_ROLES.contains(&name.value.as_str()) => Known::Absent,
        None => Known::unknown(format!("given by the role `{}`, which is not in this tree", name.value), name.span),
    }
}

fn rules(role: &Object<'_>) -> Known<String> {
    role.root.get("rules").into_iter().flat_map(Node::items).find_map(wide).unwrap_or_default()
}

/// The widest right of the roles that one adds up by their labels; the cluster may have more of them.
fn aggregated(role: &Object<'_>, set: &Set<'_>) -> Known<String> {
    let selectors = role.root.at(&["aggregationRule", "clusterRoleSelectors"]);
    let selectors: Vec<Node<'_>> = selectors.into_iter().flat_map(Node::items).collect();
    let is_added = |other: &&Object<'_>| {
        selectors.iter().any(|selector| selector::selects(*selector, &other.labels()) == Some(true))
    };
    let wide = set.of("ClusterRole").filter(is_added).map(rules).find(|rights| !rights.is_absent());
    let place = role.root.get("aggregationRule").map_or(role.root.span(), Node::span);
    wide.unwrap_or_else(|| Known::unknown("those of every role of the cluster with certain labels", place))
}

/// What makes a rule wide, if anything does.
fn wide(rule: Node<'_>) -> Option<Known<String>> {
    let listed = |key: &str| -> Vec<String> {
        rule.get(key).into_iter().flat_map(Node::items).filter_map(Node::scalar).collect()
    };
    let (verbs, resources) = (listed("verbs"), listed("resources"));
    let may = |wanted: &[&str]| verbs.iter().any(|verb| verb == "*" || wanted.contains(&verb.as_str()));
    let on = |wanted: &[&str]| resources.iter().any(|name| name == "*" || wanted.contains(&name.as_str()));
    let text = if verbs.iter().any(|verb| verb == "*") && resources.iter().any(|name| name == "*") {
        "everything on every resource"
    } else if resources.iter().any(|name| name == "*") {
        "every resource"
    } else if on(&["secrets"]) && may(&["get", "list", "watch"]) && rule.get("resourceNames").is_none() {
        "reading every Secret"
    } else if on(&["pods/exec", "pods/attach", "nodes/proxy"]) && may(&["create", "get"]) {
        "running commands in other pods"
    } else if may(&["escalate", "bind", "impersonate"]) && !verbs.iter().any(|verb| verb == "*") {
        "giving itself more rights"
    } else if on(&["serviceaccounts/token"]) && may(&["create"]) {
        "making tokens of other accounts"
    } else if on(&["pods", "deployments", "daemonsets", "statefulsets", "jobs", "cronjobs", "replicasets"])
        && may(&["create"])
    {
        "starting pods of any kind"
    } else {
        return None;
    };
    let place = rule.get("resources").or(rule.get("verbs")).map_or(rule.span(), Node::span);
    Some(Known::is(text.to_string(), place))
}
