//! CircleCI, Azure Pipelines, Buildkite, Travis, Bitbucket, Drone, Woodpecker and Cloud Build: steps and images.

use super::{command, image, is_set, lines};
use crate::discover::kind::name_of;
use crate::document::Node;
use crate::extract::project::requirement::{is_commit, is_exact};
use crate::model::Facts;
use crate::model::known::Known;
use crate::model::project::WorkflowStep;

/// Deepest nesting of stages and jobs.
const DEPTH: usize = 12;
/// Most nodes of one file.
const MOST: usize = 20_000;

/// A system whose files are told by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    id: &'static str,
    /// Keys under which commands stand.
    commands: &'static [&'static str],
    /// Keys under which images stand.
    images: &'static [&'static str],
    /// Keys that make a failure count for nothing.
    soft: &'static [&'static str],
    /// Key under which a step of somebody else stands.
    uses: &'static str,
}

const SYSTEMS: &[System] = &[
    System { id: "circleci", commands: &["run", "command"], images: &["image"], soft: &[], uses: "orbs" },
    System {
        id: "azure",
        commands: &["script", "bash", "pwsh", "powershell"],
        images: &["container", "image"],
        soft: &["continueOnError"],
        uses: "task",
    },
    System { id: "buildkite", commands: &["command", "commands"], images: &[], soft: &["soft_fail"], uses: "plugins" },
    System {
        id: "travis",
        commands: &["before_install", "install", "before_script", "script", "after_script"],
        images: &[],
        soft: &[],
        uses: "",
    },
    System { id: "bitbucket", commands: &["script", "after-script"], images: &["image"], soft: &[], uses: "pipe" },
    System { id: "drone", commands: &["commands"], images: &["image"], soft: &[], uses: "" },
    System { id: "woodpecker", commands: &["commands"], images: &["image"], soft: &[], uses: "" },
    System { id: "cloudbuild", commands: &["script"], images: &["name"], soft: &["allowFailure"], uses: "" },
];

/// The system that reads a path; nothing for the ones that are read on their own.
pub fn system_of(path: &str) -> Option<&'static System> {
    let name = name_of(path);
    let folder = |wanted: &str| path.split('/').any(|part| part == wanted);
    let id = match name {
        _ if folder(".circleci") => "circleci",
        _ if folder(".buildkite") => "buildkite",
        _ if folder(".woodpecker") || name.starts_with(".woodpecker.") => "woodpecker",
        _ if folder(".azure-pipelines") || folder("azure-pipelines") || name.starts_with("azure-pipelines.") => "azure",
        ".travis.yml" => "travis",
        "bitbucket-pipelines.yml" => "bitbucket",
        ".drone.yml" => "drone",
        "cloudbuild.yaml" | "cloudbuild.yml" => "cloudbuild",
        _ => return None,
    };
    SYSTEMS.iter().find(|system| system.id == id)
}

impl System {
    /// Reads every command and image below a root, wherever stages and jobs put them.
    pub fn extract(self, root: Node<'_>, facts: &mut Facts) {
        let mut open = vec![(root, false, DEPTH)];
        let mut seen = 0;
        while let Some((node, soft, depth)) = open.pop().filter(|_| seen < MOST) {
            seen += 1;
            let soft = soft || self.soft.iter().any(|key| is_set(node.get(key)));
            for (key, value) in node.entries() {
                let Some(name) = key.as_str() else { continue };
                self.entry(name, value, soft, facts);
            }
            if depth > 0 {
                let below = node.entries().map(|(_, value)| value).chain(node.items());
                open.extend(
                    below.filter(|value| value.is_map() || value.is_list()).map(|value| (value, soft, depth - 1)),
                );
            }
        }
        facts.workflow_steps.sort_by_key(|step| (step.about.span.source, step.about.span.start));
    }

    fn entry(self, name: &str, value: Node<'_>, soft: bool, facts: &mut Facts) {
        if self.commands.contains(&name) {
            for line in lines(value) {
                if let Some(run) = line.scalar() {
                    facts.workflow_steps.push(command(name, Some(run), line.span(), soft, self.id));
                }
            }
        }
        if self.images.contains(&name) {
            let node = value.get("image").or_else(|| value.get("name")).unwrap_or(value);
            facts.workflow_steps.extend(image(node, soft, self.id));
        }
        if name == self.uses {
            for (text, span) in used(value) {
                facts.workflow_steps.push(self.foreign(&text, span));
            }
        }
    }

    /// An orb `owner/name@1.2.3`, a task `Name@1`, a plugin `name#v1.2.3`, a pipe `owner/name:1.2.3`.
    fn foreign(self, text: &str, span: crate::source::Span) -> WorkflowStep {
        let cut = text.rfind(['@', '#']).or_else(|| text.rfind(':'));
        let (action, reference) = match cut.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) {
            Some((action, reference)) => (action, Known::is(reference.to_string(), span)),
            None => (text, Known::Absent),
        };
        // Versions of orbs cannot be published twice, and tasks are installed by whoever runs the organisation.
        let pinned = match (self.id, reference.value()) {
            ("azure", _) => true,
            ("circleci", Some(version)) => is_exact(version),
            (_, Some(reference)) => is_commit(reference) || reference.starts_with("sha256:"),
            (_, None) => false,
        };
        let base = command(text, None, span, false, self.id);
        WorkflowStep { action: Known::is(action.to_string(), span), reference, pinned, ..base }
    }
}

/// Texts of what stands under a key of foreign steps: one, a list, or maps of names to options.
fn used(node: Node<'_>) -> Vec<(String, crate::source::Span)> {
    let text = |node: Node<'_>| Some((node.as_str()?.to_string(), node.span()));
    if let Some(one) = text(node) {
        return vec![one];
    }
    let of_items = node.items().flat_map(|item| match text(item) {
        Some(one) => vec![one],
        None => item.entries().filter_map(|(key, _)| text(key)).collect(),
    });
    // CircleCI: local name to orb.
    let of_map = node.entries().filter_map(|(_, value)| text(value)).filter(|(text, _)| text.contains('/'));
    of_items.chain(of_map).collect()
}
