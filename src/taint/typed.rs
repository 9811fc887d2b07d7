//! Receivers of which only their declared type tells: what a function says it returns, what a map says it holds.

use crate::code::{Call, Name, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::scope::{Binding, Bound};
use crate::flow::{ClassRef, Meaning, ValueRef};
use crate::taint::call::Calling;
use crate::taint::{Shade, Walk};

/// Methods of maps and lists that give one of what these hold.
const ELEMENTS: &[&str] = &["get", "at", "pop", "shift", "find"];
/// Methods of options and results that give what these hold.
const INSIDES: &[&str] =
    &["ok_or", "ok_or_else", "unwrap", "expect", "map_err", "context", "with_context", "value", "cloned", "as_ref"];
/// How far names and calls are followed to a declared type.
const MAX_DEPTH: u32 = 6;

impl<'a> Walk<'a> {
    /// A method of an object whose class only a declared type names.
    pub(crate) fn by_declared_type(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        let callee = value_in(calling.at.module, calling.code.callee);
        let ValueKind::Field { base, name } = self.flow.kind(callee) else { return None };
        let class = self.type_of(value_in(callee.module, *base), 0)?;
        let found = self.flow.asking(|| self.flow.class_member(class, &Meaning::This(class), name)).0?;
        let Meaning::Function(function, ..) = found else { return None };
        Some(self.of_declared_type(calling, function, Some(class)))
    }

    /// The class of the tree that a value is declared to be an object of.
    pub(crate) fn type_of(&self, value: ValueRef, depth: u32) -> Option<ClassRef> {
        if depth > MAX_DEPTH {
            return None;
        }
        let of = |id| value_in(value.module, id);
        match self.flow.kind(value) {
            ValueKind::Await(inner) | ValueKind::Unary(inner) => self.type_of(of(*inner), depth + 1),
            ValueKind::Name(name) => self.type_of_name(value, name, depth),
            ValueKind::Call(call) => self.type_of_call(value, call, depth),
            ValueKind::Index { base, .. } => self.class_of(self.element_type(of(*base))?),
            ValueKind::Field { .. } => self.class_of(self.field_type(value)?),
            ValueKind::Binary { left, right, .. } => {
                self.type_of(of(*left), depth + 1).or_else(|| self.type_of(of(*right), depth + 1))
            }
            _ => None,
        }
    }

    fn type_of_name(&self, at: ValueRef, name: &Name, depth: u32) -> Option<ClassRef> {
        let bindings = self.bindings_of(at, name)?;
        let declared = bindings.iter().find_map(|binding| binding.annotation);
        if let Some(annotation) = declared {
            return self.class_of(value_in(at.module, annotation));
        }
        bindings.iter().filter(|binding| binding.path.is_empty()).find_map(|binding| match binding.bound {
            Bound::Value(value) | Bound::Held(value) => self.type_of(value_in(at.module, value), depth + 1),
            Bound::Each(value) => self.class_of(self.element_type(value_in(at.module, value))?),
            _ => None,
        })
    }

    /// What gives a name its values in the function that is being walked, or in the first one around it.
    pub(crate) fn bindings_of(&self, at: ValueRef, name: &Name) -> Option<&'a Vec<Binding>> {
        let scopes = self.flow.scopes(at.module);
        let mut function = Some(self.here().function.id);
        while let Some(id) = function {
            if let Some(bindings) = scopes.bindings.get(id.index())?.get(name) {
                return Some(bindings);
            }
            function = self.flow.module(at).function(id).parent;
        }
        None
    }

    fn type_of_call(&self, at: ValueRef, call: &Call, depth: u32) -> Option<ClassRef> {
        let callee = value_in(at.module, call.callee);
        if let ValueKind::Field { base, name } = self.flow.kind(callee)
            && ELEMENTS.contains(&name.as_str())
            && let Some(element) = self.element_type(value_in(at.module, *base))
        {
            return self.class_of(element);
        }
        if let ValueKind::Field { base, name } = self.flow.kind(callee)
            && INSIDES.contains(&name.as_str())
            && let Some(class) = self.type_of(value_in(at.module, *base), depth + 1)
        {
            return Some(class);
        }
        let meaning = self.flow.asking(|| self.flow.meaning(callee, &self.here().frame)).0;
        let function = match &meaning {
            Meaning::Function(function, ..) => *function,
            _ => {
                let ValueKind::Field { base, name } = self.flow.kind(callee) else { return None };
                let class = self.type_of(value_in(at.module, *base), depth + 1)?;
                match self.flow.asking(|| self.flow.class_member(class, &Meaning::This(class), name)).0? {
                    Meaning::Function(function, ..) => function,
                    _ => return None,
                }
            }
        };
        let returns = self.flow.function(function).returns?;
        self.class_of(value_in(function.module, returns))
    }

    /// The annotation of a field: `private connectors: Map<string, Connector>`.
    fn field_type(&self, value: ValueRef) -> Option<ValueRef> {
        let ValueKind::Field { base, name } = self.flow.kind(value) else { return None };
        let base = value_in(value.module, *base);
        let meaning = self.flow.asking(|| self.flow.meaning(base, &self.here().frame)).0;
        let Meaning::Class(class) = self.flow.asking(|| self.flow.declared(&meaning)).0? else { return None };
        self.flow.ancestors(class).iter().find_map(|ancestor| {
            let field = self.flow.class(*ancestor).fields.iter().find(|field| field.name == *name)?;
            Some(value_in(ancestor.module, field.annotation?))
        })
    }

    /// What a field that is a map or a list says it holds: the last of its type arguments.
    fn element_type(&self, collection: ValueRef) -> Option<ValueRef> {
        let annotation = self.without_pointers(self.field_type(collection)?);
        let of = |id| value_in(annotation.module, id);
        match self.flow.kind(annotation) {
            ValueKind::Generic { arguments, .. } => arguments.last().map(|last| of(*last)),
            ValueKind::Index { key, .. } => match self.flow.kind(of(*key)) {
                ValueKind::List(items) | ValueKind::Tuple(items) => items.last().map(|last| of(*last)),
                _ => Some(of(*key)),
            },
            _ => None,
        }
    }

    /// `HashMap<K, V>` of `Arc<RwLock<HashMap<K, V>>>`.
    fn without_pointers(&self, annotation: ValueRef) -> ValueRef {
        let mut annotation = annotation;
        for _ in 0..MAX_DEPTH {
            match self.flow.kind(annotation) {
                ValueKind::Generic { arguments, .. } if arguments.len() == 1 => {
                    let only = value_in(annotation.module, arguments[0]);
                    match self.flow.kind(only) {
                        ValueKind::Generic { .. } => annotation = only,
                        _ => return annotation,
                    }
                }
                _ => return annotation,
            }
        }
        annotation
    }

    fn class_of(&self, annotation: ValueRef) -> Option<ClassRef> {
        match self.flow.asking(|| self.flow.annotated(annotation)).0? {
            Meaning::Class(class) => Some(class),
            _ => None,
        }
    }
}
