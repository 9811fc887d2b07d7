//! Credentials that a library reads because it is told the name of a variable: the table `rules/variables.yml`.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::code::{Argument, Call, Language, MapKey, Name, ValueId, ValueKind};
use crate::embedded;
use crate::extract::requests::{is_credential_name, written};
use crate::extract::usages::values;
use crate::flow::meaning::value_in;
use crate::flow::{Flow, ModuleId, ValueRef};
use crate::taint::names::dotted;

/// How libraries read variables.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Variables {
    calls: Vec<Told>,
    methods: BTreeSet<String>,
    members: BTreeSet<String>,
    attributes: BTreeSet<String>,
    tags: Vec<String>,
    /// What is given the whole environment, and something whose keys name the variables.
    pub(super) validators: BTreeSet<String>,
}

/// Functions that are told names of variables.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    calls: BTreeSet<String>,
    slots: Vec<String>,
}

impl Variables {
    /// The built-in table.
    pub(super) fn built_in() -> Self {
        let text = embedded::text("variables.yml").unwrap_or_default();
        serde_yaml::from_str(text).expect("a test reads the built-in table")
    }

    /// Each credential that a function from outside is told to read.
    pub(super) fn by_call(&self, flow: &Flow) -> Vec<(Name, ValueRef)> {
        let mut found = Vec::new();
        for (full, calls) in flow.outside_calls() {
            let name = dotted(full);
            let Some(told) = self.calls.iter().find(|told| told.calls.contains(&name)) else { continue };
            for at in calls {
                let ValueKind::Call(call) = flow.kind(*at) else { continue };
                let given = told.slots.iter().flat_map(|slot| in_slot(call, slot));
                found.extend(
                    given.flat_map(|one| credentials(flow, value_in(at.module, one.value))).map(|it| (it, *at)),
                );
            }
        }
        found
    }

    /// Each credential that a module names in a method, a member or an attribute.
    pub(super) fn by_name(&self, flow: &Flow, module: ModuleId) -> Vec<(Name, ValueRef)> {
        let mut found = Vec::new();
        let language = flow.program.module(module).language;
        for at in values(flow, module) {
            match (language, flow.kind(at)) {
                (Language::TypeScript | Language::Rust, ValueKind::Call(call)) => {
                    if let (ValueKind::Field { name, .. }, [one]) =
                        (flow.kind(value_in(module, call.callee)), &call.arguments[..])
                        && self.methods.contains(name.as_str())
                    {
                        found.extend(credentials(flow, value_in(module, one.value)).map(|name| (name, at)));
                    }
                }
                (Language::Go, ValueKind::Construct { entries, .. }) => {
                    let of_flag = entries.iter().filter(
                        |entry| matches!(&entry.key, MapKey::Name(name, _) if self.members.contains(name.as_str())),
                    );
                    for entry in of_flag {
                        let value = value_in(module, entry.value);
                        found.extend(credentials(flow, value).map(|name| (name, value)));
                    }
                }
                _ => {}
            }
        }
        match language {
            Language::Rust => self.by_attribute(flow, module, &mut found),
            Language::Go => self.by_tag(flow, module, &mut found),
            _ => {}
        }
        found
    }

    /// `` Key string `env:"API_KEY"` ``, which only counts for those who fill the type: it is told where it stands.
    fn by_tag(&self, flow: &Flow, module: ModuleId, into: &mut Vec<(Name, ValueRef)>) {
        for field in flow.program.module(module).classes.iter().flat_map(|class| &class.fields) {
            let (Some(tag), Some(annotation)) = (&field.tag, field.annotation) else { continue };
            let told = self.tags.iter().filter_map(|tag_name| in_tag(&tag.text, tag_name));
            let named = told.filter(|name| is_credential_name(name));
            into.extend(named.map(|name| (Name::new(name), value_in(module, annotation))));
        }
    }

    /// `#[arg(long, env = "API_KEY")] key: String`.
    fn by_attribute(&self, flow: &Flow, module: ModuleId, into: &mut Vec<(Name, ValueRef)>) {
        for field in flow.program.module(module).classes.iter().flat_map(|class| &class.fields) {
            for attribute in &field.decorators {
                let at = value_in(module, *attribute);
                let ValueKind::Call(call) = flow.kind(at) else { continue };
                let callee = flow.sources.slice(flow.span(value_in(module, call.callee)));
                if !self.attributes.contains(callee) {
                    continue;
                }
                let named = call.arguments.iter().find(|one| one.name.as_deref() == Some("env"));
                let alone = call.arguments.iter().any(|one| one.name.is_none() && is_env(flow, module, one.value));
                let own = alone.then(|| Name::new(field.name.to_ascii_uppercase()));
                let told = named.map(|one| credentials(flow, value_in(module, one.value)).collect::<Vec<_>>());
                let own = own.filter(|name| is_credential_name(name));
                into.extend(told.into_iter().flatten().chain(own).map(|name| (name, at)));
            }
        }
    }
}

/// The variable that a tag names: the first word of `env:"API_KEY,required"`.
fn in_tag<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (before, rest) = tag.split_once(&format!("{name}:\""))?;
    let is_word = before.is_empty() || before.ends_with([' ', '`']);
    let value = rest.split('"').next()?;
    is_word.then(|| value.split(',').next().unwrap_or(value))
}

/// Whether a value is the word `env`.
fn is_env(flow: &Flow, module: ModuleId, value: ValueId) -> bool {
    matches!(flow.kind(value_in(module, value)), ValueKind::Name(name) if name == "env")
}

/// The arguments that a slot means.
fn in_slot<'c>(call: &'c Call, slot: &str) -> Vec<&'c Argument> {
    let positional = || call.arguments.iter().filter(|one| one.name.is_none());
    match slot.parse::<usize>() {
        _ if slot == "*" => positional().collect(),
        _ if slot == "1*" => positional().skip(usize::from(positional().count() > 1)).collect(),
        Ok(position) => positional().nth(position).into_iter().collect(),
        Err(_) => call.arguments.iter().filter(|one| one.name.as_deref() == Some(slot)).collect(),
    }
}

/// The names of credentials in a text or a list of texts.
fn credentials<'f>(flow: &'f Flow, at: ValueRef) -> impl Iterator<Item = Name> + 'f {
    let items = match flow.kind(at) {
        ValueKind::List(items) | ValueKind::Tuple(items) => {
            items.iter().map(|item| value_in(at.module, *item)).collect()
        }
        ValueKind::Construct { entries, .. } => entries.iter().map(|entry| value_in(at.module, entry.value)).collect(),
        _ => vec![at],
    };
    items.into_iter().filter_map(|item| written(flow, item)).filter(|name| is_credential_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_is_read() {
        let variables = Variables::built_in();
        assert!(variables.validators.contains("safeParse") && !variables.calls.is_empty());
    }
}
