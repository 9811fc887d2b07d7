//! What Kubernetes says of a pod as a whole, and of the ways into it.

use crate::model::known::{Known, Spanned};
use crate::subject;

subject! {
    /// A pod as a workload makes it.
    pub struct Pod {
        /// Kind of workload: `Deployment`, `CronJob`, …
        pub workload: String,
        /// Service account that it names; absent where it takes the namespace's default.
        pub service_account: Known<String>,
        /// Whether a token for the cluster's API is mounted.
        pub token_mounted: Known<bool>,
        /// Other workloads that run under the same account.
        pub shared_with: Vec<Spanned<String>>,
        /// The widest right of its account that no tool should have, in words.
        pub wide_rights: Known<String>,
        /// Pod Security level that is enforced for it: `restricted`, `baseline`, `privileged`, `none`, or `exempt`; absent
        /// where its namespace is not in the tree.
        pub pod_security: Known<String>,
        /// Who can reach it by the network policies: `open`, `named`, `denied`.
        pub ingress: Known<String>,
    }
}

subject! {
    /// A way into a server from outside of its cluster.
    pub struct Entry {
        /// `load-balancer`, `node-port`, `external-ip`, `ingress`, `route`.
        pub entry_kind: String,
        /// Host name that it answers to.
        pub host: Known<String>,
        /// Whether it ends or passes on TLS.
        pub tls: Known<bool>,
        /// What authenticates callers at it, in words.
        pub authentication: Known<String>,
        /// Whether it is open to every network; not where it is internal or names the networks that may come in.
        pub public: Known<bool>,
    }
}
