//! Development containers: what they give away. None of them deploys a server, so nothing of them counts in its favour.

use std::collections::BTreeMap;

use crate::discover::FileKind;
use crate::document::Node;
use crate::extract::boundary::reference;
use crate::extract::containers::dockerfile::Recipe;
use crate::extract::containers::mount::{self, Parts};
use crate::extract::containers::{
    RunContainer, capability, from_run_arguments, image, is_root, port, recipes as recipes_of, setting,
};
use crate::extract::kubernetes::value;
use crate::load::Loaded;
use crate::model::Facts;
use crate::model::known::{Known, Spanned};

/// Features that hand the host's engine over, and those that need a privileged container.
const HOST_ENGINE: &[&str] = &["docker-outside-of-docker", "docker-from-docker"];
const PRIVILEGED: &[&str] = &["docker-in-docker"];

/// Reads every development container of the project.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let files = loaded.documents_of(FileKind::Devcontainer).filter(|(file, _)| file.role.is_own());
    let mut recipes = None;
    for (file, document) in files {
        let Some(root) = document.root().filter(|root| root.is_map()) else { continue };
        let mut run = container(root);
        if dockerfile(root).is_some() {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            built(root, folder, recipes.get_or_insert_with(|| recipes_of(loaded)), &mut run);
        }
        user(root, &mut run);
        run.into_facts(facts);
    }
}

fn container(root: Node<'_>) -> RunContainer {
    let place = root.get("name").or(root.get("image")).map_or(root.span(), Node::span);
    let mut run = by_arguments(root, place);
    run.container.source_kind = "devcontainer".into();
    run.container.deployment = false;
    run.container.about.span = place;
    run.container.about.name = root.get("name").and_then(Node::scalar).unwrap_or_else(|| "devcontainer".into());
    if let Some(reference) = root.get("image").and_then(value::written) {
        let found = image::read(&reference, "run", false);
        run.container.image = found.reference.clone();
        run.image = Some(found);
    }
    rights(root, &mut run);
    run.mounts.extend(root.get("mounts").into_iter().flat_map(Node::items).map(mount_of));
    run.mounts.extend(root.get("workspaceMount").and_then(value::written).map(|text| mount::long(&text)));
    features(root, &mut run);
    let ports = root.get("appPort").into_iter().flat_map(|node| node.items().chain([node]));
    run.ports.extend(ports.filter_map(value::written).map(|text| port::short(&text)));
    literals(root, &mut run);
    run
}

/// The Dockerfile that it is built from.
fn dockerfile(root: Node<'_>) -> Option<Spanned<String>> {
    root.at(&["build", "dockerfile"]).or_else(|| root.get("dockerFile")).and_then(value::written)
}

/// What the build says: the user of the stage that is built, arguments, and flags of the engine.
fn built(root: Node<'_>, folder: &str, recipes: &BTreeMap<String, Recipe>, run: &mut RunContainer) {
    let build = root.get("build");
    let text = |key: &str| build.and_then(|build| build.get(key)).and_then(value::written);
    let path = dockerfile(root).and_then(|file| reference::under(folder, &file.value));
    let recipe = path.as_ref().and_then(|path| recipes.get(path));
    let target = text("target");
    let stage = recipe.and_then(|recipe| recipe.stage(target.as_ref().map(|target| target.value.as_str())));
    if let Some(stage) = stage {
        run.container.built_from = path;
        run.container.image = stage.base.clone();
        run.container.user = stage.user.clone();
        stage.users.iter().for_each(|(span, says)| run.container.note("user", "dockerfile", says.clone(), *span));
    }
    for (key, value) in build.and_then(|build| build.get("args")).into_iter().flat_map(Node::entries) {
        let (Some(name), Some(text)) = (value::written(key), value::written(value)) else { continue };
        if !text.value.contains("${") {
            run.settings.push(setting::variable("build-argument", "devcontainer", &name, Some(&text)));
        }
    }
    for option in build.and_then(|build| build.get("options")).into_iter().flat_map(Node::items) {
        let named = |text: Spanned<String>| Spanned::new(format!("build.options={}", text.value), text.span);
        run.container.options.extend(value::written(option).map(named));
    }
}

/// Tools run as the remote user, which is the container's where none is named.
fn user(root: Node<'_>, run: &mut RunContainer) {
    let named = ["remoteUser", "containerUser"].into_iter().find_map(|key| root.get(key)).and_then(value::written);
    let is_named = named.is_some();
    if let Some(name) = named {
        run.container.user = value::of_text(&name.value, name.span);
    }
    run.container.runs_as_root = match is_root(&run.container.user) {
        Known::Is(root) if root.value && !is_named => {
            let reason = "left to the metadata of the image, which may name another user";
            Known::unknown(reason, root.span)
        }
        Known::Absent => std::mem::take(&mut run.container.runs_as_root),
        known => known,
    };
}

/// What `runArgs` hand to the engine.
fn by_arguments(root: Node<'_>, place: crate::source::Span) -> RunContainer {
    let word = |text: &str| Spanned::new(text.to_string(), place);
    let mut line = vec![word("docker"), word("run")];
    line.extend(root.get("runArgs").into_iter().flat_map(Node::items).filter_map(value::written));
    line.push(word("devcontainer"));
    let run = from_run_arguments(&line).map(|run| RunContainer { image: None, command: Vec::new(), ..run });
    run.unwrap_or_else(|| RunContainer::new("devcontainer", "devcontainer", place))
}

fn rights(root: Node<'_>, run: &mut RunContainer) {
    let privileged = value::switch_at(root, &["privileged"]);
    if !privileged.is_absent() {
        run.container.privileged = privileged;
    }
    let listed = |key: &str| root.get(key).into_iter().flat_map(Node::items).filter_map(value::written);
    run.container.cap_add.extend(listed("capAdd").map(|name| capability(&name)));
    for option in listed("securityOpt") {
        if let Some(profile) = option.value.strip_prefix("seccomp").and_then(|rest| rest.strip_prefix([':', '='])) {
            run.container.syscall_filter = Known::is(profile.to_string(), option.span);
        } else if !option.value.starts_with("no-new-privileges") {
            run.security_option(option);
        }
    }
}

/// A mount as `--mount` takes it, or as a map.
fn mount_of(item: Node<'_>) -> crate::model::container::Mount {
    if let Some(text) = value::written(item) {
        return mount::long(&text);
    }
    let text = |keys: &[&str]| keys.iter().find_map(|key| item.get(key)).and_then(value::written);
    let parts = Parts {
        from: text(&["source", "src"]),
        to: text(&["target", "destination", "dst"]),
        kind: text(&["type"]).map(|kind| kind.value),
        read_only: value::switch_at(item, &["readonly"]),
        ..Parts::default()
    };
    mount::build(parts, item.span())
}

fn features(root: Node<'_>, run: &mut RunContainer) {
    for (key, _) in root.get("features").into_iter().flat_map(Node::entries) {
        let Some(name) = value::written(key) else { continue };
        let last = name.value.rsplit('/').next().unwrap_or(&name.value).to_string();
        let feature = last.split([':', '@']).next().unwrap_or(&last);
        if HOST_ENGINE.contains(&feature) {
            let socket = || Some(Spanned::new("/var/run/docker.sock".to_string(), name.span));
            let read_only = Known::is(true, name.span);
            let parts =
                Parts { from: socket(), to: socket(), kind: Some("bind".into()), read_only, ..Parts::default() };
            run.mounts.push(mount::build(parts, name.span));
        }
        if PRIVILEGED.contains(&feature) {
            run.container.privileged = Known::is(true, name.span);
        }
    }
}

/// Variables that are set in place; what is taken from a developer's own environment stays with the developer.
fn literals(root: Node<'_>, run: &mut RunContainer) {
    run.settings.clear();
    run.env_files.clear();
    let maps = ["containerEnv", "remoteEnv"].into_iter().filter_map(|key| root.get(key));
    for (key, text) in maps.flat_map(Node::entries) {
        let (Some(name), Some(text)) = (value::written(key), value::written(text)) else { continue };
        if !text.value.contains("${") {
            run.settings.push(setting::variable("environment", "devcontainer", &name, Some(&text)));
        }
    }
}
