//! Prompts and resources: registered as tools are, or answered for by one function for all of them.

use std::collections::BTreeSet;

use crate::code::Language;
use crate::extract::tools::behaviour::Does;
use crate::extract::tools::draft::{self, Draft, Validation};
use crate::extract::tools::pair::Found;
use crate::extract::tools::register::{Registrar, Use};
use crate::extract::tools::sdk::{Form, GivenAs, Method, OfferList, Sdk, ServerKind, Slot, Slots, What};
use crate::extract::tools::shape::by_kind;
use crate::extract::tools::site::{self, Told};
use crate::flow::meaning::Meaning;
use crate::flow::{Flow, Frame, FunctionRef, In, ValueRef};
use crate::model::offer::{Given, Offer, OfferKind};
use crate::model::tool::Handler;
use crate::model::version::Range;
use crate::model::{About, Facts, Known, ServerId};
use crate::source::Span;

/// The matter of an SDK's table that says what is made of the parameters of a template.
const MATTER: &str = "resource-parameters";
/// Keyword with which one resource leaves the SDK's policy for its parameters.
const OWN_POLICY: &str = "security";
/// The request that tools answer whose names are only known at run time.
const ANY_TOOL: &str = "tools/call";
/// Members in which what describes a prompt or resource says its name, address first.
pub(super) const NAMES: &[&str] = &["uri", "URI", "uri_template", "uriTemplate", "URITemplate", "name", "Name"];

impl Registrar<'_> {
    /// Notes the prompts or resources that a call registers.
    pub(super) fn offered(&self, one: &Use, method: &Method, draft: &mut Draft) {
        let flow = self.flow();
        let each: Vec<Told> = match method.variadic {
            true => {
                let known = one.arguments.iter().filter(|argument| !argument.is_rest);
                known.map(|argument| Told::Arguments(vec![argument.clone()])).collect()
            }
            false => vec![Told::Arguments(one.arguments.clone())],
        };
        for told in each {
            let slots = match method.form {
                Form::ByKind => Slots { name: method.slots.name.clone(), ..by_kind(flow, &one.arguments) },
                _ => method.slots.clone(),
            };
            let slotted = || site::first(flow, &told, &slots.handler).map(|filled| filled.meaning);
            let handler = one.subject.clone().or_else(slotted);
            let found = handler.and_then(|handler| site::closure(flow, &handler));
            let mut offer = self.offer(kind(method.what), &told, &slots, found.as_ref(), one.at);
            offer.given = given(method.given);
            add(draft, offer);
        }
    }

    /// Notes the prompts or resources that a constructor is given as a list.
    pub(super) fn offered_in_list(&self, list: &OfferList, told: &Told, draft: &mut Draft) {
        let flow = self.flow();
        let Some(filled) = site::first(flow, told, std::slice::from_ref(&list.list)) else { return };
        for item in flow.items(&filled.meaning).into_iter().flatten() {
            let item = flow.force(&item.value);
            for one in item.alternatives() {
                let Meaning::Made(made) = one else { continue };
                let told = Told::Arguments(made.arguments.clone());
                let found = site::first(flow, &told, &list.slots.handler)
                    .and_then(|handler| site::closure(flow, &handler.meaning));
                let mut offer = self.offer(kind(list.what), &told, &list.slots, found.as_ref(), made.at);
                offer.given = given(list.given);
                add(draft, offer);
            }
        }
    }

    /// Notes the function of a tool whose name is only known at run time: what it does, it does under any name.
    pub(super) fn offered_unnamed(&self, one: &Use, method: &Method, place: Span, draft: &mut Draft) {
        let flow = self.flow();
        let told = Told::Arguments(one.arguments.clone());
        let slots = match method.form {
            Form::ByKind => by_kind(flow, &one.arguments),
            _ => method.slots.clone(),
        };
        let slotted = || site::first(flow, &told, &slots.handler).map(|filled| filled.meaning);
        let handler = one.subject.clone().or_else(slotted);
        let Some(found) = handler.and_then(|handler| site::closure(flow, &handler)) else { return };
        let offer = self.offer(OfferKind::Tool, &told, &slots, Some(&found), one.at);
        add(draft, Offer { about: About::new(ANY_TOOL.to_string(), place), is_any: true, ..offer });
    }

    fn offer(
        &self,
        kind: OfferKind,
        told: &Told,
        slots: &Slots,
        found: Option<&(FunctionRef, Frame)>,
        at: ValueRef,
    ) -> Offer {
        let flow = self.flow();
        let place = flow.span(at);
        let function = found.map(|(function, _)| *function);
        let is_told = site::first(flow, told, &slots.name).is_some();
        let own = || found.filter(|_| !is_told).and_then(|found| own_name(flow, found, at));
        let named = slots.name.iter().find_map(|slot| named(flow, told, slot, place));
        let (name, span) = named.or_else(own).unwrap_or_else(|| (request(kind).to_string(), place));
        let mut offer = plain(kind, name, span);
        if site::first(flow, told, &[keyword(OWN_POLICY)]).is_some() {
            offer.parameters = Known::unknown("it has a policy of its own", place);
        }
        let mut as_tool = draft::plain_tool(String::new(), span, Validation::default());
        let input = site::first(flow, told, &slots.input);
        crate::extract::tools::schema::fill(flow, &mut as_tool, input, None, function, slots);
        offer.input = as_tool.input_schema;
        offer.handler = found.map(|(function, frame)| handler(flow, *function, frame));
        offer
    }

    /// Notes a method that an attribute makes a prompt.
    pub(super) fn offered_by_attribute(
        &self,
        method: FunctionRef,
        wanted: &str,
        table: &ServerKind,
        draft: &mut Draft,
    ) {
        for decorator in &self.flow().function(method).decorators {
            let at = In { module: method.module, id: *decorator };
            let Some((_, arguments)) = self.attribute(at).filter(|(origin, _)| origin == wanted) else { continue };
            let slots = Slots { input: Vec::new(), ..table.slots.clone() };
            let told = Told::Arguments(arguments);
            add(draft, self.offer(OfferKind::Prompt, &told, &slots, Some(&(method, None)), at));
        }
    }

    /// Notes the one function that answers a request for all prompts or resources.
    pub(super) fn offered_by_request(&self, kind: OfferKind, found: &Found, draft: &mut Draft) {
        let flow = self.flow();
        let Some((function, frame)) = site::closure(flow, &found.meaning) else { return };
        let mut offer = plain(kind, request(kind).to_string(), flow.span(found.at));
        offer.is_any = true;
        offer.handler = Some(handler(flow, function, &frame));
        add(draft, offer);
    }
}

/// Adds what is not known yet; what is registered in a loop is one for each name.
pub(super) fn add(draft: &mut Draft, offer: Offer) {
    let same = |other: &Offer| {
        // Around which calls a function was made says nothing about which one it is.
        let place = |one: &Offer| one.handler.as_ref().map(|handler| handler.span);
        (other.kind, &other.about.name, place(other)) == (offer.kind, &offer.about.name, place(&offer))
    };
    if !draft.offers.iter().any(same) {
        draft.offers.push(offer);
    }
}

/// Leaves out what answers for tools that have names, too; notes what answers for all tools where none is known.
pub(super) fn settle_unnamed(flow: &Flow, draft: &mut Draft) {
    let place = |handler: &Handler| (handler.source, handler.function);
    let named: BTreeSet<_> = draft.tools.iter().filter_map(|tool| tool.handler.as_ref().map(place)).collect();
    let is_named = |offer: &Offer| offer.handler.as_ref().is_some_and(|handler| named.contains(&place(handler)));
    draft.offers.retain(|offer| offer.kind != OfferKind::Tool || !is_named(offer));
    if let (true, Some(function)) = (draft.tools.is_empty(), draft.call_handler) {
        let mut offer = plain(OfferKind::Tool, ANY_TOOL.to_string(), flow.function(function).name_span);
        offer.is_any = true;
        let made_by = draft.call_made_by.clone();
        offer.handler = Some(Handler { made_by, ..draft::handler_of(flow, function) });
        add(draft, offer);
    }
}

fn handler(flow: &Flow, function: FunctionRef, frame: &Frame) -> Handler {
    Handler { made_by: draft::made_by(flow, frame), ..draft::handler_of(flow, function) }
}

fn kind(what: What) -> OfferKind {
    if what == What::Prompt { OfferKind::Prompt } else { OfferKind::Resource }
}

fn given(given: GivenAs) -> Given {
    match given {
        GivenAs::Request => Given::Request,
        GivenAs::Arguments => Given::Arguments,
        GivenAs::Template => Given::Template,
    }
}

/// What stands for a name that is not known.
fn request(kind: OfferKind) -> &'static str {
    match kind {
        OfferKind::Prompt => "prompts/get",
        OfferKind::Resource => "resources/read",
        OfferKind::Tool => ANY_TOOL,
    }
}

/// The name that a prompt or resource has from its function, in languages whose SDKs take it from there.
fn own_name(flow: &Flow, (function, frame): &(FunctionRef, Frame), at: ValueRef) -> Option<(String, Span)> {
    let code = flow.function(*function);
    match flow.module(*function).language {
        Language::Python => {
            let meaning = Meaning::Function(*function, frame.clone(), None);
            site::own_name(flow, &meaning, at).map(|(name, span)| (name.to_string(), span))
        }
        Language::Rust => code.name.as_ref().map(|name| (name.to_string(), code.name_span)),
        _ => None,
    }
}

fn keyword(name: &str) -> Slot {
    Slot { head: crate::extract::tools::sdk::Head::Keyword(name.into()), members: Vec::new() }
}

fn plain(kind: OfferKind, name: String, span: Span) -> Offer {
    Offer {
        about: About::new(name, span),
        kind,
        is_any: false,
        listed: Vec::new(),
        is_listed_whole: false,
        given: Given::default(),
        input: Known::Absent,
        parameters: Known::Absent,
        handler: None,
        effects: Vec::new(),
        followed: Known::Absent,
    }
}

/// The text in a slot: itself, or the name or address of what is made there.
fn named(flow: &Flow, told: &Told, slot: &Slot, place: Span) -> Option<(String, Span)> {
    let filled = site::first(flow, told, std::slice::from_ref(slot))?;
    let text = |meaning: &Meaning| match flow.force(meaning) {
        Meaning::Text(text, span) => Some((text.to_string(), filled.span.unwrap_or(span))),
        _ => None,
    };
    match &filled.meaning {
        Meaning::Made(made) => {
            let member = |wanted: &&str| {
                let named = made.arguments.iter().find(|argument| argument.name.as_deref() == Some(wanted));
                named.and_then(|argument| text(&argument.value))
            };
            let first = made.arguments.iter().find(|argument| argument.name.is_none());
            NAMES.iter().find_map(member).or_else(|| text(&first?.value))
        }
        other => text(other),
    }
    .filter(|(name, _)| !name.is_empty())
    .map(|(name, span)| (name, if span.source == place.source { span } else { place }))
}

/// Adds the prompts and resources of a server to the facts.
pub(super) fn emit(
    table: &Sdk,
    (package, range): (&str, Option<&Range>),
    offers: Vec<Offer>,
    server: ServerId,
    facts: &mut Facts,
) {
    let does = table.does(MATTER, package, range);
    for mut offer in offers {
        offer.about.server = Some(server);
        if let (true, Does::This(what)) = (offer.parameters.is_absent(), &does) {
            offer.parameters = Known::is(what.clone(), offer.about.span);
        }
        facts.offers.push(offer);
    }
}
