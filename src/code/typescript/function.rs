//! Functions, arrow functions and their parameters.

use oxc_ast::ast::{
    Argument, ArrowFunctionBody, ArrowFunctionExpression, Decorator, Expression, FormalParameter, FormalParameters,
    Function as JsFunction, FunctionBody, Statement as JsStatement, TSTypeAnnotation,
};
use oxc_span::GetSpan;

use super::Lower;
use super::chain::bare;
use crate::code::{
    Block, ClassId, Function, FunctionId, FunctionKind, Name, Parameter, ParameterKind, Statement, StatementKind,
    ValueId,
};
use crate::source::Span;

/// Scope to return to when a function ends.
pub struct Outer {
    scope: FunctionId,
    class: Option<ClassId>,
    yields_wait: bool,
}

impl Lower<'_> {
    /// Lowers a function; `given` is the name of what it is assigned to.
    pub fn function(
        &mut self,
        function: &JsFunction<'_>,
        kind: FunctionKind,
        given: Option<(Name, Span)>,
    ) -> FunctionId {
        let own = function.id.as_ref().map(|id| (Name::new(id.name.as_str()), self.span(id.span)));
        let id = self.open(kind, function.span, own.or(given));
        let outer = self.enter(id);
        let parameters = self.parameters(&function.params);
        let returns = self.annotation(function.return_type.as_deref());
        let lowered = &mut self.module.functions[id.index()];
        lowered.parameters = parameters;
        lowered.returns = returns;
        lowered.is_async = function.r#async;
        lowered.is_generator = function.generator;
        lowered.is_declaration = function.body.is_none();
        if let Some(body) = &function.body {
            let body = self.body(id, body);
            self.module.functions[id.index()].body = body;
        }
        self.leave(outer);
        id
    }

    /// Lowers an arrow function; one of a single expression returns it.
    pub fn arrow(&mut self, arrow: &ArrowFunctionExpression<'_>, given: Option<(Name, Span)>) -> FunctionId {
        let id = self.open(FunctionKind::Closure, arrow.span, given);
        let outer = self.enter(id);
        let parameters = self.parameters(&arrow.params);
        let returns = self.annotation(arrow.return_type.as_deref());
        let lowered = &mut self.module.functions[id.index()];
        lowered.parameters = parameters;
        lowered.returns = returns;
        lowered.is_async = arrow.r#async;
        let body = match &arrow.body {
            ArrowFunctionBody::FunctionBody(body) => self.body(id, body),
            body => match awaited(body.to_expression()) {
                Some(generator) => self.awaited_body(id, generator),
                None => self.returning(body.to_expression()),
            },
        };
        self.module.functions[id.index()].body = body;
        self.leave(outer);
        id
    }

    fn body(&mut self, function: FunctionId, body: &FunctionBody<'_>) -> Block {
        let generator = match body.statements.as_slice() {
            [JsStatement::ReturnStatement(result)] => result.argument.as_ref().and_then(awaited),
            _ => None,
        };
        match generator {
            Some(generator) => self.awaited_body(function, generator),
            None => self.statements(&body.statements),
        }
    }

    /// The body that a compiler moved into a generator, in the function that was asynchronous before.
    fn awaited_body(&mut self, function: FunctionId, generator: &JsFunction<'_>) -> Block {
        self.module.functions[function.index()].is_async = true;
        // Where parameters are taken apart or have defaults, the generator has them and is handed `arguments`.
        if !generator.params.items.is_empty() {
            let parameters = self.parameters(&generator.params);
            self.module.functions[function.index()].parameters = parameters;
        }
        self.yields_wait = true;
        generator.body.as_ref().map(|body| self.statements(&body.statements)).unwrap_or_default()
    }

    fn returning(&mut self, value: &Expression<'_>) -> Block {
        let mut statements = Vec::new();
        let span = value.span();
        let value = self.last_of(value, &mut statements);
        statements.push(Statement { kind: StatementKind::Return(Some(value)), span: self.span(span) });
        Block { statements, tail: None }
    }

    /// Makes an empty function in the current scope.
    pub fn open(&mut self, kind: FunctionKind, span: oxc_span::Span, name: Option<(Name, Span)>) -> FunctionId {
        let mut function = Function::new(kind, self.span(span));
        function.documentation = self.documentation(&[span.start]);
        function.parent = Some(self.scope);
        function.class = self.class;
        if let Some((name, span)) = name {
            function.name = Some(name);
            function.name_span = span;
        }
        self.module.add_function(function)
    }

    /// Makes a function the scope of what follows.
    pub fn enter(&mut self, function: FunctionId) -> Outer {
        Outer {
            scope: std::mem::replace(&mut self.scope, function),
            class: self.class.take(),
            yields_wait: std::mem::take(&mut self.yields_wait),
        }
    }

    /// Goes back to the scope before [`Lower::enter`].
    pub fn leave(&mut self, outer: Outer) {
        self.scope = outer.scope;
        self.class = outer.class;
        self.yields_wait = outer.yields_wait;
    }

    /// Parameters in order.
    pub fn parameters(&mut self, parameters: &FormalParameters<'_>) -> Vec<Parameter> {
        let mut lowered: Vec<Parameter> = parameters.items.iter().map(|item| self.parameter(item)).collect();
        if let Some(rest) = &parameters.rest {
            lowered.push(Parameter {
                place: self.binding(&rest.rest.argument),
                kind: ParameterKind::Rest,
                annotation: self.annotation(rest.type_annotation.as_deref()),
                default: None,
                decorators: self.decorators(&rest.decorators),
                span: self.span(rest.span),
            });
        }
        lowered
    }

    fn parameter(&mut self, parameter: &FormalParameter<'_>) -> Parameter {
        let decorators = self.decorators(&parameter.decorators);
        let place = self.binding(&parameter.pattern);
        let annotation = self.annotation(parameter.type_annotation.as_deref());
        let default = parameter.initializer.as_ref().map(|value| self.named_by(&place, value));
        let span = self.span(parameter.span);
        Parameter { place, kind: ParameterKind::Plain, annotation, default, decorators, span }
    }

    /// A declared type, as a value.
    pub fn annotation(&mut self, annotation: Option<&TSTypeAnnotation<'_>>) -> Option<ValueId> {
        annotation.map(|annotation| self.type_value(&annotation.type_annotation))
    }

    /// Decorators, as values.
    pub fn decorators(&mut self, decorators: &[Decorator<'_>]) -> Vec<ValueId> {
        decorators.iter().map(|decorator| self.expression(&decorator.expression)).collect()
    }
}

/// The generator of `__awaiter(this, …, function* () { … })`, as compilers write asynchronous functions for old targets.
fn awaited<'e, 'a>(value: &'e Expression<'a>) -> Option<&'e JsFunction<'a>> {
    let Expression::CallExpression(call) = bare(value) else { return None };
    let is_helper = match bare(&call.callee) {
        Expression::Identifier(identifier) => matches!(identifier.name.as_str(), "__awaiter" | "__async"),
        Expression::StaticMemberExpression(member) => matches!(member.property.name.as_str(), "__awaiter" | "__async"),
        _ => false,
    };
    match call.arguments.last().and_then(Argument::as_expression).map(bare) {
        Some(Expression::FunctionExpression(function)) if is_helper && function.generator => Some(function),
        _ => None,
    }
}
