//! Functions that stand around a tool's handler: decorators, calls inside which it is made, the function that dispatches, and
//! middleware that sees every result.

use std::cell::OnceCell;

use crate::code::{Language, Name, ParameterKind, ValueKind};
use crate::extract::effects;
use crate::extract::results::controls::Memo;
use crate::extract::results::seek::{Made, Sources, Start, Way, seek};
use crate::extract::tools::filters::{attached, given_texts, method};
use crate::flow::meaning::{Meaning, class_in, function_in, value_in};
use crate::flow::{ClassRef, Flow, FunctionRef, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::tool::{Handler, Tool};
use crate::source::{SourceId, Span};

/// Most decorators of one function.
const MAX_DECORATORS: usize = 8;
/// Steps for the meaning of one decorator.
const STEPS: u32 = 600;
/// Methods of a middleware that see what a tool returns.
const HOOKS: &[&str] = &["on_call_tool"];
/// Options by which Go servers are given functions that see what a tool returns.
const OPTIONS: &[&str] = &["WithToolHandlerMiddleware", "AddReceivingMiddleware"];

/// Where the results of a tool come from: its outermost decorator of the tree, else its handler.
pub fn start(flow: &Flow, function: FunctionRef, handler: &Handler) -> Start {
    let decorators = &flow.function(function).decorators;
    let frame = effects::around(flow, handler);
    let mut start = Start { function, frame, wrapped: Vec::new(), dispatches: None, unsure: None };
    for decorator in decorators.iter().take(MAX_DECORATORS).rev() {
        let decorator = value_in(function.module, *decorator);
        match wraps(flow, decorator) {
            Wraps::In(wrapper, inner) => {
                start.wrapped.push((wrapper, start.function));
                start.function = inner;
            }
            Wraps::Unknown => start.unsure = Some(flow.span(decorator)),
            Wraps::Nothing => {}
        }
    }
    start
}

/// The function that every call passes on its way to the handler, as the start of its results.
pub fn through(loaded: &Loaded, tool: &Tool, handler: &Start) -> Option<Start> {
    let through = tool.through.as_ref()?;
    let module = *loaded.program.by_source.get(&through.source)?;
    let function = function_in(module, through.function);
    (function != handler.function).then(|| Start { function, dispatches: Some(handler.function), ..handler.clone() })
}

/// What a decorator does to a function.
enum Wraps {
    /// It gives back this function of its own, which calls it.
    In(FunctionRef, FunctionRef),
    /// It gives it back as it is, or is not of the tree.
    Nothing,
    Unknown,
}

fn wraps(flow: &Flow, decorator: ValueRef) -> Wraps {
    let wrapper = match flow.asking_within(STEPS, || flow.meaning(decorator, &None)).0 {
        Meaning::Function(wrapper, ..) => wrapper,
        Meaning::Class(_) | Meaning::Instance(_) => return Wraps::Unknown,
        _ => return Wraps::Nothing,
    };
    let returns = &flow.scopes(wrapper.module).returns[wrapper.id.index()];
    let parameter = flow.function(wrapper).parameters.first().and_then(|one| one.name());
    for value in returns {
        let value = value_in(wrapper.module, *value);
        if matches!(flow.kind(value), ValueKind::Name(name) if Some(name) == parameter) {
            continue;
        }
        let Meaning::Function(inner, ..) = flow.asking_within(STEPS, || flow.meaning(value, &None)).0 else {
            return Wraps::Unknown;
        };
        let is_inside = inner.module == wrapper.module && flow.function(inner).parent == Some(wrapper.id);
        return if is_inside { Wraps::In(wrapper, inner) } else { Wraps::Unknown };
    }
    Wraps::Nothing
}

/// What a middleware does to every result.
#[derive(Clone, Debug, Default)]
pub struct Wide {
    /// The file in which it is attached.
    pub source: Option<SourceId>,
    /// What stands on every way through it.
    pub way: Way,
    /// Where it does something to results that is not known for certain.
    pub unsure: Option<Span>,
}

/// Every middleware that is attached to a server and sees what its tools return.
pub fn middlewares(loaded: &Loaded, flow: &Flow) -> Vec<Wide> {
    let live = loaded.live();
    let given = OnceCell::new();
    let mut found = Vec::new();
    for module in &live {
        let code = flow.program.module(*module);
        match code.language {
            Language::Python => found.extend(of_classes(flow, *module, &|class| {
                attached(flow, class, given.get_or_init(|| given_texts(flow, &live)))
            })),
            Language::Go => found.extend(of_options(flow, *module)),
            _ => {}
        }
    }
    found
}

fn of_classes(flow: &Flow, module: ModuleId, attached: &dyn Fn(ClassRef) -> Option<ValueRef>) -> Vec<Wide> {
    let count = flow.program.module(module).classes.len();
    let classes = (0..count).map(|at| class_in(module, crate::code::ClassId(at as u32)));
    classes
        .filter_map(|class| {
            let hook = method(flow, class, HOOKS)?;
            let call = attached(class)?;
            let plain = flow.function(hook).parameters.iter().filter(|one| one.kind != ParameterKind::Receiver);
            let next = plain.filter_map(|one| one.name()).nth(1)?;
            Some(wide(flow, hook, next, flow.span(call)))
        })
        .collect()
}

/// `server.WithToolHandlerMiddleware(screened)`
fn of_options(flow: &Flow, module: ModuleId) -> Vec<Wide> {
    let calls = flow.scopes(module).calls.iter().map(|id| value_in(module, *id));
    calls
        .filter_map(|at| {
            let ValueKind::Call(call) = flow.kind(at) else { return None };
            let callee = flow.sources.slice(flow.span(value_in(module, call.callee)));
            OPTIONS.contains(&callee.rsplit('.').next()?).then_some(())?;
            let given = value_in(module, call.arguments.last()?.value);
            let Wraps::In(wrapper, inner) = wraps(flow, given) else { return None };
            let next = flow.function(wrapper).parameters.first()?.name()?;
            Some(wide(flow, inner, next, flow.span(at)))
        })
        .collect()
}

fn wide(flow: &Flow, function: FunctionRef, next: &Name, at: Span) -> Wide {
    let start = Start { function, frame: None, wrapped: Vec::new(), dispatches: None, unsure: None };
    let made = seek(flow, &Memo::default(), &start, &Next { flow, next });
    let unsure = rewrites(flow, function).then_some(at);
    Wide { source: Some(at.source), way: on_every(&made), unsure }
}

/// What stands on every way; nothing where a part was not followed.
fn on_every(made: &Made) -> Way {
    let ways: Vec<&Way> = made.of.values().flatten().collect();
    let every = |part: fn(&Way) -> Option<Span>| match made.open {
        Some(_) => None,
        None => ways.iter().map(|way| part(way).filter(|_| !way.vague)).collect::<Option<Vec<_>>>()?.first().copied(),
    };
    Way {
        marked: every(|way| way.marked),
        screened: every(|way| way.screened),
        redacted: every(|way| way.redacted),
        ..Way::default()
    }
}

/// Whether a function changes texts of what it gives back in their place.
fn rewrites(flow: &Flow, function: FunctionRef) -> bool {
    let span = flow.function(function).span;
    let assigned = flow.scopes(function.module).member_assignments.iter();
    let mut here = assigned.filter(|(place, _)| span.contains(flow.span(value_in(function.module, *place))));
    here.any(|(place, _)| {
        let name = match flow.kind(value_in(function.module, *place)) {
            ValueKind::Field { name, .. } => name,
            ValueKind::Index { .. } => return true,
            _ => return false,
        };
        matches!(name.as_str(), "text" | "content" | "Text" | "Content" | "structured_content")
    })
}

/// What comes next after a middleware is where its content comes from.
struct Next<'a> {
    flow: &'a Flow<'a>,
    next: &'a Name,
}

impl Sources for Next<'_> {
    fn is_source(&self, _: Span) -> bool {
        false
    }

    fn queries(&self, _: Span) -> Vec<Span> {
        Vec::new()
    }

    fn is_of_another(&self, _: ValueRef) -> bool {
        false
    }

    fn bounds(&self, _: ValueRef) -> bool {
        false
    }

    fn of_value(&self, at: ValueRef) -> super::seek::Of {
        use super::seek::Of;
        let ValueKind::Call(call) = self.flow.kind(at) else { return Of::More };
        match self.flow.kind(value_in(at.module, call.callee)) {
            ValueKind::Name(name) if name == self.next => Of::Source,
            _ => Of::More,
        }
    }

    fn has_controls(&self) -> bool {
        true
    }
}
