//! Folders that are not walked, and where links lead.

use std::fs;
use std::path::{Component, Path};

/// Why a folder is left out, if it is; version control always is.
pub fn folder(path: &Path, everything: bool) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    let beside = |file: &str| path.parent().is_some_and(|parent| fs::symlink_metadata(parent.join(file)).is_ok());
    let inside = |file: &str| fs::symlink_metadata(path.join(file)).is_ok();
    Some(match name {
        ".git" | ".hg" | ".svn" | ".jj" => "is version control",
        _ if everything => return None,
        "node_modules" | "bower_components" | "jspm_packages" | ".pnpm-store" | "site-packages" => {
            "is a dependency folder"
        }
        // Go and Composer copy what a project depends on under this name; a folder that a person filled has no such list.
        "vendor" if inside("modules.txt") || inside("autoload.php") => "is a dependency folder",
        _ if inside("pyvenv.cfg") => "is a virtual environment",
        "target" if inside("CACHEDIR.TAG") || beside("Cargo.toml") => "is a build folder",
        "__pycache__" | ".tox" | ".nox" | ".mypy_cache" | ".pytest_cache" | ".ruff_cache" | ".eggs" | ".gradle"
        | ".terraform" | ".parcel-cache" | ".turbo" | ".nyc_output" => "is a cache folder",
        _ => return None,
    })
}

/// Whether a link at `path` (relative to the root) leads to a place inside the root, read without touching the disk.
pub fn stays_inside(path: &str, target: &Path, root: &Path) -> bool {
    if target.as_os_str().is_empty() {
        return false;
    }
    if target.is_absolute() {
        return !target.components().any(|part| part == Component::ParentDir) && target.starts_with(root);
    }
    let mut depth = path.matches('/').count();
    for part in target.components() {
        match part {
            Component::ParentDir => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            Component::Normal(_) => depth += 1,
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_judged_without_following_them() {
        let root = Path::new("/r");
        for (path, target, expected) in [
            ("a/b", "../c", true),
            ("a/b", "../../c", false),
            ("a", "x/../../y", false),
            ("a", "/r/x", true),
            ("a", "/r/../etc", false),
            ("a", "/etc/passwd", false),
            ("a", "", false),
        ] {
            assert_eq!(stays_inside(path, Path::new(target), root), expected, "{path} {target}");
        }
    }
}
