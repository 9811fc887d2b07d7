//! Schemas that the program itself holds values against, and functions of schemas that look at them.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::{FunctionId, Language, Name, Operator, ParameterKind, Place, ValueKind};
use crate::flow::effects::Guard;
use crate::flow::json::Json;
use crate::flow::meaning::{Within, push, value_in};
use crate::flow::schemas::SchemaTest;
use crate::flow::{ClassRef, FunctionRef, In, Meaning, ValueRef};
use crate::model::tool::Enforced;
use crate::source::SourceId;
use crate::taint::call::Calling;
use crate::taint::entry::Schemed;
use crate::taint::entry::schemed::proofs;
use crate::taint::headers::Role;
use crate::taint::statement::dotted;
use crate::taint::vacuous::is_vacuous;
use crate::taint::{Entry, Env, Found, Proofs, Shade, Summary, WHOLE, Walk};

/// Name of a value that a function of a schema looks at.
const VALUE: &str = "value";

/// What is proven of a member at the ways out of a function that is given the object around it.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    /// The member, as the function calls it.
    name: Name,
    /// Depth of the function.
    depth: usize,
    /// What its exits say.
    says: Says,
    /// At all ways out so far.
    proven: Option<Proofs>,
}

impl Watched {
    fn object(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }

    fn member(&self) -> Option<&str> {
        Some(self.name.split_once('.')?.1)
    }
}

/// What a way out of a function says of the object that it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// That it fits.
    Fits,
    /// That it fits, unless something was added to its list.
    Lists,
    /// Whether it fits, by what it gives back.
    Truth,
    /// What it is from here on: what it gives back.
    GoesOn,
}

impl<'a> Walk<'a> {
    /// Arguments with what the functions of their schema prove.
    pub(crate) fn tested_entry(&mut self, entry: &Entry) -> Option<Entry> {
        if !entry.arguments.values().any(Schemed::is_tested) {
            return None;
        }
        let mut tested = entry.clone();
        tested.arguments.values_mut().for_each(|told| self.settle(told));
        Some(tested)
    }

    /// Finds out what the tests of a schema prove; what they do besides is not what the tool does with a value that fits.
    fn settle(&mut self, told: &mut Schemed) {
        if told.is_changed() {
            told.parts.clear();
        }
        for test in std::mem::take(&mut told.tests) {
            told.proofs = self.after(&test, told.proofs);
        }
        told.parts.values_mut().for_each(|part| self.settle(part));
    }

    fn after(&mut self, test: &SchemaTest, known: Proofs) -> Proofs {
        match test {
            SchemaTest::Fits(schema) => known | proofs(schema, Enforced::Schema),
            SchemaTest::Coerced => known,
            SchemaTest::Unknown => Proofs::NONE,
            SchemaTest::Predicate(source, function) => known | self.where_true((*source, *function), known),
            SchemaTest::Change(source, function) => self.given_back((*source, *function), known),
            SchemaTest::Before(source, function) => known | self.given_back((*source, *function), Proofs::NONE),
            SchemaTest::Refuses(source, function) => known | self.where_it_returns((*source, *function), known),
            SchemaTest::Called(_) => known,
            SchemaTest::Instead(source, function) => self.given_back((*source, *function), Proofs::NONE),
            SchemaTest::Around(source, function, member, is_predicate) => {
                let says = if *is_predicate { Says::Truth } else { Says::Fits };
                known | self.where_around_fits((*source, *function), member, says, known)
            }
            SchemaTest::Listed(source, function, member) => {
                let path =
                    member.as_ref().map_or(VALUE.into(), |member| dotted(&VALUE.into(), std::slice::from_ref(member)));
                known | self.where_around_fits((*source, *function), &path, Says::Lists, known)
            }
            SchemaTest::Remade(source, function, member, true) => {
                self.where_around_fits((*source, *function), member, Says::GoesOn, known)
            }
            SchemaTest::Remade(source, function, member, false) => {
                known | self.where_around_fits((*source, *function), member, Says::GoesOn, Proofs::NONE)
            }
        }
    }

    /// What a function proves of its value where it gives back a truth.
    fn where_true(&mut self, at: (SourceId, FunctionId), known: Proofs) -> Proofs {
        let Some((position, summary)) = self.looked_at(at, |shade| shade, known) else { return Proofs::NONE };
        let says = summary.told.get(WHOLE).and_then(|told| told.when_true.get(position));
        says.or(summary.returns.get(position)).copied().filter(|_| !summary.never_returns).unwrap_or_default()
    }

    /// What a function proves of its value where it comes back without having refused it.
    fn where_it_returns(&mut self, at: (SourceId, FunctionId), known: Proofs) -> Proofs {
        let Some((position, summary)) = self.looked_at(at, |shade| shade, known) else { return Proofs::NONE };
        summary.returns.get(position).copied().filter(|_| !summary.never_returns).unwrap_or_default()
    }

    /// What is proven of what a function gives back for its value.
    fn given_back(&mut self, at: (SourceId, FunctionId), known: Proofs) -> Proofs {
        let Some((_, summary)) = self.looked_at(at, |shade| shade, known) else { return Proofs::NONE };
        let is_told = !summary.never_returns && summary.result.is_tainted();
        if is_told { summary.result.whole().proofs } else { Proofs::NONE }
    }

    /// What a function proves of a member of what it is given, at its ways out.
    fn where_around_fits(&mut self, at: (SourceId, FunctionId), member: &Name, says: Says, known: Proofs) -> Proofs {
        let Some((function, position)) = self.schema_function(at, true) else { return Proofs::NONE };
        let name = match self.flow.function(function).parameters.get(position).map(|parameter| &parameter.place) {
            Some(Place::Name(name, _)) => Name::new(format!("{name}.{member}")),
            Some(Place::Fields(fields, _)) => {
                let field = fields.iter().find(|field| field.name == *member);
                match field.map(|field| &field.place) {
                    Some(Place::Name(name, _)) => name.clone(),
                    _ => return Proofs::NONE,
                }
            }
            _ => return Proofs::NONE,
        };
        let depth = self.stack.len() + 1;
        let before = self.watched.replace(Watched { name, depth, says, proven: None });
        let role = (says == Says::Lists).then_some(Role::Issues);
        let holding =
            |shade, name| Shade { parts: Rc::new(BTreeMap::from([(Name::new(name), shade)])), ..Shade::default() };
        let object = |shade: Shade| Shade { role, ..member.rsplit('.').fold(shade, holding) };
        self.run(function, position, object, known);
        let watched = std::mem::replace(&mut self.watched, before);
        watched.and_then(|watched| watched.proven).unwrap_or_default()
    }

    fn looked_at(
        &mut self,
        at: (SourceId, FunctionId),
        given: impl Fn(Shade) -> Shade,
        known: Proofs,
    ) -> Option<(usize, Rc<Summary>)> {
        let (function, position) = self.schema_function(at, false)?;
        Some((position, self.run(function, position, given, known)))
    }

    /// A function of a schema, and which parameter it is given a value as; an object may be its receiver.
    fn schema_function(&self, (source, id): (SourceId, FunctionId), is_object: bool) -> Option<(FunctionRef, usize)> {
        let function = In { module: *self.flow.program.by_source.get(&source)?, id };
        let parameters = &self.flow.function(function).parameters;
        let own = parameters.iter().position(|parameter| parameter.kind != ParameterKind::Receiver);
        let position = own.or((is_object && !parameters.is_empty()).then_some(0))?;
        Some((function, position))
    }

    fn run(
        &mut self,
        function: FunctionRef,
        position: usize,
        given: impl Fn(Shade) -> Shade,
        known: Proofs,
    ) -> Rc<Summary> {
        let code = self.flow.function(function);
        let value = given(Shade::argument(&Name::new(VALUE), code.name_span, known));
        let shade = |at: usize| match at.cmp(&position) {
            std::cmp::Ordering::Less => Shade::default(),
            std::cmp::Ordering::Equal => value.clone(),
            std::cmp::Ordering::Greater => Shade::of_role(Role::Issues),
        };
        let arguments = (0..code.parameters.len()).map(shade).collect();
        let frame = push(&None, Within::Call { function, arguments: Vec::new(), this: None, at: None });
        // What was met so far would hide the same calls of the handler, and what is found here is not found there.
        let found = std::mem::take(&mut self.found);
        let (memo, recorders) = (std::mem::take(&mut self.memo), std::mem::take(&mut self.recorders));
        let (keeps, outer) = (self.keeps.clone(), std::mem::take(&mut self.outer));
        self.found.steps = found.steps;
        let summary = self.summary(function, arguments, Shade::default(), frame, &[]);
        let Found { steps, cut, .. } = std::mem::replace(&mut self.found, found);
        (self.memo, self.recorders, self.keeps, self.outer) = (memo, recorders, keeps, outer);
        self.found.steps = steps;
        self.found.cut |= cut;
        self.left = false;
        summary
    }

    /// Notes what is proven of a watched member at a way out that gives this back.
    pub(crate) fn watch_exit(&mut self, truth: Option<bool>, when_true: &Env, result: &Shade) {
        let depth = self.stack.len();
        let Some(watched) = self.watched.as_mut().filter(|watched| watched.depth == depth) else { return };
        let proven_of = |name: &Name| when_true.proven.get(name).copied().unwrap_or_default();
        let proven = match watched.says {
            Says::Truth if truth == Some(false) => return,
            Says::Truth | Says::Fits | Says::Lists => proven_of(&watched.name),
            Says::GoesOn => {
                let Some(member) = watched.member() else { return };
                let part = result.parts.get(member).filter(|part| part.is_tainted());
                let named = result.of.first().map(|object| proven_of(&dotted(object, &[member.into()])));
                part.map(|part| part.proofs | named.unwrap_or_default()).unwrap_or_default()
            }
        };
        watched.proven = Some(watched.proven.map_or(proven, |known| known & proven));
    }

    /// Whether the function on top is a test of a schema of which a member is watched.
    pub(crate) fn is_watched(&self) -> bool {
        self.watched.as_ref().is_some_and(|watched| watched.depth == self.stack.len())
    }

    /// Whether what a test of a schema gives back is asked for its truth at the way out.
    pub(crate) fn is_watched_predicate(&self) -> bool {
        self.is_watched() && self.watched.as_ref().is_some_and(|watched| watched.says == Says::Truth)
    }

    /// Whether a test asks whether the object that a watched member is in is one, or has that member: the member would not
    /// be watched otherwise.
    pub(crate) fn is_there(&self, test: ValueRef) -> bool {
        let Some(watched) = self.watched.as_ref().filter(|_| self.is_watched()) else { return false };
        let of = |id| value_in(test.module, id);
        let is_object =
            |id| matches!(self.flow.kind(of(id)), ValueKind::Name(name) if watched.object() == name.as_str());
        match self.flow.kind(test) {
            ValueKind::Name(name) => watched.member().is_some() && watched.object() == name.as_str(),
            ValueKind::Call(call) => {
                let text = |id| self.flow.sources.slice(self.flow.span(of(id)));
                let [object, class] = &call.arguments[..] else { return false };
                text(call.callee) == "isinstance"
                    && is_object(object.value)
                    && ["dict", "Mapping"].iter().any(|name| text(class.value).contains(name))
            }
            ValueKind::Binary { operator: Operator::In, left, right } => {
                let names = |text: &Name| watched.member() == Some(text.as_str());
                is_object(*right) && matches!(self.flow.kind(of(*left)), ValueKind::Text(text) if names(text))
            }
            _ => false,
        }
    }

    /// `ctx.addIssue(…)`, `ctx.issues.push(…)`: the value does not fit, whatever else is looked at.
    pub(crate) fn adds_issue(&mut self, calling: &Calling<'a>) -> bool {
        let is_issue = matches!(calling.method.as_deref(), Some("addIssue" | "push"))
            && calling.receiver.as_ref().is_some_and(|receiver| receiver.role == Some(Role::Issues));
        self.left |= is_issue;
        is_issue
    }

    /// What a schema that the program calls gives back: held to what it says.
    pub(crate) fn let_through(&mut self, calling: &Calling<'a>, callee: &Meaning, shade: Shade) -> Shade {
        let proofs = self.unless_vacuous(calling, callee, shade.proofs);
        if !proofs.has(Proofs::VALIDATED) {
            return Shade { proofs, ..shade };
        }
        let Some(mut told) = self.schema_of(calling, callee, shade.is_bag) else { return shade };
        self.settle(&mut told);
        let mut shade = self.with_members(shade, &told);
        shade.proofs |= Proofs::SCHEMED;
        told.upon(shade)
    }

    /// `Model.model_validate(arguments)`: what a class of models lets through.
    pub(crate) fn by_model(&mut self, calling: &Calling<'a>, callee: &Meaning) -> Option<Shade> {
        let (Meaning::Member(base, method), [given, ..]) = (callee, &calling.given[..]) else { return None };
        let is_validating = matches!(method.as_str(), "model_validate" | "parse_obj" | "model_validate_strings");
        let Meaning::Class(class) = self.flow.asking(|| self.flow.force(base)).0 else { return None };
        let reader = self.shared.reader.filter(|_| is_validating)?;
        let json = self.flow.asking(|| reader(self.flow, &Meaning::Class(class))).0.filter(|json| !is_vacuous(json))?;
        let mut told = Schemed::of(&json.value, &json.tests, Enforced::Schema);
        self.settle(&mut told);
        self.note_closed(calling, &json);
        let given = given.shade.clone();
        let proofs = given.proofs | Proofs::VALIDATED | Proofs::SCHEMED;
        let shade = self.with_members(Shade { proofs, of: Vec::new(), ..given }, &told);
        self.note_parsed(calling, &shade);
        Some(told.upon(shade))
    }

    /// An object of a class of models: making it validates what it is given.
    pub(crate) fn as_model(&mut self, calling: &Calling<'a>, class: ClassRef, made: Shade) -> Shade {
        if self.flow.module(calling.at).language != Language::Python || !made.holds_any() {
            return made;
        }
        let Some(reader) = self.shared.reader else { return made };
        let Some(json) = self.flow.asking(|| reader(self.flow, &Meaning::Class(class))).0 else { return made };
        let mut told = Schemed::of(&json.value, &json.tests, Enforced::Schema);
        self.settle(&mut told);
        let takes_all = calling.code.arguments.iter().any(|argument| {
            matches!(self.flow.kind(value_in(calling.at.module, argument.value)), ValueKind::Spread(_))
        });
        if takes_all && !is_vacuous(&json) {
            self.holds_here_only();
            self.found.taken.parsed.get_or_insert(self.flow.span(calling.at));
            self.note_closed(calling, &json);
        }
        // What the model does not name is not kept.
        told.parts.retain(|name, _| made.parts.contains_key(name) || made.is_tainted());
        told.upon(made)
    }

    /// Members that a schema names, out of all arguments.
    fn with_members(&mut self, shade: Shade, told: &Schemed) -> Shade {
        if !shade.is_bag {
            return shade;
        }
        let mut parts = (*shade.parts).clone();
        for name in told.parts.keys() {
            let part = self.member(&shade, name, None);
            parts.insert(name.clone(), Shade { of: Vec::new(), ..part });
        }
        Shade { parts: Rc::new(parts), ..shade }
    }

    /// The schema that a call holds a value against.
    fn schema_of(&mut self, calling: &Calling<'a>, callee: &Meaning, is_of_all: bool) -> Option<Schemed> {
        let json = self.schema_called(calling, callee)?;
        if is_of_all {
            self.note_closed(calling, &json);
        }
        Some(Schemed::of(&json.value, &json.tests, Enforced::Schema))
    }

    /// The same as it is written.
    pub(crate) fn schema_called(&self, calling: &Calling<'a>, callee: &Meaning) -> Option<Json> {
        let reader = self.shared.reader?;
        let frame = self.here().frame.clone();
        let passed = self.flow.asking(|| self.flow.passed(calling.at, &frame)).0;
        let compiled = match callee {
            Meaning::Member(base, _) => Some(self.flow.asking(|| self.flow.force(base)).0),
            // `ajv.compile(schema)(value)`
            Meaning::Made(made) => made.arguments.first().map(|first| self.flow.force(&first.value)),
            _ => None,
        };
        let given = passed.iter().take(2).map(|argument| self.flow.force(&argument.value));
        let read = |schema: Meaning| self.flow.asking(|| reader(self.flow, &schema)).0;
        compiled.into_iter().chain(given).find_map(read)
    }

    /// Notes a schema of all arguments that refuses those it does not name.
    fn note_closed(&mut self, calling: &Calling<'a>, json: &Json) {
        if json.value.get("additionalProperties") == Some(&serde_json::Value::Bool(false)) {
            self.holds_here_only();
            self.found.taken.closed.get_or_insert(self.flow.span(calling.at));
        }
    }

    /// Notes against which schema a value was found to be valid, that goes on as it was.
    pub(crate) fn note_schema(&mut self, calling: &Calling<'a>, callee: &Meaning, guard: &Guard, of: &[Name]) {
        let Some(name) = of.first().filter(|_| guard.proves.iter().any(|proof| proof == "validated")) else { return };
        let Some(told) = self.schema_of(calling, callee, true) else { return };
        let mut told = told.before_changes();
        self.settle(&mut told);
        let function = self.here().function;
        self.held_to.insert((function, name.clone()), Rc::new(told));
    }

    /// An argument that is taken out of all, once they were found to be valid: as their schema says.
    pub(crate) fn as_validated(&mut self, bag: &Shade, name: &Name, part: Shade) -> Shade {
        if bag.proofs.has(Proofs::SCHEMED) {
            return part;
        }
        let function = self.here().function;
        let exact = bag.of.iter().find_map(|of| self.held_to.get(&(function, of.clone()))).cloned();
        match exact {
            Some(told) => told.parts.get(name).map_or(part.clone(), |told| told.upon(part)),
            None => self.published.get(name).map_or(part.clone(), |told| told.upon(part)),
        }
    }
}
