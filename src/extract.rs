//! Documents and code to facts, one file per concern.

pub mod boundary;
pub mod schema;
