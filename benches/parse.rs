//! Megabytes a second of parsing and lowering, by language: `cargo bench --bench parse [-- FOLDER...]`.
//!
//! Files of the folders, or of the projects under `fixtures/`, repeated until there is enough of them.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reads files and the clock, and prints"
)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use plimsoll::code::limits::on_deep_stack;
use plimsoll::code::{self, Language};
use plimsoll::source::Sources;
use rayon::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Least bytes of each language.
const ENOUGH: usize = 16 << 20;
/// Counted runs, after one that is not.
const RUNS: usize = 5;

fn main() {
    let mut folders: Vec<PathBuf> =
        std::env::args().skip(1).filter(|one| !one.starts_with('-')).map(Into::into).collect();
    if folders.is_empty() {
        folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
    }
    let files: Vec<(String, String)> = folders.iter().flat_map(|folder| files(folder)).collect();
    println!("{:<12} {:>6} {:>8} {:>14} {:>14}", "", "files", "MB", "MB/s, 1 thread", "MB/s, all");
    for language in [Language::Python, Language::TypeScript, Language::Go, Language::Rust] {
        let own: Vec<&(String, String)> =
            files.iter().filter(|(path, _)| Language::of_path(path) == Some(language)).collect();
        let bytes: usize = own.iter().map(|(_, text)| text.len()).sum();
        if bytes == 0 {
            continue;
        }
        let all: Vec<&(String, String)> =
            own.iter().copied().cycle().take(own.len() * ENOUGH.div_ceil(bytes)).collect();
        let bytes: usize = all.iter().map(|(_, text)| text.len()).sum();
        let rate = |threads: Option<usize>| bytes as f64 / 1e6 / median(&all, threads);
        let (one, many) = (rate(Some(1)), rate(None));
        println!("{:<12} {:>6} {:>8.1} {one:>14.1} {many:>14.1}", language.id(), own.len(), bytes as f64 / 1e6);
    }
}

/// Median seconds for all files.
fn median(all: &[&(String, String)], threads: Option<usize>) -> f64 {
    let mut seconds: Vec<f64> = on_deep_stack(threads, || {
        (0..=RUNS)
            .map(|_| {
                let start = Instant::now();
                all.par_iter().for_each(|(path, text)| {
                    let source = Sources::default().add(path.as_str(), String::new(), [0; 32]);
                    std::hint::black_box(code::parse(source, path, text));
                });
                start.elapsed().as_secs_f64()
            })
            .skip(1)
            .collect()
    });
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
        let path = entry.path().to_string_lossy().into_owned();
        if entry.file_type().is_file() && Language::of_path(&path).is_some() {
            found.extend(std::fs::read_to_string(entry.path()).ok().map(|text| (path, text)));
        }
    }
    found
}
