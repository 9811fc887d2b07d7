//! Jenkinsfiles: shell steps and images, read as text, since they are programs.

use std::sync::LazyLock;

use regex::Regex;

use super::command;
use crate::model::Facts;
use crate::model::project::WorkflowStep;
use crate::source::{SourceId, Span};

/// Steps of one file.
const MOST: usize = 2_000;

static SHELL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x) \b (?:sh|bat|powershell|pwsh) \s* \(? \s* (?:script \s* : \s*)?
        (?: '''(?P<a>(?s:.*?))''' | """(?P<b>(?s:.*?))""" | '(?P<c>[^'\n]*)' | "(?P<d>[^"\n]*)" )
        (?P<rest> [^\n]{0,200})"#,
    )
    .expect("a fixed pattern")
});
static IMAGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\b(?:image|docker\.image\()\s*\(?\s*['"](?P<image>[^'"\n]+)['"]"#).expect("a fixed pattern")
});

pub fn extract(text: &str, source: SourceId, facts: &mut Facts) {
    let commented = |at: usize| {
        let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
        line.trim_start().starts_with("//") || line.trim_start().starts_with('*')
    };
    for found in SHELL.captures_iter(text).take(MOST) {
        let Some(run) = ["a", "b", "c", "d"].iter().find_map(|name| found.name(name)) else { continue };
        if commented(run.start()) {
            continue;
        }
        let soft = found.name("rest").is_some_and(|rest| rest.as_str().contains("returnStatus"));
        let place = Span::new(source, run.start(), run.end());
        facts.workflow_steps.push(command("sh", Some(run.as_str().to_string()), place, soft, "jenkins"));
    }
    for found in IMAGE.captures_iter(text).take(MOST).filter_map(|found| found.name("image")) {
        if commented(found.start()) || found.as_str().contains('$') {
            continue;
        }
        let place = Span::new(source, found.start(), found.end());
        let (action, reference, pinned) = super::action(&format!("docker://{}", found.as_str()), place);
        facts.workflow_steps.push(WorkflowStep {
            action,
            reference,
            pinned,
            ..command(found.as_str(), None, place, false, "jenkins")
        });
    }
}
