//! What Rust's own wrappers and macros give: the value inside, or the text they put together.

use crate::code::{CallKind, Name};
use crate::flow::link::{folder, join, normalise};
use crate::flow::meaning::{Item, Meaning, Passed};
use crate::flow::{Flow, ValueRef};

/// Longest text that is put together.
const MAX_TEXT: usize = 1 << 20;

/// Functions whose result stands for their only argument.
const WRAPPERS: &[&str] = &[
    "Ok",
    "Some",
    "Err",
    "Box::new",
    "Box::pin",
    "Box::from",
    "Arc::new",
    "Arc::from",
    "Rc::new",
    "Mutex::new",
    "RwLock::new",
    "RefCell::new",
    "Cow::Borrowed",
    "Cow::Owned",
    "Cow::from",
    "String::from",
    "Vec::from",
    "future::ready",
    "json",
    "Into::into",
    "Some::from",
    "Value::from",
    "Value::String",
    "Value::Object",
    "Value::Array",
    "json!",
    "HashMap::from",
    "BTreeMap::from",
    "OnceCell::new_with",
    "Arc::clone",
    "Pin::new",
];

/// Methods whose result stands for their receiver.
const SAME: &[&str] = &[
    "clone",
    "unwrap",
    "expect",
    "to_owned",
    "as_ref",
    "as_mut",
    "as_deref",
    "into",
    "to_vec",
    "unwrap_or_default",
    "boxed",
    "into_boxed_slice",
    "by_ref",
    "cloned",
    "copied",
    "as_slice",
    "deref",
    "borrow_mut",
    "into_inner",
    "map_err",
    "ok_or",
    "ok_or_else",
    "context",
    "with_context",
    "ok",
    "unwrap_or",
    "unwrap_or_else",
    "into_owned",
];

/// Methods that open what guards an object.
const LOCKS: &[&str] = &["lock", "read", "write", "borrow", "borrow_mut", "get", "load", "get_mut", "blocking_lock"];

impl Flow<'_> {
    /// What a function or macro of Rust gives, where it only arranges its arguments.
    pub(super) fn arranged(&self, at: ValueRef, name: &str, arguments: &[Passed], kind: CallKind) -> Option<Meaning> {
        let only = match arguments {
            [only] => Some(&only.value),
            _ => None,
        };
        let last: String = {
            let mut parts: Vec<&str> = name.split("::").filter(|part| !part.is_empty()).collect();
            parts.drain(..parts.len().saturating_sub(2));
            if parts
                .first()
                .is_some_and(|first| first.starts_with(|one: char| one.is_ascii_lowercase()) && *first != "future")
            {
                parts.drain(..parts.len().saturating_sub(1));
            }
            parts.join("::")
        };
        match (last.as_str(), kind, only) {
            ("concat", CallKind::Macro, _) => self.concatenated(at, arguments),
            ("format", CallKind::Macro, _) => self.formatted(at, arguments),
            ("include_str", CallKind::Macro, Some(path)) => self.included(at, self.force(path).text()?),
            ("LazyLock::new" | "Lazy::new", _, Some(make)) => match self.force(make) {
                Meaning::Function(function, captured, this) => {
                    Some(self.returned(function, Vec::new(), this, Some(at), &captured))
                }
                _ => None,
            },
            ("iter::once", _, Some(_)) => {
                let item = |argument: &Passed| Item { value: argument.value.clone(), optional: false, is_rest: false };
                Some(Meaning::List(arguments.iter().map(item).collect()))
            }
            ("Vec::new" | "Vec::with_capacity", _, _) => Some(Meaning::List([].into())),
            (wrapper, _, Some(inner)) if WRAPPERS.contains(&wrapper) => match self.force(inner) {
                Meaning::Unknown(_) => None,
                inner => Some(inner),
            },
            _ => None,
        }
    }

    /// What a method of Rust gives that hands its receiver on.
    pub(super) fn handed_on(&self, base: &Meaning, name: &str) -> Option<Meaning> {
        if matches!(base, Meaning::Unknown(_) | Meaning::Outside(_) | Meaning::Module(_) | Meaning::Class(_)) {
            return None;
        }
        if !SAME.contains(&name) && !LOCKS.contains(&name) {
            return None;
        }
        let class = match self.declared(base) {
            Some(Meaning::Class(class)) => Some(class),
            _ => None,
        };
        if let Some(class) = class {
            return self.own_method(class, name).is_none().then(|| base.clone());
        }
        SAME.contains(&name).then(|| base.clone())
    }

    fn concatenated(&self, at: ValueRef, arguments: &[Passed]) -> Option<Meaning> {
        let mut text = String::new();
        for argument in arguments {
            text.push_str(&self.shown(&self.force(&argument.value))?);
        }
        (text.len() <= MAX_TEXT).then(|| Meaning::Text(Name::new(text), self.span(at)))
    }

    fn shown(&self, meaning: &Meaning) -> Option<String> {
        match meaning {
            Meaning::Text(text, _) => Some(text.to_string()),
            Meaning::Int(number) => Some(number.to_string()),
            Meaning::Bool(is) => Some(is.to_string()),
            _ => None,
        }
    }

    /// `format!` of constants.
    fn formatted(&self, at: ValueRef, arguments: &[Passed]) -> Option<Meaning> {
        self.filled_in(at, arguments, &|argument| self.shown(&self.force(&argument.value)))
    }

    /// A format, the first argument, with its holes filled in as they are shown.
    pub(super) fn filled_in(
        &self,
        at: ValueRef,
        arguments: &[Passed],
        show: &dyn Fn(&Passed) -> Option<String>,
    ) -> Option<Meaning> {
        let (format, rest) = arguments.split_first()?;
        let format = self.force(&format.value).text()?.to_string();
        let named = |name: &str| rest.iter().find(|argument| argument.name.as_deref() == Some(name));
        let mut positional = rest.iter().filter(|argument| argument.name.is_none());
        let mut text = String::new();
        let mut left = format.as_str();
        while let Some(at) = left.find(['{', '}']) {
            let (before, after) = left.split_at(at);
            text.push_str(before);
            if let Some(rest) = after.strip_prefix("{{").or_else(|| after.strip_prefix("}}")) {
                text.push_str(after.get(..1)?);
                left = rest;
                continue;
            }
            let (hole, rest) = after.strip_prefix('{')?.split_once('}')?;
            let argument = if hole.is_empty() { positional.next() } else { named(hole) };
            text.push_str(&show(argument?)?);
            left = rest;
            if text.len() > MAX_TEXT {
                return None;
            }
        }
        text.push_str(left);
        Some(Meaning::Text(Name::new(text), self.span(at)))
    }

    /// The text of a file of the tree.
    fn included(&self, at: ValueRef, path: &str) -> Option<Meaning> {
        let wanted = normalise(&join(folder(self.sources.path(self.module(at).source)), path));
        let (_, source) = self.sources.iter().find(|(_, source)| source.path() == wanted)?;
        let text = source.text();
        (text.len() <= MAX_TEXT).then(|| Meaning::Text(Name::new(text), self.span(at)))
    }
}
