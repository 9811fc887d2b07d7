//! Whether a schema says what a tool gives back: declared, or made of the return type by the SDK.

use crate::code::Language;
use crate::extract::results::seek::Made;
use crate::extract::tools::behaviour::Does;
use crate::flow::meaning::value_in;
use crate::flow::{Flow, FunctionRef};
use crate::model::tool::Tool;
use crate::model::usage::Usage;
use crate::model::{About, Known};
use crate::source::Span;

/// What is known of the schema of a tool's results; nothing where they are no data.
pub fn usage(
    flow: &Flow,
    handler: FunctionRef,
    tool: &Tool,
    made: &Made,
    about: &About,
    derives: impl FnOnce() -> Option<Does>,
) -> Option<Usage> {
    let usage = |span: Span, sound: Known<bool>, setting: String| Usage {
        about: About { span, ..about.clone() },
        topic: "output-schema".to_string(),
        call: about.name.clone(),
        sound,
        setting,
    };
    if tool.has_output_schema {
        let span = tool.about.span;
        return Some(usage(span, Known::is(true, span), "its registration declares one".into()));
    }
    let function = flow.function(handler);
    let returns = function.returns.map(|id| value_in(handler.module, id));
    let written = returns.map(|at| (flow.sources.slice(flow.span(at)), flow.span(at)));
    if flow.program.module(handler.module).language != Language::Python {
        let span = made.structured?;
        return Some(usage(span, Known::is(false, span), "data is returned as text, and nothing says its form".into()));
    }
    let does = derives();
    let (kind, span) = match written {
        Some((text, span)) => (of_type(text), span),
        None => (Type::None, about.span),
    };
    let data = || {
        made.structured.map(|span| {
            usage(span, Known::is(false, span), "data is returned as text, and nothing says its form".into())
        })
    };
    match (kind, does) {
        (Type::Content, _) => data(),
        (Type::Plain, _) => data(),
        (Type::None, _) | (_, None) => data(),
        (_, Some(Does::This(does))) if does == "ignored" => {
            Some(usage(span, Known::is(false, span), "the SDK makes none of the return type".into()))
        }
        (Type::Open, Some(Does::This(_))) => {
            Some(usage(span, Known::is(false, span), "its return type names no fields".into()))
        }
        (Type::Named, Some(Does::This(_))) => {
            Some(usage(span, Known::is(true, span), "the SDK makes one of the return type".into()))
        }
        _ => Some(usage(
            span,
            Known::unknown("not known: whether the SDK makes one of the return type in this version", span),
            String::new(),
        )),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    /// Nothing is written.
    None,
    /// Text, a number or nothing.
    Plain,
    /// Content blocks of the protocol.
    Content,
    /// Data whose fields nobody names.
    Open,
    /// A type with fields.
    Named,
}

/// What a return type says about fields.
fn of_type(text: &str) -> Type {
    let words: Vec<&str> =
        text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let is = |list: &[&str]| words.iter().any(|word| list.contains(word));
    if is(&[
        "TextContent",
        "CallToolResult",
        "ToolResult",
        "ImageContent",
        "Image",
        "EmbeddedResource",
        "ContentBlock",
        "Content",
    ]) {
        return Type::Content;
    }
    if is(&["dict", "Dict", "Any", "object", "Mapping", "JSON", "Json"]) {
        return Type::Open;
    }
    let plain = ["str", "int", "float", "bool", "None", "bytes", "Optional", "Union", "types"];
    let lists = ["list", "List", "tuple", "Tuple", "Sequence", "Iterable", "set"];
    if words.iter().all(|word| plain.contains(word)) {
        return Type::Plain;
    }
    match words.iter().all(|word| plain.contains(word) || lists.contains(word)) {
        true if words.iter().all(|word| lists.contains(word)) => Type::Open,
        _ => Type::Named,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn return_types_name_fields_or_do_not() {
        for (text, expected) in [
            ("str", Type::Plain),
            ("Optional[str]", Type::Plain),
            ("dict[str, Any]", Type::Open),
            ("list", Type::Open),
            ("list[str]", Type::Named),
            ("list[Order]", Type::Named),
            ("Order | None", Type::Named),
            ("list[TextContent]", Type::Content),
        ] {
            assert_eq!(of_type(text), expected, "{text}");
        }
    }
}
