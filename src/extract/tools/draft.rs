//! Servers and tools while they are being gathered.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::code::ValueKind;
use crate::extract::tools::listing::Listing;
use crate::extract::tools::sdk::Slots;
use crate::extract::tools::server::{Key, KindId};
use crate::extract::tools::site::{self, Filled, Told};
use crate::flow::meaning::{Meaning, Passed, Within, levels, push};
use crate::flow::{Flow, Frame, FunctionRef, In, ModuleId, ValueRef};
use crate::model::offer::Offer;
use crate::model::tool::{Handler, MadeBy, NamePlace, Tool, ToolOrigin};
use crate::model::{About, Known, Spanned};
use crate::source::Span;

/// A server while its tools are gathered.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What tells it from others.
    pub key: Key,
    /// Its table.
    pub kind: KindId,
    /// Where it is made.
    pub span: Span,
    /// Name that it gives itself.
    pub name: Known<String>,
    /// Instructions for the model.
    pub instructions: Known<String>,
    /// Its tools, in the order found.
    pub tools: Vec<Tool>,
    /// Its prompts and resources.
    pub offers: Vec<Offer>,
    /// What its lists of prompts and resources name.
    pub listings: Vec<Listing>,
    /// Why its inventory is not closed.
    pub openings: Vec<Spanned<String>>,
    /// Servers whose tools it takes in, with the prefix.
    pub mounted: Vec<(Key, Known<String>)>,
    /// Names of tools that are taken away again, and whether that is for sure.
    pub removed: Vec<(String, bool)>,
    /// Names that `tools/call` tells apart, with the place of each.
    pub arms: Vec<(Spanned<String>, Option<Handler>)>,
    /// Whether `tools/call` reaches handlers by names that are not written there.
    pub is_dispatch_open: bool,
    /// The handler of `tools/list`.
    pub list_handler: Option<FunctionRef>,
    /// The handler of `tools/call`.
    pub call_handler: Option<FunctionRef>,
    /// The calls that made it, outermost first.
    pub call_made_by: Vec<MadeBy>,
    /// Whether that takes the place of what would have called the functions that tools are registered with.
    pub call_overrides: bool,
    /// Where that finds the name of the tool.
    pub call_names: Vec<NamePlace>,
    /// What the handler of `tools/call` does about arguments before the tool's own code.
    pub call_validation: (Option<bool>, Option<String>),
    /// Whether the server is told to validate arguments.
    pub validates: bool,
    /// Whether the server is told to reject unknown keys.
    pub rejects: bool,
    /// Whether a handler of `tools/list` was read.
    pub has_list: bool,
    /// Whether tools are handed to it that were not found.
    pub is_unfollowed: bool,
    /// Modules in which tools are handed to it.
    pub sites: BTreeSet<ModuleId>,
    /// Transports that its own methods start.
    pub runs: Vec<crate::model::server::Listener>,
}

/// What is said of the place where a name is written, where that is another file than the one that registers it.
pub const NAMED: &str = "named here";

/// All drafts, by key.
pub type Drafts = BTreeMap<Key, Draft>;

impl Draft {
    /// A server without tools.
    pub fn new(key: Key, kind: KindId, span: Span) -> Self {
        Draft {
            key,
            kind,
            span,
            name: Known::Absent,
            instructions: Known::Absent,
            tools: Vec::new(),
            offers: Vec::new(),
            listings: Vec::new(),
            openings: Vec::new(),
            mounted: Vec::new(),
            removed: Vec::new(),
            arms: Vec::new(),
            is_dispatch_open: false,
            list_handler: None,
            call_handler: None,
            call_made_by: Vec::new(),
            call_overrides: false,
            call_names: Vec::new(),
            call_validation: (None, None),
            validates: false,
            rejects: false,
            has_list: false,
            is_unfollowed: false,
            sites: BTreeSet::new(),
            runs: Vec::new(),
        }
    }

    /// Notes why the inventory is not closed.
    pub fn open(&mut self, span: Span, why: impl Into<String>) {
        let opening = Spanned::new(why.into(), span);
        if !self.openings.contains(&opening) {
            self.openings.push(opening);
        }
    }

    /// Takes away what was registered and then removed.
    pub fn take_away(&mut self) {
        for (name, is_sure) in std::mem::take(&mut self.removed) {
            if is_sure {
                self.tools.retain(|tool| tool.about.name != name);
            }
            for tool in self.tools.iter_mut().filter(|tool| tool.about.name == name) {
                tool.condition = Known::is("only until it is removed".to_string(), tool.about.span);
            }
        }
    }

    /// Adds a tool; one of the same name at the same place is the same, and then surer of the two counts.
    pub fn add(&mut self, tool: Tool) {
        match self.tools.iter_mut().find(|other| other.about.name == tool.about.name) {
            Some(other) => {
                if tool.condition.is_absent() {
                    other.condition = Known::Absent;
                    other.on_by_default = Known::Absent;
                } else if tool.on_by_default.value() == Some(&true) {
                    other.on_by_default = tool.on_by_default.clone();
                }
                if other.handler.is_none() && tool.handler.is_some() {
                    answer(other, &tool);
                }
                if other.about.span != tool.about.span {
                    other.places.push(Spanned::new("also declared here".to_string(), tool.about.span));
                }
            }
            None => self.tools.push(tool),
        }
    }
}

/// A tool that was only listed so far is answered, and its arguments are held to a schema, as it was registered.
fn answer(listed: &mut Tool, registered: &Tool) {
    listed.handler.clone_from(&registered.handler);
    listed.sdk_validates = registered.sdk_validates.clone();
    listed.unknown_keys = registered.unknown_keys.clone();
    if registered.has_input_schema {
        listed.has_input_schema = true;
        listed.input_schema = registered.input_schema.clone();
    }
}

/// What a table says about validation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Validation<'a> {
    /// Whether arguments are validated before the handler.
    pub validates: Option<bool>,
    /// What happens to unknown keys.
    pub unknown_keys: Option<&'a str>,
}

/// Puts a tool together from what is told about it. An unknown name gives the place and reason instead.
pub fn tool(
    flow: &Flow,
    told: &Told,
    slots: &Slots,
    given_handler: Option<&Meaning>,
    at: ValueRef,
    validation: Validation,
) -> Result<Tool, Spanned<String>> {
    let place = flow.span(at);
    let handler =
        given_handler.cloned().or_else(|| site::first(flow, told, &slots.handler).map(|filled| filled.meaning));
    let found = handler.as_ref().and_then(|handler| site::closure(flow, handler));
    let function = found.as_ref().map(|found| site::signed_as(flow, found));
    let named = site::first(flow, told, &slots.name).map(|named| site::by_default(flow, told, &slots.name, named));
    let written = named.as_ref().and_then(|named| match &named.meaning {
        Meaning::Text(_, written) => Some(*written),
        _ => None,
    });
    let (name, span) = name(flow, named, handler.as_ref(), given_handler.is_some(), at)?;
    let mut description = site::text(site::first(flow, told, &slots.description).as_ref(), place);
    if let (Known::Absent, Some(function)) = (&description, function)
        && slots.input.is_empty()
        && let Some(documentation) = &flow.function(function).documentation
    {
        description = Known::is(documentation.text.to_string(), documentation.span);
    }
    let mut made = plain_tool(name, span, validation);
    made.title = site::text(site::first(flow, told, &slots.title).as_ref(), place);
    made.description = description;
    made.handler = found.as_ref().map(|found| closure_of(flow, found));
    made.places = vec![Spanned::new("registered here".to_string(), place)];
    let elsewhere = written.filter(|written| written.source != span.source);
    made.places.extend(elsewhere.map(|written| Spanned::new(NAMED.to_string(), written)));
    hints(flow, site::first(flow, told, &slots.annotations), place, &mut made);
    let enabled = site::first(flow, told, &slots.enabled);
    if let Some(Filled { meaning: Meaning::Bool(false), span }) = enabled {
        let span = span.unwrap_or(place);
        made.condition = Known::is("only once it is enabled".to_string(), span);
        made.on_by_default = Known::is(false, span);
    }
    let input = site::first(flow, told, &slots.input);
    crate::extract::tools::schema::fill(
        flow,
        &mut made,
        input,
        site::first(flow, told, &slots.output),
        function,
        slots,
    );
    if let Some(handler) = &found {
        crate::extract::tools::schema::fill_through_wrapper(flow, &mut made, handler);
    }
    if let (Some(options), Told::Arguments(arguments)) = (&slots.options, told) {
        crate::extract::tools::schema::options::fill(flow, &mut made, options, arguments, place);
    }
    Ok(made)
}

/// A tool of which nothing but the name is known.
pub fn plain_tool(name: String, span: Span, validation: Validation) -> Tool {
    Tool {
        about: About::new(name, span),
        title: Known::Absent,
        description: Known::Absent,
        read_only_hint: Known::Absent,
        destructive_hint: Known::Absent,
        idempotent_hint: Known::Absent,
        open_world_hint: Known::Absent,
        has_input_schema: false,
        has_output_schema: false,
        listed: true,
        dispatched: Known::is(true, span),
        only_named: false,
        condition: Known::Absent,
        on_by_default: Known::Absent,
        through: None,
        validated: Known::Absent,
        sdk_validates: validation.validates.map_or(Known::Absent, |is| Known::is(is, span)),
        unknown_keys: validation.unknown_keys.map_or(Known::Absent, |is| Known::is(is.to_string(), span)),
        followed: Known::Absent,
        input_schema: Known::Absent,
        enforced: Default::default(),
        output_schema: Known::Absent,
        handler: None,
        copies: Vec::new(),
        origin: ToolOrigin::Source,
        places: vec![Spanned::new("named here".to_string(), span)],
    }
}

/// The handler as the model names it.
pub fn handler_of(flow: &Flow, function: FunctionRef) -> Handler {
    let code = flow.function(function);
    Handler {
        source: code.span.source,
        function: function.id,
        class: code.class,
        span: code.name_span,
        made_by: Vec::new(),
        names: Vec::new(),
    }
}

/// The handler with the calls inside which it was made.
pub fn closure_of(flow: &Flow, (function, frame): &(FunctionRef, Frame)) -> Handler {
    Handler { made_by: made_by(flow, frame), ..handler_of(flow, *function) }
}

/// Deepest chain of calls whose arguments come from yet another call.
const MAX_GIVEN: u32 = 4;

/// The calls and turns of a frame, outermost first.
pub fn made_by(flow: &Flow, frame: &Frame) -> Vec<MadeBy> {
    made_within(flow, frame, MAX_GIVEN)
}

fn made_within(flow: &Flow, frame: &Frame, depth: u32) -> Vec<MadeBy> {
    let source = |module| flow.program.module(module).source;
    let mut calls: Vec<MadeBy> = levels(frame)
        .filter_map(|level| match level {
            Within::Call { function, at: Some(at), arguments, .. } => Some(MadeBy::Call {
                function: (source(function.module), function.id),
                call: (source(at.module), at.id),
                given_in: depth.checked_sub(1).map_or(Vec::new(), |depth| given_in(flow, arguments, frame, depth)),
            }),
            Within::Call { .. } => None,
            Within::Turn(over, _, at) => Some(MadeBy::Turn { over: (source(over.module), over.id), at: *at }),
        })
        .collect();
    calls.reverse();
    calls
}

/// Inside which calls the arguments of a call are written, where these are not around the function too.
fn given_in(flow: &Flow, arguments: &[Passed], around: &Frame, depth: u32) -> Vec<MadeBy> {
    let written = arguments.iter().find_map(|argument| match &argument.value {
        Meaning::Later(_, Some(level)) => Some(level),
        _ => None,
    });
    let mut outer = std::iter::successors(around.as_ref(), |level| level.parent.as_ref());
    match written {
        Some(level) if !outer.any(|other| Rc::ptr_eq(other, level)) => made_within(flow, &Some(level.clone()), depth),
        _ => Vec::new(),
    }
}

/// The calls and turns of a frame as a frame again.
pub fn frame_of(flow: &Flow, made_by: &[MadeBy]) -> Frame {
    let module = |source| flow.program.by_source.get(&source).copied();
    made_by.iter().fold(None, |frame, made| match made {
        MadeBy::Turn { over: (source, id), at } => match module(*source) {
            Some(module) => flow.at_element(In { module, id: *id }, *at, &frame),
            None => frame,
        },
        MadeBy::Call { function, call, given_in } => {
            let (Some(callee), Some(caller)) = (module(function.0), module(call.0)) else { return frame };
            let at = In { module: caller, id: call.1 };
            let from = if given_in.is_empty() { frame.clone() } else { frame_of(flow, given_in) };
            let arguments = flow.passed_on(at, &from);
            let function = In { module: callee, id: function.1 };
            let this = called_on(flow, at, function, &from);
            push(&frame, Within::Call { function, arguments, this, at: Some(at) })
        }
    })
}

/// What a method is called on.
fn called_on(flow: &Flow, at: ValueRef, function: FunctionRef, frame: &Frame) -> Option<Rc<Meaning>> {
    flow.function(function).class?;
    let ValueKind::Call(call) = flow.kind(at) else { return None };
    let callee = In { module: at.module, id: call.callee };
    let (meaning, _) = flow.asking(|| flow.meaning(callee, frame));
    meaning.alternatives().iter().find_map(|one| match one {
        Meaning::Function(found, _, this) if *found == function => this.clone(),
        _ => None,
    })
}

fn name(
    flow: &Flow,
    filled: Option<Filled>,
    handler: Option<&Meaning>,
    is_decorated: bool,
    at: ValueRef,
) -> Result<(String, Span), Spanned<String>> {
    let place = flow.span(at);
    match (&filled, handler) {
        (Some(Filled { meaning: Meaning::Text(text, at), span }), _) => {
            let span = span.unwrap_or(*at);
            Ok((text.to_string(), if is_decorated { *at } else { span }))
        }
        (Some(filled), _) => Err(Spanned::new(
            format!("the name of a tool {}", site::reason(&filled.meaning)),
            filled.span.unwrap_or(place),
        )),
        (None, Some(handler)) => match site::own_name(flow, handler, at) {
            Some((name, span)) => Ok((name.to_string(), span)),
            None => Err(Spanned::new(
                "the name of a tool is that of a function that is only known at run time".into(),
                place,
            )),
        },
        (None, None) => Err(Spanned::new("a tool without a name that is known".into(), place)),
    }
}

/// Fills the hints of a tool from its annotations.
pub fn hints(flow: &Flow, annotations: Option<Filled>, place: Span, tool: &mut Tool) {
    let Some(annotations) = annotations else { return };
    let at = annotations.span.unwrap_or(place);
    let mut told = Told::Object(annotations.meaning.clone());
    if let Meaning::Made(made) = &annotations.meaning {
        told = Told::Arguments(made.arguments.clone());
    }
    let hint = |names: [&str; 3]| {
        let slots = names.map(|name| crate::extract::tools::sdk::Slot {
            head: crate::extract::tools::sdk::Head::Keyword(name.into()),
            members: Vec::new(),
        });
        match site::first(flow, &told, &slots) {
            None => Known::Absent,
            Some(filled) => match pointed(flow, &filled.meaning) {
                Meaning::Bool(is) => Known::is(is, filled.span.unwrap_or(at)),
                other => Known::unknown(site::reason(&other), filled.span.unwrap_or(at)),
            },
        }
    };
    match annotations.meaning {
        Meaning::Map(_) | Meaning::Made(_) | Meaning::Instance(_) => {
            tool.read_only_hint = hint(["readOnlyHint", "read_only_hint", "ReadOnlyHint"]);
            tool.destructive_hint = hint(["destructiveHint", "destructive_hint", "DestructiveHint"]);
            tool.idempotent_hint = hint(["idempotentHint", "idempotent_hint", "IdempotentHint"]);
            tool.open_world_hint = hint(["openWorldHint", "open_world_hint", "OpenWorldHint"]);
        }
        ref other => {
            let unknown = Known::unknown(site::reason(other), at);
            tool.read_only_hint = unknown.clone();
            tool.destructive_hint = unknown.clone();
            tool.idempotent_hint = unknown.clone();
            tool.open_world_hint = unknown;
        }
    }
}

/// `new(true)`, `jsonschema.Ptr(true)`: what a pointer made on the spot points to.
fn pointed(flow: &Flow, meaning: &Meaning) -> Meaning {
    let Meaning::Made(made) = meaning else { return meaning.clone() };
    let (Meaning::Outside(callee), [only]) = (&made.callee, &made.arguments[..]) else { return meaning.clone() };
    let last = callee.rsplit(['.', ':']).next().unwrap_or(callee).to_lowercase();
    let points = ["new", "ptr", "pointer", "to", "bool", "boolptr", "ptrto"].contains(&last.as_str());
    match flow.force(&only.value) {
        _ if !points => meaning.clone(),
        // The grammar takes the argument of `new` for the name of a type.
        Meaning::Outside(word) if word == "true" || word == "false" => Meaning::Bool(word == "true"),
        found => found,
    }
}
