//! Collections of one module that others add to: `registry.push(tool)` where `registry` is imported.

use std::collections::HashMap;

use crate::code::{ExportTarget, ImportItem, Language, MODULE_BODY, Name};
use crate::flow::link::Target;
use crate::flow::scope::Bound;
use crate::flow::{Flow, ModuleId};

/// Most modules through which a name is handed on.
const MAX_WAY: u32 = 8;

/// A name at the top level of a module.
type Named = (ModuleId, Name);
/// The modules that change what another made, each with its own name for it; by where it was made.
pub type Foreign = HashMap<Named, Vec<Named>>;

impl Flow<'_> {
    /// Under which names other modules may change what a module binds at its top level; the maker of it comes first.
    pub(super) fn changed_elsewhere(&self, module: ModuleId, name: &Name) -> Vec<Named> {
        let mut all = self.changed_as(self.made_as(module, name, MAX_WAY));
        all.retain(|(other, _)| *other != module);
        all
    }

    /// The modules that may change what a module offers under a name, and what each calls it.
    pub(super) fn changed_anywhere(&self, module: ModuleId, name: &Name) -> Vec<Named> {
        self.changed_as(self.offered_as(module, name, MAX_WAY))
    }

    /// Where what a name of a module stands for was made, and as what.
    pub(super) fn home_of(&self, module: ModuleId, name: &Name) -> Named {
        self.made_as(module, name, MAX_WAY)
    }

    /// Where what a module offers under a name was made, and as what.
    pub(super) fn home_of_offered(&self, module: ModuleId, name: &Name) -> Named {
        self.offered_as(module, name, MAX_WAY)
    }

    fn changed_as(&self, home: Named) -> Vec<Named> {
        let foreign = self.index.foreign.get_or_init(|| self.foreign());
        let others = foreign.get(&home).into_iter().flatten().cloned();
        std::iter::once(home.clone()).chain(others).collect()
    }

    fn foreign(&self) -> Foreign {
        let mut foreign = Foreign::new();
        for (module, _) in self.program.iter() {
            for name in self.scopes(module).changes.keys() {
                let home = self.made_as(module, name, MAX_WAY);
                if home.0 != module {
                    foreign.entry(home).or_default().push((module, name.clone()));
                }
            }
        }
        foreign
    }

    /// Where a name of a module was made, and as what.
    fn made_as(&self, module: ModuleId, name: &Name, way: u32) -> Named {
        let here = || (module, name.clone());
        let bindings = self.scopes(module).bindings[MODULE_BODY.index()].get(name);
        let (Some([binding]), Some(way)) = (bindings.map(Vec::as_slice), way.checked_sub(1)) else { return here() };
        let Bound::Import(at) = binding.bound else { return here() };
        let import = &self.program.module(module).imports[at];
        match (self.target(module, import), &import.item) {
            (Target::Module(target), ImportItem::Name(taken)) if target != module => {
                self.offered_as(target, taken, way)
            }
            _ => here(),
        }
    }

    /// Where what a module offers under a name was made.
    fn offered_as(&self, module: ModuleId, name: &Name, way: u32) -> Named {
        let code = self.program.module(module);
        let Some(way) = way.checked_sub(1) else { return (module, name.clone()) };
        if code.language != Language::TypeScript {
            return self.made_as(module, name, way);
        }
        let from = |from: &Name, name: &Name| match self.link(module, from) {
            Target::Module(target) if target != module => Some(self.offered_as(target, name, way)),
            _ => None,
        };
        let own = code.exports.iter().find(|export| export.name == *name);
        let starred = || {
            let all = code.exports.iter().filter(|export| export.name == "*");
            all.filter_map(|export| match &export.target {
                ExportTarget::From(path, _) => from(path, name),
                _ => None,
            })
            .find(|(home, name)| self.scopes(*home).bindings[MODULE_BODY.index()].contains_key(name))
        };
        let found = match own.map(|export| &export.target) {
            Some(ExportTarget::Local(local)) => Some(self.made_as(module, local, way)),
            Some(ExportTarget::From(path, name)) => from(path, name),
            Some(ExportTarget::Value(_)) => None,
            None => starred(),
        };
        found.unwrap_or_else(|| (module, name.clone()))
    }
}
