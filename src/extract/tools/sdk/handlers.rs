//! How the handlers of requests are given to a server.

use serde::Deserialize;

use super::Slot;
use crate::extract::tools::server::canonical;

/// A way to give the handlers of `tools/list` and `tools/call`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handlers {
    /// The method; absent where constructor keywords give them.
    #[serde(default)]
    pub method: Option<String>,
    /// The member that is a table of handlers by request: `server.request_handlers[CallToolRequest] = …`.
    #[serde(default)]
    pub table: Option<String>,
    /// Full names of traits whose implementation has the method.
    #[serde(default)]
    pub traits: Vec<String>,
    /// Which request it handles; absent where `key` tells.
    #[serde(default)]
    pub role: Option<Role>,
    /// Slot whose value tells the request.
    #[serde(default)]
    pub key: Option<Slot>,
    /// Slot of the handler; absent where it is decorated.
    #[serde(default)]
    pub handler: Option<Slot>,
    /// Full names and texts that mean `tools/list`.
    #[serde(default)]
    pub list: Vec<String>,
    /// Full names and texts that mean `tools/call`.
    #[serde(default)]
    pub call: Vec<String>,
    /// Full names and texts that mean `resources/read`.
    #[serde(default)]
    pub read: Vec<String>,
    /// Full names and texts that mean `prompts/get`.
    #[serde(default)]
    pub get: Vec<String>,
    /// Full names and texts that mean `prompts/list`.
    #[serde(default)]
    pub prompts: Vec<String>,
    /// Full names and texts that mean `resources/list` or `resources/templates/list`.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Where the tool's name stands in the parameters of the call handler: `0.params.name`.
    #[serde(default)]
    pub tool_name: Vec<Slot>,
    /// Member of what the list handler returns that holds the tools; absent where it returns them.
    #[serde(default)]
    pub tools: Option<String>,
    /// Overrides the server's.
    #[serde(default)]
    pub validates: Option<bool>,
    /// Slots that switch validation off when they are false.
    #[serde(default)]
    pub off_by_false: Vec<Slot>,
    /// Overrides the server's.
    #[serde(default)]
    pub unknown_keys: Option<String>,
}

impl Handlers {
    /// Whether a slot of the server's constructor gives it.
    pub fn is_of_constructor(&self) -> bool {
        self.method.is_none() && self.table.is_none() && self.traits.is_empty()
    }

    /// Whether a full name means `tools/call`.
    pub fn is_call(&self, name: &str) -> bool {
        let name = canonical(name);
        self.call.iter().any(|one| canonical(one) == name)
    }

    /// Each request with what means it.
    pub fn roles(&self) -> [(Role, &[String]); 6] {
        [
            (Role::List, &self.list),
            (Role::Call, &self.call),
            (Role::Read, &self.read),
            (Role::Get, &self.get),
            (Role::Prompts, &self.prompts),
            (Role::Resources, &self.resources),
        ]
    }
}

/// The request that a handler answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// `tools/list`.
    List,
    /// `tools/call`.
    Call,
    /// `resources/read`.
    Read,
    /// `prompts/get`.
    Get,
    /// `prompts/list`.
    Prompts,
    /// `resources/list` and `resources/templates/list`.
    Resources,
}
