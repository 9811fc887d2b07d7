//! What a name holds at a place: the bindings that may still be in force there, and what was put into it.

use crate::code::{FunctionId, Language, Name, ValueId, ValueKind};
use crate::extract::results::seek::{Seeker, Way};
use crate::extract::results::words;
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::scope::{Binding, Bound, ContextKind, Step};
use crate::flow::{FunctionRef, ValueRef};

/// Most bindings of one name that are looked into.
const MAX_BINDINGS: usize = 12;
/// Most changes of one name that are looked into.
const MAX_CHANGES: usize = 24;

impl Seeker<'_> {
    pub(super) fn name(&mut self, at: ValueRef, name: &Name, way: Way) {
        let way = self.measured(at, name, self.tested(at, name, way));
        let Some((owner, bindings)) = self.controls.bindings(at, name) else {
            self.made.open.get_or_insert(self.flow.span(at));
            return;
        };
        let is_open = |one: &Binding| !is_followed(one) && !self.is_definition(at, one);
        if bindings.len() > MAX_BINDINGS || bindings.iter().any(is_open) {
            self.made.open.get_or_insert(self.flow.span(at));
        }
        let grown = self.grown(at, &bindings);
        for binding in bindings.iter().take(MAX_BINDINGS) {
            let marked = grown.iter().find(|(value, is_marked)| *is_marked && Some(value.id) == of_binding(binding));
            let way = marked.map_or(way, |(value, _)| way.marked(self.flow.span(*value)));
            let way = self.kept_if_short(at, name, binding, &bindings, way);
            self.binding(at, name, (owner, binding), way);
        }
        self.changes(at, name, owner, &bindings, way);
    }

    /// What was found out about what a name holds, here or where the function that it stands in gives it back.
    fn tested(&self, at: ValueRef, name: &Name, way: Way) -> Way {
        if way.screened.is_some() || !self.sources.has_controls() {
            return way;
        }
        let at_end = || {
            let end = self.exits.iter().rev().copied().find(|end| self.flow.owner(*end) == self.flow.owner(at))?;
            let (from, to) = (self.flow.span(at).start, self.flow.span(end).start);
            let is_same = from < to && !self.controls.is_changed(at, name, from, to);
            is_same.then(|| self.controls.screened(end, name)).flatten()
        };
        Way { screened: self.controls.screened(at, name).or_else(at_end), ..way }
    }

    /// A function, a class or a package is no content.
    fn is_definition(&self, at: ValueRef, binding: &Binding) -> bool {
        match binding.bound {
            _ if !self.sources.has_controls() => false,
            Bound::Function(_) | Bound::Class(_) => true,
            Bound::Import(_) => {
                let meaning = self.controls.meaning(at);
                !matches!(meaning, Meaning::Unknown(_) | Meaning::Later(..) | Meaning::Choice(_))
            }
            _ => false,
        }
    }

    /// `text = "…"`, and then `text += page`: whether what is added is marked by what is added around it.
    fn grown(&self, at: ValueRef, bindings: &[Binding]) -> Vec<(ValueRef, bool)> {
        if !self.sources.has_controls() || !bindings.iter().any(|one| matches!(one.bound, Bound::Changed(_))) {
            return Vec::new();
        }
        let values = bindings.iter().filter_map(|one| of_binding(one).map(|id| value_in(at.module, id)));
        self.controls.judged(&values.collect::<Vec<_>>())
    }

    fn binding(&mut self, at: ValueRef, name: &Name, (owner, binding): (FunctionRef, &Binding), way: Way) {
        match binding.bound {
            Bound::Value(value) | Bound::Changed(value) | Bound::Held(value) => {
                let Some(way) = self.part(at, &binding.path, way) else { return };
                let is_added = matches!(binding.bound, Bound::Changed(_));
                let way = if is_added { self.added(value_in(at.module, value), way) } else { way };
                self.value(value_in(at.module, value), way);
            }
            // What is left of each element says nothing of how many there are.
            Bound::Each(value) => {
                let is_left_early = self.flow.sources.slice(self.flow.function(owner).span).contains("break");
                let way = Way { vague: way.vague || is_left_early, sifted: true, ..way.each() };
                self.value(value_in(at.module, value), way);
            }
            Bound::Matched(Some(value)) => self.value(value_in(at.module, value), Way { vague: true, ..way }),
            Bound::Parameter(position) => {
                let Some(way) = self.part(at, &binding.path, way) else { return };
                self.parameter(owner, name, position, way);
            }
            Bound::Nothing => self.declared(at, name, (owner, binding), way),
            _ => {}
        }
    }

    /// `Ok(text) => …`, and `var body T` that a call fills: `json.Unmarshal(data, &body)`.
    fn declared(&mut self, at: ValueRef, name: &Name, (owner, binding): (FunctionRef, &Binding), way: Way) {
        let scopes = self.flow.scopes(at.module);
        let arm = scopes.chain(binding.context).find_map(|context| match context {
            ContextKind::Arm(subject, span) if span.start <= binding.at && binding.at <= span.end => *subject,
            _ => None,
        });
        if let Some(subject) = arm {
            return self.value(value_in(at.module, subject), way);
        }
        let is_go = self.flow.module(at).language == Language::Go;
        let addressing = if is_go { self.flow.calls_addressing(name) } else { &[] };
        let here = addressing.iter().copied().filter(|call| self.flow.owner(*call) == owner);
        let calls: Vec<ValueRef> = here.take(MAX_CHANGES).collect();
        if calls.is_empty() {
            self.made.open.get_or_insert(self.flow.span(at));
        }
        calls.into_iter().for_each(|call| self.filled(call, name, way));
    }

    /// What is left when a part of a value is bound; nothing where it is the error beside it.
    fn part(&self, at: ValueRef, path: &[Step], way: Way) -> Option<Way> {
        match path.first() {
            None => Some(way),
            Some(Step::Item(position)) if self.flow.module(at).language == Language::Go => {
                (*position == 0).then_some(way)
            }
            Some(Step::Field(name, _)) if words::is_whole(name) => Some(way),
            Some(Step::Field(name, _)) => Some(way.member(name, self.flow.span(at))),
            Some(_) => Some(way.picking()),
        }
    }

    /// What was put into what a name holds, in its function or in one inside it.
    fn changes(&mut self, at: ValueRef, name: &Name, owner: FunctionRef, bindings: &[Binding], way: Way) {
        let scopes = self.flow.scopes(at.module);
        let from = bindings.iter().map(|one| one.at).min().unwrap_or(0);
        let mut way = way;
        for change in scopes.changes.get(name).into_iter().flatten().take(MAX_CHANGES) {
            let place = value_in(at.module, change.place);
            if self.is_inside(scopes.owner[change.place.index()], owner) && from <= self.flow.span(place).start {
                self.changed(place, change.value, self.added(place, way));
                if self.sources.has_controls() && way.marked.is_none() && self.is_label(place) {
                    way = way.marked(self.flow.span(place));
                }
            }
        }
    }

    /// Whether a change puts a text there that says what comes behind it.
    fn is_label(&self, place: ValueRef) -> bool {
        let ValueKind::Call(call) = self.flow.kind(place) else { return false };
        call.arguments.iter().any(|one| self.controls.is_label(value_in(place.module, one.value)))
    }

    fn is_inside(&self, function: FunctionId, owner: FunctionRef) -> bool {
        let mut next = Some(function);
        while let Some(one) = next {
            if one == owner.id {
                return true;
            }
            next = self.flow.program.module(owner.module).function(one).parent;
        }
        false
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
}

fn of_binding(binding: &Binding) -> Option<ValueId> {
    match binding.bound {
        Bound::Value(value) | Bound::Changed(value) => Some(value),
        _ => None,
    }
}

/// Whether what a name is bound to is looked into.
fn is_followed(binding: &Binding) -> bool {
    use Bound::{Changed, Each, Held, Matched, Nothing, Parameter, Value};
    matches!(binding.bound, Value(_) | Changed(_) | Held(_) | Each(_) | Matched(Some(_)) | Parameter(_) | Nothing)
}
