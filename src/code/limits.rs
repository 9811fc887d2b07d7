//! Bounds on nesting and chain length, checked before any recursive parser sees the text.

/// Stack of every thread that parses or lowers, in bytes; enough for [`MAX_DEPTH`] in all frontends.
pub const STACK: usize = 512 << 20;

/// Deepest nesting that is handed to a parser; deeper files are gaps.
pub const MAX_DEPTH: usize = 2_000;
