//! What a tool tells its caller when something fails: stack traces and exception texts in results, and what the SDK does by
//! itself with an exception that nothing catches.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::code::limits::on_deep_stack;
use crate::code::walk::children;
use crate::code::{MapEntry, MapKey, Name, ValueId, ValueKind};
use crate::extract::tools::behaviour::Does;
use crate::extract::tools::sdk::Sdks;
use crate::extract::versions::{Versions, ecosystem};
use crate::flow::meaning::{Meaning, function_in, value_in};
use crate::flow::scope::{Bound, ContextKind};
use crate::flow::{Flow, FunctionRef, In, ValueRef};
use crate::load::Loaded;
use crate::model::tool::Tool;
use crate::model::usage::Usage;
use crate::model::{About, Facts, Known, ToolId};
use crate::source::Span;

/// Most values that are looked at for one tool.
const MAX_STEPS: u32 = 4_000;
/// Deepest chain of functions whose results make up the tool's.
const MAX_CALLS: u32 = 5;

/// Tools that one thread looks at with the same set of answers.
const TOOLS_AT_ONCE: usize = 64;

/// Adds, for every tool with a handler, what becomes of errors.
pub fn extract(loaded: &Loaded, sdks: &Sdks, facts: &mut Facts) {
    let versions = Versions::new(loaded, facts);
    let asks: BTreeSet<ToolId> =
        facts.effects.iter().filter(|effect| effect.kind == "sql").filter_map(|effect| effect.about.tool).collect();
    let all: Vec<usize> = (0..facts.tools.len()).collect();
    let of_tools = |tools: &[usize]| -> Vec<Usage> {
        let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index());
        tools.iter().flat_map(|at| of_tool(loaded, &flow, facts, (sdks, &versions), (*at, &asks))).collect()
    };
    let found: Vec<Vec<Usage>> =
        on_deep_stack(None, || all.par_chunks(TOOLS_AT_ONCE).with_max_len(1).map(of_tools).collect());
    facts.usages.extend(found.into_iter().flatten());
}

fn of_tool(
    loaded: &Loaded,
    flow: &Flow,
    facts: &Facts,
    (sdks, versions): (&Sdks, &Versions),
    (at, asks): (usize, &BTreeSet<ToolId>),
) -> Vec<Usage> {
    let (tool, id) = (&facts.tools[at], ToolId(at as u32));
    let Some(handler) = &tool.handler else { return Vec::new() };
    let Some(module) = loaded.program.by_source.get(&handler.source) else { return Vec::new() };
    let leaks = Leaks::of(flow, In { module: *module, id: handler.function });
    let about = || About { tool: Some(id), span: handler.span, part_of: None, ..tool.about.clone() };
    let by_sdk = by_sdk(facts, sdks, versions, tool);
    let text = match (&leaks.text, &by_sdk) {
        (Some(_), _) => {
            usage("error-text", about(), leaks.text, "the text of an exception is part of the result", tool)
        }
        (None, Some(Does::This(does))) if does == "hidden" => usage("error-text", about(), None, "", tool),
        (None, Some(Does::This(_))) => {
            let what = "the SDK returns the text of whatever it does not catch";
            usage("error-text", about(), Some(handler.span), what, tool)
        }
        (None, _) => {
            let unknown = Known::unknown("what the SDK does with errors in this version is not known", handler.span);
            Usage { sound: unknown, ..usage("error-text", about(), None, "", tool) }
        }
    };
    let mut found = vec![usage("stack-trace", about(), leaks.trace, "a stack trace is part of the result", tool)];
    if asks.contains(&id) {
        found.push(Usage { topic: "database-error".into(), ..text.clone() });
    }
    found.push(text);
    found
}

fn usage(topic: &str, mut about: About, leak: Option<Span>, what: &str, tool: &Tool) -> Usage {
    let place = about.span;
    let sound = match (leak, &tool.followed) {
        (Some(span), _) => Known::is(false, span),
        (None, Known::Unknown(unknown)) => Known::unknown(unknown.reason.clone(), unknown.span),
        (None, _) => Known::is(true, place),
    };
    about.span = leak.unwrap_or(place);
    Usage { call: about.name.clone(), topic: topic.to_string(), sound, setting: what.to_string(), about }
}

/// What the SDK of a tool's server does with the text of an exception.
fn by_sdk(facts: &Facts, sdks: &Sdks, versions: &Versions, tool: &Tool) -> Option<Does> {
    let server = facts.server(tool.about.server?);
    let sdk = server.sdks.first()?;
    let is_masked = |usage: &Usage| {
        usage.topic == "error-mask"
            && usage.sound.value() == Some(&true)
            && usage.about.span.source == server.about.span.source
    };
    if facts.usages.iter().any(is_masked) {
        return Some(Does::This("hidden".into()));
    }
    let table = sdks.all.iter().find(|table| table.id == sdk.table)?;
    let used = versions.of(ecosystem(&sdk.language), &sdk.name, &server.root);
    Some(table.does("error-text", &sdk.name, used.and_then(|used| used.range.as_ref())))
}

/// What of an error stands in a result.
#[derive(Default)]
struct Leaks {
    trace: Option<Span>,
    text: Option<Span>,
}

impl Leaks {
    fn of(flow: &Flow, handler: FunctionRef) -> Leaks {
        let mut seeker = Seeker { flow, leaks: Leaks::default(), seen: BTreeSet::new(), member: None, steps: 0 };
        seeker.results(handler, 0);
        seeker.leaks
    }
}

/// Goes backwards from results to what they are made of.
struct Seeker<'a> {
    flow: &'a Flow<'a>,
    leaks: Leaks,
    /// What was looked at, and which member of it was wanted.
    seen: BTreeSet<(ValueRef, Option<&'a str>)>,
    /// The member of an error that is given back, where not all of what is looked at is: `message`.
    member: Option<&'a str>,
    steps: u32,
}

impl Seeker<'_> {
    fn results(&mut self, function: FunctionRef, depth: u32) {
        for value in &self.flow.scopes(function.module).returns[function.id.index()] {
            self.value(value_in(function.module, *value), depth);
        }
    }

    fn value(&mut self, at: ValueRef, depth: u32) {
        self.steps += 1;
        if self.steps > MAX_STEPS || !self.seen.insert((at, self.member)) || is_log(self.flow, at) {
            return;
        }
        let around = self.member;
        self.member = around.or_else(|| member_of_error(self.flow, at));
        self.inner(at, depth);
        self.member = around;
    }

    /// What an object holds beside the member that is given back is not given back with it.
    fn entries(&mut self, at: ValueRef, entries: &[MapEntry], member: &str, depth: u32) {
        self.member = None;
        for entry in entries {
            let may_be = match &entry.key {
                MapKey::Name(name, _) => name == member,
                MapKey::Value(_) | MapKey::Spread => true,
            };
            if may_be {
                self.value(value_in(at.module, entry.value), depth);
            }
        }
    }

    fn inner(&mut self, at: ValueRef, depth: u32) {
        if is_trace(self.flow, at) {
            self.leaks.trace.get_or_insert(self.flow.span(at));
            return;
        }
        if let (ValueKind::Map(entries), Some(member)) = (self.flow.kind(at), self.member) {
            return self.entries(at, entries, member, depth);
        }
        match self.flow.kind(at) {
            ValueKind::Name(name) => self.name(at, name, depth),
            ValueKind::Call(call) => self.called(value_in(at.module, call.callee), depth),
            ValueKind::Block(block) => {
                block.tail.iter().for_each(|tail| self.value(value_in(at.module, *tail), depth));
            }
            _ => {}
        }
        let mut under = Vec::new();
        children(self.flow.kind(at), &mut |id: ValueId| under.push(id));
        under.into_iter().for_each(|id| self.value(value_in(at.module, id), depth));
    }

    /// What a name is bound to in its function, and what is put into it.
    fn name(&mut self, at: ValueRef, name: &Name, depth: u32) {
        let owner = self.flow.owner(at);
        let scopes = self.flow.scopes(at.module);
        for binding in scopes.bindings[owner.id.index()].get(name).into_iter().flatten().take(8) {
            match binding.bound {
                Bound::Value(value) | Bound::Changed(value) => self.value(value_in(at.module, value), depth),
                Bound::Nothing => {
                    let is_caught = |context: &ContextKind| matches!(context, ContextKind::Handler(_));
                    if scopes.chain(binding.context).any(is_caught) && scopes.around(at.id).any(is_caught) {
                        self.leaks.text.get_or_insert(self.flow.span(at));
                    }
                }
                _ => {}
            }
        }
        for (place, value) in &scopes.member_assignments {
            let named = member_of_error(self.flow, value_in(at.module, *place));
            if self.member.is_some() && named != self.member {
                continue;
            }
            let (ValueKind::Field { base, .. } | ValueKind::Index { base, .. }) =
                self.flow.kind(value_in(at.module, *place))
            else {
                continue;
            };
            let is_same = matches!(self.flow.kind(value_in(at.module, *base)), ValueKind::Name(own) if own == name);
            if is_same && scopes.owner[place.index()] == owner.id {
                self.value(value_in(at.module, *value), depth);
            }
        }
    }

    /// What a function of the tree gives back.
    fn called(&mut self, callee: ValueRef, depth: u32) {
        if depth >= MAX_CALLS {
            return;
        }
        if let Meaning::Function(function, ..) = self.flow.asking_within(400, || self.flow.meaning(callee, &None)).0 {
            self.results(function_in(function.module, function.id), depth + 1);
        }
    }
}

/// Whether a call writes a log: what it is given is not given back.
fn is_log(flow: &Flow, at: ValueRef) -> bool {
    let ValueKind::Call(call) = flow.kind(at) else { return false };
    let callee = flow.sources.slice(flow.span(value_in(at.module, call.callee))).to_ascii_lowercase();
    ["log.", "logger.", "logging.", "console.", "print", "tracing."]
        .iter()
        .any(|start| callee.starts_with(start) || callee.contains(".log"))
}

/// The member of an error that a value is, where that tells less than the whole error does: `error.message`.
fn member_of_error<'a>(flow: &'a Flow<'_>, at: ValueRef) -> Option<&'a str> {
    let ValueKind::Field { name, .. } = flow.kind(at) else { return None };
    matches!(name.as_str(), "message" | "name" | "code" | "status").then_some(name.as_str())
}

/// Whether a value is a stack trace.
fn is_trace(flow: &Flow, at: ValueRef) -> bool {
    match flow.kind(at) {
        ValueKind::Call(call) => {
            let callee = flow.sources.slice(flow.span(value_in(at.module, call.callee)));
            let last = callee.rsplit('.').next().unwrap_or(callee);
            matches!(last, "format_exc" | "format_exception" | "format_tb" | "format_stack") || callee == "debug.Stack"
        }
        ValueKind::Field { base, name } if name == "stack" => {
            let base = flow.sources.slice(flow.span(value_in(at.module, *base)));
            matches!(base, "e" | "err" | "error" | "ex" | "exc" | "exception" | "reason" | "cause")
        }
        _ => false,
    }
}
