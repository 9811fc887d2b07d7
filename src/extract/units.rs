//! systemd units to facts: what confines a service that runs without a container, and Quadlet files, which run one.

mod addresses;
mod directives;
mod quadlet;
mod service;
mod specifier;

use std::collections::BTreeMap;

use self::directives::Directives;
use self::specifier::Name;
use crate::discover::FileKind;
use crate::discover::kind::name_of;
use crate::extract::containers::RunContainer;
use crate::load::{File, Loaded};
use crate::model::Facts;

/// Drop-in files that one unit may have.
const DROP_INS: usize = 64;

/// Reads every unit that plays a part in what runs.
pub fn extract(loaded: &Loaded, facts: &mut Facts) {
    let units = loaded.files.iter().filter(|file| file.kind == FileKind::Unit && file.role.is_own());
    for file in units.filter(|file| !file.path.ends_with(".conf")) {
        if let Some(mut run) = unit(loaded, file) {
            // A unit is tied to a server as a pod is.
            run.container.pod = Some(run.container.about.span);
            run.into_facts(facts);
        }
    }
}

fn unit(loaded: &Loaded, file: &File) -> Option<RunContainer> {
    let mut directives = Directives::read(file.source, loaded.sources.get(file.source).text());
    for drop_in in drop_ins(loaded, file) {
        directives.append(Directives::read(drop_in.source, loaded.sources.get(drop_in.source).text()));
    }
    let name = name_of(&file.path).to_string();
    let is_of_user = is_of_user(&file.path);
    directives.specify(Name::new(&name, is_of_user));
    if file.path.ends_with(".container") {
        return quadlet::container(&directives, &name);
    }
    service::container(&directives, &name, is_of_user)
}

fn is_of_user(path: &str) -> bool {
    path.contains("systemd/user/") || path.contains(".config/systemd/")
}

/// The files of the folders that add to a unit, by name, as systemd takes them; of two with one name, the one that is
/// about fewer units counts.
fn drop_ins<'a>(loaded: &'a Loaded, file: &File) -> Vec<&'a File> {
    let folders = folders(name_of(&file.path));
    let above = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_string());
    let home = above(&file.path);
    let mut found: BTreeMap<&str, (usize, &'a File)> = BTreeMap::new();
    let all = loaded.files.iter().filter(|other| other.kind == FileKind::Unit && other.path.ends_with(".conf"));
    for other in all {
        let folder = above(&other.path);
        let Some(closeness) = folders.iter().position(|own| name_of(&folder) == own) else { continue };
        if !is_joined(&home, &above(&folder)) {
            continue;
        }
        let name = name_of(&other.path);
        if found.get(name).is_none_or(|(before, _)| *before <= closeness) {
            found.insert(name, (closeness, other));
        }
    }
    found.into_values().map(|(_, file)| file).take(DROP_INS).collect()
}

/// Folders that add to a unit: those of its type, of names that begin as its own does, of its template, and its own.
fn folders(name: &str) -> Vec<String> {
    let (bare, kind) = name.rsplit_once('.').unwrap_or((name, "service"));
    let mut found = vec![format!("{kind}.d")];
    let dashes = bare.match_indices('-').map(|(at, _)| at + 1);
    found.extend(dashes.filter_map(|end| Some(format!("{}.{kind}.d", bare.get(..end)?))));
    found.extend(bare.split_once('@').map(|(template, _)| format!("{template}@.{kind}.d")));
    found.push(format!("{name}.d"));
    found.dedup();
    found
}

/// Whether one manager reads units from both folders: they are one, or both are folders of its.
fn is_joined(unit: &str, other: &str) -> bool {
    let of = |kind: &str| unit.ends_with(kind) && other.ends_with(kind);
    unit == other || of("systemd/system") || of("systemd/user") || of("containers/systemd")
}

#[cfg(test)]
mod tests;
