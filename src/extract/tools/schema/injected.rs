//! Parameters that a caller does not give: an SDK or a decorator fills them in.

use std::collections::BTreeSet;

use crate::code::{FunctionId, Name, Parameter, ParameterKind, ValueId, ValueKind};
use crate::extract::tools::schema::python::last;
use crate::flow::meaning::Meaning;
use crate::flow::{Flow, FunctionRef, In, ValueRef};

/// Types of parameters that the SDK fills in, not the caller.
const INJECTED: &[&str] = &["Context", "Request", "ServerSession", "RequestContext"];
/// What a default or an annotation calls that is filled in at each call.
const INJECTING: &[&str] = &["Depends", "CurrentContext", "Resolve", "CurrentFastMCP", "CurrentRequest", "Elicit"];
/// Deepest nesting of functions in a decorator.
const MAX_DEPTH: u32 = 8;

/// Whether the SDK gives a parameter its value.
pub fn by_sdk(flow: &Flow, function: FunctionRef, parameter: &Parameter) -> bool {
    let of = |id| In { module: function.module, id };
    let is_injecting = |value: ValueRef| match flow.asking(|| flow.meaning(value, &None)).0 {
        Meaning::Made(made) => matches!(&made.callee, Meaning::Outside(name) if INJECTING.contains(&last(name))),
        _ => false,
    };
    if parameter.default.is_some_and(|default| is_injecting(of(default))) {
        return true;
    }
    let Some(annotation) = parameter.annotation.map(of) else { return false };
    if let ValueKind::Generic { arguments, .. } = flow.kind(annotation)
        && arguments.iter().any(|argument| is_injecting(of(*argument)))
    {
        return true;
    }
    if let ValueKind::Text(text) = flow.kind(annotation) {
        let plain = text.split(['|', '[', ',', ']']).map(str::trim);
        return plain.filter(|name| *name != "None").any(|name| INJECTED.contains(&last(name)));
    }
    match flow.annotated(annotation) {
        Some(Meaning::Outside(name)) => name.contains('.') && INJECTED.contains(&last(&name)),
        Some(Meaning::Class(class)) => flow.outside_bases(class).iter().any(|name| last(name) == "Context"),
        _ => false,
    }
}

/// Parameters that decorators of the tree give a function, where they say themselves that what they make has others:
/// `wrapper.__signature__ = …` beside `func(service, *args, **kwargs)`.
pub fn by_decorators(flow: &Flow, function: FunctionRef) -> BTreeSet<Name> {
    let own = flow.function(function);
    let parameters: Vec<&Name> = own
        .parameters
        .iter()
        .filter(|parameter| parameter.kind != ParameterKind::Receiver)
        .filter_map(Parameter::name)
        .collect();
    let mut hidden = BTreeSet::new();
    for id in &own.decorators {
        let Some(decorator) = decorating(flow, In { module: function.module, id: *id }) else { continue };
        if !flow.sources.slice(flow.function(decorator).span).contains(".__signature__") {
            continue;
        }
        for call in calls_of_subject(flow, decorator) {
            hidden.extend(given(flow, call).into_iter().filter_map(|given| match given {
                Given::First(count) => parameters.get(count).map(|name| (*name).clone()),
                Given::Named(name) => Some(name),
            }));
        }
    }
    hidden
}

/// The function of the tree that a decorator is, or that makes it.
fn decorating(flow: &Flow, decorator: ValueRef) -> Option<FunctionRef> {
    let named = match flow.kind(decorator) {
        ValueKind::Call(call) => In { module: decorator.module, id: call.callee },
        _ => decorator,
    };
    match flow.asking(|| flow.meaning(named, &None)).0 {
        Meaning::Function(function, ..) => Some(function),
        _ => None,
    }
}

/// What a call gives before it hands everything else on.
enum Given {
    /// By position.
    First(usize),
    /// By name.
    Named(Name),
}

fn given(flow: &Flow, call: ValueRef) -> Vec<Given> {
    let ValueKind::Call(code) = flow.kind(call) else { return Vec::new() };
    let is_spread = |id: ValueId| matches!(flow.kind(In { module: call.module, id }), ValueKind::Spread(_));
    if !code.arguments.iter().any(|argument| is_spread(argument.value)) {
        return Vec::new();
    }
    let plain = code.arguments.iter().take_while(|argument| !is_spread(argument.value) && argument.name.is_none());
    let first = (0..plain.count()).map(Given::First);
    let named = code.arguments.iter().filter(|argument| !is_spread(argument.value));
    first.chain(named.filter_map(|argument| argument.name.clone().map(Given::Named))).collect()
}

/// Calls, inside a decorator, of the function that it decorates.
fn calls_of_subject(flow: &Flow, decorator: FunctionRef) -> Vec<ValueRef> {
    let module = flow.program.module(decorator.module);
    let is_inside = |id: FunctionId| {
        let mut at = Some(id);
        (0..MAX_DEPTH).any(|_| {
            let here = at;
            at = here.and_then(|id| flow.function(In { module: decorator.module, id }).parent);
            here == Some(decorator.id)
        })
    };
    let scopes = flow.scopes(decorator.module);
    let subjects = |owner: FunctionId| {
        let mut names = BTreeSet::new();
        let mut at = Some(owner);
        for _ in 0..MAX_DEPTH {
            let Some(id) = at else { break };
            let code = flow.function(In { module: decorator.module, id });
            let first = code.parameters.first().filter(|first| first.kind != ParameterKind::Rest);
            names.extend(first.and_then(Parameter::name));
            at = code.parent.filter(|_| id != decorator.id);
        }
        names
    };
    let calls = module.values.iter().zip(&scopes.owner).enumerate().filter_map(|(at, (value, owner))| {
        let ValueKind::Call(code) = &value.kind else { return None };
        let callee = In { module: decorator.module, id: code.callee };
        let ValueKind::Name(name) = flow.kind(callee) else { return None };
        let is_subject = is_inside(*owner) && subjects(*owner).contains(name);
        is_subject.then_some(In { module: decorator.module, id: ValueId(at as u32) })
    });
    calls.collect()
}
