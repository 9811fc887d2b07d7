//! Under which condition a tool is there, and whether that holds for a server that starts without settings.

use crate::code::Language;
use crate::extract::tools::server::Key;
use crate::flow::calls;
use crate::flow::unset::Unset;
use crate::flow::{Flow, ValueRef};
use crate::model::Known;
use crate::model::tool::Tool;

/// A registration, and how it is reached.
pub struct Reached<'r> {
    /// The registration.
    pub at: ValueRef,
    /// The calls on the way to it.
    pub reached: &'r calls::Reached,
    /// The server.
    pub key: Key,
    /// Whether it is one of a list that may lack it.
    pub is_optional: bool,
}

/// Notes the condition of a tool, seen from where its server is made.
pub fn settle(flow: &Flow, tool: &mut Tool, reached: &Reached) {
    let tests = tests(flow, reached);
    let place = flow.span(reached.at);
    let Some((test, holds)) = tests.first().copied() else {
        if reached.is_optional {
            tool.condition = Known::is("only some of a list".to_string(), place);
            tool.on_by_default = Known::unknown("which of the list are taken is not known", place);
        }
        return;
    };
    let state = |(test, holds): &(ValueRef, Option<bool>)| {
        let unset = Unset::new(flow);
        let is = flow.asking(|| unset.holds(*test, &reached.reached.frame)).0;
        is.zip(*holds).map(|(is, wanted)| is == wanted)
    };
    let states: Vec<Option<bool>> = tests.iter().map(state).collect();
    let off = states.iter().position(|state| *state == Some(false)).and_then(|at| tests.get(at)).copied();
    let (test, holds) = off.unwrap_or((test, holds));
    tool.condition = Known::is(told(flow, test, holds), flow.span(test));
    tool.on_by_default = match off {
        Some((test, _)) => Known::is(false, flow.span(test)),
        None if states.iter().all(|state| *state == Some(true)) && !reached.is_optional => {
            Known::is(true, flow.span(test))
        }
        None => Known::unknown("its condition is only known at run time", flow.span(test)),
    };
}

/// The tests between a registration and its server, innermost first.
fn tests(flow: &Flow, reached: &Reached) -> Vec<(ValueRef, Option<bool>)> {
    let made = match reached.key {
        Key::Made(made) => Some(made),
        Key::Given(..) => None,
    };
    let home = made.map(|made| flow.owner(made));
    // What the server itself depends on says nothing about one of its tools.
    let own = made.map(|made| flow.tests(made)).unwrap_or_default();
    let mut all = Vec::new();
    for site in std::iter::once(reached.at).chain(reached.reached.way.iter().rev().copied()) {
        all.extend(flow.tests(site).into_iter().filter(|one| !own.contains(one) && !is_entry_guard(flow, one.0)));
        if home == Some(flow.owner(site)) {
            break;
        }
    }
    all
}

fn told(flow: &Flow, test: ValueRef, holds: Option<bool>) -> String {
    let text = shown(flow, test);
    if holds == Some(false) { format!("unless {text}") } else { text }
}

/// `if __name__ == "__main__"` and its kin say how the file is run, and an error that is given back says that there is no
/// server at all; neither says whether a tool is there.
fn is_entry_guard(flow: &Flow, test: ValueRef) -> bool {
    let text = flow.sources.slice(flow.span(test));
    if flow.module(test).language == Language::Go && text.split_once(" != nil").is_some_and(is_error) {
        return true;
    }
    ["__name__", "require.main", "import.meta.main", "import.meta.url"].iter().any(|guard| text.contains(guard))
}

fn is_error((name, rest): (&str, &str)) -> bool {
    rest.is_empty() && (name == "err" || name.ends_with("Err")) && name.chars().all(char::is_alphanumeric)
}

/// The text of a test, short enough to be shown.
fn shown(flow: &Flow, test: ValueRef) -> String {
    let text = flow.sources.slice(flow.span(test));
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    match line.char_indices().nth(120) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
