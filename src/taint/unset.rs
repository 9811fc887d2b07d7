//! What a value is where the environment says nothing: a guard whose list comes from there may be off until someone sets it.

use crate::code::{Call, Comprehension, Language, Operator, ValueId, ValueKind};
use crate::flow::effects::Kind;
use crate::flow::meaning::value_in;
use crate::flow::{Meaning, ValueRef};
use crate::taint::{Proofs, Walk, names};

/// Deepest nesting of what a setting is made of.
const MAX_DEPTH: u32 = 12;
/// Methods that make of nothing nothing, of an empty text one, and of a list one with as many elements.
const KEEPING: &[&str] = &[
    "strip",
    "trim",
    "lower",
    "upper",
    "toLowerCase",
    "toUpperCase",
    "replace",
    "replaceAll",
    "map",
    "clone",
    "to_string",
    "to_owned",
    "as_str",
    "as_deref",
    "ok",
    "iter",
    "into_iter",
    "collect",
    "toString",
    "TrimSpace",
    "ToLower",
    "slice",
];
/// Functions that give the elements of what they are given.
const GATHERING: &[&str] = &["list", "set", "tuple", "frozenset", "Set", "Array.from", "filter", "sorted"];

/// What a value is as long as nothing is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Default {
    /// None, null, undefined.
    Nothing,
    /// A text without a sign.
    EmptyText,
    /// A list whose only element is an empty text.
    OneEmpty,
    /// A list without elements.
    NoElements,
    /// Something.
    Something,
}

/// What it is, and whether the environment was asked on the way there.
type Found = (Default, bool);

impl Walk<'_> {
    /// Whether a test, which asks only whether a setting is set, finds that it is not as long as the environment is silent.
    pub(crate) fn is_off_by_default(&mut self, test: ValueId) -> bool {
        let at = value_in(self.here().function.module, test);
        let (subject, counts) = self.asked_setting(at);
        let Some((default, true)) = self.default_of(subject, MAX_DEPTH) else { return false };
        // An empty list is true in JavaScript.
        let lists_count = counts || matches!(self.flow.module(at).language, Language::Python | Language::Go);
        match default {
            Default::Nothing | Default::EmptyText => true,
            Default::NoElements => lists_count,
            Default::OneEmpty | Default::Something => false,
        }
    }

    /// What a test asks for, and whether it asks for its length.
    fn asked_setting(&self, test: ValueRef) -> (ValueRef, bool) {
        let of = |id| value_in(test.module, id);
        match self.flow.kind(test) {
            ValueKind::Not(inner) => self.asked_setting(of(*inner)),
            ValueKind::Field { base, name } if matches!(name.as_str(), "length" | "size") => (of(*base), true),
            ValueKind::Call(call) if call.arguments.len() == 1 => (of(call.arguments[0].value), true),
            ValueKind::Binary { operator, left, right } if !matches!(operator, Operator::Or | Operator::And) => {
                match self.flow.kind(of(*left)) {
                    ValueKind::Null => self.asked_setting(of(*right)),
                    _ => self.asked_setting(of(*left)),
                }
            }
            _ => (test, false),
        }
    }

    fn default_of(&mut self, at: ValueRef, depth: u32) -> Option<Found> {
        let depth = depth.checked_sub(1)?;
        let of = |id| value_in(at.module, id);
        match self.flow.kind(at) {
            ValueKind::Null => Some((Default::Nothing, false)),
            ValueKind::Text(text) if text.is_empty() => Some((Default::EmptyText, false)),
            ValueKind::List(items) | ValueKind::Tuple(items) => self.default_of_list(at, items, depth),
            ValueKind::Text(_) => Some((Default::Something, false)),
            ValueKind::Spread(inner) | ValueKind::Await(inner) => self.default_of(of(*inner), depth),
            ValueKind::Binary { operator: Operator::Or | Operator::Coalesce, left, right } => {
                let (first, asked) = self.default_of(of(*left), depth)?;
                let is_empty = matches!(first, Default::Nothing | Default::EmptyText);
                if !is_empty {
                    return Some((first, asked));
                }
                let (second, also) = self.default_of(of(*right), depth)?;
                Some((second, asked || also))
            }
            ValueKind::Choice { test, then, otherwise: Some(otherwise) } => {
                let (subject, _) = self.asked_setting(of(*test));
                let (tested, asked) = self.default_of(subject, depth)?;
                let holds = !matches!(tested, Default::Nothing | Default::EmptyText | Default::NoElements);
                let is_turned = matches!(self.flow.kind(of(*test)), ValueKind::Not(_));
                let (found, _) = self.default_of(of(if holds == is_turned { *otherwise } else { *then }), depth)?;
                Some((found, asked))
            }
            ValueKind::Comprehension(code) => self.default_of_each(at, code, depth),
            ValueKind::Call(call) => self.default_of_call(at, call, depth),
            ValueKind::Field { .. } | ValueKind::Index { .. } if self.is_variable(at) => Some((Default::Nothing, true)),
            _ => self.default_of_named(at, depth),
        }
    }

    fn default_of_list(&mut self, at: ValueRef, items: &[ValueId], depth: u32) -> Option<Found> {
        match items {
            [] => Some((Default::NoElements, false)),
            [only] if matches!(self.flow.kind(value_in(at.module, *only)), ValueKind::Spread(_)) => {
                self.default_of(value_in(at.module, *only), depth)
            }
            _ => Some((Default::Something, false)),
        }
    }

    /// `[clean(x) for x in list if x]`
    fn default_of_each(&mut self, at: ValueRef, code: &Comprehension, depth: u32) -> Option<Found> {
        let [clause] = &code.clauses[..] else { return None };
        let (over, asked) = self.default_of(value_in(at.module, clause.over), depth)?;
        Some((if clause.conditions.is_empty() { over } else { sifted(over) }, asked))
    }

    fn default_of_call(&mut self, at: ValueRef, call: &Call, depth: u32) -> Option<Found> {
        let of = |id| value_in(at.module, id);
        if let Some(found) = self.default_of_variable(at, call, depth) {
            return Some(found);
        }
        let text = self.flow.sources.slice(self.flow.span(of(call.callee)));
        let plain: Vec<ValueId> = call.arguments.iter().map(|argument| argument.value).collect();
        match self.flow.kind(of(call.callee)) {
            _ if matches!(text, "strings.Split" | "filepath.SplitList" | "strings.Fields" | "strings.TrimSpace") => {
                let (base, asked) = self.default_of(of(*plain.first()?), depth)?;
                Some((
                    if text.ends_with("Split") { split(base, true) } else { split(base, text == "strings.TrimSpace") },
                    asked,
                ))
            }
            _ if GATHERING.contains(&text) => match plain.last() {
                None => Some((Default::NoElements, false)),
                Some(last) => {
                    let (base, asked) = self.default_of(of(*last), depth)?;
                    Some((if text == "filter" { sifted(base) } else { base }, asked))
                }
            },
            ValueKind::Field { base, name } => {
                let (base, asked) = self.default_of(of(*base), depth)?;
                let found = match name.as_str() {
                    "split" => split(base, !plain.is_empty()),
                    "filter" => sifted(base),
                    "unwrap_or_default" if base == Default::Nothing => Default::EmptyText,
                    name if KEEPING.contains(&name) => base,
                    _ => return None,
                };
                Some((found, asked))
            }
            _ => None,
        }
    }

    /// `os.getenv("ROOTS", "")`, by the tables of effects.
    fn default_of_variable(&mut self, at: ValueRef, call: &Call, depth: u32) -> Option<Found> {
        let language = self.flow.module(at).language;
        let table = self.effects.of(language)?;
        let callee = value_in(at.module, call.callee);
        let frame = self.here().frame.clone();
        let meaning = self.flow.asking(|| self.flow.meaning(callee, &frame)).0;
        let name = self.flow.asking(|| names::of_callee(self.flow, &meaning, table)).0?;
        if !table.effects_of(&name).any(|effect| effect.kind == Kind::Environment) {
            return None;
        }
        let default = call.arguments.get(1).filter(|_| language == Language::Python);
        Some(match default {
            Some(default) => (self.default_of(value_in(at.module, default.value), depth)?.0, true),
            None if language == Language::Go => (Default::EmptyText, true),
            None => (Default::Nothing, true),
        })
    }

    /// `process.env.ROOTS`
    fn is_variable(&self, at: ValueRef) -> bool {
        let text = self.flow.sources.slice(self.flow.span(at));
        ["process.env", "Bun.env", "import.meta.env"].iter().any(|of| {
            text.strip_prefix(of).is_some_and(|rest| rest.starts_with(['.', '[', '?', '!']) && !rest.contains('('))
        })
    }

    /// What a name or a member stands for, where that is written in one place.
    fn default_of_named(&mut self, at: ValueRef, depth: u32) -> Option<Found> {
        if let Some(defined) = self.flow.defined_as(at).filter(|defined| *defined != at) {
            return self.default_of(defined, depth);
        }
        let frame = self.here().frame.clone();
        match self.flow.asking(|| self.flow.force(&self.flow.meaning(at, &frame))).0 {
            Meaning::Made(made) if made.at != at => self.default_of(made.at, depth),
            Meaning::Later(later, _) if later != at => self.default_of(later, depth),
            _ => None,
        }
    }
}

fn split(base: Default, by_something: bool) -> Default {
    match base {
        Default::EmptyText if by_something => Default::OneEmpty,
        Default::EmptyText => Default::NoElements,
        other => other,
    }
}

fn sifted(base: Default) -> Default {
    if base == Default::OneEmpty { Default::NoElements } else { base }
}

/// What is proven by a guard that is off by default.
pub(crate) fn when_unset(proofs: Proofs) -> Proofs {
    const HELD_TO: Proofs = Proofs::HOLDING.and(Proofs::CHOICE).and(Proofs::PLAIN_NAME).and(Proofs::SHELL_WORD);
    if proofs.any(HELD_TO) { proofs.without(HELD_TO) | Proofs::WEAK_UNSET } else { proofs }
}
