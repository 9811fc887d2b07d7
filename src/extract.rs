//! Documents and code to facts, one file per concern.

pub mod boundary;
pub mod containers;
pub mod schema;
pub mod secrets;
