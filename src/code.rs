//! Language-neutral code: what every frontend lowers to and every analysis reads.
//!
//! A [`Module`] is one file. Its values, functions and classes live in arenas and refer to each other by id, so that
//! nothing here is recursive to drop. Control flow stays structured (branches, loops, handlers), because dominance over
//! structured code needs no graph. Nothing in this file names a language's syntax or an SDK.

use smol_str::SmolStr;

use crate::gap::Gap;
use crate::source::{SourceId, Span};

mod definition;
pub mod dump;
pub mod go;
pub mod limits;
pub mod outline;
mod place;
pub mod python;
pub mod rust;
mod statement;
pub mod typescript;
mod value;
pub mod walk;

pub use definition::{
    Class, ClassField, ClassKind, Documentation, Export, ExportTarget, Function, FunctionKind, Import, ImportItem,
    Parameter, ParameterKind, Rebind, RebindScope,
};
pub use place::{Assignment, FieldPlace, Place};
pub use statement::{Arm, Block, Handler, LoopHead, Match, Pattern, Statement, StatementKind, Try};
pub use value::{Argument, Call, CallKind, Clause, Comprehension, MapEntry, MapKey, Operator, Value, ValueKind};

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

    /// Gives back the room that arenas took while they grew.
    fn settle(&mut self) {
        self.values.shrink_to_fit();
        self.functions.shrink_to_fit();
        self.classes.shrink_to_fit();
        self.imports.shrink_to_fit();
        self.comments.shrink_to_fit();
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

/// Parses one file. What could not be parsed, or is beyond the limits, is a gap.
pub fn parse(source: SourceId, path: &str, text: &str) -> Option<(Module, Vec<Gap>)> {
    let (mut module, gaps) = match Language::of_path(path)? {
        Language::Python => python::parse(source, text),
        Language::TypeScript => typescript::parse(source, path, text),
        Language::Go => go::parse(source, text),
        Language::Rust => rust::parse(source, text),
    };
    module.settle();
    Some((module, gaps))
}

/// As [`parse`], of a file of which only what it imports is asked: its comments, its gaps and its imports.
pub fn parse_imports(source: SourceId, path: &str, text: &str) -> Option<(Module, Vec<Gap>)> {
    match Language::of_path(path)? {
        Language::Python => Some(python::parse_imports(source, text)),
        Language::TypeScript | Language::Go | Language::Rust => parse(source, path, text),
    }
}
