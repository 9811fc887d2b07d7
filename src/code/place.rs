//! Where values are put.

use crate::code::{Name, Operator, ValueId};
use crate::source::Span;

/// Where an assignment, a parameter or a loop puts a value.
#[derive(Clone, Debug)]
pub enum Place {
    /// A name.
    Name(Name, Span),
    /// A field or element of another value.
    Value(ValueId),
    /// Named members: `{a, b: c = 1, ...rest}`.
    Fields(Vec<FieldPlace>, Option<Name>),
    /// Elements in order; `rest` is the position of a starred one.
    Items(Vec<Place>, Option<usize>),
    /// `_`, a hole.
    Ignore,
}

/// One member taken apart by a [`Place::Fields`].
#[derive(Clone, Debug)]
pub struct FieldPlace {
    /// The member's name.
    pub name: Name,
    /// Where it goes.
    pub place: Place,
    /// Value when it is missing.
    pub default: Option<ValueId>,
}

/// `place = value`, `place += value`.
#[derive(Clone, Debug, Default)]
pub struct Assignment {
    /// Targets, leftmost first: `a = b = value` has two.
    pub places: Vec<Place>,
    /// Absent for a declaration without value.
    pub value: Option<ValueId>,
    /// The operation of a compound assignment.
    pub operator: Option<Operator>,
    /// Declared type.
    pub annotation: Option<ValueId>,
    /// Whether this introduces the names (`let`, `const`, `var`, `:=`); always false where assignment declares.
    pub declares: bool,
    /// Whether the names are the whole function's, wherever in it they are introduced (`var`).
    pub is_hoisted: bool,
}
