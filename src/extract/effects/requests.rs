//! What the functions that are given HTTP requests do with headers: what they keep for the tools, and where else it goes;
//! and what those do that are given the answer of a remote server.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::code::FunctionId;
use crate::extract::servers::nearest;
use crate::flow::effects::Effects;
use crate::flow::{Flow, FunctionRef, In, ModuleId};
use crate::load::Loaded;
use crate::model::effect::Arrival;
use crate::model::policy::Handover;
use crate::model::{About, Facts, Known, Note};
use crate::source::Span;
use crate::taint::headers::{self, Store};
use crate::taint::remote;
use crate::taint::sent::SENT_ON;
use crate::taint::{Found, Shared};

/// Most functions that one thread walks with the same set of answers.
const AT_ONCE: usize = 8;

/// What the functions that are given requests do with them.
#[derive(Default)]
pub(super) struct Walked {
    /// What they keep.
    pub store: Store,
    /// What of the headers arrives at effects.
    pub arrivals: Vec<crate::taint::Arrival>,
    /// What becomes of tokens that go no further than here, or are lost.
    pub tokens: Vec<Handover>,
}

/// Walks every function that is given a request.
pub(super) fn walk(loaded: &Loaded, effects: &Effects) -> Walked {
    let live = loaded.live();
    let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index());
    let handed = remote::handed(&flow);
    let asked = |flow: &Flow, module: ModuleId| -> Vec<(FunctionRef, bool, bool)> {
        let functions = loaded.program.module(module).functions.iter().enumerate();
        let functions = functions.filter(|(_, function)| !function.parameters.is_empty());
        let functions = functions.map(|(at, _)| In { module, id: FunctionId(at as u32) });
        let is_answered = |function: &FunctionRef| handed.contains(function) || remote::is_given(flow, *function);
        let told = functions.map(|function| (function, is_answered(&function), headers::is_given(flow, function)));
        told.filter(|(_, is_answered, is_given)| *is_answered || *is_given).collect()
    };
    let asked = flow.in_parts(&live, asked);
    let answered = asked.iter().filter(|(_, is_answered, _)| *is_answered).map(|(function, ..)| *function);
    let given: Vec<FunctionRef> =
        asked.iter().filter(|(_, _, is_given)| *is_given).map(|(function, ..)| *function).collect();
    let found: Vec<_> = given
        .par_chunks(AT_ONCE)
        .with_max_len(1)
        .map(|functions| {
            let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index());
            let shared = Shared::default();
            let one = |function: &FunctionRef| headers::of_request(&flow, effects, &shared, *function);
            functions.iter().filter_map(one).collect::<Vec<_>>()
        })
        .collect();
    let mut walked = Walked::default();
    for (found, kept) in found.into_iter().flatten() {
        walked.tokens.extend(token(&found, kept.values().any(headers::Kept::holds_token)));
        headers::merge(&mut walked.store, kept);
        walked.arrivals.extend(found.arrivals.into_iter().filter(|arrival| headers::is_header(&arrival.argument)));
    }
    let answers = answered.flat_map(|function| remote::of_answer(&flow, effects, function));
    walked.arrivals.extend(answers);
    walked
}

/// What becomes of a token that a function reads and does not send on itself.
pub(super) fn token(found: &Found, is_kept: bool) -> Option<Handover> {
    let read = found.token.read?;
    if found.arrivals.iter().any(|arrival| arrival.class == SENT_ON) {
        return None;
    }
    let (narrowed, place, says) = match (found.token.lost, is_kept || found.cut) {
        (Some(lost), _) => {
            let why = "not known: it is handed to a function that is not known";
            (Known::unknown(why, lost), lost, "the token of the caller is handed over here")
        }
        (None, true) => {
            let why = "not known: it is kept with the request";
            (Known::unknown(why, read), read, "the token of the caller is kept here")
        }
        (None, false) => (Known::is(true, read), read, "the token of the caller is looked at here and goes no further"),
    };
    Some(handover("the function that reads it", read, narrowed, vec![Note::new(place, says)]))
}

fn handover(to: &str, span: Span, narrowed: Known<bool>, notes: Vec<Note>) -> Handover {
    Handover { about: About::new(to, span), what: "token".to_string(), to: to.to_string(), narrowed, notes }
}

/// Tokens that are sent on are what a server hands over, whichever tool is called.
fn tokens(facts: &mut Facts) {
    let (sent, other): (Vec<Arrival>, Vec<Arrival>) =
        std::mem::take(&mut facts.arrivals).into_iter().partition(|arrival| arrival.class == SENT_ON);
    facts.arrivals = other;
    for arrival in sent {
        let span = arrival.about.span;
        facts.handovers.push(handover(&arrival.call, span, Known::is(false, span), arrival.path));
    }
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    facts.handovers.retain(|one| one.what != "token" || seen.insert(one.about.span));
}

/// Headers are of the request, whichever tool is called: what arrives of them is the server's matter, and told once.
pub(super) fn settle(loaded: &Loaded, facts: &mut Facts) {
    let mut seen: BTreeSet<(String, Span, String)> = BTreeSet::new();
    let mut all: Vec<Arrival> = std::mem::take(&mut facts.arrivals);
    all.retain_mut(|arrival| {
        if !headers::is_header(&arrival.argument) && arrival.argument != remote::ANSWER {
            return true;
        }
        // A credential that is sent along chooses no host.
        if matches!(arrival.class.as_str(), "ssrf" | "path-traversal") && headers::is_credential(&arrival.argument) {
            return false;
        }
        arrival.about.tool = None;
        if arrival.about.server.is_none() {
            arrival.about.server = nearest(loaded, facts, arrival.about.span);
        }
        seen.insert((arrival.class.clone(), arrival.about.span, arrival.argument.clone()))
    });
    facts.arrivals = all;
    tokens(facts);
}
