//! What gives a name its values, by the functions around it.

use crate::code::Name;
use crate::flow::scope::Binding;
use crate::flow::{Flow, FunctionRef, In, ValueRef};

/// Most functions in one another that are looked through.
const MAX_NESTING: usize = 64;

impl Flow<'_> {
    /// The innermost function around a place that binds a name, and all that binds it there.
    pub fn bindings_around(&self, at: ValueRef, name: &Name) -> Option<(FunctionRef, &[Binding])> {
        let scopes = self.scopes(at.module);
        let mut id = self.owner(at).id;
        for _ in 0..MAX_NESTING {
            if let Some(found) = scopes.bindings.get(id.index()).and_then(|names| names.get(name)) {
                return Some((In { module: at.module, id }, found));
            }
            id = self.module(at).function(id).parent?;
        }
        None
    }
}
