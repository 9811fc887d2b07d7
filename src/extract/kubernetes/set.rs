//! Sets of objects: what is applied together, and what each set can look up.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::kustomize::Rendered;
use super::object::Object;
use crate::discover::FileKind;
use crate::load::Loaded;
use crate::model::known::Known;

/// Objects that one set may hold.
const MOST: usize = 6_000;
/// Comparisons of objects that one set may cost.
const WORK: usize = 3_000_000;

/// Objects that are applied together.
pub struct Set<'a> {
    /// Objects that the set is judged for.
    pub own: Vec<Object<'a>>,
    /// Objects of other sets that are applied as well: those that no environment has for itself.
    pub shared: Vec<Object<'a>>,
    /// Whether it holds more than is looked at.
    pub is_cut: bool,
    by_kind: BTreeMap<String, Vec<usize>>,
    left: Cell<usize>,
}

impl<'a> Set<'a> {
    /// Of these objects.
    pub fn new(mut own: Vec<Object<'a>>, mut shared: Vec<Object<'a>>) -> Self {
        let is_cut = own.len() > MOST || shared.len() > MOST;
        own.truncate(MOST);
        shared.truncate(MOST);
        let mut by_kind: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, object) in own.iter().chain(&shared).enumerate() {
            by_kind.entry(object.kind.clone()).or_default().push(at);
        }
        Self { own, shared, is_cut, by_kind, left: Cell::new(WORK) }
    }

    /// Every object of a kind, those of the set first.
    pub fn of<'s>(&'s self, kind: &str) -> impl Iterator<Item = &'s Object<'a>> + use<'s, 'a> {
        let places = self.by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        let places = if self.spend(places.len()) { places } else { &[] };
        places.iter().filter_map(|at| self.own.get(*at).or_else(|| self.shared.get(at.checked_sub(self.own.len())?)))
    }

    /// Takes so many comparisons from what the set may cost; false where there are none left.
    pub fn spend(&self, count: usize) -> bool {
        self.left.set(self.left.get().saturating_sub(count));
        self.left.get() > 0
    }

    /// The object of a kind by name, in the namespace of another object.
    pub fn find<'s>(&'s self, kind: &str, name: &str, beside: &Object<'_>) -> Option<&'s Object<'a>> {
        let beside = beside.namespace.clone();
        let called = |object: &&Object<'_>| object.name.value().is_some_and(|own| own == name);
        self.of(kind).find(|object| called(object) && same_namespace(&object.namespace, &beside) == Some(true))
    }
}

/// Whether two objects stand in one namespace; nothing where it cannot be known.
pub fn same_namespace(one: &Known<String>, other: &Known<String>) -> Option<bool> {
    match (one, other) {
        (Known::Is(one), Known::Is(other)) => Some(one.value == other.value),
        (Known::Absent, Known::Absent) => Some(true),
        // Where only one of two names it, the other takes what whoever applies it says.
        (Known::Unknown(one), Known::Unknown(other)) => (one.reason == other.reason).then_some(true),
        (_, _) => None,
    }
}

/// Plain manifests, one set for the tree and one for each environment that has files of its own.
pub fn plain<'a>(loaded: &'a Loaded, taken: &BTreeSet<String>) -> Vec<Set<'a>> {
    let mut objects = Vec::new();
    for (file, document) in loaded.documents_of(FileKind::Kubernetes).filter(|(file, _)| file.role.is_own()) {
        if taken.contains(&file.path) {
            continue;
        }
        let environment = environment_of(&file.path);
        for mut object in Object::read_all(document.roots(), &file.path) {
            object.environment.clone_from(&environment);
            objects.push(object);
        }
    }
    by_environment(objects)
}

/// What a kustomization or a chart applies.
pub fn rendered(rendered: &Rendered) -> Set<'_> {
    let mut own = Object::read_all(rendered.document.roots(), &rendered.layer);
    for object in &mut own {
        object.environment.clone_from(&rendered.environment);
        if let (Known::Absent, Some(namespace)) = (&object.namespace, &rendered.namespace) {
            object.namespace = Known::is(namespace.clone(), object.root.span());
        }
    }
    Set::new(own, Vec::new())
}

fn by_environment(objects: Vec<Object<'_>>) -> Vec<Set<'_>> {
    let environments: BTreeSet<Option<String>> = objects.iter().map(|object| object.environment.clone()).collect();
    let of = |environment: &Option<String>| -> Vec<Object<'_>> {
        objects.iter().filter(|object| object.environment == *environment).cloned().collect()
    };
    let sets = environments
        .iter()
        .map(|environment| Set::new(of(environment), if environment.is_some() { of(&None) } else { Vec::new() }));
    sets.collect()
}

/// The environment that a path speaks for, by a folder or a part of the file's name.
pub fn environment_of(path: &str) -> Option<String> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or(name);
    let words = folders.split('/').rev().chain(name.split('.').skip(1)).chain(stem.split(['-', '_']));
    words.map(str::to_ascii_lowercase).find_map(|word| environment_named(&word)).map(str::to_string)
}

/// The environment that a word names.
pub fn environment_named(word: &str) -> Option<&'static str> {
    Some(match word {
        "prod" | "production" | "live" | "prd" => "production",
        "stage" | "staging" | "stg" | "preprod" | "uat" => "staging",
        "test" | "testing" | "qa" | "ci" | "e2e" => "test",
        "dev" | "development" | "local" | "sandbox" => "development",
        _ => return None,
    })
}
