//! Packages that a bundler copied into a file: the table `rules/bundled.yml`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use crate::code::{FunctionId, Language, MapEntry, MapKey, Module, Name, ValueId, ValueKind};
use crate::flow::scope::{Binding, Bound, Scopes};
use crate::flow::{Flow, ModuleId};

/// Least entries of an object that is looked at.
const LEAST_ENTRIES: usize = 8;

/// One package, by what its object of exports holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Package {
    is: String,
    has: Vec<String>,
}

/// Full names of what names of a module's functions hold, where that is a package.
pub type Bundled = HashMap<(FunctionId, Name), Name>;

/// The packages of every module.
#[derive(Debug)]
pub struct Packages(Vec<Package>);

impl Packages {
    /// The built-in table.
    pub fn built_in() -> Self {
        let text = crate::embedded::text("bundled.yml").unwrap_or_default();
        Self(serde_yaml::from_str(text).expect("a test reads the built-in table"))
    }

    /// What a module holds of them.
    pub fn of(&self, module: &Module, scopes: &Scopes) -> Bundled {
        let mut found = Bundled::new();
        if module.language != Language::TypeScript {
            return found;
        }
        for (at, bindings) in scopes.bindings.iter().enumerate() {
            #[expect(clippy::iter_over_hash_type, reason = "each name is looked at by itself")]
            for (name, bindings) in bindings {
                let values = bindings.iter().filter_map(|binding| match binding.bound {
                    Bound::Value(value) if binding.path.is_empty() => Some(value),
                    _ => None,
                });
                if let Some(is) = values.filter_map(|value| entries(module, value)).find_map(|all| self.named(all)) {
                    found.insert((FunctionId(at as u32), name.clone()), is);
                }
            }
        }
        for (holder, keys) in given_members(module, scopes) {
            let is = Some(keys).filter(|keys| keys.len() >= LEAST_ENTRIES).and_then(|keys| self.holding(&keys));
            found.extend(is.map(|is| ((holder.0, holder.1.clone()), is)));
        }
        found
    }

    fn named<'a>(&self, entries: &'a [MapEntry]) -> Option<Name> {
        if entries.len() < LEAST_ENTRIES {
            return None;
        }
        let key = |entry: &'a MapEntry| match &entry.key {
            MapKey::Name(name, _) => Some(name.as_str()),
            _ => None,
        };
        self.holding(&entries.iter().filter_map(key).collect())
    }

    fn holding(&self, keys: &BTreeSet<&str>) -> Option<Name> {
        let package = self.0.iter().find(|package| package.has.iter().all(|name| keys.contains(name.as_str())))?;
        Some(Name::new(&package.is))
    }
}

/// The members that names of a function are given one by one where they are bound: `axios.isAxiosError = isAxiosError`.
fn given_members<'m>(module: &'m Module, scopes: &Scopes) -> BTreeMap<(FunctionId, &'m Name), BTreeSet<&'m str>> {
    let mut found: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for (place, _) in &scopes.member_assignments {
        let ValueKind::Field { base, name } = &module.value(*place).kind else { continue };
        let ValueKind::Name(holder) = &module.value(*base).kind else { continue };
        let owner = scopes.owner[place.index()];
        // A function of the tree that is given members does what it does.
        let is_value = |bindings: &Vec<Binding>| bindings.iter().all(|one| matches!(one.bound, Bound::Value(_)));
        if scopes.bindings[owner.index()].get(holder).is_some_and(is_value) {
            found.entry((owner, holder)).or_default().insert(name.as_str());
        }
    }
    found
}

impl Flow<'_> {
    /// The full name of the package that a name of a function holds, where a bundler copied it.
    pub(super) fn packaged(&self, module: ModuleId, function: FunctionId, name: &Name) -> Option<&Name> {
        let of_module = self.index.bundled.get(module.0 as usize).filter(|found| !found.is_empty())?;
        of_module.get(&(function, name.clone()))
    }
}

/// The entries of an object, also where it is handed through `Object.freeze`.
fn entries(module: &Module, value: ValueId) -> Option<&[MapEntry]> {
    match &module.value(value).kind {
        ValueKind::Map(entries) => Some(entries),
        ValueKind::Call(call) => match &module.value(call.arguments.first()?.value).kind {
            ValueKind::Map(entries) => Some(entries),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_packages_by_enough_of_what_they_hold() {
        let packages = Packages::built_in();
        assert!(packages.0.iter().all(|package| package.has.len() >= LEAST_ENTRIES && package.is.contains('#')));
    }
}
