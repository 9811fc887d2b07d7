//! Boundary documents.
pub mod format;
