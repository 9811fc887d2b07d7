//! Functions in whose place another one is put: `Guard.prototype.check = …`, `setattr(guard, "check", …)`.

use std::collections::HashMap;

use crate::code::{Language, MapKey, Module, Name, ValueId, ValueKind};
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::scope::Scopes;
use crate::flow::{ClassRef, Flow, FunctionRef, In, ModuleId, Program, ValueRef};
use rayon::prelude::*;

/// Most places at which a name is put into something.
const MAX_PLACES: usize = 32;

/// How a file of Python speaks of itself.
const OWN_MODULE: &[&str] = &["sys.modules[__name__]", "globals()"];

/// Where members with the names of functions are given a value, by name: what is given it.
pub(super) type Replaced = HashMap<Name, Vec<ValueRef>>;

/// All such places of a program.
pub(super) fn replaced(program: &Program, scopes: &[Scopes]) -> Replaced {
    let found = |(at, scopes): (usize, &Scopes)| {
        let (id, module) = (ModuleId(at as u32), &program.modules[at]);
        if !matches!(module.language, Language::TypeScript | Language::Python) {
            return Vec::new();
        }
        let assigned =
            scopes.member_assignments.iter().filter_map(|(place, value)| by_assignment(module, *place, *value));
        let called = scopes.calls.iter().flat_map(|call| by_call(module, *call));
        assigned.chain(called).map(|(name, base)| (name, value_in(id, base))).collect::<Vec<_>>()
    };
    let places: Vec<Vec<(Name, ValueRef)>> = scopes.par_iter().enumerate().map(found).collect();
    let mut all = Replaced::new();
    for (name, base) in places.into_iter().flatten() {
        all.entry(name).or_default().push(base);
    }
    all.retain(|_, places| places.len() <= MAX_PLACES);
    all
}

/// `guard.check = …`, `guard["check"] = …`; what an object is given by its own methods is its own affair.
fn by_assignment(module: &Module, place: ValueId, value: ValueId) -> Option<(Name, ValueId)> {
    let (base, name) = match &module.value(place).kind {
        ValueKind::Field { base, name } => (*base, name.clone()),
        ValueKind::Index { base, key } => match &module.value(*key).kind {
            ValueKind::Text(name) => (*base, name.clone()),
            _ => return None,
        },
        _ => return None,
    };
    let is_own = match &module.value(base).kind {
        ValueKind::This => true,
        ValueKind::Name(name) => matches!(name.as_str(), "self" | "cls"),
        _ => false,
    };
    let is_data = matches!(
        module.value(value).kind,
        ValueKind::Text(_) | ValueKind::Int(_) | ValueKind::Bool(_) | ValueKind::Null | ValueKind::Float(_)
    );
    (!is_own && !is_data).then_some((name, base))
}

/// `setattr(x, "check", f)`, `Object.assign(x, { check: f })`, `Object.defineProperty(x, "check", …)`.
fn by_call(module: &Module, call: ValueId) -> Vec<(Name, ValueId)> {
    let ValueKind::Call(call) = &module.value(call).kind else { return Vec::new() };
    let called = match &module.value(call.callee).kind {
        ValueKind::Name(name) | ValueKind::Field { name, .. } => name.as_str(),
        _ => return Vec::new(),
    };
    if !matches!(called, "setattr" | "assign" | "defineProperty" | "set") {
        return Vec::new();
    }
    let [of, what, ..] = &call.arguments[..] else { return Vec::new() };
    match (called, &module.value(what.value).kind) {
        ("setattr" | "defineProperty" | "set", ValueKind::Text(name)) => vec![(name.clone(), of.value)],
        ("assign", ValueKind::Map(entries)) => {
            let named = entries.iter().filter_map(|entry| match &entry.key {
                MapKey::Name(name, _) => Some((name.clone(), of.value)),
                _ => None,
            });
            named.collect()
        }
        _ => Vec::new(),
    }
}

impl Flow<'_> {
    /// Whether something else is put in the place of a function, by whatever code and at whatever time.
    pub fn is_replaced(&self, function: FunctionRef) -> bool {
        let code = self.function(function);
        let Some(places) = code.name.as_ref().and_then(|name| self.index.replaced.get(name)) else { return false };
        places.iter().any(|base| self.is_holder(*base, function))
    }

    /// Whether a value is an object, a class or a module that a function is found in.
    fn is_holder(&self, base: ValueRef, function: FunctionRef) -> bool {
        let of = match self.kind(base) {
            ValueKind::Field { base: class, name } if name == "prototype" => value_in(base.module, *class),
            _ => base,
        };
        let class = self.function(function).class.map(|class| In { module: function.module, id: class });
        let words = self.sources.slice(self.span(of));
        if class.is_none() && base.module == function.module && OWN_MODULE.contains(&words) {
            return true;
        }
        match (self.asking(|| self.meaning(of, &None)).0, class) {
            (Meaning::Module(module), None) => module == function.module,
            (Meaning::Class(held), Some(class)) => self.is_of_class(held, class),
            (Meaning::Instance(held), Some(class)) => self.is_of_class(held.class, class),
            _ => false,
        }
    }

    fn is_of_class(&self, held: ClassRef, class: ClassRef) -> bool {
        self.ancestors(held).contains(&class)
    }
}
