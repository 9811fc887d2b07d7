//! Where a handler takes single arguments out of what a client sent, and of which of them its own tests ask the type.

use std::collections::BTreeSet;

use crate::code::{Language, Name, Place, ValueId, ValueKind};
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::source::Span;
use crate::taint::call::Calling;
use crate::taint::filled::is_number;
use crate::taint::headers::ALL_HEADERS;
use crate::taint::{Proofs, Shade, Walk};

/// Functions that say of which type a value is.
const TYPE_TESTS: &[&str] = &[
    "isinstance",
    "Array.isArray",
    "Number.isInteger",
    "Number.isSafeInteger",
    "Number.isFinite",
    "Number.isNaN",
    "isNaN",
    "isFinite",
];
/// How functions are called that say whether a value is what it should be.
const ANSWERS: &[&str] = &["is", "valid", "assert", "check", "ensure"];
/// Methods of JSON values of Rust that give nothing where the type is another.
const TYPED: &[&str] = &["as_str", "as_i64", "as_u64", "as_f64", "as_bool", "as_array", "as_object"];

/// Where single arguments are taken out.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Out of what a schema let through, the first place.
    pub validated: Option<Span>,
    /// Where a schema let all of them through at once, the first place.
    pub parsed: Option<Span>,
    /// Where something that refuses unknown keys let all of them through, the first place.
    pub closed: Option<Span>,
    /// Where a decoder of all of them was told to refuse unknown keys, the first place.
    pub disallowed: Option<Span>,
    /// Out of what nothing looked at, by argument.
    raw: Vec<(Name, Span)>,
    /// Arguments whose type a test of the program's own asks.
    typed: BTreeSet<Name>,
}

impl Taken {
    /// The first place where an argument is taken that nothing looked at.
    pub fn raw(&self) -> Option<Span> {
        self.raw.iter().find(|(name, _)| !self.typed.contains(name)).map(|(_, span)| *span)
    }

    /// The first place where an argument is taken that only tests of the program's own look at.
    pub fn tested(&self) -> Option<Span> {
        self.raw.first().map(|(_, span)| *span)
    }
}

impl<'a> Walk<'a> {
    /// A member where it is taken out of the bag of all arguments: its way begins here.
    pub(crate) fn taken_out(&mut self, bag: &Shade, part: Shade, span: Span) -> Shade {
        if bag.role.is_some() || bag.carries.contains_key(ALL_HEADERS) {
            return part.begun_at(span);
        }
        if !bag.is_bag || part.is_bag || !part.is_tainted() {
            return part;
        }
        if self.stands_beside_arguments(bag, span) {
            return part.begun_at(span);
        }
        self.holds_here_only();
        let taken = &mut self.found.taken;
        let name = part.carries.keys().next().cloned().unwrap_or_default();
        if bag.proofs.has(Proofs::VALIDATED) {
            taken.validated.get_or_insert(span);
            return self.as_validated(bag, &name, part.begun_at(span));
        }
        if self.testing == 0 && !taken.raw.iter().any(|(known, _)| *known == name) {
            taken.raw.push((name, span));
        }
        let proofs = part.proofs | Proofs::AS_GIVEN;
        Shade { proofs, ..part.begun_at(span) }
    }

    /// `request.params.sessionId`: what else a client put beside the tool's name and its arguments is none of them.
    fn stands_beside_arguments(&self, bag: &Shade, span: Span) -> bool {
        let is_call = bag.parts.get("name").is_some_and(|tool| tool.constant.is_some());
        let mut words = self.flow.sources.slice(span).rsplit('.').map(|word| word.trim().trim_end_matches('?'));
        is_call && words.nth(1).is_some_and(|base| base == "params") && words.next().is_some()
    }

    /// `decoder.DisallowUnknownFields()`, of a decoder that reads what a client sent.
    pub(crate) fn note_disallowed(&mut self, calling: &Calling<'a>) {
        let is_decoder = calling.method.as_deref() == Some("DisallowUnknownFields")
            && calling.receiver.as_ref().is_some_and(|receiver| receiver.holds_any());
        if is_decoder {
            self.holds_here_only();
            self.found.taken.disallowed.get_or_insert(self.flow.span(calling.at));
        }
    }

    /// Notes where a schema lets all arguments through at once.
    pub(crate) fn note_parsed(&mut self, calling: &Calling<'a>, shade: &Shade) {
        if shade.is_bag && shade.proofs.has(Proofs::VALIDATED) {
            self.holds_here_only();
            self.found.taken.parsed.get_or_insert(self.flow.span(calling.at));
        }
    }

    /// `schema["~standard"].validate(x)`, as every library of the Standard Schema has it.
    pub(crate) fn by_standard_schema(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        let module = calling.at.module;
        let ValueKind::Field { base, name } = self.flow.kind(value_in(module, calling.code.callee)) else {
            return None;
        };
        let is_it = match self.flow.kind(value_in(module, *base)) {
            ValueKind::Field { name, .. } => name == "~standard",
            ValueKind::Index { key, .. } => {
                matches!(self.flow.kind(value_in(module, *key)), ValueKind::Text(key) if key == "~standard")
            }
            _ => false,
        };
        let given = calling.given.first().filter(|_| is_it && name == "validate")?.shade.clone();
        let shade = Shade { proofs: given.proofs | Proofs::VALIDATED, of: Vec::new(), ..given };
        self.note_parsed(calling, &shade);
        Some(shade)
    }

    /// Does something in a test, which looks at arguments and uses none.
    pub(crate) fn in_test<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        self.testing += 1;
        let seen = look(self);
        self.testing -= 1;
        seen
    }

    /// Notes that the type of an argument is asked, of which the value is all or an element.
    pub(crate) fn note_typed(&mut self, shade: &Shade) {
        let mut names = shade.carries.keys();
        if let (Some(name), None, true) = (names.next(), names.next(), shade.proofs.has(Proofs::AS_GIVEN)) {
            self.holds_here_only();
            self.found.taken.typed.insert(name.clone());
        }
    }

    /// Notes, in a function that answers whether something is valid, that a value is one of a fixed set.
    pub(crate) fn note_chosen(&mut self, shade: &Shade) {
        let name = self.flow.function(self.here().function).name.as_deref().unwrap_or_default();
        if ANSWERS.iter().any(|word| name.starts_with(word)) {
            self.note_typed(shade);
        }
    }

    /// `typeof x !== "string"`: what `x` is called, and the type that it is compared with.
    pub(crate) fn type_test(&mut self, left: ValueId, right: ValueId) -> Option<(Vec<Name>, &'a str)> {
        let module = self.here().function.module;
        let (ValueKind::Unary(of), ValueKind::Text(text)) =
            (self.flow.kind(value_in(module, left)), self.flow.kind(value_in(module, right)))
        else {
            return None;
        };
        let is_type = self.flow.sources.slice(self.flow.span(value_in(module, left))).starts_with("typeof");
        let asked = is_type.then(|| self.value(*of))?;
        self.note_typed(&asked);
        Some((asked.of, text.as_str()))
    }

    /// `isinstance(x, str)`, `Array.isArray(x)`, `value.as_str()`, `request.RequireString("x")`.
    pub(crate) fn note_type_test(&mut self, calling: &Calling<'a>) {
        let of_method = match (self.flow.module(calling.at).language, calling.method.as_deref()) {
            (Language::Rust, Some(method)) => TYPED.contains(&method),
            _ => false,
        };
        let callee = self.flow.sources.slice(self.flow.span(value_in(calling.at.module, calling.code.callee)));
        let asked = match &calling.receiver {
            Some(receiver) if of_method => Some(receiver.clone()),
            _ if TYPE_TESTS.contains(&callee) => calling.given.first().map(|given| given.shade.clone()),
            _ => None,
        };
        asked.iter().for_each(|shade| self.note_typed(shade));
    }

    /// `arguments["count"].(float64)`: a number, or nothing at all.
    pub(crate) fn asserted(&self, at: ValueRef) -> Proofs {
        if self.flow.module(at).language != Language::Go {
            return Proofs::NONE;
        }
        let span = self.flow.span(at);
        let text = self.flow.sources.get(span.source).text();
        let behind = text.get(span.end as usize..).and_then(|rest| rest.strip_prefix(".("));
        let named = behind.and_then(|rest| rest.split_once(')')).map(|(named, _)| named.trim());
        if named.is_some_and(is_number) { Proofs::NUMBER } else { Proofs::NONE }
    }

    /// `text, ok := arguments["path"].(string)`: `ok` tells whether it is there and of that type.
    pub(crate) fn note_type_told(&mut self, places: &[Place], value: ValueRef, shade: &Shade) {
        if self.is_asked_for(places, value) && matches!(self.flow.kind(value), ValueKind::Index { .. }) {
            self.note_typed(shade);
        }
    }

    /// `list, ok := arguments["paths"].([]any)`: one value, and whether it is there; a call gives two of its own.
    pub(crate) fn is_asked_for(&self, places: &[Place], value: ValueRef) -> bool {
        let has_answer = matches!(places, [Place::Items(items, None)] if items.len() == 2);
        let is_one =
            || !matches!(self.flow.kind(value), ValueKind::Call(_) | ValueKind::Tuple(_)) || self.is_asserted(value);
        has_answer && self.flow.module(value).language == Language::Go && is_one()
    }

    fn is_asserted(&self, value: ValueRef) -> bool {
        let span = self.flow.span(value);
        let text = self.flow.sources.get(span.source).text();
        text.get(span.end as usize..).is_some_and(|rest| rest.starts_with(".("))
    }
}
