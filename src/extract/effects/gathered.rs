//! What is one mistake is one fact: a log that several tools share, a weak guard of one argument before several effects.

use std::collections::BTreeMap;

use crate::model::Note;
use crate::model::effect::Arrival;
use crate::model::tool::Tool;

/// Class of what is gathered: a log is written in one place, whoever calls it.
const LOGGED: &str = "input-logged-raw";

/// Leaves one of the arrivals that say the same of several tools at one place, with the names of all of them.
pub fn gather(arrivals: &mut Vec<Arrival>, tools: &[Tool]) {
    let key = |arrival: &Arrival| {
        let server = arrival.about.server;
        (server, arrival.about.span, arrival.argument.clone(), arrival.state.clone())
    };
    let is_gathered = |arrival: &Arrival| arrival.class == LOGGED && arrival.state != "guarded";
    let mut names: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for arrival in arrivals.iter().filter(|arrival| is_gathered(arrival)) {
        let tool = arrival.about.tool.and_then(|id| tools.get(id.0 as usize));
        let all = names.entry(key(arrival)).or_default();
        all.extend(tool.map(|tool| tool.about.name.clone()));
    }
    arrivals.retain_mut(|arrival| {
        if !is_gathered(arrival) {
            return true;
        }
        // The first of them takes the names of all.
        let Some(mut all) = names.remove(&key(arrival)) else { return false };
        if all.len() > 1 {
            arrival.about.tool = None;
        }
        all.sort();
        all.dedup();
        arrival.tools = all;
        true
    });
}

/// Classes of which a weak guard is told once for each argument that it lets through.
const GUARDED_ONCE: &[&str] = &["path-traversal", "ssrf"];

/// Leaves one of the arrivals of an argument past the same weak guard; the other effects are steps of it.
pub fn gather_weak(arrivals: &mut Vec<Arrival>) {
    let key = |arrival: &Arrival| {
        let guard = arrival.guard.value().cloned().unwrap_or_default();
        (arrival.about.server, arrival.about.tool, arrival.class.clone(), arrival.argument.clone(), guard)
    };
    let is_gathered = |arrival: &Arrival| arrival.state == "weak" && GUARDED_ONCE.contains(&arrival.class.as_str());
    let mut kept: Vec<Arrival> = Vec::with_capacity(arrivals.len());
    let mut first: BTreeMap<_, usize> = BTreeMap::new();
    for arrival in arrivals.drain(..) {
        if !is_gathered(&arrival) {
            kept.push(arrival);
            continue;
        }
        match first.get(&key(&arrival)) {
            Some(at) => {
                let place = arrival.about.span;
                kept[*at].path.push(Note::new(place, format!("reaches `{}` in the same way", arrival.call)));
            }
            None => {
                first.insert(key(&arrival), kept.len());
                kept.push(arrival);
            }
        }
    }
    *arrivals = kept;
}
