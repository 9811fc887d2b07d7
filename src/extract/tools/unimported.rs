//! Tools of files that nothing brings in: a decorator runs when its file is imported, and not before.
//!
//! Said only of files that nothing names: no import, no text of the tree but a test's, and nothing that imports by names
//! which are only known at run time.

use std::collections::BTreeSet;

use crate::code::{ImportItem, Language};
use crate::discover::Role;
use crate::extract::tools::draft::{Draft, Drafts};
use crate::extract::tools::server::Key;
use crate::flow::link::{Target, folder};
use crate::flow::{Flow, ModuleId};
use crate::load::Loaded;
use crate::model::Known;

/// What is said of such a tool.
const CONDITION: &str = "only where its file is imported, which nothing here does";
/// Words of code that imports what its text does not name.
const BY_NAME: &[&str] = &[
    "import_module",
    "__import__",
    "pkgutil",
    "runpy",
    "spec_from_file_location",
    "exec_module",
    "load_module",
    "entry_points",
    "FileSystemProvider",
    "find_modules",
];
/// Words of a file that is run by itself.
const BY_ITSELF: &[&str] = &["__main__", ".run(", ".run_", "uvicorn", "FastMCP(", "MCPServer("];
/// Most files that are looked for in all texts.
const MAX_FILES: usize = 16;

/// Notes the condition of such tools.
pub(super) fn settle(loaded: &Loaded, flow: &Flow, live: &[ModuleId], drafts: &mut Drafts) {
    let mut waits: BTreeSet<ModuleId> = drafts.values().flat_map(|draft| elsewhere(flow, draft)).collect();
    if waits.is_empty() {
        return;
    }
    let mut imported = Imported::default();
    live.iter().for_each(|from| imported.note(flow, *from));
    waits.retain(|module| !imported.has(flow, *module) && !is_run(flow, *module));
    if waits.is_empty() || waits.len() > MAX_FILES || live.iter().any(|module| imports_by_name(flow, *module)) {
        return;
    }
    waits.retain(|module| !is_named(loaded, flow, *module));
    for draft in drafts.values_mut() {
        let own = draft.sites.clone();
        for tool in &mut draft.tools {
            let span = tool.about.span;
            let module = flow.program.by_source.get(&span.source);
            if module.is_some_and(|module| waits.contains(module) && own.contains(module)) {
                tool.condition = Known::is(CONDITION.to_string(), span);
                tool.on_by_default = Known::is(false, span);
            }
        }
    }
}

/// Files of Python that hand tools to a server that another file makes.
fn elsewhere(flow: &Flow, draft: &Draft) -> Vec<ModuleId> {
    let Key::Made(made) = draft.key else { return Vec::new() };
    let is_python = |module: &&ModuleId| flow.program.module(**module).language == Language::Python;
    draft.sites.iter().filter(|module| **module != made.module).filter(is_python).copied().collect()
}

/// What is imported: files, and folders of which all is asked for.
#[derive(Default)]
struct Imported {
    files: BTreeSet<ModuleId>,
    folders: BTreeSet<String>,
}

impl Imported {
    fn note(&mut self, flow: &Flow, from: ModuleId) {
        let links = &flow.index.links;
        for import in &flow.program.module(from).imports {
            let Target::Module(id) = links.target(flow.program, flow.sources, from, import) else { continue };
            let path = path(flow, id);
            match &import.item {
                ImportItem::Name(name) => self.files.extend(links.submodule(path, name)),
                ImportItem::All => drop(self.folders.insert(folder(path).to_string())),
                ImportItem::Module => {}
            }
            self.files.extend(Some(id).filter(|id| *id != from));
        }
    }

    fn has(&self, flow: &Flow, module: ModuleId) -> bool {
        self.files.contains(&module) || self.folders.contains(folder(path(flow, module)))
    }
}

fn path<'a>(flow: &'a Flow, module: ModuleId) -> &'a str {
    flow.sources.path(flow.program.module(module).source)
}

fn text<'a>(flow: &'a Flow, module: ModuleId) -> &'a str {
    flow.sources.get(flow.program.module(module).source).text()
}

fn is_run(flow: &Flow, module: ModuleId) -> bool {
    let path = path(flow, module);
    let is_package = path.ends_with("__init__.py") || path.ends_with("__main__.py");
    is_package || BY_ITSELF.iter().any(|word| text(flow, module).contains(word))
}

fn imports_by_name(flow: &Flow, module: ModuleId) -> bool {
    let is_python = flow.program.module(module).language == Language::Python;
    is_python && BY_NAME.iter().any(|word| text(flow, module).contains(word))
}

/// Whether any file but itself and the tests speaks of a file.
fn is_named(loaded: &Loaded, flow: &Flow, module: ModuleId) -> bool {
    let own = flow.program.module(module).source;
    let path = flow.sources.path(own);
    let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".py")).unwrap_or(path);
    let is_test = |id| loaded.file(id).is_some_and(|file| matches!(file.role, Role::Test | Role::Fixture));
    // What a package brings along is listed there, whoever uses it.
    let is_list = |path: &str| path.ends_with(".dist-info/RECORD") || path.ends_with(".egg-info/SOURCES.txt");
    let speaks = |id| id != own && !is_test(id) && !is_list(flow.sources.path(id));
    flow.sources.iter().any(|(id, source)| speaks(id) && source.text().contains(stem))
}
