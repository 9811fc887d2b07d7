//! What tests told of the members of an object, which goes with the object where it is handed on.

use std::rc::Rc;

use crate::code::{Argument, Name, ParameterKind, ValueId, ValueKind};
use crate::flow::FunctionRef;
use crate::flow::meaning::value_in;
use crate::taint::call::Calling;
use crate::taint::statement::dotted;
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

    /// Names of the arguments of a call, and of members of objects that are written in it.
    pub(crate) fn member_names(
        &self,
        (calling, function): (&Calling<'a>, FunctionRef),
        mut of: Vec<Vec<Name>>,
        members: &[(usize, Name)],
    ) -> Vec<Vec<Name>> {
        let module = calling.at.module;
        let written = |at: usize| {
            let argument = calling.code.arguments.get(at).filter(|_| calling.skipped == 0)?;
            let is_object = matches!(self.flow.kind(value_in(module, argument.value)), ValueKind::Map(_));
            calling.given.get(at).filter(|given| is_object && !given.is_rest)
        };
        of.extend(members.iter().map(|(at, member)| {
            let part = written(*at).and_then(|given| given.shade.parts.get(member));
            let of = part.map(|part| part.of.clone());
            of.unwrap_or_else(|| self.member_of_given(calling, function, (*at, member)).into_iter().collect())
        }));
        of
    }

    /// The member of what a call is given by its name: `check(args)` tells of `args.path`.
    pub(crate) fn member_of_given(
        &self,
        calling: &Calling<'a>,
        function: FunctionRef,
        (at, member): (usize, &Name),
    ) -> Option<Name> {
        let (parameters, _) = self.flow.function(function).parameters.split_at_checked(at + 1)?;
        let receivers = parameters.iter().filter(|one| one.kind == ParameterKind::Receiver).count();
        let is_plain =
            |kind| matches!(kind, ParameterKind::Plain | ParameterKind::PositionOnly | ParameterKind::Receiver);
        if calling.skipped > 0
            || receivers > 0 && calling.receiver.is_none()
            || !parameters.iter().all(|one| is_plain(one.kind))
        {
            return None;
        }
        let at = at.checked_sub(receivers)?;
        let argument = calling.code.arguments.get(at).filter(|argument| argument.name.is_none())?;
        let before = &calling.code.arguments[..at];
        let spreads = |argument: &Argument| {
            argument.name.is_some()
                || matches!(self.flow.kind(value_in(calling.at.module, argument.value)), ValueKind::Spread(_))
        };
        let value = value_in(calling.at.module, argument.value);
        let (root, mut members) = self.path(value).filter(|_| !before.iter().chain([argument]).any(spreads))?;
        members.push(member.clone());
        Some(dotted(&root, &members))
    }

    /// What tests told of a member of a name that is taken apart: `const { path } = args` after `check(args)`.
    pub(crate) fn told_of_field(&self, whole: &Shade, field: &Name) -> Proofs {
        let Some(name) = whole.of.first().filter(|name| !name.contains(['@', '.'])) else { return Proofs::NONE };
        let path = dotted(name, std::slice::from_ref(field));
        self.here().env.proven.get(&path).copied().unwrap_or_default()
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
