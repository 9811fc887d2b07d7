//! Registering methods that are called under a name of their own: `const add = server.tool.bind(server); add("a", …)`.

use std::collections::BTreeSet;

use crate::code::{Name, ValueKind};
use crate::extract::tools::draft::Drafts;
use crate::extract::tools::register::Registrar;
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::scope::Bound;
use crate::flow::{Frame, ModuleId, ValueRef};

impl Registrar<'_> {
    /// Notes the calls of such names in a module.
    pub(super) fn detached(&self, module: ModuleId, drafts: &mut Drafts) {
        let names = self.names_of_methods(module);
        if names.is_empty() {
            return;
        }
        for call in &self.flow().scopes(module).calls {
            self.detached_call(value_in(module, *call), &names, drafts);
        }
    }

    fn detached_call(&self, at: ValueRef, names: &BTreeSet<&Name>, drafts: &mut Drafts) {
        let flow = self.flow();
        let ValueKind::Call(code) = flow.kind(at) else { return };
        let callee = value_in(at.module, code.callee);
        let is_it = matches!(flow.kind(callee), ValueKind::Name(name) if names.contains(name));
        // What hands on whatever it is given stands for the method: its own calls are the ones that count.
        let is_spread = |value| matches!(flow.kind(value), ValueKind::Spread(_));
        let is_handed_on = code.arguments.first().is_none_or(|first| is_spread(value_in(at.module, first.value)));
        if !is_it || is_handed_on || self.stands_for_a_method(at) {
            return;
        }
        let probe = |frame: &Frame| {
            flow.look(&flow.meaning(callee, frame), 2);
            flow.passed(at, frame).iter().for_each(|argument| self.look_at(&argument.value));
        };
        for reached in flow.frames(at, &probe) {
            let Meaning::Member(base, name) = flow.asking(|| flow.meaning(callee, &reached.frame)).0 else { continue };
            if self.registering.contains(&name) {
                for (key, kind) in self.kinds.servers(&base, at) {
                    self.note(at, &name, &reached, key, kind, drafts);
                }
            }
        }
    }

    /// `server.tool = (name, ...rest) => original(name, ...rest)`: what is put in the place of a method calls it.
    fn stands_for_a_method(&self, at: ValueRef) -> bool {
        let flow = self.flow();
        let owner = flow.owner(at);
        flow.scopes(at.module).member_assignments.iter().any(|(place, value)| {
            let is_owner = matches!(flow.kind(value_in(at.module, *value)), ValueKind::Function(id) if *id == owner.id);
            is_owner && self.is_method(value_in(at.module, *place))
        })
    }

    /// Names that are given a method of that name, bound to its object or not.
    fn names_of_methods(&self, module: ModuleId) -> BTreeSet<&Name> {
        let bindings = self.flow().scopes(module).bindings.iter().flatten();
        let is_method = |bound: &Bound| match bound {
            Bound::Value(value) => self.is_method(value_in(module, *value)),
            _ => false,
        };
        let methods = bindings.filter(|(_, all)| all.iter().any(|one| one.path.is_empty() && is_method(&one.bound)));
        let calls = self.flow().scopes(module).calls.iter();
        let handed = calls.filter_map(|call| self.parameter_given_a_method(value_in(module, *call)));
        methods.map(|(name, _)| name).chain(handed).collect()
    }

    /// `add(server.tool.bind(server))`: the parameter of a function of the same file.
    fn parameter_given_a_method(&self, at: ValueRef) -> Option<&Name> {
        let flow = self.flow();
        let ValueKind::Call(code) = flow.kind(at) else { return None };
        let is_method = |value| self.is_method(value_in(at.module, value));
        let position = code.arguments.iter().position(|argument| is_method(argument.value))?;
        match flow.asking(|| flow.meaning(value_in(at.module, code.callee), &None)).0 {
            Meaning::Function(function, ..) if function.module == at.module => {
                flow.function(function).parameters.get(position)?.name()
            }
            _ => None,
        }
    }

    fn is_method(&self, value: ValueRef) -> bool {
        let field = match self.flow().kind(value) {
            ValueKind::Call(call) => match self.flow().kind(value_in(value.module, call.callee)) {
                ValueKind::Field { base, name } if name == "bind" => value_in(value.module, *base),
                _ => return false,
            },
            _ => value,
        };
        self.kinds.field_of(field).is_some_and(|(_, name)| self.registering.contains(name))
    }
}
