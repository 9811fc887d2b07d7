//! What the functions that are given HTTP requests do with headers: what they keep for the tools, and where else it goes.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::code::FunctionId;
use crate::extract::servers::nearest;
use crate::flow::effects::Effects;
use crate::flow::{Flow, FunctionRef, In};
use crate::load::Loaded;
use crate::model::Facts;
use crate::model::effect::Arrival;
use crate::source::Span;
use crate::taint::headers::{self, Store};

/// Most functions that one thread walks with the same set of answers.
const AT_ONCE: usize = 8;

/// Walks every function that is given a request: what they keep, and what of the headers arrives at effects.
pub(super) fn walk(loaded: &Loaded, effects: &Effects) -> (Store, Vec<crate::taint::Arrival>) {
    let live = loaded.live();
    let functions: Vec<FunctionRef> = live
        .iter()
        .flat_map(|module| {
            let count = loaded.program.module(*module).functions.len();
            (0..count).map(|at| In { module: *module, id: FunctionId(at as u32) })
        })
        .filter(|function| !loaded.program.module(function.module).function(function.id).parameters.is_empty())
        .collect();
    let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index());
    let given: Vec<FunctionRef> =
        functions.into_iter().filter(|function| headers::is_given(&flow, *function)).collect();
    let found: Vec<_> = given
        .par_chunks(AT_ONCE)
        .map(|functions| {
            let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index());
            let one = |function: &FunctionRef| headers::of_request(&flow, effects, *function);
            functions.iter().filter_map(one).collect::<Vec<_>>()
        })
        .collect();
    let mut store = Store::new();
    let mut arrivals = Vec::new();
    for (found, kept) in found.into_iter().flatten() {
        headers::merge(&mut store, kept);
        arrivals.extend(found.arrivals.into_iter().filter(|arrival| headers::is_header(&arrival.argument)));
    }
    (store, arrivals)
}

/// Headers are of the request, whichever tool is called: what arrives of them is the server's matter, and told once.
pub(super) fn settle(loaded: &Loaded, facts: &mut Facts) {
    let mut seen: BTreeSet<(String, Span, String)> = BTreeSet::new();
    let mut all: Vec<Arrival> = std::mem::take(&mut facts.arrivals);
    all.retain_mut(|arrival| {
        if !headers::is_header(&arrival.argument) {
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
}
