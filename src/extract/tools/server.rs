//! Which values are servers, and of which kind.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::code::{Language, Name, ValueKind};
use crate::extract::tools::sdk::{Sdks, ServerKind, ToolKind};
use crate::extract::tools::site::{self, Told};
use crate::flow::{ClassRef, Flow, FunctionRef, In, Meaning, ModuleId, ValueRef, unit_tests};
use crate::source::Span;

/// A kind of server: positions of the SDK and of the kind in it.
pub type KindId = (usize, usize);

/// What tells one server from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The call that makes it.
    Made(ValueRef),
    /// A server of this kind that a function is given, and whose making was not found.
    Given(KindId, ModuleId),
}

/// Servers and tools by the names that SDKs give to what makes them.
pub struct Kinds<'a> {
    /// The flow that answers.
    pub flow: &'a Flow<'a>,
    /// The tables.
    pub sdks: &'a Sdks,
    origins: BTreeMap<String, (KindId, Option<&'a str>)>,
    tools: BTreeMap<String, &'a ToolKind>,
    bundled: BTreeMap<ClassRef, KindId>,
    /// Unit tests that stand in the files that they test.
    unit_tests: BTreeMap<ModuleId, Vec<Span>>,
    /// Functions that an SDK gives a server as their first argument.
    given: BTreeMap<FunctionRef, (Key, KindId)>,
    /// Classes of servers, with all that they inherit from.
    lines: OnceCell<BTreeSet<ClassRef>>,
    /// Groups of files of which one knows an SDK.
    pub(super) knowing: OnceCell<BTreeSet<u32>>,
}

impl<'a> Kinds<'a> {
    /// Reads the tables, and finds SDKs that are bundled into the tree's own files.
    pub fn new(flow: &'a Flow<'a>, sdks: &'a Sdks) -> Self {
        let mut kinds = Kinds {
            flow,
            sdks,
            origins: BTreeMap::new(),
            tools: BTreeMap::new(),
            bundled: BTreeMap::new(),
            unit_tests: unit_tests(flow),
            given: BTreeMap::new(),
            lines: OnceCell::new(),
            knowing: OnceCell::new(),
        };
        for (at, sdk) in sdks.all.iter().enumerate() {
            for (position, server) in sdk.servers.iter().enumerate() {
                let id = (at, position);
                kinds.origins.extend(server.origins.iter().map(|origin| (canonical(origin), (id, None))));
                let open = server.open_origins.iter();
                kinds.origins.extend(open.map(|(origin, why)| (canonical(origin), (id, Some(why.as_str())))));
            }
            for tool in &sdk.tools {
                kinds.tools.extend(tool.origins.iter().map(|origin| (canonical(origin), tool)));
            }
        }
        kinds.find_bundled();
        kinds.find_given();
        kinds
    }

    fn find_bundled(&mut self) {
        for (id, module) in self.flow.program.iter() {
            if module.language != Language::TypeScript {
                continue;
            }
            for at in 0..module.classes.len() {
                let class = In { module: id, id: crate::code::ClassId(at as u32) };
                if let Some(kind) = self.shape_of(class) {
                    self.bundled.insert(class, kind);
                }
            }
        }
    }

    /// `createHandler((server) => …)`: the SDK makes the server and hands it to a function of the tree.
    fn find_given(&mut self) {
        let flow = self.flow;
        let mut given = BTreeMap::new();
        for (origin, calls) in flow.outside_calls() {
            let Some((kind, _)) = self.origin(origin) else { continue };
            let Some(slot) = &self.kind(kind).callback else { continue };
            for call in calls {
                let told = Told::Arguments(flow.passed(*call, &None));
                let filled = site::first(flow, &told, std::slice::from_ref(slot));
                if let Some(function) = filled.and_then(|filled| site::function(flow, &filled.meaning)) {
                    given.insert(function, (Key::Made(*call), kind));
                }
            }
        }
        self.given = given;
    }

    /// The kind whose shape a class has: all of the methods, one at least its own.
    fn shape_of(&self, class: ClassRef) -> Option<KindId> {
        let shapes = self.sdks.all.iter().enumerate().flat_map(|(at, sdk)| {
            let own = sdk.servers.iter().enumerate();
            own.flat_map(move |(position, one)| [&one.shape, &one.other_shape].map(|shape| ((at, position), shape)))
        });
        for (id, shape) in shapes.filter(|(_, shape)| !shape.is_empty()) {
            let own = |class: ClassRef, name: &String| self.flow.own_method(class, name).is_some();
            if shape.iter().filter(|name| own(class, name)).count() * 2 < shape.len() {
                continue;
            }
            let line = self.flow.ancestors(class);
            if shape.iter().all(|name| line.iter().any(|class| own(*class, name))) {
                return Some(id);
            }
        }
        None
    }

    /// The table of a kind.
    pub fn kind(&self, id: KindId) -> &'a ServerKind {
        &self.sdks.all[id.0].servers[id.1]
    }

    /// The table of what describes a tool.
    pub fn tool_kind(&self, origin: &str) -> Option<&'a ToolKind> {
        self.tools.get(&canonical(origin)).copied()
    }

    /// The kind of server that something with this full name makes, and why its inventory is open.
    pub fn origin(&self, name: &str) -> Option<(KindId, Option<&'a str>)> {
        self.origins.get(&canonical(name)).copied()
    }

    /// The full names of what makes servers.
    pub(super) fn origin_names(&self) -> impl Iterator<Item = &str> {
        self.origins.keys().map(String::as_str)
    }

    /// The functions that an SDK gives a server.
    pub(super) fn given_functions(&self) -> impl Iterator<Item = FunctionRef> {
        self.given.keys().copied()
    }

    /// Whether a place is inside a unit test.
    pub fn is_in_test(&self, module: ModuleId, span: Span) -> bool {
        self.unit_tests.get(&module).is_some_and(|tests| tests.iter().any(|test| test.contains(span)))
    }

    /// Whether a place is inside an SDK that is bundled, or inside a unit test.
    pub fn is_inside_sdk(&self, place: ValueRef) -> bool {
        if self.is_in_test(place.module, self.flow.span(place)) {
            return true;
        }
        let module = self.flow.module(place);
        let mut function = Some(self.flow.owner(place).id);
        while let Some(id) = function {
            let code = module.function(id);
            if code.class.is_some_and(|class| self.bundled.contains_key(&In { module: place.module, id: class })) {
                return true;
            }
            function = code.parent;
        }
        false
    }

    /// The kind of a class of the tree, by what it extends.
    pub fn class_kind(&self, class: ClassRef) -> Option<KindId> {
        let line = self.flow.ancestors(class);
        if let Some(kind) = line.iter().find_map(|class| self.bundled.get(class)) {
            return Some(*kind);
        }
        self.flow.outside_bases(class).iter().find_map(|base| self.origin(base)).map(|(kind, _)| kind)
    }

    /// Whether objects of a class, or of one that inherits from it, are servers.
    pub fn is_above_server(&self, class: ClassRef) -> bool {
        self.lines.get_or_init(|| self.find_lines()).contains(&class)
    }

    fn find_lines(&self) -> BTreeSet<ClassRef> {
        let mut lines = BTreeSet::new();
        for (id, module) in self.flow.program.iter() {
            let classes = (0..module.classes.len()).map(|at| In { module: id, id: crate::code::ClassId(at as u32) });
            for class in classes.filter(|class| self.class_kind(*class).is_some()) {
                lines.extend(self.flow.ancestors(class).iter().copied());
            }
        }
        lines
    }

    /// The servers that a value is.
    pub fn servers(&self, meaning: &Meaning, at: ValueRef) -> Vec<(Key, KindId)> {
        let mut found = BTreeSet::new();
        self.note_servers(meaning, at, 0, &mut found);
        found.into_iter().collect()
    }

    fn note_servers(&self, meaning: &Meaning, at: ValueRef, depth: u32, found: &mut BTreeSet<(Key, KindId)>) {
        if depth > 4 {
            return;
        }
        match meaning {
            Meaning::Later(..) => self.note_servers(&self.flow.force(meaning), at, depth + 1, found),
            Meaning::Choice(all) | Meaning::Each(all) => {
                all.iter().for_each(|one| self.note_servers(one, at, depth + 1, found));
            }
            Meaning::Made(made) => {
                if let Meaning::Outside(name) = &made.callee
                    && let Some((kind, _)) = self.origin(name)
                {
                    found.insert((Key::Made(made.at), kind));
                }
                self.note_chained(&made.callee, at, depth, found);
            }
            Meaning::Instance(instance) => {
                if let Some(kind) = self.class_kind(instance.class) {
                    found.insert((Key::Made(instance.at), kind));
                }
            }
            Meaning::This(class) => self.note_objects(*class, at, found),
            Meaning::Member(base, name)
                if matches!(name.as_str(), "server" | "_mcp_server" | "mcpServer" | "experimental" | "tasks") =>
            {
                self.note_servers(base, at, depth + 1, found);
                if found.is_empty() {
                    self.note_given(meaning, at, found);
                }
            }
            Meaning::Parameter(function, 0) if self.given.contains_key(function) => {
                found.extend(self.given.get(function).copied());
            }
            Meaning::Parameter(..) | Meaning::Member(..) => self.note_given(meaning, at, found),
            _ => {}
        }
    }

    /// `server.with(x)`, where the method gives the server back.
    fn note_chained(&self, callee: &Meaning, at: ValueRef, depth: u32, found: &mut BTreeSet<(Key, KindId)>) {
        let Meaning::Member(base, name) = callee else { return };
        let mut chained = BTreeSet::new();
        self.note_servers(base, at, depth.saturating_sub(1), &mut chained);
        let registers = |kind: KindId| {
            let table = self.kind(kind);
            table.methods.iter().any(|method| method.name == name.as_str()) || table.chains.contains(&name.to_string())
        };
        found.extend(chained.into_iter().filter(|(_, kind)| registers(*kind)));
    }

    fn note_given(&self, meaning: &Meaning, at: ValueRef, found: &mut BTreeSet<(Key, KindId)>) {
        let kind = match self.flow.declared(meaning) {
            Some(Meaning::Outside(name)) => self.origin(&name).map(|(kind, _)| kind),
            Some(Meaning::Class(class)) => self.class_kind(class),
            _ => None,
        };
        if let Some(kind) = kind {
            found.insert((Key::Given(kind, at.module), kind));
        }
    }

    /// The objects of a class of servers, wherever they are made.
    fn note_objects(&self, class: ClassRef, at: ValueRef, found: &mut BTreeSet<(Key, KindId)>) {
        let Some(kind) = self.class_kind(class) else { return };
        let made = self.flow.made_at(class);
        found.extend(made.iter().map(|place| (Key::Made(*place), kind)));
        if made.is_empty() {
            found.insert((Key::Given(kind, at.module), kind));
        }
    }

    /// The last words of the methods that register tools or handlers.
    pub fn registering_words(&self) -> BTreeSet<Name> {
        let servers = self.sdks.all.iter().flat_map(|sdk| &sdk.servers);
        let names = servers.flat_map(|server| {
            let methods = server.methods.iter().map(|method| method.name.as_str());
            let methods = methods.chain(server.mounts.iter().map(|mount| mount.name.as_str()));
            let methods = methods.chain(server.removes.iter().map(String::as_str));
            methods.chain(server.handlers.iter().filter_map(|handlers| handlers.method.as_deref()))
        });
        names.map(last_word).collect()
    }

    /// Whether a method gives the handlers of requests.
    pub fn handles(&self, name: &Name) -> bool {
        let mut handlers = self.sdks.all.iter().flat_map(|sdk| &sdk.servers).flat_map(|server| &server.handlers);
        handlers.any(|handlers| handlers.method.as_deref() == Some(name.as_str()))
    }

    /// Whether a member is a table of handlers.
    pub fn has_table(&self, member: &Name) -> bool {
        let mut handlers = self.sdks.all.iter().flat_map(|sdk| &sdk.servers).flat_map(|server| &server.handlers);
        handlers.any(|handlers| handlers.table.as_deref() == Some(member.as_str()))
    }

    /// The last words of every method that the tables name.
    pub fn method_words(&self) -> BTreeSet<Name> {
        let mut words = BTreeSet::new();
        for server in self.sdks.all.iter().flat_map(|sdk| &sdk.servers) {
            let names = server.methods.iter().map(|method| method.name.as_str());
            let names = names.chain(server.handlers.iter().filter_map(|handlers| handlers.method.as_deref()));
            let names = names.chain(server.mounts.iter().map(|mount| mount.name.as_str()));
            let names = names.chain(server.opens.keys().map(String::as_str));
            let names = names.chain(server.removes.iter().map(String::as_str));
            let names = names.chain(server.runs.iter().map(|run| run.name.as_str()));
            words.extend(names.map(last_word));
        }
        words
    }

    /// The method that a call names, and the value it is called on.
    pub fn method_of(&self, call: ValueRef) -> Option<(ValueRef, &'a Name)> {
        let ValueKind::Call(code) = self.flow.kind(call) else { return None };
        self.field_of(In { module: call.module, id: code.callee })
    }

    /// The base and the member of a field.
    pub fn field_of(&self, value: ValueRef) -> Option<(ValueRef, &'a Name)> {
        match self.flow.kind(value) {
            ValueKind::Field { base, name } => Some((In { module: value.module, id: *base }, name)),
            ValueKind::Generic { base, .. } => self.field_of(In { module: value.module, id: *base }),
            _ => None,
        }
    }
}

/// Unit tests of Rust, by the module of the tree.
fn unit_tests(flow: &Flow) -> BTreeMap<ModuleId, Vec<Span>> {
    let modules = flow.program.iter().map(|(id, module)| (id, unit_tests::of(flow.sources, module)));
    modules.filter(|(_, tests)| !tests.is_empty()).collect()
}

/// What stands after the last dot.
pub fn last_word(name: &str) -> Name {
    Name::new(name.rsplit(['.', ':', '#']).next().unwrap_or(name))
}

/// A full name without what says only how a package is built or fetched: `npm:`, a version, `/dist/esm`, `.js`, `/index`.
pub fn canonical(name: &str) -> String {
    let Some((module, member)) = name.rsplit_once('#') else { return name.to_string() };
    let mut module = module.to_string();
    for prefix in ["npm:", "jsr:", "https://esm.sh/", "https://cdn.skypack.dev/"] {
        if let Some(rest) = module.strip_prefix(prefix) {
            module = without_version(rest);
        }
    }
    for folder in ["/dist/esm/", "/dist/cjs/", "/dist/"] {
        module = module.replacen(folder, "/", 1);
    }
    for end in [".js", ".mjs", ".cjs", ".ts", "/index"] {
        module = module.strip_suffix(end).unwrap_or(&module).to_string();
    }
    format!("{module}#{member}")
}

/// `@scope/name@1.2/path` without the version.
fn without_version(module: &str) -> String {
    let mut parts: Vec<&str> = module.split('/').collect();
    let at = usize::from(module.starts_with('@'));
    if let Some(name) = parts.get_mut(at) {
        *name = name.split('@').next().unwrap_or(name);
    }
    parts.join("/")
}
