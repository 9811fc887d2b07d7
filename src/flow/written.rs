//! Names of collections that are written out where they are bound: what they are needs no look at what they hold.

use crate::code::{FunctionKind, Language, Name, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::scope::{Binding, Bound, ContextKind};
use crate::flow::{Flow, ValueRef};

/// Methods that add to a list and tell nothing of it.
const ADDING: &[&str] = &["append", "push", "extend", "unshift", "insert", "add"];
/// Most values of one name that are looked at.
const MAX_VALUES: usize = 16;

impl Flow<'_> {
    /// Whether a name is bound to written lists, or mappings of Python, alone, so that it means nothing else in any call.
    pub fn is_written_out(&self, at: ValueRef) -> bool {
        let is_python = self.module(at).language == Language::Python;
        let is_collection = |binding: &Binding| match self.written(at, binding) {
            Some(ValueKind::List(_)) => true,
            // Entries of other languages' objects are called like methods.
            Some(ValueKind::Map(_)) => is_python,
            _ => false,
        };
        self.bound_as(at).is_some_and(|all| (1..=MAX_VALUES).contains(&all.len()) && all.iter().all(is_collection))
    }

    /// Whether a member is the method by which one written list grows: it is the same whatever the list holds, and to work
    /// that out for each of many additions is to look at all others each time.
    pub(super) fn is_adding_method(&self, value: ValueRef) -> bool {
        let is_named = matches!(self.kind(value), ValueKind::Field { name, .. } if ADDING.contains(&name.as_str()));
        is_named && self.method_of_list(value).is_some()
    }

    /// The method that is asked of one written list.
    pub(super) fn method_of_list(&self, callee: ValueRef) -> Option<&Name> {
        let ValueKind::Field { base, name } = self.kind(callee) else { return None };
        let base = value_in(callee.module, *base);
        match self.bound_as(base)? {
            [only] if matches!(self.written(base, only), Some(ValueKind::List(_))) => Some(name),
            _ => None,
        }
    }

    fn written(&self, at: ValueRef, binding: &Binding) -> Option<&ValueKind> {
        match binding.bound {
            Bound::Value(value) if binding.path.is_empty() => Some(self.kind(value_in(at.module, value))),
            _ => None,
        }
    }

    /// What gives a name its values in the first function around it that binds it.
    fn bound_as(&self, at: ValueRef) -> Option<&[Binding]> {
        let ValueKind::Name(name) = self.kind(at) else { return None };
        let is_of_class = self.function(self.owner(at)).kind == FunctionKind::ClassBody
            || self.scopes(at.module).around(at.id).any(|context| matches!(context, ContextKind::Class(_)));
        let (function, bindings) = self.bindings_around(at, name).filter(|_| !is_of_class)?;
        self.packaged(at.module, function.id, name).is_none().then_some(bindings)
    }
}
