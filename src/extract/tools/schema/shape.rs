//! What builders of schemas share: a schema that may be left out, and the object of an object of schemas.

use crate::extract::tools::schema::{object, typed, unknown};
use crate::flow::json::Json;
use crate::flow::meaning::Meaning;
use crate::source::Span;

/// A schema and whether a value may be left out.
pub struct Built {
    /// What a value must fit.
    pub schema: Json,
    /// Whether an object may go without it.
    pub is_optional: bool,
}

impl Built {
    /// A schema that nothing is known of.
    pub fn unknown() -> Built {
        Built { schema: unknown(), is_optional: false }
    }
}

/// The object schema of the entries of an object, each as `built` reads it.
pub fn shape(map: &Meaning, built: impl Fn(&Meaning) -> Option<Built>) -> Json {
    let Meaning::Map(entries) = map else { return Json { complete: false, ..typed("object") } };
    let mut properties: Vec<(String, Json, bool, Option<Span>)> = Vec::new();
    for entry in entries.iter() {
        let Some(key) = &entry.key else { continue };
        let found = built(&entry.value).unwrap_or_else(Built::unknown);
        properties.retain(|(name, ..)| *name != key.name.as_str());
        properties.push((key.name.to_string(), found.schema, !found.is_optional && !entry.optional, Some(key.span)));
    }
    let mut whole = object(properties);
    whole.complete &= entries.iter().all(|entry| entry.key.is_some());
    whole
}
