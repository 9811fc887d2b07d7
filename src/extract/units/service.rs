//! `[Service]` sections: the directives that confine a process, and what holds where there are none.

use super::addresses;
use super::directives::{Directives, is_yes, words};
use crate::extract::command;
use crate::extract::containers::mount::{self, Parts};
use crate::extract::containers::{RunContainer, capability, is_root, setting};
use crate::extract::kubernetes::value;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Section of what confines the process.
pub const SERVICE: &str = "Service";
/// Directives that forbid new privileges by themselves where the service runs without the right to skip them.
const IMPLY_NO_NEW_PRIVILEGES: &[&str] = &[
    "SystemCallFilter",
    "SystemCallArchitectures",
    "RestrictAddressFamilies",
    "RestrictNamespaces",
    "PrivateDevices",
    "ProtectKernelTunables",
    "ProtectKernelModules",
    "ProtectKernelLogs",
    "ProtectClock",
    "MemoryDenyWriteExecute",
    "RestrictRealtime",
    "RestrictSUIDSGID",
    "LockPersonality",
];
/// Groups whose members control a container engine.
const ENGINE_GROUPS: &[&str] = &["docker", "podman", "containerd", "lxd", "incus"];

/// The process of a unit; nothing where it starts none.
pub fn container(unit: &Directives, name: &str, is_of_user: bool) -> Option<RunContainer> {
    let header = unit.header(SERVICE)?;
    let start = unit.last(SERVICE, "ExecStart")?;
    let (marks, line) = prefixes(start);
    let started = words(&line);
    if let Some(mut run) = command::read(&started).container {
        // The unit starts a container; what confines it stands on the command line.
        run.container.names.push(stem(name).to_string());
        return Some(run);
    }
    let mut run = RunContainer::new("unit", name, header);
    run.container.names = vec![stem(name).to_string()];
    run.command = started;
    let mut reader = Reader { unit, header, run: &mut run, is_of_user };
    reader.identity(&marks);
    reader.privileges(&marks);
    reader.file_system();
    reader.limits();
    reader.network();
    reader.environment();
    Some(run)
}

struct Reader<'u, 'r> {
    unit: &'u Directives,
    header: Span,
    run: &'r mut RunContainer,
    is_of_user: bool,
}

impl Reader<'_, '_> {
    fn last(&self, key: &str) -> Option<&Spanned<String>> {
        self.unit.last(SERVICE, key)
    }

    /// Whether a switch is on, with its place.
    fn on(&self, key: &str) -> Option<Span> {
        self.unit.switch(SERVICE, key).filter(|switch| switch.value).map(|switch| switch.span)
    }

    fn identity(&mut self, marks: &Spanned<String>) {
        let dynamic = self.on("DynamicUser");
        let user = self.last("User").cloned();
        let container = &mut self.run.container;
        match (&user, dynamic) {
            (Some(user), _) if !self.is_of_user => container.user = value::of_text(&user.value, user.span),
            (_, Some(span)) => container.user = Known::is("a user of its own".into(), span),
            (_, None) if self.is_of_user => container.user = Known::is("the user who starts it".into(), self.header),
            (_, None) => {}
        }
        container.runs_as_root = match is_root(&container.user) {
            Known::Absent => Known::is(true, self.header),
            known => known,
        };
        if marks.value.contains(['+', '!']) {
            container.user = Known::is("root".into(), marks.span);
            container.runs_as_root = Known::is(true, marks.span);
        }
        let groups = self.unit.words(SERVICE, "SupplementaryGroups").into_iter().chain(self.last("Group").cloned());
        for group in groups.filter(|group| ENGINE_GROUPS.contains(&group.value.as_str())) {
            let parts = Parts {
                from: Some(Spanned::new("/var/run/docker.sock".into(), group.span)),
                to: Some(Spanned::new("/var/run/docker.sock".into(), group.span)),
                kind: Some("bind".into()),
                // A socket is no less powerful for being read-only, and is judged as a socket alone.
                read_only: Known::is(true, group.span),
                ..Parts::default()
            };
            self.run.mounts.push(mount::build(parts, group.span));
        }
    }

    fn privileges(&mut self, marks: &Spanned<String>) {
        let unconfined = marks.value.contains('+').then_some(marks.span);
        let escalation = self.escalation();
        let (drop, add) = capabilities(self.unit);
        let filter = self.filter();
        let devices = self.devices();
        let container = &mut self.run.container;
        container.privilege_escalation = escalation;
        (container.cap_drop, container.cap_add) = (drop, add);
        container.syscall_filter = filter.map_or(Known::Absent, |value| Known::is(value.value, value.span));
        container.devices = devices;
        if let Some(span) = unconfined {
            // `+` runs the command outside of everything that the unit says.
            container.privileged = Known::is(true, span);
            container.syscall_filter = Known::is("unconfined".into(), span);
        }
    }

    /// Every list of system calls since the last empty one; each adds to those before it.
    fn filter(&self) -> Option<Spanned<String>> {
        let lists = self.unit.all(SERVICE, "SystemCallFilter");
        let all: Vec<&str> = lists.iter().map(|list| list.value.as_str()).collect();
        Some(Spanned::new(all.join(" "), lists.first()?.span))
    }

    /// A user that is made for the service takes the right away whatever else is said.
    fn escalation(&self) -> Known<bool> {
        if let Some(span) = self.on("DynamicUser") {
            return Known::is(false, span);
        }
        if let Some(said) = self.unit.switch(SERVICE, "NoNewPrivileges") {
            return Known::is(!said.value, said.span);
        }
        let is_ordinary = self.is_of_user || self.run.container.runs_as_root.value() == Some(&false);
        let implied = IMPLY_NO_NEW_PRIVILEGES.iter().filter(|_| is_ordinary).find_map(|key| {
            self.last(key).filter(|value| !matches!(value.value.to_ascii_lowercase().as_str(), "no" | "false" | "0"))
        });
        implied.map_or(Known::is(true, self.header), |value| Known::is(false, value.span))
    }

    /// A service sees every device that its user may open, unless the unit says otherwise.
    fn devices(&self) -> Vec<Spanned<String>> {
        let allowed: Vec<Spanned<String>> = self.unit.words(SERVICE, "DeviceAllow");
        let allowed = allowed.into_iter().filter(|word| word.value.contains('/') || word.value.contains('-')).collect();
        let strict =
            self.last("DevicePolicy").is_some_and(|policy| matches!(policy.value.as_str(), "closed" | "strict"));
        if self.on("PrivateDevices").is_some() || strict {
            return allowed;
        }
        vec![Spanned::new("every device that its user may open".into(), self.header)]
    }

    fn file_system(&mut self) {
        let dynamic = self.on("DynamicUser");
        self.run.container.read_only = self.read_only(dynamic);
        let read_only = self.run.container.read_only.value() == Some(&true);
        self.homes(read_only, dynamic);
        for path in self
            .unit
            .words(SERVICE, "ReadWritePaths")
            .into_iter()
            .chain(self.unit.words(SERVICE, "ReadWriteDirectories"))
        {
            let path = Spanned::new(path.value.trim_start_matches(['-', '+']).to_string(), path.span);
            self.bind(path, false);
        }
        for (key, is_read_only) in [("BindPaths", false), ("BindReadOnlyPaths", true)] {
            for path in self.unit.words(SERVICE, key) {
                let from = path.value.trim_start_matches('-').split(':').next().unwrap_or_default().to_string();
                self.bind(Spanned::new(from, path.span), is_read_only);
            }
        }
        for path in self.unit.words(SERVICE, "TemporaryFileSystem") {
            self.run.mounts.push(mount::tmpfs(&path));
        }
        let credentials = ["LoadCredential", "LoadCredentialEncrypted"];
        self.run.container.secrets = credentials.iter().flat_map(|key| self.unit.words(SERVICE, key)).collect();
    }

    /// A user that is made for the service makes everything read-only where nothing stronger or weaker is said of it.
    fn read_only(&self, dynamic: Option<Span>) -> Known<bool> {
        let paths = |key: &str| self.unit.words(SERVICE, key);
        let root = |path: &Spanned<String>| path.value.trim_start_matches(['-', '+']) == "/";
        if let Some(writable) = paths("ReadWritePaths").iter().find(|path| root(path)) {
            return Known::is(false, writable.span);
        }
        if let Some(path) = paths("ReadOnlyPaths").iter().find(|path| root(path)) {
            return self.of_system(Known::is(true, path.span));
        }
        let protect = self.last("ProtectSystem").filter(|value| dynamic.is_none() || !is_no(&value.value));
        match (protect, dynamic) {
            (Some(value), _) => self.of_system(Known::is(value.value == "strict", value.span)),
            (None, Some(span)) => Known::is(true, span),
            (None, None) => Known::Absent,
        }
    }

    /// The manager of one user has file systems of its own only within a user namespace.
    fn of_system(&self, said: Known<bool>) -> Known<bool> {
        match said {
            Known::Is(set) if set.value && self.is_of_user && self.on("PrivateUsers").is_none() => {
                let reason = "left to the manager of one user, which cannot do it without `PrivateUsers=yes`";
                Known::unknown(reason, set.span)
            }
            said => said,
        }
    }

    /// Whether the unit puts something else over the home folders, or lives in a tree of its own.
    fn hides_homes(&self) -> bool {
        let covers = |path: &Spanned<String>| {
            let path = path.value.trim_start_matches(['-', '+']).split(':').next().unwrap_or_default();
            matches!(path, "/" | "/home" | "/home/")
        };
        let hidden = ["InaccessiblePaths", "TemporaryFileSystem"]
            .iter()
            .any(|key| self.unit.words(SERVICE, key).iter().any(covers));
        hidden || ["RootDirectory", "RootImage"].iter().any(|key| self.last(key).is_some_and(|path| path.value != "/"))
    }

    /// Home folders are there unless the unit hides them.
    fn homes(&mut self, read_only: bool, dynamic: Option<Span>) {
        if self.hides_homes() {
            return;
        }
        let said = self.last("ProtectHome").filter(|value| dynamic.is_none() || !is_no(&value.value));
        let (span, is_read_only) = match said {
            Some(value) if is_yes(&value.value) || value.value == "tmpfs" => return,
            Some(value) => (value.span, value.value == "read-only" || read_only),
            None => (dynamic.unwrap_or(self.header), dynamic.is_some() || read_only),
        };
        let mut mount = mount::build(
            Parts {
                from: Some(Spanned::new("/home".into(), span)),
                to: Some(Spanned::new("/home".into(), span)),
                kind: Some("bind".into()),
                read_only: Known::is(is_read_only, span),
                ..Parts::default()
            },
            span,
        );
        mount.broad = Known::is("the home folders of the host".into(), span);
        self.run.mounts.push(mount);
    }

    fn bind(&mut self, path: Spanned<String>, is_read_only: bool) {
        let span = path.span;
        let parts = Parts {
            from: Some(path.clone()),
            to: Some(path),
            kind: Some("bind".into()),
            read_only: Known::is(is_read_only, span),
            ..Parts::default()
        };
        self.run.mounts.push(mount::build(parts, span));
    }

    fn limits(&mut self) {
        let text = |key: &str| self.last(key).map_or(Known::Absent, |value| value::of_text(&value.value, value.span));
        let (memory, cpu, tasks) = (text("MemoryMax"), text("CPUQuota"), text("TasksMax"));
        let memory = value::either(memory, || text("MemoryLimit"));
        let container = &mut self.run.container;
        (container.memory_limit, container.cpu_limit, container.process_limit) = (memory, cpu, tasks);
    }

    fn network(&mut self) {
        let (egress, left) = addresses::egress(self.unit, self.header, self.is_of_user);
        self.run.container.egress = egress;
        self.run.container.egress_to = left;
    }

    fn environment(&mut self) {
        for word in self.unit.words(SERVICE, "Environment") {
            self.run.settings.push(setting::assignment("environment", "unit", &word));
        }
        for name in self.unit.words(SERVICE, "PassEnvironment") {
            self.run.settings.push(setting::variable("environment", "unit", &name, None));
        }
        let files = self.unit.words(SERVICE, "EnvironmentFile").into_iter();
        self.run.env_files =
            files.map(|path| Spanned::new(path.value.trim_start_matches('-').to_string(), path.span)).collect();
    }
}

/// What systemd takes for no.
fn is_no(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "0" | "no" | "n" | "false" | "f" | "off")
}

/// The bounding set: an empty one drops all, a list keeps what it names, `~` takes away what it names.
fn capabilities(unit: &Directives) -> (Vec<Spanned<String>>, Vec<Spanned<String>>) {
    let (mut drop, mut add): (Vec<Spanned<String>>, Vec<Spanned<String>>) = (Vec::new(), Vec::new());
    for value in unit.each(SERVICE, "CapabilityBoundingSet") {
        let (inverted, list) = value.value.strip_prefix('~').map_or((false, value.value.as_str()), |rest| (true, rest));
        if inverted && list.trim().is_empty() {
            // A tilde alone gives all of them back.
            (drop, add) = (Vec::new(), Vec::new());
            continue;
        }
        let named = list.split_whitespace().map(|name| capability(&Spanned::new(name.to_string(), value.span)));
        let is_all_dropped = drop.iter().any(|name| name.value == "ALL");
        match (inverted, is_all_dropped) {
            (false, _) => {
                if value.value.is_empty() {
                    add.clear();
                }
                drop = vec![Spanned::new("ALL".into(), value.span)];
                add.extend(named);
            }
            (true, true) => {
                let taken: Vec<String> = named.map(|name| name.value).collect();
                add.retain(|name| !taken.contains(&name.value));
            }
            (true, false) => drop.extend(named),
        }
    }
    add.extend(unit.words(SERVICE, "AmbientCapabilities").iter().map(capability));
    (drop, add)
}

/// Marks before a command and the command itself.
fn prefixes(value: &Spanned<String>) -> (Spanned<String>, Spanned<String>) {
    let rest = value.value.trim_start_matches(['@', '-', ':', '+', '!', '|']);
    let length = value.value.len() - rest.len();
    let marks = value.value.get(..length).unwrap_or("").to_string();
    let start = value.span.start.saturating_add(length as u32).min(value.span.end);
    (Spanned::new(marks, value.span), Spanned::new(rest.to_string(), Span { start, ..value.span }))
}

/// Name of a unit without its type and instance.
fn stem(name: &str) -> &str {
    let bare = name.split('.').next().unwrap_or(name);
    bare.split('@').next().unwrap_or(bare)
}
