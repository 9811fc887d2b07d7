//! What could not be read, parsed or resolved, and where.

use crate::source::Span;

/// Kinds of gaps; `accept-gaps` in the configuration names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// The file could not be read, or is not text.
    Unreadable,
    /// The file is larger, deeper or more numerous than the limits.
    TooLarge,
    /// Part of the file is not valid in its format.
    Unparsed,
    /// A name, a reference or a value could not be resolved.
    Unresolved,
    /// The value exists only at run time.
    Dynamic,
    /// The tree holds nothing of what an audit needs.
    Nothing,
    /// We read this kind of file or language only in part.
    Unsupported,
}

impl GapKind {
    /// Kebab-case name as it stands in reports and configuration.
    pub fn id(self) -> &'static str {
        match self {
            GapKind::Unreadable => "unreadable",
            GapKind::TooLarge => "too-large",
            GapKind::Unparsed => "unparsed",
            GapKind::Unresolved => "unresolved",
            GapKind::Dynamic => "dynamic",
            GapKind::Nothing => "nothing",
            GapKind::Unsupported => "unsupported",
        }
    }
}

/// Something that could not be known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Path relative to the root; `.` for the tree as a whole.
    pub path: String,
    /// Place in the file, where there is one.
    pub span: Option<Span>,
    /// What kind of gap.
    pub kind: GapKind,
    /// One clause in plain words: `is not valid UTF-8 at byte 12`.
    pub reason: String,
    /// Whether it stands in the way of a verdict. A gap in a file that no check looks at does not.
    pub blocks: bool,
}

impl Gap {
    /// A gap at a place, standing in the way. The path is filled in by whoever owns [`crate::source::Sources`].
    pub fn at(span: Span, kind: GapKind, reason: impl Into<String>) -> Self {
        Self { path: String::new(), span: Some(span), kind, reason: reason.into(), blocks: true }
    }

    /// A gap that is a whole file or folder, standing in the way.
    pub fn of_path(path: impl Into<String>, kind: GapKind, reason: impl Into<String>) -> Self {
        Self { path: path.into(), span: None, kind, reason: reason.into(), blocks: true }
    }

    /// The same gap, only reported.
    pub fn reported(mut self) -> Self {
        self.blocks = false;
        self
    }
}
