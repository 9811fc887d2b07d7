//! Values with places, and values that may be absent or unknown.

use crate::source::Span;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value at a place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What stands in the way, as a clause: `set by ${TAG}, which has no value here`.
    pub reason: String,
    /// Where.
    pub span: Span,
}

/// A value that may not be there, or may not be knowable from the tree.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Known<T> {
    /// Nothing sets it.
    #[default]
    Absent,
    /// Set, and known.
    Is(Spanned<T>),
    /// Set, but to something that cannot be known here.
    Unknown(Unknown),
}

impl<T> Known<T> {
    /// A known value at a place.
    pub fn is(value: T, span: Span) -> Self {
        Known::Is(Spanned::new(value, span))
    }

    /// A value that is set but cannot be known.
    pub fn unknown(reason: impl Into<String>, span: Span) -> Self {
        Known::Unknown(Unknown { reason: reason.into(), span })
    }

    /// The value, if known.
    pub fn value(&self) -> Option<&T> {
        match self {
            Known::Is(spanned) => Some(&spanned.value),
            Known::Absent | Known::Unknown(_) => None,
        }
    }

    /// Its place, unless absent.
    pub fn span(&self) -> Option<Span> {
        match self {
            Known::Absent => None,
            Known::Is(spanned) => Some(spanned.span),
            Known::Unknown(unknown) => Some(unknown.span),
        }
    }

    /// Whether nothing sets it.
    pub fn is_absent(&self) -> bool {
        matches!(self, Known::Absent)
    }
}
