//! What confines a server's process.

use crate::model::known::{Known, Spanned};
use crate::source::Span;
use crate::subject;

subject! {
    /// A container that runs a server, as one manifest or command line states it.
    pub struct Container {
        /// Kind of file: `dockerfile`, `compose`, `docker-run`, `kubernetes`, `unit`, `devcontainer`.
        pub source_kind: String,
        /// Image reference, as resolved.
        pub image: Known<String>,
        /// User it runs as, `name` or `uid[:gid]`; the image's where the manifest is silent and the image is built here.
        pub user: Known<String>,
        /// Whether that user is root: also when nothing sets it.
        pub runs_as_root: Known<bool>,
        /// Whether the root file system is read-only.
        pub read_only: Known<bool>,
        /// Capabilities dropped, upper case, without `CAP_`.
        pub cap_drop: Vec<Spanned<String>>,
        /// Capabilities added, upper case, without `CAP_`.
        pub cap_add: Vec<Spanned<String>>,
        /// Whether processes can gain privileges (`no-new-privileges` not set, `allowPrivilegeEscalation` not false).
        pub privilege_escalation: Known<bool>,
        /// System-call filter: `default`, `unconfined`, `runtime-default`, or a profile's path.
        pub syscall_filter: Known<String>,
        /// Protections of the kernel that are switched off for it, as clauses: AppArmor, SELinux, masked paths.
        pub protections_off: Vec<Spanned<String>>,
        /// Files that are fetched into the image from an address without a checksum or commit.
        pub unchecked_downloads: Vec<Spanned<String>>,
        /// Whether it runs privileged.
        pub privileged: Known<bool>,
        /// Host namespaces it shares: `network`, `pid`, `ipc`, `uts`, `user`, `cgroup`.
        pub host_namespaces: Vec<Spanned<String>>,
        /// Host devices.
        pub devices: Vec<Spanned<String>>,
        /// Memory limit as written.
        pub memory_limit: Known<String>,
        /// CPU limit as written.
        pub cpu_limit: Known<String>,
        /// Process limit as written.
        pub process_limit: Known<String>,
        /// Runtime with stronger isolation, where one is named.
        pub runtime: Known<String>,
        /// Networks it is attached to: `none`, or names.
        pub networks: Vec<Spanned<String>>,
        /// Whether it can reach beyond its own networks: `denied`, `open`, `named`.
        pub egress: Known<String>,
        /// What it can still reach where egress is closed by default, in words.
        pub egress_to: Vec<Spanned<String>>,
        /// Files that hold secrets and are copied into the image.
        pub copied_secrets: Vec<Spanned<String>>,
        /// Build commands that download something and run it unseen.
        pub download_and_run: Vec<Spanned<String>>,
        /// Whether it is a deployment statement (compose, Kubernetes, run command) rather than only an image recipe.
        pub deployment: bool,
        ..
        /// Options as written that nothing above says.
        pub options: Vec<Spanned<String>>,
        /// Words of the command that it runs, entry point first.
        pub command: Vec<Spanned<String>>,
        /// Secrets mounted from a store of the runtime.
        pub secrets: Vec<Spanned<String>>,
        /// Other names that it goes by: its workload's, its labels', its services'.
        pub names: Vec<String>,
        /// Place of the pod that it is part of.
        pub pod: Option<Span>,
        /// Path of the Dockerfile that builds its image, where it is in the tree.
        pub built_from: Option<String>,
        /// Files that state it, in the order that they are laid over each other, where they are several.
        pub files: Vec<String>,
        /// What layers below the deciding one say: an image's user, a base that an override changes.
        pub earlier: Vec<Statement>,
    }
}

/// What one layer says about one field of a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// The field.
    pub field: &'static str,
    /// Kind of file, as [`Container::source_kind`].
    pub layer: String,
    /// As a clause: `read_only true`, `USER app`.
    pub says: String,
    /// Where.
    pub span: Span,
}

impl Container {
    /// Remembers what a layer below the deciding one says.
    pub fn note(&mut self, field: &'static str, layer: &str, says: impl Into<String>, span: Span) {
        let statement = Statement { field, layer: layer.into(), says: says.into(), span };
        if !self.earlier.contains(&statement) {
            self.earlier.push(statement);
        }
    }
}

subject! {
    /// A mount of a container.
    pub struct Mount {
        /// Host path, volume name, or absent for an anonymous volume or tmpfs.
        pub from: Known<String>,
        /// Path in the container.
        pub to: Known<String>,
        /// `bind`, `volume`, `tmpfs`, `secret`, `config`, `other`.
        pub mount_kind: String,
        /// Whether the process can write to it.
        pub writable: Known<bool>,
        /// Whether programs can be executed from it.
        pub executable: Known<bool>,
        /// Whether it is a container engine's control socket.
        pub engine_socket: bool,
        /// Why it is broad: root, home, system or whole-repository path; absent where it is not.
        pub broad: Known<String>,
        /// Mount propagation as written.
        pub propagation: Known<String>,
    }
}

subject! {
    /// A port that a container publishes.
    pub struct Port {
        /// Address it is published on; absent means all interfaces.
        pub host_address: Known<String>,
        /// Published port as written.
        pub published: Known<String>,
        /// Port in the container.
        pub target: Known<String>,
        /// Whether it is reachable from other machines by what the manifest says.
        pub all_interfaces: Known<bool>,
    }
}

subject! {
    /// A container image that is run or built upon.
    pub struct Image {
        /// Reference as resolved.
        pub reference: Known<String>,
        /// Tag; absent where there is none.
        pub tag: Known<String>,
        /// Digest; absent where there is none.
        pub digest: Known<String>,
        /// `run` for an image that is started, `base` for a `FROM`.
        pub role: String,
        /// Whether it is built from a Dockerfile of this tree.
        pub built_here: bool,
    }
}
