//! Metadata of a git checkout, read from its files without running git: HEAD, remote, tracked paths.
#![allow(clippy::disallowed_methods, reason = "this file is where the tree is read")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

mod index;

/// Folders above the audited root in which a checkout is looked for.
const MAX_PARENTS: usize = 32;

/// Largest file of `.git` that is read, in bytes.
const MAX_SIZE: u64 = 256 << 20;

/// What a checkout says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Git {
    /// Full commit that HEAD names; absent in a fresh repository.
    pub head: Option<String>,
    /// Branch that HEAD names; absent where it is detached.
    pub branch: Option<String>,
    /// URL of `origin`, else of the first remote, without credentials.
    pub remote: Option<String>,
    /// The audited root relative to the top of the checkout; empty where it is the top.
    pub prefix: String,
    /// Tracked paths below the audited root, relative to it; absent where the index could not be read.
    pub tracked: Option<BTreeSet<String>>,
}

impl Git {
    /// Whether git tracks a path of the audited tree; unknown where the index could not be read.
    pub fn tracks(&self, path: &str) -> Option<bool> {
        self.tracked.as_ref().map(|tracked| tracked.contains(path))
    }
}

/// Reads the checkout that a folder stands in; `None` outside of one.
pub fn read(root: &Path) -> Option<Git> {
    let (top, prefix) = top_of(root)?;
    let folder = git_folder(&top)?;
    let common = text(&folder.join("commondir"))
        .map(|line| folder.join(line.trim()))
        .filter(|common| common.is_dir())
        .unwrap_or_else(|| folder.clone());
    let head_text = text(&folder.join("HEAD")).unwrap_or_default();
    let reference = head_text.trim().strip_prefix("ref:").map(str::trim);
    let head = match reference {
        Some(name) => resolve(&folder, &common, name),
        None => commit(head_text.trim()),
    };
    let below = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    let tracked = bytes(&folder.join("index")).and_then(|bytes| index::paths(&bytes)).map(|paths| {
        paths.into_iter().filter_map(|path| path.strip_prefix(below.as_str()).map(str::to_string)).collect()
    });
    Some(Git {
        head,
        branch: reference.and_then(|name| name.strip_prefix("refs/heads/")).map(str::to_string),
        remote: text(&common.join("config")).and_then(|config| remote(&config)),
        prefix,
        tracked,
    })
}

/// The folder that holds `.git`, and the way from it to `root`.
fn top_of(root: &Path) -> Option<(PathBuf, String)> {
    let top = root.ancestors().take(MAX_PARENTS).find(|folder| folder.join(".git").symlink_metadata().is_ok())?;
    let inside = root.strip_prefix(top).ok()?;
    let names: Vec<String> = inside.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    Some((top.to_path_buf(), names.join("/")))
}

/// `.git` itself, or the folder that a `.git` file names.
fn git_folder(top: &Path) -> Option<PathBuf> {
    let entry = top.join(".git");
    let kind = entry.symlink_metadata().ok()?.file_type();
    if kind.is_dir() {
        return entry.join("HEAD").is_file().then_some(entry);
    }
    if !kind.is_file() {
        return None;
    }
    let line = text(&entry)?;
    let named = top.join(line.trim().strip_prefix("gitdir:")?.trim());
    named.join("HEAD").is_file().then_some(named)
}

fn resolve(folder: &Path, common: &Path, name: &str) -> Option<String> {
    let safe = name.starts_with("refs/") && !name.split('/').any(|part| part.is_empty() || part == "..");
    if !safe {
        return None;
    }
    let loose = [folder, common].iter().find_map(|base| text(&base.join(name)).and_then(|line| commit(line.trim())));
    loose.or_else(|| {
        let packed = text(&common.join("packed-refs"))?;
        let line = packed.lines().find_map(|line| line.strip_suffix(name)?.strip_suffix(' '))?;
        commit(line)
    })
}

fn commit(text: &str) -> Option<String> {
    let hex = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| text.to_ascii_lowercase())
}

/// URL of `origin`, else of the first remote of a git configuration.
fn remote(config: &str) -> Option<String> {
    let mut section = String::new();
    let mut first = None;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_string();
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        if key.trim() != "url" || !section.starts_with("remote ") {
            continue;
        }
        let url = without_credentials(value.trim().trim_matches('"'));
        if section == "remote \"origin\"" {
            return Some(url);
        }
        first.get_or_insert(url);
    }
    first
}

/// Drops `user:password@` and any query of a URL; the user of an SSH address stays.
fn without_credentials(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_string() };
    let (authority, path) = rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match path {
        Some(path) => format!("{scheme}://{host}/{path}"),
        None => format!("{scheme}://{host}"),
    }
}

fn text(path: &Path) -> Option<String> {
    String::from_utf8(bytes(path)?).ok()
}

fn bytes(path: &Path) -> Option<Vec<u8>> {
    let metadata = fs::symlink_metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > MAX_SIZE {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(MAX_SIZE).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes_lose_their_credentials() {
        for (url, expected) in [
            ("https://user:ghp_x@github.com/a/b.git", "https://github.com/a/b.git"),
            ("https://github.com/a/b?token=x", "https://github.com/a/b"),
            ("git@github.com:a/b.git", "git@github.com:a/b.git"),
            ("ssh://git@host/a", "ssh://host/a"),
            ("https://tok@host", "https://host"),
        ] {
            assert_eq!(without_credentials(url), expected);
        }
        let config =
            "[core]\n\tbare = false\n[remote \"up\"]\n\turl = a\n[remote \"origin\"]\n\turl = https://x:y@h/p\n";
        assert_eq!(remote(config).as_deref(), Some("https://h/p"));
    }
}
