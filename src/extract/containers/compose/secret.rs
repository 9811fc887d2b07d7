//! Secrets of a compose project that stand in files of the tree: the whole file is the secret.

use super::tree::Tree;
use crate::extract::boundary::{NO_GIT, reference};
use crate::extract::containers::{interpolate, setting};
use crate::extract::environment::is_template;
use crate::extract::secrets::is_placeholder;
use crate::load::Loaded;
use crate::model::definition::Setting;
use crate::model::known::Known;

/// Largest file that is taken for a secret, in bytes.
const LONGEST: usize = 20_000;

/// The secrets that lie in the tree, each with whether git tracks its file.
pub fn files<'a>(loaded: &Loaded, project: &Tree, folder: impl Fn(crate::source::Span) -> &'a str) -> Vec<Setting> {
    let mut found = Vec::new();
    for entry in project.get("secrets").map(Tree::entries).unwrap_or_default() {
        let Some(written) = entry.value.at(&["file"]).and_then(Tree::text) else { continue };
        let inside = interpolate::resolve(&written.value).ok();
        let inside = inside.and_then(|path| reference::under(folder(written.span), &path));
        let Some(file) = inside.and_then(|path| loaded.find(&path)).filter(|file| !is_template(&file.path)) else {
            continue;
        };
        let text = loaded.sources.get(file.source).text().trim();
        if text.len() > LONGEST || is_placeholder(text) {
            continue;
        }
        let tracked = loaded.git.as_ref().and_then(|git| git.tracks(&file.path));
        let mut fact = setting::variable("file", "environment-file", &entry.key, None);
        fact.secret = Known::is("name".into(), written.span);
        fact.about.span = written.span;
        fact.reference = false;
        fact.tracked = tracked.map_or(Known::unknown(NO_GIT, written.span), |tracked| Known::is(tracked, written.span));
        found.push(fact);
    }
    found
}
