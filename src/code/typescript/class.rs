//! Classes and their members.

use oxc_ast::ast::{
    AccessorProperty, Class as JsClass, ClassElement, FormalParameter, MethodDefinition, MethodDefinitionKind,
    MethodDefinitionType, PropertyDefinition, PropertyKey, StaticBlock,
};
use oxc_span::GetSpan;

use super::Lower;
use super::expression::constant_key;
use crate::code::{
    Assignment, Class, ClassField, ClassId, ClassKind, Function, FunctionId, FunctionKind, Name, Place, Statement,
    StatementKind, ValueId, ValueKind,
};
use crate::source::Span;

impl Lower<'_> {
    /// Lowers a class; `given` is the name of what it is assigned to.
    pub fn class(&mut self, class: &JsClass<'_>, given: Option<(Name, Span)>) -> ClassId {
        let own = class.id.as_ref().map(|id| (Name::new(id.name.as_str()), self.span(id.span)));
        let first = class.decorators.first().map(|decorator| decorator.span.start);
        self.anchor = first.filter(|start| self.documentation_at(*start).is_some()).or(self.anchor);
        let id = self.open_class(ClassKind::Class, class.span, own.or(given));
        let decorators = self.decorators(&class.decorators);
        let bases = self.bases(class);
        let lowered = &mut self.module.classes[id.index()];
        lowered.decorators = decorators;
        lowered.bases = bases;
        for element in &class.body.body {
            self.member(id, element, class.declare);
        }
        id
    }

    /// Makes an empty class in the current scope.
    pub fn open_class(&mut self, kind: ClassKind, span: oxc_span::Span, name: Option<(Name, Span)>) -> ClassId {
        let documentation = self.documentation(&[span.start]);
        let span = self.span(span);
        let (name, name_span) = name.unwrap_or((Name::default(), span));
        self.module.add_class(Class {
            kind,
            name,
            name_span,
            bases: Vec::new(),
            keywords: Vec::new(),
            fields: Vec::new(),
            methods: Vec::new(),
            decorators: Vec::new(),
            documentation,
            scope: self.scope,
            body: None,
            span,
        })
    }

    fn bases(&mut self, class: &JsClass<'_>) -> Vec<ValueId> {
        let mut bases = Vec::new();
        if let Some(heritage) = &class.heritage {
            let base = self.expression(&heritage.expression);
            bases.push(self.with_type_arguments(base, heritage.type_arguments.as_deref()));
        }
        for interface in &class.implements {
            let base = self.type_name(&interface.expression);
            bases.push(self.with_type_arguments(base, interface.type_arguments.as_deref()));
        }
        bases
    }

    fn member(&mut self, class: ClassId, element: &ClassElement<'_>, declared: bool) {
        match element {
            ClassElement::MethodDefinition(method) => {
                let overload = method.value.body.is_none()
                    && !declared
                    && method.r#type != MethodDefinitionType::TSAbstractMethodDefinition;
                if !overload {
                    self.method(class, method);
                }
            }
            ClassElement::PropertyDefinition(property) => self.field(class, property),
            ClassElement::AccessorProperty(property) => self.accessor(class, property),
            ClassElement::StaticBlock(block) => self.static_block(class, block),
            ClassElement::TSIndexSignature(_) => {}
        }
    }

    fn method(&mut self, class: ClassId, method: &MethodDefinition<'_>) {
        let name = self.member_name(&method.key);
        let start = method.decorators.first().map_or(method.span.start, |first| first.span.start);
        let documentation = self.documentation(&[start, method.span.start, method.key.span().start]);
        let decorators = self.decorators(&method.decorators);
        let id = self.function(&method.value, FunctionKind::Method, Some(name));
        let whole = self.span(oxc_span::Span::new(start.min(method.span.start), method.span.end));
        let lowered = &mut self.module.functions[id.index()];
        lowered.class = Some(class);
        lowered.decorators = decorators;
        lowered.documentation = documentation;
        lowered.is_static = method.r#static;
        lowered.is_getter = method.kind == MethodDefinitionKind::Get;
        lowered.span = whole;
        self.module.classes[class.index()].methods.push(id);
        if method.kind == MethodDefinitionKind::Constructor {
            self.parameter_properties(class, id, &method.value.params.items);
        }
    }

    /// `constructor(private x: T)` declares a field and assigns it.
    fn parameter_properties(&mut self, class: ClassId, constructor: FunctionId, parameters: &[FormalParameter<'_>]) {
        let mut assignments = Vec::new();
        for (at, parameter) in parameters.iter().enumerate() {
            let declares = parameter.accessibility.is_some() || parameter.readonly || parameter.r#override;
            let lowered = &self.module.functions[constructor.index()].parameters[at];
            let (true, Some(name)) = (declares, lowered.name().cloned()) else { continue };
            let (annotation, span) = (lowered.annotation, lowered.span);
            let value = self.module.add_value(ValueKind::Name(name.clone()), span);
            let this = self.module.add_value(ValueKind::This, span);
            let target = self.module.add_value(ValueKind::Field { base: this, name: name.clone() }, span);
            let places = vec![Place::Value(target)];
            let assignment = Assignment { places, value: Some(value), ..Assignment::default() };
            assignments.push(Statement { kind: StatementKind::Assign(Box::new(assignment)), span });
            let field = field(name, annotation, None, span);
            self.module.classes[class.index()].fields.push(field);
        }
        self.module.functions[constructor.index()].body.statements.splice(0..0, assignments);
    }

    fn field(&mut self, class: ClassId, property: &PropertyDefinition<'_>) {
        let (name, name_span) = self.member_name(&property.key);
        let documentation = self.documentation_at(property.span.start);
        let decorators = self.decorators(&property.decorators);
        let annotation = self.annotation(property.type_annotation.as_deref());
        let value = property
            .value
            .as_ref()
            .map(|value| self.field_value(class, value, (name.clone(), name_span), property.span.start));
        let field = field(name, annotation, value, self.span(property.span));
        let field = ClassField { is_static: property.r#static, decorators, documentation, ..field };
        self.module.classes[class.index()].fields.push(field);
    }

    fn accessor(&mut self, class: ClassId, property: &AccessorProperty<'_>) {
        let (name, name_span) = self.member_name(&property.key);
        let decorators = self.decorators(&property.decorators);
        let annotation = self.annotation(property.type_annotation.as_deref());
        let value = property
            .value
            .as_ref()
            .map(|value| self.field_value(class, value, (name.clone(), name_span), property.span.start));
        let field = field(name, annotation, value, self.span(property.span));
        let field = ClassField { is_static: property.r#static, decorators, ..field };
        self.module.classes[class.index()].fields.push(field);
    }

    /// Initial value of a field; closures in it share the class's `this`.
    fn field_value(
        &mut self,
        class: ClassId,
        value: &oxc_ast::ast::Expression<'_>,
        given: (Name, Span),
        anchor: u32,
    ) -> ValueId {
        let outer = self.class.replace(class);
        let value = self.named(value, Some(given), anchor);
        self.class = outer;
        value
    }

    fn static_block(&mut self, class: ClassId, block: &StaticBlock<'_>) {
        let body = self.class_body(class, block.span);
        let outer = self.enter(body);
        let mut lowered = self.statements(&block.body);
        self.leave(outer);
        self.module.functions[body.index()].body.statements.append(&mut lowered.statements);
    }

    /// The function that holds a class's statements, made when first asked for.
    pub fn class_body(&mut self, class: ClassId, span: oxc_span::Span) -> FunctionId {
        if let Some(body) = self.module.class(class).body {
            return body;
        }
        let mut function = Function::new(FunctionKind::ClassBody, self.span(span));
        function.parent = Some(self.scope);
        function.class = Some(class);
        function.is_static = true;
        let body = self.module.add_function(function);
        self.module.classes[class.index()].body = Some(body);
        body
    }

    /// Name of a member; of a computed one, its source text in brackets.
    pub fn member_name(&mut self, key: &PropertyKey<'_>) -> (Name, Span) {
        let name = constant_key(key).unwrap_or_else(|| format!("[{}]", self.text_of(key.span())).into());
        (name, self.span(key.span()))
    }
}

/// An instance field without documentation.
pub fn field(name: Name, annotation: Option<ValueId>, value: Option<ValueId>, span: Span) -> ClassField {
    ClassField {
        name,
        annotation,
        value,
        is_static: false,
        decorators: Vec::new(),
        tag: None,
        documentation: None,
        span,
    }
}
