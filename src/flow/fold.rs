//! What a value is, as far as the tree shows.

use std::rc::Rc;

use crate::code::{Language, MapKey, Name, Operator, ValueId, ValueKind};
use crate::flow::meaning::{Entry, Frame, Instance, Item, Key, Made, Meaning, Passed, Within, levels, push, value_in};
use crate::flow::memo::{Looked, is_plain};
use crate::flow::{Flow, ValueRef};

/// Deepest chain of definitions that is followed.
const MAX_DEPTH: u32 = 160;
/// Deepest chain of calls that is followed.
pub(super) const MAX_CALLS: u32 = 24;
/// Most steps for one question.
pub(super) const MAX_STEPS: u32 = 20_000;
/// Most returns of a function that is looked into.
pub(super) const MAX_RETURNS: usize = 8;

/// Most turns of all loops of a comprehension together.
const MAX_TURNS: usize = 4_096;

pub(super) const TOO_MUCH: Meaning = Meaning::Unknown("too much to follow");

impl Flow<'_> {
    /// What a value means inside `frame`.
    pub fn meaning(&self, value: ValueRef, frame: &Frame) -> Meaning {
        if is_plain(self.kind(value)) {
            return self.deeper(|| self.fold(value, frame)).unwrap_or(TOO_MUCH);
        }
        if let Some(level) = frame.as_ref().filter(|_| !self.is_everywhere(value, frame)) {
            return self.framed(value, frame, level, || self.deeper(|| self.fold(value, frame)).unwrap_or(TOO_MUCH));
        }
        if let Some(known) = self.memo.borrow().get(&value) {
            return match known {
                Looked::Known(meaning, open) => {
                    open.iter().for_each(|open| self.left_open(*open));
                    meaning.clone()
                }
                Looked::UnderWay(level) => {
                    self.rest_on(*level);
                    Meaning::Unknown("defined by itself")
                }
            };
        }
        let before = std::mem::take(&mut *self.open.borrow_mut());
        let is_early = self.is_early();
        let (found, _) = self.under_way(|level| {
            self.memo.borrow_mut().insert(value, Looked::UnderWay(level));
            self.deeper(|| self.fold(value, &None))
        });
        let open = std::mem::replace(&mut *self.open.borrow_mut(), before);
        open.iter().for_each(|open| self.left_open(*open));
        if self.is_exhausted.get() && !is_early || found.is_none() {
            self.memo.borrow_mut().remove(&value);
            return found.unwrap_or(TOO_MUCH);
        }
        let meaning = found.unwrap_or(TOO_MUCH);
        self.memo.borrow_mut().insert(value, Looked::Known(meaning.clone(), open));
        meaning
    }

    /// Looks at what was left for later.
    pub fn force(&self, meaning: &Meaning) -> Meaning {
        match meaning {
            Meaning::Later(value, frame) => self.meaning(*value, frame),
            other => other.clone(),
        }
    }

    /// Runs `ask` one level deeper; `None` where that is too deep or too long.
    pub(super) fn deeper<T>(&self, ask: impl FnOnce() -> T) -> Option<T> {
        self.begin();
        if self.depth.get() >= MAX_DEPTH || self.steps.get() >= self.limit.get() {
            self.cut_short();
            return None;
        }
        self.steps.set(self.steps.get() + 1);
        self.total.set(self.total.get() + 1);
        self.depth.set(self.depth.get() + 1);
        let answer = ask();
        self.depth.set(self.depth.get() - 1);
        Some(answer)
    }

    fn fold(&self, value: ValueRef, frame: &Frame) -> Meaning {
        let of = |id: &ValueId| self.meaning(value_in(value.module, *id), frame);
        match self.kind(value) {
            ValueKind::Null => Meaning::Null,
            ValueKind::Bool(is) => Meaning::Bool(*is),
            ValueKind::Int(number) => Meaning::Int(*number),
            ValueKind::Float(number) => Meaning::Float(*number),
            ValueKind::Text(text) => Meaning::Text(text.clone(), self.span(value)),
            ValueKind::Regex(text) => Meaning::Regex(text.clone()),
            ValueKind::Name(name) => self.changed(value, name, self.name(value, name, frame), frame),
            ValueKind::This => self.this(value, frame),
            ValueKind::Super => Meaning::Unknown("the upper class"),
            ValueKind::Field { base, name } => {
                let base = || if self.is_adding_method(value) { Meaning::List([].into()) } else { of(base) };
                let found = self.own_export(value).unwrap_or_else(|| self.member(&base(), name));
                self.changed_member(value, name, found, frame)
            }
            ValueKind::Index { base, key } => self
                .counted(value_in(value.module, *base), value_in(value.module, *key), frame)
                .unwrap_or_else(|| self.index_of(&of(base), &of(key))),
            ValueKind::Generic { base, .. } => of(base),
            ValueKind::Call(call) => self.call(value, call, frame),
            ValueKind::Template(parts) => self.template(value, parts, frame),
            ValueKind::Binary { operator, left, right } => self.binary(value, *operator, *left, *right, frame),
            ValueKind::Not(inner) => match of(inner) {
                Meaning::Bool(is) => Meaning::Bool(!is),
                _ => Meaning::Unknown("a truth value"),
            },
            ValueKind::Unary(inner) => match of(inner) {
                Meaning::Int(number) if self.sources.slice(self.span(value)).starts_with('-') => {
                    Meaning::Int(number.checked_neg().unwrap_or(number))
                }
                Meaning::Float(number) if self.sources.slice(self.span(value)).starts_with('-') => {
                    Meaning::Float(-number)
                }
                // `&x` and `*x`
                other if self.sources.slice(self.span(value)).starts_with(['&', '*']) => other,
                _ => Meaning::Unknown("computed"),
            },
            ValueKind::List(items) | ValueKind::Tuple(items) => Meaning::List(self.list(value, items, frame).into()),
            ValueKind::Map(entries) => Meaning::Map(self.map(value, entries, frame).into()),
            ValueKind::Construct { of: class, entries } => self.construct(value, of(class), entries, frame),
            ValueKind::Function(id) => {
                Meaning::Function(crate::flow::meaning::function_in(value.module, *id), frame.clone(), None)
            }
            ValueKind::Class(id) => Meaning::Class(crate::flow::meaning::class_in(value.module, *id)),
            ValueKind::Await(inner) | ValueKind::Propagate(inner) | ValueKind::Spread(inner) => of(inner),
            ValueKind::Yield(_) => Meaning::Unknown("yielded"),
            ValueKind::Choice { test, then, otherwise } => {
                let other = || otherwise.as_ref().map_or(Meaning::Null, &of);
                match of(test) {
                    Meaning::Bool(true) => of(then),
                    Meaning::Bool(false) | Meaning::Null => other(),
                    _ => match self.settled(value_in(value.module, *test), frame) {
                        Some(true) => of(then),
                        Some(false) => other(),
                        None => Meaning::any(vec![of(then), other()]),
                    },
                }
            }
            ValueKind::Matches { value: tested, pattern } => {
                self.pattern_holds(&of(tested), pattern, value.module, frame)
            }
            ValueKind::Assign(assignment) => assignment.value.as_ref().map_or(Meaning::Null, &of),
            ValueKind::Sequence(parts) => parts.last().map_or(Meaning::Null, &of),
            ValueKind::Comprehension(_) => self.comprehension(value, frame),
            ValueKind::Block(block) => block.tail.as_ref().map_or(Meaning::Null, &of),
            ValueKind::Match(chosen) => self.chosen(value, chosen, frame, MAX_RETURNS * 4),
            ValueKind::Unknown(_) => Meaning::Unknown("an expression that is not understood"),
        }
    }

    fn this(&self, at: ValueRef, frame: &Frame) -> Meaning {
        let module = self.module(at);
        let scopes = self.scopes(at.module);
        let Some(method) = crate::flow::method_around(module, scopes.owner[at.id.index()]) else {
            let class = scopes.around(at.id).find_map(|context| match context {
                crate::flow::scope::ContextKind::Class(class) => Some(*class),
                _ => None,
            });
            return match class {
                Some(class) => self.this_of_class(at, class, frame),
                None => Meaning::Unknown("`this` of no class"),
            };
        };
        let method = crate::flow::meaning::function_in(at.module, method);
        for level in levels(frame) {
            if let Within::Call { function, this: Some(this), .. } = level
                && *function == method
            {
                self.note_receiver(level);
                return (**this).clone();
            }
        }
        self.left_open(crate::flow::Open::Call(method));
        match (self.function(method).is_static, self.function(method).class) {
            (true, Some(class)) => Meaning::Class(crate::flow::meaning::class_in(at.module, class)),
            _ => self.receiver(method),
        }
    }

    /// `this` in a field initialiser is the object being made.
    fn this_of_class(&self, at: ValueRef, class: crate::code::ClassId, frame: &Frame) -> Meaning {
        let class = crate::flow::meaning::class_in(at.module, class);
        let made = levels(frame).find_map(|level| match level {
            Within::Call { this: Some(this), .. } => {
                self.note_receiver(level);
                Some((**this).clone())
            }
            _ => None,
        });
        made.unwrap_or(Meaning::This(class))
    }

    fn template(&self, value: ValueRef, parts: &[ValueId], frame: &Frame) -> Meaning {
        let mut text = String::new();
        for part in parts {
            match self.meaning(value_in(value.module, *part), frame) {
                Meaning::Text(part, _) => text.push_str(&part),
                Meaning::Int(number) => text.push_str(&number.to_string()),
                other => return self.with_holes(other),
            }
            if text.len() > 1 << 20 {
                return TOO_MUCH;
            }
        }
        Meaning::Text(Name::new(text), self.span(value))
    }

    fn with_holes(&self, hole: Meaning) -> Meaning {
        match hole {
            Meaning::Unknown(why) => Meaning::Unknown(why),
            _ => Meaning::Unknown("text with a part that is only known at run time"),
        }
    }

    fn binary(&self, value: ValueRef, operator: Operator, left: ValueId, right: ValueId, frame: &Frame) -> Meaning {
        let of = |id: ValueId| self.meaning(value_in(value.module, id), frame);
        match operator {
            Operator::Add => self.sum(value, frame),
            Operator::Or | Operator::Coalesce => match of(left) {
                Meaning::Null => of(right),
                Meaning::Bool(false) if operator == Operator::Or => of(right),
                Meaning::Bool(true) => Meaning::Bool(true),
                known @ (Meaning::List(_) | Meaning::Map(_) | Meaning::Function(..) | Meaning::Class(_)) => known,
                Meaning::Text(text, span) if !text.is_empty() => Meaning::Text(text, span),
                other => Meaning::any(vec![other, of(right)]),
            },
            Operator::And => match of(left) {
                Meaning::Bool(true) => of(right),
                Meaning::Bool(false) => Meaning::Bool(false),
                _ => Meaning::any(vec![Meaning::Bool(false), of(right)]),
            },
            Operator::BitOr => match (of(left), of(right)) {
                (Meaning::Map(a), Meaning::Map(b)) => {
                    let mut all = a.to_vec();
                    self.add_entries(&mut all, b.iter().cloned());
                    Meaning::Map(all.into())
                }
                (Meaning::List(a), Meaning::List(b)) => {
                    let mut all = a.to_vec();
                    self.add_items(&mut all, b.iter().cloned());
                    Meaning::List(all.into())
                }
                _ => Meaning::Unknown("computed"),
            },
            Operator::Equal | Operator::NotEqual => match self.type_test(value, left, right, frame) {
                Some(is) => Meaning::Bool(is == (operator == Operator::Equal)),
                None => self.comparison(operator, &of(left), &of(right)),
            },
            Operator::In | Operator::NotIn | Operator::Is | Operator::IsNot => {
                self.comparison(operator, &of(left), &of(right))
            }
            // A path below another is a path.
            Operator::Divide if self.module(value).language == Language::Python => match (of(left), of(right)) {
                (path @ (Meaning::Made(_) | Meaning::Member(..) | Meaning::Parameter(..)), _) => path,
                (_, path @ Meaning::Made(_)) => path,
                _ => Meaning::Unknown("computed"),
            },
            _ => Meaning::Unknown("computed"),
        }
    }

    /// `typeof x === "function"`, where it is known what `x` is.
    fn type_test(&self, value: ValueRef, left: ValueId, right: ValueId, frame: &Frame) -> Option<bool> {
        let of = |id: ValueId| value_in(value.module, id);
        let (ValueKind::Unary(inner), ValueKind::Text(wanted)) = (self.kind(of(left)), self.kind(of(right))) else {
            return None;
        };
        if !self.sources.slice(self.span(of(left))).starts_with("typeof") {
            return None;
        }
        let actual = match self.meaning(of(*inner), frame) {
            Meaning::Function(..) | Meaning::Class(_) => "function",
            Meaning::Map(_) | Meaning::List(_) | Meaning::Instance(_) | Meaning::Null => "object",
            Meaning::Text(..) => "string",
            Meaning::Int(_) | Meaning::Float(_) => "number",
            Meaning::Bool(_) => "boolean",
            _ => return None,
        };
        Some(actual == wanted.as_str())
    }

    /// Whether a branch is taken, where its test is one of type, one of constants that a call was given, or was settled
    /// beforehand.
    pub(super) fn decided(&self, test: ValueRef, frame: &Frame) -> Option<bool> {
        let is_of_type = match self.kind(test) {
            ValueKind::Binary { operator: Operator::Equal | Operator::NotEqual, left, .. } => {
                matches!(self.kind(value_in(test.module, *left)), ValueKind::Unary(_))
            }
            _ => false,
        };
        let told = || if is_of_type || frame.is_some() { self.holds(test, frame) } else { None };
        told().or_else(|| self.settled(test, frame))
    }

    /// `a + b + c`: taken apart along its left spine, which may be thousands of terms long.
    fn sum(&self, value: ValueRef, frame: &Frame) -> Meaning {
        let mut terms = Vec::new();
        let mut next = value;
        while let ValueKind::Binary { operator: Operator::Add, left, right } = self.kind(next) {
            terms.push(value_in(value.module, *right));
            next = value_in(value.module, *left);
        }
        let mut total = self.meaning(next, frame);
        for term in terms.into_iter().rev() {
            total = self.joined(&total, &self.meaning(term, frame), false);
        }
        match total {
            Meaning::Text(text, _) => Meaning::Text(text, self.span(value)),
            other => other,
        }
    }

    /// `left + right`; the elements of the right are optional where the addition is.
    pub(super) fn joined(&self, left: &Meaning, right: &Meaning, optional: bool) -> Meaning {
        match (left, right) {
            (Meaning::Text(a, span), Meaning::Text(b, _)) if !optional && a.len() + b.len() < 1 << 20 => {
                Meaning::Text(Name::new(format!("{a}{b}")), *span)
            }
            (Meaning::Int(a), Meaning::Int(b)) if !optional => {
                a.checked_add(*b).map_or(Meaning::Unknown("computed"), Meaning::Int)
            }
            (Meaning::List(a), right) => {
                let mut all = a.to_vec();
                self.add_items(&mut all, self.more_items(right, optional));
                Meaning::List(all.into())
            }
            (_, Meaning::List(b)) => {
                let rest = Item { value: left.clone(), optional: false, is_rest: true };
                Meaning::List(std::iter::once(rest).chain(b.iter().cloned()).collect())
            }
            (Meaning::Unknown(why), _) | (_, Meaning::Unknown(why)) => Meaning::Unknown(why),
            _ => Meaning::Unknown("computed"),
        }
    }

    /// The elements that a list gets from another collection.
    pub(super) fn more_items(&self, from: &Meaning, optional: bool) -> impl ExactSizeIterator<Item = Item> + use<> {
        let items =
            self.items(from).unwrap_or_else(|| vec![Item { value: from.clone(), optional: false, is_rest: true }]);
        items.into_iter().map(move |item| Item { optional: item.optional || optional, ..item })
    }

    fn list(&self, value: ValueRef, items: &[ValueId], frame: &Frame) -> Vec<Item> {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let at = value_in(value.module, *item);
            match self.kind(at) {
                ValueKind::Spread(inner) => {
                    self.spread(&self.meaning(value_in(value.module, *inner), frame), &mut list)
                }
                _ => list.push(Item { value: Meaning::Later(at, frame.clone()), optional: false, is_rest: false }),
            }
        }
        list
    }

    fn spread(&self, spread: &Meaning, into: &mut Vec<Item>) {
        match spread {
            Meaning::Choice(all) => {
                for one in all.iter().filter(|one| !matches!(one, Meaning::Bool(_) | Meaning::Null)) {
                    let mut more = Vec::new();
                    self.spread(one, &mut more);
                    let optional = |item: Item| Item { optional: true, ..item };
                    self.add_items(into, more.into_iter().map(optional));
                }
            }
            Meaning::Bool(_) | Meaning::Null => {}
            _ => match self.items(spread) {
                Some(items) => self.add_items(into, items.into_iter()),
                None => into.push(Item { value: spread.clone(), optional: false, is_rest: true }),
            },
        }
    }

    fn map(&self, value: ValueRef, entries: &[crate::code::MapEntry], frame: &Frame) -> Vec<Entry> {
        let mut map = Vec::with_capacity(entries.len());
        for entry in entries {
            let at = value_in(value.module, entry.value);
            let later = Meaning::Later(self.got(at), frame.clone());
            match &entry.key {
                MapKey::Name(name, span) => {
                    map.push(Entry {
                        key: Some(Key { name: name.clone(), span: *span }),
                        value: later,
                        optional: false,
                    });
                }
                MapKey::Value(key) => {
                    let key_at = value_in(value.module, *key);
                    let key = self
                        .meaning(key_at, frame)
                        .text()
                        .map(|name| Key { name: name.clone(), span: self.span(key_at) });
                    map.push(Entry { key, value: later, optional: false });
                }
                MapKey::Spread => self.spread_entries(&self.meaning(at, frame), &mut map),
            }
        }
        map
    }

    /// What a getter of an object gives, where there is one return.
    fn got(&self, at: ValueRef) -> ValueRef {
        let ValueKind::Function(id) = self.kind(at) else { return at };
        match self.scopes(at.module).returns[id.index()].as_slice() {
            [only] if self.program.module(at.module).function(*id).is_getter => value_in(at.module, *only),
            _ => at,
        }
    }

    fn spread_entries(&self, spread: &Meaning, into: &mut Vec<Entry>) {
        match spread {
            Meaning::Map(entries) => self.add_entries(into, entries.iter().cloned()),
            Meaning::Null | Meaning::Bool(_) => {}
            Meaning::Choice(all) => {
                for one in all.iter().filter(|one| !matches!(one, Meaning::Bool(_) | Meaning::Null)) {
                    let start = into.len();
                    self.spread_entries(one, into);
                    into[start..].iter_mut().for_each(|entry| entry.optional = true);
                }
            }
            other => into.push(Entry { key: None, value: other.clone(), optional: false }),
        }
    }

    fn construct(&self, value: ValueRef, class: Meaning, entries: &[crate::code::MapEntry], frame: &Frame) -> Meaning {
        let mut arguments = Vec::new();
        for entry in entries {
            let later = Meaning::Later(value_in(value.module, entry.value), frame.clone());
            let (name, is_rest) = match &entry.key {
                MapKey::Name(name, _) => (Some(name.clone()), false),
                MapKey::Value(_) => (None, false),
                MapKey::Spread => (None, true),
            };
            let name = name.filter(|name| !name.starts_with(|first: char| first.is_ascii_digit()));
            arguments.push(Passed { name, value: later, is_rest });
        }
        match class {
            Meaning::Class(class) => Meaning::Instance(Rc::new(Instance { class, at: value, arguments })),
            callee => Meaning::Made(Rc::new(Made { callee, arguments, at: value })),
        }
    }

    fn comprehension(&self, value: ValueRef, frame: &Frame) -> Meaning {
        let ValueKind::Comprehension(comprehension) = self.kind(value) else { return TOO_MUCH };
        let mut frames = vec![(frame.clone(), false)];
        for clause in &comprehension.clauses {
            let over = value_in(value.module, clause.over);
            let mut inner = Vec::new();
            for (frame, optional) in &frames {
                let Some(items) = self.items(&self.meaning(over, frame)) else {
                    return Meaning::Unknown("made from a collection that is not known");
                };
                if items.iter().any(|item| item.is_rest) || items.len() > 2000 {
                    return Meaning::Unknown("made from a collection that is not known");
                }
                for (position, item) in items.into_iter().enumerate() {
                    let optional = *optional || item.optional || !clause.conditions.is_empty();
                    let turn = push(frame, Within::Turn(over, item.value, position));
                    inner.extend((!self.is_left_out(over, clause, &turn)).then_some((turn, optional)));
                }
                if inner.len() > MAX_TURNS {
                    return TOO_MUCH;
                }
            }
            frames = inner;
        }
        let element = value_in(value.module, comprehension.element);
        if let Some(key) = comprehension.key {
            let entries = frames.into_iter().map(|(frame, optional)| {
                let at = value_in(value.module, key);
                let key = self.meaning(at, &frame).text().map(|name| Key { name: name.clone(), span: self.span(at) });
                Entry { key, value: Meaning::Later(element, frame), optional }
            });
            return Meaning::Map(entries.collect());
        }
        let items = frames.into_iter().map(|(frame, optional)| Item {
            value: Meaning::Later(element, frame),
            optional,
            is_rest: false,
        });
        Meaning::List(items.collect())
    }
}
