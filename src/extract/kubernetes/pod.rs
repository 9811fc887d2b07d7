//! Pods to containers: what the pod says for all of them, what each says for itself, and what Kubernetes does where
//! neither says anything.

use super::object::{Labels, Object, labels};
use super::operator::{self, Operator};
use super::set::Set;
use super::{environment, value, volume};
use crate::document::Node;
use crate::extract::containers::{RunContainer, capability, image, is_root, port};
use crate::model::container::Port;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Lists of containers in a pod.
const LISTS: &[&str] = &["containers", "initContainers", "ephemeralContainers"];

/// Types of SELinux that the Pod Security baseline leaves to a pod.
const SELINUX: &[&str] = &["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
/// Settings of the kernel that the Pod Security baseline leaves to a pod.
const SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

/// A pod as a workload makes it.
pub struct Pod<'s, 'a> {
    /// The workload.
    pub object: &'s Object<'a>,
    /// Objects around it.
    pub set: &'s Set<'a>,
    /// Pod specification.
    pub spec: Node<'a>,
    /// Labels that selectors see.
    pub labels: Labels,
    /// The operator that makes it of a resource of its own.
    pub operator: Option<&'static Operator>,
}

impl<'s, 'a> Pod<'s, 'a> {
    /// The pod of a workload.
    pub fn of(object: &'s Object<'a>, set: &'s Set<'a>) -> Option<Self> {
        if let Some(made) = operator::pod(object, set) {
            return Some(made);
        }
        let (spec, map) = object.pod()?;
        Some(Self { object, set, spec, labels: labels(map), operator: None })
    }

    /// Every container of it, with what it mounts, publishes and is given.
    pub fn containers(&self) -> Vec<RunContainer> {
        let lists = LISTS.iter().filter_map(|key| self.spec.get(key));
        let nodes: Vec<Node<'a>> = lists.flat_map(Node::items).filter(|node| node.is_map()).collect();
        let mut found: Vec<RunContainer> = nodes.iter().map(|node| self.container(*node)).collect();
        let Some(operator) = self.operator else { return found };
        let server = nodes.iter().position(|node| operator.is_server(*node));
        match server.and_then(|at| Some((nodes.get(at)?, found.get_mut(at)?))) {
            Some((node, run)) => operator.fill(run, Some(*node), self),
            None => {
                let mut run = RunContainer::new("kubernetes", String::new(), self.spec.span());
                self.set_shared(&mut run);
                operator.fill(&mut run, None, self);
                found.push(run);
            }
        }
        found
    }

    fn container(&self, node: Node<'a>) -> RunContainer {
        let name = node.get("name").and_then(value::written);
        let place = value::shown(node, "name").unwrap_or(node.span());
        let name = name.map_or_else(|| self.object.name.value().cloned().unwrap_or_default(), |name| name.value);
        let mut run = RunContainer::new("kubernetes", name, place);
        run.container.privilege_escalation = Known::is(true, place);
        run.container.syscall_filter = Known::Absent;
        self.set_image(&mut run, node);
        self.set_identity(&mut run, node);
        self.set_privileges(&mut run, node);
        self.set_limits(&mut run, node);
        self.set_shared(&mut run);
        let volumes = self.spec.get("volumes");
        let mounts = node.get("volumeMounts").into_iter().flat_map(Node::items);
        run.mounts = mounts.map(|item| volume::mount(item, volumes)).collect();
        run.container.devices = volume::devices(volumes);
        run.container.secrets = volume::secrets(volumes);
        run.ports = node.get("ports").into_iter().flat_map(Node::items).filter_map(host_port).collect();
        run.settings = environment::settings(node, self.object, self.set);
        let words = ["command", "args"].into_iter().filter_map(|key| node.get(key)).flat_map(Node::items);
        run.command = words.filter_map(value::written).collect();
        run.settle();
        run
    }

    /// Takes the image of a container, or of the resource that names it.
    pub fn set_image(&self, run: &mut RunContainer, node: Node<'a>) {
        let Some(reference) = node.get("image").and_then(value::written) else { return };
        let found = image::read(&reference, "run", false);
        run.container.image = found.reference.clone();
        run.image = Some(found);
    }

    /// A field of the security context: the container's, else the pod's.
    fn security(&self, node: Node<'a>, keys: &[&str]) -> Option<Node<'a>> {
        let own = node.get("securityContext").and_then(|context| context.at(keys)).filter(|node| !node.is_null());
        own.or_else(|| self.spec.get("securityContext")?.at(keys).filter(|node| !node.is_null()))
    }

    /// A number says it; without one, the kubelet starts no root where `runAsNonRoot` is set.
    fn set_identity(&self, run: &mut RunContainer, node: Node<'a>) {
        let container = &mut run.container;
        container.user = self.security(node, &["runAsUser"]).map_or(Known::Absent, value::known);
        container.runs_as_root = is_root(&container.user);
        let refuses = self.security(node, &["runAsNonRoot"]).map_or(Known::Absent, value::switch);
        match (&container.user, refuses) {
            (Known::Absent, Known::Is(refuses)) if refuses.value => {
                container.user = Known::is("a user other than root".into(), refuses.span);
                container.runs_as_root = Known::is(false, refuses.span);
            }
            (Known::Absent, Known::Unknown(unknown)) => container.runs_as_root = Known::Unknown(unknown),
            (_, _) => {}
        }
    }

    fn set_privileges(&self, run: &mut RunContainer, node: Node<'a>) {
        let container = &mut run.container;
        let own = node.get("securityContext");
        let flag = |key: &str| own.map_or(Known::Absent, |context| value::switch_at(context, &[key]));
        let listed = |key: &str| {
            let items = own.and_then(|context| context.at(&["capabilities", key])).into_iter().flat_map(Node::items);
            items.filter_map(value::written).map(|name| capability(&name)).collect::<Vec<_>>()
        };
        container.read_only = flag("readOnlyRootFilesystem");
        container.privileged = flag("privileged");
        (container.cap_drop, container.cap_add) = (listed("drop"), listed("add"));
        container.privilege_escalation =
            value::either(flag("allowPrivilegeEscalation"), || container.privilege_escalation.clone());
        container.syscall_filter = self.syscall_filter(node);
        container.protections_off = self.protections_off(node);
        let options = own.and_then(|context| context.at(&["windowsOptions", "hostProcess"]));
        let host_process = options.or_else(|| self.spec.at(&["securityContext", "windowsOptions", "hostProcess"]));
        if let Some(host_process) = host_process.map(value::switch).filter(|flag| flag.value() == Some(&true)) {
            container.privileged = host_process;
        }
        if container.privileged.value() == Some(&true) {
            // A privileged container is not filtered, whatever its profile says.
            let span = container.privileged.span().unwrap_or(container.about.span);
            container.syscall_filter = Known::is("unconfined".into(), span);
        }
    }

    /// What the pod or the container switches off of what Kubernetes leaves on.
    fn protections_off(&self, node: Node<'a>) -> Vec<Spanned<String>> {
        let at = |keys: &[&str]| match self.security(node, keys).map_or(Known::Absent, value::known) {
            Known::Is(set) => Some(set),
            Known::Unknown(_) | Known::Absent => None,
        };
        let name = node.get("name").and_then(Node::scalar).unwrap_or_default();
        let legacy = format!("container.apparmor.security.beta.kubernetes.io/{name}");
        let annotations = self.metadata().and_then(|metadata| metadata.get("annotations"));
        let legacy = annotations.and_then(|all| all.get(&legacy)).and_then(value::written);
        let found = [
            (at(&["appArmorProfile", "type"]).filter(|set| set.value == "Unconfined"), "AppArmor is switched off"),
            (legacy.filter(|set| set.value == "unconfined"), "AppArmor is switched off"),
            (at(&["procMount"]).filter(|set| set.value == "Unmasked"), "the kernel's paths are not masked"),
            (
                at(&["seLinuxOptions", "type"]).filter(|set| !SELINUX.contains(&set.value.as_str())),
                "SELinux gives it a type of its own",
            ),
        ];
        let found = found.into_iter().filter_map(|(set, says)| Some(Spanned::new(says.to_string(), set?.span)));
        found.chain(self.unsafe_settings()).collect()
    }

    /// Settings of the kernel that reach beyond the pod.
    fn unsafe_settings(&self) -> Vec<Spanned<String>> {
        let all = self.spec.at(&["securityContext", "sysctls"]).into_iter().flat_map(Node::items);
        let names = all.filter_map(|item| item.get("name").and_then(value::written));
        let is_unsafe = |name: &Spanned<String>| !SYSCTLS.contains(&name.value.as_str());
        names
            .filter(is_unsafe)
            .map(|name| Spanned::new(format!("`{}` of the kernel is set", name.value), name.span))
            .collect()
    }

    /// Metadata of the pod that the workload makes.
    fn metadata(&self) -> Option<Node<'a>> {
        let paths: [&[&str]; 2] =
            [&["spec", "template", "metadata"], &["spec", "jobTemplate", "spec", "template", "metadata"]];
        let made = paths.iter().find_map(|keys| self.object.root.at(keys));
        made.or_else(|| self.object.root.get("metadata").filter(|_| self.object.kind == "Pod"))
    }

    fn syscall_filter(&self, node: Node<'a>) -> Known<String> {
        let Some(profile) = self.security(node, &["seccompProfile"]) else { return Known::Absent };
        match value::at(profile, &["type"]) {
            Known::Is(kind) => match kind.value.as_str() {
                "RuntimeDefault" => Known::is("runtime-default".into(), kind.span),
                "Unconfined" => Known::is("unconfined".into(), kind.span),
                "Localhost" => value::at(profile, &["localhostProfile"]),
                other => Known::unknown(format!("`{other}` is no type of a profile"), kind.span),
            },
            other => other,
        }
    }

    /// The container's own limits, else the namespace's defaults.
    fn set_limits(&self, run: &mut RunContainer, node: Node<'a>) {
        let own = |key: &str| value::at(node, &["resources", "limits", key]);
        run.container.memory_limit = value::either(own("memory"), || self.default_limit("memory"));
        run.container.cpu_limit = value::either(own("cpu"), || self.default_limit("cpu"));
    }

    fn default_limit(&self, key: &str) -> Known<String> {
        let here =
            |object: &&Object<'a>| super::set::same_namespace(&object.namespace, &self.object.namespace) == Some(true);
        let limits = self.set.of("LimitRange").filter(here).filter_map(|object| object.spec(&["limits"]));
        let items = limits.flat_map(Node::items);
        let of_containers = items.filter(|item| item.get("type").and_then(Node::as_str) == Some("Container"));
        of_containers
            .map(|item| value::at(item, &["default", key]))
            .find(|limit| !limit.is_absent())
            .unwrap_or_default()
    }

    /// What the whole pod shares with the host.
    fn set_shared(&self, run: &mut RunContainer) {
        for (key, namespace) in [("hostNetwork", "network"), ("hostPID", "pid"), ("hostIPC", "ipc")] {
            let Known::Is(set) = value::switch_at(self.spec, &[key]) else { continue };
            if set.value {
                run.container.host_namespaces.push(Spanned::new(namespace.into(), set.span));
            }
        }
        run.container.runtime = self.runtime();
    }

    /// The handler of the pod's runtime class; the class's name says nothing by itself.
    fn runtime(&self) -> Known<String> {
        let Known::Is(class) = value::at(self.spec, &["runtimeClassName"]) else { return Known::Absent };
        let mut classes = self.set.of("RuntimeClass");
        let found = classes.find(|object| object.name.value() == Some(&class.value));
        match found.and_then(|object| object.root.get("handler")) {
            Some(handler) => value::known(handler),
            None => Known::unknown(format!("runtime class `{}` is defined in the cluster", class.value), class.span),
        }
    }
}

/// A port of the node itself.
fn host_port(item: Node<'_>) -> Option<Port> {
    let published = value::at(item, &["hostPort"]);
    let is_set = !published.is_absent() && published.value().is_none_or(|port| port != "0");
    let place: Span = published.span()?;
    is_set.then(|| port::build(value::at(item, &["hostIP"]), published, value::at(item, &["containerPort"]), place))
}
