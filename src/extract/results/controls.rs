//! What stands between content and a result, and the constants that decide what it does.

use std::cell::RefCell;
use std::rc::Rc;

use ahash::HashMap;

use crate::code::walk::children;
use crate::code::{Call, FunctionId, Language, Name, ValueId, ValueKind};
use crate::extract::results::content;
use crate::extract::results::words::{self, Becomes};
use crate::extract::usages::bound;
use crate::flow::effects::Effects;
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::scope::Bound;
use crate::flow::{Flow, FunctionRef, ModuleId, ValueRef};
use crate::source::Span;
use crate::taint::names;

/// Most values that are looked at for the constants of one.
const MAX_VALUES: u32 = 120;
/// Deepest chain of names, and of what they are made of.
const MAX_DEPTH: u32 = 6;
/// Steps for one question of what something means.
pub const STEPS: u32 = 300;

/// What was found out before.
#[derive(Debug, Default)]
pub struct Memo {
    /// The calls that closures are handed to, by module and closure.
    takers: RefCell<HashMap<ModuleId, Rc<HashMap<ValueId, ValueId>>>>,
    /// What tests say of names, where nothing that they ask was still being found out.
    pub tests: RefCell<HashMap<(ValueRef, Name), Option<bool>>>,
    /// Whether functions ask how long anything is.
    pub measuring: RefCell<HashMap<FunctionRef, bool>>,
    /// What functions put something else in the place of.
    pub blackening: RefCell<HashMap<FunctionRef, Option<(Span, bool)>>>,
    /// What values mean within [`STEPS`]: what that is too few for would be looked for again with every question.
    meanings: RefCell<HashMap<ValueRef, Meaning>>,
}

/// Answers questions about marks, screens and redactors.
#[derive(Clone, Copy)]
pub struct Controls<'a> {
    /// What code does.
    pub flow: &'a Flow<'a>,
    /// What was found out before.
    pub memo: &'a Memo,
}

impl<'a> Controls<'a> {
    /// What a value means, as far as that is found within [`STEPS`].
    pub fn meaning(&self, value: ValueRef) -> Meaning {
        if let Some(known) = self.memo.meanings.borrow().get(&value) {
            return known.clone();
        }
        let found = self.flow.asking_within(STEPS, || self.flow.meaning(value, &None)).0;
        self.memo.meanings.borrow_mut().insert(value, found.clone());
        found
    }

    /// Every constant text and pattern that a value is made of, through names.
    pub fn constants(&self, value: ValueRef) -> Vec<String> {
        let mut found = Vec::new();
        let mut left = MAX_VALUES;
        self.add_constants(value, MAX_DEPTH, &mut left, &mut found);
        found
    }

    fn add_constants(&self, value: ValueRef, depth: u32, left: &mut u32, found: &mut Vec<String>) {
        if depth == 0 || *left == 0 {
            return;
        }
        *left -= 1;
        match self.flow.kind(value) {
            ValueKind::Text(text) | ValueKind::Regex(text) => found.push(text.to_string()),
            ValueKind::Name(name) => {
                let values = bound(self.flow, value, name);
                match self.handed_each(value, name) {
                    Some(over) => self.add_constants(over, depth - 1, left, found),
                    None if values.is_empty() => self.meant(value, found),
                    None => values.into_iter().for_each(|one| self.add_constants(one, depth - 1, left, found)),
                }
            }
            ValueKind::Field { base, .. } => {
                let before = found.len();
                self.meant(value, found);
                if found.len() == before {
                    self.add_constants(value_in(value.module, *base), depth - 1, left, found);
                }
            }
            ValueKind::Function(_) | ValueKind::Class(_) => {}
            kind => {
                let mut under = Vec::new();
                children(kind, &mut |id| under.push(id));
                under.into_iter().for_each(|id| self.add_constants(value_in(value.module, id), depth, left, found));
            }
        }
    }

    /// `PATTERNS.some((pattern) => …)`: what a parameter of a closure is each element of.
    fn handed_each(&self, at: ValueRef, name: &Name) -> Option<ValueRef> {
        let owner = self.flow.owner(at);
        let bindings = self.flow.scopes(at.module).bindings[owner.id.index()].get(name)?;
        let is_parameter = matches!(bindings.as_slice(), [one] if matches!(one.bound, Bound::Parameter(_)));
        let (taking, call) = self.taking(owner).filter(|_| is_parameter)?;
        match self.flow.kind(value_in(taking.module, call.callee)) {
            ValueKind::Field { base, .. } if call.arguments.len() == 1 => Some(value_in(taking.module, *base)),
            _ => call.arguments.first().map(|first| value_in(taking.module, first.value)),
        }
    }

    /// Texts of what a name of another file, or a member, means.
    fn meant(&self, value: ValueRef, found: &mut Vec<String>) {
        self.texts_of(&self.meaning(value), MAX_DEPTH, found);
    }

    fn texts_of(&self, meaning: &Meaning, depth: u32, found: &mut Vec<String>) {
        let Some(depth) = depth.checked_sub(1).filter(|_| found.len() < MAX_VALUES as usize) else { return };
        match self.flow.asking_within(STEPS, || self.flow.force(meaning)).0 {
            Meaning::Text(text, _) | Meaning::Regex(text) => found.push(text.to_string()),
            Meaning::List(items) => items.iter().for_each(|item| self.texts_of(&item.value, depth, found)),
            Meaning::Choice(all) | Meaning::Each(all) => all.iter().for_each(|one| self.texts_of(one, depth, found)),
            Meaning::Map(entries) => {
                for entry in entries.iter() {
                    found.extend(entry.key.iter().map(|key| key.name.to_string()));
                    self.texts_of(&entry.value, depth, found);
                }
            }
            Meaning::Made(made) => made.arguments.iter().for_each(|one| self.texts_of(&one.value, depth, found)),
            _ => {}
        }
    }

    /// The names that hold all of a value: through what keeps its text, not through what cuts it.
    pub fn roots(&self, value: ValueRef) -> Vec<Name> {
        let mut found = Vec::new();
        self.add_roots(value, MAX_DEPTH, &mut found);
        found
    }

    fn add_roots(&self, value: ValueRef, depth: u32, found: &mut Vec<Name>) {
        let Some(depth) = depth.checked_sub(1).filter(|_| found.len() < 24) else { return };
        let of = |id: ValueId| value_in(value.module, id);
        match self.flow.kind(value) {
            ValueKind::Name(name) => {
                if found.contains(name) {
                    return;
                }
                found.push(name.clone());
                let bindings = self.bindings(value, name).map(|(_, all)| all).unwrap_or_default();
                if let [one] = bindings.as_slice()
                    && one.path.is_empty()
                    && let Bound::Value(from) = one.bound
                {
                    self.add_roots(of(from), depth, found);
                }
            }
            ValueKind::Field { base, name } if words::is_whole(name) => self.add_roots(of(*base), depth, found),
            ValueKind::Index { base, key } if matches!(self.flow.kind(of(*key)), ValueKind::Text(name) if words::is_whole(name)) =>
            {
                self.add_roots(of(*base), depth, found);
            }
            ValueKind::Field { .. } | ValueKind::Index { .. } | ValueKind::Function(_) | ValueKind::Class(_) => {}
            ValueKind::Call(call) => {
                let callee = of(call.callee);
                if words::call(self.last(callee)) != Becomes::Same {
                    return;
                }
                if let ValueKind::Field { base, .. } = self.flow.kind(callee) {
                    self.add_roots(of(*base), depth, found);
                }
                call.arguments.iter().for_each(|one| self.add_roots(of(one.value), depth, found));
            }
            kind => {
                let mut under = Vec::new();
                children(kind, &mut |id| under.push(id));
                under.into_iter().for_each(|id| self.add_roots(of(id), depth, found));
            }
        }
    }

    /// The last part of what is called, as it is written.
    pub fn last(&self, callee: ValueRef) -> &'a str {
        let written = self.flow.sources.slice(self.flow.span(callee));
        written.rsplit(['.', ':']).next().unwrap_or(written).trim_end_matches('!')
    }

    /// Full name of what a call of a library calls.
    pub fn full_name(&self, callee: ValueRef) -> Option<String> {
        let table = Effects::built_in().of(self.flow.module(callee).language)?;
        let flow = self.flow;
        let meaning = self.meaning(callee);
        flow.asking_within(STEPS, || names::of_callee(flow, &meaning, table)).0
    }

    /// The function of the tree that a call calls.
    pub fn called(&self, callee: ValueRef) -> Option<FunctionRef> {
        match self.meaning(callee) {
            Meaning::Function(function, ..) => Some(function),
            _ => None,
        }
    }

    /// Positions of a function's parameters, without the receiver, at which a call passes something that `is`.
    pub fn passed(&self, at: ValueRef, call: &Call, is: &dyn Fn(ValueRef) -> bool) -> Vec<Name> {
        let Some(function) = self.called(value_in(at.module, call.callee)) else { return Vec::new() };
        let parameters = self.flow.function(function).parameters.iter();
        let plain: Vec<_> = parameters.filter(|one| one.kind != crate::code::ParameterKind::Receiver).collect();
        let mut position = 0;
        let mut found = Vec::new();
        for argument in &call.arguments {
            let named = argument.name.as_ref().and_then(|name| plain.iter().find(|one| one.name() == Some(name)));
            let parameter = named.or_else(|| plain.get(position).filter(|_| argument.name.is_none()));
            position += usize::from(argument.name.is_none());
            if let Some(name) = parameter.and_then(|one| one.name())
                && is(value_in(at.module, argument.value))
            {
                found.push(name.clone());
            }
        }
        found
    }

    /// What the pattern finds that a call puts something else in the place of.
    pub fn replaced(&self, at: ValueRef, call: &Call) -> content::Finds {
        let callee = value_in(at.module, call.callee);
        let name = self.last(callee);
        let given = |position: usize| call.arguments.get(position).map(|one| value_in(at.module, one.value));
        let base = match self.flow.kind(callee) {
            ValueKind::Field { base, .. } => Some(value_in(at.module, *base)),
            _ => None,
        };
        let written = base.map_or("", |base| self.flow.sources.slice(self.flow.span(base)));
        let pattern = match (name, written) {
            _ if !content::replaces(name) => return content::Finds::default(),
            (_, "strings" | "bytes") => given(1),
            (_, "re" | "regex") | ("replace" | "replaceAll", _) if !self.is_pattern(base) => given(0),
            _ => base,
        };
        let Some(pattern) = pattern.filter(|pattern| !self.only_first(at, name, *pattern)) else {
            return content::Finds::default();
        };
        let replacement = match (name, written) {
            (_, "strings" | "bytes") => given(2),
            ("sub" | "subn", _) if Some(pattern) == base => given(0),
            _ => given(1),
        };
        let replacements = replacement.map(|one| self.constants(one)).unwrap_or_default();
        let keeps = |pattern: &String| replacements.iter().any(|one| content::keeps(pattern, one));
        if replacement.is_some_and(|one| self.hands_back(one)) {
            return content::Finds::default();
        }
        let patterns = self.constants(pattern);
        content::finds(patterns.iter().filter(|one| !keeps(one)))
    }

    /// `(found) => found`, `lambda found: found.group(0)`
    fn hands_back(&self, replacement: ValueRef) -> bool {
        let ValueKind::Function(closure) = self.flow.kind(replacement) else { return false };
        let closure = FunctionRef { module: replacement.module, id: *closure };
        let Some(found) = self.flow.function(closure).parameters.first().and_then(|one| one.name()) else {
            return false;
        };
        let is_it = |value: ValueRef| matches!(self.flow.kind(value), ValueKind::Name(name) if name == found);
        let of = |id: ValueId| value_in(replacement.module, id);
        let is_whole = |value: ValueRef| match self.flow.kind(value) {
            ValueKind::Call(call) => {
                let first = call.arguments.first().map(|one| self.flow.kind(of(one.value)));
                let is_of_it = match self.flow.kind(of(call.callee)) {
                    ValueKind::Field { base, name } => name == "group" && is_it(of(*base)),
                    _ => false,
                };
                is_of_it && matches!(first, None | Some(ValueKind::Int(0)))
            }
            _ => is_it(value),
        };
        self.flow.scopes(replacement.module).returns[closure.id.index()].iter().any(|value| is_whole(of(*value)))
    }

    /// Whether only the first of what a pattern finds is replaced.
    fn only_first(&self, at: ValueRef, name: &str, pattern: ValueRef) -> bool {
        let has_all = |one: ValueRef| match self.flow.kind(one) {
            ValueKind::Regex(_) => {
                let written = self.flow.sources.slice(self.flow.span(one));
                written.rsplit('/').next().is_some_and(|flags| flags.contains('g'))
            }
            ValueKind::Text(_) => false,
            // `new RegExp(words, "gi")`
            ValueKind::Call(call) if self.last(value_in(one.module, call.callee)) == "RegExp" => {
                let flags = call.arguments.get(1).map(|flags| self.constants(value_in(one.module, flags.value)));
                flags.is_some_and(|flags| flags.iter().any(|flags| flags.contains('g')))
            }
            _ => true,
        };
        match self.flow.module(at).language {
            Language::TypeScript if name == "replace" => match self.flow.kind(pattern) {
                ValueKind::Name(name) => bound(self.flow, pattern, name).into_iter().any(|one| !has_all(one)),
                _ => !has_all(pattern),
            },
            Language::Rust => name == "replace" && self.is_pattern(Some(pattern)) || name == "replacen",
            Language::Python => {
                let ValueKind::Call(call) = self.flow.kind(at) else { return false };
                let count = call.arguments.iter().find(|one| one.name.as_deref() == Some("count"));
                count.is_some_and(|one| !matches!(self.meaning(value_in(at.module, one.value)), Meaning::Int(0)))
            }
            _ => false,
        }
    }

    /// Whether a value is a pattern that a program made: `Regex::new(…)`, `re.compile(…)`.
    fn is_pattern(&self, value: Option<ValueRef>) -> bool {
        let Some(value) = value else { return false };
        let makes = |flow: &Flow, one: ValueRef| match flow.kind(one) {
            ValueKind::Regex(_) => true,
            ValueKind::Call(call) => {
                let callee = flow.sources.slice(flow.span(value_in(one.module, call.callee)));
                matches!(callee, "re.compile" | "Regex::new" | "regex::Regex::new" | "RegExp" | "regexp.MustCompile")
            }
            _ => false,
        };
        match self.flow.kind(value) {
            ValueKind::Name(name) => bound(self.flow, value, name).into_iter().any(|one| makes(self.flow, one)),
            _ => makes(self.flow, value),
        }
    }

    /// The closure among the arguments of a call.
    pub fn closure(&self, at: ValueRef, call: &Call) -> Option<FunctionId> {
        call.arguments.iter().find_map(|one| match self.flow.kind(value_in(at.module, one.value)) {
            ValueKind::Function(closure) => Some(*closure),
            _ => None,
        })
    }

    /// The call that a closure is handed to.
    pub fn taking(&self, closure: FunctionRef) -> Option<(ValueRef, &'a Call)> {
        let value = *self.flow.scopes(closure.module).function_values.get::<FunctionId>(&closure.id)?;
        let known = self.memo.takers.borrow().get(&closure.module).cloned();
        let takers = known.unwrap_or_else(|| self.takers(closure.module));
        let at = value_in(closure.module, *takers.get(&value)?);
        match self.flow.kind(at) {
            ValueKind::Call(call) => Some((at, call)),
            _ => None,
        }
    }

    fn takers(&self, id: ModuleId) -> Rc<HashMap<ValueId, ValueId>> {
        let module = self.flow.program.module(id);
        let mut found = HashMap::default();
        for at in &self.flow.scopes(id).calls {
            let ValueKind::Call(call) = &module.value(*at).kind else { continue };
            let closures = call.arguments.iter().map(|one| one.value);
            found.extend(
                closures.filter(|one| matches!(module.value(*one).kind, ValueKind::Function(_))).map(|one| (one, *at)),
            );
        }
        let found = Rc::new(found);
        self.memo.takers.borrow_mut().insert(id, found.clone());
        found
    }
}
