//! Server definitions: what client and host configurations launch, reach and approve.

use crate::model::known::{Known, Spanned};
use crate::subject;

subject! {
    /// One entry of a client, host or gateway configuration.
    pub struct Definition {
        /// Hosts that read this file: `claude-code`, `vscode`, `cursor`, …
        pub hosts: Vec<String>,
        /// Transport: `stdio`, `http`, `sse`, `websocket`.
        pub transport: Known<String>,
        /// The command as written, first word.
        pub command: Known<String>,
        /// The arguments as written.
        pub arguments: Vec<Spanned<String>>,
        /// URL of a remote server.
        pub url: Known<String>,
        /// What really starts the server once wrappers are taken off: `npx`, `uvx`, `docker`, `python`, `node`, a path.
        pub runner: Known<String>,
        /// Package that is launched, without version.
        pub package: Known<String>,
        /// Exact version, digest or commit of that package; absent where it floats.
        pub version: Known<String>,
        /// Version as written, exact or not.
        pub requested_version: Known<String>,
        /// Packages on the way that float: proxies in between, additional requirements.
        pub floating: Vec<Spanned<String>>,
        /// Whether the entry is switched off.
        pub disabled: bool,
        /// Tools that the entry enables; absent where it enables all.
        pub enabled_tools: Known<Vec<Spanned<String>>>,
        /// Whether every host that reads the entry lets it name the tools it enables.
        pub can_name_tools: bool,
        /// Tools that the entry switches off.
        pub disabled_tools: Vec<Spanned<String>>,
        /// Tools that run without a person's approval; `*` for all.
        pub auto_approved: Vec<Spanned<String>>,
        /// Flags that choose another package registry or index.
        pub registry_overrides: Vec<Spanned<String>>,
        /// Shell command that downloads and runs what it downloaded.
        pub download_and_run: Known<String>,
        /// Whether something confines the process: `container`, `bubblewrap`, `vscode-sandbox`, …
        pub confinement: Known<String>,
        /// Whether the file belongs to a project (committed), not to one user's home.
        pub project_scope: bool,
        /// Whether the project's list of approved servers names it, at its version; absent where there is no list.
        pub approved: Known<bool>,
        ..
        /// Words of the whole command line, wrappers included.
        pub command_line: Vec<Spanned<String>>,
        /// Words after the runner's own flags: what is launched, unwrapped.
        pub inner: Vec<Spanned<String>>,
    }
}

subject! {
    /// A value that configuration or a manifest hands to a process or a request.
    pub struct Setting {
        /// Where it is handed over: `environment`, `header`, `argument`, `url`, `build-argument`, `image-environment`.
        pub channel: String,
        /// Kind of file: `client-config`, `compose`, `dockerfile`, `kubernetes`, `unit`, `registry`, `bundle`.
        pub file_kind: String,
        /// The value as written.
        pub value: Known<String>,
        /// Whether the value is a reference that the reader of this file expands.
        pub reference: bool,
        /// Placeholder syntax in the value that the reader of this file does not expand.
        pub unexpanded: Known<String>,
        /// Hosts that read this file and leave a placeholder of the value as it is.
        pub left_by: Vec<String>,
        /// Why it is taken for a secret: `shape`, `name`, `entropy`, or `sample` for the place of one; absent where it is not.
        pub secret: Known<String>,
        /// Whether it changes how programs are loaded or trusted (`LD_PRELOAD`, `NODE_OPTIONS`, …).
        pub dangerous: bool,
        /// How the reader of the file asks a person for it: `hidden` as a password is, or `shown`; absent where nobody is asked.
        pub asked: Known<String>,
        /// Whether git tracks the environment file it stands in; absent for other files, unknown outside a checkout.
        pub tracked: Known<bool>,
    }
}

subject! {
    /// A host-wide switch that decides what is approved, enabled or confined.
    pub struct HostSetting {
        /// Host that reads it.
        pub host: String,
        /// Key as written, dotted.
        pub key: String,
        /// Value as written.
        pub value: Known<String>,
        /// What it does: `blanket-approval`, `restricts`, `weakens`, `gates-nothing` (a hook that cannot stop a call),
        /// `authenticates` or `admits-anybody` (routes of gateways), `other`.
        pub effect: String,
    }
}

subject! {
    /// What a file says of how access is authorised: metadata that a server publishes, or what a client asks for.
    pub struct Authorization {
        /// `protected-resource`, `authorization-server` or `client`.
        pub kind: String,
        /// Scopes that a resource lists, or that a client asks for.
        pub scopes: Vec<Spanned<String>>,
        /// Whether a client names no scopes, and so asks for all that the server lists.
        pub asks_for_all: bool,
        /// Whether an authorisation server says that it checks PKCE with SHA-256; absent for the others.
        pub pkce: Known<bool>,
        /// Addresses of the authorisation that are not encrypted on the way.
        pub plain_addresses: Vec<Spanned<String>>,
    }
}
