//! Collections that outlive a call: what a module or a function around binds, and the fields of a class.

use crate::code::{FunctionId, MODULE_BODY, Name, ValueKind};
use crate::flow::change::Holder;
use crate::flow::{Flow, Frame, FunctionRef, In, Meaning, ModuleId, ValueRef};

/// Calls of a lock or a cell that give what they hold.
const OPENING: &[&str] =
    &["lock", "read", "write", "unwrap", "expect", "borrow", "borrow_mut", "get_mut", "as_ref", "as_mut", "keys"];
/// Most of them in a row.
const MAX_OPENED: usize = 6;

/// One such collection, the same wherever it is spoken of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pool {
    module: ModuleId,
    holder: Holder,
    name: Name,
}

impl Flow<'_> {
    /// The collection that a value is, if it outlives the call that the value stands in.
    pub fn pool(&self, at: ValueRef, frame: &Frame) -> Option<Pool> {
        let at = self.opened_up(at);
        match self.kind(at) {
            ValueKind::Name(name) => match self.origin_of(at, name)? {
                (_, function) if function == self.owner(at).id.0 && function != MODULE_BODY.0 => None,
                (_, function) => Some(self.pool_of(In { module: at.module, id: FunctionId(function) }, name)),
            },
            ValueKind::Field { base, name } => self.pool_of_field(at, In { module: at.module, id: *base }, name, frame),
            _ => None,
        }
    }

    /// The collection that a function, or the module's body, binds to a name.
    pub fn pool_of(&self, holder: FunctionRef, name: &Name) -> Pool {
        match holder.id {
            MODULE_BODY => of_module(self.home_of(holder.module, name)),
            FunctionId(function) => Pool { module: holder.module, holder: (0, function), name: name.clone() },
        }
    }

    fn pool_of_field(&self, at: ValueRef, base: ValueRef, name: &Name, frame: &Frame) -> Option<Pool> {
        if let Some(holder) = self.origin_of(at, name) {
            return Some(Pool { module: at.module, holder, name: name.clone() });
        }
        match self.asking(|| self.meaning(base, frame)).0 {
            Meaning::Module(module) => Some(of_module(self.home_of_offered(module, name))),
            Meaning::Instance(instance) => {
                Some(Pool { module: instance.class.module, holder: (1, instance.class.id.0), name: name.clone() })
            }
            Meaning::Class(class) => Some(Pool { module: class.module, holder: (1, class.id.0), name: name.clone() }),
            _ => None,
        }
    }

    /// `allowed.lock().unwrap()`: what the lock holds.
    fn opened_up(&self, mut at: ValueRef) -> ValueRef {
        for _ in 0..MAX_OPENED {
            let inner = match self.kind(at) {
                ValueKind::Await(inner) | ValueKind::Unary(inner) => *inner,
                ValueKind::Call(call) => match self.kind(In { module: at.module, id: call.callee }) {
                    ValueKind::Field { base, name } if OPENING.contains(&name.as_str()) => *base,
                    _ => return at,
                },
                _ => return at,
            };
            at.id = inner;
        }
        at
    }
}

fn of_module((module, name): (ModuleId, Name)) -> Pool {
    Pool { module, holder: (0, MODULE_BODY.0), name }
}
