//! Lists of tools that a middleware or an option of the SDK cuts down, and whether calls are held against the same.
//!
//! A middleware that is attached and has a method for listings filters what is shown; a call is refused only by one that
//! has a method for calls. An option of the SDK refuses calls where `rules/sdks` says so for the version.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::code::{ClassId, FunctionId, Language, Place, Statement, StatementKind, ValueId, ValueKind};
use crate::extract::servers::nearest;
use crate::extract::settings;
use crate::extract::tools::agreed::{self, Agreement};
use crate::extract::tools::behaviour::Does;
use crate::extract::tools::sdk::Sdks;
use crate::extract::tools::selection::{all_tests, choosing};
use crate::extract::versions::{Versions, ecosystem};
use crate::flow::meaning::{class_in, function_in, value_in};
use crate::flow::{ClassRef, Flow, FunctionRef, In, Meaning, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::policy::Selection;
use crate::model::{About, Facts, Known, Note, Spanned};
use crate::source::Span;

/// Functions that are looked into from a method, at most one after the other.
const MAX_WAY: u32 = 3;
/// Most classes above one that are looked into.
const MAX_BASES: u32 = 8;
/// Methods that see every call.
const CALLS: &[&str] = &["on_call_tool", "on_request", "on_message", "__call__"];

/// A list that something other than a handler cuts down, before its server is known.
pub(super) enum Cut {
    /// By a middleware.
    Middleware(Selection),
    /// By an option of an SDK; the table and package, and what stands there.
    Option { table: String, package: String, matter: String, at: Span, may_refuse: bool },
}

/// Whether a class is given to a server as middleware.
type Attached<'f> = &'f dyn Fn(ClassRef) -> bool;

/// Every list that is cut down so.
pub(super) fn find(flow: &Flow, sdks: &Sdks, live: &[ModuleId]) -> Vec<Cut> {
    let given = OnceCell::new();
    let attached = |class: ClassRef| attached(flow, class, given.get_or_init(|| given_texts(flow, live))).is_some();
    let mut found: Vec<Cut> = live.iter().flat_map(|module| middlewares(flow, *module, live, &attached)).collect();
    for sdk in &sdks.all {
        for filter in &sdk.filters {
            let of = |name: &String| flow.outside_calls().get(name.as_str()).into_iter().flatten();
            let is_live = |call: &&ValueRef| live.binary_search(&call.module).is_ok();
            let may_refuse =
                filter.refused_by.iter().any(|name| of(name).any(|call| live.binary_search(&call.module).is_ok()));
            found.extend(filter.calls.iter().flat_map(of).filter(is_live).map(|call| Cut::Option {
                table: sdk.id.clone(),
                package: filter.package.clone(),
                matter: filter.matter.clone(),
                at: flow.span(*call),
                may_refuse,
            }));
        }
    }
    found
}

/// Adds what was found, each to the nearest server.
pub(super) fn settle(loaded: &Loaded, sdks: &Sdks, versions: &Versions, found: Vec<Cut>, facts: &mut Facts) {
    for cut in found {
        let place = match &cut {
            Cut::Middleware(selection) => selection.about.span,
            Cut::Option { at, .. } => *at,
        };
        let Some(server) = nearest(loaded, facts, place) else { continue };
        let mut selection = match cut {
            Cut::Middleware(selection) => selection,
            Cut::Option { table, package, matter, at, may_refuse } => {
                let Some(table) = sdks.all.iter().find(|one| one.id == table) else { continue };
                let used = versions.of(ecosystem(&table.language), &package, &facts.server(server).root);
                let does = table.does(&matter, &package, used.and_then(|used| used.range.as_ref()));
                by_option(&does, at, may_refuse)
            }
        };
        selection.about.server = Some(server);
        facts.selections.push(selection);
    }
}

fn by_option(does: &Does, at: Span, may_refuse: bool) -> Selection {
    let (enforced, says) = match does {
        Does::This(does) if does == "listing" && may_refuse => {
            (Known::unknown("depends on a middleware for calls that is given beside it", at), "it is given here")
        }
        Does::This(does) if does == "listing" => (Known::is(false, at), "in this version it cuts listings down alone"),
        Does::This(_) => (Known::is(true, at), "in this version it refuses calls as well"),
        Does::Unknown(_, why) => (Known::unknown(why.clone(), at), "it is given here"),
        Does::Unsaid => (Known::unknown("depends on the SDK, of which that is not known", at), "it is given here"),
    };
    let settings = vec![Spanned::new("the filter that is given to the server".to_string(), at)];
    Selection { about: About::new("tools/list", at), settings, enforced, notes: vec![Note::new(at, says)] }
}

fn middlewares(flow: &Flow, module: ModuleId, live: &[ModuleId], attached: Attached) -> Vec<Cut> {
    let code = flow.program.module(module);
    if code.language != Language::Python {
        return Vec::new();
    }
    let classes = (0..code.classes.len()).map(|at| class_in(module, ClassId(at as u32)));
    let of = |class: ClassRef| {
        let lists = method(flow, class, &["on_list_tools"])?;
        attached(class).then(|| of_class(flow, class, lists, (live, attached))).flatten()
    };
    classes.filter_map(of).map(Cut::Middleware).collect()
}

fn of_class(
    flow: &Flow,
    class: ClassRef,
    lists: FunctionRef,
    (live, attached): (&[ModuleId], Attached),
) -> Option<Selection> {
    if gives_all(flow, lists) {
        return None;
    }
    let mut tests = Vec::new();
    choosing(flow, lists, MAX_WAY, &mut BTreeSet::new(), &mut tests);
    let listed = settings::of(flow, tests.iter().copied());
    let place = flow.span(*tests.iter().find(|test| !settings::of(flow, [**test]).is_empty())?);
    let own = method(flow, class, CALLS);
    let every = live.iter().flat_map(|module| {
        let count = flow.program.module(*module).classes.len();
        (0..count).map(|at| class_in(*module, ClassId(at as u32)))
    });
    let others = every.filter(|other| *other != class && flow.module(*other).language == Language::Python);
    let mut calls = others.filter(|other| method(flow, *other, CALLS).is_some() && attached(*other));
    let end = flow.function(lists).name_span;
    let (enforced, note) = match own {
        Some(own) if holds(flow, own, &listed) => {
            let span = flow.function(own).name_span;
            match agreed::of_methods(flow, lists, own, &listed) {
                Agreement::Broken => (Known::is(false, span), Note::new(span, "calls pass here that are not listed")),
                Agreement::Depends | Agreement::Idle => (
                    Known::unknown("depends on more than the settings that cut the list down", span),
                    Note::new(span, "calls pass here"),
                ),
                _ => (Known::is(true, span), Note::new(span, "here a call is refused by them")),
            }
        }
        Some(own) if refuses(flow, own) || refuses_the_rest(flow, own) => {
            let span = flow.function(own).name_span;
            (
                Known::unknown("depends on a test that may be of the same settings", span),
                Note::new(span, "calls pass here"),
            )
        }
        Some(own) => {
            let span = flow.function(own).name_span;
            (Known::is(false, span), Note::new(span, "calls pass here, and none is refused"))
        }
        None => match calls.next() {
            Some(other) => {
                let span = flow.class(other).name_span;
                (Known::unknown("depends on another middleware", span), Note::new(span, "calls pass here"))
            }
            None => (Known::is(false, end), Note::new(end, "only listings pass here: no method of it sees a call")),
        },
    };
    let notes = vec![Note::new(place, "here settings decide which tools are listed"), note];
    let settings = listed.into_values().map(|one| Spanned::new(one.shown, one.span)).collect();
    Some(Selection { about: About::new("tools/list", place), settings, enforced, notes })
}

/// Whether a method for listings gives back every tool that it is given, at most in another dress.
fn gives_all(flow: &Flow, lists: FunctionRef) -> bool {
    let body = &flow.function(lists).body;
    let mut given = Vec::new();
    let is_plain = body.statements.iter().all(|statement| returns(&statement.kind, &mut given));
    is_plain && !given.is_empty() && given.iter().all(|value| is_whole(flow, value_in(lists.module, *value), 4))
}

/// Adds what a statement returns; false where it may change a list in its place.
fn returns(kind: &StatementKind, into: &mut Vec<ValueId>) -> bool {
    match kind {
        StatementKind::Return(Some(value)) => into.push(*value),
        StatementKind::If { then, otherwise, .. } => {
            return then.statements.iter().chain(&otherwise.statements).all(|inner| returns(&inner.kind, into));
        }
        StatementKind::Assign(assignment) => {
            return assignment.places.iter().all(|place| matches!(place, Place::Name(..)));
        }
        _ => return false,
    }
    true
}

/// Whether a value is the whole list that `call_next` answers, or something made of each of its elements.
fn is_whole(flow: &Flow, value: ValueRef, depth: u32) -> bool {
    let of = |id: ValueId| value_in(value.module, id);
    match flow.kind(value) {
        _ if depth == 0 => false,
        ValueKind::Await(inner) => is_whole(flow, of(*inner), depth - 1),
        ValueKind::Call(call) => {
            matches!(flow.kind(of(call.callee)), ValueKind::Name(name) if name.as_str() == "call_next")
        }
        ValueKind::Comprehension(code) => match &code.clauses[..] {
            [clause] => clause.conditions.is_empty() && is_whole(flow, of(clause.over), depth - 1),
            _ => false,
        },
        ValueKind::Name(_) => {
            flow.defined_as(value).is_some_and(|made| made != value && is_whole(flow, made, depth - 1))
        }
        _ => false,
    }
}

/// Whether a method for calls refuses by all of the settings that the listing is cut down by.
fn holds(flow: &Flow, function: FunctionRef, listed: &settings::Found) -> bool {
    let mut tests = Vec::new();
    all_tests(&flow.function(function).body, 0, &mut tests);
    let held = settings::of(flow, tests.into_iter().map(|test| value_in(function.module, test)));
    refuses(flow, function) && listed.keys().all(|key| held.contains_key(key))
}

fn refuses(flow: &Flow, function: FunctionRef) -> bool {
    let text = flow.sources.slice(flow.function(function).span);
    let text = text.split_once("call_next(").map_or(text, |(before, _)| before);
    // `return await call_next(…)` passes the call on.
    let text = text.trim_end().trim_end_matches("await").trim_end();
    let text = text.strip_suffix("return").unwrap_or(text);
    text.contains("raise ") || text.contains("return ")
}

/// Whether a method for calls lets some of them pass, `if test: return await call_next(…)`, and may refuse those left.
fn refuses_the_rest(flow: &Flow, function: FunctionRef) -> bool {
    let statements = &flow.function(function).body.statements;
    let dispatches = |span: Span| flow.sources.slice(span).contains("call_next(");
    let passes = |statement: &&Statement| match &statement.kind {
        StatementKind::If { then, otherwise, .. } => {
            let leaves = then.statements.last().is_some_and(|last| matches!(last.kind, StatementKind::Return(_)));
            otherwise.statements.is_empty() && leaves && dispatches(statement.span)
        }
        _ => false,
    };
    let left = statements.iter().filter(|one| !passes(one)).take_while(|one| !dispatches(one.span));
    let raises = |one: &Statement| {
        matches!(one.kind, StatementKind::If { .. }) && flow.sources.slice(one.span).contains("raise ")
    };
    statements.iter().any(|one| passes(&one)) && left.into_iter().any(raises)
}

/// The method of one of these names that a class has itself or from a class of the tree.
pub(crate) fn method(flow: &Flow, class: ClassRef, names: &[&str]) -> Option<FunctionRef> {
    let own = |class: ClassRef| {
        let mut methods = flow.class(class).methods.iter().map(|id: &FunctionId| function_in(class.module, *id));
        methods.find(|id| flow.function(*id).name.as_deref().is_some_and(|name| names.contains(&name)))
    };
    let mut left = vec![class];
    for _ in 0..MAX_BASES {
        let class = left.pop()?;
        if let Some(found) = own(class) {
            return Some(found);
        }
        left.extend(flow.class(class).bases.iter().filter_map(|base| {
            match flow.asking(|| flow.meaning(value_in(class.module, *base), &None)).0 {
                Meaning::Class(base) => Some(base),
                _ => None,
            }
        }));
    }
    None
}

/// The call that gives a server an object of a class.
pub(crate) fn attached(flow: &Flow, class: ClassRef, given: &[(&str, ValueRef)]) -> Option<ValueRef> {
    let name = &flow.class(class).name;
    given.iter().find(|(text, _)| mentions(text, name)).map(|(_, call)| *call)
}

/// What servers of the modules are given as middleware, as it is written, and the call: `add_middleware(X(…))`,
/// `middleware=[X(…)]`.
pub(crate) fn given_texts<'a>(flow: &Flow<'a>, live: &[ModuleId]) -> Vec<(&'a str, ValueRef)> {
    let is_python = |module: &&ModuleId| flow.program.module(**module).language == Language::Python;
    let calls = live
        .iter()
        .filter(is_python)
        .flat_map(|module| flow.scopes(*module).calls.iter().map(|call| In { module: *module, id: *call }));
    let given = |call: ValueRef| {
        let ValueKind::Call(code) = flow.kind(call) else { return Vec::new() };
        let text = |id| flow.sources.slice(flow.span(In { module: call.module, id }));
        let adds = text(code.callee).ends_with("add_middleware");
        let given = code.arguments.iter().filter(|one| adds || one.name.as_deref() == Some("middleware"));
        given.map(|one| (text(one.value), call)).collect()
    };
    calls.flat_map(given).collect()
}

/// Whether a text names something, as a word.
fn mentions(text: &str, name: &str) -> bool {
    !name.is_empty() && text.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')).any(|word| word == name)
}
