//! Lists `rules/**` and embeds every file, so that no registry is kept by hand. A stray file stops the build.
#![allow(clippy::disallowed_methods, reason = "a build script reads its own package")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of `rules/` and how many levels of folders stand between them and their files.
const FOLDERS: &[(&str, usize)] =
    &[("checks", 1), ("effects", 0), ("frameworks", 0), ("phrases", 0), ("sdks", 0), ("usages", 0)];

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("rules");
    println!("cargo::rerun-if-changed=rules");
    let mut files = Vec::new();
    for entry in sorted(&root) {
        let name = entry.file_name().expect("a listed path has a name").to_string_lossy().into_owned();
        match FOLDERS.iter().find(|(folder, _)| *folder == name) {
            Some((_, levels)) => collect(&entry, *levels, &mut files),
            None => file(&entry, &mut files),
        }
    }
    let mut out = String::from("&[\n");
    for path in &files {
        let name = path.strip_prefix(&root).expect("collected below it").to_string_lossy().replace('\\', "/");
        writeln!(out, "    ({name:?}, include_str!({:?})),", path.to_string_lossy()).expect("writing to a string");
    }
    out.push_str("]\n");
    let target = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("embedded.rs");
    fs::write(target, out).expect("OUT_DIR can be written");
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    paths
}

fn collect(folder: &Path, levels: usize, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in sorted(folder) {
        if levels > 0 && entry.is_dir() {
            collect(&entry, levels - 1, files);
        } else if levels == 0 {
            file(&entry, files);
        } else {
            panic!("{} is not a folder: checks stand in rules/checks/<area>/<id>.yml", entry.display());
        }
    }
}

fn file(path: &Path, files: &mut Vec<PathBuf>) {
    let is_rule_file = path.is_file() && path.extension().is_some_and(|extension| extension == "yml");
    assert!(is_rule_file, "{} is a stray: rules/ holds .yml files in known folders only", path.display());
    files.push(path.to_path_buf());
}
