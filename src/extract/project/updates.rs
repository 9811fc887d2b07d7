//! Configurations of tools that propose updates of dependencies: which package managers and folders each looks at.

use crate::discover::kind::name_of;
use crate::discover::{FileKind, pattern};
use crate::document::{self, Node, Syntax};
use crate::load::{File, Loaded};
use crate::model::known::Known;
use crate::source::Span;

/// One configuration, or one entry of one that names package managers one by one.
#[derive(Clone, Debug)]
pub struct Updates {
    path: String,
    place: Span,
    /// Ecosystem that it looks at; absent where it looks at all.
    ecosystem: Option<&'static str>,
    /// Folders that it looks at, as patterns; empty for all.
    folders: Vec<String>,
}

/// Names of package managers, by ecosystem, as Dependabot and Renovate have them.
const MANAGERS: &[(&str, &[&str])] = &[
    ("npm", &["npm", "bun", "yarn", "pnpm", "nvm"]),
    ("pypi", &["pip", "uv", "poetry", "pipenv", "pip_requirements", "pep621", "pip-compile", "pip_setup", "setup-cfg"]),
    ("crates", &["cargo"]),
    ("go", &["gomod"]),
];

/// Every configuration that a tool reads where it stands.
pub fn read(loaded: &Loaded) -> Vec<Updates> {
    let mut found = Vec::new();
    for file in loaded.files.iter().filter(|file| file.role.lives()) {
        let parsed = loaded.document(file).and_then(|document| document.root());
        match file.kind {
            FileKind::UpdateConfig if name_of(&file.path).starts_with("dependabot") => {
                let is_read = pattern::ends_with(".github/dependabot.*", &file.path);
                parsed.filter(|_| is_read).into_iter().for_each(|root| dependabot(file, root, &mut found));
            }
            FileKind::UpdateConfig => match parsed {
                Some(root) => renovate(file, root, &mut found),
                // Names without an ending are not taken for data by the walk.
                None => {
                    let text = loaded.sources.get(file.source).text();
                    let (document, _) = document::parse(file.source, Syntax::Json, text);
                    document.root().into_iter().for_each(|root| renovate(file, root, &mut found));
                }
            },
            FileKind::PackageManifest if name_of(&file.path) == "package.json" => {
                let inside = parsed.and_then(|root| root.get("renovate"));
                inside.into_iter().for_each(|root| renovate(file, root, &mut found));
            }
            _ => {}
        }
    }
    found
}

/// The configuration that looks at a manifest.
pub fn of(all: &[Updates], ecosystem: &str, manifest: &str) -> Known<String> {
    let folder = manifest.rsplit_once('/').map_or("", |(folder, _)| folder);
    let looks = |one: &&Updates| {
        let there = |wanted: &String| wanted == folder || is_under(wanted, folder);
        one.ecosystem.is_none_or(|own| own == ecosystem) && (one.folders.is_empty() || one.folders.iter().any(there))
    };
    all.iter().find(looks).map_or(Known::Absent, |one| Known::is(one.path.clone(), one.place))
}

/// A pattern of folders: `**` for all below, `*` for one level.
fn is_under(wanted: &str, folder: &str) -> bool {
    let Some(at) = wanted.find('*') else { return false };
    let start = wanted.get(..at).unwrap_or_default();
    let rest = folder.strip_prefix(start).or_else(|| (start.trim_end_matches('/') == folder).then_some(""));
    rest.is_some_and(|rest| wanted.contains("**") || !rest.contains('/'))
}

fn dependabot(file: &File, root: Node<'_>, found: &mut Vec<Updates>) {
    for entry in root.get("updates").into_iter().flat_map(Node::items).take(1_000) {
        let Some(manager) = entry.get("package-ecosystem") else { continue };
        // Without open requests nothing is proposed.
        if entry.get("open-pull-requests-limit").and_then(Node::scalar).as_deref() == Some("0") {
            continue;
        }
        let known = MANAGERS.iter().find(|(_, names)| names.contains(&manager.as_str().unwrap_or_default()));
        let listed = entry.get("directories").into_iter().flat_map(Node::items).chain(entry.get("directory"));
        let folders = listed.filter_map(Node::scalar).map(|folder| folder.trim_matches('/').to_string()).collect();
        if let Some((ecosystem, _)) = known {
            let (path, place) = (file.path.clone(), manager.span());
            found.push(Updates { path, place, ecosystem: Some(ecosystem), folders });
        }
    }
}

fn renovate(file: &File, root: Node<'_>, found: &mut Vec<Updates>) {
    if root.get("enabled").and_then(Node::as_bool) == Some(false) {
        return;
    }
    let one = |ecosystem| Updates {
        path: file.path.clone(),
        place: Span::new(file.source, 0, 0),
        ecosystem,
        folders: Vec::new(),
    };
    let Some(managers) = root.get("enabledManagers").filter(|list| list.is_list()) else {
        return found.push(one(None));
    };
    let named: Vec<&str> = managers.items().filter_map(Node::as_str).collect();
    let known = MANAGERS.iter().filter(|(_, names)| names.iter().any(|name| named.contains(name)));
    found.extend(known.map(|(ecosystem, _)| one(Some(*ecosystem))));
}
