//! Values that are the same inside every call: names that a module binds, and members of those.
//!
//! They are asked for again and again in frames that say nothing about them. What they are outside of all frames is known
//! after the first time.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::code::{FunctionKind, Language, MODULE_BODY, Name, ValueId, ValueKind};
use crate::flow::meaning::{Frame, value_in};
use crate::flow::scope::{ContextKind, choose, in_force};
use crate::flow::{Flow, ValueRef};

/// Most functions in one another that are looked through, as for the meaning of a name.
const MAX_NESTING: usize = 64;

const UNKNOWN: u8 = 0;
const YES: u8 = 1;
const NO: u8 = 2;

/// What was found out of the values of one module. Whoever asks first finds out the same.
#[derive(Debug, Default)]
pub(super) struct Everywhere(OnceLock<Box<[AtomicU8]>>);

impl Everywhere {
    fn all(&self, values: usize) -> &[AtomicU8] {
        self.0.get_or_init(|| (0..values).map(|_| AtomicU8::new(UNKNOWN)).collect())
    }
}

impl Flow<'_> {
    /// Whether a value means inside a frame what it means outside of all.
    pub(super) fn is_everywhere(&self, value: ValueRef, frame: &Frame) -> bool {
        matches!(self.kind(value), ValueKind::Name(_) | ValueKind::Field { .. })
            && self.is_of_module(value)
            && self.turns_of_module(value.module, frame).is_none()
    }

    /// Whether a chain of members begins with a name of the module, and nothing adds to what any part of it holds.
    fn is_of_module(&self, value: ValueRef) -> bool {
        let known = self.scopes(value.module).everywhere.all(self.module(value).values.len());
        let told = |id: ValueId| known.get(id.index()).map_or(NO, |one| one.load(Ordering::Relaxed));
        let mut above = Vec::new();
        let mut next = value.id;
        let mut is = loop {
            match (told(next), self.kind(value_in(value.module, next))) {
                (YES, _) => break true,
                (NO, _) => break false,
                (_, ValueKind::Field { base, .. }) => {
                    above.push(next);
                    next = *base;
                }
                (_, ValueKind::Name(name)) => {
                    above.push(next);
                    break self.is_bound_by_module(value_in(value.module, next), name);
                }
                _ => {
                    above.push(next);
                    break false;
                }
            }
        };
        for id in above.into_iter().rev() {
            is = is && !self.is_added_to(value_in(value.module, id));
            known[id.index()].store(if is { YES } else { NO }, Ordering::Relaxed);
        }
        is
    }

    /// Whether something of the module changes what holds this name: calls see such changes apart.
    fn is_added_to(&self, value: ValueRef) -> bool {
        match self.kind(value) {
            ValueKind::Name(name) | ValueKind::Field { name, .. } => {
                self.scopes(value.module).changes.contains_key(name)
            }
            _ => true,
        }
    }

    /// Whether no function around a name binds it.
    fn is_bound_by_module(&self, at: ValueRef, name: &Name) -> bool {
        let (module, scopes) = (self.module(at), self.scopes(at.module));
        let position = module.value(at.id).span.start;
        let home = scopes.owner[at.id.index()];
        let is_of_class = || {
            module.function(home).kind == FunctionKind::ClassBody
                || scopes.around(at.id).any(|context| matches!(context, ContextKind::Class(_)))
        };
        if module.language == Language::Python && is_of_class() {
            return false;
        }
        let mut function = home;
        for _ in 0..MAX_NESTING {
            if let Some(bindings) = scopes.bindings[function.index()].get(name) {
                let mut bindings = in_force(module, scopes, bindings, position);
                scopes.leave_appended(&mut bindings);
                if !choose(&bindings, position, function == home, module.language).is_empty() {
                    return function == MODULE_BODY;
                }
            }
            match module.function(function).parent {
                Some(parent) => function = parent,
                None => break,
            }
        }
        true
    }
}
