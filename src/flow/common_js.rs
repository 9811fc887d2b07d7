//! Modules that are asked for by a call, and what a file offers seen from inside it.

use crate::code::{Call, Language, Name, Place, StatementKind, ValueId, ValueKind};
use crate::flow::link::Target;
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::{Flow, ValueRef};

impl Flow<'_> {
    /// `require("m")` and `import("m")` give the module.
    pub(super) fn required(&self, at: ValueRef, name: &Meaning) -> Option<Meaning> {
        let code = self.module(at);
        let (Language::TypeScript, Some(name)) = (code.language, name.text()) else { return None };
        Some(match self.index.links.named(code.language, self.sources.path(code.source), name, 0) {
            Target::Module(module) => Meaning::Module(module),
            Target::Package(files) => Meaning::Package(files.into()),
            Target::Outside(name) => Meaning::Outside(name),
        })
    }

    /// `__webpack_require__("path")`: what a bundler's table holds under that id, where it only hands on what the file
    /// imports.
    pub(super) fn copied_in(&self, at: ValueRef, call: &Call) -> Option<Meaning> {
        let code = self.module(at);
        let is_asked = matches!(&code.value(call.callee).kind, ValueKind::Name(name) if name == "__webpack_require__");
        if !is_asked || code.language != Language::TypeScript {
            return None;
        }
        let ValueKind::Text(id) = &code.value(call.arguments.first()?.value).kind else { return None };
        let table = self.name(value_in(at.module, call.callee), &Name::new_static("__webpack_modules__"), &None);
        let Meaning::Map(entries) = self.force(&table) else { return None };
        let entry = entries.iter().find(|entry| entry.key.as_ref().is_some_and(|key| key.name == *id))?;
        let Meaning::Function(function, ..) = self.force(&entry.value) else { return None };
        let held = self.function(function);
        let module = held.parameters.first()?.name()?;
        let set = held.body.statements.iter().filter_map(|statement| {
            let StatementKind::Assign(assignment) = &statement.kind else { return None };
            let [Place::Value(place)] = &assignment.places[..] else { return None };
            let ValueKind::Field { base, name } = self.kind(value_in(function.module, *place)) else { return None };
            let is_module =
                matches!(self.kind(value_in(function.module, *base)), ValueKind::Name(base) if base == module);
            assignment.value.filter(|_| is_module && name == "exports")
        });
        let set: Vec<ValueId> = set.collect();
        let [only] = set[..] else { return None };
        let only = value_in(function.module, only);
        matches!(self.kind(only), ValueKind::Name(_)).then(|| self.meaning(only, &None))
    }

    /// `exports.name` and `module.exports.name`, read in the file that offers the name.
    pub(super) fn own_export(&self, at: ValueRef) -> Option<Meaning> {
        let code = self.module(at);
        let ValueKind::Field { base, name } = self.kind(at) else { return None };
        let is_name = |value, text: &str| matches!(&code.value(value).kind, ValueKind::Name(name) if name == text);
        let of_exports = match &code.value(*base).kind {
            ValueKind::Name(exports) => exports == "exports",
            ValueKind::Field { base, name } => name == "exports" && is_name(*base, "module"),
            _ => false,
        };
        let listed = || code.exports.iter().any(|export| export.name == *name);
        if code.language != Language::TypeScript || !of_exports || !listed() {
            return None;
        }
        let holder = self.name(value_in(at.module, *base), &Name::new_static("exports"), &None);
        matches!(holder, Meaning::Outside(_)).then(|| self.exported(at.module, name)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{ValueId, parse};
    use crate::flow::{Index, ModuleId, Program};
    use crate::source::Sources;

    /// What the argument of the call of `show` in `a.js` means.
    fn shown(files: &[(&str, &str)]) -> String {
        let mut sources = Sources::default();
        let parsed = files.iter().map(|(path, text)| parse(sources.add_text(path, text), path, text).unwrap().0);
        let modules: Vec<_> = parsed.collect();
        let program = Program::new(modules, &sources);
        let index = Index::new(&program, &sources);
        let flow = Flow::new(&program, &sources, &index);
        let module = &program.modules[0];
        let argument = module.values.iter().find_map(|value| match &value.kind {
            ValueKind::Call(call) => {
                let is_show = matches!(&module.value(call.callee).kind, ValueKind::Name(name) if name == "show");
                is_show.then(|| call.arguments[0].value)
            }
            _ => None,
        });
        match flow.meaning(value_in(ModuleId(0), argument.unwrap_or(ValueId(0))), &None) {
            Meaning::Text(text, _) => text.to_string(),
            Meaning::Outside(name) => name.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_module_asked_for_in_an_expression_is_that_module() {
        for (text, expected) in [
            ("show(require('node:fs').readFileSync)", "fs#readFileSync"),
            ("show((await import('axios')).default.get)", "axios#get"),
            ("show(require('./b').c)", "found"),
            ("const f = () => require('./b'); show(f().c)", "found"),
        ] {
            assert_eq!(shown(&[("a.js", text), ("b.js", "exports.c = 'found'")]), expected, "{text}");
        }
    }

    #[test]
    fn what_a_bundler_hands_on_is_what_the_file_imports() {
        let table = "import * as held from 'node:fs'; var __webpack_modules__ = { 'node:fs': function(module) { \
            module.exports = held; }, 'own': function(module) { module.exports = { readFileSync: 1 }; } }; \
            function __webpack_require__(id) { var module = { exports: {} }; __webpack_modules__[id](module, module.exports); \
            return module.exports; }\n";
        for (text, expected) in [
            ("var fs = __webpack_require__('node:fs'); show(fs.readFileSync)", "fs#readFileSync"),
            ("var fs = __webpack_require__('node:fs'); show(fs['default'].readFileSync)", "fs#readFileSync"),
        ] {
            assert_eq!(shown(&[("a.js", &format!("{table}{text}"))]), expected, "{text}");
        }
        for text in ["show(__webpack_require__('own').readFileSync)", "show(__webpack_require__('none').readFileSync)"]
        {
            let found = shown(&[("a.js", &format!("{table}{text}"))]);
            assert!(!found.contains("fs#"), "{text}: {found}");
        }
    }

    #[test]
    fn what_a_file_offers_is_seen_from_inside_it() {
        for (text, expected) in [
            ("exports.c = 'found'; show(exports.c)", "found"),
            ("const c = 'found'; exports.c = c; function f() { show(module.exports.c) }", "found"),
            ("exports.c = 'found'; show(exports.d)", "exports.d"),
        ] {
            assert_eq!(shown(&[("a.js", text)]), expected, "{text}");
        }
        let shadowed = shown(&[("a.js", "exports.c = 1; const f = exports => show(exports.c)")]);
        assert!(shadowed.contains("Parameter"), "{shadowed}");
    }
}
