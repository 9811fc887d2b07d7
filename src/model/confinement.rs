//! What really confines a server, over every layer of every way that the tree starts it.

use crate::model::known::{Known, Spanned};
use crate::source::Span;
use crate::subject;

subject! {
    /// The effective confinement of one server; where the tree starts it in several ways, the weakest decides.
    pub struct Confinement {
        /// What stands around its process: `container`, `bubblewrap`, …; `none` where one way starts it as a plain process; absent where nothing in the tree starts it.
        pub boundary: Known<String>,
        /// What it can reach: `denied`, `named`, `open`; absent where nothing in the tree starts it.
        pub egress: Known<String>,
        /// Aspects of which layers or deployments say different things.
        pub conflicts: Vec<Spanned<String>>,
        ..
        /// Each aspect, in the order of [`ASPECTS`].
        pub aspects: Vec<Aspect>,
    }
}

/// What confinement consists of, in the order of reports.
pub const ASPECTS: &[&str] = &[
    "boundary",
    "user",
    "root-file-system",
    "capabilities",
    "escalation",
    "system-calls",
    "namespaces",
    "mounts",
    "limits",
    "secrets",
    "egress",
    "ingress",
];

/// How far an aspect is shown to confine, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Something states what does not confine.
    Violated,
    /// Nothing states it, and the platform does not confine by itself.
    Absent,
    /// Stated, but not knowable here.
    Unknown,
    /// Stated, and sufficient.
    Proven,
}

impl State {
    /// Name in reports.
    pub fn id(self) -> &'static str {
        match self {
            State::Violated => "violated",
            State::Absent => "absent",
            State::Unknown => "unknown",
            State::Proven => "proven",
        }
    }
}

/// One aspect of what confines a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aspect {
    /// One of [`ASPECTS`].
    pub id: &'static str,
    /// That of the weakest deployment.
    pub state: State,
    /// What decides, as a clause.
    pub says: String,
    /// Whether layers of one deployment, or several deployments, say different things.
    pub conflict: bool,
    /// What each layer says, the deciding one first.
    pub layers: Vec<Layer>,
}

/// What one layer of one deployment says of an aspect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Layer {
    /// Whether it decides the aspect of the server.
    pub decides: bool,
    /// Name of the deployment that it belongs to.
    pub deployment: String,
    /// Kind of file: `dockerfile`, `compose`, `kubernetes`, `docker-run`, `client-config`, …
    pub kind: String,
    /// As a clause.
    pub says: String,
    /// Where.
    pub span: Span,
}
