//! Comparisons that tell of a part of a value: the first character of a text, the host of an address, the folders above a path.

use crate::code::{Language, Name, Operator, Pattern, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::source::Span;
use crate::taint::address::is_host;
use crate::taint::call::EITHER;
use crate::taint::stages::without_stage;
use crate::taint::test::{contained, of_host_text};
use crate::taint::{Proofs, Shade, WHOLE, Walk};

/// Calls that answer with a match or with nothing.
const MATCHERS: &[&str] = &["fullmatch", "match", "search", "exec"];
/// How the names and addresses of this machine and of its network begin.
const LOCAL: &[&str] =
    &["localhost", "127.", "0.0.0.0", "10.", "192.168.", "172.16.", "169.254.", "::1", "[::1]", "metadata", ".local"];

impl<'a> Walk<'a> {
    /// `x[0] == "-"`, `host == "localhost"`, `re.fullmatch(…) is not None`; nothing where all of a value is compared.
    pub(crate) fn compared_part(
        &mut self,
        (left, right): (ValueId, ValueId),
        (one, two): (&Shade, &Shade),
        equal: bool,
    ) -> Option<Vec<(Vec<Name>, Proofs)>> {
        if self.is_null(right)
            && let Some(test) = self.matching(left)
        {
            return Some(self.facts(test, !equal));
        }
        if let Some(facts) = self.error_compared(left, right, equal) {
            return Some(facts);
        }
        if let Some(facts) = self.range_compared(left, (one, two), equal) {
            return Some(facts);
        }
        if equal {
            return None;
        }
        if self.is_hyphen(right)
            && let Some(text) = self.of_first_character(left)
        {
            return Some(vec![(text.of, Proofs::NOT_FLAG)]);
        }
        let is_local = |text: &Name| LOCAL.iter().any(|local| text.starts_with(local));
        let is_refused = is_host(&one.of) && two.constant.as_ref().is_some_and(is_local);
        is_refused.then(|| vec![(one.of.clone(), Proofs::WEAK_HOST | Proofs::WEAK_DENY)])
    }

    /// `validate(x) != nil`: an error of Go that is asked for where it is made.
    fn error_compared(&mut self, left: ValueId, right: ValueId, equal: bool) -> Option<Vec<(Vec<Name>, Proofs)>> {
        let at = value_in(self.here().function.module, left);
        let is_null = matches!(self.flow.kind(value_in(at.module, right)), ValueKind::Null);
        match self.flow.kind(at) {
            ValueKind::Call(call) if is_null && self.flow.module(at).language == Language::Go => {
                Some(self.call_facts(at, call, WHOLE, !equal))
            }
            _ => None,
        }
    }

    /// `address.range() === "unicast"`: the name of a range, as libraries of addresses give it.
    fn range_compared(
        &self,
        left: ValueId,
        (one, two): (&Shade, &Shade),
        equal: bool,
    ) -> Option<Vec<(Vec<Name>, Proofs)>> {
        let range = two.constant.as_deref()?;
        let text = self.flow.sources.slice(self.flow.span(value_in(self.here().function.module, left)));
        let told = match range {
            "unicast" if equal => Proofs::HOST_PUBLIC,
            "private" | "uniqueLocal" if !equal => Proofs::NOT_PRIVATE,
            "loopback" if !equal => Proofs::NOT_LOOPBACK,
            "linkLocal" if !equal => Proofs::NOT_LINK,
            "unicast" | "private" | "uniqueLocal" | "loopback" | "linkLocal" => Proofs::NONE,
            _ => return None,
        };
        if !text.contains("range") || !one.is_tainted() {
            return None;
        }
        let told = if one.proofs.has(Proofs::LOOKED_UP) || told.is_none() { told } else { Proofs::WEAK_HOST };
        Some(vec![(one.of.clone(), told)])
    }

    /// The call of a pattern that a value is.
    fn matching(&self, id: ValueId) -> Option<ValueId> {
        let at = value_in(self.here().function.module, id);
        let ValueKind::Call(call) = self.flow.kind(at) else { return None };
        match self.flow.kind(value_in(at.module, call.callee)) {
            ValueKind::Field { name, .. } => MATCHERS.contains(&name.as_str()).then_some(id),
            _ => None,
        }
    }

    /// `len(x) > 0`, `x.length > 0`: where that does not hold there is no text that could do harm.
    pub(crate) fn is_any_text(&mut self, id: ValueId) -> bool {
        let at = value_in(self.here().function.module, id);
        let ValueKind::Binary { operator: Operator::Greater | Operator::NotEqual, left, right } = self.flow.kind(at)
        else {
            return false;
        };
        let kind = |id: ValueId| self.flow.kind(value_in(at.module, id));
        let text = match kind(*left) {
            ValueKind::Field { base, name } if name == "length" => *base,
            ValueKind::Call(call) if call.arguments.len() == 1 => call.arguments[0].value,
            _ => *left,
        };
        // What a call answers that no caller chose is no text of a caller: `os.Getenv("MODE") != ""`.
        let is_answer = matches!(kind(text), ValueKind::Call(_) | ValueKind::Binary { .. });
        if is_answer && !self.value(text).holds_any() {
            return false;
        }
        let kind = |id: ValueId| self.flow.kind(value_in(at.module, id));
        match (kind(*left), kind(*right)) {
            (ValueKind::Field { name, .. }, ValueKind::Int(0)) => name == "length",
            (ValueKind::Call(call), ValueKind::Int(0)) => {
                matches!(kind(call.callee), ValueKind::Name(name) if name == "len")
            }
            (_, ValueKind::Text(text)) => text.is_empty(),
            _ => false,
        }
    }

    fn is_hyphen(&self, id: ValueId) -> bool {
        match self.flow.kind(value_in(self.here().function.module, id)) {
            ValueKind::Text(text) => text == "-",
            // In Go a character is a number.
            ValueKind::Int(code) => *code == i64::from(b'-'),
            _ => false,
        }
    }

    /// The text of which a value is the first character: `text[0]`, `text.charAt(0)`.
    fn of_first_character(&mut self, id: ValueId) -> Option<Shade> {
        let at = value_in(self.here().function.module, id);
        let is_first = |id: &ValueId| matches!(self.flow.kind(value_in(at.module, *id)), ValueKind::Int(0));
        let text = match self.flow.kind(at) {
            ValueKind::Index { base, key } if is_first(key) => *base,
            ValueKind::Call(call) if call.arguments.first().is_some_and(|first| is_first(&first.value)) => {
                match self.flow.kind(value_in(at.module, call.callee)) {
                    ValueKind::Field { base, name } if matches!(name.as_str(), "charAt" | "at") => *base,
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(self.value(text))
    }

    /// Whether a value is a number of an address, one of several.
    pub(crate) fn is_octet(&self, id: ValueId, shade: &Shade) -> bool {
        let at = value_in(self.here().function.module, id);
        let is_number = |text: &Name| text.parse::<u8>().is_ok();
        matches!(self.flow.kind(at), ValueKind::Int(_)) || shade.constant.as_ref().is_some_and(is_number)
    }

    /// `root in path.parents`.
    pub(crate) fn among_parents(&mut self, folders: ValueId, root: &Shade, holds: bool) -> Option<(Vec<Name>, Proofs)> {
        let at = value_in(self.here().function.module, folders);
        let ValueKind::Field { base, name } = self.flow.kind(at) else { return None };
        if name != "parents" || root.holds_any() {
            return None;
        }
        let path = self.value(*base);
        let told = match (holds, path.proofs.has(Proofs::RESOLVED)) {
            (true, true) => contained(&path),
            (true, false) => Proofs::WEAK_ORDER,
            (false, _) => Proofs::NONE,
        };
        Some((path.of, told))
    }

    /// `matches!(x, "a" | "b")`: one of what is written there.
    pub(crate) fn matched(&mut self, value: ValueId, pattern: &Pattern) -> Vec<(Vec<Name>, Proofs)> {
        let Pattern::Value(of) = pattern else { return Vec::new() };
        let at = value_in(self.here().function.module, *of);
        let is_constant = matches!(self.flow.kind(at), ValueKind::Text(_) | ValueKind::Int(_));
        if is_constant { vec![(self.value(value).of, Proofs::CHOICE)] } else { Vec::new() }
    }

    /// `error is None` of a kept test, `within(root, path) !== null`.
    pub(crate) fn kept_null_test(&mut self, left: ValueId, right: ValueId, equal: bool) -> Vec<(Vec<Name>, Proofs)> {
        let module = self.here().function.module;
        let kind = |id: ValueId| self.flow.kind(value_in(module, id));
        match (kind(left), kind(right)) {
            (ValueKind::Name(name), ValueKind::Null) | (ValueKind::Null, ValueKind::Name(name)) => {
                let (at, null) = if matches!(kind(left), ValueKind::Name(_)) { (left, right) } else { (right, left) };
                let at = value_in(module, at);
                let mut facts = self.comparing_with((left, right), null, |walk| walk.kept_test(at, name, !equal));
                facts.extend(self.is_not_given(at, name).filter(|_| equal));
                facts
            }
            (ValueKind::Call(_) | ValueKind::Await(_), ValueKind::Null) => {
                self.comparing_with((left, right), right, |walk| walk.facts(left, !equal))
            }
            (ValueKind::Call(call), ValueKind::Bool(is)) if equal || self.answers(value_in(module, call.callee)) => {
                self.facts(left, *is == equal)
            }
            _ => Vec::new(),
        }
    }

    /// What a test tells that compares the result of a call with nothing, as it is written there.
    fn comparing_with<T>(
        &mut self,
        (left, right): (ValueId, ValueId),
        null: ValueId,
        look: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let module = self.here().function.module;
        let [left, right, null] = [left, right, null].map(|id| self.flow.span(value_in(module, id)));
        let nothing = self.flow.sources.slice(null);
        let between = self.flow.sources.slice(Span { start: left.end, end: right.start.max(left.end), ..left });
        // `==` and `!=` of scripts take the one for the other; `===` and `!==` do not.
        let is_strict = between.contains("===") || between.contains("!==");
        let is_either = matches!(nothing, "null" | "undefined") && !is_strict;
        self.compared_with = Some(Name::new(if is_either { EITHER } else { nothing }));
        let found = look(self);
        self.compared_with = None;
        found
    }
}

/// Whether a text without a slash is compared with the one such text that leads upwards.
pub(crate) fn leaves_upwards(one: &Shade, two: &Shade) -> bool {
    two.constant.as_deref() == Some("..") && one.whole().proofs.has(Proofs::NO_SLASH)
}

/// Whether looking for a text can be meant to keep something out: `:` or a zero byte in a path is not.
fn denies(text: &Shade) -> bool {
    let Some(text) = &text.constant else { return true };
    text.chars().count() > 1 || text.contains(['.', '/', '\\', '~', ';', '|', '&', '$', '`', '<', '>', '\'', '"'])
}

/// What looking for a text in vain proves.
pub(crate) fn refused(text: &Shade) -> Proofs {
    match text.constant.as_deref() {
        Some(";") => Proofs::WEAK_DENY | Proofs::ONE_STATEMENT,
        Some("/") => Proofs::WEAK_DENY | Proofs::NO_SLASH,
        Some("..") => Proofs::WEAK_DENY | Proofs::NO_DOTS,
        Some(text) => Proofs::WEAK_DENY | without_stage(text),
        None => Proofs::WEAK_DENY,
    }
}

/// What a text without a slash is once it is none of a list in which the one stands that leads upwards.
fn refused_by(one: &Shade, list: &Shade) -> Proofs {
    let leads_up = list.items.iter().flat_map(|items| items.iter()).any(|item| leaves_upwards(one, item));
    let items = list.items.iter().flat_map(|items| items.iter()).filter_map(|item| item.constant.as_deref());
    let stages = items.fold(Proofs::NONE, |all, item| all | without_stage(item));
    stages | if leads_up { Proofs::NO_DOTS } else { Proofs::NONE }
}

/// `x in list`, `"../" in x`.
pub(crate) fn membership(one: &Shade, two: &Shade, holds: bool) -> Vec<(Vec<Name>, Proofs)> {
    let (item, collection) = (one.holds_any(), two.holds_any());
    match (item, collection, holds) {
        (true, false, true) => vec![(one.of.clone(), Proofs::CHOICE)],
        (true, false, false) => vec![(one.of.clone(), Proofs::WEAK_DENY | refused_by(one, two))],
        (true, true, true) => vec![(one.of.clone(), Proofs::SEEN)],
        (false, true, false) if denies(one) => vec![(two.of.clone(), refused(one))],
        (false, true, true) => of_host_text(&two.of, one),
        _ => Vec::new(),
    }
}
