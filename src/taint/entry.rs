//! How a client's arguments reach a handler.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::{Language, Name, Parameter, ParameterKind, Place};
use crate::flow::{Flow, FunctionRef, In, Meaning};
use crate::model::offer::Given;
use crate::source::Span;
use crate::taint::headers::Role;
use crate::taint::{Begin, Proofs, Shade};

/// Name of a request's arguments where none of them is told apart.
pub(crate) const ALL_ARGUMENTS: &str = "arguments";

/// Name of one argument of a request, met in a loop over all of them.
pub(crate) const ONE_ARGUMENT: &str = "one of the arguments";

/// Names of parameters that hold all arguments at once.
const BAGS: &[&str] = &["arguments", "args", "request", "req", "params", "input", "kwargs"];

/// Fields of what holds a request as a whole.
const MESSAGE: &[&str] = &["params", "arguments", "rawarguments", "args", "input"];

pub mod asked;
mod context;
pub mod schemed;

pub use asked::Asked;
use asked::URI;
use context::is_context;
pub(crate) use schemed::ELEMENT;
pub use schemed::Schemed;

/// What a client can pass.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Name of the tool, for handlers that serve several.
    pub tool: Name,
    /// Arguments with what their schema proves when the handler runs.
    pub arguments: BTreeMap<Name, Schemed>,
    /// What the published schema would prove of them, where nothing held them to it before the handler.
    pub published: BTreeMap<Name, Schemed>,
    /// What else is asked for than a tool.
    pub asked: Asked,
}

impl Entry {
    /// Whether every argument is a number, a truth value or one of a fixed set.
    pub fn is_closed(&self) -> bool {
        let is_closed = |told: &Schemed| told.proofs.any(Proofs::NUMBER | Proofs::CHOICE);
        !self.arguments.is_empty() && self.arguments.values().all(is_closed)
    }

    /// The parameters of a handler when a client calls it.
    pub(crate) fn shades(&self, flow: &Flow<'_>, handler: FunctionRef) -> Vec<Shade> {
        if self.asked.given.is_some_and(|given| given != Given::Request) {
            return self.offered(flow, handler);
        }
        let function = flow.function(handler);
        let plain = |parameter: &&Parameter| parameter.kind != ParameterKind::Receiver;
        let by_name = function.parameters.iter().filter(plain).any(|parameter| {
            parameter.name().is_some_and(|name| self.arguments.contains_key(name)) && !self.arguments.is_empty()
        });
        // `(name, arguments)` is a request, even where one of the arguments is called `name`.
        let is_request = |parameter: &Parameter| {
            parameter.name().is_some_and(|name| BAGS.contains(&name.as_str()) && !self.arguments.contains_key(name))
        };
        let by_name = by_name && !function.parameters.iter().any(is_request);
        let by_name = by_name || (self.arguments.is_empty() && takes_each_by_name(flow, handler));
        let shade = |parameter: &Parameter| self.parameter(flow, handler, parameter, by_name);
        function.parameters.iter().map(shade).collect()
    }

    /// The receiver of a handler: it holds the arguments where it is a type that is a tool and nothing else does.
    pub(crate) fn receiver(&self, flow: &Flow<'_>, handler: FunctionRef, parameters: &[Shade]) -> Shade {
        let function = flow.function(handler);
        let has_receiver = function.parameters.first().is_some_and(|first| first.kind == ParameterKind::Receiver);
        let is_rust = flow.module(handler).language == Language::Rust;
        if !is_rust
            || !has_receiver
            || self.asked.given.is_some()
            || self.arguments.is_empty()
            || parameters.iter().any(Shade::is_tainted)
        {
            return Shade::default();
        }
        self.bag(function.name_span, true)
    }

    fn parameter(&self, flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter, by_name: bool) -> Shade {
        if parameter.kind == ParameterKind::Receiver {
            return Shade::default();
        }
        if is_context(flow, handler, parameter) || self.is_used_as_context(flow, handler, parameter) {
            return Shade::of_role(Role::Request);
        }
        if is_all_given(flow, handler, parameter) {
            return Shade::list(vec![self.bag(parameter.span, true), Shade::of_role(Role::Request)]);
        }
        let name = parameter.name();
        if name.is_some_and(|name| name == "name" || name == "tool_name") && !by_name && !self.asked.is_any {
            return Shade::named(&self.tool);
        }
        match name.and_then(|name| self.arguments.get(name).map(|told| (name, told))) {
            Some((name, _)) if name == URI && self.asked.given.is_some() => self.uri(parameter.span),
            Some((name, told)) => told.shade(name, parameter.span),
            None if by_name && self.arguments.is_empty() => match name {
                Some(name) => Shade::argument(name, parameter.span, proven_by_type(flow, handler, parameter)),
                None => Shade::default(),
            },
            None if by_name => Shade::default(),
            None if self.is_beside_a_bag(flow, handler, parameter) => Shade::default(),
            None if self.is_beside_a_message(flow, handler, parameter) => Shade::default(),
            None if self.is_envelope(flow, handler, parameter) => Shade::envelope(self.bag(parameter.span, false)),
            None => {
                let bag = self.bag(parameter.span, matches!(parameter.place, Place::Name(..) | Place::Fields(..)));
                if self.is_message(flow, handler, parameter) { with_method(bag) } else { bag }
            }
        }
    }

    /// Whether a parameter is the whole message of a call: its method stands beside what it was called with.
    fn is_message(&self, flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter) -> bool {
        let Some(name) = parameter.name() else { return false };
        let text = flow.sources.slice(flow.function(handler).span);
        let is_argument = ["params", "method"].iter().any(|member| self.arguments.contains_key(*member));
        !is_argument && text.contains(&format!("{name}.params"))
    }

    /// Whether another parameter is what holds the arguments by its name: `(action, args, config)`.
    fn is_beside_a_bag(&self, flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter) -> bool {
        let is_bag = |one: &Parameter| one.name().is_some_and(|name| BAGS.contains(&name.as_str()));
        let is_named = matches!(parameter.place, Place::Name(..)) && !is_bag(parameter);
        let is_loose = match flow.module(handler).language {
            Language::TypeScript | Language::Python => true,
            Language::Go => {
                !is_typed_as_request(flow, handler, parameter) && !self.is_bound_to(flow, handler, parameter)
            }
            Language::Rust => false,
        };
        is_loose && is_named && !self.arguments.is_empty() && flow.function(handler).parameters.iter().any(is_bag)
    }

    /// Whether a parameter is an object of the program's own beside what holds the request: `(app: &App, params: Value)`,
    /// `(client *Client, msg *Message)`.
    fn is_beside_a_message(&self, flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter) -> bool {
        let fields = |one: &Parameter| {
            let class = one.annotation.and_then(|id| flow.annotated(In { module: handler.module, id }))?;
            let Meaning::Class(class) = class else { return None };
            Some(flow.class(class).fields.iter().map(|field| field.name.to_lowercase()).collect::<Vec<_>>())
        };
        let is_message = |fields: &[String]| fields.iter().any(|field| MESSAGE.contains(&field.as_str()));
        let Some(own) = fields(parameter) else { return false };
        let is_typed = matches!(flow.module(handler).language, Language::Go | Language::Rust);
        if !is_typed || own.is_empty() || is_message(&own) || self.is_bound_to(flow, handler, parameter) {
            return false;
        }
        let named = |one: &Parameter| one.name().is_some_and(|name| BAGS.contains(&name.as_str()));
        let holds = |one: &Parameter| named(one) || fields(one).is_some_and(|fields| is_message(&fields));
        !named(parameter) && flow.function(handler).parameters.iter().any(holds)
    }

    /// Whether the type of a parameter is what the arguments are read into: `func(ctx, req, in In)`.
    fn is_bound_to(&self, flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter) -> bool {
        let declared = |id| flow.annotated(In { module: handler.module, id });
        let Some(Meaning::Class(class)) = parameter.annotation.and_then(declared) else { return false };
        let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
        let code = flow.class(class);
        let text = flow.sources.slice(code.span);
        let is_held = |name: &Name| {
            let is_field = code.fields.iter().any(|field| plain(&field.name) == plain(name));
            is_field || text.contains(&format!("json:\"{name}\"")) || text.contains(&format!("json:\"{name},"))
        };
        self.arguments.keys().any(is_held)
    }

    /// Whether a parameter is an object of the program's own in Go, none of whose members is an argument.
    fn is_envelope(&self, flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter) -> bool {
        if flow.module(handler).language != Language::Go || self.arguments.is_empty() {
            return false;
        }
        let declared = |id| flow.annotated(In { module: handler.module, id });
        let Some(Meaning::Class(class)) = parameter.annotation.and_then(declared) else { return false };
        let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
        let fields = &flow.class(class).fields;
        let is_argument = |field: &str| self.arguments.keys().any(|name| plain(name) == plain(field));
        !fields.is_empty() && !fields.iter().any(|field| is_argument(&field.name))
    }

    /// All arguments at once, under names that requests use.
    pub(crate) fn bag(&self, span: Span, named: bool) -> Shade {
        let one = |name: &Name, told: &Schemed| match name == URI && self.asked.given.is_some() {
            true => self.uri(span),
            false => told.shade(name, span),
        };
        let arguments = self.arguments.iter().map(|(name, told)| (name.clone(), one(name, told)));
        let mut parts: BTreeMap<Name, Shade> = arguments.collect();
        if self.asked.is_fixed {
            parts.insert(Name::new(URI), Shade::named(&self.tool));
        }
        if named && !parts.contains_key("name") {
            parts.insert(Name::new("name"), Shade::named(&self.tool));
        }
        let whole = Shade::argument(&Name::new(ALL_ARGUMENTS), span, Proofs::NONE);
        let bag = |parts| Shade { parts: Rc::new(parts), is_bag: true, begin: Begin::Argument, ..whole.clone() };
        if !named {
            return bag(parts);
        }
        // In a request the tool's name stands beside the arguments, one of which may be called `name` too.
        let mut request = parts.clone();
        for (envelope, name, arguments) in [("params", "name", "arguments"), ("Params", "Name", "Arguments")] {
            let mut inside: BTreeMap<Name, Shade> =
                [(Name::new(name), Shade::named(&self.tool)), (Name::new(arguments), bag(parts.clone()))].into();
            inside.extend(self.asked_by(&parts, name));
            request.entry(Name::new(envelope)).or_insert_with(|| bag(inside));
        }
        bag(request)
    }
}

/// The method that a message of a call names.
pub(crate) const METHOD: &str = "tools/call";

/// A message with the method that it names.
fn with_method(message: Shade) -> Shade {
    let mut parts = (*message.parts).clone();
    parts.insert(Name::new("method"), Shade::text(&Name::new(METHOD)));
    Shade { parts: Rc::new(parts), ..message }
}

/// `(...all) => inner(...all)`: the object of the arguments, and what stands beside it, one by one.
fn is_all_given(flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter) -> bool {
    let is_first = flow.function(handler).parameters.first().is_some_and(|first| first.span == parameter.span);
    is_first && parameter.kind == ParameterKind::Rest && flow.module(handler).language == Language::TypeScript
}

/// Whether the type of a parameter is called as what holds arguments is.
fn is_typed_as_request(flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter) -> bool {
    let Some(annotation) = parameter.annotation else { return false };
    let text = flow.sources.slice(flow.span(In { module: handler.module, id: annotation }));
    ["CallTool", "Request", "Param", "Arg", "Input"].iter().any(|word| text.contains(word))
}

/// The argument behind a member that is spelled otherwise in the code: `OutputPath` is `output_path`.
pub(crate) fn spelled_otherwise<'s>(bag: &'s Shade, member: &str) -> Option<&'s Shade> {
    let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    let wanted = plain(member);
    bag.parts.iter().find(|(name, _)| plain(name) == wanted).map(|(_, part)| part)
}

/// Whether the parameters of a handler are the arguments themselves, where no schema says so: not a request or a bag.
fn takes_each_by_name(flow: &Flow<'_>, handler: FunctionRef) -> bool {
    let is_bag = |parameter: &Parameter| parameter.name().is_none_or(|name| BAGS.contains(&name.as_str()));
    let module = flow.module(handler);
    module.language == Language::Python && !flow.function(handler).parameters.iter().any(is_bag)
}

/// What a declared type proves of a value.
fn proven_by_type(flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter) -> Proofs {
    let Some(annotation) = parameter.annotation else { return Proofs::NONE };
    match flow.annotated(In { module: handler.module, id: annotation }) {
        Some(Meaning::Outside(name)) if matches!(name.as_str(), "int" | "float" | "bool") => Proofs::NUMBER,
        _ => Proofs::NONE,
    }
}
