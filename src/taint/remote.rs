//! Answers of remote servers that SDKs hand over: the address at which an authorization server wants the user to agree.
//!
//! Whoever runs that server chooses the address; a client that opens it as it is runs what the address makes of it.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::{Name, Parameter, ParameterKind};
use crate::flow::effects::{Effects, Kind};
use crate::flow::{Flow, FunctionRef, In, Meaning};
use crate::source::Span;
use crate::taint::arrival::{Arrival, State};
use crate::taint::headers::Store;
use crate::taint::trail::Trail;
use crate::taint::{Begin, Shade, Shared, Walk};

/// Name of what a remote server answered, among arguments.
pub const ANSWER: &str = "answer of a remote server";
/// Methods of a client's provider of authorisation that are given the address.
const METHODS: &[&str] = &["redirectToAuthorization", "redirect_to_authorization", "redirect_handler"];
/// Members that such a provider has beside it.
const BESIDE: &[&str] = &["codeVerifier", "saveCodeVerifier", "code_verifier", "callback_handler"];
/// Calls that are given such a function by name, and classes that have one: what they hand it is an `AnyHttpUrl`.
const GIVEN_BY: &[&str] = &["mcp.client.auth.OAuthClientProvider", "mcp.client.auth.oauth2.OAuthClientProvider"];
/// Keyword, and position, of it.
const KEYWORD: (&str, usize) = ("redirect_handler", 3);
/// Classes of what an answer may do beyond being asked for again.
const RUN: &[&str] = &[
    "command-injection",
    "argument-injection",
    "code-execution",
    "embedded-code-execution",
    "unsafe-deserialization",
    "template-injection",
];
/// Most steps of the walk of one function, and of its questions.
const MOST: (u32, u64) = (20_000, 60_000);

/// Functions of a module that are given an answer, by their name among the members of a provider.
pub fn is_given(flow: &Flow<'_>, function: FunctionRef) -> bool {
    let code = flow.function(function);
    let is_named = code.name.as_deref().is_some_and(|name| METHODS.contains(&name));
    let beside = |name: &Name| BESIDE.contains(&name.as_str());
    is_named
        && (code.class.is_some_and(|class| {
            let class = flow.class(In { module: function.module, id: class });
            let methods = class.methods.iter().map(|method| flow.module(function).function(*method));
            methods.filter_map(|method| method.name.as_ref()).any(beside)
        }) || flow.module(function).functions.iter().filter_map(|other| other.name.as_ref()).any(beside))
}

/// Functions that calls of an SDK are given for the address.
pub fn handed(flow: &Flow<'_>) -> Vec<FunctionRef> {
    let calls = flow.outside_calls();
    let calls = GIVEN_BY.iter().filter_map(|name| calls.get(*name)).flatten();
    let of = |call: &crate::flow::ValueRef| {
        let passed = flow.passed(*call, &None);
        let named = passed.iter().find(|one| one.name.as_deref() == Some(KEYWORD.0));
        let placed = || passed.iter().filter(|one| one.name.is_none()).nth(KEYWORD.1);
        match flow.asking(|| flow.force(&named.or_else(placed)?.value).into()).0 {
            Some(Meaning::Function(function, _, _)) => Some(function),
            _ => None,
        }
    };
    calls.filter_map(of).collect()
}

/// Where the answer arrives from a function that is given it, as far as it is run or opened there.
pub fn of_answer(flow: &Flow<'_>, effects: &Effects, function: FunctionRef) -> Vec<Arrival> {
    let store = Store::new();
    let shared = Shared::default();
    let mut walk = Walk::new(flow, effects, &store, &shared);
    walk.most = MOST;
    let code = flow.function(function);
    let mut taken = false;
    let shade = |parameter: &Parameter| {
        let is_first = !taken && parameter.kind != ParameterKind::Receiver;
        taken |= is_first;
        if is_first { answer(parameter.span) } else { Shade::default() }
    };
    let arguments: Vec<Shade> = code.parameters.iter().map(shade).collect();
    walk.enter(function, arguments, Shade::default(), None);
    let is_web = is_web_address(flow, function);
    walk.found.arrivals.into_iter().filter_map(|arrival| run(arrival, is_web)).collect()
}

/// Whether a function is given the address by an SDK that takes none but those of http and https from a server.
fn is_web_address(flow: &Flow<'_>, function: FunctionRef) -> bool {
    let class = flow.function(function).class.map(|id| In { module: function.module, id });
    let is_of_sdk = |class| flow.outside_bases(class).iter().any(|base| GIVEN_BY.contains(&base.as_str()));
    class.is_some_and(is_of_sdk) || handed(flow).contains(&function)
}

fn answer(span: Span) -> Shade {
    let trail: Rc<Trail> = Trail::start(span, "the address comes from the server that authorises");
    Shade { carries: BTreeMap::from([(Name::new(ANSWER), trail)]), begin: Begin::Argument, ..Shade::default() }
}

/// An arrival of an answer where it does more than to be asked for again.
fn run(arrival: Arrival, is_web: bool) -> Option<Arrival> {
    if arrival.argument != ANSWER {
        return None;
    }
    if arrival.kind != Kind::Browser {
        return RUN.contains(&arrival.class).then_some(arrival);
    }
    Some(Arrival { class: "command-injection", state: opened(arrival.state, is_web), ..arrival })
}

/// An address to open is held by a test of its scheme: what is no web address starts another program.
fn opened(state: State, is_web: bool) -> State {
    match state {
        State::Open if is_web => State::Guarded("an http or https address, which the SDK holds it to"),
        State::Open => State::Open,
        State::Guarded(_) | State::Weak(_) => State::Guarded("an address whose scheme was checked"),
    }
}
