//! Registrations: calls and decorators that hand a tool to a server.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use crate::code::{Language, Name, ValueKind};
use crate::extract::tools::condition;
use crate::extract::tools::draft::{self, Draft, Drafts, Validation};
use crate::extract::tools::sdk::{Form, Method, ServerKind, Slots, What};
use crate::extract::tools::server::{Key, KindId, Kinds, canonical, last_word};
use crate::extract::tools::shape::{by_kind, object_slots, without_position};
use crate::extract::tools::site::{self, Told};
use crate::flow::calls::Reached;
use crate::flow::meaning::{Meaning, Passed};
use crate::flow::{Flow, Frame, FunctionRef, In, ModuleId, ValueRef};
use crate::model::{Known, Spanned};

/// Looks for registrations in the files that count.
pub struct Registrar<'a> {
    /// Servers and tools by name.
    pub kinds: &'a Kinds<'a>,
    /// What each decorator decorates.
    pub(super) decorated: HashMap<ValueRef, FunctionRef>,
    /// The call whose callee a call is: `srv.tool(…)(f)`.
    applied: HashMap<ValueRef, ValueRef>,
    /// Methods that register tools or handlers.
    pub(super) registering: BTreeSet<Name>,
    /// Which parameters are servers in one of the calls of their functions.
    pub(super) handed: RefCell<HashMap<(FunctionRef, usize), bool>>,
}

/// One use of a registering method, in one frame.
pub(super) struct Use<'u> {
    pub(super) at: ValueRef,
    pub(super) reached: &'u Reached,
    pub(super) arguments: Vec<Passed>,
    /// What the decorator decorates, or what its result is called with.
    pub(super) subject: Option<Meaning>,
}

impl<'a> Registrar<'a> {
    /// Prepares for the modules given.
    pub fn new(kinds: &'a Kinds<'a>, live: &[ModuleId]) -> Self {
        let mut decorated = HashMap::new();
        let mut applied = HashMap::new();
        for id in live {
            let module = kinds.flow.program.module(*id);
            for (at, function) in module.functions.iter().enumerate() {
                let function_ref = In { module: *id, id: crate::code::FunctionId(at as u32) };
                decorated
                    .extend(function.decorators.iter().map(|value| (In { module: *id, id: *value }, function_ref)));
            }
            for call in &kinds.flow.scopes(*id).calls {
                if let ValueKind::Call(code) = &module.value(*call).kind
                    && matches!(module.value(code.callee).kind, ValueKind::Call(_))
                {
                    applied.insert(In { module: *id, id: code.callee }, In { module: *id, id: *call });
                }
            }
        }
        Registrar { kinds, decorated, applied, registering: kinds.registering_words(), handed: RefCell::default() }
    }

    pub(super) fn flow(&self) -> &'a Flow<'a> {
        self.kinds.flow
    }

    /// Finds every registration and notes it with its server.
    pub fn run(&self, live: &[ModuleId], drafts: &mut Drafts) {
        let words = self.kinds.method_words();
        for module in live.iter().filter(|module| self.kinds.may_hold_servers(**module)) {
            for call in &self.flow().scopes(*module).calls {
                let at = In { module: *module, id: *call };
                if let Some((base, name)) = self.kinds.method_of(at)
                    && words.contains(name)
                    && !self.kinds.is_inside_sdk(at)
                {
                    self.site(at, base, name, drafts);
                }
            }
            self.bare_decorators(*module, drafts);
            self.detached(*module, drafts);
            self.launched(*module, drafts);
            self.entered(*module, drafts);
        }
        self.functions(live, drafts);
    }

    /// Functions of an SDK that are imported by themselves and given the server: `registerTool(server, …)`.
    fn functions(&self, live: &[ModuleId], drafts: &mut Drafts) {
        let servers = self.kinds.sdks.all.iter().flat_map(|sdk| &sdk.servers);
        let methods = servers.flat_map(|server| &server.methods).filter(|method| method.server.is_some());
        let names: BTreeSet<String> = methods.map(|method| canonical(&method.name)).collect();
        let flow = self.flow();
        for (origin, calls) in flow.outside_calls().iter().filter(|(origin, _)| names.contains(&canonical(origin))) {
            for at in
                calls.iter().filter(|at| live.binary_search(&at.module).is_ok() && self.kinds.method_of(**at).is_none())
            {
                let probe = |frame: &Frame| {
                    flow.passed(*at, frame).iter().for_each(|argument| self.look_at(&argument.value));
                };
                for reached in flow.frames(*at, &probe) {
                    for (key, kind) in self.function_servers(*at, &reached.frame) {
                        self.note(*at, &last_word(origin), &reached, key, kind, drafts);
                    }
                }
            }
        }
    }

    /// `@srv.tool` without a call.
    fn bare_decorators(&self, module: ModuleId, drafts: &mut Drafts) {
        let mut all: Vec<_> = self.decorated.iter().filter(|(value, _)| value.module == module).collect();
        all.sort();
        for (value, function) in all {
            let Some((base, name)) = self.kinds.field_of(*value).filter(|(_, name)| self.is_bare(name)) else {
                continue;
            };
            let flow = self.flow();
            for reached in flow.frames(*value, &|frame: &Frame| flow.look(&flow.meaning(base, frame), 1)) {
                for (key, kind) in self.servers_of(base, &reached.frame) {
                    let mut methods = self.kinds.kind(kind).methods.iter();
                    let is_it = |method: &&Method| method.form == Form::BareDecorator && method.name == name.as_str();
                    let Some(method) = methods.find(is_it) else { continue };
                    let subject = Some(Meaning::Function(*function, reached.frame.clone(), None));
                    let one = Use { at: *value, reached: &reached, arguments: Vec::new(), subject };
                    self.register(&one, key, kind, method, drafts);
                }
            }
        }
    }

    fn is_bare(&self, name: &Name) -> bool {
        let mut methods = self.kinds.sdks.all.iter().flat_map(|sdk| &sdk.servers).flat_map(|server| &server.methods);
        methods.any(|method| method.form == Form::BareDecorator && method.name == name.as_str())
    }

    fn site(&self, at: ValueRef, base: ValueRef, name: &Name, drafts: &mut Drafts) {
        let flow = self.flow();
        let is_function = matches!(flow.asking(|| flow.meaning(base, &None)).0, Meaning::Outside(_));
        let is_registering = self.registering.contains(name);
        if is_registering && !is_function && !self.may_serve(at, base) {
            return;
        }
        let handles = self.kinds.handles(name);
        let probe = |frame: &Frame| {
            flow.look(&flow.meaning(base, frame), 1);
            let passed = flow.passed(at, frame);
            passed.iter().for_each(|argument| self.look_at(&argument.value));
            if handles {
                passed.iter().for_each(|argument| self.look_at_result(&argument.value));
            }
            if let Some(outer) = self.applied.get(&at) {
                let applied = flow.passed(*outer, frame);
                applied.iter().for_each(|argument| self.look_at(&argument.value));
                applied.iter().for_each(|argument| self.look_around(&argument.value, frame));
            }
            passed.iter().for_each(|argument| self.look_around(&argument.value, frame));
        };
        let plain = || {
            vec![Reached {
                frame: None,
                way: Vec::new(),
                condition: flow.condition(at),
                is_open: false,
                optional: None,
            }]
        };
        // Starting, mounting and the like have common names; following every `run` of a tree would take for ever.
        let is_followed = is_registering || self.is_handed_over(at, base);
        let frames = if is_followed { flow.frames(at, &probe) } else { plain() };
        for reached in frames {
            let servers = match is_function {
                true => self.function_servers(at, &reached.frame),
                false => self.servers_of(base, &reached.frame),
            };
            for (key, kind) in servers {
                self.note(at, name, &reached, key, kind, drafts);
            }
        }
    }

    /// Looks at what tells the name and the handler; deeper looks cost much and tell little more.
    pub(super) fn look_at(&self, meaning: &Meaning) {
        let flow = self.flow();
        let forced = flow.force(meaning);
        if let Meaning::Map(entries) = &forced {
            for entry in entries.iter() {
                let is_telling =
                    |name: &str| matches!(name, "name" | "description" | "execute" | "handler" | "inputSchema");
                if entry.key.as_ref().is_some_and(|key| is_telling(&key.name)) {
                    flow.look(&entry.value, 2);
                }
            }
        } else {
            flow.look(&forced, 2);
            flow.given_name(&forced).iter().for_each(|name| flow.look(name, 1));
        }
    }

    /// A handler may call what the functions around it are given: `(f) => { async function g(…) { f(…) } tool(g) }`.
    fn look_around(&self, meaning: &Meaning, frame: &Frame) {
        if let Some((function, captured)) = site::closure(self.flow(), &self.flow().force(meaning)) {
            self.flow().look_around(function, if captured.is_some() { &captured } else { frame });
        }
    }

    /// What a handler returns may hang on what the function around it is called with.
    fn look_at_result(&self, meaning: &Meaning) {
        let flow = self.flow();
        if let Meaning::Function(function, captured, this) = flow.force(meaning) {
            flow.look(&flow.returned(function, Vec::new(), this, None, &captured), 2);
        }
    }

    pub(super) fn note(
        &self,
        at: ValueRef,
        name: &Name,
        reached: &Reached,
        key: Key,
        kind: KindId,
        drafts: &mut Drafts,
    ) {
        let flow = self.flow();
        let table = self.kinds.kind(kind);
        let draft = drafts.entry(key).or_insert_with(|| Draft::new(key, kind, place_of(flow, key, at)));
        if let Some(why) = table.opens.get(name.as_str()) {
            draft.open(flow.span(at), why);
        }
        let told = Told::Arguments(flow.passed(at, &reached.frame));
        for run in table.runs.iter().filter(|run| run.name == name.as_str()) {
            draft.runs.extend(crate::extract::tools::listen::started(
                flow,
                (at, &reached.frame),
                &told,
                run,
                table,
                key,
            ));
        }
        for mount in table.mounts.iter().filter(|mount| mount.name == name.as_str()) {
            self.mounted(at, &told, mount, draft);
        }
        if table.removes.iter().any(|removes| removes == name.as_str()) {
            let first = crate::extract::tools::sdk::Slot {
                head: crate::extract::tools::sdk::Head::Position(0),
                members: Vec::new(),
            };
            match site::text(site::first(flow, &told, &[first]).as_ref(), flow.span(at)) {
                Known::Is(removed) => draft.removed.push((removed.value, reached.condition.is_none())),
                _ => draft.open(flow.span(at), "tools are removed by names that are only known at run time"),
            }
        }
        self.pair_of_call(at, name, reached, key, kind, drafts);
        let is_function = self.is_function(at, &reached.frame);
        let fits = |method: &&Method| last_word(&method.name) == *name && method.server.is_some() == is_function;
        for method in table.methods.iter().filter(fits) {
            let subject = self.subject(at, reached);
            let one = Use { at, reached, arguments: flow.passed(at, &reached.frame), subject };
            self.register(&one, key, kind, method, drafts);
        }
    }

    /// What a decorator's call decorates, or what its result is called with.
    pub(super) fn subject(&self, at: ValueRef, reached: &Reached) -> Option<Meaning> {
        if let Some(function) = self.decorated.get(&at) {
            return Some(Meaning::Function(*function, reached.frame.clone(), None));
        }
        let outer = self.applied.get(&at)?;
        let passed = self.flow().passed(*outer, &reached.frame);
        passed.first().map(|argument| self.flow().force(&argument.value))
    }

    fn register(&self, one: &Use, key: Key, kind: KindId, method: &Method, drafts: &mut Drafts) {
        let flow = self.flow();
        let table = self.kinds.kind(kind);
        if method.what != What::Tool {
            let draft = drafts.entry(key).or_insert_with(|| Draft::new(key, kind, place_of(flow, key, one.at)));
            return self.offered(one, method, draft);
        }
        let validation = validation(table, method);
        let draft = drafts.entry(key).or_insert_with(|| Draft::new(key, kind, place_of(flow, key, one.at)));
        draft.sites.insert(one.at.module);
        let told = Told::Arguments(one.arguments.clone());
        let mut tools = Vec::new();
        let whole = match method.variadic {
            true => Some(one.arguments.iter().map(listed).collect()),
            false => site::first(flow, &told, &method.tools).map(|whole| site::each(flow, &whole.meaning)),
        };
        if let Some(whole) = whole {
            for item in whole {
                let made = match item.is_rest {
                    true => Err(Spanned::new("tools that are only known at run time".to_string(), flow.span(one.at))),
                    false => self.whole_tool(&item.value, one.at, validation, &method.slots),
                };
                let made = made.map(|mut tool| {
                    let handler = site::first(flow, &told, &method.slots.handler);
                    let found = handler.and_then(|handler| site::closure(flow, &handler.meaning));
                    tool.handler = tool.handler.take().or(found.map(|found| draft::closure_of(flow, &found)));
                    tool
                });
                tools.push((made, item.optional));
            }
        } else {
            tools.push((self.told_tool(one, method, &told, validation), false));
        }
        for (made, is_optional) in tools {
            match made {
                Ok(mut tool) => {
                    let is_optional = is_optional || one.reached.optional.is_some();
                    condition::settle(
                        flow,
                        &mut tool,
                        &condition::Reached { at: one.at, reached: one.reached, key, is_optional },
                    );
                    draft.add(tool);
                }
                Err(opening) => {
                    draft.is_unfollowed = true;
                    draft.open(opening.span, opening.value);
                    let known = draft.tools.len();
                    self.register_heirs(one, method, validation, draft);
                    if draft.tools.len() == known {
                        self.offered_unnamed(one, method, flow.span(one.at), draft);
                    }
                }
            }
        }
        if one.reached.is_open {
            draft.open(flow.span(one.at), "tools are registered from a collection that is not fully known");
        }
    }

    pub(super) fn told_tool(
        &self,
        one: &Use,
        method: &Method,
        told: &Told,
        validation: Validation,
    ) -> Result<crate::model::tool::Tool, Spanned<String>> {
        let flow = self.flow();
        match method.form {
            Form::ByKind => {
                let slots = by_kind(flow, &one.arguments);
                draft::tool(flow, told, &slots, None, one.at, validation)
            }
            Form::Call => draft::tool(flow, told, &method.slots, None, one.at, validation),
            Form::Typed => self.told_by_type(one.at, validation),
            Form::Decorator | Form::BareDecorator => {
                let first = one.arguments.first().filter(|argument| argument.name.is_none());
                let first = first.map(|argument| flow.force(&argument.value));
                match (&one.subject, first) {
                    (None, Some(function)) if site::function(flow, &function).is_some() => {
                        let slots = Slots { name: keywords(&method.slots.name), ..method.slots.clone() };
                        draft::tool(flow, told, &slots, Some(&function), one.at, validation)
                    }
                    (subject, _) => draft::tool(flow, told, &method.slots, subject.as_ref(), one.at, validation),
                }
            }
        }
    }

    /// A tool that is one value: made by the SDK, an object with members, or a function.
    pub fn whole_tool(
        &self,
        meaning: &Meaning,
        at: ValueRef,
        validation: Validation,
        slots: &Slots,
    ) -> Result<crate::model::tool::Tool, Spanned<String>> {
        let flow = self.flow();
        let written = match meaning {
            Meaning::Later(value, _) => *value,
            _ => at,
        };
        let meaning = flow.force(meaning);
        match &meaning {
            Meaning::Made(made) => {
                let kind = match &made.callee {
                    Meaning::Outside(name) => self.kinds.tool_kind(name),
                    _ => None,
                };
                match kind {
                    Some(kind) if !kind.tool.is_empty() => self.paired(made, kind, validation, slots),
                    Some(kind) => draft::tool(
                        flow,
                        &Told::Arguments(made.arguments.clone()),
                        &kind.slots,
                        None,
                        made.at,
                        validation,
                    ),
                    None if self.is_typed(&made.callee).is_some() => self.typed_tool(&made.callee, made.at, validation),
                    None => Err(Spanned::new(
                        "a tool that is made by something outside the tree".to_string(),
                        flow.span(made.at),
                    )),
                }
            }
            Meaning::Map(_) | Meaning::Instance(_) => {
                let mut object = object_slots();
                if !slots.name.is_empty() {
                    object = without_position(slots);
                }
                draft::tool(flow, &Told::Object(meaning.clone()), &object, None, written, validation)
            }
            // Only functions of Python are tools by themselves, named as they are.
            Meaning::Function(function, ..) if flow.module(*function).language == Language::Python => {
                draft::tool(flow, &Told::Arguments(Vec::new()), &Slots::default(), Some(&meaning), written, validation)
            }
            Meaning::Choice(all) => self.one_of(all, at, validation, slots, written),
            other => Err(Spanned::new(format!("a tool {}", site::reason(other)), flow.span(written))),
        }
    }

    /// A tool and its handler in one object of the SDK.
    fn paired(
        &self,
        made: &crate::flow::meaning::Made,
        kind: &crate::extract::tools::sdk::ToolKind,
        validation: Validation,
        slots: &Slots,
    ) -> Result<crate::model::tool::Tool, Spanned<String>> {
        let flow = self.flow();
        let told = Told::Arguments(made.arguments.clone());
        let Some(inner) = site::first(flow, &told, &kind.tool) else {
            return Err(Spanned::new("a tool without a name that is known".to_string(), flow.span(made.at)));
        };
        let mut tool = self.whole_tool(&inner.meaning, made.at, validation, slots)?;
        if kind.leaves_out {
            tool.condition = Known::is("the SDK leaves it out".to_string(), flow.span(made.at));
        }
        let handler = site::first(flow, &told, &kind.slots.handler);
        let found = handler.and_then(|handler| site::closure(flow, &handler.meaning));
        tool.handler = tool.handler.take().or(found.map(|found| draft::closure_of(flow, &found)));
        Ok(tool)
    }
}

fn listed(argument: &Passed) -> crate::flow::meaning::Item {
    crate::flow::meaning::Item { value: argument.value.clone(), optional: false, is_rest: argument.is_rest }
}

/// Where a server is made, or failing that where it is used.
pub fn place_of(flow: &Flow, key: Key, at: ValueRef) -> crate::source::Span {
    match key {
        Key::Made(made) => flow.span(made),
        Key::Given(..) => flow.span(at),
    }
}

/// What a table says about validation of the tools of one method.
pub fn validation<'t>(table: &'t ServerKind, method: &'t Method) -> Validation<'t> {
    Validation {
        validates: method.validates.or(table.validates),
        unknown_keys: method.unknown_keys.as_deref().or(table.unknown_keys.as_deref()),
    }
}

fn keywords(slots: &[crate::extract::tools::sdk::Slot]) -> Vec<crate::extract::tools::sdk::Slot> {
    let is_keyword =
        |slot: &&crate::extract::tools::sdk::Slot| matches!(slot.head, crate::extract::tools::sdk::Head::Keyword(_));
    slots.iter().filter(is_keyword).cloned().collect()
}
