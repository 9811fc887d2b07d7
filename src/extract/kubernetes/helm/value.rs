//! Values of templates, and text that remembers where its parts come from.

use std::rc::Rc;

use crate::document::{Node, NodeKind};
use crate::extract::kubernetes::value::OPEN;
use crate::source::Span;

/// Levels of a value that are written out.
const DEPTH: usize = 60;
/// Bytes that one value may be written as.
const WRITTEN: usize = 1 << 20;

/// A value.
#[derive(Clone)]
pub enum Value<'a> {
    /// Nothing.
    Nil,
    /// A truth value.
    Bool(bool, Option<Span>),
    /// A number.
    Int(i64, Option<Span>),
    /// Any other number.
    Float(f64, Option<Span>),
    /// Text.
    Text(Rc<Rich>),
    /// A list or map of the chart's values.
    Node(Node<'a>),
    /// A list that a template makes.
    List(Rc<Vec<Value<'a>>>),
    /// A map that a template makes, in order.
    Map(Rc<Vec<(String, Value<'a>)>>),
    /// What cannot be known here.
    Open,
}

/// A part of a text and where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// First byte in the text.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Where it comes from.
    pub span: Span,
    /// Whether it stands there byte for byte.
    pub exact: bool,
}

/// Text with the places that its parts come from, in order.
#[derive(Clone, Debug, Default)]
pub struct Rich {
    /// The text.
    pub text: String,
    /// Its parts.
    pub marks: Vec<Mark>,
}

impl Rich {
    /// Text from one place, or from none.
    pub fn new(text: impl Into<String>, span: Option<Span>) -> Self {
        let text = text.into();
        let marks = span.map(|span| Mark { start: 0, end: text.len(), span, exact: false }).into_iter().collect();
        Self { text, marks }
    }

    /// Puts another text behind.
    pub fn push(&mut self, other: &Rich) {
        let offset = self.text.len();
        self.text.push_str(&other.text);
        self.marks.extend(other.marks.iter().map(|mark| Mark {
            start: mark.start + offset,
            end: mark.end + offset,
            ..*mark
        }));
    }

    /// Puts text behind that stands somewhere.
    pub fn push_from(&mut self, text: &str, span: Span, exact: bool) {
        let start = self.text.len();
        self.text.push_str(text);
        self.marks.push(Mark { start, end: self.text.len(), span, exact });
    }

    /// Place of its first part.
    pub fn span(&self) -> Option<Span> {
        self.marks.first().map(|mark| mark.span)
    }

    /// Every line behind so many spaces; `first` puts a line break before.
    pub fn indented(&self, by: usize, first: bool) -> Rich {
        let padding = " ".repeat(by.min(200));
        let mut out = Rich::default();
        if first {
            out.text.push('\n');
        }
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            out.text.push_str(&padding);
            let (start, end) = (at, at + line.len());
            let offset = out.text.len();
            out.text.push_str(line);
            at = end;
            let inside = self.marks.iter().filter(|mark| mark.start < end && mark.end > start);
            out.marks.extend(inside.map(|mark| {
                let skipped = start.saturating_sub(mark.start) as u32;
                let from = if mark.exact {
                    mark.span.start.saturating_add(skipped).min(mark.span.end)
                } else {
                    mark.span.start
                };
                Mark {
                    start: mark.start.max(start) - start + offset,
                    end: mark.end.min(end) - start + offset,
                    span: Span { start: from, ..mark.span },
                    exact: mark.exact,
                }
            }));
        }
        if self.text.is_empty() {
            out.text.push_str(&padding);
        }
        out
    }
}

impl<'a> Value<'a> {
    /// Text from one place, or from none.
    pub fn text(text: impl Into<String>, span: Option<Span>) -> Self {
        Value::Text(Rc::new(Rich::new(text, span)))
    }

    /// A node of the chart's values.
    pub fn of(node: Node<'a>) -> Self {
        let span = Some(node.span());
        match node.kind() {
            NodeKind::Null => Value::Nil,
            NodeKind::Bool(value) => Value::Bool(*value, span),
            NodeKind::Int(value) => Value::Int(*value, span),
            NodeKind::Float(value) => Value::Float(*value, span),
            NodeKind::Text(text) => Value::text(&**text, span),
            NodeKind::List(_) | NodeKind::Map(_) => Value::Node(node),
        }
    }

    /// Where it comes from.
    pub fn span(&self) -> Option<Span> {
        match self {
            Value::Nil | Value::List(_) | Value::Map(_) | Value::Open => None,
            Value::Bool(_, span) | Value::Int(_, span) | Value::Float(_, span) => *span,
            Value::Text(rich) => rich.span(),
            Value::Node(node) => Some(node.span()),
        }
    }

    /// Whether a condition takes it for true; nothing where it is open.
    pub fn truth(&self) -> Option<bool> {
        Some(match self {
            Value::Nil => false,
            Value::Bool(value, _) => *value,
            Value::Int(value, _) => *value != 0,
            Value::Float(value, _) => *value != 0.0,
            Value::Text(rich) if rich.text.contains(OPEN) => return None,
            Value::Text(rich) => !rich.text.is_empty(),
            Value::Node(node) => node.entries().next().is_some() || node.items().next().is_some(),
            Value::List(items) => !items.is_empty(),
            Value::Map(entries) => !entries.is_empty(),
            Value::Open => return None,
        })
    }

    /// A field of it.
    pub fn field(&self, name: &str) -> Value<'a> {
        match self {
            Value::Node(node) => node.get(name).map_or(Value::Nil, Value::of),
            Value::Map(entries) => {
                entries.iter().find(|(key, _)| key == name).map_or(Value::Nil, |(_, value)| value.clone())
            }
            Value::Open => Value::Open,
            _ => Value::Nil,
        }
    }

    /// Its elements or entries, with their keys.
    pub fn entries(&self) -> Vec<(Value<'a>, Value<'a>)> {
        let number = |at: usize| Value::Int(at as i64, None);
        match self {
            Value::Node(node) if node.is_map() => {
                let key = |key: Node<'a>| Value::text(key.scalar().unwrap_or_default(), Some(key.span()));
                let mut all: Vec<_> = node.entries().map(|(name, value)| (key(name), Value::of(value))).collect();
                all.sort_by_key(|(key, _)| key.written().text);
                all
            }
            Value::Node(node) => node.items().enumerate().map(|(at, item)| (number(at), Value::of(item))).collect(),
            Value::List(items) => items.iter().enumerate().map(|(at, item)| (number(at), item.clone())).collect(),
            Value::Map(entries) => {
                entries.iter().map(|(key, value)| (Value::text(key.clone(), None), value.clone())).collect()
            }
            Value::Int(count, _) => {
                (0..(*count).clamp(0, 1000)).map(|at| (Value::Int(at, None), Value::Int(at, None))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What it is written as.
    pub fn written(&self) -> Rich {
        match self {
            Value::Nil => Rich::default(),
            Value::Bool(value, span) => Rich::new(value.to_string(), *span),
            Value::Int(value, span) => Rich::new(value.to_string(), *span),
            Value::Float(value, span) => Rich::new(value.to_string(), *span),
            Value::Text(rich) => (**rich).clone(),
            Value::Open => Rich::new(OPEN, None),
            Value::Node(_) | Value::List(_) | Value::Map(_) => Rich::new("map[]", self.span()),
        }
    }

    /// It as YAML, without a line break at its end.
    pub fn yaml(&self) -> Rich {
        let mut out = Rich::default();
        self.write_yaml(&mut out, 0, DEPTH);
        while out.text.ends_with('\n') {
            out.text.pop();
        }
        let length = out.text.len();
        out.marks.iter_mut().for_each(|mark| mark.end = mark.end.min(length));
        out
    }

    fn write_yaml(&self, out: &mut Rich, indent: usize, depth: usize) {
        if out.text.len() > WRITTEN {
            return;
        }
        let is_map = matches!(self, Value::Map(_)) || matches!(self, Value::Node(node) if node.is_map());
        let is_list = matches!(self, Value::List(_)) || matches!(self, Value::Node(node) if node.is_list());
        let entries = if is_map || is_list { self.entries() } else { Vec::new() };
        if depth == 0 || !(is_map || is_list) || entries.is_empty() {
            let empty = if is_map { "{}" } else { "[]" };
            let scalar = if is_map || is_list { Rich::new(empty, self.span()) } else { self.scalar() };
            out.push(&scalar);
            out.text.push('\n');
            return;
        }
        let padding = " ".repeat(indent);
        for (at, (key, value)) in entries.into_iter().enumerate() {
            // What follows a dash or a colon on one line needs no padding.
            if at > 0 || !out.text.ends_with("- ") {
                out.text.push_str(&padding);
            }
            if is_list {
                out.text.push_str("- ");
                value.write_yaml(out, indent + 2, depth - 1);
                continue;
            }
            out.push(&key.scalar());
            out.text.push(':');
            let nests = !value.entries().is_empty() && !matches!(value, Value::Int(..));
            out.text.push_str(if nests { "\n" } else { " " });
            value.write_yaml(out, indent + 2, depth - 1);
        }
    }

    /// A scalar as YAML writes it.
    fn scalar(&self) -> Rich {
        match self {
            Value::Nil => Rich::new("null", None),
            Value::Text(rich) if needs_quotes(&rich.text) => Rich::new(quoted(&rich.text), rich.span()),
            other => other.written(),
        }
    }
}

/// Text in double quotes.
pub fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    format!("\"{escaped}\"")
}

fn needs_quotes(text: &str) -> bool {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/' | ' ' | '$');
    let is_other = matches!(
        text.to_ascii_lowercase().as_str(),
        "" | "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "~"
    );
    is_other
        || !text.chars().all(plain)
        || text.starts_with([' ', '-'])
        || text.ends_with(' ')
        || text.parse::<f64>().is_ok()
}
