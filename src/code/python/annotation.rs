//! Types: annotations, class heads and subscripts of well-known types.

use ruff_python_ast as ast;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

use super::{Lowering, Places, height};
use crate::code::{Operator, ValueId, ValueKind};

/// Names whose subscripts are types wherever they stand.
const TYPES: &[&str] = &[
    "Annotated",
    "AsyncGenerator",
    "AsyncIterable",
    "AsyncIterator",
    "Awaitable",
    "Callable",
    "ClassVar",
    "Coroutine",
    "DefaultDict",
    "Dict",
    "Final",
    "FrozenSet",
    "Generator",
    "Iterable",
    "Iterator",
    "List",
    "Literal",
    "Mapping",
    "MutableMapping",
    "NotRequired",
    "Optional",
    "Required",
    "Sequence",
    "Set",
    "Tuple",
    "Type",
    "Union",
    "Unpack",
    "dict",
    "frozenset",
    "list",
    "set",
    "tuple",
    "type",
];

impl Lowering<'_> {
    /// An expression in a place where types stand.
    pub(super) fn annotation(&mut self, expr: &ast::Expr) -> ValueId {
        match expr {
            ast::Expr::StringLiteral(literal) => self.quoted_type(literal),
            ast::Expr::Subscript(subscript) => self.generic(subscript),
            ast::Expr::BinOp(operation) if operation.op == ast::Operator::BitOr => {
                let left = self.annotation(&operation.left);
                let right = self.annotation(&operation.right);
                self.value(ValueKind::Binary { operator: Operator::BitOr, left, right }, operation)
            }
            ast::Expr::List(list) => {
                let items = self.annotations(&list.elts);
                self.value(ValueKind::List(items), list)
            }
            ast::Expr::Tuple(tuple) => {
                let items = self.annotations(&tuple.elts);
                self.value(ValueKind::Tuple(items), tuple)
            }
            ast::Expr::Starred(starred) => {
                let value = self.annotation(&starred.value);
                self.value(ValueKind::Spread(value), starred)
            }
            _ => self.expression(expr),
        }
    }

    fn annotations(&mut self, exprs: &[ast::Expr]) -> Box<[ValueId]> {
        exprs.iter().map(|expr| self.annotation(expr)).collect()
    }

    /// `Base[arguments]`; in `Literal` they are values, in `Annotated` all but the first are.
    pub(super) fn generic(&mut self, subscript: &ast::ExprSubscript) -> ValueId {
        let base = self.expression(&subscript.value);
        let arguments = match &*subscript.slice {
            ast::Expr::Tuple(tuple) if !tuple.parenthesized => tuple.elts.as_slice(),
            single => std::slice::from_ref(single),
        };
        let arguments = match (last_name(&subscript.value), arguments) {
            (Some("Literal"), values) => self.expressions(values),
            (Some("Annotated"), [of, metadata @ ..]) => {
                let of = self.annotation(of);
                let metadata = self.expressions(metadata);
                std::iter::once(of).chain(metadata).collect()
            }
            (_, types) => self.annotations(types),
        };
        self.value(ValueKind::Generic { base, arguments }, subscript)
    }

    /// A type in quotes. Text that is no expression stays text.
    fn quoted_type(&mut self, literal: &ast::ExprStringLiteral) -> ValueId {
        let text = literal.value.to_str();
        if height::exceeds(text, Mode::ParenthesizedExpression) {
            return self.text(literal);
        }
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::ParenthesizedExpression));
        if height::excess(parsed.tokens()).is_some() {
            std::mem::forget(parsed);
            return self.text(literal);
        }
        let is_whole = parsed.errors().is_empty();
        let ast::Mod::Expression(parsed) = parsed.into_syntax() else { return self.text(literal) };
        if !is_whole {
            return self.text(literal);
        }
        let inner = self.places_in(literal);
        let outer = std::mem::replace(&mut self.places, inner);
        let value = self.annotation(&parsed.body);
        self.places = outer;
        value
    }

    /// Where the inside of a literal stands: exact when it is written as it reads.
    fn places_in(&self, literal: &ast::ExprStringLiteral) -> Places {
        let whole = Places::All(self.span(literal));
        let (Places::From(offset), Some(part)) = (self.places, literal.as_single_part_string()) else { return whole };
        let content = part.content_range();
        let start = offset.saturating_add(content.start().to_usize());
        match self.text.get(start..start.saturating_add(content.len().to_usize())) {
            Some(raw) if raw == part.as_str() => Places::From(start),
            _ => whole,
        }
    }
}

/// Whether a subscript's base is a well-known type.
pub(super) fn is_type(base: &ast::Expr) -> bool {
    last_name(base).is_some_and(|name| TYPES.binary_search(&name).is_ok())
}

/// The name itself, or the last member of a dotted one.
pub(super) fn last_name(expr: &ast::Expr) -> Option<&str> {
    match expr {
        ast::Expr::Name(name) => Some(&name.id),
        ast::Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_types_are_sorted_for_the_search() {
        assert!(TYPES.is_sorted());
    }
}
