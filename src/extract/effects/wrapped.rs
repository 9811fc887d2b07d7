//! Decorators of the tree around a handler: what the function that they give back proves before it calls the handler.

use crate::flow::meaning::{Passed, value_in};
use crate::flow::{Flow, Frame, FunctionRef, Meaning};
use crate::taint::{Arrival, Found, State};

/// The function that is registered in place of a decorated one, with what surrounds it; nothing where a decorator that
/// is not of the tree comes first, as all above the one that registers do.
pub fn around(flow: &Flow, function: FunctionRef, frame: &Frame) -> Option<(FunctionRef, Frame)> {
    let mut meaning = Meaning::Function(function, frame.clone(), None);
    for decorator in flow.function(function).decorators.iter().rev() {
        let at = value_in(function.module, *decorator);
        let decorating = flow.asking(|| flow.force(&flow.meaning(at, frame))).0;
        let Meaning::Function(by, captured, this) = decorating else { break };
        let passed = vec![Passed { name: None, value: meaning, is_rest: false }];
        meaning = flow.asking(|| flow.force(&flow.returned(by, passed, this, Some(at), &captured))).0;
        if !matches!(meaning, Meaning::Function(..)) {
            return None;
        }
    }
    match meaning {
        Meaning::Function(wrapper, captured, _) if wrapper != function => Some((wrapper, captured)),
        _ => None,
    }
}

/// Takes over what is guarded on the way through a wrapper: the same argument at the same effect, and nothing else.
pub fn note_guards(found: &mut Found, through: Found) {
    let is_same =
        |one: &Arrival, two: &Arrival| (one.span, &one.argument, &one.call) == (two.span, &two.argument, &two.call);
    let mut held = Vec::new();
    for arrival in &mut found.arrivals {
        let twin = through.arrivals.iter().find(|other| other.class == arrival.class && is_same(other, arrival));
        if let Some(twin) = twin.filter(|twin| twin.state > arrival.state) {
            *arrival = twin.clone();
            held.extend(matches!(twin.state, State::Guarded(_)).then(|| twin.clone()));
        }
    }
    let is_known = |one: &Arrival| found.arrivals.iter().any(|other| other.class == one.class && is_same(other, one));
    let more: Vec<Arrival> = through
        .arrivals
        .into_iter()
        .filter(|one| held.iter().any(|other| is_same(other, one)) && !is_known(one))
        .collect();
    found.arrivals.extend(more);
    found.arrivals.sort();
}
