//! The one walk: which files the audited tree has, what they are, and what they say.
//!
//! Nothing outside the root is opened, links are not followed, and special files are never opened. Ignore files are
//! not honoured, since a hostile tree would hide in them; dependency folders are skipped by name, and listed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use crate::gap::{Gap, GapKind};
use crate::git::{self, Git};
use crate::source::FILES_AT_ONCE;

pub mod hosts;
pub mod kind;
pub mod pattern;
mod read;
pub mod role;
mod skip;

pub use kind::FileKind;
pub use role::Role;

/// What the walk may take on.
#[derive(Clone, Debug)]
pub struct Walk {
    /// Paths that the configuration leaves out.
    pub exclude: Vec<Exclusion>,
    /// Paths below the root that are read; all of them where this is empty.
    pub only: Vec<String>,
    /// Whether dependency, build and cache folders are read as well.
    pub everything: bool,
    /// Greatest size of a document or text, in bytes.
    pub document_size: u64,
    /// Greatest size of a source file, in bytes.
    pub source_size: u64,
    /// Greatest size of everything together, in bytes.
    pub total_size: u64,
    /// Greatest number of files.
    pub files: usize,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            exclude: Vec::new(),
            only: Vec::new(),
            everything: false,
            document_size: 8 << 20,
            source_size: 20 << 20,
            total_size: 1 << 30,
            files: 200_000,
        }
    }
}

/// A path that is left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// As [`pattern::covers`] reads it.
    pub pattern: String,
    /// Given by a person.
    pub reason: String,
}

/// A file or folder that was not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Relative to the root.
    pub path: String,
    /// A clause: `is a dependency folder`.
    pub reason: String,
}

/// A file that was read.
#[derive(Debug)]
pub struct Found {
    /// Relative to the root, with `/`; bytes that are not UTF-8 are escaped as `\xNN`.
    pub path: String,
    /// What it is, as far as its name tells.
    pub kind: FileKind,
    /// The part it plays.
    pub role: Role,
    /// Its text.
    pub text: String,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
}

/// What the walk found.
#[derive(Debug, Default)]
pub struct Discovered {
    /// Text files, by path.
    pub files: Vec<Found>,
    /// What was not read, by path.
    pub skipped: Vec<Skipped>,
    /// What should have been read and could not be.
    pub gaps: Vec<Gap>,
    /// Metadata of the checkout that holds the root.
    pub git: Option<Git>,
}

/// Why there is nothing to walk.
#[derive(Debug)]
pub struct DiscoverError {
    /// The root as given.
    pub path: PathBuf,
    /// A clause: `does not exist`.
    pub reason: String,
}

impl std::fmt::Display for DiscoverError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for DiscoverError {}

/// Walks a folder, or takes a single file, and reads what it finds.
///
/// # Errors
/// Where the root is neither a folder nor a regular file that can be opened.
pub fn discover(root: &Path, walk: &Walk) -> Result<Discovered, DiscoverError> {
    let fail = |reason: String| DiscoverError { path: root.to_path_buf(), reason };
    let real = fs::canonicalize(root).map_err(|error| fail(format!("cannot be opened: {}", plain(&error))))?;
    let metadata = fs::metadata(&real).map_err(|error| fail(format!("cannot be opened: {}", plain(&error))))?;
    let mut tree = Tree { root: real.clone(), walk, entries: Vec::new(), skipped: Vec::new(), gaps: Vec::new() };
    if metadata.is_file() {
        let path = real.file_name().map(|name| escaped(name.as_encoded_bytes())).unwrap_or_default();
        tree.entries.push(Entry { path, real: real.clone(), size: metadata.len() });
    } else if metadata.is_dir() {
        tree.list();
    } else {
        return Err(fail("is neither a folder nor a regular file".to_string()));
    }
    let folder = if metadata.is_dir() { real.as_path() } else { real.parent().unwrap_or(&real) };
    let git = git::read(folder);
    let mut discovered = tree.read();
    discovered.git = git;
    note_tracked_dependencies(&mut discovered);
    Ok(discovered)
}

/// Walks several folders or files as parts of one tree: the nearest folder that holds them all.
///
/// # Errors
/// Where one of them is neither a folder nor a regular file that can be opened.
pub fn discover_all(roots: &[PathBuf], walk: &Walk) -> Result<Discovered, DiscoverError> {
    if let [root] = roots {
        return discover(root, walk);
    }
    let mut real = Vec::with_capacity(roots.len());
    for root in roots {
        let fail = |error| DiscoverError { path: root.clone(), reason: format!("cannot be opened: {}", plain(&error)) };
        real.push(fs::canonicalize(root).map_err(fail)?);
    }
    let mut above = real.first().cloned().unwrap_or_default();
    while !above.is_dir() || real.iter().any(|root| !root.starts_with(&above)) {
        if !above.pop() {
            break;
        }
    }
    let inside = |root: &PathBuf| {
        let inside = root.strip_prefix(&above).unwrap_or(root);
        inside.iter().map(|name| escaped(name.as_encoded_bytes())).collect::<Vec<_>>().join("/")
    };
    let mut only: Vec<String> = real.iter().map(inside).collect();
    if only.iter().any(String::is_empty) {
        only.clear();
    }
    discover(&above, &Walk { only, ..walk.clone() })
}

/// Takes one text that is not on disk, such as standard input.
pub fn discover_text(path: &str, text: String) -> Discovered {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(text.as_bytes()).into();
    let found = Found { kind: kind::of_path(path), role: Role::Production, path: path.to_string(), text, digest };
    Discovered { files: vec![found], ..Discovered::default() }
}

/// A regular file of the tree that has not been read yet.
struct Entry {
    path: String,
    real: PathBuf,
    size: u64,
}

struct Tree<'a> {
    root: PathBuf,
    walk: &'a Walk,
    entries: Vec<Entry>,
    skipped: Vec<Skipped>,
    gaps: Vec<Gap>,
}

impl Tree<'_> {
    fn list(&mut self) {
        let mut walker = WalkDir::new(&self.root).follow_links(false).min_depth(1).sort_by_file_name().into_iter();
        while let Some(next) = walker.next() {
            let entry = match next {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().map_or_else(|| ".".to_string(), |path| self.relative(path));
                    let reason = error.io_error().map_or("is part of a loop".to_string(), plain);
                    self.gaps.push(Gap::of_path(path, GapKind::Unreadable, format!("cannot be read: {reason}")));
                    continue;
                }
            };
            if self.entries.len() >= self.walk.files {
                let reason = format!("has more than {} files; the rest was not read", self.walk.files);
                self.gaps.push(Gap::of_path(".", GapKind::TooLarge, reason));
                return;
            }
            if self.take(&entry) == Step::Over && entry.file_type().is_dir() {
                walker.skip_current_dir();
            }
        }
    }

    /// Decides on one entry; [`Step::Over`] leaves a folder out.
    fn take(&mut self, entry: &DirEntry) -> Step {
        let path = self.relative(entry.path());
        let asked = |only: &String| *only == path || below(only, &path) || below(&path, only);
        if !self.walk.only.is_empty() && !self.walk.only.iter().any(asked) {
            return Step::Over;
        }
        if let Some(exclusion) = self.walk.exclude.iter().find(|exclusion| pattern::covers(&exclusion.pattern, &path)) {
            let reason = format!("is excluded by the configuration: {}", exclusion.reason);
            self.skipped.push(Skipped { path, reason });
            return Step::Over;
        }
        let kind = entry.file_type();
        if kind.is_symlink() {
            self.link(entry, path);
        } else if kind.is_dir() {
            if let Some(reason) = skip::folder(entry.path(), self.walk.everything) {
                self.skipped.push(Skipped { path, reason: reason.to_string() });
                return Step::Over;
            }
        } else if kind.is_file() {
            let size = entry.metadata().map_or(0, |metadata| metadata.len());
            self.entries.push(Entry { path, real: entry.path().to_path_buf(), size });
        } else {
            self.skipped.push(Skipped { path, reason: "is a pipe, socket or device".to_string() });
        }
        Step::On
    }

    /// Links are never followed. One that stays inside names what is read anyway; one that leaves hides what it names.
    fn link(&mut self, entry: &DirEntry, path: String) {
        let target = fs::read_link(entry.path()).unwrap_or_default();
        let inside = skip::stays_inside(&path, &target, &self.root);
        if !inside && kind::of_path(&path).matters() {
            self.gaps.push(Gap::of_path(&path, GapKind::Unreadable, "is a link that leaves the tree"));
        }
        let reason = if inside { "is a link within the tree" } else { "is a link that leaves the tree" };
        self.skipped.push(Skipped { path, reason: reason.to_string() });
    }

    fn relative(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        let names: Vec<String> = inside.iter().map(|name| escaped(name.as_encoded_bytes())).collect();
        if names.is_empty() { ".".to_string() } else { names.join("/") }
    }

    fn read(mut self) -> Discovered {
        self.entries.sort_by(|a, b| a.path.cmp(&b.path));
        self.bound_total();
        let paths: BTreeSet<&str> = self.entries.iter().map(|entry| entry.path.as_str()).collect();
        let built = role::built_folders(&paths);
        let walk = self.walk;
        let entries = self.entries.par_iter().with_max_len(FILES_AT_ONCE);
        let outcomes: Vec<read::Outcome> =
            entries.map(|entry| read::file(&entry.path, &entry.real, entry.size, walk)).collect();
        let mut discovered = Discovered { skipped: self.skipped, gaps: self.gaps, ..Discovered::default() };
        for outcome in outcomes {
            match outcome {
                read::Outcome::Text(mut found) => {
                    if found.role == Role::Production && built.iter().any(|folder| below(folder, &found.path)) {
                        found.role = Role::Generated;
                    }
                    discovered.files.push(found);
                }
                read::Outcome::Skipped(skipped) => discovered.skipped.push(skipped),
                read::Outcome::Gap(gap) => discovered.gaps.push(gap),
            }
        }
        discovered.skipped.sort();
        discovered.gaps.sort();
        discovered
    }

    fn bound_total(&mut self) {
        let mut total = 0u64;
        let within = |entry: &Entry| {
            total = total.saturating_add(entry.size.min(self.walk.source_size));
            total > self.walk.total_size
        };
        if let Some(at) = self.entries.iter().position(within) {
            let reason = format!(
                "holds more than {} bytes; from `{}` on it was not read",
                self.walk.total_size, self.entries[at].path
            );
            self.gaps.push(Gap::of_path(".", GapKind::TooLarge, reason));
            self.entries.truncate(at);
        }
    }
}

#[derive(PartialEq, Eq)]
enum Step {
    On,
    Over,
}

fn below(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// A dependency folder that is committed is the server's own code by another name.
fn note_tracked_dependencies(discovered: &mut Discovered) {
    let Some(tracked) = discovered.git.as_ref().and_then(|git| git.tracked.as_ref()) else { return };
    for skipped in &mut discovered.skipped {
        let prefix = format!("{}/", skipped.path);
        if tracked.range(prefix.clone()..).next().is_some_and(|path| path.starts_with(&prefix)) {
            skipped.reason.push_str(", though git tracks files in it");
        }
    }
}

/// UTF-8 as it is; other bytes as `\xNN`.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// An error of the system without its number, which differs between systems.
fn plain(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "it does not exist".to_string(),
        ErrorKind::PermissionDenied => "permission is denied".to_string(),
        other => other.to_string(),
    }
}
