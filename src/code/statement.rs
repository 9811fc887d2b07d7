//! Statements, in structured control flow.

use crate::code::{Assignment, ClassId, FunctionId, Place, ValueId};
use crate::source::Span;

/// Statements in order.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// In order of execution.
    pub statements: Vec<Statement>,
    /// Value of the block, where blocks have one.
    pub tail: Option<ValueId>,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Where it stands.
    pub span: Span,
}

/// What a statement is.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// An expression for its effect.
    Evaluate(ValueId),
    /// Assignment or declaration.
    Assign(Box<Assignment>),
    /// Leaves the function.
    Return(Option<ValueId>),
    /// `raise`, `throw`, `panic!`-like statements; the optional value is what is raised.
    Raise(Option<ValueId>),
    /// Leaves the loop or switch.
    Break,
    /// Next turn of the loop.
    Continue,
    /// A branch; `else if` is an `If` alone in `otherwise`.
    If {
        /// What is tested.
        test: ValueId,
        /// When it holds.
        then: Block,
        /// When it does not.
        otherwise: Block,
    },
    /// A loop of any kind. Initialisers stand before it, updates at the end of its body.
    Loop {
        /// What is looped over or tested.
        head: LoopHead,
        /// The turns.
        body: Block,
        /// Runs when the loop ends without a break.
        otherwise: Block,
    },
    /// A match or switch.
    Match(Match),
    /// `try … except … else … finally`.
    Try(Box<Try>),
    /// `with`, `using`: resources held for the body.
    With {
        /// Each resource and where it goes.
        items: Vec<(ValueId, Option<Place>)>,
        /// The statements under it.
        body: Block,
    },
    /// `assert test`.
    Assert(ValueId),
    /// Runs when the function ends.
    Defer(ValueId),
    /// Deletes a binding or member.
    Delete(ValueId),
    /// Definition of a named function at this point.
    Function(FunctionId),
    /// Definition of a class at this point.
    Class(ClassId),
    /// A bare block.
    Block(Block),
}

/// What a loop turns on.
#[derive(Clone, Debug)]
pub enum LoopHead {
    /// `for place in over`.
    Each(Place, ValueId),
    /// `while test`; for a test after the body as well.
    While(ValueId),
    /// Without a test.
    Forever,
}

/// A match or switch.
#[derive(Clone, Debug)]
pub struct Match {
    /// What is compared; absent in `switch { case test: }`.
    pub subject: Option<ValueId>,
    /// In order of writing.
    pub arms: Vec<Arm>,
}

/// One arm of a match.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Any of these.
    pub patterns: Vec<Pattern>,
    /// And this.
    pub guard: Option<ValueId>,
    /// What runs.
    pub body: Block,
    /// Whether control runs on into the next arm.
    pub falls_through: bool,
    /// The whole arm.
    pub span: Span,
}

/// What a match arm compares with.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// Equal to this value, or (without subject) this test holds.
    Value(ValueId),
    /// Anything; binds where a place is given.
    Any(Option<Place>),
    /// A value of this type or variant, its parts bound.
    Shape {
        /// The type or variant.
        of: Option<ValueId>,
        /// What its parts are bound to.
        bindings: Vec<Place>,
    },
}

/// `try` with its handlers.
#[derive(Clone, Debug)]
pub struct Try {
    /// What may raise.
    pub body: Block,
    /// In order of writing.
    pub handlers: Vec<Handler>,
    /// Runs when nothing was raised.
    pub otherwise: Block,
    /// Runs in any case.
    pub finally: Block,
}

/// One `except` or `catch`.
#[derive(Clone, Debug)]
pub struct Handler {
    /// Exception types; empty catches all.
    pub types: Vec<ValueId>,
    /// Where the exception goes.
    pub binding: Option<Place>,
    /// What runs.
    pub body: Block,
    /// The whole handler.
    pub span: Span,
}
