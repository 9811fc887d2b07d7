//! GitLab CI: jobs with scripts and images, and what is included from elsewhere.

use super::{command, image, is_set, lines};
use crate::document::Node;
use crate::extract::project::requirement::is_commit;
use crate::model::Facts;
use crate::model::known::Known;
use crate::model::project::WorkflowStep;

/// Keys that are no jobs.
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

pub fn extract(root: Node<'_>, facts: &mut Facts) {
    for scope in [Some(root), root.get("default")].into_iter().flatten() {
        images(scope, false, facts);
    }
    includes(root, facts);
    for (key, job) in root.entries() {
        let Some(name) = key.scalar().filter(|name| !NO_JOBS.contains(&name.as_str()) && !name.starts_with('.')) else {
            continue;
        };
        let is_soft = job.get("allow_failure").is_some_and(|node| node.is_map() || is_set(Some(node)));
        images(job, is_soft, facts);
        let scripts = ["before_script", "script", "after_script"].into_iter().filter_map(|script| job.get(script));
        for line in scripts.flat_map(lines) {
            let Some(run) = line.scalar() else { continue };
            facts.workflow_steps.push(command(&name, Some(run), line.span(), is_soft, "gitlab"));
        }
    }
}

fn images(scope: Node<'_>, is_soft: bool, facts: &mut Facts) {
    let own = scope.get("image").into_iter().chain(scope.get("services").into_iter().flat_map(Node::items));
    for node in own {
        facts.workflow_steps.extend(image(node.get("name").unwrap_or(node), is_soft, "gitlab"));
    }
}

/// Files of other projects, at the reference that they name; components; and the templates that GitLab ships.
fn includes(root: Node<'_>, facts: &mut Facts) {
    let Some(include) = root.get("include") else { return };
    for item in lines(include) {
        let text = |key: &str| item.get(key).and_then(|node| Some((node.as_str()?.to_string(), node.span())));
        let (name, reference, span) = if let Some((project, span)) = text("project") {
            (project, text("ref").map(|(reference, _)| reference), span)
        } else if let Some((component, span)) = text("component") {
            let (name, version) = component.rsplit_once('@').map_or((component.as_str(), None), |(a, b)| (a, Some(b)));
            (name.to_string(), version.map(str::to_string), span)
        } else if let Some((remote, span)) = text("remote") {
            (remote, text("integrity").map(|(digest, _)| digest), span)
        } else if let Some((template, span)) = text("template") {
            facts.workflow_steps.push(WorkflowStep {
                action: Known::is(template.clone(), span),
                pinned: true,
                ..command(&template, None, span, false, "gitlab")
            });
            continue;
        } else {
            continue;
        };
        let pinned = reference.as_deref().is_some_and(|text| is_commit(text) || text.starts_with("sha256-"));
        facts.workflow_steps.push(WorkflowStep {
            action: Known::is(name.clone(), span),
            reference: reference.map_or(Known::Absent, |text| Known::is(text, span)),
            pinned,
            ..command(&name, None, span, false, "gitlab")
        });
    }
}
