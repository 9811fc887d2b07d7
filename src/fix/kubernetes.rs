//! Fixes of Kubernetes manifests.

use super::edit::Edit;
use super::manifest::yaml;
use super::propose::Tightening;
use super::yaml::Yaml;
use super::{Judged, Proposal};
use crate::document::Node;
use crate::model::container::Container;
use crate::model::known::Known;
use crate::model::pod::Pod;

/// A container of a pod with one right less.
pub fn tightened(judged: &Judged, container: &Container, tightening: Tightening) -> Result<Proposal, String> {
    let (yaml, map) = container_map(judged, container)?;
    let (says, edit) = match tightening {
        Tightening::Capabilities => ("drops all capabilities", capabilities(&yaml, map)?),
        Tightening::Privileges => (
            "lets no process gain privileges",
            context(&yaml, map, "allowPrivilegeEscalation", "false", &container.privilege_escalation)?,
        ),
        Tightening::ReadOnly => (
            "makes the root file system read-only",
            context(&yaml, map, "readOnlyRootFilesystem", "true", &container.read_only)?,
        ),
        Tightening::User => (
            "runs it as the user 10001; what it writes to must belong to that user",
            context(&yaml, map, "runAsUser", "10001", &container.user)?,
        ),
        Tightening::Memory => ("limits its memory to 512 MiB", limit(&yaml, map, "memory: 512Mi")?),
        Tightening::Cpu => ("limits it to one processor", limit(&yaml, map, "cpu: \"1\"")?),
        Tightening::Processes => return Err("a pod specification cannot state a limit of processes".into()),
    };
    Ok(Proposal { says: says.into(), edits: vec![edit] })
}

/// A container without all rights of the host.
pub fn unprivileged(judged: &Judged, container: &Container) -> Result<Proposal, String> {
    let set = container.privileged.span().filter(|span| span.source == container.about.span.source);
    let edit = yaml(judged, container.about.span)?.replace(set.ok_or("it is not set here")?, "false", false)?;
    Ok(Proposal { says: "takes the rights of the host away".into(), edits: vec![edit] })
}

/// A container under the runtime's own system-call filter.
pub fn filtered(judged: &Judged, container: &Container) -> Result<Proposal, String> {
    let (yaml, map) = container_map(judged, container)?;
    let edit = match map.get("securityContext") {
        Some(context) if context.get("seccompProfile").is_some() => return Err("a profile stands there already".into()),
        Some(context) => yaml.put(context, &["seccompProfile:", "  type: RuntimeDefault"])?,
        None => yaml.put(map, &["securityContext:", "  seccompProfile:", "    type: RuntimeDefault"])?,
    };
    Ok(Proposal { says: "filters system calls as the runtime does by default".into(), edits: vec![edit] })
}

/// A pod without a token for the cluster's API.
pub fn without_token(judged: &Judged, pod: &Pod) -> Result<Proposal, String> {
    let yaml = yaml(judged, pod.about.span)?;
    let says = "mounts no token for the cluster's API".to_string();
    let place = pod.about.span.range().start;
    let root = yaml.document.roots().find(|root| root.span().range().contains(&place)).ok_or("no object is here")?;
    let paths: [&[&str]; 3] =
        [&["spec", "jobTemplate", "spec", "template", "spec"], &["spec", "template", "spec"], &["spec"]];
    let spec = paths.iter().find_map(|keys| root.at(keys).filter(|spec| spec.get("containers").is_some()));
    let spec = spec.ok_or("the pod is not written out here")?;
    let edit = match spec.get("automountServiceAccountToken") {
        Some(set) => yaml.replace(set.span(), "false", false)?,
        None => yaml.put(spec, &["automountServiceAccountToken: false"])?,
    };
    Ok(Proposal { says, edits: vec![edit] })
}

fn container_map<'a>(judged: &'a Judged, container: &Container) -> Result<(Yaml<'a>, Node<'a>), String> {
    let yaml = yaml(judged, container.about.span)?;
    let (map, value) = yaml.holder(container.about.span).ok_or("the container is not written out here")?;
    let is_container = |node: &Node<'_>| node.get("image").is_some();
    let map = [map, value].into_iter().find(is_container).ok_or("the container is not written out here")?;
    Ok((yaml, map))
}

/// A key of the container's own security context, set or put in.
fn context<T>(yaml: &Yaml<'_>, map: Node<'_>, key: &str, value: &str, known: &Known<T>) -> Result<Edit, String> {
    let line = format!("{key}: {value}");
    match map.get("securityContext") {
        Some(context) => match context.get(key) {
            Some(set) if Some(set.span()) == known.span() || set.scalar().is_some() => {
                yaml.replace(set.span(), value, false)
            }
            Some(_) => Err(format!("`{key}` is not a plain value here")),
            None => yaml.put(context, &[&line]),
        },
        None => yaml.put(map, &["securityContext:", &format!("  {line}")]),
    }
}

fn capabilities(yaml: &Yaml<'_>, map: Node<'_>) -> Result<Edit, String> {
    let Some(context) = map.get("securityContext") else {
        return yaml.put(map, &["securityContext:", "  capabilities:", "    drop: [ALL]"]);
    };
    let Some(capabilities) = context.get("capabilities") else {
        return yaml.put(context, &["capabilities:", "  drop: [ALL]"]);
    };
    match capabilities.get("drop") {
        Some(list) if list.is_list() => yaml.put_first(list, "ALL"),
        Some(_) => Err("`drop` is not a list here".into()),
        None => yaml.put(capabilities, &["drop: [ALL]"]),
    }
}

fn limit(yaml: &Yaml<'_>, map: Node<'_>, line: &str) -> Result<Edit, String> {
    let Some(resources) = map.get("resources") else {
        return yaml.put(map, &["resources:", "  limits:", &format!("    {line}")]);
    };
    match resources.get("limits") {
        Some(limits) => yaml.put(limits, &[line]),
        None => yaml.put(resources, &["limits:", &format!("  {line}")]),
    }
}
