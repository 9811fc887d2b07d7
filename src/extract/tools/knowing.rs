//! Which files of JavaScript can come by a server at all: those of a project in which some file knows an SDK. The page
//! that a server shows, one line of two megabytes, is not asked for servers at each of its methods that is called `mount`.

use std::collections::BTreeSet;

use crate::code::Language;
use crate::extract::tools::server::{Kinds, canonical};
use crate::flow::{ClassRef, In, ModuleId};

impl Kinds<'_> {
    /// Whether a server may get into a file.
    pub(super) fn may_hold_servers(&self, module: ModuleId) -> bool {
        let flow = self.flow;
        flow.program.module(module).language != Language::TypeScript
            || self.knowing.get_or_init(|| self.find_knowing()).contains(&flow.group(module))
    }

    fn find_knowing(&self) -> BTreeSet<u32> {
        let flow = self.flow;
        let packages: BTreeSet<String> = self.origin_names().filter_map(package).collect();
        let imports = |id: ModuleId| {
            let mut all = flow.program.module(id).imports.iter();
            all.any(|import| {
                package(&canonical(&format!("{}#", import.module))).is_some_and(|it| packages.contains(&it))
            })
        };
        let holds = |id: ModuleId| {
            let classes = 0..flow.program.module(id).classes.len() as u32;
            let mut classes = classes.map(|at| ClassRef { module: id, id: crate::code::ClassId(at) });
            classes.any(|class| self.class_kind(class).is_some())
        };
        let is_script = |id: &ModuleId| flow.program.module(*id).language == Language::TypeScript;
        let own = flow.program.iter().map(|(id, _)| id).filter(|id| is_script(id) && (imports(*id) || holds(*id)));
        let made = flow.outside_calls().iter().filter(|(name, _)| self.origin(name).is_some());
        let made = made.flat_map(|(_, calls)| calls.iter().map(|call| call.module));
        let given = self.given_functions().map(|In { module, .. }| module);
        own.chain(made).chain(given).filter(is_script).map(|module| flow.group(module)).collect()
    }
}

/// The package of a full name of JavaScript: `@scope/name` or `name`.
fn package(origin: &str) -> Option<String> {
    let path = origin.split_once('#')?.0;
    let parts = if path.starts_with('@') { 2 } else { 1 };
    Some(path.split('/').take(parts).collect::<Vec<_>>().join("/"))
}
