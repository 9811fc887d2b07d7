//! What a test proves where it comes out one way.

use crate::code::{Operator, Pattern, ValueId, ValueKind};
use crate::extract::web::known::Checks;
use crate::extract::web::passage::given::{equality, membership};
use crate::extract::web::passage::{Asking, Sure};
use crate::flow::ValueRef;
use crate::flow::meaning::value_in;
use crate::flow::scope::Bound;

/// Deepest nesting of questions about one test.
const MAX_NESTED: u32 = 48;

/// Whether an operator joins tests.
pub(super) fn is_joint(operator: Operator) -> bool {
    matches!(operator, Operator::And | Operator::Or)
}

impl Asking<'_, '_, '_> {
    /// What it proves that a test comes out one way.
    pub(super) fn proves(&self, test: ValueRef, side: bool) -> Sure {
        self.proves_at(test, side, false, 16)
    }

    /// What it proves that a function gives back a value of one truth; promises are waited for by whoever gets it.
    pub(super) fn answer(&self, value: ValueRef, side: bool) -> Sure {
        self.proves_at(value, side, true, 16)
    }

    /// The outcome of a test that is written out.
    pub(super) fn decided(&self, test: ValueRef) -> Option<bool> {
        let flow = self.passage.flow;
        let of = |id: ValueId| self.decided(value_in(test.module, id));
        match flow.kind(test) {
            ValueKind::Bool(is) => Some(*is),
            ValueKind::Not(inner) => of(*inner).map(|is| !is),
            ValueKind::Binary { operator: Operator::And, left, right } => match (of(*left), of(*right)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            ValueKind::Binary { operator: Operator::Or, left, right } => match (of(*left), of(*right)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// Names may be bound to what is made of themselves, so that the depth alone bounds nothing.
    fn proves_at(&self, test: ValueRef, side: bool, is_awaited: bool, depth: u32) -> Sure {
        let Some(depth) = depth.checked_sub(1) else { return Sure::Maybe };
        let nested = self.passage.nested.get();
        if nested >= MAX_NESTED || self.passage.is_one_too_many() {
            return Sure::Maybe;
        }
        self.passage.nested.set(nested + 1);
        let found = self.proves_here(test, side, is_awaited, depth);
        self.passage.nested.set(nested);
        found
    }

    fn proves_here(&self, test: ValueRef, side: bool, is_awaited: bool, depth: u32) -> Sure {
        let flow = self.passage.flow;
        let of = |id: ValueId| value_in(test.module, id);
        let inner = |id: ValueId, side: bool| self.proves_at(of(id), side, false, depth);
        let exempts = self.exempts(test, side);
        if exempts != Sure::No {
            return exempts;
        }
        match flow.kind(test) {
            // A side that is never taken lets nothing through.
            ValueKind::Bool(is) => {
                if *is == side {
                    Sure::No
                } else {
                    Sure::Yes
                }
            }
            ValueKind::Not(value) => inner(*value, !side),
            ValueKind::Await(value) => self.proves_at(of(*value), side, true, depth),
            ValueKind::Propagate(value) | ValueKind::Unary(value) | ValueKind::Generic { base: value, .. } => {
                self.proves_at(of(*value), side, is_awaited, depth)
            }
            ValueKind::Binary { operator, left, right } if is_joint(*operator) => {
                let both = (inner(*left, side), inner(*right, side));
                match (*operator == Operator::And) == side {
                    true => both.0.max(both.1),
                    false => both.0.min(both.1),
                }
            }
            ValueKind::Binary { operator, left, right } => self.compared(*operator, of(*left), of(*right), side, depth),
            ValueKind::Choice { test, then, otherwise } => {
                let yes = inner(*test, true).max(self.proves_at(of(*then), side, is_awaited, depth));
                let no = otherwise.map_or(if side { Sure::Yes } else { Sure::No }, |id| inner(id, side));
                yes.min(inner(*test, false).max(no))
            }
            ValueKind::Call(_) => self.asked(test, side, is_awaited),
            ValueKind::Index { base, key } if side && self.is_given(of(*key)) => self.held_in(of(*key), of(*base)),
            ValueKind::Name(_) => self.named_test(test, side, is_awaited, depth),
            ValueKind::Matches { value, pattern } => match side {
                true => self.matches(Some(of(*value)), pattern),
                false => self.missing(of(*value)),
            },
            ValueKind::Comprehension(all) => self.proves_at(of(all.element), side, false, depth),
            ValueKind::Assign(one) => one.value.map_or(Sure::No, |id| inner(id, side)),
            ValueKind::Sequence(parts) => parts.last().map_or(Sure::No, |id| inner(*id, side)),
            ValueKind::Field { .. } | ValueKind::Index { .. } => {
                let missing = if side { Sure::No } else { self.missing(test) };
                missing.max(self.of_answer(test))
            }
            _ if !side => self.missing(test),
            _ => Sure::No,
        }
    }

    /// A header that is not there: only Origin may be missing, which no page leaves out where it writes.
    fn missing(&self, value: ValueRef) -> Sure {
        match self.is_origin(value) && self.is_given(value) {
            true => Sure::Yes,
            false => Sure::No,
        }
    }

    /// A name that holds the outcome of a test, or is set where one came out well.
    fn named_test(&self, test: ValueRef, side: bool, is_awaited: bool, depth: u32) -> Sure {
        let flow = self.passage.flow;
        let ValueKind::Name(name) = flow.kind(test) else { return Sure::No };
        let missing = if side { Sure::No } else { self.missing(test) };
        let Some((_, bindings)) = self.bindings(test, name) else { return missing };
        let values: Option<Vec<ValueRef>> = bindings
            .iter()
            .filter(|one| one.bound != Bound::Nothing)
            .map(|one| match one.bound {
                Bound::Value(value) if one.path.is_empty() => Some(value_in(test.module, value)),
                _ => None,
            })
            .collect();
        let Some(values) = values.filter(|all| !all.is_empty() && all.len() <= 4) else {
            let is_asked = bindings
                .iter()
                .any(|one| matches!(one.bound, Bound::Value(value) if self.is_about(value_in(test.module, value))));
            return missing.max(if is_asked { Sure::Maybe } else { Sure::No });
        };
        let sure = values.into_iter().filter_map(|value| match (flow.kind(value), side) {
            (ValueKind::Bool(is), _) if *is != side => None,
            (ValueKind::Null, true) => None,
            (ValueKind::Bool(_) | ValueKind::Null, _) => Some(self.around(value, depth)),
            _ => Some(self.proves_at(value, side, is_awaited, depth).max(self.around(value, depth))),
        });
        missing.max(sure.min().unwrap_or(Sure::No))
    }

    /// What is proved where a value stands.
    fn around(&self, value: ValueRef, depth: u32) -> Sure {
        let tests = self.passage.flow.tests(value).into_iter();
        let proves = |(test, side): (ValueRef, Option<bool>)| Some(self.proves_at(test, side?, false, depth.min(4)));
        tests.filter_map(proves).max().unwrap_or(Sure::No)
    }

    fn compared(&self, operator: Operator, left: ValueRef, right: ValueRef, side: bool, depth: u32) -> Sure {
        let flow = self.passage.flow;
        if let Some(is_in) = membership(operator) {
            return match is_in == side {
                true => self.held_in(left, right),
                false => Sure::No,
            };
        }
        let Some(is_equal) = equality(operator) else { return self.by_position(operator, left, right, side) };
        let is_same = is_equal == side;
        for (value, other) in [(left, right), (right, left)] {
            match flow.kind(other) {
                ValueKind::Bool(is) => return self.proves_at(value, is_same == *is, false, depth),
                ValueKind::Int(number @ (0 | 1)) if self.is_comparison(value) => {
                    return self.asked(value, is_same == (*number == 1), false);
                }
                ValueKind::Int(-1) => return if is_same { Sure::No } else { self.found_in(value) },
                ValueKind::Unary(_) if flow.sources.slice(flow.span(other)) == "-1" => {
                    return if is_same { Sure::No } else { self.found_in(value) };
                }
                ValueKind::Int(_) | ValueKind::Float(_) => return self.of_answer(value),
                _ if self.is_nothing(other) => return self.nothing(value, is_same, depth),
                _ => {}
            }
        }
        match is_same {
            true => self.same(left, right).min(self.unless_blank(left, right, false)),
            false => Sure::No,
        }
    }

    /// What is asked of an answer that came from elsewhere may be whether the credential is right.
    fn of_answer(&self, value: ValueRef) -> Sure {
        if self.is_answer(value) && !self.is_measure(value) { Sure::Maybe } else { Sure::No }
    }

    /// `x === null`, `err != nil`.
    fn nothing(&self, value: ValueRef, is_nothing: bool, depth: u32) -> Sure {
        self.proves_at(value, !is_nothing, false, depth)
    }

    pub(super) fn is_nothing(&self, value: ValueRef) -> bool {
        match self.passage.flow.kind(value) {
            ValueKind::Null => true,
            ValueKind::Text(text) => text.is_empty() || text == "null" || text == "undefined",
            ValueKind::Name(name) => name == "undefined",
            _ => false,
        }
    }

    /// What it proves that two values are the same.
    pub(super) fn same(&self, left: ValueRef, right: ValueRef) -> Sure {
        let (given, other) = match (self.is_given(left), self.is_given(right)) {
            (true, false) => (left, right),
            (false, true) => (right, left),
            (true, true) => return if self.is_alike(left, right) { Sure::No } else { Sure::Maybe },
            (false, false) => return Sure::No,
        };
        let flow = self.passage.flow;
        match flow.kind(other) {
            ValueKind::Text(text) if self.passage.wanted == Checks::Credentials => {
                let is_scheme = self.passage.known.schemes.contains(text.to_ascii_lowercase().trim_end());
                if is_scheme { Sure::No } else { Sure::Yes }
            }
            _ if self.is_measure(given) || self.is_small_part(other) => Sure::No,
            _ => self.by_own(other),
        }
    }

    /// `given.length`, `typeof given`.
    fn is_measure(&self, value: ValueRef) -> bool {
        let flow = self.passage.flow;
        match flow.kind(value) {
            ValueKind::Field { name, .. } => matches!(name.as_str(), "length" | "size"),
            ValueKind::Call(call) => {
                matches!(flow.kind(value_in(value.module, call.callee)), ValueKind::Name(name) | ValueKind::Field { name, .. } if matches!(name.as_str(), "len" | "typeof" | "type"))
            }
            ValueKind::Unary(_) => flow.sources.slice(flow.span(value)).starts_with("typeof"),
            _ => false,
        }
    }

    /// Whether two values that are of the request are made of nothing else.
    fn is_alike(&self, left: ValueRef, right: ValueRef) -> bool {
        let flow = self.passage.flow;
        let slice = |at: ValueRef| flow.sources.slice(flow.span(at));
        let defined = |at: ValueRef| flow.defined_as(at).unwrap_or(at);
        let is_header = |at: ValueRef| crate::extract::requests::header(flow, defined(at)).is_some();
        slice(left) == slice(right)
            || slice(defined(left)) == slice(defined(right))
            || is_header(left) && is_header(right)
    }

    /// What it proves that a subject is of a pattern.
    pub(super) fn matches(&self, subject: Option<ValueRef>, pattern: &Pattern) -> Sure {
        let flow = self.passage.flow;
        match (subject, pattern) {
            (Some(subject), Pattern::Value(value)) => {
                let value = value_in(subject.module, *value);
                match flow.kind(value) {
                    ValueKind::Bool(is) => self.proves(subject, *is),
                    ValueKind::Null => self.proves(subject, false),
                    _ if equal_method(flow, subject, value) => Sure::Yes,
                    _ => self.same(subject, value),
                }
            }
            (Some(subject), Pattern::Shape { of: Some(of), .. }) => match flow.kind(value_in(subject.module, *of)) {
                ValueKind::Name(name) | ValueKind::Field { name, .. } => match name.as_str() {
                    "Ok" | "Some" => self.proves(subject, true).max(self.ends(subject, true)),
                    "None" | "Err" => self.proves(subject, false),
                    _ => Sure::No,
                },
                _ => Sure::No,
            },
            _ => Sure::No,
        }
    }

    /// The last of several values that a function gives back, where Go puts errors.
    pub(super) fn last_part(&self, value: ValueRef) -> ValueRef {
        match self.passage.flow.kind(value) {
            ValueKind::Tuple(parts) => parts.last().map_or(value, |last| value_in(value.module, *last)),
            _ => value,
        }
    }
}

/// `switch (request.method) { case "OPTIONS": … }`
fn equal_method(flow: &crate::flow::Flow, subject: ValueRef, value: ValueRef) -> bool {
    let is_method = matches!(flow.kind(subject), ValueKind::Field { name, .. } if name.eq_ignore_ascii_case("method"));
    is_method && matches!(flow.kind(value), ValueKind::Text(text) if matches!(text.as_str(), "OPTIONS" | "HEAD"))
}
