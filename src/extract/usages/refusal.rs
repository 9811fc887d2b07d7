//! With which status a request without the right credential is refused, and whether it is told how to authenticate.

use std::collections::BTreeMap;

use crate::code::{MapKey, ValueKind};
use crate::extract::requests::header;
use crate::extract::usages::asked::{is_credential, is_made_of, refusing_status, tested, values};
use crate::flow::{Flow, FunctionRef, ModuleId, ValueRef};
use crate::model::usage::Usage;
use crate::model::{About, Known};
use crate::source::Span;

/// Topic of what is found here and of the libraries that refuse by themselves.
const TOPIC: &str = "refusal";

/// The header that a refusal with 401 must bring.
const CHALLENGE: &str = "www-authenticate";

/// Statuses that refuse for what was brought; 429 and 503 refuse for other reasons.
const STATUSES: &[i64] = &[400, 401, 403, 404, 422, 500];

/// Every function that refuses by a credential, with its statuses.
pub fn find(flow: &Flow, module: ModuleId) -> Vec<Usage> {
    let mut refusals: BTreeMap<FunctionRef, Vec<(i64, Span)>> = BTreeMap::new();
    for value in values(flow, module) {
        let Some(status) = refusing_status(flow, value).filter(|status| STATUSES.contains(status)) else { continue };
        let Some(test) = tested(flow, value) else { continue };
        let is_for_credential = match status {
            401 => is_made_of(flow, test, &is_credential),
            // Headers of other names may carry what is passed on, and then a request without them is just wrong.
            _ => is_made_of(flow, test, &is_of_caller),
        };
        if is_for_credential {
            refusals.entry(flow.owner(value)).or_default().push((status, flow.span(value)));
        }
    }
    if refusals.is_empty() {
        return Vec::new();
    }
    let challenges = has_challenge(flow, module);
    refusals.into_iter().map(|(function, statuses)| usage(flow, function, &statuses, challenges)).collect()
}

fn usage(flow: &Flow, function: FunctionRef, statuses: &[(i64, Span)], challenges: bool) -> Usage {
    let right = statuses.iter().find(|(status, _)| *status == 401);
    let (status, span) = right.or(statuses.first()).copied().unwrap_or((0, flow.function(function).name_span));
    let setting = match (right.is_some(), challenges) {
        (true, true) => "401 with a `WWW-Authenticate` challenge".to_string(),
        (true, false) => "401 without a `WWW-Authenticate` challenge".to_string(),
        (false, _) => format!("{status}, never 401"),
    };
    let name = flow.function(function).name.as_deref().unwrap_or("a handler").to_string();
    Usage {
        about: About::new(&name, span),
        topic: TOPIC.to_string(),
        call: name,
        sound: Known::is(right.is_some() && challenges, span),
        setting,
    }
}

/// Whether a value is read from a header that only authenticates callers.
fn is_of_caller(flow: &Flow, value: ValueRef) -> bool {
    header(flow, value).is_some_and(|name| matches!(name.as_str(), "authorization" | "x-api-key" | "api-key"))
}

/// Whether the code, not its comments, names the header.
fn has_challenge(flow: &Flow, module: ModuleId) -> bool {
    let names = |text: &str| text.to_ascii_lowercase().replace('_', "-").contains(CHALLENGE);
    values(flow, module).any(|value| match flow.kind(value) {
        ValueKind::Text(text) => names(text),
        ValueKind::Field { name, .. } | ValueKind::Name(name) => names(name),
        ValueKind::Map(entries) => {
            entries.iter().any(|entry| matches!(&entry.key, MapKey::Name(name, _) if names(name)))
        }
        _ => false,
    })
}
