//! Fixes of images: a user at the end of a recipe, digests that the tree knows.

use std::collections::{BTreeMap, BTreeSet};

use super::edit::{Edit, line_break, line_start};
use super::manifest::yaml;
use super::pins;
use super::propose::USER;
use super::{Judged, Proposal};
use crate::document::Node;
use crate::model::container::{Container, Image};

/// A recipe whose last stage ends with an ordinary user.
pub fn with_user(judged: &Judged, container: &Container) -> Result<Proposal, String> {
    let source = container.about.span.source;
    let file = judged.loaded.file(source).ok_or("the file is not in the tree")?;
    let root = judged.loaded.document(file).and_then(|document| document.root()).ok_or("the recipe is empty")?;
    let text = judged.loaded.sources.get(source).text();
    let name = |one: &Node<'_>| one.get("instruction").and_then(Node::as_str).unwrap_or("").to_string();
    let all: Vec<Node<'_>> = root.items().filter(|one| one.get("onbuild").is_none()).collect();
    let last = all.iter().rposition(|one| name(one) == "FROM").ok_or("the recipe has no stage")?;
    let stage = all.get(last..).unwrap_or_default();
    let says = format!("ends the image with the user {USER}; what it writes to must belong to that user");
    let user = stage.iter().rev().find(|one| name(one) == "USER");
    let root_user = user.and_then(|user| user.get("args")?.items().next());
    if let Some(word) = root_user {
        return Ok(Proposal { says, edits: vec![Edit::replace(word.span(), USER)] });
    }
    let start = stage.iter().find(|one| matches!(name(one).as_str(), "CMD" | "ENTRYPOINT" | "HEALTHCHECK"));
    let works_after = |one: &Node<'_>| start.is_some_and(|start| one.span().start > start.span().start);
    if stage.iter().any(|one| matches!(name(one).as_str(), "RUN" | "COPY" | "ADD" | "WORKDIR") && works_after(one)) {
        return Err("steps follow the command, and would run as that user".into());
    }
    let end = line_break(text, 0);
    let edit = match start {
        Some(start) => {
            let at = line_start(text, start.span().range().start);
            Edit::insert(source, at, format!("USER {USER}{end}"))
        }
        None if text.ends_with('\n') => Edit::insert(source, text.len(), format!("USER {USER}{end}")),
        None => Edit::insert(source, text.len(), format!("{end}USER {USER}")),
    };
    Ok(Proposal { says, edits: vec![edit] })
}

/// An image named with the digest that the tree, the lock or the configuration gives for its very tag.
pub fn with_digest(judged: &Judged, image: &Image, known: &BTreeMap<String, String>) -> Result<Proposal, String> {
    let reference = image.reference.value().ok_or("its name is set by a variable")?;
    let written = judged.loaded.sources.slice(image.about.span);
    if written != reference {
        return Err("its name is put together from parts".into());
    }
    let of_tree = judged.facts.images.iter().filter_map(|other| {
        let whole = other.reference.value()?;
        let (name, digest) = whole.split_once('@')?;
        (name == reference && other.digest.value().is_some()).then(|| digest.to_string())
    });
    let mut digests: BTreeSet<String> = of_tree.collect();
    digests.extend(known.get(reference).filter(|pin| pin.starts_with("sha256:")).cloned());
    digests.extend(pins::digest_of_lock(judged, reference));
    let mut digests = digests.into_iter();
    match (digests.next(), digests.next()) {
        (Some(digest), None) => {
            let says = format!("names `{reference}` by the digest that is known for it");
            let end = image.about.span.range().end;
            // One edit pins every use of an anchor, so it is refused like any other change that reaches further.
            if let Ok(yaml) = yaml(judged, image.about.span) {
                yaml.replace(image.about.span, reference, false)?;
            }
            Ok(Proposal { says, edits: vec![Edit::insert(image.about.span.source, end, format!("@{digest}"))] })
        }
        (Some(_), Some(_)) => Err("several digests are known for it".into()),
        (None, _) => Err("nothing in the tree, the lock or the configuration knows its digest".into()),
    }
}
