//! Descriptions of web interfaces whose operations become the tools of a server.

use crate::discover::Role;
use crate::extract::servers::is_under;
use crate::extract::tools::draft::Draft;
use crate::extract::tools::package_root;
use crate::load::{File, Loaded};
use crate::source::Span;

/// Bytes at the beginning of a file in which it says what it is.
const HEAD: usize = 400;

/// Names the description that lies beside a server whose tools are made at run time by code that reads such files.
pub fn name(loaded: &Loaded, found: &mut [Draft]) {
    for draft in found.iter_mut().filter(|draft| draft.tools.is_empty() && !draft.openings.is_empty()) {
        let root = package_root(loaded, draft.span);
        let reads = loaded.program.modules.iter().any(|module| {
            is_under(loaded.sources.path(module.source), &root)
                && module.imports.iter().any(|import| says_so(&import.module.to_lowercase()))
        });
        let described =
            loaded.files.iter().filter(|file| reads && is_under(&file.path, &root) && is_description(loaded, file));
        for file in described.take(4) {
            draft.open(Span::new(file.source, 0, 0), "its tools are made of the operations that this file describes");
        }
    }
}

fn says_so(text: &str) -> bool {
    text.contains("openapi") || text.contains("swagger")
}

fn is_description(loaded: &Loaded, file: &File) -> bool {
    let is_data = [".json", ".yaml", ".yml"].iter().any(|end| file.path.ends_with(end));
    if !is_data || matches!(file.role, Role::Test | Role::Fixture | Role::Example) {
        return false;
    }
    let head: String = loaded.sources.get(file.source).text().chars().take(HEAD).collect();
    let mut lines = head.lines().map(|line| line.trim_start_matches([' ', '{', '"', '\t']));
    lines.any(|line| {
        line.starts_with("openapi\"")
            || line.starts_with("swagger\"")
            || line.starts_with("openapi:")
            || line.starts_with("swagger:")
    })
}
