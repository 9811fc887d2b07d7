//! Whether calls are refused that the list of tools leaves out: tool by tool, for every way in which the settings may
//! stand.
//!
//! A test of the same setting is not enough: it may ask another name, come out the other way round, hang on something
//! else besides, or raise where nobody hears of it.

mod claim;
mod kept;
mod refusal;

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::code::{Name, ValueKind};
use crate::extract::settings::{self, Found};
use crate::extract::tools::agreed::claim::{Claim, Claims, Part};
use crate::extract::tools::agreed::refusal::Refusal;
use crate::extract::tools::called;
use crate::extract::tools::draft::{self, Draft};
use crate::flow::meaning::{Entry, Key, Meaning, Within, push, value_in};
use crate::flow::{Flow, Frame, FunctionRef, ValueRef};
use crate::model::tool::NamePlace;
use crate::source::Span;

/// Most tools that are asked about.
const MAX_TOOLS: usize = 200;
/// Most parts of a test that are tried both ways.
const MAX_PARTS: usize = 12;
/// Most parts that two claims may have; each is asked once for every way in which the settings may stand.
const MAX_CLAIMED: u32 = 4_000;
/// Parameters of handlers that are the server's own.
const OWN: &[&str] = &["self", "ctx", "context", "extra"];
/// The name of a tool of which nobody has heard.
const ANY: &str = "a tool of any name";

/// How calls are held against what the list leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Agreement {
    /// It never leaves anything out.
    Idle,
    /// Every tool that is left out is refused.
    Proven,
    /// Nothing speaks against it.
    Open,
    /// Something else decides as well.
    Depends,
    /// Some tool is called that is not listed.
    Broken,
}

/// What makes a list, what takes calls, and where the latter lets others answer.
struct Pair<'p> {
    list: FunctionRef,
    call: FunctionRef,
    places: &'p [NamePlace],
    around: Frame,
    arms: Vec<Span>,
    passes: Vec<Span>,
    /// Parameters of what takes calls that are the server's own, and nothing that a caller says.
    own: &'static [&'static str],
    /// The settings that cut the list down.
    cut: &'p Found,
}

/// What speaks for or against the refusals of a handler of calls, where these settings cut the list down.
pub(super) fn of_draft(flow: &Flow, draft: &Draft, (list, call): (FunctionRef, FunctionRef), cut: &Found) -> Agreement {
    let mut names: Vec<(&str, Span)> =
        draft.tools.iter().map(|tool| (tool.about.name.as_str(), tool.about.span)).take(MAX_TOOLS).collect();
    names.sort();
    names.dedup_by(|one, other| one.0 == other.0);
    let around = draft::frame_of(flow, &draft.call_made_by);
    let arms = draft.arms.iter().map(|(arm, _)| arm.span).collect();
    let pair = Pair { list, call, places: &draft.call_names, around, arms, passes: Vec::new(), own: OWN, cut };
    let found = names.into_iter().map(|(name, at)| of_tool(flow, &pair, name, at));
    found.max().unwrap_or(Agreement::Open)
}

/// The same of the methods of a middleware.
pub(super) fn of_methods(flow: &Flow, list: FunctionRef, call: FunctionRef, cut: &Found) -> Agreement {
    let next = flow.function(call).parameters.last().and_then(|last| last.name());
    let passes = |at: &ValueRef| match flow.kind(*at) {
        ValueKind::Call(made) => {
            matches!(flow.kind(value_in(at.module, made.callee)), ValueKind::Name(name) if Some(name) == next)
        }
        _ => false,
    };
    let passes = flow.values_inside(call).into_iter().filter(passes).map(|at| flow.span(at)).collect();
    let places = [NamePlace { position: 0, members: vec![Name::new_static("message"), Name::new_static("name")] }];
    let pair =
        Pair { list, call, places: &places, around: None, arms: Vec::new(), passes, own: &["self", "call_next"], cut };
    of_tool(flow, &pair, ANY, flow.function(list).name_span)
}

fn of_tool(flow: &Flow, pair: &Pair, name: &str, at: Span) -> Agreement {
    let mut claims = Claims::new(flow, pair.call, pair.own);
    let text = Meaning::Text(Name::from(name), at);
    let Some((kept, said)) = kept::kept(&mut claims, pair.list, &element(&text, at), at) else {
        return Agreement::Open;
    };
    let other = |_| Meaning::Unknown("part of the request");
    let arguments = called::request(flow, pair.call, pair.places, &text, &other);
    let entry = Within::Call { function: pair.call, arguments, this: None, at: None };
    let mut walk = Refusal::new(&mut claims, &pair.arms, &pair.passes);
    walk.handler(pair.call, &push(&pair.around, entry));
    let (refused, is_partial) = (walk.refused, walk.is_partial);
    match compare(&claims.open, &kept, &refused) {
        Agreement::Broken if is_partial => Agreement::Depends,
        Agreement::Proven | Agreement::Idle if !is_all(flow, &said, pair.cut) => Agreement::Open,
        found => found,
    }
}

/// Whether what was read of a list speaks of every setting that cuts it down.
fn is_all(flow: &Flow, said: &[ValueRef], cut: &Found) -> bool {
    let found = settings::of(flow, said.iter().copied());
    cut.keys().all(|key| found.contains_key(key))
}

/// A tool as an element of a list, of which only the name is asked.
fn element(name: &Meaning, span: Span) -> Meaning {
    let key = Some(Key { name: Name::new_static("name"), span });
    let rest = Entry { key: None, value: Meaning::Unknown("part of a tool"), optional: false };
    Meaning::Map(Rc::from([Entry { key, value: name.clone(), optional: false }, rest]))
}

fn compare(open: &[Part], kept: &Claim, refused: &Claim) -> Agreement {
    let mut left = MAX_CLAIMED;
    if !kept.fits(&mut left) || !refused.fits(&mut left) {
        return Agreement::Open;
    }
    let (mut listed, mut held) = (Vec::new(), Vec::new());
    kept.parts(&mut listed);
    refused.parts(&mut held);
    let is_opaque = |at: &usize| match open.get(*at) {
        Some(Part::Known(key)) => key.contains(claim::CLOSURE) && !listed.contains(at),
        part => part == Some(&Part::Opaque),
    };
    let all: BTreeSet<usize> = listed.iter().chain(&held).copied().filter(|at| !is_opaque(at)).collect();
    if listed.iter().any(is_opaque) || all.len() > MAX_PARTS {
        return Agreement::Open;
    }
    let all: Vec<usize> = all.into_iter().collect();
    let (mut leaves_out, mut lets_through) = (false, false);
    for row in 0..1_u32 << all.len() {
        let said = |at: usize| all.iter().position(|one| *one == at).is_some_and(|place| row >> place & 1 == 1);
        // What nobody knows is taken to come out so that the call is refused, either way round.
        let refused = [true, false]
            .into_iter()
            .any(|unknown| refused.comes_out(&|at| if is_opaque(&at) { unknown } else { said(at) }));
        let is_listed = kept.comes_out(&said);
        leaves_out |= !is_listed;
        lets_through |= !is_listed && !refused;
    }
    let hangs_on_more = held.iter().any(|at| !listed.contains(at) && open.get(*at) != Some(&Part::Asked));
    match (lets_through, hangs_on_more) {
        (true, false) => Agreement::Broken,
        (true, true) => Agreement::Depends,
        (false, _) if !leaves_out => Agreement::Idle,
        (false, _) if held.iter().any(is_opaque) => Agreement::Open,
        (false, _) => Agreement::Proven,
    }
}
