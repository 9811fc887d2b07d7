//! Where values go: patterns of declarations and parameters, targets of assignments.

use oxc_ast::ast::{
    ArrayAssignmentTarget, ArrayPattern, AssignmentExpression, AssignmentTarget, AssignmentTargetMaybeDefault,
    AssignmentTargetProperty, BindingPattern, Expression, ObjectAssignmentTarget, ObjectPattern, PropertyKey,
    SimpleAssignmentTarget, UpdateExpression,
};
use oxc_span::GetSpan;
use oxc_syntax::operator::{AssignmentOperator, UpdateOperator};

use super::Lower;
use super::chain::bare;
use super::expression::constant_key;
use crate::code::{Assignment, FieldPlace, FunctionKind, Name, Operator, Place, ValueId, ValueKind};
use crate::source::Span;

/// One element taken apart by position, with its default.
type Element = (Place, Option<ValueId>);

impl Lower<'_> {
    /// Where a declaration or parameter puts its value.
    pub fn binding(&mut self, pattern: &BindingPattern<'_>) -> Place {
        self.deeper(pattern.span(), |lower| lower.binding_inner(pattern), |_| Place::Ignore)
    }

    fn binding_inner(&mut self, pattern: &BindingPattern<'_>) -> Place {
        match pattern {
            BindingPattern::BindingIdentifier(identifier) => {
                Place::Name(identifier.name.as_str().into(), self.span(identifier.span))
            }
            BindingPattern::ObjectPattern(object) => self.object_binding(object),
            BindingPattern::ArrayPattern(array) => self.array_binding(array),
            BindingPattern::AssignmentPattern(assignment) => self.binding(&assignment.left),
        }
    }

    fn binding_with_default(&mut self, pattern: &BindingPattern<'_>) -> Element {
        match pattern {
            BindingPattern::AssignmentPattern(assignment) => {
                let place = self.binding(&assignment.left);
                let default = self.named_by(&place, &assignment.right);
                (place, Some(default))
            }
            _ => (self.binding(pattern), None),
        }
    }

    fn object_binding(&mut self, object: &ObjectPattern<'_>) -> Place {
        let fields = object.properties.iter().map(|property| {
            let name = self.field_name(&property.key);
            let (place, default) = self.binding_with_default(&property.value);
            FieldPlace { name, place, default }
        });
        let fields = fields.collect();
        let rest = object.rest.as_ref().and_then(|rest| match &rest.argument {
            BindingPattern::BindingIdentifier(identifier) => Some(identifier.name.as_str().into()),
            _ => None,
        });
        Place::Fields(fields, rest)
    }

    fn array_binding(&mut self, array: &ArrayPattern<'_>) -> Place {
        let elements = array.elements.iter().map(|element| match element {
            Some(element) => self.binding_with_default(element),
            None => (Place::Ignore, None),
        });
        let elements = elements.collect();
        let rest = array.rest.as_ref().map(|rest| self.binding(&rest.argument));
        items(elements, rest)
    }

    /// Name of a member that a pattern takes; empty where it is computed at run time.
    fn field_name(&mut self, key: &PropertyKey<'_>) -> Name {
        match constant_key(key) {
            Some(name) => name,
            None => {
                self.computed_key(key);
                Name::default()
            }
        }
    }

    /// Lowers `a = b = value` as one assignment to two places.
    pub fn assignment(&mut self, assignment: &AssignmentExpression<'_>) -> Assignment {
        let mut places = vec![self.target(&assignment.left)];
        let mut right = &assignment.right;
        while assignment.operator == AssignmentOperator::Assign
            && let Expression::AssignmentExpression(inner) = bare(right)
            && inner.operator == AssignmentOperator::Assign
        {
            places.push(self.target(&inner.left));
            right = &inner.right;
        }
        let value = match places.last() {
            Some(place) => self.named_by(&place.clone(), right),
            None => self.expression(right),
        };
        let operator = compound(assignment.operator);
        Assignment { places, value: Some(value), operator, ..Assignment::default() }
    }

    /// `x++` as `x += 1`.
    pub fn update(&mut self, update: &UpdateExpression<'_>) -> Assignment {
        let place = self.simple_target(&update.argument);
        let value = Some(self.add(ValueKind::Int(1), update.span));
        let operator = match update.operator {
            UpdateOperator::Increment => Operator::Add,
            UpdateOperator::Decrement => Operator::Subtract,
        };
        Assignment { places: vec![place], value, operator: Some(operator), ..Assignment::default() }
    }

    /// Where an assignment puts its value.
    pub fn target(&mut self, target: &AssignmentTarget<'_>) -> Place {
        self.deeper(target.span(), |lower| lower.target_inner(target), |_| Place::Ignore)
    }

    fn target_inner(&mut self, target: &AssignmentTarget<'_>) -> Place {
        match target {
            AssignmentTarget::ArrayAssignmentTarget(array) => self.array_target(array),
            AssignmentTarget::ObjectAssignmentTarget(object) => self.object_target(object),
            _ => self.simple_target(target.to_simple_assignment_target()),
        }
    }

    fn simple_target(&mut self, target: &SimpleAssignmentTarget<'_>) -> Place {
        match target {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(identifier) => {
                Place::Name(identifier.name.as_str().into(), self.span(identifier.span))
            }
            SimpleAssignmentTarget::ComputedMemberExpression(member) => {
                let base = self.expression(&member.object);
                let key = self.expression(&member.expression);
                let kind = match self.as_text(key).cloned() {
                    Some(name) => ValueKind::Field { base, name },
                    None => ValueKind::Index { base, key },
                };
                Place::Value(self.add(kind, member.span))
            }
            SimpleAssignmentTarget::StaticMemberExpression(member) => {
                let base = self.expression(&member.object);
                let name = member.property.name.as_str().into();
                Place::Value(self.add(ValueKind::Field { base, name }, member.span))
            }
            SimpleAssignmentTarget::PrivateFieldExpression(member) => {
                let base = self.expression(&member.object);
                let name = format!("#{}", member.field.name).into();
                Place::Value(self.add(ValueKind::Field { base, name }, member.span))
            }
            _ => match target.get_expression() {
                Some(inner) => self.place_of(inner),
                None => Place::Ignore,
            },
        }
    }

    /// A target written inside a type assertion.
    fn place_of(&mut self, expression: &Expression<'_>) -> Place {
        let value = self.expression(expression);
        match self.as_name(value) {
            Some(name) => Place::Name(name.clone(), self.module.value(value).span),
            None => Place::Value(value),
        }
    }

    fn target_with_default(&mut self, target: &AssignmentTargetMaybeDefault<'_>) -> Element {
        match target {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(with) => {
                let place = self.target(&with.binding);
                let default = self.named_by(&place, &with.init);
                (place, Some(default))
            }
            _ => (self.target(target.to_assignment_target()), None),
        }
    }

    fn array_target(&mut self, array: &ArrayAssignmentTarget<'_>) -> Place {
        let elements = array.elements.iter().map(|element| match element {
            Some(element) => self.target_with_default(element),
            None => (Place::Ignore, None),
        });
        let elements = elements.collect();
        let rest = array.rest.as_ref().map(|rest| self.target(&rest.target));
        items(elements, rest)
    }

    fn object_target(&mut self, object: &ObjectAssignmentTarget<'_>) -> Place {
        let fields = object.properties.iter().map(|property| self.target_property(property)).collect();
        let rest = object.rest.as_ref().and_then(|rest| match self.target(&rest.target) {
            Place::Name(name, _) => Some(name),
            _ => None,
        });
        Place::Fields(fields, rest)
    }

    fn target_property(&mut self, property: &AssignmentTargetProperty<'_>) -> FieldPlace {
        match property {
            AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(shorthand) => {
                let name: Name = shorthand.binding.name.as_str().into();
                let place = Place::Name(name.clone(), self.span(shorthand.binding.span));
                let default = shorthand.init.as_ref().map(|init| self.expression(init));
                FieldPlace { name, place, default }
            }
            AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => {
                let name = self.field_name(&property.name);
                let (place, default) = self.target_with_default(&property.binding);
                FieldPlace { name, place, default }
            }
        }
    }

    /// A value that takes the name of the place it goes to, where it is a definition without one.
    pub fn named_by(&mut self, place: &Place, value: &Expression<'_>) -> ValueId {
        let given = match place {
            Place::Name(name, span) => Some((name.clone(), *span)),
            Place::Value(target) => {
                self.as_field(*target).map(|(_, name)| (name.clone(), self.module.value(*target).span))
            }
            _ => None,
        };
        let start = self.anchor.take().unwrap_or(value.span().start);
        self.named(value, given, start)
    }

    /// A value that takes a name, where it is a definition without one; its documentation stands before `anchor`.
    pub fn named(&mut self, value: &Expression<'_>, given: Option<(Name, Span)>, anchor: u32) -> ValueId {
        match bare(value) {
            Expression::ArrowFunctionExpression(arrow) => {
                self.anchor = Some(anchor);
                let id = self.arrow(arrow, given);
                self.add(ValueKind::Function(id), arrow.span)
            }
            Expression::FunctionExpression(function) => {
                self.anchor = Some(anchor);
                let id = self.function(function, FunctionKind::Closure, given);
                self.add(ValueKind::Function(id), function.span)
            }
            Expression::ClassExpression(class) => {
                self.anchor = Some(anchor);
                let id = self.class(class, given);
                self.add(ValueKind::Class(id), class.span)
            }
            _ => self.expression(value),
        }
    }
}

/// Elements by position; with defaults they are the members `0`, `1`, … of what is taken apart.
fn items(elements: Vec<Element>, rest: Option<Place>) -> Place {
    if elements.iter().any(|(_, default)| default.is_some()) {
        let fields = elements.into_iter().enumerate().filter(|(_, (place, _))| !matches!(place, Place::Ignore));
        let field =
            |(at, (place, default)): (usize, Element)| FieldPlace { name: at.to_string().into(), place, default };
        let rest = match rest {
            Some(Place::Name(name, _)) => Some(name),
            _ => None,
        };
        return Place::Fields(fields.map(field).collect(), rest);
    }
    let mut places: Vec<Place> = elements.into_iter().map(|(place, _)| place).collect();
    let starred = rest.is_some().then_some(places.len());
    places.extend(rest);
    Place::Items(places, starred)
}

fn compound(operator: AssignmentOperator) -> Option<Operator> {
    Some(match operator {
        AssignmentOperator::Assign => return None,
        AssignmentOperator::Addition => Operator::Add,
        AssignmentOperator::Subtraction => Operator::Subtract,
        AssignmentOperator::Multiplication => Operator::Multiply,
        AssignmentOperator::Division => Operator::Divide,
        AssignmentOperator::Remainder => Operator::Remainder,
        AssignmentOperator::Exponential => Operator::Power,
        AssignmentOperator::ShiftLeft => Operator::ShiftLeft,
        AssignmentOperator::ShiftRight | AssignmentOperator::ShiftRightZeroFill => Operator::ShiftRight,
        AssignmentOperator::BitwiseOR => Operator::BitOr,
        AssignmentOperator::BitwiseXOR => Operator::BitXor,
        AssignmentOperator::BitwiseAnd => Operator::BitAnd,
        AssignmentOperator::LogicalOr => Operator::Or,
        AssignmentOperator::LogicalAnd => Operator::And,
        AssignmentOperator::LogicalNullish => Operator::Coalesce,
    })
}
