//! MCP servers and how they are reached.

use std::collections::BTreeSet;

use crate::model::evidence::Note;
use crate::model::known::{Known, Spanned};
use crate::model::subject::{About, Field, Shape, Viewed};
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
        /// Whether requests that name a foreign host or come from a foreign origin are refused.
        pub host_checked: Known<bool>,
        /// Whether every request must carry a credential.
        pub authenticated: Known<bool>,
        /// What makes it so.
        pub host_check: String,
        /// What makes it so.
        pub authentication: String,
        ..
        /// Where the transport is made; its own place may be where it is bound.
        pub opened: Span,
        /// Whether another listener stands for the same transport, bound elsewhere.
        pub again: bool,
        /// What its own calls say about who is let in.
        pub settings: Settings,
        /// Places that show `host_checked`.
        pub host_notes: Vec<Note>,
        /// Places that show `authenticated`.
        pub auth_notes: Vec<Note>,
    }
}

impl Listener {
    /// A transport of which nothing more is known.
    pub fn new(transport: &str, place: Span) -> Self {
        Listener {
            about: About::new(transport, place),
            transport: transport.to_string(),
            host: Known::Absent,
            port: Known::Absent,
            host_checked: Known::Absent,
            authenticated: Known::Absent,
            host_check: String::new(),
            authentication: String::new(),
            opened: place,
            again: false,
            settings: Settings::default(),
            host_notes: Vec::new(),
            auth_notes: Vec::new(),
        }
    }
}

/// What the calls that open a transport say about who is let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether Host or Origin are checked.
    pub host_check: Setting,
    /// Whether callers must authenticate.
    pub authentication: Setting,
    /// Matter of the SDK's table that tells the default.
    pub matter: String,
    /// Id of that table, and the position of the kind of server in it.
    pub table: Option<(String, usize)>,
    /// Options that leave it at the SDK's default.
    pub options: Option<Span>,
    /// Address that the SDK's default looks at; absent where it is what is bound.
    pub default_host: Known<String>,
    /// Words under which a flag or a variable may set the address.
    pub told_by: BTreeSet<String>,
    /// What is to be said where the address turns out not to be loopback, if Host is checked on loopback only.
    pub by_address: Option<String>,
}

/// One of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Setting {
    /// Nothing sets it.
    #[default]
    Unset,
    /// Switched on here.
    On(Span),
    /// Switched off here.
    Off(Span),
    /// Switched on here where something else is set.
    Sometimes(Span),
    /// Set to something that is not known.
    Unknown(Span),
}
