//! Documents and code to facts, one file per concern.

pub mod addressed;
pub mod boundary;
pub mod builds;
pub mod command;
pub mod confinement;
pub mod containers;
pub mod credentials;
pub mod definitions;
pub mod devcontainer;
pub mod documented;
pub mod dumps;
pub mod effects;
pub mod environment;
pub mod environments;
pub mod errors;
pub mod handovers;
pub mod kubernetes;
pub mod launch;
pub mod offered;
pub mod parameters;
pub mod project;
pub mod requests;
pub mod results;
pub mod schema;
pub mod secrets;
pub mod servers;
pub mod settings;
pub mod shell;
pub mod texts;
pub mod tools;
pub mod units;
pub mod usages;
pub mod versions;
pub mod web;

use crate::load::Loaded;
use crate::model::Facts;

/// Everything the tree says. What could not be known is among the gaps.
pub fn extract(loaded: &Loaded) -> Facts {
    let mut facts = Facts { gaps: loaded.gaps.clone(), ..Facts::default() };
    boundary::extract(loaded, &mut facts);
    containers::extract(loaded, &mut facts);
    kubernetes::extract(loaded, &mut facts);
    units::extract(loaded, &mut facts);
    devcontainer::extract(loaded, &mut facts);
    environment::extract(loaded, &mut facts);
    project::extract(loaded, &mut facts);
    secrets::extract(loaded, &mut facts);
    kubernetes::secret::extract(loaded, &mut facts);
    tools::extract(loaded, &tools::sdk::Sdks::load(), &mut facts);
    effects::extract(loaded, &mut facts);
    handovers::settle(&mut facts);
    errors::extract(loaded, &tools::sdk::Sdks::load(), &mut facts);
    results(loaded, &mut facts);
    definitions::extract(loaded, &mut facts);
    documented::extract(loaded, &mut facts);
    dumps::extract(loaded, &mut facts);
    builds::by_statement(loaded, &mut facts);
    servers::tie(loaded, &mut facts);
    builds::by_name(loaded, &mut facts);
    addressed::extract(loaded, &mut facts);
    environments::extract(loaded, &mut facts);
    confinement::extract(&mut facts);
    parameters::extract(&mut facts);
    texts::extract(loaded, &mut facts);
    offered::extract(loaded, &mut facts);
    facts
}

/// What comes out of tools, and what becomes of credentials: neither asks for the other.
fn results(loaded: &Loaded, facts: &mut Facts) {
    let of_results = || results::found(loaded, &tools::sdk::Sdks::load(), facts);
    let (credentials, results) = rayon::join(|| credentials::found(loaded, facts), of_results);
    facts.usages.extend(credentials);
    for (usages, handovers) in results {
        facts.usages.extend(usages);
        facts.handovers.extend(handovers);
    }
}
