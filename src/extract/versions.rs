//! Which version of a package the code under a folder uses: locked, pinned, or what its requirement leaves open.

use crate::extract::project::python_name;
use crate::flow::link::folder;
use crate::load::{File, Loaded};
use crate::model::Facts;
use crate::model::known::Known;
use crate::model::version::{Range, Version};
use crate::source::Span;

/// A package that code uses.
#[derive(Clone, Debug)]
pub struct Used {
    /// Version, or requirement as written.
    pub text: String,
    /// Where that stands.
    pub span: Span,
    /// What it comes to; nothing where the requirement names no version.
    pub range: Option<Range>,
    ecosystem: String,
    package: String,
    folder: String,
    /// Locked before pinned before ranges, what runs before what only develops.
    rank: (bool, bool, bool),
}

/// A package that the tree itself is.
#[derive(Clone, Debug)]
pub struct Own {
    /// As [`crate::model::project::Package::ecosystem`].
    pub ecosystem: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub range: Range,
    /// Folder of its manifest; empty for the root.
    pub folder: String,
}

/// Everything that manifests and lock files say about versions.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    used: Vec<Used>,
    /// Packages that the tree itself is.
    pub own: Vec<Own>,
}

impl Versions {
    /// Reads dependencies and packages, and the metadata of unpacked wheels.
    pub fn new(loaded: &Loaded, facts: &Facts) -> Self {
        let mut all = Versions::default();
        for dependency in facts.dependencies.iter().filter(|dependency| dependency.origin == "registry") {
            let (text, span, is_locked) = match (&dependency.locked, &dependency.requirement) {
                (Known::Is(locked), _) => (locked.value.clone(), locked.span, true),
                (_, Known::Is(requirement)) => (requirement.value.clone(), requirement.span, false),
                _ => continue,
            };
            let rank = (is_locked, dependency.exact, !dependency.development);
            let at = folder(loaded.sources.path(dependency.about.span.source)).to_string();
            all.add(&dependency.ecosystem, &dependency.about.name, (text, span), at, rank);
        }
        for package in &facts.packages {
            let Some(version) = package.version.value().and_then(|version| Version::read(version)) else { continue };
            all.own.push(Own {
                ecosystem: package.ecosystem.clone(),
                name: plain(&package.ecosystem, &package.about.name),
                range: Range::exact(version),
                folder: folder(loaded.sources.path(package.about.span.source)).to_string(),
            });
        }
        let is_metadata = |file: &&File| is_metadata(&file.path);
        loaded.files.iter().filter(is_metadata).for_each(|file| all.metadata(loaded, file));
        all
    }

    fn add(
        &mut self,
        ecosystem: &str,
        package: &str,
        (text, span): (String, Span),
        folder: String,
        rank: (bool, bool, bool),
    ) {
        let range = match rank.0 {
            true => Version::read(&text).map(Range::exact),
            false => Range::read(ecosystem, &text),
        };
        let package = plain(ecosystem, package);
        self.used.push(Used { text, span, range, ecosystem: ecosystem.into(), package, folder, rank });
    }

    /// `Name`, `Version` and `Requires-Dist` of a wheel or source distribution.
    fn metadata(&mut self, loaded: &Loaded, file: &File) {
        let text = loaded.sources.get(file.source).text();
        // Packages lie beside the folder of their metadata.
        let home = folder(folder(&file.path)).to_string();
        let home = if file.path.ends_with("PKG-INFO") { folder(&file.path).to_string() } else { home };
        let (mut name, mut version, mut start) = (None, None, 0);
        for line in text.split_inclusive('\n').take_while(|line| !line.trim().is_empty()) {
            let span = Span::new(file.source, start, start + line.trim_end().len());
            start += line.len();
            match line.trim_end().split_once(": ") {
                Some(("Name", value)) => name = Some(value.to_string()),
                Some(("Version", value)) => version = Version::read(value),
                Some(("Requires-Dist", value)) => self.requirement(value, span, &home),
                _ => {}
            }
        }
        if let (Some(name), Some(version)) = (name, version) {
            let name = plain("pypi", &name);
            self.own.push(Own { ecosystem: "pypi".into(), name, range: Range::exact(version), folder: home });
        }
    }

    fn requirement(&mut self, value: &str, span: Span, home: &str) {
        let (requirement, marker) = value.split_once(';').unwrap_or((value, ""));
        let end = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'));
        let (package, rest) = requirement.split_at(end.unwrap_or(requirement.len()));
        let rest = rest.split_once(']').map_or(rest, |(_, rest)| rest).trim().trim_matches(['(', ')']);
        let is_extra = marker.contains("extra");
        let is_exact = rest.starts_with("==") && !rest.contains(['*', ',']);
        self.add("pypi", package, (rest.to_string(), span), home.to_string(), (false, is_exact, !is_extra));
    }

    /// What the nearest manifest above a folder says of a package; of several in one folder, the surest.
    pub fn of(&self, ecosystem: &str, package: &str, root: &str) -> Option<&Used> {
        let package = plain(ecosystem, package);
        let root = if root == "." { "" } else { root };
        let is_it = |used: &&Used| {
            used.ecosystem == ecosystem
                && used.package == package
                && used.range.is_some()
                && is_above(&used.folder, root)
        };
        self.used.iter().filter(is_it).max_by_key(|used| (used.folder.len(), used.rank))
    }
}

/// Whether a folder is `below` or lies above it.
pub fn is_above(above: &str, below: &str) -> bool {
    above.is_empty() || below == above || below.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

fn plain(ecosystem: &str, name: &str) -> String {
    if ecosystem == "pypi" { python_name(name) } else { name.to_string() }
}

fn is_metadata(path: &str) -> bool {
    path.ends_with(".dist-info/METADATA") || path == "PKG-INFO" || path.ends_with("/PKG-INFO")
}

/// The ecosystem whose packages a language uses.
pub fn ecosystem(language: &str) -> &'static str {
    match language {
        "python" => "pypi",
        "typescript" => "npm",
        "rust" => "crates",
        "go" => "go",
        "java" | "kotlin" => "maven",
        "csharp" => "nuget",
        "ruby" => "gems",
        "php" => "composer",
        _ => "",
    }
}
