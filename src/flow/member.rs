//! Members: of modules, classes, objects, maps, and of what stays opaque.

use crate::code::{ClassKind, FunctionId, FunctionKind, Language, Name, ParameterKind, ValueId, ValueKind};
use crate::flow::link::outside_member;
use crate::flow::meaning::{Frame, Instance, Key, Meaning, Passed, Within, class_in, function_in, push, value_in};
use crate::flow::{ClassRef, Flow, FunctionRef, ValueRef};
use std::rc::Rc;

/// Most ancestors of a class that are looked at.
const MAX_ANCESTORS: usize = 32;

impl Flow<'_> {
    /// The member `name` of something.
    pub fn member(&self, base: &Meaning, name: &Name) -> Meaning {
        self.deeper(|| self.member_here(base, name)).unwrap_or(Meaning::Unknown("too much to follow"))
    }

    fn member_here(&self, base: &Meaning, name: &Name) -> Meaning {
        match base {
            Meaning::Later(..) => self.member(&self.force(base), name),
            Meaning::Choice(all) => Meaning::any(all.iter().map(|one| self.member(one, name)).collect()),
            Meaning::Each(all) => Meaning::Each(all.iter().map(|one| self.member(one, name)).collect()),
            Meaning::Module(module) => match self.exported(*module, name) {
                Some(found) => self.grown_in(*module, name, found),
                None => Meaning::Unknown("its module does not offer this name"),
            },
            Meaning::Package(files) => files
                .iter()
                .find_map(|file| self.top_level(*file, name))
                .unwrap_or(Meaning::Unknown("its package does not offer this name")),
            Meaning::Outside(outside) => Meaning::Outside(outside_member(outside, name)),
            Meaning::Class(class) => {
                self.class_member(*class, base, name).unwrap_or_else(|| self.opaque_member(base, name))
            }
            Meaning::Instance(instance) if name == "constructor" && self.is_script(instance.class) => {
                Meaning::Class(instance.class)
            }
            Meaning::Instance(instance) => self
                .class_member(instance.class, base, name)
                .or_else(|| self.given(instance, name))
                .unwrap_or_else(|| self.opaque_member(base, name)),
            Meaning::This(class) => {
                self.class_member(*class, base, name).unwrap_or_else(|| self.opaque_member(base, name))
            }
            Meaning::Map(_) => self.entry(base, name),
            Meaning::Function(..) if matches!(name.as_str(), "__name__" | "__qualname__") => {
                self.name_of_function(base).unwrap_or_else(|| self.opaque_member(base, name))
            }
            Meaning::Text(..) if name == "value" => base.clone(),
            Meaning::Made(made) => {
                let given = made.given(name).map(|argument| self.force(&argument.value));
                given.or_else(|| self.shown_of(made, name)).unwrap_or_else(|| self.opaque_member(base, name))
            }
            Meaning::Parameter(..) | Meaning::Member(..) => match self.declared(base) {
                Some(Meaning::Class(class)) => self
                    .built_member(class, name)
                    .or_else(|| self.class_member(class, base, name))
                    .unwrap_or_else(|| self.opaque_member(base, name)),
                _ => self.opaque_member(base, name),
            },
            Meaning::Unknown(why) => Meaning::Unknown(why),
            _ => self.opaque_member(base, name),
        }
    }

    fn is_script(&self, class: ClassRef) -> bool {
        self.module(class).language == Language::TypeScript
    }

    fn opaque_member(&self, base: &Meaning, name: &Name) -> Meaning {
        Meaning::Member(Rc::new(base.clone()), name.clone())
    }

    /// What a class or an object of it has under a name. `receiver` is the object or the class itself.
    pub fn class_member(&self, class: ClassRef, receiver: &Meaning, name: &Name) -> Option<Meaning> {
        for ancestor in self.ancestors(class).iter().copied() {
            if let Some(found) = self.own_member(ancestor, receiver, name) {
                return Some(found);
            }
        }
        self.inline_import(class, name)
    }

    fn own_member(&self, class: ClassRef, receiver: &Meaning, name: &Name) -> Option<Meaning> {
        let is_class = matches!(receiver, Meaning::Class(_));
        let code = self.class(class);
        if !is_class && let Some(assigned) = self.assigned(class, receiver, name) {
            return Some(assigned);
        }
        if let Some(method) = self.own_method(class, name) {
            let this = Some(Rc::new(receiver.clone()));
            if self.function(method).is_getter && !is_class {
                return Some(self.returned(method, Vec::new(), this, None, &None));
            }
            return Some(Meaning::Function(method, None, this));
        }
        if is_class && let Some(assigned) = self.assigned_to_class(class, name) {
            return Some(assigned);
        }
        let (home, field) = self.parts(class).into_iter().find_map(|part| {
            let field = self.class(part).fields.iter().find(|field| field.name == *name)?;
            Some((part.module, field))
        })?;
        match (field.value, code.kind) {
            (Some(value), ClassKind::Enum) => {
                let meaning = self.meaning(value_in(home, value), &None);
                match meaning {
                    Meaning::Made(_) | Meaning::Unknown(_) => Some(self.opaque_member(receiver, name)),
                    known => Some(known),
                }
            }
            (Some(value), _) if field.is_static || !is_class => {
                let frame = self.receiver_frame(class, receiver);
                Some(self.meaning(value_in(home, value), &frame))
            }
            _ => None,
        }
    }

    /// Field initialisers may speak of `this`: the frame of the constructor, or of no function in particular.
    fn receiver_frame(&self, class: ClassRef, receiver: &Meaning) -> Frame {
        match receiver {
            Meaning::Instance(instance) => self.constructor_frame(instance, class),
            _ => None,
        }
    }

    /// What methods of `class` assign to `self.name`; the constructor's word counts first.
    fn assigned(&self, class: ClassRef, receiver: &Meaning, name: &Name) -> Option<Meaning> {
        let own = &self.index.own_fields[class.module.0 as usize];
        let all = own.get(&(class.id, name.clone()))?;
        let in_constructor = |method: &FunctionId| self.is_constructor(function_in(class.module, *method));
        let first: Vec<_> = all.iter().filter(|(_, method)| in_constructor(method)).collect();
        // A constructor that only clears the member leaves it to other methods to fill it.
        let is_null =
            |(value, _): &&(ValueId, FunctionId)| matches!(self.kind(value_in(class.module, *value)), ValueKind::Null);
        let chosen: Vec<_> = if first.iter().all(&is_null) { all.iter().collect() } else { first };
        let chosen: Vec<_> = match chosen.iter().all(&is_null) {
            true => chosen,
            false => chosen.into_iter().filter(|one| !is_null(one)).collect(),
        };
        let mut found = Vec::new();
        for (value, method) in chosen.into_iter().take(8) {
            let frame = match receiver {
                Meaning::Instance(instance) if in_constructor(method) => self.constructor_frame(instance, class),
                Meaning::Parameter(..) | Meaning::Member(..) => None,
                _ => {
                    let function = function_in(class.module, *method);
                    self.receiving(receiver, function, || {
                        let this = Some(Rc::new(receiver.clone()));
                        push(&None, Within::Call { function, arguments: self.own_parameters(function), this, at: None })
                    })
                }
            };
            found.push(self.meaning(value_in(class.module, *value), &frame));
        }
        if found.len() > 1 && found.iter().any(|one| !matches!(one, Meaning::Null)) {
            found.retain(|one| !matches!(one, Meaning::Null));
        }
        Some(Meaning::any(found))
    }

    /// What is assigned to a member of the class itself: `Logger.instance = new Logger()`.
    fn assigned_to_class(&self, class: ClassRef, name: &Name) -> Option<Meaning> {
        let own = self.index.class_fields.get(class.module.0 as usize)?.get(&(class.id, name.clone()))?;
        let all = own.iter().take(8).map(|(value, _)| self.meaning(value_in(class.module, *value), &None));
        let found: Vec<Meaning> = all.filter(|one| !matches!(one, Meaning::Null)).collect();
        let initial = self.class(class).fields.iter().find(|field| field.name == *name).and_then(|field| field.value);
        let initial = initial.map(|value| self.meaning(value_in(class.module, value), &None));
        let initial = initial.filter(|one| !matches!(one, Meaning::Null));
        (!found.is_empty()).then(|| Meaning::any(initial.into_iter().chain(found).collect()))
    }

    /// What methods of a class assign to a member of the receiver, each with its method.
    pub fn assignments_of(&self, class: ClassRef, name: &Name) -> Vec<(ValueRef, FunctionRef)> {
        let own = self.index.own_fields.get(class.module.0 as usize);
        let all = own.and_then(|own| own.get(&(class.id, name.clone()))).into_iter().flatten();
        all.map(|(value, method)| (value_in(class.module, *value), function_in(class.module, *method))).collect()
    }

    /// The parameters of a method as themselves, for a call of which nothing but the receiver is known.
    fn own_parameters(&self, method: FunctionRef) -> Vec<Passed> {
        let code = self.function(method);
        let parameters = code.parameters.iter().enumerate();
        let parameters = parameters.filter(|(_, parameter)| parameter.kind != ParameterKind::Receiver);
        parameters
            .map(|(at, parameter)| Passed {
                name: parameter.name().filter(|_| parameter.kind != ParameterKind::PositionOnly).cloned(),
                value: self.injected(method, code, at).unwrap_or(Meaning::Parameter(method, at)),
                is_rest: false,
            })
            .collect()
    }

    /// What an object without constructor was given for a field.
    fn given(&self, instance: &Instance, name: &Name) -> Option<Meaning> {
        if let Some(named) = instance.arguments.iter().find(|argument| argument.name.as_ref() == Some(name)) {
            return Some(self.force(&named.value));
        }
        if self.constructor(instance.class).is_some() {
            return None;
        }
        let fields = &self.class(instance.class).fields;
        let at = fields.iter().filter(|field| field.annotation.is_some()).position(|field| field.name == *name)?;
        let argument = instance.arguments.iter().filter(|argument| argument.name.is_none()).nth(at)?;
        (!argument.is_rest).then(|| self.force(&argument.value))
    }

    /// A class with the implementation blocks of its type.
    pub fn parts(&self, class: ClassRef) -> Vec<ClassRef> {
        let code = self.class(class);
        let mut parts = vec![class];
        if !matches!(self.module(class).language, Language::Rust | Language::Go) || code.name.is_empty() {
            return parts;
        }
        let of =
            |all: &std::collections::HashMap<Name, Vec<ClassRef>>| all.get(&code.name).cloned().unwrap_or_default();
        let types = of(&self.index.definitions);
        let others = if code.kind == ClassKind::Implementation { types.iter().copied() } else { [].iter().copied() };
        let others = others.chain(of(&self.index.implementations)).filter(|other| *other != class);
        let is_sure = types.len() < 2 && self.module(class).language == Language::Rust;
        parts.extend(others.filter(|other| is_sure || self.is_same_type(class, *other)));
        parts
    }

    /// Whether two blocks of one name, of which there are several, are of the same type.
    fn is_same_type(&self, one: ClassRef, other: ClassRef) -> bool {
        let folder = |of: ClassRef| crate::flow::link::folder(self.sources.path(self.module(of).source));
        match self.module(one).language {
            Language::Go => folder(one) == folder(other),
            _ => one.module == other.module || self.type_of(one) == self.type_of(other),
        }
    }

    /// The type that a block implements.
    fn type_of(&self, block: ClassRef) -> Option<ClassRef> {
        let code = self.class(block);
        if code.kind != ClassKind::Implementation {
            return Some(block);
        }
        match self.top_level(block.module, &code.name).or_else(|| self.exported(block.module, &code.name)) {
            Some(Meaning::Class(class)) => Some(class),
            _ => None,
        }
    }

    /// A method that the class itself has.
    pub fn own_method(&self, class: ClassRef, name: &str) -> Option<FunctionRef> {
        self.parts(class).into_iter().find_map(|part| {
            let module = self.module(part);
            let named = |method: &&FunctionId| module.function(**method).name.as_deref() == Some(name);
            let own = self.class(part).methods.iter();
            let with_body = own.clone().filter(|method| !module.function(**method).is_declaration).find(named);
            with_body.or_else(|| own.clone().find(named)).map(|method| function_in(part.module, *method))
        })
    }

    /// A class and its ancestors in the tree, nearest first.
    pub fn ancestors(&self, class: ClassRef) -> Rc<[ClassRef]> {
        if let Some(known) = self.lines.borrow().get(&class) {
            return known.clone();
        }
        let line: Rc<[ClassRef]> = self.find_ancestors(class).into();
        if !self.is_exhausted.get() {
            self.lines.borrow_mut().insert(class, line.clone());
        }
        line
    }

    fn find_ancestors(&self, class: ClassRef) -> Vec<ClassRef> {
        let mut all = vec![class];
        let mut at = 0;
        while at < all.len() && all.len() < MAX_ANCESTORS {
            let parts = self.parts(all[at]);
            for base in parts.into_iter().flat_map(|part| self.bases(part)) {
                if let Meaning::Class(base) = base
                    && !all.contains(&base)
                {
                    all.push(base);
                }
            }
            at += 1;
        }
        all
    }

    /// What a class extends outside the tree, by full name.
    pub fn outside_bases(&self, class: ClassRef) -> Vec<Name> {
        let line = self.ancestors(class);
        let bases = line.iter().flat_map(|ancestor| self.bases(*ancestor));
        let outside = bases.filter_map(|base| match base {
            Meaning::Outside(name) => Some(name),
            _ => None,
        });
        outside.collect()
    }

    /// What a class is declared to be made of: the classes and interfaces of the tree, and those from outside.
    pub fn bases(&self, class: ClassRef) -> Vec<Meaning> {
        let bases = self.class(class).bases.iter();
        bases.map(|base| self.meaning(value_in(class.module, self.without_arguments(class, *base)), &None)).collect()
    }

    fn without_arguments(&self, class: ClassRef, base: crate::code::ValueId) -> crate::code::ValueId {
        match self.module(class).value(base).kind {
            ValueKind::Generic { base, .. } => base,
            // `Base[T]` of a Python class head.
            ValueKind::Index { base, .. } => base,
            _ => base,
        }
    }

    /// Whether a function makes objects of its class.
    pub fn is_constructor(&self, function: FunctionRef) -> bool {
        let code = self.function(function);
        code.class.is_some()
            && code.kind == FunctionKind::Method
            && matches!(code.name.as_deref(), Some("__init__" | "constructor" | "__post_init__"))
    }

    /// The constructor of a class, its own or inherited, and whose it is.
    pub fn constructor(&self, class: ClassRef) -> Option<FunctionRef> {
        self.ancestors(class).iter().find_map(|ancestor| self.own_constructor(*ancestor))
    }

    fn own_constructor(&self, class: ClassRef) -> Option<FunctionRef> {
        self.own_method(class, "constructor").or_else(|| self.own_method(class, "__init__"))
    }

    /// The frame in which the constructor of `wanted`, an ancestor of the object's class, runs.
    pub fn constructor_frame(&self, instance: &Rc<Instance>, wanted: ClassRef) -> Frame {
        self.constructing(instance, wanted, || self.find_constructor_frame(instance, wanted))
    }

    fn find_constructor_frame(&self, instance: &Rc<Instance>, wanted: ClassRef) -> Frame {
        let this = Some(Rc::new(Meaning::Instance(instance.clone())));
        let mut arguments = instance.arguments.clone();
        let mut at = Some(instance.at);
        for ancestor in self.ancestors(instance.class).iter().copied() {
            let Some(constructor) = self.own_constructor(ancestor) else {
                if ancestor == wanted {
                    return None;
                }
                continue;
            };
            let call = Within::Call { function: constructor, arguments, this: this.clone(), at };
            let frame = push(&None, call);
            if ancestor == wanted {
                return frame;
            }
            let upper = self.super_call(constructor)?;
            arguments = self.passed(upper, &frame);
            at = Some(upper);
        }
        None
    }

    /// What reaches the constructor that the object's classes inherit from outside the tree.
    pub fn outermost_arguments(&self, instance: &Instance) -> Vec<Passed> {
        let this = Some(Rc::new(Meaning::Instance(Rc::new(instance.clone()))));
        let mut arguments = instance.arguments.clone();
        for ancestor in self.ancestors(instance.class).iter().copied() {
            let Some(constructor) = self.own_constructor(ancestor) else { continue };
            let Some(upper) = self.super_call(constructor) else { break };
            let frame = push(&None, Within::Call { function: constructor, arguments, this: this.clone(), at: None });
            arguments = self.passed(upper, &frame);
        }
        arguments
    }

    /// The call of the upper constructor inside a constructor.
    fn super_call(&self, constructor: FunctionRef) -> Option<ValueRef> {
        let scopes = self.scopes(constructor.module);
        let module = self.module(constructor);
        let call = scopes.calls.iter().filter(|call| scopes.owner[call.index()] == constructor.id).find(|call| {
            let ValueKind::Call(call) = &module.value(**call).kind else { return false };
            match &module.value(call.callee).kind {
                ValueKind::Super => true,
                ValueKind::Field { base, name } if name == "__init__" => {
                    matches!(module.value(*base).kind, ValueKind::Super | ValueKind::Call(_))
                }
                _ => false,
            }
        })?;
        Some(value_in(constructor.module, *call))
    }

    /// The class that a value is declared or known to be an object of.
    pub fn declared(&self, meaning: &Meaning) -> Option<Meaning> {
        match meaning {
            Meaning::Instance(instance) => Some(Meaning::Class(instance.class)),
            Meaning::This(class) => Some(Meaning::Class(*class)),
            Meaning::Made(made) => match &made.callee {
                Meaning::Outside(name) => Some(Meaning::Outside(name.clone())),
                _ => None,
            },
            Meaning::Parameter(function, at) => {
                let annotation = self.function(*function).parameters.get(*at)?.annotation?;
                self.annotated(value_in(function.module, annotation))
            }
            Meaning::Member(base, name) if name == "lifespan_context" => self.held_by_context(base),
            Meaning::Member(base, name) => {
                if let Some(found) = self.declared_inline(base, name) {
                    return Some(found);
                }
                let Some(Meaning::Class(class)) = self.deeper(|| self.declared(base))? else { return None };
                self.ancestors(class).iter().flat_map(|ancestor| self.parts(*ancestor)).find_map(|part| {
                    let field = self.class(part).fields.iter().find(|field| field.name == *name)?;
                    self.annotated(value_in(part.module, field.annotation?))
                })
            }
            _ => None,
        }
    }

    /// What a server holds for its lifetime: the last argument of the context's type, `Context[ServerSession, App]`.
    fn held_by_context(&self, context: &Meaning) -> Option<Meaning> {
        let (function, at) = match context {
            Meaning::Parameter(function, at) => (function, at),
            Meaning::Member(base, _) => match &**base {
                Meaning::Parameter(function, at) => (function, at),
                _ => return None,
            },
            _ => return None,
        };
        let annotation = self.function(*function).parameters.get(*at)?.annotation?;
        let of = |id| value_in(function.module, id);
        let last = match self.kind(of(annotation)) {
            ValueKind::Generic { arguments, .. } => *arguments.last()?,
            ValueKind::Index { key, .. } => match self.kind(of(*key)) {
                ValueKind::List(items) | ValueKind::Tuple(items) => *items.last()?,
                _ => *key,
            },
            _ => return None,
        };
        self.annotated(of(last))
    }

    /// The class that a type annotation names, seen through optional and generic types.
    pub fn annotated(&self, annotation: ValueRef) -> Option<Meaning> {
        self.deeper(|| self.annotated_here(annotation))?
    }

    fn annotated_here(&self, annotation: ValueRef) -> Option<Meaning> {
        let of = |id| value_in(annotation.module, id);
        match self.kind(annotation) {
            ValueKind::Generic { base, arguments } => {
                self.annotated_generic(of(*base), arguments.first().map(|id| of(*id)))
            }
            ValueKind::Index { base, key } => self.annotated_generic(of(*base), Some(of(*key))),
            ValueKind::Binary { left, right, .. } => self
                .annotated(of(*left))
                .filter(|left| !matches!(left, Meaning::Null))
                .or_else(|| self.annotated(of(*right))),
            ValueKind::Unary(inner) => self.annotated(of(*inner)),
            _ => match self.meaning(annotation, &None) {
                found @ (Meaning::Class(_) | Meaning::Outside(_)) => Some(found),
                _ => None,
            },
        }
    }

    fn annotated_generic(&self, base: ValueRef, argument: Option<ValueRef>) -> Option<Meaning> {
        let found = self.annotated(base)?;
        let is_wrapper = matches!(&found, Meaning::Outside(name) if
            matches!(name.rsplit(['.', ':', '#']).next(), Some("Optional" | "Annotated" | "Arc" | "Box" | "Rc" | "Promise" | "Readonly" | "Union" | "Option" | "Mutex" | "RwLock"
                    | "RefCell" | "OnceCell" | "OnceLock" | "LazyLock" | "Lazy" | "Cow" | "ArcSwap" | "Result")));
        match argument {
            Some(argument) if is_wrapper => self.annotated(argument),
            _ => Some(found),
        }
    }

    fn entry(&self, map: &Meaning, name: &Name) -> Meaning {
        let Meaning::Map(entries) = map else { return Meaning::Unknown("not a map") };
        let found = entries.iter().rev().find(|entry| entry.key.as_ref().is_some_and(|key| key.name == *name));
        let rest = entries.iter().any(|entry| entry.key.is_none());
        match found {
            Some(entry) => self.force(&entry.value),
            None if rest => Meaning::Unknown("may come from a spread"),
            None => Meaning::Null,
        }
    }

    /// The keys of a map that are known, and whether these are all.
    pub fn keys(&self, map: &Meaning) -> (Vec<Key>, bool) {
        let Meaning::Map(entries) = map else { return (Vec::new(), false) };
        (
            entries.iter().filter_map(|entry| entry.key.clone()).collect(),
            entries.iter().all(|entry| entry.key.is_some()),
        )
    }

    /// The class object of a class, for callers that have a handle only.
    pub fn class_meaning(&self, module: crate::flow::ModuleId, class: crate::code::ClassId) -> Meaning {
        Meaning::Class(class_in(module, class))
    }
}
