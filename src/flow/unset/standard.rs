//! Functions and methods that tests of settings are written with.

use super::*;
use crate::source::Span;

/// Objects that hold the variables of the environment.
const ENVIRONMENTS: &[&str] = &["process.env", "process#env", "process#default.env", "import.meta.env", "Bun.env"];

/// Whether a full name is an environment variable.
pub(super) fn is_setting(name: &str) -> bool {
    ENVIRONMENTS.iter().any(|of| name.strip_prefix(of).is_some_and(|rest| rest.starts_with('.')))
}

/// Whether a full name is all variables of the environment.
pub(super) fn is_environment(name: &str) -> bool {
    ENVIRONMENTS.contains(&name)
}

/// The command line of a program that is given nothing.
pub(super) fn arguments(name: &str, somewhere: Option<Span>) -> Option<Meaning> {
    let somewhere = somewhere?;
    let word = |text: &str| Item { value: Meaning::Text(Name::new(text), somewhere), optional: false, is_rest: false };
    let items: Vec<Item> = match name {
        "process.argv" | "process#argv" | "process#default.argv" => vec![word("node"), word("server")],
        "sys.argv" => vec![word("server")],
        _ => return None,
    };
    Some(Meaning::List(items.into()))
}

impl Unset<'_, '_> {
    /// What a function from outside gives.
    pub(super) fn outside(&self, at: ValueRef, name: &str, plain: Plain) -> Meaning {
        let first = || plain(0).unwrap_or(Meaning::Null);
        match name {
            "os.getenv" | "os.environ.get" | "environ.get" => {
                self.asked.set(true);
                plain(1).unwrap_or(Meaning::Null)
            }
            "Deno.env.get" | "std::env::var" | "env::var" | "std::env::var_os" => {
                self.asked.set(true);
                Meaning::Null
            }
            "Boolean" | "bool" => self.truth(&first(), Language::TypeScript).map_or(UNKNOWN, Meaning::Bool),
            "list" | "set" | "tuple" | "frozenset" | "Set" if plain(0).is_none() => Meaning::List([].into()),
            "str" | "String" | "int" | "Number" | "list" | "set" | "tuple" | "frozenset" | "sorted" | "Set"
            | "Array.from" => match first() {
                known @ (Meaning::Text(..) | Meaning::Int(_) | Meaning::List(_)) => known,
                _ => UNKNOWN,
            },
            "fmt.Sprintf" => self.printed(at, plain).unwrap_or(UNKNOWN),
            "net.JoinHostPort" => self.host_and_port(at, plain).unwrap_or(UNKNOWN),
            "yargs/helpers#hideBin" => Meaning::List([].into()),
            _ => UNKNOWN,
        }
    }

    /// `len(roots)`
    pub(super) fn counted(&self, callee: ValueRef, call: &Call, frame: &Frame) -> Option<Meaning> {
        let [only] = &call.arguments[..] else { return None };
        if !matches!(self.flow.kind(callee), ValueKind::Name(name) if name == "len") {
            return None;
        }
        Some(match self.value(In { module: callee.module, id: only.value }, frame) {
            Meaning::Null => Meaning::Int(0),
            Meaning::Text(text, _) => i64::try_from(text.len()).map_or(UNKNOWN, Meaning::Int),
            list @ Meaning::List(_) => self.member(&list, &Name::new("length")),
            Meaning::Map(entries) if entries.is_empty() => Meaning::Int(0),
            _ => return None,
        })
    }

    /// What a method of a plain value gives.
    pub(super) fn method(&self, at: ValueRef, base: &Meaning, name: &str, plain: Plain) -> Option<Meaning> {
        match base {
            Meaning::Null => Some(Meaning::Null),
            Meaning::Text(text, _) => self.text_method(at, text, name, plain),
            Meaning::List(items) => self.list_method(base, items, name, plain),
            Meaning::Map(entries) => match name {
                "get" => Some(match plain(0)? {
                    Meaning::Text(key, _) => match self.member(base, &key) {
                        Meaning::Null => plain(1).unwrap_or(Meaning::Null),
                        found => found,
                    },
                    _ => UNKNOWN,
                }),
                "has" | "hasOwnProperty" => {
                    Some(self.contains(&Meaning::Map(entries.clone()), &plain(0)?).map_or(UNKNOWN, Meaning::Bool))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn list_method(&self, base: &Meaning, items: &[Item], name: &str, plain: Plain) -> Option<Meaning> {
        Some(match name {
            "includes" | "has" => self.contains(base, &plain(0)?).map_or(UNKNOWN, Meaning::Bool),
            "slice" => match plain(0).unwrap_or(Meaning::Int(0)) {
                Meaning::Int(from) if plain(1).is_none() && from >= 0 => {
                    Meaning::List(items.iter().skip(usize::try_from(from).ok()?).cloned().collect())
                }
                _ => UNKNOWN,
            },
            "indexOf" => match self.contains(base, &plain(0)?) {
                Some(false) => Meaning::Int(-1),
                _ => UNKNOWN,
            },
            "filter" | "map" if !items.is_empty() => return self.each_asked(items, name, &plain(0)?),
            "find" | "some" | "filter" | "map" if items.is_empty() => match name {
                "find" => Meaning::Null,
                "some" => Meaning::Bool(false),
                _ => base.clone(),
            },
            _ => return None,
        })
    }

    fn text_method(&self, at: ValueRef, text: &Name, name: &str, plain: Plain) -> Option<Meaning> {
        let made = |text: String| Meaning::Text(Name::new(text), self.flow.span(at));
        let other = || plain(0).and_then(|found| found.text().cloned());
        let number = |position: usize| match plain(position) {
            Some(Meaning::Int(number)) => usize::try_from(number).ok(),
            _ => None,
        };
        Some(match name {
            "toLowerCase" | "lower" | "casefold" => made(text.to_lowercase()),
            "toUpperCase" | "upper" => made(text.to_uppercase()),
            "trim" | "strip" | "rstrip" | "lstrip" | "trimEnd" | "trimStart" if plain(0).is_none() => {
                made(text.trim().to_string())
            }
            "toString" => made(text.to_string()),
            "charAt" => made(text.chars().nth(number(0)?).map(String::from).unwrap_or_default()),
            "slice" | "substring" => {
                let (from, to) = (number(0)?, plain(1).map(|_| number(1)));
                let kept = text.chars().skip(from);
                match to {
                    None => made(kept.collect()),
                    Some(to) => made(kept.take(to?.saturating_sub(from)).collect()),
                }
            }
            "includes" => Meaning::Bool(text.contains(other()?.as_str())),
            "startsWith" | "startswith" => Meaning::Bool(text.starts_with(other()?.as_str())),
            "endsWith" | "endswith" => Meaning::Bool(text.ends_with(other()?.as_str())),
            "replace" | "replaceAll" if text.is_empty() => made(String::new()),
            "split" if plain(0).is_none() && self.flow.module(at).language == Language::Python => {
                let item = |part: &str| Item { value: made(part.to_string()), optional: false, is_rest: false };
                Meaning::List(text.split_whitespace().map(item).collect())
            }
            "split" => {
                // Whatever separates the parts of nothing, there is one, which is empty.
                let separator = if text.is_empty() { Name::new(",") } else { other()? };
                if separator.is_empty() {
                    return None;
                }
                let item = |part: &str| Item { value: made(part.to_string()), optional: false, is_rest: false };
                Meaning::List(text.split(separator.as_str()).map(item).collect())
            }
            _ => return None,
        })
    }
}
