//! Jobs and steps of CI workflows.

use super::requirement::is_commit;
use crate::discover::FileKind;
use crate::document::Node;
use crate::load::Loaded;
use crate::model::known::{Known, Spanned};
use crate::model::project::{WorkflowJob, WorkflowStep};
use crate::model::{About, Facts};
use crate::source::Span;

mod gitlab;
mod jenkins;
mod others;
mod scripts;

/// Reads every workflow that is neither an example nor test data.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let first = facts.workflow_steps.len();
    for file in loaded.files.iter().filter(|file| file.kind == FileKind::Workflow && file.role.is_own()) {
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        let Some(document) = loaded.document(file) else {
            jenkins::extract(loaded.sources.get(file.source).text(), file.source, facts);
            continue;
        };
        for root in document.roots() {
            match others::system_of(&file.path) {
                _ if name.starts_with(".gitlab-ci") || file.path.contains(".gitlab/ci/") => {
                    gitlab::extract(root, facts)
                }
                Some(system) => system.extract(root, facts),
                None if root.get("jobs").is_some() || root.at(&["runs", "steps"]).is_some() => github(root, facts),
                None => {}
            }
        }
    }
    scripts::add(loaded, &mut facts.workflow_steps[first..]);
}

/// Jobs with steps, reusable workflows, and composite actions.
fn github(root: Node<'_>, facts: &mut Facts) {
    for (key, job) in root.get("jobs").into_iter().flat_map(Node::entries) {
        let is_soft = is_set(job.get("continue-on-error"));
        facts.workflow_jobs.push(self::job(root, key, job));
        if job.get("uses").is_some() {
            facts.workflow_steps.push(step(job, key.span(), is_soft, "github"));
        }
        let images = job.get("container").into_iter().chain(job.get("services").into_iter().flat_map(values));
        for image in images.filter_map(|node| node.get("image").or(Some(node)).filter(|node| node.as_str().is_some())) {
            facts.workflow_steps.extend(self::image(image, is_soft, "github"));
        }
        for node in job.get("steps").into_iter().flat_map(Node::items) {
            facts.workflow_steps.push(step(node, head(node), is_soft, "github"));
        }
    }
    for node in root.at(&["runs", "steps"]).into_iter().flat_map(Node::items) {
        facts.workflow_steps.push(step(node, head(node), false, "github"));
    }
}

fn values<'a>(map: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    map.entries().map(|(_, value)| value)
}

/// What the token of a job may do, and whose code it checks out.
fn job(root: Node<'_>, key: Node<'_>, job: Node<'_>) -> WorkflowJob {
    let permissions = job.get("permissions").or_else(|| root.get("permissions"));
    let token_rights = match permissions {
        None => Known::unknown("the settings of the repository decide what the token may do", key.span()),
        Some(node) => Known::is(rights(node).to_string(), node.span()),
    };
    let about = About::new(key.scalar().unwrap_or_default(), key.span());
    WorkflowJob { about, system: "github".into(), token_rights, foreign_code: foreign_code(root, job) }
}

fn rights(node: Node<'_>) -> &'static str {
    match node.as_str() {
        Some("read-all") => return "reading",
        Some(text) if text.starts_with("write") => return "everything",
        _ => {}
    }
    let all: Vec<&str> = node.entries().filter_map(|(_, value)| value.as_str()).collect();
    match all.as_slice() {
        [] => "nothing",
        all if all.contains(&"write") => "named",
        _ => "reading",
    }
}

/// A workflow that runs for pull requests of strangers with the project's own secrets, and checks their code out.
fn foreign_code(root: Node<'_>, job: Node<'_>) -> Known<String> {
    const PRIVILEGED: &[&str] = &["pull_request_target", "workflow_run"];
    const THEIRS: &[&str] =
        &["github.event.pull_request.head", "github.head_ref", "github.event.workflow_run.head", "refs/pull/"];
    let on = root.get("on");
    let told = |text: Option<&str>| text.is_some_and(|text| PRIVILEGED.contains(&text));
    let privileged = on.is_some_and(|on| {
        told(on.as_str())
            || on.items().any(|item| told(item.as_str()))
            || on.entries().any(|(key, _)| told(key.as_str()))
    });
    let steps = job.get("steps").into_iter().flat_map(Node::items);
    let checked = steps.filter(|step| {
        step.get("uses").and_then(Node::as_str).is_some_and(|uses| uses.starts_with("actions/checkout@"))
    });
    let mut named = checked.filter_map(|step| step.at(&["with", "ref"]).or_else(|| step.at(&["with", "repository"])));
    let theirs = named.find(|node| node.as_str().is_some_and(|text| THEIRS.iter().any(|part| text.contains(part))));
    match theirs.filter(|_| privileged) {
        Some(node) => Known::is(node.scalar().unwrap_or_default(), node.span()),
        None => Known::Absent,
    }
}

/// The image that a job runs in, as a step of its own.
fn image(node: Node<'_>, is_soft: bool, system: &str) -> Option<WorkflowStep> {
    let text = node.as_str().filter(|text| !text.is_empty() && !text.contains(['$', '{']))?;
    let (action, reference, pinned) = action(&format!("docker://{text}"), node.span());
    Some(WorkflowStep { action, reference, pinned, ..command(text, None, node.span(), is_soft, system) })
}

/// A step that runs a command.
fn command(name: &str, run: Option<String>, place: Span, is_soft: bool, system: &str) -> WorkflowStep {
    let swallowed = run.as_deref().is_some_and(ignores_failure);
    WorkflowStep {
        about: About::new(name, place),
        action: Known::Absent,
        reference: Known::Absent,
        pinned: false,
        run: run.map_or(Known::Absent, |run| Known::is(run, place)),
        scripts: Vec::<Spanned<String>>::new(),
        failure_ignored: is_soft || swallowed,
        system: system.into(),
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
        scripts: Vec::new(),
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

/// The elements of a list, those of lists in it included, or the node itself.
fn lines(node: Node<'_>) -> Vec<Node<'_>> {
    if !node.is_list() {
        return vec![node];
    }
    node.items().flat_map(|item| if item.is_list() { item.items().collect() } else { vec![item] }).collect()
}
