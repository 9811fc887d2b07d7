//! Who calls what: the calls of every function, class and name from outside.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::rc::Rc;

use ahash::HashMap;

use crate::code::{Call, FunctionId, Language, MapKey, Name, ValueId, ValueKind};
use crate::flow::meaning::{Meaning, function_in, value_in};
use crate::flow::{ClassRef, Flow, FunctionRef, ModuleId, ValueRef, unit_tests};

/// How functions are called that run when a server starts, though nothing of the tree calls them.
pub const AT_START: &[&str] =
    &["main", "lifespan", "server_lifespan", "app_lifespan", "start", "start_server", "startServer", "init"];

/// Most steps to find what one call calls.
const MAX_CALLEE_STEPS: u32 = 300;
/// Most functions of one list that are called in turn.
const MAX_ELEMENTS: usize = 256;
/// Methods of a list that call what they are given with each element.
pub(super) const EACH_ELEMENT: &[&str] = &["forEach", "map", "flatMap", "filter", "some", "every", "for_each"];

/// The calls of every function, and the calls that functions are passed to.
#[derive(Debug, Default)]
pub struct Callers {
    pub(super) calls: HashMap<FunctionRef, Vec<ValueRef>>,
    pub(super) passed: HashMap<FunctionRef, Vec<(ValueRef, usize)>>,
    /// Calls of methods on something opaque, by the method's name.
    pub(super) opaque: HashMap<Name, Vec<ValueRef>>,
    /// What each function decorates, and the decorator.
    pub(super) decorating: HashMap<FunctionRef, Vec<(ValueRef, FunctionRef)>>,
    /// Where objects of each class are made.
    made: HashMap<ClassRef, Vec<ValueRef>>,
    /// Calls of what is outside, by full name.
    outside: BTreeMap<Name, Vec<ValueRef>>,
    /// The same by the last word of the name, and then calls of methods on something opaque.
    named: HashMap<Name, Vec<ValueRef>>,
    /// Calls whose first argument is the address of a variable or field, by its name.
    addressing: HashMap<Name, Vec<ValueRef>>,
    /// What is put into members of Rust, by their name: where something is made, and by assignments.
    given: HashMap<Name, Vec<ValueRef>>,
}

impl crate::flow::Flow<'_> {
    /// The calls that a function is passed to.
    pub fn passed_to(&self, function: FunctionRef) -> impl Iterator<Item = ValueRef> + '_ {
        self.callers().passed.get(&function).into_iter().flatten().map(|(call, _)| *call)
    }
}

/// Calls by the function that they stand in, however deep.
pub(super) type CallsByName = HashMap<FunctionId, Vec<ValueId>>;

impl Callers {
    fn joined(mut self, next: Callers) -> Callers {
        fn append<K: Hash + Eq, V>(all: &mut HashMap<K, Vec<V>>, next: HashMap<K, Vec<V>>) {
            #[expect(clippy::iter_over_hash_type, reason = "each key's list keeps its own order")]
            for (key, mut more) in next {
                all.entry(key).or_default().append(&mut more);
            }
        }
        append(&mut self.calls, next.calls);
        append(&mut self.passed, next.passed);
        append(&mut self.opaque, next.opaque);
        append(&mut self.decorating, next.decorating);
        append(&mut self.made, next.made);
        append(&mut self.addressing, next.addressing);
        append(&mut self.given, next.given);
        for (name, mut more) in next.outside {
            self.outside.entry(name).or_default().append(&mut more);
        }
        self
    }

    fn with_names(mut self) -> Self {
        for (full, calls) in &self.outside {
            let last = full.rsplit(['.', ':', '#']).next().unwrap_or(full);
            self.named.entry(Name::new(last)).or_default().extend(calls);
        }
        #[expect(clippy::iter_over_hash_type, reason = "each key's list keeps its own order")]
        for (name, calls) in &self.opaque {
            self.named.entry(name.clone()).or_default().extend(calls);
        }
        self
    }
}

impl Flow<'_> {
    /// The calls of every function of the tree.
    pub fn callers(&self) -> &Callers {
        if let Some(known) = self.index.callers.get() {
            return known;
        }
        // Not inside `get_or_init`: a thread that waits there may take up work that asks for them too.
        let found = self.find_callers();
        self.index.callers.get_or_init(|| found)
    }

    /// The calls of a function.
    pub fn calls_of(&self, function: FunctionRef) -> &[ValueRef] {
        self.callers().calls.get(&function).map_or(&[], Vec::as_slice)
    }

    /// The places where objects of exactly this class are made.
    pub fn made_at(&self, class: ClassRef) -> &[ValueRef] {
        self.callers().made.get(&class).map_or(&[], Vec::as_slice)
    }

    /// The calls of everything of this name that is not of the tree: by its last word, or as a method of something opaque.
    pub fn calls_named(&self, name: &str) -> &[ValueRef] {
        self.callers().named.get(name).map_or(&[], Vec::as_slice)
    }

    /// The calls whose first argument is the address of a variable or field of this name: `f(&x, …)`.
    pub fn calls_addressing(&self, name: &str) -> &[ValueRef] {
        self.callers().addressing.get(name).map_or(&[], Vec::as_slice)
    }

    /// What the tree puts into members of this name, whatever they belong to.
    pub fn given_to(&self, name: &str) -> &[ValueRef] {
        self.callers().given.get(name).map_or(&[], Vec::as_slice)
    }

    /// The calls of everything outside the tree, by full name.
    pub fn outside_calls(&self) -> &BTreeMap<Name, Vec<ValueRef>> {
        &self.callers().outside
    }

    /// Part by part, in parallel.
    fn find_callers(&self) -> Callers {
        let found = self.gathered(&self.index.live, |flow, module, callers: &mut Callers| {
            flow.finds_callers.set(true);
            for call in &flow.scopes(module).calls {
                flow.note_call(value_in(module, *call), callers);
            }
            flow.note_decorators(module, callers);
            flow.note_given(module, callers);
        });
        found.into_iter().fold(Callers::default(), Callers::joined).with_names()
    }

    /// A decorator is called with what it decorates.
    fn note_decorators(&self, module: ModuleId, callers: &mut Callers) {
        for (at, function) in self.program.module(module).functions.iter().enumerate() {
            let decorated = function_in(module, FunctionId(at as u32));
            for decorator in &function.decorators {
                let decorator = value_in(module, *decorator);
                let (meaning, _) = self.asking_within(MAX_CALLEE_STEPS, || self.meaning(decorator, &None));
                if let Meaning::Function(called, _, _) = meaning {
                    callers.decorating.entry(called).or_default().push((decorator, decorated));
                }
            }
        }
    }

    fn note_given(&self, module: ModuleId, callers: &mut Callers) {
        let code = self.program.module(module);
        if code.language != Language::Rust {
            return;
        }
        let tests = unit_tests::of(self.sources, code);
        let mut note = |name: &Name, value: ValueId| {
            let here = code.value(value).span;
            if !tests.iter().any(|test| test.start <= here.start && here.end <= test.end) {
                callers.given.entry(name.clone()).or_default().push(value_in(module, value));
            }
        };
        for value in &code.values {
            let ValueKind::Construct { entries, .. } = &value.kind else { continue };
            for entry in entries {
                if let MapKey::Name(name, _) = &entry.key {
                    note(name, entry.value);
                }
            }
        }
        for (place, value) in &self.scopes(module).member_assignments {
            if let ValueKind::Field { name, .. } = &code.value(*place).kind {
                note(name, *value);
            }
        }
    }

    fn note_call(&self, at: ValueRef, callers: &mut Callers) {
        let ValueKind::Call(call) = self.kind(at) else { return };
        let callee = value_in(at.module, call.callee);
        match self.method_of_list(callee) {
            // Which elements a list has, all that is added to it included, tells nothing of its methods.
            Some(name) => callers.opaque.entry(name.clone()).or_default().push(at),
            None => {
                let (meaning, _) = self.asking_within(MAX_CALLEE_STEPS, || self.meaning(callee, &None));
                self.note_callee(at, callee, &meaning, callers);
            }
        }
        self.note_elements(at, call, callers);
        if let Some(name) = call.arguments.first().and_then(|first| self.addressed(value_in(at.module, first.value))) {
            callers.addressing.entry(name.clone()).or_default().push(at);
        }
        for (position, argument) in call.arguments.iter().enumerate() {
            let argument = value_in(at.module, argument.value);
            if !matches!(self.kind(argument), ValueKind::Function(_) | ValueKind::Name(_) | ValueKind::Field { .. }) {
                continue;
            }
            let (meaning, _) = self.asking_within(MAX_CALLEE_STEPS, || self.meaning(argument, &None));
            for one in meaning.alternatives() {
                if let Meaning::Function(function, _, _) = one {
                    callers.passed.entry(*function).or_default().push((at, position));
                }
            }
        }
    }

    /// `functions.forEach(f => f(x))` calls each function of the list where the closure calls its parameter.
    fn note_elements(&self, at: ValueRef, call: &Call, callers: &mut Callers) {
        let ValueKind::Field { base, name } = self.kind(value_in(at.module, call.callee)) else { return };
        let Some(first) = call.arguments.first().filter(|_| EACH_ELEMENT.contains(&name.as_str())) else { return };
        let ValueKind::Function(closure) = self.kind(value_in(at.module, first.value)) else { return };
        let parameter = self.program.module(at.module).function(*closure).parameters.first();
        let Some(parameter) = parameter.and_then(|parameter| parameter.name()) else { return };
        let by_name = self.calls_by_name(at.module);
        let is_of_element = |inner: &&ValueId| {
            let ValueKind::Call(inner) = self.kind(value_in(at.module, **inner)) else { return false };
            matches!(self.kind(value_in(at.module, inner.callee)), ValueKind::Name(called) if called == parameter)
        };
        let inside: Vec<ValueId> = by_name.get(closure).into_iter().flatten().filter(is_of_element).copied().collect();
        if inside.is_empty() {
            return;
        }
        let base = value_in(at.module, *base);
        let (items, _) = self.asking_within(MAX_CALLEE_STEPS, || self.items(&self.meaning(base, &None)));
        for item in items.unwrap_or_default().iter().take(MAX_ELEMENTS) {
            if let Meaning::Function(function, _, _) = self.asking(|| self.force(&item.value)).0 {
                let calls = callers.calls.entry(function).or_default();
                calls.extend(inside.iter().map(|inner| value_in(at.module, *inner)));
            }
        }
    }

    /// The name in `&name` and `&x.name` of Go, with or without the sign, which the code does not keep everywhere.
    fn addressed(&self, value: ValueRef) -> Option<&Name> {
        if self.module(value).language != Language::Go {
            return None;
        }
        let target = match self.kind(value) {
            ValueKind::Unary(target) => value_in(value.module, *target),
            _ => value,
        };
        match self.kind(target) {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => Some(name),
            _ => None,
        }
    }

    fn note_callee(&self, at: ValueRef, callee: ValueRef, meaning: &Meaning, callers: &mut Callers) {
        match meaning {
            Meaning::Function(function, _, _) => callers.calls.entry(*function).or_default().push(at),
            Meaning::Class(class) => {
                callers.made.entry(*class).or_default().push(at);
                if let Some(constructor) = self.constructor(*class) {
                    callers.calls.entry(constructor).or_default().push(at);
                }
            }
            Meaning::Choice(all) | Meaning::Each(all) => {
                for one in all.iter().take(256) {
                    self.note_callee(at, callee, &self.force(one), callers);
                }
            }
            Meaning::Outside(name) => callers.outside.entry(name.clone()).or_default().push(at),
            _ => {
                if let ValueKind::Field { name, .. } = self.kind(callee) {
                    callers.opaque.entry(name.clone()).or_default().push(at);
                }
            }
        }
    }

    /// The calls of plain names inside each function of a module and its closures, in order of writing.
    pub(super) fn calls_by_name(&self, module: ModuleId) -> Rc<CallsByName> {
        if let Some(known) = self.calls_by_name.borrow().get(&module) {
            return known.clone();
        }
        let (code, scopes) = (self.program.module(module), self.scopes(module));
        let mut all = CallsByName::default();
        for call in &scopes.calls {
            let ValueKind::Call(calling) = &code.value(*call).kind else { continue };
            if !matches!(code.value(calling.callee).kind, ValueKind::Name(_)) {
                continue;
            }
            let mut next = Some(scopes.owner[call.index()]);
            while let Some(owner) = next {
                all.entry(owner).or_default().push(*call);
                next = code.function(owner).parent;
            }
        }
        let all = Rc::new(all);
        self.calls_by_name.borrow_mut().insert(module, all.clone());
        all
    }
}
