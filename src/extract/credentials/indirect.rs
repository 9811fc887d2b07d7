//! Credentials that are read without the environment standing beside their names: through a function of the tree, through
//! another name of the environment, and as fields of a class of settings.

use crate::code::{Class, ClassField, ClassId, MapKey, Name, ValueId, ValueKind};
use crate::extract::credentials::presence;
use crate::extract::requests::{is_credential_name, is_environment, reads_environment, written};
use crate::extract::usages::values;
use crate::flow::meaning::{class_in, value_in};
use crate::flow::scope::{Bound, Step};
use crate::flow::{Flow, FunctionRef, Meaning, ModuleId, ValueRef};

/// Most functions that hand the name of a variable on.
const MAX_DEPTH: u32 = 3;
/// Most calls of a function that are asked whether they give it the environment.
const MAX_CALLS: usize = 50;

/// `const { API_KEY } = process.env`: each credential among the names.
pub(super) fn taken_apart(flow: &Flow, module: ModuleId) -> Vec<(Name, ValueRef)> {
    let names = flow.scopes(module).bindings.iter().flat_map(|names| names.values().flatten());
    let of_one = |binding: &crate::flow::scope::Binding| match (&binding.bound, &*binding.path) {
        (Bound::Value(value), [Step::Field(name, _)]) if is_credential_name(name) => {
            let at = value_in(module, *value);
            is_whole(flow, at).then(|| (name.clone(), at))
        }
        _ => None,
    };
    names.filter_map(of_one).collect()
}

/// `env.API_KEY`, `conf.get("API_KEY")`, where the name before it holds the environment.
pub(super) fn by_alias(flow: &Flow, module: ModuleId) -> Vec<(Name, ValueRef)> {
    let named = |at: ValueRef| {
        let (base, name) = match flow.kind(at) {
            ValueKind::Field { base, name } => (*base, name.clone()),
            ValueKind::Index { base, key } => (*base, literal(flow, value_in(at.module, *key))?),
            ValueKind::Call(call) => match flow.kind(value_in(at.module, call.callee)) {
                ValueKind::Field { base, name } if name == "get" => {
                    (*base, literal(flow, value_in(at.module, call.arguments.first()?.value))?)
                }
                _ => return None,
            },
            _ => return None,
        };
        let base = value_in(at.module, base);
        (is_credential_name(&name) && (is_alias(flow, base) || is_copy(flow, base))).then_some((name, at))
    };
    values(flow, module).filter_map(named).collect()
}

/// A text that is written there.
fn literal(flow: &Flow, at: ValueRef) -> Option<Name> {
    match flow.kind(at) {
        ValueKind::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// Whether a value is the whole environment, or a name that holds it.
pub(super) fn is_whole(flow: &Flow, at: ValueRef) -> bool {
    is_environment(flow, at) || is_alias(flow, at) || is_copy(flow, at)
}

/// `{...process.env, MORE: …}`, `dict(os.environ)`, `os.environ.copy()`, `Object.assign({}, process.env)`.
fn is_copy(flow: &Flow, at: ValueRef) -> bool {
    let is_it = |value| is_environment(flow, value_in(at.module, value));
    match flow.kind(at) {
        ValueKind::Map(entries) => {
            entries.iter().any(|entry| matches!(entry.key, MapKey::Spread) && is_it(entry.value))
        }
        ValueKind::Call(call) => match flow.kind(value_in(at.module, call.callee)) {
            ValueKind::Name(name) if name == "dict" => call.arguments.iter().any(|one| is_it(one.value)),
            ValueKind::Field { base, name } => match name.as_str() {
                "copy" if call.arguments.is_empty() => is_it(*base),
                "assign" | "copy" | "deepcopy" => call.arguments.iter().any(|one| is_it(one.value)),
                _ => false,
            },
            _ => false,
        },
        _ => false,
    }
}

/// What names the variable where a value reads one.
pub(super) fn key_of(flow: &Flow, at: ValueRef) -> Option<ValueId> {
    match flow.kind(at) {
        ValueKind::Index { base, key } if is_environment(flow, value_in(at.module, *base)) => Some(*key),
        ValueKind::Call(call) if reads_environment(flow, value_in(at.module, call.callee)) => {
            call.arguments.first().map(|argument| argument.value)
        }
        _ => None,
    }
}

/// Whether a call gives a function of the tree the whole environment for one of its parameters.
fn is_given(flow: &Flow, function: FunctionRef, position: usize) -> bool {
    flow.calls_of(function).iter().take(MAX_CALLS).any(|at| match flow.kind(*at) {
        ValueKind::Call(call) => call.arguments.get(position).is_some_and(|given| {
            let given = value_in(at.module, given.value);
            is_environment(flow, given) || is_copy(flow, given)
        }),
        _ => false,
    })
}

/// Whether a name holds the whole environment.
fn is_alias(flow: &Flow, at: ValueRef) -> bool {
    let ValueKind::Name(name) = flow.kind(at) else { return false };
    let Some((function, bindings)) = flow.bindings_around(at, name) else { return false };
    let parameters = &flow.function(function).parameters;
    bindings.iter().any(|binding| match (&binding.bound, &*binding.path) {
        (Bound::Value(value), []) => {
            let value = value_in(at.module, *value);
            is_environment(flow, value) || is_copy(flow, value)
        }
        (Bound::Value(value), [Step::Field(part, _)]) => {
            part == "env" && flow.sources.slice(flow.span(value_in(at.module, *value))) == "process"
        }
        (Bound::Parameter(position), []) => parameters.get(*position).is_some_and(|parameter| {
            parameter.default.is_some_and(|default| is_environment(flow, value_in(at.module, default)))
                || is_given(flow, function, *position)
        }),
        (Bound::Import(_), []) => match flow.asking_within(100, || flow.meaning(at, &None)).0 {
            Meaning::Outside(name) => crate::taint::names::dotted(&name) == "os.environ",
            _ => false,
        },
        _ => false,
    })
}

/// `need("API_KEY")`, where `need` reads the variable that it is given.
pub(super) fn by_function(flow: &Flow, module: ModuleId) -> Vec<(Name, ValueRef)> {
    let mut found = Vec::new();
    let mut tested = None;
    for at in values(flow, module) {
        let Some((function, position)) = key_of(flow, at).and_then(|key| parameter_of(flow, value_in(module, key)))
        else {
            continue;
        };
        if !tested.get_or_insert_with(|| presence::only_tested(flow, module)).contains(&at.id) {
            told(flow, function, position, MAX_DEPTH, &mut found);
        }
    }
    found
}

/// The parameter of the function around that a value is.
fn parameter_of(flow: &Flow, at: ValueRef) -> Option<(FunctionRef, usize)> {
    let ValueKind::Name(name) = flow.kind(at) else { return None };
    let function = flow.owner(at);
    match flow.scopes(at.module).bindings[function.id.index()].get(name).map(Vec::as_slice) {
        Some([binding]) if binding.path.is_empty() => match binding.bound {
            Bound::Parameter(position) => Some((function, position)),
            _ => None,
        },
        _ => None,
    }
}

/// The calls that tell a function which variable it reads, by a parameter.
fn told(flow: &Flow, function: FunctionRef, position: usize, depth: u32, into: &mut Vec<(Name, ValueRef)>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let parameters = &flow.function(function).parameters;
    let name = parameters.get(position).and_then(|parameter| parameter.name());
    let is_self = |parameter: &crate::code::Parameter| {
        parameter.name().is_some_and(|name| matches!(name.as_str(), "self" | "cls"))
    };
    let position = position - usize::from(position > 0 && parameters.first().is_some_and(is_self));
    for call in flow.calls_of(function) {
        let ValueKind::Call(code) = flow.kind(*call) else { continue };
        let by_name = code.arguments.iter().find(|argument| argument.name.is_some() && argument.name.as_ref() == name);
        let by_position = || code.arguments.iter().filter(|argument| argument.name.is_none()).nth(position);
        let Some(given) = by_name.or_else(by_position) else { continue };
        let given = value_in(call.module, given.value);
        match parameter_of(flow, given) {
            Some((next, position)) => told(flow, next, position, depth, into),
            None => into.extend(written(flow, given).filter(|name| is_credential_name(name)).map(|name| (name, *call))),
        }
    }
}

/// Fields of `BaseSettings`, which making an object reads: each credential among them, where an object is made.
pub(super) fn of_settings(flow: &Flow, module: ModuleId) -> Vec<(Name, ValueRef)> {
    let mut found = Vec::new();
    for (at, class) in flow.program.module(module).classes.iter().enumerate() {
        let prefix = prefix(flow, module, class);
        let variable = |field: &ClassField| {
            let own = || Name::new(format!("{prefix}{}", field.name).to_ascii_uppercase());
            field.value.and_then(|value| alias(flow, value_in(module, value))).unwrap_or_else(own)
        };
        let named: Vec<Name> = class.fields.iter().map(variable).filter(|name| is_credential_name(name)).collect();
        let own = class_in(module, ClassId(at as u32));
        let is_settings =
            |name: &Name| matches!(name.as_str(), "pydantic_settings.BaseSettings" | "pydantic.BaseSettings");
        if !named.is_empty() && flow.outside_bases(own).iter().any(is_settings) {
            let places = flow.made_at(own);
            found.extend(named.iter().flat_map(|name| places.iter().map(move |place| (name.clone(), *place))));
        }
    }
    found
}

/// `Field(validation_alias="ORDERS_TOKEN")`, `Field(alias=AliasChoices("ORDERS_TOKEN", …))`.
fn alias(flow: &Flow, at: ValueRef) -> Option<Name> {
    let ValueKind::Call(call) = flow.kind(at) else { return None };
    let is_alias = |name: &Name| matches!(name.as_str(), "validation_alias" | "alias" | "env");
    let named = call.arguments.iter().find(|one| one.name.as_ref().is_some_and(is_alias))?;
    let given = value_in(at.module, named.value);
    match flow.kind(given) {
        ValueKind::Call(choices) => literal(flow, value_in(at.module, choices.arguments.first()?.value)),
        _ => literal(flow, given),
    }
}

/// `model_config = SettingsConfigDict(env_prefix="ORDERS_")`.
fn prefix(flow: &Flow, module: ModuleId, class: &Class) -> Name {
    let config = class.fields.iter().find(|field| field.name == "model_config").and_then(|field| field.value);
    let told = config.and_then(|config| match flow.kind(value_in(module, config)) {
        ValueKind::Call(call) => {
            let named = call.arguments.iter().find(|one| one.name.as_ref().is_some_and(|name| name == "env_prefix"));
            named.and_then(|argument| literal(flow, value_in(module, argument.value)))
        }
        _ => None,
    });
    told.unwrap_or_default()
}
