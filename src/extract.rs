//! Documents and code to facts, one file per concern.

pub mod boundary;
pub mod command;
pub mod containers;
pub mod definitions;
pub mod dumps;
pub mod launch;
pub mod project;
pub mod schema;
pub mod secrets;
pub mod servers;
pub mod shell;
pub mod tools;

use crate::load::Loaded;
use crate::model::Facts;

/// Everything the tree says. What could not be known is among the gaps.
pub fn extract(loaded: &Loaded) -> Facts {
    let mut facts = Facts { gaps: loaded.gaps.clone(), ..Facts::default() };
    tools::extract(loaded, &tools::sdk::Sdks::load(), &mut facts);
    definitions::extract(loaded, &mut facts);
    dumps::extract(loaded, &mut facts);
    servers::tie(loaded, &mut facts);
    facts
}
