//! What is assigned to members of objects and of classes themselves.

use std::collections::HashMap;

use crate::code::{ClassId, FunctionId, Module, Name, ParameterKind, ValueId, ValueKind};
use crate::flow::method_around;
use crate::flow::scope::{Binding, Bound, Scopes};

/// Assignments to members by class and member: the value and the method it stands in.
pub(super) type OfClasses = HashMap<(ClassId, Name), Vec<(ValueId, FunctionId)>>;

/// What is assigned to members of the receiver.
pub(super) fn of_receivers(module: &Module, scopes: &Scopes) -> OfClasses {
    let mut fields = OfClasses::new();
    for (place, value) in &scopes.member_assignments {
        let ValueKind::Field { base, name } = &module.value(*place).kind else { continue };
        let Some(method) = method_around(module, scopes.owner[place.index()]) else { continue };
        let function = module.function(method);
        let Some(class) = function.class else { continue };
        let is_receiver = match &module.value(*base).kind {
            ValueKind::This => true,
            ValueKind::Name(name) => function
                .parameters
                .first()
                .is_some_and(|parameter| parameter.kind == ParameterKind::Receiver && parameter.name() == Some(name)),
            _ => false,
        };
        if is_receiver {
            fields.entry((class, name.clone())).or_default().push((*value, method));
        }
    }
    fields
}

/// What is assigned to members of a class by its name, or by its own methods that belong to it.
pub(super) fn of_classes(module: &Module, scopes: &Scopes) -> OfClasses {
    let mut fields = OfClasses::new();
    for (place, value) in &scopes.member_assignments {
        let ValueKind::Field { base, name } = &module.value(*place).kind else { continue };
        let owner = scopes.owner[place.index()];
        let method = method_around(module, owner).map(|method| module.function(method));
        let class = match &module.value(*base).kind {
            ValueKind::This => method.filter(|method| method.is_static).and_then(|method| method.class),
            ValueKind::Name(name) if name == "cls" => method.and_then(|method| method.class),
            ValueKind::Name(name) => class_named(scopes, name),
            _ => None,
        };
        if let Some(class) = class {
            fields.entry((class, name.clone())).or_default().push((*value, owner));
        }
    }
    fields
}

/// The class of the file's top level that a name means.
fn class_named(scopes: &Scopes, name: &Name) -> Option<ClassId> {
    match scopes.bindings.first()?.get(name)?.as_slice() {
        [Binding { bound: Bound::Class(class), .. }] => Some(*class),
        _ => None,
    }
}
