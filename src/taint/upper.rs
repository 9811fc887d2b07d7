//! Calls of what a method overrides: `super().__init__(…)`, `super(…)`, `super.run(…)`.

use std::rc::Rc;

use crate::code::{Name, ParameterKind, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::{ClassRef, FunctionRef, In, Meaning, ValueRef};
use crate::taint::call::Calling;
use crate::taint::{Shade, Walk};

/// How the languages call a constructor.
const CONSTRUCTORS: &[&str] = &["constructor", "__init__"];

impl<'a> Walk<'a> {
    /// The method of an ancestor that a callee means, seen from the class of the method that is being walked.
    pub(crate) fn upper_method(&self, callee: ValueRef) -> Option<FunctionRef> {
        let name = match self.flow.kind(callee) {
            ValueKind::Super => Name::new("constructor"),
            ValueKind::Field { base, name } if self.is_super(value_in(callee.module, *base)) => name.clone(),
            _ => return None,
        };
        let class = self.home_class()?;
        let names: Vec<&str> = match CONSTRUCTORS.contains(&name.as_str()) {
            true => CONSTRUCTORS.to_vec(),
            false => vec![name.as_str()],
        };
        let line = self.flow.ancestors(class);
        let mut above = line.iter().skip(1);
        above.find_map(|ancestor| names.iter().find_map(|name| self.flow.own_method(*ancestor, name)))
    }

    /// What `super(…)` and `super.run(…)` call where the ancestor that has it is not of the tree.
    pub(crate) fn upper_outside(&self, callee: ValueRef) -> Option<Meaning> {
        let method = match self.flow.kind(callee) {
            ValueKind::Super => None,
            ValueKind::Field { base, name } if self.is_super(value_in(callee.module, *base)) => {
                Some(name).filter(|name| !CONSTRUCTORS.contains(&name.as_str()))
            }
            _ => return None,
        };
        let line = self.flow.ancestors(self.home_class()?);
        let bases = line.iter().flat_map(|class| {
            let bases = self.flow.class(*class).bases.iter();
            bases.map(|base| self.flow.asking(|| self.flow.meaning(value_in(class.module, *base), &None)).0)
        });
        let upper = bases.into_iter().find(|base| matches!(base, Meaning::Outside(_)))?;
        Some(method.map_or(upper.clone(), |method| self.flow.member(&upper, method)))
    }

    /// Whether `super(…)` runs nothing: all ancestors are of the tree, and none has a constructor.
    pub(crate) fn is_without_upper(&self, callee: ValueRef) -> bool {
        let Some(class) = self.home_class().filter(|_| matches!(self.flow.kind(callee), ValueKind::Super)) else {
            return false;
        };
        let is_of_tree =
            |base: ValueRef| matches!(self.flow.asking(|| self.flow.meaning(base, &None)).0, Meaning::Class(_));
        let line = self.flow.ancestors(class);
        let mut bases = line
            .iter()
            .flat_map(|class| self.flow.class(*class).bases.iter().map(|base| value_in(class.module, *base)));
        line.len() > 1 && bases.all(is_of_tree)
    }

    /// The name that the function being walked gives to its object, in languages where it has one.
    pub(crate) fn receiver(&self) -> Option<&'a Name> {
        let first = self.flow.function(self.here().function).parameters.first()?;
        first.name().filter(|_| first.kind == ParameterKind::Receiver)
    }

    /// The class of the method that is being walked, or that the closure being walked stands in.
    fn home_class(&self) -> Option<ClassRef> {
        let mut function = self.here().function;
        for _ in 0..16 {
            let code = self.flow.function(function);
            if let Some(class) = code.class {
                return Some(In { module: function.module, id: class });
            }
            function = In { module: function.module, id: code.parent? };
        }
        None
    }

    /// `super`, `super()`, `super(Own, self)`.
    fn is_super(&self, value: ValueRef) -> bool {
        match self.flow.kind(value) {
            ValueKind::Super => true,
            ValueKind::Call(call) => match self.flow.kind(value_in(value.module, call.callee)) {
                ValueKind::Super => true,
                ValueKind::Name(name) => name == "super",
                _ => false,
            },
            _ => false,
        }
    }

    /// Runs an upper constructor or method on the object at hand: what it sets is the object's from here on.
    pub(crate) fn run_upper(&mut self, calling: Calling<'a>, function: FunctionRef) -> Shade {
        let receiver = self.receiver().cloned();
        let mut made = match &receiver {
            Some(receiver) => self.named(receiver),
            None => self.here().this.clone(),
        };
        let calling = Calling { receiver: Some(made.clone()), ..calling };
        let object = self.home_class().map(|class| Rc::new(Meaning::This(class)));
        let result = self.inside(&calling, function, (&None, &object), Some(&mut made));
        if let Some(receiver) = receiver {
            self.top().env.hold(receiver, made.clone());
        }
        self.top().this = made;
        result
    }
}
