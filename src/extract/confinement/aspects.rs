//! What one deployment says of each aspect of its confinement.

use super::Said;
use crate::model::confinement::{Layer, State};
use crate::model::container::{Container, Mount, Port};
use crate::model::definition::{Definition, Setting};
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};
use crate::source::Span;

/// Capabilities that may be added back without leading anywhere.
const HARMLESS: &[&str] = &["NET_BIND_SERVICE"];

impl Said {
    fn new(state: State, says: impl Into<String>, span: Span) -> Self {
        Self { state, says: says.into(), span, others: Vec::new() }
    }

    fn unknown(reason: &str, span: Span) -> Self {
        Self::new(State::Unknown, reason, span)
    }
}

/// What a container says of an aspect, with its lower layers.
pub fn of_container(id: &str, container: &Container, facts: &Facts) -> Said {
    let place = container.about.span;
    let mine = |about: &About| about.part_of == Some(place);
    match id {
        "boundary" => of_boundary(container),
        "user" => user(container),
        "root-file-system" => with_layers(root_file_system(container), container, &["read_only"]),
        "capabilities" => capabilities(container),
        "escalation" => escalation(container),
        "system-calls" => system_calls(container),
        "namespaces" => namespaces(container),
        "mounts" => mounts(place, facts.mounts.iter().filter(|mount| mine(&mount.about))),
        "limits" => with_layers(limits(container), container, &["memory_limit", "cpu_limit", "process_limit"]),
        "secrets" => secrets(container, facts.settings.iter().filter(|setting| mine(&setting.about))),
        "egress" => egress(container),
        _ => ingress(place, facts.ports.iter().filter(|port| mine(&port.about))),
    }
}

/// A unit is a boundary as far as one of its directives makes it one.
pub fn of_boundary(container: &Container) -> Said {
    let place = container.about.span;
    if container.source_kind != "unit" {
        return Said::new(State::Proven, "a container", place);
    }
    let confines = container.read_only.value() == Some(&true)
        || container.privilege_escalation.value() == Some(&false)
        || container.cap_drop.iter().any(|one| one.value == "ALL")
        || container.egress.value().is_some_and(|egress| egress != "open")
        || container.syscall_filter.value().is_some_and(|filter| filter != "unconfined");
    match container.privileged.value() {
        Some(true) => Said::new(State::Violated, "a process outside of everything that its unit says", place),
        _ if confines => Said::new(State::Proven, "a unit of systemd that confines it", place),
        _ => Said::new(State::Violated, "a plain process that systemd starts", place),
    }
}

/// A plain process has the rights of whoever starts it; what another sandbox leaves is not worked out here.
pub fn of_command(id: &str, definition: &Definition) -> Said {
    let place = definition.about.span;
    match &definition.confinement {
        Known::Is(confinement) if id == "boundary" => {
            Said::new(State::Proven, confinement.value.clone(), confinement.span)
        }
        Known::Is(confinement) => Said::unknown(
            &format!("what `{}` lets the process do is not worked out", confinement.value),
            confinement.span,
        ),
        Known::Unknown(unknown) => Said::unknown(&unknown.reason, unknown.span),
        Known::Absent => Said::new(State::Violated, plain_process(id), place),
    }
}

fn plain_process(id: &str) -> &'static str {
    match id {
        "boundary" => "a plain process of whoever starts the client",
        "user" => "runs as whoever starts the client",
        "root-file-system" | "mounts" => "sees the whole file system of the machine",
        "limits" => "has no limits",
        "secrets" => "sees the environment of the client",
        "egress" => "reaches whatever the machine reaches",
        "ingress" => "can listen on any address of the machine",
        _ => "keeps what the one who starts it may do",
    }
}

/// Adds what lower layers of the same deployment say; those of the same kind were replaced.
fn with_layers(mut said: Said, container: &Container, fields: &[&str]) -> Said {
    for earlier in container.earlier.iter().filter(|earlier| fields.contains(&earlier.field)) {
        let layer = Layer {
            decides: false,
            deployment: container.about.name.clone(),
            kind: earlier.layer.clone(),
            says: earlier.says.clone(),
            span: earlier.span,
        };
        let differs = earlier.layer == container.source_kind;
        if earlier.span != said.span {
            said.others.push((layer, differs));
        }
    }
    said
}

fn user(container: &Container) -> Said {
    let name = container.user.value().cloned();
    let place = container.user.span().or(container.runs_as_root.span()).unwrap_or(container.about.span);
    let said = match (&container.runs_as_root, name) {
        (Known::Is(root), Some(name)) if root.value => {
            Said::new(State::Violated, format!("`{name}`, which is root"), place)
        }
        (Known::Is(root), None) if root.value => {
            Said::new(State::Violated, "root, since nothing says otherwise", place)
        }
        (Known::Is(_), Some(name)) => Said::new(State::Proven, format!("`{name}`"), place),
        (Known::Is(_), None) => Said::new(State::Proven, "the ordinary user of the image", place),
        (Known::Unknown(unknown), _) => Said::unknown(&unknown.reason, unknown.span),
        (Known::Absent, _) => Said::new(State::Absent, "nobody in particular is stated", place),
    };
    let state = said.state;
    let mut said = with_layers(said, container, &["user"]);
    // What the image says is overruled only where the deployment turns it round.
    for (layer, differs) in said.others.iter_mut().filter(|(layer, _)| layer.says.starts_with("USER ")) {
        let is_root = matches!(layer.says.split([' ', ':']).nth(1), Some("root" | "0"));
        *differs |= is_root == (state == State::Proven);
    }
    said
}

fn root_file_system(container: &Container) -> Said {
    match &container.read_only {
        Known::Is(set) if set.value => Said::new(State::Proven, "read-only", set.span),
        Known::Is(set) => Said::new(State::Violated, "writable", set.span),
        Known::Unknown(unknown) => Said::unknown(&unknown.reason, unknown.span),
        Known::Absent => Said::new(State::Absent, "writable, since nothing says otherwise", container.about.span),
    }
}

fn capabilities(container: &Container) -> Said {
    let added: Vec<&Spanned<String>> =
        container.cap_add.iter().filter(|one| !HARMLESS.contains(&one.value.as_str())).collect();
    let dropped = container.cap_drop.iter().find(|one| one.value == "ALL");
    let said = match (&container.privileged, added.first(), dropped) {
        (Known::Is(set), _, _) if set.value => {
            Said::new(State::Violated, "all of them: the container is privileged", set.span)
        }
        (_, Some(first), _) => Said::new(State::Violated, format!("{} added", words(&added)), first.span),
        (Known::Unknown(unknown), None, _) => Said::unknown(&unknown.reason, unknown.span),
        (_, None, Some(dropped)) if container.cap_add.is_empty() => {
            Said::new(State::Proven, "all dropped", dropped.span)
        }
        (_, None, Some(dropped)) => {
            let kept = container.cap_add.iter().collect::<Vec<_>>();
            Said::new(State::Proven, format!("all dropped, {} added back", words(&kept)), dropped.span)
        }
        (_, None, None) => Said::new(State::Absent, "the default set of the engine", container.about.span),
    };
    // Dropping does not help a container that gets them back.
    let contradicted = dropped.filter(|_| said.state == State::Violated).map(|dropped| Layer {
        decides: false,
        deployment: container.about.name.clone(),
        kind: container.source_kind.clone(),
        says: "all dropped".into(),
        span: dropped.span,
    });
    let mut said = with_layers(said, container, &["privileged", "cap_add", "cap_drop"]);
    said.others.extend(contradicted.map(|layer| (layer, true)));
    said
}

fn words(all: &[&Spanned<String>]) -> String {
    all.iter().map(|one| format!("`{}`", one.value)).collect::<Vec<_>>().join(", ")
}

fn escalation(container: &Container) -> Said {
    match &container.privilege_escalation {
        Known::Is(set) if !set.value => Said::new(State::Proven, "no new privileges", set.span),
        Known::Is(set) if set.span != container.about.span => Said::new(State::Violated, "allowed", set.span),
        Known::Is(_) | Known::Absent => {
            Said::new(State::Absent, "allowed, since nothing says otherwise", container.about.span)
        }
        Known::Unknown(unknown) => Said::unknown(&unknown.reason, unknown.span),
    }
}

fn system_calls(container: &Container) -> Said {
    let runtime = container.runtime.value().filter(|runtime| !matches!(runtime.as_str(), "runc" | "crun"));
    let said = match &container.syscall_filter {
        Known::Is(filter) if filter.value == "unconfined" => Said::new(State::Violated, "not filtered", filter.span),
        Known::Is(filter) => {
            let runtime = runtime.map_or(String::new(), |runtime| format!(", under the runtime `{runtime}`"));
            Said::new(State::Proven, format!("filter `{}`{runtime}", filter.value), filter.span)
        }
        Known::Unknown(unknown) => Said::unknown(&unknown.reason, unknown.span),
        Known::Absent => Said::new(State::Absent, "no filter is stated", container.about.span),
    };
    with_layers(said, container, &["syscall_filter", "runtime"])
}

fn namespaces(container: &Container) -> Said {
    let shared: Vec<&Spanned<String>> = container.host_namespaces.iter().collect();
    match (shared.first(), container.devices.first()) {
        (Some(first), _) => Said::new(State::Violated, format!("shares {} with the host", words(&shared)), first.span),
        (None, Some(device)) => Said::new(State::Violated, format!("gets the device `{}`", device.value), device.span),
        (None, None) => Said::new(State::Proven, "its own", container.about.span),
    }
}

fn mounts<'a>(place: Span, all: impl Iterator<Item = &'a Mount>) -> Said {
    let mut weakest = Said::new(State::Proven, "nothing of the host", place);
    for mount in all {
        let name = mount.from.value().or(mount.to.value()).cloned().unwrap_or_else(|| mount.about.name.clone());
        let state = match (&mount.broad, &mount.writable) {
            _ if mount.engine_socket => (State::Violated, format!("the engine's socket `{name}`")),
            (Known::Is(why), _) => (State::Violated, format!("`{name}`: {}", why.value)),
            (_, Known::Is(writable)) if writable.value && mount.mount_kind == "bind" => {
                (State::Violated, format!("`{name}` of the host, writable"))
            }
            (Known::Unknown(unknown), _) | (_, Known::Unknown(unknown)) => {
                (State::Unknown, format!("`{name}` is {}", unknown.reason))
            }
            _ if mount.mount_kind == "bind" => (State::Proven, format!("`{name}` of the host, read-only")),
            _ => continue,
        };
        let said = Said::new(state.0, state.1, mount.about.span);
        if said.state < weakest.state || weakest.says == "nothing of the host" {
            weakest = said;
        }
    }
    weakest
}

fn limits(container: &Container) -> Said {
    let mut all = vec![("memory", &container.memory_limit), ("CPU", &container.cpu_limit)];
    if container.source_kind != "kubernetes" || !container.process_limit.is_absent() {
        all.push(("processes", &container.process_limit));
    }
    let missing: Vec<&str> = all.iter().filter(|(_, limit)| limit.is_absent()).map(|(name, _)| *name).collect();
    let unknown = all.iter().find_map(|(_, limit)| match limit {
        Known::Unknown(unknown) => Some(unknown),
        Known::Is(_) | Known::Absent => None,
    });
    let place = all.iter().find_map(|(_, limit)| limit.span()).unwrap_or(container.about.span);
    match (missing.is_empty(), unknown) {
        (false, _) => Said::new(State::Absent, format!("none for {}", missing.join(", ")), container.about.span),
        (true, Some(unknown)) => Said::unknown(&unknown.reason, unknown.span),
        (true, None) => {
            let set = all.iter().filter_map(|(name, limit)| Some(format!("{name} {}", limit.value()?)));
            Said::new(State::Proven, set.collect::<Vec<_>>().join(", "), place)
        }
    }
}

fn secrets<'a>(container: &Container, all: impl Iterator<Item = &'a Setting>) -> Said {
    let mut open = None;
    for setting in all.filter(|setting| setting.channel == "environment") {
        let place = setting.about.span;
        match &setting.secret {
            Known::Is(why) => {
                let how = match (setting.reference, why.value.as_str()) {
                    (true, _) => "by reference",
                    (false, "sample") => "as a stand-in",
                    (false, _) => "as it stands",
                };
                let says = format!("`{}` in the environment, {how}", setting.about.name);
                return Said::new(State::Violated, says, place);
            }
            Known::Unknown(unknown) => open = open.or(Some(unknown)),
            Known::Absent => {}
        }
    }
    match (open, container.secrets.first()) {
        (Some(unknown), _) => Said::unknown(&unknown.reason, unknown.span),
        (None, Some(first)) => {
            let all: Vec<_> = container.secrets.iter().collect();
            Said::new(State::Proven, format!("mounted: {}", words(&all)), first.span)
        }
        (None, None) => Said::new(State::Proven, "none handed over", container.about.span),
    }
}

fn egress(container: &Container) -> Said {
    match &container.egress {
        Known::Is(egress) if egress.value == "open" => Said::new(State::Violated, "open", egress.span),
        Known::Is(egress) => Said::new(State::Proven, egress.value.clone(), egress.span),
        Known::Unknown(unknown) => Said::unknown(&unknown.reason, unknown.span),
        Known::Absent => Said::new(State::Absent, "open, since nothing says otherwise", container.about.span),
    }
}

fn ingress<'a>(place: Span, all: impl Iterator<Item = &'a Port>) -> Said {
    let mut weakest = Said::new(State::Proven, "publishes nothing", place);
    for port in all {
        let name = &port.about.name;
        let said = match &port.all_interfaces {
            Known::Is(set) if set.value => {
                Said::new(State::Violated, format!("`{name}` on every interface"), port.about.span)
            }
            Known::Is(_) => Said::new(State::Proven, format!("`{name}` on the machine itself"), port.about.span),
            Known::Unknown(unknown) => Said::unknown(&unknown.reason, unknown.span),
            Known::Absent => Said::new(State::Absent, format!("`{name}` on no stated address"), port.about.span),
        };
        if said.state < weakest.state || weakest.says == "publishes nothing" {
            weakest = said;
        }
    }
    weakest
}
