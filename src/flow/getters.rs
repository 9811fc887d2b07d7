//! Members that a method answers when they are asked for: `@property`, `get line()`.

use std::collections::HashSet;
use std::rc::Rc;

use crate::code::Name;
use crate::flow::meaning::{Within, push};
use crate::flow::{ClassRef, Flow, Frame, FunctionRef, Meaning, Program, ValueRef};

/// The names of all such members.
pub(super) fn names(program: &Program) -> HashSet<Name> {
    let functions = program.iter().flat_map(|(_, module)| &module.functions);
    functions
        .filter(|function| function.is_getter && function.class.is_some())
        .filter_map(|one| one.name.clone())
        .collect()
}

impl Flow<'_> {
    /// Whether any class answers for a member of this name.
    pub fn has_getter(&self, name: &Name) -> bool {
        self.index.getters.contains(name)
    }

    /// The method that answers for a member of an object, with what calls of it are in.
    pub fn getter(&self, object: ValueRef, name: &Name, at: ValueRef, frame: &Frame) -> Option<(FunctionRef, Frame)> {
        let object = self.force(&self.meaning(object, frame));
        let class = self.class_of(&object)?;
        let mut ancestors = self.ancestors(class).iter().copied().collect::<Vec<_>>().into_iter();
        let method = ancestors.find_map(|ancestor| self.own_method(ancestor, name))?;
        let within =
            Within::Call { function: method, arguments: Vec::new(), this: Some(Rc::new(object)), at: Some(at) };
        self.function(method).is_getter.then(|| (method, push(&None, within)))
    }

    fn class_of(&self, object: &Meaning) -> Option<ClassRef> {
        match object {
            Meaning::Instance(instance) => Some(instance.class),
            Meaning::This(class) => Some(*class),
            other => match self.declared(other)? {
                Meaning::Class(class) => Some(class),
                _ => None,
            },
        }
    }
}
