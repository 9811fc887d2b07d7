//! TOML text to the spanned tree. The span of a `[table]` is its header; use the place of a key as evidence.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::document::{Document, Entry, NodeId, NodeKind, Syntax};
use crate::gap::{Gap, GapKind};
use crate::source::{SourceId, Span};

mod artifacts;

use artifacts::Shortened;

/// Faults told one by one.
const MAX_FAULTS: usize = 20;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Parses one file; each fault is a gap and the rest of the file is read all the same.
pub fn parse(source: SourceId, text: &str) -> (Document, Vec<Gap>) {
    let bare = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let base = text.len() - bare.len();
    let short = Shortened::of(bare);
    let mut reader = Reader { document: Document::new(source, Syntax::Toml), base, text, short: &short };
    let (table, errors) = DeTable::parse_recoverable(&short.text);
    let range = table.span();
    let root = reader.table(table.into_inner(), range);
    reader.document.roots.push(root);
    let gaps = errors.iter().take(MAX_FAULTS).map(|error| reader.gap(error)).collect();
    (reader.document, gaps)
}

struct Reader<'a> {
    document: Document,
    base: usize,
    text: &'a str,
    short: &'a Shortened<'a>,
}

impl Reader<'_> {
    /// The range without the one or three quotes around it, where there are any.
    fn unquoted(&self, span: Span) -> Span {
        let text = self.text.get(span.range()).unwrap_or_default();
        let within = |quote: &str| text.strip_prefix(quote).is_some_and(|rest| rest.ends_with(quote));
        let quotes = match text {
            _ if within("\"\"\"") || within("'''") => 3,
            _ if within("\"") || within("'") => 1,
            _ => 0,
        };
        Span { start: span.start + quotes, end: span.end - quotes, ..span }
    }

    fn span(&self, range: Range<usize>) -> Span {
        let range = self.short.whole(range);
        let end = (self.base + range.end).min(self.text.len());
        Span::new(self.document.source, (self.base + range.start).min(end), end)
    }

    fn gap(&self, error: &toml::de::Error) -> Gap {
        let message = error.message().trim().replace('\n', "; ");
        let kind = if message.contains("recur") { GapKind::TooLarge } else { GapKind::Unparsed };
        Gap::at(self.span(error.span().unwrap_or(0..0)), kind, format!("is not valid TOML: {message}"))
    }

    /// Recursion is bounded by the parser, which refuses nesting beyond 80.
    fn table(&mut self, table: DeTable<'_>, range: Range<usize>) -> NodeId {
        let mut pairs: Vec<_> = table.into_iter().collect();
        pairs.sort_by_key(|(key, _)| key.span().start);
        let mut entries = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let span = self.unquoted(self.span(key.span()));
            let key = self.document.add(NodeKind::Text(key.get_ref().as_ref().into()), span);
            let value = self.value(value);
            entries.push(Entry { key, value, alias: None });
        }
        // The parser refuses keys that stand twice.
        let span = self.span(range);
        self.document.add(NodeKind::Map(entries), span)
    }

    fn value(&mut self, value: Spanned<DeValue<'_>>) -> NodeId {
        let range = value.span();
        let span = self.span(range.clone());
        let (kind, span) = match value.into_inner() {
            DeValue::Table(table) => return self.table(table, range),
            DeValue::Array(array) => {
                let items = array.into_iter().map(|item| self.value(item)).collect();
                (NodeKind::List(items), span)
            }
            DeValue::String(text) => {
                let span = self.unquoted(span);
                (NodeKind::Text(text.as_ref().into()), span)
            }
            DeValue::Integer(number) => (integer(&number), span),
            DeValue::Float(number) => (NodeKind::Float(number.as_str().parse().unwrap_or(f64::NAN)), span),
            DeValue::Boolean(value) => (NodeKind::Bool(value), span),
            DeValue::Datetime(moment) => (NodeKind::Text(moment.to_string().into()), span),
        };
        self.document.add(kind, span)
    }
}

fn integer(number: &toml::de::DeInteger<'_>) -> NodeKind {
    match i64::from_str_radix(number.as_str(), number.radix()) {
        Ok(value) => NodeKind::Int(value),
        Err(_) => NodeKind::Text(number.as_str().into()),
    }
}
