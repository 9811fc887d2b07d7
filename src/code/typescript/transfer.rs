//! Imports and exports of ECMAScript modules, and TypeScript's own forms of them.

use oxc_ast::ast::{
    BindingPattern, Declaration, ExportDefaultDeclaration, ExportDefaultDeclarationKind, ExportFromDeclaration,
    ExportNamedDeclaration, ImportDeclaration, ImportDeclarationSpecifier, ImportOrExportKind, ModuleDeclaration,
    ModuleExportName, TSImportEqualsDeclaration, TSModuleReference, TSTypeName,
};
use oxc_span::GetSpan;

use super::Lower;
use crate::code::{
    Assignment, Export, ExportTarget, FunctionKind, Import, ImportItem, Name, Place, Statement, StatementKind, ValueId,
    ValueKind,
};

impl Lower<'_> {
    /// Lowers an `import` or `export` statement.
    pub fn module_declaration(&mut self, declaration: &ModuleDeclaration<'_>, out: &mut Vec<Statement>) {
        match declaration {
            ModuleDeclaration::ImportDeclaration(import) => self.import(import),
            ModuleDeclaration::ExportDeclaration(export) => {
                self.export_names(&export.declaration, export.span);
                self.anchor = Some(export.span.start);
                self.declaration(&export.declaration, out);
            }
            ModuleDeclaration::ExportNamedDeclaration(export) => self.export_locals(export),
            ModuleDeclaration::ExportFromDeclaration(export) => self.export_from(export),
            ModuleDeclaration::ExportAllDeclaration(export) => {
                let name = export.exported.as_ref().map_or(Name::new_static("*"), export_name);
                let target = ExportTarget::From(export.source.value.as_str().into(), Name::new_static("*"));
                self.add_export(name, target, export.span);
            }
            ModuleDeclaration::ExportDefaultDeclaration(export) => self.export_default(export, out),
            ModuleDeclaration::TSExportAssignment(export) => {
                let value = self.expression(&export.expression);
                let target = self.export_target(value);
                self.add_export(Name::default(), target, export.span);
            }
            ModuleDeclaration::TSNamespaceExportDeclaration(_) => {}
        }
    }

    /// Adds an export.
    pub fn add_export(&mut self, name: Name, target: ExportTarget, span: oxc_span::Span) {
        let span = self.span(span);
        self.module.exports.push(Export { name, target, span });
    }

    /// What exporting a value exports: the name it is, else the value.
    pub fn export_target(&self, value: ValueId) -> ExportTarget {
        match self.as_name(value) {
            Some(name) => ExportTarget::Local(name.clone()),
            None => ExportTarget::Value(value),
        }
    }

    fn import(&mut self, import: &ImportDeclaration<'_>) {
        let is_type = import.import_kind == ImportOrExportKind::Type;
        let specifiers = import.specifiers.as_ref().map_or(&[][..], |specifiers| specifiers.as_slice());
        let mut add = |item, local: &str, is_type, span| {
            let module = import.source.value.as_str().into();
            let import = Import {
                module,
                level: 0,
                item,
                local: local.into(),
                scope: self.scope,
                is_type,
                span: self.span(span),
            };
            self.module.imports.push(import);
        };
        if specifiers.is_empty() {
            add(ImportItem::Module, "", is_type, import.span);
        }
        for specifier in specifiers {
            match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(named) => {
                    let is_type = is_type || named.import_kind == ImportOrExportKind::Type;
                    add(ImportItem::Name(export_name(&named.imported)), &named.local.name, is_type, named.span);
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(default) => {
                    let item = ImportItem::Name(Name::new_static("default"));
                    add(item, &default.local.name, is_type, default.span);
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(namespace) => {
                    add(ImportItem::Module, &namespace.local.name, is_type, namespace.span);
                }
            }
        }
    }

    /// `import x = require("m")` is an import, `import x = a.b` a declaration.
    pub fn import_equals(&mut self, import: &TSImportEqualsDeclaration<'_>, out: &mut Vec<Statement>) {
        let local = Name::new(import.id.name.as_str());
        let value = match &import.module_reference {
            TSModuleReference::ExternalModuleReference(external) => {
                self.module.imports.push(Import {
                    module: external.expression.value.as_str().into(),
                    level: 0,
                    item: ImportItem::Module,
                    local,
                    scope: self.scope,
                    is_type: import.import_kind == ImportOrExportKind::Type,
                    span: self.span(import.span),
                });
                return;
            }
            TSModuleReference::IdentifierReference(name) => self.identifier(&name.name, name.span),
            TSModuleReference::QualifiedName(qualified) => {
                let base = self.deeper(
                    qualified.span,
                    |lower| lower.qualified(&qualified.left),
                    |lower| lower.unknown(Vec::new(), qualified.span),
                );
                let name = qualified.right.name.as_str().into();
                self.add(ValueKind::Field { base, name }, qualified.span)
            }
        };
        let places = vec![Place::Name(local, self.span(import.id.span))];
        let assignment = Assignment { places, value: Some(value), declares: true, ..Assignment::default() };
        self.push(StatementKind::Assign(Box::new(assignment)), import.span, out);
    }

    fn qualified(&mut self, name: &TSTypeName<'_>) -> ValueId {
        self.type_name(name)
    }

    fn export_names(&mut self, declaration: &Declaration<'_>, span: oxc_span::Span) {
        let mut names = Vec::new();
        match declaration {
            Declaration::VariableDeclaration(variables) => {
                for variable in &variables.declarations {
                    bound_names(&variable.id, &mut names);
                }
            }
            _ => names.extend(declaration.id().map(|id| (Name::new(id.name.as_str()), id.span))),
        }
        for (name, at) in names {
            let at = if declaration.id().is_some() { span } else { at };
            self.add_export(name.clone(), ExportTarget::Local(name), at);
        }
    }

    fn export_locals(&mut self, export: &ExportNamedDeclaration<'_>) {
        for specifier in &export.specifiers {
            let target = ExportTarget::Local(export_name(&specifier.local));
            self.add_export(export_name(&specifier.exported), target, specifier.span);
        }
    }

    fn export_from(&mut self, export: &ExportFromDeclaration<'_>) {
        for specifier in &export.specifiers {
            let module = export.source.value.as_str().into();
            let target = ExportTarget::From(module, export_name(&specifier.local));
            self.add_export(export_name(&specifier.exported), target, specifier.span);
        }
    }

    fn export_default(&mut self, export: &ExportDefaultDeclaration<'_>, out: &mut Vec<Statement>) {
        self.anchor = Some(export.span.start);
        let target = match &export.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                let overload = function.body.is_none();
                let id = self.function(function, FunctionKind::Function, None);
                let local = self.module.function(id).name.clone();
                if overload {
                    return;
                }
                self.push(StatementKind::Function(id), function.span, out);
                match local {
                    Some(local) => ExportTarget::Local(local),
                    None => ExportTarget::Value(self.add(ValueKind::Function(id), function.span)),
                }
            }
            ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                let id = self.class(class, None);
                self.push(StatementKind::Class(id), class.span, out);
                match self.module.class(id).name.clone() {
                    local if local.is_empty() => ExportTarget::Value(self.add(ValueKind::Class(id), class.span)),
                    local => ExportTarget::Local(local),
                }
            }
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(interface) => {
                let id = self.interface(interface);
                self.push(StatementKind::Class(id), interface.span, out);
                ExportTarget::Local(interface.id.name.as_str().into())
            }
            value => {
                self.anchor = None;
                let expression = value.to_expression();
                let value = self.named(expression, None, export.span.start);
                self.push(StatementKind::Evaluate(value), expression.span(), out);
                self.export_target(value)
            }
        };
        self.add_export(Name::new_static("default"), target, export.span);
    }
}

fn export_name(name: &ModuleExportName<'_>) -> Name {
    match name {
        ModuleExportName::IdentifierName(identifier) => identifier.name.as_str().into(),
        ModuleExportName::IdentifierReference(identifier) => identifier.name.as_str().into(),
        ModuleExportName::StringLiteral(text) => text.value.as_str().into(),
    }
}

/// Every name a pattern binds.
fn bound_names(pattern: &BindingPattern<'_>, names: &mut Vec<(Name, oxc_span::Span)>) {
    let bound = pattern.get_binding_identifiers();
    names.extend(bound.iter().map(|identifier| (Name::new(identifier.name.as_str()), identifier.span)));
}
