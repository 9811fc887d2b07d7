//! What lists of prompts and resources name, where one function answers for all of them.

use crate::code::Name;
use crate::extract::tools::draft::Draft;
use crate::extract::tools::offer::NAMES;
use crate::extract::tools::pair::{Found, of_result};
use crate::extract::tools::register::Registrar;
use crate::flow::{Flow, Meaning};
use crate::model::Spanned;
use crate::model::offer::{Offer, OfferKind};
use crate::source::Span;

/// Members of a result that hold the list.
const LISTS: &[&str] = &["prompts", "resources", "resourceTemplates", "resource_templates"];
/// Calls around the object that is listed, at most: `Resource::new(…).with_title(…)`.
const MAX_AROUND: u32 = 8;

/// What one handler lists.
#[derive(Clone, Debug)]
pub struct Listing {
    kind: OfferKind,
    names: Vec<Spanned<String>>,
    /// Whether that is all.
    is_known: bool,
}

impl Registrar<'_> {
    /// Notes what a handler of `prompts/list`, `resources/list` or `resources/templates/list` names.
    pub(super) fn offers_listed(&self, kind: OfferKind, found: &Found, draft: &mut Draft) {
        let flow = self.flow();
        let mut listing = Listing { kind, names: Vec::new(), is_known: false };
        if let Meaning::Function(function, captured, this) = &found.meaning {
            let result = flow.asking(|| flow.returned(*function, Vec::new(), this.clone(), None, captured)).0;
            listing.is_known = listing.note(flow, &result, flow.span(found.at));
        }
        draft.listings.push(listing);
    }
}

impl Listing {
    /// Notes the names in a result; false where there may be others.
    fn note(&mut self, flow: &Flow, result: &Meaning, place: Span) -> bool {
        let held = |one: &Meaning| match flow.items(one) {
            Some(items) if matches!(one, Meaning::List(_)) => Some(items),
            _ => LISTS.iter().find_map(|member| match of_result(flow, one, &Name::new_static(member)) {
                list @ Meaning::List(_) => flow.items(&list),
                _ => None,
            }),
        };
        let mut is_known = true;
        for one in result.alternatives().iter().filter(|one| !matches!(one, Meaning::Null)) {
            let items = flow.asking(|| held(one)).0;
            is_known &= items.is_some();
            for item in items.into_iter().flatten() {
                let named = if item.is_rest { None } else { flow.asking(|| name_of(flow, &item.value, MAX_AROUND)).0 };
                is_known &= named.is_some();
                let Some((name, span)) = named else { continue };
                let span = if span.source == place.source { span } else { place };
                if self.names.iter().all(|known| known.value != name) {
                    self.names.push(Spanned::new(name, span));
                }
            }
        }
        is_known
    }
}

/// The address or name of what is listed.
fn name_of(flow: &Flow, listed: &Meaning, around: u32) -> Option<(String, Span)> {
    let listed = begun(&flow.force(listed)).clone();
    let own = NAMES.iter().find_map(|name| text_of(flow, &flow.member(&listed, &Name::new_static(name)), around));
    own.or_else(|| text_of(flow, &listed, around))
}

/// A text, or what is made of one: `AnyUrl("notes://all")`.
fn text_of(flow: &Flow, meaning: &Meaning, around: u32) -> Option<(String, Span)> {
    match flow.force(meaning) {
        Meaning::Text(text, span) if !text.is_empty() => Some((text.to_string(), span)),
        Meaning::Made(made) if around > 0 => {
            let first = made.arguments.iter().find(|argument| argument.name.is_none() && !argument.is_rest)?;
            text_of(flow, &first.value, around - 1)
        }
        _ => None,
    }
}

/// What a chain of calls began with: `result(…).with_page(…)`.
pub(super) fn begun(result: &Meaning) -> &Meaning {
    let mut inner = result;
    for _ in 0..MAX_AROUND {
        match inner {
            Meaning::Made(made) => match &made.callee {
                Meaning::Member(base, _) if matches!(**base, Meaning::Made(_)) => inner = base,
                _ => break,
            },
            _ => break,
        }
    }
    inner
}

/// Tells the functions that answer for all of a kind what is listed of it.
pub(super) fn settle(offers: &mut [Offer], listings: Vec<Listing>) {
    for offer in offers.iter_mut().filter(|offer| offer.is_any) {
        let own = || listings.iter().filter(|listing| listing.kind == offer.kind);
        let mut listed: Vec<Spanned<String>> = own().flat_map(|listing| listing.names.clone()).collect();
        listed.sort_by(|a, b| (a.span, &a.value).cmp(&(b.span, &b.value)));
        listed.dedup_by(|a, b| a.value == b.value);
        offer.is_listed_whole = !listed.is_empty() && own().all(|listing| listing.is_known);
        offer.listed = listed;
    }
}
