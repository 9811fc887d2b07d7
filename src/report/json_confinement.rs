//! The effective confinement of a server, as JSON.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{ServerId, confinement};
use crate::report::json_types::Location;
use crate::report::{Report, convert};

/// One aspect of what confines a server, over every way that the tree starts it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Aspect {
    /// `boundary`, `user`, `root-file-system`, `capabilities`, `escalation`, `system-calls`, `namespaces`, `mounts`, `limits`, `secrets`, `egress`, `ingress`.
    pub aspect: String,
    /// That of the weakest deployment.
    #[schemars(extend("enum" = ["violated", "absent", "unknown", "proven"]))]
    pub state: String,
    /// What decides, as a clause.
    pub says: String,
    /// Whether layers or deployments say different things.
    pub conflict: bool,
    /// What each layer says, the deciding one first.
    pub layers: Vec<Layer>,
}

/// What one layer of one deployment says of an aspect.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Name of the deployment.
    pub deployment: String,
    /// Kind of file: `dockerfile`, `compose`, `kubernetes`, `docker-run`, `client-config`, …
    pub kind: String,
    /// As a clause.
    pub says: String,
    /// Whether it decides.
    pub decides: bool,
    /// Where.
    pub location: Location,
}

/// The aspects of a server.
pub fn aspects(report: &Report, server: ServerId) -> Vec<Aspect> {
    let mine = report.facts.confinements.iter().filter(|one| one.about.server == Some(server));
    mine.flat_map(|one| &one.aspects).map(|one| aspect(report, one)).collect()
}

fn aspect(report: &Report, aspect: &confinement::Aspect) -> Aspect {
    let layer = |layer: &confinement::Layer| Layer {
        deployment: layer.deployment.clone(),
        kind: layer.kind.clone(),
        says: layer.says.clone(),
        decides: layer.decides,
        location: convert::location(report, layer.span),
    };
    Aspect {
        aspect: aspect.id.to_owned(),
        state: aspect.state.id().to_owned(),
        says: aspect.says.clone(),
        conflict: aspect.conflict,
        layers: aspect.layers.iter().map(layer).collect(),
    }
}
