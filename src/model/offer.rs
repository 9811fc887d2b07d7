//! Prompts and resources: what a server offers to clients beside its tools.

use crate::model::effect::Effect;
use crate::model::known::{Known, Spanned};
use crate::model::subject::About;
use crate::model::tool::{Handler, Schema};

/// What is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OfferKind {
    /// A prompt: `prompts/get`.
    Prompt,
    /// A resource or a template of resources: `resources/read`.
    Resource,
    /// Tools whose names are only known at run time: `tools/call`.
    Tool,
}

/// How the function that answers is given what a client sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Given {
    /// As the request, or each argument by its name.
    #[default]
    Request,
    /// All arguments as one object.
    Arguments,
    /// The URI, then what its template takes out of it.
    Template,
}

/// A prompt or resource with the function that answers for it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its name is that of the prompt, or the URI or template of the resource.
    pub about: About,
    /// What it is.
    pub kind: OfferKind,
    /// Whether one function answers for all of its kind; then the name is that of the request.
    pub is_any: bool,
    /// What the server lists of its kind, where one function answers for all of them.
    pub listed: Vec<Spanned<String>>,
    /// Whether that is all that it lists.
    pub is_listed_whole: bool,
    /// How its function is called.
    pub given: Given,
    /// Declared arguments, as JSON Schema.
    pub input: Known<Schema>,
    /// What the SDK makes of the parameters of a template: `decoded`, `segment`, `held`; absent where nothing is known.
    pub parameters: Known<String>,
    /// The function.
    pub handler: Option<Handler>,
    /// What the function does to the world.
    pub effects: Vec<Effect>,
    /// Whether everything that it does was followed; unknown, with the reason, where it was not.
    pub followed: Known<bool>,
}

impl Offer {
    /// As a message names it, after what belongs to it: ` of the resource `notes://{name}``.
    pub fn told(&self) -> String {
        let name = &self.about.name;
        match (self.is_any, self.kind) {
            (true, _) => format!(" of the request `{name}`"),
            (false, OfferKind::Prompt) => format!(" of the prompt `{name}`"),
            (false, OfferKind::Resource) => format!(" of the resource `{name}`"),
            (false, OfferKind::Tool) => format!(" of the tool `{name}`"),
        }
    }
}
