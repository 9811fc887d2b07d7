//! JSX: only what runs inside it is kept.

use oxc_ast::ast::{
    JSXAttributeItem, JSXAttributeValue, JSXChild, JSXElement, JSXElementName, JSXExpression, JSXFragment,
    JSXMemberExpressionObject,
};

use super::Lower;
use crate::code::{ValueId, ValueKind};

impl Lower<'_> {
    /// An element: its component, attribute values and children.
    pub fn jsx_element(&mut self, element: &JSXElement<'_>) -> ValueId {
        self.deeper(
            element.span,
            |lower| lower.jsx_element_inner(element),
            |lower| lower.unknown(Vec::new(), element.span),
        )
    }

    fn jsx_element_inner(&mut self, element: &JSXElement<'_>) -> ValueId {
        let mut parts = Vec::new();
        let opening = &element.opening_element;
        parts.extend(self.jsx_name(&opening.name));
        for attribute in &opening.attributes {
            match attribute {
                JSXAttributeItem::SpreadAttribute(spread) => parts.push(self.expression(&spread.argument)),
                JSXAttributeItem::Attribute(attribute) => {
                    let value = attribute.value.as_ref();
                    parts.extend(value.and_then(|value| self.jsx_attribute(value)));
                }
            }
        }
        self.jsx_children(&element.children, &mut parts);
        self.unknown(parts, element.span)
    }

    /// A fragment: its children.
    pub fn jsx_fragment(&mut self, fragment: &JSXFragment<'_>) -> ValueId {
        let mut parts = Vec::new();
        self.deeper(fragment.span, |lower| lower.jsx_children(&fragment.children, &mut parts), |_| ());
        self.unknown(parts, fragment.span)
    }

    fn jsx_name(&mut self, name: &JSXElementName<'_>) -> Option<ValueId> {
        match name {
            JSXElementName::IdentifierReference(identifier) => Some(self.identifier(&identifier.name, identifier.span)),
            JSXElementName::MemberExpression(member) => {
                let mut object = &member.object;
                while let JSXMemberExpressionObject::MemberExpression(inner) = object {
                    object = &inner.object;
                }
                match object {
                    JSXMemberExpressionObject::IdentifierReference(identifier) => {
                        Some(self.identifier(&identifier.name, identifier.span))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn jsx_attribute(&mut self, value: &JSXAttributeValue<'_>) -> Option<ValueId> {
        match value {
            JSXAttributeValue::StringLiteral(text) => {
                Some(self.add(ValueKind::Text(text.value.as_str().into()), text.span))
            }
            JSXAttributeValue::ExpressionContainer(container) => self.jsx_expression(&container.expression),
            JSXAttributeValue::Element(element) => Some(self.jsx_element(element)),
            JSXAttributeValue::Fragment(fragment) => Some(self.jsx_fragment(fragment)),
        }
    }

    fn jsx_expression(&mut self, expression: &JSXExpression<'_>) -> Option<ValueId> {
        expression.as_expression().map(|expression| self.expression(expression))
    }

    fn jsx_children(&mut self, children: &[JSXChild<'_>], parts: &mut Vec<ValueId>) {
        for child in children {
            match child {
                JSXChild::Text(text) => parts.push(self.add(ValueKind::Text(text.value.as_str().into()), text.span)),
                JSXChild::Element(element) => parts.push(self.jsx_element(element)),
                JSXChild::Fragment(fragment) => parts.push(self.jsx_fragment(fragment)),
                JSXChild::ExpressionContainer(container) => parts.extend(self.jsx_expression(&container.expression)),
                JSXChild::Spread(spread) => parts.push(self.expression(&spread.expression)),
            }
        }
    }
}
