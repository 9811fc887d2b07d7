//! Parameters of a handler that are the SDK's own: a context, a session, a server, an injected dependency.

use std::collections::BTreeSet;

use crate::code::{Language, Name, Parameter, ParameterKind, Place, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::scope::{Bound, Step};
use crate::flow::{Flow, FunctionRef, Meaning};
use crate::taint::entry::{BAGS, Entry};

/// Members that contexts of SDKs have.
const MEMBERS: &[&str] = &[
    "log",
    "session",
    "sessionId",
    "signal",
    "sendNotification",
    "sendRequest",
    "requestId",
    "requestInfo",
    "authInfo",
    "reportProgress",
    "streamContent",
    "mcpReq",
];

impl Entry {
    /// Whether what is done with a further parameter is what is done with a context, whatever it is called.
    pub(super) fn is_used_as_context(&self, flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter) -> bool {
        let own = |one: &&Parameter| one.kind != ParameterKind::Receiver;
        let mut parameters = flow.function(handler).parameters.iter().filter(own);
        let is_first = parameters.next().is_some_and(|first| std::ptr::eq(first, parameter));
        let is_bag = parameter.name().is_some_and(|name| BAGS.contains(&name.as_str()));
        if is_first || is_bag || flow.module(handler).language != Language::TypeScript {
            return false;
        }
        let used = match &parameter.place {
            Place::Fields(fields, _) => fields.iter().map(|field| field.name.clone()).collect(),
            Place::Name(name, _) => members_of(flow, handler, name),
            _ => return false,
        };
        used.iter().any(|name| MEMBERS.contains(&name.as_str()))
            && !used.iter().any(|name| self.arguments.contains_key(name))
    }
}

/// Members of a name that a function reads or takes apart.
fn members_of(flow: &Flow<'_>, function: FunctionRef, name: &Name) -> BTreeSet<Name> {
    let of = |id| flow.kind(value_in(function.module, id));
    let is_it = |id| matches!(of(id), ValueKind::Name(own) if own == name);
    let scopes = flow.scopes(function.module);
    let bindings = scopes.bindings.get(function.id.index()).into_iter().flat_map(|all| all.values().flatten());
    let taken_apart = bindings.filter_map(|binding| match (&binding.bound, &binding.path[..]) {
        (Bound::Value(value), [Step::Field(member, _), ..]) if is_it(*value) => Some(member.clone()),
        _ => None,
    });
    let values = &flow.program.module(function.module).values;
    let read = values.iter().zip(&scopes.owner).filter_map(|(value, owner)| match &value.kind {
        ValueKind::Field { base, name: member } if *owner == function.id && is_it(*base) => Some(member.clone()),
        _ => None,
    });
    taken_apart.chain(read).collect()
}

/// Whether a parameter is the SDK's own: a context, a session, a server, an injected dependency.
pub(super) fn is_context(flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter) -> bool {
    let Some(annotation) = parameter.annotation else {
        return parameter
            .name()
            .is_some_and(|name| matches!(name.as_str(), "ctx" | "context" | "extra" | "_extra" | "_"));
    };
    let declared = flow.annotated(crate::flow::In { module: handler.module, id: annotation });
    if stands_beside_arguments(flow, handler, parameter) {
        return true;
    }
    let name = match declared {
        Some(Meaning::Outside(name)) => name,
        Some(Meaning::Class(class)) if flow.module(handler).language == Language::Rust => {
            return is_service(flow, handler, class);
        }
        _ => return false,
    };
    let last = name.rsplit(['.', ':', '#']).next().unwrap_or(&name);
    // In Go only what is made for requests holds one: a writer, a client, a logger do not.
    let is_go = flow.module(handler).language == Language::Go;
    if is_go
        && name.contains('.')
        && !["CallTool", "Request", "Param", "Argument", "Input", "RawMessage"].iter().any(|word| last.contains(word))
    {
        return true;
    }
    matches!(
        last,
        "Peer"
            | "Extensions"
            | "ToolCallContext"
            | "McpServer"
            | "Context"
            | "ServerSession"
            | "RequestContext"
            | "RequestHandlerExtra"
            | "ServerContext"
    )
}

/// Whether a parameter is called what contexts are, behind another that takes the arguments: `(params, context: Own)`.
fn stands_beside_arguments(flow: &Flow<'_>, handler: FunctionRef, parameter: &Parameter) -> bool {
    let is_script = flow.module(handler).language == Language::TypeScript;
    let first = flow.function(handler).parameters.iter().find(|one| one.kind != ParameterKind::Receiver);
    let is_first = first.is_none_or(|first| first.span == parameter.span);
    let named = parameter.name().is_some_and(|name| matches!(name.as_str(), "ctx" | "context" | "extra"));
    is_script && named && !is_first
}

/// Whether a parameter of a method of a type that is a tool is what it works with: of any other type than its own.
fn is_service(flow: &Flow<'_>, handler: FunctionRef, class: crate::flow::ClassRef) -> bool {
    let Some(own) = flow.function(handler).class.map(|id| crate::flow::In { module: handler.module, id }) else {
        return false;
    };
    let is_tool = |one: &crate::flow::ClassRef| {
        flow.class(*one).decorators.iter().any(|decorator| {
            let text = flow.sources.slice(flow.span(crate::flow::In { module: one.module, id: *decorator }));
            text.contains("mcp_tool")
        })
    };
    flow.parts(own).iter().any(is_tool) && !flow.parts(own).contains(&class)
}
