//! Servers without an SDK: code that tells `tools/list` and `tools/call` apart and answers them itself.

use std::collections::BTreeSet;

use crate::code::{Block, Call, MapKey, Match, Module, Name, Operator, Pattern, StatementKind, ValueId, ValueKind};
use crate::extract::tools::called;
use crate::extract::tools::draft::{Draft, Drafts, Validation};
use crate::extract::tools::package_root;
use crate::extract::tools::pair::{MAX_WAY, TOOL_NAME};
use crate::extract::tools::register::Registrar;
use crate::extract::tools::sdk::{Slot, Slots};
use crate::extract::tools::server::Key;
use crate::extract::tools::walked::Walked;
use crate::flow::meaning::{Meaning, Within, push};
use crate::flow::{FunctionRef, In, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::Known;
use crate::model::tool::{NamePlace, Tool};
use crate::source::Span;

/// The table that says what such servers do about arguments.
pub const TABLE: &str = "hand-written";
/// Deepest nesting of blocks that is read.
const MAX_DEPTH: u32 = 200;
/// Members of servers of SDKs that take what answers every request that nothing else does.
const FALLBACK: &[&str] = &["fallbackRequestHandler"];
/// Most values of one branch that are asked for a list of tools.
const MAX_ASKED: usize = 60;

/// Where one request is answered.
struct Answer {
    /// The text that names the request.
    named: ValueRef,
    /// The module of the branch.
    home: ModuleId,
    /// The branch.
    region: Span,
}

impl Registrar<'_> {
    /// Reads every package that answers both requests and has no server of an SDK.
    pub fn handwritten(&self, loaded: &Loaded, live: &[ModuleId], drafts: &mut Drafts) {
        let Some(kind) = self.kinds.sdks.all.iter().position(|sdk| sdk.id == TABLE).map(|at| (at, 0)) else { return };
        let with_sdk: BTreeSet<String> = drafts.values().map(|draft| package_root(loaded, draft.span)).collect();
        let (lists, calls) = (self.answers(live, "tools/list"), self.answers(live, "tools/call"));
        let mut seen = BTreeSet::new();
        for list in &lists {
            let root = package_root(loaded, self.flow().span(list.named));
            let same = |call: &&Answer| package_root(loaded, self.flow().span(call.named)) == root;
            let near = calls.iter().find(|call| call.named.module == list.named.module);
            let Some(call) = near.or_else(|| calls.iter().find(same)) else { continue };
            if !with_sdk.contains(&root) && seen.insert((root, list.named.module)) {
                let key = Key::Made(list.named);
                let draft = Draft::new(key, kind, self.flow().span(list.named));
                drafts.extend(self.answered(list, call, (Vec::new(), draft)).map(|draft| (key, draft)));
            } else if let Some(key) = self.falls_back_to(list, drafts)
                && let Some(bare) = drafts.remove(&key)
            {
                let place = NamePlace { position: 0, members: ["params", "name"].map(Name::new_static).to_vec() };
                let draft = self.answered(list, call, (vec![place], bare.clone())).unwrap_or(bare);
                drafts.insert(key, draft);
            }
        }
    }

    /// The server of an SDK that answers by itself alone what it has no handler for:
    /// `server.fallbackRequestHandler = async (request) => …`.
    fn falls_back_to(&self, list: &Answer, drafts: &Drafts) -> Option<Key> {
        let flow = self.flow();
        let of = |id: ValueId| In { module: list.home, id };
        let assigned = flow.scopes(list.home).member_assignments.iter();
        let mut bases = assigned.filter_map(|(place, value)| match flow.kind(of(*place)) {
            ValueKind::Field { base, name } if FALLBACK.contains(&name.as_str()) => {
                flow.span(of(*value)).contains(list.region).then(|| of(*base))
            }
            _ => None,
        });
        let made = bases.find_map(|base| match flow.asking(|| flow.meaning(base, &None)).0 {
            Meaning::Made(made) => Some(Key::Made(made.at)),
            _ => None,
        })?;
        drafts.get(&made).filter(|draft| !draft.has_list && draft.tools.is_empty()).map(|_| made)
    }

    fn answered(&self, list: &Answer, call: &Answer, (names, mut draft): (Vec<NamePlace>, Draft)) -> Option<Draft> {
        let flow = self.flow();
        let found = self.listed_in(list, &mut draft);
        // A client or a proxy names the requests too; what answers also says hello, or lists tools.
        if !found && self.answers(&[list.named.module], "initialize").is_empty() {
            return None;
        }
        draft.has_list = found;
        if !found {
            draft.open(draft.span, "the list of tools is only known at run time");
        }
        let (handler, reached) = self.called_in(call);
        draft.call_handler = Some(handler);
        draft.call_validation = (Some(false), Some("passed".to_string()));
        let other = |_| Meaning::Unknown("part of the request");
        let arguments = match reached {
            Some(at) => self.marked(at),
            None if names.is_empty() => Vec::new(),
            None => {
                draft.call_names = names;
                called::request(flow, handler, &draft.call_names, &TOOL_NAME, &other)
            }
        };
        let entry = Within::Call { function: handler, arguments, this: None, at: reached };
        self.arms((handler, &push(&None, entry)), MAX_WAY, &mut Walked::default(), &mut draft);
        Some(draft)
    }

    /// The branches, entries and functions that answer a request of this name.
    fn answers(&self, live: &[ModuleId], request: &str) -> Vec<Answer> {
        let mut found = Vec::new();
        for id in live {
            let module = self.flow().program.module(*id);
            let is_named =
                |value: &ValueId| matches!(&module.value(*value).kind, ValueKind::Text(text) if text == request);
            let mut regions: Vec<(ValueId, Span)> = Vec::new();
            let is_there = (0..module.values.len()).any(|at| is_named(&ValueId(at as u32)));
            for value in &module.values {
                match &value.kind {
                    ValueKind::Match(chosen) if is_there => arms(chosen, &is_named, &mut regions),
                    ValueKind::Map(entries) => {
                        let named = entries
                            .iter()
                            .filter(|entry| matches!(&entry.key, MapKey::Name(name, _) if name == request));
                        found.extend(named.filter_map(|entry| self.entry(In { module: *id, id: entry.value })));
                    }
                    _ => {}
                }
            }
            for function in module.functions.iter().filter(|_| is_there) {
                blocks(module, &function.body, &is_named, &mut regions, 0);
            }
            let of = |(named, region)| Answer { named: In { module: *id, id: named }, home: *id, region };
            found.extend(regions.into_iter().map(of));
        }
        found
    }

    /// The function that stands in a table under the name of a request.
    fn entry(&self, named: ValueRef) -> Option<Answer> {
        let flow = self.flow();
        match flow.asking(|| flow.meaning(named, &None)).0 {
            Meaning::Function(function, _, _) => {
                Some(Answer { named, home: function.module, region: flow.function(function).span })
            }
            _ => None,
        }
    }

    /// Notes the tools that a branch lists; false where no list was found there.
    fn listed_in(&self, list: &Answer, draft: &mut Draft) -> bool {
        let flow = self.flow();
        let mut inside: Vec<(Span, ValueRef)> = self.inside(list.home, list.region, |kind| {
            matches!(
                kind,
                ValueKind::Map(_)
                    | ValueKind::List(_)
                    | ValueKind::Call(_)
                    | ValueKind::Name(_)
                    | ValueKind::Construct { .. }
                    | ValueKind::Field { .. }
            )
        });
        inside.sort_by_key(|(span, _)| (std::cmp::Reverse(span.end - span.start), span.start));
        let meant: Vec<(ValueRef, Meaning)> =
            inside.into_iter().take(MAX_ASKED).map(|(_, at)| (at, flow.asking(|| flow.meaning(at, &None)).0)).collect();
        // The answer says it whole; a list that stands there by itself may be one that others are added to.
        for (at, meaning) in meant.iter().filter(|(_, meaning)| !is_list(meaning)) {
            if self.note_list(meaning, *at, draft, 3) {
                return true;
            }
        }
        let lists = meant.iter().filter(|(_, meaning)| is_list(meaning));
        lists.fold(false, |any, (at, meaning)| self.note_further(meaning, *at, draft) || any)
    }

    /// Notes the tools of one more list; those that no other list of the branch holds may be left out.
    fn note_further(&self, meaning: &Meaning, at: ValueRef, draft: &mut Draft) -> bool {
        let mut own = Draft::new(draft.key, draft.kind, draft.span);
        if !self.note_list(meaning, at, &mut own, 3) {
            return false;
        }
        let is_first = draft.tools.is_empty();
        for mut tool in own.tools {
            if !is_first && draft.tools.iter().all(|other| other.about.name != tool.about.name) {
                tool.condition = only_some(&tool);
            }
            if is_first || !tool.condition.is_absent() {
                draft.add(tool);
            }
        }
        own.openings.into_iter().for_each(|opening| draft.open(opening.span, opening.value));
        true
    }

    /// Notes the tools of a list, or of the list that an answer holds.
    fn note_list(&self, meaning: &Meaning, at: ValueRef, draft: &mut Draft, depth: u32) -> bool {
        let flow = self.flow();
        let validation = Validation { validates: Some(false), unknown_keys: Some("passed") };
        match meaning {
            Meaning::Map(_) | Meaning::Instance(_) if depth > 0 => {
                ["tools", "Tools", "result", "Result"].iter().any(|member| {
                    let inner = flow.asking(|| flow.member(meaning, &Name::new_static(member))).0;
                    self.note_list(&inner, at, draft, depth - 1)
                })
            }
            Meaning::Choice(all) if depth > 0 => {
                let is_one = |one: &Meaning| self.note_list(&flow.force(one), at, draft, depth - 1);
                let (found, missed): (Vec<bool>, Vec<bool>) = all.iter().map(is_one).partition(|is| *is);
                if !found.is_empty() && !missed.is_empty() {
                    draft.open(flow.span(at), "the list of tools is one of several, not all of which are known");
                }
                !found.is_empty()
            }
            Meaning::List(items) => {
                let made: Vec<_> = items
                    .iter()
                    .map(|item| (item, self.whole_tool(&item.value, at, validation, &written_slots())))
                    .collect();
                // A list of something else is not the list of tools.
                if !made.iter().any(|(_, tool)| tool.as_ref().is_ok_and(|tool| tool.has_input_schema)) {
                    return false;
                }
                for (item, tool) in made {
                    match tool {
                        Ok(mut tool) if !item.is_rest => {
                            if item.optional {
                                tool.condition = only_some(&tool);
                            }
                            draft.add(tool);
                        }
                        Ok(_) => draft.open(flow.span(at), "the list of tools is not fully known"),
                        Err(opening) => draft.open(opening.span, opening.value),
                    }
                }
                true
            }
            _ => false,
        }
    }

    /// The function that a branch hands a call on to, and where; else the function that the branch stands in.
    fn called_in(&self, call: &Answer) -> (FunctionRef, Option<ValueRef>) {
        let flow = self.flow();
        let calls = self.inside(call.home, call.region, |kind| matches!(kind, ValueKind::Call(_)));
        let own = calls.into_iter().filter_map(|(_, at)| {
            let ValueKind::Call(code) = flow.kind(at) else { return None };
            let callee = In { module: at.module, id: code.callee };
            match flow.asking(|| flow.meaning(callee, &None)).0 {
                Meaning::Function(function, _, _) if !code.arguments.is_empty() => Some((function, &**code, at)),
                _ => None,
            }
        });
        let told = |one: &(FunctionRef, &Call, ValueRef)| {
            let (_, code, at) = one;
            let values = code.arguments.iter().map(|one| In { module: at.module, id: one.value });
            // What a text speaks of is not handed on with it.
            let handed =
                values.filter(|value| !matches!(flow.kind(*value), ValueKind::Text(_) | ValueKind::Template(_)));
            let words = handed.map(|value| flow.sources.slice(flow.span(value)));
            words.into_iter().any(|word| ["name", "Name", "params", "Params"].iter().any(|part| word.contains(part)))
        };
        let mut all: Vec<_> = own.collect();
        let best = all.iter().position(told).unwrap_or(0);
        match all.is_empty() {
            true => (flow.owner(call.named), None),
            false => {
                let (function, _, at) = all.swap_remove(best);
                (function, Some(at))
            }
        }
    }

    /// The arguments of a call, the tool's name marked.
    fn marked(&self, at: ValueRef) -> Vec<crate::flow::meaning::Passed> {
        let flow = self.flow();
        let ValueKind::Call(code) = flow.kind(at) else { return Vec::new() };
        let mut passed = flow.passed(at, &None);
        for (argument, written) in passed.iter_mut().zip(&code.arguments) {
            let text = flow.sources.slice(flow.span(In { module: at.module, id: written.value })).to_lowercase();
            if text.contains("name") {
                argument.value = TOOL_NAME;
            }
        }
        passed
    }

    /// Values of a module that stand inside a region.
    fn inside(&self, module: ModuleId, region: Span, wanted: impl Fn(&ValueKind) -> bool) -> Vec<(Span, ValueRef)> {
        let values = self.flow().program.module(module).values.iter().enumerate();
        let found = values.filter(|(_, value)| region.contains(value.span) && wanted(&value.kind));
        found.map(|(at, value)| (value.span, In { module, id: ValueId(at as u32) })).collect()
    }
}

/// Whether a value is a list, or one of several.
fn is_list(meaning: &Meaning) -> bool {
    meaning.alternatives().iter().any(|one| matches!(one, Meaning::List(_)))
}

fn only_some(tool: &Tool) -> Known<String> {
    Known::is("only some of a list".to_string(), tool.about.span)
}

/// Slots of a tool that is written as it goes over the wire, or as a struct for it.
pub(super) fn written_slots() -> Slots {
    let slots = |names: &[&str]| names.iter().filter_map(|name| Slot::try_from(format!("0.{name}")).ok()).collect();
    Slots {
        name: slots(&["name", "Name"]),
        title: slots(&["title", "Title"]),
        description: slots(&["description", "Description"]),
        input: slots(&["inputSchema", "input_schema", "InputSchema"]),
        annotations: slots(&["annotations", "Annotations"]),
        handler: slots(&["handler", "Handler", "execute", "run"]),
        ..Slots::default()
    }
}

type Named<'n> = &'n dyn Fn(&ValueId) -> bool;

fn arms(chosen: &Match, is_named: Named, regions: &mut Vec<(ValueId, Span)>) {
    for arm in &chosen.arms {
        let named = arm.patterns.iter().find_map(|pattern| match pattern {
            Pattern::Value(value) if is_named(value) => Some(*value),
            _ => None,
        });
        regions.extend(named.map(|named| (named, arm.span)));
    }
}

/// The branches below a block whose test compares with the name of the request.
fn blocks(module: &Module, block: &Block, is_named: Named, regions: &mut Vec<(ValueId, Span)>, depth: u32) {
    if depth > MAX_DEPTH {
        return;
    }
    for statement in &block.statements {
        let inner: Vec<&Block> = match &statement.kind {
            StatementKind::If { test, then, otherwise } => {
                if let (Some(named), Some(region)) = (compared(module, *test, is_named, 8), spanned(module, then)) {
                    regions.push((named, region));
                }
                vec![then, otherwise]
            }
            StatementKind::Match(chosen) => {
                arms(chosen, is_named, regions);
                chosen.arms.iter().map(|arm| &arm.body).collect()
            }
            StatementKind::Loop { body, otherwise, .. } => vec![body, otherwise],
            StatementKind::With { body, .. } | StatementKind::Block(body) => vec![body],
            StatementKind::Try(attempt) => {
                let handlers = attempt.handlers.iter().map(|handler| &handler.body);
                handlers.chain([&attempt.body, &attempt.otherwise]).collect()
            }
            _ => Vec::new(),
        };
        inner.into_iter().for_each(|block| blocks(module, block, is_named, regions, depth + 1));
    }
}

fn spanned(module: &Module, block: &Block) -> Option<Span> {
    let tail = block.tail.map(|tail| module.value(tail).span);
    let mut all = block.statements.iter().map(|statement| statement.span).chain(tail);
    let first = all.next()?;
    Some(all.fold(first, Span::to))
}

/// The name of the request in a test that compares with it.
fn compared(module: &Module, test: ValueId, is_named: Named, depth: u32) -> Option<ValueId> {
    match &module.value(test).kind {
        ValueKind::Binary { operator: Operator::Equal | Operator::Is, left, right } => {
            [left, right].into_iter().find(|side| is_named(side)).copied()
        }
        ValueKind::Binary { operator: Operator::And | Operator::Or, left, right } if depth > 0 => {
            compared(module, *left, is_named, depth - 1).or_else(|| compared(module, *right, is_named, depth - 1))
        }
        _ => None,
    }
}
