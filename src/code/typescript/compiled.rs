//! Enumerations as compilers write them: `(function (E) { E["A"] = "a"; … })(E || (E = {}))`.

use oxc_ast::ast::{
    ArrowFunctionBody, AssignmentExpression, AssignmentTarget, BindingPattern, CallExpression, Expression,
    FormalParameters, Statement as JsStatement,
};

use super::Lower;
use super::chain::bare;
use super::class::field;
use crate::code::{ClassId, ClassKind, Name, ValueId};

/// Members of an enumeration: each name, its place, and its value.
type Members<'e, 'a> = Vec<(&'e str, oxc_span::Span, &'e Expression<'a>)>;

impl Lower<'_> {
    /// The enumeration that a call makes, if that is all it does.
    pub fn compiled_enum(&mut self, expression: &Expression<'_>, declared: Option<&str>) -> Option<ClassId> {
        let Expression::CallExpression(call) = bare(expression) else { return None };
        let name = enum_name(call, declared)?;
        let members = members(call)?;
        let id = self.open_class(ClassKind::Enum, call.span, Some((Name::new(name), self.span(call.span))));
        for (name, span, value) in members {
            let value: ValueId = self.expression(value);
            let mut field = field(Name::new(name), None, Some(value), self.span(span));
            field.is_static = true;
            self.module.classes[id.index()].fields.push(field);
        }
        Some(id)
    }
}

/// The name in `E || (E = {})`, or the declared one of `E || {}` and `{}`.
fn enum_name<'e>(call: &'e CallExpression<'_>, declared: Option<&'e str>) -> Option<&'e str> {
    let [argument] = call.arguments.as_slice() else { return None };
    match bare(argument.as_expression()?) {
        Expression::LogicalExpression(choice) => match (bare(&choice.left), bare(&choice.right)) {
            (Expression::Identifier(name), Expression::AssignmentExpression(_)) => Some(&name.name),
            (Expression::Identifier(name), Expression::ObjectExpression(object)) if object.properties.is_empty() => {
                declared.filter(|declared| *declared == name.name)
            }
            _ => None,
        },
        Expression::ObjectExpression(object) if object.properties.is_empty() => declared,
        _ => None,
    }
}

fn members<'e, 'a>(call: &'e CallExpression<'a>) -> Option<Members<'e, 'a>> {
    let mut all = Vec::new();
    match bare(&call.callee) {
        Expression::FunctionExpression(function) => {
            statements(only(&function.params)?, &function.body.as_ref()?.statements, &mut all)?;
        }
        Expression::ArrowFunctionExpression(arrow) => match &arrow.body {
            ArrowFunctionBody::FunctionBody(body) => statements(only(&arrow.params)?, &body.statements, &mut all)?,
            body => parts(body.to_expression(), only(&arrow.params)?, &mut all)?,
        },
        _ => return None,
    }
    (!all.is_empty()).then_some(all)
}

fn only<'e>(parameters: &'e FormalParameters<'_>) -> Option<&'e str> {
    let [parameter] = parameters.items.as_slice() else { return None };
    let BindingPattern::BindingIdentifier(parameter) = &parameter.pattern else { return None };
    Some(&parameter.name)
}

fn statements<'e, 'a>(parameter: &str, statements: &'e [JsStatement<'a>], all: &mut Members<'e, 'a>) -> Option<()> {
    statements.iter().try_for_each(|statement| match statement {
        JsStatement::ExpressionStatement(statement) => parts(&statement.expression, parameter, all),
        JsStatement::ReturnStatement(result) => parts(result.argument.as_ref()?, parameter, all),
        _ => None,
    })
}

fn parts<'e, 'a>(whole: &'e Expression<'a>, parameter: &str, all: &mut Members<'e, 'a>) -> Option<()> {
    match bare(whole) {
        Expression::SequenceExpression(parts) => {
            parts.expressions.iter().try_for_each(|part| member(part, parameter, all))
        }
        one => member(one, parameter, all),
    }
}

/// `E["A"] = "a"`, `E.A = "a"`, `E[E["A"] = 0] = "A"`, or the `E` that is returned.
fn member<'e, 'a>(part: &'e Expression<'a>, parameter: &str, all: &mut Members<'e, 'a>) -> Option<()> {
    match bare(part) {
        Expression::Identifier(name) => (name.name == parameter).then_some(()),
        Expression::AssignmentExpression(assignment) => {
            let (name, assignment) = named(assignment, parameter)?;
            is_constant(&assignment.right).then(|| all.push((name, assignment.span, &assignment.right)))
        }
        _ => None,
    }
}

/// The member that `parameter.name = …` or `parameter["name"] = …` assigns; of the two ways of a numbered one, the inner.
fn named<'e, 'a>(
    assignment: &'e AssignmentExpression<'a>,
    parameter: &str,
) -> Option<(&'e str, &'e AssignmentExpression<'a>)> {
    let is_parameter =
        |base: &Expression<'_>| matches!(bare(base), Expression::Identifier(base) if base.name == parameter);
    match &assignment.left {
        AssignmentTarget::StaticMemberExpression(target) => {
            is_parameter(&target.object).then(|| (target.property.name.as_str(), assignment))
        }
        AssignmentTarget::ComputedMemberExpression(target) if is_parameter(&target.object) => {
            match bare(&target.expression) {
                Expression::StringLiteral(name) => Some((name.value.as_str(), assignment)),
                Expression::AssignmentExpression(inner) => {
                    let is_numbered =
                        matches!(bare(&inner.right), Expression::NumericLiteral(_) | Expression::UnaryExpression(_));
                    if is_numbered { named(inner, parameter) } else { None }
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_constant(value: &Expression<'_>) -> bool {
    match bare(value) {
        Expression::StringLiteral(_) | Expression::NumericLiteral(_) => true,
        Expression::UnaryExpression(unary) => matches!(bare(&unary.argument), Expression::NumericLiteral(_)),
        _ => false,
    }
}
