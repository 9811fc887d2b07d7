//! Requests for prompts and resources: the address and the parameters that a client chooses.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::{Name, Parameter, ParameterKind, Place};
use crate::flow::{Flow, FunctionRef};
use crate::model::offer::Given;
use crate::source::Span;
use crate::taint::entry::Entry;
use crate::taint::headers::Role;
use crate::taint::{Begin, Proofs, Shade};

/// Name of a resource's address.
pub(crate) const URI: &str = "uri";
/// Members of a parsed address that do not begin as the address does.
const PIECES: &[&str] = &["pathname", "path", "host", "hostname", "search", "searchParams", "hash", "query", "netloc"];

/// What a client asks for that is no tool.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// How the function of a prompt or resource is called; absent where a tool is called.
    pub given: Option<Given>,
    /// Whether one function answers for all prompts or resources, so that the client names any.
    pub is_any: bool,
    /// Whether the address is one that the program wrote.
    pub is_fixed: bool,
    /// How every address begins that the client may send.
    pub begin: Option<Name>,
}

impl Entry {
    /// The parameters of a function that is given an address and what its template took out, or all arguments as one.
    pub(super) fn offered(&self, flow: &Flow<'_>, handler: FunctionRef) -> Vec<Shade> {
        let is_template = self.asked.given == Some(Given::Template);
        let arguments = |parameter: &Parameter| {
            let bag = self.bag(parameter.span, false);
            if self.arguments.is_empty() { Shade::default() } else { bag }
        };
        let mut position = 0;
        let shade = |parameter: &Parameter| {
            if parameter.kind == ParameterKind::Receiver {
                return Shade::default();
            }
            position += 1;
            match position {
                1 if is_template && self.asked.is_fixed => Shade::default(),
                1 if is_template => self.uri(place(parameter)),
                1 => arguments(parameter),
                2 if is_template && !self.asked.is_fixed => arguments(parameter),
                _ => Shade::of_role(Role::Request),
            }
        };
        flow.function(handler).parameters.iter().map(shade).collect()
    }

    /// The address that a client sends: it begins as the template does.
    pub(super) fn uri(&self, span: Span) -> Shade {
        let chosen = Shade::argument(&Name::new(URI), span, Proofs::NONE);
        let Some(begin) = &self.asked.begin else { return chosen };
        let parts: BTreeMap<Name, Shade> = PIECES.iter().map(|piece| (Name::new(piece), chosen.clone())).collect();
        Shade { begin: Begin::Text(begin.clone()), parts: Rc::new(parts), ..chosen }
    }

    /// What stands beside the arguments in the request for a prompt or resource: the name or address that is asked for.
    pub(super) fn asked_by(&self, parts: &BTreeMap<Name, Shade>, name: &str) -> Vec<(Name, Shade)> {
        let mut beside = Vec::new();
        let spelled = |wire: &str, go: &str| Name::new(if name == "Name" { go } else { wire });
        if self.asked.given.is_some() {
            beside.extend(parts.get(URI).map(|uri| (spelled(URI, "URI"), uri.clone())));
        }
        if self.asked.is_any {
            beside.extend(parts.get("name").map(|asked| (spelled("name", "Name"), asked.clone())));
        }
        beside
    }
}

fn place(parameter: &Parameter) -> Span {
    match &parameter.place {
        Place::Name(_, span) => *span,
        _ => parameter.span,
    }
}
