//! Which values belong to a function, or to a closure in it. Whoever walks one function must not walk its whole module.

use std::sync::OnceLock;

use crate::code::{FunctionId, Module, ValueId};
use crate::flow::scope::Scopes;
use crate::flow::{Flow, FunctionRef, In, ValueRef};

/// The values and the closures of each function of a module; found when they are first asked for.
#[derive(Debug, Default)]
pub(super) struct Inside(OnceLock<ByFunction>);

#[derive(Debug)]
struct ByFunction {
    /// By [`FunctionId`], in order of the arena.
    values: Vec<Vec<ValueId>>,
    /// By the function around them.
    closures: Vec<Vec<FunctionId>>,
}

impl Inside {
    fn all(&self, module: &Module, scopes: &Scopes) -> &ByFunction {
        self.0.get_or_init(|| {
            let functions = module.functions.len();
            let (mut values, mut closures) = (vec![Vec::new(); functions], vec![Vec::new(); functions]);
            for (at, owner) in scopes.owner.iter().enumerate() {
                values[owner.index()].push(ValueId(at as u32));
            }
            for (at, function) in module.functions.iter().enumerate() {
                if let Some(parent) = function.parent {
                    closures[parent.index()].push(FunctionId(at as u32));
                }
            }
            ByFunction { values, closures }
        })
    }
}

impl Flow<'_> {
    /// The values of a function without those of closures in it, in order of the arena.
    pub fn own_values(&self, function: FunctionRef) -> impl Iterator<Item = ValueRef> {
        let all = self.scopes(function.module).inside.all(self.module(function), self.scopes(function.module));
        all.values[function.id.index()].iter().map(move |id| In { module: function.module, id: *id })
    }

    /// The values of a function and of the closures in it, in order of the arena.
    pub fn values_inside(&self, function: FunctionRef) -> Vec<ValueRef> {
        let all = self.scopes(function.module).inside.all(self.module(function), self.scopes(function.module));
        let (mut found, mut left) = (Vec::new(), vec![function.id]);
        while let Some(next) = left.pop() {
            let own = all.values[next.index()].iter();
            found.extend(own.map(|id| In { module: function.module, id: *id }));
            left.extend(all.closures[next.index()].iter().copied());
        }
        found.sort_unstable();
        found
    }
}
