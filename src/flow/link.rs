//! Which file an import means.

use std::collections::{BTreeMap, BTreeSet};

use ahash::{HashMap, HashSet};

use crate::code::{Import, Language, Name};
use crate::flow::{ModuleId, Program};
use crate::source::Sources;

mod aliases;

/// What the module part of an import means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file of the tree.
    Module(ModuleId),
    /// A folder of files that share one scope.
    Package(Vec<ModuleId>),
    /// Something outside the tree, by its name there.
    Outside(Name),
}

/// How the files of a tree find each other.
#[derive(Debug, Default)]
pub struct Links {
    by_path: HashMap<String, ModuleId>,
    /// Last names of files and packages of Python: what is called otherwise is no file of the tree.
    python_names: HashSet<String>,
    /// Top-level Python package to the folders that hold it.
    python_roots: BTreeMap<String, BTreeSet<String>>,
    python_packages: HashSet<String>,
    /// npm package name to folder and entry files.
    npm_packages: BTreeMap<String, NpmPackage>,
    aliases: aliases::Aliases,
    /// Go module path to folder, longest first.
    go_modules: Vec<(String, String)>,
    go_folders: BTreeMap<String, Vec<ModuleId>>,
}

#[derive(Debug, Default)]
struct NpmPackage {
    folder: String,
    entries: Vec<String>,
}

impl Links {
    /// Reads the names of packages out of the tree's manifests.
    pub fn new(program: &Program, sources: &Sources) -> Self {
        let by_path = program.by_path.iter().map(|(path, id)| (path.clone(), *id)).collect();
        let mut links = Links { by_path, ..Links::default() };
        for (path, id) in &program.by_path {
            match program.module(*id).language {
                Language::Python => links.add_python(path),
                Language::Go => links.go_folders.entry(folder(path).to_string()).or_default().push(*id),
                Language::TypeScript | Language::Rust => {}
            }
        }
        for (_, source) in sources.iter() {
            match source.path().rsplit('/').next() {
                Some("package.json") => links.add_npm(source.path(), source.text()),
                Some("go.mod") => links.add_go(source.path(), source.text()),
                Some(name) if is_config(name) => links.aliases.add_config(source.path(), source.text()),
                _ => {}
            }
        }
        links.aliases.settle();
        links.go_modules.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.cmp(b)));
        links
    }

    fn add_python(&mut self, path: &str) {
        let stem = path.strip_suffix(".py").or_else(|| path.strip_suffix(".pyi")).unwrap_or(path);
        let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
        self.python_names.insert(split(stem).1.to_string());
        let Some(package) = path.strip_suffix("/__init__.py") else { return };
        self.python_packages.insert(package.to_string());
        let (above, name) = split(package);
        self.python_roots.entry(name.to_string()).or_default().insert(above.to_string());
    }

    fn add_npm(&mut self, path: &str, text: &str) {
        let Ok(json) = serde_json::from_str::<serde_json::Value>(text.trim_start_matches('\u{feff}')) else { return };
        self.aliases.add_package(path, &json);
        let Some(name) = json.get("name").and_then(|name| name.as_str()) else { return };
        let mut entries = Vec::new();
        for key in ["source", "exports", "module", "main", "types"] {
            json.get(key).into_iter().for_each(|value| strings(value, 0, &mut entries));
        }
        let package = NpmPackage { folder: folder(path).to_string(), entries };
        self.npm_packages.entry(name.to_string()).or_insert(package);
    }

    fn add_go(&mut self, path: &str, text: &str) {
        let module = text.lines().find_map(|line| line.trim().strip_prefix("module "));
        if let Some(module) = module {
            let name = module.split("//").next().unwrap_or(module).trim().trim_matches('"');
            self.go_modules.push((name.to_string(), folder(path).to_string()));
        }
    }

    /// What the module of an import in `from` means.
    pub fn target(&self, program: &Program, sources: &Sources, from: ModuleId, import: &Import) -> Target {
        let language = program.module(from).language;
        self.named(language, sources.path(program.module(from).source), &import.module, import.level)
    }

    /// What a module name means in the file at `from`.
    pub fn named(&self, language: Language, from: &str, module: &str, level: u32) -> Target {
        let found = match language {
            Language::Python => self.python(from, module, level).map(Target::Module),
            Language::TypeScript => self.script(from, module).map(Target::Module),
            Language::Go => self.go(module),
            Language::Rust => None,
        };
        found.unwrap_or_else(|| {
            Target::Outside(match language {
                // `#*` is the module itself, so that its members read `fs#readFile`.
                Language::TypeScript => Name::new(format!("{}#*", module.strip_prefix("node:").unwrap_or(module))),
                Language::Rust => Name::new(format!("{module}::")),
                Language::Python | Language::Go => Name::new(module),
            })
        })
    }

    /// The other files of a Go package.
    pub fn siblings(&self, path: &str) -> &[ModuleId] {
        self.go_folders.get(folder(path)).map_or(&[], Vec::as_slice)
    }

    /// The file of a submodule of a Python package file.
    pub fn submodule(&self, package: &str, name: &str) -> Option<ModuleId> {
        self.python_file(&join(folder(package), name)).filter(|_| package.ends_with("__init__.py"))
    }

    fn python_file(&self, stem: &str) -> Option<ModuleId> {
        if !stem.is_empty() && !self.python_names.contains(split(stem).1) {
            return None;
        }
        let candidates = [format!("{stem}.py"), join(stem, "__init__.py"), format!("{stem}.pyi")];
        candidates.iter().find_map(|path| self.by_path.get(path).copied())
    }

    fn python(&self, from: &str, module: &str, level: u32) -> Option<ModuleId> {
        let path = module.replace('.', "/");
        if level > 0 {
            let mut base = folder(from);
            for _ in 1..level {
                base = folder(base);
            }
            return self.python_file(&join(base, &path));
        }
        // Most of what is imported lies elsewhere: then no file of the tree has its name, and no folder need be looked at.
        let last = split(&path).1;
        if !last.is_empty() && !self.python_names.contains(last) {
            return None;
        }
        let mut base = folder(from);
        loop {
            if !self.python_packages.contains(base) {
                let found =
                    self.python_file(&join(base, &path)).or_else(|| self.python_file(&join(&join(base, "src"), &path)));
                if found.is_some() {
                    return found;
                }
            }
            if base.is_empty() {
                break;
            }
            base = folder(base);
        }
        let top = module.split('.').next()?;
        self.python_roots.get(top)?.iter().find_map(|root| self.python_file(&join(root, &path)))
    }

    fn script(&self, from: &str, module: &str) -> Option<ModuleId> {
        if module.starts_with("./") || module.starts_with("../") || module == "." || module == ".." {
            return self.script_file(&normalise(&join(folder(from), module)));
        }
        if let Some(found) = self.aliases.paths(from, module).find_map(|path| self.script_file(&path)) {
            return Some(found);
        }
        if let Some(rest) = module.strip_prefix("@/").or_else(|| module.strip_prefix("~/")) {
            return self.above(from, rest);
        }
        let names = module.match_indices('/').map(|(at, _)| &module[..at]).chain([module]);
        let (name, package) = names.filter_map(|name| Some((name, self.npm_packages.get(name)?))).next_back()?;
        let rest = module[name.len()..].trim_start_matches('/');
        self.npm_file(package, rest)
    }

    fn npm_file(&self, package: &NpmPackage, rest: &str) -> Option<ModuleId> {
        let inside = |part: &str| normalise(&join(&package.folder, part));
        if rest.is_empty() {
            let named = package.entries.iter().find_map(|entry| self.by_path.get(&inside(entry)).copied());
            return self.script_file(&inside("src/index")).or(named).or_else(|| self.script_file(&inside("index")));
        }
        let candidates = [format!("src/{rest}"), rest.to_string(), format!("dist/{rest}"), format!("src/{rest}/index")];
        candidates.iter().find_map(|part| self.script_file(&inside(part)))
    }

    /// `@/x` is by custom the source folder of the nearest package.
    fn above(&self, from: &str, rest: &str) -> Option<ModuleId> {
        let mut base = folder(from);
        loop {
            let candidates = [join(&join(base, "src"), rest), join(base, rest)];
            if let Some(found) = candidates.iter().find_map(|path| self.script_file(path)) {
                return Some(found);
            }
            if base.is_empty() {
                return None;
            }
            base = folder(base);
        }
    }

    fn script_file(&self, path: &str) -> Option<ModuleId> {
        const WRITTEN: &[&str] = &[".js", ".mjs", ".cjs", ".jsx"];
        const REAL: &[&str] = &[".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx", ".d.ts"];
        if let Some(found) = self.by_path.get(path) {
            return Some(*found);
        }
        let stem = WRITTEN.iter().find_map(|extension| path.strip_suffix(extension)).unwrap_or(path);
        let index = join(path, "index");
        let stems = [stem, path, index.as_str()];
        stems.iter().find_map(|stem| REAL.iter().find_map(|real| self.by_path.get(&format!("{stem}{real}")).copied()))
    }

    fn go(&self, module: &str) -> Option<Target> {
        self.go_modules.iter().find_map(|(name, root)| {
            let rest = module.strip_prefix(name.as_str())?;
            let rest = if rest.is_empty() { rest } else { rest.strip_prefix('/')? };
            let files = self.go_folders.get(&normalise(&join(root, rest)))?;
            Some(Target::Package(files.clone()))
        })
    }
}

/// `tsconfig.json`, `tsconfig.build.json`, `jsconfig.json`.
fn is_config(name: &str) -> bool {
    name.ends_with(".json") && (name.starts_with("tsconfig.") || name == "jsconfig.json")
}

/// The folder of a path; empty for the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

pub(super) fn join(folder: &str, rest: &str) -> String {
    match (folder.is_empty(), rest.is_empty()) {
        (true, _) => rest.to_string(),
        (_, true) => folder.to_string(),
        _ => format!("{folder}/{rest}"),
    }
}

/// Resolves `.` and `..`; what leaves the root stays at the root.
pub(super) fn normalise(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn strings(value: &serde_json::Value, depth: u32, into: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => into.push(text.clone()),
        serde_json::Value::Array(items) if depth < 8 => items.iter().for_each(|item| strings(item, depth + 1, into)),
        serde_json::Value::Object(map) if depth < 8 => map.values().for_each(|item| strings(item, depth + 1, into)),
        _ => {}
    }
}

/// Full name of a member of something outside: `os.path`, `fs#readFile`, `std::fs`.
pub fn outside_member(outside: &str, name: &str) -> Name {
    let module = outside.strip_suffix("#*").or_else(|| outside.strip_suffix("#default"));
    Name::new(match module {
        Some(module) => format!("{module}#{name}"),
        None if outside.contains("::") => format!("{}::{name}", outside.trim_end_matches("::")),
        None => format!("{outside}.{name}"),
    })
}
