//! What is written as a value, as far as declarations of tools need it.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::grammar::{Kinds, dotted};
use crate::code::Name;

/// Deepest nesting of a value that is kept.
const MAX_DEPTH: u32 = 48;
/// Longest name that is kept.
const MAX_NAME: usize = 200;

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// Text without holes.
    Text(Name),
    /// A truth value.
    Bool(bool),
    /// A name, dotted.
    Name(Name),
    /// A call, by its position in the outline.
    Call(usize),
    /// A list.
    List(Vec<Term>),
    /// Texts put together.
    Join(Vec<Term>),
    /// A function.
    Function,
    /// Anything else.
    Other,
}

impl Term {
    /// Turns numbers of the syntax tree into positions among the calls.
    pub(super) fn tie(&mut self, by_node: &BTreeMap<usize, usize>) {
        match self {
            Term::Call(node) => match by_node.get(node) {
                Some(at) => *node = *at,
                None => *self = Term::Other,
            },
            Term::List(all) | Term::Join(all) => all.iter_mut().for_each(|one| one.tie(by_node)),
            _ => {}
        }
    }
}

/// The children that have names.
pub(super) fn named(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

/// A node as a value.
pub(super) fn term(node: Node<'_>, text: &str, kinds: &Kinds) -> Term {
    at(node, text, kinds, 0)
}

fn at(node: Node<'_>, text: &str, kinds: &Kinds, depth: u32) -> Term {
    if depth > MAX_DEPTH {
        return Term::Other;
    }
    let slice = || text.get(node.byte_range()).unwrap_or_default();
    let inner = || named(node).into_iter().filter(|child| !kinds.comments.contains(&child.kind())).collect::<Vec<_>>();
    let kind = node.kind();
    if kinds.calls.contains(&kind) {
        // `"…".trimIndent()` is the text.
        let receiver = named(node).first().copied().filter(|first| first.kind() == "navigation_expression");
        let of_text = receiver.or(Some(node)).and_then(|one| named(one).first().copied());
        if let Some(literal) = of_text.filter(|one| one.kind().contains("string")) {
            return at(literal, text, kinds, depth + 1);
        }
        return Term::Call(node.id());
    }
    if kinds.closures.contains(&kind) {
        return Term::Function;
    }
    match kind {
        "true" | "false" | "boolean_literal" | "boolean" => Term::Bool(slice().eq_ignore_ascii_case("true")),
        "string_literal"
        | "string"
        | "multiline_string_literal"
        | "encapsed_string"
        | "raw_string_literal"
        | "verbatim_string_literal"
        | "nowdoc"
        | "heredoc"
        | "simple_symbol"
        | "heredoc_beginning" => literal(node, text),
        "binary_expression" | "additive_expression" | "binary" => {
            let sides = inner();
            let operator = sides
                .first()
                .zip(sides.last())
                .and_then(|(left, right)| text.get(left.end_byte()..right.start_byte()).map(str::trim));
            match (operator, sides.as_slice()) {
                (Some("+" | "."), [left, right]) => {
                    Term::Join(vec![at(*left, text, kinds, depth + 1), at(*right, text, kinds, depth + 1)])
                }
                _ => Term::Other,
            }
        }
        "chained_string" => Term::Join(inner().into_iter().map(|one| at(one, text, kinds, depth + 1)).collect()),
        "array"
        | "array_creation_expression"
        | "element_value_array_initializer"
        | "collection_literal"
        | "collection_expression"
        | "array_initializer" => Term::List(inner().into_iter().map(|one| at(one, text, kinds, depth + 1)).collect()),
        "parenthesized_expression" | "argument" | "array_element_initializer" | "await_expression" => match inner()[..]
        {
            [only] => at(only, text, kinds, depth + 1),
            [.., last] => at(last, text, kinds, depth + 1),
            [] => Term::Other,
        },
        "identifier"
        | "constant"
        | "name"
        | "type_identifier"
        | "field_access"
        | "scope_resolution"
        | "navigation_expression"
        | "member_access_expression"
        | "class_constant_access_expression"
        | "scoped_identifier"
        | "qualified_name"
        | "class_literal"
        | "qualified_identifier" => match slice() {
            name if name.len() <= MAX_NAME => Term::Name(dotted(name)),
            _ => Term::Other,
        },
        _ => Term::Other,
    }
}

/// A literal without holes; one with holes is not known.
fn literal(node: Node<'_>, text: &str) -> Term {
    let slice = |node: Node<'_>| text.get(node.byte_range()).unwrap_or_default();
    if node.kind() == "heredoc_beginning" {
        return heredoc(node, text);
    }
    if node.kind() == "verbatim_string_literal" {
        let whole = slice(node).trim_start_matches(['@', '"']).trim_end_matches('"');
        return Term::Text(whole.replace("\"\"", "\"").into());
    }
    if node.kind() == "simple_symbol" {
        return Term::Text(slice(node).trim_start_matches(':').into());
    }
    let mut found = String::new();
    for part in named(node) {
        match part.kind() {
            kind if kind.contains("interpolation") || kind == "interpolated_expression" => return Term::Other,
            "escape_sequence" | "character_escape_sequence" => found.push_str(&escaped(slice(part))),
            "string_start" | "string_end" | "heredoc_start" | "heredoc_end" | "raw_string_start" | "raw_string_end" => {
            }
            "nowdoc_body" | "heredoc_body" => found.push_str(slice(part)),
            "variable_name" | "member_access_expression" | "subscript_expression" => return Term::Other,
            _ => found.push_str(slice(part)),
        }
    }
    let is_block = slice(node).starts_with("\"\"\"") || slice(node).starts_with("<<<");
    let found = if is_block { unindented(&found) } else { found };
    Term::Text(found.into())
}

/// The body of `<<~TEXT` stands below the line that begins it.
fn heredoc(node: Node<'_>, text: &str) -> Term {
    let mark = text.get(node.byte_range()).unwrap_or_default();
    let mark = mark.trim_start_matches(['<', '~', '-']).trim_matches(['\'', '"']);
    let below = text.get(node.end_byte()..).unwrap_or_default();
    let mut lines = Vec::new();
    for line in below.lines().skip(1) {
        if line.trim() == mark {
            let body = lines.join("\n");
            return if body.contains("#{") { Term::Other } else { Term::Text(unindented(&body).into()) };
        }
        lines.push(line);
    }
    Term::Other
}

fn escaped(sequence: &str) -> String {
    match sequence {
        "\\n" => "\n".to_string(),
        "\\t" => "\t".to_string(),
        "\\r" => "\r".to_string(),
        other => other.strip_prefix('\\').unwrap_or(other).to_string(),
    }
}

/// Text without the indentation that its lines share, and without the line breaks around it.
fn unindented(text: &str) -> String {
    let filled = text.lines().filter(|line| !line.trim().is_empty());
    let common = filled.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let lines: Vec<&str> = text.lines().map(|line| line.get(common..).unwrap_or(line.trim_start())).collect();
    lines.join("\n").trim().to_string()
}
