//! Imports of CommonJS, and the helpers that compilers and bundlers wrap them in.

use std::collections::BTreeSet;

use oxc_ast::ast::{Argument as JsArgument, BindingPattern, CallExpression, Expression};
use oxc_span::GetSpan;

use super::Lower;
use super::chain::bare;
use super::expression::constant_key;
use crate::code::{Argument, Import, ImportItem, Name, ValueId, ValueKind};
use crate::source::Span;

/// Longest definition that is read as a bundler's helper.
const LONGEST_HELPER: usize = 700;
/// Helpers of compilers that give back the module they are handed.
const WRAPPERS: &[&str] = &[
    "__toESM",
    "__importStar",
    "__importDefault",
    "_interopRequireDefault",
    "_interopRequireWildcard",
    "_interopNamespace",
    "_interopNamespaceDefault",
    "_interopDefault",
    "_interopDefaultLegacy",
    "_interopDefaultCompat",
];

/// Names that stand for helpers in this file. Bundlers rename them, so they are known by what they do.
#[derive(Default)]
pub struct Helpers {
    requires: BTreeSet<Name>,
    wrappers: BTreeSet<Name>,
    exporters: BTreeSet<Name>,
}

impl Helpers {
    fn is_require(&self, name: &str) -> bool {
        matches!(name, "require" | "__require") || self.requires.contains(name)
    }

    fn is_wrapper(&self, name: &str) -> bool {
        WRAPPERS.contains(&name) || self.wrappers.contains(name)
    }

    /// Whether a function of this name defines getters on its first argument.
    pub fn is_exporter(&self, name: &str) -> bool {
        matches!(name, "__export" | "__exportAll") || self.exporters.contains(name)
    }
}

/// What a value imports.
pub struct Imported {
    module: Name,
    item: ImportItem,
}

impl Lower<'_> {
    /// Remembers `name` where it is defined as a helper.
    pub fn learn_helper(&mut self, name: &str, init: &Expression<'_>) {
        let text = self.text_of(init.span());
        let is_short = text.len() <= LONGEST_HELPER;
        let helpers = if is_create_require(init) || (is_short && is_require_helper(text)) {
            &mut self.helpers.requires
        } else if is_short && bare(init).is_function() && is_wrapper(text) {
            &mut self.helpers.wrappers
        } else if is_short && bare(init).is_function() && is_exporter(text) {
            &mut self.helpers.exporters
        } else {
            return;
        };
        helpers.insert(Name::new(name));
    }

    /// Calls `require` by that name, whatever the bundler called it.
    pub fn settle_require(&mut self, callee: ValueId, arguments: &[Argument]) {
        let [argument] = arguments else { return };
        let Some(name) = self.as_name(callee) else { return };
        let is_alias = name != "require" && self.helpers.is_require(name);
        if is_alias && self.as_text(argument.value).is_some() && !self.is_parameter(name) {
            self.module.values[callee.index()].kind = ValueKind::Name(Name::new_static("require"));
        }
    }

    fn is_parameter(&self, name: &Name) -> bool {
        let mut scope = Some(self.scope);
        while let Some(function) = scope.map(|scope| self.module.function(scope)) {
            if function.parameters.iter().any(|parameter| parameter.name() == Some(name)) {
                return true;
            }
            scope = function.parent;
        }
        false
    }

    /// Records the imports of `const pattern = init`, if that is all it does.
    pub fn import_variable(&mut self, pattern: &BindingPattern<'_>, init: &Expression<'_>) -> bool {
        let Some(imported) = self.imported(init) else { return false };
        match pattern {
            BindingPattern::BindingIdentifier(identifier) => {
                self.add_import(imported, identifier.name.as_str().into(), self.span(identifier.span));
                true
            }
            BindingPattern::ObjectPattern(object) if imported.item == ImportItem::Module && object.rest.is_none() => {
                let mut members = Vec::new();
                for property in &object.properties {
                    let BindingPattern::BindingIdentifier(local) = &property.value else { return false };
                    let Some(name) = constant_key(&property.key) else { return false };
                    members.push((name, local.name.as_str(), local.span));
                }
                for (name, local, span) in members {
                    let imported = Imported { module: imported.module.clone(), item: ImportItem::Name(name) };
                    self.add_import(imported, local.into(), self.span(span));
                }
                true
            }
            _ => false,
        }
    }

    /// Adds an import to the current scope.
    pub fn add_import(&mut self, imported: Imported, local: Name, span: Span) {
        let Imported { module, item } = imported;
        self.module.imports.push(Import { module, level: 0, item, local, scope: self.scope, is_type: false, span });
    }

    /// What an expression imports: `require("m")`, `await import("m")`, a helper around one, or a member of one.
    pub fn imported(&self, expression: &Expression<'_>) -> Option<Imported> {
        match bare(expression) {
            Expression::CallExpression(call) => {
                let module = self.required(call).or_else(|| self.unwrapped(call))?;
                Some(Imported { module, item: ImportItem::Module })
            }
            Expression::AwaitExpression(awaited) => match bare(&awaited.argument) {
                Expression::ImportExpression(import) => {
                    let module = literal(&import.source)?;
                    Some(Imported { module, item: ImportItem::Module })
                }
                _ => None,
            },
            Expression::StaticMemberExpression(member) => match bare(&member.object) {
                object @ (Expression::CallExpression(_) | Expression::AwaitExpression(_)) => {
                    let module = self.imported(object)?.module;
                    Some(Imported { module, item: ImportItem::Name(member.property.name.as_str().into()) })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The module of `require("m")`.
    fn required(&self, call: &CallExpression<'_>) -> Option<Name> {
        let Expression::Identifier(callee) = bare(&call.callee) else { return None };
        let [argument] = call.arguments.as_slice() else { return None };
        let is_require = self.helpers.is_require(&callee.name);
        is_require.then(|| literal(argument.as_expression()?)).flatten()
    }

    /// The module of `helper(require("m"))`.
    fn unwrapped(&self, call: &CallExpression<'_>) -> Option<Name> {
        let callee = match bare(&call.callee) {
            Expression::Identifier(identifier) => identifier.name.as_str(),
            Expression::StaticMemberExpression(member) => member.property.name.as_str(),
            Expression::SequenceExpression(sequence) => match bare(sequence.expressions.last()?) {
                Expression::StaticMemberExpression(member) => member.property.name.as_str(),
                _ => return None,
            },
            _ => return None,
        };
        let inner = call.arguments.first().and_then(JsArgument::as_expression)?;
        let Expression::CallExpression(inner) = bare(inner) else { return None };
        self.helpers.is_wrapper(callee).then(|| self.required(inner)).flatten()
    }
}

/// A stand-in for `require` in a module that has none.
fn is_require_helper(text: &str) -> bool {
    text.contains("typeof require") && text.contains("Dynamic require")
}

/// Makes a CommonJS module look like an ECMAScript one.
fn is_wrapper(text: &str) -> bool {
    text.contains("__esModule") && text.contains("\"default\"")
}

/// Defines a getter for every entry of a map.
fn is_exporter(text: &str) -> bool {
    text.contains("enumerable") && text.contains("get:") && text.contains(" in ")
}

/// `createRequire(…)`, however the function is reached.
fn is_create_require(init: &Expression<'_>) -> bool {
    let Expression::CallExpression(call) = bare(init) else { return false };
    match bare(&call.callee) {
        Expression::Identifier(identifier) => identifier.name == "createRequire",
        Expression::StaticMemberExpression(member) => member.property.name == "createRequire",
        _ => false,
    }
}

fn literal(expression: &Expression<'_>) -> Option<Name> {
    match bare(expression) {
        Expression::StringLiteral(text) => Some(text.value.as_str().into()),
        Expression::TemplateLiteral(template) => Some(template.single_quasi()?.as_str().into()),
        _ => None,
    }
}
