//! How the SDKs declare servers and tools: the files under `rules/sdks`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::embedded;
use crate::extract::tools::behaviour::Behaviour;

pub mod transport;

pub use transport::{Bind, Decides, ListenerKind, Run, Switch, host_check_matter};

mod handlers;
mod slot;

pub use handlers::{Handlers, Role};
pub use slot::{Head, Options, Slot, Slots};

/// All SDK tables, by file.
#[derive(Clone, Debug, Default)]
pub struct Sdks {
    /// Sorted by id.
    pub all: Vec<Sdk>,
}

/// One file: a family of packages that declare tools alike.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sdk {
    /// Equals the file name.
    pub id: String,
    /// As [`crate::code::Language::id`].
    pub language: String,
    /// Classes whose objects are servers.
    #[serde(default)]
    pub servers: Vec<ServerKind>,
    /// Classes and functions whose results describe a tool.
    #[serde(default)]
    pub tools: Vec<ToolKind>,
    /// How tools are declared in a language that is read for its declarations only.
    #[serde(default)]
    pub outline: Option<crate::extract::tools::outlined::rules::Rules>,
    /// Functions and classes that open a transport.
    #[serde(default)]
    pub listeners: Vec<ListenerKind>,
    /// Functions and methods that bind an address for web transports.
    #[serde(default)]
    pub binds: Vec<Bind>,
    /// What its packages do by themselves, by version.
    #[serde(default)]
    pub behaviours: Vec<Behaviour>,
    /// Where its own source decides about these matters.
    #[serde(default)]
    pub decides: Vec<Decides>,
    /// Options that cut the list of tools down.
    #[serde(default)]
    pub filters: Vec<Filter>,
}

/// An option that cuts the list of tools down; a behaviour says whether calls are refused by it too.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Package that provides it.
    pub package: String,
    /// Full names of the functions that give it.
    pub calls: Vec<String>,
    /// Matter of the behaviour: `listing` where it cuts listings down alone, `calls` where it refuses calls as well.
    pub matter: String,
    /// Full names of the options beside it that may refuse calls.
    #[serde(default)]
    pub refused_by: Vec<String>,
}

/// A class whose objects are servers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerKind {
    /// Package that provides it.
    pub package: String,
    /// `high-level` or `low-level`.
    pub layer: String,
    /// Further packages that provide it.
    #[serde(default)]
    pub also: Vec<String>,
    /// Full names of the class, or of functions that make one.
    pub origins: Vec<String>,
    /// Full names of functions that make one whose tools come from elsewhere, with the reason.
    #[serde(default)]
    pub open_origins: BTreeMap<String, String>,
    /// Methods that only this class has, for SDKs that are bundled into the server's own file.
    #[serde(default)]
    pub shape: Vec<String>,
    /// Methods of its class in other versions, by which it is told just as well.
    #[serde(default)]
    pub other_shape: Vec<String>,
    /// What the constructor is told.
    #[serde(default)]
    pub slots: Slots,
    /// Constructor slots with a list of tools.
    #[serde(default)]
    pub tool_lists: Vec<Slot>,
    /// Constructor slots with an object of tools, whose keys are their names.
    #[serde(default)]
    pub tool_maps: Vec<Slot>,
    /// Constructor slots with a list of prompts or resources.
    #[serde(default)]
    pub offer_lists: Vec<OfferList>,
    /// Constructor slots that add tools which code does not show, with the reason.
    #[serde(default)]
    pub open_slots: Vec<OpenSlot>,
    /// Slot of a function that is given the server as its first argument.
    #[serde(default)]
    pub callback: Option<Slot>,
    /// Classes whose subclasses are tools of it.
    #[serde(default)]
    pub tool_classes: Vec<String>,
    /// Decorators that make a method a tool of it.
    #[serde(default)]
    pub decorators: Vec<String>,
    /// Files that are tools of it.
    #[serde(default)]
    pub files: Option<Files>,
    /// Where a tool that is declared in one of these ways says what it is.
    #[serde(default)]
    pub tool: Slots,
    /// Whether arguments are validated before the handler.
    #[serde(default)]
    pub validates: Option<bool>,
    /// How much of a schema holds where arguments are validated: `schema` if absent, `keywords`, `types`, `numbers`.
    #[serde(default)]
    pub enforces: Enforces,
    /// Matter of `behaviours` that says in which versions arguments are validated: `always`, `never`.
    #[serde(default)]
    pub validates_matter: Option<String>,
    /// Full names of options of the constructor without which arguments are not validated.
    #[serde(default)]
    pub validates_with: Vec<String>,
    /// Full names of options of the constructor with which unknown keys are rejected.
    #[serde(default)]
    pub rejects_with: Vec<String>,
    /// `rejected`, `dropped`, `passed`, `per-schema`.
    #[serde(default)]
    pub unknown_keys: Option<String>,
    /// Methods that register tools.
    #[serde(default)]
    pub methods: Vec<Method>,
    /// Methods that take the tools of another server in.
    #[serde(default)]
    pub mounts: Vec<Mount>,
    /// Methods that take a tool away again.
    #[serde(default)]
    pub removes: Vec<String>,
    /// Constructor slots with objects whose method of this name gives tools.
    #[serde(default)]
    pub extensions: Vec<Extension>,
    /// Methods that give the server back and register nothing.
    #[serde(default)]
    pub chains: Vec<String>,
    /// Methods that make the inventory open, with the reason.
    #[serde(default)]
    pub opens: BTreeMap<String, String>,
    /// Ways to give the handlers of `tools/list` and `tools/call`.
    #[serde(default)]
    pub handlers: Vec<Handlers>,
    /// Methods that start it.
    #[serde(default)]
    pub runs: Vec<Run>,
    /// Attributes that make the methods of a block tools.
    #[serde(default)]
    pub routers: Option<Routers>,
    /// Constructor slot with the address it binds.
    #[serde(default)]
    pub host: Vec<Slot>,
    /// Constructor slot with the port it binds.
    #[serde(default)]
    pub port: Vec<Slot>,
    /// What of the constructor decides about Host and Origin.
    #[serde(default)]
    pub host_check: Switch,
    /// What of the constructor decides about authentication.
    #[serde(default)]
    pub authentication: Switch,
}

/// A constructor slot that adds tools which code does not show.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenSlot {
    /// The slot.
    pub slot: Slot,
    /// What it adds.
    pub why: String,
}

/// A constructor slot with a list of prompts or resources, each made by a call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferList {
    /// The slot.
    pub list: Slot,
    /// What it lists.
    pub what: What,
    /// How the function of each is called.
    #[serde(default)]
    pub given: GivenAs,
    /// What the call that makes one is told.
    pub slots: Slots,
}

/// A constructor slot with objects whose method gives tools.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// The slot.
    pub slot: Slot,
    /// The method.
    pub method: String,
}

/// Files that are a tool each.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// Folder of the package that holds them.
    pub folder: String,
    /// Export that describes the tool.
    pub about: String,
    /// Export that answers a call.
    pub handler: String,
}

/// A method that registers a tool.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Its name; a full name for a function that takes the server.
    pub name: String,
    /// How it is used.
    pub form: Form,
    /// Where the server stands, for functions.
    #[serde(default)]
    pub server: Option<Slot>,
    /// What it registers.
    #[serde(default)]
    pub what: What,
    /// How a prompt's or resource's function is called.
    #[serde(default)]
    pub given: GivenAs,
    /// What it is told.
    #[serde(default)]
    pub slots: Slots,
    /// Slots that hold a whole tool, or a list of them.
    #[serde(default)]
    pub tools: Vec<Slot>,
    /// Whether every argument is a whole tool.
    #[serde(default)]
    pub variadic: bool,
    /// Overrides the server's.
    #[serde(default)]
    pub validates: Option<bool>,
    /// Overrides the server's.
    #[serde(default)]
    pub unknown_keys: Option<String>,
}

/// How much of a schema an SDK holds arguments to, as [`crate::model::tool::Enforced`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enforces {
    /// Which values are numbers.
    Numbers,
    /// The types of its language.
    Types,
    /// Keywords of JSON Schema.
    Keywords,
    /// All of it.
    #[default]
    Schema,
}

/// What a method registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A tool.
    #[default]
    Tool,
    /// A prompt.
    Prompt,
    /// A resource, or a template of resources.
    Resource,
}

/// How the function of a prompt or resource is called, as [`crate::model::offer::Given`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GivenAs {
    /// With the request, or with each argument by its name.
    #[default]
    Request,
    /// With all arguments as one object.
    Arguments,
    /// With the URI, then with what its template takes out of it.
    Template,
}

/// How a registering method is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Its call decorates the handler, or is itself called with it, or is given it.
    Decorator,
    /// As [`Form::Decorator`], and it decorates without being called, too.
    BareDecorator,
    /// It is called with everything.
    Call,
    /// It is called with a name and then, told apart by what they are: description, schema, annotations, handler.
    ByKind,
    /// Its type argument is the tool: a type whose functions `name` and `description` tell.
    Typed,
}

/// A method that takes the tools of another server in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mount {
    /// Its name.
    pub name: String,
    /// The other server.
    pub child: Vec<Slot>,
    /// What its names are prefixed with.
    #[serde(default)]
    pub prefix: Vec<Slot>,
    /// Between prefix and name.
    #[serde(default)]
    pub separator: String,
}

/// A class or function whose result describes a tool.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolKind {
    /// Full names.
    pub origins: Vec<String>,
    /// Slots with the tool itself, for a pair of tool and handler.
    #[serde(default)]
    pub tool: Vec<Slot>,
    /// Whether the SDK leaves such a tool out of what it lists and calls.
    #[serde(default)]
    pub leaves_out: bool,
    /// What it is told.
    pub slots: Slots,
}

/// Attributes that make the methods of a block tools.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routers {
    /// On the block.
    #[serde(default)]
    pub block: Vec<String>,
    /// On the method; none where every method of the block is a tool.
    #[serde(default)]
    pub method: Vec<String>,
    /// On a method that is a prompt.
    #[serde(default)]
    pub prompt: Vec<String>,
    /// On a type that is a tool itself.
    #[serde(default)]
    pub types: Vec<String>,
    /// Macros that are given a list of such types.
    #[serde(default)]
    pub lists: Vec<String>,
    /// Methods of such types that answer a call; the first that there is counts.
    #[serde(default)]
    pub answers: Vec<String>,
}

impl Sdks {
    /// The built-in tables.
    ///
    /// # Panics
    /// When a built-in table is not valid, which a test rules out.
    pub fn load() -> Self {
        let read = |(path, text): (&str, &str)| {
            read(path, text).unwrap_or_else(|error| unreachable!("built-in {path} is checked by a test: {error}"))
        };
        Sdks { all: embedded::under("sdks/").map(read).collect() }
    }

    /// The tables of a language.
    pub fn of(&self, language: &str) -> impl Iterator<Item = &Sdk> {
        self.all.iter().filter(move |sdk| sdk.language == language)
    }
}

fn read(path: &str, text: &str) -> Result<Sdk, String> {
    let sdk: Sdk = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".yml");
    if sdk.id != name {
        return Err(format!("the id `{}` is not the file's name `{name}`", sdk.id));
    }
    for server in &sdk.servers {
        if !matches!(server.layer.as_str(), "high-level" | "low-level") {
            return Err(format!("`{}` is no layer", server.layer));
        }
        let unknown_keys =
            server.unknown_keys.iter().chain(server.methods.iter().flat_map(|method| &method.unknown_keys));
        for value in unknown_keys {
            if !matches!(value.as_str(), "rejected" | "dropped" | "passed" | "per-schema") {
                return Err(format!("`{value}` is no treatment of unknown keys"));
            }
        }
    }
    Ok(sdk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_table_reads() {
        for (path, text) in embedded::under("sdks/") {
            read(path, text).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
        assert!(embedded::under("sdks/").count() >= 3);
    }
}
