//! What code does: which definition a name means, what a value is, who calls whom.

use std::collections::BTreeMap;

use crate::code::{ClassId, FunctionId, Module, ValueId};
use crate::source::{SourceId, Sources};

/// Handle of a module in a [`Program`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// Something in the arena of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct In<T> {
    /// The module.
    pub module: ModuleId,
    /// Handle in that module.
    pub id: T,
}

/// A value anywhere in the program.
pub type ValueRef = In<ValueId>;
/// A function anywhere in the program.
pub type FunctionRef = In<FunctionId>;
/// A class anywhere in the program.
pub type ClassRef = In<ClassId>;

/// Every module of the tree, in path order.
#[derive(Debug, Default)]
pub struct Program {
    /// In path order; [`ModuleId`] is the position.
    pub modules: Vec<Module>,
    /// By source.
    pub by_source: BTreeMap<SourceId, ModuleId>,
    /// By path.
    pub by_path: BTreeMap<String, ModuleId>,
}

impl Program {
    /// Ties modules together.
    pub fn new(modules: Vec<Module>, sources: &Sources) -> Self {
        let ids = |at: usize| ModuleId(at as u32);
        let by_source = modules.iter().enumerate().map(|(at, module)| (module.source, ids(at))).collect();
        let by_path =
            modules.iter().enumerate().map(|(at, module)| (sources.path(module.source).to_string(), ids(at))).collect();
        Self { modules, by_source, by_path }
    }

    /// The module behind a handle.
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }
}
