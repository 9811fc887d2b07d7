//! How the SDKs open transports, bind addresses, and decide who is let in.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::extract::tools::sdk::Slot;

/// Where an SDK's own source decides about a matter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decides {
    /// As in `behaviours`.
    pub matter: String,
    /// The class.
    pub class: String,
    /// Parameter of its constructor.
    #[serde(default)]
    pub parameter: Option<String>,
}

/// A method that starts a server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Its name.
    pub name: String,
    /// Transport, where it is always the same.
    #[serde(default)]
    pub transport: Option<String>,
    /// Slot with the transport.
    #[serde(default)]
    pub transport_slot: Vec<Slot>,
    /// Transport where the slot is not set.
    #[serde(default)]
    pub default_transport: Option<String>,
    /// Names of transports in that SDK, and what they are.
    #[serde(default)]
    pub transports: BTreeMap<String, String>,
    /// Slot with the address.
    #[serde(default)]
    pub host: Vec<Slot>,
    /// Address where it is not set.
    #[serde(default)]
    pub default_host: Option<String>,
    /// Variable of the environment that sets the address where the call is told none.
    #[serde(default)]
    pub host_variable: Option<String>,
    /// Whether it only makes an application, which something else serves on an address of its own.
    #[serde(default)]
    pub is_app: bool,
    /// Slot with the port.
    #[serde(default)]
    pub port: Vec<Slot>,
    /// Port where it is not set.
    #[serde(default)]
    pub default_port: Option<i64>,
    /// What of it decides about Host and Origin.
    #[serde(default)]
    pub host_check: Switch,
    /// What of it decides about authentication.
    #[serde(default)]
    pub authentication: Switch,
}

/// A function or class that opens a transport.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerKind {
    /// Full names.
    pub origins: Vec<String>,
    /// `stdio`, `http`, `sse`, `websocket`.
    pub transport: String,
    /// Matter of `behaviours` that tells what it does about Host and Origin by itself.
    #[serde(default = "host_check_matter")]
    pub matter: String,
    /// What of it decides about Host and Origin.
    #[serde(default)]
    pub host_check: Switch,
}

/// The matter of Host and Origin, where a table does not name another.
pub fn host_check_matter() -> String {
    "host-check".to_string()
}

/// Arguments that switch something on or off.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Set, and neither false nor empty: on.
    #[serde(default)]
    pub on: Vec<Slot>,
    /// One of these must be set as well.
    #[serde(default)]
    pub needs: Vec<Slot>,
    /// What holds the options, shown where they leave it at the default.
    #[serde(default)]
    pub options: Vec<Slot>,
    /// True: off.
    #[serde(default)]
    pub off_by_true: Vec<Slot>,
    /// False: off.
    #[serde(default)]
    pub off_by_false: Vec<Slot>,
    /// Members that are set, and methods that are called, somewhere in the same file: on.
    #[serde(default)]
    pub names_on: Vec<String>,
    /// As before: off.
    #[serde(default)]
    pub names_off: Vec<String>,
}

/// A function or method that binds an address for a web transport.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bind {
    /// Full names of functions.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Name of a method of something opaque.
    #[serde(default)]
    pub method: Option<String>,
    /// Slot with the address.
    pub host: Vec<Slot>,
    /// Address where it is not set.
    pub default_host: String,
    /// Slot with the port.
    pub port: Vec<Slot>,
    /// Port where it is not set.
    #[serde(default)]
    pub default_port: Option<i64>,
    /// Whether address and port stand in one text: `:8080`, `0.0.0.0:8080`.
    #[serde(default)]
    pub joined: bool,
    /// Whether nothing is bound where the address is not set.
    #[serde(default)]
    pub unless_set: bool,
}
