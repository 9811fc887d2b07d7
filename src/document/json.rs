//! JSON text to the spanned tree: comments and trailing commas accepted, everything else as the standard has it.

use std::collections::BTreeSet;

use jsonc_parser::ast::{Object, ObjectPropName, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::tokens::Token;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use crate::document::{Document, Entry, NodeId, NodeKind, Syntax};
use crate::gap::{Gap, GapKind};
use crate::source::{SourceId, Span};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Parses one value. Several values in one text are read as newline-delimited JSON, where they are that.
pub fn parse(source: SourceId, text: &str) -> (Document, Vec<Gap>) {
    let mut reader = Reader { document: Document::new(source, Syntax::Json), base: 0 };
    match reader.read(text) {
        Ok(Some(root)) => reader.document.roots.push(root),
        Ok(None) => return (reader.document, vec![empty(source, text)]),
        Err(problem) if problem.several_values => {
            let (document, gaps) = parse_lines(source, text);
            if gaps.is_empty() {
                return (document, gaps);
            }
            return (reader.document, vec![problem.gap]);
        }
        Err(problem) => return (reader.document, vec![problem.gap]),
    }
    (reader.document, Vec::new())
}

/// Parses newline-delimited JSON: one root for each line that holds a value, a gap for each line that does not parse.
pub fn parse_lines(source: SourceId, text: &str) -> (Document, Vec<Gap>) {
    let mut reader = Reader { document: Document::new(source, Syntax::JsonLines), base: 0 };
    let mut gaps = Vec::new();
    for line in text.split_inclusive('\n') {
        match reader.read(line) {
            Ok(root) => reader.document.roots.extend(root),
            Err(problem) => gaps.push(problem.gap),
        }
        reader.base += line.len();
    }
    if reader.document.roots.is_empty() && gaps.is_empty() {
        gaps.push(empty(source, text));
    }
    (reader.document, gaps)
}

fn empty(source: SourceId, text: &str) -> Gap {
    Gap::at(Span::new(source, 0, text.len()), GapKind::Unparsed, "is empty where a JSON value should stand")
}

struct Problem {
    gap: Gap,
    several_values: bool,
}

struct Reader {
    document: Document,
    /// Offset of the text being read in its file.
    base: usize,
}

impl Reader {
    fn read(&mut self, text: &str) -> Result<Option<NodeId>, Problem> {
        let outer = self.base;
        let bare = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        self.base += text.len() - bare.len();
        let collect = CollectOptions { comments: CommentCollectionStrategy::AsTokens, tokens: true };
        let result = parse_to_ast(bare, &collect, &standard())
            .map(|parsed| {
                for token in parsed.tokens.iter().flatten() {
                    if matches!(token.token, Token::CommentLine(_) | Token::CommentBlock(_)) {
                        let span = self.span(token.range);
                        self.document.comments.push(span);
                    }
                }
                parsed.value.as_ref().map(|value| self.lower(value))
            })
            .map_err(|error| self.problem(&error));
        self.base = outer;
        result
    }

    fn problem(&self, error: &jsonc_parser::errors::ParseError) -> Problem {
        let (kind, reason) = match error.kind() {
            ParseErrorKind::NestingDepthExceeded => {
                (GapKind::TooLarge, String::from("is nested too deeply to be read"))
            }
            other => (GapKind::Unparsed, format!("is not valid JSON: {}", lower_first(&other.to_string()))),
        };
        let several_values = matches!(error.kind(), ParseErrorKind::MultipleRootJsonValues);
        Problem { gap: Gap::at(self.span(error.range()), kind, reason), several_values }
    }

    fn span(&self, range: Range) -> Span {
        Span::new(self.document.source, self.base + range.start, self.base + range.end)
    }

    /// Recursion is bounded by the parser, which refuses nesting beyond 512.
    fn lower(&mut self, value: &Value<'_>) -> NodeId {
        let span = self.span(value.range());
        let (kind, span) = match value {
            Value::NullKeyword(_) => (NodeKind::Null, span),
            Value::BooleanLit(literal) => (NodeKind::Bool(literal.value), span),
            Value::NumberLit(literal) => (number(literal.value), span),
            Value::StringLit(literal) => (NodeKind::Text((&*literal.value).into()), unquoted(span)),
            Value::Array(array) => {
                let items = array.elements.iter().map(|item| self.lower(item)).collect();
                (NodeKind::List(items), span)
            }
            Value::Object(object) => (self.lower_object(object), span),
        };
        self.document.add(kind, span)
    }

    fn lower_object(&mut self, object: &Object<'_>) -> NodeKind {
        let mut entries = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            let (name, span) = match &property.name {
                ObjectPropName::String(literal) => (&*literal.value, unquoted(self.span(literal.range))),
                ObjectPropName::Word(word) => (word.value, self.span(word.range)),
            };
            let key = self.document.add(NodeKind::Text(name.into()), span);
            let value = self.lower(&property.value);
            entries.push(Entry { key, value, alias: None });
        }
        NodeKind::Map(self.document.settle(entries, &BTreeSet::new()))
    }
}

/// The standard with comments and trailing commas, which hosts accept in their files.
fn standard() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn number(text: &str) -> NodeKind {
    match text.parse::<i64>() {
        Ok(value) => NodeKind::Int(value),
        Err(_) => NodeKind::Float(text.parse().unwrap_or(f64::NAN)),
    }
}

fn unquoted(span: Span) -> Span {
    if span.end - span.start < 2 {
        return span;
    }
    Span { start: span.start + 1, end: span.end - 1, ..span }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}
