//! plimsoll: the load line of an MCP server.
//!
//! ```text
//! discover ─▶ load ─▶ extract ─▶ evaluate ─▶ assess ─▶ render
//! paths       documents  facts       answers     assessment   bytes
//!             + code     + gaps
//!             + gaps
//! ```

pub mod assess;
pub mod code;
pub mod document;
pub mod flow;
pub mod gap;
pub mod model;
pub mod rules;
pub mod source;
