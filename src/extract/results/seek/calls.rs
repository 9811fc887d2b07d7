//! What a call gives back, and what the call that is being followed was given.

use crate::code::{Call, CallKind, Name, ValueKind};
use crate::extract::results::content;
use crate::extract::results::seek::{MAX_CALLS, Seeker, Way};
use crate::extract::results::words::{self, Becomes};
use crate::flow::meaning::{Meaning, function_in, value_in};
use crate::flow::scope::Bound;
use crate::flow::{FunctionRef, ValueRef};
use crate::source::Span;

/// Methods that hand each element to a closure.
const EACH: &[&str] =
    &["forEach", "map", "flatMap", "filter", "for_each", "filter_map", "each", "some", "every", "find"];
/// Methods that hand what they wait for to a closure.
const LATER: &[&str] = &["then", "on", "once", "addListener", "and_then", "map_ok", "unwrap_or_else"];
/// Calls that fill what they are handed the address of.
const FILLING: &[&str] =
    &["Unmarshal", "Decode", "Scan", "StructScan", "Get", "Select", "Find", "First", "All", "Bind"];

impl Seeker<'_> {
    pub(super) fn call(&mut self, at: ValueRef, call: &Call, way: Way) {
        let span = self.flow.span(at);
        let callee = value_in(at.module, call.callee);
        let written = self.flow.sources.slice(self.flow.span(callee));
        if words::structures(written) {
            self.made.structured.get_or_insert(span);
        }
        if self.sources.is_source(span) {
            return self.source(at, way);
        }
        if let Some((closure, _)) = self.mapped(at, call).filter(|_| self.calls.len() < MAX_CALLS) {
            return self.follow(closure, at, way.inside());
        }
        if let Some(way) = self.promised(at, call, way) {
            return way;
        }
        let name = written.rsplit(['.', ':']).next().unwrap_or(written).trim_end_matches('!');
        let way = if self.sources.has_controls() { self.controlled(at, call, way) } else { way };
        if let Some(function) = self.called(callee).filter(|_| self.calls.len() < MAX_CALLS) {
            return match self.calls.iter().any(|(known, _)| *known == function) {
                // What it gives back of what it gives back of a part is told by the call around it.
                true if way.redacted.is_some() => self.given(at, call, way),
                true => self.unknown(at, call, name, way),
                false => self.follow(function, at, way),
            };
        }
        self.unknown(at, call, name, way);
    }

    /// The function of the tree that is called, through what wraps it.
    fn called(&self, callee: ValueRef) -> Option<FunctionRef> {
        let is_own = self.flow.owner(callee) == self.start.function;
        let frame = if is_own { self.start.frame.clone() } else { None };
        match self.flow.asking_within(400, || self.flow.meaning(callee, &frame)).0 {
            Meaning::Function(function, ..) => Some(function),
            Meaning::Parameter(wrapper, 0) => {
                self.start.wrapped.iter().find(|(known, _)| *known == wrapper).map(|(_, inner)| *inner)
            }
            _ => self.start.dispatches.filter(|_| self.is_chosen(callee)),
        }
    }

    /// `handlers[name](args)`: which function is called is found by the name of the tool.
    fn is_chosen(&self, callee: ValueRef) -> bool {
        let is_looked_up = |value: ValueRef| match self.flow.kind(value) {
            ValueKind::Index { key, .. } => !matches!(self.flow.kind(value_in(value.module, *key)), ValueKind::Text(_)),
            ValueKind::Call(call) => self.controls.last(value_in(value.module, call.callee)) == "get",
            _ => false,
        };
        let named = match self.flow.kind(callee) {
            ValueKind::Name(name) => self.controls.bindings(callee, name).map(|(_, all)| all).unwrap_or_default(),
            _ => Vec::new(),
        };
        let is_bound = named.iter().any(|one| match one.bound {
            Bound::Value(value) => is_looked_up(value_in(callee.module, value)),
            _ => false,
        });
        self.flow.owner(callee) == self.start.function && (is_looked_up(callee) || is_bound)
    }

    fn follow(&mut self, function: FunctionRef, at: ValueRef, way: Way) {
        self.calls.push((function, at));
        self.trail.push(self.flow.span(at));
        self.results(function, way);
        self.trail.pop();
        self.calls.pop();
    }

    /// What a call does that is known to screen or to redact, and what entries beside others say.
    fn controlled(&mut self, at: ValueRef, call: &Call, way: Way) -> Way {
        let span = self.flow.span(at);
        let callee = value_in(at.module, call.callee);
        let mut way = way;
        let found = self.controls.replaced(at, call);
        if found.injections {
            way.screened = way.screened.or(Some(span));
        }
        if found.personal {
            way.redacted = way.redacted.or(Some(span));
        }
        let says_so = || {
            let named = call.arguments.iter().filter_map(|one| Some((one.name.as_ref()?, one.value)));
            let mut named = named.map(|(name, value)| (name, value_in(at.module, value)));
            named.any(|(name, value)| self.controls.is_label_entry(name, value))
        };
        if way.marked.is_none() && says_so() {
            way = way.marked(span);
        }
        if way.redacted.is_none() {
            way.redacted = self.redacting(at, call, callee);
        }
        way
    }

    fn redacting(&self, at: ValueRef, call: &Call, callee: ValueRef) -> Option<Span> {
        let span = self.flow.span(at);
        if let Some(function) = self.controls.called(callee) {
            return self.controls.blacks_out(function).filter(|(_, has_way_past)| !has_way_past).map(|_| span);
        }
        if self.controls.full_name(callee).is_some_and(|name| content::redacts(&name)) {
            return Some(span);
        }
        let closure = self.controls.closure(at, call).filter(|_| self.controls.last(callee) == "filter")?;
        let returns = &self.flow.scopes(at.module).returns[closure.index()];
        returns.iter().find_map(|value| self.controls.leaves_out(value_in(at.module, *value)))
    }

    /// A call of something that is not of the tree.
    fn unknown(&mut self, at: ValueRef, call: &Call, name: &str, way: Way) {
        let callee = value_in(at.module, call.callee);
        if matches!(name, "fetchall" | "fetchone" | "fetchmany" | "fetchAll" | "fetch_all" | "fetchone_dict") {
            self.rows_of(at, call, name, way);
        }
        if self.sources.delivers(name) && matches!(self.flow.kind(callee), ValueKind::Field { .. }) {
            self.source(at, way);
        }
        let member = call.arguments.first().map(|first| self.flow.kind(value_in(at.module, first.value)));
        let way = match words::call(name) {
            Becomes::Nothing => return,
            Becomes::Same => way,
            Becomes::Unknown if content::replaces(name) => way,
            Becomes::Unknown => match (words::takes_one(name), member) {
                (true, Some(ValueKind::Text(member))) if name == "get" => way.member(member, self.flow.span(at)),
                _ => {
                    self.not_known(at, callee);
                    Way { vague: true, ..way }
                }
            },
            Becomes::Cut => self.cut_by(name, at, call, way),
        };
        let way = match (name, call.arguments.first()) {
            ("read", Some(size)) => self.cut(value_in(at.module, size.value), way),
            _ if words::takes_one(name) => Way { one: true, part: true, ..way },
            ("filter", _) => Way { sifted: true, ..way },
            _ => way,
        };
        if let ValueKind::Field { base, .. } = self.flow.kind(callee)
            && !self.is_namespace(value_in(at.module, *base))
        {
            self.value(value_in(at.module, *base), way);
        }
        let way = if self.sources.hands_back(callee, name) { way } else { Way { vague: true, ..way } };
        self.given(at, call, way);
    }

    /// A call of a library gives back nothing from outside but what it is given, as long as it is no effect.
    fn not_known(&mut self, at: ValueRef, callee: ValueRef) {
        let is_library = self.sources.has_controls() && self.controls.full_name(callee).is_some();
        if !is_library {
            self.made.open.get_or_insert(self.flow.span(at));
        }
    }

    /// A package, or a type whose functions are called by its name.
    fn is_namespace(&self, base: ValueRef) -> bool {
        let is_name = matches!(self.flow.kind(base), ValueKind::Name(_) | ValueKind::Field { .. });
        let meaning = || self.controls.meaning(base);
        is_name
            && self.sources.has_controls()
            && matches!(meaning(), Meaning::Outside(_) | Meaning::Module(_) | Meaning::Package(_) | Meaning::Class(_))
    }

    fn given(&mut self, at: ValueRef, call: &Call, way: Way) {
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

    /// `new Promise((resolve, reject) => …)`: what is handed to `resolve`.
    fn promised(&mut self, at: ValueRef, call: &Call, way: Way) -> Option<()> {
        let callee = self.flow.sources.slice(self.flow.span(value_in(at.module, call.callee)));
        if call.kind != CallKind::New || callee.split('<').next() != Some("Promise") {
            return None;
        }
        let closure = self.controls.closure(at, call)?;
        let code = self.flow.function(function_in(at.module, closure));
        let resolve = code.parameters.first()?.name()?;
        let module = self.flow.module(at);
        let scopes = self.flow.scopes(at.module);
        let inside = scopes.calls.iter().filter(|one| code.span.contains(module.value(**one).span));
        let inside: Vec<ValueRef> = inside.map(|one| value_in(at.module, *one)).collect();
        for one in inside {
            let ValueKind::Call(resolving) = self.flow.kind(one) else { continue };
            let is_it = matches!(self.flow.kind(value_in(at.module, resolving.callee)), ValueKind::Name(name) if name == resolve);
            if is_it {
                self.given(one, resolving, way);
            }
        }
        Some(())
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
            self.made.trails.entry((span, way)).or_insert_with(|| self.trail.clone());
        }
    }

    /// A call that fills the variable whose address it is handed, from what it is called on or handed beside it.
    pub(super) fn filled(&mut self, at: ValueRef, name: &Name, way: Way) {
        let ValueKind::Call(call) = self.flow.kind(at) else { return };
        let callee = value_in(at.module, call.callee);
        if !FILLING.contains(&self.controls.last(callee)) {
            return;
        }
        if self.sources.is_source(self.flow.span(at)) {
            return self.source(at, way);
        }
        if let ValueKind::Field { base, .. } = self.flow.kind(callee) {
            self.value(value_in(at.module, *base), way);
        }
        for argument in &call.arguments {
            let value = value_in(at.module, argument.value);
            let text = self.flow.sources.slice(self.flow.span(value));
            if text.trim_start_matches('&') != name.as_str() {
                self.value(value, way);
            }
        }
    }

    /// What the call that is being followed hands over.
    pub(super) fn parameter(&mut self, owner: FunctionRef, name: &Name, position: usize, way: Way) {
        let Some(depth) = self.calls.iter().rposition(|(function, _)| *function == owner) else {
            return self.of_closure(owner, name, position, way);
        };
        let at = self.calls[depth].1;
        let ValueKind::Call(call) = self.flow.kind(at) else { return };
        // What it was given is looked at where it was called.
        let inner = self.calls.split_off(depth);
        match self.mapped(at, call).filter(|(closure, _)| *closure == owner) {
            Some((_, receiver)) if position == 0 => self.value(receiver, way.each()),
            Some(_) => {}
            None => self.argument(owner, name, position, (at, call), way),
        }
        self.calls.extend(inner);
    }

    fn argument(&mut self, owner: FunctionRef, name: &Name, position: usize, (at, call): (ValueRef, &Call), way: Way) {
        if let Some(found) = self.given_for(owner, name, position, (at, call)) {
            self.value(found, way);
        }
    }

    /// A parameter of a function whose call is not being followed: a closure that is handed to a call, or the handler.
    fn of_closure(&mut self, owner: FunctionRef, name: &Name, position: usize, way: Way) {
        if self.start.is_entered(owner) {
            if name == "self" {
                self.made.open.get_or_insert(self.flow.function(owner).name_span);
            }
            return;
        }
        let Some((at, call)) = self.controls.taking(owner) else {
            self.made.open.get_or_insert(self.flow.function(owner).name_span);
            return;
        };
        let callee = value_in(at.module, call.callee);
        let last = self.controls.last(callee);
        let base = match self.flow.kind(callee) {
            ValueKind::Field { base, .. } => Some(value_in(at.module, *base)),
            _ => None,
        };
        if self.sources.is_source(self.flow.span(at)) {
            return self.source(at, way);
        }
        match base {
            Some(base) if EACH.contains(&last) && position == 0 => self.value(base, way.each()),
            Some(base) if LATER.contains(&last) => self.value(base, way),
            _ => {
                self.made.open.get_or_insert(self.flow.function(owner).name_span);
            }
        }
    }
}
