//! What the functions of prompts and resources do, and where what a client sends with them arrives.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::code::Name;
use crate::extract::effects::{TOOLS_AT_ONCE, around, effect, followed, told};
use crate::extract::tools::schema;
use crate::flow::effects::Effects;
use crate::flow::{Flow, In};
use crate::load::Loaded;
use crate::model::known::Known;
use crate::model::offer::{Given, Offer, OfferKind};
use crate::model::tool::Handler;
use crate::model::{About, Facts};
use crate::source::Span;
use crate::taint::entry::{Asked, Schemed};
use crate::taint::headers::Store;
use crate::taint::{self, Entry, Found, Pools, Proofs, Shared};

/// Walks the function of every prompt and resource of source code.
pub(super) fn walk(loaded: &Loaded, effects: &Effects, (kept, pools): (&Store, &Pools), facts: &mut Facts) {
    let walked: Vec<(usize, &Offer, &Handler)> = facts
        .offers
        .iter()
        .enumerate()
        .filter_map(|(at, offer)| Some((at, offer, offer.handler.as_ref()?)))
        .filter(|(_, _, handler)| loaded.program.by_source.contains_key(&handler.source))
        .collect();
    let found: Vec<(usize, Found)> = walked
        .par_chunks(TOOLS_AT_ONCE.0)
        .with_max_len(1)
        .flat_map(|offers| {
            let flow = Flow::new(&loaded.program, &loaded.sources, loaded.index());
            let shared = Shared::reading(schema::checked_by).knowing(pools);
            let one = |(at, offer, handler): &(usize, &Offer, &Handler)| {
                let function = In { module: loaded.program.by_source[&handler.source], id: handler.function };
                let frame = around(&flow, handler);
                (*at, taint::of_handler(&flow, effects, function, &entry(offer), frame, (kept, &shared)))
            };
            offers.iter().map(one).collect::<Vec<_>>()
        })
        .collect();
    for (at, found) in found {
        note(loaded, facts, at, found);
    }
    for offer in facts.offers.iter_mut().filter(|offer| offer.followed.is_absent()) {
        offer.followed = Known::unknown("its handler was not found", offer.about.span);
    }
}

fn note(loaded: &Loaded, facts: &mut Facts, at: usize, found: Found) {
    let offer = &facts.offers[at];
    let (server, of) = (offer.about.server, offer.told());
    let about = |name: String, span| About { server, ..About::new(name, span) };
    let chosen: BTreeSet<Span> = found.arrivals.iter().map(|arrival| arrival.span).collect();
    let is_followed = followed(&loaded.sources, &found, offer.about.span);
    let seen = found.effects.into_iter();
    let effects = seen.map(|seen| effect(about(seen.call.clone(), seen.span), seen, &chosen)).collect();
    let arrivals = found.arrivals.into_iter().map(|arrival| {
        let about = about(arrival.argument.clone(), arrival.span);
        let of = if taint::headers::is_header(&arrival.argument) { "" } else { of.as_str() };
        told(about, arrival, of)
    });
    facts.arrivals.extend(arrivals);
    facts.offers[at].effects = effects;
    facts.offers[at].followed = is_followed;
}

/// What a client can send for a prompt or resource.
fn entry(offer: &Offer) -> Entry {
    let properties = offer.input.value().and_then(|schema| schema.json.get("properties"));
    let properties = properties.and_then(|properties| properties.as_object());
    let one = |(name, schema): (&String, &serde_json::Value)| (Name::new(name), Schemed::by(schema));
    let mut arguments: BTreeMap<Name, Schemed> = properties.into_iter().flatten().map(one).collect();
    let address = (offer.kind == OfferKind::Resource && !offer.is_any).then_some(offer.about.name.as_str());
    let variables = address.map(variables).unwrap_or_default();
    for variable in &variables {
        let known = arguments.entry(variable.name.clone()).or_default();
        known.proofs |= proven(offer, variable);
    }
    let is_by_name = offer.given == Given::Request && !arguments.is_empty() && address.is_some();
    let is_fixed = address.is_some() && variables.is_empty();
    let begin = address.and_then(|address| address.split('{').next()).filter(|begin| begin.contains("://"));
    match offer.kind {
        OfferKind::Resource if is_fixed || (is_by_name && variables.is_empty()) => {}
        OfferKind::Resource => drop(arguments.entry(Name::new("uri")).or_default()),
        OfferKind::Prompt if offer.is_any => drop(arguments.entry(Name::new("name")).or_default()),
        OfferKind::Prompt | OfferKind::Tool => {}
    }
    let asked = Asked {
        given: Some(offer.given).filter(|_| offer.kind != OfferKind::Tool),
        is_any: offer.is_any,
        is_fixed,
        begin: begin.filter(|_| !is_fixed).map(Name::new),
    };
    Entry { tool: Name::new(&offer.about.name), arguments, asked, ..Entry::default() }
}

/// What the SDK's way of taking a parameter out of an address proves of it.
fn proven(offer: &Offer, variable: &Variable) -> Proofs {
    match offer.parameters.value().map(String::as_str) {
        Some("held") => Proofs::PLAIN_NAME,
        Some("segment") if variable.is_segment => Proofs::NO_SLASH,
        _ => Proofs::NONE,
    }
}

/// A parameter of a template, as RFC 6570 writes them.
struct Variable {
    name: Name,
    /// Whether it stands for one segment: `{name}`, not `{+name}` or `{name*}`.
    is_segment: bool,
}

fn variables(template: &str) -> Vec<Variable> {
    let groups = template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(inside, _)| inside);
    groups
        .flat_map(|group| {
            let plain = group.trim_start_matches(['+', '#', '.', '/', ';', '?', '&']);
            let is_simple = plain.len() == group.len();
            plain.split(',').map(move |word| {
                let name = word.split(':').next().unwrap_or(word).trim_end_matches('*');
                Variable { name: Name::new(name), is_segment: is_simple && !word.ends_with('*') }
            })
        })
        .filter(|variable| !variable.name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_a_template_are_told_from_its_text() {
        for (template, expected) in [
            ("notes://{name}", "name"),
            ("repo://{owner}/{repo}/{path*}", "owner repo path+"),
            ("files://{+path}", "path+"),
            ("search://all{?query,limit:3}", "query+ limit+"),
            ("config://app", ""),
            ("odd://{", ""),
            ("odd://{}x}", ""),
        ] {
            let shown = |one: &Variable| format!("{}{}", one.name, if one.is_segment { "" } else { "+" });
            let found: Vec<String> = variables(template).iter().map(shown).collect();
            assert_eq!(found.join(" "), expected, "{template}");
        }
    }
}
