//! Dockerfiles to recipes.
use crate::model::known::Known;

/// Stages of a Dockerfile.
#[derive(Clone, Debug, Default)]
pub struct Recipe {
    /// In order.
    pub stages: Vec<Stage>,
}

/// A stage.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    /// Its name after `AS`.
    pub name: Option<String>,
    /// User at its end.
    pub user: Known<String>,
    /// Whether that is root.
    pub runs_as_root: Known<bool>,
}

impl Recipe {
    /// The stage of a name, else the last one.
    pub fn stage(&self, target: Option<&str>) -> Option<&Stage> {
        match target {
            Some(name) => self.stages.iter().find(|stage| stage.name.as_deref() == Some(name)),
            None => self.stages.last(),
        }
    }
}
