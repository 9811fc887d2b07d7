//! Functions, classes, and the names that files share.

use crate::code::{Argument, Block, ClassId, FunctionId, Name, Place, ValueId};
use crate::source::Span;

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
    /// Whether it yields: a call of it runs nothing until something takes what it gives.
    pub is_generator: bool,
    /// Whether it belongs to the class, not to an instance.
    pub is_static: bool,
    /// Property read (`get x()`, `@property`).
    pub is_getter: bool,
    /// Function it stands in; only the module body has none.
    pub parent: Option<FunctionId>,
    /// Class it is a member of.
    pub class: Option<ClassId>,
    /// Names that assignments in this function bind further out (`global x`, `nonlocal x`).
    pub rebinds: Vec<Rebind>,
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
            is_generator: false,
            is_static: false,
            is_getter: false,
            parent: None,
            class: None,
            rebinds: Vec::new(),
            body: Block::default(),
            is_declaration: false,
            span,
        }
    }
}

/// A name that a function binds in a scope further out, where assignment would otherwise declare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebind {
    /// The name.
    pub name: Name,
    /// Whose name it is.
    pub scope: RebindScope,
    /// Where that is declared.
    pub span: Span,
}

/// Whose name a [`Rebind`] means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebindScope {
    /// The module's.
    Module,
    /// That of the nearest enclosing function that has it.
    Enclosing,
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
    /// A module and a name of it: `export {a as b} from "m"`; `*` for the whole.
    From(Name, Name),
}
