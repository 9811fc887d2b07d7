//! Goes backwards from the results of a tool to the effects that they are made of, and notes what was done on the way.

use std::collections::{BTreeMap, BTreeSet};

use ahash::HashSet;

use crate::code::walk::children;
use crate::code::{MapEntry, MapKey, Operator, ValueId, ValueKind};
use crate::extract::results::content::{self, Holds};
use crate::extract::results::controls::{Controls, Memo};
use crate::extract::results::words;
use crate::flow::meaning::value_in;
use crate::flow::scope::ContextKind;
use crate::flow::unset::Unset;
use crate::flow::{Flow, Frame, FunctionRef, ValueRef};
use crate::source::Span;

mod calls;
mod ends;
mod names;

/// Most values that are looked at for one tool.
const MAX_STEPS: u32 = 6_000;
/// Deepest chain of functions whose results make up the tool's.
const MAX_CALLS: usize = 6;

/// What was done to an effect's content between it and the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Way {
    /// A constant, or a number that the schema bounds, says how much of it is left.
    pub cut: Option<Span>,
    /// A cut of all of many, whatever becomes of each.
    pub held: Option<Span>,
    /// It is put behind what another turn of a loop put there.
    pub repeated: bool,
    /// It is cut where the caller says.
    pub chosen: bool,
    /// Something was done that is not known.
    pub vague: bool,
    /// Named parts of it, or of each of its elements, were taken.
    pub picked: bool,
    /// One element of it was taken, by a method that gives a row, or a member.
    pub one: bool,
    /// Only a part of it was taken, not of each of many.
    pub part: bool,
    /// Some of many were chosen, or one of several values, by a test.
    pub sifted: bool,
    /// What the member holds that was taken of it, the last of them.
    pub leaf: Option<(Holds, Span)>,
    /// Where it is marked as coming from outside.
    pub marked: Option<Span>,
    /// Where it was looked through for instructions.
    pub screened: Option<Span>,
    /// Where secrets and data of persons are taken out.
    pub redacted: Option<Span>,
}

impl Way {
    fn picking(self) -> Way {
        Way { picked: true, part: true, ..self }
    }

    /// A member of it is taken, by its name.
    fn member(self, name: &str, at: Span) -> Way {
        let leaf = self.leaf.or_else(|| Some((content::holds(name), at)));
        Way { leaf, ..self.picking() }
    }

    fn marked(self, at: Span) -> Way {
        Way { marked: self.marked.or(Some(at)), ..self }
    }

    fn each(self) -> Way {
        Way { cut: self.held, chosen: false, part: false, one: false, ..self }
    }

    /// What comes next is done to each of many.
    fn inside(self) -> Way {
        Way { held: self.cut, ..self }
    }
}

/// What a result is made of.
#[derive(Debug, Default)]
pub struct Made {
    /// Effects by their place, each with every way.
    pub of: BTreeMap<Span, BTreeSet<Way>>,
    /// Where data becomes text that a program reads.
    pub structured: Option<Span>,
    /// What of it could not be followed.
    pub open: Option<Span>,
    /// The calls and returns from a result to each effect, for one of the ways of a kind.
    pub trails: BTreeMap<(Span, Way), Vec<Span>>,
}

/// What stands at a place where content comes in.
pub trait Sources {
    /// Whether an effect that delivers content stands at this call.
    fn is_source(&self, span: Span) -> bool;
    /// Effects in a function whose rows a cursor then gives.
    fn queries(&self, function: Span) -> Vec<Span>;
    /// Whether a value is given back for another tool only.
    fn is_of_another(&self, value: ValueRef) -> bool;
    /// Whether a value says how much is left, and bounds it.
    fn bounds(&self, value: ValueRef) -> bool;
    /// Whether a value that is no call is such content, or reads nothing that is.
    fn of_value(&self, _value: ValueRef) -> Of {
        Of::More
    }
    /// Whether what a method is given comes back with its result.
    fn hands_back(&self, _callee: ValueRef, _name: &str) -> bool {
        true
    }
    /// Whether a member of this name stands for all of it.
    fn is_whole(&self, _name: &str) -> bool {
        false
    }
    /// Whether a method of something that is not known delivers content.
    fn delivers(&self, _method: &str) -> bool {
        false
    }
    /// Whether marks, screens and redactors on the way are of interest.
    fn has_controls(&self) -> bool {
        false
    }
}

/// What a value is to those who ask for sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A source.
    Source,
    /// Nothing of interest, nor is anything that it is made of.
    Nothing,
    /// To be looked into.
    More,
}

/// Where results come from.
#[derive(Clone, Debug)]
pub struct Start {
    /// The function whose results they are.
    pub function: FunctionRef,
    /// The calls inside which it is made.
    pub frame: Frame,
    /// What functions that wrap others are given to wrap.
    pub wrapped: Vec<(FunctionRef, FunctionRef)>,
    /// What the function calls by a name that is only known at run time.
    pub dispatches: Option<FunctionRef>,
    /// Something that stands around it and is not known.
    pub unsure: Option<Span>,
}

impl Start {
    /// Whether a function is called from outside: what it is given is nothing that a tool reads.
    fn is_entered(&self, function: FunctionRef) -> bool {
        self.function == function
            || self.dispatches == Some(function)
            || self.wrapped.iter().any(|(_, inner)| *inner == function)
    }
}

/// What results are made of.
pub fn seek(flow: &Flow, memo: &Memo, start: &Start, sources: &dyn Sources) -> Made {
    let mut seeker = Seeker {
        flow,
        sources,
        controls: Controls { flow, memo },
        start,
        made: Made::default(),
        seen: HashSet::default(),
        calls: Vec::new(),
        trail: Vec::new(),
        exits: Vec::new(),
        steps: 0,
    };
    seeker.results(start.function, Way::default());
    seeker.made
}

struct Seeker<'a> {
    flow: &'a Flow<'a>,
    sources: &'a dyn Sources,
    controls: Controls<'a>,
    start: &'a Start,
    made: Made,
    /// What was looked at, inside which calls.
    seen: HashSet<(ValueRef, Way, u64)>,
    /// Functions whose results are being looked at, with the calls of them.
    calls: Vec<(FunctionRef, ValueRef)>,
    /// The returns and calls on the way from the result to here.
    trail: Vec<Span>,
    /// What the functions that are being looked at return.
    exits: Vec<ValueRef>,
    steps: u32,
}

impl Seeker<'_> {
    fn results(&mut self, function: FunctionRef, way: Way) {
        for value in &self.flow.scopes(function.module).returns[function.id.index()] {
            let value = value_in(function.module, *value);
            if self.sources.is_of_another(value) || self.is_switched_off(value) {
                continue;
            }
            self.trail.push(self.flow.span(value));
            self.exits.push(value);
            self.value(value, way);
            self.exits.pop();
            self.trail.pop();
        }
    }

    /// What a function on the way was given and gives back as it is, only where a setting says so that nothing sets.
    fn is_switched_off(&self, value: ValueRef) -> bool {
        let is_plain = matches!(self.flow.kind(value), ValueKind::Name(_)) && !self.calls.is_empty();
        is_plain
            && self.sources.has_controls()
            && self.flow.scopes(value.module).around(value.id).any(|context| match context {
                ContextKind::Branch(test, holds) => {
                    Unset::new(self.flow).holds(value_in(value.module, *test), &None) == Some(!holds)
                }
                _ => false,
            })
    }

    /// The calls that are being followed, as one number.
    fn context(&self) -> u64 {
        if !self.sources.has_controls() {
            return 0;
        }
        let mix = |hash: u64, part: u32| (hash ^ u64::from(part)).wrapping_mul(0x0000_0100_0000_01b3);
        let calls = self.calls.iter().map(|(_, call)| call);
        calls.fold(0xcbf2_9ce4_8422_2325, |hash, call| mix(mix(hash, call.module.0), call.id.0))
    }

    fn source(&mut self, at: ValueRef, way: Way) {
        let span = self.flow.span(at);
        self.made.of.entry(span).or_default().insert(way);
        self.made.trails.entry((span, way)).or_insert_with(|| self.trail.clone());
    }

    fn value(&mut self, at: ValueRef, way: Way) {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            self.made.open.get_or_insert(self.flow.span(at));
        }
        if self.steps > MAX_STEPS || !self.seen.insert((at, way, self.context())) {
            return;
        }
        match self.sources.of_value(at) {
            Of::Source => return self.source(at, way),
            Of::Nothing => return,
            Of::More => {}
        }
        if self.sources.has_controls()
            && let Some(parts) = self.controls.put_together(at)
        {
            self.structured(at);
            let at = self.flow.span(at);
            return parts
                .into_iter()
                .for_each(|(part, is_marked)| self.value(part, if is_marked { way.marked(at) } else { way }));
        }
        self.of_kind(at, way);
    }

    fn of_kind(&mut self, at: ValueRef, way: Way) {
        let of = |id: &ValueId| value_in(at.module, *id);
        match self.flow.kind(at) {
            ValueKind::Name(name) => self.name(at, name, way),
            ValueKind::Call(call) => self.call(at, call, way),
            ValueKind::Field { base, name } => {
                let is_whole = words::is_whole(name) || self.sources.is_whole(name);
                let span = self.flow.span(at);
                self.value(of(base), if is_whole { way } else { way.member(name, span) });
            }
            ValueKind::Index { base, key } => self.index(of(base), of(key), way),
            ValueKind::Choice { then, otherwise, .. } => {
                let way = Way { sifted: true, ..way };
                self.value(of(then), way);
                otherwise.iter().for_each(|otherwise| self.value(of(otherwise), way));
            }
            ValueKind::Binary {
                operator: Operator::Add | Operator::And | Operator::Or | Operator::Coalesce,
                left,
                right,
            } => {
                self.value(of(left), way);
                self.value(of(right), way);
            }
            ValueKind::Sequence(parts) => parts.last().iter().for_each(|last| self.value(of(last), way)),
            ValueKind::Block(block) => block.tail.iter().for_each(|tail| self.value(of(tail), way)),
            ValueKind::Match(chosen) => {
                let tails = chosen.arms.iter().filter_map(|arm| arm.body.tail);
                tails.for_each(|tail| self.value(of(&tail), Way { sifted: true, ..way }));
            }
            ValueKind::Comprehension(comprehension) => {
                let mut conditions = comprehension.clauses.iter().flat_map(|clause| &clause.conditions).peekable();
                let sifted = way.sifted || conditions.peek().is_some();
                let redacted = conditions.find_map(|one| self.controls.leaves_out(of(one)));
                let way = Way { sifted, redacted: way.redacted.or(redacted), ..way.inside() };
                comprehension.key.iter().for_each(|key| self.value(of(key), way));
                self.value(of(&comprehension.element), way);
            }
            ValueKind::Map(entries) | ValueKind::Construct { entries, .. } => self.entries(at, entries, way),
            ValueKind::List(items) | ValueKind::Tuple(items) => self.items(at, items, way),
            ValueKind::Binary { .. } | ValueKind::Not(_) | ValueKind::Function(_) | ValueKind::Class(_) => {}
            kind => {
                let mut under = Vec::new();
                children(kind, &mut |id| under.push(id));
                under.iter().for_each(|id| self.value(of(id), way));
            }
        }
    }

    /// What calls would have been noted for, where texts are looked at in one.
    fn structured(&mut self, at: ValueRef) {
        let ValueKind::Call(call) = self.flow.kind(at) else { return };
        let callee = self.flow.span(value_in(at.module, call.callee));
        if words::structures(self.flow.sources.slice(callee)) {
            self.made.structured.get_or_insert(self.flow.span(at));
        }
    }

    /// `{"text": page, "untrusted": true}`: an entry may say what those beside it are.
    fn entries(&mut self, at: ValueRef, entries: &[MapEntry], way: Way) {
        let is_marked = self.sources.has_controls() && way.marked.is_none() && self.controls.says_so(at, entries);
        let way = if is_marked { way.marked(self.flow.span(at)) } else { way };
        for entry in entries {
            let value = value_in(at.module, entry.value);
            let way = match &entry.key {
                MapKey::Name(name, span) if content::is_content_key(name) => way.marked(*span),
                MapKey::Value(key) => {
                    self.value(value_in(at.module, *key), way);
                    way
                }
                _ => way,
            };
            self.value(value, way);
        }
    }

    /// A block of content may say what those behind it are.
    fn items(&mut self, at: ValueRef, items: &[ValueId], way: Way) {
        let mut way = way;
        for item in items {
            let item = value_in(at.module, *item);
            self.value(item, way);
            let asks = self.sources.has_controls() && way.marked.is_none() && items.len() > 1;
            if asks && self.controls.is_label(item) {
                way = way.marked(self.flow.span(item));
            }
        }
    }

    /// `rows[:10]`, `text[0:limit]`, `row["name"]`, `lines[0]`
    fn index(&mut self, base: ValueRef, key: ValueRef, way: Way) {
        let way = match self.flow.kind(key) {
            ValueKind::Tuple(parts) => {
                let part = |position: usize| {
                    let part = parts.get(position).map(|one| value_in(key.module, *one));
                    part.filter(|one| !matches!(self.flow.kind(*one), ValueKind::Null))
                };
                self.cut_between(part(0), part(1), way)
            }
            ValueKind::Text(name) if self.sources.is_whole(name) => way,
            ValueKind::Text(name) => way.member(name, self.flow.span(key)),
            _ => way.picking(),
        };
        self.value(base, way);
    }
}
