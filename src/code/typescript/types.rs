//! Types, as values.

use oxc_ast::ast::{
    TSImportTypeQualifier, TSLiteral, TSTupleElement, TSType, TSTypeName, TSTypeOperatorOperator, TSTypeQueryExprName,
    UnaryExpression,
};
use oxc_span::GetSpan;

use super::Lower;
use super::expression::number;
use crate::code::{Name, Operator, ValueId, ValueKind};

/// Longest union that is a chain of operations; a longer one is a flat group.
const LONGEST_UNION: usize = 100;

impl Lower<'_> {
    /// A type where a value is expected: names are names, `A | B` is an operation, `A<B>` has type arguments.
    pub fn type_value(&mut self, annotation: &TSType<'_>) -> ValueId {
        let span = annotation.span();
        self.deeper(span, |lower| lower.type_inner(annotation), |lower| lower.unknown(Vec::new(), span))
    }

    fn type_inner(&mut self, annotation: &TSType<'_>) -> ValueId {
        let span = annotation.span();
        if let Some(keyword) = keyword(annotation) {
            return self.add(ValueKind::Name(Name::new_static(keyword)), span);
        }
        match annotation {
            TSType::TSNullKeyword(_) | TSType::TSUndefinedKeyword(_) => self.add(ValueKind::Null, span),
            TSType::TSThisType(_) => self.add(ValueKind::This, span),
            TSType::TSArrayType(array) => {
                let base = self.add(ValueKind::Name(Name::new_static("Array")), span);
                let element = self.type_value(&array.element_type);
                self.add(ValueKind::Generic { base, arguments: [element].into() }, span)
            }
            TSType::TSTypeReference(reference) => {
                let base = self.type_name(&reference.type_name);
                self.with_type_arguments(base, reference.type_arguments.as_deref())
            }
            TSType::TSLiteralType(literal) => self.literal(&literal.literal),
            TSType::TSUnionType(union) => self.joined(&union.types, Operator::BitOr, span),
            TSType::TSIntersectionType(all) => self.joined(&all.types, Operator::BitAnd, span),
            TSType::TSTypeLiteral(literal) => self.literal_type(&literal.members, span),
            TSType::TSTupleType(tuple) => {
                let elements = tuple.element_types.iter().map(|element| self.tuple_element(element)).collect();
                self.add(ValueKind::Tuple(elements), span)
            }
            TSType::TSNamedTupleMember(member) => self.tuple_element(&member.element_type),
            TSType::TSParenthesizedType(inner) => self.type_value(&inner.type_annotation),
            TSType::TSTypeOperatorType(operator) => {
                let inner = self.type_value(&operator.type_annotation);
                match operator.operator {
                    TSTypeOperatorOperator::Readonly => inner,
                    _ => self.add(ValueKind::Unary(inner), span),
                }
            }
            TSType::TSTypeQuery(query) => {
                let base = match &query.expr_name {
                    TSTypeQueryExprName::TSImportType(import) => self.import_type(&import.source.value, None, span),
                    name => self.type_name(name.to_ts_type_name()),
                };
                let base = self.with_type_arguments(base, query.type_arguments.as_deref());
                self.add(ValueKind::Unary(base), span)
            }
            TSType::TSIndexedAccessType(access) => {
                let base = self.type_value(&access.object_type);
                let key = self.type_value(&access.index_type);
                self.add(ValueKind::Index { base, key }, span)
            }
            TSType::TSFunctionType(function) => {
                let returns = self.type_value(&function.return_type.type_annotation);
                self.unknown(vec![returns], span)
            }
            TSType::TSImportType(import) => self.import_type(&import.source.value, import.qualifier.as_ref(), span),
            TSType::JSDocNullableType(inner) => self.type_value(&inner.type_annotation),
            TSType::JSDocNonNullableType(inner) => self.type_value(&inner.type_annotation),
            _ => self.unknown(Vec::new(), span),
        }
    }

    /// A possibly qualified name of a type.
    pub fn type_name(&mut self, name: &TSTypeName<'_>) -> ValueId {
        let mut members = Vec::new();
        let mut name = name;
        while let TSTypeName::QualifiedName(qualified) = name {
            members.push((&qualified.right, qualified.span));
            name = &qualified.left;
        }
        let mut value = match name {
            TSTypeName::IdentifierReference(identifier) => self.identifier(&identifier.name, identifier.span),
            _ => self.add(ValueKind::This, name.span()),
        };
        while let Some((member, span)) = members.pop() {
            value = self.add(ValueKind::Field { base: value, name: member.name.as_str().into() }, span);
        }
        value
    }

    fn joined(&mut self, types: &[TSType<'_>], operator: Operator, span: oxc_span::Span) -> ValueId {
        let values: Vec<ValueId> = types.iter().map(|part| self.type_value(part)).collect();
        if values.len() > LONGEST_UNION {
            return self.unknown(values, span);
        }
        let joined =
            values.into_iter().reduce(|left, right| self.add(ValueKind::Binary { operator, left, right }, span));
        match joined {
            Some(joined) => joined,
            None => self.unknown(Vec::new(), span),
        }
    }

    fn literal(&mut self, literal: &TSLiteral<'_>) -> ValueId {
        match literal {
            TSLiteral::BooleanLiteral(literal) => self.add(ValueKind::Bool(literal.value), literal.span),
            TSLiteral::NumericLiteral(literal) => self.add(number(literal.value), literal.span),
            TSLiteral::StringLiteral(literal) => self.add(ValueKind::Text(literal.value.as_str().into()), literal.span),
            TSLiteral::UnaryExpression(unary) => self.negative(unary),
            TSLiteral::BigIntLiteral(_) | TSLiteral::TemplateLiteral(_) => self.unknown(Vec::new(), literal.span()),
        }
    }

    fn negative(&mut self, unary: &UnaryExpression<'_>) -> ValueId {
        let operand = self.expression(&unary.argument);
        let kind = match self.module.value(operand).kind {
            ValueKind::Int(number) => ValueKind::Int(number.wrapping_neg()),
            ValueKind::Float(number) => ValueKind::Float(-number),
            _ => ValueKind::Unary(operand),
        };
        self.add(kind, unary.span)
    }

    fn tuple_element(&mut self, element: &TSTupleElement<'_>) -> ValueId {
        match element {
            TSTupleElement::TSOptionalType(inner) => self.type_value(&inner.type_annotation),
            TSTupleElement::TSRestType(inner) => {
                let inner_value = self.type_value(&inner.type_annotation);
                self.add(ValueKind::Spread(inner_value), inner.span)
            }
            element => self.type_value(element.to_ts_type()),
        }
    }

    /// `import("m").A` as the value it would be.
    fn import_type(
        &mut self,
        module: &str,
        qualifier: Option<&TSImportTypeQualifier<'_>>,
        span: oxc_span::Span,
    ) -> ValueId {
        let text = self.add(ValueKind::Text(module.into()), span);
        let mut base = self.unknown(vec![text], span);
        let mut members = Vec::new();
        let mut qualifier = qualifier;
        while let Some(TSImportTypeQualifier::QualifiedName(qualified)) = qualifier {
            members.push(&qualified.right);
            qualifier = Some(&qualified.left);
        }
        if let Some(TSImportTypeQualifier::Identifier(first)) = qualifier {
            members.push(first);
        }
        while let Some(member) = members.pop() {
            base = self.add(ValueKind::Field { base, name: member.name.as_str().into() }, span);
        }
        base
    }
}

fn keyword(annotation: &TSType<'_>) -> Option<&'static str> {
    Some(match annotation {
        TSType::TSAnyKeyword(_) => "any",
        TSType::TSBigIntKeyword(_) => "bigint",
        TSType::TSBooleanKeyword(_) => "boolean",
        TSType::TSIntrinsicKeyword(_) => "intrinsic",
        TSType::TSNeverKeyword(_) => "never",
        TSType::TSNumberKeyword(_) => "number",
        TSType::TSObjectKeyword(_) => "object",
        TSType::TSStringKeyword(_) => "string",
        TSType::TSSymbolKeyword(_) => "symbol",
        TSType::TSUnknownKeyword(_) => "unknown",
        TSType::TSVoidKeyword(_) => "void",
        _ => return None,
    })
}
