//! Which definition a name means.

use std::rc::Rc;

use crate::code::ValueKind;
use crate::code::{
    ClassId, ExportTarget, Function, FunctionId, FunctionKind, Import, ImportItem, Language, MODULE_BODY, Name,
    ParameterKind,
};
use crate::flow::copied::REST;
use crate::flow::link::{Target, outside_member};
use crate::flow::meaning::{Frame, Made, Meaning, Passed, UNGIVEN, Within, class_in, function_in, levels, value_in};
use crate::flow::scope::{Binding, Bound, ContextKind, Step, choose, in_force};
use crate::flow::{Flow, FunctionRef, ModuleId, Open, ValueRef};

impl Flow<'_> {
    /// What a name means where it stands.
    pub(super) fn name(&self, at: ValueRef, name: &Name, frame: &Frame) -> Meaning {
        let module = self.module(at);
        let scopes = self.scopes(at.module);
        let position = module.value(at.id).span.start;
        let home = scopes.owner[at.id.index()];
        let is_path = module.language == Language::Rust && self.begins_path(at);
        if is_path
            && matches!(name.as_str(), "crate" | "self" | "super")
            && let Some(start) = self.crate_start(at.module, home, name, 0, None).into_iter().next()
        {
            return start;
        }
        let mut function = home;
        for turn in 0..64 {
            if let Some(found) = self.class_scope(at, function, turn == 0, name, frame) {
                return found;
            }
            if let Some(bindings) = scopes.bindings[function.index()].get(name) {
                let mut bindings = in_force(module, scopes, bindings, position);
                scopes.leave_appended(&mut bindings);
                // `let mut tar = tar::Builder::new(…)`: what a path begins with is no variable.
                if is_path && function != MODULE_BODY {
                    bindings.to_mut().retain(|binding| binding.bound.begins_paths());
                }
                let chosen = choose(&bindings, position, function == home, module.language);
                if !chosen.is_empty() {
                    if let Some(package) = self.packaged(at.module, function, name) {
                        return Meaning::Outside(package.clone());
                    }
                    let frame = if function == MODULE_BODY { self.turns_of_module(at.module, frame) } else { frame };
                    return self.bindings(at.module, function, &chosen, frame);
                }
            }
            match module.function(function).parent {
                Some(parent) => function = parent,
                None => break,
            }
        }
        let elsewhere = match module.language {
            Language::Rust => self.crate_name(at.module, home, name),
            _ => self.package_name(at.module, name),
        };
        // `std::fs::read` without import: the first segment of a path keeps its separator.
        let outside = || Meaning::Outside(if is_path { Name::new(format!("{name}::")) } else { name.clone() });
        elsewhere.unwrap_or_else(outside)
    }

    /// Whether a name is the first segment of a path.
    fn begins_path(&self, at: ValueRef) -> bool {
        let rest = self.sources.get(self.module(at).source).text().get(self.span(at).end as usize..);
        rest.is_some_and(|rest| rest.starts_with("::"))
    }

    /// Names of a class body are seen by its own statements, not by its methods.
    fn class_scope(
        &self,
        at: ValueRef,
        function: FunctionId,
        is_home: bool,
        name: &Name,
        frame: &Frame,
    ) -> Option<Meaning> {
        let module = self.module(at);
        if module.language != Language::Python || !is_home {
            return None;
        }
        let class = self.scopes(at.module).around(at.id).find_map(|context| match context {
            ContextKind::Class(class) => Some(*class),
            _ => None,
        });
        let body = module.function(function);
        let class = class.or(body.class.filter(|_| body.kind == FunctionKind::ClassBody))?;
        self.own_name(at.module, class, name, frame)
    }

    fn own_name(&self, module: ModuleId, class: ClassId, name: &Name, frame: &Frame) -> Option<Meaning> {
        let class = self.program.module(module).class(class);
        let field = class.fields.iter().find(|field| field.name == *name && field.value.is_some());
        if let Some(value) = field.and_then(|field| field.value) {
            return Some(self.meaning(value_in(module, value), frame));
        }
        let code = self.program.module(module);
        let method = class.methods.iter().find(|method| code.function(**method).name.as_ref() == Some(name))?;
        Some(Meaning::Function(function_in(module, *method), frame.clone(), None))
    }

    /// A name that the rest of the package offers without import.
    fn package_name(&self, module: ModuleId, name: &Name) -> Option<Meaning> {
        let code = self.program.module(module);
        match code.language {
            Language::Go => {
                let siblings = self.index.links.siblings(self.sources.path(code.source));
                siblings.iter().filter(|sibling| **sibling != module).find_map(|sibling| self.top_level(*sibling, name))
            }
            Language::Python | Language::TypeScript => {
                let stars = code.imports.iter().filter(|import| import.item == ImportItem::All);
                stars
                    .filter_map(|import| match self.target(module, import) {
                        Target::Module(target) if target != module => self.exported(target, name),
                        _ => None,
                    })
                    .next()
            }
            Language::Rust => self.crate_globbed(module, MODULE_BODY, name),
        }
    }

    pub(super) fn target(&self, from: ModuleId, import: &Import) -> Target {
        self.index.links.target(self.program, self.sources, from, import)
    }

    /// What a module binds at its top level under a name.
    pub fn top_level(&self, module: ModuleId, name: &Name) -> Option<Meaning> {
        let language = self.program.module(module).language;
        let bindings = self.scopes(module).bindings[MODULE_BODY.index()].get(name)?;
        if let Some(package) = self.packaged(module, MODULE_BODY, name) {
            return Some(Meaning::Outside(package.clone()));
        }
        let chosen = choose(bindings, u32::MAX, true, language);
        (!chosen.is_empty()).then(|| self.bindings(module, MODULE_BODY, &chosen, &None))
    }

    /// What a module offers to others under a name.
    pub fn exported(&self, module: ModuleId, name: &str) -> Option<Meaning> {
        self.deeper(|| self.exported_here(module, name)).flatten()
    }

    fn exported_here(&self, module: ModuleId, name: &str) -> Option<Meaning> {
        let code = self.program.module(module);
        let key = Name::new(name);
        if code.language != Language::TypeScript {
            let found = self.top_level(module, &key).or_else(|| self.package_name(module, &key));
            let path = self.sources.path(code.source);
            return found.or_else(|| self.index.links.submodule(path, name).map(Meaning::Module));
        }
        if let Some(export) = code.exports.iter().find(|export| export.name == key) {
            return Some(self.export(module, &export.target));
        }
        let starred = code.exports.iter().filter(|export| export.name == "*").find_map(|export| match &export.target {
            ExportTarget::From(from, _) => match self.link(module, from) {
                Target::Module(target) if target != module => self.exported(target, name),
                _ => None,
            },
            _ => None,
        });
        let whole = || code.exports.iter().find(|export| export.name.is_empty());
        starred.or_else(|| match name {
            "default" => whole().map(|export| self.export(module, &export.target)),
            _ => whole().map(|export| self.member(&self.export(module, &export.target), &key)),
        })
    }

    /// What `module.exports = x` offers, where that is a function or a class.
    pub(super) fn offered_whole(&self, module: ModuleId) -> Option<Meaning> {
        let whole = self.program.module(module).exports.iter().find(|export| export.name.is_empty())?;
        let found = self.deeper(|| self.export(module, &whole.target))?;
        matches!(found, Meaning::Function(..) | Meaning::Class(_)).then_some(found)
    }

    fn export(&self, module: ModuleId, target: &ExportTarget) -> Meaning {
        match target {
            ExportTarget::Local(local) => {
                self.top_level(module, local).unwrap_or_else(|| Meaning::Outside(local.clone()))
            }
            ExportTarget::Value(value) => self.meaning(value_in(module, *value), &None),
            ExportTarget::From(from, name) => self.imported(self.link(module, from), name),
        }
    }

    pub(super) fn link(&self, module: ModuleId, name: &str) -> Target {
        let code = self.program.module(module);
        self.index.links.named(code.language, self.sources.path(code.source), name, 0)
    }

    /// What `import` brings in.
    pub(super) fn import(&self, module: ModuleId, import: &Import) -> Meaning {
        let target = self.target(module, import);
        match &import.item {
            ImportItem::Name(name) => match (&target, self.program.module(module).language) {
                // `from . import part` in a package's own file means the file of the package, not the name it gives it.
                (Target::Module(own), Language::Python) if *own == module => {
                    let path = self.sources.path(self.program.module(module).source);
                    self.index.links.submodule(path, name).map_or_else(|| self.imported(target, name), Meaning::Module)
                }
                (Target::Outside(_), Language::Python) => {
                    let whole = match import.module.as_str() {
                        "" => name.to_string(),
                        package => format!("{package}.{name}"),
                    };
                    let path = self.sources.path(self.program.module(module).source);
                    match self.index.links.named(Language::Python, path, &whole, import.level) {
                        Target::Module(target) => Meaning::Module(target),
                        _ => Meaning::Outside(Name::new(whole)),
                    }
                }
                _ => self.imported(target, name),
            },
            ImportItem::Module | ImportItem::All => self.whole(module, target, import),
        }
    }

    fn whole(&self, module: ModuleId, target: Target, import: &Import) -> Meaning {
        let dotted = self.program.module(module).language == Language::Python && import.module.contains('.');
        let top = import.module.split('.').next().unwrap_or_default();
        if dotted && import.local == top {
            // `import a.b` binds `a`; members are followed from there.
            let path = self.sources.path(self.program.module(module).source);
            return match self.index.links.named(Language::Python, path, top, import.level) {
                Target::Module(target) => Meaning::Module(target),
                _ => Meaning::Outside(Name::new(top)),
            };
        }
        match target {
            Target::Module(target) => Meaning::Module(target),
            Target::Package(files) => Meaning::Package(files.into()),
            Target::Outside(name) => Meaning::Outside(name),
        }
    }

    fn imported(&self, target: Target, name: &Name) -> Meaning {
        match target {
            Target::Module(target) if name == "*" => Meaning::Module(target),
            Target::Module(target) => self.exported(target, name).unwrap_or_else(|| match name.as_str() {
                "default" => Meaning::Module(target),
                _ => Meaning::Unknown("its module does not offer this name"),
            }),
            Target::Package(files) => files
                .iter()
                .find_map(|file| self.top_level(*file, name))
                .unwrap_or(Meaning::Unknown("its package does not offer this name")),
            Target::Outside(outside) if name == "*" => Meaning::Outside(outside),
            Target::Outside(outside) => Meaning::Outside(outside_member(&outside, name)),
        }
    }

    /// The expression that a name stands for, where there is just one.
    pub fn defined_as(&self, at: ValueRef) -> Option<ValueRef> {
        let ValueKind::Name(name) = self.kind(at) else { return Some(at) };
        let scopes = self.scopes(at.module);
        let mut function = scopes.owner[at.id.index()];
        for _ in 0..64 {
            if let Some(bindings) = scopes.bindings[function.index()].get(name) {
                let [binding] =
                    bindings.iter().filter(|binding| binding.bound != Bound::Nothing).collect::<Vec<_>>()[..]
                else {
                    return None;
                };
                return match &binding.bound {
                    Bound::Value(value) if binding.path.is_empty() => Some(value_in(at.module, *value)),
                    Bound::Import(import) => self.imported_value(at.module, &self.module(at).imports[*import]),
                    _ => None,
                };
            }
            function = self.module(at).function(function).parent?;
        }
        None
    }

    fn imported_value(&self, module: ModuleId, import: &Import) -> Option<ValueRef> {
        let (Target::Module(target), ImportItem::Name(name)) = (self.target(module, import), &import.item) else {
            return None;
        };
        let code = self.program.module(target);
        let export = code.exports.iter().find(|export| export.name == *name)?;
        match &export.target {
            ExportTarget::Value(value) => Some(value_in(target, *value)),
            ExportTarget::Local(local) => {
                let bindings = self.scopes(target).bindings[MODULE_BODY.index()].get(local)?;
                bindings.iter().find_map(|binding| match binding.bound {
                    Bound::Value(value) if binding.path.is_empty() => Some(value_in(target, value)),
                    _ => None,
                })
            }
            ExportTarget::From(..) => None,
        }
    }

    /// What a name means, given every way in which it may get its value.
    pub(super) fn bindings(
        &self,
        module: ModuleId,
        function: FunctionId,
        chosen: &[&Binding],
        frame: &Frame,
    ) -> Meaning {
        let mut found: Vec<Meaning> = Vec::new();
        for binding in chosen {
            let meaning = self.binding(module, function, binding, frame);
            match binding.bound {
                Bound::Changed(_) => {
                    let before = Meaning::any(std::mem::take(&mut found));
                    let optional = binding.context.0 != 0;
                    found.push(self.joined(&before, &meaning, optional));
                }
                _ => found.push(meaning),
            }
        }
        if found.len() > 1 {
            // `let x = null` before the real value says nothing about what it is.
            let is_real = |meaning: &Meaning| !matches!(meaning, Meaning::Null | Meaning::Unknown(UNGIVEN));
            if found.iter().any(is_real) {
                found.retain(is_real);
            }
        }
        match Meaning::any(found) {
            unknown @ Meaning::Unknown(_) => self.of_declared_type(module, chosen).unwrap_or(unknown),
            found => found,
        }
    }

    /// What a variable is declared to hold, where no value of it is known: `var db *sql.DB`.
    fn of_declared_type(&self, module: ModuleId, chosen: &[&Binding]) -> Option<Meaning> {
        let at = chosen.iter().find_map(|binding| binding.annotation.filter(|_| binding.path.is_empty()))?;
        let at = value_in(module, at);
        match self.annotated(at)? {
            Meaning::Class(class) => Some(Meaning::This(class)),
            callee @ Meaning::Outside(_) if callee.is_qualified() => {
                Some(Meaning::Made(Rc::new(Made { callee, arguments: Vec::new(), at })))
            }
            _ => None,
        }
    }

    fn binding(&self, module: ModuleId, function: FunctionId, binding: &Binding, frame: &Frame) -> Meaning {
        let whole = match &binding.bound {
            Bound::Parameter(position) => self.parameter(function_in(module, function), *position, frame),
            Bound::Value(value) | Bound::Changed(value) => self.meaning(value_in(module, *value), frame),
            Bound::Held(value) => self.held(value_in(module, *value), frame),
            Bound::Each(over) => self.element(value_in(module, *over), frame),
            Bound::Import(at) if self.program.module(module).language == Language::Rust => {
                self.crate_import(module, *at)
            }
            Bound::Import(at) => {
                self.imported_once(module, *at, || self.import(module, &self.program.module(module).imports[*at]))
            }
            Bound::Function(id) => Meaning::Function(function_in(module, *id), frame.clone(), None),
            Bound::Class(id) => Meaning::Class(class_in(module, *id)),
            Bound::Matched(Some(subject)) => self.meaning(value_in(module, *subject), frame),
            Bound::Matched(None) => Meaning::Unknown("taken from a pattern"),
            Bound::Nothing => Meaning::Unknown(UNGIVEN),
        };
        self.part(module, whole, &binding.path, frame)
    }

    /// Follows the way from a value to a part of it.
    pub(super) fn part(&self, module: ModuleId, mut meaning: Meaning, path: &[Step], frame: &Frame) -> Meaning {
        for step in path {
            meaning = match step {
                Step::Field(name, default) => match (self.member(&meaning, name), default) {
                    (Meaning::Null, Some(default)) => self.meaning(value_in(module, *default), frame),
                    (found, _) => found,
                },
                Step::Item(0) if self.is_value_with_truth(module, &meaning) => meaning,
                Step::Item(0) if self.is_value_with_error(module, &meaning) => meaning,
                Step::Item(at) => self.item(&meaning, *at),
                Step::Without(named) => self.without(&meaning, named),
                Step::Rest => Meaning::Unknown(REST),
            };
        }
        meaning
    }

    /// What a parameter is, where the frame tells.
    pub(super) fn parameter(&self, function: FunctionRef, position: usize, frame: &Frame) -> Meaning {
        let code = self.function(function);
        for level in levels(frame) {
            let Within::Call { function: called, arguments, this, .. } = level else { continue };
            if *called == function {
                self.note_parameter(level, position);
                return self.argument(function, code, position, arguments, this.as_deref());
            }
        }
        if let Some(injected) = self.injected(function, code, position) {
            return injected;
        }
        self.left_open(Open::Call(function));
        match code.parameters.get(position) {
            Some(parameter) if parameter.kind == ParameterKind::Receiver => self.receiver(function),
            _ => Meaning::Parameter(function, position),
        }
    }

    /// The receiver of a method that is not being called.
    pub(super) fn receiver(&self, function: FunctionRef) -> Meaning {
        let code = self.function(function);
        let is_class_method = code.decorators.iter().any(|decorator| {
            matches!(self.kind(value_in(function.module, *decorator)), crate::code::ValueKind::Name(name) if name == "classmethod")
        });
        match code.class {
            Some(class) if is_class_method => Meaning::Class(class_in(function.module, class)),
            Some(_) if code.name.as_deref() == Some(crate::flow::calls::FOR_HEIRS) => {
                Meaning::Unknown("one of the classes that inherit")
            }
            Some(class) => Meaning::This(class_in(function.module, class)),
            None => Meaning::Unknown("a receiver of no class"),
        }
    }

    fn argument(
        &self,
        function: FunctionRef,
        code: &Function,
        position: usize,
        arguments: &[Passed],
        this: Option<&Meaning>,
    ) -> Meaning {
        let Some(parameter) = code.parameters.get(position) else { return Meaning::Unknown("no such parameter") };
        if parameter.kind == ParameterKind::Receiver {
            return this.cloned().unwrap_or_else(|| self.receiver(function));
        }
        let skipped = usize::from(code.parameters.first().is_some_and(|first| first.kind == ParameterKind::Receiver));
        let positional = || arguments.iter().filter(|argument| argument.name.is_none());
        match parameter.kind {
            ParameterKind::Rest => {
                let rest = positional().skip(position - skipped.min(position));
                let items = rest.map(|argument| crate::flow::meaning::Item {
                    value: argument.value.clone(),
                    optional: false,
                    is_rest: argument.is_rest,
                });
                return Meaning::List(items.collect());
            }
            ParameterKind::NamedRest => return self.named_rest(code, arguments),
            _ => {}
        }
        if let Some(name) = parameter.name()
            && let Some(found) = arguments.iter().find(|argument| argument.name.as_ref() == Some(name))
        {
            return self.force(&found.value);
        }
        let before = position - skipped.min(position);
        let by_position = positional().nth(before).filter(|_| parameter.kind != ParameterKind::NameOnly);
        let is_exact = !positional().take(before + 1).any(|argument| argument.is_rest);
        match (by_position, parameter.default) {
            (Some(argument), default) if is_exact => match (self.force(&argument.value), default) {
                // What is passed as `undefined` was not passed.
                (Meaning::Null, Some(default)) if self.module(function).language == Language::TypeScript => {
                    self.meaning(value_in(function.module, default), &None)
                }
                (found, _) => found,
            },
            (Some(_), _) => Meaning::Unknown("passed by a spread"),
            (None, _) if arguments.iter().any(|argument| argument.is_rest) => Meaning::Unknown("passed by a spread"),
            (None, Some(default)) => self.meaning(value_in(function.module, default), &None),
            (None, None) => Meaning::Null,
        }
    }

    fn named_rest(&self, code: &Function, arguments: &[Passed]) -> Meaning {
        let declared = |name: &Name| code.parameters.iter().any(|parameter| parameter.name() == Some(name));
        let entries = arguments.iter().filter(|argument| argument.name.as_ref().is_some_and(|name| !declared(name)));
        let entries = entries.map(|argument| crate::flow::meaning::Entry {
            key: argument
                .name
                .clone()
                .filter(|name| name != "**")
                .map(|name| crate::flow::meaning::Key { name, span: code.span }),
            value: argument.value.clone(),
            optional: false,
        });
        Meaning::Map(entries.collect())
    }
}
