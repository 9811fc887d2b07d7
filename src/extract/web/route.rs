//! Routes of web applications: what stands before the functions that speak the protocol.

use std::collections::BTreeSet;

use crate::code::{Language, ValueId, ValueKind};
use crate::extract::web::known::Known;
use crate::flow::effects::Table;
use crate::flow::meaning::{Meaning, function_in, value_in};
use crate::flow::{Flow, FunctionRef, ModuleId, ValueRef};
use crate::source::Span;
use crate::taint::names;

/// Methods that set routes.
const ROUTES: &[&str] = &["get", "post", "put", "delete", "patch", "all", "options", "route", "on"];
/// Methods of transports that take a request, and the one transport that has no such method.
const TAKES: &[(&str, &str)] = &[
    ("handleRequest", "sse"),
    ("handlePostMessage", "http"),
    ("handlePost", "http"),
    ("handleSseRequest", "http"),
    ("handleMessage", ""),
];
/// Deepest chain of calls from a route to the transport.
const MAX_CALLS: usize = 4;

/// A call that attaches functions to an application.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The call.
    pub at: ValueRef,
    /// The application, as it is written.
    pub app: String,
    /// Path, where one is written.
    pub path: Option<String>,
    /// Whether it stands before all that follow.
    pub is_use: bool,
    /// Functions of the tree that are attached.
    pub functions: Vec<FunctionRef>,
    /// Full names of what is attached from outside.
    pub outside: Vec<String>,
    /// Whether something else is attached.
    pub is_unknown: bool,
    /// Places where what is handed to something attached from outside is made: `toNodeHandler(handler)`.
    pub given: Vec<Span>,
    /// Calls of what is attached from outside: `requireBearerAuth(…)`.
    pub made: Vec<ValueRef>,
    /// Whether one of several values is attached, or perhaps none.
    pub is_choice: bool,
}

impl Attached {
    /// Place of the call.
    pub fn span(&self, flow: &Flow) -> Span {
        flow.span(self.at)
    }
}

/// Every such call of a module.
pub fn attached(flow: &Flow, module: ModuleId, table: &Table, known: &Known) -> Vec<Attached> {
    let mut found = Vec::new();
    if flow.program.module(module).language != Language::TypeScript {
        return found;
    }
    for call in &flow.scopes(module).calls {
        found.extend(one(flow, value_in(module, *call), table, known));
    }
    found
}

fn one(flow: &Flow, at: ValueRef, table: &Table, known: &Known) -> Option<Attached> {
    let ValueKind::Call(call) = flow.kind(at) else { return None };
    let of = |id: ValueId| value_in(at.module, id);
    let (app, method) = match flow.kind(of(call.callee)) {
        ValueKind::Field { base, name } => (of(*base), name.as_str()),
        ValueKind::Name(_) => return server_made(flow, at, table),
        _ => return None,
    };
    let is_use = matches!(method, "use" | "addHook" | "register");
    if !is_use && !ROUTES.contains(&method) {
        return server_made(flow, at, table);
    }
    let first = call.arguments.first().map(|argument| flow.kind(of(argument.value)))?;
    let path = match first {
        ValueKind::Text(text) if method != "addHook" => Some(text.to_string()),
        _ => None,
    };
    let is_path = path.as_ref().is_some_and(|path| path.starts_with('/') || path == "*");
    if !(is_path || is_application(flow, app, table, known)) || (!is_use && call.arguments.len() < 2) {
        return None;
    }
    let mut attached = Attached {
        at,
        app: flow.sources.slice(flow.span(app)).to_string(),
        path,
        is_use,
        functions: Vec::new(),
        outside: Vec::new(),
        is_unknown: false,
        given: Vec::new(),
        made: Vec::new(),
        is_choice: false,
    };
    let skip = usize::from(matches!(first, ValueKind::Text(_) | ValueKind::Regex(_) | ValueKind::Template(_)));
    for argument in call.arguments.iter().skip(skip) {
        let (meaning, _) = flow.asking(|| flow.meaning(of(argument.value), &None));
        attached.is_choice |= is_choice(flow, of(argument.value));
        add(flow, &meaning, table, &mut attached, 4);
    }
    Some(attached)
}

/// `http.createServer(handler)`
fn server_made(flow: &Flow, at: ValueRef, table: &Table) -> Option<Attached> {
    let ValueKind::Call(call) = flow.kind(at) else { return None };
    let callee = value_in(at.module, call.callee);
    let is_named = matches!(flow.kind(callee), ValueKind::Field { name, .. } | ValueKind::Name(name) if name.contains("reateServer"));
    if !is_named {
        return None;
    }
    let name = flow.asking(|| names::of_callee(flow, &flow.meaning(callee, &None), table)).0?;
    if !matches!(name.as_str(), "http.createServer" | "https.createServer" | "http2.createSecureServer") {
        return None;
    }
    let mut attached = Attached {
        at,
        app: name,
        path: None,
        is_use: false,
        functions: Vec::new(),
        outside: Vec::new(),
        is_unknown: false,
        given: Vec::new(),
        made: Vec::new(),
        is_choice: false,
    };
    for argument in &call.arguments {
        let (meaning, _) = flow.asking(|| flow.meaning(value_in(at.module, argument.value), &None));
        if !matches!(meaning, Meaning::Map(_)) {
            add(flow, &meaning, table, &mut attached, 4);
        }
    }
    Some(attached)
}

fn is_application(flow: &Flow, app: ValueRef, table: &Table, known: &Known) -> bool {
    let name = flow.asking(|| names::of_callee(flow, &flow.meaning(app, &None), table)).0;
    name.is_some_and(|name| known.applications.contains(&name)) || is_given_application(flow, app)
}

/// An application that a function is given, by what it is called.
fn is_given_application(flow: &Flow, app: ValueRef) -> bool {
    let is_named = matches!(flow.kind(app), ValueKind::Name(name) | ValueKind::Field { name, .. } if matches!(name.as_str(), "app" | "router" | "fastify" | "application"));
    is_named && !matches!(flow.asking(|| flow.meaning(app, &None)).0, Meaning::Made(_))
}

fn add(flow: &Flow, meaning: &Meaning, table: &Table, into: &mut Attached, depth: u32) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match meaning {
        Meaning::Later(..) => add(flow, &flow.force(meaning), table, into, depth),
        Meaning::Choice(all) | Meaning::Each(all) => all.iter().for_each(|one| add(flow, one, table, into, depth)),
        Meaning::List(items) => items.iter().for_each(|item| add(flow, &item.value, table, into, depth)),
        Meaning::Function(function, frame, _) => {
            into.functions.push(*function);
            // What made a closure is attached, too.
            let makers = crate::flow::meaning::levels(frame).filter_map(|level| match level {
                crate::flow::meaning::Within::Call { function, .. } => Some(*function),
                _ => None,
            });
            into.functions.extend(makers);
        }
        Meaning::Null | Meaning::Bool(_) | Meaning::Text(..) | Meaning::Map(_) => {}
        Meaning::Made(made) if matches!(&made.callee, Meaning::Member(_, name) if name == "bind") => {
            if let Meaning::Member(base, _) = &made.callee {
                add(flow, base, table, into, depth);
            }
        }
        // A router: what it holds is attached by its own calls.
        _ => {
            into.given.extend(handed_to(flow, meaning));
            into.made.extend(if let Meaning::Made(made) = meaning { Some(made.at) } else { None });
            match names::of_callee(flow, meaning, table) {
                Some(name) => into.outside.push(name),
                None => into.is_unknown = true,
            }
        }
    }
}

/// `test ? guard : other`, `test && guard`, and lists of such.
fn is_choice(flow: &Flow, value: ValueRef) -> bool {
    let of = |id: ValueId| value_in(value.module, id);
    match flow.kind(flow.defined_as(value).unwrap_or(value)) {
        ValueKind::Choice { .. } | ValueKind::Binary { .. } => true,
        ValueKind::Spread(inner) => is_choice(flow, of(*inner)),
        ValueKind::List(items) => items.iter().any(|item| is_choice(flow, of(*item))),
        _ => false,
    }
}

/// Where what a call from outside is given was made.
fn handed_to(flow: &Flow, meaning: &Meaning) -> Vec<Span> {
    let Meaning::Made(made) = meaning else { return Vec::new() };
    let given = made.arguments.iter().map(|argument| flow.force(&argument.value));
    given.filter_map(|given| made_at(flow, &given)).collect()
}

fn made_at(flow: &Flow, meaning: &Meaning) -> Option<Span> {
    match meaning {
        Meaning::Made(made) => Some(flow.span(made.at)),
        _ => None,
    }
}

/// Functions in which a transport of a kind takes a request, with those that call them.
pub fn speakers(flow: &Flow, live: &[ModuleId], transport: &str, opened: Span) -> BTreeSet<FunctionRef> {
    let mut found: BTreeSet<FunctionRef> = BTreeSet::new();
    for module in live {
        for call in &flow.scopes(*module).calls {
            let at = value_in(*module, *call);
            let ValueKind::Call(code) = flow.kind(at) else { continue };
            let takes = match flow.kind(value_in(*module, code.callee)) {
                ValueKind::Field { base, name } if name == "fetch" => {
                    let handler = flow.asking(|| flow.meaning(value_in(*module, *base), &None)).0;
                    made_at(flow, &handler) == Some(opened)
                }
                ValueKind::Field { name, .. } => {
                    TAKES.iter().any(|(method, other)| name == method && transport != *other)
                }
                _ => false,
            };
            if takes || opened == flow.span(at) {
                found.insert(flow.owner(at));
            }
        }
    }
    leading_to(flow, found)
}

/// Functions, with those around them and those that call them.
pub fn leading_to(flow: &Flow, mut found: BTreeSet<FunctionRef>) -> BTreeSet<FunctionRef> {
    let mut next: Vec<FunctionRef> = found.iter().copied().collect();
    for _ in 0..MAX_CALLS {
        let callers = next.iter().flat_map(|function| {
            let parent = flow.function(*function).parent.map(|parent| function_in(function.module, parent));
            let parent = parent.filter(|parent| parent.id != crate::code::MODULE_BODY);
            flow.calls_of(*function).iter().map(|call| flow.owner(*call)).chain(parent).collect::<Vec<_>>()
        });
        next = callers.filter(|function| found.insert(*function)).collect();
    }
    found
}
