//! Tests that constants decide: whether texts are equal, whether one is among others, which arm of a match is taken.

use crate::code::{Match, Operator, Pattern, ValueKind};
use crate::flow::meaning::{Frame, Item, Meaning, Passed, value_in};
use crate::flow::scope::ArmHead;
use crate::flow::{Flow, ModuleId, ValueRef};

/// Methods of collections and texts that ask whether something is among them.
const MEMBERSHIP: &[&str] =
    &["includes", "has", "contains", "Contains", "contains_key", "hasOwnProperty", "__contains__"];
/// Methods of texts that ask how they begin or end, and whether they must begin with it.
const ENDS: &[(&str, bool)] = &[
    ("startsWith", true),
    ("startswith", true),
    ("starts_with", true),
    ("HasPrefix", true),
    ("endsWith", false),
    ("endswith", false),
    ("ends_with", false),
    ("HasSuffix", false),
];

/// Most elements of which one may be the one that is looked for.
const MAX_FOUND: usize = 64;
/// Most steps to test one element of a list.
const KEEPING_STEPS: u32 = 400;
/// Which part of the steps of a question those tests of one list may take that constants do not decide.
const KEEPING_SHARE: u32 = 100;

impl Flow<'_> {
    /// Whether a test holds, where constants alone decide.
    pub fn holds(&self, test: ValueRef, frame: &Frame) -> Option<bool> {
        let asked = match self.kind(test) {
            ValueKind::Name(_) => self.defined_as(test)?,
            _ => test,
        };
        if !self.is_test(asked) {
            return None;
        }
        match self.meaning(test, frame) {
            Meaning::Bool(is) => Some(is),
            _ => None,
        }
    }

    /// Whether an expression is written as a test of a kind that constants may decide.
    fn is_test(&self, test: ValueRef) -> bool {
        use Operator::{And, Equal, In, Is, IsNot, NotEqual, NotIn, Or};
        let of = |id| value_in(test.module, id);
        match self.kind(test) {
            ValueKind::Not(inner) => self.is_test(of(*inner)),
            ValueKind::Binary { operator: Equal | NotEqual | In | NotIn | Is | IsNot, .. }
            | ValueKind::Matches { .. } => true,
            ValueKind::Binary { operator: And | Or, left, right } => {
                self.is_test(of(*left)) || self.is_test(of(*right))
            }
            ValueKind::Call(call) => match self.kind(of(call.callee)) {
                ValueKind::Field { name, .. } => is_asking(name),
                _ => false,
            },
            _ => false,
        }
    }

    /// A comparison of constants.
    pub(super) fn comparison(&self, operator: Operator, left: &Meaning, right: &Meaning) -> Meaning {
        let is = match operator {
            Operator::Equal | Operator::Is => is_equal(left, right),
            Operator::NotEqual | Operator::IsNot => is_equal(left, right).map(|is| !is),
            Operator::In => self.is_among(left, right),
            Operator::NotIn => self.is_among(left, right).map(|is| !is),
            _ => None,
        };
        is.map_or(Meaning::Unknown("a truth value"), Meaning::Bool)
    }

    /// `list.includes(x)`, `text.startswith(x)`, `map.has(x)`: decided where all of it is constant.
    pub(super) fn asked_of(&self, base: &Meaning, method: &str, arguments: &[Passed]) -> Option<Meaning> {
        let [only] = arguments else { return None };
        if !is_asking(method) || only.is_rest {
            return None;
        }
        if matches!(base, Meaning::Map(entries) if entries.iter().any(|one| one.key.as_ref().is_none_or(|key| key.name == method)))
        {
            return None;
        }
        let given = self.force(&only.value);
        match (base, ENDS.iter().find(|(name, _)| *name == method)) {
            (Meaning::Text(text, _), Some((_, at_start))) => self.has_end(text, &given, *at_start),
            (_, Some(_)) => None,
            _ => self.is_among(&given, base),
        }
        .map(Meaning::Bool)
    }

    /// `strings.HasPrefix(x, y)`, `slices.Contains(list, x)`.
    pub(super) fn asked(&self, name: &str, arguments: &[Passed]) -> Option<Meaning> {
        let [first, second] = arguments else { return None };
        let (first, second) = (self.force(&first.value), self.force(&second.value));
        let is = match (name, &first) {
            ("strings.HasPrefix", Meaning::Text(text, _)) => self.has_end(text, &second, true),
            ("strings.HasSuffix", Meaning::Text(text, _)) => self.has_end(text, &second, false),
            ("slices.Contains" | "strings.Contains", _) => self.is_among(&second, &first),
            _ => None,
        };
        is.map(Meaning::Bool)
    }

    /// Whether a text begins, or ends, with one of those given.
    fn has_end(&self, text: &str, given: &Meaning, at_start: bool) -> Option<bool> {
        let has = |end: &str| if at_start { text.starts_with(end) } else { text.ends_with(end) };
        match given {
            Meaning::Text(end, _) => Some(has(end)),
            Meaning::List(_) => {
                let ends = self.constants(given)?;
                Some(ends.iter().any(|end| end.text().is_some_and(|end| has(end))))
            }
            _ => None,
        }
    }

    fn is_among(&self, item: &Meaning, all: &Meaning) -> Option<bool> {
        match (item, all) {
            (Meaning::Text(item, _), Meaning::Text(text, _)) => Some(text.contains(item.as_str())),
            (Meaning::Text(item, _), Meaning::Map(entries)) => {
                let named =
                    |entry: &&crate::flow::meaning::Entry| entry.key.as_ref().is_some_and(|key| key.name == *item);
                match entries.iter().find(named) {
                    Some(entry) => (!entry.optional).then_some(true),
                    None => entries.iter().all(|entry| entry.key.is_some()).then_some(false),
                }
            }
            (Meaning::Text(..) | Meaning::Int(_), Meaning::List(_)) => {
                let all = self.constants(all)?;
                let mut told = all.iter().map(|one| is_equal(item, one));
                told.try_fold(false, |found, is| Some(found || is?))
            }
            _ => None,
        }
    }

    /// The elements of a list that is known to its end.
    fn constants(&self, list: &Meaning) -> Option<Vec<Meaning>> {
        let items = self.items(list)?;
        let is_open = items.len() > 256 || items.iter().any(|item| item.is_rest || item.optional);
        (!is_open).then(|| items.iter().map(|item| self.force(&item.value)).collect())
    }

    /// The first element of which a test holds, where constants decide; else those of which it may.
    pub(super) fn found_in(&self, at: ValueRef, items: &[Meaning], test: Option<Meaning>) -> Meaning {
        let mut possible = Vec::new();
        for item in items {
            if possible.len() >= MAX_FOUND {
                return Meaning::Unknown("one of many");
            }
            match self.applied_to(at, test.clone(), item.clone()) {
                Meaning::Bool(false) => {}
                Meaning::Bool(true) if possible.is_empty() => return item.clone(),
                _ => possible.push(item.clone()),
            }
        }
        Meaning::any(possible)
    }

    /// The elements of which a test holds or may hold.
    pub(super) fn kept_by(&self, at: ValueRef, items: Vec<Item>, test: Option<Meaning>) -> Vec<Item> {
        let mut left = self.limit.get() / KEEPING_SHARE;
        let mut kept = |item: Item| {
            // Tests that constants do not decide are worth less than the elements.
            let before = self.steps.get();
            let is = match left > 0 {
                true => self.asked_briefly(|| self.applied_to(at, test.clone(), item.value.clone())),
                false => Meaning::Unknown("too much to follow"),
            };
            match is {
                Meaning::Bool(false) if !item.is_rest => None,
                Meaning::Bool(true) => Some(item),
                _ => {
                    left = left.saturating_sub(self.steps.get().saturating_sub(before));
                    Some(Item { optional: true, ..item })
                }
            }
        };
        items.into_iter().filter_map(&mut kept).collect()
    }

    /// An answer within few steps, or one that says nothing.
    fn asked_briefly(&self, ask: impl FnOnce() -> Meaning) -> Meaning {
        let (is, open) = self.asking_within(KEEPING_STEPS, ask);
        open.into_iter().for_each(|open| self.left_open(open));
        is
    }

    /// `value matches pattern`.
    pub(super) fn pattern_holds(&self, value: &Meaning, pattern: &Pattern, module: ModuleId, frame: &Frame) -> Meaning {
        let is = match pattern {
            Pattern::Value(one) => is_equal(value, &self.meaning(value_in(module, *one), frame)),
            Pattern::Any(_) => Some(true),
            Pattern::Shape { .. } => None,
        };
        is.map_or(Meaning::Unknown("a truth value"), Meaning::Bool)
    }

    /// The values of the arms of a match that may be taken.
    pub(super) fn chosen(&self, at: ValueRef, chosen: &Match, frame: &Frame, limit: usize) -> Meaning {
        let subject = chosen.subject.map(|subject| self.meaning(value_in(at.module, subject), frame));
        let mut found = Vec::new();
        for arm in chosen.arms.iter().take(limit) {
            let head = ArmHead::of(arm);
            let is = self.head_holds(&head, subject.as_ref(), at.module, frame);
            if is != Some(false)
                && let Some(tail) = arm.body.tail
            {
                found.push(self.meaning(value_in(at.module, tail), frame));
            }
            if is == Some(true) {
                break;
            }
        }
        Meaning::any(found)
    }

    /// Whether control enters an arm of a match, as far as constants say.
    pub(super) fn arm_is_taken(&self, place: ValueRef, arm: crate::source::Span, frame: &Frame) -> Option<bool> {
        let arms = self.scopes(place.module).arms_of.get(&place.id)?;
        let subject = self.meaning(place, frame);
        if !matches!(subject, Meaning::Text(..) | Meaning::Int(_) | Meaning::Bool(_)) {
            return None;
        }
        let heads = arms.iter().map(|head| match head.is_default {
            true => Some(false),
            false => self.head_holds(head, Some(&subject), place.module, frame),
        });
        let heads: Vec<bool> = heads.collect::<Option<_>>()?;
        let entered = heads.iter().position(|is| *is).or_else(|| arms.iter().position(|head| head.is_default));
        let (at, Some(entered)) = (arms.iter().position(|head| head.span == arm)?, entered) else { return Some(false) };
        let runs_on = || entered < at && arms[entered..at].iter().all(|head| head.falls_through);
        Some(at == entered || runs_on())
    }

    /// Whether the patterns of an arm hold of the subject.
    pub fn head_holds(
        &self,
        head: &ArmHead,
        subject: Option<&Meaning>,
        module: ModuleId,
        frame: &Frame,
    ) -> Option<bool> {
        let guard = match head.guard {
            Some(guard) => self.holds(value_in(module, guard), frame),
            None => Some(true),
        };
        if guard == Some(false) {
            return Some(false);
        }
        if head.is_default {
            return guard;
        }
        let (Some(subject), Some(values)) = (subject, &head.values) else { return None };
        let mut is = Some(false);
        for value in values {
            match is_equal(subject, &self.meaning(value_in(module, *value), frame)) {
                Some(true) => return guard,
                Some(false) => {}
                None => is = None,
            }
        }
        is
    }
}

/// Whether a method asks something of its receiver that constants may decide.
fn is_asking(method: &str) -> bool {
    MEMBERSHIP.contains(&method) || ENDS.iter().any(|(name, _)| *name == method)
}

/// Whether two constants are equal; nothing where one is not constant.
pub(super) fn is_equal(left: &Meaning, right: &Meaning) -> Option<bool> {
    match (left, right) {
        (Meaning::Text(a, _), Meaning::Text(b, _)) => Some(a == b),
        (Meaning::Int(a), Meaning::Int(b)) => Some(a == b),
        (Meaning::Bool(a), Meaning::Bool(b)) => Some(a == b),
        _ => None,
    }
}
