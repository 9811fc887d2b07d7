//! Images that this tree builds, and the recipe of each: what only names an image gets the user and command of its recipe.
//!
//! A build counts where a file states it literally: compose, bake and Skaffold files, CI, Makefiles and scripts. Without
//! one, the only recipe of a server is that of the image with the server's name.

mod bake;
mod command;
mod hints;

use std::collections::{BTreeMap, BTreeSet};

use crate::extract::containers::dockerfile::{Recipe, Stage};
use crate::extract::containers::{NOT_STATED, image, recipes};
use crate::extract::servers::plain;
use crate::load::Loaded;
use crate::model::container::Container;
use crate::model::known::Known;
use crate::model::{Facts, ServerId};

/// Builds that one tree may state.
const MOST: usize = 2_000;
/// Words of an image's name that say what it is, not which.
const COMMON: &[&str] = &["mcp", "server", "service", "app", "image"];

/// A statement that an image is built from a recipe of this tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Build {
    /// Reference as written, without what a variable sets at its end.
    pub image: String,
    /// Path of the Dockerfile.
    pub dockerfile: String,
    /// Stage that is built, where one is named.
    pub target: Option<String>,
}

/// Gives containers the recipe that a file says their image is built from; before containers are tied to servers.
pub fn by_statement(loaded: &Loaded, facts: &mut Facts) {
    let open = facts.containers.iter().any(lacks_recipe);
    let recipes = if open { recipes(loaded) } else { BTreeMap::new() };
    if recipes.is_empty() {
        return;
    }
    let mut builds = hints::builds(loaded, &recipes);
    builds.sort();
    builds.dedup();
    builds.truncate(MOST);
    for container in facts.containers.iter_mut().filter(|container| lacks_recipe(container)) {
        let Some(build) = container.image.value().and_then(|reference| build_of(&builds, reference)) else { continue };
        let stage = recipes.get(&build.dockerfile).and_then(|recipe| recipe.stage(build.target.as_deref()));
        if let Some(stage) = stage {
            join(container, &build.dockerfile, stage);
        }
    }
}

/// Gives containers the only recipe of their server, where the image has its name; after they are tied.
pub fn by_name(loaded: &Loaded, facts: &mut Facts) {
    let mut own: BTreeMap<ServerId, BTreeSet<String>> = BTreeMap::new();
    for container in facts.containers.iter().filter(|container| container.source_kind == "dockerfile") {
        if let (Some(server), Some(path)) = (container.about.server, &container.built_from) {
            own.entry(server).or_default().insert(path.clone());
        }
    }
    let recipes = if own.is_empty() { BTreeMap::new() } else { recipes(loaded) };
    for at in 0..facts.containers.len() {
        let container = &facts.containers[at];
        let Some(server) = container.about.server.filter(|_| lacks_recipe(container)) else { continue };
        let Some(path) = own.get(&server).filter(|paths| paths.len() == 1).and_then(|paths| paths.first()) else {
            continue;
        };
        let names = names_of(facts, server, path);
        let is_named = container.image.value().is_some_and(|reference| names.contains(&core(last(reference))));
        let stage = recipes.get(path).and_then(Recipe::last_stage).filter(|_| is_named);
        if let Some(stage) = stage {
            join(&mut facts.containers[at], path, stage);
        }
    }
}

fn lacks_recipe(container: &Container) -> bool {
    container.built_from.is_none()
        && container.image.value().is_some()
        && matches!(container.source_kind.as_str(), "kubernetes" | "compose" | "docker-run" | "unit")
}

/// The one build of a reference: that of the very reference, of its name, or of its last part where that is built
/// without a registry.
fn build_of<'b>(builds: &'b [Build], reference: &str) -> Option<&'b Build> {
    let name = image::name(reference);
    let ways: [&dyn Fn(&Build) -> bool; 3] =
        [&|build| build.image == reference, &|build| image::name(&build.image) == name, &|build| {
            !image::name(&build.image).contains('/') && image::name(&build.image) == last(reference)
        }];
    for way in ways {
        let found: BTreeSet<(&str, Option<&str>)> = builds
            .iter()
            .filter(|build| way(build))
            .map(|build| (&*build.dockerfile, build.target.as_deref()))
            .collect();
        match found.len() {
            0 => {}
            1 => return builds.iter().find(|build| way(build)),
            _ => return None,
        }
    }
    None
}

/// What an image of a server may be called: as the server, its package, or the folder of its recipe.
fn names_of(facts: &Facts, server: ServerId, dockerfile: &str) -> BTreeSet<String> {
    let packages = facts.packages.iter().filter(|package| package.about.server == Some(server));
    let packages = packages.map(|package| last(&package.about.name).to_string());
    let folder = dockerfile.rsplit('/').nth(1).map(str::to_string);
    let names = packages.chain(folder).chain([facts.server(server).about.name.clone()]);
    names.map(|name| core(&name)).filter(|name| !name.is_empty()).collect()
}

/// A name without the words that many have.
fn core(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).map(plain);
    words.filter(|word| !COMMON.contains(&word.as_str())).collect()
}

/// Last part of an image's name.
fn last(reference: &str) -> &str {
    let name = image::name(reference);
    name.rsplit('/').next().unwrap_or(name)
}

/// What the image says holds where the deployment says nothing.
fn join(container: &mut Container, path: &str, stage: &Stage) {
    container.built_from = Some(path.to_string());
    for (span, says) in &stage.users {
        container.note("user", "dockerfile", says.clone(), *span);
    }
    let is_silent = match &container.runs_as_root {
        Known::Unknown(unknown) => unknown.reason == NOT_STATED,
        Known::Absent => true,
        Known::Is(_) => false,
    };
    if container.user.is_absent() && is_silent {
        container.user = stage.user.clone();
        container.runs_as_root = stage.runs_as_root.clone();
    }
    if container.command.is_empty() {
        container.command = stage.whole_command();
    }
}

#[cfg(test)]
mod tests;
