//! Guards before the routes of JavaScript applications, which run in order of attachment.

use std::collections::BTreeSet;

use crate::code::{FunctionKind, MODULE_BODY, Name, ValueKind};
use crate::extract::web::guard::{Guard, is_within};
use crate::extract::web::known::Checks;
use crate::extract::web::passage::Passage;
use crate::extract::web::route::{self, Attached};
use crate::extract::web::{Before, Verdict, is_loopback};
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::{FunctionRef, ModuleId, ValueRef};
use crate::model::Note;
use crate::model::server::Listener;
use crate::source::Span;
use crate::taint::names;

impl Before<'_> {
    /// Whether a guard stands before every route that leads to a transport.
    pub(super) fn before_routes(&self, listener: &Listener, live: &[ModuleId], checks: Checks) -> Verdict {
        let Some(table) = live.first().and_then(|id| self.effects.of(self.flow.program.module(*id).language)) else {
            return Verdict::Unknown("is not known here".into(), listener.opened);
        };
        let all: Vec<Attached> =
            live.iter().flat_map(|module| route::attached(self.flow, *module, table, &self.known)).collect();
        let speakers = route::speakers(self.flow, live, &listener.transport, listener.opened);
        let speaks = |one: &&Attached| leads_to(one, &speakers, listener);
        let routes: Vec<&Attached> = all.iter().filter(speaks).collect();
        if checks == Checks::Host
            && let Some(made) = self.checked_application(live)
        {
            let text = "the application checks Host by itself".to_string();
            return Verdict::Yes(text.clone(), vec![Note::new(made, text)]);
        }
        let uses: Vec<&Attached> = all.iter().filter(|one| one.is_use && !speaks(one)).collect();
        let passage = Passage::new(self.flow, &self.known, checks, &speakers);
        let judged: Vec<(&Attached, Verdict)> =
            routes.iter().map(|route| (*route, self.before_route(route, &uses, &passage))).collect();
        match judged.is_empty() {
            true => self.without_routes(listener, &uses, &passage),
            false => together(judged, listener.opened),
        }
    }

    /// Whether a credential that is read somewhere can be asked for on the way to a listener: it is unless that is known
    /// to happen on other routes only.
    pub(super) fn is_read_before(&self, read: &[ValueRef], listener: &Listener, live: &[ModuleId]) -> Vec<ValueRef> {
        let table = live.first().and_then(|id| self.effects.of(self.flow.program.module(*id).language));
        let Some(table) = table else { return read.to_vec() };
        let all: Vec<Attached> =
            live.iter().flat_map(|module| route::attached(self.flow, *module, table, &self.known)).collect();
        let speakers = route::speakers(self.flow, live, &listener.transport, listener.opened);
        let (own, other): (Vec<&Attached>, Vec<&Attached>) =
            all.iter().partition(|one| one.is_use || leads_to(one, &speakers, listener));
        let may_be_asked = |value: &&ValueRef| {
            let way = route::leading_to(self.flow, BTreeSet::from([self.flow.owner(**value)]));
            let is_in = |one: &&Attached| one.functions.iter().any(|function| way.contains(function));
            own.iter().any(&is_in) || !other.iter().any(is_in)
        };
        read.iter().filter(may_be_asked).copied().collect()
    }

    /// An application of the SDK's that checks Host, because it is made for loopback or told which hosts are right.
    fn checked_application(&self, live: &[ModuleId]) -> Option<Span> {
        let calls = self.flow.outside_calls().iter();
        let checked = calls.filter(|(name, _)| self.known.checked_applications.contains(&names::dotted(name)));
        let mut made = checked.flat_map(|(_, calls)| calls).filter(|call| live.binary_search(&call.module).is_ok());
        let is_checked = |call: &&crate::flow::ValueRef| {
            let passed = self.flow.asking(|| self.flow.passed(**call, &None)).0;
            let Some(options) = passed.first().map(|one| self.flow.force(&one.value)) else { return true };
            let member = |name: &str| self.flow.force(&self.flow.member(&options, &name.into()));
            let has_hosts = matches!(member("allowedHosts"), Meaning::List(_));
            has_hosts
                || match member("host") {
                    Meaning::Text(host, _) => is_loopback(&host),
                    Meaning::Null => true,
                    _ => false,
                }
        };
        made.find(is_checked).map(|call| self.flow.span(*call))
    }

    fn before_route(&self, route: &Attached, uses: &[&Attached], passage: &Passage<'_, '_>) -> Verdict {
        let before = uses.iter().copied().filter(|one| stands_before(self, one, route));
        let chain: Vec<&Attached> = before.chain([route]).collect();
        self.chain(&chain, passage, route.span(self.flow))
    }

    /// Where a function that leads to the transport asks a guard that a library made: `if (!validateHost(req, res)) return`.
    pub(super) fn asked_within(
        &self,
        one: &Attached,
        speakers: &BTreeSet<FunctionRef>,
        checks: Checks,
    ) -> Option<Span> {
        let is_guard = |name: &Name| self.known.checks(&names::dotted(name)).is_some_and(|all| all.contains(&checks));
        if !self.flow.outside_calls().keys().any(is_guard) {
            return None;
        }
        let inside = |function: FunctionRef| {
            one.functions.iter().any(|outer| speakers.contains(outer) && is_within(self.flow, function, *outer))
        };
        let modules: BTreeSet<ModuleId> = one.functions.iter().map(|function| function.module).collect();
        let mut calls = modules
            .iter()
            .flat_map(|module| self.flow.scopes(*module).calls.iter().map(|call| value_in(*module, *call)));
        let asks = |at: &ValueRef| {
            let ValueKind::Call(call) = self.flow.kind(*at) else { return false };
            let callee = value_in(at.module, call.callee);
            let Meaning::Made(made) = self.flow.asking(|| self.flow.meaning(callee, &None)).0 else { return false };
            matches!(&made.callee, Meaning::Outside(name) if is_guard(name))
        };
        calls
            .find(|at| inside(self.flow.owner(*at)) && self.flow.tested(*at).is_none() && asks(at) && self.decides(*at))
            .map(|at| self.flow.span(at))
    }

    /// Whether something is only done in its function where a call answers yes.
    fn decides(&self, answer: ValueRef) -> bool {
        let owner = self.flow.owner(answer);
        let is_yes = |(test, side): (ValueRef, Option<bool>)| match self.flow.kind(test) {
            ValueKind::Not(inner) => self.is_answer(value_in(test.module, *inner), answer) && side == Some(false),
            _ => self.is_answer(test, answer) && side == Some(true),
        };
        let calls = self.flow.scopes(answer.module).calls.iter().map(|call| value_in(answer.module, *call));
        let mut own = calls.filter(|call| self.flow.owner(*call) == owner);
        own.any(|call| self.flow.tests(call).into_iter().any(is_yes))
    }

    fn is_answer(&self, mut value: ValueRef, answer: ValueRef) -> bool {
        while let ValueKind::Await(inner) = self.flow.kind(value) {
            value = value_in(value.module, *inner);
        }
        value == answer
    }

    /// Where attached functions meet a guard: it is one of them, or one that leads to the transport calls it; and the
    /// function that decides what gets on there.
    pub(super) fn meets(
        &self,
        one: &Attached,
        guard: &Guard,
        passage: &Passage<'_, '_>,
    ) -> Option<(Span, FunctionRef)> {
        if one.functions.iter().any(|function| is_within(self.flow, *function, guard.root) || *function == guard.root) {
            return Some((one.span(self.flow), guard.function));
        }
        let speaking = one.functions.iter().filter(|function| passage.speakers.contains(function));
        let mut calls = self.flow.calls_of(guard.root).iter();
        let speaking: Vec<&FunctionRef> = speaking.collect();
        let found = calls
            .find(|call| speaking.iter().any(|function| is_within(self.flow, self.flow.owner(**call), **function)));
        found.map(|call| (self.flow.span(*call), self.deciding(*call, guard, passage))).or_else(|| {
            let is_inside = |function: &&&FunctionRef| is_within(self.flow, guard.function, ***function);
            let around = speaking.iter().filter(is_inside).min_by_key(|function| {
                let span = self.flow.function(***function).span;
                span.end - span.start
            });
            around.map(|function| (guard.span, **function))
        })
    }

    /// A guard that is called decides by itself where it hands requests on, else whoever calls it.
    pub(super) fn deciding(&self, call: ValueRef, guard: &Guard, passage: &Passage<'_, '_>) -> FunctionRef {
        let caller = self.flow.owner(call);
        let is_own = guard.root != guard.function || passage.through(guard.function).hands_on;
        if is_own || caller.id == crate::code::MODULE_BODY { guard.function } else { caller }
    }

    /// No route was found: nothing is attached anywhere, or it cannot be said what stands before the transport.
    fn without_routes(&self, listener: &Listener, uses: &[&Attached], passage: &Passage<'_, '_>) -> Verdict {
        let has_guard = self.guards.iter().any(|guard| guard.checks.contains(&passage.wanted));
        match self.chain(uses, passage, listener.opened) {
            Verdict::No(..) if !has_guard => {
                Verdict::No(String::new(), vec![Note::new(listener.opened, "the transport is made here")])
            }
            Verdict::No(..) | Verdict::Yes(..) => {
                Verdict::Unknown("depends on how requests reach it, which was not found".into(), listener.opened)
            }
            other => other,
        }
    }
}

/// Whether what is attached speaks for a listener.
fn leads_to(one: &Attached, speakers: &BTreeSet<FunctionRef>, listener: &Listener) -> bool {
    one.functions.iter().any(|function| speakers.contains(function)) || one.given.contains(&listener.opened)
}

/// The weakest of the routes decides.
fn together(judged: Vec<(&Attached, Verdict)>, place: Span) -> Verdict {
    let failing: Vec<(&String, &Note)> = judged
        .iter()
        .filter_map(
            |(_, verdict)| if let Verdict::No(text, notes) = verdict { Some((text, notes.first()?)) } else { None },
        )
        .take(8)
        .collect();
    if !failing.is_empty() {
        let text = failing.iter().map(|(text, _)| *text).find(|text| !text.is_empty()).cloned().unwrap_or_default();
        return Verdict::No(text, failing.into_iter().map(|(_, note)| note.clone()).collect());
    }
    let is = |wanted: fn(&Verdict) -> bool| judged.iter().map(|(_, verdict)| verdict).find(|verdict| wanted(verdict));
    is(|one| matches!(one, Verdict::Unknown(..)))
        .or_else(|| is(|one| matches!(one, Verdict::Sometimes(..))))
        .or_else(|| is(|one| matches!(one, Verdict::Yes(..))))
        .cloned()
        .unwrap_or_else(|| Verdict::Unknown("is not known".into(), place))
}

/// Whether a function that attaches is called at all, and where that is beside the route, before it.
fn is_called_before(before: &Before<'_>, one: &Attached, route: &Attached) -> bool {
    let flow = before.flow;
    let owner = flow.owner(one.at);
    let is_named = matches!(flow.function(owner).kind, FunctionKind::Function);
    if owner.id == MODULE_BODY || !is_named || is_within(flow, flow.owner(route.at), owner) {
        return true;
    }
    let calls = flow.calls_of(owner);
    if calls.is_empty() {
        return flow.passed_to(owner).next().is_some();
    }
    let beside = |call: &ValueRef| flow.owner(*call) == flow.owner(route.at);
    !calls.iter().all(|call| beside(call) && flow.span(*call).start > route.span(flow).start)
}

/// Whether one attachment is met on the way to another: earlier on the same application, for its path or for all.
fn stands_before(before: &Before<'_>, one: &Attached, route: &Attached) -> bool {
    let (own, other) = (one.span(before.flow), route.span(before.flow));
    // What another function attaches is attached when that is called.
    let elsewhere = before.flow.owner(one.at) != before.flow.owner(route.at);
    let is_before = match elsewhere {
        true => is_called_before(before, one, route),
        false => own.source != other.source || own.start < other.start,
    };
    let covers = match (&one.path, &route.path) {
        (None, _) => true,
        (Some(path), _) if path == "*" || path == "/" || path == "/*" => true,
        (Some(path), Some(route)) => {
            let rest = route.strip_prefix(path.trim_end_matches(['*', '/']));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || path.ends_with('*'))
        }
        (Some(_), None) => false,
    };
    let is_same = one.app == route.app
        || one.app.rsplit('.').next() == route.app.rsplit('.').next()
        || own.source != other.source;
    is_before && covers && is_same
}
