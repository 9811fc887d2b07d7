//! Which files belong to a program that serves: those that hold a server or tool, what imports them, and what these bring
//! in. A program beside them that asks for settings and writes them down is none.

use std::collections::BTreeSet;

use crate::code::{Import, Language, MODULE_BODY};
use crate::flow::{Flow, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::load::reached::imported;
use crate::model::Facts;

/// Words of files that start what their imports do not name.
const STARTS: &[&str] =
    &["uvicorn", "gunicorn", "hypercorn", "granian", "importlib", "import_module", "__import__", "runpy"];
/// Words of files that are programs by themselves.
const PROGRAM: &[&str] = &["__main__", "#!/usr/bin/env"];

/// The files of programs that serve.
#[derive(Default)]
pub(super) struct Serving {
    /// Those that hold a server, and those that import one.
    starting: BTreeSet<ModuleId>,
    /// What these bring in, themselves included.
    all: BTreeSet<ModuleId>,
}

impl Serving {
    pub(super) fn of(loaded: &Loaded, flow: &Flow, facts: &Facts) -> Self {
        let spans = facts.servers.iter().map(|server| server.about.span);
        let spans = spans.chain(facts.tools.iter().map(|tool| tool.about.span));
        let home = |source| flow.program.by_source.get(&source).copied();
        let homes: Vec<ModuleId> = spans.filter_map(|span| home(span.source)).collect();
        let imports = loaded.live().into_iter().map(|from| (from, brought_in(flow, from)));
        let mut backward = vec![Vec::new(); flow.program.modules.len()];
        let mut forward = backward.clone();
        for (from, targets) in imports {
            targets.iter().for_each(|target| backward[target.0 as usize].push(from));
            forward[from.0 as usize] = targets;
        }
        let starting = closure(homes, &backward);
        let all = closure(starting.iter().copied().collect(), &forward);
        Self { starting, all }
    }

    /// Whether a function that is called after a start starts a server, as far as imports tell.
    pub(super) fn may_start(&self, flow: &Flow, place: ValueRef) -> bool {
        self.starting.is_empty()
            || self.starting.contains(&place.module)
            || !is_script(flow, place.module)
            || STARTS.iter().any(|word| text(flow, place.module).contains(word))
    }

    /// Whether a program that serves brings in the file of a place.
    pub(super) fn brings_in(&self, place: ValueRef) -> bool {
        self.all.contains(&place.module)
    }

    /// Whether a place stands in a program of its own, which no program that serves brings in.
    pub(super) fn is_beside(&self, flow: &Flow, place: ValueRef) -> bool {
        let is_program = PROGRAM.iter().any(|word| text(flow, place.module).contains(word));
        is_program && !self.may_start(flow, place) && !self.all.contains(&place.module)
    }
}

/// What a file brings in. What a package only imports once it is asked for a name (`__getattr__`) is not brought in by
/// those who import another part of it.
fn brought_in(flow: &Flow, from: ModuleId) -> Vec<ModuleId> {
    let module = flow.program.module(from);
    let is_package = flow.sources.path(module.source).ends_with("__init__.py");
    let is_later = |import: &&Import| import.scope != MODULE_BODY;
    let has_later = module.imports.iter().any(|import| is_later(&import));
    if is_package && has_later {
        return Vec::new();
    }
    imported(&flow.index.links, flow.program, flow.sources, (from, false))
}

/// What is reached from some files along edges.
fn closure(mut next: Vec<ModuleId>, edges: &[Vec<ModuleId>]) -> BTreeSet<ModuleId> {
    let mut reached = BTreeSet::new();
    while let Some(module) = next.pop() {
        if reached.insert(module) {
            next.extend(edges[module.0 as usize].iter().copied());
        }
    }
    reached
}

/// Whether files of a language find each other by imports alone.
fn is_script(flow: &Flow, module: ModuleId) -> bool {
    matches!(flow.program.module(module).language, Language::Python | Language::TypeScript)
}

fn text<'f>(flow: &'f Flow, module: ModuleId) -> &'f str {
    flow.sources.get(flow.program.module(module).source).text()
}
