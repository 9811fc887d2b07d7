//! Declarations of types: interfaces, aliases, enumerations and namespaces.

use oxc_ast::ast::{
    Statement as JsStatement, TSEnumDeclaration, TSEnumMemberName, TSInterfaceDeclaration, TSMethodSignature,
    TSNamespaceDeclaration, TSNamespaceDeclarationBody, TSSignature, TSType, TSTypeAliasDeclaration,
};

use super::Lower;
use super::class::field;
use crate::code::{
    ClassId, ClassKind, Function, FunctionKind, MapEntry, MapKey, Name, Place, StatementKind, ValueId, ValueKind,
};

impl Lower<'_> {
    /// An interface: its properties are fields, its methods are declarations.
    pub fn interface(&mut self, interface: &TSInterfaceDeclaration<'_>) -> ClassId {
        let name = (Name::new(interface.id.name.as_str()), self.span(interface.id.span));
        let id = self.open_class(ClassKind::Interface, interface.span, Some(name));
        for heritage in &interface.extends {
            let base = self.type_name(&heritage.type_name);
            let base = self.with_type_arguments(base, heritage.type_arguments.as_deref());
            self.module.classes[id.index()].bases.push(base);
        }
        self.signatures(id, &interface.body.body);
        id
    }

    /// A type alias: what it stands for is its base, and the properties of a literal type its fields.
    pub fn alias(&mut self, alias: &TSTypeAliasDeclaration<'_>) -> ClassId {
        let name = (Name::new(alias.id.name.as_str()), self.span(alias.id.span));
        let id = self.open_class(ClassKind::Alias, alias.span, Some(name));
        let base = self.type_value(&alias.type_annotation);
        self.module.classes[id.index()].bases.push(base);
        if let TSType::TSTypeLiteral(literal) = &alias.type_annotation {
            self.signatures(id, &literal.members);
        }
        id
    }

    fn signatures(&mut self, class: ClassId, signatures: &[TSSignature<'_>]) {
        for signature in signatures {
            match signature {
                TSSignature::TSPropertySignature(property) => {
                    let (name, _) = self.member_name(&property.key);
                    let annotation = self.annotation(property.type_annotation.as_deref());
                    let mut field = field(name, annotation, None, self.span(property.span));
                    field.documentation = self.documentation_at(property.span.start);
                    self.module.classes[class.index()].fields.push(field);
                }
                TSSignature::TSMethodSignature(method) => self.method_signature(class, method),
                TSSignature::TSIndexSignature(_)
                | TSSignature::TSCallSignatureDeclaration(_)
                | TSSignature::TSConstructSignatureDeclaration(_) => {}
            }
        }
    }

    fn method_signature(&mut self, class: ClassId, method: &TSMethodSignature<'_>) {
        let (name, name_span) = self.member_name(&method.key);
        let mut function = Function::new(FunctionKind::Method, self.span(method.span));
        function.name = Some(name);
        function.name_span = name_span;
        function.documentation = self.documentation_at(method.span.start);
        function.parent = Some(self.scope);
        function.class = Some(class);
        function.is_declaration = true;
        let id = self.module.add_function(function);
        let outer = self.enter(id);
        let parameters = self.parameters(&method.params);
        let returns = self.annotation(method.return_type.as_deref());
        self.leave(outer);
        let function = &mut self.module.functions[id.index()];
        function.parameters = parameters;
        function.returns = returns;
        self.module.classes[class.index()].methods.push(id);
    }

    /// The members of a literal type, as a map of their types.
    pub fn literal_type(&mut self, members: &[TSSignature<'_>], span: oxc_span::Span) -> ValueId {
        let mut entries = Vec::with_capacity(members.len());
        for member in members {
            let TSSignature::TSPropertySignature(property) = member else { continue };
            let (name, name_span) = self.member_name(&property.key);
            let value = match self.annotation(property.type_annotation.as_deref()) {
                Some(value) => value,
                None => self.unknown(Vec::new(), property.span),
            };
            entries.push(MapEntry { key: MapKey::Name(name, name_span), value });
        }
        self.add(ValueKind::Map(entries.into()), span)
    }

    /// An enumeration; members without a value count on from the one before.
    pub fn enumeration(&mut self, declaration: &TSEnumDeclaration<'_>) -> ClassId {
        let name = (Name::new(declaration.id.name.as_str()), self.span(declaration.id.span));
        let id = self.open_class(ClassKind::Enum, declaration.span, Some(name));
        let mut next = Some(0_i64);
        for member in &declaration.body.members {
            let value = match &member.initializer {
                Some(initial) => Some(self.expression(initial)),
                None => next.map(|number| self.add(ValueKind::Int(number), member.span)),
            };
            next = value.and_then(|value| match self.module.value(value).kind {
                ValueKind::Int(number) => number.checked_add(1),
                _ => None,
            });
            let mut field = field(self.enum_member(&member.id), None, value, self.span(member.span));
            field.is_static = true;
            field.documentation = self.documentation_at(member.span.start);
            self.module.classes[id.index()].fields.push(field);
        }
        id
    }

    fn enum_member(&self, name: &TSEnumMemberName<'_>) -> Name {
        match name {
            TSEnumMemberName::Identifier(identifier) => identifier.name.as_str().into(),
            TSEnumMemberName::String(text) | TSEnumMemberName::ComputedString(text) => text.value.as_str().into(),
            TSEnumMemberName::ComputedTemplateString(template) => self.text_of(template.span).trim_matches('`').into(),
        }
    }

    /// A namespace is a class of static members: its statements are the class body.
    pub fn namespace(&mut self, namespace: &TSNamespaceDeclaration<'_>) -> ClassId {
        let name = (Name::new(namespace.id.name.as_str()), self.span(namespace.id.span));
        let id = self.open_class(ClassKind::Class, namespace.span, Some(name));
        let body = self.class_body(id, namespace.span);
        let outer = self.enter(body);
        match &namespace.body {
            TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => {
                let inner_class = self.deeper(inner.span, |lower| Some(lower.namespace(inner)), |_| None);
                if let Some(inner_class) = inner_class {
                    self.namespace_member(id, StatementKind::Class(inner_class), inner.span);
                }
            }
            TSNamespaceDeclarationBody::TSModuleBlock(block) => self.namespace_statements(id, &block.body),
        }
        self.leave(outer);
        id
    }

    fn namespace_statements(&mut self, class: ClassId, statements: &[JsStatement<'_>]) {
        let mut lowered = Vec::new();
        for statement in statements {
            match statement {
                JsStatement::ExportDeclaration(export) => {
                    self.anchor = Some(export.span.start);
                    self.declaration(&export.declaration, &mut lowered);
                }
                _ => self.statement(statement, &mut lowered),
            }
        }
        for statement in lowered {
            let span = oxc_span::Span::new(statement.span.start, statement.span.end);
            self.namespace_member(class, statement.kind, span);
        }
    }

    /// Adds a statement to a namespace, and what it defines to the members.
    fn namespace_member(&mut self, class: ClassId, kind: StatementKind, span: oxc_span::Span) {
        let mut fields = Vec::new();
        match &kind {
            StatementKind::Function(function) => {
                self.module.functions[function.index()].class = Some(class);
                self.module.functions[function.index()].is_static = true;
                self.module.classes[class.index()].methods.push(*function);
            }
            StatementKind::Class(inner) => {
                let name = self.module.class(*inner).name.clone();
                let value = self.add(ValueKind::Class(*inner), span);
                fields.push(field(name, None, Some(value), self.span(span)));
            }
            StatementKind::Assign(assignment) if assignment.declares => {
                if let [Place::Name(name, at)] = assignment.places.as_slice() {
                    fields.push(field(name.clone(), assignment.annotation, assignment.value, *at));
                }
            }
            _ => {}
        }
        for mut field in fields {
            field.is_static = true;
            self.module.classes[class.index()].fields.push(field);
        }
        let span = self.span(span);
        if let Some(body) = self.module.class(class).body {
            self.module.functions[body.index()].body.statements.push(crate::code::Statement { kind, span });
        }
    }
}
