//! What a request is held against as long as nobody sets it: nothing, an empty text, or one that everybody can write.

use crate::code::{Call, Language, Name, Operator, ValueId, ValueKind};
use crate::extract::requests;
use crate::extract::web::passage::required::Called;
use crate::extract::web::passage::{Asking, Sure, Whose};
use crate::flow::ValueRef;
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::scope::Bound;
use crate::flow::unset::Unset;

/// Deepest chain of names and wrappers that is followed.
const MAX_DEPTH: u32 = 8;
/// Most callers whose arguments are asked.
const MAX_CALLERS: usize = 8;

/// What a value is where nobody says anything.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Blank {
    Nothing,
    Empty,
    /// A text made of it and of what is written out.
    Known,
    /// The text that is written out for it: `process.env.TOKEN ?? "changeme"`.
    Written(Name),
}

/// What a caller can make a value that is read of the request.
#[derive(Clone, Copy)]
struct Sent {
    nothing: bool,
    empty: bool,
}

const ANYTHING: Sent = Sent { nothing: true, empty: true };
const EMPTY: Sent = Sent { nothing: false, empty: true };

impl Asking<'_, '_, '_> {
    /// What is left of the proof that two values are the same where the program's may be blank; `is_strict` where what
    /// compares takes texts only and raises for nothing.
    pub(super) fn unless_blank(&self, left: ValueRef, right: ValueRef, is_strict: bool) -> Sure {
        let (given, own) = match (self.is_given(left), self.is_given(right)) {
            (true, false) => (left, right),
            (false, true) => (right, left),
            _ => return Sure::Yes,
        };
        let mut names = Vec::new();
        let Some(blank) = self.blank(own, &mut names, MAX_DEPTH) else { return Sure::Yes };
        let sent = self.sent(given, MAX_DEPTH);
        let gets_by = match &blank {
            Blank::Known | Blank::Written(_) => true,
            Blank::Nothing => !is_strict && sent.nothing,
            Blank::Empty => sent.empty,
        };
        let written = match blank {
            Blank::Written(text) => Some(text),
            _ => None,
        };
        if gets_by { self.asked_before(left, (given, own), names, written) } else { Sure::Yes }
    }

    /// The text of a key that is written out for where nobody sets it, unless something stops there.
    pub(super) fn unless_written(&self, key: ValueRef) -> Sure {
        let mut names = Vec::new();
        match self.blank(key, &mut names, MAX_DEPTH) {
            Some(Blank::Written(text)) => self.asked_before(key, (key, key), names, Some(text)),
            _ => Sure::Yes,
        }
    }

    /// What a value is with nothing set; the names that it goes by on the way are kept.
    fn blank(&self, value: ValueRef, names: &mut Vec<Called>, depth: u32) -> Option<Blank> {
        let depth = depth.checked_sub(1).filter(|_| !self.passage.is_one_too_many())?;
        let flow = self.passage.flow;
        names.extend(self.called(value));
        match flow.asking(|| Unset::new(flow).value_by_silence(value, &None)).0 {
            Some(Meaning::Null) => {
                self.named_of(value, names, depth);
                return Some(Blank::Nothing);
            }
            Some(Meaning::Text(text, _)) if text.is_empty() => {
                self.named_of(value, names, depth);
                return Some(Blank::Empty);
            }
            Some(Meaning::Text(text, _)) if is_written_for_it(flow.kind(value)) => {
                self.named_of(value, names, depth);
                return Some(Blank::Written(text));
            }
            Some(Meaning::List(items))
                if items.iter().any(|item| flow.force(&item.value).text().is_some_and(|text| text.is_empty())) =>
            {
                return Some(Blank::Empty);
            }
            _ => {}
        }
        let of = |id: ValueId| value_in(value.module, id);
        match flow.kind(value) {
            ValueKind::Template(parts) => {
                self.joined(&parts.iter().map(|id| of(*id)).collect::<Vec<_>>(), names, depth)
            }
            ValueKind::Binary { operator: Operator::Add, left, right } => {
                self.joined(&[of(*left), of(*right)], names, depth)
            }
            ValueKind::Call(call) => self.blank_answer(value, call, names, depth),
            ValueKind::Unary(inner) | ValueKind::Await(inner) | ValueKind::Propagate(inner) => {
                self.blank(of(*inner), names, depth)
            }
            ValueKind::Name(name) => match flow.defined_as(value).filter(|of| *of != value) {
                Some(of) => self.blank(of, names, depth),
                None => self.handed_over(value, name, names, depth),
            },
            _ => None,
        }
    }

    /// The names that a blank value has where it comes from.
    fn named_of(&self, value: ValueRef, names: &mut Vec<Called>, depth: u32) {
        let flow = self.passage.flow;
        let mut at = value;
        for _ in 0..depth {
            names.extend(self.called(at));
            at = match (flow.defined_as(at).filter(|of| *of != at), flow.kind(at)) {
                (Some(of), _) => of,
                (None, ValueKind::Binary { operator: Operator::Or | Operator::Coalesce, left, .. }) => {
                    value_in(at.module, *left)
                }
                (None, ValueKind::Call(call)) => match flow.kind(value_in(at.module, call.callee)) {
                    ValueKind::Field { base, .. } => value_in(at.module, *base),
                    _ => return,
                },
                _ => return,
            };
        }
    }

    /// A text that is made of what is blank and of what is written out; Python adds nothing to no text. No header ends in a
    /// space (RFC 9110, section 5.5), so that nobody can send `Bearer ` with nothing behind it.
    fn joined(&self, parts: &[ValueRef], names: &mut Vec<Called>, depth: u32) -> Option<Blank> {
        let (mut found, mut written) = (None, "");
        for part in parts {
            match self.passage.flow.kind(*part) {
                ValueKind::Text(text) => written = if text.is_empty() { written } else { text },
                _ => found = Some((self.blank(*part, names, depth)?, written)),
            }
        }
        match found? {
            (Blank::Written(text), _) => Some(Blank::Written(text)),
            (Blank::Empty, before) if before.is_empty() && written.is_empty() => Some(Blank::Empty),
            (Blank::Empty, before) if before.ends_with(' ') && before == written => None,
            _ => Some(Blank::Known),
        }
    }

    /// What gives back its argument, or what it is asked of, in another form.
    fn blank_answer(&self, at: ValueRef, call: &Call, names: &mut Vec<Called>, depth: u32) -> Option<Blank> {
        let flow = self.passage.flow;
        let first = call.arguments.first().map(|one| value_in(at.module, one.value));
        if call.kind == crate::code::CallKind::Macro {
            let all: Vec<ValueRef> = call.arguments.iter().map(|one| value_in(at.module, one.value)).collect();
            return self.joined(&all, names, depth);
        }
        let (base, name) = match flow.kind(value_in(at.module, call.callee)) {
            ValueKind::Field { base, name } => (Some(value_in(at.module, *base)), name.as_str()),
            ValueKind::Name(name) => (None, name.as_str()),
            _ => (None, "byte"),
        };
        let is_conversion = matches!(
            name,
            "from" | "bytes" | "byte" | "encode" | "as_bytes" | "as_str" | "as_ref" | "clone" | "to_string" | "trim"
        );
        let asked_of = base.filter(|_| call.arguments.is_empty() || is_conversion && name != "from");
        let inner = match asked_of {
            Some(base) => self.blank(base, names, depth)?,
            None if is_conversion || self.passage.known.converting.contains(name) || self.is_of_tree(at, call) => {
                self.blank(first?, names, depth)?
            }
            None => return None,
        };
        match (inner, name) {
            // What is nothing has no bytes, and no form but its name.
            (Blank::Nothing, "String" | "str") => Some(Blank::Known),
            (Blank::Nothing, _) => None,
            (inner, _) if is_conversion => Some(inner),
            _ => Some(Blank::Known),
        }
    }

    fn is_of_tree(&self, at: ValueRef, call: &Call) -> bool {
        let flow = self.passage.flow;
        let callee = flow.asking(|| flow.meaning(value_in(at.module, call.callee), &None)).0;
        call.arguments.len() == 1 && matches!(callee, Meaning::Function(..))
    }

    /// A parameter of a function that the program calls: `requireToken(process.env.TOKEN)`.
    fn handed_over(&self, at: ValueRef, name: &Name, names: &mut Vec<Called>, depth: u32) -> Option<Blank> {
        let flow = self.passage.flow;
        let (owner, bindings) = self.bindings(at, name)?;
        let position = bindings.iter().find_map(|one| match one.bound {
            Bound::Parameter(position) if one.path.is_empty() => Some(position),
            _ => None,
        })?;
        if owner == self.function && self.given.get(position).is_none_or(|whose| *whose != Whose::Own) {
            return None;
        }
        flow.calls_of(owner).iter().take(MAX_CALLERS).find_map(|call| {
            let ValueKind::Call(code) = flow.kind(*call) else { return None };
            let argument = code.arguments.get(position).filter(|one| one.name.is_none())?;
            self.blank(value_in(call.module, argument.value), names, depth)
        })
    }

    /// What a caller can make a value that is read of the request.
    fn sent(&self, value: ValueRef, depth: u32) -> Sent {
        let Some(depth) = depth.checked_sub(1) else { return ANYTHING };
        let flow = self.passage.flow;
        let of = |id: ValueId| value_in(value.module, id);
        let language = flow.module(value).language;
        if requests::header(flow, value).is_some() {
            let is_told = matches!(flow.kind(value), ValueKind::Call(call) if call.arguments.len() > 1);
            return if is_told || language == Language::Go { EMPTY } else { ANYTHING };
        }
        match flow.kind(value) {
            ValueKind::Name(_) => {
                flow.defined_as(value).filter(|of| *of != value).map_or(ANYTHING, |of| self.sent(of, depth))
            }
            ValueKind::Binary { operator: Operator::Or | Operator::Coalesce, .. } => EMPTY,
            ValueKind::Binary { .. } | ValueKind::Template(_) => Sent { nothing: false, empty: false },
            ValueKind::Unary(inner) => self.sent(of(*inner), depth),
            ValueKind::Call(call) => match flow.kind(of(call.callee)) {
                ValueKind::Field { name, .. } if matches!(name.as_str(), "unwrap_or" | "unwrap_or_default") => EMPTY,
                ValueKind::Field { base, .. } if self.is_given(of(*base)) => {
                    let base = self.sent(of(*base), depth);
                    Sent { empty: true, ..base }
                }
                _ => EMPTY,
            },
            _ => ANYTHING,
        }
    }

    /// Whether a value is a few signs of another: `token.slice(0, 4)`, `token[:4]`, `digest[0]`.
    pub(super) fn is_small_part(&self, value: ValueRef) -> bool {
        let flow = self.passage.flow;
        let text = |at: ValueRef| flow.sources.slice(flow.span(at));
        let own = flow.defined_as(value).unwrap_or(value);
        match flow.kind(own) {
            ValueKind::Call(call) => {
                let ValueKind::Field { base, name } = flow.kind(value_in(own.module, call.callee)) else {
                    let first = call.arguments.first().map(|one| value_in(own.module, one.value));
                    return first
                        .is_some_and(|first| first != value && call.arguments.len() == 1 && self.is_small_part(first));
                };
                match (name.as_str(), &call.arguments[..]) {
                    ("slice" | "substring" | "substr" | "subarray", [_, end]) => {
                        is_short(text(value_in(own.module, end.value)), text(value_in(own.module, *base)))
                    }
                    ("charAt" | "charCodeAt" | "at", [_]) => true,
                    ("encode" | "as_bytes" | "toString", _) => self.is_small_part(value_in(own.module, *base)),
                    ("from", [first, ..]) => self.is_small_part(value_in(own.module, first.value)),
                    _ => false,
                }
            }
            ValueKind::Unary(inner) => self.is_small_part(value_in(own.module, *inner)),
            ValueKind::Template(parts) => parts.iter().any(|id| self.is_small_part(value_in(own.module, *id))),
            ValueKind::Binary { operator: Operator::Add, left, right } => {
                [left, right].into_iter().any(|id| self.is_small_part(value_in(own.module, *id)))
            }
            ValueKind::Index { base, key } if matches!(flow.kind(value_in(own.module, *key)), ValueKind::Int(_)) => {
                is_digest(text(value_in(own.module, *base)))
            }
            _ => sliced_to(text(own)).is_some_and(|(base, end)| is_short(end, base)),
        }
    }
}

/// Bytes that something was made into, of which one tells little.
fn is_digest(text: &str) -> bool {
    ["digest()", "digest(\"hex\")", "encode()", "as_bytes()"].iter().any(|end| text.ends_with(end))
}

/// What is sliced, and the end of the slice, as they are written: `token[:4]`, `&token[..4]`.
fn sliced_to(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim_end().strip_suffix(']')?;
    let (base, range) = inner.split_at(inner.rfind('[')?);
    let (_, end) = range.rsplit_once("..").or_else(|| range.rsplit_once(':'))?;
    Some((base.trim_start_matches('&'), end))
}

/// An end that leaves too little to guess, or that the caller chooses by how much he sends.
fn is_short(end: &str, base: &str) -> bool {
    let end = end.trim().trim_start_matches('=');
    match end.parse::<i64>() {
        Ok(number) => (0..16).contains(&number),
        Err(_) => ["len(", ".length", ".len()"].iter().any(|word| end.contains(word)) && !end.contains(base),
    }
}

/// Whether a value is chosen between what is set and what is written: a text that is put together has its parts asked.
fn is_written_for_it(kind: &ValueKind) -> bool {
    match kind {
        ValueKind::Binary { operator, .. } => matches!(operator, Operator::Or | Operator::Coalesce),
        ValueKind::Call(_) | ValueKind::Choice { .. } | ValueKind::Field { .. } | ValueKind::Index { .. } => true,
        _ => false,
    }
}
