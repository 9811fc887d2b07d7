//! Language-neutral code: what every frontend lowers to and every analysis reads.
//!
//! A [`Module`] is one file. Its values, functions and classes live in arenas and refer to each other by id, so that
//! nothing here is recursive to drop. Control flow stays structured (branches, loops, handlers), because dominance over
//! structured code needs no graph. Nothing in this file names a language's syntax or an SDK.

use smol_str::SmolStr;

use crate::model::gap::Gap;
use crate::source::{SourceId, Span};

pub mod go;
pub mod limits;
pub mod python;
pub mod rust;
pub mod typescript;

/// An identifier or short text; cheap to copy.
pub type Name = SmolStr;

/// Source language of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Python 3.
    Python,
    /// TypeScript and JavaScript, with or without JSX.
    TypeScript,
    /// Go.
    Go,
    /// Rust.
    Rust,
}

impl Language {
    /// Lower-case name as it appears in rules and reports.
    pub fn id(self) -> &'static str {
        match self {
            Language::Python => "python",
            Language::TypeScript => "typescript",
            Language::Go => "go",
            Language::Rust => "rust",
        }
    }

    /// The language of a path by its extension.
    pub fn of_path(path: &str) -> Option<Language> {
        let extension = path.rsplit('/').next()?.rsplit_once('.')?.1;
        Some(match extension {
            "py" | "pyi" | "pyw" => Language::Python,
            "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" => Language::TypeScript,
            "go" => Language::Go,
            "rs" => Language::Rust,
            _ => return None,
        })
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// Position in the module's arena.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// Handle of a [`Value`] in its module.
    ValueId
);
id!(
    /// Handle of a [`Function`] in its module; 0 is the module body.
    FunctionId
);
id!(
    /// Handle of a [`Class`] in its module.
    ClassId
);

/// The pseudo-function that holds a file's top-level statements.
pub const MODULE_BODY: FunctionId = FunctionId(0);

/// One file, lowered.
#[derive(Debug)]
pub struct Module {
    /// The file.
    pub source: SourceId,
    /// What it was written in.
    pub language: Language,
    /// Declared package, namespace or crate-relative module path, where the language has one (Go's `package` clause).
    pub package: Option<Name>,
    /// Every expression.
    pub values: Vec<Value>,
    /// Every function, method and closure; the first is the module body.
    pub functions: Vec<Function>,
    /// Every class, struct, enum, interface and implementation block.
    pub classes: Vec<Class>,
    /// Names bound from elsewhere, wherever in the file they stand.
    pub imports: Vec<Import>,
    /// Names offered to other files, where the language lists them.
    pub exports: Vec<Export>,
    /// Places of all comments, with their markers.
    pub comments: Vec<Span>,
}

impl Module {
    /// An empty module whose body is [`MODULE_BODY`].
    pub fn new(source: SourceId, language: Language, length: usize) -> Self {
        let body = Function::new(FunctionKind::Module, Span::new(source, 0, length));
        Self {
            source,
            language,
            package: None,
            values: Vec::new(),
            functions: vec![body],
            classes: Vec::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            comments: Vec::new(),
        }
    }

    /// Stores a value.
    pub fn add_value(&mut self, kind: ValueKind, span: Span) -> ValueId {
        self.values.push(Value { kind, span });
        ValueId(self.values.len() as u32 - 1)
    }

    /// Stores a function.
    pub fn add_function(&mut self, function: Function) -> FunctionId {
        self.functions.push(function);
        FunctionId(self.functions.len() as u32 - 1)
    }

    /// Stores a class.
    pub fn add_class(&mut self, class: Class) -> ClassId {
        self.classes.push(class);
        ClassId(self.classes.len() as u32 - 1)
    }

    /// The value behind an id.
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }

    /// The function behind an id.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.index()]
    }

    /// The class behind an id.
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.index()]
    }
}

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
#[derive(Clone, Debug)]
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

/// What kind of function it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// The pseudo-function of a file's top level.
    Module,
    /// A named function.
    Function,
    /// A method, constructor, getter or setter.
    Method,
    /// A closure.
    Closure,
    /// The pseudo-function of a class body (statements other than methods and fields).
    ClassBody,
}

/// A function, method or closure.
#[derive(Clone, Debug)]
pub struct Function {
    /// What kind it is.
    pub kind: FunctionKind,
    /// Absent for closures that are given no name.
    pub name: Option<Name>,
    /// Place of the name, else of the whole function.
    pub name_span: Span,
    /// In order; a receiver stands first.
    pub parameters: Vec<Parameter>,
    /// Decorators or attributes, outermost first, as values.
    pub decorators: Vec<ValueId>,
    /// Declared result type.
    pub returns: Option<ValueId>,
    /// Doc string or doc comment.
    pub documentation: Option<Documentation>,
    /// Whether it must be awaited.
    pub is_async: bool,
    /// Whether it belongs to the class, not to an instance.
    pub is_static: bool,
    /// Property read (`get x()`, `@property`).
    pub is_getter: bool,
    /// Function it stands in; only the module body has none.
    pub parent: Option<FunctionId>,
    /// Class it is a member of.
    pub class: Option<ClassId>,
    /// What it does. A closure of one expression returns it.
    pub body: Block,
    /// Whether it is declared without a body (interfaces, overloads, stubs).
    pub is_declaration: bool,
    /// The whole function, decorators included.
    pub span: Span,
}

impl Function {
    /// A function without name, parameters or statements.
    pub fn new(kind: FunctionKind, span: Span) -> Self {
        Self {
            kind,
            name: None,
            name_span: span,
            parameters: Vec::new(),
            decorators: Vec::new(),
            returns: None,
            documentation: None,
            is_async: false,
            is_static: false,
            is_getter: false,
            parent: None,
            class: None,
            body: Block::default(),
            is_declaration: false,
            span,
        }
    }
}

/// Text that documents a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documentation {
    /// Cleaned of comment markers and common indentation.
    pub text: Name,
    /// Where it stands.
    pub span: Span,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// What it binds.
    pub place: Place,
    /// How it is passed.
    pub kind: ParameterKind,
    /// Declared type, as a value.
    pub annotation: Option<ValueId>,
    /// Value when it is not passed.
    pub default: Option<ValueId>,
    /// Attributes on the parameter.
    pub decorators: Vec<ValueId>,
    /// The whole parameter.
    pub span: Span,
}

impl Parameter {
    /// Its name, where it binds just one.
    pub fn name(&self) -> Option<&Name> {
        match &self.place {
            Place::Name(name, _) => Some(name),
            _ => None,
        }
    }
}

/// How a parameter is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// `self`, `cls` or a named receiver.
    Receiver,
    /// By position or name.
    Plain,
    /// By position only.
    PositionOnly,
    /// By name only.
    NameOnly,
    /// `*args`, `...rest`.
    Rest,
    /// `**kwargs`.
    NamedRest,
}

/// What kind of class it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassKind {
    /// A class or struct.
    Class,
    /// An enumeration: its fields are the members.
    Enum,
    /// An interface, trait or protocol type.
    Interface,
    /// Methods for a type that is defined elsewhere; `name` is that type, `bases` the trait.
    Implementation,
    /// A type alias; `bases` holds what it stands for.
    Alias,
}

/// A class, struct, enum, interface or implementation block.
#[derive(Clone, Debug)]
pub struct Class {
    /// What kind it is.
    pub kind: ClassKind,
    /// Empty for a class expression without name.
    pub name: Name,
    /// Place of the name, else of the whole class.
    pub name_span: Span,
    /// Superclasses, implemented interfaces or traits.
    pub bases: Vec<ValueId>,
    /// Keywords in the class head (`metaclass=M`, `total=False`).
    pub keywords: Vec<Argument>,
    /// Fields and enum members; a variant's payload is its annotation.
    pub fields: Vec<ClassField>,
    /// Methods in order.
    pub methods: Vec<FunctionId>,
    /// Decorators or attributes, as values.
    pub decorators: Vec<ValueId>,
    /// Doc string or doc comment.
    pub documentation: Option<Documentation>,
    /// Function it is defined in.
    pub scope: FunctionId,
    /// Other statements of the class body, as a function of kind [`FunctionKind::ClassBody`].
    pub body: Option<FunctionId>,
    /// The whole class, decorators included.
    pub span: Span,
}

/// A field of a class, or a member of an enum.
#[derive(Clone, Debug)]
pub struct ClassField {
    /// Its name.
    pub name: Name,
    /// Declared type.
    pub annotation: Option<ValueId>,
    /// Initial value; of an enum member, its value.
    pub value: Option<ValueId>,
    /// Whether it belongs to the class. Fields of a Python class body are static.
    pub is_static: bool,
    /// Decorators or attributes.
    pub decorators: Vec<ValueId>,
    /// Tag text after the field.
    pub tag: Option<Documentation>,
    /// Doc comment.
    pub documentation: Option<Documentation>,
    /// The whole field.
    pub span: Span,
}

/// One name bound from another module.
#[derive(Clone, Debug)]
pub struct Import {
    /// Module as written, without leading dots of a relative Python import.
    pub module: Name,
    /// Number of leading dots of a relative Python import; 0 elsewhere (`./x` stays in `module`).
    pub level: u32,
    /// What is taken from it.
    pub item: ImportItem,
    /// Name it gets here; empty for an import for its effect.
    pub local: Name,
    /// Function in which the import stands.
    pub scope: FunctionId,
    /// Whether only types are imported.
    pub is_type: bool,
    /// Where it stands.
    pub span: Span,
}

/// What an import takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportItem {
    /// The module itself: `import a.b as c`, `import * as c`, `const c = require("a")`.
    Module,
    /// One name of it; a JavaScript default import is `default`.
    Name(Name),
    /// Every name of it: `from a import *`.
    All,
}

/// One name offered to other modules.
#[derive(Clone, Debug)]
pub struct Export {
    /// Name offered; `default` for a default export, `*` for all of `target`, empty for `module.exports = value`.
    pub name: Name,
    /// What it stands for.
    pub target: ExportTarget,
    /// Where it stands.
    pub span: Span,
}

/// What an export stands for.
#[derive(Clone, Debug)]
pub enum ExportTarget {
    /// A name of this module.
    Local(Name),
    /// A value.
    Value(ValueId),
    /// A name of another module: `export {a as b} from "m"`; `*` for the whole.
    From(Name, Name),
}

/// Parses one file. What could not be parsed, or is beyond the limits, is a gap.
pub fn parse(source: SourceId, path: &str, text: &str) -> Option<(Module, Vec<Gap>)> {
    Some(match Language::of_path(path)? {
        Language::Python => python::parse(source, text),
        Language::TypeScript => typescript::parse(source, path, text),
        Language::Go => go::parse(source, text),
        Language::Rust => rust::parse(source, text),
    })
}
