//! Methods that hand their receiver on, and methods of paths whose type is not written.

use crate::code::{Language, Name, Pattern, ValueId, ValueKind};
use crate::flow::ValueRef;
use crate::flow::effects::Table;
use crate::flow::meaning::value_in;
use crate::taint::call::Calling;
use crate::taint::{Proofs, Shade, Walk};

/// Methods of Rust whose result is what their receiver holds.
const SAME: &[&str] = &[
    "unwrap",
    "expect",
    "map_err",
    "ok",
    "ok_or",
    "ok_or_else",
    "context",
    "with_context",
    "clone",
    "to_owned",
    "into",
    "as_ref",
    "as_mut",
    "as_deref",
    "as_path",
    "to_path_buf",
    "as_os_str",
    "into_owned",
    "into_string",
    "as_str",
    "to_string",
    "to_string_lossy",
    "to_str",
    "display",
    "unwrap_or_default",
    "cloned",
    "copied",
    "borrow",
    "inspect_err",
    "as_bytes",
    "iter",
    "into_iter",
    "iter_mut",
    "collect",
    "to_vec",
    "as_slice",
    "rev",
    "chars",
    "bytes",
    "char_indices",
];

/// Methods of Rust that give their receiver, or else what they are given.
const OR_ELSE: &[&str] = &["unwrap_or", "unwrap_or_else", "or", "or_else"];

/// Methods of Rust that change the error of a result and nothing else.
const ABOUT_ERRORS: &[&str] =
    &["context", "with_context", "map_err", "inspect_err", "into", "wrap_err", "wrap_err_with"];

/// Methods of Rust that give something or nothing, of which `filter` leaves what it is.
const MAYBE: &[&str] = &["parent", "file_name", "file_stem", "extension", "ok", "to_str", "as_deref", "as_ref", "get"];

/// Methods of Rust that paths alone have, or that say something else of a text.
const PATH_METHODS: &[&str] = &["canonicalize", "starts_with", "strip_prefix", "file_name", "parent", "join"];
/// Those that nothing else has.
const ONLY_OF_PATHS: &[&str] = &["canonicalize", "file_name", "parent"];

impl<'a> Walk<'a> {
    /// What a method gives back that hands its receiver on.
    pub(crate) fn handed_on(&mut self, calling: &Calling<'a>, called_back: Option<&Shade>) -> Option<Shade> {
        if self.flow.module(calling.at).language != Language::Rust {
            return None;
        }
        let Some(receiver) = &calling.receiver else { return self.wrapped(calling) };
        let method = calling.method.as_deref()?;
        // `Repository::clone(url, path)` copies no object.
        if SAME.contains(&method) && (method != "clone" || calling.given.is_empty()) {
            return Some(receiver.clone());
        }
        if method == "filter" && self.is_maybe(calling) {
            return Some(receiver.clone());
        }
        if !OR_ELSE.contains(&method) {
            return None;
        }
        let given = calling.given.first().map(|given| given.shade.clone()).unwrap_or_default();
        let other = called_back.unwrap_or(&given);
        // What stands in for nothing is the program's own: what is told of the result is told of the receiver.
        let of = if other.holds_any() { Vec::new() } else { receiver.of.clone() };
        Some(Shade { of, ..receiver.or_default(other) })
    }

    /// `x?`: an error leaves the function.
    pub(crate) fn propagated(&mut self, inner: ValueId) -> Shade {
        let before = std::mem::replace(&mut self.leaves_on_error, true);
        let shade = self.value(inner);
        self.leaves_on_error = before;
        if let Some(test) = self.decided_by(inner) {
            self.assume(test, true);
        }
        shade
    }

    /// The call of which a test says that it gave no error: what `if let Err(_) = check(x)` leaves behind.
    pub(crate) fn went_well(&self, test: ValueId, holds: bool) -> Option<ValueId> {
        let at = value_in(self.here().function.module, test);
        if let Some(asked) = self.asked_for_error(at, holds) {
            return Some(asked);
        }
        let ValueKind::Matches { value, pattern } = self.flow.kind(at) else { return None };
        let Pattern::Shape { of: Some(of), .. } = &**pattern else { return None };
        let is_call = matches!(self.flow.kind(value_in(at.module, *value)), ValueKind::Call(_) | ValueKind::Await(_));
        let wanted = if holds { "Ok" } else { "Err" };
        let named = self.flow.sources.slice(self.flow.span(value_in(at.module, *of)));
        (is_call && named == wanted).then_some(*value)
    }

    /// `path.parent().filter(|one| …)`: whether the receiver is something or nothing, and no sequence.
    fn is_maybe(&self, calling: &Calling<'a>) -> bool {
        let module = calling.at.module;
        let ValueKind::Field { base, .. } = self.flow.kind(value_in(module, calling.code.callee)) else { return false };
        let ValueKind::Call(call) = self.flow.kind(value_in(module, *base)) else { return false };
        let callee = self.flow.kind(value_in(module, call.callee));
        matches!(callee, ValueKind::Field { name, .. } if MAYBE.contains(&name.as_str()))
    }

    /// `check(x).is_ok()`, or that `check(x).is_err()` does not hold.
    fn asked_for_error(&self, at: ValueRef, holds: bool) -> Option<ValueId> {
        let ValueKind::Call(call) = self.flow.kind(at) else { return None };
        let ValueKind::Field { base, name } = self.flow.kind(value_in(at.module, call.callee)) else { return None };
        let wanted = if holds { "is_ok" } else { "is_err" };
        let is_rust = self.flow.module(at).language == Language::Rust;
        let is_call = matches!(self.flow.kind(value_in(at.module, *base)), ValueKind::Call(_) | ValueKind::Await(_));
        (is_rust && is_call && name == wanted).then_some(*base)
    }

    /// `match check(x) { Ok(_) => … }`: in that arm there was no error.
    pub(crate) fn went_well_in_arm(&mut self, subject: Option<ValueId>, patterns: &[Pattern]) {
        let module = self.here().function.module;
        let Some(subject) = subject else { return };
        let is_call = matches!(self.flow.kind(value_in(module, subject)), ValueKind::Call(_) | ValueKind::Await(_));
        let named = |of: &ValueId| self.flow.sources.slice(self.flow.span(value_in(module, *of))) == "Ok";
        let is_well = |one: &Pattern| matches!(one, Pattern::Shape { of: Some(of), .. } if named(of));
        if is_call && !patterns.is_empty() && patterns.iter().all(is_well) {
            self.propagated(subject);
        }
    }

    /// Whether a value that a function gives back is an error: `Err(x)`, `bail!(…)`, `Err(x).context(…)`.
    pub(crate) fn is_error(&self, value: ValueId) -> bool {
        let mut at = value_in(self.here().function.module, value);
        if self.flow.module(at).language != Language::Rust {
            return false;
        }
        while let ValueKind::Call(call) = self.flow.kind(at) {
            match self.flow.kind(value_in(at.module, call.callee)) {
                ValueKind::Name(name) if is_failing(name) => return true,
                ValueKind::Field { name, .. } if is_failing(name) => return true,
                ValueKind::Field { base, name } if ABOUT_ERRORS.contains(&name.as_str()) => {
                    at = value_in(at.module, *base);
                }
                _ => return false,
            }
        }
        false
    }

    /// The test without which a value is an error: `allowed.then_some(path).ok_or(Denied)`.
    pub(crate) fn decided_by(&self, value: ValueId) -> Option<ValueId> {
        let mut at = value_in(self.here().function.module, value);
        if self.flow.module(at).language != Language::Rust {
            return None;
        }
        let mut has_error = false;
        while let ValueKind::Call(call) = self.flow.kind(at) {
            let ValueKind::Field { base, name } = self.flow.kind(value_in(at.module, call.callee)) else { return None };
            match name.as_str() {
                "ok_or" | "ok_or_else" => has_error = true,
                "then" | "then_some" => return has_error.then_some(*base),
                name if ABOUT_ERRORS.contains(&name) || name == "map" => {}
                _ => return None,
            }
            at = value_in(at.module, *base);
        }
        None
    }

    /// `Ok(x)`, `Some(x)`.
    fn wrapped(&self, calling: &Calling<'a>) -> Option<Shade> {
        let callee = value_in(calling.at.module, calling.code.callee);
        match (self.flow.kind(callee), &calling.given[..]) {
            (ValueKind::Name(name), [only]) if matches!(name.as_str(), "Ok" | "Some") => Some(only.shade.clone()),
            _ => None,
        }
    }

    /// The name under which tables have a method of something whose type is not known, where paths have such a method.
    pub(crate) fn path_method(&self, calling: &Calling<'a>, name: &str, table: &Table) -> String {
        let Some(method) = calling.method.as_deref() else { return String::new() };
        if self.flow.module(calling.at).language == Language::Rust {
            let is_told = table.value_of(name).is_some() || !table.guards(name).is_empty();
            let is_path = calling
                .receiver
                .as_ref()
                .is_some_and(|receiver| receiver.proofs.any(Proofs::RESOLVED | Proofs::LINKS_RESOLVED));
            let is_path = (is_path || ONLY_OF_PATHS.contains(&method)) && PATH_METHODS.contains(&method);
            let is_path = is_path && !self.is_text(calling);
            return if is_path && !is_told { format!("std.path.Path.{method}") } else { String::new() };
        }
        match method {
            _ if !name.is_empty() => String::new(),
            "resolve" | "is_relative_to" | "relative_to" | "expanduser" | "as_posix" | "is_absolute" => {
                format!("pathlib.Path.{method}")
            }
            _ => String::new(),
        }
    }

    /// Whether the receiver of a call was made a text: `path.to_string_lossy().starts_with(…)`.
    fn is_text(&self, calling: &Calling<'a>) -> bool {
        let callee = value_in(calling.at.module, calling.code.callee);
        let ValueKind::Field { base, .. } = self.flow.kind(callee) else { return false };
        let Some(made) = self.flow.defined_as(value_in(callee.module, *base)) else { return false };
        let text = self.flow.sources.slice(self.flow.span(made));
        ["to_string_lossy", "to_str()", "display()", "to_string()", "into_string"]
            .iter()
            .any(|made| text.contains(made))
    }

    /// Tests over the parts of a path: `path.components().any(|part| part == Component::ParentDir)`.
    pub(crate) fn parts_test(&mut self, at: crate::flow::ValueRef, holds: bool) -> Option<(Vec<Name>, Proofs)> {
        if self.flow.module(at).language != Language::Rust {
            return None;
        }
        let ValueKind::Call(call) = self.flow.kind(at) else { return None };
        let ValueKind::Field { base, name } = self.flow.kind(value_in(at.module, call.callee)) else { return None };
        let base = value_in(at.module, *base);
        let ValueKind::Call(inner) = self.flow.kind(base) else { return None };
        let ValueKind::Field { base: path, name: parts } = self.flow.kind(value_in(at.module, inner.callee)) else {
            return None;
        };
        let argument = call.arguments.first()?;
        let text = self.flow.sources.slice(self.flow.span(value_in(at.module, argument.value)));
        let told = match name.as_str() {
            _ if parts != "components" => return None,
            "any" if !holds && text.contains("ParentDir") => Proofs::RESOLVED | Proofs::WEAK_DENY,
            // Plain components lead nowhere but down.
            "all" if holds && text.contains("Normal") => Proofs::RESOLVED | Proofs::BELOW,
            _ => return None,
        };
        Some((self.value(*path).of, told))
    }
}

/// Whether a function or macro of Rust makes an error of what it is given.
fn is_failing(name: &Name) -> bool {
    matches!(name.as_str(), "Err" | "bail" | "ensure")
}
