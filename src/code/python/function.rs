//! Functions, methods and lambdas.

use ruff_python_ast::{self as ast, Stmt};
use ruff_text_size::Ranged;

use super::annotation::last_name;
use super::{Lowering, name};
use crate::code::{
    Block, Function, FunctionId, FunctionKind, Parameter, ParameterKind, Place, Statement, StatementKind, ValueId,
    ValueKind,
};

/// Decorators that make a method a property.
const GETTERS: &[&str] = &["property", "cached_property", "abstractproperty"];

/// Methods whose first parameter is the class without a decorator saying so.
const CLASS_METHODS: &[&str] = &["__new__", "__init_subclass__", "__class_getitem__"];

impl Lowering<'_> {
    /// A function definition; a method where a class body is being lowered.
    pub(super) fn function(&mut self, def: &ast::StmtFunctionDef) -> FunctionId {
        let class = self.class;
        let kind = if class.is_some() { FunctionKind::Method } else { FunctionKind::Function };
        let id = self.new_function(kind, def);
        if let Some(class) = class {
            self.module.classes[class.index()].methods.push(id);
        }
        self.head(id, def);
        let (documentation, rest) = self.documented(&def.body);
        let body = self.inside(id, |lowering| lowering.block(rest));
        let function = self.function_mut(id);
        function.documentation = documentation;
        function.body = body;
        id
    }

    /// What stands before the colon, which the scope around the function evaluates.
    fn head(&mut self, id: FunctionId, def: &ast::StmtFunctionDef) {
        let class = self.class;
        let traits = Traits::of(def, class.is_some());
        let head = Function {
            name: Some(name(&def.name)),
            name_span: self.span(&def.name),
            decorators: def.decorator_list.iter().map(|one| self.expression(&one.expression)).collect(),
            parameters: self.parameters(&def.parameters, traits.has_receiver),
            returns: def.returns.as_deref().map(|returns| self.annotation(returns)),
            is_async: def.is_async,
            is_static: traits.is_static,
            is_getter: traits.is_getter,
            is_declaration: traits.is_declaration,
            parent: Some(class.map_or(self.scope, |class| self.module.class(class).scope)),
            class,
            ..self.module.function(id).clone()
        };
        *self.function_mut(id) = head;
    }

    pub(super) fn lambda(&mut self, lambda: &ast::ExprLambda) -> ValueId {
        let id = self.new_function(FunctionKind::Closure, lambda);
        let parameters = lambda.parameters.as_deref().map(|parameters| self.parameters(parameters, false));
        let value = self.inside(id, |lowering| lowering.expression(&lambda.body));
        let statement = Statement { kind: StatementKind::Return(Some(value)), span: self.span(&*lambda.body) };
        let function = self.function_mut(id);
        function.parameters = parameters.unwrap_or_default();
        function.body = Block { statements: vec![statement], tail: None };
        self.value(ValueKind::Function(id), lambda)
    }

    fn parameters(&mut self, parameters: &ast::Parameters, has_receiver: bool) -> Vec<Parameter> {
        let mut lowered = Vec::with_capacity(parameters.len());
        for one in &parameters.posonlyargs {
            lowered.push(self.parameter(&one.parameter, one.default(), ParameterKind::PositionOnly, one));
        }
        for one in &parameters.args {
            lowered.push(self.parameter(&one.parameter, one.default(), ParameterKind::Plain, one));
        }
        if let (true, Some(first)) = (has_receiver, lowered.first_mut()) {
            first.kind = ParameterKind::Receiver;
        }
        if let Some(one) = &parameters.vararg {
            lowered.push(self.parameter(one, None, ParameterKind::Rest, &**one));
        }
        for one in &parameters.kwonlyargs {
            lowered.push(self.parameter(&one.parameter, one.default(), ParameterKind::NameOnly, one));
        }
        if let Some(one) = &parameters.kwarg {
            lowered.push(self.parameter(one, None, ParameterKind::NamedRest, &**one));
        }
        lowered
    }

    fn parameter(
        &mut self,
        one: &ast::Parameter,
        default: Option<&ast::Expr>,
        kind: ParameterKind,
        whole: &impl Ranged,
    ) -> Parameter {
        Parameter {
            place: Place::Name(name(&one.name), self.span(&one.name)),
            kind,
            annotation: one.annotation().map(|annotation| self.annotation(annotation)),
            default: self.optional(default),
            decorators: Vec::new(),
            span: self.span(whole),
        }
    }
}

/// What the decorators, the name and the shape of the body say about a function.
struct Traits {
    has_receiver: bool,
    is_static: bool,
    is_getter: bool,
    is_declaration: bool,
}

impl Traits {
    fn of(def: &ast::StmtFunctionDef, is_method: bool) -> Self {
        let has = |wanted: &[&str]| {
            let mut names = def.decorator_list.iter().filter_map(|one| last_name(&one.expression));
            names.any(|name| wanted.contains(&name))
        };
        let is_class_method = has(&["classmethod"]) || CLASS_METHODS.contains(&def.name.as_str());
        let has_no_receiver = has(&["staticmethod"]);
        let is_abstract = has(&["abstractmethod", "abstractproperty"]);
        Self {
            has_receiver: is_method && !has_no_receiver,
            is_static: is_method && (has_no_receiver || is_class_method),
            is_getter: is_method && has(GETTERS),
            is_declaration: has(&["overload"]) || is_declaration(&def.body, is_abstract),
        }
    }
}

/// Whether a body is `...`, or (of an abstract method) nothing that does anything.
fn is_declaration(body: &[Stmt], is_abstract: bool) -> bool {
    let is_ellipsis = |one: &Stmt| matches!(one, Stmt::Expr(one) if one.value.is_ellipsis_literal_expr());
    let is_empty = |one: &Stmt| match one {
        Stmt::Expr(text) => text.value.is_string_literal_expr() || is_ellipsis(one),
        Stmt::Pass(_) | Stmt::Raise(_) => is_abstract,
        _ => false,
    };
    (is_abstract || body.iter().any(is_ellipsis)) && body.iter().all(is_empty)
}
