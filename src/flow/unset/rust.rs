//! Settings of Rust programs that are given none: variables that are not there, and fields that clap fills.

use super::*;
use crate::code::{Argument, ValueId};

impl Unset<'_, '_> {
    /// What a method gives of a variable that is not there, in a language where that is a value.
    pub(super) fn absent(&self, at: ValueRef, base: &Meaning, name: &str, plain: Plain) -> Option<Meaning> {
        if self.flow.module(at).language != Language::Rust || !matches!(base, Meaning::Null) {
            return None;
        }
        Some(match name {
            "is_ok" | "is_some" | "is_ok_and" | "is_some_and" => Meaning::Bool(false),
            "is_err" | "is_none" | "is_none_or" => Meaning::Bool(true),
            "unwrap_or" | "map_or" => plain(0)?,
            "unwrap_or_else" => match plain(0)? {
                Meaning::Function(function, captured, this) => {
                    let call = Within::Call { function, arguments: Vec::new(), this, at: Some(at) };
                    self.result(function, &push(&captured, call))
                }
                _ => UNKNOWN,
            },
            "unwrap_or_default" => Meaning::Text(Name::default(), self.flow.span(at)),
            "ok" | "as_deref" | "as_ref" | "map" | "and_then" | "filter" => Meaning::Null,
            _ => UNKNOWN,
        })
    }

    /// What a method of Rust gives that hands its receiver on, or reads it as what it says: `"127.0.0.1:80".parse()`.
    pub(super) fn same(&self, at: ValueRef, base: &Meaning, name: &str) -> Option<Meaning> {
        if self.flow.module(at).language != Language::Rust || !matches!(base, Meaning::Text(..) | Meaning::Int(_)) {
            return None;
        }
        match name {
            "parse" | "as_str" | "to_string" => Some(base.clone()),
            _ => self.flow.handed_on(base, name),
        }
    }

    /// What a field holds that the command line fills: a flag is off, an option is not there, the rest says its default.
    pub(super) fn parsed_field(&self, class: ClassRef, name: &Name) -> Option<Meaning> {
        let of = |id: ValueId| In { module: class.module, id };
        let code = self.flow.class(class);
        let is_parsed = |value: &ValueId| {
            let text = self.flow.sources.slice(self.flow.span(of(*value)));
            text.contains("derive") && ["Parser", "Args", "Subcommand"].iter().any(|derived| text.contains(derived))
        };
        if self.flow.module(class).language != Language::Rust || !code.decorators.iter().any(is_parsed) {
            return None;
        }
        let field = code.fields.iter().find(|field| field.name == *name)?;
        let annotation = self.flow.sources.slice(self.flow.span(of(field.annotation?)));
        let told = field.decorators.iter().filter_map(|attribute| match self.flow.kind(of(*attribute)) {
            ValueKind::Call(call) => Some(&call.arguments[..]),
            _ => None,
        });
        let told: Vec<&Argument> = told.flatten().collect();
        let named = |names: &[&str]| {
            told.iter().find(|argument| argument.name.as_deref().is_some_and(|name| names.contains(&name)))
        };
        let said = |argument: &&Argument| self.flow.sources.slice(self.flow.span(of(argument.value)));
        let found = match (named(&["default_value", "default_value_t", "default_value_os"]), annotation) {
            (Some(default), "bool") => match said(default).trim_matches('"') {
                "true" => Meaning::Bool(true),
                "false" => Meaning::Bool(false),
                _ => UNKNOWN,
            },
            (Some(default), _) => self.value(of(default.value), &None),
            (None, "bool") => Meaning::Bool(named(&["action"]).is_some_and(|action| said(action).contains("SetFalse"))),
            (None, kind) if kind.starts_with("Option<") => Meaning::Null,
            _ => return None,
        };
        self.asked.set(true);
        Some(found)
    }

    /// As [`Unset::parsed_field`], of something whose type is only declared.
    pub(super) fn parsed_member(&self, base: ValueRef, name: &Name, frame: &Frame) -> Option<Meaning> {
        if self.flow.module(base).language != Language::Rust {
            return None;
        }
        self.parsed_field(self.type_of(base, frame)?, name)
    }
}
