//! Which methods of the tree stand behind a method that an interface only declares.

use std::rc::Rc;

use crate::code::{ClassKind, Language, Name};
use crate::flow::meaning::{class_in, function_in};
use crate::flow::{ClassRef, Flow, FunctionRef, Meaning};

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
