//! Files that say which image is built from which recipe.

use std::collections::BTreeMap;

use super::{Build, MOST, bake, command};
use crate::discover::FileKind;
use crate::document::Node;
use crate::extract::boundary::reference;
use crate::extract::containers::dockerfile::Recipe;
use crate::load::{File, Loaded};
use crate::source::Span;

/// Files without an extension of their own that hold commands.
const COMMANDS: &[&str] = &["Makefile", "makefile", "GNUmakefile", "justfile", "Justfile"];
/// Names that bake files have by themselves.
const BAKE: &[&str] = &["docker-bake.hcl", "docker-bake.override.hcl", "docker-bake.json"];
/// The action that builds images.
const ACTION: &str = "docker/build-push-action";

/// Every build that a file of the project states literally, of recipes that are in the tree.
pub fn builds(loaded: &Loaded, recipes: &BTreeMap<String, Recipe>) -> Vec<Build> {
    let mut found = Found { recipes, builds: Vec::new() };
    for file in loaded.files.iter().filter(|file| file.role.is_own()) {
        if found.builds.len() > MOST {
            break;
        }
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        let root = loaded.document(file).and_then(|document| document.root());
        match (file.kind, root) {
            (FileKind::Compose, Some(root)) => found.compose(folder_of(file), root),
            (FileKind::Workflow, Some(root)) => found.workflow(root),
            (FileKind::PackageManifest, Some(root)) => found.package(file, root),
            (_, Some(root)) if name.starts_with("skaffold") => found.skaffold(folder_of(file), root),
            (_, Some(root)) if BAKE.contains(&name) => found.bake(folder_of(file), bake::of_json(root)),
            (FileKind::Script, None) => found.script(file, loaded),
            (_, None) if BAKE.contains(&name) => {
                found.bake(folder_of(file), bake::of_hcl(loaded.sources.get(file.source).text()));
            }
            (_, None) if COMMANDS.contains(&name) || name.ends_with(".mk") => found.script(file, loaded),
            (_, _) => {}
        }
    }
    found.builds
}

fn folder_of(file: &File) -> &str {
    file.path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

struct Found<'r> {
    recipes: &'r BTreeMap<String, Recipe>,
    builds: Vec<Build>,
}

impl Found<'_> {
    /// Adds a build where its name is literal and its recipe is here.
    fn add(&mut self, image: &str, dockerfile: Option<String>, target: Option<String>) {
        let image = literal(image);
        let target = target.filter(|target| !target.contains('$'));
        if let (Some(image), Some(dockerfile)) = (image, dockerfile.filter(|path| self.recipes.contains_key(path))) {
            self.builds.push(Build { image, dockerfile, target });
        }
    }

    fn compose(&mut self, folder: &str, root: Node<'_>) {
        for (_, service) in root.get("services").into_iter().flat_map(Node::entries) {
            let (Some(image), Some(build)) = (text(service, "image"), service.get("build")) else { continue };
            let context = build.scalar().or_else(|| text(build, "context")).unwrap_or_else(|| ".".into());
            let context = reference::under(folder, &context);
            let file = text(build, "dockerfile").unwrap_or_else(|| "Dockerfile".into());
            let path = context.and_then(|context| reference::under(&context, &file));
            self.add(&image, path, text(build, "target"));
        }
    }

    fn skaffold(&mut self, folder: &str, root: Node<'_>) {
        let is_skaffold = text(root, "apiVersion").is_some_and(|version| version.starts_with("skaffold/"));
        let artifacts = root.at(&["build", "artifacts"]).filter(|_| is_skaffold).into_iter().flat_map(Node::items);
        for artifact in artifacts {
            let Some(image) = text(artifact, "image") else { continue };
            let part = |key: &str| artifact.get("docker").and_then(|docker| text(docker, key));
            let context = reference::under(folder, &text(artifact, "context").unwrap_or_else(|| ".".into()));
            let file = part("dockerfile").unwrap_or_else(|| "Dockerfile".into());
            let path = context.and_then(|context| reference::under(&context, &file));
            self.add(&image, path, part("target"));
        }
    }

    fn bake(&mut self, folder: &str, targets: Vec<bake::Target>) {
        for target in targets {
            let context = reference::under(folder, target.context.as_deref().unwrap_or("."));
            let file = target.dockerfile.as_deref().unwrap_or("Dockerfile");
            let path = context.and_then(|context| reference::under(&context, file));
            for tag in &target.tags {
                self.add(tag, path.clone(), target.stage.clone());
            }
        }
    }

    /// Steps of GitHub workflows, and lines of other systems' scripts; both run in the root of the checkout.
    fn workflow(&mut self, root: Node<'_>) {
        for (_, job) in root.get("jobs").into_iter().flat_map(Node::entries) {
            let steps: Vec<Node<'_>> = job.get("steps").into_iter().flat_map(Node::items).collect();
            for step in &steps {
                if text(*step, "uses").is_some_and(|uses| uses.split('@').next() == Some(ACTION)) {
                    self.action(*step, &steps);
                }
                if let Some(run) = step.get("run") {
                    let folder = text(*step, "working-directory").unwrap_or_default();
                    self.commands(&run.scalar().unwrap_or_default(), run.span(), &[&folder]);
                }
            }
        }
        for (_, job) in root.entries() {
            for line in ["before_script", "script"].into_iter().filter_map(|key| job.get(key)).flat_map(Node::items) {
                self.commands(&line.scalar().unwrap_or_default(), line.span(), &[""]);
            }
        }
    }

    fn action(&mut self, step: Node<'_>, steps: &[Node<'_>]) {
        let with = |step: Node<'_>, key: &str| step.get("with").and_then(|with| text(with, key));
        let context = with(step, "context").unwrap_or_else(|| ".".into());
        let path = match with(step, "file") {
            Some(file) => reference::under("", &file),
            None => reference::under(&context, "Dockerfile"),
        };
        let tags = with(step, "tags").unwrap_or_default();
        let images = |names: &str| names.split(['\n', ',']).map(|name| name.trim().to_string()).collect::<Vec<_>>();
        // The metadata action makes the tags of the images that it is given.
        let named =
            |one: &&Node<'_>| text(**one, "id").is_some_and(|id| tags.contains(&format!("steps.{id}.outputs.tags")));
        let given = steps.iter().find(named).and_then(|one| with(*one, "images"));
        for image in images(given.as_deref().unwrap_or(&tags)) {
            self.add(&image, path.clone(), with(step, "target"));
        }
    }

    fn package(&mut self, file: &File, root: Node<'_>) {
        for (_, script) in root.get("scripts").into_iter().flat_map(Node::entries) {
            self.commands(&script.scalar().unwrap_or_default(), script.span(), &[folder_of(file)]);
        }
    }

    /// A script may be started in its own folder or in the root.
    fn script(&mut self, file: &File, loaded: &Loaded) {
        let text = loaded.sources.get(file.source).text();
        self.commands(text, Span::new(file.source, 0, 0), &[folder_of(file), ""]);
    }

    fn commands(&mut self, script: &str, span: Span, folders: &[&str]) {
        for (entered, line) in command::builds(script, span) {
            let entered = entered.unwrap_or_default();
            let paths = folders.iter().filter_map(|folder| line.dockerfile(&reference::under(folder, &entered)?));
            let path = paths.into_iter().find(|path| self.recipes.contains_key(path));
            for image in &line.images {
                self.add(image, path.clone(), line.target.clone());
            }
        }
    }
}

fn text(node: Node<'_>, key: &str) -> Option<String> {
    node.get(key).and_then(Node::scalar)
}

/// A reference without the tag that a variable sets; nothing where its name is set by one.
fn literal(reference: &str) -> Option<String> {
    let reference = reference.trim();
    let folder = reference.rfind('/').map_or(0, |at| at + 1);
    let variable = reference.find(['$', '{', '%', '(']);
    let colon = reference.get(folder..).and_then(|last| last.find(':')).map(|at| folder + at);
    let known = match (variable, colon) {
        (None, _) => reference,
        (Some(variable), Some(colon)) if colon < variable => reference.get(..colon)?,
        (Some(_), _) => return None,
    };
    (!known.is_empty() && !known.contains(char::is_whitespace)).then(|| known.to_string())
}
