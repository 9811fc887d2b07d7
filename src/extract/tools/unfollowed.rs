//! Tools that are written in a package whose server takes its tools from where they could not be followed.
//!
//! A server that registers what it finds in a table, a group or a field registers the tools that its package writes.
//! They are named, and the inventory stays open, since which of them are there is not known.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::code::{FunctionKind, Language, MODULE_BODY, Name, ValueId, ValueKind, walk};
use crate::extract::tools::draft::{self, Draft, Drafts, Validation};
use crate::extract::tools::handwritten::written_slots;
use crate::extract::tools::register::{Registrar, Use};
use crate::extract::tools::sdk::{Method, Slots};
use crate::extract::tools::server::{Key, KindId, canonical, last_word};
use crate::extract::tools::site::{self, Told};
use crate::extract::tools::{UNREGISTERED, is_real, package_root};
use crate::flow::calls::Reached;
use crate::flow::meaning::{Frame, Meaning, Within, levels, push};
use crate::flow::{FunctionRef, In, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::tool::Tool;
use crate::model::{Known, Spanned};

/// Why such a tool is not known to be there.
const WHY: &str = "how it is handed over was not followed";
/// Most subclasses of one class.
const MAX_HEIRS: usize = 500;

/// The names that what runs mentions, gathered when they are first asked for.
struct Named<'l> {
    live: &'l [ModuleId],
    names: OnceCell<HashSet<Name>>,
}

impl Registrar<'_> {
    /// Adds what the package of each server writes, where its server takes tools that were not found.
    pub fn unfollowed(&self, loaded: &Loaded, live: &[ModuleId], drafts: &mut Drafts) {
        let words: BTreeSet<_> = self
            .kinds
            .sdks
            .all
            .iter()
            .flat_map(|sdk| &sdk.tools)
            .flat_map(|tool| &tool.origins)
            .map(|origin| last_word(origin))
            .collect();
        let span = |module: &ModuleId| crate::source::Span::new(self.flow().program.module(*module).source, 0, 0);
        let roots = OnceCell::new();
        let named = Named { live, names: OnceCell::new() };
        for draft in drafts.values_mut().filter(|draft| draft.is_unfollowed || !is_real(draft)) {
            let was_real = is_real(draft);
            let root = package_root(loaded, draft.span);
            let language = self
                .flow()
                .program
                .by_source
                .get(&draft.span.source)
                .map(|module| self.flow().program.module(*module).language);
            let roots: &Vec<String> =
                roots.get_or_init(|| live.iter().map(|module| package_root(loaded, span(module))).collect());
            for (module, own) in live.iter().zip(roots) {
                let code = self.flow().program.module(*module);
                if Some(code.language) == language && *own == root {
                    self.written_in(*module, (&words, &named), draft);
                }
            }
            if !was_real && is_real(draft) {
                draft.open(draft.span, UNREGISTERED);
            }
        }
        self.without_server(loaded, (&words, &named), drafts);
    }

    /// Tools that are made for a server which the package has from somewhere else, such as a library of its own.
    fn without_server(&self, loaded: &Loaded, (words, named): (&BTreeSet<Name>, &Named), drafts: &mut Drafts) {
        let root_of = |module: &ModuleId| {
            let source = self.flow().program.module(*module).source;
            package_root(loaded, crate::source::Span::new(source, 0, 0))
        };
        // Packages of one tree take tools from one another, so that one server of the SDK may have them all.
        let served: BTreeSet<usize> = drafts.values().map(|draft| draft.kind.0).collect();
        let mut alone: BTreeMap<(String, KindId), Draft> = BTreeMap::new();
        for module in named.live {
            let Some((kind, place)) = self.makes_tools(*module, words) else { continue };
            if served.contains(&kind.0) {
                continue;
            }
            let key = Key::Given(kind, *module);
            let draft = alone.entry((root_of(module), kind)).or_insert_with(|| Draft::new(key, kind, place));
            self.written_in(*module, (words, named), draft);
        }
        for mut draft in alone.into_values().filter(|draft| !draft.tools.is_empty()) {
            draft.open(draft.span, "its tools are made here, but what takes them was not found");
            drafts.entry(draft.key).or_insert(draft);
        }
    }

    /// The SDK whose tools a module makes, and where it makes the first.
    fn makes_tools(&self, id: ModuleId, words: &BTreeSet<Name>) -> Option<(KindId, crate::source::Span)> {
        let flow = self.flow();
        let module = flow.program.module(id);
        (0..module.values.len()).find_map(|at| {
            let at = In { module: id, id: ValueId(at as u32) };
            let made = match flow.kind(at) {
                ValueKind::Construct { of, .. } => *of,
                ValueKind::Call(call) => call.callee,
                _ => return None,
            };
            let named = match &module.value(made).kind {
                ValueKind::Name(name) | ValueKind::Field { name, .. } => words.contains(name),
                _ => false,
            };
            if !named || self.kinds.is_inside_sdk(at) {
                return None;
            }
            let Meaning::Outside(origin) = flow.asking(|| flow.meaning(In { module: id, id: made }, &None)).0 else {
                return None;
            };
            let origin = canonical(&origin);
            let makes = |sdk: &crate::extract::tools::sdk::Sdk| {
                let mut origins = sdk.tools.iter().flat_map(|tool| &tool.origins);
                !sdk.servers.is_empty() && origins.any(|one| canonical(one) == origin)
            };
            let sdk = self.kinds.sdks.all.iter().position(makes)?;
            Some(((sdk, 0), flow.span(at)))
        })
    }

    /// Whether a value stands in a function of Go that nothing of the program names, so that nothing calls it.
    fn is_in_unnamed(&self, at: ValueRef, named: &Named) -> bool {
        let flow = self.flow();
        let mut owner = flow.owner(at);
        if flow.module(at).language != Language::Go || owner.id == MODULE_BODY {
            return false;
        }
        while let Some(parent) = flow.function(owner).parent.filter(|parent| *parent != MODULE_BODY) {
            owner = In { module: owner.module, id: parent };
        }
        let code = flow.function(owner);
        let Some(name) = code.name.as_ref().filter(|_| code.class.is_none()) else { return false };
        let names = named.names.get_or_init(|| {
            let modules = named.live.iter().map(|module| flow.program.module(*module));
            let values = modules.filter(|module| module.language == Language::Go).flat_map(|module| &module.values);
            let names = values.filter_map(|value| match &value.kind {
                ValueKind::Name(name) | ValueKind::Field { name, .. } => Some(name.clone()),
                _ => None,
            });
            names.collect()
        });
        !matches!(name.as_str(), "main" | "init") && !names.contains(name)
    }

    fn written_in(&self, id: ModuleId, (words, mentioned): (&BTreeSet<Name>, &Named), draft: &mut Draft) {
        let flow = self.flow();
        let module = flow.program.module(id);
        let named = |value: ValueId| match &module.value(value).kind {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => words.contains(name),
            _ => false,
        };
        let mut parents: Option<HashMap<ValueId, ValueId>> = None;
        for at in 0..module.values.len() {
            let value = ValueId(at as u32);
            let is_tool = match &module.value(value).kind {
                ValueKind::Construct { of, .. } => named(*of),
                ValueKind::Call(call) => named(call.callee),
                _ => false,
            };
            let at = In { module: id, id: value };
            if !is_tool || self.kinds.is_inside_sdk(at) || self.is_in_unnamed(at, mentioned) {
                continue;
            }
            let table = self.kinds.kind(draft.kind);
            let validation = Validation { validates: table.validates, unknown_keys: table.unknown_keys.as_deref() };
            let whole = Meaning::Later(at, None);
            let told = self.whole_tool(&whole, at, validation, &Slots::default());
            // A type of the project's own is one of tools where it says what they take.
            let own =
                || self.whole_tool(&whole, at, validation, &written_slots()).ok().filter(|tool| tool.has_input_schema);
            let Some(mut tool) = told.ok().or_else(own) else { continue };
            if draft.tools.iter().any(|other| other.about.name == tool.about.name) {
                continue;
            }
            let parents = parents.get_or_insert_with(|| parents_of(module));
            let beside = self.beside(at, parents);
            tool.handler = tool.handler.take().or(beside.map(|function| draft::handler_of(flow, function)));
            doubt(&mut tool);
            draft.add(tool);
        }
    }

    /// The function that stands beside a tool: in the same call, object or result.
    fn beside(&self, at: ValueRef, parents: &HashMap<ValueId, ValueId>) -> Option<FunctionRef> {
        let flow = self.flow();
        let mut inner = at.id;
        for _ in 0..3 {
            let outer = *parents.get(&inner)?;
            let mut found = None;
            walk::children(flow.kind(In { module: at.module, id: outer }), &mut |child| {
                if child != inner && found.is_none() {
                    let meaning = flow.asking(|| flow.meaning(In { module: at.module, id: child }, &None)).0;
                    found = site::function(flow, &meaning)
                        .filter(|function| flow.function(*function).kind != FunctionKind::ClassBody);
                }
            });
            // The function that is called is not the handler that it is given.
            let is_called = |function: &FunctionRef| match flow.kind(In { module: at.module, id: outer }) {
                ValueKind::Call(call) => {
                    matches!(flow.asking(|| flow.meaning(In { module: at.module, id: call.callee }, &None)).0, Meaning::Function(callee, _, _) if callee == *function)
                }
                _ => false,
            };
            if let Some(found) = found.filter(|function| !is_called(function)) {
                return Some(found);
            }
            inner = outer;
        }
        None
    }

    /// A method that registers its own object does so for every class that inherits it.
    pub(super) fn register_heirs(&self, one: &Use, method: &Method, validation: Validation, draft: &mut Draft) {
        let flow = self.flow();
        if one.reached.frame.is_some() || !method.tools.is_empty() {
            return;
        }
        for frame in self.by_heirs(one.at) {
            let arguments = flow.passed(one.at, &frame);
            let reached = Reached { frame, ..one.reached.clone() };
            let heir =
                Use { at: one.at, reached: &reached, arguments: arguments.clone(), subject: one.subject.clone() };
            let told = self.told_tool(&heir, method, &Told::Arguments(arguments), validation);
            if let Some(mut tool) = told.ok().or_else(|| self.named_by_class(&heir.reached.frame, validation)) {
                doubt(&mut tool);
                draft.add(tool);
            }
        }
    }

    /// A tool that is one of several values, of which only one has a name: the others stand for an error.
    pub(super) fn one_of(
        &self,
        all: &[Meaning],
        at: ValueRef,
        validation: Validation,
        slots: &Slots,
        written: ValueRef,
    ) -> Result<Tool, Spanned<String>> {
        let made = all.iter().filter(|one| !matches!(one, Meaning::Choice(_)));
        let mut named: Vec<_> = made.filter_map(|one| self.whole_tool(one, at, validation, slots).ok()).collect();
        named.dedup_by(|a, b| a.about.name == b.about.name);
        match (named.pop(), named.is_empty()) {
            (Some(only), true) => Ok(only),
            _ => Err(Spanned::new("a tool is one of several".to_string(), self.flow().span(written))),
        }
    }

    /// The tool that a class is whose own static members say its name.
    pub(super) fn named_by_class(&self, frame: &Frame, validation: Validation) -> Option<Tool> {
        let flow = self.flow();
        let class = levels(frame).find_map(|level| match level {
            Within::Call { this: Some(this), .. } => match &**this {
                Meaning::This(class) => Some(*class),
                _ => None,
            },
            _ => None,
        })?;
        let text = |of: &Meaning, names: &[&str]| {
            names.iter().find_map(|name| match flow.asking(|| flow.member(of, &(*name).into())).0 {
                Meaning::Text(text, span) => Some((text.to_string(), span)),
                _ => None,
            })
        };
        let (name, span) = text(&Meaning::Class(class), &["toolName", "tool_name", "TOOL_NAME"])?;
        let mut tool = draft::plain_tool(name, span, validation);
        if let Some((description, place)) = text(&Meaning::This(class), &["description", "toolDescription"]) {
            tool.description = Known::is(description, place);
        }
        let handler =
            ["execute", "run", "invoke", "handle", "call"].iter().find_map(|name| flow.own_method(class, name));
        tool.handler = handler.map(|function| draft::handler_of(flow, function));
        Some(tool)
    }

    /// Inside which calls a method that registers its own object is reached, one for each class that inherits it.
    pub(super) fn by_heirs(&self, at: ValueRef) -> Vec<Frame> {
        let flow = self.flow();
        let mut owner = flow.owner(at);
        for _ in 0..16 {
            let code = flow.function(owner);
            if let Some(class) = code.class.map(|class| In { module: owner.module, id: class }) {
                let of = |heir| {
                    let this = Some(std::rc::Rc::new(Meaning::This(heir)));
                    push(&None, Within::Call { function: owner, arguments: Vec::new(), this, at: None })
                };
                return flow.heirs(class).into_iter().take(MAX_HEIRS).map(of).collect();
            }
            match code.parent {
                Some(parent) => owner = In { module: owner.module, id: parent },
                None => break,
            }
        }
        Vec::new()
    }
}

/// Notes that it is not known whether a tool is there.
pub(super) fn doubt(tool: &mut Tool) {
    tool.condition = Known::is(WHY.to_string(), tool.about.span);
    tool.on_by_default = Known::unknown(WHY, tool.about.span);
}

fn parents_of(module: &crate::code::Module) -> HashMap<ValueId, ValueId> {
    let mut parents = HashMap::new();
    for (at, value) in module.values.iter().enumerate() {
        walk::children(&value.kind, &mut |child| {
            parents.insert(child, ValueId(at as u32));
        });
    }
    parents
}
