//! Steps of CI workflows.

use super::requirement::is_commit;
use crate::discover::FileKind;
use crate::document::Node;
use crate::load::Loaded;
use crate::model::known::Known;
use crate::model::project::WorkflowStep;
use crate::model::{About, Facts};
use crate::source::Span;

/// Keys of GitLab CI that are no jobs.
const NO_JOBS: &[&str] = &[
    "stages",
    "variables",
    "include",
    "workflow",
    "default",
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
    "pages",
    "spec",
];

/// Reads every workflow that is neither an example nor test data.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    for (file, document) in loaded.documents_of(FileKind::Workflow).filter(|(file, _)| file.role.is_own()) {
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        for root in document.roots() {
            if name.starts_with(".gitlab-ci") {
                gitlab(root, facts);
            } else if root.get("jobs").is_some() || root.at(&["runs", "steps"]).is_some() {
                github(root, facts);
            }
        }
    }
}

/// Jobs with steps, reusable workflows, and composite actions.
fn github(root: Node<'_>, facts: &mut Facts) {
    for (key, job) in root.get("jobs").into_iter().flat_map(Node::entries) {
        let is_soft = is_set(job.get("continue-on-error"));
        if job.get("uses").is_some() {
            facts.workflow_steps.push(step(job, key.span(), is_soft, "github"));
        }
        for node in job.get("steps").into_iter().flat_map(Node::items) {
            facts.workflow_steps.push(step(node, head(node), is_soft, "github"));
        }
    }
    for node in root.at(&["runs", "steps"]).into_iter().flat_map(Node::items) {
        facts.workflow_steps.push(step(node, head(node), false, "github"));
    }
}

fn head(node: Node<'_>) -> Span {
    node.entries().next().map_or(node.span(), |(key, _)| key.span())
}

/// A switch that is on, or that an expression may turn on.
fn is_set(node: Option<Node<'_>>) -> bool {
    node.is_some_and(|node| node.as_switch() != Some(false))
}

fn step(node: Node<'_>, place: Span, is_soft: bool, system: &str) -> WorkflowStep {
    let text = |key: &str| node.get(key).and_then(|node| Some((node.scalar()?, node.span())));
    let uses = text("uses");
    let run = text("run");
    let (action, reference, pinned) =
        uses.as_ref().map_or((Known::Absent, Known::Absent, false), |(uses, span)| action(uses, *span));
    let first_line = run.as_ref().and_then(|(run, _)| run.lines().next().map(str::to_string));
    let name = text("name")
        .map(|(name, _)| name)
        .or(uses.map(|(uses, _)| uses))
        .or(first_line)
        .unwrap_or_else(|| "step".into());
    let swallowed = run.as_ref().is_some_and(|(run, _)| ignores_failure(run));
    WorkflowStep {
        about: About::new(name, place),
        action,
        reference,
        pinned,
        run: run.map_or(Known::Absent, |(run, span)| Known::is(run, span)),
        failure_ignored: is_soft || swallowed || is_set(node.get("continue-on-error")),
        system: system.into(),
    }
}

/// Action, reference, and whether that reference cannot move.
fn action(uses: &str, span: Span) -> (Known<String>, Known<String>, bool) {
    if uses.starts_with("./") || uses.starts_with("../") {
        return (Known::is(uses.to_string(), span), Known::Absent, true);
    }
    let (name, reference) = uses.split_once('@').map_or((uses, None), |(name, reference)| (name, Some(reference)));
    let pinned = reference.is_some_and(|reference| is_commit(reference) || reference.starts_with("sha256:"));
    let tag = name.strip_prefix("docker://").and_then(|image| image.rsplit_once(':')).map(|(_, tag)| tag);
    let reference = reference.or(tag).map_or(Known::Absent, |reference| Known::is(reference.to_string(), span));
    (Known::is(name.to_string(), span), reference, pinned)
}

/// Whether a command's failure is thrown away.
fn ignores_failure(run: &str) -> bool {
    let swallows = ["|| true", "||true", "|| :", "|| exit 0", "|| echo", "set +e"];
    swallows.iter().any(|text| run.contains(text))
}

fn gitlab(root: Node<'_>, facts: &mut Facts) {
    for (key, job) in root.entries() {
        let Some(name) = key.scalar().filter(|name| !NO_JOBS.contains(&name.as_str()) && !name.starts_with('.')) else {
            continue;
        };
        let is_soft = job.get("allow_failure").is_some_and(|node| node.is_map() || is_set(Some(node)));
        let scripts = ["before_script", "script", "after_script"].into_iter().filter_map(|script| job.get(script));
        for script in scripts {
            let lines: Vec<Node<'_>> = if script.is_list() { script.items().collect() } else { vec![script] };
            for line in lines {
                let Some(run) = line.scalar() else { continue };
                facts.workflow_steps.push(WorkflowStep {
                    about: About::new(name.clone(), line.span()),
                    action: Known::Absent,
                    reference: Known::Absent,
                    pinned: false,
                    failure_ignored: is_soft || ignores_failure(&run),
                    run: Known::is(run, line.span()),
                    system: "gitlab".into(),
                });
            }
        }
    }
}
