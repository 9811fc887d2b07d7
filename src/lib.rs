//! plimsoll: the load line of an MCP server.
//!
//! ```text
//! discover ─▶ load ─▶ extract ─▶ evaluate ─▶ assess ─▶ render
//! paths       documents  facts       answers     assessment   bytes
//!             + code     + gaps
//!             + gaps
//! ```

pub mod assess;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod code;
pub mod discover;
pub mod document;
pub mod embedded;
pub mod extract;
pub mod flow;
pub mod gap;
pub mod git;
pub mod load;
pub mod mistake;
pub mod model;
pub mod reader;
pub mod report;
pub mod rules;
pub mod source;
