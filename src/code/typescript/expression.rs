//! Expressions that are not chains.

use oxc_ast::ast::{
    Argument as JsArgument, ArrayExpression, ArrayExpressionElement, ConditionalExpression, Expression,
    ImportExpression, NewExpression, ObjectExpression, ObjectProperty, ObjectPropertyKind, PropertyKey, PropertyKind,
    TSTypeParameterInstantiation, TemplateElement, TemplateLiteral, UnaryExpression,
};
use oxc_span::GetSpan;
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};

use super::Lower;
use crate::code::{Argument, Call, CallKind, FunctionKind, MapEntry, MapKey, Name, Operator, ValueId, ValueKind};

impl Lower<'_> {
    /// Lowers any expression.
    pub fn expression(&mut self, expression: &Expression<'_>) -> ValueId {
        let span = expression.span();
        self.deeper(span, |lower| lower.chain(expression), |lower| lower.unknown(Vec::new(), span))
    }

    /// An expression that is not a chain, without the parentheses around it.
    pub fn leaf(&mut self, expression: &Expression<'_>) -> ValueId {
        let span = expression.span();
        match expression {
            Expression::BooleanLiteral(literal) => self.add(ValueKind::Bool(literal.value), span),
            Expression::NullLiteral(_) => self.add(ValueKind::Null, span),
            Expression::NumericLiteral(literal) => self.add(number(literal.value), span),
            Expression::BigIntLiteral(literal) => self.add(big(&literal.value), span),
            Expression::RegExpLiteral(literal) => self.add(ValueKind::Regex(name(&literal.regex.pattern.text)), span),
            Expression::StringLiteral(literal) => self.add(ValueKind::Text(name(&literal.value)), span),
            Expression::TemplateLiteral(template) => self.template(template),
            Expression::Identifier(identifier) => self.identifier(&identifier.name, span),
            Expression::ThisExpression(_) => self.add(ValueKind::This, span),
            Expression::Super(_) => self.add(ValueKind::Super, span),
            Expression::ImportMeta(_) => self.meta("import", "meta", span),
            Expression::NewTarget(_) => self.meta("new", "target", span),
            Expression::ArrayExpression(array) => self.array(array),
            Expression::ObjectExpression(object) => self.object(object),
            Expression::ArrowFunctionExpression(arrow) => {
                let function = self.arrow(arrow, None);
                self.add(ValueKind::Function(function), span)
            }
            Expression::FunctionExpression(function) => {
                let function = self.function(function, FunctionKind::Closure, None);
                self.add(ValueKind::Function(function), span)
            }
            Expression::ClassExpression(class) => {
                let class = self.class(class, None);
                self.add(ValueKind::Class(class), span)
            }
            Expression::AssignmentExpression(assignment) => {
                let assignment = self.assignment(assignment);
                self.add(ValueKind::Assign(Box::new(assignment)), span)
            }
            Expression::UpdateExpression(update) => {
                let assignment = self.update(update);
                self.add(ValueKind::Assign(Box::new(assignment)), span)
            }
            Expression::AwaitExpression(operand) => {
                let operand = self.expression(&operand.argument);
                self.add(ValueKind::Await(operand), span)
            }
            Expression::YieldExpression(operand) => {
                let operand = operand.argument.as_ref().map(|operand| self.expression(operand));
                self.add(operand.filter(|_| self.yields_wait).map_or(ValueKind::Yield(operand), ValueKind::Await), span)
            }
            Expression::ConditionalExpression(choice) => self.choice(choice),
            Expression::SequenceExpression(sequence) => {
                let values = sequence.expressions.iter().map(|part| self.expression(part)).collect();
                self.add(ValueKind::Sequence(values), span)
            }
            Expression::ImportExpression(import) => self.dynamic_import(import),
            Expression::NewExpression(new) => self.construct(new),
            Expression::UnaryExpression(unary) => self.unary(unary),
            Expression::PrivateInExpression(test) => {
                let left = self.add(ValueKind::Text(format!("#{}", test.left.name).into()), test.left.span);
                let right = self.expression(&test.right);
                self.add(ValueKind::Binary { operator: Operator::In, left, right }, span)
            }
            Expression::JSXElement(element) => self.jsx_element(element),
            Expression::JSXFragment(fragment) => self.jsx_fragment(fragment),
            Expression::V8IntrinsicExpression(intrinsic) => {
                let children = self.arguments(&intrinsic.arguments).into_iter().map(|argument| argument.value);
                self.unknown(children.collect(), span)
            }
            _ => self.chain(expression),
        }
    }

    /// Something we have no kind for, made of `children`.
    pub fn unknown(&mut self, children: Vec<ValueId>, span: oxc_span::Span) -> ValueId {
        self.add(ValueKind::Unknown(children.into()), span)
    }

    /// `undefined` is a name in the grammar, and a value to everybody.
    pub fn identifier(&mut self, identifier: &str, span: oxc_span::Span) -> ValueId {
        match identifier {
            "undefined" => self.add(ValueKind::Null, span),
            _ => self.add(ValueKind::Name(identifier.into()), span),
        }
    }

    fn meta(&mut self, base: &'static str, member: &'static str, span: oxc_span::Span) -> ValueId {
        let base = self.add(ValueKind::Name(Name::new_static(base)), span);
        self.add(ValueKind::Field { base, name: Name::new_static(member) }, span)
    }

    fn template(&mut self, template: &TemplateLiteral<'_>) -> ValueId {
        let parts = self.template_parts(template);
        match (parts.len(), parts.first()) {
            (0, _) => self.add(ValueKind::Text(Name::default()), template.span),
            (1, Some(part)) if template.expressions.is_empty() => {
                self.module.values[part.index()].span = self.span(template.span);
                *part
            }
            _ => self.add(ValueKind::Template(parts.into()), template.span),
        }
    }

    /// Texts and holes in order; empty texts are left out.
    pub fn template_parts(&mut self, template: &TemplateLiteral<'_>) -> Vec<ValueId> {
        let mut parts = Vec::with_capacity(template.quasis.len() + template.expressions.len());
        for (index, quasi) in template.quasis.iter().enumerate() {
            let text = cooked(quasi);
            if !text.is_empty() {
                parts.push(self.add(ValueKind::Text(name(text)), quasi.span));
            }
            if let Some(hole) = template.expressions.get(index) {
                parts.push(self.expression(hole));
            }
        }
        parts
    }

    fn array(&mut self, array: &ArrayExpression<'_>) -> ValueId {
        let elements = array.elements.iter().map(|element| self.array_element(element)).collect();
        self.add(ValueKind::List(elements), array.span)
    }

    fn array_element(&mut self, element: &ArrayExpressionElement<'_>) -> ValueId {
        match element {
            ArrayExpressionElement::SpreadElement(spread) => {
                let inner = self.expression(&spread.argument);
                self.add(ValueKind::Spread(inner), spread.span)
            }
            ArrayExpressionElement::Elision(hole) => self.add(ValueKind::Null, hole.span),
            _ => self.expression(element.to_expression()),
        }
    }

    fn object(&mut self, object: &ObjectExpression<'_>) -> ValueId {
        let entries = object.properties.iter().map(|property| self.entry(property)).collect();
        self.add(ValueKind::Map(entries), object.span)
    }

    fn entry(&mut self, property: &ObjectPropertyKind<'_>) -> MapEntry {
        match property {
            ObjectPropertyKind::SpreadProperty(spread) => {
                MapEntry { key: MapKey::Spread, value: self.expression(&spread.argument) }
            }
            ObjectPropertyKind::ObjectProperty(property) => self.property(property),
        }
    }

    fn property(&mut self, property: &ObjectProperty<'_>) -> MapEntry {
        let span = self.span(property.key.span());
        let key = match constant_key(&property.key) {
            Some(name) => MapKey::Name(name, span),
            None => MapKey::Value(self.computed_key(&property.key)),
        };
        let given = match &key {
            MapKey::Name(name, span) => Some((name.clone(), *span)),
            _ => None,
        };
        let value = match &property.value {
            Expression::FunctionExpression(function) if property.method || property.kind != PropertyKind::Init => {
                self.anchor = Some(property.span.start);
                let id = self.function(function, FunctionKind::Method, given);
                self.module.functions[id.index()].is_getter = property.kind == PropertyKind::Get;
                self.module.functions[id.index()].span = self.span(property.span);
                self.add(ValueKind::Function(id), property.span)
            }
            value => self.named(value, given, property.span.start),
        };
        MapEntry { key, value }
    }

    /// Key expression of a computed member.
    pub fn computed_key(&mut self, key: &PropertyKey<'_>) -> ValueId {
        match key.as_expression() {
            Some(key) => self.expression(key),
            None => self.unknown(Vec::new(), key.span()),
        }
    }

    fn choice(&mut self, choice: &ConditionalExpression<'_>) -> ValueId {
        let test = self.expression(&choice.test);
        let then = self.expression(&choice.consequent);
        let otherwise = Some(self.expression(&choice.alternate));
        self.add(ValueKind::Choice { test, then, otherwise }, choice.span)
    }

    fn dynamic_import(&mut self, import: &ImportExpression<'_>) -> ValueId {
        let head = oxc_span::Span::sized(import.span.start, 6);
        let callee = self.add(ValueKind::Name(Name::new_static("import")), head);
        let parts = std::iter::once(&import.source).chain(&import.options);
        let arguments = parts.map(|part| Argument { name: None, value: self.expression(part) }).collect();
        self.add(ValueKind::Call(Box::new(Call { callee, arguments, kind: CallKind::Plain })), import.span)
    }

    fn construct(&mut self, new: &NewExpression<'_>) -> ValueId {
        let callee = self.expression(&new.callee);
        let callee = self.with_type_arguments(callee, new.type_arguments.as_deref());
        let arguments = self.arguments(&new.arguments);
        self.add(ValueKind::Call(Box::new(Call { callee, arguments, kind: CallKind::New })), new.span)
    }

    /// Arguments of a call, in order.
    pub fn arguments(&mut self, arguments: &[JsArgument<'_>]) -> Vec<Argument> {
        arguments.iter().map(|argument| Argument { name: None, value: self.argument(argument) }).collect()
    }

    fn argument(&mut self, argument: &JsArgument<'_>) -> ValueId {
        match argument {
            JsArgument::SpreadElement(spread) => {
                let inner = self.expression(&spread.argument);
                self.add(ValueKind::Spread(inner), spread.span)
            }
            _ => self.expression(argument.to_expression()),
        }
    }

    /// `base<T>`, where there are type arguments.
    pub fn with_type_arguments(
        &mut self,
        base: ValueId,
        arguments: Option<&TSTypeParameterInstantiation<'_>>,
    ) -> ValueId {
        let Some(arguments) = arguments else { return base };
        let types = arguments.params.iter().map(|argument| self.type_value(argument)).collect();
        let span = self.module.value(base).span.to(self.span(arguments.span));
        self.module.add_value(ValueKind::Generic { base, arguments: types }, span)
    }

    /// Constants as minifiers write them (`!0`, `void 0`, `-1`) are the constants.
    fn unary(&mut self, unary: &UnaryExpression<'_>) -> ValueId {
        let operand = self.expression(&unary.argument);
        let kind = match (unary.operator, &self.module.value(operand).kind) {
            (UnaryOperator::LogicalNot, ValueKind::Int(number @ (0 | 1))) => ValueKind::Bool(*number == 0),
            (UnaryOperator::LogicalNot, _) => ValueKind::Not(operand),
            (UnaryOperator::Void, ValueKind::Int(_)) => ValueKind::Null,
            (UnaryOperator::Void, _) => {
                let null = self.add(ValueKind::Null, unary.span);
                ValueKind::Sequence([operand, null].into())
            }
            (UnaryOperator::UnaryNegation, ValueKind::Int(number)) => ValueKind::Int(number.wrapping_neg()),
            (UnaryOperator::UnaryNegation, ValueKind::Float(number)) => ValueKind::Float(-number),
            _ => ValueKind::Unary(operand),
        };
        self.add(kind, unary.span)
    }
}

/// Text of a template part with escapes resolved; an invalid escape leaves it raw.
fn cooked<'a>(quasi: &TemplateElement<'a>) -> &'a str {
    quasi.value.cooked.as_ref().unwrap_or(&quasi.value.raw).as_str()
}

/// A key that is known without running anything.
pub fn constant_key(key: &PropertyKey<'_>) -> Option<Name> {
    match key {
        PropertyKey::PrivateIdentifier(private) => Some(format!("#{}", private.name).into()),
        _ => key.static_name().map(|constant| name(&constant)),
    }
}

/// Integers are exact up to 2^53 in both formats.
pub fn number(value: f64) -> ValueKind {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT { ValueKind::Int(value as i64) } else { ValueKind::Float(value) }
}

fn big(digits: &str) -> ValueKind {
    match digits.parse() {
        Ok(number) => ValueKind::Int(number),
        Err(_) => ValueKind::Unknown(Box::default()),
    }
}

fn name(text: &str) -> Name {
    Name::new(text)
}

/// The neutral operation of a binary operator.
pub fn binary_operator(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Equality | BinaryOperator::StrictEquality => Operator::Equal,
        BinaryOperator::Inequality | BinaryOperator::StrictInequality => Operator::NotEqual,
        BinaryOperator::LessThan => Operator::Less,
        BinaryOperator::LessEqualThan => Operator::LessEqual,
        BinaryOperator::GreaterThan => Operator::Greater,
        BinaryOperator::GreaterEqualThan => Operator::GreaterEqual,
        BinaryOperator::Addition => Operator::Add,
        BinaryOperator::Subtraction => Operator::Subtract,
        BinaryOperator::Multiplication => Operator::Multiply,
        BinaryOperator::Division => Operator::Divide,
        BinaryOperator::Remainder => Operator::Remainder,
        BinaryOperator::Exponential => Operator::Power,
        BinaryOperator::ShiftLeft => Operator::ShiftLeft,
        BinaryOperator::ShiftRight | BinaryOperator::ShiftRightZeroFill => Operator::ShiftRight,
        BinaryOperator::BitwiseOR => Operator::BitOr,
        BinaryOperator::BitwiseXOR => Operator::BitXor,
        BinaryOperator::BitwiseAnd => Operator::BitAnd,
        BinaryOperator::In => Operator::In,
        BinaryOperator::Instanceof => Operator::InstanceOf,
    }
}

/// The neutral operation of a logical operator.
pub fn logical_operator(operator: LogicalOperator) -> Operator {
    match operator {
        LogicalOperator::Or => Operator::Or,
        LogicalOperator::And => Operator::And,
        LogicalOperator::Coalesce => Operator::Coalesce,
    }
}
