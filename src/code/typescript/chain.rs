//! Chains that lean to the left (`a.b().c`, `1 + 2 + 3`), taken apart without recursion.

use oxc_ast::ast::{
    BinaryExpression, CallExpression, ChainElement, ComputedMemberExpression, Expression, LogicalExpression,
    PrivateFieldExpression, StaticMemberExpression, TSInstantiationExpression, TaggedTemplateExpression,
};

use super::Lower;
use super::expression::{binary_operator, logical_operator};
use crate::code::{Argument, Call, CallKind, ValueId, ValueKind};

/// One step from the inner value of a chain outwards.
enum Link<'e, 'a> {
    Binary(&'e BinaryExpression<'a>),
    Logical(&'e LogicalExpression<'a>),
    Member(&'e StaticMemberExpression<'a>),
    Private(&'e PrivateFieldExpression<'a>),
    Element(&'e ComputedMemberExpression<'a>),
    Call(&'e CallExpression<'a>),
    Tagged(&'e TaggedTemplateExpression<'a>),
    Generic(&'e TSInstantiationExpression<'a>),
}

impl Lower<'_> {
    /// Lowers an expression with the chain it ends.
    pub fn chain(&mut self, expression: &Expression<'_>) -> ValueId {
        let mut links = Vec::new();
        let inner = peel(expression, &mut links);
        let mut value = self.leaf(inner);
        while let Some(link) = links.pop() {
            value = self.link(value, link);
        }
        value
    }

    fn link(&mut self, base: ValueId, link: Link<'_, '_>) -> ValueId {
        match link {
            Link::Binary(binary) => {
                let right = self.expression(&binary.right);
                let operator = binary_operator(binary.operator);
                self.add(ValueKind::Binary { operator, left: base, right }, binary.span)
            }
            Link::Logical(logical) => {
                let right = self.expression(&logical.right);
                let operator = logical_operator(logical.operator);
                self.add(ValueKind::Binary { operator, left: base, right }, logical.span)
            }
            Link::Member(member) => {
                let name = member.property.name.as_str().into();
                self.add(ValueKind::Field { base, name }, member.span)
            }
            Link::Private(member) => {
                let name = format!("#{}", member.field.name).into();
                self.add(ValueKind::Field { base, name }, member.span)
            }
            Link::Element(member) => self.element(base, member),
            Link::Call(call) => self.call(base, call),
            Link::Tagged(tagged) => {
                let callee = self.with_type_arguments(base, tagged.type_arguments.as_deref());
                let parts = self.template_parts(&tagged.quasi);
                let arguments = parts.into_iter().map(|value| Argument { name: None, value }).collect();
                let call = Call { callee, arguments, kind: CallKind::Tagged };
                self.add(ValueKind::Call(Box::new(call)), tagged.span)
            }
            Link::Generic(generic) => self.with_type_arguments(base, Some(&generic.type_arguments)),
        }
    }

    /// `base[key]`; a constant text key is a member like any other.
    fn element(&mut self, base: ValueId, member: &ComputedMemberExpression<'_>) -> ValueId {
        let key = self.expression(&member.expression);
        match self.as_text(key).cloned() {
            Some(name) => self.add(ValueKind::Field { base, name }, member.span),
            None => self.add(ValueKind::Index { base, key }, member.span),
        }
    }

    fn call(&mut self, base: ValueId, call: &CallExpression<'_>) -> ValueId {
        let callee = self.with_type_arguments(base, call.type_arguments.as_deref());
        let arguments = self.arguments(&call.arguments);
        self.settle_require(callee, &arguments);
        let made = Call { callee, arguments, kind: CallKind::Plain };
        let kind = self.namespace_of(&made).unwrap_or_else(|| ValueKind::Call(Box::new(made)));
        self.add(kind, call.span)
    }
}

/// The innermost value of a chain; the links to it are left with the innermost last.
fn peel<'e, 'a>(expression: &'e Expression<'a>, links: &mut Vec<Link<'e, 'a>>) -> &'e Expression<'a> {
    let mut inner = expression;
    loop {
        inner = match inner {
            Expression::BinaryExpression(binary) => push(links, Link::Binary(binary), &binary.left),
            Expression::LogicalExpression(logical) => push(links, Link::Logical(logical), &logical.left),
            Expression::StaticMemberExpression(member) => push(links, Link::Member(member), &member.object),
            Expression::PrivateFieldExpression(member) => push(links, Link::Private(member), &member.object),
            Expression::ComputedMemberExpression(member) => push(links, Link::Element(member), &member.object),
            Expression::CallExpression(call) => push(links, Link::Call(call), &call.callee),
            Expression::TaggedTemplateExpression(tagged) => push(links, Link::Tagged(tagged), &tagged.tag),
            Expression::TSInstantiationExpression(generic) => push(links, Link::Generic(generic), &generic.expression),
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(call) => push(links, Link::Call(call), &call.callee),
                ChainElement::TSNonNullExpression(inner) => &inner.expression,
                ChainElement::StaticMemberExpression(member) => push(links, Link::Member(member), &member.object),
                ChainElement::PrivateFieldExpression(member) => push(links, Link::Private(member), &member.object),
                ChainElement::ComputedMemberExpression(member) => push(links, Link::Element(member), &member.object),
            },
            _ => match transparent(inner) {
                Some(operand) => operand,
                None => return inner,
            },
        };
    }
}

fn push<'e, 'a>(links: &mut Vec<Link<'e, 'a>>, link: Link<'e, 'a>, inner: &'e Expression<'a>) -> &'e Expression<'a> {
    links.push(link);
    inner
}

/// The operand of parentheses, of type assertions and of `(0, operand)`, as compilers call imported functions.
fn transparent<'e, 'a>(expression: &'e Expression<'a>) -> Option<&'e Expression<'a>> {
    Some(match expression {
        Expression::ParenthesizedExpression(inner) => &inner.expression,
        Expression::TSAsExpression(inner) => &inner.expression,
        Expression::TSSatisfiesExpression(inner) => &inner.expression,
        Expression::TSTypeAssertion(inner) => &inner.expression,
        Expression::TSNonNullExpression(inner) => &inner.expression,
        Expression::SequenceExpression(sequence) => match sequence.expressions.as_slice() {
            [Expression::NumericLiteral(_), operand] => operand,
            _ => return None,
        },
        _ => return None,
    })
}

/// An expression without the parentheses and type assertions around it.
pub fn bare<'e, 'a>(mut expression: &'e Expression<'a>) -> &'e Expression<'a> {
    while let Some(inner) = transparent(expression) {
        expression = inner;
    }
    expression
}
