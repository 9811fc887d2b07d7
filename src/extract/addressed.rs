//! Addresses that a deployment sets: a default of loopback says nothing of a container that is told to listen everywhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::extract::tools::package_root;

use crate::load::{File, Loaded};
use crate::model::known::{Known, Spanned};
use crate::model::server::Listener;
use crate::model::{About, Facts, Note, ServerId};
use crate::source::Span;

mod elsewhere;

/// Ways in which a deployment hands over variables.
const VARIABLES: &[&str] = &["environment", "image-environment"];
/// Shortest word that tells a variable by its end: `MCP_HOST` is told by `host`.
const LEAST_WORD: usize = 4;
/// Most scripts that are read for flags.
const MAX_SCRIPTS: usize = 8;
/// Most lines of one script that are read.
const MAX_LINES: usize = 2_000;

/// Takes the address that an image, a manifest or an environment file of its server sets, where that is every interface.
/// Facts must be tied to their servers.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let mut written = BTreeMap::new();
    for at in 0..facts.listeners.len() {
        let Some(listener) = facts.listeners.get(at).filter(|listener| is_told_otherwise(listener)) else { continue };
        let root = package_root(loaded, listener.opened);
        match widened(loaded, facts, listener) {
            Some(set) => widen(&mut facts.listeners[at], set),
            None => {
                let found = written.entry(root).or_insert_with_key(|root| elsewhere::written_in(loaded, root));
                found.iter().for_each(|span| leave_open(&mut facts.listeners[at], *span));
            }
        }
    }
}

/// Whether the address of a listener is a narrow one as long as nothing is set.
fn is_told_otherwise(listener: &Listener) -> bool {
    let is_narrow = |host: &String| wide(host).is_none() && !host.is_empty();
    !listener.settings.told_by.is_empty() && listener.host.value().is_none_or(is_narrow)
}

fn widen(listener: &mut Listener, set: Spanned<String>) {
    listener.host = Known::is(set.value, set.span);
    if let Some(text) = listener.settings.by_address.take() {
        listener.host_checked = Known::is(false, set.span);
        listener.host_notes = vec![Note::new(set.span, text.clone())];
        listener.host_check = text;
    }
}

fn leave_open(listener: &mut Listener, span: Span) {
    let Some(host) = listener.host.value() else { return };
    let why = format!("it is {host} as long as nothing is set, and the program names every interface here");
    listener.host = Known::unknown(why.clone(), span);
    if listener.settings.by_address.take().is_some() {
        listener.host_checked = Known::unknown(format!("hangs on the address: {why}"), span);
        listener.host_notes.clear();
        listener.host_check.clear();
    }
}

/// The address of every interface that a listener is told from outside.
fn widened(loaded: &Loaded, facts: &Facts, listener: &Listener) -> Option<Spanned<String>> {
    let (server, words) = (listener.about.server?, &listener.settings.told_by);
    by_variable(facts, server, words).or_else(|| by_flag(loaded, facts, server, words))
}

fn by_variable(facts: &Facts, server: ServerId, words: &BTreeSet<String>) -> Option<Spanned<String>> {
    let handed = facts.settings.iter().filter(|setting| {
        setting.about.server == Some(server) && VARIABLES.contains(&setting.channel.as_str()) && !setting.reference
    });
    let told = handed.filter(|setting| is_told(&setting.about.name, words));
    let mut wide = told.filter_map(|setting| match &setting.value {
        Known::Is(value) => Some(Spanned::new(wide(&value.value)?, value.span)),
        _ => None,
    });
    wide.next()
}

fn by_flag(loaded: &Loaded, facts: &Facts, server: ServerId, words: &BTreeSet<String>) -> Option<Spanned<String>> {
    let own = |about: &About| about.server == Some(server);
    let containers = facts.containers.iter().filter(|container| own(&container.about));
    let definitions = facts.definitions.iter().filter(|definition| own(&definition.about) && !definition.disabled);
    let commands = containers.map(|one| &one.command).chain(definitions.map(|one| &one.arguments));
    let mut commands: Vec<Vec<Spanned<String>>> = commands.map(|command| apart(command)).collect();
    let scripts: Vec<_> = commands.iter().flatten().filter_map(|word| script(loaded, word)).collect();
    commands.extend(scripts.into_iter().take(MAX_SCRIPTS).flat_map(|file| lines(loaded, file)));
    commands.iter().find_map(|command| flagged(command, words))
}

/// The words of a command, of which one may be a command line itself: `sh -c "serve --host 0.0.0.0"`.
fn apart(command: &[Spanned<String>]) -> Vec<Spanned<String>> {
    let words = command
        .iter()
        .flat_map(|word| word.value.split_whitespace().map(|part| Spanned::new(unquoted(part).to_string(), word.span)));
    words.collect()
}

/// The shell script of the tree that a word of a command names.
fn script<'l>(loaded: &'l Loaded, word: &Spanned<String>) -> Option<&'l File> {
    let name = word.value.rsplit('/').next().filter(|name| name.ends_with(".sh"))?;
    let is_it = |file: &&File| file.path.rsplit('/').next() == Some(name) && file.role.is_own();
    let mut named = loaded.files.iter().filter(is_it);
    // Of several of that name it is not known which is meant.
    named.next().filter(|_| named.next().is_none())
}

/// The words of each line of a script.
fn lines(loaded: &Loaded, file: &File) -> Vec<Vec<Spanned<String>>> {
    let text = loaded.sources.get(file.source).text();
    let words = |line: &str| {
        let at = line.as_ptr() as usize - text.as_ptr() as usize;
        let span = Span::new(file.source, at, at + line.len());
        line.split_whitespace().map(|word| Spanned::new(unquoted(word).to_string(), span)).collect()
    };
    text.lines().filter(|line| !line.trim_start().starts_with('#')).take(MAX_LINES).map(words).collect()
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '\''])
}

/// `--host 0.0.0.0`, `--host=0.0.0.0`, `HOST=0.0.0.0`
fn flagged(command: &[Spanned<String>], words: &BTreeSet<String>) -> Option<Spanned<String>> {
    let mut following = command.iter().skip(1).map(Some).chain([None]);
    command.iter().find_map(|word| {
        let next = following.next().flatten();
        let (name, value) = match (word.value.split_once('='), word.value.strip_prefix('-')) {
            (Some(both), _) => both,
            (None, Some(flag)) => (flag, next?.value.as_str()),
            (None, None) => return None,
        };
        let told = is_told(name.trim_start_matches('-'), words);
        told.then(|| wide(unset(value)))?.map(|host| Spanned::new(host, word.span))
    })
}

/// What a shell puts there as long as nobody sets the variable: `0.0.0.0` of `${HOST:-0.0.0.0}`.
fn unset(value: &str) -> &str {
    let value = unquoted(value);
    let inner = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    inner.and_then(|inner| inner.split_once(":-").or(inner.split_once(":="))).map_or(value, |(_, default)| default)
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
