//! Which file a Rust module is, and what a path means.
//!
//! `mod x;` makes files the modules of a crate: each knows who declares it, so that `crate`, `super` and the names of
//! other crates of the tree lead to files. What a path means further on is a question of members.

use std::collections::BTreeMap;

use crate::code::{ClassId, FunctionId, FunctionKind, Import, ImportItem, Language, MODULE_BODY, Module, Name};
use crate::flow::link::{folder, join, normalise};
use crate::flow::meaning::class_in;
use crate::flow::memo::Level;
use crate::flow::{Flow, Meaning, ModuleId, Program};
use crate::source::Sources;

/// Deepest nesting of modules that is followed upward.
const MAX_NESTING: usize = 64;

/// The module trees of all crates.
#[derive(Debug, Default)]
pub struct Crates {
    /// Who declares a file, with the inline module in which it does.
    parents: BTreeMap<ModuleId, Vec<(ModuleId, Option<ClassId>)>>,
    /// The file of a declaration, by its place among the imports.
    files: BTreeMap<(ModuleId, usize), ModuleId>,
    /// Library roots by the name under which other crates know them.
    libraries: BTreeMap<String, ModuleId>,
}

impl Crates {
    /// Reads declarations and manifests.
    pub fn new(program: &Program, sources: &Sources) -> Self {
        let mut crates = Crates::default();
        for (path, id) in &program.by_path {
            let module = program.module(*id);
            if module.language == Language::Rust {
                crates.declared(program, path, *id, module);
            }
        }
        for (_, source) in sources.iter() {
            if source.path().rsplit('/').next() == Some("Cargo.toml") {
                crates.manifest(program, source.path(), source.text());
            }
        }
        crates
    }

    fn declared(&mut self, program: &Program, path: &str, id: ModuleId, module: &Module) {
        for (at, import) in module.imports.iter().enumerate() {
            let around = inline_modules(module, import.scope);
            let Some(child) = declared_file(program, path, module, import, &around) else { continue };
            self.files.insert((id, at), child);
            self.parents.entry(child).or_default().push((id, around.first().copied()));
        }
    }

    fn manifest(&mut self, program: &Program, path: &str, text: &str) {
        let Ok(manifest) = text.parse::<toml::Table>() else { return };
        let section = |name: &str| manifest.get(name).and_then(|section| section.as_table());
        let text = |section: Option<&toml::Table>, key: &str| {
            section.and_then(|section| section.get(key)).and_then(|value| value.as_str()).map(str::to_string)
        };
        let name = text(section("lib"), "name").or_else(|| text(section("package"), "name"));
        let file = text(section("lib"), "path").unwrap_or_else(|| "src/lib.rs".to_string());
        let root = program.by_path.get(&normalise(&join(folder(path), &file)));
        if let (Some(name), Some(root)) = (name, root) {
            self.libraries.entry(name.replace('-', "_")).or_insert(*root);
        }
    }

    /// The roots of the crates that a file belongs to; a file that nobody declares is one itself.
    fn roots(&self, module: ModuleId) -> Vec<ModuleId> {
        let mut roots = Vec::new();
        let mut next = vec![module];
        for _ in 0..MAX_NESTING {
            let Some(at) = next.pop() else { break };
            match self.parents.get(&at) {
                Some(parents) => next.extend(parents.iter().rev().map(|(parent, _)| *parent)),
                None if roots.contains(&at) => {}
                None => roots.push(at),
            }
        }
        roots
    }
}

/// The inline modules around a function of a file, innermost first.
fn inline_modules(module: &Module, scope: FunctionId) -> Vec<ClassId> {
    let mut found = Vec::new();
    let mut next = Some(scope);
    while let Some(at) = next.filter(|_| found.len() < MAX_NESTING) {
        let function = module.function(at);
        found.extend(function.class.filter(|_| function.kind == FunctionKind::ClassBody));
        next = function.parent;
    }
    found
}

/// The file that `mod x;` means: below the folder of a crate's root or of a `mod.rs`, else below the file's own name.
fn declared_file(
    program: &Program,
    path: &str,
    module: &Module,
    import: &Import,
    around: &[ClassId],
) -> Option<ModuleId> {
    if import.item != ImportItem::Module {
        return None;
    }
    let find = |path: String| program.by_path.get(&normalise(&path)).copied();
    if let Some(written) = import.module.strip_prefix("./") {
        return find(join(folder(path), written));
    }
    let name = import.module.strip_prefix("self::").filter(|name| !name.contains("::"))?;
    let stem = path.strip_suffix(".rs")?;
    let inline: Vec<&str> = around.iter().rev().map(|class| module.class(*class).name.as_str()).collect();
    let below = |base: &str| {
        let base = join(base, &inline.join("/"));
        find(format!("{}.rs", join(&base, name))).or_else(|| find(join(&join(&base, name), "mod.rs")))
    };
    match stem.rsplit('/').next() {
        Some("mod" | "lib" | "main" | "build") => below(folder(path)),
        // A binary or test of one file is a root as well.
        _ => below(stem).or_else(|| below(folder(path))),
    }
}

impl Flow<'_> {
    /// What a Rust import brings in.
    pub(super) fn crate_import(&self, module: ModuleId, at: usize) -> Meaning {
        let import = &self.program.module(module).imports[at];
        if let Some(file) = self.index.crates.files.get(&(module, at)) {
            return Meaning::Module(*file);
        }
        let ways = self.crate_paths(module, import.scope, &import.module, Some(at));
        let take = |whole: Meaning| match &import.item {
            ImportItem::Name(name) => self.member(&whole, name),
            ImportItem::Module | ImportItem::All => whole,
        };
        let outside = || Meaning::Outside(Name::new(format!("{}::", import.module)));
        let mut found: Vec<Meaning> = ways.into_iter().map(take).collect();
        match found.iter().position(|one| !matches!(one, Meaning::Unknown(_))) {
            Some(best) => found.swap_remove(best),
            None => found.pop().unwrap_or_else(|| take(outside())),
        }
    }

    /// What a path may mean: one for each crate that the file belongs to; nothing where it leads out of the tree.
    fn crate_paths(&self, module: ModuleId, scope: FunctionId, path: &str, skip: Option<usize>) -> Vec<Meaning> {
        let mut segments: Vec<&str> = path.split("::").filter(|segment| !segment.is_empty()).collect();
        if segments.is_empty() {
            return Vec::new();
        }
        let first = segments.remove(0);
        let uppers = segments.iter().take_while(|segment| **segment == "super").count();
        let starts = self.crate_start(module, scope, first, uppers, skip);
        let follow = |start: Meaning| {
            segments.iter().skip(uppers).fold(start, |meaning, segment| self.member(&meaning, &Name::new(segment)))
        };
        starts.into_iter().map(follow).collect()
    }

    /// What the first segment of a path means, followed by so many `super`.
    pub(super) fn crate_start(
        &self,
        module: ModuleId,
        scope: FunctionId,
        first: &str,
        uppers: usize,
        skip: Option<usize>,
    ) -> Vec<Meaning> {
        match first {
            "crate" => self.index.crates.roots(module).into_iter().map(Meaning::Module).collect(),
            "self" => self.upper_module(module, scope, uppers).into_iter().collect(),
            "super" => self.upper_module(module, scope, uppers + 1).into_iter().collect(),
            _ => {
                let own = || self.beside(module, scope, &Name::new(first), skip);
                let library = self.index.crates.libraries.get(first).copied();
                let library = library.filter(|root| *root != module).map(Meaning::Module);
                own().or(library).into_iter().collect()
            }
        }
    }

    /// The module so many levels above a place.
    fn upper_module(&self, mut module: ModuleId, scope: FunctionId, mut levels: usize) -> Option<Meaning> {
        let mut around = inline_modules(self.program.module(module), scope);
        loop {
            if levels == 0 {
                return Some(
                    around.first().map_or(Meaning::Module(module), |class| Meaning::Class(class_in(module, *class))),
                );
            }
            levels -= 1;
            if !around.is_empty() {
                around.remove(0);
                continue;
            }
            let (parent, inline) = *self.index.crates.parents.get(&module)?.first()?;
            let code = self.program.module(parent);
            let body = inline.and_then(|class| code.class(class).body);
            around = body.map(|body| inline_modules(code, body)).unwrap_or_default();
            module = parent;
        }
    }

    /// A name that stands beside an import: declared there, or brought in by another import.
    fn beside(&self, module: ModuleId, scope: FunctionId, name: &Name, skip: Option<usize>) -> Option<Meaning> {
        use crate::flow::scope::Bound;
        let mut next = Some(scope);
        while let Some(at) = next {
            let bindings = self.scopes(module).bindings[at.index()].get(name).into_iter().flatten();
            let mut others = bindings.filter(|binding| match binding.bound {
                Bound::Import(other) => Some(other) != skip && !self.is_own_name(module, other, name),
                Bound::Class(_) => true,
                _ => false,
            });
            if let Some(binding) = others.next() {
                return self.deeper(|| self.bindings(module, at, &[binding], &None));
            }
            next = self.program.module(module).function(at).parent;
        }
        None
    }

    /// `use serde;` names what it is found by.
    fn is_own_name(&self, module: ModuleId, at: usize, name: &Name) -> bool {
        let import = &self.program.module(module).imports[at];
        import.module.split("::").next() == Some(name)
    }

    /// A name that `use a::b::*` brings in, where it is not found otherwise.
    pub(super) fn crate_globbed(&self, module: ModuleId, scope: FunctionId, name: &Name) -> Option<Meaning> {
        if let Some(level) = self.globbing_above((module, scope)) {
            self.rest_on(level);
            return None;
        }
        self.globbing.borrow_mut().push(((module, scope), self.level.get()));
        let found = self.deeper(|| self.globbed_here(module, scope, name)).flatten();
        self.globbing.borrow_mut().pop();
        found
    }

    /// The answer under way that forbids to look through a module's glob imports: its own, or too many others.
    fn globbing_above(&self, scope: (ModuleId, FunctionId)) -> Option<Level> {
        let globbing = self.globbing.borrow();
        let own = || globbing.iter().find(|(other, _)| *other == scope).map(|(_, level)| *level);
        if globbing.len() >= 16 { Some(0) } else { own() }
    }

    fn globbed_here(&self, module: ModuleId, scope: FunctionId, name: &Name) -> Option<Meaning> {
        let code = self.program.module(module);
        let mut outside = None;
        let stars = code.imports.iter().enumerate();
        let stars = stars.filter(|(_, import)| import.item == ImportItem::All && import.scope == scope);
        for (at, _) in stars {
            match self.crate_import(module, at) {
                Meaning::Module(target) => match self.exported(target, name) {
                    None => {}
                    found => return found,
                },
                Meaning::Class(class) => match self.class_member(class, &Meaning::Class(class), name) {
                    None => {}
                    found => return found,
                },
                Meaning::Outside(of) => outside = outside.or(Some(of)),
                _ => {}
            }
        }
        let is_type = name.starts_with(|first: char| first.is_ascii_uppercase());
        let outside = outside.filter(|_| is_type && !PRELUDE.contains(&name.as_str()))?;
        Some(Meaning::Outside(crate::flow::link::outside_member(&outside, name)))
    }

    /// What an inline module has under a name beside its own items: what it imports.
    pub(super) fn inline_import(&self, class: crate::flow::ClassRef, name: &Name) -> Option<Meaning> {
        let body = self.class(class).body.filter(|_| self.module(class).language == Language::Rust)?;
        let bindings = self.scopes(class.module).bindings[body.index()].get(name).into_iter().flatten();
        let mut imports = bindings.filter(|binding| matches!(binding.bound, crate::flow::scope::Bound::Import(_)));
        match imports.next() {
            Some(import) => Some(self.bindings(class.module, body, &[import], &None)),
            None => self.crate_globbed(class.module, body, name),
        }
    }

    /// What a name means that no function around it binds.
    pub(super) fn crate_name(&self, module: ModuleId, from: FunctionId, name: &Name) -> Option<Meaning> {
        let code = self.program.module(module);
        let mut next = Some(from);
        while let Some(at) = next {
            if code.function(at).kind == FunctionKind::ClassBody || at == MODULE_BODY {
                let found = self.crate_globbed(module, at, name);
                if found.is_some() {
                    return found;
                }
            }
            // Items of an inline module are seen through `use super::*` only.
            next = code.function(at).parent;
        }
        self.index.crates.libraries.get(name.as_str()).filter(|root| **root != module).copied().map(Meaning::Module)
    }
}

/// Names of types that every file has; a glob import does not give them.
const PRELUDE: &[&str] = &[
    "Some",
    "None",
    "Ok",
    "Err",
    "Option",
    "Result",
    "String",
    "Vec",
    "Box",
    "Self",
    "ToString",
    "ToOwned",
    "Clone",
    "Copy",
    "Send",
    "Sync",
    "Sized",
    "Drop",
    "Fn",
    "FnMut",
    "FnOnce",
    "Iterator",
    "IntoIterator",
    "Extend",
    "Default",
    "From",
    "Into",
    "TryFrom",
    "TryInto",
    "AsRef",
    "AsMut",
    "PartialEq",
    "Eq",
    "PartialOrd",
    "Ord",
    "T",
];
