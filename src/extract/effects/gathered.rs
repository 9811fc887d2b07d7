//! One place that logs what several tools are given is one fact that names them all.

use std::collections::BTreeMap;

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
