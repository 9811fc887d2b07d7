//! The one function of the tree that a test calls, where its receiver is one of several objects or known by its type only.

use crate::code::{Language, MODULE_BODY, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::{FunctionRef, Meaning, ValueRef};
use crate::taint::Walk;

impl Walk<'_> {
    /// The function that is called whichever of its meanings the callee has.
    pub(crate) fn function_tested(&self, callee: ValueRef, meaning: &Meaning) -> Option<FunctionRef> {
        let mut found = None;
        for one in meaning.alternatives() {
            let function = match self.flow.asking(|| self.flow.force(one)).0 {
                Meaning::Function(function, ..) => function,
                _ => self.method_by_type(callee)?,
            };
            let code = self.flow.function(function);
            // What a function made inside another does depends on the call that made it.
            let is_one = !code.is_declaration && code.parent.is_none_or(|parent| parent == MODULE_BODY);
            if !is_one || found.replace(function).is_some_and(|known| known != function) {
                return None;
            }
        }
        found
    }

    /// In Go a method belongs to the type that is declared, and nothing inherits from that.
    fn method_by_type(&self, callee: ValueRef) -> Option<FunctionRef> {
        let ValueKind::Field { base, name } = self.flow.kind(callee) else { return None };
        if self.flow.module(callee).language != Language::Go {
            return None;
        }
        let class = self.type_of(value_in(callee.module, *base), 0)?;
        match self.flow.asking(|| self.flow.class_member(class, &Meaning::This(class), name)).0? {
            Meaning::Function(function, ..) => Some(function),
            _ => None,
        }
    }
}
