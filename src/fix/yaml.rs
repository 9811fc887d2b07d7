//! Edits of YAML that keep everything else as it is; what is not plainly safe is refused.

use super::edit::{Edit, line_break, line_end, line_start};
use super::json;
use crate::document::{Document, Node, NodeId, NodeKind, Syntax};
use crate::source::Span;

/// A YAML document with its text.
#[derive(Clone, Copy)]
pub struct Yaml<'a> {
    /// The text.
    pub text: &'a str,
    /// What it says.
    pub document: &'a Document,
}

impl<'a> Yaml<'a> {
    /// The map that has a key or a value at a place, and what the key stands for.
    pub fn holder(&self, span: Span) -> Option<(Node<'a>, Node<'a>)> {
        let nodes = self.document.nodes.iter().enumerate();
        let maps = nodes.filter(|(_, data)| matches!(data.kind, NodeKind::Map(_)));
        for (at, _) in maps {
            let map = self.document.node(NodeId(u32::try_from(at).ok()?));
            let found = map.entries().find(|(key, value)| key.span() == span || value.span() == span);
            if let Some((_, value)) = found {
                return Some((map, value));
            }
        }
        None
    }

    /// A map where lines may be added: in block style, used once, indented by spaces.
    fn block(&self, map: Node<'a>) -> Result<(usize, Vec<(Node<'a>, Node<'a>)>), String> {
        let NodeKind::Map(entries) = map.kind() else { return Err("it is no map".into()) };
        let own: Vec<(Node<'a>, Node<'a>)> = map
            .entries()
            .zip(entries)
            .filter(|((key, _), entry)| entry.alias.is_none() && map.span().range().contains(&key.span().range().start))
            .map(|(pair, _)| pair)
            .collect();
        let first = own.first().ok_or("all of it comes through an alias")?.0.span().range().start;
        let line = line_start(self.text, first);
        let before = self.text.get(line..first).unwrap_or("");
        if before.contains('\t') {
            return Err("it is indented by tabs".into());
        }
        if !before.chars().all(|letter| letter == ' ' || letter == '-' || letter == '"' || letter == '\'') {
            return Err("it begins on the line of its key, or carries an anchor or a tag".into());
        }
        if self.line_above(line).is_some_and(has_anchor) {
            return Err("it carries an anchor, so that a change may reach further".into());
        }
        let quote = usize::from(before.ends_with(['"', '\'']));
        Ok((first - line - quote, own))
    }

    /// The nearest line above that is neither empty nor a comment.
    fn line_above(&self, line: usize) -> Option<&'a str> {
        let above = self.text.get(..line)?.lines().rev();
        above.map(str::trim).find(|above| !above.is_empty() && !above.starts_with('#'))
    }

    /// An error where a node, or anything that it stands in, is used in more places than one.
    fn alone(&self, node: Node<'a>) -> Result<(), String> {
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); self.document.nodes.len()];
        for (at, data) in self.document.nodes.iter().enumerate() {
            let values: Vec<NodeId> = match &data.kind {
                NodeKind::Map(entries) => entries.iter().map(|entry| entry.value).collect(),
                NodeKind::List(items) => items.clone(),
                _ => continue,
            };
            for value in values {
                users.get_mut(value.0 as usize).into_iter().for_each(|of| of.push(at));
            }
        }
        let mut at = node.id().0 as usize;
        // One user each, so the way up ends, unless the document holds itself.
        for _ in 0..self.document.nodes.len() {
            match users.get(at).map_or(&[][..], Vec::as_slice) {
                [] => return Ok(()),
                [user] => at = *user,
                _ => break,
            }
        }
        Err("it is shared by an alias, so that a change would reach further".into())
    }

    /// An error where the smallest value around a place is not used there alone.
    fn alone_at(&self, span: Span) -> Result<(), String> {
        let holds = |own: Span| own.start <= span.start && span.end <= own.end;
        let around = self.document.nodes.iter().zip(0u32..).filter(|(data, _)| holds(data.span));
        let smallest = around.min_by_key(|(data, _)| data.span.end - data.span.start);
        smallest.map_or(Ok(()), |(_, at)| self.alone(self.document.node(NodeId(at))))
    }

    /// Adds lines to a map, given without its indentation.
    pub fn put(&self, map: Node<'a>, lines: &[&str]) -> Result<Edit, String> {
        self.alone(map)?;
        match self.brace(map) {
            Some(brace) if self.is_json() => return Ok(self.put_in_json(map, brace, lines)),
            Some(brace) => return self.put_in_flow(map, brace, lines),
            None => {}
        }
        let (indent, own) = self.block(map)?;
        let at =
            self.after_scalar(&own).or_else(|| self.before_first(&own)).ok_or("comments stand where it would go")?;
        let end = line_break(self.text, line_start(self.text, at.saturating_sub(1)));
        let pad = " ".repeat(indent);
        let mut insert: String = lines.iter().map(|line| format!("{pad}{line}{end}")).collect();
        let has_break = at == 0 || self.text.get(..at).is_some_and(|before| before.ends_with('\n'));
        if !has_break {
            insert = format!("{end}{}", insert.trim_end_matches(['\r', '\n']));
        }
        Ok(Edit::insert(map.document().source, at, insert))
    }

    /// Whether every text stands in quotes here.
    fn is_json(&self) -> bool {
        self.document.syntax == Syntax::Json
    }

    /// Adds entries to a map in JSON, in front of the others and laid out as the first of them.
    fn put_in_json(&self, map: Node<'a>, brace: usize, lines: &[&str]) -> Edit {
        let rest = self.text.get(brace + 1..).unwrap_or("");
        let gap = &rest[..rest.len() - rest.trim_start().len()];
        let quoted: Vec<String> = lines.iter().map(|line| json::entry(line)).collect();
        let entries = in_flow(&quoted.iter().map(String::as_str).collect::<Vec<_>>());
        let comma = match (map.entries().next().is_some(), gap.is_empty()) {
            (true, true) => ", ",
            (true, false) => ",",
            (false, _) => "",
        };
        let gap = if comma.is_empty() { "" } else { gap };
        Edit::insert(map.document().source, brace + 1, format!("{gap}{entries}{comma}"))
    }

    /// Offset of the brace of a map in flow style.
    fn brace(&self, map: Node<'a>) -> Option<usize> {
        let range = map.span().range();
        let text = self.text.get(range.clone())?;
        let brace = text.len() - text.trim_start().len();
        text.trim_start().starts_with('{').then_some(range.start + brace)
    }

    /// Adds entries to a map in flow style, in front of the others.
    fn put_in_flow(&self, map: Node<'a>, brace: usize, lines: &[&str]) -> Result<Edit, String> {
        let before = self.text.get(line_start(self.text, brace)..brace).unwrap_or("");
        let head = before.rsplit(['{', '[', ',']).next().unwrap_or(before);
        if has_anchor(head) || head.contains('!') {
            return Err("it carries an anchor or a tag".into());
        }
        let rest = self.text.get(brace + 1..).unwrap_or("");
        let gap = &rest[..rest.len() - rest.trim_start_matches(' ').len()];
        let comma = if map.entries().next().is_some() { "," } else { "" };
        let space = if gap.is_empty() && !comma.is_empty() { " " } else { "" };
        Ok(Edit::insert(map.document().source, brace + 1, format!("{gap}{}{comma}{space}", in_flow(lines))))
    }

    /// After the last entry whose value is one line long.
    fn after_scalar(&self, own: &[(Node<'a>, Node<'a>)]) -> Option<usize> {
        let plain = own.iter().rev().find(|(key, value)| {
            let whole = key.span().range().start..value.span().range().end;
            let text = self.text.get(whole.clone()).unwrap_or("\n");
            let rest = self.text.get(whole.end..line_end(self.text, whole.end)).unwrap_or("");
            let rest = rest.trim_start_matches(['"', '\'']).trim();
            value.scalar().is_some() && !text.contains('\n') && (rest.is_empty() || rest.starts_with('#'))
        });
        plain.map(|(_, value)| line_end(self.text, value.span().range().end))
    }

    /// Before the first entry, where nothing but its key stands above.
    fn before_first(&self, own: &[(Node<'a>, Node<'a>)]) -> Option<usize> {
        let first = own.first()?.0.span().range().start;
        let line = line_start(self.text, first);
        let is_alone = self.text.get(line..first)?.trim().is_empty();
        let above = self.text.get(..line)?.lines().next_back().unwrap_or("").trim();
        (is_alone && !above.is_empty() && !above.starts_with('#')).then_some(line)
    }

    /// Adds an element to a list in front of the others.
    pub fn put_first(&self, list: Node<'a>, item: &str) -> Result<Edit, String> {
        self.alone(list)?;
        let range = list.span().range();
        let first = list.items().next();
        let source = list.document().source;
        if self.text.get(range.clone()).is_some_and(|text| text.starts_with('[')) {
            let comma = if first.is_some() { ", " } else { "" };
            let item = if self.is_json() { json::value(item) } else { item.to_string() };
            return Ok(Edit::insert(source, range.start + 1, format!("{item}{comma}")));
        }
        let first = first.ok_or("the list is empty")?.span().range().start;
        let line = line_start(self.text, first);
        let before = self.text.get(line..first).unwrap_or("");
        let indent = before.find('-').filter(|at| before[..*at].bytes().all(|byte| byte == b' '));
        let indent = indent.ok_or("its elements do not stand on lines of their own, indented by spaces")?;
        if before.contains(['&', '!', '\t']) || self.line_above(line).is_some_and(has_anchor) {
            return Err("it carries an anchor or a tag".into());
        }
        let end = line_break(self.text, line);
        Ok(Edit::insert(source, line, format!("{}- {item}{end}", " ".repeat(indent))))
    }

    /// Replaces a scalar, quoting what would be read as something else.
    pub fn replace(&self, span: Span, value: &str, quoted: bool) -> Result<Edit, String> {
        self.alone_at(span)?;
        let before = self.text.get(..span.range().start).unwrap_or("");
        let is_quoted = before.ends_with(['"', '\'']);
        let text = if quoted && !is_quoted { format!("\"{value}\"") } else { value.to_string() };
        Ok(Edit::replace(span, text))
    }
}

/// Indented lines as entries in flow style; a line that ends with a colon holds the deeper ones after it.
fn in_flow(lines: &[&str]) -> String {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let (mut out, mut open): (String, Vec<usize>) = (String::new(), Vec::new());
    for line in lines {
        while open.last().is_some_and(|above| depth(line) <= *above) {
            open.pop();
            out.push('}');
        }
        if !out.is_empty() && !out.ends_with('{') {
            out.push_str(", ");
        }
        out.push_str(line.trim_start());
        if line.ends_with(':') {
            out.push_str(" {");
            open.push(depth(line));
        }
    }
    open.iter().for_each(|_| out.push('}'));
    out
}

/// Whether a line gives its value a name, or takes it from one.
fn has_anchor(line: &str) -> bool {
    let value = line.split_once(':').map_or(line, |(_, value)| value).trim_start();
    value.starts_with(['&', '*']) || line.trim_start_matches(['-', ' ']).starts_with('&')
}

#[cfg(test)]
mod tests {
    use super::in_flow;

    #[test]
    fn lines_become_entries_in_flow_style() {
        for (lines, expected) in [
            (&["a: 1", "b: [2]"][..], "a: 1, b: [2]"),
            (&["a:", "  b:", "    c: 1"], "a: {b: {c: 1}}"),
            (&["a:", "  b: 1", "c: 2"], "a: {b: 1}, c: 2"),
        ] {
            assert_eq!(in_flow(lines), expected);
        }
    }
}
