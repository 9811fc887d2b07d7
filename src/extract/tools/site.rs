//! Arguments of a registration: what stands in each slot.

use crate::code::{Language, Name, ValueKind};
use crate::extract::tools::sdk::{Head, Slot};
use crate::flow::meaning::{Item, Meaning, Passed, Within, levels};
use crate::flow::unset::Unset;
use crate::flow::{Flow, Frame, FunctionRef, ValueRef};
use crate::model::Known;
use crate::source::Span;

/// Most wrappers around a function.
const MAX_WRAPPERS: usize = 12;

/// What stands in a slot.
#[derive(Clone, Debug)]
pub struct Filled {
    /// What it is.
    pub meaning: Meaning,
    /// Where it is written, as far as known.
    pub span: Option<Span>,
}

/// What is said about a tool, by argument list or by one object.
#[derive(Clone, Debug)]
pub enum Told {
    /// Arguments of a call.
    Arguments(Vec<Passed>),
    /// One object with members.
    Object(Meaning),
}

/// The first of several slots that is set.
pub fn first(flow: &Flow, told: &Told, slots: &[Slot]) -> Option<Filled> {
    slots.iter().find_map(|slot| filled(flow, told, slot))
}

/// Whether what stands in a slot holds when nothing is set, as far as code alone says.
pub fn is_without_settings(flow: &Flow, told: &Told, slots: &[Slot]) -> Option<bool> {
    let Meaning::Later(value, frame) = slots.iter().find_map(|slot| raw(flow, told, slot))? else { return None };
    flow.asking(|| Unset::new(flow).holds(value, &frame)).0
}

/// What stands in a slot when nothing is set, where that is asked about and the code alone does not say.
pub fn by_default(flow: &Flow, told: &Told, slots: &[Slot], filled: Filled) -> Filled {
    if !flow.is_settled() || matches!(filled.meaning, Meaning::Text(..)) {
        return filled;
    }
    match slots.iter().find_map(|slot| raw(flow, told, slot)) {
        Some(Meaning::Later(value, frame)) => {
            Filled { meaning: unset_text(flow, value, &frame).unwrap_or(filled.meaning), ..filled }
        }
        _ => filled,
    }
}

/// The text that a value is where nothing is set.
pub fn unset_text(flow: &Flow, value: ValueRef, frame: &Frame) -> Option<Meaning> {
    let found = flow.asking(|| Unset::new(flow).value(value, frame)).0;
    found.text().is_some_and(|text| !text.is_empty()).then_some(found)
}

/// What a slot is given, as it is written.
pub fn raw(flow: &Flow, told: &Told, slot: &Slot) -> Option<Meaning> {
    let mut found = match (told, &slot.head) {
        (Told::Arguments(arguments), head) => argument(arguments, head)?,
        (Told::Object(object), Head::Keyword(name)) => raw_member(flow, object, name),
        (Told::Object(object), Head::Position(0)) => object.clone(),
        (Told::Object(_), Head::Position(_)) => return None,
    };
    for member in &slot.members {
        found = raw_member(flow, &flow.force(&found), member);
    }
    Some(found)
}

fn filled(flow: &Flow, told: &Told, slot: &Slot) -> Option<Filled> {
    let found = raw(flow, told, slot)?;
    let written = match &found {
        Meaning::Later(value, _) => Some(flow.span(*value)),
        _ => None,
    };
    let meaning = flow.force(&found);
    let meaning = translated(flow, &meaning).unwrap_or(meaning);
    let span = written.or(match &meaning {
        Meaning::Text(_, span) => Some(*span),
        Meaning::Made(made) => Some(flow.span(made.at)),
        Meaning::Instance(instance) => Some(flow.span(instance.at)),
        Meaning::Function(function, _, _) => Some(flow.function(*function).name_span),
        _ => None,
    });
    (!matches!(meaning, Meaning::Null)).then_some(Filled { meaning, span })
}

/// `**settings()`: whether one of the ways of what is spread there sets a slot, to something else than off.
pub fn is_set_by_spread(flow: &Flow, told: &Told, slots: &[Slot]) -> bool {
    let Told::Arguments(arguments) = told else { return false };
    let is_slot = |name: &Name| slots.iter().any(|slot| matches!(&slot.head, Head::Keyword(one) if one == name));
    let sets = |way: &Meaning| match flow.force(way) {
        Meaning::Map(entries) => entries.iter().any(|entry| {
            let is_off = || matches!(flow.force(&entry.value), Meaning::Bool(false) | Meaning::Null);
            entry.key.as_ref().is_some_and(|key| is_slot(&key.name)) && !is_off()
        }),
        _ => false,
    };
    arguments.iter().filter(|argument| argument.is_rest).any(|argument| match flow.force(&argument.value) {
        Meaning::Choice(ways) => ways.iter().any(sets),
        _ => false,
    })
}

fn argument(arguments: &[Passed], head: &Head) -> Option<Meaning> {
    match head {
        Head::Keyword(name) => {
            let named = arguments.iter().rev().find(|argument| argument.name.as_ref() == Some(name));
            named.filter(|argument| !argument.is_rest).map(|argument| argument.value.clone())
        }
        Head::Position(at) => {
            let positional: Vec<&Passed> = arguments.iter().filter(|argument| argument.name.is_none()).collect();
            if positional.iter().take(at + 1).any(|argument| argument.is_rest) {
                return Some(Meaning::Unknown("passed by a spread"));
            }
            positional.get(*at).map(|argument| argument.value.clone())
        }
    }
}

/// A member without looking into it, so that its place is kept.
fn raw_member(flow: &Flow, base: &Meaning, name: &Name) -> Meaning {
    match base {
        Meaning::Later(..) => raw_member(flow, &flow.force(base), name),
        Meaning::Null => Meaning::Null,
        Meaning::Map(entries) => {
            let named = entries.iter().rev().find(|entry| entry.key.as_ref().is_some_and(|key| key.name == *name));
            named.map_or_else(|| flow.member(base, name), |entry| entry.value.clone())
        }
        Meaning::Made(made) => {
            let named = made.arguments.iter().find(|argument| argument.name.as_ref() == Some(name));
            named.map_or(Meaning::Null, |argument| argument.value.clone())
        }
        Meaning::Instance(_) | Meaning::This(_) => match flow.member(base, name) {
            Meaning::Member(..) => Meaning::Null,
            found => found,
        },
        _ => flow.member(base, name),
    }
}

/// A slot as text: known, absent, or unknown with the reason.
pub fn text(filled: Option<&Filled>, fallback: Span) -> Known<String> {
    let Some(filled) = filled else { return Known::Absent };
    let span = filled.span.unwrap_or(fallback);
    match &filled.meaning {
        Meaning::Text(text, _) => Known::is(text.to_string(), span),
        // `value or "fallback"`: the fallback is what the tree says.
        Meaning::Choice(all) => match all.iter().filter_map(Meaning::text).collect::<Vec<_>>()[..] {
            [only] if all.iter().all(|one| one.text().is_some() || is_setting(one)) => {
                Known::is(only.to_string(), span)
            }
            _ => Known::unknown("is one of several texts", span),
        },
        other => Known::unknown(reason(other), span),
    }
}

/// `t("TOOL_X_DESCRIPTION", "What it does")`: a translation that is asked for with what it is without one.
fn translated(flow: &Flow, meaning: &Meaning) -> Option<Meaning> {
    let Meaning::Made(made) = meaning else { return None };
    let [key, fallback] = &made.arguments[..] else { return None };
    let (Meaning::Text(key, _), fallback @ Meaning::Text(..)) = (flow.force(&key.value), flow.force(&fallback.value))
    else {
        return None;
    };
    let is_key =
        key.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || matches!(letter, '_' | '.'));
    (is_key && !key.is_empty()).then_some(fallback)
}

fn is_setting(meaning: &Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Made(_) | Meaning::Member(..) | Meaning::Outside(_) | Meaning::Null | Meaning::Unknown(_)
    )
}

/// Why a meaning is not a plain value.
pub fn reason(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Unknown(why) => why,
        Meaning::Parameter(..) => "is passed in from a place that was not found",
        Meaning::Made(_) | Meaning::Member(..) | Meaning::Outside(_) => "is only known at run time",
        Meaning::This(_) | Meaning::Instance(_) => "is an object's own",
        _ => "is not a plain value",
    }
}

/// The function that a meaning is, seen through wrappers from outside.
pub fn function(flow: &Flow, meaning: &Meaning) -> Option<FunctionRef> {
    closure(flow, meaning).map(|(function, _)| function)
}

/// The function that a meaning is, with what surrounds it.
pub fn closure(flow: &Flow, meaning: &Meaning) -> Option<(FunctionRef, Frame)> {
    function_at(flow, meaning, 0)
}

fn function_at(flow: &Flow, meaning: &Meaning, depth: u32) -> Option<(FunctionRef, Frame)> {
    if depth > 6 {
        return None;
    }
    match meaning {
        Meaning::Later(..) => function_at(flow, &flow.force(meaning), depth + 1),
        Meaning::Function(function, frame, _) => Some((*function, frame.clone())),
        Meaning::Instance(instance) => ["__call__", "execute", "run", "handler"]
            .iter()
            .find_map(|name| flow.ancestors(instance.class).iter().find_map(|class| flow.own_method(*class, name)))
            .map(|function| (function, None))
            .or_else(|| function_at(flow, &flow.function_held(instance)?, depth + 1)),
        Meaning::Made(made) => made.arguments.iter().find_map(|argument| function_at(flow, &argument.value, depth + 1)),
        Meaning::Member(base, name) if name == "bind" => function_at(flow, base, depth + 1),
        Meaning::Choice(all) => all.iter().find_map(|one| function_at(flow, one, depth + 1)),
        _ => None,
    }
}

/// The function whose signature a handler has: `@functools.wraps(f)` gives a wrapper that of `f`.
pub fn signed_as(flow: &Flow, (function, frame): &(FunctionRef, Frame)) -> FunctionRef {
    let wrapped = flow.function(*function).decorators.iter().find_map(|decorator| {
        let at = crate::flow::In { module: function.module, id: *decorator };
        let Meaning::Made(made) = flow.asking(|| flow.meaning(at, frame)).0 else { return None };
        let is_wraps = matches!(&made.callee, Meaning::Outside(callee) if callee == "functools.wraps");
        closure(flow, &made.arguments.first().filter(|_| is_wraps)?.value)
    });
    wrapped.map_or(*function, |(function, _)| function)
}

/// The name that an SDK takes from the function itself; `None` where a wrapper may have given another.
pub fn own_name(flow: &Flow, meaning: &Meaning, at: ValueRef) -> Option<(Name, Span)> {
    match named(flow, meaning, at, &[]) {
        Own::Is(name, span) => Some((name, span)),
        Own::Again | Own::Unknown => None,
    }
}

/// What is known of the name of a function.
enum Own {
    Is(Name, Span),
    /// It is that of a function which is being asked about: `f = wrap(f)`.
    Again,
    Unknown,
}

fn named(flow: &Flow, meaning: &Meaning, at: ValueRef, seen: &[FunctionRef]) -> Own {
    let (function, captured) = match meaning {
        Meaning::Later(..) => return named(flow, &flow.force(meaning), at, seen),
        Meaning::Choice(all) => {
            let mut names = all.iter().map(|one| named(flow, one, at, seen)).filter(|one| !matches!(one, Own::Again));
            let first = names.next().unwrap_or(Own::Again);
            let is_same = |one: &Own| matches!((one, &first), (Own::Is(a, _), Own::Is(b, _)) if a == b);
            return if names.all(|one| is_same(&one)) { first } else { Own::Unknown };
        }
        Meaning::Function(function, captured, _) => (*function, captured),
        _ => return Own::Unknown,
    };
    match flow.asking(|| flow.given_name(meaning)).0 {
        Some(Meaning::Text(name, span)) => return Own::Is(name, span),
        Some(_) if seen.contains(&function) => return Own::Again,
        Some(_) if seen.len() > MAX_WRAPPERS => return Own::Unknown,
        Some(other) => return named(flow, &other, at, &[seen, &[function]].concat()),
        None => {}
    }
    let code = flow.function(function);
    let parent = code.parent.map(|id| crate::flow::In { module: function.module, id });
    let is_made = levels(captured)
        .any(|level| matches!(level, Within::Call { function: called, at: Some(_), .. } if Some(*called) == parent));
    // Where it is registered beside its definition nothing comes between.
    let is_beside = parent.is_some_and(|parent| flow.owner(at) == parent);
    match &code.name {
        Some(name)
            if !is_made
                || is_beside
                || code.class.is_some()
                || is_decorated(code)
                || keeps_name(flow, function, at) =>
        {
            Own::Is(name.clone(), code.name_span)
        }
        _ => Own::Unknown,
    }
}

/// Whether a function of Python, made by another, has the name it is defined with: nothing in the files where it is
/// made and registered names functions.
fn keeps_name(flow: &Flow, function: FunctionRef, at: ValueRef) -> bool {
    flow.module(function).language == Language::Python
        && !takes_function(flow, function)
        && [function.module, at.module].into_iter().all(|module| !names_functions(flow, module))
}

/// Whether a function is given a function, as a decorator is and no tool can be: it says so, or calls what it is given.
fn takes_function(flow: &Flow, function: FunctionRef) -> bool {
    let code = flow.function(function);
    let [given] = &code.parameters[..] else { return false };
    let Some(name) = given.name() else { return false };
    let declared = given.annotation.map(|id| crate::flow::In { module: function.module, id });
    let says = declared.is_some_and(|at| {
        let text = flow.sources.slice(flow.span(at));
        let is_variable = text.len() <= 2 && text.ends_with(|sign: char| sign.is_ascii_uppercase());
        is_variable || text.contains("Callable") || text.contains("Function")
    });
    let module = flow.module(function);
    let is_called = |call: &crate::code::ValueId| match &module.value(*call).kind {
        ValueKind::Call(call) => matches!(&module.value(call.callee).kind, ValueKind::Name(called) if called == name),
        _ => false,
    };
    let is_inside = |call: &&crate::code::ValueId| code.span.contains(module.value(**call).span);
    says || flow.scopes(function.module).calls.iter().filter(is_inside).any(is_called)
}

fn names_functions(flow: &Flow, module: crate::flow::ModuleId) -> bool {
    let (scopes, code) = (flow.scopes(module), flow.program.module(module));
    let is_set = |value| matches!(&code.value(value).kind, ValueKind::Field { name, .. } if name == "__name__");
    let last = |value| match &code.value(value).kind {
        ValueKind::Name(name) | ValueKind::Field { name, .. } => Some(name.as_str()),
        _ => None,
    };
    let names = |call: &crate::code::ValueId| match &code.value(*call).kind {
        ValueKind::Call(call) => matches!(last(call.callee), Some("setattr" | "update_wrapper" | "FunctionType")),
        _ => false,
    };
    scopes.member_assignments.iter().any(|(place, _)| is_set(*place)) || scopes.calls.iter().any(names)
}

fn is_decorated(code: &crate::code::Function) -> bool {
    !code.decorators.is_empty()
}

/// Elements of a meaning that is one thing or a list of things.
pub fn each(flow: &Flow, meaning: &Meaning) -> Vec<Item> {
    match meaning {
        Meaning::Each(all) => {
            all.iter().map(|one| Item { value: one.clone(), optional: false, is_rest: false }).collect()
        }
        Meaning::List(_) | Meaning::Choice(_) => flow.items(meaning).unwrap_or_else(|| {
            vec![Item { value: meaning.clone(), optional: false, is_rest: !matches!(meaning, Meaning::Choice(_)) }]
        }),
        _ => vec![Item { value: meaning.clone(), optional: false, is_rest: false }],
    }
}
