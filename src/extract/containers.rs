//! Containers to facts: Dockerfiles, compose services, run commands.
//!
//! Only files that play a part in what runs are read; a compose file among the examples confines nothing.

pub mod compose;
pub mod dockerfile;
pub mod image;
pub mod interpolate;
pub mod mount;
pub mod port;
pub mod run;
pub mod setting;

pub use run::from_run_arguments;

use std::collections::BTreeMap;

use rayon::prelude::*;

use self::dockerfile::Recipe;
use crate::discover::FileKind;
use crate::document::Document;
use crate::load::{File, Loaded};
use crate::model::container::{Container, Image, Mount, Port};
use crate::model::definition::Setting;
use crate::model::known::{Known, Spanned};
use crate::model::{About, Facts};
use crate::source::Span;

/// Why nobody knows who runs a container whose image comes from elsewhere.
pub const NOT_STATED: &str = "not stated: no user is set, and the image's own user is not visible here";

/// Reads every Dockerfile and compose file that plays a part in what runs.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let recipes = recipes(loaded);
    for (path, recipe) in &recipes {
        // What builds a development container builds no server.
        let is_served = !compose::project::is_development(path);
        let file = loaded.find(path).filter(|file| file.role.is_own() && is_served);
        if let Some(file) = file {
            let mut run = recipe.container(path);
            run.container.copied_secrets.extend(context_secrets(loaded, file, recipe));
            let mut bases = recipe.bases.clone();
            bases.iter_mut().for_each(|base| base.about.part_of = Some(run.container.about.span));
            facts.images.extend(bases);
            run.into_facts(facts);
        }
    }
    let (runs, secrets, gaps) = compose::read(loaded, &recipes);
    facts.settings.extend(secrets);
    facts.gaps.extend(gaps);
    runs.into_iter().for_each(|run| run.into_facts(facts));
}

/// Every Dockerfile of the tree, by path.
pub fn recipes(loaded: &Loaded) -> BTreeMap<String, Recipe> {
    let files: Vec<_> = loaded.documents_of(FileKind::Dockerfile).collect();
    let recipe = |(file, document): (&File, &Document)| {
        Some((file.path.clone(), dockerfile::read(document.root()?, file.source)))
    };
    files.into_par_iter().with_max_len(1).filter_map(recipe).collect()
}

/// Environment files that `COPY . …` takes along because nothing ignores them.
fn context_secrets(loaded: &Loaded, dockerfile: &File, recipe: &Recipe) -> Vec<Spanned<String>> {
    let folder = dockerfile.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let ignored = loaded.find(&format!("{folder}.dockerignore")).map(|file| loaded.sources.get(file.source).text());
    let lines = ignored.unwrap_or("").lines();
    let lines: Vec<&str> = lines.map(|line| line.trim().trim_start_matches("**/").trim_start_matches('/')).collect();
    let is_ignored = |name: &str| {
        let covers = |line: &&str| *line == name || matches!(*line, "*" | "**" | ".*" | ".env*" | "*.env");
        lines.iter().any(covers) || (name != ".env" && lines.contains(&".env.*"))
    };
    let present = [".env", ".env.local", ".env.production"].into_iter();
    let present: Vec<&str> = present.filter(|name| loaded.find(&format!("{folder}{name}")).is_some()).collect();
    let taken = present.into_iter().filter(|name| !is_ignored(name));
    let copies = &recipe.whole_copies;
    taken.flat_map(|name| copies.iter().map(move |span| Spanned::new(name.to_string(), *span))).collect()
}

/// A container as one statement describes it.
#[derive(Clone, Debug)]
pub struct RunContainer {
    /// The container.
    pub container: Container,
    /// Its mounts.
    pub mounts: Vec<Mount>,
    /// The ports it publishes.
    pub ports: Vec<Port>,
    /// Its image; absent where it is only built.
    pub image: Option<Image>,
    /// Its environment.
    pub settings: Vec<Setting>,
    /// Files of variables that are handed to it.
    pub env_files: Vec<Spanned<String>>,
    /// Words that follow the image: what runs inside.
    pub command: Vec<Spanned<String>>,
}

impl RunContainer {
    /// A container of which nothing has been said: what engines do by default.
    pub fn new(source_kind: &str, name: impl Into<String>, span: Span) -> Self {
        let container = Container {
            about: About::new(name, span),
            source_kind: source_kind.into(),
            image: Known::Absent,
            user: Known::Absent,
            runs_as_root: Known::Absent,
            read_only: Known::Absent,
            cap_drop: vec![],
            cap_add: vec![],
            privilege_escalation: Known::is(true, span),
            syscall_filter: Known::is("default".into(), span),
            protections_off: vec![],
            unchecked_downloads: vec![],
            privileged: Known::Absent,
            host_namespaces: vec![],
            devices: vec![],
            memory_limit: Known::Absent,
            cpu_limit: Known::Absent,
            process_limit: Known::Absent,
            runtime: Known::Absent,
            networks: vec![],
            egress: Known::Absent,
            egress_to: vec![],
            names: vec![],
            pod: None,
            deployment: true,
            options: vec![],
            secrets: vec![],
            copied_secrets: vec![],
            download_and_run: vec![],
            command: vec![],
            built_from: None,
            files: vec![],
            earlier: vec![],
        };
        Self {
            container,
            mounts: vec![],
            ports: vec![],
            image: None,
            settings: vec![],
            env_files: vec![],
            command: vec![],
        }
    }

    /// Makes everything that is not stated unknown: a layer that may state it cannot be read.
    pub fn leave_open(&mut self, reason: &str, span: Span) {
        let container = &mut self.container;
        for field in [
            &mut container.user,
            &mut container.memory_limit,
            &mut container.cpu_limit,
            &mut container.process_limit,
            &mut container.runtime,
        ] {
            if field.is_absent() {
                *field = Known::unknown(reason, span);
            }
        }
        for field in [&mut container.read_only, &mut container.privileged] {
            if field.is_absent() {
                *field = Known::unknown(reason, span);
            }
        }
        if container.privilege_escalation.span() == Some(container.about.span) {
            container.privilege_escalation = Known::unknown(reason, span);
        }
        if container.syscall_filter.span() == Some(container.about.span) {
            container.syscall_filter = Known::unknown(reason, span);
        }
        container.runs_as_root = is_root(&container.user);
    }

    /// Hands everything over.
    pub fn into_facts(mut self, facts: &mut Facts) {
        self.container.command = std::mem::take(&mut self.command);
        let files = self.env_files.iter().map(|path| setting::file(&self.container.source_kind, path));
        self.settings.extend(files);
        let whole = Some(self.container.about.span);
        self.mounts.iter_mut().for_each(|mount| mount.about.part_of = mount.about.part_of.or(whole));
        self.ports.iter_mut().for_each(|port| port.about.part_of = port.about.part_of.or(whole));
        self.image.iter_mut().for_each(|image| image.about.part_of = image.about.part_of.or(whole));
        self.settings.iter_mut().for_each(|setting| setting.about.part_of = setting.about.part_of.or(whole));
        facts.containers.push(self.container);
        facts.mounts.extend(self.mounts);
        facts.ports.extend(self.ports);
        facts.images.extend(self.image);
        facts.settings.extend(self.settings);
    }

    /// Takes one `security_opt`: `key:value`, `key=value` or a bare key.
    pub(super) fn security_option(&mut self, option: Spanned<String>) {
        let (key, value) = option.value.split_once([':', '=']).unwrap_or((&option.value, ""));
        match (key.trim(), value.trim()) {
            ("no-new-privileges", value) => {
                let is_off = matches!(value.to_ascii_lowercase().as_str(), "false" | "0");
                self.container.privilege_escalation = Known::is(is_off, option.span);
            }
            ("seccomp", profile) => self.container.syscall_filter = interpolate::known(profile, option.span),
            (key, value) => {
                let off = match (key, value) {
                    ("apparmor", "unconfined") => Some("AppArmor is switched off"),
                    ("label", "disable") => Some("SELinux labels are switched off"),
                    ("systempaths", "unconfined") | ("unmask", _) => Some("the kernel's paths are not masked"),
                    _ => None,
                };
                let off = off.map(|off| Spanned::new(off.to_string(), option.span));
                self.container.protections_off.extend(off);
                self.container.options.push(option);
            }
        }
    }

    /// Takes the user, and what follows from it.
    fn set_user(&mut self, user: Spanned<String>) {
        self.container.user = interpolate::known(&user.value, user.span);
        self.container.runs_as_root = is_root(&self.container.user);
    }

    /// Takes `host` for one of the namespaces.
    fn namespace(&mut self, which: &str, value: &Spanned<String>) {
        match interpolate::resolve(&value.value) {
            Ok(set) if set.trim() == "host" => {
                self.container.host_namespaces.push(Spanned::new(which.into(), value.span))
            }
            Ok(set) if set.trim().is_empty() || set.trim() == "private" => {}
            Ok(_) | Err(_) => {
                self.container.options.push(Spanned::new(format!("{which}={}", value.value), value.span));
            }
        }
    }

    /// What follows once everything is said.
    pub fn settle(&mut self) {
        let container = &mut self.container;
        let is_default = container.syscall_filter.value().is_some_and(|filter| filter == "default");
        match &container.privileged {
            Known::Is(set) if set.value && is_default => {
                container.syscall_filter = Known::is("unconfined".into(), set.span);
            }
            Known::Unknown(unknown) if is_default => container.syscall_filter = Known::Unknown(unknown.clone()),
            Known::Is(_) | Known::Unknown(_) | Known::Absent => {}
        }
        if container.runs_as_root.is_absent() {
            let span = container.image.span().unwrap_or(container.about.span);
            container.runs_as_root = Known::unknown(NOT_STATED, span);
        }
    }
}

/// Whether a user is root; a name other than `root` is taken at its word.
pub fn is_root(user: &Known<String>) -> Known<bool> {
    match user {
        Known::Absent => Known::Absent,
        Known::Unknown(unknown) => Known::Unknown(unknown.clone()),
        Known::Is(user) => {
            let name = user.value.split(':').next().unwrap_or("").trim();
            let is_zero = !name.is_empty() && name.bytes().all(|byte| byte == b'0');
            Known::is(name.is_empty() || name.eq_ignore_ascii_case("root") || is_zero, user.span)
        }
    }
}

/// A capability as the kernel names it, without `CAP_`.
pub fn capability(name: &Spanned<String>) -> Spanned<String> {
    let upper = name.value.trim().to_ascii_uppercase();
    Spanned::new(upper.strip_prefix("CAP_").map_or(upper.clone(), str::to_string), name.span)
}

/// A limit as written; what engines take for "no limit" is none.
fn limit(text: &str, span: Span) -> Known<String> {
    match interpolate::known(text, span) {
        Known::Is(value) if matches!(value.value.trim(), "" | "0" | "-1" | "0.0" | "unlimited") => Known::Absent,
        other => other,
    }
}

/// A truth value that may come from a variable.
fn switch(text: &str, span: Span) -> Known<bool> {
    match interpolate::resolve(text) {
        Ok(value) => match value.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "y" | "t" => Known::is(true, span),
            "false" | "no" | "off" | "0" | "n" | "f" => Known::is(false, span),
            other => Known::unknown(format!("`{other}` is neither true nor false"), span),
        },
        Err(reason) => Known::unknown(reason, span),
    }
}
