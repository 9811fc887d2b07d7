//! Facts about the project around a server: credentials lying about, dependencies, workflows.

use crate::model::known::{Known, Spanned};
use crate::subject;

subject! {
    /// Something in a file that looks like a credential. The value itself is never kept whole.
    pub struct Secret {
        /// Which shape matched: an id of `rules/phrases/secret-shapes.yml`, or `assignment`.
        pub shape: String,
        /// First and last characters with the length, safe to print: `ghp_…3f (40)`.
        pub masked: String,
        /// Kind of file: `source`, `configuration`, `manifest`, `environment-file`, `documentation`, `test`, `key-file`, `vendored`.
        pub file_kind: String,
        /// How sure the shape is: `high`, `medium`.
        pub certainty: String,
        /// Whether git tracks the file; unknown outside a checkout.
        pub tracked: Known<bool>,
    }
}

subject! {
    /// A dependency that a package manifest declares.
    pub struct Dependency {
        /// `npm`, `pypi`, `crates`, `go`, `maven`, `nuget`, `gems`, `composer`.
        pub ecosystem: String,
        /// Requirement as written.
        pub requirement: Known<String>,
        /// Version in the lock file.
        pub locked: Known<String>,
        /// Whether the requirement names one exact version or digest.
        pub exact: bool,
        /// `registry`, `git`, `url`, `path`.
        pub origin: String,
        /// For git: a full commit; absent where it floats.
        pub commit: Known<String>,
        /// Whether it is only for development or tests.
        pub development: bool,
    }
}

subject! {
    /// A package manifest.
    pub struct Package {
        /// `npm`, `pypi`, `crates`, `go`, …
        pub ecosystem: String,
        /// Version it declares.
        pub version: Known<String>,
        /// Path of its lock file.
        pub lock_file: Known<String>,
        /// How many declared dependencies were held against that lock file.
        pub lock_compared: i64,
        /// What the manifest declares and that lock file does not hold, or holds for another requirement.
        pub lock_disagreements: Vec<Spanned<String>>,
        /// How many dependencies it declares that need locking.
        pub dependency_count: i64,
        /// Commands it runs when installed.
        pub install_scripts: Vec<Spanned<String>>,
        /// Path of the configuration of a tool that proposes updates of its dependencies.
        pub updates: Known<String>,
    }
}

subject! {
    /// A step of a CI workflow.
    pub struct WorkflowStep {
        /// Action it uses, without reference.
        pub action: Known<String>,
        /// Reference of that action as written.
        pub reference: Known<String>,
        /// Whether that reference is a full commit or digest.
        pub pinned: bool,
        /// Command it runs.
        pub run: Known<String>,
        /// Scripts of package manifests that this command runs.
        pub scripts: Vec<Spanned<String>>,
        /// Whether its failure is ignored.
        pub failure_ignored: bool,
        /// CI system: `github`, `gitlab`, …
        pub system: String,
    }
}

subject! {
    /// A job of a CI workflow.
    pub struct WorkflowJob {
        /// CI system: `github`, …
        pub system: String,
        /// What its token may do: `everything`, `named` rights, `reading`, `nothing`; unknown where settings outside decide.
        pub token_rights: Known<String>,
        /// Code of strangers that it checks out with the rights of the project.
        pub foreign_code: Known<String>,
    }
}
