//! Exports of CommonJS, and what compilers and bundlers make of exports, read from lowered code.

use super::{Lower, decorate};
use crate::code::{
    Assignment, Call, Export, ExportTarget, MODULE_BODY, MapEntry, MapKey, Name, Place, StatementKind, ValueId,
    ValueKind,
};
use crate::source::Span;

impl Lower<'_> {
    /// The statement that a call for its effect amounts to.
    pub fn understood(&mut self, value: ValueId) -> StatementKind {
        let ValueKind::Call(call) = &self.module.value(value).kind else { return StatementKind::Evaluate(value) };
        let Some(callee) = self.callee_name(call) else { return StatementKind::Evaluate(value) };
        let arguments: Vec<ValueId> = call.arguments.iter().map(|argument| argument.value).collect();
        let span = self.module.value(value).span;
        match (callee.as_str(), arguments.as_slice()) {
            ("defineProperty", [target, name, descriptor]) => self.defined_export(*target, *name, *descriptor, span),
            ("__exportStar" | "__reExport" | "__export", [first, rest @ ..]) if self.all_of(*first, rest, span) => {}
            (name, [list, target, rest @ ..]) if decorate::is_decorating(name) => {
                self.decorate(*list, *target, rest.first().copied());
            }
            (name, [target, map]) if self.helpers.is_exporter(name) => {
                if let Some(assignment) = self.namespace_object(*target, *map, span) {
                    return StatementKind::Assign(Box::new(assignment));
                }
            }
            _ => {}
        }
        StatementKind::Evaluate(value)
    }

    pub(super) fn callee_name(&self, call: &Call) -> Option<Name> {
        match &self.module.value(call.callee).kind {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => Some(name.clone()),
            ValueKind::Sequence(parts) => Some(self.as_field(*parts.last()?)?.1.clone()),
            _ => None,
        }
    }

    /// Whether a value is the module's `exports` or `module.exports`.
    fn is_exports(&self, value: ValueId) -> bool {
        match &self.module.value(value).kind {
            ValueKind::Name(name) => name == "exports",
            ValueKind::Field { base, name } => {
                name == "exports" && self.as_name(*base).is_some_and(|base| base == "module")
            }
            _ => false,
        }
    }

    /// Records `exports.x = value` and `module.exports = value` of the file itself.
    pub fn common_js_export(&mut self, assignment: &Assignment, span: Span) {
        let (MODULE_BODY, None, Some(value)) = (self.scope, assignment.operator, assignment.value) else { return };
        if matches!(self.module.value(value).kind, ValueKind::Null) {
            return;
        }
        for place in &assignment.places {
            let Place::Value(target) = place else { continue };
            if self.is_exports(*target) {
                self.whole_export(value, span);
            } else if let Some((base, name)) = self.as_field(*target)
                && self.is_exports(base)
            {
                let (name, target) = (name.clone(), self.export_target(value));
                self.module.exports.push(Export { name, target, span });
            }
        }
    }

    /// `module.exports = value`; the entries of a literal are exports as well.
    fn whole_export(&mut self, value: ValueId, span: Span) {
        let target = self.export_target(value);
        self.module.exports.push(Export { name: Name::default(), target, span });
        match self.module.value(value).kind.clone() {
            ValueKind::Map(entries) => self.map_exports(&entries, span),
            ValueKind::Call(call) => {
                let namespace = call.arguments.first().and_then(|argument| self.as_name(argument.value).cloned());
                if let Some(entries) = namespace.and_then(|name| self.namespace_entries(&name)) {
                    self.map_exports(&entries, span);
                }
            }
            _ => {}
        }
    }

    fn map_exports(&mut self, entries: &[MapEntry], span: Span) {
        for entry in entries {
            match &entry.key {
                MapKey::Name(name, _) => {
                    let target = self.export_target(entry.value);
                    self.module.exports.push(Export { name: name.clone(), target, span });
                }
                MapKey::Spread => {
                    self.star(entry.value, span);
                }
                MapKey::Value(_) => {}
            }
        }
    }

    /// Records an export of everything that `require("m")` has.
    fn star(&mut self, value: ValueId, span: Span) -> bool {
        let ValueKind::Call(call) = &self.module.value(value).kind else { return false };
        let is_require = self.as_name(call.callee).is_some_and(|name| name == "require");
        let module = call.arguments.first().and_then(|argument| self.as_text(argument.value).cloned());
        let (true, Some(module)) = (is_require, module) else { return false };
        let target = ExportTarget::From(module, Name::new_static("*"));
        self.module.exports.push(Export { name: Name::new_static("*"), target, span });
        true
    }

    fn all_of(&mut self, first: ValueId, rest: &[ValueId], span: Span) -> bool {
        self.scope == MODULE_BODY && (self.star(first, span) || rest.iter().any(|value| self.star(*value, span)))
    }

    /// `Object.defineProperty(exports, "x", { get: () => value })`.
    fn defined_export(&mut self, target: ValueId, name: ValueId, descriptor: ValueId, span: Span) {
        let Some(name) = self.as_text(name).filter(|name| *name != "__esModule").cloned() else { return };
        let ValueKind::Map(entries) = &self.module.value(descriptor).kind else { return };
        if self.scope != MODULE_BODY || !self.is_exports(target) {
            return;
        }
        let value = entries.iter().find_map(|entry| match &entry.key {
            MapKey::Name(key, _) if key == "get" => self.returned(entry.value),
            MapKey::Name(key, _) if key == "value" => Some(entry.value),
            _ => None,
        });
        if let Some(value) = value {
            let target = self.export_target(value);
            self.module.exports.push(Export { name, target, span });
        }
    }

    /// What a function value of a single `return` gives back.
    fn returned(&self, value: ValueId) -> Option<ValueId> {
        let ValueKind::Function(function) = self.module.value(value).kind else { return None };
        let [statement] = self.module.function(function).body.statements.as_slice() else { return None };
        match statement.kind {
            StatementKind::Return(value) => value,
            _ => None,
        }
    }

    /// A bundler's `__export(target, { name: () => value })` as the object it makes of `target`.
    fn namespace_object(&mut self, target: ValueId, map: ValueId, span: Span) -> Option<Assignment> {
        let name = self.as_name(target)?.clone();
        let entries = self.got(map)?;
        let value = self.module.add_value(ValueKind::Map(entries), span);
        self.namespaces.insert(name.clone(), value);
        let place = Place::Name(name, self.module.value(target).span);
        Some(Assignment { places: vec![place], value: Some(value), ..Assignment::default() })
    }

    /// `const ns = __exportAll({ name: () => value })`, which gives the object instead of filling one.
    pub fn namespace_of(&self, call: &Call) -> Option<ValueKind> {
        self.callee_name(call).filter(|name| self.helpers.is_exporter(name))?;
        self.got(call.arguments.first()?.value).map(ValueKind::Map)
    }

    /// The entries of an object of getters, with what each gives.
    fn got(&self, map: ValueId) -> Option<Box<[MapEntry]>> {
        let ValueKind::Map(entries) = &self.module.value(map).kind else { return None };
        let one = |entry: &MapEntry| Some(MapEntry { key: entry.key.clone(), value: self.returned(entry.value)? });
        entries.iter().map(one).collect()
    }

    fn namespace_entries(&self, name: &Name) -> Option<Box<[MapEntry]>> {
        match &self.module.value(*self.namespaces.get(name)?).kind {
            ValueKind::Map(entries) => Some(entries.clone()),
            _ => None,
        }
    }
}
