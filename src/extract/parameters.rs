//! The parameters of tools, from their input schemas down to the leaves.

use std::cell::Cell;
use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::schema::escape;
use crate::model::known::{Known, Spanned};
use crate::model::tool::{Parameter, Schema, Tool};
use crate::model::{About, Facts, ToolId};
use crate::source::Span;

/// Parameters that one tool may have before the rest is left out.
const PARAMETERS: usize = 1_000;
/// Levels that references and nested maps may go down.
const DEPTH: usize = 16;
/// Alternatives of one parameter that are looked at.
const ALTERNATIVES: usize = 64;
/// Steps that one schema is worth; alternatives of alternatives would double without end.
const STEPS: usize = 50_000;
/// Formats whose values are short by their grammar.
const SHORT_FORMATS: &[&str] =
    &["date", "date-time", "time", "duration", "uuid", "ipv4", "ipv6", "email", "cuid", "cuid2", "ulid", "nanoid"];

/// Adds the parameters of every tool whose schema is known.
pub fn extract(facts: &mut Facts) {
    let of_tool = |(at, tool): (usize, &Tool)| -> Vec<Parameter> {
        let Known::Is(schema) = &tool.input_schema else { return Vec::new() };
        let mut about = About::new(tool.about.name.clone(), tool.about.span);
        (about.server, about.tool, about.part_of) = (tool.about.server, Some(ToolId(at as u32)), Some(tool.about.span));
        parameters(schema, &about)
    };
    let found: Vec<Vec<Parameter>> = facts.tools.par_iter().enumerate().map(of_tool).collect();
    facts.parameters.extend(found.into_iter().flatten());
}

/// The nodes of one schema; `about` is the tool's.
pub fn parameters(schema: &Spanned<Schema>, about: &About) -> Vec<Parameter> {
    let mut walk = Walk {
        schema: &schema.value,
        whole: schema.span,
        about,
        found: Vec::new(),
        open: Vec::new(),
        left: Cell::new(STEPS),
    };
    walk.node(&schema.value.json, String::new(), String::new());
    walk.found
}

/// Where a pointer of a schema stands: at itself, or at the nearest node above whose place is known.
pub fn place(schema: &Schema, pointer: &str, whole: Span) -> Span {
    let mut at = pointer;
    loop {
        if let Some(span) = schema.places.get(at) {
            return *span;
        }
        match at.rfind('/') {
            Some(end) => at = &at[..end],
            None => return whole,
        }
    }
}

struct Walk<'s> {
    schema: &'s Schema,
    whole: Span,
    about: &'s About,
    found: Vec<Parameter>,
    /// References that are being followed.
    open: Vec<String>,
    left: Cell<usize>,
}

/// One of the forms that a value may take.
struct Form<'s> {
    schema: &'s Map<String, Value>,
    pointer: String,
    references: Vec<String>,
}

impl<'s> Walk<'s> {
    fn node(&mut self, value: &'s Value, pointer: String, name: String) {
        if self.found.len() >= PARAMETERS || pointer.matches('/').count() > 4 * DEPTH {
            return;
        }
        let mut forms = Vec::new();
        let mut remote = Known::Absent;
        self.forms(value, &pointer, Vec::new(), &mut forms, &mut remote);
        let fact = self.fact(value, &pointer, &name, &forms, remote);
        self.found.push(fact);
        for form in forms {
            let depth = self.open.len();
            if depth + form.references.len() > DEPTH || form.references.iter().any(|target| self.open.contains(target))
            {
                continue;
            }
            self.open.extend(form.references.iter().cloned());
            self.below(form.schema, &form.pointer, &name);
            self.open.truncate(depth);
        }
    }

    /// Properties, items and further keys of one form.
    fn below(&mut self, map: &'s Map<String, Value>, pointer: &str, name: &str) {
        for (key, value) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let inner = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            self.node(value, format!("{pointer}/properties/{}", escape(key)), inner);
        }
        for key in ["items", "additionalProperties"] {
            if let Some(value) = map.get(key).filter(|value| value.is_object()) {
                let sign = if key == "items" { "[]" } else { ".*" };
                self.node(value, format!("{pointer}/{key}"), format!("{name}{sign}"));
            }
        }
        for (at, value) in map.get("prefixItems").and_then(Value::as_array).into_iter().flatten().enumerate() {
            self.node(value, format!("{pointer}/prefixItems/{at}"), format!("{name}[{at}]"));
        }
    }

    /// Every form of a value, with references followed and alternatives laid side by side; `null` is no form.
    fn forms(
        &self,
        value: &'s Value,
        pointer: &str,
        references: Vec<String>,
        forms: &mut Vec<Form<'s>>,
        remote: &mut Known<String>,
    ) {
        let Some(left) = self.left.get().checked_sub(1) else { return };
        self.left.set(left);
        let Some(map) = value.as_object().filter(|_| forms.len() < ALTERNATIVES) else { return };
        if let Some(target) = map.get("$ref").and_then(Value::as_str) {
            let Some(inner) = target.strip_prefix('#') else {
                *remote = Known::is(target.to_string(), place(self.schema, &format!("{pointer}/$ref"), self.whole));
                return;
            };
            let is_new = references.len() < DEPTH && !references.iter().any(|open| open == inner);
            if let Some(found) = self.schema.json.pointer(inner).filter(|_| is_new) {
                let references = references.into_iter().chain([inner.to_string()]).collect();
                self.forms(found, inner, references, forms, remote);
            }
            return;
        }
        if map.get("type").and_then(Value::as_str) == Some("null") {
            return;
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            let Some(branches) = map.get(key).and_then(Value::as_array) else { continue };
            for (at, branch) in branches.iter().enumerate().filter(|_| references.len() < DEPTH) {
                let references = references.iter().cloned().chain([format!("{pointer}/{key}/{at}")]).collect();
                self.forms(branch, &format!("{pointer}/{key}/{at}"), references, forms, remote);
            }
        }
        let is_only_choice = ["anyOf", "oneOf", "allOf"].iter().any(|key| map.contains_key(*key)) && !says_type(map);
        if !is_only_choice {
            forms.push(Form { schema: map, pointer: pointer.to_string(), references });
        }
    }

    fn fact(&self, value: &Value, pointer: &str, name: &str, forms: &[Form<'_>], remote: Known<String>) -> Parameter {
        let span = place(self.schema, pointer, self.whole);
        let mut about = self.about.clone();
        (about.name, about.span) = (if name.is_empty() { "arguments".into() } else { name.to_string() }, span);
        let at = |key: &str| place(self.schema, &format!("{pointer}/{key}"), self.whole);
        let types: BTreeSet<String> = forms.iter().flat_map(|form| types_of(form.schema)).collect();
        let text = |key: &str| {
            let own = value.get(key).and_then(Value::as_str);
            own.or_else(|| forms.iter().find_map(|form| form.schema.get(key)?.as_str())).map(str::to_string)
        };
        let pattern = text("pattern").or_else(|| text("format"));
        let objects: Vec<&Form<'_>> = forms.iter().filter(|form| is_object(form.schema)).collect();
        Parameter {
            about,
            json_type: self.json_type(&types, span),
            bounded: !forms.is_empty() && forms.iter().all(|form| is_bounded(form.schema)),
            enumerated: !forms.is_empty() && forms.iter().all(|form| is_enumerated(form.schema)),
            pattern: pattern.map_or(Known::Absent, |pattern| Known::is(pattern, at("pattern"))),
            description: text("description").map_or(Known::Absent, |text| Known::is(text, at("description"))),
            pointer: pointer.to_string(),
            open: match objects.as_slice() {
                [] => Known::Absent,
                objects => Known::is(objects.iter().any(|form| is_open(form.schema)), at("additionalProperties")),
            },
            remote_reference: remote,
        }
    }

    fn json_type(&self, types: &BTreeSet<String>, span: Span) -> Known<String> {
        let joined = types.iter().map(String::as_str).collect::<Vec<_>>().join("|");
        match joined.as_str() {
            "" if !self.schema.complete => {
                Known::unknown("known only in part: the rest of its schema exists only at run time", span)
            }
            "" => Known::Absent,
            _ => Known::is(joined, span),
        }
    }
}

fn says_type(map: &Map<String, Value>) -> bool {
    ["type", "properties", "items", "enum", "const"].iter().any(|key| map.contains_key(*key))
}

/// Types that a form states, or implies by its values; without `null`.
fn types_of(map: &Map<String, Value>) -> Vec<String> {
    let listed = |value: &Value| match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_string)).collect(),
        _ => vec![],
    };
    let mut types = map.get("type").map(listed).unwrap_or_default();
    if types.is_empty() {
        let values = map.get("enum").and_then(Value::as_array).into_iter().flatten().chain(map.get("const"));
        types = values.map(|value| type_of(value).to_string()).collect();
    }
    if types.is_empty() && map.contains_key("properties") {
        types.push("object".into());
    }
    types.retain(|name| name != "null");
    types
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn is_enumerated(map: &Map<String, Value>) -> bool {
    map.contains_key("enum") || map.contains_key("const")
}

/// Whether the values of a form cannot grow without end; a map is judged by its parts.
fn is_bounded(map: &Map<String, Value>) -> bool {
    let has = |key: &str| map.contains_key(key);
    let format = map.get("format").and_then(Value::as_str).unwrap_or("");
    let types = types_of(map);
    let of_type = |name: &String| match name.as_str() {
        "string" => has("maxLength") || has("pattern") || SHORT_FORMATS.contains(&format),
        "integer" | "number" => has("maximum") || has("exclusiveMaximum"),
        "array" => has("maxItems"),
        "boolean" | "object" | "null" => true,
        _ => false,
    };
    is_enumerated(map) || (!types.is_empty() && types.iter().all(of_type))
}

fn is_object(map: &Map<String, Value>) -> bool {
    types_of(map).iter().any(|name| name == "object")
}

/// JSON Schema takes unknown keys unless told not to.
fn is_open(map: &Map<String, Value>) -> bool {
    let closed = |key: &str| map.get(key) == Some(&Value::Bool(false));
    !closed("additionalProperties") && !closed("unevaluatedProperties")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, Syntax};
    use crate::source::Sources;

    /// Each parameter as `name type flags`.
    fn shown(text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let id = sources.add_text("s.json", text);
        let (document, _) = document::parse(id, Syntax::Json, text);
        let schema = crate::extract::schema::read(document.root().expect("parsed")).expect("small");
        let span = Span::new(id, 0, text.len());
        let about = About::new("tool", span);
        let line = |found: &Parameter| {
            let mut line = format!("{} {}", found.about.name, found.json_type.value().map_or("-", String::as_str));
            for (is_set, word) in [
                (found.bounded, " bounded"),
                (found.enumerated, " enumerated"),
                (found.open.value() == Some(&true), " open"),
            ] {
                line += if is_set { word } else { "" };
            }
            if let Some(target) = found.remote_reference.value() {
                line += &format!(" ->{target}");
            }
            line
        };
        parameters(&Spanned::new(schema, span), &about).iter().map(line).collect()
    }

    #[test]
    fn a_schema_is_walked_down_to_its_leaves() {
        let text = r##"{"type": "object", "additionalProperties": false, "properties": {
            "a": {"type": "string", "maxLength": 5}, "b": {"type": ["string", "null"]}, "c": {"enum": ["x", 1]},
            "d": {"type": "array", "items": {"type": "integer", "maximum": 3}, "maxItems": 2},
            "e": {"type": "object", "properties": {"f": {}}},
            "g": {"anyOf": [{"type": "string", "pattern": "^a$"}, {"type": "null"}]},
            "h": {"anyOf": [{"type": "string", "pattern": "^a$"}, {"type": "number"}]},
            "i": {"$ref": "#/$defs/i"}, "j": {"$ref": "https://a.example/s.json"},
            "k": {"type": "string", "format": "uri"}, "l": {"type": "string", "format": "uuid"}, "m": {"type": "boolean"}
        }, "$defs": {"i": {"type": "object", "additionalProperties": {"type": "string"}}}}"##;
        let expected = [
            "arguments object bounded",
            "a string bounded",
            "b string",
            "c number|string bounded enumerated",
            "d array bounded",
            "d[] integer bounded",
            "e object bounded open",
            "e.f -",
            "g string bounded",
            "h number|string",
            "i object bounded open",
            "i.* string",
            "j - ->https://a.example/s.json",
            "k string",
            "l string bounded",
            "m boolean bounded",
        ];
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn schemas_that_contain_themselves_come_to_an_end() {
        let tree = r##"{"type": "object", "properties": {"t": {"$ref": "#/$defs/t"}}, "$defs": {"t": {"type": "object", "properties": {"l": {"$ref": "#/$defs/t"}, "r": {"$ref": "#/$defs/t"}}}}}"##;
        assert_eq!(
            shown(tree),
            [
                "arguments object bounded open",
                "t object bounded open",
                "t.l object bounded open",
                "t.r object bounded open"
            ]
        );
        let own = r##"{"$ref": "#", "properties": {"a": {"$ref": "#/properties/a"}}}"##;
        assert!(shown(own).len() < 5);
        let wide: String = (0..30).map(|at| format!("\"d{at}\": {{\"properties\": {{\"a\": {{\"$ref\": \"#/d{}\"}}, \"b\": {{\"$ref\": \"#/d{}\"}}}}}},", at + 1, at + 1)).collect();
        let bomb = format!("{{{wide} \"properties\": {{\"x\": {{\"$ref\": \"#/d0\"}}}}}}");
        assert!(shown(&bomb).len() <= PARAMETERS);
        let choices = |at: usize| vec![format!("{{\"$ref\": \"#/c{}\"}}", at + 1); 30].join(", ");
        let levels: String = (0..15).map(|at| format!("\"c{at}\": {{\"anyOf\": [{}]}},", choices(at))).collect();
        assert_eq!(shown(&format!("{{{levels} \"properties\": {{\"x\": {{\"$ref\": \"#/c0\"}}}}}}")).len(), 2);
    }
}
