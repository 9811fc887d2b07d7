//! Parses what was discovered: documents and code, in parallel by file, in path order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rayon::prelude::*;

use crate::code::limits::on_deep_stack;
use crate::code::outline::{self, Outline, Tongue};
use crate::code::{self, Module};
use crate::discover::{Discovered, FileKind, Found, Role, Skipped, kind};
use crate::document::{self, Document, Syntax};
use crate::flow::{Index, ModuleId, Program};
use crate::gap::{Gap, GapKind};
use crate::git::Git;
use crate::source::{FILES_AT_ONCE, SourceId, Sources, Span};

pub mod content;
pub(crate) mod reached;
mod tests_only;

/// Files that make their folder a package.
const MANIFESTS: &[&str] = &[
    "package.json",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Gemfile",
    "composer.json",
];

/// One file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its text.
    pub source: SourceId,
    /// Path relative to the audited root.
    pub path: String,
    /// What it is, by name and content.
    pub kind: FileKind,
    /// The part it plays.
    pub role: Role,
    /// Position in [`Loaded::documents`], where it was parsed as one.
    pub document: Option<usize>,
}

/// Everything that was read and parsed.
#[derive(Debug, Default)]
pub struct Loaded {
    /// All text.
    pub sources: Sources,
    /// All files, by path.
    pub files: Vec<File>,
    /// Parsed documents, by path.
    pub documents: Vec<Document>,
    /// Lowered code.
    pub program: Program,
    /// Declarations of languages whose effects are not analysed, by path.
    pub outlines: Vec<Outline>,
    /// What could not be read or parsed.
    pub gaps: Vec<Gap>,
    /// What was not read, by path.
    pub skipped: Vec<Skipped>,
    /// Metadata of the checkout.
    pub git: Option<Git>,
    by_source: BTreeMap<SourceId, usize>,
    packages: OnceLock<BTreeSet<String>>,
    index: OnceLock<Index>,
}

impl Loaded {
    /// The file of a source.
    pub fn file(&self, source: SourceId) -> Option<&File> {
        self.by_source.get(&source).map(|at| &self.files[*at])
    }

    /// The file of a path relative to the root.
    pub fn find(&self, path: &str) -> Option<&File> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|at| &self.files[at])
    }

    /// Whether a folder holds one of the files that make it a package.
    pub fn is_package(&self, folder: &str) -> bool {
        let folder_of = |file: &File| {
            let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
            MANIFESTS.contains(&name).then(|| folder.to_string())
        };
        self.packages.get_or_init(|| self.files.iter().filter_map(folder_of).collect()).contains(folder)
    }

    /// The modules that run as this project, or all where none does. Code of others that was copied in is walked where
    /// handlers reach it; it is no server of this project.
    pub fn live(&self) -> Vec<ModuleId> {
        let role = |id: &ModuleId| self.file(self.program.module(*id).source).is_some_and(|file| file.role.is_own());
        let all: Vec<ModuleId> = self.program.iter().map(|(id, _)| id).collect();
        let live: Vec<ModuleId> = all.iter().copied().filter(role).collect();
        if live.is_empty() { all } else { live }
    }

    /// What the code binds and how its files find each other; worked out when it is first asked for.
    pub fn index(&self) -> &Index {
        self.index
            .get_or_init(|| on_deep_stack(None, || Index::new(&self.program, &self.sources).called_from(&self.live())))
    }

    /// The parsed document of a file.
    pub fn document(&self, file: &File) -> Option<&Document> {
        file.document.map(|at| &self.documents[at])
    }

    /// Files of a kind that were parsed as documents, by path.
    pub fn documents_of(&self, kind: FileKind) -> impl Iterator<Item = (&File, &Document)> {
        let files = self.files.iter().filter(move |file| file.kind == kind);
        files.filter_map(|file| Some((file, self.document(file)?)))
    }
}

/// Parses every file. Nothing fails: what could not be parsed is a gap.
pub fn load(discovered: Discovered) -> Loaded {
    let mut loaded =
        Loaded { gaps: discovered.gaps, skipped: discovered.skipped, git: discovered.git, ..Loaded::default() };
    for Found { path, kind, role, text, digest } in discovered.files {
        let source = loaded.sources.add(path.as_str(), text, digest);
        loaded.by_source.insert(source, loaded.files.len());
        loaded.files.push(File { source, path, kind, role, document: None });
    }
    let sources = &loaded.sources;
    let files = || loaded.files.par_iter().with_max_len(FILES_AT_ONCE);
    let parsed: Vec<Parsed> = on_deep_stack(None, || files().map(|file| parse(file, sources)).collect());
    let mut modules = Vec::new();
    for (at, parsed) in parsed.into_iter().enumerate() {
        take(&mut loaded, at, parsed, &mut modules);
    }
    unread_code(&mut loaded);
    loaded.program = Program::new(modules, &loaded.sources);
    let waiting = tests_only::waiting(&loaded);
    reached::promote(&mut loaded);
    tests_only::lower_reached(&mut loaded, waiting);
    loaded.gaps.sort();
    loaded
}

/// What became of one file.
struct Parsed {
    document: Option<Document>,
    module: Option<Module>,
    outline: Option<Outline>,
    kind: FileKind,
    gaps: Vec<Gap>,
}

fn parse(file: &File, sources: &Sources) -> Parsed {
    let text = sources.get(file.source).text();
    if let FileKind::Code(_) = file.kind {
        let parse = if tests_only::is_asked_little(file) { code::parse_imports } else { code::parse };
        let (module, gaps) =
            parse(file.source, &file.path, text).map_or((None, Vec::new()), |(module, gaps)| (Some(module), gaps));
        return Parsed { document: None, module, outline: None, kind: file.kind, gaps };
    }
    if let Some(tongue) = tongue(file).filter(|_| content::declares_tools(text)) {
        let (outline, gaps) = outline::parse(file.source, tongue, text);
        return Parsed { document: None, module: None, outline: Some(outline), kind: file.kind, gaps };
    }
    let Some(syntax) = kind::syntax_of(file.kind, &file.path).filter(|syntax| worth_parsing(file, *syntax)) else {
        return Parsed { document: None, module: None, outline: None, kind: file.kind, gaps: Vec::new() };
    };
    let text = if file.path.ends_with(".md") { front_matter(text) } else { text };
    let (document, gaps) = document::parse(file.source, syntax, text);
    let kind = content::kind(file.kind, &document, text);
    let gaps = if !gaps.is_empty() && content::is_template(text) { vec![unrendered(file)] } else { gaps };
    Parsed { document: Some(document), module: None, outline: None, kind, gaps }
}

/// The language of a file that is read for its declarations only.
fn tongue(file: &File) -> Option<Tongue> {
    match file.kind {
        FileKind::UnreadCode(language) => Tongue::of(language),
        _ => None,
    }
}

/// The data at the head of a text in prose, between two lines of dashes.
fn front_matter(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("---\n") else { return "" };
    rest.find("\n---").and_then(|end| text.get(..end + 5)).unwrap_or("")
}

/// What a template will say once it is rendered cannot be known here.
fn unrendered(file: &File) -> Gap {
    let start = Span::new(file.source, 0, 0);
    Gap::at(start, GapKind::Unresolved, "is a template; render it and audit what comes out")
}

/// Lock files in formats of their own are read by whoever needs them, as text.
fn worth_parsing(file: &File, syntax: Syntax) -> bool {
    !(file.kind == FileKind::Text && syntax == Syntax::Dockerfile)
}

fn take(loaded: &mut Loaded, at: usize, parsed: Parsed, modules: &mut Vec<Module>) {
    let file = &mut loaded.files[at];
    file.kind = parsed.kind;
    for mut gap in parsed.gaps {
        gap.path.clone_from(&file.path);
        gap.blocks &= file.kind.matters() && file.role.lives();
        loaded.gaps.push(gap);
    }
    if let Some(document) = parsed.document {
        file.document = Some(loaded.documents.len());
        loaded.documents.push(document);
    }
    modules.extend(parsed.module);
    loaded.outlines.extend(parsed.outline);
}

/// A server in a language that we do not read must not look like no server at all.
fn unread_code(loaded: &mut Loaded) {
    let mut told: BTreeMap<&'static str, Gap> = BTreeMap::new();
    for file in &loaded.files {
        let FileKind::UnreadCode(language) = file.kind else { continue };
        let speaks = file.role.lives() && content::speaks_mcp(loaded.sources.get(file.source).text());
        let reason = match tongue(file) {
            Some(_) => {
                format!("is {language} source, of which only the declarations of tools are read, not what they do")
            }
            None => format!("is {language} source, which is not read yet"),
        };
        let gap = Gap::of_path(&file.path, GapKind::Unsupported, reason);
        let gap = if speaks { gap } else { gap.reported() };
        let entry = told.entry(language).or_insert_with(|| gap.clone());
        if gap.blocks && !entry.blocks {
            *entry = gap;
        }
    }
    loaded.gaps.extend(told.into_values());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::discover_text;

    #[test]
    fn what_does_not_parse_blocks_only_where_a_verdict_looks() {
        for (path, text, expected) in [
            ("compose.yaml", "a: [", Some((GapKind::Unparsed, true))),
            ("any.yaml", "a: [", Some((GapKind::Unparsed, false))),
            (
                "t/deployment.yaml",
                "{{- if .x }}\napiVersion: v1\nkind: Pod\n{{- end }}\n",
                Some((GapKind::Unresolved, true)),
            ),
            ("Main.java", "import io.modelcontextprotocol.server.*;", Some((GapKind::Unsupported, true))),
            ("Main.java", "class Main {}", Some((GapKind::Unsupported, false))),
            ("a.yaml", "a: 1", None),
        ] {
            let loaded = load(discover_text(path, text.to_string()));
            let found = loaded.gaps.first().map(|gap| (gap.kind, gap.blocks));
            assert_eq!(found, expected, "{path} {:?}", loaded.gaps);
            assert!(loaded.gaps.iter().all(|gap| gap.path == path));
        }
    }
}
