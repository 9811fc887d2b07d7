//! Bounds on nesting and chain length, checked before any recursive parser sees the text.
//!
//! Recursive parsers, walks and destructors abort the process when the stack ends, and nothing can catch that. One
//! linear pass bounds the height of any tree that a parser can build from the text: brackets, indentation and chains
//! of operators, members, calls, prefixes and `else if`. It follows strings, comments, templates, regular expressions
//! and JSX as each language reads them, and where two readings are possible it counts.

use std::cell::Cell;
use std::ops::Range;

use crate::code::Language;

mod depth;
mod ecmascript;
mod python;
mod scan;
mod signs;
mod words;

/// Stack of every thread that parses or lowers, in bytes; enough for [`MAX_DEPTH`] and [`MAX_HEIGHT`] in all frontends.
pub const STACK: usize = 512 << 20;

/// Deepest nesting of brackets, blocks and elements that is handed to a parser; deeper files are gaps.
pub const MAX_DEPTH: usize = 2_000;

/// Greatest height of a tree, chains included (`a + b + …`, `a.b.c…`, `else if …`); files beyond it are gaps.
pub const MAX_HEIGHT: usize = 12_000;

/// What is beyond the limits, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Byte at which the limit was passed.
    pub offset: usize,
    /// A clause for a gap: `is nested more than 2000 levels deep`.
    pub what: &'static str,
}

/// Whether a text can be parsed and walked recursively on a stack of [`STACK`] bytes. JSX is expected in TypeScript.
pub fn check(text: &str, language: Language) -> Result<(), Excess> {
    check_dialect(text, language, true)
}

/// The same, for a file that is known to hold JSX (`.js`, `.jsx`, `.tsx`) or not (`.ts`, `.mts`, `.cts`).
pub fn check_dialect(text: &str, language: Language, jsx: bool) -> Result<(), Excess> {
    scan::Scan::new(text, language, jsx).run()
}

thread_local! {
    /// Whether this thread has a stack of [`STACK`] bytes.
    static IS_DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Runs work on threads whose stacks bear the deepest text that [`check`] lets pass: on `threads` new ones (one per
/// processor where absent), or right here where this thread is such a one already.
pub fn on_deep_stack<T: Send>(threads: Option<usize>, work: impl FnOnce() -> T + Send) -> T {
    if IS_DEEP.get() {
        return work();
    }
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).num_threads(threads.unwrap_or(0));
    match pool.start_handler(|_| IS_DEEP.set(true)).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Places of all comments of a text that is within the limits.
pub(super) fn comments(text: &str, language: Language) -> Vec<Range<usize>> {
    let mut scan = scan::Scan::new(text, language, false);
    match scan.run() {
        Ok(()) => scan.comments,
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
