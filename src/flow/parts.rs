//! The same question asked of many modules: part by part, in parallel, each part with its own set of answers.

use rayon::prelude::*;

use crate::flow::{Flow, ModuleId};

/// Least calls whose modules are asked about with one set of answers.
const CALLS_AT_ONCE: usize = 4_000;

impl Flow<'_> {
    /// What `ask` finds in the modules, in their order. What one part's questions found out is forgotten with it.
    pub fn in_parts<T: Send>(&self, modules: &[ModuleId], ask: impl Fn(&Flow, ModuleId) -> Vec<T> + Sync) -> Vec<T> {
        let add = |flow: &Flow, module, all: &mut Vec<T>| all.append(&mut ask(flow, module));
        self.gathered(modules, add).into_iter().flatten().collect()
    }

    /// The same for what is gathered: one gathering a part, in their order.
    pub fn gathered<T: Send + Default>(
        &self,
        modules: &[ModuleId],
        add: impl Fn(&Flow, ModuleId, &mut T) + Sync,
    ) -> Vec<T> {
        let (program, sources, index) = (self.program, self.sources, self.index);
        let of_part = |part: &[ModuleId]| -> T {
            let flow = Flow::new(program, sources, index);
            let mut all = T::default();
            part.iter().for_each(|module| add(&flow, *module, &mut all));
            all
        };
        self.parts_by_calls(modules).into_par_iter().with_max_len(1).map(of_part).collect()
    }

    /// The modules in runs of at least [`CALLS_AT_ONCE`] calls, whatever the number of threads.
    fn parts_by_calls<'m>(&self, modules: &'m [ModuleId]) -> Vec<&'m [ModuleId]> {
        let mut parts = Vec::new();
        let (mut start, mut calls) = (0, 0);
        for (at, module) in modules.iter().enumerate() {
            calls += self.scopes(*module).calls.len();
            if calls >= CALLS_AT_ONCE {
                parts.push(&modules[start..=at]);
                (start, calls) = (at + 1, 0);
            }
        }
        parts.push(&modules[start..]);
        parts
    }
}
