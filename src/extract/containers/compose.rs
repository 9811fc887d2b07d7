//! Compose projects to containers, as the specification resolves them: files and overrides, `extends`, `include`,
//! variables of the project's `.env`, profiles.

use std::collections::BTreeMap;

use self::project::Project;
use self::resolve::Reader;
use self::tree::{Entry, Tree};
use super::dockerfile::Recipe;
use super::{RunContainer, image, interpolate};
use crate::extract::boundary::reference;
use crate::extract::environment;
use crate::gap::Gap;
use crate::load::Loaded;
use crate::model::definition::Setting;
use crate::model::known::{Known, Spanned};
use crate::source::{SourceId, Span};

mod merge;
mod network;
mod profile;
pub mod project;
mod resolve;
mod secret;
mod service;
mod tree;

/// The services of every compose project; `recipes` are the Dockerfiles of the tree by path.
pub fn read(loaded: &Loaded, recipes: &BTreeMap<String, Recipe>) -> (Vec<RunContainer>, Vec<Setting>, Vec<Gap>) {
    let mut reader = Reader::new(loaded);
    let (mut found, mut secrets) = (Vec::new(), Vec::new());
    let projects = project::projects(loaded);
    for project in &projects {
        let Some(tree) = reader.project(project) else { continue };
        let services = Services { loaded, tree: &tree, project, recipes, folders: &reader.folders };
        found.extend(services.containers());
        let of_files = secret::files(loaded, &tree, |span| services.folder(span));
        secrets.extend(of_files);
    }
    let mut gaps = reader.gaps;
    gaps.iter_mut().for_each(|gap| gap.path = gap.span.map_or(String::new(), |span| path_of(loaded, span.source)));
    gaps.sort();
    gaps.dedup();
    secrets.sort_by_key(|setting: &Setting| setting.about.span);
    secrets.dedup_by_key(|setting| setting.about.span);
    (without_repeats(found), secrets, gaps)
}

fn path_of(loaded: &Loaded, source: SourceId) -> String {
    loaded.sources.path(source).to_string()
}

/// A variant that changes nothing about a service says nothing new about it.
fn without_repeats(all: Vec<RunContainer>) -> Vec<RunContainer> {
    let mut kept: Vec<RunContainer> = Vec::new();
    for mut run in all {
        let same = kept.iter().find(|other| other.container.about.span == run.container.about.span);
        match same {
            None => kept.push(run),
            // A variant may change the networks of a service that it does not name.
            Some(other) if other.container.egress.value() != run.container.egress.value() => {
                run.container.about.span = run.container.egress.span().unwrap_or(run.container.about.span);
                kept.push(run);
            }
            Some(_) => {}
        }
    }
    kept
}

/// The services of one project.
struct Services<'a> {
    loaded: &'a Loaded,
    tree: &'a Tree,
    project: &'a Project,
    recipes: &'a BTreeMap<String, Recipe>,
    folders: &'a BTreeMap<SourceId, String>,
}

impl Services<'_> {
    fn containers(&self) -> Vec<RunContainer> {
        let services = self.tree.get("services").map(Tree::entries).unwrap_or_default();
        services.iter().filter(|entry| entry.value.is_map()).map(|entry| self.container(entry)).collect()
    }

    fn container(&self, entry: &Entry) -> RunContainer {
        let service = &entry.value;
        let mut run = RunContainer::new("compose", entry.key.value.clone(), self.place(entry));
        run.container.files = self.project.files.clone();
        self.set_image(&mut run, service);
        service::set_identity(&mut run, service);
        service::set_limits(&mut run, service);
        network::set_egress(&mut run, self.tree, service);
        service::set_mounts(&mut run, service);
        service::set_ports(&mut run, service);
        service::set_environment(&mut run, service);
        self.read_env_files(&mut run);
        run.container.secrets = service::names_of(service, "secrets", "source");
        service::set_options(&mut run, service);
        let words = |key: &str| service.at(&[key]).map(Tree::listed).unwrap_or_default();
        run.command = words("entrypoint");
        run.command.extend(words("command"));
        self.inherit_user(&mut run, service);
        run.settle();
        profile::settle(&mut run, self.loaded, self.project.folder());
        if let Some(extends) = service.at(&["extends"]) {
            run.leave_open("the service that this one extends is not known", extends.span);
        }
        if self.project.is_development() {
            run.container.source_kind = "devcontainer".into();
            run.container.deployment = false;
        }
        run
    }

    /// Where the service stands: in a variant, where that speaks of it.
    fn place(&self, entry: &Entry) -> Span {
        let variant = self.project.variant().and_then(|path| self.loaded.find(path));
        let document = variant.and_then(|file| self.loaded.document(file));
        let keys = document.into_iter().flat_map(|document| document.roots());
        let key = keys.filter_map(|root| root.get("services")?.entry(&entry.key.value)).last();
        key.map_or(entry.key.span, |(key, _, _)| key.span())
    }

    fn set_image(&self, run: &mut RunContainer, service: &Tree) {
        let build = service.at(&["build"]);
        run.container.built_from = build.and_then(|build| self.dockerfile(build));
        let Some(reference) = service.at(&["image"]).and_then(Tree::text) else { return };
        let found = image::read(&reference, "run", build.is_some());
        run.container.image = found.reference.clone();
        run.image = Some(found);
    }

    /// The folder that a relative path in a value starts from.
    fn folder(&self, span: Span) -> &str {
        self.folders.get(&span.source).map_or("", String::as_str)
    }

    /// Path of the Dockerfile that a `build` names, where it is in the tree.
    fn dockerfile(&self, build: &Tree) -> Option<String> {
        let context = build.text().or_else(|| build.at(&["context"])?.text());
        let context = context.unwrap_or_else(|| Spanned::new(".".into(), build.span));
        let folder = reference::under(self.folder(context.span), &interpolate::resolve(&context.value).ok()?)?;
        let file = build.at(&["dockerfile"]).and_then(Tree::text).map_or("Dockerfile".into(), |file| file.value);
        let path = reference::under(&folder, &interpolate::resolve(&file).ok()?)?;
        self.recipes.contains_key(&path).then_some(path)
    }

    /// The user of the image, where it is built here and the service sets none; else what the image said is overruled.
    fn inherit_user(&self, run: &mut RunContainer, service: &Tree) {
        let build = service.at(&["build"]);
        let recipe = run.container.built_from.as_ref().and_then(|path| self.recipes.get(path));
        let target = build.and_then(|build| build.at(&["target"])?.text());
        let stage = recipe.and_then(|recipe| recipe.stage(target.as_ref().map(|target| target.value.as_str())));
        for (span, says) in stage.map(|stage| stage.users.clone()).unwrap_or_default() {
            run.container.note("user", "dockerfile", says, span);
        }
        if !run.container.user.is_absent() {
            return;
        }
        match (build, stage) {
            (_, Some(stage)) => {
                if run.command.is_empty() {
                    run.command = stage.whole_command();
                }
                run.container.user = stage.user.clone();
                run.container.runs_as_root = stage.runs_as_root.clone();
            }
            (Some(build), None) => {
                let reason =
                    "not stated: no user is set, and the Dockerfile stage that builds the image is not in the tree";
                run.container.runs_as_root = Known::unknown(reason, build.span);
            }
            (None, None) => {}
        }
    }

    /// Takes the variables of environment files that are in the tree; they reach the process as if written in place.
    fn read_env_files(&self, run: &mut RunContainer) {
        let mut missing = Vec::new();
        for path in std::mem::take(&mut run.env_files) {
            let known = interpolate::resolve(&path.value).ok();
            let inside = known.and_then(|known| reference::under(self.folder(path.span), &known));
            match inside.and_then(|inside| self.loaded.find(&inside)) {
                Some(file) => run.settings.extend(environment::variables(self.loaded, file, "compose")),
                None => missing.push(path),
            }
        }
        run.env_files = missing;
    }
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
