//! Flags and variables of Go programs that are given none: the standard `flag`, pflag, cobra and viper.

use super::*;
use crate::code::Argument;

/// Methods that declare a flag, by the position of the default: bare, with a shorthand, bound to a variable, both.
const KINDS: &[&str] = &["Bool", "String", "Int", "Duration", "StringSlice", "StringArray", "Float64", "Uint"];
/// Most declarations that are looked at for one flag.
const MAX_FLAGS: usize = 600;

/// How a function or method declares a flag.
#[derive(Clone, Copy)]
struct Declares {
    /// Position of the flag's name.
    name: usize,
    /// Position of its default.
    default: usize,
}

/// What `BoolVarP` and its kin take where.
fn declares(method: &str) -> Option<Declares> {
    let (plain, short) = method.strip_suffix('P').map_or((method, 0), |plain| (plain, 1));
    let (kind, bound) = plain.strip_suffix("Var").map_or((plain, 0), |kind| (kind, 1));
    KINDS.contains(&kind).then_some(Declares { name: bound, default: bound + short + 1 })
}

impl Unset<'_, '_> {
    /// The calls that may declare a flag, bound to a variable or not.
    fn declarations(&self, is_bound: bool) -> Vec<(ValueRef, Declares)> {
        let mut found = Vec::new();
        for kind in KINDS {
            for end in if is_bound { ["Var", "VarP"] } else { ["", "P"] } {
                let name = format!("{kind}{end}");
                let Some(how) = declares(&name) else { continue };
                found.extend(self.flow.calls_named(&name).iter().map(|call| (*call, how)));
            }
        }
        found.truncate(MAX_FLAGS);
        found
    }

    /// How a call declares a flag that is bound to its first argument, if it does.
    fn declared_by(&self, call: ValueRef) -> Option<Declares> {
        let ValueKind::Call(code) = self.flow.kind(call) else { return None };
        match self.flow.kind(In { module: call.module, id: code.callee }) {
            ValueKind::Field { name, .. } | ValueKind::Name(name) => declares(name).filter(|how| how.name == 1),
            _ => None,
        }
    }

    fn arguments_of(&self, call: ValueRef) -> &[Argument] {
        match self.flow.kind(call) {
            ValueKind::Call(code) => &code.arguments,
            _ => &[],
        }
    }

    fn default_of(&self, call: ValueRef, how: Declares) -> Meaning {
        let default = self.arguments_of(call).get(how.default);
        default.map_or(UNKNOWN, |default| self.value(In { module: call.module, id: default.value }, &None))
    }

    /// What a variable that a flag is bound to holds: `flag.BoolVar(&x, "x", false, "…")`.
    pub(super) fn bound_flag(&self, at: ValueRef, name: &Name) -> Option<Meaning> {
        if self.flow.module(at).language != Language::Go {
            return None;
        }
        let is_field = matches!(self.flow.kind(at), ValueKind::Field { .. });
        let mut found: Option<Meaning> = None;
        for call in self.flow.calls_addressing(name).iter().take(MAX_FLAGS).copied() {
            let Some(how) = self.declared_by(call) else { continue };
            let Some(first) = self.arguments_of(call).first() else { continue };
            let target = match self.flow.kind(In { module: call.module, id: first.value }) {
                ValueKind::Unary(target) => *target,
                _ => first.value,
            };
            let is_same = match self.flow.kind(In { module: call.module, id: target }) {
                ValueKind::Name(other) => !is_field && call.module == at.module && other == name,
                ValueKind::Field { name: other, .. } => is_field && other == name,
                _ => false,
            };
            if !is_same {
                continue;
            }
            let one = self.default_of(call, how);
            match &found {
                Some(other) if same(other, &one) != Some(true) => return Some(UNKNOWN),
                _ => found = Some(one),
            }
        }
        self.asked.set(self.asked.get() || found.is_some());
        found
    }

    /// What a flag holds that is asked for by name: `viper.GetBool("x")`, `cmd.Flags().GetBool("x")`.
    fn flag_by_name(&self, name: &str, zero: Meaning) -> Meaning {
        let plain = |text: &str| text.replace('_', "-").to_lowercase();
        for is_bound in [false, true] {
            for (call, how) in self.declarations(is_bound) {
                let Some(told) = self.arguments_of(call).get(how.name) else { continue };
                match self.flow.kind(In { module: call.module, id: told.value }) {
                    ValueKind::Text(text) if plain(text) == plain(name) => return self.default_of(call, how),
                    _ => {}
                }
            }
        }
        zero
    }

    /// What a call of a Go program gives, if it is of a flag, a variable or a plain function of text.
    pub(super) fn go_call(&self, at: ValueRef, method: &str, plain: Plain) -> Option<Meaning> {
        if self.flow.module(at).language != Language::Go {
            return None;
        }
        let text = |position| match plain(position) {
            Some(Meaning::Text(text, _)) => Some(text),
            _ => None,
        };
        let empty = Meaning::Text(Name::default(), self.flow.span(at));
        let list = |parts: Vec<Meaning>| {
            let item = |value| Item { value, optional: false, is_rest: false };
            Meaning::List(parts.into_iter().map(item).collect())
        };
        let count = self.arguments_of(at).len();
        if let Some(how) = declares(method)
            && count == how.default + 2
            && text(how.name).is_some()
        {
            self.asked.set(true);
            return (how.name == 0).then(|| plain(how.default).unwrap_or(UNKNOWN));
        }
        let asked = match (method, count) {
            ("GetBool", 1) => Some(Meaning::Bool(false)),
            ("GetString", 1) => Some(empty.clone()),
            ("GetStringSlice", 1) => Some(list(Vec::new())),
            ("IsSet", 1) => return Some(Meaning::Bool(false)),
            _ => None,
        };
        if let (Some(zero), Some(name)) = (asked, text(0)) {
            self.asked.set(true);
            let found = self.flag_by_name(&name, zero);
            // Cobra's own also gives an error; viper's does not.
            let is_pair = matches!(self.flow.kind(at), ValueKind::Call(call)
                if matches!(self.flow.kind(In { module: at.module, id: call.callee }), ValueKind::Field { base, .. }
                    if matches!(self.flow.kind(In { module: at.module, id: *base }), ValueKind::Call(_))));
            return Some(if is_pair { list(vec![found, Meaning::Null]) } else { found });
        }
        Some(match method {
            "Getenv" => {
                self.asked.set(true);
                empty
            }
            "LookupEnv" => {
                self.asked.set(true);
                list(vec![empty, Meaning::Bool(false)])
            }
            "ParseBool" => match text(0)?.as_str() {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => list(vec![Meaning::Bool(true), Meaning::Null]),
                _ => list(vec![Meaning::Bool(false), UNKNOWN]),
            },
            "EqualFold" => Meaning::Bool(text(0)?.eq_ignore_ascii_case(&text(1)?)),
            "ToLower" => Meaning::Text(Name::new(text(0)?.to_lowercase()), self.flow.span(at)),
            "TrimSpace" => Meaning::Text(Name::new(text(0)?.trim()), self.flow.span(at)),
            "Contains" => Meaning::Bool(self.contains(&plain(0)?, &plain(1)?)?),
            _ => return None,
        })
    }
}
