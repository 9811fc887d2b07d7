//! Every text that a server shows to a model: names, descriptions, the words inside schemas, instructions.

use rayon::prelude::*;
use serde_json::Value;

use super::parameters::place;
use super::schema::escape;
use crate::load::Loaded;
use crate::model::known::{Known, Spanned};
use crate::model::text::ModelText;
use crate::model::tool::{Schema, Tool, ToolOrigin};
use crate::model::{About, Facts, ServerId, ToolId};
use crate::source::Span;

/// Texts that one tool may show before the rest is left out.
const TEXTS: usize = 5_000;
/// Levels that schemas are followed down.
const DEPTH: usize = 64;

/// Adds the texts of every tool and server.
pub fn extract(_loaded: &Loaded, facts: &mut Facts) {
    let of_tool = |(at, tool): (usize, &Tool)| -> Vec<ModelText> {
        let mut teller = Teller::new(tool, ToolId(at as u32));
        teller.tool(tool);
        teller.found
    };
    let of_tools: Vec<Vec<ModelText>> = facts.tools.par_iter().enumerate().map(of_tool).collect();
    let mut found: Vec<ModelText> = of_tools.into_iter().flatten().collect();
    for (at, server) in facts.servers.iter().enumerate() {
        let Known::Is(text) = &server.instructions else { continue };
        let mut about = About::new(server.about.name.clone(), text.span);
        (about.server, about.part_of) = (Some(ServerId(at as u32)), Some(server.about.span));
        found.push(ModelText {
            about,
            slot: "instructions".into(),
            text: text.value.clone(),
            found_in: "source".into(),
            parameter: Known::Absent,
        });
    }
    facts.texts.extend(found);
}

struct Teller {
    about: About,
    found_in: &'static str,
    found: Vec<ModelText>,
}

impl Teller {
    fn new(tool: &Tool, id: ToolId) -> Self {
        let mut about = About::new(tool.about.name.clone(), tool.about.span);
        (about.server, about.tool, about.part_of) = (tool.about.server, Some(id), Some(tool.about.span));
        let found_in = match tool.origin {
            ToolOrigin::Source => "source",
            ToolOrigin::Dump => "dump",
            ToolOrigin::Manifest => "manifest",
        };
        Self { about, found_in, found: Vec::new() }
    }

    fn tool(&mut self, tool: &Tool) {
        self.say("name", &tool.about.name, tool.about.span, &Known::Absent);
        for (slot, text) in [("title", &tool.title), ("description", &tool.description)] {
            if let Known::Is(text) = text {
                self.say(slot, &text.value, text.span, &Known::Absent);
            }
        }
        for schema in [&tool.input_schema, &tool.output_schema] {
            if let Known::Is(schema) = schema {
                self.schema(schema, &schema.value.json, String::new(), &Known::Absent, 0);
            }
        }
    }

    fn say(&mut self, slot: &str, text: &str, span: Span, parameter: &Known<String>) {
        if text.is_empty() || self.found.len() >= TEXTS {
            return;
        }
        let mut about = self.about.clone();
        about.span = span;
        self.found.push(ModelText {
            about,
            slot: slot.into(),
            text: text.to_string(),
            found_in: self.found_in.into(),
            parameter: parameter.clone(),
        });
    }

    /// The words of one schema node, then of all below it.
    fn schema(
        &mut self,
        whole: &Spanned<Schema>,
        node: &Value,
        pointer: String,
        parameter: &Known<String>,
        depth: usize,
    ) {
        let Some(map) = node.as_object().filter(|_| depth < DEPTH) else { return };
        let at = |key: &str| place(&whole.value, &format!("{pointer}/{key}"), whole.span);
        for (key, value) in map {
            match (key.as_str(), value) {
                ("description" | "title" | "$comment", Value::String(text)) => {
                    self.say("parameter-description", text, at(key), parameter);
                }
                ("default", value) => self.values("default", value, at(key), parameter, 0),
                ("enum" | "const", value) => self.values("enum", value, at(key), parameter, 0),
                ("examples" | "example", value) => self.values("example", value, at(key), parameter, 0),
                (
                    "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas",
                    Value::Object(inner),
                ) => {
                    for (name, schema) in inner {
                        let below = format!("{pointer}/{key}/{}", escape(name));
                        let span = place(&whole.value, &below, whole.span);
                        let own = Known::is(name.clone(), span);
                        if key == "properties" {
                            self.say("parameter-name", name, span, &own);
                        }
                        self.schema(whole, schema, below, &own, depth + 1);
                    }
                }
                (_, Value::Object(_)) => {
                    self.schema(whole, value, format!("{pointer}/{}", escape(key)), parameter, depth + 1)
                }
                (_, Value::Array(items)) => {
                    for (index, item) in items.iter().enumerate() {
                        let below = format!("{pointer}/{}/{index}", escape(key));
                        self.schema(whole, item, below, parameter, depth + 1);
                    }
                }
                (_, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {}
            }
        }
    }

    /// The texts inside a value, keys included.
    fn values(&mut self, slot: &str, value: &Value, span: Span, parameter: &Known<String>, depth: usize) {
        match value {
            Value::String(text) => self.say(slot, text, span, parameter),
            Value::Array(items) if depth < DEPTH => {
                items.iter().for_each(|item| self.values(slot, item, span, parameter, depth + 1));
            }
            Value::Object(map) if depth < DEPTH => {
                for (key, value) in map {
                    self.say(slot, key, span, parameter);
                    self.values(slot, value, span, parameter, depth + 1);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, Syntax};
    use crate::source::Sources;

    fn tool(schema: &str) -> (Tool, Sources) {
        let mut sources = Sources::default();
        let id = sources.add_text("s.json", schema);
        let (document, _) = document::parse(id, Syntax::Json, schema);
        let span = Span::new(id, 0, schema.len());
        let schema = crate::extract::schema::read(document.root().expect("parsed")).expect("small");
        let tool = Tool {
            about: About::new("search", span),
            title: Known::Absent,
            description: Known::is("Looks things up.".into(), span),
            read_only_hint: Known::Absent,
            destructive_hint: Known::Absent,
            idempotent_hint: Known::Absent,
            open_world_hint: Known::Absent,
            has_input_schema: true,
            has_output_schema: false,
            listed: true,
            dispatched: Known::Absent,
            only_named: false,
            condition: Known::Absent,
            on_by_default: Known::Absent,
            through: None,
            validated: Known::Absent,
            sdk_validates: Known::Absent,
            unknown_keys: Known::Absent,
            followed: Known::Absent,
            input_schema: Known::is(schema, span),
            enforced: Default::default(),
            output_schema: Known::Absent,
            handler: None,
            copies: Vec::new(),
            origin: ToolOrigin::Dump,
            places: vec![],
        };
        (tool, sources)
    }

    #[test]
    fn every_word_that_a_model_reads_is_a_text_at_its_place() {
        let schema = r#"{"type": "object", "properties": {"q": {"type": "string", "description": "What to find", "default": "all", "enum": ["a", "b"], "examples": [{"k": "v"}]}, "list": {"items": {"properties": {"deep": {"title": "Deep"}}}}}, "anyOf": [{"$comment": "hush"}]}"#;
        let (tool, sources) = tool(schema);
        let mut facts = Facts { tools: vec![tool], ..Facts::default() };
        extract(&Loaded::default(), &mut facts);
        let shown: Vec<_> = facts
            .texts
            .iter()
            .map(|text| (text.slot.as_str(), text.text.as_str(), text.parameter.value().map_or("", String::as_str)))
            .collect();
        let expected = [
            ("name", "search", ""),
            ("description", "Looks things up.", ""),
            ("parameter-name", "q", "q"),
            ("parameter-description", "What to find", "q"),
            ("default", "all", "q"),
            ("enum", "a", "q"),
            ("enum", "b", "q"),
            ("example", "k", "q"),
            ("example", "v", "q"),
            ("parameter-name", "list", "list"),
            ("parameter-name", "deep", "deep"),
            ("parameter-description", "Deep", "deep"),
            ("parameter-description", "hush", ""),
        ];
        assert_eq!(shown, expected);
        assert_eq!(sources.slice(facts.texts[3].about.span), "What to find");
        assert!(facts.texts.iter().all(|text| text.about.tool == Some(ToolId(0)) && text.found_in == "dump"));
    }
}
