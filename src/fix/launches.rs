//! Fixes of client configurations: flags of `docker run`, versions of launched packages.

use std::collections::BTreeMap;

use super::edit::Edit;
use super::pins;
use super::propose::{Tightening, USER};
use super::{Judged, Proposal};
use crate::document::{Node, NodeId, NodeKind, Syntax};
use crate::model::container::Container;
use crate::model::definition::Definition;
use crate::source::Span;

/// Runners whose packages take `@version`; those of the others take `==version`.
const AT: &[&str] = &["npx", "npm", "pnpm", "pnpx", "yarn", "bun", "bunx", "deno"];
/// Runners of Python packages.
const EQUALS: &[&str] = &["uvx", "uv", "pipx"];

/// A `docker run` with one right less.
pub fn tightened(judged: &Judged, container: &Container, tightening: Tightening) -> Result<Proposal, String> {
    let (says, flag, name) = match tightening {
        Tightening::Capabilities => ("drops all capabilities", "--cap-drop=ALL".to_string(), ""),
        Tightening::Privileges => {
            ("lets no process gain privileges", "--security-opt=no-new-privileges".to_string(), "--security-opt")
        }
        Tightening::ReadOnly => ("makes the root file system read-only", "--read-only".to_string(), "--read-only"),
        Tightening::User => ("runs it as an ordinary user", format!("--user={USER}"), "--user"),
        Tightening::Memory => ("limits its memory to 512 MiB", "--memory=512m".to_string(), "--memory"),
        Tightening::Cpu => ("limits it to one processor", "--cpus=1".to_string(), "--cpus"),
        Tightening::Processes => ("limits it to 256 processes", "--pids-limit=256".to_string(), "--pids-limit"),
    };
    let edit = with_flag(judged, container, &flag, name)?;
    Ok(Proposal { says: says.into(), edits: vec![edit] })
}

/// A container that is started without all rights of the host.
pub fn unprivileged(judged: &Judged, container: &Container) -> Result<Proposal, String> {
    let says = "takes the rights of the host away".to_string();
    let span = container.privileged.span().ok_or("it is not set here")?;
    let text = judged.loaded.sources.get(span.source).text();
    if matches!(text.get(span.range()), Some("true")) {
        return Ok(Proposal { says, edits: vec![Edit::replace(span, "false")] });
    }
    let words = words(judged, span)?;
    let at = words.iter().position(|word| word.span() == span).ok_or("it is not a word of the command")?;
    if !words.get(at).and_then(|word| word.as_str()).is_some_and(|word| word.starts_with("--privileged")) {
        return Err("the flag stands among others".into());
    }
    // Spans of strings leave their quotes out; what is between two words goes with the first.
    let from = span.range().start.saturating_sub(1);
    let next = words.get(at + 1).ok_or("nothing follows the flag")?.span().range().start.saturating_sub(1);
    let gap = text.get(span.range().end + 1..next).ok_or("the list is not laid out as expected")?;
    if gap.trim() != "," {
        return Err("comments stand between the words".into());
    }
    let gone = Edit { source: span.source, at: from, remove: next - from, insert: String::new() };
    Ok(Proposal { says, edits: vec![gone] })
}

/// The words of the list in JSON that a place is one of.
fn words(judged: &Judged, span: Span) -> Result<Vec<Node<'_>>, String> {
    let file = judged.loaded.file(span.source).ok_or("the file is not in the tree")?;
    let document = judged.loaded.document(file).filter(|document| document.syntax == Syntax::Json);
    let document = document.ok_or("the command is not written in JSON")?;
    let lists = document.nodes.iter().zip(0u32..).filter(|(data, _)| matches!(data.kind, NodeKind::List(_)));
    let mut lists = lists.map(|(_, at)| document.node(NodeId(at)));
    let list = lists.find(|list| list.items().any(|item| item.span() == span));
    Ok(list.ok_or("the command is not a list of words")?.items().collect())
}

/// Puts a flag after the word `run`, in the way that the list is laid out.
fn with_flag(judged: &Judged, container: &Container, flag: &str, name: &str) -> Result<Edit, String> {
    let span = container.about.span;
    let text = judged.loaded.sources.get(span.source).text();
    let items = words(judged, span)?;
    let word = |at: usize| items.get(at).and_then(|item| item.as_str()).unwrap_or("");
    let image = items.iter().position(|item| item.span() == span).unwrap_or(0);
    let at =
        (0..image).find(|at| matches!(word(*at), "run" | "create")).ok_or("no word `run` stands before the image")?;
    // The last of two equal flags counts, and it is not ours to say which was meant.
    if !name.is_empty() && name != "--security-opt" && (at..image).any(|at| word(at).starts_with(name)) {
        return Err(format!("`{name}` stands there already"));
    }
    let next = items.get(at + 1).ok_or("nothing follows the word `run`")?.span().range().start;
    let end = items[at].span().range().end;
    // Spans of strings leave their quotes out.
    let gap = text.get(end + 1..next.saturating_sub(1)).ok_or("the list is not laid out as expected")?;
    if gap.trim() != "," {
        return Err("comments stand between the words".into());
    }
    Ok(Edit::insert(span.source, next.saturating_sub(1), format!("\"{flag}\"{gap}")))
}

/// A launched package at the version that the tree, the lock or the configuration gives for it.
pub fn pinned(judged: &Judged, definition: &Definition, known: &BTreeMap<String, String>) -> Result<Proposal, String> {
    let package = definition.package.value().ok_or("the package is not known")?;
    let runner = definition.runner.value().map_or("", String::as_str);
    let sign = match runner {
        runner if AT.contains(&runner) => "@",
        runner if EQUALS.contains(&runner) => "==",
        other => return Err(format!("how `{other}` takes a version is not known")),
    };
    if !definition.floating.is_empty() {
        return Err("more than one package of the command floats".into());
    }
    let version = pins::version(judged, definition, package, known)?;
    let span = definition.package.span().ok_or("the package is not known")?;
    let written = judged.loaded.sources.slice(span);
    let requested = written.strip_prefix(package.as_str()).ok_or("the package is not written out as a word")?;
    if !requested.is_empty() && !requested.starts_with(['@', '=']) {
        return Err("the package is written with a range or extras".into());
    }
    let says = format!("starts `{package}` at {version}, the version that is known for it");
    Ok(Proposal { says, edits: vec![Edit::replace(span, format!("{package}{sign}{version}"))] })
}
