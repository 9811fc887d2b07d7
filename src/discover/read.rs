//! Reads one file with care: regular files only, bounded, and only as text.
#![allow(clippy::disallowed_methods, reason = "this file is where the tree is read")]

use std::fs;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::discover::{FileKind, Found, Skipped, Walk, kind, plain, role};
use crate::gap::{Gap, GapKind};

/// What became of a file.
pub enum Outcome {
    /// It is text, and was read.
    Text(Found),
    /// It is nothing that we read.
    Skipped(Skipped),
    /// It should have been read.
    Gap(Gap),
}

/// Greatest size of a lock file, in bytes: they grow beyond other documents.
const LOCK_FILE_SIZE: u64 = 64 << 20;

/// Reads a file that the walk saw as a regular one of `size` bytes.
pub fn file(path: &str, real: &Path, size: u64, walk: &Walk) -> Outcome {
    let kind = kind::of_path(path);
    if is_binary_name(path) {
        return skipped(path, "is not text");
    }
    let limit = match kind {
        FileKind::Code(_) => walk.source_size,
        FileKind::LockFile => LOCK_FILE_SIZE.max(walk.document_size),
        _ => walk.document_size,
    };
    if size > limit {
        return too_large(path, kind, limit);
    }
    match bytes(real, limit) {
        Ok(bytes) if bytes.len() as u64 > limit => too_large(path, kind, limit),
        Ok(bytes) => text(path, kind, bytes),
        Err(reason) => unreadable(path, kind, format!("cannot be read: {reason}")),
    }
}

fn bytes(real: &Path, limit: u64) -> Result<Vec<u8>, String> {
    // Looked at again right before and after it is opened: opening a pipe would wait for ever.
    let before = fs::symlink_metadata(real).map_err(|error| plain(&error))?;
    if !before.is_file() {
        return Err("it is no regular file any more".to_string());
    }
    let opened = fs::File::open(real).map_err(|error| plain(&error))?;
    let after = opened.metadata().map_err(|error| plain(&error))?;
    if !after.is_file() || !same(&before, &after) {
        return Err("it changed while it was opened".to_string());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(after.len().min(limit)).unwrap_or(0));
    opened.take(limit + 1).read_to_end(&mut bytes).map_err(|error| plain(&error))?;
    Ok(bytes)
}

#[cfg(unix)]
fn same(before: &fs::Metadata, after: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (before.dev(), before.ino()) == (after.dev(), after.ino())
}

#[cfg(not(unix))]
fn same(_before: &fs::Metadata, _after: &fs::Metadata) -> bool {
    true
}

fn text(path: &str, kind: FileKind, bytes: Vec<u8>) -> Outcome {
    let digest = Sha256::digest(&bytes).into();
    match String::from_utf8(bytes) {
        Ok(text) => {
            let role = role::of_path(path, &text);
            Outcome::Text(Found { path: path.to_string(), kind, role, text, digest })
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            if matches!(kind, FileKind::Text) {
                return skipped(path, "is not text");
            }
            unreadable(path, kind, format!("is not valid UTF-8 at byte {at}"))
        }
    }
}

fn too_large(path: &str, kind: FileKind, limit: u64) -> Outcome {
    let reason = format!("is larger than {limit} bytes");
    match kind {
        FileKind::Text | FileKind::Prose => skipped(path, &reason),
        _ => gap(path, kind, GapKind::TooLarge, reason),
    }
}

fn unreadable(path: &str, kind: FileKind, reason: String) -> Outcome {
    gap(path, kind, GapKind::Unreadable, reason)
}

fn gap(path: &str, kind: FileKind, gap: GapKind, reason: String) -> Outcome {
    let gap = Gap::of_path(path, gap, reason);
    let blocks = kind.matters() && role::of_path(path, "").lives();
    Outcome::Gap(if blocks { gap } else { gap.reported() })
}

fn skipped(path: &str, reason: &str) -> Outcome {
    Outcome::Skipped(Skipped { path: path.to_string(), reason: reason.to_string() })
}

fn is_binary_name(path: &str) -> bool {
    const BINARY: &[&str] = &[
        "png",
        "jpg",
        "jpeg",
        "gif",
        "webp",
        "ico",
        "icns",
        "bmp",
        "tiff",
        "avif",
        "pdf",
        "zip",
        "gz",
        "tgz",
        "bz2",
        "xz",
        "zst",
        "7z",
        "tar",
        "jar",
        "war",
        "whl",
        "egg",
        "so",
        "dylib",
        "dll",
        "exe",
        "o",
        "a",
        "lib",
        "node",
        "wasm",
        "pyc",
        "pyo",
        "class",
        "woff",
        "woff2",
        "ttf",
        "otf",
        "eot",
        "mp3",
        "mp4",
        "mov",
        "avi",
        "webm",
        "wav",
        "ogg",
        "sqlite",
        "sqlite3",
        "db",
        "bin",
        "dat",
        "onnx",
        "safetensors",
        "gguf",
        "pt",
        "parquet",
        "npy",
        "npz",
        "lockb",
        "mcpb",
        "dxt",
        "vsix",
        "crx",
        "ds_store",
    ];
    let name = kind::name_of(path);
    kind::extension(name).is_some_and(|extension| BINARY.contains(&extension.to_ascii_lowercase().as_str()))
        || name == ".DS_Store"
}
