//! Text literals, templates and documentation strings.

use ruff_python_ast::{self as ast, InterpolatedStringElement};
use ruff_text_size::Ranged;

use super::{Lowering, name};
use crate::code::{Documentation, Name, ValueId, ValueKind};
use crate::source::Span;

impl Lowering<'_> {
    /// A string literal, adjacent ones joined.
    pub(super) fn text(&mut self, literal: &ast::ExprStringLiteral) -> ValueId {
        let text = self.literal_text(literal);
        self.value(ValueKind::Text(text), literal)
    }

    /// Value of a string literal, with the line ends Python gives it.
    pub(super) fn literal_text(&self, literal: &ast::ExprStringLiteral) -> Name {
        let text = literal.value.to_str();
        if text.contains("\r\n") && self.text.get(self.span(literal).range()).is_some_and(|raw| raw.contains('\r')) {
            return name(text.replace("\r\n", "\n"));
        }
        name(text)
    }

    pub(super) fn bytes(&mut self, literal: &ast::ExprBytesLiteral) -> ValueId {
        let bytes: Vec<u8> = literal.value.bytes().collect();
        self.value(ValueKind::Text(name(String::from_utf8_lossy(&bytes))), literal)
    }

    /// An f-string, with the literals beside it.
    pub(super) fn template(&mut self, string: &ast::ExprFString) -> ValueId {
        let mut parts = Parts::default();
        for part in &string.value {
            match part {
                ast::FStringPart::Literal(literal) => parts.text(self, &literal.value, literal),
                ast::FStringPart::FString(fstring) => self.elements(&fstring.elements, &mut parts),
            }
        }
        let kind = parts.finish(self);
        self.value(kind, string)
    }

    /// A t-string is no text, but an object made of its parts.
    pub(super) fn template_object(&mut self, string: &ast::ExprTString) -> ValueId {
        let mut parts = Parts::default();
        for part in &string.value {
            self.elements(&part.elements, &mut parts);
        }
        parts.flush(self);
        self.value(ValueKind::Unknown(parts.values.into()), string)
    }

    fn elements(&mut self, elements: &[InterpolatedStringElement], parts: &mut Parts) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => parts.text(self, &literal.value, literal),
                InterpolatedStringElement::Interpolation(hole) => self.hole(hole, parts),
            }
        }
    }

    fn hole(&mut self, hole: &ast::InterpolatedElement, parts: &mut Parts) {
        if let Some(debug) = &hole.debug_text {
            parts.text(self, debug.as_str(), hole);
        }
        let value = self.expression(&hole.expression);
        let plain = matches!(hole.conversion, ast::ConversionFlag::None | ast::ConversionFlag::Str);
        if plain && hole.format_spec.is_none() {
            return parts.value(self, value);
        }
        let mut children = vec![value];
        if let Some(spec) = &hole.format_spec {
            let mut inner = Parts::default();
            self.elements(&spec.elements, &mut inner);
            inner.flush(self);
            children.extend(inner.values);
        }
        let shaped = self.value(ValueKind::Unknown(children.into()), hole);
        parts.value(self, shaped);
    }

    /// Takes the documentation string off the front of a body.
    pub(super) fn documented<'s>(&self, suite: &'s [ast::Stmt]) -> (Option<Documentation>, &'s [ast::Stmt]) {
        let documentation = suite.first().and_then(|first| self.documentation(first));
        match (documentation, suite) {
            (Some(documentation), [_, rest @ ..]) => (Some(documentation), rest),
            _ => (None, suite),
        }
    }

    /// A statement that is nothing but a string literal.
    pub(super) fn documentation(&self, statement: &ast::Stmt) -> Option<Documentation> {
        let ast::Stmt::Expr(statement) = statement else { return None };
        let ast::Expr::StringLiteral(literal) = &*statement.value else { return None };
        Some(Documentation { text: name(clean(&self.literal_text(literal))), span: self.span(literal) })
    }
}

/// Parts of a template, adjacent text joined.
#[derive(Default)]
struct Parts {
    values: Vec<ValueId>,
    text: String,
    span: Option<Span>,
}

impl Parts {
    fn text(&mut self, lowering: &Lowering, text: &str, ranged: &impl Ranged) {
        let span = lowering.span(ranged);
        self.text.push_str(text);
        self.span = Some(self.span.map_or(span, |before| before.to(span)));
    }

    fn value(&mut self, lowering: &mut Lowering, value: ValueId) {
        self.flush(lowering);
        self.values.push(value);
    }

    fn flush(&mut self, lowering: &mut Lowering) {
        let text = std::mem::take(&mut self.text);
        if let (Some(span), false) = (self.span.take(), text.is_empty()) {
            self.values.push(lowering.module.add_value(ValueKind::Text(name(text)), span));
        }
    }

    fn finish(mut self, lowering: &mut Lowering) -> ValueKind {
        if self.values.is_empty() {
            return ValueKind::Text(name(self.text));
        }
        self.flush(lowering);
        ValueKind::Template(self.values.into())
    }
}

/// Documentation without its indentation and the empty lines around it, as Python's own `inspect.cleandoc` has it.
pub(super) fn clean(text: &str) -> String {
    let text = expand_tabs(text);
    let mut lines: Vec<&str> = text.split('\n').collect();
    let indents = lines.iter().skip(1).map(|line| (line.len(), line.trim_start_matches(' ').len()));
    let margin = indents.filter(|(_, content)| *content > 0).map(|(length, content)| length - content).min();
    for line in lines.iter_mut().skip(1) {
        *line = line.get(margin.unwrap_or(0)..).unwrap_or("");
    }
    if let Some(first) = lines.first_mut() {
        *first = first.trim_start_matches(' ');
    }
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1);
    let start = lines.iter().position(|line| !line.is_empty()).unwrap_or(0);
    lines.get(start..end).unwrap_or(&[]).join("\n")
}

/// Tabs as spaces up to the next multiple of eight columns.
fn expand_tabs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for letter in text.chars() {
        match letter {
            '\t' => {
                let width = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            '\n' | '\r' => {
                out.push(letter);
                column = 0;
            }
            _ => {
                out.push(letter);
                column += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_loses_indentation_and_surrounding_empty_lines() {
        let cases = [
            ("One line.", "One line."),
            ("  Padded.  ", "Padded.  "),
            ("\n    First.\n\n      Indented.\n    Last.\n    ", "First.\n\n  Indented.\nLast."),
            ("First.\n\tTab\n        Spaces", "First.\nTab\nSpaces"),
            ("First.\n  é\n", "First.\né"),
            ("", ""),
            ("\n\n", ""),
            ("a\n \n    b", "a\n\nb"),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(text), expected, "{text:?}");
        }
    }
}
