//! Goes backwards from the results of a tool to the effects that they are made of, and notes what was done on the way.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::walk::children;
use crate::code::{Call, Language, Name, Operator, ValueId, ValueKind};
use crate::extract::results::words::{self, Becomes};
use crate::flow::meaning::{Meaning, function_in, value_in};
use crate::flow::scope::{Bound, Step};
use crate::flow::{Flow, FunctionRef, ValueRef};
use crate::source::Span;

/// Most values that are looked at for one tool.
const MAX_STEPS: u32 = 6_000;
/// Deepest chain of functions whose results make up the tool's.
const MAX_CALLS: usize = 6;

/// What was done to an effect's content between it and the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// A constant, or a number that the schema bounds, says how much of it is left.
    pub cut: Option<Span>,
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
}

impl Way {
    fn picking(self) -> Way {
        Way { picked: true, part: true, ..self }
    }

    fn each(self) -> Way {
        Way { cut: None, chosen: false, part: false, one: false, ..self }
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

/// What the results of a handler are made of.
pub fn seek(flow: &Flow, handler: FunctionRef, sources: &dyn Sources) -> Made {
    let mut seeker =
        Seeker { flow, sources, handler, made: Made::default(), seen: BTreeSet::new(), calls: Vec::new(), steps: 0 };
    seeker.results(handler, Way::default());
    seeker.made
}

struct Seeker<'a> {
    flow: &'a Flow<'a>,
    sources: &'a dyn Sources,
    handler: FunctionRef,
    made: Made,
    seen: BTreeSet<(ValueRef, Way)>,
    /// Functions whose results are being looked at, with the calls of them.
    calls: Vec<(FunctionRef, ValueRef)>,
    steps: u32,
}

impl Seeker<'_> {
    fn results(&mut self, function: FunctionRef, way: Way) {
        for value in &self.flow.scopes(function.module).returns[function.id.index()] {
            let value = value_in(function.module, *value);
            if !self.sources.is_of_another(value) {
                self.value(value, way);
            }
        }
    }

    fn value(&mut self, at: ValueRef, way: Way) {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            self.made.open.get_or_insert(self.flow.span(at));
        }
        if self.steps > MAX_STEPS || !self.seen.insert((at, way)) {
            return;
        }
        match self.sources.of_value(at) {
            Of::Source => {
                self.made.of.entry(self.flow.span(at)).or_default().insert(way);
                return;
            }
            Of::Nothing => return,
            Of::More => {}
        }
        let of = |id: &ValueId| value_in(at.module, *id);
        match self.flow.kind(at) {
            ValueKind::Name(name) => self.name(at, name, way),
            ValueKind::Call(call) => self.call(at, call, way),
            ValueKind::Field { base, name } => {
                let is_whole = words::is_whole(name) || self.sources.is_whole(name);
                self.value(of(base), if is_whole { way } else { way.picking() });
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
            ValueKind::Comprehension(comprehension) => {
                let sifted = way.sifted || comprehension.clauses.iter().any(|clause| !clause.conditions.is_empty());
                let way = Way { sifted, ..way };
                comprehension.key.iter().for_each(|key| self.value(of(key), way));
                self.value(of(&comprehension.element), way);
            }
            ValueKind::Binary { .. } | ValueKind::Not(_) | ValueKind::Function(_) | ValueKind::Class(_) => {}
            kind => {
                let mut under = Vec::new();
                children(kind, &mut |id| under.push(id));
                under.iter().for_each(|id| self.value(of(id), way));
            }
        }
    }

    /// `rows[:10]`, `text[0:limit]`, `row["name"]`, `lines[0]`
    fn index(&mut self, base: ValueRef, key: ValueRef, way: Way) {
        let way = match self.flow.kind(key) {
            ValueKind::Tuple(parts) => {
                let end = parts.get(1).map(|end| value_in(key.module, *end));
                let end = end.filter(|end| !matches!(self.flow.kind(*end), ValueKind::Null));
                end.map_or(Way { sifted: true, ..way }, |end| self.cut(end, way))
            }
            ValueKind::Text(name) if self.sources.is_whole(name) => way,
            _ => way.picking(),
        };
        self.value(base, way);
    }

    fn cut(&self, limit: ValueRef, way: Way) -> Way {
        match self.sources.bounds(limit) {
            true => Way { cut: Some(self.flow.span(limit)), ..way },
            false => Way { chosen: true, ..way },
        }
    }

    fn name(&mut self, at: ValueRef, name: &Name, way: Way) {
        let owner = self.flow.owner(at);
        let scopes = self.flow.scopes(at.module);
        let known = scopes.bindings[owner.id.index()].get(name);
        if known.is_none_or(|all| all.len() > 12 || all.iter().any(|one| !is_followed(&one.bound))) {
            self.made.open.get_or_insert(self.flow.span(at));
        }
        let bindings = known.into_iter().flatten().take(12);
        let start = self.flow.span(at).start;
        for binding in bindings.filter(|one| !one.declares || (one.block.0 <= start && start <= one.block.1)) {
            match binding.bound {
                Bound::Value(value) | Bound::Changed(value) | Bound::Held(value) => {
                    let Some(way) = self.part(at, &binding.path, way) else { continue };
                    self.value(value_in(at.module, value), way);
                }
                // What is left of each element says nothing of how many there are.
                Bound::Each(value) => {
                    let is_left_early = self.flow.sources.slice(self.flow.function(owner).span).contains("break");
                    let way = Way { vague: way.vague || is_left_early, sifted: true, ..way.each() };
                    self.value(value_in(at.module, value), way);
                }
                Bound::Matched(Some(value)) => self.value(value_in(at.module, value), Way { vague: true, ..way }),
                Bound::Parameter(position) => self.parameter(owner, name, position, way),
                _ => {}
            }
        }
        for change in scopes.changes.get(name).into_iter().flatten().take(24) {
            if scopes.owner[change.place.index()] == owner.id {
                self.changed(value_in(at.module, change.place), change.value, way);
            }
        }
    }

    /// What is left when a part of a value is bound; nothing where it is the error beside it.
    fn part(&self, at: ValueRef, path: &[Step], way: Way) -> Option<Way> {
        match path.first() {
            None => Some(way),
            Some(Step::Item(position)) if self.flow.module(at).language == Language::Go => {
                (*position == 0).then_some(way)
            }
            Some(Step::Field(name, _)) if words::is_whole(name) => Some(way),
            Some(_) => Some(way.picking()),
        }
    }

    /// `out.append(x)`, `out["k"] = x`
    fn changed(&mut self, place: ValueRef, value: Option<ValueId>, way: Way) {
        if let Some(value) = value {
            return self.value(value_in(place.module, value), way);
        }
        let ValueKind::Call(call) = self.flow.kind(place) else { return };
        let fills = matches!(self.flow.kind(value_in(place.module, call.callee)), ValueKind::Field { name, .. } if words::fills(name));
        if !fills {
            return;
        }
        let given: Vec<ValueRef> = call.arguments.iter().map(|one| value_in(place.module, one.value)).collect();
        given.into_iter().for_each(|one| self.value(one, way));
    }

    /// What the call that is being followed hands over.
    fn parameter(&mut self, owner: FunctionRef, name: &Name, position: usize, way: Way) {
        let Some((_, at)) = self.calls.iter().rev().find(|(function, _)| *function == owner).copied() else {
            if owner != self.handler || name == "self" {
                self.made.open.get_or_insert(self.flow.function(owner).name_span);
            }
            return;
        };
        let ValueKind::Call(call) = self.flow.kind(at) else { return };
        if let Some((closure, receiver)) = self.mapped(at, call)
            && closure == owner
        {
            if position == 0 {
                self.value(receiver, way.each());
            }
            return;
        }
        let has_receiver = self
            .flow
            .function(owner)
            .parameters
            .first()
            .is_some_and(|first| first.kind == crate::code::ParameterKind::Receiver);
        let position = position.saturating_sub(usize::from(has_receiver));
        let named = call.arguments.iter().find(|argument| argument.name.as_ref() == Some(name));
        let found = named.or_else(|| call.arguments.iter().filter(|argument| argument.name.is_none()).nth(position));
        if let Some(found) = found {
            self.value(value_in(at.module, found.value), way);
        }
    }

    fn call(&mut self, at: ValueRef, call: &Call, way: Way) {
        let span = self.flow.span(at);
        let callee = value_in(at.module, call.callee);
        let written = self.flow.sources.slice(self.flow.span(callee));
        if words::structures(written) {
            self.made.structured.get_or_insert(span);
        }
        if self.sources.is_source(span) {
            self.made.of.entry(span).or_default().insert(way);
            return;
        }
        if let Some((closure, _)) = self.mapped(at, call).filter(|_| self.calls.len() < MAX_CALLS) {
            self.calls.push((closure, at));
            self.results(closure, way);
            self.calls.pop();
            return;
        }
        let called = self.flow.asking_within(400, || self.flow.meaning(callee, &None)).0;
        if let Meaning::Function(function, ..) = called
            && self.calls.len() < MAX_CALLS
            && !self.calls.iter().any(|(known, _)| *known == function)
        {
            self.calls.push((function, at));
            self.results(function_in(function.module, function.id), way);
            self.calls.pop();
            return;
        }
        let name = written.rsplit(['.', ':']).next().unwrap_or(written).trim_end_matches('!');
        if matches!(name, "fetchall" | "fetchone" | "fetchmany" | "fetchAll" | "fetch_all" | "fetchone_dict") {
            self.rows_of(at, call, name, way);
        }
        let way = match words::call(name) {
            Becomes::Nothing => return,
            Becomes::Same => way,
            Becomes::Unknown => {
                self.made.open.get_or_insert(span);
                Way { vague: true, ..way }
            }
            Becomes::Cut => call
                .arguments
                .iter()
                .rev()
                .fold(way, |way, argument| self.cut(value_in(at.module, argument.value), way)),
        };
        let way = match (name, call.arguments.first()) {
            ("read", Some(size)) => self.cut(value_in(at.module, size.value), way),
            _ if words::takes_one(name) => Way { one: true, part: true, ..way },
            ("filter", _) => Way { sifted: true, ..way },
            _ => way,
        };
        if let ValueKind::Field { base, .. } = self.flow.kind(callee) {
            self.value(value_in(at.module, *base), way);
        }
        let way = if self.sources.hands_back(callee, name) { way } else { Way { vague: true, ..way } };
        for argument in &call.arguments {
            self.value(value_in(at.module, argument.value), way);
        }
    }

    /// `rows.map(row => …)`: the closure and what it is called for each of.
    fn mapped(&self, at: ValueRef, call: &Call) -> Option<(FunctionRef, ValueRef)> {
        let ValueKind::Field { base, name } = self.flow.kind(value_in(at.module, call.callee)) else { return None };
        let first = call.arguments.first().filter(|_| matches!(name.as_str(), "map" | "flatMap"))?;
        match self.flow.kind(value_in(at.module, first.value)) {
            ValueKind::Function(closure) => Some((function_in(at.module, *closure), value_in(at.module, *base))),
            _ => None,
        }
    }

    /// The rows of what the same function asked before.
    fn rows_of(&mut self, at: ValueRef, call: &Call, name: &str, way: Way) {
        let way = match (name, call.arguments.first()) {
            ("fetchone", _) => Way { one: true, ..way },
            ("fetchmany", Some(size)) => self.cut(value_in(at.module, size.value), way),
            _ => way,
        };
        let function = self.flow.function(self.flow.owner(at)).span;
        for span in self.sources.queries(function) {
            self.made.of.entry(span).or_default().insert(way);
        }
    }
}

/// Whether what a name is bound to is looked into.
fn is_followed(bound: &Bound) -> bool {
    use Bound::{Changed, Each, Held, Matched, Parameter, Value};
    matches!(bound, Value(_) | Changed(_) | Held(_) | Each(_) | Matched(Some(_)) | Parameter(_))
}
