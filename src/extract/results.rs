//! What tools give back: how much of what they read, whether all columns of it, and whether a schema says what it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use rayon::prelude::*;
use regex::Regex;

use crate::code::ValueKind;
use crate::extract::tools::behaviour::Does;
use crate::extract::tools::sdk::Sdks;
use crate::extract::usages::is_made_of;
use crate::extract::versions::{Versions, ecosystem};
use crate::flow::meaning::value_in;
use crate::flow::scope::ContextKind;
use crate::flow::{Flow, In, ValueRef};
use crate::load::Loaded;
use crate::model::effect::{Arrival, Effect};
use crate::model::policy::Handover;
use crate::model::tool::Tool;
use crate::model::usage::Usage;
use crate::model::{About, Facts, Known, ToolId};
use crate::source::Span;

use self::controls::{Controls, Memo};
use self::seek::{Made, Sources, Start, seek};
use self::wrapping::Wide;

mod content;
mod controls;
mod handed;
mod marking;
mod reaching;
mod redacting;
mod schema;
mod screening;
mod secrets;
mod seek;
mod size;
mod words;
mod wrapping;

/// Tools that one thread looks at with the same set of answers.
const TOOLS_AT_ONCE: usize = 16;

static ALL_COLUMNS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\bselect\s+(distinct\s+)?([a-z_]\w*\.)?\*(\s|,|$)").expect("a fixed pattern"));
static SELECT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)\bselect\b").expect("a fixed pattern"));

/// What is known of the results of every tool with a handler.
pub fn found(loaded: &Loaded, sdks: &Sdks, facts: &Facts) -> Vec<Told> {
    let versions = Versions::new(loaded, facts);
    let all: Vec<usize> = (0..facts.tools.len()).collect();
    let wides = wrapping::middlewares(loaded, &Flow::new(&loaded.program, &loaded.sources, loaded.index()));
    let (effects, arrivals) = (by_tool(&facts.effects, |one| &one.about), by_tool(&facts.arrivals, |one| &one.about));
    let of = |at: usize| (of_one(&effects, at), of_one(&arrivals, at));
    // Tools of one server share most of what they give back.
    let of_servers = all.chunk_by(|one, other| facts.tools[*one].about.server == facts.tools[*other].about.server);
    let parts: Vec<&[usize]> = of_servers.flat_map(|tools| tools.chunks(TOOLS_AT_ONCE)).collect();
    let found: Vec<Vec<Told>> = parts
        .into_par_iter()
        .with_max_len(1)
        .map(|tools| {
            let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index());
            let memo = Memo::default();
            tools
                .iter()
                .filter_map(|at| of_tool(loaded, (&flow, &memo), sdks, (&versions, &wides), (facts, of(*at)), *at))
                .collect()
        })
        .collect();
    found.into_iter().flatten().collect()
}

/// Facts by the tool that they are about, in their order.
fn by_tool<T>(facts: &[T], about: impl Fn(&T) -> &About) -> BTreeMap<ToolId, Vec<&T>> {
    let mut all: BTreeMap<ToolId, Vec<&T>> = BTreeMap::new();
    for fact in facts {
        if let Some(tool) = about(fact).tool {
            all.entry(tool).or_default().push(fact);
        }
    }
    all
}

fn of_one<T>(all: &BTreeMap<ToolId, Vec<T>>, at: usize) -> &[T] {
    all.get(&ToolId(at as u32)).map_or(&[], Vec::as_slice)
}

/// What is told of one tool.
pub type Told = (Vec<Usage>, Vec<Handover>);

fn of_tool(
    loaded: &Loaded,
    (flow, memo): (&Flow, &Memo),
    sdks: &Sdks,
    (versions, wides): (&Versions, &[Wide]),
    (facts, (effects, arrivals)): (&Facts, (&[&Effect], &[&Arrival])),
    at: usize,
) -> Option<Told> {
    let tool = &facts.tools[at];
    let handler = tool.handler.as_ref()?;
    let module = loaded.program.by_source.get(&handler.source)?;
    let function = In { module: *module, id: handler.function };
    let arrived = arrived(arrivals.iter().copied());
    let read = Read { arrived, ..Read::new(loaded, (flow, memo), tool, effects, beside(facts, tool)) };
    let start = wrapping::start(flow, function, handler);
    let made = seek(flow, memo, &start, &read);
    let about = About { tool: Some(ToolId(at as u32)), span: handler.span, part_of: None, ..tool.about.clone() };
    let mut found = Vec::new();
    found.extend(size::size(&read, &made, &about, caps(flow, facts, tool)));
    found.extend(columns(&read, &made, &about));
    found.extend(schema::usage(flow, function, tool, &made, &about, || derives(facts, sdks, versions, tool)));
    let around = wrapping::through(loaded, tool, &start).map(|through| seek(flow, memo, &through, &read));
    let whole = around.filter(|around| made.of.keys().all(|span| around.of.contains_key(span)));
    let wide = wides.iter().filter(|wide| is_around(facts, tool, wide)).collect::<Vec<_>>();
    let mut handed = handed::find(&read, whole.as_ref().unwrap_or(&made), &about, (&wide, start.unsure));
    if let Some(secret) = secrets::returned(flow, (&Start { function, ..start }, memo), effects, &read) {
        handed.push(Handover { about: About { span: secret.about.span, ..about }, ..secret });
    }
    Some((found, handed))
}

/// Whether a middleware sees what a tool returns: it is attached where the server is made, or there is no other server.
fn is_around(facts: &Facts, tool: &Tool, wide: &Wide) -> bool {
    let Some(server) = tool.about.server else { return false };
    let is_only = facts.servers.iter().filter(|one| one.implemented).count() == 1;
    is_only || wide.source == Some(facts.server(server).about.span.source)
}

/// The effects at which arguments of a tool arrive, with the classes of what could go wrong there.
fn arrived<'a>(arrivals: impl Iterator<Item = &'a Arrival>) -> BTreeMap<Span, BTreeSet<String>> {
    let mut found: BTreeMap<Span, BTreeSet<String>> = BTreeMap::new();
    for arrival in arrivals {
        let places = std::iter::once(arrival.about.span).chain(arrival.path.iter().map(|note| note.span));
        places.for_each(|place| {
            found.entry(place).or_default().insert(arrival.class.clone());
        });
    }
    found
}

/// Other tools that the same function answers.
fn beside(facts: &Facts, tool: &Tool) -> BTreeSet<String> {
    let at = |tool: &Tool| tool.handler.as_ref().map(|handler| (handler.source, handler.function));
    let others = facts.tools.iter().filter(|other| at(other) == at(tool) && other.about.name != tool.about.name);
    others.map(|other| other.about.name.clone()).collect()
}

/// Whether the SDK makes an output schema of the return type, in this version.
fn derives(facts: &Facts, sdks: &Sdks, versions: &Versions, tool: &Tool) -> Option<Does> {
    let server = facts.server(tool.about.server?);
    let sdk = server.sdks.first().filter(|sdk| sdk.layer == "high-level")?;
    let table = sdks.all.iter().find(|table| table.id == sdk.table)?;
    let used = versions.of(ecosystem(&sdk.language), &sdk.name, &server.root);
    Some(table.does("output-schema", &sdk.name, used.and_then(|used| used.range.as_ref())))
}

/// A middleware of the server that cuts every result.
fn caps(flow: &Flow, facts: &Facts, tool: &Tool) -> Option<Span> {
    let server = facts.server(tool.about.server?);
    let is_cap = |name: &str| name.ends_with("ResponseLimitingMiddleware");
    let calls = flow.outside_calls().iter().filter(|(name, _)| is_cap(name)).flat_map(|(_, calls)| calls);
    calls.map(|call| flow.span(*call)).find(|span| span.source == server.about.span.source)
}

/// Whether an effect delivers content: what a file, a service, a database or a program answers.
fn delivers(effect: &Effect) -> bool {
    let last = effect.call.rsplit(['.', '#', ':']).next().unwrap_or(&effect.call);
    let is_read = || match effect.kind.as_str() {
        "network" => content::reads(last),
        kind => content::delivers(kind, &effect.call),
    };
    words::delivers(&effect.kind, &effect.call) || is_read()
}

/// What delivers content, by the place of the call.
struct Read<'a> {
    flow: &'a Flow<'a>,
    memo: &'a Memo,
    effects: BTreeMap<Span, &'a Effect>,
    calls: BTreeMap<Span, ValueRef>,
    /// Effects at which arguments arrive, with the classes of it.
    arrived: BTreeMap<Span, BTreeSet<String>>,
    /// Whether the tool shows pages in a browser.
    has_browser: bool,
    /// Arguments whose largest value the schema says.
    bounded: Vec<String>,
    /// Name of the tool, and of those that the same function answers.
    names: (String, BTreeSet<String>),
}

impl<'a> Read<'a> {
    fn new(
        loaded: &Loaded,
        (flow, memo): (&'a Flow<'a>, &'a Memo),
        tool: &Tool,
        effects: &[&'a Effect],
        beside: BTreeSet<String>,
    ) -> Self {
        let delivering = effects.iter().filter(|effect| delivers(effect));
        let has_browser = effects.iter().any(|effect| effect.kind == "browser" || effect.call.ends_with("goto"));
        let effects: BTreeMap<Span, &Effect> = delivering.map(|effect| (effect.about.span, *effect)).collect();
        let mut calls = BTreeMap::new();
        for span in effects.keys() {
            let Some(module) = loaded.program.by_source.get(&span.source) else { continue };
            let at = flow.scopes(*module).calls.iter().map(|call| value_in(*module, *call));
            calls.extend(at.filter(|call| flow.span(*call) == *span).map(|call| (*span, call)));
        }
        let properties = tool.input_schema.value().and_then(|schema| schema.json.get("properties")?.as_object());
        let has_most = |schema: &serde_json::Value| {
            ["maximum", "exclusiveMaximum", "enum", "const"].iter().any(|key| schema.get(key).is_some())
        };
        let bounded =
            properties.into_iter().flatten().filter(|(_, schema)| has_most(schema)).map(|(name, _)| name.clone());
        let names = (tool.about.name.clone(), beside);
        let arrived = BTreeMap::new();
        Read { flow, memo, effects, calls, arrived, has_browser, bounded: bounded.collect(), names }
    }

    /// All constant texts of the statement that a query runs.
    fn statement(&self, span: &Span) -> Option<String> {
        let effect = self.effects.get(span)?;
        if let Some(target) = effect.target.value() {
            return Some(target.clone());
        }
        let texts = self.texts(span)?;
        (!texts.is_empty()).then(|| texts.join(" "))
    }

    /// Constant texts of the first argument of a call.
    fn texts(&self, span: &Span) -> Option<Vec<String>> {
        let call = *self.calls.get(span)?;
        let ValueKind::Call(code) = self.flow.kind(call) else { return None };
        let first = value_in(call.module, code.arguments.first()?.value);
        Some(Controls { flow: self.flow, memo: self.memo }.constants(first))
    }

    /// The collection of persons that a request asks for by the last constant part of its address.
    fn asked(&self, span: &Span) -> Option<String> {
        let target = self.effects.get(span)?.target.value().cloned();
        let texts = target.map(|one| vec![one]).or_else(|| self.texts(span))?;
        let last = texts.iter().rfind(|text| text.contains('/'))?;
        let path = last.split('?').next().unwrap_or(last);
        let segment = path.rsplit('/').find(|segment| !segment.is_empty())?;
        content::is_of_persons(segment).then(|| segment.to_string())
    }

    /// What stands at a place, for a sentence: the member that is taken there.
    fn shown(&self, at: Span) -> String {
        let text = self.flow.sources.slice(at);
        let last = text.rsplit(['.', '\n']).next().unwrap_or(text);
        format!("`{}`", last.trim_matches(['"', '\'', '`', '[', ']', ')']))
    }

    /// Texts of the statement that a query runs.
    fn sql(&self, span: &Span) -> Option<String> {
        let effect = self.effects.get(span).filter(|effect| effect.kind == "sql")?;
        if let Some(target) = effect.target.value() {
            return Some(target.clone());
        }
        let call = *self.calls.get(span)?;
        let ValueKind::Call(code) = self.flow.kind(call) else { return None };
        let texts = std::cell::RefCell::new(Vec::new());
        let note = |flow: &Flow, value: ValueRef| {
            if let ValueKind::Text(text) = flow.kind(value) {
                texts.borrow_mut().push(text.to_string());
            }
            false
        };
        let first = value_in(call.module, code.arguments.first()?.value);
        is_made_of(self.flow, first, &note);
        let whole = texts.into_inner().join(" ");
        SELECT.is_match(&whole).then_some(whole)
    }

    /// Whether a request asks for a page or a range.
    fn asks_for_part(&self, span: &Span) -> bool {
        let Some(call) = self.calls.get(span) else { return false };
        let function = self.flow.function(self.flow.owner(*call)).span;
        let text = self.flow.sources.slice(function);
        words::asks_for_part(text.get(..text.len().min(6_000)).unwrap_or(text))
    }
}

impl Sources for Read<'_> {
    fn is_source(&self, span: Span) -> bool {
        self.effects.contains_key(&span)
    }

    fn delivers(&self, method: &str) -> bool {
        self.has_browser && content::delivers("browser", method)
    }

    fn has_controls(&self) -> bool {
        true
    }

    fn queries(&self, function: Span) -> Vec<Span> {
        let sql = self.effects.iter().filter(|(span, effect)| effect.kind == "sql" && function.contains(**span));
        sql.map(|(span, _)| *span).collect()
    }

    fn is_of_another(&self, value: ValueRef) -> bool {
        let (own, others) = &self.names;
        if others.is_empty() {
            return false;
        }
        let tests = self.flow.scopes(value.module).around(value.id).filter_map(|context| match context {
            ContextKind::Branch(test, true) => Some(*test),
            _ => None,
        });
        let is_other_arm = |context: &ContextKind| match context {
            ContextKind::Arm(_, arm) => {
                let text = self.flow.sources.slice(*arm);
                named_cases(text).all(|name| name != own) && named_cases(text).any(|name| others.contains(name))
            }
            _ => false,
        };
        if self.flow.scopes(value.module).around(value.id).any(is_other_arm) {
            return true;
        }
        let names = |wanted: &dyn Fn(&str) -> bool, test: ValueRef| {
            let is = |flow: &Flow, one: ValueRef| match flow.kind(one) {
                ValueKind::Text(text) => wanted(text),
                ValueKind::Field { .. } => {
                    flow.asking_within(100, || flow.meaning(one, &None)).0.text().is_some_and(|text| wanted(text))
                }
                _ => false,
            };
            is_made_of(self.flow, test, &is)
        };
        tests
            .take(8)
            .map(|test| value_in(value.module, test))
            .any(|test| names(&|text| others.contains(text), test) && !names(&|text| text == own, test))
    }

    fn bounds(&self, value: ValueRef) -> bool {
        size::bounds(self, value)
    }
}

/// Whether every column of a table is returned.
fn columns(read: &Read, made: &Made, about: &About) -> Vec<Usage> {
    let mut found = Vec::new();
    for (span, ways) in &made.of {
        let Some(sql) = read.sql(span).filter(|sql| SELECT.is_match(sql)) else { continue };
        let takes_all = ALL_COLUMNS.is_match(&sql);
        let passes_on = ways.iter().any(|way| !way.picked);
        let is_vague = ways.iter().all(|way| way.vague);
        let sound = match (takes_all, passes_on, is_vague) {
            (true, true, false) => Known::is(false, *span),
            (true, true, true) => Known::unknown("not known: what becomes of the rows", *span),
            _ => Known::is(true, *span),
        };
        found.push(Usage {
            about: About { span: *span, ..about.clone() },
            topic: "columns".to_string(),
            call: about.name.clone(),
            sound,
            setting: if takes_all { "`SELECT *`".into() } else { "the columns are named".into() },
        });
    }
    found
}

/// The texts that an arm stands for, before its colon or its arrow.
fn named_cases(arm: &str) -> impl Iterator<Item = &str> {
    let mut left = arm;
    std::iter::from_fn(move || {
        loop {
            let (at, mark) = left.char_indices().find(|(_, one)| matches!(one, '"' | '\'' | '`' | ':' | '='))?;
            let after = &left[at + 1..];
            left = match mark {
                ':' => after.strip_prefix(':')?,
                '=' if after.starts_with('>') => return None,
                '=' => after,
                quote => {
                    let (name, rest) = after.split_once(quote)?;
                    left = rest;
                    return Some(name);
                }
            };
        }
    })
}
