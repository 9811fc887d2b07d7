//! Compose services to containers. A service is read through its layers, so that a base (`extends`) and, later, further
//! files only add layers.

use std::collections::BTreeMap;

use super::dockerfile::Recipe;
use super::run::wider;
use super::{RunContainer, capability, image, interpolate, limit, mount, port, setting, switch};
use crate::document::Node;
use crate::extract::boundary::reference;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Services that one may extend in a row.
const EXTENDS: usize = 16;

/// A service as its layers say, base first.
pub struct Service<'a> {
    name: String,
    span: Span,
    layers: Vec<Node<'a>>,
}

impl<'a> Service<'a> {
    /// The value of a chain of keys in the last layer that has it.
    fn at(&self, keys: &[&str]) -> Option<Node<'a>> {
        let last = self.layers.iter().rev().find_map(|layer| layer.at(keys))?;
        (last.tag() != Some("!reset") && !last.is_null()).then_some(last)
    }

    /// Every layer's value of a key, base first; `!reset` and `!override` drop what came before.
    fn all(&self, key: &str) -> Vec<Node<'a>> {
        let mut found = Vec::new();
        for node in self.layers.iter().filter_map(|layer| layer.get(key)) {
            match node.tag() {
                Some("!reset") => found.clear(),
                Some("!override") => found = vec![node],
                Some(_) | None => found.push(node),
            }
        }
        found
    }

    fn text(&self, keys: &[&str]) -> Option<Spanned<String>> {
        let node = self.at(keys)?;
        Some(Spanned::new(node.scalar()?, node.span()))
    }

    /// The entries of a list, or of a map as `key=value`, over all layers.
    fn list(&self, key: &str) -> Vec<Spanned<String>> {
        let mut found = Vec::new();
        for node in self.all(key) {
            if let Some(text) = node.scalar() {
                found.push(Spanned::new(text, node.span()));
            }
            let items = node.items().filter_map(|item| Some(Spanned::new(item.scalar()?, item.span())));
            found.extend(items);
            for (name, value) in node.entries() {
                let text = format!("{}={}", name.scalar().unwrap_or_default(), value.scalar().unwrap_or_default());
                found.push(Spanned::new(text, name.span()));
            }
        }
        found
    }
}

/// The services of a compose file.
pub struct Project<'a> {
    root: Node<'a>,
    path: String,
    recipes: &'a BTreeMap<String, Recipe>,
}

/// Reads the services of one compose file; `recipes` are the Dockerfiles of the tree by path.
pub fn read<'a>(root: Node<'a>, path: &str, recipes: &'a BTreeMap<String, Recipe>) -> Vec<RunContainer> {
    let project = Project { root, path: path.to_string(), recipes };
    let names = root.get("services").into_iter().flat_map(Node::entries);
    let services = names.filter_map(|(key, value)| value.is_map().then(|| project.service(key))?);
    services.map(|service| project.container(&service)).collect()
}

impl<'a> Project<'a> {
    fn service(&self, key: Node<'a>) -> Option<Service<'a>> {
        let name = key.scalar()?;
        let mut layers = Vec::new();
        let mut next = Some(name.clone());
        while let Some(wanted) = next.take().filter(|_| layers.len() < EXTENDS) {
            let Some(node) = self.root.at(&["services", &wanted]).filter(|node| node.is_map()) else { break };
            layers.push(node);
            let extends = node.get("extends");
            let is_here = extends.is_some_and(|extends| extends.get("file").is_none());
            let base = extends.and_then(|extends| extends.as_str().or_else(|| extends.get("service")?.as_str()));
            next = base.filter(|_| is_here).map(str::to_string);
        }
        layers.reverse();
        Some(Service { name, span: key.span(), layers })
    }

    fn container(&self, service: &Service<'a>) -> RunContainer {
        let mut run = RunContainer::new("compose", service.name.clone(), service.span);
        self.set_image(&mut run, service);
        set_identity(&mut run, service);
        set_limits(&mut run, service);
        self.set_egress(&mut run, service);
        self.set_mounts(&mut run, service);
        run.ports = service.all("ports").into_iter().flat_map(Node::items).filter_map(port_of).collect();
        set_environment(&mut run, service);
        run.container.secrets = names_of(service, "secrets", "source");
        set_options(&mut run, service);
        run.command = service.list("entrypoint");
        run.command.extend(service.list("command"));
        self.inherit_user(&mut run, service);
        run.settle();
        run
    }

    fn set_image(&self, run: &mut RunContainer, service: &Service<'a>) {
        let build = service.at(&["build"]);
        run.container.built_from = build.and_then(|build| self.dockerfile(build));
        let Some(reference) = service.text(&["image"]) else { return };
        let found = image::read(&reference, "run", build.is_some());
        run.container.image = found.reference.clone();
        run.image = Some(found);
    }

    /// Path of the Dockerfile that a `build` names, where it is in the tree.
    fn dockerfile(&self, build: Node<'a>) -> Option<String> {
        let context =
            build.scalar().or_else(|| build.get("context").and_then(Node::scalar)).unwrap_or_else(|| ".".into());
        let context = interpolate::resolve(&context).ok()?;
        let folder = reference::beside(&self.path, &context)?;
        let file = build.get("dockerfile").and_then(Node::scalar).unwrap_or_else(|| "Dockerfile".into());
        let path = reference::under(&folder, &interpolate::resolve(&file).ok()?)?;
        self.recipes.contains_key(&path).then_some(path)
    }

    /// The user of the image, where it is built here and the service sets none.
    fn inherit_user(&self, run: &mut RunContainer, service: &Service<'a>) {
        if !run.container.user.is_absent() {
            return;
        }
        let build = service.at(&["build"]);
        let Some(recipe) = run.container.built_from.as_ref().and_then(|path| self.recipes.get(path)) else {
            if let Some(build) = build {
                let reason = "no user is set, and the Dockerfile that builds the image is not in the tree";
                run.container.runs_as_root = Known::unknown(reason, build.span());
            }
            return;
        };
        let target = build.and_then(|build| build.get("target")).and_then(Node::scalar);
        let Some(stage) = recipe.stage(target.as_deref()) else { return };
        if run.command.is_empty() {
            run.command = stage.whole_command();
        }
        run.container.user = stage.user.clone();
        run.container.runs_as_root = stage.runs_as_root.clone();
    }

    fn set_mounts(&self, run: &mut RunContainer, service: &Service<'a>) {
        for item in service.all("volumes").into_iter().flat_map(Node::items) {
            match item.scalar() {
                Some(text) => run.mounts.push(mount::short(&Spanned::new(text, item.span()))),
                None => run.mounts.push(long_mount(item)),
            }
        }
        run.mounts.extend(service.list("tmpfs").iter().map(mount::tmpfs));
    }

    /// By which networks the service can leave; the widest decides.
    fn set_egress(&self, run: &mut RunContainer, service: &Service<'a>) {
        let (egress, networks) = self.egress_of(service, EXTENDS);
        if let Some(mode) = service.text(&["network_mode"]).filter(|mode| mode.value == "host") {
            run.container.host_namespaces.push(Spanned::new("network".into(), mode.span));
        }
        run.container.egress = egress;
        run.container.networks = networks;
    }

    fn egress_of(&self, service: &Service<'a>, depth: usize) -> (Known<String>, Vec<Spanned<String>>) {
        if let Some(mode) = service.text(&["network_mode"]) {
            return (self.egress_of_mode(&mode, depth), vec![mode]);
        }
        let mut networks = names_of(service, "networks", "name");
        let keys = service.all("networks").into_iter().flat_map(Node::entries).map(|(key, _)| key);
        networks.extend(keys.filter_map(|key| Some(Spanned::new(key.scalar()?, key.span()))));
        if networks.is_empty() {
            return (self.egress_of_network("default", service.span), networks);
        }
        let each = networks.iter().map(|network| self.egress_of_network(&network.value, network.span));
        (each.fold(Known::Absent, wider), networks)
    }

    fn egress_of_mode(&self, mode: &Spanned<String>, depth: usize) -> Known<String> {
        let unknown = |reason: String| Known::unknown(reason, mode.span);
        match interpolate::resolve(&mode.value).as_deref() {
            Ok("none") => Known::is("denied".into(), mode.span),
            Ok("host" | "bridge" | "default") => Known::is("open".into(), mode.span),
            Ok(shared) => {
                let other = shared.strip_prefix("service:").filter(|_| depth > 0);
                let key = other.and_then(|name| self.root.get("services")?.entry(name)).map(|(key, _, _)| key);
                match key.and_then(|key| self.service(key)) {
                    Some(service) => self.egress_of(&service, depth - 1).0,
                    None => unknown(format!("shares the network of `{shared}`, which is not in this file")),
                }
            }
            Err(reason) => unknown(reason.clone()),
        }
    }

    fn egress_of_network(&self, name: &str, span: Span) -> Known<String> {
        let Some((key, network, _)) = self.root.get("networks").and_then(|all| all.entry(name)) else {
            return match name {
                "default" => Known::is("open".into(), span),
                _ => Known::unknown(format!("network `{name}` is not defined in this file"), span),
            };
        };
        let flag = |name: &str| {
            let node = network.get(name)?;
            Some(node.scalar().map_or(Known::is(true, node.span()), |text| switch(&text, node.span())))
        };
        let is_external = flag("external").is_some_and(|external| external.value() != Some(&false));
        let driver = network.get("driver").and_then(Node::as_str).unwrap_or("bridge");
        match (flag("internal"), driver) {
            _ if is_external => Known::unknown(format!("network `{name}` is defined outside of this file"), key.span()),
            (_, "none") => Known::is("denied".into(), key.span()),
            (Some(Known::Is(internal)), "bridge" | "overlay") if internal.value => {
                Known::is("denied".into(), internal.span)
            }
            (Some(Known::Unknown(unknown)), _) => Known::Unknown(unknown),
            (_, _) => Known::is("open".into(), key.span()),
        }
    }
}

fn set_identity(run: &mut RunContainer, service: &Service<'_>) {
    let flag = |key: &str| service.text(&[key]).map_or(Known::Absent, |text| switch(&text.value, text.span));
    if let Some(user) = service.text(&["user"]) {
        run.set_user(user);
    }
    run.container.read_only = flag("read_only");
    run.container.privileged = flag("privileged");
    run.container.cap_drop = service.list("cap_drop").iter().map(capability).collect();
    run.container.cap_add = service.list("cap_add").iter().map(capability).collect();
    service.list("security_opt").into_iter().for_each(|option| run.security_option(option));
    for (key, namespace) in
        [("pid", "pid"), ("ipc", "ipc"), ("uts", "uts"), ("userns_mode", "user"), ("cgroup", "cgroup")]
    {
        if let Some(value) = service.text(&[key]) {
            run.namespace(namespace, &value);
        }
    }
    run.container.devices = service.list("devices");
    run.container.devices.extend(service.list("device_cgroup_rules"));
    run.container.runtime =
        service.text(&["runtime"]).map_or(Known::Absent, |text| interpolate::known(&text.value, text.span));
}

fn set_limits(run: &mut RunContainer, service: &Service<'_>) {
    let first = |chains: &[&[&str]]| {
        let known = chains.iter().filter_map(|keys| service.text(keys)).map(|text| limit(&text.value, text.span));
        known.into_iter().find(|limit| !limit.is_absent()).unwrap_or_default()
    };
    run.container.memory_limit = first(&[&["deploy", "resources", "limits", "memory"], &["mem_limit"]]);
    run.container.cpu_limit = first(&[&["deploy", "resources", "limits", "cpus"], &["cpus"], &["cpu_quota"]]);
    run.container.process_limit = first(&[&["deploy", "resources", "limits", "pids"], &["pids_limit"]]);
}

fn set_environment(run: &mut RunContainer, service: &Service<'_>) {
    let mut found = BTreeMap::new();
    for node in service.all("environment") {
        let listed = node.items().filter_map(|item| Some(Spanned::new(item.scalar()?, item.span())));
        for text in listed {
            let setting = setting::assignment("environment", "compose", &text);
            found.insert(setting.about.name.clone(), setting);
        }
        for (key, value) in node.entries() {
            let Some(name) = key.scalar() else { continue };
            let text = value.scalar().map(|text| Spanned::new(text, value.span()));
            let setting =
                setting::variable("environment", "compose", &Spanned::new(name.clone(), key.span()), text.as_ref());
            found.insert(name, setting);
        }
    }
    run.settings.extend(found.into_values());
    let mut files = service.list("env_file");
    let long = service.all("env_file").into_iter().flat_map(Node::items).filter_map(|item| item.get("path"));
    files.extend(long.filter_map(|path| Some(Spanned::new(path.scalar()?, path.span()))));
    run.env_files = files;
    let arguments = service.at(&["build", "args"]);
    for (key, value) in arguments.into_iter().flat_map(Node::entries) {
        let (Some(name), Some(text)) = (key.scalar(), value.scalar()) else { continue };
        let (name, text) = (Spanned::new(name, key.span()), Spanned::new(text, value.span()));
        run.settings.push(setting::variable("build-argument", "compose", &name, Some(&text)));
    }
    for text in arguments.into_iter().flat_map(Node::items) {
        let Some(assignment) = text.scalar() else { continue };
        let assignment = Spanned::new(assignment, text.span());
        run.settings.push(setting::assignment("build-argument", "compose", &assignment));
    }
}

/// What is said beyond the fields; each as `key=value`.
fn set_options(run: &mut RunContainer, service: &Service<'_>) {
    for key in ["profiles", "extra_hosts", "group_add", "sysctls"] {
        let found = service.list(key);
        run.container
            .options
            .extend(found.into_iter().map(|item| Spanned::new(format!("{key}={}", item.value), item.span)));
    }
    let chains: [&[&str]; 10] = [
        &["use_api_socket"],
        &["oom_kill_disable"],
        &["oom_score_adj"],
        &["healthcheck", "disable"],
        &["logging", "driver"],
        &["gpus"],
        &["build", "privileged"],
        &["build", "network"],
        &["restart"],
        &["provider", "type"],
    ];
    for keys in chains {
        if let Some(text) = service.text(keys) {
            run.container.options.push(Spanned::new(format!("{}={}", keys.join("."), text.value), text.span));
        }
    }
    let foreign = service.layers.iter().filter_map(|layer| layer.at(&["extends", "file"]));
    for node in foreign {
        let file = node.scalar().unwrap_or_default();
        run.container.options.push(Spanned::new(format!("extends.file={file}"), node.span()));
    }
}

/// Names in a list of texts or of maps with a name key.
fn names_of(service: &Service<'_>, key: &str, inner: &str) -> Vec<Spanned<String>> {
    let items = service.all(key).into_iter().flat_map(Node::items);
    let named = items.filter_map(|item| {
        let node = if item.is_map() { item.get(inner)? } else { item };
        Some(Spanned::new(node.scalar()?, node.span()))
    });
    named.collect()
}

fn long_mount(item: Node<'_>) -> crate::model::container::Mount {
    let text = |key: &str| item.get(key).and_then(|node| Some(Spanned::new(node.scalar()?, node.span())));
    let read_only = text("read_only").map_or(Known::Absent, |text| switch(&text.value, text.span));
    let propagation = item.at(&["bind", "propagation"]);
    let options = propagation.and_then(|node| Some(Spanned::new(node.scalar()?, node.span())));
    let parts = mount::Parts {
        from: text("source"),
        to: text("target"),
        kind: text("type").map(|kind| kind.value),
        options: options.into_iter().collect(),
        read_only,
    };
    mount::build(parts, item.entries().next().map_or(item.span(), |(key, _)| key.span()))
}

fn port_of(item: Node<'_>) -> Option<crate::model::container::Port> {
    if let Some(text) = item.scalar() {
        return Some(port::short(&Spanned::new(text, item.span())));
    }
    let known = |key: &str| {
        item.get(key).map_or(Known::Absent, |node| interpolate::known(&node.scalar().unwrap_or_default(), node.span()))
    };
    item.is_map().then(|| port::build(known("host_ip"), known("published"), known("target"), item.span()))
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
