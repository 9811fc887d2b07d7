//! YAML text to the spanned tree: several documents, aliases shared, merge keys resolved, core schema with care.
//!
//! Unquoted `yes`, `on` and the like stay text here, since readers disagree about them; [`super::Node::as_switch`]
//! reads them as YAML 1.1 does. Numbers with a leading zero stay text for the same reason.

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Tag};

use crate::document::{Document, Entry, KeyName, NodeId, NodeKind, Syntax};
use crate::gap::{Gap, GapKind};
use crate::source::{SourceId, Span};

/// Entries that merge keys may copy in one file.
const MERGE_BUDGET: usize = 500_000;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Parses every document of a file. A broken document keeps what stood before the fault; the next one is read again.
pub fn parse(source: SourceId, text: &str) -> (Document, Vec<Gap>) {
    let bare = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let options = granit_parser::options! { max_buffered_comment_events: 1 << 20, emit_unresolved_aliases: true };
    let mut parser = Parser::new_from_str_with_options(bare, options);
    let mut builder = Builder::new(source, text.len() - bare.len(), text.len());
    loop {
        match parser.next_event() {
            None | Some(Ok((Event::StreamEnd, _))) => break,
            Some(Ok((event, span))) => builder.event(event, span),
            Some(Err(error)) => {
                builder.fault(&error);
                if !matches!(parser.proceed_next_document(), Ok(true)) {
                    break;
                }
            }
        }
    }
    builder.abandon();
    (builder.document, builder.gaps)
}

/// A collection whose end has not been seen.
struct Frame {
    anchor: usize,
    start: Span,
    tag: Option<Box<str>>,
    shape: Shape,
}

enum Shape {
    List(Vec<NodeId>),
    Map { entries: Vec<Entry>, key: Option<NodeId> },
}

struct Builder {
    document: Document,
    gaps: Vec<Gap>,
    stack: Vec<Frame>,
    anchors: BTreeMap<usize, NodeId>,
    /// Places of the aliases among the elements of lists, for merge keys that name several maps.
    aliased_items: BTreeMap<(NodeId, NodeId), Span>,
    pending_items: Vec<(usize, NodeId, Span)>,
    /// Keys written as a plain `<<`.
    merge_keys: BTreeSet<NodeId>,
    merged: usize,
    base: usize,
    length: usize,
    last: Span,
    /// End of the last token that is content.
    content: u32,
}

impl Builder {
    fn new(source: SourceId, base: usize, length: usize) -> Self {
        Self {
            document: Document::new(source, Syntax::Yaml),
            gaps: Vec::new(),
            stack: Vec::new(),
            anchors: BTreeMap::new(),
            aliased_items: BTreeMap::new(),
            pending_items: Vec::new(),
            merge_keys: BTreeSet::new(),
            merged: 0,
            base,
            length,
            last: Span::new(source, 0, 0),
            content: 0,
        }
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        match span.byte_range() {
            Some(range) => Span::new(
                self.document.source,
                (self.base + range.start).min(self.length),
                (self.base + range.end).min(self.length),
            ),
            None => self.last,
        }
    }

    fn event(&mut self, event: Event<'_>, place: granit_parser::Span) {
        let span = self.span(place);
        self.last = span;
        match event {
            Event::Comment(..) => self.document.comments.push(span),
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), span),
            Event::SequenceStart(_, anchor, tag) => self.open(Shape::List(Vec::new()), anchor, tag.as_deref(), span),
            Event::MappingStart(_, anchor, tag) => {
                self.open(Shape::Map { entries: Vec::new(), key: None }, anchor, tag.as_deref(), span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::UnresolvedAlias(name) => {
                self.gaps.push(Gap::at(
                    span,
                    GapKind::Unparsed,
                    format!("names an anchor `{name}` that is not defined"),
                ));
                let node = self.document.add(NodeKind::Null, span);
                self.place(node, Some(span));
            }
            Event::DocumentStart(..) => self.anchors.clear(),
            _ => {}
        }
    }

    fn fault(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().map_or(self.last.end as usize, |offset| self.base + offset);
        let span = Span::new(self.document.source, at.min(self.length), at.min(self.length));
        let reason = format!("is not valid YAML: {}", error.info());
        let kind = match error.kind() {
            ErrorKind::RecursionLimitExceeded => GapKind::TooLarge,
            _ => GapKind::Unparsed,
        };
        self.gaps.push(Gap::at(span, kind, reason));
        self.abandon();
    }

    /// Ends every open collection where the text broke off.
    fn abandon(&mut self) {
        while !self.stack.is_empty() {
            self.close(self.last);
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<&Tag>, span: Span) {
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let plain = matches!(style, ScalarStyle::Plain);
        let kind = match tag.and_then(Tag::core_suffix) {
            Some("str") => NodeKind::Text(text.into()),
            Some(_) => resolve(text),
            None if tag.is_some() => NodeKind::Text(text.into()),
            None if plain => resolve(text),
            None => NodeKind::Text(text.into()),
        };
        let inner = if quoted && span.end - span.start >= 2 {
            Span { start: span.start + 1, end: span.end - 1, ..span }
        } else {
            span
        };
        self.content = self.content.max(span.end);
        let node = self.document.add(kind, inner);
        if plain && text == "<<" && tag.is_none() {
            self.merge_keys.insert(node);
        }
        self.finish(node, anchor, custom(tag), None);
    }

    fn open(&mut self, shape: Shape, anchor: usize, tag: Option<&Tag>, start: Span) {
        self.stack.push(Frame { anchor, start, tag: custom(tag), shape });
    }

    fn close(&mut self, end: Span) {
        let Some(frame) = self.stack.pop() else { return };
        // A block collection is closed by the token after it; its own text ends with what it holds.
        let block = end.start == end.end;
        let end = if block && self.content > frame.start.start {
            Span { start: self.content, end: self.content, ..end }
        } else {
            end
        };
        self.content = self.content.max(end.end);
        let span = frame.start.to(end);
        let depth = self.stack.len();
        let kind = match frame.shape {
            Shape::List(items) => NodeKind::List(items),
            Shape::Map { mut entries, key } => {
                if let Some(key) = key {
                    let value = self.document.add(NodeKind::Null, end);
                    entries.push(Entry { key, value, alias: None });
                }
                let entries = self.document.settle(entries, &self.merge_keys);
                NodeKind::Map(self.merge(entries))
            }
        };
        let node = self.document.add(kind, span);
        while let Some((_, item, alias)) = self.pending_items.pop_if(|pending| pending.0 > depth) {
            self.aliased_items.insert((node, item), alias);
        }
        self.finish(node, frame.anchor, frame.tag, None);
    }

    fn alias(&mut self, anchor: usize, span: Span) {
        self.content = self.content.max(span.end);
        let node = match self.anchors.get(&anchor) {
            Some(node) => *node,
            None => {
                self.gaps.push(Gap::at(span, GapKind::Unparsed, "is an alias of a node that contains it"));
                self.document.add(NodeKind::Null, span)
            }
        };
        if matches!(self.stack.last(), Some(Frame { shape: Shape::List(_), .. })) {
            self.pending_items.push((self.stack.len(), node, span));
        }
        self.place(node, Some(span));
    }

    fn finish(&mut self, node: NodeId, anchor: usize, tag: Option<Box<str>>, alias: Option<Span>) {
        if let Some(tag) = tag {
            self.document.tags.insert(node, tag);
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
        self.place(node, alias);
    }

    fn place(&mut self, node: NodeId, alias: Option<Span>) {
        match self.stack.last_mut().map(|frame| &mut frame.shape) {
            None => self.document.roots.push(node),
            Some(Shape::List(items)) => items.push(node),
            Some(Shape::Map { entries, key }) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push(Entry { key, value: node, alias }),
            },
        }
    }

    /// Replaces `<<` by the entries it brings: an explicit key wins, then the first map that has the key.
    fn merge(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        if !entries.iter().any(|entry| self.merge_keys.contains(&entry.key)) {
            return entries;
        }
        let own = entries.iter().filter(|entry| !self.merge_keys.contains(&entry.key));
        let mut seen: BTreeSet<KeyName<'_>> = own.filter_map(|entry| self.document.key_name(entry.key)).collect();
        let mut all = Vec::with_capacity(entries.len());
        for entry in entries {
            if !self.merge_keys.contains(&entry.key) {
                all.push(entry);
                continue;
            }
            for (map, alias) in self.merge_sources(&entry) {
                let NodeKind::Map(inherited) = &self.document.nodes[map.0 as usize].kind else { continue };
                for inherited in inherited {
                    self.merged += 1;
                    if self.merged > MERGE_BUDGET {
                        break;
                    }
                    if self.document.key_name(inherited.key).is_none_or(|name| seen.insert(name)) {
                        all.push(Entry { alias: Some(alias), ..inherited.clone() });
                    }
                }
            }
            if self.merged > MERGE_BUDGET {
                let span = self.document.nodes[entry.key.0 as usize].span;
                self.gaps.push(Gap::at(span, GapKind::TooLarge, "merges more entries than are followed"));
                break;
            }
        }
        all
    }

    fn merge_sources(&self, entry: &Entry) -> Vec<(NodeId, Span)> {
        let value = &self.document.nodes[entry.value.0 as usize];
        let whole = entry.alias.unwrap_or(value.span);
        match &value.kind {
            NodeKind::List(items) => {
                let alias = |item: &NodeId| self.aliased_items.get(&(entry.value, *item)).copied().unwrap_or(whole);
                items.iter().map(|item| (*item, alias(item))).collect()
            }
            _ => vec![(entry.value, whole)],
        }
    }
}

fn custom(tag: Option<&Tag>) -> Option<Box<str>> {
    tag.filter(|tag| tag.is_custom()).map(|tag| tag.original().into())
}

/// The core schema, for a scalar without quotes.
fn resolve(text: &str) -> NodeKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return NodeKind::Null,
        "true" | "True" | "TRUE" => return NodeKind::Bool(true),
        "false" | "False" | "FALSE" => return NodeKind::Bool(false),
        _ => {}
    }
    integer(text).or_else(|| float(text)).unwrap_or_else(|| NodeKind::Text(text.into()))
}

fn integer(text: &str) -> Option<NodeKind> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    if digits.is_empty() || leading_zero || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().map(NodeKind::Int)
}

fn radix(digits: &str, radix: u32) -> Option<NodeKind> {
    let valid = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    valid.then(|| i64::from_str_radix(digits, radix).ok()).flatten().map(NodeKind::Int)
}

fn float(text: &str) -> Option<NodeKind> {
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    match bare {
        ".inf" | ".Inf" | ".INF" => {
            let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
            return Some(NodeKind::Float(sign * f64::INFINITY));
        }
        ".nan" | ".NaN" | ".NAN" if bare == text => return Some(NodeKind::Float(f64::NAN)),
        _ => {}
    }
    let digits = bare.bytes().any(|byte| byte.is_ascii_digit());
    let shape = bare.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'-' | b'+'));
    let starts = bare.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    let whole = bare.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = whole && bare.len() > 1 && bare.starts_with('0');
    if !(digits && shape && starts) || leading_zero {
        return None;
    }
    text.parse().ok().map(NodeKind::Float)
}
