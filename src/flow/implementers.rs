//! Which methods of the tree stand behind a method that an interface only declares.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::code::{ClassKind, Language, MapKey, Name, ValueId, ValueKind};
use crate::flow::meaning::{class_in, function_in, value_in};
use crate::flow::{ClassRef, Flow, FunctionRef, Meaning, ModuleId, ValueRef};

/// By class and method: what takes the method's place in heirs.
pub(super) type Overriding = HashMap<(ClassRef, FunctionRef), Rc<[FunctionRef]>>;

impl Flow<'_> {
    /// The methods that a call of a declared method may reach: those of every type that implements the interface.
    pub fn implementers(&self, declared: FunctionRef) -> Rc<[FunctionRef]> {
        if let Some(known) = self.implementers.borrow().get(&declared) {
            return known.clone();
        }
        let found: Rc<[FunctionRef]> = self.find_implementers(declared).unwrap_or_default().into();
        self.implementers.borrow_mut().insert(declared, found.clone());
        found
    }

    fn find_implementers(&self, declared: FunctionRef) -> Option<Vec<FunctionRef>> {
        let code = self.function(declared);
        let name = code.name.as_ref()?;
        let interface = class_in(declared.module, code.class?);
        if self.class(interface).kind != ClassKind::Interface {
            return None;
        }
        match self.module(interface).language {
            Language::Rust => Some(self.implemented_by_name(interface, name)),
            Language::Go => Some(self.implemented_by_shape(interface, name)),
            Language::TypeScript => Some(self.implemented_by_heirs(interface, name)),
            Language::Python => None,
        }
        .map(|all| self.only_live(all))
    }

    /// Without what stands in tests: a stand-in that a test hands over is nobody's implementation.
    fn only_live(&self, mut all: Vec<FunctionRef>) -> Vec<FunctionRef> {
        let live: BTreeSet<ModuleId> = self.index.live.iter().copied().collect();
        all.retain(|method| live.contains(&method.module));
        all
    }

    /// The methods that take the place of a method in classes that inherit from the one that its receiver is declared to
    /// be of, in path order.
    pub fn overriding(&self, class: ClassRef, method: FunctionRef) -> Rc<[FunctionRef]> {
        if let Some(known) = self.overriding.borrow().get(&(class, method)) {
            return known.clone();
        }
        let name = self.function(method).name.clone();
        let own = |heir| name.as_deref().and_then(|name| self.own_method(heir, name));
        let found = self.heirs(class).into_iter().filter_map(own);
        let found = found.filter(|own| *own != method && !self.function(*own).is_declaration);
        let found: Rc<[FunctionRef]> = found.collect::<Vec<_>>().into();
        if !self.is_exhausted.get() {
            self.overriding.borrow_mut().insert((class, method), found.clone());
        }
        found
    }

    /// The classes of the tree that inherit from a class, in path order.
    pub fn heirs(&self, class: ClassRef) -> Vec<ClassRef> {
        let mut found = Vec::new();
        for id in self.index.live.iter().copied() {
            let classes = 0..self.program.module(id).classes.len();
            let all = classes.map(|at| class_in(id, crate::code::ClassId(at as u32)));
            found.extend(all.filter(|one| *one != class && self.ancestors(*one).contains(&class)));
        }
        found
    }

    /// What a member of an interface is, where the tree shows the one function that builds an object of it.
    pub(super) fn built_member(&self, interface: ClassRef, name: &Name) -> Option<Meaning> {
        let code = self.class(interface);
        if code.kind != ClassKind::Interface || self.module(interface).language != Language::TypeScript {
            return None;
        }
        let whole = self.at_own_cost(|| match &self.built(interface)[..] {
            [only] => Some(self.meaning(*only, &None)),
            _ => None,
        })?;
        match whole {
            whole @ Meaning::Map(_) => match self.member(&whole, name) {
                found @ Meaning::Function(..) => Some(found),
                _ => None,
            },
            _ => None,
        }
    }

    /// What the functions return that say they return an object of this interface.
    fn built(&self, interface: ClassRef) -> Rc<[ValueRef]> {
        if let Some(known) = self.built.borrow().get(&interface) {
            return known.clone();
        }
        // While it is being found out there is nothing, so that a type which mentions itself ends.
        self.built.borrow_mut().insert(interface, Rc::from([]));
        let wanted = &self.class(interface).name;
        let mut found = Vec::new();
        for id in self.index.live.iter().copied() {
            let module = self.program.module(id);
            if module.language != Language::TypeScript {
                continue;
            }
            for (at, function) in module.functions.iter().enumerate() {
                let Some(returns) = function.returns.map(|returns| value_in(id, returns)) else { continue };
                if self.names(returns, wanted, 3)
                    && matches!(self.annotated(returns), Some(Meaning::Class(class)) if class == interface)
                {
                    let returned = self.scopes(id).returns.get(at).into_iter().flatten();
                    found.extend(returned.map(|value| value_in(id, *value)));
                }
            }
        }
        let found: Rc<[ValueRef]> = found.into();
        self.built.borrow_mut().insert(interface, found.clone());
        found
    }

    /// Whether a type is written with this name.
    fn names(&self, annotation: ValueRef, wanted: &Name, depth: u32) -> bool {
        let of = |id| value_in(annotation.module, id);
        match self.kind(annotation) {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => name == wanted,
            ValueKind::Generic { base, arguments } if depth > 0 => {
                self.names(of(*base), wanted, depth - 1)
                    || arguments.iter().any(|argument| self.names(of(*argument), wanted, depth - 1))
            }
            _ => false,
        }
    }

    /// The type of a member of a parameter whose type is written out: `server: {inner: Server}`.
    pub(super) fn declared_inline(&self, base: &Meaning, name: &Name) -> Option<Meaning> {
        let Meaning::Parameter(function, at) = base else { return None };
        let annotation = value_in(function.module, self.function(*function).parameters.get(*at)?.annotation?);
        if let ValueKind::Generic { arguments, .. } = self.kind(annotation) {
            return self.held_in_wrapper(annotation, arguments, name);
        }
        let ValueKind::Map(entries) = self.kind(annotation) else { return None };
        let entry = entries.iter().find(|entry| matches!(&entry.key, MapKey::Name(key, _) if key == name))?;
        self.annotated(value_in(function.module, entry.value))
    }

    /// `Parameters(input): Parameters<Input>`: what a tuple struct of a package holds is of the type that it is given.
    fn held_in_wrapper(&self, annotation: ValueRef, arguments: &[ValueId], name: &Name) -> Option<Meaning> {
        let [held] = arguments else { return None };
        let is_outside = self.module(annotation).language == Language::Rust
            && matches!(self.annotated(annotation), Some(Meaning::Outside(_)) | None);
        self.annotated(value_in(annotation.module, *held)).filter(|_| is_outside && name == "0")
    }

    /// `class Type implements Interface`.
    fn implemented_by_heirs(&self, interface: ClassRef, name: &Name) -> Vec<FunctionRef> {
        let mut found = Vec::new();
        for (id, module) in self.program.iter().filter(|(_, module)| module.language == Language::TypeScript) {
            for at in 0..module.classes.len() {
                let class = class_in(id, crate::code::ClassId(at as u32));
                if class == interface || !self.ancestors(class).contains(&interface) {
                    continue;
                }
                let own = self.own_method(class, name);
                found.extend(own.filter(|method| !self.function(*method).is_declaration));
            }
        }
        found
    }

    /// `impl Interface for Type`.
    fn implemented_by_name(&self, interface: ClassRef, name: &Name) -> Vec<FunctionRef> {
        let mut found = Vec::new();
        let blocks = self.index.implementations.values().flatten();
        let mut blocks: Vec<ClassRef> = blocks.copied().collect();
        blocks.sort();
        for block in blocks {
            let module = self.module(block);
            let mut methods = self.class(block).methods.iter();
            let Some(method) = methods.find(|method| module.function(**method).name.as_ref() == Some(name)) else {
                continue;
            };
            let is_of = |base: &Meaning| matches!(base, Meaning::Class(base) if *base == interface);
            if self.asking(|| self.bases(block)).0.iter().any(is_of) {
                found.push(function_in(block.module, *method));
            }
        }
        found
    }

    /// Every type that has all methods of the interface.
    fn implemented_by_shape(&self, interface: ClassRef, name: &Name) -> Vec<FunctionRef> {
        let module = self.module(interface);
        let all = self.class(interface).methods.iter();
        let wanted: Vec<&Name> = all.filter_map(|method| module.function(*method).name.as_ref()).collect();
        let mut types: Vec<ClassRef> = self.index.definitions.values().flatten().copied().collect();
        types.retain(|one| self.class(*one).kind != ClassKind::Interface && self.module(*one).language == Language::Go);
        types.sort();
        let mut found = Vec::new();
        for one in types {
            let Some(method) = self.own_method(one, name) else { continue };
            if wanted.iter().all(|wanted| self.own_method(one, wanted).is_some()) {
                found.push(method);
            }
        }
        found
    }
}
