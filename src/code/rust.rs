//! Lowers Rust to the neutral code.

use crate::code::{Language, Module};
use crate::gap::Gap;
use crate::source::SourceId;

/// Parses one file.
pub fn parse(source: SourceId, text: &str) -> (Module, Vec<Gap>) {
    (Module::new(source, Language::Rust, text.len()), Vec::new())
}
