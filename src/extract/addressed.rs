//! Addresses that a deployment sets: a default of loopback says nothing of a container that is told to listen everywhere.

use std::collections::BTreeSet;

use crate::model::known::{Known, Spanned};
use crate::model::server::Listener;
use crate::model::{About, Facts, Note};

/// Ways in which a deployment hands over variables.
const VARIABLES: &[&str] = &["environment", "image-environment"];
/// Shortest word that tells a variable by its end: `MCP_HOST` is told by `host`.
const LEAST_WORD: usize = 4;

/// Takes the address that an image, a manifest or an environment file of its server sets, where that is every interface.
/// Facts must be tied to their servers.
pub fn extract(facts: &mut Facts) {
    for at in 0..facts.listeners.len() {
        let Some(set) = facts.listeners.get(at).and_then(|listener| widened(facts, listener)) else { continue };
        let listener = &mut facts.listeners[at];
        listener.host = Known::is(set.value, set.span);
        if let Some(text) = listener.settings.by_address.take() {
            listener.host_checked = Known::is(false, set.span);
            listener.host_notes = vec![Note::new(set.span, text.clone())];
            listener.host_check = text;
        }
    }
}

/// The address of every interface that a listener is told from outside.
fn widened(facts: &Facts, listener: &Listener) -> Option<Spanned<String>> {
    let is_wide_already = listener.host.value().is_some_and(|host| wide(host).is_some() || host.is_empty());
    let words = &listener.settings.told_by;
    let server = listener.about.server.filter(|_| !is_wide_already && !words.is_empty())?;
    let is_own = |about: &About| about.server == Some(server);
    by_variable(facts, &is_own, words).or_else(|| by_flag(facts, &is_own, words))
}

fn by_variable(facts: &Facts, is_own: &dyn Fn(&About) -> bool, words: &BTreeSet<String>) -> Option<Spanned<String>> {
    let handed = facts.settings.iter().filter(|setting| {
        is_own(&setting.about) && VARIABLES.contains(&setting.channel.as_str()) && !setting.reference
    });
    let told = handed.filter(|setting| is_told(&setting.about.name, words));
    let mut wide = told.filter_map(|setting| match &setting.value {
        Known::Is(value) => Some(Spanned::new(wide(&value.value)?, value.span)),
        _ => None,
    });
    wide.next()
}

fn by_flag(facts: &Facts, is_own: &dyn Fn(&About) -> bool, words: &BTreeSet<String>) -> Option<Spanned<String>> {
    let own = facts.containers.iter().filter(|container| is_own(&container.about));
    own.filter_map(|container| flagged(&container.command, words)).next()
}

/// `--host 0.0.0.0`, `--host=0.0.0.0`
fn flagged(command: &[Spanned<String>], words: &BTreeSet<String>) -> Option<Spanned<String>> {
    let mut following = command.iter().skip(1).map(Some).chain([None]);
    command.iter().find_map(|word| {
        let next = following.next().flatten();
        let flag = word.value.strip_prefix('-')?.trim_start_matches('-');
        let (flag, value) = match flag.split_once('=') {
            Some((flag, value)) => (flag, value),
            None => (flag, next?.value.as_str()),
        };
        is_told(flag, words).then(|| wide(value))?.map(|host| Spanned::new(host, word.span))
    })
}

/// Whether a variable or flag is one of those that a listener asks: `MCP_HOST` by `MCP_HOST`, or by a setting `host`.
fn is_told(name: &str, words: &BTreeSet<String>) -> bool {
    let plain = |text: &str| text.replace('-', "_").to_ascii_lowercase();
    let name = plain(name);
    words.iter().map(|word| plain(word)).any(|word| {
        let before = name.strip_suffix(&word).filter(|_| word.len() >= LEAST_WORD);
        name == word || before.is_some_and(|before| before.ends_with('_'))
    })
}

/// The host of an address that is every interface; nothing for others.
fn wide(address: &str) -> Option<String> {
    const WIDE: &[&str] = &["0.0.0.0", "::", "[::]", "*"];
    let is_wide = |host: &str| WIDE.contains(&host);
    if is_wide(address) {
        return Some(address.to_string());
    }
    let (host, port) = address.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && (is_wide(host) || host.is_empty())).then(|| host.to_string())
}
