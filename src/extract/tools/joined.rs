//! Tools and the handler of calls: who answers, and who validates.

use crate::extract::tools::draft::{self, Draft};
use crate::flow::Flow;
use crate::model::tool::{Handler, Tool};
use crate::model::{Known, Spanned};

/// Ties the listed tools to the names that are dispatched.
pub fn join(flow: &Flow, draft: &mut Draft) {
    let Some(handler) = draft.call_handler else { return };
    let handler_fact = Handler {
        made_by: draft.call_made_by.clone(),
        names: draft.call_names.clone(),
        ..draft::handler_of(flow, handler)
    };
    let is_closed = !draft.is_dispatch_open && !draft.arms.is_empty();
    let mut tools = std::mem::take(&mut draft.tools);
    for tool in &mut tools {
        let is_registered = tool.handler.is_some() && !draft.has_list;
        if !is_registered || draft.call_overrides {
            dispatch(draft, &handler_fact, is_closed, tool);
        }
        // What nothing hands its calls to any more is not run.
        if is_registered && draft.call_overrides && !draft.is_dispatch_open && tool.through.is_none() {
            tool.handler = Some(handler_fact.clone());
        }
    }
    draft.tools = tools;
    if draft.has_list && draft.openings.is_empty() {
        hidden(draft, &handler_fact);
    }
}

/// What the handler of calls makes of one tool.
fn dispatch(draft: &Draft, handler: &Handler, is_closed: bool, tool: &mut Tool) {
    let place = tool.about.span;
    let (validates, unknown_keys) = &draft.call_validation;
    if let Some(is) = validates {
        tool.sdk_validates = Known::is(*is, place);
    }
    if let Some(keys) = unknown_keys {
        tool.unknown_keys = Known::is(keys.clone(), place);
    }
    let arm = draft.arms.iter().find(|(name, _)| name.value == tool.about.name);
    if let Some((name, function)) = arm {
        tool.places.push(Spanned::new("dispatched here".to_string(), name.span));
        if let Some(own) = function {
            tool.handler = Some(own.clone());
            tool.through = Some(handler.clone());
        }
    }
    tool.dispatched = Known::is(arm.is_some() || !is_closed, place);
    tool.handler.get_or_insert_with(|| handler.clone());
}

/// Names that calls reach and the list does not show. Only a handler that tells apart what is listed says so.
fn hidden(draft: &mut Draft, handler: &Handler) {
    let is_listed = |name: &str, draft: &Draft| draft.tools.iter().any(|tool| tool.about.name == name);
    if !draft.arms.iter().any(|(name, _)| is_listed(&name.value, draft)) {
        return;
    }
    for (name, own) in draft.arms.clone() {
        if is_listed(&name.value, draft) || name.value.is_empty() {
            continue;
        }
        let (validates, unknown_keys) = draft.call_validation.clone();
        let told = draft::Validation { validates, unknown_keys: unknown_keys.as_deref() };
        let mut tool = draft::plain_tool(name.value.clone(), name.span, told);
        tool.listed = false;
        tool.handler = Some(own.unwrap_or_else(|| handler.clone()));
        draft.tools.push(tool);
    }
}
