//! MCP servers and how they are reached.

use crate::model::known::{Known, Spanned};
use crate::model::subject::{Field, Shape, Viewed};
use crate::source::Span;
use crate::subject;

/// How completely the tools of a server are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inventory {
    /// Every tool is in the tree.
    Closed,
    /// Every tool is in the tree, some are registered under a condition.
    PartlyOpen,
    /// Some tools exist only at run time, or elsewhere.
    Open,
}

impl Inventory {
    /// Name in reports.
    pub fn id(self) -> &'static str {
        match self {
            Inventory::Closed => "closed",
            Inventory::PartlyOpen => "partly-open",
            Inventory::Open => "open",
        }
    }
}

impl Viewed for Inventory {
    const SHAPE: Shape = Shape::Text;
    fn view(&self) -> Field<'_> {
        Field::Text(self.id(), None)
    }
}

/// An SDK that a server is built with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sdk {
    /// Package name: `mcp`, `@modelcontextprotocol/sdk`.
    pub name: String,
    /// Language of the SDK, as [`crate::code::Language::id`].
    pub language: String,
    /// Version locked or pinned in the tree, else the requirement as written; absent where nothing says.
    pub version: Known<String>,
    /// Id of its table under `rules/sdks`.
    pub table: String,
    /// Layer in that table: `high-level`, `low-level`.
    pub layer: String,
}

subject! {
    /// An MCP server: implemented in the tree, configured in it, or both.
    pub struct Server {
        /// Whether its source is in the tree.
        pub implemented: bool,
        /// Whether a client or gateway file launches or reaches it.
        pub configured: bool,
        /// How completely its tools are known: `closed`, `partly-open`, `open`.
        pub inventory: Inventory,
        /// Transports it can serve: `stdio`, `http`, `sse`, `websocket`.
        pub transports: Vec<Spanned<String>>,
        /// Folder relative to the audited root; `.` for the root itself.
        pub root: String,
        ..
        /// Why the inventory is not closed: place and reason.
        pub openings: Vec<Spanned<String>>,
        /// SDKs it is built with.
        pub sdks: Vec<Sdk>,
        /// Instructions it gives to the model at start.
        pub instructions: Known<String>,
        /// Places that make it a server: constructor, entry point, configuration entry.
        pub places: Vec<Span>,
        /// What the lock says of it.
        pub locked: Locked,
    }
}

/// How a server stands to the lock that speaks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locked {
    /// Path of the lock; absent where there is none.
    pub path: Known<String>,
    /// Its entry in that lock; absent where the lock does not know it.
    pub span: Option<Span>,
    /// What differs from the lock; also why the lock cannot be read.
    pub drift: Vec<Spanned<String>>,
    /// What can be neither pinned nor compared.
    pub unknown: Vec<Spanned<String>>,
    /// Who approved what is pinned.
    pub approved_by: Known<String>,
}

subject! {
    /// A transport that code opens: a stdio loop, an HTTP listener.
    pub struct Listener {
        /// `stdio`, `http`, `sse`, `websocket`.
        pub transport: String,
        /// Address it binds; unknown where it comes from the environment without a default.
        pub host: Known<String>,
        /// Port it binds.
        pub port: Known<i64>,
    }
}
