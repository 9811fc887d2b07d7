//! What authenticates callers before they reach a pod: annotations of ingress controllers, middlewares, mesh policies.

use crate::document::Node;
use crate::extract::kubernetes::object::Object;
use crate::extract::kubernetes::pod::Pod;
use crate::extract::kubernetes::set::same_namespace;
use crate::extract::kubernetes::{selector, value};
use crate::model::known::{Known, Spanned};

/// Annotations whose presence means that callers are authenticated, and how.
const ANNOTATIONS: &[(&str, &str)] = &[
    ("nginx.ingress.kubernetes.io/auth-url", "an external check of every request"),
    ("nginx.ingress.kubernetes.io/auth-tls-secret", "client certificates"),
    ("nginx.ingress.kubernetes.io/auth-secret", "a password"),
    ("ingress.kubernetes.io/auth-secret", "a password"),
    ("haproxy.org/auth-secret", "a password"),
    ("haproxy-ingress.github.io/auth-url", "an external check of every request"),
    ("haproxy-ingress.github.io/oauth", "single sign-on"),
    ("projectcontour.io/auth", "an external check of every request"),
    ("getambassador.io/auth", "an external check of every request"),
];
/// Keys of a Traefik middleware that authenticate.
const MIDDLEWARES: &[&str] = &["forwardAuth", "basicAuth", "digestAuth", "jwt", "oidc", "apiKey"];
/// Plugins of Kong that authenticate.
const PLUGINS: &[&str] =
    &["key-auth", "jwt", "oauth2", "openid-connect", "basic-auth", "hmac-auth", "mtls-auth", "ldap-auth"];

/// What authenticates callers at a way in; absent where nothing in the tree does.
pub fn of(object: &Object<'_>, pod: &Pod<'_, '_>) -> Known<String> {
    let by_annotation = ANNOTATIONS.iter().find_map(|(name, words)| match object.annotation(name) {
        Known::Is(set) if !set.value.trim().is_empty() => Some(Known::is((*words).to_string(), set.span)),
        Known::Unknown(unknown) => Some(Known::Unknown(unknown)),
        Known::Is(_) | Known::Absent => None,
    });
    let found = by_annotation.unwrap_or_else(|| balancer(object));
    let found = value::either(found, || plugged(object, pod));
    let found = value::either(found, || attached(object, pod));
    value::either(found, || mesh(pod))
}

/// A balancer that signs callers on.
fn balancer(object: &Object<'_>) -> Known<String> {
    match object.annotation("alb.ingress.kubernetes.io/auth-type") {
        Known::Is(set) if set.value != "none" => Known::is("single sign-on of the load balancer".into(), set.span),
        Known::Unknown(unknown) => Known::Unknown(unknown),
        Known::Is(_) | Known::Absent => Known::Absent,
    }
}

/// Middlewares of Traefik and plugins of Kong that the object names; what they do stands in objects of their own.
fn plugged(object: &Object<'_>, pod: &Pod<'_, '_>) -> Known<String> {
    let annotated = ["traefik.ingress.kubernetes.io/router.middlewares", "konghq.com/plugins"];
    let mut names: Vec<Spanned<String>> = Vec::new();
    for known in annotated.iter().map(|name| object.annotation(name)) {
        if let Known::Is(set) = known {
            names.extend(set.value.split(',').map(|name| Spanned::new(name.trim().to_string(), set.span)));
        }
    }
    let routes =
        object.spec(&["routes"]).into_iter().flat_map(Node::items).filter_map(|route| route.get("middlewares"));
    names.extend(routes.flat_map(Node::items).filter_map(|item| value::written(item.get("name")?)));
    let mut open = Known::Absent;
    for name in names {
        match authenticates(&name, pod) {
            Some(true) => return Known::is(format!("`{}`", name.value), name.span),
            Some(false) => {}
            None => open = Known::unknown(format!("left to `{}`, which is not in this tree", name.value), name.span),
        }
    }
    open
}

/// Whether a named middleware or plugin authenticates; nothing where it is not in the tree.
fn authenticates(name: &Spanned<String>, pod: &Pod<'_, '_>) -> Option<bool> {
    // `namespace-name@kubernetescrd` is how Traefik's annotation names a middleware.
    let bare = name.value.split('@').next().unwrap_or(&name.value);
    let called =
        |object: &&Object<'_>| object.name.value().is_some_and(|own| bare == own || bare.ends_with(&format!("-{own}")));
    if let Some(middleware) = pod.set.of("Middleware").find(called) {
        return Some(MIDDLEWARES.iter().any(|key| middleware.spec(&[key]).is_some()));
    }
    let mut plugins = pod.set.of("KongPlugin").chain(pod.set.of("KongClusterPlugin"));
    let plugin = plugins.find(called)?;
    let kind = plugin.root.get("plugin").and_then(Node::as_str)?;
    Some(PLUGINS.contains(&kind))
}

/// A security policy of a gateway that is attached to the object.
fn attached(object: &Object<'_>, pod: &Pod<'_, '_>) -> Known<String> {
    let targets = |policy: &Object<'_>| {
        let single = policy.spec(&["targetRef"]).into_iter();
        let several = policy.spec(&["targetRefs"]).into_iter().flat_map(Node::items);
        let called = |target: Node<'_>| target.get("name").and_then(Node::scalar) == object.name.value().cloned();
        single.chain(several).any(called)
    };
    let policies = pod.set.of("SecurityPolicy").chain(pod.set.of("AuthPolicy"));
    let mut attached = policies.filter(|policy| targets(policy));
    let keys = ["jwt", "oidc", "basicAuth", "apiKeyAuth", "extAuth", "rules"];
    let found = attached.find_map(|policy| keys.iter().find_map(|key| policy.spec(&[key])));
    found.map_or(Known::Absent, |node| Known::is("a policy of the gateway".into(), node.span()))
}

/// A mesh that lets only requests with a verified identity through to the pod.
fn mesh(pod: &Pod<'_, '_>) -> Known<String> {
    let policies = pod.set.of("AuthorizationPolicy").filter(|object| object.group == "security.istio.io");
    let chosen = |policy: &&Object<'_>| {
        let here = same_namespace(&policy.namespace, &pod.object.namespace) == Some(true);
        let selector = policy.spec(&["selector"]);
        here && selector.is_none_or(|selector| selector::selects(selector, &pod.labels) == Some(true))
    };
    let demands = |policy: &Object<'_>| {
        let allows = policy.spec(&["action"]).and_then(Node::as_str).is_none_or(|action| action == "ALLOW");
        let rules: Vec<Node<'_>> = policy.spec(&["rules"]).into_iter().flat_map(Node::items).collect();
        let identified = |rule: &Node<'_>| {
            let sources = rule.get("from").into_iter().flat_map(Node::items).filter_map(|from| from.get("source"));
            let mut sources = sources.peekable();
            sources.peek().is_some()
                && sources.all(|source| source.get("principals").is_some() || source.get("requestPrincipals").is_some())
        };
        allows && !rules.is_empty() && rules.iter().all(identified)
    };
    let mut found = policies.filter(chosen).filter(|policy| demands(policy));
    found.next().map_or(Known::Absent, |policy| {
        let span = policy.name.span().unwrap_or(policy.root.span());
        Known::is("an authorization policy of the mesh".into(), span)
    })
}
