//! systemd units to facts: what confines a service that runs without a container, and Quadlet files, which run one.

mod directives;
mod quadlet;
mod service;

use self::directives::Directives;
use crate::discover::FileKind;
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
    let name = file.path.rsplit('/').next().unwrap_or(&file.path).to_string();
    if file.path.ends_with(".container") {
        return quadlet::container(&directives, &name);
    }
    let is_of_user = file.path.contains("systemd/user/") || file.path.contains(".config/systemd/");
    service::container(&directives, &name, is_of_user)
}

/// The files of `<unit>.d/`, by name, as systemd takes them.
fn drop_ins<'a>(loaded: &'a Loaded, file: &'a File) -> impl Iterator<Item = &'a File> {
    let folder = format!("{}.d/", file.path);
    let all = loaded.files.iter().filter(|other| other.kind == FileKind::Unit && other.path.ends_with(".conf"));
    all.filter(move |other| other.path.starts_with(&folder)).take(DROP_INS)
}

#[cfg(test)]
mod tests;
