//! What a value may turn out to be, as far as the tree shows.

use std::rc::Rc;

use crate::code::{ClassId, FunctionId, Name};
use crate::flow::{ClassRef, FunctionRef, In, ModuleId, ValueRef};
use crate::source::Span;

/// Why a name that nothing was given to is not known.
pub const UNGIVEN: &str = "nothing gives it a value";
/// Why an element of a collection from outside is not known.
pub const UNKNOWN_ELEMENT: &str = "an element of a collection that is not known";

/// What a value is. Parts of collections are [`Meaning::Later`] until someone looks at them.
#[derive(Clone, Debug)]
pub enum Meaning {
    /// Not known, because of this.
    Unknown(&'static str),
    /// `None`, `null`, `nil`, `undefined`.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text, and where it stands.
    Text(Name, Span),
    /// A regular expression.
    Regex(Name),
    /// A list, tuple, set or array.
    List(Rc<[Item]>),
    /// A dictionary, object, map or struct literal.
    Map(Rc<[Entry]>),
    /// A function of the tree, with what surrounds it.
    Function(FunctionRef, Frame, Option<Rc<Meaning>>),
    /// A class of the tree.
    Class(ClassRef),
    /// An object of a class of the tree.
    Instance(Rc<Instance>),
    /// A module of the tree.
    Module(ModuleId),
    /// The files of a Go package.
    Package(Rc<[ModuleId]>),
    /// Something from outside, by its full name there: `os.path.join`, `node-fetch#default`, `fetch`.
    Outside(Name),
    /// What a call of something opaque gave.
    Made(Rc<Made>),
    /// A member of something opaque.
    Member(Rc<Meaning>, Name),
    /// A parameter of a function that is not being called here.
    Parameter(FunctionRef, usize),
    /// The receiver inside a method that is not being called here.
    This(ClassRef),
    /// One of these, it is not known which.
    Choice(Rc<[Meaning]>),
    /// Each of these in turn.
    Each(Rc<[Meaning]>),
    /// Not looked at yet.
    Later(ValueRef, Frame),
    /// A stand-in that an analysis put there.
    Symbol(&'static str),
}

/// One element of a list.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is; for a spread of something unknown, that something.
    pub value: Meaning,
    /// Whether it may be missing.
    pub optional: bool,
    /// Whether it stands for any number of elements that are not known.
    pub is_rest: bool,
}

/// One entry of a map.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its key; `None` for any number of entries that are not known.
    pub key: Option<Key>,
    /// What it is.
    pub value: Meaning,
    /// Whether it may be missing.
    pub optional: bool,
}

/// A key and its place.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key as text.
    pub name: Name,
    /// Where it stands.
    pub span: Span,
}

/// An object of a class of the tree.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its class.
    pub class: ClassRef,
    /// The call that made it.
    pub at: ValueRef,
    /// What its constructor was given.
    pub arguments: Vec<Passed>,
}

/// What a call of something opaque gave.
#[derive(Clone, Debug)]
pub struct Made {
    /// What was called.
    pub callee: Meaning,
    /// What it was given.
    pub arguments: Vec<Passed>,
    /// The call.
    pub at: ValueRef,
}

/// One argument.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Keyword, where it has one.
    pub name: Option<Name>,
    /// What is passed.
    pub value: Meaning,
    /// Whether it stands for any number of arguments.
    pub is_rest: bool,
}

/// Calls and loop turns inside which a value is looked at, innermost first.
pub type Frame = Option<Rc<Level>>;

/// One level of a [`Frame`].
#[derive(Debug)]
pub struct Level {
    /// What it is.
    pub entry: Within,
    /// What surrounds it.
    pub parent: Frame,
    /// Number of levels, itself included.
    pub depth: u32,
}

/// A call or a turn of a loop.
#[derive(Debug)]
pub enum Within {
    /// The function is being called with this.
    Call {
        /// The function.
        function: FunctionRef,
        /// What it is given.
        arguments: Vec<Passed>,
        /// Its receiver.
        this: Option<Rc<Meaning>>,
        /// The call, where there is one in the tree.
        at: Option<ValueRef>,
    },
    /// The loop over this value is at this element, at this position.
    Turn(ValueRef, Meaning, usize),
}

/// `frame` with one more level.
pub fn push(frame: &Frame, entry: Within) -> Frame {
    let depth = frame.as_ref().map_or(0, |level| level.depth) + 1;
    Some(Rc::new(Level { entry, parent: frame.clone(), depth }))
}

/// The levels of a frame, innermost first.
pub fn levels(frame: &Frame) -> impl Iterator<Item = &Within> {
    let mut next = frame.as_deref();
    std::iter::from_fn(move || {
        let level = next?;
        next = level.parent.as_deref();
        Some(&level.entry)
    })
}

impl Made {
    /// The keyword argument that is a member of what was made, as in objects of a class: `Tool(name="x").name`, but not
    /// `post(json=body).json`.
    pub fn given(&self, name: &Name) -> Option<&Passed> {
        let is_class = |name: &str| name.starts_with(|first: char| first.is_uppercase());
        let of_class = |name: &Name| name.split(['.', '#', ':']).any(is_class);
        let keeps = match &self.callee {
            Meaning::Outside(callee) => of_class(callee),
            Meaning::Member(base, callee) => {
                is_class(callee) || matches!(&**base, Meaning::Outside(base) if of_class(base))
            }
            _ => true,
        };
        self.arguments.iter().find(|argument| keeps && argument.name.as_ref() == Some(name))
    }
}

impl Meaning {
    /// Whether it is a member of something outside, which no builtin type is.
    pub fn is_qualified(&self) -> bool {
        matches!(self, Meaning::Outside(name) if name.contains(['.', '#', ':', '/']))
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&Name> {
        match self {
            Meaning::Text(text, _) => Some(text),
            _ => None,
        }
    }

    /// Whether both are surely the same; false where that is not known.
    pub fn is_same(&self, other: &Meaning) -> bool {
        match (self, other) {
            (Meaning::Null, Meaning::Null) => true,
            (Meaning::Bool(a), Meaning::Bool(b)) => a == b,
            (Meaning::Int(a), Meaning::Int(b)) => a == b,
            (Meaning::Text(a, _), Meaning::Text(b, _)) => a == b,
            (Meaning::Function(a, f, _), Meaning::Function(b, g, _)) => a == b && f.is_none() && g.is_none(),
            (Meaning::Class(a), Meaning::Class(b)) => a == b,
            (Meaning::Module(a), Meaning::Module(b)) => a == b,
            (Meaning::Outside(a), Meaning::Outside(b)) => a == b,
            (Meaning::Parameter(a, i), Meaning::Parameter(b, j)) => a == b && i == j,
            (Meaning::This(a), Meaning::This(b)) => a == b,
            (Meaning::Made(a), Meaning::Made(b)) => Rc::ptr_eq(a, b),
            (Meaning::Instance(a), Meaning::Instance(b)) => Rc::ptr_eq(a, b),
            (Meaning::Symbol(a), Meaning::Symbol(b)) => a == b,
            (Meaning::Unknown(a), Meaning::Unknown(b)) => a == b,
            (Meaning::Member(a, m), Meaning::Member(b, n)) => m == n && a.is_same(b),
            _ => false,
        }
    }

    /// The alternatives: those of a choice, else itself.
    pub fn alternatives(&self) -> &[Meaning] {
        match self {
            Meaning::Choice(all) => all,
            other => std::slice::from_ref(other),
        }
    }
}

/// A value of a module.
pub fn value_in(module: ModuleId, id: crate::code::ValueId) -> ValueRef {
    In { module, id }
}

/// A function of a module.
pub fn function_in(module: ModuleId, id: FunctionId) -> FunctionRef {
    In { module, id }
}

/// A class of a module.
pub fn class_in(module: ModuleId, id: ClassId) -> ClassRef {
    In { module, id }
}

/// Full dotted name of something outside, as effect tables write it.
pub fn dotted(outside: &str) -> String {
    if !outside.contains(['#', ':']) {
        return outside.to_string();
    }
    outside.replace("#default", "").replace("#*", "").replace('#', ".").replace("::", ".")
}
