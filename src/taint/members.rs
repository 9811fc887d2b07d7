//! What tests told of the members of an object, which goes with the object where it is handed on.

use std::rc::Rc;

use crate::code::{Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::taint::{Proofs, Shade, Walk};

/// Most members of one object of which it is handed on what was told of them.
const MAX_TOLD: usize = 16;

impl<'a> Walk<'a> {
    /// `run(args)` after `if (!isName(args.node)) throw …`: the object with what is proven of its members here.
    pub(crate) fn with_told_members(&mut self, value: ValueId, mut shade: Shade) -> Shade {
        let Some(name) = self.name_of(value) else { return shade };
        let told = self.told_of_members(name);
        if told.is_empty() || shade.items.is_some() || shade.role.is_some() || !shade.holds_any() {
            return shade;
        }
        for (member, proofs) in told {
            let part = self.member(&shade, &member, None);
            if part.is_tainted() {
                let part = Shade { proofs: part.proofs | proofs, of: Vec::new(), ..part };
                Rc::make_mut(&mut shade.parts).insert(member, part);
            }
        }
        shade
    }

    /// What is proven of `name.member`, by member.
    fn told_of_members(&self, name: &Name) -> Vec<(Name, Proofs)> {
        let before = format!("{name}.");
        let proven = self.here().env.proven.range(Name::new(&before)..);
        let own = proven.take_while(|(path, _)| path.starts_with(&before));
        let direct = own.filter_map(|(path, proofs)| {
            let member = &path[before.len()..];
            (!member.is_empty() && !member.contains(['.', '@'])).then(|| (Name::new(member), *proofs))
        });
        direct.take(MAX_TOLD).collect()
    }

    /// The name that an expression is, a reference to it included.
    fn name_of(&self, value: ValueId) -> Option<&'a Name> {
        let module = self.here().function.module;
        match self.flow.kind(value_in(module, value)) {
            ValueKind::Name(name) => Some(name),
            ValueKind::Unary(inner) => match self.flow.kind(value_in(module, *inner)) {
                ValueKind::Name(name) => Some(name),
                _ => None,
            },
            _ => None,
        }
    }
}
