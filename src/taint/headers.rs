//! The HTTP request below a tool call: its headers, and what a program keeps of them until a tool runs.
//!
//! A request is known by its role alone, so that nothing that is made of it counts as a caller's before a header is read.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::code::{Function, Language, Name, Parameter, ParameterKind, ValueKind};
use crate::flow::effects::{Effects, Gives, Table};
use crate::flow::meaning::value_in;
use crate::flow::{Flow, FunctionRef, Meaning, ValueRef};
use crate::model::Note;
use crate::source::Span;
use crate::taint::call::Calling;
use crate::taint::entry::ALL_ARGUMENTS;
use crate::taint::shared::Event;
use crate::taint::trail::Trail;
use crate::taint::{Begin, Found, Proofs, Shade, Shared, Walk};

/// Name of the headers of a request where none of them is told apart.
pub(crate) const ALL_HEADERS: &str = "request headers";
/// How the name of one header begins, among arguments.
const HEADER: &str = "header ";
/// Levels of members that are kept.
const MAX_DEPTH: u32 = 4;
/// Most steps of the walk of one function that is given a request, and of its questions.
const MOST: (u32, u64) = (20_000, 60_000);
/// Members of contexts that lead to the request, and members of requests that lead to it again.
const WAYS: &[&str] = &["request_context", "request", "requestInfo", "req", "http", "Extra", "extra", "scope", "raw"];
/// Members that hold the headers.
const HEADERS: &[&str] = &["headers", "Header", "raw_headers", "rawHeaders"];
/// Members of a verified token that are no secret.
const FACTS_OF_TOKEN: &[&str] = &["scopes", "client_id", "expires_at", "resource"];
/// Methods that give one header by its name.
const GETTERS: &[&str] = &["header", "getHeader", "GetHeader", "get_header"];

/// What a value is of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The request, or a context that leads to it.
    Request,
    /// What the program keeps with a request.
    State,
    /// Something of the program's own that holds the arguments beside what else it works with.
    Envelope,
    /// What a test of a schema is given to say that a value does not fit.
    Issues,
    /// What something unknown was asked for by a key: made with the key as a whole, but not its members.
    Record,
}

impl Role {
    /// The role of what is made of two values, each with whether it is tainted: of a record and something else no record
    /// is left.
    pub(super) fn joined(one: (Option<Role>, bool), two: (Option<Role>, bool)) -> Option<Role> {
        let is_lost = |(record, _): (Option<Role>, bool), (other, is_tainted): (Option<Role>, bool)| {
            record == Some(Role::Record) && is_tainted && other != record
        };
        if is_lost(one, two) || is_lost(two, one) { None } else { one.0.or(two.0) }
    }
}

/// What a program keeps with a request, by its key.
pub type Store = BTreeMap<String, Kept>;

/// One value that is kept, without the walk that it was found in.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    carries: BTreeMap<Name, Vec<Note>>,
    proofs: Proofs,
    apart: BTreeMap<Name, Proofs>,
    begin: Begin,
    parts: BTreeMap<Name, Kept>,
}

impl Kept {
    pub(crate) fn new(shade: &Shade, depth: u32) -> Self {
        let shade = if depth == 0 || shade.items.is_some() { shade.whole() } else { shade.clone() };
        Kept {
            carries: shade.carries.iter().map(|(name, trail)| (name.clone(), trail.notes())).collect(),
            proofs: shade.proofs,
            apart: shade.apart.clone(),
            begin: shade.begin.clone(),
            parts: shade.parts.iter().map(|(name, part)| (name.clone(), Kept::new(part, depth - 1))).collect(),
        }
    }

    /// Whether the token of the request is in it.
    pub fn holds_token(&self) -> bool {
        self.carries.keys().any(crate::taint::sent::is_token) || self.parts.values().any(Kept::holds_token)
    }

    fn shade(&self) -> Shade {
        let carries = self.carries.iter().filter_map(|(name, notes)| Some((name.clone(), trail(notes)?)));
        let parts = self.parts.iter().map(|(name, part)| (name.clone(), part.shade()));
        Shade {
            carries: carries.collect(),
            proofs: self.proofs,
            apart: self.apart.clone(),
            begin: self.begin.clone(),
            parts: Rc::new(parts.collect()),
            ..Shade::default()
        }
    }
}

fn trail(notes: &[Note]) -> Option<Rc<Trail>> {
    let (first, rest) = notes.split_first()?;
    let start = Trail::start(first.span, first.text.clone());
    Some(rest.iter().fold(start, |trail, note| trail.then(note.span, &note.text)))
}

/// Whether something that arrives is of a request's headers.
pub fn is_header(argument: &str) -> bool {
    argument == ALL_HEADERS || argument.starts_with(HEADER)
}

/// Whether it is a header that carries credentials.
pub fn is_credential(argument: &str) -> bool {
    let Some(name) = argument.strip_prefix(HEADER) else { return false };
    ["authorization", "cookie", "token", "secret", "apikey", "api-key", "-key"].iter().any(|word| name.contains(word))
}

impl Shade {
    /// A request or a context that leads to it.
    pub(crate) fn of_role(role: Role) -> Self {
        Self { role: Some(role), ..Self::default() }
    }

    /// What holds all arguments beside other things, which are the program's own.
    pub(crate) fn envelope(arguments: Shade) -> Self {
        let parts = [(Name::new(ALL_ARGUMENTS), arguments)].into();
        Self { role: Some(Role::Envelope), parts: Rc::new(parts), ..Self::default() }
    }

    /// All arguments, where this holds them.
    pub(crate) fn enveloped(&self) -> Option<&Shade> {
        self.parts.get(ALL_ARGUMENTS).filter(|_| self.role == Some(Role::Envelope))
    }

    fn of_envelope(&self, name: &Name) -> Shade {
        let leads_on = ["Request", "Param", "Call"].iter().any(|word| name.contains(word));
        match self.enveloped() {
            Some(arguments) if name.contains("Argument") || name == "Input" => arguments.clone(),
            Some(_) if leads_on => self.clone(),
            _ => Shade::default(),
        }
    }

    /// All headers of a request.
    pub(crate) fn headers(span: Span) -> Self {
        let trail = Trail::start(span, "headers come from whoever sends the request");
        let carries = BTreeMap::from([(Name::new(ALL_HEADERS), trail)]);
        Self { carries, begin: Begin::Argument, is_bag: true, ..Self::default() }
    }

    /// One of them, where this is all of them.
    pub(crate) fn header(&self, name: &str) -> Option<Shade> {
        let trail = self.carries.get(ALL_HEADERS).filter(|_| self.is_bag)?;
        let carries = BTreeMap::from([(Name::new(format!("{HEADER}{}", name.to_lowercase())), trail.clone())]);
        Some(Shade { carries, begin: Begin::Argument, ..Shade::default() })
    }
}

impl<'a> Walk<'a> {
    /// A member of a request, or of what is kept with it.
    pub(crate) fn of_request(&mut self, base: &Shade, name: &Name) -> Option<Shade> {
        let own = match base.role? {
            Role::Request if HEADERS.contains(&name.as_str()) => Shade::headers(self.here_span()),
            Role::Request if name == "state" => Shade::of_role(Role::State),
            Role::Request if name == "authInfo" => {
                self.noted(Shade::headers(self.here_span()).header("authorization"))?
            }
            Role::Request if WAYS.contains(&name.as_str()) => Shade::of_role(Role::Request),
            Role::Issues if base.parts.contains_key(name) => return None,
            Role::Issues if name == "issues" => Shade::of_role(Role::Issues),
            Role::Request | Role::Issues | Role::Record => Shade::default(),
            Role::Envelope => return Some(base.of_envelope(name)),
            Role::State => self.kept.get(&format!("state {name}")).map(Kept::shade).unwrap_or_default(),
        };
        Some(match base.parts.get(name) {
            Some(part) => Shade { role: own.role, ..part.clone() },
            None => own,
        })
    }

    /// The name of the function that is being walked: where a request comes in.
    fn here_span(&self) -> Span {
        self.flow.function(self.here().function).name_span
    }

    /// Calls that give a request, its headers, or what was kept with it; and those that keep something.
    pub(crate) fn of_request_call(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        self.header_set(calling);
        let span = self.flow.span(calling.at);
        let key = |at: usize| calling.given.get(at).and_then(|given| given.shade.constant.clone());
        if let (ValueKind::Name(name), Some(member)) =
            (self.flow.kind(value_in(calling.at.module, calling.code.callee)), key(1))
            && name == "getattr"
        {
            let base = calling.given.first()?.shade.clone();
            let found = self.member(&base, &member, None);
            return Some(calling.given.get(2).map_or(found.clone(), |default| found.or(&default.shade)));
        }
        let receiver = calling.receiver.as_ref().filter(|receiver| receiver.role == Some(Role::Request))?.clone();
        let method = calling.method.as_deref()?;
        match (method, key(0)) {
            ("get", Some(name)) if self.flow.module(calling.at).language == Language::Python => {
                let found = self.of_request(&receiver, &name)?;
                Some(calling.given.get(1).map_or(found.clone(), |default| found.or(&default.shade)))
            }
            ("get", Some(name)) => self.noted(Shade::headers(span).header(&name)),
            (getter, Some(name)) if GETTERS.contains(&getter) => self.noted(Shade::headers(span).header(&name)),
            ("headers" | "header", None) => Some(Shade::headers(span)),
            ("get_http_request" | "WithContext" | "clone", _) => Some(receiver),
            _ => None,
        }
    }

    /// What tables say of a call: it gives a request, or keeps something for later, or gives back what was kept.
    pub(crate) fn kept_or_given(
        &mut self,
        calling: &Calling<'a>,
        table: &'a Table,
        callee: &Meaning,
        name: &str,
    ) -> Option<Shade> {
        match table.gives(name) {
            Some(Gives::Request) => return Some(Shade::of_role(Role::Request)),
            Some(Gives::Headers) => return Some(Shade::headers(self.flow.span(calling.at))),
            Some(Gives::Token) => {
                let token = self.noted(Shade::headers(self.flow.span(calling.at)).header("authorization"));
                return token.map(with_facts_of_token);
            }
            None => {}
        }
        let (keeper, is_set) = table.keeper(name)?;
        let key = match (keeper.key, callee) {
            (Some(at), _) => {
                let at = if is_set { at } else { 0 };
                let argument = calling.code.arguments.get(at)?;
                self.flow.sources.slice(self.flow.span(value_in(calling.at.module, argument.value))).to_string()
            }
            (None, Meaning::Member(base, _)) => match self.flow.asking(|| self.flow.force(base)).0 {
                Meaning::Made(made) => format!("{:?}", made.at),
                _ => return None,
            },
            _ => return None,
        };
        let key = format!("kept {key}");
        if !is_set {
            return Some(self.kept.get(&key).map(Kept::shade).unwrap_or_default());
        }
        let value = self.slot(calling, &keeper.of);
        self.keep(key, value);
        None
    }

    /// `request.state.x = …`, `scope["state"]["x"] = …`.
    pub(crate) fn keep_member(&mut self, at: ValueRef, shade: &Shade) {
        self.header_put(at, shade);
        let (base, name) = match self.flow.kind(at) {
            ValueKind::Field { base, name } => (*base, name.clone()),
            ValueKind::Index { base, key } => match self.constant(*key) {
                Some(name) => (*base, name),
                None => return,
            },
            _ => return,
        };
        if self.value(base).role == Some(Role::State) {
            self.keep(format!("state {name}"), shade.clone());
        }
    }

    fn keep(&mut self, key: String, shade: Shade) {
        if !shade.holds_any() {
            return;
        }
        self.happens(Event::Kept(key, shade));
    }
}

/// Whether a function is given a request.
pub fn is_given(flow: &Flow<'_>, function: FunctionRef) -> bool {
    requests(flow, function).is_some()
}

/// What a function that is given a request does with its headers, and what it keeps; nothing for other functions.
pub fn of_request(
    flow: &Flow<'_>,
    effects: &Effects,
    shared: &Shared,
    function: FunctionRef,
) -> Option<(Found, Store)> {
    let arguments = requests(flow, function)?;
    let store = Store::new();
    let mut walk = Walk::new(flow, effects, &store, shared);
    walk.most = MOST;
    walk.enter(function, arguments, Shade::default(), None);
    let kept = walk.keeps.iter().map(|(key, shade)| (key.clone(), Kept::new(shade, MAX_DEPTH))).collect();
    Some((walk.found, kept))
}

/// Adds what was found elsewhere: what is proven holds only where all that keep it prove it.
pub fn merge(all: &mut Store, more: Store) {
    for (key, kept) in more {
        match all.get_mut(&key) {
            Some(known) => *known = Kept::new(&known.shade().or(&kept.shade()), MAX_DEPTH),
            None => drop(all.insert(key, kept)),
        }
    }
}

/// The parameters of a function that is given a request.
fn requests(flow: &Flow<'_>, function: FunctionRef) -> Option<Vec<Shade>> {
    let code = flow.function(function);
    let text = |parameter: &Parameter| {
        let annotation = parameter.annotation?;
        Some(flow.sources.slice(flow.span(value_in(function.module, annotation))))
    };
    let role = |(at, parameter): (usize, &Parameter)| {
        let is_it = parameter.kind != ParameterKind::Receiver
            && match flow.module(function).language {
                Language::Python => in_python(code, parameter, text(parameter)),
                Language::TypeScript => in_script(code, at, parameter, text(parameter)),
                Language::Go => text(parameter).is_some_and(|text| text.trim_start_matches('*') == "http.Request"),
                Language::Rust => {
                    text(parameter).is_some_and(|text| text.contains("Parts") || text.starts_with("Request<"))
                }
            };
        if is_it { Shade::of_role(Role::Request) } else { Shade::default() }
    };
    let shades: Vec<Shade> = code.parameters.iter().enumerate().map(role).collect();
    shades.iter().any(|shade| shade.role.is_some()).then_some(shades)
}

fn in_python(code: &Function, parameter: &Parameter, annotation: Option<&str>) -> bool {
    let has = |name: &str| code.parameters.iter().any(|one| one.name().is_some_and(|own| own == name));
    let name = parameter.name().map_or("", Name::as_str);
    let is_typed = annotation.is_some_and(|text| matches!(text.rsplit('.').next(), Some("Request" | "HTTPConnection")));
    is_typed
        || (name == "scope" && has("receive") && has("send"))
        || (matches!(name, "request" | "context") && has("call_next"))
}

fn in_script(code: &Function, at: usize, parameter: &Parameter, annotation: Option<&str>) -> bool {
    let next = code.parameters.get(at + 1).and_then(Parameter::name).map_or("", Name::as_str);
    let is_answered = matches!(next.trim_start_matches('_'), "res" | "response" | "reply" | "next");
    let name = parameter.name().map_or("", Name::as_str);
    let is_named = matches!(name, "req" | "request") && is_answered || matches!(name, "c" | "ctx") && next == "next";
    is_named || annotation.is_some_and(|text| matches!(text, "express.Request" | "IncomingMessage" | "FastifyRequest"))
}

/// A token that was verified: what it is for may be written down, it itself may not.
fn with_facts_of_token(token: Shade) -> Shade {
    let parts = FACTS_OF_TOKEN.iter().map(|name| (Name::new(*name), token.clone().safe_to_log())).collect();
    Shade { parts: Rc::new(parts), ..token }
}
