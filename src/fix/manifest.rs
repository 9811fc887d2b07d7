//! Fixes of compose files: what a service is given, loopback ports, tmpfs without programs, references for secrets.

use super::edit::Edit;
use super::propose::{Tightening, USER};
use super::yaml::Yaml;
use super::{Judged, Proposal};
use crate::discover::hosts::{self, Syntax as Syntaxes};
use crate::document::{Node, Syntax};
use crate::model::About;
use crate::model::container::{Container, Mount, Port};
use crate::model::definition::Setting;
use crate::model::known::Known;
use crate::source::Span;

/// The document in YAML or JSON that a place stands in.
pub fn yaml(judged: &Judged, span: Span) -> Result<Yaml<'_>, String> {
    let file = judged.loaded.file(span.source).ok_or("the file is not in the tree")?;
    let document =
        judged.loaded.document(file).filter(|document| matches!(document.syntax, Syntax::Yaml | Syntax::Json));
    let text = judged.loaded.sources.get(span.source).text();
    Ok(Yaml { text, document: document.ok_or("the file is neither YAML nor JSON")? })
}

/// A compose service with one right less.
pub fn tightened(judged: &Judged, container: &Container, tightening: Tightening) -> Result<Proposal, String> {
    let yaml = yaml(judged, container.about.span)?;
    let (_, service) = yaml.holder(container.about.span).ok_or("the service is not written out here")?;
    let source = container.about.span.source;
    let stated = |known: Option<Span>| known.filter(|span| span.source == source && *span != container.about.span);
    let one = |says: &str, edit: Edit| Proposal { says: says.to_string(), edits: vec![edit] };
    match tightening {
        Tightening::Capabilities => {
            let edit = listed(&yaml, service, "cap_drop", "ALL")?;
            Ok(one("drops all capabilities", edit))
        }
        Tightening::Privileges => {
            let edit = match (container.privilege_escalation.value(), stated(container.privilege_escalation.span())) {
                (Some(true), Some(span)) => yaml.replace(span, "no-new-privileges:true", false)?,
                _ => listed(&yaml, service, "security_opt", "no-new-privileges:true")?,
            };
            Ok(one("lets no process gain privileges", edit))
        }
        Tightening::ReadOnly => {
            if let Some(span) = stated(container.read_only.span()) {
                return Ok(one("makes the root file system read-only", yaml.replace(span, "true", false)?));
            }
            let mut lines = vec!["read_only: true"];
            let covered = judged.facts.mounts.iter().any(|mount| {
                mount.about.part_of == Some(container.about.span) && mount.to.value().is_some_and(|to| to == "/tmp")
            });
            let scratch = !covered && service.get("tmpfs").is_none();
            if scratch {
                lines.push("tmpfs: [\"/tmp:noexec,nosuid,nodev,size=64m\"]");
            }
            let says = if scratch {
                "makes the root file system read-only, with a tmpfs for scratch files"
            } else {
                "makes the root file system read-only"
            };
            Ok(one(says, yaml.put(service, &lines)?))
        }
        Tightening::User => {
            let says = format!("runs it as the user {USER}; what it writes to must belong to that user");
            let edit = match stated(container.user.span()) {
                Some(span) => yaml.replace(span, USER, true)?,
                None => yaml.put(service, &[&format!("user: \"{USER}\"")])?,
            };
            Ok(one(&says, edit))
        }
        Tightening::Memory => {
            Ok(one("limits its memory to 512 MiB", limit(&yaml, service, "memory: 512M", "mem_limit: 512m")?))
        }
        Tightening::Cpu => Ok(one("limits it to one processor", limit(&yaml, service, "cpus: \"1.0\"", "cpus: 1.0")?)),
        Tightening::Processes => {
            Ok(one("limits it to 256 processes", limit(&yaml, service, "pids: 256", "pids_limit: 256")?))
        }
    }
}

/// A service without all rights of the host, in the file and at the place that gives them.
pub fn unprivileged(judged: &Judged, container: &Container) -> Result<Proposal, String> {
    let span = container.privileged.span().ok_or("it is not set here")?;
    let edit = yaml(judged, span)?.replace(span, "false", false)?;
    Ok(Proposal { says: "takes the rights of the host away".into(), edits: vec![edit] })
}

/// A limit where the service states its others.
fn limit(yaml: &Yaml<'_>, service: Node<'_>, inside: &str, alone: &str) -> Result<Edit, String> {
    let name = |line: &str| line.split(':').next().unwrap_or("").to_string();
    match service.at(&["deploy", "resources", "limits"]).filter(|limits| limits.is_map()) {
        Some(limits) if limits.get(&name(inside)).is_some() => Err("a limit stands there already".into()),
        Some(limits) => yaml.put(limits, &[inside]),
        None if service.get(&name(alone)).is_some() => Err("a limit stands there already".into()),
        None => yaml.put(service, &[alone]),
    }
}

/// An element in a list of the service, which is made where there is none.
fn listed(yaml: &Yaml<'_>, service: Node<'_>, key: &str, item: &str) -> Result<Edit, String> {
    match service.entry(key) {
        Some((_, _, Some(_))) => Err(format!("`{key}` comes through an alias or a merge key")),
        Some((_, list, None)) if list.is_list() => yaml.put_first(list, item),
        Some(_) => Err(format!("`{key}` is not a list here")),
        None => yaml.put(service, &[&format!("{key}: [\"{item}\"]")]),
    }
}

/// A port on the machine itself.
pub fn loopback(judged: &Judged, port: &Port) -> Result<Proposal, String> {
    let span = port.about.span;
    let text = judged.loaded.sources.slice(span);
    let says = format!("publishes port {} on the machine itself", port.about.name);
    let file = judged.loaded.file(span.source).ok_or("the file is not in the tree")?;
    let is_yaml = judged.loaded.document(file).is_some_and(|document| document.syntax == Syntax::Yaml);
    if let (true, Ok(yaml)) = (is_yaml, yaml(judged, span)) {
        if let Some(address) = port.host_address.span().filter(|address| *address != span) {
            return Ok(Proposal { says, edits: vec![yaml.replace(address, "127.0.0.1", false)?] });
        }
        let map = yaml.document.nodes.iter().zip(0u32..).find(|(data, _)| data.span == span);
        let map = map.map(|(_, at)| yaml.document.node(crate::document::NodeId(at))).filter(|node| node.is_map());
        if let Some(map) = map {
            return Ok(Proposal { says, edits: vec![yaml.put(map, &["host_ip: 127.0.0.1"])?] });
        }
        let published = on_loopback(text)?;
        return Ok(Proposal { says, edits: vec![yaml.replace(span, &published, true)?] });
    }
    let from = text.rfind('=').map_or(if text.starts_with("-p") { 2 } else { 0 }, |at| at + 1);
    let (flag, value) = text.split_at_checked(from).ok_or("the port is not written out here")?;
    Ok(Proposal { says, edits: vec![Edit::replace(span, format!("{flag}{}", on_loopback(value)?))] })
}

/// `[address:][published:]target` with the address of the machine itself.
fn on_loopback(text: &str) -> Result<String, String> {
    if text.contains(['$', '"', '\'', '\\']) {
        return Err("the port is set by a variable".into());
    }
    let bare = ["0.0.0.0:", "[::]:", "::", "*:"].iter().find_map(|any| text.strip_prefix(any)).unwrap_or(text);
    match bare.matches(':').count() {
        0 => Ok(format!("127.0.0.1::{bare}")),
        1 => Ok(format!("127.0.0.1:{bare}")),
        _ => Err("it is published on an address of its own".into()),
    }
}

/// A tmpfs from which nothing can be executed.
pub fn without_programs(judged: &Judged, mount: &Mount) -> Result<Proposal, String> {
    let span = mount.about.span;
    let text = judged.loaded.sources.slice(span);
    let (path, options) = text.split_once(':').ok_or("its options are not written out here")?;
    if !options.split(',').any(|option| option == "exec") {
        return Err("its options are not written out here".into());
    }
    let options: Vec<&str> = options.split(',').map(|one| if one == "exec" { "noexec" } else { one }).collect();
    let says = format!("keeps programs from being run from `{path}`");
    let text = format!("{path}:{}", options.join(","));
    let edit = match yaml(judged, span) {
        Ok(yaml) => yaml.replace(span, &text, false)?,
        Err(_) => Edit::replace(span, text),
    };
    Ok(Proposal { says, edits: vec![edit] })
}

/// A reference in the place of a secret; nothing where no configuration of ours holds it.
pub fn reference(judged: &Judged, about: &About) -> Option<Result<Proposal, String>> {
    let found = judged.facts.settings.iter().find(|setting| {
        let place = setting.value.span().unwrap_or(setting.about.span);
        place.source == about.span.source
            && place.range().start <= about.span.range().start
            && about.span.range().end <= place.range().end
            && matches!(setting.file_kind.as_str(), "compose" | "client-config")
    })?;
    let Known::Is(value) = &found.value else { return None };
    if found.channel == "url" {
        return Some(query(judged, found, about.span));
    }
    let name = &found.about.name;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name || found.channel != "environment" {
        return Some(Err("it is not the value of a variable; move it to a secrets store by hand".into()));
    }
    let slice = judged.loaded.sources.slice(value.span);
    let from = slice.strip_prefix(name.as_str()).filter(|rest| rest.starts_with('=')).map_or(0, |_| name.len() + 1);
    let written = match found.file_kind.as_str() {
        "compose" => format!("${{{name}:?}}"),
        _ => match expanded(judged, found, name) {
            Ok(written) => written,
            Err(why) => return Some(Err(why)),
        },
    };
    let replaced = match yaml(judged, value.span) {
        Ok(yaml) => yaml.replace(value.span, &written, false),
        Err(_) => Ok(Edit::replace(value.span, written)),
    };
    let mut edit = match replaced {
        Ok(edit) => edit,
        Err(why) => return Some(Err(why)),
    };
    edit.at += from;
    edit.remove = edit.remove.saturating_sub(from);
    let says =
        format!("takes `{name}` from the environment; the value that stood here must be changed where it is valid");
    Some(Ok(Proposal { says, edits: vec![edit] }))
}

/// A variable as the host that owns the entry writes it.
fn expanded(judged: &Judged, setting: &Setting, name: &str) -> Result<String, String> {
    let place = setting.about.part_of.unwrap_or(setting.about.span);
    let entry = judged.facts.definitions.iter().find(|definition| definition.about.span == place);
    let host = entry.and_then(|entry| hosts::by_id(entry.hosts.first()?));
    let Some(host) = host else { return Ok(format!("${{{name}}}")) };
    let forms = [
        (Syntaxes::Braces, format!("${{{name}}}")),
        (Syntaxes::EnvColon, format!("${{env:{name}}}")),
        (Syntaxes::Opencode, format!("{{env:{name}}}")),
        (Syntaxes::Dollar, format!("${name}")),
    ];
    let known = forms.into_iter().find(|(syntax, _)| host.expands.contains(syntax));
    known.map(|(_, written)| written).ok_or_else(|| format!("`{}` replaces no variables in its files", host.id))
}

/// A reference in the place of a parameter's value in a URL; the parameter stays, and should become a header.
fn query(judged: &Judged, found: &Setting, secret: Span) -> Result<Proposal, String> {
    let Known::Is(url) = &found.value else { return Err("the address is not written out here".into()) };
    let (whole, text) = (url.span.range(), judged.loaded.sources.slice(url.span));
    let at = secret.range().start.saturating_sub(whole.start);
    let before = text.get(..at).unwrap_or("");
    let start = before.rfind(['?', '&']).ok_or("it is no parameter of a query; move it to a secrets store by hand")?;
    let sign = text.get(start..).and_then(|rest| rest.find('=')).ok_or("the parameter has no name")? + start;
    let end = text.get(sign..).and_then(|rest| rest.find(['&', '#'])).map_or(text.len(), |length| sign + length);
    if sign >= end || at >= end {
        return Err("the parameter is not written as expected".into());
    }
    let parameter = text.get(start + 1..sign).unwrap_or("");
    let place = found.about.part_of.unwrap_or(found.about.span);
    let entry = judged.facts.definitions.iter().find(|definition| definition.about.span == place);
    let server = entry.map_or("", |entry| entry.about.name.as_str());
    let joined = format!("{server}_{parameter}").to_ascii_uppercase();
    let name: String = joined.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '_' }).collect();
    let name = name.trim_start_matches(|one: char| one.is_ascii_digit() || one == '_');
    let written = expanded(judged, found, name)?;
    let says = format!(
        "takes the parameter `{parameter}` from the environment as `{name}`; the value that stood here must be changed \
         where it is valid"
    );
    let edit = Edit { source: url.span.source, at: whole.start + sign + 1, remove: end - sign - 1, insert: written };
    Ok(Proposal { says, edits: vec![edit] })
}
