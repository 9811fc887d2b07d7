//! Quadlet `.container` files: the `podman run` that they stand for.

use super::directives::{Directives, is_yes, words};
use crate::extract::containers::{RunContainer, from_run_arguments};
use crate::extract::kubernetes::value;
use crate::model::known::{Known, Spanned};

const CONTAINER: &str = "Container";
/// Keys that are flags with a value.
const VALUES: &[(&str, &str)] = &[
    ("ContainerName", "--name"),
    ("User", "--user"),
    ("DropCapability", "--cap-drop"),
    ("AddCapability", "--cap-add"),
    ("Network", "--network"),
    ("PublishPort", "--publish"),
    ("Volume", "--volume"),
    ("Mount", "--mount"),
    ("Tmpfs", "--tmpfs"),
    ("AddDevice", "--device"),
    ("Secret", "--secret"),
    ("EnvironmentFile", "--env-file"),
    ("PidsLimit", "--pids-limit"),
    ("Memory", "--memory"),
    ("UserNS", "--userns"),
];
/// Keys whose value is a list of words.
const LISTS: &[&str] = &["DropCapability", "AddCapability"];

/// The container that a Quadlet file runs.
pub fn container(unit: &Directives, name: &str) -> Option<RunContainer> {
    let image = unit.last(CONTAINER, "Image")?.clone();
    let word = |text: &str| Spanned::new(text.to_string(), image.span);
    let mut line = vec![word("podman"), word("run")];
    for (key, flag) in VALUES {
        for value in unit.all(CONTAINER, key) {
            let parts = if LISTS.contains(key) { words(value) } else { vec![value.clone()] };
            line.extend(parts.into_iter().flat_map(|part| [Spanned::new((*flag).to_string(), part.span), part]));
        }
    }
    for value in unit.all(CONTAINER, "Environment").into_iter().flat_map(words) {
        line.extend([Spanned::new("--env".into(), value.span), value]);
    }
    switches(unit, &mut line);
    line.extend(unit.words(CONTAINER, "PodmanArgs"));
    let marks = line.len();
    line.push(image);
    line.extend(unit.words(CONTAINER, "Exec"));
    let mut run = from_run_arguments(&line)?;
    let bare = name.split('.').next().unwrap_or(name);
    if unit.last(CONTAINER, "ContainerName").is_none() {
        run.container.about.name = name.to_string();
    }
    run.container.names = vec![bare.split('@').next().unwrap_or(bare).to_string()];
    run.container.about.span = line.get(marks).map_or(run.container.about.span, |image| image.span);
    limits(unit, &mut run);
    Some(run)
}

fn switches(unit: &Directives, line: &mut Vec<Spanned<String>>) {
    for (key, flag) in [("ReadOnly", "--read-only"), ("RunInit", "--init")] {
        if let Some(value) = unit.last(CONTAINER, key).filter(|value| is_yes(&value.value)) {
            line.push(Spanned::new(flag.to_string(), value.span));
        }
    }
    let options = [("NoNewPrivileges", "no-new-privileges"), ("SeccompProfile", "seccomp=")];
    for (key, option) in options {
        let Some(value) = unit.last(CONTAINER, key) else { continue };
        let text = if key == "SeccompProfile" { format!("{option}{}", value.value) } else { option.to_string() };
        if key == "SeccompProfile" || is_yes(&value.value) {
            line.push(Spanned::new(format!("--security-opt={text}"), value.span));
        }
    }
}

/// Limits of the unit hold for its container as well: Podman keeps it below the unit's control group.
fn limits(unit: &Directives, run: &mut RunContainer) {
    let text =
        |key: &str| unit.last("Service", key).map_or(Known::Absent, |value| value::of_text(&value.value, value.span));
    let container = &mut run.container;
    container.memory_limit = value::either(std::mem::take(&mut container.memory_limit), || text("MemoryMax"));
    container.cpu_limit = value::either(std::mem::take(&mut container.cpu_limit), || text("CPUQuota"));
    container.process_limit = value::either(std::mem::take(&mut container.process_limit), || text("TasksMax"));
}
