//! Effects: what a call of a table does, and which arguments reach it there.

use std::collections::BTreeSet;

use crate::code::{Name, ValueId, ValueKind};
use crate::flow::effects::{Effect, Form, Kind, Table};
use crate::flow::meaning::value_in;
use crate::flow::{Meaning, ValueRef};
use crate::model::Note;
use crate::source::Span;
use crate::taint::arrival::{Arrival, State, judge, links, statements};
use crate::taint::call::Calling;
use crate::taint::condition::proofs;
use crate::taint::entry::ALL_ARGUMENTS;
use crate::taint::join::mix;
use crate::taint::outside::is_own_type;
use crate::taint::redirect::after_redirects;
use crate::taint::shared::Event;
use crate::taint::{Begin, Seen, Shade, Walk};

impl<'a> Walk<'a> {
    /// What a call that tables list among effects does, and what it gives back; `None` where they do not.
    pub(crate) fn effects(
        &mut self,
        calling: &Calling<'a>,
        table: &'a Table,
        callee: &Meaning,
        name: &str,
    ) -> Option<Shade> {
        let mut effects: Vec<&Effect> = table.effects_of(name).collect();
        if effects.is_empty() && (!is_own_type(callee, name) || self.is_of_declared_type(callee)) {
            effects = calling.method.iter().flat_map(|method| table.effects_of_method(method)).collect();
        }
        if effects.is_empty() {
            return None;
        }
        let mut result = Shade::default();
        for effect in effects {
            let target = effect.target.as_ref().map(|slot| self.slot(calling, slot));
            if name.is_empty() && effect.form == Form::Sql && target.as_ref().is_some_and(is_no_text) {
                self.happens(Event::Unresolved(self.flow.span(calling.at)));
                continue;
            }
            self.effect(calling, effect, name, target.as_ref());
            if effect.returns_target {
                let target = target.unwrap_or_default();
                // What answers is not what was sent.
                let is_sent = effect.kind == Kind::Network;
                result = result.with(&if is_sent { self.credentials_spent(calling, target) } else { target });
            }
        }
        Some(result)
    }

    /// Whether no more is known of a receiver than the type that its variable is declared with.
    fn is_of_declared_type(&self, callee: &Meaning) -> bool {
        let Meaning::Member(base, _) = callee else { return false };
        match self.flow.asking(|| self.flow.force(base)).0 {
            Meaning::Made(made) => !matches!(self.flow.kind(made.at), ValueKind::Call(_)),
            _ => false,
        }
    }

    /// `os.environ["NAME"]`, `process.env.NAME`: an effect that is no call.
    pub(crate) fn variable(&mut self, at: ValueRef, base: ValueId, name: &Name) {
        const ENVIRONMENTS: &[&str] = &["os.environ", "environ", "process.env", "Bun.env", "import.meta.env"];
        let base = self.flow.sources.slice(self.flow.span(value_in(at.module, base)));
        let span = self.flow.span(at);
        if !ENVIRONMENTS.contains(&base) {
            return;
        }
        let (call, target, path) = (base.to_string(), Some(name.to_string()), self.own_path());
        self.happens(Event::Effect(Seen { kind: Kind::Environment, call, span, target, records: None, path }, true));
    }

    fn effect(&mut self, calling: &Calling<'a>, effect: &Effect, name: &str, target: Option<&Shade>) {
        let is_one = effect.only_when.is_empty() || effect.only_when.iter().any(|when| self.holds(calling, when));
        if !is_one {
            return;
        }
        let span = self.flow.span(calling.at);
        let call =
            if name.is_empty() { calling.method.as_deref().unwrap_or("?").to_string() } else { name.to_string() };
        let constant = target.and_then(|target| match &target.items {
            Some(items) => items.first().and_then(|first| first.constant.clone()),
            None => target.constant.clone(),
        });
        let seen = Seen {
            kind: effect.kind,
            call: call.clone(),
            span,
            target: constant.map(|text| text.to_string()),
            records: effect.records,
            path: self.own_path(),
        };
        // A module whose name is written there is loaded as any import loads it.
        if effect.loads && seen.target.is_some() {
            return;
        }
        self.sent_on(calling, effect, &call, span);
        self.sql_sent(calling, effect, &call, span);
        let harmless = effect.harmless_when.iter().any(|when| self.holds(calling, when));
        // One call may be two effects of which its mode decides: what only reads does not write.
        if harmless && matches!(effect.kind, Kind::FileRead | Kind::FileWrite) {
            return;
        }
        self.happens(Event::Effect(seen, false));
        // A method named like a subcommand: the program is what the method stands for.
        let program = Shade::text(&Name::new(call.split('.').next().unwrap_or("")));
        let names_program = effect.rest && effect.form == Form::Argv;
        if effect.kind == Kind::Log {
            if self.writes_answer(calling, &call) {
                return;
            }
            return self.logged(calling, effect, &call, span);
        }
        let Some(target) = target.or_else(|| names_program.then_some(&program)) else { return };
        if harmless {
            return;
        }
        let form = effect
            .form_when
            .iter()
            .find(|when| self.holds(calling, when) || self.is_callers(calling, when))
            .and_then(|when| when.form);
        let form = form.unwrap_or(effect.form);
        if form == Form::Argv {
            let words = self.words(calling, effect, target);
            return self.argv(effect, &call, span, &words);
        }
        // A shell that is asked for reads the words as one line.
        let line = (effect.form == Form::Argv).then(|| mix(&self.words(calling, effect, target)));
        let target = line.as_ref().unwrap_or(target);
        // `{ text: "…", values: [x] }`: the values are bound.
        let text = ["text", "sql"].iter().find_map(|part| target.parts.get(*part)).filter(|_| form == Form::Sql);
        let target = text.unwrap_or(target);
        let target = Shade { proofs: target.proofs | proofs(&effect.checks), ..target.whole() };
        let table = self.effects.of(self.flow.module(calling.at).language);
        let follows = table.is_some_and(|table| self.follows_redirects(calling, table, name));
        let judged = |part: &Shade| {
            let (class, state) = judge(form, part)?;
            Some((class, if follows { after_redirects(state) } else { state }))
        };
        self.arrive(judged, effect, &call, span, &target);
        if form == Form::Path {
            let told = |part: &Shade| Some(("links-not-resolved", links(part.proofs)?));
            self.arrive(told, effect, &call, span, &target);
        }
        if form == Form::Sql && self.runs_several(calling, &call) {
            let told = |part: &Shade| Some(("multiple-statements", statements(part.proofs)));
            self.arrive(told, effect, &call, span, &target);
        }
    }

    /// Whether a call runs every statement of the text that it is given.
    fn runs_several(&mut self, calling: &Calling<'a>, call: &str) -> bool {
        let table = self.effects.of(self.flow.module(calling.at).language);
        let several = table.and_then(|table| table.several_statements(call));
        several.is_some_and(|several| several.only_when.as_ref().is_none_or(|when| self.holds(calling, when)))
    }

    pub(crate) fn arrive(
        &mut self,
        judged: impl Fn(&Shade) -> Option<(&'static str, State)>,
        effect: &Effect,
        call: &str,
        span: Span,
        shade: &Shade,
    ) {
        self.arrive_at(judged, effect, call, (span, span), shade);
    }

    /// As [`Walk::arrive`], told at the first of two places: where the program's own code has the effect done.
    pub(crate) fn arrive_at(
        &mut self,
        judged: impl Fn(&Shade) -> Option<(&'static str, State)>,
        effect: &Effect,
        call: &str,
        (place, span): (Span, Span),
        shade: &Shade,
    ) {
        // All of a request at once says no more than the arguments in it.
        let judged = |argument: &Name| judged(&Shade { proofs: shade.proofs_of(argument), ..shade.clone() });
        let named = shade.carries.keys().filter(|argument| *argument != ALL_ARGUMENTS);
        let of_named: Vec<&'static str> = named.filter_map(|argument| Some(judged(argument)?.0)).collect();
        for (argument, trail) in &shade.carries {
            let Some((class, state)) = judged(argument) else { continue };
            if argument == ALL_ARGUMENTS && of_named.contains(&class) {
                continue;
            }
            let mut path = trail.notes();
            path.push(Note::new(span, format!("reaches `{call}`")));
            let arrival = Arrival {
                class,
                span: place,
                argument: argument.to_string(),
                state,
                kind: effect.kind,
                call: call.to_string(),
                path,
            };
            self.happens(Event::Arrival(arrival));
        }
    }

    /// Takes an argument at an effect among what is found.
    pub(crate) fn reached(&mut self, arrival: &Arrival) {
        let is_same = |known: &Arrival| {
            (known.class, known.span, &known.argument) == (arrival.class, arrival.span, &arrival.argument)
        };
        match self.found.arrivals.iter().position(is_same) {
            // The least guarded way decides.
            Some(at) if arrival.state < self.found.arrivals[at].state => self.found.arrivals[at] = arrival.clone(),
            Some(_) => {}
            None => self.found.arrivals.push(arrival.clone()),
        }
    }

    /// Takes an effect among what is found, at the end of this way; one that `is_alone` only where nothing else is found.
    pub(crate) fn see(&mut self, seen: &Seen, is_alone: bool, way: &[Note]) {
        let is_same = |known: &Seen| known.span == seen.span && (is_alone || known.kind == seen.kind);
        if !self.found.effects.iter().any(is_same) {
            let path = way.iter().chain(&seen.path).cloned().collect();
            self.found.effects.push(Seen { path, ..seen.clone() });
        }
    }
}

/// Whether a value is an object made of what a caller gave: what runs statements is given a text.
fn is_no_text(target: &Shade) -> bool {
    let is_text = target.parts.contains_key("text") || target.parts.contains_key("sql");
    target.holds_any() && target.begin == Begin::Own && !target.parts.is_empty() && !is_text
}

/// Leaves out where a guard looks at a path before something else is done with it: what is done is what is judged.
pub(crate) fn leave_out_looks(arrivals: &mut Vec<Arrival>) {
    let is_look = |arrival: &Arrival| {
        let method = arrival.call.rsplit('.').next().unwrap_or_default();
        matches!(method, "stat" | "lstat" | "statSync" | "lstatSync" | "Stat" | "Lstat" | "symlink_metadata")
    };
    let done: BTreeSet<String> = arrivals
        .iter()
        .filter(|arrival| arrival.class == "path-traversal" && !is_look(arrival))
        .map(|arrival| arrival.argument.clone())
        .collect();
    arrivals
        .retain(|arrival| arrival.class != "path-traversal" || !is_look(arrival) || !done.contains(&arrival.argument));
}
