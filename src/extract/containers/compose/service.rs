//! One compose service, as its layers add up, to the fields of a container.

use std::collections::BTreeMap;

use super::merge::entries_of;
use super::tree::{Kind, Tree};
use crate::extract::containers::{RunContainer, capability, interpolate, limit, mount, port, setting, switch};
use crate::model::container::{Mount, Port};
use crate::model::known::{Known, Spanned};

/// User, rights and namespaces.
pub fn set_identity(run: &mut RunContainer, service: &Tree) {
    let scalar = |key: &str| service.at(&[key]).and_then(Tree::text);
    let flag = |key: &str| scalar(key).map_or(Known::Absent, |text| switch(&text.value, text.span));
    let list = |key: &str| service.at(&[key]).map(Tree::listed).unwrap_or_default();
    if let Some(user) = scalar("user") {
        run.set_user(user);
    }
    run.container.read_only = flag("read_only");
    run.container.privileged = flag("privileged");
    run.container.cap_drop = list("cap_drop").iter().map(capability).collect();
    run.container.cap_add = list("cap_add").iter().map(capability).collect();
    list("security_opt").into_iter().for_each(|option| run.security_option(option));
    for (key, namespace) in
        [("pid", "pid"), ("ipc", "ipc"), ("uts", "uts"), ("userns_mode", "user"), ("cgroup", "cgroup")]
    {
        if let Some(value) = scalar(key) {
            run.namespace(namespace, &value);
        }
    }
    run.container.devices = list("devices");
    run.container.devices.extend(list("device_cgroup_rules"));
    run.container.runtime = scalar("runtime").map_or(Known::Absent, |text| interpolate::known(&text.value, text.span));
    for key in ["user", "read_only", "privileged", "runtime"] {
        note_earlier(run, service, &[key], key);
    }
}

/// Memory, processor and processes. `deploy` and the older keys must agree; the later ones are used where both stand.
pub fn set_limits(run: &mut RunContainer, service: &Tree) {
    let first = |chains: &[&[&str]]| {
        let texts = chains.iter().filter_map(|keys| service.at(keys)?.text());
        let mut known = texts.map(|text| limit(&text.value, text.span));
        known.find(|limit| !limit.is_absent()).unwrap_or_default()
    };
    run.container.memory_limit = first(&[&["deploy", "resources", "limits", "memory"], &["mem_limit"]]);
    run.container.cpu_limit = first(&[&["deploy", "resources", "limits", "cpus"], &["cpus"], &["cpu_quota"]]);
    run.container.process_limit = first(&[&["deploy", "resources", "limits", "pids"], &["pids_limit"]]);
    for (keys, field) in [
        (&["deploy", "resources", "limits", "memory"][..], "memory_limit"),
        (&["mem_limit"][..], "memory_limit"),
        (&["deploy", "resources", "limits", "cpus"][..], "cpu_limit"),
        (&["cpus"][..], "cpu_limit"),
        (&["deploy", "resources", "limits", "pids"][..], "process_limit"),
        (&["pids_limit"][..], "process_limit"),
    ] {
        note_earlier(run, service, keys, field);
    }
}

/// What earlier layers said of a field before a later one replaced it.
fn note_earlier(run: &mut RunContainer, service: &Tree, keys: &[&str], field: &'static str) {
    let said = service.at(keys).map(|tree| tree.earlier.clone()).unwrap_or_default();
    for text in said {
        run.container.note(field, "compose", format!("{} {}", keys.join("."), text.value), text.span);
    }
}

/// Variables, files of variables, build arguments.
pub fn set_environment(run: &mut RunContainer, service: &Tree) {
    let mut found = BTreeMap::new();
    for (channel, keys) in [("environment", &["environment"][..]), ("build-argument", &["build", "args"][..])] {
        let entries = service.at(keys).map(|tree| entries_of(tree, keys.last().unwrap_or(&""))).unwrap_or_default();
        for entry in entries {
            let value = entry.value.written();
            if channel == "build-argument" && value.is_none() {
                continue;
            }
            let setting = setting::variable(channel, "compose", &entry.key, value.as_ref());
            found.insert((channel == "build-argument", entry.key.value), setting);
        }
    }
    run.settings.extend(found.into_values());
    let files = service.at(&["env_file"]);
    run.env_files = files.map(scalars).unwrap_or_default();
    let long = files.map(Tree::items).unwrap_or_default().iter().filter_map(|item| item.at(&["path"])?.text());
    run.env_files.extend(long);
}

fn scalars(tree: &Tree) -> Vec<Spanned<String>> {
    match &tree.kind {
        Kind::Map(_) | Kind::Null => Vec::new(),
        Kind::Scalar { .. } | Kind::List(_) => tree.listed(),
    }
}

/// Volumes and tmpfs, in short and long form.
pub fn set_mounts(run: &mut RunContainer, service: &Tree) {
    for item in service.at(&["volumes"]).map(Tree::items).unwrap_or_default() {
        match item.text() {
            Some(text) => run.mounts.push(mount::short(&text)),
            None => run.mounts.push(long_mount(item)),
        }
    }
    run.mounts.extend(service.at(&["tmpfs"]).map(Tree::listed).unwrap_or_default().iter().map(mount::tmpfs));
    if let Some(socket) = service.at(&["use_api_socket"]).and_then(Tree::text).filter(|text| text.value == "true") {
        let at = |text: &str| Some(Spanned::new(text.to_string(), socket.span));
        let parts = mount::Parts {
            from: at("/var/run/docker.sock"),
            to: at("/var/run/docker.sock"),
            kind: Some("bind".into()),
            ..mount::Parts::default()
        };
        run.mounts.push(mount::build(parts, socket.span));
    }
}

/// Published ports, in short and long form.
pub fn set_ports(run: &mut RunContainer, service: &Tree) {
    let ports = service.at(&["ports"]).map(Tree::items).unwrap_or_default();
    run.ports = ports.iter().filter_map(port_of).collect();
}

/// What is said beyond the fields; each as `key=value`.
pub fn set_options(run: &mut RunContainer, service: &Tree) {
    for key in ["profiles", "extra_hosts", "group_add", "sysctls"] {
        let found = service.at(&[key]).map(Tree::listed).unwrap_or_default();
        let options = found.into_iter().map(|item| Spanned::new(format!("{key}={}", item.value), item.span));
        run.container.options.extend(options);
    }
    for (keys, inner) in
        [(&["models"][..], "model"), (&["develop", "watch"], "path"), (&["build", "secrets"], "source")]
    {
        let Some(list) = service.at(keys) else { continue };
        let named = list.entries().iter().map(|entry| entry.key.clone()).chain(names_in(list, inner));
        let option = |name: Spanned<String>| Spanned::new(format!("{}={}", keys.join("."), name.value), name.span);
        run.container.options.extend(named.map(option));
    }
    let chains: [&[&str]; 13] = [
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
        &["credential_spec", "file"],
        &["credential_spec", "registry"],
        &["credential_spec", "config"],
    ];
    for keys in chains {
        if let Some(text) = service.at(keys).and_then(Tree::text) {
            run.container.options.push(Spanned::new(format!("{}={}", keys.join("."), text.value), text.span));
        }
    }
    set_hooks(run, service);
}

/// Commands that compose runs in the container with rights of their own.
fn set_hooks(run: &mut RunContainer, service: &Tree) {
    for key in ["pre_start", "post_start", "pre_stop"] {
        for hook in service.at(&[key]).map(Tree::items).unwrap_or_default() {
            let privileged = hook.at(&["privileged"]).and_then(Tree::text);
            if let Some(text) = privileged.filter(|text| switch(&text.value, text.span).value() == Some(&true)) {
                run.container.privileged = Known::is(true, text.span);
            }
            if let Some(user) = hook.at(&["user"]).and_then(Tree::text) {
                run.container.options.push(Spanned::new(format!("{key}.user={}", user.value), user.span));
            }
        }
    }
}

/// Names in a list of texts or of maps with a name key.
pub fn names_of(service: &Tree, key: &str, inner: &str) -> Vec<Spanned<String>> {
    service.at(&[key]).map(|list| names_in(list, inner)).unwrap_or_default()
}

fn names_in(list: &Tree, inner: &str) -> Vec<Spanned<String>> {
    let items = list.items().iter();
    items.filter_map(|item| if item.is_map() { item.at(&[inner])?.text() } else { item.text() }).collect()
}

fn long_mount(item: &Tree) -> Mount {
    let text = |key: &str| item.at(&[key]).and_then(Tree::text);
    let read_only = text("read_only").map_or(Known::Absent, |text| switch(&text.value, text.span));
    let parts = mount::Parts {
        from: text("source"),
        to: text("target"),
        kind: text("type").map(|kind| kind.value),
        options: item.at(&["bind", "propagation"]).and_then(Tree::text).into_iter().collect(),
        read_only,
    };
    mount::build(parts, item.entries().first().map_or(item.span, |entry| entry.key.span))
}

fn port_of(item: &Tree) -> Option<Port> {
    if let Some(text) = item.text() {
        return Some(port::short(&text));
    }
    let known = |key: &str| {
        item.at(&[key]).and_then(Tree::text).map_or(Known::Absent, |text| interpolate::known(&text.value, text.span))
    };
    item.is_map().then(|| port::build(known("host_ip"), known("published"), known("target"), item.span))
}
