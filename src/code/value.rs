//! Expressions.

use crate::code::{Assignment, Block, ClassId, FunctionId, Match, Name, Pattern, Place, ValueId};
use crate::source::Span;

/// One expression.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is. Type assertions, casts, references and parentheses are left out: they stand for their operand.
#[derive(Clone, Debug)]
pub enum ValueKind {
    /// `None`, `null`, `nil`, `undefined`, `()`.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text or bytes, with escapes resolved and adjacent literals joined.
    Text(Name),
    /// A regular expression literal, without delimiters and flags.
    Regex(Name),
    /// An identifier; in languages with paths, the first segment (further ones are [`ValueKind::Field`]).
    Name(Name),
    /// `this`, where it is a keyword. Named receivers are parameters of kind [`ParameterKind::Receiver`].
    This,
    /// `super` or `super()`.
    Super,
    /// `base.name`, `base?.name`, `base::name`, `base->name`.
    Field {
        /// What it is taken from.
        base: ValueId,
        /// The member.
        name: Name,
    },
    /// `base[key]`; a literal slice has the range as a [`ValueKind::Tuple`] key.
    Index {
        /// What it is taken from.
        base: ValueId,
        /// The key.
        key: ValueId,
    },
    /// Explicit type arguments: `f::<T>`, `f[T]` where it is known to be a type, `f<T>`.
    Generic {
        /// What they are applied to.
        base: ValueId,
        /// The types, as values.
        arguments: Box<[ValueId]>,
    },
    /// A call.
    Call(Box<Call>),
    /// Text with holes: literal parts are [`ValueKind::Text`]. A format macro or function is a [`ValueKind::Call`] instead.
    Template(Box<[ValueId]>),
    /// An operation on two values.
    Binary {
        /// The operation.
        operator: Operator,
        /// Left operand.
        left: ValueId,
        /// Right operand.
        right: ValueId,
    },
    /// Boolean negation.
    Not(ValueId),
    /// Arithmetic or bitwise operation on one value, including `typeof` and `delete`.
    Unary(ValueId),
    /// A list, array, slice or vector literal; elements may be [`ValueKind::Spread`].
    List(Box<[ValueId]>),
    /// A tuple, or a set: a fixed group of values.
    Tuple(Box<[ValueId]>),
    /// A dictionary, object or map literal.
    Map(Box<[MapEntry]>),
    /// A literal of a named type: `Type{…}`, `Type { … }`.
    Construct {
        /// The type.
        of: ValueId,
        /// Its fields; positional ones have their index as name.
        entries: Box<[MapEntry]>,
    },
    /// A closure, arrow function, lambda or function expression.
    Function(FunctionId),
    /// A class expression.
    Class(ClassId),
    /// `await x`, `x.await`.
    Await(ValueId),
    /// `yield x`, `yield from x`.
    Yield(Option<ValueId>),
    /// `x?` and the like: leaves the function with an error unless `x` is good.
    Propagate(ValueId),
    /// `*x`, `**x`, `...x` in a literal or an argument list.
    Spread(ValueId),
    /// `a if t else b`, `t ? a : b`, `if t { a } else { b }` as a value.
    Choice {
        /// What is tested.
        test: ValueId,
        /// Value when it holds.
        then: ValueId,
        /// Value when it does not; absent for an `if` without `else`.
        otherwise: Option<ValueId>,
    },
    /// `value matches pattern`, binding the pattern's names where it does.
    Matches {
        /// What is tested.
        value: ValueId,
        /// Against what.
        pattern: Box<Pattern>,
    },
    /// Assignment used as an expression; its value is what was assigned.
    Assign(Box<Assignment>),
    /// `a, b, c`: all are evaluated, the last is the value.
    Sequence(Box<[ValueId]>),
    /// A list, set, map or generator comprehension.
    Comprehension(Box<Comprehension>),
    /// Statements with a value at the end.
    Block(Box<Block>),
    /// A match or switch used as a value.
    Match(Box<Match>),
    /// Anything else; the children are what it was made of.
    Unknown(Box<[ValueId]>),
}

/// A call of a function, method, constructor or macro.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called; a method is a [`ValueKind::Field`].
    pub callee: ValueId,
    /// In order of writing.
    pub arguments: Vec<Argument>,
    /// How it is written.
    pub kind: CallKind,
}

/// How a call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// `f(x)`.
    Plain,
    /// `new F(x)`.
    New,
    /// `f!(x)`; arguments that are expressions are lowered, `{name}` holes in the format text are added as arguments.
    Macro,
    /// Template literal with a tag: the parts are the arguments.
    Tagged,
    /// Started beside the caller (`go f()`), not waited for.
    Spawned,
}

/// One argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Keyword, where it is passed by name. `**x` is a [`ValueKind::Spread`] with the name `**`.
    pub name: Option<Name>,
    /// What is passed; `*x` is a [`ValueKind::Spread`].
    pub value: ValueId,
}

/// One entry of a map or construct literal.
#[derive(Clone, Debug)]
pub struct MapEntry {
    /// Its key.
    pub key: MapKey,
    /// Its value; for a spread, what is spread.
    pub value: ValueId,
}

/// Key of a map entry.
#[derive(Clone, Debug)]
pub enum MapKey {
    /// A bare or quoted constant name, with its place.
    Name(Name, Span),
    /// A computed key.
    Value(ValueId),
    /// `**x`, `...x`: the entries of another map.
    Spread,
}

/// Operations on two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    And,
    Or,
    /// `a ?? b`.
    Coalesce,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    /// Membership: `a in b`.
    In,
    NotIn,
    /// Identity: `a is b`.
    Is,
    IsNot,
    /// `a instanceof b`.
    InstanceOf,
    /// A range `a..b`.
    Range,
    Other,
}

/// A comprehension: `element for place in over if conditions …`.
#[derive(Clone, Debug)]
pub struct Comprehension {
    /// Key, in a map comprehension.
    pub key: Option<ValueId>,
    /// What is made.
    pub element: ValueId,
    /// Outermost first.
    pub clauses: Vec<Clause>,
}

/// One `for … in … if …` of a comprehension.
#[derive(Clone, Debug)]
pub struct Clause {
    /// Loop variable.
    pub place: Place,
    /// What is looped over.
    pub over: ValueId,
    /// All must hold.
    pub conditions: Vec<ValueId>,
}
